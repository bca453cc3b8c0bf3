#!/usr/bin/env python3
"""Whatever moto's server refuses of the operations that svc emits, svc lint refuses too.

tests/aws/twins.py has pairs of resources: moto takes the good one and refuses the bad one, which is tried here; lint must have no
error about the good one and an error about the bad one. Moto's source is read for the places where it refuses: each has its twins,
or a reason why svc cannot know.
"""

import argparse
import ast
import json
import os
import sys
import tempfile

os.environ.update(AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none", AWS_DEFAULT_REGION="eu-west-1",
                  MOTO_EC2_LOAD_DEFAULT_AMIS="false")
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import boto3  # noqa: E402
import moto  # noqa: E402
from botocore.config import Config  # noqa: E402

import twins  # noqa: E402
from harness import Tally, read_diagnostics, run  # noqa: E402

CONFIG = Config(parameter_validation=False, retries={"max_attempts": 1})


SERVICES = ("ecs", "elbv2", "iam", "ec2", "cloudwatch", "logs", "application-autoscaling")


class Account:
    """An empty account of moto's in which the twins are tried; the clients, slow to make, are the same for all."""

    def __init__(self, clients):
        self.clients = clients
        ec2, elb, ecs = self.clients["ec2"], self.clients["elbv2"], self.clients["ecs"]
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"eu-west-1{zone}")["Subnet"]["SubnetId"]
                   for number, zone in enumerate("ab")]
        group = ec2.create_security_group(GroupName="standing", Description="standing", VpcId=vpc)["GroupId"]
        balancer = elb.create_load_balancer(Name="standing", Subnets=subnets, SecurityGroups=[group])["LoadBalancers"][0]["LoadBalancerArn"]
        answer = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]
        listener = elb.create_listener(LoadBalancerArn=balancer, Port=80, Protocol="HTTP", DefaultActions=answer)["Listeners"][0]["ListenerArn"]
        ecs.create_cluster(clusterName="twins")
        ecs.register_task_definition(**twins.GOOD["TaskDefinition"])
        ecs.create_service(cluster="twins", serviceName="standing", taskDefinition="twin:1", desiredCount=0, launchType="FARGATE",
                           networkConfiguration={"awsvpcConfiguration": {"subnets": subnets, "securityGroups": [group]}})
        self.clients["iam"].create_role(RoleName="twins", AssumeRolePolicyDocument=json.dumps(twins.ROLE_TRUST))
        self.names = {"@vpc": vpc, "@subnet": subnets[0], "@other-subnet": subnets[1], "@group": group, "@load-balancer": balancer,
                      "@listener": listener}

    def named(self, value):
        """The properties with the account's own names."""
        if isinstance(value, dict):
            return {key: self.named(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.named(item) for item in value]
        return self.names.get(value, value) if isinstance(value, str) else value

    def make(self, kind, properties):
        """Makes the resource as svc's apply would."""
        send = {"TaskDefinition": lambda p: self.clients["ecs"].register_task_definition(**p),
                "HostTaskDefinition": lambda p: self.clients["ecs"].register_task_definition(**p),
                "Service": lambda p: self.clients["ecs"].create_service(**p),
                "AWS::ElasticLoadBalancingV2::TargetGroup": self.make_target_group,
                "AWS::ElasticLoadBalancingV2::ListenerRule": lambda p: self.clients["elbv2"].create_rule(**p),
                "AWS::ElasticLoadBalancingV2::Listener": lambda p: self.clients["elbv2"].create_listener(**p),
                "AWS::ElasticLoadBalancingV2::LoadBalancer": self.make_load_balancer,
                "AWS::IAM::Role": self.make_role,
                "AWS::IAM::Policy": self.make_policy,
                "AWS::EC2::SecurityGroup": self.make_group,
                "AWS::CloudWatch::Alarm": lambda p: self.clients["cloudwatch"].put_metric_alarm(**p),
                "AWS::CloudWatch::Dashboard": lambda p: self.clients["cloudwatch"].put_dashboard(**p),
                "AWS::Logs::LogGroup": self.make_log_group,
                "AWS::ApplicationAutoScaling::ScalableTarget": lambda p: self.clients["application-autoscaling"].register_scalable_target(**p),
                "AWS::ApplicationAutoScaling::ScalingPolicy": self.make_scaling_policy}
        send[kind](self.named(properties))

    def make_target_group(self, properties):
        attributes = properties.pop("TargetGroupAttributes", [])
        arn = self.clients["elbv2"].create_target_group(**properties)["TargetGroups"][0]["TargetGroupArn"]
        self.clients["elbv2"].modify_target_group_attributes(TargetGroupArn=arn, Attributes=attributes)

    def make_load_balancer(self, properties):
        attributes = properties.pop("LoadBalancerAttributes", [])
        arn = self.clients["elbv2"].create_load_balancer(**properties)["LoadBalancers"][0]["LoadBalancerArn"]
        self.clients["elbv2"].modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=attributes)

    def make_role(self, properties):
        document = json.dumps(properties.pop("AssumeRolePolicyDocument"))
        self.clients["iam"].create_role(AssumeRolePolicyDocument=document, **properties)
        self.clients["iam"].update_assume_role_policy(RoleName=properties["RoleName"], PolicyDocument=document)  # moto reads it only here

    def make_policy(self, properties):
        self.clients["iam"].put_role_policy(RoleName=properties["Roles"][0], PolicyName=properties["PolicyName"],
                                            PolicyDocument=json.dumps(properties["PolicyDocument"]))

    def make_group(self, properties):
        made = self.clients["ec2"].create_security_group(GroupName=properties["GroupName"], Description=properties["GroupDescription"],
                                                         VpcId=properties["VpcId"])
        for member, authorize in (("SecurityGroupIngress", self.clients["ec2"].authorize_security_group_ingress),
                                  ("SecurityGroupEgress", self.clients["ec2"].authorize_security_group_egress)):
            for rule in properties.get(member, []):
                permission = {key: rule[key] for key in ("IpProtocol", "FromPort", "ToPort")}
                authorize(GroupId=made["GroupId"], IpPermissions=[{**permission, "IpRanges": [{"CidrIp": rule["CidrIp"]}]}])

    def make_log_group(self, properties):
        self.clients["logs"].create_log_group(logGroupName=properties["LogGroupName"])
        self.clients["logs"].put_retention_policy(logGroupName=properties["LogGroupName"], retentionInDays=properties["RetentionInDays"])

    def make_scaling_policy(self, properties):
        client = self.clients["application-autoscaling"]
        client.register_scalable_target(**twins.GOOD["AWS::ApplicationAutoScaling::ScalableTarget"])
        client.put_scaling_policy(**properties)


def try_moto(twin, taken, clients):
    """"" or what is wrong with the pair itself: moto takes the bad one, or refuses the good one."""
    report = ""
    for properties, refused in ((twin.good, False), (twin.bad, True)):
        if not refused and twin.kind in taken:
            continue
        with moto.mock_aws():
            account = Account(clients)
            try:
                if refused and twin.name in twins.BESIDE_ITSELF:
                    account.make(twin.type, properties)
                account.make(twin.type, properties)
                said = None
            except Exception as error:  # whatever class boto3 makes of it
                said = str(error)
        if refused and said is None:
            report += "moto takes the bad one\n"
        elif refused and twin.said not in said:
            report += f"moto says something else: {said}\n"
        elif not refused and said is not None:
            report += f"moto refuses the good one: {said}\n"
        elif not refused:
            taken.add(twin.kind)
    return report


def text_of(twin, properties, refused, account):
    named = account.named(properties)
    if not (refused and twin.name in twins.BESIDE_ITSELF):
        return twins.document(twin.type, named)
    other = {"Type": twin.type, "Properties": named}
    return json.dumps({"Resources": {"Subject": other, "Other": other}}, indent=2) + "\n"


def raises_in(path, functions):
    """{(function, exception, the message's constant parts)} of a module of moto's."""
    with open(os.path.join(os.path.dirname(moto.__file__), path), encoding="utf-8") as file:
        tree = ast.parse(file.read())
    found = set()
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef) or functions is not None and function.name not in functions:
            continue
        for node in ast.walk(function):
            if not isinstance(node, ast.Raise) or node.exc is None:
                continue
            made = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            parts = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
            found.add((function.name, getattr(made, "id", getattr(made, "attr", "?")), " ".join(parts)))
    return found


def check_every_raise(tally):
    """Each refusal of moto's has twins or a reason; each twin and each reason has a refusal."""
    known = {twin.place: twin.name for twin in twins.TWINS} | {place: None for place in twins.WITHOUT_TWIN}
    used, missing = set(), []
    for path, functions in twins.OPERATIONS.items():
        for function, exception, message in sorted(raises_in(path, functions)):
            fits = {place for place in known if place[:3] == (path, function, exception) and place[3] in message}
            used |= fits
            if not fits:
                missing.append(f"{path}: {function} raises {exception}: {message[:80]}")
    tally.add("every refusal of moto's", "without a twin or a reason:\n" + "\n".join(missing) if missing else "")
    stale = sorted(str(place) for place in set(known) - used if known[place] is None)
    tally.add("every reason", "moto does not refuse this (any more):\n" + "\n".join(stale) if stale else "")


def lint(svc, pairs, clients):
    """[(errors about the good one, about the bad one, what went wrong)] in one run."""
    with tempfile.TemporaryDirectory() as folder:
        names = []
        with moto.mock_aws():
            account = Account(clients)
            for number, twin in enumerate(pairs):
                for label, properties in (("good", twin.good), ("bad", twin.bad)):
                    name = f"{number:03d}-{label}.json"
                    names.append(name)
                    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                        file.write(text_of(twin, properties, label == "bad", account))
        done = run(svc, ["lint", "--format", "json", *names], folder)
    items, trouble = read_diagnostics(done.stdout)
    if done.crashed or trouble:
        return None, f"exit status {done.status}\n{trouble}{done.stderr.decode('utf-8', 'backslashreplace')[:1000]}"
    errors = {name: [] for name in names}
    for item in items:
        if item["severity"] == "error":
            errors.setdefault(os.path.normpath(item["file"]), []).append(f"{item['line']}: {item['code']}: {item['message']}")
    return errors, ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--svc", required=True)
    parser.add_argument("pattern", nargs="?", default="", help="only twins with this in their name")
    options = parser.parse_args()
    tally = Tally()
    pairs = [twin for twin in twins.TWINS if options.pattern in twin.name]
    check_every_raise(tally)
    with moto.mock_aws():
        clients = {name: boto3.client(name, config=CONFIG) for name in SERVICES}
    taken = set()  # the kinds of which moto has taken the good one
    errors, trouble = lint(os.path.abspath(options.svc), pairs, clients)
    for number, twin in enumerate(pairs):
        report = try_moto(twin, taken, clients)
        if trouble:
            report += trouble
        else:
            report += "".join(f"svc refuses the good one: {error}\n" for error in errors[f"{number:03d}-good.json"])
            if not errors[f"{number:03d}-bad.json"]:
                report += f"svc does not refuse the bad one; moto says: {twin.said}\n" + twins.document(twin.type, twin.bad)[:1500]
        tally.add(twin.name, report)
    tally.close()


if __name__ == "__main__":
    main()
