# SPDX-License-Identifier: MIT
"""
What the integration tests stand on: admwh-probe as a process, callers over real
TLS, HTTP/1.1 byte for byte, and AdmissionReviews.
"""

import atexit
import base64  # noqa: F401 (for the tests)
import collections
import contextlib
import fcntl
import functools
import json
import os
import re
import select
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PROBE = os.environ.get("ADMWH_PROBE") or os.path.join(ROOT, "build/tests/probe/admwh-probe")
# Limits for megabytes, which take seconds on a busy machine.
PATIENT = {"deadline": 600000, "body-time": 600000}
FLAGS = os.environ.get("ADMWH_PROBE_FLAGS", "").split()  # that every probe has
TIMEOUT = 120  # for what must happen, however busy the machine is
DISTRESS = re.compile(
    rb"(Address|Leak|Memory|Thread|UndefinedBehavior)Sanitizer|runtime error:|Assertion|"
    rb"double free|corrupted|stack smashing")


@functools.lru_cache(maxsize=None)
def sanitizer():
    """Which sanitizer the probe is built with: "address", "thread" or ""."""
    try:
        with open(PROBE, "rb") as file:
            code = file.read()
    except FileNotFoundError:  # the examples are tested without one, too
        return ""
    for name, mark in (("address", b"__asan_init"), ("thread", b"__tsan_init")):
        if mark in code:
            return name
    return ""


SCALE = 10 if sanitizer() else 1  # what a sanitizer may cost: times more time, or times less work


def until(true, message="what was waited for did not happen", timeout=TIMEOUT, pause=0.01):
    """Wait until true() says something true, and say what."""
    end = time.monotonic() + timeout
    while True:
        result = true()
        if result:
            return result
        if time.monotonic() >= end:
            raise AssertionError("not in %g s: %s" % (
                timeout, message() if callable(message) else message))
        time.sleep(pause)


def environment(**more):
    env = dict(os.environ, **more)
    env.setdefault("ASAN_OPTIONS", "halt_on_error=1:detect_leaks=1:exitcode=99")
    env.setdefault("UBSAN_OPTIONS", "halt_on_error=1:print_stacktrace=1:exitcode=99")
    env.setdefault("TSAN_OPTIONS", "halt_on_error=0:second_deadlock_stack=1:exitcode=66")
    return env


# certificates -------------------------------------------------------------

class Pki:
    """The certificates of tests/pki/make_pki.py, in ADMWH_PKI or made for this run."""

    def __init__(self):
        self.folder = os.environ.get("ADMWH_PKI")
        if not self.folder:
            self.folder = tempfile.mkdtemp(prefix="admwh-pki-")
            atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
            subprocess.run([sys.executable, os.path.join(ROOT, "tests/pki/make_pki.py"),
                            self.folder], check=True)
        with open(self.path("index.json"), encoding="ascii") as file:
            self.index = json.load(file)
        self.clients = {client["case"]: client for client in self.index["clients"]}
        self.servers = {server["case"]: server for server in self.index["servers"]}

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def bundle_options(self, names="names"):
        """The probe's options for the bundles of the index. names: "names" allows those that
        are listed, "any" any name, "ca_name" also the CN the CA itself has."""
        options = ["--allow-cn", "default=" + self.index["ca_cn"]] if names == "ca_name" else []
        for bundle, facts in self.index["bundles"].items():
            options += ["--client-ca", "%s=%s" % (bundle, self.path(facts["ca"]))]
            if names == "any":
                options += ["--any-cn", bundle]
                continue
            for cn in facts["cns"]:
                options += ["--allow-cn", "%s=%s" % (bundle, cn)]
        return options

    def server_options(self, case="ecdsa"):
        server = self.servers[case]
        return ["--cert", self.path(server["cert"]), "--key", self.path(server["key"])]


@functools.lru_cache(maxsize=None)
def pki():
    return Pki()


@functools.lru_cache(maxsize=None)
def client_context(case="good", version=None, ciphers=None, alpn=(), check=True):
    """A client's TLS context. case None: no certificate. It trusts the CA of the server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    warnings.simplefilter("ignore", DeprecationWarning)  # old versions are asked for on purpose
    context.set_ciphers(ciphers or "DEFAULT:@SECLEVEL=0")
    context.load_verify_locations(pki().path(pki().index["bundles"]["default"]["ca"]))
    if version:
        context.minimum_version = min(version, ssl.TLSVersion.TLSv1_2)
        context.maximum_version = version
        context.minimum_version = version
    context.check_hostname = check
    if case:
        client = pki().clients[case]
        context.load_cert_chain(pki().path(client["chain"]), pki().path(client["key"]))
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


def version(text):
    """What versions compare by."""
    return tuple(int(number) for number in text.split("."))


# the server ---------------------------------------------------------------

class Probe:
    """A running admwh-probe. Its events are told in the order they happened.

    server: a case of the PKI; None: the options have a certificate and a key. hold: its slow
    handlers wait until release() is called, however long that takes."""

    def __init__(self, *options, auth=None, names="names", server="ecdsa", limits=None,
                 wrapper=(), bundles=True, listen="127.0.0.1:0", plain=False, health=False,
                 conversion=False, hold=False, env=()):
        command = [*wrapper, PROBE, *FLAGS, "--listen", listen]
        command += ["--plain"] if plain else pki().server_options(server) if server else []
        command += ["--health", "127.0.0.1:0"] if health else []
        command += ["--conversion", "127.0.0.1:0"] if conversion else []
        if auth != "insecure" and bundles and not plain:
            command += pki().bundle_options(names)
        if auth:
            command += ["--auth", auth]
        for name, value in (limits or {}).items():
            command += ["--limit", "%s=%d" % (name, value)]
        self.held = None
        if hold:
            handle, self.held = tempfile.mkstemp(prefix="admwh-hold-")
            os.close(handle)
            atexit.register(self.release)
            command += ["--hold", self.held]
        self.stderr = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            command + list(options), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=self.stderr, env=environment(**dict(env)))
        self.pid = self.process.pid
        atexit.register(self.kill)  # whatever becomes of the test
        self.pipe = self.process.stdout.fileno()
        fcntl.fcntl(self.pipe, fcntl.F_SETFL, os.O_NONBLOCK)
        self.lock = threading.Lock()
        self.partial = []  # pieces of a line that has not ended
        self.events = collections.deque()
        self.ended = self.signalled = False
        try:
            first = self.wait_event("listening")
        except AssertionError:
            self.kill()
            self.stderr.close()
            self.process.stdout.close()
            raise
        self.wolfssl = version(first["tls_library"].removeprefix("wolfSSL "))
        self.port = first["port"]
        self.health_port = first["health_port"]
        self.conversion_port = first["conversion_port"]
        self.pump = threading.Thread(target=self._pump, daemon=True)
        self.pump.start()

    def _read_pipe(self):
        """Take in what the pipe holds now. A handler tells before its answer is sent, so
        after an answer has come nothing of it is still on its way."""
        with self.lock:
            while not self.ended:
                try:
                    data = os.read(self.pipe, 1 << 16)
                except BlockingIOError:
                    return
                self.ended = not data
                *lines, rest = data.split(b"\n")
                for line in lines:
                    self.events.append(json.loads(b"".join((*self.partial, line))))
                    self.partial = []
                self.partial.append(rest)

    def _pump(self):
        while not self.ended:
            select.select([self.pipe], [], [])
            self._read_pipe()

    def take_events(self):
        """All events since the last call."""
        self._read_pipe()
        with self.lock:
            events = list(self.events)
            self.events.clear()
        return events

    def wait_event(self, name, timeout=TIMEOUT):
        """Wait for an event of this name; it and those before it are taken."""
        end = time.monotonic() + timeout
        while True:
            self._read_pipe()
            with self.lock:
                while self.events:
                    event = self.events.popleft()
                    if event["event"] == name:
                        return event
                ended = self.ended
            left = end - time.monotonic()
            if ended or left <= 0:
                if ended:
                    self.process.wait(TIMEOUT)
                raise AssertionError("no event %s; exit status %s; stderr: %s" % (
                    name, self.process.poll(), self.errors()[-2000:]))
            select.select([self.pipe], [], [], min(left, 0.05))

    def errors(self, begin=0):
        """What the probe has written to standard error, from a byte on. Its place to write at,
        which is the same open file's, stays where it is."""
        size = os.fstat(self.stderr.fileno()).st_size
        return os.pread(self.stderr.fileno(), size - begin, begin).decode("utf-8", "replace")

    def log(self, event=None, **fields):
        """The events in its log so far that are so."""
        lines = [json.loads(line) for line in self.errors().splitlines(keepends=True)
                 if line.startswith("{") and line.endswith("\n")]
        return [line for line in lines if event in (None, line["event"]) and
                all(line.get(key) == value for key, value in fields.items())]

    def is_unreadable(self, case):
        """Does its wolfSSL end a handshake with this certificate by itself?"""
        for row in pki().index["tls_library"]["unreadable"]:
            if row["case"] == case:
                return version(row["since"]) <= self.wolfssl < version(row.get("before", "999"))
        return False

    def metric(self, name):
        """What a probe with a health port has counted."""
        with PlainClient(self.health_port) as client:
            for line in client.request("GET", "/metrics").body.decode().splitlines():
                if line.startswith(name + " "):
                    return float(line.split()[-1])
        raise AssertionError("no metric " + name)

    def release(self):
        """Let the slow handlers decide: those that wait and those to come."""
        if self.held:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.held)

    def hold_again(self):
        """Let the slow handlers to come wait until they are released once more."""
        with open(self.held, "w", encoding="ascii"):
            pass

    def alive(self):
        return self.process.poll() is None

    def signal(self, number):
        self.signalled = True
        self.process.send_signal(number)

    def wait(self, timeout=TIMEOUT):
        """Wait for the end of the process; its exit status."""
        status = self.process.wait(timeout)
        atexit.unregister(self.kill)
        if hasattr(self, "pump"):
            self.pump.join(timeout)
        self.take_events()
        return status

    def stop(self, expect=0):
        """Stop the probe, unless a signal has told it to; insist on a clean end without a
        sanitizer's report."""
        self.release()
        if self.alive() and not self.signalled:
            self.signal(signal.SIGTERM)
        try:
            status = self.wait()
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("the probe did not stop; stderr: " + self.errors()[-2000:])
        finally:
            errors = self.errors()
            self.stderr.close()
            self.process.stdout.close()
        if DISTRESS.search(errors.encode()):
            raise AssertionError("sanitizer: " + errors[:8000])
        if status != expect:
            raise AssertionError("exit status %d, expected %d; stderr: %s" % (
                status, expect, errors[-2000:]))

    def kill(self):
        self.release()
        if self.alive():
            self.process.kill()
        self.process.wait()

    # what the process is made of

    def descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.pid))

    def unread(self):
        """The bytes that the kernel keeps for each connection, by the caller's port; those that
        have not been accepted yet are among them."""
        with open("/proc/net/tcp", encoding="ascii") as file:
            rows = [line.split() for line in file.readlines()[1:]]
        return {int(row[2].split(":")[1], 16): int(row[4].split(":")[1], 16) for row in rows
                if row[3] == "01" and int(row[1].split(":")[1], 16) == self.port}

    def has_read(self, sock):
        """Wait until it has taken in all that was sent."""
        port = sock.getsockname()[1]
        until(lambda: self.unread().get(port) == 0, "what was sent is not read")

    def descriptors_at_rest(self):
        """How many there are once all that it needs are open: of these the watch of its files'
        folders comes last, after it has said that it listens."""
        until(lambda: self.has_open("inotify"), "no watch of its files")
        return self.descriptors()

    def has_open(self, kind):
        """Whether a descriptor of a kind is open, as /proc names it."""
        for number in os.listdir("/proc/%d/fd" % self.pid):
            with contextlib.suppress(FileNotFoundError):  # it was closed meanwhile
                if kind in os.readlink("/proc/%d/fd/%s" % (self.pid, number)):
                    return True
        return False

    def cpu_seconds(self):
        with open("/proc/%d/stat" % self.pid, encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_kib(self, key="VmRSS"):
        with open("/proc/%d/status" % self.pid, encoding="ascii") as file:
            return int(re.search(key + r":\s*(\d+) kB", file.read()).group(1))


# callers ------------------------------------------------------------------

class Response:
    def __init__(self, status, reason, version, fields, body):
        self.status, self.reason, self.version = status, reason, version
        self.fields, self.body = fields, body

    def field(self, name):
        """The value of a field, None without it. A response repeats none."""
        values = [value for key, value in self.fields if key.lower() == name.lower()]
        if len(values) > 1:
            raise AssertionError("field %s is repeated" % name)
        return values[0] if values else None

    def json(self):
        return json.loads(self.body)

    @property
    def closes(self):
        return (self.field("Connection") or "").lower() == "close"

    def __repr__(self):
        return "<%d %r>" % (self.status, self.body[:200])


class Closed(Exception):
    """The server ended the connection; partial is what came before."""

    def __init__(self, partial=b"", clean=False):
        super().__init__("closed after %r" % partial[:200])
        self.partial, self.clean = partial, clean


def tcp(port, timeout=TIMEOUT):
    sock = socket.create_connection(("127.0.0.1", port), timeout)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


class Client:
    """A caller over TLS. case names its certificate in the PKI's index; None: without one."""

    def __init__(self, probe, case="good", version=None, context=None, sni="localhost",
                 session=None, timeout=TIMEOUT, **rest):
        context = context or client_context(case, version, **rest)
        self.raw = tcp(getattr(probe, "port", probe), timeout)
        self.buffer = b""
        try:
            self.sock = context.wrap_socket(self.raw, server_hostname=sni, session=session,
                                            suppress_ragged_eofs=False)
        except BaseException:
            self.raw.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        self.sock.close()

    def reset(self):
        """End the connection by a TCP reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def half_close(self):
        """Say that no more will be sent, by a FIN alone."""
        socket.socket.shutdown(self.sock, socket.SHUT_WR)

    def send(self, data):
        self.sock.sendall(data)

    def _more(self):
        clean = False
        try:
            data = self.sock.recv(1 << 16)
            clean = True
        except (ssl.SSLEOFError, ConnectionError):
            data = b""
        if not data:
            raise Closed(self.buffer, clean)
        self.buffer += data

    def _take(self, size):
        while len(self.buffer) < size:
            self._more()
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def _take_head(self):
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        return head.decode("ascii").split("\r\n")

    def read_response(self, to_head=False):
        """The next response, a 100 included. to_head: it answers a HEAD."""
        status_line, *lines = self._take_head()
        match = re.fullmatch(r"HTTP/(1\.1) ([1-9]\d\d) ([ -~]*)", status_line)
        if not match:
            raise AssertionError("malformed status line %r" % status_line)
        fields = [re.fullmatch(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([!-~](?:[ -~]*[!-~])?)",
                               line).groups() for line in lines]
        response = Response(int(match[2]), match[3], match[1], fields, b"")
        if response.field("Transfer-Encoding"):
            raise AssertionError("a response with Transfer-Encoding")
        if response.status >= 200 and not to_head:
            response.body = self._take(int(response.field("Content-Length")))
        return response

    def read_rest(self):
        """Everything until the server ends the connection, and whether it said so first."""
        try:
            while True:
                self._more()
        except Closed as closed:
            rest, self.buffer = self.buffer, b""
            return rest, closed.clean

    def expect_end(self):
        """The server ends the connection and sends nothing more."""
        rest, _ = self.read_rest()
        if rest:
            raise AssertionError("more than was due: %r" % rest[:300])

    def request(self, method, target, body=None, fields=(), version="1.1", chunks=None):
        self.send(request(method, target, body, fields, version, chunks))
        return self.read_response(to_head=method == "HEAD")

    def post(self, target="/validate", body=None, fields=()):
        return self.request("POST", target, review() if body is None else body, fields)

    def post_begun(self, target, body=None):
        """post(), until a worker begins with the review before its deadline: on a busy machine
        none may, and then the answer is another one."""
        while True:
            response = self.post(target, body)
            if b"ms for a worker" not in response.body:
                return response


class PlainClient(Client):
    """A caller without TLS: of the health port, or of a plain main port."""

    def __init__(self, port, timeout=TIMEOUT):  # pylint: disable=super-init-not-called
        self.raw = self.sock = tcp(getattr(port, "port", port), timeout)
        self.buffer = b""


class MemoryTls:
    """A caller whose TLS bytes the test moves by itself: in drips, cut, half-closed by TLS."""

    def __init__(self, port, case="good", version=None, timeout=TIMEOUT):
        self.raw = tcp(port, timeout)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = client_context(case, version).wrap_bio(
            self.incoming, self.outgoing, server_hostname="localhost")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.raw.close()

    def flush(self, piece=1 << 20):
        data = self.outgoing.read()
        for at in range(0, len(data), piece):
            self.raw.sendall(data[at:at + piece])

    def receive(self):
        data = self.raw.recv(1 << 16)
        if data:
            self.incoming.write(data)
        else:
            self.incoming.write_eof()
        return data

    def run(self, call, *arguments, piece=1 << 20):
        """A call of the SSL object that may have to wait for the network."""
        while True:
            try:
                result = call(*arguments)
                self.flush(piece)
                return result
            except ssl.SSLWantReadError:
                self.flush(piece)
                self.receive()

    def handshake(self, piece=1 << 20):
        self.run(self.tls.do_handshake, piece=piece)

    def read_all(self):
        """Everything up to the server's close_notify, or the end of its stream."""
        data = b""
        try:
            while True:
                piece = self.run(self.tls.read, 1 << 16)
                if not piece:
                    return data
                data += piece
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError, ConnectionError):
            return data


def request(method, target, body=None, fields=(), version="1.1", chunks=None):
    """The bytes of a request. chunks: send the body in chunks of this size."""
    lines = ["%s %s HTTP/%s" % (method, target, version), "Host: localhost"]
    given = {name.lower() for name, _ in fields}
    if body is not None:
        if "content-type" not in given:
            lines.append("Content-Type: application/json")
        if chunks:
            lines.append("Transfer-Encoding: chunked")
            pieces = [body[i:i + chunks] for i in range(0, len(body), chunks)]
            body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
            body += b"0\r\n\r\n"
        elif "content-length" not in given:
            lines.append("Content-Length: %d" % len(body))
    lines += ["%s: %s" % field for field in fields if field[1] is not None]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b"")


def ask(probe, case="good", target="/validate", **rest):
    """The status a caller's review gets, or "refused" when TLS lets it have none."""
    sni = rest.pop("sni", "localhost")
    context = client_context(case, **rest)
    try:
        with Client(probe, context=context, sni=sni) as client:
            return client.post(target).status
    except (ssl.SSLError, ConnectionError, Closed):
        return "refused"


# reviews ------------------------------------------------------------------

POD = {
    "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "default"},
    "spec": {"containers": [{"name": "web", "image": "nginx:1.25"}]},
}
counter = iter(range(1, 1 << 62))


def review_value(version="v1", uid=None, operation="CREATE", obj=POD, **members):
    """A whole AdmissionReview as kube-apiserver sends it; members go into its request."""
    what = {
        "uid": uid or "00000000-0000-4000-8000-%012x" % next(counter),
        "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "requestKind": {"group": "", "version": "v1", "kind": "Pod"},
        "requestResource": {"group": "", "version": "v1", "resource": "pods"},
        "name": "web", "namespace": "default", "operation": operation,
        "userInfo": {"username": "alice", "groups": ["system:authenticated"]},
        "object": None if operation == "DELETE" else obj,
        "oldObject": obj if operation in ("UPDATE", "DELETE") else None,
        "dryRun": False,
        "options": {"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1"},
    }
    what.update(members)
    return {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/" + version,
            "request": what}


def encode(value):
    """JSON as Go's encoder writes it."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, "\\u%04x" % ord(char))
    return text.encode() + b"\n"


def review(**members):
    return encode(review_value(**members))


# test cases ---------------------------------------------------------------

class ProbeCase(unittest.TestCase):
    """Tests that share a probe: `options` and `arguments` say which."""

    options = ()
    arguments = {}

    @classmethod
    def setUpClass(cls):
        cls.shared = None

    @classmethod
    def tearDownClass(cls):
        if cls.shared:
            cls.shared.stop()

    @property
    def probe(self):
        """The shared probe, started when first asked for."""
        cls = type(self)
        if not cls.shared:
            cls.shared = Probe(*cls.options, **cls.arguments)
        return cls.shared

    def setUp(self):
        if self.shared:
            self.shared.take_events()

    def tearDown(self):
        if self.shared and not self.shared.alive():
            errors = self.shared.errors()
            type(self).shared = None
            self.fail("the probe has died: " + errors[-4000:])

    def start(self, *options, **arguments):
        """A probe for this test alone, stopped and looked at when it ends."""
        probe = Probe(*options, **arguments)
        self.addCleanup(probe.stop)
        return probe

    def client(self, probe=None, **rest):
        client = Client(probe or self.probe, **rest)
        self.addCleanup(client.close)
        return client

    def explains(self, response, status, contains=""):
        """What is answered without a decision has a metav1.Status that says why, and no review:
        client-go shows none in an answer that is an error."""
        self.assertEqual(response.status, status, response)
        self.assertEqual(response.field("Content-Type"), "application/json")
        what = response.json()
        self.assertEqual((what["kind"], what["apiVersion"]), ("Status", "v1"))
        self.assertEqual((what["status"], what["code"]), ("Failure", status))
        self.assertTrue(what["message"])
        self.assertIn(contains, what["message"])
        return what

    def allows(self, response, uid=None):
        self.assertEqual(response.status, 200, response)
        answer = response.json()["response"]
        self.assertIs(answer["allowed"], True)
        if uid:
            self.assertEqual(answer["uid"], uid)
        return answer

    def dispatched(self, probe=None):
        return [event for event in (probe or self.probe).take_events()
                if event["event"] == "dispatched"]

    def served(self, probe=None, **rest):
        """The next good caller is served."""
        self.assertEqual(ask(probe or self.probe, **rest), 200)
