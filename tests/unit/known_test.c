/* What the schema is known to allow: only the same text by the same limits is known, whatever took its place meanwhile; members are found wherever they were
   found last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "rules/known.h"

static SchemaShape find(const char *service, const char *operation, const char *path)
{
    SchemaShape shape = {0};
    assert_true(schema_find_path(schema_find_service(text_from_c(service)), text_from_c(operation), text_from_c(path), &shape));
    return shape;
}

static bool is_known(Known *known, SchemaShape shape, Text text, bool is_fargate)
{
    KnownText *place = known_text(known, shape, text, is_fargate);
    return place && known_text_is(place, shape, text, is_fargate);
}

static void test_texts(void **state)
{
    (void)state;
    static Known known;
    SchemaShape family = find("ecs", "RegisterTaskDefinition", "family");
    SchemaShape other = find("elbv2", "CreateTargetGroup", "Name");
    assert_false(is_known(&known, family, TEXT("web"), false));
    known_text_set(known_text(&known, family, TEXT("web"), false), family, TEXT("web"), false);
    assert_true(is_known(&known, family, TEXT("web"), false));
    assert_false(is_known(&known, family, TEXT("web"), true));
    assert_false(is_known(&known, family, TEXT("wes"), false));
    assert_false(is_known(&known, family, TEXT("webs"), false));
    assert_false(is_known(&known, other, TEXT("web"), false));
    assert_null(known_text(&known, family, TEXT(""), false));
    assert_null(known_text(&known, family, TEXT("123456789 123456789 123456789 123"), false));
    assert_non_null(known_text(&known, family, TEXT("123456789 123456789 123456789 12"), false));
}

/* More texts than there are places for: of those that share a place the last one is known, and no other for it. */
static void test_full(void **state)
{
    (void)state;
    enum { TEXTS = 4 * KNOWN_TEXTS };
    static Known known;
    static char texts[TEXTS][8];
    SchemaShape family = find("ecs", "RegisterTaskDefinition", "family");
    size_t kept = 0;
    for (size_t i = 0; i < TEXTS; i++) {
        (void)snprintf(texts[i], sizeof texts[i], "t%zu", i);
        Text text = text_from_c(texts[i]);
        assert_false(is_known(&known, family, text, false));
        known_text_set(known_text(&known, family, text, false), family, text, false);
        assert_true(is_known(&known, family, text, false));
    }
    for (size_t i = 0; i < TEXTS; i++)
        kept += is_known(&known, family, text_from_c(texts[i]), false);
    assert_in_range(kept, KNOWN_TEXTS / 2, KNOWN_TEXTS);
}

/* Every member of every operation's input, asked for twice and in between others. */
static void test_members(void **state)
{
    (void)state;
    static Known known;
    for (size_t s = 0; s < 2 * schema_service_count(); s++) {
        const SchemaService *service = schema_service_at(s % schema_service_count());
        for (size_t o = 0; o < schema_operation_count(service); o++) {
            SchemaOperation operation = schema_operation_at(service, o);
            size_t required = 0;
            size_t count = operation.has_input ? schema_member_count(operation.input) : 0;
            for (size_t i = 0; i < count; i++) {
                assert_int_equal(known_member(&known, operation.input, schema_member_at(operation.input, i).name), i);
                required += schema_member_is_required(operation.input, i);
            }
            if (operation.has_input) {
                assert_int_equal(known_member(&known, operation.input, TEXT("NoSuchMember")), count);
                assert_int_equal(known_member(&known, operation.input, TEXT("")), count);
                assert_int_equal(schema_required_count(operation.input), required);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_texts), cmocka_unit_test(test_full), cmocka_unit_test(test_members)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
