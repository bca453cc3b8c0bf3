#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "schema/schema.h"

#define assert_text(actual, expected) \
    do { \
        const Text text_ = (actual); \
        assert_int_equal(text_.len, strlen(expected)); \
        assert_memory_equal(text_.ptr, expected, text_.len); \
    } while (0)

static SchemaShape find(const char *service, const char *operation, const char *path)
{
    const SchemaService *found = schema_find_service(text_from_c(service));
    assert_non_null(found);
    SchemaShape shape = {0};
    if (!schema_find_path(found, text_from_c(operation), text_from_c(path), &shape)) {
        fail_msg("%s.%s has no %s", service, operation, path);
    }
    return shape;
}

static bool leads_somewhere(const char *path)
{
    SchemaShape shape;
    return schema_find_path(schema_find_service(TEXT("ecs")), TEXT("RegisterTaskDefinition"), text_from_c(path), &shape);
}

static SchemaMember find_member(SchemaShape shape, const char *name)
{
    SchemaMember member = {0};
    if (!schema_find_member(shape, text_from_c(name), &member)) {
        fail_msg("no member %s", name);
    }
    return member;
}

static SchemaLimits limits_of(SchemaShape shape)
{
    SchemaLimits limits;
    assert_true(schema_shape_limits(shape, &limits));
    return limits;
}

static void assert_range(SchemaShape shape, int64_t min, int64_t max, int64_t step, unsigned scale)
{
    const SchemaLimits limits = limits_of(shape);
    assert_true(limits.has_min && limits.has_max);
    assert_int_equal(limits.min, min);
    assert_int_equal(limits.max, max);
    assert_int_equal(limits.step, step);
    assert_int_equal(limits.scale, scale);
}

static void test_services(void **state)
{
    (void)state;
    const SchemaServiceFacts ecs = schema_service_facts(schema_find_service(TEXT("ecs")));
    assert_int_equal(ecs.protocol, SCHEMA_PROTOCOL_JSON);
    assert_text(ecs.name, "ecs");
    assert_text(ecs.api_version, "2014-11-13");
    assert_text(ecs.target_prefix, "AmazonEC2ContainerServiceV20141113");
    assert_text(ecs.json_version, "1.1");
    assert_text(ecs.signing_name, "ecs");
    const SchemaServiceFacts watch = schema_service_facts(schema_find_service(TEXT("cloudwatch")));
    assert_int_equal(watch.protocol, SCHEMA_PROTOCOL_JSON);
    assert_text(watch.endpoint_prefix, "monitoring");
    assert_text(watch.target_prefix, "GraniteServiceVersion20100801");
    const SchemaServiceFacts iam = schema_service_facts(schema_find_service(TEXT("iam")));
    assert_int_equal(iam.protocol, SCHEMA_PROTOCOL_QUERY);
    assert_text(iam.global_endpoint, "iam.amazonaws.com");
    assert_text(iam.target_prefix, "");
    const SchemaServiceFacts balancing = schema_service_facts(schema_find_service(TEXT("elbv2")));
    assert_text(balancing.signing_name, "elasticloadbalancing");
    assert_int_equal(schema_service_facts(schema_find_service(TEXT("ec2"))).protocol, SCHEMA_PROTOCOL_EC2);
    assert_int_equal(schema_service_facts(schema_find_service(TEXT("scheduler"))).protocol, SCHEMA_PROTOCOL_REST_JSON);
    assert_int_equal(schema_service_facts(schema_find_service(TEXT("s3"))).protocol, SCHEMA_PROTOCOL_REST_XML);
    assert_null(schema_find_service(TEXT("ecsx")));
    assert_null(schema_find_service(TEXT_NONE));
    for (size_t i = 0; i < schema_service_count(); i++) {
        const SchemaService *service = schema_service_at(i);
        assert_ptr_equal(schema_find_service(schema_service_facts(service).name), service);
        assert_true(i == 0 || text_compare(schema_service_facts(schema_service_at(i - 1)).name, schema_service_facts(service).name) < 0);
    }
}

static void test_operations(void **state)
{
    (void)state;
    SchemaOperation operation;
    const SchemaService *ecs = schema_find_service(TEXT("ecs"));
    assert_true(schema_find_operation(ecs, TEXT("RegisterTaskDefinition"), &operation));
    assert_text(operation.name, "RegisterTaskDefinition");
    assert_text(schema_shape_name(operation.input), "RegisterTaskDefinitionRequest");
    assert_text(schema_shape_name(operation.output), "RegisterTaskDefinitionResponse");
    assert_text(operation.http_method, "POST");
    assert_text(operation.http_uri, "/");
    assert_false(schema_find_operation(ecs, TEXT("RegisterTaskDefinitions"), &operation));
    assert_false(schema_find_operation(ecs, TEXT("registertaskdefinition"), &operation));
    assert_false(schema_find_operation(ecs, TEXT_NONE, &operation));
    assert_true(schema_find_operation(schema_find_service(TEXT("elbv2")), TEXT("CreateRule"), &operation));
    assert_text(operation.result_wrapper, "CreateRuleResult");
    assert_true(schema_find_operation(schema_find_service(TEXT("iam")), TEXT("DeleteRole"), &operation));
    assert_true(operation.has_input);
    assert_false(operation.has_output);
    assert_true(schema_find_operation(schema_find_service(TEXT("scheduler")), TEXT("CreateSchedule"), &operation));
    assert_text(operation.http_uri, "/schedules/{Name}");
    assert_int_equal(find_member(operation.input, "Name").location, SCHEMA_LOCATION_URI);
    assert_int_equal(find_member(operation.input, "Target").location, SCHEMA_LOCATION_BODY);
    assert_true(find_member(operation.input, "ClientToken").idempotency_token);
}

static void test_members(void **state)
{
    (void)state;
    const SchemaShape task = find("ecs", "RegisterTaskDefinition", "");
    const SchemaMember containers = find_member(task, "containerDefinitions");
    assert_true(containers.required);
    assert_int_equal(schema_shape_kind(containers.shape), SCHEMA_KIND_LIST);
    assert_false(find_member(task, "cpu").required);
    assert_true(find_member(task, "inferenceAccelerators").deprecated);
    const SchemaShape container = schema_list_element(containers.shape);
    assert_true(find_member(container, "image").required); /* only the overlay says so */
    assert_int_equal(schema_shape_kind(find_member(container, "essential").shape), SCHEMA_KIND_BOOLEAN);
    SchemaMember member;
    assert_false(schema_find_member(container, TEXT("imagee"), &member));
    assert_false(schema_find_member(container, TEXT("Image"), &member));
    assert_false(schema_find_member(container, TEXT_NONE, &member));
    assert_false(schema_find_member(containers.shape, TEXT("image"), &member));
    assert_true(schema_shape_is_document(find("ecs", "CreateService", "deploymentConfiguration.lifecycleHooks[].hookDetails")));
    assert_true(schema_shape_is_sensitive(find("ssm", "PutParameter", "Value")));
    assert_false(schema_shape_is_sensitive(find("ssm", "PutParameter", "Name")));
}

static void test_paths(void **state)
{
    (void)state;
    assert_text(schema_shape_name(find("ecs", "RegisterTaskDefinition", "containerDefinitions[]")), "ContainerDefinition");
    assert_text(schema_shape_name(find("ecs", "RegisterTaskDefinition", "containerDefinitions[12]")), "ContainerDefinition");
    assert_int_equal(schema_shape_kind(find("ecs", "RegisterTaskDefinition", "containerDefinitions[0].command[1]")), SCHEMA_KIND_STRING);
    const SchemaShape options = find("ecs", "RegisterTaskDefinition", "containerDefinitions[].logConfiguration.options");
    assert_int_equal(schema_shape_kind(options), SCHEMA_KIND_MAP);
    assert_int_equal(schema_shape_kind(schema_map_key(options)), SCHEMA_KIND_STRING);
    assert_int_equal(schema_shape_kind(schema_map_value(options)), SCHEMA_KIND_STRING);
    SchemaShape value;
    assert_true(schema_find_path_from(options, TEXT("awslogs-group"), &value));
    assert_int_equal(schema_shape_kind(value), SCHEMA_KIND_STRING);
    assert_true(leads_somewhere("containerDefinitions[].dockerLabels.com.example[team]"));
    static const char *const nowhere[] = {
        "containerDefinitions.image", "containerDefinitions[", "containerDefinitions[x]", "containerDefinitions[x", ".family", "family.",
        "containerDefinitions[]image", "containerDefinitions[]-image",
        "family.x", "family[]", "[]", "containerDefinitions[]..image", "containerDefinitions[].", "containerDefinitions[].dockerLabels.", "Family",
    };
    for (size_t i = 0; i < sizeof nowhere / sizeof nowhere[0]; i++) {
        if (leads_somewhere(nowhere[i])) {
            fail_msg("%s leads somewhere", nowhere[i]);
        }
    }
    assert_false(schema_find_path(schema_find_service(TEXT("ecs")), TEXT("Register"), TEXT("family"), &value));
}

static void test_ranges(void **state)
{
    (void)state;
    assert_range(find("ecs", "RegisterTaskDefinition", "containerDefinitions[].healthCheck.interval"), 5, 300, 0, 0);
    assert_range(find("ecs", "RegisterTaskDefinition", "ephemeralStorage.sizeInGiB"), 21, 200, 0, 0);
    assert_range(find("ecs", "CreateService", "deploymentConfiguration.canaryConfiguration.canaryPercent"), 1, 1000, 1, 1);
    assert_range(find("ecs", "CreateService", "deploymentConfiguration.linearConfiguration.stepPercent"), 30, 1000, 1, 1);
    assert_range(find("ecs", "CreateService", "capacityProviderStrategy[].weight"), 0, 1000, 0, 0);
    assert_range(find("elbv2", "ModifyRule", "Actions[].ForwardConfig.TargetGroups[].Weight"), 0, 999, 0, 0);
    assert_range(find("elbv2", "CreateRule", "Priority"), 1, 50000, 0, 0);
    assert_range(find("ec2", "AuthorizeSecurityGroupIngress", "IpPermissions[].FromPort"), -1, 65535, 0, 0);
    assert_range(find("iam", "CreateRole", "RoleName"), 1, 64, 0, 0);
    const SchemaLimits stop = limits_of(find("ecs", "RegisterTaskDefinition", "containerDefinitions[].stopTimeout"));
    assert_int_equal(stop.scope, SCHEMA_SCOPE_FARGATE);
    assert_text(schema_limits_source(find("ecs", "RegisterTaskDefinition", "containerDefinitions[].stopTimeout")), "ECS API reference, ContainerDefinition");
    const SchemaLimits actions = limits_of(find("cloudwatch", "PutMetricAlarm", "AlarmActions"));
    assert_true(actions.has_max && !actions.has_min && actions.max == 5);
    assert_int_equal(actions.scope, SCHEMA_SCOPE_ALWAYS);
    assert_text(schema_limits_source(find("cloudwatch", "PutMetricAlarm", "AlarmActions")), "");
    SchemaLimits none;
    /* The overlay's limits belong to the member, not to the shape that others share. */
    assert_false(schema_shape_limits(find("ecs", "RegisterTaskDefinition", "containerDefinitions[].memory"), &none));
    assert_false(none.has_min || none.has_max || none.enum_count != 0 || none.pattern.len != 0);
}

static void test_enums(void **state)
{
    (void)state;
    const SchemaShape mode = find("ecs", "RegisterTaskDefinition", "networkMode");
    assert_true(limits_of(mode).enum_count >= 4);
    assert_true(schema_enum_allows(mode, TEXT("awsvpc")));
    assert_false(schema_enum_allows(mode, TEXT("AWSVPC")));
    assert_false(schema_enum_allows(mode, TEXT("awsvp")));
    assert_text(schema_enum_value(find("ecs", "CreateService", "deploymentConfiguration.strategy"), 0), "ROLLING");
    const SchemaShape days = find("logs", "PutRetentionPolicy", "retentionInDays");
    assert_int_equal(schema_shape_kind(days), SCHEMA_KIND_INTEGER);
    assert_int_equal(limits_of(days).enum_count, 22);
    assert_text(schema_enum_value(days, 21), "3653");
    assert_true(schema_enum_allows(days, TEXT("30")));
    assert_false(schema_enum_allows(days, TEXT("31")));
    assert_true(schema_enum_allows(find("ecs", "RegisterTaskDefinition", "family"), TEXT("anything")));
    /* A member and a shape that only the overlay has. */
    const SchemaShape breaker = find("ecs", "CreateService", "deploymentConfiguration.deploymentCircuitBreaker");
    assert_true(schema_enum_allows(find_member(find_member(breaker, "thresholdConfiguration").shape, "type").shape, TEXT("COUNT")));
    assert_true(find_member(find_member(breaker, "thresholdConfiguration").shape, "value").required);
}

static void test_wire_names(void **state)
{
    (void)state;
    const SchemaMember permissions = find_member(find("ec2", "AuthorizeSecurityGroupIngress", ""), "IpPermissions");
    assert_text(permissions.query, "IpPermissions");
    const SchemaMember ranges = find_member(schema_list_element(permissions.shape), "IpRanges");
    assert_text(ranges.wire, "ipRanges");
    assert_text(ranges.query, "IpRanges");
    assert_text(schema_list_element_wire(ranges.shape), "item");
    const SchemaMember filters = find_member(find("ec2", "DescribeSubnets", ""), "Filters");
    assert_text(filters.query, "Filter");
    assert_text(schema_list_element_wire(find("elbv2", "CreateRule", "Actions")), "");
    assert_true(schema_shape_is_flattened(find("sqs", "CreateQueue", "Attributes")));
    const SchemaShape bucket = find("s3", "PutBucketPolicy", "");
    assert_true(find_member(bucket, "Policy").payload);
    assert_false(find_member(bucket, "Bucket").payload);
    assert_int_equal(find_member(bucket, "ContentMD5").location, SCHEMA_LOCATION_HEADER);
    assert_text(find_member(bucket, "ContentMD5").wire, "Content-MD5");
}

/* True when the pattern compiles; *matches says whether it takes the whole subject. */
static bool match_pattern(Text pattern, const char *subject, bool *matches)
{
    int error = 0;
    PCRE2_SIZE where = 0;
    const uint32_t options = PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len, options, &error, &where, NULL);
    if (code == NULL) {
        print_error("pattern %.*s: error %d at %zu\n", TEXT_ARG(pattern), error, (size_t)where);
        return false;
    }
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    *matches = pcre2_match(code, (PCRE2_SPTR)subject, strlen(subject), 0, 0, data, NULL) >= 0;
    pcre2_match_data_free(data);
    pcre2_code_free(code);
    return true;
}

static bool accepts(SchemaShape shape, const char *subject)
{
    bool matches = false;
    assert_true(match_pattern(limits_of(shape).pattern, subject, &matches));
    return matches;
}

/* Each operation that comes in pages names members that are there. */
static void test_pages(void **state)
{
    (void)state;
    SchemaOperation operation;
    const SchemaService *iam = schema_find_service(TEXT("iam"));
    assert_true(schema_find_operation(iam, TEXT("ListRoles"), &operation));
    assert_text(operation.page_input, "Marker");
    assert_text(operation.page_more, "IsTruncated");
    assert_text(operation.page_results, "Roles");
    assert_true(schema_find_operation(iam, TEXT("GetRole"), &operation));
    assert_int_equal(operation.page_input.len, 0);
    size_t paged = 0;
    for (size_t service = 0; service < schema_service_count(); service++) {
        for (size_t i = 0; i < schema_operation_count(schema_service_at(service)); i++) {
            SchemaMember member;
            operation = schema_operation_at(schema_service_at(service), i);
            if (operation.page_input.len == 0)
                continue;
            paged++;
            assert_true(schema_find_member(operation.input, operation.page_input, &member));
            assert_true(schema_find_member(operation.output, operation.page_output, &member));
            assert_true(operation.page_more.len == 0 || schema_find_member(operation.output, operation.page_more, &member));
            for (Text rest = operation.page_results; rest.len > 0;) {
                SchemaShape shape;
                size_t blank = text_find_byte(rest, ' ');
                assert_true(schema_find_path_from(operation.output, text_slice(rest, 0, blank), &shape));
                assert_int_equal(schema_shape_kind(shape), SCHEMA_KIND_LIST);
                rest = text_slice(rest, blank < rest.len ? blank + 1 : blank, rest.len);
            }
        }
    }
    assert_true(paged > 40);
    assert_true(schema_service_facts(schema_find_service(TEXT("sqs"))).query_mode);
    assert_false(schema_service_facts(iam).query_mode);
}

static void test_patterns(void **state)
{
    (void)state;
    const SchemaShape family = find("ecs", "RegisterTaskDefinition", "family");
    assert_true(accepts(family, "video_intelligence-api"));
    assert_false(accepts(family, "video.api"));
    assert_false(accepts(family, "api\n"));
    const SchemaShape group = find("elbv2", "CreateTargetGroup", "Name");
    assert_true(accepts(group, "claude-proxy-c"));
    assert_false(accepts(group, "-claude"));
    assert_false(accepts(group, "claude-"));
    assert_false(accepts(group, "a23456789012345678901234567890123"));
    const SchemaShape security = find("ec2", "CreateSecurityGroup", "GroupName");
    assert_true(accepts(security, "claude proxy [prod]"));
    assert_false(accepts(security, "sg-claude"));
    assert_true(accepts(find("iam", "PutRolePolicy", "PolicyDocument"), "{\n\t\"Version\": \"\xC3\xBF\"}"));
    assert_false(accepts(find("iam", "PutRolePolicy", "PolicyDocument"), "\xC4\x80"));
    const SchemaShape resource = find("application-autoscaling", "RegisterScalableTarget", "ResourceId");
    assert_true(accepts(resource, "service/cluster/\xF0\x9F\x98\x80"));
    assert_false(accepts(resource, "service\x01"));
    assert_false(accepts(find("application-autoscaling", "PutScalingPolicy", "PolicyName"), "caf\xC3\xA9"));
}

#define SEEN_LIMIT 1024

/* Follows everything below `shape` once, and checks that rows and texts are where they should be. */
static void walk(SchemaShape shape, bool *seen)
{
    assert_true(shape.index < SEEN_LIMIT);
    SchemaLimits limits;
    bool matches;
    if (schema_shape_limits(shape, &limits)) {
        assert_true(!limits.has_min || !limits.has_max || limits.min <= limits.max);
        assert_true(limits.pattern.len == 0 || match_pattern(limits.pattern, "", &matches));
        for (size_t i = 0; i < limits.enum_count; i++) {
            assert_true(schema_enum_allows(shape, schema_enum_value(shape, i)));
        }
    }
    if (seen[shape.index]) {
        return;
    }
    seen[shape.index] = true;
    assert_true(schema_shape_name(shape).len > 0);
    const SchemaKind kind = schema_shape_kind(shape);
    assert_true(kind <= SCHEMA_KIND_TIMESTAMP);
    if (kind == SCHEMA_KIND_LIST) {
        walk(schema_list_element(shape), seen);
    } else if (kind == SCHEMA_KIND_MAP) {
        walk(schema_map_key(shape), seen);
        walk(schema_map_value(shape), seen);
    }
    for (size_t i = 0; i < schema_member_count(shape); i++) {
        const SchemaMember member = schema_member_at(shape, i);
        SchemaMember found;
        assert_true(schema_find_member(shape, member.name, &found));
        assert_ptr_equal(found.name.ptr, member.name.ptr);
        assert_true(member.wire.len > 0 && member.query.len > 0);
        walk(member.shape, seen);
    }
}

static void test_every_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < schema_service_count(); i++) {
        const SchemaService *service = schema_service_at(i);
        bool seen[SEEN_LIMIT] = {false};
        assert_true(schema_operation_count(service) > 0);
        for (size_t j = 0; j < schema_operation_count(service); j++) {
            const SchemaOperation operation = schema_operation_at(service, j);
            SchemaOperation found;
            assert_true(schema_find_operation(service, operation.name, &found));
            assert_ptr_equal(found.name.ptr, operation.name.ptr);
            if (operation.has_input) {
                assert_int_equal(schema_shape_kind(operation.input), SCHEMA_KIND_STRUCTURE);
                walk(operation.input, seen);
            }
            if (operation.has_output) {
                assert_int_equal(schema_shape_kind(operation.output), SCHEMA_KIND_STRUCTURE);
                walk(operation.output, seen);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_services), cmocka_unit_test(test_operations), cmocka_unit_test(test_members),
        cmocka_unit_test(test_paths),    cmocka_unit_test(test_ranges),     cmocka_unit_test(test_enums),
        cmocka_unit_test(test_wire_names), cmocka_unit_test(test_pages), cmocka_unit_test(test_patterns), cmocka_unit_test(test_every_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
