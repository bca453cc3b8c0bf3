#include "apply/run.h"

#include "base/sha256.h"

#include <stdlib.h>

enum {
    LEASE_MS = 120 * 1000,
    RENEW_MS = 30 * 1000,
    POLL_MS = 5 * 1000,
    DIGITS_MAX = 15,
    ASK_ATTEMPTS = 5,
};

#define EXISTS "ParameterAlreadyExists"

/* The newest lease of a service, whoever holds it. */
typedef struct Holder {
    int64_t number; /* 0: nobody has one */
    int64_t expires_ms;
    Text owner;
    Text token;
    Text record;     /* of a rollout; empty: none */
    TextArray names; /* of all, the newest too */
} Holder;

/* --- asking --- */

int64_t lease_number(Text name)
{
    size_t start = name.len;
    int64_t number = 0;
    while (start > 0 && byte_is_digit(name.ptr[start - 1]))
        start--;
    bool is_number = start > 0 && name.ptr[start - 1] == '/' && name.len - start <= DIGITS_MAX;
    for (size_t i = start; is_number && i < name.len; i++)
        number = number * 10 + (name.ptr[i] - '0');
    return number;
}

static Text canonical(Arena *arena, const ReadJson *json)
{
    if (!json || json->kind != READ_OBJECT)
        return TEXT_NONE;
    Buffer out = {0};
    json_write(&out, json_from_read(arena, json), 0);
    Text text = arena_copy_text(arena, buffer_text(&out));
    buffer_free(&out);
    return text;
}

static void read_holder(Arena *arena, const Json *parameter, Text path, Holder *out)
{
    Text name = values_at(parameter, "Name");
    if (!text_starts_with(name, path) || name.len <= path.len + 1)
        return;
    int64_t number = lease_number(name);
    ARRAY_PUSH(arena, &out->names, name);
    if (number <= out->number)
        return;
    ReadJsonError error;
    const ReadJson *value = json_read(arena, values_at(parameter, "Value"), &error);
    const ReadJson *expires = json_read_member(value, "expires");
    out->number = number;
    out->owner = json_read_text(json_read_member(value, "owner"));
    out->token = json_read_text(json_read_member(value, "token"));
    out->record = canonical(arena, json_read_member(value, "rollout"));
    /* one that cannot be read holds nothing for ever */
    out->expires_ms = expires && expires->kind == READ_NUMBER ? expires->number.num * 1000 : 0;
}

static bool report_failure(Run *run, const RunCall *call)
{
    Diagnostic *diagnostic = diagnostic_report(run->sink, CODE_STEP_FAILED, SPAN_NONE, "the lease: %s %.*s failed: %.*s: %.*s", call->call.service,
                                               TEXT_ARG(call->call.operation), TEXT_ARG(call->call.answer.code), TEXT_ARG(call->call.answer.message));
    diagnostic_set_advice(run->sink, diagnostic,
                          "allow ssm:GetParametersByPath, ssm:PutParameter and ssm:DeleteParameters on parameter/svc/%.*s/*", TEXT_ARG(run->plan->project));
    return false;
}

/* An AWS in trouble is asked again: a step must not fail for a question that only makes sure. */
static bool ask(Run *run, Text path, Holder *out)
{
    Arena *arena = run->arena;
    RunCall call = {0};
    *out = (Holder){0};
    for (int attempt = 0; attempt < ASK_ATTEMPTS; attempt++) {
        Json *input = json_object(arena);
        json_set_c(arena, input, "Path", json_text(arena, path));
        call = (RunCall){0};
        run_perform(run, arena, &call, "ssm", "GetParametersByPath", input);
        if (call.call.answer.output || error_kind(&call.call) != ERROR_RETRY)
            break;
        run_pause(run, run_now(run) + POLL_MS);
    }
    if (!call.call.answer.output)
        return !run->stopped_ms && report_failure(run, &call); /* told once: a rollout goes on asking */
    const Json *parameters = json_get_c(call.call.answer.output, "Parameters");
    for (size_t i = 0; i < json_item_count(parameters); i++)
        read_holder(arena, parameters->items.items[i], path, out);
    return true;
}

/* --- writing --- */

static Text lease_value(Run *run, const Lease *lease)
{
    Buffer text = {0};
    buffer_add_format(&text, "{\"expires\":%lld,\"owner\":", (long long)(lease->expires_ms / 1000));
    buffer_add_json_string(&text, run->input->options.owner);
    buffer_add_c(&text, ",\"plan\":");
    buffer_add_json_string(&text, run->plan->seal);
    if (lease->record.len) {
        buffer_add_c(&text, ",\"rollout\":");
        buffer_add(&text, lease->record);
    }
    buffer_add_c(&text, ",\"token\":");
    buffer_add_json_string(&text, run->leases.token);
    buffer_add_c(&text, "}");
    Text value = arena_copy_text(run->arena, buffer_text(&text));
    buffer_free(&text);
    return value;
}

static void put(Run *run, RunCall *call, const Lease *lease, bool overwrites)
{
    Arena *arena = run->arena;
    Json *input = json_object(arena);
    json_set_c(arena, input, "Name", json_text(arena, arena_format(arena, "%.*s/%lld", TEXT_ARG(lease->path), (long long)lease->number)));
    json_set_c(arena, input, "Type", json_text_c(arena, "String"));
    json_set_c(arena, input, "Overwrite", json_bool(arena, overwrites));
    json_set_c(arena, input, "Value", json_text(arena, lease_value(run, lease)));
    run_perform(run, arena, call, "ssm", "PutParameter", input);
}

/* Those that nobody holds any more. Nothing depends on it. */
static void delete_names(Run *run, const TextArray *names, Text except)
{
    enum { BATCH = 10 };
    Arena *arena = run->arena;
    Json *list = json_array(arena);
    for (size_t i = 0; i <= names->count; i++) {
        if (i < names->count && !text_equal(names->items[i], except))
            json_add(arena, list, json_text(arena, names->items[i]));
        if (json_item_count(list) == 0 || (json_item_count(list) < BATCH && i < names->count))
            continue;
        RunCall call = {0};
        Json *input = json_object(arena);
        json_set_c(arena, input, "Names", list);
        run_perform(run, arena, &call, "ssm", "DeleteParameters", input);
        list = json_array(arena);
    }
}

/* --- taking --- */

static bool is_mine(const Run *run, const Lease *lease, const Holder *holder)
{
    return holder->number == lease->number && text_equal(holder->token, run->leases.token);
}

/* Says who holds it and until when; false when there is no waiting for it. */
static bool wait_for(Run *run, Text path, const Holder *holder)
{
    const ApplyOptions *options = &run->input->options;
    int64_t now = run_now(run);
    int64_t seconds = (holder->expires_ms - now + 999) / 1000;
    bool is_late = options->deadline_ms && now >= run->started_ms + options->deadline_ms;
    if (!is_late && !run_is_interrupted(run)) {
        run_tell(run, APPLY_EVENT_LEASE, NULL, "waiting for %.*s, who is applying to %.*s; unless renewed their lease ends in %lld s", TEXT_ARG(holder->owner),
                 TEXT_ARG(path), (long long)seconds);
        int64_t until = holder->expires_ms < now + POLL_MS ? holder->expires_ms : now + POLL_MS;
        run_pause(run, until);
        return true;
    }
    Diagnostic *diagnostic = diagnostic_report(run->sink, CODE_LEASE_HELD, SPAN_NONE, "%.*s is applying to %.*s; their lease ends in %lld s unless they renew it",
                                               TEXT_ARG(holder->owner), TEXT_ARG(path), (long long)seconds);
    diagnostic_set_advice(run->sink, diagnostic, "wait for them, or give a later --deadline");
    return false;
}

static bool take(Run *run, Text service, Text path)
{
    Holder holder;
    int failures = 0;
    for (;;) {
        if (!ask(run, path, &holder))
            return false;
        if (holder.number && holder.expires_ms > run_now(run)) {
            if (!wait_for(run, path, &holder))
                return false;
            continue;
        }
        RunCall call = {0};
        Lease *lease = ARENA_NEW(run->arena, Lease);
        *lease = (Lease){.service = service, .path = path, .number = holder.number + 1, .expires_ms = run_now(run) + LEASE_MS, .record = holder.record};
        put(run, &call, lease, false);
        bool has_failed = !call.call.answer.output && !text_equal_c(call.call.answer.code, EXISTS) && !call.call.answer.may_have_happened;
        if (has_failed && (error_kind(&call.call) != ERROR_RETRY || ++failures == ASK_ATTEMPTS))
            return report_failure(run, &call);
        if (has_failed) {
            run_pause(run, run_now(run) + POLL_MS);
            continue;
        }
        /* Whoever has the highest number holds it: another may have been quicker, or an answer was lost. */
        if (!ask(run, path, &holder))
            return false;
        if (!is_mine(run, lease, &holder))
            continue;
        ARRAY_PUSH(run->arena, &run->leases.items, lease);
        delete_names(run, &holder.names, arena_format(run->arena, "%.*s/%lld", TEXT_ARG(path), (long long)lease->number));
        return true;
    }
}

static Text make_token(const Run *run)
{
    char digest[SHA256_HEX_LENGTH + 1];
    Text seed = arena_format(run->arena, "%.*s %.*s %lld", TEXT_ARG(run->input->options.owner), TEXT_ARG(run->plan->seal), (long long)run_now(run));
    sha256_hex(digest, seed);
    return arena_copy_text(run->arena, (Text){digest, 16});
}

static int order_services(const void *a, const void *b)
{
    const RunService *const *left = a;
    const RunService *const *right = b;
    return text_compare((*left)->service, (*right)->service);
}

Text lease_path(Arena *arena, Text project, Text environment, Text service, const char *what)
{
    return arena_format(arena, "/svc/%.*s/%.*s/%.*s/%s", TEXT_ARG(project), TEXT_ARG(environment.len ? environment : TEXT("-")),
                        TEXT_ARG(service.len ? service : TEXT("shared")), what);
}

/* In one order for everybody, so that two cannot wait for each other. */
bool lease_take_all(Run *run)
{
    run->leases.token = make_token(run);
    if (run->services.count > 1)
        qsort(run->services.items, run->services.count, sizeof *run->services.items, order_services);
    for (size_t i = 0; i < run->services.count; i++) {
        Text service = run->services.items[i]->service;
        Text path = lease_path(run->arena, run->plan->project, run->plan->environment, service, "lease");
        if (!take(run, service, path)) {
            lease_release_all(run);
            return false;
        }
    }
    run->leases.renewed_ms = run_now(run);
    return true;
}

/* --- holding --- */

static bool report_lost(Run *run, const Lease *lease, const Holder *holder)
{
    run->is_lost = true;
    Diagnostic *diagnostic = diagnostic_report(run->sink, CODE_LEASE_LOST, SPAN_NONE, "the lease %.*s was taken over by %.*s", TEXT_ARG(lease->path),
                                               TEXT_ARG(holder->number ? holder->owner : TEXT("another apply, which has ended")));
    diagnostic_set_advice(run->sink, diagnostic, "wait for them, then plan again: svc plan shows what is left to do");
    return false;
}

static bool check(Run *run, Lease *lease)
{
    Holder holder;
    if (run->is_lost || !ask(run, lease->path, &holder))
        return false;
    lease->checked_ms = run_now(run);
    return is_mine(run, lease, &holder) || report_lost(run, lease, &holder);
}

Lease *lease_find(const Run *run, Text service)
{
    for (size_t i = 0; i < run->leases.items.count; i++)
        if (text_equal(run->leases.items.items[i]->service, service))
            return run->leases.items.items[i];
    return NULL;
}

bool lease_check(Run *run, Text service)
{
    Lease *lease = lease_find(run, service);
    if (!lease || lease->checked_ms == run_now(run))
        return !run->is_lost;
    return check(run, lease);
}

bool lease_keep_record(Run *run, Text service, Text record)
{
    RunCall call = {0};
    Lease *lease = lease_find(run, service);
    if (!lease || run->is_lost)
        return false;
    lease->record = arena_copy_text(run->arena, record);
    lease->expires_ms = run_now(run) + LEASE_MS;
    put(run, &call, lease, true);
    if (call.call.answer.output)
        return true;
    run_tell(run, APPLY_EVENT_NOTE, NULL, "the record of the rollout cannot be kept: %.*s", TEXT_ARG(call.call.answer.message));
    return false;
}

/* It is asked first: a machine that slept must not bring an old lease back. */
int64_t lease_tick(Run *run)
{
    int64_t now = run_now(run);
    if (run->is_lost || !run->leases.items.count)
        return now + LEASE_MS;
    if (now < run->leases.renewed_ms + RENEW_MS)
        return run->leases.renewed_ms + RENEW_MS;
    for (size_t i = 0; i < run->leases.items.count; i++) {
        Lease *lease = run->leases.items.items[i];
        RunCall call = {0};
        if (!check(run, lease)) {
            run_stop(run, APPLY_FAILED);
            run->leases.renewed_ms = run_now(run);
            return run_now(run) + RENEW_MS;
        }
        lease->expires_ms = run_now(run) + LEASE_MS;
        put(run, &call, lease, true);
    }
    run->leases.renewed_ms = run_now(run);
    return run->leases.renewed_ms + RENEW_MS;
}

void lease_release_all(Run *run)
{
    for (size_t i = 0; !run->is_lost && i < run->leases.items.count; i++) {
        Lease *lease = run->leases.items.items[i];
        TextArray names = {0};
        if (lease->record.len) {
            RunCall call = {0};
            lease->expires_ms = run_now(run);
            put(run, &call, lease, true);
            continue;
        }
        ARRAY_PUSH(run->arena, &names, arena_format(run->arena, "%.*s/%lld", TEXT_ARG(lease->path), (long long)lease->number));
        delete_names(run, &names, TEXT_NONE);
    }
    run->leases.items.count = 0;
}
