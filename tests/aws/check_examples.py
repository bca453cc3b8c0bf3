#!/usr/bin/env python3
"""Builds every example in each of its environments and checks what comes out, all in one process.

    tests/aws/check_examples.py --svc PATH [--set NAME=VALUE]…

Each output passes check_documents.py; each template passes cfn-lint without a finding of any level, and so do the
golden outputs of the cases of rollouts, whose engines the examples do not all show; no example and
no file of the standard library has an `aws` block; an example has at most 60 lines a service, hello under 12.
"""

import argparse
import glob
import os
import re
import sys
import tempfile

from cfnlint import ManualArgs
from cfnlint.api import lint

import examples
from check_documents import DocumentChecker
from documents import TEMPLATE, parse_json

_LINES = 60
_HELLO_LINES = 12
_MODULE_LINES = 80  # of an example without a service
_AWS_BLOCK = re.compile(r"(?:^|[;{}])[ \t]*aws(?:[ \t]+[^\s{};]+)?[ \t]*\{", re.MULTILINE)
_SERVICE = re.compile(r"^service\s+[a-z]", re.MULTILINE)


def aws_blocks(text):
    """A message for each `aws { … }` or `aws NAME { … }` in a file."""
    code = examples.code_of(text)
    return [f"line {code.count(chr(10), 0, match.end()) + 1}: an aws block" for match in _AWS_BLOCK.finditer(code)]


def too_long(name, text):
    """A message if a file has more lines than its services may have."""
    lines, services = text.count("\n"), len(_SERVICE.findall(examples.code_of(text)))
    limit = _HELLO_LINES - 1 if name.startswith("hello") else _LINES * services or _MODULE_LINES
    return [f"{lines} lines for {services} services; at most {limit}"] if lines > limit else []


def _region(template):
    """The region that a template's Metadata names, at whatever depth."""
    waiting = [template.get("Metadata")]
    while waiting:
        value = waiting.pop(0)
        if isinstance(value, dict):
            for key, member in value.items():
                if key.lower() == "region" and isinstance(member, str):
                    return member
                waiting.append(member)
    return "us-east-1"


def lint_template(path):
    """cfn-lint's findings, informational ones too."""
    if not os.path.isfile(path):
        return ["there is no template"]
    text = examples.read(path)
    try:
        region = _region(parse_json(text))
    except ValueError as error:
        return [f"not valid JSON: {error}"]
    found = lint(text, config=ManualArgs(regions=[region], include_checks=["I"]))
    return [f"{match.rule.id} {'/'.join(map(str, match.path or []))}: {match.message}" for match in found]


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--svc", required=True, help="the svc program")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the examples")
    options = parser.parse_args(arguments)
    results, checker = examples.Results(), DocumentChecker()
    svc = os.path.abspath(options.svc)
    for file in examples.files("stdlib", below=True):
        results.record(f"{os.path.relpath(file, examples.ROOT)} has no aws block", aws_blocks(examples.read(file)))
    for file in examples.files("examples"):
        name, text = os.path.basename(file), examples.read(file)
        results.record(f"{name} has no aws block", aws_blocks(text))
        results.record(f"{name} is short", too_long(name, text))
        for environment in examples.environments(text) if file in examples.deployable() else []:
            label = f"{name} in {environment}" if environment else name
            with tempfile.TemporaryDirectory() as out:
                if not results.record(f"{label} builds", examples.build(svc, file, environment, out, examples.ROOT, options.set)):
                    continue
                results.record(f"{label}: documents", [str(finding) for finding in checker.check(out)])
                results.record(f"{label}: cfn-lint", lint_template(os.path.join(out, TEMPLATE)))
    for out in sorted(glob.glob(os.path.join(examples.ROOT, "tests", "cases", "*", "rollout*", "out"))):
        case = os.path.relpath(os.path.dirname(out), examples.ROOT)
        results.record(f"{case}: documents", [str(finding) for finding in checker.check(out)])
        results.record(f"{case}: cfn-lint", lint_template(os.path.join(out, TEMPLATE)))
    print(checker.summary())
    return results.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
