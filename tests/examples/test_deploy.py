# SPDX-License-Identifier: MIT
"""
Every container of every manifest, of examples/*/deploy and of the documents: it starts with the
args and env that stand there, its volumes laid out as files, until all its probes pass; without
one of the volumes it says which file is missing. Run by run.py, which sets `work`.
"""

import glob
import http.client
import os
import re
import socket
import ssl
import subprocess
import tempfile
import unittest

import yaml

from cluster import Cluster, Missing
from example import ROOT, Example, probe

work = None
WEBHOOKS = ("hello", "registries", "sidecar", "limits", "scanner", "crd")
LISTING = re.compile(r"^( *)```yaml\n(.*?)^ *```$", re.S | re.M)
HEALTH = re.compile(rb'health_port"?[=:]"?(\d+)')
TOKENS = '{"tokens": [{"token": "11111111-2222-4333-8444-555555555555", "role": "GLOBAL_ADMIN"}]}'


def manifests():
    """(name of the folder or document, text) of all that have a workload."""
    for folder in sorted(glob.glob(os.path.join(ROOT, "examples/*/deploy"))):
        texts = []
        for path in sorted(glob.glob(os.path.join(folder, "*.yaml"))):
            with open(path, encoding="utf-8") as file:
                texts.append(file.read())
        yield os.path.relpath(folder, ROOT), "\n---\n".join(texts)
    for path in sorted(glob.glob(os.path.join(ROOT, "docs/**/*.md"), recursive=True)):
        with open(path, encoding="utf-8") as file:
            for indent, listing in LISTING.findall(file.read()):
                listing = re.sub("^" + indent, "", listing, flags=re.M)
                if re.search(r"^kind: Deployment$", listing, re.M):
                    yield os.path.relpath(path, ROOT), listing


def given(certificates):
    """What the READMEs have users make: files by Secret or ConfigMap."""
    def read(path):
        with open(path, encoding="ascii") as file:
            return file.read()

    ca = read(certificates.ca)
    tls = {"tls.crt": read(certificates.server), "tls.key": read(certificates.server_key)}
    return {
        ("Secret", "kubewarden", "policy-server-default"): tls,
        ("Secret", "kubewarden", "kubewarden-ca"): {"ca.crt": read(certificates.other_ca),
                                                    "ca.key": "not to be mounted"},
        ("ConfigMap", "kubewarden", "api-server-mtls"): {"client-ca.crt": ca},
        ("Secret", "cattle-system", "cattle-webhook-tls"): tls,
        ("Secret", "cattle-system", "client-ca"): {"ca.crt": ca},
        ("ConfigMap", "cattle-system", "rancher-webhook-permissions"):
            {"permissions.json": '{"rules": []}'},
        ("Secret", "runecast", "runecast-tls"): tls,
        ("Secret", "runecast", "runecast-tokens"): {"tokens.json": TOKENS},
        ("Secret", "webhooks", "podpolicy-tls"): tls,
        ("ConfigMap", "webhooks", "podpolicy-client-ca"): {"client-ca.crt": ca},
        ("ConfigMap", "webhooks", "podpolicy-registries"): {"registries.txt": "docker.io"},
        **{("Secret", "webhooks", name + "-tls"): tls for name in WEBHOOKS},
        **{("ConfigMap", "webhooks", name + "-client-ca"): {"client-ca.crt": ca}
           for name in WEBHOOKS},
    }


def make_cluster(text):
    """A cluster with a manifest, and beside it what it is given."""
    cluster = Cluster()
    objects = [{"kind": "Namespace", "metadata": {"name": name}}
               for name in ("cattle-system", "webhooks", "runecast", "kubewarden")]
    for (kind, namespace, name), files in given(work.certificates).items():
        which = "stringData" if kind == "Secret" else "data"
        objects.append({"kind": kind, "metadata": {"namespace": namespace, "name": name},
                        which: files})
    cluster.apply(yaml.safe_dump_all(objects))
    cluster.apply(text)
    return cluster


def binary_of(container):
    found = glob.glob(os.path.join(work.examples, "*", container.program))
    return found[0] if found else None


def passes(scheme, path, port, host="127.0.0.1"):
    """As kubelet asks: certificates are not looked at, any status from 200 to 399 will do."""
    with socket.create_connection((host, port), timeout=probe.TIMEOUT):
        pass
    if scheme is None:
        return True
    if scheme == "HTTPS":
        connection = http.client.HTTPSConnection(
            host, port, timeout=probe.TIMEOUT, context=ssl._create_unverified_context())
    else:
        connection = http.client.HTTPConnection(host, port, timeout=probe.TIMEOUT)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return 200 <= status < 400


class Deploy(unittest.TestCase):
    def containers(self):
        """
        (where, container, binary) of all that were built; where the rest is, it is told. The
        program of a document is built and started by tests/documents.
        """
        found = 0
        for where, text in manifests():
            for container in make_cluster(text).pods():
                binary = binary_of(container)
                found += 1
                if binary:
                    yield "%s: %s" % (where, container), container, binary
                elif os.environ.get("CI") == "true" and not where.startswith("docs/"):
                    self.fail("%s: there is no %s" % (where, container.program))
        self.assertGreaterEqual(found, 4)

    def start(self, container, binary, root):
        server = Example(container.command(binary, root), container.environment(root))
        self.addCleanup(server.kill)
        return server

    def test_starts_with_its_own_arguments_until_its_probes_pass(self):
        for where, container, binary in self.containers():
            with self.subTest(where), tempfile.TemporaryDirectory() as root:
                container.lay_out(root)
                server = self.start(container, binary, root)
                health = HEALTH.search(server.errors())
                probes = list(container.probes())
                self.assertTrue(probes)
                for name, scheme, path, port in probes:
                    number = server.port if port == "https" else int(health[1])
                    self.assertTrue(passes(scheme, path, number), name)
                self.assertIsNone(server.stop())

    def test_says_which_file_is_missing(self):
        for where, container, binary in self.containers():
            for mount in container.mounts:
                with self.subTest(where, mount=mount["mountPath"]), \
                        tempfile.TemporaryDirectory() as root:
                    container.lay_out(root, without=mount["name"])
                    done = subprocess.run(
                        container.command(binary, root), stdin=subprocess.DEVNULL,
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=probe.TIMEOUT,
                        # A program that cannot start leaves its memory to its end.
                        env={**probe.environment(), **container.environment(root),
                             "ASAN_OPTIONS": "detect_leaks=0"},
                        check=False)
                    last = done.stderr.decode().splitlines()[-1]
                    self.assertIn(done.returncode, (1, 2), done.stderr)
                    self.assertRegex(last, r"^%s: .*%s/\S+: .*No such file or directory" % (
                        re.escape(container.program), re.escape(root + mount["mountPath"])))
                    self.assertEqual(last.count("No such file"), 1, last)

    def test_a_wrong_argument_of_a_manifest_is_found(self):
        """This test itself can fail: a flag that is none, and a Secret that is not made."""
        text = dict(manifests())["examples/rancher/deploy"]
        container, = make_cluster(text.replace("--tls-key=", "--tls-kez=")).pods()
        binary = binary_of(container)
        if not binary:
            self.skipTest("there is no " + container.program)
        with tempfile.TemporaryDirectory() as root:
            container.lay_out(root)
            with self.assertRaisesRegex(RuntimeError, "--tls-kez: there is no such flag"):
                self.start(container, binary, root)
        container, = make_cluster(text.replace("secretName: client-ca", "secretName: ca")).pods()
        with tempfile.TemporaryDirectory() as root:
            with self.assertRaisesRegex(Missing, "there is no Secret cattle-system/ca"):
                container.lay_out(root)
