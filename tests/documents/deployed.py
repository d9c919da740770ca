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

import yaml  # noqa: E402 (found only now)

from cluster import Cluster, Missing  # noqa: E402
from example import Example, probe  # noqa: E402

STATE, TREE = os.environ["ADMWH_WALK"], os.environ["ADMWH_TREE"]


def find(name):
    """A file that the walk made, wherever in the tree; None: it made none."""
    found = [path for path in (os.path.join(TREE, name),
                               *glob.glob(os.path.join(TREE, "examples/**", name), recursive=True))
             if os.path.exists(path)]
    return found[0] if found else None


def users():
    """Those of the kubeconfigs of the tree, by name."""
    found = {}
    for path in [*glob.glob(os.path.join(TREE, "kubeconfig")),
                 *glob.glob(os.path.join(TREE, "examples/*/deploy/control-plane/*kubeconfig.yaml"))]:
        with open(path, encoding="utf-8") as file:
            found.update((entry["name"], entry["user"]) for entry in yaml.safe_load(file)["users"])
    return found


def user_of(host, port):
    """The user of a call to a service, as docs/kubernetes.md says."""
    labels = host.split(".")
    names = [host, *("*." + ".".join(labels[place:]) for place in range(1, len(labels)))]
    known = users()
    for name in [*("%s:%d" % (name, port) for name in names), *(names if port == 443 else ())]:
        if name in known:
            return known[name]
    raise Missing("no kubeconfig has a user for %s:%d" % (host, port))


def token():
    """The token of the walk: that of the kubeconfig is an example."""
    with open(find("tokens.json"), encoding="utf-8") as file:
        return json.load(file)["tokens"][0]["token"]


def call(port, host, service, path):
    """The status of the answer to a review at a path of a service's host, which is ours."""
    context = ssl.create_default_context(cafile=find("server-ca.crt"))
    user, fields = user_of(host, service), {"Content-Type": "application/json"}
    if "client-certificate" in user:
        context.load_cert_chain(*(find(os.path.basename(user["client-" + what]))
                                  for what in ("certificate", "key")))
    if "token" in user:
        fields["Authorization"] = "Bearer " + token()
    connection = http.client.HTTPConnection(host, timeout=probe.TIMEOUT)
    connection.sock = context.wrap_socket(
        socket.create_connection(("127.0.0.1", port), timeout=probe.TIMEOUT), server_hostname=host)
    review = probe.review(obj={"metadata": {"name": "web"}, "spec": {"containers": [
        {"name": "web", "image": "nginx:1.19"}]}})
    connection.request("POST", path + "?timeout=10s", review,
                       fields)
    status = connection.getresponse().status
    connection.close()
    return status


def webhooks(cluster):
    """(namespace, host, port, path) of each."""
    for document in cluster.objects.values():
        for hook in document.get("webhooks", ()):
            service = hook["clientConfig"]["service"]
            cluster.find("Service", service["namespace"], service["name"])
            yield (service["namespace"], "%s.%s.svc" % (service["name"], service["namespace"]),
                   service.get("port", 443), service["path"])


def start(container, build):
    root = tempfile.mkdtemp(dir=STATE)
    container.lay_out(root)
    binary = os.path.join(TREE, container.program)  # made by the walk, or one of the examples
    if not os.path.exists(binary):
        binary, = glob.glob(os.path.join(build, "examples/*", container.program))
    return Example(container.command(binary, root), container.environment(root))


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
    for namespace, host, port, path in webhooks(cluster) if servers else ():
        status = call(servers[namespace][0].port, host, port, path)
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
