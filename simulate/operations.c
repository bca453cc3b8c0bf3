/* Which operation is answered how: what svc asks and changes. */
#include "simulate/state.h"

typedef struct OperationRow {
    const char *service;
    const char *operation;
    Answerer answer;
    ThingKind kind;
    const char *key;
    const char *list;
} OperationRow;

#define ECS "ecs"
#define LOGS "logs"
#define IAM "iam"
#define EC2 "ec2"
#define ELB "elbv2"
#define SCALING "application-autoscaling"
#define WATCH "cloudwatch"
#define SSM "ssm"

static const OperationRow rows[] = {
    {"sts", "GetCallerIdentity", answer_identity, 0, NULL, NULL},
    {"resourcegroupstaggingapi", "GetResources", answer_tagged, 0, NULL, NULL},

    {ECS, "CreateCluster", answer_create, THING_CLUSTER, "clusterName", "cluster"},
    {ECS, "DescribeClusters", answer_list, THING_CLUSTER, "clusters", "clusters"},
    {ECS, "UpdateCluster", answer_change, THING_CLUSTER, "cluster", "cluster"},
    {ECS, "PutClusterCapacityProviders", answer_change, THING_CLUSTER, "cluster", "cluster"},
    {ECS, "DeleteCluster", answer_remove, THING_CLUSTER, "cluster", NULL},
    {ECS, "RegisterTaskDefinition", answer_register, THING_DEFINITION, NULL, NULL},
    {ECS, "DescribeTaskDefinition", answer_definition, THING_DEFINITION, NULL, NULL},
    {ECS, "ListTaskDefinitions", answer_definitions, THING_DEFINITION, NULL, NULL},
    {ECS, "DeregisterTaskDefinition", answer_deregister, THING_DEFINITION, NULL, NULL},
    {ECS, "CreateService", answer_create_service, 0, NULL, NULL},
    {ECS, "UpdateService", answer_update_service, 0, NULL, NULL},
    {ECS, "DeleteService", answer_delete_service, 0, NULL, NULL},
    {ECS, "DescribeServices", answer_services, 0, NULL, NULL},
    {ECS, "ListServiceDeployments", answer_service_deployments, 0, NULL, NULL},
    {ECS, "DescribeServiceDeployments", answer_describe_service_deployments, 0, NULL, NULL},
    {ECS, "StopServiceDeployment", answer_stop_service_deployment, 0, NULL, NULL},
    {ECS, "ListTasks", answer_list_tasks, 0, NULL, NULL},
    {ECS, "DescribeTasks", answer_describe_tasks, 0, NULL, NULL},
    {ECS, "RunTask", answer_run_task, 0, NULL, NULL},
    {ECS, "StopTask", answer_stop_task, 0, NULL, NULL},
    {ECS, "TagResource", answer_tag, THING_CLUSTER, "resourceArn", NULL},
    {ECS, "UntagResource", answer_untag, THING_CLUSTER, "resourceArn", NULL},

    {LOGS, "CreateLogGroup", answer_create, THING_LOG_GROUP, "logGroupName", NULL},
    {LOGS, "DescribeLogGroups", answer_list, THING_LOG_GROUP, "logGroupIdentifiers", "logGroups"},
    {LOGS, "PutRetentionPolicy", answer_change, THING_LOG_GROUP, "logGroupName", NULL},
    {LOGS, "DeleteRetentionPolicy", answer_change, THING_LOG_GROUP, "logGroupName", NULL},
    {LOGS, "DeleteLogGroup", answer_remove, THING_LOG_GROUP, "logGroupName", NULL},
    {LOGS, "PutMetricFilter", answer_put, THING_FILTER, "logGroupName filterName", NULL},
    {LOGS, "DescribeMetricFilters", answer_list, THING_FILTER, "logGroupName", "metricFilters"},
    {LOGS, "DeleteMetricFilter", answer_remove, THING_FILTER, "logGroupName filterName", NULL},
    {LOGS, "TagResource", answer_tag, THING_LOG_GROUP, "resourceArn", NULL},
    {LOGS, "UntagResource", answer_untag, THING_LOG_GROUP, "resourceArn", NULL},
    {LOGS, "ListTagsForResource", answer_tags, THING_LOG_GROUP, "resourceArn", "tags"},
    {LOGS, "GetLogEvents", answer_empty_list, 0, NULL, "events"},

    {IAM, "CreateRole", answer_create_role, THING_ROLE, NULL, NULL},
    {IAM, "GetRole", answer_role, THING_ROLE, NULL, NULL},
    {IAM, "ListRoles", answer_roles, THING_ROLE, NULL, NULL},
    {IAM, "GetAccountAuthorizationDetails", answer_role_details, THING_ROLE, NULL, NULL},
    {IAM, "UpdateRole", answer_update_role, THING_ROLE, NULL, NULL},
    {IAM, "UpdateAssumeRolePolicy", answer_update_trust, THING_ROLE, NULL, NULL},
    {IAM, "PutRolePolicy", answer_put_policy, THING_ROLE, NULL, NULL},
    {IAM, "GetRolePolicy", answer_policy, THING_ROLE, NULL, NULL},
    {IAM, "ListRolePolicies", answer_policies, THING_ROLE, NULL, NULL},
    {IAM, "DeleteRolePolicy", answer_delete_policy, THING_ROLE, NULL, NULL},
    {IAM, "AttachRolePolicy", answer_attach, THING_ROLE, NULL, NULL},
    {IAM, "DetachRolePolicy", answer_attach, THING_ROLE, NULL, NULL},
    {IAM, "ListAttachedRolePolicies", answer_attached, THING_ROLE, NULL, NULL},
    {IAM, "TagRole", answer_tag, THING_ROLE, "RoleName", NULL},
    {IAM, "UntagRole", answer_untag, THING_ROLE, "RoleName", NULL},
    {IAM, "DeleteRole", answer_remove, THING_ROLE, "RoleName", NULL},

    {EC2, "DescribeVpcs", answer_vpcs, 0, NULL, NULL},
    {EC2, "DescribeSubnets", answer_subnets, 0, NULL, NULL},
    {EC2, "DescribeRouteTables", answer_route_tables, 0, NULL, NULL},
    {EC2, "DescribeVpcEndpoints", answer_empty_list, 0, NULL, "VpcEndpoints"},
    {EC2, "DescribeSecurityGroups", answer_groups, THING_GROUP, NULL, NULL},
    {EC2, "DescribeSecurityGroupRules", answer_group_rules, THING_GROUP_RULE, NULL, NULL},
    {EC2, "CreateSecurityGroup", answer_create_group, THING_GROUP, NULL, NULL},
    {EC2, "DeleteSecurityGroup", answer_remove, THING_GROUP, "GroupId", NULL},
    {EC2, "AuthorizeSecurityGroupIngress", answer_authorize, THING_GROUP_RULE, NULL, NULL},
    {EC2, "AuthorizeSecurityGroupEgress", answer_authorize, THING_GROUP_RULE, NULL, NULL},
    {EC2, "RevokeSecurityGroupIngress", answer_revoke, THING_GROUP_RULE, NULL, NULL},
    {EC2, "RevokeSecurityGroupEgress", answer_revoke, THING_GROUP_RULE, NULL, NULL},
    {EC2, "CreateTags", answer_ec2_tags, 0, NULL, NULL},
    {EC2, "DeleteTags", answer_nothing, 0, NULL, NULL},

    {ELB, "CreateLoadBalancer", answer_create_balancer, THING_BALANCER, NULL, NULL},
    {ELB, "DescribeLoadBalancers", answer_list, THING_BALANCER, "LoadBalancerArns", "LoadBalancers"},
    {ELB, "DescribeLoadBalancerAttributes", answer_attributes, THING_BALANCER, "LoadBalancerArn", NULL},
    {ELB, "ModifyLoadBalancerAttributes", answer_modify_attributes, THING_BALANCER, "LoadBalancerArn", NULL},
    {ELB, "SetSubnets", answer_set_subnets, THING_BALANCER, "LoadBalancerArn", NULL},
    {ELB, "SetSecurityGroups", answer_change, THING_BALANCER, "LoadBalancerArn", NULL},
    {ELB, "SetIpAddressType", answer_change, THING_BALANCER, "LoadBalancerArn", NULL},
    {ELB, "DeleteLoadBalancer", answer_remove, THING_BALANCER, "LoadBalancerArn", NULL},
    {ELB, "CreateListener", answer_create_listener, THING_LISTENER, NULL, NULL},
    {ELB, "DescribeListeners", answer_list, THING_LISTENER, "LoadBalancerArn", "Listeners"},
    {ELB, "ModifyListener", answer_change, THING_LISTENER, "ListenerArn", "Listeners"},
    {ELB, "ModifyListenerAttributes", answer_modify_attributes, THING_LISTENER, "ListenerArn", NULL},
    {ELB, "DeleteListener", answer_remove, THING_LISTENER, "ListenerArn", NULL},
    {ELB, "CreateTargetGroup", answer_create_target_group, THING_TARGET_GROUP, NULL, NULL},
    {ELB, "DescribeTargetGroups", answer_list, THING_TARGET_GROUP, "TargetGroupArns", "TargetGroups"},
    {ELB, "ModifyTargetGroup", answer_change, THING_TARGET_GROUP, "TargetGroupArn", "TargetGroups"},
    {ELB, "DescribeTargetGroupAttributes", answer_attributes, THING_TARGET_GROUP, "TargetGroupArn", NULL},
    {ELB, "ModifyTargetGroupAttributes", answer_modify_attributes, THING_TARGET_GROUP, "TargetGroupArn", NULL},
    {ELB, "DeleteTargetGroup", answer_delete_target_group, THING_TARGET_GROUP, "TargetGroupArn", NULL},
    {ELB, "DescribeTargetHealth", answer_target_health, THING_TARGET_GROUP, NULL, NULL},
    {ELB, "CreateRule", answer_create_rule, THING_RULE, NULL, NULL},
    {ELB, "DescribeRules", answer_rules, THING_RULE, NULL, NULL},
    {ELB, "ModifyRule", answer_modify_rule, THING_RULE, "RuleArn", "Rules"},
    {ELB, "SetRulePriorities", answer_priorities, THING_RULE, NULL, NULL},
    {ELB, "DeleteRule", answer_remove, THING_RULE, "RuleArn", NULL},
    {ELB, "AddTags", answer_tag, THING_RULE, "ResourceArns", NULL},
    {ELB, "RemoveTags", answer_untag, THING_RULE, "ResourceArns", NULL},
    {ELB, "DescribeTags", answer_tags, THING_RULE, "ResourceArns", "TagDescriptions"},

    {SCALING, "RegisterScalableTarget", answer_register_scalable, THING_SCALABLE, "ResourceId", NULL},
    {SCALING, "DescribeScalableTargets", answer_scalables, THING_SCALABLE, "ResourceIds", "ScalableTargets"},
    {SCALING, "DeregisterScalableTarget", answer_deregister_scalable, THING_SCALABLE, "ResourceId", NULL},
    {SCALING, "PutScalingPolicy", answer_put, THING_POLICY, "ResourceId PolicyName", NULL},
    {SCALING, "DescribeScalingPolicies", answer_list, THING_POLICY, "ResourceId", "ScalingPolicies"},
    {SCALING, "DeleteScalingPolicy", answer_remove, THING_POLICY, "ResourceId PolicyName", NULL},
    {SCALING, "PutScheduledAction", answer_put, THING_ACTION, "ResourceId ScheduledActionName", NULL},
    {SCALING, "DescribeScheduledActions", answer_list, THING_ACTION, "ResourceId", "ScheduledActions"},
    {SCALING, "DeleteScheduledAction", answer_remove, THING_ACTION, "ResourceId ScheduledActionName", NULL},

    {WATCH, "PutMetricAlarm", answer_put_alarm, THING_ALARM, "AlarmName", NULL},
    {WATCH, "DescribeAlarms", answer_list, THING_ALARM, "AlarmNames", "MetricAlarms"},
    {WATCH, "DeleteAlarms", answer_remove, THING_ALARM, "AlarmNames", NULL},
    {WATCH, "PutDashboard", answer_put, THING_DASHBOARD, "DashboardName", NULL},
    {WATCH, "GetDashboard", answer_get, THING_DASHBOARD, "DashboardName", NULL},
    {WATCH, "ListDashboards", answer_list, THING_DASHBOARD, "DashboardNames", "DashboardEntries"},
    {WATCH, "DeleteDashboards", answer_remove, THING_DASHBOARD, "DashboardNames", NULL},
    {WATCH, "GetMetricData", answer_metric_data, 0, NULL, NULL},
    {WATCH, "TagResource", answer_tag, THING_ALARM, "ResourceARN", NULL},
    {WATCH, "UntagResource", answer_untag, THING_ALARM, "ResourceARN", NULL},
    {WATCH, "ListTagsForResource", answer_tags, THING_ALARM, "ResourceARN", "Tags"},

    {SSM, "PutParameter", answer_put_parameter, THING_PARAMETER, "Name", NULL},
    {SSM, "GetParameter", answer_get, THING_PARAMETER, "Name", "Parameter"},
    {SSM, "GetParameters", answer_parameters, THING_PARAMETER, "Names", "Parameters"},
    {SSM, "GetParametersByPath", answer_parameters_by_path, THING_PARAMETER, NULL, "Parameters"},
    {SSM, "DeleteParameter", answer_remove, THING_PARAMETER, "Name", NULL},
    {SSM, "DeleteParameters", answer_delete_parameters, THING_PARAMETER, "Names", NULL},
    {SSM, "DescribeParameters", answer_describe_parameters, THING_PARAMETER, NULL, "Parameters"},
    {SSM, "AddTagsToResource", answer_tag, THING_PARAMETER, "ResourceId", NULL},
    {SSM, "RemoveTagsFromResource", answer_untag, THING_PARAMETER, "ResourceId", NULL},
    {SSM, "ListTagsForResource", answer_tags, THING_PARAMETER, "ResourceId", "TagList"},

    {"scheduler", "CreateSchedule", answer_create, THING_SCHEDULE, "Name", NULL},
    {"scheduler", "GetSchedule", answer_get, THING_SCHEDULE, "Name", NULL},
    {"scheduler", "UpdateSchedule", answer_put, THING_SCHEDULE, "Name", NULL},
    {"scheduler", "DeleteSchedule", answer_remove, THING_SCHEDULE, "Name", NULL},
    {"secretsmanager", "DescribeSecret", answer_secret, 0, NULL, NULL},
    {"secretsmanager", "ListSecrets", answer_secrets, 0, NULL, NULL},
    {"secretsmanager", "GetSecretValue", answer_secret_value, 0, NULL, NULL},
    {"acm", "DescribeCertificate", answer_certificate, 0, NULL, NULL},
    {"ecr", "BatchGetImage", answer_image, 0, NULL, "images"},
    {"ecr", "DescribeImages", answer_empty_list, 0, NULL, "imageDetails"},
    {"sns", "Publish", answer_publish, 0, NULL, NULL},
    {"sns", "GetTopicAttributes", answer_topic, 0, NULL, NULL},
};

bool operation_answer(Simulation *s, const char *service, Text operation, Request *r)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const OperationRow *row = &rows[i];
        if (!text_equal_c(operation, row->operation) || !text_equal_c(text_from_c(service), row->service))
            continue;
        r->operation = row->operation;
        r->kind = row->kind;
        r->key = row->key;
        r->list = row->list;
        row->answer(s, r);
        return true;
    }
    return false;
}
