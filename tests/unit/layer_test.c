/* Layers and arithmetic of the compiler, by way of small sources (SPEC.md, "Layers", "Repetition", "Arithmetic"). */
#include "compiler/compile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

typedef struct Run {
    Arena arena;
    Sources sources;
    Diagnostics sink;
    Unit *unit;
} Run;

static const Model *compile(Run *run, const char *source, const char *environment)
{
    *run = (Run){0};
    run->sink.arena = &run->arena;
    run->sink.sources = &run->sources;
    CompileOptions options = {.allow_missing = true};
    Compilation *compilation = compilation_create(&run->arena, &run->sink, &options);
    uint32_t file = sources_add(&run->arena, &run->sources, TEXT("test.svc"), text_from_c(source), false);
    run->unit = compile_load(compilation, &run->arena, file);
    const Model *model = compile_model(run->unit, text_from_c(environment));
    assert_non_null(model);
    return model;
}

static const Node *service(const Model *model)
{
    const Node *found = node_child(model->file, W_SERVICE);
    assert_non_null(found);
    return found;
}

#define ENVIRONMENTS "project p\nenvironment prod { account \"123456789012\"; region us-east-1 }\nenvironment staging { account \"123456789012\"; region us-east-1 }\n"

static void test_later_layer_wins(void **state)
{
    (void)state;
    static const char source[] = ENVIRONMENTS "profile big { count 9; grace 5s; compute 4 vcpu 8 GiB }\n"
                                              "service s { include big; count 2; compute 1 vcpu; in staging { count 1 } }\n";
    static const struct {
        const char *environment;
        int64_t count;
        size_t chain;
    } expected[] = {{"prod", 2, 2}, {"staging", 1, 3}};
    for (size_t i = 0; i < 2; i++) {
        Run run;
        const Node *node = service(compile(&run, source, expected[i].environment));
        const Node *count = node_child(node, W_COUNT);
        assert_int_equal(node_integer(count, 0, -1), expected[i].count);
        size_t length = 0;
        for (const Origin *origin = count->origins[0]; origin; origin = origin->overrode)
            length++;
        assert_int_equal(length, expected[i].chain);
        /* Arguments merge: the memory is still the profile's. */
        assert_int_equal(node_integer(node_child(node, W_COMPUTE), 0, -1), 1024);
        assert_non_null(node_argument(node_child(node, W_COMPUTE), 1));
        assert_int_equal(node_child(node, W_COMPUTE)->origins[1]->layer, LAYER_PROFILE);
        assert_int_equal(run.sink.items.count, 0);
        arena_free(&run.arena);
    }
}

static void test_list_replaces_and_keys_merge(void **state)
{
    (void)state;
    static const char source[] = ENVIRONMENTS
        "service s {\n  scale 1..9 { track cpu at 70%; track memory at 80%; in staging { track cpu at 50% } }\n"
        "  container app { env { A \"1\"; B \"2\" }; in staging { env { B \"3\"; C \"4\" } } }\n}\n";
    Run run;
    const Node *node = service(compile(&run, source, "prod"));
    assert_int_equal(node_count_children(node_child(node, W_SCALE), W_TRACK), 2);
    arena_free(&run.arena);
    node = service(compile(&run, source, "staging"));
    assert_int_equal(node_count_children(node_child(node, W_SCALE), W_TRACK), 1);
    const Node *env = node_child(node_keyed_child(node, W_CONTAINER, TEXT("app")), W_ENV);
    assert_int_equal(node_count_children(env, W_NAMED_VALUE), 3);
    assert_true(text_equal_c(node_text(node_keyed_child(env, W_NAMED_VALUE, TEXT("A")), 1), "1"));
    assert_true(text_equal_c(node_text(node_keyed_child(env, W_NAMED_VALUE, TEXT("B")), 1), "3"));
    arena_free(&run.arena);
}

static void test_without_takes_away(void **state)
{
    (void)state;
    static const char source[] = ENVIRONMENTS "profile pack { alarm a when cpu > 90% for 5m; alarm b when memory > 90% for 5m }\n"
                                              "service s { include pack; without alarm a; count 3; in staging { without count } }\n";
    Run run;
    const Node *node = service(compile(&run, source, "prod"));
    assert_null(node_keyed_child(node, W_ALARM, TEXT("a")));
    assert_non_null(node_keyed_child(node, W_ALARM, TEXT("b")));
    assert_non_null(node_child(node, W_COUNT));
    arena_free(&run.arena);
    node = service(compile(&run, source, "staging"));
    assert_null(node_child(node, W_COUNT));
    assert_int_equal(run.sink.items.count, 0);
    arena_free(&run.arena);
}

/* What `let x EXPRESSION` comes to, by way of an environment variable. */
static void check_value(const char *expression, const char *expected)
{
    Run run;
    Arena scratch = {0};
    Text source = arena_format(&scratch, "project p\nlet x %s\nservice s { container app { env { A \"${x}\" } } }\n", expression);
    const Node *node = service(compile(&run, source.ptr, ""));
    const Node *env = node_child(node_keyed_child(node, W_CONTAINER, TEXT("app")), W_ENV);
    Text shown = node_text(node_keyed_child(env, W_NAMED_VALUE, TEXT("A")), 1);
    if (!text_equal_c(shown, expected))
        fail_msg("%s gives %.*s, not %s", expression, TEXT_ARG(shown), expected);
    assert_int_equal(run.sink.items.count, 0);
    arena_free(&run.arena);
    arena_free(&scratch);
}

static void test_values(void **state)
{
    (void)state;
    static const struct {
        const char *expression;
        const char *value;
    } cases[] = {
        {"1 + 2 * 3", "7"}, {"(1 + 2) * 3", "9"}, {"7 / 2", "3.5"}, {"1 - 2 - 3", "-4"}, {"12 / 2 / 3", "2"}, {"-(2) * 3", "-6"},
        {"1h - 30m", "30m"}, {"2 * 45s", "1m30s"}, {"90s / 30s", "3"}, {"50% + 10%", "60%"}, {"100/min * 3m", "300"}, {"512 MiB * 2", "1 GiB"},
        {"max(1, 3, 2)", "3"}, {"min(1s, 500ms)", "500ms"}, {"ceil(2.1)", "3"}, {"floor(-2.1)", "-3"}, {"ceil(-2.9)", "-2"}, {"ceil(4)", "4"},
        {"1 < 2 and not 2 < 1", "yes"}, {"1 == 1.0", "yes"}, {"1 GiB == 1024 MiB", "yes"}, {"\"a\" + \"b\" == \"ab\"", "yes"}, {"yes or 1 < 0", "yes"},
        {"if 1 < 2 then \"small\" else \"large\"", "small"}, {"\"${1 + 1}x\"", "2x"}, {"project", "p"}, {"[1, 2] == [1] + [2]", "yes"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_value(cases[i].expression, cases[i].value);
}

/* An environment changes nothing that its layers do not say: without any it is the file as it stands. */
static void test_empty_layer_changes_nothing(void **state)
{
    (void)state;
    Run plain;
    Run layered;
    const Model *a = compile(&plain, ENVIRONMENTS "service s { count 2; container app { port 80; env { A \"1\" } } }\n", "prod");
    const Model *b = compile(&layered, ENVIRONMENTS "service s { count 2; in prod { }; container app { in staging { port 90 }; port 80; env { A \"1\" } } }\n", "prod");
    assert_true(text_equal(model_dump(&plain.arena, a), model_dump(&layered.arena, b)));
    arena_free(&plain.arena);
    arena_free(&layered.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_later_layer_wins), cmocka_unit_test(test_list_replaces_and_keys_merge), cmocka_unit_test(test_without_takes_away),
        cmocka_unit_test(test_values),           cmocka_unit_test(test_empty_layer_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
