#include "cli/account.h"

#include "base/clock.h"
#include "live/live.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void log_attempt(void *context, const AwsCallLog *attempt)
{
    (void)context;
    Buffer line = {0};
    aws_log_line(&line, attempt);
    (void)!session_write(STDERR_FILENO, buffer_text(&line));
    buffer_free(&line);
}

static void report_settings(Session *session, Text reason)
{
    Diagnostic *diagnostic =
        diagnostic_report(&session->sink, CODE_CANNOT_READ_ACCOUNT, SPAN_NONE, "the account cannot be read: %.*s", TEXT_ARG(reason));
    diagnostic_set_advice(&session->sink, diagnostic, "set up AWS as for the AWS CLI; --offline plans without it");
}

/* Tests need not wait a minute for what does not answer. */
static int attempt_timeout(void)
{
#ifdef SVC_TEST_HOOKS
    AwsEnvironment environment = aws_environment_of_process();
    Text milliseconds = aws_environment_find(&environment, "SVC_TEST_TIMEOUT_MS");
    return milliseconds.len ? (int)strtol(milliseconds.ptr, NULL, 10) : 0;
#else
    return 0;
#endif
}

bool account_open(Session *session, Text region, Account *out)
{
    Text reason = TEXT_NONE;
    AwsSettingsOptions options = {.environment = aws_environment_of_process(), .profile = session->options.values[OPTION_PROFILE], .region = region};
    *out = (Account){.session = session, .started_ms = clock_monotonic_ms()};
    if (!aws_settings_load(&session->arena, &options, &out->settings, &reason)) {
        report_settings(session, reason);
        return false;
    }
    out->region = out->settings.region;
    if (!out->region.len) {
        report_settings(session, TEXT("no region is set: say it in the environment, or set AWS_REGION"));
        return false;
    }
    out->http = aws_http_create(&session->arena);
    aws_http_trust(out->http, out->settings.ca_bundle);
    if (session->interrupts)
        aws_http_watch(out->http, &session->interrupts[1]);
    AwsClientOptions client = {
        .settings = &out->settings,
        .http = out->http,
        .credentials = aws_credentials_create(&session->arena, &out->settings, out->http, (AwsPrompter){0}),
        .region = out->region,
        .timeout_ms = attempt_timeout(),
        .interrupts = session->interrupts ? &session->interrupts[1] : NULL,
    };
    if (session->options.given[OPTION_DEBUG])
        client.logger.log = log_attempt;
    out->client = aws_client_create(&session->arena, &client);
    out->caller = aws_client_caller(out->client);
    return true;
}

/* Calls by operation, requests with those that were repeated. */
static void print_stats(const Account *account)
{
    size_t count = 0;
    const AwsCallCount *counts = aws_client_counts(account->client, &count);
    int64_t requests = 0;
    int64_t retries = 0;
    Buffer out = {0};
    for (size_t i = 0; i < count; i++) {
        buffer_add_format(&out, "%6lld  %.*s %.*s", (long long)counts[i].requests, TEXT_ARG(counts[i].service), TEXT_ARG(counts[i].operation));
        if (counts[i].retries)
            buffer_add_format(&out, ", %lld of them again", (long long)counts[i].retries);
        buffer_add_format(&out, ", %lld ms\n", (long long)counts[i].milliseconds);
        requests += counts[i].requests;
        retries += counts[i].retries;
    }
    buffer_add_format(&out, "%6lld  calls, %lld of them again, in %lld ms\n", (long long)requests, (long long)retries,
                      (long long)(clock_monotonic_ms() - account->started_ms));
    (void)!session_write(STDERR_FILENO, buffer_text(&out));
    buffer_free(&out);
}

void account_close(Account *account)
{
    if (account->session->options.given[OPTION_STATS])
        print_stats(account);
    aws_http_close(account->http);
    aws_client_close(account->client);
}

/* What was looked at for credentials, and why it did not serve, below what says that there are none. */
static void explain_credentials(Diagnostics *sink, Text explanation)
{
    Diagnostic *diagnostic = sink->items.count ? sink->items.items[sink->items.count - 1] : NULL;
    Text help = TEXT("help: ");
    bool is_first = true;
    while (diagnostic && explanation.len) {
        size_t end = text_find_byte(explanation, '\n');
        Text line = text_trim(text_slice(explanation, 0, end));
        explanation = text_slice(explanation, end + 1, explanation.len);
        if (text_starts_with(line, help))
            diagnostic_set_advice(sink, diagnostic, "%.*s", TEXT_ARG(text_slice(line, help.len, line.len)));
        else if (line.len && !is_first)
            diagnostic_add_note(sink, diagnostic, "%.*s", TEXT_ARG(line));
        is_first = false;
    }
}

bool account_read(Account *account, Pipeline *pipeline, bool with_facts, Text *out)
{
    Arena reading = {0}; /* the answers are large, and not needed any more once they are written */
    Diagnostics *sink = &account->session->sink;
    LiveInput input = {.caller = &account->caller, .model = pipeline->model, .resources = &pipeline->resources, .region = account->region,
                       .with_facts = with_facts};
    const Json *recording = live_read(&reading, sink, &input);
    if (recording)
        *out = live_write(&pipeline->arena, recording);
    else
        explain_credentials(sink, aws_client_explain_credentials(account->client));
    arena_free(&reading);
    return recording != NULL;
}
