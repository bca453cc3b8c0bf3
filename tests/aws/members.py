"""The members of the AWS operations that a Fargate service can use.

The members come from botocore's service models; this file only says which of them Fargate refuses,
and why.  A member stands for a leaf of the operation's input: `[]` after a list, `{}` after a map.
An exclusion has to rest on a page of AWS or on the model's own prose.  "svc has no word for it" is
never a reason: such a member counts as missing.
"""

import botocore.session

# prefix in the vocabulary's `aws` paths, service, operation
OPERATIONS = (
    ("task", "ecs", "RegisterTaskDefinition"),
    ("service", "ecs", "CreateService"),
    ("alarm", "cloudwatch", "PutMetricAlarm"),
    ("target-group", "elbv2", "CreateTargetGroup"),
    ("rule", "elbv2", "CreateRule"),
    ("scaling-policy", "application-autoscaling", "PutScalingPolicy"),
)

# Amazon ECS developer guide, "Task definition differences for Fargate" (fargate-tasks-services)
_PAGE = "not valid in Fargate tasks: ECS developer guide, fargate-tasks-services"
_MODEL = "not supported on Fargate: prose of the ECS model"

# (prefix, subtree, reason)
EXCLUDED = (
    ("task", "containerDefinitions[].links[]", _PAGE),
    ("task", "containerDefinitions[].disableNetworking", _PAGE),
    ("task", "containerDefinitions[].dnsServers[]", _PAGE),
    ("task", "containerDefinitions[].dnsSearchDomains[]", _PAGE),
    ("task", "containerDefinitions[].dockerSecurityOptions[]", _PAGE),
    ("task", "containerDefinitions[].extraHosts[]", _PAGE),
    ("task", "containerDefinitions[].privileged", _PAGE),
    ("task", "containerDefinitions[].linuxParameters.maxSwap", _PAGE),
    ("task", "containerDefinitions[].linuxParameters.swappiness", _PAGE),
    ("task", "containerDefinitions[].linuxParameters.devices[]", _MODEL),
    ("task", "containerDefinitions[].linuxParameters.sharedMemorySize", _MODEL),
    ("task", "containerDefinitions[].hostname",
     "not supported with awsvpc, the only network mode of Fargate: prose of the ECS model"),
    ("task", "containerDefinitions[].resourceRequirements[]",
     "GPU only, which is not valid in Fargate tasks: ECS developer guide, fargate-tasks-services"),
    ("task", "volumes[].host.sourcePath", _MODEL),
    ("task", "volumes[].dockerVolumeConfiguration", _MODEL),
    ("task", "volumes[].fsxWindowsFileServerVolumeConfiguration",
     "Windows on EC2 only: ECS developer guide, wfsx-volumes"),
    ("task", "placementConstraints[]", _PAGE),
    ("task", "ipcMode", _PAGE),
    ("task", "proxyConfiguration",
     "App Mesh only, which ended on 2026-09-30: AWS containers blog, migrating-from-aws-app-mesh"),
    ("task", "inferenceAccelerators[]",
     "Elastic Inference, which needs EC2 and takes no new customers since 2023-04-15: ECS API reference"),
    ("service", "loadBalancers[].loadBalancerName",
     "Classic Load Balancer, which awsvpc does not support: prose of the ECS model"),
    ("service", "role", "only permitted without awsvpc: prose of the ECS model"),
    ("service", "placementConstraints[]", _PAGE),
    ("service", "placementStrategy[]",
     "Fargate spreads tasks itself: ECS developer guide, task-placement-strategies"),
    ("service", "clientToken",
     "a token of one request (idempotency), nothing that describes a service"),
)


def leaf_members(shape, path="", seen=frozenset()):
    """Yields (path, shape) of every leaf below a shape; recursive shapes are entered once."""
    kind = shape.type_name
    if kind == "structure":
        if shape.name in seen:
            return
        if not shape.members:
            yield path, shape
        for name, member in shape.members.items():
            yield from leaf_members(member, f"{path}.{name}" if path else name, seen | {shape.name})
    elif kind == "list":
        yield from leaf_members(shape.member, path + "[]", seen)
    elif kind == "map":
        yield path + "{}", shape
    else:
        yield path, shape


def is_below(path, subtree):
    """Whether a member is the subtree itself or stands inside it."""
    return path == subtree or path.startswith((subtree + ".", subtree + "["))


def exclusion(prefix, path):
    """The reason why Fargate refuses a member, or None."""
    for excluded_prefix, subtree, reason in EXCLUDED:
        if excluded_prefix == prefix and is_below(path, subtree):
            return reason
    return None


def all_members(session=None):
    """Yields (prefix, path, shape, reason or None) of every member of every operation, in the model's order."""
    session = session or botocore.session.get_session()
    for prefix, service, operation in OPERATIONS:
        shape = session.get_service_model(service).operation_model(operation).input_shape
        for path, member in leaf_members(shape):
            yield prefix, path, member, exclusion(prefix, path)
