# SPDX-License-Identifier: MIT
"""
Folders that `admwhctl init` writes, each pair of options in one of them, and what no schema says
of their files.
"""

import base64
import itertools
import os
import re
import shutil
import subprocess
import tempfile

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
PROGRAM = os.environ.get("ADMWHCTL") or os.path.join(TOP, "build/tools/admwhctl/admwhctl")
RULES = [{"apiGroups": ["", "apps"], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"],
          "resources": ["pods", "deployments"], "scope": "Namespaced"}]
VALIDATING = {"name": "check.example.org", "path": "/validate", "rules": RULES}
MUTATING = {"name": "change.example.org", "type": "mutating", "path": "/mutate", "rules": RULES,
            "reinvocationPolicy": "IfNeeded", "failurePolicy": "Ignore", "timeoutSeconds": 30}
SELECTIVE = {**VALIDATING, "name": "select.example.org", "namespaceSelector": {
    "matchLabels": {"policy": "2"}, "matchExpressions": [
        {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["kube-public"]}]},
    "objectSelector": {"matchLabels": {"a": "b"}}, "sideEffects": "NoneOnDryRun",
    "matchPolicy": "Exact", "matchConditions": [
        {"name": "no-node", "expression": '!("system:nodes" in request.userInfo.groups)'}]}
IMAGE = {"image": "registry.example.org/policy:1.0"}
# What each option adds to spec; the files of `given` are in the folder of the input.
OPTIONS = {
    "distribution": {
        "kubeadm": {"distribution": "kubeadm"}, "k3s": {"distribution": "k3s"},
        "rke2": {"distribution": "rke2", "controlPlane": {"admission": "pss.yaml"}},
        "generic": {"distribution": "generic", "controlPlane": {
            "folder": "/srv/admission", "admission": "webhooks.yaml",
            "kubeconfig": "kubeconfig.yaml"}}},
    "address": {
        "443": IMAGE, "8443": {**IMAGE, "service": {"name": "called", "port": 8443}},
        "url": {"url": "https://policy.example.org:9443"},
        "public": {"url": "https://policy.example.org", "certificates": {"server": "public"}},
        "ipv6": {"url": "https://[fd00::5]"},
        "url-and-image": {**IMAGE, "url": "https://policy.example.org"}},
    "authentication": {how: {"authentication": how} for how in ("mtls", "token", "both")},
    "network": {
        "none": {}, "calico": {"network": {"cni": ["calico"], "controlPlane": ["10.1.0.0/16"]}},
        "cilium": {"network": {"cni": ["cilium"]}},
        "both": {"network": {"cni": ["calico", "cilium"],
                             "controlPlane": ["10.1.0.0/16", "fd00::/64"]}}},
    "callers": {
        "one": {}, "two": {"callers": [
            {"name": "apiserver", "commonName": "it's \"the\" API: server #1", "nodes": ["a", "b"]},
            {"name": "scanner", "namespace": "audits"}]}},
    "watching": {
        "none": {}, "monitoring": {"monitoring": {"serviceMonitor": True, "alerts": True}},
        "autoscaler": {"autoscaler": {"min": 2, "max": 5}}},
    "routes": {"validating": {"routes": [VALIDATING, SELECTIVE]}, "mutating": {"routes": [MUTATING]},
               "both": {"routes": [MUTATING, VALIDATING]}},
    "secret": {"generated": {}, "existing": {"secret": {"existing": "certificates"}}},
    "namespace": {"own": {}, "shared": {"namespace": "shared"}},
    "args": {"none": {}, "odd": {"args": [
        "--processes=2", "--text=${name}: {a: b} # no comment", "- 'x'", "true", "two\nlines",
        "\u00e9\u2028\U0001f600"]}},
}
PSS = """\
# PodSecurity of the distribution
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: PodSecurity
  configuration:
    apiVersion: pod-security.admission.config.k8s.io/v1
    kind: PodSecurityConfiguration
    defaults: {enforce: restricted, enforce-version: latest}
"""
WEBHOOKS = """\
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: MutatingAdmissionWebhook
  configuration:
    apiVersion: apiserver.config.k8s.io/v1
    kind: WebhookAdmissionConfiguration
    kubeConfigFile: /srv/other/kubeconfig
"""
KUBECONFIG = """\
apiVersion: v1
kind: Config
users:
- {name: '*.other.svc', user: {token: abc}}
"""
GIVEN = {"pss.yaml": PSS, "webhooks.yaml": WEBHOOKS, "kubeconfig.yaml": KUBECONFIG}
STATIC_POD = {
    "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "kube-apiserver",
                                                    "namespace": "kube-system"},
    "spec": {"containers": [{"name": "kube-apiserver", "image": "kube-apiserver",
                             "command": ["kube-apiserver"],
                             "volumeMounts": [{"name": "certs", "mountPath": "/etc/ssl/certs"}]}],
             "volumes": [{"name": "certs", "hostPath": {"path": "/etc/ssl/certs"}}]}}


def pairwise(options):
    """Choices, as {option: value}, in which each pair of values of two options stands once."""
    left = {frozenset(((a, x), (b, y))) for a, b in itertools.combinations(options, 2)
            for x in options[a] for y in options[b]}
    while left:
        choice = dict(sorted(min(left, key=sorted)))
        for option in options:
            if option not in choice:
                choice[option] = max(options[option], key=lambda value: sum(
                    frozenset(((option, value), pair)) in left for pair in choice.items()))
        left -= {frozenset(pair) for pair in itertools.combinations(choice.items(), 2)}
        yield choice


def merged(choice):
    spec = {}
    for option, value in choice.items():
        spec.update(OPTIONS[option][value])
    return {"apiVersion": "admwhctl/v1", "kind": "Installation",
            "metadata": {"name": "policy", "namespace": "webhooks"}, "spec": spec}


def installation_problems(document):
    """Of the input of admwhctl init in a document: the program reads it."""
    if not os.path.exists(PROGRAM):
        return
    with tempfile.TemporaryDirectory() as work:
        source = os.path.join(work, "input.yaml")
        with open(source, "w", encoding="utf-8") as file:
            yaml.safe_dump(document, file)
        done = subprocess.run([PROGRAM, "init", source, "--dry-run", "--to", work + "/made"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        yield done.stderr.decode()


def folders(work):
    """(name, folder or what is wrong) of each choice."""
    for name, text in GIVEN.items():
        with open(os.path.join(work, name), "w", encoding="utf-8") as file:
            file.write(text)
    for number, choice in enumerate(pairwise(OPTIONS)):
        name = "admwhctl init, " + " ".join(choice[option] for option in OPTIONS)
        source, folder = os.path.join(work, "input.yaml"), os.path.join(work, str(number))
        with open(source, "w", encoding="utf-8") as file:
            yaml.safe_dump(merged(choice), file, sort_keys=False, allow_unicode=True)
        done = subprocess.run([PROGRAM, "init", source, "--to", folder], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False)
        yield name, folder, None if done.returncode == 0 else done.stdout.decode()


def read(folder, name):
    with open(os.path.join(folder, name), "rb") as file:
        return file.read()


def flag_problems(text):
    if not re.fullmatch(r"admission-control-config-file=/[\w./-]+/admission\.yaml", text):
        yield "%r is not the flag" % text


def patched(pod, operations):
    """A JSON Patch that appends to lists of a copy."""
    pod = yaml.safe_load(yaml.safe_dump(pod))
    for operation in operations:
        if operation["op"] != "add" or not operation["path"].endswith("/-"):
            raise ValueError("%r does not append" % operation)
        target = pod
        for step in operation["path"].split("/")[1:-1]:
            target = target[int(step)] if isinstance(target, list) else target[step]
        target.append(operation["value"])
    return pod


def config_problems(document, keys):
    """Of a file of k3s or RKE2."""
    if sorted(document) != sorted(keys):
        yield "has %s, expected %s" % (sorted(document), sorted(keys))
        return
    for argument in document["kube-apiserver-arg+"]:
        yield from flag_problems(argument)
    for mount in document.get("kube-apiserver-extra-mount+", ()):
        if not re.fullmatch(r"(/[\w./-]+):\1:ro", mount):
            yield "%r is no mount of a folder to the same place" % mount


def distribution_problems(folder, check):
    """What the nodes are given that has no kind. check: of a manifest."""
    control_plane = os.path.join(folder, "control-plane")
    names = set(os.listdir(control_plane))
    for name, keys in (("k3s-config.yaml", ["kube-apiserver-arg+"]),
                       ("rke2-config.yaml", ["kube-apiserver-arg+",
                                             "kube-apiserver-extra-mount+"])):
        if name in names:
            yield from config_problems(yaml.safe_load(read(control_plane, name)), keys)
    if "kube-apiserver+json.yaml" in names:
        yield from check(patched(STATIC_POD, yaml.safe_load(
            read(control_plane, "kube-apiserver+json.yaml"))))
    if "kube-apiserver-flags.txt" in names:
        flag = read(control_plane, "kube-apiserver-flags.txt").decode()
        yield from flag_problems(flag.strip()[2:])
    found = names & {"k3s-config.yaml", "rke2-config.yaml", "kubeadm-patch.yaml",
                     "kube-apiserver-flags.txt"}
    if len(found) != 1:
        yield "the control plane has %s" % sorted(names)


def args_problems(documents, secret):
    """Files of the Secret that the server is told of must be in it."""
    for document in documents:
        if document["kind"] == "Deployment":
            container, = document["spec"]["template"]["spec"]["containers"]
            folder = container["volumeMounts"][0]["mountPath"]
            for argument in container["args"]:
                for name in re.findall(re.escape(folder) + r"/(\S+)", argument):
                    if name not in secret:
                        yield "%s: the Secret has no %s" % (argument, name)


def kustomize_problems(folder, documents):
    """What kubectl makes of the folder: the resources, and the Secret with files of private/."""
    kustomization = yaml.safe_load(read(folder, "kustomization.yaml"))
    done = subprocess.run(["kubectl", "kustomize", folder], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        yield done.stderr.decode()
        return
    built = list(yaml.safe_load_all(done.stdout))
    expected = [document for name in kustomization["resources"]
                for document in yaml.safe_load_all(read(folder, name))]
    secrets = [document for document in built if document["kind"] == "Secret"]
    for document in expected:
        if document not in built:
            yield "kubectl kustomize changes or drops %s %s" % (
                document["kind"], document["metadata"]["name"])
    if len(built) != len(expected) + len(secrets):
        yield "kubectl kustomize makes %d objects of %d" % (len(built), len(expected))
    for secret, generator in itertools.zip_longest(secrets,
                                                   kustomization.get("secretGenerator", ())):
        files = dict(entry.split("=", 1) for entry in generator["files"])
        if secret["metadata"]["name"] != generator["name"]:
            yield "the Secret is named %s" % secret["metadata"]["name"]
        if {key: base64.b64decode(value) for key, value in secret["data"].items()} != {
                key: read(folder, path) for key, path in files.items()}:
            yield "the Secret has not the files of private/"
        if any(path.endswith("-ca.key") or "/callers/" in path for path in files.values()):
            yield "the Secret has a key that stays out of the cluster"
        yield from args_problems(documents, secret["data"])


def rerun_problems(folder):
    """The same input changes nothing."""
    done = subprocess.run([PROGRAM, "init", "--to", folder], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False)
    if done.returncode or b" 0 new, 0 changed," not in done.stdout:
        yield "a second run: " + done.stdout.decode()


def verify_problems(folder):
    """What was just made is right."""
    done = subprocess.run([PROGRAM, "verify", folder], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        yield "admwhctl verify: " + done.stdout.decode()


def problems(folder, documents, check):
    """What is wrong with a whole folder."""
    yield from distribution_problems(folder, check)
    yield from rerun_problems(folder)
    yield from verify_problems(folder)
    if shutil.which("kubectl"):
        yield from kustomize_problems(folder, documents)
