"""What is read without being named: resources by their tags, log groups by several names."""

import json

from moto.ecs.models import ecs_backends
from moto.elbv2.models import elbv2_backends
from moto.cloudwatch.models import cloudwatch_backends
from moto.logs.models import logs_backends
from moto.logs.responses import LogsResponse
from moto.resourcegroupstaggingapi.models import ResourceGroupsTaggingAPIBackend
from moto.ssm.models import ssm_backends

from .world import replaces


def as_list(tags):
    """Tags of any of moto's forms as Key and Value."""
    if isinstance(tags, dict):
        return [{"Key": key, "Value": value} for key, value in tags.items()]
    return [{"Key": tag.get("Key", tag.get("key")), "Value": tag.get("Value", tag.get("value"))} for tag in tags or []]


def balancers(account, region):
    backend = elbv2_backends[account][region]
    arns = list(backend.target_groups)
    for balancer in backend.load_balancers.values():
        arns.append(balancer.arn)
        for listener in balancer.listeners.values():
            arns.append(listener.arn)
            arns += [arn for arn in listener.rules if arn not in arns]
    return [("elasticloadbalancing", arn, backend.tagging_service.list_tags_for_resource(arn)["Tags"]) for arn in arns]


def everything(account, region):
    """(type, ARN, tags) of what svc makes."""
    ecs, logs = ecs_backends[account][region], logs_backends[account][region]
    cloudwatch, ssm = cloudwatch_backends[account][region], ssm_backends[account][region]
    found = balancers(account, region)
    found += [("ecs:cluster", item.arn, item.tags) for item in ecs.clusters.values() if item.status != "INACTIVE"]
    found += [("ecs:service", item.arn, item.tags) for item in ecs.services.values() if item.status != "INACTIVE"]
    found += [("logs:log-group", item.arn.removesuffix(":*"), logs.list_tags_for_resource(item.arn)) for item in logs.groups.values()]
    for name in cloudwatch.alarms:
        arn = f"arn:aws:cloudwatch:{region}:{account}:alarm:{name}"
        found.append(("cloudwatch:alarm", arn, cloudwatch.list_tags_for_resource(arn)))
    for name in list(ssm._parameters):
        arn = f"arn:aws:ssm:{region}:{account}:parameter/{name.removeprefix('/')}"
        found.append(("ssm:parameter", arn, ssm.list_tags_for_resource("Parameter", name)))
    return found


def fits(tags, filters):
    values = {tag["Key"]: tag["Value"] for tag in tags}
    return all(item["Key"] in values and (not item.get("Values") or values[item["Key"]] in item["Values"]) for item in filters or [])


@replaces(ResourceGroupsTaggingAPIBackend, "_get_resources_generator", "resources-by-tag")
def get_resources(original, backend, tag_filters=None, resource_type_filters=None):
    """GetResources finds listeners and their rules too, takes the types as ARNs spell them, and never fails; moto knows neither, and an
    untagged cluster makes it fail."""
    for kind, arn, tags in everything(backend.account_id, backend.region_name):
        wanted = not resource_type_filters or kind in resource_type_filters or kind.split(":")[0] in resource_type_filters
        tags = as_list(tags)
        if wanted and tags and fits(tags, tag_filters):
            yield {"ResourceARN": arn, "Tags": tags}


@replaces(LogsResponse, "describe_log_groups", "log-groups-by-identifiers")
def describe_log_groups(original, response):
    """DescribeLogGroups takes logGroupIdentifiers, at most 50, and answers those that exist; moto answers all."""
    names = response._get_param("logGroupIdentifiers")
    if not names:
        return original(response)
    groups = {name: response.logs_backend.groups[name] for name in names if name in response.logs_backend.groups}
    return json.dumps({"logGroups": [group.to_describe_dict() for group in groups.values()]})
