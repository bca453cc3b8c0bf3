/* Task definitions as a whole: roles, tags, the proxy, credentials of registries and domains (AWS: ECS API reference, RegisterTaskDefinition). */
#include "rules/task.h"

/* --- roles --- */

/* arn:PARTITION:iam::ACCOUNT:role/NAME, or the role's name alone. */
static const char *role_problem(Text text)
{
    if (!text_starts_with(text, TEXT("arn:")))
        return text_find_byte(text, ':') < text.len ? "it is a role's ARN, or its name" : NULL;
    Text rest = text_slice(text, 4, text.len);
    rest = text_slice(rest, text_find_byte(rest, ':'), rest.len);
    if (!text_starts_with(rest, TEXT(":iam:")))
        return "the ARN of a role is one of IAM: arn:aws:iam::ACCOUNT:role/NAME";
    if (!text_starts_with(rest, TEXT(":iam::")))
        return "IAM has no regions: arn:aws:iam::ACCOUNT:role/NAME";
    rest = text_slice(rest, 6, rest.len);
    size_t colon = text_find_byte(rest, ':');
    if (colon == rest.len || !task_is_account(text_slice(rest, 0, colon)))
        return "an account's id has 12 digits";
    rest = text_slice(rest, colon, rest.len);
    return text_starts_with(rest, TEXT(":role/")) && rest.len > 6 ? NULL : "the ARN of a role ends in role/NAME";
}

static void check_role(const RuleContext *context, const Resource *resource, const Json *role)
{
    Text text = rule_text(role);
    /* In .svc its ARN is derived, or has a type. */
    const char *problem = text.len && !context->is_svc ? role_problem(text) : NULL;
    if (!problem)
        return;
    Diagnostic *diagnostic = rule_report(context, resource, CODE_TASK_ROLE, role, "this is no role");
    diagnostic_set_label(context->sink, diagnostic, "%s", problem);
}

static void report_role_needed(const RuleContext *context, const Resource *resource, Span span, const char *what)
{
    Diagnostic *diagnostic = diagnostic_report(context->sink, CODE_EXECUTION_ROLE, span_is_none(span) ? resource->origin : span,
                                               "%s by the execution role, and this task has none", what);
    diagnostic_set_advice(context->sink, diagnostic, "say executionRoleArn, such as \"arn:aws:iam::123456789012:role/ecsTaskExecutionRole\"");
}

static Span member_place(const RuleContext *context, const Resource *resource, const Json *value, const char *member)
{
    Span key = rule_key_span(context, value, text_from_c(member));
    return span_is_none(key) ? rule_span(resource, value) : key;
}

/* What ECS does for a container before it starts, and needs a role for (AWS: task execution role). */
static void check_execution(const RuleContext *context, const Resource *resource, const Json *container)
{
    const Json *secrets = json_get_c(container, "secrets");
    const Json *options = rule_find(container, "logConfiguration.secretOptions");
    const Json *credentials = json_get_c(container, "repositoryCredentials");
    const Json *image = json_get_c(container, "image");
    const Json *driver = rule_find(container, "logConfiguration.logDriver");
    bool is_fargate = task_is_fargate(context, resource);
    /* In .svc the role is derived from these. */
    if (context->is_svc || rule_is_set(json_get_c(resource->input, "executionRoleArn")) || rule_is_misspelt(resource->input, TEXT("executionRoleArn")))
        return;
    if (!task_is_idle(secrets))
        report_role_needed(context, resource, member_place(context, resource, secrets, "secrets"), "secrets are read");
    else if (!task_is_idle(options))
        report_role_needed(context, resource, member_place(context, resource, options, "secretOptions"), "secrets are read");
    else if (!task_is_idle(credentials))
        report_role_needed(context, resource, member_place(context, resource, credentials, "repositoryCredentials"), "credentials are read");
    else if (is_fargate && text_find(rule_text(image), TEXT(".dkr.ecr.")) < rule_text(image).len)
        report_role_needed(context, resource, rule_span(resource, image), "an image in ECR is pulled");
    else if (is_fargate && rule_text_is(driver, "awslogs"))
        report_role_needed(context, resource, rule_span(resource, driver), "logs are written");
}

/* --- tags (AWS: tag restrictions) --- */

static bool has_reserved_prefix(Text key)
{
    return key.len >= 4 && (key.ptr[0] | 0x20) == 'a' && (key.ptr[1] | 0x20) == 'w' && (key.ptr[2] | 0x20) == 's' && key.ptr[3] == ':';
}

/* ECS writes "key", all others "Key". */
static const Json *tag_key(const Json *tag)
{
    const Json *key = json_get_c(tag, "key");
    return key ? key : json_get_c(tag, "Key");
}

/* IAM takes "Team" and "team" for the same tag. */
static Text compared_key(const RuleContext *context, const Resource *resource, Text key)
{
    if (resource->kind != RESOURCE_ROLE)
        return key;
    char *lower = arena_allocate(context->arena, key.len + 1);
    for (size_t i = 0; i < key.len; i++)
        lower[i] = byte_lower(key.ptr[i]);
    return (Text){lower, key.len};
}

static void check_tag_keys(const RuleContext *context, const Resource *resource, const Json *tags)
{
    Names seen = {0};
    for (size_t i = 0; i < rule_item_count(tags); i++) {
        const Json *key = tag_key(tags->items.items[i]);
        const Json *earlier = names_put(&seen, context->arena, compared_key(context, resource, rule_text(key)), tags->items.items[i]);
        if (has_reserved_prefix(rule_text(key))) {
            Diagnostic *diagnostic = rule_report(context, resource, CODE_TAG, key, "AWS keeps tags that begin with aws: for itself");
            diagnostic_set_advice(context->sink, diagnostic, "give it another name");
        } else if (earlier) {
            Diagnostic *diagnostic = rule_report(context, resource, CODE_TAG, key, "the tag %.*s is set twice", TEXT_ARG(rule_text(key)));
            diagnostic_add_label(context->sink, diagnostic, rule_span(resource, tag_key(earlier)), "the first");
            if (!text_equal(rule_text(tag_key(earlier)), rule_text(key)))
                diagnostic_set_advice(context->sink, diagnostic, "keep one of them: to IAM the case of letters does not count");
        }
    }
}

static void check_tag_count(const RuleContext *context, const Resource *resource, const Json *tags)
{
    enum { TAGS_MAX = 50 };
    if (rule_item_count(tags) > TAGS_MAX)
        (void)rule_report(context, resource, CODE_TAG, tag_key(tags->items.items[TAGS_MAX]), "a resource has at most %d tags", TAGS_MAX);
}

/* --- size (AWS: ECS service quotas) --- */

/* Bytes of a document, roughly and never too many, at next to no cost. */
static size_t least_bytes(const Json *node)
{
    size_t sum = 2;
    if (node->kind == JSON_TEXT)
        return node->text.len + 2;
    for (size_t i = 0; node->kind == JSON_ARRAY && i < node->items.count; i++)
        sum += least_bytes(node->items.items[i]) + 1;
    for (size_t i = 0; node->kind == JSON_OBJECT && i < node->members.count; i++)
        sum += node->members.items[i].key.len + least_bytes(node->members.items[i].value) + 4;
    return sum;
}

static void check_bytes(const RuleContext *context, const Resource *resource, const Json *task)
{
    enum { KIB = 1024, BYTES_MAX = 64 * KIB };
    size_t bytes = least_bytes(task);
    if (bytes <= BYTES_MAX)
        return;
    Diagnostic *diagnostic = rule_report(context, resource, CODE_TASK_TOO_LARGE, json_get_c(task, "family"), "this task definition is %zu KiB large", bytes / KIB);
    diagnostic_set_label(context->sink, diagnostic, "ECS takes 64 KiB");
    diagnostic_set_advice(context->sink, diagnostic, "keep long values in a file of variables in S3, or in Parameter Store");
}

/* --- proxy (AWS: ECS, ProxyConfiguration) --- */

static void check_proxy(const RuleContext *context, const Resource *resource, const Json *proxy)
{
    static const char *const known[] = {"IgnoredUID", "IgnoredGID", "AppPorts", "ProxyIngressPort", "ProxyEgressPort", "EgressIgnoredPorts", "EgressIgnoredIPs"};
    const Json *properties = json_get_c(proxy, "properties");
    Text mode = task_network_mode(resource);
    if (mode.len && !text_equal_c(mode, "awsvpc"))
        (void)diagnostic_report(context->sink, CODE_PROXY, member_place(context, resource, proxy, "proxyConfiguration"), "a proxy needs the network mode awsvpc");
    for (size_t i = 0; i < rule_item_count(properties); i++) {
        const Json *name = json_get_c(properties->items.items[i], "name");
        bool is_known = !rule_text(name).len;
        for (size_t j = 0; j < sizeof known / sizeof *known; j++)
            is_known = is_known || rule_text_is(name, known[j]);
        if (!is_known)
            (void)rule_report(context, resource, CODE_PROXY, name, "a proxy has no property %.*s", TEXT_ARG(rule_text(name)));
    }
}

/* --- credentials --- */

static void report_credential(const RuleContext *context, const Resource *resource, const Json *node, const char *problem, const char *label)
{
    Diagnostic *diagnostic = rule_report(context, resource, CODE_CREDENTIAL_PLACE, node, "%s", problem);
    diagnostic_set_label(context->sink, diagnostic, "%s", label);
}

static void check_registry(const RuleContext *context, const Resource *resource, const Json *parameter)
{
    Text text = rule_text(parameter);
    bool is_open = text_find(text, TEXT("svc:unknown:")) < text.len;
    if (text_starts_with(text, TEXT("arn:")) && !is_open && text_find(text, TEXT(":secretsmanager:")) == text.len)
        report_credential(context, resource, parameter, "a registry's credentials are a secret of Secrets Manager", "its ARN, or its name in the same region");
}

static void check_specs(const RuleContext *context, const Resource *resource, const Json *specs)
{
    if (rule_item_count(specs) > 1)
        report_credential(context, resource, specs->items.items[1], "a container has one credential spec", "this one is too many");
    for (size_t i = 0; i < rule_item_count(specs); i++) {
        Text text = rule_text(specs->items.items[i]);
        if (text.len && !text_starts_with(text, TEXT("credentialspec:")) && !text_starts_with(text, TEXT("credentialspecdomainless:")))
            report_credential(context, resource, specs->items.items[i], "this names no credential spec",
                              "credentialspec: or credentialspecdomainless:, and the ARN of a file in S3 or of a parameter");
    }
}

const Rule task_definition_rules[] = {
    {RESOURCE_TASK_DEFINITION, "", check_bytes},
    {RESOURCE_TASK_DEFINITION, "taskRoleArn", check_role},
    {RESOURCE_TASK_DEFINITION, "executionRoleArn", check_role},
    {RESOURCE_TASK_DEFINITION, "tags", check_tag_keys},
    {RESOURCE_TASK_DEFINITION, "tags", check_tag_count},
    {RESOURCE_ROLE, "Tags", check_tag_keys},
    {RESOURCE_LOAD_BALANCER, "Tags", check_tag_keys},
    {RESOURCE_TARGET_GROUP, "Tags", check_tag_keys},
    {RESOURCE_LISTENER, "Tags", check_tag_keys},
    {RESOURCE_LISTENER_RULE, "Tags", check_tag_keys},
    {RESOURCE_TASK_DEFINITION, "proxyConfiguration", check_proxy},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[]", check_execution},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].repositoryCredentials.credentialsParameter", check_registry},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].credentialSpecs", check_specs},
    {.check = NULL},
};
