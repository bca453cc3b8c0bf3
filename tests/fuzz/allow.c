/* Allow comments in any text, in each kind of file: what is found lies in the text. */
#include "tests/fuzz/fuzz.h"

#include "diagnostics/allow.h"
#include "diagnostics/secret.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {"input.svc", "input.yml", "input.json"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        FuzzRun run;
        fuzz_begin(&run, data, size);
        run.sources.files.items[0]->path = text_from_c(paths[i]);
        AllowArray allows = {0};
        allows_read(&run.sink, run.file, &allows);
        for (size_t j = 0; j < allows.count; j++)
            if (allows.items[j].scope.start > allows.items[j].scope.end || allows.items[j].scope.end > size || allows.items[j].codes.count == 0)
                fuzz_fail("an allow without a scope or a code", TEXT_NONE);
        Diagnostic *finding = diagnostic_report(&run.sink, CODE_OPEN_TO_WORLD, (Span){0, (uint32_t)size / 2, (uint32_t)size}, "found");
        diagnostic_mark_secret(finding);
        (void)allows_silence(&run.sink, &allows, finding);
        allows_report_unused(&run.sink, &allows);
        Secrets secrets = secrets_find(&run.sink);
        Position place = sources_locate(&run.sources, 0, (uint32_t)size / 2);
        if (secrets_hide_line(&secrets, 0, place.line).len != sources_line(&run.sources, 0, place.line).len)
            fuzz_fail("a masked line is as long as it was", TEXT_NONE);
        for (size_t j = 0; j < run.sink.items.count; j++)
            if (run.sink.items.items[j]->primary.span.end > size)
                fuzz_fail("a place outside of the text", run.sink.items.items[j]->message);
        arena_free(&run.arena);
    }
    return 0;
}
