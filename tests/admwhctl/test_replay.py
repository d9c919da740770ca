# SPDX-License-Identifier: MIT
"""admwhctl replay: recorded reviews against servers that decide the same, and otherwise."""

import glob
import json
import os
import pty
import signal
import subprocess
import sys
import time
import unittest

from program import ADMWHCTL, COMMANDS
from webhook import BUILD, WebhookTest, answer

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: %s, annotations: %s}
spec: {containers: [{name: web, image: %s}]}
---
"""

# Servers that have the flags of the standard program behind their own. The first connection is
# that which finds out whether they listen.
BEGIN = """
import os, socket, ssl, sys
flags = dict(zip(sys.argv[-10::2], sys.argv[-9::2]))
host, port = flags["--listen"].split(":")
listener = socket.create_server((host, int(port)))
listener.accept()[0].close()
connection = listener.accept()[0]
"""

ENDS = BEGIN + """
print("last words\\033[2J", flush=True)
os._exit(0)
"""

WAITS = BEGIN + """
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(flags["--tls-cert"], flags["--tls-key"])
connection = context.wrap_socket(connection, server_side=True)
connection.recv(1)
asked = open(sys.argv[1], "w")
print("asked", file=asked, flush=True)
open(sys.argv[2]).read()
connection.close()
listener.accept()
"""

EXTRA = "/request/userInfo/extra"
APPLIED = "/request/object/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration"

LABEL = [{"op": "add", "path": "/metadata/labels", "value": {"seen": "true"}}]


def record(decision="allowed", route="/validate", number="1", **recorded):
    """The text of a file that a server would write."""
    request = {"uid": "u-" + number, "kind": {"group": "", "version": "v1", "kind": "Pod"},
               "namespace": "default", "name": "web" + number, "operation": "CREATE",
               "userInfo": {"username": "alice"},
               "object": {"kind": "Pod", "metadata": {"name": "web"}}}
    recorded = {"version": 1, "time": "2026-01-01T00:00:00Z", "route": route,
                "caller": {"bundle": "default", "commonName": "kube-apiserver"},
                "decision": decision, "omitted": [], **recorded}
    return json.dumps({"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
                       "request": request, "record": recorded})


class ReplayTest(WebhookTest):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("record"), 0o700)

    def target(self, address, path=""):
        return ["--url", "https://policy.webhooks.svc" + path, "--address", address,
                *self.credentials()]

    def replay(self, address, *arguments, status=0, path=""):
        return self.run_program("replay", *self.target(address, path), *arguments, "record",
                                status=status)


class Examples(ReplayTest):
    """What servers have recorded, against another version of their policy."""

    def record(self, name, path, *flags, annotations="{}"):
        """Reviews of three Pods, in the folder when the server has ended."""
        example = self.start_example(name, "--record-folder", self.path("record"), "--record-kind", "Pod",
                             *flags)
        self.write("pods.yaml", "".join(POD % (pod, annotations, image) for pod, image in (
            ("a", "registry.example.com/team/web:1"), ("b", "docker.io/library/nginx"),
            ("c", "quay.io/org/tool:2"))))
        self.run_program("review", *self.target("127.0.0.1:%d" % example.port, path), "pods.yaml",
                         status=1 if path == "/validate" else 0)
        example.stop()
        self.assertEqual(len(glob.glob(self.path("record", "*.json"))), 3)

    def example(self, name):
        return os.path.join(BUILD, "examples", *name.split("/"))

    def registries(self, *prefixes):
        self.write("registries.txt", "".join(prefix + "\n" for prefix in prefixes))
        return "--registries", self.path("registries.txt")

    def test_another_policy_decides_otherwise(self):
        self.record("registries/admwh-registries", "/validate",
                    *self.registries("registry.example.com/team", "quay.io/org"))
        same = self.start_example("registries/admwh-registries",
                          *self.registries("registry.example.com/team", "quay.io/org"))
        done = self.replay("127.0.0.1:%d" % same.port)
        self.assertRegex(done.stdout, r"\A/validate, bundle default: 3 reviews: 3 same, 0 different\n"
                         r"all: 3 reviews: 3 same, 0 different; \d+\.\d s, \d+ a second\n\Z")
        other = self.start_example("registries/admwh-registries",
                           *self.registries("registry.example.com/team", "docker.io/library"))
        done = self.replay("127.0.0.1:%d" % other.port, status=1)
        for text in ("Pod default/b CREATE: denied, now allowed\n    -denied\n    +allowed\n"
                     "    -code 403\n",
                     "Pod default/c CREATE: allowed, now denied\n",
                     "    +code 403\n", "+spec.containers[0].image: Forbidden",
                     "/validate, bundle default: 3 reviews: 1 same, 2 different\n",
                     "       1  allowed, now denied: spec.containers[0].image: Forbidden",
                     "       1  denied, now allowed: spec.containers[0].image: Forbidden"):
            self.assertIn(text, done.stdout)

    def test_what_servers_leave_out(self):
        """Objects with kubectl's annotation, recorded by a server."""
        registries = self.registries("docker.io/library")
        self.record("registries/admwh-registries", "/validate", *registries,
                    annotations='{kubectl.kubernetes.io/last-applied-configuration: "{}"}')
        other = self.start_example("registries/admwh-registries", *self.registries("quay.io/org"))
        done = self.replay("127.0.0.1:%d" % other.port)
        self.assertIn("not comparable, recorded without %s: denied, now allowed\n" % APPLIED,
                      done.stdout)
        self.assertIn("all: 3 reviews: 1 same, 0 different, 2 not comparable;", done.stdout)
        done = self.replay("127.0.0.1:%d" % other.port, "--policy-reads", "none", status=1)
        self.assertIn("all: 3 reviews: 1 same, 2 different;", done.stdout)
        self.assertNotIn("userInfo.extra", done.stdout)

    def test_patches(self):
        self.record("hello/hello", "/mutate/pods")
        same = self.start_example("hello/hello")
        self.replay("127.0.0.1:%d" % same.port)

    def run_build(self, *words, status=0, temporary="made", **options):
        """A program that is started for the replay; it leaves nothing behind."""
        before = os.listdir(self.path(temporary))
        done = self.run_program("replay", *words, status=status,
                                env={**os.environ, "TMPDIR": self.path(temporary)}, **options)
        self.assertEqual(os.listdir(self.path(temporary)), before)
        return done

    def test_a_build(self):
        hello, registries = self.example("hello/hello"), self.example("registries/admwh-registries")
        self.record("registries/admwh-registries", "/validate",
                    *self.registries("registry.example.com/team", "quay.io/org"))
        done = self.run_build("record", "--", registries, *self.registries(
            "registry.example.com/team", "docker.io/library"), status=1)
        self.assertIn("all: 3 reviews: 1 same, 2 different;", done.stdout)
        self.assertEqual(done.stderr, "")
        self.assertIn("3 same", self.run_build("--output", "text", "record", "--", registries,
                                               *self.registries("registry.example.com/team",
                                                                "quay.io/org")).stdout)
        # Another program has other routes.
        done = self.run_build("record", "--", hello, status=2)
        self.assertIn("HTTP status 404", done.stdout)

    def test_builds_that_do_not_serve(self):
        self.write("record/a.json", record())
        hello = self.example("hello/hello")
        for command, said in (
                (["./none"], "./none: it has ended at once\n./none: No such file"),
                ([hello, "--wrong"], "it has ended at once\nhello: --wrong: there is no such flag"),
                (["true"], "true: it has ended at once\n")):
            done = self.run_build("record", "--", *command, status=2)
            self.assertIn(said, done.stderr)
        done = self.run_build("record", "--", sys.executable, "-c", ENDS, status=2)
        self.assertIn("it has ended during the replay\nlast words\\x1b[2J\n", done.stderr)
        for words, said in ((["--ca", "a", "record", "--", "true"], "gets its own address"),
                            (["--url", "https://a", "record", "--", "true"], "expected one FOLDER")):
            self.assertIn(said, self.run_build(*words, status=2).stderr)

    def test_an_interrupt_shows_what_has_been_found_and_stops_the_build(self):
        for number in range(3):
            self.write(f"record/{number}.json", record(number=str(number)))
        os.mkfifo(self.path("asked"))
        os.mkfifo(self.path("go"))
        os.mkdir(self.path("temporary"))
        program = subprocess.Popen(
            [ADMWHCTL, "replay", "--timeout", "60", "record", "--", sys.executable, "-c", WAITS,
             self.path("asked"), self.path("go")], cwd=self.folder, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "TMPDIR": self.path("temporary")})
        with open(self.path("asked"), encoding="utf-8") as file:
            self.assertEqual(file.readline(), "asked\n")
            program.send_signal(signal.SIGINT)
            with open(self.path("go"), "w", encoding="utf-8"):
                pass
            said, _ = program.communicate(timeout=60)
            self.assertEqual(file.read(), "")  # it has ended
        self.assertEqual(program.returncode, 2)
        self.assertIn("2 not replayed", said)
        self.assertEqual(os.listdir(self.path("temporary")), [])


class Answers(ReplayTest):
    """Against a server that answers as a test says."""

    def setUp(self):
        super().setUp()
        self.reply = answer
        self.server = self.serve({path: lambda review: self.reply(review)
                                  for path in ("/validate", "/mutate", "/new")})

    def run_on(self, *arguments, status=0, path=""):
        return self.replay(self.server.address, *arguments, status=status, path=path)

    def run_one(self, text, status):
        self.write("record/a.json", text)
        return self.run_on(status=status).stdout

    def test_what_differs(self):
        no = {"code": 403, "message": "no", "reason": "Forbidden"}
        denied = {"decision": "denied", "code": 403, "message": "no", "reason": "Forbidden"}
        failed = {"decision": "error", "code": 500, "message": "broken"}
        broken = {"kind": "Status", "code": 500, "message": "broken"}
        for recorded, reply, said in (
                ({}, {}, None),
                ({"decision": "warned", "warnings": ["w"]}, {"warnings": ["w"]}, None),
                ({"warnings": ["w"]}, {}, "web1 CREATE: warnings\n    -warning: w\n"),
                ({}, {"warnings": ["v"]}, "web1 CREATE: warnings\n    +warning: v\n"),
                ({}, {"allowed": False, "status": no}, "allowed, now denied\n"),
                (denied, {"allowed": False, "status": no}, None),
                (denied, {}, "denied, now allowed\n"),
                (denied, {"allowed": False, "status": {**no, "code": 422}},
                 "CREATE: code\n    -code 403\n    +code 422\n"),
                (denied, {"allowed": False, "status": {**no, "message": "never\nat all"}},
                 "CREATE: message\n    -no\n    +never\n    +at all\n"),
                ({"decision": "denied", "code": 403}, {"allowed": False, "status": {"code": 403}},
                 None),
                ({"decision": "denied"}, {"allowed": False}, None),
                (failed, {"allowed": False, "status": broken}, None),
                (failed, {"allowed": False, "status": no}, "error, now denied\n"),
                (failed, (500, broken), None),
                (failed, (500, {**broken, "message": "other"}), "CREATE: message\n"),
                ({}, (500, broken), "allowed, now error\n")):
            self.reply = (lambda review, reply=reply: reply if isinstance(reply, tuple)
                          else answer(review, **reply))
            out = self.run_one(record(**recorded), 1 if said else 0)
            self.assertIn(said or "1 same, 0 different", out, (recorded, reply))

    def test_patches_are_the_same_if_their_objects_are(self):
        each = [{"op": "add", "path": "/metadata/labels", "value": {}},
                {"op": "add", "path": "/metadata/labels/seen", "value": "true"}]
        other = [{"op": "add", "path": "/metadata/labels", "value": {"seen": "false"}}]
        bad = [{"op": "remove", "path": "/spec"}]
        for recorded, patch, said in (
                (LABEL, LABEL, None), (LABEL, each, None),
                (LABEL, other, "web1 CREATE: patch\n"), (LABEL, None, "-  labels:"),
                (None, LABEL, "    +    seen: 'true'\n"), (LABEL, bad, "+the patch does not apply")):
            self.reply = lambda review, patch=patch: answer(review, patch=patch)
            more = {"patch": recorded} if recorded else {}
            out = self.run_one(record(route="/mutate", **more), 1 if said else 0)
            self.assertIn(said or "1 same, 0 different", out.replace('"', "'"), (recorded, patch))

    def test_details(self):
        """What differs while the decision and its words are the same."""
        cause = {"field": "spec", "reason": "FieldValueInvalid", "message": "m"}
        status = {"code": 422, "message": "no", "reason": "Invalid", "details": {"causes": [cause]}}
        denied = {"decision": "denied", "code": 422, "message": "no", "reason": "Invalid",
                  "causes": [cause]}
        failed = {"decision": "error", "code": 500, "message": "broken", "reason": "InternalError"}
        for recorded, reply, said in (
                (denied, {"allowed": False, "status": status}, None),
                (denied, {"allowed": False, "status": {**status, "reason": "Forbidden"}},
                 "CREATE: reason\n    -reason Invalid\n    +reason Forbidden\n"),
                (denied, {"allowed": False, "status": {**status, "details": {}}},
                 "CREATE: causes\n    -cause spec FieldValueInvalid: m\n"),
                (denied, {"allowed": False, "status": {
                    **status, "details": {"causes": [cause, {"message": "more"}]}}},
                 "    +cause spec FieldValueInvalid: m\n    +cause: more\n"),
                ({"auditAnnotations": {"a": "1"}}, {"auditAnnotations": {"a": "1"}}, None),
                ({"auditAnnotations": {"a": "1"}}, {"auditAnnotations": {"a": "2"}},
                 "CREATE: auditAnnotations\n    -audit a: 1\n    +audit a: 2\n"),
                (failed, (500, {"kind": "Status", "code": 500, "message": "broken",
                                "reason": "InternalError"}), None),
                (failed, (500, {"kind": "Status", "code": 500, "message": "broken",
                                "reason": "Other"}), "CREATE: reason\n")):
            self.reply = (lambda review, reply=reply: reply if isinstance(reply, tuple)
                          else answer(review, **reply))
            out = self.run_one(record(**recorded), 1 if said else 0)
            self.assertIn(said or "1 same, 0 different;", out, (recorded, reply))
            self.assertIn("0 different, 1 different in details;" if said else "1 same", out)
        # Of another decision, or other words, they are no difference of their own.
        self.reply = answer
        out = self.run_one(record(**denied), 1)
        self.assertIn("0 same, 1 different;", out)
        self.assertNotIn("reason", out)

    def test_a_record_that_lacks_what_the_policy_may_read_is_not_comparable(self):
        self.reply = lambda review: answer(review, False, status={"code": 403, "message": "no"})
        hint = "1 of the different was recorded without userInfo.extra"
        for omitted, flag, without in (
                ([], "all", None), ([EXTRA], None, None), ([EXTRA], "object", None),
                ([EXTRA], "none", None), ([EXTRA], "all", EXTRA), ([APPLIED], None, APPLIED),
                ([EXTRA, APPLIED], None, APPLIED), ([APPLIED, EXTRA], "all", APPLIED),
                ([EXTRA, APPLIED], "none", None), (["/request/object"], None, "/request/object"),
                (["/record/patch/0/value"], "none", "/record/patch/0/value")):
            self.write("record/a.json", record(omitted=omitted))
            flags = ["--policy-reads", flag] if flag else []
            out = self.run_on(*flags, status=0 if without else 1).stdout
            if without:
                self.assertIn("not comparable, recorded without %s: allowed, now denied\n" %
                              without, out)
                self.assertIn("all: 1 reviews: 0 same, 0 different, 1 not comparable;", out)
            else:
                self.assertIn("CREATE: allowed, now denied\n", out)
                self.assertIn("all: 1 reviews: 0 same, 1 different;", out)
            self.assertEqual(hint in out, omitted == [EXTRA] and flag in (None, "object"),
                             (omitted, flag))
        said = json.loads(self.run_on("--policy-reads", "none", "--output", "json").stdout)
        self.assertEqual(said["differentWithoutExtra"], 0)
        self.reply = answer
        self.assertIn("1 same", self.run_one(record(omitted=[EXTRA, APPLIED]), 0))

    def test_a_late_review_is_not_comparable_unless_it_is_late_again(self):
        late = {"decision": "deadline", "code": 504, "reason": "Timeout",
                "message": "handler did not decide within 5000 ms"}
        status = {"code": 504, "message": "handler did not decide within 10000 ms",
                  "reason": "Timeout"}
        for reply, said in (
                (lambda review: answer(review, False, status=status), "1 same, 0 different;"),
                (lambda review: (504, {"kind": "Status", **status}), "1 same, 0 different;"),
                (answer, "not comparable, as it was late: deadline, now allowed\n")):
            self.reply = reply
            self.assertIn(said, self.run_one(record(**late), 0))

    def test_no_valid_answer(self):
        for reply, said in (((404, b"no page"), "HTTP status 404: no page"),
                            ((200, b"{"), "the body is not JSON"),
                            ({"response": {}}, "expected admission.k8s.io/v1")):
            self.reply = lambda review, reply=reply: reply
            out = self.run_one(record(), 2)
            self.assertIn("web1 CREATE: no answer\n    " + said, out)
            self.assertIn("1 no answer", out)

    def test_a_server_that_cannot_be_reached_ends_the_replay(self):
        for number in "123":
            self.write(f"record/{number}.json", record(number=number))
        self.server.stop()
        out = self.run_on(status=2).stdout
        self.assertIn("no connection: ", out)
        self.assertIn(", 1 no answer, 2 not replayed;", out)

    def test_a_server_that_refuses_the_client_ends_the_replay(self):
        self.write("record/1.json", record())
        self.write("record/2.json", record())
        done = self.run_program("replay", "--url", "https://policy.webhooks.svc", "--address",
                                self.server.address, "--ca", "made/private/server-ca.crt",
                                "record", status=2)
        self.assertIn("1 not replayed", done.stdout)

    def test_reviews_go_as_they_are_by_one_connection(self):
        text = record().replace('"name": "web"', '"name": "web", "n": 123456789012345678901234.50')
        for number in range(20):
            self.write(f"record/{number}.json", text)
        self.run_on()
        self.assertEqual({body for _, _, body, _ in self.server.seen}, {text.encode()})
        self.assertEqual({path for path, *_ in self.server.seen}, {"/validate?timeout=10s"})
        self.assertEqual(self.server.connections, 1)

    def test_a_server_that_closes_connections(self):
        for number in range(4):
            self.write(f"record/{number}.json", record())
        self.reply = lambda review: (200, answer(review), {"Connection": "close"})
        self.run_on()
        self.assertEqual(self.server.connections, 4)
        self.server.is_closing = True  # without a word
        self.reply = answer
        self.run_on()
        self.assertEqual(self.server.connections, 8)
        self.assertEqual(len(self.server.seen), 8)

    def test_files_that_are_no_records_are_named_and_the_others_are_replayed(self):
        self.write("record/good.json", record())
        self.write("record/.json", "being written")
        self.write("record/README", "not a record")
        self.write("outside.json", record())
        os.symlink(self.path("outside.json"), self.path("record", "link.json"))
        os.mkdir(self.path("record", "folder.json"))
        os.mkfifo(self.path("record", "pipe.json"))
        with open(self.path("record", "large.json"), "wb") as file:
            file.truncate((16 << 20) + 1)
        bad = {"text.json": "{", "list.json": "[]", "review.json": '{"request": {}}',
               "deep.json": "[" * 100000, "empty.json": "", "nul.json": "\0",
               "version.json": record(version=2), "route.json": record(route="validate"),
               "decision.json": record(decision=7), "omitted.json": record(omitted=None),
               "pointer.json": record(omitted=[EXTRA, "extra"]), "\033[31m\n.json": "{"}
        for name, text in bad.items():
            self.write("record/" + name, text)
        done = self.run_on(status=2)
        for said in ("link.json: a symbolic link", "folder.json: not a file",
                     "pipe.json: not a file", "large.json: more than 16777216 bytes",
                     "text.json: not JSON: byte 1", "list.json: not a recorded review",
                     "review.json: not a recorded review", "deep.json: not JSON",
                     "empty.json: not JSON", "nul.json: not JSON",
                     "version.json: record.version: expected 1",
                     "route.json: record.route: expected a path",
                     "decision.json: record.decision: expected a text",
                     "omitted.json: record.omitted: expected a list of JSON Pointers",
                     "pointer.json: record.omitted: expected a list of JSON Pointers",
                     r"\x1b[31m\x0a.json: not JSON"):
            self.assertIn("admwhctl replay: record/" + said, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 16)
        self.assertIn("all: 1 reviews: 1 same, 0 different, 16 files are no records;", done.stdout)

    def test_what_a_terminal_would_follow_is_not_printed(self):
        self.reply = lambda review: answer(review, warnings=["\033[2J", "\u009b2J\u202e"])
        out = self.run_one(record("denied", code=403, message="\033]0;x\007\r"), 1)
        self.assertNotRegex(out, COMMANDS)
        out = self.run_on("--output", "json", status=1).stdout
        self.assertNotRegex(out, COMMANDS)
        self.assertIn("\u009b2J\u202e", json.loads(out)["differences"][0]["replayed"]["warnings"])

    def test_files_that_come_meanwhile_are_left_out(self):
        self.write("record/a.json", record())
        self.write("record/b.json", record())

        def reply(review):
            self.write("record/%d.json" % time.monotonic_ns(), record())
            return answer(review)

        self.reply = reply
        self.assertIn("all: 2 reviews", self.run_on().stdout)

    def test_progress_on_a_terminal_leaves_no_line_behind(self):
        for number in range(60):
            self.write(f"record/{number:02}.json", record(number=str(number)))
        self.reply = lambda review: answer(review, review["request"]["uid"] != "u-55")
        terminal, end = pty.openpty()
        program = subprocess.Popen(
            [ADMWHCTL, "replay", *self.target(self.server.address), "record"], cwd=self.folder,
            stdin=subprocess.DEVNULL, stdout=end, stderr=end,
            env={**os.environ, "TERM": "xterm", "NO_COLOR": "1"})
        os.close(end)
        said = b""
        try:
            while part := os.read(terminal, 65536):
                said += part
        except OSError:
            pass  # the other end is closed
        os.close(terminal)
        self.assertEqual(program.wait(60), 1)
        said = said.decode().replace("\r\n", "\n")
        self.assertIn("\rreplayed: 50 of 60\033[K\r\033[K/validate, bundle default\n", said)
        self.assertIn("\rreplayed: 60 of 60\033[K\n/validate, bundle default: 60 reviews", said)

    def test_routes(self):
        self.write("record/1.json", record(number="1"))
        self.write("record/2.json", record(number="2", route="/mutate", patch=LABEL))
        self.write("record/3.json", record(number="3", route="/mutate", caller={"bearer": "x"}))
        self.reply = lambda review: answer(review, review["request"]["uid"] != "u-3", patch=(
            LABEL if review["request"]["uid"] == "u-2" else None))
        out = self.run_on(status=1).stdout
        self.assertRegex(out, r"\A/mutate, token x\n  3.json: Pod default/web3 CREATE: "
                              r"allowed, now denied\n")
        self.assertIn("/mutate, bundle default: 1 reviews: 1 same, 0 different\n"
                      "/mutate, token x: 1 reviews: 0 same, 1 different\n"
                      "       1  allowed, now denied\n"
                      "/validate, bundle default: 1 reviews: 1 same, 0 different\n", out)
        self.assertIn("all: 1 reviews", self.run_on("--route", "/validate").stdout)
        self.server.seen.clear()
        self.run_on(status=1, path="/new")
        self.assertEqual({path for path, *_ in self.server.seen}, {"/new?timeout=10s"})

    def test_an_installation(self):
        self.write("record/1.json", record())
        self.write("record/2.json", record(route="/mutate"))
        arguments = ["replay", "--installation", "made", "--address", self.server.address]
        self.run_program(*arguments, "record")
        self.assertEqual({path for path, *_ in self.server.seen},
                         {"/validate?timeout=5s", "/mutate?timeout=5s"})
        self.write("record/3.json", record(route="/other"))
        out = self.run_program(*arguments, "record", status=2).stdout
        self.assertIn("the installation has no route of this path", out)
        self.reply = lambda review: answer(review, patch=LABEL)
        out = self.run_program(*arguments, "--route", "/validate", "record", status=2).stdout
        self.assertIn("a validating webhook may not return response.patch", out)

    def test_json(self):
        self.write("record/1.json", record(number="1"))
        self.write("record/2.json", record(number="2", omitted=[EXTRA]))
        self.reply = lambda review: answer(review, review["request"]["uid"] == "u-1",
                                           status={"code": 403, "message": "no"})
        said = json.loads(self.run_on("--output", "json", status=1).stdout)
        self.assertGreater(said.pop("seconds"), 0)
        self.assertEqual(said, {
            "reviews": 2, "same": 1, "different": 1, "differentDetails": 0, "notComparable": 0,
            "noAnswer": 0, "notRecords": 0, "notReplayed": 0, "differentWithoutExtra": 1,
            "groups": [{"route": "/validate", "caller": "bundle default", "reviews": 2, "same": 1,
                        "different": 1, "differentDetails": 0, "notComparable": 0, "noAnswer": 0,
                        "kinds": {"allowed, now denied: no": 1}}],
            "differences": [{
                "file": "2.json", "route": "/validate", "caller": "bundle default",
                "request": "Pod default/web2 CREATE", "result": "different",
                "omitted": [EXTRA], "changes": ["decision", "code", "message"],
                "recorded": {"decision": "allowed"},
                "replayed": {"decision": "denied", "code": 403, "message": "no"}}]})

    def test_a_name_of_a_file_that_is_no_utf_8(self):
        with open(os.fsencode(self.path("record")) + b"/\xff.json", "w", encoding="utf-8") as file:
            file.write(record())
        self.reply = lambda review: answer(review, False)
        said = json.loads(self.run_on("--output", "json", status=1).stdout)
        self.assertEqual(said["differences"][0]["file"], r"\xff.json")
        self.assertIn(r"\xff.json: Pod", self.run_on(status=1).stdout)

    def test_objects_that_are_long_as_text_take_no_memory(self):
        deep = "[" * 900 + ",".join("1" * 200000) + "]" * 900
        self.write("record/a.json", record().replace('"name": "web"', '"name": "web", "a": ' + deep))
        self.reply = lambda review: answer(review, patch=LABEL)
        with subprocess.Popen(
                [ADMWHCTL, "replay", *self.target(self.server.address), "record"], cwd=self.folder,
                stdout=subprocess.PIPE, text=True) as program:
            said = program.stdout.read()
            _, program.returncode, usage = os.wait4(program.pid, 0)
        self.assertIn("patch\n    they differ\n", said)
        self.assertLess(usage.ru_maxrss, 400 << 10)

    def test_messages_that_name_each_object_do_not_fill_the_summary(self):
        for number in range(60):
            self.write(f"record/{number}.json", record(number=str(number)))
        self.reply = lambda review: answer(review, False, status={
            "code": 403, "message": "no: " + review["request"]["name"] + "é" * 99})
        summary = self.run_on(status=1).stdout.partition("60 reviews:")[2]
        self.assertEqual(summary.count("allowed, now denied: no"), 50)
        self.assertIn("      10  others\n", summary)

    def test_wrong_use(self):
        url = ["--url", "https://localhost"]
        for arguments, said in (
                (["record"], "expected --url, --installation, or a PROGRAM behind --"), (url, "expected one FOLDER"),
                ([*url, "record", "record"], "expected one FOLDER"),
                ([*url, "record"], "record: no recorded review"),
                ([*url, "--route", "/a", "record"], "record: no recorded review of /a"),
                ([*url, "none"], "none: No such file"), ([*url, "input.yaml"], "Not a directory"),
                ([*url, "--output", "tap", "record"], "--output: expected text|json, not tap"),
                ([*url, "--policy-reads", "extra", "record"],
                 "--policy-reads: expected none|object|all, not extra")):
            self.assertIn(said, self.run_program("replay", *arguments, status=2).stderr)


if __name__ == "__main__":
    unittest.main()
