/* The scalable target, target tracking and scheduled actions. */
#include "emit/scaling.h"

/* --- shared --- */

void scaling_set_target(Emission *emission, const ServiceFacts *facts, Json *input)
{
    Arena *arena = emission->arena;
    json_set_c(arena, input, "ServiceNamespace", json_text_c(arena, "ecs"));
    json_set_c(arena, input, "ResourceId", json_text(arena, arena_format(arena, "service/%.*s/%.*s", TEXT_ARG(facts->cluster), TEXT_ARG(facts->name))));
    json_set_c(arena, input, "ScalableDimension", json_text_c(arena, "ecs:service:DesiredCount"));
}

static Text scaling_id(Emission *emission, const ServiceFacts *facts, Text stem)
{
    return arena_format(emission->arena, "%.*s/scaling/%.*s", TEXT_ARG(facts->service), TEXT_ARG(stem));
}

Resource *scaling_add_policy(Emission *emission, const ServiceFacts *facts, const Node *node, Text stem, const char *kind, const char *member, Json *configuration)
{
    enum { POLICY_NAME_MAX = 256 };
    Arena *arena = emission->arena;
    Text said = node_child_text(node, W_POLICY_NAME);
    Text name = said.len ? said : name_fit(emission, name_default(emission, facts->service, stem), POLICY_NAME_MAX, true);
    Json *input = json_object(arena);
    json_set_c(arena, input, "PolicyName", json_text(arena, name));
    json_set_c(arena, input, "PolicyType", json_text_c(arena, kind));
    scaling_set_target(emission, facts, input);
    json_set_c(arena, input, member, json_at(configuration, node->span));
    return emit_add_resource(emission, RESOURCE_SCALING_POLICY, scaling_id(emission, facts, stem), facts->service, name, stem, input, node->span);
}

Text scaling_metric_stem(Emission *emission, const MetricExpression *expression)
{
    Text path = expression->path.len ? expression->path : metric_first_leaf(expression)->path;
    char *bytes = arena_allocate(emission->arena, path.len + 1);
    for (size_t i = 0; i < path.len; i++)
        bytes[i] = path.ptr[i] == '.' ? '-' : path.ptr[i];
    return (Text){bytes, path.len};
}

Text scaling_free_stem(Emission *emission, const ServiceFacts *facts, Text stem)
{
    Text numbered = stem;
    for (unsigned number = 2; resources_find(emission->resources, scaling_id(emission, facts, numbered)); number++)
        numbered = arena_format(emission->arena, "%.*s-%u", TEXT_ARG(stem), number);
    return numbered;
}

bool scaling_check_bound(Emission *emission, const MetricExpression *metric, const Value *bound)
{
    if (!bound || bound->kind == VALUE_ERROR || bound->kind == VALUE_UNKNOWN || bound->kind == VALUE_NONE)
        return false;
    if (bound->kind == VALUE_QUANTITY && metric_accepts_bound(metric, bound->type))
        return true;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_TARGET_MISMATCH, bound->span, "%.*s is %s, and this is %s",
                                               TEXT_ARG(metric_to_text(emission->arena, metric)), type_label(metric->type), value_kind_label(bound));
    diagnostic_set_label(emission->sink, diagnostic, "%s", type_label(metric->type));
    bool is_bare_number = bound->kind == VALUE_QUANTITY && bound->type == TYPE_INTEGER && metric->type == TYPE_PERCENT;
    if (is_bare_number) {
        Text percent = arena_format(emission->arena, "%lld%%", (long long)bound->number.num);
        diagnostic_set_fix(emission->sink, diagnostic, false, bound->span, percent, "%.*s", TEXT_ARG(percent));
    } else {
        diagnostic_set_advice(emission->sink, diagnostic, "write %s, such as %s", type_label(metric->type), type_example(metric->type));
    }
    return false;
}

bool scaling_bound(Emission *emission, const LoweredMetric *metric, const Value *bound, Rational *out)
{
    if (rational_divide(out, bound->number, metric->unit_factor) && rational_is_decimal(*out))
        return true;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_THRESHOLD_INEXACT, bound->span, "this bound has no exact decimal in the metric's own unit");
    diagnostic_set_advice(emission->sink, diagnostic, "round it");
    return false;
}

bool scaling_needs_label(Text predefined)
{
    return text_starts_with(predefined, TEXT("ALB"));
}

Json *scaling_resource_label(Emission *emission, const ServiceFacts *facts, Span where)
{
    if (facts->route_count != 1) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, facts->route_count ? CODE_PREDEFINED_ROUTES : CODE_METRIC_NEEDS_ROUTE, where,
                                                   "requests for each target are told for one route, and %.*s has %s", TEXT_ARG(facts->service),
                                                   facts->route_count ? "several" : "none");
        diagnostic_set_advice(emission->sink, diagnostic, "track something else, such as: %s", vocabulary_row(W_TRACK)->example);
        return NULL;
    }
    Json *label = json_joined(emission->arena);
    json_add(emission->arena, label, metric_load_balancer(emission, &facts->routes[0]));
    json_add(emission->arena, label, json_text_c(emission->arena, "/"));
    json_add(emission->arena, label, metric_target_group(emission, &facts->routes[0], SIDE_STABLE));
    return label;
}

/* --- target tracking --- */

static Json *predefined_specification(Emission *emission, const ServiceFacts *facts, const MetricDeclaration *leaf, Span where)
{
    Json *specification = json_object(emission->arena);
    json_set_c(emission->arena, specification, "PredefinedMetricType", json_text(emission->arena, leaf->predefined));
    if (!scaling_needs_label(leaf->predefined))
        return specification;
    Json *label = scaling_resource_label(emission, facts, where);
    json_set_c(emission->arena, specification, "ResourceLabel", label);
    return label ? specification : NULL;
}

/* One metric with a plain statistic stands flat in the specification; anything else is a list of queries. */
static Json *customized_specification(Emission *emission, const LoweredMetric *metric)
{
    if (metric->is_single && json_get_c(metric->single, "Statistic"))
        return metric->single;
    Json *specification = json_object(emission->arena);
    json_set_c(emission->arena, specification, "Metrics", metric->metrics);
    return specification;
}

static Text track_unit(const Node *track)
{
    return node_aws(node_child(track, W_POINT_UNIT), 0);
}

/* False after a report. */
static bool set_measure(Emission *emission, const ServiceFacts *facts, const Node *track, const Value *target, Json *configuration)
{
    const MetricExpression *e = node_argument(track, 0)->metric;
    LoweredMetric metric = {0};
    Rational value;
    /* A predefined metric names one target group, and ECS swaps them. */
    bool is_swapped = facts->engine == ENGINE_NATIVE && e->kind == METRIC_LEAF && e->leaf->scope == METRIC_TARGET_GROUP;
    bool is_predefined = e->kind == METRIC_LEAF && e->leaf->predefined.len && !track_unit(track).len && !is_swapped;
    if (is_predefined) {
        metric.unit_factor = e->leaf->factor;
        Json *specification = predefined_specification(emission, facts, e->leaf, node_argument(track, 0)->span);
        json_set_c(emission->arena, configuration, "PredefinedMetricSpecification", specification);
        if (!specification)
            return false;
    } else {
        MetricRequest request = {.purpose = PURPOSE_SCALING, .side = metric_scaling_side(facts), .bound = target->type, .unit = track_unit(track)};
        if (!metric_lower(emission, facts, e, &request, &metric))
            return false;
        json_set_c(emission->arena, configuration, "CustomizedMetricSpecification", customized_specification(emission, &metric));
    }
    if (!scaling_bound(emission, &metric, target, &value))
        return false;
    json_set_c(emission->arena, configuration, "TargetValue", json_at(json_number(emission->arena, value), target->span));
    return true;
}

static bool report_no_target(Emission *emission, const Node *node, WordId word)
{
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_TARGET_MISSING, node->span, "this `%s` does not say its `%s`", node->row->word, vocabulary_row(word)->word);
    diagnostic_set_advice(emission->sink, diagnostic, "add it, such as: %s", vocabulary_row(word)->example);
    return false;
}

static bool check_target(Emission *emission, const Node *track, const Node *at)
{
    const Value *target = node_argument(at, 0);
    if (!at)
        return report_no_target(emission, track, W_TRACK_AT);
    if (!scaling_check_bound(emission, node_argument(track, 0)->metric, target))
        return false;
    if (target->number.num > 0)
        return true;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_TARGET_NOT_POSITIVE, target->span, "a target is above zero");
    diagnostic_set_advice(emission->sink, diagnostic, "take the value that the service does well at");
    return false;
}

static void emit_tracking(Emission *emission, const ServiceFacts *facts, const Node *track)
{
    const Value *measured = node_argument(track, 0);
    const Node *at = node_child(track, W_TRACK_AT);
    Json *configuration = json_object(emission->arena);
    if (!measured || measured->kind != VALUE_METRIC || !check_target(emission, track, at))
        return;
    shape_fill(emission, configuration, track, "scaling-tracking");
    if (!set_measure(emission, facts, track, node_argument(at, 0), configuration))
        return;
    Text stem = arena_format(emission->arena, "track-%.*s", TEXT_ARG(scaling_metric_stem(emission, measured->metric)));
    scaling_add_policy(emission, facts, track, scaling_free_stem(emission, facts, stem), "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration", configuration);
}

/* --- scheduled actions --- */

static void emit_scheduled(Emission *emission, const ServiceFacts *facts, const Node *schedule)
{
    Arena *arena = emission->arena;
    const Node *tasks = node_child(schedule, W_SCHEDULE_TASKS);
    const Node *zone = node_child(schedule, W_RUN_TIMEZONE);
    int64_t low;
    int64_t high;
    if (!tasks) {
        (void)report_no_target(emission, schedule, W_SCHEDULE_TASKS);
        return;
    }
    if (!node_range(tasks, 0, &low, &high))
        return;
    Text name = node_text(schedule, 0);
    Json *action = json_at(json_object(arena), tasks->span);
    json_set_c(arena, action, "MinCapacity", json_integer(arena, low));
    json_set_c(arena, action, "MaxCapacity", json_integer(arena, high));
    Json *input = json_object(arena);
    scaling_set_target(emission, facts, input);
    json_set_c(arena, input, "ScheduledActionName", json_text(arena, name));
    json_set_c(arena, input, "Schedule", json_at(json_text(arena, node_text(schedule, 1)), node_argument_span(schedule, 1)));
    if (zone)
        json_set_c(arena, input, "Timezone", json_at(json_text(arena, node_text(zone, 0)), zone->span));
    json_set_c(arena, input, "ScalableTargetAction", action);
    Text id = arena_format(arena, "%.*s/schedule/%.*s", TEXT_ARG(facts->service), TEXT_ARG(name));
    emit_add_resource(emission, RESOURCE_SCHEDULED_ACTION, id, facts->service, name, name, input, schedule->span);
}

/* --- the target --- */

static void check_room(Emission *emission, const Node *scale)
{
    static const WordId policies[] = {W_TRACK, W_STEP, W_PREDICT};
    int64_t low;
    int64_t high;
    if (!node_range(scale, 0, &low, &high) || low != high || node_child(scale, W_SCHEDULE))
        return;
    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
        const Node *policy = node_child(scale, policies[i]);
        if (!policy)
            continue;
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_SCALE_WITHOUT_ROOM, node_argument_span(scale, 0), "there is no room to scale");
        diagnostic_set_label(emission->sink, diagnostic, "always %lld", (long long)low);
        diagnostic_add_label(emission->sink, diagnostic, policy->span, "this changes nothing");
        diagnostic_set_advice(emission->sink, diagnostic, "give a range, such as %lld..%lld", (long long)low, (long long)(low * 2 + 1));
        return;
    }
}

static void check_count(Emission *emission, const ServiceFacts *facts, const Node *scale)
{
    const Node *count = node_child(facts->node, W_COUNT);
    if (!count)
        return;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_SCALE_WITH_COUNT, count->span, "%.*s has a fixed `%s` and scales", TEXT_ARG(facts->service), count->row->word);
    diagnostic_add_label(emission->sink, diagnostic, scale->span, "scaled here");
    diagnostic_set_advice(emission->sink, diagnostic, "leave one of them out; `%s` says the fewest and the most tasks", scale->row->word);
}

static void emit_target(Emission *emission, const ServiceFacts *facts, const Node *scale)
{
    Text id = scaling_id(emission, facts, TEXT("target"));
    Json *input = json_object(emission->arena);
    shape_fill(emission, input, scale, "scaling-target");
    scaling_set_target(emission, facts, input);
    json_set_c(emission->arena, input, "Tags", emit_tag_map(emission, facts->service, id, facts->node));
    emit_add_resource(emission, RESOURCE_SCALABLE_TARGET, id, facts->service, facts->name, TEXT("target"), input, scale->span);
}

void emit_scaling(Emission *emission, const ServiceFacts *facts)
{
    const Node *scale = node_child(facts->node, W_SCALE);
    if (!scale)
        return;
    check_count(emission, facts, scale);
    check_room(emission, scale);
    if (!facts->is_scaled && !node_child(scale, W_PREDICT))
        return;
    emit_target(emission, facts, scale);
    NODE_EACH(track, scale, W_TRACK)
        emit_tracking(emission, facts, track);
    scaling_emit_steps(emission, facts, scale);
    scaling_emit_prediction(emission, facts, scale);
    NODE_EACH(schedule, scale, W_SCHEDULE)
        emit_scheduled(emission, facts, schedule);
}
