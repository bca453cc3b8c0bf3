#include "aws/http.h"

#include "aws/library.h"
#include "aws/url.h"
#include "base/array.h"
#include "base/buffer.h"
#include "base/clock.h"

#include <time.h>

enum {
    CONNECT_TIMEOUT_MS = 10 * 1000,
    TIMEOUT_MS = 60 * 1000,
    POLL_MS = 100, /* how soon an interrupt is noticed */
    HEADER_BYTES_MAX = 256 * 1024,
    BODY_BYTES_MAX = 64 * 1024 * 1024,
    KEPT_CONNECTIONS = 64,
    BUFFER_KEPT_BYTES = 256 * 1024, /* a larger one goes back to the system when its answer has been copied */
};

/* One exchange: under way, ended and waiting to be taken, or free for the next. */
typedef struct Transfer {
    AwsHttp *http;
    CURL *easy;
    struct curl_slist *header_list;
    Arena *arena;
    void *tag;
    bool is_write;
    bool is_too_large;
    Text host;
    Buffer body;
    ARRAY(AwsHeader) headers;
    size_t header_bytes;
    char said[CURL_ERROR_SIZE];
    AwsHttpResponse response;
    struct Transfer *next;
} Transfer;

struct AwsHttp {
    Arena *arena;
    AwsCurl curl;
    CURLM *multi;
    Text ca_bundle;
    const volatile sig_atomic_t *interrupts;
    Transfer *under_way;
    Transfer *ended; /* in the order of ending */
    Transfer *free;
    size_t count; /* under way or ended */
    Transfer *single; /* of aws_http_perform */
};

AwsHttp *aws_http_create(Arena *arena)
{
    AwsHttp *http = ARENA_NEW(arena, AwsHttp);
    http->arena = arena;
    return http;
}

void aws_http_trust(AwsHttp *http, Text ca_bundle)
{
    http->ca_bundle = arena_copy_text(http->arena, ca_bundle);
}

void aws_http_watch(AwsHttp *http, const volatile sig_atomic_t *interrupts)
{
    http->interrupts = interrupts;
}

size_t aws_http_count(const AwsHttp *http)
{
    return http->count;
}

static int count_interrupts(const AwsHttp *http)
{
    return http->interrupts ? (int)*http->interrupts : 0;
}

/* --- what libcurl calls --- */

static size_t take_body(char *bytes, size_t size, size_t count, void *user)
{
    Transfer *transfer = user;
    buffer_add(&transfer->body, (Text){bytes, size * count});
    transfer->is_too_large = transfer->is_too_large || transfer->body.overflowed;
    return transfer->is_too_large ? 0 : size * count;
}

/* A whole line. A line with the status begins the headers anew: what came before was not the answer itself. */
static size_t take_header(char *bytes, size_t size, size_t count, void *user)
{
    Transfer *transfer = user;
    Text line = text_trim((Text){bytes, size * count});
    transfer->header_bytes += size * count;
    if (transfer->header_bytes > HEADER_BYTES_MAX) {
        transfer->is_too_large = true;
        return 0;
    }
    if (text_starts_with(line, TEXT("HTTP/"))) {
        transfer->headers.count = 0;
        return size * count;
    }
    size_t colon = text_find_byte(line, ':');
    if (colon == line.len)
        return size * count;
    AwsHeader header = {aws_url_lower(transfer->arena, text_slice(line, 0, colon)),
                        arena_copy_text(transfer->arena, text_trim(text_slice(line, colon + 1, line.len)))};
    ARRAY_PUSH(transfer->arena, &transfer->headers, header);
    return size * count;
}

/* Whether it is to be given up now. */
static bool is_given_up(const Transfer *transfer)
{
    return count_interrupts(transfer->http) > (transfer->is_write ? 1 : 0);
}

static int watch_progress(void *user, curl_off_t download_total, curl_off_t downloaded, curl_off_t upload_total, curl_off_t uploaded)
{
    (void)download_total;
    (void)downloaded;
    (void)upload_total;
    (void)uploaded;
    return is_given_up(user);
}

/* --- beginning --- */

static bool fail(Transfer *transfer, AwsHttpFailure failure, Text reason)
{
    transfer->response = (AwsHttpResponse){.failure = failure, .reason = reason};
    return false;
}

static bool is_line(Text text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '\r' || text.ptr[i] == '\n' || text.ptr[i] == '\0')
            return false;
    return true;
}

/* libcurl adds headers of its own unless they are said: of those, only Host, User-Agent and Content-Length are wanted. */
static bool add_headers(Transfer *transfer, const AwsHttpRequest *request)
{
    const AwsCurl *curl = &transfer->http->curl;
    bool has_content_type = false;
    for (size_t i = 0; i < request->header_count; i++) {
        const AwsHeader *header = &request->headers[i];
        if (!is_line(header->name) || !is_line(header->value))
            return fail(transfer, AWS_HTTP_BAD_URL, arena_format(transfer->arena, "the header %.*s has a line break in it", TEXT_ARG(header->name)));
        has_content_type = has_content_type || text_equal_any_case(header->name, TEXT("content-type"));
        /* `Name;` is libcurl's way to say a header without a value; `Name:` would leave it out. */
        Text line = header->value.len ? arena_format(transfer->arena, "%.*s: %.*s", TEXT_ARG(header->name), TEXT_ARG(header->value))
                                      : arena_format(transfer->arena, "%.*s;", TEXT_ARG(header->name));
        transfer->header_list = curl->curl_slist_append_(transfer->header_list, line.ptr);
    }
    transfer->header_list = curl->curl_slist_append_(transfer->header_list, "Expect:");
    transfer->header_list = curl->curl_slist_append_(transfer->header_list, "Accept:");
    if (!has_content_type)
        transfer->header_list = curl->curl_slist_append_(transfer->header_list, "Content-Type:");
    return true;
}

static void set_limits(const Transfer *transfer, const AwsHttpRequest *request)
{
    const AwsCurl *curl = &transfer->http->curl;
    CURL *easy = transfer->easy;
    (void)curl->curl_easy_setopt_(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(request->connect_timeout_ms ? request->connect_timeout_ms : CONNECT_TIMEOUT_MS));
    (void)curl->curl_easy_setopt_(easy, CURLOPT_TIMEOUT_MS, (long)(request->timeout_ms ? request->timeout_ms : TIMEOUT_MS));
    (void)curl->curl_easy_setopt_(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl->curl_easy_setopt_(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    (void)curl->curl_easy_setopt_(easy, CURLOPT_FRESH_CONNECT, request->is_write ? 1L : 0L);
    if (request->is_direct)
        (void)curl->curl_easy_setopt_(easy, CURLOPT_PROXY, "");
    if (transfer->http->ca_bundle.len)
        (void)curl->curl_easy_setopt_(easy, CURLOPT_CAINFO, transfer->http->ca_bundle.ptr);
}

static void set_request(Transfer *transfer, const AwsHttpRequest *request, const char *method, const char *url)
{
    const AwsCurl *curl = &transfer->http->curl;
    CURL *easy = transfer->easy;
    (void)curl->curl_easy_setopt_(easy, CURLOPT_URL, url);
    (void)curl->curl_easy_setopt_(easy, CURLOPT_PATH_AS_IS, 1L);
    (void)curl->curl_easy_setopt_(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl->curl_easy_setopt_(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    (void)curl->curl_easy_setopt_(easy, CURLOPT_USERAGENT, "svc/" SVC_VERSION);
    if (request->body.len > 0 || text_equal_c(request->method, "POST") || text_equal_c(request->method, "PUT")) {
        (void)curl->curl_easy_setopt_(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
        (void)curl->curl_easy_setopt_(easy, CURLOPT_POSTFIELDS, request->body.ptr ? request->body.ptr : "");
    }
    (void)curl->curl_easy_setopt_(easy, CURLOPT_CUSTOMREQUEST, method);
    (void)curl->curl_easy_setopt_(easy, CURLOPT_HTTPHEADER, transfer->header_list);
    (void)curl->curl_easy_setopt_(easy, CURLOPT_ERRORBUFFER, transfer->said);
    (void)curl->curl_easy_setopt_(easy, CURLOPT_WRITEFUNCTION, take_body);
    (void)curl->curl_easy_setopt_(easy, CURLOPT_WRITEDATA, transfer);
    (void)curl->curl_easy_setopt_(easy, CURLOPT_HEADERFUNCTION, take_header);
    (void)curl->curl_easy_setopt_(easy, CURLOPT_HEADERDATA, transfer);
    (void)curl->curl_easy_setopt_(easy, CURLOPT_NOPROGRESS, 0L);
    (void)curl->curl_easy_setopt_(easy, CURLOPT_XFERINFOFUNCTION, watch_progress);
    (void)curl->curl_easy_setopt_(easy, CURLOPT_XFERINFODATA, transfer);
    (void)curl->curl_easy_setopt_(easy, CURLOPT_PRIVATE, (void *)transfer);
}

static bool load_curl(Transfer *transfer)
{
    AwsHttp *http = transfer->http;
    Text reason = TEXT_NONE;
    if (http->curl.handle)
        return true;
    if (!aws_library_load_curl(transfer->arena, &http->curl, &reason))
        return fail(transfer, AWS_HTTP_NO_LIBRARY, reason);
    (void)http->curl.curl_global_init_(CURL_GLOBAL_DEFAULT);
    return true;
}

/* Makes the transfer ready for libcurl. False with its response. */
static bool prepare(Transfer *transfer, Arena *arena, const AwsHttpRequest *request)
{
    transfer->arena = arena;
    transfer->is_write = request->is_write;
    transfer->is_too_large = false;
    transfer->headers.items = NULL;
    transfer->headers.count = transfer->headers.capacity = 0;
    transfer->header_bytes = 0;
    transfer->said[0] = '\0';
    transfer->body.cap = BODY_BYTES_MAX;
    AwsUrl url;
    aws_url_split(arena, request->url, &url);
    transfer->host = arena_copy_text(arena, url.host_header);
    bool is_http = text_equal_any_case(url.scheme, TEXT("http")) || text_equal_any_case(url.scheme, TEXT("https"));
    if (!is_http || url.host.len == 0 || !is_line(request->url) || !is_line(request->method))
        return fail(transfer, AWS_HTTP_BAD_URL, arena_format(arena, "%.*s is no URL that begins with http:// or https://", TEXT_ARG(request->url)));
    if (count_interrupts(transfer->http) > 0)
        return fail(transfer, AWS_HTTP_INTERRUPTED, TEXT("interrupted before it was sent"));
    if (!load_curl(transfer))
        return false;
    if (transfer->easy)
        transfer->http->curl.curl_easy_reset_(transfer->easy);
    else
        transfer->easy = transfer->http->curl.curl_easy_init_();
    if (!transfer->easy)
        return fail(transfer, AWS_HTTP_NO_LIBRARY, TEXT("libcurl cannot begin a request"));
    if (!add_headers(transfer, request))
        return false;
    set_request(transfer, request, arena_copy_text(arena, request->method).ptr, arena_copy_text(arena, request->url).ptr);
    set_limits(transfer, request);
    return true;
}

/* --- ending --- */

/* Whether the request was on its way when it failed. */
static bool was_sent(const Transfer *transfer)
{
    curl_off_t ready = 0;
    (void)transfer->http->curl.curl_easy_getinfo_(transfer->easy, CURLINFO_PRETRANSFER_TIME_T, &ready);
    return ready > 0;
}

static AwsHttpFailure classify(const Transfer *transfer, CURLcode code)
{
    if (transfer->is_too_large)
        return AWS_HTTP_TOO_LARGE;
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return AWS_HTTP_INTERRUPTED;
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
        return AWS_HTTP_BAD_URL;
    if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY)
        return AWS_HTTP_UNKNOWN_HOST;
    if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_ISSUER_ERROR)
        return AWS_HTTP_BAD_CERTIFICATE;
    if (code == CURLE_COULDNT_CONNECT || code == CURLE_SSL_CONNECT_ERROR || !was_sent(transfer))
        return AWS_HTTP_NOT_CONNECTED;
    return code == CURLE_OPERATION_TIMEDOUT ? AWS_HTTP_TIMEOUT : AWS_HTTP_BROKEN;
}

/* What happened, of which host, after a comma or a colon what libcurl said. */
static Text explain(const Transfer *transfer, AwsHttpFailure failure, const char *said)
{
    Arena *arena = transfer->arena;
    Text host = transfer->host;
    switch (failure) {
    case AWS_HTTP_OK:
    case AWS_HTTP_NO_LIBRARY:
    case AWS_HTTP_BAD_URL: break;
    case AWS_HTTP_UNKNOWN_HOST: return arena_format(arena, "no address is known for %.*s: %s", TEXT_ARG(host), said);
    case AWS_HTTP_NOT_CONNECTED: return arena_format(arena, "%.*s cannot be reached: %s", TEXT_ARG(host), said);
    case AWS_HTTP_BAD_CERTIFICATE: return arena_format(arena, "the certificate of %.*s is not trusted: %s", TEXT_ARG(host), said);
    case AWS_HTTP_TIMEOUT: return arena_format(arena, "%.*s did not answer in time: %s", TEXT_ARG(host), said);
    case AWS_HTTP_BROKEN: return arena_format(arena, "the connection with %.*s ended before the answer was whole: %s", TEXT_ARG(host), said);
    case AWS_HTTP_TOO_LARGE: return arena_format(arena, "%.*s gave an answer of more than 64 MiB, or headers of more than 256 KiB", TEXT_ARG(host));
    case AWS_HTTP_INTERRUPTED: return arena_format(arena, "interrupted before %.*s answered", TEXT_ARG(host));
    }
    return arena_format(arena, "%.*s: %s", TEXT_ARG(host), said);
}

static void let_go(Transfer *transfer)
{
    if (transfer->header_list)
        transfer->http->curl.curl_slist_free_all_(transfer->header_list);
    transfer->header_list = NULL;
    buffer_clear(&transfer->body);
    if (transfer->body.capacity > BUFFER_KEPT_BYTES)
        buffer_free(&transfer->body);
}

static void finish(Transfer *transfer, CURLcode code)
{
    AwsHttpResponse *response = &transfer->response;
    *response = (AwsHttpResponse){0};
    if (code == CURLE_OK) {
        long status = 0;
        (void)transfer->http->curl.curl_easy_getinfo_(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
        response->status = (int)status;
        response->headers = transfer->headers.items;
        response->header_count = transfer->headers.count;
        response->body = arena_copy_text(transfer->arena, buffer_text(&transfer->body));
    } else {
        response->failure = classify(transfer, code);
        response->reason = explain(transfer, response->failure, transfer->said[0] ? transfer->said : transfer->http->curl.curl_easy_strerror_(code));
    }
    let_go(transfer);
}

/* --- one at a time --- */

void aws_http_perform(AwsHttp *http, Arena *arena, const AwsHttpRequest *request, AwsHttpResponse *response)
{
    if (!http->single) {
        http->single = ARENA_NEW(http->arena, Transfer);
        http->single->http = http;
    }
    Transfer *transfer = http->single;
    if (prepare(transfer, arena, request))
        finish(transfer, http->curl.curl_easy_perform_(transfer->easy));
    else
        let_go(transfer);
    *response = transfer->response;
}

/* --- many at once --- */

static void append(Transfer **list, Transfer *transfer)
{
    while (*list)
        list = &(*list)->next;
    transfer->next = NULL;
    *list = transfer;
}

static void end_transfer(AwsHttp *http, Transfer *transfer)
{
    for (Transfer **at = &http->under_way; *at; at = &(*at)->next) {
        if (*at == transfer) {
            *at = transfer->next;
            break;
        }
    }
    append(&http->ended, transfer);
}

static bool make_multi(AwsHttp *http)
{
    if (http->multi)
        return true;
    http->multi = http->curl.curl_multi_init_();
    if (http->multi)
        (void)http->curl.curl_multi_setopt_(http->multi, CURLMOPT_MAXCONNECTS, (long)KEPT_CONNECTIONS);
    return http->multi != NULL;
}

void aws_http_start(AwsHttp *http, Arena *arena, const AwsHttpRequest *request, void *tag)
{
    Transfer *transfer = http->free;
    if (transfer) {
        http->free = transfer->next;
    } else {
        transfer = ARENA_NEW(http->arena, Transfer);
        transfer->http = http;
    }
    transfer->tag = tag;
    http->count++;
    if (!prepare(transfer, arena, request)) {
        let_go(transfer);
        append(&http->ended, transfer);
    } else if (!make_multi(http) || http->curl.curl_multi_add_handle_(http->multi, transfer->easy) != CURLM_OK) {
        (void)fail(transfer, AWS_HTTP_NO_LIBRARY, TEXT("libcurl cannot begin a request"));
        let_go(transfer);
        append(&http->ended, transfer);
    } else {
        append(&http->under_way, transfer);
    }
}

static void end_finished(AwsHttp *http)
{
    int left = 0;
    for (CURLMsg *message; (message = http->curl.curl_multi_info_read_(http->multi, &left)) != NULL;) {
        Transfer *transfer = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode code = message->data.result; /* removing the handle ends the message's life */
        (void)http->curl.curl_easy_getinfo_(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
        (void)http->curl.curl_multi_remove_handle_(http->multi, transfer->easy);
        finish(transfer, code);
        end_transfer(http, transfer);
    }
}

static void give_up_interrupted(AwsHttp *http)
{
    for (Transfer *transfer = http->under_way; transfer;) {
        Transfer *next = transfer->next;
        if (is_given_up(transfer)) {
            (void)http->curl.curl_multi_remove_handle_(http->multi, transfer->easy);
            finish(transfer, CURLE_ABORTED_BY_CALLBACK);
            end_transfer(http, transfer);
        }
        transfer = next;
    }
}

static bool take_ended(AwsHttp *http, void **tag, AwsHttpResponse *response)
{
    Transfer *transfer = http->ended;
    if (!transfer)
        return false;
    http->ended = transfer->next;
    http->count--;
    *tag = transfer->tag;
    *response = transfer->response;
    transfer->next = http->free;
    http->free = transfer;
    return true;
}

bool aws_http_wait(AwsHttp *http, int timeout_ms, void **tag, AwsHttpResponse *response)
{
    int64_t deadline = clock_monotonic_ms() + timeout_ms;
    while (http->count > 0) {
        if (take_ended(http, tag, response))
            return true;
        int running = 0;
        (void)http->curl.curl_multi_perform_(http->multi, &running);
        end_finished(http);
        give_up_interrupted(http);
        if (http->ended)
            continue;
        int64_t left = deadline - clock_monotonic_ms();
        if (left <= 0)
            return false;
        (void)http->curl.curl_multi_poll_(http->multi, NULL, 0, left < POLL_MS ? (int)left : POLL_MS, NULL);
    }
    return false;
}

Text aws_http_header(const AwsHttpResponse *response, const char *name)
{
    for (size_t i = 0; i < response->header_count; i++)
        if (text_equal_c(response->headers[i].name, name))
            return response->headers[i].value;
    return TEXT_NONE;
}

/* --- the end --- */

static void free_transfers(AwsHttp *http, Transfer *list, bool is_in_multi)
{
    for (Transfer *transfer = list; transfer; transfer = transfer->next) {
        if (is_in_multi)
            (void)http->curl.curl_multi_remove_handle_(http->multi, transfer->easy);
        if (transfer->easy)
            http->curl.curl_easy_cleanup_(transfer->easy);
        let_go(transfer);
        buffer_free(&transfer->body);
    }
}

void aws_http_close(AwsHttp *http)
{
    free_transfers(http, http->under_way, true);
    free_transfers(http, http->ended, false);
    free_transfers(http, http->free, false);
    free_transfers(http, http->single, false);
    if (http->multi)
        (void)http->curl.curl_multi_cleanup_(http->multi);
    if (http->curl.handle)
        http->curl.curl_global_cleanup_();
    Arena *arena = http->arena;
    *http = (AwsHttp){.arena = arena};
}
