"""Tasks: from PROVISIONING to STOPPED, with their network interfaces, targets, logs and failures."""

from moto.ec2.models import ec2_backends
from moto.logs.models import logs_backends

from . import targets
from .failures import FAILURES
from .world import WORLD

FAILED_TO_START, EXITED, BY_USER, BY_SCHEDULER = "TaskFailedToStart", "EssentialContainerExited", "UserInitiated", "ServiceSchedulerInitiated"


class Task:
    """One task of a service's deployment, or of RunTask. `tell` is called whenever its state changes."""

    def __init__(self, simulation, cluster, definition, network, group, started_by, tell, deployment=None, **more):
        self.simulation, self.cluster, self.definition, self.group, self.started_by = simulation, cluster, definition, group, started_by
        self.network = (network or {}).get("awsvpcConfiguration", {})
        self.tell, self.deployment = tell, deployment
        self.launch_type, self.provider = more.get("launch_type"), more.get("provider")
        self.overrides, self.tags, self.exec = more.get("overrides") or {}, list(more.get("tags") or []), bool(more.get("exec"))
        self.id = WORLD.hexadecimal(32)
        self.task_arn = self.arn = simulation.arn(f"task/{cluster.name}/{self.id}")
        self.last_status, self.desired_status = "PROVISIONING", "RUNNING"
        self.stop_code = self.stopped_reason = None
        self.created_at = WORLD.stamp()
        self.started_at = self.stopping_at = self.stopped_at = self.execution_stopped_at = self.pull_started_at = self.pull_stopped_at = None
        self.exit_codes, self.reasons = {}, {}
        self.balancers = []  # (target group's ARN, port)
        self.container_health = "UNKNOWN"
        self.counted = False  # whether it became healthy, for the circuit breaker
        service = deployment.service.name if deployment else ""
        self.failure = FAILURES.take(definition, service)
        self.take_interface()
        simulation.tasks[self.arn] = self
        WORLD.agenda.after(WORLD.settings["provisioning_seconds"], self.begin)

    # -- its life

    def take_interface(self):
        self.interface = None
        subnets = self.network.get("subnets")
        if not subnets:
            self.address = "10.0.0.1"
            return
        ec2 = ec2_backends[self.simulation.account][self.simulation.region]
        subnet = subnets[self.simulation.next_number() % len(subnets)]
        self.address = ec2.get_subnet(subnet).get_available_subnet_ip(self)
        self.interface = ec2.create_network_interface(subnet, self.address, group_ids=self.network.get("securityGroups") or [],
                                                      description=f"arn:aws:ecs:{self.simulation.region}:{self.simulation.account}:attachment/"
                                                      + self.id)
        self.interface.status = "in-use"
        self.subnet = subnet

    def begin(self):
        if self.desired_status == "STOPPED":
            return
        self.last_status, self.pull_started_at = "PENDING", WORLD.stamp()
        self.tell()
        WORLD.agenda.after(WORLD.settings["pending_seconds"], self.run)

    def run(self):
        if self.desired_status == "STOPPED":
            return
        when = self.failure.when if self.failure else ""
        unseen = self.simulation.unseen_role(self.definition)
        if when == "pull":
            image = self.definition.container_definitions[0]["image"]
            return self.fail(FAILED_TO_START, self.failure.reason or f"CannotPullContainerError: pull image manifest has been retried 1 time(s): "
                             f"failed to resolve ref {image}: {image}: not found")
        if when == "secrets":
            return self.fail(FAILED_TO_START, self.failure.reason or "ResourceInitializationError: unable to pull secrets or registry auth: "
                             "execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): "
                             "failed to fetch secret: ResourceNotFoundException: Secrets Manager can't find the specified secret.")
        if unseen:
            return self.fail(FAILED_TO_START, "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry "
                             f"auth from Amazon ECR: AccessDeniedException: {unseen} is not authorized to perform: ecr:GetAuthorizationToken")
        self.last_status, self.started_at, self.pull_stopped_at = "RUNNING", WORLD.stamp(), WORLD.stamp()
        self.write_logs(["starting"] if not self.failure else [])
        if when == "start":
            self.write_logs(self.failure.log)
            return self.exit(1 if self.failure.exit_code is None else self.failure.exit_code)
        if when == "running":
            WORLD.agenda.after(60 if self.failure.after is None else self.failure.after, self.exit_later,
                               1 if self.failure.exit_code is None else self.failure.exit_code)
        if self.deployment is None:
            after = self.failure.after if when == "exits" and self.failure.after is not None else WORLD.settings["one_off_seconds"]
            WORLD.agenda.after(after, self.exit_later, (self.failure.exit_code or 0) if when == "exits" else 0)
        if any("healthCheck" in container for container in self.definition.container_definitions):
            WORLD.agenda.after(WORLD.settings["container_health_seconds"], self.judge_health, when == "health")
        elif when == "health":
            WORLD.agenda.after(WORLD.settings["container_health_seconds"], self.judge_health, True)
        if self.deployment:
            self.register_targets(when)
        self.tell()
        return None

    def exit_later(self, code):
        if self.last_status == "RUNNING" and self.desired_status == "RUNNING":
            self.write_logs(self.failure.log if self.failure else [])
            self.exit(code)

    def judge_health(self, bad):
        if self.last_status != "RUNNING":
            return
        self.container_health = "UNHEALTHY" if bad else "HEALTHY"
        if bad:
            self.write_logs(self.failure.log)
            return self.fail(BY_SCHEDULER, "Task failed container health checks", failed=True)
        self.tell()
        return None

    def register_targets(self, when):
        for arn, port in self.deployment.target_groups():
            self.balancers.append((arn, port))
            targets.register(self.simulation.account, self.simulation.region, arn, self.address, port, WORLD.settings["healthy_seconds"],
                             self.target_settled, never=when == "target")
        if self.balancers:
            self.deployment.service.say(f"registered {len(self.balancers)} targets in (target-group {self.balancers[0][0]})")

    def target_settled(self):
        if self.last_status != "RUNNING" or self.desired_status != "RUNNING":
            return
        bad = [arn for arn, port in self.balancers if self.target_state(arn, port) == "unhealthy"]
        if bad:
            self.write_logs(self.failure.log if self.failure else [])
            self.deployment.service.say(f"(task {self.id}) (port {self.balancers[0][1]}) is unhealthy in (target-group {bad[0]}) due to "
                                        "(reason Health checks failed)")
            return self.fail(BY_SCHEDULER, f"Task failed ELB health checks in (target-group {bad[0]})", failed=True)
        if self.failure and self.failure.when == "unhealthy":
            WORLD.agenda.after(self.failure.after or 0, self.turn_unhealthy)
        self.tell()
        return None

    def turn_unhealthy(self):
        for arn, port in self.balancers:
            targets.set_state(self.simulation.account, self.simulation.region, arn, self.address, port, "unhealthy")
        self.target_settled()

    # -- its end

    def fail(self, code, reason, failed=True):
        """It stops for a reason of its own; the deployment counts it."""
        self.stop(code, reason, failed)

    def exit(self, code):
        essential = next((container["name"] for container in self.definition.container_definitions if container.get("essential", True)), None)
        for container in self.definition.container_definitions:
            self.exit_codes[container["name"]] = code if container["name"] == essential else 0
        self.stop(EXITED, "Essential container in task exited", failed=self.deployment is not None)

    def stop(self, code, reason, failed=False):
        """Drains its targets, then stops."""
        if self.desired_status == "STOPPED":
            return
        self.desired_status, self.stop_code, self.stopped_reason, self.stopping_at = "STOPPED", code, reason, WORLD.stamp()
        delay = 0.0
        for arn, port in self.balancers:
            drained = targets.deregister(self.simulation.account, self.simulation.region, arn, self.address, port)
            delay = max(delay, drained if code in (BY_SCHEDULER, BY_USER) and not failed else 0.0)
        if failed and code == FAILED_TO_START:
            for container in self.definition.container_definitions:
                self.reasons[container["name"]] = reason
        if delay and self.deployment:
            self.deployment.service.say("has begun draining connections on 1 tasks.")
        if self.deployment and failed:
            self.deployment.task_failed(self)
        WORLD.agenda.after(delay, self.leave)
        self.tell()

    def leave(self):
        if self.last_status == "RUNNING" and not self.exit_codes and self.stop_code != FAILED_TO_START:
            for container in self.definition.container_definitions:
                self.exit_codes[container["name"]] = 143 if self.stop_code != EXITED else 0
        self.last_status = "DEPROVISIONING" if self.last_status != "RUNNING" else "STOPPING"
        self.execution_stopped_at = WORLD.stamp()
        WORLD.agenda.after(WORLD.settings["stop_seconds"], self.gone)

    def gone(self):
        self.last_status, self.stopped_at = "STOPPED", WORLD.stamp()
        if self.interface:
            WORLD.agenda.after(WORLD.settings["network_interface_seconds"], self.release_interface)
        WORLD.agenda.after(WORLD.settings["forget_stopped_seconds"], self.simulation.tasks.pop, self.arn, None)
        self.tell()

    def release_interface(self):
        ec2 = ec2_backends[self.simulation.account][self.simulation.region]
        ec2.enis.pop(self.interface.id, None)

    # -- what others ask

    def target_state(self, arn, port):
        return targets.state_of(self.simulation.account, self.simulation.region, arn, self.address, port)

    @property
    def alive(self):
        return self.desired_status == "RUNNING"

    @property
    def running(self):
        """Whether it counts as running: a draining task does until it stops."""
        return self.last_status == "RUNNING"

    @property
    def pending(self):
        return self.last_status in ("PROVISIONING", "PENDING") and self.alive

    @property
    def healthy(self):
        if not self.running or not self.alive:
            return False
        if any("healthCheck" in container for container in self.definition.container_definitions) and self.container_health != "HEALTHY":
            return False
        return all(self.target_state(arn, port) in ("healthy", "unused") for arn, port in self.balancers)

    def write_logs(self, lines):
        """Into the streams of the log groups that its containers name."""
        backend = logs_backends[self.simulation.account][self.simulation.region]
        for container in self.definition.container_definitions:
            log = container.get("logConfiguration", {})
            options = log.get("options", {})
            group = options.get("awslogs-group")
            if log.get("logDriver") != "awslogs" or group not in backend.groups or not lines:
                continue
            stream = f"{options.get('awslogs-stream-prefix', 'ecs')}/{container['name']}/{self.id}"
            if stream not in backend.groups[group].streams:
                backend.create_log_stream(group, stream)
            at = int(WORLD.clock.date(WORLD.agenda.now) * 1000)
            backend.put_log_events(group, stream, [{"timestamp": at + number, "message": line} for number, line in enumerate(lines)])

    def shown(self):
        """As DescribeTasks answers it."""
        mode = self.definition.network_mode
        interface = [{"attachmentId": self.id, "privateIpv4Address": self.address}] if mode == "awsvpc" and self.interface else []
        answer = {
            "taskArn": self.arn, "clusterArn": self.cluster.arn, "taskDefinitionArn": self.definition.arn, "lastStatus": self.last_status,
            "desiredStatus": self.desired_status, "group": self.group, "startedBy": self.started_by, "cpu": self.definition.cpu,
            "memory": self.definition.memory, "createdAt": self.created_at, "startedAt": self.started_at, "stoppingAt": self.stopping_at,
            "stoppedAt": self.stopped_at, "executionStoppedAt": self.execution_stopped_at, "pullStartedAt": self.pull_started_at,
            "pullStoppedAt": self.pull_stopped_at, "stopCode": self.stop_code, "stoppedReason": self.stopped_reason,
            "launchType": self.launch_type or "FARGATE", "capacityProviderName": self.provider, "platformVersion": "1.4.0",
            "platformFamily": "Linux", "healthStatus": self.container_health, "overrides": self.overrides, "tags": self.tags, "version": 1,
            "enableExecuteCommand": self.exec, "availabilityZone": self.zone(), "connectivity": "CONNECTED",
            "containers": [self.container_shown(container, interface) for container in self.definition.container_definitions],
            "attachments": [] if not self.interface else [{
                "id": self.id, "type": "ElasticNetworkInterface", "status": "DELETED" if self.last_status == "STOPPED" else "ATTACHED",
                "details": [{"name": "subnetId", "value": self.subnet}, {"name": "networkInterfaceId", "value": self.interface.id},
                            {"name": "privateIPv4Address", "value": self.address}]}],
        }
        return {key: value for key, value in answer.items() if value is not None}

    def zone(self):
        if not self.interface:
            return self.simulation.region + "a"
        return ec2_backends[self.simulation.account][self.simulation.region].get_subnet(self.subnet).availability_zone

    def container_shown(self, container, interface):
        name = container["name"]
        answer = {"containerArn": self.simulation.arn(f"container/{self.cluster.name}/{self.id}/{name}"), "taskArn": self.arn, "name": name,
                  "image": container["image"], "lastStatus": self.last_status, "networkInterfaces": interface, "cpu": str(container.get("cpu", 0)),
                  "healthStatus": self.container_health if "healthCheck" in container else "UNKNOWN",
                  "imageDigest": self.simulation.digest_of(container["image"]), "exitCode": self.exit_codes.get(name),
                  "reason": self.reasons.get(name)}
        return {key: value for key, value in answer.items() if value is not None}
