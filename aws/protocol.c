#include "aws/protocol.h"

#include "aws/protocol_parts.h"

static bool is_spoken(SchemaProtocol protocol)
{
    return protocol == SCHEMA_PROTOCOL_JSON || protocol == SCHEMA_PROTOCOL_QUERY || protocol == SCHEMA_PROTOCOL_EC2 || protocol == SCHEMA_PROTOCOL_REST_JSON;
}

bool aws_operation_find(Text service, Text operation, AwsOperation *out)
{
    const SchemaService *found = schema_find_service(service);
    if (!found || !schema_find_operation(found, operation, &out->operation))
        return false;
    out->service = found;
    out->facts = schema_service_facts(found);
    return is_spoken(out->facts.protocol);
}

/* --- what repeating does --- */

static bool begins_with_one(Text name, const char *const *prefixes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text_starts_with(name, text_from_c(prefixes[i])))
            return true;
    return false;
}

bool aws_operation_is_read(const AwsOperation *operation)
{
    static const char *const prefixes[] = {"Describe", "Get", "List", "BatchGet", "Filter", "Simulate", "AssumeRole"};
    return begins_with_one(operation->operation.name, prefixes, sizeof prefixes / sizeof prefixes[0]);
}

/* What is not among them makes something new or starts something: Create, RegisterTaskDefinition, Run, Execute, Authorize, Continue. */
static bool sets_what_it_names(Text name)
{
    static const char *const prefixes[] = {
        "Put",     "Delete",  "Update", "Modify",  "Set",    "Tag",    "Untag",      "AddTags",         "RemoveTags",
        "Attach",  "Detach",  "Remove", "Revoke",  "Enable", "Disable", "Deregister", "RegisterTargets", "RegisterScalableTarget",
        "Stop",    "Associate", "Disassociate", "AddListenerCertificates",
    };
    return begins_with_one(name, prefixes, sizeof prefixes / sizeof prefixes[0]);
}

/* Each forced deployment is one more. */
static bool is_forced(const Json *input)
{
    const Json *force = json_get_c(input, "forceNewDeployment");
    return force && force->kind == JSON_BOOL && force->boolean;
}

static bool has_token(const AwsOperation *operation, const Json *input)
{
    for (size_t i = 0; operation->operation.has_input && i < schema_member_count(operation->operation.input); i++) {
        SchemaMember member = schema_member_at(operation->operation.input, i);
        if (text_equal_any_case(member.name, TEXT("clientToken")) || member.idempotency_token) {
            const Json *token = json_get(input, member.name);
            return token && token->kind == JSON_TEXT && token->text.len > 0;
        }
    }
    return false;
}

bool aws_operation_is_repeatable(const AwsOperation *operation, const Json *input)
{
    if (aws_operation_is_read(operation) || has_token(operation, input))
        return true;
    return sets_what_it_names(operation->operation.name) && !is_forced(input);
}

/* --- requests --- */

static void add_header(Arena *arena, AwsHeader *headers, size_t *count, const char *name, Text value)
{
    headers[(*count)++] = (AwsHeader){text_from_c(name), arena_copy_text(arena, value)};
}

/* Whether a REST request has a body: whenever its input could have members there. */
static bool has_body(const SchemaOperation *operation)
{
    for (size_t i = 0; operation->has_input && i < schema_member_count(operation->input); i++)
        if (schema_member_at(operation->input, i).location == SCHEMA_LOCATION_BODY)
            return true;
    return false;
}

static void set_headers(Arena *arena, const AwsOperation *operation, AwsWireRequest *out)
{
    enum { HEADERS_MAX = 3 };
    const SchemaServiceFacts *facts = &operation->facts;
    AwsHeader *headers = ARENA_NEW_ARRAY(arena, AwsHeader, HEADERS_MAX);
    size_t count = 0;
    if (facts->protocol == SCHEMA_PROTOCOL_JSON) {
        Text target = arena_format(arena, "%.*s.%.*s", TEXT_ARG(facts->target_prefix), TEXT_ARG(operation->operation.name));
        add_header(arena, headers, &count, "X-Amz-Target", target);
        add_header(arena, headers, &count, "Content-Type", arena_format(arena, "application/x-amz-json-%.*s", TEXT_ARG(facts->json_version)));
        if (facts->query_mode)
            add_header(arena, headers, &count, "x-amzn-query-mode", TEXT("true"));
    } else if (facts->protocol != SCHEMA_PROTOCOL_REST_JSON) {
        add_header(arena, headers, &count, "Content-Type", TEXT("application/x-www-form-urlencoded; charset=utf-8"));
    } else if (out->body.len > 0) {
        add_header(arena, headers, &count, "Content-Type", TEXT("application/json"));
    }
    out->headers = headers;
    out->header_count = count;
}

static bool write_target(AwsWriter *writer, const AwsOperation *operation, const Json *input)
{
    if (operation->facts.protocol == SCHEMA_PROTOCOL_REST_JSON)
        return aws_rest_write_target(writer, operation, input);
    buffer_add_byte(writer->out, '/');
    return true;
}

static bool write_body(AwsWriter *writer, const AwsOperation *operation, const Json *input)
{
    if (operation->facts.protocol == SCHEMA_PROTOCOL_QUERY || operation->facts.protocol == SCHEMA_PROTOCOL_EC2)
        return aws_query_write(writer, operation, input);
    if (operation->facts.protocol == SCHEMA_PROTOCOL_REST_JSON && !has_body(&operation->operation))
        return true;
    AwsPlace root = {0};
    if (operation->operation.has_input)
        return aws_json_write(writer, &root, operation->operation.input, input);
    buffer_add_c(writer->out, "{}");
    return true;
}

bool aws_protocol_write(Arena *arena, const AwsOperation *operation, const Json *input, AwsWireRequest *out, Text *reason)
{
    Buffer bytes = {0};
    AwsWriter writer = {.arena = arena, .out = &bytes};
    if (!input)
        input = json_object(arena);
    *out = (AwsWireRequest){.method = operation->operation.http_method};
    bool is_good = write_target(&writer, operation, input);
    out->target = arena_copy_text(arena, buffer_text(&bytes));
    buffer_clear(&bytes);
    is_good = is_good && write_body(&writer, operation, input);
    out->body = arena_copy_text(arena, buffer_text(&bytes));
    buffer_free(&bytes);
    set_headers(arena, operation, out);
    *reason = writer.reason;
    return is_good;
}

/* --- answers --- */

static void read_error(Arena *arena, AwsExpat *expat, const AwsHttpResponse *response, AwsRead *out)
{
    out->kind = AWS_READ_ERROR;
    /* By what is there and not by the service: what stands before a service may answer in another language, and HTML has no code in any. */
    Text body = text_trim(response->body);
    if (text_starts_with(body, TEXT("<")))
        aws_xml_read_error(arena, expat, response->body, out);
    else
        aws_json_read_error(arena, response, out);
    if (out->code.len == 0)
        out->code = arena_format(arena, "%d", response->status);
}

void aws_protocol_read(Arena *arena, AwsExpat *expat, const AwsOperation *operation, const AwsHttpResponse *response, AwsRead *out)
{
    enum { SUCCESS_MIN = 200, SUCCESS_MAX = 299 };
    static const char *const id_headers[] = {"x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"};
    *out = (AwsRead){0};
    SchemaProtocol protocol = operation->facts.protocol;
    if (response->status < SUCCESS_MIN || response->status > SUCCESS_MAX)
        read_error(arena, expat, response, out);
    else if (protocol == SCHEMA_PROTOCOL_QUERY || protocol == SCHEMA_PROTOCOL_EC2)
        aws_xml_read_answer(arena, expat, operation, response->body, out);
    else
        aws_json_read_answer(arena, operation, response->body, out);
    for (size_t i = 0; i < sizeof id_headers / sizeof id_headers[0] && out->request_id.len == 0; i++)
        out->request_id = arena_copy_text(arena, aws_http_header(response, id_headers[i]));
}
