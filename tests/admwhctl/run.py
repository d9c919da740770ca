#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Tests of admwhctl as a program: the test_NAME.py beside this file.

    run.py [--module NAME[.CLASS[.TEST]]]...

The program is ADMWHCTL, or build/tools/admwhctl/admwhctl beside the sources. The last line is
`admwhctl: N passed, N failed, N skipped`.
"""

import argparse
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from program import ADMWHCTL  # noqa: E402 (found only now)


def names_of_modules():
    return sorted(name[len("test_"):-len(".py")] for name in os.listdir(HERE)
                  if name.startswith("test_") and name.endswith(".py"))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--module", action="append")
    if not os.path.exists(ADMWHCTL):
        print(f"{ADMWHCTL} is not there: it is built where libyaml is")
        failed = os.environ.get("CI") == "true"
        print(f"admwhctl: 0 passed, {int(failed)} failed, {int(not failed)} skipped")
        return int(failed)
    names = parser.parse_args().module or names_of_modules()
    suite = unittest.defaultTestLoader.loadTestsFromNames("test_" + name for name in names)
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    failed = len(result.failures) + len(result.errors)
    skipped = len(result.skipped)
    print(f"admwhctl: {result.testsRun - failed - skipped} passed, {failed} failed, "
          f"{skipped} skipped")
    return 0 if failed == 0 and result.testsRun > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
