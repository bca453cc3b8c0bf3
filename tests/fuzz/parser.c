/* Lexer, parser and both renderers of diagnostics: any bytes give a tree, and places that lie in the text. */
#include "tests/fuzz/fuzz.h"

#include "diagnostics/render.h"
#include "parser/parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzRun run;
    fuzz_begin(&run, data, size);
    Tree tree = parser_parse_file(&run.arena, &run.sink, run.file);
    (void)tree_dump(&run.arena, &tree);
    if (tree.has_errors != (run.sink.items.count > 0))
        fuzz_fail("the tree and the sink do not agree about errors", TEXT_NONE);
    for (size_t i = 0; i < run.sink.items.count; i++) {
        Span span = run.sink.items.items[i]->primary.span;
        if (span.start > span.end || span.end > size)
            fuzz_fail("a place outside of the text", run.sink.items.items[i]->message);
    }
    Buffer out = {0};
    diagnostics_sort(&run.sink);
    render_text(&out, &run.sink, true);
    render_json(&out, &run.sink, 1);
    buffer_free(&out);
    arena_free(&run.arena);
    return 0;
}
