"""Control: faults, the log of calls, time, signatures."""

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError, ConnectionClosedError

from . import equal, refused, tester, true

TESTS = []
test = tester(TESTS)


@test(None)
def calls_are_logged_in_order(aws):
    aws.client("ecs").list_clusters()
    aws.client("iam").list_roles()
    aws.client("ec2").describe_vpcs()
    aws.client("elbv2").describe_load_balancers()
    aws.client("cloudwatch").describe_alarms()
    aws.client("scheduler").list_schedules()
    calls = aws.calls()
    equal([(call["service"], call["operation"], call["status"]) for call in calls], [
        ("ecs", "ListClusters", 200), ("iam", "ListRoles", 200), ("ec2", "DescribeVpcs", 200), ("elbv2", "DescribeLoadBalancers", 200),
        ("cloudwatch", "DescribeAlarms", 200), ("scheduler", "ListSchedules", 200)])
    equal(calls[0]["body_sha256"], hashlib.sha256(b"{}").hexdigest())
    aws.control("DELETE", "calls")
    equal(aws.calls(), [])


@test(None)
def bodies_are_kept_when_asked(aws):
    aws.control("POST", "calls", {"keep_bodies": True})
    aws.client("ecs").describe_clusters(clusters=["x"])
    equal(json.loads(aws.calls()[0]["body"]), {"clusters": ["x"]})


FORMS = [("ecs", "list_clusters", "ThrottlingException", 400, "AccessDeniedException", 400, "ExpiredTokenException", 400),
         ("logs", "describe_log_groups", "ThrottlingException", 400, "AccessDeniedException", 400, "ExpiredTokenException", 400),
         ("iam", "list_roles", "Throttling", 400, "AccessDenied", 403, "ExpiredToken", 403),
         ("elbv2", "describe_load_balancers", "Throttling", 400, "AccessDenied", 403, "ExpiredToken", 403),
         ("ec2", "describe_vpcs", "RequestLimitExceeded", 503, "UnauthorizedOperation", 403, "RequestExpired", 400)]


@test(None)
def faults_have_the_form_of_the_protocol(aws):
    for service, operation, *expected in FORMS:
        for kind, code, status in zip(("throttle", "denied", "expired"), expected[::2], expected[1::2]):
            aws.control("POST", "faults", {"kind": kind, "service": service})
            answer = refused(code, "", getattr(aws.client(service), operation))
            equal(answer["ResponseMetadata"]["HTTPStatusCode"], status)
    getattr(aws.client("ecs"), "list_clusters")()
    equal(aws.control("GET", "faults"), {"faults": []})


@test(None)
def a_fault_hits_the_nth_call(aws):
    aws.control("POST", "faults", [{"kind": "error", "service": "ecs", "operation": "List*", "nth": 2, "count": 2, "code": "Odd", "message": "so"}])
    client = aws.client("ecs")
    client.list_clusters()
    client.describe_clusters()
    refused("Odd", "so", client.list_clusters)
    refused("Odd", "so", client.list_task_definitions)
    client.list_clusters()


@test(None)
def a_connection_is_reset_before_or_after_the_work(aws):
    for kind, names in (("reset-before", []), ("reset-after", ["after"])):
        aws.control("POST", "faults", {"kind": kind, "operation": "CreateCluster"})
        try:
            aws.client("ecs").create_cluster(clusterName=kind.split("-")[1])
        except ConnectionClosedError:
            pass
        else:
            raise AssertionError("the call came back")
        equal([arn.split("/")[1] for arn in aws.client("ecs").list_clusters()["clusterArns"]], names)


@test(None)
def a_call_hangs(aws):
    aws.control("POST", "faults", {"kind": "hang-after", "operation": "CreateCluster", "seconds": 0.3})
    started = time.time()
    try:
        aws.client("ecs").create_cluster(clusterName="slow")
    except ConnectionClosedError:
        pass
    true(time.time() - started >= 0.3, "it came back too early")
    equal(len(aws.client("ecs").list_clusters()["clusterArns"]), 1)


@test(None)
def the_caller_is_killed_at_its_nth_call(aws):
    script = ("import boto3, os\nclient = boto3.client('ecs')\n"
              "for number in range(9): client.create_cluster(clusterName=str(number))")
    for when, made in (("before", 2), ("after", 3)):
        process = subprocess.Popen([sys.executable, "-c", "input()\n" + script], stdin=subprocess.PIPE,
                                   env=dict(os.environ, **aws.environment()))
        aws.control("POST", "stop", {"after": 3, "pid": process.pid, "when": when})
        process.communicate(b"\n")
        equal(process.returncode, -9)
        equal(aws.control("GET", "stop"), {"reached": True})
        equal(len([call for call in aws.calls() if call["operation"] == "CreateCluster"]), 3)
        equal(len(aws.client("ecs").list_clusters()["clusterArns"]), made)
        aws.reset()


@test(None)
def a_call_is_held_until_it_is_released(aws):
    aws.control("POST", "stop", {"after": 1})
    client = aws.client("ecs")
    thread = threading.Thread(target=lambda: refused_or_closed(client.list_clusters))
    thread.start()
    while not aws.control("GET", "stop")["reached"]:
        time.sleep(0.01)
    aws.control("DELETE", "stop")
    thread.join(10)
    true(not thread.is_alive(), "it is still held")


def refused_or_closed(function):
    try:
        function()
    except (ClientError, ConnectionClosedError):
        pass


@test(None)
def time_can_be_virtual(aws):
    aws.control("POST", "clock", {"virtual_dates": True, "advance": 86400})
    date = aws.client("ecs").list_clusters()["ResponseMetadata"]["HTTPHeaders"]["date"]
    true(abs(time.mktime(time.strptime(date, "%a, %d %b %Y %H:%M:%S GMT")) - time.timezone - time.time() - 86400) < 5, date)


@test("refusals-in-protocol")
def a_wrong_key_is_refused_in_protocol(aws):
    wrong = {"aws_access_key_id": aws.keys["access_key_id"], "aws_secret_access_key": "wrong"}
    unknown = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLX", "aws_secret_access_key": "wrong"}
    answer = refused("InvalidSignatureException", "signature", aws.client("ecs", **wrong).list_clusters)
    equal(answer["ResponseMetadata"]["HTTPStatusCode"], 400)
    refused("UnrecognizedClientException", "security token", aws.client("ecs", **unknown).list_clusters)
    refused("SignatureDoesNotMatch", "signature", aws.client("iam", **wrong).list_roles)
    refused("InvalidClientTokenId", "security token", aws.client("sts", **unknown).get_caller_identity)
    refused("AuthFailure", "", aws.client("ec2", **unknown).describe_vpcs)


@test("refusals-in-protocol")
def what_a_policy_does_not_allow_is_refused_in_protocol(aws):
    iam = aws.client("iam")
    iam.create_user(UserName="half")
    iam.put_user_policy(UserName="half", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "ecs:List*", "Resource": "*"}]}))
    key = iam.create_access_key(UserName="half")["AccessKey"]
    half = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    aws.client("ecs", **half).list_clusters()
    refused("AccessDeniedException", "user/half is not authorized to perform: ecs:CreateCluster",
            aws.client("ecs", **half).create_cluster, clusterName="x")
    refused("AccessDenied", "elasticloadbalancing:DescribeLoadBalancers", aws.client("elbv2", **half).describe_load_balancers)
    refused("UnauthorizedOperation", "", aws.client("ec2", **half).describe_vpcs)


@test("signature-of-the-bytes")
def a_signature_covers_the_bytes(aws):
    aws.client("scheduler").list_schedules()
    body = b"Version=2010-05-08&Action=ListRoles&PathPrefix=%2Fa%20b%2F"  # neither in order nor encoded as moto would
    request = AWSRequest("POST", aws.url + "/", {"Content-Type": "application/x-www-form-urlencoded"}, body)
    keys = Credentials(aws.keys["access_key_id"], aws.keys["secret_access_key"])
    SigV4Auth(keys, "iam", "us-east-1").add_auth(request)
    with urllib.request.urlopen(urllib.request.Request(aws.url + "/", body, dict(request.headers.items()))) as answer:
        equal(answer.status, 200)
    try:
        urllib.request.urlopen(urllib.request.Request(aws.url + "/", body + b"&MaxItems=1", dict(request.headers.items())))
    except urllib.error.HTTPError as error:
        equal(error.code, 403)
    else:
        raise AssertionError("a body that was changed after signing is taken")


@test(None)
def retries_see_a_throttled_call_again(aws):
    aws.control("POST", "faults", {"kind": "throttle", "service": "ecs"})
    aws.client("ecs", config=Config(retries={"total_max_attempts": 3, "mode": "standard"})).list_clusters()
    equal([call["status"] for call in aws.calls()], [400, 200])
