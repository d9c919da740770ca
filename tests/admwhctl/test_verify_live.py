# SPDX-License-Identifier: MIT
"""admwhctl verify --live: against servers that are right and wrong, with a stand-in for kubectl."""

import json
import os
import re
import shutil
import sys
import unittest

from faults import Folder
from program import ADMWHCTL, HERE, ROOT
from test_verify import VerifyTest, found

sys.path.append(os.path.join(ROOT, "tests/examples"))  # after ours: both have a webhook.py

import yaml  # noqa: E402 (found only now)

from example import Example  # noqa: E402 (found only now)

HELLO = os.path.join(os.path.dirname(ADMWHCTL), "../../examples/hello/hello")
HEALTH = re.compile(rb'health_port"?[=:](\d+)')
INSTALLATION = """\
apiVersion: admwhctl/v1
kind: Installation
metadata: {name: policy, namespace: webhooks}
spec:
  image: registry.example.org/policy:1.0
  targetPort: 9443
  healthPort: 9081
  routes:
  - name: pods.example.org
    path: /validate/pods
    rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  - name: label.example.org
    type: mutating
    path: /mutate/pods
    rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  callers:
  - {name: apiserver, commonName: kube-apiserver, nodes: [cp-1, cp-2]}
  - {name: scanner, commonName: audit-scanner, namespace: audit}
  authentication: both
"""
LIVE = {"live." + name for name in (
    "address", "certificate", "apiserver", "callers", "noCertificate", "otherCa", "otherName",
    "serverPair", "noToken", "otherToken")}
UNREACHED = {**{name: "not checked" for name in LIVE - {"live.address"}},
             "live.certificate": "no", "live.apiserver": "no", "live.callers": "no"}
CLUSTER = {"cluster.configurations", "cluster.ready", "cluster.reached"}


@unittest.skipUnless(os.path.exists(HELLO), "the example hello is not built")
class LiveTest(VerifyTest):
    INSTALLATION = INSTALLATION

    def command(self, folder):
        """The container's command line, its files where they are here."""
        with open(folder.file("base/deployment.yaml"), encoding="utf-8") as file:
            container = yaml.safe_load(file)["spec"]["template"]["spec"]["containers"][0]
        with open(folder.file("kustomization.yaml"), encoding="utf-8") as file:
            files = yaml.safe_load(file)["secretGenerator"][0]["files"]
        command = [HELLO, *container["args"], "--listen=127.0.0.1:0", "--health-listen=127.0.0.1:0"]
        for key, name in (entry.split("=") for entry in files):
            command = [word.replace("/etc/webhook/" + key, folder.file(name)) for word in command]
        return command

    def start(self, folder, *flags, without="lame-duck"):
        command = [word for word in self.command(folder) if not re.search(without, word)]
        server = Example([*command, *flags])
        self.addCleanup(lambda: self.assertIsNone(server.stop()))
        self.health = int(HEALTH.search(server.errors())[1])
        self.address = "127.0.0.1:%d" % server.port
        return server

    def live(self, *flags, status=0):
        return self.verify("--live", "--address", self.address, "--no-kubectl", *flags,
                           status=status)


class Server(LiveTest):
    def test_the_api_server_is_let_in_and_others_are_not(self):
        self.start(self.copy())
        report = self.live()
        self.assertEqual(found(report), {})
        self.assertLessEqual(LIVE, {check["check"] for check in report["checks"]})

    def expect(self, checks, text=None):
        report = self.live(status=1 if "no" in checks.values() else 0)
        self.assertEqual({name: result for name, result in found(report).items()
                          if name.startswith("live.")}, checks)
        said = " ".join("%(where)s: %(what)s" % finding for check in report["checks"]
                        for finding in check["findings"])
        self.assertIn(text or "", said)

    def test_a_server_that_lets_everyone_in(self):
        self.start(self.copy(), "--insecure-observe")
        self.expect({name: "no" for name in LIVE - {"live.address", "live.certificate",
                                                    "live.apiserver", "live.callers"}},
                    "a client without a certificate is answered: HTTP 200")

    def test_a_server_that_takes_any_name(self):
        self.start(self.copy(), "--client-allow=apiserver=any",
                   "--client-allow=scanner=any", without="lame-duck|client-allow")
        self.expect({"live.otherName": "no"},
                    "a certificate of the same CA for another name is answered")

    def test_a_server_of_older_certificates(self):
        """The server runs with files that the folder has no more."""
        shutil.copytree(self.shared, self.path("running"))
        self.start(Folder(self.path("running"), self.keys))
        self.copy().client()
        self.expect({"live.apiserver": "no"}, "apiserver on cp-1 at /mutate/pods")
        self.copy().server()
        self.expect(UNREACHED, "its certificate does not hold for policy.webhooks.svc")

    def test_a_server_that_has_not_reloaded(self):
        shutil.copytree(self.shared, self.path("running"))
        self.start(Folder(self.path("running"), self.keys))
        self.copy()
        self.run_program("renew", "made", "server")
        self.expect({"live.certificate": "warning"},
                    "it shows another certificate than private/server.crt")

    def test_a_server_without_a_route(self):
        self.start(self.copy())
        folder = Folder(self.path("made"), self.keys)
        folder.edit("base/webhooks.yaml", "/mutate/pods", "/mutate/podz")
        self.expect({"live.apiserver": "no", "live.callers": "no", "live.noToken": "not checked",
                     "live.otherToken": "not checked"}, "at /mutate/podz: HTTP 404")

    def test_a_server_that_is_not_there(self):
        self.copy()
        self.address = "127.0.0.1:1"
        self.expect(UNREACHED)

    def test_a_ca_whose_key_is_not_at_hand(self):
        self.start(self.copy())
        os.unlink(self.path("made", "private", "client-ca.key"))
        self.expect({"live.otherName": "not checked"},
                    "the key of the CA of bundle apiserver is not at hand")

    def test_certificates_alone_and_tokens_alone(self):
        for way, absent in (("mtls", {"live.noToken", "live.otherToken"}),
                            ("token", {"live.callers", "live.noCertificate", "live.otherCa",
                                       "live.otherName", "live.serverPair"})):
            with self.subTest(way):
                shutil.rmtree(self.path("made"))
                self.init(INSTALLATION.replace("authentication: both", "authentication: " + way))
                self.start(Folder(self.path("made"), self.keys))
                report = self.live()
                self.assertEqual(found(report), {})
                asked = {check["check"] for check in report["checks"]
                         if check["result"] == "yes" and check["check"].startswith("live.")}
                self.assertEqual(asked, LIVE - absent)


class Url(LiveTest):
    INSTALLATION = INSTALLATION.replace("  image: registry.example.org/policy:1.0\n",
                                        "  url: https://127.0.0.1:9\n")

    def test_a_url_is_asked_itself(self):
        """The port of the server is known only now: a second run of init writes it."""
        folder = self.copy()
        server = Example([
            HELLO, "--listen=127.0.0.1:0", "--tls-cert", folder.file("private/server.crt"),
            "--tls-key", folder.file("private/server.key"), "--token-file",
            folder.file("private/tokens.csv"), "--client-ca",
            "apiserver=" + folder.file("private/client-ca.crt"), "--client-allow",
            "apiserver=cn:kube-apiserver", "--client-ca",
            "scanner=" + folder.file("private/scanner-ca.crt"), "--client-allow",
            "scanner=cn:audit-scanner"])
        self.addCleanup(lambda: self.assertIsNone(server.stop()))
        folder.edit("installation.yaml", "127.0.0.1:9", "127.0.0.1:%d" % server.port)
        self.run_program("init", "--to", "made", "--force")
        report = self.verify("--live", "--no-kubectl")
        self.assertEqual(found(report), {})
        self.assertIn("live.apiserver", {check["check"] for check in report["checks"]
                                         if check["result"] == "yes"})


class ByKubectl(LiveTest):
    def setUp(self):
        super().setUp()
        self.made = self.copy()
        self.start(self.made)
        documents = yaml.safe_load_all(self.made.read("base/webhooks.yaml"))
        self.cluster = {
            "ports": {"9443": int(self.address.split(":")[1]), "9081": self.health},
            "objects": {
                "namespaces/kube-system": self.namespace("kube-system"),
                "namespaces/webhooks": self.namespace("webhooks"),
                "namespaces/other": self.namespace("other"),
                "pods/policy-1": {"metadata": {"name": "policy-1"}},
                "deployment/policy": {"spec": {"replicas": 2}, "status": {"availableReplicas": 2}},
                **{"%s/policy" % document["kind"]: document for document in documents}},
            "review": [{"url": "https://%s%s" % (self.address, path),
                        "ca": self.made.file("private/server-ca.crt"),
                        "certificate": self.made.file("private/callers/apiserver.cp-1.crt"),
                        "key": self.made.file("private/callers/apiserver.cp-1.key"),
                        "token": self.made.read("private/callers/apiserver.token").strip()}
                       for path in ("/validate/pods", "/mutate/pods")]}

    @staticmethod
    def namespace(name):
        return {"metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name}}}

    def hook(self, kind="ValidatingWebhookConfiguration"):
        return self.cluster["objects"][kind + "/policy"]["webhooks"][0]

    def ask(self, *flags, status=0):
        self.write("cluster.json", json.dumps(self.cluster))
        done = self.run_program(
            "verify", "made", "--json", "--live", "--kubectl", os.path.join(HERE, "kubectl"),
            *flags, status=status,
            env={**os.environ, "FAKE_CLUSTER": self.path("cluster.json")})
        return json.loads(done.stdout)

    def expect(self, checks, text="", flags=()):
        report = self.ask(*flags, status=1 if "no" in checks.values() else 0)
        self.assertEqual(found(report), checks)
        said = " ".join("%(where)s: %(what)s" % finding for check in report["checks"]
                        for finding in check["findings"])
        self.assertIn(text, said)
        return report

    def test_all_by_port_forward(self):
        report = self.expect({})
        asked = {check["check"] for check in report["checks"] if check["result"] == "yes"}
        self.assertLessEqual(LIVE | CLUSTER, asked)

    def test_what_the_api_server_adds_is_no_difference(self):
        self.hook().update(objectSelector={}, extra=1)
        self.hook()["rules"][0]["scope"] = "*"
        self.expect({})

    def test_a_configuration_that_differs(self):
        self.hook()["failurePolicy"] = "Ignore"
        self.expect({"cluster.configurations": "no"},
                    'webhooks[0].failurePolicy is "Ignore" in the cluster, and "Fail" in the folder')

    def test_a_configuration_with_another_webhook(self):
        self.cluster["objects"]["ValidatingWebhookConfiguration/policy"]["webhooks"].append({})
        self.expect({"cluster.configurations": "no"}, "webhooks is [{")

    def test_a_configuration_that_is_not_there(self):
        del self.cluster["objects"]["MutatingWebhookConfiguration/policy"]
        self.expect({"cluster.configurations": "no"},
                    "MutatingWebhookConfiguration policy: the cluster does not have it")

    def test_a_replica_that_is_missing(self):
        self.cluster["objects"]["deployment/policy"]["status"] = {}
        self.expect({"cluster.ready": "no"}, "0 of 2 replicas are available")

    def test_a_webhook_that_is_not_called(self):
        self.cluster["review"].pop()
        self.expect({"cluster.reached": "no"},
                    "label.example.org: the object is admitted, and the server had no review of it")

    def test_the_api_server_that_does_not_get_in(self):
        self.cluster.update(review=[], says='Error from server (InternalError): Internal error '
                            'occurred: failed calling webhook "pods.example.org": remote error: '
                            'tls: certificate required')
        self.expect({"cluster.reached": "no"}, "tls: certificate required")

    def test_a_denial_is_a_proof(self):
        self.cluster.update(review=[], says='Error from server: admission webhook '
                            '"pods.example.org" denied the request: no')
        report = self.expect({"cluster.reached": "not checked"}, "label.example.org: Error from")
        self.assertNotIn("pods.example.org: ", json.dumps(report))

    def test_no_metrics(self):
        del self.cluster["ports"]["9081"]
        self.expect({"cluster.reached": "not checked"}, "nothing tells whether by a review")
        self.expect({}, flags=["--health-address", "127.0.0.1:%d" % self.health])

    def test_no_namespace(self):
        del self.cluster["objects"]["namespaces/other"]
        self.expect({"cluster.reached": "not checked"}, "it is called for no namespace")

    def test_no_port_forward(self):
        del self.cluster["ports"]["9443"]
        report = self.expect({"live.address": "not checked"}, "no Pod listens on 9443")
        self.assertEqual({check["result"] for check in report["checks"]
                          if check["check"] in LIVE - {"live.address"}}, {"absent"})

    def test_no_kubectl(self):
        self.write("cluster.json", "{}")
        done = self.run_program("verify", "made", "--live", "--kubectl", "/no/kubectl")
        self.assertIn("/no/kubectl: No such file or directory", done.stdout)
