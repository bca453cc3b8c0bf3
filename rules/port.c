/* Port mappings of containers (AWS: ECS, PortMapping). */
#include "rules/task.h"

enum { PORT_MAX = 65535 };

static bool is_shared_mode(const Resource *resource)
{
    Text mode = task_network_mode(resource);
    return text_equal_c(mode, "awsvpc") || text_equal_c(mode, "host");
}

/* A port other than 0, which stands for none. */
static bool read_port(const Json *mapping, const char *member, int64_t *out)
{
    const Json *node = json_get_c(mapping, member);
    return rule_is_known(node) && rule_integer(node, out) && *out;
}

static Text protocol_of(const Json *mapping)
{
    const Json *protocol = json_get_c(mapping, "protocol");
    return rule_is_set(protocol) ? rule_text(protocol) : TEXT("tcp");
}

/* --- one mapping --- */

/* With awsvpc and host there is one network for both sides. */
static void check_host_port(const RuleContext *context, const Resource *resource, const Json *mapping)
{
    const Json *host = json_get_c(mapping, "hostPort");
    int64_t inner;
    int64_t outer;
    if (!is_shared_mode(resource) || !read_port(mapping, "containerPort", &inner) || !rule_is_known(host) || !rule_integer(host, &outer) || inner == outer)
        return;
    Text mode = task_network_mode(resource);
    Diagnostic *diagnostic = rule_report(context, resource, CODE_HOST_PORT, host, "in the network mode %.*s the host's port is the container's", TEXT_ARG(mode));
    diagnostic_add_label(context->sink, diagnostic, rule_span(resource, json_get_c(mapping, "containerPort")), "the container's");
    diagnostic_set_advice(context->sink, diagnostic, "leave hostPort out, or make it %lld", (long long)inner);
}

/* "8000-8010". */
static bool read_range(Text text, int64_t *low, int64_t *high)
{
    size_t dash = text_find_byte(text, '-');
    Json first = {.kind = JSON_TEXT, .text = text_slice(text, 0, dash)};
    Json last = {.kind = JSON_TEXT, .text = dash < text.len ? text_slice(text, dash + 1, text.len) : TEXT_NONE};
    return rule_integer(&first, low) && rule_integer(&last, high);
}

static void check_range(const RuleContext *context, const Resource *resource, const Json *mapping, const Json *range)
{
    int64_t low = 0;
    int64_t high = 0;
    int64_t port;
    const char *other = read_port(mapping, "containerPort", &port) ? "containerPort" : read_port(mapping, "hostPort", &port) ? "hostPort" : NULL;
    if (other) {
        Diagnostic *diagnostic = rule_report(context, resource, CODE_PORT_MAPPING, range, "a range of ports stands instead of %s", other);
        diagnostic_add_label(context->sink, diagnostic, rule_span(resource, json_get_c(mapping, other)), "said too");
        diagnostic_set_advice(context->sink, diagnostic, "keep one of them");
    } else if (rule_text(range).len && (!read_range(rule_text(range), &low, &high) || low < 1 || high > PORT_MAX || low >= high)) {
        Diagnostic *diagnostic = rule_report(context, resource, CODE_PORT_MAPPING, range, "\"%.*s\" is no range of ports", TEXT_ARG(rule_text(range)));
        diagnostic_set_label(context->sink, diagnostic, "two ports from 1 to %d, the lower first: 8000-8010", PORT_MAX);
    } else if (text_equal_c(task_network_mode(resource), "host")) {
        (void)rule_report(context, resource, CODE_PORT_MAPPING, range, "a range of ports needs the network mode awsvpc or bridge");
    }
}

static void check_mapping(const RuleContext *context, const Resource *resource, const Json *mapping)
{
    const Json *range = json_get_c(mapping, "containerPortRange");
    const Json *port = json_get_c(mapping, "containerPort");
    int64_t number = 0;
    if (mapping->kind != JSON_OBJECT)
        return;
    if (!task_is_idle(range)) {
        check_range(context, resource, mapping, range);
    } else if (!rule_is_set(port)) {
        Diagnostic *diagnostic = rule_report(context, resource, CODE_PORT_MAPPING, mapping, "a port mapping without a port");
        diagnostic_set_advice(context->sink, diagnostic, "say containerPort");
    } else if (!context->is_svc && rule_integer(port, &number) && number == 0) {
        Diagnostic *diagnostic = rule_report(context, resource, CODE_PORT_MAPPING, port, "nothing listens on port 0");
        diagnostic_set_advice(context->sink, diagnostic, "say the port of the container; only hostPort is 0 where any will do");
    }
    check_host_port(context, resource, mapping);
}

/* --- mappings beside each other --- */

/* The port of the network that a mapping takes, shared by all containers of the task. */
static bool taken_port(const Resource *resource, const Json *mapping, int64_t *out)
{
    return read_port(mapping, is_shared_mode(resource) ? "containerPort" : "hostPort", out);
}

static void report_taken(const RuleContext *context, const Resource *resource, const Json *mapping, const Json *earlier, int64_t port)
{
    const char *member = is_shared_mode(resource) ? "containerPort" : "hostPort";
    Text protocol = protocol_of(mapping);
    Diagnostic *diagnostic = rule_report(context, resource, CODE_PORT_TWICE, json_get_c(mapping, member), "%.*s port %lld is taken twice in this task",
                                         TEXT_ARG(protocol), (long long)port);
    diagnostic_add_label(context->sink, diagnostic, rule_span(resource, json_get_c(earlier, member)), "the first");
    if (is_shared_mode(resource))
        diagnostic_add_note(context->sink, diagnostic, "all containers of a task share one network in the mode %.*s", TEXT_ARG(task_network_mode(resource)));
}

static void report_protocols(const RuleContext *context, const Resource *resource, const Json *mapping, const Json *earlier, int64_t port)
{
    Diagnostic *diagnostic = rule_report(context, resource, CODE_PORT_PROTOCOLS, json_get_c(mapping, "containerPort"),
                                         "port %lld is mapped for two protocols", (long long)port);
    diagnostic_add_label(context->sink, diagnostic, rule_span(resource, json_get_c(earlier, "containerPort")), "the first");
    diagnostic_add_note(context->sink, diagnostic, "a service that puts this port behind a load balancer is refused");
}

/* The ports of the container that a mapping has: one, or a range. */
static bool read_ports(const Json *mapping, int64_t *low, int64_t *high)
{
    const Json *range = json_get_c(mapping, "containerPortRange");
    if (!task_is_idle(range))
        return rule_text(range).len && read_range(rule_text(range), low, high);
    if (!read_port(mapping, "containerPort", low))
        return false;
    *high = *low;
    return true;
}

static void compare_ranges(const RuleContext *context, const Resource *resource, const Json *mapping, const Json *earlier)
{
    const Json *range = json_get_c(mapping, "containerPortRange");
    const Json *other = json_get_c(earlier, "containerPortRange");
    int64_t low, high, other_low, other_high;
    if ((task_is_idle(range) && task_is_idle(other)) || !read_ports(mapping, &low, &high) || !read_ports(earlier, &other_low, &other_high) || low > other_high ||
        other_low > high)
        return;
    Diagnostic *diagnostic = rule_report(context, resource, CODE_PORT_TWICE, task_is_idle(range) ? json_get_c(mapping, "containerPort") : range,
                                         "port %lld is mapped twice", (long long)(low > other_low ? low : other_low));
    diagnostic_add_label(context->sink, diagnostic, rule_span(resource, task_is_idle(other) ? json_get_c(earlier, "containerPort") : other), "the first");
}

static void compare_mappings(const RuleContext *context, const Resource *resource, const Json *mapping, const Json *earlier, bool is_same_container)
{
    int64_t port;
    int64_t other;
    Text protocol = protocol_of(mapping);
    const Json *name = json_get_c(mapping, "name");
    const Json *other_name = json_get_c(earlier, "name");
    bool is_known = protocol.len && protocol_of(earlier).len;
    bool is_same_protocol = text_equal(protocol, protocol_of(earlier));
    if (is_known && is_same_protocol && taken_port(resource, mapping, &port) && taken_port(resource, earlier, &other) && port == other)
        report_taken(context, resource, mapping, earlier, port);
    if (is_known && is_same_container && !is_same_protocol && read_port(mapping, "containerPort", &port) && read_port(earlier, "containerPort", &other) &&
        port == other)
        report_protocols(context, resource, mapping, earlier, port);
    if (is_same_container)
        compare_ranges(context, resource, mapping, earlier);
    if (rule_text(name).len && text_equal(rule_text(name), rule_text(other_name))) {
        Diagnostic *diagnostic = rule_report(context, resource, CODE_NAMED_TWICE, name, "two ports of this task are called %.*s", TEXT_ARG(rule_text(name)));
        diagnostic_add_label(context->sink, diagnostic, rule_span(resource, other_name), "the first");
    }
}

/* A mapping and all before it; few of either. */
static void compare_with_earlier(const RuleContext *context, const Resource *resource, const Json *containers, size_t place, size_t index)
{
    const Json *mapping = json_get_c(containers->items.items[place], "portMappings")->items.items[index];
    for (size_t i = 0; i <= place; i++) {
        const Json *list = json_get_c(containers->items.items[i], "portMappings");
        size_t count = i == place ? index : rule_item_count(list);
        for (size_t j = 0; j < count; j++)
            compare_mappings(context, resource, mapping, list->items.items[j], i == place);
    }
}

static void check_all(const RuleContext *context, const Resource *resource, const Json *containers)
{
    enum { MAPPINGS_MAX = 200 };
    size_t count = 0;
    for (size_t i = 0; i < rule_item_count(containers); i++) {
        const Json *list = json_get_c(containers->items.items[i], "portMappings");
        for (size_t j = 0; j < rule_item_count(list) && count < MAPPINGS_MAX; j++, count++)
            compare_with_earlier(context, resource, containers, i, j);
    }
}

const Rule port_rules[] = {
    {RESOURCE_TASK_DEFINITION, "containerDefinitions", check_all},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].portMappings[]", check_mapping},
    {.check = NULL},
};
