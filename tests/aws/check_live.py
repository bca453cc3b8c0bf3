#!/usr/bin/env python3
"""Reads accounts that the launcher answers for: plan, snapshot, drift, adopt.

    tests/aws/check_live.py --svc build/svc [PATTERN]

Each example in each environment (in the launcher's account): its plan's steps are run with boto3, and then `svc plan` finds nothing to do, with no
more calls than SPEC.md allows and no call twice; a snapshot says of every resource what boto3 describes, and a plan against it is the live one. Then
accounts that are otherwise: changed by hand, made by others, with more in them than the file says, unreadable, somebody else's.
"""

import argparse
import json
import os
import re
import sys
import tempfile
from urllib.parse import unquote

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import check_plan  # noqa: E402
import examples  # noqa: E402
from harness import run as run_command  # noqa: E402
from launcher import fixtures  # noqa: E402
from launcher.start import Launcher  # noqa: E402

ACCOUNT, REGION = "123456789012", "us-east-1"
CALLS_OF_A_SERVICE, CALLS_IN_ALL = 8, 60
KEYS = ["svc:project", "svc:environment", "svc:service", "svc:id", "svc:applied"]
ARCHITECTURES = {"X86_64": "amd64", "ARM64": "arm64"}

SHOP = """project shop
environment prod {{ account "123456789012"; region us-east-1 }}
network main existing {{ vpc tagged {{ Name "main" }}; private tagged {{ Tier "private" }}; public tagged {{ Tier "public" }} }}
{services}
"""
WORKER = """service {name} {{
  cluster shop
  compute 0.25 vcpu 512 MiB
  container app {{ image "public.ecr.aws/nginx/nginx:1.27"; logs "/ecs/{name}" keep 30d }}
  scale 1..4 {{ track cpu at 70% }}
  alarm busy when cpu > 85% for 5m
}}
"""


class Boto(check_plan.Account):
    """What check_plan.py knows of an account, at the launcher."""

    def __init__(self, aws):
        super().__init__()
        self.aws = aws

    def client(self, service):
        return self.aws.client(service, region=REGION)


class World:
    """A launcher's account, and svc in a folder of its own."""

    def __init__(self, aws, svc, folder):
        self.aws, self.svc, self.folder, self.network = aws, svc, folder, None
        aws.reset()

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as stream:
            stream.write(text)
        return name

    def variables(self, **more):
        """The environment that svc has. MORE adds to it; None takes away."""
        whole = {"PATH": os.environ["PATH"], "HOME": self.folder, "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
                 **self.aws.environment(REGION), **more}
        return {name: value for name, value in whole.items() if value is not None}

    def run(self, *arguments, **environment):
        """(exit code, output, errors)"""
        result = run_command(self.svc, list(arguments), self.folder, env=self.variables(**environment))
        return result.status, result.stdout.decode(), result.stderr.decode()

    def calls(self):
        return [(call["service"], call["operation"]) for call in self.aws.calls()]

    def forget_calls(self):
        self.aws.control("DELETE", "calls")

    def prepare(self, plan, ways_out="nat", images=True, secrets=True):
        """What the file relies on."""
        self.network = fixtures.make_network(self.aws, region=REGION, ways_out=ways_out)
        for arn in sorted(set(re.findall(r"arn:aws:acm:[a-z0-9:/-]+", json.dumps(plan["steps"])))):
            self.aws.control("POST", "certificates", {"arn": arn})
        for group in sorted(set(re.findall(r"sg-[0-9a-f]{8,17}", json.dumps(plan["steps"])))):
            self.aws.control("POST", "security-groups", {"id": group, "name": f"existing-{group}", "vpc": self.network["vpc"], "region": REGION})
        for topic in sorted(set(re.findall(rf"arn:aws:sns:{REGION}:{ACCOUNT}:([A-Za-z0-9_-]+)", json.dumps(plan["steps"])))):
            self.aws.client("sns", region=REGION).create_topic(Name=topic)
        tasks = [step["call"]["input"] for step in plan["steps"] if step["call"]["operation"] == "RegisterTaskDefinition"]
        if images:
            self.make_images(tasks)
        if secrets:
            self.make_secrets(tasks)

    def make_images(self, tasks):
        wanted = {}
        for task in tasks:
            architecture = ARCHITECTURES[task["runtimePlatform"]["cpuArchitecture"]]
            for container in task["containerDefinitions"]:
                found = re.fullmatch(rf"{ACCOUNT}\.dkr\.ecr\.{REGION}\.amazonaws\.com/([^:@]+):(.+)", container["image"])
                if found:
                    wanted.setdefault(found[1], {})[found[2]] = (architecture, "s390x")
        return fixtures.make_images(self.aws, wanted, region=REGION)

    def make_secrets(self, tasks):
        for source in sorted({secret["valueFrom"] for task in tasks for container in task["containerDefinitions"] for secret in container.get("secrets", [])}):
            parts = source.split(":")
            if parts[2] == "secretsmanager":
                try:
                    self.aws.client("secretsmanager", region=REGION).create_secret(Name=re.sub(r"-[A-Za-z0-9]{6}$", "", parts[6]), SecretString="{}")
                except self.aws.client("secretsmanager", region=REGION).exceptions.ResourceExistsException:
                    pass
            else:
                self.aws.client("ssm", region=REGION).put_parameter(Name=parts[5].removeprefix("parameter"), Value="x", Type="SecureString")

    def saved_plan(self, file, *arguments):
        status, _, errors = self.run("plan", file, *arguments, "--out", "saved.plan")
        equal(status, 0, errors)
        with open(os.path.join(self.folder, "saved.plan"), encoding="utf-8") as stream:
            return json.load(stream)

    def apply(self, file, *arguments, prepares=True, **how):
        """Makes what the file relies on, plans, and runs the steps with boto3: (plan, account)."""
        if prepares:
            self.prepare(self.saved_plan(file, *arguments, "--offline"), **how)
        plan = self.saved_plan(file, *arguments)
        account = Boto(self.aws)
        values = {"vpc-id": self.network["vpc"], "vpc-cidr": "10.0.0.0/16", "private-subnets": self.network["private"], "public-subnets": self.network["public"]}
        for lookup in plan["lookups"]:
            account.known[f"{lookup['resource']}#{lookup['attribute']}"] = values.get(lookup["attribute"], "x")
        problems = []
        check_plan.apply(plan, account, problems)
        equal(problems, [], "running the steps")
        return plan, account

    def plan(self, file, *arguments, status=0, **environment):
        """The output of a live plan that ends as it should."""
        code, text, errors = self.run("plan", file, *arguments, **environment)
        equal(code, status, f"svc plan {file}: {errors}{text}")
        return text if status == 0 else errors


def equal(actual, expected, what=""):
    if actual != expected:
        raise AssertionError(f"{what}: {actual!r}, not {expected!r}")


def contains(text, *wanted):
    for part in wanted:
        if part not in text:
            raise AssertionError(f"{part!r} is not in:\n{text}")


def lacks(text, *unwanted):
    for part in unwanted:
        if part in text:
            raise AssertionError(f"{part!r} is in:\n{text}")


# --- the examples ---

# What changes by itself from reading to reading, or is said by one way of reading only.
UNSTEADY = {"RoleLastUsed", "ResponseMetadata", "events", "runningCount", "pendingCount", "deployments", "taskSets", "metricFilterCount", "LastModifiedDate",
            "lastModifiedTime", "registeredTasksCount", "statistics", "Arn", "DataType", "Policies", "LastModifiedUser", "Version"}


def plain(value):
    """Without what is unsteady, and with lists of objects in one order."""
    if isinstance(value, dict):
        return {key: plain(member) for key, member in sorted(value.items()) if key not in UNSTEADY and not re.search(r"(Date|Time|At|Timestamp)$", key)}
    if isinstance(value, list):
        return sorted((plain(member) for member in value), key=lambda member: json.dumps(member, sort_keys=True, default=str))
    if isinstance(value, str) and value.startswith("%7B"):  # IAM's policies, which boto3 decodes
        return plain(json.loads(unquote(value)))
    return value


def describe_service(account, resource):
    """As it is: the launcher keeps what moto drops."""
    cluster = account.sent[resource["id"]]["CreateService"]["cluster"]
    return account.client("ecs").describe_services(cluster=cluster, services=[resource["name"]], include=["TAGS"])["services"][0]


def check_recording(world, plan, account, recording):
    """The snapshot has every resource of the plan, each as boto3 describes it."""
    equal(sorted(recording["resources"]), sorted(resource["id"] for resource in plan["resources"]), "the resources of the snapshot")
    for resource in plan["resources"]:
        describe = describe_service if resource["kind"] == "service" else check_plan.DESCRIBE[resource["kind"]]
        expected = plain(json.loads(json.dumps(describe(account, resource), default=str)))
        found = plain(recording["resources"][resource["id"]]["describe"])
        for key in expected:
            equal(found.get(key), expected[key], f"{resource['id']}, {key}")


def check_example(world, file, environment):
    text = re.sub(r'account "\d{12}"', f'account "{ACCOUNT}"', examples.read(file))
    text = re.sub(r"(arn:aws:[a-z]+:[a-z0-9-]*:)\d{12}", rf"\g<1>{ACCOUNT}", text)
    name = world.write(os.path.basename(file), text)
    base = [*(["--env", environment] if environment else []), *examples.settings(text)]
    plan, account = world.apply(name, *base)
    services = len({resource["service"] for resource in plan["resources"] if resource["service"]})
    world.forget_calls()
    status, out, stats = world.run("plan", name, *base, "--detailed-exitcode", "--stats")
    calls = world.calls()
    asked = [(call["service"], call["operation"], call["body_sha256"]) for call in world.aws.calls()]
    equal([call for call in asked if asked.count(call) > 1], [], "what is asked twice")
    equal(status, 0, f"svc plan finds something left to do: {out}{stats}")
    contains(out, "No changes: what is live is what the file says.")
    if len(calls) > CALLS_OF_A_SERVICE * services + CALLS_IN_ALL:
        raise AssertionError(f"{len(calls)} calls for {services} services: {calls}")
    contains(stats, f"{len(calls)}  calls, 0 of them again")
    world.aws.control("POST", "settings", {"shuffle": True})
    for _ in range(3):
        contains(world.plan(name, *base), "No changes: what is live is what the file says.")
    world.aws.control("POST", "settings", {"shuffle": False})
    status, out, errors = world.run("snapshot", name, *base, "--out", "live.json")
    equal(status, 0, errors)
    with open(os.path.join(world.folder, "live.json"), encoding="utf-8") as stream:
        bytes_of_it = stream.read()
    check_recording(world, plan, account, json.loads(bytes_of_it))
    equal(bytes_of_it, json.dumps(json.loads(bytes_of_it), indent=2, sort_keys=True, ensure_ascii=False) + "\n", "canonical bytes")
    _, live, _ = world.run("plan", name, *base, "--json")
    _, recorded, _ = world.run("plan", name, *base, "--json", "--live", "live.json")
    one, other = json.loads(live), json.loads(recorded)
    one.pop("recording"), other.pop("recording")
    equal(one, other, "a plan against the snapshot")


# --- other accounts ---

def shop(world, *names, more="", **how):
    file = world.write("shop.svc", SHOP.format(services="".join(WORKER.format(name=name) for name in names) + more))
    return file, *world.apply(file, **how)


def check_empty_account(world):
    """In an empty account everything is to be made, and nothing is asked about parts of what is not there."""
    file = world.write("shop.svc", SHOP.format(services=WORKER.format(name="api")))
    fixtures.make_network(world.aws, region=REGION)
    out = world.plan(file)
    _, offline, _ = world.run("plan", file, "--offline")
    equal(out.splitlines()[-1], offline.splitlines()[-1], "the sum")
    lacks(" ".join(operation for _, operation in world.calls()), "DescribeScalingPolicies", "GetDashboard", "ListTagsForResource", "GetRolePolicy")


def check_drift(world):
    """What was changed by hand is told with both values; exit 2, and 0 once it is put back."""
    file, _, account = shop(world, "api")
    status, out, _ = world.run("drift", file)
    equal((status, "No drift" in out), (0, True), out)
    alarm = account.client("cloudwatch").describe_alarms(AlarmNames=["api-prod-busy"])["MetricAlarms"][0]
    kept = {key: alarm[key] for key in account.sent["api/alarm/busy"]["PutMetricAlarm"] if key in alarm}
    account.client("cloudwatch").put_metric_alarm(**{**kept, "Threshold": 95})
    group = account.client("ec2").describe_security_groups(Filters=[{"Name": "group-name", "Values": ["api-prod-tasks"]}])["SecurityGroups"][0]["GroupId"]
    account.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[
        {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
    account.client("logs").put_retention_policy(logGroupName="/ecs/api", retentionInDays=7)
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
    account.client("iam").put_role_policy(RoleName="api-prod-task-us-east-1", PolicyName="by-hand", PolicyDocument=json.dumps(policy))
    account.client("iam").put_role_policy(RoleName="api-prod-execution-us-east-1", PolicyName="by-hand", PolicyDocument=json.dumps(policy))
    service = account.client("ecs").describe_services(cluster="shop", services=["api-prod"])["services"][0]
    network = service["networkConfiguration"]["awsvpcConfiguration"]
    account.client("ecs").update_service(cluster="shop", service="api-prod", networkConfiguration={
        "awsvpcConfiguration": {**network, "subnets": network["subnets"][:1]}})
    account.client("application-autoscaling").delete_scaling_policy(PolicyName="api-prod-track-cpu", ServiceNamespace="ecs", ResourceId="service/shop/api-prod",
                                                                    ScalableDimension="ecs:service:DesiredCount")
    status, out, _ = world.run("drift", file)
    equal(status, 2, out)
    contains(out, "Changed outside svc", "Threshold: 85 -> 95", "retentionInDays: 30 -> 7", '"FromPort":22', "it is not there", "policies[by-hand]", "subnets", "Drift: 7 of")
    status, out, _ = world.run("drift", file, "--json")
    found = {item["id"]: item for item in json.loads(out)["drift"]}
    equal(found["api/alarm/busy"]["changed_outside"], True, "the alarm")
    contains(world.plan(file), "not as svc applied it", "Threshold: 95 -> 85")
    _, text, _ = world.run("plan", file, "--json")
    deletions = [step["call"]["input"] for step in json.loads(text)["steps"] if step["call"]["operation"] == "DeleteRolePolicy"]
    equal(sorted((call["RoleName"], call["PolicyName"]) for call in deletions),
          [("api-prod-execution-us-east-1", "by-hand"), ("api-prod-task-us-east-1", "by-hand")], "what is deleted")
    # A file that has changed is no drift.
    for role in ("task", "execution"):
        account.client("iam").delete_role_policy(RoleName=f"api-prod-{role}-us-east-1", PolicyName="by-hand")
    account.client("ecs").update_service(cluster="shop", service="api-prod", networkConfiguration=service["networkConfiguration"])
    account.client("cloudwatch").put_metric_alarm(**kept)
    account.client("logs").put_retention_policy(logGroupName="/ecs/api", retentionInDays=30)
    account.client("ec2").revoke_security_group_ingress(GroupId=group, IpPermissions=[
        {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
    account.client("application-autoscaling").put_scaling_policy(**account.sent["api/scaling/track-cpu"]["PutScalingPolicy"])
    with open(os.path.join(world.folder, file), encoding="utf-8") as stream:
        text = stream.read()
    world.write(file, text.replace("cpu > 85%", "cpu > 80%"))
    status, out, _ = world.run("drift", file)
    equal(status, 0, out)
    contains(out, "2 more differ since the file has changed")
    lacks(world.plan(file), "not as svc applied it")


def check_undeclared(world):
    """What the file does not say any more goes, with what has no tags; others' files beside it are left alone."""
    file, _, account = shop(world, "api", "jobs")
    account.client("application-autoscaling").put_scaling_policy(
        PolicyName="by-hand", ServiceNamespace="ecs", ResourceId="service/shop/api-prod", ScalableDimension="ecs:service:DesiredCount",
        PolicyType="StepScaling", StepScalingPolicyConfiguration={"AdjustmentType": "ChangeInCapacity", "StepAdjustments": [
            {"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}]})
    both = examples.read(os.path.join(world.folder, file))
    world.write(file, both.replace(WORKER.format(name="jobs"), ""))
    out = world.plan(file)
    for part in ("service  jobs-prod", "task definition  jobs-prod", "log group  /ecs/jobs", "scaling policy  jobs-prod-track-cpu", "alarm  jobs-prod-busy",
                 "dashboard  jobs-prod-us-east-1", "role  jobs-prod-task-us-east-1", "security group  jobs-prod-tasks"):
        if not re.search(rf"^  -   {re.escape(part)}$", out, re.M):
            raise AssertionError(f"{part!r} is not deleted:\n{out}")
    lacks(out, "by-hand", "~")
    contains(out, "0 to add, 0 to change, 10 to destroy")
    world.write("jobs.svc", both.replace(WORKER.format(name="api"), ""))
    out = world.plan(file)
    contains(out, "No changes", "10 left alone: they may be of the project's other files (jobs.svc).")
    # A part of what stays.
    os.remove(os.path.join(world.folder, "jobs.svc"))
    world.write(file, both.replace("  scale 1..4 { track cpu at 70% }\n", "  scale 1..4 { track memory at 70% }\n", 1))
    out = world.plan(file)
    contains(out, "-   scaling policy  api-prod-track-cpu", "+   scaling policy  api-prod-track-memory", "1 to add, 0 to change, 1 to destroy")


def untag(account):
    """As if everything had been made by hand."""
    tagging = account.client("resourcegroupstaggingapi")
    found = [item["ResourceARN"] for page in tagging.get_paginator("get_resources").paginate() for item in page["ResourceTagMappingList"]]
    for arn in found:
        if ":ecs:" in arn:
            account.client("ecs").untag_resource(resourceArn=arn, tagKeys=KEYS)
        elif ":elasticloadbalancing:" in arn:
            account.client("elbv2").remove_tags(ResourceArns=[arn], TagKeys=KEYS)
        elif ":logs:" in arn:
            account.client("logs").untag_log_group(logGroupName=arn.split(":")[6], tags=KEYS)
        elif ":cloudwatch:" in arn:
            account.client("cloudwatch").untag_resource(ResourceARN=arn, TagKeys=KEYS)
        elif ":security-group/" in arn:
            account.client("ec2").delete_tags(Resources=[arn.split("/")[-1]], Tags=[{"Key": key} for key in KEYS])
    ec2 = account.client("ec2")
    for rule in ec2.describe_security_group_rules()["SecurityGroupRules"]:
        ec2.delete_tags(Resources=[rule["SecurityGroupRuleId"]], Tags=[{"Key": key} for key in KEYS])
    for role in account.client("iam").list_roles()["Roles"]:
        account.client("iam").untag_role(RoleName=role["RoleName"], TagKeys=KEYS)


def check_adopt(world):
    """What others made is an error that says how to take it over; once it is, the plan is empty."""
    file = world.write("hello.svc", re.sub(r'container hello \{ image ecr "hello" tag "1.0.0" \}', 'container hello { image "public.ecr.aws/nginx/nginx:1.27" }',
                                           examples.read(os.path.join(examples.ROOT, "examples", "hello.svc"))))
    _, account = world.apply(file)
    untag(account)
    errors = world.plan(file, status=1)
    contains(errors, "SVC0955", "hello.svc:6:", "the load balancer edge-prod are there already", "svc adopt hello.svc", "the service hello-prod")
    status, out, errors = world.run("adopt", file)
    equal(status, 1, out + errors)
    contains(errors, "SVC0956", "--yes")
    contains(out, "is what the file says")
    lacks(" ".join(operation for _, operation in world.calls()[-40:]), "AddTags")
    status, out, errors = world.run("adopt", file, "--yes")
    equal(status, 0, out + errors)
    contains(world.plan(file), "No changes: what is live is what the file says.")
    status, out, _ = world.run("adopt", file, "--yes")
    equal(status, 0, out)
    contains(out, "Nothing to take over")
    # With a difference: it is shown, taken over, and planned.
    untag(account)
    group = account.client("elbv2").describe_target_groups()["TargetGroups"][0]["TargetGroupArn"]
    account.client("elbv2").modify_target_group(TargetGroupArn=group, HealthCheckIntervalSeconds=45)
    status, out, errors = world.run("adopt", file, "--yes")
    equal(status, 0, out + errors)
    contains(out, "HealthCheckIntervalSeconds: 45 -> 30")
    contains(world.plan(file), "HealthCheckIntervalSeconds: 45 -> 30", "0 to add, 1 to change, 0 to destroy")


def check_adopt_denied(world):
    """A tag that is denied is told at its line; running it again does the rest."""
    file, _, account = shop(world, "api")
    untag(account)
    world.aws.control("POST", "faults", [{"kind": "denied", "service": "cloudwatch", "operation": "TagResource", "nth": 1, "count": 1}])
    status, out, errors = world.run("adopt", file, "--yes")
    equal(status, 1, out)
    contains(errors, "SVC0957", "cloudwatch TagResource of api/alarm/busy failed")
    status, out, errors = world.run("adopt", file, "--yes")
    equal(status, 0, errors)
    contains(out, "Took over 1.")
    contains(world.plan(file), "No changes")


def check_other_project(world):
    """The same names in another project are that project's."""
    file, *_ = shop(world, "api")
    world.write(file, examples.read(os.path.join(world.folder, file)).replace("project shop", "project store"))
    contains(world.plan(file, status=1), "SVC0955", "belong to project shop in prod")
    status, out, errors = world.run("adopt", file, "--yes")
    equal(status, 1, out)
    contains(errors, "belong to project shop in prod")


def check_denied(world):
    """Every denied read is told at once, with what to allow."""
    file, *_ = shop(world, "api")
    world.aws.control("POST", "faults", [{"kind": "denied", "service": service, "operation": operation, "nth": 1, "count": -1} for service, operation in (
        ("ecs", "DescribeServices"), ("cloudwatch", "DescribeAlarms"), ("ec2", "DescribeSecurityGroups"))])
    errors = world.plan(file, status=1)
    contains(errors, "AWS denies ecs DescribeServices", "allow ecs:DescribeServices", "allow cloudwatch:DescribeAlarms", "allow ec2:DescribeSecurityGroups")
    world.aws.control("DELETE", "faults")
    world.aws.control("POST", "faults", [{"kind": "denied", "service": "resourcegroupstaggingapi", "operation": "GetResources", "nth": 1, "count": -1}])
    contains(world.plan(file, status=1), "allow tag:GetResources")
    world.aws.control("DELETE", "faults")
    world.aws.control("POST", "faults", [{"kind": "throttle", "service": "ecs", "operation": "*", "nth": 1, "count": 2},
                                         {"kind": "error500", "service": "iam", "operation": "*", "nth": 1, "count": 1}])
    contains(world.plan(file), "No changes")


def check_roles(world):
    """Many roles are read all at once; where that is denied, one by one."""
    names = [f"w{number}" for number in range(5)]
    file, *_ = shop(world, *names)
    world.forget_calls()
    contains(world.plan(file), "No changes")
    equal(world.calls().count(("iam", "GetAccountAuthorizationDetails")), 1, "GetAccountAuthorizationDetails")
    equal(world.calls().count(("iam", "GetRole")), 0, "GetRole")
    world.aws.control("POST", "faults", [{"kind": "denied", "service": "iam", "operation": "GetAccountAuthorizationDetails", "nth": 1, "count": -1}])
    contains(world.plan(file), "No changes")
    equal(world.calls().count(("iam", "GetRole")), 2 * len(names), "GetRole")


def check_unreadable(world):
    """Another account, no credentials, no network: one clear sentence each."""
    file = world.write("shop.svc", SHOP.format(services=WORKER.format(name="api")))
    other = world.write("other.svc", SHOP.format(services=WORKER.format(name="api")).replace("123456789012", "210987654321"))
    errors = world.plan(other, status=1)
    contains(errors, "SVC0953", "the credentials are of account 123456789012, environment prod is in 210987654321", "other.svc:2:")
    lacks(" ".join(operation for _, operation in world.calls()), "DescribeClusters")
    errors = world.plan(file, status=1, AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
    contains(errors, "SVC0951", "there are no AWS credentials", "AWS_ACCESS_KEY_ID is not set", "aws sso login")
    equal(errors.count("error["), 1, errors)
    errors = world.plan(file, status=1, AWS_ENDPOINT_URL="http://127.0.0.1:1")
    contains(errors, "SVC0951", "127.0.0.1")
    equal(errors.count("error["), 1, errors)


def check_lookups(world):
    """What exists by the file's word, and does not."""
    file = world.write("shop.svc", SHOP.format(services=WORKER.format(name="api")))
    contains(world.plan(file, status=1), "SVC0954", "shop.svc:3:", "the VPC is not there")
    fixtures.make_network(world.aws, region=REGION)
    world.plan(file)
    fixtures.make_network(world.aws, region=REGION)
    contains(world.plan(file, status=1), "2 are found where one is meant")
    world.aws.reset()
    fixtures.make_network(world.aws, region=REGION)
    existing = world.write("existing.svc", SHOP.format(services="cluster shop existing\n" + WORKER.format(name="api")))
    contains(world.plan(existing, status=1), "SVC0954", "existing.svc:6:", "the cluster shop is not there")
    world.aws.client("ecs", region=REGION).create_cluster(clusterName="shop")
    os.remove(os.path.join(world.folder, "shop.svc"))
    lacks(world.plan(existing), "cluster  shop")


def check_existing_balancer(world):
    """A load balancer that somebody else has: what the file needs to know of it is found, its security group too."""
    network = fixtures.make_network(world.aws, region=REGION)
    ec2, elb = world.aws.client("ec2", region=REGION), world.aws.client("elbv2", region=REGION)
    certificate = "arn:aws:acm:us-east-1:123456789012:certificate/0d1f1c51-6a5e-4b1c-9d2b-5f3c8a7e2b10"
    world.aws.control("POST", "certificates", {"arn": certificate})
    group = ec2.create_security_group(GroupName="theirs", Description="theirs", VpcId=network["vpc"])["GroupId"]
    balancer = elb.create_load_balancer(Name="theirs", Subnets=network["public"], SecurityGroups=[group])["LoadBalancers"][0]["LoadBalancerArn"]
    text = SHOP.format(services="""load-balancer edge existing { name "theirs"; listen https 443 }
service web {
  cluster shop
  compute 0.25 vcpu 512 MiB
  container app { image "public.ecr.aws/nginx/nginx:1.27"; port 8080 }
  route edge "/*" to app 8080 { health "/" }
}
""")
    file = world.write("shop.svc", text)
    contains(world.plan(file, status=1), "SVC0954", "a listener on this port is not there")
    listener = elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTPS", Port=443, Certificates=[{"CertificateArn": certificate}], DefaultActions=[
        {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain"}}])["Listeners"][0]["ListenerArn"]
    status, out, errors = world.run("plan", file, "--json")
    equal(status, 0, errors)
    values = json.loads(out)["values"]
    equal(values["load-balancer/edge#security-group-id"], group, "its security group")
    equal(listener in values.values(), True, f"its listener in {values}")
    elb.delete_load_balancer(LoadBalancerArn=balancer)
    contains(world.plan(file, status=1), "SVC0954", "the load balancer is not there", "shop.svc:4:")


def check_facts(world):
    """Images, secrets, certificates and ways out that are not there, each at its line."""
    text = examples.read(os.path.join(examples.ROOT, "examples", "claude-proxy.svc"))
    file, base = world.write("claude-proxy.svc", text), ["--env", "prod", "--set", "image_tag=3f2c1aa"]
    plan = world.saved_plan(file, *base, "--offline")
    world.prepare(plan, ways_out=None, images=False, secrets=False)
    errors = world.plan(file, *base, status=1)
    contains(errors, "SVC0960", "claude-proxy:3f2c1aa is not in ECR", "SVC0963", "the secret claude-proxy/anthropic is not there", "SVC0965",
             "cannot reach ecr.api, ecr.dkr, s3, logs, secretsmanager")
    for arn in re.findall(r"arn:aws:acm:[a-z0-9:/-]+", json.dumps(plan["steps"])):
        world.aws.client("acm", region=REGION).delete_certificate(CertificateArn=arn)
    contains(world.plan(file, *base, status=1), "SVC0964", "this certificate cannot be used")
    world.aws.reset()
    world.prepare(plan, ways_out="endpoints", images=False)
    fixtures.make_images(world.aws, {"claude-proxy": {"3f2c1aa": ("arm64", "s390x")}}, region=REGION)
    contains(world.plan(file, *base, status=1), "SVC0961", "not built for amd64", "it is built for arm64, s390x")
    world.aws.reset()
    world.prepare(plan, ways_out="endpoints")
    out = world.plan(file, *base, "--full")
    contains(out, "claude-proxy@sha256:")
    lacks(out, "claude-proxy:3f2c1aa")
    world.write(file, text.replace("tag image_tag", "tag image_tag pinned no"))
    contains(world.plan(file, *base, "--full"), "claude-proxy:3f2c1aa")


def check_left_alone(world):
    """The desired count of what scales, the weights of a ramp, and other people's tags are no differences, and a change of something else keeps them."""
    extra = """load-balancer edge { listen https 443 from internet { certificate "arn:aws:acm:us-east-1:123456789012:certificate/0d1f1c51-6a5e-4b1c-9d2b-5f3c8a7e2b10" } }
service web {
  cluster shop
  compute 0.25 vcpu 512 MiB
  container app { image "public.ecr.aws/nginx/nginx:1.27"; port 8080; logs "/ecs/web" keep 30d }
  route edge "/*" to app 8080 { health "/" }
  scale 1..4 { track cpu at 70% }
  rollout canary { ramp from 10% by 30% every 5m; rollback when http.5xx > 5 for 2m }
}
"""
    file, _, account = shop(world, more=extra)
    client = account.client
    client("ecs").update_service(cluster="shop", service="web-prod", desiredCount=3)
    elb = client("elbv2")
    balancer = elb.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    listener = elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"][0]["ListenerArn"]
    rule = next(rule for rule in elb.describe_rules(ListenerArn=listener)["Rules"] if not rule["IsDefault"])
    action = rule["Actions"][0]
    groups = [{**group, "Weight": weight} for group, weight in zip(action["ForwardConfig"]["TargetGroups"], (60, 40))]
    equal(len(groups), 2, "the target groups of a ramp's rule")
    elb.modify_rule(RuleArn=rule["RuleArn"], Actions=[{"Type": "forward", "ForwardConfig": {**action["ForwardConfig"], "TargetGroups": groups}}])
    for item in client("resourcegroupstaggingapi").get_resources()["ResourceTagMappingList"]:
        arn, tag = item["ResourceARN"], {"Key": "cost", "Value": "theirs"}
        if ":ecs:" in arn:
            client("ecs").tag_resource(resourceArn=arn, tags=[{"key": "cost", "value": "theirs"}])
        elif ":elasticloadbalancing:" in arn:
            elb.add_tags(ResourceArns=[arn], Tags=[tag])
        elif ":logs:" in arn:
            client("logs").tag_log_group(logGroupName=arn.split(":")[6], tags={"cost": "theirs"})
        elif ":cloudwatch:" in arn:
            client("cloudwatch").tag_resource(ResourceARN=arn, Tags=[tag])
        elif ":security-group/" in arn:
            client("ec2").create_tags(Resources=[arn.split("/")[-1]], Tags=[tag])
    for role in client("iam").list_roles()["Roles"]:
        client("iam").tag_role(RoleName=role["RoleName"], Tags=[{"Key": "cost", "Value": "theirs"}])
    contains(world.plan(file), "No changes: what is live is what the file says.")
    equal(world.run("drift", file)[0], 0, "svc drift")
    # Another path: the rule's change sends the weights that are live.
    world.write(file, examples.read(os.path.join(world.folder, file)).replace('route edge "/*"', 'route edge "/web/*"').replace("512 MiB", "1 GiB"))
    _, text, errors = world.run("plan", file, "--json")
    steps = {step["call"]["operation"]: step["call"]["input"] for step in json.loads(text)["steps"] if step["resource"].startswith("web/")}
    equal([group["Weight"] for group in steps["ModifyRule"].get("Actions", [{}])[0].get("ForwardConfig", {}).get("TargetGroups", groups)], [60, 40], "weights")
    equal("desiredCount" in steps["UpdateService"], False, "the desired count in an update")
    lacks(json.dumps(steps), "theirs")


def check_pointed_to(world):
    """Topics and roles that the file only points to, and places of rules that somebody else's rules have."""
    extra = """load-balancer edge { listen https 443 from internet { certificate "arn:aws:acm:us-east-1:123456789012:certificate/0d1f1c51-6a5e-4b1c-9d2b-5f3c8a7e2b10" } }
topic oncall existing { arn "arn:aws:sns:us-east-1:123456789012:oncall" }
service web {
  cluster shop
  compute 0.25 vcpu 512 MiB
  role task existing { arn "arn:aws:iam::123456789012:role/teams/web" }
  container app { image "public.ecr.aws/nginx/nginx:1.27"; port 8080 }
  route edge "/web/*" to app 8080 { priority 10 }
  alarm busy when cpu > 85% for 5m notify oncall
}
"""
    fixtures.make_role(world.aws, "web", path="/teams/")
    file, _, account = shop(world, more=extra)
    account.client("iam").delete_role(RoleName="web")
    errors = world.plan(file, status=1)
    contains(errors, "SVC0954", "the role arn:aws:iam::123456789012:role/teams/web is not there", "shop.svc:9:")
    lacks(errors, "the topic")
    fixtures.make_role(world.aws, "web")
    contains(world.plan(file, status=1), "role/teams/web is not there")
    account.client("iam").delete_role(RoleName="web")
    fixtures.make_role(world.aws, "web", path="/teams/")
    contains(world.plan(file), "No changes")
    account.client("sns").delete_topic(TopicArn="arn:aws:sns:us-east-1:123456789012:oncall")
    contains(world.plan(file, status=1), "SVC0954", "the topic arn:aws:sns:us-east-1:123456789012:oncall is not there", "shop.svc:5:")
    account.client("sns").create_topic(Name="oncall")
    elb = account.client("elbv2")
    balancer = elb.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    listener = elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"][0]["ListenerArn"]
    elb.create_rule(ListenerArn=listener, Priority=20, Conditions=[{"Field": "path-pattern", "Values": ["/theirs/*"]}], Actions=[
        {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "ContentType": "text/plain"}}])
    contains(world.plan(file), "No changes")
    text = examples.read(os.path.join(world.folder, file))
    world.write(file, text.replace("priority 10", "priority 20"))
    contains(world.plan(file, status=1), "SVC0966", "another rule of the listener has the priority 20", "svc did not make it", "shop.svc:11:", "priority 21")
    world.write(file, text.replace('route edge "/web/*" to app 8080 { priority 10 }', 'route edge "/web/*" to app 8080 { priority 10 }\n  route edge "/more/*" to app 8080 { priority 20 }'))
    contains(world.plan(file, status=1), "SVC0966", "shop.svc:12:")


def check_many(world):
    """The calls of many services in one cluster."""
    names = [f"w{number}" for number in range(12)]
    file, *_ = shop(world, *names)
    world.forget_calls()
    contains(world.plan(file), "No changes")
    if len(world.calls()) > CALLS_OF_A_SERVICE * len(names) + CALLS_IN_ALL:
        raise AssertionError(f"{len(world.calls())} calls")
    world.aws.control("POST", "settings", {"page_size": 2})
    contains(world.plan(file), "No changes")


CHECKS = {"an empty account": check_empty_account, "drift": check_drift, "undeclared": check_undeclared, "adopt": check_adopt, "adopt denied": check_adopt_denied,
          "another project": check_other_project, "denied reads": check_denied, "roles": check_roles, "unreadable accounts": check_unreadable,
          "lookups": check_lookups, "an existing load balancer": check_existing_balancer, "what the file relies on": check_facts, "what is left alone": check_left_alone, "what the file points to": check_pointed_to, "many services": check_many}


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--svc", required=True, help="the svc program")
    parser.add_argument("pattern", nargs="?", default="", help="only these")
    options = parser.parse_args(arguments)
    svc = os.path.abspath(options.svc)
    results = examples.Results()
    checks = [(f"{os.path.relpath(file, examples.ROOT)} in {environment}", lambda world, f=file, e=environment: check_example(world, f, e))
              for file in [*examples.deployable(), check_plan.NATIVE] for environment in examples.environments(examples.read(file))]
    checks += CHECKS.items()
    with Launcher("--speed", "60") as aws:
        for name, check in checks:
            if options.pattern not in name:
                continue
            with tempfile.TemporaryDirectory() as folder:
                try:
                    check(World(aws, svc, folder))
                    problems = []
                except AssertionError as error:
                    problems = str(error).splitlines()
                crashes = [call["crash"] for call in aws.calls() if call.get("crash")]
                results.record(name, problems + crashes[:1])
    return results.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
