#!/usr/bin/env python3
"""Makes each allocation fail in turn (test-hooks build: SVC_TEST_FAIL_ALLOC=N fails the Nth).

A run whose allocation fails ends by abort (134) or with status 2, says "out of memory" on stderr, and leaves what was there
before it as it was, byte for byte. A run with N beyond the last allocation is like one without the hook. Without --full a
sample of the allocations is failed.
"""

import argparse
import os
import shutil
import tempfile

from harness import ROOT, Tally, diff, diff_trees, environment, read_file, read_tree, run, run_parallel

COMMANDS = {
    "lint": ["lint", "input.svc"],
    "lint --format json": ["lint", "input.svc", "--format", "json"],
    "lint, findings": ["lint", "broken.svc"],
    "lint --format sarif": ["lint", "broken.svc", "--format", "sarif"],
    "lint --format junit": ["lint", "broken.svc", "--format", "junit"],
    "fmt": ["fmt", "ragged.svc"],
    "build": ["build", "input.svc", "--env", "prod", "--out", "out"],
    "plan": ["plan", "input.svc", "--env", "prod", "--offline"],
    "plan --live": ["plan", "live.svc", "--live", "live.json", "--format", "json"],
    "drift --live": ["drift", "live.svc", "--live", "live.json"],
}
BEYOND = 10**9
SAMPLE = 120


def prepare(svc, parent, example):
    """A folder with the inputs and an earlier build of something else in out/."""
    place = os.path.join(parent, "start")
    os.mkdir(place)
    text = read_file(os.path.join(ROOT, "examples", example + ".svc")).decode()
    ragged = "\n\n" + "".join("     " + line + "   \n" for line in text.splitlines())
    broken = text + "\nservice {\n  compute 30s\n  tset \"x\"\n}\nunknown-word 1\n"
    case = os.path.join(ROOT, "tests", "cases", "live", "secret-changed")
    live, recorded = (read_file(os.path.join(case, name)).decode() for name in ("input.svc", "live.json"))
    for name, content in (("input.svc", text), ("ragged.svc", ragged), ("broken.svc", broken), ("live.svc", live), ("live.json", recorded)):
        with open(os.path.join(place, name), "w", encoding="utf-8") as file:
            file.write(content)
    built = run(svc, COMMANDS["build"], place)
    if built.status:
        return place, f"the build without a failure ends with status {built.status}\n" + built.stderr.decode("utf-8", "backslashreplace")
    # Not what a build of input.svc writes, so that replacing any of it shows.
    for path, data in read_tree(os.path.join(place, "out")).items():
        with open(os.path.join(place, "out", path), "wb") as file:
            file.write(data + b"\n")
    return place, ""


class Attempts:
    """Runs one command with the Nth allocation failing, and knows what a run without a failure gives."""

    def __init__(self, svc, start, parent, args):
        self.svc, self.start, self.parent, self.args = svc, start, parent, args
        self.before = read_tree(start)
        self.good, self.tree = self.attempt(None)

    def attempt(self, number):
        place = os.path.join(tempfile.mkdtemp(dir=self.parent), "case")
        shutil.copytree(self.start, place)
        more = {} if number is None else {"SVC_TEST_FAIL_ALLOC": str(number)}
        result = run(self.svc, self.args, place, env=environment(place, **more))
        tree = read_tree(place)
        shutil.rmtree(os.path.dirname(place), ignore_errors=True)
        return result, tree

    def is_whole(self, number):
        result, _ = self.attempt(number)
        return result.status == self.good.status and result.stdout == self.good.stdout and result.stderr == self.good.stderr

    def count(self):
        """The number of allocations: the highest N that fails. Doubling, then halving."""
        high = 1
        while not self.is_whole(high):
            high *= 2
            if high > BEYOND:
                return None
        low = high // 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.is_whole(middle) else (middle, high)
        return low

    def check(self, number):
        """What is wrong with the run whose Nth allocation fails."""
        result, tree = self.attempt(number)
        if result.status == self.good.status and b"out of memory" not in result.stderr:
            return diff(self.good.stdout, result.stdout, "stdout") + diff(self.good.stderr, result.stderr, "stderr") \
                + diff_trees(self.tree, tree, "")
        report = ""
        if result.status not in (134, 2):
            report += f"status {result.status}, expected 134 or 2\n"
        if b"out of memory" not in result.stderr:
            report += "stderr does not say \"out of memory\":\n" + result.stderr.decode("utf-8", "backslashreplace")
        # What the run left beside is allowed, since it was killed; what was there may not change.
        report += diff_trees(self.before, {path: data for path, data in tree.items() if path in self.before or path.startswith("out" + os.sep)}, "")
        return report


def main():
    parser = argparse.ArgumentParser(description="Makes each allocation fail in turn (test-hooks build).")
    parser.add_argument("--svc", required=True, help="the program, of a test-hooks build")
    parser.add_argument("--example", default="hello", help="which of examples/")
    parser.add_argument("--full", action="store_true", help="every allocation, not a sample")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    svc = os.path.abspath(options.svc)
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="svc-alloc-") as parent:
        start, wrong = prepare(svc, parent, options.example)
        if wrong:
            tally.add("prepare", wrong)
            tally.close()
        for name, args in COMMANDS.items():
            attempts = Attempts(svc, start, parent, args)
            total = attempts.count()
            if not total:
                tally.add(name, "no failing allocation shows: is this a test-hooks build?\n" if total == 0 else "every run fails\n")
                continue
            step = 1 if options.full else max(1, total // SAMPLE)
            numbers = sorted({*range(1, total + 1, step), total})
            run_parallel(tally, [(f"{name}, allocation {number} of {total}", lambda number=number: attempts.check(number)) for number in numbers],
                         options.jobs)
            tally.add(f"{name}, beyond the last of {total}", attempts.check(BEYOND))
    tally.close()


if __name__ == "__main__":
    main()
