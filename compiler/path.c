#include "compiler/path.h"

/* Ends of a range: scale.min, scale.tasks.max. */
#define RANGE_LOW TEXT("min")
#define RANGE_HIGH TEXT("max")

static Text first_segment(Text path, Text *rest)
{
    size_t point = text_find_byte(path, '.');
    *rest = text_slice(path, point + 1, path.len);
    return text_slice(path, 0, point);
}

static bool strip(Text path, Text name, Text *rest)
{
    if (name.len == 0 || !text_starts_with(path, name) || (path.len > name.len && path.ptr[name.len] != '.'))
        return false;
    *rest = text_slice(path, name.len + 1, path.len);
    return true;
}

/* The longest key of a child with this row that the path begins with. */
static bool strip_key(const Node *at, const VocabularyRow *row, Text path, PathStep *out, Text *rest)
{
    out->has_key = false;
    NODE_EACH(child, at, row->id)
    {
        Text after;
        if (!strip(path, child->key, &after) || (out->has_key && child->key.len <= out->key.len))
            continue;
        out->key = child->key;
        out->has_key = true;
        *rest = after;
    }
    return out->has_key;
}

static size_t find_argument(const VocabularyRow *row, Text name)
{
    size_t count = vocabulary_argument_count(row);
    for (size_t i = 0; i < count; i++)
        if (text_equal_c(name, row->arguments[i].name))
            return i;
    return ARGUMENTS_MAX;
}

bool path_knows(const VocabularyRow *row, Text segment)
{
    const VocabularyRow *inner = row->body < SCOPE_COUNT ? vocabulary_find(row->body, segment) : NULL;
    return (inner && inner->word[0] != '\0') || find_argument(row, segment) < ARGUMENTS_MAX;
}

static bool take_key(const Node *at, Text path, PathStep *out, Text *rest)
{
    if (at)
        return strip_key(at, out->row, path, out, rest);
    Text after;
    Text segment = first_segment(path, &after);
    if (segment.len == 0 || (out->row->word[0] != '\0' && path_knows(out->row, segment)))
        return false;
    out->key = segment;
    out->has_key = true;
    *rest = after;
    return true;
}

bool path_read_step(Scope scope, const Node *at, Text path, PathStep *out, Text *rest)
{
    Text after;
    Text segment = first_segment(path, &after);
    *out = (PathStep){0};
    if (segment.len == 0 || scope >= SCOPE_COUNT)
        return false;
    out->row = vocabulary_find(scope, segment);
    if (out->row && out->row->word[0] != '\0') {
        *rest = after;
        if (out->row->cardinality == CARDINALITY_KEYED)
            (void)!take_key(at, after, out, rest);
        return true;
    }
    if (!out->row && scope == SCOPE_FILE && at)
        out->row = vocabulary_row(W_SERVICE);
    return out->row && take_key(at, path, out, rest);
}

bool path_read_argument(const VocabularyRow *row, Text rest, size_t *index, PathEnd *end)
{
    size_t count = vocabulary_argument_count(row);
    Text after;
    Text segment = first_segment(rest, &after);
    *index = find_argument(row, segment);
    *end = PATH_ARGUMENT;
    if (*index == ARGUMENTS_MAX) {
        *index = 0;
        after = rest;
        if (count != 1)
            return false;
    }
    if (after.len == 0)
        return true;
    *end = text_equal(after, RANGE_LOW) ? PATH_LOW : PATH_HIGH;
    return row->arguments[*index].is_range && (*end == PATH_LOW || text_equal(after, RANGE_HIGH));
}

const Node *path_child(const Node *at, const PathStep *step)
{
    return step->has_key ? node_keyed_child(at, step->row->id, step->key) : node_child(at, step->row->id);
}

bool path_is_several(const PathStep *step)
{
    return step->row->cardinality != CARDINALITY_ONE && !step->has_key;
}

const Value *path_value(Arena *arena, const Value *value, PathEnd end)
{
    if (!value || value->kind != VALUE_RANGE || (end != PATH_LOW && end != PATH_HIGH))
        return value;
    Value *bound = ARENA_NEW(arena, Value);
    *bound = *value;
    bound->kind = VALUE_QUANTITY;
    bound->number = end == PATH_LOW ? value->low : value->high;
    return bound;
}
