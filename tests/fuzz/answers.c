/* AWS's answers: any bytes, in XML or JSON, give an output of the model's members, an error with a code, or the word that they cannot be read. The first
   byte chooses the operation, the second the status. */
#include "tests/fuzz/fuzz.h"

#include "aws/pages.h"
#include "aws/protocol.h"

static const char *const operations[][2] = {
    {"ecs", "DescribeServices"},      {"ecs", "DescribeTaskDefinition"}, {"ecs", "ListClusters"},       {"ecs", "DescribeServiceDeployments"},
    {"iam", "ListRoles"},             {"iam", "GetRolePolicy"},          {"iam", "GetAccountAuthorizationDetails"}, {"iam", "DeleteRole"},
    {"ec2", "DescribeSecurityGroups"}, {"ec2", "DescribeVpcs"},          {"ec2", "CreateTags"},         {"elbv2", "DescribeRules"},
    {"elbv2", "DescribeTargetHealth"}, {"sns", "GetTopicAttributes"},    {"cloudwatch", "DescribeAlarms"}, {"cloudwatch", "GetMetricData"},
    {"scheduler", "GetSchedule"},     {"sqs", "GetQueueAttributes"},     {"logs", "FilterLogEvents"},   {"ecr", "DescribeImageScanFindings"},
};

static void check_object(SchemaShape shape, const Json *json)
{
    if (schema_shape_kind(shape) != SCHEMA_KIND_STRUCTURE || schema_shape_is_document(shape) || json->kind != JSON_OBJECT)
        return;
    for (size_t i = 0; i < json->members.count; i++) {
        SchemaMember member;
        const JsonMember *said = &json->members.items[i];
        if (!schema_find_member(shape, said->key, &member))
            fuzz_fail("a member that the model does not have", said->key);
        if (said->value->kind == JSON_NULL && schema_shape_kind(member.shape) != SCHEMA_KIND_MAP)
            fuzz_fail("a member that is null instead of absent", said->key);
        if (schema_shape_kind(member.shape) == SCHEMA_KIND_LIST && said->value->kind != JSON_ARRAY)
            fuzz_fail("a list that is no array", said->key);
        for (size_t item = 0; item < json_item_count(said->value); item++)
            check_object(schema_list_element(member.shape), said->value->items.items[item]);
        check_object(member.shape, said->value);
    }
}

static void check_read(const AwsOperation *operation, const AwsRead *read)
{
    if ((read->kind == AWS_READ_OUTPUT) != (read->output != NULL) || (read->kind == AWS_READ_ERROR) != (read->code.len > 0))
        fuzz_fail("an answer that is neither one thing nor the other", read->message);
    if (read->kind == AWS_READ_GARBLED && read->message.len == 0)
        fuzz_fail("an answer that cannot be read, without a reason", TEXT_NONE);
    if (read->kind != AWS_READ_OUTPUT)
        return;
    if (read->output->kind != JSON_OBJECT)
        fuzz_fail("an output that is no object", TEXT_NONE);
    if (operation->operation.has_output)
        check_object(operation->operation.output, read->output);
}

/* The same answer as two pages. */
static void join_pages(Arena *arena, AwsExpat *expat, const AwsOperation *operation, const AwsHttpResponse *response, Json *first)
{
    AwsPages pages = {0};
    AwsRead second;
    if (aws_pages_take(arena, &pages, operation, NULL, first) != AWS_PAGES_MORE)
        return;
    aws_protocol_read(arena, expat, operation, response, &second);
    (void)aws_pages_take(arena, &pages, operation, NULL, second.output);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static AwsExpat expat;
    static const int statuses[] = {200, 204, 400, 403, 500, 503};
    if (size < 2)
        return 0;
    Arena arena = {0};
    const char *const *name = operations[data[0] % (sizeof operations / sizeof operations[0])];
    AwsOperation operation;
    if (!aws_operation_find(text_from_c(name[0]), text_from_c(name[1]), &operation))
        fuzz_fail("an operation that the tables lack", text_from_c(name[1]));
    AwsHeader headers[] = {{TEXT("x-amzn-query-error"), TEXT("Former;Sender")}};
    AwsHttpResponse response = {.status = statuses[data[1] % (sizeof statuses / sizeof statuses[0])], .headers = headers, .header_count = data[1] & 1};
    /* A copy that ends where the input ends, so that the sanitizer sees each byte read beyond it. */
    response.body = arena_copy_text(&arena, (Text){(const char *)data + 2, size - 2});
    AwsRead read;
    aws_protocol_read(&arena, &expat, &operation, &response, &read);
    check_read(&operation, &read);
    if (read.kind == AWS_READ_OUTPUT)
        join_pages(&arena, &expat, &operation, &response, read.output);
    arena_free(&arena);
    return 0;
}
