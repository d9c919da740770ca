# SPDX-License-Identifier: MIT
"""
Renewals beside a server that serves: after each step that `renew` prints, in their order, the API
server gets in with what it has then; and in the end, not with what it had in the beginning.
"""

import base64
import json
import os
import re
import shutil
import ssl
import sys
import tempfile
import time
import unittest

import yaml

from program import ROOT, ProgramTest
from test_start import HELLO, HOST, REVIEW, Installed

sys.path.append(os.path.join(ROOT, "tests/examples"))  # after ours: both have a webhook.py

from example import Example, probe  # noqa: E402 (found only now)

PAIR = ("apiserver.cp-1.crt", "apiserver.cp-1.key")


class World:
    """The Secret in the Pod, the webhook configuration in the cluster, the files of a node."""

    def __init__(self, test, root):
        self.test, self.root = test, root
        self.installed = Installed(test, "both")
        self.container = self.installed.make()
        self.container.lay_out(root)
        self.node = os.path.join(root, "node")
        os.mkdir(self.node)
        self.update_node()
        self.update_configuration()
        self.server = Example(self.container.command(HELLO, root),
                              self.container.environment(root))
        test.addCleanup(self.server.kill)

    def path(self, *names):
        return self.installed.path(*names)

    def update_node(self):
        for name in (*PAIR, "apiserver.token"):
            shutil.copy(self.path("private/callers", name), self.node)

    def update_configuration(self):
        text = self.installed.read("base/webhooks.yaml").decode()
        self.ca_bundle = base64.b64decode(re.search("caBundle: (.*)", text)[1]).decode()

    def reloads(self):
        events = [json.loads(line) for line in self.server.errors().splitlines()]
        return sum(event.get("event") == "handshake.reload" and event.get("result") == "ok"
                   for event in events)

    def update_secret(self):
        """As the kubelet does, and until the server has read it."""
        mount, = self.container.mounts
        before = self.reloads()
        generator, = yaml.safe_load(self.installed.read("kustomization.yaml"))["secretGenerator"]
        for entry in generator["files"]:
            name, path = entry.split("=")
            there = self.root + mount["mountPath"] + "/" + name
            shutil.copy(self.path(path), there + ".new")
            os.rename(there + ".new", there)
        end = time.monotonic() + probe.TIMEOUT
        while self.reloads() == before:
            self.test.assertLess(time.monotonic(), end, "no reload")
            time.sleep(0.02)

    def ask(self, node=None):
        """The status of a review for the API server with a node's files; None: an alert."""
        node = node or self.node
        context = ssl.create_default_context(cadata=self.ca_bundle)
        context.load_cert_chain(*(os.path.join(node, name) for name in PAIR))
        with open(os.path.join(node, "apiserver.token"), encoding="utf-8") as file:
            token = file.read().strip()
        try:
            with probe.Client(self.server.port, context=context, sni=HOST) as client:
                return client.request("POST", "/validate/pods?timeout=5s", REVIEW.encode(), [
                    ("Content-Type", "application/json"),
                    ("Authorization", "Bearer " + token)]).status
        except (ssl.SSLError, ConnectionError, EOFError):
            return None


# What the steps of each phase have people do.
STEPS = {
    "server": [["secret"]],
    "client": [["node"]],
    "server-ca": [["configuration"], ["secret", "configuration"], ["configuration"]],
    "client-ca": [["secret"], ["node"], ["secret"]],
    "token": [["secret"], ["node"], ["secret"]],
}


@unittest.skipUnless(os.path.exists(HELLO), "hello is not built")
class Live(ProgramTest):
    def renew(self, world, what):
        for number, steps in enumerate(STEPS[what]):
            self.run_program("renew", "both", *(["--next", "--force"] if number else [what]))
            # What is not brought to its place yet does no harm.
            self.assertEqual(world.ask(), 200, (what, number))
            for step in steps:
                getattr(world, "update_" + step)()
                self.assertEqual(world.ask(), 200, (what, number, step))

    def test_no_step_keeps_the_api_server_out(self):
        with tempfile.TemporaryDirectory() as root:
            world = World(self, root)
            self.assertEqual(world.ask(), 200)
            old = os.path.join(root, "old")
            for what, status_of_the_old in (("server", 200), ("client", 200), ("server-ca", 200),
                                            ("token", 401), ("client-ca", None)):
                shutil.copytree(world.node, old)
                self.renew(world, what)
                self.assertEqual(world.ask(old), status_of_the_old, what)
                shutil.rmtree(old)
            self.assertIsNone(world.server.stop())


if __name__ == "__main__":
    unittest.main()
