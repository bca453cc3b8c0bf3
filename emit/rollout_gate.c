/* What a rollout asks before it goes on, and whom it tells (SPEC.md, "Gates"). */
#include "emit/rollout_part.h"

static void set_text(const Rollout *r, Json *json, const char *key, Text text)
{
    json_set_c(r->emission->arena, json, key, text.len ? json_text(r->emission->arena, text) : json_null(r->emission->arena));
}

static void set_integer(const Rollout *r, Json *json, const char *key, int64_t value)
{
    json_set_c(r->emission->arena, json, key, json_integer(r->emission->arena, value));
}

/* The texts of a list argument. */
static Json *words_json(const Rollout *r, const Node *node)
{
    const Value *list = node_argument(node, 0);
    Json *words = json_array(r->emission->arena);
    for (size_t i = 0; list && list->kind == VALUE_LIST && i < list->count; i++)
        if (list->items[i]->kind == VALUE_STRING || list->items[i]->kind == VALUE_WORD)
            json_add(r->emission->arena, words, json_text(r->emission->arena, list->items[i]->text));
    return words;
}

/* --- kinds --- */

static void fill_smoke(const Rollout *r, Json *json, const Node *gate)
{
    enum { RIGHT_LOW = 200, RIGHT_HIGH = 299, WITHIN = 5000, TRIES = 3 };
    const Node *status = node_child(gate, W_SMOKE_STATUS);
    const Value *within = node_argument(node_child(gate, W_SMOKE_WITHIN), 0);
    int64_t low = RIGHT_LOW;
    int64_t high = RIGHT_HIGH;
    if (status && !node_range(status, 0, &low, &high))
        low = high = node_integer(status, 0, RIGHT_LOW);
    set_text(r, json, "url", node_text(gate, 0));
    set_integer(r, json, "status_low", low);
    set_integer(r, json, "status_high", high);
    set_integer(r, json, "within_milliseconds", within && within->kind == VALUE_QUANTITY && rational_is_whole(within->number) ? within->number.num : WITHIN);
    set_integer(r, json, "tries", node_integer(node_child(gate, W_SMOKE_TRIES), 0, TRIES));
}

static void fill_before(const Rollout *r, Json *json, const Node *gate)
{
    Text container = node_child_text(gate, W_BEFORE_CONTAINER);
    const Node *first = node_child(r->facts->node, W_CONTAINER);
    const Node *command = node_child(gate, W_BEFORE_COMMAND);
    set_text(r, json, "name", gate->key);
    set_text(r, json, "container", container.len || !first ? container : first->key);
    json_set_c(r->emission->arena, json, "command", command ? words_json(r, command) : json_null(r->emission->arena));
}

static void fill_require(const Rollout *r, Json *json, const Node *gate)
{
    enum { WEEK_SECONDS = 604800 };
    Text name = node_text(gate, 0);
    const Node *environment = emit_find_declared(r->emission, W_ENVIRONMENT, name);
    set_text(r, json, "environment", name);
    set_text(r, json, "account", node_child_text(environment, W_ACCOUNT));
    set_text(r, json, "region", node_child_text(environment, W_REGION));
    set_integer(r, json, "within_seconds", node_seconds(node_child(gate, W_GATE_WITHIN), 0, WEEK_SECONDS));
}

static Json *gate_json(const Rollout *r, const Node *gate, int64_t step)
{
    Arena *arena = r->emission->arena;
    Json *json = json_at(json_object(arena), gate->span);
    int64_t timeout = rollout_gate_seconds(gate);
    json_set_c(arena, json, "kind", json_text_c(arena, gate->row->word));
    json_set_c(arena, json, "step", step < 0 ? json_null(arena) : json_integer(arena, step));
    json_set_c(arena, json, "timeout_seconds", timeout ? json_integer(arena, timeout) : json_null(arena));
    if (gate->row->id == W_SMOKE)
        fill_smoke(r, json, gate);
    else if (gate->row->id == W_BEFORE)
        fill_before(r, json, gate);
    else if (gate->row->id == W_GATE_REQUIRE)
        fill_require(r, json, gate);
    else if (gate->row->id == W_GATE_COMMAND)
        json_set_c(arena, json, "words", words_json(r, gate));
    else
        set_text(r, json, "who", node_text(gate, 0));
    return json;
}

/* --- places --- */

static void report_place(const Rollout *r, const Node *at, const char *what, const char *advice)
{
    Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_GATE_PLACE, node_argument_span(at, 0), "%s", what);
    diagnostic_add_label(r->emission->sink, diagnostic, r->policy->ramp ? r->policy->ramp->span : r->policy->node->span, "the rollout's steps");
    diagnostic_set_advice(r->emission->sink, diagnostic, "%s", advice);
}

/* An environment cannot wait for itself: where the file is compiled for it, nothing is required. */
static bool is_own(const Rollout *r, const Node *gate)
{
    return gate->row->id == W_GATE_REQUIRE && text_equal(node_text(gate, 0), r->emission->model->environment.name);
}

static void add_gates(const Rollout *r, Json *gates, const Node *body, int64_t step)
{
    for (size_t i = 0; i < GATE_WORDS; i++)
        NODE_EACH(gate, body, rollout_gate_words[i])
        {
            const Node *at = node_child(gate, W_GATE_AT);
            const Value *share = node_argument(at, 0);
            int64_t named = share && share->kind == VALUE_QUANTITY ? rollout_step_of(r->policy, share->number) : -1;
            bool is_known = !at || (share && share->kind == VALUE_QUANTITY);
            bool is_here = body != r->policy->node || (named == step && is_known);
            if (at && body != r->policy->node)
                report_place(r, at, "this gate stands in a step already", "leave the share out, or put the gate outside of the step");
            else if (at && is_known && named < 0 && step < 0)
                report_place(r, at, "no step has this share", "name the share of a step");
            else if (is_here && !is_own(r, gate))
                json_add(r->emission->arena, gates, gate_json(r, gate, step));
        }
}

/* In the order in which they are asked: those before the first step, then step by step; at each place what is said for the whole rollout first. */
Json *rollout_gates(const Rollout *r)
{
    Json *gates = json_array(r->emission->arena);
    int64_t count = (int64_t)r->policy->steps->items.count;
    for (int64_t step = -1; step < count; step++) {
        int64_t number = 0;
        add_gates(r, gates, r->policy->node, step);
        NODE_EACH(body, r->policy->node, W_RAMP_STEP)
            if (number++ == step)
                add_gates(r, gates, body, step);
    }
    return gates;
}

/* --- news --- */

static Json *announcement_json(const Rollout *r, const Node *announce)
{
    Arena *arena = r->emission->arena;
    const Node *topics = node_child(announce, W_ANNOUNCE_TOPIC);
    const Node *webhook = node_child(announce, W_ANNOUNCE_WEBHOOK);
    const Node *secret = node_child(announce, W_ANNOUNCE_WEBHOOK_FROM);
    const Node *on = node_child(announce, W_ANNOUNCE_ON);
    if (!topics && !webhook && !secret) {
        Diagnostic *diagnostic = diagnostic_report(r->emission->sink, CODE_ANNOUNCE_NOBODY, announce->span, "this does not say who is told");
        diagnostic_set_advice(r->emission->sink, diagnostic, "name somebody, such as: %s", vocabulary_row(W_ANNOUNCE)->example);
        return NULL;
    }
    Json *json = json_at(json_object(arena), announce->span);
    json_set_c(arena, json, "topics", topics ? alarm_topics(r->emission, topics) : json_array(arena));
    set_text(r, json, "webhook", node_text(webhook, 0));
    set_text(r, json, "secret_store", node_aws(secret, 0));
    set_text(r, json, "secret", node_text(secret, 1));
    json_set_c(arena, json, "on", on ? words_json(r, on) : json_null(arena));
    return json;
}

Json *rollout_announcements(const Rollout *r)
{
    Json *list = json_array(r->emission->arena);
    NODE_EACH(announce, r->policy->node, W_ANNOUNCE)
        json_add(r->emission->arena, list, announcement_json(r, announce));
    return list;
}
