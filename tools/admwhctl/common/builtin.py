#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Writes builtin.c: the kinds that kube-apiserver serves, from the folder api/discovery of the sources
of Kubernetes.

builtin.py KUBERNETES/api/discovery > builtin.c
"""

import glob
import json
import os
import sys

# What is served under several resources and has no list of its own: by --resource.
SEVERAL = ("Scale",)

HEAD = """/* SPDX-License-Identifier: MIT */
/* The kinds that kube-apiserver serves, written by builtin.py. */
#include "common/resources.h"

const struct resource builtin_resources[] = {
"""


def rows(folder):
    for path in sorted(glob.glob(os.path.join(folder, "*__v*.json"))):
        with open(path, encoding="utf-8") as file:
            served = json.load(file)
        group, _, version = served["groupVersion"].rpartition("/")
        kinds = {entry["name"]: entry["kind"] for entry in served["resources"]}
        for entry in served["resources"]:
            resource, _, subresource = entry["name"].partition("/")
            # A subresource of another kind than its resource, such as pods/exec.
            if entry["kind"] in SEVERAL or subresource and entry["kind"] == kinds[resource]:
                continue
            # bindings is what pods/binding was.
            if entry["name"] == "bindings":
                continue
            yield ((group, version), (entry.get("group", group), entry.get("version", version),
                                      entry["kind"]), resource, subresource, entry["namespaced"])


def main():
    print(HEAD, end="")
    for (group, version), kind, resource, subresource, namespaced in rows(sys.argv[1]):
        words = ", ".join('"%s"' % word for word in
                          (*kind, group, version, resource, subresource))
        print("\t{%s, %s}," % (words, "true" if namespaced else "false"))
    print("\t{0},\n};")


if __name__ == "__main__":
    main()
