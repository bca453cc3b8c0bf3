/* What svc owns of a resource, as a digest: by it a saved plan tells what is to do, done, or not as it was (SPEC.md, "Plan file"). */
#include "plan/plan.h"

#include "schema/schema.h"

#include <stdlib.h>

static void add_json(Buffer *out, const Json *json)
{
    if (json)
        json_write(out, json, 0);
    else
        buffer_add_c(out, "null");
}

Text plan_change_path(Arena *arena, Text path)
{
    Buffer out = {0};
    for (size_t i = 0; i < path.len; i++) {
        buffer_add_byte(&out, path.ptr[i]);
        size_t digits = path.ptr[i] == '[' ? text_count_digits(text_slice(path, i + 1, path.len)) : 0;
        if (digits && i + 1 + digits < path.len && path.ptr[i + 1 + digits] == ']')
            i += digits;
    }
    Text copy = arena_copy_text(arena, buffer_text(&out));
    buffer_free(&out);
    return copy;
}

static int order_texts(const void *a, const void *b)
{
    return text_compare(*(const Text *)a, *(const Text *)b);
}

static Text canonical_text(Arena *arena, Buffer *out)
{
    Text copy = arena_copy_text(arena, buffer_text(out));
    buffer_free(out);
    return copy;
}

/* The differences in an order of their own: AWS gives sets in any. */
static Text differences_text(Arena *arena, const PlanItem *item)
{
    TextArray lines = {0};
    for (size_t i = 0; i < item->changes.count; i++) {
        Buffer line = {0};
        buffer_add_json_string(&line, plan_change_path(arena, item->changes.items[i].path));
        buffer_add_byte(&line, ':');
        add_json(&line, item->changes.items[i].before);
        ARRAY_PUSH(arena, &lines, canonical_text(arena, &line));
    }
    if (lines.count > 1)
        qsort(lines.items, lines.count, sizeof *lines.items, order_texts);
    Buffer all = {0};
    for (size_t i = 0; i < lines.count; i++) {
        buffer_add(&all, lines.items[i]);
        buffer_add_byte(&all, '\n');
    }
    return canonical_text(arena, &all);
}

static Text digest_of(Arena *arena, const Json *desired, Text differences)
{
    Json *whole = json_object(arena);
    Buffer text = {0};
    add_json(&text, desired);
    json_set_c(arena, whole, "desired", json_text(arena, canonical_text(arena, &text)));
    json_set_c(arena, whole, "differences", json_text(arena, differences));
    return plan_fingerprint(arena, whole);
}

/* --- what goes away --- */

static bool is_kept(ResourceKind kind, Text member)
{
    static const char *const others[] = {"Tags", "tags", "TagSpecifications", "desiredCount", "Weight"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (text_equal_c(member, others[i]))
            return false;
    const ResourceFacts *facts = resource_facts(kind);
    const SchemaService *service = schema_find_service(text_from_c(facts->service));
    SchemaOperation operation;
    if (!service || !schema_find_operation(service, text_from_c(facts->operation), &operation) || !operation.has_input)
        return true;
    for (size_t i = 0; i < schema_member_count(operation.input); i++)
        if (text_equal(schema_member_at(operation.input, i).name, member))
            return true;
    return false;
}

/* Lists as sets, and without what others move. */
static Text owned_text(Arena *arena, const Json *json)
{
    Buffer out = {0};
    TextArray parts = {0};
    if (json->kind == JSON_ARRAY) {
        for (size_t i = 0; i < json->items.count; i++)
            ARRAY_PUSH(arena, &parts, owned_text(arena, json->items.items[i]));
        if (parts.count > 1)
            qsort(parts.items, parts.count, sizeof *parts.items, order_texts);
    } else if (json->kind == JSON_OBJECT) {
        for (size_t i = 0; i < json->members.count; i++) {
            const JsonMember *member = &json->members.items[i];
            if (!text_equal_c(member->key, "Weight"))
                ARRAY_PUSH(arena, &parts, arena_format(arena, "%.*s=%.*s", TEXT_ARG(member->key), TEXT_ARG(owned_text(arena, member->value))));
        }
    } else {
        json_write(&out, json, 0);
        return canonical_text(arena, &out);
    }
    for (size_t i = 0; i < parts.count; i++) {
        buffer_add_json_string(&out, parts.items[i]);
        buffer_add_byte(&out, ',');
    }
    return canonical_text(arena, &out);
}

/* Only what the creating operation said: the parts go one by one. */
static Text deleted_fingerprint(Arena *arena, const PlanItem *item)
{
    const Json *live = json_get_c(item->live, resource_facts(item->kind)->operation);
    Json *owned = json_object(arena);
    for (size_t i = 0; live && live->kind == JSON_OBJECT && i < live->members.count; i++)
        if (is_kept(item->kind, live->members.items[i].key))
            json_set(arena, owned, live->members.items[i].key, json_text(arena, owned_text(arena, live->members.items[i].value)));
    return plan_fingerprint(arena, owned);
}

Text plan_item_expects(Arena *arena, const PlanItem *item)
{
    if (!item->live)
        return plan_fingerprint(arena, NULL);
    return item->desired ? digest_of(arena, item->desired, differences_text(arena, item)) : deleted_fingerprint(arena, item);
}

Text plan_item_results(Arena *arena, const PlanItem *item)
{
    return item->desired ? digest_of(arena, item->desired, TEXT_NONE) : plan_fingerprint(arena, NULL);
}
