# SPDX-License-Identifier: MIT
"""
Certificates, CAs and rules that change while the server runs: as a kubelet
changes them, as scripts do, and as is wrong; under load.
"""

import hashlib
import json
import os
import shutil
import signal
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

from probe import (TIMEOUT, Client, Closed, PlainClient, ProbeCase, client_context, pki, review,
                   sanitizer, tcp, until)

NEVER = 86400000  # ms: what happens was not found by looking in time
SOON = 100
RELOAD = "handshake.reload"


def content(path):
    with open(pki().path(path), "rb") as file:
        return file.read()


def pair(case):
    """Contents of a key pair, as a Secret of type kubernetes.io/tls has them."""
    server = pki().servers[case]
    return {"tls.crt": content(server["cert"]), "tls.key": content(server["key"])}


def fingerprint(case):
    """Of a server's certificate."""
    pem = pair(case)["tls.crt"].decode().split("-----END")[0] + "-----END CERTIFICATE-----\n"
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()


def seen(client):
    return hashlib.sha256(client.sock.getpeercert(binary_form=True)).hexdigest()


BODY = review()


class Volume:
    """A folder as kubelet's AtomicWriter keeps it: names link to ..data/NAME, ..data links to
    a folder of this writing's own, and a new writing is one rename."""

    def __init__(self, path, files):
        self.path, self.number = path, 0
        os.makedirs(path, exist_ok=True)
        self.write(files)

    def file(self, name):
        return os.path.join(self.path, name)

    def write(self, files):
        self.number += 1
        data = self.file("..data")
        old = os.readlink(data) if os.path.islink(data) else None
        stamped = "..2026_11_22_04_05_06.%09d" % self.number
        os.mkdir(self.file(stamped), 0o755)
        for name, text in files.items():
            with open(os.path.join(self.file(stamped), name), "wb") as file:
                file.write(text)
        os.symlink(stamped, self.file("..data_tmp"))
        os.rename(self.file("..data_tmp"), data)
        for name in files:
            if not os.path.islink(self.file(name)):
                os.symlink(os.path.join("..data", name), self.file(name))
        for name in os.listdir(self.path):
            if not name.startswith("..") and name not in files:
                os.unlink(self.file(name))
        if old:
            shutil.rmtree(self.file(old))


class Folder:
    """Plain files, replaced one by one."""

    def __init__(self, path, files):
        self.path = path
        os.makedirs(path, exist_ok=True)
        for name, text in files.items():
            self.put(name, text)

    def file(self, name):
        return os.path.join(self.path, name)

    def put(self, name, text):
        """In place: truncated, then written."""
        with open(self.file(name), "wb") as file:
            file.write(text)

    def move_in(self, name, text):
        with open(self.file(name + ".new"), "wb") as file:
            file.write(text)
        os.rename(self.file(name + ".new"), self.file(name))


class Load:
    """Callers that go on calling: over connections that stay, and over new ones. `cases` are
    their certificates; `failures` is what must stay empty."""

    def __init__(self, probe, cases=("good",), callers=2):
        self.failures, self.answers, self.done = [], 0, threading.Event()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self._call, args=(probe, case), daemon=True)
                        for case in cases for _ in range(callers)]
        for thread in self.threads:
            thread.start()

    def _call(self, probe, case):
        while not self.done.is_set():
            try:
                with Client(probe, case) as client:
                    for _ in range(5):
                        status = client.post().status
                        if status != 200:
                            raise AssertionError("status %d" % status)
                        with self.lock:
                            self.answers += 1
            except (OSError, Closed, AssertionError) as error:
                self.failures.append(repr(error))
                return

    def stop(self):
        self.done.set()
        for thread in self.threads:
            thread.join(TIMEOUT)


class ReloadCase(ProbeCase):
    def setUp(self):
        super().setUp()
        self.logs = {}  # of each probe: bytes that were read, lines
        self.folder = tempfile.mkdtemp(prefix="admwh-reload-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def place(self, kind, files, name="tls"):
        return kind(os.path.join(self.folder, name), files)

    def serve(self, *options, tls=None, ca=None, reload_ms=NEVER, first=(), **rest):
        """A probe with the key pair of a place and, unless told otherwise, the usual CAs."""
        more = [*first, "--log", "info"]
        if tls:
            more += ["--cert", tls.file("tls.crt"), "--key", tls.file("tls.key")]
        if ca:
            more += ["--client-ca", "default=" + ca.file("ca.crt"), "--allow-cn",
                     "default=kube-apiserver", "--allow-cn", "default=audit-scanner"]
        return self.start(*more, *options, limits={"reload-time": reload_ms}, bundles=not ca,
                          **rest)

    def lines(self, probe, event=RELOAD, **fields):
        """Of the log so far; what has been read of it once is kept."""
        at, told = self.logs.setdefault(probe.pid, [0, []])
        text = probe.errors(at)
        text = text[:text.rfind("\n") + 1]
        self.logs[probe.pid][0] = at + len(text.encode())
        told += [json.loads(line) for line in text.splitlines()
                 if line.startswith("{") and "dispatch.review" not in line]
        return [line for line in told if line["event"] == event and
                all(line.get(key) == value for key, value in fields.items())]

    def await_lines(self, probe, n=1, event=RELOAD, **fields):
        def lines():
            return self.lines(probe, event, **fields)

        until(lambda: len(lines()) >= n,
              lambda: "%d of %s %s in:\n%s" % (n, event, fields, probe.errors()[-3000:]))
        return lines()

    def await_ok(self, probe, n=1, kind="keypair"):
        return self.await_lines(probe, n, kind=kind, result="ok")

    def await_failed(self, probe, n=1, kind="keypair"):
        return self.await_lines(probe, n, kind=kind, result="failed")

    def half_sent(self, probe, **rest):
        """A client whose head and a part of whose body have arrived."""
        client = self.client(probe, **rest)
        client.send(b"POST /validate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                    b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY[:10])
        probe.has_read(client.sock)
        return client

    def shows(self, probe, case):
        """A new caller is shown this certificate, and served."""
        with Client(probe) as client:
            self.assertEqual(seen(client), fingerprint(case))
            self.assertEqual(client.post().status, 200)

    def refused(self, probe, case):
        with self.assertRaises((OSError, Closed)):
            with Client(probe, case) as client:
                client.post()


class KeyPair(ReloadCase):
    def test_follows_a_kubelet_under_load(self):
        volume = self.place(Volume, pair("ecdsa"))
        probe = self.serve(tls=volume)
        load = Load(probe)
        for n, case in enumerate(("rsa", "p384", "ecdsa", "rsa", "chain"), 1):
            volume.write(pair(case))
            self.await_ok(probe, n)
            self.shows(probe, case)
        load.stop()
        self.assertEqual(load.failures, [])
        self.assertGreater(load.answers, 10)
        self.assertEqual(self.lines(probe, result="failed"), [])

    def test_follows_names_that_link_to_another_folder(self):
        other = self.place(Folder, pair("ecdsa"), "other")
        os.mkdir(os.path.join(self.folder, "tls"))
        tls = Folder(os.path.join(self.folder, "tls"), {})
        for name in ("tls.crt", "tls.key"):
            os.symlink("../other/" + name, tls.file(name))
        probe = self.serve(tls=tls)
        other.move_in("tls.key", pair("p384")["tls.key"])
        other.move_in("tls.crt", pair("p384")["tls.crt"])
        self.await_ok(probe)
        self.shows(probe, "p384")

    def test_waits_for_the_other_half_in_both_orders(self):
        folder = self.place(Folder, pair("ecdsa"))
        probe = self.serve(tls=folder)
        load = Load(probe)
        orders = ((("tls.crt", "tls.key"), "rsa"), (("tls.key", "tls.crt"), "p384"),
                  (("tls.crt", "tls.key"), "ecdsa"))
        before = "ecdsa"
        for n, (names, case) in enumerate(orders, 1):
            put = folder.put if n % 2 else folder.move_in
            put(names[0], pair(case)[names[0]])
            reason = self.await_failed(probe, n)[-1]["reason"]
            self.assertIn("does not belong to the certificate", reason)
            self.shows(probe, before)
            put(names[1], pair(case)[names[1]])
            self.await_ok(probe, n)
            self.shows(probe, case)
            before = case
        load.stop()
        self.assertEqual(load.failures, [])

    def test_takes_in_a_file_that_is_written_bit_by_bit(self):
        folder = self.place(Folder, pair("ecdsa"))
        probe = self.serve(tls=folder)
        new = pair("rsa")
        folder.move_in("tls.key", new["tls.key"])
        with open(folder.file("tls.crt"), "wb", buffering=0) as file:
            for at in range(0, len(new["tls.crt"]), 64):
                file.write(new["tls.crt"][at:at + 64])
                time.sleep(0.004)
        self.await_ok(probe)
        self.shows(probe, "rsa")

    def test_changes_nothing_when_the_contents_do_not(self):
        volume = self.place(Volume, pair("ecdsa"))
        probe = self.serve(tls=volume, reload_ms=SOON)
        for _ in range(3):
            volume.write(pair("ecdsa"))
            time.sleep(0.15)
        volume.write(pair("rsa"))
        self.await_ok(probe)
        self.assertEqual(len(self.lines(probe)), 1)

    def test_keeps_the_last_good_pair(self):
        good = pair("ecdsa")
        bad = {
            "empty certificate": ("tls.crt", b""),
            "empty key": ("tls.key", b""),
            "expired": ("tls.crt", pair("expired")["tls.crt"]),
            "key of another": ("tls.key", pair("rsa")["tls.key"]),
            "ECDSA key of another": ("tls.key", content(pki().servers["other-key"]["key"])),
            "binary": ("tls.crt", ssl.PEM_cert_to_DER_cert(good["tls.crt"].decode())),
            "cut in the middle": ("tls.crt", good["tls.crt"][:len(good["tls.crt"]) // 2]),
            "cut at the end": ("tls.crt", good["tls.crt"].rstrip()[:-1]),
            "a weak key": ("tls.crt", pair("rsa1024")["tls.crt"]),
            "too large": ("tls.crt", good["tls.crt"] + b"\n" * 1100000),
        }
        folder = self.place(Folder, good)
        probe = self.serve(tls=folder, reload_ms=SOON)
        for n, (what, (name, text)) in enumerate(bad.items(), 1):
            with self.subTest(what):
                folder.move_in(name, text)
                self.assertEqual(len(self.await_failed(probe, n)), n)
                self.shows(probe, "ecdsa")
                folder.move_in(name, good[name])
                self.assertIn("are back", self.await_ok(probe, n)[-1]["reason"])
        folder.move_in("tls.crt", pair("forever")["tls.crt"])
        self.assertIn("generation", self.await_ok(probe, len(bad) + 1)[-1])
        self.assertEqual(len(self.lines(probe, result="failed")), len(bad))
        errors = probe.errors()
        for line in (good["tls.key"] + pair("rsa")["tls.key"]).splitlines():
            if not line.startswith(b"-----"):
                self.assertNotIn(line.decode(), errors)

    def test_a_gauge_tells_while_files_cannot_be_used(self):
        good = pair("ecdsa")
        folder = self.place(Folder, good)
        probe = self.serve(tls=folder, reload_ms=SOON, health=True)

        def failing():
            with PlainClient(probe.health_port) as client:
                return [line for line in client.request("GET", "/metrics").body.decode().split("\n")
                        if line.startswith("admwh_reload_failing{") and line.endswith(" 1")]

        self.assertEqual(failing(), [])
        folder.move_in("tls.key", b"")
        self.await_failed(probe)
        self.assertEqual(failing(), ['admwh_reload_failing{kind="keypair"} 1'])
        folder.move_in("tls.key", good["tls.key"])
        self.await_ok(probe)
        self.assertEqual(failing(), [])

    @unittest.skipUnless(shutil.which("openssl"), "no openssl")
    def test_warns_of_a_pair_that_callers_refuse(self):
        folder = self.place(Folder, pair("ecdsa"))
        probe = self.serve(tls=folder)
        self.await_lines(probe, event="accept.started")
        for n, (options, reason) in enumerate((
                (["-sha256"], "no subject alternative name"),
                (["-sha1", "-addext", "subjectAltName=DNS:localhost"], "SHA-1")), 1):
            key, crt = os.path.join(self.folder, "key"), os.path.join(self.folder, "crt")
            subprocess.run(["openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj",
                            "/CN=localhost", "-keyout", key, "-out", crt, *options], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            folder.put("tls.key", content(key))
            folder.put("tls.crt", content(crt))
            line = self.await_lines(probe, n, event="handshake.keypair")[-1]
            self.assertEqual(line["level"], "WARNING")
            self.assertIn(reason, line["reason"])
        folder.put("tls.key", pair("ecdsa")["tls.key"])
        folder.put("tls.crt", pair("ecdsa")["tls.crt"])
        self.await_ok(probe, 3)
        self.assertEqual(len(self.lines(probe, event="handshake.keypair")), 2)

    def test_survives_files_that_are_not_there(self):
        good = pair("ecdsa")
        folder = self.place(Folder, good)
        probe = self.serve(tls=folder)
        os.unlink(folder.file("tls.key"))
        self.assertIn("tls.key", self.await_failed(probe)[-1]["reason"])
        self.shows(probe, "ecdsa")
        os.mkdir(folder.file("tls.key"))
        self.assertIn("not a regular file", self.await_failed(probe, 2)[-1]["reason"])
        os.rmdir(folder.file("tls.key"))
        os.mkfifo(folder.file("tls.key"))
        os.unlink(folder.file("tls.crt"))
        self.assertIn("tls.crt", self.await_failed(probe, 3)[-1]["reason"])
        self.shows(probe, "ecdsa")
        os.unlink(folder.file("tls.key"))
        for name, text in pair("rsa").items():
            folder.put(name, text)
        self.await_ok(probe)
        self.shows(probe, "rsa")

    def test_survives_a_folder_that_goes_and_comes(self):
        volume = self.place(Volume, pair("ecdsa"))
        probe = self.serve(tls=volume)
        for n, case in enumerate(("rsa", "p384", "rsa"), 1):
            shutil.rmtree(volume.path)
            self.await_failed(probe, n)
            self.shows(probe, {1: "ecdsa", 2: "rsa", 3: "p384"}[n])
            volume = self.place(Volume, pair(case))
            self.await_ok(probe, n)
            self.shows(probe, case)

    def test_needs_no_watches(self):
        volume = self.place(Volume, pair("ecdsa"))
        probe = self.serve("--no-inotify", tls=volume, reload_ms=SOON)
        for n, case in enumerate(("rsa", "p384", "ecdsa"), 1):
            volume.write(pair(case))
            self.await_ok(probe, n)
            self.shows(probe, case)

    def test_does_not_look_by_itself_when_told_not_to(self):
        volume = self.place(Volume, pair("ecdsa"))
        probe = self.serve("--no-reload", "--reload-on-sighup", tls=volume, reload_ms=SOON)
        volume.write(pair("rsa"))
        time.sleep(0.5)
        self.assertEqual(self.lines(probe), [])
        self.shows(probe, "ecdsa")
        probe.process.send_signal(signal.SIGHUP)
        self.await_ok(probe)
        self.shows(probe, "rsa")

    def test_a_hangup_looks_at_once(self):
        volume = self.place(Volume, pair("ecdsa"))
        probe = self.serve("--no-inotify", "--reload-on-sighup", tls=volume)
        load = Load(probe)
        for n, case in enumerate(("rsa", "p384", "ecdsa"), 1):
            volume.write(pair(case))
            probe.process.send_signal(signal.SIGHUP)
            self.await_ok(probe, n)
            self.shows(probe, case)
        load.stop()
        self.assertEqual(load.failures, [])

    def test_resumes_no_session_of_before(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(version):
                volume = self.place(Volume, pair("ecdsa"), version.name)
                probe = self.serve(tls=volume)
                context = client_context("good", version)
                with Client(probe, context=context) as client:
                    self.assertEqual(client.post().status, 200)
                    session = client.sock.session
                volume.write(pair("rsa"))
                self.await_ok(probe)
                with Client(probe, context=context, session=session) as client:
                    self.assertFalse(client.sock.session_reused)
                    self.assertEqual(seen(client), fingerprint("rsa"))

    def test_hundreds_of_times_under_load(self):
        times = 40 if sanitizer() else 200
        volume = self.place(Volume, pair("ecdsa"))
        probe = self.serve(tls=volume)
        cases = ("rsa", "ecdsa", "p384", "forever")

        def turn(n):
            volume.write(pair(cases[n % len(cases)]))
            self.await_ok(probe, n + 1)

        load = Load(probe)
        for n in range(times // 4):
            turn(n)
        settled = probe.resident_kib()
        for n in range(times // 4, times):
            turn(n)
        grown = probe.resident_kib() - settled
        load.stop()
        self.assertEqual(load.failures, [])
        self.assertEqual(self.lines(probe, result="failed"), [])
        if not sanitizer():
            self.assertLess(grown, 4096, "KiB more after %d reloads" % times)
        self.shows(probe, cases[(times - 1) % len(cases)])
        self.await_idle_descriptors(probe)

    def await_idle_descriptors(self, probe):
        """As many as a probe has that has not reloaded."""
        fresh = self.serve(tls=self.place(Volume, pair("ecdsa"), "fresh"))
        self.served(fresh)
        until(lambda: probe.descriptors() <= fresh.descriptors() + 2,  # lingering connections
              lambda: "%d descriptors" % probe.descriptors(), pause=0.05)

    def test_ends_while_it_reloads(self):
        volume = self.place(Volume, pair("ecdsa"))
        probe = self.serve("--reload-on-sighup", tls=volume, reload_ms=SOON)
        done = threading.Event()

        def write():
            n = 0
            while not done.is_set():
                n += 1
                volume.write(pair(("ecdsa", "rsa")[n % 2]))
                # What changes faster than the server settles is never taken.
                until(lambda: done.is_set() or len(probe.log(RELOAD, result="ok")) >= n)

        writer = threading.Thread(target=write)
        writer.start()
        load = Load(probe)
        try:
            self.await_ok(probe, 3)
        finally:
            load.stop()
            probe.signal(signal.SIGTERM)
            probe.process.wait(TIMEOUT)
            done.set()
            writer.join()
        self.assertEqual(load.failures, [])


class Expiry(ReloadCase):
    def test_warns_of_a_certificate_that_ends_soon(self):
        volume = self.place(Volume, pair("ending"))
        probe = self.serve(tls=volume, reload_ms=SOON)
        line = self.await_lines(probe, event="handshake.expiry")[0]
        self.assertEqual(line["level"], "WARNING")
        self.assertLess(line["seconds_left"], 11 * 86400)
        volume.write(pair("ecdsa"))
        self.await_ok(probe)
        time.sleep(0.3)
        self.assertEqual(len(self.lines(probe, "handshake.expiry")), 1)


class ClientCa(ReloadCase):
    def both(self, *names):
        return {"ca.crt": b"".join(content("ca/%s.crt" % name) for name in names)}

    def test_overlaps_then_lets_go(self):
        volume = self.place(Volume, self.both("good"), "ca")
        probe = self.serve(ca=volume)
        old = self.client(probe, case="good")
        self.assertEqual(old.post().status, 200)
        self.refused(probe, "scanner")
        volume.write(self.both("good", "scanner"))
        self.await_ok(probe, kind="client_ca")
        new = self.client(probe, case="scanner")
        for client in (old, new, old):
            self.assertEqual(client.post().status, 200)
        volume.write(self.both("scanner"))
        self.await_ok(probe, 2, kind="client_ca")
        old.expect_end()
        self.assertEqual(new.post().status, 200)
        self.refused(probe, "good")
        self.await_lines(probe, event="identify.untrusted", connection="closed")

    def test_rotates_under_load_without_a_loss(self):
        volume = self.place(Volume, self.both("good"), "ca")
        probe = self.serve(ca=volume)
        load = Load(probe, ("good",))
        for n, names in enumerate((("good", "scanner"), ("scanner", "good"), ("rollover",),
                                   ("good",)), 1):
            volume.write(self.both(*names))
            self.await_ok(probe, n, kind="client_ca")
        load.stop()
        self.assertEqual(load.failures, [])

    def test_answers_what_has_begun_and_nothing_more(self):
        volume = self.place(Volume, self.both("good", "scanner"), "ca")
        probe = self.serve(ca=volume, hold=True)
        client = self.client(probe)
        client.send(b"POST /slow HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                    b"Content-Length: %d\r\n\r\n" % len(review()) + review())
        probe.wait_event("dispatched")
        volume.write(self.both("scanner"))
        self.await_ok(probe, kind="client_ca")
        probe.release()
        response = client.read_response()
        self.assertEqual(response.status, 200)
        self.assertTrue(response.closes)
        client.expect_end()

    def test_answers_401_to_a_request_that_comes_half(self):
        volume = self.place(Volume, self.both("good", "scanner"), "ca")
        probe = self.serve(ca=volume)
        client = self.client(probe)
        client.send(b"POST /validate HTTP/1.1\r\nHost: a\r\n")
        probe.has_read(client.sock)
        volume.write(self.both("scanner"))
        self.await_lines(probe, event="identify.untrusted")
        client.send(b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
        self.assertEqual(client.read_response().status, 401)
        client.expect_end()

    def test_calls_no_handler_for_a_body_that_comes_after_its_ca_is_gone(self):
        volume = self.place(Volume, self.both("good", "scanner"), "ca")
        probe = self.serve(ca=volume)
        client = self.half_sent(probe)
        volume.write(self.both("scanner"))
        self.await_lines(probe, event="identify.untrusted")
        client.send(BODY[10:])
        self.assertEqual(client.read_response().status, 401)
        client.expect_end()
        self.assertEqual(self.dispatched(probe), [])

    def test_keeps_the_untrusted_when_told_to(self):
        volume = self.place(Volume, self.both("good", "scanner"), "ca")
        probe = self.serve("--keep-untrusted", ca=volume)
        client = self.client(probe)
        self.assertEqual(client.post().status, 200)
        volume.write(self.both("scanner"))
        self.await_lines(probe, event="identify.untrusted", connection="kept")
        self.assertEqual(client.post().status, 200)
        self.refused(probe, "good")

    def test_a_handshake_from_before_a_reload_is_verified_by_the_new_cas(self):
        for auth in ("handshake", "request"):
            with self.subTest(auth):
                volume = self.place(Volume, self.both("good", "scanner"), "ca-" + auth)
                probe = self.serve(ca=volume, auth=auth)
                before = probe.descriptors_at_rest()
                raw = tcp(probe.port)
                self.addCleanup(raw.close)
                # Accepted, its handshake not begun.
                until(lambda: probe.descriptors() > before, "not accepted")
                volume.write(self.both("scanner"))
                self.await_ok(probe, kind="client_ca")
                with self.assertRaises((OSError, AssertionError)):
                    sock = client_context().wrap_socket(raw, server_hostname="localhost",
                                                        suppress_ragged_eofs=False)
                    self.addCleanup(sock.close)
                    client = Client.__new__(Client)
                    client.sock, client.buffer = sock, b""
                    try:
                        self.assertEqual(client.post().status, 200)
                    except Closed as closed:
                        raise OSError("closed") from closed

    def test_keeps_the_last_good_cas(self):
        good = self.both("good")["ca.crt"]
        bad = {
            "empty": b"",
            "only space": b"\n\n",
            "cut": good[:len(good) // 2],
            "cut behind the first": self.both("good", "scanner")["ca.crt"][:len(good) + 100],
            "cut in front of the second": good + self.both("scanner")["ca.crt"][40:],
            "a key behind": good + pair("ecdsa")["tls.key"],
            "no CA": content("client/good.crt"),
            "expired": content("ca/expired.crt"),
            "not valid yet": content("ca/not-yet.crt"),
            "name constraints": content("ca/name-constraints.crt"),
            "binary": ssl.PEM_cert_to_DER_cert(good.decode()),
        }
        folder = self.place(Folder, {"ca.crt": good}, "ca")
        probe = self.serve(ca=folder)
        client = self.client(probe)
        for n, (what, text) in enumerate(bad.items(), 1):
            with self.subTest(what):
                folder.move_in("ca.crt", text)
                line = self.await_failed(probe, n, "client_ca")[-1]
                self.assertIn(folder.file("ca.crt"), line["reason"])
                self.assertEqual(client.post().status, 200)
                self.served(probe)
                self.refused(probe, None)
                self.refused(probe, "scanner")
        folder.move_in("ca.crt", good + content("ca/scanner.crt"))
        self.await_ok(probe, kind="client_ca")
        self.served(probe, case="scanner")

    def test_checks_all_files_before_any_counts(self):
        cas = self.place(Folder, self.both("good"), "ca")
        tls = self.place(Folder, pair("ecdsa"))
        probe = self.serve(ca=cas, tls=tls, reload_ms=SOON)
        cas.move_in("ca.crt", b"")
        self.await_failed(probe, 1, "client_ca")
        for name, text in pair("rsa").items():
            tls.move_in(name, text)
        time.sleep(0.4)
        self.shows(probe, "ecdsa")
        cas.move_in("ca.crt", self.both("good", "scanner")["ca.crt"])
        self.await_ok(probe, 1, "keypair")
        self.await_ok(probe, 1, "client_ca")
        self.shows(probe, "rsa")


    def test_takes_an_expired_ca_beside_a_good_one(self):
        """At the start, by a reload, in one file or in two; none valid is an error."""
        bad = (content("ca/expired.crt"), content("ca/not-yet.crt"))
        good = content("ca/good.crt")
        folder = self.place(Folder, {"ca.crt": good + bad[0]}, "ca")
        other = self.place(Folder, {"other.crt": bad[1]}, "other")
        probe = self.serve("--client-ca", "default=" + other.file("other.crt"), ca=folder,
                           health=True)
        self.served(probe)
        lines = self.await_lines(probe, 2, event="handshake.ca")
        self.assertEqual([(line["level"], line["bundle"], line["ca"]) for line in lines],
                         [("WARNING", "default", "CN=goodca")] * 2)
        self.assertEqual({line["ca_fingerprint"] for line in lines},
                         {ca_fingerprint(text) for text in bad})
        self.assertIn("has expired", lines[0]["reason"])
        self.assertIn("is not valid yet", lines[1]["reason"])
        states = {state: probe.metric('admwh_client_cas{bundle="default",state="%s"}' % state)
                  for state in ("valid", "expired", "not_yet_valid", "unsupported")}
        self.assertEqual(states, {"valid": 1, "expired": 1, "not_yet_valid": 1, "unsupported": 0})
        # The next to end, not the one that has ended.
        self.assertGreater(probe.metric(
            'admwh_certificate_not_after_seconds{certificate="bundle:default"}'), time.time())
        folder.move_in("ca.crt", bad[0] + content("ca/scanner.crt"))
        self.await_ok(probe, kind="client_ca")
        self.served(probe, case="scanner")
        self.refused(probe, "good")
        folder.move_in("ca.crt", bad[0])
        reason = self.await_failed(probe, kind="client_ca")[-1]["reason"]
        self.assertEqual(reason, folder.file("ca.crt") + ": certificate 1 has expired")
        self.served(probe, case="scanner")

    def test_reads_what_openssl_and_others_write(self):
        good = content("ca/good.crt")
        texts = (b"Certificate:\n    Data:\n        Version: 3 (0x2)\n" + good,
                 b"Bag Attributes\n    localKeyID: 01 02\nsubject=CN = goodca\n" + good,
                 b"My Root\n=======\n" + good, good.replace(b"\n", b"\r\n"), good + b"the end")
        folder = self.place(Folder, {"ca.crt": good}, "ca")
        both = b"a title\n" + pair("ecdsa")["tls.key"] + pair("ecdsa")["tls.crt"]
        tls = self.place(Folder, {"tls.crt": both, "tls.key": both})
        probe = self.serve(ca=folder, tls=tls)
        self.served(probe)
        for n, text in enumerate(texts, 1):
            folder.move_in("ca.crt", text)
            self.await_ok(probe, n, kind="client_ca")
            self.served(probe)


def ca_fingerprint(text):
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(text.decode())).hexdigest()[:16]


class Connected(ReloadCase):
    """Who is connected, and whether the old CA is still in use."""

    def connections(self, probe):
        """By CA, those with a series."""
        series = {}
        with PlainClient(probe.health_port) as client:
            for line in client.request("GET", "/metrics").body.decode().splitlines():
                if line.startswith("admwh_ca_connections{"):
                    labels, value = line.rsplit(" ", 1)
                    series[labels.split('fingerprint="')[1][:16]] = int(value)
                    self.assertIn('{bundle="default",subject="CN=', labels)
        return series

    def rotate(self, *options):
        good, scanner = content("ca/good.crt"), content("ca/scanner.crt")
        old_ca, new_ca = ca_fingerprint(good), ca_fingerprint(scanner)
        folder = self.place(Folder, {"ca.crt": good + scanner}, "ca")
        probe = self.serve("--keep-untrusted", *options, ca=folder, health=True)

        def shows(**counts):
            wanted = {{"old": old_ca, "new": new_ca}[name]: n for name, n in counts.items()}
            until(lambda: self.connections(probe) == wanted,
                  lambda: "%s, not %s" % (self.connections(probe), wanted))

        shows(old=0, new=0)
        old = [self.client(probe, case="good") for _ in range(3)]
        for client in old:
            self.assertEqual(client.post().status, 200)
        shows(old=3, new=0)
        new = self.client(probe, case="scanner")
        self.assertEqual(new.post().status, 200)
        shows(old=3, new=1)
        folder.move_in("ca.crt", scanner)
        self.await_ok(probe, kind="client_ca")
        shows(old=3, new=1)  # an old one stays while its connections do
        for client in old[1:]:
            client.close()
        shows(old=1, new=1)
        old[0].close()
        shows(new=1)
        return probe

    def test_counts_connections_by_ca(self):
        self.rotate()

    def test_counts_those_of_worker_processes(self):
        self.rotate("--processes", "2")

    def test_tells_of_a_certificate_once_at_info(self):
        folder = self.place(Folder, {"ca.crt": content("ca/good.crt")}, "ca")
        probe = self.serve("--log", "debug", ca=folder)
        for _ in range(3):
            self.served(probe)
        lines = self.await_lines(probe, 3, event="handshake.accepted")
        self.assertEqual([line["level"] for line in lines], ["INFO", "DEBUG", "DEBUG"])
        pem = content("client/good.crt").decode()
        fingerprint_ = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
        for line in lines:
            self.assertEqual((line["bundle"], line["cn"], line["ca"], line["ca_fingerprint"]),
                             ("default", "kube-apiserver", "CN=goodca",
                              ca_fingerprint(content("ca/good.crt"))))
            self.assertEqual(line["fingerprint"], fingerprint_)
            for field in ("address", "issuer", "serial", "not_after", "tls", "cipher"):
                self.assertIn(field, line)
        review_line = probe.log("dispatch.review")[0]
        self.assertEqual(review_line["fingerprint"], fingerprint_)
        self.assertEqual((review_line["issuer"], review_line["serial"]),
                         (lines[0]["issuer"], lines[0]["serial"]))

    def test_decisions_have_no_certificate_at_info(self):
        folder = self.place(Folder, {"ca.crt": content("ca/good.crt")}, "ca")
        probe = self.serve(ca=folder)
        self.served(probe)
        self.served(probe)
        self.assertEqual(len(self.await_lines(probe, event="handshake.accepted")), 1)
        self.assertNotIn("fingerprint", probe.log("dispatch.review")[0])

    def test_warns_of_a_rule_that_looks_like_a_pattern(self):
        probe = self.serve("--allow", "default=dns:*.example.org", first=())
        line = self.await_lines(probe, event="identify.pattern")[0]
        self.assertEqual((line["bundle"], line["rule"]), ("default", "dns:*.example.org"))

    def test_tells_of_http_at_the_tls_port(self):
        probe = self.serve()
        with self.assertRaises((OSError, Closed)):
            with PlainClient(probe.port) as client:
                client.request("GET", "/")
        line = self.await_lines(probe, event="handshake.noise")[0]
        self.assertEqual((line["level"], line["reason"]),
                         ("INFO", "the client speaks HTTP without TLS"))


class Rules(ReloadCase):
    ALLOW = b"cn:kube-apiserver\n"

    def rules(self, allow=ALLOW, deny=b"# none\n"):
        return {"allow": allow, "deny": deny}

    def start_with(self, volume, *options):
        ca = self.place(Folder, {"ca.crt": content("ca/good.crt")}, "ca")
        return self.start("--client-ca", "default=" + ca.file("ca.crt"), "--allow-file",
                          "default=" + volume.file("allow"), "--deny-file",
                          "default=" + volume.file("deny"), "--log", "info", *options,
                          limits={"reload-time": NEVER}, bundles=False)

    @staticmethod
    def denial():
        pem = content("client/good.crt").decode()
        return b"sha256:%s\n" % hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest().encode()

    def test_a_rule_that_goes_ends_its_connections(self):
        volume = self.place(Volume, self.rules(), "rules")
        probe = self.start_with(volume)
        client = self.client(probe)
        self.assertEqual(client.post().status, 200)
        volume.write(self.rules(b"cn:somebody-else\n"))
        self.await_ok(probe, kind="rules")
        client.expect_end()
        self.refused(probe, "good")
        volume.write(self.rules())
        self.await_ok(probe, 2, kind="rules")
        self.served(probe)

    def test_rules_that_cannot_be_read_change_nothing(self):
        volume = self.place(Volume, self.rules(), "rules")
        probe = self.start_with(volume)
        client = self.client(probe)
        for n, rules in enumerate((self.rules(b"cn:kube-apiserver\nnonsense\n"),
                                   self.rules(b"cn:\n")), 1):
            volume.write(rules)
            self.await_failed(probe, n, "rules")
            self.assertEqual(client.post().status, 200)
        volume.write(self.rules(deny=b"serial:nothex\n"))
        self.await_failed(probe, kind="deny")
        self.assertEqual(client.post().status, 200)
        self.served(probe)

    def test_a_deny_list_ends_connections_whatever_is_kept(self):
        for options in ((), ("--keep-untrusted",)):
            with self.subTest(options):
                volume = self.place(Volume, self.rules(), "rules%d" % len(options))
                probe = self.start_with(volume, *options)
                client = self.client(probe)
                self.assertEqual(client.post().status, 200)
                volume.write(self.rules(deny=self.denial()))
                self.await_ok(probe, kind="deny")
                client.expect_end()
                self.refused(probe, "good")

    def test_a_line_that_names_a_trusted_ca_ends_connections(self):
        for kind in ("serial", "sha256", "spki-sha256"):
            with self.subTest(kind):
                volume = self.place(Volume, self.rules(), "rules-" + kind)
                probe = self.start_with(volume)
                client = self.client(probe)
                self.assertEqual(client.post().status, 200)
                line = "%s:%s\n" % (kind, pki().index["denials"]["good"][kind])
                volume.write(self.rules(deny=line.encode()))
                self.await_ok(probe, kind="deny")
                client.expect_end()
                self.refused(probe, "good")
                until(lambda: probe.log("identify.denied_ca"))

    def test_calls_no_handler_for_a_body_that_comes_after_its_denial(self):
        for options in ((), ("--keep-untrusted",), ("--auth", "request")):
            with self.subTest(options):
                volume = self.place(Volume, self.rules(), "rules" + "".join(options))
                probe = self.start_with(volume, *options)
                client = self.half_sent(probe)
                volume.write(self.rules(deny=self.denial()))
                self.await_ok(probe, kind="deny")
                client.send(BODY[10:])
                self.assertEqual(client.read_response().status, 401)
                client.expect_end()
                self.assertEqual(self.dispatched(probe), [])
                self.await_lines(probe, event="identify.refused", result="revoked")

    def test_goes_on_with_a_body_while_another_is_denied(self):
        volume = self.place(Volume, self.rules(), "rules")
        probe = self.start_with(volume)
        client = self.half_sent(probe)
        volume.write(self.rules(deny=b"serial:12\n"))
        self.await_ok(probe, kind="deny")
        client.send(BODY[10:])
        self.assertEqual(client.read_response().status, 200)

    def test_follows_a_kubelet_under_load(self):
        volume = self.place(Volume, self.rules(), "rules")
        probe = self.start_with(volume)
        load = Load(probe)
        for n in range(1, 5):
            volume.write(self.rules(self.ALLOW + b"cn:another-%d\n" % n))
            self.await_ok(probe, n, "rules")
        load.stop()
        self.assertEqual(load.failures, [])


class Unready(ReloadCase):
    def test_does_not_start_without_its_files_unless_told(self):
        with self.assertRaises(AssertionError):
            self.serve(tls=Folder(os.path.join(self.folder, "none"), {}))

    def test_becomes_ready_when_all_files_are_good(self):
        tls = Folder(os.path.join(self.folder, "tls"), {})
        cas = Folder(os.path.join(self.folder, "ca"), {"ca.crt": b"not yet"})
        probe = self.serve(tls=tls, ca=cas, first=("--start-unready",))
        self.await_lines(probe, result="failed")
        for _ in range(3):
            with self.assertRaises((OSError, Closed)):
                Client(probe)
            with tcp(probe.port) as raw:
                self.assertEqual(self.received(raw), b"")
        for name, text in pair("rsa").items():
            tls.put(name, text)
        self.await_failed(probe, 1, "client_ca")
        with self.assertRaises((OSError, Closed)):
            Client(probe)
        cas.put("ca.crt", content("ca/good.crt"))
        self.await_ok(probe)
        self.await_ok(probe, kind="client_ca")
        self.shows(probe, "rsa")
        self.refused(probe, None)

    @staticmethod
    def received(raw):
        try:
            return raw.recv(100)
        except ConnectionError:
            return b""

    def test_ends_while_unready(self):
        probe = self.serve(tls=Folder(os.path.join(self.folder, "tls"), {}),
                           first=("--start-unready",))
        self.await_lines(probe, result="failed")
        probe.signal(signal.SIGTERM)
        self.assertEqual(probe.process.wait(TIMEOUT), 0)


class Processes(ReloadCase):
    def worker(self, probe):
        """The one child of a probe."""
        with open("/proc/%d/task/%d/children" % (probe.pid, probe.pid), encoding="ascii") as file:
            return int(file.read().split()[0])

    def all_serve(self, probe, n):
        """Each process has answered: one that begins later begins with the newest files."""
        def pids():
            self.client(probe).post()
            return {json.loads(line)["pid"] for line in probe.errors().split("\n")[:-1]
                    if "dispatch.review" in line}

        until(lambda: len(pids()) == n, "a process does not serve")

    def test_all_of_them_reload(self):
        volume = self.place(Volume, pair("ecdsa"))
        probe = self.serve("--processes", "2", "--reload-on-sighup", "--no-inotify", tls=volume)
        self.all_serve(probe, 2)
        volume.write(pair("rsa"))
        probe.process.send_signal(signal.SIGHUP)
        self.await_ok(probe, 2)
        for _ in range(6):
            self.shows(probe, "rsa")

    def test_one_that_takes_the_place_of_another_knows_what_is_new(self):
        volume = self.place(Volume, pair("ecdsa"))
        probe = self.serve("--processes", "1", tls=volume)
        self.shows(probe, "ecdsa")
        volume.write(pair("rsa"))
        self.await_ok(probe)
        first = self.worker(probe)
        os.kill(first, signal.SIGKILL)
        until(lambda: self.shown(probe) == fingerprint("rsa"), "the old certificate")

    @staticmethod
    def shown(probe):
        """The fingerprint a new caller is shown, None when it is refused."""
        try:
            with Client(probe) as client:
                return seen(client)
        except (OSError, Closed):
            return None

    def test_one_that_finds_bad_files_does_not_fall_back_to_old_ones(self):
        """What was allowed when the program was started may be denied by now."""
        volume = self.place(Volume, pair("ecdsa"))
        probe = self.serve("--processes", "1", tls=volume)
        self.shows(probe, "ecdsa")
        volume.write(dict(pair("rsa"), **{"tls.key": b"not a key"}))
        self.await_failed(probe, 1)
        self.shows(probe, "ecdsa")  # the one that was there keeps what it has
        os.kill(self.worker(probe), signal.SIGKILL)
        until(lambda: "cannot start" in probe.errors(), "it has started")
        volume.write(pair("rsa"))
        self.shows(probe, "rsa")  # once they are good, after a pause

    def test_one_that_may_start_unready_does_not_either(self):
        volume = self.place(Volume, pair("ecdsa"))
        probe = self.serve("--processes", "1", tls=volume, first=("--start-unready",))
        self.shows(probe, "ecdsa")
        volume.write(dict(pair("rsa"), **{"tls.key": b"not a key"}))
        self.await_failed(probe, 1)
        first = self.worker(probe)
        os.kill(first, signal.SIGKILL)
        until(lambda: not os.path.exists("/proc/%d" % first), "it is still there")
        for _ in range(5):  # the first one waits until it is replaced
            self.assertIsNone(self.shown(probe))
        volume.write(pair("rsa"))
        until(lambda: self.shown(probe) == fingerprint("rsa"), "it does not serve")

    def test_one_knows_what_was_read_on_request(self):
        volume = self.place(Volume, pair("ecdsa"))
        probe = self.serve("--processes", "1", "--reload-on-sighup", "--no-reload", tls=volume)
        volume.write(pair("rsa"))
        self.shows(probe, "ecdsa")
        probe.process.send_signal(signal.SIGHUP)
        self.await_ok(probe)
        os.kill(self.worker(probe), signal.SIGKILL)
        until(lambda: self.shown(probe) is not None, "it is not replaced")
        self.shows(probe, "rsa")
