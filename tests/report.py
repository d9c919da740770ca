#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Counts what a run of scripts/test printed, writes the conformance page, prints the last line.

    report.py LOGS CONFORMANCE.md

Reads meson's test logs (*.json), the integration, examples, admwhctl, fuzz, install, images, documents, manifests,
e2e, coverage, cluster, dist, packages and other systems' logs (*.log). A suite says
`suite=NAME cases=N passed=N failed=N skipped=N` and `deviation=CASE reason=TEXT`.
"""
import glob
import json
import os
import re
import sys

SUITE = re.compile(r'^suite=(\S+) cases=(\d+) passed=(\d+) failed=(\d+) skipped=(\d+)', re.M)
DEVIATION = re.compile(r'^deviation=(.*?) reason=(.*)$', re.M)
CMOCKA_RUN = re.compile(r'^\[=+\] (?:\S+: )?(\d+) test\(s\) run\.', re.M)
CMOCKA_FAILED = re.compile(r'^\[  FAILED  \] (?:\S+: )?(\d+) test\(s\)', re.M)
COUNTED = re.compile(r'^(?:install|images|integration|examples|admwhctl|documents|manifests|e2e|fuzz|coverage|cluster|dist|packages|other-systems): (\d+) passed, (\d+) failed(?:, (\d+) skipped)?', re.M)
CONFORMANCE_HEAD = '''# Conformance

Suites of other projects, run against the library, and cases of the systems that the example servers
reproduce, run against those. `scripts/test` writes this page. A deviation is a case whose expected
result the library does not share, with the reason; it counts as passed only if the suite leaves the
choice.

| suite | run as | cases | passed | failed | skipped |
| --- | --- | ---: | ---: | ---: | ---: |
'''


class Totals:
    """Counts by row, in the order they were met."""

    def __init__(self):
        self.rows = {}
        self.suites = []
        self.deviations = []

    def add(self, row, passed, failed, skipped=0):
        old = self.rows.get(row, (0, 0, 0))
        self.rows[row] = (old[0] + passed, old[1] + failed, old[2] + skipped)

    def add_suites(self, origin, text, row=None):
        """The suites a text tells of, counted in a row; whether it tells of any."""
        found = SUITE.findall(text)
        for name, cases, passed, failed, skipped in found:
            if row:
                self.add(row, int(passed), int(failed), int(skipped))
            self.suites.append((name, origin, cases, passed, failed, skipped))
        self.deviations += [(origin, case, why) for case, why in DEVIATION.findall(text)]
        return bool(found)


def read_meson(path, totals):
    """One JSON object a line, one line a test program."""
    build = os.path.basename(path)[:-len('.json')]
    with open(path, encoding='utf-8', errors='replace') as file:
        for line in file:
            test = json.loads(line)
            text = test.get('stdout', '') + test.get('stderr', '')
            ran, good = CMOCKA_RUN.search(text), test['result'] == 'OK'
            if totals.add_suites('in process, ' + build, test.get('stdout', ''), build + ' suites'):
                if not good and test['result'] != 'SKIP':
                    totals.add(build + ' unit', 0, 0 if SUITE.search(text) else 1)
            elif test['result'] == 'SKIP':
                totals.add(build + ' unit', 0, 0, 1)
            elif ran and good:
                totals.add(build + ' unit', int(ran.group(1)), 0)
            elif ran:
                failed = CMOCKA_FAILED.search(text)
                bad = max(1, int(failed.group(1)) if failed else 1)
                totals.add(build + ' unit', max(0, int(ran.group(1)) - bad), bad)
            else:
                totals.add(build + ' unit', int(good), int(not good))


def read_log(path, totals):
    name = os.path.basename(path)[:-len('.log')]
    with open(path, encoding='utf-8', errors='replace') as file:
        text = file.read()
    totals.add_suites('over TLS, ' + name.split('-')[0], text)  # its last line counts them too
    for passed, failed, skipped in COUNTED.findall(text):
        totals.add(name, int(passed), int(failed), int(skipped or 0))


def best_of_builds(suites):
    """One row a suite and way to run it: of several builds the one that could run most cases."""
    best = {}
    for row in suites:
        way = (row[0], row[1].split(',')[0])
        if way not in best or int(row[5]) < int(best[way][5]):
            best[way] = (*way, *row[2:])
    return sorted(best.values())


def write_conformance(path, totals):
    rows = best_of_builds(totals.suites)
    lines = ['| ' + ' | '.join(row) + ' |\n' for row in rows]
    cases = {}  # by way to run it and reason
    for origin, case, why in totals.deviations:
        cases.setdefault((origin.split(',')[0], why), set()).add('`%s`' % case)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(CONFORMANCE_HEAD + ''.join(lines) + '\n## Deviations\n\n')
        file.write(''.join('* %s (%s): %s\n' % (why, origin, ', '.join(sorted(names)))
                           for (origin, why), names in sorted(cases.items())) or 'None.\n')


def main():
    logs, conformance = sys.argv[1:]
    totals = Totals()
    for path in sorted(glob.glob(os.path.join(logs, '*.json'))):
        read_meson(path, totals)
    for path in sorted(glob.glob(os.path.join(logs, '*.log'))):
        read_log(path, totals)
    steps = os.path.join(logs, 'steps')
    if os.path.exists(steps):
        with open(steps, encoding='utf-8') as file:
            broken = [line.strip().split('=')[1] for line in file]
        # A step that failed with no failed test of its own still fails the run.
        for name in broken:
            row = name if name in totals.rows else name.replace('-unit', ' unit')
            if totals.rows.get(row, (0, 0, 0))[1] == 0:
                totals.add(name, 0, 1)
    if totals.suites:
        write_conformance(conformance, totals)
        print('\n%-28s %-22s %6s %6s %6s %7s' % ('suite', 'run as', 'cases', 'passed', 'failed', 'skipped'))
        for row in sorted(totals.suites):
            print('%-28s %-22s %6s %6s %6s %7s' % row)
    print('\n%-28s %6s %6s %7s' % ('tests', 'passed', 'failed', 'skipped'))
    for name, counts in totals.rows.items():
        print('%-28s %6d %6d %7d' % (name, *counts))
    passed, failed, skipped = (sum(row[i] for row in totals.rows.values()) for i in range(3))
    print('\n%d passed, %d failed, %d skipped' % (passed, failed, skipped))
    sys.exit(1 if failed or passed == 0 else 0)


if __name__ == '__main__':
    main()
