"""IAM, Secrets Manager, Parameter Store, Logs, and the fixtures of an account."""

import json

from .. import fixtures
from . import equal, refused, tester, true

TESTS = []
test = tester(TESTS)


@test("role-limits")
def a_role_has_limits(aws):
    iam = aws.client("iam")
    refused("ValidationError", "less than or equal to 64", fixtures.make_role, aws=aws, name="r" * 65)
    fixtures.make_role(aws, "role")

    def put(name, count):
        statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": [f"arn:aws:s3:::{number:050}" for number in range(count)]}
        iam.put_role_policy(RoleName="role", PolicyName=name, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    put("a", 100)
    refused("LimitExceeded", "Maximum policy size of 10240 bytes exceeded", put, name="b", count=60)
    put("b", 10)
    for number in range(10):
        arn = iam.create_policy(PolicyName=f"p{number}", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}))["Policy"]["Arn"]
        iam.attach_role_policy(RoleName="role", PolicyArn=arn)
    refused("LimitExceeded", "PoliciesPerRole", iam.attach_role_policy, RoleName="role",
            PolicyArn="arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy")


@test("managed-policies")
def a_role_with_policies_is_not_deleted(aws):
    iam = aws.client("iam")
    managed = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    fixtures.make_role(aws, "role", [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}], [managed])
    refused("DeleteConflict", "", iam.delete_role, RoleName="role")
    iam.detach_role_policy(RoleName="role", PolicyArn=managed)
    refused("DeleteConflict", "", iam.delete_role, RoleName="role")
    iam.delete_role_policy(RoleName="role", PolicyName="permissions")
    iam.delete_role(RoleName="role")


@test("retention-days")
def retention_is_one_of_a_list(aws):
    logs = aws.client("logs")
    logs.create_log_group(logGroupName="/a")
    logs.put_retention_policy(logGroupName="/a", retentionInDays=30)
    refused("InvalidParameterException", "", logs.put_retention_policy, logGroupName="/a", retentionInDays=31)


@test("parameter-size")
def a_parameter_is_small_and_is_not_overwritten(aws):
    ssm = aws.client("ssm")
    ssm.put_parameter(Name="/lease/1", Value="x" * 4096, Type="String")
    refused("ParameterAlreadyExists", "", ssm.put_parameter, Name="/lease/1", Value="y", Type="String")
    refused("ValidationException", "4096", ssm.put_parameter, Name="/lease/2", Value="x" * 4097, Type="String")


@test("secret-being-deleted")
def a_secret_s_name_stays_taken_while_it_can_be_recovered(aws):
    secrets = aws.client("secretsmanager")
    secrets.create_secret(Name="a", SecretString="x")
    secrets.delete_secret(SecretId="a", RecoveryWindowInDays=7)
    refused("InvalidRequestException", "scheduled for deletion", secrets.create_secret, Name="a", SecretString="y")
    secrets.restore_secret(SecretId="a")
    refused("ResourceExistsException", "", secrets.create_secret, Name="a", SecretString="y")


@test(None)
def logs_may_abort(aws):
    aws.control("POST", "faults", {"kind": "error", "service": "logs", "operation": "CreateLogGroup", "code": "OperationAbortedException",
                                   "message": "A conflicting operation is currently in progress against this resource. Please try again."})
    logs = aws.client("logs")
    refused("OperationAbortedException", "conflicting operation", logs.create_log_group, logGroupName="/a")
    logs.create_log_group(logGroupName="/a")


@test(None)
def an_account_is_made_from_data(aws):
    made = fixtures.make_account(aws, fixtures.ACCOUNT | {"roles": {"hosted": {"path": "/team/"}}, "buckets": ["bucket"]})
    images = aws.client("ecr").describe_images(repositoryName="hello", imageIds=[{"imageTag": "1.0.0"}])["imageDetails"]
    equal([image["imageDigest"] for image in images], [made["images"]["hello:1.0.0"]])
    manifest = aws.client("ecr").batch_get_image(repositoryName="hello", imageIds=[{"imageTag": "1.0.0"}])["images"][0]["imageManifest"]
    equal([item["platform"]["architecture"] for item in json.loads(manifest)["manifests"]], ["amd64", "arm64"])
    true(made["secrets"]["hello/key"].startswith("arn:aws:secretsmanager:eu-west-1:123456789012:secret:hello/key-"), str(made["secrets"]))
    equal(aws.client("ssm").get_parameters(Names=["/hello/key"], WithDecryption=True)["Parameters"][0]["Value"], "value")
    subnets = aws.client("ec2").describe_subnets(Filters=[{"Name": "tag:Tier", "Values": ["private"]}])["Subnets"]
    equal(sorted(subnet["SubnetId"] for subnet in subnets), sorted(made["network"]["private"]))
    equal(aws.client("iam").get_role(RoleName="hosted")["Role"]["Path"], "/team/")
