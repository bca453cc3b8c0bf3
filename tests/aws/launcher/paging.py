"""Pages: lists come in AWS's own page sizes, or in smaller ones when the setting page_size says so."""

import json

from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.cloudwatch.responses import CloudWatchResponse
from moto.ec2.responses import EC2Response
from moto.ecr.responses import ECRResponse
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.elbv2.responses import ELBV2Response
from moto.iam.responses import IamResponse
from moto.logs.responses import LogsResponse
from moto.scheduler.responses import EventBridgeSchedulerResponse
from moto.secretsmanager.responses import SecretsManagerResponse
from moto.ssm.responses import SimpleSystemManagerResponse

from .world import WORLD, describes, replaces

describes("pages", """Lists are paged: ECS 100 (services 10), alarms 50, load balancing 400, IAM 100, scaling 50, EC2 1000, ECR 100; the token for
    the next page is where the service has it. moto gives most of them whole. The setting page_size makes pages smaller.""")

# (who answers, operation, the list, how many AWS gives at once); the names of size and token are the service's.
WHOLE = (
    (EC2ContainerServiceResponse, "list_clusters", "clusterArns", 100), (EC2ContainerServiceResponse, "list_services", "serviceArns", 10),
    (EC2ContainerServiceResponse, "list_tasks", "taskArns", 100),
    (EC2ContainerServiceResponse, "list_task_definitions", "taskDefinitionArns", 100),
    (EC2ContainerServiceResponse, "list_task_definition_families", "families", 100),
    (EC2ContainerServiceResponse, "list_service_deployments", "serviceDeployments", 20),
    (ELBV2Response, "describe_target_groups", "TargetGroups", 400), (ELBV2Response, "describe_load_balancers", "LoadBalancers", 400),
    (ELBV2Response, "describe_listeners", "Listeners", 400), (ELBV2Response, "describe_rules", "Rules", 400),
    (CloudWatchResponse, "describe_alarms", "MetricAlarms", 50), (CloudWatchResponse, "list_dashboards", "DashboardEntries", 1000),
    (IamResponse, "list_role_policies", "PolicyNames", 100), (IamResponse, "list_roles", "Roles", 100),
    (IamResponse, "list_attached_role_policies", "AttachedPolicies", 100),
    (IamResponse, "get_account_authorization_details", "RoleDetailList", 100),
    (EC2Response, "describe_security_groups", "SecurityGroups", 1000), (EC2Response, "describe_security_group_rules", "SecurityGroupRules", 1000),
    (EC2Response, "describe_subnets", "Subnets", 1000), (EC2Response, "describe_vpcs", "Vpcs", 1000),
    (EC2Response, "describe_route_tables", "RouteTables", 1000),
    (ApplicationAutoScalingResponse, "describe_scalable_targets", "ScalableTargets", 50),
    (ApplicationAutoScalingResponse, "describe_scaling_policies", "ScalingPolicies", 50),
    (ApplicationAutoScalingResponse, "describe_scheduled_actions", "ScheduledActions", 50),
    (ApplicationAutoScalingResponse, "describe_scaling_activities", "ScalingActivities", 50),
    (ECRResponse, "describe_images", "imageDetails", 100), (SecretsManagerResponse, "list_secrets", "SecretList", 100),
    (EventBridgeSchedulerResponse, "list_schedules", "Schedules", 100),
)
# (parameter of the size, parameter of the token, member of the next token) by who answers.
NAMES = {
    EC2ContainerServiceResponse: ("maxResults", "nextToken", "nextToken"), ECRResponse: ("maxResults", "nextToken", "nextToken"),
    ELBV2Response: ("PageSize", "Marker", "NextMarker"), CloudWatchResponse: ("MaxRecords", "NextToken", "NextToken"),
    IamResponse: ("MaxItems", "Marker", "Marker"),
}
OTHERS = ("MaxResults", "NextToken", "NextToken")
# These page by themselves, and need only be told a smaller size.
PAGED = ((LogsResponse, "describe_log_groups", "limit", 50), (SimpleSystemManagerResponse, "get_parameters_by_path", "MaxResults", 10),
         (LogsResponse, "describe_log_streams", "limit", 50))
PREFIX = "page:"  # before the number in a token, so that nobody takes it for one of their own


def with_parameters(response, **values):
    """Lets the response's code read these values for these parameters."""
    ask = response._get_param

    def get(name, if_none=None):
        return (if_none if values[name] is None else values[name]) if name in values else ask(name, if_none)
    response._get_param = get


def page_of(response, original, key, most):
    size_name, token_name, next_name = NAMES.get(type(response), OTHERS)
    asked, token = response._get_param(size_name), response._get_param(token_name)
    size = min(int(asked or most), most, WORLD.settings["page_size"] or most)
    begin = int(token[len(PREFIX):]) if token else 0
    with_parameters(response, **{size_name: 100000, token_name: None})
    answer = original(response)
    result = json.loads(answer) if isinstance(answer, str) else answer.result
    items = list(result[key])
    result[key] = items[begin:begin + size]
    more = begin + size < len(items)
    result.pop(next_name, None)
    if more:
        result[next_name] = PREFIX + str(begin + size)
    if isinstance(response, IamResponse):
        result["IsTruncated"] = more
    return json.dumps(result) if isinstance(answer, str) else answer


def page_whole(owner, operation, key, most):
    @replaces(owner, operation, "pages")
    def paged(original, response):
        return page_of(response, original, key, most)


def page_smaller(owner, operation, size_name, most):
    @replaces(owner, operation, "pages")
    def paged(original, response):
        asked = response._get_param(size_name) or most
        if WORLD.settings["page_size"]:
            with_parameters(response, **{size_name: min(int(asked), WORLD.settings["page_size"])})
        return original(response)


for row in WHOLE:
    page_whole(*row)
for row in PAGED:
    page_smaller(*row)
