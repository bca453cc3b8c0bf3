/* Reads rollout.json. It was written by svc, but a file may come from anywhere: everything that is used is checked. */
#include "rollout/policy.h"

enum { FORMAT_VERSION = 1, DEPTH_MAX = 64, STEPS_MAX = 100, GATES_MAX = 30, SERIES_MAX = 500, DELAY = 90, LATER = 120 };

typedef struct Reading {
    Arena *arena;
    Policy *policy;
    Text *error;
    ARRAY(PolicySeries) series;
    size_t first_series; /* of the condition that is read */
    int64_t period;
    int64_t reach;
    size_t depth;
} Reading;

static bool fail(Reading *r, const char *reason)
{
    if (!r->error->len)
        *r->error = text_from_c(reason);
    return false;
}

/* --- members --- */

static Text text_of(const Json *object, const char *key)
{
    const Json *value = json_get_c(object, key);
    return value && value->kind == JSON_TEXT ? value->text : TEXT_NONE;
}

/* A whole number from `low` to a year of seconds; false after the reason was set. */
static bool read_integer(Reading *r, const Json *object, const char *key, int64_t low, int64_t *out)
{
    enum { MOST = 366 * 86400 };
    const Json *value = json_get_c(object, key);
    if (!value || value->kind != JSON_NUMBER || !rational_is_whole(value->number) || value->number.num < low || value->number.num > MOST)
        return fail(r, "a number in it is missing or out of range");
    *out = value->number.num;
    return true;
}

/* Null counts as `absent`. */
static bool read_optional(Reading *r, const Json *object, const char *key, int64_t absent, int64_t *out)
{
    const Json *value = json_get_c(object, key);
    *out = absent;
    return !value || value->kind == JSON_NULL || read_integer(r, object, key, 0, out);
}

typedef struct Choice {
    const char *text;
    int value;
} Choice;

static bool read_choice(Reading *r, Text text, const Choice *choices, size_t count, int *out)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal_c(text, choices[i].text)) {
            *out = choices[i].value;
            return true;
        }
    return fail(r, "a word in it is not known");
}

#define READ_CHOICE(r, text, choices, out) read_choice((r), (text), (choices), sizeof(choices) / sizeof *(choices), (out))

/* "0.05", "-2", "1/3" */
static bool read_exact(Reading *r, const Json *json, Rational *out)
{
    if (json && json->kind == JSON_NUMBER) {
        *out = json->number;
        return true;
    }
    Text text = json && json->kind == JSON_TEXT ? json->text : TEXT_NONE;
    bool is_negative = text_starts_with(text, TEXT("-"));
    size_t slash = text_find_byte(text, '/');
    Rational above;
    Rational below = rational_from_integer(1);
    bool fits = rational_parse(&above, text_slice(text, is_negative, slash)) && (slash == text.len || rational_parse(&below, text_slice(text, slash + 1, text.len)));
    if (fits && is_negative)
        above.num = -above.num;
    return (fits && rational_divide(out, above, below)) || fail(r, "a number in it cannot be read");
}

static bool read_number(Reading *r, const Json *object, const char *key, Rational absent, Rational *out)
{
    const Json *value = json_get_c(object, key);
    *out = absent;
    return !value || read_exact(r, value, out);
}

/* --- tests --- */

static const Choice operators[] = {
    {"+", TEST_ADD},     {"-", TEST_SUBTRACT}, {"*", TEST_MULTIPLY}, {"/", TEST_DIVIDE},    {"sum", TEST_SUM},       {"max", TEST_MAX},     {">", TEST_ABOVE},
    {"<", TEST_BELOW},   {">=", TEST_AT_LEAST}, {"<=", TEST_AT_MOST}, {"==", TEST_EQUAL},   {"!=", TEST_DIFFERENT},  {"and", TEST_AND},     {"or", TEST_OR},
    {"rising", TEST_RISING}, {"higher", TEST_HIGHER}, {"lower", TEST_LOWER},
};

bool policy_test_has(const Test *test, TestKind kind)
{
    if (test->kind == kind)
        return true;
    for (size_t i = 0; i < test->count; i++)
        if (policy_test_has(test->of[i], kind))
            return true;
    return false;
}

static bool is_answer(TestKind kind)
{
    return kind >= TEST_ABOVE;
}

/* How many parts a kind has, and whether they are answers themselves. */
static bool has_right_parts(const Test *test)
{
    bool takes_answers = test->kind == TEST_AND || test->kind == TEST_OR;
    for (size_t i = 0; i < test->count; i++)
        if (is_answer(test->of[i]->kind) != takes_answers)
            return false;
    if (test->kind == TEST_RISING)
        return test->count == 1;
    if (test->kind == TEST_ADD || test->kind == TEST_SUM || test->kind == TEST_MAX)
        return test->count >= 1;
    return test->count == 2;
}

static Test *read_test(Reading *r, const Json *json);

static bool read_parts(Reading *r, Test *test, const Json *json)
{
    const Json *of = json_get_c(json, "of");
    test->count = json_item_count(of);
    test->of = ARENA_NEW_ARRAY(r->arena, Test *, test->count);
    for (size_t i = 0; i < test->count; i++) {
        test->of[i] = read_test(r, of->items.items[i]);
        if (!test->of[i])
            return false;
    }
    return has_right_parts(test) || fail(r, "a part of a condition is not of its kind");
}

static bool read_series_test(Reading *r, Test *test, const Json *json)
{
    int64_t index = 0;
    const Json *fill = json_get_c(json, "fill");
    if (!read_integer(r, json, "series", 0, &index) || !read_number(r, json, "factor", rational_from_integer(1), &test->number))
        return false;
    test->series = r->first_series + (size_t)index;
    test->is_filled = fill != NULL;
    return test->series < r->series.count || fail(r, "a condition names a series that it does not have");
}

static bool read_operator(Reading *r, Test *test, const Json *json)
{
    int kind = 0;
    const Json *fill = json_get_c(json, "fill");
    const Json *negated = json_get_c(json, "negated");
    if (!READ_CHOICE(r, text_of(json, "op"), operators, &kind))
        return false;
    test->kind = (TestKind)kind;
    test->is_filled = fill && fill->kind == JSON_NUMBER;
    test->is_fill_true = test->is_filled && fill->number.num != 0;
    test->is_negated = negated && negated->kind == JSON_BOOL && negated->boolean;
    const char *key = test->kind == TEST_RISING ? "by" : test->kind == TEST_DIVIDE ? "unit" : "confidence";
    return read_number(r, json, key, rational_from_integer(test->kind == TEST_DIVIDE), &test->number) && read_parts(r, test, json);
}

static Test *read_test(Reading *r, const Json *json)
{
    Test *test = ARENA_NEW(r->arena, Test);
    bool fits = r->depth < DEPTH_MAX || fail(r, "a condition in it is too deep");
    r->depth++;
    if (fits && json_get_c(json, "series")) {
        test->kind = TEST_SERIES;
        fits = read_series_test(r, test, json);
    } else if (fits && json_get_c(json, "number")) {
        test->kind = TEST_NUMBER;
        fits = read_exact(r, json_get_c(json, "number"), &test->number);
    } else if (fits) {
        fits = read_operator(r, test, json);
    }
    r->depth--;
    return fits ? test : NULL;
}

/* --- conditions --- */

static bool read_series(Reading *r, const Json *list)
{
    r->first_series = r->series.count;
    for (size_t i = 0; i < json_item_count(list); i++) {
        const Json *item = list->items.items[i];
        PolicySeries series = {.label = text_of(item, "label"), .stat = json_get_c(item, "stat"), .period = r->period, .reach = r->reach};
        if (!series.stat || r->series.count >= SERIES_MAX)
            return fail(r, "a series in it is incomplete, or there are too many");
        ARRAY_PUSH(r->arena, &r->series, series);
    }
    return true;
}

static bool read_window(Reading *r, PolicyCondition *c, const Json *json)
{
    int64_t whole = 0;
    if (!read_integer(r, json, "period_seconds", 1, &c->period) || !read_integer(r, json, "for_seconds", c->period, &whole) ||
        !read_integer(r, json, "datapoints", 1, &c->datapoints) || !read_optional(r, json, "at_least", 0, &c->at_least) ||
        !read_optional(r, json, "limit", 0, &c->limit) || !read_optional(r, json, "watch_seconds", 0, &c->watch))
        return false;
    c->periods = whole / c->period;
    r->period = c->period;
    r->reach = whole + 2 * c->period + DELAY + LATER;
    return c->datapoints <= c->periods || fail(r, "a condition asks for more points than its window has");
}

static bool read_condition(Reading *r, const Json *json, PolicyCondition *c)
{
    static const Choice actions[] = {{"rollback", ACTS_ROLLBACK}, {"hold", ACTS_HOLD}, {"pause", ACTS_PAUSE}, {"verify", ACTS_VERIFY}};
    static const Choice rules[] = {{"zero", MISSING_ZERO}, {"notBreaching", MISSING_OK}, {"breaching", MISSING_BREACH}, {"ignore", MISSING_IGNORE}, {"missing", MISSING_UNKNOWN}};
    int action = 0;
    int missing = 0;
    const Json *requests = json_get_c(json, "requests");
    if (!READ_CHOICE(r, text_of(json, "action"), actions, &action) || !READ_CHOICE(r, text_of(json, "missing"), rules, &missing) || !read_window(r, c, json) ||
        !read_series(r, json_get_c(json, "series")))
        return false;
    c->action = (ConditionAction)action;
    c->missing = (MissingRule)missing;
    c->expression = text_of(json, "expression");
    c->is_canary = text_equal_c(text_of(json, "scope"), "canary");
    c->first_series = r->first_series;
    c->series_count = r->series.count - r->first_series;
    c->test = read_test(r, json_get_c(json, "test"));
    c->requests = requests && requests->kind == JSON_OBJECT ? read_test(r, requests) : NULL;
    if (c->test && !is_answer(c->test->kind))
        return fail(r, "a condition in it has no answer");
    return c->test && (c->requests || !requests || requests->kind != JSON_OBJECT);
}

static bool read_conditions(Reading *r, const Json *json)
{
    const Json *lists[] = {r->policy->engine == POLICY_RAMP ? json_get_c(json, "conditions") : NULL, json_get_c(json, "verify")};
    size_t count = json_item_count(lists[0]) + json_item_count(lists[1]);
    if (count > POLICY_CONDITIONS_MAX)
        return fail(r, "it has too many conditions");
    r->policy->conditions = ARENA_NEW_ARRAY(r->arena, PolicyCondition, count);
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < json_item_count(lists[i]); j++)
            if (!read_condition(r, lists[i]->items.items[j], &r->policy->conditions[r->policy->condition_count++]))
                return false;
    r->policy->series = r->series.items;
    r->policy->series_count = r->series.count;
    return true;
}

/* --- steps and gates --- */

static bool read_steps(Reading *r, const Json *list)
{
    size_t count = json_item_count(list);
    Policy *policy = r->policy;
    if (count > STEPS_MAX || (count == 0 && policy->engine == POLICY_RAMP))
        return fail(r, "it has no steps, or too many");
    policy->steps = ARENA_NEW_ARRAY(r->arena, PolicyStep, count);
    for (size_t i = 0; i < count && policy->engine == POLICY_RAMP; i++) {
        PolicyStep *step = &policy->steps[policy->step_count];
        const Json *weight = json_get_c(list->items.items[i], "weight");
        Rational permille;
        if (!weight || weight->kind != JSON_NUMBER || !rational_multiply(&permille, weight->number, rational_from_integer(SHARE_WHOLE / 100)) || !rational_is_whole(permille) ||
            permille.num < 1 || permille.num > SHARE_WHOLE || (i && permille.num <= step[-1].share))
            return fail(r, "its steps do not grow, or are no tenths of a percent");
        step->share = (int)permille.num;
        policy->step_count++;
        if (!read_integer(r, list->items.items[i], "hold_seconds", 0, &step->hold))
            return false;
    }
    return true;
}

static bool read_gates(Reading *r, const Json *list)
{
    static const Choice kinds[] = {{"require", GATE_REQUIRE}, {"before", GATE_BEFORE}, {"smoke", GATE_SMOKE}, {"command", GATE_COMMAND}, {"approve", GATE_APPROVE}};
    size_t count = json_item_count(list);
    if (count > GATES_MAX)
        return fail(r, "it has too many gates");
    r->policy->gates = ARENA_NEW_ARRAY(r->arena, PolicyGate, count);
    for (size_t i = 0; i < count; i++) {
        PolicyGate *gate = &r->policy->gates[i];
        int kind = 0;
        int64_t step = -1;
        gate->said = list->items.items[i];
        if (!READ_CHOICE(r, text_of(gate->said, "kind"), kinds, &kind) || !read_optional(r, gate->said, "step", -1, &step) ||
            !read_optional(r, gate->said, "timeout_seconds", 0, &gate->timeout))
            return false;
        gate->kind = (GateKind)kind;
        gate->step = (int)step;
        if (step >= r->policy->step_count || (i && step < gate[-1].step))
            return fail(r, "its gates are not in the order of its steps");
        r->policy->gate_count++;
    }
    return true;
}

static bool read_head(Reading *r, const Json *json)
{
    static const Choice engines[] = {{"rolling", POLICY_ROLLING}, {"native", POLICY_NATIVE}, {"ramp", POLICY_RAMP}};
    static const Choice ways[] = {{"rollback", INTERRUPT_ROLLBACK}, {"hold", INTERRUPT_HOLD}, {"continue", INTERRUPT_CONTINUE}};
    Policy *policy = r->policy;
    int engine = 0;
    int way = 0;
    int64_t version = 0;
    if (!read_integer(r, json, "format_version", 1, &version))
        return false;
    if (version != FORMAT_VERSION)
        return fail(r, "another version of svc wrote it");
    if (!READ_CHOICE(r, text_of(json, "engine"), engines, &engine) || !READ_CHOICE(r, text_of(json, "on_interrupt"), ways, &way) ||
        !read_integer(r, json, "bake_seconds", 0, &policy->bake) || !read_integer(r, json, "deadline_seconds", 0, &policy->deadline) ||
        !read_integer(r, json, "capacity_seconds", 0, &policy->capacity) || !read_integer(r, json, "drain_seconds", 0, &policy->drain))
        return false;
    policy->engine = (PolicyEngine)engine;
    policy->on_interrupt = (OnInterrupt)way;
    policy->service = text_of(json, "service");
    policy->announce = json_get_c(json, "announce");
    policy->rules = json_get_c(json, "routes");
    policy->rule_count = (int)json_item_count(policy->rules);
    return policy->rule_count <= POLICY_RULES_MAX || fail(r, "it has too many routes");
}

bool policy_read(Arena *arena, const Json *json, Policy *out, Text *error)
{
    Reading r = {.arena = arena, .policy = out, .error = error};
    *out = (Policy){0};
    *error = TEXT_NONE;
    return read_head(&r, json) && read_steps(&r, json_get_c(json, "steps")) && read_gates(&r, json_get_c(json, "gates")) && read_conditions(&r, json);
}
