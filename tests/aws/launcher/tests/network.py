"""Load balancing and EC2."""

from .. import fixtures
from . import equal, refused, tester, true
from .ecs import World

TESTS = []
test = tester(TESTS)


class Edge:
    def __init__(self, aws):
        self.aws, self.elb, self.ec2 = aws, aws.client("elbv2"), aws.client("ec2")
        self.network = fixtures.make_network(aws, ways_out=None)
        self.edge = fixtures.make_balancer(aws, self.network)
        self.listener = self.edge["listener"]

    def group(self, name, **more):
        return fixtures.make_target_group(self.aws, self.network, name, **more)

    def rule(self, arns, priority=1, values=("/*",), weight=1):
        action = {"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": arn, "Weight": weight} for arn in arns]}}
        return self.elb.create_rule(ListenerArn=self.listener, Priority=priority, Actions=[action], Conditions=[
            {"Field": "path-pattern", "PathPatternConfig": {"Values": list(values)}}])["Rules"][0]


@test("rule-limits")
def rules_have_limits(aws):
    edge = Edge(aws)
    arn, _ = edge.group("a")
    refused("ValidationError", "between 0 and 999", edge.rule, arns=[arn], weight=1000)
    refused("ValidationError", "between 1 and 50000", edge.rule, arns=[arn], priority=60000)
    refused("ValidationError", "'5' condition values", edge.rule, arns=[arn], values="abcdef")
    rule = edge.rule([arn], weight=999, priority=50000)
    refused("ValidationError", "between 0 and 999", edge.elb.modify_rule, RuleArn=rule["RuleArn"], Actions=[
        {"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": arn, "Weight": -1}]}}])
    refused("PriorityInUse", "", edge.rule, arns=[arn], priority=50000)


@test("scheme-default")
def a_balancer_has_a_scheme(aws):
    network = fixtures.make_network(aws, ways_out=None)
    elb = aws.client("elbv2")
    elb.create_load_balancer(Name="plain", Subnets=network["public"])
    elb.create_load_balancer(Name="inner", Subnets=network["private"], Scheme="internal")
    schemes = {balancer["LoadBalancerName"]: balancer["Scheme"] for balancer in elb.describe_load_balancers()["LoadBalancers"]}
    equal(schemes, {"plain": "internet-facing", "inner": "internal"})


@test("priorities-swapped")
def priorities_are_swapped_at_once(aws):
    edge = Edge(aws)
    arn, _ = edge.group("a")
    rules = [edge.rule([arn], priority=number)["RuleArn"] for number in (1, 2, 3)]
    edge.elb.set_rule_priorities(RulePriorities=[{"RuleArn": rules[0], "Priority": 2}, {"RuleArn": rules[1], "Priority": 1}])
    by_arn = {rule["RuleArn"]: rule["Priority"] for rule in edge.elb.describe_rules(ListenerArn=edge.listener)["Rules"]}
    equal([by_arn[arn] for arn in rules], ["2", "1", "3"])
    refused("PriorityInUse", "", edge.elb.set_rule_priorities, RulePriorities=[{"RuleArn": rules[0], "Priority": 3}])


@test("rule-not-found")
def a_rule_that_is_not_there(aws):
    edge = Edge(aws)
    rule = edge.rule([edge.group("a")[0]])["RuleArn"]
    edge.elb.delete_rule(RuleArn=rule)
    refused("RuleNotFound", "", edge.elb.delete_rule, RuleArn=rule)


@test("whole-hour-of-draining")
def draining_may_take_an_hour(aws):
    edge = Edge(aws)
    arn, _ = edge.group("a")
    key = "deregistration_delay.timeout_seconds"
    edge.elb.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[{"Key": key, "Value": "3600"}])
    attributes = edge.elb.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
    equal([item["Value"] for item in attributes if item["Key"] == key], ["3600"])
    refused("ValidationError", "", edge.elb.modify_target_group_attributes, TargetGroupArn=arn, Attributes=[{"Key": key, "Value": "3601"}])


@test("balancers-of-a-target-group")
def a_target_group_knows_its_balancer(aws):
    edge = Edge(aws)
    arn, _ = edge.group("a")

    def balancers():
        return edge.elb.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"][0]["LoadBalancerArns"]
    equal(balancers(), [])
    rules = [edge.rule([arn], priority=number)["RuleArn"] for number in (1, 2)]
    equal(balancers(), [edge.edge["balancer"]])
    for rule in rules:
        edge.elb.delete_rule(RuleArn=rule)
    equal(balancers(), [])


@test("one-balancer-a-target-group")
def a_target_group_serves_one_balancer(aws):
    edge = Edge(aws)
    arn, _ = edge.group("a")
    edge.rule([arn])
    edge.listener = fixtures.make_balancer(aws, edge.network, "other")["listener"]
    refused("TargetGroupAssociationLimit", "", edge.rule, arns=[arn])


@test("forward-both-ways")
def a_forward_action_is_answered_both_ways(aws):
    edge = Edge(aws)
    arn, rule = edge.group("a", listener=edge.listener)
    action = edge.elb.describe_rules(RuleArns=[rule])["Rules"][0]["Actions"][0]
    equal(action, {"Type": "forward", "TargetGroupArn": arn, "Order": 1, "ForwardConfig": {
        "TargetGroups": [{"TargetGroupArn": arn, "Weight": 1}], "TargetGroupStickinessConfig": {"Enabled": False}}})
    edge.elb.modify_rule(RuleArn=rule, Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": arn, "Weight": 5}]}}])
    action = edge.elb.describe_rules(RuleArns=[rule])["Rules"][0]["Actions"][0]
    equal((action["TargetGroupArn"], action["ForwardConfig"]["TargetGroups"][0]["Weight"]), (arn, 5))


@test("condition-both-ways")
def a_path_is_answered_both_ways(aws):
    edge = Edge(aws)
    rule = edge.rule([edge.group("a")[0]])
    equal(rule["Conditions"], [{"Field": "path-pattern", "Values": ["/*"], "PathPatternConfig": {"Values": ["/*"]}}])
    edge.elb.modify_rule(RuleArn=rule["RuleArn"], Conditions=[{"Field": "host-header", "Values": ["a.b"]}])
    equal(edge.elb.describe_rules(RuleArns=[rule["RuleArn"]])["Rules"][0]["Conditions"],
          [{"Field": "host-header", "Values": ["a.b"], "HostHeaderConfig": {"Values": ["a.b"]}}])


@test("duplicate-listener")
def a_port_has_one_listener(aws):
    edge = Edge(aws)
    refused("DuplicateListener", "", edge.elb.create_listener, LoadBalancerArn=edge.edge["balancer"], Port=80, Protocol="HTTP", DefaultActions=[
        {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "500"}}])


@test("same-target-group")
def creating_again_answers_what_is_there(aws):
    edge = Edge(aws)
    arn, _ = edge.group("a")
    equal(edge.group("a")[0], arn)
    refused("DuplicateTargetGroupName", "", edge.group, name="a", port=81)
    again = edge.elb.create_load_balancer(Name="edge", Subnets=edge.network["public"], SecurityGroups=[edge.edge["group"]])
    equal(again["LoadBalancers"][0]["LoadBalancerArn"], edge.edge["balancer"])
    refused("DuplicateLoadBalancerName", "", edge.elb.create_load_balancer, Name="edge", Subnets=edge.network["private"])


@test("delete-target-group-again")
def a_target_group_in_use_is_not_deleted(aws):
    edge = Edge(aws)
    arn, rule = edge.group("a", listener=edge.listener)
    refused("ResourceInUse", "", edge.elb.delete_target_group, TargetGroupArn=arn)
    edge.elb.delete_rule(RuleArn=rule)
    edge.elb.delete_target_group(TargetGroupArn=arn)
    edge.elb.delete_target_group(TargetGroupArn=arn)


@test("balancer-not-protected")
def a_protected_balancer_stays(aws):
    edge = Edge(aws)
    protection = [{"Key": "deletion_protection.enabled", "Value": "true"}]
    edge.elb.modify_load_balancer_attributes(LoadBalancerArn=edge.edge["balancer"], Attributes=protection)
    refused("OperationNotPermitted", "", edge.elb.delete_load_balancer, LoadBalancerArn=edge.edge["balancer"])


@test("group-in-use")
def a_security_group_in_use_stays(aws):
    world = World(aws, balanced=False)
    ec2, elb, vpc = aws.client("ec2"), aws.client("elbv2"), world.network["vpc"]
    group, other = (ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"] for name in "ab")
    pairs = [{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": [{"GroupId": group, "Description": "why"}]}]
    ec2.authorize_security_group_ingress(GroupId=other, IpPermissions=pairs)
    refused("DependencyViolation", "has a dependent object", ec2.delete_security_group, GroupId=group)
    refused("InvalidPermission.Duplicate", "", ec2.authorize_security_group_ingress, GroupId=other, IpPermissions=pairs)
    ec2.revoke_security_group_ingress(GroupId=other, IpPermissions=pairs)
    aws.control("POST", "settings", {"network_interface_seconds": 10})
    world.create(networkConfiguration={"awsvpcConfiguration": {"subnets": world.network["private"], "securityGroups": [group]}})
    refused("DependencyViolation", "", ec2.delete_security_group, GroupId=group)
    world.ecs.delete_service(cluster="main", service="web", force=True)
    aws.advance(5)
    equal(world.service()["status"], "INACTIVE")
    refused("DependencyViolation", "", ec2.delete_security_group, GroupId=group)
    aws.advance(10)
    ec2.delete_security_group(GroupId=group)
    balancer = elb.create_load_balancer(Name="x", Subnets=world.network["public"], SecurityGroups=[other])["LoadBalancers"][0]["LoadBalancerArn"]
    refused("DependencyViolation", "", ec2.delete_security_group, GroupId=other)
    elb.delete_load_balancer(LoadBalancerArn=balancer)
    refused("DependencyViolation", "", ec2.delete_security_group, GroupId=other)
    aws.advance(11)
    ec2.delete_security_group(GroupId=other)


@test("description-of-group-rules")
def a_rule_of_a_group_keeps_its_description(aws):
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group, other = (ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"] for name in "ab")
    ec2.authorize_security_group_ingress(GroupId=other, IpPermissions=[
        {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": [{"GroupId": group, "Description": "why"}]}])
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [other]}])["SecurityGroupRules"]
    equal([rule.get("Description") for rule in rules if not rule["IsEgress"]], ["why"])


@test(None)
def certificates_and_groups_have_given_ids(aws):
    network = fixtures.make_network(aws, ways_out="endpoints")
    true(len(network["endpoints"]) == 6, str(network))
    arn = fixtures.ACCOUNT["certificates"][0]
    aws.control("POST", "certificates", {"arn": arn})
    equal([item["CertificateArn"] for item in aws.client("acm").list_certificates()["CertificateSummaryList"]], [arn])
    equal(aws.client("acm").describe_certificate(CertificateArn=arn)["Certificate"]["Status"], "ISSUED")
    aws.control("POST", "security-groups", {"id": "sg-0a1b2c3d4e5f60718", "vpc": network["vpc"], "name": "redis"})
    groups = aws.client("ec2").describe_security_groups(GroupIds=["sg-0a1b2c3d4e5f60718"])["SecurityGroups"]
    equal([group["GroupName"] for group in groups], ["redis"])


@test("tags-of-twenty")
def tags_of_twenty_resources_at_once(aws):
    edge = Edge(aws)
    arns = [edge.group(f"t{number}")[0] for number in range(21)]
    equal(len(edge.elb.describe_tags(ResourceArns=arns[:20])["TagDescriptions"]), 20)
    refused("ValidationError", "20", edge.elb.describe_tags, ResourceArns=arns)


@test("rules-without-descriptions")
def a_rule_is_the_same_whatever_its_description(aws):
    edge = Edge(aws)
    group = edge.ec2.create_security_group(GroupName="described", Description="d", VpcId=edge.network["vpc"])["GroupId"]

    def permission(**more):
        return [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": group, **more}]}]
    edge.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=permission(Description="one"))
    refused("InvalidPermission.Duplicate", "", edge.ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=permission(Description="other"))
    edge.ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=permission())
    equal(edge.ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"], [])
