/* The query protocol and EC2's: a form whose fields are named by paths, such as `Actions.member.1.Type`. */
#include "aws/protocol_parts.h"
#include "aws/url.h"

typedef struct QueryWriter {
    AwsWriter *writer;
    bool is_ec2;
    Buffer name; /* of the field that is written, as far as it is known */
} QueryWriter;

static bool write_value(QueryWriter *query, const AwsPlace *place, SchemaShape shape, const Json *value);

/* Adds a part to the name and gives the length to go back to. */
static size_t enter(QueryWriter *query, Text part)
{
    size_t length = query->name.length;
    if (length > 0)
        buffer_add_byte(&query->name, '.');
    buffer_add(&query->name, part);
    return length;
}

static void enter_number(QueryWriter *query, size_t number)
{
    buffer_add_format(&query->name, ".%zu", number);
}

static void write_field(QueryWriter *query, Text name, Text value)
{
    Buffer *out = query->writer->out;
    if (out->length > 0)
        buffer_add_byte(out, '&');
    aws_url_add_encoded(out, name, "");
    buffer_add_byte(out, '=');
    aws_url_add_encoded(out, value, "");
}

static bool write_structure(QueryWriter *query, const AwsPlace *place, SchemaShape shape, const Json *value)
{
    if (value->kind != JSON_OBJECT)
        return aws_write_refuse(query->writer, place, "must be an object");
    for (size_t i = 0; i < value->members.count; i++) {
        const JsonMember *given = &value->members.items[i];
        SchemaMember member;
        if (!aws_write_find_member(query->writer, place, shape, given->key, &member))
            return false;
        if (given->value->kind == JSON_NULL)
            continue;
        AwsPlace here = {.above = place, .name = given->key};
        size_t length = enter(query, member.query);
        if (!write_value(query, &here, member.shape, given->value))
            return false;
        query->name.length = length;
    }
    return true;
}

/* Query puts the elements below `member`, or what the model calls them, and says that a list is empty; EC2 does neither. */
static bool write_list(QueryWriter *query, const AwsPlace *place, SchemaShape shape, const Json *value)
{
    if (value->kind != JSON_ARRAY)
        return aws_write_refuse(query->writer, place, "must be an array");
    if (value->items.count == 0 && !query->is_ec2)
        write_field(query, buffer_text(&query->name), TEXT_NONE);
    size_t length = query->name.length;
    Text wire = schema_list_element_wire(shape);
    for (size_t i = 0; i < value->items.count; i++) {
        AwsPlace here = {.above = place, .index = i};
        if (!query->is_ec2)
            (void)enter(query, wire.len > 0 ? wire : TEXT("member"));
        enter_number(query, i + 1);
        if (!write_value(query, &here, schema_list_element(shape), value->items.items[i]))
            return false;
        query->name.length = length;
    }
    return true;
}

static bool write_map(QueryWriter *query, const AwsPlace *place, SchemaShape shape, const Json *value)
{
    if (value->kind != JSON_OBJECT)
        return aws_write_refuse(query->writer, place, "must be an object");
    size_t length = query->name.length;
    for (size_t i = 0; i < value->members.count; i++) {
        const JsonMember *given = &value->members.items[i];
        AwsPlace here = {.above = place, .name = given->key};
        (void)enter(query, TEXT("entry"));
        enter_number(query, i + 1);
        size_t entry = enter(query, TEXT("key"));
        write_field(query, buffer_text(&query->name), given->key);
        query->name.length = entry;
        (void)enter(query, TEXT("value"));
        if (!write_value(query, &here, schema_map_value(shape), given->value))
            return false;
        query->name.length = length;
    }
    return true;
}

static bool write_value(QueryWriter *query, const AwsPlace *place, SchemaShape shape, const Json *value)
{
    SchemaKind kind = schema_shape_kind(shape);
    if (kind == SCHEMA_KIND_STRUCTURE)
        return write_structure(query, place, shape, value);
    if (kind == SCHEMA_KIND_LIST)
        return write_list(query, place, shape, value);
    if (kind == SCHEMA_KIND_MAP)
        return write_map(query, place, shape, value);
    Text plain;
    if (!aws_write_plain(query->writer, place, shape, value, AWS_MOMENT_TEXT, &plain))
        return false;
    write_field(query, buffer_text(&query->name), plain);
    return true;
}

bool aws_query_write(AwsWriter *writer, const AwsOperation *operation, const Json *input)
{
    QueryWriter query = {.writer = writer, .is_ec2 = operation->facts.protocol == SCHEMA_PROTOCOL_EC2};
    AwsPlace root = {0};
    write_field(&query, TEXT("Action"), operation->operation.name);
    write_field(&query, TEXT("Version"), operation->facts.api_version);
    bool is_good = !operation->operation.has_input || write_structure(&query, &root, operation->operation.input, input);
    buffer_free(&query.name);
    return is_good;
}
