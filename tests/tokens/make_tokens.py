#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Webhook tokens (KEP-6060) as kube-apiserver issues them, and forgeries of them.

    make_tokens.py FOLDER [--stamp FILE]

FOLDER/jwks.json is the key set of the issuer, FOLDER/one.json one of a single key
without kid, and FOLDER/index.json a list of cases: name, the result that the token
must have (a word of AWH_TOKEN_RESULT_MAP), the path that it is shown at, the key set
that it is verified by ("jwks.json" unless it is named), and the token itself.

The `openssl` command makes keys and signatures; all that a JSON Web Token is made of is
put together here, because most of the wrong ones are such as no library would write.
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import re
import subprocess
import time

ISSUER = "https://kubernetes.default.svc.cluster.local"
ORIGIN = "https://pods.policy.svc:443"
OTHER_ORIGIN = "https://admission.example:8443"
PATH = "/validate"
WEBHOOK, UID = "pods-policy", "0d4ba2b5-6a0f-4b4c-a3d1-4d6a8a8b0a01"
KINDS = {"validating": "validatingwebhookconfiguration", "mutating": "mutatingwebhookconfiguration"}
CURVES = {"ES256": ("prime256v1", "P-256", 32), "ES384": ("secp384r1", "P-384", 48),
          "ES512": ("secp521r1", "P-521", 66)}
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(n, size=None):
    return b64(n.to_bytes(size or (n.bit_length() + 7) // 8, "big"))


def openssl(*arguments, data=None):
    return subprocess.run(("openssl", *arguments), input=data, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def der_numbers(data, count=2):
    """The first INTEGERs of a SEQUENCE."""
    at, numbers = 2 + (data[1] & 0x7F if data[1] & 0x80 else 0), []
    for _ in range(count):
        length, at = data[at + 1], at + 2
        if length & 0x80:
            octets = length & 0x7F
            length = int.from_bytes(data[at:at + octets], "big")
            at += octets
        numbers.append(int.from_bytes(data[at:at + length], "big"))
        at += length
    return numbers


class Key:
    """A private key, the JWS algorithm that it signs with, and its kid."""

    def __init__(self, folder, kid, alg="RS256", bits=2048, exponent=65537):
        self.kid, self.alg = kid, alg
        self.file = os.path.join(folder, "%s.key" % kid)
        if alg in CURVES:
            openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:" +
                    CURVES[alg][0], "-out", self.file)
        else:
            openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:%d" % bits,
                    "-pkeyopt", "rsa_keygen_pubexp:%d" % exponent, "-out", self.file)

    def jwk(self, **changes):
        jwk = {"use": "sig", "kid": self.kid, "alg": self.alg}
        if self.alg in CURVES:
            size = CURVES[self.alg][2]
            der = openssl("pkey", "-in", self.file, "-pubout", "-outform", "DER")
            point = der[-2 * size:]
            jwk.update(kty="EC", crv=CURVES[self.alg][1], x=b64(point[:size]), y=b64(point[size:]))
        else:
            der = openssl("rsa", "-in", self.file, "-RSAPublicKey_out", "-outform", "DER")
            n, e = der_numbers(der)
            jwk.update(kty="RSA", n=number(n), e=number(e))
        jwk.update(changes)
        return {name: value for name, value in jwk.items() if value is not None}

    def pem(self):
        return openssl("pkey", "-in", self.file, "-pubout")

    def sign(self, data, hash_bits=None):
        raw = openssl("dgst", "-sha" + str(hash_bits or self.alg[2:]), "-sign", self.file, data=data)
        if self.alg not in CURVES:
            return raw
        size = CURVES[self.alg][2]
        return b"".join(n.to_bytes(size, "big") for n in der_numbers(raw))


def claims(path=PATH, kind="validating", group="*", now=None, **changes):
    """What the token of a webhook says; a change to None leaves the claim out."""
    now = int(time.time()) if now is None else now
    made = {
        "aud": [ORIGIN + path], "exp": now + 600, "iat": now, "iss": ISSUER,
        "jti": "3f5a2f1c-3a52-4c0b-8b45-2ad1a05a4f2c",
        "kubernetes.io": {
            "attestations": {"admissionReviewAPIGroups": [group]},
            "namespace": "kube-system",
            "serviceaccount": {"name": "webhook-auth", "uid": "5b3e4d57-2d0e-4d7d-9c53-6f1f16a6c0f9"},
            KINDS[kind]: {"name": WEBHOOK, "uid": UID},
        },
        "nbf": now, "sub": "system:serviceaccount:kube-system:webhook-auth",
    }
    private = changes.pop("private", {})
    made["kubernetes.io"].update(private)
    made.update(changes)
    for holder in (made["kubernetes.io"] or {}, made):
        for name in [name for name, value in holder.items() if value is None]:
            del holder[name]
    return made


def encode(what):
    return b64(what if isinstance(what, bytes) else json.dumps(what, separators=(",", ":")).encode())


def token(key, payload, header=None, sign=None):
    """header: what differs from the key's own. sign: of the bytes that are signed."""
    made = {"alg": key.alg, "kid": key.kid}
    if isinstance(header, bytes):
        made = header
    else:
        made.update(header or {})
        made = {name: value for name, value in made.items() if value is not None}
    data = "%s.%s" % (encode(made), encode(payload))
    return "%s.%s" % (data, b64((sign or key.sign)(data.encode())))


def raw_rsa(key, block):
    """The private operation on a block as it is."""
    der = openssl("rsa", "-in", key.file, "-traditional", "-outform", "DER")
    _, n, _, d = der_numbers(der, 4)
    return pow(int.from_bytes(block, "big"), d, n).to_bytes(256, "big")


DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


def padded(data, size=256, info=DIGEST_INFO, filler=b"\xff", trailer=b"", digest=None):
    tail = info + (digest or hashlib.sha256(data).digest()) + trailer
    return b"\0\1" + filler * (size - 3 - len(tail)) + b"\0" + tail


def rsa_forgeries(rsa):
    """Signatures that the key has made, of blocks that are no signature of PKCS #1 v1.5."""
    blocks = {
        "a block of type 2": lambda d: b"\0\2" + padded(d)[2:],
        "padding that is not all FF": lambda d: b"\0\1\xff\xfe" + padded(d)[4:],
        "padding that is cut, and bytes behind the digest": lambda d: (
            b"\0\1" + b"\xff" * 8 + b"\0" + DIGEST_INFO + hashlib.sha256(d).digest()).ljust(256, b"\x55"),
        "a byte behind the digest": lambda d: padded(d, trailer=b"\0"),
        "a digest without its algorithm": lambda d: padded(d, info=b""),
        "parameters left out of the digest's algorithm": lambda d: padded(
            d, info=bytes.fromhex("302f300b0609608648016503040201" "0420")),
        "a long length in the digest's info": lambda d: padded(
            d, info=bytes.fromhex("308131300d060960864801650304020105000420")),
        "the digest of SHA-384 under RS256": lambda d: padded(
            d, info=bytes.fromhex("3041300d060960864801650304020205000430"),
            digest=hashlib.sha384(d).digest()),
        "SHA-1": lambda d: padded(d, info=bytes.fromhex("3021300906052b0e03021a05000414"),
                                  digest=hashlib.sha1(d).digest()),
    }
    for name, block in blocks.items():
        yield name, token(rsa, claims(), sign=lambda d, block=block: raw_rsa(rsa, block(d)))
    yield "the number 0", token(rsa, claims(), sign=lambda d: bytes(256))
    yield "the number 1", token(rsa, claims(), sign=lambda d: bytes(255) + b"\1")
    n = int.from_bytes(base64.urlsafe_b64decode(rsa.jwk()["n"] + "=="), "big")
    yield "the modulus itself", token(rsa, claims(), sign=lambda d: n.to_bytes(256, "big"))
    for number_of_try in range(500):
        payload = claims(jti=str(number_of_try))
        made = token(rsa, payload)
        s = int.from_bytes(base64.urlsafe_b64decode(made.split(".")[2] + "=="), "big") + n
        if s < 1 << 2048:  # the same signature modulo n, in as many bytes
            yield "a signature and the modulus added", substitute(
                made, 2, b64(s.to_bytes(256, "big")))
            break
    yield "a signature with a zero before it", token(rsa, claims(), sign=lambda d: b"\0" + rsa.sign(d))
    yield "a signature that is a byte short", token(rsa, claims(), sign=lambda d: rsa.sign(d)[:-1])
    yield "no signature of RS256", token(rsa, claims(), sign=lambda d: b"\0")


def ecc_forgeries(ecc):
    def with_numbers(r, s):
        return lambda data: r.to_bytes(32, "big") + s.to_bytes(32, "big")

    yield "r and s of 0", token(ecc, claims(), sign=with_numbers(0, 0))
    yield "r of 0", token(ecc, claims(), sign=with_numbers(0, 1))
    yield "s of 0", token(ecc, claims(), sign=with_numbers(1, 0))
    yield "r and s of the order", token(ecc, claims(), sign=with_numbers(P256_ORDER, P256_ORDER))
    yield "r and s of 1", token(ecc, claims(), sign=with_numbers(1, 1))
    yield "r of one signature, s of another", token(
        ecc, claims(), sign=lambda d: ecc.sign(d)[:32] + ecc.sign(d)[32:])
    yield "DER, as in certificates", token(ecc, claims(), sign=lambda d: openssl(
        "dgst", "-sha256", "-sign", ecc.file, data=d))
    yield "a digest of SHA-384 cut to P-256", token(ecc, claims(), sign=lambda d: ecc.sign(d, 384))
    yield "a signature and bytes behind it", token(ecc, claims(), sign=lambda d: ecc.sign(d) + b"\0\0\0")
    yield "a signature that is cut", token(ecc, claims(), sign=lambda d: ecc.sign(d)[:-1])


def substitute(made, part, text):
    parts = made.split(".")
    parts[part] = text
    return ".".join(parts)


def duplicated(payload, name, value):
    """The claim once more, at the end."""
    return json.dumps(payload).encode()[:-1] + b", %s: %s}" % (
        json.dumps(name).encode(), json.dumps(value).encode())


def malformed(key):
    good = token(key, claims())
    header, payload, signature = good.split(".")
    yield "no dot", "s3cret"
    yield "one dot", "%s.%s" % (header, payload)
    yield "three dots", good + ".x"
    yield "no header", ".%s.%s" % (payload, signature)
    yield "no payload", "%s..%s" % (header, signature)
    yield "no signature", "%s.%s." % (header, payload)
    yield "a header that is no base64url", substitute(good, 0, header + "=")
    yield "a header in standard base64", substitute(good, 0, "+" + header[1:])
    yield "a header that is no JSON", token(key, claims(), header=b"{")
    yield "a header that is an array", token(key, claims(), header=b"[]")
    yield "a header without alg", token(key, claims(), {"alg": None})
    yield "an alg that is no text", token(key, claims(), {"alg": 1})
    yield "a kid that is no text", token(key, claims(), {"kid": 1})
    yield "a kid of null", token(key, claims(), json.dumps({"alg": key.alg, "kid": None}).encode())
    yield "a critical extension", token(key, claims(), {"crit": ["exp"]})
    yield "two algs", token(key, claims(), b'{"alg":"%s","kid":"%s","alg":"none"}'
                            % (key.alg.encode(), key.kid.encode()))
    yield "an alg with NUL", token(key, claims(), b'{"alg":"%s\\u0000","kid":"%s"}'
                                   % (key.alg.encode(), key.kid.encode()))
    yield "a payload that is no object", token(key, b"[]")
    yield "a payload with bytes behind it", token(key, json.dumps(claims()).encode() + b"{}")
    yield "a payload that is nested deeply", token(key, b'{"a":' + b"[" * 300 + b"]" * 300 + b"}")
    for name in ("iss", "sub", "aud", "exp"):
        yield "no " + name, token(key, claims(**{name: None}))
        yield "two of " + name, token(key, duplicated(claims(), name, claims()[name]))
    yield "two of kubernetes.io", token(key, duplicated(claims(), "kubernetes.io", {}))
    for name, value in (("exp", "4102444800"), ("exp", 4102444800.5), ("exp", -1), ("exp", 1 << 60),
                        ("exp", [4102444800]), ("nbf", "0"), ("iat", True), ("iss", 1),
                        ("iss", ""), ("iss", "x" * 1025), ("jti", 1),
                        ("aud", []), ("aud", [[]]), ("aud", {}),
                        ("aud", [ORIGIN + PATH, "https://kubernetes.default.svc"]),
                        ("sub", "system:serviceaccount:kube-system:other"),
                        ("sub", "admin"), ("kubernetes.io", [])):
        yield "%s of %s" % (name, json.dumps(value)[:24]), token(key, claims(**{name: value}))
    for name, value in (("namespace", None), ("namespace", 1), ("serviceaccount", None),
                        ("serviceaccount", {"name": "webhook-auth"}), ("attestations", None),
                        ("attestations", {}), ("attestations", {"admissionReviewAPIGroups": []}),
                        ("attestations", {"admissionReviewAPIGroups": "*"}),
                        ("attestations", {"admissionReviewAPIGroups": [""]}),
                        ("attestations", {"admissionReviewAPIGroups": ["apps", "batch"]}),
                        ("attestations", {"admissionReviewAPIGroups": ["apps\u0007"]}),
                        ("mutatingwebhookconfiguration", {"name": WEBHOOK, "uid": UID}),
                        ("validatingwebhookconfiguration", {"name": WEBHOOK}),
                        ("validatingwebhookconfiguration", {"name": "a\0b", "uid": UID}),
                        ("validatingwebhookconfiguration", WEBHOOK)):
        yield ("%s of %s" % (name, json.dumps(value)[:60]),
               token(key, claims(private={name: value})))
    text = json.dumps(claims(exp=4102444800))
    for name, old, new in (
            ("a second aud by an escape", '"aud"', r'"au\u0064": ["https://x"], "aud"'),
            ("a second name of the configuration by an escape", '"%s"' % WEBHOOK,
             r'"%s", "nam\u0065": "other"' % WEBHOOK),
            ("a second attestation", '"attestations"', '"attestations": {}, "attestations"'),
            ("exp of 4102444800.0", "4102444800", "4102444800.0"),
            ("exp of 41024448e2", "4102444800", "41024448e2"),
            ("exp of 1e400", "4102444800", "1e400"),
            ("exp of 40 digits", "4102444800", "9" * 40),
            ("exp of null", "4102444800", "null"),
            ("a lone surrogate", WEBHOOK, r"\ud800"),
            ("a comma too many", text[-1], ",}")):
        assert old in text, name
        yield name, token(key, text.replace(old, new).encode())
    yield "a byte order mark", token(key, b"\xef\xbb\xbf" + text.encode())
    yield "a NUL behind the payload", token(key, text.encode() + b"\0")
    yield "bytes that are no UTF-8", token(key, text.encode().replace(b"pods-policy", b"\xc0\x80"))
    yield "a second alg by an escape", token(
        key, claims(), (r'{"alg":"%s","kid":"%s","al\u0067":"none"}' % (key.alg, key.kid)).encode())
    yield "4097 bytes", token(key, claims(padding="x" * 4096))[:4097]


def cases(folder):
    """(name, result, path, key set, token)"""
    rsa, ecc = Key(folder, "rsa"), Key(folder, "ecc", "ES256")
    keys = [rsa, ecc, Key(folder, "rs384", "RS384"), Key(folder, "rs512", "RS512", 3072),
            Key(folder, "es384", "ES384"), Key(folder, "es512", "ES512")]
    stranger, retired = Key(folder, "stranger"), Key(folder, "retired", "ES256")
    with open(os.path.join(folder, "jwks.json"), "w", encoding="utf-8") as file:
        json.dump({"keys": [key.jwk() for key in keys]}, file)
    with open(os.path.join(folder, "one.json"), "w", encoding="utf-8") as file:
        json.dump({"keys": [rsa.jwk(kid=None, alg=None)]}, file)
    now = int(time.time())
    late = 4102444800 - now  # tokens of the table are used long after they are made
    lasting = {"exp": 4102444800}

    def add(name, result, made, path=PATH, jwks="jwks.json"):
        table.append({"name": name, "result": result, "path": path, "jwks": jwks, "token": made})

    table = []
    for key in keys:
        add("signed by " + key.alg, "ok", token(key, claims(**lasting)))
    add("of a mutating webhook", "ok", token(rsa, claims("/mutate", "mutating", **lasting)), "/mutate")
    add("an audience that is no array", "ok", token(rsa, claims(aud=ORIGIN + PATH, **lasting)))
    add("of another origin", "ok", token(rsa, claims(aud=[OTHER_ORIGIN + PATH], **lasting)))
    add("a URL without a path", "ok", token(rsa, claims(aud=[OTHER_ORIGIN], **lasting)), "/")
    add("no jti, nbf, iat", "ok", token(rsa, claims(jti=None, nbf=None, iat=None, **lasting)))
    add("a claim that is not known", "ok", token(rsa, claims(other={"a": [1]}, **lasting)))
    add("no kid, one key", "ok", token(rsa, claims(**lasting), {"kid": None}), jwks="one.json")
    add("some kid, one key without one", "ok", token(rsa, claims(**lasting)), jwks="one.json")

    add("no kid, several keys", "unknown_key", token(rsa, claims(**lasting), {"kid": None}))
    add("an unknown kid", "unknown_key", token(stranger, claims(**lasting)))
    add("the kid in another case", "unknown_key", token(rsa, claims(**lasting), {"kid": "RSA"}))
    add("an empty kid", "unknown_key", token(rsa, claims(**lasting), {"kid": ""}))
    add("another key under a known kid", "signature", token(stranger, claims(**lasting), {"kid": "rsa"}))
    add("another curve key under a known kid", "signature",
        token(retired, claims(**lasting), {"kid": "ecc"}))
    add("a key in its own header", "signature",
        token(stranger, claims(**lasting), {"kid": "rsa", "jwk": stranger.jwk()}))
    add("one key, and a signature of another", "signature", token(stranger, claims(**lasting)),
        jwks="one.json")

    for alg in ("none", "None", "NONE", "", "HS256", "RS384", "PS256", "ES256", "EdDSA", "rs256"):
        add("alg %s under an RSA key" % alg, "algorithm", token(rsa, claims(**lasting), {"alg": alg}))
    add("alg none without a signature", "malformed",
        token(rsa, claims(**lasting), {"alg": "none"}, lambda d: b""))
    for name, secret in (("PEM", rsa.pem()), ("JWK", json.dumps(rsa.jwk()).encode())):
        add("HS256 with the public key as %s" % name, "algorithm",
            token(rsa, claims(**lasting), {"alg": "HS256"},
                  lambda d, secret=secret: hmac.new(secret, d, hashlib.sha256).digest()))
    add("RS256 under a key of ES256", "algorithm", token(rsa, claims(**lasting), {"kid": "ecc"}))
    add("ES384 under a key of P-256", "algorithm", token(ecc, claims(**lasting), {"alg": "ES384"}))

    good = token(rsa, claims(**lasting))
    changed = encode(claims(group="apps", **lasting))
    add("a payload of another token", "signature", substitute(good, 1, changed))
    add("a header of another token", "signature",
        substitute(good, 0, encode({"kid": "rsa", "alg": "RS256"})))
    for at in (0, 100, 341):
        signature = good.split(".")[2]
        flipped = signature[:at] + ("A" if signature[at] != "A" else "B") + signature[at + 1:]
        add("a signature with another digit at %d" % at, "malformed" if at == 341 else "signature",
            substitute(good, 2, flipped if at != 341 else signature[:at] + "_"))
    for name, made in rsa_forgeries(rsa):
        add("RS256: " + name, "signature", made)
    for name, made in ecc_forgeries(ecc):
        add("ES256: " + name, "signature", made)

    for issuer in (ISSUER + "/", ISSUER[:-1], ISSUER.upper(), "https://attacker.example", " " + ISSUER):
        add("issuer " + issuer, "issuer", token(rsa, claims(iss=issuer, **lasting)))
    add("bound to nothing", "unbound", token(rsa, claims(private={KINDS["validating"]: None}, **lasting)))
    add("bound to a Pod", "unbound", token(rsa, claims(
        private={KINDS["validating"]: None, "pod": {"name": "a", "uid": "b"}}, **lasting)))
    add("names in the spelling of the proposal", "unbound", token(rsa, claims(private={
        KINDS["validating"]: None,
        "validatingWebhookConfiguration": {"name": WEBHOOK, "uid": UID}}, **lasting)))
    for name in ("other", WEBHOOK + "x", WEBHOOK[:-1], "*"):
        add("bound to configuration " + name, "webhook", token(
            rsa, claims(private={KINDS["validating"]: {"name": name, "uid": UID}}, **lasting)))
    add("the name of the other kind", "webhook", token(rsa, claims(private={
        KINDS["validating"]: None, KINDS["mutating"]: {"name": WEBHOOK + "-v", "uid": UID}}, **lasting)))

    for aud in (ORIGIN, ORIGIN + "/", ORIGIN + PATH + "/", ORIGIN + PATH + "x", ORIGIN + PATH[:-1],
                ORIGIN + "/mutate", ORIGIN + "//validate", ORIGIN + PATH + "?timeout=10s",
                ORIGIN + ".evil.example" + PATH, ORIGIN + "3" + PATH, ORIGIN[:-4] + PATH,
                ORIGIN.upper() + PATH, "http" + ORIGIN[5:] + PATH, "https://a@" + ORIGIN[8:] + PATH,
                "https://kubernetes.default.svc", PATH, OTHER_ORIGIN):
        add("audience " + aud, "audience", token(rsa, claims(aud=[aud], **lasting)))
    add("shown at another path", "audience", good, "/mutate")
    add("shown at a path that begins alike", "audience", good, PATH + "/x")
    add("a URL without a path, at another", "audience",
        token(rsa, claims(aud=[OTHER_ORIGIN], **lasting)), PATH)

    add("expired a minute ago", "expired", token(rsa, claims(now=now - 661)))
    add("expired long ago", "expired", token(rsa, claims(now=0)))
    add("valid in the future", "not_yet_valid", token(rsa, claims(now=now + 4 * 10 ** 9)))
    add("issued in the future", "not_yet_valid",
        token(rsa, claims(nbf=now, iat=now + late - 100, **lasting)))
    for name, made in malformed(rsa):
        add("malformed: " + name, "malformed", made)
    return table


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--stamp")
    arguments = parser.parse_args()
    os.makedirs(arguments.folder, exist_ok=True)
    table = cases(arguments.folder)
    assert len({case["name"] for case in table}) == len(table), "two cases of one name"
    assert all(re.fullmatch(r"[!-~]+", case["token"]) for case in table), "not visible ASCII"
    with open(os.path.join(arguments.folder, "index.json"), "w", encoding="utf-8") as file:
        json.dump(table, file, indent=1)
    if arguments.stamp:
        with open(arguments.stamp, "w", encoding="utf-8") as file:
            file.write("%d cases\n" % len(table))


if __name__ == "__main__":
    main()
