# SPDX-License-Identifier: MIT
"""admwhctl init: what it makes, what it keeps, what it refuses."""

import os
import re
import shutil
import ssl
import stat
import subprocess
import unittest

from program import INSTALLATION, ProgramTest


TOKEN = "of-my-own-0123456789abcdef0123456789"


class Certificates(ProgramTest):
    def setUp(self):
        super().setUp()
        self.init()

    def text_of(self, certificate, *extensions):
        return self.openssl("x509", "-noout", "-in", "made/private/" + certificate, "-serial",
                            "-subject", "-ext", ",".join(extensions))

    def test_chains_hold_for_their_purpose_alone(self):
        for ca, leaf, purpose, other in (
                ("server-ca.crt", "server.crt", "sslserver", "sslclient"),
                ("client-ca.crt", "callers/apiserver.cp-1.crt", "sslclient", "sslserver"),
                ("client-ca.crt", "callers/apiserver.cp-2.crt", "sslclient", "sslserver"),
                ("scanner-ca.crt", "callers/scanner.crt", "sslclient", "sslserver")):
            self.verify_pair(ca, leaf, purpose)
            self.verify_pair(ca, leaf, other, status=2)

    def test_no_ca_issues_for_another(self):
        for ca, leaf in (("scanner-ca.crt", "callers/apiserver.cp-1.crt"),
                         ("server-ca.crt", "callers/scanner.crt"),
                         ("client-ca.crt", "server.crt")):
            self.verify_pair(ca, leaf, "any", status=2)

    def test_profiles_are_exact(self):
        ca = self.text_of("server-ca.crt", "basicConstraints", "keyUsage")
        self.assertIn("Basic Constraints: critical\n    CA:TRUE, pathlen:0", ca)
        self.assertIn("Key Usage: critical\n    Certificate Sign, CRL Sign", ca)
        leaf = self.text_of("server.crt", "basicConstraints", "keyUsage", "extendedKeyUsage",
                            "subjectAltName")
        self.assertIn("Basic Constraints: critical\n    CA:FALSE", leaf)
        self.assertIn("Key Usage: critical\n    Digital Signature", leaf)
        self.assertIn("TLS Web Server Authentication\n", leaf)
        self.assertIn("DNS:policy.webhooks.svc, DNS:policy.webhooks.svc.cluster.local", leaf)
        self.assertRegex(leaf, r"serial=[4-7][0-9A-F]{31}\n")
        self.assertIn("CN = audit-scanner", self.text_of("callers/scanner.crt", "keyUsage"))

    def test_serials_and_names_of_cas_are_unique(self):
        said = [self.text_of(name, "keyUsage") for name in
                ("server-ca.crt", "client-ca.crt", "scanner-ca.crt", "server.crt",
                 "callers/apiserver.cp-1.crt", "callers/apiserver.cp-2.crt")]
        serials = {re.search("serial=(.*)", text)[1] for text in said}
        self.assertEqual(len(serials), len(said))
        self.assertEqual(len({re.search("subject=(.*)", text)[1] for text in said[:3]}), 3)

    def test_mutual_tls_takes_place(self):
        """Both sides by Python's ssl, in memory."""
        private = self.path("made", "private")
        server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(
            ssl.PROTOCOL_TLS_CLIENT)
        server.load_cert_chain(private + "/server.crt", private + "/server.key")
        server.load_verify_locations(private + "/client-ca.crt")
        server.verify_mode = ssl.CERT_REQUIRED
        client.load_cert_chain(private + "/callers/apiserver.cp-1.crt",
                               private + "/callers/apiserver.cp-1.key")
        client.load_verify_locations(private + "/server-ca.crt")
        client.verify_flags |= ssl.VERIFY_X509_STRICT
        up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
        ends = [client.wrap_bio(down, up, server_hostname="policy.webhooks.svc"),
                server.wrap_bio(up, down, server_side=True)]
        for _ in range(4):
            for end in ends:
                try:
                    end.do_handshake()
                except ssl.SSLWantReadError:
                    pass
        subject = dict(pair[0] for pair in ends[1].getpeercert()["subject"])
        self.assertEqual(subject["commonName"], "kube-apiserver")

    def test_what_is_secret_is_closed_to_others(self):
        for parent, folders, names in os.walk(self.path("made", "private")):
            for name in folders + ["."]:
                mode = stat.S_IMODE(os.stat(os.path.join(parent, name)).st_mode)
                self.assertEqual(mode, 0o700, name)
            for name in names:
                mode = stat.S_IMODE(os.stat(os.path.join(parent, name)).st_mode)
                self.assertEqual(mode, 0o600, name)
        self.assertEqual(self.read("made", ".gitignore"), "/private/\n")

    def test_no_private_key_is_outside_of_private(self):
        for path in self.contents():
            if not path.startswith("private/"):
                self.assertNotIn("PRIVATE KEY", self.read("made", path))
                for token in self.read("made/private/tokens.csv").split():
                    self.assertNotIn(token.split(",")[0], self.read("made", path))

    def test_tokens_are_those_of_the_list(self):
        lines = self.read("made/private/tokens.csv").splitlines()
        names = ("apiserver", "scanner")
        self.assertEqual([line.split(",")[1] for line in lines], list(names))
        for line, name in zip(lines, names):
            token = self.read("made/private/callers", name + ".token").strip()
            self.assertRegex(token, "^[0-9a-f]{64}$")
            self.assertEqual(line.split(",")[0], token)

    def test_dates_are_those_of_the_installation(self):
        self.init(INSTALLATION + "  certificates: {caDays: 20000, days: 10000, "
                  "from: 2026-01-01T00:00:00Z}\n", folder="dated")
        for name, end in (("server-ca", "2080-10-04"), ("server", "2053-05-19")):
            said = self.openssl("x509", "-noout", "-dates", "-dateopt", "iso_8601", "-in",
                                f"dated/private/{name}.crt")
            self.assertIn("notBefore=2026-01-01 00:00:00Z", said)
            self.assertIn(f"notAfter={end}", said)


class Reruns(ProgramTest):
    def setUp(self):
        super().setUp()
        self.init()
        self.before = self.contents()

    def change(self, old, new):
        text = self.read("made/installation.yaml")
        self.assertIn(old, text)
        self.write("made/installation.yaml", text.replace(old, new))
        self.before["installation.yaml"] = self.contents()["installation.yaml"]

    def changed(self):
        after = self.contents()
        return {path for path in after if after[path] != self.before.get(path)}

    def test_the_same_input_changes_nothing(self):
        times = {path: os.stat(self.path("made", path)).st_mtime_ns for path in self.before}
        for arguments in ([], ["--force"], ["input.yaml"], ["--dry-run"]):
            self.run_program("init", "--to", "made", *arguments)
        self.assertEqual(self.contents(), self.before)
        self.assertEqual({path: os.stat(self.path("made", path)).st_mtime_ns
                          for path in self.before}, times)

    def test_another_input_is_shown_and_written_with_force_alone(self):
        self.change("policy:1.0", "policy:1.1")
        shown = self.run_program("init", "--to", "made", status=1)
        self.assertIn("+        image: registry.example.org/policy:1.1", shown.stdout)
        self.assertIn("nothing was written", shown.stderr)
        self.assertEqual(self.changed(), set())
        self.run_program("init", "--to", "made", "--force", "--dry-run")
        self.assertEqual(self.changed(), set())
        self.run_program("init", "--to", "made", "--force")
        self.assertEqual(self.changed(), {"base/deployment.yaml"})

    def test_another_service_gets_a_pair_of_the_same_ca(self):
        self.change("spec:", "spec:\n  service: {name: other}")
        shown = self.run_program("init", "--to", "made", status=1)
        self.assertIn("private/server.crt has not the name", shown.stdout)
        self.assertEqual(self.changed(), set())
        self.run_program("init", "--to", "made", "--force")
        private = {path for path in self.changed() if path.startswith("private/")}
        self.assertEqual(private, {"private/server.crt", "private/server.key"})
        self.verify_pair("server-ca.crt", "server.crt", "sslserver")

    def test_another_common_name_gets_pairs_of_the_same_ca(self):
        self.change("commonName: kube-apiserver", "commonName: api")
        self.run_program("init", "--to", "made", "--force")
        private = {path for path in self.changed() if path.startswith("private/")}
        self.assertEqual(private, {f"private/callers/apiserver.cp-{i}.{ending}"
                                   for i in (1, 2) for ending in ("crt", "key")})

    def test_another_node_gets_a_pair_and_the_others_keep_theirs(self):
        self.change("cp-2]", "cp-2, cp-3]")
        self.run_program("init", "--to", "made", "--force")
        private = {path for path in self.changed() if path.startswith("private/")}
        self.assertEqual(private, {"private/callers/apiserver.cp-3.crt",
                                   "private/callers/apiserver.cp-3.key"})

    def test_the_pair_of_a_host_that_left_is_told_of(self):
        self.change("[cp-1, cp-2]", "[cp-1]")
        said = self.run_program("init", "--to", "made", "--force").stdout
        self.assertIn("private/callers/apiserver.cp-2.crt is of no caller any more", said)
        self.assertEqual(said.count("of no caller any more"), 1)
        self.assertIn("private/callers/apiserver.cp-2.key", self.contents())

    def test_the_folder_may_be_the_current_one(self):
        for name in (".", "./", self.path("made")):
            self.assertIn("0 new, 0 changed", self.run_program(
                "init", "--to", name, cwd=self.path("made")).stdout)

    def test_half_a_pair_is_not_completed(self):
        os.remove(self.path("made/private/server.key"))
        said = self.run_program("init", "--to", "made", "--force", status=2).stderr
        self.assertIn("private/server.key is missing, but private/server.crt is there", said)

    def test_a_ca_key_that_is_kept_elsewhere_is_asked_for_when_it_is_needed(self):
        os.remove(self.path("made/private/server-ca.key"))
        self.run_program("init", "--to", "made")
        self.change("spec:", "spec:\n  service: {name: other}")
        said = self.run_program("init", "--to", "made", "--force", status=2).stderr
        self.assertIn("private/server-ca.key is needed to make private/server.crt", said)

    def test_a_pair_of_two_keys_is_made_anew(self):
        self.write("made/private/server.key", self.read("made/private/server-ca.key"))
        said = self.run_program("init", "--to", "made", status=1).stdout
        self.assertIn("private/server.crt is not of the key beside it: a new pair", said)

    def test_the_folder_can_be_moved(self):
        os.rename(self.path("made"), self.path("moved"))
        self.run_program("init", "--to", "moved")

    def test_nothing_is_left_beside_the_files(self):
        self.assertEqual([path for path in self.before if re.search(r"\.\w{6}$", path)
                          and not path.endswith((".token", ".gitignore"))], [])


class Given(ProgramTest):
    """Files that are in private/ before the first run."""

    def make_company_pair(self, names):
        os.makedirs(self.path("made/private/callers"))
        private = "made/private/"
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Company",
                     "-days", "99", "-keyout", "company.key", "-out", private + "server-ca.crt")
        self.write("extensions", "subjectAltName = %s\nextendedKeyUsage = serverAuth\n" % names)
        self.openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=policy",
                     "-keyout", private + "server.key", "-out", "server.csr")
        self.openssl("x509", "-req", "-in", "server.csr", "-CA", private + "server-ca.crt",
                     "-CAkey", "company.key", "-days", "90", "-extfile", "extensions",
                     "-out", private + "server.crt")

    def test_they_are_used(self):
        self.make_company_pair("DNS:policy.example.org, DNS:policy.webhooks.svc")
        self.write("made/private/callers/scanner.token", TOKEN)
        before = self.contents()
        self.init()
        after = self.contents()
        for path in before:
            self.assertEqual(after[path], before[path], path)
        self.assertIn(TOKEN + ",scanner,scanner", self.read("made/private/tokens.csv"))
        self.assertNotIn("private/server-ca.key", after)
        self.run_program("verify", "made")

    def test_a_token_that_no_list_can_have_is_refused(self):
        for token in ("", "\n", "a,b", "a b", '"a"', 4097 * "a"):
            self.write("made/private/callers/scanner.token", token)
            self.assertIn("scanner.token: expected a token", self.init(status=2).stderr)

    def test_a_pair_of_another_name_is_told_of(self):
        self.make_company_pair("DNS:policy.example.org")
        said = self.init(status=2)
        self.assertIn("private/server.crt has not the name", said.stdout)
        self.assertIn("private/server-ca.key is needed to make private/server.crt", said.stderr)

    def test_a_wildcard_is_a_name_of_the_service(self):
        self.make_company_pair("DNS:*.webhooks.svc")
        self.init()

    def test_keys_of_any_kind_are_those_of_their_certificates(self):
        self.make_company_pair("DNS:policy.webhooks.svc")
        shutil.copy(self.path("company.key"), self.path("made/private/server.key"))
        self.assertIn("private/server.crt is not of the key beside it", self.init(status=2).stdout)

    def test_a_ca_of_the_same_name_is_another_one(self):
        self.make_company_pair("DNS:policy.webhooks.svc")
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Company",
                     "-keyout", "other.key", "-out", "made/private/server-ca.crt")
        self.assertIn("private/server.crt is of another CA", self.init(status=2).stdout)


class Merges(ProgramTest):
    THERE = ("apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins:\n"
             "- name: PodSecurity # of the cluster\n  configuration: {kind: PodSecurityConfiguration, "
             "apiVersion: pod-security.admission.config.k8s.io/v1}\n")

    def test_a_file_that_is_merged_into_is_kept_in_the_folder(self):
        self.write("files/there.yaml", self.THERE)
        self.write("files/input.yaml",
                   INSTALLATION + "  controlPlane: {admission: ./there.yaml}\n")
        self.run_program("init", "--to", "made", "files/input.yaml")
        self.assertEqual(self.read("made/given/admission.yaml"), self.THERE)
        self.assertIn("# of the cluster", self.read("made/control-plane/admission.yaml"))
        os.remove(self.path("files/there.yaml"))
        before = self.contents()
        self.run_program("init", "--to", "made")
        self.assertEqual(self.contents(), before)


class Shells(ProgramTest):
    """Command lines of README.md do what they say, whatever the names."""

    def test_a_common_name_is_one_word(self):
        name = "it's $(touch made/evil) `touch made/evil` \\"
        text = INSTALLATION.replace("commonName: kube-apiserver", f'commonName: "{name}"'.replace(
            "\\", "\\\\"))
        text = text.replace("  image: registry.example.org/policy:1.0\n",
                            "  url: https://hooks.example.org:9443\n")
        self.init(text)
        flags = self.read("made/README.md").split("Its flags:\n\n```sh\n")[1].split("```\n")[0]
        said = subprocess.run(["sh", "-c", "printf '%s\\n' " + flags], cwd=self.folder, check=True,
                              capture_output=True, text=True).stdout
        self.assertIn(f"apiserver=cn:{name}\n", said)
        self.assertFalse(os.path.exists(self.path("made/evil")))


class Flags(ProgramTest):
    SIMPLE = ("--name", "policy", "--image", "registry.example.org/policy:1.0",
              "--validate", "/validate=pods,deployments.apps")

    def test_flags_stand_for_an_input(self):
        self.run_program("init", "--to", "made", *self.SIMPLE, "--mutate", "/mutate=pods", "--node",
                         "cp-1", "--caller", "scanner@audit", "--authentication", "both",
                         "--cni", "calico", "--control-plane", "192.168.42.0/24", "--monitoring")
        before = self.contents()
        self.run_program("init", "--to", "made")
        self.assertEqual(self.contents(), before)
        text = self.read("made/installation.yaml")
        for line in ("name: validate.policy.webhooks.svc", "name: mutate.policy.webhooks.svc",
                     "- deployments", "- apps", "name: scanner", "namespace: audit"):
            self.assertIn(line, text)
        self.assertIn("private/callers/apiserver.cp-1.crt", before)
        self.assertIn("base/calico.yaml", before)

    def test_help_teaches(self):
        said = self.run_program("init", "--help").stdout
        self.assertEqual(said.count("admwhctl init --to policy"), 2)

    def test_faults(self):
        for arguments, message in (
                (["--name", "x"], "--to FOLDER is required"),
                (["--to", "made"], "made/installation.yaml is not there"),
                (["--to", "made", "--nope"], "--nope: there is no such flag"),
                (["--to"], "--to: needs a value"),
                (["--to", "made", "a.yaml", "b.yaml"], "b.yaml: one INPUT.yaml is enough"),
                (["--to", "made", "--name", "x", "a.yaml"], "give one of both"),
                (["--to", "made", "--validate", "/x"], "expected PATH=RESOURCES"),
                (["--to", "made", "--validate", "/x=pods"], "--name NAME is required"),
                (["--to", "made", "--name", "x", "--image", "i", "--validate", "/x=deployments"],
                 "init: spec.routes[0].rules[0].resources[0]: the core group has no deployments"),
                (["--to", "made", "--port", "0"], "expected a number from 1 to 65535"),
                (["--to", "made", "none.yaml"], "none.yaml: No such file")):
            with self.subTest(arguments=arguments):
                self.assertIn(message, self.run_program("init", *arguments, status=2).stderr)


class Faults(ProgramTest):
    """Each with its line and its field; nothing is written."""

    CASES = (
        ("apiVersion: admwhctl/v1", "apiVersion: v1", "1: apiVersion: expected one of admwhctl/v1"),
        ("kind: Installation", "kind: Pod", "2: kind: expected one of Installation"),
        ("name: policy,", "name: Policy,", "3: metadata.name: expected 1 to 63"),
        ("image: registry.example.org/policy:1.0", "replicas: 2", "spec.image: is required"),
        ("path: /validate", "path: validate", "8: spec.routes[0].path: begins with a slash"),
        ("path: /validate", "path: /a/", "8: spec.routes[0].path: has an empty segment"),
        ("path: /validate", "path: /A", "8: spec.routes[0].path: has a segment that is no name"),
        ("pods.example.org", "pods", "7: spec.routes[0].name: expected a domain name of three"),
        ("operations: [CREATE]", "operations: [create]",
         "9: spec.routes[0].rules[0].operations[0]: expected CREATE"),
        ("resources: [pods]", "resources: []",
         "9: spec.routes[0].rules[0].resources: is required, and is not empty"),
        ("resources: [pods]", "resources: [pods/exec, Pods]",
         "9: spec.routes[0].rules[0].resources[1]: Pods is no resource: write pods"),
        ("resources: [pods]", "resources: [deployment]",
         "resources[0]: the core group has no deployment: deployments is of group apps"),
        ("resources: [pods]", "resources: [widgets]", "the core group has no widgets"),
        ("path: /validate", "path: /validate\n    timeoutSeconds: 31",
         "9: spec.routes[0].timeoutSeconds: expected a number from 1 to 30"),
        ("path: /validate", "path: /validate\n    reinvocationPolicy: Never",
         "9: spec.routes[0].reinvocationPolicy: is for mutating webhooks alone"),
        ("path: /validate", "path: /validate\n    failurepolicy: Fail",
         "9: spec.routes[0].failurepolicy: there is no such field"),
        ("name: scanner", "name: apiserver", "12: spec.callers[1].name: is that of callers[0]"),
        ("name: scanner", "name: server", "12: spec.callers[1].name: is taken"),
        ("commonName: audit-scanner", "commonName: " + 65 * "x",
         "12: spec.callers[1].commonName: has more than 64 bytes"),
        ("commonName: audit-scanner", r'commonName: "audit\u200fscanner"',
         "12: spec.callers[1].commonName: has a control character"),
        ("[cp-1, cp-2]", "[cp-1, cp-1]", "11: spec.callers[0].nodes[1]: is there twice"),
        ("[cp-1, cp-2]", "[n]", "11: spec.callers[0].nodes[0]: expected a text: quote it"),
        ("authentication: both", "authentication: none",
         "13: spec.authentication: expected one of mtls, token, both, not none"),
        ("spec:", "spec:\n  url: http://x", "5: spec.url: begins with https://"),
        ("spec:", "spec:\n  url: https://x/y", "5: spec.url: expected https://HOST"),
        ("spec:", "spec:\n  url: https://x\n  service: {}", "6: spec.service: there is a url, too"),
        ("spec:", "spec:\n  targetPort: 8081", "spec.healthPort: is that of targetPort"),
        ("spec:", "spec:\n  network: {cni: [flannel]}", "5: spec.network.cni: expected calico or"),
        ("spec:", "spec:\n  network: {cni: [calico]}", "5: spec.network.controlPlane: is required"),
        ("spec:", "spec:\n  network: {controlPlane: [10.0.0.1]}",
         "5: spec.network.controlPlane[0]: expected addresses such as"),
        ("spec:", "spec:\n  certificates: {days: 4000}", "5: spec.certificates.days: is more than"),
        ("spec:", "spec:\n  certificates: {from: yesterday}", "5: spec.certificates.from: expected a"),
        ("spec:", "spec:\n  certificates: {from: 2020-01-01T00:00:00Z}",
         "a certificate would have ended already"),
        ("spec:", "spec:\n  certificates: {server: public}", "spec.secret: existing is required"),
        ("spec:", "spec:\n  autoscaler: {min: 3, max: 2}", "5: spec.autoscaler: max is less"),
        ("spec:", "spec:\n  controlPlane: {folder: etc}", "5: spec.controlPlane.folder: is an abs"),
        ("spec:", "spec:\n  controlPlane: {folder: '/etc/$(reboot)'}",
         "5: spec.controlPlane.folder: has other characters"),
        ("spec:", "spec:\n  controlPlane: {folder: '/etc/a b'}",
         "5: spec.controlPlane.folder: has other characters"),
        ("spec:", "spec:\n  url: 'https://x;`reboot`'", "5: spec.url: its host is no name"),
        ("spec:", "spec:\n  url: \"https://x\\n```sh\"", "5: spec.url: its host is no name"),
        ("spec:", "spec:\n  distribution: rke2", "spec.controlPlane.admission: RKE2 has"),
        ("spec:", "spec:\n  distribution: k8s", "5: spec.distribution: expected one of kubeadm"),
        ("spec:", "spec:\n  spec:", "5: spec.spec: there is no such field"),
        ("metadata:", "---\nmetadata:", "expected one document"),
    )

    def test_each_is_told_with_its_line(self):
        for old, new, message in self.CASES:
            with self.subTest(new=new):
                said = self.init(INSTALLATION.replace(old, new, 1), status=2).stderr
                self.assertIn(message, said)
                self.assertFalse(os.path.exists(self.path("made")))

    def test_all_are_told_at_once(self):
        text = INSTALLATION.replace("/validate", "validate").replace("both", "none")
        said = self.init(text, status=2).stderr
        self.assertEqual(len(said.splitlines()), 2, said)


if __name__ == "__main__":
    unittest.main()
