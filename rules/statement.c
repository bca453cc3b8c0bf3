#include "rules/statement.h"

/* A document is an object, or one inside a string. */
static const Json *document_of(const Json *node)
{
    return node && node->kind == JSON_EMBEDDED ? node->embedded : node;
}

const Json *statement_trust(const Resource *role)
{
    const Json *more = rule_find_more(role, "trust");
    return document_of(more ? more : rule_find(role->input, "AssumeRolePolicyDocument"));
}

const Json *statement_policy(const Resource *role, size_t index)
{
    const Json *single = rule_find_more(role, "policy");
    if (single && index-- == 0)
        return document_of(single);
    const Json *list = rule_find_more(role, "policies");
    list = list ? list : rule_find(role->input, "Policies");
    if (index >= rule_item_count(list))
        return NULL;
    const Json *item = list->items.items[index];
    const Json *document = document_of(json_get_c(item, "PolicyDocument"));
    return document ? document : document_of(item);
}

size_t statement_value_count(const Json *value)
{
    return !rule_is_set(value) ? 0 : value->kind == JSON_ARRAY ? value->items.count : 1;
}

const Json *statement_value_at(const Json *value, size_t index)
{
    return value->kind == JSON_ARRAY ? value->items.items[index] : value;
}

size_t statement_count(const Json *document)
{
    return statement_value_count(json_get_c(document, "Statement"));
}

const Json *statement_at(const Json *document, size_t index)
{
    return statement_value_at(json_get_c(document, "Statement"), index);
}

/* --- what is allowed --- */

static Text lower_text(Text text, char *out, size_t capacity)
{
    size_t len = text.len < capacity ? text.len : capacity;
    for (size_t i = 0; i < len; i++)
        out[i] = byte_lower(text.ptr[i]);
    return (Text){out, len};
}

/* Actions know no case. */
static bool action_matches(Text pattern, const char *action)
{
    enum { ACTION_MAX = 128 };
    char own[ACTION_MAX];
    char asked[ACTION_MAX];
    return rule_matches(lower_text(pattern, own, sizeof own), lower_text(text_from_c(action), asked, sizeof asked));
}

static Grant any_action(const Json *actions, const char *action)
{
    Grant grant = GRANT_NO;
    for (size_t i = 0; i < statement_value_count(actions); i++) {
        const Json *item = statement_value_at(actions, i);
        if (!rule_is_known(item))
            grant = grant == GRANT_YES ? grant : GRANT_MAYBE;
        else if (action_matches(rule_text(item), action))
            grant = GRANT_YES;
    }
    return grant;
}

/* "secret:name" in a policy covers "secret:name" as ECS names it, to which Secrets Manager adds six characters: both forms are given, so that what a
   pattern covers without its end counts too. */
static bool resource_covers(Text pattern, Text resource)
{
    if (rule_matches(pattern, resource))
        return true;
    if (text_ends_with(pattern, TEXT("-??????")))
        return rule_matches(text_slice(pattern, 0, pattern.len - 7), resource);
    return text_ends_with(pattern, TEXT("-*")) && rule_matches(text_slice(pattern, 0, pattern.len - 2), resource);
}

static Grant any_resource(const Json *resources, Text resource)
{
    Grant grant = GRANT_NO;
    for (size_t i = 0; i < statement_value_count(resources); i++) {
        const Json *item = statement_value_at(resources, i);
        if (item->kind != JSON_TEXT)
            grant = grant == GRANT_YES ? grant : GRANT_MAYBE;
        else if (resource_covers(item->text, resource))
            grant = GRANT_YES;
    }
    return grant;
}

static Grant least(Grant a, Grant b)
{
    return a < b ? a : b;
}

static Grant statement_grant(const Json *statement, const char *action, Text resource)
{
    const Json *effect = json_get_c(statement, "Effect");
    if (statement->kind != JSON_OBJECT || rule_is_open(effect))
        return GRANT_MAYBE;
    if (!rule_text_is(effect, "Allow"))
        return GRANT_NO;
    /* What is not excluded may be allowed: that is not worked out. */
    Grant actions = rule_is_set(json_get_c(statement, "NotAction")) ? GRANT_MAYBE : any_action(json_get_c(statement, "Action"), action);
    Grant resources = rule_is_set(json_get_c(statement, "NotResource")) ? GRANT_MAYBE
                      : resource.len                                    ? any_resource(json_get_c(statement, "Resource"), resource)
                                                                        : GRANT_YES;
    return least(actions, resources);
}

static Grant document_grant(const Json *document, const char *action, Text resource)
{
    const Json *statements = json_get_c(document, "Statement");
    Grant grant = !document || document->kind != JSON_OBJECT || rule_is_open(statements) ? GRANT_MAYBE : GRANT_NO;
    for (size_t i = 0; i < statement_count(document); i++) {
        Grant one = statement_grant(statement_at(document, i), action, resource);
        grant = one > grant ? one : grant;
    }
    return grant;
}

/* The managed policy that AWS has for execution roles, and what it allows (developer guide, task execution IAM role). */
static const char execution_policy[] = "service-role/AmazonECSTaskExecutionRolePolicy";
static const char execution_actions[] = "ecr:GetAuthorizationToken ecr:BatchCheckLayerAvailability ecr:GetDownloadUrlForLayer ecr:BatchGetImage logs:CreateLogStream logs:PutLogEvents";

static Grant managed_grant(const Json *arn, const char *action)
{
    Text text = rule_text(arn);
    if (text_ends_with(text, TEXT(execution_policy)))
        return rule_is_one_of(text_from_c(action), execution_actions) ? GRANT_YES : GRANT_NO;
    return GRANT_MAYBE;
}

Grant statement_grants(const Resource *role, const char *action, Text resource)
{
    Grant grant = GRANT_NO;
    const Json *managed = rule_find_more(role, "managed");
    managed = managed ? managed : rule_find(role->input, "ManagedPolicyArns");
    if (rule_is_open(managed) || rule_is_open(rule_find_more(role, "policies")) || rule_is_open(rule_find(role->input, "Policies")))
        grant = GRANT_MAYBE;
    for (size_t i = 0; i < rule_item_count(managed); i++) {
        Grant one = managed_grant(managed->items.items[i], action);
        grant = one > grant ? one : grant;
    }
    const Json *document;
    for (size_t i = 0; (document = statement_policy(role, i)); i++) {
        Grant one = document_grant(document, action, resource);
        grant = one > grant ? one : grant;
    }
    return grant;
}

Grant statement_trusts(const Resource *role, const char *service)
{
    const Json *trust = statement_trust(role);
    Grant grant = !trust || trust->kind != JSON_OBJECT || rule_is_open(json_get_c(trust, "Statement")) ? GRANT_MAYBE : GRANT_NO;
    for (size_t i = 0; i < statement_count(trust); i++) {
        const Json *statement = statement_at(trust, i);
        const Json *principal = json_get_c(statement, "Principal");
        const Json *services = json_get_c(principal, "Service");
        Grant one = statement->kind != JSON_OBJECT || rule_is_open(principal) || rule_is_open(json_get_c(statement, "Effect")) ? GRANT_MAYBE : GRANT_NO;
        if (rule_text_is(json_get_c(statement, "Effect"), "Deny"))
            continue;
        for (size_t j = 0; j < statement_value_count(services); j++) {
            const Json *item = statement_value_at(services, j);
            if (!rule_is_known(item) || item->kind != JSON_TEXT)
                one = one == GRANT_YES ? one : GRANT_MAYBE;
            else if (text_equal_c(item->text, service))
                one = GRANT_YES;
        }
        if (rule_text_is(principal, "*") || rule_text_is(json_get_c(principal, "AWS"), "*"))
            one = GRANT_MAYBE;
        grant = one > grant ? one : grant;
    }
    return grant;
}
