#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Holds docs/program.md to what the program hello prints.

    flags.py PAGE HELLO

The page has the text of `hello --help`, word for word. Prints what does not hold and exits with 1.
"""
import difflib
import os
import pathlib
import re
import subprocess
import sys


def main():
    page = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
    emulator = os.environ.get("MESON_EXE_WRAPPER", "").split()
    helped = subprocess.run(emulator + [sys.argv[2], "--help"], check=True, capture_output=True,
                            text=True).stdout
    found = re.search(r"^```text\n(Usage: hello.*?)^```$", page, re.S | re.M)
    if not found:
        print("the page has no listing of hello --help")
        return 1
    diff = difflib.unified_diff(found[1].splitlines(), helped.splitlines(), "docs/program.md",
                                "hello --help", lineterm="")
    problems = "\n".join(diff)
    print(problems or f"{len(helped.splitlines())} lines agree")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
