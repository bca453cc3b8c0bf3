#include "emit/log_group.h"

enum { DEFAULT_RETENTION_DAYS = 30 };

Text log_group_default(Emission *emission, const ServiceFacts *facts)
{
    return arena_format(emission->arena, "/ecs/%.*s", TEXT_ARG(facts->name));
}

Text log_group_name(Emission *emission, const ServiceFacts *facts, const Node *container)
{
    const Node *logs = node_child(container, W_LOGS);
    if (node_child(container, W_LOG_DRIVER) || node_flag(node_child(container, W_DISCARD_LOGS), false))
        return TEXT_NONE;
    if (logs && node_argument(logs, 0))
        return node_text(logs, 0);
    return log_group_default(emission, facts);
}

Json *log_group_reference_to(Emission *emission, Text name)
{
    const Resource *group = resources_find_name(emission->resources, RESOURCE_LOG_GROUP, name);
    return group ? emit_reference(emission, group->id, ATTRIBUTE_NAME, name) : json_text(emission->arena, name);
}

Json *log_group_reference(Emission *emission, const ServiceFacts *facts, const Node *container)
{
    Text name = log_group_name(emission, facts, container);
    const Value *said = node_argument(node_child(container, W_LOGS), 0);
    if (said && said->kind == VALUE_UNKNOWN)
        return json_unknown(emission->arena, TEXT_NONE);
    return name.len ? log_group_reference_to(emission, name) : NULL;
}

/* Days as the file says; 0 where it says nothing or they are not known. */
static int64_t said_days(const Node *container)
{
    enum { DAY_SECONDS = 24 * 3600 };
    return node_seconds(node_child(node_child(container, W_LOGS), W_LOGS_KEEP), 0, 0) / DAY_SECONDS;
}

/* A group that another container uses too has one retention. */
static void check_retention(Emission *emission, const Resource *group, const Node *container)
{
    const Json *days = json_get_c(json_get_c(group->more, "PutRetentionPolicy"), "retentionInDays");
    int64_t said = said_days(container);
    if (!said || !days || rational_compare(days->number, rational_from_integer(said)) == 0)
        return;
    const Node *keep = node_child(node_child(container, W_LOGS), W_LOGS_KEEP);
    Diagnostic *diagnostic =
        diagnostic_report(emission->sink, CODE_LOG_RETENTION, node_argument_span(keep, 0),
                          "the log group %.*s would be kept for two different times", TEXT_ARG(group->name));
    if (!span_is_none(days->origin))
        diagnostic_add_label(emission->sink, diagnostic, days->origin, "the other one");
    else
        diagnostic_add_label(emission->sink, diagnostic, group->origin, "kept %dd here, because nothing is said", DEFAULT_RETENTION_DAYS);
    diagnostic_set_advice(emission->sink, diagnostic, "say the same time in both places, or name two groups");
}

/* `owner` is the container, or `discovery` for its proxy. */
static void emit_log_group(Emission *emission, const ServiceFacts *facts, const Node *owner, Text name)
{
    Arena *arena = emission->arena;
    const Node *logs = node_child(owner, W_LOGS);
    Span origin = logs ? logs->span : owner->span;
    Text path = text_starts_with(name, TEXT("/")) ? text_slice(name, 1, name.len) : name;
    Text id = arena_format(arena, "%.*s/log-group/%.*s", TEXT_ARG(facts->service), TEXT_ARG(emit_id_part(emission, path)));
    Json *input = json_object(arena);
    json_set_c(arena, input, "logGroupName", json_at(json_text(arena, name), logs ? node_argument_span(logs, 0) : SPAN_NONE));
    json_set_c(arena, input, "tags", emit_tag_map(emission, facts->service, id, facts->node));
    shape_fill(emission, input, owner, "log-group");
    Json *retention = json_object(arena);
    json_set_c(arena, retention, "logGroupName", json_text(arena, name));
    json_set_c(arena, retention, "retentionInDays", json_integer(arena, DEFAULT_RETENTION_DAYS));
    shape_fill(emission, retention, owner, "log-retention");
    Resource *group = emit_add_resource(emission, RESOURCE_LOG_GROUP, id, facts->service, name, path, input, origin);
    group->more = json_object(arena);
    json_set_c(arena, group->more, "PutRetentionPolicy", retention);
}

void emit_log_groups(Emission *emission, const ServiceFacts *facts)
{
    NODE_EACH(container, facts->node, W_CONTAINER)
    {
        Text name = log_group_name(emission, facts, container);
        const Resource *group = name.len ? resources_find_name(emission->resources, RESOURCE_LOG_GROUP, name) : NULL;
        if (group)
            check_retention(emission, group, container);
        else if (name.len)
            emit_log_group(emission, facts, container, name);
    }
    const Node *discovery = node_child(facts->node, W_DISCOVERY);
    Text proxy = log_group_default(emission, facts);
    bool is_wanted = node_flag(node_child(discovery, W_DISCOVERY_LOGS), false);
    if (is_wanted && !resources_find_name(emission->resources, RESOURCE_LOG_GROUP, proxy))
        emit_log_group(emission, facts, discovery, proxy);
}
