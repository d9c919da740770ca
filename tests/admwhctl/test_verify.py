# SPDX-License-Identifier: MIT
"""
admwhctl verify: a good folder has nothing wrong, and each fault is found by the checks that it
concerns and by no others, with what to do.
"""

import json
import os
import shutil
import tempfile

from faults import FAULTS, Folder
from program import ProgramTest

INSTALLATION = """\
apiVersion: admwhctl/v1
kind: Installation
metadata: {name: policy, namespace: webhooks}
spec:
  distribution: kubeadm
  image: registry.example.org/policy:1.0
  routes:
  - name: pods.example.org
    path: /validate
    rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  - name: label.example.org
    type: mutating
    path: /mutate
    rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  callers:
  - {name: apiserver, commonName: kube-apiserver, nodes: [cp-1, cp-2]}
  - {name: scanner, commonName: audit-scanner, namespace: audit}
  authentication: both
  network: {cni: [calico, cilium], controlPlane: [192.168.42.0/24]}
"""


MARKS = {"!": "warning", "?": "not checked"}


def expected(words):
    """{"server.dates": "no"} of "server.dates", "server.dates!" is a warning."""
    return {word.rstrip("!?"): MARKS.get(word[-1], "no") for word in words.split()}


def found(report):
    return {check["check"]: check["result"] for check in report["checks"]
            if check["result"] not in ("yes", "absent")}


class VerifyTest(ProgramTest):
    """The folder is made once, and copied for each fault."""

    INSTALLATION = INSTALLATION

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        os.mkdir(os.path.join(temporary.name, "keys"))
        cls.keys, cls.shared = {"folder": temporary.name}, os.path.join(temporary.name, "made")

    def setUp(self):
        super().setUp()
        if not os.path.exists(self.shared):
            self.init(self.INSTALLATION)
            shutil.move(self.path("made"), self.shared)
        self.copy()

    def copy(self):
        shutil.rmtree(self.path("made"), ignore_errors=True)
        shutil.copytree(self.shared, self.path("made"))
        return Folder(self.path("made"), self.keys)

    def verify(self, *flags, status=0):
        return json.loads(self.run_program("verify", "made", "--json", *flags,
                                           status=status).stdout)


class Files(VerifyTest):
    def test_nothing_is_wrong_in_what_init_makes(self):
        report = self.verify()
        self.assertEqual(found(report), {})
        self.assertTrue(report["holds"])

    def test_each_fault_is_found_by_its_checks_alone(self):
        for what, spoil, checks, text in FAULTS:
            with self.subTest(what):
                spoil(self.copy())
                wanted = expected(checks)
                report = self.verify(status=int("no" in wanted.values()))
                self.assertEqual(found(report), wanted)
                said = [finding for check in report["checks"] for finding in check["findings"]]
                lines = ["%s: %s" % (finding["where"], finding["what"]) for finding in said]
                self.assertTrue(any(text in line for line in lines), lines)
                for finding in said:
                    if finding["result"] != "not checked":
                        self.assertTrue(finding["todo"], finding)

    def test_each_check_finds_a_fault(self):
        names = {check["check"] for check in self.verify()["checks"]}
        self.assertEqual(names, {name for fault in FAULTS for name in expected(fault[2])})
        self.assertGreater(len(FAULTS), 100)
