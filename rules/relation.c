#include "rules/relation.h"

/* The member of a kind's input that holds its name. */
static const char *name_member(ResourceKind kind)
{
    switch (kind) {
    case RESOURCE_TASK_DEFINITION: return "family";
    case RESOURCE_SERVICE: return "serviceName";
    case RESOURCE_CLUSTER: return "clusterName";
    case RESOURCE_ROLE: return "RoleName";
    case RESOURCE_LOG_GROUP: return "logGroupName";
    case RESOURCE_SECURITY_GROUP: return "GroupName";
    case RESOURCE_TARGET_GROUP:
    case RESOURCE_LOAD_BALANCER: return "Name";
    case RESOURCE_ALARM: return "AlarmName";
    case RESOURCE_SCALING_POLICY: return "PolicyName";
    case RESOURCE_DASHBOARD: return "DashboardName";
    case RESOURCE_METRIC_FILTER:
    case RESOURCE_SECURITY_GROUP_RULE:
    case RESOURCE_SECURITY_GROUP_EGRESS:
    case RESOURCE_LISTENER:
    case RESOURCE_LISTENER_RULE:
    case RESOURCE_SCALABLE_TARGET:
    case RESOURCE_SCHEDULED_ACTION:
    case RESOURCE_PARAMETER:
    case RESOURCE_SCHEDULE:
    case RESOURCE_TASK_RUN:
    case RESOURCE_ROLLOUT:
    case RESOURCE_KIND_COUNT: break;
    }
    return "";
}

static Text after_last(Text text, char byte)
{
    size_t start = text.len;
    while (start > 0 && text.ptr[start - 1] != byte)
        start--;
    return text_slice(text, start, text.len);
}

/* The name inside an ARN, or the text itself. */
static Text name_of(ResourceKind kind, Text text)
{
    bool is_arn = text_starts_with(text, TEXT("arn:"));
    Text part = is_arn ? arn_part(text, ARN_RESOURCE) : text;
    if (kind == RESOURCE_TASK_DEFINITION) {
        part = after_last(part, '/');
        return text_slice(part, 0, text_find_byte(part, ':'));
    }
    if (!is_arn)
        return part;
    if (kind == RESOURCE_TARGET_GROUP) {
        part = text_slice(part, text_find_byte(part, '/') + 1, part.len);
        return text_slice(part, 0, text_find_byte(part, '/'));
    }
    if (kind == RESOURCE_ALARM)
        return after_last(part, ':');
    return after_last(part, '/');
}

const Resource *relation_next(const RuleContext *context, ResourceKind kind, size_t *index)
{
    while (*index < context->resources->items.count) {
        const Resource *resource = context->resources->items.items[(*index)++];
        if (resource->kind == kind)
            return resource;
    }
    return NULL;
}

bool relation_may_meet(const Resource *a, const Resource *b)
{
    return !a->condition.len || !b->condition.len || text_equal(a->condition, b->condition);
}

const Json *relation_said_name(const Resource *resource)
{
    const Json *name = json_get_c(resource->input, name_member(resource->kind));
    return name && name->kind == JSON_TEXT && name->text.len ? name : NULL;
}

static const Resource *find_by_name(const RuleContext *context, Text text, ResourceKind kind)
{
    Text name = name_of(kind, text);
    size_t index = 0;
    const Resource *resource = name.len ? resources_find_name(context->resources, kind, name) : NULL;
    if (resource)
        return resource;
    while (name.len && (resource = relation_next(context, kind, &index))) {
        if (text_equal(resource->name, name) || text_equal(rule_text(json_get_c(resource->input, name_member(kind))), name))
            return resource;
    }
    return NULL;
}

const Resource *relation_target(const RuleContext *context, const Json *node, ResourceKind kind)
{
    if (!node)
        return NULL;
    if (node->kind == JSON_REFERENCE) {
        const Resource *resource = resources_find(context->resources, node->reference->resource);
        if (resource)
            return resource->kind == kind ? resource : NULL;
    }
    return find_by_name(context, rule_text(node), kind);
}

const Resource *relation_task_definition(const RuleContext *context, const Resource *service)
{
    return relation_target(context, json_get_c(service->input, "taskDefinition"), RESOURCE_TASK_DEFINITION);
}

const Json *relation_container(const RuleContext *context, const Resource *task, Text name, bool *is_open)
{
    const Json *containers = json_get_c(task->input, "containerDefinitions");
    if (is_open)
        *is_open = name_index_has_unknown(context->names, containers, "name");
    return name_index_find(context->names, containers, "name", name);
}

/* A range such as "8000-8010". */
static bool range_has(Text range, int64_t port, bool *is_open)
{
    int64_t low = 0;
    int64_t high = 0;
    size_t dash = text_find_byte(range, '-');
    Json first = {.kind = JSON_TEXT, .text = text_slice(range, 0, dash)};
    Json last = {.kind = JSON_TEXT, .text = text_slice(range, dash + 1, range.len)};
    if (!rule_integer(&first, &low) || !rule_integer(&last, &high)) {
        *is_open = true;
        return false;
    }
    return port >= low && port <= high;
}

bool relation_has_port(const Json *container, int64_t port, bool *is_open)
{
    const Json *mappings = json_get_c(container, "portMappings");
    bool open = rule_is_open(mappings);
    bool found = false;
    for (size_t i = 0; i < rule_item_count(mappings); i++) {
        const Json *mapping = mappings->items.items[i];
        const Json *own = json_get_c(mapping, "containerPort");
        Text range = rule_text(json_get_c(mapping, "containerPortRange"));
        int64_t number = 0;
        if (rule_integer(own, &number))
            found = found || number == port;
        else if (range.len)
            found = range_has(range, port, &open) || found;
        else
            open = true;
    }
    if (is_open)
        *is_open = open;
    return found;
}

/* The resource whose id stands last in what is written, as a whole word: "!Sub service/${Cluster}/${Service.Name}". */
static const Resource *find_written(const RuleContext *context, Text written, ResourceKind kind)
{
    const Resource *found = NULL;
    size_t last = 0;
    size_t index = 0;
    const Resource *resource;
    while ((resource = relation_next(context, kind, &index)))
        for (size_t at = 0; resource->id.len && at + resource->id.len <= written.len; at++) {
            Text before = text_slice(written, at ? at - 1 : 0, at);
            Text after = text_slice(written, at + resource->id.len, at + resource->id.len + (at + resource->id.len < written.len));
            bool is_word = text_equal(text_slice(written, at, at + resource->id.len), resource->id) && (!before.len || !rule_has_only(before, "a-zA-Z0-9")) &&
                           (!after.len || !rule_has_only(after, "a-zA-Z0-9"));
            if (is_word && at >= last) {
                last = at;
                found = resource;
            }
        }
    return found;
}

bool relation_is_open(const Json *node)
{
    if (!node)
        return false;
    if (node->kind == JSON_UNKNOWN)
        return true;
    if (node->kind == JSON_ARRAY || node->kind == JSON_JOINED)
        for (size_t i = 0; i < node->items.count; i++)
            if (relation_is_open(node->items.items[i]))
                return true;
    if (node->kind == JSON_OBJECT)
        for (size_t i = 0; i < node->members.count; i++)
            if (relation_is_open(node->members.items[i].value))
                return true;
    return node->kind == JSON_EMBEDDED && relation_is_open(node->embedded);
}

bool relation_mentions(const RuleContext *context, const Json *node, const Resource *resource)
{
    if (!node)
        return false;
    if (node->kind == JSON_REFERENCE || node->kind == JSON_TEXT)
        return relation_target(context, node, resource->kind) == resource;
    if (node->kind == JSON_UNKNOWN)
        return find_written(context, node->text, resource->kind) == resource;
    if (node->kind == JSON_ARRAY || node->kind == JSON_JOINED)
        for (size_t i = 0; i < node->items.count; i++)
            if (relation_mentions(context, node->items.items[i], resource))
                return true;
    if (node->kind == JSON_OBJECT)
        for (size_t i = 0; i < node->members.count; i++)
            if (relation_mentions(context, node->members.items[i].value, resource))
                return true;
    return false;
}

const Resource *relation_scaled_service(const RuleContext *context, const Resource *scaling)
{
    const Json *id = json_get_c(scaling->input, "ResourceId");
    if (id && id->kind == JSON_JOINED && id->items.count) {
        const Json *last = id->items.items[id->items.count - 1];
        return relation_target(context, last, RESOURCE_SERVICE);
    }
    if (id && id->kind == JSON_UNKNOWN)
        return find_written(context, id->text, RESOURCE_SERVICE);
    Text text = rule_text(id);
    return text_starts_with(text, TEXT("service/")) ? find_by_name(context, after_last(text, '/'), RESOURCE_SERVICE) : NULL;
}

const Resource *relation_scalable_target(const RuleContext *context, const Resource *service)
{
    size_t index = 0;
    const Resource *target;
    while ((target = relation_next(context, RESOURCE_SCALABLE_TARGET, &index)))
        if (relation_scaled_service(context, target) == service)
            return target;
    return NULL;
}

const Json *relation_attribute(const Resource *resource, const char *key)
{
    bool is_group = resource->kind == RESOURCE_TARGET_GROUP;
    const Json *list = rule_find_more(resource, is_group ? "ModifyTargetGroupAttributes.Attributes" : "ModifyLoadBalancerAttributes.Attributes");
    for (size_t i = 0; i < rule_item_count(list); i++)
        if (rule_text_is(json_get_c(list->items.items[i], "Key"), key))
            return json_get_c(list->items.items[i], "Value");
    return NULL;
}

bool relation_is_fargate(const Resource *service, const Resource *task)
{
    if (rule_text_is(json_get_c(service->input, "launchType"), "FARGATE"))
        return true;
    const Json *strategy = json_get_c(service->input, "capacityProviderStrategy");
    for (size_t i = 0; i < rule_item_count(strategy); i++)
        if (rule_is_one_of(rule_text(json_get_c(strategy->items.items[i], "capacityProvider")), "FARGATE FARGATE_SPOT"))
            return true;
    if (rule_is_set(json_get_c(service->input, "launchType")) || rule_is_set(strategy) || !task)
        return false;
    const Json *compatible = json_get_c(task->input, "requiresCompatibilities");
    return rule_item_count(compatible) == 1 && rule_text_is(compatible->items.items[0], "FARGATE");
}
