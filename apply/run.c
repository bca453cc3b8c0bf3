/* The interpreter: what is ready is begun, what arrives is taken, until nothing is left to do or something stops it. */
#include "apply/run.h"

enum {
    PARALLEL = 12,
    POLL_MS = 1000,              /* how often the interrupt is looked for */
    GRACE_MS = 30 * 1000,        /* for calls under way after a Ctrl-C */
    RETRY_MS = 10 * 60 * 1000,   /* how long a step is tried in all */
    RETRY_FIRST_MS = 1000,
    RETRY_MOST_MS = 20 * 1000,
    ROLE_MS = 15 * 1000,         /* IAM tells no one when a role is known everywhere */
    FRESH_MS = 60 * 1000,        /* how long what was read counts */
};

/* --- what all share --- */

int64_t run_now(const Run *run)
{
    return run->input->caller->now_ms(run->input->caller->self);
}

static void tell(Run *run, ApplyEventKind kind, const SavedStep *step, Text text)
{
    ApplyEvent event = {.kind = kind, .at_ms = run_now(run), .step = step, .text = text, .done = run->done, .all = run->plan->steps.count};
    ApplyListener listener = run->input->listener;
    if (listener.tell)
        listener.tell(listener.context, &event);
}

void run_tell(Run *run, ApplyEventKind kind, const SavedStep *step, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    Text text = arena_format_list(run->arena, format, list);
    va_end(list);
    tell(run, kind, step, text);
}

void run_start_call(Run *run, Arena *arena, RunCall *call, const char *service, const char *operation, Json *input)
{
    call->is_busy = true;
    run->under_way++;
    call->call = (AwsCall){.service = service, .operation = text_from_c(operation), .input = input, .context = call};
    run->input->caller->start(run->input->caller->self, arena, &call->call);
}

/* The next call that ends until then; NULL: none. */
static RunCall *next_call(Run *run, int64_t until_ms)
{
    const AwsCaller *caller = run->input->caller;
    const AwsCall *ended = caller->wait(caller->self, until_ms);
    RunCall *call = ended ? ended->context : NULL;
    if (call) {
        call->is_busy = false;
        run->under_way--;
    }
    return call;
}

void run_perform(Run *run, Arena *arena, RunCall *call, const char *service, const char *operation, Json *input)
{
    run_start_call(run, arena, call, service, operation, input);
    run_wait(run, call);
}

void run_wait(Run *run, RunCall *call)
{
    while (call->is_busy) {
        RunCall *ended = next_call(run, run_now(run) + POLL_MS);
        if (ended && ended != call)
            ARRAY_PUSH(run->arena, &run->arrived, ended);
    }
}

void run_pause(Run *run, int64_t until_ms)
{
    while (run_now(run) < until_ms && !run_is_interrupted(run)) {
        int64_t soon = run_now(run) + POLL_MS;
        RunCall *ended = next_call(run, soon < until_ms ? soon : until_ms);
        if (ended)
            ARRAY_PUSH(run->arena, &run->arrived, ended);
    }
}

bool run_is_interrupted(const Run *run)
{
    const ApplyOptions *options = &run->input->options;
    const AwsCaller *caller = run->input->caller;
    return (options->is_interrupted && options->is_interrupted(options->interrupt_context)) || (caller->is_interrupted && caller->is_interrupted(caller->self));
}

RunService *run_service(Run *run, Text service)
{
    for (size_t i = 0; i < run->services.count; i++)
        if (text_equal(run->services.items[i]->service, service))
            return run->services.items[i];
    RunService *made = ARENA_NEW(run->arena, RunService);
    made->service = service;
    ARRAY_PUSH(run->arena, &run->services, made);
    return made;
}

void run_stop(Run *run, ApplyOutcome outcome)
{
    if (!run->stopped_ms)
        run->stopped_ms = run_now(run);
    /* what was rolled back outweighs nothing else that failed */
    if (run->outcome == APPLY_DONE || outcome == APPLY_FAILED)
        run->outcome = outcome;
}

Text run_source(Arena *arena, SavedSource source)
{
    return source.line ? arena_format(arena, " (%.*s:%zu)", TEXT_ARG(source.file), source.line) : TEXT_NONE;
}

/* One that cannot be written any more only costs the next run some calls. */
static void write_journal(Run *run, const RunStep *step, bool is_done, const Json *known)
{
    if (journal_add(&run->journal, step->step->id, is_done, run_now(run), known))
        return;
    run_tell(run, APPLY_EVENT_NOTE, NULL, "the journal cannot be written any more: the apply goes on without it");
    journal_close(&run->journal);
}

/* --- a step ends --- */

static Json *known_of(Run *run, const RunStep *step)
{
    Json *known = json_object(run->arena);
    for (size_t i = 0; i < run->known.count; i++)
        if (text_equal(run->known.items[i].resource, step->item->saved->id))
            json_set(run->arena, known, run->known.items[i].attribute, json_text(run->arena, run->known.items[i].value));
    return known;
}

static void finish(Run *run, RunStep *step)
{
    step->state = STEP_DONE;
    run->done++;
    tell(run, APPLY_EVENT_DONE, step->step, step->has_begun ? TEXT_NONE : TEXT("it was done before"));
}

/* Its call was carried out; what it set in motion may go on. */
static void settle(Run *run, RunStep *step, const Json *output)
{
    write_journal(run, step, true, known_of(run, step));
    if (text_equal_c(text_from_c(step->step->service), "iam"))
        run_service(run, step->item->saved->service)->role_written_ms = run_now(run);
    if (!watch_is_for(step->step)) {
        finish(run, step);
        return;
    }
    step->state = STEP_SETTLING;
    watch_begin(run, step, output);
}

static void report_failure(Run *run, RunStep *step)
{
    const AwsAnswer *answer = &step->call.call.answer;
    const SavedItem *saved = step->item->saved;
    Text source = run_source(run->arena, step->step->source);
    step->state = STEP_FAILED;
    Diagnostic *diagnostic = diagnostic_report(run->sink, CODE_STEP_FAILED, SPAN_NONE, "%s %.*s for the %s %.*s failed%.*s: %.*s", step->step->service,
                                               TEXT_ARG(step->step->operation), resource_facts(saved->kind)->label, TEXT_ARG(saved->name), TEXT_ARG(source),
                                               TEXT_ARG(answer->code));
    if (answer->message.len)
        diagnostic_add_note(run->sink, diagnostic, "AWS: %.*s", TEXT_ARG(answer->message));
    if (answer->request_id.len)
        diagnostic_add_note(run->sink, diagnostic, "request %.*s", TEXT_ARG(answer->request_id));
    diagnostic_set_advice(run->sink, diagnostic, "mend it and apply the same plan again: what is done is not done twice");
    run_tell(run, APPLY_EVENT_FAILED, step->step, "%.*s", TEXT_ARG(answer->code));
    run_stop(run, run->has_changed ? APPLY_FAILED : APPLY_ERROR);
}

/* --- trying again --- */

static bool may_try_again(Run *run, const RunStep *step)
{
    return run_now(run) - step->tried_ms < RETRY_MS && !run->stopped_ms;
}

static void try_later(Run *run, RunStep *step, StepState state)
{
    const AwsAnswer *answer = &step->call.call.answer;
    int64_t delay = RETRY_FIRST_MS;
    for (int i = 1; i < step->attempts && delay < RETRY_MOST_MS; i++)
        delay *= 2;
    step->state = state;
    step->not_before_ms = run_now(run) + (delay < RETRY_MOST_MS ? delay : RETRY_MOST_MS);
    run_tell(run, APPLY_EVENT_RETRY, step->step, "%.*s; tried for %lld s", TEXT_ARG(answer->message.len ? answer->message : answer->code),
             (long long)((run_now(run) - step->tried_ms) / 1000));
}

static void take_step(Run *run, RunCall *call)
{
    RunStep *step = call->subject;
    run->busy--;
    if (call->call.answer.output) {
        values_learn(run, step, call->call.answer.output);
        settle(run, step, call->call.answer.output);
        return;
    }
    ErrorKind kind = error_kind(&call->call);
    if (kind == ERROR_ALREADY)
        settle(run, step, NULL);
    else if (kind == ERROR_FINAL || !may_try_again(run, step))
        report_failure(run, step);
    else if (kind == ERROR_RETRY)
        try_later(run, step, STEP_WAITING);
    else {
        run->wants_reading = true;
        step->state = STEP_ASKING;
    }
}

/* --- revisions of task definitions: registering is not idempotent --- */

static void set_content_tag(Run *run, Json *input, Text *content)
{
    Json *tags = json_array(run->arena);
    const Json *given = json_get_c(input, "tags");
    for (size_t i = 0; i < json_item_count(given); i++)
        json_add(run->arena, tags, given->items.items[i]);
    Json *tag = json_object(run->arena);
    *content = text_slice(plan_fingerprint(run->arena, input), 0, 32);
    json_set_c(run->arena, tag, "key", json_text_c(run->arena, PLAN_CONTENT_TAG));
    json_set_c(run->arena, tag, "value", json_text(run->arena, *content));
    json_add(run->arena, tags, tag);
    json_set_c(run->arena, input, "tags", tags);
}

static bool has_content(const Json *tags, Text content)
{
    for (size_t i = 0; i < json_item_count(tags); i++) {
        const Json *tag = tags->items.items[i];
        if (text_equal_c(values_at(tag, "key"), PLAN_CONTENT_TAG) && text_equal(values_at(tag, "value"), content))
            return true;
    }
    return false;
}

static bool is_revision(Run *run, RunStep *step, Text content, Text revision)
{
    RunCall call = {0};
    Json *asked = json_object(run->arena);
    Json *include = json_array(run->arena);
    json_add(run->arena, include, json_text_c(run->arena, "TAGS"));
    json_set_c(run->arena, asked, "taskDefinition", json_text(run->arena, revision));
    json_set_c(run->arena, asked, "include", include);
    run_perform(run, run->arena, &call, "ecs", "DescribeTaskDefinition", asked);
    const Json *output = call.call.answer.output;
    if (!has_content(json_get_c(output, "tags"), content) || !text_equal_c(values_at(output, "taskDefinition.status"), "ACTIVE"))
        return false;
    values_learn(run, step, output);
    settle(run, step, output);
    return true;
}

/* Whether what would be registered is there: as the revision of a rollout that is under way, or as the family's newest. An earlier run did it. */
static bool find_revision(Run *run, RunStep *step, Json *input)
{
    Text content;
    set_content_tag(run, input, &content);
    Text recorded = ramp_recorded_revision(run, step->item->saved->service);
    return (recorded.len && is_revision(run, step, content, recorded)) || is_revision(run, step, content, values_at(input, "family"));
}

/* --- beginning --- */

static bool needs_are_done(const Run *run, const RunStep *step)
{
    for (size_t i = 0; i < step->step->needs.count; i++)
        if (run->steps[step->step->needs.items[i]].state != STEP_DONE && !ramp_has_passed(&run->steps[step->step->needs.items[i]]))
            return false;
    return true;
}

/* Calls that make AWS take up a role, which fail, or make tasks that do, while it is not known everywhere. */
static bool takes_role(Text operation)
{
    static const char *const operations[] = {"CreateService", "UpdateService", "CreateSchedule", "UpdateSchedule"};
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (text_equal_c(operation, operations[i]))
            return true;
    return false;
}

static bool is_held_by_role(Run *run, RunStep *step)
{
    int64_t written = takes_role(step->step->operation) ? run_service(run, step->item->saved->service)->role_written_ms : 0;
    int64_t until = written + (run->input->options.role_ms ? run->input->options.role_ms : ROLE_MS);
    if (!written || run_now(run) >= until)
        return false;
    step->not_before_ms = until;
    if (!step->is_retold)
        run_tell(run, APPLY_EVENT_WAIT, step->step, "until IAM has told everybody of the role that was just written");
    step->is_retold = true;
    return true;
}

static void add_token(Run *run, const RunStep *step, Json *input)
{
    enum { TOKEN_LENGTH = 32 };
    bool is_schedule = text_equal_c(step->step->operation, "CreateSchedule");
    if (!is_schedule && !text_equal_c(step->step->operation, "CreateService"))
        return;
    Text seed = arena_format(run->arena, "%.*s %.*s", TEXT_ARG(run->plan->seal), TEXT_ARG(step->step->id));
    Text token = text_slice(plan_fingerprint(run->arena, json_text(run->arena, seed)), 0, TOKEN_LENGTH);
    json_set_c(run->arena, input, is_schedule ? "ClientToken" : "clientToken", json_text(run->arena, token));
}

/* Its state before anything of it is sent: done by an earlier run, or to do. */
static bool is_done_before(Run *run, RunStep *step)
{
    const JournalEntry *entry = step->has_begun ? NULL : journal_find(&run->journal, step->step->id);
    bool is_journaled = entry && entry->is_done && step->item->state == ITEM_PART_WAY;
    if (!is_journaled && !check_step_is_done(step))
        return false;
    /* Who wrote a role an unknown time ago may have done it just now. */
    if (text_equal_c(text_from_c(step->step->service), "iam") && run_service(run, step->item->saved->service)->role_written_ms == 0)
        run_service(run, step->item->saved->service)->role_written_ms = entry && entry->is_done ? entry->at_ms : run->started_ms;
    return true;
}

static void begin(Run *run, RunStep *step)
{
    if (step->step->is_rollout) {
        ramp_begin(run, step);
        return;
    }
    if (is_done_before(run, step)) {
        if (watch_is_for(step->step)) {
            step->state = STEP_SETTLING;
            watch_begin(run, step, NULL);
        } else {
            finish(run, step);
        }
        return;
    }
    /* What was read before a long wait does not count any more. */
    if (run_now(run) > run->read_ms + FRESH_MS && !step->has_begun) {
        run->wants_reading = true;
        return;
    }
    if (!lease_check(run, step->item->saved->service)) {
        run_stop(run, run->has_changed ? APPLY_FAILED : APPLY_ERROR);
        return;
    }
    Json *input = values_fill(run, run->arena, step);
    if (!input) {
        step->state = STEP_FAILED;
        run_stop(run, run->has_changed ? APPLY_FAILED : APPLY_STALE);
        return;
    }
    if (!step->tried_ms)
        step->tried_ms = run_now(run);
    if (text_equal_c(step->step->operation, "RegisterTaskDefinition") && find_revision(run, step, input))
        return;
    add_token(run, step, input);
    ramp_keep_tasks(run, step, input);
    write_journal(run, step, false, NULL);
    if (!step->has_begun)
        tell(run, APPLY_EVENT_BEGIN, step->step, TEXT_NONE);
    step->has_begun = true;
    step->attempts++;
    step->state = STEP_CALLING;
    run->has_changed = true;
    run->busy++;
    step->call.take = take_step;
    step->call.subject = step;
    run_start_call(run, run->arena, &step->call, step->step->service, arena_copy_text(run->arena, step->step->operation).ptr, input);
}

/* The earliest time at which something is to be looked at again. */
static int64_t begin_ready(Run *run)
{
    size_t limit = run->input->options.parallel ? run->input->options.parallel : PARALLEL;
    int64_t next = run_now(run) + POLL_MS;
    for (size_t i = 0; i < run->plan->steps.count && !run->wants_reading; i++) {
        RunStep *step = &run->steps[i];
        if (run->stopped_ms && !ramp_is_promotion(run, step))
            continue;
        if (step->state != STEP_WAITING || run->busy >= limit || !needs_are_done(run, step))
            continue;
        if (step->not_before_ms <= run_now(run) && !is_held_by_role(run, step))
            begin(run, step);
        else if (step->not_before_ms < next)
            next = step->not_before_ms;
    }
    return next;
}

/* --- reading again --- */

static bool is_waiting_step_stale(const Run *run)
{
    for (size_t i = 0; i < run->plan->steps.count; i++)
        if (run->steps[i].state == STEP_WAITING && !run->steps[i].has_begun && run->steps[i].item->state == ITEM_STALE)
            return true;
    return false;
}

/* An answer was lost, or said that something is there already: what the account says now decides. */
static void judge_asking(Run *run, RunStep *step)
{
    if (step->state != STEP_ASKING)
        return;
    const RunItem *item = step->item;
    bool is_there = item->fresh && item->fresh->live;
    if (item->state == ITEM_STALE) {
        report_failure(run, step);
        check_tell(run);
    } else if (is_there && check_step_is_done(step)) {
        settle(run, step, NULL);
    } else if (may_try_again(run, step)) {
        try_later(run, step, STEP_WAITING);
    } else {
        report_failure(run, step);
    }
}

static void read_again(Run *run)
{
    run->wants_reading = false;
    if (!check_read(run)) {
        run->read_ms = run_now(run); /* a rollout that goes on must not ask again at once */
        run_stop(run, APPLY_FAILED);
        return;
    }
    for (size_t i = 0; i < run->plan->steps.count; i++)
        judge_asking(run, &run->steps[i]);
    if (!run->stopped_ms && is_waiting_step_stale(run)) {
        check_tell(run);
        run_stop(run, APPLY_FAILED);
    }
}

/* --- the loop --- */

static int64_t tick_watches(Run *run, int64_t next)
{
    for (size_t i = 0; i < run->plan->steps.count; i++) {
        if (run->steps[i].state != STEP_SETTLING || run->steps[i].ramp)
            continue;
        int64_t due = watch_tick(run, &run->steps[i]);
        if (due && due < next)
            next = due;
        if (!run->steps[i].watch)
            finish(run, &run->steps[i]);
    }
    return next;
}

/* Rollouts go on to an end, whatever happens to the other steps. */
static int64_t tick_ramps(Run *run, int64_t next)
{
    for (size_t i = 0; i < run->plan->steps.count; i++) {
        int64_t due = ramp_is_active(&run->steps[i]) ? ramp_tick(run, &run->steps[i]) : 0;
        if (due && due < next)
            next = due;
        if (run->steps[i].ramp && run->steps[i].state == STEP_SETTLING && !ramp_is_active(&run->steps[i]))
            finish(run, &run->steps[i]);
    }
    return next;
}

static bool has_ramp(const Run *run)
{
    for (size_t i = 0; i < run->plan->steps.count; i++)
        if (ramp_is_active(&run->steps[i]))
            return true;
    return false;
}

static void look_for_end(Run *run)
{
    int64_t deadline = run->input->options.deadline_ms;
    if (run->stopped_ms)
        return;
    bool is_late = deadline && run_now(run) >= run->started_ms + deadline;
    if (!is_late && !run_is_interrupted(run))
        return;
    Diagnostic *diagnostic = diagnostic_report(run->sink, CODE_APPLY_STOPPED, SPAN_NONE, "stopped %s: %zu of %zu steps are done",
                                               is_late ? "at the deadline" : "as you asked", run->done, run->plan->steps.count);
    diagnostic_set_advice(run->sink, diagnostic, "svc apply goes on from here with the same plan");
    run_stop(run, run->has_changed ? APPLY_FAILED : APPLY_ERROR);
}

static bool is_over(const Run *run)
{
    if (has_ramp(run))
        return false;
    if (run->stopped_ms)
        return run->busy == 0 || run_now(run) > run->stopped_ms + GRACE_MS;
    return run->done == run->plan->steps.count;
}

static void take(Run *run, RunCall *call)
{
    if (call->take)
        call->take(run, call);
}

static void loop(Run *run)
{
    while (!is_over(run)) {
        look_for_end(run);
        int64_t next = begin_ready(run);
        int64_t renewal = lease_tick(run);
        /* Reading the account waits for its own calls: no other may be under way. */
        bool waits = (run->stopped_ms && !has_ramp(run)) || run->wants_reading;
        next = waits ? next : tick_watches(run, next);
        next = run->wants_reading ? next : tick_ramps(run, next);
        next = renewal < next ? renewal : next;
        while (run->arrived.count)
            take(run, run->arrived.items[--run->arrived.count]);
        if (is_over(run))
            return;
        if (run->wants_reading && run->under_way == 0)
            read_again(run);
        RunCall *call = next_call(run, next);
        if (call)
            take(run, call);
    }
}

/* --- whole --- */

static void prepare(Run *run)
{
    const SavedPlan *plan = run->plan;
    run->items = ARENA_NEW_ARRAY(run->arena, RunItem, plan->items.count + 1);
    run->steps = ARENA_NEW_ARRAY(run->arena, RunStep, plan->steps.count + 1);
    for (size_t i = 0; i < plan->items.count; i++)
        run->items[i].saved = plan->items.items[i];
    for (size_t i = 0; i < plan->steps.count; i++) {
        size_t place = 0;
        while (plan->items.items[place] != plan->steps.items[i]->item)
            place++;
        run->steps[i] = (RunStep){.step = plan->steps.items[i], .item = &run->items[place]};
        (void)run_service(run, plan->steps.items[i]->item->service);
    }
    saved_plan_model(plan, &run->model);
}

/* An apply that was told to do without does not move traffic in steps. */
static void leave_out_rollouts(Run *run)
{
    for (size_t i = 0; i < run->plan->steps.count; i++) {
        if (!run->plan->steps.items[i]->is_rollout || !run->input->options.without_rollout)
            continue;
        run->steps[i].state = STEP_DONE;
        run->done++;
    }
}

static void begin_journal(Run *run)
{
    Text reason = TEXT_NONE;
    if (!journal_open(run->arena, run->input->options.journal, run->plan->seal, &run->journal, &reason))
        run_tell(run, APPLY_EVENT_NOTE, NULL, "no journal is kept: %.*s", TEXT_ARG(reason));
    for (size_t i = 0; i < run->journal.entries.count; i++) {
        const JournalEntry *entry = &run->journal.entries.items[i];
        for (size_t j = 0; j < run->plan->steps.count; j++) {
            const SavedStep *step = run->plan->steps.items[j];
            if (!text_equal(step->id, entry->step) || !entry->known)
                continue;
            for (size_t k = 0; entry->known->kind == JSON_OBJECT && k < entry->known->members.count; k++)
                if (entry->known->members.items[k].value->kind == JSON_TEXT)
                    values_set(run, step->item->id, entry->known->members.items[k].key, entry->known->members.items[k].value->text);
        }
    }
}

static void tell_checked(Run *run)
{
    size_t left = 0;
    size_t part_way = 0;
    for (size_t i = 0; i < run->plan->items.count; i++) {
        left += run->items[i].saved->step_count && run->items[i].state != ITEM_DONE;
        part_way += run->items[i].saved->step_count && run->items[i].saved->action != PLAN_DELETE &&
                    (run->items[i].state == ITEM_PART_WAY || run->items[i].state == ITEM_DONE);
    }
    if (part_way)
        run_tell(run, APPLY_EVENT_CHECKED, NULL, "going on: %zu of the plan's resources are left to do", left);
    else
        run_tell(run, APPLY_EVENT_CHECKED, NULL, "the account is as it was when it was planned");
}

static ApplyOutcome run_plan(Run *run)
{
    leave_out_rollouts(run);
    if (!lease_take_all(run) || !ramp_check_records(run) || !check_read(run))
        return APPLY_ERROR;
    if (!check_lookups(run) || check_tell(run))
        return APPLY_STALE;
    begin_journal(run);
    tell_checked(run);
    loop(run);
    return run->outcome;
}

ApplyOutcome apply_run(Arena *arena, Diagnostics *sink, const ApplyInput *input)
{
    Run run = {.arena = arena, .sink = sink, .input = input, .plan = input->plan, .journal = {.descriptor = -1}};
    run.started_ms = run_now(&run);
    prepare(&run);
    ApplyOutcome outcome = input->plan->steps.count ? run_plan(&run) : APPLY_DONE;
    if (outcome == APPLY_DONE && input->plan->steps.count)
        ramp_forget_passes(&run);
    lease_release_all(&run);
    for (size_t i = 0; i < run.plan->steps.count; i++) {
        watch_free(&run.steps[i]);
        ramp_free(&run.steps[i]);
    }
    journal_close(&run.journal);
    arena_free(&run.reading);
    return outcome;
}
