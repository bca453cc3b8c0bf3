/* The order in which CloudFormation makes resources: what a resource mentions comes before it. Looks at the template as it is written. */
#include "foreign/template.h"

#include "base/memory.h"

typedef struct Order {
    ForeignTemplate *t;
    const Json *resources;
    bool *is_before;        /* by index: comes before the service that is looked at */
    ARRAY(size_t) pending;  /* indexes whose own mentions are still to be followed */
} Order;

static Text type_of(const JsonMember *resource)
{
    return foreign_text(resource->value, "Type");
}

/* --- what a part of the template mentions --- */

typedef void Mention(Order *order, Text id);

static void visit_sub(Order *order, const Json *json, Mention *mention)
{
    const Json *text = json->kind == JSON_ARRAY && json->items.count ? json->items.items[0] : json;
    Text rest = text->kind == JSON_TEXT ? text->text : TEXT_NONE;
    for (size_t at = text_find(rest, TEXT("${")); at < rest.len; at = text_find(rest, TEXT("${"))) {
        rest = text_slice(rest, at + 2, rest.len);
        Text name = text_slice(rest, 0, text_find_byte(rest, '}'));
        mention(order, text_slice(name, 0, text_find_byte(name, '.')));
    }
}

static void visit(Order *order, const Json *json, Mention *mention)
{
    for (size_t i = 0; json->kind == JSON_ARRAY && i < json->items.count; i++)
        visit(order, json->items.items[i], mention);
    for (size_t i = 0; json->kind == JSON_OBJECT && i < json->members.count; i++) {
        Text key = json->members.items[i].key;
        const Json *value = json->members.items[i].value;
        bool is_get = text_equal_c(key, "Fn::GetAtt");
        if (is_get && value->kind == JSON_ARRAY && value->items.count && value->items.items[0]->kind == JSON_TEXT)
            mention(order, value->items.items[0]->text);
        else if (value->kind == JSON_TEXT && (is_get || text_equal_c(key, "Ref") || text_equal_c(key, "DependsOn")))
            mention(order, is_get ? text_slice(value->text, 0, text_find_byte(value->text, '.')) : value->text);
        else if (text_equal_c(key, "Fn::Sub"))
            visit_sub(order, value, mention);
        for (size_t j = 0; text_equal_c(key, "DependsOn") && value->kind == JSON_ARRAY && j < value->items.count; j++)
            if (value->items.items[j]->kind == JSON_TEXT)
                mention(order, value->items.items[j]->text);
        visit(order, value, mention);
    }
}

/* --- what comes before a service --- */

/* The members of an object stand in the order of their names. */
static size_t find_index(const Json *object, Text key)
{
    size_t low = 0;
    size_t high = object->members.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = text_compare(object->members.items[middle].key, key);
        if (order == 0)
            return middle;
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return object->members.count;
}

static void note_before(Order *order, Text id)
{
    size_t index = find_index(order->resources, id);
    if (index == order->resources->members.count || order->is_before[index])
        return;
    order->is_before[index] = true;
    ARRAY_PUSH(order->t->arena, &order->pending, index);
}

static void find_before(Order *order, const Json *service)
{
    size_t count = order->resources->members.count;
    for (size_t i = 0; i < count; i++)
        order->is_before[i] = false;
    order->pending.count = 0;
    visit(order, service, note_before);
    while (order->pending.count)
        visit(order, order->resources->members.items[order->pending.items[--order->pending.count]].value, note_before);
}

/* --- the listener of a target group --- */

/* Whether the part refers to the resource. */
static bool refers_to(const Json *json, Text id)
{
    const Json *ref = json->kind == JSON_OBJECT ? json_get_c(json, "Ref") : NULL;
    if (ref && ref->kind == JSON_TEXT && text_equal(ref->text, id))
        return true;
    for (size_t i = 0; json->kind == JSON_ARRAY && i < json->items.count; i++)
        if (refers_to(json->items.items[i], id))
            return true;
    for (size_t i = 0; json->kind == JSON_OBJECT && i < json->members.count; i++)
        if (refers_to(json->members.items[i].value, id))
            return true;
    return false;
}

static void check_group(Order *order, const Json *arn)
{
    const Json *ref = arn && arn->kind == JSON_OBJECT ? json_get_c(arn, "Ref") : NULL;
    const JsonMember *first = NULL;
    if (!ref || ref->kind != JSON_TEXT || !json_get(order->resources, ref->text))
        return;
    for (size_t i = 0; i < order->resources->members.count; i++) {
        const JsonMember *member = &order->resources->members.items[i];
        bool is_route = text_equal_c(type_of(member), "AWS::ElasticLoadBalancingV2::Listener") || text_equal_c(type_of(member), "AWS::ElasticLoadBalancingV2::ListenerRule");
        if (!is_route || !refers_to(member->value, ref->text))
            continue;
        if (order->is_before[i])
            return;
        first = first ? first : member;
    }
    if (!first)
        return;
    Diagnostics *sink = order->t->converter->sink;
    Diagnostic *d = diagnostic_report(sink, CODE_TEMPLATE_ORDER, arn->origin, "the service may be made before %.*s gives %.*s a load balancer", TEXT_ARG(first->key), TEXT_ARG(ref->text));
    diagnostic_set_label(sink, d, "ECS refuses a target group that no load balancer uses yet");
    diagnostic_set_advice(sink, d, "add DependsOn: %.*s to the service", TEXT_ARG(first->key));
}

void foreign_check_order(ForeignTemplate *t, const Json *resources)
{
    Order order = {.t = t, .resources = resources, .is_before = ARENA_NEW_ARRAY(t->arena, bool, resources->members.count)};
    for (size_t i = 0; i < resources->members.count; i++) {
        const JsonMember *member = &resources->members.items[i];
        const Json *properties = text_equal_c(type_of(member), "AWS::ECS::Service") ? json_get_c(member->value, "Properties") : NULL;
        const Json *balancers = properties && properties->kind == JSON_OBJECT ? json_get_c(properties, "LoadBalancers") : NULL;
        if (!balancers || balancers->kind != JSON_ARRAY)
            continue;
        find_before(&order, member->value);
        for (size_t j = 0; j < balancers->items.count; j++)
            if (balancers->items.items[j]->kind == JSON_OBJECT)
                check_group(&order, json_get_c(balancers->items.items[j], "TargetGroupArn"));
    }
}
