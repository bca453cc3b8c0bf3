/* What is live against what was planned. The account is read and compared as by `svc plan`; of each item that has steps, what is left to change must be
   what the plan says, or a part of it. */
#include "apply/run.h"

/* Beside its successor an old statement of a policy stands without its Sid. */
static Text without_sid(Arena *arena, Text before)
{
    static const Text sid = {"\"Sid\":\"", sizeof "\"Sid\":\"" - 1};
    size_t at = text_find(before, sid);
    size_t length = at < before.len ? text_find_byte(text_slice(before, at + sid.len, before.len), '"') : 0;
    if (at == before.len || at + sid.len + length == before.len)
        return before;
    size_t end = at + sid.len + length + 1;
    bool has_comma_before = at > 0 && before.ptr[at - 1] == ',';
    return arena_join(arena, text_slice(before, 0, has_comma_before ? at - 1 : at), text_slice(before, end, before.len));
}

/* Whether the plan has this difference, too, and from the same value. */
static bool has_change(const RunItem *item, const PlanChange *fresh, Arena *arena)
{
    const SavedItem *saved = item->saved;
    Text path = plan_change_path(arena, fresh->path);
    for (size_t i = 0; i < saved->changes.count; i++) {
        const SavedChange *change = &saved->changes.items[i];
        if (!text_equal(change->path, path))
            continue;
        Buffer before = {0};
        if (fresh->before)
            json_write(&before, fresh->before, 0);
        else
            buffer_add_c(&before, "null");
        bool is_policy = text_starts_with(path, TEXT("policy"));
        bool is_same = text_equal(buffer_text(&before), change->before) ||
                       (is_policy && text_equal(buffer_text(&before), without_sid(arena, change->before)));
        buffer_free(&before);
        if (is_same)
            return true;
    }
    return false;
}

/* Steps behind the creating one fill what a new resource lacks at first. */
static bool comes_later(const RunItem *item, Text path)
{
    static const char *const of_roles[] = {"policy", "managed"};
    const ResourceFacts *facts = resource_facts(item->saved->kind);
    for (size_t i = 0; item->saved->kind == RESOURCE_ROLE && i < sizeof of_roles / sizeof *of_roles; i++)
        if (text_starts_with(path, text_from_c(of_roles[i])))
            return true;
    const Json *more = item->saved->resource ? item->saved->resource->more : NULL;
    for (size_t i = 0; more && i < more->members.count; i++)
        if (text_starts_with(path, more->members.items[i].key) && !text_equal_c(more->members.items[i].key, facts->operation))
            return true;
    return false;
}

/* --- rules that change places with the one that they follow --- */

static const Json *first_place(const SavedStep *step)
{
    const Json *places = text_equal_c(step->operation, "SetRulePriorities") ? json_get_c(step->input, "RulePriorities") : NULL;
    return json_item_count(places) == 2 ? places->items.items[0] : NULL;
}

/* The place that the item has only until its service's new tasks have taken over. */
static bool moves_later(const Run *run, const RunItem *item, const PlanChange *change)
{
    for (size_t i = 0; text_equal_c(change->path, "Priority") && i < run->plan->steps.count; i++)
        if (run->plan->steps.items[i]->item == item->saved && first_place(run->plan->steps.items[i]))
            return true;
    return false;
}

/* The rule as it was before it made way; NULL when no step moves it. */
static const Json *unmoved(Run *run, const PlanItem *fresh)
{
    const char *creating = resource_facts(fresh->kind)->operation;
    Text arn = fresh->recorded ? recorded_attribute(&run->reading, fresh->recorded, TEXT(ATTRIBUTE_ARN)) : TEXT_NONE;
    for (size_t i = 0; arn.len && i < run->plan->steps.count; i++) {
        const SavedStep *step = run->plan->steps.items[i];
        const Json *place = first_place(step);
        if (!place || !text_equal(values_at(json_get_c(step->input, "RulePriorities")->items.items[1], "RuleArn"), arn))
            continue;
        Json *live = json_copy_node(&run->reading, fresh->live);
        Json *input = json_copy_node(&run->reading, json_get_c(live, creating));
        Buffer priority = {0}; /* AWS answers it as a text */
        json_write(&priority, json_get_c(place, "Priority"), 0);
        json_set_c(&run->reading, input, "Priority", json_text(&run->reading, arena_copy_text(&run->reading, buffer_text(&priority))));
        buffer_free(&priority);
        json_set_c(&run->reading, live, creating, input);
        return live;
    }
    return NULL;
}

static Text describe_change(Arena *arena, const PlanItem *fresh, const PlanChange *change)
{
    Buffer before = {0};
    if (change->before)
        json_write(&before, change->before, 0);
    Text value = buffer_text(&before);
    Text shown = value.len == 0 ? TEXT("is not there") : value.len > 120 ? TEXT("has another value") : arena_format(arena, "is %.*s", TEXT_ARG(value));
    Text why = arena_format(arena, "%.*s %.*s", TEXT_ARG(change->path), TEXT_ARG(shown));
    (void)fresh;
    buffer_free(&before);
    return why;
}

/* It is there, and was to be created. */
static ItemState judge_created(Run *run, RunItem *item)
{
    const PlanItem *fresh = item->fresh;
    const PlanChange *other = NULL;
    for (size_t i = 0; i < fresh->changes.count && !other; i++)
        if (!comes_later(item, fresh->changes.items[i].path) && !moves_later(run, item, &fresh->changes.items[i]))
            other = &fresh->changes.items[i];
    if (!other)
        return fresh->changes.count ? ITEM_PART_WAY : ITEM_DONE;
    item->why = arena_format(run->arena, "it was to be created, and is there already: %.*s", TEXT_ARG(describe_change(run->arena, fresh, other)));
    return ITEM_STALE;
}

static ItemState judge_changed(Run *run, RunItem *item)
{
    const PlanItem *fresh = item->fresh;
    if (!fresh->live) {
        /* one that is replaced under the same name is gone for a while */
        if (item->saved->action == PLAN_REPLACE)
            return ITEM_PART_WAY;
        item->why = TEXT("it was deleted since it was planned");
        return ITEM_STALE;
    }
    if (!fresh->changes.count)
        return ITEM_DONE;
    if (text_equal(plan_item_expects(&run->reading, fresh), item->saved->expects))
        return ITEM_TO_DO;
    for (size_t i = 0; i < fresh->changes.count; i++) {
        const PlanChange *change = &fresh->changes.items[i];
        bool is_left = has_change(item, change, &run->reading);
        if (is_left || (item->saved->action == PLAN_REPLACE && comes_later(item, change->path)))
            continue;
        item->why = arena_format(run->arena, "it was changed since it was planned: %.*s", TEXT_ARG(describe_change(run->arena, fresh, change)));
        return ITEM_STALE;
    }
    return ITEM_PART_WAY;
}

static ItemState judge_deleted(Run *run, RunItem *item)
{
    /* What is not found is most likely gone; deleting it again does no harm, and what only could not be found stays otherwise. */
    if (!item->fresh || !item->fresh->live)
        return ITEM_PART_WAY;
    PlanItem before = *item->fresh;
    if (before.action == PLAN_DELETE && text_equal(plan_item_expects(&run->reading, &before), item->saved->expects))
        return ITEM_TO_DO;
    before.live = unmoved(run, item->fresh);
    if (before.live && before.action == PLAN_DELETE && text_equal(plan_item_expects(&run->reading, &before), item->saved->expects))
        return ITEM_PART_WAY;
    item->why = item->fresh->action == PLAN_DELETE ? TEXT("it was to be deleted, and was changed since") : TEXT("it was to be deleted, and is wanted again");
    return ITEM_STALE;
}

static ItemState judge(Run *run, RunItem *item)
{
    switch (item->saved->action) {
    case PLAN_CREATE: return item->fresh && item->fresh->live ? judge_created(run, item) : ITEM_TO_DO;
    case PLAN_CHANGE:
    case PLAN_REPLACE: return judge_changed(run, item);
    case PLAN_DELETE: return judge_deleted(run, item);
    case PLAN_UNCHANGED: break;
    }
    if (item->fresh && item->fresh->live)
        return ITEM_DONE;
    item->why = TEXT("it was deleted since it was planned");
    return ITEM_STALE;
}

/* Those that go away are in the fresh plan's list, and in no index. */
static const PlanItem *find_fresh(const Run *run, const SavedItem *saved)
{
    const PlanItem *found = saved->action == PLAN_DELETE ? NULL : plan_find_item(&run->fresh, saved->id);
    for (size_t i = 0; !found && saved->action == PLAN_DELETE && i < run->fresh.items.count; i++)
        if (text_equal(run->fresh.items.items[i]->id, saved->id))
            found = run->fresh.items.items[i];
    return found;
}

/* What was looked up when it was planned is what would be used. */
bool check_lookups(Run *run)
{
    const ReadJson *values = run->plan->values;
    for (size_t i = 0; values && values->kind == READ_OBJECT && i < values->members.count; i++) {
        const ReadJsonMember *member = &values->members.items[i];
        const ReadJson *now = run->recording.lookups ? json_read_member(run->recording.lookups, member->key.ptr) : NULL;
        if (now && json_equal(saved_plain(&run->reading, now), saved_plain(&run->reading, member->value)))
            continue;
        Diagnostic *diagnostic = diagnostic_report(run->sink, CODE_STALE_PLAN, SPAN_NONE, "%.*s is another one than when it was planned", TEXT_ARG(member->key));
        diagnostic_set_advice(run->sink, diagnostic, "plan again and review what it says now");
        return false;
    }
    return true;
}

bool check_read(Run *run)
{
    ApplyReader reader = run->input->reader;
    /* where reading fails nothing is known any more */
    for (size_t i = 0; i < run->plan->items.count; i++)
        run->items[i].fresh = NULL;
    arena_reset(&run->reading);
    run->recording = (Recording){0};
    if (!reader.read(reader.context, &run->reading, &run->recording) ||
        !plan_make(&run->reading, run->sink, &run->model, &run->plan->resources, &run->recording, &run->fresh))
        return false;
    for (size_t i = 0; i < run->plan->items.count; i++) {
        RunItem *item = &run->items[i];
        item->fresh = find_fresh(run, item->saved);
        item->why = TEXT_NONE;
        item->state = judge(run, item);
        /* a rollout that is under way changes the numbers of tasks */
        if (item->state == ITEM_STALE && item->saved->kind == RESOURCE_SERVICE && ramp_is_recorded(run, item->saved->service))
            item->state = ITEM_TO_DO;
    }
    run->read_ms = run_now(run);
    return true;
}

size_t check_tell(Run *run)
{
    size_t count = 0;
    for (size_t i = 0; i < run->plan->items.count; i++) {
        const RunItem *item = &run->items[i];
        if (item->state != ITEM_STALE)
            continue;
        Text source = run_source(run->arena, item->saved->source);
        Diagnostic *diagnostic = diagnostic_report(run->sink, CODE_STALE_PLAN, SPAN_NONE, "the %s %.*s is not as it was planned: %.*s%.*s",
                                                   resource_facts(item->saved->kind)->label, TEXT_ARG(item->saved->name), TEXT_ARG(item->why), TEXT_ARG(source));
        diagnostic_set_advice(run->sink, diagnostic, "plan again and review what it says now");
        count++;
    }
    return count;
}

bool check_step_is_done(const RunStep *step)
{
    const RunItem *item = step->item;
    const char *creating = resource_facts(item->saved->kind)->operation;
    bool is_deletion = text_equal_c(step->step->action, "delete");
    bool is_there = item->fresh && item->fresh->live;
    if (item->state == ITEM_DONE)
        return !(is_deletion && item->saved->action == PLAN_REPLACE);
    if (item->state != ITEM_PART_WAY || item->saved->action == PLAN_CHANGE || item->saved->action == PLAN_DELETE)
        return false;
    if (item->saved->action == PLAN_REPLACE && is_deletion)
        return !is_there;
    return is_there && text_equal_c(step->step->operation, creating);
}
