/* What a change lets whom do, in words: IAM statements, ingress and egress, public exposure. */
#include "plan/plan.h"

typedef struct Teller {
    Buffer *out;
    const Plan *plan;
    const PlanItem *item;
    bool has_heading;
    char sign; /* '+' newly allowed, '-' no longer */
    size_t line; /* where the line being written starts */
    TextArray lines; /* all so far: both sides of a rule say the same */
} Teller;

static void begin_line(Teller *t)
{
    if (!t->has_heading)
        buffer_add_c(t->out, "\nSecurity\n");
    t->has_heading = true;
    t->line = t->out->length;
    buffer_add_format(t->out, "  %c ", t->sign);
}

static void end_line(Teller *t)
{
    buffer_add_byte(t->out, '\n');
    Text line = text_slice(buffer_text(t->out), t->line, t->out->length);
    enum { NEAR = 256 }; /* both sides of a rule stand near each other */
    for (size_t i = t->lines.count > NEAR ? t->lines.count - NEAR : 0; i < t->lines.count; i++) {
        if (text_equal(t->lines.items[i], line)) {
            t->out->length = t->line;
            return;
        }
    }
    ARRAY_PUSH(t->plan->arena, &t->lines, arena_copy_text(t->plan->arena, line));
}

/* A text or a value that stands for one. */
static void add_plain(Teller *t, const Json *json)
{
    Buffer text = {0};
    json_write(&text, json, 0);
    Text shown = buffer_text(&text);
    bool is_quoted = shown.len > 1 && shown.ptr[0] == '"';
    buffer_add(t->out, is_quoted ? text_slice(shown, 1, shown.len - 1) : shown);
    buffer_free(&text);
}

static void add_list(Teller *t, const Json *list)
{
    enum { SHOWN_MAX = 6 };
    if (!list)
        return;
    if (list->kind != JSON_ARRAY) {
        add_plain(t, list);
        return;
    }
    for (size_t i = 0; i < list->items.count && i < SHOWN_MAX; i++) {
        buffer_add_c(t->out, i ? ", " : "");
        add_plain(t, list->items.items[i]);
    }
    if (list->items.count > SHOWN_MAX)
        buffer_add_format(t->out, " and %zu more", list->items.count - SHOWN_MAX);
}

/* --- roles --- */

/* The last part of an svc:id: "execution" of "web/role/execution". */
static Text last_part(Text id)
{
    size_t slash = id.len;
    while (slash > 0 && id.ptr[slash - 1] != '/')
        slash--;
    return text_slice(id, slash, id.len);
}

static void begin_role(Teller *t)
{
    begin_line(t);
    buffer_add_format(t->out, "%.*s role", TEXT_ARG(last_part(t->item->id)));
    if (t->item->service.len)
        buffer_add_format(t->out, " of %.*s", TEXT_ARG(t->item->service));
}

static void tell_statement(Teller *t, const Json *statement)
{
    const Json *effect = json_get_c(statement, "Effect");
    const Json *actions = json_get_c(statement, "Action");
    const Json *resources = json_get_c(statement, "Resource");
    bool is_denied = effect && effect->kind == JSON_TEXT && text_equal_c(effect->text, "Deny");
    begin_role(t);
    buffer_add_c(t->out, is_denied ? " may not " : " may ");
    if (actions)
        add_list(t, actions);
    else
        buffer_add_c(t->out, "do all but what the statement lists");
    if (resources) {
        buffer_add_c(t->out, " on ");
        add_list(t, resources);
    }
    buffer_add_c(t->out, json_get_c(statement, "Condition") ? ", under conditions" : "");
    end_line(t);
}

static bool has_equal(const Json *list, const Json *json)
{
    for (size_t i = 0; list && list->kind == JSON_ARRAY && i < list->items.count; i++)
        if (json_equal(list->items.items[i], json))
            return true;
    return false;
}

/* The statements of one document that the other lacks. */
static void tell_statements(Teller *t, char sign, const Json *document, const Json *other)
{
    const Json *statements = json_get_c(document, "Statement");
    t->sign = sign;
    for (size_t i = 0; statements && statements->kind == JSON_ARRAY && i < statements->items.count; i++)
        if (!has_equal(json_get_c(other, "Statement"), statements->items.items[i]))
            tell_statement(t, statements->items.items[i]);
}

static void tell_managed(Teller *t, char sign, const Json *list, const Json *other)
{
    t->sign = sign;
    for (size_t i = 0; list && list->kind == JSON_ARRAY && i < list->items.count; i++) {
        if (has_equal(other, list->items.items[i]))
            continue;
        begin_role(t);
        buffer_add_c(t->out, " has the managed policy ");
        add_plain(t, list->items.items[i]);
        end_line(t);
    }
}

static void tell_role(Teller *t)
{
    const PlanItem *item = t->item;
    const Json *desired = item->action == PLAN_DELETE ? NULL : item->desired;
    tell_statements(t, '+', json_get_c(desired, "policy"), json_get_c(item->live, "policy"));
    tell_statements(t, '-', json_get_c(item->live, "policy"), json_get_c(desired, "policy"));
    const Json *others = json_get_c(item->live, "policies");
    for (size_t i = 0; i < json_length(others); i++)
        tell_statements(t, '-', others->members.items[i].value, NULL);
    tell_managed(t, '+', json_get_c(desired, "managed"), json_get_c(item->live, "managed"));
    tell_managed(t, '-', json_get_c(item->live, "managed"), json_get_c(desired, "managed"));
    for (size_t i = 0; i < item->changes.count; i++) {
        if (!text_starts_with(item->changes.items[i].path, TEXT("trust")))
            continue;
        t->sign = '~';
        begin_role(t);
        buffer_add_c(t->out, " may be assumed by others than before");
        end_line(t);
        break;
    }
}

/* --- networks --- */

/* "load balancer edge", "tasks of web", or the name in AWS. */
static void add_group_name(Teller *t, Text id, Text name)
{
    const Resource *group = resources_find(t->plan->resources, id);
    Text last = last_part(id);
    if (group && group->service.len && text_equal_c(last, "tasks"))
        buffer_add_format(t->out, "tasks of %.*s", TEXT_ARG(group->service));
    else if (group && !group->service.len)
        buffer_add_format(t->out, "load balancer %.*s", TEXT_ARG(last));
    else
        buffer_add_format(t->out, "security group %.*s", TEXT_ARG(name.len ? name : id));
}

static void add_peer(Teller *t, const Json *peer)
{
    if (peer->kind == JSON_REFERENCE && resources_find(t->plan->resources, peer->reference->resource)) {
        add_group_name(t, peer->reference->resource, TEXT_NONE);
        return;
    }
    bool is_text = peer->kind == JSON_TEXT;
    if (is_text && (text_equal_c(peer->text, "0.0.0.0/0") || text_equal_c(peer->text, "::/0"))) {
        buffer_add_c(t->out, text_equal_c(peer->text, "::/0") ? "internet (IPv6)" : "internet");
        return;
    }
    add_plain(t, peer);
}

static void add_ports(Teller *t, const Json *permission)
{
    const Json *protocol = json_get_c(permission, "IpProtocol");
    const Json *from = json_get_c(permission, "FromPort");
    const Json *to = json_get_c(permission, "ToPort");
    if (!protocol || protocol->kind != JSON_TEXT || text_equal_c(protocol->text, "-1")) {
        buffer_add_c(t->out, " on every port");
        return;
    }
    buffer_add_format(t->out, " on %.*s", TEXT_ARG(protocol->text));
    if (!from || !to)
        return;
    buffer_add_byte(t->out, ' ');
    add_plain(t, from);
    if (!json_equal(from, to)) {
        buffer_add_byte(t->out, '-');
        add_plain(t, to);
    }
}

/* The group that the permissions are of: this item's own, or one that exists. */
static void add_own_group(Teller *t, const Json *input)
{
    const Json *group = json_get_c(input, "GroupId");
    if (t->item->kind != RESOURCE_SECURITY_GROUP && group)
        add_peer(t, group);
    else
        add_group_name(t, t->item->id, t->item->name);
}

/* A rule to nowhere: it stands in for EC2's default one, which lets everything out. */
static bool is_loopback(const Json *peer)
{
    return peer->kind == JSON_TEXT && text_equal_c(peer->text, "127.0.0.1/32");
}

static void tell_permission(Teller *t, const Json *input, const Json *permission, bool is_egress)
{
    static const struct {
        const char *list;
        const char *member;
    } peers[] = {{"IpRanges", "CidrIp"}, {"Ipv6Ranges", "CidrIpv6"}, {"UserIdGroupPairs", "GroupId"}, {"PrefixListIds", "PrefixListId"}};
    for (size_t i = 0; i < sizeof peers / sizeof *peers; i++) {
        const Json *list = json_get_c(permission, peers[i].list);
        for (size_t j = 0; list && list->kind == JSON_ARRAY && j < list->items.count; j++) {
            const Json *peer = json_get_c(list->items.items[j], peers[i].member);
            if (!peer || (is_egress && is_loopback(peer)))
                continue;
            begin_line(t);
            if (is_egress)
                add_own_group(t, input);
            else
                add_peer(t, peer);
            buffer_add_c(t->out, " may reach ");
            if (is_egress)
                add_peer(t, peer);
            else
                add_own_group(t, input);
            add_ports(t, permission);
            end_line(t);
        }
    }
}

static void tell_permissions(Teller *t, char sign, const Json *document, bool is_egress)
{
    const Json *input = json_get_c(document, is_egress ? "AuthorizeSecurityGroupEgress" : "AuthorizeSecurityGroupIngress");
    const Json *permissions = json_get_c(input, "IpPermissions");
    t->sign = sign;
    for (size_t i = 0; permissions && permissions->kind == JSON_ARRAY && i < permissions->items.count; i++)
        tell_permission(t, input, permissions->items.items[i], is_egress);
}

static void tell_group_change(Teller *t)
{
    for (size_t i = 0; i < t->item->changes.count; i++) {
        const PlanChange *change = &t->item->changes.items[i];
        bool is_rule = t->item->kind != RESOURCE_SECURITY_GROUP;
        bool is_egress = is_rule ? t->item->kind == RESOURCE_SECURITY_GROUP_EGRESS : text_starts_with(change->path, TEXT("AuthorizeSecurityGroupEgress"));
        if (!text_starts_with(change->path, is_rule ? TEXT("IpPermissions") : TEXT("AuthorizeSecurityGroup")))
            continue;
        bool is_whole = text_find_byte(change->path, '[') == change->path.len;
        const Json *own = is_rule ? t->item->resource->input : NULL;
        const Json *sides[] = {change->after, change->before};
        for (size_t j = 0; j < 2; j++) {
            t->sign = j ? '-' : '+';
            const Json *all = is_whole ? json_get_c(sides[j], "IpPermissions") : NULL;
            for (size_t k = 0; all && all->kind == JSON_ARRAY && k < all->items.count; k++)
                tell_permission(t, sides[j], all->items.items[k], is_egress);
            if (!is_whole && sides[j])
                tell_permission(t, own, sides[j], is_egress);
        }
    }
}

static void tell_group(Teller *t)
{
    if (t->item->action == PLAN_CHANGE) {
        tell_group_change(t);
        return;
    }
    const Json *document = t->item->action == PLAN_DELETE ? t->item->live : t->item->desired;
    char sign = t->item->action == PLAN_DELETE ? '-' : '+';
    tell_permissions(t, sign, document, false);
    tell_permissions(t, sign, document, true);
}

static bool is_text_at(const Json *json, const char *text)
{
    return json && json->kind == JSON_TEXT && text_equal_c(json->text, text);
}

static void tell_exposure(Teller *t)
{
    const PlanItem *item = t->item;
    const Json *input = json_get_c(item->desired, resource_facts(item->kind)->operation);
    const Json *network = json_get_c(json_get_c(input, "networkConfiguration"), "awsvpcConfiguration");
    bool is_new = item->action == PLAN_CREATE || item->action == PLAN_REPLACE;
    t->sign = '+';
    if (item->kind == RESOURCE_LOAD_BALANCER && is_new && is_text_at(json_get_c(input, "Scheme"), "internet-facing")) {
        begin_line(t);
        buffer_add_format(t->out, "load balancer %.*s has public addresses", TEXT_ARG(last_part(item->id)));
        end_line(t);
    }
    if (item->kind == RESOURCE_SERVICE && is_text_at(json_get_c(network, "assignPublicIp"), "ENABLED")) {
        begin_line(t);
        buffer_add_format(t->out, "tasks of %.*s have public addresses", TEXT_ARG(item->service));
        end_line(t);
    }
}

void plan_render_security(Buffer *out, const Plan *plan)
{
    Teller t = {.out = out, .plan = plan};
    for (size_t i = 0; i < plan->items.count; i++) {
        t.item = plan->items.items[i];
        if (t.item->action == PLAN_UNCHANGED)
            continue;
        if (t.item->kind == RESOURCE_ROLE)
            tell_role(&t);
        else if (t.item->kind == RESOURCE_SECURITY_GROUP || t.item->kind == RESOURCE_SECURITY_GROUP_RULE ||
                 t.item->kind == RESOURCE_SECURITY_GROUP_EGRESS)
            tell_group(&t);
        else if (t.item->action != PLAN_DELETE)
            tell_exposure(&t);
    }
}
