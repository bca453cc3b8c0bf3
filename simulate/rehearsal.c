#include "simulate/rehearsal.h"

#include "live/live.h"

enum { HISTORY_MS = 45 * 60 * 1000, LEASE_MS = 130 * 1000, KILLS_MOST = 200 };

/* --- an earlier image --- */

/* "registry/name:tag" or "registry/name@digest" of an earlier time. */
static Text earlier_image(Arena *arena, Text image)
{
    size_t slash = image.len;
    while (slash > 0 && image.ptr[slash - 1] != '/')
        slash--;
    Text name = text_slice(image, slash, image.len);
    size_t colon = text_find_byte(name, ':');
    size_t at = text_find_byte(name, '@');
    return arena_format(arena, "%.*s:before", TEXT_ARG(text_slice(image, 0, slash + (colon < at ? colon : at))));
}

static Json *earlier_container(Arena *arena, const Json *container)
{
    Json *copy = json_copy_node(arena, container);
    const Json *image = json_get_c(container, "image");
    Json *other = image ? json_copy_node(arena, image) : NULL;
    Json *text = other;
    if (other && other->kind == JSON_JOINED && other->items.count) {
        text = json_copy_node(arena, other->items.items[other->items.count - 1]);
        other->items.items[other->items.count - 1] = text;
    }
    if (!text || text->kind != JSON_TEXT)
        return copy;
    text->text = earlier_image(arena, text->text);
    json_set_c(arena, copy, "image", other);
    return copy;
}

/* Everything with earlier images; planning changes inputs, too. What they were. */
static Json **go_back(Arena *arena, const Resources *resources)
{
    Json **inputs = ARENA_NEW_ARRAY(arena, Json *, resources->items.count + 1);
    for (size_t i = 0; i < resources->items.count; i++) {
        Resource *resource = resources->items.items[i];
        inputs[i] = resource->input;
        const Json *containers = resource->kind == RESOURCE_TASK_DEFINITION ? json_get_c(resource->input, "containerDefinitions") : NULL;
        if (!json_item_count(containers))
            continue;
        Json *list = json_array(arena);
        for (size_t j = 0; j < containers->items.count; j++)
            json_add(arena, list, earlier_container(arena, containers->items.items[j]));
        resource->input = json_copy_node(arena, resource->input);
        json_set_c(arena, resource->input, "containerDefinitions", list);
    }
    return inputs;
}

static void come_forward(const Resources *resources, Json *const *inputs)
{
    for (size_t i = 0; i < resources->items.count; i++)
        resources->items.items[i]->input = inputs[i];
}

/* --- planning --- */

static bool plan_change(Rehearsal *r, bool with_facts, SavedPlan *out)
{
    AwsCaller caller = simulation_caller(r->simulation);
    LiveInput live = {.caller = &caller, .model = r->input.model, .resources = r->input.resources, .region = r->input.options.region, .with_facts = true};
    Recording recording;
    Plan plan;
    const Json *read = live_read(r->arena, r->sink, &live);
    if (!read || !recording_read_text(r->arena, r->sink, TEXT("the rehearsal's account"), live_write(r->arena, read), &recording) ||
        (with_facts && !plan_check_facts(r->arena, r->sink, r->input.model, r->input.resources, &recording)) ||
        !plan_make_among(r->arena, r->sink, r->input.model, r->input.resources, &recording, r->input.others, &plan))
        return false;
    plan_order(&plan);
    Json *json = plan_to_json(&plan);
    json_set_c(r->arena, json, "seal", json_text(r->arena, plan_seal(&plan, json)));
    Buffer text = {0};
    json_write(&text, json, 0);
    buffer_add_byte(&text, '\n');
    bool is_read = saved_plan_read_text(r->arena, r->sink, TEXT("the rehearsal's plan"), arena_copy_text(r->arena, buffer_text(&text)), out);
    buffer_free(&text);
    return is_read;
}

/* --- applying --- */

typedef struct Reading {
    const Rehearsal *rehearsal;
    const SavedPlan *plan;
    const AwsCaller *caller;
    Model model;
} Reading;

static bool read_account(void *context, Arena *arena, Recording *out)
{
    const Reading *reading = context;
    Diagnostics *sink = reading->rehearsal->sink;
    LiveInput input = {.caller = reading->caller, .model = &reading->model, .resources = &reading->plan->resources, .region = reading->rehearsal->input.options.region};
    const Json *recording = live_read(arena, sink, &input);
    return recording && recording_read_text(arena, sink, TEXT("the rehearsal's account"), live_write(arena, recording), out);
}

/* What is outside of the account is as the policy wants it. */
static bool ask_gate(void *context, Arena *arena, const Json *said, Text *reason)
{
    (void)context;
    (void)arena;
    (void)said;
    *reason = TEXT_NONE;
    return true;
}

static ApplyOutcome apply(const Rehearsal *r, const SavedPlan *plan, const ApplyOptions *options, ApplyListener listener)
{
    AwsCaller caller = simulation_caller(r->simulation);
    Reading reading = {.rehearsal = r, .plan = plan, .caller = &caller};
    saved_plan_model(plan, &reading.model);
    ApplyInput input = {.plan = plan, .caller = &caller, .reader = {read_account, &reading}, .listener = listener, .gates = {ask_gate, NULL}, .options = *options};
    return apply_run(r->arena, r->sink, &input);
}

bool rehearsal_settle(Arena *arena, Diagnostics *sink, const RehearsalInput *input, Rehearsal *out)
{
    SimulationOptions calm = input->options;
    SavedPlan plan;
    calm.faults = (SimulationFaults){.call_ms = input->options.faults.call_ms};
    *out = (Rehearsal){.arena = arena, .sink = sink, .input = *input};
    out->simulation = simulation_create(arena, &calm);
    simulation_prepare(out->simulation, input->resources);
    Json *const *inputs = go_back(arena, input->resources);
    bool is_planned = plan_change(out, false, &plan);
    come_forward(input->resources, inputs);
    ApplyOptions options = {.owner = TEXT("rehearsal"), .without_rollout = true, .role_ms = 1};
    if (!is_planned || apply(out, &plan, &options, (ApplyListener){0}) != APPLY_DONE)
        return false;
    simulation_run_until(out->simulation, simulation_now(out->simulation) + HISTORY_MS);
    return true;
}

bool rehearsal_plan(Rehearsal *r)
{
    if (!plan_change(r, true, &r->plan))
        return false;
    simulation_begin(r->simulation);
    simulation_set_faults(r->simulation, &r->input.options.faults);
    return true;
}

/* Whoever applies dies after each change, and another machine goes on when the lease is over. What the dead had to say nobody hears. */
static ApplyOutcome apply_killed(Rehearsal *r, const ApplyOptions *options, ApplyListener listener)
{
    Rehearsal unheard = *r;
    for (int i = 0; i < KILLS_MOST; i++) {
        Diagnostics quiet = {.arena = r->arena, .sources = r->sink->sources};
        unheard.sink = &quiet;
        simulation_kill_at_change(r->simulation);
        ApplyOutcome outcome = apply(&unheard, &r->plan, options, listener);
        if (!simulation_is_dead(r->simulation)) {
            for (size_t j = 0; j < quiet.items.count; j++)
                ARRAY_PUSH(r->sink->arena, &r->sink->items, quiet.items.items[j]);
            r->sink->error_count += quiet.error_count;
            return outcome;
        }
        simulation_revive(r->simulation);
        simulation_run_until(r->simulation, simulation_now(r->simulation) + LEASE_MS);
    }
    return apply(r, &r->plan, options, listener);
}

ApplyOutcome rehearsal_apply(Rehearsal *r, const ApplyOptions *options, ApplyListener listener)
{
    bool is_killed = r->input.options.world.scenario == SCENARIO_KILLED;
    return is_killed ? apply_killed(r, options, listener) : apply(r, &r->plan, options, listener);
}
