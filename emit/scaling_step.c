/* Step scaling: absolute bounds to a policy of offsets and the alarm that sets it off (StepScalingPolicyConfiguration: the offsets leave no gap, do
   not overlap, and the last one is open). */
#include "emit/alarm.h"
#include "emit/scaling.h"

typedef enum StepKind { STEP_CHANGE, STEP_PERCENT, STEP_EXACT } StepKind;

typedef struct Step {
    const Node *node;
    const MetricExpression *metric;
    Text metric_text;
    const Value *bound;
    bool is_above;
    StepKind kind;
    int64_t change; /* tasks, percent points, or the exact number */
    AlarmWindow window;
    bool is_taken;  /* by a policy */
} Step;

enum { STEPS_MAX = 20 }; /* of one policy; Application Auto Scaling's quota */

/* --- reading --- */

static bool report_change(Emission *emission, const Node *node, Span span, const char *problem)
{
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_STEP_CHANGE, span, "this `%s` %s", node->row->word, problem);
    diagnostic_set_advice(emission->sink, diagnostic, "add or remove tasks (+2), a share of them (+10%%), or set them (%s 10)", vocabulary_row(W_STEP_TO)->word);
    return false;
}

/* A share is in percent points, a number as it is; both whole and between -1000 and 1000. */
static bool read_signed_change(Emission *emission, const Node *node, const Value *change, Step *out)
{
    enum { CHANGE_MAX = 1000 };
    bool is_percent = change->type == TYPE_PERCENT;
    Rational number = change->number;
    if (change->kind == VALUE_ERROR || change->kind == VALUE_UNKNOWN)
        return false;
    if (change->kind != VALUE_QUANTITY || (change->type != TYPE_INTEGER && !is_percent))
        return report_change(emission, node, change->span, "changes by something else than tasks");
    if (is_percent && !rational_multiply(&number, number, rational_from_integer(100)))
        return false;
    if (!rational_is_whole(number) || number.num == 0 || number.num < -CHANGE_MAX || number.num > CHANGE_MAX)
        return report_change(emission, node, change->span, "changes by nothing, by a part, or by more than 1000");
    out->kind = is_percent ? STEP_PERCENT : STEP_CHANGE;
    out->change = number.num;
    return true;
}

static bool read_change(Emission *emission, const Node *node, Step *out)
{
    const Value *change = node_argument(node, 1);
    const Node *to = node_child(node, W_STEP_TO);
    if (change && to)
        return report_change(emission, node, to->span, "both changes the number of tasks and sets it");
    if (change)
        return read_signed_change(emission, node, change, out);
    if (!to)
        return report_change(emission, node, node->span, "does not say what it does");
    out->kind = STEP_EXACT;
    out->change = node_integer(to, 0, -1);
    return out->change >= 0;
}

static bool read_bound(Emission *emission, const Node *node, Step *out)
{
    const Node *above = node_child(node, W_STEP_ABOVE);
    const Node *below = node_child(node, W_STEP_BELOW);
    if ((above != NULL) != (below != NULL)) {
        out->is_above = above != NULL;
        out->bound = node_argument(above ? above : below, 0);
        return scaling_check_bound(emission, out->metric, out->bound);
    }
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_STEP_BOUND, node->span, above ? "this `%s` has two bounds" : "this `%s` has no bound", node->row->word);
    diagnostic_set_advice(emission->sink, diagnostic, "say one: `%s` or `%s`", vocabulary_row(W_STEP_ABOVE)->example, vocabulary_row(W_STEP_BELOW)->example);
    return false;
}

static bool read_step(Emission *emission, const Node *node, Step *out)
{
    const Value *metric = node_argument(node, 0);
    *out = (Step){.node = node};
    if (!metric || metric->kind != VALUE_METRIC)
        return false;
    out->metric = metric->metric;
    out->metric_text = metric_to_text(emission->arena, metric->metric);
    bool has_change = read_change(emission, node, out);
    bool has_bound = read_bound(emission, node, out);
    return has_change && has_bound && alarm_read_window(emission, node, metric_resolution(out->metric), &out->window);
}

/* --- grouping --- */

static bool same_group(const Step *a, const Step *b)
{
    bool same_window = a->window.period == b->window.period && a->window.periods == b->window.periods && a->window.datapoints == b->window.datapoints;
    return a->is_above == b->is_above && same_window && text_equal(a->metric_text, b->metric_text);
}

/* What a policy has once must be the same in each of its steps, or said in one of them. */
static bool check_agreement(Emission *emission, const Step *first, const Step *step)
{
    static const WordId once[] = {W_STEP_PAUSE, W_STEP_AT_LEAST, W_POLICY_NAME, W_STEP_ALARM};
    const Node *differs = first->kind != step->kind ? step->node : NULL;
    for (size_t i = 0; !differs && i < sizeof once / sizeof *once; i++) {
        const Node *a = node_child(first->node, once[i]);
        const Node *b = node_child(step->node, once[i]);
        if (a && b && node_argument(a, 0) && node_argument(b, 0) && !value_equal(node_argument(a, 0), node_argument(b, 0)))
            differs = b;
    }
    if (!differs)
        return true;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_STEP_CONFLICT, differs->span, "these steps are one policy and do not go together");
    diagnostic_add_label(emission->sink, diagnostic, first->node->span, "the first one");
    diagnostic_set_advice(emission->sink, diagnostic, "change all of them in the same way, with one `%s`", vocabulary_row(W_STEP_PAUSE)->word);
    return false;
}

/* Sorted outwards: from the bound that is met first to the one furthest away. */
static bool insert_step(Emission *emission, const Step **group, size_t *count, const Step *step)
{
    size_t at = *count;
    if (*count == STEPS_MAX) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_TOO_MANY_STEPS, step->node->span, "a policy has at most %d steps", STEPS_MAX);
        diagnostic_set_advice(emission->sink, diagnostic, "take wider steps");
        return false;
    }
    for (; at > 0; at--) {
        int order = rational_compare(step->bound->number, group[at - 1]->bound->number);
        if (order == 0) {
            Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_STEP_OVERLAP, step->bound->span, "two steps begin at the same bound");
            diagnostic_add_label(emission->sink, diagnostic, group[at - 1]->bound->span, "the other one");
            diagnostic_set_advice(emission->sink, diagnostic, "give each its own bound");
            return false;
        }
        if ((order > 0) == step->is_above)
            break;
        group[at] = group[at - 1];
    }
    group[at] = step;
    ++*count;
    return true;
}

/* --- the policy --- */

static bool set_offset(Emission *emission, Json *adjustment, const char *member, Rational bound, Rational from)
{
    Rational offset;
    if (!rational_subtract(&offset, bound, from))
        return false;
    json_set_c(emission->arena, adjustment, member, json_number(emission->arena, offset));
    return true;
}

/* Above: from its bound up to the next one's. Below: from the next one's up to its own. The outermost is open. */
static Json *step_adjustments(Emission *emission, const LoweredMetric *metric, const Step **group, size_t count)
{
    Arena *arena = emission->arena;
    Json *list = json_array(arena);
    Rational bounds[STEPS_MAX];
    for (size_t i = 0; i < count; i++)
        if (!scaling_bound(emission, metric, group[i]->bound, &bounds[i]))
            return NULL;
    for (size_t i = 0; i < count; i++) {
        const Step *step = group[i];
        Json *adjustment = json_at(json_object(arena), step->node->span);
        const char *near = step->is_above ? "MetricIntervalLowerBound" : "MetricIntervalUpperBound";
        const char *far = step->is_above ? "MetricIntervalUpperBound" : "MetricIntervalLowerBound";
        bool fits = set_offset(emission, adjustment, near, bounds[i], bounds[0]);
        if (i + 1 < count)
            fits = set_offset(emission, adjustment, far, bounds[i + 1], bounds[0]) && fits;
        if (!fits)
            return NULL;
        json_set_c(arena, adjustment, "ScalingAdjustment", json_integer(arena, step->change));
        json_add(arena, list, adjustment);
    }
    return list;
}

static void set_aggregation(Emission *emission, Json *configuration, const MetricExpression *metric)
{
    Text statistic = metric_first_leaf(metric)->statistic;
    bool is_extreme = text_equal_c(statistic, "Minimum") || text_equal_c(statistic, "Maximum");
    json_set_c(emission->arena, configuration, "MetricAggregationType", is_extreme ? json_text(emission->arena, statistic) : json_text_c(emission->arena, "Average"));
}

static Json *step_configuration(Emission *emission, const LoweredMetric *metric, const Step **group, size_t count)
{
    static const char *const kinds[] = {[STEP_CHANGE] = "ChangeInCapacity", [STEP_PERCENT] = "PercentChangeInCapacity", [STEP_EXACT] = "ExactCapacity"};
    Json *adjustments = step_adjustments(emission, metric, group, count);
    Json *configuration = json_object(emission->arena);
    if (!adjustments)
        return NULL;
    for (size_t i = 0; i < count; i++)
        shape_fill(emission, configuration, group[i]->node, "scaling-step");
    json_set_c(emission->arena, configuration, "AdjustmentType", json_text_c(emission->arena, kinds[group[0]->kind]));
    json_set_c(emission->arena, configuration, "StepAdjustments", adjustments);
    set_aggregation(emission, configuration, group[0]->metric);
    return configuration;
}

static MetricExpression group_condition(const Step *first, MetricExpression *bound)
{
    *bound = (MetricExpression){.kind = METRIC_NUMBER, .type = first->bound->type, .number = first->bound->number, .span = first->bound->span};
    return (MetricExpression){.kind = METRIC_COMPARISON,
                              .type = TYPE_CONDITION,
                              .op = first->is_above ? OPERATOR_GREATER : OPERATOR_LESS,
                              .left = first->metric,
                              .right = bound,
                              .span = node_argument_span(first->node, 0)};
}

/* The step that says a name of the whole; the first one when none does. */
static const Node *naming_step(const Step **group, size_t count, WordId word)
{
    for (size_t i = 0; i < count; i++)
        if (node_child(group[i]->node, word))
            return group[i]->node;
    return group[0]->node;
}

static void emit_group(Emission *emission, const ServiceFacts *facts, const Step **group, size_t count)
{
    const Step *first = group[0];
    MetricExpression bound;
    MetricExpression condition = group_condition(first, &bound);
    MetricRequest request = {.purpose = PURPOSE_ALARM, .side = metric_scaling_side(facts), .period = first->window.period, .bound = TYPE_ANY};
    LoweredCondition lowered;
    if (!metric_lower_condition(emission, facts, &condition, &request, &lowered))
        return;
    alarm_check_reach(emission, &condition, CODE_CONDITION_NEVER);
    Json *configuration = step_configuration(emission, &lowered.metric, group, count);
    if (!configuration)
        return;
    Text stem = arena_format(emission->arena, "%.*s-%s", TEXT_ARG(scaling_metric_stem(emission, first->metric)), vocabulary_row(first->is_above ? W_STEP_ABOVE : W_STEP_BELOW)->word);
    stem = scaling_free_stem(emission, facts, stem);
    const Resource *policy = scaling_add_policy(emission, facts, naming_step(group, count, W_POLICY_NAME), stem, "StepScaling", "StepScalingPolicyConfiguration", configuration);
    Json *input = json_object(emission->arena);
    Text alarm = node_child_text(naming_step(group, count, W_STEP_ALARM), W_STEP_ALARM);
    if (alarm.len)
        json_set_c(emission->arena, input, "AlarmName", json_text(emission->arena, alarm));
    Json *actions = json_array(emission->arena);
    json_add(emission->arena, actions, emit_reference(emission, policy->id, ATTRIBUTE_ARN, TEXT_NONE));
    json_set_c(emission->arena, input, "AlarmActions", actions);
    AlarmParts parts = {.key = arena_join(emission->arena, TEXT("scale-"), stem), .window = first->window, .condition = &lowered, .origin = first->node->span, .bound = first->bound->span};
    parts.description = arena_format(emission->arena, "%.*s scales when %.*s%.*s", TEXT_ARG(facts->service), TEXT_ARG(metric_to_text(emission->arena, &condition)),
                                     TEXT_ARG(alarm_window_text(emission, first->node)));
    alarm_add(emission, facts, &parts, input);
}

/* The steps of the first one's policy; the group is empty when they do not go together. */
static size_t collect_group(Emission *emission, Step *steps, size_t total, size_t first, const Step **group)
{
    size_t count = 0;
    bool is_good = true;
    for (size_t i = first; i < total; i++) {
        if (steps[i].is_taken || !same_group(&steps[first], &steps[i]))
            continue;
        steps[i].is_taken = true;
        is_good = check_agreement(emission, &steps[first], &steps[i]) && is_good;
        is_good = insert_step(emission, group, &count, &steps[i]) && is_good;
    }
    return is_good ? count : 0;
}

void scaling_emit_steps(Emission *emission, const ServiceFacts *facts, const Node *scale)
{
    Step *steps = ARENA_NEW_ARRAY(emission->arena, Step, node_count_children(scale, W_STEP) + 1);
    size_t total = 0;
    NODE_EACH(node, scale, W_STEP)
    {
        if (read_step(emission, node, &steps[total]))
            total++;
    }
    for (size_t i = 0; i < total; i++) {
        const Step *group[STEPS_MAX];
        if (steps[i].is_taken)
            continue;
        size_t count = collect_group(emission, steps, total, i, group);
        if (count)
            emit_group(emission, facts, group, count);
    }
}
