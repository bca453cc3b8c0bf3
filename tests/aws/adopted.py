"""The runbooks' accounts as people make them by hand: each with boto3 alone, under its own names, with nothing that svc renders.

A Runbook has the names that the example's file is given, the function that makes the account in a network, and what the file says otherwise.
"""

import json
import re
from dataclasses import dataclass
from typing import Callable

from launcher import fixtures

ACCOUNT, REGION = "123456789012", "us-east-1"
HTTPS = [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]} for port in (80, 443)]
ONCALL = f"arn:aws:sns:{REGION}:{ACCOUNT}:oncall"


@dataclass
class Runbook:
    environment: str
    names: dict
    make: Callable
    foreign: tuple
    differences: dict


def with_names(text, names):
    """The file with each name behind (or in) the statement that it is of."""
    for pattern, addition in names.items():
        text, count = re.subn(pattern, lambda match, more=addition: match[0] + more, text, count=1, flags=re.M)
        if count != 1:
            raise AssertionError(f"{pattern} is not in the example")
    return text


class Hand:
    """What somebody types: one call after the other."""

    def __init__(self, aws, network):
        self.aws, self.network = aws, network
        self.ecs, self.elb, self.ec2 = (aws.client(name, region=REGION) for name in ("ecs", "elbv2", "ec2"))
        self.logs, self.watch = (aws.client(name, region=REGION) for name in ("logs", "cloudwatch"))
        self.scaling = aws.client("application-autoscaling", region=REGION)

    def group(self, name, description, ingress):
        group = self.ec2.create_security_group(GroupName=name, Description=description, VpcId=self.network["vpc"])["GroupId"]
        if ingress:
            self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=ingress)
        return group

    def log_group(self, name, days=None):
        self.logs.create_log_group(logGroupName=name)
        if days:
            self.logs.put_retention_policy(logGroupName=name, retentionInDays=days)

    def balancer(self, name, group, certificate, target):
        """A load balancer whose https listener sends everything to one target group, as the console makes it."""
        arn = self.elb.create_load_balancer(Name=name, Subnets=self.network["public"], SecurityGroups=[group])["LoadBalancers"][0]["LoadBalancerArn"]
        self.elb.create_listener(LoadBalancerArn=arn, Protocol="HTTPS", Port=443, Certificates=[{"CertificateArn": certificate}],
                                 SslPolicy="ELBSecurityPolicy-2016-08", DefaultActions=[{"Type": "forward", "TargetGroupArn": target}])
        self.elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[
            {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}])
        return arn

    def target_group(self, name, port, path):
        return self.elb.create_target_group(Name=name, Protocol="HTTP", Port=port, VpcId=self.network["vpc"], TargetType="ip",
                                            HealthCheckPath=path)["TargetGroups"][0]["TargetGroupArn"]

    def role(self, name, *statements):
        return fixtures.make_role(self.aws, name, statements)

    def task(self, family, cpu, memory, container, task, execution, **more):
        return self.ecs.register_task_definition(family=family, networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu=cpu, memory=memory,
                                                 containerDefinitions=[container], taskRoleArn=task, executionRoleArn=execution,
                                                 **more)["taskDefinition"]["taskDefinitionArn"]

    def service(self, cluster, name, definition, group, count, **more):
        self.ecs.create_service(cluster=cluster, serviceName=name, taskDefinition=definition, desiredCount=count, networkConfiguration={
            "awsvpcConfiguration": {"subnets": self.network["private"], "securityGroups": [group], "assignPublicIp": "DISABLED"}}, **more)

    def scale(self, cluster, name, least, most):
        target = {"ServiceNamespace": "ecs", "ResourceId": f"service/{cluster}/{name}", "ScalableDimension": "ecs:service:DesiredCount"}
        self.scaling.register_scalable_target(**target, MinCapacity=least, MaxCapacity=most)
        return target

    def track(self, target, name, metric, value, **cooldowns):
        self.scaling.put_scaling_policy(**target, PolicyName=name, PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration={
            "TargetValue": value, "PredefinedMetricSpecification": {"PredefinedMetricType": metric}, **cooldowns})

    def step(self, target, name, change, alarm, threshold, comparison, minutes, metric):
        """A step of so many tasks, and the alarm that sets it off."""
        bound = "MetricIntervalLowerBound" if change > 0 else "MetricIntervalUpperBound"
        arn = self.scaling.put_scaling_policy(**target, PolicyName=name, PolicyType="StepScaling", StepScalingPolicyConfiguration={
            "AdjustmentType": "ChangeInCapacity", "StepAdjustments": [{bound: 0, "ScalingAdjustment": change}]})["PolicyARN"]
        self.alarm(alarm, threshold, comparison, minutes, [arn], **metric)

    def alarm(self, name, threshold, comparison, minutes, actions, period=60, **metric):
        self.watch.put_metric_alarm(AlarmName=name, Threshold=threshold, ComparisonOperator=comparison, EvaluationPeriods=minutes * 60 // period,
                                    Period=period, AlarmActions=actions, **metric)

    def cpu(self, cluster, name, metric="CPUUtilization"):
        return {"Namespace": "AWS/ECS", "MetricName": metric, "Statistic": "Average",
                "Dimensions": [{"Name": "ClusterName", "Value": cluster}, {"Name": "ServiceName", "Value": name}]}

    def requests(self, metric, balancer, target, statistic="Sum"):
        return {"Namespace": "AWS/ApplicationELB", "MetricName": metric, "Statistic": statistic,
                "Dimensions": [{"Name": "LoadBalancer", "Value": balancer.split(":loadbalancer/")[1]},
                               {"Name": "TargetGroup", "Value": target.split(":")[-1]}]}


def secret(name):
    return f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}"


def logs(group, prefix):
    return {"logDriver": "awslogs", "options": {"awslogs-group": group, "awslogs-region": REGION, "awslogs-stream-prefix": prefix}}


PULL = ({"Effect": "Allow", "Action": ["ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"],
         "Resource": "*"}, {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"})


def read_secrets(prefix):
    return {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": f"arn:aws:secretsmanager:*:*:secret:{prefix}/*"}


ABOVE, BELOW = "GreaterThanThreshold", "LessThanThreshold"


def make_claude_proxy(aws, network):
    hand, cluster, image = Hand(aws, network), "claude-proxy-cluster", f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/claude-proxy:3f2c1aa"
    hand.ecs.create_cluster(clusterName=cluster, capacityProviders=["FARGATE", "FARGATE_SPOT"])
    hand.log_group("/ecs/claude-proxy-service", 30)
    hand.log_group("/ecs/claude-proxy-worker")
    task, execution = hand.role("ClaudeProxyTaskRole"), hand.role("ClaudeProxyExecutionRole", *PULL, read_secrets("claude-proxy"))
    front = hand.group("claude-proxy-alb-sg", "ALB", HTTPS)
    inner = [{"IpProtocol": "tcp", "FromPort": 8000, "ToPort": 8000, "UserIdGroupPairs": [{"GroupId": front}]}]
    tasks, workers = hand.group("claude-proxy-task-sg", "Tasks", inner), hand.group("claude-proxy-worker-sg", "Workers", [])
    target = hand.target_group("claude-proxy-tg", 8000, "/health")
    balancer = hand.balancer("claude-proxy-alb", front, f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/0d1f1c51-6a5e-4b1c-9d2b-5f3c8a7e2b10", target)
    proxy = hand.task("claude-proxy", "512", "1024", {
        "name": "app", "image": image, "portMappings": [{"containerPort": 8000}], "environment": [{"name": "LOG_LEVEL", "value": "info"}],
        "secrets": [{"name": "ANTHROPIC_API_KEY", "valueFrom": secret("claude-proxy/anthropic")},
                    {"name": "SUPABASE_URL", "valueFrom": secret("claude-proxy/supabase") + ":url::"}],
        "logConfiguration": logs("/ecs/claude-proxy-service", "app"), "stopTimeout": 30,
        "healthCheck": {"command": ["CMD-SHELL", "curl -f http://localhost:8000/health || exit 1"], "startPeriod": 60}}, task, execution)
    hand.service(cluster, "claude-proxy-service", proxy, tasks, 2, launchType="FARGATE", healthCheckGracePeriodSeconds=120,
                 loadBalancers=[{"targetGroupArn": target, "containerName": "app", "containerPort": 8000}])
    scaled = hand.scale(cluster, "claude-proxy-service", 2, 10)
    hand.track(scaled, "claude-proxy-cpu", "ECSServiceAverageCPUUtilization", 70, ScaleOutCooldown=60, ScaleInCooldown=300)
    hand.alarm("claude-proxy-5xx", 10, ABOVE, 5, [ONCALL], **hand.requests("HTTPCode_Target_5XX_Count", balancer, target))
    hand.alarm("claude-proxy-cpu", 85, ABOVE, 10, [ONCALL], **hand.cpu(cluster, "claude-proxy-service"))
    hand.alarm("claude-proxy-unhealthy", 0, ABOVE, 2, [ONCALL], **hand.requests("UnHealthyHostCount", balancer, target, "Maximum"))
    worker = hand.task("claude-proxy-worker", "512", "1024", {
        "name": "worker", "image": image, "command": ["python", "-m", "claude_proxy.worker"],
        "environment": [{"name": "LOG_LEVEL", "value": "info"}, {"name": "QUEUE", "value": "claude-proxy-jobs"}],
        "secrets": [{"name": "ANTHROPIC_API_KEY", "valueFrom": secret("claude-proxy/anthropic")}],
        "logConfiguration": logs("/ecs/claude-proxy-worker", "worker"), "stopTimeout": 120}, task, execution)
    hand.service(cluster, "claude-proxy-worker", worker, workers, 1, capacityProviderStrategy=[
        {"capacityProvider": "FARGATE_SPOT", "weight": 4}, {"capacityProvider": "FARGATE", "weight": 1, "base": 1}])
    hand.scale(cluster, "claude-proxy-worker", 1, 10)


CLAUDE_PROXY = {
    r"^load-balancer edge \{": '\n  name "claude-proxy-alb"\n  security-group name "claude-proxy-alb-sg"',
    r"^service claude-proxy \{": '\n  name "claude-proxy-service"\n  family "claude-proxy"\n  security-group name "claude-proxy-task-sg"\n'
                                 '  role execution { name "ClaudeProxyExecutionRole" }',
    r'route edge .*health "/health"': '; target-group name "claude-proxy-tg"',
    r"track cpu at 70% out 60s in 300s": ' name "claude-proxy-cpu"',
    r"alarm errors .* notify oncall": ' name "claude-proxy-5xx"',
    r"alarm cpu .* notify oncall": ' name "claude-proxy-cpu"',
    r"alarm unhealthy .* notify oncall": ' name "claude-proxy-unhealthy"',
    r"^service claude-proxy-worker \{": '\n  name "claude-proxy-worker"\n  family "claude-proxy-worker"\n  security-group name "claude-proxy-worker-sg"\n'
                                        '  role task { name "ClaudeProxyTaskRole" }',
}


def make_video_intelligence(aws, network):
    hand, cluster, image = Hand(aws, network), "video-intelligence", f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/video-intelligence:3f2c1aa"
    hand.ecs.create_cluster(clusterName=cluster)
    hand.ecs.put_cluster_capacity_providers(cluster=cluster, capacityProviders=["FARGATE", "FARGATE_SPOT"], defaultCapacityProviderStrategy=[])
    hand.log_group("/ecs/video-intelligence")
    buckets = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], "Resource": ["arn:aws:s3:::video-intelligence-*/*"]}
    task = hand.role("VideoIntelligenceTaskRole", buckets, read_secrets("video-intelligence"))
    execution = hand.role("VideoIntelligenceExecutionRole", *PULL, read_secrets("video-intelligence"))
    front = hand.group("video-intelligence-alb", "load balancer", HTTPS)
    tasks = hand.group("video-intelligence-api", "api", [{"IpProtocol": "tcp", "FromPort": 8000, "ToPort": 8000, "UserIdGroupPairs": [{"GroupId": front}]}])
    workers = hand.group("video-intelligence-worker", "worker", [])
    hand.ec2.authorize_security_group_ingress(GroupId="sg-0a1b2c3d4e5f60718", IpPermissions=[  # Redis
        {"IpProtocol": "tcp", "FromPort": 6379, "ToPort": 6379, "UserIdGroupPairs": [{"GroupId": tasks}, {"GroupId": workers}]}])
    target = hand.target_group("video-intelligence-api", 8000, "/health")
    hand.balancer("video-intelligence", front, f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/5c0d5b0e-3c8e-4d67-9f0d-2f6f0a1b7c11", target)
    secrets = [{"name": "MONGODB_URL", "valueFrom": secret("video-intelligence/mongodb")},
               {"name": "OPENAI_API_KEY", "valueFrom": secret("video-intelligence/openai")}]
    api = hand.task("video-intelligence-api", "1024", "2048", {
        "name": "api", "image": image, "portMappings": [{"containerPort": 8000, "protocol": "tcp"}],
        "environment": [{"name": "APP_ENV", "value": "production"}], "secrets": secrets, "logConfiguration": logs("/ecs/video-intelligence", "api"),
        "healthCheck": {"command": ["CMD-SHELL", "curl -f http://localhost:8000/health || exit 1"], "interval": 30, "timeout": 5, "retries": 3,
                        "startPeriod": 60}}, task, execution)
    hand.service(cluster, "api", api, tasks, 2, launchType="FARGATE",
                 loadBalancers=[{"targetGroupArn": target, "containerName": "api", "containerPort": 8000}])
    worker = hand.task("video-intelligence-worker", "2048", "4096", {
        "name": "worker", "image": image, "command": ["celery", "-A", "services.backend.celery_app", "worker", "--loglevel=info"], "secrets": secrets,
        "environment": [{"name": "WORKER_MAX_MEMORY_PER_CHILD", "value": "3072000"}, {"name": "WORKER_MAX_TASKS_PER_CHILD", "value": "100"}],
        "logConfiguration": logs("/ecs/video-intelligence", "worker")}, task, execution)
    hand.service(cluster, "worker", worker, workers, 1, launchType="FARGATE")
    scaled = hand.scale(cluster, "api", 2, 10)
    hand.step(scaled, "api-scale-up", 2, "api-cpu-above-70", 70, ABOVE, 2, hand.cpu(cluster, "api"))
    hand.step(scaled, "api-scale-down", -1, "api-cpu-below-30", 30, BELOW, 10, hand.cpu(cluster, "api"))
    queue = {"Namespace": "VideoIntelligence", "MetricName": "QueueLength", "Statistic": "Maximum"}
    scaled = hand.scale(cluster, "worker", 1, 20)
    hand.step(scaled, "worker-scale-up", 4, "worker-queue-above-100", 100, ABOVE, 1, queue)
    hand.step(scaled, "worker-scale-down", -2, "worker-queue-below-10", 10, BELOW, 1, queue)
    hand.alarm("video-intelligence-high-cpu", 80, ABOVE, 5, [], period=300, AlarmDescription="API CPU above 80%", Namespace="AWS/ECS",
               MetricName="CPUUtilization", Statistic="Average")
    hand.alarm("video-intelligence-errors", 1, ABOVE, 5, [], period=300, AlarmDescription="Error rate above 1%", Namespace="VideoIntelligence",
               MetricName="5XXError", Statistic="Average")


VIDEO_INTELLIGENCE = {
    r"^load-balancer edge \{": '\n  name "video-intelligence"\n  security-group name "video-intelligence-alb"',
    r'^  family   "video-intelligence-\$\{service\}"': '\n  security-group name "video-intelligence-${service}"',
    r'route edge .*health "/health"': '; target-group name "video-intelligence-api"',
    r"step cpu \+2 above 70% for 2m": ' { name "api-scale-up"; alarm "api-cpu-above-70" }',
    r"step cpu -1 below 30% for 10m": ' { name "api-scale-down"; alarm "api-cpu-below-30" }',
    r"step jobs.waiting \+4 above 100": ' { name "worker-scale-up"; alarm "worker-queue-above-100" }',
    r"step jobs.waiting -2 below 10": ' { name "worker-scale-down"; alarm "worker-queue-below-10" }',
}


def make_aistudio(aws, network):
    hand, cluster = Hand(aws, network), "aistudio-dev"
    hand.ecs.create_cluster(clusterName=cluster, settings=[{"name": "containerInsights", "value": "enabled"}],
                            capacityProviders=["FARGATE", "FARGATE_SPOT"])
    hand.log_group("/ecs/aistudio-dev", 30)
    task, execution = hand.role("aistudio-dev-task"), hand.role("aistudio-dev-execution", *PULL, read_secrets("aistudio/dev"))
    front = hand.group("aistudio-dev-alb", "ALB", HTTPS)
    tasks = hand.group("aistudio-dev-ecs", "Tasks", [{"IpProtocol": "tcp", "FromPort": 3000, "ToPort": 3000, "UserIdGroupPairs": [{"GroupId": front}]}])
    target = hand.target_group("aistudio-dev", 3000, "/api/healthz")
    balancer = hand.balancer("aistudio-dev", front, f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/1f7c4a90-6b2d-4e38-8c1f-9d0e2b3a4c22", target)
    definition = hand.task("aistudio-dev", "512", "1024", {
        "name": "app", "image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/aistudio-dev:3f2c1aa", "portMappings": [{"containerPort": 3000}],
        "user": "nextjs", "readonlyRootFilesystem": True, "secrets": [{"name": "AUTH_SECRET", "valueFrom": secret("aistudio/dev/auth")},
                                                                      {"name": "DB_PASSWORD", "valueFrom": secret("aistudio/dev/database") + ":password::"}],
        "logConfiguration": logs("/ecs/aistudio-dev", "app")}, task, execution,
        runtimePlatform={"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"})
    hand.service(cluster, "aistudio-dev", definition, tasks, 1, healthCheckGracePeriodSeconds=60, capacityProviderStrategy=[
        {"capacityProvider": "FARGATE_SPOT", "weight": 1}], deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}},
                 loadBalancers=[{"targetGroupArn": target, "containerName": "app", "containerPort": 3000}])
    scaled = hand.scale(cluster, "aistudio-dev", 1, 3)
    hand.track(scaled, "aistudio-dev-cpu", "ECSServiceAverageCPUUtilization", 70)
    hand.track(scaled, "aistudio-dev-memory", "ECSServiceAverageMemoryUtilization", 80)
    hand.alarm("aistudio-dev-errors", 10, ABOVE, 10, [ONCALL], period=600, **hand.requests("HTTPCode_Target_5XX_Count", balancer, target))
    hand.alarm("aistudio-dev-cpu", 80, ABOVE, 10, [ONCALL], **hand.cpu(cluster, "aistudio-dev"))
    hand.alarm("aistudio-dev-memory", 85, ABOVE, 10, [ONCALL], **hand.cpu(cluster, "aistudio-dev", "MemoryUtilization"))
    hand.watch.put_dashboard(DashboardName="aistudio-ecs-dev", DashboardBody=json.dumps({"widgets": []}))
    dns = hand.elb.describe_load_balancers(Names=["aistudio-dev"])["LoadBalancers"][0]["DNSName"]
    for name, value in (("alb-dns-name", dns), ("ecr-repository-uri", f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/aistudio-dev")):
        aws.client("ssm", region=REGION).put_parameter(Name=f"/aistudio/dev/{name}", Value=value, Type="String")


AISTUDIO = {
    r"^load-balancer edge \{": '\n  name "aistudio-${env}"\n  security-group name "aistudio-${env}-alb"',
    r"^service aistudio \{": '\n  security-group name "aistudio-${env}-ecs"\n  role task { name "aistudio-${env}-task" }\n'
                             '  role execution { name "aistudio-${env}-execution" }',
    r'route    edge .*health "/api/healthz"': '; target-group name "aistudio-${env}"',
    r"track cpu at 70%": ' name "aistudio-${env}-cpu"',
    r"track memory at 80%": ' name "aistudio-${env}-memory"',
}

# What each file says otherwise than its runbook: {svc:id: what differs, or that it is not there yet}.
CLAUDE_PROXY_DIFFERS = {
    "shared/cluster/claude-proxy-cluster": ["settings"],
    "shared/security-group/edge": ["AuthorizeSecurityGroupEgress.IpPermissions", "AuthorizeSecurityGroupIngress.IpPermissions"],
    "shared/load-balancer/edge": ["ModifyLoadBalancerAttributes.Attributes"],
    "shared/listener/edge-443": ["DefaultActions", "SslPolicy"],
    "claude-proxy/role/execution": ["Description", "policy.Statement", "trust.Statement"],
    "claude-proxy/security-group/tasks": ["AuthorizeSecurityGroupEgress.IpPermissions"],
    "claude-proxy/target-group/app-8000": ["HealthyThresholdCount", "ModifyTargetGroupAttributes.Attributes", "UnhealthyThresholdCount"],
    "claude-proxy/task-definition": ["containerDefinitions", "taskRoleArn"],
    "claude-proxy/service":
        ["deploymentConfiguration.deploymentCircuitBreaker.enable", "deploymentConfiguration.deploymentCircuitBreaker.rollback", "enableECSManagedTags",
        "platformVersion", "propagateTags", "taskDefinition"],
    "claude-proxy/alarm/errors": ["AlarmDescription", "Dimensions", "Metrics", "Threshold", "TreatMissingData"],
    "claude-proxy/alarm/cpu": ["AlarmDescription"],
    "claude-proxy/alarm/unhealthy": ["AlarmDescription", "Dimensions", "Metrics", "TreatMissingData"],
    "claude-proxy-worker/log-group/ecs/claude-proxy-worker": ["PutRetentionPolicy"],
    "claude-proxy-worker/role/task": ["Description", "policy", "trust.Statement"],
    "claude-proxy-worker/security-group/tasks": ["AuthorizeSecurityGroupEgress.IpPermissions"],
    "claude-proxy-worker/task-definition": ["containerDefinitions", "executionRoleArn"],
    "claude-proxy-worker/service":
        ["deploymentConfiguration.deploymentCircuitBreaker.enable", "deploymentConfiguration.deploymentCircuitBreaker.rollback", "enableECSManagedTags",
        "platformVersion", "propagateTags", "taskDefinition"],
    **dict.fromkeys((
        "claude-proxy/role/task", "claude-proxy/security-group-rule/edge-to-tasks-8000", "claude-proxy/target-group/app-8000-c",
        "claude-proxy/listener-rule/app-8000", "claude-proxy/dashboard", "claude-proxy/alarm/rollback-1", "claude-proxy/alarm/rollback-2",
        "claude-proxy/alarm/rollback-3", "claude-proxy/alarm/rollback-4", "claude-proxy-worker/role/execution",
        "claude-proxy-worker/scaling/track-queue-visible", "claude-proxy-worker/alarm/late", "claude-proxy-worker/dashboard"), "create"),
}
VIDEO_INTELLIGENCE_DIFFERS = {
    "shared/security-group/edge": ["AuthorizeSecurityGroupEgress.IpPermissions", "AuthorizeSecurityGroupIngress.IpPermissions"],
    "shared/load-balancer/edge": ["ModifyLoadBalancerAttributes.Attributes"],
    "shared/listener/edge-443": ["DefaultActions", "SslPolicy"],
    "api/log-group/ecs/video-intelligence": ["PutRetentionPolicy"],
    "api/role/execution": ["Description", "policy.Statement", "trust.Statement"],
    "api/role/task": ["Description", "policy.Statement", "trust.Statement"],
    "api/security-group/tasks": ["AuthorizeSecurityGroupEgress.IpPermissions"],
    "api/target-group/api-8000": ["HealthyThresholdCount", "ModifyTargetGroupAttributes.Attributes", "UnhealthyThresholdCount"],
    "api/task-definition": ["containerDefinitions"],
    "api/service":
        ["deploymentConfiguration.deploymentCircuitBreaker.enable", "deploymentConfiguration.deploymentCircuitBreaker.rollback", "enableECSManagedTags",
        "healthCheckGracePeriodSeconds", "platformVersion", "propagateTags", "taskDefinition"],
    "api/alarm/scale-cpu-above": ["AlarmDescription"],
    "api/alarm/scale-cpu-below": ["AlarmDescription"],
    "api/alarm/high-cpu": ["AlarmActions", "AlarmDescription", "Dimensions"],
    "api/alarm/errors": ["AlarmActions", "AlarmDescription", "EvaluationPeriods", "Metrics", "TreatMissingData"],
    "worker/security-group/tasks": ["AuthorizeSecurityGroupEgress.IpPermissions"],
    "worker/task-definition": ["containerDefinitions", "executionRoleArn", "taskRoleArn"],
    "worker/service":
        ["capacityProviderStrategy", "deploymentConfiguration.deploymentCircuitBreaker.enable", "deploymentConfiguration.deploymentCircuitBreaker.rollback",
        "enableECSManagedTags", "platformVersion", "propagateTags", "taskDefinition"],
    "worker/scaling/jobs-waiting-above": ["StepScalingPolicyConfiguration.MetricAggregationType"],
    "worker/alarm/scale-jobs-waiting-above": ["AlarmDescription"],
    "worker/scaling/jobs-waiting-below": ["StepScalingPolicyConfiguration.MetricAggregationType"],
    "worker/alarm/scale-jobs-waiting-below": ["AlarmDescription"],
    **dict.fromkeys((
        "api/security-group-rule/edge-to-tasks-8000", "api/listener-rule/api-8000", "api/dashboard", "worker/role/execution", "worker/role/task",
        "worker/dashboard", "beat/role/execution", "beat/role/task", "beat/security-group-rule/into-sg-0a1b2c3d4e5f60718-tcp-6379",
        "beat/security-group/tasks", "beat/task-definition", "beat/service", "beat/dashboard"), "create"),
}
AISTUDIO_DIFFERS = {
    "shared/security-group/edge": ["AuthorizeSecurityGroupEgress.IpPermissions", "AuthorizeSecurityGroupIngress.IpPermissions"],
    "shared/load-balancer/edge": ["ModifyLoadBalancerAttributes.Attributes"],
    "shared/listener/edge-443": ["DefaultActions", "SslPolicy"],
    "aistudio/role/execution": ["Description", "policy.Statement", "trust.Statement"],
    "aistudio/role/task": ["Description", "trust.Statement"],
    "aistudio/security-group/tasks": ["AuthorizeSecurityGroupEgress.IpPermissions"],
    "aistudio/target-group/app-3000": ["HealthyThresholdCount", "ModifyTargetGroupAttributes.Attributes", "UnhealthyThresholdCount"],
    "aistudio/task-definition": ["containerDefinitions"],
    "aistudio/service": ["enableECSManagedTags", "platformVersion", "propagateTags", "taskDefinition"],
    "aistudio/alarm/errors": ["AlarmDescription", "Dimensions", "Metrics", "TreatMissingData"],
    "aistudio/alarm/cpu": ["AlarmDescription"],
    "aistudio/alarm/memory": ["AlarmDescription"],
    "aistudio/dashboard": ["DashboardBody.widgets"],
    "aistudio/parameter/aistudio/dev/alb-dns-name": ["Description"],
    "aistudio/parameter/aistudio/dev/ecr-repository-uri": ["Description"],
    **dict.fromkeys((
        "aistudio/security-group-rule/edge-to-tasks-3000", "aistudio/listener-rule/app-3000", "aistudio/metric-filter/ttft.average",
        "aistudio/metric-filter/ttft.p99", "aistudio/metric-filter/stream.errors", "aistudio/alarm/unhealthy", "aistudio/alarm/not-running"), "create"),
}

RUNBOOKS = {
    "claude-proxy": Runbook("prod", CLAUDE_PROXY, make_claude_proxy, ("the service claude-proxy-service", "the security group claude-proxy-task-sg"),
                            CLAUDE_PROXY_DIFFERS),
    "video-intelligence": Runbook("prod", VIDEO_INTELLIGENCE, make_video_intelligence, ("the service api", "the role VideoIntelligenceTaskRole"),
                                  VIDEO_INTELLIGENCE_DIFFERS),
    "aistudio": Runbook("dev", AISTUDIO, make_aistudio, ("the service aistudio-dev", "the target group aistudio-dev"), AISTUDIO_DIFFERS),
}
