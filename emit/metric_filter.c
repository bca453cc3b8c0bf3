/* Metric filters: metrics that a log pattern makes (PutMetricFilter). A metric's name holds the ECS service's, because a default value and dimensions
   exclude each other. A service has the filters of its own log metrics, and of those of its file and library that it uses. */
#include "emit/log_group.h"
#include "emit/metric_math.h"

typedef struct LogMetric {
    Text path;
    Text container;
    Text pattern;
    Text field;     /* empty for a count of lines */
    Text unit;      /* CloudWatch's; empty when it is not said */
    Span span;      /* of the declaration */
    Span used;      /* where a mistake is shown */
} LogMetric;

static Json *transformation(Emission *emission, const ServiceFacts *facts, const LogMetric *metric)
{
    Arena *arena = emission->arena;
    Json *made = json_at(json_object(arena), metric->span);
    json_set_c(arena, made, "metricName", json_text(arena, metric_log_name(emission, facts, metric->path)));
    json_set_c(arena, made, "metricNamespace", json_text(arena, metric_log_namespace(emission)));
    json_set_c(arena, made, "metricValue", metric->field.len ? json_text(arena, metric->field) : json_text_c(arena, "1"));
    json_set_c(arena, made, "defaultValue", metric->field.len ? NULL : json_integer(arena, 0));
    json_set_c(arena, made, "unit", metric->unit.len ? json_text(arena, metric->unit) : metric->field.len ? NULL : json_text_c(arena, "Count"));
    return made;
}

static void report_no_log(Emission *emission, const ServiceFacts *facts, const LogMetric *metric, const Node *container)
{
    Diagnostic *diagnostic;
    if (!container) {
        diagnostic = diagnostic_report(emission->sink, CODE_LOG_METRIC_LOG, metric->used, "%.*s has no container %.*s, whose log makes this metric",
                                       TEXT_ARG(facts->service), TEXT_ARG(metric->container));
        diagnostic_set_advice(emission->sink, diagnostic, "declare the metric in the service, for one of its own containers");
        return;
    }
    diagnostic = diagnostic_report(emission->sink, CODE_LOG_METRIC_LOG, metric->used, "container %.*s has no CloudWatch log group", TEXT_ARG(container->key));
    diagnostic_add_label(emission->sink, diagnostic, container->span, "its output goes elsewhere");
    diagnostic_set_advice(emission->sink, diagnostic, "give it a log group, such as: %s", vocabulary_row(W_LOGS)->example);
}

static void emit_filter(Emission *emission, const ServiceFacts *facts, const LogMetric *metric)
{
    enum { FILTER_NAME_MAX = 512 };
    Arena *arena = emission->arena;
    Text id = arena_format(arena, "%.*s/metric-filter/%.*s", TEXT_ARG(facts->service), TEXT_ARG(metric->path));
    const Node *container = node_keyed_child(facts->node, W_CONTAINER, metric->container);
    if (!metric->pattern.len || resources_find(emission->resources, id))
        return;
    Json *group = container ? log_group_reference(emission, facts, container) : NULL;
    if (!container || (!group && node_child(container, W_LOG_DRIVER)))
        report_no_log(emission, facts, metric, container);
    if (!group)
        return;
    Text name = name_fit(emission, name_default(emission, facts->service, metric->path), FILTER_NAME_MAX, true);
    Json *input = json_object(arena);
    Json *transformations = json_array(arena);
    json_add(arena, transformations, transformation(emission, facts, metric));
    json_set_c(arena, input, "filterName", json_text(arena, name));
    json_set_c(arena, input, "logGroupName", group);
    json_set_c(arena, input, "filterPattern", json_at(json_text(arena, metric->pattern), metric->span));
    json_set_c(arena, input, "metricTransformations", transformations);
    emit_add_resource(emission, RESOURCE_METRIC_FILTER, id, facts->service, name, metric->path, input, metric->span);
}

/* --- the service's own --- */

static void emit_declared(Emission *emission, const ServiceFacts *facts)
{
    NODE_EACH(node, facts->node, W_METRIC)
    {
        const Node *log = node_child(node, W_METRIC_LOG);
        LogMetric metric = {.path = node_text(node, 0), .container = node_text(log, 0), .span = node->span, .used = node_argument_span(log, 0)};
        metric.pattern = node_child_text(log, W_METRIC_MATCHING);
        metric.field = node_child_text(log, W_METRIC_FIELD);
        metric.unit = node_aws(node_child(node, W_METRIC_UNIT), 0);
        if (log)
            emit_filter(emission, facts, &metric);
    }
}

/* --- those that it uses --- */

static void emit_leaves(Emission *emission, const ServiceFacts *facts, const MetricExpression *e, Span used)
{
    if (!e)
        return;
    if (e->kind == METRIC_LEAF && e->leaf->log_container.len) {
        const MetricDeclaration *leaf = e->leaf;
        LogMetric metric = {.path = metric_log_path(emission, leaf), .container = leaf->log_container, .pattern = leaf->log_pattern,
                            .field = leaf->log_field, .unit = leaf->aws_unit, .span = leaf->span, .used = used};
        emit_filter(emission, facts, &metric);
    }
    emit_leaves(emission, facts, e->left, used);
    emit_leaves(emission, facts, e->right, used);
}

static void emit_value(Emission *emission, const ServiceFacts *facts, const Value *value)
{
    if (!value)
        return;
    if (value->kind == VALUE_METRIC)
        emit_leaves(emission, facts, value->metric, value->span);
    for (size_t i = 0; value->kind == VALUE_LIST && i < value->count; i++)
        emit_value(emission, facts, value->items[i]);
}

static void emit_used(Emission *emission, const ServiceFacts *facts, const Node *node)
{
    for (size_t i = 0; i < ARGUMENTS_MAX; i++)
        emit_value(emission, facts, node->arguments[i]);
    for (size_t i = 0; i < node->children.count; i++)
        if (node->children.items[i]->row && node->children.items[i]->row->id != W_METRIC)
            emit_used(emission, facts, node->children.items[i]);
}

void emit_metric_filters(Emission *emission, const ServiceFacts *facts)
{
    emit_declared(emission, facts);
    emit_used(emission, facts, facts->node);
}
