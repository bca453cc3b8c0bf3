/* JSON and YAML of other tools: any bytes give resources, or findings, or both; every place is inside of the text, and every key that can be found
   again is found where it stands. */
#include "tests/fuzz/fuzz.h"

#include "base/buffer.h"
#include "foreign/foreign.h"
#include "foreign/read.h"

static void check_places(const FuzzRun *run, const Json *json, size_t size)
{
    if (!span_is_none(json->origin) && (json->origin.end > size || json->origin.start > json->origin.end))
        fuzz_fail("a value's place is outside of the text", TEXT_NONE);
    for (size_t i = 0; json->kind == JSON_ARRAY && i < json->items.count; i++)
        check_places(run, json->items.items[i], size);
    for (size_t i = 0; json->kind == JSON_OBJECT && i < json->members.count; i++) {
        const JsonMember *member = &json->members.items[i];
        Span key = json_key_origin(&run->sources, member);
        if (!span_is_none(key) && !text_equal(sources_text(&run->sources, key), member->key))
            fuzz_fail("a key is not where it is said to be", member->key);
        if (i && text_compare(json->members.items[i - 1].key, member->key) >= 0)
            fuzz_fail("the keys of an object are not in order", member->key);
        check_places(run, member->value, size);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzRun run;
    fuzz_begin(&run, data, size);
    ForeignTrees trees = {0};
    bool is_read = foreign_read_trees(&run.arena, &run.sink, run.file, &trees);
    if (!is_read && run.sink.items.count == 0)
        fuzz_fail("a file that cannot be read has no finding", TEXT_NONE);
    for (size_t i = 0; is_read && i < trees.items.count; i++)
        check_places(&run, trees.items.items[i], size);
    Resources resources = {0};
    if (!foreign_read(&run.arena, &run.sink, run.file, &resources) && run.sink.items.count == 0)
        fuzz_fail("a file without anything for svc has no finding", TEXT_NONE);
    for (size_t i = 0; i < run.sink.items.count; i++)
        if (run.sink.items.items[i]->primary.span.end > size)
            fuzz_fail("a place outside of the text", run.sink.items.items[i]->message);
    (void)resources_dump(&run.arena, &resources);
    Resources found = {0};
    (void)!foreign_read_found(&run.arena, &run.sink, run.file, &found);
    arena_free(&run.arena);
    return 0;
}
