/* Roles against the tasks that use them (AWS: ECS developer guide, task execution IAM role and task IAM role, ECS Exec; Secrets Manager user guide, policies).
   A role that is not among the resources is not judged; what a resource's own policy allows is not seen, so that what is missing is a warning. The execution
   role of a .svc file is derived from what it needs. */
#include "rules/relation.h"
#include "rules/statement.h"

static const Resource *role_of(const RuleContext *context, const Resource *task, const char *name)
{
    return relation_target(context, rule_member(task, name), RESOURCE_ROLE);
}

static void report(const RuleContext *context, const Resource *task, DiagnosticCode code, const Json *node, const Resource *role, const char *message, const char *advice)
{
    Diagnostic *d = rule_report(context, task, code, node, "%s", message);
    rule_tell(context, d, NULL, advice);
    diagnostic_add_label(context->sink, d, rule_span(role, NULL), "the role");
}

/* --- who may assume it --- */

static void check_trust(const RuleContext *context, const Resource *task, const Json *arn)
{
    const Resource *role = relation_target(context, arn, RESOURCE_ROLE);
    if (!role || statement_trusts(role, "ecs-tasks.amazonaws.com") != GRANT_NO)
        return;
    const Json *trust = statement_trust(role);
    const Json *principal = statement_count(trust) ? json_get_c(statement_at(trust, 0), "Principal") : NULL;
    const Json *services = json_get_c(principal, "Service");
    const Json *place = rule_is_set(services) ? statement_value_at(services, 0) : rule_is_set(principal) ? principal : trust;
    Diagnostic *d = rule_report(context, role, CODE_ROLE_TRUST, place, "tasks may not assume this role");
    rule_tell(context, d, "ecs-tasks.amazonaws.com is not among them", "let the service ecs-tasks.amazonaws.com assume it");
    diagnostic_add_label(context->sink, d, rule_span(task, arn), "a task is given it here");
}

static void check_roles(const RuleContext *context, const Resource *task, const Json *input)
{
    static const char *const roles[] = {"executionRoleArn", "taskRoleArn"};
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (rule_is_set(json_get_c(input, roles[i])))
            check_trust(context, task, json_get_c(input, roles[i]));
}

/* --- secrets --- */

/* The ARN of the secret in a valueFrom, without key, stage and version. */
static Text secret_arn(Text text)
{
    enum { COLONS_OF_SECRET = 7 };
    size_t colons = 0;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == ':' && ++colons == COLONS_OF_SECRET)
            return text_slice(text, 0, i);
    return text;
}

static void check_secret(const RuleContext *context, const Resource *task, const Json *value)
{
    const Resource *role = role_of(context, task, "executionRoleArn");
    Text text = value->kind == JSON_TEXT ? value->text : TEXT_NONE;
    if (context->is_svc || !role || !text.len)
        return;
    bool is_arn = text_starts_with(text, TEXT("arn:"));
    bool is_parameter = !is_arn || text_equal_c(arn_part(text, ARN_SERVICE), "ssm");
    const char *action = is_parameter ? "ssm:GetParameters" : "secretsmanager:GetSecretValue";
    Text resource = !is_arn ? TEXT_NONE : is_parameter ? text : secret_arn(text);
    if (statement_grants(role, action, resource) != GRANT_NO)
        return;
    /* A parameter's name without its account: any resource that ends so. */
    Diagnostic *d = rule_report(context, task, CODE_SECRET_UNREADABLE, value, "the execution role may not read this %s", is_parameter ? "parameter" : "secret");
    diagnostic_set_label(context->sink, d, "it is not allowed %s for it", action);
    diagnostic_set_advice(context->sink, d, "allow %s on it in the execution role's policy", action);
    diagnostic_add_label(context->sink, d, rule_span(role, NULL), "the execution role");
}

/* A secret by name alone covers no container. */
static bool is_read(const RuleContext *context, const Resource *role, Text pattern, bool *is_open)
{
    size_t index = 0;
    const Resource *task;
    while ((task = relation_next(context, RESOURCE_TASK_DEFINITION, &index))) {
        const Json *containers = rule_member(task, "containerDefinitions");
        if (role_of(context, task, "taskRoleArn") == role)
            return true;
        *is_open = *is_open || (role_of(context, task, "executionRoleArn") != role ? false : relation_is_open(containers));
        for (size_t i = 0; i < rule_item_count(containers); i++) {
            const Json *secrets = json_get_c(containers->items.items[i], "secrets");
            for (size_t j = 0; j < rule_item_count(secrets); j++) {
                const Json *value = json_get_c(secrets->items.items[j], "valueFrom");
                *is_open = *is_open || !value || value->kind != JSON_TEXT;
                Text base = text_ends_with(pattern, TEXT("-??????")) || text_ends_with(pattern, TEXT("-*")) ? text_slice(pattern, 0, pattern.len - (pattern.ptr[pattern.len - 1] == '*' ? 2 : 7)) : pattern;
                if (rule_matches(pattern, secret_arn(rule_text(value))) || rule_matches(base, secret_arn(rule_text(value))))
                    return true;
            }
            *is_open = *is_open || rule_is_set(json_get_c(containers->items.items[i], "repositoryCredentials"));
        }
    }
    return false;
}

static bool is_execution_role(const RuleContext *context, const Resource *role)
{
    size_t index = 0;
    const Resource *task;
    while ((task = relation_next(context, RESOURCE_TASK_DEFINITION, &index)))
        if (role_of(context, task, "executionRoleArn") == role)
            return true;
    return false;
}

static void check_unread(const RuleContext *context, const Resource *role, const Json *input)
{
    (void)input;
    const Json *document;
    if (context->is_svc || !is_execution_role(context, role))
        return;
    for (size_t i = 0; (document = statement_policy(role, i)); i++)
        for (size_t j = 0; j < statement_count(document); j++) {
            const Json *statement = statement_at(document, j);
            const Json *resources = json_get_c(statement, "Resource");
            const Json *actions = json_get_c(statement, "Action");
            if (!rule_text_is(json_get_c(statement, "Effect"), "Allow") || statement_value_count(actions) != 1 || !rule_text_is(statement_value_at(actions, 0), "secretsmanager:GetSecretValue"))
                continue;
            for (size_t k = 0; k < statement_value_count(resources); k++) {
                const Json *resource = statement_value_at(resources, k);
                bool is_open = false;
                if (resource->kind != JSON_TEXT || !text_starts_with(resource->text, TEXT("arn:")) || is_read(context, role, resource->text, &is_open) || is_open)
                    continue;
                Diagnostic *d = rule_report(context, role, CODE_SECRET_UNREAD, resource, "no container reads this secret");
                rule_tell(context, d, "the execution role may read it", "take it out of the policy, or give it to a container: secrets");
            }
        }
}

/* --- image and logs --- */

static bool is_ecr(Text image)
{
    return text_find(image, TEXT(".dkr.ecr.")) < image.len || text_find(image, TEXT(".dkr-ecr.")) < image.len;
}

static void check_image(const RuleContext *context, const Resource *task, const Json *image)
{
    const Resource *role = role_of(context, task, "executionRoleArn");
    if (context->is_svc || !role || !is_ecr(rule_text(image)))
        return;
    static const char *const actions[] = {"ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"};
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (statement_grants(role, actions[i], TEXT_NONE) != GRANT_NO)
            continue;
        Diagnostic *d = rule_report(context, task, CODE_EXECUTION_ROLE_LACKS, image, "the execution role may not pull this image: %s is not allowed", actions[i]);
        rule_tell(context, d, NULL, "attach AmazonECSTaskExecutionRolePolicy, or allow it in the role's policy");
        diagnostic_add_label(context->sink, d, rule_span(role, NULL), "the execution role");
        return;
    }
}

static void check_logs(const RuleContext *context, const Resource *task, const Json *logging)
{
    const Resource *role = role_of(context, task, "executionRoleArn");
    const Json *options = json_get_c(logging, "options");
    if (context->is_svc || !role || !rule_text_is(json_get_c(logging, "logDriver"), "awslogs") || !rule_is_known(options))
        return;
    const Json *create = json_get_c(options, "awslogs-create-group");
    const Json *group = json_get_c(options, "awslogs-group");
    const Json *place = rule_is_set(group) ? group : options;
    if (rule_flag(create, false) && statement_grants(role, "logs:CreateLogGroup", TEXT_NONE) == GRANT_NO)
        report(context, task, CODE_EXECUTION_ROLE_LACKS, create, role, "the execution role may not create the log group", "allow logs:CreateLogGroup, or create the log group beforehand");
    else if (statement_grants(role, "logs:CreateLogStream", TEXT_NONE) == GRANT_NO || statement_grants(role, "logs:PutLogEvents", TEXT_NONE) == GRANT_NO)
        report(context, task, CODE_EXECUTION_ROLE_LACKS, place, role, "the execution role may not write to the log group", "allow logs:CreateLogStream and logs:PutLogEvents on it");
}

/* --- ECS Exec --- */

static void check_exec(const RuleContext *context, const Resource *service, const Json *enabled)
{
    const Resource *task = relation_task_definition(context, service);
    const Resource *role = task ? role_of(context, task, "taskRoleArn") : NULL;
    if (!rule_flag(enabled, false) || !role || statement_grants(role, "ssmmessages:OpenDataChannel", TEXT_NONE) != GRANT_NO)
        return;
    report(context, service, CODE_EXECUTION_ROLE_LACKS, enabled, role, "ECS Exec does not work: the task role may not use ssmmessages",
           "allow ssmmessages:CreateControlChannel, CreateDataChannel, OpenControlChannel and OpenDataChannel on *");
}

const Rule across_role_rules[] = {
    {RESOURCE_TASK_DEFINITION, "", check_roles},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].secrets[].valueFrom", check_secret},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].logConfiguration.secretOptions[].valueFrom", check_secret},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].image", check_image},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].logConfiguration", check_logs},
    {RESOURCE_ROLE, "", check_unread},
    {RESOURCE_SERVICE, "enableExecuteCommand", check_exec},
    {.check = NULL},
};
