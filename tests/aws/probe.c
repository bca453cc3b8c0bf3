/* aws/ as a program, for the tests that compare it with botocore: never installed.

       aws-probe sign       a request a line on standard input, as JSON; gives the headers that it is to be sent with
       aws-probe profiles   two profile files a line, as JSON texts: the config file and the credentials file
       aws-probe endpoints [--profile NAME]     `service region` a line on standard input
       aws-probe settings [--profile NAME]      what the environment and the files come to
       aws-probe credentials [--profile NAME] [--mfa CODE] --now SECONDS…   the credentials, secrets too, once for each --now */
#include "tests/aws/probe.h"

#include "aws/sigv4.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INPUT_LARGEST = 64 * 1024 * 1024 };

int probe_fail(Text reason)
{
    (void)fprintf(stderr, "%.*s\n", TEXT_ARG(reason));
    return EXIT_FAILURE;
}

void probe_add_member(Buffer *out, const char *key, Text value)
{
    if (out->length > 0 && out->bytes[out->length - 1] != '{')
        buffer_add_c(out, ", ");
    buffer_add_json_string(out, text_from_c(key));
    buffer_add_c(out, ": ");
    buffer_add_json_string(out, value);
}

bool probe_next_line(Text *rest, Text *line)
{
    if (rest->len == 0)
        return false;
    *line = text_slice(*rest, 0, text_find_byte(*rest, '\n'));
    *rest = text_slice(*rest, line->len + 1, rest->len);
    return true;
}

static Text member(const ReadJson *json, const char *key)
{
    return json_read_text(json_read_member(json, key));
}

static int hex_digit(char byte)
{
    return byte <= '9' ? byte - '0' : byte - 'a' + 10;
}

static Text from_hex(Arena *arena, Text hex)
{
    char *bytes = arena_allocate(arena, hex.len / 2 + 1);
    for (size_t i = 0; i + 1 < hex.len; i += 2)
        bytes[i / 2] = (char)(hex_digit(hex.ptr[i]) * 16 + hex_digit(hex.ptr[i + 1]));
    return (Text){bytes, hex.len / 2};
}

static void sign_line(Arena *arena, Buffer *out, const ReadJson *json)
{
    const ReadJson *headers = json_read_member(json, "headers");
    AwsHttpRequest request = {.method = member(json, "method"), .url = member(json, "url"), .body = from_hex(arena, member(json, "body"))};
    AwsHeader *given = ARENA_NEW_ARRAY(arena, AwsHeader, headers->items.count);
    for (size_t i = 0; i < headers->items.count; i++) {
        const ReadJson *pair = headers->items.items[i];
        given[request.header_count++] = (AwsHeader){pair->items.items[0]->text, pair->items.items[1]->text};
    }
    request.headers = given;
    AwsCredentials credentials = {.access_key_id = member(json, "access_key_id"),
                                  .secret_access_key = member(json, "secret_access_key"),
                                  .session_token = member(json, "session_token")};
    const ReadJson *time = json_read_member(json, "time");
    aws_sigv4_sign(arena, &(AwsSigning){member(json, "service"), member(json, "region"), &credentials, time->number.num}, &request);
    buffer_add_byte(out, '[');
    for (size_t i = 0; i < request.header_count; i++) {
        buffer_add_c(out, i > 0 ? ", [" : "[");
        buffer_add_json_string(out, request.headers[i].name);
        buffer_add_c(out, ", ");
        buffer_add_json_string(out, request.headers[i].value);
        buffer_add_byte(out, ']');
    }
    buffer_add_c(out, "]\n");
}

static int run_sign(Arena *arena, Buffer *out, Text input)
{
    for (Text line; probe_next_line(&input, &line);) {
        ReadJsonError error;
        const ReadJson *json = json_read(arena, line, &error);
        if (!json)
            return probe_fail(error.reason);
        sign_line(arena, out, json);
    }
    return EXIT_SUCCESS;
}

/* Answers a batch on standard input. */
static int run_batch(Arena *arena, Buffer *out, Text command, const AwsSettingsOptions *options)
{
    Text input;
    Text reason;
    if (!file_read(arena, TEXT("-"), INPUT_LARGEST, &input, &reason))
        return probe_fail(reason);
    if (text_equal_c(command, "sign"))
        return run_sign(arena, out, input);
    if (text_equal_c(command, "profiles"))
        return probe_profiles(arena, out, input);
    return probe_endpoints(arena, out, options, input);
}

int main(int count, char **arguments)
{
    Arena arena = {0};
    Buffer out = {0};
    Text command = text_from_c(count > 1 ? arguments[1] : "");
    AwsSettingsOptions options = {.environment = aws_environment_of_process()};
    Text code = TEXT_NONE;
    TextArray moments = {0};
    for (int i = 2; i + 1 < count; i += 2) {
        Text value = text_from_c(arguments[i + 1]);
        if (strcmp(arguments[i], "--profile") == 0)
            options.profile = value;
        else if (strcmp(arguments[i], "--mfa") == 0)
            code = value;
        else
            ARRAY_PUSH(&arena, &moments, value);
    }
    int status = text_equal_c(command, "settings")      ? probe_settings(&arena, &out, &options)
                 : text_equal_c(command, "credentials") ? probe_credentials(&arena, &out, &options, code, &moments)
                                                        : run_batch(&arena, &out, command, &options);
    if (out.length > 0)
        (void)fwrite(out.bytes, 1, out.length, stdout);
    buffer_free(&out);
    arena_free(&arena);
    return status;
}
