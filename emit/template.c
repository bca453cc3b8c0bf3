/* References, names and the frame of the template; what differs from kind to kind is in template_shapes.c. */
#include "emit/template.h"

#include "base/sha256.h"
#include "document/template_names.h"
#include "emit/emit.h"

#include <string.h>

enum {
    TEMPLATE_RESOURCES_MAX = 500,   /* CloudFormation's quotas */
    TEMPLATE_BYTES_MAX = 1000000,
    LOGICAL_ID_MAX = 200,           /* CloudFormation takes 255; the rest is room for suffixes */
};

/* --- names --- */

struct TemplateName {
    Text key; /* "=" and a logical id, or an id of ours */
    Text value;
    bool is_used;
};

static TemplateName *find_name(const Template *t, Text key)
{
    size_t place = text_hash(key) & (t->name_capacity - 1);
    while (t->names[place].is_used && !text_equal(t->names[place].key, key))
        place = (place + 1) & (t->name_capacity - 1);
    return &t->names[place];
}

static void add_name(Template *t, Text key, Text value)
{
    if (t->name_count * 2 >= t->name_capacity) {
        Template grown = *t;
        grown.name_capacity = t->name_capacity ? t->name_capacity * 2 : 256;
        grown.names = ARENA_NEW_ARRAY(t->arena, TemplateName, grown.name_capacity);
        for (size_t i = 0; i < t->name_capacity; i++)
            if (t->names[i].is_used)
                *find_name(&grown, t->names[i].key) = t->names[i];
        *t = grown;
    }
    *find_name(t, key) = (TemplateName){key, value, true};
    t->name_count++;
}

static bool has_name(const Template *t, Text key)
{
    return t->name_capacity && find_name(t, key)->is_used;
}

static bool is_alphanumeric(char c)
{
    return byte_is_alphanumeric(c);
}

/* "claude-proxy/alarm/errors" -> "ClaudeProxyAlarmErrors" */
static Text pascal_id(Arena *arena, Text id)
{
    char *bytes = arena_allocate(arena, id.len + 1);
    size_t length = 0;
    bool starts_word = true;
    for (size_t i = 0; i < id.len && length < LOGICAL_ID_MAX; i++) {
        char c = id.ptr[i];
        if (is_alphanumeric(c))
            bytes[length++] = starts_word && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
        starts_word = !is_alphanumeric(c);
    }
    return (Text){bytes, length};
}

/* Two ids may come to the same letters ("a-b" and "a/b"): the later one ends in a part of its SHA-256, whatever the order elsewhere. */
static Text unique_id(Template *t, Text id)
{
    char digest[SHA256_HEX_LENGTH + 1];
    Text wanted = pascal_id(t->arena, id);
    Text key = arena_format(t->arena, "=%.*s", TEXT_ARG(wanted));
    for (unsigned attempt = 0; wanted.len == 0 || has_name(t, key); attempt++) {
        sha256_hex(digest, id);
        wanted = arena_format(t->arena, "%.*s%.8s", TEXT_ARG(pascal_id(t->arena, id)), digest);
        if (attempt)
            wanted = arena_format(t->arena, "%.*s%u", TEXT_ARG(wanted), attempt);
        key = arena_format(t->arena, "=%.*s", TEXT_ARG(wanted));
    }
    add_name(t, key, wanted);
    return wanted;
}

Text template_logical_id(Template *t, Text resource_id)
{
    if (has_name(t, resource_id))
        return find_name(t, resource_id)->value;
    Text value = unique_id(t, resource_id);
    add_name(t, resource_id, value);
    return value;
}

Text template_further_id(Template *t, Text resource_id, Text suffix)
{
    return template_logical_id(t, arena_format(t->arena, "%.*s/%.*s", TEXT_ARG(resource_id), TEXT_ARG(suffix)));
}

/* --- references --- */

/* What a reference comes to: a member of the template, or a text that is known (logical id empty). */
typedef struct Target {
    Text logical_id;
    const char *get_att;
    bool is_list;
    Text known;
} Target;

static const Lookup *find_lookup(const Template *t, Text id, Text attribute)
{
    for (size_t i = 0; i < t->resources->lookups.count; i++) {
        const Lookup *lookup = t->resources->lookups.items[i];
        if (text_equal(lookup->id, id) && text_equal(lookup->attribute, attribute))
            return lookup;
    }
    return NULL;
}

/* A parameter is declared when something first refers to it: CloudFormation's linters complain of idle ones. */
static Target parameter_target(Template *t, Text id, Text attribute)
{
    const Lookup *lookup = find_lookup(t, id, attribute);
    Text name = template_logical_id(t, arena_format(t->arena, "%.*s/%.*s", TEXT_ARG(id), TEXT_ARG(attribute)));
    Text type = lookup && lookup->template_type.len ? lookup->template_type : TEXT("String");
    if (!json_get(t->parameters, name)) {
        Json *parameter = json_object(t->arena);
        json_set_c(t->arena, parameter, "Type", json_text(t->arena, type));
        if (lookup && lookup->description.len)
            json_set_c(t->arena, parameter, "Description", json_text(t->arena, lookup->description));
        if (text_equal_c(attribute, "secret-value")) /* of a sign-in's client secret (emit/rule_action.c) */
            json_set_c(t->arena, parameter, "NoEcho", json_bool(t->arena, true));
        json_set(t->arena, t->parameters, name, parameter);
    }
    return (Target){name, NULL, text_starts_with(type, TEXT("List<")) || text_equal_c(type, "CommaDelimitedList"), TEXT_NONE};
}

static Target reference_target(Template *t, const Json *json)
{
    Text id = json->reference->resource;
    Text attribute = json->reference->attribute;
    const Resource *resource = resources_find(t->resources, id);
    if (resource && resource != t->owner && resource_facts(resource->kind)->template_type[0]) {
        const TemplateAttribute *row = template_find_attribute(resource->kind, attribute);
        if (row || !json->reference->known.len)
            return (Target){template_logical_id(t, id), row ? row->get_att : NULL, false, TEXT_NONE};
    }
    if (json->reference->known.len)
        return (Target){.known = json->reference->known};
    return parameter_target(t, id, attribute);
}

Json *template_ref(Template *t, Text logical_id)
{
    Json *ref = json_object(t->arena);
    json_set_c(t->arena, ref, "Ref", json_text(t->arena, logical_id));
    return ref;
}

Json *template_get_att(Template *t, Text logical_id, const char *attribute)
{
    Json *pair = json_array(t->arena);
    json_add(t->arena, pair, json_text(t->arena, logical_id));
    json_add(t->arena, pair, json_text_c(t->arena, attribute));
    Json *get = json_object(t->arena);
    json_set_c(t->arena, get, "Fn::GetAtt", pair);
    return get;
}

static Json *target_json(Template *t, Target target)
{
    return target.get_att ? template_get_att(t, target.logical_id, target.get_att) : template_ref(t, target.logical_id);
}

/* --- texts with variables --- */

static bool is_at(Text text, size_t at, Text needle)
{
    return text.len - at >= needle.len && memcmp(text.ptr + at, needle.ptr, needle.len) == 0;
}

/* Whether a text says something that the template can say without naming an account, region or partition. */
static bool needs_sub(const Template *t, Text text)
{
    if (text_find(text, TEXT(MODEL_UNKNOWN_ACCOUNT)) < text.len || text_find(text, TEXT(MODEL_UNKNOWN_REGION)) < text.len)
        return true;
    return text_starts_with(text, t->arn_prefix);
}

/* The text in Fn::Sub's notation: "${" is written "${!". */
static void add_sub_text(const Template *t, Buffer *out, Text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (is_at(text, i, TEXT("${"))) {
            buffer_add_c(out, "${!");
            i += 1;
        } else if (is_at(text, i, TEXT(MODEL_UNKNOWN_ACCOUNT))) {
            buffer_add_c(out, "${AWS::AccountId}");
            i += sizeof MODEL_UNKNOWN_ACCOUNT - 2;
        } else if (is_at(text, i, TEXT(MODEL_UNKNOWN_REGION))) {
            buffer_add_c(out, "${AWS::Region}");
            i += sizeof MODEL_UNKNOWN_REGION - 2;
        } else if (text.ptr[i] == 'a' && is_at(text, i, t->arn_prefix)) {
            buffer_add_c(out, "arn:${AWS::Partition}:");
            i += t->arn_prefix.len - 1;
        } else {
            buffer_add_byte(out, text.ptr[i]);
        }
    }
}

static void add_sub_reference(Template *t, Buffer *out, const Json *json)
{
    Target target = reference_target(t, json);
    if (!target.logical_id.len) {
        add_sub_text(t, out, target.known);
        return;
    }
    buffer_add_c(out, "${");
    buffer_add(out, target.logical_id);
    if (target.get_att) {
        buffer_add_byte(out, '.');
        buffer_add_c(out, target.get_att);
    }
    buffer_add_byte(out, '}');
}

/* {"Fn::Sub": notation}; the buffer is freed. */
static Json *sub_json(Template *t, Buffer *notation)
{
    Json *sub = json_object(t->arena);
    json_set_c(t->arena, sub, "Fn::Sub", json_text(t->arena, arena_copy_text(t->arena, buffer_text(notation))));
    buffer_free(notation);
    return sub;
}

static Json *text_value(Template *t, const Json *json)
{
    if (!needs_sub(t, json->text))
        return json_text(t->arena, json->text);
    Buffer notation = {0};
    add_sub_text(t, &notation, json->text);
    return sub_json(t, &notation);
}

static bool has_reference(Template *t, const Json *json)
{
    bool found = false;
    switch (json->kind) {
    case JSON_NULL:
    case JSON_BOOL:
    case JSON_NUMBER:
    case JSON_UNKNOWN: break;
    case JSON_TEXT: return needs_sub(t, json->text);
    case JSON_REFERENCE: return true;
    case JSON_EMBEDDED: return has_reference(t, json->embedded);
    case JSON_ARRAY:
    case JSON_JOINED:
        for (size_t i = 0; i < json->items.count && !found; i++)
            found = has_reference(t, json->items.items[i]);
        break;
    case JSON_OBJECT:
        for (size_t i = 0; i < json->members.count && !found; i++)
            found = has_reference(t, json->members.items[i].value);
        break;
    }
    return found;
}

static void add_sub_part(Template *t, Buffer *out, const Json *json)
{
    if (json->kind == JSON_REFERENCE)
        add_sub_reference(t, out, json);
    else if (json->kind == JSON_TEXT)
        add_sub_text(t, out, json->text);
    else if (json->kind == JSON_JOINED)
        for (size_t i = 0; i < json->items.count; i++)
            add_sub_part(t, out, json->items.items[i]);
    else
        json_write(out, json, 0);
}

static Json *joined_value(Template *t, const Json *json)
{
    Buffer notation = {0};
    if (has_reference(t, json)) {
        add_sub_part(t, &notation, json);
        return sub_json(t, &notation);
    }
    for (size_t i = 0; i < json->items.count; i++) {
        if (json->items.items[i]->kind == JSON_TEXT)
            buffer_add(&notation, json->items.items[i]->text);
        else
            json_write(&notation, json->items.items[i], 0);
    }
    Json *value = json_text(t->arena, arena_copy_text(t->arena, buffer_text(&notation)));
    buffer_free(&notation);
    return value;
}

/* The document with every string in Fn::Sub's notation: JSON's own escapes leave "${Name}" alone. */
static Json *sub_document(Template *t, const Json *json)
{
    Json *copy;
    Buffer text = {0};
    switch (json->kind) {
    case JSON_TEXT:
    case JSON_REFERENCE:
    case JSON_JOINED:
        add_sub_part(t, &text, json);
        copy = json_text(t->arena, arena_copy_text(t->arena, buffer_text(&text)));
        buffer_free(&text);
        return copy;
    case JSON_ARRAY:
        copy = json_array(t->arena);
        for (size_t i = 0; i < json->items.count; i++)
            json_add(t->arena, copy, sub_document(t, json->items.items[i]));
        return copy;
    case JSON_OBJECT:
        copy = json_object(t->arena);
        for (size_t i = 0; i < json->members.count; i++)
            json_set(t->arena, copy, json->members.items[i].key, sub_document(t, json->members.items[i].value));
        return copy;
    case JSON_NULL:
    case JSON_BOOL:
    case JSON_NUMBER:
    case JSON_UNKNOWN:
    case JSON_EMBEDDED: break;
    }
    copy = ARENA_NEW(t->arena, Json);
    *copy = *json;
    return copy;
}

static Json *embedded_value(Template *t, const Json *json)
{
    Buffer text = {0};
    if (has_reference(t, json->embedded)) {
        json_write(&text, sub_document(t, json->embedded), 0);
        return sub_json(t, &text);
    }
    json_write(&text, json->embedded, 0);
    Json *value = json_text(t->arena, arena_copy_text(t->arena, buffer_text(&text)));
    buffer_free(&text);
    return value;
}

/* --- values --- */

static bool is_list_reference(Template *t, const Json *json)
{
    return json->kind == JSON_REFERENCE && reference_target(t, json).is_list;
}

/* {function: [",", what]} */
static Json *list_function(Template *t, const char *function, Json *what)
{
    Json *pair = json_array(t->arena);
    json_add(t->arena, pair, json_text_c(t->arena, ","));
    json_add(t->arena, pair, what);
    Json *call = json_object(t->arena);
    json_set_c(t->arena, call, function, pair);
    return call;
}

/* A parameter that is a list stands for the whole array; beside other items it is joined and split again. */
static Json *array_value(Template *t, const Json *json)
{
    bool has_list = false;
    Json *items = json_array(t->arena);
    for (size_t i = 0; i < json->items.count; i++) {
        const Json *item = json->items.items[i];
        Json *value = template_value(t, item);
        if (!is_list_reference(t, item)) {
            json_add(t->arena, items, value);
            continue;
        }
        if (json->items.count == 1)
            return value;
        has_list = true;
        json_add(t->arena, items, list_function(t, "Fn::Join", value));
    }
    return has_list ? list_function(t, "Fn::Split", list_function(t, "Fn::Join", items)) : items;
}

static Json *reference_value(Template *t, const Json *json)
{
    Target target = reference_target(t, json);
    if (target.logical_id.len)
        return target_json(t, target);
    Json known = {.kind = JSON_TEXT, .origin = json->origin, .text = target.known};
    return text_value(t, &known);
}

Json *template_value(Template *t, const Json *json)
{
    Json *copy;
    switch (json->kind) {
    case JSON_TEXT: return text_value(t, json);
    case JSON_REFERENCE: return reference_value(t, json);
    case JSON_JOINED: return joined_value(t, json);
    case JSON_EMBEDDED: return embedded_value(t, json);
    case JSON_ARRAY: return array_value(t, json);
    case JSON_OBJECT:
        copy = json_object(t->arena);
        for (size_t i = 0; i < json->members.count; i++)
            json_set(t->arena, copy, json->members.items[i].key, template_value(t, json->members.items[i].value));
        return copy;
    case JSON_NULL:
    case JSON_BOOL:
    case JSON_NUMBER:
    case JSON_UNKNOWN: break;
    }
    copy = ARENA_NEW(t->arena, Json);
    *copy = *json;
    return copy;
}

/* --- the frame --- */

Json *template_add(Template *t, Text logical_id, const char *type, Json *properties)
{
    Json *member = json_object(t->arena);
    json_set_c(t->arena, member, "Type", json_text_c(t->arena, type));
    json_set_c(t->arena, member, "Properties", properties);
    json_set(t->arena, t->members, logical_id, member);
    return member;
}

/* Whether the rollout of a service is run by this engine. */
static bool has_engine(const Template *t, const char *engine)
{
    for (size_t i = 0; i < t->resources->items.count; i++) {
        const Resource *resource = t->resources->items.items[i];
        const Json *used = resource->kind == RESOURCE_ROLLOUT ? json_get_c(resource->input, "engine") : NULL;
        if (used && used->kind == JSON_TEXT && text_equal_c(used->text, engine))
            return true;
    }
    return false;
}

static Json *metadata_json(const Template *t)
{
    Arena *arena = t->arena;
    Json *svc = json_object(arena);
    json_set_c(arena, svc, "Project", json_text(arena, t->model->project));
    json_set_c(arena, svc, "Environment", json_text(arena, t->model->environment.name));
    json_set_c(arena, svc, "Region", json_text(arena, t->model->environment.region));
    json_set_c(arena, svc, "Deployment", json_text_c(arena, has_engine(t, "native") ? "rolling, but by ECS's own strategy where a service has one" : "rolling"));
    if (has_engine(t, "ramp"))
        json_set_c(arena, svc, "Note", json_text_c(arena, "CloudFormation replaces tasks by rolling; the rollout that the file declares is run by svc apply"));
    Json *metadata = json_object(arena);
    json_set_c(arena, metadata, "Svc", svc);
    return metadata;
}

/* Where the service can be reached. */
static Json *outputs_json(Template *t)
{
    Json *outputs = json_object(t->arena);
    for (size_t i = 0; i < t->resources->items.count; i++) {
        const Resource *resource = t->resources->items.items[i];
        if (resource->kind != RESOURCE_LOAD_BALANCER)
            continue;
        Text id = template_logical_id(t, resource->id);
        Json *output = json_object(t->arena);
        json_set_c(t->arena, output, "Description", json_text(t->arena, arena_format(t->arena, "DNS name of %.*s", TEXT_ARG(resource->name))));
        json_set_c(t->arena, output, "Value", template_get_att(t, id, "DNSName"));
        json_set(t->arena, outputs, template_further_id(t, resource->id, TEXT("dns-name")), output);
    }
    return outputs;
}

static Text description_text(const Template *t)
{
    enum { DESCRIPTION_MAX = 1000 };
    const Environment *environment = &t->model->environment;
    Text text = arena_format(t->arena, "%.*s%s%.*s, by svc", TEXT_ARG(t->model->project), environment->name.len ? " in " : "", TEXT_ARG(environment->name));
    return text_slice(text, 0, text.len < DESCRIPTION_MAX ? text.len : DESCRIPTION_MAX);
}

Json *template_render(Arena *arena, const Model *model, const Resources *resources)
{
    Template t = {.arena = arena, .model = model, .resources = resources};
    t.parameters = json_object(arena);
    t.members = json_object(arena);
    t.arn_prefix = arena_format(arena, "arn:%.*s:", TEXT_ARG(model->partition.len ? model->partition : TEXT("aws")));
    /* All names first, so that a further member never takes the name of a resource. */
    for (size_t i = 0; i < resources->items.count; i++)
        (void)template_logical_id(&t, resources->items.items[i]->id);
    for (size_t i = 0; i < resources->items.count; i++) {
        t.owner = resources->items.items[i];
        template_add_resource(&t, t.owner);
    }
    t.owner = NULL;
    Json *outputs = outputs_json(&t);
    Json *template = json_object(arena);
    json_set_c(arena, template, "AWSTemplateFormatVersion", json_text_c(arena, "2010-09-09"));
    json_set_c(arena, template, "Description", json_text(arena, description_text(&t)));
    json_set_c(arena, template, "Metadata", metadata_json(&t));
    if (json_length(t.parameters))
        json_set_c(arena, template, "Parameters", t.parameters);
    json_set_c(arena, template, "Resources", t.members);
    if (json_length(outputs))
        json_set_c(arena, template, "Outputs", outputs);
    return template;
}

bool template_check_size(Diagnostics *sink, const Resources *resources, const Json *template, size_t bytes)
{
    size_t count = json_length(json_get_c(template, "Resources"));
    if (count <= TEMPLATE_RESOURCES_MAX && bytes <= TEMPLATE_BYTES_MAX)
        return true;
    Span origin = resources->items.count ? resources->items.items[0]->origin : SPAN_NONE;
    Diagnostic *diagnostic;
    if (count > TEMPLATE_RESOURCES_MAX)
        diagnostic = diagnostic_report(sink, CODE_TEMPLATE_TOO_LARGE, origin, "the file comes to %zu resources; a CloudFormation template takes %d", count,
                                       TEMPLATE_RESOURCES_MAX);
    else
        diagnostic = diagnostic_report(sink, CODE_TEMPLATE_TOO_LARGE, origin, "the file comes to a template of %zu bytes; CloudFormation takes %d", bytes,
                                       TEMPLATE_BYTES_MAX);
    size_t largest = count > TEMPLATE_RESOURCES_MAX ? (count - 1) / TEMPLATE_RESOURCES_MAX + 1 : (bytes - 1) / TEMPLATE_BYTES_MAX + 1;
    diagnostic_set_advice(sink, diagnostic, "split its services over at least %zu files of the same project, each with the networks and topics it uses", largest);
    return false;
}
