#include "apply/hand.h"

#include "apply/run.h"
#include "aws/moment.h"
#include "rollout/controller.h"

typedef struct Hand {
    Arena *arena;
    Diagnostics *sink;
    const AwsCaller *caller;
    const HandInput *input;
    Text said; /* what is to be done: a command's name, or "status" */
} Hand;

/* The rollout of one service, as its lease has it. */
typedef struct Ride {
    Text service;
    const Json *policy;     /* rollout.json */
    const ReadJson *record; /* NULL: there is none */
    RolloutPhase phase;
    Text owner;             /* who holds the lease */
    int64_t expires;        /* in seconds since 1970 */
    int64_t lease;          /* its number; 0: none */
} Ride;

static const char status_name[] = "status";

enum { WAIT_MS = 1000 };

static int64_t now_of(const Hand *hand)
{
    return hand->caller->now_ms(hand->caller->self) / 1000;
}

/* --- reading --- */

static void perform(const Hand *hand, AwsCall *call)
{
    const AwsCaller *caller = hand->caller;
    caller->start(caller->self, hand->arena, call);
    while (!caller->wait(caller->self, caller->now_ms(caller->self) + WAIT_MS))
        ;
}

static int64_t integer_of(const ReadJson *json, const char *key)
{
    const ReadJson *member = json_read_member(json, key);
    return member && member->kind == READ_NUMBER ? member->number.num / member->number.den : 0;
}

static Text path_of(const Hand *hand, Text service, const char *what)
{
    return lease_path(hand->arena, hand->input->project, hand->input->environment, service, what);
}

/* The service's parameters of a kind. NULL after a report. */
static const Json *list(const Hand *hand, Text service, const char *what)
{
    Arena *arena = hand->arena;
    Text path = path_of(hand, service, what);
    Json *input = json_object(arena);
    json_set_c(arena, input, "Path", json_text(arena, path));
    AwsCall call = {.service = "ssm", .operation = TEXT("GetParametersByPath"), .input = input};
    perform(hand, &call);
    if (call.answer.output)
        return call.answer.output;
    Diagnostic *diagnostic = diagnostic_report(hand->sink, CODE_NO_HAND, SPAN_NONE, "the rollout of %.*s cannot be reached: %.*s", TEXT_ARG(service),
                                               TEXT_ARG(call.answer.message.len ? call.answer.message : call.answer.code));
    diagnostic_set_advice(hand->sink, diagnostic, "allow ssm:GetParametersByPath and ssm:PutParameter on parameter/svc/%.*s/*", TEXT_ARG(hand->input->project));
    return NULL;
}

static RolloutPhase phase_of(const ReadJson *record)
{
    for (int i = 0; i < PHASE_COUNT; i++)
        if (text_equal_c(json_read_text(json_read_member(record, "state")), rollout_phase_name((RolloutPhase)i)))
            return (RolloutPhase)i;
    return PHASE_COUNT;
}

static bool read_ride(const Hand *hand, const Resource *rollout, Ride *out)
{
    Arena *arena = hand->arena;
    *out = (Ride){.service = rollout->service, .policy = rollout->input, .phase = PHASE_COUNT};
    const Json *output = list(hand, rollout->service, "lease");
    const Json *parameters = json_get_c(output, "Parameters");
    for (size_t i = 0; i < json_item_count(parameters); i++) {
        ReadJsonError error;
        int64_t number = lease_number(values_at(parameters->items.items[i], "Name"));
        const ReadJson *value = number > out->lease ? json_read(arena, values_at(parameters->items.items[i], "Value"), &error) : NULL;
        if (!value)
            continue;
        out->lease = number;
        out->owner = json_read_text(json_read_member(value, "owner"));
        out->expires = integer_of(value, "expires");
        out->record = json_read_member(value, "rollout");
        out->phase = phase_of(out->record);
    }
    return output != NULL;
}

/* --- which service --- */

static bool report(const Hand *hand, const char *advice, Text problem)
{
    Diagnostic *diagnostic = diagnostic_report(hand->sink, CODE_NO_HAND, SPAN_NONE, "%.*s", TEXT_ARG(problem));
    diagnostic_set_advice(hand->sink, diagnostic, "%s", advice);
    return false;
}

typedef struct Rides {
    ARRAY(Ride *) items;
    size_t recorded;
} Rides;

/* Of every service of the file with a rollout, or of the one that is named. */
static bool read_rides(const Hand *hand, Rides *out)
{
    Arena *arena = hand->arena;
    Text wanted = hand->input->service;
    for (size_t i = 0; i < hand->input->resources->items.count; i++) {
        const Resource *resource = hand->input->resources->items.items[i];
        if (resource->kind != RESOURCE_ROLLOUT || (wanted.len && !text_equal(resource->service, wanted)))
            continue;
        Ride *ride = ARENA_NEW(arena, Ride);
        if (!read_ride(hand, resource, ride))
            return false;
        ARRAY_PUSH(arena, &out->items, ride);
        out->recorded += ride->phase < PHASE_COUNT;
    }
    if (out->items.count)
        return true;
    return report(hand, "svc plan shows the services of the file and how they take over",
                  wanted.len ? arena_format(arena, "no service %.*s of the file says how it takes over", TEXT_ARG(wanted)) : TEXT("no service of the file says how it takes over"));
}

/* --- commanding --- */

static bool is_mine_to_take(const Ride *ride, RolloutCommand command)
{
    Text outcome = json_read_text(json_read_member(ride->record, "outcome"));
    bool may_retreat = text_equal_c(outcome, rollout_outcome_name(OUTCOME_HALTED)) || text_equal_c(outcome, rollout_outcome_name(OUTCOME_FAILED));
    return ride->phase == PHASE_DONE ? command == COMMAND_ABORT && may_retreat : rollout_accepts(ride->phase, command);
}

/* One that is there already was given by somebody else a moment ago: ours comes after it. */
static bool put_command(const Hand *hand, const Ride *ride, int64_t number)
{
    enum { TRIES = 10 };
    Arena *arena = hand->arena;
    Buffer value = {0};
    buffer_add_format(&value, "{\"at\":%lld,\"by\":", (long long)now_of(hand) * 1000);
    buffer_add_json_string(&value, hand->input->by);
    buffer_add_c(&value, ",\"command\":");
    buffer_add_json_string(&value, hand->said);
    buffer_add_c(&value, "}");
    Text text = arena_copy_text(arena, buffer_text(&value));
    buffer_free(&value);
    for (int i = 0; i < TRIES; i++) {
        Json *input = json_object(arena);
        json_set_c(arena, input, "Name", json_text(arena, arena_format(arena, "%.*s/%lld", TEXT_ARG(path_of(hand, ride->service, "command")), (long long)(number + i))));
        json_set_c(arena, input, "Type", json_text_c(arena, "String"));
        json_set_c(arena, input, "Overwrite", json_bool(arena, false));
        json_set_c(arena, input, "Value", json_text(arena, text));
        AwsCall call = {.service = "ssm", .operation = TEXT("PutParameter"), .input = input};
        perform(hand, &call);
        if (call.answer.output)
            return true;
        if (!text_equal_c(call.answer.code, "ParameterAlreadyExists"))
            return report(hand, "nothing was told to it: mend this and say it again", call.answer.message.len ? call.answer.message : call.answer.code);
    }
    return report(hand, "say it again", TEXT("too many commands at once"));
}

static bool tell(const Hand *hand, const Ride *ride, Buffer *out)
{
    int64_t newest = integer_of(ride->record, "command");
    const Json *output = list(hand, ride->service, "command");
    const Json *parameters = json_get_c(output, "Parameters");
    for (size_t i = 0; i < json_item_count(parameters); i++) {
        int64_t number = lease_number(values_at(parameters->items.items[i], "Name"));
        newest = number > newest ? number : newest;
    }
    if (!output || !put_command(hand, ride, newest + 1))
        return false;
    bool is_driven = ride->expires > now_of(hand);
    Text what = is_driven ? arena_format(hand->arena, "%.*s takes it within %d seconds", TEXT_ARG(ride->owner), 2 * ROLLOUT_TICK)
                          : TEXT("nobody drives it now: svc apply goes on with it and takes this");
    buffer_add_format(out, "%.*s: %.*s; %.*s.\n", TEXT_ARG(ride->service), TEXT_ARG(hand->said), TEXT_ARG(what));
    return true;
}

static int command(const Hand *hand, RolloutCommand kind, Buffer *out)
{
    Rides rides = {0};
    const Ride *found = NULL;
    if (!read_rides(hand, &rides))
        return HAND_ERROR;
    for (size_t i = 0; i < rides.items.count; i++)
        found = rides.items.items[i]->phase < PHASE_COUNT ? rides.items.items[i] : found;
    if (rides.recorded != 1) {
        (void)report(hand, rides.recorded ? "name one with --service" : "svc rollout status shows what there is",
                     rides.recorded ? TEXT("rollouts of several services are under way") : TEXT("no rollout is under way"));
        return HAND_ERROR;
    }
    if (!is_mine_to_take(found, kind)) {
        (void)report(hand, "svc rollout status shows how it is",
                     arena_format(hand->arena, "the rollout of %.*s is %s, where %.*s does nothing", TEXT_ARG(found->service), rollout_phase_name(found->phase),
                                  TEXT_ARG(hand->said)));
        return HAND_ERROR;
    }
    return tell(hand, found, out) ? 0 : HAND_ERROR;
}

/* --- status --- */

/* The largest share of the canary, in tenths of a percent. */
static int64_t share_of(const ReadJson *record)
{
    const ReadJson *shares = json_read_member(record, "shares");
    int64_t most = 0;
    for (size_t i = 0; shares && shares->kind == READ_ARRAY && i < shares->items.count; i++) {
        const ReadJson *share = shares->items.items[i];
        int64_t number = share->kind == READ_NUMBER ? share->number.num : 0;
        most = number > most ? number : most;
    }
    return most;
}

static int exit_of(const Hand *hand, const Ride *ride)
{
    bool is_over = ride->phase == PHASE_DONE || ride->phase == PHASE_COUNT;
    bool is_away = share_of(ride->record) > 0 || (json_item_count(json_get_c(ride->policy, "routes")) == 0 && integer_of(ride->record, "canary_tasks") > 0);
    if (ride->phase < PHASE_COUNT && is_away && ride->expires <= now_of(hand))
        return HAND_ALONE;
    return !is_over && ride->phase == PHASE_PAUSED ? HAND_PAUSED : 0;
}

static Json *json_of(const Hand *hand, const Ride *ride)
{
    Arena *arena = hand->arena;
    Json *out = json_object(arena);
    bool is_driven = ride->expires > now_of(hand);
    json_set_c(arena, out, "service", json_text(arena, ride->service));
    json_set_c(arena, out, "driver", is_driven ? json_text(arena, ride->owner) : json_null(arena));
    json_set_c(arena, out, "record", ride->record ? json_from_read(arena, ride->record) : json_null(arena));
    return out;
}

static const char *judgement_of(int64_t number)
{
    static const char *const words[JUDGEMENT_COUNT] = {[JUDGED_NOT] = "not judged yet", [JUDGED_OK] = "quiet", [JUDGED_BREACH] = "holds", [JUDGED_UNKNOWN] = "no data",
                                                       [JUDGED_ERROR] = "numbers that do not fit"};
    return number >= 0 && number < JUDGEMENT_COUNT ? words[number] : "";
}

/* The file's conditions stand for the record's while they are as many. */
static void render_conditions(Buffer *out, const Ride *ride)
{
    const ReadJson *states = json_read_member(ride->record, "conditions");
    const Json *conditions = json_get_c(ride->policy, "conditions");
    for (size_t i = 0; states && states->kind == READ_ARRAY && i < states->items.count && i < json_item_count(conditions); i++) {
        const ReadJson *state = states->items.items[i];
        const ReadJson *judgement = state->kind == READ_ARRAY && state->items.count ? state->items.items[0] : NULL;
        Text action = values_at(conditions->items.items[i], "action");
        Text expression = values_at(conditions->items.items[i], "expression");
        buffer_add_format(out, "  %-9.*s %.*s: %s\n", TEXT_ARG(action), TEXT_ARG(expression),
                          judgement_of(judgement && judgement->kind == READ_NUMBER ? judgement->number.num : 0));
    }
}

static void render_line(Buffer *out, const char *label, Text text)
{
    if (text.len)
        buffer_add_format(out, "  %-9s %.*s\n", label, TEXT_ARG(text));
}

static void render(Buffer *out, const Hand *hand, const Ride *ride)
{
    Arena *arena = hand->arena;
    int64_t now = now_of(hand);
    if (ride->phase == PHASE_COUNT) {
        buffer_add_format(out, "%.*s: no rollout is under way\n", TEXT_ARG(ride->service));
        return;
    }
    int64_t share = share_of(ride->record);
    size_t steps = json_item_count(json_get_c(ride->policy, "steps"));
    int64_t step = integer_of(ride->record, "step") + 1;
    bool is_over = ride->phase == PHASE_DONE;
    Text outcome = json_read_text(json_read_member(ride->record, "outcome"));
    Text old = json_read_text(json_read_member(ride->record, "old_revision"));
    Text new = json_read_text(json_read_member(ride->record, "new_revision"));
    buffer_add_format(out, "%.*s: %s", TEXT_ARG(ride->service), rollout_phase_name(ride->phase));
    if (is_over)
        buffer_add_format(out, ", %.*s", TEXT_ARG(outcome));
    else if (step > 0 && steps)
        buffer_add_format(out, ", step %lld of %zu, %lld.%lld%% of the traffic on the new revision", (long long)step, steps, (long long)(share / 10), (long long)(share % 10));
    buffer_add_c(out, "\n");
    render_line(out, "because", json_read_text(json_read_member(ride->record, "reason")));
    render_line(out, "since", aws_moment_format(arena, integer_of(ride->record, "since")));
    render_line(out, "from", old);
    render_line(out, "to", new);
    bool is_driven = ride->expires > now;
    render_line(out, "driver", is_driven ? ride->owner : is_over ? TEXT_NONE : TEXT("nobody: svc apply goes on with it"));
    buffer_add_format(out, "  %-9s %lld in the canary service, %lld in the stable one\n", "tasks", (long long)integer_of(ride->record, "canary_tasks"),
                      (long long)integer_of(ride->record, "stable_tasks"));
    render_conditions(out, ride);
}

static int show(const Hand *hand, Buffer *out)
{
    Rides rides = {0};
    int code = 0;
    Arena *arena = hand->arena;
    if (!read_rides(hand, &rides))
        return HAND_ERROR;
    Json *all = json_array(arena);
    for (size_t i = 0; i < rides.items.count; i++) {
        int own = exit_of(hand, rides.items.items[i]);
        code = own > code ? own : code;
        if (hand->input->is_json)
            json_add(arena, all, json_of(hand, rides.items.items[i]));
        else
            render(out, hand, rides.items.items[i]);
    }
    if (hand->input->is_json) {
        Json *whole = json_object(arena);
        json_set_c(arena, whole, "rollouts", all);
        json_write(out, whole, 2);
    }
    return code;
}

/* --- whole --- */

bool hand_knows(Text word)
{
    RolloutCommand kind;
    return rollout_read_command(word, &kind) || text_equal_c(word, status_name);
}

int hand_take(const HandInput *input, Text word, Buffer *out)
{
    RolloutCommand kind;
    Hand hand = {.arena = input->arena, .sink = input->sink, .caller = input->caller, .input = input, .said = word};
    return rollout_read_command(word, &kind) ? command(&hand, kind, out) : show(&hand, out);
}
