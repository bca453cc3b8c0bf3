"""ECS's operations on services, deployments and tasks."""

import copy

from moto.core.responses import ActionResult
from moto.ecs.exceptions import ECSException, InvalidParameterException, ServiceNotFoundException
from moto.ecs.models import EC2ContainerServiceBackend
from moto.ecs.responses import EC2ContainerServiceResponse

from . import ecs_answers, simulation
from .ecs_checks import check_service, refuse
from .ecs_definitions import find_definition
from .ecs_services import DONE, KEPT, REVISED, Service
from .ecs_tasks import BY_USER, Task
from .failures import FAILURES
from .world import WORLD, describes, replaces

describes("service-idempotency", """CreateService refuses the name of a service that exists with InvalidParameterException `Creation of service was
    not idempotent.`; the same clientToken with the same input answers the service that it made. moto overwrites.""")
describes("update-starts-deployment", """UpdateService starts a deployment for taskDefinition, networkConfiguration, platformVersion,
    loadBalancers, serviceRegistries, serviceConnectConfiguration, volumes or forceNewDeployment, not for desiredCount, deploymentConfiguration,
    grace period, exec or the capacity providers; the new one is PRIMARY, the older ones ACTIVE until their tasks are gone.""")
describes("service-drains", "A deleted service is DRAINING until its last task has stopped, then INACTIVE; its name can be used again then.")
describes("resolved-configuration", """The target group that is live under a native strategy is only in DescribeServiceRevisions'
    resolvedConfiguration: ECS swaps the two at each deployment.""")


def here(response):
    return simulation.of(response.current_account, response.region)


def find_service(world, cluster_name, name):
    cluster = world.backend._get_cluster(cluster_name)
    found = world.backend.services.get(f"{cluster.name}:{name.split('/')[-1]}")
    if not found:
        raise ServiceNotFoundException
    return found


def parameters(response):
    return copy.deepcopy(dict(response._get_params()))


@replaces(EC2ContainerServiceResponse, "create_service", "services")
def create_service(original, response):
    """CreateService keeps what it is given and DescribeServices answers it, with AWS's defaults; tasks are started, become RUNNING and
    healthy, and the deployment COMPLETED. moto drops most members, keeps a capacity provider strategy as launchType EC2, and runs no task."""
    world, given = here(response), parameters(response)
    cluster = world.backend._get_cluster(given.get("cluster", "default"))
    if cluster.status == "INACTIVE":
        refuse("The referenced cluster was inactive.", "ClusterNotFoundException")
    name = given.get("serviceName") or refuse("serviceName can not be empty.")
    existing = world.backend.services.get(f"{cluster.name}:{name}")
    if existing and existing.status == "DRAINING":
        refuse("Unable to Start a service that is still Draining.")
    if existing and existing.status == "ACTIVE" and WORLD.on("service-idempotency"):
        if given.get("clientToken") and existing.created_from == given:
            return ActionResult({"service": ecs_answers.service(existing)})
        refuse("Creation of service was not idempotent.")
    definition = find_definition(world.backend, given.get("taskDefinition", ""))
    members = {key: given[key] for key in (*REVISED, *KEPT) if given.get(key) is not None}
    members["taskDefinition"] = definition.arn
    if not members.get("capacityProviderStrategy") and not members.get("launchType"):
        if cluster.default_capacity_provider_strategy:
            members["capacityProviderStrategy"] = copy.deepcopy(cluster.default_capacity_provider_strategy)
        else:
            members["launchType"] = "EC2"
    members.setdefault("availabilityZoneRebalancing", "ENABLED")
    check_service(world, cluster, definition, members)
    service = Service(world, cluster, name, members, given.get("desiredCount", 0), given.get("tags") or [])
    service.created_from = given
    world.backend.services[f"{cluster.name}:{name}"] = service
    service.deploy()
    WORLD.catch_up()
    return ActionResult({"service": ecs_answers.service(service)})


@replaces(EC2ContainerServiceResponse, "update_service", "services")
def update_service(original, response):
    world, given = here(response), parameters(response)
    service = find_service(world, given.get("cluster", "default"), given.get("service", ""))
    if service.status != "ACTIVE":
        refuse("Service was not ACTIVE.", "ServiceNotActiveException")
    members = copy.deepcopy(service.members)
    if given.get("taskDefinition"):
        given["taskDefinition"] = find_definition(world.backend, given["taskDefinition"]).arn
    for key in (*REVISED, *KEPT):
        if given.get(key) is not None:
            members[key] = given[key]
    if given.get("capacityProviderStrategy"):
        members.pop("launchType", None)
        if service.launch_type and not given.get("forceNewDeployment"):
            refuse("When switching from launch type to capacity provider strategy on an existing service, or making a change to a capacity provider "
                   "strategy on a service that is already using one, you must force a new deployment.")
    definition = world.backend.describe_task_definition(members["taskDefinition"])
    check_service(world, service.cluster, definition, members)
    if not WORLD.on("update-starts-deployment"):
        starts = bool(given.get("forceNewDeployment"))
    else:
        starts = given.get("forceNewDeployment") or any(members.get(key) != service.members.get(key) for key in REVISED)
    service.members = members
    if given.get("desiredCount") is not None:
        service.desired_count = given["desiredCount"]
    if starts:
        service.deploy()
    service.wake()
    WORLD.catch_up()
    return ActionResult({"service": ecs_answers.service(service)})


@replaces(EC2ContainerServiceResponse, "describe_services", "services")
def describe_services(original, response):
    world = here(response)
    names = response._get_param("services", [])
    if len(names) > 10:
        refuse("Services cannot exceed 10 elements.")
    found, failures = world.backend.describe_services(response._get_param("cluster", "default"), names)
    answers = [ecs_answers.service(service) for service in found]
    if "TAGS" not in response._get_param("include", []):
        for answer in answers:
            answer.pop("tags")
    return ActionResult({"services": answers, "failures": failures})


@replaces(EC2ContainerServiceResponse, "list_services", "services")
def list_services(original, response):
    world = here(response)
    cluster = world.backend._get_cluster(response._get_param("cluster", "default"))
    wanted = {"scheduling_strategy": response._get_param("schedulingStrategy"), "launch_type": response._get_param("launchType")}
    arns = sorted(service.arn for service in world.backend.services.values() if service.cluster_name == cluster.name
                  and service.status != "INACTIVE" and all(value in (None, getattr(service, key)) for key, value in wanted.items()))
    return ActionResult({"serviceArns": arns})


@replaces(EC2ContainerServiceResponse, "delete_service", "services")
def delete_service(original, response):
    world = here(response)
    service = find_service(world, response._get_param("cluster", "default"), response._get_param("service"))
    if service.status == "INACTIVE":
        raise ServiceNotFoundException
    if service.desired_count > 0 and not response._get_param("force", False):
        refuse("The service cannot be stopped while it is scaled above 0.")
    if WORLD.settings["delete_refused_while_deploying"] and service.rollouts[-1].status not in DONE:
        refuse("The service cannot be stopped while deployments are active.")
    service.status, service.desired_count = "DRAINING", 0
    service.inactive_after = WORLD.agenda.now + WORLD.settings["create_service_seconds"]
    service.rollouts[-1].generation += 1
    if not WORLD.on("service-drains"):
        service.status, service.deployments = "INACTIVE", []
    answer = ecs_answers.service(service)
    service.wake()
    WORLD.catch_up()
    return ActionResult({"service": answer})


# -- deployments and revisions


def find_rollout(world, arn):
    return next((item for service in world.services() for item in service.rollouts if item.arn == arn), None)


@replaces(EC2ContainerServiceResponse, "describe_service_deployments", "service-deployments")
def describe_service_deployments(original, response):
    """Describe-, List-, Stop- and ContinueServiceDeployment and DescribeServiceRevisions tell of and steer a service's deployments; moto has
    none of them and answers 500. At most 20 ARNs a call; a deployment that has ended cannot be stopped (ConflictException)."""
    world, arns = here(response), response._get_param("serviceDeploymentArns", [])
    if len(arns) > 20:
        refuse("serviceDeploymentArns cannot exceed 20 elements.")
    found = [(arn, find_rollout(world, arn)) for arn in arns]
    return ActionResult({"serviceDeployments": [ecs_answers.rollout(item) for _, item in found if item],
                         "failures": [{"arn": arn, "reason": "MISSING"} for arn, item in found if not item]})


@replaces(EC2ContainerServiceResponse, "list_service_deployments", "service-deployments")
def list_service_deployments(original, response):
    world = here(response)
    service = find_service(world, response._get_param("cluster", "default"), response._get_param("service", ""))
    wanted, between = response._get_param("status", []), response._get_param("createdAt") or {}
    items = [item for item in reversed(service.rollouts) if not wanted or item.status in wanted]
    items = [item for item in items if (not between.get("after") or item.created_at >= between["after"])
             and (not between.get("before") or item.created_at <= between["before"])]
    return ActionResult({"serviceDeployments": [ecs_answers.brief(item) for item in items]})


@replaces(EC2ContainerServiceResponse, "describe_service_revisions", "service-deployments")
def describe_service_revisions(original, response):
    world, arns = here(response), response._get_param("serviceRevisionArns", [])
    if len(arns) > 20:
        refuse("serviceRevisionArns cannot exceed 20 elements.")
    known = {item.arn: item for service in world.services() for item in service.revisions}
    return ActionResult({"serviceRevisions": [ecs_answers.revision(known[arn]) for arn in arns if arn in known],
                         "failures": [{"arn": arn, "reason": "MISSING"} for arn in arns if arn not in known]})


@replaces(EC2ContainerServiceResponse, "stop_service_deployment", "service-deployments")
def stop_service_deployment(original, response):
    world, arn = here(response), response._get_param("serviceDeploymentArn")
    item = find_rollout(world, arn)
    if not item:
        refuse("The service deployment could not be found.", "ServiceDeploymentNotFoundException")
    if item.status not in ("PENDING", "IN_PROGRESS"):
        refuse(f"The service deployment is in status {item.status} and cannot be stopped.", "ConflictException")
    item.service.stop_rollout(item, response._get_param("stopType", "ROLLBACK"))
    WORLD.catch_up()
    return ActionResult({"serviceDeploymentArn": arn})


@replaces(EC2ContainerServiceResponse, "continue_service_deployment", "service-deployments")
def continue_service_deployment(original, response):
    world, arn = here(response), response._get_param("serviceDeploymentArn")
    item = find_rollout(world, arn)
    if not item:
        refuse("The service deployment could not be found.", "ServiceDeploymentNotFoundException")
    hook = next((hook for hook in item.hooks if hook["hookId"] == response._get_param("hookId")), None)
    if not hook or hook["status"] != "AWAITING_ACTION":
        refuse("The lifecycle hook is not awaiting an action.")
    action = response._get_param("action", "CONTINUE")
    hook["settle"]("SUCCEEDED" if action == "CONTINUE" else "FAILED", action)
    WORLD.catch_up()
    return ActionResult({"serviceDeploymentArn": arn})


# -- tasks


@replaces(EC2ContainerServiceResponse, "run_task", "one-off-tasks")
def run_task(original, response):
    """RunTask starts one-off tasks that run for a while and stop by themselves with an exit code; ListTasks tells RUNNING and STOPPED ones
    apart, DescribeTasks gives stopCode, stoppedReason and exit codes. moto's tasks run for ever or move by being looked at."""
    world, given = here(response), parameters(response)
    cluster = world.backend._get_cluster(given.get("cluster", "default"))
    definition = find_definition(world.backend, given.get("taskDefinition", ""))
    if definition.network_mode == "awsvpc" and not given.get("networkConfiguration"):
        refuse("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
    tasks, failures = [], []
    for _ in range(given.get("count", 1)):
        if FAILURES.take(definition, "", "placement"):
            failures.append({"reason": "Capacity is unavailable at this time. Please try again later or in a different availability zone"})
            continue
        tasks.append(Task(world, cluster, definition, given.get("networkConfiguration"), given.get("group") or f"family:{definition.family}",
                          given.get("startedBy"), lambda: None, launch_type=given.get("launchType"), overrides=given.get("overrides"),
                          tags=given.get("tags")))
    return ActionResult({"tasks": [task.shown() for task in tasks], "failures": failures})


@replaces(EC2ContainerServiceResponse, "list_tasks", "one-off-tasks")
def list_tasks(original, response):
    world = here(response)
    cluster = world.backend._get_cluster(response._get_param("cluster", "default"))
    family, started_by = response._get_param("family"), response._get_param("startedBy")
    service, status = response._get_param("serviceName"), response._get_param("desiredStatus", "RUNNING")
    if service and not world.backend.services.get(f"{cluster.name}:{service.split('/')[-1]}"):
        raise ServiceNotFoundException
    arns = [task.arn for task in world.tasks.values() if task.cluster is cluster and task.desired_status == status
            and family in (None, task.definition.family) and started_by in (None, task.started_by)
            and (not service or task.group == f"service:{service.split('/')[-1]}")]
    return ActionResult({"taskArns": arns})


@replaces(EC2ContainerServiceResponse, "describe_tasks", "one-off-tasks")
def describe_tasks(original, response):
    world, wanted = here(response), response._get_param("tasks", [])
    cluster = world.backend._get_cluster(response._get_param("cluster", "default"))
    if not wanted:
        raise InvalidParameterException("Tasks cannot be empty.")
    if len(wanted) > 100:
        raise InvalidParameterException("Tasks cannot exceed 100 elements.")
    known = {task.id: task for task in world.tasks.values() if task.cluster is cluster}
    ids = [(name, name.split("/")[-1]) for name in wanted]
    shown = [known[number].shown() for _, number in ids if number in known]
    if "TAGS" not in response._get_param("include", []):
        for task in shown:
            task.pop("tags", None)
    return ActionResult({"tasks": shown, "failures": [
        {"arn": name if name.startswith("arn:") else world.arn(f"task/{cluster.name}/{name}"), "reason": "MISSING"}
        for name, number in ids if number not in known]})


@replaces(EC2ContainerServiceResponse, "stop_task", "one-off-tasks")
def stop_task(original, response):
    world = here(response)
    cluster = world.backend._get_cluster(response._get_param("cluster", "default"))
    number = response._get_param("task", "").split("/")[-1]
    task = next((task for task in world.tasks.values() if task.id == number and task.cluster is cluster), None)
    if not task:
        raise InvalidParameterException("The referenced task was not found.")
    task.stop(BY_USER, response._get_param("reason") or "Task stopped by user")
    WORLD.catch_up()
    return ActionResult({"task": task.shown()})


@replaces(EC2ContainerServiceBackend, "list_tasks", "one-off-tasks")
def list_backend_tasks(original, backend, *arguments, **named):
    # moto's own code asks for tasks by ARN when one is tagged.
    return [*original(backend, *arguments, **named), *simulation.of(backend.account_id, backend.region_name).tasks.values()]


@replaces(EC2ContainerServiceResponse, "describe_clusters", "cluster-counts")
def describe_clusters(original, response):
    """A cluster counts its active services and its running and pending tasks; a deleted one is INACTIVE, and has no name any more in
    ListClusters."""
    world = here(response)
    for cluster in world.backend.clusters.values():
        services = [item for item in world.services() if item.cluster is cluster and item.status != "INACTIVE"]
        tasks = [task for task in world.tasks.values() if task.cluster is cluster]
        cluster.active_services_count = len(services)
        cluster.running_tasks_count = sum(task.running for task in tasks)
        cluster.pending_tasks_count = sum(task.pending for task in tasks)
    return original(response)


@replaces(EC2ContainerServiceBackend, "delete_cluster", "cluster-not-empty")
def delete_cluster(original, backend, cluster_str):
    """DeleteCluster is refused while the cluster has services or tasks (ClusterContainsServicesException, …TasksException)."""
    cluster = backend._get_cluster(cluster_str)
    world = simulation.of(backend.account_id, backend.region_name)
    if any(service.cluster_name == cluster.name and service.status != "INACTIVE" for service in backend.services.values()):
        raise ECSException("ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.")
    if any(task.cluster is cluster and task.last_status != "STOPPED" for task in world.tasks.values()):
        raise ECSException("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.")
    return original(backend, cluster_str)


@replaces(EC2ContainerServiceBackend, "list_clusters", "cluster-counts")
def list_clusters(original, backend):
    return [cluster.arn for cluster in backend.clusters.values() if cluster.status != "INACTIVE"]


@replaces(EC2ContainerServiceBackend, "create_cluster", "cluster-made-again")
def create_cluster(original, backend, cluster_name, *rest, **named):
    """CreateCluster under the name of an ACTIVE cluster answers that one, unchanged; moto puts a new, empty one in its place."""
    existing = backend.clusters.get(cluster_name)
    return existing if existing and existing.status == "ACTIVE" else original(backend, cluster_name, *rest, **named)
