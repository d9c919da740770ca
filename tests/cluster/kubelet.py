# SPDX-License-Identifier: MIT
"""
In the place of kubelet and kube-proxy: starts a container of a Deployment of the cluster as its
manifest says, bound to the addresses of the Services that select it, with its Secrets and
ConfigMaps as files that change as kubelet changes them.
"""

import glob
import json
import os
import re
import shutil
import tempfile
import time

import kube
from cluster import Container, Missing, decode
from example import Example
from kube import until
from test_deploy import HEALTH, passes

SERVICE_NAME = re.compile(r"\b([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?=[:/])")


class Objects:
    """What Pods are given, as kube-apiserver has it."""

    def content(self, kind, namespace, name):
        done = kube.kubectl("-n", namespace, "get", kind, name, "-o", "json", check=False)
        if done.status:
            raise Missing("there is no %s %s/%s" % (kind, namespace, name))
        data = json.loads(done.out).get("data") or {}
        if kind == "Secret":
            return decode(data)
        return {key: value.encode() for key, value in data.items()}


def addresses(namespace, template):
    """{containerPort: HOST:PORT of a Service} of a Pod."""
    ports = {port["name"]: port["containerPort"]
             for container in template["spec"]["containers"] for port in container["ports"]}
    found, labels = {}, template["metadata"]["labels"].items()
    listed = json.loads(kube.kubectl("-n", namespace, "get", "services", "-o", "json").out)
    for service in listed["items"]:
        spec = service["spec"]
        if (spec.get("selector") or {"": ""}).items() <= labels:
            for port in spec["ports"]:
                target = ports.get(port["targetPort"], port["targetPort"])
                found[target] = "%s:%d" % (spec["clusterIP"], port["port"])
    return found


def resolve(text):
    """Names of Services become their addresses: there is no DNS."""
    return SERVICE_NAME.sub(
        lambda match: kube.get("service", match[1], match[2])["spec"]["clusterIP"], text)


class Pod(Container):
    """One Pod of a Deployment, of one container."""

    def __init__(self, namespace, deployment):
        template = kube.get("deployment", deployment, namespace)["spec"]["template"]
        container, = template["spec"]["containers"]
        super().__init__(Objects(), namespace, deployment, template["spec"], container)
        self.addresses = addresses(namespace, template)
        self.root, self.swaps = tempfile.mkdtemp(dir=kube.FOLDER), 0
        self.sync()
        binary, = glob.glob(os.path.join(kube.EXAMPLES, "*", self.program))
        command = [resolve(argument) for argument in self.command(binary, self.root)]
        self.server = Example(command, self.environment(self.root))

    def sync(self):
        """All volumes as they are in the cluster now: each folder's ..data is another one."""
        self.swaps += 1
        for mount in self.mounts:
            folder, version = self.root + mount["mountPath"], "..%d" % self.swaps
            os.makedirs(os.path.join(folder, version))
            for name, content in self._files(self.volumes[mount["name"]]).items():
                with open(os.path.join(folder, version, name), "wb") as file:
                    file.write(content)
                if not os.path.lexists(os.path.join(folder, name)):
                    os.symlink(os.path.join("..data", name), os.path.join(folder, name))
            os.symlink(version, os.path.join(folder, "..data_tmp"))
            os.rename(os.path.join(folder, "..data_tmp"), os.path.join(folder, "..data"))
            if self.swaps > 1:
                shutil.rmtree(os.path.join(folder, "..%d" % (self.swaps - 1)))

    def unready(self):
        """The first probe that does not pass, or None."""
        health = HEALTH.search(self.server.errors())
        for name, scheme, path, port in self.probes():
            number = port if port != "https" else self.server.port
            if port != "https":
                number = int(health[1])
            try:
                if passes(scheme, path, number, self.host(port)):
                    continue
            except OSError:
                pass
            return name
        return None

    def host(self, port):
        """Where a port of a probe is: a Service's address, or the loopback."""
        for number, address in self.addresses.items():
            named = [entry for entry in self.container["ports"] if entry["name"] == port]
            if named and named[0]["containerPort"] == number:
                return address.split(":")[0]
        return "127.0.0.1"

    def wait(self):
        """Until it is ready."""
        until(lambda: not self.unready(), lambda: "%s: %s does not pass: %s" % (
            self, self.unready(), self.server.errors()[-1500:]))
        return self

    def report(self):
        """Tell the API server that all Pods of the Deployment are ready."""
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        status = {"status": {"phase": "Running", "conditions": [
            {"type": "Ready", "status": "True", "lastTransitionTime": now}]}}
        for pod in self._pods():
            kube.kubectl("-n", self.namespace, "patch", "pod", pod, "--subresource=status",
                         "--type=merge", "-p", json.dumps(status))

    def _pods(self):
        """The names of those that the controllers have made."""
        spec = kube.get("deployment", self.workload, self.namespace)["spec"]
        chosen = ",".join("%s=%s" % each for each in spec["selector"]["matchLabels"].items())

        def made():
            listed = kube.kubectl("-n", self.namespace, "get", "pods", "-l", chosen, "-o",
                                  "jsonpath={.items[*].metadata.name}").out.split()
            return len(listed) >= spec["replicas"] and listed

        return until(made, "the Deployment has no Pods")

    def log(self):
        """All that it has written."""
        number = self.server.log.fileno()
        return os.pread(number, os.fstat(number).st_size, 0).decode("utf-8", "replace")

    def stop(self):
        """What is wrong with how it ended, or None."""
        return self.server.stop()
