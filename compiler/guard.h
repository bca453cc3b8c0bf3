/* Rules of one's own: `rule` and `expect` statements (SPEC.md, "Rules of your own"). */
#ifndef SVC_COMPILER_GUARD_H
#define SVC_COMPILER_GUARD_H

#include "compiler/compile.h"

/* Judges a model that the unit was just compiled to by the rules of its file and modules, and checks these and its tests themselves; findings go to
   the sink. */
void guard_judge(Unit *unit, const Model *model);

/* A test: an `expect` statement of the unit's own file. */
typedef struct GuardTest {
    Text name;
    bool should_pass;
    TextArray by;           /* the rules that must refuse it, and no others; empty for any */
    TextArray environments; /* what `in` says */
    const Statement *statement;
} GuardTest;

typedef ARRAY(GuardTest) GuardTestArray;

/* The tests of the unit's own file, in order. */
void guard_list_tests(Unit *unit, GuardTestArray *out);
/* The unit that a test describes: its body as a file that uses the unit's file. Its environments are those of `in`, else those that it declares; they
   need not be declared. */
Unit *guard_open_test(Unit *unit, const GuardTest *test);
/* The names of all rules that the unit knows, in order. */
void guard_list_rules(Unit *unit, TextArray *out);

#endif
