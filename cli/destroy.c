/* svc destroy: everything of the file's project in the environment goes, what refers before what is referred to. */
#include "cli/apply.h"
#include "cli/commands.h"
#include "cli/others.h"

enum { EXIT_DESTROY_ERROR = 1 };

static bool check_protection(Session *session, const Environment *environment)
{
    if (!environment->is_protected)
        return true;
    Span origin = environment->node ? environment->node->span : SPAN_NONE;
    Diagnostic *diagnostic = diagnostic_report(&session->sink, CODE_PROTECTED, origin, "the environment %.*s is protected", TEXT_ARG(environment->name));
    diagnostic_set_label(&session->sink, diagnostic, "it says so");
    diagnostic_set_advice(&session->sink, diagnostic, "take `protect` out of the environment first, in a change that is reviewed");
    return false;
}

/* What cannot be tagged belongs to what it is declared with: something of the same service that has tags. */
static void find_parents(const Resources *resources, Recording *recording)
{
    for (size_t i = 0; i < recording->items.count; i++) {
        RecordedResource *item = &recording->items.items[i];
        const Resource *declared = resources_find(resources, item->id);
        for (size_t j = 0; declared && !item->parent.len && !recorded_has_tags(item) && j < recording->items.count; j++) {
            const RecordedResource *other = &recording->items.items[j];
            const Resource *beside = resources_find(resources, other->id);
            if (beside && recorded_has_tags(other) && text_equal(beside->service, declared->service))
                item->parent = other->id;
        }
    }
}

static int destroy(Session *session, Pipeline *pipeline)
{
    Account account;
    Plan plan;
    Recording recording;
    const Resources nothing = {0};
    int code = EXIT_DESTROY_ERROR;
    if (!command_compile(pipeline) || !check_protection(session, &pipeline->model->environment) ||
        !account_open(session, pipeline->model->environment.region, &account))
        return code;
    bool is_read = command_read(&account, pipeline, false, &recording);
    if (is_read)
        find_parents(&pipeline->resources, &recording);
    if (is_read &&
        plan_make_among(&pipeline->arena, &session->sink, pipeline->model, &nothing, &recording, others_find(pipeline), &plan))
        code = apply_planned(session, &account, &plan, "Destroy all of this?");
    account_close(&account);
    return code;
}

int command_destroy(Session *session)
{
    return command_with_file(session, destroy);
}
