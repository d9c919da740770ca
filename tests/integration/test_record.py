# SPDX-License-Identifier: MIT
"""
Recorded reviews: files of what was asked and decided, by one process and by several.
"""

import glob
import json
import os
import shutil
import signal
import stat
import tempfile
import unittest

import probe as p
from test_rules import RuleCase, told

EXTRA = {"username": "alice", "groups": [], "extra": {"scopes": ["s3cret"]}}


class Record(RuleCase):
    def setUp(self):
        super().setUp()
        self.parent = tempfile.mkdtemp(prefix="admwh-record-")
        self.addCleanup(shutil.rmtree, self.parent)
        self.folder = os.path.join(self.parent, "record")

    def recording(self, *options, **arguments):
        return self.with_rules(
            "--allow", "default=cn:kube-apiserver", "--record-folder", self.folder,
            "--record-kind", "Pod", *options, **arguments)

    def end(self, probe):
        probe.signal(signal.SIGTERM)
        self.assertEqual(probe.wait(), 0)

    def records(self, n):
        """The first n records, in the order of time."""
        def names():
            return sorted(glob.glob(os.path.join(self.folder, "*.json")))

        p.until(lambda: len(names()) >= n, lambda: "%d files, not %d" % (len(names()), n))
        made = []
        for name in names():
            self.assertEqual(stat.S_IMODE(os.stat(name).st_mode), 0o600)
            with open(name, encoding="utf-8") as file:
                made.append(json.load(file))
        return made

    def test_a_file_is_the_review_and_what_became_of_it(self):
        probe = self.recording("--log", "info", health=True)
        client = self.client(probe, case="good")
        sent = p.review_value()
        self.assertEqual(client.post("/validate", p.encode(sent)).status, 200)
        self.assertEqual(client.post("/deny", p.review()).status, 200)
        self.assertEqual(client.post("/mutate", p.review(userInfo=EXTRA)).status, 200)
        allowed, denied, mutated = self.records(3)
        self.assertEqual({name: value for name, value in allowed.items() if name != "record"}, sent)
        self.assertEqual(allowed["record"]["caller"],
                         {"bundle": "default", "commonName": "kube-apiserver"})
        self.assertEqual((allowed["record"]["route"], allowed["record"]["decision"],
                          allowed["record"]["omitted"]), ("/validate", "allowed", []))
        self.assertEqual(denied["record"]["decision"], "denied")
        self.assertTrue(denied["record"]["message"])
        self.assertEqual(denied["record"]["reason"], "Forbidden")
        self.assertTrue(mutated["record"]["patch"])
        self.assertEqual(mutated["record"]["omitted"], ["/request/userInfo/extra"])
        self.assertNotIn("s3cret", json.dumps(mutated))
        self.assertEqual(client.post("/validate", json.dumps(denied).encode()).status, 200)
        self.assertEqual(stat.S_IMODE(os.stat(self.folder).st_mode), 0o700)
        self.assertEqual(told(probe, "dispatch.recording")["folder"], self.folder)
        with p.PlainClient(probe.health_port) as watcher:
            shown = watcher.request("GET", "/configz").json()["record"]
        self.assertEqual(shown, {"folder": self.folder, "kinds": ["Pod"], "files": 1000})

    def test_a_late_review_is_recorded_as_such(self):
        hold = os.path.join(self.parent, "hold")
        with open(hold, "w", encoding="utf-8"):
            pass
        probe = self.recording("--hold", hold)
        client = self.client(probe, case="good")
        late = client.post("/slow?timeout=1s", p.review())
        self.assertEqual(late.status, 200)
        (written,) = self.records(1)
        os.unlink(hold)
        self.assertEqual((written["record"]["decision"], written["record"]["code"]),
                         ("deadline", 504))
        self.assertEqual(written["record"]["message"],
                         late.json()["response"]["status"]["message"])
        self.end(probe)
        self.assertEqual(len(self.records(1)), 1)

    def test_secrets_and_other_kinds_are_not_recorded(self):
        probe = self.recording(health=True)
        client = self.client(probe, case="good")
        secret = {"group": "", "version": "v1", "kind": "Secret"}
        for body in (p.review(kind=secret), p.review(kind=secret, requestKind=secret),
                     p.review(requestKind=secret), p.review(obj={"kind": "Secret"}),
                     p.review(kind={"group": "apps", "version": "v1", "kind": "Pod"})):
            self.assertEqual(client.post("/validate", body).status, 200)
        self.assertEqual(client.post("/validate", p.review()).status, 200)
        self.assertEqual(len(self.records(1)), 1)
        self.end(probe)
        self.assertEqual(len(self.records(1)), 1)

    def test_what_waits_is_written_when_a_server_stops(self):
        probe = self.recording()
        client = self.client(probe, case="good")
        for _ in range(20):
            self.assertEqual(client.post("/validate", p.review()).status, 200)
        self.end(probe)
        self.assertEqual(len(self.records(20)), 20)

    def test_the_number_of_files_is_bounded(self):
        probe = self.recording("--record-files", "2")
        client = self.client(probe, case="good")
        for _ in range(5):
            self.assertEqual(client.post("/validate", p.review()).status, 200)
        self.end(probe)
        self.assertEqual(len(self.records(2)), 2)

    def test_a_folder_that_cannot_be_written_is_told_and_answers_go_on(self):
        probe = self.recording("--log", "info")
        client = self.client(probe, case="good")
        os.rmdir(self.folder)
        self.assertEqual(client.post("/validate", p.review()).status, 200)
        self.assertEqual(told(probe, "dispatch.record")["folder"], self.folder)
        self.assertEqual(client.post("/validate", p.review()).status, 200)

    def test_worker_processes_record_into_one_folder(self):
        probe = self.recording("--processes", "2")
        for _ in range(6):
            client = self.client(probe, case="good")
            self.assertEqual(client.post("/validate", p.review()).status, 200)
        self.end(probe)
        self.assertEqual(len(self.records(6)), 6)

    def test_what_is_set_in_part_or_open_keeps_a_server_from_starting(self):
        os.mkdir(self.folder, 0o755)
        self.refuses_to_start("--allow", "default=cn:a", "--record-folder", self.folder,
                              contains="expected mode 0700")
        self.refuses_to_start("--allow", "default=cn:a", "--record-kind", "Pod",
                              contains="record: no folder is set")


if __name__ == "__main__":
    unittest.main()
