/* Rules of one's own: judging a model by them (SPEC.md, "Rules of your own"). */
#include "compiler/guard.h"

#include "compiler/guard_state.h"
#include "diagnostics/render.h"

/* A rule at work. */
typedef struct Judgement {
    Context context; /* with the names that the rule's file has */
    Guard guard;
    const Statement *statement;
    Text name;
    Text reason;
    Severity severity;
    const Node *subject;
    bool wanted;             /* the answer that its condition must have */
    bool is_doubtful;        /* whether the rule holds here at all cannot be told, by this: */
    GuardReading doubt;
} Judgement;

typedef ARRAY(Statement *) RuleArray;

/* --- finding rules --- */

static const Module *module_at(const Unit *unit, size_t index)
{
    return index < unit->modules.count ? unit->modules.items[index] : unit->module;
}

static bool is_rule(const Statement *statement)
{
    return statement->row && statement->row->id == W_GUARD;
}

void guard_list_rules(Unit *unit, TextArray *out)
{
    for (size_t m = 0; m <= unit->modules.count; m++) {
        const StatementArray *statements = &module_at(unit, m)->tree.root->children;
        for (size_t i = 0; i < statements->count; i++)
            if (is_rule(statements->items[i]))
                ARRAY_PUSH(unit->arena, out, expression_word(unit->arena, statements->items[i]->arguments[0]));
    }
}

static const VocabularyRow *subject_row(Context *context, const Statement *rule)
{
    const Statement *said = statement_child(rule, W_GUARD_FOR);
    Text word = said ? expression_word(context->arena, said->arguments[0]) : TEXT_NONE;
    return word.len ? vocabulary_find(SCOPE_FILE, word) : vocabulary_row(W_SERVICE);
}

static bool holds_in(const Statement *rule, Arena *arena, Text environment)
{
    const Statement *said = statement_child(rule, W_GUARD_IN);
    const Expression *list = said ? said->arguments[0] : NULL;
    for (size_t i = 0; list && list->kind == EXPRESSION_LIST && i < list->list.count; i++)
        if (text_equal(expression_word(arena, list->list.items[i]), environment))
            return true;
    return !said;
}

/* --- what is found --- */

static Text describe_reading(Context *context, const GuardReading *reading)
{
    if (reading->path.len == 0)
        return TEXT_NONE;
    if (!reading->value)
        return arena_format(context->arena, ": %.*s is not said", TEXT_ARG(reading->path));
    if (reading->value->kind == VALUE_NONE || reading->is_private)
        return arena_format(context->arena, ": %.*s is said", TEXT_ARG(reading->path));
    return arena_format(context->arena, ": %.*s is %.*s", TEXT_ARG(reading->path), TEXT_ARG(value_to_text(context->arena, reading->value)));
}

static Span place_of(const Judgement *judgement, const GuardReading *reading)
{
    return span_is_none(reading->span) ? judgement->subject->span : reading->span;
}

static void add_part(const Judgement *judgement, Diagnostic *d, const Expression *part)
{
    diagnostic_add_label(judgement->context.sink, d, part->span, judgement->wanted ? "this is required" : "this is forbidden");
}

/* Whose finding it is, where that is not to be seen at its place: a profile's line, a region. */
static void add_subject(const Judgement *judgement, Diagnostic *d, Span place)
{
    Span own = judgement->subject->statement ? judgement->subject->statement->span : judgement->subject->span;
    bool is_seen = place.file != own.file || (place.start >= own.start && place.end <= own.end);
    if (!is_seen)
        diagnostic_add_label(judgement->context.sink, d, judgement->subject->span, "of this");
}

static void report_broken(Judgement *judgement, const Expression *part, const GuardReading *reading)
{
    Context *context = &judgement->context;
    Text what = describe_reading(context, reading);
    Span place = place_of(judgement, reading);
    Diagnostic *d = diagnostic_report_as(context->sink, CODE_GUARD_BROKEN, judgement->severity, place, "%.*s breaks the rule %.*s%.*s",
                                         TEXT_ARG(judgement->subject->key), TEXT_ARG(judgement->name), TEXT_ARG(what));
    diagnostic_set_label(context->sink, d, "%.*s", TEXT_ARG(judgement->reason));
    add_subject(judgement, d, place);
    add_part(judgement, d, part);
}

static void report_undecided(Judgement *judgement, const Expression *part, const GuardReading *reading)
{
    Context *context = &judgement->context;
    Span place = place_of(judgement, reading);
    Diagnostic *d = diagnostic_report(context->sink, CODE_GUARD_UNDECIDED, place, "whether %.*s keeps the rule %.*s cannot be told yet",
                                      TEXT_ARG(judgement->subject->key), TEXT_ARG(judgement->name));
    if (reading->path.len)
        diagnostic_set_label(context->sink, d, "%.*s has no value yet", TEXT_ARG(reading->path));
    add_subject(judgement, d, place);
    add_part(judgement, d, part);
    Text name = reading->value && reading->value->kind == VALUE_UNKNOWN ? reading->value->text : TEXT_NONE;
    if (name.len && declaration_find(&context->unit->table, W_PARAM, name))
        diagnostic_set_advice(context->sink, d, "add --set %.*s=VALUE to have it judged", TEXT_ARG(name));
}

static void judge_part(Context *context, const Expression *e, void *data);

/* Each part that must hold by itself is reported by itself, and so is each of several. */
static bool judge_parts(Judgement *judgement, const Expression *e)
{
    Context *context = &judgement->context;
    bool is_all;
    GuardReading nearest;
    if (e->kind == EXPRESSION_UNARY && e->unary.op == OPERATOR_NOT) {
        judgement->wanted = !judgement->wanted;
        judge_part(context, e->unary.operand, judgement);
        judgement->wanted = !judgement->wanted;
        return true;
    }
    if (e->kind == EXPRESSION_BINARY && e->binary.op == (judgement->wanted ? OPERATOR_AND : OPERATOR_OR)) {
        judge_part(context, e->binary.left, judgement);
        judge_part(context, e->binary.right, judgement);
        return true;
    }
    if (!guard_find_quantifier(e, &is_all) || is_all != judgement->wanted)
        return false;
    (void)!guard_each(context, e, judge_part, judgement, &nearest);
    return true;
}

static void judge_part(Context *context, const Expression *e, void *data)
{
    Judgement *judgement = data;
    e = guard_unwrap(e);
    if (judge_parts(judgement, e))
        return;
    Verdict verdict = guard_condition(context, e);
    bool is_broken = verdict.answer == (judgement->wanted ? ANSWER_NO : ANSWER_YES);
    if (is_broken && judgement->is_doubtful)
        report_undecided(judgement, e, &judgement->doubt);
    else if (is_broken)
        report_broken(judgement, e, &verdict.reading);
    else if (verdict.answer == ANSWER_UNKNOWN)
        report_undecided(judgement, e, &verdict.reading);
}

/* --- one rule, one subject --- */

static bool is_clause(const Statement *statement)
{
    return statement->row && (statement->row->id == W_GUARD_REQUIRE || statement->row->id == W_GUARD_FORBID) && !statement->has_error;
}

static void judge_subject(Judgement *judgement, const Node *subject)
{
    Context *context = &judgement->context;
    const Binding *outer = context->bindings;
    judgement->subject = judgement->guard.subject = subject;
    context_bind(context, text_from_c(subject->row->word), value_text(context, subject->key, SPAN_NONE));
    const Statement *because = statement_child(judgement->statement, W_GUARD_BECAUSE);
    const Value *reason = argument_evaluate(context, because, 0);
    judgement->reason = reason->kind == VALUE_STRING ? reason->text : TEXT_NONE;
    const Statement *when = statement_child(judgement->statement, W_GUARD_WHEN);
    Verdict scope = when ? guard_condition(context, when->arguments[0]) : (Verdict){.answer = ANSWER_YES};
    judgement->is_doubtful = scope.answer == ANSWER_UNKNOWN;
    judgement->doubt = scope.reading;
    bool applies = scope.answer == ANSWER_YES || scope.answer == ANSWER_UNKNOWN;
    for (size_t i = 0; applies && i < judgement->statement->children.count; i++) {
        const Statement *clause = judgement->statement->children.items[i];
        if (!is_clause(clause))
            continue;
        judgement->wanted = clause->row->id == W_GUARD_REQUIRE;
        judge_part(context, clause->arguments[0], judgement);
    }
    context->bindings = outer;
}

/* Only the environment that is compiled for has values. */
static bool is_judged(const Model *model, const Node *node)
{
    return node->row->id != W_ENVIRONMENT || node == model->environment.node;
}

static void judge_rule(Judgement *judgement, const Model *model)
{
    Diagnostics *sink = judgement->context.sink;
    sink->rule = judgement->name;
    NODE_EACH(subject, model->file, judgement->guard.row->id)
    {
        sink->user = &subject->span;
        if (is_judged(model, subject))
            judge_subject(judgement, subject);
    }
    sink->user = NULL;
    sink->rule = TEXT_NONE;
}

/* --- the rule itself --- */

static bool check_says_all(Context *context, const Statement *rule)
{
    bool has_clause = false;
    for (size_t i = 0; i < rule->children.count; i++)
        has_clause = has_clause || is_clause(rule->children.items[i]);
    bool has_reason = statement_child(rule, W_GUARD_BECAUSE) != NULL;
    if (has_clause && has_reason)
        return true;
    Diagnostic *d = diagnostic_report(context->sink, CODE_GUARD_EMPTY, rule->head_span, has_clause ? "this rule does not say why" : "this rule asks for nothing");
    const VocabularyRow *missing = vocabulary_row(has_clause ? W_GUARD_BECAUSE : W_GUARD_REQUIRE);
    diagnostic_set_label(context->sink, d, has_clause ? "whoever breaks it is told the reason" : "nothing is required, nothing forbidden");
    diagnostic_set_advice(context->sink, d, "add %s", missing->example);
    return false;
}

/* Words, types and units of a rule, with typed unknowns in place of a service. */
static bool check_rule(Judgement *judgement)
{
    Context *context = &judgement->context;
    const Statement *rule = judgement->statement;
    bool good = check_says_all(context, rule) && argument_evaluate(context, rule, 0)->kind != VALUE_ERROR;
    const Binding *outer = context->bindings;
    context_bind(context, text_from_c(judgement->guard.row->word), value_text(context, TEXT("subject"), SPAN_NONE));
    for (size_t i = 0; i < rule->children.count; i++) {
        const Statement *child = rule->children.items[i];
        if (!child->row || child->has_error) {
            good = false;
            continue;
        }
        WordId word = child->row->id;
        bool is_condition = word == W_GUARD_WHEN || is_clause(child);
        if (is_condition)
            good = guard_condition(context, child->arguments[0]).answer != ANSWER_ERROR && good;
        else
            good = argument_evaluate(context, child, 0)->kind != VALUE_ERROR && good;
    }
    context->bindings = outer;
    return good;
}

static Severity severity_of(Context *context, const Statement *rule)
{
    const Statement *said = statement_child(rule, W_GUARD_SEVERITY);
    Text word = said ? expression_word(context->arena, said->arguments[0]) : TEXT_NONE;
    for (Severity severity = SEVERITY_NOTE; severity < SEVERITY_ERROR; severity++)
        if (text_equal_c(word, severity_name(severity)))
            return severity;
    return SEVERITY_ERROR;
}

static void judge_statement(const Context *compiled, const Binding *bindings, Statement *rule, const Model *model)
{
    Judgement judgement = {.context = *compiled, .statement = rule};
    Context *context = &judgement.context;
    context->bindings = context->globals = bindings;
    context->guard = &judgement.guard;
    judgement.guard.row = subject_row(context, rule);
    judgement.name = expression_word(context->arena, rule->arguments[0]);
    judgement.severity = severity_of(context, rule);
    Text environment = context->sink->environment;
    context->sink->environment = TEXT_NONE;
    rule->has_error = !check_rule(&judgement); /* told once, whatever it would be judged for */
    context->sink->environment = environment;
    if (rule->has_error)
        return;
    if (holds_in(rule, context->arena, model->environment.name) && !model->is_cut_short)
        judge_rule(&judgement, model);
}

void guard_judge(Unit *unit, const Model *model)
{
    const Context *compiled = unit->compiled;
    for (size_t m = 0; compiled && m <= unit->modules.count; m++) {
        const StatementArray *statements = &module_at(unit, m)->tree.root->children;
        for (size_t i = 0; i < statements->count; i++)
            if (is_rule(statements->items[i]) && !statements->items[i]->has_error)
                judge_statement(compiled, compiled->module_bindings.items[m], statements->items[i], model);
    }
    if (compiled)
        guard_check_tests(unit, compiled);
}
