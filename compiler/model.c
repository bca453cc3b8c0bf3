#include "compiler/model.h"

#include "base/buffer.h"

const Node *node_child(const Node *node, WordId id)
{
    size_t cursor = 0;
    return node_next_child(node, id, &cursor);
}

const Node *node_keyed_child(const Node *node, WordId id, Text key)
{
    NODE_EACH(child, node, id)
    {
        if (text_equal(child->key, key))
            return child;
    }
    return NULL;
}

const Node *node_next_child(const Node *node, WordId id, size_t *cursor)
{
    if (!node)
        return NULL;
    while (*cursor < node->children.count) {
        const Node *child = node->children.items[(*cursor)++];
        if (child->row && child->row->id == id)
            return child;
    }
    return NULL;
}

size_t node_count_children(const Node *node, WordId id)
{
    size_t count = 0;
    NODE_EACH(child, node, id)
    {
        (void)child;
        count++;
    }
    return count;
}

const Value *node_argument(const Node *node, size_t index)
{
    return node && index < ARGUMENTS_MAX ? node->arguments[index] : NULL;
}

Text node_text(const Node *node, size_t index)
{
    const Value *value = node_argument(node, index);
    bool has_text = value && (value->kind == VALUE_STRING || value->kind == VALUE_WORD);
    return has_text ? value->text : TEXT_NONE;
}

Text node_aws(const Node *node, size_t index)
{
    const Value *value = node_argument(node, index);
    if (value && value->kind == VALUE_WORD && value->aws.len)
        return value->aws;
    return node_text(node, index);
}

bool node_flag(const Node *node, bool fallback)
{
    const Value *value = node_argument(node, 0);
    return value && value->kind == VALUE_BOOL ? value->boolean : fallback;
}

/* The number of an argument in units of num/den of its base unit, when it is a quantity and whole in them. */
static int64_t whole_number(const Node *node, size_t index, int64_t base_units, int64_t fallback)
{
    const Value *value = node_argument(node, index);
    Rational scaled;
    if (!value || value->kind != VALUE_QUANTITY || !rational_divide(&scaled, value->number, rational_from_integer(base_units)))
        return fallback;
    return rational_is_whole(scaled) ? scaled.num : fallback;
}

int64_t node_integer(const Node *node, size_t index, int64_t fallback)
{
    return whole_number(node, index, 1, fallback);
}

int64_t node_seconds(const Node *node, size_t index, int64_t fallback)
{
    return whole_number(node, index, 1000, fallback);
}

int64_t node_mebibytes(const Node *node, size_t index, int64_t fallback)
{
    return whole_number(node, index, 1024 * 1024, fallback);
}

bool node_range(const Node *node, size_t index, int64_t *low, int64_t *high)
{
    const Value *value = node_argument(node, index);
    if (!value || value->kind != VALUE_RANGE)
        return false;
    Rational factor = rational_from_integer(value->type == TYPE_PERCENT ? 100 : 1);
    Rational from;
    Rational to;
    if (!rational_multiply(&from, value->low, factor) || !rational_multiply(&to, value->high, factor))
        return false;
    if (!rational_is_whole(from) || !rational_is_whole(to))
        return false;
    *low = from.num;
    *high = to.num;
    return true;
}

Span node_argument_span(const Node *node, size_t index)
{
    const Value *value = node_argument(node, index);
    if (value && !span_is_none(value->span))
        return value->span;
    return node ? node->span : SPAN_NONE;
}

int64_t model_task_memory(int64_t cpu)
{
    return cpu * 2;
}

Text node_child_text(const Node *node, WordId id)
{
    return node_text(node_child(node, id), 0);
}

static void dump_node(Buffer *out, Arena *arena, const Node *node, size_t depth)
{
    buffer_add_repeated(out, ' ', depth * 2);
    buffer_add_c(out, node->row ? node->row->word : "file");
    for (size_t i = 0; i < ARGUMENTS_MAX; i++) {
        if (!node->arguments[i])
            continue;
        buffer_add_byte(out, ' ');
        buffer_add(out, value_to_text(arena, node->arguments[i]));
    }
    buffer_add_byte(out, '\n');
    for (size_t i = 0; i < node->children.count; i++)
        dump_node(out, arena, node->children.items[i], depth + 1);
}

Text model_dump(Arena *arena, const Model *model)
{
    Buffer out = {0};
    dump_node(&out, arena, model->file, 0);
    Text text = arena_copy_text(arena, buffer_text(&out));
    buffer_free(&out);
    return text;
}
