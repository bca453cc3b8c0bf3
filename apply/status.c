#include "apply/status.h"

#include "apply/run.h"
#include "aws/moment.h"

enum { BATCH = 10, EVENTS = 5 };

/* One service of the file, with what is asked for it. */
typedef struct Asked {
    const Resource *service;
    AwsCall services;
    AwsCall groups;
    AwsCall alarms;
    ARRAY(AwsCall *) health;
} Asked;

typedef struct Reading {
    Arena *arena;
    Diagnostics *sink;
    const AwsCaller *caller;
    const Resources *resources;
    size_t under_way;
} Reading;

/* --- asking --- */

static void start(Reading *r, AwsCall *call, const char *service, const char *operation, Json *input)
{
    *call = (AwsCall){.service = service, .operation = text_from_c(operation), .input = input};
    r->caller->start(r->caller->self, r->arena, call);
    r->under_way++;
}

static void wait_for_all(Reading *r)
{
    while (r->under_way) {
        if (r->caller->wait(r->caller->self, r->caller->now_ms(r->caller->self) + 1000))
            r->under_way--;
        else if (r->caller->is_interrupted && r->caller->is_interrupted(r->caller->self))
            return;
    }
}

static Text known_text(const Json *json)
{
    if (json && json->kind == JSON_TEXT)
        return json->text;
    return json && json->kind == JSON_REFERENCE ? json->reference->known : TEXT_NONE;
}

/* Names of the service's resources of a kind. */
static Json *names_of(const Reading *r, Text service, ResourceKind kind)
{
    Json *names = json_array(r->arena);
    for (size_t i = 0; i < r->resources->items.count; i++) {
        const Resource *resource = r->resources->items.items[i];
        if (resource->kind == kind && text_equal(resource->service, service))
            json_add(r->arena, names, json_text(r->arena, resource->name));
    }
    return names;
}

static void ask_service(Reading *r, Asked *asked)
{
    Json *input = json_object(r->arena);
    Json *names = json_array(r->arena);
    Text cluster = known_text(json_get_c(asked->service->input, "cluster"));
    json_add(r->arena, names, json_text(r->arena, asked->service->name));
    json_set_c(r->arena, input, "services", names);
    if (cluster.len)
        json_set_c(r->arena, input, "cluster", json_text(r->arena, cluster));
    start(r, &asked->services, "ecs", "DescribeServices", input);
    Json *groups = names_of(r, asked->service->service, RESOURCE_TARGET_GROUP);
    Json *alarms = names_of(r, asked->service->service, RESOURCE_ALARM);
    if (json_item_count(groups)) {
        Json *by_name = json_object(r->arena);
        json_set_c(r->arena, by_name, "Names", groups);
        start(r, &asked->groups, "elbv2", "DescribeTargetGroups", by_name);
    }
    if (json_item_count(alarms)) {
        Json *by_name = json_object(r->arena);
        json_set_c(r->arena, by_name, "AlarmNames", alarms);
        start(r, &asked->alarms, "cloudwatch", "DescribeAlarms", by_name);
    }
}

static void ask_health(Reading *r, Asked *asked)
{
    const Json *groups = json_get_c(asked->groups.answer.output, "TargetGroups");
    for (size_t i = 0; i < json_item_count(groups); i++) {
        AwsCall *call = ARENA_NEW(r->arena, AwsCall);
        Json *input = json_object(r->arena);
        json_set_c(r->arena, input, "TargetGroupArn", json_get_c(groups->items.items[i], "TargetGroupArn"));
        start(r, call, "elbv2", "DescribeTargetHealth", input);
        call->context = groups->items.items[i];
        ARRAY_PUSH(r->arena, &asked->health, call);
    }
}

/* --- what it comes to --- */

static void copy(const Reading *r, Json *to, const char *as, const Json *from, const char *member)
{
    json_set_c(r->arena, to, as, json_get_c(from, member));
}

/* Moments come as numbers of seconds or as texts. */
static void copy_moment(const Reading *r, Json *to, const char *as, const Json *from, const char *member)
{
    Json *value = json_get_c(from, member);
    if (value && value->kind == JSON_NUMBER)
        value = json_text(r->arena, aws_moment_format(r->arena, value->number.num / value->number.den));
    json_set_c(r->arena, to, as, value);
}

static Text short_name(Text arn)
{
    size_t slash = text_find_byte(arn, '/');
    return slash < arn.len ? text_slice(arn, slash + 1, arn.len) : arn;
}

static Json *deployments_of(const Reading *r, const Json *service)
{
    Json *list = json_array(r->arena);
    const Json *deployments = json_get_c(service, "deployments");
    for (size_t i = 0; i < json_item_count(deployments); i++) {
        const Json *from = deployments->items.items[i];
        Json *to = json_object(r->arena);
        json_set_c(r->arena, to, "revision", json_text(r->arena, short_name(values_at(from, "taskDefinition"))));
        copy(r, to, "status", from, "status");
        copy(r, to, "rollout_state", from, "rolloutState");
        copy(r, to, "reason", from, "rolloutStateReason");
        copy(r, to, "desired", from, "desiredCount");
        copy(r, to, "running", from, "runningCount");
        copy(r, to, "pending", from, "pendingCount");
        copy(r, to, "failed", from, "failedTasks");
        copy_moment(r, to, "created", from, "createdAt");
        json_add(r->arena, list, to);
    }
    return list;
}

static Json *events_of(const Reading *r, const Json *service)
{
    Json *list = json_array(r->arena);
    const Json *events = json_get_c(service, "events");
    for (size_t i = 0; i < json_item_count(events) && i < EVENTS; i++) {
        Json *to = json_object(r->arena);
        copy_moment(r, to, "at", events->items.items[i], "createdAt");
        copy(r, to, "message", events->items.items[i], "message");
        json_add(r->arena, list, to);
    }
    return list;
}

static Json *targets_of(const Reading *r, const Asked *asked)
{
    Json *list = json_array(r->arena);
    for (size_t i = 0; i < asked->health.count; i++) {
        const AwsCall *call = asked->health.items[i];
        const Json *targets = json_get_c(call->answer.output, "TargetHealthDescriptions");
        int64_t healthy = 0;
        int64_t unhealthy = 0;
        for (size_t j = 0; j < json_item_count(targets); j++) {
            Text state = values_at(targets->items.items[j], "TargetHealth.State");
            healthy += text_equal_c(state, "healthy");
            unhealthy += text_equal_c(state, "unhealthy");
        }
        Json *to = json_object(r->arena);
        copy(r, to, "group", call->context, "TargetGroupName");
        json_set_c(r->arena, to, "healthy", json_integer(r->arena, healthy));
        json_set_c(r->arena, to, "unhealthy", json_integer(r->arena, unhealthy));
        json_set_c(r->arena, to, "others", json_integer(r->arena, (int64_t)json_item_count(targets) - healthy - unhealthy));
        json_add(r->arena, list, to);
    }
    return list;
}

static Json *alarms_of(const Reading *r, const Asked *asked)
{
    Json *list = json_array(r->arena);
    const Json *alarms = json_get_c(asked->alarms.answer.output, "MetricAlarms");
    for (size_t i = 0; i < json_item_count(alarms); i++) {
        Json *to = json_object(r->arena);
        copy(r, to, "name", alarms->items.items[i], "AlarmName");
        copy(r, to, "state", alarms->items.items[i], "StateValue");
        copy(r, to, "reason", alarms->items.items[i], "StateReason");
        json_add(r->arena, list, to);
    }
    return list;
}

static Json *service_status(const Reading *r, const Asked *asked)
{
    const Json *found = json_get_c(asked->services.answer.output, "services");
    const Json *service = json_item_count(found) ? found->items.items[0] : NULL;
    Json *status = json_object(r->arena);
    json_set_c(r->arena, status, "service", json_text(r->arena, asked->service->service));
    json_set_c(r->arena, status, "name", json_text(r->arena, asked->service->name));
    json_set_c(r->arena, status, "cluster", json_text(r->arena, known_text(json_get_c(asked->service->input, "cluster"))));
    json_set_c(r->arena, status, "status", service ? json_get_c(service, "status") : json_text_c(r->arena, "MISSING"));
    if (service) {
        copy(r, status, "desired", service, "desiredCount");
        copy(r, status, "running", service, "runningCount");
        copy(r, status, "pending", service, "pendingCount");
    }
    json_set_c(r->arena, status, "deployments", deployments_of(r, service));
    json_set_c(r->arena, status, "targets", targets_of(r, asked));
    json_set_c(r->arena, status, "alarms", alarms_of(r, asked));
    json_set_c(r->arena, status, "events", events_of(r, service));
    return status;
}

/* What is not there is no failure: it is part of the status. */
static bool check_call(const Reading *r, const AwsCall *call)
{
    static const char *const absent[] = {"ClusterNotFoundException", "TargetGroupNotFound"};
    if (!call->service || call->answer.output)
        return true;
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        if (text_equal_c(call->answer.code, absent[i]))
            return true;
    (void)diagnostic_report(r->sink, CODE_CANNOT_READ_ACCOUNT, SPAN_NONE, "%s %.*s failed: %.*s: %.*s", call->service, TEXT_ARG(call->operation),
                            TEXT_ARG(call->answer.code), TEXT_ARG(call->answer.message));
    return false;
}

Json *status_read(Arena *arena, Diagnostics *sink, const AwsCaller *caller, const Resources *resources)
{
    Reading r = {arena, sink, caller, resources, 0};
    ARRAY(Asked *) all = {0};
    for (size_t i = 0; i < resources->items.count; i++) {
        if (resources->items.items[i]->kind != RESOURCE_SERVICE)
            continue;
        Asked *asked = ARENA_NEW(arena, Asked);
        asked->service = resources->items.items[i];
        ARRAY_PUSH(arena, &all, asked);
        ask_service(&r, asked);
    }
    wait_for_all(&r);
    bool is_good = true;
    for (size_t i = 0; i < all.count; i++) {
        is_good = check_call(&r, &all.items[i]->services) && check_call(&r, &all.items[i]->groups) && check_call(&r, &all.items[i]->alarms) && is_good;
        ask_health(&r, all.items[i]);
    }
    wait_for_all(&r);
    Json *services = json_array(arena);
    for (size_t i = 0; i < all.count; i++)
        json_add(arena, services, service_status(&r, all.items[i]));
    Json *status = json_object(arena);
    json_set_c(arena, status, "services", services);
    return is_good ? status : NULL;
}

/* --- for people --- */

static long long count_of(const Json *json, const char *key)
{
    const Json *value = json_get_c(json, key);
    return value && value->kind == JSON_NUMBER ? (long long)(value->number.num / value->number.den) : 0;
}

static void render_deployments(Buffer *out, const Json *deployments)
{
    for (size_t i = 0; i < json_item_count(deployments); i++) {
        const Json *deployment = deployments->items.items[i];
        Text status = values_at(deployment, "status");
        Text revision = values_at(deployment, "revision");
        Text rollout = values_at(deployment, "rollout_state");
        buffer_add_format(out, "  %-8.*s %.*s %.*s: %lld of %lld running", TEXT_ARG(status), TEXT_ARG(revision), TEXT_ARG(rollout), count_of(deployment, "running"),
                          count_of(deployment, "desired"));
        if (count_of(deployment, "pending"))
            buffer_add_format(out, ", %lld pending", count_of(deployment, "pending"));
        if (count_of(deployment, "failed"))
            buffer_add_format(out, ", %lld failed", count_of(deployment, "failed"));
        buffer_add_byte(out, '\n');
    }
}

static void render_targets(Buffer *out, const Json *targets)
{
    for (size_t i = 0; i < json_item_count(targets); i++) {
        const Json *group = targets->items.items[i];
        Text name = values_at(group, "group");
        buffer_add_format(out, "  targets  %.*s: %lld healthy, %lld unhealthy", TEXT_ARG(name), count_of(group, "healthy"), count_of(group, "unhealthy"));
        if (count_of(group, "others"))
            buffer_add_format(out, ", %lld coming or going", count_of(group, "others"));
        buffer_add_byte(out, '\n');
    }
}

static void render_alarms(Buffer *out, const Json *alarms)
{
    size_t quiet = 0;
    for (size_t i = 0; i < json_item_count(alarms); i++) {
        const Json *alarm = alarms->items.items[i];
        Text name = values_at(alarm, "name");
        Text reason = values_at(alarm, "reason");
        if (text_equal_c(values_at(alarm, "state"), "ALARM"))
            buffer_add_format(out, "  ALARM    %.*s: %.*s\n", TEXT_ARG(name), TEXT_ARG(reason));
        else
            quiet++;
    }
    if (quiet)
        buffer_add_format(out, "  alarms   %zu quiet\n", quiet);
}

void status_render(Buffer *out, const Json *status)
{
    const Json *services = json_get_c(status, "services");
    for (size_t i = 0; i < json_item_count(services); i++) {
        const Json *service = services->items.items[i];
        const Json *events = json_get_c(service, "events");
        Text name = values_at(service, "name");
        Text cluster = values_at(service, "cluster");
        Text state = values_at(service, "status");
        buffer_add_format(out, "%s%.*s in %.*s: %.*s, %lld of %lld running\n", i ? "\n" : "", TEXT_ARG(name), TEXT_ARG(cluster), TEXT_ARG(state),
                          count_of(service, "running"), count_of(service, "desired"));
        render_deployments(out, json_get_c(service, "deployments"));
        render_targets(out, json_get_c(service, "targets"));
        render_alarms(out, json_get_c(service, "alarms"));
        for (size_t j = 0; j < json_item_count(events); j++) {
            Text at = values_at(events->items.items[j], "at");
            Text message = values_at(events->items.items[j], "message");
            buffer_add_format(out, "  %.*s  %.*s\n", TEXT_ARG(at), TEXT_ARG(message));
        }
    }
}
