/* Rules of listeners and their rules (AWS: Elastic Load Balancing API reference, CreateListener, CreateRule, Action, RuleCondition; quotas of
   application load balancers). */
#include "rules/relation.h"

/* --- listeners --- */

static bool is_secure(const Json *listener)
{
    return rule_is_one_of(rule_text(json_get_c(listener, "Protocol")), "HTTPS TLS");
}

static void check_certificate(const RuleContext *context, const Resource *listener, const Json *input)
{
    static const char *const secure_members[] = {"Certificates", "SslPolicy", "MutualAuthentication"};
    const Json *protocol = json_get_c(input, "Protocol");
    const Json *certificates = json_get_c(input, "Certificates");
    if (context->is_svc || !rule_is_known(protocol))
        return;
    if (is_secure(input)) {
        if (!rule_is_set(certificates) || (certificates->kind == JSON_ARRAY && !certificates->items.count))
            rule_report_with(context, listener, CODE_NO_CERTIFICATE, protocol, "a listener with TLS has no certificate", "add Certificates with one CertificateArn");
        else if (rule_item_count(certificates) > 1)
            rule_report_with(context, listener, CODE_LISTENER_PARTS, certificates->items.items[1], "a listener is created with one certificate", "add the others as an AWS::ElasticLoadBalancingV2::ListenerCertificate");
        return;
    }
    for (size_t i = 0; i < sizeof secure_members / sizeof *secure_members; i++) {
        const Json *json = json_get_c(input, secure_members[i]);
        if (!rule_is_set(json) || (json->kind == JSON_ARRAY && !json->items.count))
            continue;
        Diagnostic *d = rule_report(context, listener, CODE_PLAIN_LISTENER, json, "%s is for listeners with TLS, and this one is %.*s", secure_members[i], TEXT_ARG(rule_text(protocol)));
        rule_tell(context, d, NULL, "set Protocol to HTTPS, or leave it out");
        diagnostic_add_label(context->sink, d, rule_span(listener, protocol), "the protocol");
    }
}

static void check_alpn(const RuleContext *context, const Resource *listener, const Json *alpn)
{
    const Json *protocol = json_get_c(listener->input, "Protocol");
    if (rule_is_known(protocol) && !rule_text_is(protocol, "TLS") && (alpn->kind != JSON_ARRAY || alpn->items.count))
        rule_report_with(context, listener, CODE_LISTENER_PARTS, alpn, "AlpnPolicy is for TLS listeners", "leave AlpnPolicy out");
}

/* What the listener's load balancer is: as it says itself, or as its ARN does. Empty where neither is known. */
static Text balancer_type(const RuleContext *context, const Resource *listener)
{
    static const char *const in_arns[][2] = {{"loadbalancer/app/", "application"}, {"loadbalancer/net/", "network"}, {"loadbalancer/gwy/", "gateway"}};
    const Json *named = json_get_c(listener->input, "LoadBalancerArn");
    const Resource *balancer = relation_target(context, named, RESOURCE_LOAD_BALANCER);
    if (balancer) {
        const Json *type = json_get_c(balancer->input, "Type");
        return rule_is_set(type) ? rule_text(type) : TEXT("application");
    }
    Text resource = arn_part(rule_text(named), ARN_RESOURCE);
    for (size_t i = 0; i < sizeof in_arns / sizeof *in_arns; i++)
        if (text_starts_with(resource, text_from_c(in_arns[i][0])))
            return text_from_c(in_arns[i][1]);
    return TEXT_NONE;
}

static void check_place(const RuleContext *context, const Resource *listener, const Json *input)
{
    bool has_port = rule_is_set(json_get_c(input, "Port")) || rule_is_misspelt(input, TEXT("Port"));
    bool has_protocol = rule_is_set(json_get_c(input, "Protocol")) || rule_is_misspelt(input, TEXT("Protocol"));
    if ((has_port && has_protocol) || !rule_is_one_of(balancer_type(context, listener), "application network"))
        return;
    const char *missing = has_port ? "Protocol" : has_protocol ? "Port" : "Port and no Protocol";
    Diagnostic *d = rule_report(context, listener, CODE_LISTENER_PARTS, json_get_c(input, "LoadBalancerArn"), "the listener says no %s", missing);
    rule_tell(context, d, NULL, has_port ? "add Protocol, such as HTTPS, or TLS on a network load balancer" : has_protocol ? "add Port, such as 443" : "add both, such as 443 and HTTPS");
}

static void check_protocol(const RuleContext *context, const Resource *listener, const Json *protocol)
{
    Text type = balancer_type(context, listener);
    bool is_application = text_equal_c(type, "application");
    bool is_http = rule_is_one_of(rule_text(protocol), "HTTP HTTPS");
    if ((!is_application && !text_equal_c(type, "network")) || is_http == is_application)
        return;
    Diagnostic *d = rule_report(context, listener, CODE_LISTENER_PARTS, protocol, "listeners of %s load balancers do not have the protocol %.*s", is_application ? "application" : "network",
                                TEXT_ARG(rule_text(protocol)));
    rule_tell(context, d, NULL, is_application ? "use HTTP or HTTPS, or a load balancer with Type network" : "use TCP, TLS, UDP or TCP_UDP");
}

/* Serves the internet in clear text. */
static void check_clear_text(const RuleContext *context, const Resource *listener, const Json *protocol)
{
    const Resource *balancer = relation_target(context, json_get_c(listener->input, "LoadBalancerArn"), RESOURCE_LOAD_BALANCER);
    const Json *actions = json_get_c(listener->input, "DefaultActions");
    if (context->is_svc || !balancer || !rule_text_is(protocol, "HTTP") || !rule_text_is(json_get_c(balancer->input, "Scheme"), "internet-facing"))
        return;
    for (size_t i = 0; i < rule_item_count(actions); i++) {
        if (!rule_text_is(json_get_c(actions->items.items[i], "Type"), "forward"))
            continue;
        Diagnostic *d = rule_report(context, listener, CODE_CLEAR_TEXT, protocol, "the internet is served in clear text");
        rule_tell(context, d, NULL, "listen with HTTPS, and redirect HTTP to it");
        return;
    }
}

/* The listener's place: what two listeners may not share. */
static void check_port_taken(const RuleContext *context, const Resource *listener, const Json *port)
{
    const Json *balancer = json_get_c(listener->input, "LoadBalancerArn");
    int64_t own = 0;
    size_t index = 0;
    const Resource *other;
    if (context->is_svc || !rule_integer(port, &own) || !rule_is_set(balancer) || (balancer->kind == JSON_UNKNOWN && !balancer->text.len))
        return;
    while ((other = relation_next(context, RESOURCE_LISTENER, &index)) && other != listener) {
        const Json *its = json_get_c(other->input, "Port");
        int64_t number = 0;
        if (!rule_integer(its, &number) || number != own || !json_equal(json_get_c(other->input, "LoadBalancerArn"), balancer) || !relation_may_meet(listener, other))
            continue;
        /* UDP beside TCP on one port is not refused. */
        if (rule_text_is(json_get_c(other->input, "Protocol"), "UDP") != rule_text_is(json_get_c(listener->input, "Protocol"), "UDP"))
            continue;
        Diagnostic *d = rule_report(context, listener, CODE_LISTENER_TWICE, port, "another listener of the load balancer is on port %lld", (long long)own);
        rule_tell(context, d, NULL, "use another port");
        diagnostic_add_label(context->sink, d, rule_span(other, its), "the other one");
    }
}

/* --- actions --- */

typedef struct ActionKind {
    const char *type;
    const char *config;
    bool is_routing; /* one of them ends every rule */
    bool may_be_bare; /* forward may name its target group without a config */
} ActionKind;

static const ActionKind action_kinds[] = {
    {"forward", "ForwardConfig", true, true},
    {"redirect", "RedirectConfig", true, false},
    {"fixed-response", "FixedResponseConfig", true, false},
    {"authenticate-cognito", "AuthenticateCognitoConfig", false, false},
    {"authenticate-oidc", "AuthenticateOidcConfig", false, false},
    {"jwt-validation", "JwtValidationConfig", false, false},
};
enum { ACTION_KIND_COUNT = sizeof action_kinds / sizeof *action_kinds };

static const ActionKind *action_kind(const Json *action)
{
    for (size_t i = 0; i < ACTION_KIND_COUNT; i++)
        if (rule_text_is(json_get_c(action, "Type"), action_kinds[i].type))
            return &action_kinds[i];
    return NULL;
}

static void check_action(const RuleContext *context, const Resource *resource, const Json *action)
{
    const ActionKind *kind = action_kind(action);
    if (!kind)
        return;
    bool is_bare = !rule_is_set(json_get_c(action, kind->config));
    if (is_bare && !(kind->may_be_bare && rule_is_set(json_get_c(action, "TargetGroupArn")))) {
        Diagnostic *d = rule_report(context, resource, CODE_ACTION, json_get_c(action, "Type"), "an action %s says %s", kind->type, kind->may_be_bare ? "to which target group" : "how");
        diagnostic_set_advice(context->sink, d, "add %s", kind->may_be_bare ? "TargetGroupArn or ForwardConfig" : kind->config);
    }
    for (size_t i = 0; i < ACTION_KIND_COUNT; i++) {
        const Json *config = json_get_c(action, action_kinds[i].config);
        if (&action_kinds[i] == kind || !rule_is_set(config))
            continue;
        Diagnostic *d = rule_report(context, resource, CODE_ACTION, config, "%s is for the action %s, and this one is %s", action_kinds[i].config, action_kinds[i].type, kind->type);
        diagnostic_set_advice(context->sink, d, "set Type to %s, or leave %s out", action_kinds[i].type, action_kinds[i].config);
    }
}

static bool listener_is(const RuleContext *context, const Resource *resource, const char *protocol)
{
    const Resource *listener = resource->kind == RESOURCE_LISTENER ? resource : relation_target(context, json_get_c(resource->input, "ListenerArn"), RESOURCE_LISTENER);
    return listener && rule_text_is(json_get_c(listener->input, "Protocol"), protocol);
}

/* Order decides which action is last; without it the place in the list does. */
static void check_actions(const RuleContext *context, const Resource *resource, const Json *actions)
{
    const Json *routing = NULL;
    int64_t highest = INT64_MIN;
    const Json *last = NULL;
    bool ends = false;
    bool is_open = false;
    for (size_t i = 0; i < rule_item_count(actions); i++) {
        const Json *action = actions->items.items[i];
        const ActionKind *kind = action_kind(action);
        int64_t order = (int64_t)i + 1;
        const Json *said = json_get_c(action, "Order");
        if (!kind || (rule_is_set(said) && !rule_integer(said, &order))) {
            is_open = true;
            continue;
        }
        if (order >= highest) {
            highest = order;
            last = action;
            ends = kind->is_routing;
        }
        if (kind->is_routing && routing) {
            Diagnostic *d = rule_report(context, resource, CODE_ACTION, json_get_c(action, "Type"), "a rule ends in one action, and this is the second");
            rule_tell(context, d, NULL, "keep one of forward, redirect and fixed-response");
            diagnostic_add_label(context->sink, d, rule_span(resource, json_get_c(routing, "Type")), "the first one");
        }
        routing = kind->is_routing && !routing ? action : routing;
        if (!kind->is_routing && !context->is_svc && listener_is(context, resource, "HTTP"))
            rule_report_with(context, resource, CODE_SIGN_IN_PLAIN, json_get_c(action, "Type"), "users sign in on HTTPS listeners only", "listen with HTTPS");
    }
    if (is_open || !rule_item_count(actions))
        return;
    if (!routing)
        rule_report_with(context, resource, CODE_ACTION, json_get_c(last, "Type"), "no action says where requests go", "end with forward, redirect or fixed-response");
    else if (!ends)
        rule_report_with(context, resource, CODE_ACTION, json_get_c(last, "Type"), "an action comes after the one that ends the rule", "let forward, redirect or fixed-response have the highest Order");
}

static void check_forward(const RuleContext *context, const Resource *resource, const Json *action)
{
    const Json *groups = rule_find(action, "ForwardConfig.TargetGroups");
    const Json *single = json_get_c(action, "TargetGroupArn");
    size_t idle = 0;
    for (size_t i = 0; i < rule_item_count(groups); i++) {
        const Json *group = groups->items.items[i];
        const Json *arn = json_get_c(group, "TargetGroupArn");
        int64_t weight = 0;
        idle += rule_integer(json_get_c(group, "Weight"), &weight) && weight == 0;
        for (size_t j = 0; j < i && rule_is_set(arn) && arn->kind != JSON_UNKNOWN; j++)
            if (json_equal(json_get_c(groups->items.items[j], "TargetGroupArn"), arn))
                rule_report_with(context, resource, CODE_FORWARD_GROUPS, arn, "the action forwards to this target group twice", "give it one entry with one weight");
    }
    if (rule_item_count(groups) && idle == rule_item_count(groups))
        rule_report_with(context, resource, CODE_FORWARD_WEIGHTS, rule_find(groups->items.items[0], "Weight"), "every target group has the weight 0, so that every request is answered 503", "give one of them a weight above 0");
    bool differs = rule_item_count(groups) > 1 || (rule_item_count(groups) == 1 && single && single->kind != JSON_UNKNOWN && rule_is_set(json_get_c(groups->items.items[0], "TargetGroupArn")) &&
                                                   json_get_c(groups->items.items[0], "TargetGroupArn")->kind != JSON_UNKNOWN &&
                                                   !json_equal(json_get_c(groups->items.items[0], "TargetGroupArn"), single));
    if (rule_is_set(single) && differs)
        rule_report_with(context, resource, CODE_FORWARD_GROUPS, single, "TargetGroupArn and ForwardConfig name different target groups", "leave TargetGroupArn out");
}

static void check_answer(const RuleContext *context, const Resource *resource, const Json *answer)
{
    enum { BODY_MAX = 1024 };
    const Json *status = json_get_c(answer, "StatusCode");
    const Json *body = json_get_c(answer, "MessageBody");
    const Json *type = json_get_c(answer, "ContentType");
    int64_t code = 0;
    if (context->is_svc)
        return;
    if (rule_integer(status, &code) && !((code >= 200 && code <= 299) || (code >= 400 && code <= 599))) {
        Diagnostic *d = rule_report(context, resource, CODE_ANSWER, status, "a load balancer does not answer with %lld", (long long)code);
        rule_tell(context, d, "2xx, 4xx or 5xx", code >= 300 && code <= 399 ? "use an action with Type redirect" : "use a status of 2xx, 4xx or 5xx");
    }
    if (rule_text(body).len > BODY_MAX)
        rule_report_with(context, resource, CODE_ANSWER, body, "the text of an answer has at most 1,024 characters", "shorten it");
    if (rule_text(type).len && !rule_is_one_of(rule_text(type), "text/plain text/css text/html application/javascript application/json"))
        rule_report_with(context, resource, CODE_ANSWER, type, "a load balancer does not answer in this type", "use text/plain, text/css, text/html, application/javascript or application/json");
}

static void check_redirect(const RuleContext *context, const Resource *resource, const Json *redirect)
{
    static const char *const parts[][2] = {{"Protocol", "#{protocol}"}, {"Host", "#{host}"}, {"Port", "#{port}"}, {"Path", "/#{path}"}};
    bool changes = false;
    if (context->is_svc)
        return;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const Json *part = json_get_c(redirect, parts[i][0]);
        changes = changes || (rule_is_set(part) && !rule_text_is(part, parts[i][1]));
    }
    if (!changes)
        rule_report_with(context, resource, CODE_ANSWER, redirect, "the redirect leads to where it comes from, for ever", "change Protocol, Host, Port or Path");
    const Json *protocol = json_get_c(redirect, "Protocol");
    if (rule_text_is(protocol, "HTTP") && listener_is(context, resource, "HTTPS"))
        rule_report_with(context, resource, CODE_ANSWER, protocol, "a load balancer does not redirect from HTTPS to HTTP", "use HTTPS or #{protocol}");
    const Json *port = json_get_c(redirect, "Port");
    int64_t number = 0;
    if (rule_text(port).len && !rule_text_is(port, "#{port}") && port->kind == JSON_TEXT && (!rule_integer(port, &number) || number < 1 || number > 65535))
        rule_report_with(context, resource, CODE_ANSWER, port, "the port of a redirect is 1 to 65535, or #{port}", "use a port as a text, such as \"443\"");
    const Json *path = json_get_c(redirect, "Path");
    if (rule_text(path).len && rule_text(path).ptr[0] != '/')
        rule_report_with(context, resource, CODE_ANSWER, path, "the path of a redirect begins with /", "write it with a leading /");
}

/* --- conditions --- */

typedef struct ConditionKind {
    const char *field;
    const char *config;
    bool is_single; /* a rule has at most one */
    bool has_plain; /* its values may also stand in Values */
} ConditionKind;

static const ConditionKind condition_kinds[] = {
    {"host-header", "HostHeaderConfig", true, true}, {"path-pattern", "PathPatternConfig", true, true}, {"http-request-method", "HttpRequestMethodConfig", true, false},
    {"source-ip", "SourceIpConfig", true, false},    {"http-header", "HttpHeaderConfig", false, false}, {"query-string", "QueryStringConfig", false, false},
};
enum { CONDITION_KIND_COUNT = sizeof condition_kinds / sizeof *condition_kinds };

/* The kind of a condition: by Field, or by its config. */
static const ConditionKind *condition_kind(const Json *condition)
{
    const Json *field = json_get_c(condition, "Field");
    for (size_t i = 0; i < CONDITION_KIND_COUNT; i++)
        if (rule_is_set(field) ? rule_text_is(field, condition_kinds[i].field) : rule_is_set(json_get_c(condition, condition_kinds[i].config)))
            return &condition_kinds[i];
    return NULL;
}

/* The lists of values that a condition has. */
static size_t condition_lists(const Json *condition, const ConditionKind *kind, const Json *lists[4])
{
    const Json *config = json_get_c(condition, kind->config);
    const Json *all[] = {json_get_c(condition, "Values"), json_get_c(condition, "RegexValues"), json_get_c(config, "Values"), json_get_c(config, "RegexValues")};
    size_t count = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (rule_is_set(all[i]))
            lists[count++] = all[i];
    return count;
}

static bool has_items(const Json *list)
{
    return rule_is_set(list) && (list->kind != JSON_ARRAY || list->items.count);
}

/* AWS itself answers with both when it is asked for a rule; that they say the same is no mistake. */
static void check_plain_values(const RuleContext *context, const Resource *rule, const Json *condition)
{
    const ConditionKind *kind = condition_kind(condition);
    const Json *plain = json_get_c(condition, "Values");
    if (!kind || context->is_svc || !has_items(plain))
        return;
    const Json *values = json_get_c(json_get_c(condition, kind->config), "Values");
    if (!kind->has_plain) {
        Diagnostic *d = rule_report(context, rule, CODE_CONDITION, plain, "Values is for host-header and path-pattern, and this condition is for %s", kind->field);
        diagnostic_set_advice(context->sink, d, "put them into %s", kind->config);
    } else if (has_items(values) && !relation_is_open(values) && !relation_is_open(plain) && !json_equal(plain, values)) {
        Diagnostic *d = rule_report(context, rule, CODE_CONDITION, plain, "a condition has Values or %s, not both", kind->config);
        diagnostic_set_advice(context->sink, d, "put every value into %s", kind->config);
        diagnostic_add_label(context->sink, d, rule_span(rule, values), "the other ones");
    }
}

static void check_condition(const RuleContext *context, const Resource *rule, const Json *condition)
{
    const ConditionKind *kind = condition_kind(condition);
    if (!kind)
        return;
    for (size_t i = 0; i < CONDITION_KIND_COUNT; i++) {
        const Json *config = json_get_c(condition, condition_kinds[i].config);
        if (&condition_kinds[i] == kind || !rule_is_set(config))
            continue;
        Diagnostic *d = rule_report(context, rule, CODE_CONDITION, config, "%s is for the field %s, and this condition is for %s", condition_kinds[i].config, condition_kinds[i].field, kind->field);
        diagnostic_set_advice(context->sink, d, "use %s", kind->config);
    }
    const Json *lists[4];
    size_t count = condition_lists(condition, kind, lists);
    bool has_values = false;
    for (size_t i = 0; i < count; i++)
        has_values = has_values || has_items(lists[i]);
    if (!has_values && !rule_is_open(json_get_c(condition, kind->config)))
        rule_report_with(context, rule, CODE_CONDITION, condition, "a condition without values", "add at least one value");
}

static void check_conditions(const RuleContext *context, const Resource *rule, const Json *input)
{
    const Json *conditions = json_get_c(input, "Conditions");
    if (!context->is_svc && !rule_is_open(conditions) && !rule_item_count(conditions))
        rule_report_with(context, rule, CODE_CONDITION, rule_is_set(conditions) ? conditions : json_get_c(input, "Priority"), "a rule has at least one condition", "match every path: {Field: path-pattern, Values: [\"*\"]}");
}

static void check_field_once(const RuleContext *context, const Resource *rule, const Json *conditions)
{
    for (size_t i = 0; i < rule_item_count(conditions); i++) {
        const ConditionKind *kind = condition_kind(conditions->items.items[i]);
        for (size_t j = 0; kind && kind->is_single && j < i; j++) {
            if (condition_kind(conditions->items.items[j]) != kind)
                continue;
            const Json *field = json_get_c(conditions->items.items[i], "Field");
            Diagnostic *d = rule_report(context, rule, CODE_CONDITION, rule_is_set(field) ? field : conditions->items.items[i], "a rule has one condition for %s, and this is the second", kind->field);
            rule_tell(context, d, NULL, "put the values into one condition: any of them matches");
        }
    }
}

/* AWS's pages of quotas do not agree: by some it is 5. */
static void warn_of_wildcards(const RuleContext *context, const Resource *rule, const Json *conditions)
{
    Diagnostic *d = diagnostic_report_as(context->sink, CODE_RULE_LIMITS, SEVERITY_WARNING, rule_report_span(context, rule, conditions),
                                         "a rule with 6 wildcards is at the limit");
    rule_tell(context, d, "some accounts take 5", "match with fewer * and ?");
}

/* Values, wildcards and lengths over all of a rule's conditions. */
static void check_limits(const RuleContext *context, const Resource *rule, const Json *conditions)
{
    enum { VALUES_MAX = 5, WILDCARDS_MAX = 6, LENGTH_MAX = 128 };
    size_t values = 0;
    size_t wildcards = 0;
    for (size_t i = 0; !context->is_svc && i < rule_item_count(conditions); i++) {
        const ConditionKind *kind = condition_kind(conditions->items.items[i]);
        const Json *lists[4];
        size_t count = kind ? condition_lists(conditions->items.items[i], kind, lists) : 0;
        for (size_t j = 0; j < count; j++)
            for (size_t k = 0; k < rule_item_count(lists[j]); k++) {
                const Json *item = lists[j]->items.items[k];
                Text text = item->kind == JSON_OBJECT ? rule_text(json_get_c(item, "Value")) : rule_text(item);
                wildcards += rule_count_byte(text, '*') + rule_count_byte(text, '?');
                if (++values == VALUES_MAX + 1)
                    rule_report_with(context, rule, CODE_RULE_LIMITS, item, "a rule has at most 5 values over all of its conditions", "split it into two rules");
                if (text.len > LENGTH_MAX)
                    rule_report_with(context, rule, CODE_RULE_LIMITS, item, "a value has at most 128 characters", "match a shorter beginning with *");
            }
    }
    if (wildcards > WILDCARDS_MAX)
        rule_report_with(context, rule, CODE_RULE_LIMITS, conditions, "a rule has at most 6 wildcards over all of its conditions", "match with fewer * and ?");
    else if (wildcards == WILDCARDS_MAX)
        warn_of_wildcards(context, rule, conditions);
}

static void check_value(const RuleContext *context, const Resource *rule, const Json *condition)
{
    enum { METHOD_MAX = 40 };
    const ConditionKind *kind = condition_kind(condition);
    const Json *lists[4];
    size_t count = kind && !context->is_svc ? condition_lists(condition, kind, lists) : 0;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < rule_item_count(lists[i]); j++) {
            const Json *item = lists[i]->items.items[j];
            Text text = item->kind == JSON_TEXT ? item->text : TEXT_NONE;
            bool is_regex = lists[i] == json_get_c(condition, "RegexValues") || lists[i] == json_get_c(json_get_c(condition, kind->config), "RegexValues");
            if (!text.len || is_regex)
                continue;
            if (text_equal_c(TEXT("host-header"), kind->field) && (!rule_has_only(text, "a-zA-Z0-9-.*?_") || text_find_byte(text, '.') == text.len) && !text_equal_c(text, "*"))
                rule_report_with(context, rule, CODE_RULE_HOST, item, "this is no host name: one has letters, digits, hyphens and at least one point", "write the host alone, such as \"api.example.com\"");
            else if (text_equal_c(TEXT("http-request-method"), kind->field) && !rule_has_only(text, "A-Z_-"))
                rule_report_with(context, rule, CODE_CONDITION, item, "methods are written in capital letters", "write it as \"GET\"");
            else if (text_equal_c(TEXT("http-request-method"), kind->field) && text.len > METHOD_MAX)
                rule_report_with(context, rule, CODE_CONDITION, item, "a method has at most 40 characters", "write it as \"GET\"");
            else if (text_equal_c(TEXT("source-ip"), kind->field) && text_find_byte(text, '/') == text.len)
                rule_report_with(context, rule, CODE_CONDITION, item, "an address is written with its prefix length", "write it as \"10.0.0.0/8\", one address as \"10.0.0.1/32\"");
            else if (text_equal_c(TEXT("path-pattern"), kind->field) && (text_find_byte(text, ' ') != text.len || text_find(text, TEXT("://")) != text.len))
                rule_report_with(context, rule, CODE_CONDITION, item, "a path pattern is the path of a request alone", "write it as \"/api/*\"");
        }
}

/* --- rules of one listener --- */

static bool is_same_listener(const Resource *a, const Resource *b)
{
    const Json *own = json_get_c(a->input, "ListenerArn");
    const Json *other = json_get_c(b->input, "ListenerArn");
    /* What is written in the same words is the same, also when nobody knows yet what it is. */
    return rule_is_set(own) && rule_is_set(other) && (own->kind != JSON_UNKNOWN || own->text.len) && json_equal(own, other);
}

static void check_priority_taken(const RuleContext *context, const Resource *rule, const Json *priority)
{
    int64_t own = 0;
    size_t index = 0;
    const Resource *other;
    if (context->is_svc || !rule_integer(priority, &own))
        return;
    while ((other = relation_next(context, RESOURCE_LISTENER_RULE, &index)) && other != rule) {
        const Json *its = json_get_c(other->input, "Priority");
        int64_t number = 0;
        if (!rule_integer(its, &number) || number != own || !is_same_listener(rule, other) || !relation_may_meet(rule, other))
            continue;
        Diagnostic *d = rule_report(context, rule, CODE_RULE_SAME_PRIORITY, priority, "another rule of the listener has the priority %lld", (long long)own);
        rule_tell(context, d, NULL, "use another priority");
        diagnostic_add_label(context->sink, d, rule_span(other, its), "the other one");
        return;
    }
}

static void check_same_match(const RuleContext *context, const Resource *rule, const Json *conditions)
{
    size_t index = 0;
    const Resource *other;
    if (context->is_svc || relation_is_open(conditions) || !rule_item_count(conditions))
        return;
    while ((other = relation_next(context, RESOURCE_LISTENER_RULE, &index)) && other != rule) {
        const Json *its = json_get_c(other->input, "Conditions");
        if (!its || !json_equal(its, conditions) || !is_same_listener(rule, other) || !relation_may_meet(rule, other))
            continue;
        Diagnostic *d = rule_report(context, rule, CODE_RULE_SAME_MATCH, conditions, "another rule of the listener matches the same requests");
        rule_tell(context, d, "the one with the lower priority gets all of them", "match other requests, or leave one of the rules out");
        diagnostic_add_label(context->sink, d, rule_span(other, its), "the other one");
        return;
    }
}

const Rule listener_rules[] = {
    {RESOURCE_LISTENER, "", check_certificate},
    {RESOURCE_LISTENER, "", check_place},
    {RESOURCE_LISTENER, "AlpnPolicy", check_alpn},
    {RESOURCE_LISTENER, "Protocol", check_protocol},
    {RESOURCE_LISTENER, "Protocol", check_clear_text},
    {RESOURCE_LISTENER, "Port", check_port_taken},
    {RESOURCE_LISTENER, "DefaultActions", check_actions},
    {RESOURCE_LISTENER, "DefaultActions[]", check_action},
    {RESOURCE_LISTENER, "DefaultActions[]", check_forward},
    {RESOURCE_LISTENER, "DefaultActions[].FixedResponseConfig", check_answer},
    {RESOURCE_LISTENER, "DefaultActions[].RedirectConfig", check_redirect},
    {RESOURCE_LISTENER_RULE, "Actions", check_actions},
    {RESOURCE_LISTENER_RULE, "Actions[]", check_action},
    {RESOURCE_LISTENER_RULE, "Actions[]", check_forward},
    {RESOURCE_LISTENER_RULE, "Actions[].FixedResponseConfig", check_answer},
    {RESOURCE_LISTENER_RULE, "Actions[].RedirectConfig", check_redirect},
    {RESOURCE_LISTENER_RULE, "", check_conditions},
    {RESOURCE_LISTENER_RULE, "Conditions", check_field_once},
    {RESOURCE_LISTENER_RULE, "Conditions", check_limits},
    {RESOURCE_LISTENER_RULE, "Conditions[]", check_condition},
    {RESOURCE_LISTENER_RULE, "Conditions[]", check_plain_values},
    {RESOURCE_LISTENER_RULE, "Conditions[]", check_value},
    {RESOURCE_LISTENER_RULE, "Priority", check_priority_taken},
    {RESOURCE_LISTENER_RULE, "Conditions", check_same_match},
    {.check = NULL},
};
