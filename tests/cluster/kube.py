# SPDX-License-Identifier: MIT
"""
What the cluster tests stand on: the control plane that run.py has started, kubectl, certificates,
probes behind Services, webhook configurations.
"""

import base64
import collections
import contextlib
import hashlib
import http.client
import json
import os
import re
import ssl
import subprocess
import sys
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(ROOT, "tests", name) for name in ("examples", "integration", "pki")]

import make_pki as pki  # noqa: E402 (found only now)
from example import Example  # noqa: E402
from probe import TIMEOUT, Probe, until  # noqa: E402

sys.path.insert(0, HERE)  # modules of ours may have the names of theirs

FOLDER = os.environ["ADMWH_CLUSTER"]
EXAMPLES = os.environ.get("ADMWH_EXAMPLES") or os.path.join(ROOT, "build/examples")
PROBES = "probes"  # the namespace of the probes' Services
SETTLED = 0.3  # seconds; to show that a change has no effect
Done = collections.namedtuple("Done", "status out err")


def path(*parts):
    return os.path.join(FOLDER, *parts)


def read(*parts):
    with open(path(*parts), encoding="utf-8") as file:
        return file.read()


def control(command, *arguments):
    """A command of tests/cluster/cluster."""
    done = subprocess.run([os.path.join(HERE, "cluster"), command, FOLDER, *arguments],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise RuntimeError("cluster %s: %s" % (command, done.stdout.decode()[-3000:]))


# kubectl and the API ----------------------------------------------------------

def kubectl(*arguments, given=None, user="admin", check=True):
    """What kubectl prints; check: it has to succeed."""
    if given is not None and not isinstance(given, str):
        given = json.dumps(given)
    done = subprocess.run(
        [os.environ["ADMWH_KUBECTL"], "--kubeconfig", path(user + ".kubeconfig"), *arguments],
        input=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        timeout=TIMEOUT, check=False, stdin=subprocess.DEVNULL if given is None else None)
    if check and done.returncode:
        raise AssertionError("kubectl %s: %s%s" % (" ".join(arguments), done.stdout, done.stderr))
    return Done(done.returncode, done.stdout, done.stderr)


def apply(*documents):
    kubectl("apply", "-f", "-", given={"kind": "List", "apiVersion": "v1",
                                       "items": list(documents)})


def get(kind, name, namespace=None):
    where = ["-n", namespace] if namespace else []
    return json.loads(kubectl(*where, "get", kind, name, "-o", "json").out)


class Api:
    """One connection to kube-apiserver, opened again when it was closed."""

    def __init__(self, user="admin"):
        self.user, self.connection = user, None
        self.host, self.port = "127.0.0.1", int(read("ports").split()[0])

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def ask(self, method, target, body=None, kind="application/json"):
        """(status, decoded body)"""
        if not self.connection:
            context = ssl.create_default_context(cafile=path("pki/cluster-ca.crt"))
            self.connection = http.client.HTTPSConnection(self.host, self.port, context=context,
                                                          timeout=TIMEOUT)
        try:
            self.connection.request(method, target, None if body is None else json.dumps(body), {
                "Authorization": "Bearer %s-token" % self.user, "Content-Type": kind})
            answer = self.connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        return answer.status, json.loads(text) if text.startswith("{") else text


def config_map(name, **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def create(api, namespace, document, dry=False):
    """A POST of a core object: (status, body)."""
    return api.ask("POST", "/api/v1/namespaces/%s/%ss%s" % (
        namespace, document["kind"].lower(), "?dryRun=All" if dry else ""), document)


def audit(**wanted):
    """The events of the audit log whose objectRef has these members, in order."""
    events = []
    for line in read("log/audit.log").splitlines(keepends=True):
        event = json.loads(line) if line.endswith("\n") else {}
        reference = event.get("objectRef") or {}
        if event and all(reference.get(key) == value for key, value in wanted.items()):
            events.append(event)
    return events


class Load(threading.Thread):
    """Creates an object by dry run, again and again, until it is stopped."""

    def __init__(self, namespace, document):
        super().__init__(daemon=True)
        self.namespace, self.document, self.api = namespace, document, Api()
        self.wrong, self.asked, self.ending = [], 0, False
        self.start()

    def run(self):
        while not self.ending:
            self.asked += 1
            try:
                status, body = create(self.api, self.namespace, self.document, dry=True)
            except (OSError, http.client.HTTPException) as error:
                status, body = 0, {"message": repr(error)}
            if status != 201:
                self.wrong.append((time.strftime("%T"), body.get("message", body)))

    def stop(self):
        self.ending = True
        self.join(TIMEOUT)
        self.api.close()


@contextlib.contextmanager
def under_load(namespace, threads=2, document=None):
    """Load for as long as this lasts, of ConfigMaps unless another object is given: its threads."""
    load = [Load(namespace, document or config_map("load")) for _ in range(threads)]
    try:
        yield load
    finally:
        for thread in load:
            thread.stop()


# certificates -----------------------------------------------------------------

class Authority:
    """A CA in a folder of its own, and what it issues."""

    def __init__(self, folder, name):
        self.folder = folder
        os.makedirs(os.path.join(folder, "keys"), exist_ok=True)
        self.certificate = pki.Certificate(
            pki.cn(name), pki.Key(folder, name), [pki.basic_constraints(True), pki.SIGNS_CERTS])
        self.pem = self.certificate.pem()
        self.crt = self.write(name + ".crt", self.pem)

    def fingerprint(self):
        """SHA-256 of the certificate."""
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(self.pem)).hexdigest()

    def write(self, name, text):
        """By a rename, so that no reader finds half of it."""
        target = os.path.join(self.folder, name)
        with open(target + ".new", "w", encoding="ascii") as file:
            file.write(text)
        os.rename(target + ".new", target)
        return target

    def _issue(self, label, cn, extensions):
        leaf = pki.Certificate(pki.cn(cn), pki.Key(self.folder, label),
                               [pki.SIGNS, *extensions], issuer=self.certificate)
        with open(leaf.key.path, encoding="ascii") as file:
            return leaf.pem(), file.read()

    def server(self, label, *names):
        """(certificate, key) of a server, as text."""
        return self._issue(label, names[0], [pki.extended_usage(pki.SERVER),
                                             pki.alternative_names(names)])

    def client(self, label, cn="kube-apiserver"):
        return self._issue(label, cn, [pki.extended_usage(pki.CLIENT)])


def write_pair(folder, name, pair):
    """FOLDER/NAME.key, then FOLDER/NAME.crt; returns (certificate, key)."""
    os.makedirs(folder, exist_ok=True)
    paths = []
    for ending, text in ((".key", pair[1]), (".crt", pair[0])):
        paths.insert(0, os.path.join(folder, name + ending))
        with open(paths[0] + ".new", "w", encoding="ascii") as file:
            file.write(text)
        os.rename(paths[0] + ".new", paths[0])
    return tuple(paths)


def bundle(*texts):
    """A caBundle."""
    return base64.b64encode("".join(texts).encode()).decode()


def user(name, folder, **more):
    """A user of an admission kubeconfig, whose certificate is in a folder."""
    return {"name": name, "user": {"client-certificate": os.path.join(folder, "client.crt"),
                                   "client-key": os.path.join(folder, "client.key"), **more}}


def write_admission(users, folder=None):
    """admission.yaml and kubeconfig with these users, as docs/tutorial.md has them."""
    folder = folder or path("admission")
    os.makedirs(folder, exist_ok=True)
    plugin = {"configuration": {"apiVersion": "apiserver.config.k8s.io/v1",
                                "kind": "WebhookAdmissionConfiguration",
                                "kubeConfigFile": os.path.join(folder, "kubeconfig")}}
    for name, document in (("kubeconfig", {"apiVersion": "v1", "kind": "Config", "users": users}),
                           ("admission.yaml", {
                               "apiVersion": "apiserver.config.k8s.io/v1",
                               "kind": "AdmissionConfiguration",
                               "plugins": [{"name": name + "AdmissionWebhook", **plugin}
                                           for name in ("Validating", "Mutating")]})):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            json.dump(document, file)  # JSON is YAML


def make_certificates():
    """What all tests share: called once, before kube-apiserver starts."""
    clients, servers = Authority(path("ca"), "client-ca"), Authority(path("ca"), "server-ca")
    write_pair(path("admission"), "client", clients.client("client"))
    for name in (PROBES, "webhooks"):
        write_pair(path("ca"), name, servers.server(name, "*.%s.svc" % name))


def write_default_admission():
    """Each name is a way that kube-apiserver finds a user, see docs/kubernetes.md."""
    write_admission([
        *(user(name, path("admission")) for name in ("*.probes.svc", "*.probes.svc:8443",
                                                     "*.webhooks.svc")),
        {"name": "token.probes.svc", "user": {"tokenFile": path("admission/token")}},
        {"name": "stranger.probes.svc", "user": {"token": "of no use"}},
        user("rotation.probes.svc", path("rotation"))])


def server_ca():
    return read("ca/server-ca.crt")


# Services and webhooks --------------------------------------------------------

def service(namespace, name, *ports):
    """The clusterIP of a Service without a selector, which is an address of the loopback."""
    apply({"apiVersion": "v1", "kind": "Service",
           "metadata": {"namespace": namespace, "name": name},
           "spec": {"ports": [{"name": "port-%d" % port, "port": port}
                              for port in ports or (443,)]}})
    return get("service", name, namespace)["spec"]["clusterIP"]


# What is of no namespace is of all tests.
EVERYTHING = ({"apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"],
               "operations": ["*"], "scope": "Namespaced"},)
NAMESPACES = {"apiGroups": [""], "apiVersions": ["*"], "resources": ["namespaces"],
              "operations": ["*"]}


def hook(name, route, port=443, rules=EVERYTHING, ca=None, namespace=PROBES, **fields):
    """A webhook that calls a route of the Service of this name."""
    return {"name": "%s.example.org" % fields.pop("label", name),
            "clientConfig": {"service": {"namespace": namespace, "name": name, "path": route,
                                         "port": port},
                             "caBundle": bundle(ca or server_ca())},
            "rules": list(rules), "admissionReviewVersions": ["v1"], "sideEffects": "None",
            "failurePolicy": "Fail", "timeoutSeconds": 10, **fields}


def configuration(kind, name, *hooks):
    return {"apiVersion": "admissionregistration.k8s.io/v1",
            "kind": kind + "WebhookConfiguration", "metadata": {"name": name},
            "webhooks": list(hooks)}


def reviews(events):
    """The reviews that reached handlers of a probe, by its events."""
    return [json.loads(base64.b64decode(event["body_b64"]))["request"] for event in events
            if event["event"] == "dispatched"]


def example(program, *arguments):
    """An example server, by its path below build/examples."""
    return Example([os.path.join(EXAMPLES, program), *arguments])


def pod(name, image="registry.example.com/web", **container):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
            "spec": {"containers": [{"name": "web", "image": image, **container}]}}


class ClusterCase(unittest.TestCase):
    """Tests with a namespace of their own, named after their class."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.namespace = "test" + re.sub(r"(?=[A-Z])", "-", cls.__name__).lower()
        apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": PROBES}},
              {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": cls.namespace}})
        until(lambda: not kubectl("-n", cls.namespace, "get", "serviceaccount", "default",
                                  check=False).status, "no default ServiceAccount")
        cls.api = Api()
        cls.addClassCleanup(cls.api.close)

    def run_kubectl(self, *arguments, **rest):
        """kubectl in the namespace of the tests."""
        return kubectl("-n", self.namespace, *arguments, **rest)

    def refused(self, *arguments, **rest):
        """What kubectl says that does not succeed."""
        done = self.run_kubectl(*arguments, check=False, **rest)
        self.assertEqual(done.status, 1, done)
        self.assertEqual(done.out, "")
        return done.err.rstrip("\n")

    @classmethod
    def start(cls, name, *options, port=443, listen=None, pair=None, **rest):
        """A probe behind a Service of its name, stopped with the class."""
        address = service(PROBES, name, port)
        certificate, key = pair or (path("ca/probes.crt"), path("ca/probes.key"))
        probe = Probe("--cert", certificate, "--key", key, *options,
                      listen=listen or "%s:%d" % (address, port), bundles=False, server=None,
                      **rest)
        cls.addClassCleanup(probe.stop)
        return probe

    CALLER = ("--client-ca", "default=" + path("ca/client-ca.crt"), "--allow-cn",
              "default=kube-apiserver")

    def register(self, kind, *hooks, name=None, probe=None):
        """Apply a configuration for this namespace alone; with a probe, wait until it is asked."""
        name = name or self.namespace
        chosen = {"matchLabels": {"kubernetes.io/metadata.name": self.namespace}}
        apply(configuration(kind, name, *({"namespaceSelector": chosen, **each}
                                          for each in hooks)))
        self.addCleanup(self.unregister, kind, name)
        if probe:
            self.until_asked(probe)

    def unregister(self, kind, name=None):
        kubectl("delete", "--ignore-not-found", kind + "WebhookConfiguration", name or
                self.namespace)

    def until_asked(self, probe):
        """Whatever is decided, a ConfigMap is reviewed; its events are taken."""
        def asked():
            create(self.api, self.namespace, config_map("awake"), dry=True)
            return reviews(probe.take_events())

        until(asked, "the webhook is never asked", pause=0.05)
        time.sleep(SETTLED)  # one that was asked for the configuration before it
        probe.take_events()
