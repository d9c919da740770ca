# SPDX-License-Identifier: MIT
"""
Every example from its own deploy/ and README: kubectl applies what stands there, the servers are
started as their manifests say, kube-apiserver gets the files of control-plane/.
"""

import glob
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading

import kube
from kube import ClusterCase, get, kubectl, pod, until
from kubelet import Pod
from test_scanner import Scanner

from walk import read_walk

CALICO = (("crd.projectcalico.org", "v1"), ("projectcalico.org", "v3"))
DENIES = 'admission webhook "%s" denied the request: '


def kind(group, version, name, plural, scope="Namespaced"):
    """A definition of a kind that has any members: those of other projects, for want of theirs."""
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": plural + "." + group,
                         **({"annotations": {"api-approved.kubernetes.io": "unapproved, tests"}}
                            if group.endswith(".k8s.io") else {})},
            "spec": {"group": group, "scope": scope,
                     "names": {"kind": name, "plural": plural, "singular": name.lower()},
                     "versions": [{"name": version, "served": True, "storage": True, "schema": {
                         "openAPIV3Schema": {"type": "object",
                                             "x-kubernetes-preserve-unknown-fields": True}}}]}}


def define(*kinds):
    """Define kinds, and wait until objects of them can be made."""
    kube.apply(*kinds)
    for each in kinds:
        kubectl("wait", "--for=condition=Established", "crd/" + each["metadata"]["name"],
                "--timeout=%ds" % kube.TIMEOUT)


def remove_webhooks(*names):
    for which in ("validating", "mutating"):
        kubectl("delete", which + "webhookconfiguration", "--ignore-not-found", *names)


def stop(pods):
    """End servers, and insist on how they end."""
    wrong = [(each, what) for each, what in ((each, each.stop()) for each in pods) if what]
    if wrong:
        raise AssertionError(wrong)


class Deployed(ClusterCase):
    """
    A reader of the documents of a walk (tests/documents/run.py): its commands are run as they
    stand, the API server gets the control plane's files where the next one has a caBundle.
    """

    walk, server_namespace, deployment = None, None, None
    kinds = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        define(*(kind(group, version, "NetworkPolicy", "networkpolicies")
                 for group, version in CALICO), *cls.kinds)
        cls.folder = tempfile.mkdtemp(dir=kube.FOLDER)
        cls.addClassCleanup(cls.restore_admission)
        for name in ("examples", "bin"):
            os.makedirs(os.path.join(cls.folder, name))
        os.symlink(os.environ["ADMWH_KUBECTL"], os.path.join(cls.folder, "bin", "kubectl"))
        cls.tree = os.path.join(cls.folder, "examples", cls.walk)
        shutil.copytree(os.path.join(kube.ROOT, "examples", cls.walk), cls.tree)
        functions, *listings = [each for each in read_walk(cls.walk) if not each.started]
        for listing in listings:
            if "caBundle" in listing.text:
                cls.give_api_server_its_files()
                cls.pod = Pod(cls.server_namespace, cls.deployment).wait()
                cls.addClassCleanup(stop, [cls.pod])
            cls.run_listing(functions.text + listing.text, listing.folder)
        cls.addClassCleanup(remove_webhooks, *cls.configurations())

    @classmethod
    def run_listing(cls, text, folder):
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text], cwd=os.path.join(cls.folder, folder),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            env={**os.environ, "KUBECONFIG": kube.path("admin.kubeconfig"),
                 "PATH": os.path.join(cls.folder, "bin") + ":" + os.environ["PATH"]})
        if done.returncode:
            raise AssertionError("%s\nfails: %s" % (text, done.stdout.decode()))

    @classmethod
    def found(cls, name):
        """A file that the walk has made."""
        path, = glob.glob(os.path.join(cls.tree, "**", name), recursive=True)
        return path

    @classmethod
    def own_token(cls, text):
        """README: with your token."""
        if "token:" not in text:
            return text
        with open(cls.found("tokens.json"), encoding="utf-8") as file:
            token = json.load(file)["tokens"][0]["token"]
        return re.sub(r"(token: ).*", r"\g<1>" + token, text)

    @classmethod
    def give_api_server_its_files(cls):
        """Those of control-plane/, in a folder whose name takes the place of theirs."""
        target = kube.path("admission", cls.walk)
        os.makedirs(target)
        for path in glob.glob(os.path.join(cls.tree, "deploy/control-plane/*")):
            with open(path, encoding="utf-8") as file:
                text = re.sub(r"/etc/[a-z0-9/]+(?=/[\w.-]+$)", target, file.read(), flags=re.M)
            admits = "kind: AdmissionConfiguration" in text
            name = kube.path("admission/admission.yaml") if admits else os.path.join(
                target, os.path.basename(path))
            with open(name, "w", encoding="utf-8") as file:
                file.write(cls.own_token(text))
        for path in glob.glob(os.path.join(cls.tree, "**/client.*"), recursive=True):
            shutil.copy(path, target)
        kube.control("restart-apiserver")

    @classmethod
    def restore_admission(cls):
        kube.write_default_admission()
        kube.control("restart-apiserver")

    @classmethod
    def configurations(cls):
        """The names of the webhook configurations of its manifests."""
        found = []
        for path in glob.glob(os.path.join(cls.tree, "deploy/*.yaml")):
            with open(path, encoding="utf-8") as file:
                found += re.findall(r"WebhookConfiguration\nmetadata:\n  name: (.*)", file.read())
        return found

    def stranger(self):
        """What comes of a request of one who has no certificate: a status, or None."""
        context = ssl.create_default_context(cafile=self.found("server-ca.crt"))
        service, = (address for address in self.pod.addresses.values())
        host, port = service.split(":")
        name = "%s.%s.svc" % (self.service, self.server_namespace)
        connection = http.client.HTTPSConnection(host, int(port), timeout=kube.TIMEOUT)
        try:
            connection.sock = context.wrap_socket(
                socket.create_connection((host, int(port)), kube.TIMEOUT), server_hostname=name)
            connection.request("POST", "/", "{}", {"Content-Type": "application/json"})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def create(self, document, **rest):
        return self.run_kubectl("create", "-f", "-", given=document, **rest)

    def was_asked(self):
        """The server has reviewed by the API server's credentials, and none was refused."""
        self.assertIn("dispatch.review", self.pod.log())
        self.assertNotIn("refused", self.pod.log())


class Rancher(Deployed):
    walk, server_namespace, deployment = "rancher", "cattle-system", "rancher-webhook"
    service = "rancher-webhook"
    kinds = (kind("management.cattle.io", "v3", "Feature", "features", "Cluster"),
             kind("management.cattle.io", "v3", "Setting", "settings", "Cluster"),
             kind("catalog.cattle.io", "v1", "ClusterRepo", "clusterrepos", "Cluster"),
             kind("rke-machine-config.cattle.io", "v1", "Amazonec2Config", "amazonec2configs"))

    def test_a_locked_feature(self):
        self.create({"apiVersion": "management.cattle.io/v3", "kind": "Feature",
                     "metadata": {"name": "locked"}, "spec": {"value": True},
                     "status": {"lockedValue": True}})
        said = self.refused("patch", "features.management.cattle.io", "locked", "--type=merge",
                            "-p", '{"spec": {"value": false}}')
        self.assertIn(DENIES % "rancher.cattle.io.features.management.cattle.io" +
                      "feature flag cannot be changed from current value: true", said)

    def test_a_repository(self):
        said = self.create({"apiVersion": "catalog.cattle.io/v1", "kind": "ClusterRepo",
                            "metadata": {"name": "both"},
                            "spec": {"url": "https://a", "gitRepo": "https://b"}}, check=False).err
        self.assertIn("clusterrepo: Forbidden: both fields spec.URL and spec.GitRepo cannot be "
                      "specified simultaneously", said)

    def test_a_machine_configuration_gets_its_creator(self):
        self.create({"apiVersion": "rke-machine-config.cattle.io/v1", "kind": "Amazonec2Config",
                     "metadata": {"name": "machine"}})
        made = get("amazonec2config", "machine", self.namespace)
        self.assertEqual(made["metadata"]["annotations"]["field.cattle.io/creatorId"], "admin")
        said = self.refused("annotate", "amazonec2config", "machine", "--overwrite",
                            "field.cattle.io/creatorId=bob")
        self.assertIn("denied the request", said)

    def test_a_credential(self):
        self.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "credential"},
                     "type": "provisioning.cattle.io/cloud-credential"})
        made = get("secret", "credential", self.namespace)
        self.assertEqual(made["metadata"]["annotations"]["field.cattle.io/creatorId"], "admin")

    def test_a_stranger(self):
        self.was_asked()
        self.assertEqual(self.stranger(), 401)


class Kubewarden(Deployed):
    walk, server_namespace, deployment = "kubewarden", "kubewarden", "policy-server-default"
    service = "policy-server-default"

    def test_a_privileged_container(self):
        says = DENIES % "clusterwide-pod-privileged.kubewarden.admission" + \
            "Privileged container is not allowed"
        said = self.create(pod("bad", securityContext={"privileged": True}), check=False).err
        self.assertIn(says, said)
        self.run_kubectl("run", "good", "--image=registry.example.org/web")
        said = self.refused("debug", "good", "--image=registry.example.org/tools",
                            "--profile=sysadmin", "--container=tools", "--attach=false")
        self.assertIn("Privileged ephemeral container is not allowed", said)

    def test_capabilities_are_dropped(self):
        self.create(pod("drops"))
        context = get("pod", "drops", self.namespace)["spec"]["containers"][0]["securityContext"]
        self.assertEqual(context["capabilities"]["drop"], ["NET_ADMIN"])

    def test_a_group_only_watches(self):
        self.create(pod("watched", image="elsewhere.example.org/web"))
        until(lambda: "images come from registry.example.org" in self.pod.log())

    def test_policies_change_with_their_config_map(self):
        done = kubectl("-n", self.server_namespace, "get", "configmap", "policy-server-default",
                       "-o", "json")
        changed = json.loads(done.out)
        changed["data"]["policies.yml"] = changed["data"]["policies.yml"].replace(
            "policyMode: monitor", "policyMode: protect")
        kubectl("replace", "-f", "-", given=changed)
        self.pod.sync()
        until(lambda: "someone excuses them" in self.create(
            pod("now-denied", image="elsewhere.example.org/web"), check=False).err,
            self.pod.log)
        self.run_kubectl("delete", "pod", "now-denied", "--ignore-not-found", "--wait=false")
        kubectl("replace", "-f", "-", given={**json.loads(done.out), "metadata": {
            "name": "policy-server-default", "namespace": self.server_namespace}})
        self.pod.sync()

    def test_a_stranger(self):
        self.was_asked()
        self.assertIsNone(self.stranger())


class Runecast(Deployed):
    walk, server_namespace, deployment = "runecast", "runecast", "admwh-runecast"
    service = "runecast-nginx"

    def says(self, *arguments):
        return kubectl("-n", "runecast-test", *arguments, check=False)

    def setUp(self):
        until(lambda: not kubectl("-n", "runecast-test", "get", "serviceaccount", "default",
                                  check=False).status)

    def test_a_vulnerable_image(self):
        denial = (DENIES % "deny-fixed-critical-and-medium.image-scanning.runecast.com" +
                  "Image scan in Runecast Analyzer found policy violations: (Rejected by policy "
                  "2: 'No critical or high severity vulnerabilities with available fix').")
        self.assertEqual(self.says("run", "nginx-1-19", "--image=nginx:1.19").err,
                         "Error from server: " + denial + "\n")
        self.assertEqual(self.says("run", "nginx-latest", "--image=nginx:latest").out,
                         "pod/nginx-latest created\n")
        for arguments in (("create", "deployment", "web", "--image=nginx:1.19"),
                          ("create", "job", "web", "--image=nginx:1.19"),
                          ("create", "cronjob", "web", "--image=nginx:1.19",
                           "--schedule=0 0 * * *"),
                          ("debug", "nginx-latest", "--image=nginx:1.19", "--attach=false")):
            with self.subTest(arguments[:2]):
                self.assertIn("Rejected by policy 2", self.says(*arguments).err)

    def test_a_stranger(self):
        self.says("run", "asks", "--image=nginx:latest")
        self.was_asked()
        self.assertEqual(self.stranger(), 401)


class OfOneFile(ClusterCase):
    """The webhooks of one file, and hello, in the namespace of the tutorial."""

    names = ("registries", "sidecar", "limits", "scanner", "crd")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(remove_webhooks, *cls.names, "hello")
        kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "webhooks"}},
                   {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "scanning"}})
        cls.start_scanner()
        cls.pods = {}
        for name in cls.names:
            cls.give(name)
            cls.apply_files(name, [path for path in cls.files(name) if "webhook" not in path])
            cls.pods[name] = Pod("webhooks", "admwh-" + name).wait()
            cls.addClassCleanup(stop, [cls.pods[name]])

    @classmethod
    def start_scanner(cls):
        address = kube.service("scanning", "scanner", 8080)
        cls.scanner = Scanner((address, 8080))
        threading.Thread(target=cls.scanner.serve_forever, args=(0.05,), daemon=True).start()
        cls.addClassCleanup(cls.scanner.shutdown)

    @staticmethod
    def give(name):
        """What docs/tutorial.md makes for its webhook."""
        kubectl("-n", "webhooks", "create", "secret", "tls", name + "-tls",
                "--cert=" + kube.path("ca/webhooks.crt"), "--key=" + kube.path("ca/webhooks.key"))
        kubectl("-n", "webhooks", "create", "configmap", name + "-client-ca",
                "--from-file=" + kube.path("ca/client-ca.crt"))

    @staticmethod
    def files(name):
        return sorted(glob.glob(os.path.join(kube.ROOT, "examples", name, "deploy/*.yaml")))

    @staticmethod
    def apply_files(_, paths):
        for path in paths:
            with open(path, encoding="utf-8") as file:
                text = file.read().replace('caBundle: ""', "caBundle: " + kube.bundle(
                    kube.server_ca()))
            kubectl("apply", "-f", "-", given=text)

    def enforce(self, name):
        """Its webhooks are applied for the time of a test: they ask about all namespaces."""
        self.apply_files(name, [path for path in self.files(name) if "webhook" in path])
        self.addCleanup(remove_webhooks, name)

    def until_denied(self, document, words):
        return until(lambda: words in self.run_kubectl(
            "create", "--dry-run=server", "-f", "-", given=document, check=False).err and True,
            lambda: self.run_kubectl("create", "--dry-run=server", "-f", "-", given=document,
                                     check=False))

    def test_hello(self):
        address = kube.service("webhooks", "hello")
        server = kube.example(
            "hello/hello", "--listen", address + ":443", "--tls-cert", kube.path("ca/webhooks.crt"),
            "--tls-key", kube.path("ca/webhooks.key"), "--client-ca", kube.path("ca/client-ca.crt"),
            "--client-allow", "cn:kube-apiserver")
        self.addCleanup(lambda: self.assertIsNone(server.stop()))
        rules = [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"],
                  "operations": ["CREATE"]}]
        self.register("Validating", kube.hook("hello", "/validate/pods", namespace="webhooks",
                                              rules=rules), name="hello")
        self.register("Mutating", kube.hook("hello", "/mutate/pods", namespace="webhooks",
                                            rules=rules), name="hello")
        self.until_denied(pod("bad", securityContext={"privileged": True}),
                          DENIES % "hello.example.org" + "spec.containers[0] is privileged")
        self.run_kubectl("run", "web", "--image=registry.example.com/web")
        self.assertEqual(get("pod", "web", self.namespace)["metadata"]["labels"],
                         {"run": "web", "admwh.dev/seen": "true"})

    def test_registries(self):
        self.enforce("registries")
        self.until_denied(pod("bad", image="elsewhere.example.org/web"),
                          DENIES % "registries.webhooks.example.com" + "spec.containers[0].image")
        said = self.refused("create", "deployment", "bad", "--image=elsewhere.example.org/web")
        self.assertIn("spec.template.spec.containers[0].image: Forbidden", said)
        self.run_kubectl("run", "allowed", "--image=nginx")
        self.assertIn("spec.ephemeralContainers[0].image", self.refused(
            "debug", "allowed", "--image=elsewhere.example.org/tools", "--container=tools",
            "--attach=false"))
        changed = get("configmap", "registries", "webhooks")
        changed["data"]["registries.txt"] += "elsewhere.example.org\n"
        kubectl("replace", "-f", "-", given=changed)
        self.pods["registries"].sync()
        until(lambda: not self.run_kubectl("run", "now-allowed",
                                           "--image=elsewhere.example.org/web",
                                           check=False).status)

    def test_sidecar(self):
        self.enforce("sidecar")
        kubectl("label", "namespace", self.namespace, "sidecar.example.com/inject=true")
        until(lambda: len(json.loads(self.run_kubectl(
            "run", "dry", "--image=nginx", "--dry-run=server", "-o", "json").out)["spec"].get(
                "initContainers", [])) == 1)
        self.run_kubectl("run", "with", "--image=nginx")
        made = get("pod", "with", self.namespace)["spec"]
        self.assertEqual([each["name"] for each in made["initContainers"]], ["collector"])
        self.assertIn("OTEL_EXPORTER_OTLP_ENDPOINT",
                      [each["name"] for each in made["containers"][0]["env"]])
        self.run_kubectl("run", "without", "--image=nginx",
                         "--annotations=sidecar.example.com/inject=false")
        self.assertNotIn("initContainers", get("pod", "without", self.namespace)["spec"])

    def test_limits(self):
        """Its manifest tries the policy: --mode=warn."""
        self.enforce("limits")
        done = until(lambda: (lambda done: done if done.err else None)(self.run_kubectl(
            "create", "--dry-run=server", "-f", "-", given=pod("unlimited"))))
        self.assertIn("Warning: ", done.err)
        self.assertIn("spec.containers[0].resources.limits.memory: Required value", done.err)
        done = self.run_kubectl("create", "-f", "-", given=pod("limited", resources={
            "limits": {"cpu": "1", "memory": "1Gi"}}))
        self.assertEqual(done.err, "")

    def test_scanner(self):
        self.enforce("scanner")
        self.until_denied(pod("bad", image="registry.example.com/dirty"),
                          DENIES % "scanner.webhooks.example.com" +
                          "spec.containers[0].image: Forbidden")
        self.run_kubectl("run", "clean", "--image=registry.example.com/clean")
        self.assertIn("registry.example.com/clean", self.scanner.asked)

    def test_crd(self):
        self.enforce("crd")
        bad = {"apiVersion": "backups.example.com/v1", "kind": "Backup",
               "metadata": {"name": "bad"}, "spec": {"schedule": "daily"}}
        self.until_denied(bad, 'spec.schedule: Invalid value: "daily"')
        self.run_kubectl("create", "-f", "-", given={
            "apiVersion": "backups.example.com/v1beta1", "kind": "Backup",
            "metadata": {"name": "old"},
            "spec": {"schedule": "0 3 * * *", "keepDays": 7,
                     "storage": {"bucket": "b"}}})
        for version, days in (("v1beta1", "keepDays"), ("v1", "retentionDays")):
            made = get("backups.%s.backups.example.com" % version, "old", self.namespace)
            self.assertEqual((made["apiVersion"], made["spec"][days]),
                             ("backups.example.com/" + version, 7))
        self.assertNotIn("class", bad["spec"])
        self.assertTrue(made["spec"]["storage"]["class"])
