# SPDX-License-Identifier: MIT
"""What the tests of the webhooks of one file share: a server, reviews, and what holds of each."""

import base64
import json
import ssl
import sys
import unittest

from certificates import ORDINARY_CLIENT
from example import Example, probe
from expect import apply_patch

# The kinds that have a Pod, and where.
WORKLOADS = (
    ("", "Pod", ()), ("", "PodTemplate", ("template",)),
    ("", "ReplicationController", ("spec", "template")), ("apps", "Deployment", ("spec", "template")),
    ("apps", "ReplicaSet", ("spec", "template")), ("apps", "StatefulSet", ("spec", "template")),
    ("apps", "DaemonSet", ("spec", "template")), ("batch", "Job", ("spec", "template")),
    ("batch", "CronJob", ("spec", "jobTemplate", "spec", "template")),
)


def workload(place, spec):
    """An object with this spec of a Pod at a place."""
    value = {"spec": spec}
    for name in reversed(place):
        value = {name: value}
    return value


def kind_of(group, kind):
    return {"kind": {"group": group, "version": "v1", "kind": kind}}


class Case(unittest.TestCase):
    """A module's server, started when it is first asked; `options()` are its own flags."""

    @property
    def work(self):
        return sys.modules[type(self).__module__].work

    def options(self):
        return []

    def start(self, *options):
        certificates = self.work.certificates
        self.server = Example([
            self.work.binary, "--listen", "127.0.0.1:0", "--tls-cert", certificates.server,
            "--tls-key", certificates.server_key, "--client-ca", certificates.ca,
            "--client-allow", "cn:kube-apiserver", *options])
        self.addCleanup(lambda: self.assertIsNone(self.server.stop()))

    def setUp(self):
        self.start(*self.options())

    def post(self, path, body, client=ORDINARY_CLIENT):
        return self.server.ask(self.work.certificates.context(client), "POST", path, [], body)

    def ask(self, obj, path="/validate", **members):
        """The response to a review."""
        response = self.post(path, probe.review(obj=obj, **members))
        self.assertEqual(response.status, 200, response)
        return response.json()["response"]

    def allowed(self, obj, **rest):
        answer = self.ask(obj, **rest)
        self.assertTrue(answer["allowed"], answer)
        return answer

    def denied(self, obj, *words, code=403, **rest):
        answer = self.ask(obj, **rest)
        self.assertFalse(answer["allowed"], answer)
        self.assertEqual(answer["status"]["code"], code, answer)
        for word in words:
            self.assertIn(word, answer["status"]["message"])
        return answer

    def mutated(self, obj, path="/mutate", **rest):
        """The object that the mutator's patch leads to. A second time it changes nothing."""
        def once(value):
            answer = self.allowed(value, path=path, **rest)
            operations = json.loads(base64.b64decode(answer.get("patch", "W10=")))
            return apply_patch(value, operations), operations

        changed, _ = once(obj)
        self.assertEqual(once(changed), (changed, []))
        return changed


class Callers:
    """Holds of each: who asks, and with what. PATHS are its routes."""

    PATHS = ("/validate",)

    def test_strangers_are_refused(self):
        for client in (None, {"issuer": "other", "cn": "kube-apiserver"}, {"cn": "scraper"}):
            with self.subTest(client), self.assertRaises(
                    (ssl.SSLError, ConnectionError, probe.Closed)):
                self.post(self.PATHS[0], probe.review(), client)

    def test_what_is_no_review(self):
        for path in self.PATHS:
            for body in (b"{", b"[]", b'{"kind": "AdmissionReview"}'):
                with self.subTest(path, body=body):
                    self.assertIn(self.post(path, body).status, (400, 422))
