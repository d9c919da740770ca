# SPDX-License-Identifier: MIT
"""
HTTP/1.1 over TLS: how requests are framed, what each refusal says, and how
connections go on and end.
"""

import re
import select
import socket
import ssl

import probe as p

HEAD = b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


class Connections(p.ProbeCase):
    def test_a_connection_is_kept_alive(self):
        client = self.client()
        for number in range(50):
            uid = "uid-%d" % number
            response = client.post(body=p.review(uid=uid))
            self.allows(response, uid)
            self.assertFalse(response.closes)
        self.assertEqual(len(self.dispatched()), 50)

    def test_a_hundred_pipelined_requests_are_answered_in_order(self):
        client = self.client()
        routes = ("/validate", "/deny", "/mutate", "/warn", "/undecided")
        wanted, data = [], b""
        for number in range(100):
            uid = "pipelined-%d" % number
            if number % 7 == 3:
                wanted.append((404, None))
                data += p.request("POST", "/nowhere", p.review())
            elif number % 7 == 5:
                wanted.append((200, "ok"))
                data += p.request("GET", "/healthz")
            else:
                wanted.append((200, uid))
                data += p.request("POST", routes[number % len(routes)], p.review(uid=uid),
                                  chunks=100 if number % 2 else None)
        client.send(data)  # the answers to all of it fit into the buffers between us
        for status, uid in wanted:
            response = client.read_response()
            self.assertEqual(response.status, status)
            if uid == "ok":
                self.assertEqual(response.body, b"ok")
            elif uid:
                self.assertEqual(response.json()["response"]["uid"], uid)

    def send_records(self, caller, pieces):
        """Send a TLS record for each piece, all of them at once."""
        for piece in pieces:
            caller.tls.write(piece)
        caller.flush()

    def uids(self, caller, count):
        """The reviews that are answered, in this order, until there are so many answers."""
        data = b""
        while data.count(b"HTTP/1.1 200 OK") < count or not data.endswith(b"}"):
            data += caller.run(caller.tls.read, 1 << 16)
        return re.findall(rb'"uid":"([^"]*)"', data)

    def test_records_that_come_together_are_all_read(self):
        uids = ["record-%d" % number for number in range(60)]
        with p.MemoryTls(self.probe.port) as caller:
            caller.handshake()
            self.send_records(caller, [
                p.request("POST", "/validate", p.review(uid=uid)) for uid in uids])
            self.assertEqual(self.uids(caller, len(uids)), [uid.encode() for uid in uids])

    def test_records_of_a_byte_are_all_read(self):
        data = p.request("POST", "/validate", p.review(uid="bytes"))
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with p.MemoryTls(self.probe.port, version=version) as caller:
                caller.handshake()
                self.send_records(caller, [data[i:i + 1] for i in range(len(data))])
                self.assertEqual(self.uids(caller, 1), [b"bytes"])

    def test_an_end_behind_a_request_does_not_overtake_it(self):
        with p.MemoryTls(self.probe.port) as caller:
            caller.handshake()
            self.send_records(caller, [
                p.request("POST", "/validate", p.review(uid=uid)) for uid in ("one", "two")])
            caller.raw.shutdown(socket.SHUT_WR)
            self.assertEqual(re.findall(rb'"uid":"([^"]*)"', caller.read_all()), [b"one", b"two"])

    def test_empty_lines_before_a_request_are_skipped(self):
        client = self.client()
        client.send(b"\r\n" + p.request("POST", "/validate", p.review()))
        self.allows(client.read_response())

    def test_connection_close_is_honoured(self):
        client = self.client()
        client.send(p.request("POST", "/validate", p.review(), [("Connection", "close")]))
        response = client.read_response()
        self.allows(response)
        self.assertTrue(response.closes)
        rest, clean = client.read_rest()
        self.assertEqual((rest, clean), (b"", True))

    def test_nothing_is_handled_after_a_close(self):
        client = self.client()
        client.send(p.request("POST", "/validate", p.review(), [("Connection", "close")]) +
                    p.request("POST", "/deny", p.review()))
        self.allows(client.read_response())
        client.expect_end()
        self.assertEqual([event["target"] for event in self.dispatched()], ["/validate"])

    def test_http_1_0_closes_unless_asked_to_stay(self):
        client = self.client()
        self.allows(client.request("POST", "/validate", p.review(),
                                   [("Connection", "keep-alive")], version="1.0"))
        response = client.request("POST", "/validate", p.review(), version="1.0")
        self.allows(response)
        self.assertTrue(response.closes)
        client.expect_end()

    def test_http_1_0_needs_no_host(self):
        client = self.client()
        client.send(b"GET /healthz HTTP/1.0\r\n\r\n")
        self.assertEqual(client.read_response().status, 200)

    def test_a_half_closed_connection_still_gets_its_answer(self):
        for target in ("/validate", "/mutate"):
            client = self.client()
            client.send(p.request("POST", target, p.review()))
            client.half_close()
            self.allows(client.read_response())
            client.expect_end()

    def test_a_close_notify_after_the_request_still_gets_its_answer(self):
        for version in (p.ssl.TLSVersion.TLSv1_2, p.ssl.TLSVersion.TLSv1_3):
            with self.subTest(version.name), p.MemoryTls(self.probe.port, version=version) as tls:
                tls.handshake()
                tls.run(tls.tls.write, p.request("POST", "/validate", p.review()))
                try:
                    tls.tls.unwrap()
                except p.ssl.SSLWantReadError:
                    pass
                tls.flush()
                tls.raw.shutdown(socket.SHUT_WR)
                self.assertIn(b"200 OK", tls.read_all())

    def test_an_unfinished_request_is_not_handled(self):
        whole = p.request("POST", "/validate", p.review())
        for cut in (1, 20, len(whole) // 2, len(whole) - 1):
            client = self.client()
            client.send(whole[:cut])
            client.half_close()
            client.expect_end()
        self.assertEqual(self.dispatched(), [])

    def test_resets_are_survived_at_any_point(self):
        whole = p.request("POST", "/validate", p.review())
        for cut in (0, 1, 30, len(whole) // 2, len(whole)):
            for _ in range(10):
                client = self.client()
                client.send(whole[:cut])
                client.reset()
        large = p.request("POST", "/validate", p.review(obj=dict(p.POD, x="y" * 200000)))
        for _ in range(10):
            client = self.client()
            client.send(large * 3)
            client.reset()
        self.served()

    def test_a_reset_while_the_handler_runs_is_survived(self):
        probe = self.start("--slow-ms", "100")
        for _ in range(20):
            client = self.client(probe)
            client.send(p.request("POST", "/slow", p.review()) * 2)
            probe.wait_event("dispatched")
            client.reset()
        self.served(probe)


class Framing(p.ProbeCase):
    def test_bodies_come_by_length_or_in_chunks(self):
        client = self.client()
        body = p.review()
        for chunks in (None, 1, 2, 7, 100, len(body) - 1, len(body), 1 << 20):
            with self.subTest(chunks):
                self.allows(client.request("POST", "/validate", body, chunks=chunks))
        for event in self.dispatched():
            self.assertEqual(p.base64.b64decode(event["body_b64"]), body)

    def test_chunk_extensions_and_trailers_are_passed_over(self):
        client, body = self.client(), p.review()
        client.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x;a=b;c=\"d\"\r\n" % len(body) +
                    body + b"\r\n0;end\r\nX-Sum: 1\r\n\r\n")
        self.allows(client.read_response())
        self.allows(client.post())

    def test_what_could_be_read_two_ways_is_refused(self):
        body = b"GET /x HTTP/1.1\r\n\r\n"
        for fields in (b"Content-Length: 19\r\nTransfer-Encoding: chunked\r\n",
                       b"Transfer-Encoding: chunked\r\nContent-Length: 19\r\n",
                       b"Content-Length: 19\r\nContent-Length: 19\r\n",
                       b"Content-Length: 19\r\nContent-Length: 5\r\n",
                       b"Content-Length: 19, 19\r\n", b"Content-Length: +19\r\n",
                       b"Content-Length: 0x13\r\n", b"Content-Length: -1\r\n",
                       b"Content-Length: \r\n", b"Content-Length: 99999999999999999999\r\n",
                       b"Transfer-Encoding: chunked, chunked\r\n",
                       b"Transfer-Encoding: identity\r\n", b"Transfer-Encoding: xchunked\r\n",
                       b"Transfer-Encoding : chunked\r\n", b"Transfer-Encoding:\x0bchunked\r\n",
                       b"X: a\r\n b\r\n", b"X: a\x00b\r\n", b"X: a\rb\r\n", b"X: a\nY: b\r\n",
                       b"X\x7f: a\r\n", b": a\r\n", b"X a\r\n", b"Host: y\r\n"):
            with self.subTest(fields):
                client = self.client()
                client.send(HEAD + fields + b"\r\n" + body)
                response = client.read_response()
                self.assertIn(response.status, (400, 413, 501))
                self.explains(response, response.status)
                self.assertTrue(response.closes)
                client.expect_end()
        self.assertEqual(self.dispatched(), [])

    def test_malformed_chunks_are_refused(self):
        for chunks in (b"g\r\n", b"-1\r\n", b"0x1\r\n", b" 1\r\na\r\n0\r\n\r\n", b"1 \r\na\r\n",
                       b"1\na\n", b"1\r\nab\r\n", b"\r\n", b"fffffffffffffffff\r\n",
                       b"1;\x00\r\na\r\n", b"1\r\na\r\n0\r\nTransfer-Encoding: x\r\n\r\n",
                       b"1\r\na\r\n0\r\nContent-Length: 1\r\n\r\n", b"1;a\rb\r\n"):
            with self.subTest(chunks):
                client = self.client()
                client.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
                response = client.read_response()
                self.assertIn(response.status, (400, 413))
                self.explains(response, response.status)
                client.expect_end()
        self.assertEqual(self.dispatched(), [])

    def test_the_query_is_no_part_of_the_path(self):
        client = self.client()
        for query in ("?timeout=10s", "?timeout=1h", "?timeout=", "?timeout=x", "?", "?a=/deny",
                      "?timeout=10s&timeout=20s", "?%00"):
            with self.subTest(query):
                self.allows(client.post("/validate" + query))
        self.assertEqual(client.post("/nowhere?timeout=10s").status, 404)

    def test_absolute_targets_are_taken_by_their_path(self):
        client = self.client()
        self.allows(client.post("https://webhook.system.svc:443/validate?timeout=10s"))
        self.assertEqual(client.post("https://webhook.system.svc/").status, 404)


class Continue(p.ProbeCase):
    head = HEAD + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n"

    def test_a_client_that_waits_is_told_to_go_on(self):
        client = self.client()
        for _ in range(3):
            body = p.review()
            client.send(self.head % len(body))
            response = client.read_response()
            self.assertEqual((response.status, response.fields), (100, []))
            client.send(body)
            self.allows(client.read_response())

    def test_a_client_that_does_not_wait_is_served_too(self):
        client = self.client()
        for _ in range(3):
            body = p.review()
            client.send(self.head % len(body) + body)
            responses = [client.read_response()]
            if responses[0].status == 100:
                responses.append(client.read_response())
            self.allows(responses[-1])

    def test_other_expectations_are_417(self):
        for value in (b"200-ok", b"100-continue, x", b"100-continue;q=1", b""):
            with self.subTest(value):
                client = self.client()
                client.send(HEAD + b"Expect: " + value + b"\r\nContent-Length: 5\r\n\r\n")
                self.explains(client.read_response(), 417)
                client.expect_end()

    def test_what_is_refused_is_refused_before_the_body(self):
        for line, status in ((b"POST /nowhere HTTP/1.1", 404), (b"PUT /validate HTTP/1.1", 405)):
            client = self.client()
            head = (self.head % 100).replace(b"POST /validate HTTP/1.1", line)
            client.send(head)
            response = client.read_response()
            self.explains(response, status)
            self.assertTrue(response.closes)
            client.expect_end()
        client = self.client()
        client.send(self.head % (1 << 40))
        self.explains(client.read_response(), 413)
        client.expect_end()
        client = self.client()
        client.send((self.head % 100).replace(b"application/json", b"text/plain"))
        self.explains(client.read_response(), 415)
        client.expect_end()

    def test_expect_is_ignored_in_http_1_0(self):
        client, body = self.client(), p.review()
        client.send((self.head % len(body)).replace(b"HTTP/1.1", b"HTTP/1.0") + body)
        self.allows(client.read_response())


class Refusals(p.ProbeCase):
    arguments = {"limits": {"header-bytes": 2048, "header-count": 16, "body": 65536}}

    def refused(self, data, status, contains="", goes_on=False, probe=None):
        """The request is answered so; the connection ends, or serves the next one."""
        client = self.client(probe)
        client.send(data)
        response = client.read_response()
        what = self.explains(response, status, contains)
        self.assertEqual(response.closes, not goes_on)
        if goes_on:
            self.allows(client.post())
        else:
            client.expect_end()
        return response, what

    def post(self, body, target="/validate", fields=()):
        return p.request("POST", target, body, fields)

    def test_404_for_other_paths(self):
        for target in ("/", "/validate/", "/Validate", "/validate/x", "/%76alidate", "//validate",
                       "/./validate", "/validate;x", "/validat", "/validatex", "*"):
            with self.subTest(target):
                if target == "*":
                    data = p.request("OPTIONS", "*")
                else:
                    data = self.post(p.review(), target)
                self.refused(data, 404, "no handler at path " + target, goes_on=True)

    def test_405_with_allow_for_other_methods(self):
        for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
            response, _ = self.refused(p.request(method, "/validate"), 405,
                                       "method %s: expected POST" % method, goes_on=True)
            self.assertEqual(response.field("Allow"), "POST")
        for method in ("POST", "PUT", "DELETE"):
            response, _ = self.refused(p.request(method, "/healthz", b"{}"), 405,
                                       "method %s: expected GET or HEAD" % method, goes_on=True)
            self.assertEqual(response.field("Allow"), "GET, HEAD")
        for method in ("post", "BREW", "Post"):
            response, _ = self.refused(p.request(method, "/validate"), 405)
            self.assertEqual(response.field("Allow"), "POST")

    def test_405_for_head_has_no_body(self):
        client = self.client()
        response = client.request("HEAD", "/validate")
        self.assertEqual((response.status, response.field("Allow")), (405, "POST"))
        self.assertGreater(int(response.field("Content-Length")), 0)
        self.allows(client.post())

    def test_400_for_json_that_is_none(self):
        for body in (b"{", b"", b" ", b"[", b"nul", b"{}x", b'{"a":1,}', b"\xef\xbb\xbf{}",
                     b'{"a":"\xff"}', b'{"a":"\\ud800"}', b"{'a':1}", b"[" * 60000,
                     p.review() + b"{}"):
            with self.subTest(body[:20]):
                self.refused(self.post(body), 400, goes_on=True)

    def test_422_for_json_that_is_no_review_names_the_place(self):
        whole = p.review_value()

        def without(member):
            return {k: v for k, v in whole["request"].items() if k != member}

        for value, place in (
                ([], ""), ({}, "request"), (1, ""), ("x", ""), (None, ""),
                (dict(whole, apiVersion="admission.k8s.io/v2"), "apiVersion"),
                (dict(whole, kind="Pod"), "kind"), (dict(whole, request=None), "request"),
                ({k: v for k, v in whole.items() if k != "request"}, "request"),
                (dict(whole, request=without("uid")), "request.uid"),
                (dict(whole, request=dict(whole["request"], uid="")), "request.uid"),
                (dict(whole, request=dict(whole["request"], uid=7)), "request.uid"),
                (dict(whole, request=dict(whole["request"], operation="")),
                 "request.operation"),
                (dict(whole, request=dict(whole["request"], userInfo={"groups": ["a", 1]})),
                 "request.userInfo.groups[1]"),
                (dict(whole, request=dict(whole["request"], object="x")), "request.object"),
                (dict(whole, request=dict(whole["request"], dryRun="no")), "request.dryRun")):
            with self.subTest(place=place, value=str(value)[:60]):
                client = self.client()
                response = client.post(body=p.encode(value))
                self.explains(response, 422, place)
                self.allows(client.post())
        self.assertEqual({event["target"] for event in self.dispatched()}, {"/validate"})

    def test_415_for_other_types_and_codings(self):
        for value in ("text/plain", "application/jsonx", "application/json2", "application",
                      "application/vnd.kubernetes.protobuf", "text/json", "application/json/x"):
            with self.subTest(value):
                self.refused(self.post(p.review(), fields=[("Content-Type", value)]), 415,
                             'Content-Type "%s": expected application/json' % value,
                             goes_on=True)
        self.refused(self.post(p.review(), fields=[("Content-Type", None)]), 415,
                     'Content-Type "": expected', goes_on=True)
        self.refused(self.post(p.review(), fields=[("Content-Encoding", "gzip")]), 415,
                     'Content-Encoding "gzip": no coding is accepted', goes_on=True)

    def test_what_a_client_sent_is_told_escaped_and_cut(self):
        """In the answer and in the log, in one line."""
        probe = self.start("--log", "info", limits={"header-bytes": 8192})
        for data, status, text in (
                (self.post(p.review(), "/" + "a" * 4000), 404,
                 "no handler at path /" + "a" * 123 + "..."),
                (self.post(p.review(), '/"\\'), 404, r"no handler at path /\x22\x5c"),
                (self.post(p.review(), fields=[("Content-Type", 'a/\xc3\xa9;b="c"')]), 415,
                 r'Content-Type "a/\xc3\xa9;b=\x22c\x22": expected application/json'),
                (p.request("M" * 32, "/validate"), 405,
                 "method " + "M" * 32 + ": expected POST")):
            with self.subTest(text[:40]):
                _, what = self.refused(data, status, goes_on=status != 405, probe=probe)
                self.assertEqual(what["message"], text)
                self.assertEqual(len(probe.log("read.refused", reason=text)), 1)

    def test_parameters_of_the_type_do_not_matter(self):
        for value in ("application/json; charset=utf-8", "Application/JSON",
                      "application/json;charset=\"UTF-8\""):
            self.allows(self.client().post(fields=[("Content-Type", value)]))

    def test_413_for_a_body_over_the_limit(self):
        large = b"x" * 65537
        self.refused(self.post(large), 413)
        self.refused(p.request("POST", "/validate", large, chunks=9999), 413)
        self.refused(HEAD + b"Content-Length: 99999999999\r\n\r\n", 413)

    def test_414_for_a_target_over_the_limit(self):
        self.refused(self.post(b"{}", "/" + "x" * 3000), 414)

    def test_431_for_fields_over_the_limits(self):
        self.refused(self.post(b"{}", fields=[("X", "y" * 3000)]), 431)
        self.refused(self.post(b"{}", fields=[("X%d" % i, "y") for i in range(20)]), 431)

    def test_408_for_what_comes_too_slowly(self):
        probe = self.start(limits={"header-time": 500, "body-time": 500})
        self.refused(HEAD, 408, "head", probe=probe)
        self.refused(HEAD + b"Content-Length: 10\r\n\r\n12345", 408, "body", probe=probe)
        self.refused(b"P", 408, "head", probe=probe)

    def test_501_and_505_for_what_is_not_spoken(self):
        self.refused(b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", 501)
        self.refused(HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n", 501)
        self.refused(b"GET /healthz HTTP/2.0\r\nHost: x\r\n\r\n", 505)

    def test_400_for_what_is_no_request(self):
        for data in (b"GET\r\n\r\n", b"GET  / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\n\n",
                     b"\x16\x03\x01\x02\x00", b"GET /\xc3\xa4 HTTP/1.1\r\nHost: x\r\n\r\n",
                     b"GET / HTTP/1.1\r\n\r\n", b"GET / http/1.1\r\nHost: x\r\n\r\n",
                     b"GET /\\ HTTP/1.1\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
                     b"GET / HTTP/1.1 \r\nHost: x\r\n\r\n", b"G=T / HTTP/1.1\r\nHost: x\r\n\r\n"):
            with self.subTest(data):
                client = self.client()
                client.send(data)
                response = client.read_response()
                self.assertIn(response.status, (400, 505))
                self.explains(response, response.status)
                client.expect_end()

    def test_no_field_of_an_answer_repeats_the_request(self):
        client = self.client()
        response = client.post("/canary-path", fields=[("X-Canary", "canary-field")])
        text = repr(response.fields) + response.reason
        self.assertNotIn("canary", text.lower())


class Health(p.ProbeCase):
    def test_get_and_head_answer(self):
        client = self.client()
        got = client.request("GET", "/healthz")
        self.assertEqual((got.status, got.body), (200, b"ok"))
        head = client.request("HEAD", "/healthz")
        self.assertEqual((head.status, head.field("Content-Length")), (200, "2"))
        self.assertEqual(client.request("GET", "/healthz?verbose").body,
                         b"[+]ping ok\nhealthz check passed\n")
        self.assertEqual(client.request("GET", "/healthz", b"{}").body, b"ok")


class Uploads(p.ProbeCase):
    """A client that sends more than is read gets the answer, not a reset."""

    def upload(self, head, total):
        client = self.client()
        piece = b"x" * (1 << 20)
        client.send(head)
        sent = 0
        # One thread alone may use a TLS connection: the answer is looked for between the pieces.
        while sent < total and not select.select([client.sock], [], [], 0)[0]:
            client.send(piece)
            sent += len(piece)
        return client.read_response()

    def test_100_mb_too_much_gets_413(self):
        before = self.probe.resident_kib() if not p.sanitizer() else 0
        response = self.upload(HEAD + b"Content-Length: 104857600\r\n\r\n", 104857600)
        self.explains(response, 413)
        if not p.sanitizer():
            self.assertLess(self.probe.resident_kib("VmHWM") - before, 4096)
        self.served()

    def test_a_refused_request_with_a_body_gets_its_answer_and_the_next_one(self):
        client = self.client()
        large = b"x" * (20 << 20)
        client.send(p.request("POST", "/nowhere", large))
        self.explains(client.read_response(), 404)
        self.allows(client.post())
