"""What CreateService and UpdateService refuse."""

from moto.ec2.models import ec2_backends
from moto.ecs.exceptions import ECSException, InvalidParameterException

from . import propagation, targets
from .ecs_definitions import check_balanced
from .ecs_native import find_rule
from .world import WORLD, describes

describes("target-group-attached", """A service's target groups must each be used by a listener or a rule: `The target group with
    targetGroupArn … does not have an associated load balancer.` It can be retried once the rule is there.""")
describes("balanced-port", "The container and the port that a service's load balancer names must be in its task definition.")
describes("target-type", "A service of awsvpc tasks wants target groups of type ip.")
describes("providers-of-cluster", """A capacity provider must be associated with the cluster, FARGATE and FARGATE_SPOT too; launchType and
    capacityProviderStrategy exclude each other.""")
describes("network-configuration", """awsvpc wants a networkConfiguration with subnets that exist; its securityGroups may be missing (the VPC's
    default group serves), as may assignPublicIp (DISABLED). moto answers 500 without groups.""")
describes("native-wants-advanced", """BLUE_GREEN, LINEAR and CANARY want the ECS controller and, with a load balancer, its
    advancedConfiguration: alternate target group, production rule and a role that ECS may use; BLUE_GREEN wants the bake time.""")
describes("rebalancing-surplus", """availabilityZoneRebalancing is ENABLED unless a new service says otherwise, and wants a maximumPercent above
    100 (setting rebalancing_needs_surplus).""")


def refuse(message, code="InvalidParameterException"):
    raise InvalidParameterException(message) if code == "InvalidParameterException" else ECSException(code, message)


def check_network(simulation, definition, members):
    configuration = (members.get("networkConfiguration") or {}).get("awsvpcConfiguration")
    if not WORLD.on("network-configuration"):
        return
    if definition.network_mode == "awsvpc" and not configuration:
        refuse("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
    if not configuration:
        return
    if definition.network_mode != "awsvpc":
        refuse("Network Configuration is not valid for the given networkMode of this task definition.")
    if not configuration.get("subnets"):
        refuse("subnets can not be empty.")
    ec2 = ec2_backends[simulation.account][simulation.region]
    known = {subnet for zone in ec2.subnets.values() for subnet in zone}
    for subnet in configuration["subnets"]:
        if subnet not in known:
            refuse(f"Error retrieving subnet information for [{subnet}]: The subnet ID '{subnet}' does not exist "
                   "(ErrorCode: InvalidSubnetID.NotFound)")
    for group in configuration.get("securityGroups") or []:
        if not ec2.get_security_group_from_id(group):
            refuse(f"Error retrieving security group information for [{group}]: The security group '{group}' does not exist "
                   "(ErrorCode: InvalidGroup.NotFound)")


def check_balancers(simulation, definition, members):
    for balancer in members.get("loadBalancers") or []:
        if WORLD.on("balanced-port"):
            check_balanced(definition, balancer)
        advanced = balancer.get("advancedConfiguration") or {}
        for arn in (balancer.get("targetGroupArn"), advanced.get("alternateTargetGroupArn")):
            if arn:
                check_target_group(simulation, definition, arn)
        for member in ("productionListenerRule", "testListenerRule"):
            if advanced.get(member) and not find_rule(Asked(simulation), advanced[member]):
                refuse(f"The listener rule {advanced[member]} does not exist.")
    if members.get("healthCheckGracePeriodSeconds") and not members.get("loadBalancers"):
        refuse("Health check grace period is only valid for services configured to use load balancers")


class Asked:
    """Stands for a service where only its simulation is asked for."""

    def __init__(self, simulation):
        self.simulation = simulation


def check_target_group(simulation, definition, arn):
    group = targets.group_of(simulation.account, simulation.region, arn)
    if not group:
        refuse(f"The specified target group does not exist: {arn}")
    if WORLD.on("target-type") and definition.network_mode == "awsvpc" and group.target_type != "ip":
        refuse(f"The provided target group {arn} has target type {group.target_type}, which is incompatible with the awsvpc network mode "
               "specified in the task definition.")
    if WORLD.on("target-group-attached") and not targets.elbv2_backends[simulation.account][simulation.region]._any_listener_using(arn):
        refuse(f"The target group with targetGroupArn {arn} does not have an associated load balancer.")


def check_capacity(simulation, cluster, members):
    strategy = members.get("capacityProviderStrategy")
    if not WORLD.on("providers-of-cluster") or not strategy:
        return
    if members.get("launchType"):
        refuse("Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.")
    associated = cluster.capacity_providers or []
    for item in strategy:
        if item["capacityProvider"] not in associated:
            refuse("The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster. "
                   "Associate the capacity provider with the cluster and try again.")
    if not any(item.get("weight", 0) for item in strategy) or sum(1 for item in strategy if item.get("base")) > 1:
        refuse("The specified capacity provider strategy must have a capacity provider with a weight above 0, and one with a base at most.")


def check_deployment(members):
    configuration = members.get("deploymentConfiguration") or {}
    strategy = configuration.get("strategy", "ROLLING")
    most, least = configuration.get("maximumPercent", 200), configuration.get("minimumHealthyPercent", 100)
    if most == 0 or (most <= 100 and least >= 100 and strategy == "ROLLING"):
        refuse("Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments." if least == 100 == most else
               "maximumPercent must be greater than minimumHealthyPercent.")
    if WORLD.on("rebalancing-surplus") and WORLD.settings["rebalancing_needs_surplus"] and most <= 100 \
            and members.get("availabilityZoneRebalancing") == "ENABLED":
        refuse("Availability Zone rebalancing does not support maximumPercent less than or equal to 100.")
    if strategy == "ROLLING" or not WORLD.on("native-wants-advanced"):
        return
    if strategy == "BLUE_GREEN" and configuration.get("bakeTimeInMinutes") is None:
        refuse("bakeTimeInMinutes must be specified when deployment strategy is BLUE_GREEN.")
    if (members.get("deploymentController") or {"type": "ECS"})["type"] != "ECS":
        refuse(f"The deployment strategy {strategy} is only supported with the ECS deployment controller.")
    if not members.get("loadBalancers") and not members.get("serviceConnectConfiguration"):
        refuse(f"The deployment strategy {strategy} requires a load balancer or Service Connect.")
    for balancer in members.get("loadBalancers") or []:
        advanced = balancer.get("advancedConfiguration") or {}
        for member in ("alternateTargetGroupArn", "productionListenerRule", "roleArn"):
            if not advanced.get(member):
                refuse(f"advancedConfiguration.{member} must be specified for load balancers when deployment strategy is {strategy}.")


def check_roles(definition, members):
    """Refuses a role that cannot be seen yet."""
    if WORLD.settings["role_failure"] != "refused":
        return
    asked = [*propagation.roles_of(definition), *[(balancer.get("advancedConfiguration") or {}).get("roleArn")
                                                  for balancer in members.get("loadBalancers") or []]]
    for arn in asked:
        if propagation.is_unseen(arn):
            refuse("Unable to assume the service linked role. Please verify that the ECS service linked role exists.")


def check_service(simulation, cluster, definition, members):
    check_capacity(simulation, cluster, members)
    check_network(simulation, definition, members)
    check_deployment(members)
    check_balancers(simulation, definition, members)
    check_roles(definition, members)
