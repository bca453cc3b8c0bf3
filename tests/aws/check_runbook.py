#!/usr/bin/env python3
"""The task definitions of the video-intelligence runbook are contained, field for field, in what svc renders.

    tests/aws/check_runbook.py --svc PATH [--set NAME=VALUE]…

runbook_003_api.json and runbook_003_worker.json hold the page's JSON. Each of its scalars must stand at the same
path (lists of objects are matched by name, or by port), with the environment's account and region. Three things may
differ: the image's tag, which a parameter sets; the six characters that Secrets Manager adds to an ARN; and the path
of a role, which is compared by its name.
"""

import argparse
import json
import os
import re
import sys
import tempfile

import examples
from documents import UNKNOWN, pointer_of

_EXAMPLE = "examples/video-intelligence.svc"
_ENVIRONMENT = "prod"
_SERVICES = ("api", "worker")
_KEYS = ("name", "containerPort")


def _same_scalar(key, wanted, actual, role_name):
    """Whether a rendered value is the page's, with the three liberties of the file's head."""
    if key in ("taskRoleArn", "executionRoleArn"):
        return isinstance(actual, str) and role_name(actual) == wanted.rsplit("/", 1)[1]
    if key == "image" and isinstance(actual, str):
        repository = wanted.rsplit(":", 1)[0]
        return re.fullmatch(re.escape(repository) + r"(:[\w][\w.-]{0,127}|@sha256:[0-9a-f]{64})", actual) is not None
    if key == "valueFrom" and isinstance(actual, str):
        return re.fullmatch(re.escape(wanted) + r"(-[A-Za-z0-9?]{6})?", actual) is not None
    return type(wanted) is type(actual) and wanted == actual


def _counterpart(wanted, candidates):
    """The entry of a list that is meant: the one with the same name or port."""
    for key in _KEYS:
        if key in wanted:
            return next((entry for entry in candidates if isinstance(entry, dict) and entry.get(key) == wanted[key]), None)
    return None


def missing(wanted, actual, role_name, pointer="", key=None):
    """A message for each scalar of `wanted` that does not stand at the same path of `actual`."""
    if isinstance(wanted, dict):
        if not isinstance(actual, dict):
            return [f"{pointer or '/'}: there is no object"]
        return [problem for name, member in wanted.items() for problem in
                missing(member, actual.get(name), role_name, pointer_of(pointer, name), name)]
    if isinstance(wanted, list) and wanted and isinstance(wanted[0], dict):
        problems = []
        for index, entry in enumerate(wanted):
            found = _counterpart(entry, actual if isinstance(actual, list) else [])
            problems += ([f"{pointer}/{index}: there is no entry like {json.dumps(entry)}"] if found is None
                         else missing(entry, found, role_name, f"{pointer}/{index}"))
        return problems
    if isinstance(wanted, list):
        return [] if wanted == actual else [f"{pointer}: {json.dumps(actual)} instead of {json.dumps(wanted)}"]
    if _same_scalar(key, wanted, actual, role_name):
        return []
    return [f"{pointer}: {json.dumps(actual)} instead of {json.dumps(wanted)}"]


def role_names(out):
    """A function that gives the name of the role that an ARN, or an unknown in the output, stands for."""
    with open(os.path.join(out, "manifest.json"), encoding="utf-8") as stream:
        entries = json.load(stream)["files"]
    files = {entry["resource"]: entry["path"] for entry in entries if entry["path"].endswith(".role.json")}

    def role_name(arn):
        unknown = UNKNOWN.fullmatch(arn)
        if unknown is None:
            return arn.rsplit("/", 1)[-1]
        if unknown["resource"] not in files:
            return None
        role = json.loads(examples.read(os.path.join(out, files[unknown["resource"]])))
        return role.get("CreateRole", role)["RoleName"]
    return role_name


def place(text, environment):
    """(account, region) of an environment, from the text of the example."""
    body = re.search(rf"^\s*environment\s+{environment}\s*\{{(.*?)\}}", text, re.MULTILINE | re.DOTALL)
    account = body and re.search(r'account\s+"(\d{12})"', body[1])
    region = body and re.search(r"region\s+([a-z0-9-]+)", body[1])
    return (account[1], region[1]) if account and region else None


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--svc", required=True, help="the svc program")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the example")
    options = parser.parse_args(arguments)
    results, file = examples.Results(), os.path.join(examples.ROOT, _EXAMPLE)
    where = place(examples.read(file), _ENVIRONMENT)
    if where is None:
        results.record(_EXAMPLE, [f"environment {_ENVIRONMENT} has no account and region"])
        return results.close()
    with tempfile.TemporaryDirectory() as out:
        if results.record(f"{_EXAMPLE} builds", examples.build(
                os.path.abspath(options.svc), file, _ENVIRONMENT, out, examples.ROOT, options.set)):
            for service in _SERVICES:
                page = examples.read(os.path.join(os.path.dirname(os.path.abspath(__file__)), f"runbook_003_{service}.json"))
                wanted = json.loads(page.replace("ACCOUNT", where[0]).replace("REGION", where[1]))
                path = os.path.join(out, service, "task-definition.json")
                problems = [f"{path} does not exist"] if not os.path.isfile(path) else missing(
                    wanted, json.loads(examples.read(path)), role_names(out))
                results.record(f"{service} contains its page", problems)
    return results.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
