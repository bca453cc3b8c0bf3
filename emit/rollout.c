/* rollout.json: how a new revision takes over (SPEC.md, "Rollouts"). */
#include "emit/rollout_part.h"

enum { FORMAT_VERSION = 1, CAPACITY_SPARE_SECONDS = 600 };

/* Of the file's own name, without the way to it, so that the bytes do not depend on where svc runs. */
static Json *source_json(const Rollout *r)
{
    Emission *emission = r->emission;
    const Sources *sources = emission->sink->sources;
    Text path = sources_path(sources, r->policy->node->span.file);
    size_t start = path.len;
    while (start > 0 && path.ptr[start - 1] != '/')
        start--;
    Position position = sources_locate(sources, r->policy->node->span.file, r->policy->node->span.start);
    Json *source = json_object(emission->arena);
    json_set_c(emission->arena, source, "file", json_text(emission->arena, text_slice(path, start, path.len)));
    json_set_c(emission->arena, source, "line", json_integer(emission->arena, position.line));
    return source;
}

/* What open requests have before a task that left the load balancer goes: the longest of the routes. */
static int64_t drain_seconds(const ServiceFacts *facts)
{
    enum { UNLESS_SAID = 30 };
    int64_t longest = 0;
    for (size_t i = 0; i < facts->route_count; i++) {
        int64_t drain = node_seconds(node_child(facts->routes[i].node, W_DRAIN), 0, UNLESS_SAID);
        longest = drain > longest ? drain : longest;
    }
    return longest;
}

/* The rules whose weights move; none where ECS moves them itself, or where tasks are the weights. */
static Json *routes_json(const Rollout *r)
{
    Arena *arena = r->emission->arena;
    Json *routes = json_array(arena);
    for (size_t i = 0; i < r->facts->route_count && r->policy->engine == ENGINE_RAMP; i++) {
        const RouteFacts *route = &r->facts->routes[i];
        Json *json = json_object(arena);
        json_set_c(arena, json, "name", json_text(arena, route->name));
        json_set_c(arena, json, "rule", emit_reference(r->emission, route->rule_id, ATTRIBUTE_ARN, TEXT_NONE));
        json_set_c(arena, json, "stable", emit_reference(r->emission, route->target_group_id, ATTRIBUTE_ARN, TEXT_NONE));
        json_set_c(arena, json, "canary", emit_reference(r->emission, route->canary_target_group_id, ATTRIBUTE_ARN, TEXT_NONE));
        json_add(arena, routes, json);
    }
    return routes;
}

static Json *rollout_json(const Rollout *r, Json *conditions, Json *verifications, Json *gates, Json *announcements)
{
    static const char *const engines[] = {[ENGINE_ROLLING] = "rolling", [ENGINE_NATIVE] = "native", [ENGINE_RAMP] = "ramp"};
    Arena *arena = r->emission->arena;
    const Node *start;
    const Node *interrupt = node_child(r->policy->node, W_ON_INTERRUPT);
    Json *json = json_object(arena);
    json_set_c(arena, json, "format_version", json_integer(arena, FORMAT_VERSION));
    json_set_c(arena, json, "service", json_text(arena, r->facts->name));
    json_set_c(arena, json, "strategy", json_at(json_text(arena, node_text(r->policy->node, 0)), r->policy->node->span));
    json_set_c(arena, json, "engine", json_text_c(arena, engines[r->policy->engine]));
    json_set_c(arena, json, "reason", json_text_c(arena, r->policy->reason));
    json_set_c(arena, json, "steps", r->policy->ramp ? json_at(r->policy->steps, r->policy->ramp->span) : r->policy->steps);
    json_set_c(arena, json, "bake_seconds", json_integer(arena, r->policy->bake));
    json_set_c(arena, json, "timetable_seconds", json_integer(arena, r->policy->timetable));
    json_set_c(arena, json, "deadline_seconds", json_integer(arena, r->deadline));
    json_set_c(arena, json, "on_interrupt", interrupt ? json_at(json_text(arena, node_text(interrupt, 0)), interrupt->span) : json_text_c(arena, "rollback"));
    json_set_c(arena, json, "conditions", conditions);
    json_set_c(arena, json, "verify", verifications);
    json_set_c(arena, json, "gates", gates);
    json_set_c(arena, json, "announce", announcements);
    json_set_c(arena, json, "capacity_seconds", json_integer(arena, rollout_start_seconds(r->facts, &start) + CAPACITY_SPARE_SECONDS));
    json_set_c(arena, json, "drain_seconds", json_integer(arena, drain_seconds(r->facts)));
    json_set_c(arena, json, "routes", routes_json(r));
    json_set_c(arena, json, "source", source_json(r));
    return json;
}

void emit_rollout(Emission *emission, const ServiceFacts *facts)
{
    Rollout rollout = {.emission = emission, .facts = facts, .policy = facts->rollout};
    if (!facts->rollout)
        return;
    rollout_check(&rollout);
    Json *conditions = rollout_conditions(&rollout);
    Json *verifications = rollout_verifications(&rollout);
    Json *gates = rollout_gates(&rollout);
    Json *announcements = rollout_announcements(&rollout);
    bool is_read = emission->purpose == EMIT_TO_WRITE; /* by the controller: it is for no API, and no rule is about it */
    Json *json = is_read ? rollout_json(&rollout, conditions, verifications, gates, announcements) : json_object(emission->arena);
    Text id = arena_format(emission->arena, "%.*s/rollout", TEXT_ARG(facts->service));
    emit_add_resource(emission, RESOURCE_ROLLOUT, id, facts->service, facts->name, TEXT("rollout"), json, rollout.policy->node->span);
}
