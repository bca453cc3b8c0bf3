/* Applying plans, with an account that is a few variables and a clock that only waiting moves. */
#include "apply/apply.h"
#include "apply/journal.h"
#include "base/file.h"
#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define ROLE_ARN "arn:aws:iam::123456789012:role/r"
#define CLUSTER_ARN "arn:aws:ecs:us-east-1:123456789012:cluster/c"
#define FAMILY_ARN "arn:aws:ecs:us-east-1:123456789012:task-definition/api"
#define LEASE_PATH "/svc/shop/prod/api/lease"

enum { CALLS_MAX = 64, LATENCY_MS = 50, DAY_MS = 24 * 3600 * 1000 };

/* How one call goes wrong. */
typedef enum Fault { FAULT_NONE, FAULT_DENIED, FAULT_THROTTLED, FAULT_LOST_BEFORE, FAULT_LOST_AFTER, FAULT_CODE } Fault;

typedef struct Flight {
    AwsCall *call;
    Arena *arena;
    int64_t due_ms;
} Flight;

typedef struct Parameter {
    char name[96];
    char value[512];
    bool is_there;
} Parameter;

/* The account, and what is to happen to its calls. */
typedef struct Fake {
    int64_t now_ms;
    Flight flights[CALLS_MAX];
    size_t flight_count, most_at_once;
    size_t calls, writes; /* so far */
    bool groups[3];
    bool retention[3];
    bool role, policy, definition, service;
    size_t creations[5]; /* of groups, role, definition, service */
    char content[40];
    int64_t role_ms, service_ms; /* when they were last written, made */
    bool rolls_back;
    Parameter parameters[8];
    size_t fault_at; /* the number of the write, from 1; 0: none */
    size_t fault_count;
    Fault fault;
    const char *fault_operation; /* NULL: any */
    const char *fault_code;
    size_t interrupt_at; /* calls; 0: never */
    size_t take_over_at; /* calls; 0: nobody does */
    size_t writes_after_take_over;
} Fake;

static bool is(const AwsCall *call, const char *operation)
{
    return text_equal_c(call->operation, operation);
}

static Text member(const Json *json, const char *key)
{
    const Json *value = json_get_c(json, key);
    return value && value->kind == JSON_TEXT ? value->text : TEXT_NONE;
}

static Json *parse(Arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

static Json *parse(Arena *arena, const char *format, ...)
{
    va_list list;
    ReadJsonError error;
    va_start(list, format);
    Text text = arena_format_list(arena, format, list);
    va_end(list);
    ReadJson *json = json_read(arena, text, &error);
    assert_non_null(json);
    return saved_plain(arena, json);
}

/* --- parameters --- */

static Parameter *find_parameter(Fake *fake, Text name, bool makes)
{
    for (size_t i = 0; i < sizeof fake->parameters / sizeof *fake->parameters; i++)
        if (fake->parameters[i].is_there && text_equal_c(name, fake->parameters[i].name))
            return &fake->parameters[i];
    for (size_t i = 0; makes && i < sizeof fake->parameters / sizeof *fake->parameters; i++)
        if (!fake->parameters[i].is_there) {
            (void)snprintf(fake->parameters[i].name, sizeof fake->parameters[i].name, "%.*s", TEXT_ARG(name));
            fake->parameters[i].is_there = true;
            return &fake->parameters[i];
        }
    return NULL;
}

static Json *list_parameters(Fake *fake, Arena *arena, Text path)
{
    Json *list = json_array(arena);
    for (size_t i = 0; i < sizeof fake->parameters / sizeof *fake->parameters; i++) {
        const Parameter *parameter = &fake->parameters[i];
        if (!parameter->is_there || !text_starts_with(text_from_c(parameter->name), path))
            continue;
        Json *one = json_object(arena);
        json_set_c(arena, one, "Name", json_text(arena, arena_copy_text(arena, text_from_c(parameter->name))));
        json_set_c(arena, one, "Value", json_text(arena, arena_copy_text(arena, text_from_c(parameter->value))));
        json_add(arena, list, one);
    }
    Json *output = json_object(arena);
    json_set_c(arena, output, "Parameters", list);
    return output;
}

static const char *work_parameters(Fake *fake, const AwsCall *call)
{
    if (is(call, "PutParameter")) {
        const Json *overwrite = json_get_c(call->input, "Overwrite");
        bool exists = find_parameter(fake, member(call->input, "Name"), false) != NULL;
        if (exists && !(overwrite && overwrite->boolean))
            return "ParameterAlreadyExists";
        Parameter *parameter = find_parameter(fake, member(call->input, "Name"), true);
        Text value = member(call->input, "Value");
        (void)snprintf(parameter->value, sizeof parameter->value, "%.*s", TEXT_ARG(value));
    } else if (is(call, "DeleteParameters")) {
        const Json *names = json_get_c(call->input, "Names");
        for (size_t i = 0; i < json_item_count(names); i++) {
            Parameter *parameter = find_parameter(fake, names->items.items[i]->text, false);
            if (parameter)
                parameter->is_there = false;
        }
    }
    return NULL;
}

/* --- the account --- */

static size_t group_number(Text name)
{
    return text_equal_c(name, "/a") ? 0 : text_equal_c(name, "/b") ? 1 : 2;
}

/* NULL, or the code of the error. */
static const char *create(bool *is_there, size_t *count, const char *exists)
{
    if (*is_there)
        return exists;
    *is_there = true;
    (*count)++;
    return NULL;
}

static const char *work(Fake *fake, const AwsCall *call)
{
    if (text_equal_c(text_from_c(call->service), "ssm"))
        return work_parameters(fake, call);
    size_t group = group_number(member(call->input, "logGroupName"));
    if (is(call, "CreateLogGroup"))
        return create(&fake->groups[group], &fake->creations[0], "ResourceAlreadyExistsException");
    if (is(call, "PutRetentionPolicy")) {
        fake->retention[group] = true;
        return fake->groups[group] ? NULL : "ResourceNotFoundException";
    }
    if (is(call, "CreateRole") || is(call, "PutRolePolicy"))
        fake->role_ms = fake->now_ms;
    if (is(call, "CreateRole"))
        return create(&fake->role, &fake->creations[1], "EntityAlreadyExists");
    if (is(call, "PutRolePolicy"))
        fake->policy = true;
    if (is(call, "RegisterTaskDefinition")) {
        const Json *tags = json_get_c(call->input, "tags");
        Text content = member(tags->items.items[json_item_count(tags) - 1], "value");
        (void)snprintf(fake->content, sizeof fake->content, "%.*s", TEXT_ARG(content));
        fake->definition = true;
        fake->creations[2]++;
    }
    if (is(call, "CreateService")) {
        assert_int_equal(member(call->input, "clientToken").len, 32);
        assert_true(text_equal_c(member(call->input, "taskDefinition"), FAMILY_ARN ":1"));
        fake->service_ms = fake->now_ms;
        return create(&fake->service, &fake->creations[3], "InvalidParameterException");
    }
    return NULL;
}

static Json *describe_service(Fake *fake, Arena *arena)
{
    bool is_up = fake->now_ms >= fake->service_ms + 20 * 1000;
    if (!fake->service)
        return parse(arena, "{\"services\":[]}");
    if (fake->rolls_back && is_up)
        return parse(arena, "{\"services\":[{\"status\":\"ACTIVE\",\"desiredCount\":1,\"runningCount\":1,\"deployments\":[{\"id\":\"d0\",\"status\":\"PRIMARY\","
                            "\"taskDefinition\":\"" FAMILY_ARN ":0\",\"rolloutState\":\"COMPLETED\",\"rolloutStateReason\":\"rolled back\"}]}]}");
    return parse(arena,
                 "{\"services\":[{\"status\":\"ACTIVE\",\"desiredCount\":1,\"runningCount\":%d,\"deployments\":[{\"id\":\"d1\",\"status\":\"PRIMARY\","
                 "\"taskDefinition\":\"" FAMILY_ARN ":1\",\"rolloutState\":\"%s\",\"runningCount\":%d}]}]}",
                 is_up, is_up ? "COMPLETED" : "IN_PROGRESS", is_up);
}

static Json *answer(Fake *fake, Arena *arena, const AwsCall *call)
{
    if (is(call, "GetParametersByPath"))
        return list_parameters(fake, arena, member(call->input, "Path"));
    if (is(call, "DescribeServices"))
        return describe_service(fake, arena);
    if (is(call, "CreateRole"))
        return parse(arena, "{\"Role\":{\"Arn\":\"" ROLE_ARN "\"}}");
    if (is(call, "RegisterTaskDefinition"))
        return parse(arena, "{\"taskDefinition\":{\"taskDefinitionArn\":\"" FAMILY_ARN ":1\"}}");
    if (is(call, "DescribeTaskDefinition") && fake->definition)
        return parse(arena, "{\"taskDefinition\":{\"status\":\"ACTIVE\",\"taskDefinitionArn\":\"" FAMILY_ARN ":1\"},\"tags\":[{\"key\":\"svc:content\",\"value\":\"%s\"}]}",
                     fake->content);
    if (is(call, "CreateService"))
        return parse(arena, "{\"service\":{\"deployments\":[{\"id\":\"d1\",\"status\":\"PRIMARY\"}]}}");
    return json_object(arena);
}

static bool is_write(const AwsCall *call)
{
    static const char *const reads[] = {"Describe", "Get", "List"};
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++)
        if (text_starts_with(call->operation, text_from_c(reads[i])))
            return false;
    return true;
}

/* --- calls --- */

static Fault fault_of(Fake *fake, const AwsCall *call)
{
    bool is_meant = fake->fault_operation ? is(call, fake->fault_operation) : is_write(call) && fake->writes == fake->fault_at;
    if (!is_meant || !fake->fault_count)
        return FAULT_NONE;
    fake->fault_count--;
    return fake->fault;
}

static void refuse(AwsCall *call, const char *code, bool may_have_happened, bool is_throttled, int status)
{
    call->answer = (AwsAnswer){.code = text_from_c(code), .message = TEXT("as the test says"), .may_have_happened = may_have_happened,
                               .is_throttled = is_throttled, .status = status};
}

static void carry_out(Fake *fake, Arena *arena, AwsCall *call)
{
    fake->writes += is_write(call);
    Fault fault = fault_of(fake, call);
    if (fault == FAULT_DENIED)
        refuse(call, "AccessDeniedException", false, false, 400);
    else if (fault == FAULT_THROTTLED)
        refuse(call, "ThrottlingException", false, true, 400);
    else if (fault == FAULT_CODE)
        refuse(call, fake->fault_code, false, false, 400);
    else if (fault == FAULT_LOST_BEFORE)
        refuse(call, "svc:NoAnswer", true, false, 0);
    if (fault != FAULT_NONE && fault != FAULT_LOST_AFTER)
        return;
    const char *code = work(fake, call);
    if (code)
        refuse(call, code, false, false, 400);
    else
        call->answer.output = answer(fake, arena, call);
    if (fault == FAULT_LOST_AFTER)
        refuse(call, "svc:NoAnswer", true, false, 0);
}

static void start(void *self, Arena *arena, AwsCall *call)
{
    Fake *fake = self;
    assert_true(fake->flight_count < CALLS_MAX);
    fake->calls++;
    if (fake->take_over_at && fake->calls == fake->take_over_at) {
        Parameter *parameter = find_parameter(fake, TEXT(LEASE_PATH "/9"), true);
        (void)snprintf(parameter->value, sizeof parameter->value, "{\"owner\":\"bob\",\"token\":\"x\",\"expires\":%lld}", (long long)(fake->now_ms / 1000 + 90));
    }
    fake->flights[fake->flight_count++] = (Flight){call, arena, fake->now_ms + LATENCY_MS};
    if (fake->flight_count > fake->most_at_once)
        fake->most_at_once = fake->flight_count;
}

static AwsCall *wait_for(void *self, int64_t until_ms)
{
    Fake *fake = self;
    size_t first = 0;
    for (size_t i = 1; i < fake->flight_count; i++)
        if (fake->flights[i].due_ms < fake->flights[first].due_ms)
            first = i;
    if (!fake->flight_count || fake->flights[first].due_ms > until_ms) {
        fake->now_ms = until_ms > fake->now_ms ? until_ms : fake->now_ms;
        return NULL;
    }
    Flight flight = fake->flights[first];
    fake->flights[first] = fake->flights[--fake->flight_count];
    fake->now_ms = flight.due_ms > fake->now_ms ? flight.due_ms : fake->now_ms;
    if (fake->take_over_at && fake->calls > fake->take_over_at && is_write(flight.call) && !is(flight.call, "PutParameter"))
        fake->writes_after_take_over++;
    carry_out(fake, flight.arena, flight.call);
    return flight.call;
}

static int64_t now_ms(void *self)
{
    return ((const Fake *)self)->now_ms;
}

static bool is_interrupted(void *self)
{
    const Fake *fake = self;
    return fake->interrupt_at && fake->calls >= fake->interrupt_at;
}

/* --- reading --- */

typedef struct World {
    Fake fake;
    Arena arena;
    Sources sources;
    Diagnostics sink;
    SavedPlan plan;
    ApplyOptions options;
} World;

static bool read_account(void *context, Arena *arena, Recording *out)
{
    static const char *const names[] = {"a", "b", "c"};
    World *world = context;
    const Fake *fake = &world->fake;
    Buffer text = {0};
    buffer_add_c(&text, "{\"format_version\":1,\"account\":\"123456789012\",\"region\":\"us-east-1\",\"resources\":{\"x/topic\":{\"kind\":\"alarm\",\"describe\":{}}");
    for (size_t i = 0; i < 3; i++)
        if (fake->groups[i])
            buffer_add_format(&text, ",\"api/log-group/%s\":{\"kind\":\"log group\",\"describe\":{\"logGroupName\":\"/%s\"%s}}", names[i], names[i],
                              fake->retention[i] ? ",\"retentionInDays\":30" : "");
    if (fake->role)
        buffer_add_format(&text, ",\"api/role/execution\":{\"kind\":\"role\",\"describe\":{\"Role\":{\"RoleName\":\"r\",\"Arn\":\"" ROLE_ARN "\"},\"policies\":{%s},\"attached\":[]}}",
                          fake->policy ? "\"svc\":{\"Statement\":[]}" : "");
    if (fake->service && fake->definition)
        buffer_add_c(&text, ",\"api/task-definition\":{\"kind\":\"task definition\",\"describe\":{\"taskDefinition\":{\"taskDefinitionArn\":\"" FAMILY_ARN
                            ":1\",\"family\":\"api\",\"executionRoleArn\":\"" ROLE_ARN "\"}}},\"api/service\":{\"kind\":\"service\",\"describe\":{\"serviceName\":"
                            "\"api\",\"clusterArn\":\"" CLUSTER_ARN "\",\"taskDefinition\":\"" FAMILY_ARN ":1\",\"desiredCount\":1}}");
    buffer_add_c(&text, "}}");
    bool is_read = recording_read_text(arena, &world->sink, TEXT("live"), arena_copy_text(arena, buffer_text(&text)), out);
    buffer_free(&text);
    return is_read;
}

/* --- the plan --- */

#define SOURCE "\"source\":{\"file\":\"shop.svc\",\"line\":7}"
#define ITEM(id, kind, name, desired) \
    "{\"id\":\"" id "\",\"service\":\"api\",\"name\":\"" name "\",\"kind\":\"" kind "\",\"action\":\"create\",\"changes\":[],\"desired\":" desired "," SOURCE "}"
#define STEP(id, resource, service, operation, input, needs) \
    "{\"id\":\"" id "\",\"resource\":\"" resource "\",\"action\":\"create\",\"call\":{\"service\":\"" service "\",\"operation\":\"" operation "\",\"input\":" input \
    "},\"needs\":[" needs "],\"expects\":\"\",\"results\":\"\"," SOURCE ",\"undo\":null}"
#define GROUP(name) ITEM("api/log-group/" name, "log group", "/" name, "{\"CreateLogGroup\":{\"logGroupName\":\"/" name "\"},\"PutRetentionPolicy\":{\"logGroupName\":\"/" name "\",\"retentionInDays\":30}}")
#define GROUP_STEPS(first, second, name) \
    STEP(first, "api/log-group/" name, "logs", "CreateLogGroup", "{\"logGroupName\":\"/" name "\"}", "") "," \
    STEP(second, "api/log-group/" name, "logs", "PutRetentionPolicy", "{\"logGroupName\":\"/" name "\",\"retentionInDays\":30}", "\"" first "\"")

static const char plan_resources[] =
    "{\"format_version\":1,\"svc\":\"" SVC_VERSION "\",\"project\":\"shop\",\"environment\":\"prod\",\"account\":\"123456789012\",\"region\":\"us-east-1\","
    "\"resources\":[" GROUP("a") "," GROUP("b") "," GROUP("c") ","
    ITEM("api/role/execution", "role", "r", "{\"CreateRole\":{\"RoleName\":\"r\"},\"policy\":{\"Statement\":[]}}") ","
    ITEM("api/task-definition", "task definition", "api", "{\"RegisterTaskDefinition\":{\"family\":\"api\",\"executionRoleArn\":{\"svc:ref\":\"api/role/execution#arn\"}}}") ","
    ITEM("api/service", "service", "api", "{\"CreateService\":{\"cluster\":\"c\",\"serviceName\":\"api\",\"desiredCount\":1,\"taskDefinition\":{\"svc:ref\":\"api/task-definition#arn\"}}}")
    "],\"steps\":[";

static const char plan_steps[] =
    GROUP_STEPS("s1", "s2", "a") "," GROUP_STEPS("s3", "s4", "b") "," GROUP_STEPS("s5", "s6", "c") ","
    STEP("s7", "api/role/execution", "iam", "CreateRole", "{\"RoleName\":\"r\"}", "") ","
    STEP("s8", "api/role/execution", "iam", "PutRolePolicy", "{\"RoleName\":\"r\",\"PolicyName\":\"svc\",\"PolicyDocument\":\"{}\"}", "\"s7\"") ","
    STEP("s9", "api/task-definition", "ecs", "RegisterTaskDefinition", "{\"family\":\"api\",\"executionRoleArn\":{\"svc:ref\":\"api/role/execution#arn\"}}", "\"s7\"") ","
    STEP("s10", "api/service", "ecs", "CreateService", "{\"cluster\":\"c\",\"serviceName\":\"api\",\"desiredCount\":1,\"taskDefinition\":{\"svc:ref\":\"api/task-definition#arn\"}}",
         "\"s2\",\"s4\",\"s6\",\"s8\",\"s9\"")
    "]}";

/* The plan's canonical bytes with its seal. */
static Text sealed(Arena *arena)
{
    Json *json = parse(arena, "%s%s", plan_resources, plan_steps);
    json_set_c(arena, json, "seal", json_text(arena, plan_fingerprint(arena, json)));
    Buffer out = {0};
    json_write(&out, json, 0);
    buffer_add_byte(&out, '\n');
    Text copy = arena_copy_text(arena, buffer_text(&out));
    buffer_free(&out);
    return copy;
}

static void open_world(World *world)
{
    *world = (World){.fake = {.now_ms = 20000 * (int64_t)DAY_MS}};
    world->sink.arena = &world->arena;
    world->sink.sources = &world->sources;
    world->options.owner = TEXT("ann");
    assert_true(saved_plan_read_text(&world->arena, &world->sink, TEXT("plan.json"), sealed(&world->arena), &world->plan));
}

static ApplyOutcome apply(World *world)
{
    const AwsCaller caller = {&world->fake, start, wait_for, now_ms, NULL};
    ApplyInput input = {.plan = &world->plan, .caller = &caller, .reader = {read_account, world}, .options = world->options};
    input.options.is_interrupted = is_interrupted;
    input.options.interrupt_context = &world->fake;
    ApplyOutcome outcome = apply_run(&world->arena, &world->sink, &input);
    world->fake.flight_count = 0;
    return outcome;
}

static void expect_whole(const World *world)
{
    const Fake *fake = &world->fake;
    for (size_t i = 0; i < 3; i++)
        assert_true(fake->groups[i] && fake->retention[i]);
    assert_true(fake->role && fake->policy && fake->definition && fake->service);
    assert_int_equal(fake->creations[0], 3);
    for (size_t i = 1; i < 4; i++)
        assert_int_equal(fake->creations[i], 1);
}

static bool has_code(const World *world, DiagnosticCode code)
{
    for (size_t i = 0; i < world->sink.items.count; i++)
        if (world->sink.items.items[i]->code == code)
            return true;
    return false;
}

/* --- tests --- */

static void test_whole(void **state)
{
    (void)state;
    World world;
    open_world(&world);
    assert_int_equal(apply(&world), APPLY_DONE);
    expect_whole(&world);
    assert_true(world.fake.service_ms >= world.fake.role_ms + 15 * 1000);
    assert_true(world.fake.now_ms >= world.fake.service_ms + 20 * 1000); /* it waited until the service was stable */
    assert_true(world.fake.most_at_once >= 4);                           /* three groups and the role */
    for (size_t i = 0; i < 8; i++)
        assert_false(world.fake.parameters[i].is_there); /* no lease is left */
    assert_int_equal(apply(&world), APPLY_DONE);
    expect_whole(&world);
    arena_free(&world.arena);
}

static void test_one_at_a_time(void **state)
{
    (void)state;
    World world;
    open_world(&world);
    world.options.parallel = 1;
    assert_int_equal(apply(&world), APPLY_DONE);
    assert_true(world.fake.most_at_once <= 2); /* a step, and the question whether the lease is held */
    expect_whole(&world);
    arena_free(&world.arena);
}

static void test_until_deployed(void **state)
{
    (void)state;
    World world;
    open_world(&world);
    world.options.until_deployed = true;
    assert_int_equal(apply(&world), APPLY_DONE);
    assert_true(world.fake.now_ms < world.fake.service_ms + 10 * 1000);
    arena_free(&world.arena);
}

/* Every write in turn, in every way, some of them more than once. */
static void test_each_write_fails(void **state)
{
    (void)state;
    for (size_t at = 1; at <= 14; at++)
        for (int fault = FAULT_DENIED; fault <= FAULT_LOST_AFTER; fault++) {
            World world;
            open_world(&world);
            world.fake.fault_at = at;
            world.fake.fault = (Fault)fault;
            world.fake.fault_count = 1;
            ApplyOutcome outcome = apply(&world);
            bool is_final = fault == FAULT_DENIED && outcome != APPLY_DONE;
            if (is_final)
                assert_true(outcome == APPLY_FAILED || outcome == APPLY_ERROR);
            else
                assert_int_equal(outcome, APPLY_DONE);
            world.fake.fault_count = 0;
            assert_int_equal(apply(&world), APPLY_DONE);
            expect_whole(&world);
            arena_free(&world.arena);
        }
}

/* Interrupted after each call, and gone on with, with a journal and without. */
static void test_interrupted(void **state)
{
    (void)state;
    char path[] = "/tmp/svc-apply-test-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    (void)close(descriptor);
    for (size_t at = 1; at < 60; at++) {
        World world;
        open_world(&world);
        world.options.journal = at % 2 ? text_from_c(path) : TEXT_NONE;
        assert_int_equal(truncate(path, 0), 0);
        world.fake.interrupt_at = at;
        (void)apply(&world);
        world.fake.interrupt_at = 0;
        assert_int_equal(apply(&world), APPLY_DONE);
        expect_whole(&world);
        arena_free(&world.arena);
    }
    (void)unlink(path);
}

static void test_tries_again(void **state)
{
    (void)state;
    World world;
    open_world(&world);
    world.fake.fault_operation = "CreateService";
    world.fake.fault = FAULT_CODE;
    world.fake.fault_code = "ClusterNotFoundException";
    world.fake.fault_count = 5;
    assert_int_equal(apply(&world), APPLY_DONE);
    expect_whole(&world);
    arena_free(&world.arena);

    open_world(&world);
    int64_t began = world.fake.now_ms;
    world.fake.fault_operation = "CreateService";
    world.fake.fault = FAULT_CODE;
    world.fake.fault_code = "ClusterNotFoundException";
    world.fake.fault_count = 1000;
    assert_int_equal(apply(&world), APPLY_FAILED);
    assert_true(world.fake.now_ms >= began + 10 * 60 * 1000 && world.fake.now_ms < began + 12 * 60 * 1000);
    assert_true(has_code(&world, CODE_STEP_FAILED));
    arena_free(&world.arena);
}

static void test_rolled_back(void **state)
{
    (void)state;
    World world;
    open_world(&world);
    world.fake.rolls_back = true;
    assert_int_equal(apply(&world), APPLY_ROLLED_BACK);
    assert_true(has_code(&world, CODE_ROLLED_BACK));
    arena_free(&world.arena);
}

static void test_lease_is_waited_for(void **state)
{
    (void)state;
    World world;
    open_world(&world);
    Parameter *other = find_parameter(&world.fake, TEXT(LEASE_PATH "/4"), true);
    int64_t until = world.fake.now_ms + 77 * 1000;
    (void)snprintf(other->value, sizeof other->value, "{\"owner\":\"bob\",\"token\":\"y\",\"expires\":%lld}", (long long)(until / 1000));
    assert_int_equal(apply(&world), APPLY_DONE);
    assert_true(world.fake.role_ms >= until);
    arena_free(&world.arena);

    open_world(&world);
    other = find_parameter(&world.fake, TEXT(LEASE_PATH "/4"), true);
    (void)snprintf(other->value, sizeof other->value, "{\"owner\":\"bob\",\"token\":\"y\",\"expires\":%lld}", (long long)(world.fake.now_ms / 1000 + 600));
    world.options.deadline_ms = 60 * 1000;
    assert_int_equal(apply(&world), APPLY_ERROR);
    assert_true(has_code(&world, CODE_LEASE_HELD));
    assert_false(world.fake.role);
    arena_free(&world.arena);
}

/* Taken over at each call: at most what was under way is still carried out. */
static void test_lease_is_lost(void **state)
{
    (void)state;
    for (size_t at = 4; at < 30; at++) {
        World world;
        open_world(&world);
        world.fake.take_over_at = at;
        ApplyOutcome outcome = apply(&world);
        assert_true(outcome == APPLY_FAILED || outcome == APPLY_ERROR);
        assert_true(has_code(&world, CODE_LEASE_LOST) || has_code(&world, CODE_LEASE_HELD) || !world.fake.service);
        assert_true(world.fake.writes_after_take_over <= world.fake.most_at_once);
        arena_free(&world.arena);
    }
}

static void test_stale(void **state)
{
    (void)state;
    World world;
    open_world(&world);
    world.fake.service = world.fake.definition = true;
    world.fake.role = false;
    /* the service is there, of another role's revision: nothing is done */
    assert_int_equal(apply(&world), APPLY_STALE);
    assert_true(has_code(&world, CODE_STALE_PLAN));
    assert_int_equal(world.fake.creations[0], 0);
    arena_free(&world.arena);
}

static void test_journal_is_torn(void **state)
{
    (void)state;
    char path[] = "/tmp/svc-journal-test-XXXXXX";
    Arena arena = {0};
    Journal journal;
    Text reason;
    int descriptor = mkstemp(path);
    static const char text[] = "{\"plan\":\"p\",\"step\":\"s1\",\"event\":\"done\",\"at\":5,\"known\":{\"arn\":\"x\"}}\n{\"plan\":\"p\",\"step\":\"s2\",\"eve";
    assert_int_equal(write(descriptor, text, sizeof text - 1), sizeof text - 1);
    (void)close(descriptor);
    assert_true(journal_open(&arena, text_from_c(path), TEXT("p"), &journal, &reason));
    assert_int_equal(journal.entries.count, 1);
    assert_true(journal_add(&journal, TEXT("s3"), true, 7, NULL));
    journal_close(&journal);
    assert_true(journal_open(&arena, text_from_c(path), TEXT("p"), &journal, &reason));
    assert_int_equal(journal.entries.count, 2);
    assert_true(journal_find(&journal, TEXT("s3"))->is_done);
    assert_null(journal_find(&journal, TEXT("s2")));
    journal_close(&journal);
    assert_true(journal_open(&arena, text_from_c(path), TEXT("other"), &journal, &reason));
    assert_int_equal(journal.entries.count, 0);
    journal_close(&journal);
    (void)unlink(path);
    arena_free(&arena);
}

/* Each byte of a plan in turn is another one, or the plan ends before it. */
static void test_plan_is_edited(void **state)
{
    (void)state;
    World world;
    open_world(&world);
    Text whole = sealed(&world.arena);
    char *copy = memory_allocate(whole.len);
    for (size_t i = 0; i < whole.len; i++) {
        SavedPlan plan;
        ArenaMark mark = arena_mark(&world.arena);
        memcpy(copy, whole.ptr, whole.len);
        copy[i] = copy[i] == '0' ? '1' : '0';
        assert_false(saved_plan_read_text(&world.arena, &world.sink, TEXT("p"), (Text){copy, whole.len}, &plan));
        assert_false(i % 7 == 0 && saved_plan_read_text(&world.arena, &world.sink, TEXT("p"), (Text){whole.ptr, i}, &plan));
        diagnostics_keep_first(&world.sink, 0);
        (void)mark;
    }
    memory_free(copy);
    arena_free(&world.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),       cmocka_unit_test(test_one_at_a_time),      cmocka_unit_test(test_until_deployed), cmocka_unit_test(test_each_write_fails),
        cmocka_unit_test(test_interrupted), cmocka_unit_test(test_tries_again),        cmocka_unit_test(test_rolled_back),    cmocka_unit_test(test_lease_is_waited_for),
        cmocka_unit_test(test_lease_is_lost), cmocka_unit_test(test_stale),            cmocka_unit_test(test_journal_is_torn), cmocka_unit_test(test_plan_is_edited),
    };
    memory_adopt_jansson();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
