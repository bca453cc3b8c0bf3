#include "live/reader.h"

/* --- things --- */

static size_t place_of(ResourceKind kind, Text group, Text name)
{
    uint32_t hash = ((uint32_t)kind * 16777619u ^ text_hash(group)) * 16777619u ^ text_hash(name);
    return hash & (READER_PLACES - 1);
}

Thing *reader_find(const Reader *reader, ResourceKind kind, Text group, Text name)
{
    for (Thing *thing = reader->index[place_of(kind, group, name)]; thing; thing = thing->next)
        if (thing->kind == kind && text_equal(thing->name, name) && text_equal(thing->group, group))
            return thing;
    return NULL;
}

Thing *reader_want(Reader *reader, ResourceKind kind, Text group, Text name)
{
    Thing *thing = reader_find(reader, kind, group, name);
    if (thing)
        return thing;
    Thing **place = &reader->index[place_of(kind, group, name)];
    thing = ARENA_NEW(reader->arena, Thing);
    *thing = (Thing){.kind = kind, .group = group, .name = name, .next = *place};
    *place = thing;
    ARRAY_PUSH(reader->arena, &reader->things, thing);
    return thing;
}

void reader_declare(Reader *reader, Thing *thing, const Resource *resource)
{
    if (thing->resource)
        return;
    Thing **place = &reader->declared_index[text_hash(resource->id) & (READER_PLACES - 1)];
    thing->resource = resource;
    thing->next_declared = *place;
    *place = thing;
}

Thing *reader_find_declared(const Reader *reader, Text id)
{
    Thing *thing = reader->declared_index[text_hash(id) & (READER_PLACES - 1)];
    while (thing && !text_equal(thing->resource->id, id))
        thing = thing->next_declared;
    return thing;
}

/* --- tags --- */

Text reader_text(const Json *object, const char *key)
{
    const Json *value = json_get_c(object, key);
    return value && value->kind == JSON_TEXT ? value->text : TEXT_NONE;
}

Text reader_tag(const Json *tags, const char *key)
{
    if (tags && tags->kind == JSON_OBJECT)
        return reader_text(tags, key);
    for (size_t i = 0; i < json_item_count(tags); i++) {
        const Json *tag = tags->items.items[i];
        Text name = reader_text(tag, "Key");
        if (text_equal_c(name.len ? name : reader_text(tag, "key"), key))
            return name.len ? reader_text(tag, "Value") : reader_text(tag, "value");
    }
    return TEXT_NONE;
}

bool reader_owns(const Reader *reader, const Json *tags)
{
    const Model *model = reader->input->model;
    return text_equal(reader_tag(tags, "svc:project"), model->project) && text_equal(reader_tag(tags, "svc:environment"), model->environment.name);
}

const Tagged *reader_find_tagged(const Reader *reader, Text arn)
{
    const Tagged *tagged = reader->tagged_index[text_hash(arn) & (READER_PLACES - 1)];
    while (tagged && !text_equal(tagged->arn, arn))
        tagged = tagged->next;
    return tagged;
}

/* --- declared values --- */

static Text found_attribute(const Reader *reader, Text id, Text attribute)
{
    const Thing *thing = reader_find_declared(reader, id);
    if (!resources_find(reader->input->resources, id))
        return reader_text(reader->lookups, arena_format(reader->arena, "%.*s#%.*s", TEXT_ARG(id), TEXT_ARG(attribute)).ptr);
    if (!thing || !thing->describe)
        return TEXT_NONE;
    if (text_equal_c(attribute, ATTRIBUTE_ID))
        return reader_text(thing->describe, "GroupId");
    return text_equal_c(attribute, ATTRIBUTE_ARN) ? thing->arn : TEXT_NONE;
}

Text reader_value(const Reader *reader, const Json *json)
{
    Text text = TEXT_NONE;
    if (!json)
        return TEXT_NONE;
    if (json->kind == JSON_TEXT)
        return json->text;
    if (json->kind == JSON_REFERENCE) {
        text = found_attribute(reader, json->reference->resource, json->reference->attribute);
        return text.len ? text : json->reference->known;
    }
    for (size_t i = 0; json->kind == JSON_JOINED && i < json->items.count; i++)
        text = arena_join(reader->arena, text, reader_value(reader, json->items.items[i]));
    return text;
}

/* What a resource's name is within. */
static const char *group_member(ResourceKind kind)
{
    switch (kind) {
    case RESOURCE_SERVICE: return "cluster";
    case RESOURCE_METRIC_FILTER: return "logGroupName";
    case RESOURCE_SCALING_POLICY:
    case RESOURCE_SCHEDULED_ACTION: return "ResourceId";
    case RESOURCE_CLUSTER:
    case RESOURCE_LOG_GROUP:
    case RESOURCE_ROLE:
    case RESOURCE_SECURITY_GROUP:
    case RESOURCE_SECURITY_GROUP_RULE:
    case RESOURCE_SECURITY_GROUP_EGRESS:
    case RESOURCE_LOAD_BALANCER:
    case RESOURCE_LISTENER:
    case RESOURCE_TARGET_GROUP:
    case RESOURCE_LISTENER_RULE:
    case RESOURCE_TASK_DEFINITION:
    case RESOURCE_TASK_RUN:
    case RESOURCE_SCALABLE_TARGET:
    case RESOURCE_ALARM:
    case RESOURCE_DASHBOARD:
    case RESOURCE_PARAMETER:
    case RESOURCE_SCHEDULE:
    case RESOURCE_ROLLOUT:
    case RESOURCE_KIND_COUNT: break;
    }
    return NULL;
}

Text reader_group(const Reader *reader, const Resource *resource)
{
    const char *member = group_member(resource->kind);
    return member ? reader_value(reader, json_get_c(resource->input, member)) : TEXT_NONE;
}

Text reader_name(const Reader *reader, const Resource *resource)
{
    if (resource->kind == RESOURCE_SCALABLE_TARGET)
        return reader_value(reader, json_get_c(resource->input, "ResourceId"));
    return resource->name;
}

/* --- inputs --- */

Json *reader_object(Reader *reader, const char *member, Text value)
{
    Json *object = json_object(reader->arena);
    json_set_c(reader->arena, object, member, json_text(reader->arena, value));
    return object;
}

void reader_add_filter(Reader *reader, Json *input, Text name, Text value)
{
    Arena *arena = reader->arena;
    Json *filters = json_get_c(input, "Filters");
    Json *filter = json_object(arena);
    Json *values = json_array(arena);
    if (!filters) {
        filters = json_array(arena);
        json_set_c(arena, input, "Filters", filters);
    }
    json_add(arena, values, json_text(arena, value));
    json_set_c(arena, filter, "Name", json_text(arena, name));
    json_set_c(arena, filter, "Values", values);
    json_add(arena, filters, filter);
}
