"""Task definitions: what AWS refuses of them, and what it adds."""

import copy

from moto.ecs.exceptions import EcsClientException, InvalidParameterException
from moto.ecs.models import EC2ContainerServiceBackend

from .world import WORLD, describes, replaces

GIB = 1024
# cpu -> the memory, in MiB, that Fargate gives with it.
FARGATE_MEMORY = {
    256: [512, GIB, 2 * GIB],
    512: [n * GIB for n in range(1, 5)],
    1024: [n * GIB for n in range(2, 9)],
    2048: [n * GIB for n in range(4, 17)],
    4096: [n * GIB for n in range(8, 31)],
    8192: [n * GIB for n in range(16, 61, 4)],
    16384: [n * GIB for n in range(32, 121, 8)],
}

describes("definition-defaults", """RegisterTaskDefinition fills in defaults that its answers then have: hostPort (the container's, with
    awsvpc) and protocol tcp of a port, interval 30, timeout 5 and retries 3 of a health check, an empty systemControls, `host` of a volume
    that has nothing; cpu and memory as numbers; and it says who registered what and when.""")


def in_units(value, unit):
    """`1 vCPU` or `2 GB` as ECS stores it."""
    text = str(value).strip()
    if text.lower().endswith(unit):
        return str(int(float(text[:-len(unit)].strip()) * GIB))
    return text


def check_size(cpu, memory):
    if not cpu or not memory:
        raise EcsClientException("When networkMode=awsvpc and requiresCompatibilities=FARGATE, cpu and memory must be specified at the task level."
                                 if not cpu and not memory else
                                 f"Fargate requires that '{'cpu' if not cpu else 'memory'}' be defined at the task level.")
    if int(memory) not in FARGATE_MEMORY.get(int(cpu), []):
        raise EcsClientException("No Fargate configuration exists for given values: "
                                 f"{cpu} CPU, {memory} memory. See the Amazon ECS documentation for the valid values.")


def fill_container(container, awsvpc):
    container = copy.deepcopy(container)
    for port in container.get("portMappings", []):
        port.setdefault("protocol", "tcp")
        if awsvpc:
            port.setdefault("hostPort", port.get("containerPort"))
    if "healthCheck" in container:
        for key, value in (("interval", 30), ("timeout", 5), ("retries", 3)):
            container["healthCheck"].setdefault(key, value)
    container.setdefault("systemControls", [])
    for key in ("environment", "secrets"):  # AWS answers them in an order of its own
        if container.get(key) and WORLD.on("definition-order"):
            container[key] = sorted(container[key], key=lambda item: item["name"], reverse=True)
    return container


describes("definition-order", """The environment and the secrets of a container are sets: DescribeTaskDefinition gives them in another order
    than they were sent.""")


def requires_attributes(definition):
    names = ["com.amazonaws.ecs.capability.docker-remote-api.1.18", "ecs.capability.task-eni"]
    if getattr(definition, "task_role_arn", None):
        names.append("com.amazonaws.ecs.capability.task-iam-role")
    if getattr(definition, "execution_role_arn", None):
        names.append("ecs.capability.execution-role-ecr-pull")
    if any(container.get("logConfiguration", {}).get("logDriver") == "awslogs" for container in definition.container_definitions):
        names.append("com.amazonaws.ecs.capability.logging-driver.awslogs")
    return [{"name": name} for name in names]


@replaces(EC2ContainerServiceBackend, "register_task_definition", "fargate-sizes")
def register(original, backend, family, container_definitions, volumes=None, network_mode=None, *rest, **named):
    """Fargate gives each cpu its own memories (256: 512 MiB to 2 GiB, … 16384: 32 to 120 GiB by 8), wants both and awsvpc; moto
    takes any pair."""
    compatibilities = named.get("requires_compatibilities") or []
    cpu, memory = in_units(named.get("cpu") or "", "vcpu"), in_units(named.get("memory") or "", "gb")
    if "FARGATE" in compatibilities:
        if network_mode not in (None, "awsvpc"):
            raise EcsClientException("Fargate only supports network mode ‘awsvpc’.")
        check_size(cpu, memory)
    if not container_definitions:
        raise EcsClientException("Container list cannot be empty.")
    if not any(container.get("essential", True) for container in container_definitions):
        raise EcsClientException("At least one essential container must be specified in the task definition.")
    return original(backend, family, container_definitions, volumes, network_mode, *rest, **named)


@replaces(EC2ContainerServiceBackend, "register_task_definition", "definition-defaults")
def fill_in(original, backend, family, container_definitions, volumes=None, network_mode=None, *rest, **named):
    if not family:
        raise EcsClientException("Family should not be null or empty.")
    awsvpc = network_mode == "awsvpc" or "FARGATE" in (named.get("requires_compatibilities") or [])
    containers = [fill_container(container, awsvpc) for container in container_definitions or []]
    if volumes:
        volumes = [volume if len(volume) > 1 else volume | {"host": {}} for volume in copy.deepcopy(volumes)]
    for key, unit in (("cpu", "vcpu"), ("memory", "gb")):
        if named.get(key):
            named[key] = in_units(named[key], unit)
    definition = original(backend, family, containers, volumes, network_mode, *rest, **named)
    definition.requires_attributes = requires_attributes(definition)
    definition.registered_at = WORLD.stamp()
    definition.registered_by = f"arn:aws:iam::{backend.account_id}:user/tester"
    return definition


@replaces(EC2ContainerServiceBackend, "describe_task_definition", "newest-active-definition")
def describe(original, backend, task_definition_str):
    """A family without a revision means its newest ACTIVE one; a deregistered revision is still described by its number, a deleted one
    as well for a while."""
    name = task_definition_str.split("/")[-1]
    if ":" not in name:
        active = [number for number, item in backend.task_definitions.get(name, {}).items() if item.status == "ACTIVE"]
        if active:
            name = f"{name}:{max(active)}"
        else:
            raise EcsClientException("Unable to describe task definition.")
    return original(backend, name)


@replaces(EC2ContainerServiceBackend, "_get_last_task_definition_revision_id", "revisions-never-reused")
def last_revision(original, backend, family):
    """A revision's number is never used again, not even when all revisions of the family were deleted."""
    last = original(backend, family) or 0
    known = backend.__dict__.setdefault("launcher_revisions", {})
    known[family] = max(last, known.get(family, 0))
    return known[family]


@replaces(EC2ContainerServiceBackend, "delete_task_definitions", "delete-definitions-status")
def delete_definitions(original, backend, task_definitions):
    """DeleteTaskDefinitions takes at most 10, deregistered ones only; what it takes is DELETE_IN_PROGRESS, and its number stays used."""
    for name in task_definitions:
        family = name.split("/")[-1].split(":")[0]
        backend._get_last_task_definition_revision_id(family)
    return original(backend, task_definitions)


@replaces(EC2ContainerServiceBackend, "deregister_task_definition", "deregistered-at")
def deregister(original, backend, task_definition_str):
    """DeregisterTaskDefinition dates what it makes INACTIVE; running services go on with it, new ones cannot use it."""
    definition = original(backend, task_definition_str)
    definition.deregistered_at = WORLD.stamp()
    return definition


def find_definition(backend, name):
    """The task definition of that name, as CreateService finds it."""
    from moto.ecs.exceptions import TaskDefinitionNotFoundException
    try:
        definition = backend.describe_task_definition(name)
    except (TaskDefinitionNotFoundException, EcsClientException, ValueError):
        raise EcsClientException("TaskDefinition not found.") from None
    if definition.status != "ACTIVE":
        raise EcsClientException("TaskDefinition is inactive")
    return definition


def container_of(definition, name):
    return next((container for container in definition.container_definitions if container["name"] == name), None)


def check_balanced(definition, balancer):
    """Whether a service's load balancer names a container and a port of its task definition."""
    container = container_of(definition, balancer.get("containerName"))
    if not container:
        raise InvalidParameterException(f"The container {balancer.get('containerName')} does not exist in the task definition.")
    ports = [port.get("containerPort") for port in container.get("portMappings", [])]
    if balancer.get("containerPort") not in ports:
        raise InvalidParameterException(f"The container {balancer['containerName']} did not have a container port "
                                        f"{balancer.get('containerPort')} defined.")
