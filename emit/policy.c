#include "emit/policy.h"

#include <stdlib.h>

static Text json_text_of(Arena *arena, const Json *json)
{
    Buffer out = {0};
    if (!json)
        return TEXT_NONE;
    json_write(&out, json, 0);
    Text text = arena_copy_text(arena, buffer_text(&out));
    buffer_free(&out);
    return text;
}

/* --- grants --- */

void policy_add_if(Emission *emission, Policy *policy, const char *action, Text resource, Json *condition, Span origin)
{
    Grant grant = {.condition = condition, .origin = origin};
    if (!resource.len)
        return;
    ARRAY_PUSH(emission->arena, &grant.actions, text_from_c(action));
    ARRAY_PUSH(emission->arena, &grant.resources, resource);
    ARRAY_PUSH(emission->arena, &policy->grants, grant);
}

void policy_add(Emission *emission, Policy *policy, const char *action, Text resource, Span origin)
{
    policy_add_if(emission, policy, action, resource, NULL, origin);
}

Json *policy_condition(Emission *emission, Json *condition, Text operator_name, Text key, Json *value)
{
    Arena *arena = emission->arena;
    Json *whole = condition ? condition : json_object(arena);
    Json *keys = json_get(whole, operator_name);
    if (!keys) {
        keys = json_object(arena);
        json_set(arena, whole, operator_name, keys);
    }
    Json *present = json_get(keys, key);
    if (!present) {
        json_set(arena, keys, key, value);
        return whole;
    }
    if (present->kind != JSON_ARRAY) {
        Json *list = json_array(arena);
        json_add(arena, list, present);
        json_set(arena, keys, key, list);
        present = list;
    }
    json_add(arena, present, value);
    return whole;
}

/* --- merging --- */

/* A grant, and the texts by which it is compared. */
typedef struct Merged {
    TextArray actions;
    TextArray resources;
    Json *condition;
    Text condition_text;
    Text actions_text;
    Text resources_text;
    Span origin;
    bool is_changed; /* since the texts were made */
} Merged;

typedef ARRAY(Merged) MergedArray;

static int compare_texts(const void *a, const void *b)
{
    return text_compare(*(const Text *)a, *(const Text *)b);
}

static void sort_unique(TextArray *texts)
{
    size_t kept = 0;
    if (texts->count < 2)
        return;
    qsort(texts->items, texts->count, sizeof *texts->items, compare_texts);
    for (size_t i = 0; i < texts->count; i++)
        if (!kept || !text_equal(texts->items[kept - 1], texts->items[i]))
            texts->items[kept++] = texts->items[i];
    texts->count = kept;
}

static Text joined(Arena *arena, const TextArray *texts)
{
    Buffer out = {0};
    if (texts->count == 1)
        return arena_join(arena, texts->items[0], TEXT("\n"));
    for (size_t i = 0; i < texts->count; i++) {
        buffer_add(&out, texts->items[i]);
        buffer_add_byte(&out, '\n');
    }
    Text text = arena_copy_text(arena, buffer_text(&out));
    buffer_free(&out);
    return text;
}

static void normalize(Arena *arena, Merged *grant)
{
    grant->is_changed = false;
    sort_unique(&grant->actions);
    sort_unique(&grant->resources);
    grant->actions_text = joined(arena, &grant->actions);
    grant->resources_text = joined(arena, &grant->resources);
}

static int compare_by_actions(const void *left, const void *right)
{
    const Merged *a = left;
    const Merged *b = right;
    int order = text_compare(a->condition_text, b->condition_text);
    order = order ? order : text_compare(a->actions_text, b->actions_text);
    return order ? order : text_compare(a->resources_text, b->resources_text);
}

static int compare_by_resources(const void *left, const void *right)
{
    const Merged *a = left;
    const Merged *b = right;
    int order = text_compare(a->condition_text, b->condition_text);
    order = order ? order : text_compare(a->resources_text, b->resources_text);
    return order ? order : text_compare(a->actions_text, b->actions_text);
}

static void append_all(Arena *arena, TextArray *into, const TextArray *from)
{
    for (size_t i = 0; i < from->count; i++)
        ARRAY_PUSH(arena, into, from->items[i]);
}

/* Unites neighbours that are equal but for their resources (or, the other way round, their actions). */
static void unite(Arena *arena, MergedArray *grants, bool by_actions)
{
    size_t kept = 0;
    if (grants->count < 2)
        return;
    qsort(grants->items, grants->count, sizeof *grants->items, by_actions ? compare_by_actions : compare_by_resources);
    for (size_t i = 0; i < grants->count; i++) {
        const Merged *next = &grants->items[i];
        Merged *last = kept ? &grants->items[kept - 1] : NULL;
        bool is_like = last && text_equal(last->condition_text, next->condition_text) &&
                       (by_actions ? text_equal(last->actions_text, next->actions_text) : text_equal(last->resources_text, next->resources_text));
        if (is_like) {
            append_all(arena, by_actions ? &last->resources : &last->actions, by_actions ? &next->resources : &next->actions);
            last->is_changed = true;
        } else {
            grants->items[kept++] = *next;
        }
    }
    grants->count = kept;
    for (size_t i = 0; i < kept; i++)
        if (grants->items[i].is_changed)
            normalize(arena, &grants->items[i]);
}

static MergedArray merge(Emission *emission, const Policy *policy)
{
    MergedArray merged = {0};
    for (size_t i = 0; i < policy->grants.count; i++) {
        const Grant *grant = &policy->grants.items[i];
        Merged item = {.condition = grant->condition, .condition_text = json_text_of(emission->arena, grant->condition), .origin = grant->origin};
        append_all(emission->arena, &item.actions, &grant->actions);
        append_all(emission->arena, &item.resources, &grant->resources);
        normalize(emission->arena, &item);
        if (item.actions.count && item.resources.count)
            ARRAY_PUSH(emission->arena, &merged, item);
    }
    unite(emission->arena, &merged, true);
    unite(emission->arena, &merged, false);
    return merged;
}

/* --- documents --- */

/* Letters and digits only: "s3:GetObject" as S3GetObject. */
static Text sid_base(Arena *arena, Text action)
{
    char *bytes = arena_allocate(arena, action.len + 1);
    size_t length = 0;
    bool starts_part = true;
    for (size_t i = 0; i < action.len; i++) {
        char c = action.ptr[i];
        bool is_lower = c >= 'a' && c <= 'z';
        bool is_kept = is_lower || (c >= 'A' && c <= 'Z') || byte_is_digit(c);
        if (is_kept)
            bytes[length++] = (char)(is_lower && starts_part ? c - 'a' + 'A' : c);
        starts_part = !is_kept;
    }
    return length ? (Text){bytes, length} : TEXT("All");
}

/* The Sid of a statement: a number tells those apart that begin with the same action. */
static Text statement_sid(Arena *arena, const MergedArray *grants, size_t index)
{
    Text base = sid_base(arena, grants->items[index].actions.items[0]);
    unsigned count = 1;
    for (size_t i = 0; i < index; i++)
        count += text_equal(base, sid_base(arena, grants->items[i].actions.items[0]));
    return count == 1 ? base : arena_format(arena, "%.*sN%u", TEXT_ARG(base), count);
}

static Json *text_list(Arena *arena, const TextArray *texts)
{
    Json *list = json_array(arena);
    for (size_t i = 0; i < texts->count; i++)
        json_add(arena, list, json_text(arena, texts->items[i]));
    return list;
}

static Json *begin_document(Emission *emission, Json *statements)
{
    Json *document = json_object(emission->arena);
    json_set_c(emission->arena, document, "Version", json_text_c(emission->arena, "2012-10-17"));
    json_set_c(emission->arena, document, "Statement", statements);
    return document;
}

static int compare_first_actions(const void *left, const void *right)
{
    const Merged *a = left;
    const Merged *b = right;
    int order = text_compare(a->actions.items[0], b->actions.items[0]);
    return order ? order : compare_by_actions(left, right);
}

Json *policy_document(Emission *emission, const Policy *policy)
{
    Arena *arena = emission->arena;
    MergedArray merged = merge(emission, policy);
    if (!merged.count)
        return NULL;
    qsort(merged.items, merged.count, sizeof *merged.items, compare_first_actions);
    Json *statements = json_array(arena);
    for (size_t i = 0; i < merged.count; i++) {
        const Merged *grant = &merged.items[i];
        Json *statement = json_at(json_object(arena), grant->origin);
        json_set_c(arena, statement, "Sid", json_text(arena, statement_sid(arena, &merged, i)));
        json_set_c(arena, statement, "Effect", json_text_c(arena, "Allow"));
        json_set_c(arena, statement, "Action", text_list(arena, &grant->actions));
        json_set_c(arena, statement, "Resource", text_list(arena, &grant->resources));
        json_set_c(arena, statement, "Condition", grant->condition);
        json_add(arena, statements, statement);
    }
    return begin_document(emission, statements);
}

size_t policy_length(const Json *document)
{
    Buffer out = {0};
    size_t length = 0;
    json_write(&out, document, 0);
    Text text = buffer_text(&out);
    for (size_t i = 0; i < text.len; i++)
        length += text.ptr[i] != ' ' && text.ptr[i] != '\n' && text.ptr[i] != '\t';
    buffer_free(&out);
    return length;
}

Json *policy_trust(Emission *emission, const char *service, Json *condition)
{
    Arena *arena = emission->arena;
    Json *principal = json_object(arena);
    Json *statement = json_object(arena);
    Json *statements = json_array(arena);
    json_set_c(arena, principal, "Service", json_text_c(arena, service));
    json_set_c(arena, statement, "Effect", json_text_c(arena, "Allow"));
    json_set_c(arena, statement, "Principal", principal);
    json_set_c(arena, statement, "Action", json_text_c(arena, "sts:AssumeRole"));
    json_set_c(arena, statement, "Condition", condition);
    json_add(arena, statements, statement);
    return begin_document(emission, statements);
}
