/* Load balancers, and what hangs on them: listeners, rules, target groups. Asked for by name, one that is missing fails all of a call; a region has
   few enough that all are listed. */
#include "live/reader.h"

#include "document/arn.h"

static const Question balancers_question = {.service = "elbv2", .operation = "DescribeLoadBalancers", .results = "LoadBalancers", .more = {"PageSize", "400"}};
static const Question target_groups_question = {.service = "elbv2", .operation = "DescribeTargetGroups", .results = "TargetGroups", .more = {"PageSize", "400"}};
static const Question balancer_attributes = {.service = "elbv2", .operation = "DescribeLoadBalancerAttributes", .names = "LoadBalancerArn"};
static const Question target_group_attributes = {.service = "elbv2", .operation = "DescribeTargetGroupAttributes", .names = "TargetGroupArn"};
static const Question listeners_question = {.service = "elbv2", .operation = "DescribeListeners", .names = "LoadBalancerArn", .results = "Listeners"};
static const Question rules_question = {.service = "elbv2", .operation = "DescribeRules", .names = "ListenerArn", .results = "Rules"};
static const Question tags_question = {.service = "elbv2", .operation = "DescribeTags", .names = "ResourceArns", .batch = 20, .results = "TagDescriptions",
                                       .key = "ResourceArn"};

static bool declares(const Reader *reader, ResourceKind kind)
{
    for (size_t i = 0; i < reader->input->resources->items.count; i++)
        if (reader->input->resources->items.items[i]->kind == kind)
            return true;
    return false;
}

static bool has_tagged(const Reader *reader, Text type)
{
    for (size_t i = 0; i < reader->tagged.count; i++)
        if (text_starts_with(arn_part(reader->tagged.items[i]->arn, ARN_RESOURCE), type))
            return true;
    return false;
}

/* A thing with the element of AWS's answer as its member, as its describing operations give it. */
static Thing *keep(Reader *reader, ResourceKind kind, Text arn, const char *member, Json *result)
{
    const Tagged *tagged = reader_find_tagged(reader, arn);
    Thing *thing = reader_want(reader, kind, TEXT_NONE, arn);
    thing->arn = arn;
    if (tagged)
        thing->id = reader_tag(tagged->tags, "svc:id");
    thing->describe = json_object(reader->arena);
    json_set_c(reader->arena, thing->describe, member, result);
    return thing;
}

static void take_attributes(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    Thing *thing = subject;
    if (result)
        json_set_c(reader->arena, thing->describe, "Attributes", json_get_c(result, "Attributes"));
}

/* --- target groups --- */

static void take_target_group(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    (void)subject;
    Text arn = reader_text(result, "TargetGroupArn");
    const Resource *resource = result ? resources_find_name(reader->input->resources, RESOURCE_TARGET_GROUP, reader_text(result, "TargetGroupName")) : NULL;
    if (!result || (!resource && !reader_find_tagged(reader, arn)))
        return;
    Thing *thing = keep(reader, RESOURCE_TARGET_GROUP, arn, "TargetGroup", result);
    if (resource)
        reader_declare(reader, thing, resource);
    asker_ask(reader->asker, &target_group_attributes, TEXT_NONE, arn, thing, take_attributes);
}

/* --- rules --- */

/* The conditions, in one form: AWS answers a path pattern in two ways. */
static Text conditions_text(Reader *reader, const Json *conditions)
{
    Json *plain = json_array(reader->arena);
    for (size_t i = 0; i < json_item_count(conditions); i++) {
        Json *copy = json_copy_node(reader->arena, conditions->items.items[i]);
        for (size_t j = 0; copy->kind == JSON_OBJECT && j < copy->members.count; j++)
            if (text_ends_with(copy->members.items[j].key, TEXT("Config")))
                json_remove_c(copy, "Values");
        json_add(reader->arena, plain, copy);
    }
    json_sort_by(plain, "Field");
    Buffer out = {0};
    json_write(&out, plain, 0);
    Text text = arena_copy_text(reader->arena, buffer_text(&out));
    buffer_free(&out);
    return text;
}

/* Others made a rule that says the same: it is this one, to be adopted. */
static const Resource *find_same_rule(Reader *reader, Text listener, const Json *rule)
{
    Text conditions = conditions_text(reader, json_get_c(rule, "Conditions"));
    for (size_t i = 0; i < reader->input->resources->items.count; i++) {
        const Resource *resource = reader->input->resources->items.items[i];
        if (resource->kind == RESOURCE_LISTENER_RULE && text_equal(reader_value(reader, json_get_c(resource->input, "ListenerArn")), listener) &&
            text_equal(conditions_text(reader, json_get_c(resource->input, "Conditions")), conditions))
            return resource;
    }
    return NULL;
}

typedef struct UntaggedRule {
    Json *rule;
    Text listener;
} UntaggedRule;

static bool lacks_rules(const Reader *reader, Text listener)
{
    for (size_t i = 0; i < reader->input->resources->items.count; i++) {
        const Resource *resource = reader->input->resources->items.items[i];
        if (resource->kind == RESOURCE_LISTENER_RULE && !reader_find_declared(reader, resource->id) &&
            text_equal(reader_value(reader, json_get_c(resource->input, "ListenerArn")), listener))
            return true;
    }
    return false;
}

static void keep_rule(Reader *reader, Json *rule, const Json *tags)
{
    Thing *thing = keep(reader, RESOURCE_LISTENER_RULE, reader_text(rule, "RuleArn"), "Rule", rule);
    thing->id = reader_tag(tags, "svc:id");
    const Resource *resource = resources_find(reader->input->resources, thing->id);
    if (resource && resource->kind == RESOURCE_LISTENER_RULE && !reader_find_declared(reader, resource->id))
        reader_declare(reader, thing, resource);
}

static void take_rule_tags(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    UntaggedRule *untagged = subject;
    Json *tags = json_get_c(result, "Tags");
    if (!result)
        return;
    if (reader_owns(reader, tags)) {
        keep_rule(reader, untagged->rule, tags);
        return;
    }
    const Resource *same = find_same_rule(reader, untagged->listener, untagged->rule);
    if (same && !reader_find_declared(reader, same->id))
        reader_declare(reader, keep(reader, RESOURCE_LISTENER_RULE, reader_text(untagged->rule, "RuleArn"), "Rule", untagged->rule), same);
}

/* The rules of one listener whose tags were not among those found; asked for only while a declared rule is missing. */
typedef struct ListenerRules {
    Text listener;
    ARRAY(UntaggedRule *) untagged;
} ListenerRules;

static void take_rule(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    ListenerRules *rules = subject;
    const Json *is_default = json_get_c(result, "IsDefault");
    const Tagged *tagged = result ? reader_find_tagged(reader, reader_text(result, "RuleArn")) : NULL;
    ListenerRule seen = {rules->listener, result};
    if (result)
        ARRAY_PUSH(reader->arena, &reader->rules, seen);
    if (tagged) {
        keep_rule(reader, result, tagged->tags);
    } else if (result && !(is_default && is_default->kind == JSON_BOOL && is_default->boolean)) {
        UntaggedRule *untagged = ARENA_NEW(reader->arena, UntaggedRule);
        *untagged = (UntaggedRule){.rule = result, .listener = rules->listener};
        ARRAY_PUSH(reader->arena, &rules->untagged, untagged);
    }
    if (result || !lacks_rules(reader, rules->listener))
        return;
    for (size_t i = 0; i < rules->untagged.count; i++)
        asker_ask(reader->asker, &tags_question, TEXT_NONE, reader_text(rules->untagged.items[i]->rule, "RuleArn"), rules->untagged.items[i], take_rule_tags);
}

/* Whether rules of ours hang on the listener, as the file or their tags say. */
static bool has_rules(const Reader *reader, Text listener)
{
    size_t at = text_find(listener, TEXT(":listener/"));
    Text rest = at < listener.len ? text_slice(listener, at + sizeof ":listener/" - 1, listener.len) : TEXT_NONE;
    for (size_t i = 0; rest.len && i < reader->tagged.count; i++) {
        Text resource = arn_part(reader->tagged.items[i]->arn, ARN_RESOURCE);
        Text type = TEXT("listener-rule/");
        if (text_starts_with(resource, type) && text_starts_with(text_slice(resource, type.len, resource.len), rest))
            return true;
    }
    return lacks_rules(reader, listener);
}

/* --- listeners --- */

static const Resource *find_declared_listener(const Reader *reader, const Json *listener)
{
    for (size_t i = 0; i < reader->input->resources->items.count; i++) {
        const Resource *resource = reader->input->resources->items.items[i];
        const Json *port = json_get_c(resource->input, "Port");
        const Json *found = json_get_c(listener, "Port");
        if (resource->kind == RESOURCE_LISTENER && port && found && json_equal(port, found) &&
            text_equal(reader_value(reader, json_get_c(resource->input, "LoadBalancerArn")), reader_text(listener, "LoadBalancerArn")))
            return resource;
    }
    return NULL;
}

/* A listener that the file looks up is known by its load balancer and port. */
static void keep_lookup(Reader *reader, const Json *listener)
{
    const Json *port = json_get_c(listener, "Port");
    for (size_t i = 0; i < reader->input->resources->lookups.count; i++) {
        const Lookup *lookup = reader->input->resources->lookups.items[i];
        const Json *balancer = json_get_c(lookup->selector, "load-balancer");
        const Json *wanted = json_get_c(lookup->selector, "port");
        if (balancer && wanted && port && json_equal(wanted, port) &&
            text_equal(reader_text(find_balancer(reader, balancer), "LoadBalancerArn"), reader_text(listener, "LoadBalancerArn")))
            json_set(reader->arena, reader->lookups, arena_format(reader->arena, "%.*s#%.*s", TEXT_ARG(lookup->id), TEXT_ARG(lookup->attribute)),
                     json_get_c(listener, "ListenerArn"));
    }
}

static void take_listener(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    (void)subject;
    Text arn = reader_text(result, "ListenerArn");
    const Resource *resource = result ? find_declared_listener(reader, result) : NULL;
    if (!result)
        return;
    if (resource || reader_find_tagged(reader, arn)) {
        Thing *thing = keep(reader, RESOURCE_LISTENER, arn, "Listener", result);
        if (resource)
            reader_declare(reader, thing, resource);
    }
    keep_lookup(reader, result);
    if (!has_rules(reader, arn))
        return;
    ListenerRules *rules = ARENA_NEW(reader->arena, ListenerRules);
    rules->listener = arn;
    asker_ask(reader->asker, &rules_question, TEXT_NONE, arn, rules, take_rule);
}

/* --- load balancers --- */

const Json *find_balancer(const Reader *reader, const Json *selector)
{
    Text arn = reader_text(selector, "arn");
    Text name = reader_text(selector, "name");
    for (size_t i = 0; i < reader->balancers.count; i++)
        if (arn.len ? text_equal(reader_text(reader->balancers.items[i], "LoadBalancerArn"), arn)
                    : text_equal(reader_text(reader->balancers.items[i], "LoadBalancerName"), name))
            return reader->balancers.items[i];
    return NULL;
}

/* Whether the file looks it up, or names it in what it does. */
static bool is_looked_up(const Reader *reader, const Json *balancer)
{
    for (size_t i = 0; i < reader->input->resources->lookups.count; i++) {
        const Json *selector = find_balancer_selector(reader->input->resources->lookups.items[i]);
        if (selector && find_balancer(reader, selector) == balancer)
            return true;
    }
    return false;
}

static void take_balancer(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    (void)subject;
    Text arn = reader_text(result, "LoadBalancerArn");
    const Resource *resource = result ? resources_find_name(reader->input->resources, RESOURCE_LOAD_BALANCER, reader_text(result, "LoadBalancerName")) : NULL;
    if (!result)
        return;
    ARRAY_PUSH(reader->arena, &reader->balancers, result);
    bool is_ours = resource || reader_find_tagged(reader, arn);
    if (is_ours) {
        Thing *thing = keep(reader, RESOURCE_LOAD_BALANCER, arn, "LoadBalancer", result);
        if (resource)
            reader_declare(reader, thing, resource);
        asker_ask(reader->asker, &balancer_attributes, TEXT_NONE, arn, thing, take_attributes);
    }
    if (is_ours || is_looked_up(reader, result))
        asker_ask(reader->asker, &listeners_question, TEXT_NONE, arn, NULL, take_listener);
}

void find_balancers(Reader *reader)
{
    bool looks_up = false;
    for (size_t i = 0; i < reader->input->resources->lookups.count; i++)
        looks_up = looks_up || find_balancer_selector(reader->input->resources->lookups.items[i]);
    if (looks_up || declares(reader, RESOURCE_LOAD_BALANCER) || has_tagged(reader, TEXT("loadbalancer/")) || has_tagged(reader, TEXT("listener")))
        asker_list(reader->asker, &balancers_question, NULL, NULL, take_balancer);
    if (declares(reader, RESOURCE_TARGET_GROUP) || has_tagged(reader, TEXT("targetgroup/")))
        asker_list(reader->asker, &target_groups_question, NULL, NULL, take_target_group);
}
