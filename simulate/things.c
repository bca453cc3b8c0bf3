/* What an account only keeps and answers: one table of kinds, one set of operations over it. */
#include "simulate/state.h"

#include "aws/moment.h"
#include "document/arn.h"

/* --- JSON --- */

static Json *copy(Arena *arena, const Json *json, bool with_texts)
{
    Json *to = NULL;
    switch (json->kind) {
    case JSON_TEXT: return json_text(arena, with_texts ? arena_copy_text(arena, json->text) : json->text);
    case JSON_ARRAY:
        to = json_array(arena);
        for (size_t i = 0; i < json->items.count; i++)
            json_add(arena, to, copy(arena, json->items.items[i], with_texts));
        return to;
    case JSON_OBJECT: {
        to = json_object(arena);
        JsonMember *members = ARENA_NEW_ARRAY(arena, JsonMember, json->members.count);
        for (size_t i = 0; i < json->members.count; i++) {
            const JsonMember *member = &json->members.items[i];
            members[i] = (JsonMember){with_texts ? arena_copy_text(arena, member->key) : member->key, copy(arena, member->value, with_texts)};
        }
        to->members.items = members; /* in the order that they are in already */
        to->members.count = to->members.capacity = json->members.count;
        return to;
    }
    case JSON_EMBEDDED: { /* as it goes over the wire */
        Buffer text = {0};
        json_write(&text, json->embedded, 0);
        to = json_text(arena, arena_copy_text(arena, buffer_text(&text)));
        buffer_free(&text);
        return to;
    }
    case JSON_NULL:
    case JSON_BOOL:
    case JSON_NUMBER:
    case JSON_REFERENCE:
    case JSON_JOINED:
    case JSON_UNKNOWN: break;
    }
    return json_copy_node(arena, json);
}

Json *json_keep(Arena *arena, const Json *json)
{
    return copy(arena, json, true);
}

Json *json_share(Arena *arena, const Json *json)
{
    return copy(arena, json, false);
}

Text text_at(const Json *json, const char *member)
{
    const Json *value = json_get_c(json, member);
    return value && value->kind == JSON_TEXT ? value->text : TEXT_NONE;
}

int64_t number_at(const Json *json, const char *member, int64_t otherwise)
{
    const Json *value = json_get_c(json, member);
    if (value && value->kind == JSON_NUMBER)
        return value->number.num / value->number.den;
    Text text = value && value->kind == JSON_TEXT ? value->text : TEXT_NONE;
    if (!text.len || text_count_digits(text) != text.len || text.len > 15)
        return otherwise;
    int64_t number = 0;
    for (size_t i = 0; i < text.len; i++)
        number = number * 10 + (text.ptr[i] - '0');
    return number;
}

bool bool_at(const Json *json, const char *member)
{
    const Json *value = json_get_c(json, member);
    return value && ((value->kind == JSON_BOOL && value->boolean) || (value->kind == JSON_TEXT && text_equal_c(value->text, "true")));
}

Json *moment_json(Arena *arena, int64_t at_ms)
{
    return json_text(arena, aws_moment_format(arena, at_ms / 1000));
}

Text last_part(Text text)
{
    size_t at = text.len;
    while (at > 0 && text.ptr[at - 1] != '/')
        at--;
    return text_slice(text, at, text.len);
}

/* --- tags: kept in one form, whatever they come in --- */

static Text tag_key(const Json *tag)
{
    Text key = text_at(tag, "Key");
    return key.len ? key : text_at(tag, "key");
}

static Json *tag_value(const Json *tag)
{
    Json *value = json_get_c(tag, "Value");
    return value ? value : json_get_c(tag, "value");
}

Text tag_at(const Json *tags, const char *key)
{
    for (size_t i = 0; i < json_item_count(tags); i++)
        if (text_equal_c(tag_key(tags->items.items[i]), key)) {
            const Json *value = tag_value(tags->items.items[i]);
            return value && value->kind == JSON_TEXT ? value->text : TEXT_NONE;
        }
    return TEXT_NONE;
}

static void set_tag(Arena *arena, Json *tags, Text key, const Json *value)
{
    Json *tag = NULL;
    for (size_t i = 0; i < tags->items.count && !tag; i++)
        tag = text_equal(tag_key(tags->items.items[i]), key) ? tags->items.items[i] : NULL;
    if (!tag) {
        tag = json_object(arena);
        json_set_c(arena, tag, "Key", json_text(arena, arena_copy_text(arena, key)));
        json_add(arena, tags, tag);
    }
    json_set_c(arena, tag, "Value", value ? json_keep(arena, value) : json_text(arena, TEXT_NONE));
}

Json *tags_set(Arena *arena, Json *tags, const Json *added)
{
    Json *all = tags ? json_keep(arena, tags) : json_array(arena);
    for (size_t i = 0; i < json_item_count(added); i++)
        set_tag(arena, all, tag_key(added->items.items[i]), tag_value(added->items.items[i]));
    for (size_t i = 0; added && added->kind == JSON_OBJECT && i < added->members.count; i++)
        set_tag(arena, all, added->members.items[i].key, added->members.items[i].value);
    return all;
}

static bool is_listed(const Json *keys, Text key)
{
    for (size_t i = 0; i < json_item_count(keys); i++)
        if (keys->items.items[i]->kind == JSON_TEXT && text_equal(keys->items.items[i]->text, key))
            return true;
    return false;
}

Json *tags_remove(Arena *arena, const Json *tags, const Json *keys)
{
    Json *left = json_array(arena);
    for (size_t i = 0; i < json_item_count(tags); i++)
        if (!is_listed(keys, tag_key(tags->items.items[i])))
            json_add(arena, left, tags->items.items[i]);
    return left;
}

/* --- kinds --- */

typedef struct KindRow {
    const char *service;  /* in ARNs */
    const char *resource; /* its beginning, before the key */
    const char *arn;      /* the member of the answers that has the ARN; NULL: none */
    const char *missing;  /* the error of one that is not there */
    const char *exists;
    bool lower;           /* tags are {key, value} and stand in the answer */
} KindRow;

static const KindRow kinds[THING_KIND_COUNT] = {
    [THING_CLUSTER] = {"ecs", "cluster/", "clusterArn", "ClusterNotFoundException", NULL, true},
    [THING_DEFINITION] = {"ecs", "task-definition/", "taskDefinitionArn", "ClientException", NULL, true},
    [THING_LOG_GROUP] = {"logs", "log-group:", "arn", "ResourceNotFoundException", "ResourceAlreadyExistsException", false},
    [THING_FILTER] = {"logs", "metric-filter:", NULL, "ResourceNotFoundException", NULL, false},
    [THING_ROLE] = {"iam", "role", "Arn", "NoSuchEntity", "EntityAlreadyExists", false},
    [THING_GROUP] = {"ec2", "security-group/", NULL, "InvalidGroup.NotFound", "InvalidGroup.Duplicate", false},
    [THING_GROUP_RULE] = {"ec2", "security-group-rule/", NULL, "InvalidSecurityGroupRuleId.NotFound", "InvalidPermission.Duplicate", false},
    [THING_BALANCER] = {"elasticloadbalancing", "", "LoadBalancerArn", "LoadBalancerNotFound", "DuplicateLoadBalancerName", false},
    [THING_LISTENER] = {"elasticloadbalancing", "", "ListenerArn", "ListenerNotFound", "DuplicateListener", false},
    [THING_TARGET_GROUP] = {"elasticloadbalancing", "", "TargetGroupArn", "TargetGroupNotFound", "DuplicateTargetGroupName", false},
    [THING_RULE] = {"elasticloadbalancing", "", "RuleArn", "RuleNotFound", "PriorityInUse", false},
    [THING_SCALABLE] = {"application-autoscaling", "scalable-target/", "ScalableTargetARN", "ObjectNotFoundException", NULL, false},
    [THING_POLICY] = {"autoscaling", "scalingPolicy:", "PolicyARN", "ObjectNotFoundException", NULL, false},
    [THING_ACTION] = {"autoscaling", "scheduledAction:", "ScheduledActionARN", "ObjectNotFoundException", NULL, false},
    [THING_ALARM] = {"cloudwatch", "alarm:", "AlarmArn", "ResourceNotFound", NULL, false},
    [THING_DASHBOARD] = {"cloudwatch", "dashboard/", "DashboardArn", "DashboardNotFoundError", NULL, false},
    [THING_PARAMETER] = {"ssm", "parameter", "ARN", "ParameterNotFound", "ParameterAlreadyExists", false},
    [THING_SCHEDULE] = {"scheduler", "schedule/default/", "Arn", "ResourceNotFoundException", "ConflictException", false},
};

Text simulation_arn(Simulation *s, const char *service, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    Text resource = arena_format_list(s->arena, format, list);
    va_end(list);
    bool is_global = text_equal_c(text_from_c(service), "iam");
    return arena_format(s->arena, "arn:aws:%s:%.*s:%.*s:%.*s", service, TEXT_ARG(is_global ? TEXT_NONE : s->options.region), TEXT_ARG(s->options.account), TEXT_ARG(resource));
}

/* --- the store --- */

Thing *thing_find(Simulation *s, ThingKind kind, Text key)
{
    for (size_t i = 0; i < s->things[kind].count; i++)
        if (text_equal(s->things[kind].items[i]->key, key))
            return s->things[kind].items[i];
    return NULL;
}

Thing *thing_find_arn(Simulation *s, Text arn)
{
    Text plain = text_ends_with(arn, TEXT(":*")) ? text_slice(arn, 0, arn.len - 2) : arn;
    for (size_t kind = 0; kind < THING_KIND_COUNT; kind++)
        for (size_t i = 0; i < s->things[kind].count; i++)
            if (text_equal(s->things[kind].items[i]->arn, plain))
                return s->things[kind].items[i];
    return NULL;
}

/* Where the key is an ARN already, it is the thing's. */
static Text arn_of(Simulation *s, ThingKind kind, Text key)
{
    const KindRow *row = &kinds[kind];
    if (text_starts_with(key, TEXT("arn:")))
        return key;
    return simulation_arn(s, row->service, "%s%.*s", row->resource, TEXT_ARG(key));
}

Thing *thing_add(Simulation *s, ThingKind kind, Text key, const Json *describe)
{
    Thing *thing = ARENA_NEW(s->arena, Thing);
    *thing = (Thing){.kind = kind, .key = arena_copy_text(s->arena, key), .describe = json_keep(s->arena, describe), .created_ms = s->now_ms, .changed_ms = s->now_ms};
    thing->arn = arn_of(s, kind, thing->key);
    if (kinds[kind].arn)
        json_set_c(s->arena, thing->describe, kinds[kind].arn, json_text(s->arena, thing->arn));
    ARRAY_PUSH(s->arena, &s->things[kind], thing);
    return thing;
}

void thing_remove(Simulation *s, Thing *thing)
{
    ThingArray *all = &s->things[thing->kind];
    size_t kept = 0;
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i] != thing)
            all->items[kept++] = all->items[i];
    all->count = kept;
}

void thing_touch(Simulation *s, Thing *thing)
{
    if (s->options.faults.stale)
        thing->before = json_keep(s->arena, thing->describe);
    thing->changed_ms = s->now_ms;
}

const Json *thing_view(Simulation *s, const Thing *thing)
{
    const SimulationFaults *faults = &s->options.faults;
    if (!thing->before || s->now_ms - thing->changed_ms >= faults->stale_ms || !random_chance(s, faults->stale))
        return thing->describe;
    s->counts.stale++;
    return thing->before;
}

/* --- what operations share --- */

/* The values of the members that together say which one, with '|' between. */
static Text key_of(Arena *arena, const Json *in, const char *members)
{
    Text rest = text_from_c(members);
    Text key = TEXT_NONE;
    while (rest.len) {
        size_t end = text_find_byte(rest, ' ');
        const Json *value = json_get(in, text_slice(rest, 0, end));
        Text text = value && value->kind == JSON_TEXT ? value->text : TEXT_NONE;
        key = key.ptr ? arena_format(arena, "%.*s|%.*s", TEXT_ARG(key), TEXT_ARG(text)) : arena_copy_text(arena, text);
        rest = end < rest.len ? text_slice(rest, end + 1, rest.len) : TEXT_NONE;
    }
    return key;
}

/* Clusters and revisions are named by ARN or by name. */
static Text short_key(ThingKind kind, Text key)
{
    return kind == THING_CLUSTER || kind == THING_DEFINITION ? last_part(key) : key;
}

static Thing *find_named(Simulation *s, const Request *r)
{
    return thing_find(s, r->kind, short_key(r->kind, key_of(r->arena, r->in, r->key)));
}

static void fail_missing(Request *r)
{
    request_fail(r, kinds[r->kind].missing, "%.*s is not there", TEXT_ARG(key_of(r->arena, r->in, r->key)));
}

static void take_tags(Simulation *s, Thing *thing)
{
    static const char *const members[] = {"Tags", "tags"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const Json *tags = json_get_c(thing->describe, members[i]);
        if (tags)
            thing->tags = tags_set(s->arena, thing->tags, tags);
        json_remove_c(thing->describe, members[i]);
    }
}

/* What AWS adds to what it was given. */
static void decorate(Simulation *s, Thing *thing)
{
    Arena *arena = s->arena;
    Json *to = thing->describe;
    if (thing->kind == THING_CLUSTER || thing->kind == THING_DEFINITION)
        json_set_default(arena, to, "status", json_text_c(arena, "ACTIVE"));
    if (thing->kind == THING_LOG_GROUP) {
        json_set_c(arena, to, "logGroupArn", json_text(arena, thing->arn));
        json_set_c(arena, to, "arn", json_text(arena, arena_format(arena, "%.*s:*", TEXT_ARG(thing->arn))));
        json_set_default(arena, to, "metricFilterCount", json_integer(arena, 0));
    }
    if (thing->kind == THING_FILTER) {
        Thing *group = thing_find(s, THING_LOG_GROUP, thing->owner);
        if (group)
            json_set_c(arena, group->describe, "metricFilterCount", json_integer(arena, 1));
    }
    if (thing->kind == THING_SCHEDULE)
        json_set_default(arena, to, "GroupName", json_text_c(arena, "default"));
    if (thing->kind == THING_LISTENER || thing->kind == THING_TARGET_GROUP || thing->kind == THING_CLUSTER)
        return;
    json_set_default(arena, to, "CreationTime", thing->kind == THING_LOG_GROUP || thing->kind == THING_FILTER ? NULL : moment_json(arena, thing->created_ms));
}

/* As it is answered; NULL: it cannot be seen yet. */
static Json *answer_of(Simulation *s, Arena *arena, const Thing *thing)
{
    Json *answer = json_share(arena, thing_view(s, thing));
    if (!kinds[thing->kind].lower)
        return answer;
    Json *tags = json_array(arena);
    for (size_t i = 0; i < json_item_count(thing->tags); i++) {
        Json *tag = json_object(arena);
        json_set_c(arena, tag, "key", json_text(arena, tag_key(thing->tags->items.items[i])));
        json_set_c(arena, tag, "value", json_share(arena, tag_value(thing->tags->items.items[i])));
        json_add(arena, tags, tag);
    }
    json_set_c(arena, answer, "tags", tags);
    return answer;
}

/* --- operations --- */

static Text first_member(const char *members)
{
    Text all = text_from_c(members);
    return text_slice(all, 0, text_find_byte(all, ' '));
}

static Thing *make(Simulation *s, Request *r)
{
    Text key = key_of(r->arena, r->in, r->key);
    Thing *thing = thing_add(s, r->kind, key, r->in);
    Text first = first_member(r->key);
    const Json *owner = first.len < strlen(r->key) ? json_get(r->in, first) : NULL;
    if (owner && owner->kind == JSON_TEXT)
        thing->owner = arena_copy_text(s->arena, owner->text);
    take_tags(s, thing);
    decorate(s, thing);
    return thing;
}

static void tell_made(Simulation *s, Request *r, const Thing *thing)
{
    const char *member = r->kind == THING_SCHEDULE ? "ScheduleArn" : kinds[r->kind].arn;
    if (r->list)
        request_set(r, r->list, answer_of(s, r->arena, thing));
    else if (member)
        request_set_text(r, member, thing->arn);
}

ANSWERER(answer_create)
{
    if (find_named(s, r) && kinds[r->kind].exists) {
        request_fail(r, kinds[r->kind].exists, "%.*s is there already", TEXT_ARG(key_of(r->arena, r->in, r->key)));
        return;
    }
    Thing *thing = find_named(s, r);
    tell_made(s, r, thing ? thing : make(s, r));
}

/* Overwrites in full. */
ANSWERER(answer_put)
{
    Thing *thing = find_named(s, r);
    if (thing) {
        thing_touch(s, thing);
        Json *tags = thing->tags;
        thing->describe = json_keep(s->arena, r->in);
        if (kinds[r->kind].arn)
            json_set_c(s->arena, thing->describe, kinds[r->kind].arn, json_text(s->arena, thing->arn));
        take_tags(s, thing);
        thing->tags = tags; /* a put on what exists does not change them */
        decorate(s, thing);
    } else {
        thing = make(s, r);
    }
    tell_made(s, r, thing);
}

/* Members that are given replace those that are there. */
ANSWERER(answer_change)
{
    Thing *thing = find_named(s, r);
    if (!thing) {
        fail_missing(r);
        return;
    }
    thing_touch(s, thing);
    Text first = first_member(r->key);
    for (size_t i = 0; i < r->in->members.count; i++)
        if (!text_equal(r->in->members.items[i].key, first))
            json_set(s->arena, thing->describe, arena_copy_text(s->arena, r->in->members.items[i].key), json_keep(s->arena, r->in->members.items[i].value));
    if (text_equal_c(text_from_c(r->operation), "DeleteRetentionPolicy"))
        json_remove_c(thing->describe, "retentionInDays");
    if (r->list) {
        bool is_plural = text_ends_with(text_from_c(r->list), TEXT("s"));
        Json *answer = answer_of(s, r->arena, thing);
        Json *list = json_array(r->arena);
        json_add(r->arena, list, answer);
        request_set(r, r->list, is_plural ? list : answer);
    }
}

/* One by its name, or several. */
ANSWERER(answer_remove)
{
    const Json *names = json_get_c(r->in, r->key);
    for (size_t i = 0; i < json_item_count(names); i++) {
        Thing *thing = names->items.items[i]->kind == JSON_TEXT ? thing_find(s, r->kind, names->items.items[i]->text) : NULL;
        if (thing)
            thing_remove(s, thing);
    }
    if (names && names->kind == JSON_ARRAY)
        return;
    Thing *thing = find_named(s, r);
    if (!thing)
        fail_missing(r);
    else
        thing_remove(s, thing);
}

/* The answer is the thing itself, or has it as a member. */
ANSWERER(answer_get)
{
    const Thing *thing = find_named(s, r);
    if (!thing)
        fail_missing(r);
    else if (r->list)
        request_set(r, r->list, answer_of(s, r->arena, thing));
    else
        r->out = answer_of(s, r->arena, thing);
}

static bool is_wanted(const Json *filter, const Thing *thing)
{
    if (!filter)
        return true;
    if (filter->kind == JSON_TEXT)
        return text_equal(thing->owner, filter->text) || text_equal(thing->key, filter->text);
    for (size_t i = 0; i < json_item_count(filter); i++)
        if (filter->items.items[i]->kind == JSON_TEXT && text_equal(short_key(thing->kind, filter->items.items[i]->text), thing->key))
            return true;
    return false;
}

/* All; those of the names that are given; or those that hang on the one that is. */
ANSWERER(answer_list)
{
    const Json *filter = json_get_c(r->in, r->key);
    Json *list = json_array(r->arena);
    for (size_t i = 0; i < s->things[r->kind].count; i++) {
        const Thing *thing = s->things[r->kind].items[i];
        if (is_wanted(filter, thing))
            json_add(r->arena, list, answer_of(s, r->arena, thing));
    }
    request_set(r, r->list, list);
}

ANSWERER(answer_nothing)
{
    (void)s;
    (void)r;
}

ANSWERER(answer_identity)
{
    request_set_text(r, "Account", s->options.account);
    request_set_text(r, "Arn", simulation_arn(s, "iam", "user/rehearsal"));
    request_set_text(r, "UserId", TEXT("AIDAREHEARSAL"));
}

/* --- tags --- */

/* What a tagging operation names: by ARN, by name, or several of them. */
static size_t list_tagged(Simulation *s, const Request *r, Thing **things, size_t most)
{
    const Json *which = json_get_c(r->in, r->key);
    size_t count = 0;
    for (size_t i = 0; i < (json_item_count(which) ? json_item_count(which) : 1) && count < most; i++) {
        const Json *one = json_item_count(which) ? which->items.items[i] : which;
        Text name = one && one->kind == JSON_TEXT ? one->text : TEXT_NONE;
        Thing *thing = text_starts_with(name, TEXT("arn:")) ? thing_find_arn(s, name) : thing_find(s, r->kind, name);
        if (thing)
            things[count++] = thing;
    }
    return count;
}

static Json *given_tags(const Request *r)
{
    Json *upper = json_get_c(r->in, "Tags");
    return upper ? upper : json_get_c(r->in, "tags");
}

enum { TAGGED_MOST = 20 };

ANSWERER(answer_tag)
{
    Thing *things[TAGGED_MOST];
    Service *service = service_find_arn(s, request_text(r, r->key));
    size_t count = list_tagged(s, r, things, TAGGED_MOST);
    if (service)
        service->tags = tags_set(s->arena, service->tags, given_tags(r));
    for (size_t i = 0; i < count; i++)
        things[i]->tags = tags_set(s->arena, things[i]->tags, given_tags(r));
    if (!count && !service)
        request_fail(r, "ResourceNotFoundException", "%.*s is not there", TEXT_ARG(request_text(r, r->key)));
}

ANSWERER(answer_untag)
{
    static const char *const members[] = {"TagKeys", "tagKeys"};
    Thing *things[TAGGED_MOST];
    const Json *keys = json_get_c(r->in, members[0]);
    Service *service = service_find_arn(s, request_text(r, r->key));
    size_t count = list_tagged(s, r, things, TAGGED_MOST);
    keys = keys ? keys : json_get_c(r->in, members[1]);
    if (service)
        service->tags = tags_remove(s->arena, service->tags, keys);
    for (size_t i = 0; i < count; i++)
        things[i]->tags = tags_remove(s->arena, things[i]->tags, keys);
}

static Json *tag_map(Arena *arena, const Json *tags)
{
    Json *map = json_object(arena);
    for (size_t i = 0; i < json_item_count(tags); i++)
        json_set(arena, map, tag_key(tags->items.items[i]), json_share(arena, tag_value(tags->items.items[i])));
    return map;
}

/* {tags}, {Tags}, {TagList} or {TagDescriptions}, as each service has it. */
ANSWERER(answer_tags)
{
    Thing *things[TAGGED_MOST];
    size_t count = list_tagged(s, r, things, TAGGED_MOST);
    Json *descriptions = json_array(r->arena);
    if (!count)
        request_fail(r, kinds[r->kind].missing, "%.*s is not there", TEXT_ARG(request_text(r, r->key)));
    for (size_t i = 0; i < count; i++) {
        Json *tags = things[i]->tags ? json_share(r->arena, things[i]->tags) : json_array(r->arena);
        Json *description = json_object(r->arena);
        json_set_c(r->arena, description, "ResourceArn", json_text(r->arena, things[i]->arn));
        json_set_c(r->arena, description, "Tags", tags);
        json_add(r->arena, descriptions, description);
        if (things[i]->kind == THING_LOG_GROUP)
            tags = tag_map(r->arena, tags);
        request_set(r, r->list, text_equal_c(text_from_c(r->list), "TagDescriptions") ? descriptions : tags);
    }
}

/* --- the tagging API --- */

static bool has_tags(const Json *tags, const Json *filters)
{
    for (size_t i = 0; i < json_item_count(filters); i++) {
        const Json *filter = filters->items.items[i];
        bool has = false;
        for (size_t j = 0; j < json_item_count(tags) && !has; j++)
            has = text_equal(tag_key(tags->items.items[j]), text_at(filter, "Key")) && tag_value(tags->items.items[j])->kind == JSON_TEXT &&
                  is_listed(json_get_c(filter, "Values"), tag_value(tags->items.items[j])->text);
        if (!has)
            return false;
    }
    return true;
}

/* "ecs:service" fits "arn:…:ecs:…:service/…". */
static bool is_of_type(Text arn, const Json *types)
{
    Text service = arn_part(arn, ARN_SERVICE);
    for (size_t i = 0; i < json_item_count(types); i++) {
        Text type = types->items.items[i]->text;
        size_t colon = text_find_byte(type, ':');
        if (text_equal(service, text_slice(type, 0, colon)) &&
            (colon == type.len || text_starts_with(arn_part(arn, ARN_RESOURCE), text_slice(type, colon + 1, type.len))))
            return true;
    }
    return json_item_count(types) == 0;
}

static void add_tagged(const Request *r, Json *list, Text arn, const Json *tags)
{
    if (!tags || !has_tags(tags, json_get_c(r->in, "TagFilters")) || !is_of_type(arn, json_get_c(r->in, "ResourceTypeFilters")))
        return;
    Json *mapping = json_object(r->arena);
    json_set_c(r->arena, mapping, "ResourceARN", json_text(r->arena, arn));
    json_set_c(r->arena, mapping, "Tags", json_share(r->arena, tags));
    json_add(r->arena, list, mapping);
}

ANSWERER(answer_tagged)
{
    Json *list = json_array(r->arena);
    for (size_t kind = 0; kind < THING_KIND_COUNT; kind++)
        for (size_t i = 0; i < s->things[kind].count; i++)
            add_tagged(r, list, s->things[kind].items[i]->arn, s->things[kind].items[i]->tags);
    for (size_t i = 0; i < s->services.count; i++)
        if (!text_equal_c(s->services.items[i]->status, "INACTIVE"))
            add_tagged(r, list, s->services.items[i]->arn, s->services.items[i]->tags);
    request_set(r, "ResourceTagMappingList", list);
}
