# SPDX-License-Identifier: MIT
"""What reaches a webhook of everything, by what a user does."""

import kube
from kube import ClusterCase, apply, config_map, create, pod, reviews

TEMPLATE = {"metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "web", "image": "registry.example.com/web"}]}}
DEPLOYMENT = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
              "spec": {"replicas": 0, "selector": {"matchLabels": {"app": "web"}},
                       "template": TEMPLATE}}
ALICE = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
         "metadata": {"name": "alice"},
         "subjects": [{"kind": "User", "name": "alice", "apiGroup": "rbac.authorization.k8s.io"}],
         "roleRef": {"kind": "ClusterRole", "name": "edit",
                     "apiGroup": "rbac.authorization.k8s.io"}}


class Operations(ClusterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.probe = cls.start("operations", *cls.CALLER)

    def setUp(self):
        self.register("Validating", kube.hook(
            "operations", "/validate", rules=[*kube.EVERYTHING, kube.NAMESPACES]), probe=self.probe)

    def ask(self, *arguments, user="admin", check=True, **rest):
        """The reviews of what one user did; controllers do more."""
        self.probe.take_events()
        self.run_kubectl(*arguments, user=user, check=check, **rest)
        return [review for review in reviews(self.probe.take_events())
                if review["userInfo"]["username"] == user]

    def one(self, *arguments, **rest):
        """The review of one change. An update that met another one is reviewed again."""
        asked = self.ask(*arguments, **rest)
        self.assertEqual(len({(review["operation"], review["name"], review.get("subResource"))
                              for review in asked}), 1)
        return asked[-1]

    def is_about(self, review, operation, resource, subresource=None, kind=None, options=None):
        """resource: GROUP/RESOURCE."""
        what = review["resource"]
        self.assertEqual((review["operation"], "%s/%s" % (what["group"], what["resource"]),
                          review.get("subResource"), review["namespace"]),
                         (operation, resource, subresource, self.namespace))
        self.assertEqual(review["userInfo"]["username"], "admin")
        if kind:
            self.assertEqual(review["kind"]["kind"], kind)
        if options:
            self.assertEqual(review["options"]["kind"], options)

    def test_create_update_delete(self):
        made = self.one("create", "configmap", "a", "--from-literal=k=1")
        self.is_about(made, "CREATE", "/configmaps", kind="ConfigMap", options="CreateOptions")
        self.assertEqual((made["name"], made["object"]["data"], made["oldObject"], made["dryRun"]),
                         ("a", {"k": "1"}, None, False))
        for how in ("merge", "strategic"):
            changed = self.one("patch", "configmap", "a", "--type=" + how, "-p",
                               '{"data": {"k": "%s"}}' % how)
            self.is_about(changed, "UPDATE", "/configmaps", options="UpdateOptions")
            self.assertEqual(changed["object"]["data"], {"k": how})
        changed = self.one("patch", "configmap", "a", "--type=json", "-p",
                           '[{"op": "remove", "path": "/data/k"}]')
        self.assertNotIn("data", changed["object"])
        self.assertEqual(changed["oldObject"]["data"], {"k": "strategic"})
        gone = self.one("delete", "configmap", "a")
        self.is_about(gone, "DELETE", "/configmaps", options="DeleteOptions")
        self.assertEqual((gone["object"], gone["oldObject"]["metadata"]["name"]), (None, "a"))

    def test_apply_and_server_side_apply(self):
        for name, more in (("b", ()), ("c", ("--server-side", "--field-manager=tests"))):
            for value, operation in (("1", "CREATE"), ("2", "UPDATE")):
                asked = self.one("apply", *more, "-f", "-", given=config_map(name, k=value))
                self.is_about(asked, operation, "/configmaps")
                self.assertEqual(asked["object"]["data"], {"k": value})
                if more:
                    self.assertEqual(asked["options"]["fieldManager"], "tests")
            again = self.ask("apply", *more, "-f", "-", given=config_map(name, k="2"))
            self.assertEqual([review["object"]["data"] for review in again],
                             [{"k": "2"}] if more else [])

    def test_a_dry_run_says_so(self):
        asked = self.one("create", "configmap", "dry", "--dry-run=server")
        self.assertIs(asked["dryRun"], True)
        self.assertEqual(asked["options"]["dryRun"], ["All"])

    def test_delete_collection(self):
        for name in ("d1", "d2"):
            create(self.api, self.namespace,
                   {**config_map(name), "metadata": {"name": name, "labels": {"set": "d"}}})
        asked = self.ask("delete", "--raw", "/api/v1/namespaces/%s/configmaps"
                         "?labelSelector=set%%3Dd" % self.namespace)
        for review in asked:
            self.is_about(review, "DELETE", "/configmaps")
        self.assertLessEqual({"d1", "d2"}, {review["oldObject"]["metadata"]["name"]
                                            for review in asked})

    def test_a_generated_name(self):
        asked = self.one("create", "-f", "-", given={**config_map(""), "metadata": {
            "generateName": "made-"}})
        self.assertTrue(asked["object"]["metadata"]["generateName"], "made-")
        self.assertRegex(asked["name"] or "made-", "^made-")

    def test_workloads(self):
        made = self.one("apply", "-f", "-", given=DEPLOYMENT)
        self.is_about(made, "CREATE", "apps/deployments", kind="Deployment")
        for arguments, subresource, kind in (
                (("scale", "deployment", "web", "--replicas=1"), "scale", "Scale"),
                (("set", "image", "deployment", "web=registry.example.com/web:2",
                  "--all"), None, "Deployment"),
                (("rollout", "restart", "deployment", "web"), None, "Deployment"),
                (("label", "deployment", "web", "tier=front"), None, "Deployment"),
                (("annotate", "deployment", "web", "note=x"), None, "Deployment"),
                (("patch", "deployment", "web", "--subresource=status", "--type=merge", "-p",
                  '{"status": {"replicas": 7}}'), "status", "Deployment")):
            with self.subTest(arguments[0]):
                self.is_about(self.one(*arguments), "UPDATE", "apps/deployments", subresource, kind)
        made = self.one("autoscale", "deployment", "web", "--max=3")
        self.is_about(made, "CREATE", "autoscaling/horizontalpodautoscalers")
        self.is_about(self.one("delete", "deployment", "web", "--wait=false"), "DELETE",
                      "apps/deployments")

    def test_pods_and_their_subresources(self):
        self.is_about(self.one("run", "web", "--image=registry.example.com/web"), "CREATE", "/pods",
                      kind="Pod")
        debug = self.one("debug", "web", "--image=registry.example.com/tools", "--attach=false")
        self.is_about(debug, "UPDATE", "/pods", "ephemeralcontainers", "Pod")
        self.assertEqual(len(debug["object"]["spec"]["ephemeralContainers"]), 1)
        for resource, group, kind, members in (
                ("pods/web/binding", "v1", "Binding",
                 {"target": {"kind": "Node", "name": "node-1"}}),
                ("pods/web/eviction", "policy/v1", "Eviction", {})):
            with self.subTest(kind):
                asked = self.one("create", "--raw", "/api/v1/namespaces/%s/%s" % (
                    self.namespace, resource), "-f", "-", check=False, given={
                        "apiVersion": group, "kind": kind, "metadata": {"name": "web"}, **members})
                self.is_about(asked, "CREATE", "/pods", resource.split("/")[-1], kind)

    def test_a_token_is_asked_for(self):
        asked = self.one("create", "token", "default")
        self.is_about(asked, "CREATE", "/serviceaccounts", "token", "TokenRequest")

    def test_connections(self):
        apply({**pod("target"), "metadata": {"namespace": self.namespace, "name": "target"}})
        kube.service(self.namespace, "target")
        for arguments, resource, subresource, kind in (
                (("exec", "target", "--", "true"), "/pods", "exec", "PodExecOptions"),
                (("attach", "target"), "/pods", "attach", "PodAttachOptions"),
                (("get", "--raw", "/api/v1/namespaces/%s/services/target/proxy/" % self.namespace),
                 "/services", "proxy", "ServiceProxyOptions")):
            with self.subTest(subresource):
                for asked in self.ask(*arguments, check=False):
                    self.is_about(asked, "CONNECT", resource, subresource, kind)
                    break
                else:
                    self.fail("it is not asked about")

    def test_who_asks(self):
        apply({**ALICE, "metadata": {"namespace": self.namespace, "name": "alice"}})
        kube.until(lambda: self.run_kubectl("auth", "can-i", "create", "configmaps", user="alice",
                                            check=False).out == "yes\n")
        asked = self.one("create", "configmap", "hers", user="alice")
        self.assertEqual(asked["userInfo"]["username"], "alice")
        self.assertEqual(asked["userInfo"]["groups"], ["developers", "system:authenticated"])
        asked = self.ask("create", "configmap", "his", "--as=bob",
                         "--as-group=system:masters")
        self.assertEqual(asked, [])  # it is no longer admin who asks
        self.run_kubectl("delete", "configmap", "his")

    def test_a_namespace_itself(self):
        self.probe.take_events()
        kube.kubectl("label", "namespace", self.namespace, "tests=yes", "--overwrite")
        asked = [review for review in reviews(self.probe.take_events())
                 if review["resource"]["resource"] == "namespaces"]
        self.assertEqual([review["operation"] for review in asked], ["UPDATE"])
        self.assertEqual(asked[0]["object"]["metadata"]["labels"]["tests"], "yes")
