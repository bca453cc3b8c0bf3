#include "emit/emit.h"

#include "emit/aws_block.h"
#include "emit/network.h"
#include "emit/rollout_policy.h"
#include "schema/partition.h"

/* --- routes --- */

/* The declared listener that a route is on: by its port, or the only one. NULL when the load balancer declares none, or after a report. */
static const Node *find_listener(Emission *emission, const Node *route, const Node *load_balancer)
{
    const Node *on = node_child(route, W_ROUTE_LISTENER);
    int64_t port = node_integer(on, 0, 0);
    const Node *found = NULL;
    size_t count = 0;
    NODE_EACH(listener, load_balancer, W_LISTEN)
    {
        bool fits = !on || node_integer(listener, 1, -1) == port;
        found = fits ? listener : found;
        count += fits;
    }
    if (count == 1 || !node_child(load_balancer, W_LISTEN))
        return found;
    const char *owner = load_balancer->row->word;
    Diagnostic *diagnostic;
    if (on && !count) {
        diagnostic = diagnostic_report(emission->sink, CODE_LISTENER_UNCLEAR, node_argument_span(on, 0), "%s %.*s has no listener on port %lld", owner,
                                       TEXT_ARG(load_balancer->key), (long long)port);
    } else {
        diagnostic = diagnostic_report(emission->sink, CODE_LISTENER_UNCLEAR, route->span, "%s %.*s has several listeners", owner,
                                       TEXT_ARG(load_balancer->key));
        diagnostic_set_label(emission->sink, diagnostic, "this route does not say which it is on");
        diagnostic_set_advice(emission->sink, diagnostic, "say its port: %s", vocabulary_row(W_ROUTE_LISTENER)->example);
    }
    diagnostic_add_label(emission->sink, diagnostic, load_balancer->span, "declared here");
    return NULL;
}

static void fill_listener(Emission *emission, RouteFacts *route)
{
    enum { HTTPS_PORT = 443 };
    const Node *load_balancer = route->load_balancer_node;
    route->is_existing = emit_is_existing(load_balancer);
    route->load_balancer_id = arena_format(emission->arena, "%sload-balancer/%.*s", route->is_existing ? "" : "shared/",
                                           TEXT_ARG(route->load_balancer));
    route->listener_port = node_integer(node_child(route->node, W_ROUTE_LISTENER), 0, HTTPS_PORT);
    if (load_balancer) {
        const Node *listener = find_listener(emission, route->node, load_balancer);
        route->listener_port = listener ? node_integer(listener, 1, HTTPS_PORT) : route->listener_port;
    }
    route->listener_id = arena_format(emission->arena, "%slistener/%.*s-%lld", route->is_existing ? "" : "shared/", TEXT_ARG(route->load_balancer),
                                      (long long)route->listener_port);
}

static bool is_route_name_taken(const ServiceFacts *facts, Text name)
{
    for (size_t i = 0; i < facts->route_count; i++)
        if (text_equal(facts->routes[i].name, name))
            return true;
    for (size_t i = 0; i < facts->answer_count; i++)
        if (text_equal(facts->answers[i].name, name))
            return true;
    return false;
}

static bool is_answer(const Node *route)
{
    return !node_child(route, W_ROUTE_TO) && (node_child(route, W_ROUTE_RESPOND) || node_child(route, W_ROUTE_REDIRECT));
}

/* "answer-503"; a redirect's status is in AWS's word for it, HTTP_301. */
static Text answer_name(Emission *emission, const Node *route)
{
    enum { PREFIX_LENGTH = sizeof "HTTP_" - 1, STATUS_LENGTH = 3 };
    Text redirect = node_aws(node_child(route, W_ROUTE_REDIRECT), 0);
    if (redirect.len == PREFIX_LENGTH + STATUS_LENGTH)
        return arena_format(emission->arena, "answer-%.*s", TEXT_ARG(text_slice(redirect, PREFIX_LENGTH, redirect.len)));
    return arena_format(emission->arena, "answer-%lld", (long long)node_integer(node_child(route, W_ROUTE_RESPOND), 0, 0));
}

/* "app-8000", or "answer-503" without a container; with the load balancer's name when another route goes there too, and a number when that is not
   enough. A name depends only on the routes above, so that one more route at the end renames none. */
static Text route_name(Emission *emission, const ServiceFacts *facts, const RouteFacts *route)
{
    Text name = arena_format(emission->arena, "%.*s-%lld", TEXT_ARG(route->container), (long long)route->port);
    if (is_answer(route->node))
        name = answer_name(emission, route->node);
    if (is_route_name_taken(facts, name))
        name = arena_format(emission->arena, "%.*s-%.*s", TEXT_ARG(emit_id_part(emission, route->load_balancer)), TEXT_ARG(name));
    Text numbered = name;
    for (unsigned number = 2; is_route_name_taken(facts, numbered); number++)
        numbered = arena_format(emission->arena, "%.*s-%u", TEXT_ARG(name), number);
    return numbered;
}

static void fill_route(Emission *emission, const ServiceFacts *facts, RouteFacts *route)
{
    enum { TARGET_GROUP_NAME_MAX = 32 };
    Arena *arena = emission->arena;
    const Node *to = node_child(route->node, W_ROUTE_TO);
    route->load_balancer = node_text(route->node, 0);
    route->load_balancer_node = emit_find_declared(emission, W_LOAD_BALANCER, route->load_balancer);
    route->container = node_text(to, 0);
    route->port = node_integer(to, 1, 0);
    if (!to && !is_answer(route->node)) {
        Diagnostic *diagnostic =
            diagnostic_report(emission->sink, CODE_ROUTE_NOWHERE, route->node->span, "this %s does not say where it goes", route->node->row->word);
        diagnostic_set_advice(emission->sink, diagnostic, "say the container and its port: %s", vocabulary_row(W_ROUTE_TO)->example);
    }
    fill_listener(emission, route);
    route->name = route_name(emission, facts, route);
    route->target_group_id = arena_format(arena, "%.*s/target-group/%.*s", TEXT_ARG(facts->service), TEXT_ARG(route->name));
    route->rule_id = arena_format(arena, "%.*s/listener-rule/%.*s", TEXT_ARG(facts->service), TEXT_ARG(route->name));
    route->test_rule_id = arena_format(arena, "%.*s-test", TEXT_ARG(route->rule_id));
    Text name = name_default(emission, facts->service, route->name);
    Text ending = TEXT("-c");
    Text said = node_child_text(node_child(route->node, W_TARGET_GROUP), W_TARGET_GROUP_NAME);
    name = said.len ? said : name;
    route->target_group_name = name_fit(emission, name, TARGET_GROUP_NAME_MAX, false);
    route->canary_target_group_id = arena_join(arena, route->target_group_id, ending);
    route->canary_target_group_name = arena_join(arena, name_fit(emission, name, TARGET_GROUP_NAME_MAX - ending.len, false), ending);
}

static void fill_routes(Emission *emission, ServiceFacts *facts)
{
    size_t count = node_count_children(facts->node, W_ROUTE);
    facts->routes = ARENA_NEW_ARRAY(emission->arena, RouteFacts, count + 1);
    facts->answers = ARENA_NEW_ARRAY(emission->arena, RouteFacts, count + 1);
    NODE_EACH(node, facts->node, W_ROUTE)
    {
        RouteFacts *route = is_answer(node) ? &facts->answers[facts->answer_count] : &facts->routes[facts->route_count];
        route->node = node;
        fill_route(emission, facts, route);
        facts->answer_count += is_answer(node);
        facts->route_count += !is_answer(node);
    }
}

/* --- the service --- */

static Text service_id(Emission *emission, const ServiceFacts *facts, const char *rest)
{
    return arena_format(emission->arena, "%.*s/%s", TEXT_ARG(facts->service), rest);
}

/* The name that `role WHICH { name … }` gives, or the default one. */
static Text role_name(Emission *emission, const ServiceFacts *facts, const char *which)
{
    enum { ROLE_NAME_MAX = 64 };
    const Node *role = node_keyed_child(facts->node, W_ROLE, text_from_c(which));
    Text said = node_child_text(role, W_ROLE_NAME);
    return said.len ? said : name_fit(emission, name_global(emission, facts->service, text_from_c(which)), ROLE_NAME_MAX, true);
}

/* The ARN of a role that exists, or of the one that svc makes. */
static Text role_arn(Emission *emission, const ServiceFacts *facts, const char *which, Text name)
{
    const Node *role = node_keyed_child(facts->node, W_ROLE, text_from_c(which));
    if (emit_is_existing(role))
        return node_child_text(role, W_ARN);
    return emit_role_arn(emission, name);
}

static bool has_scaling(const Node *service)
{
    const Node *scale = node_child(service, W_SCALE);
    int64_t low = 0;
    int64_t high = 0;
    if (!scale)
        return false;
    bool has_policy = node_child(scale, W_TRACK) || node_child(scale, W_STEP) || node_child(scale, W_SCHEDULE);
    return has_policy || (node_range(scale, 0, &low, &high) && low < high);
}

static bool has_insights(const Node *cluster)
{
    const Node *insights = node_child(cluster, W_INSIGHTS);
    return insights && !text_equal_c(node_aws(insights, 0), "disabled");
}

static void fill_cluster(Emission *emission, ServiceFacts *facts)
{
    const Node *declaration;
    facts->cluster = emit_cluster_name(emission, facts->node, &declaration);
    facts->is_cluster_existing = emit_is_existing(declaration);
    facts->cluster_id = emit_cluster_id(emission, facts->cluster, facts->is_cluster_existing);
    facts->cluster_has_insights = has_insights(declaration);
}

static void fill_rollout(Emission *emission, ServiceFacts *facts)
{
    facts->rollout = rollout_policy_read(emission->arena, facts);
    facts->engine = facts->rollout ? facts->rollout->engine : ENGINE_NONE;
    facts->has_sides = facts->route_count && (facts->engine == ENGINE_NATIVE || facts->engine == ENGINE_RAMP);
    if (!facts->has_sides || facts->engine != ENGINE_NATIVE)
        return;
    facts->infrastructure_role_id = service_id(emission, facts, "role/infrastructure");
    facts->infrastructure_role_name = role_name(emission, facts, "infrastructure");
}

static ServiceFacts service_facts(Emission *emission, const Node *node)
{
    enum { ECS_NAME_MAX = 255 };
    ServiceFacts facts = {.node = node, .service = node->key};
    Text name = node_child_text(node, W_SERVICE_NAME);
    Text family = node_child_text(node, W_FAMILY);
    Text fallback = name_fit(emission, name_default(emission, facts.service, TEXT_NONE), ECS_NAME_MAX, true);
    facts.name = name.len ? name : fallback;
    facts.family = family.len ? family : fallback;
    fill_cluster(emission, &facts);
    facts.network = network_name_of(emission, node);
    facts.network_id = network_id(emission, facts.network);
    facts.task_definition_id = service_id(emission, &facts, "task-definition");
    facts.service_id = service_id(emission, &facts, "service");
    facts.task_role_id = service_id(emission, &facts, "role/task");
    facts.execution_role_id = service_id(emission, &facts, "role/execution");
    facts.task_role_name = role_name(emission, &facts, "task");
    facts.execution_role_name = role_name(emission, &facts, "execution");
    facts.task_role_arn = role_arn(emission, &facts, "task", facts.task_role_name);
    facts.execution_role_arn = role_arn(emission, &facts, "execution", facts.execution_role_name);
    facts.security_group_id = service_id(emission, &facts, "security-group/tasks");
    facts.is_scheduled = node_child(node, W_RUN) != NULL;
    facts.is_scaled = has_scaling(node);
    if (facts.is_scheduled) {
        facts.schedule_role_id = service_id(emission, &facts, "role/schedule");
        facts.schedule_role_name = role_name(emission, &facts, "schedule");
    }
    fill_routes(emission, &facts);
    fill_rollout(emission, &facts);
    return facts;
}

/* Its documents would lie among those of what services share, and their ids with them. */
static void check_folder(Emission *emission, const Node *service)
{
    if (!text_equal_c(service->key, EMIT_SHARED))
        return;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_SERVICE_SHARED, node_argument_span(service, 0), "a %s cannot be called %s", service->row->word, EMIT_SHARED);
    diagnostic_set_label(emission->sink, diagnostic, "what services share has this folder");
    diagnostic_set_fix(emission->sink, diagnostic, false, node_argument_span(service, 0), TEXT("common"), "%s common", service->row->word);
}

static void emit_one_service(Emission *emission, const Node *node)
{
    check_folder(emission, node);
    ServiceFacts facts = service_facts(emission, node);
    emit_log_groups(emission, &facts);
    emit_roles(emission, &facts);
    emit_security_groups(emission, &facts);
    emit_target_groups(emission, &facts);
    emit_task_definition(emission, &facts);
    if (facts.is_scheduled) {
        emit_schedule(emission, &facts);
    } else {
        emit_service(emission, &facts);
        emit_scaling(emission, &facts);
    }
    emit_metric_filters(emission, &facts);
    emit_alarms(emission, &facts);
    emit_dashboard(emission, &facts);
    emit_exports(emission, &facts);
    emit_rollout(emission, &facts);
}

void emit_model(Arena *arena, Diagnostics *sink, const Model *model, EmitPurpose purpose, Resources *out)
{
    const Environment *environment = &model->environment;
    Emission emission = {
        .purpose = purpose,
        .arena = arena,
        .sink = sink,
        .model = model,
        .resources = out,
        .file_tags = node_child(model->file, W_TAGS),
        .is_account_known = environment->account.len > 0,
        .is_region_known = environment->region.len > 0,
        .account = environment->account.len ? environment->account : TEXT(MODEL_UNKNOWN_ACCOUNT),
        .region = environment->region.len ? environment->region : TEXT(MODEL_UNKNOWN_REGION),
        .partition = model->partition.len ? model->partition : TEXT("aws"),
    };
    emission.url_suffix = partition_named(emission.partition)->suffix;
    aws_block_check_all(&emission, model->file);
    emit_networks(&emission);
    emit_clusters(&emission);
    emit_load_balancers(&emission);
    NODE_EACH(service, model->file, W_SERVICE)
    {
        sink->user = &service->span;
        emit_one_service(&emission, service);
    }
    sink->user = NULL;
}
