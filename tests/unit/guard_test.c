/* What rules answer, by way of small sources (SPEC.md, "Rules of your own"). */
#include "compiler/guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* What comes of `require CONDITION`. */
typedef enum Outcome { KEPT, BROKEN, OPEN } Outcome;

typedef struct Row {
    const char *condition;
    Outcome outcome;
    size_t findings; /* 0 stands for one where something is found */
} Row;

/* scale and spot are not said; tag and shell are not known. */
static const char service_source[] = "project p\nparam tag string\nparam shell bool\n"
                                     "environment prod { account \"123456789012\" }\n"
                                     "let sizes [1, 2]\n"
                                     "tags { team \"a\"; cost \"b\" }\n"
                                     "service api {\n"
                                     "  compute 1 vcpu\n  count 2\n  exec shell\n  tags { cost \"c\" }\n  arch arm64\n"
                                     "  alarm busy when cpu > 85% for 5m notify oncall\n  alarm idle when cpu < 1% for 5m\n"
                                     "  container app { image ecr \"app\" tag tag; port 80; command \"a\" \"b\"; logs \"/x\" keep 90d }\n"
                                     "  container side { image \"redis:7\"; stop 60s; essential no }\n"
                                     "}\n"
                                     "topic oncall existing { arn \"arn:aws:sns:us-east-1:123456789012:oncall\" }\n";

static const Row rows[] = {
    /* what is said */
    {"count >= 2", KEPT, 0},
    {"count > 2", BROKEN, 0},
    {"count.tasks == 2", KEPT, 0},
    {"compute.cpu == 1 vcpu and compute.memory == 2 GiB", KEPT, 0},
    {"compute.memory < 2048 MiB", BROKEN, 0},
    {"arch == arm64 and arch == \"arm64\" and arch != x86", KEPT, 0},
    {"env == prod and service == api and project == \"p\"", KEPT, 0},
    {"if env == prod then count == 2 else count == 9", KEPT, 0},
    {"count * 2 == 4 and compute.memory / compute.memory == 1", KEPT, 0},
    {"one-of(count, sizes) and one-of(count, 5, 2) and not one-of(count, 5, 6)", KEPT, 0},
    /* tags of the service win over the file's, which are its own otherwise */
    {"tags.team == \"a\" and tags.cost == \"c\" and has(tags.team)", KEPT, 0},
    {"has(tags.other)", BROKEN, 0},
    {"tags.other == \"a\"", BROKEN, 0},
    /* what is absent */
    {"scale.min >= 2", BROKEN, 0},
    {"scale.min < 2", BROKEN, 0},
    {"scale.min != 2", BROKEN, 0},
    {"not scale.min < 2", KEPT, 0},
    {"not spot > 0%", KEPT, 0},
    {"singleton", BROKEN, 0},
    {"not singleton", KEPT, 0},
    {"has(scale)", BROKEN, 0},
    {"has(count) and not has(scale)", KEPT, 0},
    {"scale.min >= 2 or count >= 2", KEPT, 0},
    {"has(compute.memory)", BROKEN, 0},
    {"container.app.logs.keep == 90d and not container.nobody.logs.keep == 90d", KEPT, 0},
    {"begins(family, \"\")", BROKEN, 0},
    /* what is not known */
    {"exec", OPEN, 0},
    {"not exec", OPEN, 0},
    {"has(exec)", KEPT, 0},
    {"exec or count == 2", KEPT, 0},
    {"exec or count == 3", OPEN, 0},
    {"(exec and count == 3) or count == 4", BROKEN, 0},
    {"not (exec and count == 2)", OPEN, 0},
    {"container.app.image.tag != \"latest\"", OPEN, 0},
    {"matches(container.app.image.tag, \"[a-z]\") or count == 1", OPEN, 0},
    {"region == \"us-east-1\"", OPEN, 0},
    {"account == \"123456789012\"", KEPT, 0},
    {"if exec then count == 2 else count == 3", OPEN, 0},
    /* several */
    {"all(has(container.image))", KEPT, 0},
    {"all(has(container.port))", BROKEN, 0},
    {"any(has(container.port))", KEPT, 0},
    {"any(has(alarm.notify)) and not all(has(alarm.notify))", KEPT, 0},
    {"all(container.stop.timeout <= 45s)", BROKEN, 0},
    {"all(container.stop.timeout < 30s)", BROKEN, 2},
    {"any(container.stop.timeout > 2m)", BROKEN, 1},
    {"all(route.to.port == 80) and all(container.secret.from.name == \"x\")", KEPT, 0},
    {"any(has(route.health))", BROKEN, 0},
    {"all(container.image.registry == ecr or begins(container.image.name, \"redis:\"))", KEPT, 0},
    {"all(count(container.port) <= 1) and count(container) == 2 and count(container.port) == 1", KEPT, 0},
    {"any(container.command.words == \"b\") and not all(container.command.words == \"b\")", KEPT, 0},
    {"all(contains(container.command.words, \"a\"))", BROKEN, 1},
    {"count(container.command.words) == 2", KEPT, 0},
    {"any(alarm.notify.topics == oncall)", KEPT, 0},
    {"not any(container.essential)", KEPT, 0},
    {"all(container.image.tag != \"latest\" or not container.image.registry == ecr)", OPEN, 1},
    /* parts are findings of their own */
    {"count == 3 and arch == x86 and compute.cpu == 1 vcpu", BROKEN, 2},
    {"not (count == 2 or arch == arm64)", BROKEN, 2},
    /* text */
    {"begins(service, \"a\") and ends(service, \"i\") and contains(service, \"p\") and contains(service, \"\")", KEPT, 0},
    {"begins(service, \"apis\") or ends(service, \"ap\") or contains(service, \"x\")", BROKEN, 0},
    {"matches(service, \"a|api\") and not matches(service, \"ap\") and matches(service, service_name)", KEPT, 0},
};

static void count_findings(const Diagnostics *sink, size_t counts[OPEN + 1])
{
    for (size_t i = 0; i < sink->items.count; i++) {
        const Diagnostic *d = sink->items.items[i];
        assert_true(d->code == CODE_GUARD_BROKEN || d->code == CODE_GUARD_UNDECIDED);
        counts[d->code == CODE_GUARD_BROKEN ? BROKEN : OPEN]++;
    }
}

static void test_conditions(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Arena arena = {0};
        Sources sources = {0};
        Diagnostics sink = {.arena = &arena, .sources = &sources};
        CompileOptions options = {.allow_missing = true};
        Compilation *compilation = compilation_create(&arena, &sink, &options);
        Text source = arena_format(&arena, "%srule r require %s because \"x\"\n", service_source, rows[i].condition);
        Unit *unit = compile_load(compilation, &arena, sources_add(&arena, &sources, TEXT("test.svc"), source, false));
        const Model *model = compile_model(unit, TEXT("prod"));
        assert_non_null(model);
        guard_judge(unit, model);
        size_t counts[OPEN + 1] = {0};
        count_findings(&sink, counts);
        size_t wanted = rows[i].outcome == KEPT ? 0 : rows[i].findings ? rows[i].findings : 1;
        if (counts[BROKEN] != (rows[i].outcome == BROKEN ? wanted : 0) || counts[OPEN] != (rows[i].outcome == OPEN ? wanted : 0))
            fail_msg("%s: %zu broken, %zu open", rows[i].condition, counts[BROKEN], counts[OPEN]);
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_conditions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
