/* Conditions of rules: what holds, what does not, what cannot be told, and which value decided. */
#include "compiler/guard_state.h"

typedef ARRAY(const GuardPath *) GuardPathArray;

#define HAS_FUNCTION TEXT("has")
#define COUNT_FUNCTION TEXT("count")
#define ALL_FUNCTION TEXT("all")
#define ANY_FUNCTION TEXT("any")

static const Verdict in_error = {.answer = ANSWER_ERROR};

static bool is_thing_call(const Expression *e)
{
    return e->kind == EXPRESSION_CALL && (text_equal(e->call.callee, HAS_FUNCTION) || text_equal(e->call.callee, COUNT_FUNCTION));
}

bool guard_find_quantifier(const Expression *e, bool *is_all)
{
    *is_all = e->kind == EXPRESSION_CALL && text_equal(e->call.callee, ALL_FUNCTION);
    return *is_all || (e->kind == EXPRESSION_CALL && text_equal(e->call.callee, ANY_FUNCTION));
}

static Diagnostic *report_call(Context *context, const Expression *e, const char *problem)
{
    return diagnostic_report(context->sink, CODE_GUARD_CALL, e->call.callee_span, "`%.*s` %s", TEXT_ARG(e->call.callee), problem);
}

/* --- has, count --- */

/* The path that has or count is about; NULL after a report. */
static const GuardPath *thing_path(Context *context, const Expression *e)
{
    const Expression *only = e->call.arguments.count == 1 ? guard_unwrap(e->call.arguments.items[0].value) : NULL;
    if (!only || only->kind != EXPRESSION_PATH) {
        Diagnostic *d = report_call(context, e, "takes one path");
        diagnostic_set_advice(context->sink, d, "write %.*s(alarm), or with more words: %.*s(alarm.notify)", TEXT_ARG(e->call.callee), TEXT_ARG(e->call.callee));
        return NULL;
    }
    const GuardPath *path = guard_path(context, only);
    return guard_path_check_thing(context, path) ? path : NULL;
}

static Verdict judge_has(Context *context, const Expression *e)
{
    const GuardPath *path = thing_path(context, e);
    if (!path)
        return in_error;
    if (!context->guard->subject)
        return (Verdict){.answer = ANSWER_UNKNOWN};
    context->guard->trace = (GuardTrace){0};
    bool is_there = guard_count(context, path) > 0;
    return guard_answer(context->guard, is_there);
}

static const Value *evaluate_count(Context *context, const Expression *e)
{
    const GuardPath *path = thing_path(context, e);
    if (!path)
        return value_error(context, e->span);
    if (!context->guard->subject)
        return value_new(context, VALUE_UNKNOWN, TYPE_INTEGER, e->span);
    GuardTrace outer = context->guard->trace;
    context->guard->trace = (GuardTrace){0};
    size_t count = guard_count(context, path);
    GuardReading reading = context->guard->trace.first;
    reading.path = arena_format(context->arena, "%.*s(%.*s)", TEXT_ARG(e->call.callee), TEXT_ARG(path->expression->path));
    reading.value = value_quantity(context, (Quantity){rational_from_integer((int64_t)count), TYPE_INTEGER}, e->span);
    if (!outer.has_first)
        outer.first = reading;
    outer.has_first = true;
    context->guard->trace = outer;
    return reading.value;
}

/* --- all, any --- */

static void collect_paths(Context *context, const Expression *e, bool is_thing, GuardPathArray *values, GuardPathArray *things);

static void collect_call(Context *context, const Expression *e, GuardPathArray *values, GuardPathArray *things)
{
    for (size_t i = 0; i < e->call.arguments.count; i++)
        collect_paths(context, e->call.arguments.items[i].value, is_thing_call(e), values, things);
}

static void collect_path(Context *context, const Expression *e, GuardPathArray *into)
{
    const GuardPath *path = context_lookup(context, e->path) ? NULL : guard_path(context, e);
    if (path && path->problem == GUARD_PATH_GOOD)
        ARRAY_PUSH(context->arena, into, path);
}

/* The paths in a condition: those whose values are asked for, and those of things that are there or not. */
static void collect_paths(Context *context, const Expression *e, bool is_thing, GuardPathArray *values, GuardPathArray *things)
{
    switch (e->kind) {
    case EXPRESSION_PATH: collect_path(context, e, is_thing ? things : values); return;
    case EXPRESSION_CALL: collect_call(context, e, values, things); return;
    case EXPRESSION_GROUP: collect_paths(context, e->group, is_thing, values, things); return;
    case EXPRESSION_UNARY: collect_paths(context, e->unary.operand, false, values, things); return;
    case EXPRESSION_BINARY:
        collect_paths(context, e->binary.left, false, values, things);
        collect_paths(context, e->binary.right, false, values, things);
        return;
    case EXPRESSION_IF:
        collect_paths(context, e->choice.condition, false, values, things);
        collect_paths(context, e->choice.then, false, values, things);
        collect_paths(context, e->choice.otherwise, false, values, things);
        return;
    case EXPRESSION_LIST:
        for (size_t i = 0; i < e->list.count; i++)
            collect_paths(context, e->list.items[i], false, values, things);
        return;
    case EXPRESSION_STRING:
        for (size_t i = 0; i < e->string.count; i++)
            if (e->string.pieces[i].expression)
                collect_paths(context, e->string.pieces[i].expression, false, values, things);
        return;
    case EXPRESSION_ERROR:
    case EXPRESSION_QUANTITY:
    case EXPRESSION_BOOL:
    case EXPRESSION_RANGE:
    case EXPRESSION_MAP: return;
    }
}

typedef struct Quantifier {
    const GuardPath *path; /* that says most about which of the several are meant */
    size_t depth;
    bool has_item;
} Quantifier;

static void consider(Quantifier *quantifier, const GuardPath *path, bool is_thing)
{
    size_t depth = guard_path_depth(path, is_thing);
    bool has_item = !is_thing && guard_path_is_many(path);
    bool is_deeper = depth > quantifier->depth || (depth == quantifier->depth && has_item && !quantifier->has_item);
    if (!is_deeper)
        return;
    *quantifier = (Quantifier){path, depth, has_item};
}

/* Everything that a quantifier speaks of is one thing of several, or something in it. */
static bool check_same(Context *context, const Expression *e, const Quantifier *quantifier, const GuardPath *path, bool is_thing)
{
    bool is_other_item = !is_thing && guard_path_is_many(path) && quantifier->has_item && path->argument != quantifier->path->argument;
    if (guard_path_common(path, quantifier->path) >= guard_path_depth(path, is_thing) && !is_other_item)
        return true;
    Diagnostic *d = report_call(context, e, "is about one kind of thing, and this is about two");
    diagnostic_add_label(context->sink, d, quantifier->path->expression->span, "one");
    diagnostic_add_label(context->sink, d, path->expression->span, "another");
    diagnostic_set_advice(context->sink, d, "say two of them, with `and` between");
    return false;
}

static bool find_quantified(Context *context, const Expression *e, Quantifier *out)
{
    *out = (Quantifier){0};
    if (e->call.arguments.count != 1 || context->guard->bound) {
        Diagnostic *d = report_call(context, e, context->guard->bound ? "does not stand inside of another all or any" : "takes one condition");
        diagnostic_set_advice(context->sink, d, context->guard->bound ? "inside of one, count(…) says how many there are" : "join several with `and` or `or`");
        return false;
    }
    GuardPathArray values = {0};
    GuardPathArray things = {0};
    collect_paths(context, e->call.arguments.items[0].value, false, &values, &things);
    for (size_t i = 0; i < values.count; i++)
        consider(out, values.items[i], false);
    for (size_t i = 0; i < things.count; i++)
        consider(out, things.items[i], true);
    if (!out->path && guard_condition(context, e->call.arguments.items[0].value).answer == ANSWER_ERROR)
        return false; /* reported */
    if (!out->path) {
        Diagnostic *d = report_call(context, e, "needs something of which there may be several");
        diagnostic_set_label(context->sink, d, "nothing in it is");
        diagnostic_set_advice(context->sink, d, "leave the `%.*s` out", TEXT_ARG(e->call.callee));
        return false;
    }
    bool good = true;
    for (size_t i = 0; i < values.count && good; i++)
        good = check_same(context, e, out, values.items[i], false);
    for (size_t i = 0; i < things.count && good; i++)
        good = check_same(context, e, out, things.items[i], true);
    return good;
}

typedef struct Iteration {
    const Quantifier *quantifier;
    const Expression *condition;
    GuardVisit *visit;
    void *data;
    const Node *nearest;
    size_t reached;
} Iteration;

static void visit_items(Context *context, Iteration *iteration, const Node *node)
{
    Guard *guard = context->guard;
    const GuardPath *path = iteration->quantifier->path;
    for (size_t i = iteration->quantifier->depth; i < path->count && node; i++)
        node = path_child(node, &path->steps[i]);
    const Value *list = node ? node->arguments[path->index] : NULL;
    bool is_list = list && list->kind == VALUE_LIST;
    for (size_t i = 0; is_list && i < list->count; i++) {
        guard->item = list->items[i];
        iteration->visit(context, iteration->condition, iteration->data);
    }
    guard->item = list;
    if (list && !is_list)
        iteration->visit(context, iteration->condition, iteration->data);
}

static void iterate(Context *context, Iteration *iteration, const Node *at, size_t step)
{
    Guard *guard = context->guard;
    const Quantifier *quantifier = iteration->quantifier;
    if (step >= iteration->reached) {
        iteration->reached = step;
        iteration->nearest = at;
    }
    if (step == quantifier->depth) {
        if (quantifier->has_item)
            visit_items(context, iteration, at);
        else
            iteration->visit(context, iteration->condition, iteration->data);
        return;
    }
    const PathStep *next = &quantifier->path->steps[step];
    if (path_is_several(next)) {
        NODE_EACH(child, at, next->row->id)
        {
            guard->nodes[step] = child;
            iterate(context, iteration, child, step + 1);
        }
        return;
    }
    guard->nodes[step] = path_child(at, next);
    if (guard->nodes[step])
        iterate(context, iteration, guard->nodes[step], step + 1);
}

bool guard_each(Context *context, const Expression *call, GuardVisit *visit, void *data, GuardReading *nearest)
{
    Guard *guard = context->guard;
    Quantifier quantifier;
    if (!find_quantified(context, call, &quantifier))
        return false;
    guard->bound = quantifier.path;
    guard->bound_depth = quantifier.depth;
    guard->is_item_bound = quantifier.has_item;
    Iteration iteration = {&quantifier, call->call.arguments.items[0].value, visit, data, guard->subject, 0};
    if (guard->subject)
        iterate(context, &iteration, guard->subject, 0);
    else
        visit(context, iteration.condition, data);
    guard->bound = NULL;
    *nearest = (GuardReading){.path = quantifier.path->expression->path, .span = iteration.nearest ? iteration.nearest->span : SPAN_NONE};
    return true;
}

typedef struct Tally {
    bool is_all;
    bool decided;
    bool is_unknown;
    bool is_error;
    bool has_reading;
    GuardReading reading;
} Tally;

static void tally(Context *context, const Expression *condition, void *data)
{
    Tally *tally = data;
    Verdict verdict = guard_condition(context, condition);
    Answer deciding = tally->is_all ? ANSWER_NO : ANSWER_YES;
    bool decides = verdict.answer == deciding && !tally->decided;
    if (decides || !tally->has_reading)
        tally->reading = verdict.reading;
    tally->has_reading = true;
    tally->decided = tally->decided || decides;
    tally->is_unknown = tally->is_unknown || verdict.answer == ANSWER_UNKNOWN;
    tally->is_error = tally->is_error || verdict.answer == ANSWER_ERROR;
}

static Verdict judge_quantifier(Context *context, const Expression *e, bool is_all)
{
    Tally state = {.is_all = is_all};
    GuardReading nearest;
    if (!guard_each(context, e, tally, &state, &nearest) || state.is_error)
        return in_error;
    if (!state.has_reading)
        state.reading = nearest;
    Answer answer = state.decided == is_all ? ANSWER_NO : ANSWER_YES;
    return (Verdict){state.is_unknown && !state.decided ? ANSWER_UNKNOWN : answer, state.reading};
}

/* --- and, or, not, if --- */

static Answer opposite(Answer answer)
{
    return answer == ANSWER_YES ? ANSWER_NO : answer == ANSWER_NO ? ANSWER_YES : answer;
}

static Verdict judge_join(Context *context, const Expression *e)
{
    Verdict left = guard_condition(context, e->binary.left);
    Verdict right = guard_condition(context, e->binary.right);
    Answer deciding = e->binary.op == OPERATOR_AND ? ANSWER_NO : ANSWER_YES;
    if (left.answer == ANSWER_ERROR || right.answer == ANSWER_ERROR)
        return in_error;
    if (left.answer == deciding)
        return left;
    if (right.answer == deciding || right.answer == ANSWER_UNKNOWN)
        return right;
    if (left.answer == ANSWER_UNKNOWN)
        return left;
    /* Both say the same: what is there says more than what is not. */
    return left.reading.value ? left : right;
}

static Verdict judge_not(Context *context, const Expression *e)
{
    Verdict verdict = guard_condition(context, e->unary.operand);
    verdict.answer = opposite(verdict.answer);
    return verdict;
}

static Verdict judge_choice(Context *context, const Expression *e)
{
    Verdict condition = guard_condition(context, e->choice.condition);
    Verdict then = guard_condition(context, e->choice.then);
    Verdict otherwise = guard_condition(context, e->choice.otherwise);
    if (condition.answer == ANSWER_ERROR || then.answer == ANSWER_ERROR || otherwise.answer == ANSWER_ERROR || condition.answer == ANSWER_UNKNOWN)
        return condition.answer == ANSWER_UNKNOWN ? condition : in_error;
    return condition.answer == ANSWER_YES ? then : otherwise;
}

/* Yes or no as a value: a flag of the model, or a name bound around the rule. */
static Verdict judge_value(Context *context, const Expression *e)
{
    Guard *guard = context->guard;
    guard->trace = (GuardTrace){0};
    const Value *value = evaluate(context, e);
    Verdict verdict = {.answer = ANSWER_UNKNOWN};
    if (value->kind == VALUE_BOOL)
        return guard_answer(guard, value->boolean);
    if (value->kind == VALUE_ERROR)
        return in_error;
    if (value->kind == VALUE_UNKNOWN && (value->type == TYPE_BOOL || value->type == TYPE_ANY)) {
        (void)guard_trace_decides(guard, &verdict);
        return verdict;
    }
    const char *label = value->kind == VALUE_UNKNOWN ? type_label(value->type) : value_kind_label(value);
    Diagnostic *d = diagnostic_report(context->sink, CODE_WRONG_TYPE, e->span, "a rule asks for yes or no, and this is %s", label);
    diagnostic_set_label(context->sink, d, "compare it with something");
    if (e->kind == EXPRESSION_PATH)
        diagnostic_set_advice(context->sink, d, "has(%.*s) tells whether it is said", TEXT_ARG(e->path));
    return in_error;
}

static Verdict judge_call(Context *context, const Expression *e)
{
    bool is_all;
    Verdict verdict;
    if (guard_find_quantifier(e, &is_all))
        return judge_quantifier(context, e, is_all);
    if (text_equal(e->call.callee, HAS_FUNCTION))
        return judge_has(context, e);
    if (guard_text_call(context, e, &verdict))
        return verdict;
    return judge_value(context, e);
}

Verdict guard_condition(Context *context, const Expression *e)
{
    e = guard_unwrap(e);
    if (e->kind == EXPRESSION_CALL)
        return judge_call(context, e);
    if (e->kind == EXPRESSION_IF)
        return judge_choice(context, e);
    if (e->kind == EXPRESSION_UNARY && e->unary.op == OPERATOR_NOT)
        return judge_not(context, e);
    if (e->kind == EXPRESSION_BINARY && (e->binary.op == OPERATOR_AND || e->binary.op == OPERATOR_OR))
        return judge_join(context, e);
    if (e->kind == EXPRESSION_BINARY && e->binary.op >= OPERATOR_EQUAL && e->binary.op <= OPERATOR_GREATER_EQUAL)
        return guard_compare(context, e);
    return judge_value(context, e);
}

/* --- as values --- */

static bool is_condition(const Expression *e)
{
    bool is_all;
    if (e->kind == EXPRESSION_UNARY)
        return e->unary.op == OPERATOR_NOT;
    if (e->kind == EXPRESSION_BINARY)
        return e->binary.op <= OPERATOR_GREATER_EQUAL;
    return guard_find_quantifier(e, &is_all) || (e->kind == EXPRESSION_CALL && text_equal(e->call.callee, HAS_FUNCTION));
}

const Value *guard_evaluate(Context *context, const Expression *e)
{
    if (e->kind == EXPRESSION_CALL && text_equal(e->call.callee, COUNT_FUNCTION))
        return evaluate_count(context, e);
    GuardTrace outer = context->guard->trace;
    Verdict verdict;
    if (is_condition(e))
        verdict = guard_condition(context, e);
    else if (e->kind != EXPRESSION_CALL || !guard_text_call(context, e, &verdict))
        return NULL;
    context->guard->trace = outer;
    if (verdict.answer == ANSWER_ERROR)
        return value_error(context, e->span);
    Value *value = value_new(context, verdict.answer == ANSWER_UNKNOWN ? VALUE_UNKNOWN : VALUE_BOOL, TYPE_BOOL, e->span);
    if (verdict.answer != ANSWER_UNKNOWN)
        value->boolean = verdict.answer == ANSWER_YES;
    return value;
}

const Value *guard_value(Context *context, const Expression *e)
{
    const GuardPath *path = guard_path(context, e);
    if (!guard_path_check_value(context, path))
        return value_error(context, e->span);
    if (context->guard->subject)
        return guard_read(context, path);
    Value *unknown = value_new(context, VALUE_UNKNOWN, guard_path_type(path), e->span);
    unknown->text = e->path;
    return unknown;
}
