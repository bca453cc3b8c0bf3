/* The recording of what was found (SPEC.md, "Recordings"). */
#include "live/reader.h"

/* The svc:id that it is recorded under: the declared resource's of its name; else the one that its tags say, where no other has it. What is
   left of an id, such as the old one of two while a resource is being replaced, has its name behind it. */
static Text id_of(Reader *reader, const Thing *thing, const Json *resources)
{
    if (thing->resource)
        return thing->resource->id;
    if (!thing->id.len)
        return TEXT_NONE;
    const Thing *declared = reader_find_declared(reader, thing->id);
    bool is_taken = (declared && declared->describe) || json_get(resources, thing->id);
    return is_taken ? arena_format(reader->arena, "%.*s@%.*s", TEXT_ARG(thing->id), TEXT_ARG(thing->name)) : thing->id;
}

static void record(Reader *reader, Json *resources, const Thing *thing)
{
    Text id = thing->describe ? id_of(reader, thing, resources) : TEXT_NONE;
    if (!id.len)
        return;
    Json *entry = json_object(reader->arena);
    json_set_c(reader->arena, entry, "kind", json_text_c(reader->arena, resource_facts(thing->kind)->label));
    json_set_c(reader->arena, entry, "describe", thing->describe);
    if (thing->parent.len)
        json_set_c(reader->arena, entry, "parent", json_text(reader->arena, thing->parent));
    json_set(reader->arena, resources, id, entry);
}

Json *record_all(Reader *reader)
{
    Arena *arena = reader->arena;
    Json *all = json_object(arena);
    Json *resources = json_object(arena);
    for (size_t i = 0; i < reader->things.count; i++)
        if (reader->things.items[i]->resource)
            record(reader, resources, reader->things.items[i]);
    for (size_t i = 0; i < reader->things.count; i++)
        if (!reader->things.items[i]->resource)
            record(reader, resources, reader->things.items[i]);
    json_set_c(arena, all, "format_version", json_integer(arena, 1));
    json_set_c(arena, all, "account", json_text(arena, reader->account));
    json_set_c(arena, all, "region", json_text(arena, reader->input->region));
    json_set_c(arena, all, "lookups", reader->lookups);
    if (reader->input->with_facts)
        json_set_c(arena, all, "facts", reader->facts);
    json_set_c(arena, all, "resources", resources);
    return all;
}
