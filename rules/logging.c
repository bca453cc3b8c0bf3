/* Logs of containers: drivers, their options, and log routers (AWS: ECS, LogConfiguration and FirelensConfiguration). */
#include "rules/task.h"

/* What Docker's log drivers read as true or false. */
#define DOCKER_FLAGS "true false True False TRUE FALSE t f T F 1 0"

/* --- drivers --- */

static void check_driver(const RuleContext *context, const Resource *resource, const Json *driver)
{
    static const char *const known[] = {"json-file", "syslog", "journald", "gelf", "fluentd"};
    bool is_refused = false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        is_refused = is_refused || rule_text_is(driver, known[i]);
    if (!is_refused || !task_is_fargate(context, resource))
        return;
    Diagnostic *diagnostic = rule_report(context, resource, CODE_LOG_DRIVER, driver, "Fargate has no log driver %.*s", TEXT_ARG(rule_text(driver)));
    diagnostic_set_label(context->sink, diagnostic, "it has awslogs, splunk and awsfirelens");
    diagnostic_set_advice(context->sink, diagnostic, "use awslogs; awsfirelens sends logs on to other places");
}

/* --- options --- */

typedef struct LogOption {
    const char *driver;
    const char *name;
    bool is_required;
    bool is_required_on_fargate;
} LogOption;

/* Of awslogs all that ECS or Docker know; of others only what must be there. */
static const LogOption log_options[] = {
    {"awslogs", "awslogs-group", true, true},
    {"awslogs", "awslogs-region", true, true},
    {"awslogs", "awslogs-stream-prefix", false, true},
    {"awslogs", "awslogs-create-group", false, false},
    {"awslogs", "awslogs-datetime-format", false, false},
    {"awslogs", "awslogs-multiline-pattern", false, false},
    {"awslogs", "mode", false, false},
    {"awslogs", "max-buffer-size", false, false},
    {"awslogs", "awslogs-endpoint", false, false},
    {"awslogs", "awslogs-credentials-endpoint", false, false},
    {"awslogs", "awslogs-stream", false, false},
    {"awslogs", "awslogs-create-stream", false, false},
    {"awslogs", "awslogs-force-flush-interval-seconds", false, false},
    {"awslogs", "awslogs-max-buffered-events", false, false},
    {"awslogs", "awslogs-format", false, false},
    {"awslogs", "tag", false, false},
    {"splunk", "splunk-token", true, true},
    {"splunk", "splunk-url", true, true},
};
enum { LOG_OPTION_COUNT = sizeof log_options / sizeof *log_options };

static bool is_option_said(const RuleContext *context, const Json *configuration, const char *name)
{
    const Json *secrets = json_get_c(configuration, "secretOptions");
    return rule_is_set(json_get_c(json_get_c(configuration, "options"), name)) ||
           name_index_find(context->names, secrets, "name", text_from_c(name)) || name_index_has_unknown(context->names, secrets, "name");
}

/* Whether an option is a slip of this one: that is told by itself. */
static bool is_option_misspelt(const Json *options, const char *name)
{
    enum { DISTANCE_MAX = 3 };
    for (size_t i = 0; options && i < options->members.count; i++)
        if (text_edit_distance(options->members.items[i].key, text_from_c(name), DISTANCE_MAX) <= DISTANCE_MAX)
            return true;
    return false;
}

static void check_required(const RuleContext *context, const Resource *resource, const Json *configuration)
{
    const Json *driver = json_get_c(configuration, "logDriver");
    const Json *options = json_get_c(configuration, "options");
    if (rule_is_set(options) && options->kind != JSON_OBJECT)
        return;
    for (size_t i = 0; i < LOG_OPTION_COUNT; i++) {
        const LogOption *option = &log_options[i];
        bool is_needed = task_is_fargate(context, resource) ? option->is_required_on_fargate : option->is_required;
        if (!is_needed || !rule_text_is(driver, option->driver) || is_option_said(context, configuration, option->name) ||
            is_option_misspelt(options, option->name) || rule_is_misspelt(configuration, TEXT("options")))
            continue;
        Diagnostic *diagnostic = rule_report(context, resource, CODE_LOG_OPTION_MISSING, driver, "the log driver %s needs the option %s", option->driver,
                                             option->name);
        diagnostic_set_label(context->sink, diagnostic, option->is_required ? "it is not among its options" : "on Fargate, and it is not among its options");
        diagnostic_set_advice(context->sink, diagnostic, "add \"%s\" to \"options\"", option->name);
        return;
    }
}

/* ECS refuses what it does not know of awslogs. */
static void check_option_name(const RuleContext *context, const Resource *resource, const JsonMember *option)
{
    enum { DISTANCE_MAX = 3 };
    const char *nearest = NULL;
    size_t least = DISTANCE_MAX + 1;
    for (size_t i = 0; i < LOG_OPTION_COUNT; i++)
        if (text_equal_c(option->key, log_options[i].name))
            return;
    for (size_t i = 0; i < LOG_OPTION_COUNT; i++) {
        size_t distance = text_edit_distance(option->key, text_from_c(log_options[i].name), DISTANCE_MAX);
        nearest = distance < least ? log_options[i].name : nearest;
        least = distance < least ? distance : least;
    }
    Span key = rule_key_span(context, option->value, option->key);
    Diagnostic *diagnostic = diagnostic_report(context->sink, CODE_LOG_OPTION, span_is_none(key) ? rule_span(resource, option->value) : key,
                                               "the log driver awslogs has no option %.*s", TEXT_ARG(option->key));
    if (nearest && !span_is_none(key))
        diagnostic_set_fix(context->sink, diagnostic, true, key, text_from_c(nearest), "did you mean %s?", nearest);
    else if (nearest)
        diagnostic_set_advice(context->sink, diagnostic, "did you mean %s?", nearest);
}

static void report_option(const RuleContext *context, const Resource *resource, const Json *value, const char *problem, const char *label)
{
    Diagnostic *diagnostic = rule_report(context, resource, CODE_LOG_OPTION, value, "%s", problem);
    diagnostic_set_label(context->sink, diagnostic, "%s", label);
}

/* "25m": a number and k, m or g. */
static bool is_buffer_size(Text text)
{
    size_t digits = 0;
    while (digits < text.len && byte_is_digit(text.ptr[digits]))
        digits++;
    Text unit = text_slice(text, digits, text.len);
    static const char *const units[] = {"", "b", "k", "m", "g", "kb", "mb", "gb", "K", "M", "G", "KB", "MB", "GB", "kib", "mib", "gib", "KiB", "MiB", "GiB"};
    for (size_t i = 0; digits && i < sizeof units / sizeof *units; i++)
        if (text_equal_c(unit, units[i]))
            return true;
    return false;
}

static void check_mode(const RuleContext *context, const Resource *resource, const Json *options)
{
    const Json *mode = json_get_c(options, "mode");
    const Json *size = json_get_c(options, "max-buffer-size");
    Text said = rule_text(mode);
    if (said.len && !text_equal_c(said, "blocking") && !text_equal_c(said, "non-blocking"))
        report_option(context, resource, mode, "a log driver has no such mode", "it is blocking or non-blocking");
    if (rule_text(size).len && !is_buffer_size(rule_text(size)))
        report_option(context, resource, size, "this is no size of a buffer", "a number and its unit, as in 25m");
    if (rule_is_set(size) && text_equal_c(said, "blocking")) {
        Diagnostic *diagnostic = rule_report(context, resource, CODE_LOG_OPTION, size, "a driver that blocks has no buffer");
        diagnostic_add_label(context->sink, diagnostic, rule_span(resource, mode), "it blocks");
        diagnostic_set_advice(context->sink, diagnostic, "leave out max-buffer-size, or say \"mode\": \"non-blocking\"");
    }
}

static bool has_group_form(Text name)
{
    enum { NAME_MAX_LENGTH = 512 };
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool is_letter = byte_is_alphanumeric(c);
        if (!is_letter && c != '.' && c != '-' && c != '_' && c != '/' && c != '#')
            return false;
    }
    return name.len <= NAME_MAX_LENGTH;
}

static void check_awslogs(const RuleContext *context, const Resource *resource, const Json *options)
{
    const Json *group = json_get_c(options, "awslogs-group");
    const Json *prefix = json_get_c(options, "awslogs-stream-prefix");
    const Json *region = json_get_c(options, "awslogs-region");
    const Json *create = json_get_c(options, "awslogs-create-group");
    const Json *format = json_get_c(options, "awslogs-datetime-format");
    const Json *pattern = json_get_c(options, "awslogs-multiline-pattern");
    bool is_open = context->is_svc; /* group and region are derived there, and may hold what is not known */
    for (size_t i = 0; i < options->members.count; i++)
        check_option_name(context, resource, &options->members.items[i]);
    if (!is_open && !has_group_form(rule_text(group)))
        report_option(context, resource, group, "this cannot be the name of a log group", "at most 512 letters, digits and . - _ / #");
    if (!is_open && rule_text(region).len && !task_is_region(rule_text(region)))
        report_option(context, resource, region, "AWS has no such region", "as in us-east-1");
    if (rule_text(create).len && !rule_is_one_of(rule_text(create), DOCKER_FLAGS))
        report_option(context, resource, create, "this is neither true nor false", "awslogs-create-group is true or false");
    if (text_find_byte(rule_text(prefix), ':') < rule_text(prefix).len || text_find_byte(rule_text(prefix), '*') < rule_text(prefix).len)
        report_option(context, resource, prefix, "this cannot begin the name of a log stream", "it has no : and no *");
    if (rule_is_set(format) && rule_is_set(pattern)) {
        Diagnostic *diagnostic = rule_report(context, resource, CODE_LOG_OPTION, pattern, "the start of a message is said twice");
        diagnostic_add_label(context->sink, diagnostic, rule_span(resource, format), "by its date");
        diagnostic_set_advice(context->sink, diagnostic, "keep one of awslogs-datetime-format and awslogs-multiline-pattern");
    }
}

static void check_options(const RuleContext *context, const Resource *resource, const Json *configuration)
{
    const Json *driver = json_get_c(configuration, "logDriver");
    const Json *options = json_get_c(configuration, "options");
    check_required(context, resource, configuration);
    if (!options || options->kind != JSON_OBJECT)
        return;
    check_mode(context, resource, options);
    if (rule_text_is(driver, "awslogs"))
        check_awslogs(context, resource, options);
}

/* --- log routers --- */

/* The container with firelensConfiguration among the first `count`, or NULL. */
static const Json *find_router(const Json *containers)
{
    for (size_t i = 0; i < rule_item_count(containers); i++)
        if (rule_is_set(json_get_c(containers->items.items[i], "firelensConfiguration")))
            return containers->items.items[i];
    return NULL;
}

static void check_routers(const RuleContext *context, const Resource *resource, const Json *containers)
{
    const Json *first = find_router(containers);
    for (size_t i = 0; i < rule_item_count(containers); i++) {
        const Json *container = containers->items.items[i];
        const Json *driver = rule_find(container, "logConfiguration.logDriver");
        const Json *router = json_get_c(container, "firelensConfiguration");
        if (rule_text_is(driver, "awsfirelens") && !first) {
            Diagnostic *diagnostic = rule_report(context, resource, CODE_LOG_ROUTER, driver, "no container of this task routes the logs");
            diagnostic_set_label(context->sink, diagnostic, "awsfirelens hands them to the container that has firelensConfiguration");
            diagnostic_set_advice(context->sink, diagnostic, "add one, with the image public.ecr.aws/aws-observability/aws-for-fluent-bit:stable");
        }
        if (!rule_is_set(router) || container == first)
            continue;
        Span key = rule_key_span(context, router, TEXT("firelensConfiguration"));
        Diagnostic *diagnostic = diagnostic_report(context->sink, CODE_LOG_ROUTER, span_is_none(key) ? rule_span(resource, router) : key,
                                                   "a task has one log router");
        diagnostic_add_label(context->sink, diagnostic, rule_span(resource, task_container_place(context, first)), "the first");
    }
}

static void report_router(const RuleContext *context, const Resource *resource, const Json *node, const char *problem, const char *label)
{
    Diagnostic *diagnostic = rule_report(context, resource, CODE_LOG_ROUTER, node, "%s", problem);
    diagnostic_set_label(context->sink, diagnostic, "%s", label);
}

static void check_router_names(const RuleContext *context, const Resource *resource, const Json *options)
{
    static const char *const known[] = {"enable-ecs-log-metadata", "config-file-type", "config-file-value"};
    for (size_t i = 0; options->kind == JSON_OBJECT && i < options->members.count; i++) {
        const JsonMember *option = &options->members.items[i];
        for (size_t j = 0; j < sizeof known / sizeof *known; j++) {
            enum { DISTANCE_MAX = 3 };
            size_t distance = text_edit_distance(option->key, text_from_c(known[j]), DISTANCE_MAX);
            Span key = rule_key_span(context, option->value, option->key);
            if (!distance || distance > DISTANCE_MAX)
                continue;
            Diagnostic *diagnostic = diagnostic_report(context->sink, CODE_LOG_ROUTER, span_is_none(key) ? rule_span(resource, option->value) : key,
                                                       "a log router has no option %.*s", TEXT_ARG(option->key));
            diagnostic_set_advice(context->sink, diagnostic, "did you mean %s?", known[j]);
            break;
        }
    }
}

static void check_router_options(const RuleContext *context, const Resource *resource, const Json *options)
{
    check_router_names(context, resource, options);
    const Json *type = json_get_c(options, "config-file-type");
    const Json *value = json_get_c(options, "config-file-value");
    const Json *metadata = json_get_c(options, "enable-ecs-log-metadata");
    if (rule_text(type).len && !rule_text_is(type, "file") && !rule_text_is(type, "s3"))
        report_router(context, resource, type, "a router's configuration is not kept there", "it is file or s3");
    if (rule_text_is(type, "s3") && task_is_fargate(context, resource))
        report_router(context, resource, type, "on Fargate a router's configuration is a file in its image", "Fargate takes only file");
    if (rule_is_set(type) && !rule_is_set(value))
        report_router(context, resource, type, "the router's configuration is not named", "config-file-value says where it is");
    if (rule_text_is(type, "s3") && rule_text(value).len && !text_starts_with(rule_text(value), TEXT("arn:")))
        report_router(context, resource, value, "this is no ARN of a file in S3", "as in arn:aws:s3:::BUCKET/fluent.conf");
    if (rule_text(metadata).len && !rule_text_is(metadata, "true") && !rule_text_is(metadata, "false"))
        report_router(context, resource, metadata, "this is neither true nor false", "enable-ecs-log-metadata is true or false");
}

const Rule logging_rules[] = {
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].logConfiguration.logDriver", check_driver},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].logConfiguration", check_options},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions", check_routers},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].firelensConfiguration.options", check_router_options},
    {.check = NULL},
};
