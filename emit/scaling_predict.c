/* Predictive scaling. Application Auto Scaling knows the pairs of metric and load for CPU, memory and requests per target; other metrics are
   given as queries. */
#include "emit/scaling.h"

/* Its names for a metric that target tracking knows: the pair, the metric, the load. */
typedef struct PredefinedNames {
    const char *tracking;
    const char *pair;
    const char *scaling;
    const char *load;
} PredefinedNames;

static const PredefinedNames predefined_names[] = {
    {"ECSServiceAverageCPUUtilization", "ECSServiceCPUUtilization", "ECSServiceAverageCPUUtilization", "ECSServiceTotalCPUUtilization"},
    {"ECSServiceAverageMemoryUtilization", "ECSServiceMemoryUtilization", "ECSServiceAverageMemoryUtilization", "ECSServiceTotalMemoryUtilization"},
    {"ALBRequestCountPerTarget", "ALBRequestCount", "ALBRequestCountPerTarget", "TotalALBRequestCount"},
};

/* None for requests per target where ECS swaps the target groups: a predefined metric names one of them. */
static const PredefinedNames *find_names(const ServiceFacts *facts, const MetricExpression *e)
{
    bool is_swapped = facts->engine == ENGINE_NATIVE && metric_has_scope(e, METRIC_TARGET_GROUP);
    for (size_t i = 0; e->kind == METRIC_LEAF && !is_swapped && i < sizeof predefined_names / sizeof *predefined_names; i++)
        if (text_equal_c(e->leaf->predefined, predefined_names[i].tracking))
            return &predefined_names[i];
    return NULL;
}

typedef struct Prediction {
    Emission *emission;
    const ServiceFacts *facts;
    const Node *node;
    Json *specification;
} Prediction;

static bool set_predefined(const Prediction *p, const char *member, const char *type, Span where)
{
    Arena *arena = p->emission->arena;
    Json *specification = json_at(json_object(arena), where);
    json_set_c(arena, specification, "PredefinedMetricType", json_text_c(arena, type));
    if (text_find(text_from_c(type), TEXT("ALB")) < text_from_c(type).len) {
        Json *label = scaling_resource_label(p->emission, p->facts, where);
        if (!label)
            return false;
        json_set_c(arena, specification, "ResourceLabel", label);
    }
    json_set_c(arena, p->specification, member, specification);
    return true;
}

static bool set_customized(const Prediction *p, const char *member, const MetricExpression *e, TypeKind bound, LoweredMetric *metric)
{
    Text unit = node_aws(node_child(p->node, W_POINT_UNIT), 0);
    MetricRequest request = {.purpose = PURPOSE_SCALING, .side = metric_scaling_side(p->facts), .bound = bound, .unit = unit};
    if (!metric_lower(p->emission, p->facts, e, &request, metric))
        return false;
    Json *specification = json_object(p->emission->arena);
    json_set_c(p->emission->arena, specification, "MetricDataQueries", metric->metrics);
    json_set_c(p->emission->arena, p->specification, member, specification);
    return true;
}

static const Value *child_metric(const Prediction *p, WordId word)
{
    const Value *value = node_argument(node_child(p->node, word), 0);
    return value && value->kind == VALUE_METRIC ? value : NULL;
}

/* The metric that is kept at the target; *metric gets its unit. */
static bool set_scaling_metric(const Prediction *p, const Value *measured, const Value *target, LoweredMetric *metric)
{
    const PredefinedNames *names = find_names(p->facts, measured->metric);
    bool has_own_load = node_child(p->node, W_PREDICT_LOAD) != NULL;
    if (!names)
        return set_customized(p, "CustomizedScalingMetricSpecification", measured->metric, target->type, metric);
    metric->unit_factor = measured->metric->leaf->factor;
    if (has_own_load)
        return set_predefined(p, "PredefinedScalingMetricSpecification", names->scaling, measured->span);
    return set_predefined(p, "PredefinedMetricPairSpecification", names->pair, measured->span);
}

static bool set_load_metric(const Prediction *p, const Value *measured)
{
    const Value *load = child_metric(p, W_PREDICT_LOAD);
    LoweredMetric metric;
    if (!load && find_names(p->facts, measured->metric))
        return true;
    if (!load) {
        Diagnostic *diagnostic = diagnostic_report(p->emission->sink, CODE_PREDICT_LOAD_MISSING, measured->span, "the load behind %.*s is not known",
                                                   TEXT_ARG(metric_to_text(p->emission->arena, measured->metric)));
        diagnostic_set_advice(p->emission->sink, diagnostic, "say it, such as: %s", vocabulary_row(W_PREDICT_LOAD)->example);
        return false;
    }
    const PredefinedNames *names = find_names(p->facts, load->metric);
    if (names)
        return set_predefined(p, "PredefinedLoadMetricSpecification", names->load, load->span);
    return set_customized(p, "CustomizedLoadMetricSpecification", load->metric, TYPE_ANY, &metric);
}

static bool set_capacity_metric(const Prediction *p)
{
    const Value *capacity = child_metric(p, W_PREDICT_CAPACITY);
    LoweredMetric metric;
    return !capacity || set_customized(p, "CustomizedCapacityMetricSpecification", capacity->metric, TYPE_ANY, &metric);
}

/* MaxCapacityBuffer is required with IncreaseMaxCapacity and refused without. */
static bool check_buffer(const Prediction *p, const Json *configuration)
{
    const Json *behaviour = json_get_c(configuration, "MaxCapacityBreachBehavior");
    const Node *buffer = node_child(p->node, W_PREDICT_BUFFER);
    bool exceeds = behaviour && behaviour->kind == JSON_TEXT && text_equal_c(behaviour->text, "IncreaseMaxCapacity");
    if (exceeds == (buffer != NULL))
        return true;
    const Node *place = buffer ? buffer : node_child(p->node, W_PREDICT_AT_MAXIMUM);
    Diagnostic *diagnostic = diagnostic_report(p->emission->sink, CODE_PREDICT_BUFFER_ALONE, place->span, buffer ? "this buffer has nothing to exceed" : "it is not said how far");
    diagnostic_set_advice(p->emission->sink, diagnostic, "write both: `%s` and `%s`", vocabulary_row(W_PREDICT_AT_MAXIMUM)->example,
                          vocabulary_row(W_PREDICT_BUFFER)->example);
    return false;
}

static const Value *prediction_target(const Prediction *p, const Value *measured)
{
    const Node *at = node_child(p->node, W_PREDICT_AT);
    if (!at) {
        Diagnostic *diagnostic = diagnostic_report(p->emission->sink, CODE_TARGET_MISSING, p->node->span, "this `%s` does not say its `%s`", p->node->row->word,
                                                   vocabulary_row(W_PREDICT_AT)->word);
        diagnostic_set_advice(p->emission->sink, diagnostic, "add it, such as: %s", vocabulary_row(W_PREDICT_AT)->example);
        return NULL;
    }
    return scaling_check_bound(p->emission, measured->metric, node_argument(at, 0)) ? node_argument(at, 0) : NULL;
}

void scaling_emit_prediction(Emission *emission, const ServiceFacts *facts, const Node *scale)
{
    Arena *arena = emission->arena;
    const Node *node = node_child(scale, W_PREDICT);
    const Value *measured = node_argument(node, 0);
    if (!measured || measured->kind != VALUE_METRIC)
        return;
    Prediction p = {.emission = emission, .facts = facts, .node = node, .specification = json_object(arena)};
    const Value *target = prediction_target(&p, measured);
    LoweredMetric metric = {0};
    Rational value;
    Json *configuration = json_object(arena);
    shape_fill(emission, configuration, node, "scaling-predict");
    if (!target || !check_buffer(&p, configuration) || !set_scaling_metric(&p, measured, target, &metric) || !set_load_metric(&p, measured) ||
        !set_capacity_metric(&p) || !scaling_bound(emission, &metric, target, &value))
        return;
    json_set_c(arena, p.specification, "TargetValue", json_at(json_number(arena, value), target->span));
    Json *specifications = json_array(arena);
    json_add(arena, specifications, p.specification);
    json_set_c(arena, configuration, "MetricSpecifications", specifications);
    Text stem = arena_format(arena, "predict-%.*s", TEXT_ARG(scaling_metric_stem(emission, measured->metric)));
    scaling_add_policy(emission, facts, node, stem, "PredictiveScaling", "PredictiveScalingPolicyConfiguration", configuration);
}
