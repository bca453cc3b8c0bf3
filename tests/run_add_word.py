#!/usr/bin/env python3
"""Adds a word by one patch of the vocabulary, and checks that everything handles it: parser, lint, fmt, help, completion, manual, build.

tests/add_word/add_word.patch gives the log group's class, an AWS member that has no word, its word. It is applied to a copy of the
tree, which is then built.
"""

import argparse
import os
import re
import shutil
import subprocess
import tempfile

from harness import ROOT, Tally, read_file, read_tree, run

PATCH = os.path.join(ROOT, "tests", "add_word", "add_word.patch")
LINES_MAX = 10
LEFT_OUT = (".git", "tests", ".venv")
SOURCE = '''project demo

network main existing {
  vpc      tagged { Name "main" }
  private  tagged { Tier "private" }
}

service api {
  compute    0.25 vcpu 512 MiB
  container  app {
    image  ecr "api" tag "1"
    logs   "/ecs/api" class infrequent keep 30d
  }
}
'''


def check_patch():
    """The patch is small and touches one file of the vocabulary."""
    lines = read_file(PATCH).decode().splitlines()
    files = [line for line in lines if line.startswith("+++ ")]
    added = [line for line in lines if line.startswith("+") and not line.startswith("+++")]
    removed = [line for line in lines if line.startswith("-") and not line.startswith("---")]
    report = ""
    if len(files) != 1 or not re.match(r"\+\+\+ b/vocabulary/words_\w+\.def$", files[0]):
        report += f"the patch touches {files}\n"
    if not 0 < len(added) <= LINES_MAX or removed:
        report += f"the patch adds {len(added)} lines and removes {len(removed)}\n"
    return report


def build(place):
    """(the patched program, what went wrong)"""
    tree = os.path.join(place, "tree")
    shutil.copytree(ROOT, tree, symlinks=True,
                    ignore=lambda folder, names: [name for name in names if folder == ROOT and (name in LEFT_OUT or re.match(r"build(-|$)", name))])
    steps = (["patch", "-p1", "--no-backup-if-mismatch", "-i", PATCH],
             ["cmake", "-S", ".", "-B", "build", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug", "-DBUILD_TESTING=OFF"],
             ["cmake", "--build", "build", "--target", "svc"])
    for step in steps:
        done = subprocess.run(step, cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        if done.returncode:
            return None, f"{' '.join(step)} ended with status {done.returncode}\n" + done.stdout.decode("utf-8", "replace")[-4000:]
    return os.path.join(tree, "build", "svc"), ""


def expect(condition, what, result):
    output = (result.stdout + result.stderr).decode("utf-8", "backslashreplace")
    return "" if condition else f"{what}; status {result.status}\n{output}"


def checks(svc, old, place):
    """(name, what is wrong) of each thing that must handle the word."""
    def write(name, text):
        with open(os.path.join(place, name), "w", encoding="utf-8") as file:
            file.write(text)
    write("input.svc", SOURCE)
    write("ragged.svc", SOURCE.replace("  class", "    class").replace("logs   ", "logs "))
    write("wrong.svc", SOURCE.replace("infrequent", "infrequnt"))
    before = run(old, ["lint", "input.svc"], place)
    yield "before the patch it is no word", expect(before.status == 1 and b"class" in before.stderr, "the word is known already", before)
    lint = run(svc, ["lint", "input.svc"], place)
    yield "lint", expect(lint.status == 0 and not lint.stderr, "not accepted", lint)
    wrong = run(svc, ["lint", "wrong.svc"], place)
    yield "lint of a wrong value", expect(wrong.status == 1 and b"did you mean `infrequent`" in wrong.stderr, "no suggestion", wrong)
    tree = run(svc, ["lint", "input.svc", "--dump", "tree"], place)
    yield "parser", expect(b"class class=infrequent" in tree.stdout, "not in the tree", tree)
    formatted = run(svc, ["fmt", "ragged.svc"], place)
    text = read_file(os.path.join(place, "ragged.svc")).decode()
    yield "fmt", expect(formatted.status == 0 and text == SOURCE, f"laid out as\n{text}", formatted)
    shown = run(svc, ["help", "class"], place)
    yield "help", expect(shown.status == 0 and b"log-group:logGroupClass" in shown.stdout and b"infrequent" in shown.stdout, "not explained", shown)
    manual = run(svc, ["help", "--markdown"], place)
    yield "manual", expect(b"class infrequent" in manual.stdout, "not in the manual", manual)
    for shell in ("bash", "zsh", "fish"):
        script = run(svc, ["completion", shell], place)
        yield f"completion {shell}", expect(b" class " in script.stdout or b" class'" in script.stdout, "not completed", script)
    value = run(svc, ["explain-value", "input.svc", "api.container.app.logs.class"], place)
    yield "explain-value", expect(b"class = infrequent  from input.svc:12:" in value.stdout, "not explained", value)
    built = run(svc, ["build", "input.svc", "--out", "out"], place)
    documents = read_tree(os.path.join(place, "out"))
    group = [data for path, data in documents.items() if "/logs/" in path]
    yield "build", expect(built.status == 0 and any(b'"logGroupClass": "INFREQUENT_ACCESS"' in data for data in group), f"not in {sorted(documents)}", built)
    template = documents.get("template.json", b"")
    yield "template", expect(b'"LogGroupClass": "INFREQUENT_ACCESS"' in template, "not in the template", built)


def main():
    parser = argparse.ArgumentParser(description="Adds a word by a patch and checks that everything handles it.")
    parser.add_argument("--svc", required=True, help="the program without the patch")
    options = parser.parse_args()
    tally = Tally()
    tally.add("the patch", check_patch())
    with tempfile.TemporaryDirectory(prefix="svc-word-") as place:
        svc, wrong = build(place)
        tally.add("build with the patch", wrong)
        if svc:
            work = os.path.join(place, "work")
            os.mkdir(work)
            for name, failure in checks(svc, os.path.abspath(options.svc), work):
                tally.add(name, failure)
    tally.close()


if __name__ == "__main__":
    main()
