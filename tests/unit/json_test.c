/* JSON trees: numbers are exact, keys are sorted, what is put together becomes one string; the index of resources. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "document/resource.h"

static void assert_written(const Json *json, const char *expected)
{
    Buffer out = {0};
    json_write(&out, json, 0);
    buffer_add_byte(&out, '\0');
    assert_string_equal(out.bytes, expected);
    assert_true(json_most_bytes(json) >= strlen(expected));
    buffer_free(&out);
}

static Json *number(Arena *arena, int64_t num, int64_t den)
{
    Rational value;
    assert_true(rational_make(&value, num, den));
    return json_number(arena, value);
}

static void test_numbers_are_exact(void **state)
{
    (void)state;
    Arena arena = {0};
    assert_written(number(&arena, 0, 1), "0");
    assert_written(number(&arena, 1, 4), "0.25");
    assert_written(number(&arena, -7, 2), "-3.5");
    assert_written(number(&arena, 1, 3), "0.333333333333333333");
    assert_written(number(&arena, INT64_MAX, 1), "9223372036854775807");
    assert_written(number(&arena, -INT64_MAX, 2), "-4611686018427387903.5");
    assert_written(number(&arena, 1, INT64_C(1000000000000000000)), "0.000000000000000001");
    arena_free(&arena);
}

static void test_keys_are_sorted_and_replaced(void **state)
{
    (void)state;
    Arena arena = {0};
    Json *object = json_object(&arena);
    json_set_c(&arena, object, "b", json_integer(&arena, 1));
    json_set_c(&arena, object, "a", json_integer(&arena, 2));
    json_set_c(&arena, object, "ab", json_integer(&arena, 3));
    json_set_c(&arena, object, "b", json_integer(&arena, 4));
    json_set_default(&arena, object, "b", json_integer(&arena, 5));
    json_set_default(&arena, object, "c", NULL);
    assert_written(object, "{\"a\":2,\"ab\":3,\"b\":4}");
    assert_non_null(json_make_path(&arena, object, TEXT("x.y")));
    assert_null(json_make_path(&arena, object, TEXT("a.y")));
    assert_written(object, "{\"a\":2,\"ab\":3,\"b\":4,\"x\":{\"y\":{}}}");
    json_remove_c(object, "ab");
    json_remove_c(object, "x");
    json_remove_c(object, "y");
    assert_written(object, "{\"a\":2,\"b\":4}");
    arena_free(&arena);
}

static void test_parts_become_one_string(void **state)
{
    (void)state;
    Arena arena = {0};
    Json *joined = json_joined(&arena);
    json_add(&arena, joined, json_text_c(&arena, "a\"/"));
    json_add(&arena, joined, json_reference(&arena, TEXT("api/service"), TEXT("arn"), TEXT_NONE));
    json_add(&arena, joined, json_reference(&arena, TEXT("x"), TEXT("name"), TEXT("/known")));
    assert_written(joined, "\"a\\\"/svc:unknown:api/service#arn/known\"");
    Json *document = json_object(&arena);
    json_set_c(&arena, document, "k", json_text_c(&arena, "v"));
    assert_written(json_embedded(&arena, document), "\"{\\\"k\\\":\\\"v\\\"}\"");
    arena_free(&arena);
}

static Json *named(Arena *arena, const char *name, int64_t value)
{
    Json *json = json_object(arena);
    json_set_c(arena, json, "n", json_text_c(arena, name));
    json_set_c(arena, json, "v", json_integer(arena, value));
    return json;
}

static void test_escapes_are_counted(void **state)
{
    (void)state;
    Arena arena = {0};
    Json *object = json_object(&arena);
    Json *list = json_array(&arena);
    json_set_c(&arena, object, "\"\n\x01\x7f", json_embedded(&arena, list));
    json_add(&arena, list, json_text_c(&arena, "\\\t\x02\xC3\xA9"));
    json_add(&arena, list, json_unknown(&arena, TEXT("\x03\x04\x05\x06\x07")));
    json_add(&arena, list, json_bool(&arena, false));
    json_add(&arena, list, json_null(&arena));
    assert_written(object, "{\"\\\"\\n\\u0001\\u007f\":\"[\\\"\\\\\\\\\\\\t\\\\u0002\xC3\xA9\\\",\\\"\\\\u0003\\\\u0004\\\\u0005\\\\u0006\\\\u0007\\\",false,null]\"}");
    assert_written(json_text_c(&arena, "\x01\x7f\"\\\n"), "\"\\u0001\\u007f\\\"\\\\\\n\"");
    arena_free(&arena);
}

static void test_sorting_keeps_the_order_of_equals(void **state)
{
    (void)state;
    Arena arena = {0};
    Json *list = json_array(&arena);
    json_add(&arena, list, named(&arena, "b", 1));
    json_add(&arena, list, named(&arena, "a", 2));
    json_add(&arena, list, named(&arena, "b", 3));
    json_add(&arena, list, named(&arena, "a", 4));
    json_sort_by(list, "n");
    assert_written(list, "[{\"n\":\"a\",\"v\":2},{\"n\":\"a\",\"v\":4},{\"n\":\"b\",\"v\":1},{\"n\":\"b\",\"v\":3}]");
    arena_free(&arena);
}

static Resource *add(Arena *arena, Resources *resources, Text id, ResourceKind kind, Text stem)
{
    Resource *resource = ARENA_NEW(arena, Resource);
    *resource = (Resource){.kind = kind, .id = id, .name = stem, .file_stem = stem, .input = json_object(arena), .origin = SPAN_NONE};
    resources_add(arena, resources, resource);
    return resource;
}

static void test_resources_are_found_and_files_differ(void **state)
{
    (void)state;
    enum { MANY = 500 };
    Arena arena = {0};
    Resources resources = {0};
    for (int i = 0; i < MANY; i++)
        add(&arena, &resources, arena_format(&arena, "r%d", i), RESOURCE_ALARM, TEXT("/High CPU!"));
    assert_true(text_equal_c(resources_find(&resources, TEXT("r0"))->file_stem, "High-CPU"));
    assert_true(text_equal_c(resources_find(&resources, TEXT("r499"))->file_stem, "High-CPU-500"));
    assert_null(resources_find(&resources, TEXT("r500")));
    assert_ptr_equal(resources_find_name(&resources, RESOURCE_ALARM, TEXT("/High CPU!")), resources_find(&resources, TEXT("r0")));
    assert_null(resources_find_name(&resources, RESOURCE_ROLE, TEXT("/High CPU!")));
    /* Another folder is free; a group and its rules share one. */
    assert_true(text_equal_c(add(&arena, &resources, TEXT("a"), RESOURCE_SECURITY_GROUP, TEXT("x"))->file_stem, "x"));
    assert_true(text_equal_c(add(&arena, &resources, TEXT("b"), RESOURCE_SECURITY_GROUP_RULE, TEXT("x"))->file_stem, "x-2"));
    assert_true(text_equal_c(add(&arena, &resources, TEXT("c"), RESOURCE_ROLE, TEXT("x"))->file_stem, "x"));
    assert_true(text_equal_c(add(&arena, &resources, TEXT("d"), RESOURCE_ROLE, TEXT("..//"))->file_stem, "CreateRole"));
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_are_exact),
        cmocka_unit_test(test_keys_are_sorted_and_replaced),
        cmocka_unit_test(test_parts_become_one_string),
        cmocka_unit_test(test_escapes_are_counted),
        cmocka_unit_test(test_sorting_keeps_the_order_of_equals),
        cmocka_unit_test(test_resources_are_found_and_files_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
