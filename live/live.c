#include "live/live.h"

#include "live/reader.h"

static const Question identity_question = {.service = "sts", .operation = "GetCallerIdentity"};

static void take_identity(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    (void)subject;
    if (result)
        reader->account = reader_text(result, "Account");
}

/* Names mean something else in another account. */
static bool check_account(Reader *reader)
{
    const Environment *environment = &reader->input->model->environment;
    if (!environment->account.len || !reader->account.len || text_equal(environment->account, reader->account))
        return true;
    Diagnostic *diagnostic = diagnostic_report(reader->sink, CODE_WRONG_ACCOUNT, environment->node ? environment->node->span : SPAN_NONE,
                                               "the credentials are of account %.*s, environment %.*s is in %.*s", TEXT_ARG(reader->account),
                                               TEXT_ARG(environment->name), TEXT_ARG(environment->account));
    diagnostic_set_advice(reader->sink, diagnostic, "use credentials of account %.*s, such as with AWS_PROFILE", TEXT_ARG(environment->account));
    return false;
}

/* --- failures --- */

static void report_denials(Reader *reader, const AskFailureArray *failures)
{
    for (size_t i = 0; i < failures->count; i++) {
        const AskFailure *failure = &failures->items[i];
        if (!failure->is_denied)
            continue;
        Diagnostic *diagnostic = diagnostic_report(reader->sink, CODE_READ_DENIED, SPAN_NONE, "AWS denies %s %.*s%s%.*s", failure->service,
                                                   TEXT_ARG(failure->operation), failure->resource.len ? " on " : "", TEXT_ARG(failure->resource));
        diagnostic_set_advice(reader->sink, diagnostic, "allow %.*s to whoever plans", TEXT_ARG(failure->action));
    }
}

/* Without credentials or a network every call fails alike: once is enough. */
static void report_others(Reader *reader, const AskFailureArray *failures)
{
    Text last = TEXT_NONE;
    for (size_t i = 0; i < failures->count; i++) {
        const AskFailure *failure = &failures->items[i];
        if (failure->is_denied || text_equal(failure->message, last))
            continue;
        last = failure->message;
        bool is_ours = text_starts_with(failure->code, TEXT("svc:")) || !failure->service;
        Diagnostic *diagnostic =
            is_ours ? diagnostic_report(reader->sink, CODE_CANNOT_READ_ACCOUNT, SPAN_NONE, "the account cannot be read: %.*s", TEXT_ARG(failure->message))
                    : diagnostic_report(reader->sink, CODE_CANNOT_READ_ACCOUNT, SPAN_NONE, "%s %.*s failed: %.*s: %.*s", failure->service,
                                        TEXT_ARG(failure->operation), TEXT_ARG(failure->code), TEXT_ARG(failure->message));
        (void)diagnostic;
    }
}

static bool check_failures(Reader *reader)
{
    const AskFailureArray *failures = asker_failures(reader->asker);
    report_denials(reader, failures);
    report_others(reader, failures);
    return failures->count == 0;
}

/* --- the stages --- */

Json *live_read(Arena *arena, Diagnostics *sink, const LiveInput *input)
{
    Reader reader = {.arena = arena, .sink = sink, .input = input, .lookups = json_object(arena), .facts = json_object(arena)};
    size_t errors = sink->error_count;
    reader.asker = asker_create(arena, input->caller, &reader);
    reader.index = ARENA_NEW_ARRAY(arena, Thing *, READER_PLACES);
    reader.declared_index = ARENA_NEW_ARRAY(arena, Thing *, READER_PLACES);
    reader.tagged_index = ARENA_NEW_ARRAY(arena, Tagged *, READER_PLACES);
    /* Who asks, what carries the tags, and what the rest refers to. */
    asker_list(reader.asker, &identity_question, NULL, NULL, take_identity);
    find_tagged(&reader);
    find_networks(&reader);
    asker_run(reader.asker);
    if (!check_account(&reader) || !check_failures(&reader))
        return NULL;
    find_named(&reader);
    find_groups(&reader);
    find_balancers(&reader);
    find_roles(&reader);
    if (input->with_facts) {
        find_existing(&reader);
        find_facts(&reader);
    }
    asker_run(reader.asker);
    find_tags(&reader);
    find_foreign_rules(&reader);
    asker_run(reader.asker);
    if (!check_failures(&reader))
        return NULL;
    conclude_lookups(&reader);
    conclude_places(&reader);
    return sink->error_count == errors ? record_all(&reader) : NULL;
}

Text live_write(Arena *arena, const Json *recording)
{
    Buffer out = {0};
    json_write(&out, recording, 2);
    Text text = arena_copy_text(arena, buffer_text(&out));
    buffer_free(&out);
    return text;
}
