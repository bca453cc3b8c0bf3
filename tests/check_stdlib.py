#!/usr/bin/env python3
"""Checks the standard library and the examples as a whole.

    tests/check_stdlib.py --svc PATH

- every refined type that the vocabulary asks for is declared (without it the compiler would take any text)
- every type, metric, permission and profile of the library says what it is about, and has a case in tests/cases/stdlib
- right and wrong values of each type: every wrong one gives its own error
- no permission grants all actions of a service
- the library and the examples are laid out by `svc fmt`, and lint without any finding in every environment
"""

import argparse
import glob
import os
import re

from harness import ROOT, Tally, environment, read_file, run

DECLARED = re.compile(r"^(type|metric|permission|profile) +([^\s{]+(?: +[a-z-]+)?)[^\n{]*\{(.*?)^\}", re.M | re.S)
REFINED = re.compile(r'\.refined = "(\w+)"')
VALUE = re.compile(r"^param +((?:right|wrong)_(\w+)_\d+) +(\w+)", re.M)
FINDING = re.compile(r"--> \S*input\.svc:(\d+):")


def text(*path):
    return read_file(os.path.join(ROOT, *path)).decode()


def declarations():
    """(word, key, body) of everything that the library declares; a permission's key has two words."""
    for path in sorted(glob.glob(os.path.join(ROOT, "stdlib", "*.svc"))):
        for word, key, body in DECLARED.findall(read_file(path).decode()):
            yield word, key if word == "permission" else key.split()[0], body


def is_tried(word, key, cases):
    """Whether a case uses it, in the way that its word is used."""
    name = re.escape(key)
    if word == "permission":
        return re.search(rf"\ballow {re.sub(' +', ' +', name.replace(chr(92), ''))}\b", cases) is not None
    if word == "profile":
        return re.search(rf"\b(?:is|include) +{name}\b", cases) is not None
    if word == "metric":
        return re.search(rf"(?<![\w.-]){name}(?![\w.-])", cases) is not None
    return all(re.search(rf"\bparam +{side}_{name}_1 +{name} ", cases) for side in ("right", "wrong"))


def check_declarations(tally):
    cases = "".join(read_file(path).decode() for path in sorted(glob.glob(os.path.join(ROOT, "tests/cases/stdlib/*/input.svc"))))
    found = list(declarations())
    tally.add("the library declares something", "" if len(found) > 150 else f"only {len(found)} declarations were found\n")
    for word, key, body in found:
        tally.add(f"{word} {key} says what it is about", "" if re.search(r"^  about ", body, re.M) else "it has no `about`\n")
        tally.add(f"{word} {key} has a case", "" if is_tried(word, key, cases) else "no input in tests/cases/stdlib uses it\n")
        for action in re.findall(r'"([a-z0-9-]+:[^"]*\*[^"]*)"(?=[^\n]* (?:on|\{))', body) if word == "permission" else []:
            if not action.startswith("arn:"):
                tally.add(f"permission {key} is exact", f"{action} is not one action\n")
    declared = {key for word, key, _ in found if word == "type"}
    for path in sorted(glob.glob(os.path.join(ROOT, "vocabulary", "words*.def"))):
        for name in sorted(set(REFINED.findall(read_file(path).decode()))):
            tally.add(f"type {name} of {os.path.basename(path)}", "" if name in declared else "stdlib/types.svc does not declare it\n")


def check_values(tally):
    """Each line with a wrong value is reported, and no other."""
    wrong = text("tests", "cases", "stdlib", "types-wrong", "input.svc")
    lines = {number for number, line in enumerate(wrong.splitlines(), 1) if line.startswith("param ")}
    reported = {int(number) for number in FINDING.findall(text("tests", "cases", "stdlib", "types-wrong", "stderr"))}
    tally.add("every wrong value is reported", "".join(f"line {n} is taken for right\n" for n in sorted(lines - reported)))
    for name in ("types-right", "types-wrong"):
        for full, of, kind in VALUE.findall(text("tests", "cases", "stdlib", name, "input.svc")):
            tally.add(f"{full} is of its type", "" if of == kind else f"it is of {kind}\n")


def check_files(svc, tally):
    for folder in ("stdlib", "examples"):
        for path in sorted(glob.glob(os.path.join(ROOT, folder, "*.svc"))):
            name = os.path.relpath(path, ROOT)
            done = run(svc, ["fmt", "--check", name], ROOT, env=environment(ROOT))
            tally.add(f"{name} is laid out", "" if done.status == 0 else (done.stdout + done.stderr).decode() or "svc fmt would change it\n")
            done = run(svc, ["lint", "--fail-level", "note", name], ROOT, env=environment(ROOT))
            output = (done.stdout + done.stderr).decode()
            tally.add(f"{name} lints clean", "" if done.status == 0 and not output else output or f"lint ended with {done.status}\n")


def main():
    parser = argparse.ArgumentParser(description="Checks the standard library and the examples as a whole.")
    parser.add_argument("--svc", required=True, help="the program to test")
    options = parser.parse_args()
    tally = Tally()
    check_declarations(tally)
    check_values(tally)
    check_files(os.path.abspath(options.svc), tally)
    tally.close()


if __name__ == "__main__":
    main()
