"""A small output directory, written by hand, that every check accepts; the tests break it one fact at a time."""

import copy
import hashlib
import json
import os

from documents import UNKNOWN, strings

_TRUST = {"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole",
    "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}}]}

_TAGS = [{"Key": "svc:project", "Value": "shop"}]

_DOCUMENTS = {
    "web/task-definition.json": {
        "family": "web-prod", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
        "cpu": "512", "memory": "1024", "executionRoleArn": "svc:unknown:web/role/execution#Arn",
        "taskRoleArn": "arn:aws:iam::123456789012:role/svc/shop/prod/web-prod-task-us-east-1",
        "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
        "volumes": [{"name": "tmp"}],
        "containerDefinitions": [{
            "name": "app", "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/web:0123abc", "essential": True,
            "portMappings": [{"containerPort": 8000, "protocol": "tcp", "name": "http"}],
            "environment": [{"name": "LOG_LEVEL", "value": "info"}],
            "secrets": [{"name": "TOKEN", "valueFrom": "arn:aws:secretsmanager:us-east-1:123456789012:secret:web/token"}],
            "mountPoints": [{"sourceVolume": "tmp", "containerPath": "/tmp", "readOnly": False}],
            "healthCheck": {"command": ["CMD-SHELL", "true"], "interval": 30, "timeout": 5, "retries": 3, "startPeriod": 60},
            "logConfiguration": {"logDriver": "awslogs", "options": {
                "awslogs-group": "/ecs/web", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "app"}},
            "stopTimeout": 30}],
        "tags": [{"key": "svc:project", "value": "shop"}]},
    "web/service.json": {
        "cluster": "shop", "serviceName": "web-prod", "taskDefinition": "svc:unknown:web/task-definition#Arn",
        "capacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1, "base": 1}], "desiredCount": 2,
        "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True, "rollback": True},
                                    "minimumHealthyPercent": 100, "maximumPercent": 200},
        "networkConfiguration": {"awsvpcConfiguration": {
            "subnets": ["svc:unknown:network/main#private"], "securityGroups": ["svc:unknown:web/security-group/task#GroupId"],
            "assignPublicIp": "DISABLED"}},
        "loadBalancers": [{"targetGroupArn": "svc:unknown:web/target-group/app#Arn", "containerName": "app", "containerPort": 8000}],
        "enableECSManagedTags": True, "propagateTags": "SERVICE"},
    "web/iam/execution.role.json": {
        "CreateRole": {"RoleName": "web-prod-execution-us-east-1", "AssumeRolePolicyDocument": json.dumps(_TRUST)},
        "AttachRolePolicy": [{"RoleName": "web-prod-execution-us-east-1",
                              "PolicyArn": "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"}]},
    "web/iam/execution.trust.json": _TRUST,
    "web/iam/task.role.json": {
        "RoleName": "web-prod-task-us-east-1", "Path": "/svc/shop/prod/",
        "AssumeRolePolicyDocument": json.dumps(_TRUST), "Tags": _TAGS},
    "web/iam/task.trust.json": _TRUST,
    "web/iam/task.policy.json": {"Version": "2012-10-17", "Statement": [
        {"Sid": "Objects", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::shop-*/*"]},
        {"Effect": "Allow", "Action": ["ecr:GetAuthorizationToken"], "Resource": ["*"]}]},
    "web/security-groups/task.json": {
        "CreateSecurityGroup": {"GroupName": "web-prod", "Description": "web in prod", "VpcId": "svc:unknown:network/main#vpc"},
        "AuthorizeSecurityGroupIngress": {"IpPermissions": [{
            "IpProtocol": "tcp", "FromPort": 8000, "ToPort": 8000,
            "UserIdGroupPairs": [{"GroupId": "svc:unknown:shared/security-group/edge#GroupId"}]}]},
        "AuthorizeSecurityGroupEgress": {"IpPermissions": [{
            "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}},
    "web/security-groups/redis.json": {
        "AuthorizeSecurityGroupIngress": {"GroupId": "sg-0123456789abcdef0", "IpPermissions": [{
            "IpProtocol": "tcp", "FromPort": 6379, "ToPort": 6379,
            "UserIdGroupPairs": [{"GroupId": "svc:unknown:web/security-group/task#GroupId"}]}]}},
    "web/target-groups/app.json": {
        "CreateTargetGroup": {"Name": "web-prod", "Protocol": "HTTP", "Port": 8000, "TargetType": "ip",
                              "VpcId": "svc:unknown:network/main#vpc", "HealthCheckPath": "/health",
                              "HealthCheckIntervalSeconds": 30, "HealthCheckTimeoutSeconds": 5,
                              "Matcher": {"HttpCode": "200-299"}, "Tags": _TAGS},
        "ModifyTargetGroupAttributes": {"Attributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}]}},
    "web/listener-rules/app.json": {
        "ListenerArn": "svc:unknown:shared/listener/edge-443#Arn", "Priority": 100,
        "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/*"]}}],
        "Actions": [{"Type": "forward", "ForwardConfig": {"TargetGroups": [
            {"TargetGroupArn": "svc:unknown:web/target-group/app#Arn", "Weight": 1}]}}], "Tags": _TAGS},
    "web/alarms/errors.json": {
        "AlarmName": "web-prod-errors", "ComparisonOperator": "GreaterThanThreshold", "Threshold": 1,
        "EvaluationPeriods": 5, "DatapointsToAlarm": 5, "TreatMissingData": "notBreaching",
        "AlarmActions": ["arn:aws:sns:us-east-1:123456789012:oncall"],
        "Metrics": [
            {"Id": "e", "Expression": "IF(r > 0, FILL(m, 0) / r * 100, 0)", "ReturnData": True},
            {"Id": "m", "ReturnData": False, "MetricStat": {"Period": 60, "Stat": "Sum", "Metric": {
                "Namespace": "AWS/ApplicationELB", "MetricName": "HTTPCode_Target_5XX_Count",
                "Dimensions": [{"Name": "TargetGroup", "Value": "svc:unknown:web/target-group/app#FullName"}]}}},
            {"Id": "r", "ReturnData": False, "MetricStat": {"Period": 60, "Stat": "Sum", "Metric": {
                "Namespace": "AWS/ApplicationELB", "MetricName": "RequestCount",
                "Dimensions": [{"Name": "TargetGroup", "Value": "svc:unknown:web/target-group/app#FullName"}]}}}]},
    "web/scaling/target.json": {
        "ServiceNamespace": "ecs", "ResourceId": "service/shop/web-prod", "ScalableDimension": "ecs:service:DesiredCount",
        "MinCapacity": 2, "MaxCapacity": 10},
    "web/scaling/cpu.json": {
        "PolicyName": "web-prod-cpu", "ServiceNamespace": "ecs", "ResourceId": "service/shop/web-prod",
        "ScalableDimension": "ecs:service:DesiredCount", "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 70, "ScaleOutCooldown": 60, "ScaleInCooldown": 300,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}}},
    "web/scaling/steps.json": {
        "PolicyName": "web-prod-steps", "ServiceNamespace": "ecs", "ResourceId": "service/shop/web-prod",
        "ScalableDimension": "ecs:service:DesiredCount", "PolicyType": "StepScaling",
        "StepScalingPolicyConfiguration": {"AdjustmentType": "ChangeInCapacity", "Cooldown": 120, "StepAdjustments": [
            {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 20, "ScalingAdjustment": 1},
            {"MetricIntervalLowerBound": 20, "ScalingAdjustment": 2}]}},
    "web/scaling/schedules/night.json": {
        "ServiceNamespace": "ecs", "ResourceId": "service/shop/web-prod", "ScalableDimension": "ecs:service:DesiredCount",
        "ScheduledActionName": "night", "Schedule": "cron(0 22 * * ? *)",
        "ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 2}},
    "web/logs/app.json": {
        "CreateLogGroup": {"logGroupName": "/ecs/web", "tags": {"svc:project": "shop"}},
        "PutRetentionPolicy": {"logGroupName": "/ecs/web", "retentionInDays": 30}},
    "web/logs/filters/errors.json": {
        "logGroupName": "/ecs/web", "filterName": "errors", "filterPattern": "ERROR",
        "metricTransformations": [{"metricName": "errors", "metricNamespace": "web", "metricValue": "1"}]},
    "web/dashboard.json": {"DashboardName": "web-prod-us-east-1", "DashboardBody": json.dumps({"widgets": [{
        "type": "metric", "x": 0, "y": 0, "width": 12, "height": 6, "properties": {
            "region": "us-east-1", "title": "CPU", "metrics": [["AWS/ECS", "CPUUtilization", "ServiceName", "web-prod"]]}}]})},
    "web/exports/url.json": {"Name": "/shop/prod/web/url", "Type": "String", "Value": "https://example.com"},
    "web/schedules/nightly.json": {
        "Name": "web-prod-nightly", "ScheduleExpression": "cron(0 3 * * ? *)", "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": "arn:aws:ecs:us-east-1:123456789012:cluster/shop", "RoleArn": "svc:unknown:web/role/schedule#Arn",
                   "EcsParameters": {"TaskDefinitionArn": "svc:unknown:web/task-definition#Arn", "LaunchType": "FARGATE"}}},
    "web/rollout.json": {"format_version": 1},
    "shared/clusters/shop.json": {"clusterName": "shop", "capacityProviders": ["FARGATE", "FARGATE_SPOT"]},
    "shared/load-balancers/edge.json": {
        "CreateLoadBalancer": {"Name": "edge-prod", "Subnets": ["svc:unknown:network/main#public"], "Scheme": "internet-facing",
                               "Type": "application", "SecurityGroups": ["svc:unknown:shared/security-group/edge#GroupId"]},
        "ModifyLoadBalancerAttributes": {"Attributes": [{"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "true"}]}},
    "shared/listeners/edge-443.json": {
        "LoadBalancerArn": "svc:unknown:shared/load-balancer/edge#Arn", "Protocol": "HTTPS", "Port": 443,
        "Certificates": [{"CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/0d1f"}],
        "DefaultActions": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]},
    "template.json": {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}},
}


def documents():
    """A fresh copy, to be changed by a test."""
    return copy.deepcopy(_DOCUMENTS)


def manifest(directory, values):
    """The manifest of what has been written."""
    entries = []
    for path, value in sorted(values.items()):
        with open(os.path.join(directory, path), "rb") as stream:
            digest = hashlib.sha256(stream.read()).hexdigest()
        unknowns = [{"pointer": pointer, "resource": found["resource"], "attribute": found["attribute"]}
                    for pointer, text in strings(value) for found in UNKNOWN.finditer(text)]
        entries.append({"path": path, "resource": path.removesuffix(".json"), "digest": digest,
                        "sources": [{"file": "shop.svc", "line": 1}], "unknowns": unknowns})
    return {"format_version": 1, "files": entries}


def write(directory, path, value):
    """Writes one document."""
    file = os.path.join(directory, path)
    os.makedirs(os.path.dirname(file), exist_ok=True)
    with open(file, "w", encoding="utf-8") as stream:
        json.dump(value, stream, indent=2)


def write_all(directory, values):
    """Writes the documents and their manifest."""
    for path, value in values.items():
        write(directory, path, value)
    write(directory, "manifest.json", manifest(directory, values))
