# SPDX-License-Identifier: MIT
"""
Does the library grow by what it has served? One instance answers REVIEWS reviews,
then HANDSHAKES connections of one review each; its memory and descriptors are read
after the first tenth of each, and at its end.

    growth.py REVIEWS HANDSHAKES PROBE

Loopback only. Ends with 1 when an answer is wrong, or memory or descriptors have grown.
"""

import multiprocessing
import os
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/integration"))

CALLERS = 4     # processes
BATCH = 50      # reviews that a caller sends before it reads the answers
NOISE_KIB = 512  # by which memory may seem to grow


def ask_many(port, count):
    """Reviews on one connection, a batch at a time."""
    import probe as p
    batch = p.request("POST", "/validate", p.review()) * BATCH
    with p.Client(port) as client:
        for _ in range(count // BATCH):
            client.send(batch)
            for _ in range(BATCH):
                check(client.read_response())


def connect_many(port, count):
    """Connections, one review each."""
    import probe as p
    for _ in range(count):
        with p.Client(port) as client:
            check(client.post())


def check(response):
    if response.status != 200 or response.json()["response"]["allowed"] is not True:
        raise SystemExit("growth: wrong answer: %r" % response)


def serve(act, port, count):
    """True if each of count was answered as it should be, by callers side by side."""
    callers = [multiprocessing.Process(target=act, args=(port, count // CALLERS))
               for _ in range(CALLERS)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    return all(caller.exitcode == 0 for caller in callers)


def state(probe, idle_fds):
    """KiB and descriptors, once the connections are gone."""
    end = time.monotonic() + 20
    while probe.descriptors() > idle_fds and time.monotonic() < end:
        time.sleep(0.1)
    return probe.resident_kib(), probe.descriptors()


def phase(probe, name, act, count):
    """Told in a line; True if something failed or has grown."""
    began, idle_fds = time.monotonic(), probe.descriptors_at_rest()
    good = serve(act, probe.port, count // 10)
    early, _ = state(probe, idle_fds)
    good = serve(act, probe.port, count - count // 10) and good
    late, fds = state(probe, idle_fds)
    grown = late - early > NOISE_KIB or fds > idle_fds
    print("%-10s %9d in %4.0f s: memory %6d KiB after a tenth, %6d at the end; descriptors %d, "
          "%d%s%s" % (name, count, time.monotonic() - began, early, late, idle_fds, fds,
                      ": GROWN" if grown else "", "" if good else ": FAILED"), flush=True)
    return grown or not good


def main():
    os.environ["ADMWH_PROBE"] = sys.argv[3]
    import probe as p
    probe = p.Probe("--quiet", "--threads", "2", "--workers", "2")
    try:
        failed = phase(probe, "reviews", ask_many, int(sys.argv[1]))
        failed |= phase(probe, "handshakes", connect_many, int(sys.argv[2]))
    finally:
        probe.stop()
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit(__doc__.strip())
    sys.exit(main())
