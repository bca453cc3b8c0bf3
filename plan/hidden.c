/* What people put into a live task definition in clear text is not repeated in a plan, which is printed, sent round and kept. */
#include "plan/plan.h"

#include "rules/credential.h"

static Json *hide_text(Arena *arena, Text name, const Json *json)
{
    bool is_hidden = json->kind == JSON_TEXT && credential_is_likely(arena, name, json->text);
    return is_hidden ? json_text_c(arena, "(hidden: it looks like a secret)") : json_copy_node(arena, json);
}

static Json *hide(Arena *arena, const Json *json)
{
    if (json->kind == JSON_TEXT)
        return hide_text(arena, TEXT_NONE, json);
    Json *copy = json_copy_node(arena, json);
    for (size_t i = 0; i < json_item_count(copy); i++)
        copy->items.items[i] = hide(arena, copy->items.items[i]);
    const Json *name = json_get_c(json, "name");
    for (size_t i = 0; copy->kind == JSON_OBJECT && i < copy->members.count; i++) {
        bool is_value = name && name->kind == JSON_TEXT && text_equal_c(copy->members.items[i].key, "value");
        copy->members.items[i].value = is_value ? hide_text(arena, name->text, copy->members.items[i].value) : hide(arena, copy->members.items[i].value);
    }
    return copy;
}

const Json *plan_hide(Arena *arena, ResourceKind kind, Text path, const Json *before)
{
    Text marker = TEXT(".environment[");
    size_t at = text_find(path, marker);
    if (!before || kind != RESOURCE_TASK_DEFINITION)
        return before;
    if (at == path.len || before->kind != JSON_TEXT)
        return hide(arena, before);
    Text rest = text_slice(path, at + marker.len, path.len);
    return hide_text(arena, text_slice(rest, 0, text_find_byte(rest, ']')), before);
}
