/* What ECS does by itself: tasks that are placed, start, become healthy or fail, and deployments that replace them. */
#include "simulate/state.h"

enum {
    PROVISIONING_MS = 12 * 1000,
    PENDING_MS = 15 * 1000,
    STOPPING_MS = 5 * 1000,
    CRASH_MS = 6 * 1000,
    CHECKS_FAIL_MS = 75 * 1000,
    RETRY_MS = 20 * 1000,
    PLACEMENT_MS = 30 * 1000,
    ONE_OFF_MS = 20 * 1000,
    FORGET_MS = 3600 * 1000,
    EVENTS_MOST = 200,
    BREAKER_LEAST = 3,
    BREAKER_MOST = 200,
    ALL_PERCENT = 100,
    ID_LENGTH = 32,
    NUMBER_LENGTH = 12,
    EXIT_TERMINATED = 143,
};

/* --- telling --- */

void service_say(Simulation *s, Service *service, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    Text what = arena_format_list(s->arena, format, list);
    va_end(list);
    ServiceEvent event = {.id = random_hex(s, ID_LENGTH), .at_ms = s->now_ms, .message = arena_format(s->arena, "(service %.*s) %.*s", TEXT_ARG(service->name), TEXT_ARG(what))};
    if (service->events.count == EVENTS_MOST) {
        memmove(service->events.items, service->events.items + 1, (EVENTS_MOST - 1) * sizeof *service->events.items);
        service->events.count--;
    }
    ARRAY_PUSH(s->arena, &service->events, event);
    SimulationEvent told = {.kind = SIMULATION_SERVICE, .at_ms = s->now_ms, .subject = service->name, .text = what};
    if (s->tell)
        s->tell(s->tell_context, &told);
}

/* --- tasks --- */

bool task_is_alive(const Task *task)
{
    return task->state < TASK_STOPPING;
}

bool task_is_healthy(const Task *task)
{
    return task->state == TASK_RUNNING && (task->serves_targets ? task->target == TARGET_HEALTHY : !task->behaviour.crashes);
}

size_t deployment_count(const Deployment *deployment, bool (*is)(const Task *task))
{
    size_t count = 0;
    for (size_t i = 0; i < deployment->tasks.count; i++)
        count += is(deployment->tasks.items[i]);
    return count;
}

static bool is_new_revision(Simulation *s, Text definition)
{
    const Thing *thing = definition_find(s, definition);
    return thing && s->begun_ms && thing->created_ms >= s->begun_ms;
}

Task *task_start(Simulation *s, Service *service, Deployment *deployment, Text definition)
{
    Task *task = ARENA_NEW(s->arena, Task);
    *task = (Task){.id = random_hex(s, ID_LENGTH), .definition = definition, .next_ms = s->now_ms + PROVISIONING_MS};
    task->arn = simulation_arn(s, "ecs", "task/%.*s/%.*s", TEXT_ARG(service ? service->cluster : TEXT("default")), TEXT_ARG(task->id));
    task->is_new = is_new_revision(s, definition);
    task->behaviour = world_behaviour(&s->options.world, task->is_new);
    task->serves_targets = service && service->groups.count > 0;
    task->started_by = deployment ? deployment->id : TEXT_NONE;
    return task;
}

void task_stop(Simulation *s, Service *service, Task *task, const char *code, const char *reason)
{
    if (!task_is_alive(task))
        return;
    bool drains = task->target == TARGET_HEALTHY || task->target == TARGET_UNHEALTHY;
    int64_t delay = 0;
    for (size_t i = 0; drains && service && i < service->groups.count; i++) {
        int64_t its = target_group_drain_ms(s, service->groups.items[i]);
        delay = its > delay ? its : delay;
    }
    if (text_equal_c(text_from_c(code), "TaskFailedToStart") || text_equal_c(text_from_c(code), "EssentialContainerExited"))
        delay = 0;
    task->stop_code = text_from_c(code);
    task->stop_reason = arena_copy_text(s->arena, text_from_c(reason));
    task->state = TASK_STOPPING;
    task->target = drains && delay ? TARGET_DRAINING : TARGET_NONE;
    task->target_ms = 0;
    task->next_ms = s->now_ms + delay + STOPPING_MS;
    if (!task->has_exit) {
        task->has_exit = true;
        task->exit_code = EXIT_TERMINATED;
    }
}

/* How long a target group takes to see that a target is well: so many checks, and what ELB is late. */
static int64_t target_delay(Simulation *s, const Service *service)
{
    const Thing *group = service->groups.count ? thing_find(s, THING_TARGET_GROUP, service->groups.items[0]) : NULL;
    int64_t checks = group ? number_at(group->describe, "HealthyThresholdCount", 3) : 3;
    int64_t interval = group ? number_at(group->describe, "HealthCheckIntervalSeconds", 10) : 10;
    return checks * interval * 1000 + random_below(s, s->options.faults.target_lag_ms + 1);
}

/* --- failures --- */

static int64_t breaker_threshold(const Service *service)
{
    const Json *breaker = json_get_c(json_get_c(service->members, "deploymentConfiguration"), "deploymentCircuitBreaker");
    const Json *threshold = json_get_c(breaker, "thresholdConfiguration");
    int64_t value = number_at(threshold, "value", 50);
    if (text_equal_c(text_at(threshold, "type"), "COUNT"))
        return value;
    int64_t count = (service->desired * value + ALL_PERCENT - 1) / ALL_PERCENT;
    return count < BREAKER_LEAST ? BREAKER_LEAST : count > BREAKER_MOST ? BREAKER_MOST : count;
}

static void count_failure(Simulation *s, Service *service, Deployment *deployment)
{
    const Json *breaker = json_get_c(json_get_c(service->members, "deploymentConfiguration"), "deploymentCircuitBreaker");
    deployment->failed++;
    deployment->streak++;
    deployment->hold_ms = s->now_ms + RETRY_MS;
    if (deployment->is_completed || deployment->is_failed)
        return;
    if (bool_at(breaker, "enable") && (int64_t)deployment->streak >= breaker_threshold(service)) {
        service_say(s, service, "(deployment %.*s) deployment failed: tasks failed to start.", TEXT_ARG(deployment->id));
        if (bool_at(breaker, "rollback")) {
            service_roll_back(s, service, deployment, "ECS deployment circuit breaker: tasks failed to start.");
            return;
        }
        deployment->is_failed = deployment->is_halted = true;
        deployment->status = TEXT("STOPPED");
        deployment->finished_ms = s->now_ms;
        deployment->reason = TEXT("ECS deployment circuit breaker: tasks failed to start.");
    } else if (deployment->streak % 3 == 0) {
        service_say(s, service, "is unable to consistently start tasks successfully.");
    }
}

static void fail_task(Simulation *s, Service *service, Deployment *deployment, Task *task, const char *code, const char *reason)
{
    task_stop(s, service, task, code, reason);
    count_failure(s, service, deployment);
}

/* --- a task's next state --- */

static void become_running(Simulation *s, const Service *service, const Deployment *deployment, Task *task)
{
    task->state = TASK_RUNNING;
    task->started_ms = s->now_ms;
    task->next_ms = 0;
    if (!deployment) {
        task->next_ms = s->now_ms + ONE_OFF_MS;
        return;
    }
    if (task->behaviour.crashes) {
        task->next_ms = s->now_ms + CRASH_MS;
        return;
    }
    if (!task->serves_targets)
        return;
    task->target = TARGET_INITIAL;
    task->target_ms = s->now_ms + (task->behaviour.fails_checks ? CHECKS_FAIL_MS : target_delay(s, service));
}

static void end_run(Simulation *s, Service *service, Deployment *deployment, Task *task)
{
    task->has_exit = true;
    task->exit_code = deployment ? 1 : 0;
    task->next_ms = 0;
    if (deployment) {
        s->counts.crashed++;
        fail_task(s, service, deployment, task, "EssentialContainerExited", "Essential container in task exited");
    } else {
        task_stop(s, service, task, "EssentialContainerExited", "Essential container in task exited");
    }
}

static void step_task(Simulation *s, Service *service, Deployment *deployment, Task *task)
{
    switch (task->state) {
    case TASK_PROVISIONING:
        task->state = TASK_PENDING;
        task->next_ms = s->now_ms + PENDING_MS;
        break;
    case TASK_PENDING: become_running(s, service, deployment, task); break;
    case TASK_RUNNING: end_run(s, service, deployment, task); break;
    case TASK_STOPPING:
        task->state = TASK_STOPPED;
        task->target = TARGET_NONE;
        task->stopped_ms = s->now_ms;
        task->next_ms = s->now_ms + FORGET_MS;
        break;
    case TASK_STOPPED: task->next_ms = 0; break;
    }
}

static void step_target(Simulation *s, Service *service, Deployment *deployment, Task *task)
{
    task->target_ms = 0;
    if (task->state != TASK_RUNNING)
        return;
    if (task->target == TARGET_INITIAL && !task->behaviour.fails_checks) {
        task->target = TARGET_HEALTHY;
        deployment->streak = 0;
        return;
    }
    task->target = TARGET_UNHEALTHY;
    s->counts.unhealthy++;
    service_say(s, service, "(task %.8s) is unhealthy in its target group: health checks failed", task->id.ptr);
    fail_task(s, service, deployment, task, "ServiceSchedulerInitiated", "Task failed ELB health checks");
}

/* --- deployments --- */

static Deployment *primary_of(const Service *service)
{
    return service->deployments.count ? service->deployments.items[0] : NULL;
}

static void put_first(Simulation *s, Service *service, Deployment *deployment)
{
    size_t place = 0;
    while (place < service->deployments.count && service->deployments.items[place] != deployment)
        place++;
    if (place == service->deployments.count)
        ARRAY_PUSH(s->arena, &service->deployments, deployment);
    for (; place > 0; place--)
        service->deployments.items[place] = service->deployments.items[place - 1];
    service->deployments.items[0] = deployment;
    for (size_t i = 0; i < service->deployments.count; i++)
        service->deployments.items[i]->is_primary = i == 0;
}

void service_deploy(Simulation *s, Service *service, Text definition)
{
    Deployment *earlier = primary_of(service);
    Deployment *deployment = ARENA_NEW(s->arena, Deployment);
    *deployment = (Deployment){.definition = definition, .status = TEXT("IN_PROGRESS"), .created_ms = s->now_ms};
    deployment->id = arena_format(s->arena, "ecs-svc/%.*s", TEXT_ARG(random_hex(s, NUMBER_LENGTH)));
    deployment->arn = simulation_arn(s, "ecs", "service-deployment/%.*s/%.*s/%.*s", TEXT_ARG(service->cluster), TEXT_ARG(service->name), TEXT_ARG(random_hex(s, NUMBER_LENGTH)));
    deployment->reason = arena_format(s->arena, "ECS deployment %.*s in progress.", TEXT_ARG(deployment->id));
    if (earlier && !earlier->is_completed && !earlier->is_failed) {
        earlier->status = TEXT("STOPPED");
        earlier->finished_ms = s->now_ms;
    }
    put_first(s, service, deployment);
    ARRAY_PUSH(s->arena, &service->past, deployment);
    service->begun++;
    service->is_steady = false;
    service_look(s, service);
}

void service_roll_back(Simulation *s, Service *service, Deployment *failed, const char *why)
{
    Deployment *earlier = NULL;
    for (size_t i = 0; i < service->deployments.count && !earlier; i++)
        earlier = service->deployments.items[i] != failed && service->deployments.items[i]->is_completed ? service->deployments.items[i] : NULL;
    failed->is_failed = failed->is_halted = true;
    failed->reason = arena_copy_text(s->arena, text_from_c(why));
    failed->finished_ms = s->now_ms;
    failed->status = earlier ? TEXT("ROLLBACK_IN_PROGRESS") : TEXT("ROLLBACK_FAILED");
    if (!earlier)
        return;
    service_say(s, service, "rolling back to deployment %.*s.", TEXT_ARG(earlier->id));
    failed->reason = arena_format(s->arena, "%s Rolling back to deployment %.*s.", why, TEXT_ARG(earlier->id));
    earlier->is_completed = false;
    earlier->is_return = true;
    earlier->reason = arena_format(s->arena, "ECS deployment circuit breaker: rolling back to deploymentId %.*s.", TEXT_ARG(earlier->id));
    put_first(s, service, earlier);
    json_set_c(s->arena, service->members, "taskDefinition", json_text(s->arena, earlier->definition));
    service->is_steady = false;
}

static void start_tasks(Simulation *s, Service *service, Deployment *deployment, int64_t missing)
{
    int64_t started = 0;
    for (; started < missing; started++) {
        if (random_chance(s, s->options.faults.placement)) {
            s->counts.unplaced++;
            deployment->hold_ms = s->now_ms + PLACEMENT_MS;
            service_say(s, service, "was unable to place a task. Reason: Capacity is unavailable at this time.");
            break;
        }
        ARRAY_PUSH(s->arena, &deployment->tasks, task_start(s, service, deployment, deployment->definition));
    }
    if (started)
        service_say(s, service, "has started %lld tasks.", (long long)started);
}

/* The worst first: of those that are to go. */
static Task *worst_task(const Deployment *deployment)
{
    Task *worst = NULL;
    for (size_t i = 0; i < deployment->tasks.count; i++) {
        Task *task = deployment->tasks.items[i];
        if (task_is_alive(task) && (!worst || (task_is_healthy(worst) && !task_is_healthy(task))))
            worst = task;
    }
    return worst;
}

static int64_t stop_older(Simulation *s, Service *service, int64_t spare)
{
    int64_t stopped = 0;
    for (size_t i = 1; i < service->deployments.count; i++) {
        Task *task;
        while ((task = worst_task(service->deployments.items[i]))) {
            if (task_is_healthy(task) && spare <= 0)
                break;
            spare -= task_is_healthy(task);
            task_stop(s, service, task, "ServiceSchedulerInitiated", "Scaling activity initiated by deployment");
            stopped++;
        }
    }
    return stopped;
}

static int64_t count_all(const Service *service, bool (*is)(const Task *task))
{
    int64_t count = 0;
    for (size_t i = 0; i < service->deployments.count; i++)
        count += (int64_t)deployment_count(service->deployments.items[i], is);
    return count;
}

static bool has_tasks(const Deployment *deployment)
{
    for (size_t i = 0; i < deployment->tasks.count; i++)
        if (deployment->tasks.items[i]->state != TASK_STOPPED)
            return true;
    return false;
}

/* Those of the others that are over go; what stopped long ago is forgotten. */
static void forget(Service *service)
{
    size_t kept = 0;
    for (size_t i = 0; i < service->deployments.count; i++) {
        Deployment *deployment = service->deployments.items[i];
        size_t left = 0;
        for (size_t j = 0; j < deployment->tasks.count; j++)
            if (deployment->tasks.items[j]->state != TASK_STOPPED || deployment->tasks.items[j]->next_ms)
                deployment->tasks.items[left++] = deployment->tasks.items[j];
        deployment->tasks.count = left;
        bool is_over = i > 0 && !has_tasks(deployment) && (deployment->is_failed || service->deployments.items[0]->is_completed);
        if (!is_over)
            service->deployments.items[kept++] = deployment;
    }
    service->deployments.count = kept;
}

static void complete(Simulation *s, Service *service, Deployment *primary)
{
    if (!primary->is_completed && !primary->is_failed) {
        primary->is_completed = true;
        primary->reason = arena_format(s->arena, "ECS deployment %.*s completed.", TEXT_ARG(primary->id));
        primary->status = primary->is_return ? primary->status : TEXT("SUCCESSFUL");
        primary->finished_ms = s->now_ms;
        for (size_t i = 0; primary->is_return && i < service->past.count; i++)
            if (text_equal_c(service->past.items[i]->status, "ROLLBACK_IN_PROGRESS"))
                service->past.items[i]->status = TEXT("ROLLBACK_SUCCESSFUL");
        service_say(s, service, "(deployment %.*s) deployment completed.", TEXT_ARG(primary->id));
    }
    if (!service->is_steady)
        service_say(s, service, "has reached a steady state.");
    service->is_steady = true;
}

static void keep_rolling(Simulation *s, Service *service, Deployment *primary)
{
    const Json *configuration = json_get_c(service->members, "deploymentConfiguration");
    int64_t most = service->desired * number_at(configuration, "maximumPercent", 2 * ALL_PERCENT) / ALL_PERCENT;
    int64_t least = (service->desired * number_at(configuration, "minimumHealthyPercent", ALL_PERCENT) + ALL_PERCENT - 1) / ALL_PERCENT;
    int64_t own = (int64_t)deployment_count(primary, task_is_alive);
    int64_t missing = service->desired - own;
    int64_t room = (most > service->desired ? most : service->desired) - count_all(service, task_is_alive);
    missing = missing < room ? missing : room;
    if (missing > 0 && !primary->is_halted && s->now_ms >= primary->hold_ms)
        start_tasks(s, service, primary, missing);
    for (int64_t surplus = own - service->desired; surplus > 0; surplus--)
        task_stop(s, service, worst_task(primary), "ServiceSchedulerInitiated", "Scaling activity initiated by deployment");
    if (!primary->is_halted)
        (void)stop_older(s, service, count_all(service, task_is_healthy) - least);
}

static void look_at_end(Simulation *s, Service *service)
{
    for (size_t i = 0; i < service->deployments.count; i++) {
        Task *task;
        while ((task = worst_task(service->deployments.items[i])))
            task_stop(s, service, task, "ServiceSchedulerInitiated", "Scaling activity initiated by deployment");
        if (has_tasks(service->deployments.items[i]))
            return;
    }
    service->status = TEXT("INACTIVE");
    service->deployments.count = 0;
}

void service_look(Simulation *s, Service *service)
{
    Deployment *primary = primary_of(service);
    if (text_equal_c(service->status, "DRAINING"))
        look_at_end(s, service);
    if (!primary || !text_equal_c(service->status, "ACTIVE"))
        return;
    for (size_t i = 1; i < service->deployments.count; i++) {
        Deployment *other = service->deployments.items[i];
        for (size_t j = 0; other->is_halted && j < other->tasks.count; j++)
            if (task_is_alive(other->tasks.items[j]) && !task_is_healthy(other->tasks.items[j]))
                task_stop(s, service, other->tasks.items[j], "ServiceSchedulerInitiated", "Scaling activity initiated by deployment");
    }
    keep_rolling(s, service, primary);
    forget(service);
    bool others = false;
    for (size_t i = 1; i < service->deployments.count; i++)
        others = others || has_tasks(service->deployments.items[i]);
    bool is_settled = (int64_t)deployment_count(primary, task_is_healthy) == service->desired && (int64_t)deployment_count(primary, task_is_alive) == service->desired;
    if (is_settled && !others) {
        complete(s, service, primary);
        forget(service);
    }
}

void service_scale(Simulation *s, Service *service, int64_t desired)
{
    if (desired == service->desired)
        return;
    service->desired = desired;
    service->is_steady = false;
    service_look(s, service);
}

/* --- the clock --- */

static int64_t earlier(int64_t a, int64_t b)
{
    return b && b < a ? b : a;
}

int64_t tasks_next(const Simulation *s)
{
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < s->services.count; i++)
        for (size_t j = 0; j < s->services.items[i]->deployments.count; j++) {
            const Deployment *deployment = s->services.items[i]->deployments.items[j];
            if (deployment->hold_ms > s->now_ms)
                next = earlier(next, deployment->hold_ms);
            for (size_t k = 0; k < deployment->tasks.count; k++)
                next = earlier(earlier(next, deployment->tasks.items[k]->next_ms), deployment->tasks.items[k]->target_ms);
        }
    for (size_t i = 0; i < s->one_offs.count; i++)
        next = earlier(next, s->one_offs.items[i]->next_ms);
    return next;
}

static bool run_service(Simulation *s, Service *service)
{
    bool has_run = false;
    for (size_t j = 0; j < service->deployments.count; j++) {
        Deployment *deployment = service->deployments.items[j];
        has_run = has_run || deployment->hold_ms == s->now_ms;
        for (size_t k = 0; k < deployment->tasks.count; k++) {
            Task *task = deployment->tasks.items[k];
            if (task->next_ms && task->next_ms <= s->now_ms) {
                step_task(s, service, deployment, task);
                has_run = true;
            }
            if (task->target_ms && task->target_ms <= s->now_ms) {
                step_target(s, service, deployment, task);
                has_run = true;
            }
        }
    }
    return has_run;
}

void tasks_run(Simulation *s)
{
    for (size_t i = 0; i < s->services.count; i++)
        if (run_service(s, s->services.items[i]))
            service_look(s, s->services.items[i]);
    for (size_t i = 0; i < s->one_offs.count; i++)
        if (s->one_offs.items[i]->next_ms && s->one_offs.items[i]->next_ms <= s->now_ms)
            step_task(s, NULL, NULL, s->one_offs.items[i]);
}
