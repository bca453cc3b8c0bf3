/* References of a step's input, filled with what earlier steps' answers and the account give. */
#include "apply/run.h"

#define REFERENCE "svc:ref"
#define UNKNOWN "svc:unknown:"

/* Where an operation's answer says an attribute of what it made. */
typedef struct AnswerRow {
    const char *operation;
    const char *attribute;
    const char *path;
} AnswerRow;

static const AnswerRow rows[] = {
    {"CreateCluster", ATTRIBUTE_ARN, "cluster.clusterArn"},
    {"CreateRole", ATTRIBUTE_ARN, "Role.Arn"},
    {"CreateSecurityGroup", ATTRIBUTE_ID, "GroupId"},
    {"CreateLoadBalancer", ATTRIBUTE_ARN, "LoadBalancers.LoadBalancerArn"},
    {"CreateLoadBalancer", "dns-name", "LoadBalancers.DNSName"},
    {"CreateLoadBalancer", "zone-id", "LoadBalancers.CanonicalHostedZoneId"},
    {"CreateListener", ATTRIBUTE_ARN, "Listeners.ListenerArn"},
    {"CreateTargetGroup", ATTRIBUTE_ARN, "TargetGroups.TargetGroupArn"},
    {"CreateRule", ATTRIBUTE_ARN, "Rules.RuleArn"},
    {"RegisterTaskDefinition", ATTRIBUTE_ARN, "taskDefinition.taskDefinitionArn"},
    {"CreateService", ATTRIBUTE_ARN, "service.serviceArn"},
    {"PutScalingPolicy", ATTRIBUTE_ARN, "PolicyARN"},
    {"CreateSchedule", ATTRIBUTE_ARN, "ScheduleArn"},
};

Text values_at(const Json *json, const char *path)
{
    Text rest = text_from_c(path);
    while (json && rest.len) {
        size_t dot = text_find_byte(rest, '.');
        if (json->kind == JSON_ARRAY)
            json = json->items.count ? json->items.items[0] : NULL;
        json = json ? json_get(json, text_slice(rest, 0, dot)) : NULL;
        rest = dot < rest.len ? text_slice(rest, dot + 1, rest.len) : TEXT_NONE;
    }
    return json && json->kind == JSON_TEXT ? json->text : TEXT_NONE;
}

void values_set(Run *run, Text resource, Text attribute, Text value)
{
    for (size_t i = 0; i < run->known.count; i++) {
        Known *known = &run->known.items[i];
        if (text_equal(known->resource, resource) && text_equal(known->attribute, attribute)) {
            known->value = arena_copy_text(run->arena, value);
            return;
        }
    }
    Known known = {resource, attribute, arena_copy_text(run->arena, value)};
    ARRAY_PUSH(run->arena, &run->known, known);
}

void values_learn(Run *run, const RunStep *step, const Json *output)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Text value = text_equal_c(step->step->operation, rows[i].operation) ? values_at(output, rows[i].path) : TEXT_NONE;
        if (!value.len)
            continue;
        Text full_name = recorded_full_name(value);
        values_set(run, step->item->saved->id, text_from_c(rows[i].attribute), value);
        if (full_name.len && text_equal_c(text_from_c(rows[i].attribute), ATTRIBUTE_ARN))
            values_set(run, step->item->saved->id, TEXT("full-name"), full_name);
    }
}

/* --- looking up --- */

static Json *known_value(const Run *run, Arena *arena, Text resource, Text attribute)
{
    for (size_t i = 0; i < run->known.count; i++)
        if (text_equal(run->known.items[i].resource, resource) && text_equal(run->known.items[i].attribute, attribute))
            return json_text(arena, run->known.items[i].value);
    if (text_equal_c(resource, "account") || text_equal_c(resource, "region"))
        return json_text(arena, text_equal_c(resource, "account") ? run->plan->account : run->plan->region);
    Text key = arena_format(arena, "%.*s#%.*s", TEXT_ARG(resource), TEXT_ARG(attribute));
    const ReadJson *looked_up = run->recording.lookups ? json_read_member(run->recording.lookups, key.ptr) : NULL;
    if (looked_up)
        return saved_plain(arena, looked_up);
    const PlanItem *fresh = plan_find_item(&run->fresh, resource);
    Text live = fresh && fresh->recorded ? recorded_attribute(arena, fresh->recorded, attribute) : TEXT_NONE;
    if (live.len)
        return json_text(arena, live);
    const SavedItem *saved = text_equal_c(attribute, ATTRIBUTE_NAME) ? saved_plan_find(run->plan, resource) : NULL;
    return saved && saved->name.len ? json_text(arena, saved->name) : NULL;
}

typedef struct Filling {
    Run *run;
    Arena *arena;
    Text missing; /* the first reference that nobody knows */
} Filling;

static Json *find_value(Filling *f, Text name)
{
    size_t hash = text_find_byte(name, '#');
    Json *value = hash < name.len ? known_value(f->run, f->arena, text_slice(name, 0, hash), text_slice(name, hash + 1, name.len)) : NULL;
    if (!value && !f->missing.len)
        f->missing = name;
    return value;
}

/* How far the name of a reference goes: "<resource>#<attribute>". */
static size_t name_length(Text text)
{
    size_t hash = text_find_byte(text, '#');
    size_t end = hash < text.len ? hash + 1 : text.len;
    while (end < text.len && ((text.ptr[end] >= 'a' && text.ptr[end] <= 'z') ||
                              (text.ptr[end] == '-' && end + 1 < text.len && text.ptr[end + 1] >= 'a' && text.ptr[end + 1] <= 'z')))
        end++;
    return end;
}

static Json *fill_text(Filling *f, Json *json)
{
    Text text = json->text;
    size_t at = text_find(text, TEXT(UNKNOWN));
    if (at == text.len)
        return json;
    Text first = text_slice(text, at + sizeof UNKNOWN - 1, text.len);
    if (at == 0 && name_length(first) == first.len) {
        Json *whole = find_value(f, first);
        return whole ? whole : json;
    }
    Buffer out = {0};
    while (at < text.len) {
        Text rest = text_slice(text, at + sizeof UNKNOWN - 1, text.len);
        size_t length = name_length(rest);
        const Json *value = find_value(f, text_slice(rest, 0, length));
        buffer_add(&out, text_slice(text, 0, at));
        if (value && value->kind == JSON_TEXT)
            buffer_add(&out, value->text);
        text = text_slice(rest, length, rest.len);
        at = text_find(text, TEXT(UNKNOWN));
    }
    buffer_add(&out, text);
    Json *filled = json_text(f->arena, arena_copy_text(f->arena, buffer_text(&out)));
    buffer_free(&out);
    return filled;
}

static Json *fill(Filling *f, Json *json)
{
    Json *to = NULL;
    if (json->kind == JSON_TEXT)
        return fill_text(f, json);
    if (json->kind == JSON_ARRAY) {
        to = json_array(f->arena);
        for (size_t i = 0; i < json->items.count; i++) {
            const Json *item = json->items.items[i];
            Json *value = fill(f, json->items.items[i]);
            /* one reference may stand for a list: all subnets of a network */
            bool is_spread = item->kind != JSON_ARRAY && value->kind == JSON_ARRAY;
            for (size_t j = 0; is_spread && j < value->items.count; j++)
                json_add(f->arena, to, value->items.items[j]);
            if (!is_spread)
                json_add(f->arena, to, value);
        }
        return to;
    }
    if (json->kind != JSON_OBJECT)
        return json;
    const Json *reference = json->members.count == 1 ? json_get_c(json, REFERENCE) : NULL;
    if (reference && reference->kind == JSON_TEXT) {
        to = find_value(f, reference->text);
        return to ? to : json;
    }
    to = json_object(f->arena);
    for (size_t i = 0; i < json->members.count; i++)
        json_set(f->arena, to, json->members.items[i].key, fill(f, json->members.items[i].value));
    return to;
}

Json *values_fill(Run *run, Arena *arena, const RunStep *step)
{
    Filling f = {.run = run, .arena = arena};
    Json copy = *step->step->input;
    Json *input = fill(&f, &copy);
    if (!f.missing.len)
        return input;
    Text source = run_source(run->arena, step->step->source);
    Diagnostic *diagnostic = diagnostic_report(run->sink, CODE_STEP_FAILED, SPAN_NONE, "%.*s of %.*s needs %.*s, which is not there%.*s",
                                               TEXT_ARG(step->step->operation), TEXT_ARG(step->item->saved->id), TEXT_ARG(f.missing),
                                               TEXT_ARG(source));
    diagnostic_set_advice(run->sink, diagnostic, "plan again: what the plan counted on has gone");
    return NULL;
}
