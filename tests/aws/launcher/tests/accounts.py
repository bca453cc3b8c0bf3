"""Reading an account back, and being in another one."""

from .. import fixtures
from ..account import differences, read_account
from . import equal, tester, true
from .ecs import World
from .scaling import CPU, OF

TESTS = []
test = tester(TESTS)


def fill(aws):
    """One of everything that is read back."""
    world = World(aws)
    role = fixtures.make_role(aws, "execution", [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}])
    group = aws.client("ec2").create_security_group(GroupName="web", Description="web", VpcId=world.network["vpc"])["GroupId"]
    aws.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[
        {"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "UserIdGroupPairs": [{"GroupId": world.edge["group"]}]}])
    aws.client("logs").create_log_group(logGroupName="/ecs/web", tags={"a": "b"})
    world.second(executionRoleArn=role)
    world.create(taskDefinition="web:2", networkConfiguration={"awsvpcConfiguration": {
        "subnets": world.network["private"], "securityGroups": [group]}})
    scaling = aws.client("application-autoscaling")
    scaling.register_scalable_target(**OF, MinCapacity=1, MaxCapacity=4)
    scaling.put_scaling_policy(**OF, PolicyName="cpu", PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration=CPU)
    watch = aws.client("cloudwatch")
    watch.put_metric_alarm(AlarmName="bad", MetricName="m", Namespace="n", Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=1,
                           ComparisonOperator="GreaterThanThreshold", Dimensions=[{"Name": "TargetGroup", "Value": world.target.split(":")[-1]}])
    watch.put_dashboard(DashboardName="board", DashboardBody="{\"widgets\": []}")
    aws.client("ssm").put_parameter(Name="/svc/x", Value="1", Type="String")
    aws.client("secretsmanager").create_secret(Name="s", SecretString="x")
    aws.advance(60)
    return world


@test(None)
def an_account_is_read_back_without_what_aws_makes_up(aws):
    fill(aws)
    first = read_account(aws)
    true(all(first[part] for part in first if part != "schedules"), f"empty: {[part for part in first if not first[part]]}")
    equal(first["services"]["main/web"]["taskDefinition"], "{definition:web:1}")
    equal(first["alarms"]["bad"]["Dimensions"], [{"Name": "TargetGroup", "Value": "{target-group-label:web}"}])
    aws.control("POST", "reset", {})
    aws.client("ec2").create_security_group(GroupName="shift", Description="ids are others now")
    fill(aws)
    aws.advance(1000)
    lines = [line for line in differences(first, read_account(aws)) if "/shift" not in line and "vpc-" not in line and "subnet-" not in line]
    equal(lines, [])


@test(None)
def a_difference_is_told_by_its_path(aws):
    world = fill(aws)
    first = read_account(aws)
    equal(differences(first, read_account(aws)), [])
    aws.client("ssm").put_parameter(Name="/svc/x", Value="2", Type="String", Overwrite=True)
    aws.client("ec2").create_security_group(GroupName="orphan", Description="-", VpcId=world.network["vpc"])
    world.update(desiredCount=3)
    aws.advance(60)
    paths = [line.split(": ")[0] for line in differences(first, read_account(aws))]
    equal(paths, ["/parameters//svc/x/Value", "/security-groups/orphan", "/services/main/web/deployments/0/desiredCount",
                  "/services/main/web/deployments/0/running", "/services/main/web/desiredCount", "/target-groups/web/targets/healthy"])
    equal(read_account(aws, only=("parameters",)), {"parameters": {"/svc/x": {"Type": "String", "Value": "2"}}})


@test(None)
def the_caller_can_be_in_another_account(aws):
    aws.client("ecs").create_cluster(clusterName="here")
    aws.control("POST", "account", {"id": "222222222222"})
    equal(aws.client("sts").get_caller_identity()["Account"], "222222222222")
    equal(aws.client("ecs").list_clusters()["clusterArns"], [])
    equal(aws.client("ecs").create_cluster(clusterName="there")["cluster"]["clusterArn"].split(":")[4], "222222222222")
    aws.control("POST", "account", {"id": "123456789012"})
    equal([arn.split("/")[1] for arn in aws.client("ecs").list_clusters()["clusterArns"]], ["here"])
