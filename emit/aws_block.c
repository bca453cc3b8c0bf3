#include "emit/aws_block.h"

typedef struct BlockShape {
    WordId statement;  /* where the block stands */
    const char *shape; /* what it names; NULL for the statement's own word */
} BlockShape;

static const BlockShape block_shapes[] = {
    {W_SERVICE, NULL},
    {W_SERVICE, "task"},
    {W_CONTAINER, NULL},
    {W_VOLUME, NULL},
    {W_ROUTE, "target-group"},
    {W_ROUTE, "rule"},
    {W_ALARM, NULL},
    {W_LOAD_BALANCER, NULL},
};
enum { BLOCK_SHAPE_COUNT = sizeof block_shapes / sizeof *block_shapes };

static Text shape_label(const BlockShape *shape)
{
    return text_from_c(shape->shape ? shape->shape : vocabulary_row(shape->statement)->word);
}

Text aws_block_shape(const Node *block)
{
    Text said = node_text(block, 0);
    return said.len || !block->parent || !block->parent->row ? said : text_from_c(block->parent->row->word);
}

static void check_block_shape(Emission *emission, const Node *block)
{
    Text wanted = aws_block_shape(block);
    Text choices = TEXT_NONE;
    for (size_t i = 0; i < BLOCK_SHAPE_COUNT; i++) {
        const BlockShape *shape = &block_shapes[i];
        if (!block->parent || !block->parent->row || shape->statement != block->parent->row->id)
            continue;
        if (text_equal(shape_label(shape), wanted))
            return;
        choices = arena_format(emission->arena, "%.*s%s%.*s", TEXT_ARG(choices), choices.len ? " or " : "", TEXT_ARG(shape_label(shape)));
    }
    const char *owner = block->parent && block->parent->row ? block->parent->row->word : "";
    Diagnostic *diagnostic;
    if (node_argument(block, 0))
        diagnostic = diagnostic_report(emission->sink, CODE_AWS_SHAPE, node_argument_span(block, 0), "a %s has no part %.*s", owner, TEXT_ARG(wanted));
    else
        diagnostic = diagnostic_report(emission->sink, CODE_AWS_SHAPE, block->span, "this `%s` does not say which part of the %s it is for",
                                       block->row->word, owner);
    diagnostic_set_advice(emission->sink, diagnostic, "in a %s, say %.*s", owner, TEXT_ARG(choices));
}

void aws_block_check_all(Emission *emission, const Node *node)
{
    for (size_t i = 0; i < node->children.count; i++) {
        const Node *child = node->children.items[i];
        if (child->row && child->row->id == W_AWS)
            check_block_shape(emission, child);
        else
            aws_block_check_all(emission, child);
    }
}
