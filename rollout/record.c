#include "rollout/record.h"

#include "base/json_read.h"

typedef enum FieldKind { FIELD_INT, FIELD_TIME, FIELD_BOOL, FIELD_TEXT, FIELD_PHASE, FIELD_OUTCOME, FIELD_VERDICT } FieldKind;

/* The members of the record, in byte order of their keys; what is 0, false or empty is left out. */
typedef struct Field {
    const char *key;
    FieldKind kind;
    size_t offset;
    size_t size; /* of a text */
} Field;

#define FIELD(key, kind, member) {key, FIELD_##kind, offsetof(RolloutState, member), sizeof(((RolloutState *)NULL)->member)}

static const Field fields[] = {
    FIELD("alone", BOOL, is_alone),
    FIELD("canary_asked", TIME, canary_asked),
    FIELD("canary_tasks", INT, canary_tasks),
    FIELD("command", TIME, command),
    FIELD("dead_since", TIME, dead_since),
    FIELD("frozen", BOOL, has_frozen),
    FIELD("gate", INT, gate),
    FIELD("gate_asked", TIME, gate_asked),
    FIELD("gate_since", TIME, gate_since),
    FIELD("held_since", TIME, held_since),
    FIELD("hurried", BOOL, is_hurried),
    FIELD("id", TEXT, id),
    FIELD("kept", BOOL, is_kept),
    FIELD("needed", INT, needed),
    FIELD("new_revision", TEXT, new_revision),
    FIELD("old_revision", TEXT, old_revision),
    FIELD("outcome", OUTCOME, outcome),
    FIELD("paused_at", TIME, paused_at),
    FIELD("paused_in", PHASE, paused_in),
    FIELD("plan", TEXT, plan),
    FIELD("promotion_asked", TIME, promotion_asked),
    FIELD("reason", TEXT, reason),
    FIELD("scaling_asked", TIME, scaling_asked),
    FIELD("seen", TIME, seen),
    FIELD("seen_metrics", TIME, seen_metrics),
    FIELD("seen_new", BOOL, has_seen_new),
    FIELD("shares_asked", TIME, shares_asked),
    FIELD("since", TIME, since),
    FIELD("skipping", BOOL, is_skipping),
    FIELD("stable_asked", TIME, stable_asked),
    FIELD("stable_tasks", INT, stable_tasks),
    FIELD("started", TIME, started),
    FIELD("state", PHASE, phase),
    FIELD("step", INT, step),
    FIELD("traffic_since", TIME, traffic_since),
    FIELD("verdict", VERDICT, verdict),
    FIELD("was_in_suspended", BOOL, was_in_suspended),
    FIELD("was_out_suspended", BOOL, was_out_suspended),
    FIELD("was_scheduled_suspended", BOOL, was_scheduled_suspended),
};

enum { FIELD_COUNT = sizeof fields / sizeof *fields };

static const void *place_of(const RolloutState *state, const Field *field)
{
    return (const char *)state + field->offset;
}

/* --- writing --- */

static const char *name_of(const RolloutState *state, const Field *field)
{
    const void *place = place_of(state, field);
    if (field->kind == FIELD_PHASE)
        return rollout_phase_name(*(const RolloutPhase *)place);
    return field->kind == FIELD_OUTCOME ? rollout_outcome_name(*(const RolloutOutcome *)place) : rollout_verdict_name(*(const RolloutVerdict *)place);
}

static void write_field(Buffer *out, const RolloutState *state, const Field *field)
{
    const void *place = place_of(state, field);
    int64_t number = field->kind == FIELD_INT ? *(const int *)place : field->kind == FIELD_TIME ? *(const int64_t *)place : 0;
    bool is_named = field->kind >= FIELD_PHASE;
    bool is_empty = field->kind == FIELD_BOOL ? !*(const bool *)place : field->kind == FIELD_TEXT ? !*(const char *)place : !is_named && number == 0;
    if (is_empty)
        return;
    buffer_add_format(out, ",\"%s\":", field->key);
    if (field->kind == FIELD_BOOL)
        buffer_add_c(out, "true");
    else if (field->kind == FIELD_TEXT)
        buffer_add_json_string(out, text_from_c((const char *)place));
    else if (is_named)
        buffer_add_json_string(out, text_from_c(name_of(state, field)));
    else
        buffer_add_integer(out, number);
}

static void write_conditions(Buffer *out, const RolloutState *state)
{
    int count = POLICY_CONDITIONS_MAX;
    while (count > 0 && !state->conditions[count - 1].last && !state->conditions[count - 1].breaches)
        count--;
    buffer_add_c(out, "{\"conditions\":[");
    for (int i = 0; i < count; i++) {
        const ConditionState *c = &state->conditions[i];
        buffer_add_format(out, "%s[%d,%lld,%d,%d]", i ? "," : "", (int)c->last, (long long)c->end, c->breaches, c->is_waived);
    }
    buffer_add_c(out, "]");
}

static void write_shares(Buffer *out, const char *key, const int *shares)
{
    buffer_add_format(out, ",\"%s\":[", key);
    for (int i = 0; i < POLICY_RULES_MAX; i++)
        buffer_add_format(out, "%s%d", i ? "," : "", shares[i]);
    buffer_add_c(out, "]");
}

void record_write(Buffer *out, const RolloutState *state)
{
    write_conditions(out, state);
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (strcmp(fields[i].key, "shares_asked") == 0) {
            write_shares(out, "shares", state->shares);
            write_field(out, state, &fields[i]);
            write_shares(out, "shares_before", state->shares_before);
            continue;
        }
        write_field(out, state, &fields[i]);
    }
    buffer_add_format(out, ",\"version\":%d}", RECORD_VERSION);
}

/* --- reading --- */

static bool read_number(const ReadJson *json, int64_t low, int64_t high, int64_t *out)
{
    if (!json || json->kind != READ_NUMBER || !rational_is_whole(json->number) || json->number.num < low || json->number.num > high)
        return false;
    *out = json->number.num;
    return true;
}

static bool read_name(Text text, const Field *field, RolloutState *state)
{
    char *place = (char *)state + field->offset;
    int count = field->kind == FIELD_PHASE ? PHASE_COUNT : field->kind == FIELD_OUTCOME ? (int)OUTCOME_COUNT : (int)VERDICT_COUNT;
    for (int i = 0; i < count; i++) {
        if (field->kind == FIELD_PHASE)
            *(RolloutPhase *)(void *)place = (RolloutPhase)i;
        else if (field->kind == FIELD_OUTCOME)
            *(RolloutOutcome *)(void *)place = (RolloutOutcome)i;
        else
            *(RolloutVerdict *)(void *)place = (RolloutVerdict)i;
        if (text_equal_c(text, name_of(state, field)))
            return true;
    }
    return false;
}

static bool read_field(const ReadJson *json, const Field *field, RolloutState *state)
{
    enum { MOST = 1000000 };
    static const int64_t latest = 253402300799; /* the year 9999 */
    char *place = (char *)state + field->offset;
    Text text = json_read_text(json);
    int64_t number = 0;
    if (!json)
        return field->kind < FIELD_PHASE;
    switch (field->kind) {
    case FIELD_INT:
        if (!read_number(json, -1, MOST, &number))
            return false;
        *(int *)(void *)place = (int)number;
        return true;
    case FIELD_TIME: return read_number(json, 0, latest, (int64_t *)(void *)place);
    case FIELD_BOOL: *(bool *)place = json->kind == READ_BOOL && json->boolean; return json->kind == READ_BOOL;
    case FIELD_TEXT:
        if (json->kind != READ_TEXT || text.len >= field->size)
            return false;
        if (text.len)
            memcpy(place, text.ptr, text.len);
        return true;
    case FIELD_PHASE:
    case FIELD_OUTCOME:
    case FIELD_VERDICT: break;
    }
    return json->kind == READ_TEXT && read_name(text, field, state);
}

static bool read_shares(const ReadJson *json, int *shares)
{
    if (!json || json->kind != READ_ARRAY || json->items.count != POLICY_RULES_MAX)
        return false;
    for (int i = 0; i < POLICY_RULES_MAX; i++) {
        int64_t share = 0;
        if (!read_number(json->items.items[i], 0, SHARE_WHOLE, &share))
            return false;
        shares[i] = (int)share;
    }
    return true;
}

static bool read_condition(const ReadJson *json, ConditionState *out)
{
    int64_t numbers[4] = {0};
    if (json->kind != READ_ARRAY || json->items.count != 4)
        return false;
    for (size_t i = 0; i < 4; i++)
        if (!read_number(json->items.items[i], 0, INT64_MAX, &numbers[i]))
            return false;
    *out = (ConditionState){.last = (Judgement)numbers[0], .end = numbers[1], .breaches = (int)numbers[2], .is_waived = numbers[3] != 0};
    return numbers[0] < JUDGEMENT_COUNT && numbers[2] < INT32_MAX;
}

static bool read_conditions(const ReadJson *json, const Policy *policy, RolloutState *out)
{
    if (!json || json->kind != READ_ARRAY || json->items.count > (size_t)policy->condition_count)
        return false;
    for (size_t i = 0; i < json->items.count; i++)
        if (!read_condition(json->items.items[i], &out->conditions[i]))
            return false;
    return true;
}

/* Whether its places are ones that the policy has. */
static bool fits_policy(const RolloutState *s, const Policy *policy)
{
    bool needs_step = s->phase >= PHASE_GROWING && s->phase <= PHASE_BAKING;
    bool needs_paused_step = s->phase == PHASE_PAUSED && s->paused_in != PHASE_ASKING;
    bool is_pausable = s->paused_in >= PHASE_CHECKING && s->paused_in < PHASE_PAUSED;
    bool is_step = s->step >= 0 && s->step < policy->step_count;
    return s->step < policy->step_count && s->gate >= 0 && s->gate <= policy->gate_count && is_pausable && (is_step || (!needs_step && !needs_paused_step));
}

bool record_read(Arena *arena, Text text, const Policy *policy, RolloutState *out, Text *error)
{
    ReadJsonError wrong = {0};
    int64_t version = 0;
    const ReadJson *json = json_read(arena, text, &wrong);
    *out = (RolloutState){0};
    if (!json || !read_number(json_read_member(json, "version"), 0, INT64_MAX, &version)) {
        *error = TEXT("this is no record of a rollout");
        return false;
    }
    if (version != RECORD_VERSION) {
        *error = arena_format(arena, "another version of svc wrote this record: it has version %lld, and this svc reads %d", (long long)version, RECORD_VERSION);
        return false;
    }
    bool fits = read_conditions(json_read_member(json, "conditions"), policy, out) && read_shares(json_read_member(json, "shares"), out->shares) &&
                read_shares(json_read_member(json, "shares_before"), out->shares_before);
    for (size_t i = 0; i < FIELD_COUNT && fits; i++)
        fits = read_field(json_read_member(json, fields[i].key), &fields[i], out);
    if (!fits || !fits_policy(out, policy)) {
        *error = TEXT("this record of a rollout is broken, or of another policy");
        return false;
    }
    return true;
}
