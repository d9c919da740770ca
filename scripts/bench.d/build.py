# SPDX-License-Identifier: MIT
"""Builds what the benchmark runs, in build-bench: the library and its servers, the peers, bodies,
certificates. What a machine has no toolchain for is told, not built."""

import json
import os
import shutil
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OUT = os.path.join(ROOT, "build-bench")
LIBRARY = os.path.join(OUT, "library")
PKI = os.path.join(OUT, "pki")
BODIES = os.path.join(OUT, "bodies")
GO = os.path.join(ROOT, "bench/servers/go")
RUST = os.path.join(ROOT, "bench/servers/rust")
# Linked by every program, and so not counted with one.
C_LIBRARY = ("libc.", "libm.", "libpthread.", "libdl.", "librt.", "ld-")


def program(name):
    return os.path.join(LIBRARY, "bench", "bench-" + name)


def run(*command, cwd=ROOT, env=None):
    subprocess.run(command, cwd=cwd, check=True, env={**os.environ, **(env or {})},
                   stdout=subprocess.DEVNULL)


def output(*command, cwd=ROOT):
    """What a command prints; None where it is not there or fails."""
    try:
        return subprocess.run(command, cwd=cwd, check=True, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def library():
    run("scripts/deps", "--test")
    if not os.path.exists(os.path.join(LIBRARY, "build.ninja")):
        run("meson", "setup", LIBRARY, "--buildtype=release", "-Dtests=enabled")
    targets = ["bench/bench-" + name
               for name in ("admwh", "floor", "load", "patch", "codec", "handshake")]
    run("ninja", "-C", LIBRARY, *targets, "tests/unit/tls/pki.stamp")
    run("cc", "-O2", "-fPIC", "-shared", "-o", os.path.join(OUT, "count_malloc.so"),
        "bench/count_malloc.c")


def codec_peers():
    """Readers of JSON by name, where their development files are installed."""
    found = {}
    for name, options in (("simdjson", []), ("yyjson", ["-DWITH_YYJSON"])):
        flags = output("pkg-config", "--cflags", "--libs", name)
        if flags is not None:
            found[name] = os.path.join(OUT, name)
            run("g++", "-std=c++17", "-O3", *options, "bench/codec/peers.cpp", "-o", found[name],
                *flags.split())
    return found


def bodies():
    os.makedirs(BODIES, exist_ok=True)
    run("/usr/bin/python3", "bench/bodies.py", BODIES)
    run("/usr/bin/python3", "bench/documents.py", BODIES)


def certificate(name, subject, *extensions):
    """A P-256 key pair of the one CA of server and client, or that CA."""
    path, ca = os.path.join(PKI, name), os.path.join(PKI, "ca")
    command = ["openssl", "req", "-x509", "-config", os.path.join(PKI, "openssl.cnf"),
               "-days", "3650", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
               "-subj", "/CN=" + subject, "-keyout", path + ".key", "-out", path + ".crt"]
    if name != "ca":
        command += ["-CA", ca + ".crt", "-CAkey", ca + ".key"]
    for extension in extensions:
        command += ["-addext", extension]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


def certificates():
    if os.path.exists(os.path.join(PKI, "client.crt")):
        return
    os.makedirs(PKI, exist_ok=True)
    with open(os.path.join(PKI, "openssl.cnf"), "w", encoding="ascii") as file:
        file.write("[req]\ndistinguished_name = name\n[name]\n")  # none of the system's extensions
    certificate("ca", "bench CA", "basicConstraints=critical,CA:TRUE",
                "keyUsage=critical,keyCertSign,cRLSign")
    leaf = "basicConstraints=critical,CA:FALSE"
    certificate("tls", "localhost", leaf, "subjectAltName=DNS:localhost,IP:127.0.0.1")
    certificate("client", "kube-apiserver", leaf, "extendedKeyUsage=clientAuth")


def go():
    """Reasons why Go's servers are not run, by name."""
    if not shutil.which("go"):
        return dict.fromkeys(("ctrl", "nethttp", "patch"), "there is no Go on this machine")
    run("go", "build", "-o", OUT + "/", "./ctrl", "./nethttp", cwd=GO)
    run("go", "build", "-o", os.path.join(OUT, "patch"), ".",
        cwd=os.path.join(ROOT, "bench/patch/go"))
    return {}


def rust():
    if not shutil.which("cargo"):
        return {"rust": "there is no Rust on this machine"}
    run("cargo", "build", "--release", "--quiet",
        cwd=RUST, env={"CARGO_TARGET_DIR": os.path.join(OUT, "rust")})
    return {}


def node():
    return {} if shutil.which("node") else {"node": "there is no Node on this machine"}


def floor():
    """The floor with the CPU's AES needs nettle and a CPU that has it."""
    with open("/proc/cpuinfo", encoding="ascii") as file:
        has_aes = " aes " in file.read().replace("\n", " ")
    return {} if has_aes else {"floor-aes": "this CPU has no AES instructions"}


PEERS = [(go, ("ctrl", "nethttp", "patch")), (rust, ("rust",)), (node, ("node",)),
         (floor, ("floor-aes",))]


def everything(wanted):
    """Builds it; gives the reasons why servers are not run. A peer that does not build is one of
    them, the library is not."""
    library()
    bodies()
    certificates()
    missing = {}
    for build, names in PEERS:
        if not wanted.intersection(names):
            continue
        try:
            missing.update(build())
        except subprocess.CalledProcessError as err:
            missing.update(dict.fromkeys(names, "its build fails: " + " ".join(err.cmd)))
    return missing


def crate(name):
    with open(os.path.join(RUST, "Cargo.lock"), encoding="utf-8") as file:
        _, found, rest = file.read().partition('name = "%s"\nversion = "' % name)
    return rest.split('"', 1)[0] if found else "?"


def module(name):
    return output("go", "list", "-m", "-f", "{{.Version}}", name, cwd=GO) or "?"


def versions():
    """Name and version of what is compared, and of what it is built with."""
    found = {name: output("pkg-config", "--modversion", name)
             for name in ("wolfssl", "nettle", "jansson", "libuv", "openssl")}
    found["wolfssl"] = output("dpkg-query", "-W", "-f", "${Version}", "libwolfssl-dev") or \
        found["wolfssl"]
    found["gcc"] = output("gcc", "-dumpfullversion")
    if shutil.which("go"):
        found["Go"] = output("go", "env", "GOVERSION")
        found["controller-runtime"] = module("sigs.k8s.io/controller-runtime")
        found["k8s.io/api"] = module("k8s.io/api")
    if shutil.which("cargo"):
        found["Rust"] = (output("rustc", "--version") or "?").split()[1]
        found.update({name: crate(name) for name in ("axum", "axum-server", "rustls", "kube")})
    found["Node"] = output("node", "--version")
    return {name: version for name, version in found.items() if version}


def commit():
    name = output("git", "rev-parse", "--short", "HEAD") or "?"
    return name + (" with changes" if output("git", "status", "--porcelain", "-uno") else "")


def machine():
    with open("/proc/cpuinfo", encoding="ascii") as file:
        model = next((line.split(":", 1)[1].strip() for line in file
                      if line.startswith("model name")), os.uname().machine)
    with open("/proc/meminfo", encoding="ascii") as file:
        memory = int(file.readline().split()[1]) / 1048576
    system = output("sh", "-c", ". /etc/os-release && echo $PRETTY_NAME") or "Linux"
    return {"cpu": model, "cpus": os.cpu_count(), "memory": "%.0f GiB" % memory,
            "system": system, "kernel": os.uname().release}


def linked(path):
    """The shared objects of a program that are not the C library's, with the size of each."""
    sizes = {}
    for line in (output("ldd", path) or "").splitlines():
        name, _, target = line.strip().partition(" => ")
        target = target.split(" ")[0]
        if target and not name.startswith(C_LIBRARY):
            sizes[name.split(".so")[0]] = stripped_size(target)
    return sizes


def stripped_size(path):
    copy = os.path.join(OUT, "stripped")
    path = os.path.realpath(path)
    if output("strip", "-o", copy, path) is None:
        return os.path.getsize(path)
    size = os.path.getsize(copy)
    os.unlink(copy)
    return size


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)
