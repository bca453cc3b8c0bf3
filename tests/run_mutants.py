#!/usr/bin/env python3
"""Broken rollout controllers are caught.

Each file of tests/mutants is a patch of one file of rollout/. Its first lines say what is broken, and which test catches it: the name of one in
rollout_test or rollout_judge_test, or a seed of rollout_random_test. The patch is applied to a copy, only that file is compiled again, and the test
that is named must fail; it passes with the controller as it is. --find writes down another test that catches it where the one that is named does not. --full runs more
random worlds with the controller as it is.
"""

import argparse
import concurrent.futures
import glob
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

from harness import ROOT, Tally

MUTANTS = os.path.join(ROOT, "tests", "mutants")
LEAST = 30
PROGRAMS = ["rollout_judge_test", "rollout_test", "rollout_random_test"]
RANDOM = "rollout_random_test"
SECONDS = 110
HEAD = re.compile(r"Broken: (?P<what>.+)\nCaught by: (?P<program>\w+) (?P<test>\w+|seed \d+)\n--- a/(?P<path>rollout/\w+\.c)\n")
FAILED_TEST = re.compile(r"^\[  FAILED  \] (test_\w+)$", re.M)
FAILED_SEED = re.compile(r"^seed (\d+) failed", re.M)


class Workshop:
    """The parts of the tests' programs, compiled once."""

    def __init__(self, folder, library):
        self.folder, self.library = folder, library
        self.compiler = shlex.split(os.environ.get("CC", "cc"))
        self.libraries = subprocess.run(["pkg-config", "--libs", "cmocka", "jansson", "yaml-0.1", "libpcre2-8"], check=True, capture_output=True, text=True).stdout.split()
        self.objects = {}

    def compile(self, source, tree, out):
        done = subprocess.run([*self.compiler, "-std=c17", "-D_GNU_SOURCE", "-O1", "-fno-pie", f"-I{tree}", f"-I{ROOT}", "-c", source, "-o", out], capture_output=True, text=True)
        return done.stderr if done.returncode else ""

    def prepare(self, pool):
        sources = glob.glob(os.path.join(ROOT, "rollout", "*.c")) + [os.path.join(ROOT, "tests", "unit", name + ".c") for name in PROGRAMS]
        self.objects = {source: os.path.join(self.folder, os.path.basename(source) + ".o") for source in sorted(sources)}
        return "".join(pool.map(lambda item: self.compile(item[0], ROOT, item[1]), self.objects.items()))

    def link(self, program, out, replaced=()):
        """REPLACED: source and object of a mutant."""
        tests = {os.path.join(ROOT, "tests", "unit", name + ".c") for name in PROGRAMS if name != program}
        objects = {source: path for source, path in self.objects.items() if source not in tests} | dict(replaced)
        done = subprocess.run([*self.compiler, "-no-pie", *objects.values(), self.library, *self.libraries, "-ldl", "-o", out], capture_output=True, text=True)
        return done.stderr if done.returncode else ""


def run_test(path, arguments, seconds=SECONDS):
    """What it said; whether it failed."""
    try:
        done = subprocess.run([path, *arguments], cwd=ROOT, capture_output=True, stdin=subprocess.DEVNULL, timeout=seconds)
    except subprocess.TimeoutExpired:
        return f"not finished after {seconds} s\n", True
    output = (done.stdout + done.stderr).decode("utf-8", "backslashreplace")
    return output, done.returncode != 0


def tree_of(folder, path):
    """A copy of the room that is patched."""
    shutil.copytree(os.path.join(ROOT, "rollout"), os.path.join(folder, "rollout"))
    return os.path.join(folder, path)


def build_mutant(shop, folder, mutant, path, programs):
    """Its programs; or why there are none."""
    source = tree_of(folder, path)
    done = subprocess.run(["patch", "-p1", "--fuzz=0", "--batch", "--quiet", "-r", "-", "-i", mutant], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        return {}, f"the patch no longer applies to {path}: write it again, so that it breaks the same in what the code is now\n{done.stdout}{done.stderr}"
    problem = shop.compile(source, folder, source + ".o")
    built = {program: os.path.join(folder, program) for program in programs}
    for program, out in built.items():
        problem = problem or shop.link(program, out, [(os.path.join(ROOT, path), source + ".o")])
    return built, problem and "it does not compile any more\n" + problem


def find(shop, folder, mutant, text, head):
    """Writes down which test catches it, unless the one that is named still does."""
    built, problem = build_mutant(shop, folder, mutant, head["path"], PROGRAMS)
    if problem:
        return problem
    if run_test(built[head["program"]], head["test"].split())[1]:
        return ""
    for program, arguments in [("rollout_judge_test", []), (RANDOM, ["5000"]), ("rollout_test", [])]:
        output, failed = run_test(built[program], arguments)
        seed, test = FAILED_SEED.search(output), FAILED_TEST.search(output)
        if not failed or (program == RANDOM and not seed): # a few worlds lack some events
            continue
        named = f"seed {seed[1]}" if seed else test[1] if test else None
        if not named:
            return f"{program} ended without the name of a test\n{output}"
        with open(mutant, "w", encoding="utf-8") as out:
            out.write(text.replace(f"Caught by: {head['program']} {head['test']}\n", f"Caught by: {program} {named}\n", 1))
        print(f"{os.path.basename(mutant)}: {program} {named}", flush=True)
        return ""
    return "it survives: no test fails\n"


def check(shop, mutant, is_finding):
    with open(mutant, encoding="utf-8") as source:
        text = source.read()
    head = HEAD.match(text)
    if not head:
        return "it must begin with the lines `Broken: …` and `Caught by: PROGRAM TEST`, and then the patch of one file of rollout/\n"
    with tempfile.TemporaryDirectory(dir=shop.folder) as folder:
        if is_finding:
            return find(shop, folder, mutant, text, head)
        built, problem = build_mutant(shop, folder, mutant, head["path"], [head["program"]])
        if problem:
            return problem
        output, failed = run_test(built[head["program"]], head["test"].split())
        if not failed:
            return f"it survives {head['program']} {head['test']}: --find says whether another test catches it\n{output}"
        if head["test"] not in FAILED_TEST.findall(output) + [f"seed {seed}" for seed in FAILED_SEED.findall(output)]:
            return f"{head['program']} ended otherwise than by {head['test']}\n{output}"
    return ""


def check_sound(shop, program, arguments):
    """The controller as it is passes, and the tests that are named exist."""
    path = os.path.join(shop.folder, program)
    problem = shop.link(program, path)
    if problem:
        return problem
    output, failed = run_test(path, arguments, 10 * SECONDS)
    print(output if program == RANDOM else "", end="")
    return output if failed else ""


def main():
    parser = argparse.ArgumentParser(description="Shows that broken rollout controllers are caught.")
    parser.add_argument("--build", default="build", help="a build directory, for the rooms that are not broken")
    parser.add_argument("--find", action="store_true", help="where the test that is named does not catch it, write down one that does")
    parser.add_argument("--full", action="store_true", help="100,000 random worlds with the controller as it is")
    parser.add_argument("--filter", default="", help="only mutants with this in their name")
    options = parser.parse_args()
    tally = Tally()
    mutants = sorted(path for path in glob.glob(os.path.join(MUTANTS, "*.patch")) if options.filter in os.path.basename(path))
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
        shop = Workshop(folder, os.path.abspath(os.path.join(options.build, "libsvc-core.a")))
        problem = shop.prepare(pool)
        if problem:
            sys.exit(problem)
        sound = [] if options.find or options.filter else PROGRAMS
        arguments = {RANDOM: ["100000"]} if options.full else {}
        jobs = [(f"as it is, {program}", pool.submit(check_sound, shop, program, arguments.get(program, []))) for program in reversed(sound)]
        jobs += [(os.path.basename(path), pool.submit(check, shop, path, options.find)) for path in mutants]
        for name, job in jobs:
            tally.add(name, job.result())
    if not options.filter and len(mutants) < LEAST:
        tally.add("mutants", f"there are {len(mutants)}: {LEAST} at least must be there\n")
    tally.close()


if __name__ == "__main__":
    main()
