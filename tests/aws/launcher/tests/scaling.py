"""Application Auto Scaling."""

from . import equal, refused, tester, true
from .ecs import World

TESTS = []
test = tester(TESTS)
DIMENSION = "ecs:service:DesiredCount"
OF = {"ServiceNamespace": "ecs", "ResourceId": "service/main/web", "ScalableDimension": DIMENSION}
CPU = {"TargetValue": 70, "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}}


class Scaled(World):
    def __init__(self, aws):
        super().__init__(aws, balanced=False)
        self.scaling, self.watch = aws.client("application-autoscaling"), aws.client("cloudwatch")
        self.create()
        aws.advance(20)

    def register(self, **changes):
        return self.scaling.register_scalable_target(**(OF | {"MinCapacity": 1, "MaxCapacity": 4} | changes))

    def scalable(self):
        return self.scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=["service/main/web"])["ScalableTargets"][0]

    def track(self, **changes):
        return self.scaling.put_scaling_policy(**OF, PolicyName="cpu", PolicyType="TargetTrackingScaling",
                                               TargetTrackingScalingPolicyConfiguration=CPU | changes)

    def alarms(self):
        return {alarm["AlarmName"]: alarm for alarm in self.watch.describe_alarms()["MetricAlarms"]}


@test("scalable-target-needs-service")
def a_target_needs_its_service(aws):
    world = Scaled(aws)
    world.ecs.delete_service(cluster="main", service="web", force=True)
    aws.advance(20)
    refused("ValidationException", "ECS service doesn't exist", world.register)


@test("suspended-state")
def registering_again_keeps_what_is_not_given(aws):
    world = Scaled(aws)
    world.register(SuspendedState={"DynamicScalingInSuspended": True})
    world.scaling.register_scalable_target(**OF, SuspendedState={"ScheduledScalingSuspended": True})
    target = world.scalable()
    equal((target["MinCapacity"], target["MaxCapacity"]), (1, 4))
    equal(target["SuspendedState"], {"DynamicScalingInSuspended": True, "DynamicScalingOutSuspended": False, "ScheduledScalingSuspended": True})
    refused("ValidationException", "", world.register, MinCapacity=5)


@test("suspended-state")
def bounds_set_the_desired_count(aws):
    world = Scaled(aws)
    world.register(MinCapacity=3)
    aws.advance(20)
    equal((world.service()["desiredCount"], world.service()["runningCount"]), (3, 3))
    world.register(MaxCapacity=2)
    aws.advance(20)
    equal(world.service()["desiredCount"], 2)


@test("role-of-a-target")
def a_target_has_the_linked_role(aws):
    world = Scaled(aws)
    world.register(RoleARN="arn:aws:iam::123456789012:role/mine")
    true(world.scalable()["RoleARN"].endswith("AWSServiceRoleForApplicationAutoScaling_ECSService"), world.scalable()["RoleARN"])


@test("scaling-activities")
def activities_are_told(aws):
    world = Scaled(aws)
    world.register()
    equal(aws.control("POST", "scale", {"cluster": "main", "service": "web", "desired": 9}), {"desired": 4})
    activities = world.scaling.describe_scaling_activities(ServiceNamespace="ecs", ResourceId="service/main/web")["ScalingActivities"]
    equal([(item["StatusCode"], item["Description"]) for item in activities], [("Successful", "Setting desired count to 4.")])
    world.register(SuspendedState={"DynamicScalingInSuspended": True})
    equal(aws.control("POST", "scale", {"cluster": "main", "service": "web", "desired": 1}), {"desired": 4})


@test("target-tracking-alarms")
def target_tracking_makes_its_alarms(aws):
    world = Scaled(aws)
    world.register()
    names = [alarm["AlarmName"] for alarm in world.track(TargetValue=50)["Alarms"]]
    true(names[0].startswith("TargetTracking-service/main/web-AlarmHigh-"), names[0])
    high, low = (world.alarms()[name] for name in names)
    equal((high["MetricName"], high["Threshold"], low["Threshold"]), ("CPUUtilization", 50.0, 45.0))
    equal(len(world.track(DisableScaleIn=True)["Alarms"]), 1)


@test("policy-of-a-target")
def a_policy_put_again_replaces_its_alarms(aws):
    world = Scaled(aws)
    refused("ObjectNotFoundException", "", world.track)
    world.register()
    first, second = world.track(), world.track(TargetValue=60)
    equal(first["PolicyARN"], second["PolicyARN"])
    equal(sorted(world.alarms()), sorted(alarm["AlarmName"] for alarm in second["Alarms"]))


@test("deregistering-deletes-policies")
def deregistering_deletes_policies(aws):
    world = Scaled(aws)
    world.register()
    world.track()
    step = world.scaling.put_scaling_policy(**OF, PolicyName="step", PolicyType="StepScaling", StepScalingPolicyConfiguration={
        "AdjustmentType": "ChangeInCapacity", "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}]})["PolicyARN"]
    world.watch.put_metric_alarm(AlarmName="step", Namespace="AWS/ECS", MetricName="CPUUtilization", Statistic="Average", Period=60,
                                 EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold", AlarmActions=[step])
    policies = world.scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
    equal({item["PolicyName"]: len(item["Alarms"]) for item in policies}, {"cpu": 2, "step": 1})
    world.scaling.deregister_scalable_target(**OF)
    equal(world.scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"], [])
    equal(sorted(world.alarms()), ["step"])
    refused("ObjectNotFoundException", "", world.scaling.deregister_scalable_target, **OF)


@test("scalable-target-tags")
def a_target_has_tags(aws):
    world = Scaled(aws)
    arn = world.register(Tags={"a": "b"})["ScalableTargetARN"]
    world.scaling.tag_resource(ResourceARN=arn, Tags={"c": "d"})
    equal(world.scaling.list_tags_for_resource(ResourceARN=arn)["Tags"], {"a": "b", "c": "d"})
    world.scaling.untag_resource(ResourceARN=arn, TagKeys=["a"])
    equal(world.scaling.list_tags_for_resource(ResourceARN=arn)["Tags"], {"c": "d"})
