/* Metric filters: metrics that a log pattern makes (PutMetricFilter). A metric's name holds the ECS service's, because a default value and dimensions
   exclude each other. */
#include "emit/log_group.h"
#include "emit/metric_math.h"

typedef struct LogMetric {
    const Node *node; /* the `metric` statement */
    const Node *log;
    const Node *container;
} LogMetric;

static Json *transformation(Emission *emission, const ServiceFacts *facts, const LogMetric *metric)
{
    Arena *arena = emission->arena;
    const Node *field = node_child(metric->log, W_METRIC_FIELD);
    const Node *unit = node_child(metric->node, W_METRIC_UNIT);
    Json *made = json_at(json_object(arena), metric->node->span);
    json_set_c(arena, made, "metricName", json_text(arena, metric_log_name(emission, facts, node_text(metric->node, 0))));
    json_set_c(arena, made, "metricNamespace", json_text(arena, metric_log_namespace(emission)));
    json_set_c(arena, made, "metricValue", field ? json_at(json_text(arena, node_text(field, 0)), field->span) : json_text_c(arena, "1"));
    if (!field)
        json_set_c(arena, made, "defaultValue", json_integer(arena, 0));
    if (unit)
        json_set_c(arena, made, "unit", json_at(json_text(arena, node_aws(unit, 0)), unit->span));
    else if (!field)
        json_set_c(arena, made, "unit", json_text_c(arena, "Count"));
    return made;
}

static void report_no_log(Emission *emission, const LogMetric *metric)
{
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_LOG_METRIC_LOG, node_argument_span(metric->log, 0), "container %.*s has no CloudWatch log group",
                                               TEXT_ARG(metric->container->key));
    diagnostic_add_label(emission->sink, diagnostic, metric->container->span, "its output goes elsewhere");
    diagnostic_set_advice(emission->sink, diagnostic, "give it a log group, such as: %s", vocabulary_row(W_LOGS)->example);
}

static void emit_filter(Emission *emission, const ServiceFacts *facts, const LogMetric *metric)
{
    enum { FILTER_NAME_MAX = 512 };
    Arena *arena = emission->arena;
    Text path = node_text(metric->node, 0);
    const Node *pattern = node_child(metric->log, W_METRIC_MATCHING);
    Json *group = log_group_reference(emission, facts, metric->container);
    if (!group && node_child(metric->container, W_LOG_DRIVER))
        report_no_log(emission, metric);
    if (!group || !pattern || !node_argument(pattern, 0))
        return;
    Text name = name_fit(emission, name_default(emission, facts->service, path), FILTER_NAME_MAX, true);
    Json *input = json_object(arena);
    Json *transformations = json_array(arena);
    json_add(arena, transformations, transformation(emission, facts, metric));
    json_set_c(arena, input, "filterName", json_text(arena, name));
    json_set_c(arena, input, "logGroupName", group);
    json_set_c(arena, input, "filterPattern", shape_value(emission, &pattern->row->arguments[0], node_argument(pattern, 0)));
    json_set_c(arena, input, "metricTransformations", transformations);
    Text id = arena_format(arena, "%.*s/metric-filter/%.*s", TEXT_ARG(facts->service), TEXT_ARG(path));
    emit_add_resource(emission, RESOURCE_METRIC_FILTER, id, facts->service, name, path, input, metric->node->span);
}

/* A file's own log metric is for each service that has the container; a service's own wins over it. */
static void emit_filters_of(Emission *emission, const ServiceFacts *facts, const Node *owner)
{
    NODE_EACH(node, owner, W_METRIC)
    {
        LogMetric metric = {.node = node, .log = node_child(node, W_METRIC_LOG)};
        bool is_hidden = owner != facts->node && node_keyed_child(facts->node, W_METRIC, node->key);
        if (!metric.log || is_hidden)
            continue;
        metric.container = node_keyed_child(facts->node, W_CONTAINER, node_text(metric.log, 0));
        if (metric.container)
            emit_filter(emission, facts, &metric);
    }
}

void emit_metric_filters(Emission *emission, const ServiceFacts *facts)
{
    emit_filters_of(emission, facts, facts->node);
    emit_filters_of(emission, facts, emission->model->file);
}
