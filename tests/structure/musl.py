#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Compiles the sources against musl's headers, which have nothing that is glibc's alone.

    musl.py COMPILER TOP BUILD INCLUDE... -- FILE...

COMPILER is Debian's musl-gcc; each INCLUDE is a header or a folder of headers of another library, or
of the kernel. Only those are seen of the system's headers. Prints what does not compile, and exits
with 1 then.
"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile


def lend(folder, includes):
    for name in map(pathlib.Path, includes):
        (folder / name.name).symlink_to(name)


def faults(command, file):
    made = subprocess.run([*command, file], capture_output=True, text=True, check=False)
    return made.stderr if made.returncode or made.stderr else ""


def main():
    compiler, top, build, *rest = sys.argv[1:]
    end = rest.index("--")
    with tempfile.TemporaryDirectory() as folder:
        lend(pathlib.Path(folder), rest[:end])
        command = [compiler, "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror",
                   "-fsyntax-only", f"-I{top}/src", f"-I{top}/include", f"-I{build}/include",
                   "-idirafter", folder]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            found = list(filter(None, pool.map(lambda file: faults(command, file), rest[end + 1:])))
    print("".join(found) or f"{len(rest) - end - 1} files compile")
    return 1 if found or end + 1 == len(rest) else 0


if __name__ == "__main__":
    sys.exit(main())
