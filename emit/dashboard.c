/* The dashboard: graphs of what the service declares, in rows of three, below the states of its alarms (CloudWatch's dashboard body structure). */
#include "emit/alarm.h"

/* What a line of a standard graph needs to be there. */
typedef enum LineScope { LINE_SERVICE, LINE_INSIGHTS, LINE_TARGET_GROUP, LINE_LOAD_BALANCER } LineScope;

typedef struct Line {
    const char *name;
    const char *statistic;
    const char *label;
} Line;

enum { LINES_MAX = 4, OWN_LINES_MAX = 50, DASHBOARD_NAME_MAX = 255, COLUMNS = 3, GRAPH_WIDTH = 8, GRAPH_HEIGHT = 6, ALARMS_HEIGHT = 3, GRAPH_PERIOD = 60 };

typedef struct Graph {
    const char *title;
    const char *name_space;
    LineScope scope;
    bool is_percent;
    Line lines[LINES_MAX];
} Graph;

static const Graph standard_graphs[] = {
    {"CPU and memory", "AWS/ECS", LINE_SERVICE, true, {{"CPUUtilization", "Average", "CPU"}, {"MemoryUtilization", "Average", "memory"}}},
    {"Tasks", "ECS/ContainerInsights", LINE_INSIGHTS, false, {{"RunningTaskCount", "Average", "running"}, {"DesiredTaskCount", "Average", "desired"}}},
    {"Targets", "AWS/ApplicationELB", LINE_TARGET_GROUP, false, {{"HealthyHostCount", "Minimum", "healthy"}, {"UnHealthyHostCount", "Maximum", "unhealthy"}}},
    {"Requests", "AWS/ApplicationELB", LINE_TARGET_GROUP, false, {{"RequestCount", "Sum", "requests"}}},
    {"Errors", "AWS/ApplicationELB", LINE_TARGET_GROUP, false,
     {{"HTTPCode_Target_4XX_Count", "Sum", "4xx"}, {"HTTPCode_Target_5XX_Count", "Sum", "5xx"}, {"TargetConnectionErrorCount", "Sum", "refused"}}},
    {"Latency", "AWS/ApplicationELB", LINE_TARGET_GROUP, false,
     {{"TargetResponseTime", "p50", "p50"}, {"TargetResponseTime", "p90", "p90"}, {"TargetResponseTime", "p99", "p99"}}},
    {"Connections of the load balancer", "AWS/ApplicationELB", LINE_LOAD_BALANCER, false,
     {{"ActiveConnectionCount", "Sum", "active"}, {"NewConnectionCount", "Sum", "new"}}},
    {"Errors of the load balancer", "AWS/ApplicationELB", LINE_LOAD_BALANCER, false,
     {{"HTTPCode_ELB_4XX_Count", "Sum", "4xx"}, {"HTTPCode_ELB_5XX_Count", "Sum", "5xx"}, {"RejectedConnectionCount", "Sum", "rejected"}}},
};

typedef struct Board {
    Emission *emission;
    const ServiceFacts *facts;
    Json *widgets;
    int64_t top;    /* where the graphs begin */
    size_t graphs;  /* so far */
} Board;

/* --- widgets --- */

static void set_text(const Board *board, Json *object, const char *key, const char *value)
{
    json_set_c(board->emission->arena, object, key, json_text_c(board->emission->arena, value));
}

static void set_integer(const Board *board, Json *object, const char *key, int64_t value)
{
    json_set_c(board->emission->arena, object, key, json_integer(board->emission->arena, value));
}

static void add_widget(const Board *board, const char *type, Json *properties, int64_t x, int64_t y, int64_t width, int64_t height)
{
    Json *widget = json_object(board->emission->arena);
    set_text(board, widget, "type", type);
    set_integer(board, widget, "x", x);
    set_integer(board, widget, "y", y);
    set_integer(board, widget, "width", width);
    set_integer(board, widget, "height", height);
    json_set_c(board->emission->arena, widget, "properties", properties);
    json_add(board->emission->arena, board->widgets, widget);
}

static Json *axis(const Board *board, bool is_percent)
{
    Json *left = json_object(board->emission->arena);
    Json *both = json_object(board->emission->arena);
    set_integer(board, left, "min", 0);
    if (is_percent)
        set_integer(board, left, "max", 100);
    json_set_c(board->emission->arena, both, "left", left);
    return both;
}

/* A graph in the next free place. Without lines there is none. */
static void add_graph(Board *board, Json *title, Json *lines, Json *bounds, bool is_percent)
{
    Arena *arena = board->emission->arena;
    if (!json_length(lines))
        return;
    if (board->emission->purpose == EMIT_TO_JUDGE) { /* a graph is right as it is made; that there is one makes the dashboard */
        json_add(arena, board->widgets, json_null(arena));
        return;
    }
    Json *properties = json_object(arena);
    json_set_c(arena, properties, "title", title);
    json_set_c(arena, properties, "region", json_text(arena, board->emission->region));
    set_text(board, properties, "view", "timeSeries");
    json_set_c(arena, properties, "stacked", json_bool(arena, false));
    set_integer(board, properties, "period", GRAPH_PERIOD);
    json_set_c(arena, properties, "metrics", lines);
    json_set_c(arena, properties, "yAxis", axis(board, is_percent));
    if (bounds && json_length(bounds)) {
        Json *annotations = json_object(arena);
        json_set_c(arena, annotations, "horizontal", bounds);
        json_set_c(arena, properties, "annotations", annotations);
    }
    int64_t column = (int64_t)(board->graphs % COLUMNS);
    int64_t row = (int64_t)(board->graphs / COLUMNS);
    add_widget(board, "metric", properties, column * GRAPH_WIDTH, board->top + row * GRAPH_HEIGHT, GRAPH_WIDTH, GRAPH_HEIGHT);
    board->graphs++;
}

/* --- bounds of alarms --- */

/* The alarm's comparison of one metric with a number, or NULL. */
static const MetricExpression *simple_condition(const Node *alarm)
{
    const Value *value = node_argument(node_child(alarm, W_WHEN), 0);
    const MetricExpression *e = value && value->kind == VALUE_METRIC ? value->metric : NULL;
    bool is_simple = e && e->kind == METRIC_COMPARISON && e->left->kind == METRIC_LEAF && e->right->kind == METRIC_NUMBER;
    return is_simple ? e : NULL;
}

static bool shows(const Graph *graph, const MetricDeclaration *leaf)
{
    for (size_t i = 0; i < LINES_MAX && graph->lines[i].name; i++)
        if (text_equal_c(leaf->name_space, graph->name_space) && text_equal_c(leaf->name, graph->lines[i].name))
            return true;
    return false;
}

static void add_bound(const Board *board, Json *bounds, const Node *alarm, const MetricExpression *condition)
{
    Rational value;
    if (!rational_divide(&value, condition->right->number, condition->left->leaf->factor) || !rational_is_decimal(value))
        return;
    Json *bound = json_object(board->emission->arena);
    json_set_c(board->emission->arena, bound, "label", json_text(board->emission->arena, alarm->key));
    json_set_c(board->emission->arena, bound, "value", json_number(board->emission->arena, value));
    json_add(board->emission->arena, bounds, bound);
}

static Json *graph_bounds(const Board *board, const Graph *graph)
{
    Json *bounds = json_array(board->emission->arena);
    NODE_EACH(alarm, board->facts->node, W_ALARM)
    {
        const MetricExpression *condition = simple_condition(alarm);
        if (condition && shows(graph, condition->left->leaf))
            add_bound(board, bounds, alarm, condition);
    }
    return bounds;
}

/* --- standard graphs --- */

static void add_text(const Board *board, Json *line, Text text)
{
    json_add(board->emission->arena, line, json_text(board->emission->arena, text));
}

/* ["AWS/ECS", "CPUUtilization", "ClusterName", "main", …, {"stat": "Average", "label": "CPU"}] */
static void add_line(const Board *board, Json *lines, const Graph *graph, const Line *shown, const RouteFacts *route, MetricSide side)
{
    Arena *arena = board->emission->arena;
    if (board->emission->purpose == EMIT_TO_JUDGE) {
        if (route && route->is_existing)
            (void)metric_load_balancer(board->emission, route); /* reports what is wrong with its declaration */
        json_add(arena, lines, json_null(arena));
        return;
    }
    Json *line = json_array(arena);
    Json *options = json_object(arena);
    Text label = text_from_c(shown->label);
    add_text(board, line, text_from_c(graph->name_space));
    add_text(board, line, text_from_c(shown->name));
    if (route) {
        add_text(board, line, TEXT("LoadBalancer"));
        json_add(arena, line, metric_load_balancer(board->emission, route));
    } else {
        add_text(board, line, TEXT("ClusterName"));
        add_text(board, line, board->facts->cluster);
        add_text(board, line, TEXT("ServiceName"));
        add_text(board, line, board->facts->name);
    }
    if (graph->scope == LINE_TARGET_GROUP) {
        add_text(board, line, TEXT("TargetGroup"));
        json_add(arena, line, metric_target_group(board->emission, route, side));
    }
    Text place = route && graph->scope == LINE_TARGET_GROUP ? metric_side_label(board->emission, board->facts, route, side) : TEXT_NONE;
    if (route && graph->scope != LINE_TARGET_GROUP && board->facts->route_count > 1)
        place = route->load_balancer;
    if (place.len)
        label = arena_format(arena, "%.*s %.*s", TEXT_ARG(label), TEXT_ARG(place));
    json_set_c(arena, options, "label", json_text(arena, label));
    set_text(board, options, "stat", shown->statistic);
    json_add(arena, line, options);
    json_add(arena, lines, line);
}

static bool is_first_of_load_balancer(const ServiceFacts *facts, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (text_equal(facts->routes[i].load_balancer_id, facts->routes[index].load_balancer_id))
            return false;
    return true;
}

static Json *graph_lines(const Board *board, const Graph *graph)
{
    Json *lines = json_array(board->emission->arena);
    const ServiceFacts *facts = board->facts;
    bool is_of_service = graph->scope == LINE_SERVICE || graph->scope == LINE_INSIGHTS;
    bool is_absent = is_of_service && (facts->is_scheduled || (graph->scope == LINE_INSIGHTS && !facts->cluster_has_insights));
    for (size_t i = 0; i < LINES_MAX && graph->lines[i].name && !is_absent; i++) {
        if (is_of_service)
            add_line(board, lines, graph, &graph->lines[i], NULL, SIDE_STABLE);
        for (size_t r = 0; r < facts->route_count && !is_of_service; r++) {
            if (graph->scope == LINE_TARGET_GROUP || is_first_of_load_balancer(facts, r))
                add_line(board, lines, graph, &graph->lines[i], &facts->routes[r], SIDE_STABLE);
            if (graph->scope == LINE_TARGET_GROUP && facts->has_sides)
                add_line(board, lines, graph, &graph->lines[i], &facts->routes[r], SIDE_CANARY);
        }
    }
    return lines;
}

/* --- the service's own metrics --- */

/* A lowered expression as lines: its queries hidden, what it comes to shown. */
static void add_lowered(const Board *board, Json *lines, const LoweredMetric *metric, Text label)
{
    Arena *arena = board->emission->arena;
    for (size_t i = 0; i < json_length(metric->metrics); i++) {
        const Json *query = metric->metrics->items.items[i];
        const Json *stat = json_get_c(query, "MetricStat");
        bool is_shown = i + 1 == json_length(metric->metrics);
        Json *options = json_object(arena);
        Json *line = json_array(arena);
        json_set_c(arena, options, "id", json_get_c(query, "Id"));
        json_set_c(arena, options, "label", is_shown ? json_text(arena, label) : json_get_c(query, "Label"));
        json_set_c(arena, options, "visible", is_shown ? NULL : json_bool(arena, false));
        json_set_c(arena, options, "expression", json_get_c(query, "Expression"));
        json_set_c(arena, options, "stat", json_get_c(stat, "Stat"));
        if (stat) {
            const Json *source = json_get_c(stat, "Metric");
            const Json *dimensions = json_get_c(source, "Dimensions");
            json_add(arena, line, json_get_c(source, "Namespace"));
            json_add(arena, line, json_get_c(source, "MetricName"));
            for (size_t d = 0; dimensions && d < json_length(dimensions); d++) {
                json_add(arena, line, json_get_c(dimensions->items.items[d], "Name"));
                json_add(arena, line, json_get_c(dimensions->items.items[d], "Value"));
            }
        }
        json_add(arena, line, options);
        json_add(arena, lines, line);
    }
}

static void add_expression(const Board *board, Json *lines, const MetricExpression *e)
{
    Arena *arena = board->emission->arena;
    LoweredMetric metric;
    MetricRequest request = {.purpose = PURPOSE_SHOW, .side = SIDE_BOTH, .bound = TYPE_ANY};
    request.prefix = arena_format(arena, "g%zu", json_length(lines));
    if (metric_lower(board->emission, board->facts, e, &request, &metric))
        add_lowered(board, lines, &metric, metric_to_text(arena, e));
}

/* `show "title" metric…` */
static void add_shown(Board *board, const Node *show)
{
    const Value *metrics = node_argument(show, 1);
    Json *lines = json_array(board->emission->arena);
    if (!metrics || metrics->kind != VALUE_LIST)
        return;
    for (size_t i = 0; i < metrics->count; i++)
        if (metrics->items[i]->kind == VALUE_METRIC)
            add_expression(board, lines, metrics->items[i]->metric);
    add_graph(board, json_at(json_text(board->emission->arena, node_text(show, 0)), show->span), lines, NULL, false);
}

/* Metrics that no standard graph shows, each once. */
typedef struct Shown {
    const MetricExpression *items[OWN_LINES_MAX];
    Text texts[OWN_LINES_MAX];
    size_t count;
} Shown;

static void collect_leaves(const Board *board, const MetricExpression *e, Shown *shown)
{
    if (!e || e->kind == METRIC_NUMBER)
        return;
    if (e->kind != METRIC_LEAF) {
        collect_leaves(board, e->left, shown);
        collect_leaves(board, e->right, shown);
        return;
    }
    bool is_own = e->leaf->scope == METRIC_GLOBAL || e->leaf->log_container.len > 0;
    if (!is_own || shown->count == OWN_LINES_MAX)
        return;
    Text text = metric_to_text(board->emission->arena, e);
    for (size_t i = 0; i < shown->count; i++)
        if (text_equal(shown->texts[i], text))
            return;
    shown->texts[shown->count] = text;
    shown->items[shown->count++] = e;
}

static void collect_from(const Board *board, const Node *owner, WordId word, WordId inner, Shown *shown)
{
    NODE_EACH(node, owner, word)
    {
        const Value *value = node_argument(inner == W_NONE ? node : node_child(node, inner), 0);
        if (value && value->kind == VALUE_METRIC)
            collect_leaves(board, value->metric, shown);
    }
}

static void add_own_graphs(Board *board)
{
    Arena *arena = board->emission->arena;
    const Node *service = board->facts->node;
    const Node *scale = node_child(service, W_SCALE);
    Json *queues = json_array(arena);
    Json *others = json_array(arena);
    Shown shown = {.count = 0};
    collect_from(board, scale, W_TRACK, W_NONE, &shown);
    collect_from(board, scale, W_STEP, W_NONE, &shown);
    collect_from(board, scale, W_PREDICT, W_NONE, &shown);
    collect_from(board, service, W_ALARM, W_WHEN, &shown);
    collect_from(board, service, W_ALARM, W_ANOMALY, &shown);
    for (size_t i = 0; i < shown.count; i++)
        add_expression(board, text_equal_c(shown.items[i]->leaf->name_space, "AWS/SQS") ? queues : others, shown.items[i]);
    add_graph(board, json_text_c(arena, "Queues"), queues, NULL, false);
    add_graph(board, json_text_c(arena, "The service's own metrics"), others, NULL, false);
}

/* --- the whole --- */

/* The states of the alarms, across the top. */
static void add_alarms(Board *board)
{
    Arena *arena = board->emission->arena;
    Json *arns = json_array(arena);
    NODE_EACH(alarm, board->facts->node, W_ALARM)
    {
        Text name = alarm_name_of(board->emission, board->facts, alarm);
        Text known = emit_arn(board->emission, "cloudwatch", arena_join(arena, TEXT("alarm:"), name));
        json_add(arena, arns, emit_reference(board->emission, alarm_id(board->emission, board->facts, alarm->key), ATTRIBUTE_ARN, known));
    }
    if (!json_length(arns))
        return;
    Json *properties = json_object(arena);
    set_text(board, properties, "title", "Alarms");
    json_set_c(arena, properties, "alarms", arns);
    add_widget(board, "alarm", properties, 0, 0, COLUMNS * GRAPH_WIDTH, ALARMS_HEIGHT);
    board->top = ALARMS_HEIGHT;
}

void emit_dashboard(Emission *emission, const ServiceFacts *facts)
{
    Arena *arena = emission->arena;
    const Node *dashboard = node_child(facts->node, W_DASHBOARD);
    if (!dashboard || !node_flag(dashboard, true))
        return;
    Board board = {.emission = emission, .facts = facts, .widgets = json_array(arena)};
    add_alarms(&board);
    for (size_t i = 0; i < sizeof standard_graphs / sizeof *standard_graphs; i++) {
        const Graph *graph = &standard_graphs[i];
        add_graph(&board, json_text_c(arena, graph->title), graph_lines(&board, graph), graph_bounds(&board, graph), graph->is_percent);
    }
    add_own_graphs(&board);
    NODE_EACH(show, dashboard, W_DASHBOARD_SHOW)
        add_shown(&board, show);
    if (json_length(board.widgets) == 0)
        return; /* a task at times, which nothing measures */
    Json *body = json_object(arena);
    json_set_c(arena, body, "widgets", board.widgets);
    Text said = node_child_text(dashboard, W_DASHBOARD_NAME);
    Text name = said.len ? said : name_fit(emission, name_global(emission, facts->service, TEXT_NONE), DASHBOARD_NAME_MAX, true);
    Json *input = json_object(arena);
    const Node *named = node_child(dashboard, W_DASHBOARD_NAME);
    json_set_c(arena, input, "DashboardName", json_at(json_text(arena, name), named ? named->span : SPAN_NONE));
    json_set_c(arena, input, "DashboardBody", json_embedded(arena, body));
    Text id = arena_format(arena, "%.*s/dashboard", TEXT_ARG(facts->service));
    emit_add_resource(emission, RESOURCE_DASHBOARD, id, facts->service, name, TEXT("dashboard"), input, dashboard->span);
}
