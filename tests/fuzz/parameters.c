/* YAML parameter files: any bytes give parameters or one finding. */
#include "tests/fuzz/fuzz.h"

#include "compiler/parameters.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzRun run;
    fuzz_begin(&run, data, size);
    GivenParameterArray parameters = {0};
    bool is_good = parameters_read_text(&run.arena, &run.sink, run.file, &parameters);
    if (is_good == (run.sink.items.count > 0))
        fuzz_fail("a file is good exactly when nothing is found in it", TEXT_NONE);
    for (size_t i = 0; i < run.sink.items.count; i++)
        if (run.sink.items.items[i]->primary.span.end > size)
            fuzz_fail("a place outside of the text", run.sink.items.items[i]->message);
    arena_free(&run.arena);
    return 0;
}
