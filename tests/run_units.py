#!/usr/bin/env python3
"""Runs the cmocka tests of one or more builds and counts their functions."""

import argparse
import glob
import os
import re
import subprocess

from harness import ROOT, Tally, environment

RESULT = re.compile(r"^(not )?ok \d+ - (\S+)", re.M)


def main():
    parser = argparse.ArgumentParser(description="Runs the cmocka tests of builds.")
    parser.add_argument("builds", nargs="+", help="build directories")
    options = parser.parse_args()
    tally = Tally()
    for build in options.builds:
        programs = sorted(glob.glob(os.path.join(build, "unit", "unit-*")))
        if len(programs) != len(glob.glob(os.path.join(ROOT, "tests", "unit", "*.c"))) or not programs:
            tally.add(build, f"{build}/unit has {len(programs)} programs: as many as tests/unit has files, and one at least, must be there\n")
        for program in programs:
            name = f"{os.path.basename(build)} {os.path.basename(program)}"
            env = environment(os.environ.get("HOME", "/"), CMOCKA_MESSAGE_OUTPUT="TAP")
            try:
                done = subprocess.run([os.path.abspath(program)], cwd=ROOT, env=env, capture_output=True, timeout=120, stdin=subprocess.DEVNULL)
            except subprocess.TimeoutExpired:
                tally.add(name, "not finished after 120 s\n")
                continue
            output = (done.stdout + done.stderr).decode("utf-8", "backslashreplace")
            results = RESULT.findall(output)
            failed = [test for is_failed, test in results if is_failed]
            for is_failed, test in results:
                tally.add(f"{name} {test}", output if is_failed else "")
            if done.returncode and not failed or not results:
                tally.add(name, f"ended with status {done.returncode} after {len(results)} tests\n{output}")
    tally.close()


if __name__ == "__main__":
    main()
