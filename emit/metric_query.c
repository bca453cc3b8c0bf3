/* Which metrics an expression reads, with dimensions and statistics. */
#include "emit/metric_query.h"

#include "emit/load_balancer.h"

/* --- expressions before lowering --- */

const MetricDeclaration *metric_first_leaf(const MetricExpression *e)
{
    if (!e)
        return NULL;
    if (e->kind == METRIC_LEAF)
        return e->leaf;
    const MetricDeclaration *found = metric_first_leaf(e->left);
    return found ? found : metric_first_leaf(e->right);
}

int64_t metric_resolution(const MetricExpression *e)
{
    if (!e)
        return 0;
    if (e->kind == METRIC_LEAF)
        return e->leaf->resolution > 0 ? e->leaf->resolution : 60 * 1000;
    int64_t left = metric_resolution(e->left);
    int64_t right = metric_resolution(e->right);
    return left > right ? left : right;
}

bool metric_uses_function(const MetricExpression *e, MetricFunction function)
{
    if (!e)
        return false;
    if (e->kind == METRIC_FUNCTION && e->function == function)
        return true;
    return metric_uses_function(e->left, function) || metric_uses_function(e->right, function);
}

bool metric_names_side(const MetricExpression *e)
{
    return metric_uses_function(e, FUNCTION_CANARY) || metric_uses_function(e, FUNCTION_STABLE) || metric_uses_function(e, FUNCTION_HIGHER) ||
           metric_uses_function(e, FUNCTION_LOWER);
}

bool metric_has_canary_side(const MetricExpression *e)
{
    if (!e || e->kind == METRIC_NUMBER || (e->kind == METRIC_FUNCTION && e->function == FUNCTION_STABLE))
        return true;
    if (e->kind == METRIC_LEAF)
        return e->leaf->scope == METRIC_TARGET_GROUP || e->leaf->scope == METRIC_SERVICE;
    return metric_has_canary_side(e->left) && metric_has_canary_side(e->right);
}

bool metric_has_scope(const MetricExpression *e, MetricScope scope)
{
    if (!e)
        return false;
    if (e->kind == METRIC_LEAF)
        return e->leaf->scope == scope;
    return metric_has_scope(e->left, scope) || metric_has_scope(e->right, scope);
}

/* The metrics of target groups in it, each once; `seen` holds METRIC_QUERIES_MAX, and more are not told apart. */
static void count_target_metrics(const MetricExpression *e, const MetricDeclaration **seen, size_t *count)
{
    if (!e)
        return;
    count_target_metrics(e->left, seen, count);
    count_target_metrics(e->right, seen, count);
    if (e->kind != METRIC_LEAF || e->leaf->scope != METRIC_TARGET_GROUP || *count == METRIC_QUERIES_MAX)
        return;
    for (size_t i = 0; i < *count; i++)
        if (seen[i] == e->leaf)
            return;
    seen[(*count)++] = e->leaf;
}

bool metric_fits_both_sides(const ServiceFacts *facts, const MetricExpression *expression)
{
    const MetricDeclaration *seen[METRIC_QUERIES_MAX];
    size_t count = 0;
    count_target_metrics(expression, seen, &count);
    return count * facts->route_count * 2 <= METRIC_QUERIES_MAX;
}

MetricSide metric_scaling_side(const ServiceFacts *facts)
{
    return facts->engine == ENGINE_NATIVE ? SIDE_BOTH : SIDE_STABLE;
}

static bool is_numeric(TypeKind type)
{
    return type == TYPE_INTEGER || type == TYPE_NUMBER;
}

bool metric_accepts_bound(const MetricExpression *e, TypeKind bound)
{
    if (is_numeric(e->type))
        return is_numeric(bound) || (bound == TYPE_PERCENT && e->type == TYPE_NUMBER);
    return bound == e->type;
}

/* --- missing points --- */

/* How much worse one answer to a missing point is than another; 0 is none at all. */
static int missing_rank(const MetricExpression *e)
{
    static const int ranks[] = {[METRIC_MISSING_ZERO] = 0, [METRIC_MISSING_OK] = 1, [METRIC_MISSING_IGNORE] = 2, [METRIC_MISSING_UNKNOWN] = 3, [METRIC_MISSING_BREACH] = 4};
    if (!e)
        return 0;
    if (e->kind == METRIC_LEAF)
        return ranks[e->leaf->missing];
    int left = missing_rank(e->left);
    int right = missing_rank(e->right);
    return left > right ? left : right;
}

const char *metric_missing(const MetricExpression *e)
{
    static const char *const treatments[] = {NULL, "notBreaching", "ignore", "missing", "breaching"};
    return treatments[missing_rank(e)];
}

/* The value while all metrics are zero; a division by zero is one by one, as in the lowered math. Overflow was reported when lowering. */
static Rational value_at_zero(const MetricExpression *e)
{
    Rational zero = rational_from_integer(0);
    if (!e || e->kind == METRIC_LEAF)
        return zero;
    if (e->kind == METRIC_NUMBER)
        return e->number;
    if (e->kind == METRIC_FUNCTION)
        return value_at_zero(e->left);
    if (e->kind != METRIC_ARITHMETIC)
        return rational_from_integer(metric_holds_at_zero(e));
    Rational a = value_at_zero(e->left);
    Rational b = value_at_zero(e->right);
    Rational result = zero;
    bool fits = e->op == OPERATOR_ADD        ? rational_add(&result, a, b)
                : e->op == OPERATOR_SUBTRACT ? rational_subtract(&result, a, b)
                : e->op == OPERATOR_MULTIPLY ? rational_multiply(&result, a, b)
                : e->op == OPERATOR_DIVIDE   ? rational_divide(&result, a, b.num > 0 ? b : rational_from_integer(1))
                                             : rational_subtract(&result, zero, a);
    return fits ? result : zero;
}

bool metric_holds_at_zero(const MetricExpression *e)
{
    if (e->kind == METRIC_LOGIC && e->op == OPERATOR_NOT)
        return !metric_holds_at_zero(e->left ? e->left : e->right);
    if (e->kind == METRIC_LOGIC) {
        bool left = metric_holds_at_zero(e->left);
        bool right = metric_holds_at_zero(e->right);
        return e->op == OPERATOR_AND ? left && right : left || right;
    }
    if (e->kind != METRIC_COMPARISON)
        return false;
    int order = rational_compare(value_at_zero(e->left), value_at_zero(e->right));
    bool is_equal_fine = e->op == OPERATOR_EQUAL || e->op == OPERATOR_LESS_EQUAL || e->op == OPERATOR_GREATER_EQUAL;
    if (order == 0)
        return is_equal_fine;
    if (e->op == OPERATOR_EQUAL)
        return false;
    if (e->op == OPERATOR_NOT_EQUAL)
        return true;
    return (e->op == OPERATOR_LESS || e->op == OPERATOR_LESS_EQUAL) == (order < 0);
}

/* --- queries --- */

static bool same_metric(const MetricDeclaration *a, const MetricDeclaration *b)
{
    bool is_same = a == b || (text_equal(a->name_space, b->name_space) && text_equal(a->name, b->name) && text_equal(a->path, b->path) &&
                              a->dimension_count == b->dimension_count);
    for (size_t i = 0; is_same && a != b && i < a->dimension_count; i++)
        is_same = text_equal(a->dimensions[i].name, b->dimensions[i].name) && text_equal(a->dimensions[i].value, b->dimensions[i].value);
    return is_same;
}

static bool add_query(Lowering *lowering, MetricQuery query, size_t *ids, size_t *count)
{
    size_t index = 0;
    for (; index < lowering->queries.count; index++) {
        const MetricQuery *known = &lowering->queries.items[index];
        if (same_metric(known->leaf, query.leaf) && text_equal(known->statistic, query.statistic) && known->route == query.route && known->side == query.side)
            break;
    }
    if (index == lowering->queries.count)
        ARRAY_PUSH(lowering->emission->arena, &lowering->queries, query);
    if (*count >= METRIC_QUERIES_MAX)
        return metric_query_report_count(lowering);
    ids[(*count)++] = index;
    return true;
}

/* The metrics that are read so far, each once. */
static Text list_leaves(const Lowering *lowering)
{
    Arena *arena = lowering->emission->arena;
    Text all = TEXT_NONE;
    for (size_t i = 0; i < lowering->queries.count; i++) {
        const MetricDeclaration *leaf = lowering->queries.items[i].leaf;
        bool is_new = true;
        for (size_t j = 0; j < i; j++)
            is_new = is_new && lowering->queries.items[j].leaf != leaf;
        if (is_new)
            all = all.len ? arena_format(arena, "%.*s, %.*s", TEXT_ARG(all), TEXT_ARG(leaf->path)) : leaf->path;
    }
    return all;
}

bool metric_query_report_count(Lowering *lowering)
{
    Diagnostic *diagnostic = diagnostic_report(lowering->emission->sink, CODE_TOO_MANY_METRICS, lowering->place, "this expression reads more than %d metrics", METRIC_QUERIES_MAX);
    diagnostic_set_label(lowering->emission->sink, diagnostic, "CloudWatch takes %d", METRIC_QUERIES_MAX);
    Text leaves = list_leaves(lowering);
    if (lowering->facts->has_sides && lowering->facts->route_count > 1)
        diagnostic_add_note(lowering->emission->sink, diagnostic, "it reads %.*s, each of %zu target groups: every route of %.*s has two, for its rollout", TEXT_ARG(leaves),
                            lowering->facts->route_count * 2, TEXT_ARG(lowering->facts->service));
    else
        diagnostic_add_note(lowering->emission->sink, diagnostic, "it reads %.*s", TEXT_ARG(leaves));
    diagnostic_set_advice(lowering->emission->sink, diagnostic, "watch fewer of them in one condition, and the others in a condition of their own");
    return false;
}

static bool report_needs_route(Lowering *lowering, const MetricExpression *e)
{
    Diagnostic *diagnostic = diagnostic_report(lowering->emission->sink, CODE_METRIC_NEEDS_ROUTE, lowering->place, "%.*s is measured at a load balancer, and %.*s has none",
                                               TEXT_ARG(e->leaf->path), TEXT_ARG(lowering->facts->service));
    diagnostic_set_label(lowering->emission->sink, diagnostic, "the service has no route");
    diagnostic_set_advice(lowering->emission->sink, diagnostic, "add a route, such as: %s", vocabulary_row(W_ROUTE)->example);
    return false;
}

/* Several routes of one load balancer are one query of its metrics. */
static bool is_new_load_balancer(const ServiceFacts *facts, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (text_equal(facts->routes[i].load_balancer_id, facts->routes[index].load_balancer_id))
            return false;
    return true;
}

/* The metrics of one route's target groups, on the sides that are asked for; a load balancer has no sides. */
static bool add_side_queries(Lowering *lowering, const MetricDeclaration *leaf, Text statistic, const RouteFacts *route, size_t *ids, size_t *count)
{
    bool has_sides = leaf->scope == METRIC_TARGET_GROUP && lowering->facts->has_sides;
    bool is_stable = !has_sides || lowering->side != SIDE_CANARY;
    bool is_canary = has_sides && (lowering->side == SIDE_CANARY || lowering->side == SIDE_BOTH);
    MetricQuery query = {.leaf = leaf, .statistic = statistic, .route = route, .side = SIDE_STABLE};
    if (is_stable && !add_query(lowering, query, ids, count))
        return false;
    query.side = SIDE_CANARY;
    return !is_canary || add_query(lowering, query, ids, count);
}

static bool add_route_queries(Lowering *lowering, const MetricExpression *e, Text statistic, size_t *ids, size_t *count)
{
    const ServiceFacts *facts = lowering->facts;
    size_t places = 0;
    if (!facts->route_count)
        return report_needs_route(lowering, e);
    for (size_t i = 0; i < facts->route_count; i++) {
        if (e->leaf->scope == METRIC_LOAD_BALANCER && !is_new_load_balancer(facts, i))
            continue;
        places++;
        if (!add_side_queries(lowering, e->leaf, statistic, &facts->routes[i], ids, count))
            return false;
    }
    if (places == 1 || e->leaf->combine != COMBINE_NONE)
        return true;
    Diagnostic *diagnostic = diagnostic_report(lowering->emission->sink, CODE_METRIC_NOT_COMBINED, lowering->place, "%.*s cannot be told over several routes",
                                               TEXT_ARG(e->leaf->path));
    diagnostic_add_label(lowering->emission->sink, diagnostic, facts->routes[1].node->span, "the second route");
    diagnostic_set_advice(lowering->emission->sink, diagnostic, "use a metric that combines, or say how this one does where it is declared");
    return false;
}

static bool report_insights(Lowering *lowering, const MetricExpression *e)
{
    const ServiceFacts *facts = lowering->facts;
    Diagnostic *diagnostic = diagnostic_report(lowering->emission->sink, CODE_METRIC_NEEDS_INSIGHTS, lowering->place, "%.*s exists only with Container Insights",
                                               TEXT_ARG(e->leaf->path));
    diagnostic_set_label(lowering->emission->sink, diagnostic, "cluster %.*s does not have it", TEXT_ARG(facts->cluster));
    diagnostic_set_advice(lowering->emission->sink, diagnostic, "declare it with the cluster: %s %.*s { %s on }", vocabulary_row(W_CLUSTER)->word,
                          TEXT_ARG(facts->cluster), vocabulary_row(W_INSIGHTS)->word);
    return false;
}

bool metric_query_leaf(Lowering *lowering, const MetricExpression *e, Text statistic, size_t *ids, size_t *count)
{
    const MetricDeclaration *leaf = e->leaf;
    Text used = statistic.len ? statistic : leaf->statistic;
    if (leaf->needs_insights && !lowering->facts->cluster_has_insights)
        return report_insights(lowering, e);
    if (leaf->scope == METRIC_TARGET_GROUP || leaf->scope == METRIC_LOAD_BALANCER)
        return add_route_queries(lowering, e, used, ids, count);
    if (leaf->scope == METRIC_SERVICE && lowering->facts->is_scheduled && !leaf->log_container.len) {
        Diagnostic *diagnostic = diagnostic_report(lowering->emission->sink, CODE_METRIC_NEEDS_SERVICE, lowering->place, "%.*s is measured for an ECS service, and %.*s has none",
                                                   TEXT_ARG(leaf->path), TEXT_ARG(lowering->facts->service));
        diagnostic_set_label(lowering->emission->sink, diagnostic, "it only starts a task at times");
        diagnostic_set_advice(lowering->emission->sink, diagnostic, "watch its log instead, by a metric that counts lines");
        return false;
    }
    bool is_canary = lowering->side == SIDE_CANARY && leaf->scope == METRIC_SERVICE && lowering->facts->engine == ENGINE_RAMP;
    return add_query(lowering, (MetricQuery){.leaf = leaf, .statistic = used, .side = is_canary ? SIDE_CANARY : SIDE_STABLE}, ids, count);
}

/* --- dimensions --- */

Json *metric_load_balancer(Emission *emission, const RouteFacts *route)
{
    return load_balancer_attribute(emission, route->load_balancer_node, route->load_balancer, "full-name", route->node->span);
}

Json *metric_target_group(Emission *emission, const RouteFacts *route, MetricSide side)
{
    return emit_reference(emission, side == SIDE_CANARY ? route->canary_target_group_id : route->target_group_id, "full-name", TEXT_NONE);
}

static void add_dimension(Lowering *lowering, Json *dimensions, Text name, Json *value)
{
    Json *dimension = json_object(lowering->emission->arena);
    json_set_c(lowering->emission->arena, dimension, "Name", json_text(lowering->emission->arena, name));
    json_set_c(lowering->emission->arena, dimension, "Value", value);
    json_add(lowering->emission->arena, dimensions, dimension);
}

static void add_scope_dimensions(Lowering *lowering, const MetricQuery *query, Json *dimensions)
{
    Emission *emission = lowering->emission;
    const ServiceFacts *facts = lowering->facts;
    Text service = query->side == SIDE_CANARY ? arena_join(emission->arena, facts->name, TEXT("-c")) : facts->name;
    switch (query->leaf->scope) {
    case METRIC_TARGET_GROUP: add_dimension(lowering, dimensions, TEXT("TargetGroup"), metric_target_group(emission, query->route, query->side));
        /* fall through */
    case METRIC_LOAD_BALANCER: add_dimension(lowering, dimensions, TEXT("LoadBalancer"), metric_load_balancer(emission, query->route)); break;
    case METRIC_SERVICE: add_dimension(lowering, dimensions, TEXT("ServiceName"), json_text(emission->arena, service));
        /* fall through */
    case METRIC_CLUSTER: add_dimension(lowering, dimensions, TEXT("ClusterName"), json_text(emission->arena, facts->cluster)); break;
    case METRIC_GLOBAL: break;
    }
}

static Json *query_dimensions(Lowering *lowering, const MetricQuery *query)
{
    Json *dimensions = json_array(lowering->emission->arena);
    if (!query->leaf->log_container.len)
        add_scope_dimensions(lowering, query, dimensions);
    for (size_t i = 0; i < query->leaf->dimension_count; i++) {
        const MetricDimension *declared = &query->leaf->dimensions[i];
        add_dimension(lowering, dimensions, declared->name, json_text(lowering->emission->arena, declared->value));
    }
    json_sort_by(dimensions, "Name");
    return dimensions;
}

Text metric_log_path(Emission *emission, const MetricDeclaration *leaf)
{
    Text path = leaf->path;
    for (size_t i = 0; i < leaf->argument_count; i++) {
        Text argument = name_exact(emission, leaf->argument_texts[i], 100);
        path = arena_format(emission->arena, "%.*s.%.*s", TEXT_ARG(path), TEXT_ARG(argument));
    }
    return path;
}

Text metric_log_name(Emission *emission, const ServiceFacts *facts, Text path)
{
    return arena_format(emission->arena, "%.*s.%.*s", TEXT_ARG(facts->name), TEXT_ARG(path));
}

Text metric_log_namespace(Emission *emission)
{
    return arena_format(emission->arena, "svc/%.*s", TEXT_ARG(emission->model->project));
}

/* {"Namespace", "MetricName", "Dimensions"?} */
static Json *query_metric(Lowering *lowering, const MetricQuery *query)
{
    Emission *emission = lowering->emission;
    const MetricDeclaration *leaf = query->leaf;
    bool is_log = leaf->log_container.len > 0;
    Json *metric = json_object(emission->arena);
    Json *dimensions = query_dimensions(lowering, query);
    json_set_c(emission->arena, metric, "Namespace", json_text(emission->arena, is_log ? metric_log_namespace(emission) : leaf->name_space));
    json_set_c(emission->arena, metric, "MetricName", json_text(emission->arena, is_log ? metric_log_name(emission, lowering->facts, metric_log_path(emission, leaf)) : leaf->name));
    json_set_c(emission->arena, metric, "Dimensions", json_length(dimensions) ? dimensions : NULL);
    return metric;
}

static bool is_basic_statistic(Text statistic)
{
    return text_equal_c(statistic, "Sum") || text_equal_c(statistic, "Average") || text_equal_c(statistic, "Minimum") || text_equal_c(statistic, "Maximum") ||
           text_equal_c(statistic, "SampleCount");
}

Json *metric_query_single(Lowering *lowering)
{
    Arena *arena = lowering->emission->arena;
    const MetricQuery *query = &lowering->queries.items[0];
    Json *single = query_metric(lowering, query);
    json_set_c(arena, single, is_basic_statistic(query->statistic) ? "Statistic" : "ExtendedStatistic", json_text(arena, query->statistic));
    if (lowering->request->unit.len)
        json_set_c(arena, single, "Unit", json_text(arena, lowering->request->unit));
    return single;
}

Text metric_side_label(Emission *emission, const ServiceFacts *facts, const RouteFacts *route, MetricSide side)
{
    if (side == SIDE_CANARY)
        return arena_join(emission->arena, route->name, TEXT("-c"));
    return facts->route_count > 1 || facts->has_sides ? route->name : TEXT_NONE;
}

/* What a console shows for it: the metric's path, with the target group where there are several. */
static Text query_label(Lowering *lowering, const MetricQuery *query)
{
    MetricExpression shown = {.kind = METRIC_LEAF, .leaf = query->leaf};
    Text label = metric_to_text(lowering->emission->arena, &shown);
    if (!query->route)
        return label;
    bool has_sides = query->leaf->scope == METRIC_TARGET_GROUP;
    Text place = has_sides ? metric_side_label(lowering->emission, lowering->facts, query->route, query->side) : TEXT_NONE;
    if (!has_sides && lowering->facts->route_count > 1)
        place = query->route->name;
    return place.len ? arena_format(lowering->emission->arena, "%.*s %.*s", TEXT_ARG(label), TEXT_ARG(place)) : label;
}

static Json *query_stat(Lowering *lowering, const MetricQuery *query)
{
    Arena *arena = lowering->emission->arena;
    Json *stat = json_object(arena);
    json_set_c(arena, stat, "Metric", query_metric(lowering, query));
    json_set_c(arena, stat, "Stat", json_text(arena, query->statistic));
    if (lowering->request->period)
        json_set_c(arena, stat, "Period", json_integer(arena, lowering->request->period));
    if (lowering->request->unit.len)
        json_set_c(arena, stat, "Unit", json_text(arena, lowering->request->unit));
    return stat;
}

static void set_label(Lowering *lowering, Json *query, Text label)
{
    enum { LABEL_MAX = 200 };
    if (label.len && label.len <= LABEL_MAX)
        json_set_c(lowering->emission->arena, query, "Label", json_text(lowering->emission->arena, label));
}

Json *metric_query_array(Lowering *lowering, Text expression, Text label)
{
    Arena *arena = lowering->emission->arena;
    Json *array = json_array(arena);
    for (size_t i = 0; i < lowering->queries.count; i++) {
        const MetricQuery *query = &lowering->queries.items[i];
        Json *item = json_object(arena);
        json_set_c(arena, item, "Id", json_text(arena, arena_format(arena, "%.*sm%zu", TEXT_ARG(lowering->request->prefix), i + 1)));
        json_set_c(arena, item, "MetricStat", query_stat(lowering, query));
        json_set_c(arena, item, "ReturnData", json_bool(arena, !expression.len && i == 0));
        if (lowering->request->account.len)
            json_set_c(arena, item, "AccountId", json_text(arena, lowering->request->account));
        set_label(lowering, item, query_label(lowering, query));
        json_add(arena, array, item);
    }
    if (!expression.len)
        return array;
    Json *item = json_object(arena);
    json_set_c(arena, item, "Id", json_text(arena, arena_format(arena, "%.*se1", TEXT_ARG(lowering->request->prefix))));
    json_set_c(arena, item, "Expression", json_text(arena, expression));
    json_set_c(arena, item, "ReturnData", json_bool(arena, true));
    set_label(lowering, item, label);
    json_add(arena, array, item);
    return array;
}
