# SPDX-License-Identifier: MIT
"""Warnings as kubectl prints them, and what the audit log has of a review."""

import json

import kube
from kube import ClusterCase, audit, create, config_map


class WarningsAndAudit(ClusterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.probe = cls.start("warnings", *cls.CALLER)

    def annotations(self, name):
        """Those of the last event about a ConfigMap."""
        found = kube.until(lambda: audit(namespace=self.namespace, resource="configmaps",
                                         name=name), "it is not in the audit log")
        return found[-1].get("annotations", {})

    def test_warnings(self):
        self.register("Validating", kube.hook("warnings", "/warn"), probe=self.probe)
        done = self.run_kubectl("create", "configmap", "warned")
        self.assertEqual((done.out, done.err),
                         ("configmap/warned created\n", "Warning: one\nWarning: two\n"))
        done = self.run_kubectl("create", "configmap", "strict", "--warnings-as-errors",
                                check=False)
        self.assertEqual(done.status, 1)
        self.assertEqual(self.annotations("warned")["warnings.example.org/probe"], "seen")

    def test_annotations_of_a_mutator(self):
        self.register("Mutating", kube.hook("warnings", "/mutate"), probe=self.probe)
        self.run_kubectl("create", "configmap", "mutated")
        found = self.annotations("mutated")
        # The index is the place among all mutators of the cluster.
        key, = (key for key in found if key.startswith("patch.webhook.admission.k8s.io/round_0_"))
        told = json.loads(found[key.replace("patch.", "mutation.")])
        self.assertEqual(told, {"configuration": self.namespace, "webhook": "warnings.example.org",
                                "mutated": True})
        patch = json.loads(found[key])
        self.assertEqual(patch["patchType"], "JSONPatch")
        self.assertEqual(patch["patch"][-1], {
            "op": "add", "path": "/metadata/labels/admwh.dev~1seen", "value": "true"})

    def test_annotations_around_a_decision(self):
        """Those of a denial are in the log as those of an allow."""
        probe = self.start("around", *self.CALLER, "--around")
        for route, decision in (("/validate", "allowed"), ("/deny", "denied")):
            with self.subTest(decision):
                self.register("Validating", kube.hook("around", route), probe=probe)
                create(self.api, self.namespace, config_map(decision))
                found = self.annotations(decision)
                self.assertEqual(found["around.example.org/inner"], decision)
                self.assertEqual(found["around.example.org/outer"], decision)

    def test_what_could_not_be_reviewed(self):
        address = kube.service(kube.PROBES, "absent")
        self.assertTrue(address)
        self.register("Validating", kube.hook("absent", "/validate", failurePolicy="Ignore"))
        for name in ("open-%d" % number for number in range(100)):
            create(self.api, self.namespace, config_map(name))
            if any(key.startswith("failed-open.validating.webhook.admission.k8s.io/")
                   for key in self.annotations(name)):
                return
        self.fail("nothing says that the webhook was not asked")
