/* Everything from text to resources, for each environment: any bytes give findings or resources, in bounded time. */
#include "tests/fuzz/fuzz.h"

#include "compiler/compile.h"
#include "compiler/guard.h"
#include "emit/emit.h"

enum { ENVIRONMENTS_TRIED = 3, TESTS_TRIED = 3 };

static void try_test(Unit *unit, const GuardTest *test)
{
    Unit *opened = guard_open_test(unit, test);
    const TextArray *environments = unit_environments(opened);
    const Model *model = compile_model(opened, environments->count ? environments->items[0] : TEXT_NONE);
    if (model)
        guard_judge(opened, model);
}

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
            guard_judge(unit, model);
        if (model)
            (void)model_dump(&run.arena, model);
        if (model && !unit_tree(unit)->has_errors)
            emit_model(&run.arena, &run.sink, model, EMIT_TO_WRITE, &resources);
    }
    compile_check_declarations(unit);
    GuardTestArray tests = {0};
    guard_list_tests(unit, &tests);
    for (size_t i = 0; i < tests.count && i < TESTS_TRIED; i++)
        try_test(unit, &tests.items[i]);
    arena_free(&run.arena);
    return 0;
}
