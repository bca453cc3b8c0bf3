/* What rules read from a model, and where it stands. */
#include "compiler/guard_state.h"

static void note(GuardTrace *trace, const GuardReading *reading)
{
    bool is_unknown = reading->value && reading->value->kind == VALUE_UNKNOWN;
    if (!trace->has_first)
        trace->first = *reading;
    trace->has_first = true;
    if (!reading->value && !trace->has_absent) {
        trace->absent = *reading;
        trace->has_absent = true;
    }
    if (is_unknown && !trace->has_unknown) {
        trace->unknown = *reading;
        trace->has_unknown = true;
    }
}

/* Where the environment says it; nowhere for what svc derives. */
static Span name_place(const Context *context, Text name)
{
    const Node *environment = context->model->environment.node;
    const VocabularyRow *row = vocabulary_find(SCOPE_ENVIRONMENT, name);
    const Node *said = row && environment ? node_child(environment, row->id) : NULL;
    return said ? node_argument_span(said, 0) : SPAN_NONE;
}

void guard_note_name(Context *context, Text name, const Value *value)
{
    if (!span_is_none(value->span) || value->kind != VALUE_STRING || !context->guard->subject)
        return; /* a value of the rule's own file */
    GuardReading reading = {.path = name, .value = value, .span = name_place(context, name)};
    if (text_equal_c(value->text, MODEL_UNKNOWN_ACCOUNT) || text_equal_c(value->text, MODEL_UNKNOWN_REGION)) {
        Value *unknown = value_new(context, VALUE_UNKNOWN, TYPE_STRING, value->span);
        unknown->text = name;
        reading.value = unknown;
    }
    note(&context->guard->trace, &reading);
}

/* --- walking --- */

typedef struct Walk {
    const GuardPath *path;
    const Node *nearest; /* the last node that is there */
    size_t reached;      /* so many steps */
    const Node *found;
    size_t count;
} Walk;

static bool is_item_wanted(const GuardPath *path)
{
    return path->names_argument && path->argument;
}

/* A statement counts once, and so does each value of an argument that is named. */
static void count_end(Walk *walk, const Node *node)
{
    const GuardPath *path = walk->path;
    const Value *value = is_item_wanted(path) ? node->arguments[path->index] : NULL;
    if (is_item_wanted(path) && !value)
        return;
    walk->found = node;
    walk->count += value && path->argument->is_many && value->kind == VALUE_LIST ? value->count : 1;
}

static void walk_from(const Guard *guard, Walk *walk, const Node *at, size_t step)
{
    if (step >= walk->reached) {
        walk->reached = step;
        walk->nearest = at;
    }
    if (step == walk->path->count) {
        count_end(walk, at);
        return;
    }
    const PathStep *next = &walk->path->steps[step];
    if (guard_is_bound(guard, walk->path, step) && path_is_several(next)) {
        walk_from(guard, walk, guard->nodes[step], step + 1);
        return;
    }
    if (!path_is_several(next)) {
        const Node *child = path_child(at, next);
        if (child)
            walk_from(guard, walk, child, step + 1);
        return;
    }
    NODE_EACH(child, at, next->row->id)
    {
        walk_from(guard, walk, child, step + 1);
    }
}

/* What a file or its environment says for all its services, such as tags, is each service's own where it says nothing else. */
static Walk walk_path(Context *context, const GuardPath *path)
{
    const Guard *guard = context->guard;
    Walk walk = {.path = path, .nearest = guard->subject};
    walk_from(guard, &walk, guard->subject, 0);
    bool is_shared = path->count > 1 && vocabulary_allows(path->steps[0].row, SCOPE_FILE) && walk.count == 0;
    const Node *around[] = {context->model->environment.node, context->model->file};
    for (size_t i = 0; is_shared && i < 2 && walk.count == 0; i++) {
        Walk outer = {.path = path, .nearest = around[i]};
        if (around[i] && (!around[i]->row || vocabulary_allows(path->steps[0].row, around[i]->row->body)))
            walk_from(guard, &outer, around[i], 0);
        if (outer.count)
            walk = outer;
    }
    return walk;
}

/* The path as svc explain-value takes it: with the keys of the nodes that were reached. */
static Text shown_path(Context *context, const Walk *walk)
{
    const GuardPath *path = walk->path;
    Text keys[GUARD_STEPS_MAX] = {{0}};
    const Node *node = walk->nearest;
    for (size_t i = walk->reached; i > 0; i--, node = node->parent)
        keys[i - 1] = node->key;
    Text text = TEXT_NONE;
    for (size_t i = 0; i < path->count; i++) {
        Text word = text_from_c(path->steps[i].row->word);
        Text key = keys[i].len ? keys[i] : path->steps[i].key;
        text = arena_format(context->arena, "%.*s%s%.*s%s%.*s", TEXT_ARG(text), i ? "." : "", TEXT_ARG(word), word.len && key.len ? "." : "", TEXT_ARG(key));
    }
    if (path->names_argument)
        text = arena_format(context->arena, "%.*s%s%.*s", TEXT_ARG(text), text.len ? "." : "", TEXT_ARG(path->rest));
    return text;
}

static GuardReading reading_of(Context *context, const Walk *walk)
{
    const GuardPath *path = walk->path;
    bool is_private = path->count && path->steps[path->count - 1].row->word[0] == '\0';
    return (GuardReading){.path = shown_path(context, walk), .span = walk->nearest->span, .is_private = is_private};
}

/* Words and names are text to a rule. */
static const Value *as_text(Context *context, const Value *value)
{
    if (value->kind != VALUE_WORD)
        return value;
    Value *text = ARENA_NEW(context->arena, Value);
    *text = *value;
    text->kind = VALUE_STRING;
    return text;
}

/* The memory that a task has where only its processors are said. */
static const Value *implied_value(Context *context, const GuardPath *path, const Node *node)
{
    bool is_memory = node && node->row && node->row->id == W_COMPUTE && path->argument->type == TYPE_SIZE;
    int64_t mebibytes = is_memory ? model_task_memory(node_integer(node, 0, 0)) : 0;
    Quantity memory = {.type = TYPE_SIZE};
    if (mebibytes == 0 || !rational_multiply(&memory.value, rational_from_integer(mebibytes), rational_from_integer(1024 * 1024)))
        return NULL;
    return value_quantity(context, memory, node_argument_span(node, 0));
}

const Value *guard_read(Context *context, const GuardPath *path)
{
    Guard *guard = context->guard;
    Walk walk = walk_path(context, path);
    GuardReading reading = reading_of(context, &walk);
    const Node *node = walk.reached == path->count ? walk.nearest : NULL;
    const Value *value = node ? path_value(context->arena, node->arguments[path->index], path->end) : NULL;
    if (!value)
        value = implied_value(context, path, node);
    if (value && guard_is_item_bound(guard, path))
        value = guard->item;
    if (value) {
        reading.value = value;
        reading.span = span_is_none(value->span) ? reading.span : value->span;
    }
    note(&guard->trace, &reading);
    if (reading.value)
        return as_text(context, reading.value);
    Value *absent = value_new(context, VALUE_UNKNOWN, guard_path_type(path), path->expression->span);
    absent->text = path->expression->path;
    return absent;
}

size_t guard_count(Context *context, const GuardPath *path)
{
    Walk walk = walk_path(context, path);
    GuardReading reading = reading_of(context, &walk);
    if (walk.found) {
        const Value *value = is_item_wanted(path) ? walk.found->arguments[path->index] : NULL;
        reading.span = value && !span_is_none(value->span) ? value->span : walk.found->span;
        Value *there = value_new(context, VALUE_NONE, TYPE_ANY, reading.span);
        reading.value = there;
    }
    if (!context->guard->trace.has_first) {
        context->guard->trace.first = reading;
        context->guard->trace.has_first = true;
    }
    return walk.count;
}
