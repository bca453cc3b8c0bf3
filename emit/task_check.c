#include "emit/task_check.h"

bool task_is_windows(const Node *service)
{
    return text_starts_with(node_aws(node_child(service, W_OS), 0), TEXT("WINDOWS"));
}

/* --- routes --- */

static void check_route(Emission *emission, const ServiceFacts *facts, const RouteFacts *route)
{
    const Node *to = node_child(route->node, W_ROUTE_TO);
    const Node *container = node_keyed_child(facts->node, W_CONTAINER, route->container);
    const Node *port = NULL;
    if (!container || !route->port)
        return;
    NODE_EACH(candidate, container, W_PORT)
    {
        port = candidate;
        if (node_integer(candidate, 0, 0) == route->port || !node_integer(candidate, 0, 0))
            return;
    }
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_ROUTE_PORT, node_argument_span(to, 1), "%s %.*s does not listen on %lld",
                                               container->row->word, TEXT_ARG(container->key), (long long)route->port);
    if (port && node_count_children(container, W_PORT) == 1) {
        Text number = arena_format(emission->arena, "%lld", (long long)node_integer(port, 0, 0));
        diagnostic_add_label(emission->sink, diagnostic, port->span, "the port it listens on");
        diagnostic_set_fix(emission->sink, diagnostic, false, node_argument_span(to, 1), number, "%s %.*s %.*s", to->row->word,
                           TEXT_ARG(container->key), TEXT_ARG(number));
    } else {
        diagnostic_add_label(emission->sink, diagnostic, container->span, port ? "its ports are others" : "it has no port");
        diagnostic_set_advice(emission->sink, diagnostic, "say `%s %lld` in it", vocabulary_row(W_PORT)->word, (long long)route->port);
    }
}

void task_check(Emission *emission, const ServiceFacts *facts)
{
    for (size_t i = 0; i < facts->route_count; i++)
        check_route(emission, facts, &facts->routes[i]);
}
