/* Resources: what a file comes to in AWS, each with the input of the operation that creates it. */
#ifndef SVC_DOCUMENT_RESOURCE_H
#define SVC_DOCUMENT_RESOURCE_H

#include "document/json.h"

/* X(NAME, label, service, operation, CloudFormation type, folder below DIR/<service>/ or DIR/shared/; "" means a file of its own name) */
#define RESOURCE_KINDS(X)                                                                                                            \
    X(CLUSTER, "cluster", "ecs", "CreateCluster", "AWS::ECS::Cluster", "clusters")                                                   \
    X(LOG_GROUP, "log group", "logs", "CreateLogGroup", "AWS::Logs::LogGroup", "logs")                                               \
    X(METRIC_FILTER, "metric filter", "logs", "PutMetricFilter", "AWS::Logs::MetricFilter", "logs/filters")                          \
    X(ROLE, "role", "iam", "CreateRole", "AWS::IAM::Role", "iam")                                                                    \
    X(SECURITY_GROUP, "security group", "ec2", "CreateSecurityGroup", "AWS::EC2::SecurityGroup", "security-groups")                  \
    X(SECURITY_GROUP_RULE, "security group rule", "ec2", "AuthorizeSecurityGroupIngress", "AWS::EC2::SecurityGroupIngress", "security-groups") \
    X(SECURITY_GROUP_EGRESS, "security group rule", "ec2", "AuthorizeSecurityGroupEgress", "AWS::EC2::SecurityGroupEgress", "security-groups") \
    X(LOAD_BALANCER, "load balancer", "elbv2", "CreateLoadBalancer", "AWS::ElasticLoadBalancingV2::LoadBalancer", "load-balancers")  \
    X(LISTENER, "listener", "elbv2", "CreateListener", "AWS::ElasticLoadBalancingV2::Listener", "listeners")                         \
    X(TARGET_GROUP, "target group", "elbv2", "CreateTargetGroup", "AWS::ElasticLoadBalancingV2::TargetGroup", "target-groups")       \
    X(LISTENER_RULE, "listener rule", "elbv2", "CreateRule", "AWS::ElasticLoadBalancingV2::ListenerRule", "listener-rules")          \
    X(TASK_DEFINITION, "task definition", "ecs", "RegisterTaskDefinition", "AWS::ECS::TaskDefinition", "")                           \
    X(SERVICE, "service", "ecs", "CreateService", "AWS::ECS::Service", "")                                                           \
    X(TASK_RUN, "task run", "ecs", "RunTask", "", "")                                                                               \
    X(SCALABLE_TARGET, "scalable target", "application-autoscaling", "RegisterScalableTarget", "AWS::ApplicationAutoScaling::ScalableTarget", "scaling") \
    X(SCALING_POLICY, "scaling policy", "application-autoscaling", "PutScalingPolicy", "AWS::ApplicationAutoScaling::ScalingPolicy", "scaling") \
    X(SCHEDULED_ACTION, "scheduled action", "application-autoscaling", "PutScheduledAction", "", "scaling/schedules")                \
    X(ALARM, "alarm", "cloudwatch", "PutMetricAlarm", "AWS::CloudWatch::Alarm", "alarms")                                            \
    X(DASHBOARD, "dashboard", "cloudwatch", "PutDashboard", "AWS::CloudWatch::Dashboard", "")                                        \
    X(PARAMETER, "parameter", "ssm", "PutParameter", "AWS::SSM::Parameter", "exports")                                               \
    X(SCHEDULE, "schedule", "scheduler", "CreateSchedule", "AWS::Scheduler::Schedule", "schedules")                                  \
    X(ROLLOUT, "rollout", "svc", "rollout", "", "")

typedef enum ResourceKind {
#define X(name, label, service, operation, type, folder) RESOURCE_##name,
    RESOURCE_KINDS(X)
#undef X
    RESOURCE_KIND_COUNT
} ResourceKind;

typedef struct ResourceFacts {
    const char *label;
    const char *service;
    const char *operation;
    const char *template_type;
    const char *folder;
} ResourceFacts;

const ResourceFacts *resource_facts(ResourceKind kind);

typedef struct Resource {
    ResourceKind kind;
    Text id;        /* svc:id, unique in the project: "<service>/task-definition", "<service>/alarm/errors", "shared/load-balancer/edge" */
    Text service;   /* the service's name in the file; empty for what services share */
    Text name;      /* its name in AWS */
    Text file_stem; /* of its files: unique in its folder */
    Json *input;    /* input of the kind's operation; tags included in the operation's own form */
    Json *more;     /* an object of further operations and their inputs, such as {"PutRetentionPolicy": {…}}, or NULL. A role has
                       {"trust": document, "policy": document or absent, "managed": [arns]} here. */
    Span origin;    /* the statement it came from */
    Text condition; /* of a template: it is made only where this holds; empty always */
    bool is_part;   /* what a tool makes a task definition of, such as container definitions on their own */
} Resource;

/* Something that exists and is looked up: a network, a topic, a load balancer. Referred to by id in Json references. */
typedef struct Lookup {
    Text id;            /* "network/main" */
    Text attribute;     /* "vpc-id", "private-subnets" … */
    Text template_type; /* the CloudFormation parameter type: "AWS::EC2::VPC::Id", "List<AWS::EC2::Subnet::Id>", "String" */
    Text description;   /* how it is found: "the subnets tagged Tier=private" */
    Json *selector;     /* {"tags": {...}} or {"name": …}: what a resolver needs */
    Span origin;
} Lookup;

/* Texts and what they stand for; open addressing, grows in the arena. Private to resource.c. */
typedef struct ResourceIndex {
    struct ResourceSlot *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
} ResourceIndex;

/* Zero-initialise; add by resources_add and resources_add_lookup only. */
typedef struct Resources {
    ARRAY(Resource *) items;
    ARRAY(Lookup *) lookups;
    ResourceIndex index;
} Resources;

/* Adds a resource, whose id must be new; its file_stem is made fit for a file name and unique in its folder. */
void resources_add(Arena *arena, Resources *resources, Resource *resource);
/* Adds a lookup unless one with its id and attribute is there; returns the one that is. */
const Lookup *resources_add_lookup(Arena *arena, Resources *resources, const Lookup *lookup);
/* The lookup with this id and attribute, or NULL. */
const Lookup *resources_find_lookup(const Resources *resources, Text id, Text attribute);
/* The earlier resource of the same kind with this name in AWS, or NULL: resources_add keeps the first. */
const Resource *resources_find_name(const Resources *resources, ResourceKind kind, Text name);

/* The resource with this id, or NULL. */
Resource *resources_find(const Resources *resources, Text id);
/* The resources and lookups as one JSON document, for --dump=resources and tests: deterministic. */
Text resources_dump(Arena *arena, const Resources *resources);

#endif
