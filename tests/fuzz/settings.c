/* svc-lint.yml: any bytes give settings or a finding, and settings judge any code for any path. */
#include "tests/fuzz/fuzz.h"

#include "cli/lint_settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzRun run;
    fuzz_begin(&run, data, size);
    LintSettings settings;
    lint_settings_read_text(&run.arena, &run.sink, run.file, &settings);
    if (settings.is_good == (run.sink.items.count > 0))
        fuzz_fail("settings are good exactly when nothing is found in them", TEXT_NONE);
    for (size_t i = 0; i < run.sink.items.count; i++)
        if (run.sink.items.items[i]->primary.span.end > size)
            fuzz_fail("a place outside of the text", run.sink.items.items[i]->message);
    Text path = TEXT("services/legacy/a.svc");
    Severity severity = SEVERITY_WARNING;
    (void)lint_settings_leave_out(&settings, path);
    for (int code = 0; code < CODE_COUNT; code++)
        (void)lint_settings_apply(&settings, path, (DiagnosticCode)code, &severity);
    arena_free(&run.arena);
    return 0;
}
