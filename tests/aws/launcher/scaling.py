"""Application Auto Scaling: targets, policies with their alarms, activities; scaling itself on demand.

    POST /control/scale   {"cluster", "service", "desired", "cause"}: what a policy would do: the service's desired count is set within the
                          scalable target's bounds, and the activity noted; nothing when scaling in that direction is suspended
"""

import json

from moto.applicationautoscaling.models import (ApplicationAutoscalingBackend, AWSValidationException, FakeApplicationAutoscalingPolicy,
                                                applicationautoscaling_backends)
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.cloudwatch.models import cloudwatch_backends
from moto.core.exceptions import JsonRESTError

from . import simulation
from .control import handles
from .world import WORLD, describes, replaces

describes("scalable-target-needs-service", "The service of a scalable target, and the target of a policy, must exist; an INACTIVE service does not.")
describes("role-of-a-target", "A scalable target's RoleARN is the service-linked role, whatever was asked; SuspendedState is answered in full.")
ROLE = "arn:aws:iam::{}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService"
NOT_SUSPENDED = {"DynamicScalingInSuspended": False, "DynamicScalingOutSuspended": False, "ScheduledScalingSuspended": False}
# Predefined metric -> (namespace, metric, statistic).
PREDEFINED = {
    "ECSServiceAverageCPUUtilization": ("AWS/ECS", "CPUUtilization", "Average"),
    "ECSServiceAverageMemoryUtilization": ("AWS/ECS", "MemoryUtilization", "Average"),
    "ALBRequestCountPerTarget": ("AWS/ApplicationELB", "RequestCountPerTarget", "Sum"),
}


def service_of(backend, resource):
    """The ECS service that a resource id names, None when it is gone."""
    kind, _, rest = resource.partition("/")
    cluster, _, name = rest.partition("/")
    found = simulation.of(backend.account_id, backend.region_name).backend.services.get(f"{cluster}:{name}") if kind == "service" else None
    return found if found and found.status != "INACTIVE" else None


def activities_of(backend):
    return backend.__dict__.setdefault("launcher_activities", [])


def set_desired(backend, target, desired, cause):
    """Sets the desired count of a target's service within its bounds, and notes the activity."""
    service = service_of(backend, target.resource_id)
    desired = max(int(target.min_capacity or 0), min(int(target.max_capacity), desired))
    if not service or service.desired_count == desired:
        return
    service.desired_count = desired
    service.wake()
    now = WORLD.clock.date(WORLD.agenda.now)
    activities_of(backend).insert(0, {
        "ActivityId": WORLD.hexadecimal(32), "ServiceNamespace": "ecs", "ResourceId": target.resource_id,
        "ScalableDimension": target.scalable_dimension, "Description": f"Setting desired count to {desired}.", "Cause": cause,
        "StartTime": now, "EndTime": now, "StatusCode": "Successful",
        "StatusMessage": f"Successfully set desired count to {desired}. Change successfully fulfilled by ecs."})


@replaces(ApplicationAutoscalingBackend, "register_scalable_target", "scalable-target-needs-service")
def register_with_service(original, backend, namespace, r_id, *rest, **named):
    if namespace == "ecs" and not service_of(backend, r_id):
        raise AWSValidationException(f"ECS service doesn't exist: {r_id}")
    return original(backend, namespace, r_id, *rest, **named)


@replaces(ApplicationAutoscalingBackend, "register_scalable_target", "suspended-state")
def register(original, backend, namespace, r_id, dimension, min_capacity, max_capacity, role_arn, suspended_state):
    """RegisterScalableTarget is an upsert: bounds that are not given stay, and of the suspended state the members that are not given; bounds that
    exclude the service's desired count set it (min at least, max at most). min may not exceed max."""
    existing = backend.targets.get(dimension, {}).get(r_id)
    if not existing and (min_capacity is None or max_capacity is None):
        raise AWSValidationException("Both MinCapacity and MaxCapacity must be specified when registering a new scalable target")
    before = dict(existing.suspended_state or {}) if existing else {}
    lowest, highest = (given if given is not None else getattr(existing, name, None)
                       for given, name in ((min_capacity, "min_capacity"), (max_capacity, "max_capacity")))
    if lowest > highest:
        raise AWSValidationException("Maximum capacity cannot be less than minimum capacity")
    state = NOT_SUSPENDED | before | (suspended_state or {})
    target = original(backend, namespace, r_id, dimension, min_capacity, max_capacity, role_arn, state)
    service = service_of(backend, r_id) if namespace == "ecs" else None
    if service:
        WORLD.agenda.after(1, lambda: set_desired(backend, target, service.desired_count,
                                                  f"minimum capacity was set to {lowest}" if service.desired_count < lowest else
                                                  f"maximum capacity was set to {highest}"))
    return target


@replaces(ApplicationAutoscalingBackend, "register_scalable_target", "role-of-a-target")
def register_with_role(original, backend, *arguments, **named):
    target = original(backend, *arguments, **named)
    target.role_arn = ROLE.format(backend.account_id)
    target.suspended_state = NOT_SUSPENDED | (target.suspended_state or {})
    return target


class NotFound(JsonRESTError):
    code = 400

    def __init__(self, message):
        super().__init__("ObjectNotFoundException", message)


@replaces(ApplicationAutoscalingBackend, "deregister_scalable_target", "deregistering-deletes-policies")
def deregister(original, backend, namespace, r_id, dimension):
    """Deregistering a scalable target deletes its policies and scheduled actions, and the alarms that target tracking made; the alarms of step
    policies survive. One that is not there is ObjectNotFoundException."""
    if r_id not in backend.targets.get(dimension, {}):
        raise NotFound(f"No scalable target found for service namespace: {namespace}, resource ID: {r_id}, scalable dimension: {dimension}")
    original(backend, namespace, r_id, dimension)
    for key, policy in list(backend.policies.items()):
        if policy.resource_id == r_id and policy.scalable_dimension == dimension:
            policy.delete_alarms(backend.account_id, backend.region_name)
            del backend.policies[key]
    backend.scheduled_actions = [action for action in backend.scheduled_actions if action.resource_id != r_id]


@replaces(ApplicationAutoscalingBackend, "delete_scaling_policy", "deregistering-deletes-policies")
def delete_policy(original, backend, policy_name, service_namespace, resource_id, scalable_dimension):
    key = FakeApplicationAutoscalingPolicy.formulate_key(service_namespace, resource_id, scalable_dimension, policy_name)
    if key not in backend.policies:
        raise NotFound(f"No scaling policy found for service namespace: {service_namespace}, resource ID: {resource_id}, scalable dimension: "
                       f"{scalable_dimension}, policy name: {policy_name}")
    return original(backend, policy_name, service_namespace, resource_id, scalable_dimension)


def tracked(configuration, resource):
    """(arguments of PutMetricAlarm for the metric that a target-tracking configuration follows)."""
    predefined = configuration.get("PredefinedMetricSpecification")
    _, cluster, service = resource.split("/")
    if predefined:
        namespace, metric, statistic = PREDEFINED[predefined["PredefinedMetricType"]]
        dimensions = [{"Name": "ClusterName", "Value": cluster}, {"Name": "ServiceName", "Value": service}]
        if predefined.get("ResourceLabel"):
            balancer, _, group = predefined["ResourceLabel"].partition("/targetgroup/")
            dimensions = [{"Name": "LoadBalancer", "Value": balancer}, {"Name": "TargetGroup", "Value": "targetgroup/" + group}]
        return {"namespace": namespace, "metric_name": metric, "statistic": statistic, "dimensions": dimensions, "period": 60}
    custom = configuration.get("CustomizedMetricSpecification", {})
    if custom.get("Metrics"):
        return {"namespace": None, "metric_name": None, "statistic": None, "dimensions": [], "period": None}
    return {"namespace": custom.get("Namespace"), "metric_name": custom.get("MetricName"), "statistic": custom.get("Statistic"),
            "dimensions": custom.get("Dimensions") or [], "period": 60}


@replaces(FakeApplicationAutoscalingPolicy, "_generate_ecs_alarms", "target-tracking-alarms")
def target_tracking_alarms(original, policy):
    """A target-tracking policy makes its alarms, TargetTracking-<resource>-AlarmHigh-<id> and, unless scale-in is disabled, …AlarmLow-…, on
    the metric that it follows, above the target for 3 minutes and below nine tenths of it for 15; PutScalingPolicy and DescribeScalingPolicies answer them."""
    cloudwatch = cloudwatch_backends[policy.account_id][policy.region_name]
    configuration = policy.target_tracking_scaling_policy_configuration or {}
    target = float(configuration["TargetValue"])
    kinds = [("AlarmHigh", "GreaterThanThreshold", 3, target)]
    if not configuration.get("DisableScaleIn"):
        kinds.append(("AlarmLow", "LessThanThreshold", 15, target * 0.9))
    number = f"{WORLD.hexadecimal(8)}-{WORLD.hexadecimal(4)}-{WORLD.hexadecimal(4)}-{WORLD.hexadecimal(4)}-{WORLD.hexadecimal(12)}"
    action = f"{policy.policy_arn}:createdBy/{number}"
    return [cloudwatch.put_metric_alarm(
        name=f"TargetTracking-{policy.resource_id}-{kind}-{number}", comparison_operator=comparison, evaluation_periods=periods, threshold=threshold,
        description=f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy.policy_arn}.", alarm_actions=[action],
        metric_data_queries=[], **tracked(configuration, policy.resource_id)) for kind, comparison, periods, threshold in kinds]


@replaces(ApplicationAutoscalingBackend, "put_scaling_policy", "policy-of-a-target")
def put_policy(original, backend, policy_name, service_namespace, resource_id, scalable_dimension, policy_body, policy_type):
    """A policy needs its scalable target (ObjectNotFoundException); putting it again keeps its ARN, and its alarms are replaced; a StepScaling policy
    answers the alarms whose actions name it."""
    if resource_id not in backend.targets.get(scalable_dimension, {}):
        raise NotFound(f"No scalable target registered for service namespace: {service_namespace}, resource ID: {resource_id}, scalable dimension: "
                       f"{scalable_dimension}")
    key = FakeApplicationAutoscalingPolicy.formulate_key(service_namespace, resource_id, scalable_dimension, policy_name)
    before = backend.policies.get(key)
    if before:
        before.delete_alarms(backend.account_id, backend.region_name)
    policy = original(backend, policy_name, service_namespace, resource_id, scalable_dimension, policy_body, policy_type)
    if before:
        policy.policy_arn, policy.creation_time = before.policy_arn, before.creation_time
    return policy


@replaces(ApplicationAutoscalingBackend, "describe_scaling_policies", "policy-of-a-target")
def describe_policies(original, backend, *arguments, **named):
    token, policies = original(backend, *arguments, **named)
    alarms = cloudwatch_backends[backend.account_id][backend.region_name].alarms.values()
    for policy in policies:
        if policy.policy_type == "StepScaling":
            policy.alarms = [alarm for alarm in alarms if policy.policy_arn in (alarm.alarm_actions or [])]
    return token, policies


@replaces(FakeApplicationAutoscalingPolicy, "delete_alarms", "policy-of-a-target")
def delete_alarms(original, policy, account_id, region_name):
    if policy.policy_type == "TargetTrackingScaling":
        original(policy, account_id, region_name)


@replaces(ApplicationAutoScalingResponse, "describe_scaling_activities", "scaling-activities")
def describe_scaling_activities(original, response):
    """DescribeScalingActivities tells what was done and why, the newest first; moto has none of it and answers 500."""
    backend = applicationautoscaling_backends[response.current_account][response.region]
    resource = response._get_param("ResourceId")
    return json.dumps({"ScalingActivities": [item for item in activities_of(backend) if resource in (None, item["ResourceId"])]})


def tags_of(backend):
    return backend.__dict__.setdefault("launcher_tags", {})


def tagged(response):
    """(the tags of all targets, the ARN that is asked for), which must be a target's."""
    backend = applicationautoscaling_backends[response.current_account][response.region]
    arn = response._get_param("ResourceARN")
    if not any(target.arn == arn for targets in backend.targets.values() for target in targets.values()):
        raise NotFound(f"No scalable target found for resource ARN: {arn}")
    return tags_of(backend), arn


@replaces(ApplicationAutoScalingResponse, "tag_resource", "scalable-target-tags")
def tag_resource(original, response):
    """Scalable targets have tags, given when they are registered or later; moto answers 500 to ListTagsForResource and its like."""
    tags, arn = tagged(response)
    tags.setdefault(arn, {}).update(response._get_param("Tags") or {})
    return json.dumps({})


@replaces(ApplicationAutoScalingResponse, "untag_resource", "scalable-target-tags")
def untag_resource(original, response):
    tags, arn = tagged(response)
    for key in response._get_param("TagKeys") or []:
        tags.get(arn, {}).pop(key, None)
    return json.dumps({})


@replaces(ApplicationAutoScalingResponse, "list_tags_for_resource", "scalable-target-tags")
def list_tags(original, response):
    tags, arn = tagged(response)
    return json.dumps({"Tags": tags.get(arn, {})})


@replaces(ApplicationAutoScalingResponse, "register_scalable_target", "scalable-target-tags")
def register_tagged(original, response):
    answer = original(response)
    backend = applicationautoscaling_backends[response.current_account][response.region]
    if response._get_param("Tags"):
        tags_of(backend).setdefault(json.loads(answer)["ScalableTargetARN"], {}).update(response._get_param("Tags"))
    return answer


@handles("POST", "/control/scale")
def scale(front, query, value):
    backend = applicationautoscaling_backends[value.get("account", WORLD.account)][value.get("region", "eu-west-1")]
    resource = f"service/{value['cluster']}/{value['service']}"
    target = backend.targets.get("ecs:service:DesiredCount", {}).get(resource)
    if not target:
        raise ValueError(f"{resource} is no scalable target")
    outward = value["desired"] > service_of(backend, resource).desired_count
    if not (target.suspended_state or {}).get("DynamicScalingOutSuspended" if outward else "DynamicScalingInSuspended"):
        set_desired(backend, target, value["desired"], value.get("cause", "monitor alarm was in state ALARM and triggered a policy"))
        WORLD.catch_up()
    return {"desired": service_of(backend, resource).desired_count}
