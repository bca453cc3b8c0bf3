/* Tasks read their secrets when they start: what was changed since wants new tasks, of the same revision. A service that has any gets the member "restart"
   beside what creates it: since when, and why. Live it is the moment at which the primary deployment began (SPEC.md, "Plan"). */
#include "plan/restart.h"

#include <time.h>

/* As long as the moments before the reason: "2026-07-01T12:00:00.000Z". */
enum { MOMENT_LENGTH = 24, MOMENT_ROOM = 32 };

static Text moment_text(Arena *arena, Rational seconds)
{
    enum { MILLISECONDS = 1000 };
    char written[MOMENT_ROOM];
    struct tm date;
    int64_t whole = seconds.den > 0 ? seconds.num / seconds.den : 0;
    Rational rest;
    Rational part = {0, 1};
    time_t moment = (time_t)whole;
    if (seconds.num < 0 || !gmtime_r(&moment, &date) || !rational_subtract(&rest, seconds, rational_from_integer(whole)) ||
        !rational_multiply(&part, rest, rational_from_integer(MILLISECONDS)) || !strftime(written, sizeof written, "%Y-%m-%dT%H:%M:%S", &date))
        return TEXT_NONE;
    return arena_format(arena, "%s.%03lldZ", written, (long long)(part.num / part.den));
}

/* AWS says moments in seconds; 0 when it does not. */
static Rational moment_of(const ReadJson *object, const char *key)
{
    const ReadJson *value = json_read_member(object, key);
    return value && value->kind == READ_NUMBER ? value->number : (Rational){0, 1};
}

Text recorded_start(Arena *arena, const RecordedResource *service)
{
    const ReadJson *deployments = json_read_member(service->describe, "deployments");
    for (size_t i = 0; deployments && deployments->kind == READ_ARRAY && i < deployments->items.count; i++) {
        const ReadJson *deployment = deployments->items.items[i];
        Rational began = moment_of(deployment, "createdAt");
        if (text_equal_c(json_read_text(json_read_member(deployment, "status")), "PRIMARY") && began.num > 0)
            return moment_text(arena, began);
    }
    return TEXT_NONE;
}

bool restart_is_due(Text wanted, Text live)
{
    return live.len >= MOMENT_LENGTH && wanted.len >= MOMENT_LENGTH &&
           text_compare(text_slice(live, 0, MOMENT_LENGTH), text_slice(wanted, 0, MOMENT_LENGTH)) < 0;
}

/* --- what tasks were given --- */

/* Of several the one that was changed last. */
typedef struct Newest {
    Rational changed;
    const char *what;
    Text name;
    Span origin;
} Newest;

static void take_newest(const Plan *plan, const Json *secrets, Newest *newest)
{
    for (size_t i = 0; i < json_item_count(secrets); i++) {
        const Json *from = json_get_c(secrets->items.items[i], "valueFrom");
        FactOfSecret found = from && from->kind == JSON_TEXT ? fact_of_secret(plan, from->text) : (FactOfSecret){0};
        Rational changed = moment_of(found.fact, "changed");
        if (!found.is_version && changed.num > 0 && (!newest->name.len || rational_compare(changed, newest->changed) > 0))
            *newest = (Newest){changed, found.what, found.name, from->origin};
    }
}

static void take_task(const Plan *plan, Text service, Newest *newest)
{
    for (size_t i = 0; i < plan->resources->items.count; i++) {
        const Resource *task = plan->resources->items.items[i];
        if (task->kind != RESOURCE_TASK_DEFINITION || !text_equal(task->service, service))
            continue;
        const Json *containers = json_get_c(task->input, "containerDefinitions");
        for (size_t j = 0; j < json_item_count(containers); j++) {
            take_newest(plan, json_get_c(containers->items.items[j], "secrets"), newest);
            take_newest(plan, json_get_c(json_get_c(containers->items.items[j], "logConfiguration"), "secretOptions"), newest);
        }
    }
}

static void mark_service(Plan *plan, Resource *service)
{
    const RecordedResource *recorded = recording_find(plan->live, service->id);
    Text began = recorded && recorded_is_kind(recorded, RESOURCE_SERVICE) ? recorded_start(plan->arena, recorded) : TEXT_NONE;
    Newest newest = {.origin = SPAN_NONE};
    if (!began.len)
        return;
    take_task(plan, service->service, &newest);
    Text changed = newest.name.len ? moment_text(plan->arena, newest.changed) : TEXT_NONE;
    if (!restart_is_due(changed, began))
        return;
    Text wanted = arena_format(plan->arena, "%.*s, when the %s %.*s was changed", TEXT_ARG(changed), newest.what, TEXT_ARG(newest.name));
    service->more = service->more ? json_copy_node(plan->arena, service->more) : json_object(plan->arena);
    json_set_c(plan->arena, service->more, PLAN_RESTART, json_at(json_text(plan->arena, wanted), newest.origin));
}

void plan_mark_restarts(Plan *plan)
{
    for (size_t i = 0; plan->live && plan->live->facts && i < plan->resources->items.count; i++)
        if (plan->resources->items.items[i]->kind == RESOURCE_SERVICE)
            mark_service(plan, plan->resources->items.items[i]);
}
