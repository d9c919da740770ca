# SPDX-License-Identifier: MIT
"""
Which rule allows which client: names of every kind, files of rules, deny lists,
rules of a single route, and observe mode.
"""

import hashlib
import os
import ssl
import subprocess
import tempfile
import unittest

import probe as p


def certificate(case, number=0):
    """PEM of a certificate of a client's chain; 0 is its own."""
    with open(p.pki().path(p.pki().clients[case]["chain"]), encoding="ascii") as file:
        parts = file.read().split("-----END CERTIFICATE-----\n")
    return parts[number] + "-----END CERTIFICATE-----\n"


def fingerprint(case, number=0):
    der = ssl.PEM_cert_to_DER_cert(certificate(case, number))
    return hashlib.sha256(der).hexdigest()


def serial(case, number=0):
    text = subprocess.run(["openssl", "x509", "-noout", "-serial"], check=True,
                          input=certificate(case, number).encode(), capture_output=True).stdout
    return text.decode().strip().split("=")[1]


def told(probe, name):
    """The first event of this name; in a handshake the alert is sent before the log is written."""
    return p.until(lambda: probe.log(name), lambda: "%s in %s" % (name, probe.errors()[-2000:]))[0]


class RuleCase(p.ProbeCase):
    def file(self, text):
        handle, path = tempfile.mkstemp(prefix="admwh-rules-")
        self.addCleanup(os.unlink, path)
        with os.fdopen(handle, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return path

    def with_rules(self, *options, bundles=("default",), **arguments):
        """A probe that trusts the CAs of these bundles, with no rule but those given."""
        facts = p.pki().index["bundles"]
        cas = [word for bundle in bundles for word in
               ("--client-ca", "%s=%s" % (bundle, p.pki().path(facts[bundle]["ca"])))]
        return self.start(*cas, *options, bundles=False, **arguments)

    def refuses_to_start(self, *options, contains, bundles=("default",), **arguments):
        with self.assertRaises(AssertionError) as caught:
            self.with_rules(*options, bundles=bundles, **arguments).stop()
        self.assertIn("exit status 2", str(caught.exception))
        self.assertIn(contains, str(caught.exception))

    def following(self, *options, **arguments):
        return self.with_rules(*options, "--log", "info", limits={"reload-time": 100}, **arguments)

    def change(self, path, text):
        with open(path + ".new", "w", encoding="ascii") as file:
            file.write(text)
        os.rename(path + ".new", path)

    def reloaded(self, probe, kind, result="ok", n=1):
        def events():
            return probe.log("handshake.reload", kind=kind, result=result)

        p.until(lambda: len(events()) >= n,
                lambda: "reload of %s in %s" % (kind, probe.errors()[-2000:]))
        return events()[-1]


class Kinds(RuleCase):
    def test_other_names_meet_no_rule(self):
        for rule in ("cn:SAN-client", "dns:x.wild.example", "uri:spiffe://cluster.local/ns/a/sa/B",
                     "ip:::ffff:10.0.0.2", "o:san-client", "ou:san-client",
                     "sha256:" + fingerprint("good")):
            with self.subTest(rule):
                probe = self.with_rules("--allow", "default=" + rule)
                self.assertEqual(p.ask(probe, "san-shapes"), "refused")
                self.assertEqual(self.dispatched(probe), [])

    def test_each_kind_allows_its_name_and_is_named(self):
        own = fingerprint("san-shapes")
        for rule, told in (
                ("cn:san-client", None), ("dns:api.example", None),
                ("dns:FIRST.example", "dns:first.example"), ("dns:*.wild.example", None),
                ("uri:spiffe://cluster.local/ns/a/sa/b", None), ("uri:https://example/x", None),
                ("ip:10.0.0.2", None), ("ip:0:0::ffff:10.0.0.1", "ip:::ffff:10.0.0.1"),
                ("sha256:" + own, None),
                ("sha256:" + ":".join(own[i:i + 2] for i in range(0, 64, 2)).upper(),
                 "sha256:" + own)):
            with self.subTest(rule):
                probe = self.with_rules("--allow", "default=" + rule)
                self.assertEqual(p.ask(probe, "san-shapes"), 200)
                event = self.dispatched(probe)[0]
                self.assertEqual(event["rule"], told or rule)
                self.assertEqual(p.ask(probe, "good"), "refused")

    def test_any_of_several_units_will_do(self):
        for rule in ("ou:three", "o:Second Inc."):
            with self.subTest(rule):
                probe = self.with_rules("--allow", "default=" + rule)
                for case in ("units", "units-in-one-rdn"):
                    if probe.is_unreadable(case):
                        self.assertEqual(p.ask(probe, case), "refused")
                        continue
                    self.assertEqual(p.ask(probe, case), 200)
                    self.assertEqual(self.dispatched(probe)[0]["rule"], rule)

    def test_one_rule_met_is_enough(self):
        probe = self.with_rules("--allow", "default=dns:nobody.example", "--allow",
                             "default=ou:nobody", "--allow", "default=uri:https://example/x")
        self.assertEqual(p.ask(probe, "san-shapes"), 200)
        self.assertEqual(p.ask(probe, "units"), "refused")

    def test_a_rule_is_for_its_own_bundle_alone(self):
        probe = self.with_rules("--allow", "default=cn:kube-apiserver", "--allow",
                             "scanner=cn:audit-scanner", bundles=("default", "scanner"))
        self.assertEqual(p.ask(probe, "good"), 200)
        self.assertEqual(p.ask(probe, "scanner"), 200)
        self.assertEqual(p.ask(probe, "other-ca-listed-cn"), "refused")
        self.assertEqual(p.ask(probe, "scanner-name-of-other-bundle"), "refused")

    def test_a_rule_does_not_make_an_unverified_certificate_good(self):
        for case in ("rogue", "expired", "ca-clone-as-leaf", "eku-server-only"):
            with self.subTest(case):
                probe = self.with_rules("--allow", "default=sha256:" + fingerprint(case),
                                     "--allow", "default=cn:kube-apiserver")
                self.assertEqual(p.ask(probe, case), "refused")

    def test_rules_that_nothing_could_meet_stop_the_start(self):
        for rule in ("ip:10.0.0.0/8", "sha256:00", "dns:a b", "cn:", "cn:" + "a" * 65):
            with self.subTest(rule):
                self.refuses_to_start("--allow", "default=" + rule, contains="allow")

    def test_refusals_tell_names_and_rules(self):
        probe = self.with_rules("--allow", "default=dns:nobody.example")
        self.assertEqual(p.ask(probe, "san-shapes"), "refused")
        event = told(probe, "handshake.refused")
        self.assertEqual(event["result"], "name_refused")
        self.assertEqual(event["subject"], "CN=san-client")
        self.assertIn("bundle default", event["reason"])
        self.assertIn("API.Example", event["reason"])


class Files(RuleCase):
    def test_a_file_allows_beside_the_rules(self):
        file = self.file("# the scanner\r\n\r\ndns:api.example\nou:two")
        probe = self.with_rules("--allow", "default=cn:kube-apiserver", "--allow-file",
                             "default=" + file)
        for case, rule in (("good", "cn:kube-apiserver"), ("san-shapes", "dns:api.example"),
                           ("units", "ou:two")):
            self.assertEqual(p.ask(probe, case), 200)
            self.assertEqual(self.dispatched(probe)[0]["rule"], rule)
        self.assertEqual(p.ask(probe, "cn-unlisted"), "refused")

    def test_a_file_without_a_rule_allows_no_one(self):
        for text in ("", "\n", "# cn:kube-apiserver\n"):
            probe = self.with_rules("--allow-file", "default=" + self.file(text))
            self.assertEqual(p.ask(probe, "good"), "refused")

    def test_files_that_cannot_be_read_stop_the_start(self):
        for text, contains in (
                ("cn:a\nkube-apiserver\n", "line 2: expected cn:"),
                (b"cn:a\0b\n", "line 1: cn"), (b"cn:a\xff\n", "line 1: cn"),
                ("cn:kube-apiserver \n", "line 1: cn"), ("x" * (1 << 20) + "xx", "larger than")):
            with self.subTest(contains):
                self.refuses_to_start("--allow-file", "default=" + self.file(text),
                                      contains=contains)
        self.refuses_to_start("--allow-file", "default=/no/such/file", contains="/no/such/file")
        self.refuses_to_start("--allow", "default=cn:a", "--deny-file",
                              "default=" + self.file("cn:a\n"), contains="line 1: expected serial:")

    def test_any_name_and_a_file_of_names_contradict_each_other(self):
        self.refuses_to_start("--any-cn", "default", "--allow-file",
                              "default=" + self.file("cn:a"), contains="choose one")


class DenyLists(RuleCase):
    def denies(self, line, case, bystander="good"):
        probe = self.with_rules("--any-cn", "default", "--deny-file",
                             "default=" + self.file(line + "\n"))
        self.assertEqual(p.ask(probe, case), "refused")
        self.assertEqual(self.dispatched(probe), [])
        self.assertEqual(p.ask(probe, bystander), 200)
        self.assertEqual(told(probe, "handshake.refused")["result"], "revoked")

    def test_a_serial_is_denied(self):
        self.denies("serial:" + serial("units"), "units")

    def test_a_fingerprint_is_denied(self):
        self.denies("sha256:" + fingerprint("units"), "units")

    def test_a_denied_intermediate_denies_all_below_it(self):
        self.denies("serial:" + serial("intermediate", 1), "intermediate")
        self.denies("sha256:" + fingerprint("intermediate", 1), "intermediate")
        # The upper one of two, which the leaf did not sign with.
        self.denies("sha256:" + fingerprint("two-intermediates", 2), "two-intermediates")

    def test_a_denied_certificate_outside_the_chain_denies_no_one(self):
        line = "sha256:%s\n" % fingerprint("good-with-another", 1)
        probe = self.with_rules("--any-cn", "default", "--deny-file",
                             "default=" + self.file(line))
        self.assertEqual(p.ask(probe, "good-with-another"), 200)

    def with_cas(self, ca, *lines, **arguments):
        text = "".join("%s:%s\n" % (kind, p.pki().index["denials"][label][kind])
                       for kind, label in lines)
        return self.start("--client-ca", "default=" + p.pki().path("ca/%s.crt" % ca), "--any-cn",
                          "default", "--deny-file", "default=" + self.file(text), bundles=False,
                          **arguments)

    def test_a_denied_trusted_ca_is_told_and_issues_nothing(self):
        for auth, refusal in (("handshake", "refused"), ("request", 401)):
            for line in (("serial", "between"), ("sha256", "between"), ("spki-sha256", "between")):
                with self.subTest(auth=auth, line=line):
                    probe = self.with_cas("and-between", line, auth=auth)
                    event = told(probe, "identify.denied_ca")
                    self.assertEqual((event["bundle"], event["subject"]),
                                     ("default", "CN=between"))
                    self.assertTrue(event["line"].startswith(line[0] + ":"))
                    for case in ("intermediate", "intermediate-missing"):
                        self.assertEqual(p.ask(probe, case), refusal)
                    self.assertEqual(p.ask(probe, "good"), 200)
                    self.assertEqual(probe.log("identify.denied_bundle"), [])

    def test_a_bundle_without_any_ca_is_told(self):
        probe = self.with_cas("and-between", ("spki-sha256", "good"))
        self.assertEqual(told(probe, "identify.denied_bundle")["bundle"], "default")
        self.assertEqual(len(probe.log("identify.denied_ca")), 2)
        self.assertEqual(p.ask(probe, "good"), "refused")
        self.assertEqual(p.ask(probe, "intermediate-missing"), "refused")

    def test_a_denied_key_has_no_second_certificate(self):
        probe = self.with_cas("good", ("serial", "between"))
        self.assertEqual(p.ask(probe, "intermediate-reissued"), 200)
        probe = self.with_cas("good", ("spki-sha256", "between"))
        self.assertEqual(p.ask(probe, "intermediate-reissued"), "refused")

    def test_a_deny_list_is_for_its_own_bundle_alone(self):
        probe = self.with_rules(
            "--any-cn", "default", "--any-cn", "scanner", "--deny-file",
            "scanner=" + self.file("serial:%s\n" % serial("good")), bundles=("default", "scanner"))
        self.assertEqual(p.ask(probe, "good"), 200)


class Routes(RuleCase):
    """Kubewarden's case: /validate is for the API server, /warn for a scanner of another CA."""

    def kubewarden(self):
        return self.with_rules(
            "--allow", "default=cn:kube-apiserver", "--allow", "default=ou:two",
            "--any-cn", "scanner",
            "--route-allow", "/validate=default=cn:kube-apiserver",
            "--route-allow", "/warn=scanner", bundles=("default", "scanner"))

    def test_a_route_is_for_its_own_callers(self):
        probe = self.kubewarden()
        for case, target, status in (
                ("good", "/validate", 200), ("scanner", "/warn", 200), ("good", "/warn", 403),
                # A listed name, but of the scanner's CA.
                ("other-ca-listed-cn", "/validate", 403)):
            with self.subTest(case, target=target):
                self.assertEqual(p.ask(probe, case, target), status)
                self.assertEqual(len(self.dispatched(probe)), status == 200)

    def test_a_refusal_is_told_and_ends_the_connection(self):
        probe = self.kubewarden()
        client = self.client(probe, case="scanner")
        response = client.post("/validate")
        what = self.explains(response, 403)
        self.assertEqual(what["reason"], "Forbidden")
        self.assertNotIn(b"kube-apiserver", response.body)
        self.assertIsNone(response.field("WWW-Authenticate"))
        client.expect_end()
        event = told(probe, "identify.refused")
        self.assertEqual((event["result"], event["route"]), ("name_refused", "/validate"))
        self.assertIn("audit-scanner", event["subject"])

    def test_what_cannot_be_stops_the_start(self):
        allow = ("--allow", "default=cn:a")
        for options, contains in (
                (("--route-allow", "/validate=nobody"), 'there is no bundle "nobody"'),
                (("--exempt", "/healthz"), "per request")):
            with self.subTest(contains):
                self.refuses_to_start(*allow, *options, contains=contains)


class Observe(RuleCase):
    def watch(self, *options):
        return self.with_rules("--observe", "--allow", "default=cn:kube-apiserver", *options)

    def test_no_one_is_refused_and_refusals_are_logged(self):
        probe = self.watch()
        for case, result in ((None, "no_certificate"), ("rogue", "unknown_ca"),
                             ("expired", "expired"), ("eku-server-only", "usage"),
                             ("sha1", "unfit"), ("units", "name_refused")):
            with self.subTest(case):
                self.assertEqual(p.ask(probe, case), 200)
                event = probe.log("identify.observed")[-1]
                self.assertEqual((event["result"], event["status"], event["route"]),
                                 (result, 401, "/validate"))
        before = len(probe.log("identify.observed"))
        self.assertEqual(p.ask(probe, "good"), 200)
        self.assertEqual(len(probe.log("identify.observed")), before)
        self.assertEqual(probe.log("identify.refused"), [])

    def test_the_peer_is_shown_when_it_is_verified(self):
        probe = self.watch()
        for case, bundle, rule in (("rogue", None, None), ("units", "default", None)):
            with self.subTest(case):
                self.assertEqual(p.ask(probe, case), 200)
                event = self.dispatched(probe)[0]
                self.assertEqual((event["bundle"], event["rule"]), (bundle, rule))

    def test_a_connection_is_kept(self):
        client = self.client(self.watch(), case="units")
        for _ in range(3):
            response = client.post()
            self.assertEqual(response.status, 200)
            self.assertFalse(response.closes)

    def test_every_start_warns(self):
        probe = self.watch("--log", "warning")
        self.assertEqual([event["level"] for event in probe.log("identify.insecure")],
                         ["WARNING"])

    def test_there_must_be_something_to_observe(self):
        self.refuses_to_start("--observe", bundles=(), auth="insecure", contains="observe")
        self.refuses_to_start("--observe", bundles=(), contains="no client CA")


class Reload(RuleCase):
    """Files that change under a server; how reloads go about it is test_reload.py's."""

    def test_a_denied_serial_ends_its_connection_and_no_other(self):
        deny = self.file("# no one yet\n")
        probe = self.following("--any-cn", "default", "--deny-file", "default=" + deny,
                               auth="request")
        denied, other = self.client(probe, case="units"), self.client(probe, case="good")
        for client in (denied, other):
            self.assertEqual(client.post().status, 200)
        self.change(deny, "serial:%s\n" % serial("units"))
        self.reloaded(probe, "deny")
        denied.expect_end()
        self.assertEqual(other.post().status, 200)
        self.assertEqual(p.ask(probe, "units"), 401)
        self.change(deny, "# pardoned\n")
        self.reloaded(probe, "deny", n=2)
        self.assertEqual(p.ask(probe, "units"), 200)

    def test_an_allow_file_is_followed_and_a_bad_one_changes_nothing(self):
        allow = self.file("ou:two\n")
        probe = self.following("--allow-file", "default=" + allow)
        self.assertEqual((p.ask(probe, "units"), p.ask(probe, "good")), (200, "refused"))
        self.change(allow, "cn:kube-apiserver\nnonsense\n")
        self.assertIn("line 2", self.reloaded(probe, "rules", "failed")["reason"])
        self.assertEqual((p.ask(probe, "units"), p.ask(probe, "good")), (200, "refused"))
        held = self.client(probe, case="units")
        self.assertEqual(held.post().status, 200)
        self.change(allow, "cn:kube-apiserver\n")
        self.reloaded(probe, "rules")
        held.expect_end()
        self.assertEqual((p.ask(probe, "units"), p.ask(probe, "good")), ("refused", 200))

    def test_a_route_follows_no_file(self):
        allow = self.file("ou:two\n")
        probe = self.following("--allow-file", "default=" + allow, "--route-allow",
                               "/warn=default=ou:two")
        self.change(allow, "ou:two\ncn:kube-apiserver\n")
        self.reloaded(probe, "rules")
        self.assertEqual(p.ask(probe, "good"), 200)
        self.assertEqual(p.ask(probe, "good", "/warn"), 403)

    def test_an_observed_client_keeps_the_connection(self):
        deny = self.file("# no one yet\n")
        probe = self.following("--observe", "--any-cn", "default", "--deny-file",
                               "default=" + deny)
        client = self.client(probe, case="units")
        self.assertEqual(client.post().status, 200)
        self.assertEqual(probe.log("identify.observed"), [])
        self.change(deny, "serial:%s\n" % serial("units"))
        self.reloaded(probe, "deny")
        self.assertEqual(client.post().status, 200)
        self.assertEqual(told(probe, "identify.observed")["result"], "revoked")

    def test_a_start_may_wait_for_a_file_that_cannot_be_read(self):
        allow = self.file("nonsense\n")
        probe = self.following("--start-unready", "--allow-file", "default=" + allow)
        self.assertEqual(p.ask(probe, "good"), "refused")
        self.change(allow, "cn:kube-apiserver\n")
        p.until(lambda: p.ask(probe, "good") == 200, "never served")


if __name__ == "__main__":
    unittest.main()
