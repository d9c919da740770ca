# SPDX-License-Identifier: MIT
"""
Tokens that kube-apiserver issues for the callers of webhooks (KEP-6060, an alpha feature of 1.37):
what stands in them, for what it issues none, and that a server takes them.
"""

import base64
import json
import time

import kube
from kube import ClusterCase, apply, until

GATE = "--feature-gates=APIServerWebhookAuthenticationToken=true"
AUDIENCE = "https://token.probes.svc:443/validate"
RULES = [{"apiGroups": [group], "apiVersions": ["*"], "resources": [resource],
          "operations": ["CREATE"]}
         for group, resource in (("apps", "deployments"), ("", "configmaps"))]
SAYS = 'admission webhook "token.example.org" denied the request: '
CALLING = 'failed calling webhook "token.example.org": failed to call webhook: '


def decode(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


class Issued(ClusterCase):
    """With a webhook configuration that tokens can be bound to."""

    @classmethod
    def setUpClass(cls):
        with open(kube.path("apiserver.args"), "w", encoding="ascii") as file:
            file.write(GATE + "\n")
        kube.control("restart-apiserver")
        cls.addClassCleanup(cls.without_gate)
        super().setUpClass()
        cls.grant("apps")
        apply(kube.configuration("Validating", "tokens", {
            **kube.hook("token", "/validate", rules=RULES), "namespaceSelector": {
                "matchLabels": {"kubernetes.io/metadata.name": cls.namespace}}}))
        cls.addClassCleanup(kube.kubectl, "delete", "validatingwebhookconfiguration", "tokens")
        cls.configuration = kube.get("validatingwebhookconfiguration", "tokens")["metadata"]

    @staticmethod
    def without_gate():
        kube.os.unlink(kube.path("apiserver.args"))
        kube.control("restart-apiserver")

    @classmethod
    def grant(cls, group):
        """The ServiceAccount `caller` may say that it asks about a group."""
        apply({"apiVersion": "v1", "kind": "ServiceAccount",
               "metadata": {"name": "caller", "namespace": cls.namespace}},
              {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
               "metadata": {"name": "attest-tokens"},
               "rules": [{"apiGroups": ["authentication.k8s.io"], "verbs": ["attest"],
                          "resources": ["admissionReviewAPIGroups"], "resourceNames": [group]}]},
              {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
               "metadata": {"name": "attest-tokens"},
               "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
                           "name": "attest-tokens"},
               "subjects": [{"kind": "ServiceAccount", "name": "caller",
                             "namespace": cls.namespace}]})

    def request(self, audience=AUDIENCE, group="apps"):
        """(status, body) of a TokenRequest."""
        return self.api.ask("POST", "/api/v1/namespaces/%s/serviceaccounts/caller/token" %
                            self.namespace, {
                                "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
                                "spec": {"audiences": [audience], "expirationSeconds": 3600,
                                         "boundObjectRef": {
                                             "apiVersion": "admissionregistration.k8s.io/v1",
                                             "kind": "ValidatingWebhookConfiguration",
                                             "name": "tokens"},
                                         "attestations": {"admissionReviewAPIGroups": [group]}}})

    def issued(self):
        def ask():
            status, body = self.request()
            return status == 201 and body["status"]["token"]

        return until(ask, lambda: self.request()[1])

    def test_claims(self):
        head, claims, _ = self.issued().split(".")
        head, claims = decode(head), decode(claims)
        self.assertEqual(head["alg"], "RS256")
        keys = self.api.ask("GET", "/openid/v1/jwks")[1]
        self.assertEqual([key["kid"] for key in keys["keys"]], [head["kid"]])
        own = claims.pop("kubernetes.io")
        self.assertEqual((claims["iss"], claims["aud"], claims["sub"]), (
            "https://kubernetes.default.svc", [AUDIENCE],
            "system:serviceaccount:%s:caller" % self.namespace))
        self.assertEqual((claims["exp"] - claims["iat"], claims["nbf"]), (600, claims["iat"]))
        self.assertLess(abs(claims["iat"] - time.time()), kube.TIMEOUT)
        self.assertEqual(
            (own["namespace"], own["attestations"], own["validatingwebhookconfiguration"]),
            (self.namespace, {"admissionReviewAPIGroups": ["apps"]},
             {"name": "tokens", "uid": self.configuration["uid"]}))

    def test_none_is_issued(self):
        self.issued()
        for given in ({"audience": AUDIENCE + "/"}, {"audience": AUDIENCE.replace(":443", "")},
                      {"group": "batch"}, {"group": "*"}, {"group": ""}):
            with self.subTest(given):
                status, body = self.request(**given)
                self.assertIn(status, (403, 422), body)

    def serve(self):
        """examples/registries, which knows the API server by such tokens alone."""
        keys, registries = kube.path("jwks.json"), kube.path("registries.txt")
        for name, text in ((keys, json.dumps(self.api.ask("GET", "/openid/v1/jwks")[1])),
                           (registries, "registry.example.com\n")):
            with open(name, "w", encoding="ascii") as file:
                file.write(text)
        server = kube.example(
            "registries/admwh-registries", "--registries", registries,
            "--listen", kube.service(kube.PROBES, "token") + ":443",
            "--tls-cert", kube.path("ca/probes.crt"), "--tls-key", kube.path("ca/probes.key"),
            "--experimental-token-issuer", "https://kubernetes.default.svc",
            "--experimental-token-keys", keys,
            "--experimental-token-origin", "https://token.probes.svc:443",
            "--experimental-token-webhook", "validating/tokens")
        self.addCleanup(lambda: self.assertIsNone(server.stop()))
        return server

    def test_a_server_takes_them(self):
        """kube-apiserver shows no such token by itself yet, so it has one as its token file."""
        server = self.serve()
        with open(kube.path("admission/token"), "w", encoding="ascii") as file:
            file.write(self.issued())
        asks = ("create", "deployment", "web", "--dry-run=server")
        until(lambda: SAYS in self.run_kubectl(*asks, "--image=elsewhere.example.org/web",
                                               check=False).err,
              lambda: server.errors()[-2000:].decode())
        self.run_kubectl(*asks, "--image=registry.example.com/web")
        said = self.refused("create", "configmap", "of-another-group")
        self.assertIn(CALLING, said)
        until(lambda: b"api_group_refused" in server.errors())
