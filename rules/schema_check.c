/* Documents against AWS's own schema: members, kinds, choices and limits of the operation that a resource is the input of. */
#include "rules/schema_check.h"

#include "base/utf8.h"
#include "rules/task.h"
#include "schema/schema.h"

#include <string.h>

typedef struct Checker {
    const RuleContext *context;
    const Resource *resource;
    SchemaOperation operation;
    bool is_fargate;
} Checker;

/* What a rule tells with more sense than "a required member is missing". */
typedef struct ToldElsewhere {
    const char *shape;
    const char *member;
} ToldElsewhere;

static const ToldElsewhere told_elsewhere[] = {
    {"ContainerDefinition", "image"},
    {"RegisterTaskDefinitionRequest", "containerDefinitions"},
};

static bool is_told_elsewhere(Text shape, Text member)
{
    for (size_t i = 0; i < sizeof told_elsewhere / sizeof *told_elsewhere; i++)
        if (text_equal_c(shape, told_elsewhere[i].shape) && text_equal_c(member, told_elsewhere[i].member))
            return true;
    return false;
}

/* --- how people know a shape --- */

typedef struct ShapeLabel {
    const char *shape;
    const char *label;
} ShapeLabel;

/* In byte order of the shapes. What is not here goes by AWS's own name. */
static const ShapeLabel shape_labels[] = {
    {"Action", "an action"},
    {"AdvancedConfiguration", "the advanced configuration of a load balancer"},
    {"AwsVpcConfiguration", "a network configuration"},
    {"CapacityProviderStrategyItem", "an item of a capacity provider strategy"},
    {"ContainerDefinition", "a container"},
    {"ContainerDependency", "a dependency"},
    {"ContainerRestartPolicy", "a restart policy"},
    {"DeploymentAlarms", "the alarms of a deployment"},
    {"DeploymentCircuitBreaker", "a circuit breaker"},
    {"DeploymentConfiguration", "a deployment configuration"},
    {"DeploymentController", "a deployment controller"},
    {"DeploymentLifecycleHook", "a lifecycle hook"},
    {"Dimension", "a dimension"},
    {"EFSAuthorizationConfig", "the authorization of an EFS volume"},
    {"EFSVolumeConfiguration", "an EFS volume"},
    {"EnvironmentFile", "an environment file"},
    {"EphemeralStorage", "ephemeral storage"},
    {"FirelensConfiguration", "a FireLens configuration"},
    {"HealthCheck", "a health check"},
    {"HostEntry", "an extra host"},
    {"IpPermission", "a rule of a security group"},
    {"KernelCapabilities", "kernel capabilities"},
    {"KeyValuePair", "a variable"},
    {"LinuxParameters", "Linux parameters"},
    {"LoadBalancer", "a load balancer of a service"},
    {"LogConfiguration", "a log configuration"},
    {"MountPoint", "a mount"},
    {"NetworkConfiguration", "a network configuration"},
    {"PortMapping", "a port mapping"},
    {"ProxyConfiguration", "a proxy configuration"},
    {"RepositoryCredentials", "the credentials of a repository"},
    {"RuleCondition", "a condition"},
    {"RuntimePlatform", "a runtime platform"},
    {"Secret", "a secret"},
    {"ServiceConnectConfiguration", "a Service Connect configuration"},
    {"ServiceConnectService", "a Service Connect service"},
    {"ServiceRegistry", "a service registry"},
    {"SystemControl", "a system control"},
    {"Tag", "a tag"},
    {"Tmpfs", "a tmpfs mount"},
    {"Ulimit", "a ulimit"},
    {"Volume", "a volume"},
    {"VolumeFrom", "a mount of another container's volumes"},
};

static const char *find_label(Text shape)
{
    size_t low = 0;
    size_t high = sizeof shape_labels / sizeof *shape_labels;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = text_compare(text_from_c(shape_labels[middle].shape), shape);
        if (order == 0)
            return shape_labels[middle].label;
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return NULL;
}

/* "a task definition" of the input that makes one, "a container" of a part. */
static Text label_of(const Checker *checker, Text shape)
{
    const ResourceFacts *facts = resource_facts(checker->resource->kind);
    const char *label = find_label(shape);
    if (text_equal_c(checker->operation.name, facts->operation) && text_equal(shape, schema_shape_name(checker->operation.input)))
        return arena_format(checker->context->arena, "%s %s", strchr("aeio", facts->label[0]) ? "an" : "a", facts->label);
    return label ? text_from_c(label) : shape;
}

/* Whether there is an error already that this would only repeat, in words of AWS's: one at the same place; or, of what was derived from a .svc file
   and has no place of its own, any error in the file. */
static bool is_told(const Checker *checker, const Json *value, Span span)
{
    const Diagnostics *sink = checker->context->sink;
    Span whole = checker->resource->origin;
    bool is_derived = checker->context->is_svc && (span_is_none(value->origin) || (span.start == whole.start && span.file == whole.file));
    for (size_t i = sink->items.count; i-- > 0;) {
        const Diagnostic *item = sink->items.items[i];
        if (is_derived && item->primary.span.file == span.file && item->severity == SEVERITY_ERROR)
            return true;
    }
    return rule_is_told(checker->context, span) || rule_is_told(checker->context, rule_report_span(checker->context, checker->resource, value));
}

/* --- what is shown --- */

/* The value, short enough for a message. */
static Text shown_value(const Checker *checker, SchemaShape shape, const Json *value)
{
    enum { SHOWN_MAX = 60 };
    if (schema_shape_is_sensitive(shape))
        return TEXT("the value");
    if (value->kind == JSON_OBJECT)
        return TEXT("an object");
    if (value->kind == JSON_ARRAY)
        return TEXT("a list");
    Buffer out = {0};
    json_write(&out, value, 0);
    Text whole = buffer_text(&out);
    Text shown = whole.len > SHOWN_MAX ? (value->kind == JSON_TEXT ? TEXT("this text") : TEXT("this number"))
                                       : arena_copy_text(checker->context->arena, whole);
    buffer_free(&out);
    return shown;
}

static const char *kind_label(const Checker *checker, SchemaKind kind)
{
    switch (kind) {
    case SCHEMA_KIND_STRUCTURE:
    case SCHEMA_KIND_MAP: return checker->context->is_svc ? "a map" : "an object";
    case SCHEMA_KIND_LIST: return "a list";
    case SCHEMA_KIND_STRING:
    case SCHEMA_KIND_BLOB:
    case SCHEMA_KIND_TIMESTAMP: return "a string";
    case SCHEMA_KIND_INTEGER:
    case SCHEMA_KIND_LONG: return "a whole number";
    case SCHEMA_KIND_DOUBLE:
    case SCHEMA_KIND_FLOAT: return "a number";
    case SCHEMA_KIND_BOOLEAN: return checker->context->is_svc ? "yes or no" : "true or false";
    }
    return "another value";
}

static Diagnostic *report_as(const Checker *checker, DiagnosticCode code, Severity severity, Span span, Text message)
{
    return diagnostic_report_as(checker->context->sink, code, severity, span_is_none(span) ? checker->resource->origin : span, "%.*s", TEXT_ARG(message));
}

static Diagnostic *report(const Checker *checker, DiagnosticCode code, Span span, Text message)
{
    return report_as(checker, code, diagnostic_page(code)->severity, span, message);
}

/* NULL when it is told already. */
static Diagnostic *report_value(const Checker *checker, SchemaShape shape, const Json *value, Span near, const char *problem)
{
    if (is_told(checker, value, near))
        return NULL;
    Text shown = shown_value(checker, shape, value);
    return report(checker, CODE_AWS_VALUE, near, arena_format(checker->context->arena, "%.*s %s", TEXT_ARG(shown), problem));
}

/* Replaces the value where exactly it is written, in its quotes or without. */
static void offer_value(const Checker *checker, Diagnostic *diagnostic, const Json *value, Text written, Text replacement)
{
    Diagnostics *sink = checker->context->sink;
    Text source = span_is_none(value->origin) ? TEXT_NONE : sources_text(sink->sources, value->origin);
    bool is_quoted = source.len >= 2 && (source.ptr[0] == '"' || source.ptr[0] == '\'') && source.ptr[source.len - 1] == source.ptr[0];
    Text inside = is_quoted ? text_slice(source, 1, source.len - 1) : source;
    if (!source.len || !text_equal(inside, written)) {
        diagnostic_set_advice(sink, diagnostic, "did you mean %.*s?", TEXT_ARG(replacement));
        return;
    }
    Span span = value->origin;
    span.start += is_quoted;
    span.end -= is_quoted;
    diagnostic_set_fix(sink, diagnostic, true, span, replacement, "did you mean %.*s?", TEXT_ARG(replacement));
}

/* --- members --- */

static Text nearest_member(SchemaShape shape, Text name)
{
    enum { DISTANCE_MAX = 2, SHORT = 4 };
    Text nearest = TEXT_NONE;
    size_t least = name.len <= SHORT ? DISTANCE_MAX : DISTANCE_MAX + 1;
    for (size_t i = 0; i < schema_member_count(shape); i++) {
        Text candidate = schema_member_at(shape, i).name;
        size_t distance = text_equal_any_case(candidate, name) ? 0 : text_edit_distance(candidate, name, DISTANCE_MAX);
        nearest = distance < least ? candidate : nearest;
        least = distance < least ? distance : least;
    }
    return nearest;
}

/* The shape below `shape` that has such a member, for a member that stands one or more levels too high. */
static bool find_holder(SchemaShape shape, Text name, unsigned depth, Text *out)
{
    enum { DEPTH_MAX = 3 };
    SchemaMember member;
    while (schema_shape_kind(shape) == SCHEMA_KIND_LIST)
        shape = schema_list_element(shape);
    if (schema_shape_kind(shape) != SCHEMA_KIND_STRUCTURE || depth > DEPTH_MAX)
        return false;
    *out = schema_shape_name(shape);
    if (depth && schema_find_member(shape, name, &member))
        return true;
    for (size_t i = 0; i < schema_member_count(shape); i++)
        if (find_holder(schema_member_at(shape, i).shape, name, depth + 1, out))
            return true;
    return false;
}

static bool is_of_service(const Checker *checker, Text name)
{
    SchemaOperation service;
    SchemaMember member;
    return checker->resource->kind == RESOURCE_TASK_DEFINITION &&
           schema_find_operation(checker->operation.input.service, TEXT("CreateService"), &service) && schema_find_member(service.input, name, &member);
}

static void report_member(const Checker *checker, SchemaShape shape, const JsonMember *member, Span near)
{
    const RuleContext *context = checker->context;
    Span key = rule_key_span(context, member->value, member->key);
    Span span = !span_is_none(key) ? key : !span_is_none(member->value->origin) ? member->value->origin : near;
    Text holder = TEXT_NONE;
    SchemaMember upper;
    /* Terraform leaves such a member out and goes on; all others refuse it. */
    bool is_left_out = checker->resource->is_part && schema_find_member(checker->operation.input, member->key, &upper);
    Diagnostic *diagnostic = report_as(checker, CODE_AWS_MEMBER, is_left_out ? SEVERITY_WARNING : SEVERITY_ERROR, span,
                                       arena_format(context->arena, "%.*s has no member %.*s", TEXT_ARG(label_of(checker, schema_shape_name(shape))), TEXT_ARG(member->key)));
    Text nearest = nearest_member(shape, member->key);
    diagnostic_add_note(context->sink, diagnostic, "of the operation %.*s", TEXT_ARG(checker->operation.name));
    if (nearest.len && text_equal_any_case(nearest, member->key))
        diagnostic_set_label(context->sink, diagnostic, "the same letters, but AWS tells upper case from lower case");
    if (nearest.len && !span_is_none(key))
        diagnostic_set_fix(context->sink, diagnostic, true, key, nearest, "did you mean %.*s?", TEXT_ARG(nearest));
    else if (nearest.len)
        diagnostic_set_advice(context->sink, diagnostic, "did you mean %.*s?", TEXT_ARG(nearest));
    else if (find_holder(shape, member->key, 0, &holder))
        diagnostic_set_advice(context->sink, diagnostic, "it is a member of %.*s: move it there", TEXT_ARG(label_of(checker, holder)));
    else if (is_of_service(checker, member->key))
        diagnostic_set_advice(context->sink, diagnostic, "a service says it, not a task definition: it is a member of CreateService");
    else if (schema_find_member(checker->operation.input, member->key, &upper))
        diagnostic_set_advice(context->sink, diagnostic, "it is a member of %.*s: move it there", TEXT_ARG(label_of(checker, schema_shape_name(checker->operation.input))));
}

static void report_missing(const Checker *checker, SchemaShape shape, const Json *object, Text member, Span near)
{
    if (is_told_elsewhere(schema_shape_name(shape), member) || rule_is_misspelt(object, member) || (checker->context->is_svc && is_told(checker, object, near)))
        return;
    Text name = label_of(checker, schema_shape_name(shape));
    Diagnostic *diagnostic = report(checker, CODE_MEMBER_MISSING, near,
                                    arena_format(checker->context->arena, "%.*s has no %.*s", TEXT_ARG(name), TEXT_ARG(member)));
    diagnostic_set_advice(checker->context->sink, diagnostic, "%.*s is required: add it", TEXT_ARG(member));
}

static void check_value(const Checker *checker, SchemaShape shape, const Json *value, Span near);

static void check_missing(const Checker *checker, SchemaShape shape, const Json *value, Span near)
{
    for (size_t i = 0; i < schema_member_count(shape); i++) {
        SchemaMember member = schema_member_at(shape, i);
        if (member.required && !member.idempotency_token && !rule_is_set(json_get(value, member.name)))
            report_missing(checker, shape, value, member.name, near);
    }
}

static void check_structure(const Checker *checker, SchemaShape shape, const Json *value, Span near)
{
    Known *known = &checker->context->run->known;
    size_t count = schema_member_count(shape);
    size_t required = schema_required_count(shape);
    for (size_t i = 0; i < value->members.count; i++) {
        const JsonMember *entry = &value->members.items[i];
        if (!rule_is_set(entry->value))
            continue;
        size_t at = known_member(known, shape, entry->key);
        if (at == count) {
            report_member(checker, shape, entry, near);
            continue;
        }
        required -= schema_member_is_required(shape, at);
        check_value(checker, schema_member_shape(shape, at), entry->value, near);
    }
    if (required)
        check_missing(checker, shape, value, near);
}

/* --- values --- */

static bool kind_fits(SchemaKind kind, const Json *value)
{
    switch (kind) {
    case SCHEMA_KIND_STRUCTURE:
    case SCHEMA_KIND_MAP: return value->kind == JSON_OBJECT;
    case SCHEMA_KIND_LIST: return value->kind == JSON_ARRAY;
    case SCHEMA_KIND_STRING:
    case SCHEMA_KIND_BLOB: return value->kind == JSON_TEXT || value->kind == JSON_EMBEDDED;
    case SCHEMA_KIND_TIMESTAMP: return value->kind == JSON_TEXT || value->kind == JSON_NUMBER;
    case SCHEMA_KIND_INTEGER:
    case SCHEMA_KIND_LONG: return value->kind == JSON_NUMBER && rational_is_whole(value->number);
    case SCHEMA_KIND_DOUBLE:
    case SCHEMA_KIND_FLOAT: return value->kind == JSON_NUMBER;
    case SCHEMA_KIND_BOOLEAN: return value->kind == JSON_BOOL;
    }
    return false;
}

/* A number in quotes, or a text without: what was meant is plain. */
static void offer_kind(const Checker *checker, Diagnostic *diagnostic, SchemaKind kind, const Json *value)
{
    const RuleContext *context = checker->context;
    Text source = span_is_none(value->origin) ? TEXT_NONE : sources_text(context->sink->sources, value->origin);
    int64_t number;
    bool is_number_text = (kind == SCHEMA_KIND_INTEGER || kind == SCHEMA_KIND_LONG) && value->kind == JSON_TEXT && rule_integer(value, &number);
    bool is_bool_text = kind == SCHEMA_KIND_BOOLEAN && value->kind == JSON_TEXT && !context->is_svc &&
                        (text_equal_c(value->text, "true") || text_equal_c(value->text, "false"));
    bool is_plain = kind == SCHEMA_KIND_STRING && (value->kind == JSON_NUMBER || value->kind == JSON_BOOL);
    if (is_plain && source.len && source.ptr[0] != '"') {
        Text quoted = arena_format(context->arena, "\"%.*s\"", TEXT_ARG(source));
        diagnostic_set_fix(context->sink, diagnostic, true, value->origin, quoted, "write %.*s", TEXT_ARG(quoted));
    } else if ((is_number_text || is_bool_text) && source.len == value->text.len + 2) {
        diagnostic_set_fix(context->sink, diagnostic, true, value->origin, value->text, "write %.*s", TEXT_ARG(value->text));
    }
}

static Text number_text(Arena *arena, int64_t number, unsigned scale)
{
    int64_t unit = 1;
    Rational made = rational_from_integer(number);
    for (unsigned i = 0; i < scale; i++)
        unit *= 10;
    return rational_make(&made, number, unit) ? rational_to_text(arena, made) : TEXT_NONE;
}

static Text range_text(const Checker *checker, const SchemaLimits *limits, const char *what)
{
    Arena *arena = checker->context->arena;
    Text low = number_text(arena, limits->min, limits->scale);
    Text high = number_text(arena, limits->max, limits->scale);
    if (limits->has_min && limits->has_max)
        return text_equal(low, high) ? arena_format(arena, "%.*s%s", TEXT_ARG(low), what) : arena_format(arena, "%.*s to %.*s%s", TEXT_ARG(low), TEXT_ARG(high), what);
    return limits->has_min ? arena_format(arena, "at least %.*s%s", TEXT_ARG(low), what) : arena_format(arena, "at most %.*s%s", TEXT_ARG(high), what);
}

static void report_choice(const Checker *checker, SchemaShape shape, const SchemaLimits *limits, const Json *value, Span near)
{
    enum { DISTANCE_MAX = 2, SHOWN_MAX = 24 };
    Arena *arena = checker->context->arena;
    Diagnostic *diagnostic = report_value(checker, shape, value, near, "is not one of AWS's values");
    if (!diagnostic)
        return;
    Text choices = TEXT_NONE;
    Text nearest = TEXT_NONE;
    Text text = value->kind == JSON_TEXT ? value->text : TEXT_NONE;
    size_t least = DISTANCE_MAX + 1;
    for (size_t i = 0; i < limits->enum_count; i++) {
        Text choice = schema_enum_value(shape, i);
        size_t distance = text_equal_any_case(choice, text) ? 0 : text_edit_distance(choice, text, DISTANCE_MAX);
        if (i < SHOWN_MAX)
            choices = arena_format(arena, "%.*s%s%.*s", TEXT_ARG(choices), i ? ", " : "", TEXT_ARG(choice));
        nearest = distance < least && text.len > 2 ? choice : nearest;
        least = distance < least ? distance : least;
    }
    diagnostic_add_note(checker->context->sink, diagnostic, "these are %.*s%s", TEXT_ARG(choices), limits->enum_count > SHOWN_MAX ? " …" : "");
    if (nearest.len)
        offer_value(checker, diagnostic, value, text, nearest);
}

static bool choice_allows(SchemaShape shape, const Json *value)
{
    if (value->kind == JSON_TEXT)
        return schema_enum_allows(shape, value->text);
    Text written = value->kind == JSON_NUMBER && rational_is_whole(value->number) ? TEXT("0") : TEXT_NONE;
    for (size_t i = 0; written.len && i < UINT16_MAX; i++) {
        SchemaLimits limits;
        int64_t choice;
        if (!schema_shape_limits(shape, &limits) || i == limits.enum_count)
            return false;
        Json item = {.kind = JSON_TEXT, .text = schema_enum_value(shape, i)};
        if (rule_integer(&item, &choice) && choice == value->number.num)
            return true;
    }
    return true;
}

/* Numbers, lengths and counts are measured in units of 10^-scale. */
static bool measure(const Json *value, unsigned scale, Rational *out)
{
    int64_t unit = 1;
    for (unsigned i = 0; i < scale; i++)
        unit *= 10;
    if (value->kind == JSON_NUMBER)
        return rational_multiply(out, value->number, rational_from_integer(unit));
    if (value->kind == JSON_TEXT)
        *out = rational_from_integer((int64_t)utf8_count(value->text));
    else if (value->kind == JSON_ARRAY || value->kind == JSON_OBJECT)
        *out = rational_from_integer((int64_t)json_length(value));
    else
        return false;
    return true;
}

static bool is_on_step(const SchemaLimits *limits, const Json *value, Rational measured)
{
    return !limits->step || value->kind != JSON_NUMBER || (rational_is_whole(measured) && (measured.num - limits->min) % limits->step == 0);
}

/* What people know an item by: its name, or the first value in it. */
static Span item_span(const Json *item, Span near)
{
    near = span_is_none(item->origin) ? near : item->origin;
    if (item->kind != JSON_OBJECT || !item->members.count)
        return near;
    const Json *name = json_get_c(item, "name");
    const Json *key = name ? name : json_get_c(item, "key");
    return item_span(key ? key : item->members.items[0].value, near);
}

/* At the first item that is too many: that is where to cut. */
static void report_too_many(const Checker *checker, SchemaShape shape, const Json *list, Span near, const SchemaLimits *limits)
{
    Diagnostics *sink = checker->context->sink;
    const Json *item = list->items.items[limits->max < 0 ? 0 : (size_t)limits->max];
    if (is_told(checker, list, item->origin))
        return;
    Diagnostic *diagnostic = report_value(checker, shape, list, item_span(item, near), "is longer than AWS takes here");
    if (!diagnostic)
        return;
    diagnostic_set_label(sink, diagnostic, "this is one too many: %.*s", TEXT_ARG(range_text(checker, limits, " entries")));
    if (!span_is_none(list->origin))
        diagnostic_add_label(sink, diagnostic, (Span){list->origin.file, list->origin.start, list->origin.start + 1}, "the list begins here");
}

/* False when the value is not within, whether or not that was told already. */
static bool check_range(const Checker *checker, SchemaShape shape, const SchemaLimits *limits, const Json *value, Span near)
{
    Rational measured;
    if (!measure(value, limits->scale, &measured))
        return true;
    bool is_less = limits->has_min && rational_compare(measured, rational_from_integer(limits->min)) < 0;
    bool is_more = limits->has_max && rational_compare(measured, rational_from_integer(limits->max)) > 0;
    const char *what = value->kind == JSON_TEXT ? " characters" : value->kind == JSON_NUMBER ? "" : " entries";
    if (is_more && value->kind == JSON_ARRAY) {
        report_too_many(checker, shape, value, near, limits);
        return false;
    }
    if (is_less || is_more) {
        const char *problem = value->kind == JSON_NUMBER ? (is_less ? "is less than AWS takes here" : "is more than AWS takes here")
                                                         : (is_less ? "is shorter than AWS takes here" : "is longer than AWS takes here");
        Diagnostic *diagnostic = report_value(checker, shape, value, near, problem);
        if (diagnostic)
            diagnostic_set_label(checker->context->sink, diagnostic, "%.*s", TEXT_ARG(range_text(checker, limits, what)));
        return false;
    }
    if (!is_on_step(limits, value, measured)) {
        Diagnostic *diagnostic = report_value(checker, shape, value, near, "is between the steps that AWS takes here");
        if (diagnostic)
            diagnostic_set_label(checker->context->sink, diagnostic, "%.*s, in steps of %.*s", TEXT_ARG(range_text(checker, limits, what)),
                                 TEXT_ARG(number_text(checker->context->arena, limits->step, limits->scale)));
        return false;
    }
    return true;
}

/* Forms that are asked for often, in words. */
static const struct {
    const char *pattern;
    const char *words;
} forms[] = {
    {"[A-Za-z0-9_-]{1,255}", "1 to 255 letters, digits, _ and -"},
    {"[a-z0-9_][a-z0-9_-]{0,63}", "1 to 64 lower-case letters, digits, _ and -, the first no hyphen"},
    {"(?!-)[A-Za-z0-9-]{1,32}(?<!-)", "1 to 32 letters, digits and hyphens, no hyphen at the ends"},
    {"[\\.\\-_/#A-Za-z0-9]+", "letters, digits and . - _ / #"},
};

static void report_form(const Checker *checker, SchemaShape shape, Text pattern, const Json *value, Span near)
{
    Diagnostics *sink = checker->context->sink;
    Diagnostic *diagnostic = report_value(checker, shape, value, near, "has not the form that AWS takes here");
    if (!diagnostic)
        return;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (text_equal_c(pattern, forms[i].pattern)) {
            diagnostic_set_label(sink, diagnostic, "%s", forms[i].words);
            return;
        }
    }
    diagnostic_add_note(sink, diagnostic, "the form is %.*s", TEXT_ARG(pattern));
}

/* Quick, for nearly all that comes; false says nothing. A text has no more characters than bytes, and a character has four at most. */
static bool is_plainly_within(const SchemaLimits *limits, const Json *value)
{
    enum { UTF8_BYTES_MAX = 4 };
    bool is_text = value->kind == JSON_TEXT;
    bool is_whole = value->kind == JSON_NUMBER && rational_is_whole(value->number);
    if (limits->scale || limits->step || !(is_text || is_whole))
        return false;
    int64_t high = is_text ? (int64_t)value->text.len : value->number.num;
    int64_t low = is_text ? (high + UTF8_BYTES_MAX - 1) / UTF8_BYTES_MAX : high;
    return (!limits->has_min || low >= limits->min) && (!limits->has_max || high <= limits->max);
}

/* False after a report, or when there was something to report that is told already. */
static bool is_within_limits(const Checker *checker, SchemaShape shape, const Json *value, Span near)
{
    SchemaLimits limits;
    if (!schema_shape_limits(shape, &limits) || (limits.scope == SCHEMA_SCOPE_FARGATE && !checker->is_fargate))
        return true;
    if (limits.enum_count && !choice_allows(shape, value)) {
        report_choice(checker, shape, &limits, value, near);
        return false;
    }
    bool is_good = !(limits.has_min || limits.has_max) || is_plainly_within(&limits, value) || check_range(checker, shape, &limits, value, near);
    if (limits.pattern.len && value->kind == JSON_TEXT && !pattern_set_matches(checker->context->run->patterns, limits.pattern, value->text)) {
        report_form(checker, shape, limits.pattern, value, near);
        return false;
    }
    return is_good;
}

static void check_limits(const Checker *checker, SchemaShape shape, const Json *value, Span near)
{
    if (!shape.limits)
        return;
    KnownText *known = value->kind == JSON_TEXT ? known_text(&checker->context->run->known, shape, value->text, checker->is_fargate) : NULL;
    if (known && known_text_is(known, shape, value->text, checker->is_fargate))
        return;
    if (is_within_limits(checker, shape, value, near) && known)
        known_text_set(known, shape, value->text, checker->is_fargate);
}

/* A value of which only AWS, or a pipeline, knows what it is. */
static bool is_open(const Json *value)
{
    return value->kind == JSON_UNKNOWN || value->kind == JSON_REFERENCE || value->kind == JSON_JOINED || value->kind == JSON_NULL;
}

static void check_value(const Checker *checker, SchemaShape shape, const Json *value, Span near)
{
    SchemaKind kind = schema_shape_kind(shape);
    near = span_is_none(value->origin) ? near : value->origin;
    if (is_open(value) || (kind == SCHEMA_KIND_STRUCTURE && schema_shape_is_document(shape)))
        return;
    if (!kind_fits(kind, value)) {
        Diagnostic *diagnostic = report_value(checker, shape, value, near, "is not what AWS takes here");
        if (!diagnostic)
            return;
        diagnostic_set_label(checker->context->sink, diagnostic, "this is to be %s", kind_label(checker, kind));
        offer_kind(checker, diagnostic, kind, value);
        return;
    }
    check_limits(checker, shape, value, near);
    if (kind == SCHEMA_KIND_STRUCTURE)
        check_structure(checker, shape, value, near);
    for (size_t i = 0; kind == SCHEMA_KIND_LIST && i < value->items.count; i++)
        check_value(checker, schema_list_element(shape), value->items.items[i], near);
    for (size_t i = 0; kind == SCHEMA_KIND_MAP && i < value->members.count; i++)
        check_value(checker, schema_map_value(shape), value->members.items[i].value, near);
}

void schema_check(const RuleContext *context, const Resource *resource, const KindRules *kind)
{
    Checker checker = {.context = context, .resource = resource, .operation = kind->operation, .is_fargate = task_is_fargate(context, resource)};
    if (kind->has_input && resource->input)
        check_value(&checker, kind->operation.input, resource->input, resource->origin);
    bool has_operations = kind->service && resource->more && resource->more->kind == JSON_OBJECT && resource->kind != RESOURCE_ROLE;
    for (size_t i = 0; has_operations && i < resource->more->members.count; i++) {
        const JsonMember *further = &resource->more->members.items[i];
        if (further->value && schema_find_operation(kind->service, further->key, &checker.operation) && checker.operation.has_input)
            check_value(&checker, checker.operation.input, further->value, resource->origin);
    }
}
