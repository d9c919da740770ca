# SPDX-License-Identifier: MIT
"""examples/registries over mutual TLS. Run by run.py, which sets `work`."""

import os
import subprocess
import time
import unittest

from example import probe
from webhook import WORKLOADS, Callers, Case, kind_of, workload

work = None
LISTS = ("initContainers", "containers", "ephemeralContainers")


def pod(image, **more):
    return {"spec": {"containers": [{"name": "web", "image": image}]}, **more}


class Registries(Callers, Case):
    def options(self):
        self.file = os.path.join(work.folder, "registries.txt")
        self.write("# ours\nregistry.example.com/team\n\ndocker.io/library\n")
        return ["--registries", self.file]

    def write(self, text):
        with open(self.file + ".new", "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(self.file + ".new", self.file)

    def test_images(self):
        for image in ("nginx", "nginx:1.27", "docker.io/library/nginx",
                      "registry.example.com/team/app@sha256:" + 64 * "a"):
            with self.subTest(image):
                self.allowed(pod(image))
        for image in ("ghcr.io/x/y", "registry.example.com/teamx", "registry.example.com/other/app",
                      "team/app", "registry.example.com.evil.org/team/app", ""):
            with self.subTest(image):
                self.denied(pod(image), "spec.containers[0].image: Forbidden", "web is of no registry")

    def test_every_list_of_every_workload(self):
        for group, kind, place in WORKLOADS:
            for name in LISTS:
                with self.subTest(kind, name=name):
                    spec = {name: [{"name": "a", "image": "nginx"}, {"name": "b", "image": "ghcr.io/x"}]}
                    path = ".".join((*place, "spec", name + "[1].image"))
                    self.denied(workload(place, spec), path + ": Forbidden", **kind_of(group, kind))

    def test_what_has_no_image_and_what_has_no_containers(self):
        self.denied({"spec": {"containers": [{"name": "web"}]}}, "spec.containers[0].image")
        self.allowed({"data": {}}, **kind_of("", "ConfigMap"))
        self.allowed(None, operation="DELETE", oldObject=pod("ghcr.io/x/y"))

    def test_malformed_objects_are_not_allowed(self):
        for spec in ({"containers": "ghcr.io/x/y"}, {"containers": {"name": "nginx"}}, []):
            with self.subTest(spec):
                self.denied({"spec": spec}, "expected", code=500)
        self.denied(pod(7))

    def test_an_image_that_is_there_may_stay(self):
        old = pod("ghcr.io/x/y")
        self.allowed({**old, "metadata": {"labels": {"a": "b"}}}, operation="UPDATE", oldObject=old)
        self.denied(pod("ghcr.io/x/z"), operation="UPDATE", oldObject=old)

    def test_the_file_is_read_again(self):
        def becomes(image, expected):
            end = time.monotonic() + probe.TIMEOUT
            while self.ask(pod(image))["allowed"] != expected:
                self.assertLess(time.monotonic(), end)
                time.sleep(0.05)

        self.write("ghcr.io")
        becomes("ghcr.io/x/y", True)
        self.denied(pod("nginx"))
        self.write("nginx\n")  # no registry: the list in use stays
        end = time.monotonic() + probe.TIMEOUT
        while b'line 1: expected a registry' not in self.server.errors():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)
        self.allowed(pod("ghcr.io/x/y"))
        self.write("")
        becomes("ghcr.io/x/y", False)


class Start(unittest.TestCase):
    def test_a_file_that_cannot_be_used(self):
        path = os.path.join(work.folder, "wrong.txt")
        for text, why in (("docker.io\nnginx\n", "line 2: expected a registry"), ("docker.io:*", "line 1: ")):
            with self.subTest(text), open(path, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                done = subprocess.run(
                    [work.binary, "--listen", "127.0.0.1:0", "--insecure-plain-http",
                     "--registries", path], stderr=subprocess.PIPE, env=probe.environment(
                         ASAN_OPTIONS="detect_leaks=0"), timeout=probe.TIMEOUT, check=False)
                self.assertEqual(done.returncode, 1, done)
                self.assertIn(why, done.stderr.decode())
