# SPDX-License-Identifier: MIT
"""Being watched: plain HTTP, the health port, health and readiness, metrics, configuration, log."""

import os
import signal
import tempfile
import time

from probe import PlainClient, ProbeCase, request, review


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

    def test_the_start_is_told_as_insecure(self):
        probe = self.start(plain=True)
        self.assertEqual(PlainClient(probe).request("GET", "/healthz").status, 200)
        self.assertIn("identify.insecure", probe.errors())
        self.assertIn("HTTP without TLS", probe.errors())

    def test_a_slow_head_is_cut_off(self):
        probe = self.start(plain=True, limits={"header-time": 200})
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
                ("/healthz", "ok"), ("/livez", "ok"), ("/readyz", "ok"), ("/readyz?", "ok"),
                ("/livez?verbose", "[+]ping ok\nlivez check passed\n"),
                ("/healthz?verbose&exclude=ping", "[+]ping excluded: ok\nhealthz check passed\n"),
                ("/readyz?verbose",
                 "[+]listening ok\n[+]certificate ok\n[+]shutdown ok\nreadyz check passed\n"),
                ("/readyz/listening", "ok"), ("/readyz/certificate", "ok"),
                ("/readyz/shutdown", "ok")):
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
        for path in ("/", "/validate", "/healthz/", "/readyz/none", "/readyz/listening/", "/READYZ",
                     "/metrics/x", "//readyz", "/readyz%2flistening"):
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
                return [(got.status, got.body.decode()) for got in (
                    main.request("GET", "/healthz?verbose"),
                    main.request("GET", "/healthz/config-applied"),
                    self.get("/readyz?verbose", probe), self.get("/readyz/config-applied", probe),
                    self.get("/readiness", probe), self.get("/healthz", probe))]

            ready = ("[+]listening ok\n[+]certificate ok\n[%s]config-applied %s\n[+]shutdown ok\n"
                     "readyz check %s\n")
            self.assertEqual(both(), [
                (200, "[+]config-applied ok\nhealthz check passed\n"), (200, "ok"),
                (200, ready % ("+", "ok", "passed")), (200, "ok"), (200, ""), (200, "ok")])
            os.rename(file.name, file.name + ".gone")
            try:
                why = (500, "internal server error: its file is not there\n")
                self.assertEqual(both(), [
                    (500, "[-]config-applied failed: reason withheld\nhealthz check failed\n"), why,
                    (500, ready % ("-", "failed: reason withheld", "failed")), why, (503, ""),
                    (200, "ok")])
                got = self.get("/readyz?exclude=config-applied", probe)
                self.assertEqual((got.status, got.body), (200, b"ok"))
                self.assertEqual(main.request("GET", "/healthz?exclude=config-applied").status, 200)
            finally:
                os.rename(file.name + ".gone", file.name)
            self.assertEqual(both()[0][0], 200)

    def test_checks_have_names_of_their_own(self):
        for name in ("shutdown", "a b", "ping", ""):
            with self.assertRaises(AssertionError):
                self.start("--check", name + "=/", health=True)

    def test_a_strangers_health_is_the_exempt_path_alone(self):
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
        self.until(lambda: self.get("/readyz", probe).status == 503)
        got = self.get("/readyz", probe)
        self.assertEqual(got.body.decode(), "[+]listening ok\n[+]certificate ok\n"
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
        probe = self.start("--workers", "1", "--threads", "1", "--slow-ms", "3000", health=True)
        clients = [self.client(probe) for _ in range(4)]
        for client in clients:
            client.send(request("POST", "/slow", review()))
        probe.wait_event("dispatched")
        for target in ("/healthz", "/readyz"):
            start = time.monotonic()
            self.assertEqual(self.get(target, probe).status, 200)
            self.assertLess(time.monotonic() - start, 2)
        for client in clients:
            client.reset()

    def test_an_inline_handler_that_blocks_does_not_fail_probes(self):
        probe = self.start("--inline", "--threads", "1", "--slow-ms", "3000", health=True)
        client = self.client(probe)
        client.send(request("POST", "/slow", review()))
        probe.wait_event("dispatched")
        start = time.monotonic()
        self.assertEqual(self.get("/readyz", probe).status, 200)
        self.assertLess(time.monotonic() - start, 2)
        self.allows(client.read_response())

    def test_there_is_no_port_unless_asked_for(self):
        self.assertEqual(self.start().health_port, 0)

    def test_worker_processes_answer_for_all(self):
        probe = self.start("--processes", "2", health=True)
        self.until(lambda: self.get("/readyz", probe).status == 200)

    def until(self, true):
        end = time.monotonic() + 30
        while not true():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)


class SlowWatchers(Watched):
    """The health port has its own places, and strangers' times."""

    arguments = {"health": True, "limits": {
        "header-time": 300, "health-connections": 4, "write-time": 300}}

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
