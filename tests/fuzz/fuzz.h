/* What the fuzz targets share. */
#ifndef SVC_TESTS_FUZZ_FUZZ_H
#define SVC_TESTS_FUZZ_FUZZ_H

#include "diagnostics/diagnostic.h"

#include <stdio.h>
#include <stdlib.h>

/* libFuzzer's entry. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One input: everything that is made of it lives in the arena. */
typedef struct FuzzRun {
    Arena arena;
    Sources sources;
    Diagnostics sink;
    uint32_t file;
} FuzzRun;

static inline void fuzz_begin(FuzzRun *run, const uint8_t *data, size_t size)
{
    *run = (FuzzRun){0};
    run->sink.arena = &run->arena;
    run->sink.sources = &run->sources;
    /* A copy that ends where the input ends, so that the sanitizer sees each byte read beyond it. */
    run->file = sources_add(&run->arena, &run->sources, TEXT("input.svc"), arena_copy_text(&run->arena, (Text){(const char *)data, size}), false);
}

/* Stops the fuzzer with a reason and the text that shows it. */
static inline void fuzz_fail(const char *reason, Text text)
{
    (void)fprintf(stderr, "%s:\n%.*s\n", reason, TEXT_ARG(text));
    abort();
}

#endif
