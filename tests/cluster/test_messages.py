# SPDX-License-Identifier: MIT
"""What kubectl prints of a denial or a failure, to the letter."""

import kube
from kube import ClusterCase, config_map, pod

ROUTES = ("deny", "code", "errors", "invalid", "fail", "undecided")
SAYS = 'admission webhook "%s.example.org" denied the request: '
CODES = {
    400: "Error from server (BadRequest): ", 403: "Error from server (Forbidden): ",
    404: "Error from server (NotFound): ", 409: "Error from server (Conflict): ",
    410: "Error from server (Gone): ", 413: "Error from server (RequestEntityTooLarge): ",
    422: "The request is invalid: ",
    499: "Error from server: ", 500: "Error from server (InternalError): ",
    503: "Error from server (ServiceUnavailable): ", 504: "Error from server (Timeout): ",
}
FIELDS = ("spec.hostNetwork: Forbidden: no Pod of test-messages may have it",
          "spec.containers[0].resources.limits.memory: Required value: set a limit")


class Messages(ClusterCase):
    """A label of the object says which route is asked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.probe = cls.start("messages", *cls.CALLER)

    def setUp(self):
        self.register("Validating", *(
            kube.hook("messages", "/" + route, label=route,
                      objectSelector={"matchLabels": {"route": route}}) for route in ROUTES))
        self.until_denied()

    def until_denied(self):
        kube.until(lambda: "denied the request" in self.says("deny", "awake"))

    def create(self, route, name, document=None):
        document = document or config_map(name)
        document["metadata"] = {"name": name, "labels": {"route": route}}
        return self.run_kubectl("create", "-f", "-", "--dry-run=server", check=False,
                                given=document)

    def says(self, route, name, document=None):
        return self.create(route, name, document).err.rstrip("\n")

    def test_a_denial(self):
        self.assertEqual(self.says("deny", "web"), (
            'Error from server (Forbidden): error when creating "STDIN": ' + SAYS % "deny" +
            "the probe denies web"))

    def test_kubectl_run(self):
        said = self.refused("run", "web", "--image=registry.example.com/web", "--labels=route=deny")
        self.assertEqual(said, "Error from server (Forbidden): " + SAYS % "deny" +
                         "the probe denies web")

    def test_each_code(self):
        for code, begins in CODES.items():
            with self.subTest(code):
                said = self.says("code", "code-%d" % code)
                self.assertTrue(said.startswith(begins), said)
                self.assertTrue(said.endswith(SAYS % "code" + "code %d" % code), said)

    def test_a_code_that_asks_for_a_login(self):
        self.assertEqual(self.says("code", "code-401"), (
            'error: You must be logged in to the server (error when creating "STDIN": %scode 401)' %
            (SAYS % "code")))

    def test_several_fields(self):
        said = self.says("errors", "web", pod("web"))
        self.assertEqual(said, (
            'Error from server (Forbidden): error when creating "STDIN": ' + SAYS % "errors" +
            "[%s, %s]" % FIELDS))

    def test_an_invalid_object(self):
        said = self.says("invalid", "web", pod("web"))
        self.assertTrue(said.startswith('The Pod "web" is invalid'), said)
        for field in FIELDS:
            self.assertIn(field.split(": ")[0], said)

    def test_failures_are_denials(self):
        self.assertEqual(self.says("fail", "web"), (
            'Error from server (InternalError): error when creating "STDIN": ' + SAYS % "fail" +
            "the scanner of web is down"))
        self.assertIn(SAYS % "undecided" + "handler decided nothing", self.says("undecided", "web"))

    def test_connections_that_are_denied(self):
        kube.apply({**pod("target"), "metadata": {"namespace": self.namespace, "name": "target"}})
        self.register("Validating", kube.hook("messages", "/deny", rules=[
            {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods/exec"],
             "operations": ["CONNECT"]}]), name="messages-connect")
        kube.until(lambda: "denied the request" in self.run_kubectl(
            "exec", "target", "--", "true", check=False).err)
        said = self.refused("exec", "target", "--", "true")
        # The latter where kubectl has asked for a WebSocket.
        begins, denial = said.split(": admission", 1)
        self.assertIn(begins, ("Error from server (Forbidden)",
                               "error: unable to upgrade connection"))
        self.assertEqual("admission" + denial, SAYS % "messages" + "the probe denies target")


class OtherKinds(ClusterCase):
    """An object of a kind that says how it is denied: apply, scale and delete say it, too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.probe = cls.start("other-kinds", *cls.CALLER)

    def test_commands(self):
        kube.apply({**config_map("kept"), "metadata": {"namespace": self.namespace,
                                                       "name": "kept"}})
        self.register("Validating", kube.hook("other-kinds", "/deny"), probe=self.probe)
        self.addCleanup(self.unregister, "Validating")
        denies = SAYS % "other-kinds" + "the probe denies kept"
        for arguments, expected in (
                (("delete", "configmap", "kept"), "Error from server (Forbidden): " + denies),
                (("label", "configmap", "kept", "a=b"), "Error from server (Forbidden): " + denies),
                (("patch", "configmap", "kept", "--type=merge", "-p", '{"data": {"a": "b"}}'),
                 "Error from server (Forbidden): " + denies)):
            with self.subTest(arguments[0]):
                self.assertEqual(self.refused(*arguments), expected)
        said = self.run_kubectl("apply", "-f", "-", given=config_map("kept", a="b"), check=False)
        self.assertIn("Error from server (Forbidden): ", said.err)
        self.assertIn(denies, said.err)
