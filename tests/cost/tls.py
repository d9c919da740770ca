#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Instructions of a review over TLS, and of a handshake, by the objects that take them: told beside
the budgets of cost.py, not judged, since most are the TLS library's.

tls.py PROBE BODY

Each figure is the difference of two runs of the probe under valgrind --tool=callgrind, so that the
start is not in it.
"""

import collections
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
os.environ["ADMWH_PROBE"] = sys.argv[1]
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "integration")]

import probe  # noqa: E402
from cost import by_object  # noqa: E402

FEW, MORE = 5, 25
# The first handshakes make tables of the points that they meet again.
FEW_CONNECTIONS, MORE_CONNECTIONS = 4, 10


class Case(probe.ProbeCase):
    def runTest(self):
        pass


def count(body, reviews, connections):
    """Instructions by object, of as many connections with as many reviews each."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out")
        case = Case()
        case.setUp()
        try:
            server = case.start("--inline", "--quiet", "--threads", "1", wrapper=(
                "valgrind", "--tool=callgrind", "-q", "--callgrind-out-file=" + out))
            for _ in range(connections):
                client = case.client(server)
                for _ in range(reviews):
                    answer = client.request("POST", "/validate", body, [
                        ("Content-Type", "application/json")])
                    if answer.status != 200:
                        raise SystemExit("status %d" % answer.status)
                client.close()
            server.signal(15)
            server.wait()
        finally:
            case.doCleanups()
        costs = collections.Counter()
        for name, cost in by_object(out)[1].items():
            costs[os.path.basename(name).split(".so")[0]] += cost
        return costs


def tell(what, more, few, n):
    each = {name: (more[name] - few[name]) / n for name in more}
    whole = sum(each.values())
    parts = ["%s %.0f %%" % (name, 100 * cost / whole)
             for name, cost in sorted(each.items(), key=lambda item: -item[1])
             if cost > whole / 200]
    print("%-22s %10d  %s" % (what, whole, ", ".join(parts)))


def main():
    with open(sys.argv[2], "rb") as file:
        body = file.read()
    Case.setUpClass()
    few, more = count(body, FEW, 1), count(body, MORE, 1)
    tell("a review over TLS", more, few, MORE - FEW)
    few, more = count(body, 1, FEW_CONNECTIONS), count(body, 1, MORE_CONNECTIONS)
    tell("a connection, a review", more, few, MORE_CONNECTIONS - FEW_CONNECTIONS)


if __name__ == "__main__":
    main()
