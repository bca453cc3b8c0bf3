"""Services, deployments and revisions as AWS's answers have them."""

import copy

from .world import WORLD

ROLE = "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"


def without_nothing(members):
    return {key: value for key, value in members.items() if value is not None}


def filled_network(members):
    network = copy.deepcopy(members.get("networkConfiguration"))
    if network and "awsvpcConfiguration" in network:
        network["awsvpcConfiguration"].setdefault("securityGroups", [])
        network["awsvpcConfiguration"].setdefault("assignPublicIp", "DISABLED")
    return network


def filled_configuration(configuration):
    """A deploymentConfiguration with AWS's defaults."""
    filled = copy.deepcopy(configuration or {})
    filled.setdefault("deploymentCircuitBreaker", {"enable": False, "rollback": False})
    filled.setdefault("maximumPercent", 200)
    filled.setdefault("minimumHealthyPercent", 100)
    filled.setdefault("strategy", "ROLLING")
    filled.setdefault("bakeTimeInMinutes", 0)
    if filled["strategy"] == "CANARY":
        filled["canaryConfiguration"] = {"canaryPercent": 5.0, "canaryBakeTimeInMinutes": 10} | filled.get("canaryConfiguration", {})
    if filled["strategy"] == "LINEAR":
        filled["linearConfiguration"] = {"stepPercent": 10.0, "stepBakeTimeInMinutes": 6} | filled.get("linearConfiguration", {})
    return filled


def filled_strategy(members):
    strategy = members.get("capacityProviderStrategy")
    return [{"weight": 0, "base": 0} | item for item in strategy] if strategy else None


def service(item):
    members = item.members
    answer = {
        "serviceArn": item.arn, "serviceName": item.name, "clusterArn": item.cluster.arn, "status": item.status,
        "desiredCount": item.desired_count, "runningCount": item.running_count, "pendingCount": item.pending_count,
        "launchType": members.get("launchType"), "capacityProviderStrategy": filled_strategy(members),
        "taskDefinition": members.get("taskDefinition"), "loadBalancers": members.get("loadBalancers") or [],
        "serviceRegistries": members.get("serviceRegistries") or [], "platformVersion": members.get("platformVersion", "LATEST"),
        "platformFamily": "Linux", "deploymentConfiguration": filled_configuration(members.get("deploymentConfiguration")),
        "deployments": [deployment(one) for one in item.deployments], "events": item.events, "createdAt": item.created_at,
        "createdBy": f"arn:aws:iam::{item.simulation.account}:user/tester", "roleArn": f"arn:aws:iam::{item.simulation.account}:{ROLE}",
        "placementConstraints": members.get("placementConstraints") or [], "placementStrategy": members.get("placementStrategy") or [],
        "networkConfiguration": filled_network(members), "schedulingStrategy": item.scheduling_strategy,
        "healthCheckGracePeriodSeconds": members.get("healthCheckGracePeriodSeconds", 0 if members.get("loadBalancers") else None),
        "deploymentController": members.get("deploymentController") or {"type": "ECS"}, "tags": item.tags,
        "enableECSManagedTags": bool(members.get("enableECSManagedTags")), "propagateTags": members.get("propagateTags", "NONE"),
        "enableExecuteCommand": bool(members.get("enableExecuteCommand")),
        "availabilityZoneRebalancing": members.get("availabilityZoneRebalancing", "ENABLED"), "resourceManagementType": "CUSTOMER",
    }
    if item.rollouts:
        current = item.rollouts[-1]
        answer["currentServiceDeployment"] = current.arn
        answer["currentServiceRevisions"] = [revision_summary(one) for one in item.deployments]
    return without_nothing(answer)


def revision_summary(one):
    return {"arn": one.revision.arn, "requestedTaskCount": requested(one), "runningTaskCount": one.count("running"),
            "pendingTaskCount": one.count("pending")}


def requested(one):
    """How many tasks a deployment wants."""
    if one.wanted is not None:
        return one.wanted
    return one.service.desired_count if one is one.service.deployments[0] else len(one.alive())


def deployment(one):
    members = one.revision.members
    return without_nothing({
        "id": one.id, "status": one.status, "taskDefinition": members["taskDefinition"], "desiredCount": requested(one),
        "pendingCount": one.count("pending"), "runningCount": one.count("running"), "failedTasks": one.failed_tasks,
        "createdAt": one.created_at, "updatedAt": one.updated_at, "launchType": members.get("launchType"),
        "capacityProviderStrategy": filled_strategy(members), "platformVersion": "1.4.0", "platformFamily": "Linux",
        "networkConfiguration": filled_network(members), "rolloutState": one.rollout_state, "rolloutStateReason": one.rollout_reason,
        "serviceConnectConfiguration": members.get("serviceConnectConfiguration"),
        "volumeConfigurations": members.get("volumeConfigurations"),
    })


def guard(enabled, broken, done):
    if not enabled:
        return "DISABLED"
    return "TRIGGERED" if broken else "MONITORING_COMPLETE" if done else "MONITORING"


def rollout(item):
    """One of DescribeServiceDeployments."""
    target = summary(item, item.revision)
    done = item.finished_at is not None
    return without_nothing({
        "serviceDeploymentArn": item.arn, "serviceArn": item.service.arn, "clusterArn": item.service.cluster.arn,
        "createdAt": item.created_at, "startedAt": item.started_at, "finishedAt": item.finished_at, "stoppedAt": item.stopped_at,
        "updatedAt": item.updated_at, "sourceServiceRevisions": [summary(item, source) for source in item.sources],
        "targetServiceRevision": target, "status": item.status, "statusReason": item.reason, "lifecycleStage": None if done else item.stage,
        "lifecycleHookDetails": [without_nothing({key: value for key, value in hook.items() if key != "settle"}) for hook in item.hooks],
        "deploymentConfiguration": filled_configuration(item.configuration), "rollback": item.rollback,
        "deploymentCircuitBreaker": {"status": guard(item.breaker.get("enable"), item.broken, done), "failureCount": item.failures,
                                     "threshold": item.threshold()},
        "alarms": {"status": guard(item.alarm_names(), item.triggered, done), "alarmNames": item.alarm_names(),
                   "triggeredAlarmNames": item.triggered},
    })


def summary(item, revision):
    one = next((found for found in item.service.deployments if found.revision is revision), None)
    answer = {"arn": revision.arn, "requestedTaskCount": requested(one) if one else 0, "runningTaskCount": one.count("running") if one else 0,
              "pendingTaskCount": one.count("pending") if one else 0}
    if revision.arn in item.weights:
        answer["requestedProductionTrafficWeight"] = item.weights[revision.arn]
        answer["requestedTestTrafficWeight"] = item.test_weights.get(revision.arn, 0.0)
    return answer


def brief(item):
    return without_nothing({"serviceDeploymentArn": item.arn, "serviceArn": item.service.arn, "clusterArn": item.service.cluster.arn,
                            "startedAt": item.started_at, "createdAt": item.created_at, "finishedAt": item.finished_at,
                            "targetServiceRevisionArn": item.revision.arn, "status": item.status, "statusReason": item.reason})


def revision(item):
    """One of DescribeServiceRevisions."""
    members, simulation = item.members, item.service.simulation
    definition = simulation.backend.describe_task_definition(members["taskDefinition"])
    live = []
    for balancer in members.get("loadBalancers") or []:
        advanced = balancer.get("advancedConfiguration") or {}
        arn = advanced.get("alternateTargetGroupArn") if item.side else balancer.get("targetGroupArn")
        live.append(without_nothing({"targetGroupArn": arn, "productionListenerRule": advanced.get("productionListenerRule")}))
    return without_nothing({
        "serviceRevisionArn": item.arn, "serviceArn": item.service.arn, "clusterArn": item.service.cluster.arn,
        "taskDefinition": members["taskDefinition"], "launchType": members.get("launchType"),
        "capacityProviderStrategy": filled_strategy(members), "platformVersion": "1.4.0", "platformFamily": "Linux",
        "loadBalancers": members.get("loadBalancers") or [], "serviceRegistries": members.get("serviceRegistries") or [],
        "networkConfiguration": filled_network(members), "guardDutyEnabled": False, "createdAt": item.created_at,
        "serviceConnectConfiguration": members.get("serviceConnectConfiguration"),
        "containerImages": [{"containerName": container["name"], "image": container["image"],
                             "imageDigest": simulation.digest_of(container["image"])} for container in definition.container_definitions],
        "resolvedConfiguration": {"loadBalancers": live} if WORLD.on("resolved-configuration") else None,
    })
