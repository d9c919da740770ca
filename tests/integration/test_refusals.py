# SPDX-License-Identifier: MIT
"""
Requests that are answered without a review, in the words of the program: what
its hook is told, what it may choose, and what stays the library's.
"""

import probe as p


class Words(p.ProbeCase):
    options = ("--refusals",)
    arguments = {"limits": {"body": 4096, "header-bytes": 1024}}

    def says(self, response, status, text):
        self.assertEqual((response.status, response.body.decode()), (status, text))
        self.assertEqual(response.field("Content-Type"), "text/plain; charset=utf-8")
        self.assertEqual(response.field("X-Content-Type-Options"), "nosniff")

    def test_an_unknown_path(self):
        self.says(self.client().post("/nope?timeout=10s"), 418,
                  "404 NOT_FOUND POST /nope: no handler at path /nope\n")

    def test_a_method_and_the_library_names_those_allowed(self):
        response = self.client().request("GET", "/validate")
        self.says(response, 405, "405 - GET /validate: method GET: expected POST\n")
        self.assertEqual(response.field("Allow"), "POST")

    def test_a_content_type(self):
        response = self.client().post(fields=[("Content-Type", "text/plain")])
        self.says(response, 415, "415 - POST /validate: Content-Type \"text/plain\": "
                  "expected application/json\n")

    def test_a_body_that_is_no_json(self):
        self.says(self.client().post(body=b"{"), 400,
                  "400 SYNTAX POST /validate: byte 1: the text ends too early\n")

    def test_a_body_that_is_no_review(self):
        self.says(self.client().post(body=b"{}"), 422,
                  "422 REVIEW POST /validate: request: required\n")

    def test_a_body_over_the_limit(self):
        response = self.client().post(body=b" " * 5000)
        self.assertEqual(response.status, 413)
        self.assertRegex(response.body, b"^413 LIMIT POST /validate: ")

    def test_a_head_over_the_limit_has_neither_method_nor_path(self):
        response = self.client().post(fields=[("X-Large", "x" * 2000)])
        self.assertEqual(response.status, 431)
        self.assertRegex(response.body, b"^431 LIMIT - -: ")

    def test_what_the_hook_leaves_alone_is_worded_by_the_library(self):
        self.explains(self.client().post("/silent"), 404, "no handler at path /silent")

    def test_the_connection_goes_on(self):
        client = self.client()
        for body in (b"{", b"{}"):
            self.assertFalse(client.post(body=body).closes)
        self.allows(client.post())


class Unauthenticated(p.ProbeCase):
    options = ("--refusals", "--exempt", "/healthz")
    arguments = {"auth": "request"}

    def test_are_told_the_code_and_not_the_reason(self):
        for case, code, text in ((None, "NO_CERTIFICATE", "no client certificate"),
                                 ("scanner-name-of-other-bundle", "REFUSED",
                                  "caller is not allowed")):
            with self.subTest(case):
                response = self.client(case=case).post()
                self.assertEqual(response.status, 401)
                self.assertEqual(response.body.decode(),
                                 "401 %s POST /validate: %s\n" % (code, text))
                self.assertTrue(response.closes)
