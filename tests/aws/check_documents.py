#!/usr/bin/env python3
"""Checks what `svc build --out DIR` wrote, for any number of directories in one process.

    tests/aws/check_documents.py DIR…

Says each finding as DIR/file#/json/pointer: what is wrong. Exit 0 without findings, 1 with, 64 for a wrong call.
"""

import os
import sys

from documents import calls, load, parse_json
from manifests import ManifestChecker
from policies import PolicyChecker
from rules import RuleChecker
from shapes import Checker

# operation -> its member that is a trust policy as a string
_EMBEDDED = {"CreateRole": "AssumeRolePolicyDocument"}


class DocumentChecker:
    """All checks, over any number of directories; models and patterns are read once."""

    def __init__(self):
        self.shapes, self.rules, self.policies = Checker(), RuleChecker(), PolicyChecker()
        self.documents = self.operations = 0

    def check(self, directory):
        """The findings of one directory."""
        start = [len(checker.findings) for checker in (self.shapes, self.rules, self.policies)]
        documents, findings = load(directory)
        self.documents += len(documents)
        for document in documents:
            if document.kind in ("trust", "policy"):
                self.policies.check(document.path, document.value, document.kind == "trust")
            for call in calls(document):
                self._check_call(call)
        for folder in sorted({document.folder for document in documents if "/" in document.path}):
            self.rules.check_folder([document for document in documents if document.folder == folder])
        findings += ManifestChecker(directory, documents).check()
        for checker, count in zip((self.shapes, self.rules, self.policies), start):
            findings += checker.findings[count:]
        return findings

    def _check_call(self, call):
        self.operations += 1
        before = self.shapes.wrong_types
        self.shapes.check_call(call)
        # The rules read members without asking their types, so they only see calls whose types are right.
        if self.shapes.wrong_types == before:
            self.rules.check_call(call)
            member = _EMBEDDED.get(call.operation)
            if member in call.input:
                try:
                    value = parse_json(call.input[member])
                except ValueError as error:
                    self.policies.path = call.document.path
                    self.policies.say(f"{call.pointer}/{member}", f"not valid JSON: {error}")
                else:
                    self.policies.check(call.document.path, value, True, f"{call.pointer}/{member}")

    def summary(self):
        skipped = self.shapes.patterns.skipped
        text = f"{self.documents} documents, {self.operations} operations, {self.shapes.patterns.checked} patterns checked"
        return text + (f"; {len(skipped)} patterns that Python cannot express skipped" if skipped else "; no pattern skipped")


def main(arguments):
    if not arguments or any(argument.startswith("-") for argument in arguments):
        print(__doc__.strip(), file=sys.stderr)
        return 64
    checker, failed = DocumentChecker(), 0
    for directory in arguments:
        if not os.path.isdir(directory):
            print(f"{directory}: not a directory", file=sys.stderr)
            return 64
        for finding in checker.check(directory):
            print(f"{directory}/{finding}")
            failed += 1
    print(f"{checker.summary()}; {failed} findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
