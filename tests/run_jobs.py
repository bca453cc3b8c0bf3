#!/usr/bin/env python3
"""`svc lint` with several processes says what one process says, byte for byte, and ends with the same status.

    tests/run_jobs.py --svc build/svc

Over folders full of findings: the golden cases, the planted mistakes, the valid documents, the examples; folders with what cannot be read, and
with mistakes in their settings; and again with every worker killed as soon as it prints (a limit on the size of files), when the first process
does all the work. No worker outlives the process that began it. And with --dump, when resources are made whole as for build: what lint
leaves out, because no rule reads it, changes no finding.
"""

import argparse
import os
import resource
import shutil
import signal
import subprocess
import tempfile
import time

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
    for name, has_settings in (("awkward", False), ("settings with mistakes", True)):
        folder = os.path.join(parent, name)
        make_awkward(folder, has_settings)
        yield name, [folder]
        yield name + ", and a folder without files", [os.path.join(folder, "empty"), folder]
        yield name + ", one twice", [os.path.join(folder, each) for each in ("one", "three", "one")]
        yield name + ", settings of all", [folder, "--config", os.path.join(folder, "one", "svc-lint.yml")]
        yield name + ", settings that leave files out", [folder, "--config", os.path.join(folder, "good.yml")]
        yield name + ", a parameter", [folder, "--set", "nothing=1"]
        yield name + ", no file of parameters", [folder, "--params", "nowhere.yml"]
    yield "only the last file is missing", [*["examples/hello.svc"] * 6, "nowhere.svc"]


def write(folder, name, text):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def make_awkward(folder, has_settings):
    """Files that are right, wrong, binary, missing or no files, with the same names in all folders; with settings that have mistakes above some of them."""
    with open(os.path.join(ROOT, "examples", "hello.svc"), encoding="utf-8") as file:
        hello = file.read()
    for number in range(40):
        below = ("", "one/", "one/two/", "three/")[number % 4]
        text = (hello, hello.replace("service ", "servise "), "", "service a {\n", hello + "\x00")[number % 5]
        write(folder, f"{below}file-{number:02d}.svc", text)
    if has_settings:
        write(folder, "one/svc-lint.yml", "fail_level: warning\n")
        write(folder, "three/svc-lint.yml", "SVC9999: off\n")
    write(folder, "good.yml", 'fail-level: warning\npaths:\n  "one/**": off\n')
    write(folder, "one/task.json", '{"family": "a b", "containerDefinitions": []}')
    write(folder, "three/other.json", '{"name": "not for svc"}')
    write(folder, "shut.svc", hello)
    os.chmod(os.path.join(folder, "shut.svc"), 0)
    os.symlink("nowhere.svc", os.path.join(folder, "one", "dangling.svc"))
    os.makedirs(os.path.join(folder, "three", "folder.svc"))
    os.makedirs(os.path.join(folder, "empty"))


def no_room():
    """The first byte that a worker prints kills it: what it prints to is a file in memory. Pipes have no such limit."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def lint(svc, operands, more, before=None):
    """Status, standard output, standard error."""
    done = subprocess.run([svc, "lint", *more, *operands], cwd=ROOT, env=environment(ROOT), stdin=subprocess.DEVNULL, capture_output=True,
                          preexec_fn=before, timeout=300)
    return done.returncode, done.stdout, done.stderr


def find_children(process):
    try:
        with open(f"/proc/{process}/task/{process}/children", encoding="ascii") as file:
            return [int(each) for each in file.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def is_running(process):
    try:
        with open(f"/proc/{process}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def ends_workers(svc, folder, kill, delay):
    """Whether workers that have been stopped, so that they do not end by themselves, end with the process that began them."""
    process = subprocess.Popen([svc, "lint", "--jobs", "4", folder], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               start_new_session=True)
    workers, end = [], time.monotonic() + 5
    while len(workers) < 3 and process.poll() is None and time.monotonic() < end:
        workers = find_children(process.pid)
    time.sleep(delay)
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    kill(process)
    process.stderr.close()
    process.wait()
    end = time.monotonic() + 1
    while any(is_running(worker) for worker in workers) and time.monotonic() < end:
        time.sleep(0.01)
    left = [worker for worker in workers if is_running(worker)]
    if left:
        os.killpg(process.pid, signal.SIGKILL)
    return bool(workers) and not left


def check_ends(svc, parent, tally):
    """Ctrl-C goes to all processes of the terminal; who kills the first one alone ends the others too. A worker that is stopped before its first
    instruction cannot know yet: hence several tries."""
    folder = os.path.join(parent, "many")
    for number in range(25):
        shutil.copytree(os.path.join(ROOT, "examples"), os.path.join(folder, f"copy-{number:02d}"))
    for how, kill in (("Ctrl-C", lambda each: os.killpg(each.pid, signal.SIGINT)), ("the first process killed", lambda each: each.kill())):
        is_good = any(ends_workers(svc, folder, kill, 0.002 * attempt) for attempt in range(10))
        tally.add(f"{how}: no worker goes on", "" if is_good else "workers went on")


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
            status, _, message = lint(svc, operands, ["--dump", "resources"])
            tally.add(f"{name}, resources as build makes them", first_difference(expected, (status, expected[1], message)))
            tally.add(f"{name}, workers that die", first_difference(expected, lint(svc, operands, ["--jobs", "4"], no_room)))
        check_ends(svc, parent, tally)
    for value in ("0", "65", "-1", "two", "", "99999999999999999999"):
        status, _, message = lint(svc, ["examples"], [f"--jobs={value}"])
        tally.add(f"--jobs={value}", "" if status == 64 and b"--jobs takes a number from 1 to 64" in message else f"status {status}, {message}")
    tally.close()


if __name__ == "__main__":
    main()
