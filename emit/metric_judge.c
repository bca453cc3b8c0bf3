/* Conditions to trees (SPEC.md, "Judging"). Each rule of "Lowering metrics" has its counterpart here: a property test holds the two together. */
#include "emit/metric_judge.h"

#include "emit/metric_query.h"

typedef struct Judging {
    Lowering lowering;
    const JudgeRequest *asked;
    bool is_bare; /* the condition is one metric against a number, and its `missing` is said: no gap is filled */
} Judging;

static Arena *arena_of(const Judging *j)
{
    return j->lowering.emission->arena;
}

static Json *exact(const Judging *j, Rational number)
{
    return json_text(arena_of(j), rational_to_text(arena_of(j), number));
}

static Json *node_of(const Judging *j, const char *op, Json *left, Json *right)
{
    if (!left)
        return NULL;
    Json *node = json_object(arena_of(j));
    Json *of = json_array(arena_of(j));
    json_add(arena_of(j), of, left);
    json_add(arena_of(j), of, right);
    json_set_c(arena_of(j), node, "op", json_text_c(arena_of(j), op));
    json_set_c(arena_of(j), node, "of", of);
    return node;
}

static Json *tree(Judging *j, const MetricExpression *e, Text statistic);

/* --- values --- */

static Json *series_node(const Judging *j, const MetricDeclaration *leaf, size_t index)
{
    Json *node = json_object(arena_of(j));
    json_set_c(arena_of(j), node, "series", json_integer(arena_of(j), (int64_t)index));
    if (rational_compare(leaf->factor, rational_from_integer(1)) != 0)
        json_set_c(arena_of(j), node, "factor", exact(j, leaf->factor));
    if (leaf->missing == METRIC_MISSING_ZERO && !j->is_bare)
        json_set_c(arena_of(j), node, "fill", json_integer(arena_of(j), 0));
    return node;
}

/* One metric; over several target groups or load balancers they become one as the declaration says. */
static Json *leaf_tree(Judging *j, const MetricExpression *e, Text statistic)
{
    size_t ids[METRIC_QUERIES_MAX];
    size_t count = 0;
    if (!metric_query_leaf(&j->lowering, e, statistic, ids, &count))
        return NULL;
    if (count == 1)
        return series_node(j, e->leaf, ids[0]);
    bool is_sum = e->leaf->combine == COMBINE_SUM;
    bool is_gappy = j->lowering.facts->has_sides && e->leaf->missing != METRIC_MISSING_ZERO;
    Json *joined = node_of(j, !is_sum ? "max" : is_gappy ? "sum" : "+", series_node(j, e->leaf, ids[0]), NULL);
    for (size_t i = 1; i < count; i++)
        json_add(arena_of(j), json_get_c(joined, "of"), series_node(j, e->leaf, ids[i]));
    return joined;
}

/* What a point of the lowered text times is in the base unit: where there is nothing to divide by, the text's undivided value stands. */
static Rational unit_of(const MetricExpression *e)
{
    Rational result = rational_from_integer(1);
    if (e->kind == METRIC_LEAF)
        return e->leaf->factor;
    if (e->kind == METRIC_FUNCTION)
        return unit_of(e->left);
    if (e->kind != METRIC_ARITHMETIC)
        return result;
    if (e->op == OPERATOR_NEGATE)
        return unit_of(e->left ? e->left : e->right);
    if (e->op == OPERATOR_ADD || e->op == OPERATOR_SUBTRACT)
        return unit_of(e->left->kind == METRIC_NUMBER ? e->right : e->left);
    bool fits = e->op == OPERATOR_MULTIPLY ? rational_multiply(&result, unit_of(e->left), unit_of(e->right)) : rational_divide(&result, unit_of(e->left), unit_of(e->right));
    return fits ? result : rational_from_integer(1);
}

static Json *arithmetic_tree(Judging *j, const MetricExpression *e, Text statistic)
{
    static const char *const signs[] = {[OPERATOR_ADD] = "+", [OPERATOR_SUBTRACT] = "-", [OPERATOR_MULTIPLY] = "*", [OPERATOR_DIVIDE] = "/"};
    if (e->op == OPERATOR_NEGATE) {
        MetricExpression zero = {.kind = METRIC_NUMBER, .type = e->type, .number = rational_from_integer(0), .span = e->span};
        return node_of(j, "-", tree(j, &zero, TEXT_NONE), tree(j, e->left ? e->left : e->right, statistic));
    }
    Json *left = tree(j, e->left, statistic);
    Json *right = tree(j, e->right, statistic);
    if (!left || !right)
        return NULL;
    Json *node = node_of(j, signs[e->op], left, right);
    Rational unit = e->op == OPERATOR_DIVIDE ? unit_of(e->right) : rational_from_integer(1);
    if (rational_compare(unit, rational_from_integer(1)) != 0)
        json_set_c(arena_of(j), node, "unit", exact(j, unit));
    return node;
}

static Json *side_tree(Judging *j, const MetricExpression *e, MetricSide side, Text statistic)
{
    MetricSide outer = j->lowering.side;
    j->lowering.side = side;
    Json *node = tree(j, e, statistic);
    j->lowering.side = outer;
    return node;
}

static Json *function_tree(Judging *j, const MetricExpression *e, Text statistic)
{
    switch (e->function) {
    case FUNCTION_SUM: return tree(j, e->left, TEXT("Sum"));
    case FUNCTION_AVERAGE: return tree(j, e->left, TEXT("Average"));
    case FUNCTION_MINIMUM: return tree(j, e->left, TEXT("Minimum"));
    case FUNCTION_MAXIMUM: return tree(j, e->left, TEXT("Maximum"));
    case FUNCTION_CANARY: return side_tree(j, e->left, SIDE_CANARY, statistic);
    case FUNCTION_STABLE: return side_tree(j, e->left, SIDE_STABLE, statistic);
    case FUNCTION_RISING:
    case FUNCTION_HIGHER:
    case FUNCTION_LOWER: break;
    }
    return NULL;
}

static Json *tree(Judging *j, const MetricExpression *e, Text statistic)
{
    switch (e->kind) {
    case METRIC_LEAF: return leaf_tree(j, e, statistic);
    case METRIC_NUMBER: {
        Json *number = json_object(arena_of(j));
        json_set_c(arena_of(j), number, "number", exact(j, e->number));
        return number;
    }
    case METRIC_ARITHMETIC: return arithmetic_tree(j, e, statistic);
    case METRIC_FUNCTION: return function_tree(j, e, statistic);
    case METRIC_COMPARISON:
    case METRIC_LOGIC: break; /* of type condition: the compiler lets none stand in arithmetic */
    }
    return NULL;
}

/* --- truths --- */

/* Within `and` and `or`, a comparison without a point gets the answer that its metrics give, as in the lowered math. */
static Json *comparison_tree(Judging *j, const MetricExpression *e, bool is_negated, bool is_joined)
{
    Json *left = tree(j, e->left, TEXT_NONE);
    Json *right = tree(j, e->right, TEXT_NONE);
    if (!left || !right)
        return NULL;
    Json *node = node_of(j, operator_text(is_negated ? metric_opposite(e->op) : e->op), left, right);
    Text missing = text_from_c(metric_missing(e));
    bool breaches = text_equal_c(missing, "breaching");
    bool is_alarm = !is_joined && e->op != OPERATOR_EQUAL && e->op != OPERATOR_NOT_EQUAL;
    if (!is_alarm && (breaches || text_equal_c(missing, "notBreaching")))
        json_set_c(arena_of(j), node, "fill", json_integer(arena_of(j), breaches));
    return node;
}

/* What is told of a whole window and not of each point. */
static Json *window_tree(Judging *j, const MetricExpression *e, bool is_negated)
{
    bool is_rising = e->function == FUNCTION_RISING;
    Json *left = is_rising ? tree(j, e->left, TEXT_NONE) : side_tree(j, e->left, SIDE_CANARY, TEXT_NONE);
    Json *right = is_rising || !left ? NULL : side_tree(j, e->left, SIDE_STABLE, TEXT_NONE);
    if (!left || (!is_rising && !right))
        return NULL;
    Json *node = node_of(j, is_rising ? "rising" : e->function == FUNCTION_HIGHER ? "higher" : "lower", left, right);
    json_set_c(arena_of(j), node, is_rising ? "by" : "confidence", exact(j, is_rising ? j->asked->by : j->asked->confidence));
    if (is_negated)
        json_set_c(arena_of(j), node, "negated", json_bool(arena_of(j), true));
    return node;
}

static Json *truth_tree(Judging *j, const MetricExpression *e, bool is_negated, bool is_joined)
{
    if (e->kind == METRIC_COMPARISON)
        return comparison_tree(j, e, is_negated, is_joined);
    if (e->kind == METRIC_FUNCTION)
        return window_tree(j, e, is_negated);
    if (e->op == OPERATOR_NOT)
        return truth_tree(j, e->left ? e->left : e->right, !is_negated, true);
    Json *left = truth_tree(j, e->left, is_negated, true);
    Json *right = truth_tree(j, e->right, is_negated, true);
    bool is_and = (e->op == OPERATOR_AND) != is_negated;
    return left && right ? node_of(j, is_and ? "and" : "or", left, right) : NULL;
}

/* --- the whole --- */

static const MetricExpression *without_functions(const MetricExpression *e)
{
    while (e->kind == METRIC_FUNCTION)
        e = e->left;
    return e;
}

static bool is_single_metric(const MetricExpression *condition)
{
    if (condition->kind != METRIC_COMPARISON || condition->op == OPERATOR_EQUAL || condition->op == OPERATOR_NOT_EQUAL)
        return false;
    bool is_left = condition->right->kind == METRIC_NUMBER;
    const MetricExpression *measured = without_functions(is_left ? condition->left : condition->right);
    return measured->kind == METRIC_LEAF && (is_left || condition->left->kind == METRIC_NUMBER);
}

const MetricDeclaration *metric_requests(void)
{
    static const MetricDeclaration requests = {.path = {"http.requests", 13},   .name_space = {"AWS/ApplicationELB", 18},
                                               .name = {"RequestCount", 12},    .statistic = {"Sum", 3},
                                               .type = TYPE_INTEGER,            .factor = {1, 1},
                                               .resolution = 60000,             .missing = METRIC_MISSING_ZERO,
                                               .scope = METRIC_TARGET_GROUP,    .combine = COMBINE_SUM,
                                               .is_library = true};
    return &requests;
}

static Json *series_list(Judging *j)
{
    Json *queries = metric_query_array(&j->lowering, TEXT_NONE, TEXT_NONE);
    Json *list = json_array(arena_of(j));
    for (size_t i = 0; i < queries->items.count; i++) {
        Json *series = json_object(arena_of(j));
        json_set_c(arena_of(j), series, "label", json_get_c(queries->items.items[i], "Label"));
        json_set_c(arena_of(j), series, "stat", json_get_c(queries->items.items[i], "MetricStat"));
        json_add(arena_of(j), list, series);
    }
    return list;
}

bool metric_judge(Emission *emission, const ServiceFacts *facts, const MetricExpression *condition, const JudgeRequest *request, Judged *out)
{
    MetricRequest shape = {.purpose = PURPOSE_TRIGGER, .side = request->side, .period = request->period, .bound = TYPE_ANY};
    Judging j = {.lowering = {.emission = emission, .facts = facts, .request = &shape, .side = request->side, .place = condition->span}, .asked = request};
    *out = (Judged){0};
    j.is_bare = request->is_missing_said && is_single_metric(condition);
    out->test = truth_tree(&j, condition, request->is_negated, false);
    j.is_bare = false;
    if (request->counts_requests && facts->route_count) {
        MetricExpression requests = {.kind = METRIC_LEAF, .type = TYPE_INTEGER, .leaf = metric_requests(), .span = condition->span};
        out->requests = tree(&j, &requests, TEXT_NONE);
    }
    if (!out->test)
        return false;
    out->series = series_list(&j);
    return true;
}
