"""ECS's own BLUE_GREEN, LINEAR and CANARY, alarms and hooks of a deployment."""

from .. import fixtures
from . import equal, refused, tester, true
from .ecs import World

TESTS = []
test = tester(TESTS)


class Native(World):
    def __init__(self, aws, **configuration):
        super().__init__(aws)
        self.other, _ = fixtures.make_target_group(aws, self.network, "web2")
        self.elb.modify_rule(RuleArn=self.rule, Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": [
            {"TargetGroupArn": self.target, "Weight": 1}, {"TargetGroupArn": self.other, "Weight": 0}]}}])
        self.role = fixtures.make_role(aws, "infrastructure")
        self.balancer = {"targetGroupArn": self.target, "containerName": "app", "containerPort": 8080, "advancedConfiguration": {
            "alternateTargetGroupArn": self.other, "productionListenerRule": self.rule, "roleArn": self.role}}
        self.create(loadBalancers=[self.balancer], deploymentConfiguration=configuration)
        self.settle()
        self.second()

    def settle(self):
        self.aws.advance(400)
        equal(self.service()["deployments"][0]["rolloutState"], "COMPLETED")

    def weights(self):
        action = self.elb.describe_rules(RuleArns=[self.rule])["Rules"][0]["Actions"][0]
        return [group["Weight"] for group in action["ForwardConfig"]["TargetGroups"]]

    def rollout(self):
        arn = self.service()["currentServiceDeployment"]
        return self.ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0]

    def live(self):
        revision = self.service()["currentServiceRevisions"][0]["arn"]
        return self.ecs.describe_service_revisions(serviceRevisionArns=[revision])["serviceRevisions"][0]["resolvedConfiguration"][
            "loadBalancers"][0]["targetGroupArn"]


@test("services")
def a_canary_moves_the_weights(aws):
    world = Native(aws, strategy="CANARY", bakeTimeInMinutes=5, canaryConfiguration={"canaryPercent": 10, "canaryBakeTimeInMinutes": 10})
    equal(world.weights(), [100, 0])
    world.update(taskDefinition="web:2")
    aws.advance(30)
    equal((world.weights(), world.rollout()["lifecycleStage"]), ([90, 10], "PRODUCTION_TRAFFIC_SHIFT"))
    equal(world.rollout()["targetServiceRevision"]["requestedProductionTrafficWeight"], 10.0)
    aws.advance(600)
    equal((world.weights(), world.rollout()["lifecycleStage"]), ([0, 100], "BAKE_TIME"))
    equal(world.service()["runningCount"], 4)
    aws.advance(300)
    aws.advance(400)
    equal((world.rollout()["status"], world.service()["runningCount"], world.weights()), ("SUCCESSFUL", 2, [0, 100]))


@test("resolved-configuration")
def the_two_target_groups_are_swapped(aws):
    world = Native(aws, strategy="BLUE_GREEN", bakeTimeInMinutes=0)
    equal(world.live(), world.target)
    world.update(taskDefinition="web:2")
    world.settle()
    equal((world.live(), world.weights()), (world.other, [0, 100]))
    world.update(taskDefinition="web:1")
    world.settle()
    equal((world.live(), world.weights()), (world.target, [100, 0]))


@test("services")
def a_linear_deployment_takes_equal_steps(aws):
    world = Native(aws, strategy="LINEAR", linearConfiguration={"stepPercent": 40, "stepBakeTimeInMinutes": 1})
    world.update(taskDefinition="web:2")
    seen = []
    for _ in range(40):
        if world.weights() not in seen:
            seen.append(world.weights())
        aws.advance(10)
    equal(seen, [[100, 0], [60, 40], [20, 80], [0, 100]])


@test("services")
def an_alarm_rolls_a_canary_back(aws):
    world = Native(aws, strategy="CANARY", bakeTimeInMinutes=5, alarms={"alarmNames": ["bad"], "enable": True, "rollback": True})
    aws.client("cloudwatch").put_metric_alarm(AlarmName="bad", MetricName="m", Namespace="n", Statistic="Sum", Period=60, EvaluationPeriods=1,
                                              Threshold=1, ComparisonOperator="GreaterThanThreshold")
    aws.client("cloudwatch").set_alarm_state(AlarmName="bad", StateValue="OK", StateReason="-")
    world.update(taskDefinition="web:2")
    aws.advance(30)
    equal(world.weights(), [95, 5])
    aws.client("cloudwatch").set_alarm_state(AlarmName="bad", StateValue="ALARM", StateReason="-")
    aws.advance(11)
    equal((world.weights(), world.rollout()["status"]), ([100, 0], "ROLLBACK_IN_PROGRESS"))
    equal(world.rollout()["alarms"], {"status": "TRIGGERED", "alarmNames": ["bad"], "triggeredAlarmNames": ["bad"]})
    aws.advance(400)
    equal((world.rollout()["status"], world.service()["runningCount"], world.live()), ("ROLLBACK_SUCCESSFUL", 2, world.target))
    true(world.service()["taskDefinition"].endswith("web:1"), "the newer definition is still there")


@test("service-deployments")
def a_pause_waits_to_be_continued(aws):
    world = Native(aws, strategy="BLUE_GREEN", bakeTimeInMinutes=0)
    world.update(taskDefinition="web:2", deploymentConfiguration={"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0, "lifecycleHooks": [
        {"targetType": "PAUSE", "lifecycleStages": ["POST_SCALE_UP"]}]})
    aws.advance(100)
    hook = world.rollout()["lifecycleHookDetails"][0]
    equal((hook["status"], hook["targetType"], world.rollout()["lifecycleStage"]), ("AWAITING_ACTION", "PAUSE", "POST_SCALE_UP"))
    equal(world.weights(), [100, 0])
    world.ecs.continue_service_deployment(serviceDeploymentArn=world.rollout()["serviceDeploymentArn"], hookId=hook["hookId"], action="CONTINUE")
    world.settle()
    equal(world.weights(), [0, 100])


@test("native-wants-advanced")
def a_native_strategy_wants_its_configuration(aws):
    world = World(aws)
    refused("InvalidParameterException", "bakeTimeInMinutes", world.create, deploymentConfiguration={"strategy": "BLUE_GREEN"})
    refused("InvalidParameterException", "advancedConfiguration.alternateTargetGroupArn", world.create,
            deploymentConfiguration={"strategy": "CANARY"})
