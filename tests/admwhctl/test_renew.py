# SPDX-License-Identifier: MIT
"""admwhctl renew: by phases, in which at each moment old and new understand each other."""

import base64
import datetime
import os
import re
import unittest

from program import INSTALLATION, ProgramTest

PEM = re.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", re.S)


class Renewal(ProgramTest):
    def setUp(self):
        super().setUp()
        self.init()
        self.before = self.contents()
        self.first = {path: self.read("made", path)
                      for path in ("private/server-ca.crt", "base/webhooks.yaml")}

    def renew(self, *arguments, status=0):
        return self.run_program("renew", "made", *arguments, status=status)

    def proceed(self):
        return self.renew("--next", "--force")

    def changed(self):
        after = self.contents()
        return {path for path in after | self.before if after.get(path) != self.before.get(path)}

    def bundle(self, name):
        return PEM.findall(self.read("made/private", name))

    def trusts(self, bundle, leaf):
        """Whether CAs of a bundle, as text, have issued a leaf, as text."""
        self.write("bundle.pem", bundle)
        self.write("leaf.pem", leaf)
        return "OK" in self.openssl("verify", "-x509_strict", "-CAfile", "bundle.pem", "leaf.pem",
                                    status=None)

    def is_over(self):
        self.assertFalse(os.path.exists(self.path("made/private/renewal.yaml")))
        self.assertEqual([path for path in self.contents() if re.search("next|previous", path)], [])
        self.assertIn("no renewal is under way", self.renew("--next", status=2).stderr)

    def init_agrees(self):
        before = self.contents()
        self.run_program("init", "--to", "made")
        self.assertEqual(self.contents(), before)


class Leaves(Renewal):
    def test_a_server_pair_of_the_same_ca(self):
        said = self.renew("server").stdout
        self.assertEqual(self.changed(), {"private/server.crt", "private/server.key"})
        self.verify_pair("server-ca.crt", "server.crt", "sslserver")
        self.assertIn("kubectl apply -k made", said)
        self.is_over()
        self.init_agrees()

    def test_client_pairs_of_all_callers(self):
        said = self.renew("client").stdout
        self.assertEqual({os.path.basename(path) for path in self.changed()},
                         {f"{name}.{ending}" for ending in ("crt", "key")
                          for name in ("apiserver.cp-1", "apiserver.cp-2", "scanner")})
        self.verify_pair("client-ca.crt", "callers/apiserver.cp-2.crt", "sslclient")
        self.assertIn("ssh cp-2 sudo tar", said)
        self.assertIn("five minutes", said)
        self.init_agrees()

    def test_client_pairs_of_one_caller(self):
        said = self.renew("client", "--caller", "scanner").stdout
        self.assertEqual(self.changed(), {"private/callers/scanner.crt",
                                          "private/callers/scanner.key"})
        self.assertNotIn("five minutes", said)


class Overlaps(Renewal):
    def ca_bundles(self):
        found = re.findall("caBundle: (.*)", self.read("made/base/webhooks.yaml"))
        self.assertEqual(len(found), 1)
        return base64.b64decode(found[0]).decode()

    def test_a_server_ca(self):
        old_ca, old_leaf = self.bundle("server-ca.crt"), self.read("made/private/server.crt")
        self.renew("server-ca")
        both = self.bundle("server-ca.crt")
        self.assertEqual(both[:1], old_ca)
        self.assertEqual(len(both), 2)
        self.assertEqual(self.changed(), {"private/server-ca.crt", "private/server-ca.next.key",
                                          "private/renewal.yaml", "base/webhooks.yaml"})
        self.assertTrue(self.trusts(self.ca_bundles(), old_leaf))
        self.init_agrees()

        self.proceed()
        new_leaf = self.read("made/private/server.crt")
        for leaf in (old_leaf, new_leaf):
            self.assertTrue(self.trusts(self.ca_bundles(), leaf))
        self.assertFalse(self.trusts(old_ca[0], new_leaf))
        self.assertFalse(os.path.exists(self.path("made/private/server-ca.next.key")))
        self.init_agrees()

        said = self.proceed().stdout
        self.assertIn("the last phase", said)
        self.assertEqual(self.bundle("server-ca.crt"), both[1:])
        self.assertTrue(self.trusts(self.ca_bundles(), new_leaf))
        self.assertFalse(self.trusts(self.ca_bundles(), old_leaf))
        self.assertEqual(self.changed(), {"private/server-ca.crt", "private/server-ca.key",
                                          "private/server.crt", "private/server.key",
                                          "base/webhooks.yaml"})
        self.is_over()
        self.init_agrees()

    def test_edits_by_hand_stay(self):
        text = self.read("made/base/webhooks.yaml") + "# by hand\n"
        self.write("made/base/webhooks.yaml", text)
        self.renew("server-ca")
        edited = self.read("made/base/webhooks.yaml")
        self.assertEqual(re.sub("caBundle: .*", "", edited), re.sub("caBundle: .*", "", text))

    def test_another_ca_bundle_is_not_guessed(self):
        text = self.read("made/base/webhooks.yaml")
        self.write("made/base/webhooks.yaml", re.sub("caBundle: .*", "caBundle: AAAA", text))
        self.before = self.contents()
        said = self.renew("server-ca", status=2).stderr
        self.assertIn("base/webhooks.yaml: no caBundle has a CA of private/server-ca.crt", said)
        self.assertEqual(self.changed(), set())

    def test_client_cas(self):
        names = {"client-ca.crt": "callers/apiserver.cp-1.crt", "scanner-ca.crt": "callers/scanner.crt"}
        old = {ca: (self.read("made/private", ca), self.read("made/private", leaf))
               for ca, leaf in names.items()}
        self.renew("client-ca")
        for ca in names:
            self.assertEqual(len(self.bundle(ca)), 2)
            self.assertTrue(self.trusts(self.read("made/private", ca), old[ca][1]))
        self.init_agrees()
        self.proceed()
        for ca, leaf in names.items():
            self.assertTrue(self.trusts(self.read("made/private", ca), old[ca][1]))
            self.assertTrue(self.trusts(self.read("made/private", ca), self.read("made/private", leaf)))
            self.assertFalse(self.trusts(old[ca][0], self.read("made/private", leaf)))
        self.init_agrees()
        self.proceed()
        for ca, leaf in names.items():
            self.assertEqual(len(self.bundle(ca)), 1)
            self.assertFalse(self.trusts(self.read("made/private", ca), old[ca][1]))
            self.assertTrue(self.trusts(self.read("made/private", ca), self.read("made/private", leaf)))
        self.assertNotIn("base/webhooks.yaml", self.changed())
        self.is_over()
        self.init_agrees()

    def test_the_ca_of_one_caller(self):
        self.renew("client-ca", "--caller", "scanner")
        self.proceed()
        self.proceed()
        self.assertEqual(self.changed(), {f"private/{name}.{ending}" for ending in ("crt", "key")
                                          for name in ("scanner-ca", "callers/scanner")})

    def test_tokens(self):
        def accepted():
            return {line.split(",")[0] for line in self.read("made/private/tokens.csv").split()}

        def used():
            return {self.read(f"made/private/callers/{name}.token").strip()
                    for name in ("apiserver", "scanner")}

        old = used()
        self.renew("token")
        self.assertEqual(used(), old)
        self.assertEqual(len(accepted()), 4)
        self.init_agrees()
        self.proceed()
        new = used()
        self.assertEqual(accepted(), old | new)
        self.assertFalse(old & new)
        self.init_agrees()
        self.proceed()
        self.assertEqual(accepted(), new)
        self.assertEqual(used(), new)
        self.is_over()
        self.init_agrees()


class Order(Renewal):
    def test_the_next_phase_waits_for_what_others_need(self):
        self.renew("client-ca")
        self.before = self.contents()
        said = self.renew("--next", status=2).stderr
        self.assertRegex(said, r"wait 1[78]\d more seconds")
        self.assertEqual(self.changed(), set())
        path = "made/private/renewal.yaml"
        then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=181)
        self.write(path, re.sub("since: .*", f'since: "{then:%Y-%m-%dT%H:%M:%SZ}"', self.read(path)))
        self.renew("--next")

    def test_one_renewal_at_a_time(self):
        self.renew("server-ca")
        for what in ("server", "server-ca", "token"):
            self.assertIn("server-ca is at phase 1", self.renew(what, status=2).stderr)
        self.assertIn("server-ca is at phase 1 of 3", self.renew("--check").stdout)

    def test_a_phase_that_a_crash_cut_off_is_written_again(self):
        """The files of the second phase are there, and its state is not."""
        for what in ("server-ca", "client-ca", "token"):
            with self.subTest(what=what):
                self.renew(what)
                first = {path: self.read("made", path) for path in self.contents()
                         if path.endswith((".next", ".next.key", "renewal.yaml"))}
                self.proceed()
                kept = {path: self.read("made", path) for path in self.contents()
                        if path.endswith((".previous", "-ca.crt", "-ca.key"))}
                for path, text in first.items():
                    self.write("made/" + path, text)
                self.proceed()
                self.assertEqual({path: self.read("made", path) for path in kept}, kept)
                self.init_agrees()
                self.proceed()
                self.is_over()
                self.init_agrees()

    def test_a_ca_bundle_of_another_phase_is_replaced_too(self):
        """A crash came between the two files: either is the newer one."""
        for name in ("private/server-ca.crt", "base/webhooks.yaml"):
            for phase in range(3):
                with self.subTest(name=name, phase=phase):
                    self.renew("server-ca")
                    for _ in range(phase):
                        before = self.read("made", name)
                        state = self.read("made/private/renewal.yaml")
                        key = "made/private/server-ca.next.key"
                        secret = self.read(key) if os.path.exists(self.path(key)) else None
                        self.proceed()
                    if phase:
                        self.write("made/" + name, before)
                        self.write("made/private/renewal.yaml", state)
                        if secret:
                            self.write(key, secret)
                    else:
                        self.write("made/" + name, self.first[name])
                        os.remove(self.path("made/private/renewal.yaml"))
                        self.renew("server-ca")
                    while os.path.exists(self.path("made/private/renewal.yaml")):
                        self.proceed()
                    self.init_agrees()
                    self.first = {path: self.read("made", path) for path in self.first}

    def test_what_a_crash_left_is_removed_in_the_end(self):
        for what in ("client-ca", "token"):
            self.renew(what)
            left = {path: self.read("made", path) for path in self.contents()
                    if path.endswith((".next", ".next.key"))}
            self.proceed()
            for path, text in left.items():
                self.write("made/" + path, text)
            self.proceed()
            self.is_over()

    def test_nothing_is_written_where_a_file_is_missing(self):
        os.remove(self.path("made/private/scanner-ca.key"))
        self.before = self.contents()
        said = self.renew("client", status=2).stderr
        self.assertIn("private/scanner-ca.key is not there", said)
        self.assertEqual(self.changed(), set())

    def test_faults(self):
        for arguments, message in (
                ([], "expected FOLDER and one of"), (["made"], "expected FOLDER and one of"),
                (["made", "server", "--next"], "expected FOLDER and one of"),
                (["made", "ca"], "ca: expected server, server-ca"),
                (["made", "server", "--caller", "scanner"], "--caller is for client"),
                (["made", "client", "--caller", "nobody"], "--caller nobody: there is no such"),
                (["made", "--check", "--days", "x"], "--days: expected a number from 0 to 36500, not x"),
                (["made", "--next"], "no renewal is under way"),
                (["none", "server"], "none/installation.yaml: No such file")):
            with self.subTest(arguments=arguments):
                self.assertIn(message, self.run_program("renew", *arguments, status=2).stderr)

    def test_what_an_installation_has_not_is_not_renewed(self):
        self.init(INSTALLATION.replace("both", "mtls"), folder="mtls")
        said = self.run_program("renew", "mtls", "token", status=2).stderr
        self.assertIn("callers of this installation have no tokens", said)


class Check(Renewal):
    def test_it_says_what_ends(self):
        said = self.renew("--check").stdout
        self.assertEqual(len(said.splitlines()), 7)
        self.assertNotIn("ends soon", said)
        self.assertEqual(self.renew("--check", "--days", "366", status=1).stdout.count("ends soon"), 4)

    def test_both_cas_of_an_overlap_are_told(self):
        self.renew("server-ca")
        self.assertEqual(self.renew("--check").stdout.count("private/server-ca.crt"), 2)

    def test_what_cannot_be_read_is_an_error(self):
        self.write("made/private/server.crt", "nothing\n")
        self.assertIn("server.crt: there is no certificate in it", self.renew("--check", status=2).stderr)


if __name__ == "__main__":
    unittest.main()
