# SPDX-License-Identifier: MIT
"""
The conversion listener: it asks for no certificate and serves conversions alone, with
limits of its own. What becomes of objects is in tests/unit/dispatch/test_convert.c.
"""

import select
import signal
import ssl
import time

import probe as p


def basket(name="a", version="v1", **spec):
    return {"apiVersion": "shop.dev/" + version, "kind": "Basket",
            "metadata": {"name": name, "namespace": "shop"}, "spec": spec or {"size": 1}}


def conversion_value(*objects, desired="shop.dev/v2", uid="u-1", version="v1"):
    return {"kind": "ConversionReview", "apiVersion": "apiextensions.k8s.io/" + version,
            "request": {"uid": uid, "desiredAPIVersion": desired, "objects": list(objects)}}


def conversion(*objects, **rest):
    return p.encode(conversion_value(*(objects or [basket()]), **rest))


class ConversionCase(p.ProbeCase):
    arguments = {"conversion": True, "health": True}

    def caller(self, probe=None, **rest):
        """kube-apiserver's: without a certificate."""
        client = p.Client((probe or self.probe).conversion_port, case=None, **rest)
        self.addCleanup(client.close)
        return client

    def converts(self, response):
        """The objects of a Success."""
        self.assertEqual(response.status, 200, response)
        self.assertEqual(response.field("Content-Type"), "application/json")
        answer = response.json()
        self.assertEqual(answer["kind"], "ConversionReview")
        self.assertEqual(answer["response"]["uid"], "u-1")
        self.assertEqual(answer["response"]["result"], {"status": "Success"})
        return answer["response"]["convertedObjects"]

    def fails(self, response, contains):
        self.assertEqual(response.status, 200, response)
        answer = response.json()["response"]
        self.assertEqual(answer["convertedObjects"], [])
        self.assertEqual(answer["result"]["status"], "Failure")
        self.assertIn(contains, answer["result"]["message"])

    def samples(self, name, probe=None):
        """The values of a metric by what stands between its braces."""
        with p.PlainClient((probe or self.probe).health_port) as client:
            lines = client.request("GET", "/metrics").body.decode().splitlines()
        return {line.split("{")[1].split("}")[0]: float(line.split()[-1])
                for line in lines if line.startswith(name + "{")}


class Served(ConversionCase):
    def test_a_client_without_a_certificate(self):
        client = self.caller()
        for version, path in (("v1", "/convert"), ("v1beta1", "/convert-edit")):
            with self.subTest(version):
                response = client.post(path + "?timeout=30s", conversion(
                    basket("a", size=3), basket("b", "v2", items=4), basket("c", size=5),
                    version=version))
                self.assertEqual(self.converts(response), [
                    basket("a", "v2", items=3), basket("b", "v2", items=4),
                    basket("c", "v2", items=5)])
                self.assertEqual(response.json()["apiVersion"], "apiextensions.k8s.io/" + version)
                self.assertFalse(response.closes)
        events = [event for event in self.probe.take_events() if event["event"] == "converted"]
        self.assertEqual([event["name"] for event in events], ["a", "c"] * 2)
        self.assertEqual(events[0]["target"], "/convert?timeout=30s")

    def test_downwards_and_many(self):
        objects = [basket("n%d" % i, "v2", items=i) for i in range(1000)]
        response = self.caller().post("/convert", conversion(*objects, desired="shop.dev/v1"))
        self.assertEqual(self.converts(response),
                         [basket("n%d" % i, size=i) for i in range(1000)])

    def test_failures(self):
        client = self.caller()
        self.fails(client.post("/convert-fail", conversion(basket(), basket("b"))),
                   "request.objects[1] (shop/b): this Basket has no v2")
        self.fails(client.post("/convert-rename", conversion()), "metadata.name: must not change")
        self.fails(client.post("/convert", conversion(desired="v2")), "request.desiredAPIVersion")
        self.explains(client.post("/convert", b"{"), 400, "byte 1")
        self.converts(client.post("/convert", conversion()))

    def test_a_certificate_is_not_asked_for(self):
        """One that is shown all the same proves nothing, and takes nothing away."""
        client = p.Client(self.probe.conversion_port, case="good")
        self.addCleanup(client.close)
        self.converts(client.post("/convert", conversion()))

    def test_both_versions_of_tls(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            self.converts(self.caller(version=version).post("/convert", conversion()))

    def test_metrics_log_and_configz(self):
        probe = self.start("--log", "info", conversion=True, health=True)
        client = self.caller(probe)
        self.converts(client.post("/convert", conversion(basket(), basket("b"))))
        self.fails(client.post("/convert-fail", conversion(basket(), basket("b"))), "no v2")
        client.post("/convert", b"{}")
        client.post("/nowhere", conversion())
        requests = self.samples("admwh_requests_total", probe)
        for path, decision in (("/convert", "converted"), ("/convert-fail", "error"),
                               ("/convert", "malformed")):
            self.assertEqual(requests['route="%s",operation="convert",decision="%s"' % (
                path, decision)], 1)
        self.assertEqual(self.samples("admwh_connections", probe)['listener="conversion"'], 1)
        self.assertEqual(self.samples("admwh_connections", probe)['listener="main"'], 0)
        self.assertEqual(self.samples("admwh_http_refusals_total", probe)['status="404"'], 1)
        (line,) = probe.log("dispatch.review", decision="converted")
        self.assertEqual((line["operation"], line["api_version"], line["objects"], line["uid"]),
                         ("convert", "shop.dev/v2", 2, "u-1"))
        (line,) = probe.log("read.refused")
        self.assertEqual((line["listener"], line["status"]), ("conversion", 404))
        (line,) = probe.log("accept.started")
        self.assertEqual(line["conversion_port"], probe.conversion_port)
        with p.PlainClient(probe.health_port) as health:
            shown = health.request("GET", "/configz").json()
        self.assertEqual(shown["conversionListen"]["port"], probe.conversion_port)
        self.assertIn({"path": "/convert", "kind": "convert"}, shown["conversions"])


class Apart(ConversionCase):
    def test_the_conversion_listener_serves_nothing_else(self):
        for method, path, body in (
                ("POST", "/validate", p.review()), ("POST", "/mutate", p.review()),
                ("GET", "/healthz", None), ("GET", "/readyz", None), ("GET", "/metrics", None),
                ("GET", "/configz", None), ("POST", "/", conversion())):
            with self.subTest(path):
                self.explains(self.caller().request(method, path, body), 404)
        client = self.caller()
        self.explains(client.request("GET", "/convert"), 405)
        response = client.post("/convert", p.review())
        self.explains(response, 422, "apiVersion: expected apiextensions.k8s.io/v1")
        self.assertEqual(self.dispatched(), [])

    def test_the_main_listener_serves_no_conversion(self):
        client = self.client()
        self.explains(client.post("/convert", conversion()), 404)
        self.explains(client.post("/validate", conversion()), 422, "expected AdmissionReview")
        self.assertEqual(p.ask(self.probe, case=None), "refused")
        self.assertFalse([event for event in self.probe.take_events()
                          if event["event"] == "converted"])

    def test_without_a_handler_there_is_no_listener(self):
        probe = self.start(health=True)
        self.assertEqual(probe.conversion_port, 0)
        self.assertEqual(self.samples("admwh_connections", probe)['listener="conversion"'], 0)


class Limits(ConversionCase):
    def test_body_and_values(self):
        probe = self.start(conversion=True, health=True,
                           limits={"conversion-body": 4096, "conversion-json-values": 1000})
        body = conversion()
        self.converts(self.caller(probe).post("/convert", body + b" " * (4096 - len(body))))
        self.explains(self.caller(probe).post("/convert", body + b" " * (4097 - len(body))), 413)
        values = conversion(basket(size=[0] * 1000))
        self.explains(self.caller(probe).post("/convert", values), 400, "values")
        reached = self.samples("admwh_limit_reached_total", probe)
        self.assertEqual(reached['limit="conversion-body"'], 1)
        self.assertEqual(reached['limit="conversion-json-values"'], 1)
        self.assertEqual(reached['limit="body"'] + reached['limit="json-values"'], 0)
        self.allows(self.client(probe).post(body=p.review() + b" " * 5000))

    def test_times(self):
        probe = self.start(conversion=True, health=True,
                           limits={"conversion-handshake-time": 100, "conversion-header-time": 200,
                                   "conversion-idle-time": 300})
        silent = p.tcp(probe.conversion_port)
        self.addCleanup(silent.close)
        self.assertEqual(silent.recv(1), b"")
        # One that says nothing has the time of a head, one that was served that of an idle one.
        idle = self.caller(probe)
        idle.expect_end()
        begun = self.caller(probe)
        begun.send(b"POST /convert HTTP/1.1\r\n")
        self.explains(begun.read_response(), 408)
        served = self.caller(probe)
        self.converts(served.post("/convert", conversion()))
        since = time.monotonic()
        served.expect_end()
        self.assertGreater(time.monotonic() - since, 0.25)
        reached = self.samples("admwh_limit_reached_total", probe)
        self.assertEqual(reached['limit="conversion-handshake-time"'], 1)
        self.assertEqual(reached['limit="conversion-header-time"'], 2)

    def test_connections_are_not_those_of_reviews(self):
        probe = self.start(conversion=True, health=True, limits={"conversion-connections": 2})
        kept = self.caller(probe)
        self.converts(kept.post("/convert", conversion()))
        self.caller(probe)  # from here on one that is idle may go at any time
        waiting = p.tcp(probe.conversion_port)
        self.addCleanup(waiting.close)
        p.until(lambda: self.samples("admwh_limit_reached_total", probe)[
            'limit="conversion-connections"'] > 0)
        self.allows(self.client(probe).post())
        kept.close()
        self.converts(self.caller(probe).post("/convert", conversion()))

    def test_an_idle_client_that_asked_for_nothing_makes_room(self):
        probe = self.start(conversion=True, limits={"conversion-connections": 2})
        for _ in range(2):
            self.caller(probe)
        self.converts(self.caller(probe).post("/convert", conversion()))

    def test_held_bodies_starve_no_review(self):
        """Bodies that conversions hold, up to their whole budget, take none of the other."""
        probe = self.start("--threads", "1", conversion=True, health=True, hold=True,
                           limits={"conversion-bodies-in-flight": 400000,
                                   "bodies-in-flight": 400000, "caller-share": 100})
        large = conversion(basket(size="x" * 150000))
        clients = [self.caller(probe) for _ in range(3)]
        for client in clients:
            client.send(p.request("POST", "/convert-slow", large))
        answered, _, _ = select.select([client.sock for client in clients], [], [], p.TIMEOUT)
        (refused,) = [client for client in clients if client.sock in answered]
        self.explains(refused.read_response(), 503)
        for _ in range(5):
            self.allows(self.client(probe).post(body=p.review() + b" " * 300000))
        probe.release()
        for client in clients:
            if client is not refused:
                client.read_response()
        self.converts(self.caller(probe).post("/convert", large))

    def test_busy_workers_are_not_those_of_reviews(self):
        probe = self.start("--threads", "1", "--workers", "1", conversion=True, health=True,
                           hold=True)
        clients = [self.caller(probe) for _ in range(4)]
        for client in clients:
            client.send(p.request("POST", "/convert-slow", conversion()))
        probe.wait_event("converted")
        self.allows(self.client(probe).post())
        with p.PlainClient(probe.health_port) as health:
            self.assertEqual(health.request("GET", "/readyz").status, 200)
        probe.release()
        for client in clients:
            self.converts(client.read_response())

    def test_deadline(self):
        probe = self.start(conversion=True, hold=True)
        response = self.caller(probe).post("/convert-slow?timeout=1s", conversion())
        self.fails(response, "did not decide within 800 ms")


class Lifecycle(ConversionCase):
    def test_what_has_begun_is_answered_at_the_end(self):
        probe = self.start(conversion=True, hold=True)
        client = self.caller(probe)
        client.send(p.request("POST", "/convert-slow", conversion()))
        probe.wait_event("converted")
        probe.signal(signal.SIGTERM)
        p.until(lambda: self.refuses(probe.conversion_port) and self.refuses(probe.port))
        probe.release()
        response = client.read_response()
        self.converts(response)
        self.assertTrue(response.closes)
        self.assertEqual(probe.wait(), 0)

    @staticmethod
    def refuses(port):
        try:
            p.tcp(port).close()
        except ConnectionRefusedError:
            return True
        return False

    def test_a_second_stop_cuts_off(self):
        probe = p.Probe(conversion=True, hold=True)
        client = self.caller(probe)
        client.send(p.request("POST", "/convert-slow", conversion()))
        probe.wait_event("converted")
        probe.signal(signal.SIGTERM)
        p.until(lambda: self.refuses(probe.port))
        probe.signal(signal.SIGTERM)
        client.read_rest()
        probe.release()
        probe.stop(expect=1)

    def test_worker_processes(self):
        probe = self.start("--processes", "2", conversion=True, health=True)
        for _ in range(8):
            self.converts(self.caller(probe).post("/convert", conversion()))
            self.allows(self.client(probe).post())
        requests = self.samples("admwh_requests_total", probe)
        self.assertEqual(
            requests['route="/convert",operation="convert",decision="converted"'], 8)

    def test_plain(self):
        probe = self.start(conversion=True, plain=True)
        with p.PlainClient(probe.conversion_port) as client:
            self.converts(client.post("/convert", conversion()))
