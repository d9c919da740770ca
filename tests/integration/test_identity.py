# SPDX-License-Identifier: MIT
"""
Which clients are accepted: certificates of every kind, in the handshake and per
request; and which TLS is spoken.
"""

import contextlib
import json
import os
import random
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

import hello
import probe as p

sys.path.insert(0, os.path.join(p.ROOT, "tests/pki"))
import make_pki  # noqa: E402

TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


class Minter:
    """Client certificates as a case describes them, by CAs made for the purpose."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="admwh-mint-")
        self.pki = make_pki.Pki(self.folder, ["localhost"], ["127.0.0.1"])
        self.pki.make_authorities()
        self.ca = os.path.join(self.folder, "ca/good.crt")
        between = [make_pki.basic_constraints(True), make_pki.SIGNS_CERTS]
        self.intermediate = make_pki.Certificate(
            make_pki.cn("between"), self.pki.key("between"), between, issuer=self.pki.good)

    def remove(self):
        shutil.rmtree(self.folder)

    def short_lived(self, seconds):
        """A good certificate that ends so many seconds from now."""
        ends = time.strftime("%y%m%d%H%M%SZ", time.gmtime(time.time() + seconds))
        certificate = self.pki.client("short-lived", "verified", dates=(make_pki.PAST, ends))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.load_cert_chain(os.path.join(self.folder, "client/short-lived.crt"),
                                certificate.key.path)
        return context

    def context(self, case, wanted):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if wanted is None:
            return context
        issuers = {"ca": self.pki.good, "other": self.pki.rogue,
                   "intermediate-of-ca": self.intermediate}
        usages = {"serverAuth": make_pki.SERVER, "clientAuth": make_pki.CLIENT}
        usage = wanted.get("eku", ["clientAuth"])
        extensions = [make_pki.SIGNS]
        if usage is not None:
            extensions.append(make_pki.extended_usage(*(usages[word] for word in usage)))
        if "dns_san" in wanted:
            extensions.append(make_pki.alternative_names(wanted["dns_san"]))
        name = wanted.get("cn", "kube-apiserver")
        certificate = self.pki.client(
            case, "verified", issuer=issuers[wanted["issuer"]], extensions=extensions,
            subject=make_pki.cn(name) if name else make_pki.name(
                make_pki.attribute(make_pki.O, "nameless")),
            chain=[self.intermediate] if wanted.get("chain_presented") else [])
        context.load_cert_chain(os.path.join(self.folder, "client", case + ".chain.crt"),
                                certificate.key.path)
        return context


class AuthCases(p.ProbeCase):
    """tests/vectors/identity/auth_cases.json: what Rancher's webhook accepts, per request.

    Its plain-text bodies are that program's own: here 401 comes with a Status.
    """

    def test_rancher_cases_pass_or_get_401(self):
        with open(os.path.join(p.ROOT, "tests/vectors/identity/auth_cases.json"),
                  encoding="utf-8") as file:
            cases = json.load(file)["cases"]
        minter = Minter()
        self.addCleanup(minter.remove)
        for case in cases:
            with self.subTest(case["id"]):
                names = case["allowed_cns"]
                rules = [word for cn in names for word in ("--allow-cn", "default=" + cn)]
                probe = self.start("--client-ca", "default=" + minter.ca,
                                   *(rules or ["--any-cn", "default"]), "--exempt", "/healthz",
                                   auth="request", bundles=False)
                context = minter.context(case["id"], case["client_cert"])
                client = self.client(probe, context=context)
                self.assertEqual(client.request("GET", "/healthz").status, 200)
                response = self.client(probe, context=context).post("/validate")
                if case["expect"].get("passes_auth"):
                    self.allows(response)
                    self.assertEqual(len(self.dispatched(probe)), 1)
                else:
                    self.explains(response, case["expect"]["http_status"])
                    self.assertTrue(response.closes)
                    self.assertEqual(self.dispatched(probe), [])


class Expiry(p.ProbeCase):
    def test_a_certificate_that_ends_on_an_open_connection_ends_it(self):
        minter = Minter()
        self.addCleanup(minter.remove)
        probes = [self.start("--client-ca", "default=" + minter.ca, "--allow-cn",
                             "default=kube-apiserver", auth=auth, bundles=False)
                  for auth in ("handshake", "request")]
        for client in self.callers(minter, probes):
            # The wall clock is the only event there is to wait for.
            response = p.until(lambda: self.refusal(client.post()), "never refused", pause=0.2)
            self.explains(response, 401)
            self.assertTrue(response.closes)
            client.expect_end()

    def callers(self, minter, probes):
        """A client of each, with a certificate that soon ends, as soon as this machine allows."""
        for seconds in (3, 6, 12, 60):
            context = minter.short_lived(seconds)
            with contextlib.suppress(OSError, p.Closed):
                clients = [self.client(probe, context=context) for probe in probes]
                if [client.post().status for client in clients] == [200] * len(clients):
                    return clients
        raise AssertionError("never served")

    def refusal(self, response):
        return response if response.status != 200 else None


class Matrix(p.ProbeCase):
    """Every certificate of the index, in every mode and TLS version."""

    def look_at(self, auth, names, version):
        probe = self.start(auth=auth, names=names, limits={"header-time": 60000})
        refusal = {"handshake": "refused", "request": 401}[auth]
        for case, facts in p.pki().clients.items():
            if version == TLS12 and "rsa" in facts["key"]:
                continue  # wolfSSL asks for the kind of its own key there: see below
            with self.subTest(case, auth=auth, names=names, version=version.name):
                try:
                    p.client_context(case, version)
                except ssl.SSLError as error:
                    self.skipTest("OpenSSL does not load it: %s" % error.reason)
                got = p.ask(probe, case, version=version)
                events = self.dispatched(probe)
                if probe.is_unreadable(case):
                    self.assertEqual((got, events), ("refused", []))
                elif facts[names] == "allow":
                    self.assertEqual(got, 200)
                    self.assertEqual(events[0]["bundle"], facts["bundle"])
                    if names == "names":
                        self.assertIn(events[0]["peer_cn"],
                                      p.pki().index["bundles"][facts["bundle"]]["cns"])
                else:
                    self.assertEqual((got, events), (refusal, []))
        self.served(probe)

    def test_listed_names_pass_the_handshake(self):
        for version in (TLS12, TLS13):
            self.look_at("handshake", "names", version)

    def test_listed_names_pass_request_by_request(self):
        self.look_at("request", "names", TLS13)

    def test_any_name_is_any_name_of_a_good_certificate(self):
        self.look_at("handshake", "any", TLS13)
        self.look_at("request", "any", TLS12)

    def test_listing_the_name_of_the_ca_helps_no_clone(self):
        self.look_at("handshake", "ca_name", TLS13)
        self.look_at("handshake", "ca_name", TLS12)
        self.look_at("request", "ca_name", TLS13)

    def test_no_certificate_is_refused(self):
        for auth, refusal in (("handshake", "refused"), ("request", 401)):
            for version in (TLS12, TLS13):
                with self.subTest(auth, version=version):
                    probe = self.start(auth=auth)
                    self.assertEqual(p.ask(probe, None, version=version), refusal)
                    self.assertEqual(self.dispatched(probe), [])

    def test_each_server_key_serves_clients_of_its_kind(self):
        for server, facts in p.pki().servers.items():
            if not facts["usable"]:
                continue
            probe = self.start(server=server)
            kind = "good-rsa" if server == "rsa" else "good"
            for version, case in ((TLS12, kind), (TLS13, "good"), (TLS13, "good-rsa"),
                                  (TLS13, "good-p384")):
                with self.subTest(server, case=case, version=version.name):
                    self.assertEqual(p.ask(probe, case, version=version), 200)


class Facts(p.ProbeCase):
    def test_the_handler_learns_bundle_and_cn(self):
        for case, bundle, cn in (("good", "default", "kube-apiserver"),
                                 ("scanner", "scanner", "audit-scanner"),
                                 ("cn-64-bytes", "default", "a" * 64)):
            with self.subTest(case):
                self.assertEqual(p.ask(self.probe, case), 200)
                event = self.dispatched()[0]
                self.assertEqual((event["bundle"], event["peer_cn"]), (bundle, cn))

    def test_a_name_of_one_bundle_is_nothing_in_another(self):
        self.assertEqual(p.ask(self.probe, "other-ca-listed-cn"), "refused")
        self.assertEqual(p.ask(self.probe, "scanner-name-of-other-bundle"), "refused")
        self.assertEqual(self.dispatched(), [])

    def test_an_unfit_name_is_never_shown_as_a_name(self):
        probe = self.start(names="any")
        for case in ("cn-empty", "cn-nul", "cn-nul-first", "cn-newline", "cn-control", "cn-bmp",
                     "cn-universal", "cn-t61", "cn-two", "cn-two-in-one-rdn", "cn-absent",
                     "subject-empty"):
            with self.subTest(case):
                if probe.is_unreadable(case):
                    self.assertEqual(p.ask(probe, case), "refused")
                    continue
                self.assertEqual(p.ask(probe, case), 200)
                event = self.dispatched(probe)[0]
                self.assertEqual((event["bundle"], event["peer_cn"]), ("default", None))


class RequestMode(p.ProbeCase):
    options = ("--exempt", "/healthz", "--exempt", "/deny")
    arguments = {"auth": "request"}

    def test_exempt_paths_are_for_everyone(self):
        for case in (None, "good"):
            with self.subTest(case):
                for target in ("/healthz", "/healthz?x"):
                    response = self.client(case=case).request("GET", target)
                    self.assertEqual(response.status, 200)
                    self.assertEqual(response.closes, case != "good")
                self.assertEqual(self.client(case=case).post("/deny").status, 200)

    def test_an_unauthenticated_client_is_answered_once_a_connection(self):
        client = self.client(case=None)
        client.send(p.request("GET", "/healthz") * 3)
        self.assertTrue(client.read_response().closes)
        client.expect_end()

    def test_a_denied_client_is_no_peer_on_exempt_paths(self):
        for case in (None, "cn-unlisted"):
            with self.subTest(case):
                self.client(case=case).post("/deny")
                event = self.dispatched()[0]
                self.assertEqual((event["peer_cn"], event["bundle"]), (None, None))

    def test_other_paths_are_401_whatever_they_are(self):
        for target in ("/validate", "/%68ealthz", "/no/such/path"):
            with self.subTest(target):
                client = self.client(case=None)
                what = self.explains(client.post(target), 401)
                self.assertEqual(what["reason"], "Unauthorized")
                client.expect_end()
        self.assertEqual(self.dispatched(), [])

    def test_401_tells_nothing_about_names(self):
        response = self.client(case="cn-unlisted").post()
        self.explains(response, 401)
        self.assertNotIn(b"kube-", response.body)

    def test_a_body_is_not_waited_for(self):
        client = self.client(case=None)
        client.send(b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                    b"Content-Length: 1000000\r\n\r\n")
        self.explains(client.read_response(), 401)
        client.expect_end()


class Versions(p.ProbeCase):
    def test_tls_1_2_and_1_3_are_spoken(self):
        for version, name in ((TLS12, "TLSv1.2"), (TLS13, "TLSv1.3")):
            client = self.client(version=version)
            self.assertEqual(client.sock.version(), name)
            self.allows(client.post())

    def test_the_modern_profile_speaks_tls_1_3_alone(self):
        suite = "TLS13-AES256-GCM-SHA384"
        probe = self.start("--tls-profile", "modern", "--ciphers", suite, "--health",
                           "127.0.0.1:0")
        self.assertEqual(p.ask(probe, version=TLS12), "refused")
        client = self.client(probe, version=TLS13)
        self.allows(client.post())
        self.assertEqual(client.sock.cipher()[0], "TLS_AES_256_GCM_SHA384")
        with p.PlainClient(probe.health_port) as plain:
            shown = plain.request("GET", "/configz").json()["tls"]
        self.assertEqual((shown["profile"], shown["versions"], shown["ciphers"]),
                         ("modern", ["TLSv1.3"], [suite]))

    def negotiated(self, probe, groups):
        """The group that OpenSSL's client, which offers these, reads a response with."""
        client = p.pki().clients["good"]
        done = subprocess.run(
            ["openssl", "s_client", "-tls1_3", "-groups", groups, "-ign_eof",
             "-connect", "127.0.0.1:%d" % probe.port, "-cert", p.pki().path(client["chain"]),
             "-key", p.pki().path(client["key"])],
            input=p.request("POST", "/validate", p.review(), [("Connection", "close")]),
            capture_output=True, timeout=p.TIMEOUT, check=False)
        if b"(-groups" in done.stderr:
            self.skipTest("this openssl does not know " + groups)
        self.assertIn(b"HTTP/1.1 200 OK", done.stdout, done.stderr)
        return re.search(rb"Negotiated TLS1.3 group: (\S+)", done.stdout).group(1).decode()

    @unittest.skipUnless(shutil.which("openssl"), "no openssl")
    def test_a_hybrid_group_is_agreed_on_where_there_is_one(self):
        hybrid = "X25519MLKEM768"
        probe = self.start(health=True)
        with p.PlainClient(probe.health_port) as plain:
            shown = plain.request("GET", "/configz").json()["tls"]["groups"]
        if hybrid not in shown:
            self.skipTest("the linked wolfSSL has no " + hybrid)
        # Preferred; after a HelloRetryRequest too, where the client has sent a share of another.
        for groups in (hybrid, "*X25519:*" + hybrid, "*secp521r1:" + hybrid):
            with self.subTest(groups):
                self.assertEqual(self.negotiated(probe, groups), hybrid)
        self.served(probe)

    def test_older_versions_are_refused(self):
        for legacy in (0x0200, 0x0300, 0x0301, 0x0302):
            with self.subTest(hex(legacy)), p.tcp(self.probe.port) as sock:
                what, alert = hello.answer_to(sock, hello.client_hello(
                    suites=(hello.GOOD, 0xC009, 0xC013, 0x2F), legacy=legacy))
                self.assertNotEqual(what, "hello")
                self.assertIn(alert, (None, 40, 70))
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            with self.subTest(version.name):
                self.assertEqual(p.ask(self.probe, version=version,
                                       ciphers="ALL:@SECLEVEL=0"), "refused")
        self.served()

    def test_weak_ciphers_are_refused_whatever_the_server_key(self):
        for server in ("ecdsa", "rsa"):
            probe = self.start(server=server)
            with p.tcp(probe.port) as sock:
                what, _ = hello.answer_to(sock, hello.client_hello(suites=(0xC02B, 0xC02F)))
                self.assertEqual(what, "hello")
            for suite, name in hello.REFUSED.items():
                with self.subTest(name, server=server), p.tcp(probe.port) as sock:
                    versions = (0x0304,) if suite >> 8 == 0x13 else ()
                    what, alert = hello.answer_to(
                        sock, hello.client_hello(suites=(suite,), versions=versions))
                    self.assertNotEqual(what, "hello")
                    self.assertIn(alert, (None, 40, 71))

    def test_a_downgrade_is_told(self):
        with p.tcp(self.probe.port) as sock:
            what, record = hello.answer_to(sock, hello.client_hello())
        self.assertEqual(what, "hello")
        self.assertEqual(record[6 + 24:6 + 32], b"DOWNGRD\x01")

    def test_alpn_offers_are_taken_and_http_1_1_is_spoken(self):
        for offer in (("http/1.1",), ("h2", "http/1.1"), ("h2",), ("x" * 255,)):
            with self.subTest(offer):
                client = self.client(alpn=offer)
                self.assertIn(client.sock.selected_alpn_protocol(), (None, "http/1.1"))
                self.allows(client.post())

    def test_any_server_name_will_do(self):
        for name in (None, "localhost", "webhook.system.svc", "a.b", "x" * 63 + ".example"):
            with self.subTest(name):
                self.allows(self.client(sni=name, check=False).post())


class Resumption(p.ProbeCase):
    def test_nothing_can_be_resumed(self):
        for version in (TLS12, TLS13):
            for tickets in (True, False):
                with self.subTest(version.name, tickets=tickets):
                    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                    facts = p.pki().clients["good"]
                    context.load_cert_chain(p.pki().path(facts["chain"]),
                                            p.pki().path(facts["key"]))
                    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
                    context.maximum_version = version
                    if not tickets:
                        context.options |= ssl.OP_NO_TICKET
                    first = self.client(context=context)
                    self.allows(first.post())
                    session = first.sock.session
                    self.assertFalse(session.has_ticket)
                    second = self.client(context=context, session=session)
                    self.assertFalse(second.sock.session_reused)
                    self.allows(second.post())

    def test_a_session_id_is_not_taken_up(self):
        offered = os.urandom(32)
        with p.tcp(self.probe.port) as sock:
            what, record = hello.answer_to(sock, hello.client_hello(session_id=offered))
        self.assertEqual(what, "hello")
        self.assertNotIn(offered, record)

    def test_no_ticket_is_offered_in_tls_1_2(self):
        ticket = hello.extension(35, b"")
        with p.tcp(self.probe.port) as sock:
            what, record = hello.answer_to(sock, hello.client_hello(extra=ticket))
        self.assertEqual(what, "hello")
        size = record[38]
        self.assertNotIn(b"\0\x23\0\0", record[39 + size + 3:4 + int.from_bytes(record[1:4], "big")])

    def test_early_data_reaches_no_handler(self):
        offer = hello.client_hello(suites=(hello.TLS13,), versions=(0x0304,),
                                   extra=hello.extension(42, b""))
        early = b"\x17\x03\x03\x00\x40" + os.urandom(64)
        with p.tcp(self.probe.port) as sock:
            sock.sendall(offer + early * 4)
            sock.shutdown(socket.SHUT_WR)
            hello.read_records(sock)
        self.assertEqual(self.dispatched(), [])
        self.served()

    def test_renegotiation_is_refused(self):
        facts = p.pki().clients["good"]
        s_client = subprocess.Popen(
            ["openssl", "s_client", "-tls1_2", "-connect", "127.0.0.1:%d" % self.probe.port,
             "-cert", p.pki().path(facts["chain"]), "-key", p.pki().path(facts["key"])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0)
        with s_client.stdin, s_client.stdout:
            s_client.stdin.write(p.request("POST", "/validate", p.review()))
            output = b""
            while b'"allowed"' not in output:
                output += s_client.stdout.read(4096)
            s_client.stdin.write(b"R\n")
            output += b"".join(iter(lambda: s_client.stdout.read(4096), b""))
        self.assertNotEqual(s_client.wait(p.TIMEOUT), 0)
        self.assertIn(b"RENEGOTIATING", output)
        self.assertIn(b"alert", output)
        self.served()


class Stalls(p.ProbeCase):
    arguments = {"limits": {"handshake-time": 1500}, "health": True}

    def assert_ends_in_time(self, sock, began):
        try:
            while sock.recv(4096):
                pass
        except ConnectionError:
            pass
        self.assertGreater(time.monotonic() - began, 1.4)

    def stalled(self, probe):
        """Connections that stall after each part of a ClientHello."""
        offer = hello.client_hello(suites=(hello.TLS13,), versions=(0x0304,))
        for sent in (b"", offer[:1], offer[:5], offer[:60], offer):
            sock = p.tcp(probe.port)
            self.addCleanup(sock.close)
            sock.sendall(sent)
            yield sock

    def test_a_client_that_stalls_is_closed_at_its_time(self):
        began = time.monotonic()
        for sock in list(self.stalled(self.probe)):
            self.assert_ends_in_time(sock, began)
        self.assertGreaterEqual(self.probe.metric('admwh_handshakes_total{result="timeout"}'), 1)

    def test_a_client_that_stalls_delays_no_other(self):
        probe = self.start(limits={"handshake-time": 3600000})
        for _ in self.stalled(probe):
            self.served(probe)

    def test_a_drip_does_not_stretch_the_time(self):
        offer = hello.client_hello(suites=(hello.TLS13,), versions=(0x0304,))
        began = time.monotonic()
        with p.tcp(self.probe.port) as sock:
            sock.settimeout(0.05)
            ended = False
            for byte in offer:
                try:
                    sock.sendall(bytes([byte]))
                    ended = sock.recv(4096) == b""
                except socket.timeout:
                    continue
                except ConnectionError:
                    ended = True
                if ended:
                    break
            self.assertTrue(ended)
            self.assertGreater(time.monotonic() - began, 1.4)

    def test_a_handshake_byte_by_byte_is_taken(self):
        for version in (TLS12, TLS13):
            probe = self.start()
            with p.MemoryTls(probe.port, version=version) as client:
                client.handshake(piece=1)
                client.run(client.tls.write, p.request(
                    "POST", "/validate", p.review(), [("Connection", "close")]), piece=1)
                self.assertIn(b"200 OK", client.read_all())


class Noise(p.ProbeCase):
    arguments = {"limits": {"handshake-time": 2000}}

    def send_and_end(self, data):
        """What comes back until the server ends the connection."""
        back = b""
        with p.tcp(self.probe.port) as sock:
            try:
                sock.sendall(data)
                sock.shutdown(socket.SHUT_WR)
                while True:
                    piece = sock.recv(4096)
                    if not piece:
                        break
                    back += piece
            except ConnectionError:
                pass
        return back

    def test_plain_protocols_are_not_answered_in_kind(self):
        for data in (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", p.request("POST", "/validate",
                                                                           p.review()),
                     b"SSH-2.0-OpenSSH_9.2\r\n", b"\r\n\r\n", b"\0" * 100000, b"\xff" * 5000):
            with self.subTest(data[:20]):
                self.assertNotIn(b"HTTP", self.send_and_end(data))
        self.assertEqual(self.dispatched(), [])
        self.served()

    def test_random_bytes_are_survived(self):
        dice = random.Random(1)
        for _ in range(300):
            self.send_and_end(dice.randbytes(dice.choice((1, 5, 6, 50, 500, 5000, 50000))))
        for _ in range(300):
            offer = bytearray(hello.client_hello(
                suites=(hello.GOOD, hello.TLS13), versions=(0x0304, 0x0303)))
            for _ in range(dice.randrange(1, 4)):
                offer[dice.randrange(len(offer))] = dice.randrange(256)
            self.send_and_end(bytes(offer[:dice.choice((len(offer), dice.randrange(len(offer)))
                                                       )]))
        self.assertEqual(self.dispatched(), [])
        self.served()


class Insecure(p.ProbeCase):
    arguments = {"auth": "insecure"}

    def test_everyone_is_served_and_the_log_says_so(self):
        self.assertEqual(p.ask(self.probe, "good"), 200)
        event = self.dispatched()[0]
        self.assertEqual((event["peer_cn"], event["bundle"]), (None, None))
        self.assertTrue(self.probe.log("identify.insecure"))
