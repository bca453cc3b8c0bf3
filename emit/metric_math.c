/* Expressions over metrics to CloudWatch metric math (SPEC.md, "Lowering metrics"; the functions are CloudWatch's: FILL, IF, MAX, DIFF). The
   queries that it needs are collected on the way, each once, and named m1, m2 … in the order of their first use. */
#include "emit/metric_math.h"

#include "emit/metric_query.h"

/* How tightly what stands at the top of a text binds, so that only what needs it is put into parentheses. */
enum { BINDS_OR = 1, BINDS_AND, BINDS_COMPARISON, BINDS_SUM, BINDS_PRODUCT, BINDS_ALL };

/* A part of an expression as text. A point of it times factor is in svc's base unit. */
typedef struct Piece {
    Text text;
    Rational factor;
    Rational number; /* when is_number: in svc's base unit; text is then empty */
    int binds;
    bool is_number;
    bool is_bare;    /* one metric and nothing around it */
} Piece;

static bool lower_piece(Lowering *lowering, const MetricExpression *e, Text statistic, Piece *out);
static bool lower_truth(Lowering *lowering, const MetricExpression *e, bool is_negated, Piece *out);
static bool check_text(Lowering *lowering, Text text);

static bool report_overflow(Lowering *lowering, Span span)
{
    diagnostic_report(lowering->emission->sink, CODE_ARITHMETIC_OVERFLOW, span, "a number in this expression is too large");
    return false;
}

static Text grouped(Lowering *lowering, const Piece *piece, int outer)
{
    if (piece->binds >= outer)
        return piece->text;
    return arena_format(lowering->emission->arena, "(%.*s)", TEXT_ARG(piece->text));
}

/* A number as CloudWatch reads it: a decimal, or a quotient where there is none. */
static Text number_text(Lowering *lowering, Rational number)
{
    Text text = rational_to_text(lowering->emission->arena, number);
    bool is_plain = rational_is_decimal(number) && number.num >= 0;
    return is_plain ? text : arena_format(lowering->emission->arena, "(%.*s)", TEXT_ARG(text));
}

static Piece number_piece(Rational number)
{
    return (Piece){.number = number, .factor = rational_from_integer(1), .binds = BINDS_ALL, .is_number = true};
}

/* The same piece in other points: those that are `factor` base units each. */
static bool rescale(Lowering *lowering, Piece *piece, Rational factor, Span span)
{
    Rational scale;
    if (rational_compare(piece->factor, factor) == 0 && !piece->is_number)
        return true;
    if (!rational_divide(&scale, piece->is_number ? piece->number : piece->factor, factor))
        return report_overflow(lowering, span);
    Text scale_shown = number_text(lowering, scale);
    *piece = piece->is_number
                 ? (Piece){.text = scale_shown, .factor = factor, .binds = BINDS_ALL}
                 : (Piece){.text = arena_format(lowering->emission->arena, "%.*s * %.*s", TEXT_ARG(scale_shown), TEXT_ARG(grouped(lowering, piece, BINDS_PRODUCT))),
                           .factor = factor,
                           .binds = BINDS_PRODUCT};
    return true;
}

static bool fold(Lowering *lowering, const MetricExpression *e, Rational a, Rational b, Piece *out)
{
    Rational result = rational_from_integer(0);
    bool fits = e->op == OPERATOR_ADD        ? rational_add(&result, a, b)
                : e->op == OPERATOR_SUBTRACT ? rational_subtract(&result, a, b)
                : e->op == OPERATOR_MULTIPLY ? rational_multiply(&result, a, b)
                                             : rational_divide(&result, a, b);
    *out = number_piece(result);
    return fits || report_overflow(lowering, e->span);
}

static bool lower_sum(Lowering *lowering, const MetricExpression *e, Piece *a, Piece *b, Piece *out)
{
    Rational factor = a->is_number ? b->factor : a->factor;
    if (!rescale(lowering, a, factor, e->span) || !rescale(lowering, b, factor, e->span))
        return false;
    *out = (Piece){.factor = factor, .binds = BINDS_SUM};
    out->text = arena_format(lowering->emission->arena, "%.*s %s %.*s", TEXT_ARG(grouped(lowering, a, BINDS_SUM)), e->op == OPERATOR_ADD ? "+" : "-",
                             TEXT_ARG(grouped(lowering, b, BINDS_SUM + 1)));
    return true;
}

/* Division by a metric is made safe: where there is nothing to divide by, what is above stands undivided. So errors without a counted request are
   still errors, and a queue without workers is all backlog; zero by zero is zero. */
static Text quotient_text(Lowering *lowering, const Piece *a, const Piece *b)
{
    Arena *arena = lowering->emission->arena;
    Text above = grouped(lowering, a, BINDS_PRODUCT);
    Text below = grouped(lowering, b, BINDS_PRODUCT + 1);
    return arena_format(arena, "IF(%.*s > 0, %.*s / %.*s, %.*s)", TEXT_ARG(grouped(lowering, b, BINDS_SUM)), TEXT_ARG(above), TEXT_ARG(below),
                        TEXT_ARG(a->text));
}

static bool lower_product(Lowering *lowering, const MetricExpression *e, Piece *a, Piece *b, Piece *out)
{
    bool is_division = e->op == OPERATOR_DIVIDE;
    Rational one = rational_from_integer(1);
    *out = (Piece){.binds = BINDS_PRODUCT};
    bool fits = is_division ? rational_divide(&out->factor, a->factor, b->factor) : rational_multiply(&out->factor, a->factor, b->factor);
    if (!fits || (a->is_number && !rescale(lowering, a, one, e->span)))
        return report_overflow(lowering, e->span);
    bool is_plain = !is_division || b->is_number;
    if (b->is_number && !rescale(lowering, b, one, e->span))
        return false;
    if (is_plain) {
        out->text = arena_format(lowering->emission->arena, "%.*s %s %.*s", TEXT_ARG(grouped(lowering, a, BINDS_PRODUCT)), is_division ? "/" : "*",
                                 TEXT_ARG(grouped(lowering, b, is_division ? BINDS_PRODUCT + 1 : BINDS_PRODUCT)));
        return true;
    }
    out->binds = BINDS_ALL;
    out->text = quotient_text(lowering, a, b);
    return true;
}

static bool lower_arithmetic(Lowering *lowering, const MetricExpression *e, Text statistic, Piece *out)
{
    Piece a;
    Piece b;
    if (e->op == OPERATOR_NEGATE) {
        MetricExpression zero = {.kind = METRIC_NUMBER, .type = e->type, .number = rational_from_integer(0), .span = e->span};
        MetricExpression difference = {.kind = METRIC_ARITHMETIC, .type = e->type, .op = OPERATOR_SUBTRACT, .left = &zero, .right = e->left ? e->left : e->right, .span = e->span};
        return lower_arithmetic(lowering, &difference, statistic, out);
    }
    if (!lower_piece(lowering, e->left, statistic, &a) || !lower_piece(lowering, e->right, statistic, &b))
        return false;
    if (a.is_number && b.is_number)
        return fold(lowering, e, a.number, b.number, out);
    bool is_sum = e->op == OPERATOR_ADD || e->op == OPERATOR_SUBTRACT;
    return is_sum ? lower_sum(lowering, e, &a, &b, out) : lower_product(lowering, e, &a, &b, out);
}

/* --- leaves and functions --- */

/* One metric; over several target groups or load balancers they become one as the declaration says. */
static bool lower_leaf(Lowering *lowering, const MetricExpression *e, Text statistic, Piece *out)
{
    Arena *arena = lowering->emission->arena;
    const MetricDeclaration *leaf = e->leaf;
    size_t ids[METRIC_QUERIES_MAX];
    size_t count = 0;
    if (!metric_query_leaf(lowering, e, statistic, ids, &count))
        return false;
    Text joined = TEXT_NONE;
    bool is_sum = leaf->combine == COMBINE_SUM;
    /* The idle side of a rollout has no points: a sum by `+` would have none either, that of a list has those that there are. */
    bool is_gappy = lowering->facts->has_sides && leaf->missing != METRIC_MISSING_ZERO;
    for (size_t i = 0; i < count; i++) {
        bool is_filled = leaf->missing == METRIC_MISSING_ZERO;
        Text one = arena_format(arena, is_filled ? "FILL(%.*sm%zu, 0)" : "%.*sm%zu", TEXT_ARG(lowering->request->prefix), ids[i] + 1);
        joined = i ? arena_format(arena, "%.*s%s%.*s", TEXT_ARG(joined), is_sum && !is_gappy ? " + " : ", ", TEXT_ARG(one)) : one;
    }
    *out = (Piece){.text = joined, .factor = leaf->factor, .binds = BINDS_ALL, .is_bare = count == 1};
    if (count > 1 && is_sum && !is_gappy)
        out->binds = BINDS_SUM;
    else if (count > 1)
        out->text = arena_format(arena, "%s([%.*s])", is_sum ? "SUM" : "MAX", TEXT_ARG(joined));
    return true;
}

/* What only a rollout can tell: it asks for both sides by itself, or for one by name. */
static bool report_side(Lowering *lowering, const MetricExpression *e)
{
    Diagnostic *diagnostic = diagnostic_report(lowering->emission->sink, CODE_METRIC_SIDE, e->span, "there is no %s side here", e->function == FUNCTION_CANARY ? "canary" : "stable");
    diagnostic_set_label(lowering->emission->sink, diagnostic, "only the conditions of a rollout have two sides");
    diagnostic_set_advice(lowering->emission->sink, diagnostic, "write %.*s", TEXT_ARG(metric_to_text(lowering->emission->arena, e->left)));
    return false;
}

static bool report_rising(Lowering *lowering, const MetricExpression *e)
{
    if (e->function != FUNCTION_RISING)
        return report_side(lowering, e);
    Diagnostic *diagnostic = diagnostic_report(lowering->emission->sink, CODE_RISING_NOT_ALARM, e->span, "an alarm cannot tell whether a metric is rising");
    diagnostic_set_label(lowering->emission->sink, diagnostic, "CloudWatch judges each point for itself");
    diagnostic_set_advice(lowering->emission->sink, diagnostic, "compare %.*s with a bound", TEXT_ARG(metric_to_text(lowering->emission->arena, e->left)));
    return false;
}

static bool lower_side(Lowering *lowering, const MetricExpression *e, Text statistic, Piece *out)
{
    if (lowering->request->purpose != PURPOSE_TRIGGER)
        return report_side(lowering, e);
    MetricSide outer = lowering->side;
    lowering->side = e->function == FUNCTION_CANARY ? SIDE_CANARY : SIDE_STABLE;
    bool fits = lower_piece(lowering, e->left, statistic, out);
    lowering->side = outer;
    return fits;
}

static bool lower_function(Lowering *lowering, const MetricExpression *e, Text statistic, Piece *out)
{
    switch (e->function) {
    case FUNCTION_SUM: return lower_piece(lowering, e->left, TEXT("Sum"), out);
    case FUNCTION_AVERAGE: return lower_piece(lowering, e->left, TEXT("Average"), out);
    case FUNCTION_MINIMUM: return lower_piece(lowering, e->left, TEXT("Minimum"), out);
    case FUNCTION_MAXIMUM: return lower_piece(lowering, e->left, TEXT("Maximum"), out);
    case FUNCTION_RISING:
    case FUNCTION_HIGHER:
    case FUNCTION_LOWER: return report_rising(lowering, e);
    case FUNCTION_CANARY:
    case FUNCTION_STABLE: return lower_side(lowering, e, statistic, out);
    }
    return false;
}

/* Whether a mistake in it is to be shown where it stands, and not where the metric that it belongs to was used. */
static bool is_place(const Lowering *lowering, const MetricExpression *e)
{
    const Sources *sources = lowering->emission->sink->sources;
    return !lowering->named && !span_is_none(e->span) && !sources->files.items[e->span.file]->is_library;
}

static bool lower_kind(Lowering *lowering, const MetricExpression *e, Text statistic, Piece *out)
{
    switch (e->kind) {
    case METRIC_LEAF: return lower_leaf(lowering, e, statistic, out);
    case METRIC_NUMBER: *out = number_piece(e->number); return true;
    case METRIC_ARITHMETIC: return lower_arithmetic(lowering, e, statistic, out);
    case METRIC_FUNCTION: return lower_function(lowering, e, statistic, out);
    case METRIC_COMPARISON:
    case METRIC_LOGIC: {
        Piece truth;
        if (!lower_truth(lowering, e, false, &truth))
            return false;
        *out = (Piece){.factor = rational_from_integer(1), .binds = BINDS_ALL};
        out->text = arena_format(lowering->emission->arena, "IF(%.*s, 1, 0)", TEXT_ARG(truth.text));
        return true;
    }
    }
    return false;
}

/* At each part, so that a text that doubles with every division stops growing here. */
static bool check_text(Lowering *lowering, Text text)
{
    if (text.len <= METRIC_TEXT_MAX)
        return true;
    Diagnostic *diagnostic = diagnostic_report(lowering->emission->sink, CODE_EXPRESSION_TOO_LONG, lowering->place, "this comes to more than %d characters of metric math", METRIC_TEXT_MAX);
    diagnostic_set_advice(lowering->emission->sink, diagnostic, "split it over several alarms, or divide less");
    return false;
}

static bool lower_piece(Lowering *lowering, const MetricExpression *e, Text statistic, Piece *out)
{
    Span outer = lowering->place;
    lowering->place = is_place(lowering, e) ? e->span : outer;
    lowering->named += e->path.len > 0;
    bool fits = lower_kind(lowering, e, statistic, out) && check_text(lowering, out->text);
    lowering->named -= e->path.len > 0;
    lowering->place = outer;
    return fits;
}

/* --- conditions inside of expressions --- */

Operator metric_opposite(Operator op)
{
    static const Operator opposites[] = {
        [OPERATOR_EQUAL] = OPERATOR_NOT_EQUAL,       [OPERATOR_NOT_EQUAL] = OPERATOR_EQUAL, [OPERATOR_LESS] = OPERATOR_GREATER_EQUAL,
        [OPERATOR_LESS_EQUAL] = OPERATOR_GREATER,    [OPERATOR_GREATER] = OPERATOR_LESS_EQUAL, [OPERATOR_GREATER_EQUAL] = OPERATOR_LESS,
        [OPERATOR_AND] = OPERATOR_OR,                [OPERATOR_OR] = OPERATOR_AND,
    };
    return opposites[op];
}

static const char *comparison_sign(Operator op)
{
    return op == OPERATOR_EQUAL ? "==" : operator_text(op);
}

/* Without a point one comparison would silence all that it is joined with: it gets the answer that its metrics give to a missing point. */
static void fill_truth(Lowering *lowering, const MetricExpression *e, Piece *truth)
{
    const char *missing = metric_missing(e);
    bool breaches = missing && text_equal_c(text_from_c(missing), "breaching");
    if (!missing || (!breaches && !text_equal_c(text_from_c(missing), "notBreaching")))
        return;
    truth->text = arena_format(lowering->emission->arena, "FILL(%.*s, %d)", TEXT_ARG(truth->text), breaches ? 1 : 0);
    truth->binds = BINDS_ALL;
}

static bool lower_comparison(Lowering *lowering, const MetricExpression *e, bool is_negated, Piece *out)
{
    Piece a;
    Piece b;
    if (!lower_piece(lowering, e->left, TEXT_NONE, &a) || !lower_piece(lowering, e->right, TEXT_NONE, &b))
        return false;
    Rational factor = a.is_number ? b.factor : a.factor;
    if (!rescale(lowering, &a, factor, e->span) || !rescale(lowering, &b, factor, e->span))
        return false;
    *out = (Piece){.factor = rational_from_integer(1), .binds = BINDS_COMPARISON};
    out->text = arena_format(lowering->emission->arena, "%.*s %s %.*s", TEXT_ARG(grouped(lowering, &a, BINDS_SUM)),
                             comparison_sign(is_negated ? metric_opposite(e->op) : e->op), TEXT_ARG(grouped(lowering, &b, BINDS_SUM)));
    fill_truth(lowering, e, out);
    return true;
}

/* rising() as an alarm can have it: growth at each point. Stricter than the exact meaning, which lets some points stand still. */
static bool lower_growth(Lowering *lowering, const MetricExpression *e, bool is_negated, Piece *out)
{
    Piece grown;
    if (lowering->request->purpose != PURPOSE_TRIGGER || e->function != FUNCTION_RISING)
        return report_rising(lowering, e);
    if (!lower_piece(lowering, e->left, TEXT_NONE, &grown))
        return false;
    *out = (Piece){.factor = rational_from_integer(1), .binds = BINDS_COMPARISON};
    out->text = arena_format(lowering->emission->arena, "DIFF(%.*s) %s 0", TEXT_ARG(grown.text), is_negated ? "<=" : ">");
    return true;
}

/* CloudWatch has AND and OR but no NOT: it is pushed inwards. */
static bool lower_truth(Lowering *lowering, const MetricExpression *e, bool is_negated, Piece *out)
{
    Piece a;
    Piece b;
    if (e->kind == METRIC_COMPARISON)
        return lower_comparison(lowering, e, is_negated, out);
    if (e->kind == METRIC_FUNCTION)
        return lower_growth(lowering, e, is_negated, out);
    if (e->kind != METRIC_LOGIC)
        return lower_piece(lowering, e, TEXT_NONE, out);
    if (e->op == OPERATOR_NOT)
        return lower_truth(lowering, e->left ? e->left : e->right, !is_negated, out);
    if (!lower_truth(lowering, e->left, is_negated, &a) || !lower_truth(lowering, e->right, is_negated, &b))
        return false;
    Operator op = is_negated ? metric_opposite(e->op) : e->op;
    int binds = op == OPERATOR_AND ? BINDS_AND : BINDS_OR;
    *out = (Piece){.factor = rational_from_integer(1), .binds = binds};
    out->text = arena_format(lowering->emission->arena, "%.*s %s %.*s", TEXT_ARG(grouped(lowering, &a, binds)), op == OPERATOR_AND ? "AND" : "OR",
                             TEXT_ARG(grouped(lowering, &b, binds)));
    return check_text(lowering, out->text);
}

/* --- whole expressions --- */

static Rational one_percent(void)
{
    return (Rational){1, 100};
}

static bool finish(Lowering *lowering, const MetricExpression *e, Piece *piece, LoweredMetric *out)
{
    if (piece->is_number) {
        diagnostic_report(lowering->emission->sink, CODE_NOT_A_CONDITION, e->span, "there is no metric in this expression");
        return false;
    }
    bool as_percent = lowering->request->bound == TYPE_PERCENT && rational_compare(piece->factor, one_percent()) != 0;
    if (as_percent && !rescale(lowering, piece, one_percent(), e->span))
        return false;
    if (!check_text(lowering, piece->text))
        return false;
    if (lowering->queries.count > METRIC_QUERIES_MAX)
        return metric_query_report_count(lowering);
    out->unit_factor = piece->factor;
    out->resolution = metric_resolution(e);
    out->missing = metric_missing(e);
    out->metric_count = lowering->queries.count;
    bool must_fill = lowering->request->purpose == PURPOSE_SCALING && metric_first_leaf(e)->missing == METRIC_MISSING_ZERO;
    bool is_bare = piece->is_bare && !as_percent;
    out->is_single = is_bare && !must_fill && !lowering->request->account.len;
    out->single = out->is_single ? metric_query_single(lowering) : NULL;
    out->metrics = is_bare && !must_fill ? metric_query_array(lowering, TEXT_NONE, TEXT_NONE)
                                         : metric_query_array(lowering, piece->text, metric_to_text(lowering->emission->arena, e));
    return true;
}

/* The whole expression, or the larger of what it comes to on each side. */
static bool lower_whole(Lowering *lowering, const MetricExpression *e, Piece *out)
{
    Piece other;
    if (lowering->side != SIDE_LARGER)
        return lower_piece(lowering, e, TEXT_NONE, out);
    lowering->side = SIDE_STABLE;
    if (!lower_piece(lowering, e, TEXT_NONE, out))
        return false;
    if (out->is_number || !lowering->facts->has_sides || !metric_has_scope(e, METRIC_TARGET_GROUP))
        return true;
    lowering->side = SIDE_CANARY;
    if (!lower_piece(lowering, e, TEXT_NONE, &other))
        return false;
    out->text = arena_format(lowering->emission->arena, "MAX([%.*s, %.*s])", TEXT_ARG(out->text), TEXT_ARG(other.text));
    out->binds = BINDS_ALL;
    out->is_bare = false;
    return true;
}

static Lowering lowering_make(Emission *emission, const ServiceFacts *facts, const MetricExpression *whole, const MetricRequest *request)
{
    return (Lowering){.emission = emission, .facts = facts, .request = request, .side = request->side, .place = whole->span};
}

bool metric_lower(Emission *emission, const ServiceFacts *facts, const MetricExpression *expression, const MetricRequest *request, LoweredMetric *out)
{
    Lowering lowering = lowering_make(emission, facts, expression, request);
    Piece piece;
    return lower_whole(&lowering, expression, &piece) && finish(&lowering, expression, &piece, out);
}

/* What a condition measures and compares with; a number on the left changes sides. */
typedef struct Measure {
    MetricExpression difference; /* where both sides are metrics */
    const MetricExpression *measured;
    Operator op;
    bool has_bound;
    Rational bound;
    TypeKind bound_type;
} Measure;

static Operator mirrored(Operator op)
{
    if (op == OPERATOR_LESS)
        return OPERATOR_GREATER;
    if (op == OPERATOR_LESS_EQUAL)
        return OPERATOR_GREATER_EQUAL;
    return op == OPERATOR_GREATER ? OPERATOR_LESS : op == OPERATOR_GREATER_EQUAL ? OPERATOR_LESS_EQUAL : op;
}

static void split_comparison(const MetricExpression *e, Measure *out)
{
    *out = (Measure){.measured = e->left, .op = e->op, .bound_type = TYPE_ANY, .bound = rational_from_integer(0)};
    if (e->right->kind == METRIC_NUMBER) {
        out->has_bound = true;
        out->bound = e->right->number;
        out->bound_type = e->right->type;
    } else if (e->left->kind == METRIC_NUMBER) {
        out->has_bound = true;
        out->measured = e->right;
        out->op = mirrored(e->op);
        out->bound = e->left->number;
        out->bound_type = e->left->type;
    } else {
        out->difference = (MetricExpression){.kind = METRIC_ARITHMETIC, .type = e->left->type, .op = OPERATOR_SUBTRACT, .left = e->left, .right = e->right, .span = e->span};
        out->measured = &out->difference;
    }
}

static const char *comparison_name(Operator op)
{
    if (op == OPERATOR_LESS)
        return "LessThanThreshold";
    if (op == OPERATOR_LESS_EQUAL)
        return "LessThanOrEqualToThreshold";
    return op == OPERATOR_GREATER_EQUAL ? "GreaterThanOrEqualToThreshold" : "GreaterThanThreshold";
}

static bool is_alarm_comparison(const MetricExpression *e)
{
    return e->kind == METRIC_COMPARISON && e->op != OPERATOR_EQUAL && e->op != OPERATOR_NOT_EQUAL;
}

/* A test that CloudWatch has no operator for: as an expression that is 1 while it holds. */
static bool lower_test(Lowering *lowering, const MetricExpression *e, LoweredCondition *out)
{
    Piece piece;
    out->comparison = "GreaterThanThreshold";
    out->threshold = rational_from_integer(0);
    if (e->kind != METRIC_FUNCTION)
        return lower_whole(lowering, e, &piece) && finish(lowering, e, &piece, &out->metric);
    if (e->function != FUNCTION_RISING || lowering->request->purpose != PURPOSE_TRIGGER)
        return report_rising(lowering, e);
    if (!lower_whole(lowering, e->left, &piece))
        return false;
    piece.text = arena_format(lowering->emission->arena, "DIFF(%.*s)", TEXT_ARG(piece.text));
    piece.is_bare = false;
    if (!finish(lowering, e, &piece, &out->metric))
        return false;
    bool has_growth = lowering->request->growth.num > 0;
    return !has_growth || rational_divide(&out->threshold, lowering->request->growth, out->metric.unit_factor) || report_overflow(lowering, e->span);
}

static bool report_inexact(Lowering *lowering, const MetricExpression *condition, Rational threshold)
{
    Text shown = rational_to_text(lowering->emission->arena, threshold);
    Diagnostic *diagnostic = diagnostic_report(lowering->emission->sink, CODE_THRESHOLD_INEXACT, condition->right ? condition->right->span : condition->span,
                                               "the bound %.*s has no exact decimal", TEXT_ARG(shown));
    diagnostic_set_label(lowering->emission->sink, diagnostic, "in the metric's own unit");
    diagnostic_set_advice(lowering->emission->sink, diagnostic, "round it");
    return false;
}

bool metric_lower_condition(Emission *emission, const ServiceFacts *facts, const MetricExpression *condition, const MetricRequest *request,
                            LoweredCondition *out)
{
    Lowering lowering = lowering_make(emission, facts, condition, request);
    *out = (LoweredCondition){0};
    if (!is_alarm_comparison(condition)) {
        if (!lower_test(&lowering, condition, out))
            return false;
    } else {
        Measure measure;
        Piece piece;
        split_comparison(condition, &measure);
        MetricRequest asked = *request;
        asked.bound = measure.bound_type;
        lowering.request = &asked;
        if (!lower_whole(&lowering, measure.measured, &piece) || !finish(&lowering, measure.measured, &piece, &out->metric))
            return false;
        out->comparison = comparison_name(measure.op);
        if (!rational_divide(&out->threshold, measure.bound, out->metric.unit_factor))
            return report_overflow(&lowering, condition->span);
        if (!rational_is_decimal(out->threshold))
            return report_inexact(&lowering, condition, out->threshold);
    }
    if (!out->metric.missing)
        out->metric.missing = metric_holds_at_zero(condition) ? "breaching" : "notBreaching";
    return true;
}
