#include "emit/aws_block.h"

#include "base/utf8.h"
#include "schema/schema.h"

/* --- which shape --- */

typedef struct BlockShape {
    WordId statement;      /* where the block stands */
    const char *shape;     /* what it names; NULL for the statement's own word */
    const char *service;
    const char *operation;
    const char *path;      /* in the operation's input */
} BlockShape;

static const BlockShape block_shapes[] = {
    {W_SERVICE, NULL, "ecs", "CreateService", ""},
    {W_SERVICE, "task", "ecs", "RegisterTaskDefinition", ""},
    {W_CONTAINER, NULL, "ecs", "RegisterTaskDefinition", "containerDefinitions[]"},
    {W_VOLUME, NULL, "ecs", "RegisterTaskDefinition", "volumes[]"},
    {W_ROUTE, "target-group", "elbv2", "CreateTargetGroup", ""},
    {W_ROUTE, "rule", "elbv2", "CreateRule", ""},
    {W_ALARM, NULL, "cloudwatch", "PutMetricAlarm", ""},
    {W_LOAD_BALANCER, NULL, "elbv2", "CreateLoadBalancer", ""},
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

static const BlockShape *find_block_shape(Emission *emission, const Node *block)
{
    Text wanted = aws_block_shape(block);
    Text choices = TEXT_NONE;
    for (size_t i = 0; i < BLOCK_SHAPE_COUNT; i++) {
        const BlockShape *shape = &block_shapes[i];
        if (!block->parent || !block->parent->row || shape->statement != block->parent->row->id)
            continue;
        if (text_equal(shape_label(shape), wanted))
            return shape;
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
    return NULL;
}

/* --- members --- */

typedef struct Checker {
    Emission *emission;
    Text operation;
} Checker;

static void check_value(const Checker *checker, SchemaShape shape, const Value *value, const Expression *expression);

/* What is written, when it is a map written out and not a name for one. */
static const Expression *written_map(const Expression *expression)
{
    while (expression && expression->kind == EXPRESSION_GROUP)
        expression = expression->group;
    return expression && expression->kind == EXPRESSION_MAP ? expression : NULL;
}

static const NamedExpression *written_entry(const Expression *map, Text name)
{
    for (size_t i = 0; map && i < map->map.count; i++)
        if (text_equal(map->map.items[i].name, name))
            return &map->map.items[i];
    return NULL;
}

static Text nearest_member(SchemaShape shape, Text name)
{
    enum { DISTANCE_MAX = 2 };
    Text nearest = TEXT_NONE;
    size_t least = DISTANCE_MAX + 1;
    for (size_t i = 0; i < schema_member_count(shape); i++) {
        Text candidate = schema_member_at(shape, i).name;
        size_t distance = text_edit_distance(candidate, name, DISTANCE_MAX);
        nearest = distance < least ? candidate : nearest;
        least = distance < least ? distance : least;
    }
    return nearest;
}

static void report_member(const Checker *checker, SchemaShape shape, Text name, Span span, bool has_name)
{
    Diagnostic *diagnostic = diagnostic_report(checker->emission->sink, CODE_AWS_MEMBER, span, "%.*s has no member %.*s",
                                               TEXT_ARG(schema_shape_name(shape)), TEXT_ARG(name));
    Text nearest = nearest_member(shape, name);
    diagnostic_add_note(checker->emission->sink, diagnostic, "of the operation %.*s", TEXT_ARG(checker->operation));
    if (nearest.len && has_name)
        diagnostic_set_fix(checker->emission->sink, diagnostic, true, span, nearest, "did you mean %.*s?", TEXT_ARG(nearest));
}

static void check_structure(const Checker *checker, SchemaShape shape, const Value *value, const Expression *expression)
{
    const Expression *map = written_map(expression);
    for (size_t i = 0; i < value->entry_count; i++) {
        const NamedValue *entry = &value->entries[i];
        const NamedExpression *written = written_entry(map, entry->name);
        SchemaMember member;
        if (schema_find_member(shape, entry->name, &member))
            check_value(checker, member.shape, entry->value, written ? written->value : NULL);
        else
            report_member(checker, shape, entry->name, written ? written->name_span : value->span, written != NULL);
    }
}

/* --- values --- */

static const char *kind_label(SchemaKind kind)
{
    switch (kind) {
    case SCHEMA_KIND_STRUCTURE:
    case SCHEMA_KIND_MAP: return "a map";
    case SCHEMA_KIND_LIST: return "a list";
    case SCHEMA_KIND_STRING:
    case SCHEMA_KIND_BLOB:
    case SCHEMA_KIND_TIMESTAMP: return "a string";
    case SCHEMA_KIND_INTEGER:
    case SCHEMA_KIND_LONG: return "a whole number";
    case SCHEMA_KIND_DOUBLE:
    case SCHEMA_KIND_FLOAT: return "a number";
    case SCHEMA_KIND_BOOLEAN: return "yes or no";
    }
    return "another value";
}

static bool kind_fits(SchemaKind kind, const Value *value)
{
    bool is_text = value->kind == VALUE_STRING || value->kind == VALUE_WORD;
    switch (kind) {
    case SCHEMA_KIND_STRUCTURE:
    case SCHEMA_KIND_MAP: return value->kind == VALUE_MAP;
    case SCHEMA_KIND_LIST: return value->kind == VALUE_LIST;
    case SCHEMA_KIND_STRING:
    case SCHEMA_KIND_BLOB:
    case SCHEMA_KIND_TIMESTAMP: return is_text;
    case SCHEMA_KIND_INTEGER:
    case SCHEMA_KIND_LONG:
    case SCHEMA_KIND_DOUBLE:
    case SCHEMA_KIND_FLOAT: return value->kind == VALUE_QUANTITY;
    case SCHEMA_KIND_BOOLEAN: return value->kind == VALUE_BOOL;
    }
    return false;
}

static Diagnostic *report_value(const Checker *checker, const Value *value, const char *problem)
{
    Text shown = value_to_text(checker->emission->arena, value);
    return diagnostic_report(checker->emission->sink, CODE_AWS_VALUE, value->span, "%.*s %s", TEXT_ARG(shown), problem);
}

/* Numbers, lengths and counts against the limits, which count in units of 10^-scale. */
static void check_limits(const Checker *checker, SchemaShape shape, const Value *value)
{
    SchemaLimits limits;
    Rational measured = rational_from_integer(0);
    int64_t unit = 1;
    if (!schema_shape_limits(shape, &limits))
        return;
    bool is_text = value->kind == VALUE_STRING || value->kind == VALUE_WORD;
    if (is_text && !schema_enum_allows(shape, value->text)) {
        Diagnostic *diagnostic = report_value(checker, value, "is not one of AWS's values");
        Text choices = TEXT_NONE;
        for (size_t i = 0; i < limits.enum_count; i++)
            choices = arena_format(checker->emission->arena, "%.*s%s%.*s", TEXT_ARG(choices), i ? ", " : "", TEXT_ARG(schema_enum_value(shape, i)));
        diagnostic_add_note(checker->emission->sink, diagnostic, "these are %.*s", TEXT_ARG(choices));
        return;
    }
    for (unsigned i = 0; i < limits.scale; i++)
        unit *= 10;
    if (value->kind == VALUE_QUANTITY && !rational_multiply(&measured, value->number, rational_from_integer(unit)))
        return;
    if (is_text)
        measured = rational_from_integer((int64_t)utf8_count(value->text));
    else if (value->kind == VALUE_LIST)
        measured = rational_from_integer((int64_t)value->count);
    else if (value->kind != VALUE_QUANTITY)
        return;
    if (limits.has_min && rational_compare(measured, rational_from_integer(limits.min)) < 0)
        (void)report_value(checker, value, "is less than AWS takes here");
    if (limits.has_max && rational_compare(measured, rational_from_integer(limits.max)) > 0)
        (void)report_value(checker, value, "is more than AWS takes here");
}

static void check_value(const Checker *checker, SchemaShape shape, const Value *value, const Expression *expression)
{
    SchemaKind kind = schema_shape_kind(shape);
    if (!value || value->kind == VALUE_ERROR || value->kind == VALUE_UNKNOWN || value->kind == VALUE_NONE || schema_shape_is_document(shape))
        return;
    if (!kind_fits(kind, value)) {
        Diagnostic *diagnostic = report_value(checker, value, "is not what AWS takes here");
        diagnostic_set_label(checker->emission->sink, diagnostic, "this is to be %s", kind_label(kind));
        return;
    }
    check_limits(checker, shape, value);
    if (kind == SCHEMA_KIND_STRUCTURE)
        check_structure(checker, shape, value, expression);
    for (size_t i = 0; kind == SCHEMA_KIND_LIST && i < value->count; i++)
        check_value(checker, schema_list_element(shape), value->items[i],
                    expression && expression->kind == EXPRESSION_LIST && i < expression->list.count ? expression->list.items[i] : NULL);
    for (size_t i = 0; kind == SCHEMA_KIND_MAP && i < value->entry_count; i++)
        check_value(checker, schema_map_value(shape), value->entries[i].value, NULL);
}

static void check_block(Emission *emission, const Node *block)
{
    const BlockShape *found = find_block_shape(emission, block);
    const Value *members = node_argument(block, 1);
    SchemaShape shape;
    if (!found || !members)
        return;
    const SchemaService *service = schema_find_service(text_from_c(found->service));
    Checker checker = {emission, text_from_c(found->operation)};
    if (service && schema_find_path(service, checker.operation, text_from_c(found->path), &shape))
        check_value(&checker, shape, members, block->statement ? block->statement->arguments[1] : NULL);
}

void aws_block_check_all(Emission *emission, const Node *node)
{
    for (size_t i = 0; i < node->children.count; i++) {
        const Node *child = node->children.items[i];
        if (child->row && child->row->id == W_AWS)
            check_block(emission, child);
        else
            aws_block_check_all(emission, child);
    }
}
