/* The probe's commands about files, settings and endpoints. */
#include "tests/aws/probe.h"

#include "aws/endpoints.h"

#include <stdio.h>
#include <stdlib.h>

static void add_settings(Buffer *out, const AwsProfileSection *section)
{
    for (size_t i = 0; i < section->settings.count; i++) {
        const AwsProfileSetting *setting = &section->settings.items[i];
        buffer_add_c(out, i > 0 ? ", " : "");
        buffer_add_json_string(out, setting->key);
        buffer_add_c(out, ": ");
        if (!setting->nested) {
            buffer_add_json_string(out, setting->value);
            continue;
        }
        buffer_add_byte(out, '{');
        for (size_t j = 0; j < setting->nested_count; j++) {
            buffer_add_c(out, j > 0 ? ", " : "");
            buffer_add_json_string(out, setting->nested[j].key);
            buffer_add_c(out, ": ");
            buffer_add_json_string(out, setting->nested[j].value);
        }
        buffer_add_byte(out, '}');
    }
}

static void add_kind(Buffer *out, const AwsProfiles *profiles, AwsSectionKind kind)
{
    const char *separator = "";
    buffer_add_byte(out, '{');
    for (size_t i = 0; i < profiles->sections.count; i++) {
        if (profiles->sections.items[i].kind != kind)
            continue;
        buffer_add_c(out, separator);
        buffer_add_json_string(out, profiles->sections.items[i].name);
        buffer_add_c(out, ": {");
        add_settings(out, &profiles->sections.items[i]);
        buffer_add_byte(out, '}');
        separator = ", ";
    }
    buffer_add_byte(out, '}');
}

/* "" when the files of a case are broken: botocore says so in other words. */
static void add_profiles(Arena *arena, Buffer *out, Text config, Text credentials)
{
    AwsProfiles both = {0};
    AwsProfiles second = {0};
    Text reason;
    if (!aws_profiles_read(arena, config, true, &both, &reason) || !aws_profiles_read(arena, credentials, false, &second, &reason)) {
        buffer_add_json_string(out, reason);
        return;
    }
    aws_profiles_merge(arena, &both, &second);
    buffer_add_c(out, "{\"profiles\": ");
    add_kind(out, &both, AWS_SECTION_PROFILE);
    buffer_add_c(out, ", \"sso_sessions\": ");
    add_kind(out, &both, AWS_SECTION_SSO_SESSION);
    buffer_add_c(out, ", \"services\": ");
    add_kind(out, &both, AWS_SECTION_SERVICES);
    buffer_add_byte(out, '}');
}

/* Pairs of files, each file on a line of its own as a JSON string: texts are quoted so that they fit. */
int probe_profiles(Arena *arena, Buffer *out, Text input)
{
    for (Text line; probe_next_line(&input, &line);) {
        ReadJsonError error;
        const ReadJson *pair = json_read(arena, line, &error);
        if (!pair)
            return probe_fail(error.reason);
        add_profiles(arena, out, pair->items.items[0]->text, pair->items.items[1]->text);
        buffer_add_byte(out, '\n');
    }
    return EXIT_SUCCESS;
}

int probe_settings(Arena *arena, Buffer *out, const AwsSettingsOptions *options)
{
    AwsSettings settings;
    Text reason;
    if (!aws_settings_load(arena, options, &settings, &reason))
        return probe_fail(reason);
    buffer_add_byte(out, '{');
    probe_add_member(out, "profile", settings.profile);
    probe_add_member(out, "region", settings.region);
    probe_add_member(out, "ca_bundle", settings.ca_bundle);
    probe_add_member(out, "retry_mode", settings.retry_mode == AWS_RETRY_ADAPTIVE ? TEXT("adaptive") : TEXT("standard"));
    probe_add_member(out, "max_attempts", arena_format(arena, "%d", settings.max_attempts));
    probe_add_member(out, "config", settings.config_path);
    probe_add_member(out, "credentials", settings.credentials_path);
    buffer_add_c(out, "}\n");
    return EXIT_SUCCESS;
}

/* `service region` a line, by the settings of the environment; gives URL, signing name and region, or why there is none. */
int probe_endpoints(Arena *arena, Buffer *out, const AwsSettingsOptions *options, Text input)
{
    AwsSettings settings;
    Text reason;
    if (!aws_settings_load(arena, options, &settings, &reason))
        return probe_fail(reason);
    for (Text line; probe_next_line(&input, &line);) {
        size_t blank = text_find_byte(line, ' ');
        AwsEndpoint endpoint;
        if (aws_endpoint_find(arena, &settings, text_slice(line, 0, blank), text_slice(line, blank + 1, line.len), &endpoint, &reason))
            buffer_add_format(out, "%.*s %.*s %.*s\n", TEXT_ARG(endpoint.url), TEXT_ARG(endpoint.signing_name), TEXT_ARG(endpoint.signing_region));
        else
            buffer_add_format(out, "! %.*s\n", TEXT_ARG(reason));
    }
    return EXIT_SUCCESS;
}
