# SPDX-License-Identifier: MIT
"""Time limits, failures and failure policies, overload, crashes, callers that are not allowed."""

import os
from concurrent.futures import ThreadPoolExecutor

import kube
from kube import Api, ClusterCase, config_map, create, until

CALLING = 'failed calling webhook "%s.example.org": failed to call webhook: '
LATE = "handler did not decide within "
SAYS = 'admission webhook "%s.example.org" denied the request: '


class Policies(ClusterCase):
    def denied(self, name, status=None):
        """Create a ConfigMap, which is refused: the message."""
        code, body = create(self.api, self.namespace, config_map(name))
        self.assertGreaterEqual(code, 400, body)
        if status:
            self.assertEqual(code, status, body)
        return body["message"]

    def created(self, name):
        code, body = create(self.api, self.namespace, config_map(name))
        self.assertEqual(code, 201, body)

    def until_says(self, words):
        """Until a ConfigMap that is not stored is refused with these words."""
        def said():
            _, body = create(self.api, self.namespace, config_map("said"), dry=True)
            return words in body.get("message", "") and body["message"]

        return until(said, lambda: "it says %s" % create(self.api, self.namespace,
                                                         config_map("said"), dry=True)[1])


class Failures(Policies):
    """What a handler's failure, or no server, comes to under both policies."""

    def check(self, name, route, failure, *options, probe=None, **fields):
        self.register("Validating", kube.hook(name, route, **fields))
        said = self.until_says(failure)
        self.register("Validating", kube.hook(name, route, failurePolicy="Ignore", **fields))
        return said

    def test_a_failure_is_a_denial_by_default(self):
        self.start("failing", *self.CALLER)
        self.check("failing", "/fail", SAYS % "failing" + "the scanner of said is down")
        self.until_says(SAYS % "failing")  # whatever the failure policy

    def test_a_failure_that_is_left_to_the_policy(self):
        self.start("policy", *self.CALLER, "--on-failure", "policy")
        self.check("policy", "/fail", CALLING % "policy" + "the scanner of said is down")
        until(lambda: create(self.api, self.namespace, config_map("ignored"), dry=True)[0] == 201)

    def test_no_server(self):
        kube.service(kube.PROBES, "nothing")
        said = self.check("nothing", "/validate", CALLING % "nothing")
        self.assertTrue(said.endswith("connect: connection refused"), said)
        until(lambda: create(self.api, self.namespace, config_map("nothing"), dry=True)[0] == 201)

    def test_no_such_path(self):
        self.start("nowhere", *self.CALLER)
        self.check("nowhere", "/nope", CALLING % "nowhere" + "no handler at path /nope")


class Times(Policies):
    """The deadline is before the end of timeoutSeconds: the user is told what was too slow."""

    def test_too_slow(self):
        for name, options, failure in (
                ("slow", (), SAYS % "slow" + LATE),
                ("slow-policy", ("--on-failure", "policy"), CALLING % "slow-policy" + LATE)):
            with self.subTest(name):
                probe = self.start(name, *self.CALLER, *options, "--workers", "64",
                                   hold=True)
                for route in ("/slow", "/later"):
                    self.register("Validating", kube.hook(name, route, timeoutSeconds=1))
                    self.until_says(failure)
                self.register("Validating", kube.hook(name, "/slow", timeoutSeconds=1,
                                                      failurePolicy="Ignore"))
                if options:
                    until(lambda: create(self.api, self.namespace, config_map("late"),
                                         dry=True)[0] == 201)
                probe.release()
                self.register("Validating", kube.hook(name, "/slow", timeoutSeconds=10))
                until(lambda: create(self.api, self.namespace, config_map("in-time"),
                                     dry=True)[0] == 201)


class Overload(Policies):
    def test_what_is_turned_away_is_asked_again(self):
        """429 and 503 are retried by the API server within timeoutSeconds."""
        probe = self.start("overload", *self.CALLER, "--workers", "1", "--slow-ms", "300",
                           limits={"queue": 2})
        self.register("Validating", kube.hook("overload", "/slow", timeoutSeconds=30), probe=probe)

        def one(number):
            api = Api()
            try:
                return create(api, self.namespace, config_map("over-%d" % number))[0]
            finally:
                api.close()

        with ThreadPoolExecutor(8) as pool:
            self.assertEqual(list(pool.map(one, range(8))), [201] * 8)
        self.assertTrue(probe.log("dispatch.overload"))


class Crashes(Policies):
    def test_a_crash_ends_one_process_of_two(self):
        probe = self.start("crashes", *self.CALLER, "--processes", "2", "--on-failure", "policy")
        self.register("Validating", kube.hook("crashes", "/crash"), probe=probe)
        said = self.denied("segv", 500)
        self.assertIn(CALLING % "crashes", said)
        for number in range(20):
            self.created("after-%d" % number)
        until(lambda: probe.log("accept.process"), "nothing is logged of the crash")


class Callers(Policies):
    def test_a_stranger(self):
        """The kubeconfig has a user for this Service that has no certificate."""
        probe = self.start("stranger", *self.CALLER)
        self.register("Validating", kube.hook("stranger", "/validate"))
        said = self.until_says(CALLING % "stranger")
        self.assertIn("remote error: tls: ", said)
        refused = until(lambda: probe.log("handshake.refused"))
        self.assertEqual(refused[0]["result"], "no_certificate")
        self.assertEqual(kube.reviews(probe.take_events()), [])

    def test_another_name(self):
        probe = self.start("renamed", "--client-ca", "default=" + kube.path("ca/client-ca.crt"),
                           "--allow-cn", "default=another")
        self.register("Validating", kube.hook("renamed", "/validate"))
        said = self.until_says(CALLING % "renamed")
        self.assertIn("remote error: tls: ", said)
        self.assertEqual(until(lambda: probe.log("handshake.refused"))[0]["subject"],
                         "CN=kube-apiserver")

    def test_a_server_that_is_not_trusted(self):
        self.start("distrusted", *self.CALLER)
        self.register("Validating", kube.hook("distrusted", "/validate",
                                              ca=kube.read("ca/client-ca.crt")))
        self.assertIn("x509: certificate signed by unknown authority",
                      self.until_says(CALLING % "distrusted"))

    def test_another_port(self):
        """The user's name has the port, unless it is 443."""
        probe = self.start("ported", *self.CALLER, port=8443)
        self.register("Validating", kube.hook("ported", "/validate", port=8443), probe=probe)

    def test_a_token(self):
        tokens = kube.path("tokens.lines")
        for path, text in ((tokens, "first other\nsecond kube-apiserver\n"),
                           (kube.path("admission/token"), "second")):
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
        os.chmod(tokens, 0o600)
        probe = self.start("token", "--auth", "request", "--token-lines", tokens)
        self.register("Validating", kube.hook("token", "/validate"), probe=probe)
        self.created("by-token")
        asked = [event for event in probe.take_events() if event["event"] == "dispatched"]
        self.assertEqual(asked[-1]["bearer"], "kube-apiserver")
        with open(tokens, "w", encoding="ascii") as file:
            file.write("first other\n")
        self.until_says(CALLING % "token" + "no valid bearer token")
