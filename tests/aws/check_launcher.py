#!/usr/bin/env python3
"""The launcher of tests/aws/launcher: each patch does what its fact says, and without it moto does not.

A test names its patch. It is run twice, on an account that was emptied before: with the patch it must pass, with the patch switched off it
must fail. The tests of what the launcher has beside patches (faults, the log of calls, time) are run once. Every patch has a test.

    check_launcher.py [PATTERN]      only tests whose name or patch contains it
"""

import argparse
import importlib
import os
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from harness import Tally  # noqa: E402
from launcher.start import Launcher  # noqa: E402

MODULES = ("calls", "ecs", "native", "network", "stores", "watch", "scaling", "pages", "reading", "accounts")


def why_it_fails(function, aws):
    try:
        function(aws)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {error} ({os.path.basename(place.filename)}:{place.lineno})"
    return ""


def run_test(aws, test):
    """"" or what is wrong."""
    aws.reset()
    failure = why_it_fails(test.function, aws)
    if failure or not test.patch:
        return failure
    aws.control("POST", "reset", {"off": [test.patch]})
    return "" if why_it_fails(test.function, aws) else f"it passes without the patch {test.patch}, too"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pattern", nargs="?", default="")
    parser.add_argument("--slow", action="store_true", help="say how long each test takes")
    arguments = parser.parse_args()
    tests = [test for name in MODULES for test in importlib.import_module(f"launcher.tests.{name}").TESTS]
    tally = Tally()
    with Launcher("--speed", "1", "--check-signatures") as aws:
        for test in tests:
            if arguments.pattern in test.name or arguments.pattern in (test.patch or ""):
                started = time.time()
                tally.add(test.name, run_test(aws, test))
                if arguments.slow:
                    print(f"{time.time() - started:6.2f} s  {test.name}")
        if not arguments.pattern:
            untested = set(aws.control("GET", "patches")) - {test.patch for test in tests}
            tally.add("every patch has a test", f"none for {', '.join(sorted(untested))}" if untested else "")
    tally.close()


if __name__ == "__main__":
    main()
