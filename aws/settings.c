#include "aws/settings.h"

#include "base/buffer.h"
#include "base/file.h"

#include <stdlib.h>

enum { FILE_LARGEST = 1024 * 1024, ATTEMPTS_DEFAULT = 3, METADATA_TIMEOUT_DEFAULT_MS = 1000 };

static const char *find_in_process(void *context, const char *name)
{
    (void)context;
    return getenv(name);
}

AwsEnvironment aws_environment_of_process(void)
{
    return (AwsEnvironment){find_in_process, NULL};
}

Text aws_environment_find(const AwsEnvironment *environment, const char *name)
{
    return environment->find ? text_from_c(environment->find(environment->context, name)) : TEXT_NONE;
}

Text aws_settings_find(const AwsSettings *settings, const char *key)
{
    return aws_section_value(aws_profiles_find(&settings->profiles, AWS_SECTION_PROFILE, settings->profile), key);
}

Text aws_settings_expand_path(Arena *arena, const AwsSettings *settings, Text path)
{
    bool is_at_home = text_equal_c(path, "~") || text_starts_with(path, TEXT("~/"));
    if (!is_at_home || settings->home.len == 0)
        return path;
    return arena_join(arena, settings->home, text_slice(path, 1, path.len));
}

/* The length of `$NAME` or `${NAME}` at the start of a text, and the name; 0 when it is neither. */
static size_t read_variable(Text text, Text *name)
{
    bool is_braced = text_starts_with(text, TEXT("${"));
    if (is_braced) {
        size_t end = text_find_byte(text, '}');
        *name = text_slice(text, 2, end);
        return end < text.len ? end + 1 : 0;
    }
    size_t length = 1;
    while (length < text.len && (byte_is_alphanumeric(text.ptr[length]) || text.ptr[length] == '_'))
        length++;
    *name = text_slice(text, 1, length);
    return name->len > 0 ? length : 0;
}

/* Variables in the path of a file, as botocore replaces them; one that is not set stays as it is written. */
static Text expand_variables(Arena *arena, const AwsEnvironment *environment, Text path)
{
    Buffer out = {0};
    for (size_t at = 0; at < path.len;) {
        Text name = TEXT_NONE;
        size_t length = path.ptr[at] == '$' ? read_variable(text_slice(path, at, path.len), &name) : 0;
        const char *value = length > 0 && environment->find ? environment->find(environment->context, arena_copy_text(arena, name).ptr) : NULL;
        if (value)
            buffer_add_c(&out, value);
        else
            buffer_add(&out, text_slice(path, at, at + (length > 0 ? length : 1)));
        at += length > 0 ? length : 1;
    }
    Text expanded = arena_copy_text(arena, buffer_text(&out));
    buffer_free(&out);
    return expanded;
}

static Text find_path(Arena *arena, const AwsSettings *settings, const char *variable, const char *standard)
{
    Text named = aws_environment_find(&settings->environment, variable);
    Text path = named.len > 0 ? expand_variables(arena, &settings->environment, named) : text_from_c(standard);
    return aws_settings_expand_path(arena, settings, path);
}

static bool read_profiles(Arena *arena, Text path, bool is_config, AwsProfiles *out, Text *reason)
{
    Text text;
    Text why;
    if (!file_exists(path))
        return true;
    if (!file_read(arena, path, FILE_LARGEST, &text, &why)) {
        *reason = arena_format(arena, "cannot read %.*s: %.*s", TEXT_ARG(path), TEXT_ARG(why));
        return false;
    }
    if (!aws_profiles_read(arena, text, is_config, out, &why)) {
        *reason = arena_format(arena, "%.*s: %.*s", TEXT_ARG(path), TEXT_ARG(why));
        return false;
    }
    return true;
}

static bool read_files(Arena *arena, AwsSettings *settings, Text *reason)
{
    settings->config_path = find_path(arena, settings, "AWS_CONFIG_FILE", "~/.aws/config");
    settings->credentials_path = find_path(arena, settings, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
    if (!read_profiles(arena, settings->config_path, true, &settings->config, reason) ||
        !read_profiles(arena, settings->credentials_path, false, &settings->credentials, reason))
        return false;
    aws_profiles_merge(arena, &settings->profiles, &settings->config);
    aws_profiles_merge(arena, &settings->profiles, &settings->credentials);
    return true;
}

static Text list_profiles(Arena *arena, const AwsSettings *settings)
{
    enum { NAMED_MOST = 8 };
    Text list = TEXT_NONE;
    size_t count = 0;
    for (size_t i = 0; i < settings->profiles.sections.count; i++) {
        const AwsProfileSection *section = &settings->profiles.sections.items[i];
        if (section->kind != AWS_SECTION_PROFILE)
            continue;
        if (count++ < NAMED_MOST)
            list = count == 1 ? section->name : arena_format(arena, "%.*s, %.*s", TEXT_ARG(list), TEXT_ARG(section->name));
    }
    if (count == 0)
        return TEXT("neither has a profile");
    return count <= NAMED_MOST ? arena_format(arena, "they have %.*s", TEXT_ARG(list))
                               : arena_format(arena, "they have %.*s and %zu more", TEXT_ARG(list), count - NAMED_MOST);
}

/* Whoever names a profile means it: other credentials must not take its place. */
static bool choose_profile(Arena *arena, AwsSettings *settings, Text chosen, Text *reason)
{
    settings->profile = chosen;
    settings->is_profile_chosen = chosen.len > 0;
    const char *said_by = "named on the command line";
    static const char *const variables[] = {"AWS_DEFAULT_PROFILE", "AWS_PROFILE"};
    for (size_t i = 0; i < sizeof variables / sizeof variables[0] && settings->profile.len == 0; i++) {
        settings->profile = aws_environment_find(&settings->environment, variables[i]);
        said_by = variables[i];
    }
    if (settings->profile.len == 0) {
        settings->profile = TEXT("default");
        return true;
    }
    if (text_equal_c(settings->profile, "default") || aws_profiles_find(&settings->profiles, AWS_SECTION_PROFILE, settings->profile))
        return true;
    Text others = list_profiles(arena, settings);
    *reason = arena_format(arena, "there is no profile `%.*s` (%s%s) in %.*s or %.*s; %.*s", TEXT_ARG(settings->profile),
                           settings->is_profile_chosen ? "" : "from ", said_by, TEXT_ARG(settings->config_path), TEXT_ARG(settings->credentials_path),
                           TEXT_ARG(others));
    return false;
}

/* A setting that a variable or, when that is not set, the profile says; *said_by is where, for messages. */
static Text find_setting(const AwsSettings *settings, const char *variable, const char *key, const char **said_by)
{
    Text value = aws_environment_find(&settings->environment, variable);
    *said_by = variable;
    if (value.len > 0)
        return value;
    *said_by = key;
    return aws_settings_find(settings, key);
}

static bool find_flag(const AwsSettings *settings, const char *variable, const char *key)
{
    const char *said_by;
    return text_equal_any_case(find_setting(settings, variable, key, &said_by), TEXT("true"));
}

/* A whole number from 1 to 9999; *out stays as it is when nobody sets it. */
static bool find_number(Arena *arena, const AwsSettings *settings, const char *variable, const char *key, int *out, Text *reason)
{
    enum { DIGITS_MOST = 4 };
    const char *said_by;
    Text value = text_trim(find_setting(settings, variable, key, &said_by));
    if (value.len == 0)
        return true;
    int number = 0;
    for (size_t i = 0; i < value.len && value.len <= DIGITS_MOST && byte_is_digit(value.ptr[i]); i++)
        number = number * 10 + (value.ptr[i] - '0');
    if (number == 0 || value.len > DIGITS_MOST || text_count_digits(value) != value.len) {
        *reason = arena_format(arena, "%s is `%.*s`, which is no whole number from 1 to 9999", said_by, TEXT_ARG(value));
        return false;
    }
    *out = number;
    return true;
}

static bool find_retry_mode(Arena *arena, AwsSettings *settings, Text *reason)
{
    const char *said_by;
    Text mode = find_setting(settings, "AWS_RETRY_MODE", "retry_mode", &said_by);
    settings->retry_mode = text_equal_c(mode, "adaptive") ? AWS_RETRY_ADAPTIVE : AWS_RETRY_STANDARD;
    if (mode.len == 0 || text_equal_c(mode, "adaptive") || text_equal_c(mode, "standard") || text_equal_c(mode, "legacy"))
        return true;
    *reason = arena_format(arena, "%s is `%.*s`; it can be standard, adaptive or legacy", said_by, TEXT_ARG(mode));
    return false;
}

static Text find_region(const AwsSettings *settings, Text said)
{
    const char *said_by;
    if (said.len > 0)
        return said;
    Text region = aws_environment_find(&settings->environment, "AWS_REGION");
    return region.len > 0 ? region : find_setting(settings, "AWS_DEFAULT_REGION", "region", &said_by);
}

bool aws_settings_load(Arena *arena, const AwsSettingsOptions *options, AwsSettings *out, Text *reason)
{
    const char *said_by;
    *out = (AwsSettings){.environment = options->environment, .max_attempts = ATTEMPTS_DEFAULT};
    out->home = aws_environment_find(&out->environment, "HOME");
    if (!read_files(arena, out, reason) || !choose_profile(arena, out, options->profile, reason))
        return false;
    out->region = find_region(out, options->region);
    out->ca_bundle = aws_settings_expand_path(arena, out, find_setting(out, "AWS_CA_BUNDLE", "ca_bundle", &said_by));
    out->use_fips = find_flag(out, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
    out->use_dualstack = find_flag(out, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
    out->ignore_endpoint_urls = find_flag(out, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls");
    int timeout_s = METADATA_TIMEOUT_DEFAULT_MS / 1000;
    out->metadata_attempts = 1;
    if (!find_retry_mode(arena, out, reason) || !find_number(arena, out, "AWS_MAX_ATTEMPTS", "max_attempts", &out->max_attempts, reason) ||
        !find_number(arena, out, "AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout", &timeout_s, reason) ||
        !find_number(arena, out, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts", &out->metadata_attempts, reason))
        return false;
    out->metadata_timeout_ms = timeout_s * 1000;
    return true;
}
