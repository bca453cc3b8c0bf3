#include "document/template_names.h"

#include <string.h>

static const TemplateRename renames[] = {
    {RESOURCE_CLUSTER, "settings", "ClusterSettings", NULL},
    {RESOURCE_LISTENER, "IsDefault", NULL, NULL},
    {RESOURCE_LISTENER, "Tags", NULL, NULL},
    {RESOURCE_LISTENER, "TrustStoreAssociationStatus", NULL, NULL},
    {RESOURCE_LISTENER_RULE, "Tags", NULL, NULL},
    {RESOURCE_LOAD_BALANCER, "CustomerOwnedIpv4Pool", NULL, NULL},
    {RESOURCE_LOAD_BALANCER, "IpamPools", NULL, NULL},
    {RESOURCE_SECURITY_GROUP, "Description", "GroupDescription", NULL},
    {RESOURCE_TASK_DEFINITION, "efsVolumeConfiguration", "EFSVolumeConfiguration", NULL},
    {RESOURCE_TASK_DEFINITION, "fsxWindowsFileServerVolumeConfiguration", "FSxWindowsFileServerVolumeConfiguration", NULL},
    {RESOURCE_TASK_DEFINITION, "s3filesVolumeConfiguration", "S3FilesVolumeConfiguration", NULL},
    {RESOURCE_TASK_DEFINITION, "fileSystemId", "FilesystemId", "EFSVolumeConfiguration"},
    {RESOURCE_TASK_DEFINITION, "iam", "IAM", NULL},
    {RESOURCE_TASK_DEFINITION, "properties", "ProxyConfigurationProperties", NULL},
    {RESOURCE_SERVICE, "clientToken", NULL, NULL},
    {RESOURCE_SERVICE, "placementStrategy", "PlacementStrategies", NULL},
    {RESOURCE_SERVICE, "targetType", NULL, NULL},
    {RESOURCE_SERVICE, "timeoutConfiguration", NULL, NULL},
    {RESOURCE_SCALABLE_TARGET, "Tags", NULL, NULL},
    {RESOURCE_DASHBOARD, "Tags", NULL, NULL},
    {RESOURCE_PARAMETER, "KeyId", NULL, NULL},
    {RESOURCE_PARAMETER, "Overwrite", NULL, NULL},
    {RESOURCE_SCHEDULE, "ActionAfterCompletion", NULL, NULL},
    {RESOURCE_SCHEDULE, "ClientToken", NULL, NULL},
};

static const char *const open_maps[] = {"AuthenticationRequestExtraParams", "dockerLabels", "driverOpts", "labels", "options"};

static const TemplateFurther further[] = {
    {RESOURCE_LOAD_BALANCER, "ModifyLoadBalancerAttributes", "Attributes", "LoadBalancerAttributes", "LoadBalancerArn"},
    {RESOURCE_TARGET_GROUP, "ModifyTargetGroupAttributes", "Attributes", "TargetGroupAttributes", "TargetGroupArn"},
    {RESOURCE_LISTENER, "ModifyListenerAttributes", "Attributes", "ListenerAttributes", "ListenerArn"},
    {RESOURCE_LOG_GROUP, "PutRetentionPolicy", "retentionInDays", "RetentionInDays", "logGroupName"},
};

static const TemplateAttribute attributes[] = {
    {RESOURCE_CLUSTER, ATTRIBUTE_NAME, NULL},
    {RESOURCE_CLUSTER, ATTRIBUTE_ARN, "Arn"},
    {RESOURCE_LOG_GROUP, ATTRIBUTE_NAME, NULL},
    {RESOURCE_LOG_GROUP, ATTRIBUTE_ARN, "Arn"},
    {RESOURCE_ROLE, ATTRIBUTE_NAME, NULL},
    {RESOURCE_ROLE, ATTRIBUTE_ARN, "Arn"},
    {RESOURCE_SECURITY_GROUP, ATTRIBUTE_ID, "GroupId"},
    {RESOURCE_LOAD_BALANCER, ATTRIBUTE_ARN, NULL},
    {RESOURCE_LOAD_BALANCER, ATTRIBUTE_NAME, "LoadBalancerName"},
    {RESOURCE_LOAD_BALANCER, "full-name", "LoadBalancerFullName"},
    {RESOURCE_LOAD_BALANCER, "dns-name", "DNSName"},
    {RESOURCE_LOAD_BALANCER, "zone-id", "CanonicalHostedZoneID"},
    {RESOURCE_LISTENER, ATTRIBUTE_ARN, NULL},
    {RESOURCE_TARGET_GROUP, ATTRIBUTE_ARN, NULL},
    {RESOURCE_TARGET_GROUP, ATTRIBUTE_NAME, "TargetGroupName"},
    {RESOURCE_TARGET_GROUP, "full-name", "TargetGroupFullName"},
    {RESOURCE_LISTENER_RULE, ATTRIBUTE_ARN, NULL},
    {RESOURCE_TASK_DEFINITION, ATTRIBUTE_ARN, NULL},
    {RESOURCE_SERVICE, ATTRIBUTE_ARN, NULL},
    {RESOURCE_SERVICE, ATTRIBUTE_NAME, "Name"},
    {RESOURCE_SCALABLE_TARGET, ATTRIBUTE_ID, NULL},
    {RESOURCE_SCALING_POLICY, ATTRIBUTE_ARN, NULL},
    {RESOURCE_ALARM, ATTRIBUTE_NAME, NULL},
    {RESOURCE_ALARM, ATTRIBUTE_ARN, "Arn"},
    {RESOURCE_DASHBOARD, ATTRIBUTE_NAME, NULL},
    {RESOURCE_PARAMETER, ATTRIBUTE_NAME, NULL},
    {RESOURCE_SCHEDULE, ATTRIBUTE_NAME, NULL},
    {RESOURCE_SCHEDULE, ATTRIBUTE_ARN, "Arn"},
};

static const TemplateRules ingress = {"AuthorizeSecurityGroupIngress", "SecurityGroupIngress", "AWS::EC2::SecurityGroupIngress", "SourceSecurityGroupId",
                                      "SourcePrefixListId", "ingress"};
static const TemplateRules egress = {"AuthorizeSecurityGroupEgress", "SecurityGroupEgress", "AWS::EC2::SecurityGroupEgress", "DestinationSecurityGroupId",
                                     "DestinationPrefixListId", "egress"};

static bool applies(const TemplateRename *row, ResourceKind kind, Text shape)
{
    return row->kind == kind && (!row->within || !shape.len || text_equal_any_case(shape, text_from_c(row->within)));
}

const TemplateRename *template_find_rename(ResourceKind kind, Text shape, Text member)
{
    for (size_t i = 0; i < sizeof renames / sizeof *renames; i++)
        if (applies(&renames[i], kind, shape) && text_equal_c(member, renames[i].member))
            return &renames[i];
    return NULL;
}

const TemplateRename *template_find_property(ResourceKind kind, Text shape, Text property)
{
    for (size_t i = 0; i < sizeof renames / sizeof *renames; i++)
        if (applies(&renames[i], kind, shape) && renames[i].property && text_equal_c(property, renames[i].property))
            return &renames[i];
    return NULL;
}

Text template_pascal(Arena *arena, Text member)
{
    if (!member.len || member.ptr[0] < 'a' || member.ptr[0] > 'z')
        return member;
    Text copy = arena_copy_text(arena, member);
    char *bytes = arena_allocate(arena, member.len + 1);
    memcpy(bytes, copy.ptr, copy.len);
    bytes[0] = (char)(bytes[0] - 'a' + 'A');
    return (Text){bytes, member.len};
}

bool template_is_open_map(Text member)
{
    for (size_t i = 0; i < sizeof open_maps / sizeof *open_maps; i++)
        if (text_equal_c(member, open_maps[i]))
            return true;
    return false;
}

const TemplateFurther *template_find_further(ResourceKind kind, Text property)
{
    for (size_t i = 0; i < sizeof further / sizeof *further; i++)
        if (further[i].kind == kind && text_equal_c(property, further[i].property))
            return &further[i];
    return NULL;
}

const TemplateFurther *template_further_of(ResourceKind kind, Text operation)
{
    for (size_t i = 0; i < sizeof further / sizeof *further; i++)
        if (further[i].kind == kind && text_equal_c(operation, further[i].operation))
            return &further[i];
    return NULL;
}

const TemplateAttribute *template_find_attribute(ResourceKind kind, Text attribute)
{
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        if (attributes[i].kind == kind && text_equal_c(attribute, attributes[i].attribute))
            return &attributes[i];
    return NULL;
}

const TemplateAttribute *template_find_get_att(ResourceKind kind, Text name)
{
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        if (attributes[i].kind == kind && (attributes[i].get_att ? text_equal_c(name, attributes[i].get_att) : !name.len))
            return &attributes[i];
    return NULL;
}

const TemplateRules *template_ingress(void)
{
    return &ingress;
}

const TemplateRules *template_egress(void)
{
    return &egress;
}
