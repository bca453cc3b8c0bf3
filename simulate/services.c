/* Services as ECS's operations see them. */
#include "simulate/state.h"

enum { EVENTS_SHOWN = 5, DEFAULT_MOST = 200, DEFAULT_LEAST = 100 };

Service *service_find(Simulation *s, Text cluster, Text name)
{
    Text in = cluster.len ? last_part(cluster) : TEXT("default");
    Text own = last_part(name);
    for (size_t i = s->services.count; i > 0; i--)
        if (text_equal(s->services.items[i - 1]->name, own) && text_equal(s->services.items[i - 1]->cluster, in))
            return s->services.items[i - 1];
    return NULL;
}

Service *service_find_arn(Simulation *s, Text arn)
{
    for (size_t i = 0; arn.len && i < s->services.count; i++)
        if (text_equal(s->services.items[i]->arn, arn))
            return s->services.items[i];
    return NULL;
}

static bool is_active(const Service *service)
{
    return service && !text_equal_c(service->status, "INACTIVE");
}

/* --- answers --- */

static bool is_running(const Task *task)
{
    return task->state == TASK_RUNNING || task->state == TASK_STOPPING;
}

static bool is_pending(const Task *task)
{
    return task->state == TASK_PROVISIONING || task->state == TASK_PENDING;
}

static void set_count(Arena *arena, Json *to, const char *member, size_t count)
{
    json_set_c(arena, to, member, json_integer(arena, (int64_t)count));
}

static const char *rollout_state(const Deployment *deployment)
{
    return deployment->is_failed ? "FAILED" : deployment->is_completed ? "COMPLETED" : "IN_PROGRESS";
}

static Json *deployment_json(Arena *arena, const Service *service, const Deployment *deployment)
{
    Json *to = json_object(arena);
    size_t running = deployment_count(deployment, is_running);
    json_set_c(arena, to, "id", json_text(arena, deployment->id));
    json_set_c(arena, to, "status", json_text_c(arena, deployment->is_primary ? "PRIMARY" : "ACTIVE"));
    json_set_c(arena, to, "taskDefinition", json_text(arena, deployment->definition));
    set_count(arena, to, "desiredCount", deployment->is_primary ? (size_t)service->desired : 0);
    set_count(arena, to, "runningCount", running);
    set_count(arena, to, "pendingCount", deployment_count(deployment, is_pending));
    set_count(arena, to, "failedTasks", deployment->failed);
    json_set_c(arena, to, "rolloutState", json_text_c(arena, rollout_state(deployment)));
    json_set_c(arena, to, "rolloutStateReason", json_text(arena, deployment->reason));
    json_set_c(arena, to, "createdAt", moment_json(arena, deployment->created_ms));
    json_set_c(arena, to, "updatedAt", moment_json(arena, deployment->created_ms));
    static const char *const below[] = {"networkConfiguration", "serviceConnectConfiguration", "volumeConfigurations"};
    for (size_t i = 0; i < sizeof below / sizeof *below; i++) {
        const Json *value = json_get_c(service->members, below[i]);
        json_set_c(arena, to, below[i], value ? json_share(arena, value) : NULL);
    }
    return to;
}

static Json *events_json(Arena *arena, const Service *service)
{
    Json *list = json_array(arena);
    for (size_t i = service->events.count; i > 0 && service->events.count - i < EVENTS_SHOWN; i--) {
        const ServiceEvent *event = &service->events.items[i - 1];
        Json *one = json_object(arena);
        json_set_c(arena, one, "id", json_text(arena, event->id));
        json_set_c(arena, one, "message", json_text(arena, event->message));
        json_set_c(arena, one, "createdAt", moment_json(arena, event->at_ms));
        json_add(arena, list, one);
    }
    return list;
}

static void set_defaults(Arena *arena, Json *to)
{
    json_set_default(arena, to, "schedulingStrategy", json_text_c(arena, "REPLICA"));
    json_set_default(arena, to, "platformVersion", json_text_c(arena, "LATEST"));
    json_set_default(arena, to, "propagateTags", json_text_c(arena, "NONE"));
    json_set_default(arena, to, "enableECSManagedTags", json_bool(arena, false));
    json_set_default(arena, to, "enableExecuteCommand", json_bool(arena, false));
    json_set_default(arena, to, "availabilityZoneRebalancing", json_text_c(arena, "ENABLED"));
    json_set_default(arena, to, "deploymentConfiguration", json_object(arena));
    Json *configuration = json_get_c(to, "deploymentConfiguration");
    json_set_default(arena, configuration, "maximumPercent", json_integer(arena, DEFAULT_MOST));
    json_set_default(arena, configuration, "minimumHealthyPercent", json_integer(arena, DEFAULT_LEAST));
    json_set_default(arena, configuration, "strategy", json_text_c(arena, "ROLLING"));
}

static Json *service_json(Simulation *s, Arena *arena, const Service *service)
{
    Json *to = json_share(arena, service->members);
    Json *deployments = json_array(arena);
    size_t running = 0;
    size_t pending = 0;
    static const char *const inputs[] = {"clientToken", "cluster", "forceNewDeployment", "tags", "service"};
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        json_remove_c(to, inputs[i]);
    for (size_t i = 0; i < service->deployments.count; i++) {
        const Deployment *deployment = service->deployments.items[i];
        json_add(arena, deployments, deployment_json(arena, service, deployment));
        running += deployment_count(deployment, is_running);
        pending += deployment_count(deployment, is_pending);
    }
    json_set_c(arena, to, "serviceName", json_text(arena, service->name));
    json_set_c(arena, to, "serviceArn", json_text(arena, service->arn));
    json_set_c(arena, to, "clusterArn", json_text(arena, simulation_arn(s, "ecs", "cluster/%.*s", TEXT_ARG(service->cluster))));
    json_set_c(arena, to, "status", json_text(arena, service->status));
    json_set_c(arena, to, "desiredCount", json_integer(arena, service->desired));
    set_count(arena, to, "runningCount", running);
    set_count(arena, to, "pendingCount", pending);
    json_set_c(arena, to, "deployments", deployments);
    json_set_c(arena, to, "events", events_json(arena, service));
    json_set_c(arena, to, "createdAt", moment_json(arena, service->created_ms));
    json_set_c(arena, to, "tags", ecs_tags(arena, service->tags));
    set_defaults(arena, to);
    return to;
}

/* To be called before it is changed. */
static void touch(Simulation *s, Service *service)
{
    if (s->options.faults.stale)
        service->before = service_json(s, s->arena, service);
    service->changed_ms = s->now_ms;
}

static Json *service_view(Simulation *s, Arena *arena, const Service *service)
{
    const SimulationFaults *faults = &s->options.faults;
    if (!service->before || s->now_ms - service->changed_ms >= faults->stale_ms || !random_chance(s, faults->stale))
        return service_json(s, arena, service);
    s->counts.stale++;
    return json_share(arena, service->before);
}

ANSWERER(answer_services)
{
    const Json *names = json_get_c(r->in, "services");
    Json *list = json_array(r->arena);
    Json *failures = json_array(r->arena);
    Text cluster = request_text(r, "cluster");
    if (cluster.len && !thing_find(s, THING_CLUSTER, last_part(cluster))) {
        request_fail(r, "ClusterNotFoundException", "Cluster not found.");
        return;
    }
    for (size_t i = 0; i < json_item_count(names); i++) {
        const Service *service = service_find(s, cluster, names->items.items[i]->text);
        if (service) {
            json_add(r->arena, list, service_view(s, r->arena, service));
            continue;
        }
        Json *failure = json_object(r->arena);
        json_set_c(r->arena, failure, "arn", json_text(r->arena, simulation_arn(s, "ecs", "service/%.*s", TEXT_ARG(names->items.items[i]->text))));
        json_set_c(r->arena, failure, "reason", json_text_c(r->arena, "MISSING"));
        json_add(r->arena, failures, failure);
    }
    request_set(r, "services", list);
    request_set(r, "failures", failures);
}

/* --- changing --- */

static void learn_groups(Simulation *s, Service *service)
{
    const Json *balancers = json_get_c(service->members, "loadBalancers");
    service->groups = (TextArray){0};
    for (size_t i = 0; i < json_item_count(balancers); i++)
        ARRAY_PUSH(s->arena, &service->groups, text_at(balancers->items.items[i], "targetGroupArn"));
}

static bool check_roles(Simulation *s, Request *r, const Thing *definition)
{
    static const char *const roles[] = {"executionRoleArn", "taskRoleArn"};
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        Text arn = text_at(definition->describe, roles[i]);
        if (!arn.len || role_is_known(s, arn))
            continue;
        s->counts.role_refusals++;
        request_fail(r, "InvalidParameterException", "ECS was unable to assume the role '%.*s': verify that the ECS service role being passed has the proper permissions",
                     TEXT_ARG(arn));
        return false;
    }
    return true;
}

static bool check_groups(Simulation *s, Request *r)
{
    const Json *balancers = json_get_c(r->in, "loadBalancers");
    for (size_t i = 0; i < json_item_count(balancers); i++) {
        Text arn = text_at(balancers->items.items[i], "targetGroupArn");
        if (target_group_is_used(s, arn))
            continue;
        request_fail(r, "InvalidParameterException", "The target group with targetGroupArn %.*s does not have an associated load balancer.", TEXT_ARG(arn));
        return false;
    }
    return true;
}

ANSWERER(answer_create_service)
{
    Text cluster = request_text(r, "cluster");
    Text name = request_text(r, "serviceName");
    const Service *other = service_find(s, cluster, name);
    const Thing *definition = definition_find(s, request_text(r, "taskDefinition"));
    Text token = request_text(r, "clientToken");
    if (cluster.len && !thing_find(s, THING_CLUSTER, last_part(cluster))) {
        request_fail(r, "ClusterNotFoundException", "Cluster not found.");
        return;
    }
    if (is_active(other)) {
        if (token.len && text_equal(text_at(other->members, "clientToken"), token))
            request_set(r, "service", service_json(s, r->arena, other));
        else
            request_fail(r, "InvalidParameterException", "Creation of service was not idempotent.");
        return;
    }
    if (!definition) {
        request_fail(r, "ClientException", "TaskDefinition not found.");
        return;
    }
    if (!check_roles(s, r, definition) || !check_groups(s, r))
        return;
    Service *service = ARENA_NEW(s->arena, Service);
    *service = (Service){.name = arena_copy_text(s->arena, name), .cluster = arena_copy_text(s->arena, cluster.len ? last_part(cluster) : TEXT("default")), .status = TEXT("ACTIVE")};
    service->members = json_keep(s->arena, r->in);
    service->arn = simulation_arn(s, "ecs", "service/%.*s/%.*s", TEXT_ARG(service->cluster), TEXT_ARG(service->name));
    service->meter = arena_format(s->arena, "%.*s/%.*s", TEXT_ARG(service->cluster), TEXT_ARG(service->name));
    service->tags = tags_set(s->arena, NULL, json_get_c(r->in, "tags"));
    service->desired = number_at(r->in, "desiredCount", 0);
    service->created_ms = service->changed_ms = s->now_ms;
    learn_groups(s, service);
    json_set_c(s->arena, service->members, "taskDefinition", json_text(s->arena, definition->arn));
    ARRAY_PUSH(s->arena, &s->services, service);
    service_deploy(s, service, definition->arn);
    request_set(r, "service", service_json(s, r->arena, service));
}

/* What UpdateService changes that starts a deployment. */
static bool deploys(const Request *r, const Service *service)
{
    static const char *const members[] = {"taskDefinition", "networkConfiguration", "platformVersion", "loadBalancers", "serviceRegistries", "serviceConnectConfiguration",
                                          "volumeConfigurations", "vpcLatticeConfigurations"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const Json *given = json_get_c(r->in, members[i]);
        const Json *had = json_get_c(service->members, members[i]);
        if (given && !(had && json_equal(given, had)))
            return true;
    }
    return bool_at(r->in, "forceNewDeployment");
}

static void change_members(Simulation *s, const Request *r, Service *service)
{
    for (size_t i = 0; i < r->in->members.count; i++) {
        const JsonMember *member = &r->in->members.items[i];
        bool names = text_equal_c(member->key, "service") || text_equal_c(member->key, "cluster") || text_equal_c(member->key, "desiredCount");
        if (!names)
            json_set(s->arena, service->members, arena_copy_text(s->arena, member->key), json_keep(s->arena, member->value));
    }
    learn_groups(s, service);
}

ANSWERER(answer_update_service)
{
    Service *service = service_find(s, request_text(r, "cluster"), request_text(r, "service"));
    Text revision = request_text(r, "taskDefinition");
    const Thing *definition = revision.len ? definition_find(s, revision) : NULL;
    if (!is_active(service) || text_equal_c(service->status, "DRAINING")) {
        request_fail(r, service ? "ServiceNotActiveException" : "ServiceNotFoundException", "Service not %s.", service ? "active" : "found");
        return;
    }
    if (revision.len && !definition) {
        request_fail(r, "ClientException", "TaskDefinition not found.");
        return;
    }
    if (definition && !check_roles(s, r, definition))
        return;
    touch(s, service);
    Json *in = json_share(r->arena, r->in);
    if (definition)
        json_set_c(r->arena, in, "taskDefinition", json_text(r->arena, definition->arn));
    r->in = in;
    bool begins = deploys(r, service);
    change_members(s, r, service);
    if (json_get_c(r->in, "desiredCount"))
        service_scale(s, service, number_at(r->in, "desiredCount", service->desired));
    if (begins)
        service_deploy(s, service, text_at(service->members, "taskDefinition"));
    request_set(r, "service", service_json(s, r->arena, service));
}

ANSWERER(answer_delete_service)
{
    Service *service = service_find(s, request_text(r, "cluster"), request_text(r, "service"));
    if (!is_active(service)) {
        request_fail(r, "ServiceNotFoundException", "Service not found.");
        return;
    }
    if (service->desired > 0 && !bool_at(r->in, "force")) {
        request_fail(r, "InvalidParameterException", "The service cannot be stopped while it is scaled above 0.");
        return;
    }
    touch(s, service);
    service->status = TEXT("DRAINING");
    service->desired = 0;
    service_look(s, service);
    request_set(r, "service", service_json(s, r->arena, service));
}

/* --- deployments --- */

static Json *service_deployment_json(Arena *arena, const Service *service, const Deployment *deployment)
{
    Json *to = json_object(arena);
    Json *target = json_object(arena);
    Json *breaker = json_object(arena);
    set_count(arena, breaker, "failureCount", deployment->streak);
    json_set_c(arena, breaker, "status", json_text_c(arena, deployment->is_failed ? "TRIGGERED" : "MONITORING"));
    json_set_c(arena, target, "arn", json_text(arena, arena_format(arena, "%.*s-revision", TEXT_ARG(deployment->arn))));
    json_set_c(arena, to, "serviceDeploymentArn", json_text(arena, deployment->arn));
    json_set_c(arena, to, "serviceArn", json_text(arena, service->arn));
    json_set_c(arena, to, "status", json_text(arena, deployment->status));
    json_set_c(arena, to, "statusReason", json_text(arena, deployment->reason));
    json_set_c(arena, to, "targetServiceRevision", target);
    json_set_c(arena, to, "targetServiceRevisionArn", json_text(arena, text_at(target, "arn")));
    json_set_c(arena, to, "deploymentCircuitBreaker", breaker);
    json_set_c(arena, to, "createdAt", moment_json(arena, deployment->created_ms));
    json_set_c(arena, to, "startedAt", moment_json(arena, deployment->created_ms));
    json_set_c(arena, to, "finishedAt", deployment->finished_ms ? moment_json(arena, deployment->finished_ms) : NULL);
    return to;
}

/* The newest first. */
ANSWERER(answer_service_deployments)
{
    const Service *service = service_find(s, request_text(r, "cluster"), request_text(r, "service"));
    Json *list = json_array(r->arena);
    for (size_t i = service ? service->past.count : 0; i > 0; i--)
        json_add(r->arena, list, service_deployment_json(r->arena, service, service->past.items[i - 1]));
    if (service)
        request_set(r, "serviceDeployments", list);
    else
        request_fail(r, "ServiceNotFoundException", "Service not found.");
}

static Deployment *find_service_deployment(Simulation *s, Text arn, Service **of)
{
    for (size_t i = 0; i < s->services.count; i++)
        for (size_t j = 0; j < s->services.items[i]->past.count; j++)
            if (text_equal(s->services.items[i]->past.items[j]->arn, arn)) {
                *of = s->services.items[i];
                return s->services.items[i]->past.items[j];
            }
    return NULL;
}

ANSWERER(answer_describe_service_deployments)
{
    const Json *arns = json_get_c(r->in, "serviceDeploymentArns");
    Json *list = json_array(r->arena);
    for (size_t i = 0; i < json_item_count(arns); i++) {
        Service *service = NULL;
        const Deployment *deployment = find_service_deployment(s, arns->items.items[i]->text, &service);
        if (deployment)
            json_add(r->arena, list, service_deployment_json(r->arena, service, deployment));
    }
    request_set(r, "serviceDeployments", list);
}

ANSWERER(answer_stop_service_deployment)
{
    Service *service = NULL;
    Deployment *deployment = find_service_deployment(s, request_text(r, "serviceDeploymentArn"), &service);
    if (!deployment)
        request_fail(r, "ServiceDeploymentNotFoundException", "Service deployment not found.");
    else if (deployment->is_completed || deployment->is_failed)
        request_fail(r, "ConflictException", "The service deployment has ended.");
    else
        service_roll_back(s, service, deployment, "Service deployment rollback was requested by the user.");
    if (r->out)
        request_set_text(r, "serviceDeploymentArn", deployment->arn);
}

/* --- tasks --- */

static const char *task_state(const Task *task)
{
    static const char *const states[] = {"PROVISIONING", "PENDING", "RUNNING", "DEPROVISIONING", "STOPPED"};
    return states[task->state];
}

static Json *container_json(Simulation *s, Arena *arena, const Task *task)
{
    const Thing *definition = definition_find(s, task->definition);
    const Json *containers = definition ? json_get_c(definition->describe, "containerDefinitions") : NULL;
    Json *list = json_array(arena);
    for (size_t i = 0; i < json_item_count(containers); i++) {
        Json *one = json_object(arena);
        json_set_c(arena, one, "name", json_text(arena, text_at(containers->items.items[i], "name")));
        json_set_c(arena, one, "image", json_text(arena, text_at(containers->items.items[i], "image")));
        json_set_c(arena, one, "lastStatus", json_text_c(arena, task_state(task)));
        json_set_c(arena, one, "exitCode", task->has_exit ? json_integer(arena, task->exit_code) : NULL);
        json_add(arena, list, one);
    }
    return list;
}

static Json *task_json(Simulation *s, Arena *arena, const Task *task)
{
    Json *to = json_object(arena);
    bool ends = task->state == TASK_STOPPING || task->state == TASK_STOPPED;
    json_set_c(arena, to, "taskArn", json_text(arena, task->arn));
    json_set_c(arena, to, "taskDefinitionArn", json_text(arena, task->definition));
    json_set_c(arena, to, "lastStatus", json_text_c(arena, task_state(task)));
    json_set_c(arena, to, "desiredStatus", json_text_c(arena, ends ? "STOPPED" : "RUNNING"));
    json_set_c(arena, to, "startedBy", json_text(arena, task->started_by));
    json_set_c(arena, to, "containers", container_json(s, arena, task));
    json_set_c(arena, to, "startedAt", task->started_ms ? moment_json(arena, task->started_ms) : NULL);
    if (ends) {
        json_set_c(arena, to, "stopCode", json_text(arena, task->stop_code));
        json_set_c(arena, to, "stoppedReason", json_text(arena, task->stop_reason));
        json_set_c(arena, to, "stoppedAt", moment_json(arena, task->stopped_ms ? task->stopped_ms : s->now_ms));
    }
    return to;
}

typedef void (*TaskTaker)(Simulation *s, Request *r, Task *task, Json *list);

static void for_each_task(Simulation *s, Request *r, const Service *only, TaskTaker take, Json *list)
{
    for (size_t i = 0; i < s->services.count; i++) {
        const Service *service = s->services.items[i];
        for (size_t j = 0; (!only || only == service) && j < service->deployments.count; j++)
            for (size_t k = 0; k < service->deployments.items[j]->tasks.count; k++)
                take(s, r, service->deployments.items[j]->tasks.items[k], list);
    }
    for (size_t i = 0; !only && i < s->one_offs.count; i++)
        take(s, r, s->one_offs.items[i], list);
}

static void add_listed(Simulation *s, Request *r, Task *task, Json *list)
{
    (void)s;
    Text started_by = request_text(r, "startedBy");
    bool wants_stopped = text_equal_c(request_text(r, "desiredStatus"), "STOPPED");
    bool has_stopped = task->state == TASK_STOPPING || task->state == TASK_STOPPED;
    if (wants_stopped == has_stopped && (!started_by.len || text_equal(task->started_by, started_by)))
        json_add(r->arena, list, json_text(r->arena, task->arn));
}

ANSWERER(answer_list_tasks)
{
    Text name = request_text(r, "serviceName");
    const Service *service = name.len ? service_find(s, request_text(r, "cluster"), name) : NULL;
    Json *list = json_array(r->arena);
    if (!name.len || service)
        for_each_task(s, r, service, add_listed, list);
    request_set(r, "taskArns", list);
}

static bool is_named(const Json *names, Text arn)
{
    for (size_t i = 0; i < json_item_count(names); i++)
        if (text_equal(last_part(names->items.items[i]->text), last_part(arn)))
            return true;
    return false;
}

static void add_described(Simulation *s, Request *r, Task *task, Json *list)
{
    if (is_named(json_get_c(r->in, "tasks"), task->arn))
        json_add(r->arena, list, task_json(s, r->arena, task));
}

ANSWERER(answer_describe_tasks)
{
    Json *list = json_array(r->arena);
    for_each_task(s, r, NULL, add_described, list);
    request_set(r, "tasks", list);
    request_set(r, "failures", json_array(r->arena));
}

/* Of one client token there is one task. */
ANSWERER(answer_run_task)
{
    Text token = request_text(r, "clientToken");
    const Thing *definition = definition_find(s, request_text(r, "taskDefinition"));
    Task *task = NULL;
    if (!definition) {
        request_fail(r, "ClientException", "TaskDefinition not found.");
        return;
    }
    for (size_t i = 0; token.len && i < s->one_offs.count && !task; i++)
        task = text_equal(text_at(s->one_offs.items[i]->overrides, "token"), token) ? s->one_offs.items[i] : NULL;
    if (!task) {
        task = task_start(s, NULL, NULL, definition->arn);
        task->started_by = arena_copy_text(s->arena, request_text(r, "startedBy"));
        task->overrides = json_object(s->arena);
        json_set_c(s->arena, task->overrides, "token", json_text(s->arena, arena_copy_text(s->arena, token)));
        ARRAY_PUSH(s->arena, &s->one_offs, task);
    }
    Json *list = json_array(r->arena);
    json_add(r->arena, list, task_json(s, r->arena, task));
    request_set(r, "tasks", list);
    request_set(r, "failures", json_array(r->arena));
}

ANSWERER(answer_stop_task)
{
    for (size_t i = 0; i < s->one_offs.count; i++)
        if (text_equal(last_part(s->one_offs.items[i]->arn), last_part(request_text(r, "task"))))
            task_stop(s, NULL, s->one_offs.items[i], "UserInitiated", "Task stopped by user");
}
