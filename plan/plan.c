#include "plan/plan.h"

#include "base/sha256.h"
#include "plan/restart.h"

/* A recording of another account would be compared with what is not this project's. */
static bool check_account(Diagnostics *sink, const Environment *environment, const Recording *live)
{
    bool other_account = environment->account.len && !text_equal(environment->account, live->account);
    bool other_region = environment->region.len && !text_equal(environment->region, live->region);
    if (!other_account && !other_region)
        return true;
    Span origin = environment->node ? environment->node->span : SPAN_NONE;
    Diagnostic *diagnostic =
        diagnostic_report(sink, CODE_OTHER_ACCOUNT, origin, "%.*s records %s %.*s, the environment %.*s is in %.*s", TEXT_ARG(live->path),
                          other_account ? "account" : "region", TEXT_ARG(other_account ? live->account : live->region), TEXT_ARG(environment->name),
                          TEXT_ARG(other_account ? environment->account : environment->region));
    diagnostic_set_advice(sink, diagnostic, "give the recording of this environment's account and region after --live");
    return false;
}

/* Everything that people wrote: the file, and the modules it uses. */
static void add_inputs(Plan *plan)
{
    for (size_t i = 0; i < plan->sources->files.count; i++) {
        const SourceFile *file = plan->sources->files.items[i];
        char digest[SHA256_HEX_LENGTH + 1];
        if (file->is_library)
            continue;
        sha256_hex(digest, file->text);
        PlanInput input = {file->path, arena_copy_text(plan->arena, (Text){digest, SHA256_HEX_LENGTH})};
        ARRAY_PUSH(plan->arena, &plan->inputs, input);
    }
}

bool plan_make_among(Arena *arena, Diagnostics *sink, const Model *model, const Resources *resources, const Recording *live, const PlanOthers *others, Plan *out)
{
    const Environment *environment = &model->environment;
    *out = (Plan){.arena = arena,
                  .sources = sink->sources,
                  .model = model,
                  .resources = resources,
                  .live = live,
                  .account = live ? live->account : environment->account,
                  .region = live ? live->region : environment->region,
                  .others = others && others->files.count ? others : NULL};
    if (live && !check_account(sink, environment, live))
        return false;
    add_inputs(out);
    plan_pin_images(out);
    plan_mark_applied(out);
    plan_mark_restarts(out);
    plan_compare(out);
    return true;
}

bool plan_make(Arena *arena, Diagnostics *sink, const Model *model, const Resources *resources, const Recording *live, Plan *out)
{
    return plan_make_among(arena, sink, model, resources, live, NULL, out);
}
