/* What exists and is found by tags or names: the commands at the top of a script. */
#include "plan/shell.h"

/* How an attribute of a load balancer is asked for. */
typedef struct AttributeRow {
    const char *attribute;
    const char *query;
    const char *cut; /* the beginning that goes away; empty for none */
} AttributeRow;

static const AttributeRow balancer_rows[] = {
    {ATTRIBUTE_ARN, "LoadBalancerArn", ""},
    {"full-name", "LoadBalancerArn", "*:loadbalancer/"},
    {"dns-name", "DNSName", ""},
    {"zone-id", "CanonicalHostedZoneId", ""},
    {"security-group-id", "SecurityGroups[0]", ""},
};

static void add_json_word(Shell *shell, Json *json)
{
    Buffer text = {0};
    json_write(&text, json, 0);
    shell_add_quoted(shell->out, buffer_text(&text));
    buffer_free(&text);
}

static void add_check(Shell *shell, const ShellVariable *variable, Text description)
{
    buffer_add_format(shell->out, "%s %.*s ", variable->is_list ? "some" : "one", TEXT_ARG(variable->name));
    shell_add_quoted(shell->out, description);
    buffer_add_byte(shell->out, '\n');
}

static void add_filter(Shell *shell, Json *filters, Text name, Json *value)
{
    Json *filter = json_object(shell->arena);
    Json *values = json_array(shell->arena);
    json_add(shell->arena, values, value);
    json_set_c(shell->arena, filter, "Name", json_text(shell->arena, name));
    json_set_c(shell->arena, filter, "Values", values);
    json_add(shell->arena, filters, filter);
}

static Json *tag_filters(Shell *shell, const Json *selector)
{
    Json *filters = json_array(shell->arena);
    const Json *tags = json_get_c(selector, "tags");
    Json *id = json_get_c(selector, "id");
    if (id)
        add_filter(shell, filters, TEXT("vpc-id"), id);
    for (size_t i = 0; tags && tags->kind == JSON_OBJECT && i < tags->members.count; i++)
        add_filter(shell, filters, arena_format(shell->arena, "tag:%.*s", TEXT_ARG(tags->members.items[i].key)), tags->members.items[i].value);
    return filters;
}

static void add_vpc(Shell *shell, ShellVariable *variable, const Json *selector, const char *query, Text description)
{
    if (variable->is_given)
        return;
    buffer_add_format(shell->out, "%.*s=$(aws ec2 describe-vpcs --filters ", TEXT_ARG(variable->name));
    add_json_word(shell, tag_filters(shell, selector));
    buffer_add_format(shell->out, " --query 'Vpcs[].%s' --output text)\n", query);
    add_check(shell, variable, description);
    variable->is_given = true;
}

static void add_subnets(Shell *shell, const Lookup *lookup, ShellVariable *variable)
{
    const Json *vpc = json_get_c(lookup->selector, "vpc");
    ShellVariable *vpc_id = vpc ? shell_variable(shell, lookup->id, TEXT("vpc-id")) : NULL;
    if (vpc)
        add_vpc(shell, vpc_id, vpc, "VpcId", arena_format(shell->arena, "the VPC of %.*s", TEXT_ARG(lookup->id)));
    buffer_add_format(shell->out, "%.*s=$(aws ec2 describe-subnets --filters ", TEXT_ARG(variable->name));
    Json *filters = tag_filters(shell, lookup->selector);
    for (size_t i = 0; i < filters->items.count; i++) {
        add_json_word(shell, filters->items.items[i]);
        buffer_add_byte(shell->out, ' ');
    }
    if (vpc)
        buffer_add_format(shell->out, "'{\"Name\":\"vpc-id\",\"Values\":[\"'\"$%.*s\"'\"]}' ", TEXT_ARG(vpc_id->name));
    buffer_add_c(shell->out, "--query 'Subnets[].SubnetId' --output text)\n");
    add_check(shell, variable, lookup->description);
}

static void add_balancer_selector(Shell *shell, const Json *selector)
{
    Json *arn = json_get_c(selector, "arn");
    Json *name = json_get_c(selector, "name");
    buffer_add_c(shell->out, arn ? "--load-balancer-arns " : "--names ");
    if (arn || name)
        shell_add_word(shell, arn ? arn : name);
}

static void add_balancer(Shell *shell, const Lookup *lookup, const ShellVariable *variable)
{
    const AttributeRow *row = NULL;
    for (size_t i = 0; i < sizeof balancer_rows / sizeof *balancer_rows && !row; i++)
        row = text_equal_c(lookup->attribute, balancer_rows[i].attribute) ? &balancer_rows[i] : NULL;
    if (!row)
        return;
    buffer_add_format(shell->out, "%.*s=$(aws elbv2 describe-load-balancers ", TEXT_ARG(variable->name));
    add_balancer_selector(shell, lookup->selector);
    buffer_add_format(shell->out, " --query 'LoadBalancers[].%s' --output text)\n", row->query);
    add_check(shell, variable, lookup->description);
    if (row->cut[0])
        buffer_add_format(shell->out, "%.*s=${%.*s#%s}\n", TEXT_ARG(variable->name), TEXT_ARG(variable->name), row->cut);
}

static void add_listener(Shell *shell, const Lookup *lookup, const ShellVariable *variable)
{
    Json *port = json_get_c(lookup->selector, "port");
    buffer_add_c(shell->out, "balancer=$(aws elbv2 describe-load-balancers ");
    add_balancer_selector(shell, json_get_c(lookup->selector, "load-balancer"));
    buffer_add_c(shell->out, " --query 'LoadBalancers[].LoadBalancerArn' --output text)\n");
    buffer_add_format(shell->out, "%.*s=$(aws elbv2 describe-listeners --load-balancer-arn \"$balancer\" --query 'Listeners[?Port==`", TEXT_ARG(variable->name));
    json_write(shell->out, port, 0);
    buffer_add_c(shell->out, "`].ListenerArn' --output text)\n");
    add_check(shell, variable, lookup->description);
}

static void add_secret(Shell *shell, const Lookup *lookup, const ShellVariable *variable)
{
    buffer_add_format(shell->out, "%.*s=$(aws secretsmanager get-secret-value --secret-id ", TEXT_ARG(variable->name));
    shell_add_word(shell, json_get_c(lookup->selector, "secret"));
    buffer_add_c(shell->out, " --query SecretString --output text)\n");
}

static void add_lookup(Shell *shell, const Lookup *lookup)
{
    ShellVariable *variable = shell_find_variable(shell, lookup->id, lookup->attribute);
    if (!variable || variable->is_given)
        return;
    if (variable->is_list)
        add_subnets(shell, lookup, variable);
    else if (text_starts_with(lookup->attribute, TEXT("vpc-")))
        add_vpc(shell, variable, lookup->selector, text_equal_c(lookup->attribute, "vpc-id") ? "VpcId" : "CidrBlock", lookup->description);
    else if (json_get_c(lookup->selector, "secret"))
        add_secret(shell, lookup, variable);
    else if (json_get_c(lookup->selector, "load-balancer") && json_get_c(lookup->selector, "port"))
        add_listener(shell, lookup, variable);
    else
        add_balancer(shell, lookup, variable);
    variable->is_given = true;
}

void shell_add_lookups(Shell *shell)
{
    const Resources *resources = shell->plan->resources;
    size_t start = shell->out->length;
    for (size_t i = 0; i < resources->lookups.count; i++)
        add_lookup(shell, resources->lookups.items[i]);
    if (shell->out->length > start)
        buffer_add_byte(shell->out, '\n');
}
