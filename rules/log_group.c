/* Rules of log groups, metric filters and dashboards (AWS: CloudWatch Logs API reference, PutMetricFilter, MetricTransformation; CloudWatch Logs user guide,
   filter pattern syntax; CloudWatch API reference, PutDashboard, dashboard body structure). */
#include "base/json_read.h"
#include "rules/relation.h"

static void check_retention(const RuleContext *context, const Resource *group, const Json *input)
{
    const Json *name = json_get_c(input, "logGroupName");
    if (context->is_svc || rule_find_more(group, "PutRetentionPolicy.retentionInDays") || rule_is_set(json_get_c(input, "retentionInDays")) || rule_text_is(json_get_c(input, "logGroupClass"), "DELIVERY"))
        return;
    rule_report_with(context, group, CODE_LOG_RETENTION_NONE, name, "this log group keeps everything for ever", "add RetentionInDays, such as 30");
}

/* Brackets and quotes that are never closed. */
static const char *find_unclosed(Text text)
{
    char stack[32];
    size_t depth = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '"') {
            size_t end = i + 1;
            while (end < text.len && text.ptr[end] != '"')
                end += text.ptr[end] == '\\' ? 2 : 1;
            if (end >= text.len)
                return "a quote that is not closed";
            i = end;
        } else if (c == '{' || c == '[' || c == '(') {
            if (depth == sizeof stack)
                return NULL;
            stack[depth++] = c == '{' ? '}' : c == '[' ? ']' : ')';
        } else if ((c == '}' || c == ']' || c == ')') && (depth == 0 || stack[--depth] != c)) {
            return "a bracket that was not opened";
        }
    }
    return depth ? "a bracket that is not closed" : NULL;
}

static void check_pattern(const RuleContext *context, const Resource *filter, const Json *pattern)
{
    Text text = pattern->kind == JSON_TEXT ? text_trim(pattern->text) : TEXT_NONE;
    /* A regular expression between % may have any bracket. */
    if (text_find_byte(text, '%') < text.len)
        return;
    bool is_structured = text.len && (text.ptr[0] == '{' || text.ptr[0] == '[');
    const char *problem = find_unclosed(text);
    if (problem && (is_structured || problem[2] == 'q')) {
        Diagnostic *d = rule_report(context, filter, CODE_FILTER_PATTERN, pattern, "the pattern has %s", problem);
        rule_tell(context, d, NULL, "write JSON patterns as { $.level = \"ERROR\" }, columns as [ip, user, status = 5*]");
    } else if (is_structured && text.ptr[0] == '{' && text_find_byte(text, '$') == text.len) {
        rule_report_with(context, filter, CODE_FILTER_PATTERN, pattern, "a pattern in braces names members of JSON, and this one names none", "write them as $.level");
    }
}

static void check_transformation(const RuleContext *context, const Resource *filter, const Json *transformation)
{
    const Json *dimensions = json_get_c(transformation, "dimensions");
    const Json *fallback = json_get_c(transformation, "defaultValue");
    bool has_dimensions = rule_is_set(dimensions) && (rule_item_count(dimensions) || (dimensions->kind == JSON_OBJECT && dimensions->members.count));
    if (has_dimensions && rule_is_set(fallback))
        rule_report_with(context, filter, CODE_METRIC_TRANSFORMATION, fallback, "a metric with dimensions has no default value", "leave the default value or the dimensions out");
    if (text_starts_with(rule_text(json_get_c(transformation, "metricNamespace")), TEXT("AWS/")))
        rule_report_with(context, filter, CODE_METRIC_TRANSFORMATION, json_get_c(transformation, "metricNamespace"), "namespaces that begin with AWS/ are AWS's own", "choose another name");
}

/* --- dashboards --- */

static void check_widget(const RuleContext *context, const Resource *dashboard, const Json *widget)
{
    enum { COLUMNS = 24, HEIGHT_MAX = 1000 };
    const Json *type = json_get_c(widget, "type");
    int64_t number = 0;
    int64_t left = 0;
    if (!rule_is_known(widget))
        return;
    if (!rule_is_set(type))
        rule_report_with(context, dashboard, CODE_DASHBOARD_BODY, widget, "a widget has a type", "add type: metric, text, log, alarm or explorer");
    else if (rule_text(type).len && !rule_is_one_of(rule_text(type), "metric text log alarm explorer custom trace"))
        rule_report_with(context, dashboard, CODE_DASHBOARD_BODY, type, "there is no widget of this type", "use metric, text, log, alarm, explorer or custom");
    if (!rule_is_set(json_get_c(widget, "properties")))
        rule_report_with(context, dashboard, CODE_DASHBOARD_BODY, widget, "a widget has properties", "add properties");
    (void)rule_integer(json_get_c(widget, "x"), &left);
    if (rule_integer(json_get_c(widget, "width"), &number) && (number < 1 || number > COLUMNS || left + number > COLUMNS))
        rule_report_with(context, dashboard, CODE_DASHBOARD_BODY, json_get_c(widget, "width"), "a dashboard is 24 columns wide", "keep x plus width at most 24");
    if (rule_integer(json_get_c(widget, "height"), &number) && (number < 1 || number > HEIGHT_MAX))
        rule_report_with(context, dashboard, CODE_DASHBOARD_BODY, json_get_c(widget, "height"), "a widget is 1 to 1000 high", "use a height such as 6");
}

static void check_dashboard(const RuleContext *context, const Resource *dashboard, const Json *body)
{
    const Json *document = body->kind == JSON_EMBEDDED ? body->embedded : body;
    if (document->kind == JSON_TEXT) {
        ReadJsonError error = {.reason = TEXT_NONE};
        const ReadJson *read = json_read(context->arena, document->text, &error);
        /* A key that stands twice is refused by nobody but this reader. */
        bool is_json = read ? read->kind == READ_OBJECT : text_find(error.reason, TEXT("duplicate")) < error.reason.len;
        if (document->text.len && !is_json)
            rule_report_with(context, dashboard, CODE_DASHBOARD_BODY, body, "the body of a dashboard is JSON", "write an object with widgets: {\"widgets\": []}");
        return;
    }
    const Json *widgets = json_get_c(document, "widgets");
    if (document->kind != JSON_OBJECT)
        return;
    if (!rule_is_set(widgets))
        rule_report_with(context, dashboard, CODE_DASHBOARD_BODY, body, "the dashboard has no widgets", "add widgets, a list");
    for (size_t i = 0; i < rule_item_count(widgets); i++)
        check_widget(context, dashboard, widgets->items.items[i]);
}

const Rule log_group_rules[] = {
    {RESOURCE_LOG_GROUP, "", check_retention},
    {RESOURCE_METRIC_FILTER, "filterPattern", check_pattern},
    {RESOURCE_METRIC_FILTER, "metricTransformations[]", check_transformation},
    {RESOURCE_DASHBOARD, "DashboardBody", check_dashboard},
    {.check = NULL},
};
