/* Conditions, surprises, and what may happen at any time. */
#include "rollout/tick.h"

/* --- conditions --- */

static bool is_watching(const RolloutState *s, ConditionAction action)
{
    return action == ACTS_VERIFY ? s->phase == PHASE_VERIFYING : s->phase <= PHASE_PAUSED;
}

static void note_judgement(ConditionState *state, ConditionView view)
{
    state->last = view.judgement;
    if (view.judgement != JUDGED_BREACH) {
        state->is_waived = state->is_waived && (view.judgement == JUDGED_UNKNOWN || view.judgement == JUDGED_ERROR);
        return;
    }
    /* Each window counts once, however often it is looked at. */
    if (view.end > state->end) {
        state->end = view.end;
        state->breaches++;
    }
}

static void act_on(Tick *t, int index)
{
    const PolicyCondition *c = &t->policy->conditions[index];
    const ConditionState *state = &t->state->conditions[index];
    bool is_open = state->last == JUDGED_UNKNOWN || state->last == JUDGED_ERROR;
    if (is_open && c->action == ACTS_ROLLBACK && !state->is_waived && t->unknown < 0)
        t->unknown = index;
    bool is_checking = t->state->phase == PHASE_CHECKING;
    if (state->last != JUDGED_BREACH || (state->breaches <= c->limit && !is_checking))
        return;
    if ((c->action == ACTS_ROLLBACK || c->action == ACTS_VERIFY) && t->breach < 0)
        t->breach = index;
    else if (c->action == ACTS_PAUSE && !state->is_waived && t->doubt < 0)
        t->doubt = index;
    else if (c->action == ACTS_HOLD)
        t->is_held = true;
}

void watch_conditions(Tick *t)
{
    RolloutState *s = t->state;
    for (int i = 0; i < t->policy->condition_count && t->seen->has_metrics; i++) {
        const PolicyCondition *c = &t->policy->conditions[i];
        bool is_verify = c->action == ACTS_VERIFY;
        if (!is_watching(s, c->action) || s->is_alone)
            continue;
        /* What was before the start is looked at to refuse it, and not counted. */
        ConditionState fresh = {0};
        ConditionState *state = s->phase == PHASE_CHECKING ? &fresh : &s->conditions[i];
        ConditionView view = condition_judge(c, t->seen->series, is_verify ? s->since : s->traffic_since, t->now, state->last);
        if (is_verify && view.end > s->since + c->watch)
            continue;
        note_judgement(state, view);
        s->conditions[i] = s->phase == PHASE_CHECKING ? (ConditionState){.last = fresh.last} : *state;
        act_on(t, i);
    }
}

/* --- surprises --- */

static bool is_text(const char *kept, Text seen)
{
    return text_equal(text_from_c(kept), seen);
}

/* A read may be older than the last change, and show an earlier step. */
static bool is_expected(const Tick *t, int rule)
{
    const RolloutState *s = t->state;
    bool may_be_old = t->seen->has_taken_over || t->now - s->shares_asked < STALE_SECONDS;
    if (phase_has_weights(t, rule, s->shares[rule]) || (s->phase == PHASE_SHIFTING && phase_has_weights(t, rule, s->shares_before[rule])))
        return true;
    for (int i = -1; i < s->step && may_be_old; i++)
        if (phase_has_weights(t, rule, i < 0 ? 0 : t->policy->steps[i].share))
            return true;
    return false;
}

static bool has_surprise(Tick *t)
{
    const RolloutState *s = t->state;
    const Observation *seen = t->seen;
    bool is_promoting = s->phase == PHASE_PROMOTING;
    if (s->is_alone || !seen->is_complete)
        return false;
    for (int i = 0; i < t->policy->rule_count; i++)
        if (!is_expected(t, i)) {
            tick_explain(t, "somebody moved the weights of a rule to %d and %d: nothing more is changed", seen->rules[i].stable, seen->rules[i].canary);
            return true;
        }
    bool is_old = is_text(s->old_revision, seen->stable.revision);
    bool is_new = is_promoting && is_text(s->new_revision, seen->stable.revision);
    if (!seen->stable.exists || (!is_old && !is_new)) {
        tick_explain(t, "another deployment of the service has started: nothing more is changed");
        return true;
    }
    if (!is_promoting && !seen->stable.is_settled) {
        tick_explain(t, "somebody has the service deployed again: nothing more is changed");
        return true;
    }
    bool has_canary = s->phase > PHASE_GROWING && s->canary_tasks > 0 && seen->canary.exists;
    if (has_canary && !is_text(s->new_revision, seen->canary.revision)) {
        tick_explain(t, "somebody changed the canary service: nothing more is changed");
        return true;
    }
    return false;
}

/* --- the canary's tasks --- */

/* As many failures as ECS's own circuit breaker takes. */
static int most_failures(int tasks)
{
    enum { FEWEST = 3, MOST = 200 };
    int half = (tasks + 1) / 2;
    return half < FEWEST ? FEWEST : half > MOST ? MOST : half;
}

static bool is_crashing(Tick *t)
{
    RolloutState *s = t->state;
    const ServiceView *canary = &t->seen->canary;
    bool is_moving = s->phase == PHASE_GROWING || s->phase == PHASE_SHIFTING;
    bool is_ours = canary->exists && is_text(s->new_revision, canary->revision);
    if (is_moving && t->now - s->since > t->policy->capacity) {
        tick_explain(t, "the canary has %d healthy tasks of %d, which took too long", canary->healthy, s->canary_tasks);
        return true;
    }
    if (!t->seen->is_complete)
        return false;
    if (is_ours && s->canary_tasks > 0 && canary->failed >= most_failures(s->canary_tasks)) {
        tick_explain(t, "%d tasks of the new revision have failed", canary->failed);
        return true;
    }
    bool is_dead = s->traffic_since && (!canary->exists || !canary->healthy);
    s->dead_since = is_dead ? s->dead_since ? s->dead_since : t->now : 0;
    if (!is_dead || t->now - s->dead_since < DEAD_SECONDS)
        return false;
    tick_explain(t, "the canary has traffic and no healthy task");
    return true;
}

/* --- in the order of their weight --- */

static bool is_late(Tick *t)
{
    if (t->now - t->state->started < t->policy->deadline)
        return false;
    tick_explain(t, "the deadline is over");
    return true;
}

static bool is_blind(Tick *t)
{
    if (t->seen->has_metrics || t->now - t->state->seen_metrics < BLIND_SECONDS)
        return false;
    tick_explain(t, "no metrics could be read for %d minutes", BLIND_SECONDS / 60);
    return true;
}

static bool is_breach(Tick *t)
{
    if (t->breach < 0)
        return false;
    tick_explain(t, "%.*s", TEXT_ARG(t->policy->conditions[t->breach].expression));
    return true;
}

static bool is_interrupted(Tick *t)
{
    if (t->policy->on_interrupt != INTERRUPT_ROLLBACK || (!t->seen->has_taken_over && !t->seen->is_interrupted))
        return false;
    tick_explain(t, "whoever drove it is gone");
    return true;
}

static bool is_kept(Tick *t)
{
    bool is_now = t->policy->on_interrupt == INTERRUPT_HOLD && (t->seen->has_taken_over || t->seen->is_interrupted);
    t->state->is_kept = t->state->is_kept || (is_now && t->state->phase < PHASE_PAUSED);
    if (!t->state->is_kept)
        return false;
    tick_explain(t, "whoever drove it is gone: somebody has to say how it goes on");
    return true;
}

static bool has_row(const Tick *t, RolloutEvent event)
{
    for (size_t i = 0; rollout_transition(i); i++)
        if (rollout_transition(i)->from == t->state->phase && rollout_transition(i)->event == event)
            return true;
    return false;
}

RolloutEvent watch_common(Tick *t)
{
    static const struct {
        RolloutEvent event;
        bool (*happens)(Tick *);
    } rows[] = {
        {EVENT_SURPRISE, has_surprise}, {EVENT_BREACH, is_breach}, {EVENT_CRASHING, is_crashing}, {EVENT_BLIND, is_blind},
        {EVENT_LATE, is_late}, {EVENT_INTERRUPTED, is_interrupted}, {EVENT_KEPT, is_kept},
    };
    if (t->state->phase == PHASE_SHIFTING)
        (void)is_kept(t); /* it is kept in mind until the weights have moved */
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (has_row(t, rows[i].event) && rows[i].happens(t))
            return rows[i].event;
    return EVENT_NONE;
}
