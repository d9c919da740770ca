# SPDX-License-Identifier: MIT
"""
A server of several processes: what a crash takes along and what it does not,
how workers are replaced, stopped and told, and what is left of them.
"""

import contextlib
import os
import shutil
import signal
import ssl
import struct
import sys
import tempfile
import threading
import time
import unittest

import probe as p

# A worker's crash is what is tested here: the sanitizer is not to make it another.
CRASHES = {"ASAN_OPTIONS": "halt_on_error=1:detect_leaks=1:exitcode=99:handle_segv=0:"
                           "handle_abort=0",
           "TSAN_OPTIONS": os.environ.get("TSAN_OPTIONS", "") + " handle_segv=0"}
SCALE = p.SCALE


def children(pid):
    try:
        with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as file:
            return [int(child) for child in file.read().split()]
    except FileNotFoundError:
        return []


def state(pid):
    """The letter of a process: R, S, Z; None when there is none."""
    try:
        with open("/proc/%d/stat" % pid, encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return None


def stop(pid):
    """Stop a process; each of its threads goes on until it has learned of it."""
    def is_stopped():
        states = set()
        for task in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/stat" % (pid, task), encoding="ascii") as file:
                states.add(file.read().rsplit(")", 1)[1].split()[0])
        return states == {"T"}

    os.kill(pid, signal.SIGSTOP)
    p.until(is_stopped, "a thread goes on")


def descriptors(pid):
    """What a process has open: number to (target, flags)."""
    found = {}
    for name in os.listdir("/proc/%d/fd" % pid):
        with contextlib.suppress(FileNotFoundError):
            with open("/proc/%d/fdinfo/%s" % (pid, name), encoding="ascii") as file:
                flags = int(file.read().split("flags:")[1].split()[0], 8)
            found[int(name)] = (os.readlink("/proc/%d/fd/%s" % (pid, name)), flags)
    return found


@unittest.skipIf(p.sanitizer() == "thread", "that sanitizer's threads do not outlive a fork")
class Processes(p.ProbeCase):
    def start(self, *options, processes=2, **arguments):
        return super().start("--processes", str(processes), "--log", "info", *options,
                             env=CRASHES, **arguments)

    def wait_for(self, what, message, timeout=p.TIMEOUT):
        return p.until(what, message, timeout)

    def log(self, probe, what=None):
        """The accept.process events so far."""
        return [event for event in probe.log("accept.process") if what in (None, event["state"])]

    def started(self, probe, n=None):
        """The workers, once all of them serve."""
        def all_there():
            workers = children(probe.pid)
            # A worker that serves has threads.
            return workers if len(workers) == (n or 2) and all(
                len(os.listdir("/proc/%d/task" % pid)) > 1 for pid in workers
                if state(pid) not in (None, "Z")) else None

        return self.wait_for(all_there, "no %d workers" % (n or 2))

    def crash(self, probe, how="segv"):
        """Have the handler of a new connection crash; the connection ends unanswered."""
        with p.Client(probe) as client:
            client.send(p.request("POST", "/crash", p.review(name=how)))
            self.assertEqual(client.read_rest()[0], b"", how)

    def worker_of(self, probe, client):
        """The process that has a client's connection."""
        port = client.raw.getsockname()[1] if hasattr(client, "raw") else client
        # The raw socket's descriptor went to the TLS one.
        for pid in children(probe.pid):
            inodes = {target for target, _ in descriptors(pid).values()}
            with open("/proc/%d/net/tcp" % pid, encoding="ascii") as file:
                for line in file.read().splitlines()[1:]:
                    fields = line.split()
                    if (int(fields[2].split(":")[1], 16) == port and
                            "socket:[%s]" % fields[9] in inodes):
                        return pid
        return None

    def connect(self, probe):
        """A client that was served, its port, and the worker it is served by."""
        client = self.client(probe)
        port = client.sock.getsockname()[1]
        self.allows(client.post())
        pid = self.wait_for(lambda: self.worker_of(probe, port), "no worker has the connection")
        return client, pid

    def connect_to_another(self, probe, *pids):
        """The same, by a worker that is none of these: of those that serve by now, one that gets no
        CPU loses its turn."""
        def of_another():
            client, pid = self.connect(probe)
            return (client, pid) if pid not in pids else None

        return self.wait_for(of_another, "these workers take every connection")


class Hardening(p.ProbeCase):
    """What a process has given up by the time the program prepares it."""

    def told(self, probe, n):
        events = p.until(lambda: probe.log("process")[n - 1:] and probe.log("process"))
        self.assertEqual({(event["dumpable"], event["no_new_privs"]) for event in events},
                         {(0, 1)})

    def test_the_process_that_serves_is_hardened(self):
        probe = self.start("--hardening", health=True)
        self.told(probe, 1)
        self.served(probe)
        with p.PlainClient(probe.health_port) as client:
            self.assertIs(client.request("GET", "/configz").json()["hardening"], True)

    def test_every_worker_process_is_hardened_a_new_one_too(self):
        probe = self.start("--hardening", "--processes", "2", env=CRASHES)
        self.told(probe, 2)
        with p.Client(probe) as client:
            client.send(p.request("POST", "/crash", p.review(name="segv")))
            client.read_rest()
        self.told(probe, 3)
        self.served(probe)

    def test_no_process_is_unless_asked(self):
        with open("/proc/%d/status" % self.probe.pid, encoding="ascii") as file:
            self.assertIn("NoNewPrivs:\t0\n", file.read())


class Crashes(Processes):
    def test_each_kind_of_crash_is_got_over_at_once(self):
        probe = self.start()
        self.started(probe)
        for n, (how, key, value) in enumerate((
                ("segv", "signal", "SIGSEGV"), ("abort", "signal", "SIGABRT"),
                ("exit-3", "exit_status", 3), ("exit-0", "exit_status", 0))):
            with self.subTest(how):
                self.crash(probe, how)
                self.served(probe)
                seen = self.wait_for(lambda: self.log(probe, "crashed")[n:], "no event")
                self.assertEqual((seen[0][key], seen[0]["restarts"]), (value, n + 1))

    def test_a_crash_takes_only_its_own_worker_along(self):
        probe = self.start(processes=4)
        workers = self.started(probe, 4)
        clients = [self.connect(probe) for _ in range(4)]
        while {pid for _, pid in clients} != set(workers):
            clients.append(self.connect_to_another(probe, *[pid for _, pid in clients]))
        clients += [self.connect(probe) for _ in range(4)]
        client, victim = clients[0]
        client.send(p.request("POST", "/crash", p.review(name="segv")))
        self.assertEqual(client.read_rest()[0], b"")
        for client, pid in clients[1:]:
            if pid == victim:
                self.assertEqual(client.read_rest()[0], b"")
            else:
                self.allows(client.post())
        # Its connections end before it is gone.
        p.until(lambda: victim not in children(probe.pid), "still there")
        self.assertEqual(len(self.started(probe, 4)), 4)

    def test_other_workers_answer_what_they_have_begun(self):
        probe = self.start(hold=True)
        one, pid = self.connect(probe)
        two, _ = self.connect_to_another(probe, pid)
        probe.take_events()
        one.send(p.request("POST", "/slow", p.review()))
        probe.wait_event("dispatched")
        two.send(p.request("POST", "/crash", p.review(name="segv")))
        self.assertEqual(two.read_rest()[0], b"")
        self.wait_for(lambda: self.log(probe, "crashed"), "no event")
        probe.release()
        self.allows(one.read_response())

    def test_a_hung_worker_that_is_killed_is_replaced(self):
        probe = self.start("--workers", "1", processes=1, limits={"deadline": 1000})
        client, pid = self.connect(probe)
        # The deadline is kept for it, but its worker thread is lost.
        self.assertEqual(client.post_begun("/crash", p.review(name="loop")).json()["response"]
                         ["status"]["code"], 504)
        response = client.post()
        self.assertEqual(response.json()["response"]["status"]["code"], 504)
        os.kill(pid, signal.SIGKILL)
        client.read_rest()
        self.served(probe)
        self.assertEqual(self.log(probe, "crashed")[0]["signal"], "SIGKILL")

    def test_connections_that_wait_in_the_queue_are_served_by_the_next_worker(self):
        probe = self.start(processes=1, limits={"connections": 1})
        client, pid = self.connect(probe)
        results = []
        waiting = [threading.Thread(target=lambda: results.append(p.ask(probe)))
                   for _ in range(5)]
        for thread in waiting:
            thread.start()
        # They connect: the kernel does that for the worker.
        p.until(lambda: len(probe.unread()) >= 6, "no connections")
        self.assertEqual(results, [])
        os.kill(pid, signal.SIGKILL)
        client.read_rest()
        for thread in waiting:
            thread.join(p.TIMEOUT)
        self.assertEqual(results, [200] * 5)

    def test_crashes_leave_nothing_behind(self):
        probe = self.start(processes=4)
        self.started(probe, 4)
        before = len(descriptors(probe.pid))
        resident = probe.resident_kib()
        for _ in range(24):
            # Killed from outside: each has lived for too short a time, so pauses begin. The oldest
            # first: none of the four comes to pauses of more than two seconds.
            victim = self.wait_for(lambda: children(probe.pid), "no worker")[0]
            os.kill(victim, signal.SIGKILL)
            self.wait_for(lambda: victim not in children(probe.pid), "a zombie")
        self.started(probe, 4)
        self.served(probe)
        self.assertEqual(len(descriptors(probe.pid)), before)
        self.assertLess(probe.resident_kib() - resident, 512 * SCALE)

    def test_a_worker_has_nothing_of_its_brothers(self):
        probe = self.start(processes=3)
        self.started(probe, 3)
        # Only its own socket to the supervisor, and that without a second holder.
        for pid in children(probe.pid):
            unix = [target for target, _ in descriptors(pid).values()
                    if target.startswith("socket:") and target in self.unix_sockets(pid)]
            self.assertEqual(len(unix), 1, descriptors(pid))
            self.assertFalse([target for target, _ in descriptors(pid).values()
                              if "pidfd" in target])

    def unix_sockets(self, pid):
        with open("/proc/%d/net/unix" % pid, encoding="ascii") as file:
            return {"socket:[%s]" % line.split()[6] for line in file.read().splitlines()[1:]}

    def test_descriptors_are_close_on_exec(self):
        probe = self.start()
        kept, pid = self.connect(probe)
        for process in (probe.pid, *children(probe.pid)):
            for number, (target, flags) in descriptors(process).items():
                if number > 2:
                    self.assertTrue(flags & os.O_CLOEXEC, (process, number, target))
        self.allows(kept.post())

    def test_workers_have_randomness_of_their_own(self):
        """CVE-2025-7394: a random state copied by fork. Two ServerHellos alike would show it."""
        randoms = set()
        for _ in range(2):
            probe = self.start(processes=4)
            for _ in range(16):
                incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
                tls = p.client_context().wrap_bio(incoming, outgoing,
                                                  server_hostname="localhost")
                with contextlib.suppress(ssl.SSLWantReadError):
                    tls.do_handshake()
                with p.tcp(probe.port) as sock:
                    sock.sendall(outgoing.read())
                    hello = b""
                    while len(hello) < 43:
                        hello += sock.recv(4096)
                self.assertEqual(hello[5], 2)  # ServerHello
                randoms.add(hello[11:43])
        self.assertEqual(len(randoms), 32)


class Balance(Processes):
    def test_few_connections_are_spread_evenly(self):
        probe = self.start(processes=4)
        workers = self.started(probe, 4)

        def is_even():
            """A worker that gets no CPU loses its turn to another; then the next round tells."""
            clients = [self.connect(probe) for _ in range(8)]
            pids = [pid for _, pid in clients]
            for client, _ in clients:
                port = client.sock.getsockname()[1]
                client.close()
                self.wait_for(lambda: not self.worker_of(probe, port), "it does not end")
            return [pids.count(worker) for worker in workers] == [2, 2, 2, 2]

        self.wait_for(is_even, "connections are not spread evenly")

    def test_a_worker_that_does_not_accept_delays_no_client(self):
        probe = self.start("--inline")
        self.started(probe)
        stopped, pid = self.connect(probe)
        other, _ = self.connect_to_another(probe, pid)
        stop(pid)
        try:
            self.allows(other.post())
            for _ in range(20):
                self.served(probe)
        finally:
            os.kill(pid, signal.SIGCONT)
        self.allows(stopped.post())


class Watched(Processes):
    """The health port is a process of its own, so that it answers when no worker serves."""

    def ready(self, probe):
        with p.PlainClient(probe.health_port) as client:
            return client.request("GET", "/readyz").status

    def test_readiness_ends_with_the_last_worker_and_comes_back(self):
        probe = self.start(health=True, processes=1)
        self.wait_for(lambda: self.ready(probe) == 200, "never ready")

        def unready():
            self.crash(probe)  # pauses grow each time
            return any(self.ready(probe) == 503 for _ in range(10))

        self.wait_for(unready, "ready without a worker")
        with p.PlainClient(probe.health_port) as client:
            self.assertIn(b"listening", client.request("GET", "/readyz?verbose").body)
            self.assertEqual(client.request("GET", "/healthz").status, 200)
        self.wait_for(lambda: self.ready(probe) == 200, "not ready again")
        self.served(probe)

    def test_one_worker_that_serves_is_ready(self):
        probe = self.start(health=True)
        self.wait_for(lambda: self.ready(probe) == 200, "never ready")
        for n in (1, 2):
            self.started(probe, 3)  # and the watcher
            self.crash(probe)
            for _ in range(20):
                self.assertEqual(self.ready(probe), 200)
            self.wait_for(lambda: len(self.log(probe, "crashed")) == n, "no event")

    def test_a_drain_is_told_to_its_end(self):
        probe = self.start(hold=True, health=True, limits={"lame-duck-time": 300})
        self.wait_for(lambda: self.ready(probe) == 200, "never ready")
        client, _ = self.connect(probe)
        probe.take_events()
        client.send(p.request("POST", "/slow", p.review()))
        probe.wait_event("dispatched")
        probe.signal(signal.SIGTERM)
        self.wait_for(lambda: self.ready(probe) == 503, "ready while it stops")
        self.assertEqual(self.ready(probe), 503)
        probe.release()
        self.allows(client.read_response())
        self.assertEqual(probe.wait(), 0)

    def test_the_watcher_is_replaced_and_is_no_loss(self):
        probe = self.start(health=True, processes=1)
        self.wait_for(lambda: self.ready(probe) == 200, "never ready")
        client, worker = self.connect(probe)
        watcher = (set(children(probe.pid)) - {worker}).pop()
        os.kill(watcher, signal.SIGKILL)
        self.wait_for(lambda: self.log(probe, "crashed"), "no event")
        self.assertEqual(self.log(probe, "crashed")[0]["process"], "watcher")
        self.assertEqual(self.ready(probe), 200)
        self.allows(client.post())
        client.close()
        probe.signal(signal.SIGTERM)
        self.assertEqual(probe.wait(), 0)

    def test_the_watcher_follows_reloads(self):
        with tempfile.TemporaryDirectory() as folder:
            def put(case):
                for name in ("cert", "key"):
                    shutil.copy(p.pki().path(p.pki().servers[case][name]), folder + "/new")
                    os.rename(folder + "/new", folder + "/" + name)

            put("ecdsa")
            probe = self.start("--cert", folder + "/cert", "--key", folder + "/key", health=True,
                               processes=1, limits={"reload-time": 100})
            self.wait_for(lambda: self.ready(probe) == 200, "never ready")
            for n, case in enumerate(("rsa", "ecdsa", "rsa")):
                put(case)
                self.wait_for(lambda: len(probe.log("handshake.reload", result="ok")) > n,
                              "no reload")
                self.served(probe)
                self.wait_for(lambda: self.ready(probe) == 200, "not ready")
            self.assertEqual(self.log(probe, "crashed"), [])

    def test_the_watcher_ends_with_its_supervisor(self):
        probe = p.Probe("--processes", "2", health=True, env=CRASHES)
        self.addCleanup(probe.kill)
        self.served(probe)
        pids = children(probe.pid)
        self.assertEqual(len(pids), 3)
        probe.process.kill()
        probe.process.wait()
        self.wait_for(lambda: all(state(pid) in (None, "Z") for pid in pids), "orphans")


class Reloads(Processes):
    """Of workers without a watch on files: told by a handler in one of them, or by a restart."""

    def start_from_copies(self, *options):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        self.certificate, self.key = folder + "/cert", folder + "/key"
        self.put("ecdsa")
        return self.start("--no-reload", "--cert", self.certificate, "--key", self.key, *options)

    def put(self, case):
        for name, path in (("cert", self.certificate), ("key", self.key)):
            shutil.copy(p.pki().path(p.pki().servers[case][name]), path)

    def reloads(self, probe):
        return probe.log("handshake.reload", result="ok")

    def test_a_handler_asks_for_a_reload_of_all(self):
        probe = self.start_from_copies()
        self.started(probe)
        self.put("rsa")
        with p.Client(probe) as client:
            self.allows(client.post("/crash", p.review(name="reload")))
        self.wait_for(lambda: len(self.reloads(probe)) == 2, "a worker did not reload")
        self.assertEqual({event["pid"] for event in self.reloads(probe)},
                         set(children(probe.pid)))
        self.assertEqual(self.log(probe, "crashed"), [])

    def test_a_new_worker_begins_with_what_the_first_has_read(self):
        probe = self.start_from_copies()
        self.started(probe)
        for path in (self.certificate, self.key):
            os.unlink(path)
        self.crash(probe)
        self.wait_for(lambda: len(self.log(probe, "started")) == 3, "no new worker")
        self.started(probe)
        for _ in range(10):
            self.served(probe)
        self.assertEqual(self.reloads(probe), [])


class Stops(Processes):
    def test_it_starts_by_run_alone_and_without_threads(self):
        """What a program is told otherwise is tested in tests/unit/server/test_processes.c."""
        self.served(self.start())

    def test_a_stop_answers_what_has_begun(self):
        probe = self.start("--workers", "8", hold=True)
        clients = [self.connect(probe)[0] for _ in range(8)]
        probe.take_events()
        for client in clients:
            client.send(p.request("POST", "/slow", p.review()))
        for _ in clients:
            probe.wait_event("dispatched")
        workers = children(probe.pid)
        probe.signal(signal.SIGTERM)
        self.wait_for(lambda: self.refuses_connections(probe), "the port is open")
        probe.release()
        for client in clients:
            response = client.read_response()
            self.allows(response)
            self.assertTrue(response.closes)
        self.assertEqual(probe.wait(), 0)
        self.assertEqual([state(pid) for pid in workers], [None] * 2)

    def test_stops_under_load_lose_nothing_that_has_begun(self):
        for turn in range(3):
            probe = self.start(processes=3)
            lost, told, answered = [], threading.Event(), [0]

            def call():
                try:
                    while True:
                        with p.Client(probe) as client:
                            closes = False
                            while not closes:
                                client.send(p.request("POST", "/validate", p.review()))
                                told.set()
                                response = client.read_response()
                                if response.status != 200:
                                    lost.append(response)
                                answered[0] += 1
                                closes = response.closes
                except p.Closed as closed:
                    lost.append(closed)
                except (ConnectionError, ssl.SSLError):
                    pass  # the listener is closed

            threads = [threading.Thread(target=call) for _ in range(8)]
            for thread in threads:
                thread.start()
            told.wait(p.TIMEOUT)
            p.until(lambda: answered[0] > 30, "no load")
            probe.signal(signal.SIGTERM)
            for thread in threads:
                thread.join(p.TIMEOUT)
            self.assertEqual(lost, [], turn)
            self.assertEqual(probe.wait(), 0)

    def test_a_lame_duck_still_serves_and_is_replaced_when_it_crashes(self):
        probe = self.start(processes=1, limits={"lame-duck-time": 3600000})
        self.served(probe)
        probe.signal(signal.SIGTERM)
        self.wait_for(lambda: self.healthz(probe) == 503, "it is not unready")
        self.crash(probe)
        self.served(probe)
        probe.signal(signal.SIGTERM)
        self.assertEqual(probe.wait(), 0)

    def healthz(self, probe):
        with p.Client(probe) as client:
            return client.request("GET", "/healthz").status

    def test_a_second_signal_cuts(self):
        probe = self.start_unchecked(hold=True)
        client, _ = self.connect(probe)
        probe.take_events()
        client.send(p.request("POST", "/slow", p.review()))
        probe.wait_event("dispatched")
        probe.signal(signal.SIGTERM)
        self.wait_for(lambda: self.refuses_connections(probe), "the port is open")
        probe.signal(signal.SIGTERM)
        self.assertEqual(client.read_rest()[0], b"")
        probe.stop(expect=1)

    def refuses_connections(self, probe):
        try:
            p.tcp(probe.port).close()
        except ConnectionError:
            return True
        return False

    def start_unchecked(self, *options, processes=2, **arguments):
        probe = p.Probe("--processes", str(processes), "--log", "info", *options, env=CRASHES,
                        **arguments)
        self.addCleanup(probe.kill)
        return probe

    def test_a_signal_to_all_processes_is_one_stop(self):
        """As from a terminal, or from systemd."""
        probe = self.start(hold=True,
                           wrapper=(sys.executable, "-c", "import os, sys; os.setsid(); "
                                    "os.execvp(sys.argv[1], sys.argv[1:])"))
        client, _ = self.connect(probe)
        probe.take_events()
        client.send(p.request("POST", "/slow", p.review()))
        probe.wait_event("dispatched")
        probe.signalled = True
        os.killpg(probe.pid, signal.SIGINT)
        self.wait_for(lambda: self.refuses_connections(probe), "the port is open")
        probe.release()
        self.allows(client.read_response())
        self.assertEqual(probe.wait(), 0)

    def test_a_handler_that_stops_its_server_stops_all_of_it(self):
        probe = self.start(hold=True, processes=3)
        clients = [self.connect(probe)[0] for _ in range(3)]
        probe.take_events()
        for client in clients[1:]:
            client.send(p.request("POST", "/slow", p.review()))
            probe.wait_event("dispatched")
        self.allows(clients[0].post("/crash", p.review(name="stop")))
        self.wait_for(lambda: self.refuses_connections(probe), "the port is open")
        probe.release()
        for client in clients[1:]:
            self.allows(client.read_response())
        probe.signalled = True
        self.assertEqual(probe.wait(), 0)

    def test_workers_end_by_themselves_when_their_supervisor_is_killed(self):
        probe = self.start_unchecked(hold=True)
        client, _ = self.connect(probe)
        probe.take_events()
        client.send(p.request("POST", "/slow", p.review()))
        probe.wait_event("dispatched")
        workers = children(probe.pid)
        self.assertEqual(len(workers), 2)
        probe.process.kill()
        probe.process.wait()
        self.wait_for(lambda: self.refuses_connections(probe), "the port is open")
        probe.release()
        self.allows(client.read_response())  # what has begun is answered
        self.wait_for(lambda: all(state(pid) in (None, "Z") for pid in workers),
                      "workers without a supervisor")

    def test_stops_while_workers_crash(self):
        for turn in range(6):
            probe = self.start_unchecked(processes=3)
            for pid in children(probe.pid)[:turn % 3 + 1]:
                os.kill(pid, signal.SIGKILL)
            probe.signal(signal.SIGTERM)
            self.assertIn(probe.wait(), (0, 1))

    def test_a_program_that_ignores_sigchld_is_no_trouble(self):
        probe = self.start(wrapper=(sys.executable, "-c", "import signal, os, sys; "
                                    "signal.signal(signal.SIGCHLD, signal.SIG_IGN); "
                                    "os.execvp(sys.argv[1], sys.argv[1:])"))
        self.started(probe)
        self.crash(probe)
        self.served(probe)
        self.started(probe)
        probe.signal(signal.SIGTERM)
        self.assertEqual(probe.wait(), 0)

    def test_a_system_without_pidfds_does_as_well(self):
        """pidfd_open (434) fails as on Linux before 5.3."""
        filters = b"".join(struct.pack("HBBI", *line) for line in (
            (0x20, 0, 0, 0), (0x15, 0, 1, 434), (0x06, 0, 0, 0x50026), (0x06, 0, 0, 0x7fff0000)))
        code = ("import ctypes, os, sys; libc = ctypes.CDLL(None); f = bytes.fromhex(sys.argv[1]);"
                "b = ctypes.create_string_buffer(f); n = len(f) // 8;"
                "class_ = type('P', (ctypes.Structure,), {'_fields_': [('n', ctypes.c_ushort),"
                "('f', ctypes.c_void_p)]}); q = class_(n, ctypes.addressof(b));"
                "assert libc.prctl(38, 1, 0, 0, 0) == 0; "
                "assert libc.prctl(22, 2, ctypes.byref(q)) == 0; "
                "os.execvp(sys.argv[2], sys.argv[2:])")
        probe = self.start(wrapper=(sys.executable, "-c", code, filters.hex()))
        self.started(probe)
        self.assertFalse([target for target, _ in descriptors(probe.pid).values()
                          if "pidfd" in target])
        self.crash(probe)
        p.until(lambda: probe.log("accept.process", state="crashed"), "no crash is told")
        self.served(probe)
        self.started(probe)
        probe.signal(signal.SIGTERM)
        self.assertEqual(probe.wait(), 0)

    def test_an_idle_supervisor_uses_no_cpu(self):
        probe = self.start()
        kept, _ = self.connect(probe)
        before = probe.cpu_seconds()
        time.sleep(1)
        self.assertLess(probe.cpu_seconds() - before, 0.05)
        self.allows(kept.post())


if __name__ == "__main__":
    unittest.main()
