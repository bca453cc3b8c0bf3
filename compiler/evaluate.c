/* Expressions to values (SPEC.md, "Evaluation"). */
#include "compiler/context.h"

#include "base/buffer.h"

Value *value_new(Context *context, ValueKind kind, TypeKind type, Span span)
{
    Value *value = ARENA_NEW(context->arena, Value);
    value->kind = kind;
    value->type = type;
    value->span = span;
    return value;
}

const Value *value_error(Context *context, Span span)
{
    return value_new(context, VALUE_ERROR, TYPE_ANY, span);
}

const Value *value_text(Context *context, Text text, Span span)
{
    Value *value = value_new(context, VALUE_STRING, TYPE_STRING, span);
    value->text = text;
    return value;
}

const Value *value_computed_text(Context *context, Text text, Span span)
{
    context->unit->computed_text += text.len;
    if (context->unit->computed_text <= COMPILER_TEXT_MAX)
        return value_text(context, text, span);
    context_report_limit(context, span, "the strings of this file grow beyond %d MiB", COMPILER_TEXT_MAX / (1024 * 1024));
    return value_error(context, span);
}

bool value_add_weight(Context *context, Value *list, const Value *item)
{
    list->weight += item->weight + 1;
    if (list->weight <= COMPILER_LIST_MAX)
        return true;
    (void)diagnostic_report(context->sink, CODE_EXPANSION_LIMIT, list->span, "this holds more than %d values", COMPILER_LIST_MAX);
    return false;
}

const Value *value_quantity(Context *context, Quantity quantity, Span span)
{
    Value *value = value_new(context, VALUE_QUANTITY, quantity.type, span);
    value->number = quantity.value;
    return value;
}

void context_bind(Context *context, Text name, const Value *value)
{
    Binding *binding = ARENA_NEW(context->arena, Binding);
    *binding = (Binding){name, value, context->bindings};
    context->bindings = binding;
}

const Value *context_lookup(const Context *context, Text name)
{
    for (const Binding *binding = context->bindings; binding; binding = binding->next)
        if (text_equal(binding->name, name))
            return binding->value;
    return NULL;
}

/* A copy with another place: values of variables are reported where they are used. */
static const Value *value_used_at(Context *context, const Value *value, Span span)
{
    Value *copy = ARENA_NEW(context->arena, Value);
    *copy = *value;
    copy->span = span;
    return copy;
}

static bool append_piece(Context *context, Buffer *out, const Value *value)
{
    switch (value->kind) {
    case VALUE_STRING:
    case VALUE_WORD: buffer_add(out, value->text); return true;
    case VALUE_BOOL: buffer_add_c(out, value->boolean ? "yes" : "no"); return true;
    case VALUE_QUANTITY: buffer_add(out, unit_format_quantity(context->arena, (Quantity){value->number, value->type})); return true;
    case VALUE_NONE:
    case VALUE_ERROR:
    case VALUE_RANGE:
    case VALUE_LIST:
    case VALUE_MAP:
    case VALUE_METRIC:
    case VALUE_UNKNOWN: return false;
    }
    return false;
}

static const Value *unknown_string(Context *context, Text name, Span span)
{
    Value *unknown = value_new(context, VALUE_UNKNOWN, TYPE_STRING, span);
    unknown->text = name;
    return unknown;
}

static const Value *evaluate_string(Context *context, const Expression *e)
{
    if (e->string.count == 0)
        return value_text(context, TEXT(""), e->span);
    if (e->string.count == 1 && !e->string.pieces[0].expression && e->string.pieces[0].text.len <= COMPILER_STRING_MAX)
        return value_text(context, e->string.pieces[0].text, e->span);
    Buffer out = {.cap = COMPILER_STRING_MAX};
    const Value *result = NULL;
    for (size_t i = 0; i < e->string.count && !result; i++) {
        const StringPiece *piece = &e->string.pieces[i];
        if (!piece->expression) {
            buffer_add(&out, piece->text);
            continue;
        }
        const Value *value = evaluate(context, piece->expression);
        if (value->kind == VALUE_UNKNOWN) {
            result = unknown_string(context, value->text, e->span);
        } else if (value->kind == VALUE_ERROR) {
            result = value_error(context, e->span);
        } else if (!append_piece(context, &out, value)) {
            Diagnostic *d = diagnostic_report(context->sink, CODE_WRONG_TYPE, piece->expression->span, "%s cannot stand inside a string",
                                              value_kind_label(value));
            diagnostic_set_label(context->sink, d, "only strings, words, numbers and quantities can");
            result = value_error(context, e->span);
        }
    }
    if (!result && out.overflowed) {
        Diagnostic *d = diagnostic_report(context->sink, CODE_EXPANSION_LIMIT, e->span, "this string grows beyond %d bytes", COMPILER_STRING_MAX);
        diagnostic_set_advice(context->sink, d, "keep long text in a file of its own, and name its place here");
        result = value_error(context, e->span);
    }
    if (!result)
        result = value_computed_text(context, arena_copy_text(context->arena, buffer_text(&out)), e->span);
    buffer_free(&out);
    return result;
}

static const Value *report_unknown_name(Context *context, const Expression *e)
{
    Text best = TEXT_NONE;
    size_t best_distance = e->path.len / 3 + 1;
    for (const Binding *binding = context->bindings; binding; binding = binding->next) {
        size_t distance = text_edit_distance(e->path, binding->name, best_distance);
        if (distance < best_distance) {
            best_distance = distance;
            best = binding->name;
        }
    }
    if (best.len == 0)
        best = context_suggest(context, W_METRIC, e->path);
    Diagnostic *d = diagnostic_report(context->sink, CODE_UNKNOWN_NAME, e->span, "nothing is called `%.*s`", TEXT_ARG(e->path));
    if (best.len) {
        diagnostic_set_label(context->sink, d, "did you mean `%.*s`?", TEXT_ARG(best));
        diagnostic_set_fix(context->sink, d, false, e->span, best, "%.*s", TEXT_ARG(best));
    } else {
        diagnostic_set_label(context->sink, d, "no parameter, value or metric has this name");
        diagnostic_set_advice(context->sink, d, "write \"%.*s\" if text is meant", TEXT_ARG(e->path));
    }
    return value_error(context, e->span);
}

static const Value *evaluate_path(Context *context, const Expression *e)
{
    const Value *bound = context_lookup(context, e->path);
    if (bound && context->guard)
        guard_note_name(context, e->path, bound);
    if (bound)
        return value_used_at(context, bound, e->span);
    if (context->guard)
        return guard_value(context, e);
    const Value *metric = metric_resolve(context, e->path, NULL, e->span);
    if (metric)
        return metric;
    if (declaration_find(&context->unit->table, W_ENVIRONMENT, e->path))
        return value_text(context, e->path, e->span);
    return report_unknown_name(context, e);
}

static const Value *evaluate_range(Context *context, const Expression *e)
{
    const Value *low = evaluate(context, e->range.low);
    const Value *high = evaluate(context, e->range.high);
    if (low->kind == VALUE_ERROR || high->kind == VALUE_ERROR)
        return value_error(context, e->span);
    if (low->kind == VALUE_UNKNOWN || high->kind == VALUE_UNKNOWN) {
        Value *unknown = value_new(context, VALUE_UNKNOWN, low->kind == VALUE_UNKNOWN ? low->type : high->type, e->span);
        unknown->text = low->kind == VALUE_UNKNOWN ? low->text : high->text;
        return unknown;
    }
    if (low->kind != VALUE_QUANTITY || high->kind != VALUE_QUANTITY || low->type != high->type) {
        Diagnostic *d = diagnostic_report(context->sink, CODE_WRONG_TYPE, e->span, "a range goes from one quantity to another of the same kind");
        diagnostic_set_label(context->sink, d, "this goes from %s to %s", value_kind_label(low), value_kind_label(high));
        return value_error(context, e->span);
    }
    if (rational_compare(low->number, high->number) > 0) {
        Diagnostic *d = diagnostic_report(context->sink, CODE_REVERSED_RANGE, e->span, "this range ends before it begins");
        Text turned = arena_format(context->arena, "%.*s..%.*s", TEXT_ARG(value_to_text(context->arena, high)),
                                   TEXT_ARG(value_to_text(context->arena, low)));
        diagnostic_set_label(context->sink, d, "the least value comes first");
        diagnostic_set_fix(context->sink, d, false, e->span, turned, "%.*s", TEXT_ARG(turned));
        return value_error(context, e->span);
    }
    Value *range = value_new(context, VALUE_RANGE, low->type, e->span);
    range->low = low->number;
    range->high = high->number;
    return range;
}

static const Value *evaluate_list(Context *context, const Expression *e)
{
    Value *list = value_new(context, VALUE_LIST, TYPE_LIST, e->span);
    list->items = ARENA_NEW_ARRAY(context->arena, const Value *, e->list.count);
    for (size_t i = 0; i < e->list.count; i++) {
        list->items[list->count++] = evaluate(context, e->list.items[i]);
        if (!value_add_weight(context, list, list->items[i]))
            return value_error(context, e->span);
    }
    return list;
}

static const Value *evaluate_map(Context *context, const Expression *e)
{
    Value *map = value_new(context, VALUE_MAP, TYPE_MAP, e->span);
    map->entries = ARENA_NEW_ARRAY(context->arena, NamedValue, e->map.count);
    for (size_t i = 0; i < e->map.count; i++) {
        const NamedExpression *entry = &e->map.items[i];
        for (size_t j = 0; j < i; j++) {
            if (!text_equal(e->map.items[j].name, entry->name))
                continue;
            Diagnostic *d = diagnostic_report(context->sink, CODE_DECLARED_TWICE, entry->name_span, "`%.*s` stands twice in this map",
                                              TEXT_ARG(entry->name));
            diagnostic_add_label(context->sink, d, e->map.items[j].name_span, "first here");
            break;
        }
        map->entries[map->entry_count++] = (NamedValue){entry->name, evaluate(context, entry->value)};
        if (!value_add_weight(context, map, map->entries[i].value))
            return value_error(context, e->span);
    }
    return map;
}

static const Value *evaluate_choice(Context *context, const Expression *e)
{
    const Value *condition = evaluate(context, e->choice.condition);
    if (condition->kind == VALUE_ERROR)
        return condition;
    if (condition->kind == VALUE_UNKNOWN) {
        const Value *then = evaluate(context, e->choice.then);
        const Value *otherwise = evaluate(context, e->choice.otherwise);
        Value *unknown = value_new(context, VALUE_UNKNOWN, then->kind == VALUE_ERROR ? otherwise->type : then->type, e->span);
        unknown->text = condition->text;
        return unknown;
    }
    if (condition->kind != VALUE_BOOL) {
        Diagnostic *d = diagnostic_report(context->sink, CODE_WRONG_TYPE, e->choice.condition->span, "`if` asks for yes or no, and this is %s",
                                          value_kind_label(condition));
        diagnostic_set_label(context->sink, d, "compare it with something, such as `env == \"prod\"`");
        return value_error(context, e->span);
    }
    /* Both branches are checked, so that a mistake in the one not taken is found today. */
    const Value *then = evaluate(context, e->choice.then);
    const Value *otherwise = evaluate(context, e->choice.otherwise);
    return value_used_at(context, condition->boolean ? then : otherwise, e->span);
}

static bool is_plain_number(const Value *value)
{
    return value->type == TYPE_INTEGER || value->type == TYPE_NUMBER;
}

static const Value *evaluate_extreme(Context *context, const Expression *e, bool greatest)
{
    const Value *best = NULL;
    for (size_t i = 0; i < e->call.arguments.count; i++) {
        const Value *value = evaluate(context, e->call.arguments.items[i].value);
        if (value->kind == VALUE_ERROR || value->kind == VALUE_UNKNOWN)
            return value;
        if (value->kind != VALUE_QUANTITY || (best && best->type != value->type && !(is_plain_number(best) && is_plain_number(value)))) {
            Diagnostic *d = diagnostic_report(context->sink, CODE_WRONG_TYPE, value->span, "%.*s compares quantities of one kind", TEXT_ARG(e->call.callee));
            if (best)
                diagnostic_set_label(context->sink, d, "this is %s, and the one before it %s", value_kind_label(value), value_kind_label(best));
            else
                diagnostic_set_label(context->sink, d, "this is %s", value_kind_label(value));
            return value_error(context, e->span);
        }
        int order = best ? rational_compare(value->number, best->number) : 0;
        if (!best || (greatest ? order > 0 : order < 0))
            best = value;
    }
    if (!best) {
        (void)diagnostic_report(context->sink, CODE_WRONG_CALL, e->span, "%.*s needs at least one value", TEXT_ARG(e->call.callee));
        return value_error(context, e->span);
    }
    return value_used_at(context, best, e->span);
}

static const Value *evaluate_rounding(Context *context, const Expression *e, bool up)
{
    if (e->call.arguments.count != 1) {
        (void)diagnostic_report(context->sink, CODE_WRONG_CALL, e->span, "%.*s takes one number", TEXT_ARG(e->call.callee));
        return value_error(context, e->span);
    }
    const Value *value = evaluate(context, e->call.arguments.items[0].value);
    if (value->kind == VALUE_ERROR || value->kind == VALUE_UNKNOWN)
        return value;
    if (value->kind != VALUE_QUANTITY || (value->type != TYPE_INTEGER && value->type != TYPE_NUMBER)) {
        (void)diagnostic_report(context->sink, CODE_WRONG_TYPE, value->span, "%.*s rounds a number, and this is %s", TEXT_ARG(e->call.callee),
                                value_kind_label(value));
        return value_error(context, e->span);
    }
    int64_t whole = value->number.num / value->number.den;
    bool exact = rational_is_whole(value->number);
    if (!exact && up && value->number.num > 0)
        whole++;
    if (!exact && !up && value->number.num < 0)
        whole--;
    return value_quantity(context, (Quantity){rational_from_integer(whole), TYPE_INTEGER}, e->span);
}

static const Value *evaluate_call(Context *context, const Expression *e)
{
    MetricFunction function;
    if (metric_find_function(e->call.callee, &function))
        return metric_apply_function(context, function, e);
    if (text_equal_c(e->call.callee, "max") || text_equal_c(e->call.callee, "min"))
        return evaluate_extreme(context, e, text_equal_c(e->call.callee, "max"));
    if (text_equal_c(e->call.callee, "ceil") || text_equal_c(e->call.callee, "floor"))
        return evaluate_rounding(context, e, text_equal_c(e->call.callee, "ceil"));
    const Value *metric = metric_resolve(context, e->call.callee, e, e->span);
    if (metric)
        return metric;
    Diagnostic *d = diagnostic_report(context->sink, CODE_UNKNOWN_FUNCTION, e->call.callee_span, "`%.*s` is no function and no metric",
                                      TEXT_ARG(e->call.callee));
    Text best = context_suggest(context, W_METRIC, e->call.callee);
    if (best.len) {
        diagnostic_set_label(context->sink, d, "did you mean `%.*s`?", TEXT_ARG(best));
        diagnostic_set_fix(context->sink, d, false, e->call.callee_span, best, "%.*s", TEXT_ARG(best));
    } else {
        diagnostic_set_label(context->sink, d, "not known");
        diagnostic_add_note(context->sink, d, "functions of numbers are max, min, ceil and floor; functions of metrics are listed in SPEC.md");
    }
    return value_error(context, e->span);
}

static const Value *evaluate_unary(Context *context, const Expression *e)
{
    const Value *operand = evaluate(context, e->unary.operand);
    if (operand->kind == VALUE_ERROR || operand->kind == VALUE_UNKNOWN)
        return operand;
    if (e->unary.op == OPERATOR_NEGATE)
        return arithmetic_negate(context, operand, e->span);
    if (operand->kind == VALUE_METRIC)
        return metric_binary(context, e, operand, operand);
    if (operand->kind != VALUE_BOOL) {
        (void)diagnostic_report(context->sink, CODE_WRONG_TYPE, operand->span, "`not` takes yes or no, and this is %s", value_kind_label(operand));
        return value_error(context, e->span);
    }
    Value *result = value_new(context, VALUE_BOOL, TYPE_BOOL, e->span);
    result->boolean = !operand->boolean;
    return result;
}

static const Value *evaluate_binary(Context *context, const Expression *e)
{
    const Value *left = evaluate(context, e->binary.left);
    const Value *right = evaluate(context, e->binary.right);
    if (left->kind == VALUE_ERROR || right->kind == VALUE_ERROR)
        return value_error(context, e->span);
    if (left->kind == VALUE_METRIC || right->kind == VALUE_METRIC)
        return metric_binary(context, e, left, right);
    return arithmetic_binary(context, e, left, right);
}

static const Value *evaluate_kind(Context *context, const Expression *e)
{
    const Value *judged = context->guard ? guard_evaluate(context, e) : NULL;
    if (judged)
        return judged;
    switch (e->kind) {
    case EXPRESSION_ERROR: return value_error(context, e->span);
    case EXPRESSION_STRING: return evaluate_string(context, e);
    case EXPRESSION_QUANTITY: return value_quantity(context, e->quantity, e->span);
    case EXPRESSION_BOOL: {
        Value *value = value_new(context, VALUE_BOOL, TYPE_BOOL, e->span);
        value->boolean = e->boolean;
        return value;
    }
    case EXPRESSION_RANGE: return evaluate_range(context, e);
    case EXPRESSION_PATH: return evaluate_path(context, e);
    case EXPRESSION_CALL: return evaluate_call(context, e);
    case EXPRESSION_LIST: return evaluate_list(context, e);
    case EXPRESSION_MAP: return evaluate_map(context, e);
    case EXPRESSION_GROUP: return evaluate(context, e->group);
    case EXPRESSION_UNARY: return evaluate_unary(context, e);
    case EXPRESSION_BINARY: return evaluate_binary(context, e);
    case EXPRESSION_IF: return evaluate_choice(context, e);
    }
    return value_error(context, e->span);
}

const Value *evaluate(Context *context, const Expression *expression)
{
    if (context->depth >= COMPILER_DEPTH_MAX)
        context_report_limit(context, expression->span, "profiles, metrics and values use each other more than %d deep here", COMPILER_DEPTH_MAX);
    if (context->limit_reported)
        return value_error(context, expression->span);
    context->depth++;
    const Value *value = evaluate_kind(context, expression);
    context->depth--;
    return value;
}
