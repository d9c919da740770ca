# SPDX-License-Identifier: MIT
"""
AES-GCM of TLS 1.3 by nettle: what a probe says of it, and that callers see no
difference: each suite, many connections, threads and processes.
"""

import os
import shutil
import ssl
import tempfile
import threading
import unittest

import probe as p

TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
AES_128, AES_256 = "TLS13-AES128-GCM-SHA256", "TLS13-AES256-GCM-SHA384"
CONNECTIONS = 1000 // p.SCALE
SIZES = (1, 1000, 16 * 1024 - 300, 300 * 1024)  # of an annotation


def large(size):
    """A review of this size and a little more."""
    meta = dict(p.POD["metadata"], annotations={"note": "n" * size})
    return p.review(obj=dict(p.POD, metadata=meta))


class Offload(p.ProbeCase):
    def aes(self, probe):
        """What computes AES, as the health port shows it, and the suites in their order."""
        with p.PlainClient(probe.health_port) as client:
            shown = client.request("GET", "/configz").json()["tls"]
        return shown["aes"], shown["ciphers"]

    def start(self, *options, **arguments):
        return super().start("--quiet", *options, **arguments)

    def exchange(self, client, turns=1):
        for _ in range(turns):
            for size in SIZES:
                self.allows(client.post(body=large(size)))

    def test_the_start_and_configz_say_what_computes_aes(self):
        for flags in ((), ("--no-aes-offload",)):
            probe = self.start(*flags, "--log", "info", health=True)
            aes, suites = self.aes(probe)
            self.assertEqual([line["aes"] for line in probe.log("accept.started")], [aes])
            self.assertNotEqual((aes, flags), ("nettle", ("--no-aes-offload",)))
            self.assertEqual(sorted(suites), sorted(set(suites)))
            with self.client(probe, version=TLS13) as client:
                self.assertEqual(client.sock.cipher()[0] == "TLS_AES_128_GCM_SHA256",
                                 suites[0] == AES_128)
            if aes == "nettle":
                self.assertEqual(suites[0], AES_128)
            with self.client(probe, version=TLS12) as client:
                self.assertEqual("CHACHA20" in client.sock.cipher()[0],
                                 aes in ("nettle", "software"))
        plain = self.start("--log", "info", plain=True)
        self.assertNotIn("aes", plain.log("accept.started")[0])

    def test_each_suite_and_version(self):
        for version, suite in ((TLS13, AES_128), (TLS13, AES_256), (TLS13, None), (TLS12, None),
                               (TLS12, AES_128 + ":ECDHE-ECDSA-AES128-GCM-SHA256")):
            with self.subTest(version=version.name, suite=suite):
                probe = self.start(*(("--ciphers", suite) if suite else ()))
                with self.client(probe, version=version) as client:
                    self.exchange(client, turns=3)

    def test_a_thousand_connections_of_few_threads(self):
        probe = self.start("--threads", "2", "--inline", limits={
            "connections": 2 * CONNECTIONS, "caller-share": 100, "handshakes": 1024})
        clients = [self.client(probe) for _ in range(CONNECTIONS)]
        for turn in range(3):
            for client in clients:
                client.send(p.request("POST", "/validate", large(turn * 700)))
            for client in clients:
                self.allows(client.read_response())

    @unittest.skipIf(p.sanitizer() == "thread", "its threads do not outlive a fork")
    def test_worker_processes(self):
        probe = self.start("--processes", "2", "--threads", "2")
        failures = []

        def call():
            try:
                for _ in range(3):
                    with p.Client(probe) as client:
                        self.exchange(client)
            except Exception as error:  # pylint: disable=broad-except
                failures.append(error)

        threads = [threading.Thread(target=call) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_connections_go_on_through_a_reload(self):
        with tempfile.TemporaryDirectory() as folder:
            def put(case):
                for name in ("cert", "key"):
                    shutil.copy(p.pki().path(p.pki().servers[case][name]), folder + "/new")
                    os.rename(folder + "/new", os.path.join(folder, name))

            put("ecdsa")
            probe = self.start("--cert", folder + "/cert", "--key", folder + "/key", "--log",
                               "info", limits={"reload-time": 100})
            with self.client(probe) as client:
                self.exchange(client)
                put("rsa")
                p.until(lambda: probe.log("handshake.reload", result="ok"), "no reload")
                self.exchange(client)
                self.served(probe)


if __name__ == "__main__":
    unittest.main()
