#!/usr/bin/env python3
"""Applies plans to accounts that the launcher answers for, and looks at the accounts with boto3.

    tests/aws/check_apply.py --svc build-hooks/svc [--full] [PATTERN]

Each example: plan, apply, plan again (empty), destroy (the account is as before); check_changes.py changes them in between. Then applies that are raced,
interrupted, refused, given plans that are not what they were, or whose tasks fail; check_kills.py kills them. The program has test hooks, so that it
need not wait as long for IAM as AWS wants.
"""

import argparse
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import examples  # noqa: E402
from check_live import ACCOUNT, REGION, World, contains, equal  # noqa: E402
from launcher.start import Launcher  # noqa: E402

os.environ["SVC_TEST_QUICK_ROLES"] = "1"
DEADLINE = "30m"


class Applying(World):
    """A launcher's account, svc in a folder, and the example that it applies."""

    def __init__(self, aws, svc, folder, file="examples/hello.svc", environment="prod"):
        super().__init__(aws, svc, folder)
        text = re.sub(r'account "\d{12}"', f'account "{ACCOUNT}"', examples.read(os.path.join(examples.ROOT, file)))
        self.text = re.sub(r"(arn:aws:[a-z]+:[a-z0-9-]*:)\d{12}", rf"\g<1>{ACCOUNT}", text).replace("protect yes", "")
        self.file = self.write(os.path.basename(file), self.text)
        self.base = [*(["--env", environment] if environment else []), *examples.settings(self.text)]
        self.prepare(self.saved_plan(self.file, *self.base, "--offline"))
        aws.control("POST", "settings", {"create_service_seconds": 0})

    def variables(self, **more):
        return super().variables(SVC_TEST_QUICK_ROLES="1", **more)

    def apply(self, *arguments, status=0):
        code, out, errors = self.run("apply", *arguments, "--deadline", DEADLINE, "--without-rollout")
        equal(code, status, f"svc apply {' '.join(arguments)}: {errors}{out}")
        return out + errors

    def apply_file(self, status=0):
        return self.apply(self.file, *self.base, "--yes", status=status)

    def expect_empty(self):
        code, out, errors = self.run("plan", self.file, *self.base, "--detailed-exitcode")
        equal(code, 0, f"svc plan finds something left to do: {out}{errors}")

    def destroy(self):
        code, out, errors = self.run("destroy", self.file, *self.base, "--yes", "--deadline", DEADLINE)
        equal(code, 0, f"svc destroy: {errors}{out}")

    def command(self, *arguments):
        """svc as a process that waits for a signal before it begins."""
        process = subprocess.Popen(["/bin/sh", "-c", 'kill -STOP $$; exec "$@"', "sh", self.svc, *arguments], cwd=self.folder, env=self.variables(),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        return process


def names(rows, *keys):
    return sorted("/".join(str(row.get(key, "")) for key in keys) for row in rows)


def inventory(aws):
    """What there is in the account, by names that do not change from run to run."""
    client = lambda service: aws.client(service, region=REGION)
    ecs, elb, iam, ec2 = client("ecs"), client("elbv2"), client("iam"), client("ec2")
    found = {"roles": names(iam.list_roles()["Roles"], "RoleName")}
    found["policies"] = sorted(f"{role}/{policy}" for role in found["roles"] for policy in iam.list_role_policies(RoleName=role)["PolicyNames"])
    found["clusters"] = names(ecs.describe_clusters(clusters=ecs.list_clusters()["clusterArns"])["clusters"], "clusterName", "status")
    found["services"] = []
    for cluster in ecs.list_clusters()["clusterArns"]:
        arns = ecs.list_services(cluster=cluster)["serviceArns"]
        services = ecs.describe_services(cluster=cluster, services=arns)["services"] if arns else []
        found["services"] += names([service for service in services if service["status"] != "INACTIVE"], "serviceName", "taskDefinition", "status")
    found["definitions"] = sorted(ecs.list_task_definitions(status="ACTIVE")["taskDefinitionArns"])
    found["groups"] = [f"{group['GroupName']}/{len(group['IpPermissions'])}/{len(group['IpPermissionsEgress'])}"
                       for group in sorted(ec2.describe_security_groups()["SecurityGroups"], key=lambda group: (group["GroupName"], group["VpcId"]))]
    balancers = elb.describe_load_balancers()["LoadBalancers"]
    found["balancers"] = names(balancers, "LoadBalancerName")
    found["targets"] = names(elb.describe_target_groups()["TargetGroups"], "TargetGroupName")
    listeners = [listener for balancer in balancers for listener in elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]]
    found["listeners"] = names(listeners, "Port", "Protocol")
    found["rules"] = sorted(rule["Priority"] for listener in listeners for rule in elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"])
    found["alarms"] = names(client("cloudwatch").describe_alarms()["MetricAlarms"], "AlarmName")
    found["dashboards"] = names(client("cloudwatch").list_dashboards()["DashboardEntries"], "DashboardName")
    found["logs"] = names(client("logs").describe_log_groups()["logGroups"], "logGroupName", "retentionInDays")
    scaling = client("application-autoscaling")
    found["scaling"] = names(scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"], "ResourceId", "MinCapacity", "MaxCapacity")
    found["scaling policies"] = names(scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"], "PolicyName")
    # The lease of an apply that died goes when the next one takes it: an apply that finds nothing to do takes none.
    found["parameters"] = [name for name in names(client("ssm").describe_parameters()["Parameters"], "Name") if "/lease/" not in name]
    return found


# Revisions cannot be deleted by themselves; a destroyed service leaves those that it once had.
def without_definitions(found):
    return {key: value for key, value in found.items() if key != "definitions"}


# --- the way of an example ---

def edit(pattern, replacement):
    def change(text):
        changed, count = re.subn(pattern, replacement, text, count=1)
        equal(count, 1, f"{pattern} in the example")
        return changed
    return change


def check_example(aws, svc, folder, file, environment):
    world = Applying(aws, svc, folder, file, environment)
    before = inventory(aws)
    world.run("plan", world.file, *world.base)
    contains(world.apply(), "Applied:")
    world.expect_empty()
    contains(world.apply_file(), "No changes")
    world.destroy()
    equal(without_definitions(inventory(aws)), without_definitions(before), "the account after destroy")


def check_rotation(_, svc, folder, full):
    """A secret that is changed after the tasks started wants new tasks: the plan says so, is applied, and the next one is empty. moto's secrets have real
    dates, so services have them here, too."""
    del full
    with Launcher("--speed", "60") as aws:
        rotate(aws, svc, folder)


def rotate(aws, svc, folder):
    world = Applying(aws, svc, folder, "examples/claude-proxy.svc")
    world.apply_file()
    client = aws.client("secretsmanager", region=REGION)
    time.sleep(1.1)  # moto says such moments in whole seconds
    client.put_secret_value(SecretId="claude-proxy/supabase", SecretString='{"url": "new"}')
    world.run("plan", world.file, *world.base)
    _, out, _ = world.run("plan", world.file, *world.base)
    contains(out, "the secret claude-proxy/supabase was changed", "service  claude-proxy-prod ", "0 to add, 1 to change, 0 to destroy")
    equal("not as svc applied it" in out, False, "a changed secret as drift")
    world.forget_calls()
    world.apply()
    equal([operation for _, operation in world.calls()].count("UpdateService"), 1, "UpdateService")
    world.expect_empty()
    # Of a secret that two services use, both are restarted; with another change, by that.
    time.sleep(1.1)
    client.put_secret_value(SecretId="claude-proxy/anthropic", SecretString="new")
    world.write(world.file, world.text.replace('QUEUE "claude-proxy-jobs"', 'QUEUE "claude-proxy-jobs"; MORE "yes"'))
    _, out, _ = world.run("plan", world.file, *world.base)
    equal(out.count("the secret claude-proxy/anthropic was changed"), 2, out)
    world.apply()
    world.expect_empty()
    status, out, _ = world.run("drift", world.file, *world.base)
    equal(status, 0, out)


# --- others ---

def check_signatures(world):
    """Only what the right key signed is applied."""
    for name in ("one", "other"):
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", f"{name}.pem"], cwd=world.folder, check=True, capture_output=True)
        subprocess.run(["openssl", "pkey", "-in", f"{name}.pem", "-pubout", "-out", f"{name}.pub"], cwd=world.folder, check=True, capture_output=True)
    code, out, errors = world.run("plan", world.file, *world.base, "--out", "signed.json", "--sign", "one.pem")
    equal(code, 0, errors)
    for plan, key, wanted in (("signed.json", "other.pub", "not signed by this key"), ("first.json", "one.pub", "is not signed"), ("signed.json", "one.pem", "no public key")):
        contains(world.apply(plan, "--require-signature", key, status=6), "SVC0983", wanted)


def check_stale(aws, svc, folder, full):
    """Plans that are not what they were, or whose account is not."""
    world = Applying(aws, svc, folder)
    world.run("plan", world.file, *world.base, "--out", "first.json")
    with open(os.path.join(folder, "first.json"), encoding="utf-8") as stream:
        plan = stream.read()
    for what, text in {"a byte": plan.replace('"MaxCapacity":10', '"MaxCapacity":11'), "a blank": plan.replace(',"steps"', ', "steps"'),
                       "no seal": re.sub(r'"seal":"[0-9a-f]+",', "", plan), "its version": plan.replace('"svc":"0.', '"svc":"9.'), "half of it": plan[:len(plan) // 2]}.items():
        if text == plan:
            raise AssertionError(f"{what}: nothing was changed in the plan")
        world.write("edited.json", text)
        contains(world.apply("edited.json", status=6), "SVC0970")
    check_signatures(world)
    aws.client("ecs", region=REGION).create_cluster(clusterName="hello-prod")
    contains(world.apply("first.json", status=6), "SVC0971", "hello-prod")
    aws.client("ecs", region=REGION).delete_cluster(cluster="hello-prod")
    world.write(world.file, world.text.replace(ACCOUNT, "111111111111"))
    world.run("plan", world.file, *world.base, "--offline", "--out", "other.json")
    contains(world.apply("other.json", status=6), "SVC0972", "111111111111")
    world.apply("signed.json", "--require-signature", "one.pub")
    world.apply("first.json")


def check_refusals(aws, svc, folder, full):
    """What is not done at all, and says why."""
    world = Applying(aws, svc, folder)
    contains(world.apply(world.file, *world.base, status=1), "SVC0978", "--yes")
    empty = inventory(aws)
    code, out, errors = world.run("apply", world.file, *world.base, "--yes", "--deadline", "20s")
    equal(code, 1 if inventory(aws) == empty else 4, out)
    contains(errors, "SVC0981", "svc apply goes on from here")
    world.apply()
    expires = int(time.time()) * 100
    aws.client("ssm", region=REGION).put_parameter(Name="/svc/hello/prod/hello/lease/7", Type="String", Value=json.dumps({"owner": "ann@build-7", "expires": expires}))
    world.write(world.file, world.text.replace('"1.0.0" }', '"1.0.0"; command "x" }'))
    code, out, errors = world.run("apply", world.file, *world.base, "--yes", "--deadline", "20s")
    equal(code, 1, out)
    contains(out + errors, "SVC0973", "ann@build-7")
    aws.client("ssm", region=REGION).delete_parameter(Name="/svc/hello/prod/hello/lease/7")
    world.write(world.file, world.text.replace("region us-east-1 }", "region us-east-1; protect yes }"))
    code, out, errors = world.run("destroy", world.file, *world.base, "--yes")
    equal(code, 1, out)
    contains(errors, "SVC0979")


def check_overtaken(aws, svc, folder, full):
    """Somebody else deploys while an apply waits: that is no success."""
    world = Applying(aws, svc, folder)
    world.apply_file()
    world.write(world.file, world.text.replace('"1.0.0" }', '"1.0.0"; command "x" }'))
    world.run("plan", world.file, *world.base)
    process = world.command("apply", "--deadline", DEADLINE)
    aws.control("POST", "faults", [{"kind": "hang", "service": "ecs", "operation": "DescribeServices", "seconds": 2, "nth": 2}])
    os.kill(process.pid, signal.SIGCONT)
    for _ in range(200):
        if any(call["operation"] == "UpdateService" for call in aws.calls()):
            break
        time.sleep(0.02)
    aws.client("ecs", region=REGION).update_service(cluster="hello-prod", service="hello-prod", taskDefinition="hello-prod:1")
    out, _ = process.communicate(timeout=120)
    equal(process.returncode, 4, out)
    contains(out, "SVC0977", "by somebody else")


def check_race(aws, svc, folder, full):
    """Two applies started together: one waits for the other, and the account is right."""
    world = Applying(aws, svc, folder)
    world.run("plan", world.file, *world.base, "--out", "plan.json")
    both = [world.command("apply", "plan.json", "--deadline", DEADLINE) for _ in range(2)]
    for process in both:
        os.kill(process.pid, signal.SIGCONT)
    outputs = [process.communicate(timeout=180)[0] for process in both]
    equal([process.returncode for process in both], [0, 0], "".join(outputs))
    if not any("waiting for" in out for out in outputs):
        raise AssertionError(f"neither waited: {outputs}")
    world.expect_empty()
    equal(inventory(aws)["definitions"], [f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/hello-prod:1"], "revisions")


def check_taken_over(aws, svc, folder, full):
    """One that slept, and whose lease was taken over, changes nothing more."""
    world = Applying(aws, svc, folder)
    world.run("plan", world.file, *world.base, "--out", "plan.json")
    process = world.command("apply", "plan.json", "--deadline", DEADLINE)
    aws.control("POST", "stop", {"after": 30, "when": "before", "pid": process.pid, "signal": signal.SIGSTOP})
    os.kill(process.pid, signal.SIGCONT)
    for _ in range(200):
        if aws.control("GET", "stop")["reached"]:
            break
        time.sleep(0.05)
    aws.advance(130)
    aws.control("DELETE", "stop")
    world.apply("plan.json")
    os.kill(process.pid, signal.SIGCONT)
    out, _ = process.communicate(timeout=120)
    equal(process.returncode, 4, out)
    contains(out, "SVC0974")
    world.expect_empty()


def wait_until(condition, what):
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"{what} did not happen")


def interrupted(world, times):
    """An apply that gets Ctrl-C while a call is held back: (exit status, output)."""
    process = world.command("apply", "--deadline", DEADLINE)
    world.aws.control("POST", "stop", {"after": 45, "when": "after"})
    os.kill(process.pid, signal.SIGCONT)
    wait_until(lambda: world.aws.control("GET", "stop")["reached"], "the 45th call")
    for _ in range(times):
        os.kill(process.pid, signal.SIGINT)
        time.sleep(0.3)
    if times == 1:
        world.aws.control("DELETE", "stop")
    out, _ = process.communicate(timeout=60)
    world.aws.control("DELETE", "stop")
    return process.returncode, out


def check_interrupts(aws, svc, folder, full):
    """Ctrl-C once lets what is under way end, and says how to go on; twice leaves at once. Either way it can be gone on with, and the lease is no hindrance."""
    world = Applying(aws, svc, folder)
    world.run("plan", world.file, *world.base)
    code, out = interrupted(world, 1)
    equal(code, 4, out)
    contains(out, "SVC0981", "stopped as you asked", "svc apply goes on from here")
    names_of_leases = [item["Name"] for item in aws.client("ssm", region=REGION).describe_parameters()["Parameters"] if "/lease/" in item["Name"]]
    equal(names_of_leases, [], "leases after Ctrl-C")
    code, out = interrupted(world, 2)
    equal(code in (4, 130, -signal.SIGINT), True, f"exit status {code}: {out}")
    aws.advance(130)
    contains(world.apply(), "going on")
    world.expect_empty()


def limited(size):
    """As on a disk that is full: no file may grow beyond this."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return limit


def apply_with(world, *arguments, **how):
    environment = world.variables(**how.pop("env", {}))
    result = subprocess.run([world.svc, "apply", *arguments, "--deadline", DEADLINE], cwd=world.folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                            text=True, timeout=120, check=False, **how)
    return result.returncode, result.stdout, result.stderr


def check_surroundings(aws, svc, folder, full):
    """What is around an apply and not as it should be: nothing planned, no credentials, nowhere to write, nobody who reads."""
    world = Applying(aws, svc, folder)
    os.mkdir(os.path.join(folder, "empty"))
    done = subprocess.run([svc, "apply"], cwd=os.path.join(folder, "empty"), capture_output=True, text=True, check=False)
    equal((done.returncode, "nothing was planned here, and there is no file to plan" in done.stderr), (1, True), done.stderr)
    world.run("plan", world.file, *world.base, "--out", "plan.json")
    code, out, errors = apply_with(world, "plan.json", env={"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""})
    equal(code, 1, out)
    contains(errors, "credentials")
    empty = inventory(aws)
    # a journal that cannot be written is said, and hinders nothing
    shutil.rmtree(os.path.join(folder, ".svc"), ignore_errors=True)
    world.write(".svc", "in the way")
    code, out, errors = apply_with(world, "plan.json")
    equal(code, 0, errors)
    contains(out + errors, "no journal is kept")
    world.expect_empty()
    os.unlink(os.path.join(folder, ".svc"))
    world.destroy()
    equal(without_definitions(inventory(aws)), without_definitions(empty), "the account after destroy")
    os.unlink(os.path.join(folder, "plan.json"))
    world.run("plan", world.file, *world.base, "--out", "plan.json")
    code, out, errors = apply_with(world, "plan.json", preexec_fn=limited(600))
    equal(code, 0, errors)
    contains(out + errors, "the journal cannot be written any more")
    world.expect_empty()
    # the last plan of the directory is taken, or that of the environment
    world.write(world.file, edit(r"prod \{", 'test { account "123456789012"; region us-east-1 }\nenvironment    prod {')(world.text))
    for environment in ("prod", "test"):
        code, _, errors = world.run("plan", world.file, "--env", environment)
        equal(code, 0, errors)
    contains(world.apply("--env", "test", "--json"), '"event":"done"', "hello-test")
    code, out, errors = world.run("apply", "--env", "other")
    equal(code, 1, out)
    # nobody reads what it says: the work is done all the same
    world.write(world.file, edit(r'"1\.0\.0" \}', '"1.0.0"; command "x" }')(world.text))
    world.run("plan", world.file, *world.base)
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.run([svc, "apply", "--deadline", DEADLINE], cwd=folder, env={**world.aws.environment(REGION), "HOME": folder, "PATH": os.environ["PATH"],
                             "SVC_TEST_QUICK_ROLES": "1"}, stdin=subprocess.DEVNULL, stdout=writing, stderr=subprocess.DEVNULL, timeout=120, check=False)
    os.close(writing)
    equal(process.returncode >= 0, True, f"ended by signal {-process.returncode}")
    world.expect_empty()


# how tasks fail -> what is said of them
FAILURES = {
    "start": ({"exit_code": 1, "log": ["starting", "no DATABASE_URL"]}, ["exit code 1", "hello | no DATABASE_URL", "hello.svc:12: an essential container ended"]),
    "pull": ({"reason": "CannotPullContainerError: not found"}, ["CannotPullContainerError", "hello.svc:11: the image cannot be pulled"]),
    "secrets": ({}, ["ResourceInitializationError", "a secret cannot be read"]),
    "health": ({}, ["Task failed container health checks", "its health check fails"]),
    "target": ({}, ["Task failed ELB health checks", "the load balancer's health check fails"]),
}


def check_failing_tasks(aws, svc, folder, full):
    """Tasks that do not come up: ECS goes back, and the apply says why and at which line. Then to an earlier revision and back."""
    world = Applying(aws, svc, folder)
    world.apply_file()
    for number, (when, (more, wanted)) in enumerate(FAILURES.items()):
        aws.control("POST", "tasks", [{"family": "hello-prod", "revision": 2 + number, "when": when, **more}])
        world.write(world.file, edit(r'"1\.0\.0" }', f'"1.0.0"\n    command "run"\n    env {{ TRY "{number}" }} }}')(world.text))
        contains(world.apply_file(status=3), "SVC0976", f"was rolled back by ECS from hello-prod:{2 + number}", *wanted)
    aws.control("DELETE", "tasks")
    world.write(world.file, edit(r'"1\.0\.0" }', '"1.0.0"; command "run" }')(world.text))
    world.apply_file()
    code, out, errors = world.run("rollback", world.file, *world.base, "--to", "1", "--yes")
    equal(code, 0, errors)
    code, out, errors = world.run("status", world.file, *world.base, "--json")
    status = json.loads(out)["services"][0]
    equal([(one["revision"], one["status"], one["running"]) for one in status["deployments"]], [("hello-prod:1", "PRIMARY", 2)], out)
    code, out, errors = world.run("rollback", world.file, *world.base, "--to", "99", "--yes")
    equal(code, 1, out)
    contains(errors, "SVC0982")


CHECKS = {
    "hello": lambda aws, svc, folder, full: check_example(aws, svc, folder, "examples/hello.svc", "prod"),
    "claude-proxy": lambda aws, svc, folder, full: check_example(aws, svc, folder, "examples/claude-proxy.svc", "prod"),
    "video-intelligence": lambda aws, svc, folder, full: check_example(aws, svc, folder, "examples/video-intelligence.svc", "prod"),
    "aistudio": lambda aws, svc, folder, full: check_example(aws, svc, folder, "examples/aistudio.svc", "prod"),
    "claude-proxy in staging": lambda aws, svc, folder, full: check_example(aws, svc, folder, "examples/claude-proxy.svc", "staging"),
    "video-intelligence in staging": lambda aws, svc, folder, full: check_example(aws, svc, folder, "examples/video-intelligence.svc", "staging"),
    "aistudio in dev": lambda aws, svc, folder, full: check_example(aws, svc, folder, "examples/aistudio.svc", "dev"),
    "stale plans": check_stale,
    "refusals": check_refusals,
    "overtaken": check_overtaken,
    "interrupts": check_interrupts,
    "surroundings": check_surroundings,
    "two at once": check_race,
    "a lease that was taken over": check_taken_over,
    "failing tasks": check_failing_tasks,
    "changed secrets": check_rotation,
}


def run_checks(checks, options):
    """Each check that the pattern names, in a folder and an account of its own; the status for the shell."""
    results = examples.Results()
    svc = os.path.abspath(options.svc)
    with Launcher("--speed", "60", "--virtual-dates") as aws:
        for name, check in checks.items():
            if options.pattern not in name:
                continue
            with tempfile.TemporaryDirectory() as folder:
                place = os.path.join(folder, "w")
                os.mkdir(place)
                try:
                    check(aws, svc, place, options.full)
                    problems = []
                except (AssertionError, subprocess.TimeoutExpired) as error:
                    problems = str(error).splitlines() or [repr(error)]
                results.record(name, problems)
    return results.close()


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--svc", required=True, help="the svc program, with test hooks")
    parser.add_argument("--full", action="store_true", help="the same: nothing is left out")
    parser.add_argument("pattern", nargs="?", default="", help="only these")
    options = parser.parse_args(arguments)
    return run_checks(CHECKS, options)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
