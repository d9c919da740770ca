# SPDX-License-Identifier: MIT
"""
Faults from without, as docs/evidence/faults.md lists them: callers that are slow, many,
broken or gone, a clock that jumps, a log that takes nothing. Each time others
are served meanwhile, and nothing is left afterwards.
"""

import base64
import contextlib
import functools
import glob
import hmac
import os
import random
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time
import unittest

import probe as p

SCALE = p.SCALE
HEAD = b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def client_hello():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = p.client_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    return outgoing.read()


class Caller:
    """A good caller that asks all the time, on a connection of its own and on new ones."""

    def __init__(self, probe):
        self.probe, self.asked, self.failed = probe, 0, []
        self.ends = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(self.stay,)),
                        threading.Thread(target=self.run, args=(self.come_again,))]

    def run(self, ask):
        try:
            ask()
        except Exception as error:  # whatever it was, it was to be served
            self.failed.append(repr(error))

    def count(self, status):
        if status != 200:
            self.failed.append(status)
        self.asked += 1

    def stay(self):
        with p.Client(self.probe) as client:
            while not self.ends.wait(0.02):
                self.count(client.post().status)

    def come_again(self):
        while not self.ends.wait(0.05):
            self.count(p.ask(self.probe))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *unused):
        with contextlib.suppress(AssertionError):
            p.until(lambda: self.asked >= 10 or self.failed)
        self.ends.set()
        for thread in self.threads:
            thread.join(p.TIMEOUT)


@functools.lru_cache(maxsize=None)
def bystander():
    """A server that is not attacked."""
    return p.Probe()


def tearDownModule():
    if bystander.cache_info().currsize:
        bystander().stop()


class Neighbour(Caller):
    """A good caller of a server that is attacked. Another one asks a server that is not: how
    often that is answered in the same time says what this machine allows."""

    def __init__(self, probe):
        super().__init__(probe)
        self.elsewhere, self.during = Caller(bystander()), (0, 0)

    def __enter__(self):
        self.elsewhere.__enter__()
        return super().__enter__()

    def __exit__(self, *unused):
        self.during = self.asked, self.elsewhere.asked
        super().__exit__()
        self.elsewhere.__exit__()


class FaultCase(p.ProbeCase):
    def neighbour_was_served(self, neighbour):
        """Each time, and while the attack went on at a tenth of the rate elsewhere at least."""
        self.assertEqual(neighbour.failed, [])
        self.assertGreaterEqual(neighbour.asked, 10)
        here, elsewhere = neighbour.during
        self.assertGreaterEqual(10 * (here + 1), elsewhere)

    def settles(self, what, most, message):
        """Wait until a figure is back to what it was."""
        p.until(lambda: what() <= most, lambda: "%s: %d, before %d" % (message, what(), most))

    def ended(self, socks):
        """All of these connections are ended by the server."""
        for sock in socks:
            with contextlib.suppress(ConnectionError):
                while sock.recv(1 << 16):
                    pass
            sock.close()


class Slow(FaultCase):
    """T27, T28 and H8: others are served in time meanwhile."""

    times = {"handshake-time": 1500, "header-time": 1500, "body-time": 1500,
             "write-time": 1500, "idle-time": 60000}

    def drip(self, socks, data, pause=0.02):
        """Send a byte on each now and then, until the server has ended all of them. All of the
        data takes much longer than the server gives them."""
        left = list(socks)
        for at in range(len(data)):
            for sock in list(left):
                try:
                    sock.send(data[at:at + 1])
                except (ConnectionError, ssl.SSLError):
                    left.remove(sock)
            if not left:
                break
            time.sleep(pause)
        return left

    def test_client_hello_in_single_bytes(self):
        probe = self.start(limits=self.times)
        before = probe.descriptors_at_rest()
        hello = client_hello()
        with Neighbour(probe) as neighbour:
            began = time.monotonic()
            socks = [p.tcp(probe.port) for _ in range(50)]
            left = self.drip(socks, hello * 10, 0.02)
            self.assertEqual(left, [])
            self.assertGreater(time.monotonic() - began, 1.3)
        self.neighbour_was_served(neighbour)
        for sock in socks:
            sock.close()
        self.settles(probe.descriptors, before, "descriptors")

    def test_heads_in_single_bytes(self):
        probe = self.start(limits=self.times)
        before = probe.descriptors_at_rest()
        clients = [self.client(probe) for _ in range(30)]
        with Neighbour(probe) as neighbour:
            left = self.drip([client.sock for client in clients], HEAD * 40)
        self.assertEqual(left, [])
        self.neighbour_was_served(neighbour)
        for client in clients:
            client.close()
        self.settles(probe.descriptors, before, "descriptors")

    def test_bodies_in_single_bytes(self):
        probe = self.start(limits=self.times)
        before = probe.descriptors_at_rest()
        clients = [self.client(probe) for _ in range(30)]
        for client in clients:
            client.send(HEAD + b"Content-Length: 100000\r\n\r\n")
        with Neighbour(probe) as neighbour:
            left = self.drip([client.sock for client in clients], b" " * 2000)
        self.assertEqual(left, [])
        self.neighbour_was_served(neighbour)
        self.assertEqual([event for event in self.dispatched(probe) if not event["body_b64"]], [])
        for client in clients:
            client.close()
        self.settles(probe.descriptors, before, "descriptors")

    def test_answers_that_are_not_read(self):
        probe = self.start(limits=self.times)
        before = probe.descriptors_at_rest()
        socks = []
        data = p.request("GET", "/nowhere") * 300
        with Neighbour(probe) as neighbour:
            for _ in range(10):
                raw = socket.socket()
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                raw.connect(("127.0.0.1", probe.port))
                tls = p.client_context().wrap_socket(raw, server_hostname="localhost")
                tls.setblocking(False)
                socks.append(tls)
            open_, end = list(socks), time.monotonic() + p.TIMEOUT
            while open_ and time.monotonic() < end:
                for sock in list(open_):
                    try:
                        sock.send(data)
                    except ssl.SSLWantWriteError:
                        pass
                    except OSError:
                        open_.remove(sock)
                time.sleep(0.02)
        self.assertEqual(open_, [])
        self.neighbour_was_served(neighbour)
        for sock in socks:
            sock.close()
        self.settles(probe.descriptors, before, "descriptors")

    def test_connections_that_say_nothing(self):
        probe = self.start(limits=self.times)
        before = probe.descriptors_at_rest()
        with Neighbour(probe) as neighbour:
            began = time.monotonic()
            socks = [p.tcp(probe.port) for _ in range(200)]
            self.ended(socks)
            self.assertGreater(time.monotonic() - began, 1.2)
        self.neighbour_was_served(neighbour)
        self.settles(probe.descriptors, before, "descriptors")


class Many(FaultCase):
    def test_10000_connections_come_to_nothing(self):
        """T28: opened, ended, reset, in every early state."""
        # How many there are at once is bounded, so that memory has no peak that varies.
        probe = self.start(limits={"handshakes": 32})
        hello = client_hello()
        openings = (b"", hello[:1], hello[:5], hello[:100], hello)

        def storm(n):
            for i in range(n):
                sock = p.tcp(probe.port)
                if openings[i % 5]:
                    sock.sendall(openings[i % 5])
                if i // 5 % 2:
                    reset(sock)
                else:
                    sock.close()

        with Neighbour(probe):
            storm(3000 // SCALE)
        self.served(probe)
        before = probe.descriptors_at_rest()
        resident = probe.resident_kib()
        with Neighbour(probe) as neighbour:
            storm(10000 // SCALE)
        self.neighbour_was_served(neighbour)
        self.settles(probe.descriptors, before, "descriptors")
        if not p.sanitizer():
            self.assertLess(probe.resident_kib() - resident, 2048)

    def flood(self, probe, command):
        """Three floods, and some handshakes that are never finished: how many were."""
        hello, made = client_hello(), 0
        floods = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                  for _ in range(3)]
        while any(flood.poll() is None for flood in floods):
            with contextlib.suppress(OSError):
                socks = [p.tcp(probe.port, 1) for _ in range(5)]
                for sock in socks:
                    sock.sendall(hello)
                time.sleep(0.05)
                for sock in socks:
                    reset(sock)
            self.assertLess(probe.descriptors(), 64 + 60)
        for flood in floods:
            output = flood.communicate()[0]
            found = p.re.search(rb"(\d+) connections in \d+ real seconds", output)
            made += int(found[1]) if found else 0
        return made

    def test_a_flood_of_handshakes(self):
        """T29: as openssl s_time makes them; the caps hold and others are served."""
        probe = self.start(limits={"handshakes": 8, "connections": 64})
        good = p.pki().clients["good"]
        self.served(probe)
        command = ["openssl", "s_time", "-connect", "127.0.0.1:%d" % probe.port, "-new",
                   "-time", "2", "-cert", p.pki().path(good["chain"]), "-key",
                   p.pki().path(good["key"])]
        made = []
        with Neighbour(probe) as neighbour:
            p.until(lambda: made.append(self.flood(probe, command)) or sum(made) > 10,
                    lambda: "handshakes: %s" % made)
        self.neighbour_was_served(neighbour)
        self.served(probe)

    def test_a_second_flood_takes_no_more_memory(self):
        if p.sanitizer():
            self.skipTest("a sanitizer keeps what was freed")
        probe = self.start()
        hello = client_hello()

        def flood():
            for _ in range(20):
                socks = [p.tcp(probe.port) for _ in range(50)]
                for sock in socks:
                    sock.sendall(hello)
                for sock in socks:
                    self.assertNotEqual(sock.recv(1), b"")
                    sock.close()

        flood()
        flood()
        before = probe.resident_kib()
        flood()
        self.assertLess(probe.resident_kib() - before, 1024)

    def test_what_is_no_tls_is_ended_and_logged(self):
        """T30"""
        noise = random.Random(30)
        said = {
            "plain HTTP": p.request("POST", "/validate", p.review()),
            "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(30),
            "SSH": b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n",
            "random": noise.randbytes(4096),
            "zeros": bytes(1 << 20),
            "a record too long": b"\x16\x03\x01\xff\xff" + bytes(70000),
            "an alert": b"\x15\x03\x03\x00\x02\x02\x28",
            "data first": b"\x17\x03\x03\x00\x10" + bytes(16),
            "SSLv2": bytes([0x80, 0x2e, 1, 0, 2, 0, 0x15, 0, 0, 0, 0x10]) + bytes(40),
        }
        probe = self.start("--log", "debug", health=True, limits={"handshake-time": 2000})
        before = probe.descriptors_at_rest()
        with Neighbour(probe) as neighbour:
            for name, data in said.items():
                with self.subTest(name):
                    sock = p.tcp(probe.port)
                    with contextlib.suppress(ConnectionError):
                        sock.sendall(data)
                    self.ended([sock])
        self.neighbour_was_served(neighbour)
        self.settles(probe.descriptors, before, "descriptors")
        self.assertGreaterEqual(len(probe.log("handshake.noise")), len(said))
        self.assertGreaterEqual(probe.metric('admwh_handshakes_total{result="noise"}'),
                                len(said) - 1)  # one may be late instead
        seen = [event for event in self.dispatched(probe)]
        self.assertEqual(len(seen), neighbour.asked)

    def test_more_handlers_sleep_than_there_are_workers(self):
        """R11"""
        probe = self.start("--workers", "4", hold=True, health=True,
                           limits={"queue": 2, "caller-share": 100, "deadline": 3600000})
        clients = [self.client(probe) for _ in range(4)]
        for client in clients:  # one by one: the queue has room for two
            client.send(p.request("POST", "/slow", p.review()))
            probe.wait_event("dispatched")
        queued = [self.client(probe) for _ in range(2)]
        for client in queued:
            client.send(p.request("POST", "/slow", p.review()))
        p.until(lambda: probe.metric("admwh_queued_reviews") == 2, "no queue")
        late = self.client(probe)
        self.assertEqual(late.request("GET", "/healthz").status, 200)
        response = late.post("/slow")
        self.explains(response, 503, "too many reviews")
        self.assertEqual(response.field("Retry-After"), "1")
        probe.release()
        for client in clients + queued:
            self.allows(client.read_response())

    def test_a_review_that_no_worker_begins_is_told_from_a_slow_handler(self):
        probe = self.start("--workers", "1", "--log", "info", hold=True, health=True,
                           limits={"deadline": 2000})
        slow, waits = self.client(probe), self.client(probe)
        slow.send(p.request("POST", "/slow", p.review()))
        probe.wait_event("dispatched")
        waits.send(p.request("POST", "/slow", p.review()))
        said = [client.read_response().json()["response"]["status"] for client in (slow, waits)]
        self.assertEqual([status["code"] for status in said], [504, 504])
        self.assertEqual(said[0]["message"], "handler did not decide within 2000 ms")
        self.assertRegex(said[1]["message"], "^waited [0-9]+ ms for a worker$")
        errors = [line.get("error") for line in probe.log("dispatch.review")]
        self.assertEqual(errors[0], said[0]["message"])
        self.assertRegex(errors[1], "^waited [0-9]+ ms for a worker$")
        self.assertEqual(probe.metric("admwh_starved_reviews_total"), 1)

    def test_hanging_workers_make_it_unready_until_one_goes_on(self):
        for options in ((), ("--processes", "1")):
            with self.subTest(options=options):
                probe = self.start("--workers", "1", *options, hold=True, health=True,
                                   limits={"deadline": 1000})
                clients = [self.client(probe) for _ in range(2)]
                self.assertEqual(self.ready(probe), 200)
                for client in clients:
                    client.send(p.request("POST", "/slow", p.review()))
                self.becomes_ready(probe, 503)
                self.assertEqual(probe.metric("admwh_stalled_processes"), 1)
                self.assertEqual(self.ready(probe, "/livez"), 200)
                probe.release()
                self.becomes_ready(probe, 200)
                self.assertEqual(probe.metric("admwh_stalled_processes"), 0)

    def ready(self, probe, target="/readyz/workers"):
        with p.PlainClient(probe.health_port) as client:
            return client.request("GET", target).status

    def becomes_ready(self, probe, status):
        p.until(lambda: self.ready(probe) == status, "not %d" % status)


class Gone(FaultCase):
    """H19: callers that end at the worst moment."""

    def test_callers_gone_before_or_within_the_answer(self):
        probe = self.start("--slow-ms", "100")
        self.served(probe)
        before = probe.descriptors_at_rest()
        whole = p.request("POST", "/slow", p.review())
        big = p.request("POST", "/mutate", p.review(obj=dict(p.POD, x="y" * 100000)))
        moments = {"in the head": whole[:30], "in the body": whole[:-10], "after it": whole,
                   "in a big one": big[:50000], "in answers": big * 5,
                   "in a pipeline": p.request("GET", "/nowhere") * 500}
        for how in ("close", "reset", "shut"):
            for name, data in moments.items():
                with self.subTest(name, how=how):
                    for _ in range(5):
                        client = p.Client(probe)
                        client.send(data)
                        if name == "in answers":
                            client.sock.recv(100)
                        if how == "reset":
                            client.reset()
                        elif how == "shut":
                            client.half_close()
                            client.close()
                        else:
                            client.close()
                    self.served(probe)
        self.settles(probe.descriptors, before, "descriptors")

    def test_a_decision_for_a_closed_connection_is_dropped(self):
        probe = self.start("--workers", "20", hold=True)
        self.served(probe)
        probe.take_events()
        before = probe.descriptors_at_rest()
        for _ in range(10):
            client = p.Client(probe)
            client.send(p.request("POST", "/slow", p.review()))
            probe.wait_event("dispatched")
            client.reset()
        self.served(probe)
        probe.release()
        self.settles(probe.descriptors, before, "descriptors")


class Heads(FaultCase):
    """H7: one less than the limit, the limit, one more, a hundred times."""

    limit = 2048

    def ask(self, probe, line=None, fields=()):
        client = self.client(probe)
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            client.send((line or b"GET /healthz HTTP/1.1\r\n") + b"Host: x\r\n" +
                        b"".join(fields) + b"\r\n")
        response = client.read_response()
        if response.status != 200:
            self.assertTrue(response.closes)
            self.explains(response, response.status)
            client.expect_end()
        return response.status

    def test_request_lines_and_fields(self):
        probe = self.start(limits={"header-bytes": self.limit, "header-count": 16})
        bare = len(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")

        def line(size):
            return b"GET /healthz?%s HTTP/1.1\r\n" % (b"q" * (size - bare - 1))

        def one(size):
            return [b"A: %s\r\n" % (b"v" * (size - bare - 5))]

        def some(size):
            rest = size - bare
            return [b"A: %s\r\n" % (b"v" * (rest // 4 + (rest % 4 if i == 0 else 0) - 5))
                    for i in range(4)]

        limit = self.limit
        for size, late, early in ((limit - 1, 200, 200), (limit, 200, 200),
                                  (limit + 1, 431, 431), (limit * 100, 414, 431)):
            with self.subTest(size):
                # A line that fits is over the limit by what follows it.
                self.assertEqual(self.ask(probe, line(size)), late)
                self.assertEqual(self.ask(probe, fields=one(size)), early)
                self.assertEqual(self.ask(probe, fields=some(size)), early)
        for count, status in ((15, 200), (16, 200), (17, 431), (1600, 431)):
            with self.subTest(count=count):
                fields = [b"A:\r\n"] * (count - 1)
                self.assertEqual(self.ask(probe, fields=fields), status)
        self.assertEqual(self.ask(probe, b"GET /%s HTTP/1.1\r\n" % (b"x" * limit)), 414)

    def test_memory_is_bounded(self):
        if p.sanitizer():
            self.skipTest("a sanitizer keeps what was freed")
        probe = self.start()
        self.served(probe)
        before = probe.resident_kib("VmHWM")
        clients = [self.client(probe) for _ in range(20)]
        for client in clients:
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                for _ in range(20):
                    client.send(b"GET /" + b"x" * 100000)
            client.close()
        self.served(probe)
        self.assertLess(probe.resident_kib("VmHWM") - before, 8192)


class Surroundings(FaultCase):
    def test_a_log_on_a_full_device(self):
        """R9"""
        probe = self.start("--log", "debug", health=True,
                           wrapper=("sh", "-c", 'exec "$@" 2>/dev/full', "sh"))
        client = self.client(probe)
        for _ in range(200):
            self.allows(client.post())
        self.assertGreaterEqual(probe.metric("admwh_log_lines_dropped_total"), 200)

    def test_a_log_into_a_pipe_without_a_reader(self):
        """R9"""
        with tempfile.TemporaryDirectory() as folder:
            fifo = os.path.join(folder, "log")
            os.mkfifo(fifo)
            held = os.open(fifo, os.O_RDWR)  # a reader that never reads
            try:
                probe = self.start("--log", "debug", health=True,
                                   wrapper=("sh", "-c", 'exec "$@" 2>"$0"', fifo))
                client = self.client(probe)

                def dropped():
                    self.allows(client.post())
                    return probe.metric("admwh_log_lines_dropped_total") > 20

                p.until(dropped, "nothing was dropped", pause=0)
                for _ in range(200):
                    self.allows(client.post())
                probe.signal(signal.SIGTERM)
                self.assertEqual(probe.wait(), 0)
            finally:
                os.close(held)

    @contextlib.contextmanager
    def clock(self):
        """A wrapper that runs a probe by a clock of its own, and what makes that clock jump."""
        libraries = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
        if not libraries:
            self.skipTest("libfaketime is not installed")
        if p.sanitizer():
            self.skipTest("a sanitizer is not preloaded over")
        with tempfile.NamedTemporaryFile("w", prefix="admwh-time-") as file:
            def jump(to):
                # The file is replaced by one write: it is read at every look at the clock.
                file.seek(0)
                file.write("%-20s\n" % to)
                file.flush()

            jump("+0")
            yield ("env", "LD_PRELOAD=" + libraries[0], "FAKETIME_NO_CACHE=1",
                   "FAKETIME_DONT_FAKE_MONOTONIC=1",
                   "FAKETIME_TIMESTAMP_FILE=" + file.name), jump

    def test_a_ca_begins_and_ends_while_it_serves(self):
        """Its file does not change: it counts once it is valid, and is warned of once it is not."""
        with self.clock() as (wrapper, jump), tempfile.NamedTemporaryFile("wb") as ca:
            for name in ("ca/not-yet.crt", "ca/scanner.crt"):
                with open(p.pki().path(name), "rb") as file:
                    ca.write(file.read())
            ca.flush()
            probe = self.start("--client-ca", "default=" + ca.name, "--any-cn", "default",
                               "--log", "info", wrapper=wrapper, bundles=False, health=True,
                               limits={"reload-time": 100})
            self.served(probe, case="scanner")
            self.assertEqual(p.ask(probe), "refused")
            told = p.until(lambda: probe.log("handshake.ca"), "not told")  # by the control thread
            self.assertIn("not valid yet", told[0]["reason"])
            jump("+22y")  # into 2048
            p.until(lambda: probe.log("handshake.reload", kind="client_ca", result="ok"), "no CA")
            self.served(probe)
            self.assertEqual(len(probe.log("handshake.ca")), 1)
            jump("+100y")
            p.until(lambda: len(probe.log("handshake.ca")) == 3, "not told")
            self.assertEqual({line["reason"][:27] for line in probe.log("handshake.ca")[1:]},
                             {"this client CA has expired:"})
            self.assertEqual(probe.metric('admwh_client_cas{bundle="default",state="expired"}'), 2)

    def test_a_clock_that_jumps(self):
        """R5: time limits do not move with it; the dates of certificates do."""
        with self.clock() as (wrapper, jump):
            probe = self.start(limits={"idle-time": 3000, "handshake-time": 3000},
                               wrapper=wrapper)
            self.served(probe)
            for to in ("+2h", "-2h", "+0"):
                with self.subTest(to):
                    idle = self.client(probe)
                    stalled = p.tcp(probe.port)
                    self.allows(idle.post())
                    jump(to)
                    began = time.monotonic()
                    self.allows(idle.post())  # it was not taken for idle for two hours
                    self.assertEqual(stalled.recv(1), b"")
                    stalled.close()
                    idle.expect_end()
                    self.assertGreater(time.monotonic() - began, 2.5)
            jump("+100y")
            self.assertEqual(p.ask(probe), "refused")
            jump("-100y")
            self.assertEqual(p.ask(probe), "refused")
            jump("+0")
            self.served(probe)


class Secrets(FaultCase):
    """R17"""

    def memory(self, pid):
        """The memory of a process that it may write."""
        with open("/proc/%d/maps" % pid, encoding="ascii") as maps, \
                open("/proc/%d/mem" % pid, "rb", buffering=0) as mem:
            for line in maps:
                span, rights = line.split()[:2]
                if not rights.startswith("rw"):
                    continue
                start, end = (int(part, 16) for part in span.split("-"))
                with contextlib.suppress(OSError, OverflowError):
                    mem.seek(start)
                    yield mem.read(end - start)

    def pieces(self, key):
        """Pieces of a key: of its PEM's lines, and of what these say. Small ones, since a part of
        a key can be left, as in saved registers."""
        with open(key, encoding="ascii") as file:
            lines = [line.strip() for line in file if not line.startswith("-----")]
        der = base64.b64decode("".join(lines))
        # In PKCS#8 as in the forms of its own, the secret of P-256 is an OCTET STRING of 32 bytes,
        # that of P-384 one of 48.
        size = 48 if b"\x04\x30" in der else 32
        at = der.index(bytes([4, size])) + 2
        secret = der[at:at + size]
        return [line[i:i + 20].encode() for line in lines[:2] for i in range(0, 60, 20)] + [
            way[i:i + 12] for way in (secret, secret[::-1]) for i in range(0, size - 8, 4)]

    def found(self, pid, pieces):
        return [piece for memory in self.memory(pid) for piece in pieces if piece in memory]

    def test_a_supervisor_has_no_key(self):
        if p.sanitizer():
            self.skipTest("a sanitizer keeps what was freed")
        pieces = self.pieces(p.pki().path(p.pki().servers["ecdsa"]["key"]))
        probe = self.start("--processes", "1")
        self.served(probe)
        with open("/proc/%d/task/%d/children" % (probe.pid, probe.pid), encoding="ascii") as file:
            worker = int(file.read().split()[0])
        self.assertTrue(self.found(worker, pieces))
        self.assertEqual(self.found(probe.pid, pieces), [])

    def both(self, path, server):
        """Certificate and key in one file, moved in at once."""
        with open(path + ".new", "wb") as file:
            for name in ("cert", "key"):
                with open(p.pki().path(server[name]), "rb") as part:
                    file.write(part.read())
        os.rename(path + ".new", path)

    def test_a_supervisor_has_no_key_that_stood_beside_its_certificate(self):
        if p.sanitizer():
            self.skipTest("a sanitizer keeps what was freed")
        server = p.pki().servers["ecdsa"]
        pieces = self.pieces(p.pki().path(server["key"]))
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "tls.pem")
            self.both(path, server)
            probe = self.start("--processes", "1", "--cert", path, "--key", path)
            self.served(probe)
            self.assertEqual(self.found(probe.pid, pieces), [])

    def traffic_keys(self, log, size, digest):
        """The keys of a connection (RFC 8446 section 7.3), from what its client has logged."""
        label = b"tls13 key"
        info = size.to_bytes(2, "big") + bytes([len(label)]) + label + b"\0\1"
        with open(log, encoding="ascii") as file:
            lines = [line.split() for line in file]
        return [hmac.digest(bytes.fromhex(line[2]), info, digest)[:size] for line in lines
                if line[0] in ("CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0")]

    def test_keys_of_a_connection_that_has_ended_are_nowhere_in_memory(self):
        """The copies by which records are sealed and opened. wolfSSL leaves its own, expanded for
        its AES: with the bytes of each word the other way round."""
        if p.sanitizer():
            self.skipTest("a sanitizer keeps what was freed")
        for suite, size, digest in (("TLS13-AES128-GCM-SHA256", 16, "sha256"),
                                    ("TLS13-AES256-GCM-SHA384", 32, "sha384")):
            with self.subTest(suite), tempfile.TemporaryDirectory() as folder:
                probe = self.start("--ciphers", suite, "--quiet", health=True)
                context = p.client_context.__wrapped__()
                context.keylog_filename = os.path.join(folder, "keys")
                client = self.client(probe, context=context)
                for _ in range(3):
                    self.allows(client.post())
                keys = self.traffic_keys(context.keylog_filename, size, digest)
                self.assertEqual(len(keys), 2)
                self.assertEqual(set(self.found(probe.pid, keys)), set(keys))
                client.close()
                p.until(lambda probe=probe: probe.metric(
                    'admwh_connections{listener="main"}') == 0,
                        "the connection has not ended")
                self.assertEqual(self.found(probe.pid, keys), [])

    def test_a_key_in_a_ca_file_is_nowhere_in_memory(self):
        """A mistake: the file is refused, and what it held is wiped."""
        if p.sanitizer():
            self.skipTest("a sanitizer keeps what was freed")
        key = p.pki().path(p.pki().servers["p384"]["key"])
        with open(key, "rb") as file:
            text = file.read()
        lines = [line for line in text.splitlines() if not line.startswith(b"-----")]
        good = p.pki().path(p.pki().index["bundles"]["default"]["ca"])
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "ca.crt")
            shutil.copy(good, path)
            probe = self.start("--client-ca", "default=" + path, "--any-cn", "default", "--log",
                               "info", bundles=False, limits={"reload-time": 100})
            self.served(probe)
            with open(path + ".new", "wb") as file, open(good, "rb") as first:
                file.write(first.read() + text)
            os.rename(path + ".new", path)
            p.until(lambda: probe.log("handshake.reload", result="failed"), "no reload")
            self.assertIn("a private key beside the certificates", probe.errors())
            self.assertEqual(self.found(probe.pid, lines[:2]), [])
            self.served(probe)

    def test_a_key_that_was_replaced_is_nowhere_in_memory(self):
        for together in (False, True):
            with self.subTest(together=together):
                self.replace_key(together)

    def replace_key(self, together):
        if p.sanitizer():
            self.skipTest("a sanitizer keeps what was freed")
        old, new = p.pki().servers["p384"], p.pki().servers["rsa"]
        pieces = self.pieces(p.pki().path(old["key"]))
        with tempfile.TemporaryDirectory() as folder:
            def put(server):
                for name in ("cert", "key"):
                    if together:
                        self.both(os.path.join(folder, name), server)
                        continue
                    shutil.copy(p.pki().path(server[name]), os.path.join(folder, "new"))
                    os.rename(os.path.join(folder, "new"), os.path.join(folder, name))

            put(old)
            probe = self.start("--cert", folder + "/cert", "--key", folder + "/key", "--log",
                               "debug", limits={"reload-time": 100})
            for _ in range(20):
                self.served(probe)
            self.assertTrue(self.found(probe.pid, pieces))  # as long as it is used
            put(new)
            p.until(lambda: probe.log("handshake.reload", result="ok"), "no reload")
            for _ in range(20):
                self.served(probe)
            end = time.monotonic() + p.TIMEOUT
            while self.found(probe.pid, pieces) and time.monotonic() < end:
                self.served(probe)
            self.assertEqual(self.found(probe.pid, pieces), [])
            for piece in pieces[:2]:
                self.assertNotIn(piece.decode(), probe.errors())


if __name__ == "__main__":
    unittest.main()
