/* The simulated account by itself: what its answers say, when things happen in it, and what goes wrong with calls. */
#include "simulate/simulate.h"

#include "base/memory.h"
#include "base/json_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

enum { SECOND = 1000, MINUTE = 60 * SECOND };

typedef struct Fixture {
    Arena arena;
    Simulation *account;
    AwsCaller caller;
} Fixture;

static void open_account(Fixture *f, SimulationFaults faults)
{
    *f = (Fixture){0};
    SimulationOptions options = {.seed = 7, .account = TEXT("123456789012"), .region = TEXT("us-east-1"), .faults = faults};
    f->account = simulation_create(&f->arena, &options);
    f->caller = simulation_caller(f->account);
}

static Json *parse(Fixture *f, Text text)
{
    ReadJsonError error;
    const ReadJson *read = json_read(&f->arena, text, &error);
    assert_non_null(read);
    return json_from_read(&f->arena, read);
}

static const AwsAnswer *call(Fixture *f, const char *service, const char *operation, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Makes a call and waits for its answer. */
static const AwsAnswer *call(Fixture *f, const char *service, const char *operation, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    Text text = arena_format_list(&f->arena, format, list);
    va_end(list);
    AwsCall *made = ARENA_NEW(&f->arena, AwsCall);
    *made = (AwsCall){.service = service, .operation = text_from_c(operation), .input = parse(f, text)};
    f->caller.start(f->caller.self, &f->arena, made);
    assert_ptr_equal(f->caller.wait(f->caller.self, 0), made);
    return &made->answer;
}

static const Json *at(const Json *json, const char *path)
{
    Text rest = text_from_c(path);
    while (json && rest.len) {
        size_t dot = text_find_byte(rest, '.');
        if (json->kind == JSON_ARRAY)
            json = json->items.count ? json->items.items[0] : NULL;
        json = json ? json_get(json, text_slice(rest, 0, dot)) : NULL;
        rest = dot < rest.len ? text_slice(rest, dot + 1, rest.len) : TEXT_NONE;
    }
    return json;
}

static const char *text(Fixture *f, const Json *json, const char *path)
{
    const Json *found = at(json, path);
    return found && found->kind == JSON_TEXT ? arena_copy_text(&f->arena, found->text).ptr : "";
}

static int64_t number(const Json *json, const char *path)
{
    const Json *found = at(json, path);
    return found && found->kind == JSON_NUMBER ? found->number.num / found->number.den : -1;
}

static void assert_code(const AwsAnswer *answer, const char *code)
{
    assert_null(answer->output);
    assert_int_equal(answer->code.len, strlen(code));
    assert_memory_equal(answer->code.ptr, code, answer->code.len);
}

static void pass(Fixture *f, int64_t ms)
{
    assert_null(f->caller.wait(f->caller.self, simulation_now(f->account) + ms));
}

/* A service of two tasks behind a rule of two groups, all traffic on the first. */
typedef struct Web {
    const char *groups[2];
    const char *rule;
} Web;

static void make_web(Fixture *f, Web *web)
{
    const char *balancer = text(f, call(f, "elbv2", "CreateLoadBalancer", "{\"Name\":\"edge\",\"Subnets\":[\"subnet-1\"]}")->output, "LoadBalancers.LoadBalancerArn");
    const char *listener = text(f, call(f, "elbv2", "CreateListener", "{\"LoadBalancerArn\":\"%s\",\"Port\":80}", balancer)->output, "Listeners.ListenerArn");
    for (size_t i = 0; i < 2; i++)
        web->groups[i] = text(f, call(f, "elbv2", "CreateTargetGroup", "{\"Name\":\"web%zu\",\"HealthyThresholdCount\":3,\"HealthCheckIntervalSeconds\":10}", i)->output,
                              "TargetGroups.TargetGroupArn");
    (void)call(f, "elbv2", "ModifyTargetGroupAttributes", "{\"TargetGroupArn\":\"%s\",\"Attributes\":[{\"Key\":\"deregistration_delay.timeout_seconds\",\"Value\":\"40\"}]}", web->groups[0]);
    web->rule = text(f,
                     call(f, "elbv2", "CreateRule",
                          "{\"ListenerArn\":\"%s\",\"Priority\":1,\"Actions\":[{\"Type\":\"forward\",\"ForwardConfig\":{\"TargetGroups\":["
                          "{\"TargetGroupArn\":\"%s\",\"Weight\":100},{\"TargetGroupArn\":\"%s\",\"Weight\":0}]}}]}",
                          listener, web->groups[0], web->groups[1])
                         ->output,
                     "Rules.RuleArn");
    (void)call(f, "ecs", "CreateCluster", "{\"clusterName\":\"c\"}");
    (void)call(f, "ecs", "RegisterTaskDefinition", "{\"family\":\"web\",\"containerDefinitions\":[{\"name\":\"app\",\"image\":\"web:1\"}]}");
}

static const AwsAnswer *make_service(Fixture *f, const Web *web, const char *name, size_t group)
{
    return call(f, "ecs", "CreateService",
                "{\"cluster\":\"c\",\"serviceName\":\"%s\",\"taskDefinition\":\"web\",\"desiredCount\":2,\"loadBalancers\":[{\"targetGroupArn\":\"%s\",\"containerName\":\"app\","
                "\"containerPort\":80}]}",
                name, web->groups[group]);
}

static const Json *describe(Fixture *f, const char *name)
{
    return at(call(f, "ecs", "DescribeServices", "{\"cluster\":\"c\",\"services\":[\"%s\"]}", name)->output, "services");
}

static size_t count_health(Fixture *f, const char *group, const char *state)
{
    const Json *list = at(call(f, "elbv2", "DescribeTargetHealth", "{\"TargetGroupArn\":\"%s\"}", group)->output, "TargetHealthDescriptions");
    size_t count = 0;
    for (size_t i = 0; i < json_item_count(list); i++)
        count += text_equal_c(at(list->items.items[i], "TargetHealth.State")->text, state);
    return count;
}

/* --- tests --- */

static void the_clock_moves_by_waiting_alone(void **state)
{
    Fixture f;
    (void)state;
    open_account(&f, (SimulationFaults){.call_ms = 100});
    int64_t begun = f.caller.now_ms(f.caller.self);
    (void)call(&f, "sts", "GetCallerIdentity", "{}");
    int64_t took = f.caller.now_ms(f.caller.self) - begun;
    assert_in_range(took, 100, 200);
    pass(&f, 3 * 60 * MINUTE);
    assert_int_equal(f.caller.now_ms(f.caller.self) - begun - took, 3 * 60 * MINUTE);
    arena_free(&f.arena);
}

static void parameters_are_compared_and_swapped(void **state)
{
    Fixture f;
    (void)state;
    open_account(&f, (SimulationFaults){0});
    assert_int_equal(number(call(&f, "ssm", "PutParameter", "{\"Name\":\"/a/lease/1\",\"Value\":\"x\",\"Type\":\"String\"}")->output, "Version"), 1);
    assert_code(call(&f, "ssm", "PutParameter", "{\"Name\":\"/a/lease/1\",\"Value\":\"y\",\"Type\":\"String\"}"), "ParameterAlreadyExists");
    assert_int_equal(number(call(&f, "ssm", "PutParameter", "{\"Name\":\"/a/lease/1\",\"Value\":\"y\",\"Overwrite\":true}")->output, "Version"), 2);
    simulation_put_parameter(f.account, TEXT("/a/lease/deep/2"), TEXT("z"));
    const Json *list = at(call(&f, "ssm", "GetParametersByPath", "{\"Path\":\"/a/lease\"}")->output, "Parameters");
    assert_int_equal(json_item_count(list), 1);
    assert_string_equal(text(&f, list->items.items[0], "Value"), "y");
    arena_free(&f.arena);
}

static void who_is_killed_changes_nothing_more(void **state)
{
    Fixture f;
    (void)state;
    open_account(&f, (SimulationFaults){0});
    simulation_kill_after(f.account, 1);
    assert_non_null(call(&f, "ecs", "CreateCluster", "{\"clusterName\":\"a\"}")->output);
    assert_code(call(&f, "ecs", "CreateCluster", "{\"clusterName\":\"b\"}"), "svc:Killed");
    assert_true(simulation_is_dead(f.account) && f.caller.is_interrupted(f.caller.self));
    int64_t now = simulation_now(f.account);
    pass(&f, MINUTE);
    assert_int_equal(simulation_now(f.account), now);
    simulation_revive(f.account);
    assert_int_equal(json_item_count(at(call(&f, "ecs", "DescribeClusters", "{}")->output, "clusters")), 1);
    arena_free(&f.arena);
}

static void tasks_start_become_healthy_and_drain(void **state)
{
    Fixture f;
    Web web;
    (void)state;
    open_account(&f, (SimulationFaults){0});
    make_web(&f, &web);
    assert_non_null(make_service(&f, &web, "web", 0)->output);
    assert_int_equal(number(describe(&f, "web"), "runningCount"), 0);
    pass(&f, 30 * SECOND);
    assert_int_equal(count_health(&f, web.groups[0], "initial"), 2);
    assert_string_equal(text(&f, describe(&f, "web"), "deployments.rolloutState"), "IN_PROGRESS");
    pass(&f, 30 * SECOND);
    assert_int_equal(count_health(&f, web.groups[0], "healthy"), 2);
    assert_string_equal(text(&f, describe(&f, "web"), "deployments.rolloutState"), "COMPLETED");
    (void)call(&f, "ecs", "UpdateService", "{\"cluster\":\"c\",\"service\":\"web\",\"desiredCount\":1}");
    assert_int_equal(count_health(&f, web.groups[0], "draining"), 1);
    pass(&f, 39 * SECOND);
    assert_int_equal(count_health(&f, web.groups[0], "draining"), 1);
    pass(&f, 10 * SECOND);
    assert_int_equal(count_health(&f, web.groups[0], "draining"), 0);
    assert_int_equal(number(describe(&f, "web"), "runningCount"), 1);
    arena_free(&f.arena);
}

static int64_t ask_requests(Fixture *f, const char *group)
{
    const char *name = strstr(group, "targetgroup/");
    int64_t now = simulation_now(f->account) / SECOND;
    const AwsAnswer *answer = call(f, "cloudwatch", "GetMetricData",
                                   "{\"StartTime\":%lld,\"EndTime\":%lld,\"ScanBy\":\"TimestampDescending\",\"MetricDataQueries\":[{\"Id\":\"a\",\"MetricStat\":{\"Period\":60,"
                                   "\"Stat\":\"Sum\",\"Metric\":{\"Namespace\":\"AWS/ApplicationELB\",\"MetricName\":\"RequestCount\",\"Dimensions\":[{\"Name\":\"TargetGroup\","
                                   "\"Value\":\"%s\"}]}}}]}",
                                   (long long)(now / 60 * 60 - 120), (long long)(now / 60 * 60), name);
    const Json *values = at(answer->output, "MetricDataResults.Values");
    return json_item_count(values) ? values->items.items[0]->number.num / values->items.items[0]->number.den : 0;
}

static void weights_split_the_traffic_and_points_are_late(void **state)
{
    Fixture f;
    Web web;
    (void)state;
    open_account(&f, (SimulationFaults){.metric_least_ms = 90 * SECOND, .metric_most_ms = 90 * SECOND});
    make_web(&f, &web);
    (void)make_service(&f, &web, "web", 0);
    (void)make_service(&f, &web, "web-c", 1);
    pass(&f, 2 * MINUTE);
    assert_true(simulation_move_weights(f.account, text_from_c(web.rule), 75, 25));
    pass(&f, 5 * MINUTE - simulation_now(f.account) % MINUTE + 89 * SECOND);
    assert_int_equal(ask_requests(&f, web.groups[0]), 0);
    pass(&f, 2 * SECOND);
    int64_t first = ask_requests(&f, web.groups[0]);
    int64_t second = ask_requests(&f, web.groups[1]);
    assert_in_range(first, 4300, 4700);
    assert_in_range(second, 1400, 1600);
    arena_free(&f.arena);
}

static void a_role_is_not_known_at_once(void **state)
{
    Fixture f;
    Web web;
    (void)state;
    open_account(&f, (SimulationFaults){.role_ms = 10 * SECOND});
    make_web(&f, &web);
    const char *arn = text(&f, call(&f, "iam", "CreateRole", "{\"RoleName\":\"r\",\"AssumeRolePolicyDocument\":\"{}\"}")->output, "Role.Arn");
    (void)call(&f, "ecs", "RegisterTaskDefinition", "{\"family\":\"web\",\"executionRoleArn\":\"%s\",\"containerDefinitions\":[]}", arn);
    assert_code(make_service(&f, &web, "web", 0), "InvalidParameterException");
    pass(&f, 10 * SECOND);
    assert_non_null(make_service(&f, &web, "web", 0)->output);
    arena_free(&f.arena);
}

static void answers_may_be_old(void **state)
{
    Fixture f;
    Web web;
    (void)state;
    open_account(&f, (SimulationFaults){.stale = 1000, .stale_ms = 5 * SECOND});
    make_web(&f, &web);
    (void)make_service(&f, &web, "web", 0);
    pass(&f, 2 * MINUTE);
    (void)call(&f, "ecs", "UpdateService", "{\"cluster\":\"c\",\"service\":\"web\",\"desiredCount\":3}");
    assert_int_equal(number(describe(&f, "web"), "desiredCount"), 2);
    pass(&f, 5 * SECOND);
    assert_int_equal(number(describe(&f, "web"), "desiredCount"), 3);
    assert_int_equal(simulation_counts(f.account)->stale, 1);
    arena_free(&f.arena);
}

static void calls_fail_as_often_as_is_said(void **state)
{
    Fixture f;
    size_t lost = 0;
    (void)state;
    open_account(&f, (SimulationFaults){.lost = 500});
    for (int i = 0; i < 200; i++) {
        const AwsAnswer *answer = call(&f, "ecs", "CreateCluster", "{\"clusterName\":\"c%d\"}", i);
        lost += answer->may_have_happened;
    }
    assert_in_range(lost, 60, 140);
    assert_int_equal(json_item_count(at(call(&f, "ecs", "DescribeClusters", "{}")->output, "clusters")), 200);
    arena_free(&f.arena);
}

static void the_same_seed_gives_the_same(void **state)
{
    int64_t ended[2];
    (void)state;
    for (int i = 0; i < 2; i++) {
        Fixture f;
        Web web;
        open_account(&f, (SimulationFaults){.call_ms = 80, .target_lag_ms = 30 * SECOND, .placement = 400});
        make_web(&f, &web);
        (void)make_service(&f, &web, "web", 0);
        while (number(describe(&f, "web"), "runningCount") < 2)
            pass(&f, SECOND);
        ended[i] = simulation_now(f.account);
        arena_free(&f.arena);
    }
    assert_int_equal(ended[0], ended[1]);
}

static void scaling_that_is_suspended_does_not_scale(void **state)
{
    static const char *const resource = "service/c/web";
    Fixture f;
    Web web;
    (void)state;
    open_account(&f, (SimulationFaults){0});
    make_web(&f, &web);
    (void)make_service(&f, &web, "web", 0);
    (void)call(&f, "ecs", "UpdateService", "{\"cluster\":\"c\",\"service\":\"web\",\"desiredCount\":6}");
    (void)call(&f, "application-autoscaling", "RegisterScalableTarget",
               "{\"ResourceId\":\"%s\",\"ScalableDimension\":\"ecs:service:DesiredCount\",\"ServiceNamespace\":\"ecs\",\"MinCapacity\":2,\"MaxCapacity\":8,"
               "\"SuspendedState\":{\"DynamicScalingInSuspended\":true}}",
               resource);
    (void)call(&f, "application-autoscaling", "PutScalingPolicy",
               "{\"ResourceId\":\"%s\",\"PolicyName\":\"p\",\"TargetTrackingScalingPolicyConfiguration\":{\"TargetValue\":70,\"PredefinedMetricSpecification\":"
               "{\"PredefinedMetricType\":\"ECSServiceAverageCPUUtilization\"}}}",
               resource);
    pass(&f, 60 * MINUTE);
    assert_int_equal(number(describe(&f, "web"), "desiredCount"), 6);
    (void)call(&f, "application-autoscaling", "RegisterScalableTarget",
               "{\"ResourceId\":\"%s\",\"ScalableDimension\":\"ecs:service:DesiredCount\",\"ServiceNamespace\":\"ecs\",\"SuspendedState\":{\"DynamicScalingInSuspended\":false}}", resource);
    pass(&f, 60 * MINUTE);
    assert_int_equal(number(describe(&f, "web"), "desiredCount"), 2);
    arena_free(&f.arena);
}

static void what_nobody_knows_is_an_error(void **state)
{
    Fixture f;
    (void)state;
    open_account(&f, (SimulationFaults){0});
    assert_code(call(&f, "ecs", "MakeCoffee", "{}"), "InvalidAction");
    assert_int_equal(simulation_counts(f.account)->unknown, 1);
    arena_free(&f.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_clock_moves_by_waiting_alone),
        cmocka_unit_test(parameters_are_compared_and_swapped),
        cmocka_unit_test(who_is_killed_changes_nothing_more),
        cmocka_unit_test(tasks_start_become_healthy_and_drain),
        cmocka_unit_test(weights_split_the_traffic_and_points_are_late),
        cmocka_unit_test(a_role_is_not_known_at_once),
        cmocka_unit_test(answers_may_be_old),
        cmocka_unit_test(calls_fail_as_often_as_is_said),
        cmocka_unit_test(the_same_seed_gives_the_same),
        cmocka_unit_test(scaling_that_is_suspended_does_not_scale),
        cmocka_unit_test(what_nobody_knows_is_an_error),
    };
    memory_adopt_jansson();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
