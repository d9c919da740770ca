# SPDX-License-Identifier: MIT
"""Files of the program's own: reloaded as the key pair is, each by itself, by each process."""

import os
import re
import signal
import tempfile
import time

import probe as p


class Files(p.ProbeCase):
    def setUp(self):
        super().setUp()
        self.path = os.path.join(self.temporary(), "table")
        self.write("one")

    def temporary(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return folder.name

    def write(self, text):
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(self.path + ".new", self.path)

    def serve(self, *options):
        return self.start("--path", "/policy/{id}", "--health", "127.0.0.1:0", *options,
                          "--file", self.path)

    def seen(self, probe):
        with p.Client(probe) as client:
            return self.allows(client.request("POST", "/policy/a", p.review()))["warnings"][0]

    def becomes(self, probe, wanted):
        end = time.monotonic() + p.TIMEOUT
        while (seen := self.seen(probe)) != wanted:
            self.assertLess(time.monotonic(), end, "still " + seen)
            time.sleep(0.02)

    def metric(self, probe, name):
        with p.PlainClient(probe.health_port) as client:
            text = client.request("GET", "/metrics").body.decode()
        return float(re.search(r"^%s (\S+)$" % re.escape(name), text, re.M)[1])

    def await_metric(self, probe, name, least):
        end = time.monotonic() + p.TIMEOUT
        while self.metric(probe, name) < least:
            self.assertLess(time.monotonic(), end, "%s stays below %d" % (name, least))
            time.sleep(0.02)

    def test_a_file_that_changes_is_seen_without_a_restart(self):
        probe = self.serve("--log", "info")
        self.assertEqual(self.seen(probe), "file one")
        self.write("two")
        self.becomes(probe, "file two")
        self.assertEqual(self.metric(probe, 'admwh_reloads_total{kind="program",result="ok"}'), 1)
        self.assertIn("dispatch.reload", probe.errors())

    def test_a_file_that_cannot_be_used_changes_nothing_and_is_told(self):
        probe = self.serve()
        self.write("bad luck")
        failing = 'admwh_reload_failing{kind="program"}'
        self.await_metric(probe, failing, 1)
        self.assertEqual(self.seen(probe), "file one")
        self.assertIn("line 1: bad luck", probe.errors())
        with p.PlainClient(probe.health_port) as client:
            self.assertEqual(client.request("GET", "/readyz").status, 200)
        os.unlink(self.path)
        self.assertEqual(self.seen(probe), "file one")
        self.write("two")
        self.becomes(probe, "file two")
        self.assertEqual(self.metric(probe, failing), 0)

    def test_a_bad_file_keeps_no_other_from_being_reloaded(self):
        probe = self.serve()
        self.write("bad")
        self.await_metric(probe, 'admwh_reload_failing{kind="program"}', 1)
        self.assertEqual(self.metric(probe, 'admwh_reload_failing{kind="keypair"}'), 0)

    def test_each_process_reads_for_itself(self):
        probe = self.serve("--processes", "2")
        for text in ("two", "three"):
            self.write(text)
            self.becomes(probe, "file " + text)
            self.await_metric(probe, 'admwh_reloads_total{kind="program",result="ok"}', 2)
        end = time.monotonic() + p.TIMEOUT
        while {self.seen(probe) for _ in range(12)} != {"file three"}:
            self.assertLess(time.monotonic(), end)

    def replaced(self, probe):
        """What the one worker shows that takes the place of another, once it serves."""
        children = "/proc/%d/task/%d/children" % (probe.pid, probe.pid)
        with open(children, encoding="ascii") as file:
            pids = file.read().split()
        for pid in pids:
            os.kill(int(pid), signal.SIGKILL)
        end = time.monotonic() + p.TIMEOUT
        while any(os.path.exists("/proc/" + pid) for pid in pids):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)
        while True:
            try:
                return self.seen(probe)
            except (OSError, p.Closed):
                self.assertLess(time.monotonic(), end)
                time.sleep(0.02)

    def test_a_process_that_is_replaced_brings_no_old_version_back(self):
        probe = self.serve("--start-unready", "--processes", "1")
        self.write("two")
        self.becomes(probe, "file two")
        self.write("bad")
        self.await_metric(probe, 'admwh_reload_failing{kind="program"}', 1)
        self.assertEqual(self.seen(probe), "file two")
        self.assertEqual(self.replaced(probe), "file is not there")
        self.write("three")
        self.becomes(probe, "file three")

    def test_nor_where_files_are_read_on_request(self):
        probe = self.serve("--no-reload", "--reload-on-sighup", "--processes", "1")
        self.write("two")
        self.assertEqual(self.replaced(probe), "file one")
        probe.process.send_signal(signal.SIGHUP)
        self.becomes(probe, "file two")
        self.write("three")
        self.assertEqual(self.replaced(probe), "file three")

    def test_a_start_may_wait_for_it(self):
        os.unlink(self.path)
        probe = self.serve("--start-unready")
        self.assertEqual(self.seen(probe), "file is not there")
        self.write("one")
        self.becomes(probe, "file one")
