# SPDX-License-Identifier: MIT
"""What the tests of admwhctl share: the program in a folder of its own."""

import hashlib
import os
import subprocess
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
ADMWHCTL = os.path.abspath(os.environ.get("ADMWHCTL")
                           or os.path.join(ROOT, "build/tools/admwhctl/admwhctl"))

# What a terminal would follow, or would write in another order: none of it is printed.
COMMANDS = "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"

INSTALLATION = """\
apiVersion: admwhctl/v1
kind: Installation
metadata: {name: policy, namespace: webhooks}
spec:
  image: registry.example.org/policy:1.0
  routes:
  - name: pods.example.org
    path: /validate
    rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  callers:
  - {name: apiserver, commonName: kube-apiserver, nodes: [cp-1, cp-2]}
  - {name: scanner, commonName: audit-scanner, namespace: audit}
  authentication: both
"""

# All requests, to a validating and a mutating route.
TWO_ROUTES = """\
apiVersion: admwhctl/v1
kind: Installation
metadata: {name: policy, namespace: webhooks}
spec:
  image: registry.example.org/policy:1.0
  routes:
  - name: checks.example.org
    path: /validate
    rules: [{apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*/*"]}]
  - name: labels.example.org
    type: mutating
    path: /mutate
    rules: [{apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*/*"]}]
"""


class ProgramTest(unittest.TestCase):
    """A test with a folder of its own, in which the program runs."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def read(self, *names):
        with open(self.path(*names), encoding="utf-8") as file:
            return file.read()

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def run_program(self, *arguments, status=0, **options):
        """Runs admwhctl, and expects its exit status. Returns what it has printed."""
        options = {"cwd": self.folder, **options}
        done = subprocess.run([ADMWHCTL, *arguments], text=True, check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=120, **options)
        self.assertEqual(done.returncode, status,
                         f"{arguments}: {done.stdout}{done.stderr}")
        return done

    def init(self, text=INSTALLATION, folder="made", status=0):
        self.write("input.yaml", text)
        return self.run_program("init", "--to", folder, "input.yaml", status=status)

    def contents(self, folder="made"):
        """All files of a folder: path and digest."""
        found = {}
        for parent, _, names in os.walk(self.path(folder)):
            for name in names:
                path = os.path.join(parent, name)
                with open(path, "rb") as file:
                    found[os.path.relpath(path, self.path(folder))] = hashlib.sha256(
                        file.read()).hexdigest()
        return found

    def openssl(self, *arguments, status=0):
        done = subprocess.run(["openssl", *arguments], cwd=self.folder, text=True, check=False,
                              capture_output=True, timeout=60)
        if status is not None:
            self.assertEqual(done.returncode, status, f"{arguments}: {done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def verify_pair(self, ca, certificate, purpose, status=0):
        """By OpenSSL's strict reading of RFC 5280."""
        return self.openssl("verify", "-x509_strict", "-purpose", purpose, "-CAfile",
                            "made/private/" + ca, "made/private/" + certificate, status=status)
