/* What the families share: resources, references, tags, ARNs, declarations of the file. */
#include "emit/emit.h"

#include <string.h>

/* --- resources and references --- */

/* Kinds whose name nobody else in the account and region may have; the others are named within their owner. */
static bool is_name_unique(ResourceKind kind)
{
    switch (kind) {
    case RESOURCE_CLUSTER:
    case RESOURCE_LOG_GROUP:
    case RESOURCE_ROLE:
    case RESOURCE_SECURITY_GROUP:
    case RESOURCE_LOAD_BALANCER:
    case RESOURCE_TARGET_GROUP:
    case RESOURCE_TASK_DEFINITION:
    case RESOURCE_ALARM:
    case RESOURCE_DASHBOARD:
    case RESOURCE_PARAMETER:
    case RESOURCE_SCHEDULE: return true;
    case RESOURCE_METRIC_FILTER:
    case RESOURCE_SECURITY_GROUP_RULE:
    case RESOURCE_SECURITY_GROUP_EGRESS:
    case RESOURCE_LISTENER:
    case RESOURCE_LISTENER_RULE:
    case RESOURCE_SERVICE:
    case RESOURCE_TASK_RUN:
    case RESOURCE_SCALABLE_TARGET:
    case RESOURCE_SCALING_POLICY:
    case RESOURCE_SCHEDULED_ACTION:
    case RESOURCE_ROLLOUT:
    case RESOURCE_KIND_COUNT: break;
    }
    return false;
}

static void check_name(Emission *emission, ResourceKind kind, Text name, Span origin)
{
    if (!is_name_unique(kind) || !name.len)
        return;
    const Resource *other = resources_find_name(emission->resources, kind, name);
    if (!other)
        return;
    const char *label = resource_facts(kind)->label;
    Diagnostic *diagnostic =
        diagnostic_report(emission->sink, CODE_NAME_TAKEN, origin, "two %ss would have the name %.*s in AWS", label, TEXT_ARG(name));
    if (!span_is_none(other->origin))
        diagnostic_add_label(emission->sink, diagnostic, other->origin, "the other one comes from here");
    diagnostic_set_advice(emission->sink, diagnostic, "give one of them another name");
}

Resource *emit_add_resource(Emission *emission, ResourceKind kind, Text id, Text service, Text name, Text file_stem, Json *input, Span origin)
{
    check_name(emission, kind, name, origin);
    Resource *resource = ARENA_NEW(emission->arena, Resource);
    *resource = (Resource){.kind = kind, .id = id, .service = service, .name = name, .file_stem = file_stem, .input = input, .origin = origin};
    resources_add(emission->arena, emission->resources, resource);
    return resource;
}

Text emit_id_part(Emission *emission, Text name)
{
    enum { PART_MAX = 100 };
    bool is_plain = name.len <= PART_MAX;
    for (size_t i = 0; i < name.len && is_plain; i++) {
        char c = name.ptr[i];
        is_plain = byte_is_alphanumeric(c) || c == '-' || c == '_' || c == '.' || c == '/';
    }
    return is_plain ? name : name_fit(emission, name, PART_MAX, true);
}

Json *emit_lookup(Emission *emission, Text id, Text attribute, const char *template_type, Text description, Json *selector, Span origin)
{
    Lookup lookup = {.id = id,
                     .attribute = attribute,
                     .template_type = text_from_c(template_type),
                     .description = description,
                     .selector = selector,
                     .origin = origin};
    const Lookup *known = resources_add_lookup(emission->arena, emission->resources, &lookup);
    return json_at(json_reference(emission->arena, known->id, known->attribute, TEXT_NONE), origin);
}

Json *emit_reference(Emission *emission, Text resource, const char *attribute, Text known)
{
    return json_reference(emission->arena, resource, text_from_c(attribute), known);
}

/* --- tags --- */

static void add_tags(Emission *emission, Json *tags, const Node *said)
{
    NODE_EACH(tag, said, W_TAG)
    {
        Json *value = shape_value(emission, &tag->row->arguments[1], node_argument(tag, 1));
        json_set(emission->arena, tags, node_text(tag, 0), value);
    }
}

static void add_own_tag(Emission *emission, Json *tags, const char *key, Text value)
{
    if (value.len)
        json_set_c(emission->arena, tags, key, json_text(emission->arena, value));
}

/* All tags but svc:id: the same for everything that a service has, and made once for it. */
static const Json *common_tags(Emission *emission, Text service, const Node *service_node)
{
    EmissionTags *known = &emission->tags;
    if (known->map && known->node == service_node && text_equal(known->service, service))
        return known->map;
    Json *tags = json_object(emission->arena);
    add_tags(emission, tags, emission->file_tags);
    add_tags(emission, tags, node_child(emission->model->environment.node, W_TAGS));
    add_tags(emission, tags, node_child(service_node, W_TAGS));
    add_own_tag(emission, tags, "svc:project", emission->model->project);
    add_own_tag(emission, tags, "svc:environment", emission->model->environment.name);
    add_own_tag(emission, tags, "svc:service", service);
    *known = (EmissionTags){.node = service_node, .service = service, .map = tags};
    return tags;
}

Json *emit_tag_map(Emission *emission, Text service, Text id, const Node *service_node)
{
    Json *tags = json_copy_node(emission->arena, common_tags(emission, service, service_node));
    add_own_tag(emission, tags, "svc:id", id);
    return tags;
}

static Json *new_tag(Emission *emission, Text key_name, Text key, Text value_name, Json *value)
{
    Json *tag = json_object(emission->arena);
    json_set(emission->arena, tag, key_name, json_text(emission->arena, key));
    json_set(emission->arena, tag, value_name, value);
    return tag;
}

/* The common tags as a list; with these names of a tag's two members. */
static const Json *common_tag_list(Emission *emission, Text key_name, Text value_name)
{
    EmissionTags *known = &emission->tags;
    size_t place = known->lists[0].tags && !text_equal(known->lists[0].key_name, key_name);
    if (known->lists[place].tags && text_equal(known->lists[place].key_name, key_name))
        return known->lists[place].tags;
    Json *tags = json_array(emission->arena);
    for (size_t i = 0; i < known->map->members.count; i++)
        json_add(emission->arena, tags, new_tag(emission, key_name, known->map->members.items[i].key, value_name, known->map->members.items[i].value));
    known->lists[place].tags = tags;
    known->lists[place].key_name = key_name;
    return tags;
}

/* svc:id in its place among the others. */
Json *emit_tags(Emission *emission, Text service, Text id, const Node *service_node, const char *key_name, const char *value_name)
{
    Arena *arena = emission->arena;
    Text key = text_from_c(key_name);
    Text value = text_from_c(value_name);
    Text own = TEXT("svc:id");
    const Json *map = common_tags(emission, service, service_node);
    const Json *common = common_tag_list(emission, key, value);
    Json *tags = json_array(arena);
    size_t at = 0;
    tags->items.items = ARENA_NEW_ARRAY(arena, Json *, common->items.count + 1);
    tags->items.capacity = common->items.count + 1;
    for (; at < common->items.count && (!id.len || text_compare(map->members.items[at].key, own) < 0); at++)
        json_add(arena, tags, common->items.items[at]);
    if (id.len)
        json_add(arena, tags, new_tag(emission, key, own, value, json_text(arena, id)));
    at += at < common->items.count && text_equal(map->members.items[at].key, own);
    for (; at < common->items.count; at++)
        json_add(arena, tags, common->items.items[at]);
    return tags;
}

/* --- ARNs --- */

Text emit_role_path(Emission *emission)
{
    Text environment = emission->model->environment.name;
    return arena_format(emission->arena, "/svc/%.*s/%.*s%s", TEXT_ARG(emission->model->project), TEXT_ARG(environment), environment.len ? "/" : "");
}

Text emit_role_arn(Emission *emission, Text role_name)
{
    Text path = emit_role_path(emission);
    return arena_format(emission->arena, "arn:%.*s:iam::%.*s:role%.*s%.*s", TEXT_ARG(emission->partition), TEXT_ARG(emission->account),
                        TEXT_ARG(path), TEXT_ARG(role_name));
}

Text emit_arn(Emission *emission, const char *service, Text rest)
{
    return arena_format(emission->arena, "arn:%.*s:%s:%.*s:%.*s:%.*s", TEXT_ARG(emission->partition), service, TEXT_ARG(emission->region),
                        TEXT_ARG(emission->account), TEXT_ARG(rest));
}

/* --- declarations --- */

const Node *emit_find_declared(const Emission *emission, WordId word, Text name)
{
    return name.len ? node_keyed_child(emission->model->file, word, name) : NULL;
}

bool emit_is_existing(const Node *declaration)
{
    return node_flag(node_child(declaration, W_EXISTING), false);
}

Text emit_cluster_id(Emission *emission, Text name, bool is_existing)
{
    Text part = emit_id_part(emission, name);
    return arena_format(emission->arena, "%scluster/%.*s", is_existing ? "" : "shared/", TEXT_ARG(part));
}

Text emit_cluster_name(Emission *emission, const Node *service, const Node **declaration)
{
    Text name = node_child_text(service, W_SERVICE_CLUSTER);
    if (name.len == 0)
        name = name_fit(emission, name_default(emission, emission->model->project, TEXT_NONE), 255, true);
    *declaration = emit_find_declared(emission, W_CLUSTER, name);
    return name;
}
