"""Elastic Load Balancing: limits, what is in use, and answers as AWS gives them."""

import copy

from moto.ec2.models import ec2_backends
from moto.elbv2.exceptions import (DuplicateListenerError, DuplicateLoadBalancerName, DuplicateTargetGroupName, PriorityInUseError,
                                   RuleNotFoundError, TargetGroupNotFoundError, ValidationError)
from moto.elbv2.models import ELBv2Backend, FakeAction

from .world import WORLD, replaces

RULES_OF_A_BALANCER = 100


class Limit(ValidationError):
    """A quota of the load balancer."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def check_actions(actions):
    for action in actions:
        groups = action.get("ForwardConfig", {}).get("TargetGroups", [])
        for group in groups:
            if not 0 <= int(group.get("Weight", 1)) <= 999:
                raise ValidationError(f"The weight '{group['Weight']}' of target group '{group['TargetGroupArn']}' must be between 0 and 999 "
                                      "inclusive")
        if len(groups) > 5:
            raise Limit("TooManyTargetGroups", "A forward action can have at most 5 target groups")
        stickiness = action.get("ForwardConfig", {}).get("TargetGroupStickinessConfig", {})
        if str(stickiness.get("Enabled", "false")).lower() == "true" and not 1 <= int(stickiness.get("DurationSeconds", 0)) <= 604800:
            raise ValidationError("Target group stickiness duration must be between 1 and 604800 seconds")


def values_of(condition):
    return next((config["Values"] for key, config in condition.items() if key.endswith("Config") and "Values" in config),
                condition.get("Values", []))


def check_conditions(conditions):
    values = [value for condition in conditions or [] for value in values_of(condition)]
    if len(values) > 5:
        raise ValidationError("A rule can only have '5' condition values")
    if sum(str(value).count("*") + str(value).count("?") for value in values) > 5:
        raise ValidationError("A rule can only have '5' wildcards")


def check_priority(priority):
    if not 1 <= int(priority) <= 50000:
        raise ValidationError(f"1 validation error detected: Value '{priority}' at 'priority' failed to satisfy constraint: Member must have "
                              "value between 1 and 50000")


@replaces(ELBv2Backend, "create_load_balancer", "scheme-default")
def create_load_balancer(original, backend, name, security_groups, subnet_ids, subnet_mappings=None, scheme=None, **more):
    """A load balancer that does not say its scheme is internet-facing, and its description says so."""
    return original(backend, name, security_groups, subnet_ids, subnet_mappings, scheme=scheme or "internet-facing", **more)


@replaces(ELBv2Backend, "create_rule", "rule-limits")
def create_rule(original, backend, listener_arn, conditions, priority, actions, tags=None):
    """Weights are 0 to 999, priorities 1 to 50000, at most 5 target groups an action, 5 condition values and 5 wildcards a rule, 100 rules a
    load balancer; moto takes any."""
    check_priority(priority)
    check_actions(actions)
    check_conditions(conditions)
    balancer = next((item for item in backend.load_balancers.values() if listener_arn in item.listeners), None)
    if balancer and sum(len(listener._non_default_rules) for listener in balancer.listeners.values()) >= RULES_OF_A_BALANCER:
        raise Limit("TooManyRules", "You've reached the limit on the number of rules per load balancer")
    return original(backend, listener_arn, conditions, priority, actions, tags)


@replaces(ELBv2Backend, "modify_rule", "rule-limits")
def modify_rule(original, backend, rule_arn, conditions, actions):
    check_actions(actions or [])
    check_conditions(conditions)
    return original(backend, rule_arn, conditions, actions)


@replaces(ELBv2Backend, "set_rule_priorities", "priorities-swapped")
def set_rule_priorities(original, backend, rule_priorities):
    """SetRulePriorities is atomic: rules may swap their priorities in one call; only one that another rule keeps is in use."""
    given = {item["RuleArn"]: int(item["Priority"]) for item in rule_priorities}
    for priority in given.values():
        check_priority(priority)
    rules = backend.describe_rules(listener_arn=None, rule_arns=list(given))
    for rule in rules:
        listener = backend.describe_listeners(None, [rule.listener_arn])[0]
        for other in listener.rules.values():
            if str(other.priority) == str(given[rule.arn]) and other.arn not in given:
                raise PriorityInUseError()
    if len(set(given.values())) < len(given):
        return original(backend, rule_priorities)
    for rule in rules:
        rule.priority = given[rule.arn]
    return rules


@replaces(ELBv2Backend, "delete_rule", "rule-not-found")
def delete_rule(original, backend, arn):
    """DeleteRule of a rule that is not there is RuleNotFound; moto says nothing."""
    if not any(arn in listener.rules for balancer in backend.load_balancers.values() for listener in balancer.listeners.values()):
        raise RuleNotFoundError("One or more rules not found")
    return original(backend, arn)


@replaces(ELBv2Backend, "modify_target_group_attributes", "whole-hour-of-draining")
def modify_attributes(original, backend, target_group_arn, attributes):
    """A deregistration delay of 3600 seconds is allowed; moto stops at 3599."""
    rest = dict(attributes)
    whole = str(rest.get("deregistration_delay.timeout_seconds")) == "3600"
    if whole:
        del rest["deregistration_delay.timeout_seconds"]
    original(backend, target_group_arn, rest)
    if whole:
        backend.target_groups[target_group_arn].attributes["deregistration_delay.timeout_seconds"] = "3600"


def used_by(backend, group_arn):
    """The load balancers whose rules or default actions send to a target group."""
    found = []
    for balancer in backend.load_balancers.values():
        for listener in balancer.listeners.values():
            arns = [arn for rule in listener.rules.values() for action in rule.actions for arn in backend._get_target_group_arns_from(action.data)]
            if group_arn in arns and balancer.arn not in found:
                found.append(balancer.arn)
    return found


@replaces(ELBv2Backend, "describe_target_groups", "balancers-of-a-target-group")
def describe_target_groups(original, backend, load_balancer_arn, target_group_arns, names):
    """LoadBalancerArns of a target group are those whose rules send to it now, each once; moto adds one at each rule and never takes
    one away."""
    for group in backend.target_groups.values():
        group.load_balancer_arns = used_by(backend, group.arn)
    return original(backend, load_balancer_arn, target_group_arns, names)


@replaces(ELBv2Backend, "_validate_actions", "one-balancer-a-target-group")
def validate_actions(original, backend, actions):
    """A target group serves one load balancer only (TargetGroupAssociationLimit)."""
    original(backend, actions)
    for action in actions:
        for arn in backend._get_target_group_arns_from(action.data):
            here = WORLD.balancer_in_hand
            if here and any(other != here for other in used_by(backend, arn)):
                raise Limit("TargetGroupAssociationLimit",
                            f"The following target groups cannot be associated with more than one load balancer: {arn}")


def with_balancer_in_hand(name):
    """While the method runs, WORLD.balancer_in_hand is the ARN of the load balancer of its first argument."""
    original = getattr(ELBv2Backend, name)

    def method(backend, *arguments, **named):
        arn = str(next(iter((*arguments, *named.values())), ""))
        arns = [balancer.arn for balancer in backend.load_balancers.values()
                if arn == balancer.arn or any(arn == listener.arn or arn in listener.rules for listener in balancer.listeners.values())]
        WORLD.balancer_in_hand = arns[0] if arns else None
        try:
            return original(backend, *arguments, **named)
        finally:
            WORLD.balancer_in_hand = None
    setattr(ELBv2Backend, name, method)


WORLD.balancer_in_hand = None
for method_name in ("create_rule", "modify_rule", "create_listener", "modify_listener"):
    with_balancer_in_hand(method_name)


@replaces(FakeAction, "__init__", "forward-both-ways")
def action_init(original, action, data):
    """A forward action to one target group is answered both as TargetGroupArn and as a ForwardConfig with one target group of weight 1,
    however it was sent; weights and stickiness are filled in, and Order."""
    data = copy.deepcopy(data)
    if data.get("Type") == "forward":
        if "ForwardConfig" not in data and "TargetGroupArn" in data:
            data["ForwardConfig"] = {"TargetGroups": [{"TargetGroupArn": data["TargetGroupArn"], "Weight": 1}]}
        groups = data.get("ForwardConfig", {}).get("TargetGroups", [])
        if len(groups) == 1:
            data["TargetGroupArn"] = groups[0]["TargetGroupArn"]
    data.setdefault("Order", 1)
    original(action, data)


CONFIGS = {"path-pattern": "PathPatternConfig", "host-header": "HostHeaderConfig"}


def both_ways(conditions):
    for condition in conditions:
        config = CONFIGS.get(condition.get("Field"))
        if config and WORLD.on("condition-both-ways"):
            values = condition.get(config, {}).get("Values") or condition.get("Values") or []
            condition["Values"], condition[config] = list(values), {"Values": list(values)}


@replaces(ELBv2Backend, "create_rule", "condition-both-ways")
def create_rule_both_ways(original, backend, *arguments, **named):
    """A path or host condition is answered both as Values and as its PathPatternConfig or HostHeaderConfig."""
    rule = original(backend, *arguments, **named)
    rule.conditions = copy.deepcopy(rule.conditions)
    both_ways(rule.conditions)
    return rule


@replaces(ELBv2Backend, "modify_rule", "condition-both-ways")
def modify_rule_both_ways(original, backend, *arguments, **named):
    rule = original(backend, *arguments, **named)
    rule.conditions = copy.deepcopy(rule.conditions)
    both_ways(rule.conditions)
    return rule


@replaces(ELBv2Backend, "create_listener", "duplicate-listener")
def create_listener(original, backend, load_balancer_arn, protocol, port, *rest, **named):
    """A second listener on a port is refused (DuplicateListener), unless it is the same, which is answered again."""
    balancer = backend.load_balancers.get(load_balancer_arn)
    for listener in balancer.listeners.values() if balancer else []:
        if str(listener.port) == str(port):
            raise DuplicateListenerError()
    return original(backend, load_balancer_arn, protocol, port, *rest, **named)


SAME = ("protocol", "port", "vpc_id", "target_type", "protocol_version")


@replaces(ELBv2Backend, "create_target_group", "same-target-group")
def create_target_group(original, backend, name, **given):
    """CreateTargetGroup and CreateLoadBalancer are idempotent: the same settings under a name that exists answer what is there, others are
    refused (DuplicateTargetGroupName, DuplicateLoadBalancerName)."""
    existing = next((group for group in backend.target_groups.values() if group.name == name), None)
    if existing:
        asked = {key: given.get(key) for key in SAME if given.get(key) is not None}
        if any(str(getattr(existing, key)) != str(value) for key, value in asked.items()):
            raise DuplicateTargetGroupName()
        return existing
    return original(backend, name, **given)


@replaces(ELBv2Backend, "create_load_balancer", "same-target-group")
def create_load_balancer(original, backend, name, security_groups, subnet_ids, *rest, **named):
    existing = next((balancer for balancer in backend.load_balancers.values() if balancer.name == name), None)
    if existing:
        if sorted(existing.security_groups or []) != sorted(security_groups or []) \
                or sorted(subnet.id for subnet in existing.subnets) != sorted(subnet_ids):
            raise DuplicateLoadBalancerName()
        return existing
    balancer = original(backend, name, security_groups, subnet_ids, *rest, **named)
    balancer.activate()
    return balancer


@replaces(ELBv2Backend, "delete_target_group", "delete-target-group-again")
def delete_target_group(original, backend, target_group_arn):
    """Deleting a target group that is not there says nothing; moto answers TargetGroupNotFound."""
    try:
        return original(backend, target_group_arn)
    except TargetGroupNotFoundError:
        return None


@replaces(ELBv2Backend, "delete_load_balancer", "balancer-not-protected")
def delete_load_balancer(original, backend, arn):
    """A load balancer with deletion protection is not deleted (OperationNotPermitted); its network interfaces hold their security groups until
    they are gone, a while after."""
    balancer = backend.load_balancers.get(arn)
    if balancer and str(balancer.attrs.get("deletion_protection.enabled")).lower() == "true":
        raise Limit("OperationNotPermitted", f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled")
    if balancer:
        ec2 = ec2_backends[backend.account_id][backend.region_name]
        held = set(balancer.security_groups or [])
        ec2.launcher_held = getattr(ec2, "launcher_held", {})
        ec2.launcher_held[arn] = held
        WORLD.agenda.after(WORLD.settings["network_interface_seconds"], ec2.launcher_held.pop, arn, None)
    return original(backend, arn)


@replaces(ELBv2Backend, "describe_tags", "tags-of-twenty")
def describe_tags(original, backend, resource_arns):
    """DescribeTags takes at most 20 resources, and all of them must exist."""
    if len(resource_arns) > 20:
        raise ValidationError("Cannot specify more than '20' resources in a single request")
    return original(backend, resource_arns)
