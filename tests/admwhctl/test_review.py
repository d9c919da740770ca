# SPDX-License-Identifier: MIT
"""admwhctl review: what is sent, and what is made of the answers."""

import json
import os
import time
import unittest

import yaml

from program import COMMANDS, ProgramTest
from webhook import WebhookTest, answer

INSTALLATION = """\
apiVersion: admwhctl/v1
kind: Installation
metadata: {name: policy, namespace: webhooks}
spec:
  image: registry.example.org/policy:1.0
  routes:
  - name: checks.example.org
    path: /validate
    timeoutSeconds: 3
    rules: [{apiGroups: ["", apps], apiVersions: [v1], operations: [CREATE, UPDATE, DELETE],
             resources: [pods, deployments, namespaces, pods/status]}]
    namespaceSelector:
      matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [kube-system]},
                         {key: tier, operator: NotIn, values: [free]}]
  - name: labels.example.org
    type: mutating
    path: /mutate
    failurePolicy: Ignore
    rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
    objectSelector: {matchLabels: {app: web}}
  authentication: both
"""

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: web, image: "a<b>&c"}]}
"""


def patched(review, text):
    """An answer whose patch is this text."""
    reply = answer(review, patchType="JSONPatch")
    reply["response"]["patch"] = text
    return reply


class Printed(ProgramTest):
    """Without a target the reviews are printed."""

    def reviews(self, text, *flags, status=0):
        self.write("objects.yaml", text)
        done = self.run_program("review", *flags, "objects.yaml", status=status)
        return [json.loads(line)["request"] for line in done.stdout.splitlines()]

    def test_kinds_lead_to_resources(self):
        table = (
            ("v1", "Pod", "", "v1", "pods", None),
            ("apps/v1", "Deployment", "apps", "v1", "deployments", None),
            ("networking.k8s.io/v1", "Ingress", "networking.k8s.io", "v1", "ingresses", None),
            ("networking.k8s.io/v1", "NetworkPolicy", "networking.k8s.io", "v1", "networkpolicies",
             None),
            ("v1", "Endpoints", "", "v1", "endpoints", None),
            ("storage.k8s.io/v1", "StorageClass", "storage.k8s.io", "v1", "storageclasses", None),
            ("policy/v1", "Eviction", "", "v1", "pods", "eviction"),
            ("v1", "Binding", "", "v1", "pods", "binding"),
            ("v1", "PodExecOptions", "", "v1", "pods", "exec"),
            ("authentication.k8s.io/v1", "TokenRequest", "", "v1", "serviceaccounts", "token"))
        for api_version, kind, group, version, resource, subresource in table:
            request, = self.reviews("apiVersion: %s\nkind: %s\nmetadata: {name: a}\n"
                                    % (api_version, kind))
            self.assertEqual(request["resource"],
                             {"group": group, "version": version, "resource": resource}, kind)
            self.assertEqual(request.get("subResource"), subresource, kind)
            self.assertEqual(request["kind"]["kind"], kind)
            self.assertEqual(request["requestResource"], request["resource"])

    def test_unknown_kinds_need_a_definition(self):
        self.assertEqual(self.reviews("apiVersion: x.org/v1\nkind: A\nmetadata: {name: a}\n",
                                      status=2), [])
        definition = ("apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
                      "metadata: {name: as.x.org}\n"
                      "spec: {group: x.org, scope: %s, names: {kind: A, plural: as},"
                      " versions: [{name: v1}]}\n")
        for scope, namespace in (("Cluster", None), ("Namespaced", "default")):
            self.write("crd.yaml", definition % scope)
            request, = self.reviews("apiVersion: x.org/v1\nkind: A\nmetadata: {name: a}\n",
                                    "--crd", "crd.yaml")
            self.assertEqual(request["resource"]["resource"], "as")
            self.assertEqual(request.get("namespace"), namespace)
        self.assertEqual(len(self.reviews(definition % "Cluster" + "---\napiVersion: x.org/v1\n"
                                          "kind: A\nmetadata: {name: a}\n")), 2)

    def test_names_and_namespaces(self):
        pod, node, namespace, made = self.reviews(
            POD + "---\napiVersion: v1\nkind: Node\nmetadata: {name: node}\n---\napiVersion: v1\n"
            "kind: Namespace\nmetadata: {name: shop}\n---\napiVersion: v1\nkind: Pod\n"
            "metadata: {generateName: web-}\n", "--namespace", "other")
        self.assertEqual((pod["name"], pod["namespace"]), ("web", "other"))
        self.assertEqual(pod["object"]["metadata"]["namespace"], "other")
        self.assertNotIn("namespace", node)
        self.assertEqual(namespace["namespace"], "shop")
        self.assertNotIn("name", made)
        self.assertEqual(self.reviews("apiVersion: v1\nkind: Pod\nspec: {}\n", status=2), [])
        # As kubectl reads it, the name is false.
        self.assertEqual(self.reviews("apiVersion: v1\nkind: Pod\nmetadata: {name: n}\n", status=2),
                         [])

    def test_operations_have_their_objects_and_options(self):
        self.write("old.yaml", POD.replace("a<b>&c", "old"))
        table = (("CREATE", True, False, "CreateOptions"), ("UPDATE", True, True, "UpdateOptions"),
                 ("DELETE", False, True, "DeleteOptions"), ("CONNECT", True, False, None))
        for operation, has_object, has_old, options in table:
            request, = self.reviews(POD, "--operation", operation, "--old", "old.yaml")
            self.assertEqual(request["operation"], operation)
            self.assertEqual(request["object"] is not None, has_object, operation)
            self.assertEqual(request["oldObject"] is not None, has_old, operation)
            self.assertEqual((request["options"] or {}).get("kind"), options)
        self.reviews(POD, "--operation", "UPDATE", status=2)

    def test_circumstances(self):
        request, = self.reviews(POD, "--user", "alice", "--uid", "7", "--group", "dev", "--extra",
                                "a=1", "--extra", "a=2", "--dry-run", "--subresource", "status")
        self.assertEqual(request["userInfo"],
                         {"username": "alice", "uid": "7",
                          "groups": ["dev", "system:authenticated"], "extra": {"a": ["1", "2"]}})
        self.assertTrue(request["dryRun"])
        self.assertEqual(request["options"]["dryRun"], ["All"])
        self.assertEqual(request["subResource"], "status")
        request, = self.reviews("apiVersion: autoscaling/v1\nkind: Scale\nmetadata: {name: a}\n",
                                "--resource", "deployments.v1.apps/scale", "--operation", "update",
                                "--old", "objects.yaml")
        self.assertEqual(request["resource"],
                         {"group": "apps", "version": "v1", "resource": "deployments"})
        self.assertEqual(request["subResource"], "scale")
        self.assertEqual(request["kind"]["group"], "autoscaling")

    def names(self, *arguments):
        done = self.run_program("review", *arguments)
        return [json.loads(line)["request"]["name"] for line in done.stdout.splitlines()]

    def test_lists_folders_and_wrong_flags(self):
        self.write("many/a.yaml", "apiVersion: v1\nkind: List\nitems:\n- %s- %s" % (
            "{apiVersion: v1, kind: Pod, metadata: {name: a}}\n",
            "{apiVersion: v1, kind: Pod, metadata: {name: b}}\n"))
        self.write("many/deeper/c.json", '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"c"}}')
        self.write("many/notes.txt", "not: [a manifest")
        self.assertEqual(self.names("many"), ["a", "b", "c"])
        # Links are followed, but not into a folder that they stand in; one to nothing is no file.
        self.write("other/d.yaml", POD)
        for link, target in (("linked", "../other"), ("deeper/back", ".."), ("gone.yaml", "nowhere")):
            os.symlink(target, self.path("many", link))
        self.assertEqual(self.names("many"), ["a", "b", "c", "web"])
        self.write("empty.yaml", "# nothing\n---\n")
        for flags in ((), ("nothing.yaml",), ("empty.yaml",), ("--operation", "PATCH", "many"),
                      ("--output", "xml", "many"), ("--resource", "pods", "many"),
                      ("--extra", "a", "many"), ("--wrong", "many")):
            self.assertNotEqual(self.run_program("review", *flags, status=2).stderr, "")

    def test_v1beta1(self):
        self.write("pod.yaml", POD)
        done = self.run_program("review", "--review-version", "v1beta1", "pod.yaml")
        self.assertEqual(json.loads(done.stdout)["apiVersion"], "admission.k8s.io/v1beta1")


class Sent(WebhookTest):
    """To a webhook with the certificates of an installation."""

    INSTALLATION = INSTALLATION

    def setUp(self):
        super().setUp()
        self.write("pod.yaml", POD)
        self.answers = {"/validate": answer, "/mutate": answer}
        self.server = self.serve(self.answers)

    def review(self, *arguments, status=0, server=None):
        return self.run_program("review", "--installation", "made", "--address",
                                (server or self.server).address, *(arguments or ("pod.yaml",)),
                                status=status).stdout

    def ask(self, *flags, status=0, url="https://policy.webhooks.svc/validate"):
        """One URL, without an installation."""
        return self.run_program("review", "--url", url, "--address", self.server.address,
                                *self.credentials(), *flags, "pod.yaml", status=status).stdout

    def test_mutating_first_and_validating_see_the_result(self):
        self.answers["/mutate"] = lambda review: answer(
            review, patch=[{"op": "add", "path": "/metadata/labels/seen", "value": "yes"}])
        said = self.review()
        self.assertIn("+    seen: \"yes\"", said)
        self.assertNotIn("uid", said)
        (mutate, headers, body, first), (validate, _, _, second) = self.server.seen
        self.assertEqual((mutate, validate), ("/mutate?timeout=5s", "/validate?timeout=3s"))
        self.assertNotIn("uid", first["request"]["object"]["metadata"])
        self.assertEqual(second["request"]["object"]["metadata"]["labels"]["seen"], "yes")
        self.assertIn("uid", second["request"]["object"]["metadata"])
        self.assertIn("creationTimestamp", second["request"]["object"]["metadata"])
        self.assertNotEqual(first["request"]["uid"], second["request"]["uid"])
        self.assertEqual(headers["Host"], "policy.webhooks.svc:443")
        self.assertEqual(headers["Content-Type"], "application/json")
        with open(self.path("made/private/callers/apiserver.token"), encoding="utf-8") as file:
            self.assertEqual(headers["Authorization"], "Bearer " + file.read().strip())
        self.assertIn(b'"image":"a\\u003cb\\u003e\\u0026c"', body)
        self.assertTrue(body.endswith(b"}\n"))

    def test_a_generated_name_is_there_for_validation(self):
        self.write("pod.yaml", POD.replace("name: web,", "generateName: web-,", 1))
        self.review()
        first, second = (seen[3]["request"] for seen in self.server.seen)
        self.assertNotIn("name", first)
        self.assertRegex(second["name"], "^web-[bcdfghjklmnpqrstvwxz2456789]{5}$")
        self.assertEqual(second["object"]["metadata"]["name"], second["name"])

    def test_rules_and_selectors(self):
        table = (
            ("kind: Pod\napiVersion: v1\nmetadata: {name: a}\n", ["/validate"]),
            ("kind: Pod\napiVersion: v1\nmetadata: {name: a, namespace: kube-system}\n", []),
            ("kind: Pod\napiVersion: v1\nmetadata: {name: a, labels: {app: web}}\n",
             ["/mutate", "/validate"]),
            ("kind: Secret\napiVersion: v1\nmetadata: {name: a}\n", []),
            ("kind: Deployment\napiVersion: apps/v1\nmetadata: {name: a}\n", ["/validate"]),
            ("kind: Eviction\napiVersion: policy/v1\nmetadata: {name: a}\n", []),
            ("kind: Namespace\napiVersion: v1\nmetadata: {name: kube-system}\n", []),
            ("kind: Namespace\napiVersion: v1\nmetadata: {name: a, labels: {tier: free}}\n---\n"
             "kind: Pod\napiVersion: v1\nmetadata: {name: a, namespace: a}\n", []))
        for text, paths in table:
            self.server.seen.clear()
            self.write("pod.yaml", text)
            self.review()
            seen = [path.partition("?")[0] for path, *_ in self.server.seen]
            self.assertEqual(seen, paths, text)

    def test_denials(self):
        self.answers["/validate"] = lambda review: answer(
            review, False, warnings=["careful"], auditAnnotations={"rule": "7"},
            status={"code": 422, "reason": "Invalid", "message": "two\nlines", "details": {
                "causes": [{"field": "spec.x", "message": "wrong", "reason": "FieldValueInvalid"}]}})
        said = self.review(status=1)
        for text in ("pod.yaml:1: Pod default/web CREATE: denied",
                     "checks.example.org: denied, code 422, reason Invalid\n    two\n    lines\n",
                     "cause: spec.x: wrong (FieldValueInvalid)", "warning: careful",
                     "audit annotation rule: 7"):
            self.assertIn(text, said)
        outcome, = json.loads(self.review("--output", "json", "pod.yaml", status=1))
        self.assertEqual((outcome["result"], outcome["calls"][1]["code"]), ("denied", 422))

    def test_a_cause_that_the_message_has_is_told_once(self):
        self.answers["/validate"] = lambda review: answer(
            review, False, status={"code": 403, "message": "spec.x: wrong", "details": {"causes": [
                {"field": "spec.x", "message": "wrong"}, {"field": "spec.y", "message": "odd"}]}})
        said = self.review(status=1)
        self.assertEqual((said.count("spec.x: wrong"), said.count("cause: spec.y: odd")), (1, 1))

    def test_codes_and_messages_of_denials(self):
        for status, code, message in ((None, 400, "without explanation"), ({"code": 200}, 400, ""),
                                      ({"reason": "Because"}, 400, "Because"),
                                      ({"code": 403, "message": "no"}, 403, "no")):
            self.answers["/validate"] = lambda review, status=status: answer(
                review, False, **({"status": status} if status else {}))
            said = self.ask(status=1)
            self.assertIn(f"code {code}", said)
            self.assertIn(message, said)

    def test_no_answer_commands_the_terminal(self):
        evil = "a\x1b]0;b\x07c\x7f\x9bd\re\u202ef"
        shown = r"a\x1b]0;b\x07c\x7f\xc2\x9bd\x0de\xe2\x80\xaef"
        status = {"message": evil, "reason": evil,
                  "details": {"causes": [{"field": evil, "message": evil + "\n  x: allowed",
                                          "reason": evil}]}}
        answers = (
            (1, lambda review: answer(review, False, status=status, warnings=[evil, evil + "\n"],
                                      auditAnnotations={evil: evil})),
            (1, lambda review: answer(review, warnings=[evil], allowed=False)),
            (2, lambda review: (500, evil.encode())),
            (2, lambda review: (500, b"\x9b\xff" + evil.encode())),
            (2, lambda review: (500, {"kind": "Status", "message": evil})),
            (2, lambda review: {**answer(review), "kind": evil}),
            (2, lambda review: answer(review, uid=evil)))
        for code, reply in answers:
            self.answers["/validate"] = reply
            said = self.review(status=code)
            self.assertIn(shown, said)
            self.assertNotRegex(said, COMMANDS)
            self.assertNotIn("\n  x: allowed", said)
            said = self.review("--output", "json", "pod.yaml", status=code)
            self.assertNotRegex(said, COMMANDS)
            calls = json.loads(said)[0]["calls"]
            self.assertIn(evil if code == 1 else "failed", {
                text for call in calls for text in (call["result"], *call.get("warnings", ()))})
        self.answers["/validate"] = lambda review: (500, b"a" * 199 + "\u00e9".encode())
        self.assertIn(r"HTTP status 500: " + "a" * 199 + r"\xc3", self.review(status=2))
        self.answers["/mutate"] = lambda review: answer(
            review, patch=[{"op": "add", "path": "/metadata/labels/seen", "value": evil}])
        self.answers["/validate"] = answer
        self.assertNotRegex(self.review(), COMMANDS)
        self.write("evil.yaml", 'apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: '
                   '{a: "\\x9b\\x7f\\u202e"}}\n')
        said = self.run_program("review", "evil.yaml").stdout
        self.assertNotRegex(said, COMMANDS)
        self.assertEqual(json.loads(said)["request"]["object"]["metadata"]["labels"],
                         {"a": "\x9b\x7f\u202e"})
        for output in ([], ["--yaml"]):
            said = self.run_program("patch", "merge", *output, "evil.yaml", "evil.yaml").stdout
            self.assertNotRegex(said, COMMANDS)
            self.assertEqual(yaml.safe_load(said)["metadata"]["labels"],
                             {"a": "\x9b\x7f\u202e"})
        self.write("pod.yaml", 'apiVersion: v1\nkind: "\\e]0;Pod"\nmetadata: {name: "\\a"}\n')
        done = self.run_program("review", "pod.yaml", status=2)
        self.assertNotRegex(done.stderr, COMMANDS)

    def test_an_answer_without_end_ends_in_time(self):
        def endless(review):
            def write(handler):
                while True:
                    handler.wfile.write(b"HTTP/1.1 102 Processing\r\n\r\n" * 100000)
            return write
        self.answers["/validate"] = endless
        begun = time.monotonic()
        said = self.ask("--timeout", "1", "--type", "validating", status=2)
        self.assertIn("no answer in time", said)
        self.assertLess(time.monotonic() - begun, 60)

    def test_answers_that_the_api_server_does_not_take(self):
        good = {"op": "add", "path": "/metadata/labels/x", "value": "y"}
        table = (
            (lambda r: {**answer(r), "apiVersion": "admission.k8s.io/v1beta1"}, "expected admission"),
            (lambda r: {**answer(r), "kind": "Pod"}, "kind \"Pod\""),
            (lambda r: {"apiVersion": r["apiVersion"], "kind": r["kind"]}, "no response"),
            (lambda r: answer(r, uid="other"), "response.uid"),
            (lambda r: answer(r, allowed="yes"), "response.allowed: expected true or false"),
            (lambda r: answer(r, patchType="JSONPatch"), "patchType without"),
            (lambda r: answer(r, patch=[good], patchType="Merge"), "expected JSONPatch"),
            (lambda r: answer(r, patch=[good], patchType=None), "without response.patchType"),
            (lambda r: patched(r, "W10"), "base64"),
            (lambda r: patched(r, "W1-="), "base64"),
            (lambda r: answer(r, patch={"a": 1}), "not a JSON Patch"),
            (lambda r: answer(r, patch=[{"op": "remove", "path": "/spec/x"}]), "does not apply"),
            (lambda r: answer(r, False, status={"code": 1200}), "1200"),
            (lambda r: b"not JSON", "not JSON"),
            (lambda r: b"", "without a body"),
            (lambda r: (204, b""), "HTTP status 204 without"),
            (lambda r: (302, b"", {"Location": "/"}), "redirection"),
            (lambda r: (503, {"kind": "Status", "message": "busy"}), "HTTP status 503: busy"),
            (lambda r: (500, b"oh"), "HTTP status 500: oh"))
        for reply, error in table:
            self.answers["/validate"] = reply
            said = self.ask(status=2)
            self.assertIn("the API server would fail: ", said)
            self.assertIn(error, said)

    def test_a_validating_webhook_may_not_patch(self):
        self.answers["/validate"] = lambda review: answer(review, patch=[
            {"op": "add", "path": "/metadata/labels/x", "value": "y"}])
        self.ask()
        self.assertIn("may not return", self.ask("--type", "validating", status=2))
        self.assertIn("may not return", self.review(status=2))

    def test_failure_policy_ignore(self):
        self.answers["/mutate"] = lambda review: (500, b"down")
        said = self.review()
        self.assertIn("failurePolicy Ignore lets the API server go on: HTTP status 500: down", said)
        # A patch that does not apply is none of its business.
        self.answers["/mutate"] = lambda review: answer(review, patch=[
            {"op": "remove", "path": "/spec/x"}])
        self.assertIn("the API server would fail: the patch does not apply", self.review(status=2))

    def test_bodies_in_chunks_and_up_to_the_end(self):
        def chunked(review):
            body = json.dumps(answer(review)).encode()
            parts = [body[i:i + 7] for i in range(0, len(body), 7)] + [b""]
            return 200, b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts), {
                "Content-Length": None, "Transfer-Encoding": "chunked"}

        self.answers["/validate"] = chunked
        self.assertIn("allowed", self.ask())
        self.answers["/validate"] = lambda review: (200, answer(review), {
            "Content-Length": None, "Connection": "close"})
        self.assertIn("allowed", self.ask())
        self.answers["/validate"] = lambda review: (200, b"x", {"Content-Length": "2"})
        self.assertIn("no answer", self.ask("--timeout", "1", status=2))

    def test_who_is_trusted(self):
        said = self.review("--ca", "made/private/client-ca.crt", "pod.yaml", status=2)
        self.assertIn("the server is not trusted", said)
        said = self.ask(url="https://other.webhooks.svc/validate", status=2)
        self.assertIn("no subject alternative name other.webhooks.svc", said)
        said = self.ask(url="https://127.0.0.1/validate", status=2)
        self.assertIn("no subject alternative name 127.0.0.1", said)
        said = self.review("--cert", "made/private/callers/apiserver.crt", "--key",
                           "made/private/server.key", "pod.yaml", status=2)
        self.assertIn("the key may not be the certificate's", said)
        self.openssl("req", "-new", "-key", "made/private/server.key", "-subj", "/CN=x", "-out", "x.csr")
        self.write("x.ext", "subjectAltName = DNS:policy.webhooks.svc\n")
        self.openssl("x509", "-req", "-in", "x.csr", "-CA", "made/private/server-ca.crt", "-CAkey",
                     "made/private/server-ca.key", "-days", "-1", "-extfile", "x.ext", "-out",
                     "made/private/expired.crt")
        os.symlink("server.key", self.path("made/private/expired.key"))
        said = self.review(server=self.serve(self.answers, certificate="expired"), status=2)
        self.assertRegex(said, "the server is not trusted: .*expired")
        other = self.serve(self.answers, client_ca="server-ca.crt")
        said = self.review(server=other, status=2)
        self.assertRegex(said, r"the server refuses the client: the server sends the alert \w+ \(48\)")
        self.server.stop()
        self.assertIn("no connection", self.review(status=2))
        self.server.stop = lambda: None

    def test_wrong_targets(self):
        for flags in (("--url", "http://a/b"), ("--url", "https://a/b?c"), ("--url", "https://a:0/"),
                      ("--url", "https://a/", "--installation", "made"),
                      ("--url", "https://a/", "--type", "both"), ("--installation", "nothing"),
                      ("--url", "https://a/", "--cert", "x"), ("--url", "https://a/", "--ca", "x"),
                      ("--url", "https://a/", "--timeout", "0")):
            self.assertNotEqual(self.run_program("review", *flags, "pod.yaml", status=2).stderr, "")


if __name__ == "__main__":
    unittest.main()
