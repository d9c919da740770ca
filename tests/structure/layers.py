#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Holds the sources to the order of their folders.

    layers.py includes SOURCE_DIR            every #include leads downwards
    layers.py circles LIBRARY NM             no file needs, directly or not, one that needs it

The first reads the text of src/. The second reads the symbol tables of the objects that make up
LIBRARY: an undefined symbol of one object that another defines is an arrow between two files, so
nothing is missed and nothing is guessed. Each prints what does not hold, and exits with 1.
"""
import collections
import pathlib
import re
import subprocess
import sys

# From the ground up. Folders of one row do not include each other.
FOLDERS = (("base",), ("net",), ("http",), ("identity", "json"), ("review",), ("kube",),
           ("dispatch", "tls"), ("config",), ("auth",), ("telemetry",),
           ("reload", "process", "conn"), ("health",), ("server",), ("program",))
# The same for the files of a folder, where their order is part of the design.
FILES = {
    "conn": (("stream", "refuse", "trim"), ("quiet",), ("shared",), ("endpoint", "share"), ("conn",),
             ("handshake", "write"), ("read", "pending"), ("walk",), ("shard",)),
    "server": (("conversions",), ("rotate",), ("control",), ("stop",), ("service",), ("server",), ("setup", "version")),
}


def rank(rows, name):
    for number, row in enumerate(rows):
        if name in row:
            return number
    return None


def is_downwards(rows, above, below):
    """None: a name that has no row."""
    a, b = rank(rows, above), rank(rows, below)
    if a is None or b is None:
        return None
    return above == below or b < a


def includes(path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if found:
            yield number, pathlib.PurePath(found.group(1))


def check_include(place, path, included):
    """What is wrong with it, or None."""
    if len(included.parts) != 2:
        return f"{place}: \"{included}\" names no folder of src"
    above, below = path.parent.name, included.parent.name
    if above == below and above in FILES:
        rows, above, below = FILES[above], path.stem, included.stem
    else:
        rows = FOLDERS
    downwards = is_downwards(rows, above, below)
    if downwards is None:
        return f"{place}: {above} or {below} has no place in the order of tests/structure/layers.py"
    return None if downwards else f"{place}: {above} includes {below}, which is not below it"


def check_includes(source):
    problems, n = [], 0
    for path in sorted((pathlib.Path(source) / "src").glob("*/*.[ch]")):
        for number, included in includes(path):
            n += 1
            place = f"{path.relative_to(source)}:{number}"
            problems += filter(None, [check_include(place, path, included)])
    return problems, f"{n} includes lead downwards"


def symbols(library, nm):
    """Of each object: the symbols it defines, and those it needs."""
    defined, needed = collections.defaultdict(set), collections.defaultdict(set)
    listing = subprocess.run([nm, "-A", "-P", library], check=True, capture_output=True, text=True)
    for line in listing.stdout.splitlines():
        where, name, kind = re.match(r"(.*): (\S+) (\w)", line).groups()
        # where: LIBRARY[FOLDER/conn_walk.c.o]
        file = re.search(r"([^/\[]*)\.c\.o\]?$", where).group(1)
        if kind in "Uwv":
            needed[file].add(name)
        elif kind.isupper():  # others are static
            defined[file].add(name)
    return defined, needed


def arrows(defined, needed):
    home = {name: file for file, names in defined.items() for name in names}
    return {file: {home[name]: name for name in sorted(names)
                   if name in home and home[name] != file} for file, names in needed.items()}


def find_circle(graph):
    """The files of one circle, each needing the next, the first again at the end; or None."""
    state = {}

    def visit(file, way):
        state[file] = "open"
        for other in graph.get(file, ()):
            if state.get(other) == "open":
                return way[way.index(other):] + [other]
            if other not in state:
                found = visit(other, way + [other])
                if found:
                    return found
        state[file] = "closed"
        return None

    for file in sorted(graph):
        if file not in state:
            found = visit(file, [file])
            if found:
                return found
    return None


def check_circles(library, nm):
    graph = arrows(*symbols(library, nm))
    if len(graph) < 50:
        return [f"{library}: only {len(graph)} objects were read"], ""
    circle = find_circle(graph)
    if not circle:
        return [], f"{len(graph)} objects without a circle"
    return [f"{a} needs {graph[a][b]} of {b}" for a, b in zip(circle, circle[1:])], ""


def main():
    sys.setrecursionlimit(10000)
    checks = {"includes": check_includes, "circles": check_circles}
    problems, summary = checks[sys.argv[1]](*sys.argv[2:])
    print("\n".join(problems) or summary)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
