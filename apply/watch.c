/* Waiting for services: only the planned revision as the primary one, stable, is success (SPEC.md, "Waiting for services"). */
#include "apply/run.h"

enum {
    FIRST_POLL_MS = 1000,
    POLL_MS = 5 * 1000,
    STALE_MS = 60 * 1000,       /* how long an answer may be older than the last change */
    QUICK_MS = 30 * 1000,       /* how long it is asked often */
    MOST_MS = 60 * 60 * 1000,   /* without a deadline */
};

struct Watch {
    RunStep *step;
    Arena arena; /* of the last answer */
    RunCall call;
    Text cluster; /* empty: the default one */
    Text name;
    Text revision;   /* its ARN, as planned; empty: what runs now */
    Text deployment; /* the id of what the step began; empty: not known */
    bool is_deletion;
    int64_t begun_ms;
    int64_t next_ms;
    ApplyService told;
    Text told_event; /* id */
};

typedef enum Verdict { VERDICT_WAIT, VERDICT_STABLE, VERDICT_ROLLED_BACK, VERDICT_FAILED, VERDICT_OVERTAKEN, VERDICT_GONE } Verdict;

bool watch_is_for(const SavedStep *step)
{
    static const char *const operations[] = {"CreateService", "UpdateService", "DeleteService"};
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (text_equal_c(step->operation, operations[i]))
            return true;
    return false;
}

static int64_t count_at(const Json *json, const char *key)
{
    const Json *value = json_get_c(json, key);
    return value && value->kind == JSON_NUMBER ? value->number.num / value->number.den : 0;
}

static const Json *find_deployment(const Json *service, const char *key, Text value)
{
    const Json *list = json_get_c(service, "deployments");
    for (size_t i = 0; i < json_item_count(list); i++)
        if (text_equal(values_at(list->items.items[i], key), value))
            return list->items.items[i];
    return NULL;
}

static const Json *primary_of(const Json *service)
{
    return find_deployment(service, "status", TEXT("PRIMARY"));
}

/* What narrows or deletes must not come before the new revision is stable; all else may. */
static bool is_waited_for(const Run *run, const RunStep *step)
{
    for (size_t i = step->step->index + 1; i < run->plan->steps.count; i++) {
        const SavedStep *later = run->plan->steps.items[i];
        bool takes_away = text_equal_c(later->action, "narrow") || text_equal_c(later->action, "delete");
        for (size_t j = 0; takes_away && j < later->needs.count; j++)
            if (later->needs.items[j] == step->step->index)
                return true;
    }
    return false;
}

void watch_begin(Run *run, RunStep *step, const Json *output)
{
    step->watch = NULL;
    bool is_deletion = text_equal_c(step->step->operation, "DeleteService");
    if (run->input->options.until_deployed && !is_deletion && !is_waited_for(run, step))
        return;
    const Json *input = values_fill(run, run->arena, step);
    if (!input) {
        run_stop(run, APPLY_FAILED);
        return;
    }
    Watch *watch = ARENA_NEW(run->arena, Watch);
    const Json *service = json_get_c(output, "service");
    Text name = values_at(input, "service");
    *watch = (Watch){.step = step,
                     .cluster = values_at(input, "cluster"),
                     .name = name.len ? name : values_at(input, "serviceName"),
                     .revision = values_at(input, "taskDefinition"),
                     .deployment = is_deletion ? TEXT_NONE : arena_copy_text(run->arena, values_at(primary_of(service), "id")),
                     .is_deletion = is_deletion,
                     .begun_ms = run_now(run),
                     .next_ms = run_now(run) + (output ? FIRST_POLL_MS : 0)};
    step->watch = watch;
}

/* --- telling --- */

static Text revision_name(Text arn)
{
    size_t slash = text_find_byte(arn, '/');
    return slash < arn.len ? text_slice(arn, slash + 1, arn.len) : arn;
}

static bool is_same(const ApplyService *a, const ApplyService *b)
{
    return text_equal(a->revision, b->revision) && text_equal(a->rollout, b->rollout) && a->desired == b->desired && a->running == b->running &&
           a->pending == b->pending && a->failed == b->failed && a->others == b->others && !b->event.len;
}

static void tell_service(Run *run, Watch *watch, const Json *service)
{
    const Json *primary = primary_of(service);
    const Json *ours = watch->deployment.len ? find_deployment(service, "id", watch->deployment) : NULL;
    const Json *shown = ours ? ours : primary;
    const Json *events = json_get_c(service, "events");
    const Json *newest = json_item_count(events) ? events->items.items[0] : NULL;
    ApplyService now = {.id = watch->step->item->saved->id,
                        .name = watch->name,
                        .revision = revision_name(values_at(shown, "taskDefinition")),
                        .rollout = watch->is_deletion ? values_at(service, "status") : values_at(shown, "rolloutState"),
                        .desired = count_at(service, "desiredCount"),
                        .running = watch->is_deletion ? count_at(service, "runningCount") : count_at(shown, "runningCount"),
                        .pending = count_at(shown, "pendingCount"),
                        .failed = count_at(shown, "failedTasks")};
    now.others = count_at(service, "runningCount") - now.running;
    Text event = values_at(newest, "id");
    if (event.len && !text_equal(event, watch->told_event)) {
        now.event = watch->told_event.len ? values_at(newest, "message") : TEXT_NONE;
        watch->told_event = arena_copy_text(run->arena, event);
    }
    if (is_same(&watch->told, &now))
        return;
    watch->told = now;
    watch->told.revision = arena_copy_text(run->arena, now.revision);
    watch->told.rollout = arena_copy_text(run->arena, now.rollout);
    ApplyEvent told = {.kind = APPLY_EVENT_SERVICE, .at_ms = run_now(run), .step = watch->step->step, .service = &now, .done = run->done,
                       .all = run->plan->steps.count};
    ApplyListener listener = run->input->listener;
    if (listener.tell)
        listener.tell(listener.context, &told);
}

/* --- judging --- */

static bool mentions(Text text, const char *part)
{
    return text_find(text, text_from_c(part)) < text.len;
}

static bool is_rolling_back(const Json *service, const Json *deployment)
{
    Text reason = values_at(deployment, "rolloutStateReason");
    const Json *events = json_get_c(service, "events");
    const Json *newest = json_item_count(events) ? events->items.items[0] : NULL;
    return mentions(reason, "rolling back") || mentions(reason, "rolled back") || mentions(values_at(newest, "message"), "rolling back");
}

/* ECS may have gone back between two looks: then what it says of the deployment that it gave up tells. */
static bool has_failed(Run *run, const Watch *watch, const Json *service)
{
    const Json *events = json_get_c(service, "events");
    for (size_t i = 0; watch->deployment.len && i < json_item_count(events); i++) {
        Text message = values_at(events->items.items[i], "message");
        if (text_find(message, watch->deployment) < message.len && (mentions(message, "deployment failed") || mentions(message, "rolling back")))
            return true;
    }
    RunCall call = {0};
    Json *input = json_object(run->arena);
    json_set_c(run->arena, input, "service", json_text(run->arena, watch->name));
    json_set_c(run->arena, input, "nextToken", json_null(run->arena)); /* the newest page */
    if (watch->cluster.len)
        json_set_c(run->arena, input, "cluster", json_text(run->arena, watch->cluster));
    run_perform(run, run->arena, &call, "ecs", "ListServiceDeployments", input);
    return text_starts_with(values_at(call.call.answer.output, "serviceDeployments.status"), TEXT("ROLLBACK"));
}

static bool is_settled(const Json *service, const Json *primary)
{
    Text rollout = values_at(primary, "rolloutState");
    return (text_equal_c(rollout, "COMPLETED") || !rollout.len) && count_at(service, "runningCount") == count_at(service, "desiredCount") &&
           count_at(service, "pendingCount") == 0 && json_item_count(json_get_c(service, "deployments")) == 1;
}

static Verdict judge(Watch *watch, Arena *arena, const Json *service, int64_t now)
{
    Text status = values_at(service, "status");
    bool is_there = service && !text_equal_c(status, "INACTIVE");
    if (watch->is_deletion)
        return is_there ? VERDICT_WAIT : VERDICT_STABLE;
    if (!is_there || text_equal_c(status, "DRAINING"))
        return VERDICT_GONE;
    const Json *primary = primary_of(service);
    const Json *ours = watch->deployment.len ? find_deployment(service, "id", watch->deployment) : NULL;
    Text revision = values_at(primary, "taskDefinition");
    bool is_planned = !watch->revision.len || text_equal(revision, watch->revision);
    if (ours && text_equal_c(values_at(ours, "rolloutState"), "FAILED"))
        return ours != primary || is_rolling_back(service, ours) ? VERDICT_ROLLED_BACK : VERDICT_FAILED;
    if (!is_planned && now < watch->begun_ms + STALE_MS)
        return VERDICT_WAIT; /* it may be what was before the step */
    if (!is_planned)
        return is_rolling_back(service, primary) || is_rolling_back(service, find_deployment(service, "taskDefinition", watch->revision)) ? VERDICT_ROLLED_BACK
                                                                                                                                     : VERDICT_OVERTAKEN;
    if (text_equal_c(values_at(primary, "rolloutState"), "FAILED"))
        return is_rolling_back(service, primary) ? VERDICT_ROLLED_BACK : VERDICT_FAILED;
    if (primary && ours != primary)
        watch->deployment = arena_copy_text(arena, values_at(primary, "id"));
    return is_settled(service, primary) ? VERDICT_STABLE : VERDICT_WAIT;
}

/* --- ending --- */

static void end(Watch *watch)
{
    watch->step->watch = NULL;
    arena_free(&watch->arena);
}

void watch_free(RunStep *step)
{
    if (step->watch)
        end(step->watch);
}

static void fail(Run *run, Watch *watch, DiagnosticCode code, ApplyOutcome outcome, Text what)
{
    RunStep *step = watch->step;
    Text source = run_source(run->arena, step->step->source);
    Diagnostic *diagnostic = diagnostic_report(run->sink, code, SPAN_NONE, "the service %.*s%.*s %.*s", TEXT_ARG(watch->name), TEXT_ARG(source), TEXT_ARG(what));
    explain_tasks(run, diagnostic, step->item->saved, watch->cluster, watch->name, watch->revision);
    run_tell(run, APPLY_EVENT_FAILED, step->step, "%.*s", TEXT_ARG(what));
    end(watch);
    step->state = STEP_FAILED;
    /* Then the traffic stays where the rollout has it. */
    run_stop(run, ramp_is_promotion(run, step) ? APPLY_FAILED : outcome);
}

static void act(Run *run, Watch *watch, const Json *service)
{
    Verdict verdict = judge(watch, run->arena, service, run_now(run));
    if (verdict == VERDICT_OVERTAKEN && has_failed(run, watch, service))
        verdict = VERDICT_ROLLED_BACK;
    const Json *ours = watch->deployment.len ? find_deployment(service, "id", watch->deployment) : NULL;
    Text reason = arena_copy_text(run->arena, values_at(ours, "rolloutStateReason"));
    Text revision = revision_name(watch->revision);
    switch (verdict) {
    case VERDICT_WAIT:
        if (run_now(run) < watch->begun_ms + MOST_MS)
            break;
        fail(run, watch, CODE_NOT_STABLE, APPLY_FAILED, TEXT("did not become stable within an hour"));
        break;
    case VERDICT_STABLE: end(watch); break;
    case VERDICT_ROLLED_BACK:
        fail(run, watch, CODE_ROLLED_BACK, APPLY_ROLLED_BACK,
             arena_format(run->arena, "was rolled back by ECS from %.*s%s%.*s", TEXT_ARG(revision), reason.len ? ": " : "", TEXT_ARG(reason)));
        break;
    case VERDICT_FAILED:
        fail(run, watch, CODE_NOT_STABLE, APPLY_FAILED, arena_format(run->arena, "did not become stable%s%.*s", reason.len ? ": " : "", TEXT_ARG(reason)));
        break;
    case VERDICT_OVERTAKEN:
        fail(run, watch, CODE_NOT_STABLE, APPLY_FAILED,
             arena_format(run->arena, "was taken from %.*s to %.*s by somebody else", TEXT_ARG(revision), TEXT_ARG(revision_name(values_at(primary_of(service), "taskDefinition")))));
        break;
    case VERDICT_GONE: fail(run, watch, CODE_NOT_STABLE, APPLY_FAILED, TEXT("was deleted while it was waited for")); break;
    }
}

static void take(Run *run, RunCall *call)
{
    Watch *watch = call->subject;
    const Json *output = call->call.answer.output;
    const Json *services = json_get_c(output, "services");
    const Json *service = json_item_count(services) ? services->items.items[0] : NULL;
    watch->next_ms = run_now(run) + (run_now(run) < watch->begun_ms + QUICK_MS ? FIRST_POLL_MS : POLL_MS);
    if (watch->step->watch != watch || (run->stopped_ms && !ramp_is_promotion(run, watch->step)))
        return;
    if (!output) {
        if (error_kind(&call->call) == ERROR_FINAL && !text_equal_c(call->call.answer.code, "ClusterNotFoundException"))
            fail(run, watch, CODE_STEP_FAILED, APPLY_FAILED, arena_format(run->arena, "cannot be described: %.*s: %.*s", TEXT_ARG(call->call.answer.code),
                                                                            TEXT_ARG(call->call.answer.message)));
        return;
    }
    tell_service(run, watch, service);
    act(run, watch, service);
}

int64_t watch_tick(Run *run, RunStep *step)
{
    Watch *watch = step->watch;
    if (!watch)
        return 0;
    if (watch->call.is_busy || run_now(run) < watch->next_ms)
        return watch->call.is_busy ? 0 : watch->next_ms;
    arena_reset(&watch->arena);
    Json *input = json_object(&watch->arena);
    Json *services = json_array(&watch->arena);
    json_add(&watch->arena, services, json_text(&watch->arena, watch->name));
    json_set_c(&watch->arena, input, "services", services);
    if (watch->cluster.len)
        json_set_c(&watch->arena, input, "cluster", json_text(&watch->arena, watch->cluster));
    watch->call.take = take;
    watch->call.subject = watch;
    run_start_call(run, &watch->arena, &watch->call, "ecs", "DescribeServices", input);
    return 0;
}
