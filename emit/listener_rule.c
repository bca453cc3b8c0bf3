#include "emit/listener_rule.h"

#include "emit/load_balancer.h"
#include "emit/rollout_policy.h"

/* --- places --- */

enum {
    /* The numbers of priorities (SPEC.md, "The place of a rule"): bands by host, then by path, then by what else must match. Within a band a
       stable hash of the match spreads rules, so that files which share a listener hardly meet. */
    PRIORITY_FIRST = 500,
    PRIORITY_LAST = 50000,
    HOST_BAND = 16400,
    EXACT_WIDTH = 1000,
    LITERALS_MAX = 47,
    NARROW_WIDTH = 66,
    WILDCARD_WIDTH = 200,
    ANY_WIDTH = 816,
    WILDCARD_FIRST = 2 * EXACT_WIDTH,
    ANY_FIRST = WILDCARD_FIRST + (LITERALS_MAX + 1) * (NARROW_WIDTH + WILDCARD_WIDTH),
};

_Static_assert(ANY_FIRST + 2 * ANY_WIDTH == HOST_BAND, "the bands of paths fill those of hosts");
_Static_assert(PRIORITY_FIRST + 3 * HOST_BAND <= PRIORITY_LAST, "the bands fit into AWS's numbers");

typedef struct Band {
    int64_t first;
    int64_t width;
} Band;

static Band match_band(const RuleMatch *match)
{
    int64_t base = PRIORITY_FIRST + (int64_t)match->host_class * HOST_BAND;
    int64_t wide = match->is_narrow ? 0 : 1;
    if (match->path_class == 0)
        return (Band){base + wide * EXACT_WIDTH, EXACT_WIDTH};
    if (match->path_class == 2)
        return (Band){base + ANY_FIRST + wide * ANY_WIDTH, ANY_WIDTH};
    int64_t literals = match->path_literals < LITERALS_MAX ? (int64_t)match->path_literals : LITERALS_MAX;
    int64_t first = base + WILDCARD_FIRST + (LITERALS_MAX - literals) * (NARROW_WIDTH + WILDCARD_WIDTH);
    return match->is_narrow ? (Band){first, NARROW_WIDTH} : (Band){first + NARROW_WIDTH, WILDCARD_WIDTH};
}

/* FNV-1a with 32 bits: part of what svc promises, because a rule must keep its place from one release of svc to the next. */
static uint32_t stable_hash(Text text)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (uint8_t)text.ptr[i]) * 16777619u;
    return hash;
}

/* --- the rules so far --- */

typedef struct RuleSlot {
    Text key;   /* empty for a free slot */
    Span span;
} RuleSlot;

/* By listener and match, by listener and priority, and by load balancer and priority said anywhere; open addressing, grows in the arena. */
struct RuleIndex {
    RuleSlot *slots;
    size_t capacity; /* a power of two */
    size_t count;
};

static RuleSlot *index_slot(const struct RuleIndex *index, Text key)
{
    size_t place = text_hash(key) & (index->capacity - 1);
    while (index->slots[place].key.len && !text_equal(index->slots[place].key, key))
        place = (place + 1) & (index->capacity - 1);
    return &index->slots[place];
}

static const RuleSlot *index_find(const struct RuleIndex *index, Text key)
{
    const RuleSlot *slot = index_slot(index, key);
    return slot->key.len ? slot : NULL;
}

static void index_add(Arena *arena, struct RuleIndex *index, Text key, Span span)
{
    if (index->count * 2 >= index->capacity) {
        struct RuleIndex grown = {.capacity = index->capacity * 2, .count = index->count};
        grown.slots = ARENA_NEW_ARRAY(arena, RuleSlot, grown.capacity);
        for (size_t i = 0; i < index->capacity; i++)
            if (index->slots[i].key.len)
                *index_slot(&grown, index->slots[i].key) = index->slots[i];
        *index = grown;
    }
    RuleSlot *slot = index_slot(index, key);
    if (slot->key.len)
        return;
    *slot = (RuleSlot){key, span};
    index->count++;
}

static Text said_key(Arena *arena, Text load_balancer, int64_t priority)
{
    return arena_format(arena, "said %lld %.*s", (long long)priority, TEXT_ARG(load_balancer));
}

static Text priority_key(Arena *arena, Text listener, int64_t priority)
{
    return arena_format(arena, "place %lld %.*s", (long long)priority, TEXT_ARG(listener));
}

/* Made at the first rule, with every priority that a route says: no derived one takes it, wherever the route stands. */
static struct RuleIndex *rule_index(Emission *emission)
{
    enum { CAPACITY = 64 };
    if (emission->rules)
        return emission->rules;
    struct RuleIndex *index = ARENA_NEW(emission->arena, struct RuleIndex);
    *index = (struct RuleIndex){.slots = ARENA_NEW_ARRAY(emission->arena, RuleSlot, CAPACITY), .capacity = CAPACITY};
    NODE_EACH(service, emission->model->file, W_SERVICE)
    {
        NODE_EACH(route, service, W_ROUTE)
        {
            int64_t priority = node_integer(node_child(route, W_ROUTE_PRIORITY), 0, 0);
            if (priority)
                index_add(emission->arena, index, said_key(emission->arena, node_text(route, 0), priority), route->span);
        }
    }
    emission->rules = index;
    return index;
}

/* --- matches and priorities --- */

static void check_match(Emission *emission, const RouteFacts *route, const RuleMatch *match)
{
    struct RuleIndex *index = rule_index(emission);
    Text key = arena_format(emission->arena, "match %.*s %.*s", TEXT_ARG(route->listener_id), TEXT_ARG(match->text));
    const RuleSlot *other = match->is_known ? index_find(index, key) : NULL;
    if (!other) {
        index_add(emission->arena, index, key, route->node->span);
        return;
    }
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_RULE_SAME_MATCH, route->node->span, "two routes of %s %.*s match the same requests",
                                               vocabulary_row(W_LOAD_BALANCER)->word, TEXT_ARG(route->load_balancer));
    diagnostic_set_label(emission->sink, diagnostic, "only one of them would ever get any");
    diagnostic_add_label(emission->sink, diagnostic, other->span, "the other one");
    diagnostic_set_advice(emission->sink, diagnostic, "give one of them other paths, or a `%s`", vocabulary_row(W_ROUTE_HOST)->word);
}

static void take_said(Emission *emission, const RouteFacts *route, int64_t priority)
{
    struct RuleIndex *index = rule_index(emission);
    const Node *said = node_child(route->node, W_ROUTE_PRIORITY);
    Text key = priority_key(emission->arena, route->listener_id, priority);
    const RuleSlot *other = index_find(index, key);
    if (!other) {
        index_add(emission->arena, index, key, node_argument_span(said, 0));
        return;
    }
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_RULE_SAME_PRIORITY, node_argument_span(said, 0),
                                               "two rules of a listener have the priority %lld", (long long)priority);
    diagnostic_add_label(emission->sink, diagnostic, other->span, "the other one");
    diagnostic_set_advice(emission->sink, diagnostic, "say another one, or none: then svc finds a free one by how exact the match is");
}

static int64_t derive_priority(Emission *emission, const RouteFacts *route, const RuleMatch *match)
{
    struct RuleIndex *index = rule_index(emission);
    Band band = match_band(match);
    int64_t start = (int64_t)(stable_hash(match->text) % (uint32_t)band.width);
    for (int64_t i = 0; i < band.width; i++) {
        int64_t priority = band.first + (start + i) % band.width;
        Text key = priority_key(emission->arena, route->listener_id, priority);
        if (index_find(index, key) || index_find(index, said_key(emission->arena, route->load_balancer, priority)))
            continue;
        index_add(emission->arena, index, key, route->node->span);
        return priority;
    }
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_RULE_SAME_PRIORITY, route->node->span,
                                               "%lld routes of %s %.*s are as exact as this one: there is no place left", (long long)band.width,
                                               vocabulary_row(W_LOAD_BALANCER)->word, TEXT_ARG(route->load_balancer));
    diagnostic_add_note(emission->sink, diagnostic, "a load balancer takes 100 rules, unless AWS raised the account's quota");
    diagnostic_set_advice(emission->sink, diagnostic, "say its place: %s", vocabulary_row(W_ROUTE_PRIORITY)->example);
    return band.first;
}

/* --- transforms --- */

static void add_transform(Emission *emission, const Node *rewrite, const char *type, const char *member, Json *transforms)
{
    Arena *arena = emission->arena;
    if (!rewrite)
        return;
    Json *pattern = shape_value(emission, &rewrite->row->arguments[0], node_argument(rewrite, 0));
    Json *replacement = shape_value(emission, &rewrite->row->arguments[1], node_argument(rewrite, 1));
    if (!pattern || !replacement)
        return;
    Json *item = json_object(arena);
    Json *list = json_array(arena);
    Json *config = json_object(arena);
    Json *transform = json_at(json_object(arena), rewrite->span);
    json_set_c(arena, item, "Regex", pattern);
    json_set_c(arena, item, "Replace", replacement);
    json_add(arena, list, item);
    json_set_c(arena, config, "Rewrites", list);
    json_set_c(arena, transform, "Type", json_text_c(arena, type));
    json_set_c(arena, transform, member, config);
    json_add(arena, transforms, transform);
}

static Json *rule_transforms(Emission *emission, const Node *route)
{
    Json *transforms = json_array(emission->arena);
    add_transform(emission, node_child(route, W_ROUTE_REWRITE_HOST), "host-header-rewrite", "HostHeaderRewriteConfig", transforms);
    add_transform(emission, node_child(route, W_ROUTE_REWRITE_PATH), "url-rewrite", "UrlRewriteConfig", transforms);
    return json_length(transforms) ? transforms : NULL;
}

/* --- the rule --- */

static void check_ends(Emission *emission, const Node *route)
{
    static const WordId ends[] = {W_ROUTE_TO, W_ROUTE_RESPOND, W_ROUTE_REDIRECT};
    const Node *first = NULL;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        const Node *end = node_child(route, ends[i]);
        if (end && first) {
            Diagnostic *diagnostic =
                diagnostic_report(emission->sink, CODE_ROUTE_ENDS, end->span, "this `%s` has two ends", route->row->word);
            diagnostic_add_label(emission->sink, diagnostic, first->span, "it goes here already");
            diagnostic_set_advice(emission->sink, diagnostic, "make two of them, with different paths");
            return;
        }
        first = first ? first : end;
    }
}

/* The free place nearest before the route's own: requests with the header must be looked at first. 0 after a report. */
static int64_t place_before(Emission *emission, const RouteFacts *route, const Node *header, int64_t own)
{
    struct RuleIndex *index = rule_index(emission);
    for (int64_t priority = own - 1; priority > 0; priority--) {
        Text key = priority_key(emission->arena, route->listener_id, priority);
        if (index_find(index, key) || index_find(index, said_key(emission->arena, route->load_balancer, priority)))
            continue;
        index_add(emission->arena, index, key, header->span);
        return priority;
    }
    const Node *said = node_child(route->node, W_ROUTE_PRIORITY);
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_TEST_TRAFFIC, header->span, "there is no place before this route for its `%s`", header->row->word);
    diagnostic_add_label(emission->sink, diagnostic, said ? said->span : route->node->span, "it has the first place");
    diagnostic_set_advice(emission->sink, diagnostic, "give the route a later place: %s", vocabulary_row(W_ROUTE_PRIORITY)->example);
    return 0;
}

/* False after a report. */
static bool check_test(Emission *emission, const ServiceFacts *facts, const Node *header, const RuleMatch *match)
{
    const Node *rollout = node_child(facts->node, W_ROLLOUT);
    if (facts->engine != ENGINE_NATIVE) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_TEST_TRAFFIC, header->span, "nobody sends test traffic to a new revision of %.*s", TEXT_ARG(facts->service));
        if (facts->rollout)
            diagnostic_set_label(emission->sink, diagnostic, "only ECS's own strategies do, and this is not one: %s", facts->rollout->reason);
        if (rollout)
            diagnostic_add_label(emission->sink, diagnostic, rollout->span, "the rollout");
        diagnostic_set_advice(emission->sink, diagnostic, "leave it out, or take a strategy that ECS runs itself, such as: rollout blue-green { rollback when http.5xx > 10 for 2m; bake 15m }");
        return false;
    }
    if (match->value_count < RULE_VALUES_MAX)
        return true;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_RULE_LIMITS, header->span, "this route has %zu values to match beside the header", match->value_count);
    diagnostic_set_label(emission->sink, diagnostic, "a listener's rule takes %d in all", RULE_VALUES_MAX);
    diagnostic_set_advice(emission->sink, diagnostic, "use wildcards, or split the route into several");
    return false;
}

/* The rule of `test-header`: the production rule with one more condition, before it. */
static void emit_test_rule(Emission *emission, const ServiceFacts *facts, const RouteFacts *route, const Json *production, const RuleMatch *match)
{
    Arena *arena = emission->arena;
    const Node *header = node_child(route->node, W_ROUTE_TEST_HEADER);
    const Json *own = json_get_c(production, "Priority");
    if (!header || !check_test(emission, facts, header, match) || !own || own->kind != JSON_NUMBER)
        return;
    int64_t priority = place_before(emission, route, header, own->number.num);
    if (!priority)
        return;
    Json *input = json_object(arena);
    for (size_t i = 0; i < production->members.count; i++)
        json_set(arena, input, production->members.items[i].key, production->members.items[i].value);
    json_set_c(arena, input, "Conditions", rule_test_conditions(emission, header, json_get_c(production, "Conditions")));
    json_set_c(arena, input, "Priority", json_integer(arena, priority));
    json_set_c(arena, input, "Tags", emit_tags(emission, facts->service, route->test_rule_id, facts->node, "Key", "Value"));
    emit_add_resource(emission, RESOURCE_LISTENER_RULE, route->test_rule_id, facts->service, TEXT_NONE,
                      arena_join(arena, route->name, TEXT("-test")), input, header->span);
}

void emit_listener_rule(Emission *emission, const ServiceFacts *facts, const RouteFacts *route)
{
    Arena *arena = emission->arena;
    RuleMatch match;
    check_ends(emission, route->node);
    if (!route->load_balancer_node)
        return;
    Json *input = json_object(arena);
    shape_fill(emission, input, route->node, "rule");
    json_set_c(arena, input, "Conditions", rule_conditions(emission, route->node, json_get_c(input, "Conditions"), &match));
    check_match(emission, route, &match);
    int64_t said = node_integer(node_child(route->node, W_ROUTE_PRIORITY), 0, 0);
    if (said)
        take_said(emission, route, said);
    else
        json_set_default(arena, input, "Priority", json_integer(arena, derive_priority(emission, route, &match)));
    json_set_c(arena, input, "ListenerArn", load_balancer_listener_arn(emission, route));
    json_set_default(arena, input, "Actions", rule_actions(emission, facts, route));
    json_set_default(arena, input, "Transforms", rule_transforms(emission, route->node));
    json_set_c(arena, input, "Tags", emit_tags(emission, facts->service, route->rule_id, facts->node, "Key", "Value"));
    emit_add_resource(emission, RESOURCE_LISTENER_RULE, route->rule_id, facts->service, TEXT_NONE, route->name, input, route->node->span);
    emit_test_rule(emission, facts, route, input, &match);
}
