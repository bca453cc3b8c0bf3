/* Why the tasks of a revision stop: what ECS says, the container's last words, and the line of the file that is most likely at fault. */
#include "apply/run.h"

enum { TASKS_MOST = 100, LOG_LINES = 20 }; /* DescribeTasks takes a hundred */

/* Which member of the task definition a reason points at. */
typedef struct CauseRow {
    const char *part;   /* of what ECS says; in lower case */
    const char *member; /* of the container; of the task when it begins with a dot */
    const char *what;
} CauseRow;

static const CauseRow causes[] = {
    {"cannotpullcontainer", "image", "the image cannot be pulled"},
    {"pull image", "image", "the image cannot be pulled"},
    {"image manifest", "image", "the image has nothing for this architecture"},
    {"resourceinitializationerror: unable to pull secrets", "secrets", "a secret cannot be read"},
    {"secretsmanager", "secrets", "a secret cannot be read"},
    {"ssm parameter", "secrets", "a parameter cannot be read"},
    {"failed to validate logger args", "logConfiguration", "the log group is not there, or cannot be written"},
    {"outofmemory", ".memory", "it took more memory than it has"},
    {"out of memory", ".memory", "it took more memory than it has"},
    {"failed container health checks", "healthCheck", "its health check fails"},
    {"failed elb health checks", "portMappings", "the load balancer's health check fails"},
    {"exec format error", "image", "the image is of another architecture"},
    {"essential container", "command", "an essential container ended"},
};

static bool contains(Text text, const char *part)
{
    Text needle = text_from_c(part);
    for (size_t i = 0; i + needle.len <= text.len; i++)
        if (text_equal_any_case(text_slice(text, i, i + needle.len), needle))
            return true;
    return false;
}

static int64_t exit_code(const Json *container, bool *has_one)
{
    const Json *code = json_get_c(container, "exitCode");
    *has_one = code && code->kind == JSON_NUMBER;
    return *has_one ? code->number.num : 0;
}

/* --- the line --- */

static SavedSource line_of(const SavedItem *definition, Arena *arena, Text container, const char *member)
{
    Text path = member[0] == '.' ? text_from_c(member + 1)
                                 : arena_format(arena, "containerDefinitions[%.*s].%s", TEXT_ARG(container), member);
    const ReadJson *place = json_read_member(definition->lines, path.ptr);
    if (!place && member[0] != '.')
        place = json_read_member(definition->lines, arena_format(arena, "containerDefinitions[%.*s]", TEXT_ARG(container)).ptr);
    const ReadJson *line = json_read_member(place, "line");
    if (line && line->kind == READ_NUMBER)
        return (SavedSource){json_read_text(json_read_member(place, "file")), (size_t)line->number.num};
    return definition->source;
}

static void add_cause(Run *run, Diagnostic *diagnostic, const SavedItem *definition, Text container, Text reason)
{
    for (size_t i = 0; definition && i < sizeof causes / sizeof *causes; i++) {
        if (!contains(reason, causes[i].part))
            continue;
        SavedSource source = line_of(definition, run->arena, container, causes[i].member);
        if (source.line)
            diagnostic_add_note(run->sink, diagnostic, "most likely %.*s:%zu: %s", TEXT_ARG(source.file), source.line, causes[i].what);
        return;
    }
}

/* --- the log --- */

static const Json *container_of(const SavedItem *definition, Text name)
{
    const Json *list = definition && definition->resource ? json_get_c(definition->resource->input, "containerDefinitions") : NULL;
    for (size_t i = 0; i < json_item_count(list); i++)
        if (text_equal(values_at(list->items.items[i], "name"), name))
            return list->items.items[i];
    return NULL;
}

static Text option_text(Arena *arena, const Json *options, const char *key)
{
    const Json *value = json_get_c(options, key);
    Buffer text = {0};
    if (value && value->kind == JSON_TEXT)
        return value->text;
    if (!value || value->kind != JSON_REFERENCE)
        return TEXT_NONE;
    buffer_add(&text, value->reference->known);
    Text copy = arena_copy_text(arena, buffer_text(&text));
    buffer_free(&text);
    return copy;
}

static void add_log(Run *run, Diagnostic *diagnostic, const SavedItem *definition, Text container, Text task)
{
    Arena *arena = run->arena;
    const Json *options = json_get_c(json_get_c(container_of(definition, container), "logConfiguration"), "options");
    Text group = option_text(arena, options, "awslogs-group");
    Text prefix = option_text(arena, options, "awslogs-stream-prefix");
    RunCall call = {0};
    Json *input = json_object(arena);
    if (!group.len || !prefix.len)
        return;
    Text stream = arena_format(arena, "%.*s/%.*s/%.*s", TEXT_ARG(prefix), TEXT_ARG(container), TEXT_ARG(task));
    json_set_c(arena, input, "logGroupName", json_text(arena, group));
    json_set_c(arena, input, "logStreamName", json_text(arena, stream));
    json_set_c(arena, input, "limit", json_integer(arena, LOG_LINES));
    json_set_c(arena, input, "startFromHead", json_bool(arena, false));
    json_set_c(arena, input, "nextToken", json_null(arena)); /* one page */
    run_perform(run, arena, &call, "logs", "GetLogEvents", input);
    const Json *events = json_get_c(call.call.answer.output, "events");
    for (size_t i = 0; i < json_item_count(events) && i < LOG_LINES; i++)
        diagnostic_add_note(run->sink, diagnostic, "%.*s | %.*s", TEXT_ARG(container), TEXT_ARG(values_at(events->items.items[i], "message")));
}

/* --- the task --- */

static Json *list_of(Arena *arena, const Json *items)
{
    Json *list = json_array(arena);
    for (size_t i = 0; i < json_item_count(items) && i < TASKS_MOST; i++)
        json_add(arena, list, items->items.items[i]);
    return list;
}

/* The tasks of the service that stopped of late. */
static const Json *stopped_tasks(Run *run, Text cluster, Text name)
{
    Arena *arena = run->arena;
    RunCall listing = {0};
    RunCall describing = {0};
    Json *which = json_object(arena);
    json_set_c(arena, which, "cluster", cluster.len ? json_text(arena, cluster) : NULL);
    json_set_c(arena, which, "serviceName", json_text(arena, name));
    json_set_c(arena, which, "desiredStatus", json_text_c(arena, "STOPPED"));
    run_perform(run, arena, &listing, "ecs", "ListTasks", which);
    Json *arns = list_of(arena, json_get_c(listing.call.answer.output, "taskArns"));
    if (!json_item_count(arns))
        return NULL;
    Json *input = json_object(arena);
    json_set_c(arena, input, "cluster", cluster.len ? json_text(arena, cluster) : NULL);
    json_set_c(arena, input, "tasks", arns);
    run_perform(run, arena, &describing, "ecs", "DescribeTasks", input);
    return json_get_c(describing.call.answer.output, "tasks");
}

/* ECS stops tasks of the old revision as well; those that stopped by themselves tell more. */
static const Json *choose_task(const Json *tasks, Text revision)
{
    const Json *chosen = NULL;
    for (size_t i = 0; i < json_item_count(tasks); i++) {
        const Json *task = tasks->items.items[i];
        bool is_ours = !revision.len || text_equal(values_at(task, "taskDefinitionArn"), revision);
        bool is_told = text_equal_c(values_at(task, "stopCode"), "ServiceSchedulerInitiated") && contains(values_at(task, "stoppedReason"), "scaling activity");
        if (is_ours && !is_told && !chosen)
            chosen = task;
    }
    return chosen;
}

static void explain_container(Run *run, Diagnostic *diagnostic, const SavedItem *definition, const Json *container, Text stopped, Text task)
{
    bool has_code = false;
    int64_t code = exit_code(container, &has_code);
    Text name = values_at(container, "name");
    Text reason = values_at(container, "reason");
    if (has_code && code == 0 && !reason.len)
        return;
    if (has_code)
        diagnostic_add_note(run->sink, diagnostic, "container %.*s ended with exit code %lld%s%.*s", TEXT_ARG(name), (long long)code, reason.len ? ": " : "", TEXT_ARG(reason));
    else if (reason.len)
        diagnostic_add_note(run->sink, diagnostic, "container %.*s: %.*s", TEXT_ARG(name), TEXT_ARG(reason));
    add_log(run, diagnostic, definition, name, task);
    add_cause(run, diagnostic, definition, name, arena_format(run->arena, "%.*s %.*s", TEXT_ARG(reason), TEXT_ARG(stopped)));
}

void explain_tasks(Run *run, Diagnostic *diagnostic, const SavedItem *service, Text cluster, Text name, Text revision)
{
    const Json *task = choose_task(stopped_tasks(run, cluster, name), revision);
    if (!task)
        return;
    const SavedItem *definition = saved_plan_find(run->plan, arena_format(run->arena, "%.*s/task-definition", TEXT_ARG(service->service)));
    Text arn = values_at(task, "taskArn");
    Text stopped = values_at(task, "stoppedReason");
    const Json *containers = json_get_c(task, "containers");
    Text id = arn;
    for (size_t slash = text_find_byte(id, '/'); slash < id.len; slash = text_find_byte(id, '/'))
        id = text_slice(id, slash + 1, id.len);
    diagnostic_add_note(run->sink, diagnostic, "task %.*s stopped: %.*s", TEXT_ARG(id), TEXT_ARG(stopped));
    for (size_t i = 0; i < json_item_count(containers); i++)
        explain_container(run, diagnostic, definition, containers->items.items[i], stopped, id);
}
