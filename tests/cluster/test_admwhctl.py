# SPDX-License-Identifier: MIT
"""
Installations that `admwhctl init` makes, by the steps of their own README, until `admwhctl verify
--live` finds all of it right; and what it finds when something is not.
"""

import json
import os
import re
import shlex
import subprocess
import tempfile

import kube
from kube import ClusterCase, kubectl, pod, until
from kubelet import Pod

ADMWHCTL = os.environ.get("ADMWHCTL") or os.path.join(
    kube.ROOT, "build/tools/admwhctl/admwhctl")
LISTING = re.compile(r"^```sh\n(.*?)^```$", re.S | re.M)
RULES = [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
          "resources": ["pods"], "scope": "Namespaced"}]
HOST = '#!/bin/sh\n[ "$1" != here ] || shift\nexec "$@"\n'  # what ssh and sudo are here


class Installed(ClusterCase):
    """An installation of hello; `spec` is what is not as in the others."""

    spec = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.name = cls.__name__.lower()
        cls.folder = os.path.join(tempfile.mkdtemp(dir=kube.FOLDER), cls.name)
        cls.bin = tempfile.mkdtemp(dir=kube.FOLDER)
        cls.make_commands()
        cls.init()
        cls.prepare_apiserver()
        cls.run_server()
        cls.run_step("kubectl apply -k .\n")
        cls.addClassCleanup(kubectl, "delete", "-f", cls.folder + "/base/webhooks.yaml")

    @classmethod
    def make_commands(cls):
        for name in ("ssh", "sudo"):
            with open(os.path.join(cls.bin, name), "w", encoding="ascii") as file:
                file.write(HOST)
            os.chmod(file.name, 0o755)
        os.symlink(os.environ["ADMWH_KUBECTL"], os.path.join(cls.bin, "kubectl"))
        os.symlink(ADMWHCTL, os.path.join(cls.bin, "admwhctl"))

    @classmethod
    def shell(cls, text, check=True):
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text], cwd=os.path.dirname(cls.folder),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            env={**os.environ, "KUBECONFIG": kube.path("admin.kubeconfig"), "NO_COLOR": "1",
                 "PATH": cls.bin + ":" + os.environ["PATH"]})
        if check and done.returncode:
            raise AssertionError("%s\nfails: %s" % (text, done.stdout.decode()))
        return done.returncode, done.stdout.decode()

    @classmethod
    def init(cls):
        routes = [{"name": "check.example.org", "type": "validating", "path": "/validate/pods",
                   "rules": RULES},
                  {"name": "label.example.org", "type": "mutating", "path": "/mutate/pods",
                   "rules": RULES}]
        cls.control = os.path.join(cls.bin, "admission")
        given = {"apiVersion": "admwhctl/v1", "kind": "Installation",
                 "metadata": {"name": cls.name, "namespace": cls.name},
                 "spec": {"image": "registry.example.org/hello:1", "routes": routes,
                          "controlPlane": {"folder": cls.control}, **cls.spec}}
        if "url" in cls.spec:
            del given["spec"]["image"]
        with open(os.path.join(cls.bin, "input.yaml"), "w", encoding="utf-8") as file:
            json.dump(given, file)
        cls.shell("admwhctl init --to %s %s" % (cls.folder, file.name))
        with open(os.path.join(cls.folder, "README.md"), encoding="utf-8") as file:
            cls.steps = LISTING.findall(file.read())

    @classmethod
    def run_step(cls, text):
        return cls.shell("cd %s\n%s" % (cls.folder, text))

    @classmethod
    def prepare_apiserver(cls):
        """The README's first step, of which this is the host, and the flag."""
        step = cls.steps[0].replace("HOST...", "here")
        assert step != cls.steps[0], step
        cls.run_step(step)
        with open(kube.path("apiserver.args"), "w", encoding="ascii") as file:
            file.write("--admission-control-config-file=%s/admission.yaml\n" % cls.control)
        cls.addClassCleanup(cls.restore)
        kube.control("restart-apiserver")

    @staticmethod
    def restore():
        os.unlink(kube.path("apiserver.args"))
        kube.control("restart-apiserver")

    @classmethod
    def run_server(cls):
        """The second step; kubelet's part comes between its commands."""
        apply, rollout = cls.steps[1].splitlines()
        cls.run_step(apply)
        cls.pod = Pod(cls.name, cls.name).wait()
        cls.addClassCleanup(lambda: cls.pod.stop())
        cls.pod.report()
        cls.run_step(rollout + " --timeout=%ds" % kube.TIMEOUT)
        cls.address, = cls.pod.addresses.values()

    @classmethod
    def verify(cls, *flags):
        """(status, output) of a verification of what runs."""
        return cls.run_verify("--live", "--address", cls.address, *flags)

    @classmethod
    def run_verify(cls, *flags):
        return cls.shell("admwhctl verify %s %s" % (cls.folder, " ".join(flags)), check=False)

    def holds(self):
        status, said = self.verify()
        self.assertEqual(status, 0, said)
        self.assertNotIn("  NO ", said)
        return said

    def check_all(self):
        """What every kind of installation comes to."""
        status, said = self.run_verify()
        self.assertEqual(status, 0, said)
        self.holds()
        bad = pod("bad", securityContext={"privileged": True})
        until(lambda: "spec.containers[0] is privileged" in self.run_kubectl(
            "create", "--dry-run=server", "-f", "-", given=bad, check=False).err)
        self.assertIn('admission webhook "check.example.org" denied the request: ',
                      self.run_kubectl("create", "-f", "-", given=bad, check=False).err)
        self.run_kubectl("run", "good", "--image=registry.example.com/web")
        self.assertEqual(kube.get("pod", "good", self.namespace)["metadata"]["labels"][
            "admwh.dev/seen"], "true")

    def finds(self, *words):
        status, said = self.verify()
        self.assertEqual(status, 1, said)
        wrong = "\n".join(line for line in said.splitlines() if not line.startswith("  yes"))
        for word in words:
            self.assertIn(word, wrong)


class Certificates(Installed):
    """mTLS, with a pair for each host of the control plane, and another caller."""

    spec = {"callers": [{"name": "apiserver", "commonName": "kube-apiserver"},
                        {"name": "audit-scanner", "commonName": "audit-scanner",
                         "namespace": "scanning"}]}

    def test_all(self):
        self.check_all()

    def test_a_configuration_that_was_changed_in_the_cluster(self):
        self.holds()
        kubectl("patch", "validatingwebhookconfiguration", self.name, "--type=json", "-p",
                '[{"op": "replace", "path": "/webhooks/0/failurePolicy", "value": "Ignore"}]')
        self.finds("failurePolicy")
        self.run_step("kubectl apply -k .\n")
        self.holds()

    def test_a_configuration_that_is_gone(self):
        kubectl("delete", "mutatingwebhookconfiguration", self.name)
        self.finds(self.name)
        self.run_step("kubectl apply -k .\n")
        self.holds()

    def test_a_server_that_lets_everyone_in(self):
        """--live finds what no file of the folder says."""
        self.pod.stop()
        address = self.address
        server = kube.example(
            "hello/hello", "--listen", address, "--tls-cert", self.folder + "/private/server.crt",
            "--tls-key", self.folder + "/private/server.key", "--insecure-no-client-auth")
        self.addCleanup(self.start_again)
        self.addCleanup(server.stop)
        self.finds("  NO ")

    def start_again(self):
        type(self).pod = Pod(self.name, self.name).wait()


class Tokens(Installed):
    spec = {"authentication": "token", "distribution": "generic"}

    def test_all(self):
        self.check_all()


class Both(Installed):
    spec = {"authentication": "both", "distribution": "k3s",
            "service": {"name": "policies", "port": 9443}}

    def test_all(self):
        self.check_all()


class Outside(Installed):
    """A server outside of the cluster, called by a URL."""

    spec = {"url": "https://127.0.0.1:9443", "targetPort": 9443, "distribution": "generic"}

    @classmethod
    def run_server(cls):
        flags = shlex.split(cls.steps[1].replace("\\\n", " "))
        private = os.path.join(cls.folder, "private")
        flags = [re.sub(r"(^|=)([\w.-]+\.(?:crt|key|csv))$", r"\g<1>%s/\2" % private, flag)
                 for flag in flags]
        server = kube.example("hello/hello", *flags)
        cls.addClassCleanup(server.stop)
        cls.address = "127.0.0.1:9443"

    def test_all(self):
        self.check_all()
