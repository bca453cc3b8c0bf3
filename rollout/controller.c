#include "rollout/controller.h"

#include "rollout/tick.h"

enum { CHANGES_MAX = 12 }; /* of state in one tick: more than any way without waiting has */

/* --- small things --- */

/* For people: one line. */
static void set_text(char *out, size_t size, Text text)
{
    size_t length = text.len < size ? text.len : size - 1;
    for (size_t i = 0; i < length; i++)
        out[i] = (unsigned char)text.ptr[i] < ' ' ? ' ' : text.ptr[i];
    out[length] = '\0';
}

void tick_explain(Tick *t, const char *format, ...)
{
    va_list list;
    Arena arena = {0};
    va_start(list, format);
    Text text = arena_format_list(&arena, format, list);
    va_end(list);
    set_text(t->state->reason, sizeof t->state->reason, text);
    arena_free(&arena);
}

RolloutAction *tick_act(Tick *t, ActionKind kind)
{
    size_t index = t->actions->count < ROLLOUT_ACTIONS_MAX - 1 ? t->actions->count : ROLLOUT_ACTIONS_MAX - 1;
    RolloutAction *action = &t->actions->items[index];
    *action = (RolloutAction){.kind = kind};
    t->actions->count = index + 1;
    return action;
}

bool tick_may_ask(Tick *t, int64_t *asked)
{
    bool may = !*asked || t->now - *asked >= STALE_SECONDS || (t->seen->has_taken_over && *asked < t->now);
    *asked = may ? t->now : *asked;
    return may;
}

bool tick_is_worker(const Tick *t)
{
    return t->policy->rule_count == 0;
}

void tick_ask_canary(Tick *t, int count)
{
    RolloutAction *action = tick_act(t, ACTION_CANARY);
    action->count = count;
    memcpy(action->revision, t->state->new_revision, sizeof action->revision);
}

/* --- entering a state --- */

static void announce(Tick *t, RolloutNews news)
{
    tick_act(t, ACTION_ANNOUNCE)->news = news;
}

static void enter_growing(Tick *t, RolloutEvent event)
{
    RolloutState *s = t->state;
    int last = t->policy->step_count - 1;
    if (event == EVENT_PASSED)
        announce(t, NEWS_START);
    if (event == EVENT_PASSED || event == EVENT_NEXT)
        s->step++;
    s->step = s->is_hurried ? last : s->step;
}

static void enter_holding(Tick *t)
{
    RolloutState *s = t->state;
    s->held_since = t->now;
    s->is_skipping = false;
    s->traffic_since = s->traffic_since ? s->traffic_since : t->now;
    tick_explain(t, "step %d of %d", s->step + 1, t->policy->step_count);
    announce(t, NEWS_STEP);
}

/* The time that somebody took to decide is no time that was watched. */
static void leave_pause(Tick *t)
{
    RolloutState *s = t->state;
    int64_t paused = t->now - s->paused_at;
    t->doubt = t->unknown = -1;
    s->held_since += s->held_since ? paused : 0;
    s->gate_since += s->gate_since ? paused : 0;
    for (int i = 0; i < POLICY_CONDITIONS_MAX; i++)
        s->conditions[i].is_waived = s->conditions[i].last == JUDGED_BREACH || s->conditions[i].last == JUDGED_UNKNOWN || s->conditions[i].last == JUDGED_ERROR;
}

static RolloutOutcome outcome_of(RolloutPhase from, RolloutEvent event, RolloutOutcome before)
{
    if (before != OUTCOME_NONE)
        return event == EVENT_VIOLATED ? OUTCOME_UNVERIFIED : before;
    if (event == EVENT_ALONE)
        return OUTCOME_PASSED;
    if (from == PHASE_CHECKING)
        return OUTCOME_REFUSED;
    if (event == EVENT_SURPRISE)
        return OUTCOME_HALTED;
    if (event == EVENT_PROMOTED)
        return OUTCOME_SUCCEEDED;
    return from == PHASE_PROMOTING ? OUTCOME_FAILED : OUTCOME_ROLLED_BACK;
}

static void note_verdict(Tick *t, RolloutEvent event)
{
    RolloutVerdict verdict = event == EVENT_BREACH || event == EVENT_CRASHING || event == EVENT_FAILED || event == EVENT_VIOLATED ? VERDICT_FAILED
                             : event == EVENT_BLIND                                                                         ? VERDICT_ERROR
                                                                                                                            : VERDICT_SUCCESS;
    t->state->verdict = t->state->verdict > verdict ? t->state->verdict : verdict;
}

static bool is_decided(RolloutPhase next)
{
    return next == PHASE_RETURNING || next == PHASE_RETREATING || next == PHASE_FREEING || next == PHASE_DONE;
}

static void begin_return(Tick *t)
{
    RolloutState *s = t->state;
    int carried = !tick_is_worker(t) && t->seen->is_complete && t->seen->canary.exists ? t->seen->canary.desired : 0;
    s->needed = carried > s->needed ? carried : s->needed;
    s->stable_asked = 0;
}

static void enter(Tick *t, RolloutPhase next, RolloutEvent event)
{
    RolloutState *s = t->state;
    RolloutPhase from = s->phase;
    note_verdict(t, event);
    s->phase = next;
    s->since = t->now;
    if (from == PHASE_PAUSED && !is_decided(next))
        leave_pause(t);
    if (is_decided(next))
        s->outcome = outcome_of(from, event, s->outcome);
    if (next == PHASE_PAUSED) {
        s->paused_in = from;
        s->paused_at = t->now;
        s->is_kept = false;
    }
    if (next == PHASE_GROWING)
        enter_growing(t, event);
    if (next == PHASE_HOLDING && event == EVENT_SHIFTED)
        enter_holding(t);
    if (next == PHASE_BAKING && event == EVENT_LAST) {
        s->held_since = t->now;
        s->is_skipping = false;
        tick_explain(t, "the last share is watched");
    }
    if (next == PHASE_PROMOTING)
        tick_explain(t, "the new revision takes over");
    if (next == PHASE_RETURNING || next == PHASE_RETREATING)
        begin_return(t);
    if (next == PHASE_FREEING)
        s->scaling_asked = 0;
    if (next == PHASE_DONE && s->outcome == OUTCOME_SUCCEEDED)
        tick_act(t, ACTION_PASS);
    if (next == PHASE_DONE)
        announce(t, NEWS_OUTCOME);
}

/* Follows the table; false when it has no row for this. */
static bool fire(Tick *t, RolloutEvent event)
{
    for (size_t i = 0; rollout_transition(i); i++) {
        const RolloutTransition *row = rollout_transition(i);
        if (row->from != t->state->phase || row->event != event)
            continue;
        if (t->actions->taken_count < ROLLOUT_TAKEN_MAX)
            t->actions->taken[t->actions->taken_count++] = row;
        RolloutPhase next = row->next == PHASE_BEFORE ? t->state->paused_in : row->next;
        if (next != row->from || next == PHASE_GROWING)
            enter(t, next, event);
        return true;
    }
    return false;
}

/* --- commands --- */

static RolloutEvent command_event(RolloutCommand command)
{
    static const RolloutEvent events[COMMAND_COUNT] = {
        [COMMAND_PAUSE] = EVENT_PAUSE, [COMMAND_RESUME] = EVENT_RESUME, [COMMAND_SKIP] = EVENT_SKIP, [COMMAND_PROMOTE] = EVENT_PROMOTE, [COMMAND_ABORT] = EVENT_ABORT};
    return events[command];
}

bool rollout_accepts(RolloutPhase phase, RolloutCommand command)
{
    for (size_t i = 0; rollout_transition(i); i++)
        if (rollout_transition(i)->from == phase && rollout_transition(i)->event == command_event(command))
            return true;
    return phase == PHASE_SHIFTING && command == COMMAND_PAUSE;
}

/* A gate that waits for somebody has its answer; by `skip` any gate has. */
static void answer_gate(Tick *t, bool is_any)
{
    RolloutState *s = t->state;
    if (s->gate >= t->policy->gate_count || !s->gate_since || (!is_any && t->policy->gates[s->gate].kind != GATE_APPROVE))
        return;
    s->gate++;
    s->gate_since = s->gate_asked = 0;
}

static void explain_command(Tick *t, const char *what)
{
    Text by = t->seen->command.by;
    tick_explain(t, by.len ? "%s by %.*s" : "%s%.*s", what, TEXT_ARG(by));
}

static void obey(Tick *t, RolloutCommand command)
{
    static const char *const names[COMMAND_COUNT] = {
        [COMMAND_PAUSE] = "paused", [COMMAND_RESUME] = "resumed", [COMMAND_SKIP] = "not waited for", [COMMAND_PROMOTE] = "promoted at once", [COMMAND_ABORT] = "aborted"};
    RolloutState *s = t->state;
    bool is_asking = s->phase == PHASE_ASKING;
    if (command == COMMAND_PROMOTE && s->phase <= PHASE_PAUSED)
        s->is_hurried = true;
    explain_command(t, names[command]);
    if (command == COMMAND_RESUME || (command == COMMAND_SKIP && is_asking))
        answer_gate(t, command == COMMAND_SKIP);
    (void)fire(t, command_event(command));
    if (command == COMMAND_SKIP && (s->phase == PHASE_HOLDING || s->phase == PHASE_BAKING))
        s->is_skipping = true;
}

static void take_command(Tick *t)
{
    const CommandView *command = &t->seen->command;
    RolloutState *s = t->state;
    bool is_new = command->number > s->command && command->kind < COMMAND_COUNT;
    if (!is_new || (s->phase == PHASE_SHIFTING && command->kind == COMMAND_PAUSE))
        return;
    s->command = command->number;
    if (rollout_accepts(s->phase, command->kind))
        obey(t, command->kind);
}

/* --- the function --- */

RolloutState rollout_begin(Text id, Text plan_digest, Text new_revision, int64_t now)
{
    RolloutState state = {.phase = PHASE_CHECKING, .step = -1, .started = now, .since = now, .seen = now, .seen_metrics = now};
    set_text(state.id, sizeof state.id, id);
    set_text(state.plan, sizeof state.plan, plan_digest);
    set_text(state.new_revision, sizeof state.new_revision, new_revision);
    return state;
}

RolloutState rollout_begin_retreat(const RolloutState *ended, int64_t now)
{
    RolloutState state = *ended;
    state.phase = PHASE_RETREATING;
    state.outcome = OUTCOME_ROLLED_BACK;
    state.since = now > state.seen ? now : state.seen;
    /* Where the traffic is, nobody knows who did not look: all of it is asked to go back. */
    for (int i = 0; i < POLICY_RULES_MAX; i++)
        state.shares[i] = state.shares_before[i] = SHARE_WHOLE;
    state.shares_asked = state.stable_asked = state.canary_asked = 0;
    return state;
}

RolloutState rollout_begin_verification(const Policy *policy, Text id, Text plan_digest, Text new_revision, int64_t now)
{
    RolloutState state = rollout_begin(id, plan_digest, new_revision, now);
    bool has_any = false;
    for (int i = 0; i < policy->condition_count; i++)
        has_any = has_any || policy->conditions[i].action == ACTS_VERIFY;
    state.phase = has_any ? PHASE_VERIFYING : PHASE_DONE;
    state.outcome = OUTCOME_SUCCEEDED;
    return state;
}

RolloutState rollout_tick(const Policy *policy, const RolloutState *state, const Observation *observation, int64_t now, RolloutActions *actions)
{
    RolloutState next = *state;
    int64_t time = now > state->seen ? now : state->seen; /* another machine's clock may be behind */
    Tick tick = {.policy = policy, .seen = observation, .state = &next, .actions = actions, .now = time, .breach = -1, .doubt = -1, .unknown = -1};
    actions->count = actions->taken_count = 0;
    if (next.phase == PHASE_DONE)
        return next;
    next.seen = time;
    /* What nobody looked at while no driver was there was not unreadable. */
    next.seen_metrics = observation->has_metrics || observation->has_taken_over ? time : next.seen_metrics;
    watch_conditions(&tick);
    take_command(&tick);
    for (int i = 0; i < CHANGES_MAX && next.phase != PHASE_DONE; i++) {
        RolloutEvent event = watch_common(&tick);
        event = event == EVENT_NONE ? phase_run(&tick) : event;
        if (event == EVENT_NONE || !fire(&tick, event))
            break;
    }
    return next;
}
