#!/usr/bin/env python3
"""`svc lint` with several processes says what one process says, byte for byte, and ends with the same status.

    tests/run_jobs.py --svc build/svc

Over folders full of findings: the golden cases, the planted mistakes, the valid documents, the examples; a folder with what cannot be read;
and again with every worker killed as soon as it prints (a limit on the size of files), when the first process does all the work.
"""

import argparse
import os
import resource
import shutil
import signal
import subprocess
import tempfile

from harness import ROOT, Tally, environment

PROCESSES = (2, 3, 8)


def folders(parent):
    """What to lint: name, operands."""
    for name in ("examples", "tests/planted", "tests/valid", "tests/cases/diagnostics", "tests/cases/rules", "tests/cases/foreign", "tests/cases/lint"):
        yield name, [name]
    yield "several operands, one of them twice", ["examples", "stdlib", "examples", "tests/reading"]
    mixed = os.path.join(parent, "mixed")
    shutil.copytree(os.path.join(ROOT, "examples"), mixed)
    os.mkdir(os.path.join(mixed, "empty"))
    os.symlink("nowhere", os.path.join(mixed, "gone.svc"))
    for name, content in (("binary.svc", b"\0\1\2"), ("empty.svc", b""), ("broken.svc", b"project x\nservice {"), ("svc-lint.yml", b"SVC0602: off\n")):
        with open(os.path.join(mixed, name), "wb") as file:
            file.write(content)
    yield "what cannot be read", [mixed]
    yield "a missing file", ["examples", "nowhere.svc", "examples/hello.svc"]


def no_room():
    """The first byte that a worker prints kills it: what it prints to is a file in memory. Pipes have no such limit."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def lint(svc, operands, more, before=None):
    """Status, standard output, standard error."""
    done = subprocess.run([svc, "lint", *more, *operands], cwd=ROOT, env=environment(ROOT), stdin=subprocess.DEVNULL, capture_output=True,
                          preexec_fn=before, timeout=300)
    return done.returncode, done.stdout, done.stderr


def first_difference(expected, actual):
    for what, one, other in zip(("status", "standard output", "standard error"), expected, actual):
        if one != other:
            at = 0 if what == "status" else next((i for i, pair in enumerate(zip(one, other)) if pair[0] != pair[1]), min(len(one), len(other)))
            shown = (one, other) if what == "status" else (one[at:at + 200], other[at:at + 200])
            return f"{what} differs (byte {at}):\n  one process  {shown[0]}\n  several      {shown[1]}"
    return ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--svc", required=True)
    options = parser.parse_args()
    svc = os.path.abspath(options.svc)
    tally = Tally()
    with tempfile.TemporaryDirectory() as parent:
        for name, operands in folders(parent):
            expected = lint(svc, operands, ["--jobs", "1"])
            for processes in PROCESSES:
                tally.add(f"{name}, {processes} processes", first_difference(expected, lint(svc, operands, ["--jobs", str(processes)])))
            tally.add(f"{name}, as it is", first_difference(expected, lint(svc, operands, [])))
            tally.add(f"{name}, workers that die", first_difference(expected, lint(svc, operands, ["--jobs", "4"], no_room)))
    for value in ("0", "65", "-1", "two", "", "99999999999999999999"):
        status, _, message = lint(svc, ["examples"], [f"--jobs={value}"])
        tally.add(f"--jobs={value}", "" if status == 64 and b"--jobs takes a number from 1 to 64" in message else f"status {status}, {message}")
    tally.close()


if __name__ == "__main__":
    main()
