/* Security groups, by name and by their tags, and the rules that stand by themselves. EC2's filters of tags do not lag. */
#include "live/reader.h"

static const Question groups_by_name = {.service = "ec2", .operation = "DescribeSecurityGroups", .filter = "group-name", .batch = 200, .results = "SecurityGroups",
                                        .key = "GroupName"};
static const Question groups_question = {.service = "ec2", .operation = "DescribeSecurityGroups", .results = "SecurityGroups"};
static const Question rules_question = {.service = "ec2", .operation = "DescribeSecurityGroupRules", .results = "SecurityGroupRules"};

static void keep_group(Reader *reader, Json *result)
{
    Text id = reader_text(result, "GroupId");
    Thing *thing = reader_want(reader, RESOURCE_SECURITY_GROUP, TEXT_NONE, id);
    if (!json_get_c(result, "Tags"))
        json_set_c(reader->arena, result, "Tags", json_array(reader->arena));
    if (reader_owns(reader, json_get_c(result, "Tags")))
        thing->id = reader_tag(json_get_c(result, "Tags"), "svc:id");
    thing->describe = result;
}

static void take_group(void *context, void *subject, Json *result)
{
    (void)subject;
    if (result)
        keep_group(context, result);
}

/* Groups of one name are in different VPCs: it is the one in the file's. */
static void take_named_group(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    const Resource *resource = subject;
    if (!result || !text_equal(reader_value(reader, json_get_c(resource->input, "VpcId")), reader_text(result, "VpcId")))
        return;
    keep_group(reader, result);
    reader_declare(reader, reader_find(reader, RESOURCE_SECURITY_GROUP, TEXT_NONE, reader_text(result, "GroupId")), resource);
}

/* One declared rule may be several of EC2's: a range of each kind is one. */
static void take_rule(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    const Json *tags = json_get_c(result, "Tags");
    (void)subject;
    if (!result || !reader_owns(reader, tags))
        return;
    Text id = reader_tag(tags, "svc:id");
    const Json *egress = json_get_c(result, "IsEgress");
    ResourceKind kind = egress && egress->kind == JSON_BOOL && egress->boolean ? RESOURCE_SECURITY_GROUP_EGRESS : RESOURCE_SECURITY_GROUP_RULE;
    const Resource *resource = resources_find(reader->input->resources, id);
    Thing *thing = reader_want(reader, kind, reader_text(result, "GroupId"), id);
    if (!thing->describe) {
        thing->id = id;
        thing->describe = json_object(reader->arena);
        json_set_c(reader->arena, thing->describe, "SecurityGroupRules", json_array(reader->arena));
        json_set_c(reader->arena, thing->describe, "Tags", json_get_c(result, "Tags"));
        if (resource && resource->kind == kind)
            reader_declare(reader, thing, resource);
    }
    json_add(reader->arena, json_get_c(thing->describe, "SecurityGroupRules"), result);
}

static Json *own_filters(Reader *reader)
{
    Json *input = json_object(reader->arena);
    const Model *model = reader->input->model;
    reader_add_filter(reader, input, TEXT("tag:svc:project"), model->project);
    if (model->environment.name.len)
        reader_add_filter(reader, input, TEXT("tag:svc:environment"), model->environment.name);
    return input;
}

void find_groups(Reader *reader)
{
    for (size_t i = 0; i < reader->input->resources->items.count; i++) {
        Resource *resource = reader->input->resources->items.items[i];
        if (resource->kind == RESOURCE_SECURITY_GROUP)
            asker_ask(reader->asker, &groups_by_name, TEXT_NONE, resource->name, resource, take_named_group);
    }
    asker_list(reader->asker, &groups_question, own_filters(reader), NULL, take_group);
    asker_list(reader->asker, &rules_question, own_filters(reader), NULL, take_rule);
}
