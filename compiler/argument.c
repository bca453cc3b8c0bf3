/* Arguments: what an expression means in its place, by the table's row (SPEC.md, "Arguments"). */
#include "compiler/context.h"

static Value *word_value(Context *context, Text text, Text aws, Span span)
{
    Value *value = value_new(context, VALUE_WORD, TYPE_STRING, span);
    value->text = text;
    value->aws = aws;
    return value;
}

static const Value *check_refined(Context *context, const Argument *argument, const Value *value)
{
    if (!argument->refined)
        return value;
    return type_check(context, value, type_refined(context, text_from_c(argument->refined), argument->type == TYPE_ANY ? TYPE_STRING : argument->type));
}

/* The text of a name, reference or choice: a bare word is itself, a string too, and `(x)` is the value of x. */
static const Value *name_value(Context *context, const Expression *e)
{
    if (e->kind == EXPRESSION_PATH)
        return word_value(context, e->path, TEXT_NONE, e->span);
    if (e->kind == EXPRESSION_BOOL)
        return word_value(context, e->boolean ? TEXT("yes") : TEXT("no"), TEXT_NONE, e->span);
    const Value *value = evaluate(context, e);
    if (value->kind == VALUE_UNKNOWN && value->type != TYPE_STRING && value->type != TYPE_ANY)
        return type_check(context, value, type_of_kind(TYPE_STRING));
    if (value->kind == VALUE_STRING || value->kind == VALUE_ERROR || value->kind == VALUE_UNKNOWN || value->kind == VALUE_WORD)
        return value;
    return type_check(context, value, type_of_kind(TYPE_STRING));
}

static const Value *report_choice(Context *context, const Argument *argument, const Value *value)
{
    Text best = TEXT_NONE;
    size_t best_distance = value->text.len / 2 + 1;
    size_t cursor = 0;
    Text word;
    Text aws;
    Text all = TEXT_NONE;
    while (vocabulary_next_value(argument, &cursor, &word, &aws)) {
        size_t distance = text_edit_distance(value->text, word, best_distance);
        if (distance < best_distance) {
            best_distance = distance;
            best = word;
        }
        all = all.len ? arena_format(context->arena, "%.*s, %.*s", TEXT_ARG(all), TEXT_ARG(word)) : word;
    }
    Diagnostic *d = diagnostic_report(context->sink, CODE_UNKNOWN_CHOICE, value->span, "`%.*s` is none of the choices here", TEXT_ARG(value->text));
    diagnostic_set_label(context->sink, d, "the choices are %.*s", TEXT_ARG(all));
    if (best.len) {
        /* In a statement the parser has checked bare words, and this came by way of a string or a name; in a rule it may stand bare. */
        bool is_bare = text_equal(sources_text(context->sink->sources, value->span), value->text);
        Text fix = is_bare ? best : arena_format(context->arena, "\"%.*s\"", TEXT_ARG(best));
        diagnostic_set_fix(context->sink, d, false, value->span, fix, "%.*s", TEXT_ARG(fix));
    }
    return value_error(context, value->span);
}

const Value *argument_check_choice(Context *context, const Argument *argument, const Value *value)
{
    Text aws;
    if (!vocabulary_find_value(argument, value->text, &aws))
        return report_choice(context, argument, value);
    return word_value(context, value->text, aws, value->span);
}

static const Value *enum_value(Context *context, const Argument *argument, const Expression *e)
{
    const Value *value = name_value(context, e);
    return value->kind == VALUE_ERROR || value->kind == VALUE_UNKNOWN ? value : argument_check_choice(context, argument, value);
}

/* What declares a reference that must be known in the file; W_NONE where it is checked later or need not be declared. */
static WordId declaring_word(const Argument *argument)
{
    if (argument->refers == IN(NETWORK))
        return W_NETWORK;
    if (argument->refers == IN(TOPIC))
        return W_TOPIC;
    if (argument->refers == IN(LOAD_BALANCER))
        return W_LOAD_BALANCER;
    if (argument->refers == IN(ENVIRONMENT))
        return W_ENVIRONMENT;
    return W_NONE;
}

static const Value *reference_value(Context *context, const Argument *argument, const Expression *e)
{
    const Value *value = name_value(context, e);
    if (value->kind == VALUE_ERROR || value->kind == VALUE_UNKNOWN)
        return value;
    WordId word = declaring_word(argument);
    if (word == W_NONE || context->unit->is_test || context_find(context, word, value->text))
        return value;
    const char *label = vocabulary_row(word)->word;
    Diagnostic *d = diagnostic_report(context->sink, CODE_UNKNOWN_REFERENCE, value->span, "there is no %s `%.*s`", label, TEXT_ARG(value->text));
    Text best = context_suggest(context, word, value->text);
    if (best.len) {
        diagnostic_set_label(context->sink, d, "did you mean `%.*s`?", TEXT_ARG(best));
        diagnostic_set_fix(context->sink, d, false, value->span, best, "%.*s", TEXT_ARG(best));
    } else {
        diagnostic_set_label(context->sink, d, "no `%s` statement declares it", label);
        diagnostic_set_advice(context->sink, d, "add `%s %.*s { … }` to the file", label, TEXT_ARG(value->text));
    }
    return value_error(context, value->span);
}

/* A single value stands for a range that begins and ends there. */
static const Value *as_range(Context *context, const Value *value)
{
    if (value->kind != VALUE_QUANTITY)
        return value;
    Value *range = value_new(context, VALUE_RANGE, value->type, value->span);
    range->low = value->number;
    range->high = value->number;
    return range;
}

static const Value *check_range(Context *context, const Argument *argument, const Value *value)
{
    if (value->kind == VALUE_RANGE && value->type != argument->type && argument->type != TYPE_ANY) {
        Value *bound = value_new(context, VALUE_QUANTITY, value->type, value->span);
        bound->number = value->high;
        return type_check(context, bound, type_of_kind(argument->type));
    }
    if (value->kind != VALUE_RANGE)
        value = type_check(context, value, type_of_kind(argument->type));
    value = as_range(context, value);
    return type_check_limits(context, value, argument->limits);
}

/* A whole number is a number, and a plain count is an integer: nothing else converts. */
static const Value *value_value(Context *context, const Argument *argument, const Expression *e)
{
    const Value *value = evaluate(context, e);
    if (argument->is_range)
        return check_range(context, argument, value);
    value = type_check_within(context, value, type_of_kind(argument->type), text_from_c(argument->limits));
    if (value->kind == VALUE_ERROR)
        return value;
    value = check_refined(context, argument, value);
    return type_check_limits(context, value, argument->limits);
}

static const Value *one_value(Context *context, const Argument *argument, const Expression *e)
{
    if (e->kind == EXPRESSION_ERROR)
        return value_error(context, e->span);
    switch (argument->kind) {
    case ARGUMENT_NAME: return check_refined(context, argument, name_value(context, e));
    case ARGUMENT_REFERENCE: return check_refined(context, argument, reference_value(context, argument, e));
    case ARGUMENT_ENUM: return enum_value(context, argument, e);
    case ARGUMENT_VALUE: return value_value(context, argument, e);
    case ARGUMENT_EXPRESSION: return type_check(context, evaluate(context, e), type_of_kind(argument->type));
    case ARGUMENT_MAP: return evaluate(context, e);
    case ARGUMENT_TYPE:
    case ARGUMENT_WORD:
    case ARGUMENT_MODULE:
    case ARGUMENT_PATH:
    case ARGUMENT_PROFILE: return word_value(context, expression_word(context->arena, e), TEXT_NONE, e->span);
    }
    return value_error(context, e->span);
}

static bool may_be_list(const Argument *argument, const Expression *e)
{
    bool is_value = argument->kind == ARGUMENT_VALUE && argument->type != TYPE_METRIC;
    return is_value && (e->kind == EXPRESSION_LIST || e->kind == EXPRESSION_PATH || e->kind == EXPRESSION_GROUP);
}

/* An argument that takes many also takes lists of them: `command (words)`. */
static const Value *many_values(Context *context, const Argument *argument, const Expression *e)
{
    ARRAY(const Value *) items = {0};
    for (size_t i = 0; i < e->list.count; i++) {
        const Expression *item = e->list.items[i];
        const Value *value = may_be_list(argument, item) ? evaluate(context, item) : NULL;
        if (!value || value->kind != VALUE_LIST) {
            ARRAY_PUSH(context->arena, &items, one_value(context, argument, item));
            continue;
        }
        TypeRef element = argument->refined ? type_refined(context, text_from_c(argument->refined), argument->type) : type_of_kind(argument->type);
        for (size_t j = 0; j < value->count; j++)
            ARRAY_PUSH(context->arena, &items, type_check_limits(context, type_check(context, value->items[j], element), argument->limits));
    }
    Value *list = value_new(context, VALUE_LIST, TYPE_LIST, e->span);
    list->items = items.items;
    list->count = items.count;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i]->kind == VALUE_ERROR)
            return value_error(context, e->span);
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i]->kind == VALUE_UNKNOWN)
            return list->items[i];
    return list;
}

const Value *argument_evaluate(Context *context, const Statement *statement, size_t index)
{
    const Expression *e = statement->arguments[index];
    if (!e)
        return NULL;
    const Argument *argument = &statement->row->arguments[index];
    if (argument->is_many && e->kind == EXPRESSION_LIST)
        return many_values(context, argument, e);
    return one_value(context, argument, e);
}

const Value *argument_absent(Context *context, const Argument *argument, Span span)
{
    if (!argument->absent)
        return NULL;
    Text text = text_from_c(argument->absent);
    if (argument->kind == ARGUMENT_ENUM) {
        Text aws;
        return vocabulary_find_value(argument, text, &aws) ? word_value(context, text, aws, span) : NULL;
    }
    Text problem;
    const Value *value = type_read_text(context, text, type_of_kind(argument->type), &problem);
    if (!value)
        return NULL;
    Value *placed = ARENA_NEW(context->arena, Value);
    *placed = *value;
    placed->span = span;
    return placed;
}
