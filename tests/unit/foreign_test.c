/* Files of other tools: what a place is in bytes, whatever the characters before it take; what is a placeholder and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "foreign/placeholder.h"
#include "foreign/read.h"

typedef struct Reading {
    Arena arena;
    Sources sources;
    Diagnostics sink;
    ForeignTrees trees;
} Reading;

static const Json *begin(Reading *reading, const char *path, const char *text)
{
    *reading = (Reading){0};
    reading->sink.arena = &reading->arena;
    reading->sink.sources = &reading->sources;
    uint32_t file = sources_add(&reading->arena, &reading->sources, text_from_c(path), text_from_c(text), false);
    assert_true(foreign_read_trees(&reading->arena, &reading->sink, file, &reading->trees));
    return reading->trees.items.items[0];
}

static void end(Reading *reading)
{
    arena_free(&reading->arena);
}

static void assert_written(const Reading *reading, const Json *json, const char *expected)
{
    Text written = sources_text(&reading->sources, json->origin);
    assert_int_equal(written.len, strlen(expected));
    assert_memory_equal(written.ptr, expected, written.len);
}

static void test_places_are_bytes(void **state)
{
    (void)state;
    Reading reading;
    const char *text = "\xef\xbb\xbf{\"\xc3\xbc\": [\"\xf0\x9f\x9a\x80\", 12, {}],\r\n \"b\": \"\xe2\x82\xac\", \"c\": -1.5e1}";
    const Json *root = begin(&reading, "a.json", text);
    const Json *list = json_get_c(root, "\xc3\xbc");
    assert_written(&reading, root, text + 3);
    assert_written(&reading, list, "[\"\xf0\x9f\x9a\x80\", 12, {}]");
    assert_written(&reading, list->items.items[0], "\"\xf0\x9f\x9a\x80\"");
    assert_written(&reading, list->items.items[1], "12");
    assert_written(&reading, list->items.items[2], "{}");
    assert_written(&reading, json_get_c(root, "b"), "\"\xe2\x82\xac\"");
    assert_written(&reading, json_get_c(root, "c"), "-1.5e1");
    assert_int_equal(json_get_c(root, "c")->number.num, -15);
    end(&reading);
}

static void test_places_survive_what_is_blanked(void **state)
{
    (void)state;
    Reading reading;
    const Json *root = begin(&reading, "a.json", "// \xc3\xa4\xc3\xb6\n{\"a\": ${\xc3\xbc}, /* \xe2\x82\xac */ \"b\": \"\\ud83d\\ude80\", \"c\": 1}");
    assert_int_equal(json_get_c(root, "a")->kind, JSON_UNKNOWN);
    assert_written(&reading, json_get_c(root, "a"), "${\xc3\xbc}");
    assert_written(&reading, json_get_c(root, "b"), "\"\\ud83d\\ude80\"");
    assert_true(text_equal_c(json_get_c(root, "b")->text, "\xf0\x9f\x9a\x80"));
    assert_written(&reading, json_get_c(root, "c"), "1");
    end(&reading);
}

static void test_places_in_yaml(void **state)
{
    (void)state;
    Reading reading;
    const Json *root = begin(&reading, "a.yaml", "\xc3\xa9: !Ref \xc3\xbc\nb:\n  - {{ x }}\n  - |\n    \xe2\x82\xac\nc: 'it''s'\n");
    assert_written(&reading, json_get_c(root, "\xc3\xa9"), "!Ref \xc3\xbc");
    assert_true(text_equal_c(json_get_c(json_get_c(root, "\xc3\xa9"), "Ref")->text, "\xc3\xbc"));
    assert_written(&reading, json_get_c(root, "b")->items.items[0], "{{ x }}");
    assert_true(text_equal_c(json_get_c(root, "b")->items.items[1]->text, "\xe2\x82\xac\n"));
    assert_written(&reading, json_get_c(root, "c"), "'it''s'");
    assert_true(text_equal_c(json_get_c(root, "c")->text, "it's"));
    end(&reading);
}

static void test_keys_are_found_again(void **state)
{
    (void)state;
    Reading reading;
    const Json *root = begin(&reading, "a.json", "{\"\xc3\xbc\": 1, \"a\\u0062\": 2}");
    for (size_t i = 0; i < root->members.count; i++) {
        const JsonMember *member = &root->members.items[i];
        Span key = json_key_origin(&reading.sources, member);
        bool is_escaped = text_equal_c(member->key, "ab");
        assert_int_equal(span_is_none(key), is_escaped);
        if (!is_escaped)
            assert_true(text_equal(sources_text(&reading.sources, key), member->key));
    }
    end(&reading);
}

static void test_many_members_are_sorted_and_the_last_wins(void **state)
{
    (void)state;
    Arena arena = {0};
    enum { COUNT = 1000 };
    JsonMember *members = ARENA_NEW_ARRAY(&arena, JsonMember, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        members[i] = (JsonMember){arena_format(&arena, "%zu", (i * 7919) % (COUNT / 2)), json_integer(&arena, (int64_t)i)};
    Json *object = json_object_from(&arena, members, COUNT);
    assert_int_equal(object->members.count, COUNT / 2);
    for (size_t i = 1; i < object->members.count; i++)
        assert_true(text_compare(object->members.items[i - 1].key, object->members.items[i].key) < 0);
    assert_int_equal(json_get_c(object, "0")->number.num, 500);
    arena_free(&arena);
}

static void test_merged_members_give_way(void **state)
{
    (void)state;
    Reading reading;
    const Json *root = begin(&reading, "a.yaml", "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  a: 3\n  <<: [*x, *y]\n");
    const Json *z = json_get_c(root, "z");
    assert_int_equal(z->members.count, 3);
    assert_int_equal(json_get_c(z, "a")->number.num, 3);
    assert_int_equal(json_get_c(z, "b")->number.num, 1);
    assert_int_equal(json_get_c(z, "c")->number.num, 2);
    end(&reading);
}

static void test_what_is_a_placeholder(void **state)
{
    (void)state;
    static const char *const right[] = {"${A}", "a-$B/c", "$(x)", "<ACCOUNT>", "x:<%= tag %>", "{{tag}}", "a{{ b }}c", "%TAG%", "__TAG__", "#{x}#", "@tag@", "((x))",
                                        "{{{raw}}}", "${a:-{b}}", "svc:unknown:x#arn"};
    static const char *const wrong[] = {"", "$", "5$", "a < b", "a > b", "50%", "%Y-%m-%d %H:%M:%S", "a__b", "me@example.com", "#1", "{}", "{ \"a\": 1 }", "^[0-9]{4}$",
                                        "arn:aws:iam::123456789012:role/x", "a % b %", "(x)", "10.0.0.0/16"};
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        assert_true(placeholder_is_in(text_from_c(right[i])));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(placeholder_is_in(text_from_c(wrong[i])));
    assert_int_equal(placeholder_whole(TEXT(" ${A} ")), PLACEHOLDER_SHELL);
    assert_int_equal(placeholder_whole(TEXT("{{a}}")), PLACEHOLDER_OTHER);
    assert_int_equal(placeholder_whole(TEXT("{{a}}b")), PLACEHOLDER_NONE);
}

static void test_what_is_a_block(void **state)
{
    (void)state;
    static const char *const right[] = {"{% if a %}", "{# a #}", "{{#if a}}", "{{/if}}", "{{else}}", "{{- range .A }}", "{{ end -}}", "{{$a := .B}}", "%{ if a }", "<% end %>"};
    static const char *const wrong[] = {"{{ a }}", "{{ .Values.end }}", "{{ end_of }}", "<%= a %>", "${a}", "{\"a\": 1}"};
    size_t behind;
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        assert_true(placeholder_is_block(text_from_c(right[i]), 0, &behind));
        assert_int_equal(behind, strlen(right[i]));
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(placeholder_is_block(text_from_c(wrong[i]), 0, &behind));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places_are_bytes),
        cmocka_unit_test(test_places_survive_what_is_blanked),
        cmocka_unit_test(test_places_in_yaml),
        cmocka_unit_test(test_keys_are_found_again),
        cmocka_unit_test(test_many_members_are_sorted_and_the_last_wins),
        cmocka_unit_test(test_merged_members_give_way),
        cmocka_unit_test(test_what_is_a_placeholder),
        cmocka_unit_test(test_what_is_a_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
