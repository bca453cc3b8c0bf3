/* What each state does on a tick, and the event that ends it (SPEC.md, "Driving a rollout"). */
#include "rollout/tick.h"

int rollout_tasks_for(int needed, int share)
{
    int64_t tasks = ((int64_t)needed * share + SHARE_WHOLE - 1) / SHARE_WHOLE;
    return share > 0 && tasks < 1 ? 1 : (int)tasks;
}

static bool is_text(const char *kept, Text seen)
{
    return text_equal(text_from_c(kept), seen);
}

static int share_of(const Tick *t)
{
    return t->policy->steps[t->state->step].share;
}

/* --- checking --- */

static bool is_refused(Tick *t)
{
    const Observation *seen = t->seen;
    for (int i = 0; i < t->policy->rule_count; i++)
        if (!phase_has_weights(t, i, 0)) {
            tick_explain(t, "the weights of a rule are %d and %d: no rollout may be under way", seen->rules[i].stable, seen->rules[i].canary);
            return true;
        }
    if (!seen->stable.is_settled)
        tick_explain(t, "a deployment of the service is under way");
    else if (seen->stable.desired < 1 || seen->stable.healthy < 1)
        tick_explain(t, "the service has no healthy task to go back to");
    else if (t->breach >= 0)
        tick_explain(t, "%.*s already, before anything was changed", TEXT_ARG(t->policy->conditions[t->breach].expression));
    else
        return false;
    return true;
}

static RolloutEvent check(Tick *t)
{
    RolloutState *s = t->state;
    const Observation *seen = t->seen;
    if (!seen->is_complete)
        return EVENT_NONE;
    s->is_alone = t->policy->engine != POLICY_RAMP || !seen->stable.exists || is_text(s->new_revision, seen->stable.revision);
    if (s->is_alone)
        return EVENT_QUIET;
    if (is_refused(t))
        return EVENT_REFUSED;
    if (!seen->has_metrics && t->policy->series_count)
        return EVENT_NONE;
    s->needed = s->stable_tasks = seen->stable.desired;
    size_t length = seen->stable.revision.len < ROLLOUT_REVISION_MAX ? seen->stable.revision.len : ROLLOUT_REVISION_MAX;
    memcpy(s->old_revision, seen->stable.revision.ptr, length);
    s->old_revision[length] = '\0';
    return EVENT_QUIET;
}

/* --- gates --- */

typedef enum Asked { ASKED_WAITS, ASKED_PASSED, ASKED_FAILED } Asked;

static void run_gate(Tick *t)
{
    RolloutAction *action = tick_act(t, ACTION_GATE);
    Arena arena = {0};
    Text token = arena_format(&arena, "%s-gate-%d", t->state->id, t->state->gate);
    action->gate = t->state->gate;
    memcpy(action->token, token.ptr, token.len < sizeof action->token ? token.len : sizeof action->token - 1);
    arena_free(&arena);
}

static void go_on(RolloutState *s)
{
    s->gate++;
    s->gate_since = s->gate_asked = 0;
}

static Asked ask_gate(Tick *t)
{
    RolloutState *s = t->state;
    const PolicyGate *gate = &t->policy->gates[s->gate];
    bool is_answered = t->seen->gate.gate == s->gate && s->gate_since;
    s->gate_since = s->gate_since ? s->gate_since : t->now;
    if (gate->kind != GATE_APPROVE && is_answered && t->seen->gate.status == GATE_FAILED) {
        tick_explain(t, "a gate has not passed: %.*s", TEXT_ARG(t->seen->gate.reason));
        return ASKED_FAILED;
    }
    if (gate->kind != GATE_APPROVE && is_answered && t->seen->gate.status == GATE_PASSED)
        return ASKED_PASSED;
    bool is_running = is_answered && t->seen->gate.status == GATE_RUNNING;
    /* What its driver was asking when it died is asked again, and has its whole time. */
    if (t->seen->has_taken_over && gate->kind != GATE_APPROVE && !is_running) {
        s->gate_since = t->now;
        s->gate_asked = 0; /* in this very second, too */
    }
    if (gate->timeout && t->now - s->gate_since >= gate->timeout) {
        tick_explain(t, "a gate has not passed in time");
        return ASKED_FAILED;
    }
    if (gate->kind != GATE_APPROVE && !is_running && tick_may_ask(t, &s->gate_asked))
        run_gate(t);
    return ASKED_WAITS;
}

/* The gates of a step, one after the other. */
static Asked ask_gates(Tick *t, int step)
{
    RolloutState *s = t->state;
    while (s->gate < t->policy->gate_count && t->policy->gates[s->gate].step <= step) {
        bool is_past = t->policy->gates[s->gate].step < step || (step >= 0 && (s->is_hurried || s->is_skipping));
        Asked asked = is_past ? ASKED_PASSED : ask_gate(t);
        if (asked != ASKED_PASSED)
            return asked;
        go_on(s);
    }
    return ASKED_PASSED;
}

static RolloutEvent ask(Tick *t)
{
    switch (ask_gates(t, -1)) {
    case ASKED_FAILED: return EVENT_FAILED;
    case ASKED_PASSED: return t->state->is_alone ? EVENT_ALONE : EVENT_PASSED;
    case ASKED_WAITS: break;
    }
    return EVENT_NONE;
}

/* --- growing --- */

/* Scaling in would take the tasks that a rollback needs. Where tasks are the weights, scaling out would move them too. */
static bool freeze(Tick *t)
{
    RolloutState *s = t->state;
    const ScalingView *seen = &t->seen->scaling;
    if (!seen->exists)
        return true;
    if (!s->has_frozen) {
        s->has_frozen = true;
        s->was_in_suspended = seen->is_in_suspended;
        s->was_out_suspended = seen->is_out_suspended;
        s->was_scheduled_suspended = seen->is_scheduled_suspended;
    }
    return phase_set_scaling(t, true, tick_is_worker(t) || s->was_out_suspended, true);
}

/* The stable service keeps the tasks that it had, until they are its weight. */
static void keep_stable(Tick *t)
{
    RolloutState *s = t->state;
    if (t->seen->stable.desired < s->stable_tasks && tick_may_ask(t, &s->stable_asked))
        tick_act(t, ACTION_STABLE)->count = s->stable_tasks;
}

static void grow_canary(Tick *t, int count)
{
    RolloutState *s = t->state;
    if (count > s->canary_tasks)
        s->canary_asked = 0;
    s->canary_tasks = count > s->canary_tasks ? count : s->canary_tasks;
    if (tick_may_ask(t, &s->canary_asked))
        tick_ask_canary(t, s->canary_tasks);
}

/* Load that came since the start is seen by what scaled out. */
static void note_needed(Tick *t)
{
    RolloutState *s = t->state;
    if (tick_is_worker(t))
        return;
    s->needed = t->seen->stable.desired > s->needed ? t->seen->stable.desired : s->needed;
    s->needed = t->seen->canary.exists && t->seen->canary.desired > s->needed ? t->seen->canary.desired : s->needed;
}

static bool has_capacity(const Tick *t)
{
    const ServiceView *canary = &t->seen->canary;
    int wanted = rollout_tasks_for(t->state->needed, share_of(t));
    return canary->exists && is_text(t->state->new_revision, canary->revision) && canary->desired >= wanted && canary->healthy >= wanted;
}

static RolloutEvent grow(Tick *t)
{
    if (!t->seen->is_complete)
        return EVENT_NONE;
    note_needed(t);
    keep_stable(t);
    bool is_frozen = freeze(t);
    bool is_grown = has_capacity(t) && t->state->canary_tasks >= rollout_tasks_for(t->state->needed, share_of(t));
    if (is_frozen && !is_grown)
        grow_canary(t, rollout_tasks_for(t->state->needed, share_of(t)));
    return is_frozen && is_grown ? EVENT_GROWN : EVENT_NONE;
}

/* --- shifting --- */

static RolloutEvent shift_rules(Tick *t)
{
    RolloutState *s = t->state;
    int share = share_of(t);
    for (int i = 0; i < t->policy->rule_count; i++) {
        bool is_new = s->shares[i] != share;
        if (!is_new && phase_has_weights(t, i, share))
            continue;
        bool may_ask = is_new || t->now - s->shares_asked >= STALE_SECONDS || t->seen->has_taken_over;
        if (may_ask && has_capacity(t))
            phase_set_weights(t, i, share);
        return EVENT_NONE;
    }
    return EVENT_SHIFTED;
}

/* Tasks are the weights: the stable service gives up those whose work the canary has taken. */
static RolloutEvent shift_tasks(Tick *t)
{
    RolloutState *s = t->state;
    int stays = s->needed - rollout_tasks_for(s->needed, share_of(t));
    if (s->stable_tasks != stays && !has_capacity(t))
        return EVENT_NONE;
    if (s->stable_tasks != stays)
        s->stable_asked = 0;
    s->stable_tasks = stays;
    if (t->seen->stable.desired == stays && s->stable_asked && t->now > s->stable_asked)
        return EVENT_SHIFTED;
    if (tick_may_ask(t, &s->stable_asked))
        tick_act(t, ACTION_STABLE)->count = stays;
    return EVENT_NONE;
}

static RolloutEvent shift(Tick *t)
{
    if (!t->seen->is_complete)
        return EVENT_NONE;
    return tick_is_worker(t) ? shift_tasks(t) : shift_rules(t);
}

/* --- holding and baking --- */

static bool is_doubtful(Tick *t)
{
    if (t->doubt < 0 || t->state->is_hurried)
        return false;
    tick_explain(t, "%.*s: somebody has to say how it goes on", TEXT_ARG(t->policy->conditions[t->doubt].expression));
    return true;
}

/* Whether the time is over and nothing speaks against going on. */
static bool may_go_on(const Tick *t, int64_t time)
{
    const RolloutState *s = t->state;
    bool is_told = s->is_hurried || s->is_skipping;
    bool is_over = t->now - s->held_since >= time && !t->is_held && t->seen->has_metrics;
    return t->seen->is_complete && (is_told || is_over);
}

static RolloutEvent hold(Tick *t)
{
    RolloutState *s = t->state;
    if (is_doubtful(t))
        return EVENT_DOUBT;
    Asked asked = ask_gates(t, s->step);
    if (asked == ASKED_FAILED)
        return EVENT_FAILED;
    if (asked == ASKED_WAITS || !may_go_on(t, t->policy->steps[s->step].hold))
        return EVENT_NONE;
    return s->step + 1 < t->policy->step_count ? EVENT_NEXT : EVENT_LAST;
}

static RolloutEvent bake(Tick *t)
{
    RolloutState *s = t->state;
    bool is_told = s->is_hurried || s->is_skipping;
    if (is_doubtful(t))
        return EVENT_DOUBT;
    if (!may_go_on(t, t->policy->bake))
        return EVENT_NONE;
    if (t->unknown < 0)
        return EVENT_BAKED;
    RolloutVerdict open = s->conditions[t->unknown].last == JUDGED_ERROR ? VERDICT_ERROR : VERDICT_INCONCLUSIVE;
    s->verdict = s->verdict > open ? s->verdict : open;
    if (is_told)
        return EVENT_BAKED;
    tick_explain(t, "there are no data for this: %.*s. Somebody has to say how it goes on", TEXT_ARG(t->policy->conditions[t->unknown].expression));
    return EVENT_DOUBT;
}

/* --- promoting --- */

/* What was read may be from before somebody moved them, or from an earlier step. */
static bool has_asked_weights(const Tick *t)
{
    for (int i = 0; i < t->policy->rule_count; i++)
        if (!phase_has_weights(t, i, t->state->shares[i]))
            return false;
    return true;
}

static RolloutEvent promote(Tick *t)
{
    RolloutState *s = t->state;
    const ServiceView *stable = &t->seen->stable;
    if (!t->seen->is_complete)
        return EVENT_NONE;
    bool is_new = is_text(s->new_revision, stable->revision);
    if ((is_new && stable->has_failed) || (s->has_seen_new && !is_new)) {
        tick_explain(t, "the stable service could not be updated; the traffic stays on the canary");
        return EVENT_UNPROMOTED;
    }
    s->has_seen_new = is_new;
    if (!is_new && has_asked_weights(t) && tick_may_ask(t, &s->promotion_asked)) {
        RolloutAction *action = tick_act(t, ACTION_PROMOTE);
        action->count = s->needed;
        memcpy(action->revision, s->new_revision, sizeof action->revision);
    }
    s->stable_tasks = is_new ? s->needed : s->stable_tasks;
    if (is_new)
        keep_stable(t);
    return is_new && stable->is_settled && stable->healthy >= s->needed ? EVENT_PROMOTED : EVENT_NONE;
}

/* --- verifying --- */

static RolloutEvent verify(Tick *t)
{
    RolloutState *s = t->state;
    int64_t watch = 0;
    if (t->breach >= 0) {
        tick_explain(t, "this did not hold afterwards: %.*s", TEXT_ARG(t->policy->conditions[t->breach].expression));
        return EVENT_VIOLATED;
    }
    for (int i = 0; i < t->policy->condition_count; i++) {
        const PolicyCondition *c = &t->policy->conditions[i];
        int64_t until = c->watch + c->period + JUDGED_AGE;
        watch = c->action == ACTS_VERIFY && until > watch ? until : watch;
    }
    if (t->now - s->since < watch)
        return EVENT_NONE;
    tick_explain(t, "what must hold afterwards did");
    return EVENT_VERIFIED;
}

RolloutEvent phase_run(Tick *t)
{
    switch (t->state->phase) {
    case PHASE_CHECKING: return check(t);
    case PHASE_ASKING: return ask(t);
    case PHASE_GROWING: return grow(t);
    case PHASE_SHIFTING: return shift(t);
    case PHASE_HOLDING: return hold(t);
    case PHASE_BAKING: return bake(t);
    case PHASE_PROMOTING: return promote(t);
    case PHASE_RETURNING:
    case PHASE_RETREATING: return phase_move_back(t);
    case PHASE_DRAINING: return phase_drain(t);
    case PHASE_FREEING: return phase_free(t);
    case PHASE_VERIFYING: return verify(t);
    case PHASE_PAUSED:
    case PHASE_DONE:
    case PHASE_COUNT: break;
    }
    return EVENT_NONE;
}
