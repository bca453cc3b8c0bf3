/* AWS's protocols where botocore says nothing: what is refused and how it is named, documents in strings, what may be repeated, what AWS really answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/protocol.h"

static AwsOperation find(const char *service, const char *name)
{
    AwsOperation operation;
    assert_true(aws_operation_find(text_from_c(service), text_from_c(name), &operation));
    return operation;
}

static void assert_refused(const char *service, const char *name, const Json *input, const char *expected)
{
    Arena arena = {0};
    AwsOperation operation = find(service, name);
    AwsWireRequest request;
    Text reason = TEXT_NONE;
    assert_false(aws_protocol_write(&arena, &operation, input, &request, &reason));
    assert_string_equal(reason.ptr, expected);
    arena_free(&arena);
}

static Json *with(Arena *arena, const char *key, Json *value)
{
    Json *object = json_object(arena);
    json_set_c(arena, object, key, value);
    return object;
}

static Json *list_of(Arena *arena, Json *item)
{
    Json *array = json_array(arena);
    json_add(arena, array, item);
    return array;
}

static void test_refused(void **state)
{
    (void)state;
    Arena arena = {0};
    Json *container = with(&arena, "image", json_reference(&arena, TEXT("repo"), TEXT("arn"), TEXT_NONE));
    Json *task = with(&arena, "containerDefinitions", list_of(&arena, container));
    assert_refused("ecs", "RegisterTaskDefinition", task, "containerDefinitions[0].image is not known yet");
    json_set_c(&arena, container, "image", json_unknown(&arena, TEXT("{{image}}")));
    assert_refused("ecs", "RegisterTaskDefinition", task, "containerDefinitions[0].image is not known yet");
    json_set_c(&arena, container, "image", json_text_c(&arena, "nginx"));
    json_set_c(&arena, container, "cpu", json_text_c(&arena, "256"));
    assert_refused("ecs", "RegisterTaskDefinition", task, "containerDefinitions[0].cpu must be a whole number");
    json_set_c(&arena, container, "cpu", json_bool(&arena, true));
    assert_refused("ecs", "RegisterTaskDefinition", task, "containerDefinitions[0].cpu must be a whole number");
    assert_refused("ecs", "RegisterTaskDefinition", json_array(&arena), "the input must be an object");
    assert_refused("ec2", "DescribeVpcs", with(&arena, "Filters", json_text_c(&arena, "x")), "Filters must be an array");
    assert_refused("ec2", "DescribeVpcs", with(&arena, "Filter", json_array(&arena)), "Filter is no member that AWS knows");
    assert_refused("elbv2", "ModifyRule", with(&arena, "Actions", list_of(&arena, json_text_c(&arena, "x"))), "Actions[0] must be an object");
    assert_refused("scheduler", "GetSchedule", NULL, "Name must be said");
    assert_refused("cloudwatch", "GetMetricData", with(&arena, "StartTime", json_text_c(&arena, "soon")),
                   "StartTime must be a moment such as 2026-07-01T12:00:00Z");
    arena_free(&arena);
}

/* What svc makes of a .svc file has references, joined strings and documents inside strings. */
static void test_svc_values(void **state)
{
    (void)state;
    Arena arena = {0};
    AwsOperation operation = find("iam", "PutRolePolicy");
    AwsWireRequest request;
    Text reason = TEXT_NONE;
    Json *joined = json_joined(&arena);
    json_add(&arena, joined, json_text_c(&arena, "api-"));
    json_add(&arena, joined, json_reference(&arena, TEXT("cluster"), TEXT("name"), TEXT("main")));
    Json *input = with(&arena, "PolicyName", joined);
    json_set_c(&arena, input, "PolicyDocument", json_embedded(&arena, with(&arena, "Version", json_text_c(&arena, "2012-10-17"))));
    json_set_c(&arena, input, "RoleName", json_null(&arena));
    assert_true(aws_protocol_write(&arena, &operation, input, &request, &reason));
    assert_string_equal(request.body.ptr, "Action=PutRolePolicy&Version=2010-05-08&PolicyDocument=%7B%22Version%22%3A%222012-10-17%22%7D&PolicyName=api-main");
    operation = find("cloudwatch", "PutDashboard");
    input = with(&arena, "DashboardBody", json_embedded(&arena, with(&arena, "widgets", json_array(&arena))));
    assert_true(aws_protocol_write(&arena, &operation, input, &request, &reason));
    assert_string_equal(request.body.ptr, "{\"DashboardBody\":\"{\\\"widgets\\\":[]}\"}");
    arena_free(&arena);
}

static bool is_repeatable(const char *service, const char *name, const Json *input)
{
    AwsOperation operation = find(service, name);
    return aws_operation_is_repeatable(&operation, input);
}

static void test_repeatable(void **state)
{
    (void)state;
    Arena arena = {0};
    Json *token = with(&arena, "clientToken", json_text_c(&arena, "t"));
    assert_true(is_repeatable("ecs", "DescribeServices", NULL));
    assert_true(is_repeatable("ecs", "UpdateService", json_object(&arena)));
    assert_true(is_repeatable("iam", "PutRolePolicy", json_object(&arena)));
    assert_true(is_repeatable("elbv2", "RegisterTargets", json_object(&arena)));
    assert_true(is_repeatable("ecs", "CreateService", token));
    assert_false(is_repeatable("ecs", "CreateService", json_object(&arena)));
    assert_false(is_repeatable("ecs", "RegisterTaskDefinition", json_object(&arena)));
    assert_false(is_repeatable("elbv2", "CreateRule", json_object(&arena)));
    assert_false(is_repeatable("ecs", "RunTask", json_object(&arena)));
    assert_false(is_repeatable("ecs", "UpdateService", with(&arena, "forceNewDeployment", json_bool(&arena, true))));
    arena_free(&arena);
}

static AwsRead read_answer(Arena *arena, const char *service, const char *name, int status, const char *body)
{
    AwsExpat expat = {0};
    AwsOperation operation = find(service, name);
    AwsHttpResponse response = {.status = status, .body = text_from_c(body)};
    AwsRead out;
    aws_protocol_read(arena, &expat, &operation, &response, &out);
    return out;
}

static void assert_output(const char *service, const char *name, const char *body, const char *expected)
{
    Arena arena = {0};
    AwsRead answer = read_answer(&arena, service, name, 200, body);
    assert_int_equal(answer.kind, AWS_READ_OUTPUT);
    Buffer text = {0};
    json_write(&text, answer.output, 0);
    buffer_add_byte(&text, '\0');
    assert_string_equal(text.bytes, expected);
    buffer_free(&text);
    arena_free(&arena);
}

/* In the form that AWS's references show: with line ends and blanks between elements. */
static void test_recorded_xml(void **state)
{
    (void)state;
    assert_output("ec2", "DescribeSecurityGroups",
                  "<DescribeSecurityGroupsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\n"
                  "  <requestId>1d62eae0</requestId>\n  <securityGroupInfo>\n    <item>\n      <ownerId>123456789012</ownerId>\n"
                  "      <groupName>API &amp; more</groupName>\n      <ipPermissions>\n        <item>\n          <fromPort>8080</fromPort>\n"
                  "          <ipRanges/>\n        </item>\n      </ipPermissions>\n      <tagSet/>\n    </item>\n  </securityGroupInfo>\n"
                  "</DescribeSecurityGroupsResponse>",
                  "{\"SecurityGroups\":[{\"GroupName\":\"API & more\",\"IpPermissions\":[{\"FromPort\":8080,\"IpRanges\":[]}],\"OwnerId\":\"123456789012\","
                  "\"Tags\":[]}]}");
    assert_output("elbv2", "DescribeTargetHealth",
                  "<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions><member><Target><Id>10.0.0.1</Id><Port>80</Port>"
                  "</Target></member></TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>",
                  "{\"TargetHealthDescriptions\":[{\"Target\":{\"Id\":\"10.0.0.1\",\"Port\":80}}]}");
    assert_output("iam", "DeleteRole", "<DeleteRoleResponse><ResponseMetadata><RequestId>x</RequestId></ResponseMetadata></DeleteRoleResponse>", "{}");
    assert_output("iam", "DeleteRole", "", "{}");
}

static void test_recorded_json(void **state)
{
    (void)state;
    assert_output("ecs", "DescribeServices",
                  "{\"failures\":[],\"services\":[{\"createdAt\":1.7198352001E9,\"serviceName\":\"api\",\"events\":null,\"later\":{}}]}",
                  "{\"failures\":[],\"services\":[{\"createdAt\":\"2024-07-01T12:00:00.1Z\",\"serviceName\":\"api\"}]}");
    assert_output("ecs", "DeleteCluster", "", "{}");
    assert_output("scheduler", "GetSchedule", "{\"CreationDate\":-0.25}", "{\"CreationDate\":\"1969-12-31T23:59:59.75Z\"}");
}

static void assert_garbled(const char *service, const char *name, const char *body, const char *expected)
{
    Arena arena = {0};
    AwsRead answer = read_answer(&arena, service, name, 200, body);
    assert_int_equal(answer.kind, AWS_READ_GARBLED);
    assert_string_equal(answer.message.ptr, expected);
    arena_free(&arena);
}

static void test_garbled(void **state)
{
    (void)state;
    assert_garbled("iam", "ListRoles", "<a>", "the answer is no XML of AWS's: no element found");
    assert_garbled("iam", "ListRoles", "", "the answer is no XML of AWS's: no element found");
    assert_garbled("iam", "ListRoles", "<a/>", "the answer has no ListRolesResult");
    assert_garbled("iam", "ListRoles", "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "the answer is no XML of AWS's: it has a document type");
    assert_garbled("ecs", "ListClusters", "[]", "the answer is not of the form that AWS's model says");
    assert_garbled("ecs", "ListClusters", "null", "the answer is not of the form that AWS's model says");
    Buffer deep = {0};
    for (int i = 0; i < 65; i++)
        buffer_add_c(&deep, "<a>");
    buffer_add_byte(&deep, '\0');
    assert_garbled("iam", "ListRoles", deep.bytes, "the answer is no XML of AWS's: it goes deeper than 64 elements");
    buffer_free(&deep);
}

/* Whatever stands before a service answers in its own language. */
static void test_errors(void **state)
{
    (void)state;
    Arena arena = {0};
    AwsRead answer = read_answer(&arena, "ecs", "ListClusters", 403,
                          "<ErrorResponse><Errors><Error><Code>AccessDenied</Code><Message>no</Message></Error></Errors></ErrorResponse>");
    assert_int_equal(answer.kind, AWS_READ_ERROR);
    assert_string_equal(answer.code.ptr, "AccessDenied");
    answer = read_answer(&arena, "iam", "ListRoles", 400, "{\"__type\":\"a.b#Odd\",\"Message\":\"m\"}");
    assert_string_equal(answer.code.ptr, "Odd");
    assert_string_equal(answer.message.ptr, "m");
    answer = read_answer(&arena, "iam", "ListRoles", 502, "<html><body>Bad Gateway");
    assert_string_equal(answer.code.ptr, "502");
    answer = read_answer(&arena, "ecs", "ListClusters", 500, "");
    assert_string_equal(answer.code.ptr, "500");
    arena_free(&arena);
}

static void test_unknown(void **state)
{
    (void)state;
    AwsOperation operation;
    assert_false(aws_operation_find(TEXT("ecs"), TEXT("MakeCoffee"), &operation));
    assert_false(aws_operation_find(TEXT("coffee"), TEXT("ListClusters"), &operation));
    assert_false(aws_operation_find(TEXT("s3"), TEXT("HeadBucket"), &operation)); /* XML over REST is not spoken */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),       cmocka_unit_test(test_svc_values), cmocka_unit_test(test_repeatable),
        cmocka_unit_test(test_recorded_xml),  cmocka_unit_test(test_recorded_json), cmocka_unit_test(test_garbled),
        cmocka_unit_test(test_errors),        cmocka_unit_test(test_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
