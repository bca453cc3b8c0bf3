"""Targets of target groups: registered, initial, healthy, draining, gone."""

from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, elbv2_backends

from .world import WORLD, replaces

REASONS = {
    "initial": ("Elb.RegistrationInProgress", "Target registration is in progress"),
    "unhealthy": ("Target.FailedHealthChecks", "Health checks failed"),
    "draining": ("Target.DeregistrationInProgress", "Target deregistration is in progress"),
    "unused": ("Target.NotInUse", "Target group is not configured to receive traffic from the load balancer"),
}


def group_of(account, region, arn):
    return elbv2_backends[account][region].target_groups.get(arn)


def states(group):
    """{(id, port): state} of a target group's targets."""
    return group.__dict__.setdefault("launcher_states", {})


def register(account, region, arn, address, port, healthy_after, tell, never=False):
    """Registers a target; it becomes healthy after that many seconds, then tell() is called."""
    group = group_of(account, region, arn)
    if not group:
        return
    key = (address, str(port))
    states(group)[key] = "initial"
    group.targets[address] = {"Id": address, "Port": str(port)}

    def settle():
        if states(group).get(key) == "initial":
            states(group)[key] = "unhealthy" if never else "healthy"
            tell()
    WORLD.agenda.after(healthy_after, settle)


def set_state(account, region, arn, address, port, state):
    group = group_of(account, region, arn)
    if group and (address, str(port)) in states(group):
        states(group)[(address, str(port))] = state


def state_of(account, region, arn, address, port):
    """A target's state; healthy when its target group is gone, so that nobody waits for it."""
    group = group_of(account, region, arn)
    return states(group).get((address, str(port)), "unused") if group else "healthy"


def deregister(account, region, arn, address, port):
    """Begins to drain a target; how many seconds that takes."""
    group = group_of(account, region, arn)
    if not group or (address, str(port)) not in states(group):
        return 0.0
    states(group)[(address, str(port))] = "draining"
    delay = WORLD.settings["drain_seconds"]
    if delay is None:
        delay = float(group.attributes["deregistration_delay.timeout_seconds"])

    def forget():
        states(group).pop((address, str(port)), None)
        group.targets.pop(address, None)
    WORLD.agenda.after(delay, forget)
    return delay


@replaces(ELBv2Backend, "describe_target_health", "target-health")
def describe_health(original, backend, target_group_arn, targets):
    """A target is `initial` (Elb.RegistrationInProgress) until it has passed its health checks, then `healthy`; one that fails them is
    `unhealthy`, one on its way out `draining`, one of a target group that no listener uses `unused`. moto says healthy at once."""
    group = backend.target_groups.get(target_group_arn)
    known = states(group) if group else {}
    if not known:
        return original(backend, target_group_arn, targets)
    wanted = [(target["Id"], str(target.get("Port", group.port))) for target in targets] or list(known)
    answer = []
    for address, port in wanted:
        state = known.get((address, port))
        if state is None:
            answer.append(FakeHealthStatus(address, port, group.health_check_port, "unused", "Target.NotRegistered",
                                           "Target is not registered to the target group"))
            continue
        if state in ("healthy", "initial") and not backend._any_listener_using(target_group_arn):
            state = "unused"
        answer.append(FakeHealthStatus(address, port, group.health_check_port, state, *REASONS.get(state, (None, None))))
    return answer
