/* Answers in JSON. */
#include "aws/moment.h"
#include "aws/protocol_parts.h"
#include "base/json_read.h"

/* No answer of AWS goes as deep; the tables alone do not bound it, as a shape may hold itself. */
enum { DEPTH_MAX = 64 };

typedef struct JsonReader {
    Arena *arena;
    bool is_bad; /* something is not of the kind that the model says */
} JsonReader;

static Json *read_value(JsonReader *reader, SchemaShape shape, const ReadJson *value, unsigned depth);

/* --- moments --- */

Text aws_read_moment_text(Arena *arena, Text text)
{
    int64_t seconds = 0;
    if (!aws_moment_parse(text, &seconds))
        return text;
    Text moment = aws_moment_format(arena, seconds);
    size_t point = text_find_byte(text, '.');
    Text fraction = point < text.len ? text_slice(text, point + 1, text.len) : TEXT_NONE;
    fraction.len = text_count_digits(fraction);
    while (fraction.len > 0 && fraction.ptr[fraction.len - 1] == '0')
        fraction.len--;
    if (fraction.len == 0)
        return moment;
    return arena_format(arena, "%.*s.%.*sZ", (int)(moment.len - 1), moment.ptr, TEXT_ARG(fraction));
}

Text aws_read_moment_number(Arena *arena, Rational seconds)
{
    int64_t whole = seconds.num / seconds.den;
    if (seconds.num % seconds.den < 0)
        whole--;
    Text moment = aws_moment_format(arena, whole);
    Rational fraction;
    if (!rational_subtract(&fraction, seconds, rational_from_integer(whole)) || fraction.num == 0)
        return moment;
    Text digits = rational_to_text(arena, fraction); /* "0.25" */
    return arena_format(arena, "%.*s%.*sZ", (int)(moment.len - 1), moment.ptr, (int)(digits.len - 1), digits.ptr + 1);
}

/* --- values --- */

static Json *read_structure(JsonReader *reader, SchemaShape shape, const ReadJson *value, unsigned depth)
{
    size_t count = schema_member_count(shape);
    JsonMember *members = ARENA_NEW_ARRAY(reader->arena, JsonMember, count);
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        SchemaMember member = schema_member_at(shape, i);
        for (size_t given = 0; given < value->members.count; given++) {
            const ReadJsonMember *said = &value->members.items[given];
            if (!text_equal(said->key, member.wire))
                continue;
            if (said->value->kind != READ_NULL)
                members[found++] = (JsonMember){member.name, read_value(reader, member.shape, said->value, depth)};
            break;
        }
    }
    return json_object_from(reader->arena, members, found);
}

/* A map, or anything without a shape. */
static Json *read_members(JsonReader *reader, const SchemaShape *shape, const ReadJson *value, unsigned depth);

static Json *read_any(JsonReader *reader, const ReadJson *value, unsigned depth)
{
    if (depth > DEPTH_MAX) {
        reader->is_bad = true;
        return json_null(reader->arena);
    }
    switch (value->kind) {
    case READ_NULL: break;
    case READ_BOOL: return json_bool(reader->arena, value->boolean);
    case READ_NUMBER: return json_number(reader->arena, value->number);
    case READ_TEXT: return json_text(reader->arena, arena_copy_text(reader->arena, value->text));
    case READ_OBJECT: return read_members(reader, NULL, value, depth);
    case READ_ARRAY: {
        Json *array = json_array(reader->arena);
        for (size_t i = 0; i < value->items.count; i++)
            json_add(reader->arena, array, read_any(reader, value->items.items[i], depth + 1));
        return array;
    }
    }
    return json_null(reader->arena);
}

static Json *read_members(JsonReader *reader, const SchemaShape *shape, const ReadJson *value, unsigned depth)
{
    JsonMember *members = ARENA_NEW_ARRAY(reader->arena, JsonMember, value->members.count);
    for (size_t i = 0; i < value->members.count; i++) {
        const ReadJsonMember *said = &value->members.items[i];
        Json *read = shape ? read_value(reader, schema_map_value(*shape), said->value, depth) : read_any(reader, said->value, depth + 1);
        members[i] = (JsonMember){arena_copy_text(reader->arena, said->key), read};
    }
    return json_object_from(reader->arena, members, value->members.count);
}

static Json *read_list(JsonReader *reader, SchemaShape shape, const ReadJson *value, unsigned depth)
{
    Json *array = json_array(reader->arena);
    for (size_t i = 0; i < value->items.count; i++)
        json_add(reader->arena, array, read_value(reader, schema_list_element(shape), value->items.items[i], depth));
    return array;
}

static Json *read_value(JsonReader *reader, SchemaShape shape, const ReadJson *value, unsigned depth)
{
    SchemaKind kind = schema_shape_kind(shape);
    bool wants_object = kind == SCHEMA_KIND_STRUCTURE || kind == SCHEMA_KIND_MAP;
    bool is_document = kind == SCHEMA_KIND_STRUCTURE && schema_shape_is_document(shape);
    if (value->kind == READ_NULL || is_document)
        return read_any(reader, value, depth);
    if (depth > DEPTH_MAX || wants_object != (value->kind == READ_OBJECT) || (kind == SCHEMA_KIND_LIST) != (value->kind == READ_ARRAY)) {
        reader->is_bad = true;
        return json_null(reader->arena);
    }
    if (kind == SCHEMA_KIND_STRUCTURE)
        return read_structure(reader, shape, value, depth + 1);
    if (kind == SCHEMA_KIND_MAP)
        return read_members(reader, &shape, value, depth + 1);
    if (kind == SCHEMA_KIND_LIST)
        return read_list(reader, shape, value, depth + 1);
    if (kind == SCHEMA_KIND_TIMESTAMP && value->kind == READ_NUMBER)
        return json_text(reader->arena, aws_read_moment_number(reader->arena, value->number));
    if (kind == SCHEMA_KIND_TIMESTAMP && value->kind == READ_TEXT)
        return json_text(reader->arena, aws_read_moment_text(reader->arena, arena_copy_text(reader->arena, value->text)));
    return read_any(reader, value, depth);
}

/* --- whole answers --- */

void aws_json_read_answer(Arena *arena, const AwsOperation *operation, Text body, AwsRead *out)
{
    Arena scratch = {0};
    ReadJsonError error = {0};
    JsonReader reader = {.arena = arena};
    bool is_empty = text_trim(body).len == 0;
    const ReadJson *json = is_empty ? NULL : json_read(&scratch, body, &error);
    out->kind = AWS_READ_OUTPUT;
    if (!is_empty && !json) {
        *out = (AwsRead){.kind = AWS_READ_GARBLED, .message = arena_format(arena, "the answer is no JSON: %.*s", TEXT_ARG(error.reason))};
    } else if (!json || !operation->operation.has_output) {
        out->output = json_object(arena);
    } else {
        out->output = read_value(&reader, operation->operation.output, json, 0);
        if (reader.is_bad || out->output->kind != JSON_OBJECT)
            *out = (AwsRead){.kind = AWS_READ_GARBLED, .message = TEXT("the answer is not of the form that AWS's model says")};
    }
    arena_free(&scratch);
}

/* "com.amazonaws.ecs#ClusterNotFoundException", also with ":" and a URL behind it. */
static Text plain_code(Text code)
{
    code = text_slice(code, 0, text_find_byte(code, ':'));
    for (size_t hash = text_find_byte(code, '#'); hash < code.len; hash = text_find_byte(code, '#'))
        code = text_slice(code, hash + 1, code.len);
    return text_trim(code);
}

/* The code stands in the body, for REST in a header too; a service that once spoke query says in another what it was called then. */
void aws_json_read_error(Arena *arena, const AwsHttpResponse *response, AwsRead *out)
{
    Arena scratch = {0};
    ReadJsonError error = {0};
    const ReadJson *json = response->body.len ? json_read(&scratch, response->body, &error) : NULL;
    Text type = json_read_text(json_read_member(json, "__type"));
    if (type.len == 0)
        type = aws_http_header(response, "x-amzn-errortype");
    if (type.len == 0)
        type = json_read_text(json_read_member(json, "code"));
    Text code = plain_code(type);
    Text former = aws_http_header(response, "x-amzn-query-error");
    size_t semicolon = text_find_byte(former, ';');
    if (semicolon > 0 && semicolon < former.len)
        code = text_slice(former, 0, semicolon);
    Text message = json_read_text(json_read_member(json, "message"));
    if (message.len == 0)
        message = json_read_text(json_read_member(json, "Message"));
    out->code = arena_copy_text(arena, code);
    out->message = arena_copy_text(arena, message);
    arena_free(&scratch);
}
