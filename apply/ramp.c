/* The rollout of a step: begun, gone on with, ended. */
#include "apply/ramp.h"

#include "base/sha256.h"
#include "rollout/record.h"

#include <string.h>

enum { TICK_MS = ROLLOUT_TICK * 1000, AGAIN_MS = 5 * 1000, LAST_ATTEMPTS = 10 };

/* --- which steps --- */

/* The step that updates the stable service to the new revision. NULL: only other things of the service change. */
static const SavedStep *promotion_of(const Run *run, const RunStep *step)
{
    for (size_t i = step->step->index + 1; i < run->plan->steps.count; i++) {
        const SavedStep *later = run->plan->steps.items[i];
        bool is_deployment = text_equal_c(later->operation, "UpdateService") || text_equal_c(later->operation, "CreateService");
        if (later->item == step->step->item && is_deployment && json_get_c(later->input, "taskDefinition"))
            return later;
    }
    return NULL;
}

static RunStep *ramp_step_of(const Run *run, const SavedItem *item)
{
    for (size_t i = 0; i < run->plan->steps.count; i++)
        if (run->steps[i].ramp && run->steps[i].step->item == item)
            return &run->steps[i];
    return NULL;
}

bool ramp_is_active(const RunStep *step)
{
    return step->ramp && !step->ramp->is_over;
}

bool ramp_has_passed(const RunStep *step)
{
    return step->ramp && step->ramp->is_promoting;
}

bool ramp_is_promotion(const Run *run, const RunStep *step)
{
    const RunStep *owner = ramp_step_of(run, step->step->item);
    return owner && owner != step && ramp_is_active(owner) && ramp_has_passed(owner);
}

void ramp_keep_tasks(const Run *run, const RunStep *step, Json *input)
{
    const RunStep *owner = ramp_step_of(run, step->step->item);
    const Json *said = json_get_c(input, "desiredCount");
    if (!owner || !text_equal_c(step->step->operation, "UpdateService") || !owner->ramp->promoted_count)
        return;
    if (!said || said->kind != JSON_NUMBER || said->number.num / said->number.den < owner->ramp->promoted_count)
        json_set_c(run->arena, input, "desiredCount", json_integer(run->arena, owner->ramp->promoted_count));
}

/* --- what is recorded --- */

static Text recorded_member(Arena *arena, Text record, const char *key)
{
    ReadJsonError error;
    const ReadJson *json = record.len ? json_read(arena, record, &error) : NULL;
    return json_read_text(json_read_member(json, key));
}

bool ramp_is_recorded(const Run *run, Text service)
{
    const Lease *lease = lease_find(run, service);
    Text phase = lease ? recorded_member(run->arena, lease->record, "state") : TEXT_NONE;
    return phase.len && !text_equal_c(phase, rollout_phase_name(PHASE_DONE));
}

Text ramp_recorded_revision(const Run *run, Text service)
{
    return ramp_is_recorded(run, service) ? recorded_member(run->arena, lease_find(run, service)->record, "new_revision") : TEXT_NONE;
}

static bool has_rollout(const Run *run, Text service)
{
    for (size_t i = 0; i < run->plan->steps.count; i++)
        if (run->plan->steps.items[i]->is_rollout && text_equal(run->plan->steps.items[i]->item->service, service))
            return !run->input->options.without_rollout;
    return false;
}

static bool changes_service(const Run *run, Text service)
{
    for (size_t i = 0; i < run->plan->steps.count; i++)
        if (run->plan->steps.items[i]->item->kind == RESOURCE_SERVICE && text_equal(run->plan->steps.items[i]->item->service, service))
            return true;
    return false;
}

static void report_other(Run *run, Text service, Text record, SavedSource source, Text why)
{
    Text place = run_source(run->arena, source);
    Diagnostic *diagnostic = diagnostic_report(run->sink, CODE_ROLLOUT_OTHER, SPAN_NONE, "a rollout of %.*s is under way%.*s: %.*s", TEXT_ARG(service), TEXT_ARG(place),
                                               TEXT_ARG(why));
    Text phase = recorded_member(run->arena, record, "state");
    Text reason = recorded_member(run->arena, record, "reason");
    if (phase.len)
        diagnostic_add_note(run->sink, diagnostic, "it is %.*s, to %.*s%s%.*s", TEXT_ARG(phase), TEXT_ARG(recorded_member(run->arena, record, "new_revision")),
                            reason.len ? ": " : "", TEXT_ARG(reason));
    diagnostic_set_advice(run->sink, diagnostic, "apply the plan that began it, or end it first: svc rollout abort, then svc apply");
}

bool ramp_check_records(Run *run)
{
    for (size_t i = 0; i < run->leases.items.count; i++) {
        const Lease *lease = run->leases.items.items[i];
        if (!ramp_is_recorded(run, lease->service) || has_rollout(run, lease->service) || !changes_service(run, lease->service))
            continue;
        report_other(run, lease->service, lease->record, (SavedSource){0}, TEXT("this plan would change the service at once"));
        lease_release_all(run);
        return false;
    }
    return true;
}

static bool keep_record(Run *run, Ramp *ramp)
{
    Buffer record = {0};
    record_write(&record, &ramp->state);
    bool is_kept = lease_keep_record(run, ramp->step->item->saved->service, buffer_text(&record));
    buffer_free(&record);
    return is_kept;
}

/* --- beginning --- */

static Text make_id(Run *run, const Ramp *ramp)
{
    enum { DIGITS = 16 };
    char digest[SHA256_HEX_LENGTH + 1];
    Text seed = arena_format(run->arena, "%.*s %.*s %lld", TEXT_ARG(run->plan->seal), TEXT_ARG(ramp->stable), (long long)run_now(run));
    sha256_hex(digest, seed);
    return arena_copy_text(run->arena, (Text){digest, DIGITS});
}

static void fail_step(Run *run, RunStep *step, ApplyOutcome outcome)
{
    step->state = STEP_FAILED;
    run_tell(run, APPLY_EVENT_FAILED, step->step, "the rollout has not begun");
    run_stop(run, outcome);
}

/* The service as its update says it; where it is updated already, as the file and the record do. */
static bool find_names(Run *run, Ramp *ramp, const SavedStep *promotion, Text *revision)
{
    if (!promotion) {
        const Json *service = ramp_service_input(run, ramp);
        ramp->cluster = values_at(service, "cluster");
        ramp->stable = values_at(service, "serviceName");
        ramp->canary = arena_join(run->arena, ramp->stable, TEXT("-c"));
        *revision = ramp_recorded_revision(run, ramp->step->item->saved->service);
        return service != NULL;
    }
    RunStep place = *ramp->step;
    place.step = promotion;
    const Json *input = values_fill(run, run->arena, &place);
    if (!input)
        return false;
    Text name = values_at(input, "service");
    ramp->cluster = values_at(input, "cluster");
    ramp->stable = name.len ? name : values_at(input, "serviceName");
    ramp->canary = arena_join(run->arena, ramp->stable, TEXT("-c"));
    *revision = values_at(input, "taskDefinition");
    return true;
}

/* Whether somebody may still want to send traffic back. */
static bool keeps_record(RolloutOutcome outcome)
{
    return outcome == OUTCOME_FAILED || outcome == OUTCOME_HALTED;
}

/* Goes on from the lease's record, or begins anew. False after a report. */
static bool find_state(Run *run, Ramp *ramp, Text revision)
{
    Text service = ramp->step->item->saved->service;
    const Lease *lease = lease_find(run, service);
    Text record = lease ? lease->record : TEXT_NONE;
    Text error = TEXT_NONE;
    ramp->state = rollout_begin(make_id(run, ramp), run->plan->seal, revision, run_now(run) / 1000);
    RolloutState recorded = {0};
    if (!ramp_is_recorded(run, service)) {
        /* one that ended so that somebody may want to go back */
        ramp->has_ended = record.len && record_read(run->arena, record, &ramp->policy, &recorded, &error) && keeps_record(recorded.outcome);
        ramp->ended = recorded;
        return true;
    }
    if (!record_read(run->arena, record, &ramp->policy, &recorded, &error)) {
        report_other(run, service, record, ramp->step->step->source, error);
        return false;
    }
    if (!text_equal(text_from_c(recorded.new_revision), revision)) {
        report_other(run, service, record, ramp->step->step->source, TEXT("this plan is for another revision"));
        return false;
    }
    ramp->state = recorded;
    ramp->has_taken_over = true;
    run_tell(run, APPLY_EVENT_NOTE, ramp->step->step, "%.*s: going on with the rollout that is %s", TEXT_ARG(ramp->stable), rollout_phase_name(recorded.phase));
    return true;
}

void ramp_begin(Run *run, RunStep *step)
{
    Text error = TEXT_NONE;
    Text revision = TEXT_NONE;
    const SavedStep *promotion = promotion_of(run, step);
    if ((!promotion || step->item->state == ITEM_DONE) && !ramp_is_recorded(run, step->item->saved->service)) {
        step->state = STEP_DONE;
        run->done++;
        return;
    }
    Ramp *ramp = ARENA_NEW(run->arena, Ramp);
    *ramp = (Ramp){.step = step, .said = values_fill(run, run->arena, step), .told_step = -1};
    bool is_known = ramp->said && find_names(run, ramp, promotion, &revision);
    if (is_known && !policy_read(run->arena, ramp->said, &ramp->policy, &error)) {
        report_other(run, step->item->saved->service, TEXT_NONE, step->step->source, error);
        is_known = false;
    }
    if (!is_known || !find_state(run, ramp, revision)) {
        fail_step(run, step, run->has_changed ? APPLY_FAILED : APPLY_ERROR);
        return;
    }
    step->ramp = ramp;
    step->has_begun = true;
    step->state = STEP_SETTLING;
    run_tell(run, APPLY_EVENT_BEGIN, step->step, "to %.*s", TEXT_ARG(revision));
}

/* --- telling --- */

static int share_now(const Ramp *ramp)
{
    int share = 0;
    for (int i = 0; i < ramp->policy.rule_count; i++)
        share = ramp->state.shares[i] > share ? ramp->state.shares[i] : share;
    return share;
}

static void tell(Run *run, Ramp *ramp)
{
    const RolloutState *state = &ramp->state;
    if (state->phase == ramp->told_phase && state->step == ramp->told_step)
        return;
    bool is_back = state->phase >= PHASE_PAUSED;
    ramp->told_phase = state->phase;
    ramp->told_step = state->step;
    Text place = TEXT_NONE;
    if (state->step >= 0 && state->step < ramp->policy.step_count && !is_back)
        place = arena_format(run->arena, ", step %d of %d", state->step + 1, ramp->policy.step_count);
    int share = share_now(ramp);
    Text weight = ramp->policy.rule_count ? arena_format(run->arena, ", %d.%d%% of the traffic on the new revision", share / 10, share % 10) : TEXT_NONE;
    run_tell(run, APPLY_EVENT_NOTE, ramp->step->step, "%.*s: %s%.*s%.*s%s%s", TEXT_ARG(ramp->stable), rollout_phase_name(state->phase), TEXT_ARG(place), TEXT_ARG(weight),
             is_back && state->reason[0] ? ": " : "", is_back ? state->reason : "");
}

/* --- ending --- */

/* How one that did not end well is told. */
typedef struct EndWords {
    const char *end;
    const char *advice;
} EndWords;

static const EndWords end_words[OUTCOME_COUNT] = {
    [OUTCOME_REFUSED] = {"was refused", "nothing was changed for the service: see to what it says, then plan again"},
    [OUTCOME_ROLLED_BACK] = {"was rolled back", "all traffic is on the old revision: mend the new one, then plan again"},
    [OUTCOME_FAILED] = {"failed", "the traffic is on the canary: mend the deployment and apply again, or svc rollout abort, then svc apply, sends it back"},
    [OUTCOME_UNVERIFIED] = {"is unverified", "the new revision has all traffic: svc rollback goes back to the one before"},
    [OUTCOME_HALTED] = {"was halted", "look at the weights and the services, then svc rollout abort and svc apply, or put them right and plan again"},
};

static void report_end(Run *run, Ramp *ramp, ApplyOutcome outcome, Text refusal)
{
    RunStep *step = ramp->step;
    Text source = run_source(run->arena, step->step->source);
    RolloutOutcome ended = ramp->state.outcome;
    Diagnostic *diagnostic = diagnostic_report(run->sink, CODE_ROLLOUT_ENDED, SPAN_NONE, "the rollout of %.*s%.*s %s%s%s", TEXT_ARG(ramp->stable), TEXT_ARG(source),
                                               end_words[ended].end, ramp->state.reason[0] ? ": " : "", ramp->state.reason);
    if (ended != OUTCOME_REFUSED)
        explain_tasks(run, diagnostic, step->item->saved, ramp->cluster, ramp->canary, text_from_c(ramp->state.new_revision));
    if (refusal.len)
        diagnostic_add_note(run->sink, diagnostic, "no other one begins: %.*s", TEXT_ARG(refusal));
    diagnostic_set_advice(run->sink, diagnostic, "%s", end_words[ended].advice);
    step->state = STEP_FAILED;
    run_tell(run, APPLY_EVENT_FAILED, step->step, "%s", ramp->state.reason);
    run_stop(run, outcome);
}

static void delete_commands(Run *run, Ramp *ramp)
{
    enum { BATCH = 10 };
    RunCall call = {0};
    Json *input = json_object(run->arena);
    json_set_c(run->arena, input, "Path", json_text(run->arena, ramp_command_path(run, ramp)));
    run_perform(run, run->arena, &call, "ssm", "GetParametersByPath", input);
    const Json *list = json_get_c(call.call.answer.output, "Parameters");
    for (size_t i = 0; i < json_item_count(list); i += BATCH) {
        RunCall deletion = {0};
        Json *names = json_array(run->arena);
        for (size_t j = i; j < i + BATCH && j < json_item_count(list); j++)
            json_add(run->arena, names, json_text(run->arena, values_at(list->items.items[j], "Name")));
        input = json_object(run->arena);
        json_set_c(run->arena, input, "Names", names);
        run_perform(run, run->arena, &deletion, "ssm", "DeleteParameters", input);
    }
}

static void end(Run *run, Ramp *ramp)
{
    Text refusal = TEXT_NONE;
    if (ramp->state.outcome == OUTCOME_REFUSED && ramp->has_ended) {
        /* the account is still as the one before left it, and may be sent back from there */
        refusal = arena_copy_text(run->arena, text_from_c(ramp->state.reason));
        ramp->state = ramp->ended;
        (void)keep_record(run, ramp);
    }
    ApplyOutcome outcome = (ApplyOutcome)rollout_exit_status(ramp->state.outcome);
    RolloutOutcome ended = ramp->state.outcome;
    for (int i = 0; i < LAST_ATTEMPTS && ramp->undone.count; i++) {
        run_pause(run, run_now(run) + AGAIN_MS);
        ramp_act_again(run, ramp);
    }
    ramp->is_over = true;
    ramp->is_promoting = outcome == APPLY_DONE;
    if (ended == OUTCOME_SUCCEEDED || ended == OUTCOME_ROLLED_BACK)
        ramp_delete_canary(run, ramp);
    delete_commands(run, ramp);
    if (!keeps_record(ended) && lease_find(run, ramp->step->item->saved->service))
        lease_find(run, ramp->step->item->saved->service)->record = TEXT_NONE;
    if (outcome != APPLY_DONE)
        report_end(run, ramp, outcome, refusal);
}

/* The driver ends before the rollout does; the record stays. */
static void leave(Run *run, Ramp *ramp)
{
    RunStep *step = ramp->step;
    Text source = run_source(run->arena, step->step->source);
    ramp->is_over = true;
    Diagnostic *diagnostic = diagnostic_report(run->sink, CODE_ROLLOUT_LEFT, SPAN_NONE, "the rollout of %.*s%.*s is %s, and nobody drives it%s%s", TEXT_ARG(ramp->stable),
                                               TEXT_ARG(source), rollout_phase_name(ramp->state.phase), ramp->state.reason[0] ? ": " : "", ramp->state.reason);
    diagnostic_set_advice(run->sink, diagnostic, "svc apply goes on with it, from any machine; svc rollout abort, then svc apply, goes back");
    step->state = STEP_FAILED;
    run_stop(run, ramp->state.phase == PHASE_PAUSED ? APPLY_PAUSED : APPLY_FAILED);
}

/* Whether a driver that is to end may do so now: the policy says whether it goes back first, and no weight stays half moved. */
static bool may_leave(const Ramp *ramp)
{
    RolloutPhase phase = ramp->state.phase;
    bool is_forward = phase <= PHASE_PAUSED && phase != PHASE_SHIFTING;
    bool is_kept = phase == PHASE_PAUSED || ramp->policy.on_interrupt == INTERRUPT_CONTINUE;
    return phase == PHASE_VERIFYING || (is_forward && is_kept);
}

/* --- the tick --- */

static bool is_to_end(const Run *run)
{
    return run->stopped_ms && (run_is_interrupted(run) || (run->input->options.deadline_ms && run_now(run) >= run->started_ms + run->input->options.deadline_ms));
}

static bool is_hard(const Run *run)
{
    const AwsCaller *caller = run->input->caller;
    return caller->is_interrupted && caller->is_interrupted(caller->self);
}

static void tick(Run *run, Ramp *ramp)
{
    Observation seen;
    RolloutActions actions;
    ramp_act_again(run, ramp);
    ramp_look(run, ramp, &seen);
    seen.has_taken_over = ramp->has_taken_over;
    seen.is_interrupted = is_to_end(run);
    if (!ramp->has_looked && ramp->has_ended && seen.command.number && seen.command.kind == COMMAND_ABORT) {
        ramp->state = rollout_begin_retreat(&ramp->ended, run_now(run) / 1000);
        ramp->state.command = ramp->newest_command;
        seen.command = (CommandView){0};
    } else if (!ramp->has_looked && !ramp->has_taken_over) {
        /* what was said before it began was said about another */
        ramp->state.command = ramp->newest_command;
        seen.command = (CommandView){0};
    }
    ramp->has_looked = true;
    RolloutState next = rollout_tick(&ramp->policy, &ramp->state, &seen, run_now(run) / 1000, &actions);
    RolloutState before = ramp->state;
    ramp->state = next;
    if (!keep_record(run, ramp)) {
        ramp->state = before; /* what is not recorded is not done */
        return;
    }
    ramp->has_taken_over = false;
    if (next.outcome == OUTCOME_FAILED || next.outcome == OUTCOME_HALTED)
        ramp->is_promoting = false;
    ramp_act(run, ramp, &actions);
    tell(run, ramp);
    if (next.phase == PHASE_DONE)
        end(run, ramp);
    else if (seen.is_interrupted && may_leave(ramp))
        leave(run, ramp);
}

int64_t ramp_tick(Run *run, RunStep *step)
{
    Ramp *ramp = step->ramp;
    if (run->is_lost || is_hard(run)) {
        leave(run, ramp);
        return 0;
    }
    if (run_now(run) < ramp->next_ms)
        return ramp->next_ms;
    ramp->next_ms = run_now(run) + TICK_MS;
    if (lease_check(run, step->item->saved->service)) {
        tick(run, ramp);
        return ramp->next_ms;
    }
    run_stop(run, APPLY_FAILED);
    if (run->is_lost || run_now(run) > lease_find(run, step->item->saved->service)->expires_ms)
        leave(run, ramp);
    return ramp->next_ms;
}

void ramp_free(RunStep *step)
{
    if (step->ramp)
        arena_free(&step->ramp->seen);
}
