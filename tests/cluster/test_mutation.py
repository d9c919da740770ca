# SPDX-License-Identifier: MIT
"""What becomes of objects by the patches of mutators."""

import json

import kube
from kube import ClusterCase, config_map, create, reviews

GROUP = "tests.example.org"
NUMBERS = ("9223372036854775807", "-9223372036854775808", "9007199254740993", "0.1", "1e-300",
           "[9007199254740993, {\"deep\": 9007199254740993}]")
KIND = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "things." + GROUP},
        "spec": {"group": GROUP, "scope": "Namespaced",
                 "names": {"kind": "Thing", "plural": "things", "singular": "thing"},
                 "versions": [{"name": "v1", "served": True, "storage": True, "schema": {
                     "openAPIV3Schema": {"type": "object",
                                         "x-kubernetes-preserve-unknown-fields": True}}}]}}


class Mutation(ClusterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.probe = cls.start("mutation", *cls.CALLER)
        kube.apply(KIND)
        cls.addClassCleanup(kube.kubectl, "delete", "crd", "things." + GROUP, "--wait=false")
        kube.kubectl("wait", "--for=condition=Established", "crd/things." + GROUP,
                     "--timeout=%ds" % kube.TIMEOUT)

    def mutate(self, *routes, **fields):
        """Hooks of routes, in this order, on CREATE and UPDATE."""
        rules = [{"apiGroups": ["*"], "apiVersions": ["*"], "resources": ["configmaps", "things"],
                  "operations": ["CREATE", "UPDATE"]}]
        self.register("Mutating", *(
            kube.hook("mutation", route, rules=rules, label="%s-%d" % (route[1:], place), **fields)
            for place, route in enumerate(routes)), probe=self.probe)

    def read_back(self, name, kind="configmap"):
        return json.loads(self.run_kubectl("get", kind, name, "-o", "json").out)

    def test_a_label(self):
        self.mutate("/mutate")
        self.run_kubectl("create", "configmap", "labelled", "--from-literal=a=b")
        self.assertEqual(self.read_back("labelled")["metadata"]["labels"],
                         {"admwh.dev/seen": "true"})

    def test_apply_is_idempotent(self):
        self.mutate("/mutate")
        for name, more in (("applied", ()), ("merged", ("--server-side",))):
            document = config_map(name, a="b")
            self.run_kubectl("apply", *more, "-f", "-", given=document)
            version = self.read_back(name)["metadata"]["resourceVersion"]
            said = self.run_kubectl("apply", *more, "-f", "-", given=document).out
            self.assertIn("unchanged" if not more else "serverside-applied", said)
            self.assertEqual(self.read_back(name)["metadata"]["resourceVersion"], version)
            said = self.run_kubectl("diff", *more, "-f", "-", given=document)
            self.assertEqual(said.out, "")

    def seen(self, name):
        """The labels that each review of a new ConfigMap has, in order."""
        self.probe.take_events()
        self.run_kubectl("create", "configmap", name)
        return [review["object"]["metadata"].get("labels") for review in
                reviews(self.probe.take_events()) if review["name"] == name]

    def test_each_mutator_sees_the_one_before(self):
        self.mutate("/validate", "/mutate", "/validate")
        self.assertEqual(self.seen("chained"), [None, None, {"admwh.dev/seen": "true"}])

    def test_reinvocation(self):
        """A mutator is asked again about what a later one has changed, if its policy says so."""
        for policy, again in (("IfNeeded", [{"admwh.dev/seen": "true"}]), ("Never", [])):
            with self.subTest(policy):
                self.mutate("/validate", "/mutate", reinvocationPolicy=policy)
                self.assertEqual(self.seen("again-" + policy.lower()), [None, None, *again])

    def test_numbers_of_custom_resources(self):
        self.mutate("/edit")
        for place, number in enumerate(NUMBERS):
            with self.subTest(number):
                name = "thing-%d" % place
                self.run_kubectl("create", "-f", "-", given=(
                    '{"apiVersion": "%s/v1", "kind": "Thing", "metadata": {"name": "%s"},'
                    ' "spec": {"number": %s}}' % (GROUP, name, number)))
                thing = self.read_back(name, "thing")
                self.assertIs(thing["seen"], True)
                self.assertEqual(thing["spec"]["number"], json.loads(number))

    def test_large_objects(self):
        """A legal object is six times as large in its review, and an UPDATE has it twice."""
        self.mutate("/mutate")
        for value in ("<>&" * 330000, "\u00e9\u4e16\U0001f600\u0001" * 60000):
            document = config_map("large", text=value)
            status, body = create(self.api, self.namespace, document)
            self.assertEqual(status, 201, str(body)[:500])
            status, body = self.api.ask(
                "PUT", "/api/v1/namespaces/%s/configmaps/large" % self.namespace,
                {**document, "data": {"text": value[::-1]}})
            self.assertEqual(status, 200, str(body)[:500])
            kept = self.read_back("large")
            self.assertEqual(kept["data"]["text"], value[::-1])
            self.run_kubectl("delete", "configmap", "large")

    def test_patches_that_do_not_apply_are_refused_by_the_library(self):
        for route, words in (("/mutate-bad", "remove /no/such/member"),
                             ("/label-bad", "/metadata/labels/app.kubernetes.io/name")):
            with self.subTest(route):
                self.mutate(route)
                said = self.refused("create", "configmap", "patched")
                self.assertIn("denied the request: ", said)
                self.assertIn(words, said)

    def test_a_mutator_of_what_is_deleted(self):
        self.run_kubectl("create", "configmap", "gone")
        self.register("Mutating", kube.hook("mutation", "/validate"), probe=self.probe)
        self.probe.take_events()
        self.run_kubectl("delete", "configmap", "gone")
        asked, = (review for review in reviews(self.probe.take_events())
                  if review["userInfo"]["username"] == "admin")
        self.assertEqual((asked["operation"], asked["object"]), ("DELETE", None))
