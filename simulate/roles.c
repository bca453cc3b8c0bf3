/* Roles with their policies. What was written is not known everywhere at once. */
#include "simulate/state.h"

static Thing *find_role(Simulation *s, Request *r)
{
    Thing *role = thing_find(s, THING_ROLE, request_text(r, "RoleName"));
    if (!role)
        request_fail(r, "NoSuchEntity", "The role with name %.*s cannot be found.", TEXT_ARG(request_text(r, "RoleName")));
    return role;
}

static void write_role(Simulation *s, Thing *role)
{
    thing_touch(s, role);
}

bool role_is_known(Simulation *s, Text arn)
{
    const Thing *role = thing_find(s, THING_ROLE, last_part(arn));
    return !role || s->now_ms - role->changed_ms >= s->options.faults.role_ms;
}

static Json *role_answer(Arena *arena, const Thing *role)
{
    Json *answer = json_share(arena, role->describe);
    json_set_c(arena, answer, "Tags", role->tags ? json_share(arena, role->tags) : json_array(arena));
    return answer;
}

ANSWERER(answer_create_role)
{
    Text name = request_text(r, "RoleName");
    Text path = request_text(r, "Path");
    if (thing_find(s, THING_ROLE, name)) {
        request_fail(r, "EntityAlreadyExists", "Role with name %.*s already exists.", TEXT_ARG(name));
        return;
    }
    Json *describe = json_share(r->arena, r->in);
    json_remove_c(describe, "Tags");
    Json *boundary = json_object(r->arena);
    if (json_get_c(describe, "PermissionsBoundary")) {
        json_set_c(r->arena, boundary, "PermissionsBoundaryArn", json_get_c(describe, "PermissionsBoundary"));
        json_set_c(r->arena, describe, "PermissionsBoundary", boundary);
    }
    json_set_default(r->arena, describe, "Path", json_text_c(r->arena, "/"));
    json_set_default(r->arena, describe, "MaxSessionDuration", json_integer(r->arena, 3600));
    Thing *role = thing_add(s, THING_ROLE, name, describe);
    role->arn = simulation_arn(s, "iam", "role%.*s%.*s", TEXT_ARG(path.len ? path : TEXT("/")), TEXT_ARG(name));
    json_set_c(s->arena, role->describe, "Arn", json_text(s->arena, role->arn));
    role->tags = tags_set(s->arena, NULL, json_get_c(r->in, "Tags"));
    role->more = json_object(s->arena);
    json_set_c(s->arena, role->more, "policies", json_object(s->arena));
    json_set_c(s->arena, role->more, "attached", json_array(s->arena));
    request_set(r, "Role", role_answer(r->arena, role));
}

ANSWERER(answer_role)
{
    const Thing *role = find_role(s, r);
    if (role)
        request_set(r, "Role", role_answer(r->arena, role));
}

ANSWERER(answer_roles)
{
    Text prefix = request_text(r, "PathPrefix");
    Json *list = json_array(r->arena);
    for (size_t i = 0; i < s->things[THING_ROLE].count; i++)
        if (text_starts_with(text_at(s->things[THING_ROLE].items[i]->describe, "Path"), prefix))
            json_add(r->arena, list, json_share(r->arena, s->things[THING_ROLE].items[i]->describe));
    request_set(r, "Roles", list);
}

static Json *policy_list(Arena *arena, const Thing *role)
{
    const Json *policies = json_get_c(role->more, "policies");
    Json *list = json_array(arena);
    for (size_t i = 0; i < policies->members.count; i++) {
        Json *policy = json_object(arena);
        json_set_c(arena, policy, "PolicyName", json_text(arena, policies->members.items[i].key));
        json_set_c(arena, policy, "PolicyDocument", json_share(arena, policies->members.items[i].value));
        json_add(arena, list, policy);
    }
    return list;
}

ANSWERER(answer_role_details)
{
    Json *list = json_array(r->arena);
    for (size_t i = 0; i < s->things[THING_ROLE].count; i++) {
        const Thing *role = s->things[THING_ROLE].items[i];
        Json *detail = role_answer(r->arena, role);
        json_set_c(r->arena, detail, "RolePolicyList", policy_list(r->arena, role));
        json_set_c(r->arena, detail, "AttachedManagedPolicies", json_share(r->arena, json_get_c(role->more, "attached")));
        json_add(r->arena, list, detail);
    }
    request_set(r, "RoleDetailList", list);
}

ANSWERER(answer_update_role)
{
    static const char *const members[] = {"Description", "MaxSessionDuration"};
    Thing *role = find_role(s, r);
    if (!role)
        return;
    write_role(s, role);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const Json *value = json_get_c(r->in, members[i]);
        json_set_c(s->arena, role->describe, members[i], value ? json_keep(s->arena, value) : NULL);
    }
}

ANSWERER(answer_update_trust)
{
    Thing *role = find_role(s, r);
    if (!role)
        return;
    write_role(s, role);
    json_set_c(s->arena, role->describe, "AssumeRolePolicyDocument", json_keep(s->arena, json_get_c(r->in, "PolicyDocument")));
}

ANSWERER(answer_put_policy)
{
    Thing *role = find_role(s, r);
    if (!role)
        return;
    write_role(s, role);
    json_set(s->arena, json_get_c(role->more, "policies"), arena_copy_text(s->arena, request_text(r, "PolicyName")), json_keep(s->arena, json_get_c(r->in, "PolicyDocument")));
}

ANSWERER(answer_policy)
{
    const Thing *role = find_role(s, r);
    const Json *policy = role ? json_get(json_get_c(role->more, "policies"), request_text(r, "PolicyName")) : NULL;
    if (role && !policy)
        request_fail(r, "NoSuchEntity", "The role policy with name %.*s cannot be found.", TEXT_ARG(request_text(r, "PolicyName")));
    if (!policy)
        return;
    request_set_text(r, "RoleName", role->key);
    request_set_text(r, "PolicyName", request_text(r, "PolicyName"));
    request_set(r, "PolicyDocument", json_share(r->arena, policy));
}

ANSWERER(answer_policies)
{
    const Thing *role = find_role(s, r);
    const Json *policies = role ? json_get_c(role->more, "policies") : NULL;
    Json *names = json_array(r->arena);
    for (size_t i = 0; policies && i < policies->members.count; i++)
        json_add(r->arena, names, json_text(r->arena, policies->members.items[i].key));
    if (role)
        request_set(r, "PolicyNames", names);
}

ANSWERER(answer_delete_policy)
{
    Thing *role = find_role(s, r);
    if (!role)
        return;
    if (!json_get(json_get_c(role->more, "policies"), request_text(r, "PolicyName"))) {
        request_fail(r, "NoSuchEntity", "The role policy with name %.*s cannot be found.", TEXT_ARG(request_text(r, "PolicyName")));
        return;
    }
    write_role(s, role);
    json_remove(json_get_c(role->more, "policies"), request_text(r, "PolicyName"));
}

/* AttachRolePolicy and DetachRolePolicy. */
ANSWERER(answer_attach)
{
    Thing *role = find_role(s, r);
    Text arn = request_text(r, "PolicyArn");
    if (!role)
        return;
    write_role(s, role);
    const Json *attached = json_get_c(role->more, "attached");
    Json *left = json_array(s->arena);
    for (size_t i = 0; i < json_item_count(attached); i++)
        if (!text_equal(text_at(attached->items.items[i], "PolicyArn"), arn))
            json_add(s->arena, left, attached->items.items[i]);
    if (text_starts_with(text_from_c(r->operation), TEXT("Attach"))) {
        Json *one = json_object(s->arena);
        Text kept = arena_copy_text(s->arena, arn);
        json_set_c(s->arena, one, "PolicyArn", json_text(s->arena, kept));
        json_set_c(s->arena, one, "PolicyName", json_text(s->arena, last_part(kept)));
        json_add(s->arena, left, one);
    }
    json_set_c(s->arena, role->more, "attached", left);
}

ANSWERER(answer_attached)
{
    const Thing *role = find_role(s, r);
    if (role)
        request_set(r, "AttachedPolicies", json_share(r->arena, json_get_c(role->more, "attached")));
}
