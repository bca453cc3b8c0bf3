#!/usr/bin/env python3
"""The formatter never changes what a file means: for each .svc of the examples, the library and the cases that lints without an error, the
compiled model and resources before and after `svc fmt` are the same. Each is also tried with its layout spoilt, so that formatting has work."""

import argparse
import glob
import os
import re
import shutil
import subprocess
import tempfile

from harness import ROOT, Tally


def run(svc, arguments, cwd):
    done = subprocess.run([svc, *arguments], cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    return done.returncode, done.stdout


def spoil(text):
    """The same statements, laid out badly: blanks doubled outside of strings and comments, indentation gone, empty lines added."""
    lines = []
    for line in text.split("\n"):
        parts = re.split(r'("(?:\\.|[^"\\\n])*"|#.*)', line.strip())
        lines.append("".join(part if part[:1] in ('"', "#") else re.sub(r"(?<=\S) (?=[^\s])", "   ", part) for part in parts))
    return "\n\n".join(lines)


def meaning(svc, path, stage):
    """What the file compiles to; None when it has errors. Places move with the layout, so lines are left out."""
    code, out = run(svc, ["lint", f"--dump={stage}", os.path.basename(path)], os.path.dirname(path))
    return None if code else re.sub(rb'"(?:line|column)": \d+', b"", out)


def check(svc, source, tally, folder):
    text = open(source, encoding="utf-8", errors="surrogateescape", newline="").read()
    for variant, content in (("as it is", text), ("spoilt", spoil(text))):
        path = os.path.join(folder, os.path.basename(source))
        with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(content)
        before = {stage: meaning(svc, path, stage) for stage in ("model", "resources")}
        if None in before.values():
            continue
        code, _ = run(svc, ["fmt", os.path.basename(path)], folder)
        problem = f"svc fmt ended with {code}\n" if code else ""
        for stage, was in before.items():
            if not problem and meaning(svc, path, stage) != was:
                problem = f"the {stage} is another after svc fmt\n"
        tally.add(f"meaning {os.path.relpath(source, ROOT)} {variant}", problem)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split(":", maxsplit=1)[0])
    parser.add_argument("--svc", required=True)
    svc = os.path.abspath(parser.parse_args().svc)
    tally = Tally()
    sources = sorted(glob.glob(os.path.join(ROOT, "examples", "*.svc")) + glob.glob(os.path.join(ROOT, "stdlib", "*.svc")) +
                     glob.glob(os.path.join(ROOT, "tests", "cases", "*", "*", "*.svc")))
    for source in sources:
        with tempfile.TemporaryDirectory(prefix="svc-meaning-") as folder:
            for beside in glob.glob(os.path.join(os.path.dirname(source), "*.svc")):
                shutil.copy(beside, folder)
            check(svc, source, tally, folder)
    tally.close()


if __name__ == "__main__":
    main()
