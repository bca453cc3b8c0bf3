/* The probe's command about credentials. */
#include "tests/aws/probe.h"

#include "aws/credentials.h"

#include <stdlib.h>

/* A person who knows the code, and how often they were asked. */
typedef struct Person {
    Text code;
    int asked;
} Person;

static bool answer(void *context, Arena *arena, Text question, Text *out)
{
    Person *person = context;
    (void)arena;
    (void)question;
    person->asked++;
    *out = person->code;
    return true;
}

static void add_answer(Arena *arena, Buffer *out, AwsCredentialsProvider *provider, int64_t now, const Person *person)
{
    AwsCredentials credentials;
    AwsCredentialsError error;
    buffer_add_byte(out, '{');
    if (aws_credentials_get(provider, now, &credentials, &error)) {
        probe_add_member(out, "source", credentials.source);
        probe_add_member(out, "access_key_id", credentials.access_key_id);
        probe_add_member(out, "secret_access_key", credentials.secret_access_key);
        probe_add_member(out, "session_token", credentials.session_token);
        probe_add_member(out, "expires_at", arena_format(arena, "%lld", (long long)credentials.expires_at));
    } else {
        probe_add_member(out, "error", aws_credentials_explain(arena, &error));
    }
    if (person->asked > 0)
        probe_add_member(out, "asked", arena_format(arena, "%d", person->asked));
    buffer_add_c(out, "}\n");
}

int probe_credentials(Arena *arena, Buffer *out, const AwsSettingsOptions *options, Text code, const TextArray *moments)
{
    AwsSettings settings;
    Text reason;
    if (!aws_settings_load(arena, options, &settings, &reason))
        return probe_fail(reason);
    Person person = {.code = code};
    AwsHttp *http = aws_http_create(arena);
    AwsCredentialsProvider *provider = aws_credentials_create(arena, &settings, http, (AwsPrompter){code.len > 0 ? answer : NULL, &person});
    for (size_t i = 0; i < moments->count; i++) {
        if (text_equal_c(moments->items[i], "forget"))
            aws_credentials_forget(provider);
        else
            add_answer(arena, out, provider, strtoll(moments->items[i].ptr, NULL, 10), &person);
    }
    aws_http_close(http);
    return EXIT_SUCCESS;
}
