"""Reading without names."""

from . import equal, tester
from .network import Edge

TESTS = []
test = tester(TESTS)


@test("listeners-by-tag")
def listeners_are_found_by_their_tags(aws):
    edge = Edge(aws)
    rule = edge.rule([edge.group("a")[0]])["RuleArn"]
    edge.rule([edge.group("b")[0]], priority=2)
    edge.elb.add_tags(ResourceArns=[rule, edge.listener], Tags=[{"Key": "svc:project", "Value": "shop"}])
    found = aws.client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "svc:project", "Values": ["shop"]}])
    equal(sorted(item["ResourceARN"] for item in found["ResourceTagMappingList"]), sorted([rule, edge.listener]))


@test("log-groups-by-identifiers")
def log_groups_are_found_by_their_names(aws):
    logs = aws.client("logs")
    for name in ("/a", "/ab", "/b"):
        logs.create_log_group(logGroupName=name)
    found = logs.describe_log_groups(logGroupIdentifiers=["/a", "/b", "/none"])["logGroups"]
    equal(sorted(group["logGroupName"] for group in found), ["/a", "/b"])
