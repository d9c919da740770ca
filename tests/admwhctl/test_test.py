# SPDX-License-Identifier: MIT
"""admwhctl test: suites against examples, their output, and expectations that it writes."""

import json
import os
import unittest
import xml.etree.ElementTree

from program import COMMANDS, ROOT
from webhook import WebhookTest, answer

SUITE = """\
# What the policy says.
apiVersion: admwhctl/v1
kind: Suite
defaults: {user: alice}
cases:
- name: passes        # a comment that stays
  object: {apiVersion: v1, kind: Pod, metadata: {name: a}}
  expect: {allowed: true}   # and so does this

- name: fails
  expect:
    allowed: false
    message: /^no/     # gone
  object: &pod
    apiVersion: v1
    kind: Pod
    metadata: {name: b}

- name: is new
  object: *pod
  # behind it
"""


class SuiteTest(WebhookTest):
    def run_suite(self, address, path, *arguments, status=0):
        return self.run_program("test", "--url", "https://policy.webhooks.svc" + path, "--address",
                                address, *self.credentials(), *arguments, status=status)


class Examples(SuiteTest):
    """The suites beside the examples hold against the examples."""

    def start(self, name, *flags):
        return "127.0.0.1:%d" % self.start_example(name, *flags).port

    def suite(self, *names):
        return os.path.join(ROOT, "examples", *names)

    def test_registries(self):
        self.write("registries.txt", "registry.example.com/team\n")
        address = self.start("registries/admwh-registries", "--registries",
                             self.path("registries.txt"))
        done = self.run_suite(address, "/validate", self.suite("registries", "suite.yaml"))
        self.assertRegex(done.stdout, r": [1-9]\d* passed, 0 failed\n$")

    def test_hello(self):
        address = self.start("hello/hello")
        for path, kind in (("/validate/pods", "validating"), ("/mutate/pods", "mutating")):
            done = self.run_suite(address, path, "--type", kind,
                                  self.suite("hello", kind + ".yaml"))
            self.assertRegex(done.stdout, r": [1-9]\d* passed, 0 failed\n$")


class Suites(SuiteTest):
    def setUp(self):
        super().setUp()
        self.reply = answer
        self.server = self.serve({path: lambda review: self.reply(review)
                                  for path in ("/validate", "/mutate")})

    def run_text(self, text, *arguments, status=0):
        self.write("suite.yaml", text)
        return self.run_suite(self.server.address, "/validate", *arguments, "suite.yaml",
                              status=status)

    def case(self, expect, status, more=""):
        return self.run_text("apiVersion: admwhctl/v1\nkind: Suite\ncases:\n- name: a\n"
                         "  object: {apiVersion: v1, kind: Pod, metadata: {name: a, labels: {b: c}}}\n"
                         "  expect: %s\n%s" % (expect, more), status=status).stdout

    def test_expectations_of_denials(self):
        self.reply = lambda review: answer(review, False, warnings=["w"], status={
            "code": 403, "reason": "Forbidden", "message": "image x is of no registry"})
        for expect, status in (
                ("{allowed: false}", 0), ("{allowed: true}", 1), ("{}", 0), ("{code: 403}", 0),
                ("{code: 422}", 1), ("{reason: Forbidden}", 0), ("{reason: Invalid}", 1),
                ("{message: image x is of no registry}", 0), ("{message: image x}", 1),
                ("{message: {contains: of no}}", 0), ("{message: {contains: of any}}", 1),
                ('{message: "/image [xy] .* registry$/"}', 0), ('{message: "/^registry/"}', 1),
                ("{warnings: [w]}", 0), ("{warnings: []}", 1), ("{failed: x}", 1)):
            self.assertIn("FAIL" if status else "ok ", self.case(expect, status), expect)

    def test_expectations_of_patches(self):
        self.reply = lambda review: answer(review, patch=[
            {"op": "add", "path": "/spec", "value": {"list": [{"a": 1, "b": 2}], "size": 1}},
            {"op": "remove", "path": "/metadata/labels"}])
        for patched, problem in (
                ("{spec: {size: 1}}", None), ("{spec: {size: 2}}", "patched.spec.size: expected 2, not 1"),
                ("{spec: {list: [{b: 2}]}}", None), ("{metadata: {labels: null}}", None),
                ("{spec: {list: []}}", 'patched.spec.list: expected [], not [{"a":1,"b":2}]'),
                ("{spec: {list: [{b: 3}]}}", "patched.spec.list[0].b: expected 3, not 2"),
                ("{metadata: {labels: {b: c}}}", "not nothing"), ("{spec: null}", "expected null")):
            said = self.case("{patched: %s}" % patched, 1 if problem else 0)
            self.assertIn(problem or "ok ", said, patched)

    def test_expected_failures(self):
        self.reply = lambda review: (500, b"down")
        self.assertIn("ok ", self.case("{failed: status 500}", 0))
        self.assertIn("FAIL", self.case("{failed: status 501}", 2))
        self.assertIn("status 500: down", self.case("{allowed: true}", 2))

    def test_requests_of_cases(self):
        self.write("sub/pods.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\n"
                                    "apiVersion: v1\nkind: Pod\nmetadata: {name: b}\n")
        self.write("sub/given.yaml", "apiVersion: apiextensions.k8s.io/v1\n"
                   "kind: CustomResourceDefinition\nmetadata: {name: as.x.org}\n"
                   "spec: {group: x.org, scope: Cluster, names: {kind: A, plural: as},"
                   " versions: [{name: v1}]}\n")
        self.write("sub/suite.yaml", """\
apiVersion: admwhctl/v1
kind: Suite
given: [given.yaml]
defaults: {user: alice, groups: [dev], namespace: shop}
cases:
- {name: many, manifest: pods.yaml, operation: update, old: pods.yaml, expect: {}}
- {name: other, object: {apiVersion: x.org/v1, kind: A, metadata: {name: c}}, user: bob,
   groups: [], dryRun: true, extra: {k: [v]}, operation: DELETE, expect: {allowed: true}}
""".replace("update", "UPDATE"))
        self.run_suite(self.server.address, "/validate", "sub/suite.yaml")
        first, second, third = (seen[3]["request"] for seen in self.server.seen)
        self.assertEqual([first["name"], second["name"], third["name"]], ["a", "b", "c"])
        self.assertEqual(second["oldObject"]["metadata"]["name"], "b")
        self.assertEqual(first["userInfo"], {"username": "alice",
                                             "groups": ["dev", "system:authenticated"]})
        self.assertEqual((first["namespace"], first["operation"]), ("shop", "UPDATE"))
        self.assertEqual(third["userInfo"], {"username": "bob", "extra": {"k": ["v"]},
                                             "groups": ["system:authenticated"]})
        self.assertEqual((third["resource"]["resource"], third["dryRun"]), ("as", True))

    def test_outputs(self):
        self.assertIn("suite.yaml: 1 passed, 2 failed", self.run_text(SUITE, status=1).stdout)
        tap = self.run_text(SUITE, "--output", "tap", status=1).stdout
        self.assertIn("TAP version 14\n1..3\nok 1 - passes\nnot ok 2 - fails\n  ---\n"
                      '  at: "suite.yaml:10"\n  problems:\n  - "expected denied, not allowed"\n',
                      tap)
        suite = xml.etree.ElementTree.fromstring(
            self.run_text(SUITE, "--output", "junit", status=1).stdout)
        self.assertEqual((suite.get("tests"), suite.get("failures")), ("3", "2"))
        self.assertEqual([len(case) for case in suite], [0, 1, 1])
        self.assertEqual(suite[1][0].get("message"), "expected denied, not allowed")

    def test_no_name_and_no_answer_commands_the_terminal(self):
        evil = "a\x1b]0;b\x07\x7f\x9b\u202e<"
        self.reply = lambda review: answer(review, False, status={"message": evil})
        suite = SUITE.replace("name: passes", 'name: "a\\x1b\\x9b\\u202e\\n"')
        for output in ("text", "tap", "junit"):
            with self.subTest(output):
                said = self.run_text(suite, "--output", output, status=1).stdout
                self.assertNotRegex(said, COMMANDS)
        case = xml.etree.ElementTree.fromstring(said)[0]
        self.assertEqual(case.get("name"), "a\ufffd\x9b\u202e\n")
        self.assertIn("a\ufffd]0;b\ufffd\x7f\x9b\u202e<", case[0].get("message"))

    def test_update_writes_what_fails_and_what_is_new(self):
        self.reply = lambda review: answer(
            review, review["request"]["name"] == "a",
            status={"code": 422, "reason": "Invalid", "message": "no\nnever"})
        said = self.run_text(SUITE, "--update").stderr
        self.assertIn("expectations of 1 cases are written", said)
        self.assertEqual(self.read("suite.yaml"), SUITE.replace("""\
  object: *pod
""", """\
  object: *pod
  expect:
    allowed: false
    code: 422
    reason: Invalid
    message: |-
      no
      never
"""))
        self.reply = lambda review: answer(review, patch=[
            {"op": "add", "path": "/metadata/labels", "value": {"b": "1"}}])
        self.run_suite(self.server.address, "/validate", "--update", "suite.yaml")
        made = """\
  expect:
    allowed: true
    patched:
      metadata:
        labels:
          b: "1"
"""
        self.assertEqual(self.read("suite.yaml"), SUITE.replace("""\
  expect:
    allowed: false
    message: /^no/     # gone
""", made).replace("  object: *pod\n", "  object: *pod\n" + made))
        self.run_suite(self.server.address, "/validate", "suite.yaml")

    def test_update_of_braces_or_without_an_answer_changes_nothing(self):
        text = ("apiVersion: admwhctl/v1\nkind: Suite\ncases:\n"
                "- {name: a, object: {apiVersion: v1, kind: Pod, metadata: {name: a}}}\n")
        self.assertIn("suite.yaml:4: ", self.run_text(text, "--update", status=2).stderr)
        self.assertEqual(self.read("suite.yaml"), text)
        self.reply = lambda review: (500, b"down")
        self.run_text(SUITE, "--update", status=2)
        self.assertEqual(self.read("suite.yaml").count("allowed: false"), 1)

    def test_faults_have_lines(self):
        head = "apiVersion: admwhctl/v1\nkind: Suite\n"
        pod = "object: {apiVersion: v1, kind: Pod}"
        for text, fault in (
                ("kind: Suite\n", "apiVersion"), (head, "cases"), (head + "cases: []\n", "cases"),
                (head + "cases:\n- {name: a}\n", ":4: cases[0]"),
                (head + "cases:\n- {name: a, %s, expects: {}}\n" % pod, ":4: cases[0].expects"),
                (head + "cases:\n- {name: a, %s,\n   expect: {code: 200}}\n" % pod, ":5: "),
                (head + "cases:\n- {name: a, %s, expect: {message: /(/}}\n" % pod, "message"),
                (head + "cases:\n- {name: a, manifest: none.yaml}\n", "none.yaml"),
                (head + "cases:\n- {name: a, %s, operation: PATCH}\n" % pod, "operation"),
                (head.replace("Suite", "Set") + "cases:\n- {name: a, %s}\n" % pod, "kind Suite")):
            self.assertIn(fault, self.run_text(text, status=2).stderr)
        self.assertEqual(self.server.seen, [])

    def test_a_suite_needs_a_target(self):
        self.write("suite.yaml", SUITE)
        self.assertIn("--url", self.run_program("test", "suite.yaml", status=2).stderr)

    def test_an_installation_as_target(self):
        self.write("suite.yaml", SUITE.replace("allowed: false\n    message: /^no/     # gone",
                                               "allowed: true"))
        done = self.run_program("test", "--installation", "made", "--address", self.server.address,
                                "suite.yaml", status=1)
        self.assertIn("2 passed, 1 failed", done.stdout)
        self.assertEqual(json.loads(self.server.seen[0][2])["request"]["userInfo"]["username"],
                         "alice")


if __name__ == "__main__":
    unittest.main()
