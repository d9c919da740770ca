# SPDX-License-Identifier: MIT
"""examples/limits over mutual TLS. Run by run.py, which sets `work`."""

import subprocess
import unittest

from example import probe
from webhook import WORKLOADS, Callers, Case, kind_of, workload

work = None


def container(name="web", **limits):
    return {"name": name, "resources": {"limits": limits}}


def pod(*containers, **more):
    return {"spec": {"containers": list(containers), **more}}


class Enforced(Callers, Case):
    def test_quantities(self):
        for memory in ("1Gi", "1073741824", 1073741824, "1024Mi", "1e9"):
            with self.subTest(memory):
                self.allowed(pod(container(cpu="1", memory=memory)))
        for memory in ("1025Mi", "1.1Gi", "2e9", 1073741825):
            with self.subTest(memory):
                self.denied(pod(container(cpu="1", memory=memory)), "less than or equal to 1Gi",
                            "spec.containers[0].resources.limits.memory: Invalid value")

    def test_all_that_is_missing_is_told_at_once(self):
        answer = self.denied(pod({"name": "a"}, container("b", cpu="1")))
        fields = [cause["field"] for cause in answer["status"]["details"]["causes"]]
        self.assertEqual(fields, ["spec.containers[0].resources.limits.cpu",
                                  "spec.containers[0].resources.limits.memory",
                                  "spec.containers[1].resources.limits.memory"])

    def test_every_workload(self):
        good, bad = container(cpu=1, memory=1), container(cpu=1)
        for group, kind, place in WORKLOADS:
            for name in ("initContainers", "containers"):
                with self.subTest(kind, name=name):
                    self.allowed(workload(place, {name: [good]}), **kind_of(group, kind))
                    self.denied(workload(place, {name: [good, bad]}),
                                ".".join((*place, "spec", name + "[1].resources.limits.memory")),
                                **kind_of(group, kind))

    def test_ephemeral_containers_have_none(self):
        self.allowed(pod(container(cpu="1", memory="1Gi"), ephemeralContainers=[{"name": "debug"}]))

    def test_what_is_there_may_stay(self):
        old = pod({"name": "web"})
        self.allowed({**old, "metadata": {"labels": {}}}, operation="UPDATE", oldObject=old)
        self.denied(pod({"name": "web", "image": "x"}), operation="UPDATE", oldObject=old)

    def test_malformed_objects_are_not_allowed(self):
        for limits in ({"cpu": "1", "memory": "much"}, {"cpu": [], "memory": 1}, {"cpu": "", "memory": 1}):
            with self.subTest(limits):
                self.denied(pod(container(**limits)), code=500)
        self.denied({"spec": {"containers": {}}}, code=500)


class Warned(Case):
    def options(self):
        return ["--warn-path", "/validate", "--most-memory", "64Mi"]

    def test_what_would_be_denied_is_allowed_with_warnings(self):
        answer = self.allowed(pod(container(memory="65Mi")))
        self.assertEqual(len(answer["warnings"]), 2)
        self.assertIn("less than or equal to 64Mi", " ".join(answer["warnings"]))
        self.assertNotIn("warnings", self.allowed(pod(container(cpu="1", memory="64Mi"))))


class Start(unittest.TestCase):
    def test_flags(self):
        for options, why in ((("--most-memory", "much"), "--most-memory"),
                             (("--warn-path", "/valid"), "no reviews are served at the warn path /valid")):
            with self.subTest(options):
                done = subprocess.run(
                    [work.binary, "--listen", "127.0.0.1:0", "--insecure-plain-http", *options],
                    stderr=subprocess.PIPE, env=probe.environment(ASAN_OPTIONS="detect_leaks=0"),
                    timeout=probe.TIMEOUT, check=False)
                self.assertIn(done.returncode, (1, 2), done)
                self.assertIn(why, done.stderr.decode())
