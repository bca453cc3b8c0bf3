/* Arithmetic and comparison of plain values (SPEC.md, "Arithmetic", "Dimensions"). */
#include "compiler/context.h"

static bool is_plain_number(TypeKind type)
{
    return type == TYPE_INTEGER || type == TYPE_NUMBER;
}

static const Value *report_mismatch(Context *context, const Expression *e, const Value *left, const Value *right)
{
    Diagnostic *d = diagnostic_report(context->sink, CODE_DIMENSION_MISMATCH, e->binary.op_span, "`%s` cannot join %s and %s",
                                      operator_text(e->binary.op), value_kind_label(left), value_kind_label(right));
    diagnostic_add_label(context->sink, d, left->span, "%s", value_kind_label(left));
    diagnostic_add_label(context->sink, d, right->span, "%s", value_kind_label(right));
    return value_error(context, e->span);
}

/* A value of no fixed type yet: the result of an operation on an unknown. */
static const Value *unknown_result(Context *context, const Expression *e, const Value *left, const Value *right)
{
    const Value *known = left->kind == VALUE_UNKNOWN ? right : left;
    const Value *unknown = left->kind == VALUE_UNKNOWN ? left : right;
    bool compares = e->binary.op >= OPERATOR_EQUAL && e->binary.op <= OPERATOR_GREATER_EQUAL;
    bool joins = e->binary.op == OPERATOR_AND || e->binary.op == OPERATOR_OR;
    TypeKind type = compares || joins ? TYPE_BOOL : known->type;
    bool has_types = !compares && !joins && left->type != TYPE_ANY && right->type != TYPE_ANY;
    if (has_types && !arithmetic_result_type(e->binary.op, left->type, right->type, &type) && context->guard)
        return report_mismatch(context, e, left, right);
    Value *result = value_new(context, VALUE_UNKNOWN, type, e->span);
    result->text = unknown->text;
    return result;
}

static const Value *make_bool(Context *context, bool boolean, Span span)
{
    Value *value = value_new(context, VALUE_BOOL, TYPE_BOOL, span);
    value->boolean = boolean;
    return value;
}

static bool compare_holds(Operator op, int order)
{
    switch (op) {
    case OPERATOR_EQUAL: return order == 0;
    case OPERATOR_NOT_EQUAL: return order != 0;
    case OPERATOR_LESS: return order < 0;
    case OPERATOR_LESS_EQUAL: return order <= 0;
    case OPERATOR_GREATER: return order > 0;
    case OPERATOR_GREATER_EQUAL: return order >= 0;
    case OPERATOR_OR:
    case OPERATOR_AND:
    case OPERATOR_NOT:
    case OPERATOR_ADD:
    case OPERATOR_SUBTRACT:
    case OPERATOR_MULTIPLY:
    case OPERATOR_DIVIDE:
    case OPERATOR_NEGATE: return false;
    }
    return false;
}

static bool is_text(const Value *value)
{
    return value->kind == VALUE_STRING || value->kind == VALUE_WORD;
}

static const Value *compare(Context *context, const Expression *e, const Value *left, const Value *right)
{
    bool only_equality = e->binary.op == OPERATOR_EQUAL || e->binary.op == OPERATOR_NOT_EQUAL;
    if (left->kind == VALUE_QUANTITY && right->kind == VALUE_QUANTITY) {
        if (left->type != right->type && !(is_plain_number(left->type) && is_plain_number(right->type)))
            return report_mismatch(context, e, left, right);
        return make_bool(context, compare_holds(e->binary.op, rational_compare(left->number, right->number)), e->span);
    }
    bool same_kind = left->kind == right->kind || (is_text(left) && is_text(right));
    if (!only_equality || !same_kind)
        return report_mismatch(context, e, left, right);
    return make_bool(context, value_equal(left, right) == (e->binary.op == OPERATOR_EQUAL), e->span);
}

static const Value *logic(Context *context, const Expression *e, const Value *left, const Value *right)
{
    const Value *wrong = left->kind != VALUE_BOOL ? left : right->kind != VALUE_BOOL ? right : NULL;
    if (wrong) {
        Diagnostic *d = diagnostic_report(context->sink, CODE_DIMENSION_MISMATCH, e->binary.op_span, "`%s` takes yes or no on both sides",
                                          operator_text(e->binary.op));
        diagnostic_add_label(context->sink, d, wrong->span, "this is %s", value_kind_label(wrong));
        diagnostic_set_advice(context->sink, d, "compare it with something, such as env == \"prod\"");
        return value_error(context, e->span);
    }
    bool both = left->boolean && right->boolean;
    bool either = left->boolean || right->boolean;
    return make_bool(context, e->binary.op == OPERATOR_AND ? both : either, e->span);
}

bool arithmetic_result_type(Operator op, TypeKind left, TypeKind right, TypeKind *out)
{
    if (op == OPERATOR_ADD || op == OPERATOR_SUBTRACT) {
        *out = left == right ? left : TYPE_NUMBER;
        return left == right || (is_plain_number(left) && is_plain_number(right));
    }
    if (op == OPERATOR_MULTIPLY) {
        bool left_scales = is_plain_number(left) || left == TYPE_PERCENT;
        bool right_scales = is_plain_number(right) || right == TYPE_PERCENT;
        /* A plain number scales whatever it meets; a share scales what is no plain number. */
        *out = is_plain_number(left) || (left_scales && !is_plain_number(right)) ? right : left;
        if ((left == TYPE_RATE && right == TYPE_DURATION) || (left == TYPE_DURATION && right == TYPE_RATE)) {
            *out = TYPE_NUMBER;
            return true;
        }
        return left_scales || right_scales;
    }
    if (left == right) {
        *out = TYPE_NUMBER;
        return true;
    }
    if (is_plain_number(left) && right == TYPE_DURATION) {
        *out = TYPE_RATE;
        return true;
    }
    *out = left;
    return is_plain_number(right) || right == TYPE_PERCENT;
}

/* Durations are kept in milliseconds and rates per second, so meeting they differ by a thousand. */
static bool adjust_for_rate(Operator op, TypeKind left, TypeKind right, Rational *value)
{
    bool rate_times_time = op == OPERATOR_MULTIPLY && ((left == TYPE_RATE && right == TYPE_DURATION) || (left == TYPE_DURATION && right == TYPE_RATE));
    if (rate_times_time)
        return rational_divide(value, *value, rational_from_integer(1000));
    if (op == OPERATOR_DIVIDE && is_plain_number(left) && right == TYPE_DURATION)
        return rational_multiply(value, *value, rational_from_integer(1000));
    return true;
}

static bool compute(Operator op, Rational left, Rational right, Rational *out)
{
    switch (op) {
    case OPERATOR_ADD: return rational_add(out, left, right);
    case OPERATOR_SUBTRACT: return rational_subtract(out, left, right);
    case OPERATOR_MULTIPLY: return rational_multiply(out, left, right);
    case OPERATOR_DIVIDE: return rational_divide(out, left, right);
    case OPERATOR_OR:
    case OPERATOR_AND:
    case OPERATOR_NOT:
    case OPERATOR_EQUAL:
    case OPERATOR_NOT_EQUAL:
    case OPERATOR_LESS:
    case OPERATOR_LESS_EQUAL:
    case OPERATOR_GREATER:
    case OPERATOR_GREATER_EQUAL:
    case OPERATOR_NEGATE: return false;
    }
    return false;
}

static const Value *calculate(Context *context, const Expression *e, const Value *left, const Value *right)
{
    Operator op = e->binary.op;
    TypeKind type = TYPE_NUMBER;
    bool numbers = left->kind == VALUE_QUANTITY && right->kind == VALUE_QUANTITY;
    if (!numbers || !arithmetic_result_type(op, left->type, right->type, &type))
        return report_mismatch(context, e, left, right);
    if (op == OPERATOR_DIVIDE && right->number.num == 0) {
        Diagnostic *d = diagnostic_report(context->sink, CODE_DIVISION_BY_ZERO, right->span, "division by zero");
        diagnostic_set_label(context->sink, d, "this is zero");
        return value_error(context, e->span);
    }
    Rational result;
    if (!compute(op, left->number, right->number, &result) || !adjust_for_rate(op, left->type, right->type, &result)) {
        Diagnostic *d = diagnostic_report(context->sink, CODE_ARITHMETIC_OVERFLOW, e->binary.op_span, "the result does not fit 64 bits");
        diagnostic_set_advice(context->sink, d, "use smaller numbers, or a larger unit");
        return value_error(context, e->span);
    }
    if (is_plain_number(type))
        type = rational_is_whole(result) ? TYPE_INTEGER : TYPE_NUMBER;
    return value_quantity(context, (Quantity){result, type}, e->span);
}

static const Value *join_text(Context *context, const Expression *e, const Value *left, const Value *right)
{
    if (left->text.len + right->text.len > COMPILER_STRING_MAX) {
        (void)diagnostic_report(context->sink, CODE_EXPANSION_LIMIT, e->span, "this string grows beyond %d bytes", COMPILER_STRING_MAX);
        return value_error(context, e->span);
    }
    return value_computed_text(context, arena_join(context->arena, left->text, right->text), e->span);
}

static const Value *join_lists(Context *context, const Expression *e, const Value *left, const Value *right)
{
    Value *list = value_new(context, VALUE_LIST, TYPE_LIST, e->span);
    list->weight = left->weight;
    if (right->weight && !value_add_weight(context, list, right))
        return value_error(context, e->span);
    list->items = ARENA_NEW_ARRAY(context->arena, const Value *, left->count + right->count);
    for (size_t i = 0; i < left->count; i++)
        list->items[list->count++] = left->items[i];
    for (size_t i = 0; i < right->count; i++)
        list->items[list->count++] = right->items[i];
    return list;
}

const Value *arithmetic_binary(Context *context, const Expression *expression, const Value *left, const Value *right)
{
    Operator op = expression->binary.op;
    if (left->kind == VALUE_UNKNOWN || right->kind == VALUE_UNKNOWN)
        return unknown_result(context, expression, left, right);
    if (op == OPERATOR_AND || op == OPERATOR_OR)
        return logic(context, expression, left, right);
    if (op >= OPERATOR_EQUAL && op <= OPERATOR_GREATER_EQUAL)
        return compare(context, expression, left, right);
    if (op == OPERATOR_ADD && left->kind == VALUE_STRING && right->kind == VALUE_STRING)
        return join_text(context, expression, left, right);
    if (op == OPERATOR_ADD && left->kind == VALUE_LIST && right->kind == VALUE_LIST)
        return join_lists(context, expression, left, right);
    return calculate(context, expression, left, right);
}

const Value *arithmetic_negate(Context *context, const Value *value, Span span)
{
    if (value->kind != VALUE_QUANTITY) {
        (void)diagnostic_report(context->sink, CODE_WRONG_TYPE, value->span, "only a number or a quantity can be negative, and this is %s",
                                value_kind_label(value));
        return value_error(context, span);
    }
    return value_quantity(context, (Quantity){{-value->number.num, value->number.den}, value->type}, span);
}
