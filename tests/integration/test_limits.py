# SPDX-License-Identifier: MIT
"""
The limits of include/admwh/limits.h: what is at the limit passes, what is one
past it is refused as documented there. The numbers of connections and handshakes
are in tests/unit/conn/test_endpoint.c, shares in test_share.c beside it.
"""

import select
import signal
import socket
import subprocess
import threading
import time

import probe as p

HEAD = b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def padded(size, **members):
    """A review of exactly this many bytes."""
    body = p.review(**members)
    return body + b" " * (size - len(body))


class Sizes(p.ProbeCase):
    def test_body(self):
        probe = self.start(limits={"body": 2048})
        for chunks in (None, 100, 2048, 5000):
            with self.subTest(chunks):
                client = self.client(probe)
                self.allows(client.request("POST", "/validate", padded(2048), chunks=chunks))
                response = client.request("POST", "/validate", padded(2049), chunks=chunks)
                self.explains(response, 413)
                client.expect_end()

    def test_a_length_over_the_limit_is_refused_before_the_body(self):
        probe = self.start(limits={"body": 2048})
        client = self.client(probe)
        client.send(HEAD + b"Content-Length: 2049\r\n\r\n")
        self.explains(client.read_response(), 413)
        client.expect_end()

    def test_json_depth(self):
        probe = self.start(limits={"json-depth": 20})
        client = self.client(probe)
        for deep in ("[", '{"x":'):
            for levels, status in ((16, 200), (17, 200), (18, 400), (1000, 400)):
                with self.subTest(deep, levels=levels):
                    # the review, its request and the object are three levels
                    text = deep * levels + "1" + ("]" if deep == "[" else "}") * levels
                    body = p.review(obj="@").replace(b'"@"', b'{"x":%s}' % text.encode())
                    response = client.post(body=body)
                    self.assertEqual(response.status, status, response)
                    if status == 400:
                        self.explains(response, 400, "deep")

    def test_header_bytes(self):
        probe = self.start(limits={"header-bytes": 1024})
        body = p.review()

        def post(size, fields):
            bare = len(p.request("POST", "/validate", body, [("X", "")] * fields)) - len(body)
            rest = size - bare
            return p.request("POST", "/validate", body,
                             [("X", "y" * (rest // fields + (rest % fields if i == 0 else 0)))
                              for i in range(fields)])

        for fields in (1, 4):
            client = self.client(probe)
            client.send(post(1024, fields))
            self.allows(client.read_response())
            client.send(post(1025, fields))
            self.explains(client.read_response(), 431)
            client.expect_end()

    def test_header_bytes_of_a_target(self):
        probe = self.start(limits={"header-bytes": 1024})
        client = self.client(probe)
        client.send(b"GET /healthz?" + b"x" * 2000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        self.explains(client.read_response(), 414)
        client.expect_end()

    def test_header_count(self):
        probe = self.start(limits={"header-count": 8})
        client = self.client(probe)
        more = [("X-%d" % i, "y") for i in range(6)]
        self.allows(client.post(fields=more[:5]))
        self.explains(client.post(fields=more), 431)
        client.expect_end()

    def test_trailers_are_limited_as_heads_are(self):
        probe = self.start(limits={"header-bytes": 1024, "header-count": 8})
        body = p.review()
        chunked = HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n" % (len(body), body)
        for trailers, good in ((b"X: y\r\n" * 8, True), (b"X: y\r\n" * 9, False),
                               (b"X: " + b"y" * 900 + b"\r\n", True),
                               (b"X: " + b"y" * 1100 + b"\r\n", False)):
            client = self.client(probe)
            client.send(chunked + trailers + b"\r\n")
            response = client.read_response()
            if good:
                self.allows(response)
            else:
                self.explains(response, 431)

    def test_cn_length(self):
        ca = p.pki().path(p.pki().index["bundles"]["default"]["ca"])
        name = "a" * 64

        def options(length, first):
            rules = ["--allow-cn", "default=" + name]
            limit = ["--limit", "cn-length=%d" % length]
            return ["--client-ca", "default=" + ca, *(limit + rules if first else rules + limit)]

        probe = self.start(*options(64, True), bundles=False)
        self.assertEqual(p.ask(probe, "cn-64-bytes"), 200)
        probe = self.start(*options(63, False), bundles=False)
        self.assertEqual(p.ask(probe, "cn-64-bytes"), "refused")
        self.assertEqual(self.dispatched(probe), [])
        with self.assertRaisesRegex(AssertionError, "64 bytes is longer than the limit of 63"):
            p.Probe(*options(63, True), bundles=False)

    def test_values_out_of_range_are_refused_at_the_start(self):
        for limit, message in (("body=1023", "1023 is not between 1024 and 1073741824 bytes"),
                               ("json-depth=1001", "not between 8 and 1000 levels"),
                               ("no-such=1", "no such limit"), ("body=", "expected a number"),
                               ("body=1x", "expected a number"), ("body", "NAME=VALUE")):
            with self.subTest(limit), self.assertRaisesRegex(AssertionError, message):
                p.Probe("--limit", limit)


class Bodies(p.ProbeCase):
    """bodies-in-flight and body-wait-time."""

    budget = 65536
    all_of_it = {"bodies-in-flight": budget, "caller-share": 100}

    def occupy(self, probe, size):
        """A review whose body of so many bytes counts until its slow handler is done."""
        client = self.client(probe)
        client.send(p.request("POST", "/slow", padded(size)))
        probe.wait_event("dispatched")
        return client

    def begin(self, probe):
        """A caller whose head was read; its body is to come."""
        client, body = self.client(probe), p.review()
        client.send(HEAD + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body))
        self.assertEqual(client.read_response().status, 100)
        return client, body

    def test_one_byte_of_room_is_room(self):
        probe = self.start(hold=True, limits=self.all_of_it)
        self.occupy(probe, self.budget - 1)
        client, body = self.begin(probe)
        client.send(body)
        self.allows(client.read_response())

    def test_without_room_a_body_waits_then_gets_503(self):
        probe = self.start(hold=True, limits={**self.all_of_it, "body-wait-time": 300})
        self.occupy(probe, self.budget)
        client, body = self.begin(probe)
        began = time.monotonic()
        client.send(body)
        response = client.read_response()
        took = time.monotonic() - began
        self.explains(response, 503, "bodies")
        self.assertEqual(response.field("Retry-After"), "1")
        self.assertGreater(took, 0.25)
        client.expect_end()

    def test_a_body_goes_on_when_there_is_room_again(self):
        probe = self.start(hold=True, limits={**self.all_of_it, "body-wait-time": 60000})
        holder = self.occupy(probe, self.budget)
        client, body = self.begin(probe)
        client.send(body)
        probe.release()
        self.allows(holder.read_response())
        self.allows(client.read_response())

    def test_a_body_that_needs_all_room_and_more_is_refused(self):
        probe = self.start(limits={**self.all_of_it, "body-wait-time": 100})
        self.explains(self.client(probe).post(body=padded(self.budget * 3)), 503, "bodies")
        self.served(probe)

    def test_room_comes_back_however_a_body_ends(self):
        probe = self.start("--threads", "1", limits={
            **self.all_of_it, "body-wait-time": 0, "body": 1 << 20})
        for _ in range(5):
            holder = self.client(probe)
            holder.send(HEAD + b"Content-Length: 65000\r\n\r\n" + b" " * 64000)
            holder.reset()
        client = self.client(probe)
        # The last of them may not have been seen to end.
        p.until(lambda: self.client(probe).post(body=padded(self.budget - 1000)).status == 200,
                "no room")
        for _ in range(5):
            self.assertEqual(client.post(body=b"{" * (self.budget - 1000)).status, 400)
            self.allows(client.post(body=padded(self.budget - 1000)))


class Counts(p.ProbeCase):
    def waits(self, probe):
        """A caller whose handshake does not begin yet; call the result to see it done."""
        done = []

        def connect():
            done.append(p.ask(probe))

        thread = threading.Thread(target=connect)
        thread.start()

        def finish():
            thread.join(p.TIMEOUT)
            self.assertEqual(done, [200])

        thread.join(0.4)
        self.assertEqual(done, [])
        return finish

    def stall(self, probe, said=b"\x16\x03\x01\x02\x00\x01"):
        sock = p.tcp(probe.port)
        self.addCleanup(sock.close)
        sock.sendall(said)
        return sock

    def test_a_stalled_handshake_makes_room_at_its_time(self):
        probe = self.start(limits={"handshakes": 1, "handshake-time": 3000})
        self.stall(probe)
        self.waits(probe)()

    def test_unauthenticated_clients_make_room_long_before_their_time(self):
        for said in (b"", b"\x16"):
            probe = self.start(limits={"handshakes": 2, "handshake-time": 3600000})
            for _ in range(6):
                self.stall(probe, said)
            self.served(probe)

    def test_queue(self):
        probe = self.start("--threads", "1", "--workers", "1", hold=True,
                           limits={"queue": 2, "caller-share": 100})
        busy = [self.client(probe) for _ in range(3)]
        late = self.client(probe)
        busy[0].send(p.request("POST", "/slow", p.review()))
        probe.wait_event("dispatched")
        for client in busy[1:]:
            client.send(p.request("POST", "/slow", p.review()))
            probe.has_read(client.sock)
        self.assertEqual(late.request("GET", "/healthz").status, 200)
        response = late.post()
        self.explains(response, 503, "too many reviews")
        self.assertEqual(response.field("Retry-After"), "1")
        self.assertFalse(response.closes)
        probe.release()
        for client in busy:
            self.allows(client.read_response())
        self.allows(late.post())


class Times(p.ProbeCase):
    def ends(self, client, began, least_ms):
        client.expect_end()
        took = time.monotonic() - began
        self.assertGreater(took, least_ms / 1000 - 0.05)

    def drip(self, client, data, pause):
        """Send a byte now and then until an answer or the end comes."""
        try:
            for i in range(len(data)):
                client.send(data[i:i + 1])
                if select.select([client.sock], [], [], pause)[0]:
                    return client.read_response()
        except (ConnectionError, p.ssl.SSLError):
            pass
        return client.read_response()

    def test_header_time_is_for_the_whole_head(self):
        probe = self.start(limits={"header-time": 500})
        began = time.monotonic()
        client = self.client(probe)
        response = self.drip(client, HEAD * 5, 0.02)
        self.assertGreater(time.monotonic() - began, 0.45)
        self.explains(response, 408)
        client.expect_end()

    def test_body_time_is_for_the_whole_body(self):
        probe = self.start(limits={"body-time": 500})
        client = self.client(probe)
        began = time.monotonic()
        client.send(HEAD + b"Content-Length: 5000\r\n\r\n")
        response = self.drip(client, b" " * 5000, 0.02)
        self.assertGreater(time.monotonic() - began, 0.45)
        self.explains(response, 408)
        client.expect_end()

    def test_what_comes_within_its_time_is_served(self):
        probe = self.start(limits={"header-time": 60000, "body-time": 60000})
        client = self.client(probe)
        for byte in p.request("POST", "/validate", p.review()):
            client.send(bytes([byte]))
        self.allows(client.read_response())

    def served_in_time(self, probe, times):
        """A connection with so many answers, and when the last request was sent. On a busy machine
        one can end as idle before its next request is sent: then another one."""
        def attempt():
            client = self.client(probe)
            try:
                for _ in range(times):
                    began = time.monotonic()
                    self.allows(client.post())
            except (p.Closed, OSError):
                return None
            return client, began

        return p.until(attempt, "idle too early")

    def test_idle_time_before_the_first_request_and_after_each(self):
        probe = self.start(limits={"idle-time": 500})
        began = time.monotonic()
        client = self.client(probe)
        self.ends(client, began, 500)
        self.ends(*self.served_in_time(probe, 3), least_ms=500)

    def test_idle_connections_end_with_a_close_notify(self):
        probe = self.start(limits={"idle-time": 200})
        client, _ = self.served_in_time(probe, 1)
        self.assertEqual(client.read_rest(), (b"", True))

    def test_unauthenticated_clients_have_header_time_only(self):
        probe = self.start(auth="request", limits={"header-time": 300, "idle-time": 60000})
        began = time.monotonic()
        client = self.client(probe, case=None)
        self.ends(client, began, 300)

    def test_write_time(self):
        probe = self.start(limits={"write-time": 700})
        with socket.socket() as raw:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            raw.connect(("127.0.0.1", probe.port))
            tls = p.client_context().wrap_socket(raw, server_hostname="localhost")
            tls.setblocking(False)
            end = time.monotonic() + p.TIMEOUT
            data = p.request("GET", "/nowhere") * 300
            poll = select.poll()
            poll.register(tls, select.POLLOUT | select.POLLERR | select.POLLHUP)
            ended = False
            while not ended and time.monotonic() < end:
                poll.modify(tls, select.POLLERR | select.POLLHUP)
                try:
                    tls.send(data)
                except p.ssl.SSLWantWriteError:
                    ended = any(mask & (select.POLLERR | select.POLLHUP)
                                for _, mask in poll.poll(50))
                except OSError:
                    ended = True
            self.assertTrue(ended)
            tls.close()
        self.served(probe)

    def answered(self, probe, target, least_ms, code=504):
        """A review that its deadline ends: denied in time."""
        client = self.client(probe)
        began = time.monotonic()
        response = client.post(target, p.review(uid="late"))
        took = time.monotonic() - began
        self.assertEqual(response.status, 200, response)
        answer = response.json()["response"]
        self.assertEqual((answer["uid"], answer["allowed"], answer["status"]["code"]),
                         ("late", False, code))
        self.assertGreater(took, least_ms / 1000 - 0.05)

    def test_deadline(self):
        probe = self.start(hold=True, limits={"deadline": 300})
        self.answered(probe, "/slow", 300)
        self.answered(probe, "/slow?timeout=30s", 300)

    def test_deadline_margin(self):
        probe = self.start(hold=True, limits={"deadline-margin": 400})
        self.answered(probe, "/slow?timeout=1s", 600)
        probe = self.start(hold=True, limits={"deadline-margin": 10000})
        self.answered(probe, "/slow?timeout=1s", 500)
        probe = self.start(hold=True, limits={"deadline-margin": 0})
        self.answered(probe, "/slow?timeout=1s", 1000)

    def test_what_is_decided_in_time_is_not_touched_by_the_deadline(self):
        probe = self.start("--slow-ms", "200", limits={"deadline": 20000})
        self.allows(self.client(probe).post("/slow"))

    def test_drain_time(self):
        probe = p.Probe(hold=True, limits={"drain-time": 300})
        self.addCleanup(probe.kill)
        client = self.client(probe)
        client.send(p.request("POST", "/slow", p.review()))
        probe.wait_event("dispatched")
        began = time.monotonic()
        probe.signal(signal.SIGTERM)
        client.expect_end()
        self.assertGreater(time.monotonic() - began, 0.25)
        probe.stop(expect=1)

    def test_lame_duck_time(self):
        probe = self.start(limits={"lame-duck-time": 700})
        self.served(probe)
        began = time.monotonic()
        probe.signal(signal.SIGTERM)
        self.assertEqual(probe.wait(), 0)
        self.assertGreater(time.monotonic() - began, 0.65)

    def test_a_lame_duck_serves_and_closes(self):
        probe = self.start(limits={"lame-duck-time": 3600000})
        kept = self.client(probe)
        self.allows(kept.post())
        probe.signal(signal.SIGTERM)
        while True:  # until the signal has been seen
            response = self.client(probe).request("GET", "/healthz")
            if response.status != 200:
                break
        self.assertEqual((response.status, response.body), (
            503, b"[+]ping ok\n[-]shutdown failed: reason withheld\nhealthz check failed\n"))
        self.assertTrue(response.closes)
        fresh = self.client(probe).post()
        self.allows(fresh)
        self.assertTrue(fresh.closes)
        response = kept.post()
        self.allows(response)
        self.assertTrue(response.closes)
        kept.expect_end()
        probe.signal(signal.SIGTERM)
        self.assertEqual(probe.wait(), 0)

    def test_body_wait_time_is_no_longer_than_body_time(self):
        probe = self.start("--threads", "1", limits={
            "bodies-in-flight": 65536, "caller-share": 100,
            "body-wait-time": 60000, "body-time": 500})
        holder = self.client(probe)
        holder.send(HEAD + b"Content-Length: 100000\r\n\r\n" + b" " * 65536)
        began = time.monotonic()
        self.explains(holder.read_response(), 503)
        self.assertLess(time.monotonic() - began, 50)


class Listing(p.ProbeCase):
    def test_every_limit_has_a_flag(self):
        with open(p.os.path.join(p.ROOT, "include/admwh/limits.h"), encoding="utf-8") as file:
            names = p.re.findall(r'XX\([A-Z_]+, (?:\d+, )?"([a-z-]+)", (\d+),', file.read())
        self.assertGreaterEqual(len(names), 19)
        probe = self.start(limits={name: int(preset) for name, preset in names})
        self.served(probe)

    def test_help_is_help(self):
        done = subprocess.run([p.PROBE, "--help"], stdout=subprocess.PIPE, check=True,
                              env=p.environment())
        self.assertIn(b"--limit", done.stdout)
