# SPDX-License-Identifier: MIT
"""
Each certificate is replaced under load, in the order of docs/operations.md. kube-apiserver looks at
its own certificate every five minutes, so this takes as long.
"""

import re

import kube
from kube import Authority, ClusterCase, config_map, create, under_load, until, write_pair
from probe import PlainClient

NAME = "rotation.probes.svc"
PATIENCE = 900  # seconds: kube-apiserver has looked twice, on a busy machine
CLOSED = re.compile(r"use of closed network connection|broken pipe|connection reset by peer|EOF")


class Rotation(ClusterCase):
    """Steps of one life, in this order, under the same load."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = kube.path("rotation")
        cls.clients = [Authority(kube.path("rotation-ca"), "clients-%d" % n) for n in (1, 2)]
        cls.servers = [Authority(kube.path("rotation-ca"), "servers-%d" % n) for n in (1, 2)]
        write_pair(cls.folder, "client", cls.clients[0].client("client-1"))
        pair = write_pair(cls.folder, "tls", cls.servers[0].server("tls-1", NAME))
        cls.client_ca = cls.write_client_ca(0)
        cls.probe = cls.start(
            "rotation", "--client-ca", "default=" + cls.client_ca, "--allow-cn",
            "default=kube-apiserver", "--quiet", "--log", "info", pair=pair, health=True)

    @classmethod
    def write_client_ca(cls, *which):
        return cls.clients[0].write("client-ca.crt", "".join(cls.clients[n].pem for n in which))

    def trust(self, *which):
        """caBundle has these CAs."""
        self.register("Validating", kube.hook("rotation", "/validate", ca="".join(
            self.servers[n].pem for n in which)))

    def reloaded(self, kind, change):
        """Make a change, and wait until it is in force."""
        before = len(self.probe.log("handshake.reload", kind=kind, result="ok"))
        change()
        until(lambda: len(self.probe.log("handshake.reload", kind=kind, result="ok")) > before,
              lambda: self.probe.errors()[-2000:])

    def connections(self, which):
        """Open ones by the client CA they go back to."""
        wanted = 'fingerprint="' + self.clients[which].fingerprint()[:16]
        with PlainClient(self.probe.health_port) as client:
            lines = client.request("GET", "/metrics").body.decode().splitlines()
        return sum(int(line.rsplit(" ", 1)[1]) for line in lines
                   if line.startswith("admwh_ca_connections{") and wanted in line)

    def go_on(self, load, requests=30):
        """Let so many more requests come."""
        before = sum(each.asked for each in load)
        until(lambda: sum(each.asked for each in load) >= before + requests)

    def set_server(self, which, label):
        write_pair(self.folder, "tls", self.servers[which].server(label, NAME))

    def test_all_of_them(self):
        self.trust(0)
        until(lambda: create(self.api, self.namespace, config_map("x"), dry=True)[0] == 201 and
              self.probe.log("dispatch.review"))
        with under_load(self.namespace) as load:
            self.go_on(load)
            self.reloaded("keypair", lambda: self.set_server(0, "tls-2"))
            self.go_on(load)
            self.trust(0, 1)
            self.go_on(load, 60)
            self.reloaded("keypair", lambda: self.set_server(1, "tls-3"))
            self.go_on(load)
            self.trust(1)
            self.go_on(load, 60)
            before = [each.wrong[:] for each in load]
            self.reloaded("client_ca", lambda: self.write_client_ca(0, 1))
            self.go_on(load)
            write_pair(self.folder, "client", self.clients[1].client("client-2"))
            until(lambda: self.connections(0) == 0 and self.connections(1) > 0, timeout=PATIENCE,
                  pause=1)
            self.reloaded("client_ca", lambda: self.write_client_ca(1))
            self.go_on(load, 60)
        asked, wrong = sum(each.asked for each in load), [what for each in load
                                                           for what in each.wrong]
        self.assertEqual(before, [[], []])
        closed = [what for what in wrong if CLOSED.search(what[1])]
        self.assertEqual([what for what in wrong if what not in closed], [])
        # Those that were on their way when the API server closed its own connections.
        self.assertLessEqual(len(closed), len(load))
        print("\ntold: rotation: %d requests, %d lost by the API server's own closing" % (
            asked, len(closed)))
