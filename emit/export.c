/* Values written to SSM parameters, for programs that are not described in a .svc file. */
#include "emit/container.h"
#include "emit/load_balancer.h"
#include "emit/log_group.h"

/* --- what can be exported --- */

static Json *from_route(Emission *emission, const ServiceFacts *facts, const char *attribute, Span where)
{
    const RouteFacts *route = facts->route_count ? &facts->routes[0] : NULL;
    if (!route || !route->load_balancer_node)
        return NULL;
    return load_balancer_attribute(emission, route->load_balancer_node, route->load_balancer, attribute, where);
}

static Json *balancer_dns(Emission *emission, const ServiceFacts *facts, Span where)
{
    return from_route(emission, facts, "dns-name", where);
}

static Json *balancer_arn(Emission *emission, const ServiceFacts *facts, Span where)
{
    return from_route(emission, facts, ATTRIBUTE_ARN, where);
}

static Json *target_group_arn(Emission *emission, const ServiceFacts *facts, Span where)
{
    (void)where;
    return facts->route_count ? emit_reference(emission, facts->routes[0].target_group_id, ATTRIBUTE_ARN, TEXT_NONE) : NULL;
}

static Json *ecs_service_name(Emission *emission, const ServiceFacts *facts, Span where)
{
    (void)where;
    return facts->is_scheduled ? NULL : emit_reference(emission, facts->service_id, ATTRIBUTE_NAME, facts->name);
}

static Json *cluster_name(Emission *emission, const ServiceFacts *facts, Span where)
{
    (void)where;
    return facts->is_cluster_existing ? json_text(emission->arena, facts->cluster)
                                      : emit_reference(emission, facts->cluster_id, ATTRIBUTE_NAME, facts->cluster);
}

static Json *tasks_group(Emission *emission, const ServiceFacts *facts, Span where)
{
    (void)where;
    return emit_reference(emission, facts->security_group_id, ATTRIBUTE_ID, TEXT_NONE);
}

static Json *task_role_arn(Emission *emission, const ServiceFacts *facts, Span where)
{
    (void)where;
    if (emit_is_existing(node_keyed_child(facts->node, W_ROLE, TEXT("task"))))
        return json_text(emission->arena, facts->task_role_arn);
    return emit_reference(emission, facts->task_role_id, ATTRIBUTE_ARN, emission->is_account_known ? facts->task_role_arn : TEXT_NONE);
}

/* The first container's image without its tag or digest. */
static Json *image_repository(Emission *emission, const ServiceFacts *facts, Span where)
{
    (void)where;
    Text image = container_image(emission, node_child(facts->node, W_CONTAINER));
    Text name = text_slice(image, 0, text_find_byte(image, '@'));
    size_t slash = name.len;
    while (slash > 0 && name.ptr[slash - 1] != '/')
        slash--;
    size_t end = slash + text_find_byte(text_slice(name, slash, name.len), ':'); /* a registry may have a port */
    return image.len ? json_text(emission->arena, text_slice(name, 0, end)) : NULL;
}

static Json *log_group(Emission *emission, const ServiceFacts *facts, Span where)
{
    (void)where;
    NODE_EACH(container, facts->node, W_CONTAINER)
    {
        Json *group = log_group_reference(emission, facts, container);
        if (group)
            return group;
    }
    return NULL;
}

static Json *dashboard_name(Emission *emission, const ServiceFacts *facts, Span where)
{
    (void)where;
    Text id = arena_format(emission->arena, "%.*s/dashboard", TEXT_ARG(facts->service));
    const Resource *dashboard = resources_find(emission->resources, id);
    return dashboard ? emit_reference(emission, id, ATTRIBUTE_NAME, dashboard->name) : NULL;
}

/* The words of `export`, what they give, and what it takes. */
static const struct {
    const char *attribute;
    Json *(*value)(Emission *emission, const ServiceFacts *facts, Span where);
    const char *needs;
} exported[] = {
    {"load-balancer-dns", balancer_dns, "the service has no route"},
    {"load-balancer-arn", balancer_arn, "the service has no route"},
    {"target-group-arn", target_group_arn, "the service has no route to a container"},
    {"service-name", ecs_service_name, "it runs at times: there is no ECS service"},
    {"cluster-name", cluster_name, ""},
    {"security-group-id", tasks_group, ""},
    {"task-role-arn", task_role_arn, ""},
    {"image-repository", image_repository, "the service has no image"},
    {"log-group", log_group, "no container writes to a log group"},
    {"dashboard-name", dashboard_name, "the service has no dashboard"},
};

/* --- parameters --- */

static void report_nothing(Emission *emission, Span span, const char *why)
{
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_EXPORT_NOTHING, span, "there is nothing to export here");
    diagnostic_set_label(emission->sink, diagnostic, "%s", why);
    diagnostic_set_advice(emission->sink, diagnostic, "leave it out, or export something else: %s", vocabulary_row(W_EXPORT)->example);
}

/* Whether lint cannot know the image: then there is nothing to report. */
static bool is_pending(const ServiceFacts *facts)
{
    const Value *image = node_argument(node_child(node_child(facts->node, W_CONTAINER), W_IMAGE), 1);
    return image != NULL;
}

static Json *export_value(Emission *emission, const ServiceFacts *facts, const Node *node)
{
    const Node *own = node_child(node, W_EXPORT_VALUE);
    Text attribute = node_text(node, 1);
    if (own && attribute.len) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_EXPORT_NOTHING, own->span, "a parameter has one value");
        diagnostic_add_label(emission->sink, diagnostic, node_argument_span(node, 1), "this one is said already");
        diagnostic_set_advice(emission->sink, diagnostic, "leave one of them out, or give each a parameter of its own");
        return NULL;
    }
    if (own)
        return shape_value(emission, &own->row->arguments[0], node_argument(own, 0));
    for (size_t i = 0; i < sizeof exported / sizeof *exported; i++) {
        if (!text_equal_c(attribute, exported[i].attribute))
            continue;
        Json *value = exported[i].value(emission, facts, node->span);
        if (!value && !(exported[i].value == image_repository && is_pending(facts)))
            report_nothing(emission, node_argument_span(node, 1), exported[i].needs);
        return value ? json_at(value, node_argument_span(node, 1)) : NULL;
    }
    if (!node_argument(node, 1))
        report_nothing(emission, node->span, "it does not say what");
    return NULL;
}

void emit_exports(Emission *emission, const ServiceFacts *facts)
{
    Arena *arena = emission->arena;
    NODE_EACH(node, facts->node, W_EXPORT)
    {
        Text name = node_text(node, 0);
        Json *value = export_value(emission, facts, node);
        if (!name.len || !value)
            continue;
        Text path = text_starts_with(name, TEXT("/")) ? text_slice(name, 1, name.len) : name;
        Text id = arena_format(arena, "%.*s/parameter/%.*s", TEXT_ARG(facts->service), TEXT_ARG(path));
        Text environment = emission->model->environment.name;
        Text what = node_text(node, 1);
        Text description = arena_format(arena, "%.*s of %.*s (%.*s), made by svc", TEXT_ARG(what.len ? what : TEXT("a value")),
                                        TEXT_ARG(facts->service), TEXT_ARG(environment));
        Json *input = json_object(arena);
        json_set_c(arena, input, "Name", json_at(json_text(arena, name), node_argument_span(node, 0)));
        json_set_c(arena, input, "Type", json_text_c(arena, "String"));
        json_set_c(arena, input, "Value", value);
        json_set_c(arena, input, "Description", json_text(arena, description));
        json_set_c(arena, input, "Tags", emit_tags(emission, facts->service, id, facts->node, "Key", "Value"));
        emit_add_resource(emission, RESOURCE_PARAMETER, id, facts->service, name, path, input, node->span);
    }
}
