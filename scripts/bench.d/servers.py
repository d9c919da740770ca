# SPDX-License-Identifier: MIT
"""The servers that are compared, as processes on a CPU of their own; the load on another."""

import json
import os
import socket
import subprocess
import time

from build import BODIES, OUT, PKI, ROOT, program

SERVER_CPU, LOAD_CPU = 0, 1

ADMWH, FLOOR = program("admwh"), program("floor")
COMMANDS = {
    "admwh-inline": [ADMWH, "inline", "0"],
    "admwh-pool": [ADMWH, "pool", "0"],
    "admwh-processes": [ADMWH, "inline", "2"],
    "rust": [os.path.join(OUT, "rust/release/bench-rust")],
    "ctrl": [os.path.join(OUT, "ctrl")],
    "nethttp": [os.path.join(OUT, "nethttp")],
    "node": ["node", os.path.join(ROOT, "bench/servers/node/server.js")],
    "floor-software": [FLOOR, "software"],
    "floor-aes": [FLOOR, "aes"],
}
OURS = ("admwh-inline", "admwh-pool", "admwh-processes")
FLOORS = ("floor-software", "floor-aes")
# The operation that the answers of a route must have.
PATCHES = {"label": "/metadata/labels/bench.example.com~1seen", "sidecar": "/spec/containers/"}


def descendants(pid):
    found = [pid]
    for thread in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/children" % (pid, thread), encoding="ascii") as file:
            for child in file.read().split():
                found += descendants(int(child))
    return found


def thread_ns(pid):
    total = 0
    for thread in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/schedstat" % (pid, thread), encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total


def field_kib(path, name):
    with open(path, encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(name))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    def __init__(self, name, cpus=str(SERVER_CPU), command=None, env=None):
        self.name = name
        self.port = free_port()
        command = [*(command or COMMANDS[name]), str(self.port), PKI]
        os.makedirs(os.path.join(OUT, "logs"), exist_ok=True)
        with open(os.path.join(OUT, "logs", name + ".log"), "ab") as log:
            self.process = subprocess.Popen(["taskset", "-c", cpus, *command], stdout=log,
                                            stderr=log, env={**os.environ, **(env or {})})
        self.pid = self.process.pid
        self.wait()

    def wait(self):
        end = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except ConnectionRefusedError:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise SystemExit(
    "%s does not start: see build-bench/logs" %
     self.name) from None
                time.sleep(0.01)

    def pids(self):
        return descendants(self.pid)

    def cpu_ns(self):
        """Of all threads of all its processes, by the scheduler."""
        return sum(thread_ns(pid) for pid in self.pids())

    def rss_kib(self):
        return sum(field_kib("/proc/%d/status" % pid, "VmRSS:") for pid in self.pids())

    def peak_kib(self):
        return sum(field_kib("/proc/%d/status" % pid, "VmHWM:") for pid in self.pids())

    def pss_kib(self):
        return sum(field_kib("/proc/%d/smaps_rollup" % pid, "Pss:") for pid in self.pids())

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def body_files(bodies):
    return ["%s:%d" % (os.path.join(BODIES, name + ".json"), weight)
            for name, weight in bodies.items()]


class Load:
    """Connections of the load generator, each of which has had one answer."""

    def __init__(self, server, route, bodies, connections, *options):
        if route in PATCHES:
            options = ("-e", PATCHES[route], *options)
        self.server = server
        self.process = subprocess.Popen(
            ["taskset", "-c", str(LOAD_CPU), program("load"), "-p", str(server.port), "-f", PKI,
             "-u", "/" + route, "-c", str(connections), *options, *body_files(bodies)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "ready\n":
            self.fail()

    def fail(self):
        raise SystemExit("%s: the load has failed" % self.server.name)

    def go(self):
        """The figures of the run, with the server's CPU time."""
        before = self.server.cpu_ns()
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            self.fail()
        figures = json.loads(line)
        figures["cpu_us"] = (self.server.cpu_ns() - before) / 1000 / figures["answered"]
        figures["rate"] = figures["answered"] / figures["seconds"]
        return figures

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def load(server, route, bodies, connections, seconds, *options):
    with Load(server, route, bodies, connections, "-s", str(seconds), *options) as run:
        return run.go()
