#!/usr/bin/env python3
"""Accounts that people made by following the runbooks, taken over by svc.

    tests/aws/check_adopt.py --svc build-hooks/svc [PATTERN]

Each runbook's services are made with boto3 alone, under its own names and with what AWS fills in elsewhere; the example's file says those names (NAMES).
`svc plan` refuses them, `svc adopt` takes them over, the plan has exactly the differences between the runbook and the file, and once it is applied the
next plan is empty and nothing was made twice. And accounts that are already what the file says, without a tag of svc's: once adopted, the plan is empty.
The program has test hooks, so that it need not wait as long for IAM as AWS wants.
"""

import argparse
import json
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import adopted  # noqa: E402
import examples  # noqa: E402
from check_apply import Applying, inventory  # noqa: E402
from check_live import Boto, contains, equal, untag  # noqa: E402
from launcher.start import Launcher  # noqa: E402


class Adopting(Applying):
    """The example with the names of its runbook."""

    def __init__(self, aws, svc, folder, name):
        self.runbook = adopted.RUNBOOKS[name]
        super().__init__(aws, svc, folder, f"examples/{name}.svc", self.runbook.environment)
        self.text = adopted.with_names(self.text, self.runbook.names)
        self.write(self.file, self.text)

    def adopt(self):
        status, out, errors = self.run("adopt", self.file, *self.base, "--yes")
        equal(status, 0, f"svc adopt: {out}{errors}")
        return out

    def changes(self):
        """{svc:id: [paths]} of what the plan changes, without tags; what it creates and deletes stands as its action."""
        status, out, errors = self.run("plan", self.file, *self.base, "--json")
        equal(status, 0, f"svc plan: {errors}")
        found = {}
        for item in json.loads(out)["resources"]:
            paths = sorted({change["path"].split("[")[0] for change in item["changes"] if not change["path"].lower().startswith("tag")})
            if item["action"] in ("create", "replace", "delete"):
                found[item["id"]] = item["action"]
            elif paths:
                found[item["id"]] = paths
        return found


# In the inventory -> in the ids of what is created.
KINDS = {"roles": "/role/", "services": "/service/", "balancers": "/load-balancer/", "targets": "/target-group/", "listeners": "/listener/", "alarms": "/alarm/",
         "groups": "/security-group/", "scaling policies": "/scaling/", "clusters": "/cluster/", "logs": "/log-group/", "dashboards": "/dashboard/"}


def check_order(world):
    """The listener forwards by itself until the rule that takes over is there and the services are deployed."""
    places = {operation: place for place, (_, operation) in enumerate(world.calls())}
    for operation in ("CreateRule", "UpdateService"):
        equal(places[operation] < places["ModifyListener"], True, f"{operation} before the last ModifyListener")


def check_runbook(aws, svc, folder, name):
    world = Adopting(aws, svc, folder, name)
    world.runbook.make(aws, world.network)
    before = inventory(aws)
    errors = world.plan(world.file, *world.base, status=1)
    contains(errors, "SVC0955", "svc adopt", *world.runbook.foreign)
    out = world.adopt()
    contains(out, "Took over")
    equal(inventory(aws), before, "what adopting changes beside tags")
    changes = world.changes()
    equal(changes, world.runbook.differences, "what the runbook does otherwise")
    world.forget_calls()
    world.apply_file()
    world.expect_empty()
    check_order(world)
    after = inventory(aws)
    for kind, part in KINDS.items():
        made = [name for name, action in changes.items() if part in f"/{name}/" and action == "create"]
        count = [sum(not str(name).startswith("TargetTracking-") for name in found[kind]) for found in (before, after)]  # those alarms are AWS's own
        equal(count[1] - count[0], len(made), f"how many more {kind} there are than {before[kind]}: {after[kind]}")


def check_same(aws, svc, folder, name):
    """What is live is what the file says already, and nothing carries a tag."""
    world = Adopting(aws, svc, folder, name)
    world.apply_file()
    untag(Boto(aws))
    contains(world.plan(world.file, *world.base, status=1), "SVC0955")
    world.adopt()
    world.expect_empty()
    contains(world.run("adopt", world.file, *world.base, "--yes")[1], "Nothing to take over")


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--svc", required=True, help="the svc program, with test hooks")
    parser.add_argument("pattern", nargs="?", default="", help="only these")
    options = parser.parse_args(arguments)
    results = examples.Results()
    with Launcher("--speed", "60") as aws:
        for what, check in (("runbook", check_runbook), ("same", check_same)):
            for name in adopted.RUNBOOKS:
                if options.pattern not in f"{what} {name}":
                    continue
                with tempfile.TemporaryDirectory() as folder:
                    try:
                        check(aws, os.path.abspath(options.svc), folder, name)
                        problems = []
                    except AssertionError as error:
                        problems = str(error).splitlines()
                    crashes = [call["crash"] for call in aws.calls() if call.get("crash")]
                    results.record(f"{what} {name}", problems + crashes[:1])
    return results.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
