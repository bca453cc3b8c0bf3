/* The way back: weights, then the canary's tasks, then scaling. Nothing here waits for good news without end. */
#include "rollout/tick.h"

/* --- weights --- */

RuleView rollout_weights(int share)
{
    enum { TENTHS = SHARE_WHOLE / 100 };
    if (share % TENTHS == 0)
        return (RuleView){.stable = 100 - share / TENTHS, .canary = share / TENTHS};
    return (RuleView){.stable = SHARE_WHOLE - share, .canary = share};
}

bool phase_has_weights(const Tick *t, int rule, int share)
{
    const RuleView *seen = &t->seen->rules[rule];
    int64_t whole = (int64_t)seen->stable + seen->canary;
    return whole > 0 && (int64_t)seen->canary * SHARE_WHOLE == share * whole;
}

void phase_set_weights(Tick *t, int rule, int share)
{
    RolloutState *s = t->state;
    RuleView weights = rollout_weights(share);
    RolloutAction *action = tick_act(t, ACTION_WEIGHTS);
    if (s->shares[rule] != share)
        s->shares_before[rule] = s->shares[rule];
    s->shares[rule] = share;
    s->shares_asked = t->now;
    action->rule = rule;
    action->weight_stable = weights.stable;
    action->weight_canary = weights.canary;
}

/* --- scaling --- */

bool phase_set_scaling(Tick *t, bool is_in_suspended, bool is_out_suspended, bool is_scheduled_suspended)
{
    RolloutState *s = t->state;
    const ScalingView *seen = &t->seen->scaling;
    bool is_done = !seen->exists || (seen->is_in_suspended == is_in_suspended && seen->is_out_suspended == is_out_suspended && seen->is_scheduled_suspended == is_scheduled_suspended);
    /* What a read shows before anything was asked for may be from before the last change. */
    if (!seen->exists || (is_done && s->scaling_asked && t->now > s->scaling_asked && !t->seen->has_taken_over))
        return true;
    if (tick_may_ask(t, &s->scaling_asked)) {
        RolloutAction *action = tick_act(t, ACTION_FREEZE);
        action->suspended_in = is_in_suspended;
        action->suspended_out = is_out_suspended;
        action->suspended_scheduled = is_scheduled_suspended;
    }
    return false;
}

/* --- traffic --- */

/* What of the traffic has to stay on the canary: as much as the stable service cannot carry yet, until it may not wait any longer. */
static int share_that_stays(const Tick *t)
{
    const RolloutState *s = t->state;
    bool is_over = t->now - s->since >= RETREAT_SECONDS;
    int healthy = t->seen->is_complete ? t->seen->stable.healthy : 0;
    if (is_over || healthy >= s->needed)
        return 0;
    return SHARE_WHOLE - (int)((int64_t)healthy * SHARE_WHOLE / s->needed);
}

static bool move_rules_back(Tick *t)
{
    RolloutState *s = t->state;
    int stays = share_that_stays(t);
    bool may_ask = t->now - s->shares_asked >= STALE_SECONDS || t->seen->has_taken_over;
    bool is_back = true;
    for (int i = 0; i < t->policy->rule_count; i++) {
        int share = s->shares[i] < stays ? s->shares[i] : stays;
        bool is_seen = t->seen->is_complete && phase_has_weights(t, i, share);
        bool is_new = share != s->shares[i];
        if (is_new || (may_ask && (!is_seen || t->seen->has_taken_over)))
            phase_set_weights(t, i, share);
        is_back = is_back && share == 0 && is_seen && !is_new && !t->seen->has_taken_over;
    }
    return is_back;
}

/* The work goes where the tasks are: the canary gives up as many as the stable service has again. */
static bool move_tasks_back(Tick *t)
{
    RolloutState *s = t->state;
    int stays = (int)(((int64_t)share_that_stays(t) * s->needed + SHARE_WHOLE - 1) / SHARE_WHOLE);
    int count = s->canary_tasks < stays ? s->canary_tasks : stays;
    if (count != s->canary_tasks && s->canary_tasks > 0) {
        s->canary_tasks = count;
        s->canary_asked = t->now;
        tick_ask_canary(t, count);
        return false;
    }
    return count == 0 && t->seen->is_complete && t->seen->stable.desired >= s->needed;
}

RolloutEvent phase_move_back(Tick *t)
{
    RolloutState *s = t->state;
    if (s->step < 0)
        return EVENT_RETURNED; /* nothing was begun */
    bool must_grow = t->seen->is_complete && t->seen->stable.exists && t->seen->stable.desired < s->needed;
    if (must_grow && tick_may_ask(t, &s->stable_asked)) {
        s->stable_tasks = s->needed;
        tick_act(t, ACTION_STABLE)->count = s->needed;
    }
    bool is_back = tick_is_worker(t) ? move_tasks_back(t) : move_rules_back(t);
    return is_back ? EVENT_RETURNED : EVENT_NONE;
}

/* --- the canary's tasks --- */

RolloutEvent phase_drain(Tick *t)
{
    RolloutState *s = t->state;
    const ServiceView *canary = &t->seen->canary;
    int64_t wait = s->shares_asked ? t->policy->drain : 0; /* before the first share was held, requests may be open too */
    if (s->step < 0)
        return EVENT_DRAINED;
    if (t->now - s->since < wait)
        return EVENT_NONE;
    if (s->canary_tasks > 0)
        s->canary_asked = 0;
    s->canary_tasks = 0;
    bool is_gone = t->seen->is_complete && (!canary->exists || (canary->desired == 0 && canary->healthy == 0));
    /* What a read shows before it was asked for may be from before the canary was made. */
    bool is_told = s->canary_asked && t->now > s->canary_asked && !t->seen->has_taken_over;
    if (is_gone && is_told)
        return EVENT_DRAINED;
    if (is_told && t->now - s->since >= wait + EMPTY_SECONDS) {
        tick_explain(t, "the canary service still has tasks; they are of no use any more");
        return EVENT_DRAINED;
    }
    if ((!is_gone || !is_told) && tick_may_ask(t, &s->canary_asked))
        tick_ask_canary(t, 0);
    return EVENT_NONE;
}

RolloutEvent phase_free(Tick *t)
{
    RolloutState *s = t->state;
    bool is_verified = true;
    for (int i = 0; i < t->policy->condition_count; i++)
        is_verified = is_verified && t->policy->conditions[i].action != ACTS_VERIFY;
    bool is_free = !s->has_frozen || (t->seen->is_complete && phase_set_scaling(t, s->was_in_suspended, s->was_out_suspended, s->was_scheduled_suspended));
    bool is_over = t->now - s->since >= FREE_SECONDS && !t->seen->has_taken_over;
    if (!is_free && !is_over)
        return EVENT_NONE;
    if (!is_free)
        tick_explain(t, "scaling could not be set free: resume it by hand");
    s->has_frozen = false;
    return s->outcome == OUTCOME_SUCCEEDED && !is_verified ? EVENT_WATCH : EVENT_FREED;
}
