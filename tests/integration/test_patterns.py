# SPDX-License-Identifier: MIT
"""Routes with a pattern: which paths they have, what the handler gets, and whom they are for."""

import probe as p

# What is sent, and what the handler gets of it.
IDS = (("a", "a"), ("pod-privileged", "pod-privileged"), ("a%20b", "a b"), ("caf%C3%A9", "caf\u00e9"),
       ("%252F", "%2F"), ("%252e%252e", "%2e%2e"), ("%7Bid%7D", "{id}"), ("...", "..."),
       ("x" * 253, "x" * 253), ("a?timeout=5s", "a"), ("%3F", "?"), ("%25", "%"))
# What an attacker sends.
NONE = ("", "/", "a/", "a/b", "/a", "//", ".", "..", "../policy/a", "%2E%2E", "%2e", "%2F", "a%2Fb",
        "a%2fb", "..%2F", "%00", "a%00b", "%61", "caf%c3%a9", "%C3", "%FF", "%0A", "%0d%0a", "%",
        "%4", "%zz", "%u0061", "{id}", "x" * 254, "%20" * 254, "own/", "%6Fwn", "?x")


class Patterns(p.ProbeCase):
    options = ("--path", "/policy/{id}", "--path", "/policy/own", "--health", "127.0.0.1:0")

    def post(self, target, probe=None, **rest):
        with p.Client(probe or self.probe, **rest) as client:
            return client.request("POST", target, p.review())

    def test_the_handler_gets_the_segment_decoded_once(self):
        for sent, decoded in IDS:
            with self.subTest(sent):
                answer = self.allows(self.post("/policy/" + sent))
                self.assertEqual(answer["warnings"], ["id " + decoded])

    def test_a_uri_is_a_target_as_well(self):
        answer = self.allows(self.post("https://example/policy/a%20b?x"))
        self.assertEqual(answer["warnings"], ["id a b"])

    def test_what_is_no_segment_finds_no_handler(self):
        for sent in NONE:
            with self.subTest(sent):
                self.explains(self.post("/policy/" + sent), 404)
        self.assertEqual(self.dispatched(), [])

    def test_a_path_of_its_own_comes_first(self):
        self.assertNotIn("warnings", self.allows(self.post("/policy/own")))
        self.assertEqual(self.allows(self.post("/policy/owner"))["warnings"], ["id owner"])

    def test_a_handler_answers_404_of_its_own(self):
        what = self.explains(self.post("/policy/missing"), 404, "there is no policy missing")
        self.assertEqual(what["reason"], "NotFound")
        with p.Client(self.probe) as client:  # which ends no connection
            for target, status in (("/policy/missing", 404), ("/policy/a", 200)):
                self.assertEqual(client.request("POST", target, p.review()).status, status)

    def test_other_methods_are_refused_by_the_route(self):
        with p.Client(self.probe) as client:
            response = client.request("GET", "/policy/a")
        self.explains(response, 405)
        self.assertEqual(response.field("Allow"), "POST")

    def test_metrics_and_log_name_the_pattern(self):
        before = self.series()
        for i in range(20):
            self.post("/policy/n%d" % i)
            self.post("/policy/n%d/x" % i)
        self.assertEqual(self.series(), before | {"/policy/{id}"})

    def series(self):
        with p.PlainClient(self.probe.health_port) as client:
            text = client.request("GET", "/metrics").body.decode()
        return {line.split('route="')[1].split('"')[0] for line in text.splitlines()
                if line.startswith("admwh_requests_total{") and 'route="' in line}


class Callers(p.ProbeCase):
    options = ("--path", "/policy/{id}", "--path", "/policy/own",
               "--route-allow", "/policy/{id}=default=cn:nobody")

    def test_the_rules_of_a_pattern_hold_for_each_id_and_for_no_other_path(self):
        for sent, status in (("a", 403), ("missing", 403), ("a%20b", 403), ("own", 200)):
            with self.subTest(sent), p.Client(self.probe) as client:
                self.assertEqual(client.request("POST", "/policy/" + sent, p.review()).status,
                                 status)
