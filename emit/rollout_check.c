/* What is wrong with a rollout as a whole (SPEC.md, "Rollouts"). */
#include "emit/rollout_part.h"

enum { DAY_SECONDS = 86400, SPARE_SECONDS = 1800 };

Text rollout_duration(const Rollout *r, int64_t seconds)
{
    return unit_format_quantity(r->emission->arena, (Quantity){rational_from_integer(seconds * 1000), TYPE_DURATION});
}

/* --- places --- */

/* The statement that says the steps, or the first of them; NULL when nothing does. */
static const Node *first_step(const Rollout *r)
{
    return r->policy->ramp ? r->policy->ramp : node_child(r->policy->node, W_RAMP_STEP);
}

static Span steps_span(const Rollout *r)
{
    return first_step(r) ? first_step(r)->span : r->policy->node->span;
}

/* Where the first share was said, as nearly as it was. */
static Span first_share_span(const Rollout *r)
{
    const Node *step = node_child(r->policy->node, W_RAMP_STEP);
    const Node *from = node_child(r->policy->ramp, W_RAMP_FROM);
    return step ? node_argument_span(step, 0) : from ? node_argument_span(from, 0) : steps_span(r);
}

/* --- in time --- */

static void report_deadline(const Rollout *r, const Node *said)
{
    Emission *emission = r->emission;
    Text takes = rollout_duration(r, r->policy->timetable + r->policy->gates);
    Text limit = rollout_duration(r, r->deadline);
    const char *what = r->policy->gates ? "the steps, the bake and the gates" : "the steps and the bake";
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_ROLLOUT_DEADLINE, said ? node_argument_span(said, 0) : steps_span(r),
                                               "%s take %.*s, and the deadline is %.*s", what, TEXT_ARG(takes), TEXT_ARG(limit));
    if (said && first_step(r))
        diagnostic_add_label(emission->sink, diagnostic, steps_span(r), "the steps");
    diagnostic_set_advice(emission->sink, diagnostic, "take larger or shorter steps%s", said ? ", or a later deadline" : "");
}

/* The `start` of the container that may take longest; NULL when none says one. */
static const Node *slowest_start(const ServiceFacts *facts)
{
    const Node *slowest = NULL;
    NODE_EACH(container, facts->node, W_CONTAINER)
    {
        const Node *start = node_child(node_child(container, W_HEALTH), W_HEALTH_START);
        if (start && node_seconds(start, 0, 0) > node_seconds(slowest, 0, 0))
            slowest = start;
    }
    return slowest;
}

int64_t rollout_start_seconds(const ServiceFacts *facts, const Node **said)
{
    *said = slowest_start(facts);
    return node_seconds(*said, 0, 0);
}

/* New tasks have to start before anything moves to them. */
static void check_start(const Rollout *r, const Node *said)
{
    Emission *emission = r->emission;
    const Node *start;
    int64_t needed = rollout_start_seconds(r->facts, &start) + r->policy->timetable + r->policy->gates;
    if (!said || !start || needed <= r->deadline)
        return;
    Text takes = rollout_duration(r, needed);
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_ROLLOUT_START, node_argument_span(said, 0), "the new tasks may still be starting at the deadline");
    diagnostic_set_label(emission->sink, diagnostic, "the start and the rollout may take %.*s", TEXT_ARG(takes));
    diagnostic_add_label(emission->sink, diagnostic, start->span, "a container may take this long");
    diagnostic_set_advice(emission->sink, diagnostic, "give it a later deadline, or leave it out");
}

static void read_deadline(Rollout *r)
{
    const Node *said = node_child(r->policy->node, W_DEADLINE);
    int64_t derived = 2 * r->policy->timetable + r->policy->gates + SPARE_SECONDS;
    r->deadline = node_seconds(said, 0, derived < DAY_SECONDS ? derived : DAY_SECONDS);
    if (r->policy->timetable + r->policy->gates > r->deadline)
        report_deadline(r, said);
    else
        check_start(r, said);
}

/* --- the steps --- */

/* Without a load balancer tasks are the weights: one new task takes its share of the work whatever the ramp says. */
static void check_share(const Rollout *r)
{
    enum { COUNT_MAX = 100000 };
    const Node *scale = node_child(r->facts->node, W_SCALE);
    const Node *count = node_child(r->facts->node, W_COUNT);
    int64_t low = 0;
    int64_t most = node_integer(count, 0, count ? 0 : 1);
    bool is_known = !scale || node_range(scale, 0, &low, &most);
    Rational share = {0, 1};
    if (r->facts->route_count || !is_known || most <= 0 || most > COUNT_MAX || !rational_multiply(&share, r->policy->from, rational_from_integer(most + 1)) ||
        rational_compare(share, rational_from_integer(1)) >= 0)
        return;
    Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_RAMP_SHARE, first_share_span(r), "the first step is less than the work of one task");
    diagnostic_set_label(r->emission->sink, diagnostic, "beside at most %lld of the old revision, one new task takes 1/%lld of the work", (long long)most, (long long)most + 1);
    diagnostic_add_label(r->emission->sink, diagnostic, scale ? node_argument_span(scale, 0) : count ? node_argument_span(count, 0) : r->facts->node->span, scale || count ? "as many tasks" : "one task, as nothing else is said");
    diagnostic_set_advice(r->emission->sink, diagnostic, "begin with a larger share, or say a route: a load balancer moves any share");
}

static void check_sticky(const Rollout *r)
{
    for (size_t i = 0; i < r->facts->route_count; i++) {
        const Node *sticky = node_child(r->facts->routes[i].node, W_STICKY);
        if (!sticky)
            continue;
        Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_RAMP_STICKY, sticky->span, "clients that stay on a task do not follow a ramp");
        diagnostic_add_label(r->emission->sink, diagnostic, r->policy->node->span, "the ramp");
        diagnostic_set_advice(r->emission->sink, diagnostic, "leave one of them out, or take a rolling update, which has no weights");
    }
}

static void check_backwards(const Rollout *r)
{
    const Node *to = node_child(r->policy->ramp, W_RAMP_TO);
    if (!to || rational_compare(r->policy->from, r->policy->to) <= 0)
        return;
    Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_RAMP_BACKWARDS, node_argument_span(to, 0), "the ramp ends below where it begins");
    diagnostic_add_label(r->emission->sink, diagnostic, node_child(r->policy->ramp, W_RAMP_FROM) ? node_child(r->policy->ramp, W_RAMP_FROM)->span : r->policy->ramp->span, "it begins here");
    diagnostic_set_advice(r->emission->sink, diagnostic, "give a last share above the first one");
}

/* Each step has more than the one before. */
static void check_order(const Rollout *r)
{
    const Node *before = NULL;
    NODE_EACH(step, r->policy->node, W_RAMP_STEP)
    {
        const Value *share = node_argument(step, 0);
        const Value *last = node_argument(before, 0);
        if (last && share && last->kind == VALUE_QUANTITY && share->kind == VALUE_QUANTITY && rational_compare(share->number, last->number) <= 0) {
            Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_RAMP_BACKWARDS, node_argument_span(step, 0), "this step has no more than the one before");
            diagnostic_add_label(r->emission->sink, diagnostic, node_argument_span(before, 0), "the step before");
            diagnostic_set_advice(r->emission->sink, diagnostic, "give the steps in order, each above the last");
            return;
        }
        before = step;
    }
}

static void check_kind_of_steps(const Rollout *r)
{
    const Node *step = node_child(r->policy->node, W_RAMP_STEP);
    if (!step || !r->policy->ramp)
        return;
    Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_RAMP_AND_STEPS, step->span, "there is a ramp already");
    diagnostic_add_label(r->emission->sink, diagnostic, r->policy->ramp->span, "its steps follow from this");
    diagnostic_set_advice(r->emission->sink, diagnostic, "leave one of them out");
}

/* Where the shares that are no tenths of a percent come from: the ramp's own words, or a step. */
static Span fine_span(const Rollout *r, size_t index)
{
    const Node *by = node_child(r->policy->ramp, W_RAMP_BY);
    size_t number = 0;
    NODE_EACH(step, r->policy->node, W_RAMP_STEP)
        if (number++ == index)
            return node_argument_span(step, 0);
    return index && by ? node_argument_span(by, 0) : first_share_span(r);
}

static void check_fine(const Rollout *r)
{
    for (size_t i = 0; i < r->policy->steps->items.count; i++) {
        Rational permille;
        Rational weight = json_get_c(r->policy->steps->items.items[i], "weight")->number;
        if (rational_multiply(&permille, weight, rational_from_integer(10)) && rational_is_whole(permille))
            continue;
        Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_RAMP_FINE, fine_span(r, i), "a step would be %.*s%%",
                                                   TEXT_ARG(rational_to_text(r->emission->arena, weight)));
        diagnostic_set_label(r->emission->sink, diagnostic, "weights give tenths of a percent");
        diagnostic_set_advice(r->emission->sink, diagnostic, "round it");
        return;
    }
}

static void report_parts(const Rollout *r, Span span, const char *what, size_t count, int most)
{
    Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_ROLLOUT_PARTS, span, "%zu %s are more than a rollout has", count, what);
    diagnostic_set_label(r->emission->sink, diagnostic, "at most %d", most);
    diagnostic_set_advice(r->emission->sink, diagnostic, "take fewer");
}

static void check_parts(const Rollout *r)
{
    const Node *rollout = r->policy->node;
    size_t conditions = node_count_children(rollout, W_ROLLBACK) + node_count_children(rollout, W_HOLD) + node_count_children(rollout, W_PAUSE) + node_count_children(rollout, W_VERIFY);
    size_t gates = 0;
    for (size_t i = 0; i < GATE_WORDS; i++) {
        gates += node_count_children(rollout, rollout_gate_words[i]);
        NODE_EACH(step, rollout, W_RAMP_STEP)
            gates += node_count_children(step, rollout_gate_words[i]);
    }
    if (r->policy->engine == ENGINE_RAMP && conditions > ROLLOUT_CONDITIONS)
        report_parts(r, rollout->span, "conditions", conditions, ROLLOUT_CONDITIONS);
    if (gates > ROLLOUT_GATES)
        report_parts(r, rollout->span, "gates", gates, ROLLOUT_GATES);
    if (r->policy->steps->items.count > ROLLOUT_STEPS)
        report_parts(r, steps_span(r), "steps", r->policy->steps->items.count, ROLLOUT_STEPS);
}

/* --- what a strategy does not have --- */

static void report_rolling_word(const Rollout *r, const Node *word)
{
    Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_ROLLING_WORDS, word->span, "a rolling update has no `%s`", word->row->word);
    diagnostic_add_label(r->emission->sink, diagnostic, r->policy->node->span, "rolling");
    diagnostic_set_advice(r->emission->sink, diagnostic, "leave it out, or take another strategy, such as: %s", vocabulary_row(W_ROLLOUT)->example);
}

static void check_rolling_words(const Rollout *r)
{
    static const WordId words[] = {W_RAMP, W_RAMP_STEP, W_BAKE, W_HOLD, W_PAUSE, W_ON_INTERRUPT};
    static const WordId of_conditions[] = {W_AT_LEAST, W_CONDITION_LIMIT};
    for (size_t i = 0; i < GATE_WORDS; i++)
        NODE_EACH(gate, r->policy->node, rollout_gate_words[i])
            if (node_child(gate, W_GATE_AT))
                report_rolling_word(r, node_child(gate, W_GATE_AT));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const Node *word = node_child(r->policy->node, words[i]);
        if (word)
            report_rolling_word(r, word);
    }
    NODE_EACH(condition, r->policy->node, W_ROLLBACK)
        for (size_t i = 0; i < sizeof of_conditions / sizeof *of_conditions; i++)
            if (node_child(condition, of_conditions[i]))
                report_rolling_word(r, node_child(condition, of_conditions[i]));
}

/* What only a rollout that moves traffic has to fear. */
static void check_moving(const Rollout *r)
{
    const Node *singleton = node_child(r->facts->node, W_SINGLETON);
    check_backwards(r);
    check_kind_of_steps(r);
    check_order(r);
    if (r->policy->engine == ENGINE_RAMP) {
        check_fine(r);
        check_sticky(r);
        check_share(r);
    }
    if (node_flag(singleton, false)) {
        Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_ROLLOUT_SINGLETON, node_argument_span(r->policy->node, 0), "a singleton cannot run two revisions side by side");
        diagnostic_add_label(r->emission->sink, diagnostic, singleton->span, "never two at once");
        diagnostic_set_advice(r->emission->sink, diagnostic, "take a rolling update");
    }
    if (!node_child(r->policy->node, W_ROLLBACK)) {
        Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_ROLLOUT_BLIND, r->policy->node->span, "nothing looks at the new revision while it takes over");
        diagnostic_set_advice(r->emission->sink, diagnostic, "add a condition, such as: %s", vocabulary_row(W_ROLLBACK)->example);
    }
}

void rollout_check(Rollout *r)
{
    check_parts(r);
    if (r->policy->engine == ENGINE_ROLLING)
        check_rolling_words(r);
    else
        check_moving(r);
    read_deadline(r);
}
