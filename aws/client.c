#include "aws/client.h"

#include "aws/endpoints.h"
#include "aws/moment.h"
#include "aws/pages.h"
#include "aws/protocol.h"
#include "aws/retry.h"
#include "aws/sigv4.h"
#include "base/clock.h"

#include <time.h>
#include <unistd.h>

enum {
    SLEEP_MS = 100,              /* at most, so that an interrupt is noticed */
    CLOCK_TOLERANCE_MS = 1500,   /* a Date header is whole seconds, and took its time to come */
    CLOCK_ERROR_MIN_S = 60,      /* AWS takes what is signed within five minutes */
    MOST_AT_ONCE = 8,
};

/* A call on its way. */
typedef struct Flight {
    AwsCall *call;
    Arena *arena;  /* of the answer */
    Arena scratch; /* of one attempt */
    AwsOperation operation;
    struct Line *line;
    AwsPages pages;
    AwsRetryState retry;
    bool is_repeatable;
    bool may_have_happened; /* an attempt, which was followed by another */
    int64_t not_before; /* monotonic milliseconds */
    int64_t sent_at;
    size_t bytes_sent;
    struct Flight *next;
    struct Flight *older; /* of all that the client has */
} Flight;

/* The calls of one service. */
typedef struct Line {
    Text service;
    AwsEndpoint endpoint;
    bool has_endpoint;
    AwsPace pace;
    int running;
    int64_t rests_until;
    Flight *waiting;
    struct Line *next;
} Line;

struct AwsClient {
    Arena *arena;
    AwsClientOptions options;
    AwsExpat expat;
    Line *lines;
    Flight *ended;
    Flight *free;
    Flight *newest;
    size_t under_way; /* waiting, sent, or ended and not yet taken */
    AwsRetryQuota quota;
    ARRAY(AwsCallCount) counts;
    int64_t clock_offset_ms; /* AWS's clock minus ours, as Date headers tell */
    int64_t signing_offset_s; /* only once AWS refused a signature for its time */
    uint64_t random;
    AwsCredentialsError credentials_error;
    bool lacks_credentials;
};

/* --- clocks and chance --- */

static int64_t read_clock(clockid_t clock)
{
    struct timespec now = {0};
    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#ifdef SVC_TEST_HOOKS
/* In tests a simulated account's clock stands still but for those who wait: SVC_TEST_CLOCK is the address at which they move it on. */
static Text test_clock(void)
{
    AwsEnvironment environment = aws_environment_of_process();
    return aws_environment_find(&environment, "SVC_TEST_CLOCK");
}
#else
static Text test_clock(void)
{
    return TEXT_NONE;
}
#endif

/* This machine's clock, to which the offset of AWS's is added. */
static int64_t local_ms(void)
{
    return test_clock().len ? 0 : read_clock(CLOCK_REALTIME);
}

static int64_t aws_now_ms(const AwsClient *client)
{
    return local_ms() + client->clock_offset_ms;
}

/* From 0 to below 1; xorshift64*. */
static double next_random(AwsClient *client)
{
    uint64_t x = client->random;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    client->random = x;
    return (double)((x * UINT64_C(2685821657736338717)) >> 11) / (double)(UINT64_C(1) << 53);
}

static bool is_interrupted(const AwsClient *client)
{
    return client->options.interrupts && *client->options.interrupts > 0;
}

/* --- lines --- */

/* Services whose limits are low for reads of a whole account. */
static int most_at_once(Text service)
{
    static const struct {
        const char *service;
        int most;
    } rows[] = {{"ec2", 4}, {"iam", 4}, {"elbv2", 4}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (text_equal_c(service, rows[i].service))
            return rows[i].most;
    return MOST_AT_ONCE;
}

static Line *find_line(AwsClient *client, Text service)
{
    Line **at = &client->lines;
    for (; *at; at = &(*at)->next)
        if (text_equal((*at)->service, service))
            return *at;
    Line *line = ARENA_NEW(client->arena, Line);
    line->service = service; /* of the schema: it lives as long as the program */
    line->pace = aws_pace_begin(most_at_once(service));
    *at = line;
    return line;
}

static void append(Flight **list, Flight *flight)
{
    while (*list)
        list = &(*list)->next;
    flight->next = NULL;
    *list = flight;
}

static void prepend(Flight **list, Flight *flight)
{
    flight->next = *list;
    *list = flight;
}

/* --- ending --- */

static void end_flight(AwsClient *client, Flight *flight)
{
    arena_free(&flight->scratch); /* thousands may have ended before they are taken */
    append(&client->ended, flight);
}

static void end_with(AwsClient *client, Flight *flight, const char *code, Text message)
{
    AwsAnswer *answer = &flight->call->answer;
    answer->code = text_from_c(code);
    answer->message = arena_copy_text(flight->arena, message);
    answer->may_have_happened = flight->may_have_happened;
    end_flight(client, flight);
}

/* --- counting and logging --- */

static AwsCallCount *find_count(AwsClient *client, const Flight *flight)
{
    for (size_t i = 0; i < client->counts.count; i++) {
        AwsCallCount *count = &client->counts.items[i];
        if (text_equal(count->operation, flight->operation.operation.name) && text_equal(count->service, flight->operation.facts.name))
            return count;
    }
    AwsCallCount fresh = {.service = flight->operation.facts.name, .operation = flight->operation.operation.name};
    ARRAY_PUSH(client->arena, &client->counts, fresh);
    return &client->counts.items[client->counts.count - 1];
}

static void log_attempt(const AwsClient *client, const Flight *flight, AwsCallLog log)
{
    if (!client->options.logger.log)
        return;
    log.service = flight->operation.facts.name;
    log.operation = flight->operation.operation.name;
    log.bytes_sent = flight->bytes_sent;
    log.milliseconds = (int)(clock_monotonic_ms() - flight->sent_at);
    client->options.logger.log(client->options.logger.context, &log);
}

void aws_log_line(Buffer *out, const AwsCallLog *attempt)
{
    buffer_add_format(out, "%.*s %.*s: ", TEXT_ARG(attempt->service), TEXT_ARG(attempt->operation));
    if (attempt->status)
        buffer_add_format(out, "%d%s", attempt->status, attempt->code.len ? " " : "");
    else
        buffer_add(out, attempt->message);
    if (attempt->status)
        buffer_add(out, attempt->code);
    buffer_add_format(out, " in %d ms (", attempt->milliseconds);
    if (attempt->attempt > 1)
        buffer_add_format(out, "attempt %d, ", attempt->attempt);
    if (attempt->request_id.len)
        buffer_add_format(out, "request %.*s, ", TEXT_ARG(attempt->request_id));
    buffer_add_format(out, "%zu bytes sent, %zu received)", attempt->bytes_sent, attempt->bytes_received);
    if (attempt->is_retried)
        buffer_add_format(out, "; again in %d ms", attempt->delay_ms);
    buffer_add_byte(out, '\n');
}

/* --- sending --- */

static bool find_endpoint(AwsClient *client, Flight *flight)
{
    Line *line = flight->line;
    Text region = client->options.region.len ? client->options.region : client->options.settings->region;
    Text reason = TEXT_NONE;
    if (!line->has_endpoint && region.len == 0)
        reason = TEXT("no region is set: set AWS_REGION, or region in the profile");
    else if (!line->has_endpoint)
        line->has_endpoint = aws_endpoint_find(client->arena, client->options.settings, line->service, region, &line->endpoint, &reason);
    if (!line->has_endpoint)
        end_with(client, flight, AWS_CODE_NO_ENDPOINT, reason);
    return line->has_endpoint;
}

static void sign(AwsClient *client, Flight *flight, const AwsCredentials *credentials, AwsHttpRequest *request)
{
    AwsSigning signing = {
        .service = flight->line->endpoint.signing_name,
        .region = flight->line->endpoint.signing_region,
        .credentials = credentials,
        .time = read_clock(CLOCK_REALTIME) / 1000 + client->signing_offset_s,
    };
    aws_sigv4_sign(&flight->scratch, &signing, request);
}

/* The time of AWS: credentials end by its clock. */
static bool find_credentials(AwsClient *client, Flight *flight, AwsCredentials *out)
{
    AwsCredentialsError error = {0};
    if (aws_credentials_get(client->options.credentials, aws_now_ms(client) / 1000, out, &error))
        return true;
    client->credentials_error = error;
    client->lacks_credentials = true;
    end_with(client, flight, AWS_CODE_NO_CREDENTIALS, error.message);
    return false;
}

static void send_flight(AwsClient *client, Flight *flight)
{
    arena_reset(&flight->scratch);
    Arena *scratch = &flight->scratch;
    AwsWireRequest wire;
    AwsCredentials credentials = {0};
    Text reason = TEXT_NONE;
    const Json *input = aws_pages_input(scratch, &flight->pages, &flight->operation, flight->call->input);
    if (!aws_protocol_write(scratch, &flight->operation, input, &wire, &reason)) {
        end_with(client, flight, AWS_CODE_BAD_INPUT, reason);
        return;
    }
    if (!find_endpoint(client, flight) || !find_credentials(client, flight, &credentials))
        return;
    AwsHttpRequest *request = ARENA_NEW(scratch, AwsHttpRequest);
    *request = (AwsHttpRequest){
        .method = wire.method,
        .url = arena_join(scratch, flight->line->endpoint.url, wire.target),
        .headers = wire.headers,
        .header_count = wire.header_count,
        .body = wire.body,
        .timeout_ms = client->options.timeout_ms,
        .is_write = !aws_operation_is_read(&flight->operation),
    };
    sign(client, flight, &credentials, request);
    flight->sent_at = clock_monotonic_ms();
    flight->bytes_sent = wire.body.len;
    flight->line->running++;
    aws_http_start(client->options.http, scratch, request, flight);
}

/* The first that need not wait any longer. */
static Flight *take_waiting(Line *line, int64_t now)
{
    for (Flight **at = &line->waiting; *at; at = &(*at)->next) {
        if ((*at)->not_before <= now) {
            Flight *flight = *at;
            *at = flight->next;
            flight->next = NULL;
            return flight;
        }
    }
    return NULL;
}

static void end_waiting(AwsClient *client, Line *line)
{
    while (line->waiting) {
        Flight *flight = line->waiting;
        line->waiting = flight->next;
        end_with(client, flight, AWS_CODE_INTERRUPTED, TEXT("interrupted"));
    }
}

static void send_waiting(AwsClient *client)
{
    int64_t now = clock_monotonic_ms();
    for (Line *line = client->lines; line; line = line->next) {
        if (is_interrupted(client))
            end_waiting(client, line);
        while (line->waiting && line->running < line->pace.limit && line->rests_until <= now) {
            Flight *flight = take_waiting(line, now);
            if (!flight)
                break;
            send_flight(client, flight);
        }
    }
}

/* --- answers --- */

/* How far AWS's clock is from ours by the answer's Date; false without one. */
static bool find_clock_offset(const AwsHttpResponse *response, int64_t *offset_ms)
{
    int64_t date = 0;
    if (!aws_moment_parse(aws_http_header(response, "date"), &date))
        return false;
    *offset_ms = date * 1000 + 500 - local_ms();
    return true;
}

static void note_clock(AwsClient *client, const AwsHttpResponse *response)
{
    int64_t offset = 0;
    if (!find_clock_offset(response, &offset))
        return;
    int64_t change = offset - client->clock_offset_ms;
    if (change > CLOCK_TOLERANCE_MS || change < -CLOCK_TOLERANCE_MS)
        client->clock_offset_ms = offset;
}

/* Whether the refusal can have come from our clock; then it is set. */
static bool set_signing_clock(AwsClient *client, const AwsHttpResponse *response)
{
    int64_t offset = 0;
    if (!find_clock_offset(response, &offset))
        return false;
    int64_t seconds = offset / 1000;
    int64_t change = seconds - client->signing_offset_s;
    if (change < CLOCK_ERROR_MIN_S && change > -CLOCK_ERROR_MIN_S)
        return false;
    client->signing_offset_s = seconds;
    return true;
}

static AwsRetryDecision decide(AwsClient *client, Flight *flight, const AwsAttempt *attempt, AwsAttemptKind kind, const AwsHttpResponse *response)
{
    bool is_uncertain = aws_attempt_may_have_happened(attempt) && !aws_operation_is_read(&flight->operation);
    if (kind == AWS_ATTEMPT_CLOCK && !set_signing_clock(client, response))
        kind = AWS_ATTEMPT_REFUSED;
    if (kind == AWS_ATTEMPT_EXPIRED)
        aws_credentials_forget(client->options.credentials);
    if (kind == AWS_ATTEMPT_THROTTLED)
        flight->line->rests_until = clock_monotonic_ms() + aws_pace_throttle(&flight->line->pace, next_random(client));
    AwsRetryDecision decision = aws_retry_decide(&client->quota, &flight->retry, kind, client->options.settings->max_attempts, next_random(client));
    flight->may_have_happened = flight->may_have_happened || is_uncertain;
    decision.is_retried = decision.is_retried && !is_interrupted(client) && !(is_uncertain && !flight->is_repeatable);
    return decision;
}

static void fail_flight(AwsClient *client, Flight *flight, const AwsAttempt *attempt, AwsAttemptKind kind, const AwsRead *read, Text reason)
{
    AwsAnswer *answer = &flight->call->answer;
    Arena *arena = flight->arena;
    answer->code = read->code;
    answer->message = read->message;
    if (attempt->failure != AWS_HTTP_OK) {
        answer->code = attempt->failure == AWS_HTTP_INTERRUPTED ? TEXT(AWS_CODE_INTERRUPTED) : TEXT(AWS_CODE_NO_ANSWER);
        answer->message = arena_copy_text(arena, reason);
    } else if (attempt->is_garbled) {
        answer->code = TEXT(AWS_CODE_UNREADABLE);
    }
    answer->may_have_happened = flight->may_have_happened;
    answer->is_throttled = kind == AWS_ATTEMPT_THROTTLED;
    end_flight(client, flight);
}

static void succeed_flight(AwsClient *client, Flight *flight, Json *output)
{
    aws_retry_succeed(&client->quota, &flight->retry);
    aws_pace_succeed(&flight->line->pace);
    switch (aws_pages_take(flight->arena, &flight->pages, &flight->operation, flight->call->input, output)) {
    case AWS_PAGES_DONE:
        flight->call->answer.output = flight->pages.joined;
        end_flight(client, flight);
        break;
    case AWS_PAGES_MORE:
        flight->retry = (AwsRetryState){0};
        prepend(&flight->line->waiting, flight);
        break;
    case AWS_PAGES_ENDLESS: end_with(client, flight, AWS_CODE_UNREADABLE, TEXT("its pages do not come to an end")); break;
    }
}

static void take_response(AwsClient *client, Flight *flight, const AwsHttpResponse *response)
{
    AwsRead read = {0};
    flight->line->running--;
    if (response->failure == AWS_HTTP_OK) {
        note_clock(client, response);
        aws_protocol_read(flight->arena, &client->expat, &flight->operation, response, &read);
    }
    AwsAttempt attempt = {
        .failure = response->failure,
        .status = response->status,
        .code = read.code,
        .is_garbled = response->failure == AWS_HTTP_OK && read.kind == AWS_READ_GARBLED,
    };
    AwsAttemptKind kind = aws_attempt_classify(&attempt);
    AwsRetryDecision decision = {0};
    AwsCallCount *count = find_count(client, flight);
    count->requests++;
    count->retries += flight->retry.attempts > 0;
    count->milliseconds += clock_monotonic_ms() - flight->sent_at;
    AwsCallLog log = {.attempt = flight->retry.attempts + 1, .status = response->status, .code = read.code, .message = response->reason, .request_id = read.request_id,
                      .bytes_received = response->body.len};
    if (kind != AWS_ATTEMPT_GOOD)
        decision = decide(client, flight, &attempt, kind, response);
    log.is_retried = decision.is_retried;
    log.delay_ms = decision.delay_ms;
    log_attempt(client, flight, log);
    flight->call->answer.status = response->status;
    flight->call->answer.request_id = read.request_id;
    if (kind == AWS_ATTEMPT_GOOD) {
        succeed_flight(client, flight, read.output);
    } else if (decision.is_retried) {
        flight->not_before = clock_monotonic_ms() + decision.delay_ms;
        append(&flight->line->waiting, flight);
    } else {
        fail_flight(client, flight, &attempt, kind, &read, response->reason);
    }
}

/* --- as a caller --- */

static Flight *make_flight(AwsClient *client)
{
    Flight *flight = ARENA_NEW(client->arena, Flight);
    flight->older = client->newest;
    client->newest = flight;
    return flight;
}

static void start(void *self, Arena *arena, AwsCall *call)
{
    AwsClient *client = self;
    Flight *flight = client->free;
    if (flight)
        client->free = flight->next;
    else
        flight = make_flight(client);
    *flight = (Flight){.call = call, .arena = arena, .older = flight->older};
    call->answer = (AwsAnswer){0};
    client->under_way++;
    Text service = text_from_c(call->service);
    if (!aws_operation_find(service, call->operation, &flight->operation)) {
        end_with(client, flight, AWS_CODE_BAD_INPUT, arena_format(arena, "%s has no operation %.*s", call->service, TEXT_ARG(call->operation)));
        return;
    }
    flight->is_repeatable = aws_operation_is_repeatable(&flight->operation, call->input);
    flight->line = find_line(client, flight->operation.facts.name);
    append(&flight->line->waiting, flight);
}

static AwsCall *take_ended(AwsClient *client)
{
    Flight *flight = client->ended;
    if (!flight)
        return NULL;
    client->ended = flight->next;
    client->under_way--;
    prepend(&client->free, flight);
    return flight->call;
}

/* Until a waiting call may be sent, or the deadline; never longer than a Ctrl-C may go unnoticed. */
static int find_pause(const AwsClient *client, int64_t until_ms)
{
    int64_t pause = SLEEP_MS;
    int64_t now = clock_monotonic_ms();
    for (const Line *line = client->lines; line; line = line->next) {
        for (const Flight *flight = line->waiting; flight; flight = flight->next) {
            int64_t from = flight->not_before > line->rests_until ? flight->not_before : line->rests_until;
            if (line->running < line->pace.limit && from - now < pause)
                pause = from - now;
        }
    }
    if (until_ms && until_ms - aws_now_ms(client) < pause)
        pause = until_ms - aws_now_ms(client);
    return pause > 0 ? (int)pause : 0;
}

#ifdef SVC_TEST_HOOKS
static bool move_clock(AwsClient *client, int64_t until_ms)
{
    enum { LEAST_S = 5, MOST_S = 60 };
    Text url = test_clock();
    if (!url.len || is_interrupted(client))
        return false;
    Arena arena = {0};
    AwsHttpResponse response;
    int64_t seconds = until_ms ? (until_ms - aws_now_ms(client) + 999) / 1000 : LEAST_S;
    seconds = seconds < LEAST_S ? LEAST_S : seconds > MOST_S ? MOST_S : seconds;
    AwsHttpRequest request = {.method = TEXT("POST"), .url = url, .body = arena_format(&arena, "{\"advance\":%lld}", (long long)seconds), .is_direct = true};
    aws_http_perform(client->options.http, &arena, &request, &response);
    note_clock(client, &response);
    arena_free(&arena);
    return true;
}
#else
static bool move_clock(AwsClient *client, int64_t until_ms)
{
    (void)client;
    (void)until_ms;
    return false;
}
#endif

static AwsCall *wait_for(void *self, int64_t until_ms)
{
    AwsClient *client = self;
    for (;;) {
        void *tag = NULL;
        AwsHttpResponse response;
        send_waiting(client);
        if (client->ended)
            return take_ended(client);
        bool is_idle = client->under_way == 0;
        if (is_idle && (until_ms == 0 || is_interrupted(client)))
            return NULL;
        if (until_ms && aws_now_ms(client) >= until_ms && aws_http_count(client->options.http) == 0)
            return NULL;
        int pause = find_pause(client, until_ms);
        if (aws_http_count(client->options.http) == 0) {
            if (move_clock(client, until_ms))
                continue;
            struct timespec time = {.tv_nsec = (long)pause * 1000000};
            (void)nanosleep(&time, NULL);
        } else if (aws_http_wait(client->options.http, pause, &tag, &response)) {
            take_response(client, tag, &response);
        } else if (until_ms && aws_now_ms(client) >= until_ms) {
            return NULL;
        }
    }
}

static int64_t tell_now_ms(void *self)
{
    return aws_now_ms(self);
}

static bool tell_interrupted(void *self)
{
    return is_interrupted(self);
}

AwsCaller aws_client_caller(AwsClient *client)
{
    return (AwsCaller){.self = client, .start = start, .wait = wait_for, .now_ms = tell_now_ms, .is_interrupted = tell_interrupted};
}

void aws_client_call(AwsClient *client, Arena *arena, AwsCall *call)
{
    start(client, arena, call);
    (void)wait_for(client, 0);
}

const AwsCallCount *aws_client_counts(const AwsClient *client, size_t *count)
{
    *count = client->counts.count;
    return client->counts.items;
}

Text aws_client_explain_credentials(AwsClient *client)
{
    return client->lacks_credentials ? aws_credentials_explain(client->arena, &client->credentials_error) : TEXT_NONE;
}

AwsClient *aws_client_create(Arena *arena, const AwsClientOptions *options)
{
    AwsClient *client = ARENA_NEW(arena, AwsClient);
    client->arena = arena;
    client->options = *options;
    client->quota.left = AWS_RETRY_QUOTA;
    /* So that two that were throttled together do not come back together. Never zero, which xorshift stays at. */
    client->random = ((uint64_t)read_clock(CLOCK_REALTIME) << 20 ^ (uint64_t)getpid()) | 1;
    return client;
}

void aws_client_close(AwsClient *client)
{
    for (Flight *flight = client->newest; flight; flight = flight->older)
        arena_free(&flight->scratch);
}
