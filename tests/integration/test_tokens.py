# SPDX-License-Identifier: MIT
"""
Bearer tokens: how one has to be shown, alone and beside certificates, groups of
routes, and that no token is ever told.
"""

import unittest

import probe as p
from test_rules import RuleCase, told

GOOD, OTHER = "s3cret-token-of-alice", "s3cret-token-of-bob"
FILE = ('%s,alice,1,"reviewers,admins"\n# of the scanner\n%s,bob,2,scanners\n'
        "s3cret-without-groups,carol,3\r\n" % (GOOD, OTHER))


def bearer(token, scheme="Bearer"):
    return [("Authorization", "%s %s" % (scheme, token))]


class TokenCase(RuleCase):
    def with_rules(self, *options, text=FILE, bundles=(), **arguments):
        if text is not None:
            options = ("--tokens", self.file(text), *options)
        probe = super().with_rules(*options, bundles=bundles, **arguments)
        return probe

    def ask(self, probe, fields=(), target="/validate", case=None):
        with p.Client(probe, case=case) as client:
            return client.request("POST", target, p.review(), fields)

    def challenges(self, response):
        self.explains(response, 401)
        self.assertEqual(response.field("WWW-Authenticate"), "Bearer")
        self.assertTrue(response.closes)
        self.assertNotIn(b"s3cret", response.body)

    def tells_no_token(self, probe):
        self.assertNotIn("s3cret", probe.errors())


class Alone(TokenCase):
    def test_what_is_no_good_token_gets_401(self):
        probe = self.with_rules("--log", "debug", limits={"header-bytes": 200000})
        for fields in (
                (),
                bearer("s3cret-nobody"),
                bearer(GOOD, "Basic"),
                bearer("\t" + GOOD),
                [("Authorization", "Bearer ")],
                [("Authorization", "")],
                [("Authorization", "Bearer t\xf6ken")],
                [("X-Authorization", "Bearer " + GOOD)],
                [("Proxy-Authorization", "Bearer " + GOOD)],
                bearer(GOOD + "a" * 65536)):
            with self.subTest(fields=str(fields)[:80]):
                self.challenges(self.ask(probe, fields))
        self.assertEqual(self.dispatched(probe), [])
        self.tells_no_token(probe)

    def test_the_log_of_a_decision_names_the_bearer(self):
        probe = self.with_rules("--log", "info")
        self.allows(self.ask(probe, bearer(GOOD)))
        self.assertEqual([line["bearer"] for line in probe.log("dispatch.review")], ["alice"])

    def test_ambiguous_authorization_gets_400(self):
        probe = self.with_rules()
        for fields in (bearer(GOOD) * 2, bearer(GOOD) + bearer(OTHER),
                       bearer(GOOD) + [("authorization", "x")], bearer(GOOD + "\0"),
                       bearer("\0" + GOOD)):
            with self.subTest(repr(fields)):
                response = self.ask(probe, fields)
                self.explains(response, 400)
                self.assertTrue(response.closes)
        self.assertEqual(self.dispatched(probe), [])
        self.tells_no_token(probe)

    def test_a_token_is_accepted_however_its_scheme_is_written(self):
        probe = self.with_rules()
        for fields, name in ((bearer(GOOD), "alice"), (bearer(OTHER), "bob"),
                             (bearer(GOOD, "bearer"), "alice"), (bearer(GOOD, "BEARER"), "alice"),
                             (bearer("   " + GOOD + "  "), "alice"),
                             (bearer("s3cret-without-groups"), "carol")):
            with self.subTest(repr(fields)):
                self.allows(self.ask(probe, fields))
                event = self.dispatched(probe)[0]
                self.assertEqual((event["bearer"], event["bundle"]), (name, None))

    def test_a_connection_stays_open_after_a_good_token(self):
        probe = self.with_rules()
        client = self.client(probe, case=None)
        for _ in range(3):
            response = client.post(fields=bearer(GOOD))
            self.assertEqual(response.status, 200)
            self.assertFalse(response.closes)
        # Each request shows its own.
        self.challenges(client.post())
        client.expect_end()

    def test_no_certificate_is_asked_for(self):
        probe = self.with_rules()
        self.allows(self.ask(probe, bearer(GOOD), case="rogue"))
        self.assertEqual(self.dispatched(probe)[0]["peer_cn"], None)
        self.challenges(self.ask(probe, case="good"))

    def test_a_bare_token_is_taken_where_it_is_said(self):
        probe = self.with_rules("--bare-tokens")
        self.allows(self.ask(probe, [("Authorization", GOOD)]))
        self.challenges(self.ask(probe, [("Authorization", GOOD + " x")]))

    def test_a_refusal_is_logged_without_its_token(self):
        probe = self.with_rules()
        self.ask(probe, bearer("s3cret-nobody"))
        event = told(probe, "identify.refused")
        self.assertEqual((event["result"], event["status"], event["route"]),
                         ("token_refused", 401, "/validate"))
        self.tells_no_token(probe)


class Files(TokenCase):
    def test_files_that_cannot_be_read_stop_the_start_and_show_no_token(self):
        for text, contains in (
                ("a,b,c\ns3cret\n", "line 2: expected token,name,uid"),
                ('"s3cret,b,c\n', "line 1: quotes do not match"),
                ("s3cret\x01,b,c\n", "line 1: a token: expected"),
                ("s3cret two,b,c\n", "line 1: a token: expected"),
                (",b,c\n", "line 1: a token: expected"),
                ("s3cret,,c\n", "line 1: a token's name: expected"),
                ("s3cret" + "x" * 4096 + ",b,c\n", "line 1: a token: expected"),
                ("s3cret,b,c\n\ns3cret,d,e\n", "line 3: this token is there already"),
                (b"s3cret\0,b,c\n", "line 1: a NUL byte"),
                (b"s3cret,\xff,c\n", "line 1: a token's name: expected"),
                ("".join("s3cret%d,b,c\n" % i for i in range(10001)), "more than 10000 tokens")):
            with self.subTest(contains), self.assertRaises(AssertionError) as caught:
                self.with_rules(text=text).stop()
            self.assertIn(contains, str(caught.exception))
            self.assertNotIn("s3cret", str(caught.exception))

    def test_an_empty_file_allows_no_one(self):
        probe = self.with_rules(text="\n# nobody\n")
        self.challenges(self.ask(probe, bearer(GOOD)))

    def test_a_program_may_read_its_own_format(self):
        probe = self.with_rules("--token-lines", self.file("s3cret-one dora\ns3cret-two eve"),
                             "--require-group", "/warn=from-lines", text=None)
        self.allows(self.ask(probe, bearer("s3cret-two")))
        self.assertEqual(self.dispatched(probe)[0]["bearer"], "eve")
        self.allows(self.ask(probe, bearer("s3cret-one"), "/warn"))
        self.challenges(self.ask(probe, bearer(GOOD)))

    def test_what_its_reader_cannot_understand_stops_the_start(self):
        for text in ("s3cret-alone\n", "s3cret one\ns3cret two\n", "s3c\x01 one\n"):
            with self.subTest(text), self.assertRaises(AssertionError) as caught:
                self.with_rules("--token-lines", self.file(text), text=None).stop()
            self.assertIn("exit status 2", str(caught.exception))
            self.assertNotIn("s3c", str(caught.exception).split("stderr:")[1])

    def test_a_thousand_tokens_are_each_their_own(self):
        probe = self.with_rules(text="".join("s3cret-%d,name-%d,%d\n" % (i, i, i)
                                          for i in range(1000)))
        for i in (0, 1, 499, 998, 999):
            self.allows(self.ask(probe, bearer("s3cret-%d" % i)))
            self.assertEqual(self.dispatched(probe)[0]["bearer"], "name-%d" % i)
        self.challenges(self.ask(probe, bearer("s3cret-1000")))


class BesideCertificates(TokenCase):
    RULES = ("--allow", "default=cn:kube-apiserver")

    def both(self, *options, auth="handshake", **arguments):
        return self.with_rules(*self.RULES, *options, bundles=("default",), auth=auth, **arguments)

    def test_both_are_asked_for(self):
        probe = self.both(auth="request")
        self.allows(self.ask(probe, bearer(GOOD), case="good"))
        event = self.dispatched(probe)[0]
        self.assertEqual((event["rule"], event["bearer"]), ("cn:kube-apiserver", "alice"))
        self.challenges(self.ask(probe, case="good"))
        self.explains(self.ask(probe, bearer(GOOD), case=None), 401)
        self.assertEqual(self.dispatched(probe), [])

    def test_in_the_handshake_the_certificate_comes_first(self):
        probe = self.both()
        self.allows(self.ask(probe, bearer(GOOD), case="good"))
        self.challenges(self.ask(probe, case="good"))
        for case in (None, "rogue", "cn-unlisted"):
            with self.subTest(case):
                self.assertEqual(p.ask(probe, case), "refused")

    def test_a_bad_token_ends_a_good_callers_connection(self):
        client = self.client(self.both(), case="good")
        self.allows(client.post(fields=bearer(GOOD)))
        self.challenges(client.post(fields=bearer("s3cret-nobody")))
        client.expect_end()

    def test_a_route_may_ask_for_one_of_them(self):
        probe = self.both("--route-auth", "/validate=certificate", "--route-auth", "/warn=token",
                          "--route-auth", "/deny=either", auth="request")
        good, bad = bearer(GOOD), bearer("s3cret-nobody")
        for target, case, fields, status in (
                ("/validate", "good", bad, 200), ("/validate", None, good, 401),
                ("/warn", None, good, 200), ("/warn", "good", (), 401),
                ("/deny", "good", (), 200), ("/deny", "rogue", good, 200),
                ("/deny", None, (), 401)):
            with self.subTest(target, case=case, fields=fields):
                self.assertEqual(self.ask(probe, fields, target, case).status, status)
                self.assertEqual(len(self.dispatched(probe)), status == 200)

    def test_a_denied_peer_is_shown_to_no_handler(self):
        probe = self.both("--route-auth", "/warn=token", "--route-auth", "/deny=either",
                          auth="request")
        for target in ("/warn", "/deny"):
            self.assertEqual(self.ask(probe, bearer(GOOD), target, "cn-unlisted").status, 200)
            event = self.dispatched(probe)[0]
            self.assertEqual((event["bundle"], event["bearer"]), (None, "alice"))

    def test_tokens_and_answering_everyone_contradict_each_other(self):
        with self.assertRaises(AssertionError) as caught:
            self.with_rules(auth="insecure").stop()
        self.assertIn("tokens are set", str(caught.exception))


class Groups(TokenCase):
    def test_a_route_takes_only_holders_of_its_groups(self):
        probe = self.with_rules("--require-group", "/warn=scanners", "--require-group",
                             "/deny=scanners", "--require-group", "/deny=admins")
        for target, token, status in (
                ("/warn", OTHER, 200), ("/warn", GOOD, 403), ("/deny", GOOD, 200)):
            with self.subTest(target, token=token):
                response = self.ask(probe, bearer(token), target)
                self.assertEqual(response.status, status)
                if status == 403:
                    self.explains(response, 403)
                    self.assertIsNone(response.field("WWW-Authenticate"))
                    self.assertTrue(response.closes)
        event = told(probe, "identify.refused")
        self.assertEqual((event["result"], event["bearer"], event["status"]),
                         ("group_refused", "alice", 403))
        self.tells_no_token(probe)


class Observe(TokenCase):
    def test_tokens_and_groups_are_observed(self):
        probe = self.with_rules("--observe", "--require-group", "/warn=scanners")
        for fields, target, result, status in (
                ((), "/validate", "token_refused", 401),
                (bearer("s3cret-nobody"), "/validate", "token_refused", 401),
                (bearer(GOOD), "/warn", "group_refused", 403)):
            with self.subTest(result):
                self.allows(self.ask(probe, fields, target))
                event = probe.log("identify.observed")[-1]
                self.assertEqual((event["result"], event["status"]), (result, status))
        self.dispatched(probe)
        count = len(probe.log("identify.observed"))
        self.allows(self.ask(probe, bearer(OTHER), "/warn"))
        self.assertEqual(self.dispatched(probe)[0]["bearer"], "bob")
        self.assertEqual(len(probe.log("identify.observed")), count)
        self.tells_no_token(probe)


class Reload(TokenCase):
    """Token files that change under a server."""

    def test_a_token_is_good_as_long_as_it_is_in_its_file(self):
        tokens = self.file("%s,alice,1\n" % GOOD)
        probe = self.following("--tokens", tokens, text=None)
        client = self.client(probe, case=None)
        self.assertEqual(client.post(fields=bearer(GOOD)).status, 200)
        self.change(tokens, "%s,bob,2,g\nbroken\n" % OTHER)
        self.assertIn("line 2", self.reloaded(probe, "tokens", "failed")["reason"])
        self.assertEqual(client.post(fields=bearer(GOOD)).status, 200)
        self.change(tokens, "%s,bob,2,g\n" % OTHER)
        self.reloaded(probe, "tokens")
        # The connection stays, the token does not.
        self.assertEqual(client.post(fields=bearer(OTHER)).status, 200)
        self.assertEqual(client.post(fields=bearer(GOOD)).status, 401)
        client.expect_end()
        self.assertNotIn("s3cret", probe.errors())

    def test_a_token_that_goes_while_its_body_comes_calls_no_handler(self):
        tokens = self.file("%s,alice,1\n" % GOOD)
        probe = self.following("--tokens", tokens, text=None)
        whole = p.request("POST", "/validate", p.review(), bearer(GOOD))
        for n, (text, status) in enumerate((("%s,alice,1\n%s,bob,2\n" % (GOOD, OTHER), 200),
                                            ("%s,bob,2\n" % OTHER, 401)), 1):
            client = self.client(probe, case=None)
            client.send(whole[:-10])
            probe.has_read(client.sock)
            self.change(tokens, text)
            self.reloaded(probe, "tokens", n=n)
            client.send(whole[-10:])
            self.assertEqual(client.read_response().status, status)
        self.assertEqual(len(self.dispatched(probe)), 1)

    def test_a_review_outlives_its_token(self):
        tokens = self.file("%s,alice,1\n" % GOOD)
        probe = self.following("--tokens", tokens, text=None, hold=True)
        client = self.client(probe, case=None)
        client.send(p.request("POST", "/slow", p.review(), bearer(GOOD)))
        self.assertEqual(probe.wait_event("dispatched")["bearer"], "alice")
        self.change(tokens, "%s,bob,2\n" % OTHER)
        self.reloaded(probe, "tokens")
        probe.release()
        self.assertEqual(client.read_response().status, 200)


if __name__ == "__main__":
    unittest.main()
