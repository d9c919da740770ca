# SPDX-License-Identifier: MIT
"""base/ and control-plane/: what no schema says. tests/manifests has the rest."""

import os
import unittest

import yaml

from program import INSTALLATION, ProgramTest


class Manifests(ProgramTest):
    def changed(self, **spec):
        document = yaml.safe_load(INSTALLATION)
        document["spec"].update(spec)
        return document

    def make(self, document, status=0):
        return self.init(yaml.safe_dump(document), status=status)

    def yaml_of(self, name):
        return yaml.safe_load(self.read("made", name))

    def test_a_namespace_of_others_is_left_as_it_is(self):
        for name in ("kube-system", "default"):
            document = self.changed()
            document["metadata"]["namespace"] = name
            done = self.make(document, status=2)
            self.assertRegex(done.stderr, r"spec\.namespace: %s is the cluster's" % name)
        document["spec"]["namespace"] = "shared"
        self.make(document)
        self.assertFalse(os.path.exists(self.path("made", "base/namespace.yaml")))
        self.assertNotIn("base/namespace.yaml", self.yaml_of("kustomization.yaml")["resources"])

    def test_namespaces_are_left_out_once_beside_those_of_the_route(self):
        for given, expected in (
                (None, [["kube-system", "webhooks"]]),
                ({"matchLabels": {"a": "b"}}, [["kube-system", "webhooks"]]),
                ({"matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "NotIn",
                                        "values": ["kube-system", "x"]}]},
                 [["kube-system", "x", "webhooks"]]),
                ({"matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "In",
                                        "values": ["shop"]}]},
                 [["shop"], ["kube-system", "webhooks"]])):
            with self.subTest(given):
                document = self.changed()
                if given:
                    document["spec"]["routes"][0]["namespaceSelector"] = given
                self.write("input.yaml", yaml.safe_dump(document))
                self.run_program("init", "--to", "made", "input.yaml", "--force")
                webhook, = self.yaml_of("base/webhooks.yaml")["webhooks"]
                selector = webhook["namespaceSelector"]
                self.assertEqual(selector.get("matchLabels"), (given or {}).get("matchLabels"))
                self.assertEqual([each["values"] for each in selector["matchExpressions"]], expected)

    def test_memory_is_for_all_worker_processes(self):
        for args, memory in (([], "512Mi"), (["--processes", "2"], "1024Mi"),
                             (["--processes=3", "--workers=9"], "1536Mi")):
            self.write("input.yaml", yaml.safe_dump(self.changed(args=args)))
            self.run_program("init", "--to", "made", "input.yaml", "--force")
            container, = self.yaml_of("base/deployment.yaml")[
                "spec"]["template"]["spec"]["containers"]
            self.assertEqual(container["resources"]["limits"], {"memory": memory})
            self.assertEqual(container["args"][len(container["args"]) - len(args):], args)

    def test_what_cannot_be_merged_into_is_told_with_its_line(self):
        self.write("there.yaml", "apiVersion: apiserver.config.k8s.io/v1\n"
                                 "kind: AdmissionConfiguration\n"
                                 "plugins:\n"
                                 "- name: ValidatingAdmissionWebhook\n"
                                 "  path: webhooks.yaml\n")
        done = self.make(self.changed(controlPlane={"admission": "there.yaml"}), status=2)
        self.assertRegex(done.stderr, r"there\.yaml:4: plugins\[0\]: cannot be merged into: its "
                                      "configuration is in another file")
        self.assertFalse(os.path.exists(self.path("made")))

    def test_a_kubeconfig_that_plugins_name_is_merged_into(self):
        there = ("apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\n"
                 "plugins:\n- name: MutatingAdmissionWebhook\n  configuration:\n"
                 "    apiVersion: apiserver.config.k8s.io/v1\n"
                 "    kind: WebhookAdmissionConfiguration\n    kubeConfigFile: /etc/other/users\n")
        self.write("there.yaml", there)
        control_plane = {"admission": "there.yaml"}
        done = self.make(self.changed(controlPlane=control_plane), status=2)
        self.assertIn("with the kubeconfig /etc/other/users; name a copy of it", done.stderr)
        self.write("users.yaml", "# ours\nkind: Config\napiVersion: v1\nusers:\n"
                                 "- name: a.b.svc\n  user: {token: abc}\n")
        control_plane["kubeconfig"] = "users.yaml"
        self.make(self.changed(controlPlane=control_plane))
        plugins = self.yaml_of("control-plane/admission.yaml")["plugins"]
        self.assertEqual({plugin["configuration"]["kubeConfigFile"] for plugin in plugins},
                         {"/etc/other/users"})
        merged = self.read("made", "control-plane/kubeconfig.yaml")
        self.assertTrue(merged.startswith("# ours\n"))
        self.assertEqual([user["name"] for user in yaml.safe_load(merged)["users"]],
                         ["a.b.svc", "policy.webhooks.svc"])
        for name in ("kubeconfig.yaml", "kubeconfig.diff"):
            self.assertEqual(os.stat(self.path("made/control-plane", name)).st_mode & 0o777, 0o600)
        self.assertIn("/etc/other/users", self.read("made", "README.md"))


if __name__ == "__main__":
    unittest.main()
