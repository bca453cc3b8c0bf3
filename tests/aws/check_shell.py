#!/usr/bin/env python3
"""Runs the script of a plan with the AWS CLI, and its steps with boto3: two accounts that read back equal, and with nothing left to do.

    tests/aws/check_shell.py --svc build/svc [--full]

`svc plan --offline --format sh` is run by bash against the launcher (launcher/), in an account that has what the plan looks up. The
account is then recorded as check_plan.py records it, and `svc plan --live` must find no change. The steps of the plan file are then
called with boto3 in an account as it was before; what both accounts answer must be equal but for ids and times. A script must stop
before it changes anything when the credentials are of another account, or when what it looks up is not there. Without --full, only
one example.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import check_plan
import examples
from cli_server import CliServer
from launcher import fixtures
from launcher.start import Launcher

REGION = check_plan.REGION
SOME = {("claude-proxy.svc", "prod")}
# what two accounts of the same content do not share
CHANGING = re.compile(r"(?:sgr|eni|eipalloc|subnet|vpc|sg)-[0-9a-f]{8,17}|\b(?:AROA|AIPA)[0-9A-Z]{16,17}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
                      r"|\bservice-deployment/[\w/-]+|\bscalable-target/\w+|\becs-svc/\d+|/[0-9a-f]{16,17}\b|\d{4}-\d\d-\d\d[ T][0-9:.]+(?:[+-]\d\d:\d\d|Z)?|\b\d{10,}\.?\d*\b|\blb-?\w*-?\d+\b|[0-9a-f]{32}")


class LiveAccount(check_plan.Account):
    """The account that a launcher serves; `known` is what its resources answer, not what calls did."""

    def __init__(self, aws):
        super().__init__()
        self.aws = aws

    def client(self, service):
        return self.aws.client(service, REGION)

    def prepare_lookups(self, plan):
        """What exists before."""
        made = fixtures.make_network(self.aws, ways_out=None, region=REGION)
        values = {"vpc-id": made["vpc"], "vpc-cidr": "10.0.0.0/16", "private-subnets": made["private"], "public-subnets": made["public"]}
        for arn in sorted(set(re.findall(r"arn:aws:acm:[\w:/-]+", json.dumps(plan["steps"])))):
            self.aws.control("POST", "certificates", {"arn": arn})
        for lookup in plan["lookups"]:
            self.known[f"{lookup['resource']}#{lookup['attribute']}"] = values[lookup["attribute"]]

    def _balancers(self):
        """{svc:id: ARN} of all that belongs to load balancers."""
        elb = self.client("elbv2")
        arns = [group["TargetGroupArn"] for group in elb.describe_target_groups()["TargetGroups"]]
        for balancer in elb.describe_load_balancers()["LoadBalancers"]:
            arns.append(balancer["LoadBalancerArn"])
            for listener in elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]:
                arns.append(listener["ListenerArn"])
                arns += [rule["RuleArn"] for rule in elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"] if not rule["IsDefault"]]
        found = {}
        for arn in arns:
            for tag in elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]:
                if tag["Key"] == "svc:id":
                    found[tag["Value"]] = arn
        return found

    def find(self, plan):
        """Learns what the plan's resources are called, and what was sent for them."""
        balancers = self._balancers()
        for resource in plan["resources"]:
            known, kind, name = {}, resource["kind"], resource["name"]
            if kind == "role":
                known["arn"] = self.client("iam").get_role(RoleName=name)["Role"]["Arn"]
            elif kind == "security group":
                groups = self.client("ec2").describe_security_groups(Filters=[{"Name": "tag:svc:id", "Values": [resource["id"]]}])["SecurityGroups"]
                known["id"] = groups[0]["GroupId"]
            elif kind == "task definition":
                known["arn"] = self.client("ecs").describe_task_definition(taskDefinition=name)["taskDefinition"]["taskDefinitionArn"]
            elif kind == "scaling policy":
                policies = self.client("application-autoscaling").describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
                known["arn"] = next(policy["PolicyARN"] for policy in policies if policy["PolicyName"] == name)
            elif resource["id"] in balancers:
                arn = known["arn"] = balancers[resource["id"]]
                if ":loadbalancer/" in arn:
                    found = self.client("elbv2").describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]
                    known["dns-name"] = found["DNSName"]
                known["full-name"] = arn.split(":loadbalancer/")[-1] if ":loadbalancer/" in arn else arn.split(":")[-1]
            for attribute, value in known.items():
                self.known[f"{resource['id']}#{attribute}"] = value
        for step in plan["steps"]:
            self.sent.setdefault(step["resource"], {})[step["call"]["operation"]] = self.fill(step["call"]["input"])


def plain(value):
    """Equal for equal accounts: without ids and times, sets in one order."""
    if isinstance(value, dict):
        return {key: plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return sorted((plain(member) for member in value), key=lambda member: json.dumps(member, sort_keys=True))
    text = str(value)
    if text.startswith("{"):
        try:
            return plain(json.loads(text))
        except ValueError:
            pass
    return CHANGING.sub("*", text)


def differences(path, a, b):
    if isinstance(a, dict) and isinstance(b, dict):
        return [found for key in sorted({*a, *b}) for found in differences(f"{path}.{key}", a.get(key), b.get(key))]
    return [] if a == b else [f"{path}: the script made {a}, boto3 {b}"]


def plan_of(svc, base, folder):
    """The plan file and the script, or the problems."""
    path = os.path.join(folder, "plan.json")
    done = subprocess.run([svc, *base, "--offline", "--out", path, "--format", "sh"], cwd=examples.ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        return None, None, [f"svc plan --format sh ended with {done.returncode}", *done.stderr.splitlines()]
    with open(path, encoding="utf-8") as stream:
        return json.load(stream), done.stdout, []


def run_script(script, folder, path, aws):
    file = os.path.join(folder, "plan.sh")
    with open(file, "w", encoding="utf-8") as stream:
        stream.write(script)
    environment = {"PATH": path, "HOME": folder, **aws.environment("eu-central-1")}
    return subprocess.run(["bash", file], cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False)


def check_refusals(script, folder, path, aws):
    """It stops where it must, and nothing is changed."""
    problems = []
    for name, text, said in (("of another account", script.replace("123456789012' ]]", "123456789013' ]]"), "the credentials are of account 123456789012"),
                             ("without its network", script, "not found: the VPC")):
        aws.control("DELETE", "calls")
        done = run_script(text, folder, path, aws)
        if done.returncode == 0 or said not in done.stderr:
            problems.append(f"the script {name} ended with {done.returncode} and said {done.stderr!r}")
        problems += [f"the script {name} called {call['operation']}" for call in aws.calls()
                     if not call["operation"].startswith(("Describe", "Get", "List"))]
    return problems


def record(plan, account, problems):
    account.find(plan)
    return json.loads(json.dumps(check_plan.record(plan, account, problems), default=str))


def check(svc, file, environment, folder, path, aws):
    """The problems of one example in one environment."""
    base = ["plan", os.path.relpath(file, examples.ROOT), *(["--env", environment] if environment else []), *examples.settings(examples.read(file))]
    plan, script, problems = plan_of(svc, base, folder)
    if problems or plan["account"] != check_plan.ACCOUNT:
        return problems  # the launcher has one account
    if plan["seal"] not in script:
        problems.append("the script does not say the plan's seal")
    if shutil.which("shellcheck"):
        done = subprocess.run(["shellcheck", "-"], input=script, capture_output=True, text=True, check=False)
        problems += done.stdout.splitlines()
    aws.reset()
    problems += check_refusals(script, folder, path, aws) if plan["lookups"] else []
    by_script, by_steps = LiveAccount(aws), LiveAccount(aws)
    by_script.prepare_lookups(plan)
    done = run_script(script, folder, path, aws)
    if done.returncode:
        return [*problems, f"the script ended with {done.returncode}", *done.stderr.splitlines()[-5:]]
    one = record(plan, by_script, problems)
    recording = os.path.join(folder, "live.json")
    with open(recording, "w", encoding="utf-8") as stream:
        json.dump(one, stream)
    status, text = examples.run(svc, [*base, "--live", recording, "--detailed-exitcode"], examples.ROOT)
    if status:
        problems += [f"svc plan --live ended with {status}: the script left something to do", *text.splitlines()]
    aws.reset()
    by_steps.prepare_lookups(plan)
    check_plan.apply(plan, by_steps, problems)
    two = record(plan, by_steps, problems)
    return problems + differences("", plain(one["resources"]), plain(two["resources"]))


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--svc", required=True, help="the svc program")
    parser.add_argument("--full", action="store_true", help="all examples in all environments")
    parser.add_argument("files", nargs="*", help="only these")
    options = parser.parse_args(arguments)
    svc = os.path.abspath(options.svc)
    results = examples.Results()
    with tempfile.TemporaryDirectory() as folder, CliServer(folder) as path, Launcher("--speed", "1000") as aws:
        # what waits for AWS to spread news has nothing to wait for here
        os.symlink("/bin/true", os.path.join(folder, "bin", "sleep"))
        for file in [os.path.abspath(name) for name in options.files] or [*examples.deployable(), check_plan.NATIVE]:
            for environment in examples.environments(examples.read(file)):
                if options.full or options.files or (os.path.basename(file), environment) in SOME:
                    results.record(f"{os.path.relpath(file, examples.ROOT)} in {environment}: a script, its account, the steps' account",
                                   check(svc, file, environment, folder, path, aws))
    return results.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
