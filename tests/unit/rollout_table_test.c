/* SPEC.md's tables of the rollout controller are those of rollout/states.def. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "rollout/controller.h"

enum { SPEC_BYTES_MAX = 4 << 20 };

static void test_spec_has_the_table(void **state)
{
    (void)state;
    Arena arena = {0};
    Text whole_spec;
    Text reason;
    assert_true(file_read(&arena, TEXT("SPEC.md"), SPEC_BYTES_MAX, &whole_spec, &reason));
    size_t begin = text_find(whole_spec, TEXT("### Driving a rollout"));
    assert_true(begin < whole_spec.len);
    size_t end = begin + 1 + text_find(text_slice(whole_spec, begin + 1, whole_spec.len), TEXT("\n### "));
    assert_true(end < whole_spec.len);
    Text spec = text_slice(whole_spec, begin, end);
    size_t rows = 0;
    for (size_t i = 0; i + 4 < spec.len; i++)
        rows += memcmp(spec.ptr + i, "\n| `", 4) == 0;
    size_t with_rows = 0;
    for (int i = 0; i < PHASE_COUNT; i++)
        for (size_t j = 0, found = 0; rollout_transition(j) && !found; j++)
            with_rows += found = rollout_transition(j)->from == (RolloutPhase)i;
    /* Nothing beside what the code has: each state, event, command and outcome has a row, and each state that is left a second one. */
    assert_int_equal(rows, PHASE_COUNT + EVENT_COUNT + with_rows + COMMAND_COUNT + OUTCOME_COUNT - 1);
    for (int i = 0; i < PHASE_COUNT; i++) {
        Text row = arena_format(&arena, "\n| `%s` | %s |", rollout_phase_name((RolloutPhase)i), rollout_phase_about((RolloutPhase)i));
        Text ways = arena_format(&arena, "\n| `%s` |", rollout_phase_name((RolloutPhase)i));
        bool is_first = true;
        for (size_t j = 0; rollout_transition(j); j++) {
            const RolloutTransition *t = rollout_transition(j);
            if (t->from != (RolloutPhase)i)
                continue;
            ways = arena_format(&arena, "%.*s%s `%s` → %s", TEXT_ARG(ways), is_first ? "" : ",", rollout_event_name(t->event), rollout_phase_name(t->next));
            is_first = false;
        }
        Text whole = is_first ? row : arena_format(&arena, "%.*s |", TEXT_ARG(ways));
        if (text_find(spec, row) == spec.len)
            fail_msg("SPEC.md has no row%.*s", TEXT_ARG(row));
        if (text_find(spec, whole) == spec.len)
            fail_msg("SPEC.md has no row%.*s", TEXT_ARG(whole));
    }
    for (int i = 0; i < EVENT_COUNT; i++) {
        Text row = arena_format(&arena, "\n| `%s` | %s |", rollout_event_name((RolloutEvent)i), rollout_event_about((RolloutEvent)i));
        if (text_find(spec, row) == spec.len)
            fail_msg("SPEC.md has no row%.*s", TEXT_ARG(row));
    }
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_spec_has_the_table)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
