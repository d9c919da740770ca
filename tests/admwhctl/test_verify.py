# SPDX-License-Identifier: MIT
"""
admwhctl verify: a good folder has nothing wrong, and each fault is found by the checks that it
concerns and by no others, with what to do.
"""

import json
import os
import random
import shutil
import subprocess
import tempfile

import yaml

from faults import FAULTS, Folder
from program import ADMWHCTL, COMMANDS, ProgramTest, ROOT

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


KUBEADM, BOTH = "distribution: kubeadm", "authentication: both"
IMAGE = "  image: registry.example.org/policy:1.0\n"
POD_SECURITY = """\
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: PodSecurity # as RKE2 has it
  configuration:
    apiVersion: pod-security.admission.config.k8s.io/v1
    kind: PodSecurityConfiguration
    defaults: {enforce: privileged, enforce-version: latest}
"""


class Installations(VerifyTest):
    def check(self, *changes):
        text = INSTALLATION
        for old, new in changes:
            self.assertIn(old, text)
            text = text.replace(old, new)
        shutil.rmtree(self.path("made"))
        self.init(text)
        report = self.verify()
        self.assertEqual(found(report), {})
        return {check["check"]: check["result"] for check in report["checks"]}

    def test_each_distribution(self):
        self.write("pss.yaml", POD_SECURITY)
        merged = IMAGE + "  controlPlane: {admission: pss.yaml}\n"
        self.assertEqual(self.check((KUBEADM, "distribution: rke2"), (IMAGE, merged))
                         ["apiserver.mount"], "yes")
        self.assertEqual(self.check((KUBEADM, "distribution: k3s"))["apiserver.mount"], "absent")
        self.assertEqual(self.check((KUBEADM, "distribution: generic"))["apiserver.flag"],
                         "absent")

    def test_each_authentication(self):
        self.assertEqual(self.check((BOTH, "authentication: mtls"))["tokens.listed"], "absent")
        self.assertEqual(self.check((BOTH, "authentication: token"))["callers.issuer"], "absent")

    def test_a_server_outside_of_the_cluster(self):
        for url in ("https://policies.example.org:9443", "https://192.0.2.7", "https://[2001:db8::7]"):
            self.assertEqual(self.check((IMAGE, '  url: "%s"\n' % url))["server.names"], "yes")
        results = self.check((IMAGE, "  url: https://policies.example.org\n"
                              "  certificates: {server: public}\n"))
        self.assertEqual(results["calls.bundle"], "absent")

    def test_missing_files_of_a_server_outside_of_the_cluster(self):
        self.check((IMAGE, "  url: https://policies.example.org\n"))
        for name in ("server.crt", "server.key", "tokens.csv"):
            os.rename(self.path("made/private/" + name), self.path("kept"))
            with self.subTest(name):
                self.assertIn("there is no private/" + name,
                              self.run_program("verify", "made", status=1).stdout)
            os.rename(self.path("kept"), self.path("made/private/" + name))

    def test_a_common_name_of_any_letters(self):
        self.assertEqual(self.check(("commonName: audit-scanner", "commonName: Prüfer"))
                         ["callers.allowed"], "yes")

    def test_labels_of_cilium_name_their_source(self):
        self.copy().edit("base/cilium.yaml", "app.kubernetes.io/name:",
                         '"k8s:app.kubernetes.io/name":')
        self.assertEqual(found(self.verify()), {})

    def test_other_options(self):
        for more in ("  service: {name: policy, port: 8443}\n", "  secret: {existing: there}\n",
                     "  autoscaler: {min: 2, max: 6}\n"
                     "  monitoring: {serviceMonitor: true, alerts: true}\n"):
            self.check((IMAGE, IMAGE + more))

    def test_all_holds_in_each_phase_of_a_renewal(self):
        for what, phases in (("server", 1), ("client", 1), ("server-ca", 3), ("client-ca", 3),
                             ("token", 3)):
            self.run_program("renew", "made", what, "--force")
            for phase in range(phases):
                with self.subTest(what, phase=phase + 1):
                    if phase > 0:
                        self.run_program("renew", "made", "--next", "--force")
                    self.assertEqual(found(self.verify()), {})


ODD = (None, 1, -1.5, True, "x", "", "=", ":", [], {}, [1], [None], {"a": 1}, "a" * 5000)


def places(value, path=()):
    """All paths of a value."""
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(
        value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


class AnyValues(VerifyTest):
    def test_odd_values_anywhere_are_no_end_of_it(self):
        chance = random.Random(1)
        names = [name for name in self.contents() if name.endswith(".yaml")]
        for turn in range(int(os.environ.get("ADMWH_ODD_VALUES", "60"))):
            folder = self.copy()
            name = chance.choice(sorted(names))
            documents = list(yaml.safe_load_all(folder.read(name)))
            place, odd = chance.choice(list(places(documents))[1:]), chance.choice(ODD)
            holder = documents
            for key in place[:-1]:
                holder = holder[key]
            holder[place[-1]] = odd
            folder.write(name, yaml.safe_dump_all(documents))
            with self.subTest(turn=turn, file=name, place=place, odd=odd):
                done = subprocess.run([ADMWHCTL, "verify", folder.path, "--json"], check=False,
                                      capture_output=True, timeout=60)
                self.assertIn(done.returncode, (0, 1), done.stderr)
                json.loads(done.stdout)


class OtherFolders(VerifyTest):
    """What admwhctl init did not make."""

    def test_the_examples(self):
        """Their READMEs fill in caBundle, and make Secrets and certificates."""
        for name in ("kubewarden", "rancher", "registries", "runecast", "sidecar"):
            with self.subTest(name):
                report = json.loads(self.run_program(
                    "verify", os.path.join(ROOT, "examples", name, "deploy"), "--json",
                    status=1).stdout)
                self.assertEqual({check for check, result in found(report).items()
                                  if result == "no"}, {"calls.bundle"})

    def test_a_control_plane_alone(self):
        shutil.copytree(self.path("made", "control-plane"), self.path("alone"))
        done = self.run_program("verify", "alone", status=1)
        self.assertIn("there is no webhook configuration", done.stdout)
        self.assertRegex(done.stdout, r"yes +admission\.fields")

    def test_copies_of_what_the_cluster_has_are_checked(self):
        """Without installation.yaml, the CA under the usual name, the pair under the node's."""
        folder = self.copy()
        folder.remove("installation.yaml")
        folder.edit("base/deployment.yaml", "secretName: policy", "secretName: there")
        for ending in ("crt", "key"):
            folder.copy("private/callers/apiserver.cp-1." + ending, "private/policy." + ending)
        report = self.verify()
        self.assertEqual(found(report), {"deployment.secrets": "not checked"})
        self.assertEqual({check["result"] for check in report["checks"]
                          if check["check"] in ("callers.issuer", "callers.allowed",
                                                "server.pair")}, {"yes"})


class DenyLists(VerifyTest):
    def test_a_list_says_nothing_of_another_bundle(self):
        folder = self.copy()
        folder.deny("sha256:" + folder.digest("private/callers/apiserver.cp-1.crt"), "scanner")
        self.assertEqual(found(self.verify()), {})


class Hostile(VerifyTest):
    """A folder from elsewhere: its names stay names."""

    def test_no_name_is_a_flag_of_kubectl(self):
        folder = self.copy()
        evil = "--kubeconfig=made/evil.yaml"
        for name in ("base/webhooks.yaml", "base/deployment.yaml"):
            folder.edit(name, "metadata:\n  name: policy\n", "metadata:\n  name: %s\n" % evil)
        self.write("kubectl", '#!/bin/sh\nprintf "%s\\n" "$@" >>said\nexit 1\n')
        os.chmod(self.path("kubectl"), 0o755)
        self.run_program("verify", "made", "--live", "--kubectl", "./kubectl", "--address",
                         "127.0.0.1:1", status=1)
        self.assertNotIn(evil, self.read("said").splitlines())

    def test_nothing_commands_the_terminal(self):
        folder = self.copy()
        evil = '"\\e]0;x\\a\\x9b\\u202e"'
        folder.edit("base/service.yaml", "name: policy\n", "name: %s\n" % evil)
        folder.edit("base/deployment.yaml", "metadata:\n", "metadata:\n  annotations: {%s: a}\n"
                    % evil)
        folder.edit("base/webhooks.yaml", "failurePolicy: Fail", "failurePolicy: " + evil)
        folder.edit("control-plane/kubeconfig.yaml", "kind: Config", "kind: Config\n%s: 1" % evil)
        done = self.run_program("verify", "made", status=1)
        self.assertIn(r"\x1b]0;x\x07", done.stdout)
        self.assertNotRegex(done.stdout + done.stderr, COMMANDS)
        done = self.run_program("verify", "made", "--json", status=1)
        self.assertNotRegex(done.stdout, COMMANDS)


class Flags(VerifyTest):
    def test_for_people(self):
        done = self.run_program("verify", "made")
        self.assertRegex(done.stdout, r"(?m)^  yes  server\.names +it has the names by which")
        self.assertRegex(done.stdout, r"\n\d+ hold, 0 do not, 0 warnings, 0 not checked\n$")
        self.assertNotIn("\033", done.stdout)

    def test_quiet_leaves_out_what_holds(self):
        Folder(self.path("made"), self.keys).mode("private/server.key", 0o640)
        done = self.run_program("verify", "made", "--quiet", status=1)
        self.assertNotIn("yes", done.stdout)
        self.assertIn("files\n  NO   files.modes", done.stdout)
        self.assertIn("private/server.key: its mode is 0640: others can read it\n"
                      "         -> chmod", done.stdout)

    def test_days(self):
        self.assertEqual(found(self.verify("--days", "364")), {})
        self.assertEqual(found(self.verify("--days", "366")),
                         {"server.dates": "warning", "callers.dates": "warning"})

    def test_a_text_that_is_no_number_of_days(self):
        for days in ("", "x", "-1", "1d", "100000"):
            done = self.run_program("verify", "made", "--days", days, status=2)
            self.assertIn("--days: expected a number from 0 to 36500, not ", done.stderr)

    def test_what_is_no_address(self):
        for address in ("", "host", ":1", "host:", "host:0", "host:70000", "host:x"):
            done = self.run_program("verify", "made", "--live", "--address", address, status=2)
            self.assertIn("--address: expected HOST:PORT", done.stderr)

    def test_flags_of_live_alone(self):
        done = self.run_program("verify", "made", "--address", "127.0.0.1:1", status=2)
        self.assertIn("go with --live", done.stderr)

    def test_a_folder_of_installations(self):
        done = self.run_program("verify", ".", status=2)
        self.assertIn(". is no installation, but ./made is one", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_one_folder_that_is_there(self):
        self.assertIn("expected one FOLDER", self.run_program("verify", status=2).stderr)
        self.assertIn("No such file", self.run_program("verify", "nothing", status=2).stderr)
        self.run_program("verify", "made", "--unknown", status=2)
