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

static void mark(SchemaShape shape, Json *json, bool is_free, bool is_variable);

static void mark_members(SchemaShape shape, Json *json)
{
    Text name = schema_shape_name(shape);
    for (size_t i = 0; i < json->members.count; i++) {
        JsonMember *member = &json->members.items[i];
        SchemaMember found;
        if (!schema_find_member(shape, member->key, &found))
            continue;
        bool is_free = is_free_text(name, member->key);
        bool is_empty_image = member->value->kind == JSON_TEXT && !member->value->text.len && text_equal_c(member->key, "image");
        if (is_empty_image)
            member->value->kind = JSON_UNKNOWN;
        else
            mark(found.shape, member->value, is_free, is_free && text_equal_c(name, "KeyValuePair"));
    }
}

static void mark(SchemaShape shape, Json *json, bool is_free, bool is_variable)
{
    SchemaKind kind = schema_shape_kind(shape);
    if (json->kind == JSON_TEXT && is_placeholder_text(json->text, is_free, is_variable))
        json->kind = JSON_UNKNOWN;
    else if (json->kind == JSON_OBJECT && kind == SCHEMA_KIND_STRUCTURE)
        mark_members(shape, json);
    else if (json->kind == JSON_ARRAY && kind == SCHEMA_KIND_LIST)
        for (size_t i = 0; i < json->items.count; i++)
            mark(schema_list_element(shape), json->items.items[i], is_free, is_variable);
    else if (json->kind == JSON_OBJECT && kind == SCHEMA_KIND_MAP)
        for (size_t i = 0; i < json->members.count; i++)
            mark(schema_map_value(shape), json->members.items[i].value, is_free, is_variable);
}

void foreign_mark_placeholders(SchemaShape shape, Json *json)
{
    mark(shape, json, false, false);
}
