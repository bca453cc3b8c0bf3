/* Tasks read their secrets when they start: what was changed since wants new tasks, of the same revision. A service that has any gets the member "started"
   beside what creates it: since when, and why. Live it is the moment at which the primary deployment began (SPEC.md, "Plan"). */
#include "plan/restart.h"

/* As recordings have moments, with any digits of a fraction, and as they are compared, with three. */
static const char seconds_form[] = "dddd-dd-ddTdd:dd:dd";
enum { SECONDS_LENGTH = sizeof seconds_form - 1, FRACTION_DIGITS = 3, MOMENT_LENGTH = SECONDS_LENGTH + FRACTION_DIGITS + 2 };

static bool has_seconds(Text text)
{
    bool has = text.len > SECONDS_LENGTH;
    for (size_t i = 0; has && i < SECONDS_LENGTH; i++)
        has = seconds_form[i] == 'd' ? byte_is_digit(text.ptr[i]) : text.ptr[i] == seconds_form[i];
    return has;
}

/* "2026-07-01T12:00:00.000Z"; empty when it is no moment of that kind. */
static Text moment_of(Arena *arena, const ReadJson *object, const char *key)
{
    Text text = json_read_text(json_read_member(object, key));
    Text rest = has_seconds(text) ? text_slice(text, SECONDS_LENGTH, text.len) : TEXT_NONE;
    Text fraction = text_starts_with(rest, TEXT(".")) ? text_slice(rest, 1, rest.len) : TEXT_NONE;
    size_t digits = text_count_digits(fraction);
    if (!text_equal_c(fraction.len ? text_slice(fraction, digits, fraction.len) : rest, "Z"))
        return TEXT_NONE;
    size_t kept = digits < FRACTION_DIGITS ? digits : FRACTION_DIGITS;
    return arena_format(arena, "%.*s.%.*s%.*sZ", TEXT_ARG(text_slice(text, 0, SECONDS_LENGTH)), TEXT_ARG(text_slice(fraction, 0, kept)),
                        (int)(FRACTION_DIGITS - kept), "000");
}

Text recorded_start(Arena *arena, const RecordedResource *service)
{
    const ReadJson *deployments = json_read_member(service->describe, "deployments");
    for (size_t i = 0; deployments && deployments->kind == READ_ARRAY && i < deployments->items.count; i++) {
        const ReadJson *deployment = deployments->items.items[i];
        if (text_equal_c(json_read_text(json_read_member(deployment, "status")), "PRIMARY"))
            return moment_of(arena, deployment, "createdAt");
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
    Text changed;
    const char *what;
    Text name;
    Span origin;
} Newest;

static void take_newest(const Plan *plan, const Json *secrets, Newest *newest)
{
    for (size_t i = 0; i < json_item_count(secrets); i++) {
        const Json *from = json_get_c(secrets->items.items[i], "valueFrom");
        FactOfSecret found = from && from->kind == JSON_TEXT ? fact_of_secret(plan, from->text) : (FactOfSecret){0};
        Text changed = moment_of(plan->arena, found.fact, "changed");
        if (!found.is_version && text_compare(changed, newest->changed) > 0)
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
    if (!restart_is_due(newest.changed, began))
        return;
    Text wanted = arena_format(plan->arena, "%.*s, when the %s %.*s was changed", TEXT_ARG(newest.changed), newest.what, TEXT_ARG(newest.name));
    service->more = service->more ? json_copy_node(plan->arena, service->more) : json_object(plan->arena);
    json_set_c(plan->arena, service->more, PLAN_RESTART, json_at(json_text(plan->arena, wanted), newest.origin));
}

void plan_mark_restarts(Plan *plan)
{
    for (size_t i = 0; plan->live && plan->live->facts && i < plan->resources->items.count; i++)
        if (plan->resources->items.items[i]->kind == RESOURCE_SERVICE)
            mark_service(plan, plan->resources->items.items[i]);
}
