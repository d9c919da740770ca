# SPDX-License-Identifier: MIT
"""What is measured of the servers. Each function gives one part of the results, by server."""

import contextlib
import os
import signal
import statistics
import struct
import subprocess
import time

import checks
from build import BODIES, OUT, PKI, codec_peers, linked, output, program, stripped_size
from servers import (ADMWH, COMMANDS, FLOORS, LOAD_CPU, OURS, SERVER_CPU, Load, Server, free_port,
                     load)

MIX = {"pod11k": 60, "dep25k": 20, "tiny": 10, "cm100k": 8, "cm1m": 2}
BODY_SETS = {**{name: {name: 1} for name in ("tiny", "pod11k", "dep25k", "cm100k", "cm1m")},
             "mix": MIX}
POD = {"pod11k": 1}
ALL_CPUS = "0-%d" % (os.cpu_count() - 1)
# Policy, and the bodies that it is measured with.
CELLS = [*((policy, name) for policy in ("envelope", "containers") for name in BODY_SETS),
         ("containers-tree", "pod11k"), ("containers-tree", "mix"), ("label", "pod11k"),
         ("sidecar", "pod11k")]


def routes(name):
    if name in FLOORS:
        return ("envelope",)
    peers = ("envelope", "containers", "label", "sidecar")
    return (*peers, "containers-tree") if name in OURS else peers


@contextlib.contextmanager
def running(names, scale):
    """Servers that decide rightly, and have compiled and allocated what they do in the first
    seconds."""
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(Server(name)) for name in names]
        for server in servers:
            if server.name not in FLOORS:
                checks.check(server, routes(server.name))
            for policy in routes(server.name):
                load(server, policy, POD, 16, scale["warm"])
        yield servers


def cpu(names, scale):
    """CPU per review: all servers run, and are measured in turn, several rounds of each cell."""
    result = {}
    with running(names, scale) as servers:
        for policy, body in CELLS:
            cell = result.setdefault(policy, {}).setdefault(body, {})
            for _ in range(scale["rounds"]):
                for server in servers:
                    if policy in routes(server.name):
                        figures = load(server, policy, BODY_SETS[body], 16, scale["cpu"])
                        cell.setdefault(server.name, []).append(figures["cpu_us"])
            print("cpu", policy, body, {name: round(statistics.median(values), 1)
                                        for name, values in cell.items()}, flush=True)
    return result


def throughput(names, scale):
    """Answers a second as fast as they come, by connections; and the cipher."""
    result = {name: {} for name in names}
    with running(names, scale) as servers:
        for connections in (1, 16, 128):
            for _ in range(scale["wall_rounds"]):
                for server in servers:
                    figures = load(server, "envelope", POD, connections, scale["wall"])
                    result[server.name].setdefault(str(connections), []).append(figures["rate"])
                    result[server.name]["cipher"] = figures["cipher"]
    return result


def latency(names, scale, rates):
    """Latency at half of what a server can do, and at half of what the slowest can: open loop."""
    result = {name: {"half": [], "same": []} for name in names}
    same = min(rates.values()) / 2
    with running(names, scale) as servers:
        for _ in range(scale["wall_rounds"]):
            for server in servers:
                for what, rate in (("half", rates[server.name] / 2), ("same", same)):
                    figures = load(server, "envelope", POD, 16, scale["latency"],
                                   "-r", "%.0f" % rate)
                    result[server.name][what].append(
                        {"rate": rate, **{key: figures[key] for key in ("p50", "p99", "p999")}})
    return result


def memory(names, _scale):
    """Resident memory of a fresh server, KiB."""
    result = {}
    for name in names:
        with Server(name) as server:
            row = {"idle": server.rss_kib()}
            for connections in (128, 1000):
                with Load(server, "envelope", POD, connections, "-s", "0"):
                    row[str(connections)] = server.rss_kib()
        if name not in FLOORS:
            with Server(name) as server:
                load(server, "envelope", POD, 1, 0.1)
                row["before"] = server.rss_kib()
                status, _ = checks.ask(server, "containers", "cm12m")
                row["cm12m"] = server.rss_kib() if status == 200 else "refused"
                row["peak"] = server.peak_kib()
        result[name] = row
    return result


def start(names, scale):
    """Milliseconds from exec to the end of the first handshake."""
    result = {name: [] for name in names}
    for _ in range(scale["starts"]):
        for name in names:
            port = str(free_port())
            text = output(
    "taskset",
    "-c",
    str(LOAD_CPU),
    program("load"),
    "-p",
    port,
    "-f",
    PKI,
    "-t",
    "-a",
    str(SERVER_CPU),
    *COMMANDS[name],
    port,
     PKI)
            if text is None:
                raise SystemExit("%s does not start" % name)
            result[name].append(float(text) / 1000)
    return result


def connect(names, scale):
    """New connections a second, each with one tiny review, and the CPU time of one."""
    result = {name: [] for name in names}
    with running(names, scale) as servers:
        for _ in range(scale["wall_rounds"]):
            for server in servers:
                figures = load(server, "envelope", {"tiny": 1}, 8, scale["wall"], "-n")
                result[server.name].append({key: figures[key] for key in ("rate", "cpu_us")})
    return result


def sizes(names, _scale):
    """Bytes of a program without symbols, and of what it links beside the C library."""
    result = {}
    for name in names:
        if name in ("admwh-pool", "admwh-processes", "floor-aes"):
            continue
        path = output("which", COMMANDS[name][0])
        result[name] = {"program": stripped_size(path), "links": linked(path)}
    return result


def mallocs(names, _scale):
    """Allocations of a review of the Pod by each policy of ours."""
    result = {}
    file = os.path.join(OUT, "mallocs")
    if "admwh-inline" not in names:
        return result
    for policy in routes("admwh-inline"):
        with open(file, "wb") as empty:
            empty.write(bytes(8))
        env = {"COUNT_MALLOC": file, "LD_PRELOAD": os.path.join(OUT, "count_malloc.so")}
        with Server("admwh-inline", env=env) as server, \
                Load(server, policy, POD, 1, "-s", "0.3") as run:
            before = read_count(file)
            figures = run.go()
            result[policy] = (read_count(file) - before) / figures["answered"]
    return result


def read_count(path):
    with open(path, "rb") as file:
        return struct.unpack("Q", file.read(8))[0]


def medians(command):
    """Of a program that prints "NAME NANOSECONDS"."""
    text = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout
    return {name: int(ns) / 1000 for name, ns in (line.split() for line in text.splitlines())}


def patch(names, scale):
    """Microseconds of a difference and of its application, from text to text."""
    result = {}
    for document, rounds in (("pod", 500), ("configmap", 10)):
        files = [os.path.join(BODIES, "%s-%s.json" % (document, side)) for side in "ab"]
        count = str(max(1, int(rounds * scale["share"])))
        result[document] = {"admwh": medians([program("patch"), *files, count])}
        if "patch" in names:
            result[document]["go"] = medians([os.path.join(OUT, "patch"), "bench", *files, count])
    return result


def codec(_names, _scale):
    """Microseconds of what is done with the bytes of a review, without a socket."""
    result = {}
    for body in MIX:
        file = os.path.join(BODIES, body + ".json")
        result[body] = {}
        for command in (program("codec"), *codec_peers().values()):
            result[body].update(medians([command, file]))
    return result


CLIENTS = ("good", "good+", "intermediate", "intermediate+", "two-intermediates",
           "two-intermediates+", "alternative-names", "rogue", "seven-alike", "seven-like-ca",
           "three-like-ca", "seven-and-a-forged-link", "self-made-rsa-4096", "self-made-many-names")


def handshake(_names, scale):
    """Microseconds of a handshake by what the client presents: the library's own and wolfSSL's."""
    env = {**os.environ, "ADMWH_PKI": os.path.join(OUT, "library/tests/unit/tls/pki")}
    rounds = str(max(5, int(200 * scale["share"])))
    result = {}
    for mode in ("require", "request"):
        for client in CLIENTS:
            text = subprocess.run([program("handshake"), mode, client, rounds], check=True,
                                  text=True, stdout=subprocess.PIPE, env=env).stdout.split()
            result.setdefault(mode, {})[client] = {"own": float(text[0]), "rest": float(text[1]),
                                                   "verdict": text[2]}
    return result


def crash_ms():
    """From the end of the only worker process to the next answer."""
    with Server("admwh-processes", ALL_CPUS, [ADMWH, "inline", "1"]) as server:
        checks.ask(server, "envelope", "tiny")
        began = time.monotonic()
        os.kill(server.pids()[1], signal.SIGKILL)
        while checks.ask(server, "envelope", "tiny")[0] != 200:
            pass
        return 1000 * (time.monotonic() - began)


def processes(_names, scale):
    """Worker processes on all CPUs: proportional memory, rate, CPU; and how long a crash takes."""
    result = {"crash_ms": [crash_ms() for _ in range(9)]}
    for count in (0, 1, 2, 4):
        name = "%d" % count
        with Server("admwh-processes", ALL_CPUS, [ADMWH, "inline", name]) as server:
            checks.ask(server, "envelope", "tiny")
            idle = server.pss_kib()
            figures = load(server, "envelope", POD, 16, scale["wall"])
            result[name] = {"idle": idle, "after": server.pss_kib(), "rate": figures["rate"],
                            "cpu_us": figures["cpu_us"]}
    return result


PARTS = {"cpu": cpu, "throughput": throughput, "latency": latency, "memory": memory, "start": start,
         "connect": connect, "sizes": sizes, "mallocs": mallocs, "patch": patch, "codec": codec,
         "handshake": handshake, "processes": processes}
