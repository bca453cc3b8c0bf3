/* Whether the written file comes to what was read, as AWS sees it: orders that mean nothing, defaults and empty members do not count. */
#include "foreign/import.h"

#include "document/arn.h"
#include "foreign/unrender.h"

/* What svc says by itself where a document says nothing: AWS fills in the same, or Fargate needs it. */
static const char *const added[] = {
    "awslogs-region", "awslogs-stream-prefix", "cpu", "cpuArchitecture", "family", "memory", "essential", "executionRoleArn", "hostPort", "logDriver", "networkMode",
    "operatingSystemFamily", "protocol", "requiresCompatibilities", "runtimePlatform", "tags", "taskRoleArn", "transitEncryption", "type", "volumes",
};

/* What a document may say without its being carried: the default, or what svc chooses otherwise and says so in a comment. */
typedef struct Silent {
    const char *member;
    const char *value; /* as JSON writes it; NULL for any */
} Silent;

static const Silent silent[] = {
    {"cpu", "0"}, {"readOnly", "false"}, {"rootDirectory", "\"/\""}, {"interactive", "false"},
    {"interval", "30"}, {"timeout", "5"}, {"retries", "3"}, {"startPeriod", "0"}, {"stopTimeout", "30"}, {"mode", "\"non-blocking\""},
    {"initProcessEnabled", "false"}, {"pseudoTerminal", "false"}, {"privileged", "false"}, {"readonlyRootFilesystem", "false"}, {"disableNetworking", "false"}, {"host", NULL},
};

/* What svc always says itself: a comment of the written file tells where the document says otherwise. */
static const char *const own[] = {"networkMode", "requiresCompatibilities"};

typedef struct Comparison {
    Arena *arena;
    Diagnostics *sink;
    Span whole; /* where a finding goes whose node has no place */
} Comparison;

static Text written(Arena *arena, const Json *json)
{
    Buffer out = {0};
    json_write(&out, json, 0);
    Text text = arena_copy_text(arena, buffer_text(&out));
    buffer_free(&out);
    return text;
}

static bool is_added(Text member)
{
    for (size_t i = 0; i < sizeof added / sizeof *added; i++)
        if (text_equal_c(member, added[i]))
            return true;
    return false;
}

static bool is_own(Text member)
{
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (text_equal_c(member, own[i]))
            return true;
    return false;
}

static bool is_silent(const Comparison *c, Text member, const Json *value);

static bool are_all_silent(const Comparison *c, const Json *object)
{
    for (size_t i = 0; object->kind == JSON_OBJECT && i < object->members.count; i++)
        if (!is_silent(c, object->members.items[i].key, object->members.items[i].value))
            return false;
    return object->kind == JSON_OBJECT;
}

static bool is_silent(const Comparison *c, Text member, const Json *value)
{
    if (are_all_silent(c, value))
        return true;
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
        if (text_equal_c(member, silent[i].member) && (!silent[i].value || text_equal_c(written(c->arena, value), silent[i].value)))
            return true;
    return false;
}

static void report(const Comparison *c, Text path, const Json *read, const Json *rendered)
{
    Span span = span_is_none(read->origin) ? c->whole : read->origin;
    Diagnostic *diagnostic = diagnostic_report(c->sink, CODE_IMPORT_LOST, span, "%.*s is not carried", TEXT_ARG(path));
    if (rendered)
        diagnostic_set_label(c->sink, diagnostic, "the written file comes to another value");
    else
        diagnostic_set_label(c->sink, diagnostic, "the written file does not say this");
}

static Text name_of(const Json *item)
{
    static const char *const keys[] = {"name", "key", "namespace", "containerName", "sourceVolume", "containerPort"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const Json *name = json_get_c(item, keys[i]);
        if (name && name->kind == JSON_TEXT)
            return name->text;
    }
    return TEXT_NONE;
}

/* Whether what tells an element from the others is not known yet. */
static bool has_open_name(const Json *item)
{
    static const char *const keys[] = {"name", "containerPort", "sourceVolume"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const Json *key = json_get_c(item, keys[i]);
        if (key && key->kind == JSON_UNKNOWN)
            return true;
    }
    return false;
}

static void compare(const Comparison *c, Text path, const Json *read, const Json *rendered);

static const Json *find_item(const Json *list, Text name, size_t index)
{
    for (size_t i = 0; name.len && i < list->items.count; i++)
        if (text_equal(name_of(list->items.items[i]), name))
            return list->items.items[i];
    return !name.len && index < list->items.count ? list->items.items[index] : NULL;
}

static void compare_items(const Comparison *c, Text path, const Json *read, const Json *rendered)
{
    for (size_t i = 0; i < read->items.count; i++) {
        const Json *item = read->items.items[i];
        if (has_open_name(item))
            continue; /* somebody fills in which one it is */
        const Json *other = find_item(rendered, name_of(item), i);
        Text inner = arena_format(c->arena, "%.*s[%zu]", TEXT_ARG(path), i);
        if (other)
            compare(c, inner, item, other);
        else
            report(c, inner, item, NULL);
    }
}

static void compare_members(const Comparison *c, Text path, const Json *read, const Json *rendered)
{
    for (size_t i = 0; i < read->members.count; i++) {
        const JsonMember *member = &read->members.items[i];
        const Json *other = json_get(rendered, member->key);
        Text inner = arena_format(c->arena, "%.*s%s%.*s", TEXT_ARG(path), path.len ? "." : "", TEXT_ARG(member->key));
        bool is_open_region = text_equal_c(member->key, "awslogs-region") && member->value->kind == JSON_TEXT && !arn_is_region(member->value->text);
        if (is_open_region || is_own(member->key))
            continue;
        if (other)
            compare(c, inner, member->value, other);
        else if (member->value->kind != JSON_UNKNOWN && !is_silent(c, member->key, member->value))
            report(c, inner, member->value, NULL);
    }
    for (size_t i = 0; i < rendered->members.count; i++) {
        const JsonMember *member = &rendered->members.items[i];
        if (json_get(read, member->key) || is_added(member->key) || is_silent(c, member->key, member->value))
            continue;
        Diagnostic *diagnostic = diagnostic_report(c->sink, CODE_IMPORT_LOST, span_is_none(read->origin) ? c->whole : read->origin,
                                                   "svc adds %.*s%s%.*s", TEXT_ARG(path), path.len ? "." : "", TEXT_ARG(member->key));
        diagnostic_set_label(c->sink, diagnostic, "not said here");
    }
}

/* "256" is 256 and "1 vCPU"; a parameter's name is its ARN in the same account. */
static bool is_same_text(Text read, Text rendered)
{
    if (text_equal(read, rendered))
        return true;
    if (text_ends_with(read, TEXT("GB")) && text_find_byte(read, ' ') == read.len) {
        Rational gibibytes;
        Rational mebibytes;
        return rational_parse(&gibibytes, text_slice(read, 0, read.len - 2)) && rational_multiply(&gibibytes, gibibytes, rational_from_integer(1024)) &&
               rational_parse(&mebibytes, rendered) && rational_compare(gibibytes, mebibytes) == 0;
    }
    size_t blank = text_find_byte(read, ' ');
    Rational number;
    Rational other;
    if (rational_parse(&number, text_slice(read, 0, blank)) && rational_multiply(&number, number, rational_from_integer(1024)) && rational_parse(&other, rendered))
        return blank < read.len && rational_compare(number, other) == 0;
    bool is_parameter = !text_starts_with(read, TEXT("arn:")) && text_find(rendered, TEXT(":parameter/")) < rendered.len;
    return is_parameter && text_ends_with(rendered, read.len && read.ptr[0] == '/' ? text_slice(read, 1, read.len) : read);
}

/* Whether account or region are filled in by somebody: "arn:aws:iam::ACCOUNT:role/api". */
static bool is_filled_in(Text text)
{
    size_t ecr = text_find(text, TEXT(".dkr.ecr."));
    bool is_arn = text_starts_with(text, TEXT("arn:"));
    if (!is_arn && ecr == text.len)
        return false;
    Text account = is_arn ? arn_part(text, ARN_ACCOUNT) : text_slice(text, 0, ecr);
    bool is_aws = !account.len || text_equal_c(account, "aws");
    return !is_aws && !byte_is_digit(account.ptr[0]);
}

static void compare(const Comparison *c, Text path, const Json *read, const Json *rendered)
{
    if (read->kind == JSON_UNKNOWN || rendered->kind == JSON_UNKNOWN || rendered->kind == JSON_REFERENCE || (read->kind == JSON_TEXT && is_filled_in(read->text)))
        return;
    if (read->kind == JSON_OBJECT && rendered->kind == JSON_OBJECT)
        compare_members(c, path, read, rendered);
    else if (read->kind == JSON_ARRAY && rendered->kind == JSON_ARRAY)
        compare_items(c, path, read, rendered);
    else if (read->kind == JSON_TEXT) {
        Text other = rendered->kind == JSON_TEXT ? rendered->text : text_trim(written(c->arena, rendered));
        if (rendered->kind != JSON_TEXT && other.len > 1 && other.ptr[0] == '"')
            other = text_slice(other, 1, other.len - 1);
        if (!is_same_text(read->text, other))
            report(c, path, read, rendered);
    } else if (!text_equal(written(c->arena, read), written(c->arena, rendered)))
        report(c, path, read, rendered);
}

/* The next task definition after *cursor. */
static const Resource *next_task(const Resources *resources, size_t *cursor)
{
    while (*cursor < resources->items.count) {
        const Resource *resource = resources->items.items[(*cursor)++];
        if (resource->kind == RESOURCE_TASK_DEFINITION)
            return resource;
    }
    return NULL;
}

void import_compare(Arena *arena, Diagnostics *sink, const Resources *read, const Resources *rendered)
{
    size_t read_cursor = 0;
    size_t rendered_cursor = 0;
    const Resource *task;
    while ((task = next_task(read, &read_cursor)) != NULL) {
        const Resource *other = next_task(rendered, &rendered_cursor);
        Comparison c = {arena, sink, task->origin};
        if (other)
            compare(&c, TEXT_NONE, unrender_copy(arena, task->input), unrender_copy(arena, other->input));
        else
            report(&c, TEXT("the task definition"), task->input, NULL);
    }
}
