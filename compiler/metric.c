/* Metrics: from their declarations to typed expressions (SPEC.md, "Metrics", "Dimensions"). */
#include "compiler/context.h"

#include <stdlib.h>

static const MetricExpression *metric_new(Context *context, MetricExpression expression)
{
    MetricExpression *copy = ARENA_NEW(context->arena, MetricExpression);
    *copy = expression;
    return copy;
}

static const Value *metric_value(Context *context, MetricExpression expression)
{
    expression.weight = 1 + (expression.left ? expression.left->weight : 0) + (expression.right ? expression.right->weight : 0);
    if (expression.weight > COMPILER_METRIC_MAX) {
        (void)diagnostic_report(context->sink, CODE_EXPANSION_LIMIT, expression.span, "this metric expression grows beyond %d parts", COMPILER_METRIC_MAX);
        return value_error(context, expression.span);
    }
    Value *value = value_new(context, VALUE_METRIC, expression.type, expression.span);
    value->metric = metric_new(context, expression);
    return value;
}

const Value *metric_from_value(Context *context, const Value *value)
{
    if (value->kind == VALUE_METRIC)
        return value;
    if (value->kind != VALUE_QUANTITY)
        return NULL;
    return metric_value(context, (MetricExpression){.kind = METRIC_NUMBER, .type = value->type, .number = value->number, .span = value->span});
}

/* --- typing --- */

static bool is_plain(TypeKind type)
{
    return type == TYPE_INTEGER || type == TYPE_NUMBER;
}

/* A count is an integer type; a quotient of two counts is a number. A number may be compared with a percentage, a count may not. */
static bool may_compare(const MetricExpression *left, const MetricExpression *right)
{
    if (left->type == right->type || (is_plain(left->type) && is_plain(right->type)))
        return true;
    bool left_is_share = left->type == TYPE_NUMBER && left->kind != METRIC_NUMBER;
    bool right_is_share = right->type == TYPE_NUMBER && right->kind != METRIC_NUMBER;
    return (left_is_share && right->type == TYPE_PERCENT) || (right_is_share && left->type == TYPE_PERCENT);
}

static bool arithmetic_type(Operator op, TypeKind left, TypeKind right, TypeKind *out)
{
    if (op == OPERATOR_ADD || op == OPERATOR_SUBTRACT) {
        *out = left == right ? left : TYPE_NUMBER;
        return left == right || (is_plain(left) && is_plain(right));
    }
    if (op == OPERATOR_MULTIPLY) {
        *out = is_plain(left) || (left == TYPE_PERCENT && !is_plain(right)) ? right : left;
        return is_plain(left) || is_plain(right) || left == TYPE_PERCENT || right == TYPE_PERCENT;
    }
    *out = left == right ? TYPE_NUMBER : left;
    return left == right || is_plain(right) || right == TYPE_PERCENT;
}

static const char *metric_label(const MetricExpression *e)
{
    if (e->type == TYPE_CONDITION)
        return "a condition";
    if (e->kind != METRIC_NUMBER && e->type == TYPE_INTEGER)
        return "a count";
    if (e->kind != METRIC_NUMBER && e->type == TYPE_NUMBER)
        return "a ratio";
    return type_label(e->type);
}

/* The literal with the unit that the other side has, as a fix: 85 -> 85%, 2 -> 2s. */
static void offer_unit(Context *context, Diagnostic *d, const MetricExpression *number, const MetricExpression *other)
{
    const MetricExpression *literal = number->kind == METRIC_NUMBER && is_plain(number->type) ? number : NULL;
    const char *unit = other->type == TYPE_PERCENT ? "%" : other->type == TYPE_DURATION ? "s" : other->type == TYPE_SIZE ? " MiB" : NULL;
    if (!literal || !unit)
        return;
    Text text = arena_format(context->arena, "%.*s%s", TEXT_ARG(rational_to_text(context->arena, literal->number)), unit);
    diagnostic_set_fix(context->sink, d, false, literal->span, text, "%.*s", TEXT_ARG(text));
}

static const Value *report_mismatch(Context *context, const Expression *e, const MetricExpression *left, const MetricExpression *right)
{
    Span place = e->kind == EXPRESSION_BINARY ? e->binary.op_span : e->span;
    bool compares = e->binary.op >= OPERATOR_EQUAL && e->binary.op <= OPERATOR_GREATER_EQUAL;
    Diagnostic *d = diagnostic_report(context->sink, CODE_DIMENSION_MISMATCH, place, "%s and %s cannot be %s", metric_label(left), metric_label(right),
                                      compares ? "compared" : "joined by arithmetic");
    diagnostic_add_label(context->sink, d, left->span, "%s", metric_label(left));
    diagnostic_add_label(context->sink, d, right->span, "%s", metric_label(right));
    offer_unit(context, d, right, left);
    offer_unit(context, d, left, right);
    return value_error(context, e->span);
}

static const Value *join_conditions(Context *context, const Expression *e, Operator op, const MetricExpression *left, const MetricExpression *right)
{
    if (left->type != TYPE_CONDITION || right->type != TYPE_CONDITION) {
        const MetricExpression *wrong = left->type != TYPE_CONDITION ? left : right;
        Diagnostic *d = diagnostic_report(context->sink, CODE_NOT_A_CONDITION, wrong->span, "`%s` joins conditions, and this is %s", operator_text(op),
                                          metric_label(wrong));
        diagnostic_set_label(context->sink, d, "compare it with a bound");
        return value_error(context, e->span);
    }
    return metric_value(context, (MetricExpression){.kind = METRIC_LOGIC, .type = TYPE_CONDITION, .op = op, .left = left,
                                                    .right = op == OPERATOR_NOT ? NULL : right, .span = e->span});
}

static const Value *unknown_metric(Context *context, TypeKind type, Text name, Span span)
{
    Value *value = value_new(context, VALUE_UNKNOWN, type, span);
    value->text = name;
    return value;
}

const Value *metric_binary(Context *context, const Expression *expression, const Value *left_value, const Value *right_value)
{
    bool is_unary = expression->kind == EXPRESSION_UNARY;
    Operator op = is_unary ? OPERATOR_NOT : expression->binary.op;
    bool compares = op >= OPERATOR_EQUAL && op <= OPERATOR_GREATER_EQUAL;
    bool joins = op == OPERATOR_AND || op == OPERATOR_OR || op == OPERATOR_NOT;
    if (left_value->kind == VALUE_UNKNOWN || right_value->kind == VALUE_UNKNOWN) {
        const Value *unknown = left_value->kind == VALUE_UNKNOWN ? left_value : right_value;
        return unknown_metric(context, compares || joins ? TYPE_CONDITION : TYPE_ANY, unknown->text, expression->span);
    }
    const Value *left = metric_from_value(context, left_value);
    const Value *right = metric_from_value(context, right_value);
    if (!left || !right) {
        const Value *wrong = left ? right_value : left_value;
        (void)diagnostic_report(context->sink, CODE_DIMENSION_MISMATCH, wrong->span, "%s cannot stand in metric arithmetic", value_kind_label(wrong));
        return value_error(context, expression->span);
    }
    const MetricExpression *a = left->metric;
    const MetricExpression *b = right->metric;
    if (joins)
        return join_conditions(context, expression, op, a, b);
    TypeKind type = TYPE_CONDITION;
    bool fits = a->type != TYPE_CONDITION && b->type != TYPE_CONDITION &&
                (compares ? may_compare(a, b) : arithmetic_type(op, a->type, b->type, &type));
    if (!fits)
        return report_mismatch(context, expression, a, b);
    return metric_value(context, (MetricExpression){.kind = compares ? METRIC_COMPARISON : METRIC_ARITHMETIC, .type = type, .op = op, .left = a,
                                                    .right = b, .span = expression->span});
}

const Value *metric_apply_function(Context *context, MetricFunction function, const Expression *call)
{
    if (call->call.arguments.count != 1) {
        Diagnostic *d = diagnostic_report(context->sink, CODE_WRONG_CALL, call->span, "%.*s takes one metric", TEXT_ARG(call->call.callee));
        diagnostic_set_label(context->sink, d, "such as %.*s(http.requests)", TEXT_ARG(call->call.callee));
        return value_error(context, call->span);
    }
    const Value *operand = evaluate(context, call->call.arguments.items[0].value);
    if (operand->kind == VALUE_ERROR || operand->kind == VALUE_UNKNOWN)
        return operand;
    if (operand->kind != VALUE_METRIC || operand->type == TYPE_CONDITION) {
        Diagnostic *d = diagnostic_report(context->sink, CODE_WRONG_TYPE, operand->span, "%.*s takes a metric, and this is %s",
                                          TEXT_ARG(call->call.callee), value_kind_label(operand));
        diagnostic_set_label(context->sink, d, "such as http.requests");
        return value_error(context, call->span);
    }
    bool is_condition = function == FUNCTION_RISING || function == FUNCTION_HIGHER || function == FUNCTION_LOWER;
    TypeKind type = is_condition ? TYPE_CONDITION : operand->type;
    return metric_value(context, (MetricExpression){.kind = METRIC_FUNCTION, .type = type, .function = function, .left = operand->metric,
                                                    .span = call->span});
}

/* --- declarations --- */

static Node *declaration_node(Context *context, const Statement *statement)
{
    Node *node = node_new(context, statement->row, NULL, statement->head_span);
    LayerInfo layer = layer_begin(context, LAYER_LIBRARY, TEXT_NONE);
    layer_apply(context, node, statement, layer);
    layer_apply_environment(context, node, statement, layer);
    return node;
}

static Text statistic_of(Arena *arena, Text said)
{
    static const struct {
        const char *said;
        const char *aws;
    } names[] = {{"sum", "Sum"}, {"average", "Average"}, {"minimum", "Minimum"}, {"maximum", "Maximum"}, {"samples", "SampleCount"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_equal_c(said, names[i].said))
            return text_from_c(names[i].aws);
    return arena_copy_text(arena, said);
}

/* CloudWatch's unit decides the type of a point and its factor to svc's base unit. */
static void set_unit(MetricDeclaration *metric, Text aws_unit)
{
    static const struct {
        const char *unit;
        TypeKind type;
        Rational factor;
    } units[] = {
        {"Count", TYPE_INTEGER, {1, 1}},   {"Percent", TYPE_PERCENT, {1, 100}}, {"Seconds", TYPE_DURATION, {1000, 1}}, {"Milliseconds", TYPE_DURATION, {1, 1}},
        {"Bytes", TYPE_SIZE, {1, 1}},      {"Count/Second", TYPE_RATE, {1, 1}},
    };
    metric->aws_unit = aws_unit;
    metric->type = TYPE_INTEGER;
    metric->factor = (Rational){1, 1};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!text_equal_c(aws_unit, units[i].unit))
            continue;
        metric->type = units[i].type;
        metric->factor = units[i].factor;
    }
}

/* Position of the enum argument's word among its values: the table lists them in the order of the C enums. */
static size_t choice_index(const Node *node, WordId word, size_t fallback)
{
    const Node *child = node_child(node, word);
    Text said = node_text(child, 0);
    if (said.len == 0)
        return fallback;
    size_t cursor = 0;
    size_t index = 0;
    Text value;
    Text aws;
    while (vocabulary_next_value(&child->row->arguments[0], &cursor, &value, &aws)) {
        if (text_equal(value, said))
            return index;
        index++;
    }
    return fallback;
}

static int order_dimensions(const void *a, const void *b)
{
    const MetricDimension *left = a;
    const MetricDimension *right = b;
    return text_compare(left->name, right->name);
}

static void read_dimensions(Context *context, MetricDeclaration *metric, const Node *node)
{
    const Node *dimensions = node_child(node, W_METRIC_DIMENSIONS);
    metric->dimensions = ARENA_NEW_ARRAY(context->arena, MetricDimension, node_count_children(dimensions, W_METRIC_DIMENSION));
    NODE_EACH(dimension, dimensions, W_METRIC_DIMENSION)
    {
        metric->dimensions[metric->dimension_count++] = (MetricDimension){node_text(dimension, 0), node_text(dimension, 1)};
    }
    if (metric->dimension_count > 1)
        qsort(metric->dimensions, metric->dimension_count, sizeof *metric->dimensions, order_dimensions);
}

static const Value *report_incomplete(Context *context, const Statement *statement, Text path, const char *lacking, const char *advice)
{
    if (context->limit_reported)
        return value_error(context, statement->head_span); /* it was not read */
    for (size_t i = 0; i < statement->children.count; i++)
        if (!statement->children.items[i]->row || statement->children.items[i]->has_error)
            return value_error(context, statement->head_span); /* what is missing may be what was reported there */
    Diagnostic *d = diagnostic_report(context->sink, CODE_METRIC_INCOMPLETE, statement->head_span, "metric %.*s has no %s", TEXT_ARG(path), lacking);
    diagnostic_set_advice(context->sink, d, "%s", advice);
    return value_error(context, statement->head_span);
}

/* What a metric says of itself; when that is not known yet, its name, so that the metric keeps its type. */
static Text text_or_name(const Node *node)
{
    const Value *value = node_argument(node, 0);
    return value && value->kind == VALUE_UNKNOWN ? value->text : node_text(node, 0);
}

static Text said_text(const Node *node, WordId word)
{
    return text_or_name(node_child(node, word));
}

static const Value *leaf_from_node(Context *context, const Statement *statement, const Node *node, Text path)
{
    MetricDeclaration *metric = ARENA_NEW(context->arena, MetricDeclaration);
    metric->path = path;
    metric->about = node_child_text(node, W_ABOUT);
    metric->name_space = said_text(node, W_METRIC_NAMESPACE);
    metric->name = said_text(node, W_METRIC_NAME);
    metric->statistic = statistic_of(context->arena, node_child_text(node, W_METRIC_STATISTIC));
    const Node *log = node_child(node, W_METRIC_LOG);
    metric->log_container = text_or_name(log);
    metric->log_pattern = said_text(log, W_METRIC_MATCHING);
    metric->log_field = said_text(log, W_METRIC_FIELD);
    bool from_log = metric->log_container.len > 0;
    if (from_log && metric->log_pattern.len == 0)
        return report_incomplete(context, statement, path, "pattern to match", "add `matching \"…\"` after the container");
    if (!from_log && (metric->name_space.len == 0 || metric->name.len == 0))
        return report_incomplete(context, statement, path, vocabulary_row(metric->name.len ? W_METRIC_NAMESPACE : W_METRIC_NAME)->word,
                                 "say namespace and name as CloudWatch shows them, or a `value` over other metrics");
    if (!from_log && metric->statistic.len == 0)
        return report_incomplete(context, statement, path, vocabulary_row(W_METRIC_STATISTIC)->word, "add `statistic sum`, average, minimum, maximum or a percentile such as \"p95\"");
    if (metric->statistic.len == 0)
        metric->statistic = metric->log_field.len ? TEXT("Average") : TEXT("Sum");
    set_unit(metric, node_aws(node_child(node, W_METRIC_UNIT), 0));
    metric->resolution = node_integer(node_child(node, W_METRIC_RESOLUTION), 0, 60000);
    bool counts_lines = from_log && !metric->log_field.len; /* no line is no event */
    metric->missing = (MetricMissing)choice_index(node, W_METRIC_MISSING, counts_lines ? METRIC_MISSING_ZERO : METRIC_MISSING_UNKNOWN);
    metric->scope = (MetricScope)choice_index(node, W_METRIC_SCOPE, from_log ? METRIC_SERVICE : METRIC_GLOBAL);
    metric->combine = (MetricCombine)choice_index(node, W_METRIC_COMBINE, COMBINE_NONE);
    metric->needs_insights = node_flag(node_child(node, W_METRIC_INSIGHTS), false);
    metric->predefined = node_child_text(node, W_METRIC_PREDEFINED);
    metric->is_library = context->sink->sources->files.items[statement->span.file]->is_library;
    metric->span = statement->head_span;
    read_dimensions(context, metric, node);
    return metric_value(context, (MetricExpression){.kind = METRIC_LEAF, .type = metric->type, .leaf = metric, .span = statement->head_span});
}

static const Value *build_metric(Context *context, const Statement *statement, Text path)
{
    Node *node = declaration_node(context, statement);
    const Value *composed = node_argument(node_child(node, W_METRIC_VALUE), 0);
    if (composed && composed->kind == VALUE_METRIC && composed->metric->kind != METRIC_LEAF) {
        MetricExpression named = *composed->metric;
        bool has_params = statement_child(statement, W_PARAM) != NULL;
        named.path = has_params ? TEXT_NONE : path;
        return metric_value(context, named);
    }
    if (composed)
        return composed;
    return leaf_from_node(context, statement, node, path);
}

static bool enter(Context *context, const Statement *statement, Span span, Text path)
{
    for (size_t i = 0; i < context->active.count; i++) {
        if (context->active.items[i] != statement)
            continue;
        Diagnostic *d = diagnostic_report(context->sink, CODE_METRIC_CYCLE, span, "metric %.*s is made of itself", TEXT_ARG(path));
        diagnostic_add_label(context->sink, d, statement->head_span, "declared here");
        return false;
    }
    ARRAY_PUSH(context->arena, &context->active, statement);
    return true;
}

/* The metric with what it was called with, for showing it as it was written. */
static const Value *with_arguments(Context *context, const Value *value, const Binding *outer)
{
    if (value->kind != VALUE_METRIC || value->metric->kind != METRIC_LEAF)
        return value;
    MetricDeclaration *leaf = ARENA_NEW(context->arena, MetricDeclaration);
    *leaf = *value->metric->leaf;
    size_t count = 0;
    for (const Binding *b = context->bindings; b != outer; b = b->next)
        count++;
    leaf->argument_texts = ARENA_NEW_ARRAY(context->arena, Text, count);
    leaf->argument_count = count;
    for (const Binding *b = context->bindings; b != outer; b = b->next) {
        bool has_text = b->value->kind == VALUE_STRING || b->value->kind == VALUE_WORD;
        leaf->argument_texts[--count] = has_text ? b->value->text : value_to_text(context->arena, b->value);
    }
    MetricExpression called = *value->metric;
    called.leaf = leaf;
    return metric_value(context, called);
}

/* A metric sees its own parameters and what stood around its declaration, never the names of whoever uses it. */
static const Value *resolve_statement(Context *context, const Statement *statement, const Binding *scope, Text path, const Expression *call, Span span)
{
    bool has_params = statement_child(statement, W_PARAM) != NULL;
    for (size_t i = 0; !has_params && i < context->metric_cache.count; i++)
        if (context->metric_cache.items[i].statement == statement)
            return context->metric_cache.items[i].value;
    if (!enter(context, statement, span, path))
        return value_error(context, span);
    const Binding *caller = context->bindings;
    context->bindings = scope;
    bool bound = call_bind(context, statement, call, span, path, caller);
    const Value *value = bound ? build_metric(context, statement, path) : value_error(context, span);
    if (bound && has_params)
        value = with_arguments(context, value, scope);
    context->bindings = caller;
    context->active.count--;
    if (!has_params)
        ARRAY_PUSH(context->arena, &context->metric_cache, (CachedMetric){statement, value});
    return value;
}

const Value *metric_resolve(Context *context, Text path, const Expression *call, Span span)
{
    const Statement *statement = NULL;
    const Binding *scope = NULL;
    for (const ScopedMetric *m = context->metrics; m && !statement; m = m->next) {
        if (!text_equal(m->path, path))
            continue;
        statement = m->statement;
        scope = m->bindings;
    }
    if (!statement) {
        const Declaration *declared = context_find(context, W_METRIC, path);
        if (!declared)
            return NULL;
        statement = declared->statement;
        scope = context->globals;
    }
    const Value *found = resolve_statement(context, statement, scope, path, call, span);
    Value *placed = ARENA_NEW(context->arena, Value);
    *placed = *found;
    placed->span = span;
    if (placed->kind == VALUE_METRIC) {
        MetricExpression *here = ARENA_NEW(context->arena, MetricExpression);
        *here = *placed->metric;
        here->span = span;
        placed->metric = here;
    }
    return placed;
}

void metric_check_declaration(Context *context, const Statement *statement)
{
    if (statement->has_error || statement_child(statement, W_PARAM))
        return;
    (void)metric_resolve(context, statement_key(context->arena, statement), NULL, statement->head_span);
}
