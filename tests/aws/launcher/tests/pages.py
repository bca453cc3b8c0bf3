"""Pages, and the tagging API."""

from .. import fixtures
from . import equal, tester, true
from .ecs import World
from .scaling import OF, Scaled

TESTS = []
test = tester(TESTS)
POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'


def all_pages(client, operation, key, size, **arguments):
    """Everything, by pages none of which is larger than `size`; there must be several."""
    pages = list(client.get_paginator(operation).paginate(**arguments))
    true(all(len(page[key]) <= size for page in pages) and len(pages) > 1, f"{operation}: pages of {[len(page[key]) for page in pages]}")
    return [item for page in pages for item in page[key]]


@test("pages")
def lists_come_in_pages(aws):
    aws.control("POST", "settings", {"page_size": 2})
    ecs, elb, iam, ec2 = (aws.client(name) for name in ("ecs", "elbv2", "iam", "ec2"))
    for number in range(5):
        ecs.create_cluster(clusterName=f"c{number}")
        fixtures.make_role(aws, f"r{number}", path="/team/")
        aws.client("logs").create_log_group(logGroupName=f"/l{number}")
        iam.put_role_policy(RoleName="r0", PolicyName=f"p{number}", PolicyDocument=POLICY)
        aws.client("cloudwatch").put_metric_alarm(AlarmName=f"a{number}", MetricName="m", Namespace="n", Statistic="Sum", Period=60,
                                                  EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold")
        aws.client("ssm").put_parameter(Name=f"/p/{number}", Value="v", Type="String")
        ecs.register_task_definition(**fixtures.definition(f"f{number}"))
    equal(len(all_pages(ecs, "list_clusters", "clusterArns", 2)), 5)
    equal(len(all_pages(ecs, "list_task_definitions", "taskDefinitionArns", 2)), 5)
    equal(sorted(role["RoleName"] for role in all_pages(iam, "list_roles", "Roles", 2, PathPrefix="/team/")), [f"r{n}" for n in range(5)])
    equal(len(all_pages(iam, "list_role_policies", "PolicyNames", 2, RoleName="r0")), 5)
    equal(len(all_pages(aws.client("logs"), "describe_log_groups", "logGroups", 2)), 5)
    equal(len(all_pages(aws.client("cloudwatch"), "describe_alarms", "MetricAlarms", 2)), 5)
    equal(len(all_pages(aws.client("ssm"), "get_parameters_by_path", "Parameters", 2, Path="/p")), 5)
    network = fixtures.make_network(aws, ways_out=None)
    edge = fixtures.make_balancer(aws, network)
    for number in range(5):
        fixtures.make_target_group(aws, network, f"t{number}", edge["listener"], path=f"/{number}")
        ec2.create_security_group(GroupName=f"g{number}", Description="-", VpcId=network["vpc"])
    equal(len(all_pages(elb, "describe_target_groups", "TargetGroups", 2)), 5)
    equal(len(all_pages(elb, "describe_rules", "Rules", 2, ListenerArn=edge["listener"])), 6)
    groups = all_pages(ec2, "describe_security_groups", "SecurityGroups", 2, Filters=[{"Name": "vpc-id", "Values": [network["vpc"]]}])
    equal(len({group["GroupId"] for group in groups}), 7)


@test("pages")
def ten_services_at_once(aws):
    world = World(aws, balanced=False)
    for number in range(12):
        world.create(serviceName=f"s{number}", desiredCount=0)
    equal([len(page["serviceArns"]) for page in world.ecs.get_paginator("list_services").paginate(cluster="main")], [10, 2])


@test("pages")
def policies_come_in_pages(aws):
    world = Scaled(aws)
    world.register()
    for number in range(5):
        world.scaling.put_scaling_policy(**OF, PolicyName=f"p{number}", PolicyType="StepScaling", StepScalingPolicyConfiguration={
            "AdjustmentType": "ChangeInCapacity", "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}]})
    aws.control("POST", "settings", {"page_size": 2})
    equal(len(all_pages(world.scaling, "describe_scaling_policies", "ScalingPolicies", 2, ServiceNamespace="ecs")), 5)


@test("tags-of-untagged")
def untagged_resources_are_passed_over(aws):
    aws.client("ecs").create_cluster(clusterName="plain")
    arn = aws.client("ecs").create_cluster(clusterName="tagged", tags=[{"key": "a", "value": "b"}])["cluster"]["clusterArn"]
    found = aws.client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "a", "Values": ["b"]}])["ResourceTagMappingList"]
    equal([item["ResourceARN"] for item in found], [arn])
