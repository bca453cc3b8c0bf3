/* Documents when no digest can be had: this program's own sha256_hex, which always fails, stands for a libcrypto that is not there. */
#include "base/sha256.h"
#include "emit/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

bool sha256_hex(char out[SHA256_HEX_LENGTH + 1], Text data)
{
    (void)data;
    out[0] = '\0';
    return false;
}

const char *sha256_load_error(void)
{
    return "libcrypto.so.3 is not there";
}

static void test_missing_library_is_SVC0043(void **state)
{
    (void)state;
    Arena arena = {0};
    Sources sources = {0};
    Diagnostics sink = {.arena = &arena, .sources = &sources};
    Node file = {0};
    Model model = {.project = TEXT("shop"), .path = TEXT("input.svc"), .file = &file};
    Resources resources = {0};
    DocumentArray documents = {0};
    assert_false(documents_render(&arena, &sink, &model, &resources, &documents));
    assert_int_equal(sink.items.count, 1);
    assert_int_equal(sink.items.items[0]->code, CODE_NO_SHA256);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_missing_library_is_SVC0043),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
