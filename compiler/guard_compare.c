/* Comparisons and text functions in rules. */
#include "compiler/guard_state.h"

const Expression *guard_unwrap(const Expression *e)
{
    while (e->kind == EXPRESSION_GROUP)
        e = e->group;
    return e;
}

Verdict guard_answer(const Guard *guard, bool holds)
{
    return (Verdict){holds ? ANSWER_YES : ANSWER_NO, guard->trace.first};
}

bool guard_trace_decides(const Guard *guard, Verdict *out)
{
    const GuardTrace *trace = &guard->trace;
    *out = trace->has_absent ? (Verdict){ANSWER_NO, trace->absent} : (Verdict){ANSWER_UNKNOWN, trace->unknown};
    return trace->has_absent || trace->has_unknown;
}

static bool is_quantity(TypeKind type)
{
    return type == TYPE_INTEGER || type == TYPE_NUMBER || type == TYPE_DURATION || type == TYPE_SIZE || type == TYPE_VCPU || type == TYPE_PERCENT ||
           type == TYPE_RATE || type == TYPE_MONEY;
}

/* The path that an operand is, or NULL: a value of the model, and no name bound around the rule. */
static const GuardPath *operand_path(Context *context, const Expression *e)
{
    const Expression *inner = guard_unwrap(e);
    return inner->kind == EXPRESSION_PATH && !context_lookup(context, inner->path) ? guard_path(context, inner) : NULL;
}

/* Whether what the operand says is a word: a choice, a name, or what svc binds, such as env. */
static bool is_word(Context *context, const Expression *e)
{
    const Expression *inner = guard_unwrap(e);
    const Value *bound = inner->kind == EXPRESSION_PATH ? context_lookup(context, inner->path) : NULL;
    if (bound)
        return bound->kind == VALUE_STRING && span_is_none(bound->span);
    const GuardPath *path = operand_path(context, e);
    const Argument *argument = path && path->problem == GUARD_PATH_GOOD ? path->argument : NULL;
    return argument && (argument->kind == ARGUMENT_ENUM || argument->kind == ARGUMENT_NAME || argument->kind == ARGUMENT_REFERENCE);
}

const Value *guard_operand(Context *context, const Expression *e, const Expression *other)
{
    const Expression *inner = guard_unwrap(e);
    bool is_bare = inner->kind == EXPRESSION_PATH && text_find_byte(inner->path, '.') == inner->path.len && !context_lookup(context, inner->path);
    return is_bare && is_word(context, other) ? value_text(context, inner->path, inner->span) : evaluate(context, e);
}

/* --- while the rule itself is checked --- */

static bool report_types(Context *context, const Expression *e, const Value *const values[2])
{
    Diagnostic *d = diagnostic_report(context->sink, CODE_DIMENSION_MISMATCH, e->binary.op_span, "`%s` cannot join %s and %s", operator_text(e->binary.op),
                                      type_label(values[0]->type), type_label(values[1]->type));
    for (size_t i = 0; i < 2; i++)
        diagnostic_add_label(context->sink, d, values[i]->span, "%s", type_label(values[i]->type));
    return false;
}

/* What is written in the rule, beside a value of the model. */
static bool check_written(Context *context, const Value *written, const Value *read, const Expression *side)
{
    const GuardPath *path = operand_path(context, side);
    const Argument *argument = path && path->problem == GUARD_PATH_GOOD ? path->argument : NULL;
    if (argument && argument->kind == ARGUMENT_ENUM && written->kind == VALUE_STRING)
        return argument_check_choice(context, argument, written)->kind != VALUE_ERROR;
    Text limits = text_from_c(argument ? argument->limits : NULL);
    TypeKind type = read->type == TYPE_INTEGER ? TYPE_NUMBER : read->type;
    return type_check_within(context, written, type_of_kind(type), limits)->kind != VALUE_ERROR;
}

static bool check_types(Context *context, const Expression *e, const Value *const values[2])
{
    const Expression *sides[] = {e->binary.left, e->binary.right};
    for (size_t i = 0; i < 2; i++) {
        const Value *other = values[1 - i];
        bool is_written = values[i]->kind != VALUE_UNKNOWN && other->kind == VALUE_UNKNOWN && other->type != TYPE_ANY;
        if (is_written && !check_written(context, values[i], other, sides[1 - i]))
            return false;
    }
    TypeKind left = values[0]->type;
    TypeKind right = values[1]->type;
    bool same = left == right || left == TYPE_ANY || right == TYPE_ANY || (is_quantity(left) && arithmetic_result_type(OPERATOR_ADD, left, right, &left));
    bool has_order = e->binary.op == OPERATOR_EQUAL || e->binary.op == OPERATOR_NOT_EQUAL || is_quantity(left) || left == TYPE_ANY;
    return (same && has_order) || report_types(context, e, values);
}

Verdict guard_compare(Context *context, const Expression *e)
{
    Guard *guard = context->guard;
    guard->trace = (GuardTrace){0};
    const Value *values[] = {guard_operand(context, e->binary.left, e->binary.right), guard_operand(context, e->binary.right, e->binary.left)};
    if (values[0]->kind == VALUE_ERROR || values[1]->kind == VALUE_ERROR)
        return (Verdict){.answer = ANSWER_ERROR};
    Verdict verdict = {.answer = ANSWER_UNKNOWN};
    bool has_metric = values[0]->kind == VALUE_METRIC || values[1]->kind == VALUE_METRIC;
    bool is_open = values[0]->kind == VALUE_UNKNOWN || values[1]->kind == VALUE_UNKNOWN;
    if (!guard->subject && is_open && !has_metric)
        return check_types(context, e, values) ? verdict : (Verdict){.answer = ANSWER_ERROR};
    if (guard_trace_decides(guard, &verdict))
        return verdict;
    const Value *result = arithmetic_binary(context, e, values[0], values[1]);
    if (result->kind != VALUE_BOOL)
        return (Verdict){.answer = result->kind == VALUE_UNKNOWN ? ANSWER_UNKNOWN : ANSWER_ERROR};
    return guard_answer(guard, result->boolean);
}

/* --- text --- */

typedef enum TextFunction { TEXT_BEGINS, TEXT_ENDS, TEXT_CONTAINS, TEXT_MATCHES, TEXT_ONE_OF, TEXT_FUNCTION_COUNT } TextFunction;

static const char *const text_functions[] = {
    [TEXT_BEGINS] = "begins", [TEXT_ENDS] = "ends", [TEXT_CONTAINS] = "contains", [TEXT_MATCHES] = "matches", [TEXT_ONE_OF] = "one-of"};

static bool find_text_function(Text name, TextFunction *out)
{
    for (size_t i = 0; i < TEXT_FUNCTION_COUNT; i++) {
        *out = (TextFunction)i;
        if (text_equal_c(name, text_functions[i]))
            return true;
    }
    return false;
}

/* Compiled when the rule is checked, and kept for all that it judges. */
static TextPattern *pattern_of(Context *context, const Expression *expression)
{
    Guard *guard = context->guard;
    for (size_t i = 0; i < guard->patterns.count; i++)
        if (guard->patterns.items[i].expression == expression)
            return guard->patterns.items[i].pattern;
    CachedPattern cached = {expression, type_pattern(context, expression)};
    ARRAY_PUSH(context->arena, &guard->patterns, cached);
    return cached.pattern;
}

static bool text_holds(TextFunction function, Text text, Text part)
{
    switch (function) {
    case TEXT_BEGINS: return text_starts_with(text, part);
    case TEXT_ENDS: return text_ends_with(text, part);
    case TEXT_CONTAINS: return part.len == 0 || text_find(text, part) < text.len;
    case TEXT_ONE_OF: return text_equal(text, part);
    case TEXT_MATCHES:
    case TEXT_FUNCTION_COUNT: return false;
    }
    return false;
}

static bool is_plain(const Value *value)
{
    return value->kind == VALUE_STRING || value->kind == VALUE_QUANTITY || value->kind == VALUE_BOOL;
}

/* Whether the subject meets a value, or one of a list. */
static Answer part_answer(Context *context, TextFunction function, const Expression *first, const Value *subject, const Value *part)
{
    Answer answer = ANSWER_NO;
    if (part->kind == VALUE_LIST) {
        for (size_t i = 0; i < part->count && answer == ANSWER_NO; i++)
            answer = part_answer(context, function, first, subject, part->items[i]);
        return answer;
    }
    if (part->kind == VALUE_UNKNOWN)
        return ANSWER_UNKNOWN;
    if (!is_plain(part) || (!context->guard->subject && !check_written(context, part, subject, first)))
        return ANSWER_ERROR;
    bool is_text = part->kind == VALUE_STRING && subject->kind == VALUE_STRING;
    bool holds = is_text ? text_holds(function, subject->text, part->text) : function == TEXT_ONE_OF && value_equal(subject, part);
    return holds ? ANSWER_YES : ANSWER_NO;
}

/* Whether the subject meets one of what follows it. */
static Answer text_answer(Context *context, TextFunction function, const Expression *e, const Value *subject)
{
    const NamedExpressionArray *arguments = &e->call.arguments;
    const Expression *first = arguments->items[0].value;
    if (function == TEXT_MATCHES) {
        const Expression *expression = guard_unwrap(arguments->items[1].value);
        TextPattern *pattern = pattern_of(context, expression);
        if (!pattern)
            return ANSWER_ERROR;
        return subject->kind == VALUE_STRING && type_matches(context, pattern, subject->text, expression->span) ? ANSWER_YES : ANSWER_NO;
    }
    Answer answer = ANSWER_NO;
    for (size_t i = 1; i < arguments->count; i++) {
        Answer part = part_answer(context, function, first, subject, guard_operand(context, arguments->items[i].value, first));
        if (part == ANSWER_ERROR)
            return part;
        answer = part == ANSWER_YES || (part == ANSWER_UNKNOWN && answer == ANSWER_NO) ? part : answer;
    }
    return answer;
}

bool guard_text_call(Context *context, const Expression *e, Verdict *out)
{
    TextFunction function;
    *out = (Verdict){.answer = ANSWER_ERROR};
    if (!find_text_function(e->call.callee, &function))
        return false;
    const NamedExpressionArray *arguments = &e->call.arguments;
    if (arguments->count < 2 || (function == TEXT_MATCHES && arguments->count > 2)) {
        Diagnostic *d = diagnostic_report(context->sink, CODE_GUARD_CALL, e->span, "`%.*s` takes a value and %s", TEXT_ARG(e->call.callee),
                                          function == TEXT_ONE_OF ? "those that it may be" : "what is looked for in it");
        diagnostic_set_advice(context->sink, d, "write %.*s(container.NAME.image.name, \"…\")", TEXT_ARG(e->call.callee));
        return true;
    }
    Guard *guard = context->guard;
    guard->trace = (GuardTrace){0};
    const Expression *first = arguments->items[0].value;
    const Value *subject = evaluate(context, first);
    bool wants_text = function != TEXT_ONE_OF && subject->type != TYPE_ANY;
    if (subject->kind == VALUE_ERROR || (wants_text && type_check(context, subject, type_of_kind(TYPE_STRING))->kind == VALUE_ERROR))
        return true;
    Answer answer = text_answer(context, function, e, subject);
    if (answer == ANSWER_ERROR)
        return true;
    if (!guard_trace_decides(guard, out))
        *out = subject->kind == VALUE_UNKNOWN ? (Verdict){.answer = ANSWER_UNKNOWN} : (Verdict){answer, guard->trace.first};
    return true;
}
