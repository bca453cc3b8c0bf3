/* What is asked for by its name. */
#include "document/arn.h"
#include "live/reader.h"

/* --- questions --- */

static const Question tagged_question = {.service = "resourcegroupstaggingapi", .operation = "GetResources", .results = "ResourceTagMappingList",
                                         .more = {"ResourceTypeFilters", "[cloudwatch:alarm ecs:cluster ecs:service elasticloadbalancing logs ssm:parameter]",
                                                  "ResourcesPerPage", "100"}};

/* By kind; the others are found by what they hang on. */
static const Question named[RESOURCE_KIND_COUNT] = {
    [RESOURCE_CLUSTER] = {.service = "ecs", .operation = "DescribeClusters", .names = "clusters", .batch = 100, .results = "clusters", .key = "clusterName",
                          .more = {"include", "[CONFIGURATIONS SETTINGS TAGS]"}},
    [RESOURCE_SERVICE] = {.service = "ecs", .operation = "DescribeServices", .names = "services", .batch = 10, .group = "cluster", .results = "services",
                          .key = "serviceName", .more = {"include", "[TAGS]"}},
    [RESOURCE_TASK_DEFINITION] = {.service = "ecs", .operation = "DescribeTaskDefinition", .names = "taskDefinition", .more = {"include", "[TAGS]"}},
    [RESOURCE_LOG_GROUP] = {.service = "logs", .operation = "DescribeLogGroups", .names = "logGroupIdentifiers", .batch = 50, .results = "logGroups",
                            .key = "logGroupName"},
    [RESOURCE_METRIC_FILTER] = {.service = "logs", .operation = "DescribeMetricFilters", .names = "logGroupName", .results = "metricFilters"},
    [RESOURCE_SCALABLE_TARGET] = {.service = "application-autoscaling", .operation = "DescribeScalableTargets", .names = "ResourceIds", .batch = 50,
                                  .results = "ScalableTargets", .key = "ResourceId", .more = {"ServiceNamespace", "ecs"}},
    [RESOURCE_SCALING_POLICY] = {.service = "application-autoscaling", .operation = "DescribeScalingPolicies", .names = "ResourceId",
                                 .results = "ScalingPolicies", .more = {"ServiceNamespace", "ecs"}},
    [RESOURCE_SCHEDULED_ACTION] = {.service = "application-autoscaling", .operation = "DescribeScheduledActions", .results = "ScheduledActions",
                                   .more = {"ServiceNamespace", "ecs"}},
    [RESOURCE_ALARM] = {.service = "cloudwatch", .operation = "DescribeAlarms", .names = "AlarmNames", .batch = 100, .results = "MetricAlarms", .key = "AlarmName",
                        .more = {"MaxRecords", "100"}},
    [RESOURCE_DASHBOARD] = {.service = "cloudwatch", .operation = "GetDashboard", .names = "DashboardName"},
    [RESOURCE_PARAMETER] = {.service = "ssm", .operation = "GetParameters", .names = "Names", .batch = 10, .results = "Parameters", .key = "Name"},
    [RESOURCE_SCHEDULE] = {.service = "scheduler", .operation = "GetSchedule", .names = "Name"},
};

static const Question dashboards_question = {.service = "cloudwatch", .operation = "ListDashboards", .results = "DashboardEntries"};
/* Their descriptions: GetParameters does not say them. */
static const Question parameters_question = {.service = "ssm", .operation = "DescribeParameters", .results = "Parameters", .more = {"MaxResults", "50"}};

static const Question alarm_tags = {.service = "cloudwatch", .operation = "ListTagsForResource", .names = "ResourceARN"};
static const Question log_group_tags = {.service = "logs", .operation = "ListTagsForResource", .names = "resourceArn"};
static const Question parameter_tags = {.service = "ssm", .operation = "ListTagsForResource", .names = "ResourceId", .more = {"ResourceType", "Parameter"}};
static const Question balancer_tags = {.service = "elbv2", .operation = "DescribeTags", .names = "ResourceArns", .batch = 20, .results = "TagDescriptions",
                                       .key = "ResourceArn"};

/* --- what carries the project's tags --- */

static Json *tag_filter(Reader *reader, const char *key, Text value)
{
    Json *filter = reader_object(reader, "Key", text_from_c(key));
    Json *values = json_array(reader->arena);
    json_add(reader->arena, values, json_text(reader->arena, value));
    json_set_c(reader->arena, filter, "Values", values);
    return filter;
}

static void take_tagged(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    (void)subject;
    Json *tags = json_get_c(result, "Tags");
    if (!result || !reader_owns(reader, tags))
        return;
    Tagged *tagged = ARENA_NEW(reader->arena, Tagged);
    Text arn = reader_text(result, "ResourceARN");
    if (text_ends_with(arn, TEXT(":*"))) /* of a log group, in one of its two forms */
        arn = text_slice(arn, 0, arn.len - 2);
    Tagged **place = &reader->tagged_index[text_hash(arn) & (READER_PLACES - 1)];
    *tagged = (Tagged){.arn = arn, .tags = tags, .next = *place};
    *place = tagged;
    ARRAY_PUSH(reader->arena, &reader->tagged, tagged);
}

void find_tagged(Reader *reader)
{
    const Model *model = reader->input->model;
    Json *input = json_object(reader->arena);
    Json *filters = json_array(reader->arena);
    json_add(reader->arena, filters, tag_filter(reader, "svc:project", model->project));
    if (model->environment.name.len)
        json_add(reader->arena, filters, tag_filter(reader, "svc:environment", model->environment.name));
    json_set_c(reader->arena, input, "TagFilters", filters);
    asker_list(reader->asker, &tagged_question, input, NULL, take_tagged);
}

/* --- what is there --- */

static bool is_status(const Json *json, const char *status)
{
    return text_equal_c(reader_text(json, "status"), status);
}

static void take_thing(void *context, void *subject, Json *result);

static void ask_thing(Reader *reader, Thing *thing)
{
    asker_ask(reader->asker, &named[thing->kind], thing->group, thing->name, thing, take_thing);
}

/* Once: what is found may be declared as well. */
static Thing *ask_new(Reader *reader, ResourceKind kind, Text group, Text name)
{
    Thing *thing = reader_find(reader, kind, group, name);
    if (thing)
        return thing;
    thing = reader_want(reader, kind, group, name);
    ask_thing(reader, thing);
    return thing;
}

/* The declared resource of this kind in the service; NULL: none. */
static const Resource *declared_of(const Reader *reader, ResourceKind kind, Text service)
{
    for (size_t i = 0; service.len && i < reader->input->resources->items.count; i++) {
        const Resource *resource = reader->input->resources->items.items[i];
        if (resource->kind == kind && text_equal(resource->service, service))
            return resource;
    }
    return NULL;
}

/* "<service>-<environment>" */
static Text default_name(const Reader *reader, Text service)
{
    Text environment = reader->input->model->environment.name;
    return environment.len ? arena_format(reader->arena, "%.*s-%.*s", TEXT_ARG(service), TEXT_ARG(environment)) : service;
}

static Text task_definition_name(Text arn)
{
    size_t slash = text_find_byte(arn, '/');
    return slash < arn.len ? text_slice(arn, slash + 1, arn.len) : arn;
}

/* The revision that a service runs, or the family's newest. */
static void ask_task_definition(Reader *reader, Text service, Text id, const Resource *resource, Text which)
{
    Thing *thing = reader_want(reader, RESOURCE_TASK_DEFINITION, service, which);
    thing->id = id;
    if (resource)
        reader_declare(reader, thing, resource);
    asker_ask(reader->asker, &named[RESOURCE_TASK_DEFINITION], TEXT_NONE, which, thing, take_thing);
}

static Text primary_revision(const Json *service)
{
    const Json *deployments = json_get_c(service, "deployments");
    for (size_t i = 0; i < json_item_count(deployments); i++)
        if (is_status(deployments->items.items[i], "PRIMARY"))
            return reader_text(deployments->items.items[i], "taskDefinition");
    return reader_text(service, "taskDefinition");
}

static void take_service(Reader *reader, Thing *thing)
{
    Text said = thing->describe ? reader_tag(json_get_c(thing->describe, "tags"), "svc:service") : TEXT_NONE;
    Text service = thing->resource ? thing->resource->service : said;
    const Resource *definition = declared_of(reader, RESOURCE_TASK_DEFINITION, service);
    Text id = arena_format(reader->arena, "%.*s/task-definition", TEXT_ARG(service));
    if (thing->describe)
        ask_task_definition(reader, service, id, definition, task_definition_name(primary_revision(thing->describe)));
    else if (definition)
        ask_task_definition(reader, service, id, definition, definition->name);
}

/* What is in the answer of an operation that gives several of a kind, for one that they hang on. */
static Thing *take_part(Reader *reader, Thing *owner, ResourceKind kind, Text name, const char *folder, Json *result)
{
    Thing *thing = reader_find(reader, kind, owner->name, name);
    Text service = owner->resource ? owner->resource->service : TEXT_NONE;
    if (!service.len)
        service = text_slice(owner->id, 0, text_find_byte(owner->id, '/'));
    Text prefix = arena_format(reader->arena, "%.*s-", TEXT_ARG(default_name(reader, service)));
    if (!thing && !text_starts_with(name, prefix))
        return NULL; /* made by others */
    if (!thing) {
        thing = reader_want(reader, kind, owner->name, name);
        thing->id = arena_format(reader->arena, "%.*s/%s/%.*s", TEXT_ARG(service), folder, TEXT_ARG(text_slice(name, prefix.len, name.len)));
    }
    thing->parent = owner->resource ? owner->resource->id : owner->id;
    thing->describe = result;
    return thing;
}

static void take_policy(void *context, void *subject, Json *result)
{
    if (!result)
        return;
    Thing *policy = take_part(context, subject, RESOURCE_SCALING_POLICY, reader_text(result, "PolicyName"), "scaling", result);
    if (policy)
        policy->arn = reader_text(result, "PolicyARN");
}

static void take_filter(void *context, void *subject, Json *result)
{
    if (result)
        (void)take_part(context, subject, RESOURCE_METRIC_FILTER, reader_text(result, "filterName"), "metric-filter", result);
}

static void take_action(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    (void)subject;
    Thing *target = result ? reader_find(reader, RESOURCE_SCALABLE_TARGET, TEXT_NONE, reader_text(result, "ResourceId")) : NULL;
    if (target)
        (void)take_part(reader, target, RESOURCE_SCHEDULED_ACTION, reader_text(result, "ScheduledActionName"), "scaling", result);
}

static void take_log_group(Reader *reader, Thing *thing)
{
    const Json *count = json_get_c(thing->describe, "metricFilterCount");
    bool has_filters = count && count->kind == JSON_NUMBER && count->number.num > 0;
    for (size_t i = 0; !has_filters && i < reader->things.count; i++)
        has_filters = reader->things.items[i]->kind == RESOURCE_METRIC_FILTER && text_equal(reader->things.items[i]->group, thing->name);
    thing->arn = reader_text(thing->describe, "arn");
    if (text_ends_with(thing->arn, TEXT(":*")))
        thing->arn = text_slice(thing->arn, 0, thing->arn.len - 2);
    if (has_filters)
        asker_ask(reader->asker, &named[RESOURCE_METRIC_FILTER], TEXT_NONE, thing->name, thing, take_filter);
}

/* GetParameter's form: the one parameter, and its tags beside it. */
static void take_parameter(Reader *reader, Thing *thing)
{
    Json *whole = json_object(reader->arena);
    json_set_c(reader->arena, whole, "Parameter", thing->describe);
    thing->arn = reader_text(thing->describe, "ARN");
    thing->describe = whole;
}

static void take_schedule(Reader *reader, Thing *thing)
{
    const Json *target = json_get_c(json_get_c(thing->describe, "Target"), "EcsParameters");
    Text definition = task_definition_name(reader_text(target, "TaskDefinitionArn"));
    thing->arn = reader_text(thing->describe, "Arn");
    if (thing->resource || !definition.len)
        return;
    Text service = text_slice(thing->id, 0, text_find_byte(thing->id, '/'));
    ask_task_definition(reader, service, arena_format(reader->arena, "%.*s/task-definition", TEXT_ARG(service)), NULL,
                        text_slice(definition, 0, text_find_byte(definition, ':')));
}

static bool is_gone(const Thing *thing)
{
    const Json *json = thing->describe;
    if (thing->kind == RESOURCE_SERVICE || thing->kind == RESOURCE_CLUSTER)
        return is_status(json, "INACTIVE") || is_status(json, "DRAINING") || is_status(json, "DEPROVISIONING");
    return false;
}

static void take_found(Reader *reader, Thing *thing)
{
    const Json *tags = json_get_c(thing->describe, "tags");
    if (tags && reader_owns(reader, tags))
        thing->id = reader_tag(tags, "svc:id");
    switch (thing->kind) {
    case RESOURCE_CLUSTER: thing->arn = reader_text(thing->describe, "clusterArn"); break;
    case RESOURCE_SERVICE: thing->arn = reader_text(thing->describe, "serviceArn"); break;
    case RESOURCE_TASK_DEFINITION: thing->arn = reader_text(json_get_c(thing->describe, "taskDefinition"), "taskDefinitionArn"); break;
    case RESOURCE_ALARM: thing->arn = reader_text(thing->describe, "AlarmArn"); break;
    case RESOURCE_DASHBOARD: thing->arn = reader_text(thing->describe, "DashboardArn"); break;
    case RESOURCE_LOG_GROUP: take_log_group(reader, thing); break;
    case RESOURCE_PARAMETER: take_parameter(reader, thing); break;
    case RESOURCE_SCHEDULE: take_schedule(reader, thing); break;
    case RESOURCE_SCALABLE_TARGET:
        thing->arn = reader_text(thing->describe, "ScalableTargetARN");
        asker_ask(reader->asker, &named[RESOURCE_SCALING_POLICY], TEXT_NONE, thing->name, thing, take_policy);
        break;
    case RESOURCE_METRIC_FILTER:
    case RESOURCE_ROLE:
    case RESOURCE_SECURITY_GROUP:
    case RESOURCE_SECURITY_GROUP_RULE:
    case RESOURCE_SECURITY_GROUP_EGRESS:
    case RESOURCE_LOAD_BALANCER:
    case RESOURCE_LISTENER:
    case RESOURCE_TARGET_GROUP:
    case RESOURCE_LISTENER_RULE:
    case RESOURCE_TASK_RUN:
    case RESOURCE_SCALING_POLICY:
    case RESOURCE_SCHEDULED_ACTION:
    case RESOURCE_ROLLOUT:
    case RESOURCE_KIND_COUNT: break;
    }
}

static void take_thing(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    Thing *thing = subject;
    thing->describe = result;
    if (result && is_gone(thing))
        thing->describe = NULL;
    if (thing->describe)
        take_found(reader, thing);
    if (thing->kind == RESOURCE_SERVICE)
        take_service(reader, thing);
}

/* --- what is wanted --- */

static bool has_service(const Reader *reader, const Resource *definition)
{
    return declared_of(reader, RESOURCE_SERVICE, definition->service) != NULL;
}

static void want_declared(Reader *reader, const Resource *resource)
{
    if (resource->kind == RESOURCE_TASK_DEFINITION) {
        if (!has_service(reader, resource))
            ask_task_definition(reader, resource->service, resource->id, resource, resource->name);
        return;
    }
    if (!named[resource->kind].operation)
        return;
    Thing *thing = reader_want(reader, resource->kind, reader_group(reader, resource), reader_name(reader, resource));
    reader_declare(reader, thing, resource);
    if (resource->kind == RESOURCE_SCALABLE_TARGET)
        thing->parent = arena_format(reader->arena, "%.*s/service", TEXT_ARG(resource->service));
    bool is_part = resource->kind == RESOURCE_METRIC_FILTER || resource->kind == RESOURCE_SCALING_POLICY || resource->kind == RESOURCE_SCHEDULED_ACTION;
    if (!is_part && resource->kind != RESOURCE_DASHBOARD)
        ask_thing(reader, thing);
}

/* The parts of a service that is not declared any more. */
static void want_undeclared_service(Reader *reader, Text cluster, Text name, const Tagged *tagged)
{
    Text service = reader_tag(tagged->tags, "svc:service");
    Text id = arena_format(reader->arena, "service/%.*s/%.*s", TEXT_ARG(cluster), TEXT_ARG(name));
    Thing *target = ask_new(reader, RESOURCE_SCALABLE_TARGET, TEXT_NONE, id);
    if (target->resource || target->id.len)
        return;
    target->id = arena_format(reader->arena, "%.*s/scaling/target", TEXT_ARG(service));
    target->parent = reader_tag(tagged->tags, "svc:id");
}

static void want_undeclared(Reader *reader, const Tagged *tagged)
{
    Text resource = arn_part(tagged->arn, ARN_RESOURCE);
    Text service = arn_part(tagged->arn, ARN_SERVICE);
    size_t slash = text_find_byte(resource, '/');
    Text type = text_slice(resource, 0, slash);
    Text name = slash < resource.len ? text_slice(resource, slash + 1, resource.len) : TEXT_NONE;
    if (text_equal_c(service, "ecs") && text_equal_c(type, "cluster")) {
        (void)ask_new(reader, RESOURCE_CLUSTER, TEXT_NONE, name);
    } else if (text_equal_c(service, "ecs") && text_equal_c(type, "service")) {
        if (!reader_tag(tagged->tags, "svc:id").len)
            return; /* a rollout's canary */
        size_t second = text_find_byte(name, '/');
        if (second == name.len)
            return; /* the short form of long ago does not say the cluster */
        Text cluster = text_slice(name, 0, second);
        Text own = text_slice(name, second + 1, name.len);
        (void)ask_new(reader, RESOURCE_SERVICE, cluster, own);
        want_undeclared_service(reader, cluster, own, tagged);
    } else if (text_equal_c(service, "logs") && text_starts_with(resource, TEXT("log-group:"))) {
        Text rest = text_slice(resource, sizeof "log-group:" - 1, resource.len);
        (void)ask_new(reader, RESOURCE_LOG_GROUP, TEXT_NONE, text_slice(rest, 0, text_find_byte(rest, ':')));
    } else if (text_equal_c(service, "cloudwatch") && text_starts_with(resource, TEXT("alarm:"))) {
        (void)ask_new(reader, RESOURCE_ALARM, TEXT_NONE, text_slice(resource, sizeof "alarm:" - 1, resource.len));
    } else if (text_equal_c(service, "ssm") && text_equal_c(type, "parameter")) {
        bool is_path = text_find_byte(name, '/') < name.len;
        (void)ask_new(reader, RESOURCE_PARAMETER, TEXT_NONE, is_path ? text_slice(resource, slash, resource.len) : name);
    }
}

/* It has no tags, but the path and the tags of its role tell of it. */
void find_undeclared_schedule(Reader *reader, Text service)
{
    Thing *thing = ask_new(reader, RESOURCE_SCHEDULE, TEXT_NONE, default_name(reader, service));
    if (thing->resource)
        return;
    thing->id = arena_format(reader->arena, "%.*s/schedule", TEXT_ARG(service));
    thing->parent = arena_format(reader->arena, "%.*s/role/schedule", TEXT_ARG(service));
}

/* --- dashboards: they have no tags, but a name that tells --- */

static void want_dashboards_of(Reader *reader, Text service)
{
    Text name = arena_format(reader->arena, "%.*s-%.*s", TEXT_ARG(default_name(reader, service)), TEXT_ARG(reader->input->region));
    Thing *thing = reader_want(reader, RESOURCE_DASHBOARD, TEXT_NONE, name);
    if (thing->resource || thing->id.len)
        return;
    thing->id = arena_format(reader->arena, "%.*s/dashboard", TEXT_ARG(service));
    thing->parent = arena_format(reader->arena, "%.*s/service", TEXT_ARG(service));
}

static void take_dashboard_entry(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    (void)subject;
    Thing *thing = result ? reader_find(reader, RESOURCE_DASHBOARD, TEXT_NONE, reader_text(result, "DashboardName")) : NULL;
    if (thing)
        ask_thing(reader, thing);
}

static void find_dashboards(Reader *reader)
{
    for (size_t i = 0; i < reader->input->resources->items.count; i++)
        if (reader->input->resources->items.items[i]->kind == RESOURCE_SERVICE)
            want_dashboards_of(reader, reader->input->resources->items.items[i]->service);
    for (size_t i = 0; i < reader->tagged.count; i++)
        if (text_ends_with(reader_tag(reader->tagged.items[i]->tags, "svc:id"), TEXT("/service")))
            want_dashboards_of(reader, reader_tag(reader->tagged.items[i]->tags, "svc:service"));
    for (size_t i = 0; i < reader->things.count; i++) {
        if (reader->things.items[i]->kind == RESOURCE_DASHBOARD) {
            asker_list(reader->asker, &dashboards_question, NULL, NULL, take_dashboard_entry);
            return;
        }
    }
}

/* --- parameters --- */

static void take_description(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    (void)subject;
    Thing *thing = result ? reader_find(reader, RESOURCE_PARAMETER, TEXT_NONE, reader_text(result, "Name")) : NULL;
    Json *parameter = thing ? json_get_c(thing->describe, "Parameter") : NULL;
    static const char *const members[] = {"Description", "KeyId", "Tier"};
    for (size_t i = 0; parameter && i < sizeof members / sizeof *members; i++)
        json_set_c(reader->arena, parameter, members[i], json_get_c(result, members[i]));
}

static void ask_descriptions(Reader *reader, Json *names)
{
    Json *filter = reader_object(reader, "Key", TEXT("Name"));
    Json *filters = json_array(reader->arena);
    Json *input = json_object(reader->arena);
    json_set_c(reader->arena, filter, "Values", names);
    json_add(reader->arena, filters, filter);
    json_set_c(reader->arena, input, "ParameterFilters", filters);
    asker_list(reader->asker, &parameters_question, input, NULL, take_description);
}

static void find_descriptions(Reader *reader)
{
    enum { BATCH = 50 };
    Json *names = json_array(reader->arena);
    for (size_t i = 0; i < reader->things.count; i++) {
        const Thing *thing = reader->things.items[i];
        if (thing->kind != RESOURCE_PARAMETER || !thing->describe)
            continue;
        json_add(reader->arena, names, json_text(reader->arena, thing->name));
        if (names->items.count == BATCH) {
            ask_descriptions(reader, names);
            names = json_array(reader->arena);
        }
    }
    if (names->items.count)
        ask_descriptions(reader, names);
}

void find_named(Reader *reader)
{
    bool has_targets = false;
    for (size_t i = 0; i < reader->input->resources->items.count; i++)
        want_declared(reader, reader->input->resources->items.items[i]);
    for (size_t i = 0; i < reader->tagged.count; i++)
        want_undeclared(reader, reader->tagged.items[i]);
    find_dashboards(reader);
    for (size_t i = 0; i < reader->things.count; i++)
        has_targets = has_targets || reader->things.items[i]->kind == RESOURCE_SCALABLE_TARGET;
    if (has_targets)
        asker_list(reader->asker, &named[RESOURCE_SCHEDULED_ACTION], NULL, NULL, take_action);
}

/* --- tags that were not found with the others: those lag behind --- */

/* As the logs' own operation answers them. */
static Json *tag_object(Reader *reader, const Json *tags)
{
    Json *object = json_object(reader->arena);
    for (size_t i = 0; i < json_item_count(tags); i++)
        json_set(reader->arena, object, reader_text(tags->items.items[i], "Key"), json_get_c(tags->items.items[i], "Value"));
    return object;
}

static void set_tags(Reader *reader, Thing *thing, Json *tags)
{
    if (thing->kind == RESOURCE_LOG_GROUP)
        json_set_c(reader->arena, thing->describe, "tags", tags && tags->kind == JSON_OBJECT ? tags : tag_object(reader, tags));
    else
        json_set_c(reader->arena, thing->describe, "Tags", tags ? tags : json_array(reader->arena));
    if (!thing->id.len && reader_owns(reader, tags))
        thing->id = reader_tag(tags, "svc:id");
}

static void take_tags(void *context, void *subject, Json *result)
{
    static const char *const members[] = {"Tags", "tags", "TagList"};
    Json *tags = NULL;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        tags = tags ? tags : json_get_c(result, members[i]);
    set_tags(context, subject, tags);
}

static const Question *tag_question(ResourceKind kind)
{
    switch (kind) {
    case RESOURCE_ALARM: return &alarm_tags;
    case RESOURCE_LOG_GROUP: return &log_group_tags;
    case RESOURCE_PARAMETER: return &parameter_tags;
    case RESOURCE_LOAD_BALANCER:
    case RESOURCE_LISTENER:
    case RESOURCE_TARGET_GROUP:
    case RESOURCE_LISTENER_RULE: return &balancer_tags;
    case RESOURCE_CLUSTER:
    case RESOURCE_METRIC_FILTER:
    case RESOURCE_ROLE:
    case RESOURCE_SECURITY_GROUP:
    case RESOURCE_SECURITY_GROUP_RULE:
    case RESOURCE_SECURITY_GROUP_EGRESS:
    case RESOURCE_TASK_DEFINITION:
    case RESOURCE_SERVICE:
    case RESOURCE_TASK_RUN:
    case RESOURCE_SCALABLE_TARGET:
    case RESOURCE_SCALING_POLICY:
    case RESOURCE_SCHEDULED_ACTION:
    case RESOURCE_DASHBOARD:
    case RESOURCE_SCHEDULE:
    case RESOURCE_ROLLOUT:
    case RESOURCE_KIND_COUNT: break;
    }
    return NULL;
}

void find_tags(Reader *reader)
{
    find_descriptions(reader);
    for (size_t i = 0; i < reader->things.count; i++) {
        Thing *thing = reader->things.items[i];
        const Question *question = thing->describe ? tag_question(thing->kind) : NULL;
        const Tagged *tagged = question ? reader_find_tagged(reader, thing->arn) : NULL;
        if (tagged)
            set_tags(reader, thing, tagged->tags);
        else if (question)
            asker_ask(reader->asker, question, TEXT_NONE, thing->kind == RESOURCE_PARAMETER ? thing->name : thing->arn, thing, take_tags);
    }
}
