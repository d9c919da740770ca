# SPDX-License-Identifier: MIT
"""
A year in minutes: callers as kube-apiserver makes them, attackers that break
everything they can, certificates that are swapped as a kubelet swaps them, and
instances that are replaced one after another. Two more instances, one of them
with worker processes, live from start to end: their memory and descriptors are
watched.

    soak.py MINUTES PROBE

Loopback only. Ends with 1 when a request failed, or when memory or descriptors
have grown.
"""

import contextlib
import json
import multiprocessing
import os
import random
import select
import shutil
import signal
import socket
import ssl
import statistics
import struct
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/integration"))

CALLERS = 4            # processes of good callers
CONNECTIONS = 6        # of each
ATTACKERS = 2          # processes of clients that attack
ROLL_S = 8             # how often an instance is replaced
SWAP_S = 2             # and the key pair
LAME_DUCK_MS = 1500
FORGET_S = 0.5         # how long the address of one that stops is still used
NOISE_KIB = 2048       # by how much memory may seem to grow
NOISE_SHARE = 0.05
LIMITS = {"lame-duck-time": LAME_DUCK_MS, "handshake-time": 3000, "header-time": 2000,
          "body-time": 2000, "write-time": 2000, "reload-time": 1000}


# what is served: files as a kubelet lays them out

class Mount:
    """A directory as the kubelet's AtomicWriter makes it: files are links through ..data."""

    def __init__(self, folder):
        self.folder, self.turn = folder, 0
        os.makedirs(folder)

    def write(self, files):
        self.turn += 1
        data = "..%d" % self.turn
        os.mkdir(os.path.join(self.folder, data))
        for name, source in files.items():
            shutil.copy(source, os.path.join(self.folder, data, name))
        link = os.path.join(self.folder, "..data")
        old = os.readlink(link) if os.path.islink(link) else None
        os.symlink(data, link + "_tmp")
        os.rename(link + "_tmp", link)
        for name in files:
            with contextlib.suppress(FileExistsError):
                os.symlink(os.path.join("..data", name), os.path.join(self.folder, name))
        if old:
            shutil.rmtree(os.path.join(self.folder, old))


class Instance:
    """A running probe. Its port is offered to callers while it is ready."""

    def __init__(self, probe, pki, mount, processes=0):
        command = [probe, "--quiet", "--listen", "127.0.0.1:0", "--threads", "2",
                   "--cert", mount + "/tls.crt", "--key", mount + "/tls.key",
                   "--log", "warning", "--slow-ms", "20"]
        for name, value in LIMITS.items():
            command += ["--limit", "%s=%d" % (name, value)]
        if processes:
            command += ["--processes", str(processes)]
        command += pki.bundle_options()
        self.stderr = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.stderr,
                                        stdin=subprocess.DEVNULL)
        line = self.process.stdout.readline()
        if b"listening" not in line:
            self.stderr.seek(0)
            raise SystemExit("soak: no start: %r" % self.stderr.read().decode())
        self.port = json.loads(line)["port"]
        self.processes = processes

    def pids(self):
        pid = self.process.pid
        with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as file:
            return [pid, *(int(child) for child in file.read().split())]

    def resident_kib(self):
        """Memory of its own: what it alone has, and its share of what processes share."""
        total = 0
        for pid in self.pids():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                with open("/proc/%d/smaps_rollup" % pid, encoding="ascii") as file:
                    total += int(file.read().split("Pss:")[1].split()[0])
        return total

    def descriptors(self):
        return sum(len(os.listdir("/proc/%d/fd" % pid)) for pid in self.pids())

    def stop(self):
        """0 when it has ended as it should."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(60)
        self.process.stdout.close()
        return status


# who calls

class Caller:
    """One keep-alive connection after the other, as kube-apiserver's client has them."""

    def __init__(self, shared, version):
        import probe as p
        self.p, self.shared, self.version, self.client = p, shared, version, None
        self.left = 0

    def connect(self):
        port = self.shared.pick()
        self.client = self.p.Client(port, version=self.version)
        self.left = random.choice((1, 50, 500, 5000))

    def close(self):
        if self.client:
            self.client.close()
        self.client = None

    def ask(self):
        """One request; None, or what went wrong."""
        # Go, too, sees the end of a connection that it does not use, and opens another.
        if self.client and select.select([self.client.sock], [], [], 0)[0]:
            self.close()
        path = random.choice(("/validate", "/validate", "/mutate", "/slow"))
        uid = "%032x" % random.getrandbits(128)
        size = random.choice((0, 0, 0, 1000, 20000, 200000))
        body = self.p.review(uid=uid, obj=dict(self.p.POD, x="y" * size))
        try:
            if not self.client:
                self.connect()
            response = self.client.post(path + "?timeout=10s", body)
        except (self.p.Closed, OSError) as error:
            self.close()
            return repr(error)
        self.left -= 1
        if response.closes or self.left <= 0:
            self.close()
        if response.status != 200:
            return repr(response)
        answer = response.json()["response"]
        if answer["uid"] != uid or answer["allowed"] is not True or (
                path == "/mutate") != ("patch" in answer):
            return repr(answer)
        return None


class Shared:
    """What the processes of a soak know of each other."""

    def __init__(self):
        self.ports = multiprocessing.Array("i", 8)
        self.ends = multiprocessing.Event()
        self.failures = multiprocessing.Queue()
        self.asked = multiprocessing.Array("L", CALLERS)
        self.slowest = multiprocessing.Array("d", CALLERS)
        self.broken = multiprocessing.Array("L", ATTACKERS)

    def offer(self, slot, port):
        self.ports[slot] = port

    def pick(self):
        return random.choice([port for port in self.ports[:] if port])


def keep_asking(shared, number):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    version = (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2)[number % 2]
    callers = [Caller(shared, version) for _ in range(CONNECTIONS)]
    while not shared.ends.is_set():
        caller = random.choice(callers)
        began = time.monotonic()
        failed = caller.ask()
        shared.slowest[number] = max(shared.slowest[number], time.monotonic() - began)
        shared.asked[number] += 1
        if failed:
            shared.failures.put(failed[:300])
        if random.random() < 0.001:
            time.sleep(random.random())  # so that stops meet idle connections, too
    for caller in callers:
        caller.close()


def hello_of(p):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = p.client_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    return outgoing.read()


def annoy(shared, number):
    """Slow, broken, refused and vanishing callers. What they get does not matter."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import probe as p
    hello, held = hello_of(p), []
    whole = p.request("POST", "/validate", p.review())

    def end(sock):
        if random.random() < 0.5:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()

    def raw(data, hold):
        sock = p.tcp(shared.pick(), 5)
        if data:
            sock.sendall(data)
        if hold:
            held.append((time.monotonic() + random.random() * 4, sock))
        else:
            end(sock)

    def tls(data, case="good"):
        client = p.Client(shared.pick(), case=case, timeout=5)
        client.send(data)
        if random.random() < 0.5:
            held.append((time.monotonic() + random.random() * 4, client.sock))
        else:
            end(client.sock)

    acts = (lambda: raw(b"", False), lambda: raw(b"", True),
            lambda: raw(hello[:random.randrange(1, len(hello))], random.random() < 0.5),
            lambda: raw(hello, random.random() < 0.5),
            lambda: raw(random.randbytes(random.randrange(1, 5000)), False),
            lambda: raw(whole, False), lambda: raw(bytes(1 << 16), False),
            lambda: tls(whole[:random.randrange(1, len(whole))]), lambda: tls(whole * 20),
            lambda: tls(b"GET / HTTP/1.1\nbad"), lambda: tls(whole.replace(b"{", b"[")),
            lambda: tls(whole, "rogue"), lambda: tls(whole, None), lambda: tls(whole, "ca-clone"))
    while not shared.ends.is_set():
        with contextlib.suppress(OSError, p.Closed):
            random.choice(acts)()
        shared.broken[number] += 1
        now = time.monotonic()
        for entry in [entry for entry in held if entry[0] < now or len(held) > 40]:
            held.remove(entry)
            with contextlib.suppress(OSError):
                end(entry[1])
        time.sleep(0.01)


# the whole

class Watched:
    """Memory and descriptors of an instance that lives from start to end."""

    def __init__(self, name, instance):
        self.name, self.instance = name, instance
        self.fds = instance.descriptors()
        self.samples = []

    def sample(self):
        self.samples.append(self.instance.resident_kib())

    def verdict(self):
        """Told in a line; whether it has grown."""
        n = len(self.samples)
        early = statistics.median(self.samples[n // 10:max(n // 5, n // 10 + 1)])
        late = statistics.median(self.samples[-max(n // 10, 1):])
        grown = late - early > NOISE_KIB + NOISE_SHARE * early
        end = time.monotonic() + 20
        while self.instance.descriptors() > self.fds and time.monotonic() < end:
            time.sleep(0.1)
        fds = self.instance.descriptors()
        print("%-22s memory %6d KiB at the start, %6d at 10 %%, %6d at the end; "
              "descriptors %d, %d%s%s" % (
                  self.name, self.samples[0], early, late, self.fds, fds,
                  ": MEMORY HAS GROWN" if grown else "",
                  ": DESCRIPTORS HAVE GROWN" if fds > self.fds else ""))
        return grown or fds > self.fds


def soak(minutes, probe):
    import probe as p
    pki = p.pki()
    folder = tempfile.mkdtemp(prefix="admwh-soak-")
    mount = Mount(os.path.join(folder, "tls"))
    pairs = [{"tls.crt": pki.path(pki.servers[case]["cert"]),
              "tls.key": pki.path(pki.servers[case]["key"])} for case in ("ecdsa", "rsa")]
    mount.write(pairs[0])
    shared = Shared()
    pillars = [Instance(probe, pki, mount.folder), Instance(probe, pki, mount.folder, 2)]
    rolled = [Instance(probe, pki, mount.folder, n) for n in (2, 0)]
    running = pillars + rolled
    helpers = []
    try:
        for instance in pillars:
            with p.Client(instance.port) as client:
                client.post()
        time.sleep(1)
        watched = [Watched("one process", pillars[0]), Watched("two worker processes", pillars[1])]
        for slot, instance in enumerate(pillars + rolled):
            shared.offer(slot, instance.port)
        helpers = [multiprocessing.Process(target=keep_asking, args=(shared, i))
                   for i in range(CALLERS)]
        helpers += [multiprocessing.Process(target=annoy, args=(shared, i))
                    for i in range(ATTACKERS)]
        for helper in helpers:
            helper.start()
        rolls, swaps, bad_ends = run(minutes, probe, pki, mount, pairs, shared, rolled, running,
                                     watched)
        shared.ends.set()
        failed = report(minutes, shared, helpers, rolls, swaps, bad_ends)
        failed |= any([one.verdict() for one in watched])
        for instance in running:
            if instance.process.poll() is None:
                failed |= instance.stop() != 0
    finally:
        shared.ends.set()
        for helper in helpers:
            helper.join(20)
            if helper.is_alive():
                helper.terminate()
        for instance in running:
            if instance.process.poll() is None:
                instance.process.kill()
                instance.process.wait()
        shutil.rmtree(folder, ignore_errors=True)
    print("soak: %s" % ("FAILED" if failed else "passed"))
    return 1 if failed else 0


def run(minutes, probe, pki, mount, pairs, shared, rolled, running, watched):
    end = time.monotonic() + 60 * minutes
    next_roll, next_swap = time.monotonic() + ROLL_S, time.monotonic() + SWAP_S
    rolls = swaps = bad_ends = 0
    while time.monotonic() < end:
        time.sleep(0.25)
        for one in watched:
            one.sample()
        if time.monotonic() >= next_swap:
            swaps += 1
            mount.write(pairs[swaps % 2])
            next_swap = time.monotonic() + SWAP_S
        if time.monotonic() >= next_roll:
            slot = rolls % 2
            old = rolled[slot]
            fresh = Instance(probe, pki, mount.folder, 0 if old.processes else 2)
            running.append(fresh)
            shared.offer(4 + slot, fresh.port)
            old.process.send_signal(signal.SIGTERM)
            time.sleep(FORGET_S)
            shared.offer(2 + slot, fresh.port)
            shared.offer(4 + slot, 0)
            bad_ends += old.process.wait(60) != 0
            old.process.stdout.close()
            running.remove(old)
            rolled[slot] = fresh
            rolls += 1
            next_roll = time.monotonic() + ROLL_S
    return rolls, swaps, bad_ends


def report(minutes, shared, helpers, rolls, swaps, bad_ends):
    failures = []
    for helper in helpers:
        helper.join(30)
    while not shared.failures.empty():
        failures.append(shared.failures.get())
    asked = sum(shared.asked[:])
    print("requests %d in %.1f minutes, %.0f/s, slowest %.0f ms; failures %d" % (
        asked, minutes, asked / minutes / 60, 1000 * max(shared.slowest[:]), len(failures)))
    print("attackers' connections %d; instances replaced %d; key pairs swapped %d" % (
        sum(shared.broken[:]), rolls, swaps))
    for failure in failures[:5]:
        print("for example:", failure)
    if bad_ends:
        print("instances that did not end as they should: %d" % bad_ends)
    return bool(failures or bad_ends or not asked)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__.strip())
    os.environ["ADMWH_PROBE"] = sys.argv[2]
    sys.exit(soak(float(sys.argv[1]), sys.argv[2]))
