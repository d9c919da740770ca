# SPDX-License-Identifier: MIT
"""
Starts the workloads of the stand-in's cluster and calls their webhooks as kube-apiserver does, then
prints `started` and serves until it is told to stop.

    deployed.py BUILD
"""

import glob
import http.client
import json
import os
import signal
import socket
import ssl
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "examples"))

from cluster import Cluster  # noqa: E402 (found only now)
from example import Example, probe  # noqa: E402

STATE, TREE = os.environ["ADMWH_WALK"], os.environ["ADMWH_TREE"]
# The address stands in no manifest: all, in a Pod of its own.
ADDRESSES = {name: "127.0.0.1" for name in (
    "ADMWH_RANCHER_ADDRESS", "ADMWH_RUNECAST_ADDRESS", "KUBEWARDEN_BIND_ADDRESS")}


def find(name):
    """A file that the walk made, wherever in the tree; None: it made none."""
    found = [path for path in (os.path.join(TREE, name),
                               *glob.glob(os.path.join(TREE, "examples/**", name), recursive=True))
             if os.path.exists(path)]
    return found[0] if found else None


def fields():
    """A token, where the walk made one."""
    path = find("tokens.json")
    if not path:
        return {}
    with open(path, encoding="utf-8") as file:
        return {"Authorization": "Bearer " + json.load(file)["tokens"][0]["token"]}


def call(port, host, path):
    """The status of the answer to a review at a path of that host, which is ours."""
    context = ssl.create_default_context(cafile=find("server-ca.crt"))
    if find("client.crt"):
        context.load_cert_chain(find("client.crt"), find("client.key"))
    connection = http.client.HTTPConnection(host, timeout=probe.TIMEOUT)
    connection.sock = context.wrap_socket(
        socket.create_connection(("127.0.0.1", port), timeout=probe.TIMEOUT), server_hostname=host)
    review = probe.review(obj={"metadata": {"name": "web"}, "spec": {"containers": [
        {"name": "web", "image": "nginx:1.19"}]}})
    connection.request("POST", path + "?timeout=10s", review,
                       {"Content-Type": "application/json", **fields()})
    status = connection.getresponse().status
    connection.close()
    return status


def webhooks(cluster):
    """(namespace, host, path) of each."""
    for document in cluster.objects.values():
        for hook in document.get("webhooks", ()):
            service = hook["clientConfig"]["service"]
            cluster.find("Service", service["namespace"], service["name"])
            yield (service["namespace"], "%s.%s.svc" % (service["name"], service["namespace"]),
                   service["path"])


def start(container, build):
    root = tempfile.mkdtemp(dir=STATE)
    container.lay_out(root)
    binary, = glob.glob(os.path.join(build, "examples/*", container.program))
    return Example(container.command(binary, root), {**ADDRESSES, **container.environment(root)})


def main():
    cluster, servers = Cluster(), {}
    path = os.path.join(STATE, "cluster.yaml")
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            cluster.apply(file.read())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    for container in cluster.pods():
        servers[container.namespace] = start(container, sys.argv[1]), container
    called = 0
    for namespace, host, path in webhooks(cluster) if servers else ():
        status = call(servers[namespace][0].port, host, path)
        print("%s%s: %d" % (host, path, status))
        if status in (401, 403, 404):
            return 1
        called += 1
    if servers and not called:
        print("no webhook calls a server")
        return 1
    for server, container in servers.values():
        name = "log-%s-%s" % (container.namespace, container.workload)
        with open(os.path.join(STATE, name), "wb") as file:
            file.write(server.errors())
    print("started", flush=True)
    while True:
        signal.pause()


if __name__ == "__main__":
    sys.exit(main())
