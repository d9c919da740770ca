#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Suites of other projects, over real TLS: their bytes to the port, their
certificates in handshakes.

    suites.py [http] [path-traversal] [x509-limbo] [fuzz] [--all]

They are read in place, from ADMWH_SUITES or ../shared/suites beside the sources;
HTTP-CASES.md and the ORIGIN.md files there say what a pass means.
"""

import argparse
import base64
import glob
import json
import os
import random
import re
import socket
import ssl
import sys
import tarfile
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import probe as p

FOLDER = os.environ.get("ADMWH_SUITES") or os.path.join(p.ROOT, "../shared/suites")
SPLITS = 16      # of each case, unless --all
INPUTS = 1500    # of each fuzz corpus, unless --all
FUZZ_SECONDS = 60
REFUSALS = (400, 405, 408, 411, 413, 414, 415, 417, 421, 426, 431, 501, 505)
STANDARD = re.compile(rb"(GET|HEAD|POST|PUT|DELETE|OPTIONS|TRACE|PATCH|CONNECT) ")
totals = {"passed": 0, "failed": 0, "skipped": 0}


def load(suite, file):
    try:
        with open(os.path.join(FOLDER, suite, file), encoding="utf-8") as stream:
            return json.load(stream)
    except FileNotFoundError:
        print("SKIP %s: not found" % suite)
        return None


def tell(suite, passed, deviations, skipped=0):
    """deviations: (case, reason) of each failure."""
    for case, reason in deviations:
        print("deviation=%s reason=%s" % (case, reason))
    failed = len({case for case, _ in deviations})
    print("suite=%s cases=%d passed=%d failed=%d skipped=%d" % (
        suite, passed + failed + skipped, passed, failed, skipped))
    sys.stdout.flush()
    for key, number in (("passed", passed), ("failed", failed), ("skipped", skipped)):
        totals[key] += number


# HTTP ---------------------------------------------------------------------

def converse(probe, data, cuts):
    """Send the bytes, cut so, then half-close: statuses, leftovers, clean end, what was seen."""
    client = p.Client(probe)
    with client:
        try:
            for start, end in zip((0, *cuts), (*cuts, len(data))):
                client.send(data[start:end])
            client.half_close()
        except (ConnectionError, ssl.SSLError):
            pass  # refused before all was sent
        raw, _ = client.read_rest()
    return raw, [event for event in probe.take_events() if event["event"] == "dispatched"]


def statuses(raw, methods):
    """The final statuses of a stream of responses; None when it is not one."""
    found = []
    while raw:
        match = re.match(rb"HTTP/1\.1 (\d\d\d) [^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n", raw)
        if not match:
            return None
        status, size = int(match[1]), re.search(rb"Content-Length: (\d+)", match[2])
        raw = raw[match.end():]
        if status < 200:
            continue
        head = len(found) < len(methods) and methods[len(found)] == "HEAD"
        found.append(status)
        if size and not head:
            size = int(size[1])
            if len(raw) < size:
                return None
            raw = raw[size:]
    return found


def verdict(case, raw, seen):
    """None for a pass, or what is wrong."""
    messages = case.get("messages") or []
    got = statuses(raw, [message["method"] for message in messages])
    expect = case["expect"]
    forbidden = case.get("forbid_target")
    if got is None:
        return "what came back are no responses: %r" % raw[:120]
    if forbidden and any(event["target"] == forbidden for event in seen):
        return "a target that must not be reached was"
    # The probe's handlers have four paths, so most good requests end at the routing layer.
    if any(status in (200, 422) for status in got) and not messages and expect != "either":
        return "something was served: %s" % got
    if expect == "either":
        return None
    if case.get("no_host") and 400 in got:
        return None  # a head without Host is refused, and rightly so
    if expect == "accept":
        if len(got) != len(messages):
            return "%d messages, answers %s" % (len(messages), got)
        # 501: CONNECT is framed and refused by the routing layer
        bad = [status for status in got if status in REFUSALS and status not in (400, 405, 415, 501)]
        return "refused: %s" % got if bad or 400 in got and not seen_as_json(messages, got) else None
    complete = len(messages)
    if expect == "reject":
        if len(got) > complete + 1:
            return "more answers than there were to give: %s" % got
        if got[-1:] == [404] and not STANDARD.match(base64.b64decode(case["raw_b64"])):
            return None  # an unknown method on an unknown path: refused by routing
        if len(got) == complete + 1 and got[-1] not in REFUSALS:
            return "not refused: %s" % got
        return None
    if len(got) > complete + 1 or (len(got) == complete + 1 and got[-1] not in (400, 408)):
        return "something came of the unfinished rest: %s" % got
    return None


def seen_as_json(messages, got):
    """400 may be about a body that was framed well and is no JSON, on a path that is served."""
    return all(status != 400 or message["target"].split("?")[0] in ("/validate", "/deny")
               for status, message in zip(got, messages))


def run_case(probe, case, every):
    data = base64.b64decode(case.get("wire_b64") or case["raw_b64"])
    raw, seen = converse(probe, data, ())
    wrong = verdict(case, raw, seen)
    if wrong:
        return wrong
    methods = [message["method"] for message in case.get("messages") or []]
    whole = statuses(raw, methods)
    places = list(range(1, len(data)))
    if not every and len(places) > SPLITS:
        places = [places[i * len(places) // SPLITS] for i in range(SPLITS)]
    for cuts in [tuple(range(1, len(data)))] + [(place,) for place in places]:
        raw, again = converse(probe, data, cuts)
        if statuses(raw, methods) != whole or \
                [e["target"] for e in again] != [e["target"] for e in seen]:
            return "the outcome depends on the split at %s: %s, was %s" % (
                cuts if len(cuts) == 1 else "every byte", statuses(raw, methods), whole)
    return None


def run_http(every):
    for suite in ("llhttp-requests", "nginx-host"):
        cases = load(suite, "cases.json")
        if cases is None:
            continue
        if not every:
            print("%s: %d of the splits in two of each case; --all for every one" % (
                suite, SPLITS))
        halves = [cases[0::4], cases[1::4], cases[2::4], cases[3::4]]

        def work(part):
            probe = p.Probe("--inline", limits={"idle-time": 20000})
            try:
                return [(case["id"], run_case(probe, case, every)) for case in part]
            finally:
                probe.stop()

        with ThreadPoolExecutor(4) as pool:
            results = [result for part in pool.map(work, halves) for result in part]
        by_verdict = {}
        for case in cases:
            wrong = dict(results)[case["id"]]
            good, all_of = by_verdict.get(case["expect"], (0, 0))
            by_verdict[case["expect"]] = (good + (wrong is None), all_of + 1)
        print("  %s: %s" % (suite, ", ".join(
            "%s %d/%d" % (verdict, *count) for verdict, count in sorted(by_verdict.items()))))
        tell(suite, sum(wrong is None for _, wrong in results),
             [(case, wrong) for case, wrong in results if wrong])


def run_path_traversal(_every):
    payloads = load("path-traversal", "payloads.json")
    if payloads is None:
        return
    probe = p.Probe("--inline")
    body = p.review()
    passed, deviations, client = 0, [], None
    tail = b" HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" \
        % len(body) + body
    for number, payload in enumerate(payloads):
        payload = base64.b64decode(payload["payload_b64"])
        for place, prefix in enumerate((b"" if payload[:1] == b"/" else b"/", b"/validate/",
                                        b"/mutate/x/", b"/validate?")):
            if client is None:
                client = p.Client(probe)
            client.send(b"POST " + prefix + payload + tail)
            response = client.read_response()
            seen = [e for e in probe.take_events() if e["event"] == "dispatched"]
            allowed = (200, 400) if place == 3 else (400, 404)
            if response.status not in allowed or (bool(seen) != (response.status == 200)):
                deviations.append(("path-traversal/%d.%d" % (number, place),
                                   "%r gets %d" % (prefix + payload, response.status)))
            else:
                passed += 1
            if response.closes:
                client.close()
                client = None
    if client:
        client.close()
    probe.stop()
    tell("path-traversal", passed, deviations)


# certificates -------------------------------------------------------------

def run_limbo_case(case, folder):
    """The verdict of the probe on a case's chain: SUCCESS, FAILURE, or None when it cannot be."""
    def write(name, text):
        path = os.path.join(folder, re.sub(r"[^a-z0-9-]", "_", case["id"]) + name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        return path

    ca = write(".ca", "".join(case["trusted_certs"]))
    chain = write(".crt", case["peer_certificate"] +
                  "".join(case.get("untrusted_intermediates") or []))
    key = write(".key", case["peer_certificate_key"])
    wrapper = ()
    if "needs-clock" in case.get("tags", []):
        libraries = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
        if not libraries or p.sanitizer():
            return None
        # The library itself, not the program: that would be another process in between.
        wrapper = ("env", "TZ=UTC", "LD_PRELOAD=" + libraries[0],
                   "FAKETIME=@" + case["validation_time"].replace("T", " ")[:19],
                   "FAKETIME_DONT_FAKE_MONOTONIC=1")
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.load_cert_chain(chain, key)
    except ssl.SSLError:
        return None
    try:
        probe = p.Probe("--client-ca", "limbo=" + ca, "--any-cn", "limbo", bundles=False,
                        wrapper=wrapper)
    except AssertionError as error:
        if "exit status 2" in str(error):
            return "FAILURE"  # the CA is refused when it is loaded
        raise
    try:
        with p.Client(probe, context=context) as client:
            got = client.post().status
    except (ssl.SSLError, ConnectionError, p.Closed):
        got = 0
    seen = [e for e in probe.take_events() if e["event"] == "dispatched"]
    probe.stop()
    return "SUCCESS" if got == 200 and seen else "FAILURE"


def run_limbo(_every):
    suite = load("x509-limbo-client", "client.json")
    if suite is None:
        return
    cases = [case for case in suite["testcases"] if case["live"]]
    skipped = len(suite["testcases"]) - len(cases)
    groups = {"core": [0, [], 0], "contested": [0, [], 0]}
    with tempfile.TemporaryDirectory(prefix="admwh-limbo-") as folder:
        with ThreadPoolExecutor(3) as pool:
            verdicts = list(pool.map(lambda case: run_limbo_case(case, folder), cases))
    for case, verdict in zip(cases, verdicts):
        group = groups[case["group"]]
        if verdict is None:
            group[2] += 1
        elif verdict == case["expected_result"]:
            group[0] += 1
        else:
            group[1].append((case["id"], "expected %s, tags %s" % (
                case["expected_result"], ",".join(case.get("tags", [])) or "none")))
    passed, deviations, unrun = groups["core"]
    tags = {case["id"]: case.get("tags", []) for case in cases}
    known, wrong = [], []
    for name, reason in deviations:
        # What is good and refused is a documented strictness; what is bad must never pass.
        strict = reason.startswith("expected SUCCESS") and (
            {"name-constraints", "crl", "path-building"} & set(tags[name]) or
            name == "pathlen::intermediate-pathlen-may-increase")
        revoked = "crl" in tags[name]  # CRLs are not offered
        (known if strict or revoked else wrong).append((name, reason))
    for name, reason in known:
        print("deviation=%s reason=known: %s" % (name, reason))
    print("  core: %d right, %d known deviations, %d wrong, %d not run" % (
        passed, len(known), len(wrong), unrun))
    print("  contested (information only): %d as upstream, %d not, %d not run" % (
        groups["contested"][0], len(groups["contested"][1]), groups["contested"][2]))
    tell("x509-limbo-client", passed, wrong, skipped + unrun + len(known) +
         sum(len(part) if isinstance(part, list) else part for part in groups["contested"]))


# fuzz corpora -------------------------------------------------------------

def corpus(name):
    path = os.path.join(FOLDER, "fuzz-corpora", name + ".tar.gz")
    if not os.path.exists(path):
        print("SKIP fuzz-corpora %s: not found" % name)
        return None
    with tarfile.open(path) as tar:
        return [(member.name, tar.extractfile(member).read()) for member in tar
                if member.isfile()]


def bytes_to_port(probe, data):
    """Bytes straight to the port; the server must end the connection once we have."""
    with p.tcp(probe.port) as sock:
        try:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
            while sock.recv(1 << 16):
                pass
        except ConnectionError:
            pass


def bytes_in_tls(probe, data):
    converse(probe, data, (len(data) // 2,) if len(data) > 1 else ())


def run_fuzz(every):
    for name, send in (("tls-server", bytes_to_port), ("http1", bytes_in_tls)):
        inputs = corpus(name)
        if inputs is None:
            continue
        random.Random(1).shuffle(inputs)
        chosen = inputs if every else inputs[:INPUTS]
        probe = p.Probe("--inline", limits={"handshake-time": 3000, "idle-time": 5000,
                                            "header-time": 3000, "body-time": 3000})
        p.ask(probe)
        start, end = probe.descriptors(), time.monotonic() + FUZZ_SECONDS
        done, deviations = 0, []
        for case, data in chosen:
            if not every and time.monotonic() > end:
                break
            try:
                send(probe, data)
            except (socket.timeout, ssl.SSLError, OSError, p.Closed) as error:
                deviations.append((case, "no end: %r" % error))
            if not probe.alive():
                deviations.append((case, "the probe has died: " + probe.errors()[-2000:]))
                break
            done += 1
        if probe.alive():
            if p.ask(probe) != 200:
                deviations.append((name, "the next good caller is not served"))
            if probe.descriptors() > start + 1:
                deviations.append((name, "descriptors are left"))
            probe.stop()
        if done < len(inputs):
            print("fuzz-corpora %s: %d of %d inputs; --all for every one" % (
                name, done, len(inputs)))
        tell("fuzz-" + name, done - len(deviations), deviations)


RUNS = {"http": run_http, "path-traversal": run_path_traversal, "x509-limbo": run_limbo,
        "fuzz": run_fuzz}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0].strip())
    parser.add_argument("suite", nargs="*", choices=[[], *RUNS], default=[])
    parser.add_argument("--all", action="store_true", help="every split, every input")
    parser.add_argument("--report", help="leave the counts in this file, as JSON")
    options = parser.parse_args()
    for name in options.suite or RUNS:
        RUNS[name](options.all)
    if options.report:
        with open(options.report, "w", encoding="ascii") as file:
            json.dump(totals, file)
    return 1 if totals["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
