#!/usr/bin/env python3
"""`svc import` of a task definition comes to the same: for each plain task definition of tests/valid for Fargate, and each that the examples and golden
cases render, what `svc build` makes of the imported file equals the document as AWS sees it. The comparison here is its own: it fills in the
defaults that AWS's API reference names. The imported file is laid out as `svc fmt` does it."""

import argparse
import glob
import json
import os
import re
import tempfile

from harness import ROOT, Tally, environment, run

PLACEHOLDER = re.compile(r"\$\{|\$[A-Z]|<[A-Za-z_ -]+>|\{\{|__[A-Z]|%[A-Z_]+%|#\{")

# AWS: ECS API reference, what holds where nothing is said.
CONTAINER_DEFAULTS = {"essential": True, "cpu": 0, "stopTimeout": 30, "interactive": False, "pseudoTerminal": False, "privileged": False,
                      "readonlyRootFilesystem": False, "disableNetworking": False, "versionConsistency": "enabled"}
HEALTH_DEFAULTS = {"interval": 30, "timeout": 5, "retries": 3, "startPeriod": 0}


def without_empties(value):
    if isinstance(value, dict):
        return {key: kept for key, inner in value.items() if (kept := without_empties(inner)) not in (None, {}, [])}
    if isinstance(value, list):
        return [kept for inner in value if (kept := without_empties(inner)) not in (None, {}, [])]
    return value


def drop_defaults(value, defaults):
    return {key: inner for key, inner in value.items() if defaults.get(key, ()) != inner}


def size(text, unit):
    """"1 vCPU", "2 GB" and "2GB" as ECS keeps them."""
    found = re.fullmatch(rf"([\d.]+) ?{unit}", str(text), re.I)
    return str(int(float(found[1]) * 1024)) if found else str(text)


def by_name(items, key="name"):
    return {item[key]: {name: inner for name, inner in item.items() if name != key} for item in items}


def container(said):
    said = drop_defaults(said, CONTAINER_DEFAULTS)
    if "healthCheck" in said:
        said["healthCheck"] = drop_defaults(said["healthCheck"], HEALTH_DEFAULTS)
    linux = drop_defaults(said.pop("linuxParameters", {}), {"initProcessEnabled": False})
    for name in ("environment", "secrets", "ulimits"):
        if name in said:
            said[name] = by_name(said[name])
    if "systemControls" in said:
        said["systemControls"] = by_name(said["systemControls"], "namespace")
    for mapping in said.get("portMappings", []):
        if mapping.get("hostPort") == mapping.get("containerPort"):
            mapping.pop("hostPort", None)
        if mapping.get("protocol") == "tcp":
            mapping.pop("protocol")
    if "portMappings" in said:
        said["portMappings"] = sorted(said["portMappings"], key=str)
    for mount in said.get("mountPoints", []) + said.get("volumesFrom", []):
        if mount.get("readOnly") is False:
            mount.pop("readOnly")
    for secret in said.get("secrets", {}).values():
        secret["valueFrom"] = re.sub(r"^arn:[\w-]+:ssm:[^:]*:[^:]*:parameter(?=/)", "", secret["valueFrom"])
        secret["valueFrom"] = re.sub(r"^arn:[\w-]+:ssm:[^:]*:[^:]*:parameter/", "", secret["valueFrom"])
        secret["valueFrom"] = secret["valueFrom"].removeprefix("/")
    options = said.get("logConfiguration", {}).get("options", {})
    if options.get("mode") == "non-blocking":
        options.pop("mode")
    return said | ({"linuxParameters": linux} if linux else {})


def canonical(document):
    """What the document says, as AWS sees it."""
    task = without_empties(json.loads(json.dumps(document.get("taskDefinition", document))))
    for described in ("taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities", "registeredAt", "registeredBy",
                      "deregisteredAt", "networkMode", "requiresCompatibilities"):
        task.pop(described, None)
    task["cpu"], task["memory"] = size(task.get("cpu"), "vCPU"), size(task.get("memory"), "GB")
    task["tags"] = {tag["key"]: tag["value"] for tag in task.get("tags", document.get("tags") or []) if not tag["key"].startswith("svc:")}
    platform = drop_defaults(task.pop("runtimePlatform", {}), {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"})
    for volume in task.get("volumes", []):
        volume.pop("host", None)
        efs = volume.get("efsVolumeConfiguration", {})
        for key, default in (("transitEncryption", "DISABLED"), ("rootDirectory", "/")):
            if efs.get(key) == default:
                efs.pop(key)
        if "authorizationConfig" in efs and efs["authorizationConfig"].get("iam") == "DISABLED":
            efs["authorizationConfig"].pop("iam")
    if "volumes" in task:
        task["volumes"] = by_name(task["volumes"])
    task["containerDefinitions"] = [container(each) for each in task["containerDefinitions"]]
    return without_empties(task | ({"runtimePlatform": platform} if platform else {}))


def added_by_svc(read, built):
    """What svc adds where the document says nothing, and says so: roles, and the parts of awslogs that Fargate needs."""
    for role in ("executionRoleArn", "taskRoleArn"):
        if role not in read:
            built.pop(role, None)
    for before, after in zip(read["containerDefinitions"], built["containerDefinitions"]):
        options = before.get("logConfiguration", {}).get("options", {})
        for key in ("awslogs-stream-prefix", "awslogs-region"):
            if key not in options:
                after.get("logConfiguration", {}).get("options", {}).pop(key, None)
    return built


def difference(read, built, path=""):
    if isinstance(read, dict) and isinstance(built, dict):
        return "".join(difference(read.get(key), built.get(key), f"{path}.{key}".lstrip(".")) for key in sorted(read.keys() | built.keys()))
    if isinstance(read, list) and isinstance(built, list) and len(read) == len(built):
        return "".join(difference(one, other, f"{path}[{index}]") for index, (one, other) in enumerate(zip(read, built)))
    return "" if read == built else f"{path}: {json.dumps(read)} came out as {json.dumps(built)}\n"


def refusals(svc, place, env):
    """The codes of the errors that lint finds in the document: import has to say them too."""
    report = json.loads(run(svc, ["lint", "--json", "task.json"], place, env=env).stdout)
    return {each["code"] for each in report["diagnostics"] if each["severity"] == "error"}


def check(svc, document, place):
    """What is wrong with importing the document; empty when it comes to the same."""
    with open(os.path.join(place, "task.json"), "w", encoding="utf-8") as file:
        json.dump(document, file)
    env = environment(place)
    refused = refusals(svc, place, env)
    done = run(svc, ["import", "task.json", "--out", "task.svc"], place, env=env)
    if refused:
        missing = {code for code in refused if f"error[{code}]".encode() not in done.stderr}
        return f"svc lint refuses it ({', '.join(sorted(missing or refused))}), svc import ended with {done.status}\n" if missing or done.status != 1 else ""
    if done.status:
        return f"svc import ended with {done.status}\n" + done.stderr.decode("utf-8", "replace")
    if run(svc, ["fmt", "--check", "task.svc"], place, env=env).status:
        return "the imported file is not laid out as svc fmt does it\n"
    done = run(svc, ["build", "task.svc", "--out", "out"], place, env=env)
    built = glob.glob(os.path.join(place, "out", "*", "task-definition.json"))
    if done.status or len(built) != 1:
        return f"svc build ended with {done.status}\n" + done.stderr.decode("utf-8", "replace")
    with open(built[0], encoding="utf-8") as file:
        made = canonical(json.load(file))
    read = canonical(document)
    return difference(read, added_by_svc(read, made))


def documents():
    """(name, document) of plain task definitions for Fargate."""
    paths = sorted(glob.glob(os.path.join(ROOT, "tests", "valid", "*.json")) +
                   glob.glob(os.path.join(ROOT, "tests", "cases", "*", "*", "out", "**", "task-definition.json"), recursive=True) +
                   glob.glob(os.path.join(ROOT, "tests", "aws", "runbook_*.json")))
    for path in paths:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        try:
            document = json.loads(text)
        except ValueError:
            continue
        task = document.get("taskDefinition", document) if isinstance(document, dict) else {}
        if not isinstance(task, dict) or "containerDefinitions" not in task or PLACEHOLDER.search(text) or "svc:unknown" in text or "ACCOUNT" in text:
            continue
        if "fsxWindows" not in text and "FARGATE" in (task.get("requiresCompatibilities") or []) and all(each.get("image") for each in task["containerDefinitions"]):
            yield os.path.relpath(path, ROOT), document


def main():
    parser = argparse.ArgumentParser(description=__doc__.split(":", maxsplit=1)[0])
    parser.add_argument("--svc", required=True)
    parser.add_argument("--filter", default="")
    options = parser.parse_args()
    svc = os.path.abspath(options.svc)
    tally = Tally()
    for name, document in documents():
        if options.filter in name:
            with tempfile.TemporaryDirectory(prefix="svc-import-") as place:
                tally.add(f"import {name}", check(svc, document, place))
    tally.close()


if __name__ == "__main__":
    main()
