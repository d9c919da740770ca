# SPDX-License-Identifier: MIT
"""
examples/kubewarden as a process: who gets in, what its start refuses, CAs that
are renewed by a swap of ..data, time limits, and an end under load.
"""

import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import probe as p

sys.path.insert(0, os.path.join(p.ROOT, "tests/fixtures"))

from certificates import Certificates  # noqa: E402 (found only now)
from example import Example  # noqa: E402

BUILD = os.path.dirname(os.path.dirname(os.path.dirname(p.PROBE)))
BINARY = os.path.join(os.environ.get("ADMWH_EXAMPLES") or os.path.join(BUILD, "examples"),
                      "kubewarden/admwh-kubewarden")
JSON = [("Content-Type", "application/json")]
PRIVILEGED = {"privileged": {"module": "pod-privileged"}}
SLEEPING = {"sleep": {"module": "sleeping", "settings": {"sleepMilliseconds": 1},
                      "timeoutEvalSeconds": 1}}
TIMED_OUT = "Policy execution interrupted because it exceeded the allowed execution time"


def pod(uid="u", ms=None, **security):
    """A review of a Pod, as the audit scanner sends it."""
    annotations = {"kubewarden.sleep_duration_milliseconds": str(ms)} if ms else {}
    gvk = {"group": "", "version": "v1", "kind": "Pod"}
    return json.dumps({"request": {
        "uid": uid, "kind": gvk, "resource": {"group": "", "version": "v1", "resource": "Pod"},
        "name": "web", "namespace": "shop", "operation": "CREATE", "userInfo": {},
        "object": {"metadata": {"annotations": annotations},
                   "spec": {"containers": [{"name": "c", "securityContext": security}]}},
        "oldObject": None, "options": None}}).encode()


@unittest.skipUnless(os.path.exists(BINARY) or os.environ.get("CI") == "true",
                     "there is no admwh-kubewarden")
class Kubewarden(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="admwh-kubewarden-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.certificates = Certificates(cls.folder)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def command(self, policies, *options):
        text = policies if isinstance(policies, str) else json.dumps(policies)
        return [BINARY, "--addr", "127.0.0.1", "--port", "0", "--readiness-probe-port", "0",
                "--policies", self.write("policies.yml", text), *options]

    def tls(self, *client_cas):
        options = ["--cert-file", self.certificates.server,
                   "--key-file", self.certificates.server_key]
        return options + (["--client-ca-file", ",".join(client_cas)] if client_cas else [])

    def serve(self, policies, *options):
        server = Example(self.command(policies, *options))
        self.addCleanup(lambda: self.assertIsNone(server.stop()))
        return server

    def ask(self, server, path, body, client=None):
        return server.ask(self.certificates.context(client), "POST", path, JSON, body)

    def lets_in(self, server, client):
        try:
            return self.ask(server, "/validate/privileged", pod(), client).status == 200
        except (ssl.SSLError, ConnectionError, p.Closed):
            return False

    def awaits(self, server, client, wanted):
        end = time.monotonic() + p.TIMEOUT
        while self.lets_in(server, client) != wanted:
            self.assertLess(time.monotonic(), end, "%r: never %r" % (client, wanted))
            time.sleep(0.02)


class Callers(Kubewarden):
    def test_strangers_meet_a_tls_alert(self):
        server = self.serve(PRIVILEGED, *self.tls(self.certificates.ca))
        for client, alert in (
                (None, "CERTIFICATE_REQUIRED"),
                ({"issuer": "other"}, "UNKNOWN_CA"),
                ({"issuer": "self"}, "BAD_CERTIFICATE"),
                ({"expired": True}, "CERTIFICATE_EXPIRED"),
                ({"not_yet_valid": True}, "CERTIFICATE_EXPIRED"),
                ({"eku": ["serverAuth"]}, "BAD_CERTIFICATE")):
            with self.subTest(client=client):
                with self.assertRaises((ssl.SSLError, p.Closed)) as raised:
                    self.ask(server, "/validate/privileged", pod(), client)
                self.assertIn(alert, str(raised.exception).upper().replace(" ", "_"))

    def test_any_name_of_either_ca_gets_in(self):
        server = self.serve(PRIVILEGED, *self.tls(self.certificates.other_ca, self.certificates.ca))
        for client in ({"cn": "audit-scanner-client"}, {"issuer": "other", "cn": "whoever"},
                       {"cn": None, "eku": None, "dns_san": ["mtls.kubewarden.io"]},
                       {"cns": [], "o": ["nobody"]}):
            with self.subTest(client=client):
                self.assertTrue(self.lets_in(server, client))
        log = server.errors()
        self.assertIn(b"bundle=ca", log)
        self.assertIn(b"bundle=other", log)

    def test_without_a_client_ca_everyone_gets_in_and_the_log_says_so(self):
        server = self.serve(PRIVILEGED, *self.tls())
        self.assertTrue(self.lets_in(server, None))
        self.assertRegex(server.errors(), rb"WARN\w* +\S*insecure")

    def test_without_tls_it_is_plain_http_and_the_log_says_so(self):
        server = self.serve(PRIVILEGED)
        with p.PlainClient(server.port) as client:
            response = client.request("POST", "/audit/privileged", pod(privileged=True), JSON)
        self.assertEqual(response.json()["response"]["status"],
                         {"message": "Privileged container is not allowed"})
        self.assertRegex(server.errors(), rb"WARN\w* +\S*insecure")

    def test_readiness_has_a_port_of_its_own(self):
        server = self.serve(PRIVILEGED, *self.tls(self.certificates.ca))
        port = int(server.errors().split(b"health_port=")[1].split()[0])
        with p.PlainClient(port) as client:
            response = client.request("GET", "/readiness")
        self.assertEqual((response.status, response.body), (200, b""))
        with self.assertRaises((ssl.SSLError, p.Closed)):
            server.ask(self.certificates.context(None), "GET", "/readiness", (), None)


class Start(Kubewarden):
    def refuses(self, error, policies, *options):
        done = subprocess.run(self.command(policies, *options), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=p.TIMEOUT, check=False,
                              env=p.environment())
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn(error, done.stderr.decode())

    def test_refuses_what_cannot_work(self):
        ca = self.certificates.ca
        self.refuses("client CA certificate requires server certificate and key to be specified",
                     {}, "--client-ca-file", ca)
        self.refuses("both certificate and key must be provided together", {},
                     "--cert-file", self.certificates.server)
        self.refuses("/nonexistent/ca.crt", {}, *self.tls("/nonexistent/ca.crt"))
        self.refuses("policy name 'a/b' contains a '/' character", {"a/b": {"module": "sleeping"}})
        self.refuses('policies.yml": ', "a:\n  module: sleeping\n  policyMode: watch\n")
        self.refuses(":2: a: policyMode: expected protect or monitor", "a: {module: sleeping,\n"
                     "  policyMode: watch}\n")

    def test_tells_all_policies_that_do_not_work(self):
        policies = {"one": {"module": "sleeping"},
                    "two": {"module": "registry://x/unheard-of:1"},
                    "three": {"policies": {"a": {"module": "pod-privileged"}},
                              "expression": "a() && b()", "message": "m"}}
        for error in ("one: Policy settings are invalid: sleep_milliseconds must be set",
                      "two: bootstrap failure: two: no such policy: registry://x/unheard-of:1",
                      "three: three: Function not found: b () (position 8)"):
            self.refuses(error, policies)

    def test_continue_on_errors_denies_where_a_policy_does_not_work(self):
        policies = {"broken": {"module": "sleeping", "policyMode": "monitor"}, **PRIVILEGED}
        server = self.serve(policies, "--continue-on-errors")
        for path, allowed in (("/validate/broken", False), ("/audit/broken", False),
                              ("/validate/privileged", True)):
            with p.PlainClient(server.port) as client:
                response = client.request("POST", path, pod(), JSON).json()["response"]
            self.assertEqual(response["allowed"], allowed)
            if not allowed:
                self.assertEqual(response["status"], {
                    "message": "Policy settings are invalid: sleep_milliseconds must be set and be "
                               "major than 0", "code": 500})

    def test_the_log_is_json_when_asked(self):
        server = self.serve(PRIVILEGED, "--log-fmt=json", "--enable-metrics")
        events = [json.loads(line) for line in server.errors().splitlines()]
        self.assertIn("options.ignored", [event["event"] for event in events])


class Renewal(Kubewarden):
    def volume(self, name):
        """A folder as kubelet makes it: files are links into ..data, which is one, too."""
        folder = os.path.join(self.folder, name)
        os.makedirs(folder, exist_ok=True)
        return folder

    def publish(self, folder, files):
        version = tempfile.mkdtemp(prefix="..", dir=folder)
        for name, pem in files.items():
            with open(os.path.join(version, name), "w", encoding="ascii") as file:
                file.write(pem)
            link = os.path.join(folder, name)
            if not os.path.islink(link):
                os.symlink(os.path.join("..data", name), link)
        new = os.path.join(folder, "..data_tmp")
        os.symlink(os.path.basename(version), new)
        os.rename(new, os.path.join(folder, "..data"))

    def read(self, path):
        with open(path, encoding="ascii") as file:
            return file.read()

    def test_a_swap_of_the_data_folder_changes_who_gets_in(self):
        ca, other = self.read(self.certificates.ca), self.read(self.certificates.other_ca)
        scanner, apiserver = self.volume("ca"), self.volume("client-ca")
        old, new = {"issuer": "ca"}, {"issuer": "other"}
        third = Certificates(self.volume("third"))
        self.publish(scanner, {"ca.crt": self.read(third.ca)})
        self.publish(apiserver, {"client-ca.crt": ca})
        path = os.path.join(apiserver, "client-ca.crt")
        server = self.serve(PRIVILEGED, *self.tls(os.path.join(scanner, "ca.crt"), path))
        self.assertTrue(self.lets_in(server, old))
        self.assertFalse(self.lets_in(server, new))
        self.publish(apiserver, {"client-ca.crt": ca + other})
        self.awaits(server, new, True)
        self.assertTrue(self.lets_in(server, old))
        self.publish(apiserver, {"client-ca.crt": "not a certificate"})
        self.publish(apiserver, {"client-ca.crt": other})
        self.awaits(server, old, False)
        self.assertTrue(self.lets_in(server, new))

    def test_the_servers_own_pair_is_renewed(self):
        folder, fresh = self.volume("pki"), Certificates(self.volume("fresh"))
        self.publish(folder, {"tls.crt": self.read(self.certificates.server),
                              "tls.key": self.read(self.certificates.server_key)})
        server = self.serve(PRIVILEGED, "--cert-file", os.path.join(folder, "tls.crt"),
                            "--key-file", os.path.join(folder, "tls.key"))
        self.assertTrue(self.lets_in(server, None))
        self.publish(folder, {"tls.crt": self.read(fresh.server),
                              "tls.key": self.read(fresh.server_key)})
        self.awaits(server, None, False)  # this caller believes the old server alone
        response = server.ask(fresh.context(), "POST", "/validate/privileged", JSON, pod())
        self.assertEqual(response.status, 200)


class Time(Kubewarden):
    def test_a_late_policy_is_answered_for_in_time_and_gives_its_worker_back(self):
        server = self.serve(SLEEPING, "--workers", "1")
        with p.PlainClient(server.port) as client:
            start = time.monotonic()
            late = client.request("POST", "/validate/sleep", pod("late", 3600000), JSON)
            took = time.monotonic() - start
            self.assertEqual(late.json()["response"]["status"], {"message": TIMED_OUT, "code": 500})
            self.assertGreaterEqual(took, 1)
            self.assertLess(took, 10)
            next_one = client.request("POST", "/validate/sleep", pod("next"), JSON)
            self.assertTrue(next_one.json()["response"]["allowed"])

    def test_without_protection_a_policy_takes_its_time(self):
        policies = {"sleep": {**SLEEPING["sleep"], "timeoutEvalSeconds": None}}
        server = self.serve(policies, "--policy-timeout=1", "--disable-timeout-protection")
        with p.PlainClient(server.port) as client:
            response = client.request("POST", "/validate/sleep", pod("u", 1300), JSON)
        self.assertTrue(response.json()["response"]["allowed"])


class End(Kubewarden):
    def load(self, server, outcome, lock):
        """Ask again and again until no new connection is let in."""
        while True:
            try:
                with p.PlainClient(server.port) as client:
                    begun = False
                    for number in range(20):
                        uid = "u%d" % number
                        client.send(p.request("POST", "/validate/sleep", pod(uid, 100), JSON))
                        begun = True
                        response = client.read_response()
                        begun = False
                        with lock:
                            outcome["answered"] += response.json()["response"]["uid"] == uid
                        if response.closes:
                            break
            except ConnectionRefusedError:
                return
            except (ConnectionError, p.Closed) as error:
                # A connection that ends without a byte of an answer took no request up.
                with lock:
                    outcome["cut"] += begun and bool(getattr(error, "partial", b""))
                    outcome["turned away"] += begun

    def test_sigterm_under_load_loses_no_request_it_took_up(self):
        server = Example(self.command(SLEEPING, "--workers", "8"))
        outcome = {"answered": 0, "cut": 0, "turned away": 0}
        lock = threading.Lock()
        threads = [threading.Thread(target=self.load, args=(server, outcome, lock))
                   for _ in range(8)]
        for thread in threads:
            thread.start()
        end = time.monotonic() + p.TIMEOUT
        while outcome["answered"] < 40 and time.monotonic() < end:
            time.sleep(0.01)
        server.process.terminate()
        server.process.wait(p.TIMEOUT)
        for thread in threads:
            thread.join()
        log = server.errors()
        self.assertIsNone(server.stop())
        self.assertIn(b"drained=yes", log)
        self.assertGreaterEqual(outcome["answered"], 40)
        self.assertEqual(outcome["cut"], 0)
        self.assertEqual(log.count(b"dispatch.review"), outcome["answered"])


if __name__ == "__main__":
    unittest.main()
