#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Patches made by chance, judged by another library: what is accepted leads python3-jsonpatch to the
same object; what is refused it refuses as well, but for what kube-apiserver alone refuses.

suite_jsonpatch.py PATCH-STEPS

ADMWH_PATCHES (4000) is how many.
"""

import decimal
import json
import os
import subprocess
import sys

try:
    import jsonpatch
    import jsonpointer
except ImportError:
    print("skipped: python3-jsonpatch is not installed")
    sys.exit(77)

# It stumbles over some operations instead of refusing them.
REFUSALS = (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError)

# Rules of kube-apiserver's library, and of the API server: RFC 6902 takes these.
KUBE = ("the whole document can only be replaced", "the document must stay an object or array",
        "the value differs in how kube-apiserver compares",
        "the whole document cannot be removed")


def same(a, b):
    """Equal as RFC 6902 has it: Python's True is 1."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return isinstance(a, bool) == isinstance(b, bool) and a == b


def is_refused(document, operation):
    if operation["op"] == "test":
        try:
            found = jsonpointer.resolve_pointer(document, operation["path"])
        except REFUSALS:
            return True
        return not same(found, operation["value"])
    try:
        jsonpatch.apply_patch(document, [operation])
    except REFUSALS:
        return True
    return False


def is_beyond_it(case):
    """
    It reads characters of strings as elements, takes leading zeros of an index in some versions (RFC
    6901 has none), moves an element into the one that takes its place (RFC 6902 4.4: into itself),
    and replaces no member by the name "-".
    """
    return case["error"].endswith(
        (" is a string, not an object or array", '"01" is no array index',
         "a value cannot move into its own child")) or any(
        operation["op"] == "replace" and operation["path"].endswith("/-")
        for operation in case["patch"])


def judge(case):
    """What is wrong, or None."""
    if is_beyond_it(case):
        return None
    try:
        result = jsonpatch.apply_patch(case["object"], case["patch"])
    except REFUSALS as error:
        return "refused by the other library: %s" % error
    if not same(result, case["result"]):
        return "the other library comes to %s" % result
    if not case["error"] or case["error"].endswith(KUBE):
        return None
    return None if is_refused(result, case["failed"]) else "taken by the other library"


def main():
    count = os.environ.get("ADMWH_PATCHES", "4000")
    steps = subprocess.Popen([sys.argv[1], count], stdout=subprocess.PIPE, text=True)
    n = n_operations = n_failed = n_wrong = 0
    for line in steps.stdout:
        case = json.loads(line, parse_float=decimal.Decimal)
        wrong = judge(case)
        n += 1
        n_operations += len(case["patch"])
        n_failed += bool(case["error"])
        if wrong:
            n_wrong += 1
            print("deviation=python-jsonpatch[%d] reason=%s\n%s" % (
                case["seed"], wrong, line.strip()))
    print("operations=%d refused=%d" % (n_operations, n_failed))
    print("suite=python-jsonpatch cases=%d passed=%d failed=%d skipped=0" % (
        n, n - n_wrong, n_wrong))
    return 0 if steps.wait() == 0 and n == int(count) and n_wrong == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
