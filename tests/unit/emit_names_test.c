/* Names in AWS within their limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "emit/emit.h"

typedef struct Fixture {
    Arena arena;
    Sources sources;
    Diagnostics sink;
    Node file;
    Model model;
    Emission emission;
} Fixture;

static void fixture_start(Fixture *fixture)
{
    *fixture = (Fixture){.sink = {.arena = &fixture->arena, .sources = &fixture->sources}};
    fixture->file.span = SPAN_NONE;
    fixture->model = (Model){.file = &fixture->file, .environment = {.name = TEXT("prod")}};
    fixture->emission = (Emission){.arena = &fixture->arena, .sink = &fixture->sink, .model = &fixture->model};
}

static void assert_text(Text actual, const char *expected)
{
    assert_int_equal(actual.len, strlen(expected));
    assert_memory_equal(actual.ptr, expected, actual.len);
}

static void test_name_within_limit_needs_no_digest(void **state)
{
    (void)state;
    Fixture fixture;
    fixture_start(&fixture);
    assert_text(name_fit(&fixture.emission, TEXT("shop-prod"), 9, false), "shop-prod");
    assert_text(name_fit(&fixture.emission, TEXT("-shop_prod-"), 9, false), "shop-prod");
    assert_text(name_fit(&fixture.emission, TEXT("shop_prod"), 9, true), "shop_prod");
    assert_text(name_default(&fixture.emission, TEXT("shop"), TEXT("web")), "shop-prod-web");
    assert_int_equal(fixture.sink.items.count, 0);
    arena_free(&fixture.arena);
}

static void test_name_beyond_limit_ends_in_its_digest(void **state)
{
    (void)state;
    Fixture fixture;
    fixture_start(&fixture);
    assert_text(name_fit(&fixture.emission, TEXT("a-name-of-more-than-twenty-bytes"), 20, false), "a-name-of-m-19652145");
    assert_int_equal(fixture.sink.items.count, 0);
    arena_free(&fixture.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_name_within_limit_needs_no_digest),
        cmocka_unit_test(test_name_beyond_limit_ends_in_its_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
