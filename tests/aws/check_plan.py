#!/usr/bin/env python3
"""Runs a plan's steps against moto, records the account, and plans again: nothing may be left to do.

    tests/aws/check_plan.py --svc build/svc

For each example and environment: `svc plan --offline --out` gives the sealed plan; its steps are called one by one in their order, with
what earlier steps answered in place of references; every `needs` must have run before. Then the account is described in the form of
"Recordings" of SPEC.md, and `svc plan --live` must find no change. Then every step is undone, the last first, and nothing is left. What moto does not keep (see KNOWN_GAPS) is filled in as AWS would answer it.
"""

import argparse
import copy
import hashlib
import json
import os
import re
import sys
import tempfile

import boto3
from moto import mock_aws
import moto.elbv2.models
from moto.ec2.models import ec2_backends
from moto.iam.models import AWSManagedPolicy, iam_backends

import examples

UNKNOWN = re.compile(r"svc:unknown:([^\s#\"]+)#([a-z]+(?:-[a-z]+)*)")
REGION, ACCOUNT = "us-east-1", "123456789012"
# no example has a strategy of ECS's own
NATIVE = os.path.join(examples.ROOT, "tests", "cases", "plan", "native", "input.svc")

# operation -> where its answer holds what others refer to
ANSWERS = {
    "CreateCluster": lambda a: {"arn": a["cluster"]["clusterArn"], "name": a["cluster"]["clusterName"]},
    "RegisterTaskDefinition": lambda a: {"arn": a["taskDefinition"]["taskDefinitionArn"]},
    "CreateService": lambda a: {"arn": a["service"]["serviceArn"], "name": a["service"]["serviceName"]},
    "CreateRole": lambda a: {"arn": a["Role"]["Arn"], "name": a["Role"]["RoleName"]},
    "CreateSecurityGroup": lambda a: {"id": a["GroupId"]},
    "CreateLoadBalancer": lambda a: {"arn": a["LoadBalancers"][0]["LoadBalancerArn"], "dns-name": a["LoadBalancers"][0]["DNSName"],
                                     "full-name": a["LoadBalancers"][0]["LoadBalancerArn"].split(":loadbalancer/")[1]},
    "CreateListener": lambda a: {"arn": a["Listeners"][0]["ListenerArn"]},
    "CreateTargetGroup": lambda a: {"arn": a["TargetGroups"][0]["TargetGroupArn"],
                                    "full-name": a["TargetGroups"][0]["TargetGroupArn"].split(":")[-1]},
    "CreateRule": lambda a: {"arn": a["Rules"][0]["RuleArn"]},
    "PutScalingPolicy": lambda a: {"arn": a["PolicyARN"]},
    "CreateSchedule": lambda a: {"arn": a["ScheduleArn"]},
}

# What moto's CreateService does not keep, and AWS does: taken from what was sent.
KNOWN_GAPS = {"service": ("availabilityZoneRebalancing", "capacityProviderStrategy", "deploymentConfiguration", "enableECSManagedTags",
                          "enableExecuteCommand", "healthCheckGracePeriodSeconds", "platformVersion", "propagateTags", "deploymentController",
                          "serviceConnectConfiguration", "networkConfiguration", "loadBalancers")}


class Account:
    """A mocked account: what earlier steps answered, and the clients."""

    def __init__(self):
        self.known, self.sent, self.clients = {}, {}, {}

    def client(self, service):
        if service not in self.clients:
            self.clients[service] = boto3.client(service, region_name=REGION)
        return self.clients[service]

    def prepare(self, lookups, groups):
        """What exists before: a VPC, its subnets, and security groups of these ids."""
        ec2 = self.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=f"{REGION}{'ab'[i % 2]}")["Subnet"]["SubnetId"] for i in range(4)]
        values = {"vpc-id": vpc, "vpc-cidr": "10.0.0.0/16", "private-subnets": subnets[:2], "public-subnets": subnets[2:]}
        # all of AWS's managed policies take moto seconds to load
        policy = AWSManagedPolicy("AmazonECSInfrastructureRolePolicyForLoadBalancers", account_id=ACCOUNT, region=REGION, path="/")
        iam_backends[ACCOUNT]["aws"].managed_policies[policy.arn] = policy
        backend = ec2_backends[ACCOUNT][REGION]
        for number, group in enumerate(groups):
            made = ec2.create_security_group(GroupName=f"existing-{number}", Description="existing", VpcId=vpc)["GroupId"]
            backend.groups[vpc][group] = backend.groups[vpc].pop(made)
            backend.groups[vpc][group].id = backend.groups[vpc][group].group_id = group
        for lookup in lookups:
            attribute = lookup["attribute"]
            if attribute not in values:
                values[attribute] = f"{attribute}-of-{lookup['resource']}"
            self.known[f"{lookup['resource']}#{attribute}"] = values[attribute]

    def fill(self, value):
        """The value with references replaced."""
        if isinstance(value, dict):
            if set(value) == {"svc:ref"}:
                return self.known[value["svc:ref"]]
            return {key: self.fill(member) for key, member in value.items()}
        if isinstance(value, list):
            filled = []
            for member in value:
                member = self.fill(member)
                filled += member if isinstance(member, list) else [member]
            return filled
        if isinstance(value, str):
            whole = UNKNOWN.fullmatch(value)
            if whole:
                return self.known[f"{whole[1]}#{whole[2]}"]
            return UNKNOWN.sub(lambda found: str(self.known[f"{found[1]}#{found[2]}"]), value)
        return value

    def call(self, call):
        """What was sent, and the answer."""
        given = self.fill(call["input"])
        method = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", call["operation"]).lower()
        return given, getattr(self.client(call["service"]), method)(**copy.deepcopy(given))

    def run(self, step):
        call = step["call"]
        given, answer = self.call(call)
        self.sent.setdefault(step["resource"], {})[call["operation"]] = given
        for attribute, value in ANSWERS.get(call["operation"], lambda a: {})(answer).items():
            self.known.setdefault(f"{step['resource']}#{attribute}", value)


def _elb(account, resource, method, member, argument, attributes=None):
    elb = account.client("elbv2")
    arn = account.known[f"{resource['id']}#arn"]
    found = getattr(elb, method)(**{argument: [arn]})[member + "s"][0]
    described = {member: found, "Tags": elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]}
    if attributes:
        described["Attributes"] = getattr(elb, f"describe_{attributes}_attributes")(
            **{argument[:-1]: arn})["Attributes"]
    return described


def _role(account, resource):
    iam, name = account.client("iam"), resource["name"]
    policies = {policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
                for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]}
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    return {"Role": iam.get_role(RoleName=name)["Role"], "policies": policies, "attached": attached}


def _service(account, resource):
    sent = account.sent[resource["id"]]["CreateService"]
    found = account.client("ecs").describe_services(cluster=sent["cluster"], services=[resource["name"]], include=["TAGS"])["services"][0]
    for member in KNOWN_GAPS["service"]:
        if member in sent:
            found[member] = sent[member]
    return found


def _task_definition(account, resource):
    answer = account.client("ecs").describe_task_definition(taskDefinition=account.known[f"{resource['id']}#arn"], include=["TAGS"])
    return {"taskDefinition": answer["taskDefinition"], "tags": answer.get("tags", [])}


def _log_group(account, resource):
    logs = account.client("logs")
    found = next(group for group in logs.describe_log_groups(logGroupNamePrefix=resource["name"])["logGroups"]
                 if group["logGroupName"] == resource["name"])
    return {**found, "tags": logs.list_tags_log_group(logGroupName=resource["name"])["tags"]}


def _alarm(account, resource):
    cloudwatch = account.client("cloudwatch")
    found = cloudwatch.describe_alarms(AlarmNames=[resource["name"]])["MetricAlarms"][0]
    return {**found, "Tags": cloudwatch.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"]}


def _rule(account, resource):
    ec2 = account.client("ec2")
    found = ec2.describe_security_group_rules(Filters=[{"Name": "tag:svc:id", "Values": [resource["id"]]}])["SecurityGroupRules"]
    return {"SecurityGroupRules": [rule for rule in found if {"Key": "svc:id", "Value": resource["id"]} in rule.get("Tags", [])]}


def _scaling(method, member, name=None):
    def describe(account, resource):
        sent = next(iter(account.sent[resource["id"]].values()))
        found = getattr(account.client("application-autoscaling"), method)(ServiceNamespace="ecs")[member]
        return next(entry for entry in found if entry["ResourceId"] == sent["ResourceId"] and (not name or entry[name] == sent[name]))
    return describe


def _filter(account, resource):
    sent = account.sent[resource["id"]]["PutMetricFilter"]
    return account.client("logs").describe_metric_filters(logGroupName=sent["logGroupName"], filterNamePrefix=sent["filterName"])["metricFilters"][0]


def _parameter(account, resource):
    ssm = account.client("ssm")
    described = ssm.describe_parameters(ParameterFilters=[{"Key": "Name", "Values": [resource["name"]]}])["Parameters"][0]
    return {"Parameter": {**described, **ssm.get_parameter(Name=resource["name"])["Parameter"]},
            "Tags": ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=resource["name"])["TagList"]}


DESCRIBE = {
    "cluster": lambda a, r: a.client("ecs").describe_clusters(clusters=[r["name"]], include=["TAGS", "SETTINGS", "CONFIGURATIONS"])["clusters"][0],
    "log group": _log_group,
    "metric filter": _filter,
    "role": _role,
    "security group": lambda a, r: a.client("ec2").describe_security_groups(GroupIds=[a.known[f"{r['id']}#id"]])["SecurityGroups"][0],
    "security group rule": _rule,
    "load balancer": lambda a, r: _elb(a, r, "describe_load_balancers", "LoadBalancer", "LoadBalancerArns", "load_balancer"),
    "listener": lambda a, r: _elb(a, r, "describe_listeners", "Listener", "ListenerArns"),
    "target group": lambda a, r: _elb(a, r, "describe_target_groups", "TargetGroup", "TargetGroupArns", "target_group"),
    "listener rule": lambda a, r: _elb(a, r, "describe_rules", "Rule", "RuleArns"),
    "task definition": _task_definition,
    "service": _service,
    "scalable target": _scaling("describe_scalable_targets", "ScalableTargets"),
    "scaling policy": _scaling("describe_scaling_policies", "ScalingPolicies", "PolicyName"),
    "scheduled action": _scaling("describe_scheduled_actions", "ScheduledActions", "ScheduledActionName"),
    "alarm": _alarm,
    "dashboard": lambda a, r: {key: value for key, value in a.client("cloudwatch").get_dashboard(DashboardName=r["name"]).items()
                               if key != "ResponseMetadata"},
    "parameter": _parameter,
    "schedule": lambda a, r: {key: value for key, value in a.client("scheduler").get_schedule(Name=r["name"]).items() if key != "ResponseMetadata"},
}


def check_seal(plan):
    """The seal is the SHA-256 of the canonical bytes without it."""
    rest = {key: value for key, value in plan.items() if key != "seal"}
    canonical = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return [] if hashlib.sha256(canonical.encode()).hexdigest() == plan["seal"] else ["the seal does not fit the plan"]


def apply(plan, account, problems):
    done = set()
    for step in plan["steps"]:
        missing = [need for need in step["needs"] if need not in done]
        if missing:
            problems.append(f"{step['id']} needs {missing}, which come later")
        try:
            account.run(step)
        except Exception as error:  # whatever the mocked AWS says is a finding
            problems.append(f"{step['id']} {step['resource']} {step['call']['operation']}: {error}")
        done.add(step["id"])


def undo(plan, account, problems):
    """Takes back every step, the last first: what the plan made is gone."""
    for step in reversed(plan["steps"]):
        if step["action"] == "create" and step["undo"] is None and step["id"] == next(s["id"] for s in plan["steps"] if s["resource"] == step["resource"]):
            problems.append(f"{step['id']} creates {step['resource']} and has no undo")
        if step["undo"] is None:
            continue
        try:
            account.call(step["undo"])
        except Exception as error:
            problems.append(f"undo of {step['id']} {step['resource']} {step['undo']['operation']}: {error}")
    for resource in plan["resources"]:
        try:
            found = DESCRIBE[resource["kind"]](account, resource)
        except Exception:  # it is not there
            continue
        if resource["kind"] == "security group rule" and not found["SecurityGroupRules"]:
            continue
        inner = found["taskDefinition"] if resource["kind"] == "task definition" else found
        if inner.get("status") != "INACTIVE":
            problems.append(f"{resource['id']} is still there when all is undone")


def record(plan, account, problems):
    resources = {}
    for resource in plan["resources"]:
        try:
            resources[resource["id"]] = {"kind": resource["kind"], "describe": DESCRIBE[resource["kind"]](account, resource)}
        except Exception as error:
            problems.append(f"cannot describe {resource['id']}: {error!r}")
    lookups = {key: value for key, value in account.known.items() if key.split("#")[0] in {l["resource"] for l in plan["lookups"]}}
    return {"format_version": 1, "account": plan["account"], "region": plan["region"], "lookups": lookups, "resources": resources}


# Any certificate exists: the examples name some.
moto.elbv2.models.register_certificate = lambda **_: None
moto.elbv2.models.ELBv2Backend._certificate_exists = lambda self, certificate_arn: True


@mock_aws
def check(svc, file, environment, folder, keep):
    """The problems of one example in one environment."""
    path, recording = os.path.join(folder, "plan.json"), os.path.join(folder, "live.json")
    base = ["plan", os.path.relpath(file, examples.ROOT), *(["--env", environment] if environment else []), *examples.settings(examples.read(file))]
    status, text = examples.run(svc, [*base, "--offline", "--out", path], examples.ROOT)
    if status != 0:
        return [f"svc plan --offline ended with {status}", *text.splitlines()]
    with open(path, encoding="utf-8") as stream:
        plan = json.load(stream)
    problems = check_seal(plan)
    if plan["account"] != ACCOUNT:
        return problems  # moto has one account
    account = Account()
    account.prepare(plan["lookups"], sorted(set(re.findall(r"sg-[0-9a-f]{8,17}", json.dumps(plan["steps"])))))
    apply(plan, account, problems)
    live = record(plan, account, problems)
    with open(recording, "w", encoding="utf-8") as stream:
        json.dump(live, stream, indent=1, sort_keys=True, default=str)
    if keep:
        with open(keep, "w", encoding="utf-8") as stream:
            json.dump(live, stream, indent=1, sort_keys=True, default=str)
    status, text = examples.run(svc, [*base, "--live", recording, "--detailed-exitcode"], examples.ROOT)
    if status != 0:
        problems += [f"svc plan --live ended with {status}: it finds something left to do", *text.splitlines()]
    undo(plan, account, problems)
    return problems


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--svc", required=True, help="the svc program")
    parser.add_argument("--keep", help="keeps the last recording in this file")
    parser.add_argument("files", nargs="*", help="only these")
    options = parser.parse_args(arguments)
    os.environ.update({"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": REGION})
    svc = os.path.abspath(options.svc)
    results = examples.Results()
    for file in [os.path.abspath(name) for name in options.files] or [*examples.deployable(), NATIVE]:
        for environment in examples.environments(examples.read(file)):
            with tempfile.TemporaryDirectory() as folder:
                results.record(f"{os.path.relpath(file, examples.ROOT)} in {environment}: plan, apply, plan, undo", check(svc, file, environment, folder, options.keep))
    return results.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
