/* Everything from text to resources, for each environment: any bytes give findings or resources, in bounded time. */
#include "tests/fuzz/fuzz.h"

#include "compiler/compile.h"
#include "emit/emit.h"

enum { ENVIRONMENTS_TRIED = 3 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzRun run;
    fuzz_begin(&run, data, size);
    CompileOptions options = {.allow_missing = true};
    Compilation *compilation = compilation_create(&run.arena, &run.sink, &options);
    Unit *unit = compile_load(compilation, &run.arena, run.file);
    const TextArray *environments = unit_environments(unit);
    size_t count = environments->count == 0 ? 1 : environments->count;
    for (size_t i = 0; i < count && i < ENVIRONMENTS_TRIED; i++) {
        const Model *model = compile_model(unit, environments->count ? environments->items[i] : TEXT_NONE);
        Resources resources = {0};
        if (model)
            (void)model_dump(&run.arena, model);
        if (model && !unit_tree(unit)->has_errors)
            emit_model(&run.arena, &run.sink, model, &resources);
    }
    compile_check_declarations(unit);
    arena_free(&run.arena);
    return 0;
}
