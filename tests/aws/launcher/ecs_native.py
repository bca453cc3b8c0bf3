"""ECS's own BLUE_GREEN, LINEAR and CANARY: stages, weights of the production rule, the two target groups."""

import copy

from moto.elbv2.models import FakeAction, elbv2_backends

from .ecs_tasks import BY_SCHEDULER
from .world import WORLD

STAGES = ("RECONCILE_SERVICE", "PRE_SCALE_UP", "SCALE_UP", "POST_SCALE_UP", "TEST_TRAFFIC_SHIFT", "POST_TEST_TRAFFIC_SHIFT",
          "PRODUCTION_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT", "BAKE_TIME", "CLEAN_UP")


def is_native(rollout):
    return rollout.configuration.get("strategy", "ROLLING") != "ROLLING"


def holds(deployment):
    """Whether the course of a native strategy, not the scheduler, says when a deployment is completed."""
    return is_native(deployment.rollout) and deployment.rollout.status == "IN_PROGRESS"


def balancers(revision):
    return [balancer for balancer in revision.members.get("loadBalancers") or [] if balancer.get("advancedConfiguration")]


def groups_of(balancer, side):
    """(the live target group's ARN, the other's)."""
    pair = (balancer["targetGroupArn"], balancer["advancedConfiguration"].get("alternateTargetGroupArn"))
    return pair if not side else (pair[1], pair[0])


def find_rule(service, arn):
    for balancer in elbv2_backends[service.simulation.account][service.simulation.region].load_balancers.values():
        for listener in balancer.listeners.values():
            for rule in listener.rules.values():
                if rule.arn == arn:
                    return rule
    return None


def set_weights(service, revision, member, side, percent):
    """The rule named by `member` sends `percent` to the target group of that side, the rest to the other."""
    for balancer in balancers(revision):
        rule = find_rule(service, balancer["advancedConfiguration"].get(member))
        if not rule:
            continue
        here, there = groups_of(balancer, side)
        stickiness = {"Enabled": False}
        for action in rule.actions:
            stickiness = action.data.get("ForwardConfig", {}).get("TargetGroupStickinessConfig", stickiness)
        weights = {here: percent, there: 100 - percent}
        order = [balancer["targetGroupArn"], balancer["advancedConfiguration"].get("alternateTargetGroupArn")]
        rule.actions = [FakeAction({"Type": "forward", "Order": 1, "ForwardConfig": {
            "TargetGroups": [{"TargetGroupArn": arn, "Weight": weights[arn]} for arn in order if arn],
            "TargetGroupStickinessConfig": copy.deepcopy(stickiness)}})]


def begin(service, deployment, earlier):
    """Starts the course of a new deployment on the other side of the live one."""
    rollout = deployment.rollout
    deployment.blue = earlier
    if earlier:
        deployment.revision.side = 1 - earlier.revision.side if balancers(deployment.revision) else 0
        earlier.wanted = service.desired_count
    deployment.wanted = 0
    rollout.weights = {deployment.revision.arn: 0.0} | ({earlier.revision.arn: 100.0} if earlier else {})
    enter(service, deployment, 0)


def enter(service, deployment, number):
    """Enters a stage: its hooks first, then what it is for."""
    rollout = deployment.rollout
    rollout.stage, rollout.updated_at = STAGES[number], WORLD.stamp()
    hooks = [hook for hook in rollout.configuration.get("lifecycleHooks") or [] if STAGES[number] in hook.get("lifecycleStages", [])]
    run_hooks(service, deployment, hooks, lambda: act(service, deployment, number))


def run_hooks(service, deployment, hooks, then):
    if not hooks:
        then()
        return
    hook, rollout = hooks[0], deployment.rollout
    kind, timeout = hook.get("targetType", "AWS_LAMBDA"), hook.get("timeoutConfiguration") or {}
    minutes = timeout.get("timeoutInMinutes", 1440)
    detail = {"hookId": WORLD.hexadecimal(32), "targetType": kind, "status": "AWAITING_ACTION" if kind == "PAUSE" else "IN_PROGRESS",
              "expiresAt": WORLD.clock.stamp(WORLD.agenda.now + minutes * 60), "timeoutAction": timeout.get("action", "ROLLBACK")}
    if hook.get("hookTargetArn"):
        detail["targetArn"] = hook["hookTargetArn"]
    rollout.hooks.append(detail)

    def settle(status, action):
        if detail["status"] not in ("AWAITING_ACTION", "IN_PROGRESS"):
            return
        detail["status"] = status
        if action == "CONTINUE":
            run_hooks(service, deployment, hooks[1:], then)
        else:
            service.fail(deployment, f"lifecycle hook {detail['hookId']} {status.lower()}.", "ECS deployment failed: ", True)
    detail["settle"] = settle
    if kind == "AWS_LAMBDA" and WORLD.settings["lambda_hook"] != "IN_PROGRESS":
        good = WORLD.settings["lambda_hook"] == "SUCCEEDED"
        rollout.later(1, settle, WORLD.settings["lambda_hook"], "CONTINUE" if good else "ROLLBACK")
    else:
        rollout.later(minutes * 60, settle, "TIMED_OUT", detail["timeoutAction"])


def act(service, deployment, number):
    rollout, stage = deployment.rollout, STAGES[number]

    def go_on():
        enter(service, deployment, number + 1)
    if stage == "SCALE_UP":
        deployment.wanted = service.desired_count
        service.wake()
        wait_for(service, deployment, lambda: deployment.count("healthy") >= service.desired_count, go_on)
    elif stage == "TEST_TRAFFIC_SHIFT":
        set_weights(service, deployment.revision, "testListenerRule", deployment.revision.side, 100)
        rollout.test_weights = {deployment.revision.arn: 100.0}
        rollout.later(1, go_on)
    elif stage == "PRODUCTION_TRAFFIC_SHIFT":
        shift(service, deployment, steps_of(rollout.configuration) if deployment.blue else [(100, 0)], go_on)
    elif stage == "BAKE_TIME":
        rollout.later((rollout.configuration.get("bakeTimeInMinutes") or 0) * 60 if deployment.blue else 0, go_on)
    elif stage == "CLEAN_UP":
        clean_up(service, deployment)
    else:
        rollout.later(1, go_on)


def steps_of(configuration):
    """[(percent, seconds to stay there)] of a strategy's production traffic; the last is 100."""
    strategy = configuration["strategy"]
    if strategy == "CANARY":
        canary = configuration.get("canaryConfiguration") or {}
        return [(canary.get("canaryPercent", 5), canary.get("canaryBakeTimeInMinutes", 10) * 60), (100, 0)]
    if strategy == "LINEAR":
        linear = configuration.get("linearConfiguration") or {}
        percent, minutes, steps = linear.get("stepPercent", 10), linear.get("stepBakeTimeInMinutes", 6), []
        while percent * (len(steps) + 1) < 100:
            steps.append((percent * (len(steps) + 1), minutes * 60))
        return [*steps, (100, 0)]
    return [(100, 0)]


def shift(service, deployment, steps, then):
    percent, seconds = steps[0]
    set_weights(service, deployment.revision, "productionListenerRule", deployment.revision.side, percent)
    rollout = deployment.rollout
    rollout.weights[deployment.revision.arn] = float(percent)
    if deployment.blue:
        rollout.weights[deployment.blue.revision.arn] = 100.0 - percent
    rollout.updated_at = WORLD.stamp()
    rollout.later(max(seconds, 1), *((shift, service, deployment, steps[1:], then) if steps[1:] else (then,)))


def wait_for(service, deployment, condition, then):
    if condition():
        deployment.rollout.later(1, then)
    else:
        deployment.rollout.later(1, wait_for, service, deployment, condition, then)


def clean_up(service, deployment):
    """The older revision's tasks stop; then the deployment is completed, and the other side is the live one."""
    for other in service.deployments[1:]:
        other.wanted = 0
    service.wake()

    def end():
        deployment.wanted = None
        service.live_side = deployment.revision.side
        service.complete(deployment)
    wait_for(service, deployment, lambda: not any(other.tasks for other in service.deployments[1:]), end)


def turn_back(service, deployment, earlier):
    """All traffic to the older revision at once, then the newer one's tasks stop."""
    rollout = deployment.rollout
    set_weights(service, earlier.revision, "productionListenerRule", earlier.revision.side, 100)
    set_weights(service, earlier.revision, "testListenerRule", earlier.revision.side, 100)
    rollout.weights = {deployment.revision.arn: 0.0, earlier.revision.arn: 100.0}
    deployment.wanted, earlier.wanted = 0, service.desired_count
    rollout.stage = "CLEAN_UP"

    def end():
        earlier.wanted = None
        service.live_side = earlier.revision.side
        service.wake()
    wait_for(service, deployment, lambda: not deployment.tasks, end)


def keep(service):
    """Each deployment has the tasks that its stage wants; those at full strength follow the desired count."""
    for deployment in service.deployments:
        if deployment.wanted is None:
            deployment.wanted = service.desired_count if deployment is service.deployments[0] else 0
        elif deployment.wanted:
            deployment.wanted = service.desired_count
        missing = deployment.wanted - len(deployment.alive())
        if missing > 0 and WORLD.agenda.now >= deployment.hold_until and not deployment.halted:
            deployment.start_tasks(missing)
        for task in deployment.alive()[:max(0, -missing)]:
            task.stop(BY_SCHEDULER, f"Scaling activity initiated by (deployment {deployment.id})")
