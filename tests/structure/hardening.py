#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Reads from built objects whether they are hardened.

    hardening.py --wanted LIST --library SO --archive A --program PROGRAM

Full RELRO, no executable stack, no text relocations, stack canaries and the wiping of the stack are
wanted always; LIST adds
"fortify" (calls of the checked functions of the C library), "clash" (large stack frames are probed
page by page) and "jumps" (control-flow protection, in every object). Prints what does not hold, and
exits with 1.
"""
import argparse
import re
import subprocess
import sys

# A function with a stack frame of several pages, and one that formats text.
LARGE_FRAME = "awh_wolfssl_wipe_stack"
CHECKED = "__vsnprintf_chk"


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8",
                          env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}).stdout


def linked(path):
    """Of a library or a program."""
    dynamic = output("readelf", "-dW", path)
    segments = output("readelf", "-lW", path)
    stack = re.search(r"GNU_STACK.* (R[W ][E ]) ", segments)
    if "GNU_RELRO" not in segments:
        yield "no RELRO"
    if not re.search(r"BIND_NOW|\bFlags:.*\bNOW\b", dynamic):
        yield "bound lazily: RELRO is partial"
    if not stack or "E" in stack.group(1):
        yield "an executable stack"
    if "TEXTREL" in dynamic:
        yield "text relocations"


def disassembly(function, path):
    return output("objdump", "-d", "--no-show-raw-insn", "--disassemble=" + function, path)


def wiping(path):
    """No compiler has left out the wiping of what is not read again."""
    if "explicit_bzero" not in disassembly(LARGE_FRAME, path):
        yield LARGE_FRAME + " does not wipe"


def program(path):
    if not re.search(r"Type:\s+DYN", output("readelf", "-hW", path)):
        yield "not position-independent"


def archive(path, wanted):
    members = re.split(r"^File: ", output("readelf", "-nW", path), flags=re.M)[1:]
    symbols = output("readelf", "-sW", path)
    if "__stack_chk_fail" not in symbols:
        yield "no stack canaries"
    if "jumps" in wanted:
        for member in members:
            if "IBT" not in member or "SHSTK" not in member:
                yield "%s: no control-flow protection" % member.split("\n", 1)[0]
    if "fortify" in wanted and CHECKED not in symbols:
        yield "no call of " + CHECKED
    if "clash" in wanted:
        if not re.search(r"or[bql]?\s+\$0x0,.*\(%rsp\)|mov[ql]\s+\$0x0,.*\(%rsp\)",
                         disassembly(LARGE_FRAME, path)):
            yield "%s does not probe its stack" % LARGE_FRAME


def main():
    parser = argparse.ArgumentParser()
    for name in ("wanted", "shared", "archive", "program"):
        parser.add_argument("--" + name, required=True)
    arguments = parser.parse_args()
    wanted = arguments.wanted.split(",")
    faults = [(path, fault) for path, found in (
        (arguments.shared, linked(arguments.shared)),
        (arguments.shared, wiping(arguments.shared)),
        (arguments.program, linked(arguments.program)),
        (arguments.program, program(arguments.program)),
        (arguments.archive, archive(arguments.archive, wanted))) for fault in found]
    for path, fault in faults:
        print("%s: %s" % (path, fault))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
