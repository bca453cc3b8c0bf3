#include "simulate/rehearsal.h"

#include "live/live.h"

enum { HISTORY_MS = 45 * 60 * 1000 };

/* --- an earlier image --- */

typedef struct Swap {
    Json *node;
    Json was;
} Swap;

typedef ARRAY(Swap) SwapArray;

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

static void swap_image(Arena *arena, Json *image, SwapArray *swaps)
{
    Json *text = image;
    if (image && image->kind == JSON_JOINED && image->items.count)
        text = image->items.items[image->items.count - 1];
    if (!text || text->kind != JSON_TEXT)
        return;
    ARRAY_PUSH(arena, swaps, (Swap){text, *text});
    text->text = earlier_image(arena, text->text);
}

static void swap_images(Arena *arena, const Resources *resources, SwapArray *swaps)
{
    for (size_t i = 0; i < resources->items.count; i++) {
        const Json *containers = resources->items.items[i]->kind == RESOURCE_TASK_DEFINITION ? json_get_c(resources->items.items[i]->input, "containerDefinitions") : NULL;
        for (size_t j = 0; j < json_item_count(containers); j++)
            swap_image(arena, json_get_c(containers->items.items[j], "image"), swaps);
    }
}

static void swap_back(const SwapArray *swaps)
{
    for (size_t i = 0; i < swaps->count; i++)
        *swaps->items[i].node = swaps->items[i].was;
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

static ApplyOutcome apply(const Rehearsal *r, const SavedPlan *plan, const ApplyOptions *options, ApplyListener listener)
{
    AwsCaller caller = simulation_caller(r->simulation);
    Reading reading = {.rehearsal = r, .plan = plan, .caller = &caller};
    saved_plan_model(plan, &reading.model);
    ApplyInput input = {.plan = plan, .caller = &caller, .reader = {read_account, &reading}, .listener = listener, .options = *options};
    return apply_run(r->arena, r->sink, &input);
}

bool rehearsal_settle(Arena *arena, Diagnostics *sink, const RehearsalInput *input, Rehearsal *out)
{
    SimulationOptions calm = input->options;
    SwapArray swaps = {0};
    SavedPlan plan;
    calm.faults = (SimulationFaults){.call_ms = input->options.faults.call_ms};
    *out = (Rehearsal){.arena = arena, .sink = sink, .input = *input};
    out->simulation = simulation_create(arena, &calm);
    simulation_prepare(out->simulation, input->resources);
    swap_images(arena, input->resources, &swaps);
    bool is_planned = plan_change(out, false, &plan);
    swap_back(&swaps);
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

ApplyOutcome rehearsal_apply(Rehearsal *r, const ApplyOptions *options, ApplyListener listener)
{
    return apply(r, &r->plan, options, listener);
}
