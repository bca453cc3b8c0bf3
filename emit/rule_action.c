/* What a listener rule does with the requests it matches. */
#include "emit/container.h"
#include "emit/listener_rule.h"
#include "emit/load_balancer.h"

enum { MESSAGE_MAX = 1024 };

static Json *action_of(Emission *emission, const char *type, const char *member, Json *config, Span origin)
{
    Json *action = json_at(json_object(emission->arena), origin);
    json_set_c(emission->arena, action, "Type", json_text_c(emission->arena, type));
    json_set_c(emission->arena, action, member, config);
    return action;
}

/* --- signing in --- */

/* Only over https: on the way there and back are codes and cookies (aws: AuthenticateOidcActionConfig). */
static void check_encrypted(Emission *emission, const RouteFacts *route, const Node *statement)
{
    const Node *listener = load_balancer_listener(route);
    if (!listener || listener_is_encrypted(listener))
        return;
    Diagnostic *diagnostic =
        diagnostic_report(emission->sink, CODE_SIGN_IN_PLAIN, statement->span, "`%s` works on https listeners only", statement->row->word);
    diagnostic_add_label(emission->sink, diagnostic, listener->span, "this route is on this one");
    diagnostic_set_advice(emission->sink, diagnostic, "put the route on an https listener: %s", vocabulary_row(W_ROUTE_LISTENER)->example);
}

static void check_complete(Emission *emission, const Node *statement, const WordId *wanted, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (node_child(statement, wanted[i]))
            continue;
        const VocabularyRow *row = vocabulary_row(wanted[i]);
        Diagnostic *diagnostic =
            diagnostic_report(emission->sink, CODE_SIGN_IN_INCOMPLETE, statement->span, "this `%s` has no `%s`", statement->row->word, row->word);
        diagnostic_set_label(emission->sink, diagnostic, "%s", row->help);
        diagnostic_set_advice(emission->sink, diagnostic, "say it in its body: %s", row->example);
        return;
    }
}

/* The secret's value is in no file: what stands here is an unknown that only the call to AWS has (SPEC.md, "Sign-in"). */
static Json *client_secret(Emission *emission, const Node *said)
{
    bool is_partial;
    Text name = node_text(said, 0);
    if (!name.len)
        return NULL;
    Json *selector = json_object(emission->arena);
    json_set_c(emission->arena, selector, "secret", json_text(emission->arena, secrets_manager_arn(emission, name, &is_partial)));
    return emit_lookup(emission, arena_format(emission->arena, "secret/%.*s", TEXT_ARG(name)), TEXT("secret-value"), "String",
                       arena_format(emission->arena, "the value of the secret %.*s, never written to a file", TEXT_ARG(name)), selector, said->span);
}

static Json *oidc_action(Emission *emission, const RouteFacts *route, const Node *statement)
{
    static const WordId wanted[] = {W_SIGN_IN_AUTHORIZE, W_SIGN_IN_TOKEN, W_SIGN_IN_USER_INFO, W_SIGN_IN_CLIENT, W_SIGN_IN_CLIENT_SECRET};
    Json *config = json_object(emission->arena);
    check_encrypted(emission, route, statement);
    check_complete(emission, statement, wanted, sizeof wanted / sizeof *wanted);
    shape_fill(emission, config, route->node, "oidc-sign-in");
    json_set_c(emission->arena, config, "ClientSecret", client_secret(emission, node_child(statement, W_SIGN_IN_CLIENT_SECRET)));
    return action_of(emission, "authenticate-oidc", "AuthenticateOidcConfig", config, statement->span);
}

static Json *cognito_action(Emission *emission, const RouteFacts *route, const Node *statement)
{
    static const WordId wanted[] = {W_SIGN_IN_COGNITO_CLIENT, W_SIGN_IN_COGNITO_DOMAIN};
    Json *config = json_object(emission->arena);
    check_encrypted(emission, route, statement);
    check_complete(emission, statement, wanted, sizeof wanted / sizeof *wanted);
    shape_fill(emission, config, route->node, "cognito-sign-in");
    return action_of(emission, "authenticate-cognito", "AuthenticateCognitoConfig", config, statement->span);
}

static Json *token_action(Emission *emission, const RouteFacts *route, const Node *statement)
{
    static const WordId wanted[] = {W_CHECK_TOKEN_KEYS};
    Json *config = json_object(emission->arena);
    check_encrypted(emission, route, statement);
    check_complete(emission, statement, wanted, sizeof wanted / sizeof *wanted);
    shape_fill(emission, config, route->node, "token-check");
    return action_of(emission, "jwt-validation", "JwtValidationConfig", config, statement->span);
}

/* --- the end --- */

static void add_target(Emission *emission, Json *targets, Text target_group_id, int64_t weight)
{
    Json *target = json_object(emission->arena);
    json_set_c(emission->arena, target, "TargetGroupArn", emit_reference(emission, target_group_id, ATTRIBUTE_ARN, TEXT_NONE));
    json_set_c(emission->arena, target, "Weight", json_integer(emission->arena, weight));
    json_add(emission->arena, targets, target);
}

/* Both sides of a rollout stand in the rule from the start: ECS takes no target group that no rule names, and only weights move later. */
static Json *forward_action(Emission *emission, const ServiceFacts *facts, const RouteFacts *route)
{
    enum { WHOLE_WEIGHT = 100 };
    Arena *arena = emission->arena;
    Json *targets = json_array(arena);
    Json *config = json_object(arena);
    add_target(emission, targets, route->target_group_id, WHOLE_WEIGHT);
    if (facts->has_sides)
        add_target(emission, targets, route->canary_target_group_id, 0);
    json_set_c(arena, config, "TargetGroups", targets);
    shape_fill(emission, config, route->node, "forward");
    Json *sticky = json_get_c(config, "TargetGroupStickinessConfig");
    if (sticky)
        json_set_c(arena, sticky, "Enabled", json_bool(arena, true));
    return action_of(emission, "forward", "ForwardConfig", config, route->node->span);
}

/* AWS answers by itself with 2xx, 4xx and 5xx, and with a short text (aws: FixedResponseActionConfig). */
static void check_respond(Emission *emission, const Node *respond)
{
    int64_t status = node_integer(respond, 0, 200);
    Text text = node_text(respond, 1);
    if (status >= 300 && status < 400) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_ANSWER, node_argument_span(respond, 0), "%lld is no answer with a text",
                                                   (long long)status);
        diagnostic_set_label(emission->sink, diagnostic, "it sends the client elsewhere");
        diagnostic_set_advice(emission->sink, diagnostic, "say where: %s", vocabulary_row(W_ROUTE_REDIRECT)->example);
    } else if (text.len > MESSAGE_MAX) {
        Diagnostic *diagnostic =
            diagnostic_report(emission->sink, CODE_ANSWER, node_argument_span(respond, 1), "this text has %zu characters", text.len);
        diagnostic_set_label(emission->sink, diagnostic, "AWS takes %d", MESSAGE_MAX);
    }
}

static Json *respond_action(Emission *emission, const RouteFacts *route, const Node *respond)
{
    Json *config = json_object(emission->arena);
    check_respond(emission, respond);
    shape_fill(emission, config, route->node, "fixed-response");
    json_set_default(emission->arena, config, "ContentType", json_text_c(emission->arena, "text/plain"));
    return action_of(emission, "fixed-response", "FixedResponseConfig", config, respond->span);
}

static Json *redirect_action(Emission *emission, const RouteFacts *route, const Node *redirect)
{
    static const WordId parts[] = {W_ROUTE_REDIRECT_SCHEME, W_ROUTE_REDIRECT_HOST, W_ROUTE_REDIRECT_PORT, W_ROUTE_REDIRECT_PATH};
    Json *config = json_object(emission->arena);
    const char *type = vocabulary_row(W_ROUTE_REDIRECT)->word; /* AWS has the same word */
    bool leads_elsewhere = false;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        leads_elsewhere = leads_elsewhere || node_child(redirect, parts[i]);
    if (!leads_elsewhere) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_ANSWER, redirect->span, "this `%s` leads to where the client is", redirect->row->word);
        diagnostic_set_advice(emission->sink, diagnostic, "change the scheme, the host, the port or the path: %s", redirect->row->example);
    }
    shape_fill(emission, config, route->node, "redirection");
    return action_of(emission, type, "RedirectConfig", config, redirect->span);
}

static Json *last_action(Emission *emission, const ServiceFacts *facts, const RouteFacts *route)
{
    const Node *respond = node_child(route->node, W_ROUTE_RESPOND);
    const Node *redirect = node_child(route->node, W_ROUTE_REDIRECT);
    if (node_child(route->node, W_ROUTE_TO))
        return forward_action(emission, facts, route);
    if (respond)
        return respond_action(emission, route, respond);
    return redirect ? redirect_action(emission, route, redirect) : NULL;
}

Json *rule_actions(Emission *emission, const ServiceFacts *facts, const RouteFacts *route)
{
    Json *actions = json_array(emission->arena);
    const Node *token = node_child(route->node, W_CHECK_TOKEN);
    const Node *oidc = node_child(route->node, W_SIGN_IN);
    const Node *cognito = node_child(route->node, W_SIGN_IN_COGNITO);
    if (oidc && cognito) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_ROUTE_ENDS, cognito->span, "a user signs in once");
        diagnostic_add_label(emission->sink, diagnostic, oidc->span, "here already");
        diagnostic_set_advice(emission->sink, diagnostic, "leave one of them out");
    }
    json_add(emission->arena, actions, oidc ? oidc_action(emission, route, oidc) : NULL);
    json_add(emission->arena, actions, cognito && !oidc ? cognito_action(emission, route, cognito) : NULL);
    json_add(emission->arena, actions, token ? token_action(emission, route, token) : NULL);
    json_add(emission->arena, actions, last_action(emission, facts, route));
    /* AWS asks for an order only among several. */
    for (size_t i = 0; json_length(actions) > 1 && i < actions->items.count; i++)
        json_set_c(emission->arena, actions->items.items[i], "Order", json_integer(emission->arena, (int64_t)i + 1));
    return actions;
}
