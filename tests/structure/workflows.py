#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Holds the workflows of .github to the scripts that they run: they are YAML, each script is there and
executable, and each step of scripts/test that they name is one of its steps; the nightly workflow
names every step that CI does not run.
"""

import os
import re
import sys

import yaml

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.path.join(TOP, ".github/workflows")
SCRIPT = re.compile(r"(?<![\w/.-])((?:scripts|\.ci)/[\w-]+)((?: [\w-]+)*)")


def tier(text, name):
    """The steps that a tier of scripts/test adds to the ones before it."""
    listed = re.search(r"^%s=\((.*)\)$" % name, text, re.M)[1].split()
    return [word for word in listed if re.fullmatch(r"[\w-]+", word)]


def jobs():
    for name in sorted(os.listdir(FOLDER)):
        with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
            document = yaml.safe_load(file)
        for job in document["jobs"].values():
            yield name, job


def commands(job):
    return [step["run"] for step in job["steps"] if "run" in step]


def named(job):
    """The steps of scripts/test that a job runs."""
    found = [word for text in commands(job) for script, rest in SCRIPT.findall(text)
             if script == "scripts/test" for word in rest.split()]
    rows = job.get("strategy", {}).get("matrix", {}).get("steps", [])
    return found + [word for row in rows for word in row.split()]


def problems():
    with open(os.path.join(TOP, "scripts/test"), encoding="utf-8") as file:
        text = file.read()
    early = tier(text, "quick") + tier(text, "ci")
    late = tier(text, "nightly")
    nightly = set()
    for name, job in jobs():
        for command in commands(job):
            for script, _ in SCRIPT.findall(command):
                if not os.access(os.path.join(TOP, script), os.X_OK):
                    yield "%s: there is no %s" % (name, script)
        for step in named(job):
            if step not in early + late:
                yield "%s: scripts/test has no step %s" % (name, step)
        if name == "nightly.yml":
            nightly.update(named(job))
    for step in set(late) - nightly:
        yield "nightly.yml: it does not run " + step


def main():
    found = list(problems())
    print("\n".join(found) or "workflows: all of their steps are there")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
