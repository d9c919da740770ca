#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Compiles the sources against musl's headers, which have nothing that is glibc's alone.

    musl.py COMPILER TOP BUILD INCLUDE... -- FILE...

COMPILER is Debian's musl-gcc; each INCLUDE is a header or a folder of headers of another library, or
of the kernel. Only those are seen of the system's headers. FILE may be a folder, for all C sources in
it. Prints what does not compile, and exits with 1 then.
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile


# The header that Debian adds to those of musl: other systems with musl do not have it.
ADDED = re.compile(r"^#include <(fts\.h)>$", re.M)


def lend(folder, includes):
    for name in map(pathlib.Path, includes):
        (folder / name.name).symlink_to(name)


def sources(names):
    for path in map(pathlib.Path, names):
        yield from sorted(path.rglob("*.c")) if path.is_dir() else [path.resolve()]


def own_headers(top, build, file):
    """Where a source finds headers of its part, as that part's meson.build has it."""
    part = file.relative_to(top).parts
    if part[0] == "tools":
        return [f"-I{top}/tools/admwhctl", f"-I{build}/tools/admwhctl"]
    if part[0] == "examples":
        return [f"-I{top}/examples", "-iquote", f"{top}/examples/{part[1]}"]
    return [f"-I{top}/src"]


def faults(top, build, command, file):
    added = ADDED.search(file.read_text(encoding="utf-8"))
    if added:
        return f"{file}: {added[1]} is not musl's\n"
    made = subprocess.run([*command, *own_headers(top, build, file), file], capture_output=True,
                          text=True, check=False)
    return made.stderr if made.returncode or made.stderr else ""


def main():
    compiler, top, build, *rest = sys.argv[1:]
    end = rest.index("--")
    with tempfile.TemporaryDirectory() as folder:
        lend(pathlib.Path(folder), rest[:end])
        command = [compiler, "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror",
                   "-fsyntax-only", f"-I{top}/include", f"-I{build}/include", "-idirafter", folder]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            told = list(pool.map(lambda file: faults(top, build, command, file),
                                 sources(rest[end + 1:])))
    print("".join(told) or f"{len(told)} files compile")
    return 1 if any(told) or not told else 0


if __name__ == "__main__":
    sys.exit(main())
