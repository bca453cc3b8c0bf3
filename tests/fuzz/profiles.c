/* AWS's profile files: any bytes give sections or a reason, as either kind of file; the words of any text are those that were in it. */
#include "tests/fuzz/fuzz.h"

#include "aws/profiles.h"
#include "aws/shell_words.h"
#include "aws/url.h"

static void try_file(FuzzRun *run, Text text, bool is_config, AwsProfiles *out)
{
    Text reason = TEXT_NONE;
    bool is_good = aws_profiles_read(&run->arena, text, is_config, out, &reason);
    if (is_good == (reason.len > 0))
        fuzz_fail("a file is good exactly when there is no reason against it", reason);
    if (!is_good && !text_starts_with(reason, TEXT("line ")))
        fuzz_fail("a reason without a line", reason);
    for (size_t i = 0; is_good && i < out->sections.count; i++) {
        const AwsProfileSection *section = &out->sections.items[i];
        const AwsProfileSection *found = aws_profiles_find(out, section->kind, section->name);
        if (found != section)
            fuzz_fail("a section is there twice", section->name);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzRun run;
    fuzz_begin(&run, data, size);
    Text text = run.sources.files.items[run.file]->text;
    AwsProfiles config = {0};
    AwsProfiles credentials = {0};
    AwsProfiles both = {0};
    try_file(&run, text, true, &config);
    try_file(&run, text, false, &credentials);
    aws_profiles_merge(&run.arena, &both, &config);
    aws_profiles_merge(&run.arena, &both, &credentials);
    TextArray words = {0};
    size_t length = 0;
    (void)aws_shell_split(&run.arena, text, &words);
    for (size_t i = 0; i < words.count; i++)
        length += words.items[i].len;
    if (length > size)
        fuzz_fail("words are longer than the text", text);
    AwsUrl url;
    aws_url_split(&run.arena, text, &url);
    if (url.path.len + url.query.len + url.host.len > size)
        fuzz_fail("parts are longer than the URL", text);
    arena_free(&run.arena);
    return 0;
}
