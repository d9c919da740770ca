#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
The certificates the tests are made of: CAs, server certificates, and one client
certificate for each way a caller can be right or wrong.

    make_pki.py FOLDER [--dns NAME]... [--ip ADDRESS]... [--stamp FILE]

Certificates are put together here, byte by byte, because most of the wrong ones
are such as no tool would write; the `openssl` command makes keys and signatures.
FOLDER/index.json says what is what:

    bundles   by name: CA file and listed CNs
    cas       further CA files: what loading them must give
    servers   certificate, key, and whether they are usable
    denials   by certificate: what a deny list names it by
    clients   case, cert, key, chain, and the right verdict: proof (a word of
              enum awh_proof), the bundle that trusts it, and whether rules that
              list names ("names"), take any name ("any"), or list also the
              CA's own CN ("ca_name") let the caller in
    tls_library  ../tls-library.json: which of them wolfSSL does not read, by its version
"""

import argparse
import base64
import hashlib
import ipaddress
import json
import os
import subprocess
import tempfile
import time

PAST, LATE = "200101000000Z", "491231235959Z"
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
FOREVER = ("19500101000000Z", "99991231235959Z")
EXPIRED = ("200101000000Z", "210101000000Z")
UNTIL_2040 = (PAST, "400101000000Z")
NOT_YET = ("480101000000Z", "491231235959Z")
ENDING = (PAST, time.strftime("%y%m%d000000Z", time.gmtime(time.time() + 10 * 86400)))

TLS_LIBRARY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tls-library.json")


# DER ----------------------------------------------------------------------

def tlv(tag, *parts):
    body = b"".join(parts)
    n = len(body)
    if n < 0x80:
        length = bytes([n])
    else:
        octets = n.to_bytes((n.bit_length() + 7) // 8, "big")
        length = bytes([0x80 | len(octets)]) + octets
    return bytes([tag]) + length + body


def sequence(*parts):
    return tlv(0x30, *parts)


def integer(n):
    return tlv(2, n.to_bytes(n.bit_length() // 8 + 1, "big", signed=True))


def oid(text):
    first, second, *rest = (int(part) for part in text.split("."))
    out = bytearray()
    for n in [first * 40 + second, *rest]:
        digits = [n & 0x7F]
        while n > 0x7F:
            n >>= 7
            digits.append(0x80 | n & 0x7F)
        out += bytes(reversed(digits))
    return tlv(6, bytes(out))


def bits(data, unused=0):
    return tlv(3, bytes([unused]), data)


def octets(data):
    return tlv(4, data)


TRUE = tlv(1, b"\xff")
UTF8, PRINTABLE, T61, IA5, UNIVERSAL, BMP = 0x0C, 0x13, 0x14, 0x16, 0x1C, 0x1E
CN, O, OU = "2.5.4.3", "2.5.4.10", "2.5.4.11"


def attribute(kind, value, tag=UTF8):
    if isinstance(value, str):
        value = value.encode()
    return sequence(oid(kind), tlv(tag, value))


def name(*rdns):
    """Each argument is one RDN: an attribute, or a list of them."""
    return sequence(*(tlv(0x31, *(rdn if isinstance(rdn, list) else [rdn])) for rdn in rdns))


def cn(value, tag=UTF8):
    return name(attribute(CN, value, tag))


# extensions ---------------------------------------------------------------

def extension(kind, value, critical=False):
    return sequence(oid(kind), TRUE if critical else b"", octets(value))


def basic_constraints(ca, path_length=None):
    inner = (TRUE if ca else b"") + (integer(path_length) if path_length is not None else b"")
    return extension("2.5.29.19", sequence(inner), critical=True)


def key_usage(value, unused):
    return extension("2.5.29.15", bits(bytes([value]), unused), critical=True)


SIGNS_CERTS = key_usage(0x06, 1)  # keyCertSign, cRLSign
SIGNS = key_usage(0x80, 7)        # digitalSignature
CLIENT, SERVER, CODE, ANY = ("1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.3",
                             "2.5.29.37.0")


def extended_usage(*kinds):
    return extension("2.5.29.37", sequence(*(oid(kind) for kind in kinds)))


def alternative_names(dns=(), ips=(), uris=(), raw=()):
    parts = [tlv(0x82, d.encode() if isinstance(d, str) else d) for d in dns]
    parts += [tlv(0x87, ipaddress.ip_address(ip).packed) for ip in ips]
    parts += [tlv(0x86, uri.encode()) for uri in uris]
    return extension("2.5.29.17", sequence(*parts, *raw))


NAME_CONSTRAINTS = extension("2.5.29.30", sequence(tlv(0xA0, sequence(tlv(0x82, b"example.org")))),
                             critical=True)
UNKNOWN = extension("1.3.6.1.4.1.55555.1", b"\x05\x00", critical=True)


# keys ---------------------------------------------------------------------

def openssl(*arguments, data=b""):
    return subprocess.run(["openssl", *arguments], input=data, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout


KINDS = {
    "p256": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "p384": ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "p521": ["EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
    "rsa": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "rsa1024": ["RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
    "rsa4096": ["RSA", "-pkeyopt", "rsa_keygen_bits:4096"],
    "ed25519": ["ED25519"],
}


class Key:
    def __init__(self, folder, label, kind="p256"):
        self.kind = kind
        self.file = os.path.join("keys", label + ".key")
        self.path = os.path.join(folder, self.file)
        openssl("genpkey", "-algorithm", *KINDS[kind], "-out", self.path)
        self.spki = openssl("pkey", "-in", self.path, "-pubout", "-outform", "DER")

    def identifier(self):
        return hashlib.sha1(self.spki[-65:]).digest()

    def algorithm(self, digest):
        if self.kind == "ed25519":
            return sequence(oid("1.3.101.112"))
        if digest == "pss":  # with SHA-256 in all three places, and a salt of 32 bytes
            sha256 = sequence(oid("2.16.840.1.101.3.4.2.1"), tlv(5))
            return sequence(oid("1.2.840.113549.1.1.10"), sequence(
                tlv(0xA0, sha256), tlv(0xA1, sequence(oid("1.2.840.113549.1.1.8"), sha256)),
                tlv(0xA2, integer(32))))
        if self.kind.startswith("rsa"):
            arc = {"md5": 4, "sha1": 5, "sha256": 11}[digest]
            return sequence(oid("1.2.840.113549.1.1.%d" % arc), tlv(5))
        arc = {"sha1": "1", "sha256": "3.2", "sha384": "3.3"}[digest]
        return sequence(oid("1.2.840.10045.4." + arc))

    def sign(self, data, digest):
        if self.kind == "ed25519":
            with tempfile.NamedTemporaryFile() as file:
                file.write(data)
                file.flush()
                return openssl("pkeyutl", "-sign", "-rawin", "-inkey", self.path, "-in", file.name)
        if digest == "pss":
            return openssl("dgst", "-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt",
                           "rsa_pss_saltlen:32", "-sign", self.path, data=data)
        return openssl("dgst", "-" + digest, "-sign", self.path, data=data)


# certificates -------------------------------------------------------------

class Certificate:
    serial = 0x1000

    def __init__(self, subject, key, extensions, issuer=None, dates=(PAST, LATE), digest="sha256",
                 signature=None, version=3, issuer_name=None, authority=True, identifier=None,
                 outer=None, algorithm=None):
        Certificate.serial += 1
        self.number = Certificate.serial
        signer = issuer.key if issuer else key
        self.subject, self.key = subject, key
        self.identifier = identifier or key.identifier()
        algorithm = algorithm or signer.algorithm(digest)
        if version == 3:
            extensions = [*extensions, extension("2.5.29.14", octets(self.identifier))]
            if issuer and authority:
                keyid = tlv(0x80, issuer.identifier)
                extensions.append(extension("2.5.29.35", sequence(keyid)))
        self.tbs = sequence(
            tlv(0xA0, integer(version - 1)) if version > 1 else b"",
            integer(Certificate.serial), algorithm,
            issuer_name or (issuer.subject if issuer else subject),
            sequence(*(tlv(0x17 if len(d) == 13 else 0x18, d.encode()) for d in dates)),
            subject, key.spki,
            tlv(0xA3, sequence(*extensions)) if version == 3 and extensions else b"")
        self.signature = signature or signer.sign(self.tbs, digest)
        self.der = sequence(self.tbs, outer or algorithm, bits(self.signature))

    def pem(self):
        text = base64.encodebytes(self.der).decode().replace("\n", "")
        lines = [text[i:i + 64] for i in range(0, len(text), 64)]
        return "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n" % "\n".join(lines)


class Pki:
    def __init__(self, folder, dns, ips):
        self.folder = folder
        self.dns, self.ips = dns, ips
        for sub in ("keys", "ca", "server", "client"):
            os.makedirs(os.path.join(folder, sub), exist_ok=True)
        self.keys = {}
        self.index = {"bundles": {}, "cas": [], "servers": [], "clients": []}
        with open(TLS_LIBRARY, encoding="ascii") as file:
            self.index["tls_library"] = json.load(file)

    def key(self, label, kind="p256"):
        if label not in self.keys:
            self.keys[label] = Key(self.folder, label, kind)
        return self.keys[label]

    def write(self, path, *certificates, text=None):
        with open(os.path.join(self.folder, path), "w", encoding="utf-8") as file:
            file.write(text if text is not None else "".join(c.pem() for c in certificates))
        return path

    def authority(self, common_name, label, extensions=None, kind="p256", **rest):
        if extensions is None:
            extensions = [basic_constraints(True), SIGNS_CERTS]
        return Certificate(cn(common_name), self.key(label, kind), extensions, **rest)

    def client(self, case, proof, bundle=None, names="refuse", any_name=None, cert=None, chain=(),
               files=True, **rest):
        """One case. The leaf is by the good CA and named kube-apiserver unless told otherwise."""
        if cert is None:
            arguments = {"issuer": self.good, "key": self.key("client"),
                         "subject": cn("kube-apiserver"),
                         "extensions": [SIGNS, extended_usage(CLIENT)]}
            arguments.update(rest)
            cert = Certificate(**arguments)
        verified = proof == "verified"
        allowed = "allow" if verified else "refuse"
        self.index["clients"].append({
            "case": case, "proof": proof, "bundle": bundle or ("default" if verified else None),
            "names": names if verified else "refuse", "any": any_name or allowed,
            "ca_name": names if verified else "refuse",
            "cert": self.write("client/%s.crt" % case, cert),
            "chain": self.write("client/%s.chain.crt" % case, cert, *chain),
            "key": cert.key.file})
        return cert

    def named(self, case, subject, names="refuse", **rest):
        return self.client(case, "verified", names=names, subject=subject, **rest)

    # CAs

    def make_authorities(self):
        self.good = self.authority("goodca", "good-ca")
        self.scanner = self.authority("scannerca", "scanner-ca")
        self.good2 = self.authority("goodca", "good2-ca")
        self.rogue = self.authority("rogueca", "rogue-ca")
        self.rsa = self.authority("rsaca", "rsa-ca", kind="rsa")
        write = self.write
        self.index["bundles"] = {
            "default": {"ca": write("ca/good.crt", self.good),
                        "cns": ["kube-apiserver", "a" * 64]},
            "scanner": {"ca": write("ca/scanner.crt", self.scanner), "cns": ["audit-scanner"]},
        }
        self.index["ca_cn"] = "goodca"
        usable = {
            "two": [self.good, self.scanner], "rollover": [self.good, self.good2],
            "rogue": [self.rogue], "rsa": [self.rsa], "twice": [self.good, self.good],
            "until-2040": [self.authority("goodca", "good-ca", dates=UNTIL_2040)],
        }
        constraints = basic_constraints(True)
        refused = {
            "expired": self.authority("goodca", "good-ca", dates=EXPIRED),
            "not-yet": self.authority("goodca", "good-ca", dates=NOT_YET),
            "name-constraints": self.authority(
                "ncca", "good-ca", [constraints, SIGNS_CERTS, NAME_CONSTRAINTS]),
            "no-basic-constraints": self.authority("plainca", "good-ca", [SIGNS_CERTS]),
            "not-a-ca": self.authority("leafca", "good-ca", [basic_constraints(False)]),
            "v1": self.authority("v1ca", "good-ca", [], version=1),
            "unknown-critical": self.authority(
                "oddca", "good-ca", [constraints, SIGNS_CERTS, UNKNOWN]),
            "may-not-sign": self.authority("dsca", "good-ca", [constraints, SIGNS]),
            "rsa1024": self.authority("weakca", "weak-ca", kind="rsa1024"),
        }
        for case, certificates in usable.items():
            self.index["cas"].append({"case": case, "load": "ok", "certificates": len(
                set(c.der for c in certificates)), "ca": write("ca/%s.crt" % case, *certificates)})
        for case, certificate in refused.items():
            self.index["cas"].append({"case": case, "load": "refuse",
                                      "ca": write("ca/%s.crt" % case, certificate)})
            beside = {"case": "good-and-" + case, "load": "refuse", "ca": write(
                "ca/good-and-%s.crt" % case, self.good, certificate)}
            # Nothing is trusted by these, but they do no harm.
            if case in ("expired", "not-yet", "unknown-critical"):
                beside.update(load="ok", certificates=2)
            self.index["cas"].append(beside)
        self.make_texts()
        self.make_broken_files()

    def make_texts(self):
        """RFC 7468 section 2: text around blocks is passed over."""
        good, both = self.good.pem(), self.good.pem() + self.scanner.pem()
        title = "My Root\n=======\n"
        texts = {
            "title": (title + good, 1), "titles": (title + good + "\n" + title +
                                                   self.scanner.pem(), 2),
            "text": ("Certificate:\n    Data:\n        Version: 3 (0x2)\n" + good, 1),
            "bag": ("Bag Attributes\n    localKeyID: 01 02\nsubject=CN = goodca\n" + good, 1),
            "text-between": (good + "x\n" + self.scanner.pem(), 2),
            "text-after": (good + "the end", 1), "crlf": (both.replace("\n", "\r\n"), 2),
            "cr": (both.replace("\n", "\r"), 2), "mark": ("\ufeff" + good, 1),
            "old-label": (good.replace("CERTIFICATE", "X509 CERTIFICATE"), 1),
            "parameters": ("-----BEGIN DH PARAMETERS-----\nMAA=\n-----END DH PARAMETERS-----\n" +
                           good, 1),
        }
        for case, (text, n) in texts.items():
            self.index["cas"].append({"case": case, "load": "ok", "certificates": n,
                                      "ca": self.write("ca/%s.crt" % case, text=text)})

    def make_broken_files(self):
        good, both = self.good.pem(), self.good.pem() + self.scanner.pem()
        with open(self.key("good-ca").path, encoding="ascii") as file:
            key = file.read()
        crl = "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n"
        broken = {
            "empty": "", "white-space": "\n \n", "garbage": "hello\n", "key": key,
            "text-in-front": "x" + good, "cut-in-second": both[:-40],
            "cut-in-front": good[40:] + self.scanner.pem(), "key-beside": good + key,
            "key-in-front": key + good, "crl-beside": good + crl,
            "cut-in-end-line": both[:-10], "no-end-line": good.replace("-----END", "-----"),
            "bad-base64": good.replace("\nMII", "\nM!I"), "one-digit-less": good.replace("\nM", "\n"),
            "trusted-label": good.replace("CERTIFICATE", "TRUSTED CERTIFICATE"),
            "not-der": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        }
        for case, text in broken.items():
            self.index["cas"].append({"case": case, "load": "refuse",
                                      "ca": self.write("ca/%s.crt" % case, text=text)})

    # servers

    def server(self, case, key, usable=True, key_file=None, chain=(), **rest):
        arguments = {"issuer": self.good, "subject": cn("webhook"), "key": key, "extensions": [
            SIGNS, extended_usage(SERVER), alternative_names(self.dns, self.ips)]}
        arguments.update(rest)
        cert = Certificate(**arguments)
        self.index["servers"].append({
            "case": case, "usable": usable, "key": key_file or key.file,
            "cert": self.write("server/%s.crt" % case, cert, *chain)})

    def make_servers(self):
        key = self.key("server")
        self.server("ecdsa", key)
        self.server("rsa", self.key("server-rsa", "rsa"))
        self.server("p384", self.key("server-p384", "p384"))
        between = Certificate(cn("serverca"), self.key("between"),
                              [basic_constraints(True), SIGNS_CERTS], issuer=self.good)
        self.server("chain", key, issuer=between, chain=[between])
        self.server("forever", key, dates=FOREVER)
        self.server("ending", key, dates=ENDING)
        self.server("expired", key, usable=False, dates=EXPIRED)
        self.server("rsa1024", self.key("weak", "rsa1024"), usable=False)
        self.server("ed25519", self.key("client-ed25519", "ed25519"), usable=False)
        self.server("other-key", key, usable=False, key_file=self.key("client").file)
        self.server("other-rsa-key", self.key("server-rsa"), usable=False,
                    key_file=self.key("client-rsa", "rsa").file)

    # clients

    def make_good_clients(self):
        self.client("good", "verified", names="allow")
        for kind in ("rsa", "p384", "ed25519"):
            self.client("good-" + kind, "verified", names="allow",
                        key=self.key("client-" + kind, kind))
        self.client("no-eku", "verified", names="allow", extensions=[SIGNS])
        self.client("any-eku", "verified", names="allow", extensions=[SIGNS, extended_usage(ANY)])
        self.client("both-eku", "verified", names="allow",
                    extensions=[SIGNS, extended_usage(SERVER, CLIENT)])
        self.client("no-key-usage", "verified", names="allow", extensions=[extended_usage(CLIENT)])
        self.client("no-authority-key-id", "verified", names="allow", authority=False)
        self.client("not-a-ca-said", "verified", names="allow",
                    extensions=[basic_constraints(False), SIGNS, extended_usage(CLIENT)])
        self.client("organization", "verified", names="allow", subject=name(
            attribute(O, "system:masters"), attribute(OU, "control plane"),
            attribute(CN, "kube-apiserver")))
        self.client("alternative-names", "verified", names="allow", extensions=[
            SIGNS, extended_usage(CLIENT), alternative_names(
                ["api.example"], ["127.0.0.1", "2001:db8::1"], ["spiffe://cluster.local/sa/api"])])
        self.client("san-shapes", "verified", subject=cn("san-client"), extensions=[
            SIGNS, extended_usage(CLIENT), alternative_names(
                ["first.example", "API.Example", "*.wild.example"],
                ["10.0.0.2", "::ffff:10.0.0.1"],
                ["spiffe://cluster.local/ns/a/sa/b", "https://example/x"])])
        for case, units in (("units", [attribute(OU, "two"), attribute(OU, "three")]),
                            ("units-in-one-rdn", [[attribute(OU, "two"), attribute(OU, "three")]])):
            self.client(case, "verified", subject=name(
                attribute(O, "First Inc."), attribute(O, "Second Inc."), attribute(OU, "one"),
                *units, attribute(CN, "unit-client")))
        self.client("scanner", "verified", "scanner", names="allow", issuer=self.scanner,
                    subject=cn("audit-scanner"))
        self.client("scanner-name-of-other-bundle", "verified", subject=cn("audit-scanner"))
        self.client("other-ca-listed-cn", "verified", "scanner", issuer=self.scanner)

    def make_wrong_clients(self):
        client = self.client
        client("eku-server-only", "usage", extensions=[SIGNS, extended_usage(SERVER)])
        client("eku-code-signing", "usage", extensions=[SIGNS, extended_usage(CODE)])
        client("key-usage-no-signature", "usage",
               extensions=[key_usage(0x20, 5), extended_usage(CLIENT)])
        client("expired", "expired", dates=EXPIRED)
        client("not-yet-valid", "expired", dates=NOT_YET)
        client("rogue", "untrusted", issuer=self.rogue)
        client("self-signed", "untrusted", issuer=None)
        client("self-made-with-issuer-name", "untrusted", issuer=None,
               issuer_name=self.good.subject)
        fake = self.authority("goodca", "fake-ca", identifier=self.good.identifier)
        client("self-made-issuer", "untrusted", issuer=fake)
        client("self-made-issuer-sent", "untrusted", issuer=fake, chain=[fake])
        client("self-made-issuer-no-key-id", "untrusted", issuer=fake, authority=False)
        client("rsa-1024", "unfit", key=self.key("weak", "rsa1024"))
        weak = Certificate(cn("weak-between"), self.key("rsa-between", "rsa"),
                           [basic_constraints(True), SIGNS_CERTS], issuer=self.good)
        client("md5", "unfit", issuer=weak, chain=[weak], digest="md5")
        client("sha1", "unfit", digest="sha1")
        client("name-constraints-leaf", "unfit",
               extensions=[SIGNS, extended_usage(CLIENT), NAME_CONSTRAINTS])
        client("unknown-critical", "unfit", extensions=[SIGNS, extended_usage(CLIENT), UNKNOWN])
        client("two-signature-algorithms", "unfit",
               outer=sequence(oid("1.2.840.10045.4.3.3")))
        # CVE-2026-5194: a signature for the empty digest, made of the CA's public key alone.
        x = int.from_bytes(self.good.key.spki[-64:-32], "big") % P256_ORDER
        ed25519 = sequence(oid("1.3.101.112"))
        client("signature-without-digest", "untrusted", algorithm=ed25519,
               signature=sequence(integer(x), integer(x)))
        client("extension-twice", "unfit",
               extensions=[SIGNS, extended_usage(SERVER), extended_usage(CLIENT)])
        client("version-1", "unfit", version=1)
        client("san-nul", "unfit", extensions=[
            SIGNS, extended_usage(CLIENT), alternative_names([b"api.example\0.evil"])])
        client("san-many", "unfit", extensions=[
            SIGNS, extended_usage(CLIENT), alternative_names(["n%d" % i for i in range(2000)])])
        client("huge", "verified", names="allow", extensions=[
            SIGNS, extended_usage(CLIENT), extension("1.3.6.1.4.1.55555.2", b"x" * 16000)])
        client("leaf-is-ca", "usage", extensions=[
            basic_constraints(True), key_usage(0x86, 1), extended_usage(CLIENT)])

    def make_clones(self):
        """CVE-2026-93302: what is public of the CA, around a key of one's own."""
        own = self.key("clone")
        authority = [basic_constraints(True), SIGNS_CERTS]
        for case, proof, extensions in (
                ("ca-clone", "usage", authority),
                ("ca-clone-as-leaf", "untrusted", [SIGNS, extended_usage(CLIENT)])):
            self.client(case, proof, issuer=None, key=own, subject=self.good.subject,
                        extensions=extensions, identifier=self.good.identifier,
                        signature=self.good.signature)
        clone = Certificate(self.good.subject, own, authority, identifier=self.good.identifier,
                            signature=self.good.signature)
        self.client("ca-clone-as-issuer", "untrusted", issuer=clone, chain=[clone])
        self.client("named-like-ca", "untrusted", subject=self.good.subject)
        self.client("named-like-other-ca", "untrusted", subject=self.scanner.subject)

    def make_chains(self):
        def between(common_name, label, extensions=None, issuer=self.good, **rest):
            if extensions is None:
                extensions = [basic_constraints(True), SIGNS_CERTS]
            return Certificate(cn(common_name), self.key(label), extensions, issuer=issuer, **rest)

        client = self.client
        one = between("between", "between")
        two = between("between two", "between2", issuer=one)
        client("intermediate", "verified", names="allow", issuer=one, chain=[one])
        client("intermediate-and-root", "verified", names="allow", issuer=one,
               chain=[one, self.good])
        client("two-intermediates", "verified", names="allow", issuer=two, chain=[two, one])
        client("intermediate-missing", "untrusted", issuer=one)
        client("second-intermediate-missing", "untrusted", issuer=two, chain=[two])
        plain = between("between plain", "between", [basic_constraints(False), SIGNS_CERTS])
        client("intermediate-not-a-ca", "untrusted", issuer=plain, chain=[plain])
        leaf = between("leaf", "between", [SIGNS, extended_usage(CLIENT)])
        client("leaf-as-issuer", "untrusted", issuer=leaf, chain=[leaf])
        unsigning = between("between unsigning", "between", [basic_constraints(True), SIGNS])
        client("intermediate-may-not-sign", "untrusted", issuer=unsigning, chain=[unsigning])
        old = between("between old", "between", dates=EXPIRED)
        client("intermediate-expired", "expired", issuer=old, chain=[old])
        early = between("between early", "between", dates=NOT_YET)
        client("intermediate-not-yet-valid", "expired", issuer=early, chain=[early])
        narrow = between("between narrow", "between",
                         [basic_constraints(True), SIGNS_CERTS, NAME_CONSTRAINTS])
        client("name-constraints-intermediate", "unfit", issuer=narrow, chain=[narrow])
        odd = between("between odd", "between", [basic_constraints(True), SIGNS_CERTS, UNKNOWN])
        client("unknown-critical-intermediate", "unfit", issuer=odd, chain=[odd])
        short = between("between short", "between", [basic_constraints(True, 0), SIGNS_CERTS])
        below = between("below short", "between2", issuer=short)
        client("path-length-kept", "verified", names="allow", issuer=short, chain=[short])
        client("path-length-exceeded", "untrusted", issuer=below, chain=[below, short])
        sha1 = between("between sha1", "between", digest="sha1")
        client("intermediate-sha1", "unfit", issuer=sha1, chain=[sha1])
        outsider = between("between outsider", "between2", issuer=self.rogue)
        client("good-with-another", "verified", names="allow", chain=[outsider])
        client("rogue-intermediate", "untrusted", issuer=outsider, chain=[outsider, self.rogue])
        forged = between("between forged", "between2", issuer=self.good,
                         signature=self.good.signature)
        client("intermediate-forged", "untrusted", issuer=forged, chain=[forged])
        # Seven certificates that all issued one another: as many paths as 7 has permutations.
        knot = [self.authority("knot", "knot") for _ in range(7)]
        client("knot", "untrusted", issuer=knot[0], chain=knot)
        self.make_other_keys()
        self.make_reissued(one, between)
        self.make_hostile_chains()
        client("rollover-new-key", "untrusted", issuer=self.good2)
        client("rollover-no-key-id", "untrusted", issuer=self.good2, authority=False)

    def make_other_keys(self):
        """A CA of each kind of key, in no bundle of the index; and RSASSA-PSS."""
        for kind in ("rsa", "p384", "p521", "ed25519"):
            authority = self.authority("ca of " + kind, "ca-" + kind, kind=kind)
            self.write("ca/of-%s.crt" % kind, authority)
            self.client("by-" + kind, "untrusted", issuer=authority)
            if kind == "rsa":
                self.client("by-rsa-pss", "untrusted", issuer=authority, digest="pss")

    def make_reissued(self, one, between):
        """Several certificates for the key of one intermediate, and several paths through it."""
        client, write = self.client, self.write
        again = between("between", "between")
        other = self.authority("otherca", "other-ca")
        crossed = between("between", "between", issuer=other)
        client("intermediate-reissued", "verified", names="allow", issuer=one, chain=[again])
        client("intermediate-twice", "verified", names="allow", issuer=one, chain=[one, again])
        client("intermediate-crossed", "verified", names="allow", issuer=one,
               chain=[one, crossed])
        renewed = self.authority("goodca", "good-ca")
        rollover = [self.authority("goodca", "good%d-ca" % i) for i in range(3, 7)]
        client("by-the-last-of-many", "untrusted", issuer=rollover[-1])
        for case, certificates in {
                "and-between": [self.good, one], "crossed": [self.good, other],
                "renewed": [self.good, renewed], "between": [one],
                "many": [self.good, renewed, *rollover]}.items():
            write("ca/%s.crt" % case, *certificates)
        self.index["denials"] = {
            label: {"serial": "%x" % c.number, "sha256": hashlib.sha256(c.der).hexdigest(),
                    "spki-sha256": hashlib.sha256(c.key.spki).hexdigest()}
            for label, c in {"good": self.good, "between": one, "again": again, "other": other,
                             "crossed": crossed, "renewed": renewed}.items()}

    def make_hostile_chains(self):
        """What anyone can make to cost a server signature checks."""
        key = self.key("hostile", "p521")

        def seven(common_name):
            return [self.authority(common_name, "hostile", kind="p521") for _ in range(7)]

        # Signatures that look as if the CA's key could have made them, so that they are computed.
        plain = self.key("hostile-p256")
        three = [self.authority("goodca", "hostile-p256") for _ in range(3)]
        self.client("three-like-ca", "untrusted", issuer=three[0], chain=three, key=plain)
        for case, common_name in (("seven-alike", "hostile"), ("seven-like-ca", "goodca")):
            chain = seven(common_name)
            self.client(case, "untrusted", issuer=chain[0], chain=chain, key=key)
        linked = seven("hostile")
        linked[6] = Certificate(cn("hostile"), key, [basic_constraints(True), SIGNS_CERTS],
                                issuer=self.good, signature=self.good.signature)
        self.client("seven-and-a-forged-link", "untrusted", issuer=linked[0], chain=linked, key=key)
        rsa = self.key("hostile-rsa", "rsa4096")
        self.client("self-made-rsa-4096", "untrusted", issuer=None, key=rsa,
                    issuer_name=self.good.subject)
        many = [SIGNS, extended_usage(CLIENT), alternative_names(["n%d" % i for i in range(1024)])]
        self.client("self-made-many-names", "untrusted", issuer=None, key=plain,
                    issuer_name=self.good.subject, extensions=many)
        large = [self.authority("hostile", "hostile", [
            basic_constraints(True), SIGNS_CERTS,
            extension("1.3.6.1.4.1.55555.2", b"x" * 2000)]) for _ in range(7)]
        leaf = Certificate(cn("kube-apiserver"), key, [SIGNS], issuer=large[0])
        self.write("client/large.chain.crt", leaf, *large)
        self.write("client/long.chain.crt", leaf, *[large[0]] * 2, *linked[:6])

    def make_names(self):
        named = self.named
        text = "kube-apiserver"
        named("cn-printable", cn(text, PRINTABLE), names="allow")
        named("cn-64-bytes", cn("a" * 64), names="allow")
        for case, value in {
                "unlisted": "kube-scheduler", "upper-case": "Kube-APIServer",
                "longer": text + "x", "shorter": text[:-1], "leading-space": " " + text,
                "trailing-space": text + " ", "wildcard": "*", "wildcard-part": "kube-*",
                "homoglyph": "kub\u0435-apiserver", "zero-width": "kube-\u200bapiserver",
                "utf8": "kübe-apisérver", "with-o": text + ",O=x", "with-slash": text + "/CN=x",
                "65-bytes": "a" * 65, "300-bytes": text + "a" * 286,
                "4000-bytes": text + "a" * 3986}.items():
            named("cn-" + case, cn(value))
        for case, value in {
                "empty": b"", "nul": b"kube-apiserver\0.evil", "nul-first": b"\0kube-apiserver",
                "newline": b"kube-apiserver\nadmitted=true", "control": b"kube-apiserver\x01",
                "delete": b"kube-apiserver\x7f", "c1": "kube-apiserver\u0085".encode(),
                "bad-utf8": b"kube-apiserver\xff"}.items():
            named("cn-" + case, cn(value))
        named("cn-bmp", cn(text.encode("utf-16-be"), BMP))
        named("cn-universal", cn(text.encode("utf-32-be"), UNIVERSAL))
        named("cn-t61", cn(text, T61))
        named("cn-ia5", cn(text, IA5))
        listed, other = attribute(CN, text), attribute(CN, "evil")
        named("cn-two", name(listed, other))
        named("cn-two-listed-last", name(other, listed))
        named("cn-two-in-one-rdn", name([listed, other]))
        named("cn-twice-the-same", name(listed, listed))
        named("cn-absent", name(attribute(O, text)))
        named("cn-only-in-san", name(attribute(O, "x")), extensions=[
            SIGNS, extended_usage(CLIENT), alternative_names([text])])
        named("subject-empty", name(), extensions=[
            SIGNS, extended_usage(CLIENT), alternative_names([text])])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--dns", action="append", default=["localhost"])
    parser.add_argument("--ip", action="append", default=["127.0.0.1"])
    parser.add_argument("--stamp", help="a file to make when all is done")
    arguments = parser.parse_args()
    pki = Pki(arguments.folder, arguments.dns, arguments.ip)
    pki.make_authorities()
    pki.make_servers()
    pki.make_good_clients()
    pki.make_wrong_clients()
    pki.make_clones()
    pki.make_chains()
    pki.make_names()
    with open(os.path.join(arguments.folder, "index.json"), "w", encoding="ascii") as file:
        json.dump(pki.index, file, indent=1)
        file.write("\n")
    if arguments.stamp:
        with open(arguments.stamp, "w", encoding="ascii"):
            pass


if __name__ == "__main__":
    main()
