/* Revisions of task definitions. */
#include "simulate/state.h"

/* The newest of a family, or the one that is named; by name or ARN. */
Thing *definition_find(Simulation *s, Text name)
{
    Text key = last_part(name);
    Thing *newest = NULL;
    if (text_find_byte(key, ':') < key.len)
        return thing_find(s, THING_DEFINITION, key);
    for (size_t i = 0; i < s->things[THING_DEFINITION].count; i++)
        if (text_equal(s->things[THING_DEFINITION].items[i]->owner, key) && text_equal_c(text_at(s->things[THING_DEFINITION].items[i]->describe, "status"), "ACTIVE"))
            newest = s->things[THING_DEFINITION].items[i];
    return newest;
}

Json *ecs_tags(Arena *arena, const Json *tags)
{
    Json *list = json_array(arena);
    for (size_t i = 0; i < json_item_count(tags); i++) {
        Json *tag = json_object(arena);
        json_set_c(arena, tag, "key", json_text(arena, text_at(tags->items.items[i], "Key")));
        json_set_c(arena, tag, "value", json_text(arena, text_at(tags->items.items[i], "Value")));
        json_add(arena, list, tag);
    }
    return list;
}

static void answer_with(Request *r, const Thing *definition)
{
    request_set(r, "taskDefinition", json_share(r->arena, definition->describe));
    request_set(r, "tags", ecs_tags(r->arena, definition->tags));
}

ANSWERER(answer_register)
{
    Text family = request_text(r, "family");
    int64_t revision = 1;
    for (size_t i = 0; i < s->things[THING_DEFINITION].count; i++)
        revision += text_equal(s->things[THING_DEFINITION].items[i]->owner, family);
    Json *describe = json_share(r->arena, r->in);
    json_remove_c(describe, "tags");
    json_set_c(r->arena, describe, "revision", json_integer(r->arena, revision));
    json_set_c(r->arena, describe, "status", json_text_c(r->arena, "ACTIVE"));
    Thing *thing = thing_add(s, THING_DEFINITION, arena_format(r->arena, "%.*s:%lld", TEXT_ARG(family), (long long)revision), describe);
    thing->owner = arena_copy_text(s->arena, family);
    thing->tags = tags_set(s->arena, NULL, json_get_c(r->in, "tags"));
    answer_with(r, thing);
}

ANSWERER(answer_definition)
{
    const Thing *thing = definition_find(s, request_text(r, "taskDefinition"));
    if (thing)
        answer_with(r, thing);
    else
        request_fail(r, "ClientException", "Unable to describe task definition.");
}

ANSWERER(answer_definitions)
{
    Text family = request_text(r, "familyPrefix");
    bool is_newest_first = text_equal_c(request_text(r, "sort"), "DESC");
    Json *list = json_array(r->arena);
    size_t count = s->things[THING_DEFINITION].count;
    for (size_t i = 0; i < count; i++) {
        const Thing *thing = s->things[THING_DEFINITION].items[is_newest_first ? count - 1 - i : i];
        if ((!family.len || text_equal(thing->owner, family)) && text_equal_c(text_at(thing->describe, "status"), "ACTIVE"))
            json_add(r->arena, list, json_text(r->arena, thing->arn));
    }
    request_set(r, "taskDefinitionArns", list);
}

ANSWERER(answer_deregister)
{
    Thing *thing = definition_find(s, request_text(r, "taskDefinition"));
    if (!thing) {
        request_fail(r, "ClientException", "The specified task definition does not exist.");
        return;
    }
    json_set_c(s->arena, thing->describe, "status", json_text_c(s->arena, "INACTIVE"));
    answer_with(r, thing);
}
