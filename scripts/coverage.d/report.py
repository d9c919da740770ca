#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Tell which lines and branches of src/ a build with --coverage has run, and compare with the aims.

    report.py BUILD [--missed [FILE]...]

BUILD is a folder of meson. What counts: every line that gcov knows in src/*/*.c and src/*/*.h, and
every direction of every branch in them, whichever test ran it. Two kinds of branches do not count:
those of C++ exceptions, and those of assert(), which only a programming error takes. Branches that
only a failed allocation takes count like others: tests/unit/failing_alloc.h takes them.

--missed tells the lines, and the lines with branches not taken, of all or some files. The last line
is `coverage: N passed, N failed`, counted in aims.
"""

import argparse
import collections
import glob
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# In percent, of all of src/; and of the lines of each file of the folders that read what a client
# sends or decide on it.
LINES, BRANCHES = 97, 92
FILE_LINES = 95
EACH_FILE_OF = ("tls", "auth", "identity", "http", "json", "review")


class Source:
    """What ran of one file: how often each line, and each branch."""

    def __init__(self):
        self.lines = collections.Counter()
        self.branches = {}  # of a line, a function and a number of branches

    def add(self, line, asserts):
        """
        A line as gcov tells it. An inline function of a header is in several objects, and so is a
        source that is compiled for several kinds of processors.
        """
        number = line["line_number"]
        self.lines[number] += line["count"]
        counts = [branch["count"] for branch in line["branches"] if not branch["throw"]]
        if not counts or number in asserts:
            return
        # A line can be in several functions, and have other branches in another object.
        key = number, line.get("function_name"), len(counts)
        old = self.branches.get(key, [0] * len(counts))
        self.branches[key] = [a + b for a, b in zip(old, counts)]

    def tally(self):
        """Lines, lines run, branches, branches taken."""
        taken = [count for counts in self.branches.values() for count in counts]
        return Tally(len(self.lines), sum(map(bool, self.lines.values())), len(taken),
                     sum(map(bool, taken)))

    def missed_lines(self):
        return sorted(number for number, count in self.lines.items() if not count)

    def missed_branches(self):
        """Lines that ran, but not in each direction."""
        return sorted({number for (number, _, _), counts in self.branches.items()
                       if not all(counts) and self.lines[number]})


class Tally(collections.namedtuple("Tally", "lines run branches taken")):
    def __add__(self, other):
        return Tally(*(a + b for a, b in zip(self, other)))

    def of_lines(self):
        return 100 * self.run / self.lines if self.lines else 100.0

    def of_branches(self):
        return 100 * self.taken / self.branches if self.branches else 100.0

    def row(self):
        return "%6d %6.1f %%  %6d %6.1f %%" % (self.lines, self.of_lines(), self.branches,
                                               self.of_branches())


def assert_lines(path):
    """The numbers of the lines of assert()s."""
    numbers, inside = set(), False
    with open(path, encoding="utf-8") as file:
        for number, text in enumerate(file, 1):
            inside = inside or re.match(r"\s*assert\(", text)
            if inside:
                numbers.add(number)
            inside = inside and ";" not in text
    return numbers


def read_build(build):
    """The sources below src/, by their names there."""
    notes = glob.glob(os.path.join(os.path.abspath(build), "src", "**", "*.gcno"), recursive=True)
    told = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities", *notes],
                          cwd=build, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    sources, asserts = {}, {}
    for document in told.stdout.splitlines():
        document = json.loads(document)
        for told_file in document["files"]:
            path = os.path.join(document["current_working_directory"], told_file["file"])
            path = os.path.realpath(path)
            name = os.path.relpath(path, os.path.join(ROOT, "src"))
            if name.startswith("..") or not os.path.exists(path):
                continue  # not of src/, or of an object whose source is gone
            if name not in asserts:
                asserts[name] = assert_lines(path)
            for line in told_file["lines"]:
                sources.setdefault(name, Source()).add(line, asserts[name])
    return dict(sorted(sources.items()))


def ranges(numbers):
    """4 5 6 9 -> 4-6 9"""
    found = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return " ".join("%d" % a if a == b else "%d-%d" % (a, b) for a, b in found)


def print_missed(sources, wanted):
    for name, source in sources.items():
        if wanted and name not in wanted:
            continue
        lines, branches = source.missed_lines(), source.missed_branches()
        if lines or branches:
            print("%s\n  lines:    %s\n  branches: %s" % (name, ranges(lines) or "-",
                                                        ranges(branches) or "-"))


def print_table(sources):
    """A row a file, a row a folder; the tally of all."""
    folders, total = {}, Tally(0, 0, 0, 0)
    print("%-28s %15s %17s" % ("file", "lines", "branches"))
    for name, source in sources.items():
        tally, folder = source.tally(), os.path.dirname(name)
        folders[folder] = folders.get(folder, Tally(0, 0, 0, 0)) + tally
        total += tally
        print("%-28s %s" % (name, tally.row()))
    print("\n%-28s %15s %17s" % ("folder", "lines", "branches"))
    for folder, tally in folders.items():
        print("%-28s %s" % (folder + "/", tally.row()))
    print("%-28s %s\n" % ("src/", total.row()))
    return total


def aims_of(sources, total):
    """(what it is, percent that is there, percent that is to be, the files that it is about)"""
    yield "lines of src/", total.of_lines(), LINES, sources
    yield "branches of src/", total.of_branches(), BRANCHES, sources
    for name, source in sources.items():
        if name.split("/")[0] in EACH_FILE_OF:
            yield "lines of " + name, source.tally().of_lines(), FILE_LINES, [name]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0].strip())
    parser.add_argument("build")
    parser.add_argument("--missed", nargs="*", metavar="FILE")
    options = parser.parse_args()
    sources = read_build(options.build)
    if options.missed is not None:
        print_missed(sources, options.missed)
        return 0
    aims = list(aims_of(sources, print_table(sources)))
    missed = [aim for aim in aims if aim[1] < aim[2]]
    if missed:
        print_missed(sources, {name for aim in missed for name in aim[3]})
    for what, percent, aim, _ in missed:
        print("FAIL %s: %.1f %% ran, %d %% is the aim" % (what, percent, aim))
    print("coverage: %d passed, %d failed" % (len(aims) - len(missed), len(missed)))
    return 1 if missed or not sources else 0


if __name__ == "__main__":
    sys.exit(main())
