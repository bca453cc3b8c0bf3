#include "foreign/convert.h"

#include "foreign/placeholder.h"

Text foreign_text(const Json *object, const char *member)
{
    const Json *value = json_get_c(object, member);
    return value && value->kind == JSON_TEXT ? value->text : TEXT_NONE;
}

Resource *foreign_add(Converter *converter, ResourceKind kind, Text id, Text name, Json *input, Span origin)
{
    Resource *resource = ARENA_NEW(converter->arena, Resource);
    Text unique = id;
    for (unsigned number = 2; resources_find(converter->out, unique); number++)
        unique = arena_format(converter->arena, "%.*s-%u", TEXT_ARG(id), number);
    *resource = (Resource){.kind = kind, .id = unique, .name = name, .file_stem = unique, .input = input, .origin = origin};
    resources_add(converter->arena, converter->out, resource);
    return resource;
}

/* --- placeholders --- */

/* Texts that belong to the container, not to AWS: what they hold is anybody's business. By the shape that has them, and the member. */
#define WRITTEN(literal) {(literal), sizeof(literal) - 1}
static const struct {
    Text shape;
    Text member;
} free_texts[] = {
    {WRITTEN("ContainerDefinition"), WRITTEN("command")}, {WRITTEN("ContainerDefinition"), WRITTEN("entryPoint")},
    {WRITTEN("ContainerDefinition"), WRITTEN("dockerLabels")}, {WRITTEN("ContainerOverride"), WRITTEN("command")},
    {WRITTEN("HealthCheck"), WRITTEN("command")}, {WRITTEN("KeyValuePair"), WRITTEN("value")},
};
#undef WRITTEN

static bool is_free_text(Text shape, Text member)
{
    for (size_t i = 0; i < sizeof free_texts / sizeof *free_texts; i++)
        if (text_equal(shape, free_texts[i].shape) && text_equal(member, free_texts[i].member))
            return true;
    return false;
}

/* In free text only what stands alone counts, and in commands a variable of the shell does not. */
static bool is_placeholder_text(Text text, bool is_free, bool is_variable)
{
    if (!is_free)
        return placeholder_is_in(text);
    PlaceholderForm form = placeholder_whole(text);
    return form == PLACEHOLDER_OTHER || (form == PLACEHOLDER_SHELL && is_variable);
}

/* What is being settled. */
typedef struct Settling {
    bool drops_absent;
    bool is_free;     /* the text belongs to the container */
    bool is_variable; /* it is a variable's value */
} Settling;

static void settle(SchemaShape shape, Json *json, Settling settling);

/* An empty list that has to be there, and may be empty, says something: "alarmNames": []. An empty text where AWS has a few words to choose from is how
   tools in Go write that nothing was chosen. */
static bool is_absent(const Json *json, const SchemaMember *member)
{
    SchemaLimits limits;
    if (json->kind == JSON_NULL)
        return true;
    if (json->kind == JSON_TEXT && !json->text.len)
        return member && !member->required && schema_shape_limits(member->shape, &limits) && limits.enum_count;
    if (json->kind != JSON_ARRAY || json->items.count)
        return false;
    return !member || !member->required || (schema_shape_limits(member->shape, &limits) && limits.has_min && limits.min > 0);
}

static void settle_member(Text shape, const SchemaMember *found, JsonMember *member, Settling settling)
{
    Json *value = member->value;
    settling.is_free = is_free_text(shape, member->key);
    settling.is_variable = settling.is_free && text_equal_c(shape, "KeyValuePair");
    if (value->kind == JSON_TEXT && !value->text.len && text_equal_c(member->key, "image"))
        value->kind = JSON_UNKNOWN;
    else
        settle(found->shape, value, settling);
}

static void settle_members(SchemaShape shape, Json *json, Settling settling)
{
    Text name = schema_shape_name(shape);
    size_t kept = 0;
    for (size_t i = 0; i < json->members.count; i++) {
        JsonMember member = json->members.items[i];
        SchemaMember found;
        bool is_known = schema_find_member(shape, member.key, &found);
        if (is_known)
            settle_member(name, &found, &member, settling);
        if (!settling.drops_absent || !is_absent(member.value, is_known ? &found : NULL))
            json->members.items[kept++] = member;
    }
    json->members.count = kept;
}

static void settle_map(SchemaShape shape, Json *json, Settling settling)
{
    SchemaShape value = schema_map_value(shape);
    size_t kept = 0;
    for (size_t i = 0; i < json->members.count; i++) {
        settle(value, json->members.items[i].value, settling);
        if (!settling.drops_absent || json->members.items[i].value->kind != JSON_NULL)
            json->members.items[kept++] = json->members.items[i];
    }
    json->members.count = kept;
}

static void settle_list(SchemaShape shape, Json *json, Settling settling)
{
    SchemaShape element = schema_list_element(shape);
    size_t kept = 0;
    for (size_t i = 0; i < json->items.count; i++) {
        settle(element, json->items.items[i], settling);
        if (!settling.drops_absent || json->items.items[i]->kind != JSON_NULL)
            json->items.items[kept++] = json->items.items[i];
    }
    json->items.count = kept;
}

static void settle(SchemaShape shape, Json *json, Settling settling)
{
    if (json->kind == JSON_TEXT) {
        if (is_placeholder_text(json->text, settling.is_free, settling.is_variable))
            json->kind = JSON_UNKNOWN;
        return;
    }
    if (json->kind != JSON_OBJECT && json->kind != JSON_ARRAY)
        return;
    SchemaKind kind = schema_shape_kind(shape);
    if (json->kind == JSON_OBJECT && kind == SCHEMA_KIND_STRUCTURE)
        settle_members(shape, json, settling);
    else if (json->kind == JSON_OBJECT && kind == SCHEMA_KIND_MAP)
        settle_map(shape, json, settling);
    else if (json->kind == JSON_ARRAY && kind == SCHEMA_KIND_LIST)
        settle_list(shape, json, settling);
}

void foreign_settle(SchemaShape shape, Json *json, bool drops_absent)
{
    settle(shape, json, (Settling){.drops_absent = drops_absent});
}
