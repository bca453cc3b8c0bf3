#!/usr/bin/env python3
"""Asks moto's server, which checks signatures, with svc's client and with boto3: each service's main reads give the same, and what svc
writes boto3 reads back.

Two servers: moto refuses any signature of a GET, boto3's too, so that the scheduler is asked where nothing is checked. A difference that is
meant: boto3 gives IAM's policies decoded.
"""

import argparse
import datetime
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

import boto3

from wire import ROOT, Wire, plain

from harness import Tally

REGION = "eu-west-1"
SCHEDULED = {"Arn": f"arn:aws:ecs:{REGION}:123456789012:cluster/main", "RoleArn": "arn:aws:iam::123456789012:role/svc/api"}
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                                                            "Principal": {"Service": "ecs-tasks.amazonaws.com"}}]})
ALLOW_ALL = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
MOTO = ["-m", "moto.server"]


class Moto:
    """A server with one user, whose signatures it checks from then on, if it is to check any."""

    def __init__(self, home, is_checking):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        env = {**os.environ, "HOME": home, **({"INITIAL_NO_AUTH_ACTION_COUNT": "3"} if is_checking else {})}
        self.process = subprocess.Popen([sys.executable, *MOTO, "-p", str(port)], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.keys = {}

    def make_user(self):
        self.wait()
        iam = self.client("iam", aws_access_key_id="AKIANONE", aws_secret_access_key="none")
        iam.create_user(UserName="deployer")
        iam.put_user_policy(UserName="deployer", PolicyName="all", PolicyDocument=ALLOW_ALL)
        key = iam.create_access_key(UserName="deployer")["AccessKey"]
        self.keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}

    def wait(self):
        for _ in range(300):
            try:
                urllib.request.urlopen(self.url + "/moto-api/", timeout=5).close()
                return
            except OSError:
                time.sleep(0.1)
        raise OSError("moto's server did not start")

    def client(self, service, **keys):
        return boto3.client(service, endpoint_url=self.url, region_name=REGION, **(keys or self.keys))

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=30)


def populate(moto):
    """One of each, by boto3; gives what the reads need to know."""
    ec2, elb, ecs, iam = (moto.client(name) for name in ("ec2", "elbv2", "ecs", "iam"))
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=REGION + zone)["Subnet"]["SubnetId"]
               for number, zone in enumerate("ab")]
    group = ec2.create_security_group(GroupName="api", Description="of the API", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
        {"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "inside"}]}])
    balancer = elb.create_load_balancer(Name="edge", Subnets=subnets, SecurityGroups=[group])["LoadBalancers"][0]["LoadBalancerArn"]
    target = elb.create_target_group(Name="api", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")["TargetGroups"][0]["TargetGroupArn"]
    forward = [{"Type": "forward", "TargetGroupArn": target}]
    listener = elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)["Listeners"][0]["ListenerArn"]
    elb.create_rule(ListenerArn=listener, Priority=7, Actions=forward, Conditions=[{"Field": "path-pattern", "Values": ["/v1/*"]}])
    iam.create_role(RoleName="api", Path="/svc/", AssumeRolePolicyDocument=TRUST, Description="<Größe & mehr>", Tags=[{"Key": "svc:id", "Value": "api"}])
    iam.put_role_policy(RoleName="api", PolicyName="inline", PolicyDocument=ALLOW_ALL)
    ecs.create_cluster(clusterName="main")
    ecs.register_task_definition(family="api", containerDefinitions=[{"name": "api", "image": "nginx", "cpu": 256, "memory": 512}],
                                 tags=[{"key": "svc:hash", "value": "1"}])
    ecs.create_service(cluster="main", serviceName="api", taskDefinition="api", desiredCount=2)
    moto.client("logs").create_log_group(logGroupName="/svc/api", tags={"a": "b"})
    moto.client("cloudwatch").put_metric_alarm(AlarmName="api-5xx", MetricName="HTTPCode_Target_5XX_Count", Namespace="AWS/ApplicationELB", Period=60,
                                               EvaluationPeriods=3, Threshold=0.5, ComparisonOperator="GreaterThanThreshold", Statistic="Sum")
    moto.client("ssm").put_parameter(Name="/svc/lease", Value="me", Type="String")
    moto.client("secretsmanager").create_secret(Name="db", SecretString="hidden")
    moto.client("sqs").create_queue(QueueName="jobs")
    moto.client("sns").create_topic(Name="alarms")
    moto.client("ecr").create_repository(repositoryName="api")
    scaling = {"ServiceNamespace": "ecs", "ResourceId": "service/main/api", "ScalableDimension": "ecs:service:DesiredCount"}
    moto.client("application-autoscaling").register_scalable_target(MinCapacity=1, MaxCapacity=4, **scaling)
    certificate = moto.client("acm").request_certificate(DomainName="example.com")["CertificateArn"]
    return {"vpc": vpc, "group": group, "balancer": balancer, "target": target, "listener": listener, "certificate": certificate}


def populate_schedules(moto):
    moto.client("scheduler").create_schedule(Name="night", ScheduleExpression="cron(0 3 * * ? *)", FlexibleTimeWindow={"Mode": "OFF"}, Target=SCHEDULED)


def list_reads(known):
    return [
        ("sts", "GetCallerIdentity", {}),
        ("ecs", "DescribeServices", {"cluster": "main", "services": ["api", "none"], "include": ["TAGS"]}),
        ("ecs", "DescribeTaskDefinition", {"taskDefinition": "api", "include": ["TAGS"]}),
        ("ecs", "DescribeClusters", {"clusters": ["main"]}),
        ("ecs", "ListServices", {"cluster": "main"}),
        ("iam", "GetRole", {"RoleName": "api"}),
        ("iam", "ListRoles", {"PathPrefix": "/svc/"}),
        ("iam", "GetRolePolicy", {"RoleName": "api", "PolicyName": "inline"}),
        ("iam", "ListRolePolicies", {"RoleName": "api"}),
        ("iam", "ListAttachedRolePolicies", {"RoleName": "api"}),
        ("iam", "GetAccountAuthorizationDetails", {"Filter": ["Role"]}),
        ("ec2", "DescribeVpcs", {}),
        ("ec2", "DescribeSubnets", {"Filters": [{"Name": "vpc-id", "Values": [known["vpc"]]}]}),
        ("ec2", "DescribeSecurityGroups", {"GroupIds": [known["group"]]}),
        ("ec2", "DescribeSecurityGroupRules", {"Filters": [{"Name": "group-id", "Values": [known["group"]]}]}),
        ("ec2", "DescribeRouteTables", {}),
        ("elbv2", "DescribeLoadBalancers", {"Names": ["edge"]}),
        ("elbv2", "DescribeListeners", {"LoadBalancerArn": known["balancer"]}),
        ("elbv2", "DescribeRules", {"ListenerArn": known["listener"]}),
        ("elbv2", "DescribeTargetGroups", {"Names": ["api"]}),
        ("elbv2", "DescribeTargetGroupAttributes", {"TargetGroupArn": known["target"]}),
        ("elbv2", "DescribeTargetHealth", {"TargetGroupArn": known["target"]}),
        ("elbv2", "DescribeTags", {"ResourceArns": [known["target"], known["listener"]]}),
        ("cloudwatch", "DescribeAlarms", {"AlarmNames": ["api-5xx"]}),
        ("logs", "DescribeLogGroups", {"logGroupNamePrefix": "/svc/"}),
        ("ssm", "GetParameters", {"Names": ["/svc/lease", "/none"]}),
        ("secretsmanager", "DescribeSecret", {"SecretId": "db"}),
        ("sqs", "GetQueueUrl", {"QueueName": "jobs"}),
        ("sns", "GetTopicAttributes", {"TopicArn": f"arn:aws:sns:{REGION}:123456789012:alarms"}),
        ("ecr", "DescribeRepositories", {"repositoryNames": ["api"]}),
        ("application-autoscaling", "DescribeScalableTargets", {"ServiceNamespace": "ecs", "ResourceIds": ["service/main/api"]}),
        ("acm", "DescribeCertificate", {"CertificateArn": known["certificate"]}),
        ("resourcegroupstaggingapi", "GetResources", {"ResourceTypeFilters": ["secretsmanager"]}),
        ("iam", "GetRole", {"RoleName": "none"}),
        ("ecs", "DescribeServices", {"cluster": "none", "services": ["api"]}),
        ("ec2", "DescribeSecurityGroups", {"GroupIds": ["sg-0123456789abcdef0"]}),
        ("sqs", "GetQueueUrl", {"QueueName": "none"}),
    ]


SCHEDULE_READS = [
    ("scheduler", "GetSchedule", {"Name": "night", "GroupName": "default"}),
    ("scheduler", "ListSchedules", {"NamePrefix": "ni"}),
    ("scheduler", "GetSchedule", {"Name": "none"}),
]

WRITES = [
    ("ecs", "UpdateService", {"cluster": "main", "service": "api", "desiredCount": 3},
     lambda moto: moto.client("ecs").describe_services(cluster="main", services=["api"])["services"][0]["desiredCount"], 3),
    ("iam", "UpdateRole", {"RoleName": "api", "MaxSessionDuration": 7200},
     lambda moto: moto.client("iam").get_role(RoleName="api")["Role"]["MaxSessionDuration"], 7200),
    ("cloudwatch", "SetAlarmState", {"AlarmName": "api-5xx", "StateValue": "ALARM", "StateReason": "Größe"},
     lambda moto: moto.client("cloudwatch").describe_alarms(AlarmNames=["api-5xx"])["MetricAlarms"][0]["StateReason"], "Größe"),
    ("ssm", "PutParameter", {"Name": "/svc/other", "Value": "a&b=c d", "Type": "String"},
     lambda moto: moto.client("ssm").get_parameter(Name="/svc/other")["Parameter"]["Value"], "a&b=c d"),
    ("logs", "PutRetentionPolicy", {"logGroupName": "/svc/api", "retentionInDays": 30},
     lambda moto: moto.client("logs").describe_log_groups(logGroupNamePrefix="/svc/api")["logGroups"][0]["retentionInDays"], 30),
]

SCHEDULE_WRITES = [
    ("scheduler", "UpdateSchedule", {"Name": "night", "ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": SCHEDULED},
     lambda moto: moto.client("scheduler").get_schedule(Name="night")["ScheduleExpression"], "rate(1 hour)"),
    ("scheduler", "DeleteSchedule", {"Name": "night", "GroupName": "default"},
     lambda moto: moto.client("scheduler").list_schedules()["Schedules"], []),
]


def decode_policies(value):
    """As boto3 does with what IAM gives encoded."""
    if isinstance(value, dict):
        return {key: json.loads(urllib.parse.unquote(each)) if key.endswith("Document") and isinstance(each, str) else decode_policies(each)
                for key, each in value.items()}
    return [decode_policies(each) for each in value] if isinstance(value, list) else value


def read_with_boto(moto, service, operation, given):
    """What boto3 gives, of all pages, or the code of its error."""
    client = moto.client(service)
    method = next(name for name, called in client.meta.method_to_api_mapping.items() if called == operation)
    try:
        found = getattr(client, method)(**given)
    except client.exceptions.ClientError as error:
        return {"code": error.response["Error"]["Code"], "message": error.response["Error"]["Message"]}
    found.pop("ResponseMetadata")
    return plain(found)


def round_moments(value):
    """Moments to a hundredth of a second: AWS's have milliseconds, moto's microseconds, which JSON's numbers carry to 15 digits in svc."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]+\.\d+Z", value):
        moment = datetime.datetime.fromisoformat(value)
        return round(moment.timestamp(), 2)
    if isinstance(value, dict):
        return {key: round_moments(each) for key, each in value.items()}
    return [round_moments(each) for each in value] if isinstance(value, list) else value


def compare(moto, call, given):
    wanted = read_with_boto(moto, *call)
    found = decode_policies(given["output"]) if "output" in given else {"code": given["code"], "message": given["message"]}
    if call[0] == "iam":
        wanted.pop("IsTruncated", None)
    return "" if round_moments(found) == round_moments(wanted) else f"svc:   {json.dumps(found, sort_keys=True)}\nboto3: {json.dumps(wanted, sort_keys=True)}\n{given['message']}\n"


def check_write(moto, wire, service, operation, given, read, wanted):
    answer = wire.ask(do="call", calls=[{"service": service, "operation": operation, "input": given}])["answers"][0]
    found = read(moto)
    return "" if found == wanted and not answer["code"] else f"{found!r} is not {wanted!r}: {answer['code']} {answer['message']}\n"


def check_wrong_key(program, env):
    """That moto does check signatures."""
    wire = Wire(program, {**env, "AWS_SECRET_ACCESS_KEY": "wrong"})
    calls = [{"service": service, "operation": operation, "input": {}} for service, operation in (("ecs", "ListClusters"), ("iam", "ListRoles"))]
    codes = [answer["code"] for answer in wire.ask(do="call", calls=calls)["answers"]]
    wire.close()
    return "" if codes == ["SignatureDoesNotMatch"] * 2 else f"{codes}\n"


def make_env(moto, home):
    return {"HOME": home, "AWS_ENDPOINT_URL": moto.url, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": moto.keys["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": moto.keys["aws_secret_access_key"], "AWS_EC2_METADATA_DISABLED": "true"}


def run(tally, program, moto, home, reads, writes):
    """All reads at once, then the writes one by one."""
    wire = Wire(program, make_env(moto, home))
    answers = wire.ask(do="call", calls=[{"service": service, "operation": operation, "input": given} for service, operation, given in reads])["answers"]
    for call, given in zip(reads, answers):
        tally.add(f"{call[0]} {call[1]}", compare(moto, call, given))
    for write in writes:
        tally.add(f"{write[0]} {write[1]}", check_write(moto, wire, *write))
    tally.add("the program's end", "" if wire.close() == 0 else "it did not end well\n")


def main():
    parser = argparse.ArgumentParser(description="Compares what svc's client and boto3 read from moto's server.")
    parser.add_argument("--wire", default=os.path.join(ROOT, "build", "aws-wire"))
    options = parser.parse_args()
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="svc-moto-") as home:
        checking, trusting = Moto(home, True), Moto(home, False)
        program = os.path.abspath(options.wire)
        try:
            for moto in (checking, trusting):
                moto.make_user()
            run(tally, program, checking, home, list_reads(populate(checking)), WRITES)
            tally.add("a wrong key is refused", check_wrong_key(program, make_env(checking, home)))
            populate_schedules(trusting)
            run(tally, program, trusting, home, SCHEDULE_READS, SCHEDULE_WRITES)
        finally:
            checking.close()
            trusting.close()
    tally.close()


if __name__ == "__main__":
    main()
