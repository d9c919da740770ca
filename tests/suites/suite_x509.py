#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
x509-limbo's path validation cases as real handshakes: the library trusts
trusted_certs, OpenSSL presents peer_certificate and untrusted_intermediates.

    suite_x509.py SUITES HANDSHAKE CLIENT PKI

SUITES is the folder of all suites (or ADMWH_SUITES names it), HANDSHAKE the
program that does the server's side, CLIENT the one that presents what OpenSSL
will not load, PKI a folder made by make_pki.py, for the server's own
certificate. Cases at another time need libfaketime, and are
skipped where it is not installed.

Counted as passed: a case of the group "core" decided as the suite expects, or
one that the library refuses by a documented choice (name constraints, revocation
lists); the latter are listed as deviations.
"""

import ast
import datetime
import glob
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile

SUITE = "x509-limbo-client"

# Refused though the suite would accept, and why.
CHOICES = {
    "name-constraints": "a chain with name constraints is refused",
    "crl": "revocation lists are not read",
}

# Wrongly refused, known, and not ours to change: what the suite's own demand allows for.
KNOWN = {
    "pathlen::intermediate-pathlen-may-increase": "wolfSSL refuses it, and its no is final",
    "pathological::multiple-chains-expired-intermediate":
        "wolfSSL builds one path only, and its no is final",
}


def find_faketime(program):
    """libfaketime's path, where it is installed and this build runs with it (no sanitizer does)."""
    found = glob.glob("/usr/lib/*/faketime/libfaketime.so.1") + \
        glob.glob("/usr/lib*/faketime/libfaketime.so.1")
    if not found:
        return None
    try:
        subprocess.run([program], env={**os.environ, "LD_PRELOAD": found[0]}, timeout=5,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return found[0]
    except subprocess.TimeoutExpired:
        return None


def as_list(value):
    return ast.literal_eval(value) if isinstance(value, str) else value or []


class Case:
    def __init__(self, record, folder):
        self.id = record["id"]
        self.tags = set(record.get("tags", ()))
        self.expected = record["expected_result"]
        self.time = record.get("validation_time")
        self.group = record["group"]
        self.live = record.get("live")
        self.ca = self.write(folder, "ca.pem", as_list(record["trusted_certs"]))
        self.chain = self.write(folder, "chain.pem", [
            record["peer_certificate"], *as_list(record.get("untrusted_intermediates"))])
        self.key = self.write(folder, "key.pem", [record.get("peer_certificate_key") or ""])

    @staticmethod
    def write(folder, name, texts):
        path = os.path.join(folder, name)
        with open(path, "w", encoding="ascii") as file:
            file.write("".join(text if text.endswith("\n") else text + "\n" for text in texts))
        return path


def connect_openssl(case, sock):
    """What the client sees does not matter: the verdict is the server's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    try:
        context.load_cert_chain(case.chain, case.key)
    except ssl.SSLError:
        return False
    try:
        with context.wrap_socket(sock) as tls:
            tls.recv(5)
    except OSError:
        pass
    return True


def connect_wolfssl(case, sock, client):
    sock.settimeout(None)
    command = [client, str(sock.fileno()), case.chain, case.key]
    return subprocess.run(command, pass_fds=[sock.fileno()], stdout=subprocess.DEVNULL,
                          timeout=30).returncode == 0


def serve(case, programs, sock):
    handshake, _, pki, faketime = programs
    environment = dict(os.environ)
    if case.time:
        when = datetime.datetime.fromisoformat(case.time).astimezone(datetime.timezone.utc)
        environment.update(LD_PRELOAD=faketime, TZ="UTC", FAKETIME_DONT_FAKE_MONOTONIC="1",
                           FAKETIME=when.strftime("%Y-%m-%d %H:%M:%S"))
    command = [handshake, str(sock.fileno()), "require",
               os.path.join(pki, "server/forever.crt"), os.path.join(pki, "keys/server.key"),
               case.ca]
    return subprocess.Popen(command, pass_fds=[sock.fileno()], stdout=subprocess.PIPE,
                            env=environment)


def run(case, programs):
    """ "accepted ..." or "refused ..."; None when no client can present the case. """
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    with ours, theirs:
        ours.settimeout(20)
        server = serve(case, programs, theirs)
        theirs.close()
        presented = connect_openssl(case, ours) or connect_wolfssl(case, ours, programs[1])
        ours.close()
        try:
            verdict = server.communicate(timeout=30)[0].decode(errors="replace").strip()
        finally:
            server.kill()
        return verdict if presented else None


class Tally:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.figures = {}

    def count(self, case, accepted):
        kind = next((t for t in ("name-constraints", "crl", "path-building") if t in case.tags),
                    "plain")
        right = accepted == (case.expected == "SUCCESS")
        key = (kind, case.expected)
        good, total = self.figures.get(key, (0, 0))
        self.figures[key] = (good + right, total + 1)
        return right


def main():
    folder = os.environ.get("ADMWH_SUITES") or (sys.argv[1] if len(sys.argv) > 1 else ".")
    path = os.path.join(folder, SUITE, "client.json")
    if not os.path.exists(path) or len(sys.argv) < 5:
        print("SKIP %s: not found" % SUITE)
        return 77
    programs = (*sys.argv[2:5], find_faketime(sys.argv[2]))
    with open(path, encoding="utf-8") as file:
        records = json.load(file)["testcases"]
    tally = Tally()
    with tempfile.TemporaryDirectory() as work:
        for record in records:
            case = Case(record, work)
            if case.group != "core":
                continue
            reason = None
            if not case.live:
                reason = "not live: its key is missing or no TLS client presents it"
            elif case.time and not programs[3]:
                reason = "needs libfaketime, and a build that runs with it"
            verdict = None if reason else run(case, programs)
            if verdict is None:
                tally.skipped += 1
                print("skipped=%s reason=%s" % (case.id, reason or "client cannot present it"))
                continue
            accepted = verdict.startswith("accepted ")
            choice = KNOWN.get(case.id) or next(
                (CHOICES[tag] for tag in CHOICES if tag in case.tags), None)
            if not accepted and not verdict.startswith("refused "):
                tally.failed += 1
                print("deviation=%s reason=the server died" % case.id)
            elif tally.count(case, accepted):
                tally.passed += 1
            elif choice and not accepted:
                tally.passed += 1
                print("deviation=%s reason=%s" % (case.id, choice))
            else:
                tally.failed += 1
                print("deviation=%s reason=expected %s: %s" % (case.id, case.expected, verdict))
    for (kind, expected), (good, total) in sorted(tally.figures.items()):
        print("figure=%s expected=%s right=%d of %d" % (kind, expected, good, total))
    print("suite=%s cases=%d passed=%d failed=%d skipped=%d" % (
        SUITE, tally.passed + tally.failed + tally.skipped, tally.passed, tally.failed,
        tally.skipped))
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
