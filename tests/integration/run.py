#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Run the integration tests: all modules, then the suites of other projects.

    run.py [--module NAME]... [--without NAME]... [--suite NAME]... [--no-suites] [--all]
           [--jobs N]

The probe is ADMWH_PROBE, or build/tests/probe/admwh-probe beside the sources; the
suites are in ADMWH_SUITES, or ../shared/suites. Each module runs in a process of
its own; those that measure run alone, the rest and the suites as many at a time as
there are jobs. The last line is `integration: N passed, N failed, N skipped`.
"""

import argparse
import glob
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
# These measure times, CPU or memory: nothing else runs beside them.
ALONE = ("test_limits", "test_lifecycle", "test_faults", "test_processes", "test_reload")
SUITES = ("http", "path-traversal", "x509-limbo", "fuzz")


class Result(unittest.TextTestResult):
    """A subtest that fails is one failure, its test no pass."""

    def counts(self):
        failed = len(self.failures) + len(self.errors) + len(self.unexpectedSuccesses)
        broken = {test.id() if not hasattr(test, "test_case") else test.test_case.id()
                  for test, _ in self.failures + self.errors if hasattr(test, "id")}
        skipped = len(self.skipped)
        whole = sum(1 for test, _ in self.skipped if not hasattr(test, "test_case"))
        return {"passed": max(self.testsRun - len(broken) - whole, 0), "failed": failed,
                "skipped": skipped}


def run_module(name, report):
    """In a process of its own: run one module and leave its counts in a file."""
    sys.path.insert(0, HERE)
    tests = unittest.defaultTestLoader.loadTestsFromName(name)
    runner = unittest.TextTestRunner(stream=sys.stdout, resultclass=Result, verbosity=1)
    result = runner.run(tests)
    with open(report, "w", encoding="ascii") as file:
        json.dump(result.counts(), file)
    return 0


def start(command, environment, report):
    """Run a child to its end; its output, counts and seconds. No counts: it counts as a failure.
    """
    began = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                          env=environment)
    try:
        with open(report, encoding="ascii") as file:
            counts = json.load(file)
    except (FileNotFoundError, ValueError):
        counts = {"passed": 0, "failed": 1, "skipped": 0}
    return done.stdout.decode("utf-8", "replace"), counts, time.monotonic() - began


def main():
    names = sorted(os.path.basename(path)[:-3] for path in glob.glob(HERE + "/test_*.py"))
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0].strip())
    parser.add_argument("--module", action="append", metavar="NAME", help=", ".join(names))
    parser.add_argument("--without", action="append", default=[], metavar="NAME",
                        help="a module that is not run")
    parser.add_argument("--suite", action="append", choices=SUITES)
    parser.add_argument("--no-suites", action="store_true")
    parser.add_argument("--all", action="store_true", help="suites: every split, every input")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        return run_module(*options.one)
    modules = options.module or ([] if options.suite else names)
    modules = [name if name.startswith("test_") else "test_" + name for name in modules]
    modules = [name for name in modules if name[len("test_"):] not in options.without]
    suites = options.suite or ([] if options.no_suites or options.module else SUITES)
    total = {"passed": 0, "failed": 0, "skipped": 0}
    with tempfile.TemporaryDirectory(prefix="admwh-integration-") as folder:
        environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
        if "ADMWH_PKI" not in environment:
            environment["ADMWH_PKI"] = os.path.join(folder, "pki")
            subprocess.run([sys.executable, ROOT + "/tests/pki/make_pki.py",
                            environment["ADMWH_PKI"]], check=True)

        def job(name):
            report = os.path.join(folder, name + ".json")
            if name in SUITES:
                command = [sys.executable, HERE + "/suites.py", name, "--report", report]
                command += ["--all"] if options.all else []
            else:
                command = [sys.executable, __file__, "--one", name, report]
            return name, *start(command, environment, report)

        def tell(name, output, counts, seconds):
            print("%s: %d passed, %d failed, %d skipped (%d s)" % (
                name, counts["passed"], counts["failed"], counts["skipped"], seconds))
            if counts["failed"] or name in SUITES:
                print(output)
            sys.stdout.flush()
            for key in total:
                total[key] += counts[key]

        # The suites take longest: they begin.
        beside = list(suites) + [name for name in modules if name not in ALONE]
        with ThreadPoolExecutor(max(1, options.jobs)) as pool:
            for done in pool.map(job, beside):
                tell(*done)
        for name in [name for name in modules if name in ALONE]:
            tell(*job(name))
    print("integration: %(passed)d passed, %(failed)d failed, %(skipped)d skipped" % total)
    return 1 if total["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
