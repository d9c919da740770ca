#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Run the integration tests: all modules, then the suites of other projects.

    run.py [--module NAME[.CLASS[.TEST]]]... [--without NAME]... [--suite NAME]...
           [--no-suites] [--all] [--jobs N] [--durations N]

The probe is ADMWH_PROBE, or build/tests/probe/admwh-probe beside the sources; the
suites are in ADMWH_SUITES, or ../shared/suites. Every probe has the flags of
ADMWH_PROBE_FLAGS, for instance --no-aes-offload. Each class runs in a process of its
own, as many at a time as there are jobs: most of their time is waiting. No test may
fail because the machine is busy. What failed is repeated at the end, by name and
with its output. The last line is `integration: N passed, N failed, N skipped`.
"""

import argparse
import contextlib
import glob
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor, as_completed

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SUITES = ("http", "x509-limbo", "fuzz", "path-traversal")
JOB_SECONDS = 1200  # a job that runs longer hangs
FAILURE_LINES = 150  # of all that is repeated at the end
# These take longest, so they begin.
FIRST = (*SUITES[:3], "test_identity.Matrix", "test_lifecycle.Stops", "test_reload.KeyPair",
         "test_faults.Slow", "test_reviews.Answers", "test_rules.Kinds")


class Result(unittest.TextTestResult):
    """A subtest that fails is one failure, its test no pass. Each test's seconds are kept."""

    def __init__(self, *arguments, **rest):
        super().__init__(*arguments, **rest)
        self.seconds, self.began = {}, 0.0

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()

    def stopTest(self, test):
        super().stopTest(test)
        self.seconds[test.id()] = time.monotonic() - self.began

    def report(self):
        failed = len(self.failures) + len(self.errors) + len(self.unexpectedSuccesses)
        broken = {test.id() if not hasattr(test, "test_case") else test.test_case.id()
                  for test, _ in self.failures + self.errors if hasattr(test, "id")}
        skipped = len(self.skipped)
        whole = sum(1 for test, _ in self.skipped if not hasattr(test, "test_case"))
        wrong = [(str(test), text) for test, text in self.failures + self.errors]
        wrong += [(str(test), "passed, unexpectedly") for test in self.unexpectedSuccesses]
        return {"passed": max(self.testsRun - len(broken) - whole, 0), "failed": failed,
                "skipped": skipped, "seconds": self.seconds, "wrong": wrong}


def tests_of(suite):
    """The test cases in a suite of suites."""
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from tests_of(test)
        else:
            yield test


def run_job(name, report):
    """In a process of its own: run a class or a test and leave a report."""
    tests = unittest.defaultTestLoader.loadTestsFromName(name)
    runner = unittest.TextTestRunner(stream=sys.stdout, resultclass=Result, verbosity=1)
    result = runner.run(tests)
    with open(report, "w", encoding="ascii") as file:
        json.dump(result.report(), file)
    return 0


class Children:
    """The process groups of the jobs that run: ended when a job hangs, or this run is ended."""

    def __init__(self):
        self.running = set()
        signal.signal(signal.SIGTERM, self.end_all)

    def end_all(self, *_unused):
        for group in list(self.running):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        os._exit(1)

    def run(self, command, environment):
        """The output of a child, which ends by itself or after JOB_SECONDS."""
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env=environment, start_new_session=True) as child:
            self.running.add(child.pid)
            try:
                return child.communicate(timeout=JOB_SECONDS)[0]
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)  # its probes, too
                return child.communicate()[0] + b"killed: it ran for %d s\n" % JOB_SECONDS
            finally:
                self.running.discard(child.pid)


def run_child(children, command, environment, report):
    """Run a child to its end: its output, its report, its seconds. Without a report it failed."""
    began = time.monotonic()
    output = children.run(command, environment)
    try:
        with open(report, encoding="ascii") as file:
            counts = json.load(file)
    except (FileNotFoundError, ValueError):
        counts = {"passed": 0, "failed": 1, "skipped": 0}
    return output.decode("utf-8", "replace"), counts, time.monotonic() - began


def classes_of(name):
    """The jobs of a module, a class or a test: one a class."""
    if name.count(".") == 2:
        return [name]
    tests = tests_of(unittest.defaultTestLoader.loadTestsFromName(name))
    return list(dict.fromkeys("%s.%s" % (type(test).__module__, type(test).__name__)
                              for test in tests))


def parse(names):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0].strip())
    parser.add_argument("--module", action="append", metavar="NAME", help=", ".join(names))
    parser.add_argument("--without", action="append", default=[], metavar="NAME",
                        help="a module that is not run")
    parser.add_argument("--suite", action="append", choices=SUITES)
    parser.add_argument("--no-suites", action="store_true")
    parser.add_argument("--all", action="store_true", help="suites: every split, every input")
    parser.add_argument("--jobs", type=int, default=4 * len(os.sched_getaffinity(0)))
    parser.add_argument("--durations", type=int, default=0, metavar="N",
                        help="tell the N slowest tests, and the seconds of each module")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    return parser.parse_args()


def jobs_of(options, names):
    """What is to be run, the longest first."""
    modules = options.module or ([] if options.suite else names)
    modules = [name if name.startswith("test_") else "test_" + name for name in modules]
    modules = [name for name in modules if name[len("test_"):] not in options.without]
    suites = options.suite or ([] if options.no_suites or options.module else SUITES)
    jobs = list(suites) + [job for name in modules for job in classes_of(name)]
    rank = {name: place for place, name in enumerate(FIRST)}
    return sorted(jobs, key=lambda job: rank.get(job, len(rank)))


class Tally:
    """The counts and times of all jobs."""

    def __init__(self):
        self.counts = {"passed": 0, "failed": 0, "skipped": 0}
        self.tests, self.modules = {}, {}
        self.wrong = []  # (name, output) of each failure

    def add(self, name, output, counts, seconds):
        print("%s: %d passed, %d failed, %d skipped (%d s)" % (
            name, counts["passed"], counts["failed"], counts["skipped"], seconds))
        if counts["failed"] or name in SUITES:
            print(output)
        sys.stdout.flush()
        for key in self.counts:
            self.counts[key] += counts[key]
        self.tests.update(counts.get("seconds", {}))
        if counts["failed"]:  # a suite, or a job that has left no report: all it said
            self.wrong += counts.get("wrong") or [(name, output)]
        module = name.split(".")[0]
        self.modules[module] = self.modules.get(module, 0) + seconds

    def tell_durations(self, number):
        for what in (self.modules, self.tests):
            longest = sorted(what.items(), key=lambda item: -item[1])
            for name, seconds in longest[:number]:
                print("%8.2f s  %s" % (seconds, name))
            print()

    def tell_failures(self):
        """The names of all, and of each as much of its output as there is room for."""
        each = max(FAILURE_LINES // max(len(self.wrong), 1), 5)
        for i, (name, output) in enumerate(self.wrong):
            print("FAILED %s" % name)
            lines = output.rstrip().splitlines()
            if i * each >= FAILURE_LINES:
                continue
            if len(lines) > each:
                lines = [*lines[:each // 4], "[...]", *lines[each // 4 + 1 - each:]]
            print("\n".join("    " + line for line in lines))


def main():
    names = sorted(os.path.basename(path)[:-3] for path in glob.glob(HERE + "/test_*.py"))
    options = parse(names)
    sys.path.insert(0, HERE)
    if options.one:
        return run_job(*options.one)
    began, tally, children = time.monotonic(), Tally(), Children()
    with tempfile.TemporaryDirectory(prefix="admwh-integration-") as folder:
        environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
        if "ADMWH_PKI" not in environment:
            environment["ADMWH_PKI"] = os.path.join(folder, "pki")
            subprocess.run([sys.executable, ROOT + "/tests/pki/make_pki.py",
                            environment["ADMWH_PKI"]], check=True)

        def run(name):
            report = os.path.join(folder, name + ".json")
            if name in SUITES:
                command = [sys.executable, HERE + "/suites.py", name, "--report", report]
                command += ["--all"] if options.all else []
            else:
                command = [sys.executable, __file__, "--one", name, report]
            return name, *run_child(children, command, environment, report)

        with ThreadPoolExecutor(max(1, options.jobs)) as pool:
            for done in as_completed([pool.submit(run, name) for name in jobs_of(options, names)]):
                tally.add(*done.result())
    if options.durations:
        tally.tell_durations(options.durations)
    tally.tell_failures()
    print("%d s" % (time.monotonic() - began))
    print("integration: %(passed)d passed, %(failed)d failed, %(skipped)d skipped" % tally.counts)
    return 1 if tally.counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
