# SPDX-License-Identifier: MIT
"""Being watched: plain HTTP, the health port, health and readiness, metrics, configuration, log."""

import contextlib
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.parse
import urllib.request

from probe import PROBE, TIMEOUT, PlainClient, ProbeCase, ask, pki, request, review, tcp, until


class PlainHttp(ProbeCase):
    """The main port without TLS."""

    arguments = {"plain": True}

    def plain(self, probe=None):
        client = PlainClient(probe or self.probe)
        self.addCleanup(client.close)
        return client

    def test_reviews_are_answered_on_one_connection(self):
        client = self.plain()
        for _ in range(3):
            self.allows(client.post())
        self.assertEqual(client.post("/deny").json()["response"]["allowed"], False)
        self.assertIsNone(self.dispatched()[0].get("peer_cn"))

    def test_a_pipeline_is_answered_in_order(self):
        client = self.plain()
        client.send(b"".join(
            b"POST /validate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
            for body in (review(uid="u%d" % i) for i in range(40))))
        for i in range(40):
            self.allows(client.read_response(), "u%d" % i)

    def test_a_large_review_arrives_whole(self):
        big = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "big"},
               "data": {"a": "x" * (5 << 20)}}
        self.allows(self.plain().post(body=review(obj=big)))

    def test_tls_on_the_plain_port_is_a_malformed_request(self):
        client = self.plain()
        client.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64)
        self.assertEqual(client.read_response().status, 400)
        client.expect_end()

    def test_the_start_is_logged_as_insecure(self):
        probe = self.start(plain=True)
        self.assertEqual(PlainClient(probe).request("GET", "/healthz").status, 200)
        self.assertIn("identify.insecure", probe.errors())
        self.assertIn("HTTP without TLS", probe.errors())

    def test_a_slow_head_is_cut_off(self):
        probe = self.start(plain=True, limits={"header-time": 1500})
        client = self.plain(probe)
        client.send(b"POST /validate HTTP/1.1\r\n")
        self.assertEqual(client.read_response().status, 408)

    def test_a_reset_connection_ends_quietly(self):
        for _ in range(20):
            client = PlainClient(self.probe)
            client.send(b"POST /validate HTTP/1.1\r\nHost: a\r\nContent-Le")
            client.reset()
        self.allows(self.plain().post())


class Watched(ProbeCase):
    """A server with a health port."""

    arguments = {"health": True}

    def watcher(self, probe=None):
        client = PlainClient((probe or self.probe).health_port)
        self.addCleanup(client.close)
        return client

    def get(self, target, probe=None, fields=()):
        return self.watcher(probe).request("GET", target, fields=fields)


class Health(Watched):
    """/healthz, /livez and /readyz of the health port, and /healthz of the main port."""

    def test_answers_as_kubernetes_components_do(self):
        for target, body in (
                ("/healthz", "ok"), ("/livez?verbose", "[+]ping ok\nlivez check passed\n"),
                ("/readyz?verbose",
                 "[+]listening ok\n[+]certificate ok\n[+]workers ok\n[+]shutdown ok\n"
                 "readyz check passed\n"),
                ("/readyz/certificate", "ok")):
            with self.subTest(target=target):
                got = self.get(target)
                self.assertEqual((got.status, got.body.decode()), (200, body))
                self.assertEqual(got.field("Content-Type"), "text/plain; charset=utf-8")
                self.assertEqual(got.field("X-Content-Type-Options"), "nosniff")
                self.assertEqual(got.field("Cache-Control"), "no-store")

    def test_a_head_is_answered_without_a_body(self):
        client = self.watcher()
        got = client.request("HEAD", "/readyz?verbose")
        self.assertEqual((got.status, got.body), (200, b""))
        self.assertGreater(int(got.field("Content-Length")), 2)
        self.assertEqual(client.request("GET", "/healthz").body, b"ok")

    def test_nothing_but_get_and_head(self):
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
            got = self.watcher().request(method, "/readyz", b"{}")
            self.assertEqual((got.status, got.field("Allow")), (405, "GET, HEAD"))

    def test_other_paths_lead_nowhere(self):
        for path in ("/", "/validate", "/healthz/", "//readyz", "/readyz%2flistening"):
            with self.subTest(path=path):
                self.assertEqual(self.get(path).status, 404)

    def test_bodies_are_small_there(self):
        self.assertEqual(self.watcher().request("GET", "/healthz", b"x" * 4096).status, 200)
        got = self.watcher().request("GET", "/healthz", b"x" * 4097)
        self.assertEqual((got.status, got.closes), (413, True))

    def test_reviews_are_not_answered_there(self):
        self.assertEqual(self.watcher().post("/validate").status, 404)
        self.assertEqual(self.dispatched(), [])

    def test_a_programs_check_fails_both_ports(self):
        with tempfile.NamedTemporaryFile() as file:
            probe = self.start("--check", "config-applied=" + file.name, "--ready-path",
                               "/readiness", health=True)
            main = self.client(probe)

            def both():
                return [got.status for got in (
                    main.request("GET", "/healthz"), self.get("/readyz", probe),
                    self.get("/readiness", probe), self.get("/healthz", probe))]

            self.assertEqual(both(), [200, 200, 200, 200])
            os.rename(file.name, file.name + ".gone")
            try:
                self.assertEqual(both(), [500, 500, 503, 200])
                for got in (main.request("GET", "/healthz/config-applied"),
                            self.get("/readyz/config-applied", probe)):
                    self.assertEqual((got.status, got.body), (
                        500, b"internal server error: its file is not there\n"))
            finally:
                os.rename(file.name + ".gone", file.name)
            self.assertEqual(both(), [200, 200, 200, 200])

    def test_unauthenticated_clients_see_the_exempt_health_path_alone(self):
        with tempfile.NamedTemporaryFile() as file:
            probe = self.start("--check", "config-applied=" + file.name, "--exempt", "/healthz",
                               auth="request")
            self.assertEqual(self.client(probe, case=None).request("GET", "/healthz").status, 200)
            self.assertEqual(self.client(probe, case=None).request(
                "GET", "/healthz/config-applied").status, 401)

    def test_stopping_is_unready_first_while_reviews_go_on(self):
        probe = self.start("--ready-path", "/ready", health=True,
                           limits={"lame-duck-time": 60000})
        client = self.client(probe)
        self.allows(client.post())
        probe.signal(signal.SIGTERM)
        until(lambda: self.get("/readyz", probe).status == 503)
        got = self.get("/readyz", probe)
        self.assertEqual(got.body.decode(), "[+]listening ok\n[+]certificate ok\n[+]workers ok\n"
                         "[-]shutdown failed: reason withheld\nreadyz check failed\n")
        self.assertEqual(self.get("/ready", probe).status, 503)
        self.assertEqual(self.get("/healthz", probe).status, 200)
        self.assertEqual(self.get("/readyz/shutdown", probe).status, 503)
        self.allows(client.post())
        self.allows(self.client(probe).post())  # a new connection, too
        got = self.client(probe).request("GET", "/healthz")
        self.assertEqual(got.status, 503)
        probe.signal(signal.SIGTERM)
        self.assertEqual(probe.wait(), 0)

    def test_hung_workers_do_not_fail_probes(self):
        probe = self.start("--workers", "1", "--threads", "1", hold=True, health=True)
        clients = [self.client(probe) for _ in range(4)]
        for client in clients:
            client.send(request("POST", "/slow", review()))
        probe.wait_event("dispatched")
        for target in ("/healthz", "/readyz", "/metrics"):
            self.assertEqual(self.get(target, probe).status, 200)
        for client in clients:
            client.reset()

    def test_an_inline_handler_that_blocks_does_not_fail_probes(self):
        probe = self.start("--inline", "--threads", "1", hold=True, health=True)
        client = self.client(probe)
        client.send(request("POST", "/slow", review()))
        probe.wait_event("dispatched")
        self.assertEqual(self.get("/readyz", probe).status, 200)
        probe.release()
        self.allows(client.read_response())

    def test_there_is_no_port_unless_asked_for(self):
        self.assertEqual(self.start().health_port, 0)

    def test_worker_processes_answer_for_all(self):
        probe = self.start("--processes", "2", health=True)
        until(lambda: self.get("/readyz", probe).status == 200)


class SlowWatchers(Watched):
    """The health port has its own places, and the times of unauthenticated clients."""

    arguments = {"health": True, "limits": {
        "header-time": 1500, "health-connections": 4, "write-time": 1500}}

    def test_a_head_that_does_not_end_is_cut_off(self):
        client = self.watcher()
        client.send(b"GET /healthz HTTP/1.1\r\n")
        self.assertEqual(client.read_response().status, 408)

    def test_silence_is_cut_off(self):
        self.watcher().expect_end()

    def test_silent_ones_lose_their_places(self):
        silent = [self.watcher() for _ in range(12)]
        self.assertEqual(self.get("/healthz").status, 200)
        self.served()
        for client in silent:
            client.expect_end()

    def test_one_connection_may_ask_many_times(self):
        client = self.watcher()
        for _ in range(50):
            self.assertEqual(client.request("GET", "/healthz").body, b"ok")


def samples(text):
    """The samples of an exposition: their names with labels, and values."""
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            if name in found:
                raise AssertionError("%s is there twice" % name)
            found[name] = float(value)
    return found


class Metrics(Watched):
    """/metrics: what happens is counted, in the formats scrapers ask for."""

    def metrics(self, probe=None, **rest):
        return samples(self.get("/metrics", probe, **rest).body.decode())

    def differ(self, act, wanted, probe=None):
        """What act changes, by how much."""
        before, got = self.metrics(probe), {}

        def differs():
            after = self.metrics(probe)
            got.update({name: after[name] - before.get(name, 0) for name in wanted
                        if name in after})
            return got == wanted

        act()
        until(differs, lambda: "%s, got %s" % (wanted, got), timeout=60)

    def test_decisions_are_counted_by_route_and_operation(self):
        def act():
            client = self.client()
            for _ in range(3):
                client.post()
            client.post(body=review(operation="DELETE"))
            client.post("/deny")
            client.post("/undecided")
            client.post(body=b"{}")
            client.post(body=review(operation="NEW"))

        def series(route, operation, decision):
            return 'admwh_requests_total{route="%s",operation="%s",decision="%s"}' % (
                route, operation, decision)

        self.differ(act, {
            series("/validate", "CREATE", "allowed"): 3, series("/validate", "DELETE", "allowed"): 1,
            series("/validate", "DELETE", "denied"): 0, series("/deny", "CREATE", "denied"): 1,
            series("/undecided", "CREATE", "error"): 1,
            series("/validate", "unknown", "malformed"): 1,
            series("/validate", "OTHER", "allowed"): 1,
            'admwh_request_duration_seconds_count{route="/validate"}': 6,
            'admwh_request_duration_seconds_bucket{route="/validate",le="+Inf"}': 6,
            'admwh_request_duration_seconds_count{route="/mutate"}': 0})

    def test_refusals_are_counted(self):
        def act():
            client = self.client()
            client.post("/none")
            client.request("GET", "/validate")
            client.post(fields=[("Content-Type", "text/plain")])
            self.get("/none")  # those of the health port are not

        self.differ(act, {'admwh_http_refusals_total{status="%d"}' % status: 1
                          for status in (404, 405, 415)})

    def test_handshakes_are_counted_by_what_they_come_to(self):
        def act():
            self.served()
            for case in (None, "wrong_ca", "expired"):
                if case is None or case in pki().clients:
                    self.assertEqual(ask(self.probe, case=case), "refused")
            with tcp(self.probe.port) as sock:
                sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
                sock.recv(100)

        wanted = {"ok": 1, "no_certificate": 1, "noise": 1}
        wanted.update({name: 1 for name, case in (("unknown_ca", "wrong_ca"),
                                                  ("expired", "expired"))
                       if case in pki().clients})
        self.differ(act, {'admwh_handshakes_total{result="%s"}' % name: count
                          for name, count in wanted.items()})

    def test_chains_that_cost_too_much_are_counted(self):
        def act():
            for case in ("three-like-ca", "seven-like-ca", "seven-alike"):
                self.assertEqual(ask(self.probe, case=case), "refused")

        self.differ(act, {'admwh_chain_limit_reached_total{limit="checks"}': 2,
                          'admwh_chain_limit_reached_total{limit="bytes"}': 0,
                          'admwh_chain_limit_reached_total{limit="certificates"}': 0,
                          'admwh_handshakes_total{result="unknown_ca"}': 3})

    def test_gauges_show_the_present_state(self):
        probe = self.start("--workers", "1", hold=True, health=True)
        clients = [self.client(probe) for _ in range(3)]
        for client in clients:
            client.send(request("POST", "/slow", review()))

        def busy():
            got = self.metrics(probe)
            counts = got["admwh_queued_reviews"], got["admwh_in_flight_requests"]
            return got if counts == (2, 3) else None

        got = until(busy)
        self.assertEqual(got['admwh_connections{listener="main"}'], 3)
        self.assertGreaterEqual(got['admwh_connections{listener="health"}'], 1)
        self.assertGreater(got["admwh_body_bytes_in_flight"], 1000)
        self.assertEqual(got["admwh_handshakes_in_progress"], 0)
        for client in clients:
            client.reset()
        probe.release()
        until(lambda: not self.metrics(probe)['admwh_connections{listener="main"}'])
        self.assertEqual(self.metrics(probe)["admwh_in_flight_requests"], 0)

    def test_requests_sent_ahead_count_as_bodies_and_take_no_cpu(self):
        """What a client sends while its review waits is held for it, up to two reads."""
        probe = self.start("--workers", "1", hold=True, health=True)
        client = self.client(probe)

        def send():
            with contextlib.suppress(OSError):  # the end of the connection
                client.send(request("POST", "/slow", review()) * 1000)

        sender = threading.Thread(target=send)
        sender.start()
        probe.wait_event("dispatched")

        def held():
            return self.metrics(probe)["admwh_body_bytes_in_flight"]

        until(lambda: held() >= 65536)
        before = probe.cpu_seconds()
        time.sleep(0.5)
        self.assertLess(probe.cpu_seconds() - before, 0.25)
        self.assertLess(held(), 3 * 65536)
        client.reset()
        sender.join(TIMEOUT)
        probe.release()
        until(lambda: held() == 0)

    def test_late_and_shed_reviews_are_counted(self):
        probe = self.start("--workers", "1", hold=True, health=True,
                           limits={"deadline": 3000, "queue": 1})
        first, second, third = (self.client(probe) for _ in range(3))
        series = 'admwh_requests_total{route="/slow",operation="CREATE",decision="%s"}'

        def act():
            first.send(request("POST", "/slow", review()))
            probe.wait_event("dispatched")
            second.send(request("POST", "/slow", review()))
            until(lambda: self.metrics(probe)["admwh_queued_reviews"] == 1)
            self.assertEqual(third.post("/slow").status, 503)
            first.read_response()
            second.read_response()
            probe.release()

        self.differ(act, {series % "shed": 1, series % "deadline": 2, series % "allowed": 0,
                          'admwh_http_refusals_total{status="503"}': 1,
                          'admwh_limit_reached_total{limit="queue"}': 1,
                          'admwh_limit_reached_total{limit="deadline"}': 2,
                          "admwh_abandoned_reviews_total": 2}, probe)

    def test_a_limit_that_refuses_is_counted(self):
        probe = self.start(health=True, limits={
            "body": 2048, "header-count": 8, "header-bytes": 1024, "json-depth": 8,
            "header-time": 1500, "handshake-time": 1500, "idle-time": 1500})

        def act():
            slow, idle, silent = self.client(probe), self.client(probe), tcp(probe.port)
            slow.send(b"POST ")
            self.client(probe).post(body=b"x" * 2049)
            self.client(probe).request("GET", "/", fields=[("A%d" % i, "b") for i in range(9)])
            self.client(probe).request("GET", "/", fields=[("A", "b" * 1100)])
            self.client(probe).request("GET", "/" + "a" * 1100)
            self.client(probe).post(body=b'{"request":' + b"[" * 9 + b"]" * 9 + b"}")
            self.assertEqual(slow.read_response().status, 408)
            idle.expect_end()
            with silent:
                silent.recv(100)

        self.differ(act, {'admwh_limit_reached_total{limit="%s"}' % name: count for name, count in (
            ("body", 1), ("header-count", 1), ("header-bytes", 2), ("json-depth", 1),
            ("header-time", 1), ("handshake-time", 1))}, probe)

    def test_certificates_and_readiness_are_shown(self):
        probe = self.start(health=True)
        ends = 'admwh_certificate_not_after_seconds{certificate="%s"}'
        before = self.metrics(probe)
        self.assertGreater(before[ends % "server"], time.time())
        self.assertIn(ends % "bundle:default", before)
        self.assertNotIn(ends % "caller:default", before)
        self.assertEqual([before["admwh_ready"], before["admwh_serving_processes"]], [1, 1])
        self.allows(self.client(probe).post())
        self.assertGreater(self.metrics(probe)[ends % "caller:default"], time.time())

    def test_worker_processes_count_together(self):
        probe = self.start("--processes", "3", health=True)
        series = 'admwh_requests_total{route="/validate",operation="CREATE",decision="allowed"}'
        clients = [self.client(probe) for _ in range(12)]
        for client in clients:
            self.allows(client.post())
        self.assertEqual(self.metrics(probe)[series], 12)
        self.assertEqual(self.metrics(probe)['admwh_connections{listener="main"}'], 12)
        self.assertEqual(self.metrics(probe)["admwh_serving_processes"], 3)

    @unittest.skipUnless(shutil.which("promtool") or os.environ.get("CI"), "no promtool")
    def test_promtool_has_no_complaint(self):
        self.client().post()
        done = subprocess.run(["promtool", "check", "metrics"], input=self.get("/metrics").body,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, b""))

    def test_openmetrics_has_its_own_form(self):
        got = self.get("/metrics", fields=[("Accept", "application/openmetrics-text;q=0.9")])
        self.assertEqual(got.field("Content-Type"),
                         "application/openmetrics-text; version=1.0.0; charset=utf-8")
        self.assertTrue(got.body.endswith(b"\n# EOF\n"))
        self.assertEqual(got.body.count(b"# EOF"), 1)
        plain = self.get("/metrics")
        self.assertEqual(plain.field("Content-Type"), "text/plain; version=0.0.4; charset=utf-8")
        same = {name.replace('le="10.0"', 'le="10"') for name in samples(got.body.decode())}
        self.assertEqual(same, set(samples(plain.body.decode())))

    @unittest.skipUnless(shutil.which("prometheus") or os.environ.get("CI"), "no prometheus")
    def test_a_prometheus_scrapes_it(self):
        self.client().post()
        with tempfile.TemporaryDirectory() as folder:
            with socket.create_server(("127.0.0.1", 0)) as sock:
                port = sock.getsockname()[1]
            with open(folder + "/p.yml", "w", encoding="ascii") as file:
                json.dump({"global": {"scrape_interval": "200ms"}, "scrape_configs": [
                    {"job_name": "admwh", "static_configs": [
                        {"targets": ["127.0.0.1:%d" % self.probe.health_port]}]}]}, file)
            process = subprocess.Popen(
                ["prometheus", "--config.file=" + folder + "/p.yml", "--storage.tsdb.path=" + folder,
                 "--web.listen-address=127.0.0.1:%d" % port, "--log.level=error"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                self.assertTrue(self.queried(port))
            finally:
                process.terminate()
                process.wait(30)

    def queried(self, port):
        """Whether Prometheus comes to know of the decision."""
        query = urllib.parse.quote('admwh_requests_total{decision="allowed"} > 0')

        def result():
            try:
                with urllib.request.urlopen("http://127.0.0.1:%d/api/v1/query?query=%s" % (
                        port, query), timeout=60) as got:
                    return json.load(got)["data"]["result"]
            except (OSError, ValueError):
                return None

        return until(result, pause=0.1)


class Hosts(Watched):
    """DNS rebinding: whom a browser takes the health port for."""

    def ask(self, probe, host, target="/configz", version="1.1"):
        client = self.watcher(probe)
        field = b"Host: %s\r\n" % host.encode() if host else b""
        client.send(b"GET %s HTTP/%s\r\n%s\r\n" % (target.encode(), version.encode(), field))
        return client.read_response()

    def test_a_name_of_a_public_zone_is_not_answered(self):
        for target in ("/configz", "/metrics", "/readyz", "/nowhere"):
            for host in ("rebind.example.com", "rebind.example.com:8081", "admwh.policies"):
                got = self.ask(self.probe, host, target)
                self.assertEqual(got.status, 421, host)
                self.assertNotIn(b"kube-apiserver", got.body)

    def test_addresses_and_names_of_the_cluster_are(self):
        for host in ("127.0.0.1", "10.0.0.1:8081", "[::1]", "localhost:8081", "admwh",
                     "admwh.policies.svc", "admwh.policies.svc.cluster.local:8081"):
            self.assertEqual(self.ask(self.probe, host).status, 200, host)
        self.assertEqual(self.ask(self.probe, None, version="1.0").status, 200)

    def test_names_that_the_program_adds_are(self):
        probe = self.start("--health-host", "metrics.example.com", health=True)
        self.assertEqual(self.ask(probe, "Metrics.example.com:8081").status, 200)
        self.assertEqual(self.ask(probe, "other.example.com").status, 421)
        shown = self.ask(probe, "127.0.0.1").json()
        self.assertEqual(shown["healthHosts"], ["metrics.example.com"])

    def test_the_main_port_asks_for_no_name(self):
        with self.client() as client:
            client.send(b"GET /healthz HTTP/1.1\r\nHost: any.example.com\r\n\r\n")
            self.assertEqual(client.read_response().status, 200)


class Configz(Watched):
    """/configz: what holds, without a secret."""

    def test_it_shows_the_configuration_in_use(self):
        got = self.get("/configz").json()
        self.assertEqual(got["listen"], {"address": "127.0.0.1:0", "port": self.probe.port})
        self.assertEqual(got["tls"]["profile"], "intermediate")
        self.assertEqual(got["tls"]["groups"][-3:], ["X25519", "P-256", "P-384"])
        self.assertIs(got["hardening"], False)
        self.assertIn({"path": "/healthz", "kind": "health"}, got["routes"])
        self.assertIn("default", [item["name"] for item in got["bundles"] if item["cas"]])
        with self.client() as client:
            shown = client.sock.getpeercert(True)
        self.assertEqual(got["certificate"]["sha256"], hashlib.sha256(shown).hexdigest())

    def test_no_secret_is_shown(self):
        with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
            file.write("s3cr3t-t0ken-of-alice,alice,1,\"admins\"\n")
            file.flush()
            usage = subprocess.run([PROBE, "--help"], stdout=subprocess.PIPE, check=True).stdout
            tokens = ["--tokens", file.name] if b"--tokens " in usage else []
            probe = self.start(*tokens, health=True, auth="request")
            with open(pki().path(pki().servers["ecdsa"]["key"]), encoding="ascii") as key:
                lines = [line for line in key.read().splitlines() if not line.startswith("--")]
            secrets = ["s3cr3t", hashlib.sha256(b"s3cr3t-t0ken-of-alice").hexdigest(), *lines,
                       "PRIVATE", "BEGIN"]
            self.assertEqual(self.get("/configz", probe).json()["tokens"], len(tokens) // 2)
            for path in ("/configz", "/metrics", "/readyz?verbose"):
                text = self.get(path, probe).body.decode()
                for secret in secrets:
                    self.assertNotIn(secret, text, path)
            for secret in secrets:
                self.assertNotIn(secret, probe.errors())


class Log(Watched):
    """Lines of decisions. A log that cannot be written is tested in test_faults.py."""

    def test_unauthenticated_clients_do_not_fill_it_from_an_exempt_path(self):
        probe = self.start("--exempt", "/validate", "--log", "info", auth="request")
        began = time.monotonic()
        for _ in range(150):
            self.allows(self.client(probe, case=None).post())
        most = 20 * (time.monotonic() - began + 2)
        client = self.client(probe)
        for _ in range(60):
            self.allows(client.post())
        until(lambda: len(probe.log("dispatch.review", cn="kube-apiserver")) == 60)
        anonymous = [line for line in probe.log("dispatch.review") if "cn" not in line]
        self.assertLessEqual(len(anonymous), most)
        self.assertGreaterEqual(len(anonymous), 20)

    def test_lines_of_worker_processes_say_whose_they_are(self):
        for options in ((), ("--processes", "1")):
            probe = self.start("--log", "info", *options)
            self.allows(self.client(probe).post())
            line = until(lambda: probe.log("dispatch.review"))[0]
            self.assertEqual("pid" in line, bool(options))
            self.assertNotEqual(line.get("pid"), probe.pid)

    def test_a_full_disk_of_worker_processes(self):
        probe = self.start("--log", "info", "--processes", "2", health=True, wrapper=[
            "/bin/sh", "-c", 'exec "$@" 2>/dev/full', "sh"])
        clients = [self.client(probe) for _ in range(4)]
        for client in clients:
            self.allows(client.post())
        got = samples(self.get("/metrics", probe).body.decode())
        # those of the start, and one a decision, of whichever process
        self.assertGreaterEqual(got["admwh_log_lines_dropped_total"], 5)
