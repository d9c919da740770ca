#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Instructions that a review takes, in the objects of this library alone, against budgets: a count
that does not depend on how busy the machine is. Past a budget by more than 3 % it fails; what is
more than 3 % below one is told, so that the budget can follow.

cost.py REVIEW-COST BODY BUDGETS [COMPILER]

BUDGETS has the counts of one compiler; of another one they are told and not judged. The program is
run under valgrind --tool=callgrind.
"""

import collections
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

REVIEWS = 20  # as in review_cost.c
TOLERANCE = 0.03
COMPRESSED = re.compile(r"\((\d+)\)(?: (.*))?")


def by_object(path):
    """What a dump says it is of, and the instructions of each object itself, calls left out."""
    names, costs = {}, collections.Counter()
    label, object_, called = "", "", False
    with open(path) as dump:
        for line in dump:
            if line.startswith("desc: Trigger: Client Request: "):
                label = line.split(": ", 3)[3].strip()
            elif line.startswith("ob="):
                number, name = COMPRESSED.match(line[3:].rstrip()).groups()
                object_ = names.setdefault(number, name)
            elif line.startswith("calls="):
                called = True  # the next line is what the callee took
            elif line[:1].isdigit() or line[:1] in "+-*":
                if not called:
                    costs[object_] += int(line.split()[1])
                called = False
            elif line.startswith("cob="):
                number, name = COMPRESSED.match(line[4:].rstrip()).groups()
                names.setdefault(number, name)
    return label, costs


def measure(program, body):
    counts = {}
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out")
        subprocess.run(
            ["valgrind", "--tool=callgrind", "-q", "--callgrind-out-file=" + out, program, body],
            check=True, stderr=subprocess.PIPE)
        for path in glob.glob(out + ".*"):
            label, costs = by_object(path)
            if label:
                ours = costs[os.path.realpath(program)] or costs[program]
                counts[label] = round(ours / REVIEWS), round(sum(costs.values()) / REVIEWS)
    return counts


def main():
    program, body, path = sys.argv[1:4]
    compiler = sys.argv[4] if len(sys.argv) > 4 else ""
    with open(path) as file:
        budgets = json.load(file)
    judged = compiler == budgets["compiler"]
    failed = 0
    print("%-20s %10s %10s %10s" % ("policy, set", "ours", "budget", "in all"))
    for label, (ours, whole) in sorted(measure(program, body).items()):
        budget = budgets["instructions"].get(label)
        verdict = ""
        if budget is None:
            verdict = "no budget"
            failed += judged
        elif ours > budget * (1 + TOLERANCE):
            verdict = "too many: %+.1f %%" % (100 * (ours / budget - 1))
            failed += judged
        elif ours < budget * (1 - TOLERANCE):
            verdict = "fewer: lower the budget"
        print("%-20s %10d %10s %10d  %s" % (label, ours, budget, whole, verdict))
    if not judged:
        print("not judged: the budgets are those of %s, this is %s" % (
            budgets["compiler"], compiler))
        return 77
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
