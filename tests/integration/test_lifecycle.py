# SPDX-License-Identifier: MIT
"""
Starts, stops and bad days: signals, wrong configurations, no descriptors left,
storms of aborted connections, and what is left of them afterwards.
"""

import os
import signal
import socket
import ssl
import subprocess
import threading
import time

import probe as p

SCALE = p.SCALE


class Stops(p.ProbeCase):
    def test_sigterm_and_sigint_end_an_idle_server_well(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            probe = self.start()
            self.served(probe)
            probe.signal(number)
            self.assertEqual(probe.wait(), 0)

    def test_a_drain_answers_what_has_begun_and_closes_the_rest(self):
        probe = self.start("--workers", "20", hold=True)
        idle = [self.client(probe) for _ in range(5)]
        for client in idle:
            self.allows(client.post())
        probe.take_events()
        busy = [self.client(probe) for _ in range(20)]
        for client in busy:
            client.send(p.request("POST", "/slow", p.review()))
        for _ in busy:
            probe.wait_event("dispatched")
        probe.signal(signal.SIGTERM)
        for client in idle:
            self.assertEqual(client.read_rest(), (b"", True))
        probe.release()
        for client in busy:
            response = client.read_response()
            self.allows(response)
            self.assertTrue(response.closes)
            client.expect_end()
        self.assertEqual(probe.wait(), 0)

    def test_the_port_is_closed_while_it_drains(self):
        probe = self.start(hold=True)
        idle, busy = self.client(probe), self.client(probe)
        self.allows(idle.post())
        probe.take_events()
        busy.send(p.request("POST", "/slow", p.review()))
        probe.wait_event("dispatched")
        probe.signal(signal.SIGTERM)
        idle.expect_end()  # by then the listener is gone
        with self.assertRaises(ConnectionRefusedError):
            p.tcp(probe.port)
        probe.release()
        self.allows(busy.read_response())
        busy.close()
        self.assertEqual(probe.wait(), 0)

    def test_a_request_that_is_being_sent_is_still_answered(self):
        probe = self.start()
        idle, client = self.client(probe), self.client(probe)
        self.allows(idle.post())
        data = p.request("POST", "/validate", p.review())
        client.send(data[:len(data) // 2])
        self.allows(idle.post())
        probe.signal(signal.SIGTERM)
        idle.expect_end()
        client.send(data[len(data) // 2:])
        response = client.read_response()
        self.allows(response)
        self.assertTrue(response.closes)
        client.close()
        self.assertEqual(probe.wait(), 0)

    def ask_during_stop(self):
        """The answer to a request on an open connection, sent when the listener is gone. None: it
        came too late."""
        probe = self.start()
        fresh = self.client(probe)
        self.served(probe)
        probe.signal(signal.SIGTERM)
        p.until(lambda: self.is_refused(probe.port), "it listens")
        try:
            response = fresh.post()
        except (p.Closed, ConnectionError):
            response = None
        fresh.close()
        self.assertEqual(probe.wait(), 0)
        return response

    def is_refused(self, port):
        try:
            p.tcp(port).close()
        except ConnectionError:
            return True
        return False

    def test_a_fresh_connection_may_still_ask_once(self):
        # It has a second, in which a busy machine may not come to ask.
        response = p.until(self.ask_during_stop, "never answered")
        self.allows(response)
        self.assertTrue(response.closes)

    def test_a_second_signal_ends_it_at_once(self):
        probe = p.Probe(hold=True)
        self.addCleanup(probe.kill)
        idle, client = self.client(probe), self.client(probe)
        self.allows(idle.post())
        probe.take_events()
        client.send(p.request("POST", "/slow", p.review()))
        probe.wait_event("dispatched")
        probe.signal(signal.SIGTERM)
        idle.expect_end()
        probe.signal(signal.SIGTERM)
        client.expect_end()
        probe.stop(expect=1)

    def test_a_handshake_that_is_cut_is_no_lost_request(self):
        probe = p.Probe("--log", "info", health=True,
                        limits={"drain-time": 600000, "handshake-time": 600000})
        self.addCleanup(probe.kill)
        silent = p.tcp(probe.port)
        self.addCleanup(silent.close)
        idle = self.client(probe)
        self.allows(idle.post())
        p.until(lambda: probe.metric("admwh_handshakes_in_progress") == 1, "it is not accepted")
        probe.signal(signal.SIGTERM)
        idle.expect_end()
        probe.signal(signal.SIGTERM)
        self.assertEqual(probe.wait(), 0)
        self.assertEqual(probe.log("accept.stopped")[0]["drained"], "yes")

    def test_a_stop_during_handshakes_is_clean(self):
        probes = [p.Probe(limits={"handshake-time": 2000}) for _ in range(5)]
        for probe in probes:
            self.addCleanup(probe.kill)
            stalled = [p.tcp(probe.port) for _ in range(20)]
            for sock in stalled:
                self.addCleanup(sock.close)
            for sock in stalled[:10]:
                sock.sendall(b"\x16\x03\x01\x02\x00")
            self.served(probe)
            probe.signal(signal.SIGTERM)
        for probe in probes:
            probe.stop()

    def test_stops_under_load_lose_nothing_that_has_begun(self):
        for turn in range(5):
            probe = self.start()
            lost, stop_now = [], threading.Event()

            def call():
                try:
                    with p.Client(probe) as client:
                        while True:
                            client.send(p.request("POST", "/validate", p.review()))
                            stop_now.set()
                            response = client.read_response()
                            if response.status != 200:
                                lost.append(response)
                            if response.closes:
                                return
                except p.Closed as closed:
                    if closed.partial:  # before its answer: the request met a closed connection
                        lost.append(closed)
                except (ConnectionError, ssl.SSLError):
                    pass

            threads = [threading.Thread(target=call) for _ in range(8)]
            for thread in threads:
                thread.start()
            stop_now.wait(p.TIMEOUT)
            probe.signal(signal.SIGTERM)
            for thread in threads:
                thread.join(p.TIMEOUT)
            self.assertEqual(lost, [], turn)
            self.assertEqual(probe.wait(), 0)

    def test_50_starts_and_stops(self):
        for turn in range(50 // SCALE):
            probe = p.Probe()
            self.addCleanup(probe.kill)
            if turn % 2:
                self.served(probe)
            probe.stop()

    def test_the_port_is_free_again_at_once(self):
        probe = p.Probe()
        self.served(probe)
        kept = self.client(probe)
        self.allows(kept.post())
        port = probe.port
        probe.signal(signal.SIGTERM)
        kept.expect_end()
        kept.close()
        probe.stop()
        again = self.start(listen="127.0.0.1:%d" % port)
        self.served(again)


class WrongStarts(p.ProbeCase):
    def refused(self, *options, contains="", server=None, bundles=True):
        """Exit status 2 and one line that says why."""
        pki = p.pki()
        command = [p.PROBE, "--listen", "127.0.0.1:0"]
        command += pki.server_options() if server is None else server
        command += pki.bundle_options() if bundles else []
        done = subprocess.run([*command, *options], stdout=subprocess.PIPE, check=False,
                              stderr=subprocess.PIPE, timeout=p.TIMEOUT, env=p.environment())
        errors = done.stderr.decode()
        self.assertEqual(done.returncode, 2, errors)
        self.assertEqual(done.stdout, b"")
        lines = [line for line in errors.splitlines() if not line.startswith("{")]
        self.assertEqual(len(lines), 1, errors)
        self.assertIn(contains, lines[0])

    def test_a_port_that_is_taken(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            address = "127.0.0.1:%d" % taken.getsockname()[1]
            self.refused("--listen", address, contains="cannot listen on " + address)

    def test_addresses_that_are_none(self):
        for address in ("", "localhost:1", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "[::1:1",
                        "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1: 1", "1.2.3.4.5:1"):
            with self.subTest(address):
                self.refused("--listen", address, contains="HOST:PORT")

    def test_keys_that_do_not_fit(self):
        pki = p.pki()
        for case, server in pki.servers.items():
            if not server["usable"]:
                with self.subTest(case):
                    self.refused(server=pki.server_options(case), contains="cert, key")

    def test_files_that_are_not_there_or_not_what_they_should_be(self):
        pki = p.pki()
        certificate, key = pki.server_options()[1::2]
        for cert_file, key_file in (("/no/such", key), (certificate, "/no/such"), (key, certificate),
                                    (certificate, certificate), ("/dev/null", key),
                                    (certificate, "/dev/null"), ("/", key)):
            with self.subTest(cert_file, key=key_file):
                self.refused(server=["--cert", cert_file, "--key", key_file],
                             contains="cert, key")

    def test_client_cas_that_are_none(self):
        pki = p.pki()
        for ca in pki.index["cas"]:
            with self.subTest(ca["case"]):
                options = ["--client-ca", "default=" + pki.path(ca["ca"]), "--any-cn", "default"]
                if ca["load"] == "ok":
                    self.start(*options, bundles=False)
                else:
                    self.refused(*options, bundles=False, contains=pki.path(ca["ca"]))

    def test_bundles_that_allow_no_one_or_everyone_by_accident(self):
        ca = p.pki().path(p.pki().index["bundles"]["default"]["ca"])
        for options, contains in (
                ([], "no client CA"),
                (["--client-ca", "a=" + ca], "allows no caller"),
                (["--allow-cn", "a=b"], "no client CA"),
                (["--any-cn", "a"], "no client CA"),
                (["--client-ca", "a=" + ca, "--any-cn", "a", "--allow-cn", "a=b"], "choose one"),
                (["--client-ca", "a=" + ca, "--any-cn", "a", "--auth", "insecure"], "insecure"),
                (["--client-ca", "a=" + ca, "--any-cn", "a", "--exempt", "/healthz"], ""),
                (["--client-ca", "a b=" + ca, "--any-cn", "a b"], "bundle name"),
                (["--client-ca", ca], "NAME=VALUE"),
                (["--client-ca", "a=" + ca, "--allow-cn", "a="], "empty value"),
                (["--client-ca", "a=" + ca, "--allow-cn", "a=x\ny"], "control"),
                (["--auth", "maybe"], "expected handshake")):
            with self.subTest(options):
                self.refused(*options, bundles=False, contains=contains)

    def test_the_same_ca_in_two_bundles_is_refused(self):
        ca = p.pki().path(p.pki().index["bundles"]["default"]["ca"])
        self.refused("--client-ca", "a=" + ca, "--any-cn", "a", "--client-ca", "b=" + ca,
                     "--any-cn", "b", bundles=False)

    def test_unknown_options_get_the_usage(self):
        done = subprocess.run([p.PROBE, "--no-such"], stderr=subprocess.PIPE, check=False,
                              stdout=subprocess.PIPE, env=p.environment())
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertIn(b"no-such", done.stderr)
        self.assertIn(b"usage:", done.stderr)


class BadDays(p.ProbeCase):
    def settled_descriptors(self, probe, start):
        """Wait until the descriptors are back to what they were."""
        end = time.monotonic() + p.TIMEOUT
        while probe.descriptors() > start and time.monotonic() < end:
            self.served(probe)
        return probe.descriptors()

    def test_no_descriptors_left_is_no_busy_loop_and_is_got_over(self):
        probe = self.start(wrapper=("sh", "-c", 'ulimit -n 40; exec "$@"', "sh"),
                           limits={"handshake-time": 60000})
        self.served(probe)
        socks = [p.tcp(probe.port) for _ in range(200)]
        end = time.monotonic() + p.TIMEOUT
        while probe.descriptors() < 38 and time.monotonic() < end:
            select_wait(socks)
        self.assertGreaterEqual(probe.descriptors(), 38)
        before = probe.cpu_seconds()
        select_wait(socks, 2.0)
        self.assertLess(probe.cpu_seconds() - before, 0.4 * (3 if p.sanitizer() else 1))
        for sock in socks:
            sock.close()
        # A handshake may still meet a full table.
        p.until(lambda: p.ask(probe) == 200, "never served again")
        self.served(probe)

    def test_callers_that_vanish_leave_nothing_behind(self):
        probe = self.start()
        self.served(probe)
        kept = self.client(probe)
        self.allows(kept.post())
        start = probe.descriptors()
        whole = p.request("POST", "/validate", p.review())
        context = p.client_context()
        for turn in range(600 // SCALE):
            sock = p.tcp(probe.port)
            if turn % 4 == 0:
                sock.sendall(b"\x16\x03\x01\x00\xc8\x01")
            elif turn % 4 >= 2:
                sock = context.wrap_socket(sock, server_hostname="localhost")
                sock.sendall(whole if turn % 4 == 2 else whole[:-5])
            if turn % 3:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            sock.close()
        self.allows(kept.post())
        self.assertLessEqual(self.settled_descriptors(probe, start), start)

    def test_writes_to_the_gone_raise_no_signal(self):
        probe = self.start(wrapper=("sh", "-c", 'trap - PIPE; exec "$@"', "sh"))
        data = p.request("GET", "/healthz") * 2000
        for _ in range(20):
            client = self.client(probe)
            client.send(data)
            client.reset()
        self.served(probe)

    def test_memory_does_not_grow_with_requests(self):
        if p.sanitizer():
            self.skipTest("a sanitizer keeps what was freed")
        probe = self.start()
        small = p.request("POST", "/validate", p.review())
        mutate = p.request("POST", "/mutate", p.review(obj=dict(p.POD, x="y" * 20000)))

        def run(rounds):
            with p.Client(probe) as client:
                for _ in range(rounds):
                    client.send(small * 8 + mutate * 2)
                    for _ in range(10):
                        self.assertEqual(client.read_response().status, 200)
            probe.take_events()

        for _ in range(20):
            run(25)
        before = probe.resident_kib()
        for _ in range(40):
            run(50)
        self.assertLess(probe.resident_kib() - before, 1024)

    def test_memory_does_not_grow_with_handshakes(self):
        if p.sanitizer():
            self.skipTest("a sanitizer keeps what was freed")
        probe = self.start()

        def run(rounds):
            for turn in range(rounds):
                case = ("good", "intermediate", "rogue", None, "ca-clone")[turn % 5]
                p.ask(probe, case, version=(ssl.TLSVersion.TLSv1_2,
                                            ssl.TLSVersion.TLSv1_3)[turn // 5 % 2])

        run(200)
        before = probe.resident_kib()
        run(800)
        self.assertLess(probe.resident_kib() - before, 1024)

    def test_an_idle_server_uses_no_cpu(self):
        probe = self.start()
        clients = [self.client(probe) for _ in range(20)]
        for client in clients:
            self.allows(client.post())
        before = probe.cpu_seconds()
        select_wait([client.sock for client in clients], 1.5)
        self.assertLess(probe.cpu_seconds() - before, 0.1)

    def test_descriptors_are_not_inherited(self):
        probe = self.start()
        self.served(probe)
        client = self.client(probe)
        self.allows(client.post())
        folder = "/proc/%d/fdinfo" % probe.pid
        for fd in os.listdir(folder):
            if int(fd) < 3:
                continue
            with open(os.path.join(folder, fd), encoding="ascii") as file:
                flags = int(p.re.search(r"flags:\s*([0-7]+)", file.read()).group(1), 8)
            with self.subTest(os.readlink("/proc/%d/fd/%s" % (probe.pid, fd))):
                self.assertTrue(flags & os.O_CLOEXEC)


def select_wait(socks, seconds=0.02):
    """Wait for one of the sockets to have something to say; they have not."""
    p.select.select(socks, [], [], seconds)
