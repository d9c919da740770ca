#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Run the tests against a control plane of Kubernetes, which is built once and started for the run:
kube-apiserver calls the probe and the example servers, kubectl is who asks.

    run.py [--module NAME[.CLASS[.TEST]]]... [--jobs N] [--durations N] [--keep]

The probe is ADMWH_PROBE, the examples are in ADMWH_EXAMPLES, or both in build/ beside the sources;
tests/cluster/cluster says where the programs of Kubernetes are. All of it runs in a network of its
own, where the system allows that, with no more than a loopback. --keep leaves the folder of the
cluster, with its logs. Without Go or etcd nothing is run, which counts as one that is skipped. The
last line is `cluster: N passed, N failed, N skipped`.
"""

import argparse
import glob
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
CONTROL = os.path.join(HERE, "cluster")
CANNOT = 77
# These give kube-apiserver other arguments and start it again, so they have it for themselves.
ALONE = ("test_admwhctl", "test_examples", "test_renew", "test_tokens")
FIRST = ("test_rotation",)  # of those side by side: it waits for minutes


def load(name, *parts):
    """A module by its file: other tests have modules of such names."""
    spec = importlib.util.spec_from_file_location(name, os.path.join(TESTS, *parts))
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


jobs = load("integration_run", "integration", "run.py")
documents = load("documents_run", "documents", "run.py")


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0].strip())
    parser.add_argument("--module", action="append", metavar="NAME")
    parser.add_argument("--jobs", type=int, default=3)
    parser.add_argument("--durations", type=int, default=0, metavar="N")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--within", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def wanted(options):
    """(jobs that have the cluster for themselves, jobs side by side)"""
    names = options.module or [os.path.basename(path)[:-3]
                               for path in sorted(glob.glob(HERE + "/test_*.py"))]
    names = [name if name.startswith("test_") else "test_" + name for name in names]
    names.sort(key=lambda name: name.split(".")[0] not in FIRST)
    classes = [job for name in names for job in jobs.classes_of(name)]
    return ([job for job in classes if job.split(".")[0] in ALONE],
            [job for job in classes if job.split(".")[0] not in ALONE])


class Control:
    """The cluster of a run: started here, ended whatever becomes of the tests."""

    def __init__(self, folder):
        self.folder = folder

    def __enter__(self):
        import kube  # by ADMWH_CLUSTER, which is set only now
        kube.make_certificates()
        kube.write_default_admission()
        kube.control("start")
        return self

    def __exit__(self, *_unused):
        subprocess.run([CONTROL, "stop", self.folder], check=False)


def run_all(options, folder, children):
    tally = jobs.Tally()
    alone, side_by_side = wanted(options)

    def run(name):
        report = os.path.join(folder, name + ".json")
        command = [sys.executable, __file__, "--one", name, report]
        return name, *jobs.run_child(children, command, dict(os.environ), report)

    def add(name, output, *rest):
        """And the figures that its tests tell."""
        tally.add(name, output, *rest)
        print("".join(line + "\n" for line in output.splitlines() if line.startswith("told: ")),
              end="", flush=True)

    for name in alone:
        add(*run(name))
    with ThreadPoolExecutor(max(1, options.jobs)) as pool:
        for done in as_completed([pool.submit(run, name) for name in side_by_side]):
            add(*done.result())
    return tally


def within(options):
    """In the network of its own."""
    began, folder = time.monotonic(), tempfile.mkdtemp(prefix="admwh-cluster-")
    os.environ.update(ADMWH_CLUSTER=folder, PYTHONDONTWRITEBYTECODE="1")
    children = jobs.Children()

    def end(*_unused):
        subprocess.run([CONTROL, "stop", folder], check=False)
        children.end_all()

    signal.signal(signal.SIGTERM, end)
    try:
        with Control(folder):
            tally = run_all(options, folder, children)
    finally:
        if options.keep:
            print("the cluster's folder is " + folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    if options.durations:
        tally.tell_durations(options.durations)
    tally.tell_failures()
    print("%d s" % (time.monotonic() - began))
    print("cluster: %(passed)d passed, %(failed)d failed, %(skipped)d skipped" % tally.counts)
    return 1 if tally.counts["failed"] else 0


def main():
    options = parse()
    sys.path.insert(0, HERE)
    if options.one:
        return jobs.run_job(*options.one)
    if options.within:
        return within(options)
    done = subprocess.run([CONTROL, "build"], stdout=subprocess.PIPE, check=False)
    if done.returncode == CANNOT:
        print("cluster: 0 passed, 0 failed, 1 skipped")
        return 0
    if done.returncode:
        print("cluster: Kubernetes cannot be built")
        return 1
    os.environ["ADMWH_KUBECTL"] = os.path.join(done.stdout.decode().strip(), "kubectl")
    command = [*documents.apart(), sys.executable, os.path.abspath(__file__), "--within"]
    os.execvp(command[0], command + sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
