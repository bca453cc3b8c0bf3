#!/usr/bin/env python3
"""An example is applied, compared with what `svc build` says, changed in ten ways, and destroyed; and what stands between two of an apply's calls.

    tests/aws/check_changes.py --svc build-hooks/svc [--full] [PATTERN]

What is applied is read back with boto3: every member of every document of `svc build` must be there (readback.py). Of each change the plan
must name the kinds of resources that it touches, and no others; it is applied, and the next plan is empty. After `svc destroy` the account must be as
before. For a plan that takes away a secret and moves a port, the apply is stopped at each record of its journal, and what the old revision needs to
start a task must be there each time, until the new one is the only one. Without --full the examples are not changed, but for one.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import readback  # noqa: E402
from applying import Account, build_signaller, expect_same, fresh  # noqa: E402
from check_apply import DEADLINE, run_checks  # noqa: E402
from check_live import REGION, contains, equal  # noqa: E402
from cli_server import CliServer  # noqa: E402
from check_shell import LiveAccount  # noqa: E402
from launcher import fixtures  # noqa: E402

# --- what svc build says is there ---


class Readable(LiveAccount):
    """The launcher's account in the region of the examples; what was looked up is known by the plan."""

    def client(self, service):
        return self.aws.client(service, region=REGION)


def check_documents(world, plan):
    folder = os.path.join(world.folder, "out")
    shutil.rmtree(folder, ignore_errors=True)
    code, out, errors = world.run("build", world.file, *world.base, "--out", folder)
    equal(code, 0, errors + out)
    account = Readable(world.aws)
    network = world.network
    values = {"vpc-id": network["vpc"], "vpc-cidr": "10.0.0.0/16", "private-subnets": network["private"], "public-subnets": network["public"]}
    for lookup in plan["lookups"]:
        account.known[f"{lookup['resource']}#{lookup['attribute']}"] = values[lookup["attribute"]]
    account.find(plan)
    count, problems = readback.check(folder, account)
    if problems or count < 8:
        raise AssertionError("\n".join([f"{count} documents were compared", *problems]))


# --- ten changes ---

MORE = {"dashboard"}  # it shows alarms and targets, and so may change with them
TASKS = {"task definition", "service"}
# example -> what is changed -> (what is replaced, by what, kinds of resources that the plan must name, some of them only perhaps)
CLAUDE = {
    "memory": (r"0\.5 vcpu 1 GiB", "0.5 vcpu 2 GiB", TASKS),
    "the image": (r'ecr "claude-proxy" tag image_tag', 'ecr "claude-proxy" tag "2.0.0"', TASKS),
    "a secret": (r"\n    secret  SUPABASE_URL.*", "", TASKS | {"role"}),
    "a port": (r"port    8000((?:.|\n)*)localhost:8000((?:.|\n)*)to app 8000", r"port    8001\1localhost:8001\2to app 8001",
               TASKS | {"security group", "security group rule", "target group", "listener rule", "alarm", "scaling policy"}),
    "an alarm's threshold": (r"cpu > 85%", "cpu > 90%", {"alarm"}),
    "bounds of scaling": (r"scale 2\.\.10", "scale 3..12", {"scalable target"}),
    "a permission": (r'(allow receive queue "claude-proxy-jobs")', r'\1\n  allow read bucket "claude-proxy-data"', {"role"}),
    "an alarm that goes": (r"\n  alarm unhealthy .*", "", {"alarm"}),
    "a container's name": (r"container worker", "container jobs", TASKS),
    "the environment's variables": (r'LOG_LEVEL "info" }', 'LOG_LEVEL "debug" }', TASKS),
}


def check_changes(world, changes):
    for name, (pattern, replacement, kinds) in changes.items():
        world.change(pattern, replacement)
        found = json.loads(world.plan_it("--json"))
        changed = {resource["kind"] for resource in found["resources"] if resource["action"] != "unchanged"}
        if not changed <= kinds | MORE or not changed & kinds:
            raise AssertionError(f"{name}: the plan changes {sorted(changed)}, not {sorted(kinds)}")
        try:
            world.apply()
            world.expect_empty()
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}") from None


def add_image(aws, repository, tag):
    """One more beside those that are there."""
    client = aws.client("ecr", region=REGION)
    tags = [image["imageTag"] for image in client.list_images(repositoryName=repository)["imageIds"] if "imageTag" in image]
    client.delete_repository(repositoryName=repository, force=True)
    fixtures.make_images(aws, {repository: {one: ("amd64", "s390x") for one in [*tags, tag]}}, region=REGION)


def check_example(file, environment, changes=None):
    def check(aws, svc, folder, full):
        world = Account(aws, svc, folder, file, environment)
        if changes:
            add_image(aws, "claude-proxy", "2.0.0")
        before = world.account(definitions=False)
        plan = world.saved_plan(world.file, *world.base)
        world.plan_it()
        contains(world.apply(), "Applied:")
        check_documents(world, plan)
        world.expect_empty()
        if changes:
            check_changes(world, changes)
        contains(world.apply_file(), "No changes")
        world.destroy()
        expect_same(world.account(definitions=False), before, "the account after destroy")
    return check


# --- the old revision ---

SECRET, LOGS = "hello/key", "/ecs/hello-more"


def allowed(client, role):
    policies = [client.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in client.list_role_policies(RoleName=role)["PolicyNames"]]
    return [(action, resource) for policy in policies for statement in policy["Statement"] for action in statement["Action"] for resource in
            (statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]])]


def lacking(aws, first):
    """What the old revision would miss if a task of it started now; None once the new one is the only one."""
    client = lambda service: aws.client(service, region=REGION)
    ecs, elb, ec2 = client("ecs"), client("elbv2"), client("ec2")
    service = ecs.describe_services(cluster="hello-prod", services=["hello-prod"])["services"][0]
    only = service["deployments"][0]
    if len(service["deployments"]) == 1 and only["taskDefinition"] != first["revision"] and only["rolloutState"] == "COMPLETED" and \
            only["runningCount"] == only["desiredCount"]:
        return None
    problems = []
    may = allowed(client("iam"), "hello-prod-execution-us-east-1")
    if not any(action == "secretsmanager:GetSecretValue" and SECRET in resource for action, resource in may):
        problems.append("it may not read its secret")
    if not any(action == "logs:CreateLogStream" and LOGS in resource for action, resource in may):
        problems.append("it may not write its log")
    if not client("logs").describe_log_groups(logGroupNamePrefix=LOGS)["logGroups"]:
        problems.append("its log group is gone")
    if ecs.describe_task_definition(taskDefinition=first["revision"])["taskDefinition"]["status"] != "ACTIVE":
        problems.append("its revision is deregistered")
    groups = [group for group in elb.describe_target_groups()["TargetGroups"] if group["TargetGroupArn"] == first["target"]]
    if not groups or not groups[0]["LoadBalancerArns"]:
        problems.append("no listener forwards to its target group")
    permissions = [(rule["IsEgress"], rule.get("FromPort")) for rule in ec2.describe_security_group_rules()["SecurityGroupRules"] if rule.get("ReferencedGroupInfo")]
    if (False, 8080) not in permissions or (True, 8080) not in permissions:
        problems.append("its port cannot be reached")
    return problems


def check_old_revision(aws, svc, folder, full):
    world = Account(aws, svc, folder)
    world.change(r'tag "1\.0\.0" \}', f'tag "1.0.0"; secret KEY from secrets-manager "{SECRET}"; logs "{LOGS}" keep 30d }}')
    aws.client("secretsmanager", region=REGION).create_secret(Name=SECRET, SecretString="{}")
    world.apply_file()
    first = {"revision": aws.client("ecs", region=REGION).describe_services(cluster="hello-prod", services=["hello-prod"])["services"][0]["taskDefinition"],
             "target": aws.client("elbv2", region=REGION).describe_target_groups()["TargetGroups"][0]["TargetGroupArn"]}
    equal(lacking(aws, {**first, "revision": first["revision"] + "0"}), None, "a service that stands")
    world.change(rf'; secret KEY from secrets-manager "{SECRET}"; logs "{LOGS}" keep 30d \}}', " }")
    world.change(r"port: 8080", "port: 9090")
    world.plan_it()
    library = build_signaller(os.path.dirname(folder))
    process = subprocess.Popen([svc, "apply", "--deadline", DEADLINE], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               env={**world.variables(), "LD_PRELOAD": library, "SIGNAL_AFTER_RECORD": "0", "SIGNAL_IS": str(int(signal.SIGSTOP))})
    during, after, problems = 0, 0, []
    while os.WIFSTOPPED(status := os.waitpid(process.pid, os.WUNTRACED)[1]):
        missing = lacking(aws, first)
        during, after = during + (missing is not None), after + (missing is None)
        problems += [f"at record {during + after}: {problem}" for problem in missing or []]
        process.send_signal(signal.SIGCONT)
    out = process.stdout.read()
    process.returncode = os.waitstatus_to_exitcode(status)
    equal(process.returncode, 0, out)
    if problems or during < 15 or after < 10:
        raise AssertionError("\n".join([f"{during} moments before success, {after} after it", *problems, out]))
    world.expect_empty()
    print(f"one plan that takes a secret and moves a port: {during} moments until success looked at, {after} after it")


# --- a script ---

def run_script(world, path):
    """The plan as a script, with the AWS CLI. It waits for AWS to spread news, where there is nothing to wait for here."""
    script = world.write("plan.sh", world.plan_it("--format", "sh", "--without-rollout"))
    done = subprocess.run(["bash", script], cwd=world.folder, env={**world.variables(), "PATH": path}, capture_output=True, text=True, timeout=300, check=False)
    equal(done.returncode, 0, f"the script: {done.stderr}{done.stdout}")


def check_script(aws, svc, folder, full):
    """The same changes by the script of the plan and by svc apply: two accounts that read back equal."""
    del full
    accounts = []
    os.makedirs(os.path.join(os.path.dirname(folder), "cli"))
    with CliServer(os.path.join(os.path.dirname(folder), "cli")) as path:
        os.symlink("/bin/true", os.path.join(os.path.dirname(folder), "cli", "bin", "sleep"))
        for by_script in (True, False):
            fresh(folder)
            world = Account(aws, svc, folder, "examples/claude-proxy.svc")
            world.apply_file()
            for name in ("a port", "a secret", "an alarm that goes", "a permission", "bounds of scaling"):
                world.change(*CLAUDE[name][:2])
            if by_script:
                run_script(world, path)
            else:
                world.plan_it()
                world.apply()
            aws.advance(60)
            world.expect_empty()
            accounts.append(world.account())
    expect_same(*accounts, "the script's account beside svc apply's")


CHECKS = {
    "claude-proxy": check_example("examples/claude-proxy.svc", "prod", CLAUDE),
    "video-intelligence": check_example("examples/video-intelligence.svc", "prod"),
    "aistudio": check_example("examples/aistudio.svc", "prod"),
    "a script of changes": check_script,
    "the old revision": check_old_revision,
}


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--svc", required=True, help="the svc program, with test hooks")
    parser.add_argument("--full", action="store_true", help="changes every example")
    parser.add_argument("pattern", nargs="?", default="", help="only these")
    return run_checks(CHECKS, parser.parse_args(arguments))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
