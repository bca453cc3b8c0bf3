#!/usr/bin/env python3
"""Output that cannot be written: full disks, closed pipes, places that are something else or belong to somebody else. A run says so, ends
with the code for it, and leaves what was there before as it was.

A full disk is a limit on the size of a file (the write then fails with EFBIG), and /dev/full for the standard streams.
"""

import argparse
import os
import resource
import shutil
import signal
import stat
import subprocess
import tempfile

from harness import ROOT, Tally, diff_trees, environment, read_file, read_tree, run, run_parallel

SOURCE = os.path.join(ROOT, "examples", "hello.svc")
BUILD = ["build", "input.svc", "--env", "prod", "--out", "out"]
NOBODY = 65534
LOST = {"full": "the disk is full", "without a reader": "its reader is gone", "closed": "it is closed"}


def prepare(svc, parent):
    """A folder with an input, a ragged one, and an earlier build."""
    place = os.path.join(tempfile.mkdtemp(dir=parent), "case")
    os.mkdir(place)
    text = read_file(SOURCE)
    for name, content in (("input.svc", text), ("ragged.svc", text.replace(b"\n", b"   \n")),
                          ("fixable.svc", text.replace(b'image ecr "hello"', b"image ecr 'hello'"))):
        with open(os.path.join(place, name), "wb") as file:
            file.write(content)
    with open(os.path.join(place, "task.json"), "w", encoding="utf-8") as file:
        file.write('{"family": "web", "containerDefinitions": [{"name": "web", "image": "nginx:1.27", "memory": 64}]}')
    with open(os.path.join(place, "rules.svc"), "w", encoding="utf-8") as file:
        file.write('rule small require scale.max <= 4 because "it is small"\n\nexpect pass "one" {\n  service api { container app { image "nginx:1.27" } }\n}\n')
    with open(os.path.join(place, "earlier.svc"), "wb") as file:
        file.write(text.replace(b"8080", b"9090"))
    built = run(svc, [BUILD[0], "earlier.svc", *BUILD[2:]], place)
    if built.status:
        raise RuntimeError(f"the first build ended with status {built.status}: {built.stderr.decode()}")
    return place


def limit_files(size):
    def before():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return before


def as_nobody():
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def execute(svc, place, args, before=None, stdout=subprocess.PIPE):
    with open(os.path.join(place, "ragged.svc"), "rb") as stdin:
        return subprocess.run([svc, *args], cwd=place, env=environment(place), stdin=stdin, stdout=stdout, stderr=subprocess.PIPE,
                              preexec_fn=before, timeout=60)


def check_unchanged(svc, parent, args, statuses, says, before=None, change=None):
    """The run ends with one of the statuses, says something, and changes nothing."""
    place = prepare(svc, parent)
    if change:
        change(place)
    tree = read_tree(place)
    done = execute(svc, place, args, before)
    report = "" if done.returncode in statuses else f"status {done.returncode}, expected one of {statuses}\n"
    message = done.stderr.decode("utf-8", "backslashreplace")
    if says not in message:
        report += f"stderr does not say {says!r}:\n{message}"
    report += diff_trees(tree, read_tree(place), "")
    if not report:
        # The same command works when nothing is in the way, or the case would say nothing.
        fresh = prepare(svc, parent)
        if execute(svc, fresh, args).returncode not in (0, 1):
            report = "the command fails also without the obstacle\n"
    return report


def out_is_a_file(place):
    shutil.rmtree(os.path.join(place, "out"))
    with open(os.path.join(place, "out"), "w", encoding="utf-8") as file:
        file.write("somebody's notes\n")


def read_only(place):
    """For nobody, to whom none of it belongs."""
    for folder, _, names in os.walk(place):
        os.chmod(folder, 0o555)
        for name in names:
            os.chmod(os.path.join(folder, name), 0o444)
    parent = os.path.dirname(place)
    while parent not in ("/", "/tmp") and os.stat(parent).st_uid == os.getuid():
        os.chmod(parent, stat.S_IMODE(os.stat(parent).st_mode) | 0o111)
        parent = os.path.dirname(parent)


def check_link(svc, parent):
    """A link stays a link: the file it leads to is laid out."""
    place = prepare(svc, parent)
    link = os.path.join(place, "link.svc")
    os.symlink("ragged.svc", link)
    done = execute(svc, place, ["fmt", "link.svc"])
    report = "" if done.returncode == 0 and os.path.islink(link) else f"status {done.returncode}, link {os.path.islink(link)}\n"
    return report + ("" if b"   \n" not in read_file(os.path.join(place, "ragged.svc")) else "the file was not laid out\n")


def check_pipe(svc, parent):
    """A named pipe is written to, never replaced."""
    place = prepare(svc, parent)
    pipe = os.path.join(place, "pipe")
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE)
    done = execute(svc, place, ["plan", "input.svc", "--env", "prod", "--offline", "--out", "pipe"])
    data = reader.communicate(timeout=60)[0]
    report = "" if done.returncode == 0 and stat.S_ISFIFO(os.stat(pipe).st_mode) else f"status {done.returncode}\n{done.stderr.decode()}"
    return report + ("" if data.startswith(b"{") else f"read {data[:100]!r}\n")


def check_stream(svc, parent, args, stdout):
    """A standard output that is full, whose reader is gone, or that is closed: one sentence that says so, and the code for what could not run."""
    place = prepare(svc, parent)
    tree = read_tree(place)
    if stdout == "closed":
        done = execute(svc, place, args, before=lambda: os.close(1))
    elif stdout == "full":
        with open("/dev/full", "wb") as full:
            done = execute(svc, place, args, stdout=full)
    else:
        reading, writing = os.pipe()
        os.close(reading)
        done = execute(svc, place, args, stdout=writing)
        os.close(writing)
    message = done.stderr.decode("utf-8", "backslashreplace")
    report = "" if done.returncode == (1 if args[0] == "plan" else 2) else f"status {done.returncode}\n{message}"
    if message.count("svc: cannot write to standard output: " + LOST[stdout] + "\n") != 1:
        report += f"stderr does not say once why nothing was written:\n{message}"
    return report + diff_trees(tree, read_tree(place), "")


def check_fix_of_pipe(svc, parent):
    """A pipe can be read once: it is linted, and fixes nothing."""
    place = prepare(svc, parent)
    pipe = os.path.join(place, "pipe")
    os.mkfifo(pipe)
    with subprocess.Popen(["sh", "-c", "cat fixable.svc > pipe"], cwd=place):
        done = execute(svc, place, ["lint", "--fix", "pipe"])
    return "" if done.returncode in (0, 1) else f"status {done.returncode}\n{done.stderr.decode()}"


def check_closed_folder(svc, parent):
    """A folder that cannot be read is told; what stands beside it is linted all the same. A pipe in a folder is nobody's file."""
    place = prepare(svc, parent)
    for name in ("closed", "open"):
        os.mkdir(os.path.join(place, name))
    os.mkfifo(os.path.join(place, "open", "pipe.json"))
    with open(os.path.join(place, "open", "bad.svc"), "wb") as file:
        file.write(read_file(SOURCE).replace(b"8080", b"99999"))
    read_only(place)
    os.chmod(os.path.join(place, "closed"), 0)
    done = execute(svc, place, ["lint", "."], before=as_nobody)
    message = done.stderr.decode("utf-8", "backslashreplace")
    says = "cannot read the directory ./closed: permission denied" in message and "open/bad.svc:" in message
    return "" if done.returncode == 2 and says else f"status {done.returncode}\n{message}"


def main():
    parser = argparse.ArgumentParser(description="Checks what happens when output cannot be written.")
    parser.add_argument("--svc", required=True)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    svc = os.path.abspath(options.svc)
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="svc-output-") as parent:
        os.chmod(parent, 0o755)
        unchanged = lambda *args, **more: lambda: check_unchanged(svc, parent, *args, **more)  # noqa: E731
        stream = lambda *args: lambda: check_stream(svc, parent, *args)  # noqa: E731
        jobs = [
            ("build, disk full", unchanged(BUILD, (2,), "cannot", before=limit_files(600))),
            ("build, disk full at once", unchanged(BUILD, (2,), "cannot", before=limit_files(0))),
            ("build, output is a file", unchanged(BUILD, (2,), "out", change=out_is_a_file)),
            ("fmt, disk full", unchanged(["fmt", "ragged.svc"], (2,), "SVC0006", before=limit_files(100))),
            ("lint --fix, disk full", unchanged(["lint", "--fix", "fixable.svc"], (2,), "SVC0006", before=limit_files(100))),
            ("plan --out, disk full", unchanged(["plan", "input.svc", "--env", "prod", "--offline", "--out", "saved.plan"], (1, 2), "cannot", before=limit_files(100))),
        ]
        jobs += [("lint --fix of a pipe", lambda: check_fix_of_pipe(svc, parent))]
        jobs += [("fmt of a link", lambda: check_link(svc, parent)), ("plan into a pipe", lambda: check_pipe(svc, parent))]
        if os.getuid() == 0:
            jobs += [
                ("build, not writable", unchanged(BUILD, (2,), "cannot", before=as_nobody, change=read_only)),
                ("lint of a folder with a closed one in it", lambda: check_closed_folder(svc, parent)),
                ("fmt, not writable", unchanged(["fmt", "ragged.svc"], (2,), "SVC0006", before=as_nobody, change=read_only)),
                ("lint, not readable", unchanged(["lint", "input.svc"], (2,), "SVC0001", before=as_nobody,
                                                 change=lambda place: (read_only(place), os.chmod(os.path.join(place, "input.svc"), 0)))),
            ]
        for args in (["version"], ["help"], ["help", "health"], ["explain"], ["explain", "SVC0205"], ["completion", "bash"], ["lint", "input.svc", "--dump", "tree"],
                     ["lint", "input.svc", "--json"], ["explain-value", "input.svc", "hello.compute", "--env", "prod"],
                     ["lint", "input.svc", "--format", "sarif"], ["fmt", "-"], ["lint", "--help"], ["import", "task.json"], ["test", "rules.svc"],
                     ["plan", "input.svc", "--env", "prod", "--offline"]):
            for stdout in LOST:
                jobs.append((f"{' '.join(args)}, output {stdout}", stream(args, stdout)))
        run_parallel(tally, jobs, options.jobs)
    tally.close()


if __name__ == "__main__":
    main()
