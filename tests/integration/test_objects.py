# SPDX-License-Identifier: MIT
"""
What objects may hold, and what becomes of them: U+0000, which is legal in a JSON
string, and the patches of handlers that edit.
"""

import base64
import json
import os

import probe as p

NUL = dict(p.POD, data={"genesis.block": "\n\x03\0\x12abc", "a\0b": "", "a\0c": ""})
VALUE = 'request.%s.data["genesis.block"]: U+0000 is not taken by the handler'


def operations(response):
    return json.loads(base64.b64decode(response["patch"]))


class Nul(p.ProbeCase):
    """U+0000 in an object, and a handler that is not said to read texts by their length."""

    def response(self, target, probe=None, **members):
        answer = self.client(probe).post(target, p.review(**members))
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json()["response"]

    def test_the_cases_that_users_met_are_decided(self):
        folder = os.path.join(p.ROOT, "tests/vectors/review/nul")
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), "rb") as file:
                body = file.read()
            for target in ("/validate", "/mutate"):
                with self.subTest(name, target=target):
                    self.allows(self.client().post(target, body),
                                json.loads(body)["request"]["uid"])

    def test_a_policy_of_the_envelope_decides(self):
        self.client().post("/validate", p.review(operation="UPDATE", obj=NUL))
        self.assertIs(self.dispatched()[-1]["nul"], True)
        self.assertIs(self.response("/validate", obj=NUL)["allowed"], True)
        self.assertEqual(self.response("/deny", obj=NUL)["status"]["code"], 403)
        self.assertIs(self.response("/validate")["allowed"], True)
        self.assertIs(self.dispatched()[-1]["nul"], False)

    def test_another_place_is_patched(self):
        response = self.response("/mutate", obj=NUL)
        self.assertEqual(operations(response)[-1], {
            "op": "add", "path": "/metadata/labels/admwh.dev~1seen", "value": "true"})

    def test_a_handler_that_asks_for_a_tree_has_failed(self):
        probe = self.start("--slow-ms", "0")
        for target in ("/look", "/edit"):
            with self.subTest(target):
                response = self.response(target, probe, obj=NUL)
                self.assertIs(response["allowed"], False)
                self.assertNotIn("patch", response)
                self.assertEqual(response["status"]["code"], 500)
                self.assertEqual(response["status"]["message"], VALUE % "object")
        self.assertIs(self.response("/look", probe)["allowed"], True)

    def test_a_tree_of_another_object_is_given(self):
        """Of oldObject nothing is asked."""
        probe = self.start("--slow-ms", "0")
        value = p.review_value(operation="UPDATE")
        value["request"]["oldObject"] = NUL
        answer = self.client(probe).post("/look", p.encode(value))
        self.allows(answer, value["request"]["uid"])

    def test_a_route_that_takes_it_gets_the_tree(self):
        probe = self.start("--slow-ms", "0", "--nul-in-trees")
        self.assertIs(self.response("/look", probe, obj=NUL)["allowed"], True)
        self.assertEqual(operations(self.response("/edit", probe, obj=NUL)),
                         [{"op": "add", "path": "/seen", "value": True}])
        rewritten = operations(self.response("/rewrite", probe, obj={"a\0b": "\0", "a": 1}))
        self.assertEqual([op["path"] for op in rewritten if op["op"] == "remove"],
                         ["/a", "/a\0b"])

    def test_the_envelope_refuses_it(self):
        for member, value, path in (
                ("name", "a\0", "name"), ("namespace", "\0", "namespace"),
                ("uid", "u\0", "uid"), ("operation", "CREATE\0", "operation"),
                ("kind", {"group": "", "version": "v1", "kind": "Pod\0"}, "kind.kind"),
                ("userInfo", {"username": "system:admin\0x"}, "userInfo.username"),
                ("userInfo", {"groups": ["a", "b\0"]}, "userInfo.groups[1]"),
                ("userInfo", {"extra": {"a\0": []}}, 'userInfo.extra["a\\u0000"]')):
            with self.subTest(path):
                review = p.review_value()
                review["request"][member] = value
                answer = self.client().post("/validate", p.encode(review))
                self.assertEqual(answer.status, 422)
                self.assertIn(json.dumps("request.%s: U+0000 is not taken" % path)[1:-1],
                              answer.body.decode())

    def test_an_echo_keeps_it(self):
        probe = self.start("--dialect", "rancher")
        value = p.review_value(obj=NUL)
        answer = self.client(probe).post("/validate", p.encode(value)).json()
        self.assertEqual(answer["request"], value["request"])
        self.assertIs(answer["response"]["allowed"], True)

    def test_a_raw_request_may_hold_it(self):
        probe = self.start("--raw", "--dialect", "kubewarden", "--slow-ms", "0")
        for request in ("\0", ["\0"], {"\0": 1}):
            with self.subTest(request):
                body = p.encode({"request": request})
                client = self.client(probe)
                self.assertIs(client.post("/validate", body).json()["response"]["allowed"], True)
                status = client.post("/look", body).json()["response"]["status"]
                self.assertIn("U+0000 is not taken by the handler", status["message"])


class Edits(p.ProbeCase):
    def test_the_whole_object_is_never_replaced(self):
        small = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}}
        for options in ([], ["--patch-options", "2"], ["--dialect", "kubewarden"]):
            with self.subTest(options):
                client = self.client(self.start(*options))
                answer = client.post("/rewrite", p.review(obj=small)).json()
                patch = operations(answer["response"])
                self.assertEqual(sorted(op["path"] for op in patch), sorted(
                    ["/%0100d" % i for i in range(9)] + ["/" + key for key in small]))

    def test_a_label_with_half_a_key_is_refused(self):
        response = self.client().post("/label-bad").json()["response"]
        self.assertIs(response["allowed"], False)
        self.assertEqual(response["status"]["message"],
                         "patch: operation 0: add /metadata/labels/app.kubernetes.io/name: "
                         'a label is a string and has no members: write "/" in its key as "~1"')

    def test_configz_shows_the_options_of_routes(self):
        probe = self.start("--nul-in-trees", "--patch-options", "5", health=True)
        got = p.PlainClient(probe.health_port).request("GET", "/configz").json()
        routes = {route["path"]: route for route in got["routes"]}
        self.assertIs(routes["/look"]["nulInTrees"], True)
        self.assertEqual(routes["/edit"]["patchOptions"], ["index-by-index", "number-text"])
        self.assertNotIn("patchOptions", routes["/look"])
