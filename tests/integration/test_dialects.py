# SPDX-License-Identifier: MIT
"""
The shape of answers over the wire: dialects, raw requests, filters, and what
runs around a handler. tests/vectors/dialects has every byte of every answer.
"""

import base64
import json
import unittest

import probe as p


class Rancher(p.ProbeCase):
    options = ("--dialect", "rancher", "--on-failure", "policy")

    def test_the_review_is_echoed_with_its_response(self):
        body = p.review(uid="u-1", obj={"metadata": {"name": "a<b>&c\u2028"}})
        response = self.client().post("/validate", body)
        expected = body.rstrip(b"\n")[:-1] + b',"response":{"uid":"u-1","allowed":true}}\n'
        self.assertEqual(response.body, expected)
        self.assertEqual(response.field("Content-Type"), "application/json")

    def test_what_a_caller_did_not_escape_is_escaped(self):
        value = p.review_value(obj={"metadata": {"name": "<&>\u2028\u2029"}})
        plain = json.dumps(value, ensure_ascii=False).encode()
        response = self.client().post("/validate", plain)
        for char in "<>&\u2028\u2029":
            self.assertNotIn(char.encode(), response.body)
        self.assertEqual(response.json()["request"], value["request"])

    def test_a_failure_left_to_the_policy(self):
        response = self.client().post("/undecided")
        self.assertEqual(response.status, 500)
        self.assertEqual(response.json()["response"]["status"], {
            "metadata": {}, "status": "Failure", "reason": "InternalError", "code": 500,
            "message": "Internal error occurred: handler decided nothing",
            "details": {"causes": [{"message": "handler decided nothing"}]}})

    def test_a_denial_has_no_reason_by_itself(self):
        self.assertEqual(self.client().post("/deny").json()["response"]["status"], {
            "metadata": {}, "status": "Failure", "code": 403,
            "message": "the probe denies web"})

    def test_any_content_type_is_taken(self):
        client = self.client()
        for value in (None, "", "text/plain", "x"):
            response = client.post(fields=[("Content-Type", value)])
            self.assertEqual(response.status, 200, value)

    def test_an_echo_that_would_be_too_large_fails(self):
        """The caller's bytes grow six times: the answer has a limit, too."""
        body = b'{"metadata":{"name":"' + b"<" * (11 << 20) + b'"}}'
        review = p.review(obj="@").replace(b'"object":"@"', b'"object":' + body)
        probe = self.start(*self.options, limits=p.PATIENT)
        response = self.client(probe).post("/validate", review)
        self.assertEqual(response.status, 500)
        self.assertNotIn("request", response.json())
        self.assertIs(response.json()["response"]["allowed"], False)

    def test_at_a_deadline(self):
        probe = self.start(*self.options, hold=True)
        response = self.client(probe).post_begun("/slow?timeout=2s")
        self.assertEqual(response.status, 504)
        self.assertEqual(response.json()["response"]["status"]["message"],
                         "handler did not decide within 1800 ms")
        self.assertIn("request", response.json())


class Kubewarden(p.ProbeCase):
    options = ("--dialect", "kubewarden", "--raw")

    def test_any_json_is_a_raw_request(self):
        for value in ({"user": "tonio"}, {}, [], "text", 7, None, True):
            with self.subTest(value):
                response = self.client().post("/validate", p.encode({"request": value}))
                self.assertEqual(response.json(), {"response": {
                    "uid": "", "allowed": True, "auditAnnotations": None, "warnings": None}})

    def test_a_raw_request_is_patched(self):
        body = p.encode({"request": {"uid": "u-3", "metadata": {}}})
        answer = self.client().post("/mutate", body).json()["response"]
        self.assertEqual(answer["uid"], "u-3")
        self.assertEqual(json.loads(base64.b64decode(answer["patch"]))[-1]["path"],
                         "/metadata/labels/admwh.dev~1seen")

    def test_without_a_request_it_is_none(self):
        self.assertEqual(self.client().post("/validate", b"{}").status, 422)
        self.assertEqual(self.client().post("/validate", b'{"request":').status, 400)

    def test_a_large_one(self):
        """Decoded on a worker."""
        body = p.encode({"request": {"uid": "u-4", "text": "x" * 200000}})
        self.assertEqual(self.client().post("/validate", body).json()["response"]["uid"], "u-4")


class OnlyWarn(p.ProbeCase):
    options = ("--only-warn", "--on-failure", "policy")

    def test_a_denial_is_allowed_with_warnings_counted_and_logged(self):
        probe = self.start(*self.options, "--log", "info", health=True)
        response = self.client(probe).post("/errors").json()["response"]
        self.assertTrue(response["allowed"])
        self.assertEqual(response["warnings"], [
            "would be denied: spec.hostNetwork: Forbidden: no Pod of default may have it",
            "would be denied: spec.containers[0].resources.limits.memory: Required value: "
            "set a limit"])
        self.assertEqual(response["auditAnnotations"]["would-deny"],
                         "[%s]" % ", ".join(text[len("would be denied: "):]
                                            for text in response["warnings"]))
        p.until(lambda: probe.log("dispatch.review", route="/errors", decision="warned", code=403,
                                  level="INFO"), probe.errors)
        p.until(lambda: probe.metric('admwh_requests_total{route="/errors",operation="CREATE",'
                                     'decision="warned"}') == 1)

    def test_failures_stay_failures(self):
        for path in ("/fail", "/undecided", "/mutate-bad"):
            with self.subTest(path):
                self.assertEqual(self.client().post(path).status, 500)

    def test_a_late_denial_is_no_allow(self):
        probe = self.start(*self.options, hold=True)
        self.assertEqual(self.client(probe).post("/slow?timeout=2s").status, 504)


class Filters(p.ProbeCase):
    options = ("--filter", "fail", "--on-failure", "policy")

    def test_what_no_filter_lets_through_fails(self):
        response = self.client().post("/validate", p.review(operation="UPDATE"))
        self.explains(response, 500, "no handler for UPDATE of Pod at this path")
        self.assertEqual(self.dispatched(), [])
        self.allows(self.client().post())
        self.assertEqual(len(self.dispatched()), 1)

    def test_or_is_allowed(self):
        probe = self.start("--filter", "allow")
        self.allows(self.client(probe).post("/deny", p.review(operation="UPDATE")))
        self.assertEqual(self.dispatched(probe), [])


class Around(p.ProbeCase):
    options = ("--around", "--slow-ms", "1")

    def told(self, probe=None):
        """Events until the outer after, as words."""
        events = []
        while not events or (events[-1]["event"], events[-1]["layer"]) != ("after", "outer"):
            events += [event for event in (probe or self.probe).take_events()
                       if event["event"] in ("before", "after")]
        return [(event["event"], event["layer"], event.get("decision")) for event in events]

    def run_through(self, path, decision, name="web"):
        response = self.client().post(path, p.review(name=name))
        self.assertEqual(self.told(), [
            ("before", "outer", None), ("before", "inner", None),
            ("after", "inner", decision), ("after", "outer", decision)])
        return response

    def test_wraps_a_handler(self):
        answer = self.allows(self.run_through("/validate", "allowed"))
        self.assertEqual(answer["auditAnnotations"], {"inner": "allowed", "outer": "allowed"})
        self.run_through("/deny", "denied")

    def test_is_told_of_failures(self):
        self.run_through("/undecided", "error")

    def test_a_before_decides(self):
        response = self.run_through("/validate", "denied", name="stop")
        self.assertEqual(response.json()["response"]["status"]["message"],
                         "stopped before the handler")
        self.assertEqual(self.dispatched(), [])

    def test_wraps_what_is_decided_later(self):
        self.allows(self.run_through("/later", "allowed", name="then"))
        self.run_through("/later", "denied", name="deny")
        self.run_through("/later", "error", name="give-up")

    def test_runs_after_a_late_handler_too(self):
        probe = self.start("--around", hold=True)
        response = self.client(probe).post_begun("/slow?timeout=2s")
        self.assertEqual(response.json()["response"]["status"]["code"], 504)
        self.assertNotIn("auditAnnotations", response.json()["response"])
        probe.release()
        self.assertEqual(self.told(probe)[-1], ("after", "outer", "deadline"))


if __name__ == "__main__":
    unittest.main()
