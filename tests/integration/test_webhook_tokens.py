# SPDX-License-Identifier: MIT
"""
Webhook tokens (KEP-6060) over TLS: the whole table of forgeries, alone and beside
certificates and token files; API groups; new keys.
"""

import json
import os
import sys
import tempfile
import unittest

import probe as p
from test_rules import told
from test_tokens import FILE, GOOD, TokenCase, bearer

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tokens"))
import make_tokens as made  # noqa: E402

HOLDER = "system:serviceaccount:kube-system:webhook-auth"
APPS = {"group": "apps", "version": "v1", "resource": "deployments"}


class WebhookTokenCase(TokenCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = tempfile.TemporaryDirectory()
        cls.keys = [made.Key(cls.folder.name, "one"), made.Key(cls.folder.name, "two", "ES256")]

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()
        super().tearDownClass()

    @staticmethod
    def keys_text(*keys):
        return json.dumps({"keys": [key.jwk() for key in keys]})

    def with_tokens(self, *options, keys=None, text=None, start=None, **arguments):
        """A probe that takes tokens of this issuer, and is reached by either origin."""
        file = keys or self.file(self.keys_text(*self.keys))
        return (start or self.with_rules)(
            "--token-issuer", made.ISSUER, "--token-keys", file,
            "--token-origin", made.ORIGIN, "--token-origin", made.OTHER_ORIGIN,
            "--token-webhook", "validating/" + made.WEBHOOK,
            "--token-webhook", "mutating/" + made.WEBHOOK, *options, text=text, **arguments)

    def good(self, path="/validate", key=0, **changes):
        return bearer(made.token(self.keys[key], made.claims(path, **changes)))

    @staticmethod
    def page(probe, path):
        with p.PlainClient(probe.health_port) as client:
            return client.request("GET", path)

    def counted(self, probe, result):
        name = 'admwh_webhook_tokens_total{result="%s"}' % result
        for line in self.page(probe, "/metrics").body.decode().splitlines():
            if line.startswith(name):
                return int(line.split()[-1])
        return None


class Table(WebhookTokenCase):
    def test_each_token_of_the_table_has_its_answer(self):
        with tempfile.TemporaryDirectory() as folder:
            table = made.cases(folder)
            for jwks in ("jwks.json", "one.json"):
                probe = self.with_tokens("--log", "debug", keys=os.path.join(folder, jwks))
                self.walk(probe, [case for case in table if case["jwks"] == jwks])

    def walk(self, probe, table):
        with_handler = {"/validate", "/mutate"}
        for case in table:
            path = case["path"]
            good = case["result"] == "ok"
            with self.subTest(case["name"]):
                response = self.ask(probe, bearer(case["token"]), path)
                events = self.dispatched(probe)
                if good:
                    self.assertEqual(response.status, 200 if path in with_handler else 404)
                    self.assertEqual([event["bearer"] for event in events],
                                     [HOLDER] if path in with_handler else [])
                    continue
                self.challenges(response)
                self.assertEqual(events, [])
        for part in {part for case in table for part in case["token"].split(".") if len(part) > 40}:
            self.assertNotIn(part, probe.errors())


class Alone(WebhookTokenCase):
    def test_handlers_are_told_whose_token_it_is(self):
        probe = self.with_tokens()
        for key in (0, 1):
            self.allows(self.ask(probe, self.good(key=key)))
            event = self.dispatched(probe)[0]
            self.assertEqual((event["bearer"], event["webhook"], event["api_group"]),
                             (HOLDER, made.WEBHOOK, "*"))

    def test_one_token_serves_a_whole_connection_and_each_request_is_checked(self):
        client = self.client(self.with_tokens(), case=None)
        token = self.good()
        for _ in range(3):
            self.assertEqual(client.post(fields=token).status, 200)
        self.challenges(client.request("POST", "/warn", p.review(), token))
        client.expect_end()

    def test_a_refusal_says_why_in_the_log_alone(self):
        probe = self.with_tokens()
        for fields, reason in (
                (self.good(iss="https://attacker.example"), "its issuer is another one"),
                (self.good("/warn"), "its audience is not the URL of this path"),
                (self.good(now=0), "it has expired"),
                (bearer("s3cret"), "it is no signed token as Kubernetes issues")):
            with self.subTest(reason):
                self.challenges(self.ask(probe, fields))
                self.assertEqual(probe.log("identify.refused")[-1]["reason"],
                                 "the webhook token: " + reason)
        self.tells_no_token(probe)

    def test_results_are_counted_and_the_settings_shown(self):
        probe = self.with_tokens(health=True)
        self.allows(self.ask(probe, self.good()))
        self.challenges(self.ask(probe, self.good(now=0)))
        self.assertEqual([self.counted(probe, result) for result in ("ok", "expired", "issuer")],
                         [1, 1, 0])
        shown = self.page(probe, "/configz").json()["webhookTokens"]
        self.assertEqual(shown, {
            "experimental": True, "issuer": made.ISSUER, "keys": 2,
            "origins": [made.ORIGIN, made.OTHER_ORIGIN],
            "webhooks": ["validating/" + made.WEBHOOK, "mutating/" + made.WEBHOOK]})

    def test_beside_a_token_file_either_is_good(self):
        probe = self.with_tokens(text=FILE)
        self.allows(self.ask(probe, bearer(GOOD)))
        self.allows(self.ask(probe, self.good()))
        self.assertEqual([event["bearer"] for event in self.dispatched(probe)], ["alice", HOLDER])
        self.challenges(self.ask(probe, bearer("s3cret-nobody")))
        self.challenges(self.ask(probe, self.good(now=0)))

    def test_groups_are_those_of_the_service_account(self):
        probe = self.with_tokens(
            "--require-group", "/validate=system:serviceaccounts:kube-system",
            "--require-group", "/warn=system:serviceaccounts:default")
        self.allows(self.ask(probe, self.good()))
        self.explains(self.ask(probe, self.good("/warn"), "/warn"), 403)
        self.assertEqual(told(probe, "identify.refused")["result"], "group_refused")

    def test_what_is_set_in_part_keeps_a_server_from_starting(self):
        keys = self.file(self.keys_text(*self.keys))
        for options, contains in (
                (("--token-issuer", "a"), "no file of the issuer's keys"),
                (("--token-keys", keys), "no issuer is set"),
                (("--token-issuer", "a", "--token-keys", keys), "no origin"),
                (("--token-issuer", "a", "--token-keys", keys, "--token-origin", made.ORIGIN),
                 "no webhook configuration is allowed")):
            with self.subTest(contains), self.assertRaises(AssertionError) as caught:
                self.with_rules(*options, text=None).stop()
            self.assertIn(contains, str(caught.exception))


class ApiGroups(WebhookTokenCase):
    def ask_about(self, probe, group, resource=None, original=None, **members):
        if resource:
            members.update(resource=resource, requestResource=original or resource)
        with p.Client(probe, case=None) as client:
            return client.request("POST", "/validate", p.review(**members), self.good(group=group))

    def test_a_token_of_a_group_asks_about_that_group_alone(self):
        probe = self.with_tokens("--log", "info")
        self.allows(self.ask_about(probe, "apps", APPS))
        self.allows(self.ask_about(probe, "*", APPS))
        self.allows(self.ask_about(probe, "*"))
        self.assertEqual(len(self.dispatched(probe)), 3)
        for group, resource in (("apps", None), ("batch", APPS), ("app", APPS), ("apps.x", APPS)):
            with self.subTest(group):
                response = self.ask_about(probe, group, resource)
                self.explains(response, 403)
                self.assertTrue(response.closes)
                self.assertNotIn(b"apps", response.body)
        event = probe.log("identify.refused")[-1]
        self.assertEqual((event["result"], event["status"], event["bearer"], event["route"]),
                         ("api_group_refused", 403, HOLDER, "/validate"))
        self.assertIn('is for API group "apps.x", and the review is of deployments in group "apps"',
                      event["reason"])
        self.assertEqual(self.dispatched(probe), [])

    def test_of_a_converted_object_both_groups_count(self):
        probe = self.with_tokens()
        core = {"group": "", "version": "v1", "resource": "secrets"}
        for resource, original in ((APPS, core), (core, APPS)):
            self.explains(self.ask_about(probe, "apps", resource, original), 403)
        self.assertEqual(self.dispatched(probe), [])

    def test_a_subresource_has_a_kind_of_another_group(self):
        probe = self.with_tokens()
        scale = {"group": "autoscaling", "version": "v1", "kind": "Scale"}
        self.allows(self.ask_about(probe, "apps", APPS, kind=scale, requestKind=scale,
                                   subResource="scale"))

    def test_a_large_review_is_held_to_it_too(self):
        probe = self.with_tokens()
        big = dict(p.POD, spec={"containers": [{"name": "a", "image": "x" * 200000}]})
        self.explains(self.ask_about(probe, "apps", obj=big), 403)
        self.assertEqual(self.dispatched(probe), [])
        self.allows(self.ask_about(probe, "*", obj=big))

    def test_in_observe_mode_it_is_told_and_answered(self):
        probe = self.with_tokens("--observe")
        self.allows(self.ask_about(probe, "apps"))
        event = told(probe, "identify.observed")
        self.assertEqual((event["result"], event["status"]), ("api_group_refused", 403))
        self.assertEqual(len(self.dispatched(probe)), 1)


class Certificates(WebhookTokenCase):
    def test_both_or_either_as_the_route_says(self):
        probe = self.with_tokens(
            "--allow", "default=cn:kube-apiserver", "--route-auth", "/warn=token", "--route-auth",
            "/deny=either", bundles=("default",), auth="request")
        for target, case, token, status in (
                ("/validate", "good", True, 200), ("/validate", "good", False, 401),
                ("/validate", None, True, 401), ("/warn", None, True, 200),
                ("/warn", "good", False, 401), ("/deny", "good", False, 200),
                ("/deny", "rogue", True, 200), ("/deny", None, False, 401)):
            with self.subTest(target, case=case, token=token):
                fields = self.good(target) if token else self.good(target, now=0)
                self.assertEqual(self.ask(probe, fields, target, case).status, status)


class Reload(WebhookTokenCase):
    def test_keys_change_under_a_server(self):
        first, second = self.keys
        file = self.file(self.keys_text(first))
        probe = self.with_tokens(keys=file, start=self.following)
        client = self.client(probe, case=None)
        self.assertEqual(client.post(fields=self.good(key=0)).status, 200)
        self.change(file, self.keys_text(first)[:-1])
        self.assertIn("byte", self.reloaded(probe, "token_keys", "failed")["reason"])
        self.assertEqual(client.post(fields=self.good(key=0)).status, 200)
        self.change(file, self.keys_text(second))
        self.reloaded(probe, "token_keys")
        self.assertEqual(client.post(fields=self.good(key=1)).status, 200)
        # The token of the key that is gone was remembered.
        self.assertEqual(client.post(fields=self.good(key=0)).status, 401)
        client.expect_end()

    def test_a_token_that_is_remembered_goes_with_its_key(self):
        first, second = self.keys
        file = self.file(self.keys_text(first))
        probe = self.with_tokens(keys=file, start=self.following)
        token = self.good(key=0)
        client = self.client(probe, case=None)
        self.assertEqual(client.post(fields=token).status, 200)
        self.change(file, self.keys_text(second))
        self.reloaded(probe, "token_keys")
        self.assertEqual(client.post(fields=token).status, 401)
        client.expect_end()


if __name__ == "__main__":
    unittest.main()
