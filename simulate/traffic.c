/* Requests on their way through rules and target groups to tasks, counted by the minute. */
#include "simulate/state.h"

enum {
    MINUTE_MS = 60 * 1000,
    GROUPS_MOST = 8,
    THOUSAND = 1000,
    NOTICE_MS = 60 * 1000,   /* how long the checks take to see that a target refuses connections */
    FOR_A_TASK = 3000,       /* requests a minute that bring a task to its CPU */
    IDLE_CPU = 5,
    QUEUE_GROWTH = 30,       /* messages a minute */
};

/* --- meters --- */

const Meter *traffic_find(const Simulation *s, Text name)
{
    for (size_t i = 0; i < s->meters.count; i++)
        if (text_equal(s->meters.items[i]->name, name))
            return s->meters.items[i];
    return NULL;
}

const Minute *traffic_minute(const Meter *meter, int64_t number)
{
    if (!meter || !meter->minutes.count)
        return NULL;
    int64_t place = (int64_t)meter->minutes.count - 1 - (meter->minutes.items[meter->minutes.count - 1].number - number);
    for (; place > 0 && meter->minutes.items[place < (int64_t)meter->minutes.count ? place : 0].number > number; place--)
        ;
    for (size_t i = place < 0 ? 0 : (size_t)place; i < meter->minutes.count; i++)
        if (meter->minutes.items[i].number >= number)
            return meter->minutes.items[i].number == number ? &meter->minutes.items[i] : NULL;
    return NULL;
}

static Minute *minute_of(Simulation *s, Text name, int64_t number)
{
    Meter *meter = NULL;
    for (size_t i = 0; i < s->meters.count && !meter; i++)
        meter = text_equal(s->meters.items[i]->name, name) ? s->meters.items[i] : NULL;
    if (!meter) {
        meter = ARENA_NEW(s->arena, Meter);
        meter->name = arena_copy_text(s->arena, name);
        ARRAY_PUSH(s->arena, &s->meters, meter);
    }
    if (!meter->minutes.count || meter->minutes.items[meter->minutes.count - 1].number < number)
        ARRAY_PUSH(s->arena, &meter->minutes, (Minute){.number = number, .healthy_least = -1, .unhealthy_least = -1});
    return &meter->minutes.items[meter->minutes.count - 1];
}

static Text resource_behind(Text arn, const char *marker)
{
    size_t at = text_find(arn, text_from_c(marker));
    return at < arn.len ? text_slice(arn, at + strlen(marker), arn.len) : TEXT_NONE;
}

static Text group_meter(Text arn)
{
    size_t at = text_find(arn, TEXT(":targetgroup/"));
    return at < arn.len ? text_slice(arn, at + 1, arn.len) : arn;
}

/* "…:listener-rule/app/edge/0123/4567/89ab" and "…:listener/app/edge/0123/4567" are of "app/edge/0123". */
static Text balancer_meter(Text arn)
{
    Text rest = resource_behind(arn, ":listener-rule/");
    rest = rest.len ? rest : resource_behind(arn, ":listener/");
    size_t end = 0;
    for (int slashes = 0; end < rest.len; end++)
        if (rest.ptr[end] == '/' && ++slashes == 3)
            break;
    return text_slice(rest, 0, end);
}

/* --- who serves --- */

typedef struct Crew {
    size_t healthy, unhealthy;
    size_t fresh;   /* of new revisions, of those that serve */
    size_t serving;
    bool is_silent;
    double errors, p50, p95; /* means over those that serve */
    double refused;          /* share of them */
} Crew;

static void add_to_crew(Crew *crew, const Task *task)
{
    const Behaviour *is = &task->behaviour;
    crew->serving++;
    crew->fresh += task->is_new;
    crew->is_silent = crew->is_silent || !is->has_data;
    crew->errors += is->errors;
    crew->p50 += (double)is->p50_ms;
    crew->p95 += (double)is->p95_ms;
    crew->refused += is->refuses;
}

static bool is_behind(const Service *service, Text group)
{
    for (size_t i = 0; i < service->groups.count; i++)
        if (text_equal(service->groups.items[i], group))
            return true;
    return false;
}

/* Where no target is healthy, a load balancer asks all of them. */
static void muster(Simulation *s, Text group, Crew *crew)
{
    *crew = (Crew){0};
    for (int pass = 0; pass < 2 && !crew->serving; pass++)
        for (size_t i = 0; i < s->services.count; i++) {
            const Service *service = s->services.items[i];
            for (size_t j = 0; is_behind(service, group) && j < service->deployments.count; j++)
                for (size_t k = 0; k < service->deployments.items[j]->tasks.count; k++) {
                    const Task *task = service->deployments.items[j]->tasks.items[k];
                    bool is_bad = task->target == TARGET_UNHEALTHY || (task->target == TARGET_INITIAL && task->behaviour.fails_checks);
                    crew->healthy += pass == 0 && task->target == TARGET_HEALTHY;
                    crew->unhealthy += pass == 0 && is_bad;
                    if (task->target == TARGET_HEALTHY || (pass == 1 && is_bad))
                        add_to_crew(crew, task);
                }
        }
    double count = crew->serving ? (double)crew->serving : 1;
    crew->errors /= count * THOUSAND;
    crew->p50 /= count;
    crew->p95 /= count;
    crew->refused /= count;
}

/* Connections that come are refused from now on, which the checks see after a while. */
static void notice_refusals(Simulation *s, Text group)
{
    for (size_t i = 0; i < s->services.count; i++) {
        const Service *service = s->services.items[i];
        for (size_t j = 0; is_behind(service, group) && j < service->deployments.count; j++)
            for (size_t k = 0; k < service->deployments.items[j]->tasks.count; k++) {
                Task *task = service->deployments.items[j]->tasks.items[k];
                if (!task->behaviour.refuses || task->fails || task->target != TARGET_HEALTHY)
                    continue;
                task->fails = true;
                task->target_ms = s->now_ms + NOTICE_MS;
            }
    }
}

/* --- counting --- */

static void note_hosts(Minute *minute, const Crew *crew)
{
    double healthy = (double)crew->healthy;
    double unhealthy = (double)crew->unhealthy;
    minute->healthy_least = minute->healthy_least < 0 || healthy < minute->healthy_least ? healthy : minute->healthy_least;
    minute->unhealthy_least = minute->unhealthy_least < 0 || unhealthy < minute->unhealthy_least ? unhealthy : minute->unhealthy_least;
    minute->healthy_most = healthy > minute->healthy_most ? healthy : minute->healthy_most;
    minute->unhealthy_most = unhealthy > minute->unhealthy_most ? unhealthy : minute->unhealthy_most;
    minute->has_targets = minute->has_targets || crew->healthy + crew->unhealthy > 0;
}

static SimulationSample *sample_of(Simulation *s, int64_t number)
{
    if (!s->begun_ms)
        return NULL;
    if (!s->samples.count || s->samples.items[s->samples.count - 1].at_ms < number * MINUTE_MS)
        ARRAY_PUSH(s->arena, &s->samples, (SimulationSample){.at_ms = number * MINUTE_MS});
    return &s->samples.items[s->samples.count - 1];
}

size_t simulation_samples(const Simulation *s, const SimulationSample **out)
{
    *out = s->samples.items;
    return s->samples.count;
}

static void sample(SimulationSample *to, const Crew *crew, double requests, double taken)
{
    double errors = requests - taken + taken * crew->errors;
    to->requests += requests;
    to->errors += errors;
    if (!crew->fresh)
        return;
    double share = (double)crew->fresh / (double)crew->serving;
    to->new_requests += requests * share;
    to->new_errors += errors * share;
    to->new_p95_ms += taken * share * crew->p95;
}

static void serve(Simulation *s, Text group, Text balancer, double requests, int64_t number)
{
    Crew crew;
    muster(s, group, &crew);
    Minute *minute = minute_of(s, group_meter(group), number);
    note_hosts(minute, &crew);
    if (crew.serving) {
        minute->is_new = crew.fresh > 0;
        minute->is_silent = crew.is_silent;
    }
    double taken = crew.serving ? requests * (1 - crew.refused) : 0;
    minute->sums[MEASURE_REQUESTS] += taken;
    minute->sums[MEASURE_5XX] += taken * crew.errors;
    minute->sums[MEASURE_REFUSED] += requests * crew.refused;
    minute->sums[MEASURE_P50] += taken * crew.p50;
    minute->sums[MEASURE_P95] += taken * crew.p95;
    if (requests > 0 && crew.refused > 0)
        notice_refusals(s, group);
    if (requests > 0 && crew.fresh && !s->worked_ms)
        s->worked_ms = s->measured_ms;
    if (sample_of(s, number))
        sample(sample_of(s, number), &crew, requests, taken);
    Minute *edge = minute_of(s, balancer, number);
    edge->sums[MEASURE_REQUESTS] += taken;
    edge->sums[MEASURE_5XX] += taken * crew.errors;
    edge->sums[MEASURE_P50] += taken * crew.p50;
    edge->sums[MEASURE_P95] += taken * crew.p95;
    edge->sums[MEASURE_EDGE_5XX] += requests - taken;
}

static void pass_rule(Simulation *s, const Thing *rule, int64_t number, double minutes)
{
    Text groups[GROUPS_MOST];
    enum { SPREAD = 30 };
    int64_t weights[GROUPS_MOST];
    int64_t all = 0;
    size_t count = rule_weights(rule->describe, groups, weights, GROUPS_MOST);
    double requests = (double)world_requests(&s->options.world) * minutes * random_swing(s, rule->arn, number, SPREAD);
    for (size_t i = 0; i < count; i++)
        all += weights[i];
    for (size_t i = 0; i < count; i++)
        serve(s, groups[i], balancer_meter(rule->arn), all ? requests * (double)weights[i] / (double)all : 0, number);
}

/* The share of the rules' traffic that a service's target groups get. */
static double share_of(Simulation *s, const Service *service)
{
    double share = 0;
    for (size_t i = 0; i < s->things[THING_RULE].count; i++) {
        Text groups[GROUPS_MOST];
        int64_t weights[GROUPS_MOST];
        double all = 0;
        double own = 0;
        size_t count = rule_weights(s->things[THING_RULE].items[i]->describe, groups, weights, GROUPS_MOST);
        for (size_t j = 0; j < count; j++) {
            all += (double)weights[j];
            own += is_behind(service, groups[j]) ? (double)weights[j] : 0;
        }
        share = all > 0 && own / all > share ? own / all : share;
    }
    return share;
}

static void work(Simulation *s, Service *service, int64_t number, double ms)
{
    size_t running = 0;
    size_t fresh = 0;
    double cpu = 0;
    bool is_silent = false;
    for (size_t i = 0; i < service->deployments.count; i++)
        for (size_t j = 0; j < service->deployments.items[i]->tasks.count; j++) {
            const Task *task = service->deployments.items[i]->tasks.items[j];
            if (task->state != TASK_RUNNING)
                continue;
            running++;
            fresh += task->is_new;
            cpu += task->behaviour.cpu;
            is_silent = is_silent || !task->behaviour.has_data;
        }
    Minute *minute = minute_of(s, service->meter, number);
    minute->is_new = fresh * 2 > running;
    minute->is_silent = is_silent;
    minute->sums[MEASURE_RUNNING] += (double)running * ms;
    minute->sums[MEASURE_DESIRED] += (double)service->desired * ms;
    SimulationSample *seen = sample_of(s, number);
    if (seen) {
        seen->tasks += (double)running * ms / MINUTE_MS;
        seen->new_tasks += (double)fresh * ms / MINUTE_MS;
    }
    if (!running)
        return;
    cpu /= (double)running;
    if (service->groups.count)
        cpu = IDLE_CPU + cpu * share_of(s, service) * (double)world_requests(&s->options.world) / FOR_A_TASK / (double)running;
    minute->sums[MEASURE_CPU] += cpu * (double)running * ms;
    if (!service->groups.count && fresh && !s->worked_ms)
        s->worked_ms = s->measured_ms;
}

/* Whether a new revision has work now. */
static bool has_new_work(const Simulation *s)
{
    for (size_t i = 0; i < s->meters.count; i++) {
        const Meter *meter = s->meters.items[i];
        const Minute *last = meter->minutes.count ? &meter->minutes.items[meter->minutes.count - 1] : NULL;
        if (last && last->is_new && last->number == s->measured_ms / MINUTE_MS && (last->sums[MEASURE_REQUESTS] > 0 || last->sums[MEASURE_RUNNING] > 0))
            return true;
    }
    return false;
}

static void wait_in_line(Simulation *s, int64_t number, double minutes)
{
    bool grows = s->options.world.scenario == SCENARIO_QUEUE_RISING && has_new_work(s);
    s->queued = grows ? s->queued + QUEUE_GROWTH * minutes : 0;
    minute_of(s, TEXT("queues"), number)->sums[MEASURE_QUEUE] = s->queued;
    if (sample_of(s, number))
        sample_of(s, number)->queued = s->queued;
}

void traffic_measure(Simulation *s, int64_t until_ms)
{
    while (s->measured_ms < until_ms) {
        int64_t number = s->measured_ms / MINUTE_MS;
        int64_t end = (number + 1) * MINUTE_MS < until_ms ? (number + 1) * MINUTE_MS : until_ms;
        double ms = (double)(end - s->measured_ms);
        for (size_t i = 0; i < s->things[THING_RULE].count; i++)
            pass_rule(s, s->things[THING_RULE].items[i], number, ms / MINUTE_MS);
        for (size_t i = 0; i < s->services.count; i++)
            if (s->services.items[i]->deployments.count)
                work(s, s->services.items[i], number, ms);
        wait_in_line(s, number, ms / MINUTE_MS);
        s->measured_ms = end;
    }
}
