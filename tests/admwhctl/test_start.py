# SPDX-License-Identifier: MIT
"""
The container of an installation, started as a kubelet starts it: with its own args, environment and
mounts, until its probes pass; and called by all that have, or have not, the credentials.
"""

import base64
import http.client
import json
import os
import socket
import ssl
import sys
import tempfile
import unittest

import yaml

from program import ROOT, ProgramTest

sys.path.append(os.path.join(ROOT, "tests/examples"))  # after ours: both have a webhook.py

from cluster import Cluster  # noqa: E402 (found only now)
from example import Example, probe  # noqa: E402

EXAMPLES = os.environ.get("ADMWH_EXAMPLES") or os.path.join(ROOT, "build/examples")
HELLO = os.path.join(EXAMPLES, "hello/hello")
HOST = "policy.webhooks.svc"
INSTALLATION = {
    "apiVersion": "admwhctl/v1", "kind": "Installation",
    "metadata": {"name": "policy", "namespace": "webhooks"},
    "spec": {
        "image": "registry.example.org/hello:1.0",
        "routes": [{"name": "pods.example.org", "path": "/validate/pods", "rules": [
            {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
             "resources": ["pods"]}]}],
        "callers": [{"name": "apiserver", "commonName": "kube-apiserver", "nodes": ["cp-1", "cp-2"]},
                    {"name": "scanner", "commonName": "it's a \"scanner\": #1",
                     "namespace": "audits"}]}}
REVIEW = json.dumps({
    "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
        "uid": "1", "operation": "CREATE", "namespace": "shop", "name": "web", "userInfo": {},
        "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "object": {"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web"}]}}}})
# Who calls with which pair and token, where there are such, and the answer by authentication: an
# HTTP status, or None for a handshake that ends in an alert.
CALLS = (
    ("cp-1", "apiserver.cp-1", "apiserver", {"mtls": 200, "token": 200, "both": 200}),
    ("cp-2", "apiserver.cp-2", "apiserver", {"mtls": 200, "token": 200, "both": 200}),
    ("scanner", "scanner", "scanner", {"mtls": 200, "token": 200, "both": 200}),
    ("pair alone", "apiserver.cp-1", None, {"mtls": 200, "token": 401, "both": 401}),
    ("token alone", None, "scanner", {"mtls": None, "token": 200, "both": None}),
    ("neither", None, None, {"mtls": None, "token": 401, "both": None}),
    ("the server's pair", "../server", "apiserver", {"mtls": None, "token": 200, "both": None}),
)
EXTENSIONS = "keyUsage = critical, digitalSignature\nextendedKeyUsage = clientAuth\n"


class Installed:
    """One installation of a test, and those who call its server."""

    def __init__(self, test, authentication):
        self.test, self.authentication = test, authentication

    def make(self):
        test = self.test
        text = yaml.safe_dump({**INSTALLATION, "spec": {
            **INSTALLATION["spec"], "authentication": self.authentication}})
        test.init(text, folder=self.authentication)
        cluster = Cluster()
        cluster.apply("{kind: Namespace, metadata: {name: webhooks}}")
        for name in ("service", "deployment"):
            cluster.apply(self.read("base", name + ".yaml").decode())
        generator, = yaml.safe_load(self.read("kustomization.yaml"))["secretGenerator"]
        files = dict(entry.split("=") for entry in generator["files"])
        cluster.apply(yaml.safe_dump({
            "kind": "Secret", "metadata": {key: generator[key] for key in ("name", "namespace")},
            "data": {key: base64.b64encode(self.read(path)).decode()
                     for key, path in files.items()}}))
        container, = cluster.pods()
        return container

    def read(self, *names):
        with open(self.path(*names), "rb") as file:
            return file.read()

    def path(self, *names):
        return self.test.path(self.authentication, *names)

    def context(self, pair):
        context = ssl.create_default_context(cafile=self.path("private", "server-ca.crt"))
        stem = self.path("private", "callers", pair or "none")
        if os.path.exists(stem + ".crt"):
            context.load_cert_chain(stem + ".crt", stem + ".key")
        return context

    def ask(self, port, pair, token):
        """The HTTP status; None where the server ends the connection."""
        fields = {"Content-Type": "application/json"}
        if token and self.authentication != "mtls":
            value = self.read("private", "callers", token + ".token").decode().strip()
            fields["Authorization"] = "Bearer " + value
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=probe.TIMEOUT) as plain, \
                    self.context(pair).wrap_socket(plain, server_hostname=HOST) as secure:
                connection = http.client.HTTPConnection("127.0.0.1")
                connection.sock = secure
                connection.request("POST", "/validate/pods?timeout=5s", REVIEW, fields)
                answer = connection.getresponse()
                body = json.loads(answer.read())
                if answer.status == 200:
                    self.test.assertTrue(body["response"]["allowed"])
                return answer.status
        except (ssl.SSLError, ConnectionError, http.client.RemoteDisconnected):
            return None


def passes(path, port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=probe.TIMEOUT)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return 200 <= status < 400


@unittest.skipUnless(os.path.exists(HELLO) or os.environ.get("CI") == "true", "no " + HELLO)
class Start(ProgramTest):
    def start(self, container, root):
        container.lay_out(root)
        server = Example(container.command(HELLO, root), container.environment(root))
        self.addCleanup(server.kill)
        return server

    def check_probes(self, container, server):
        health = json.loads(next(line for line in server.errors().splitlines()
                                 if b"health_port" in line))["health_port"]
        for name, _, path, port in container.probes():
            self.assertEqual(port, "health")
            self.assertTrue(passes(path, int(health)), name)

    def test_starts_as_it_is_deployed_and_knows_its_callers(self):
        for authentication in ("mtls", "token", "both"):
            installed = Installed(self, authentication)
            container = installed.make()
            with self.subTest(authentication), tempfile.TemporaryDirectory() as root:
                server = self.start(container, root)
                self.check_probes(container, server)
                for name, pair, token, expected in CALLS:
                    status = installed.ask(server.port, pair, token)
                    self.assertEqual(status, expected[authentication], name)
                # A stop takes its lame duck time: one is enough.
                self.assertIsNone(server.stop() if authentication == "both" else server.kill())

    def test_no_caller_gets_in_under_the_name_of_another(self):
        """A caller's CA may issue what it likes: only its own name is allowed."""
        installed = Installed(self, "mtls")
        container = installed.make()
        self.write("extensions", EXTENSIONS)
        self.openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                     "-nodes", "-subj", "/CN=kube-apiserver", "-keyout",
                     "mtls/private/callers/liar.key", "-out", "liar.csr")
        for ca, expected in (("scanner-ca", None), ("client-ca", 200)):
            self.openssl("x509", "-req", "-in", "liar.csr", "-CA", "mtls/private/%s.crt" % ca,
                         "-CAkey", "mtls/private/%s.key" % ca, "-days", "1", "-extfile", "extensions", "-out",
                         "mtls/private/callers/liar.crt")
            with self.subTest(ca), tempfile.TemporaryDirectory() as root:
                server = self.start(container, root)
                self.assertEqual(installed.ask(server.port, "liar", None), expected)
                server.kill()
