/* What the recording knows of what the file relies on: images are pinned to their digests, and what is missing is told at its line
   (SPEC.md, "Recordings", facts). A recording without facts says nothing. */
#include "plan/plan.h"

#include "document/arn.h"
#include "plan/restart.h"

static const ReadJson *find_fact(const Plan *plan, const char *kind, Text name, bool *is_missing)
{
    const ReadJson *facts = plan->live ? plan->live->facts : NULL;
    Text key = arena_format(plan->arena, "%s/%.*s", kind, TEXT_ARG(name));
    const ReadJson *fact = facts ? json_read_member(facts, key.ptr) : NULL;
    *is_missing = fact && fact->kind == READ_NULL;
    return fact && fact->kind == READ_OBJECT ? fact : NULL;
}

static Text text_member(const Json *object, const char *key)
{
    const Json *value = json_get_c(object, key);
    return value && value->kind == JSON_TEXT ? value->text : TEXT_NONE;
}

Text plan_rollout_state(const Plan *plan, Text service)
{
    bool is_missing;
    return json_read_text(json_read_member(find_fact(plan, "rollout", service, &is_missing), "state"));
}

/* --- pinning --- */

static bool is_pinned(const Plan *plan, Text service, Text container)
{
    const Node *node = node_keyed_child(plan->model->file, W_SERVICE, service);
    const Node *image = node_child(node_keyed_child(node, W_CONTAINER, container), W_IMAGE);
    return node_flag(node_child(image, W_IMAGE_PINNED), true);
}

/* "host/name:tag" by its digest. */
static Text pin(const Plan *plan, Text image, Text digest)
{
    size_t slash = text_find_byte(image, '/');
    Text rest = text_slice(image, slash, image.len);
    return arena_format(plan->arena, "%.*s@%.*s", TEXT_ARG(text_slice(image, 0, slash + text_find_byte(rest, ':'))), TEXT_ARG(digest));
}

static Json *pin_container(const Plan *plan, const Resource *task, Json *container)
{
    bool is_missing;
    const Json *image = json_get_c(container, "image");
    Text text = text_member(container, "image");
    const ReadJson *fact = text.len ? find_fact(plan, "image", text, &is_missing) : NULL;
    Text digest = json_read_text(json_read_member(fact, "digest"));
    if (!digest.len || text_find_byte(text, '@') < text.len || !is_pinned(plan, task->service, text_member(container, "name")))
        return container;
    Json *copy = json_copy_node(plan->arena, container);
    json_set_c(plan->arena, copy, "image", json_at(json_text(plan->arena, pin(plan, text, digest)), image->origin));
    return copy;
}

void plan_pin_images(Plan *plan)
{
    for (size_t i = 0; plan->live && plan->live->facts && i < plan->resources->items.count; i++) {
        Resource *task = plan->resources->items.items[i];
        const Json *containers = task->kind == RESOURCE_TASK_DEFINITION ? json_get_c(task->input, "containerDefinitions") : NULL;
        if (!json_item_count(containers))
            continue;
        Json *list = json_copy_node(plan->arena, containers);
        for (size_t j = 0; j < list->items.count; j++)
            list->items.items[j] = pin_container(plan, task, list->items.items[j]);
        task->input = json_copy_node(plan->arena, task->input);
        json_set_c(plan->arena, task->input, "containerDefinitions", list);
    }
}

/* --- images --- */

static void check_architecture(const Plan *plan, Diagnostics *sink, const Resource *task, const Json *image, const ReadJson *fact)
{
    const ReadJson *architectures = json_read_member(fact, "architectures");
    Text wanted = text_equal_c(text_member(json_get_c(task->input, "runtimePlatform"), "cpuArchitecture"), "ARM64") ? TEXT("arm64") : TEXT("amd64");
    Text all = TEXT_NONE;
    if (!architectures || architectures->kind != READ_ARRAY)
        return;
    for (size_t i = 0; i < architectures->items.count; i++) {
        Text found = json_read_text(architectures->items.items[i]);
        if (text_equal(found, wanted))
            return;
        all = arena_format(plan->arena, "%.*s%s%.*s", TEXT_ARG(all), all.len ? ", " : "", TEXT_ARG(found));
    }
    Diagnostic *diagnostic = diagnostic_report(sink, CODE_IMAGE_ARCHITECTURE, image->origin, "this image is not built for %.*s", TEXT_ARG(wanted));
    diagnostic_set_label(sink, diagnostic, "it is built for %.*s", TEXT_ARG(all));
    diagnostic_set_advice(sink, diagnostic, "build it for %.*s as well, or run the service on another architecture", TEXT_ARG(wanted));
}

static void check_image(const Plan *plan, Diagnostics *sink, const Resource *task, const Json *image)
{
    bool is_missing;
    Text text = image && image->kind == JSON_TEXT ? image->text : TEXT_NONE;
    const ReadJson *fact = find_fact(plan, "image", text, &is_missing);
    if (is_missing) {
        Diagnostic *diagnostic = diagnostic_report(sink, CODE_IMAGE_MISSING, image->origin, "the image %.*s is not in ECR", TEXT_ARG(text));
        diagnostic_set_label(sink, diagnostic, "tasks could not start");
        diagnostic_set_advice(sink, diagnostic, "push it first, or correct the repository and the tag");
        return;
    }
    const ReadJson *critical = json_read_member(fact, "critical");
    if (critical && critical->kind == READ_NUMBER && critical->number.num > 0) {
        Diagnostic *diagnostic = diagnostic_report(sink, CODE_IMAGE_FINDINGS, image->origin, "ECR's scan found %lld critical vulnerabilit%s in this image",
                                                   (long long)critical->number.num, critical->number.num == 1 ? "y" : "ies");
        diagnostic_set_advice(sink, diagnostic, "look at them in ECR, and rebuild on a newer base");
    }
    if (fact)
        check_architecture(plan, sink, task, image, fact);
}

/* --- secrets and parameters --- */

/* "arn:…:secret:NAME:KEY:STAGE:VERSION": each part but the name may be empty or left out. The recording has the name without the six characters that
   Secrets Manager adds. */
static FactOfSecret fact_of_manager(const Plan *plan, Text resource)
{
    enum { SUFFIX = 7, PARTS = 4 };
    FactOfSecret found = {.what = "secret"};
    Text parts[PARTS] = {{0}};
    Text rest = text_slice(resource, text_find_byte(resource, ':') + 1, resource.len);
    for (size_t i = 0; i < PARTS; i++) {
        size_t end = text_find_byte(rest, ':');
        parts[i] = text_slice(rest, 0, end);
        rest = text_slice(rest, end + (end < rest.len), rest.len);
    }
    found.name = parts[0];
    found.is_version = parts[PARTS - 1].len > 0;
    found.fact = find_fact(plan, found.what, found.name, &found.is_missing);
    if (!found.fact && !found.is_missing && found.name.len > SUFFIX) {
        found.name = text_slice(found.name, 0, found.name.len - SUFFIX);
        found.fact = find_fact(plan, found.what, found.name, &found.is_missing);
    }
    const ReadJson *deleted = json_read_member(found.fact, "deleted");
    found.is_missing = found.is_missing || (deleted && deleted->kind == READ_BOOL && deleted->boolean);
    return found;
}

FactOfSecret fact_of_secret(const Plan *plan, Text from)
{
    Text resource = arn_part(from, ARN_RESOURCE);
    if (text_equal_c(arn_part(from, ARN_SERVICE), "secretsmanager"))
        return fact_of_manager(plan, resource);
    bool is_arn = text_equal_c(arn_part(from, ARN_SERVICE), "ssm");
    Text path = is_arn ? text_slice(resource, sizeof "parameter" - 1, resource.len) : from;
    Text rest = text_starts_with(path, TEXT("/")) ? text_slice(path, 1, path.len) : path;
    FactOfSecret found = {.what = "parameter", .name = is_arn && text_find_byte(rest, '/') == rest.len ? rest : path};
    found.fact = find_fact(plan, found.what, found.name, &found.is_missing);
    return found;
}

static void check_secrets(const Plan *plan, Diagnostics *sink, const Json *secrets)
{
    for (size_t i = 0; i < json_item_count(secrets); i++) {
        const Json *from = json_get_c(secrets->items.items[i], "valueFrom");
        FactOfSecret found = from && from->kind == JSON_TEXT ? fact_of_secret(plan, from->text) : (FactOfSecret){0};
        if (!found.is_missing)
            continue;
        Diagnostic *diagnostic = diagnostic_report(sink, CODE_SECRET_MISSING, from->origin, "the %s %.*s is not there", found.what, TEXT_ARG(found.name));
        diagnostic_set_label(sink, diagnostic, "tasks could not start");
        diagnostic_set_advice(sink, diagnostic, "create it in this account and region first, or correct its name");
    }
}

static void check_task(const Plan *plan, Diagnostics *sink, const Resource *task)
{
    const Json *containers = json_get_c(task->input, "containerDefinitions");
    for (size_t i = 0; i < json_item_count(containers); i++) {
        const Json *container = containers->items.items[i];
        check_image(plan, sink, task, json_get_c(container, "image"));
        check_secrets(plan, sink, json_get_c(container, "secrets"));
        check_secrets(plan, sink, json_get_c(json_get_c(container, "logConfiguration"), "secretOptions"));
    }
}

/* --- certificates --- */

static void check_certificates(const Plan *plan, Diagnostics *sink, const Resource *listener)
{
    const Json *certificates = json_get_c(listener->input, "Certificates");
    for (size_t i = 0; i < json_item_count(certificates); i++) {
        bool is_missing;
        const Json *arn = json_get_c(certificates->items.items[i], "CertificateArn");
        if (!arn || arn->kind != JSON_TEXT || !plan->live->facts)
            continue;
        Text status = json_read_text(json_read_member(find_fact(plan, "certificate", arn->text, &is_missing), "status"));
        bool is_elsewhere = text_equal_c(arn_part(arn->text, ARN_SERVICE), "acm") && (!text_equal(arn_part(arn->text, ARN_ACCOUNT), plan->account) ||
                                                                                      !text_equal(arn_part(arn->text, ARN_REGION), plan->region));
        if (!is_missing && !is_elsewhere && (!status.len || text_equal_c(status, "ISSUED")))
            continue;
        Diagnostic *diagnostic = diagnostic_report(sink, CODE_CERTIFICATE_UNUSABLE, span_is_none(arn->origin) ? listener->origin : arn->origin,
                                                   "this certificate cannot be used");
        if (is_elsewhere)
            diagnostic_set_label(sink, diagnostic, "it is not of account %.*s, %.*s", TEXT_ARG(plan->account), TEXT_ARG(plan->region));
        else if (is_missing)
            diagnostic_set_label(sink, diagnostic, "it is not there");
        else
            diagnostic_set_label(sink, diagnostic, "its status is %.*s", TEXT_ARG(status));
        diagnostic_set_advice(sink, diagnostic, "name a certificate of this account and region that is issued");
    }
}

/* --- topics, roles, places of rules --- */

static void check_existing(const Plan *plan, Diagnostics *sink, const char *kind, const Json *arn, const Resource *resource)
{
    bool is_missing = false;
    if (arn && arn->kind == JSON_TEXT)
        (void)find_fact(plan, kind, arn->text, &is_missing);
    if (!is_missing)
        return;
    Diagnostic *diagnostic = diagnostic_report(sink, CODE_LOOKUP_FAILED, span_is_none(arn->origin) ? resource->origin : arn->origin,
                                               "the %s %.*s is not there", kind, TEXT_ARG(arn->text));
    diagnostic_set_advice(sink, diagnostic, "correct its ARN, or create it first");
}

static void check_topics(const Plan *plan, Diagnostics *sink, const Resource *alarm)
{
    static const char *const lists[] = {"AlarmActions", "OKActions", "InsufficientDataActions"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const Json *actions = json_get_c(alarm->input, lists[i]);
        for (size_t j = 0; j < json_item_count(actions); j++)
            check_existing(plan, sink, "topic", actions->items.items[j], alarm);
    }
}

static void check_place(const Plan *plan, Diagnostics *sink, const Resource *rule)
{
    bool is_missing;
    Text other = json_read_text(json_read_member(find_fact(plan, "listener-rule", rule->id, &is_missing), "taken"));
    const Json *priority = json_get_c(rule->input, "Priority");
    if (!other.len || !priority || priority->kind != JSON_NUMBER)
        return;
    Text own = rational_to_text(plan->arena, priority->number);
    Diagnostic *diagnostic = diagnostic_report(sink, CODE_PRIORITY_IN_USE, span_is_none(priority->origin) ? rule->origin : priority->origin,
                                               "another rule of the listener has the priority %.*s", TEXT_ARG(own));
    diagnostic_set_label(sink, diagnostic, "svc did not make it: %.*s", TEXT_ARG(other));
    diagnostic_set_advice(sink, diagnostic, "say another place for this one: priority %.*s, or one that is free", TEXT_ARG(rational_to_text(plan->arena, rational_from_integer(priority->number.num + 1))));
}

/* --- clusters --- */

static void check_cluster(const Plan *plan, Diagnostics *sink, const Resource *service)
{
    bool is_missing;
    const Json *cluster = json_get_c(service->input, "cluster");
    Text name = cluster && cluster->kind == JSON_TEXT ? cluster->text : TEXT_NONE;
    (void)find_fact(plan, "cluster", name, &is_missing);
    if (!is_missing)
        return;
    Span origin = span_is_none(cluster->origin) ? service->origin : cluster->origin;
    Diagnostic *diagnostic = diagnostic_report(sink, CODE_LOOKUP_FAILED, origin, "the cluster %.*s is not there in account %.*s, %.*s", TEXT_ARG(name),
                                               TEXT_ARG(plan->account), TEXT_ARG(plan->region));
    diagnostic_set_advice(sink, diagnostic, "correct its name, or leave `existing` out to have it made");
}

/* --- ways out --- */

static bool has_endpoint(const ReadJson *fact, const char *service)
{
    const ReadJson *endpoints = json_read_member(fact, "endpoints");
    for (size_t i = 0; endpoints && endpoints->kind == READ_ARRAY && i < endpoints->items.count; i++)
        if (text_equal_c(json_read_text(endpoints->items.items[i]), service))
            return true;
    return false;
}

/* Of the services that the task needs to start, those that cannot be reached; empty: all can. */
static Text list_unreachable(const Plan *plan, const ReadJson *fact, const Resource *task)
{
    static const struct {
        const char *service;
        const char *sign; /* in the task definition */
    } needs[] = {{"ecr.api", ".dkr.ecr."}, {"ecr.dkr", ".dkr.ecr."}, {"s3", ".dkr.ecr."}, {"logs", "awslogs"}, {"secretsmanager", ":secretsmanager:"}, {"ssm", ":ssm:"}};
    Buffer written = {0};
    Text all = TEXT_NONE;
    json_write(&written, task->input, 0);
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
        Text text = buffer_text(&written);
        if (text_find(text, text_from_c(needs[i].sign)) < text.len && !has_endpoint(fact, needs[i].service))
            all = arena_format(plan->arena, "%.*s%s%s", TEXT_ARG(all), all.len ? ", " : "", needs[i].service);
    }
    buffer_free(&written);
    return all;
}

static const Resource *task_of(const Plan *plan, Text service)
{
    for (size_t i = 0; i < plan->resources->items.count; i++)
        if (plan->resources->items.items[i]->kind == RESOURCE_TASK_DEFINITION && text_equal(plan->resources->items.items[i]->service, service))
            return plan->resources->items.items[i];
    return NULL;
}

static void check_subnet(const Plan *plan, Diagnostics *sink, const Resource *service, Text subnet, bool is_public)
{
    bool is_missing;
    const ReadJson *fact = find_fact(plan, "subnet", subnet, &is_missing);
    const Resource *task = task_of(plan, service->service);
    Text route = json_read_text(json_read_member(fact, "route"));
    bool has_way = route.len && (is_public || !text_starts_with(route, TEXT("igw-")));
    Text unreachable = fact && task && !has_way ? list_unreachable(plan, fact, task) : TEXT_NONE;
    if (!unreachable.len)
        return;
    Diagnostic *diagnostic = diagnostic_report(sink, CODE_NO_WAY_OUT, service->origin, "tasks in subnet %.*s cannot reach %.*s", TEXT_ARG(subnet), TEXT_ARG(unreachable));
    diagnostic_set_label(sink, diagnostic, route.len ? "its default route is an internet gateway, which serves public addresses only" : "it has no default route");
    diagnostic_set_advice(sink, diagnostic, "give it a NAT gateway, or VPC endpoints of these services");
}

static void check_ways(const Plan *plan, Diagnostics *sink, const Resource *service)
{
    const Json *network = json_get_c(json_get_c(service->input, "networkConfiguration"), "awsvpcConfiguration");
    const Json *subnets = json_get_c(network, "subnets");
    bool is_public = text_equal_c(text_member(network, "assignPublicIp"), "ENABLED");
    for (size_t i = 0; i < json_item_count(subnets); i++) {
        const Json *subnet = subnets->items.items[i];
        if (subnet->kind == JSON_TEXT)
            check_subnet(plan, sink, service, subnet->text, is_public);
        if (subnet->kind != JSON_REFERENCE || !plan->live->lookups)
            continue;
        Text key = arena_format(plan->arena, "%.*s#%.*s", TEXT_ARG(subnet->reference->resource), TEXT_ARG(subnet->reference->attribute));
        const ReadJson *found = json_read_member(plan->live->lookups, key.ptr);
        for (size_t j = 0; found && found->kind == READ_ARRAY && j < found->items.count; j++)
            check_subnet(plan, sink, service, json_read_text(found->items.items[j]), is_public);
    }
}

bool plan_check_facts(Arena *arena, Diagnostics *sink, const Model *model, const Resources *resources, const Recording *live)
{
    Plan plan = {.arena = arena, .sources = sink->sources, .model = model, .resources = resources, .live = live, .account = live->account, .region = live->region};
    size_t errors = sink->error_count;
    for (size_t i = 0; live->facts && i < resources->items.count; i++) {
        const Resource *resource = resources->items.items[i];
        if (resource->kind == RESOURCE_ALARM)
            check_topics(&plan, sink, resource);
        if (resource->kind == RESOURCE_LISTENER_RULE)
            check_place(&plan, sink, resource);
        if (resource->kind == RESOURCE_TASK_DEFINITION) {
            check_existing(&plan, sink, "role", json_get_c(resource->input, "taskRoleArn"), resource);
            check_existing(&plan, sink, "role", json_get_c(resource->input, "executionRoleArn"), resource);
        }
        if (resource->kind == RESOURCE_TASK_DEFINITION)
            check_task(&plan, sink, resource);
        else if (resource->kind == RESOURCE_LISTENER)
            check_certificates(&plan, sink, resource);
        if (resource->kind == RESOURCE_SERVICE)
            check_cluster(&plan, sink, resource);
        if (resource->kind == RESOURCE_SERVICE)
            check_ways(&plan, sink, resource);
    }
    return sink->error_count == errors;
}
