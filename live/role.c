/* Roles: by the path that is theirs alone, and by name where the file gives one that may have another path. */
#include "live/reader.h"

/* A role by itself takes four calls, all roles of the account a few, however many are ours. */
enum { ROLES_BY_THEMSELVES = 8 };

static const Question roles_question = {.service = "iam", .operation = "ListRoles", .results = "Roles", .more = {"MaxItems", "1000"}};
static const Question all_question = {.service = "iam", .operation = "GetAccountAuthorizationDetails", .results = "RoleDetailList",
                                      .more = {"Filter", "[Role]", "MaxItems", "1000"}};
static const Question role_question = {.service = "iam", .operation = "GetRole", .names = "RoleName"};
static const Question policies_question = {.service = "iam", .operation = "ListRolePolicies", .names = "RoleName", .results = "PolicyNames"};
static const Question policy_question = {.service = "iam", .operation = "GetRolePolicy", .names = "PolicyName", .group = "RoleName"};
static const Question attached_question = {.service = "iam", .operation = "ListAttachedRolePolicies", .names = "RoleName", .results = "AttachedPolicies"};

static void set_role(Reader *reader, Thing *thing, Json *role)
{
    Json *tags = json_get_c(role, "Tags");
    if (!tags)
        json_set_c(reader->arena, role, "Tags", json_array(reader->arena));
    if (reader_owns(reader, tags))
        thing->id = reader_tag(tags, "svc:id");
    if (text_ends_with(thing->id, TEXT("/role/schedule")) && !resources_find(reader->input->resources, thing->id))
        find_undeclared_schedule(reader, text_slice(thing->id, 0, text_find_byte(thing->id, '/')));
    thing->describe = json_object(reader->arena);
    thing->arn = reader_text(role, "Arn");
    json_set_c(reader->arena, thing->describe, "Role", role);
    json_set_c(reader->arena, thing->describe, "policies", json_object(reader->arena));
    json_set_c(reader->arena, thing->describe, "attached", json_array(reader->arena));
}

/* --- one by one --- */

static void take_policy(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    Thing *thing = subject;
    if (result && thing->describe)
        json_set(reader->arena, json_get_c(thing->describe, "policies"), reader_text(result, "PolicyName"), json_get_c(result, "PolicyDocument"));
}

static void take_policy_name(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    Thing *thing = subject;
    if (result && result->kind == JSON_TEXT)
        asker_ask(reader->asker, &policy_question, thing->name, result->text, thing, take_policy);
}

static void take_attached(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    Thing *thing = subject;
    if (result && thing->describe)
        json_add(reader->arena, json_get_c(thing->describe, "attached"), result);
}

/* The others wait for it: a role that is not there has no policies. */
static void take_role(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    Thing *thing = subject;
    if (!result)
        return;
    set_role(reader, thing, json_get_c(result, "Role"));
    asker_ask(reader->asker, &policies_question, TEXT_NONE, thing->name, thing, take_policy_name);
    asker_ask(reader->asker, &attached_question, TEXT_NONE, thing->name, thing, take_attached);
}

/* --- all at once --- */

static void ask_one_by_one(Reader *reader)
{
    for (size_t i = 0; i < reader->things.count; i++)
        if (reader->things.items[i]->kind == RESOURCE_ROLE && !reader->things.items[i]->describe)
            asker_ask(reader->asker, &role_question, TEXT_NONE, reader->things.items[i]->name, reader->things.items[i], take_role);
}

static void take_detail(void *context, void *subject, Json *result)
{
    static const char *const members[] = {"Description", "MaxSessionDuration"};
    Reader *reader = context;
    Arena *arena = reader->arena;
    (void)subject;
    if (!result) /* the end, or denied: many may read single roles only */
        ask_one_by_one(reader);
    Thing *thing = result ? reader_find(reader, RESOURCE_ROLE, TEXT_NONE, reader_text(result, "RoleName")) : NULL;
    if (!thing)
        return;
    const Json *policies = json_get_c(result, "RolePolicyList");
    Json *attached = json_get_c(result, "AttachedManagedPolicies");
    Json *role = json_copy_node(arena, result);
    json_remove_c(role, "RolePolicyList");
    json_remove_c(role, "AttachedManagedPolicies");
    json_remove_c(role, "InstanceProfileList");
    for (size_t i = 0; i < reader->roles.count; i++) /* which says what the details leave out */
        for (size_t j = 0; text_equal(reader_text(reader->roles.items[i], "RoleName"), thing->name) && j < sizeof members / sizeof *members; j++)
            json_set_c(arena, role, members[j], json_get_c(reader->roles.items[i], members[j]));
    set_role(reader, thing, role);
    if (attached)
        json_set_c(arena, thing->describe, "attached", attached);
    for (size_t i = 0; i < json_item_count(policies); i++)
        take_policy(reader, thing, policies->items.items[i]);
}

/* --- which --- */

static void take_listed(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    (void)subject;
    if (result) {
        ARRAY_PUSH(reader->arena, &reader->roles, result);
        (void)reader_want(reader, RESOURCE_ROLE, TEXT_NONE, reader_text(result, "RoleName"));
    } else if (reader->roles.count > ROLES_BY_THEMSELVES) {
        asker_try_list(reader->asker, &all_question, NULL, NULL, take_detail);
    } else {
        ask_one_by_one(reader);
    }
}

void find_roles(Reader *reader)
{
    const Model *model = reader->input->model;
    Text environment = model->environment.name;
    Text path = arena_format(reader->arena, "/svc/%.*s/%.*s%s", TEXT_ARG(model->project), TEXT_ARG(environment), environment.len ? "/" : "");
    for (size_t i = 0; i < reader->input->resources->items.count; i++) {
        const Resource *resource = reader->input->resources->items.items[i];
        if (resource->kind == RESOURCE_ROLE)
            reader_declare(reader, reader_want(reader, RESOURCE_ROLE, TEXT_NONE, resource->name), resource);
    }
    asker_list(reader->asker, &roles_question, reader_object(reader, "PathPrefix", path), NULL, take_listed);
}
