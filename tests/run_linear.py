#!/usr/bin/env python3
"""Documents far longer than AWS takes: judging eight times as much takes about eight times as long, whatever there is so much of.

Each shape is linted with N and with 8 N of its members; what counts is the processor's time, of which work that grows with the square
would need 64 times as much.
"""

import argparse
import json
import os
import resource
import subprocess
import tempfile

from harness import Tally, environment

FEW, TIMES, LIMIT = 4000, 8, 22
TOO_SHORT = 0.02  # seconds: what a clock of hundredths cannot tell from nothing


def task(*containers, **members):
    return json.dumps({"family": "long", "requiresCompatibilities": ["EC2"], "networkMode": "bridge", "containerDefinitions": containers, **members},
                      separators=(",", ":"))


def container(name="web", **members):
    return {"name": name, "image": "nginx:1.27", "memory": 128, "essential": True, **members}


def times(count, make):
    return [make(i) for i in range(count)]


def variable(i):
    return {"name": f"V{i}", "value": "x"}


def secret(i):
    return {"name": f"S{i}", "valueFrom": "parameter"}


def mount(i):
    return {"sourceVolume": f"v{i}", "containerPath": f"/m{i}"}


def wait(i):
    return {"containerName": f"c{i}", "condition": "START"}


SHAPES = {
    "containers": lambda n: task(*times(n, lambda i: container(f"c{i}"))),
    "containers of one name": lambda n: task(*times(n, lambda i: container())),
    "containers that wait": lambda n: task(*times(n, lambda i: container(f"c{i}", dependsOn=[wait(i + 1)]))),
    "containers that wait for nobody": lambda n: task(*times(n // 4, lambda i: container(f"c{i}", dependsOn=[wait(-1 - i)]))),
    "variables": lambda n: task(container(environment=times(n, variable))),
    "variables of one name": lambda n: task(container(environment=times(n, lambda i: variable(0)))),
    "secrets": lambda n: task(container(environment=times(n, variable), secrets=times(n, secret))),
    "volumes": lambda n: task(container(mountPoints=times(n, mount)), volumes=times(n, lambda i: {"name": f"v{i}"})),
    "volumes that nobody mounts": lambda n: task(container(), volumes=times(n, lambda i: {"name": f"v{i}"})),
    "mounts of nothing": lambda n: task(container(mountPoints=times(n, mount))),
    "members that do not exist": lambda n: task(container(**{f"m{i}": 1 for i in range(n)})),
    "kernel parameters": lambda n: task(container(systemControls=times(n, lambda i: {"namespace": f"net.x{i}", "value": "1"}))),
    "limits": lambda n: task(container(ulimits=times(n, lambda i: {"name": f"u{i}", "softLimit": 1, "hardLimit": 1}))),
    "tags": lambda n: task(container(), tags=times(n, lambda i: {"key": f"t{i}", "value": ""})),
    "links": lambda n: task(container(links=times(n, lambda i: f"l{i}"))),
    "images without a tag": lambda n: task(*times(n, lambda i: container(f"c{i}", image=f"registry/x{i}"))),
    "a variable of a template's": lambda n: json.dumps({"Resources": {"Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {
        "ContainerDefinitions": [{"Name": "web", "Image": "nginx:1.27", "Memory": 128, "Environment": times(n, lambda i: {"Name": f"V{i}", "Value": {"Ref": "Image"}})}]}}},
        "Parameters": {"Image": {"Type": "String"}}}, separators=(",", ":")),
}


def seconds(svc, place, text):
    with open(os.path.join(place, "input.json"), "w", encoding="utf-8") as file:
        file.write(text)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([svc, "lint", "--format", "json", "input.json"], cwd=place, env=environment(place), stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=240)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"status {done.returncode}: {done.stderr.decode()}")
    return after.ru_utime - before.ru_utime


def check(svc, name, tally):
    with tempfile.TemporaryDirectory() as place:
        few = max(min(seconds(svc, place, SHAPES[name](FEW)) for _ in range(3)), TOO_SHORT)
        many = seconds(svc, place, SHAPES[name](FEW * TIMES))
    trouble = "" if many <= few * LIMIT else f"{FEW} take {few:.3f} s, {TIMES} times as many {many:.3f} s: {many / few:.0f} times as long\n"
    tally.add(name, trouble)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--svc", default="build/svc")
    parser.add_argument("pattern", nargs="*", help="only shapes whose names hold one of these")
    arguments = parser.parse_args()
    tally = Tally()
    for name in SHAPES:
        if not arguments.pattern or any(part in name for part in arguments.pattern):
            check(os.path.abspath(arguments.svc), name, tally)
    tally.close()


if __name__ == "__main__":
    main()
