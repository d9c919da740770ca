# SPDX-License-Identifier: MIT
"""Being watched: plain HTTP, the health port, health and readiness, metrics, configuration, log."""

from probe import (  # noqa: F401
    Closed, PlainClient, ProbeCase, client_context, review, tcp)


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
