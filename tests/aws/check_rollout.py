#!/usr/bin/env python3
"""Ramps of the cutover example, driven by `svc apply` in accounts that the launcher answers for.

    tests/aws/check_rollout.py --svc build-hooks/svc [PATTERN]

The example's holds are two minutes, and time passes only while svc waits (SVC_TEST_CLOCK). Good traffic promotes; each of its triggers alone
rolls back in time; tasks that fail, an operator's commands, a driver that is killed, somebody who moves the weights. Weights, tasks, revisions and
scaling are read with boto3 all the while.
"""

import argparse
import concurrent.futures
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import examples  # noqa: E402
from check_apply import Applying, edit  # noqa: E402
from check_live import REGION, contains, equal  # noqa: E402
from launcher.start import Launcher  # noqa: E402

LAUNCHERS, PATIENCE = 3, 300
CLUSTER, STABLE, CANARY = "claude-proxy-cluster", "claude-proxy-prod", "claude-proxy-prod-c"
SHARES = [1, 26, 51, 76, 100]
NEEDED = 2
PAUSE = 0.01  # how long it runs between two looks, in real seconds
BEFORE, AHEAD = 15, 60  # minutes of metrics around the start
BAD_AFTER = 3           # minutes
JUDGED_AGE, TICK = 90, 10


class Ramping(Applying):
    """The example as it was deployed; each check plans a change of it, an hour later."""

    def __init__(self, aws, svc, folder):
        super().__init__(aws, svc, folder, "examples/claude-proxy.svc", "prod")
        for change in (edit("every 5m", "every 2m"), edit("bake      30m", "bake      6m"), edit("for 1h", "for 5m"), edit("for 1h", "for 5m"),
                       edit("https://claude-proxy.example/health", f"{aws.url}/control")):
            self.text = change(self.text)
        self.write(self.file, self.text)
        self.run_well("plan", self.file, *self.base)
        self.run_well("apply", "--deadline", "60m")
        self.changes = 0

    def change(self, *edits):
        """Plans another revision, which is `new`."""
        self.aws.advance((BEFORE + AHEAD) * 60)
        self.changes += 1
        text = edit('LOG_LEVEL "info" }', f'LOG_LEVEL "info{self.changes}" }}')(self.text)
        for one in edits:
            text = one(text)
        self.write(self.file, text)
        self.run_well("plan", self.file, *self.base, "--out", "plan.json")
        with open(os.path.join(self.folder, "plan.json"), encoding="utf-8") as stream:
            steps = json.load(stream)["steps"]
        self.policy = next(step["call"]["input"] for step in steps if step["call"]["operation"] == "rollout")
        self.route = self.policy["routes"][0]
        self.old = self.services()[0][0]
        newest = self.boto("ecs").describe_task_definition(taskDefinition=STABLE)["taskDefinition"]["revision"]
        self.new = newest + 1

    def clock(self):
        return f"{self.aws.url}/control/clock"

    def variables(self, **more):
        return super().variables(SVC_TEST_CLOCK=self.clock(), **more)

    def run_well(self, *arguments, status=0):
        code, out, errors = self.run(*arguments)
        equal(code, status, f"svc {' '.join(arguments)}: {out}{errors}")
        return out + errors

    def begin(self, *more):
        """svc apply, which stands still until somebody watches it."""
        process = subprocess.Popen([self.svc, "apply", "plan.json", "--deadline", "3h", *more], cwd=self.folder, env=self.variables(USER="ann"),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        process.send_signal(signal.SIGSTOP)
        return process

    def hand(self, word, status=0):
        return self.run_well("rollout", word, self.file, *self.base, status=status)

    # -- what is live

    def boto(self, service):
        return self.aws.client(service, region=REGION)

    def weights(self):
        rule = self.boto("elbv2").describe_rules(RuleArns=[self.route["rule"]])["Rules"][0]
        groups = {group["TargetGroupArn"]: group["Weight"] for group in rule["Actions"][-1]["ForwardConfig"]["TargetGroups"]}
        return groups.get(self.route["stable"], 0), groups.get(self.route["canary"], 0)

    def healthy(self, side):
        found = self.boto("elbv2").describe_target_health(TargetGroupArn=self.route[side])["TargetHealthDescriptions"]
        return sum(1 for target in found if target["TargetHealth"]["State"] == "healthy")

    def services(self):
        """(revision, desired count) of the stable and the canary service; None where there is none."""
        found = self.boto("ecs").describe_services(cluster=CLUSTER, services=[STABLE, CANARY])["services"]
        by_name = {one["serviceName"]: (int(one["taskDefinition"].rsplit(":", 1)[1]), one["desiredCount"]) for one in found if one["status"] == "ACTIVE"}
        return by_name.get(STABLE), by_name.get(CANARY)

    def is_frozen(self):
        target = self.boto("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[f"service/{CLUSTER}/{STABLE}"])
        return target["ScalableTargets"][0]["SuspendedState"]["DynamicScalingInSuspended"]

    def leftovers(self):
        names = [row["Name"] for row in self.boto("ssm").describe_parameters()["Parameters"]]
        return sorted(name for name in names if "/claude-proxy/command/" in name or "/claude-proxy/lease/" in name)

    # -- traffic

    def feed(self, bad=None):
        """Metrics from before the start on: good ones, or those of one condition bad from a minute on, whose beginning is returned (simulated seconds)."""
        now = self.aws.control("GET", "clock")["now"]
        start = int(now // 60 - BEFORE) * 60
        turn = BEFORE + BAD_AFTER
        rows = []
        seen = []
        for index, condition in enumerate(self.policy["conditions"] + self.policy["verify"]):
            for series in condition["series"]:
                metric = series["stat"]["Metric"]
                if metric in seen:
                    continue
                seen.append(metric)
                good, wrong = VALUES[metric["MetricName"]]
                values = [wrong(minute - turn) if index == bad and minute >= turn else good(minute) for minute in range(BEFORE + AHEAD)]
                rows.append({"namespace": metric["Namespace"], "name": metric["MetricName"], "region": REGION, "start": start, "values": values,
                             "dimensions": {item["Name"]: item["Value"] for item in metric["Dimensions"]}})
        self.aws.control("POST", "metrics", rows)
        return start + turn * 60


# metric -> (its value at a minute, what it is when its condition holds, by minutes since)
VALUES = {
    "RequestCount": (lambda minute: 1000, lambda minute: 1000),
    "HTTPCode_Target_5XX_Count": (lambda minute: 2, lambda minute: 260),
    "TargetConnectionErrorCount": (lambda minute: None, lambda minute: None),
    "TargetResponseTime": (lambda minute: [0.2, 0.25, 0.3], lambda minute: [2.5, 3.0, 3.5]),
    "HealthyHostCount": (lambda minute: 2, lambda minute: 1),
    "UnHealthyHostCount": (lambda minute: 0, lambda minute: 2),
    "ApproximateNumberOfMessagesVisible": (lambda minute: 500 + minute % 2, lambda minute: 20 + 10 * minute),
}


class Watcher:
    """What is live while an apply runs. The apply stands still while it is looked at, and with it the time; after `until` too."""

    def __init__(self, world, process):
        self.world, self.process, self.seen = world, process, []
        self.look()

    def step(self):
        """Lets it run for a moment; the weights then."""
        self.process.send_signal(signal.SIGCONT)
        time.sleep(PAUSE)
        self.process.send_signal(signal.SIGSTOP)
        return self.look()

    def look(self):
        weights, (stable, canary) = self.world.weights(), self.world.services()
        check_invariants(weights, stable, self.world.healthy("canary") if weights[1] else 0)
        if not self.seen or self.seen[-1][0] != weights:
            self.seen.append((weights, stable, canary, self.world.is_frozen()))
        return weights

    def until(self, reached, what):
        """Until that holds of the weights."""
        end = time.time() + PATIENCE
        while time.time() < end and self.process.poll() is None:
            if reached(self.step()):
                return
        self.process.kill()
        out, errors = self.process.communicate()
        raise AssertionError(f"{what} was not reached: {self.shares()}\n{out}{errors}")

    def until_share(self, share):
        self.until(lambda weights: weights[1] == share, f"{share}%")

    def end(self, status):
        stop = time.time() + PATIENCE
        while self.process.poll() is None and time.time() < stop:
            self.step()
        if self.process.poll() is None:
            self.process.kill()
        out, errors = self.process.communicate()
        equal(self.process.returncode, status, f"svc apply: {out}{errors}")
        return out + errors

    def shares(self):
        return [seen[0][1] for seen in self.seen]


def check_invariants(weights, stable, healthy):
    if sum(weights) != 100:
        raise AssertionError(f"weights {weights}")
    if weights[1] and healthy < max(1, math.ceil(NEEDED * weights[1] / 100)):
        raise AssertionError(f"{weights[1]}% with {healthy} healthy tasks")
    if stable[1] < NEEDED:
        raise AssertionError(f"the stable service has {stable[1]} tasks")


def check_end(world, revision):
    """All traffic on the stable service, which has this revision; nothing is left of the rollout."""
    equal(world.weights(), (100, 0), "the weights")
    equal(world.services(), ((revision, NEEDED), None), "revisions and tasks of the stable service and the canary")
    equal(world.is_frozen(), False, "whether scaling is suspended")
    equal(world.leftovers(), [], "parameters")
    targets = world.boto("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    equal([target["ResourceId"] for target in targets if target["ResourceId"].endswith(CANARY)], [], "scalable targets of the canary")


def events_of(out):
    return [json.loads(line) for line in out.splitlines() if line.startswith("{")]


def check_promoted(world):
    world.change()
    world.feed()
    watcher = Watcher(world, world.begin("--json"))
    out = watcher.end(0)
    equal(watcher.shares(), [0, *SHARES, 0], "the canary's weights")
    for weights, stable, canary, is_frozen in watcher.seen[1:6]:
        equal((stable, canary[0], is_frozen), ((world.old, NEEDED), world.new, True), f"revisions, tasks and scaling at {weights}")
    said = [event.get("text", "") for event in events_of(out) if event["event"] == "note"]
    for phase in ("growing", "shifting", "holding", "baking", "promoting", "returning", "draining", "verifying", "done"):
        if not any(phase in text for text in said):
            raise AssertionError(f"no event says that it is {phase}: {said}")
    check_end(world, world.new)
    world.expect_empty()


def check_trigger(number):
    def check(world):
        world.change()
        condition = world.policy["conditions"][number]
        turned = world.feed(number)
        watcher = Watcher(world, world.begin("--json"))
        out = watcher.end(3)
        contains(out, "SVC0984", "was rolled back", condition["expression"])
        if watcher.shares()[:2] != [0, 1] or watcher.shares()[-1] != 0:
            raise AssertionError(f"the canary's weights were {watcher.shares()}")
        began = next(event["at"] / 1000 for event in events_of(out) if condition["expression"] in event.get("text", ""))
        late = began - (turned + condition["for_seconds"] + JUDGED_AGE + TICK)
        if not -TICK - 1 <= late <= TICK:
            raise AssertionError(f"it went back {late:.0f} s after the latest moment")
        check_end(world, world.old)
    return check


def check_failing(world):
    """Tasks of the new revision that never become healthy get no traffic."""
    world.change()
    world.feed()
    world.aws.control("POST", "tasks", [{"family": STABLE, "revision": world.new, "when": "start", "exit_code": 1, "log": ["no DATABASE_URL"]}])
    watcher = Watcher(world, world.begin())
    contains(watcher.end(3), "SVC0984", "tasks of the new revision have failed", "exit code 1")
    equal(watcher.shares(), [0], "the canary's weights")
    world.aws.control("DELETE", "tasks")
    check_end(world, world.old)


def check_commands(world):
    """Paused, looked at, gone on with, promoted at once."""
    world.change()
    world.feed()
    contains(world.hand("status"), "no rollout is under way")
    contains(world.hand("pause", status=1), "SVC0988")
    watcher = Watcher(world, world.begin())
    watcher.until_share(1)
    contains(world.hand("pause"), "ann@")
    watcher.until(lambda _: "paused" in world.run("rollout", "status", world.file, *world.base)[1], "the pause")
    contains(world.hand("status", status=5), "paused", "step 1 of 5", "1.0% of the traffic", f"task-definition/claude-proxy-prod:{world.new}")
    equal(watcher.step(), (99, 1), "the weights of a paused rollout")
    record = json.loads(world.run("rollout", "status", world.file, *world.base, "--json")[1])["rollouts"][0]["record"]
    equal((record["state"], record.get("step", 0)), ("paused", 0), "the record")
    contains(world.hand("skip", status=0), "skip")
    watcher.until_share(26)
    world.hand("promote")
    watcher.end(0)
    equal(watcher.shares(), [0, 1, 26, 100, 0], "the canary's weights")
    check_end(world, world.new)


def check_abort(world):
    world.change()
    world.feed()
    watcher = Watcher(world, world.begin())
    watcher.until_share(26)
    world.hand("abort")
    contains(watcher.end(3), "SVC0984", "aborted by")
    equal(watcher.shares(), [0, 1, 26, 0], "the canary's weights")
    check_end(world, world.old)


def killed_at(world, share):
    """Killed there, and nothing of it is left on this machine but the plan."""
    watcher = Watcher(world, world.begin())
    watcher.until_share(share)
    watcher.process.kill()
    watcher.process.communicate()
    world.aws.advance(130)  # its lease ends
    shutil.rmtree(os.path.join(world.folder, ".svc"))
    contains(world.hand("status", status=7), f"{share}.0% of the traffic", "nobody: svc apply goes on with it")
    return watcher


def check_killed(world):
    """One is told to end, the next is killed, the third goes on from the record, as on another machine."""
    world.change(edit("bake      6m", "bake      6m\n    on-interrupt continue"))
    world.feed()
    told = Watcher(world, world.begin())
    told.until_share(1)
    told.process.send_signal(signal.SIGINT)
    contains(told.end(4), "SVC0985", "svc apply goes on with it")
    killed = killed_at(world, 26)
    last = Watcher(world, world.begin())
    contains(last.end(0), "going on with the rollout")
    equal(told.shares() + killed.shares()[1:] + last.shares()[1:], [0, *SHARES, 0], "the canary's weights")
    check_end(world, world.new)


def check_other(world):
    """One that was left goes back, unless the file says otherwise; no plan that would do without a ramp is applied meanwhile."""
    world.change()
    world.feed()
    killed_at(world, 1)
    contains(world.run_well("apply", "plan.json", "--without-rollout", status=1), "SVC0980", "svc rollout abort")
    contains(Watcher(world, world.begin()).end(3), "whoever drove it is gone")
    check_end(world, world.old)


def check_moved(world):
    """Somebody moves the weights: nothing more is changed, and scaling is free."""
    world.change()
    world.feed()
    process = world.begin()
    watcher = Watcher(world, process)
    watcher.until_share(1)
    process.send_signal(signal.SIGCONT)
    groups = [{"TargetGroupArn": world.route["stable"], "Weight": 60}, {"TargetGroupArn": world.route["canary"], "Weight": 40}]
    world.boto("elbv2").modify_rule(RuleArn=world.route["rule"], Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}])
    out, errors = process.communicate(timeout=PATIENCE)
    equal(process.returncode, 4, out + errors)
    contains(errors, "SVC0984", "somebody moved the weights of a rule to 60 and 40", "svc rollout abort")
    equal((world.weights(), world.is_frozen()), ((60, 40), False), "weights and whether scaling is suspended")
    equal(world.services()[0], (world.old, NEEDED), "the stable service")
    code, out, errors = world.run("apply", world.file, *world.base, "--yes")
    equal(code, 4, out + errors)
    contains(errors, "SVC0984", "was halted", "no other one begins: the weights of a rule are 60 and 40")
    world.hand("abort")
    code, out, errors = world.run("apply", world.file, *world.base, "--yes")
    equal(code, 3, out + errors)
    check_end(world, world.old)


CHECKS = {
    "promoted": check_promoted,
    "errors": check_trigger(0),
    "latency": check_trigger(1),
    "hosts": check_trigger(2),
    "queue": check_trigger(3),
    "tasks that fail": check_failing,
    "commands": check_commands,
    "abort": check_abort,
    "killed, gone on with": check_killed,
    "killed, rolled back": check_other,
    "weights moved by somebody": check_moved,
}


def run_some(names, svc):
    """[(name, problems)] of some checks, one after the other in an account of their own; after one that failed in a new one."""
    done = []
    with Launcher("--speed", "0", "--virtual-dates") as aws, tempfile.TemporaryDirectory() as folder:
        world = None
        for name in names:
            try:
                if not world:
                    place = tempfile.mkdtemp(dir=folder)
                    world = Ramping(aws, svc, place)
                CHECKS[name](world)
                done.append((name, []))
            except (AssertionError, subprocess.TimeoutExpired) as error:
                done.append((name, str(error).splitlines()))
                world = None
    return done


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--svc", required=True, help="the svc program, with test hooks")
    parser.add_argument("pattern", nargs="?", default="", help="only these")
    options = parser.parse_args(arguments)
    svc = os.path.abspath(options.svc)
    results = examples.Results()
    names = [name for name in CHECKS if options.pattern in name]
    with concurrent.futures.ThreadPoolExecutor(LAUNCHERS) as pool:
        for done in pool.map(lambda first: run_some(names[first::LAUNCHERS], svc), range(LAUNCHERS)):
            for name, problems in done:
                results.record(name, problems)
    return results.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
