#include "live/adopt.h"

#include "plan/calls.h"

typedef struct Adoption {
    AwsCall call;
    const PlanItem *item;
} Adoption;

/* Without the fingerprint: svc did not apply what is there. */
static Json *without_applied(Arena *arena, Json *tags)
{
    Json *copy = json_copy_node(arena, tags);
    json_remove_c(copy, PLAN_APPLIED_TAG);
    if (tags->kind != JSON_ARRAY)
        return copy;
    Json *kept = json_array(arena);
    for (size_t i = 0; i < tags->items.count; i++) {
        const Json *key = json_get_c(tags->items.items[i], "Key") ? json_get_c(tags->items.items[i], "Key") : json_get_c(tags->items.items[i], "key");
        if (!key || key->kind != JSON_TEXT || !text_equal_c(key->text, PLAN_APPLIED_TAG))
            json_add(arena, kept, tags->items.items[i]);
    }
    return kept;
}

static void start(Arena *arena, const AwsCaller *caller, const PlanItem *item, const Call *call)
{
    static const char *const members[] = {"Tags", "tags"};
    Adoption *adoption = ARENA_NEW(arena, Adoption);
    Json *input = json_copy_node(arena, call->input);
    for (size_t i = 0; plan_differs(item) && i < sizeof members / sizeof *members; i++)
        if (json_get_c(input, members[i]))
            json_set_c(arena, input, members[i], without_applied(arena, json_get_c(input, members[i])));
    *adoption = (Adoption){.call = {.service = call->service, .operation = call->operation, .input = input}, .item = item};
    adoption->call.context = adoption;
    caller->start(caller->self, arena, &adoption->call);
}

bool live_adopt(Arena *arena, Diagnostics *sink, const AwsCaller *caller, const Plan *plan, size_t *adopted)
{
    size_t errors = sink->error_count;
    size_t under_way = 0;
    *adopted = 0;
    for (size_t i = 0; i < plan->items.count; i++) {
        CallArray calls = {0};
        if (!plan_is_foreign(plan, plan->items.items[i]))
            continue;
        calls_list_tags(plan, plan->items.items[i], &calls);
        for (size_t j = 0; j < calls.count; j++, under_way++)
            start(arena, caller, plan->items.items[i], &calls.items[j]);
    }
    for (; under_way; under_way--) {
        const AwsCall *call = caller->wait(caller->self, 0);
        if (!call) {
            (void)diagnostic_report(sink, CODE_CANNOT_READ_ACCOUNT, SPAN_NONE, "interrupted: run it again for the rest");
            return false;
        }
        const Adoption *adoption = call->context;
        if (call->answer.output) {
            (*adopted)++;
            continue;
        }
        Diagnostic *diagnostic = diagnostic_report(sink, CODE_CANNOT_TAG, adoption->item->origin, "%s %.*s of %.*s failed: %.*s", call->service,
                                                   TEXT_ARG(call->operation), TEXT_ARG(adoption->item->id), TEXT_ARG(call->answer.code));
        diagnostic_set_label(sink, diagnostic, "%.*s", TEXT_ARG(call->answer.message));
        diagnostic_set_advice(sink, diagnostic, "run svc adopt again: what has its tags already stays as it is");
    }
    return sink->error_count == errors;
}
