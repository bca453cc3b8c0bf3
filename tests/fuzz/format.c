/* The formatter: what it writes parses without findings to the same tree, and formatting that changes nothing. */
#include "tests/fuzz/fuzz.h"

#include "parser/format.h"
#include "parser/parser.h"

static Text format(FuzzRun *run, const Tree *tree)
{
    Buffer out = {0};
    format_tree(&out, &run->arena, &run->sources, tree);
    Text text = arena_copy_text(&run->arena, buffer_text(&out));
    buffer_free(&out);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzRun run;
    fuzz_begin(&run, data, size);
    Tree tree = parser_parse_file(&run.arena, &run.sink, run.file);
    if (!tree.has_errors) {
        Text once = format(&run, &tree);
        Tree again = parser_parse_file(&run.arena, &run.sink, sources_add(&run.arena, &run.sources, TEXT("once.svc"), once, false));
        if (again.has_errors)
            fuzz_fail(run.sink.items.items[0]->message.ptr, once);
        if (!text_equal(tree_dump(&run.arena, &tree), tree_dump(&run.arena, &again)))
            fuzz_fail("formatting changes the meaning", once);
        Text twice = format(&run, &again);
        if (!text_equal(once, twice))
            fuzz_fail("formatting twice is not formatting once", twice);
    }
    arena_free(&run.arena);
    return 0;
}
