/* Rules of ARNs and ids: that what is named is of the kind that is wanted (AWS: service authorization reference, resource types; ECS, Elastic Load Balancing
   and EC2 API references). */
#include "rules/relation.h"

/* The form of what a member names: an ARN of a service whose resource begins with one of `prefixes`, or an id. */
typedef struct Form {
    const char *label;    /* what is wanted, with its article */
    const char *service;  /* of the ARN; NULL where ids are wanted */
    const char *prefixes; /* divided by blanks */
    bool may_be_name;     /* a name alone will do */
    const char *whole;    /* what the resource matches when nothing of it is cut off; NULL: any */
} Form;

static bool begins_with_one(Text text, const char *prefixes)
{
    Text rest = text_from_c(prefixes);
    while (rest.len) {
        size_t end = text_find_byte(rest, ' ');
        if (text_starts_with(text, text_slice(rest, 0, end)))
            return true;
        rest = text_slice(rest, end < rest.len ? end + 1 : end, rest.len);
    }
    return false;
}

static bool fits(const Form *form, Text text)
{
    if (!form->service)
        return begins_with_one(text, form->prefixes);
    if (!text_starts_with(text, TEXT("arn:")))
        return form->may_be_name;
    return rule_is_one_of(arn_part(text, ARN_SERVICE), form->service) && begins_with_one(arn_part(text, ARN_RESOURCE), form->prefixes);
}

static void check_form(const RuleContext *context, const Resource *resource, const Json *node, const Form *form)
{
    Text text = node->kind == JSON_TEXT ? node->text : TEXT_NONE;
    bool is_of_kind = text.len && fits(form, text);
    if (is_of_kind && form->whole && !rule_matches(text_from_c(form->whole), arn_part(text, ARN_RESOURCE))) {
        Diagnostic *d = rule_report(context, resource, CODE_OTHER_KIND, node, "%.*s is not the whole ARN of %s", TEXT_ARG(text), form->label);
        diagnostic_set_advice(context->sink, d, "it ends in %s, whose last part AWS made when it was created", form->whole);
    }
    if (!text.len || is_of_kind)
        return;
    Diagnostic *d = rule_report(context, resource, CODE_OTHER_KIND, node, "%.*s is not the %s of %s", TEXT_ARG(text), form->service ? "ARN" : "id", form->label);
    if (form->service)
        diagnostic_set_advice(context->sink, d, "give its ARN: arn:aws:%.*s:…:%.*s…", (int)text_find_byte(text_from_c(form->service), ' '), form->service,
                              (int)text_find_byte(text_from_c(form->prefixes), ' '), form->prefixes);
    else
        diagnostic_set_advice(context->sink, d, "its ids begin with %s", form->prefixes);
}

#define FORM_CHECK(name, ...)                                                                  \
    static void name(const RuleContext *context, const Resource *resource, const Json *node) \
    {                                                                                          \
        static const Form form = {__VA_ARGS__};                                                \
        check_form(context, resource, node, &form);                                            \
    }

FORM_CHECK(target_group, "a target group", "elasticloadbalancing", "targetgroup/", false, "targetgroup/*/*")
FORM_CHECK(balancer, "a load balancer", "elasticloadbalancing", "loadbalancer/", false, NULL)
FORM_CHECK(listener, "a listener", "elasticloadbalancing", "listener/", false, NULL)
FORM_CHECK(shifted_rule, "a listener rule or a listener", "elasticloadbalancing", "listener-rule/ listener/", false, NULL)
FORM_CHECK(certificate, "a certificate", "acm iam", "certificate/ server-certificate/", false, NULL)
FORM_CHECK(role, "a role", "iam", "role/", false, NULL)
FORM_CHECK(registry, "a service of Cloud Map", "servicediscovery", "service/", false, NULL)
FORM_CHECK(lattice, "a target group of VPC Lattice", "vpc-lattice", "targetgroup/", false, NULL)
FORM_CHECK(task_definition, "a task definition", "ecs", "task-definition/", true, NULL)
FORM_CHECK(cluster, "a cluster", "ecs", "cluster/", true, NULL)
FORM_CHECK(subnet, "a subnet", NULL, "subnet-", false, NULL)
FORM_CHECK(security_group, "a security group", NULL, "sg-", false, NULL)
FORM_CHECK(vpc, "a VPC", NULL, "vpc-", false, NULL)

/* --- platform versions --- */

static void check_platform(const RuleContext *context, const Resource *service, const Json *version)
{
    if (version->kind != JSON_TEXT || rule_is_one_of(version->text, "LATEST 1.4.0 1.3.0 1.2.0 1.1.0 1.0.0"))
        return;
    Diagnostic *d = rule_report(context, service, CODE_PLATFORM_VERSION, version, "Fargate is not known to have a platform version %.*s", TEXT_ARG(version->text));
    rule_tell(context, d, NULL, "use LATEST or 1.4.0");
}

/* --- volumes that a service creates --- */

static void report_volume(const RuleContext *context, const Resource *service, const Json *node, const char *message, const char *advice)
{
    rule_tell(context, rule_report(context, service, CODE_EBS_VOLUME, node, "%s", message), NULL, advice);
}

static void check_ebs(const RuleContext *context, const Resource *service, const Json *volume)
{
    const Json *type = json_get_c(volume, "volumeType");
    const Json *throughput = json_get_c(volume, "throughput");
    const Json *iops = json_get_c(volume, "iops");
    if (!rule_is_set(json_get_c(volume, "sizeInGiB")) && !rule_is_set(json_get_c(volume, "snapshotId")))
        report_volume(context, service, volume, "the volume has neither a size nor a snapshot", "add sizeInGiB or snapshotId");
    if (rule_is_one_of(rule_text(type), "io1 io2") && !rule_is_set(iops))
        report_volume(context, service, type, "a volume of this type says how many operations a second it takes", "add iops");
    if (rule_is_set(throughput) && rule_is_known(type) && !rule_text_is(type, "gp3"))
        report_volume(context, service, throughput, "throughput is for the volume type gp3", "leave throughput out, or use gp3");
    if (rule_is_set(iops) && rule_is_one_of(rule_text(type), "gp2 st1 sc1 standard"))
        report_volume(context, service, iops, "iops is for the volume types gp3, io1 and io2", "leave iops out, or use gp3");
}

const Rule identity_rules[] = {
    {RESOURCE_SERVICE, "taskDefinition", task_definition},
    {RESOURCE_SERVICE, "cluster", cluster},
    {RESOURCE_SERVICE, "loadBalancers[].targetGroupArn", target_group},
    {RESOURCE_SERVICE, "loadBalancers[].advancedConfiguration.alternateTargetGroupArn", target_group},
    {RESOURCE_SERVICE, "loadBalancers[].advancedConfiguration.productionListenerRule", shifted_rule},
    {RESOURCE_SERVICE, "loadBalancers[].advancedConfiguration.testListenerRule", shifted_rule},
    {RESOURCE_SERVICE, "loadBalancers[].advancedConfiguration.roleArn", role},
    {RESOURCE_SERVICE, "deploymentConfiguration.lifecycleHooks[].roleArn", role},
    {RESOURCE_SERVICE, "serviceRegistries[].registryArn", registry},
    {RESOURCE_SERVICE, "vpcLatticeConfigurations[].targetGroupArn", lattice},
    {RESOURCE_SERVICE, "vpcLatticeConfigurations[].roleArn", role},
    {RESOURCE_SERVICE, "networkConfiguration.awsvpcConfiguration.subnets[]", subnet},
    {RESOURCE_SERVICE, "networkConfiguration.awsvpcConfiguration.securityGroups[]", security_group},
    {RESOURCE_SERVICE, "volumeConfigurations[].managedEBSVolume.roleArn", role},
    {RESOURCE_SERVICE, "volumeConfigurations[].managedEBSVolume", check_ebs},
    {RESOURCE_SERVICE, "platformVersion", check_platform},
    {RESOURCE_LOAD_BALANCER, "Subnets[]", subnet},
    {RESOURCE_LOAD_BALANCER, "SecurityGroups[]", security_group},
    {RESOURCE_LISTENER, "LoadBalancerArn", balancer},
    {RESOURCE_LISTENER, "Certificates[].CertificateArn", certificate},
    {RESOURCE_LISTENER, "DefaultActions[].TargetGroupArn", target_group},
    {RESOURCE_LISTENER, "DefaultActions[].ForwardConfig.TargetGroups[].TargetGroupArn", target_group},
    {RESOURCE_LISTENER_RULE, "ListenerArn", listener},
    {RESOURCE_LISTENER_RULE, "Actions[].TargetGroupArn", target_group},
    {RESOURCE_LISTENER_RULE, "Actions[].ForwardConfig.TargetGroups[].TargetGroupArn", target_group},
    {RESOURCE_TARGET_GROUP, "VpcId", vpc},
    {RESOURCE_SECURITY_GROUP, "VpcId", vpc},
    {RESOURCE_SCALABLE_TARGET, "RoleARN", role},
    {.check = NULL},
};
