"""ECS: services, their checks, tasks, rolling deployments."""

import json

from .. import fixtures
from . import equal, refused, tester, true

TESTS = []
test = tester(TESTS)
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


class World:
    """A cluster, a network with a balancer, and task definition web:1."""

    def __init__(self, aws, balanced=True, **definition):
        self.aws, self.ecs, self.elb = aws, aws.client("ecs"), aws.client("elbv2")
        self.network = fixtures.make_network(aws, ways_out=None)
        self.ecs.create_cluster(clusterName="main", capacityProviders=["FARGATE"])
        self.ecs.register_task_definition(**fixtures.definition(**definition))
        if balanced:
            self.edge = fixtures.make_balancer(aws, self.network)
            self.target, self.rule = fixtures.make_target_group(aws, self.network, "web", self.edge["listener"])

    def input(self, **changes):
        service = {"cluster": "main", "serviceName": "web", "taskDefinition": "web:1", "desiredCount": 2, "launchType": "FARGATE",
                   "networkConfiguration": {"awsvpcConfiguration": {"subnets": self.network["private"]}}}
        if hasattr(self, "target"):
            service["loadBalancers"] = [{"targetGroupArn": self.target, "containerName": "app", "containerPort": 8080}]
        return {key: value for key, value in (service | changes).items() if value is not None}

    def create(self, **changes):
        return self.ecs.create_service(**self.input(**changes))["service"]

    def update(self, **changes):
        return self.ecs.update_service(cluster="main", service="web", **changes)["service"]

    def service(self):
        return self.ecs.describe_services(cluster="main", services=["web"])["services"][0]

    def tasks(self, status="RUNNING", **more):
        arns = self.ecs.list_tasks(cluster="main", desiredStatus=status, **more)["taskArns"]
        return self.ecs.describe_tasks(cluster="main", tasks=arns)["tasks"] if arns else []

    def second(self, **changes):
        """Registers web:2."""
        self.ecs.register_task_definition(**fixtures.definition(**({"image": "hello:2"} | changes)))

    def messages(self):
        return [event["message"] for event in self.service()["events"]]


@test("services")
def a_service_keeps_its_members(aws):
    world = World(aws)
    made = world.create(
        launchType=None, capacityProviderStrategy=[{"capacityProvider": "FARGATE", "weight": 1}], enableExecuteCommand=True,
        healthCheckGracePeriodSeconds=30, availabilityZoneRebalancing="DISABLED", enableECSManagedTags=True, propagateTags="SERVICE",
        deploymentConfiguration={"maximumPercent": 150, "minimumHealthyPercent": 50}, tags=[{"key": "a", "value": "b"}])
    for service in (made, world.service()):
        equal(service["capacityProviderStrategy"], [{"capacityProvider": "FARGATE", "weight": 1, "base": 0}])
        equal(service["deploymentConfiguration"]["maximumPercent"], 150)
        equal(service["deploymentConfiguration"]["deploymentCircuitBreaker"], {"enable": False, "rollback": False})
        equal([service[key] for key in ("enableExecuteCommand", "healthCheckGracePeriodSeconds", "availabilityZoneRebalancing",
                                        "enableECSManagedTags", "propagateTags")], [True, 30, "DISABLED", True, "SERVICE"])
        true("launchType" not in service, "a launch type beside a strategy")
        true(service["taskDefinition"].endswith(":task-definition/web:1"), service["taskDefinition"])
    equal(made["tags"], [{"key": "a", "value": "b"}])
    true("tags" not in world.service(), "tags that nobody asked for")


@test("services")
def tasks_run_and_the_deployment_completes(aws):
    world = World(aws)
    deployment = world.create()["deployments"][0]
    equal((deployment["rolloutState"], deployment["pendingCount"], deployment["runningCount"]), ("IN_PROGRESS", 2, 0))
    aws.advance(3)
    service = world.service()
    equal((service["runningCount"], service["deployments"][0]["rolloutState"]), (2, "IN_PROGRESS"))
    aws.advance(10)
    service = world.service()
    equal((service["runningCount"], service["pendingCount"]), (2, 0))
    equal(service["deployments"][0]["rolloutState"], "COMPLETED")
    equal(service["events"][0]["message"], "(service web) has reached a steady state.")
    task = world.tasks(serviceName="web")[0]
    equal((task["lastStatus"], task["group"], task["containers"][0]["image"]), ("RUNNING", "service:web", "hello:1"))
    true(task["taskDefinitionArn"].endswith("web:1"), task["taskDefinitionArn"])


@test("services")
def a_rolling_deployment_stays_within_its_percents(aws):
    world = World(aws)
    world.create(desiredCount=4, deploymentConfiguration={"maximumPercent": 150, "minimumHealthyPercent": 100})
    aws.advance(20)
    aws.client("elbv2").modify_target_group_attributes(TargetGroupArn=world.target, Attributes=[
        {"Key": "deregistration_delay.timeout_seconds", "Value": "0"}])
    world.second()
    world.update(taskDefinition="web:2")
    seen = set()
    for _ in range(40):
        service = world.service()
        healthy = sum(item["TargetHealth"]["State"] == "healthy"
                      for item in world.elb.describe_target_health(TargetGroupArn=world.target)["TargetHealthDescriptions"])
        true(healthy >= 4, f"{healthy} healthy")
        true(service["runningCount"] + service["pendingCount"] <= 6 + 2, str(service["runningCount"]))
        seen.add(tuple((item["status"], item["desiredCount"]) for item in service["deployments"]))
        aws.advance(1)
    equal([item["rolloutState"] for item in world.service()["deployments"]], ["COMPLETED"])
    true((("PRIMARY", 4), ("ACTIVE", 2)) in seen, str(seen))


@test("update-starts-deployment")
def an_update_starts_a_deployment_only_for_a_new_revision(aws):
    world = World(aws)
    first = world.create()["deployments"][0]["id"]
    aws.advance(20)
    world.update(desiredCount=3, deploymentConfiguration={"maximumPercent": 300}, enableExecuteCommand=True)
    equal([item["id"] for item in world.service()["deployments"]], [first])
    world.second()
    deployments = world.update(taskDefinition="web")["deployments"]
    equal([item["status"] for item in deployments], ["PRIMARY", "ACTIVE"])
    equal(deployments[1]["id"], first)
    true(deployments[0]["taskDefinition"].endswith("web:2"), deployments[0]["taskDefinition"])
    equal(world.update(forceNewDeployment=True)["deployments"][0]["taskDefinition"], deployments[0]["taskDefinition"])


@test("services")
def a_change_of_the_desired_count_starts_and_stops_tasks(aws):
    world = World(aws, balanced=False)
    world.create(desiredCount=1)
    aws.advance(20)
    world.update(desiredCount=3)
    equal(world.service()["pendingCount"], 2)
    aws.advance(20)
    equal(world.service()["runningCount"], 3)
    world.update(desiredCount=0)
    aws.advance(5)
    equal(world.service()["runningCount"], 0)
    equal(len(world.tasks("STOPPED")), 3)
    equal({task["stopCode"] for task in world.tasks("STOPPED")}, {"ServiceSchedulerInitiated"})


@test("service-idempotency")
def a_duplicate_service_is_refused(aws):
    world = World(aws, balanced=False)
    made = world.create(clientToken="a")
    equal(world.create(clientToken="a")["deployments"][0]["id"], made["deployments"][0]["id"])
    refused("InvalidParameterException", "Creation of service was not idempotent.", world.create, clientToken="b")
    refused("InvalidParameterException", "Creation of service was not idempotent.", world.create, clientToken="a", desiredCount=5)


@test("services")
def an_unknown_cluster_or_definition_is_refused(aws):
    world = World(aws, balanced=False)
    refused("ClusterNotFoundException", "", world.create, cluster="other")
    refused("ClientException", "TaskDefinition not found.", world.create, taskDefinition="web:7")
    world.ecs.deregister_task_definition(taskDefinition="web:1")
    refused("ClientException", "TaskDefinition is inactive", world.create)


@test("target-group-attached")
def a_target_group_must_be_attached(aws):
    world = World(aws)
    loose, _ = fixtures.make_target_group(aws, world.network, "loose")
    refused("InvalidParameterException", f"The target group with targetGroupArn {loose} does not have an associated load balancer.",
            world.create, loadBalancers=[{"targetGroupArn": loose, "containerName": "app", "containerPort": 8080}])


@test("balanced-port")
def the_balanced_container_and_port_must_exist(aws):
    world = World(aws)
    for balancer, words in (({"containerName": "other", "containerPort": 8080}, "The container other does not exist in the task definition."),
                            ({"containerName": "app", "containerPort": 81}, "The container app did not have a container port 81 defined.")):
        refused("InvalidParameterException", words, world.create, loadBalancers=[{"targetGroupArn": world.target} | balancer])


@test("target-type")
def awsvpc_wants_targets_of_type_ip(aws):
    world = World(aws)
    arn = world.elb.create_target_group(Name="instances", Protocol="HTTP", Port=80, VpcId=world.network["vpc"])["TargetGroups"][0]["TargetGroupArn"]
    refused("InvalidParameterException", "incompatible with the awsvpc network mode", world.create,
            loadBalancers=[{"targetGroupArn": arn, "containerName": "app", "containerPort": 8080}])


@test("providers-of-cluster")
def a_provider_must_be_of_the_cluster(aws):
    world = World(aws, balanced=False)
    strategy = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    refused("InvalidParameterException", "not associated with the cluster", world.create, launchType=None, capacityProviderStrategy=strategy)
    refused("InvalidParameterException", "Specifying both", world.create, capacityProviderStrategy=strategy)
    world.ecs.put_cluster_capacity_providers(cluster="main", capacityProviders=["FARGATE", "FARGATE_SPOT"], defaultCapacityProviderStrategy=[])
    world.create(launchType=None, capacityProviderStrategy=strategy)
    equal(world.tasks()[0]["capacityProviderName"], "FARGATE_SPOT")
    world.create(serviceName="mixed", launchType=None, desiredCount=5, capacityProviderStrategy=[
        {"capacityProvider": "FARGATE", "base": 1, "weight": 1}, {"capacityProvider": "FARGATE_SPOT", "weight": 3}])
    providers = [task["capacityProviderName"] for task in world.tasks(serviceName="mixed")]
    equal((providers.count("FARGATE"), providers.count("FARGATE_SPOT")), (2, 3))


@test("network-configuration")
def the_network_is_checked(aws):
    world = World(aws, balanced=False)
    refused("InvalidParameterException", "Network Configuration must be provided", world.create, networkConfiguration=None)
    refused("InvalidParameterException", "The subnet ID 'subnet-1' does not exist", world.create,
            networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-1"]}})
    network = world.create()["networkConfiguration"]["awsvpcConfiguration"]
    equal((network["securityGroups"], network["assignPublicIp"]), ([], "DISABLED"))


@test("rebalancing-surplus")
def rebalancing_wants_a_surplus(aws):
    world = World(aws, balanced=False)
    singleton = {"maximumPercent": 100, "minimumHealthyPercent": 0}
    refused("InvalidParameterException", "rebalancing", world.create, deploymentConfiguration=singleton)
    equal(world.create(deploymentConfiguration=singleton, availabilityZoneRebalancing="DISABLED")["availabilityZoneRebalancing"], "DISABLED")
    aws.control("POST", "settings", {"rebalancing_needs_surplus": False})
    world.create(serviceName="other", deploymentConfiguration=singleton)


@test("service-drains")
def a_deleted_service_drains(aws):
    world = World(aws)
    world.create()
    aws.advance(20)
    refused("InvalidParameterException", "scaled above 0", world.ecs.delete_service, cluster="main", service="web")
    world.ecs.delete_service(cluster="main", service="web", force=True)
    equal(world.service()["status"], "DRAINING")
    refused("InvalidParameterException", "still Draining", world.create)
    refused("ServiceNotActiveException", "", world.update, desiredCount=1)
    aws.advance(400)
    equal(world.service()["status"], "INACTIVE")
    equal(world.ecs.list_services(cluster="main")["serviceArns"], [])
    refused("ServiceNotFoundException", "", world.ecs.delete_service, cluster="main", service="web")
    equal(world.create()["status"], "ACTIVE")


@test("target-health")
def targets_become_healthy_and_drain(aws):
    world = World(aws)
    world.create(desiredCount=1)

    def states():
        return [item["TargetHealth"]["State"] for item in world.elb.describe_target_health(TargetGroupArn=world.target)["TargetHealthDescriptions"]]
    equal(states(), [])
    aws.advance(4)
    equal(states(), ["initial"])
    aws.advance(10)
    equal(states(), ["healthy"])
    world.update(desiredCount=0)
    equal(states(), ["draining"])
    aws.advance(299)
    equal((states(), world.service()["runningCount"]), (["draining"], 1))
    aws.advance(5)
    equal((states(), world.service()["runningCount"]), ([], 0))


@test("services")
def failing_tasks_tell_why(aws):
    world = World(aws, balanced=False, container={"logConfiguration": {"logDriver": "awslogs", "options": {
        "awslogs-group": "/ecs/web", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "web"}}})
    logs = aws.client("logs")
    logs.create_log_group(logGroupName="/ecs/web")
    cases = (({"when": "pull"}, "TaskFailedToStart", "CannotPullContainerError", None),
             ({"when": "secrets"}, "TaskFailedToStart", "ResourceInitializationError", None),
             ({"when": "start", "exit_code": 3, "log": ["boom"]}, "EssentialContainerExited", "Essential container in task exited", 3),
             ({"when": "health"}, "ServiceSchedulerInitiated", "Task failed container health checks", 143))
    for number, (failure, code, reason, exit_code) in enumerate(cases):
        aws.control("DELETE", "tasks")
        aws.control("POST", "tasks", failure | {"image": "hello:*", "service": f"web{number}", "count": 1})
        world.create(serviceName=f"web{number}", desiredCount=1)
        aws.advance(8)
        task = world.tasks("STOPPED", serviceName=f"web{number}")[0]
        equal((task["stopCode"], task["lastStatus"]), (code, "STOPPED"))
        true(reason in task["stoppedReason"], task["stoppedReason"])
        equal(task["containers"][0].get("exitCode"), exit_code)
        if failure.get("log"):
            stream = f"web/app/{task['taskArn'].split('/')[-1]}"
            events = logs.get_log_events(logGroupName="/ecs/web", logStreamName=stream)["events"]
            equal([event["message"] for event in events], ["boom"])
        aws.advance(20)
        equal(world.ecs.describe_services(cluster="main", services=[f"web{number}"])["services"][0]["runningCount"], 1)


@test("services")
def a_target_that_never_is_healthy_fails_its_task(aws):
    world = World(aws)
    aws.control("POST", "tasks", {"when": "target", "family": "web"})
    world.create(desiredCount=1)
    aws.advance(12)
    task = world.tasks("STOPPED")[0]
    true(task["stoppedReason"].startswith(f"Task failed ELB health checks in (target-group {world.target}"), task["stoppedReason"])
    true(any("is unhealthy in (target-group" in message for message in world.messages()), str(world.messages()))
    true(world.service()["deployments"][0]["failedTasks"] >= 1, "no failed task")


@test("services")
def the_circuit_breaker_rolls_back(aws):
    world = World(aws, balanced=False)
    world.create(deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}})
    aws.advance(20)
    world.second()
    aws.control("POST", "tasks", {"when": "start", "image": "hello:2"})
    world.update(taskDefinition="web:2")
    aws.advance(10)
    service = world.service()
    true(service["taskDefinition"].endswith("web:1"), service["taskDefinition"])
    aws.advance(30)
    service = world.service()
    equal([(item["rolloutState"], item["taskDefinition"].split("/")[1]) for item in service["deployments"]], [("COMPLETED", "web:1")])
    true(any("deployment failed: tasks failed to start." in message for message in world.messages()), str(world.messages()))
    true(any("rolling back to deployment ecs-svc/" in message for message in world.messages()), str(world.messages()))
    listed = world.ecs.list_service_deployments(cluster="main", service="web")["serviceDeployments"]
    equal([item["status"] for item in listed], ["ROLLBACK_SUCCESSFUL", "SUCCESSFUL"])
    detail = world.ecs.describe_service_deployments(serviceDeploymentArns=[listed[0]["serviceDeploymentArn"]])["serviceDeployments"][0]
    equal(detail["deploymentCircuitBreaker"]["status"], "TRIGGERED")
    equal(detail["rollback"]["serviceRevisionArn"], listed[1]["targetServiceRevisionArn"])


@test("services")
def a_breaker_without_rollback_leaves_the_deployment_failed(aws):
    world = World(aws, balanced=False)
    aws.control("POST", "tasks", {"when": "pull"})
    world.create(deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": False}})
    aws.advance(60)
    deployment = world.service()["deployments"][0]
    equal((deployment["rolloutState"], deployment["failedTasks"]), ("FAILED", 4))
    equal(deployment["rolloutStateReason"], "ECS deployment circuit breaker: tasks failed to start.")


@test("services")
def there_may_be_no_room(aws):
    world = World(aws, balanced=False)
    aws.control("POST", "settings", {"capacity": 2})
    world.create(desiredCount=3)
    aws.advance(20)
    equal(world.service()["runningCount"], 2)
    true(any("was unable to place a task" in message for message in world.messages()), str(world.messages()))
    aws.control("POST", "settings", {"capacity": None})
    aws.advance(20)
    equal(world.service()["runningCount"], 3)


@test("one-off-tasks")
def a_one_off_task_ends_by_itself(aws):
    world = World(aws, balanced=False)
    network = {"awsvpcConfiguration": {"subnets": world.network["private"]}}

    def run():
        arn = world.ecs.run_task(cluster="main", taskDefinition="web", launchType="FARGATE", networkConfiguration=network,
                                 startedBy="me")["tasks"][0]["taskArn"]
        aws.advance(4)
        equal(world.ecs.list_tasks(cluster="main", startedBy="me")["taskArns"], [arn])
        aws.advance(20)
        equal(world.ecs.list_tasks(cluster="main", startedBy="me")["taskArns"], [])
        return world.ecs.describe_tasks(cluster="main", tasks=[arn])["tasks"][0]
    equal(run()["containers"][0]["exitCode"], 0)
    aws.control("POST", "tasks", {"when": "exits", "exit_code": 7, "after": 10})
    task = run()
    equal((task["containers"][0]["exitCode"], task["stopCode"], task["stoppedReason"]),
          (7, "EssentialContainerExited", "Essential container in task exited"))


@test("service-deployments")
def deployments_are_told_and_stopped(aws):
    world = World(aws, balanced=False)
    world.create()
    aws.advance(20)
    world.second()
    current = world.update(taskDefinition="web:2")["currentServiceDeployment"]
    listed = world.ecs.list_service_deployments(cluster="main", service="web", status=["IN_PROGRESS"])["serviceDeployments"]
    equal([item["serviceDeploymentArn"] for item in listed], [current])
    world.ecs.stop_service_deployment(serviceDeploymentArn=current, stopType="ROLLBACK")
    aws.advance(30)
    answer = world.ecs.describe_service_deployments(serviceDeploymentArns=[current, current + "x"])
    equal([item["status"] for item in answer["serviceDeployments"]], ["ROLLBACK_SUCCESSFUL"])
    equal(answer["failures"], [{"arn": current + "x", "reason": "MISSING"}])
    refused("ConflictException", "", world.ecs.stop_service_deployment, serviceDeploymentArn=current)
    true(world.service()["taskDefinition"].endswith("web:1"), "not rolled back")
    revisions = world.ecs.describe_service_revisions(serviceRevisionArns=[listed[0]["targetServiceRevisionArn"]])["serviceRevisions"]
    true(revisions[0]["taskDefinition"].endswith("web:2"), str(revisions))
    equal(revisions[0]["containerImages"][0]["image"], "hello:2")


@test("fargate-sizes")
def fargate_has_its_sizes(aws):
    ecs = aws.client("ecs")
    for cpu, memory in (("256", "4096"), ("300", "1024"), ("16384", "33000")):
        refused("ClientException", "No Fargate configuration exists", ecs.register_task_definition,
                **fixtures.definition(cpu=cpu, memory=memory))
    for cpu, memory in (("256", "2048"), ("16384", "40960"), ("1 vCPU", "2 GB")):
        ecs.register_task_definition(**fixtures.definition(cpu=cpu, memory=memory))


@test("definition-defaults")
def a_definition_is_filled_in(aws):
    ecs = aws.client("ecs")
    made = ecs.register_task_definition(**fixtures.definition(
        cpu="1 vCPU", memory="2 GB", container={"healthCheck": {"command": ["CMD", "x"]}}, volumes=[{"name": "v"}]))["taskDefinition"]
    for definition in (made, ecs.describe_task_definition(taskDefinition="web")["taskDefinition"]):
        container = definition["containerDefinitions"][0]
        equal(container["portMappings"], [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}])
        equal({key: container["healthCheck"][key] for key in ("interval", "timeout", "retries")}, {"interval": 30, "timeout": 5, "retries": 3})
        equal((definition["cpu"], definition["memory"], definition["volumes"]), ("1024", "2048", [{"name": "v", "host": {}}]))
        equal((container["systemControls"], definition["status"], definition["revision"]), ([], "ACTIVE", 1))
        true({"requiresAttributes", "registeredAt", "registeredBy", "compatibilities"} <= set(definition), str(sorted(definition)))


@test("definition-order")
def environment_comes_back_in_another_order(aws):
    pairs = [{"name": name, "value": name} for name in "abc"]
    made = aws.client("ecs").register_task_definition(**fixtures.definition(container={"environment": pairs}))["taskDefinition"]
    environment = made["containerDefinitions"][0]["environment"]
    true(environment != pairs and sorted(environment, key=lambda item: item["name"]) == pairs, str(environment))


@test("newest-active-definition")
def a_family_means_its_newest_active_revision(aws):
    world = World(aws, balanced=False)
    world.second()
    world.ecs.deregister_task_definition(taskDefinition="web:2")
    equal(world.ecs.describe_task_definition(taskDefinition="web")["taskDefinition"]["revision"], 1)
    equal(world.ecs.describe_task_definition(taskDefinition="web:2")["taskDefinition"]["status"], "INACTIVE")


@test("deregistered-at")
def deregistering_is_dated(aws):
    world = World(aws, balanced=False)
    true("deregisteredAt" in world.ecs.deregister_task_definition(taskDefinition="web:1")["taskDefinition"], "no date")


@test("revisions-never-reused")
def a_revision_is_never_used_again(aws):
    world = World(aws, balanced=False)
    for number in (1, 2):
        world.ecs.deregister_task_definition(taskDefinition=f"web:{number}")
        world.ecs.delete_task_definitions(taskDefinitions=[f"web:{number}"])
        world.second()
        equal(world.ecs.list_task_definitions(familyPrefix="web")["taskDefinitionArns"][-1].split("/")[1], f"web:{number + 1}")


@test("delete-definitions-status")
def deleting_definitions(aws):
    world = World(aws, balanced=False)
    equal(len(world.ecs.delete_task_definitions(taskDefinitions=["web:1"])["failures"]), 1)
    world.ecs.deregister_task_definition(taskDefinition="web:1")
    equal([item["status"] for item in world.ecs.delete_task_definitions(taskDefinitions=["web:1"])["taskDefinitions"]], ["DELETE_IN_PROGRESS"])
    world.second()
    equal(world.ecs.describe_task_definition(taskDefinition="web")["taskDefinition"]["revision"], 2)


@test("cluster-counts")
def a_cluster_counts(aws):
    world = World(aws, balanced=False)
    world.create()
    aws.advance(20)
    cluster = world.ecs.describe_clusters(clusters=["main"])["clusters"][0]
    equal((cluster["activeServicesCount"], cluster["runningTasksCount"], cluster["pendingTasksCount"]), (1, 2, 0))


@test("cluster-not-empty")
def a_cluster_with_services_is_not_deleted(aws):
    world = World(aws, balanced=False)
    world.create()
    refused("ClusterContainsServicesException", "", world.ecs.delete_cluster, cluster="main")
    world.ecs.delete_service(cluster="main", service="web", force=True)
    aws.advance(20)
    world.ecs.delete_cluster(cluster="main")
    equal(world.ecs.list_clusters()["clusterArns"], [])


@test("role-propagation")
def a_fresh_role_is_not_seen(aws):
    role = fixtures.make_role(aws, "execution")
    aws.control("POST", "settings", {"role_seconds": 10})
    world = World(aws, balanced=False, executionRoleArn=role)
    aws.client("iam").put_role_policy(RoleName="execution", PolicyName="p", PolicyDocument=json.dumps(POLICY))
    refused("InvalidParameterException", "Unable to assume the service linked role", world.create)
    aws.advance(11)
    world.create()
    aws.control("POST", "settings", {"role_failure": "tasks"})
    aws.client("iam").delete_role_policy(RoleName="execution", PolicyName="p")
    aws.client("iam").update_assume_role_policy(RoleName="execution", PolicyDocument=json.dumps(fixtures.TRUST))
    world.create(serviceName="other", desiredCount=1)
    aws.advance(4)
    equal(world.tasks("STOPPED", serviceName="other")[0]["stopCode"], "TaskFailedToStart")
    aws.advance(30)
    equal(len(world.tasks(serviceName="other")), 1)


@test("cluster-made-again")
def a_cluster_made_again_is_the_same(aws):
    world = World(aws, balanced=False)
    world.create()
    aws.advance(20)
    made = world.ecs.create_cluster(clusterName="main", tags=[{"key": "a", "value": "b"}])["cluster"]
    equal((made.get("tags", []), made["capacityProviders"]), ([], ["FARGATE"]))
    equal(len(world.tasks()), 2)
