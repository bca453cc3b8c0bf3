/* Signature Version 4, as AWS documents it ("Create a signed AWS API request") and botocore computes it. */
#include "aws/sigv4.h"

#include "aws/moment.h"
#include "aws/url.h"
#include "base/hex.h"
#include "base/sha256.h"

#include <stdlib.h>

enum { DATE_LENGTH = 8 };

/* A header as it is signed. */
typedef struct SignedHeader {
    Text name;  /* in lower case */
    Text value; /* without blanks at its ends, and one where several were */
    size_t order;
} SignedHeader;

typedef struct SignedHeaders {
    SignedHeader *items;
    size_t count;
} SignedHeaders;

/* What proxies and clients change on the way. */
static bool is_left_out(Text name)
{
    static const char *const names[] = {"connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "te",
                                        "trailer", "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (text_equal_c(name, names[i]))
            return true;
    return false;
}

static Text squeeze(Arena *arena, Text value)
{
    char *bytes = arena_allocate(arena, value.len + 1);
    size_t length = 0;
    for (size_t i = 0; i < value.len; i++) {
        bool is_blank = value.ptr[i] == ' ' || (value.ptr[i] >= '\t' && value.ptr[i] <= '\r');
        if (!is_blank)
            bytes[length++] = value.ptr[i];
        else if (length > 0 && bytes[length - 1] != ' ')
            bytes[length++] = ' ';
    }
    if (length > 0 && bytes[length - 1] == ' ')
        length--;
    return (Text){bytes, length};
}

static int compare_headers(const void *a, const void *b)
{
    const SignedHeader *first = a;
    const SignedHeader *second = b;
    int order = text_compare(first->name, second->name);
    return order != 0 ? order : (first->order > second->order) - (first->order < second->order);
}

static SignedHeaders collect_headers(Arena *arena, const AwsHttpRequest *request, Text host)
{
    SignedHeaders signed_headers = {ARENA_NEW_ARRAY(arena, SignedHeader, request->header_count + 1), 0};
    bool has_host = false;
    for (size_t i = 0; i < request->header_count; i++) {
        Text name = aws_url_lower(arena, request->headers[i].name);
        if (is_left_out(name))
            continue;
        has_host = has_host || text_equal_c(name, "host");
        signed_headers.items[signed_headers.count++] = (SignedHeader){name, squeeze(arena, request->headers[i].value), i};
    }
    if (!has_host)
        signed_headers.items[signed_headers.count++] = (SignedHeader){TEXT("host"), host, 0};
    qsort(signed_headers.items, signed_headers.count, sizeof *signed_headers.items, compare_headers);
    return signed_headers;
}

/* Headers of one name are one line, their values in the order given. */
static void add_canonical_headers(Buffer *out, const SignedHeaders *headers)
{
    for (size_t i = 0; i < headers->count; i++) {
        bool is_next_value = i > 0 && text_equal(headers->items[i].name, headers->items[i - 1].name);
        if (is_next_value) {
            buffer_add_byte(out, ',');
        } else {
            if (i > 0)
                buffer_add_byte(out, '\n');
            buffer_add(out, headers->items[i].name);
            buffer_add_byte(out, ':');
        }
        buffer_add(out, headers->items[i].value);
    }
    buffer_add_byte(out, '\n');
}

static void add_names(Buffer *out, const SignedHeaders *headers)
{
    for (size_t i = 0; i < headers->count; i++) {
        if (i > 0 && text_equal(headers->items[i].name, headers->items[i - 1].name))
            continue;
        if (i > 0)
            buffer_add_byte(out, ';');
        buffer_add(out, headers->items[i].name);
    }
}

/* The path without dot segments and empty ones, and each byte encoded once more: what is `%20` on the wire is signed as `%2520`. */
static void add_canonical_path(Arena *arena, Buffer *out, Text path)
{
    TextArray segments = {0};
    for (size_t at = 0; at < path.len;) {
        Text rest = text_slice(path, at, path.len);
        Text segment = text_slice(rest, 0, text_find_byte(rest, '/'));
        at += segment.len + 1;
        if (text_equal_c(segment, "..")) {
            if (segments.count > 0)
                segments.count--;
        } else if (segment.len > 0 && !text_equal_c(segment, ".")) {
            ARRAY_PUSH(arena, &segments, segment);
        }
    }
    buffer_add_byte(out, '/');
    for (size_t i = 0; i < segments.count; i++) {
        if (i > 0)
            buffer_add_byte(out, '/');
        aws_url_add_encoded(out, segments.items[i], "");
    }
    if (segments.count > 0 && text_ends_with(path, TEXT("/")))
        buffer_add_byte(out, '/');
}

typedef struct Pair {
    Text key;
    Text value;
} Pair;

static int compare_pairs(const void *a, const void *b)
{
    const Pair *first = a;
    const Pair *second = b;
    int order = text_compare(first->key, second->key);
    return order != 0 ? order : text_compare(first->value, second->value);
}

/* The query as it is encoded on the wire, sorted. */
static void add_canonical_query(Arena *arena, Buffer *out, Text query)
{
    ARRAY(Pair) pairs = {0};
    for (size_t at = 0; query.len > 0 && at <= query.len;) {
        Text rest = text_slice(query, at, query.len);
        Text pair = text_slice(rest, 0, text_find_byte(rest, '&'));
        size_t equals = text_find_byte(pair, '=');
        ARRAY_PUSH(arena, &pairs, (Pair){text_slice(pair, 0, equals), text_slice(pair, equals < pair.len ? equals + 1 : equals, pair.len)});
        at += pair.len + 1;
    }
    if (pairs.count > 0)
        qsort(pairs.items, pairs.count, sizeof *pairs.items, compare_pairs);
    for (size_t i = 0; i < pairs.count; i++) {
        if (i > 0)
            buffer_add_byte(out, '&');
        buffer_add(out, pairs.items[i].key);
        buffer_add_byte(out, '=');
        buffer_add(out, pairs.items[i].value);
    }
}

static void add_payload_hash(Buffer *out, const AwsHttpRequest *request)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (text_equal_any_case(request->headers[i].name, TEXT("x-amz-content-sha256"))) {
            buffer_add(out, request->headers[i].value);
            return;
        }
    }
    char hash[SHA256_HEX_LENGTH + 1];
    sha256_hex(hash, request->body);
    buffer_add_c(out, hash);
}

static void add_canonical_request(Arena *arena, Buffer *out, const AwsHttpRequest *request, const AwsUrl *url, const SignedHeaders *headers)
{
    for (size_t i = 0; i < request->method.len; i++) {
        char byte = request->method.ptr[i];
        buffer_add_byte(out, byte >= 'a' && byte <= 'z' ? (char)(byte - 'a' + 'A') : byte);
    }
    buffer_add_byte(out, '\n');
    add_canonical_path(arena, out, url->path);
    buffer_add_byte(out, '\n');
    add_canonical_query(arena, out, url->query);
    buffer_add_byte(out, '\n');
    add_canonical_headers(out, headers);
    buffer_add_byte(out, '\n');
    add_names(out, headers);
    buffer_add_byte(out, '\n');
    add_payload_hash(out, request);
}

/* The signature of the string to sign, in hex. */
static void compute_signature(char out[SHA256_HEX_LENGTH + 1], Arena *arena, const AwsSigning *signing, Text date, Text string_to_sign)
{
    unsigned char key[SHA256_LENGTH];
    Text derived = {(const char *)key, sizeof key};
    sha256_hmac(key, arena_join(arena, TEXT("AWS4"), signing->credentials->secret_access_key), date);
    sha256_hmac(key, derived, signing->region);
    sha256_hmac(key, derived, signing->service);
    sha256_hmac(key, derived, TEXT("aws4_request"));
    sha256_hmac(key, derived, string_to_sign);
    hex_write(out, key, sizeof key);
}

static bool is_ours(Text name)
{
    static const char *const names[] = {"authorization", "x-amz-date", "x-amz-security-token"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (text_equal_any_case(name, text_from_c(names[i])))
            return true;
    return false;
}

/* A copy of the headers without those of an earlier signature, and with what is signed with them. There is room for one more. */
static AwsHeader *prepare_headers(Arena *arena, const AwsSigning *signing, Text moment, const AwsUrl *url, AwsHttpRequest *request)
{
    enum { ADDED_MOST = 4 };
    AwsHeader *headers = ARENA_NEW_ARRAY(arena, AwsHeader, request->header_count + ADDED_MOST);
    size_t count = 0;
    bool has_host = false;
    for (size_t i = 0; i < request->header_count; i++) {
        has_host = has_host || text_equal_any_case(request->headers[i].name, TEXT("host"));
        if (!is_ours(request->headers[i].name))
            headers[count++] = request->headers[i];
    }
    if (!has_host && !url->is_host_as_written)
        headers[count++] = (AwsHeader){TEXT("Host"), url->host_header};
    headers[count++] = (AwsHeader){TEXT("X-Amz-Date"), moment};
    if (signing->credentials->session_token.len > 0)
        headers[count++] = (AwsHeader){TEXT("X-Amz-Security-Token"), signing->credentials->session_token};
    request->headers = headers;
    request->header_count = count;
    return headers;
}

void aws_sigv4_sign(Arena *arena, const AwsSigning *signing, AwsHttpRequest *request)
{
    Text moment = aws_moment_compact(arena, signing->time);
    Text date = text_slice(moment, 0, DATE_LENGTH);
    AwsUrl url;
    aws_url_split(arena, request->url, &url);
    AwsHeader *headers = prepare_headers(arena, signing, moment, &url, request);
    SignedHeaders signed_headers = collect_headers(arena, request, url.host_header);

    Buffer buffer = {0};
    add_canonical_request(arena, &buffer, request, &url, &signed_headers);
    char hash[SHA256_HEX_LENGTH + 1];
    sha256_hex(hash, buffer_text(&buffer));
    Text scope = arena_format(arena, "%.*s/%.*s/%.*s/aws4_request", TEXT_ARG(date), TEXT_ARG(signing->region), TEXT_ARG(signing->service));
    Text string_to_sign = arena_format(arena, "AWS4-HMAC-SHA256\n%.*s\n%.*s\n%s", TEXT_ARG(moment), TEXT_ARG(scope), hash);
    char signature[SHA256_HEX_LENGTH + 1];
    compute_signature(signature, arena, signing, date, string_to_sign);

    buffer_clear(&buffer);
    add_names(&buffer, &signed_headers);
    Text names = buffer_text(&buffer);
    headers[request->header_count++] =
        (AwsHeader){TEXT("Authorization"), arena_format(arena, "AWS4-HMAC-SHA256 Credential=%.*s/%.*s, SignedHeaders=%.*s, Signature=%s",
                                                        TEXT_ARG(signing->credentials->access_key_id), TEXT_ARG(scope), TEXT_ARG(names), signature)};
    buffer_free(&buffer);
}
