"""Services, their deployments and revisions, and the scheduler that keeps their tasks (a rolling deployment; others: ecs_native.py)."""

import copy
import math

from . import ecs_native
from .ecs_tasks import BY_SCHEDULER, Task
from .failures import FAILURES
from .world import WORLD

# Members of a service that make a revision: one that UpdateService changes starts a deployment.
REVISED = ("taskDefinition", "networkConfiguration", "platformVersion", "loadBalancers", "serviceRegistries", "serviceConnectConfiguration",
           "volumeConfigurations", "vpcLatticeConfigurations")
KEPT_IN_REVISION = (*REVISED, "launchType", "capacityProviderStrategy")
# Members that a change of starts no deployment.
KEPT = ("deploymentConfiguration", "healthCheckGracePeriodSeconds", "enableExecuteCommand", "enableECSManagedTags", "propagateTags",
        "availabilityZoneRebalancing", "placementConstraints", "placementStrategy", "schedulingStrategy", "deploymentController",
        "capacityProviderStrategy", "launchType")
DONE = ("SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED")


class Revision:
    """What a service's tasks are made from, at one time."""

    def __init__(self, service, members):
        self.arn = service.simulation.arn(f"service-revision/{service.cluster.name}/{service.name}/{WORLD.digits(19)}")
        self.members, self.created_at, self.service = copy.deepcopy(members), WORLD.stamp(), service
        self.side = 0  # of a native strategy: 0 the target group, 1 the alternate one


class Rollout:
    """What DescribeServiceDeployments tells: the course of one deployment, its rollback included."""

    def __init__(self, service, revision, sources):
        self.service, self.revision, self.sources = service, revision, sources
        self.arn = service.simulation.arn(f"service-deployment/{service.cluster.name}/{service.name}/{WORLD.letters(21)}")
        self.status, self.reason, self.stage = "IN_PROGRESS", None, None
        self.created_at = self.started_at = self.updated_at = WORLD.stamp()
        self.finished_at = self.stopped_at = self.rollback = None
        self.configuration = copy.deepcopy(service.members.get("deploymentConfiguration", {}))
        self.hooks, self.weights, self.test_weights = [], {}, {}
        self.failures, self.broken, self.triggered = 0, False, []
        self.generation = 0  # what waits for an older one is void
        self.watched = [name for name in self.alarm_names() if service.simulation.alarm_state(name) != "ALARM"]

    def alarm_names(self):
        alarms = self.configuration.get("alarms") or {}
        return list(alarms.get("alarmNames") or []) if alarms.get("enable") else []

    @property
    def breaker(self):
        return self.configuration.get("deploymentCircuitBreaker") or {}

    def threshold(self):
        """How many failed tasks the circuit breaker bears."""
        configured = self.breaker.get("thresholdConfiguration") or {}
        kind, value = configured.get("type", "BOUNDED_PERCENT"), configured.get("value", 50)
        if kind == "COUNT":
            return value
        count = math.ceil(self.service.desired_count * value / 100)
        return max(1, count) if kind == "UNBOUNDED_PERCENT" else min(200, max(3, count))

    def move_to(self, status, reason=None):
        self.status, self.updated_at = status, WORLD.stamp()
        if reason:
            self.reason = reason
        if status in DONE:
            self.finished_at = self.updated_at
        if status == "STOPPED":
            self.stopped_at = self.updated_at

    def later(self, seconds, function, *arguments):
        """Calls it unless the rollout has turned or ended by then."""
        generation = self.generation

        def call():
            if self.generation == generation:
                function(*arguments)
        WORLD.agenda.after(seconds, call)


def provider_for(strategy, place):
    """Which capacity provider a deployment's next task is of, when it has `place` already: the base first, then by weight."""
    if not strategy:
        return None
    for item in strategy:
        if place < item.get("base", 0):
            return item["capacityProvider"]
        place -= item.get("base", 0)
    turns = [item["capacityProvider"] for item in strategy for _ in range(item.get("weight", 0))]
    return turns[place % len(turns)]


class Deployment:
    """One entry of a service's deployments."""

    def __init__(self, service, revision, rollout):
        self.service, self.revision, self.rollout = service, revision, rollout
        self.id = f"ecs-svc/{WORLD.digits(19)}"
        self.status, self.rollout_state, self.rollout_reason = "PRIMARY", "IN_PROGRESS", f"ECS deployment {self.id} in progress."
        self.tasks, self.failed_tasks, self.hold_until, self.halted = [], 0, 0.0, False
        self.created_at = self.updated_at = WORLD.stamp()
        self.wanted = None  # by a native strategy: how many tasks; None: the scheduler's own reckoning

    def target_groups(self):
        """(ARN, port) of each target group that its tasks are registered in."""
        found = []
        for balancer in self.revision.members.get("loadBalancers") or []:
            arn = balancer.get("targetGroupArn")
            if self.revision.side:
                arn = (balancer.get("advancedConfiguration") or {}).get("alternateTargetGroupArn", arn)
            if arn:
                found.append((arn, balancer["containerPort"]))
        return found

    @property
    def definition(self):
        return self.service.simulation.backend.describe_task_definition(self.revision.members["taskDefinition"])

    def alive(self):
        return [task for task in self.tasks if task.alive]

    def count(self, what):
        return sum(1 for task in self.tasks if getattr(task, what))

    def finish(self, state, reason):
        self.rollout_state, self.rollout_reason, self.updated_at = state, reason, WORLD.stamp()

    def start_tasks(self, count):
        service = self.service
        started = []
        for _ in range(count):
            full = WORLD.settings["capacity"] is not None and service.simulation.tasks_in_all() >= WORLD.settings["capacity"]
            if full or FAILURES.take(self.definition, service.name, "placement"):
                service.cannot_place(self)
                break
            members = self.revision.members
            strategy = members.get("capacityProviderStrategy")
            task = Task(service.simulation, service.cluster, self.definition, members.get("networkConfiguration"), f"service:{service.name}",
                        self.id, self.task_changed, self, launch_type=members.get("launchType"), provider=provider_for(strategy, self.count("alive")),
                        tags=service.tags_of_tasks(self.definition), exec=service.members.get("enableExecuteCommand"))
            self.tasks.append(task)
            started.append(task)
        if started:
            service.say(f"has started {len(started)} tasks: {' '.join(f'(task {task.id})' for task in started)}.")

    def task_changed(self):
        for task in self.tasks:
            if task.healthy and not task.counted:
                task.counted = True
                if self.rollout.breaker.get("resetOnHealthyTask", True):
                    self.rollout.failures = 0
        self.tasks = [task for task in self.tasks if task.last_status != "STOPPED"]
        self.service.wake()

    def task_failed(self, task):
        """Counts a task that did not become what it should, and lets the circuit breaker judge."""
        self.hold_until = WORLD.agenda.now + WORLD.settings["restart_seconds"]
        WORLD.agenda.after(WORLD.settings["restart_seconds"], self.service.wake)
        if task.stop_code == "EssentialContainerExited" and not WORLD.settings["exits_break"]:
            return
        self.failed_tasks += 1
        if self.rollout_state != "IN_PROGRESS" or self.rollout.status != "IN_PROGRESS":
            return
        self.rollout.failures += 1
        if self.rollout.breaker.get("enable") and self.rollout.failures >= self.rollout.threshold():
            self.rollout.broken = True
            self.service.fail(self, "tasks failed to start.", "ECS deployment circuit breaker: ", self.rollout.breaker.get("rollback"))
        elif self.rollout.failures % 3 == 0:
            self.service.say("is unable to consistently start tasks successfully. For more information, see the Troubleshooting section.")


class Service:
    """Has the attributes that moto's own code asks a service for, too."""
    scheduling_strategy = property(lambda self: self.members.get("schedulingStrategy", "REPLICA"))
    launch_type = property(lambda self: self.members.get("launchType"))
    task_definition = property(lambda self: self.members.get("taskDefinition"))
    load_balancers = property(lambda self: self.members.get("loadBalancers", []))
    propagate_tags = property(lambda self: self.members.get("propagateTags", "NONE"))
    cluster_name = property(lambda self: self.cluster.name)
    physical_resource_id = property(lambda self: self.arn)
    cluster_arn = property(lambda self: self.cluster.arn)
    running_count = property(lambda self: sum(deployment.count("running") for deployment in self.deployments))
    pending_count = property(lambda self: sum(deployment.count("pending") for deployment in self.deployments))

    def __init__(self, simulation, cluster, name, members, desired_count, tags):
        self.simulation, self.cluster, self.name, self.members = simulation, cluster, name, members
        self.desired_count, self.tags = desired_count, tags
        self.arn = simulation.arn(f"service/{cluster.name}/{name}")
        self.status, self.task_sets, self.events, self.created_at = "ACTIVE", [], [], WORLD.stamp()
        self.deployments, self.rollouts, self.revisions = [], [], []
        self.steady, self.awake, self.live_side, self.placement_said = False, False, 0, 0.0
        self.created_from = None  # (client token, input) for idempotency
        self.inactive_after = 0.0

    # -- what happens

    def say(self, text):
        """An event; AWS keeps the last hundred, the newest first."""
        self.events.insert(0, {"id": WORLD.hexadecimal(32), "createdAt": WORLD.stamp(), "message": f"(service {self.name}) {text}"})
        del self.events[100:]

    def cannot_place(self, deployment):
        deployment.hold_until = WORLD.agenda.now + 10
        WORLD.agenda.after(10, self.wake)
        if WORLD.agenda.now >= self.placement_said:
            self.placement_said = WORLD.agenda.now + 60
            self.say("was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different "
                     "availability zone. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.")

    def tags_of_tasks(self, definition):
        tags = {"SERVICE": self.tags, "TASK_DEFINITION": definition.tags}.get(self.propagate_tags) or []
        if self.members.get("enableECSManagedTags"):
            tags = [*tags, {"key": "aws:ecs:serviceName", "value": self.name}, {"key": "aws:ecs:clusterName", "value": self.cluster.name}]
        return tags

    def deploy(self):
        """Starts a deployment of the service as its members are now."""
        earlier = self.deployments[0] if self.deployments else None
        sources = [deployment.revision for deployment in self.deployments if deployment.tasks]
        revision = Revision(self, {key: self.members[key] for key in KEPT_IN_REVISION if key in self.members})
        revision.side = self.live_side
        self.revisions.append(revision)
        rollout = Rollout(self, revision, sources)
        self.rollouts.append(rollout)
        deployment = Deployment(self, revision, rollout)
        if earlier:
            earlier.status = "ACTIVE"
            if earlier.rollout.status not in DONE:
                earlier.rollout.generation += 1
                earlier.rollout.move_to("STOPPED", "Service deployment superseded by a newer service deployment.")
        self.deployments.insert(0, deployment)
        self.steady = False
        if ecs_native.is_native(rollout):
            ecs_native.begin(self, deployment, earlier)
        if rollout.watched:
            rollout.later(10, self.watch_alarms, deployment)
        self.wake()

    def watch_alarms(self, deployment):
        if deployment.rollout.status != "IN_PROGRESS":
            return
        deployment.rollout.triggered = [name for name in deployment.rollout.watched if self.simulation.alarm_state(name) == "ALARM"]
        if deployment.rollout.triggered:
            alarms = deployment.rollout.configuration.get("alarms") or {}
            self.fail(deployment, "alarm detected.", "ECS deployment failed: ", alarms.get("rollback"))
        else:
            deployment.rollout.later(10, self.watch_alarms, deployment)

    def fail(self, deployment, reason, prefix, roll_back):
        """A deployment that failed: rolled back to the last one that was completed, if that is wished and there is one."""
        rollout = deployment.rollout
        self.say(f"(deployment {deployment.id}) deployment failed: {reason}")
        deployment.finish("FAILED", f"{prefix}{reason}")
        earlier = next((other for other in self.deployments if other is not deployment and other.rollout_state == "COMPLETED"), None)
        if roll_back and earlier:
            self.roll_back(deployment, earlier, f"{prefix}{reason}".strip())
        else:
            deployment.halted = True
            rollout.generation += 1
            rollout.move_to("ROLLBACK_FAILED" if roll_back else "STOPPED", f"{prefix}{reason}".strip())
            self.wake()

    def roll_back(self, deployment, earlier, reason):
        rollout = deployment.rollout
        rollout.generation += 1
        rollout.move_to("ROLLBACK_IN_PROGRESS", reason)
        rollout.rollback = {"reason": reason, "startedAt": WORLD.stamp(), "serviceRevisionArn": earlier.revision.arn}
        self.say(f"rolling back to deployment {earlier.id}.")
        deployment.status, earlier.status = "ACTIVE", "PRIMARY"
        if deployment.rollout_state == "IN_PROGRESS":
            deployment.finish("FAILED", reason)
        deployment.halted = True
        earlier.finish("IN_PROGRESS", f"ECS deployment circuit breaker: rolling back to deploymentId {earlier.id}."
                       if rollout.broken else f"ECS deployment rolling back to deploymentId {earlier.id}.")
        self.deployments.remove(earlier)
        self.deployments.insert(0, earlier)
        for key in KEPT_IN_REVISION:
            self.members.pop(key, None)
        self.members.update(copy.deepcopy(earlier.revision.members))
        earlier.returning = rollout
        self.steady = False
        if ecs_native.is_native(rollout):
            ecs_native.turn_back(self, deployment, earlier)
        self.wake()

    def stop_rollout(self, rollout, kind):
        """StopServiceDeployment."""
        deployment = next((item for item in self.deployments if item.rollout is rollout), None)
        earlier = next((item for item in self.deployments if item is not deployment and item.rollout_state == "COMPLETED"), None)
        if kind == "ABORT" or not deployment or not earlier:
            rollout.generation += 1
            rollout.move_to("STOPPED", "Service deployment was stopped by the user.")
            if deployment:
                deployment.halted = True
                deployment.finish("FAILED", "Service deployment was stopped by the user.")
        else:
            rollout.move_to("ROLLBACK_REQUESTED")
            self.roll_back(deployment, earlier, "Service deployment rollback was requested by the user.")

    # -- the scheduler

    def wake(self):
        """Lets the scheduler look, once, after what is being done now."""
        if not self.awake:
            self.awake = True
            WORLD.agenda.after(0, self.look)

    def look(self):
        self.awake = False
        if self.status == "INACTIVE" or not self.deployments:
            return
        if self.status == "DRAINING":
            self.drain()
            return
        primary, others = self.deployments[0], self.deployments[1:]
        if any(deployment.wanted is not None for deployment in self.deployments):
            ecs_native.keep(self)
        else:
            self.keep_rolling(primary, others)
        self.judge(primary, others)

    def drain(self):
        for deployment in self.deployments:
            for task in deployment.alive():
                task.stop(BY_SCHEDULER, f"Scaling activity initiated by (deployment {deployment.id})")
        if not any(deployment.tasks for deployment in self.deployments):
            if WORLD.agenda.now < self.inactive_after:
                WORLD.agenda.after(self.inactive_after - WORLD.agenda.now, self.wake)
            else:
                self.status, self.deployments = "INACTIVE", []

    def keep_rolling(self, primary, others):
        """A rolling deployment within maximumPercent and minimumHealthyPercent of the desired count."""
        configuration = self.members.get("deploymentConfiguration", {})
        most = math.floor(self.desired_count * configuration.get("maximumPercent", 200) / 100)
        least = math.ceil(self.desired_count * configuration.get("minimumHealthyPercent", 100) / 100)
        alive = sum(len(deployment.alive()) for deployment in self.deployments)
        missing = min(self.desired_count - len(primary.alive()), most - alive)
        if missing > 0 and not primary.halted and WORLD.agenda.now >= primary.hold_until:
            primary.start_tasks(missing)
        surplus = len(primary.alive()) - self.desired_count
        for task in sorted(primary.alive(), key=lambda task: task.healthy)[:max(0, surplus)]:
            task.stop(BY_SCHEDULER, f"Scaling activity initiated by (deployment {primary.id})")
        if primary.halted:
            return
        self.stop_older(others, sum(deployment.count("healthy") for deployment in self.deployments) - least)

    def stop_older(self, others, spare):
        stopped = []
        for deployment in others:
            for task in sorted(deployment.alive(), key=lambda task: task.healthy):
                if task.healthy and spare <= 0:
                    continue
                spare -= task.healthy
                task.stop(BY_SCHEDULER, f"Scaling activity initiated by (deployment {self.deployments[0].id})")
                stopped.append(task)
        if stopped:
            self.say(f"has stopped {len(stopped)} running tasks: {' '.join(f'(task {task.id})' for task in stopped)}.")

    def judge(self, primary, others):
        """Whether the deployment is completed and the service steady."""
        for deployment in others:
            if not deployment.tasks and deployment.rollout_state == "FAILED" and deployment.halted:
                self.deployments.remove(deployment)
        others = self.deployments[1:]
        settled = len(primary.alive()) == self.desired_count == primary.count("healthy") and not any(item.tasks for item in others)
        if not settled:
            self.steady = self.steady and primary.rollout_state == "COMPLETED"
            return
        if primary.rollout_state == "IN_PROGRESS" and not ecs_native.holds(primary):
            bake = primary.rollout.configuration.get("bakeTimeInMinutes") or 0
            if bake and primary.rollout.stage != "BAKE_TIME" and primary.rollout.status == "IN_PROGRESS":
                primary.rollout.stage = "BAKE_TIME"
                primary.rollout.later(bake * 60, self.complete, primary)
                return
            if not (bake and primary.rollout.status == "IN_PROGRESS"):
                self.complete(primary)
        if primary.rollout_state != "IN_PROGRESS" and not self.steady:
            self.steady = True
            self.say("has reached a steady state.")

    def complete(self, primary):
        primary.finish("COMPLETED", f"ECS deployment {primary.id} completed.")
        self.say(f"(deployment {primary.id}) deployment completed.")
        self.deployments = [primary]
        returning = getattr(primary, "returning", None)
        if returning:
            returning.move_to("ROLLBACK_SUCCESSFUL")
            primary.returning = None
        elif primary.rollout.status not in DONE:
            primary.rollout.stage = None
            primary.rollout.move_to("SUCCESSFUL")
        primary.rollout.generation += 1
        self.steady = True
        self.say("has reached a steady state.")
