/* Application Auto Scaling: targets, and services that follow their load. */
#include "simulate/state.h"

enum { IN_AFTER_MS = 15 * 60 * 1000, OUT_AFTER_MS = 3 * 60 * 1000 };

static Service *service_of(Simulation *s, Text resource)
{
    Text rest = text_starts_with(resource, TEXT("service/")) ? text_slice(resource, 8, resource.len) : TEXT_NONE;
    size_t slash = text_find_byte(rest, '/');
    Service *service = slash < rest.len ? service_find(s, text_slice(rest, 0, slash), text_slice(rest, slash + 1, rest.len)) : NULL;
    return service && text_equal_c(service->status, "ACTIVE") ? service : NULL;
}

static void set_bounds(Simulation *s, const Thing *target)
{
    Service *service = service_of(s, target->key);
    int64_t least = number_at(target->describe, "MinCapacity", 0);
    int64_t most = number_at(target->describe, "MaxCapacity", INT64_MAX);
    if (service && service->desired < least)
        service_scale(s, service, least);
    else if (service && service->desired > most)
        service_scale(s, service, most);
}

/* An upsert: what is not given stays. */
ANSWERER(answer_register_scalable)
{
    Text resource = request_text(r, "ResourceId");
    Thing *target = thing_find(s, THING_SCALABLE, resource);
    if (!service_of(s, resource)) {
        request_fail(r, "ValidationException", "ECS service doesn't exist: %.*s", TEXT_ARG(resource));
        return;
    }
    if (target)
        thing_touch(s, target);
    else
        target = thing_add(s, THING_SCALABLE, resource, r->in);
    Json *suspended = json_object(s->arena);
    static const char *const states[] = {"DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended"};
    const Json *before = json_get_c(target->describe, "SuspendedState");
    const Json *given = json_get_c(r->in, "SuspendedState");
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        json_set_c(s->arena, suspended, states[i], json_bool(s->arena, bool_at(json_get_c(given, states[i]) ? given : before, states[i])));
    for (size_t i = 0; i < r->in->members.count; i++)
        if (!text_equal_c(r->in->members.items[i].key, "Tags"))
            json_set(s->arena, target->describe, arena_copy_text(s->arena, r->in->members.items[i].key), json_keep(s->arena, r->in->members.items[i].value));
    json_set_c(s->arena, target->describe, "SuspendedState", suspended);
    json_set_c(s->arena, target->describe, "CreationTime", moment_json(s->arena, target->created_ms));
    set_bounds(s, target);
    request_set_text(r, "ScalableTargetARN", target->arn);
}

ANSWERER(answer_scalables)
{
    answer_list(s, r);
}

/* Its policies go with it. */
ANSWERER(answer_deregister_scalable)
{
    Text resource = request_text(r, "ResourceId");
    static const ThingKind parts[] = {THING_POLICY, THING_ACTION};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        for (size_t j = s->things[parts[i]].count; j > 0; j--)
            if (text_equal(s->things[parts[i]].items[j - 1]->owner, resource))
                thing_remove(s, s->things[parts[i]].items[j - 1]);
    answer_remove(s, r);
}

/* --- following the load --- */

/* What a tracking policy wants CPU to be; 0: none. */
static double cpu_target(Simulation *s, Text resource)
{
    for (size_t i = 0; i < s->things[THING_POLICY].count; i++) {
        const Thing *policy = s->things[THING_POLICY].items[i];
        const Json *tracking = json_get_c(policy->describe, "TargetTrackingScalingPolicyConfiguration");
        const Json *value = json_get_c(tracking, "TargetValue");
        Text metric = text_at(json_get_c(tracking, "PredefinedMetricSpecification"), "PredefinedMetricType");
        if (text_equal(policy->owner, resource) && text_equal_c(metric, "ECSServiceAverageCPUUtilization") && value && value->kind == JSON_NUMBER)
            return (double)value->number.num / (double)value->number.den;
    }
    return 0;
}

static double cpu_of(const Simulation *s, const Service *service)
{
    const Meter *meter = traffic_find(s, service->meter);
    const Minute *minute = meter && meter->minutes.count > 1 ? &meter->minutes.items[meter->minutes.count - 2] : NULL;
    return minute && minute->sums[MEASURE_RUNNING] > 0 ? minute->sums[MEASURE_CPU] / minute->sums[MEASURE_RUNNING] : -1;
}

static void follow(Simulation *s, const Thing *target)
{
    Service *service = service_of(s, target->key);
    double wanted = cpu_target(s, target->key);
    double cpu = service ? cpu_of(s, service) : -1;
    const Json *suspended = json_get_c(target->describe, "SuspendedState");
    int64_t least = number_at(target->describe, "MinCapacity", 0);
    int64_t most = number_at(target->describe, "MaxCapacity", 0);
    if (!service || wanted <= 0 || cpu < 0)
        return;
    int64_t desired = (int64_t)((double)service->desired * cpu / wanted + 0.999);
    desired = desired < least ? least : desired > most ? most : desired;
    bool goes_out = desired > service->desired && cpu > wanted && !bool_at(suspended, "DynamicScalingOutSuspended") && s->now_ms - service->scaled_ms >= OUT_AFTER_MS;
    bool goes_in = desired < service->desired && cpu < wanted * 0.9 && !bool_at(suspended, "DynamicScalingInSuspended") && s->now_ms - service->scaled_ms >= IN_AFTER_MS;
    if (!goes_out && !goes_in)
        return;
    service->scaled_ms = s->now_ms;
    service_say(s, service, "is scaled from %lld to %lld tasks by its policy.", (long long)service->desired, (long long)desired);
    service_scale(s, service, desired);
}

void scaling_tick(Simulation *s)
{
    for (size_t i = 0; i < s->things[THING_SCALABLE].count; i++)
        follow(s, s->things[THING_SCALABLE].items[i]);
}
