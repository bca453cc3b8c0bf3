/* Tests of rules: `expect` statements (SPEC.md, "Rules of your own"). */
#include "compiler/guard.h"

#include "compiler/guard_state.h"

static bool is_test(const Statement *statement)
{
    return statement->row && statement->row->id == W_EXPECT && !statement->has_error;
}

static bool passes(Arena *arena, const Statement *expect)
{
    return text_equal_c(expression_word(arena, expect->arguments[0]), "pass");
}

static void list_words(Arena *arena, const Statement *statement, TextArray *out)
{
    const Expression *list = statement ? statement->arguments[0] : NULL;
    for (size_t i = 0; list && list->kind == EXPRESSION_LIST && i < list->list.count; i++)
        ARRAY_PUSH(arena, out, expression_word(arena, list->list.items[i]));
}

void guard_list_tests(Unit *unit, GuardTestArray *out)
{
    const StatementArray *statements = &unit->module->tree.root->children;
    for (size_t i = 0; i < statements->count; i++) {
        const Statement *expect = statements->items[i];
        if (!is_test(expect))
            continue;
        GuardTest test = {.statement = expect, .should_pass = passes(unit->arena, expect), .name = expression_word(unit->arena, expect->arguments[1])};
        list_words(unit->arena, statement_child(expect, W_EXPECT_BY), &test.by);
        list_words(unit->arena, statement_child(expect, W_GUARD_IN), &test.environments);
        ARRAY_PUSH(unit->arena, out, test);
    }
}

/* --- what is wrong with a test --- */

static void report_unknown_rule(const Context *context, const TextArray *rules, const Expression *said, Text name)
{
    Diagnostic *d = diagnostic_report(context->sink, CODE_UNKNOWN_REFERENCE, said->span, "there is no rule `%.*s`", TEXT_ARG(name));
    Text best = TEXT_NONE;
    size_t best_distance = name.len / 3 + 2;
    for (size_t i = 0; i < rules->count; i++) {
        size_t distance = text_edit_distance(name, rules->items[i], best_distance);
        if (distance < best_distance) {
            best_distance = distance;
            best = rules->items[i];
        }
    }
    if (best.len == 0) {
        diagnostic_set_label(context->sink, d, "neither this file nor a module that it uses has it");
        return;
    }
    diagnostic_set_label(context->sink, d, "did you mean `%.*s`?", TEXT_ARG(best));
    diagnostic_set_fix(context->sink, d, false, said->span, best, "%.*s", TEXT_ARG(best));
}

static bool contains(const TextArray *texts, Text text)
{
    for (size_t i = 0; i < texts->count; i++)
        if (text_equal(texts->items[i], text))
            return true;
    return false;
}

static void check_test(const Context *context, const TextArray *rules, const Statement *expect)
{
    const Statement *by = statement_child(expect, W_EXPECT_BY);
    const Expression *names = by ? by->arguments[0] : NULL;
    for (size_t i = 0; names && names->kind == EXPRESSION_LIST && i < names->list.count; i++) {
        Text name = expression_word(context->arena, names->list.items[i]);
        if (!contains(rules, name))
            report_unknown_rule(context, rules, names->list.items[i], name);
    }
    if (by && passes(context->arena, expect)) {
        Diagnostic *d = diagnostic_report(context->sink, CODE_GUARD_TEST, by->head_span, "a test that passes is refused by no rule");
        diagnostic_set_advice(context->sink, d, "leave the rule out, or expect fail");
    }
    bool has_subject = false;
    for (size_t i = 0; i < expect->children.count; i++)
        has_subject = has_subject || !expect->children.items[i]->is_inline;
    if (!has_subject) {
        Diagnostic *d = diagnostic_report(context->sink, CODE_GUARD_TEST, span_join(expect->word_span, expect->arguments[1]->span),
                                          "this test holds nothing that a rule could judge");
        diagnostic_set_advice(context->sink, d, "put what is tried into its body, such as `service api { … }`");
    }
}

void guard_check_tests(Unit *unit, const Context *context)
{
    const StatementArray *statements = &unit->module->tree.root->children;
    TextArray rules = {0};
    for (size_t i = 0; i < statements->count; i++) {
        if (!is_test(statements->items[i]))
            continue;
        if (rules.count == 0)
            guard_list_rules(unit, &rules);
        check_test(context, &rules, statements->items[i]);
    }
}

/* --- running one --- */

Unit *guard_open_test(Unit *unit, const GuardTest *test)
{
    Arena *arena = unit->arena;
    Statement *root = ARENA_NEW(arena, Statement);
    *root = *unit->module->tree.root;
    root->children = (StatementArray){0};
    for (size_t i = 0; i < test->statement->children.count; i++)
        if (!test->statement->children.items[i]->is_inline)
            ARRAY_PUSH(arena, &root->children, test->statement->children.items[i]);
    Unit *made = ARENA_NEW(arena, Unit);
    *made = (Unit){.compilation = unit->compilation, .arena = arena, .is_test = true};
    made->module = ARENA_NEW(arena, Module);
    *made->module = *unit->module;
    made->module->tree.root = root;
    for (size_t i = 0; i < unit->modules.count; i++)
        ARRAY_PUSH(arena, &made->modules, unit->modules.items[i]);
    ARRAY_PUSH(arena, &made->modules, unit->module);
    unit_declare(made);
    if (test->environments.count)
        made->environments = test->environments;
    return made;
}
