# SPDX-License-Identifier: MIT
"""
What each route answers, checked by the rules of kube-apiserver, which are written
down here once more: k8s.io/apiserver, webhook/request/admissionreview.go.
"""

import base64
import copy
import json
import os
import threading

import probe as p

ROUTES = ("/validate", "/deny", "/warn", "/undecided", "/mutate", "/mutate-bad")
MUTATING = ("/mutate", "/mutate-bad")


class Invalid(Exception):
    """kube-apiserver would call this an invalid webhook response."""


def verify(uid, mutating, review, version="v1"):
    """The response of a review and its patch, or Invalid."""
    group = "admission.k8s.io/" + version
    response = review.get("response")
    if response is None:
        raise Invalid("webhook response was absent")
    if version == "v1":
        if (review.get("apiVersion"), review.get("kind")) != (group, "AdmissionReview"):
            raise Invalid("expected webhook response of %s, Kind=AdmissionReview" % group)
        if response.get("uid") != uid:
            raise Invalid('expected response.uid="%s"' % uid)
    patch = base64.b64decode(response.get("patch") or "", validate=True)
    kind = response.get("patchType")
    if not mutating:
        if patch:
            raise Invalid("validating webhook may not return response.patch")
        if kind is not None:
            raise Invalid("validating webhook may not return response.patchType")
    elif version == "v1":
        if patch and kind is None:
            raise Invalid("webhook returned response.patch but not response.patchType")
        if not patch and kind is not None:
            raise Invalid("webhook returned response.patchType but not response.patch")
        if kind == "":
            raise Invalid('webhook returned invalid response.patchType of ""')
    if kind not in (None, "JSONPatch"):
        raise Invalid('unsupported patch type "%s"' % kind)
    return response, json.loads(patch) if patch else []


def add_all(document, operations):
    """Apply a patch that consists of additions of members, which need their parent."""
    document = copy.deepcopy(document)
    for operation in operations:
        if operation["op"] != "add":
            raise ValueError("not an addition: %r" % operation)
        *parents, last = [token.replace("~1", "/").replace("~0", "~")
                          for token in operation["path"].split("/")[1:]]
        place = document
        for parent in parents:
            place = place[parent]
        place[last] = operation["value"]
    return document


class Rules(p.ProbeCase):
    def test_the_rules_here_give_the_verdicts_of_kube_apiserver(self):
        folder = os.environ.get("ADMWH_SUITES") or os.path.join(p.ROOT, "../shared/suites")
        try:
            with open(os.path.join(folder, "k8s-admission/verify_response.json"),
                      encoding="utf-8") as file:
                cases = json.load(file)
        except FileNotFoundError:
            self.skipTest("k8s-admission: not found")
        for case in cases:
            with self.subTest(case["name"]):
                try:
                    response, _ = verify(case["request_uid"], case["mutating"],
                                         case["response_review"])
                except Invalid as error:
                    expected = case["expect_error"]
                    self.assertTrue(expected in str(error) or str(error) in expected or
                                    "unsupported patch type" in expected, error)
                else:
                    self.assertNotIn("expect_error", case)
                    self.assertIs(response["allowed"], case["expect_allowed"])


class Answers(p.ProbeCase):
    """Every route, both versions. Subclasses run it inline and by the failure policy."""

    arguments = {"limits": p.PATIENT}

    def post(self, target, version="v1", probe=None, **members):
        """The verified response of a 200, with its patch; or the HTTP response of another."""
        value = p.review_value(version, **members)
        http = self.client(probe).post(target, p.encode(value))
        if http.status != 200:
            return http, None
        answer = http.json()
        self.assertEqual(answer["apiVersion"], "admission.k8s.io/" + version)
        self.assertEqual(answer["kind"], "AdmissionReview")
        self.assertEqual(answer["response"]["uid"], value["request"]["uid"])
        return verify(value["request"]["uid"], target in MUTATING, answer, version)

    def test_every_answer_keeps_the_rules(self):
        for version in ("v1", "v1beta1"):
            for target in ROUTES:
                for operation in ("CREATE", "UPDATE", "DELETE", "CONNECT"):
                    with self.subTest(target, version=version, operation=operation):
                        response, patch = self.post(target, version, operation=operation)
                        if patch is None:
                            self.assertIn(response.status, (500,))
                            self.assertIn(target, ("/undecided", "/mutate-bad", "/mutate"))
                        elif patch:
                            self.assertEqual(target, "/mutate")
                            self.assertNotEqual(operation, "DELETE")

    def test_the_handlers_get_the_body_as_it_was_sent(self):
        body = p.review(name="<&>\u2028\u00e4\U0001f600")
        self.client().post("/validate", body)
        event = self.dispatched()[0]
        self.assertEqual(base64.b64decode(event["body_b64"]), body)

    def test_allow(self):
        response, _ = self.post("/validate")
        self.assertEqual(set(response), {"uid", "allowed"})
        self.assertIs(response["allowed"], True)

    def test_deny(self):
        response, _ = self.post("/deny", name='we"b\\\n\u00e4')
        self.assertIs(response["allowed"], False)
        status = response["status"]
        self.assertEqual((status["status"], status["code"], status["reason"]),
                         ("Failure", 403, "Forbidden"))
        self.assertTrue(status["message"].startswith('the probe denies we"b\\'))
        self.assertIn("\u00e4", status["message"])

    def test_deny_without_a_name(self):
        value = p.review_value()
        del value["request"]["name"]
        response = self.client().post("/deny", p.encode(value)).json()["response"]
        self.assertEqual(response["status"]["message"], "the probe denies this request")

    def test_warnings_and_annotations(self):
        response, _ = self.post("/warn")
        self.assertEqual(response["warnings"], ["one", "two"])
        self.assertEqual(response["auditAnnotations"], {"probe": "seen"})

    def test_the_patch_gives_the_label_wherever_it_starts_from(self):
        for metadata in ({"name": "web"}, {"labels": {}}, {"labels": {"app": "web"}},
                         {"labels": None}, None, "absent", {"labels": {"admwh.dev/seen": "x"}}):
            with self.subTest(metadata=metadata):
                pod = dict(p.POD, metadata=metadata)
                if metadata == "absent":
                    del pod["metadata"]
                response, patch = self.post("/mutate", obj=pod)
                self.assertIs(response["allowed"], True)
                after = add_all(pod, patch)
                labels = dict((metadata or {}).get("labels") or {}) \
                    if metadata != "absent" else {}
                labels["admwh.dev/seen"] = "true"
                self.assertEqual(after["metadata"]["labels"], labels)
                del after["metadata"]
                pod.pop("metadata", None)
                self.assertEqual(after, pod)

    def test_uids_come_back_as_they_were(self):
        for uid in ("x", "a" * 500, 'q"\\/\b\f\n\r\t', "\u00e4\u2028\U0001f600", "<script>&"):
            with self.subTest(uid):
                response, _ = self.post("/validate", uid=uid)
                self.assertEqual(response["uid"], uid)

    def assert_failure(self, target, contains, code=500):
        response, patch = self.post(target)
        self.assertIsNotNone(patch, response)
        self.assertIs(response["allowed"], False)
        self.assertEqual(response["status"]["code"], code)
        self.assertIn(contains, response["status"]["message"])

    def test_a_handler_that_decides_nothing_has_denied(self):
        self.assert_failure("/undecided", "decided nothing")

    def test_a_failure_asks_the_user_to_wait_and_not_the_api_server(self):
        response = self.client().post("/fail")
        self.assertIsNone(response.field("Retry-After"))
        answer = response.json()
        status = answer["response"]["status"] if response.status == 200 else answer
        self.assertEqual(status["message"], "the scanner of web is down")
        self.assertEqual(status["details"], {"retryAfterSeconds": 3})

    def test_errors_of_fields(self):
        fields = ["spec.hostNetwork", "spec.containers[0].resources.limits.memory"]
        for target, code, details in (("/errors", 403, ["causes"]),
                                      ("/invalid", 422, ["causes", "kind", "name"])):
            status = self.client().post(target).json()["response"]["status"]
            self.assertEqual(status["code"], code)
            self.assertEqual(sorted(status["details"]), details)
            self.assertEqual([cause["field"] for cause in status["details"]["causes"]], fields)
            for cause in status["details"]["causes"]:
                self.assertIn("%(field)s: %(message)s" % cause, status["message"])
            self.allows(self.client().post(target, p.review(name="good")))

    def test_a_patch_that_does_not_apply_is_a_failure_that_names_it(self):
        self.assert_failure("/mutate-bad", "/no/such/member")

    def test_unknown_members_are_passed_over(self):
        value = p.review_value(future={"a": [1, {"b": None}]})
        value["more"] = {"x": 1}
        self.allows(self.client().post("/validate", p.encode(value)), value["request"]["uid"])

    def test_a_review_of_12_5_mb_is_served(self):
        text = "<" * 1040000
        pod = dict(p.POD, data={"x": text})
        body = p.review(operation="UPDATE", obj=pod)
        self.assertGreater(len(body), 12400000)
        client = self.client()
        for target in ("/validate", "/mutate"):
            response = client.post(target, body)
            self.assertEqual(response.status, 200)
            self.assertIs(response.json()["response"]["allowed"], True)

    def test_64_connections_of_50_requests(self):
        probe, wrong = self.probe, []

        def call(number):
            try:
                with p.Client(probe) as client:
                    for turn in range(50):
                        uid = "%d-%d" % (number, turn)
                        target = ROUTES[(number + turn) % 3]
                        response = client.post(target, p.review(uid=uid))
                        if response.json()["response"]["uid"] != uid:
                            wrong.append(uid)
            except Exception as error:  # told by the test, not by the thread
                wrong.append(repr(error))

        threads = [threading.Thread(target=call, args=(number,)) for number in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])


class InlineAnswers(Answers):
    options = ("--inline",)


class PolicyAnswers(Answers):
    """The cluster's failurePolicy decides about failures: HTTP 500."""

    options = ("--on-failure", "policy")

    def assert_failure(self, target, contains, code=500):
        response, patch = self.post(target)
        self.assertIsNone(patch)
        self.explains(response, code, contains)


class BareReviews(p.ProbeCase):
    options = ("--bare",)

    def refuses(self, value, contains):
        """In this dialect an error has a message and the HTTP status, as policy-server's has."""
        response = self.client().post("/validate", p.encode(value))
        self.assertEqual(response.status, 422, response)
        error = response.json()
        self.assertEqual((sorted(error), error["status"]), (["message", "status"], 422))
        self.assertIn(contains, error["message"])

    def test_a_bare_review_is_answered_as_v1(self):
        value = p.review_value()
        body = p.encode({"request": value["request"]})
        response = self.client().post("/validate", body)
        self.allows(response, value["request"]["uid"])
        self.assertEqual(response.json()["apiVersion"], "admission.k8s.io/v1")

    def test_half_a_type_is_refused(self):
        value = p.review_value()
        for member in ("apiVersion", "kind"):
            self.refuses({name: value[name] for name in value if name != member}, member)

    def test_a_wrong_version_is_still_refused(self):
        self.refuses(p.review_value("v3"), "apiVersion")

    def test_other_routes_refuse_bare_reviews(self):
        probe = self.start()
        body = p.encode({"request": p.review_value()["request"]})
        self.explains(self.client(probe).post("/validate", body), 422, "apiVersion")


class Deadlines(p.ProbeCase):
    def test_a_late_handler_is_answered_for_and_its_answer_dropped(self):
        for policy, status in (("deny", 200), ("policy", 504)):
            with self.subTest(policy):
                probe = self.start("--on-failure", policy, hold=True)
                client = self.client(probe)
                value = p.review_value(uid="late-one")
                response = client.post_begun("/slow?timeout=400ms", p.encode(value))
                self.assertFalse(response.closes)
                if policy == "policy":
                    self.explains(response, status, "handler did not decide within")
                else:
                    answer = response.json()["response"]
                    self.assertEqual((answer["uid"], answer["allowed"]), ("late-one", False))
                    self.assertEqual(answer["status"]["code"], 504)
                # the handler still runs; what it will say must not come out here
                self.allows(client.post(body=p.review(uid="next-one")), "next-one")
                probe.release()
                self.allows(client.post("/slow", p.review(uid="patient")), "patient")
                self.allows(client.post(body=p.review(uid="last-one")), "last-one")

    def test_a_review_that_waits_too_long_for_a_worker_is_answered_in_time(self):
        probe = self.start("--workers", "1", hold=True)
        first, second = self.client(probe), self.client(probe)
        first.send(p.request("POST", "/slow", p.review()))
        probe.wait_event("dispatched")
        response = second.post("/validate?timeout=300ms")
        if response.status == 200:
            self.assertEqual(response.json()["response"]["status"]["code"], 504)
        else:
            self.explains(response, 504)
        probe.release()
        self.allows(first.read_response())
        self.allows(second.post())
        self.assertEqual(len(self.dispatched(probe)), 1)

    def test_an_inline_handler_that_is_late_is_a_failure(self):
        probe = self.start("--inline", "--slow-ms", "600")
        response = self.client(probe).post("/slow?timeout=300ms")
        self.assertEqual(response.status, 200)
        answer = response.json()["response"]
        self.assertEqual((answer["allowed"], answer["status"]["code"]), (False, 504))

    def test_a_caller_that_has_gone_is_no_trouble(self):
        probe = self.start("--workers", "16", hold=True)
        for _ in range(10):
            client = self.client(probe)
            client.send(p.request("POST", "/slow", p.review()))
            probe.wait_event("dispatched")
            client.reset()
        self.served(probe)
        probe.release()
        self.served(probe)
