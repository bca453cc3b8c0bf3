/* Paths in rules, read against the vocabulary: what is wrong with one is told at the rule, whatever services there are. */
#include "compiler/guard_state.h"

enum { BELOW_SHOWN_MAX = 4 };

/* Words that leave nothing behind in a model. */
static bool has_no_node(const VocabularyRow *row)
{
    return row->scopes == IN_ANY || row->id == W_IS || row->id == W_INCLUDE || row->id == W_LET || row->id == W_PARAM;
}

/* The argument that a path to a statement means: its only one, or what an entry of an open body is set to. */
static const Argument *implicit_argument(const VocabularyRow *row, size_t *index)
{
    size_t count = vocabulary_argument_count(row);
    bool is_entry = row->word[0] == '\0';
    if (count != 1 && !(is_entry && count))
        return NULL;
    *index = count - 1;
    return &row->arguments[*index];
}

static void read_path(const Guard *guard, GuardPath *out)
{
    Text rest = out->expression->path;
    out->scope = guard->row->body;
    while (rest.len && out->problem == GUARD_PATH_GOOD) {
        PathStep step;
        Text after;
        if (!path_read_step(out->scope, NULL, rest, &step, &after) || has_no_node(step.row))
            break;
        if (out->count == GUARD_STEPS_MAX) {
            out->problem = GUARD_PATH_TOO_LONG;
            break;
        }
        out->steps[out->count++] = step;
        out->scope = step.row->body;
        rest = after;
    }
    out->rest = rest;
    out->end = PATH_ARGUMENT;
    if (rest.len == 0 && out->count)
        out->argument = implicit_argument(out->steps[out->count - 1].row, &out->index);
    else if (out->count && path_read_argument(out->steps[out->count - 1].row, rest, &out->index, &out->end))
        out->argument = &out->steps[out->count - 1].row->arguments[out->index];
    else if (out->problem == GUARD_PATH_GOOD)
        out->problem = GUARD_PATH_UNKNOWN;
    /* A subject's own arguments, such as its name. */
    if (out->count == 0 && path_read_argument(guard->row, rest, &out->index, &out->end) && text_equal_c(rest, guard->row->arguments[out->index].name)) {
        out->argument = &guard->row->arguments[out->index];
        out->problem = GUARD_PATH_GOOD;
    }
    out->names_argument = rest.len > 0 && out->argument;
}

const GuardPath *guard_path(Context *context, const Expression *expression)
{
    Guard *guard = context->guard;
    for (size_t i = 0; i < guard->paths.count; i++)
        if (guard->paths.items[i]->expression == expression)
            return guard->paths.items[i];
    GuardPath *path = ARENA_NEW(context->arena, GuardPath);
    path->expression = expression;
    read_path(guard, path);
    ARRAY_PUSH(context->arena, &guard->paths, path);
    return path;
}

TypeKind guard_path_type(const GuardPath *path)
{
    switch (path->argument->kind) {
    case ARGUMENT_NAME:
    case ARGUMENT_REFERENCE:
    case ARGUMENT_ENUM: return TYPE_STRING;
    case ARGUMENT_VALUE: return path->argument->type;
    case ARGUMENT_EXPRESSION: return TYPE_CONDITION;
    case ARGUMENT_MAP: return TYPE_MAP;
    case ARGUMENT_TYPE:
    case ARGUMENT_WORD:
    case ARGUMENT_MODULE:
    case ARGUMENT_PATH:
    case ARGUMENT_PROFILE: return TYPE_STRING;
    }
    return TYPE_ANY;
}

/* --- several --- */

static bool is_same_step(const PathStep *a, const PathStep *b)
{
    return a->row == b->row && a->has_key == b->has_key && (!a->has_key || text_equal(a->key, b->key));
}

size_t guard_path_common(const GuardPath *a, const GuardPath *b)
{
    size_t count = 0;
    while (count < a->count && count < b->count && is_same_step(&a->steps[count], &b->steps[count]))
        count++;
    return count;
}

size_t guard_path_depth(const GuardPath *path, bool without_last)
{
    size_t depth = path->count;
    if (without_last && depth && !path->names_argument)
        depth--;
    while (depth && !path_is_several(&path->steps[depth - 1]))
        depth--;
    return depth;
}

bool guard_path_is_many(const GuardPath *path)
{
    return path->argument && path->argument->is_many;
}

bool guard_is_bound(const Guard *guard, const GuardPath *path, size_t step)
{
    return guard->bound && step < guard->bound_depth && step < guard_path_common(path, guard->bound);
}

bool guard_is_item_bound(const Guard *guard, const GuardPath *path)
{
    const GuardPath *bound = guard->bound;
    return bound && guard->is_item_bound && path->count == bound->count && guard_path_common(path, bound) == path->count && path->argument == bound->argument;
}

/* --- what is wrong --- */

static Text join_names(Context *context, Text all, Text name)
{
    return all.len ? arena_format(context->arena, "%.*s, %.*s", TEXT_ARG(all), TEXT_ARG(name)) : name;
}

static Text list_arguments(Context *context, const VocabularyRow *row)
{
    Text all = TEXT_NONE;
    for (size_t i = 0; i < vocabulary_argument_count(row); i++)
        all = join_names(context, all, text_from_c(row->arguments[i].name));
    return all;
}

static void consider(Text wanted, Text candidate, Text *best, size_t *best_distance)
{
    size_t distance = text_edit_distance(wanted, candidate, *best_distance);
    if (distance < *best_distance) {
        *best_distance = distance;
        *best = candidate;
    }
}

/* The nearest word, argument, or name that could stand in place of the segment. */
static Text suggest(Context *context, const GuardPath *path, const VocabularyRow *last, Text segment)
{
    Text best = TEXT_NONE;
    size_t best_distance = segment.len / 3 + 2;
    const VocabularyRow *word = path->scope < SCOPE_COUNT ? vocabulary_suggest(path->scope, segment) : NULL;
    if (word && !has_no_node(word))
        consider(segment, text_from_c(word->word), &best, &best_distance);
    for (size_t i = 0; i < vocabulary_argument_count(last); i++)
        consider(segment, text_from_c(last->arguments[i].name), &best, &best_distance);
    for (const Binding *binding = path->count ? NULL : context->bindings; binding; binding = binding->next)
        consider(segment, binding->name, &best, &best_distance);
    return best;
}

/* The paths through one more word at which something of this name stands: container.image for image. */
static size_t find_below(Context *context, Scope scope, Text name, Text *all)
{
    size_t count = 0;
    for (WordId id = 0; id < WORD_COUNT; id++) {
        const VocabularyRow *row = vocabulary_row(id);
        if (row->word[0] == '\0' || has_no_node(row) || !vocabulary_allows(row, scope) || !path_knows(row, name))
            continue;
        count++;
        *all = join_names(context, *all, arena_format(context->arena, "%s.%.*s", row->word, TEXT_ARG(name)));
    }
    return count;
}

static void report_unknown(Context *context, const GuardPath *path)
{
    const Expression *e = path->expression;
    const VocabularyRow *last = path->count ? path->steps[path->count - 1].row : context->guard->row;
    Text segment = text_slice(path->rest, 0, text_find_byte(path->rest, '.'));
    uint32_t start = e->span.start + (uint32_t)(path->rest.ptr - e->path.ptr);
    Span span = {e->span.file, start, start + (uint32_t)segment.len};
    size_t index;
    PathEnd end;
    if (path->count && segment.len < path->rest.len && path_read_argument(last, segment, &index, &end)) {
        Span after = {e->span.file, span.end + 1, e->span.end};
        Diagnostic *d = diagnostic_report(context->sink, CODE_GUARD_PATH, after, "nothing follows `%.*s` in a path", (int)(span.end - e->span.start), e->path.ptr);
        diagnostic_set_label(context->sink, d, "it is a value");
        return;
    }
    const VocabularyRow *known = path->scope < SCOPE_COUNT ? vocabulary_find(path->scope, segment) : NULL;
    if (known && has_no_node(known)) {
        Diagnostic *d = diagnostic_report(context->sink, CODE_GUARD_PATH, span, "`%.*s` leaves no value behind that a rule could read", TEXT_ARG(segment));
        diagnostic_set_label(context->sink, d, "what it brings in can be read, as if the %s said it itself", context->guard->row->word);
        return;
    }
    Diagnostic *d = diagnostic_report(context->sink, CODE_GUARD_PATH, span, "`%s` has no `%.*s`", last->word, TEXT_ARG(segment));
    Text best = suggest(context, path, last, segment);
    Text below = TEXT_NONE;
    size_t below_count = find_below(context, path->scope, segment, &below);
    Text arguments = list_arguments(context, last);
    if (best.len) {
        diagnostic_set_label(context->sink, d, "did you mean `%.*s`?", TEXT_ARG(best));
        diagnostic_set_fix(context->sink, d, false, span, best, "%.*s", TEXT_ARG(best));
    } else if (below_count && below_count <= BELOW_SHOWN_MAX) {
        diagnostic_set_label(context->sink, d, "there is %.*s", TEXT_ARG(below));
    } else if (path->count && arguments.len) {
        diagnostic_set_label(context->sink, d, "it has %.*s", TEXT_ARG(arguments));
    } else {
        diagnostic_set_label(context->sink, d, "no word of its body");
        if (path->count == 0 && text_equal(segment, e->path))
            diagnostic_set_advice(context->sink, d, "write \"%.*s\" if text is meant", TEXT_ARG(segment));
    }
}

static bool check_known(Context *context, const GuardPath *path)
{
    if (path->problem == GUARD_PATH_GOOD)
        return true;
    if (path->problem == GUARD_PATH_UNKNOWN)
        report_unknown(context, path);
    else
        (void)diagnostic_report(context->sink, CODE_GUARD_PATH, path->expression->span, "no path has more than %d words", GUARD_STEPS_MAX);
    return false;
}

static Diagnostic *report_path(Context *context, const GuardPath *path, DiagnosticCode code, const char *problem)
{
    return diagnostic_report(context->sink, code, path->expression->span, "`%.*s` %s", TEXT_ARG(path->expression->path), problem);
}

/* The path with a name behind its first word of which there may be several. */
static Text with_name(Context *context, const GuardPath *path)
{
    Text text = TEXT_NONE;
    bool named = false;
    for (size_t i = 0; i < path->count; i++) {
        bool here = !named && path_is_several(&path->steps[i]);
        named = named || here;
        Text word = path->steps[i].row->word[0] ? text_from_c(path->steps[i].row->word) : path->steps[i].key;
        text = arena_format(context->arena, "%.*s%s%.*s%s", TEXT_ARG(text), i ? "." : "", TEXT_ARG(word), here ? ".NAME" : "");
    }
    return path->names_argument ? arena_format(context->arena, "%.*s.%.*s", TEXT_ARG(text), TEXT_ARG(path->rest)) : text;
}

static bool check_single(Context *context, const GuardPath *path)
{
    const PathStep *several = NULL;
    for (size_t i = 0; i < path->count && !several; i++)
        if (path_is_several(&path->steps[i]) && !guard_is_bound(context->guard, path, i))
            several = &path->steps[i];
    bool is_many = !several && guard_path_is_many(path) && !guard_is_item_bound(context->guard, path);
    if (!several && !is_many)
        return true;
    Diagnostic *d = report_path(context, path, CODE_GUARD_SEVERAL, "may be several");
    const char *word = several ? several->row->word : path->steps[path->count - 1].row->word;
    diagnostic_set_label(context->sink, d, several ? "there may be more than one `%s`" : "`%s` takes more than one value", word);
    if (several && several->row->cardinality == CARDINALITY_KEYED)
        diagnostic_set_advice(context->sink, d, "say all(…) for each, any(…) for at least one, or name one: %.*s", TEXT_ARG(with_name(context, path)));
    else
        diagnostic_set_advice(context->sink, d, "say all(…) for each, or any(…) for at least one");
    return false;
}

static bool check_comparable(Context *context, const GuardPath *path)
{
    const VocabularyRow *last = path->count ? path->steps[path->count - 1].row : context->guard->row;
    TypeKind type = path->argument ? guard_path_type(path) : TYPE_ANY;
    if (path->argument && path->argument->is_range && path->end == PATH_ARGUMENT) {
        Diagnostic *d = report_path(context, path, CODE_GUARD_PATH, "is a range, from its least to its greatest value");
        diagnostic_set_label(context->sink, d, "one end of it can be compared");
        diagnostic_set_advice(context->sink, d, "say %.*s.min or %.*s.max", TEXT_ARG(path->expression->path), TEXT_ARG(path->expression->path));
        return false;
    }
    bool is_value = path->argument && type != TYPE_METRIC && type != TYPE_CONDITION && type != TYPE_MAP;
    if (is_value)
        return true;
    Text arguments = list_arguments(context, last);
    bool has_several = !path->argument && arguments.len;
    Diagnostic *d = report_path(context, path, CODE_GUARD_PATH, has_several ? "has several values" : "has no value that a rule could compare");
    if (has_several) {
        diagnostic_set_label(context->sink, d, "it has %.*s", TEXT_ARG(arguments));
        diagnostic_set_advice(context->sink, d, "say which: %.*s.%s", TEXT_ARG(path->expression->path), last->arguments[0].name);
    } else {
        diagnostic_set_advice(context->sink, d, "has(%.*s) tells whether it is said", TEXT_ARG(path->expression->path));
    }
    return false;
}

bool guard_path_check_value(Context *context, const GuardPath *path)
{
    return check_known(context, path) && check_comparable(context, path) && check_single(context, path);
}

bool guard_path_check_thing(Context *context, const GuardPath *path)
{
    return check_known(context, path);
}
