/* For the tests of AWS's protocols (check_protocols.py, check_client.py): one JSON object a line comes in on stdin, one goes out on stdout.
     {"do": "write", "service": …, "operation": …, "input": {…}}       -> {"method", "target", "headers", "body"} or {"reason"}
     {"do": "read", "service": …, "operation": …, "status": 200, "headers": {…}, "body": "…"} -> {"kind", "output", "code", "message", "request_id"}
     {"do": "call", "calls": [{"service", "operation", "input"}, …], "timeout_ms": …, "one_by_one": …} -> {"answers": [{…}, …], "counts": […], "log": […], "credentials": …}
   Calls are made at the same time, by the environment of the process, as a command of svc would make them. */
#include "aws/client.h"
#include "aws/protocol.h"
#include "base/json_read.h"
#include "base/memory.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static volatile sig_atomic_t interrupts;

static void count_interrupt(int signal_number)
{
    (void)signal_number;
    interrupts = interrupts + 1;
}

static Json *convert(Arena *arena, const ReadJson *from)
{
    if (!from || from->kind == READ_NULL)
        return json_null(arena);
    if (from->kind == READ_BOOL)
        return json_bool(arena, from->boolean);
    if (from->kind == READ_NUMBER)
        return json_number(arena, from->number);
    if (from->kind == READ_TEXT)
        return json_text(arena, from->text);
    if (from->kind == READ_ARRAY) {
        Json *array = json_array(arena);
        for (size_t i = 0; i < from->items.count; i++)
            json_add(arena, array, convert(arena, from->items.items[i]));
        return array;
    }
    Json *object = json_object(arena);
    for (size_t i = 0; i < from->members.count; i++)
        json_set(arena, object, from->members.items[i].key, convert(arena, from->members.items[i].value));
    return object;
}

static Text said(const ReadJson *line, const char *key)
{
    return json_read_text(json_read_member(line, key));
}

static void set_text(Arena *arena, Json *object, const char *key, Text text)
{
    json_set_c(arena, object, key, json_text(arena, text));
}

/* NULL where none is said. */
static Json *convert_input(Arena *arena, const ReadJson *line)
{
    const ReadJson *input = json_read_member(line, "input");
    return input ? convert(arena, input) : NULL;
}

static Json *do_write(Arena *arena, const AwsOperation *operation, const ReadJson *line)
{
    Json *out = json_object(arena);
    AwsWireRequest wire;
    Text reason;
    if (!aws_protocol_write(arena, operation, convert_input(arena, line), &wire, &reason)) {
        set_text(arena, out, "reason", reason);
        return out;
    }
    set_text(arena, out, "method", wire.method);
    set_text(arena, out, "target", wire.target);
    set_text(arena, out, "body", wire.body);
    Json *headers = json_object(arena);
    for (size_t i = 0; i < wire.header_count; i++)
        json_set(arena, headers, wire.headers[i].name, json_text(arena, wire.headers[i].value));
    json_set_c(arena, out, "headers", headers);
    return out;
}

static Json *do_read(Arena *arena, AwsExpat *expat, const AwsOperation *operation, const ReadJson *line)
{
    static const char *const kinds[] = {[AWS_READ_OUTPUT] = "output", [AWS_READ_ERROR] = "error", [AWS_READ_GARBLED] = "garbled"};
    const ReadJson *given = json_read_member(line, "headers");
    size_t count = given ? given->members.count : 0;
    AwsHeader *headers = ARENA_NEW_ARRAY(arena, AwsHeader, count);
    for (size_t i = 0; i < count; i++)
        headers[i] = (AwsHeader){given->members.items[i].key, json_read_text(given->members.items[i].value)};
    AwsHttpResponse response = {
        .status = (int)json_read_member(line, "status")->number.num, .headers = headers, .header_count = count, .body = said(line, "body")};
    AwsRead read;
    aws_protocol_read(arena, expat, operation, &response, &read);
    Json *out = json_object(arena);
    set_text(arena, out, "kind", text_from_c(kinds[read.kind]));
    set_text(arena, out, "code", read.code);
    set_text(arena, out, "message", read.message);
    set_text(arena, out, "request_id", read.request_id);
    json_set_c(arena, out, "output", read.output);
    return out;
}

/* --- calls --- */

typedef struct Log {
    Arena *arena;
    Json *lines;
} Log;

static void take_log(void *context, const AwsCallLog *attempt)
{
    Log *log = context;
    Buffer line = {0};
    aws_log_line(&line, attempt);
    json_add(log->arena, log->lines, json_text(log->arena, arena_copy_text(log->arena, text_trim(buffer_text(&line)))));
    buffer_free(&line);
}

static Json *show_answer(Arena *arena, const AwsAnswer *answer)
{
    Json *shown = json_object(arena);
    json_set_c(arena, shown, "output", answer->output);
    set_text(arena, shown, "code", answer->code);
    set_text(arena, shown, "message", answer->message);
    set_text(arena, shown, "request_id", answer->request_id);
    json_set_c(arena, shown, "status", json_integer(arena, answer->status));
    json_set_c(arena, shown, "may_have_happened", json_bool(arena, answer->may_have_happened));
    json_set_c(arena, shown, "is_throttled", json_bool(arena, answer->is_throttled));
    return shown;
}

static Json *show_counts(Arena *arena, const AwsClient *client)
{
    size_t count = 0;
    const AwsCallCount *counts = aws_client_counts(client, &count);
    Json *shown = json_array(arena);
    for (size_t i = 0; i < count; i++) {
        Json *row = json_object(arena);
        set_text(arena, row, "operation", arena_format(arena, "%.*s %.*s", TEXT_ARG(counts[i].service), TEXT_ARG(counts[i].operation)));
        json_set_c(arena, row, "requests", json_integer(arena, counts[i].requests));
        json_set_c(arena, row, "retries", json_integer(arena, counts[i].retries));
        json_add(arena, shown, row);
    }
    return shown;
}

/* Starts all, or one after the other, and waits until all have ended. */
static Json *run_calls(Arena *arena, AwsClient *client, const ReadJson *line)
{
    AwsCaller caller = aws_client_caller(client);
    const ReadJson *wanted = json_read_member(line, "calls");
    const ReadJson *one_by_one = json_read_member(line, "one_by_one");
    size_t count = wanted->items.count;
    AwsCall *calls = ARENA_NEW_ARRAY(arena, AwsCall, count);
    for (size_t i = 0; i < count; i++) {
        const ReadJson *item = wanted->items.items[i];
        calls[i] = (AwsCall){.service = said(item, "service").ptr, .operation = said(item, "operation"), .input = convert_input(arena, item)};
        if (one_by_one && one_by_one->boolean)
            aws_client_call(client, arena, &calls[i]);
        else
            caller.start(caller.self, arena, &calls[i]);
    }
    while (caller.wait(caller.self, 0))
        continue;
    Json *answers = json_array(arena);
    for (size_t i = 0; i < count; i++)
        json_add(arena, answers, show_answer(arena, &calls[i].answer));
    return answers;
}

static Json *do_call(Arena *arena, const ReadJson *line)
{
    Json *out = json_object(arena);
    AwsSettingsOptions wanted = {.environment = aws_environment_of_process()};
    AwsSettings settings;
    Text reason;
    if (!aws_settings_load(arena, &wanted, &settings, &reason)) {
        set_text(arena, out, "reason", reason);
        return out;
    }
    AwsHttp *http = aws_http_create(arena);
    aws_http_trust(http, settings.ca_bundle);
    aws_http_watch(http, &interrupts);
    Log log = {arena, json_array(arena)};
    const ReadJson *timeout = json_read_member(line, "timeout_ms");
    AwsClientOptions options = {
        .settings = &settings,
        .http = http,
        .credentials = aws_credentials_create(arena, &settings, http, (AwsPrompter){0}),
        .interrupts = &interrupts,
        .logger = {take_log, &log},
        .timeout_ms = timeout ? (int)timeout->number.num : 0,
    };
    AwsClient *client = aws_client_create(arena, &options);
    json_set_c(arena, out, "answers", run_calls(arena, client, line));
    json_set_c(arena, out, "counts", show_counts(arena, client));
    json_set_c(arena, out, "log", log.lines);
    set_text(arena, out, "credentials", aws_client_explain_credentials(client));
    aws_http_close(http);
    aws_client_close(client);
    return out;
}

static Json *answer_line(Arena *arena, AwsExpat *expat, Text text)
{
    Json *out = json_object(arena);
    ReadJsonError error;
    AwsOperation operation;
    const ReadJson *line = json_read(arena, text, &error);
    Text what = said(line, "do");
    if (text_equal_c(what, "call"))
        return do_call(arena, line);
    if (!line || !aws_operation_find(said(line, "service"), said(line, "operation"), &operation))
        set_text(arena, out, "reason", line ? TEXT("no such operation") : error.reason);
    else
        return text_equal_c(what, "write") ? do_write(arena, &operation, line) : do_read(arena, expat, &operation, line);
    return out;
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    AwsExpat expat = {0};
    (void)signal(SIGINT, count_interrupt);
    for (ssize_t length; (length = getline(&line, &room, stdin)) > 0;) {
        Arena arena = {0};
        Buffer out = {0};
        json_write(&out, answer_line(&arena, &expat, (Text){line, (size_t)length}), 0);
        buffer_add_byte(&out, '\n');
        (void)fwrite(out.bytes, 1, out.length, stdout);
        (void)fflush(stdout);
        buffer_free(&out);
        arena_free(&arena);
    }
    free(line);
    return 0;
}
