"""EC2: security groups that are in use, and what only the launcher can make."""

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.elbv2.models import elbv2_backends

from .control import handles
from .world import WORLD, describes, replaces


describes("description-of-group-rules", """A rule that names another security group keeps its description, as one of a CIDR does;
    moto's rules of groups have none.""")


def description(rule):
    """A rule's description, whatever its source is."""
    if rule.ip_range.get("Description") or not WORLD.on("description-of-group-rules"):
        return rule.ip_range.get("Description")
    return rule.source_group.get("Description")


SecurityGroupRule.description = property(description)


@replaces(SecurityGroupRule, "__eq__", "rules-without-descriptions")
def is_same_rule(original, rule, other):
    """A rule is known by its protocol, ports and peer: it is revoked, and refused a second time, whatever its description; moto's rules of groups
    with another description are others."""
    key = lambda one: (one.ip_protocol, one.from_port, one.to_port, one.cidr_ipv4, one.cidr_ipv6, one.source_group.get("GroupId"), one.prefix_list_id)
    return key(rule) == key(other)


class DependencyViolation(EC2ClientError):
    def __init__(self, group):
        super().__init__("DependencyViolation", f"resource {group} has a dependent object")


def holders(backend, group_id):
    """What still needs a security group: rules of other groups, network interfaces, load balancers, endpoints."""
    for groups in backend.groups.values():
        for group in groups.values():
            for rule in [*group.ingress_rules, *group.egress_rules]:
                if group.id != group_id and (rule.source_group or {}).get("GroupId") == group_id:
                    yield group.id
    for interface in backend.enis.values():
        if any(group.id == group_id for group in interface.group_set):
            yield interface.id
    for balancer in elbv2_backends[backend.account_id][backend.region_name].load_balancers.values():
        if group_id in (balancer.security_groups or []):
            yield balancer.arn
    for endpoint in backend.vpc_end_points.values():
        if group_id in (endpoint.security_group_ids or []):
            yield endpoint.id
    for arn, held in getattr(backend, "launcher_held", {}).items():
        if group_id in held:
            yield arn


@replaces(EC2Backend, "delete_security_group", "group-in-use")
def delete_security_group(original, backend, name=None, group_id=None):
    """A security group that a rule of another group refers to, or that a network interface, a load balancer or an endpoint has, is not
    deleted (DependencyViolation) until it is free; moto deletes it."""
    if group_id and next(holders(backend, group_id), None):
        raise DependencyViolation(group_id)
    return original(backend, name, group_id)


@handles("POST", "/control/security-groups")
def add_group(front, query, value):
    """A security group whose id is given; EC2 itself makes up the id."""
    backend = ec2_backends[value.get("account", WORLD.account)][value.get("region", "eu-west-1")]
    group = backend.create_security_group(value.get("name", value["id"]), value.get("description", "made by hand"), value["vpc"])
    backend.groups[value["vpc"]][value["id"]] = backend.groups[value["vpc"]].pop(group.id)
    group.id = group.group_id = value["id"]
    for rule in [*group.ingress_rules, *group.egress_rules]:
        rule.group_id = value["id"]
