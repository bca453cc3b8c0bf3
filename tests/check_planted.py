#!/usr/bin/env python3
"""Lints documents as teams have them: those with one planted mistake each, and those that are right.

tests/planted/NNN-name/ holds one document and expect.json:
    what    the mistake, in a line
    file    the document
    line    where it stands; "lines" where several are equally right
    why     the rule of AWS that it breaks, and where that is written
    never   what no output may show (a credential)
An error or a warning must stand at that line, and no other error in the file.

tests/valid/NNN-name.{json,yaml} are documents that AWS accepts: none may have an error. --warnings shows what else is said about
them, for a person to judge. Where botocore is at hand, the valid ones must together have every member that Fargate accepts.
"""

import argparse
import glob
import json
import os
import sys

from harness import ROOT, Tally, read_diagnostics, run

PLANTED = os.path.join(ROOT, "tests", "planted")
VALID = os.path.join(ROOT, "tests", "valid")
BATCH = 100  # files in one run; a crash is then laid at few doors

# What RegisterTaskDefinition and CreateService have, but Fargate does not take; the reason is AWS's own.
NOT_ON_FARGATE = {
    "RegisterTaskDefinition": {
        "placementConstraints", "ipcMode", "inferenceAccelerators", "containerDefinitions.links", "containerDefinitions.hostname",
        "containerDefinitions.disableNetworking", "containerDefinitions.dnsServers", "containerDefinitions.dnsSearchDomains",
        "containerDefinitions.extraHosts", "containerDefinitions.dockerSecurityOptions", "containerDefinitions.resourceRequirements",
        "containerDefinitions.linuxParameters.devices", "containerDefinitions.linuxParameters.sharedMemorySize",
        "containerDefinitions.linuxParameters.maxSwap", "containerDefinitions.linuxParameters.swappiness", "volumes.host.sourcePath",
        "volumes.dockerVolumeConfiguration", "volumes.fsxWindowsFileServerVolumeConfiguration"},
    "CreateService": {"role", "placementConstraints", "placementStrategy", "loadBalancers.loadBalancerName"},
}
# Members that only make sense without Fargate's awsvpc mode and one that only SRV records want: covered by other documents or not at all.
NOT_WANTED = {"CreateService": {"serviceRegistries.port"}}


class Planted:
    def __init__(self, folder):
        self.name = os.path.basename(folder)
        with open(os.path.join(folder, "expect.json"), encoding="utf-8") as file:
            self.expect = json.load(file)
        self.path = f"{self.name}/{self.expect['file']}"
        self.lines = set(self.expect.get("lines") or [self.expect["line"]])


def read_planted():
    return [Planted(folder) for folder in sorted(glob.glob(os.path.join(PLANTED, "*"))) if os.path.isdir(folder)]


def read_valid():
    return sorted(os.path.basename(path) for path in glob.glob(os.path.join(VALID, "*.*")))


def describe(item):
    return f"{item['line']}:{item['column']}: {item['severity']}[{item['code']}]: {item['message']}"


def lint(svc, directory, paths):
    """{path: its diagnostics}, and {path: what went wrong with the run}."""
    found, wrong = {path: [] for path in paths}, {}
    for start in range(0, len(paths), BATCH):
        batch = paths[start:start + BATCH]
        done = run(svc, ["lint", "--format", "json", *batch], directory)
        items, trouble = read_diagnostics(done.stdout)
        if (done.crashed or trouble) and len(batch) > 1:
            for path in batch:  # one file spoils it for all: find out which
                one, bad = lint(svc, directory, [path])
                found.update(one)
                wrong.update(bad)
            continue
        if done.crashed or trouble:
            wrong[batch[0]] = f"exit status {done.status}\n{trouble}" + done.stderr.decode("utf-8", "backslashreplace")[:1000]
            continue
        for item in items:
            path = os.path.normpath(item["file"])
            if path in found:
                found[path].append(item)
            else:
                wrong[batch[0]] = f"a finding about a file that was not asked about: {item['file']}"
    return found, wrong


def judge_planted(case, items):
    at_place = [item for item in items if item["line"] in case.lines and item["severity"] in ("error", "warning")]
    others = [item for item in items if item["line"] not in case.lines and item["severity"] == "error"]
    report = ""
    if not at_place:
        places = ", ".join(str(line) for line in sorted(case.lines))
        report += f"missed: {case.expect['what']}\nexpected at {case.path}, line {places}\n"
    for item in others:
        report += f"an error elsewhere: {describe(item)}\n"
    if report:
        report += "".join(f"said: {describe(item)}\n" for item in items if item not in others)
    if case.expect.get("never") and case.expect["never"] in json.dumps(items, ensure_ascii=False):
        report += "the output shows what it must keep to itself\n"
    return report


def check_expectations(tally, cases):
    """An expectation that cannot be met, or that has no reason, is a mistake of ours."""
    for case in cases:
        with open(os.path.join(PLANTED, case.path), encoding="utf-8") as file:
            count = len(file.read().split("\n"))
        missing = [member for member in ("what", "why", "file") if not case.expect.get(member)]
        wrong = f"expect.json lacks {', '.join(missing)}\n" if missing else ""
        if not all(0 < line <= count for line in case.lines):
            wrong += f"{case.path} has {count} lines\n"
        if wrong:
            tally.add(case.name, wrong)


def member_paths(shape, prefix, skipped):
    while shape.type_name == "list":
        shape = shape.member
    if shape.type_name != "structure":
        return
    for name, member in shape.members.items():
        path = f"{prefix}{name}"
        if path not in skipped:
            yield path
            yield from member_paths(member, path + ".", skipped)


def paths_in(value, prefix=""):
    if isinstance(value, list):
        for item in value:
            yield from paths_in(item, prefix)
    elif isinstance(value, dict):
        for key, item in value.items():
            if item is not None:
                yield prefix + key
                yield from paths_in(item, f"{prefix}{key}.")


def check_coverage(tally, names):
    """The valid documents together have every member that Fargate accepts."""
    try:
        import botocore.session
    except ImportError:
        print("botocore is not at hand: whether the valid documents have every member is not checked")
        return
    used = {"RegisterTaskDefinition": set(), "CreateService": set()}
    for name in names:
        try:
            with open(os.path.join(VALID, name), encoding="utf-8") as file:
                document = json.load(file)
        except ValueError:
            continue  # YAML, or JSON with placeholders: the plain ones suffice
        if isinstance(document, dict) and "serviceName" in document:
            used["CreateService"].update(paths_in(document))
        elif isinstance(document, dict) and "containerDefinitions" in document:
            used["RegisterTaskDefinition"].update(paths_in(document))
    model = botocore.session.get_session().get_service_model("ecs")
    for operation, paths in used.items():
        skipped = NOT_ON_FARGATE[operation] | NOT_WANTED.get(operation, set())
        wanted = set(member_paths(model.operation_model(operation).input_shape, "", skipped))
        missing = sorted(wanted - paths)
        tally.add(f"members of {operation}", "no valid document has\n" + "\n".join(missing) if missing else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--svc", required=True)
    parser.add_argument("--warnings", action="store_true", help="show what is said about the valid documents")
    parser.add_argument("pattern", nargs="?", default="", help="only those with this in their name")
    options = parser.parse_args()
    svc = os.path.abspath(options.svc)

    tally = Tally()
    cases = [case for case in read_planted() if options.pattern in case.name]
    check_expectations(tally, cases)
    found, wrong = lint(svc, PLANTED, [case.path for case in cases])
    for case in cases:
        tally.add(f"planted/{case.name}", wrong.get(case.path) or judge_planted(case, found[case.path]))

    names = [name for name in read_valid() if options.pattern in name]
    found, wrong = lint(svc, VALID, names)
    for name in names:
        errors = "".join(describe(item) + "\n" for item in found[name] if item["severity"] == "error")
        tally.add(f"valid/{name}", wrong.get(name) or errors)
        if options.warnings:
            for item in found[name]:
                if item["severity"] != "error":
                    print(f"{name}:{describe(item)}")
    if not options.pattern:
        check_coverage(tally, names)
    tally.close()


if __name__ == "__main__":
    sys.exit(main())
