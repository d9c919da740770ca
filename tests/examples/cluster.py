# SPDX-License-Identifier: MIT
"""
As much of a cluster as it takes to start the containers of manifests: objects by kind, namespace
and name, and what kubelet makes of a Pod: its volumes as files, its args and env as they stand.
"""

import base64
import os
import re

import yaml

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")
CLUSTER_WIDE = ("Namespace", "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration",
                "CustomResourceDefinition")


class Missing(Exception):
    """What a Pod needs is not in the cluster; says what."""


def decode(data):
    return {key: base64.b64decode(value, validate=True) for key, value in data.items()}


class Cluster:
    def __init__(self):
        self.objects = {}

    def apply(self, text):
        """The objects of a YAML text, as `KIND NAMESPACE/NAME` each."""
        applied = []
        for document in yaml.safe_load_all(text):
            if document is None:
                continue
            kind, metadata = document["kind"], document["metadata"]
            namespace = metadata.get("namespace", "default")
            if kind not in CLUSTER_WIDE and namespace != "default":
                self.find("Namespace", None, namespace)
            key = (kind, None if kind in CLUSTER_WIDE else namespace, metadata["name"])
            self.objects[key] = document
            applied.append(" ".join(filter(None, key)))
        return applied

    def find(self, kind, namespace, name):
        try:
            return self.objects[kind, namespace, name]
        except KeyError:
            raise Missing("there is no %s %s" % (kind, "/".join(filter(None, (namespace, name))))) \
                from None

    def content(self, kind, namespace, name):
        """The files of a Secret or ConfigMap."""
        document = self.find(kind, namespace, name)
        data = document.get("data") or {}
        if kind == "Secret":
            plain = document.get("stringData") or {}
            return {**{key: value.encode() for key, value in plain.items()}, **decode(data)}
        return {key: value.encode() for key, value in data.items()}

    def pods(self):
        """Each container that would run, one Pod a workload."""
        for (kind, namespace, name), document in sorted(self.objects.items(), key=str):
            if kind in WORKLOADS:
                spec = document["spec"]["template"]["spec"]
                for container in spec["containers"]:
                    yield Container(self, namespace, name, spec, container)


class Container:
    """A container of a workload, as a program below a folder that stands for its root."""

    def __init__(self, cluster, namespace, workload, spec, container):
        self.cluster, self.namespace, self.workload = cluster, namespace, workload
        self.container = container
        self.volumes = {volume["name"]: volume for volume in spec.get("volumes", ())}
        self.mounts = container.get("volumeMounts", ())
        self.program = os.path.basename(container["image"]).split(":")[0]
        self.addresses = {}  # by containerPort

    def __str__(self):
        return "%s/%s, container %s" % (self.namespace, self.workload, self.container["name"])

    def _files(self, volume):
        for key, kind, named in (("secret", "Secret", "secretName"),
                                 ("configMap", "ConfigMap", "name")):
            if key in volume:
                source = volume[key]
                content = self.cluster.content(kind, self.namespace, source[named])
                items = source.get("items") or [{"key": name, "path": name} for name in content]
                for item in items:
                    if item["key"] not in content:
                        raise Missing("%s %s/%s has no key %s" % (
                            kind, self.namespace, source[named], item["key"]))
                return {item["path"]: content[item["key"]] for item in items}
        raise ValueError("volume %s is of no kind that is known here" % volume["name"])

    def lay_out(self, root, without=None):
        """The files of all volumes below root; those of the mount `without` are left out."""
        for mount in self.mounts:
            files = self._files(self.volumes[mount["name"]])
            folder = root + mount["mountPath"]
            os.makedirs(folder)
            for name, content in files.items() if mount["name"] != without else ():
                with open(os.path.join(folder, name), "wb") as file:
                    file.write(content)

    def _adapt(self, text, root):
        """
        Paths of mounts lead below root; ports are those that are given in `addresses`, or any that
        are free, of the loopback.
        """
        for mount in self.mounts:
            text = re.sub(r"(?<![\w./-])%s(?=[/,]|$)" % re.escape(mount["mountPath"]),
                          root + mount["mountPath"], text)
        for port in self.container.get("ports", ()):
            number = port["containerPort"]
            if number in self.addresses:
                text = re.sub(r"(^|=):%d$" % number, r"\g<1>" + self.addresses[number], text)
            else:
                text = re.sub(r"(?<![\w.])%d(?!\w)" % number, "0", text)
        return re.sub(r"(^|=):0$", r"\g<1>127.0.0.1:0", text)

    def command(self, binary, root):
        return [binary] + [self._adapt(text, root) for text in self.container.get("args", ())]

    def environment(self, root):
        given = {entry["name"]: self._adapt(entry["value"], root)
                 for entry in self.container.get("env", ())}
        return {"TMPDIR": root + "/tmp", **given}

    def probes(self):
        """(name, scheme or None for TCP, path, name of the port) of each probe."""
        names = {port["containerPort"]: port["name"] for port in self.container.get("ports", ())}
        for name in ("startupProbe", "readinessProbe", "livenessProbe"):
            probe = self.container.get(name)
            if probe:
                how = probe.get("httpGet") or probe["tcpSocket"]
                scheme = how.get("scheme", "HTTP") if "httpGet" in probe else None
                yield name, scheme, how.get("path"), names.get(how["port"], how["port"])
