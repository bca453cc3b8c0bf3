#include "aws/moment.h"
#include "aws/protocol_parts.h"
#include "aws/url.h"

/* --- places and reasons --- */

static void add_place(Buffer *out, const AwsPlace *place)
{
    if (!place->above)
        return;
    add_place(out, place->above);
    if (place->name.len == 0) {
        buffer_add_format(out, "[%zu]", place->index);
        return;
    }
    if (place->above->above)
        buffer_add_byte(out, '.');
    buffer_add(out, place->name);
}

bool aws_write_refuse(AwsWriter *writer, const AwsPlace *place, const char *what)
{
    Buffer text = {0};
    add_place(&text, place);
    buffer_add_c(&text, place->above ? " " : "the input ");
    buffer_add_c(&text, what);
    writer->reason = arena_copy_text(writer->arena, buffer_text(&text));
    buffer_free(&text);
    return false;
}

bool aws_write_find_member(AwsWriter *writer, const AwsPlace *place, SchemaShape shape, Text name, SchemaMember *out)
{
    if (schema_find_member(shape, name, out))
        return true;
    AwsPlace here = {.above = place, .name = name};
    return aws_write_refuse(writer, &here, "is no member that AWS knows");
}

/* --- plain values --- */

static bool is_known(const Json *value)
{
    switch (value->kind) {
    case JSON_NULL:
    case JSON_BOOL:
    case JSON_NUMBER:
    case JSON_TEXT: return true;
    case JSON_UNKNOWN: return false;
    case JSON_REFERENCE: return value->reference->known.len > 0;
    case JSON_EMBEDDED: return is_known(value->embedded);
    case JSON_ARRAY:
    case JSON_JOINED:
        for (size_t i = 0; i < value->items.count; i++)
            if (!is_known(value->items.items[i]))
                return false;
        return true;
    case JSON_OBJECT:
        for (size_t i = 0; i < value->members.count; i++)
            if (!is_known(value->members.items[i].value))
                return false;
        return true;
    }
    return false;
}

static void add_string(Buffer *out, const Json *value)
{
    if (value->kind == JSON_TEXT)
        buffer_add(out, value->text);
    else if (value->kind == JSON_REFERENCE)
        buffer_add(out, value->reference->known);
    else if (value->kind == JSON_EMBEDDED)
        json_write(out, value->embedded, 0);
    else
        for (size_t i = 0; value->kind == JSON_JOINED && i < value->items.count; i++)
            add_string(out, value->items.items[i]);
}

static bool is_string(const Json *value)
{
    return value->kind == JSON_TEXT || value->kind == JSON_REFERENCE || value->kind == JSON_EMBEDDED || value->kind == JSON_JOINED;
}

static bool write_string(AwsWriter *writer, const AwsPlace *place, const Json *value, Text *out)
{
    if (!is_string(value))
        return aws_write_refuse(writer, place, "must be a string");
    if (value->kind == JSON_TEXT) {
        *out = value->text;
        return true;
    }
    Buffer text = {0};
    add_string(&text, value);
    *out = arena_copy_text(writer->arena, buffer_text(&text));
    buffer_free(&text);
    return true;
}

static Text number_text(Arena *arena, const Json *value)
{
    Buffer text = {0};
    json_write(&text, value, 0);
    Text copy = arena_copy_text(arena, buffer_text(&text));
    buffer_free(&text);
    return copy;
}

static bool write_moment(AwsWriter *writer, const AwsPlace *place, const Json *value, AwsMomentForm form, Text *out)
{
    int64_t seconds = 0;
    if (value->kind == JSON_NUMBER)
        seconds = value->number.num / value->number.den;
    else if (value->kind != JSON_TEXT || !aws_moment_parse(value->text, &seconds))
        return aws_write_refuse(writer, place, "must be a moment such as 2026-07-01T12:00:00Z");
    *out = form == AWS_MOMENT_NUMBER ? arena_format(writer->arena, "%lld", (long long)seconds) : aws_moment_format(writer->arena, seconds);
    return true;
}

bool aws_write_plain(AwsWriter *writer, const AwsPlace *place, SchemaShape shape, const Json *value, AwsMomentForm form, Text *out)
{
    if (!is_known(value))
        return aws_write_refuse(writer, place, "is not known yet");
    switch (schema_shape_kind(shape)) {
    case SCHEMA_KIND_STRING:
    case SCHEMA_KIND_BLOB: return write_string(writer, place, value, out);
    case SCHEMA_KIND_INTEGER:
    case SCHEMA_KIND_LONG:
        if (value->kind != JSON_NUMBER || !rational_is_whole(value->number))
            return aws_write_refuse(writer, place, "must be a whole number");
        *out = number_text(writer->arena, value);
        return true;
    case SCHEMA_KIND_DOUBLE:
    case SCHEMA_KIND_FLOAT:
        if (value->kind != JSON_NUMBER)
            return aws_write_refuse(writer, place, "must be a number");
        *out = number_text(writer->arena, value);
        return true;
    case SCHEMA_KIND_BOOLEAN:
        if (value->kind != JSON_BOOL)
            return aws_write_refuse(writer, place, "must be true or false");
        *out = value->boolean ? TEXT("true") : TEXT("false");
        return true;
    case SCHEMA_KIND_TIMESTAMP: return write_moment(writer, place, value, form, out);
    case SCHEMA_KIND_STRUCTURE:
    case SCHEMA_KIND_LIST:
    case SCHEMA_KIND_MAP: break;
    }
    return aws_write_refuse(writer, place, "cannot stand there");
}

/* --- JSON --- */

static bool write_document(AwsWriter *writer, const AwsPlace *place, const Json *value)
{
    if (!is_known(value))
        return aws_write_refuse(writer, place, "is not known yet");
    json_write(writer->out, value, 0);
    return true;
}

static bool write_structure(AwsWriter *writer, const AwsPlace *place, SchemaShape shape, const Json *value)
{
    if (schema_shape_is_document(shape))
        return write_document(writer, place, value);
    if (value->kind != JSON_OBJECT)
        return aws_write_refuse(writer, place, "must be an object");
    buffer_add_byte(writer->out, '{');
    bool is_first = true;
    for (size_t i = 0; i < value->members.count; i++) {
        const JsonMember *given = &value->members.items[i];
        SchemaMember member;
        if (!aws_write_find_member(writer, place, shape, given->key, &member))
            return false;
        if (given->value->kind == JSON_NULL || member.location != SCHEMA_LOCATION_BODY)
            continue;
        if (!is_first)
            buffer_add_byte(writer->out, ',');
        is_first = false;
        buffer_add_json_string(writer->out, member.wire);
        buffer_add_byte(writer->out, ':');
        AwsPlace here = {.above = place, .name = given->key};
        if (!aws_json_write(writer, &here, member.shape, given->value))
            return false;
    }
    buffer_add_byte(writer->out, '}');
    return true;
}

static bool write_list(AwsWriter *writer, const AwsPlace *place, SchemaShape shape, const Json *value)
{
    if (value->kind != JSON_ARRAY)
        return aws_write_refuse(writer, place, "must be an array");
    buffer_add_byte(writer->out, '[');
    for (size_t i = 0; i < value->items.count; i++) {
        AwsPlace here = {.above = place, .index = i};
        if (i > 0)
            buffer_add_byte(writer->out, ',');
        if (!aws_json_write(writer, &here, schema_list_element(shape), value->items.items[i]))
            return false;
    }
    buffer_add_byte(writer->out, ']');
    return true;
}

static bool write_map(AwsWriter *writer, const AwsPlace *place, SchemaShape shape, const Json *value)
{
    if (value->kind != JSON_OBJECT)
        return aws_write_refuse(writer, place, "must be an object");
    buffer_add_byte(writer->out, '{');
    for (size_t i = 0; i < value->members.count; i++) {
        AwsPlace here = {.above = place, .name = value->members.items[i].key};
        if (i > 0)
            buffer_add_byte(writer->out, ',');
        buffer_add_json_string(writer->out, value->members.items[i].key);
        buffer_add_byte(writer->out, ':');
        if (!aws_json_write(writer, &here, schema_map_value(shape), value->members.items[i].value))
            return false;
    }
    buffer_add_byte(writer->out, '}');
    return true;
}

bool aws_json_write(AwsWriter *writer, const AwsPlace *place, SchemaShape shape, const Json *value)
{
    SchemaKind kind = schema_shape_kind(shape);
    if (kind == SCHEMA_KIND_STRUCTURE)
        return write_structure(writer, place, shape, value);
    if (kind == SCHEMA_KIND_LIST)
        return write_list(writer, place, shape, value);
    if (kind == SCHEMA_KIND_MAP)
        return write_map(writer, place, shape, value);
    Text plain;
    if (!aws_write_plain(writer, place, shape, value, AWS_MOMENT_NUMBER, &plain))
        return false;
    if (kind == SCHEMA_KIND_STRING || kind == SCHEMA_KIND_BLOB)
        buffer_add_json_string(writer->out, plain);
    else
        buffer_add(writer->out, plain);
    return true;
}

/* --- REST: members in the path and in the query --- */

/* The member that AWS calls `wire` there, and its value. */
static const Json *find_placed(const AwsOperation *operation, const Json *input, SchemaLocation location, Text wire, SchemaMember *member)
{
    for (size_t i = 0; i < json_length(input); i++) {
        const JsonMember *given = &input->members.items[i];
        if (schema_find_member(operation->operation.input, given->key, member) && member->location == location && text_equal(member->wire, wire))
            return given->value->kind == JSON_NULL ? NULL : given->value;
    }
    return NULL;
}

static bool write_path(AwsWriter *writer, const AwsOperation *operation, const Json *input, const AwsPlace *root)
{
    Text rest = operation->operation.http_uri;
    while (rest.len > 0) {
        size_t open = text_find_byte(rest, '{');
        buffer_add(writer->out, text_slice(rest, 0, open));
        rest = text_slice(rest, open, rest.len);
        if (rest.len == 0)
            break;
        size_t close = text_find_byte(rest, '}');
        Text wire = text_slice(rest, 1, close);
        rest = text_slice(rest, close + 1, rest.len);
        SchemaMember member;
        AwsPlace here = {.above = root, .name = wire};
        const Json *value = find_placed(operation, input, SCHEMA_LOCATION_URI, wire, &member);
        Text plain = TEXT_NONE;
        if (value && !aws_write_plain(writer, &here, member.shape, value, AWS_MOMENT_TEXT, &plain))
            return false;
        if (plain.len == 0) /* the path would name something else */
            return aws_write_refuse(writer, &here, "must be said");
        aws_url_add_encoded(writer->out, plain, "");
    }
    return true;
}

static bool write_pair(AwsWriter *writer, const AwsPlace *place, SchemaShape shape, Text name, const Json *value, bool *is_first)
{
    Text plain;
    if (!aws_write_plain(writer, place, shape, value, AWS_MOMENT_TEXT, &plain))
        return false;
    buffer_add_byte(writer->out, *is_first ? '?' : '&');
    *is_first = false;
    aws_url_add_encoded(writer->out, name, "");
    buffer_add_byte(writer->out, '=');
    aws_url_add_encoded(writer->out, plain, "");
    return true;
}

bool aws_rest_write_target(AwsWriter *writer, const AwsOperation *operation, const Json *input)
{
    AwsPlace root = {0};
    if (!write_path(writer, operation, input, &root))
        return false;
    bool is_first = true;
    for (size_t i = 0; i < json_length(input); i++) {
        const JsonMember *given = &input->members.items[i];
        AwsPlace here = {.above = &root, .name = given->key};
        SchemaMember member;
        if (!schema_find_member(operation->operation.input, given->key, &member) || member.location != SCHEMA_LOCATION_QUERY_STRING ||
            given->value->kind == JSON_NULL)
            continue;
        bool is_list = schema_shape_kind(member.shape) == SCHEMA_KIND_LIST && given->value->kind == JSON_ARRAY;
        for (size_t item = 0; is_list && item < given->value->items.count; item++)
            if (!write_pair(writer, &here, schema_list_element(member.shape), member.wire, given->value->items.items[item], &is_first))
                return false;
        if (!is_list && !write_pair(writer, &here, member.shape, member.wire, given->value, &is_first))
            return false;
    }
    return true;
}
