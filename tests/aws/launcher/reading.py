"""What is read without being named: listeners by their tags, log groups by several names."""

import json

from moto.elbv2.models import elbv2_backends
from moto.logs.responses import LogsResponse
from moto.resourcegroupstaggingapi.models import ResourceGroupsTaggingAPIBackend

from .world import replaces


def listeners(account, region):
    """(ARN, tags) of listeners and their rules."""
    backend = elbv2_backends[account][region]
    arns = []
    for balancer in backend.load_balancers.values():
        for listener in balancer.listeners.values():
            arns += [listener.arn, *(arn for arn in listener.rules if arn != "default")]
    return [(arn, backend.tagging_service.list_tags_for_resource(arn)["Tags"]) for arn in arns]


def fits(tags, filters):
    values = {tag["Key"]: tag["Value"] for tag in tags}
    return all(item["Key"] in values and (not item.get("Values") or values[item["Key"]] in item["Values"]) for item in filters or [])


@replaces(ResourceGroupsTaggingAPIBackend, "_get_resources_generator", "listeners-by-tag")
def get_resources(original, backend, tag_filters=None, resource_type_filters=None):
    """GetResources finds listeners and their rules, as everything else that has tags; moto does not."""
    yield from original(backend, tag_filters=tag_filters, resource_type_filters=resource_type_filters)
    if not resource_type_filters or "elasticloadbalancing" in resource_type_filters:
        for arn, tags in listeners(backend.account_id, backend.region_name):
            if tags and fits(tags, tag_filters):
                yield {"ResourceARN": arn, "Tags": tags}


@replaces(LogsResponse, "describe_log_groups", "log-groups-by-identifiers")
def describe_log_groups(original, response):
    """DescribeLogGroups takes logGroupIdentifiers, at most 50, and answers those that exist; moto answers all."""
    names = response._get_param("logGroupIdentifiers")
    if not names:
        return original(response)
    groups = {name: response.logs_backend.groups[name] for name in names if name in response.logs_backend.groups}
    return json.dumps({"logGroups": [group.to_describe_dict() for group in groups.values()]})
