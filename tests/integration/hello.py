# SPDX-License-Identifier: MIT
"""
ClientHellos written byte by byte, for what no TLS library offers any more, and
what a server says to them.
"""

import os
import struct

GOOD = 0xC02B  # ECDHE-ECDSA-AES128-GCM-SHA256
TLS13 = 0x1301
REFUSED = {
    0x0000: "NULL", 0x0001: "RSA-NULL-MD5", 0x0002: "RSA-NULL-SHA", 0x003B: "RSA-NULL-SHA256",
    0xC006: "ECDHE-ECDSA-NULL-SHA", 0xC010: "ECDHE-RSA-NULL-SHA",
    0x0003: "EXPORT-RC4-40-MD5", 0x0004: "RC4-MD5", 0x0005: "RC4-SHA",
    0xC007: "ECDHE-ECDSA-RC4-SHA", 0xC011: "ECDHE-RSA-RC4-SHA", 0x0009: "DES-CBC-SHA",
    0x000A: "DES-CBC3-SHA", 0xC008: "ECDHE-ECDSA-DES-CBC3-SHA", 0xC012: "ECDHE-RSA-DES-CBC3-SHA",
    0x002F: "AES128-SHA", 0x0035: "AES256-SHA", 0x003C: "AES128-SHA256", 0x003D: "AES256-SHA256",
    0xC009: "ECDHE-ECDSA-AES128-SHA", 0xC00A: "ECDHE-ECDSA-AES256-SHA",
    0xC013: "ECDHE-RSA-AES128-SHA", 0xC014: "ECDHE-RSA-AES256-SHA",
    0xC023: "ECDHE-ECDSA-AES128-SHA256", 0xC024: "ECDHE-ECDSA-AES256-SHA384",
    0xC027: "ECDHE-RSA-AES128-SHA256", 0xC028: "ECDHE-RSA-AES256-SHA384",
    0x0033: "DHE-RSA-AES128-SHA", 0x009E: "DHE-RSA-AES128-GCM-SHA256",
    0x009C: "AES128-GCM-SHA256", 0x009D: "AES256-GCM-SHA384",
    0xC02D: "ECDH-ECDSA-AES128-GCM-SHA256", 0xC0AC: "ECDHE-ECDSA-AES128-CCM",
    0x0018: "ADH-RC4-MD5", 0x006D: "ADH-AES256-SHA256", 0x00A6: "ADH-AES128-GCM-SHA256",
    0xC016: "AECDH-RC4-SHA", 0xC018: "AECDH-AES128-SHA", 0x008C: "PSK-AES128-CBC-SHA",
    0x00A8: "PSK-AES128-GCM-SHA256", 0xC037: "ECDHE-PSK-AES128-CBC-SHA256",
    0xD001: "ECDHE-PSK-AES128-GCM-SHA256", 0x0041: "CAMELLIA128-SHA", 0x0096: "SEED-SHA",
    0x1304: "TLS13-AES128-CCM-SHA256", 0x1305: "TLS13-AES128-CCM-8-SHA256", 0xC0B4: "NULL-SHA256",
}

HANDSHAKE, ALERT, APPLICATION_DATA = 22, 21, 23
SERVER_HELLO = 2


def vector(width, data):
    return len(data).to_bytes(width, "big") + data


def extension(kind, data):
    return struct.pack(">H", kind) + vector(2, data)


def client_hello(suites=(GOOD,), legacy=0x0303, versions=(), session_id=b"", extra=b"",
                 record=0x0301):
    """A record with a ClientHello. versions: what supported_versions offers."""
    groups = b"\0\x1d\0\x17"
    signatures = bytes.fromhex("04030503080408050401050102030201")
    extensions = (extension(0xFF01, b"\0") + extension(10, vector(2, groups)) +
                  extension(11, b"\x01\0") + extension(13, vector(2, signatures)))
    if versions:
        share = b"\0\x1d" + vector(2, os.urandom(31) + b"\x2a")  # below 2^255: a point
        extensions += extension(43, vector(1, b"".join(struct.pack(">H", v) for v in versions)))
        extensions += extension(51, vector(2, share)) + extension(45, b"\x01\x01")
    body = (struct.pack(">H", legacy) + os.urandom(32) + vector(1, session_id) +
            vector(2, b"".join(struct.pack(">H", suite) for suite in suites)) + b"\x01\0" +
            vector(2, extensions + extra))
    message = b"\x01" + vector(3, body)
    return struct.pack(">BH", HANDSHAKE, record) + vector(2, message)


def read_records(sock, stop=lambda kind, data: False):
    """(type, data) of each record until the server ends the connection, or stop() says so."""
    buffer, records = b"", []
    while True:
        while len(buffer) >= 5 and len(buffer) >= 5 + int.from_bytes(buffer[3:5], "big"):
            size = 5 + int.from_bytes(buffer[3:5], "big")
            records.append((buffer[0], buffer[5:size]))
            buffer = buffer[size:]
            if stop(*records[-1]):
                return records
        try:
            data = sock.recv(1 << 16)
        except ConnectionError:
            data = b""
        if not data:
            return records
        buffer += data


def is_server_hello(kind, data):
    return kind == HANDSHAKE and data[:1] == bytes([SERVER_HELLO])


def answer_to(sock, data):
    """What a ClientHello comes to: ("hello", ServerHello), ("alert", number) or ("closed", None)."""
    sock.sendall(data)
    for kind, record in read_records(sock, is_server_hello):
        if is_server_hello(kind, record):
            return "hello", record
        if kind == ALERT:
            return "alert", record[1]
    return "closed", None
