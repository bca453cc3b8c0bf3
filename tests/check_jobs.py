#!/usr/bin/env python3
"""Lint by several processes says what lint by one does: `svc lint --jobs N` over every folder of cases and over folders made to be awkward, byte for
byte, with processes that are killed meanwhile; and none of them outlives its parent.

    tests/check_jobs.py [--svc build/svc]
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CASES = os.path.join(ROOT, "tests", "cases")
JOBS = (2, 3, 7)


def lint(svc, jobs, arguments, cwd):
    done = subprocess.run([svc, "lint", *(["--jobs", str(jobs)] if jobs else []), *arguments], cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return done.returncode, done.stdout, done.stderr


def compare(svc, arguments, cwd, failures):
    """How many bytes one process says; None goes by itself, with as many as the machine has."""
    alone = lint(svc, 1, arguments, cwd)
    for jobs in (*JOBS, None):
        several = lint(svc, jobs, arguments, cwd)
        if several != alone:
            failures.append(f"svc lint {' '.join(arguments)} in {cwd}: --jobs {jobs} differs from --jobs 1 (status {several[0]} and {alone[0]}, "
                            f"{len(several[2])} and {len(alone[2])} bytes)")
    return len(alone[1]) + len(alone[2])


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
    os.makedirs(os.path.join(folder, "three", "folder.svc"))
    os.symlink("nowhere.svc", os.path.join(folder, "one", "dangling.svc"))
    write(folder, "one/task.json", '{"family": "a b", "containerDefinitions": []}')
    write(folder, "three/other.json", '{"name": "not for svc"}')
    os.makedirs(os.path.join(folder, "empty"))
    write(folder, "shut.svc", hello)
    os.chmod(os.path.join(folder, "shut.svc"), 0)


def children(process):
    try:
        with open(f"/proc/{process}/task/{process}/children", encoding="ascii") as file:
            return [int(each) for each in file.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def wait_for_children(process, least):
    end = time.monotonic() + 5
    found = []
    while len(found) < least and process.poll() is None and time.monotonic() < end:
        found = children(process.pid)
    return found


def start(svc, jobs, folder):
    return subprocess.Popen([svc, "lint", "--jobs", str(jobs), folder], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                            start_new_session=True)


def is_running(process):
    try:
        with open(f"/proc/{process}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def check_killed_worker(svc, folder, failures):
    """A worker that is killed in the middle of its work: its files are linted all the same."""
    expected = lint(svc, 1, [folder], ROOT)
    killed = 0
    for _ in range(10):
        process = start(svc, 4, folder)
        workers = wait_for_children(process, 3)
        for worker in workers[1:]:
            os.kill(worker, signal.SIGKILL)
        killed += len(workers[1:])
        said = process.stderr.read()
        if (process.wait(), said) != (expected[0], expected[2]):
            failures.append(f"with workers killed, svc lint {folder} says something else (status {process.returncode})")
    if not killed:
        failures.append(f"svc lint --jobs 4 {folder} had no workers to kill")
    return killed


def ends_workers(svc, folder, kill, delay):
    """Whether workers that have been stopped, so that they do not end by themselves, end with the process that started them."""
    process = start(svc, 4, folder)
    workers = wait_for_children(process, 3)
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


def check_ends(svc, folder, failures):
    """Ctrl-C goes to all processes of the terminal; who kills the first one alone ends the others too. A worker that is stopped before its first
    instruction cannot know yet: hence several tries."""
    for how, kill in (("Ctrl-C", lambda each: os.killpg(each.pid, signal.SIGINT)), ("kill", lambda each: each.kill())):
        if not any(ends_workers(svc, folder, kill, 0.002 * attempt) for attempt in range(10)):
            failures.append(f"{how}: workers went on")


def main():
    parser = argparse.ArgumentParser(description="Compares lint by several processes with lint by one.")
    parser.add_argument("--svc", default=os.path.join(ROOT, "build", "svc"))
    svc = os.path.abspath(parser.parse_args().svc)
    failures, said, folders = [], 0, 0
    for folder in [CASES, *(os.path.join(CASES, name) for name in sorted(os.listdir(CASES))), os.path.join(ROOT, "examples"), os.path.join(ROOT, "tests", "valid")]:
        if os.path.isdir(folder):
            said += compare(svc, [os.path.relpath(folder, ROOT)], ROOT, failures)
            folders += 1
    with tempfile.TemporaryDirectory(prefix="svc-jobs-") as place:
        awkward = [os.path.join(place, name) for name in ("plain", "settings")]
        for folder in awkward:
            make_awkward(folder, folder == awkward[1])
        for arguments in (["."], ["one", "three", "one"], [".", "nowhere", "shut.svc"], ["empty", "."], [*["file-00.svc"] * 6, "nowhere.svc"], ["--params", "nowhere.yml", "."], ["--fail-level", "note", "."], ["--format", "json", "."],
                          ["--format", "github", "."], ["--config", "one/svc-lint.yml", "."], ["--config", "good.yml", "."], ["--set", "nothing=1", "."], ["--env", "prod", "."]):
            said += sum(compare(svc, arguments, folder, failures) for folder in awkward)
            folders += len(awkward)
        many = os.path.join(place, "many")
        for number in range(25):
            shutil.copytree(os.path.join(ROOT, "examples"), os.path.join(many, f"copy-{number:02d}"))
        killed = check_killed_worker(svc, many, failures)
        check_ends(svc, many, failures)
    for failure in failures:
        print(failure)
    print(f"{folders} runs of lint, {said} bytes, the same by 1 process and by {', '.join(map(str, JOBS))}; {killed} workers killed" if not failures
          else f"{len(failures)} failures")
    return 1 if failures or not said else 0


if __name__ == "__main__":
    sys.exit(main())
