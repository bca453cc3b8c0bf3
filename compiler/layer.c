/* Layers: statements meet the nodes that earlier layers made (SPEC.md, "Layers", "Repetition"). */
#include "compiler/context.h"

#include "base/buffer.h"

void context_report_limit(Context *context, Span span, const char *format, ...)
{
    if (context->limit_reported)
        return;
    va_list list;
    va_start(list, format);
    Text message = arena_format_list(context->arena, format, list);
    va_end(list);
    (void)diagnostic_report(context->sink, CODE_EXPANSION_LIMIT, span, "%.*s", TEXT_ARG(message));
    context->limit_reported = true;
}

LayerInfo layer_begin(Context *context, Layer layer, Text name)
{
    return (LayerInfo){layer, name, ++context->next_stamp};
}

Node *node_new(Context *context, const VocabularyRow *row, Node *parent, Span span)
{
    Node *node = ARENA_NEW(context->arena, Node);
    node->row = row;
    node->parent = parent;
    node->span = span;
    if (++context->node_count > COMPILER_NODES_MAX)
        context_report_limit(context, span, "this description expands to more than %d statements", COMPILER_NODES_MAX);
    return node;
}

/* --- finding what a statement is about --- */

static Text value_key(Context *context, const Value *value)
{
    if (value->kind == VALUE_STRING || value->kind == VALUE_WORD)
        return value->text;
    if (value->kind == VALUE_LIST) {
        Buffer joined = {0};
        for (size_t i = 0; i < value->count; i++) {
            buffer_add_c(&joined, joined.length ? " " : "");
            buffer_add(&joined, value_key(context, value->items[i]));
        }
        Text key = arena_copy_text(context->arena, buffer_text(&joined));
        buffer_free(&joined);
        return key;
    }
    return value_to_text(context->arena, value);
}

/* The key of a keyed statement from its evaluated arguments; false when one is in error or unknown (reported). */
static bool make_key(Context *context, const Statement *statement, const Value *const *arguments, Text *out)
{
    *out = TEXT_NONE;
    for (size_t i = 0; i < ARGUMENTS_MAX && statement->row->arguments[i].name; i++) {
        const Value *value = arguments[i];
        if ((i > 0 && !statement->row->arguments[i].is_key) || !value)
            continue;
        if (value->kind == VALUE_ERROR)
            return false;
        if (value->kind == VALUE_UNKNOWN && context->is_tentative)
            return false;
        if (value->kind == VALUE_UNKNOWN) {
            Diagnostic *d = diagnostic_report(context->sink, CODE_UNKNOWN_AS_NAME, value->span, "`%.*s` has no value yet, so it cannot be a name",
                                              TEXT_ARG(value->text));
            diagnostic_set_label(context->sink, d, "names must be told from the files alone");
            return false;
        }
        Text part = value_key(context, value);
        *out = out->len ? arena_format(context->arena, "%.*s %.*s", TEXT_ARG(*out), TEXT_ARG(part)) : part;
    }
    return true;
}

static Node *find_child(const Node *node, const VocabularyRow *row, Text key)
{
    for (size_t i = 0; i < node->children.count; i++) {
        Node *child = node->children.items[i];
        if (child->row == row && text_equal(child->key, key))
            return child;
    }
    return NULL;
}

static void remove_children(Node *node, const VocabularyRow *row, uint32_t except_stamp)
{
    size_t kept = 0;
    for (size_t i = 0; i < node->children.count; i++) {
        Node *child = node->children.items[i];
        if (child->row != row || child->layer_stamp == except_stamp)
            node->children.items[kept++] = child;
    }
    node->children.count = kept;
}

/* --- setting --- */

static void set_argument(Context *context, Node *node, size_t index, const Value *value, LayerInfo layer)
{
    Origin *origin = ARENA_NEW(context->arena, Origin);
    *origin = (Origin){value, value->span, layer.layer, layer.name, node->origins[index]};
    node->arguments[index] = value;
    node->origins[index] = origin;
}

static bool is_declaration_only(WordId word)
{
    return word == W_USE || word == W_TYPE || word == W_PERMISSION || word == W_PROFILE || word == W_DEFAULT || word == W_GUARD || word == W_EXPECT;
}

/* What the library and the modules say by `default WORD { … }` comes before anything else. */
static void apply_defaults(Context *context, Node *node, const DeclarationArray *defaults)
{
    for (size_t i = 0; i < defaults->count; i++) {
        const Statement *statement = defaults->items[i]->statement;
        if (!text_equal_c(defaults->items[i]->key, node->row->word))
            continue;
        const Statement *first = statement->children.count ? statement->children.items[0] : NULL;
        if (first && first->row && !vocabulary_allows(first->row, node->row->body))
            continue;
        bool is_library = context->sink->sources->files.items[statement->span.file]->is_library;
        LayerInfo layer = layer_begin(context, is_library ? LAYER_LIBRARY : LAYER_SERVICE, is_library ? TEXT_NONE : text_from_c(statement->row->word));
        layer_apply(context, node, statement, layer);
        layer_apply_environment(context, node, statement, layer);
    }
}

/* True when the repeat is an error. */
static bool report_repeated(Context *context, const Statement *statement, const Node *node)
{
    if (statement->row->cardinality == CARDINALITY_KEYED) {
        Diagnostic *d = diagnostic_report(context->sink, CODE_DECLARED_TWICE, statement->head_span, "`%.*s` stands twice in one body",
                                          TEXT_ARG(arena_format(context->arena, "%s%s%.*s", statement->row->word, statement->row->word[0] ? " " : "",
                                                                TEXT_ARG(node->key))));
        diagnostic_set_label(context->sink, d, "again here");
        diagnostic_add_label(context->sink, d, node->span, "first here");
        return true;
    }
    Diagnostic *d = diagnostic_report(context->sink, CODE_SAID_TWICE, node->span, "`%s` is said twice in one body; this one has no effect",
                                      statement->row->word);
    diagnostic_set_label(context->sink, d, "overridden below");
    diagnostic_add_label(context->sink, d, statement->head_span, "by this");
    return false;
}

/* Whether the statement sets an argument that the same layer has set already. */
static bool sets_again(const Statement *statement, const Node *node)
{
    if (statement->row->cardinality == CARDINALITY_KEYED)
        return true;
    for (size_t i = 0; i < ARGUMENTS_MAX; i++)
        if (statement->arguments[i] && node->arguments[i])
            return true;
    return false;
}

static Node *find_or_make(Context *context, Node *parent, const Statement *statement, Text key, LayerInfo layer, bool *is_repeat)
{
    const VocabularyRow *row = statement->row;
    bool stands_alone = row->cardinality == CARDINALITY_LIST || row->cardinality == CARDINALITY_EACH;
    Node *node = stands_alone ? NULL : find_child(parent, row, key);
    if (node) {
        if (node->layer_stamp == layer.stamp && sets_again(statement, node))
            *is_repeat = report_repeated(context, statement, node);
    } else {
        if (row->cardinality == CARDINALITY_LIST)
            remove_children(parent, row, layer.stamp);
        node = node_new(context, row, parent, statement->head_span);
        node->key = key;
        ARRAY_PUSH(context->arena, &parent->children, node);
        if (parent->children.count > COMPILER_CHILDREN_MAX)
            context_report_limit(context, statement->word_span, "a body holds at most %d statements", COMPILER_CHILDREN_MAX);
        apply_defaults(context, node, &context->compilation->defaults);
        apply_defaults(context, node, &context->unit->defaults);
    }
    node->layer_stamp = layer.stamp;
    node->statement = statement;
    node->span = statement->head_span;
    if (row->cardinality == CARDINALITY_KEYED && statement->children.count > 0 && !text_equal(key, statement_key(context->arena, statement)))
        ARRAY_PUSH(context->arena, &context->placed, (PlacedStatement){statement, node});
    return node;
}

static void apply_arguments(Context *context, Node *node, const Statement *statement, const Value *const *arguments, LayerInfo layer)
{
    for (size_t i = 0; i < ARGUMENTS_MAX && statement->row->arguments[i].name; i++) {
        const Value *value = arguments[i];
        if (!value && !node->arguments[i])
            value = argument_absent(context, &statement->row->arguments[i], statement->word_span);
        bool bare_flag = !value && i == 0 && statement->row->arguments[0].type == TYPE_BOOL && !statement->has_body;
        if (bare_flag)
            value = argument_absent(context, &statement->row->arguments[0], statement->word_span);
        if (value)
            set_argument(context, node, i, value, layer);
    }
    Origin *presence = ARENA_NEW(context->arena, Origin);
    *presence = (Origin){NULL, statement->head_span, layer.layer, layer.name, node->presence};
    node->presence = presence;
}

/* --- statements with a meaning of their own --- */

static void offer_key(Context *context, Diagnostic *d, const Expression *said, Text best)
{
    diagnostic_set_label(context->sink, d, "did you mean `%.*s`?", TEXT_ARG(best));
    diagnostic_set_fix(context->sink, d, false, said->span, best, "%.*s", TEXT_ARG(best));
}

static void apply_without(Context *context, Node *node, const Statement *statement)
{
    Text word = expression_word(context->arena, statement->arguments[0]);
    Text key = TEXT_NONE;
    const Expression *said = statement->arguments[1];
    for (size_t i = 0; said && said->kind == EXPRESSION_LIST && i < said->list.count; i++) {
        Text part = expression_word(context->arena, said->list.items[i]);
        key = key.len ? arena_format(context->arena, "%.*s %.*s", TEXT_ARG(key), TEXT_ARG(part)) : part;
    }
    if (said && said->kind != EXPRESSION_LIST)
        key = expression_word(context->arena, said);
    size_t kept = 0;
    bool found = false;
    Text best = TEXT_NONE;
    size_t best_distance = key.len / 3 + 2;
    for (size_t i = 0; i < node->children.count; i++) {
        Node *child = node->children.items[i];
        bool same_word = child->row && (text_equal_c(word, child->row->word) || (child->row->word[0] == '\0' && text_equal(word, child->key)));
        bool same = same_word && (key.len == 0 || text_equal(child->key, key) || text_equal(node_text(child, 0), key));
        found = found || same;
        if (!same)
            node->children.items[kept++] = child;
        size_t distance = same_word && key.len ? text_edit_distance(key, child->key, best_distance) : best_distance;
        if (distance < best_distance) {
            best_distance = distance;
            best = child->key;
        }
    }
    node->children.count = kept;
    if (found)
        return;
    Diagnostic *d = diagnostic_report(context->sink, CODE_NOTHING_TO_REMOVE, statement->head_span, "there is no `%.*s%s%.*s` to take away here",
                                      TEXT_ARG(word), key.len ? " " : "", TEXT_ARG(key));
    if (best.len && said)
        offer_key(context, d, said, best);
    else
        diagnostic_set_label(context->sink, d, "no earlier layer says it");
}

static void apply_let(Context *context, const Statement *statement)
{
    const Value *value = argument_evaluate(context, statement, 1);
    if (value)
        context_bind(context, expression_word(context->arena, statement->arguments[0]), value);
}

static void add_scoped_metric(Context *context, const Statement *statement)
{
    ScopedMetric *metric = ARENA_NEW(context->arena, ScopedMetric);
    *metric = (ScopedMetric){expression_word(context->arena, statement->arguments[0]), statement, context->bindings, context->metrics};
    context->metrics = metric;
}

static void apply_ordinary(Context *context, Node *parent, const Statement *statement, LayerInfo layer);

/* What declares is read before any layer, so that it would have no effect in one. */
static bool report_declaration(Context *context, const Statement *statement, bool at_file)
{
    WordId word = statement->row->id;
    bool in_layer = statement->parent && statement->parent->row && statement->parent->row->id == W_IN_LAYER;
    if (!in_layer || !(is_declaration_only(word) || word == W_PARAM || word == W_METRIC || (at_file && word == W_LET)))
        return false;
    Diagnostic *d = diagnostic_report(context->sink, CODE_LAYER_DECLARATION, statement->head_span, "`%s` does not differ between environments",
                                      statement->row->word);
    diagnostic_set_label(context->sink, d, "it declares something");
    diagnostic_add_label(context->sink, d, statement->parent->head_span, "inside of this");
    if (word == W_LET)
        diagnostic_set_advice(context->sink, d, "choose the value by the environment: if env == \"…\" then … else …");
    else if (word == W_GUARD)
        diagnostic_set_advice(context->sink, d, "put it outside, and say the environment in the rule: %s", vocabulary_row(W_GUARD)->example);
    else
        diagnostic_set_advice(context->sink, d, "put it outside");
    return true;
}

static void apply_statement(Context *context, Node *parent, const Statement *statement, LayerInfo layer)
{
    WordId word = statement->row->id;
    bool at_file = parent->row == NULL;
    if (report_declaration(context, statement, at_file))
        return;
    if (is_declaration_only(word) || word == W_IN_LAYER || word == W_PARAM || (at_file && (word == W_METRIC || word == W_LET)))
        return;
    if (at_file && word == W_SERVICE && layer.layer < LAYER_SERVICE)
        return; /* a module's: reported, and nothing that anyone deploys */
    if (word == W_WITHOUT) {
        apply_without(context, parent, statement);
        return;
    }
    if (word == W_LET) {
        apply_let(context, statement);
        return;
    }
    bool called_only = word == W_METRIC && statement_child(statement, W_PARAM);
    if (word == W_IS || word == W_INCLUDE || called_only)
        return; /* profiles come before this layer (profile.c); a metric with parameters has no node of its own */
    apply_ordinary(context, parent, statement, layer);
}

/* The ordinary statement: find or make its node, set its arguments, go on with its body. */
static void apply_ordinary(Context *context, Node *parent, const Statement *statement, LayerInfo layer)
{
    const Value *arguments[ARGUMENTS_MAX] = {0};
    for (size_t i = 0; i < ARGUMENTS_MAX && statement->row->arguments[i].name; i++)
        arguments[i] = argument_evaluate(context, statement, i);
    Text key = TEXT_NONE;
    if (statement->row->cardinality == CARDINALITY_KEYED && !make_key(context, statement, arguments, &key))
        return;
    bool is_repeat = false;
    Node *node = find_or_make(context, parent, statement, key, layer, &is_repeat);
    if (is_repeat)
        return; /* reported: what stands in it would be reported again */
    const Binding *outer = context->bindings;
    const ScopedMetric *outer_metrics = context->metrics;
    if (statement->row->id == W_SERVICE) {
        context_bind(context, BUILT_IN_SERVICE, value_text(context, key, statement->head_span));
        profile_apply_all(context, node, statement);
    }
    apply_arguments(context, node, statement, arguments, layer);
    layer_apply(context, node, statement, layer);
    if (statement->row->id == W_SERVICE) {
        profile_apply_environment(context, node, statement);
        layer_apply_environment(context, node, statement, layer);
        permission_expand_all(context, node);
        reference_check_service(context, node);
    }
    context->bindings = outer;
    context->metrics = outer_metrics;
}

bool layer_is_past_limit(Context *context, const Statement *body)
{
    if (body->children.count > COMPILER_CHILDREN_MAX)
        context_report_limit(context, body->children.items[COMPILER_CHILDREN_MAX]->word_span, "a body holds at most %d statements", COMPILER_CHILDREN_MAX);
    if (context->depth >= COMPILER_DEPTH_MAX)
        context_report_limit(context, body->head_span, "profiles, metrics and values use each other more than %d deep here", COMPILER_DEPTH_MAX);
    return context->limit_reported;
}

void layer_apply(Context *context, Node *node, const Statement *body, LayerInfo layer)
{
    if (layer_is_past_limit(context, body))
        return;
    context->depth++;
    const Binding *outer = context->bindings;
    bool is_service_body = body->row && (body->row->id == W_SERVICE || body->row->id == W_PROFILE);
    for (size_t i = 0; is_service_body && i < body->children.count; i++) {
        const Statement *child = body->children.items[i];
        if (child->row && child->row->id == W_METRIC && !child->has_error)
            add_scoped_metric(context, child);
    }
    for (size_t i = 0; i < body->children.count; i++) {
        const Statement *child = body->children.items[i];
        if (child->row && !child->has_error && !context->limit_reported)
            apply_statement(context, node, child, layer);
    }
    if (node->row && !is_service_body)
        context->bindings = outer;
    context->depth--;
}

/* --- environments --- */

static bool layer_matches(Context *context, const Statement *statement)
{
    const Expression *list = statement->arguments[0];
    bool matches = false;
    for (size_t i = 0; list && list->kind == EXPRESSION_LIST && i < list->list.count; i++) {
        Text name = expression_word(context->arena, list->list.items[i]);
        matches = matches || (name.len && text_equal(name, context->model->environment.name));
    }
    return matches;
}

/* The node that a statement made or changed; NULL when it is gone. */
static Node *node_of_statement(const Node *parent, const Statement *statement)
{
    for (size_t i = 0; i < parent->children.count; i++)
        if (parent->children.items[i]->statement == statement)
            return parent->children.items[i];
    return NULL;
}

static Node *node_for(Context *context, const Node *parent, const Statement *statement)
{
    Node *node = node_of_statement(parent, statement);
    if (node || statement->row->cardinality == CARDINALITY_LIST || statement->row->cardinality == CARDINALITY_EACH)
        return node;
    for (size_t i = context->placed.count; i > 0; i--)
        if (context->placed.items[i - 1].statement == statement && context->placed.items[i - 1].node->parent == parent)
            return context->placed.items[i - 1].node;
    Text key = statement->row->cardinality == CARDINALITY_KEYED ? statement_key(context->arena, statement) : TEXT_NONE;
    return find_child(parent, statement->row, key);
}

static void check_environment_names(Context *context, const Statement *statement)
{
    (void)argument_evaluate(context, statement, 0);
}

void layer_apply_environment(Context *context, Node *node, const Statement *body, LayerInfo layer)
{
    if (layer_is_past_limit(context, body))
        return;
    context->depth++;
    for (size_t i = 0; i < body->children.count; i++) {
        const Statement *child = body->children.items[i];
        if (!child->row || child->has_error)
            continue;
        if (child->row->id == W_IN_LAYER) {
            check_environment_names(context, child);
            if (layer_matches(context, child)) {
                profile_apply_all(context, node, child);
                profile_apply_environment(context, node, child);
                LayerInfo environment = layer_begin(context, LAYER_ENVIRONMENT, context->model->environment.name);
                layer_apply(context, node, child, environment);
                layer_apply_environment(context, node, child, layer);
            }
            continue;
        }
        if (child->children.count == 0 || is_declaration_only(child->row->id) || child->row->id == W_SERVICE || child->row->id == W_METRIC)
            continue;
        Node *found = node_for(context, node, child);
        if (found)
            layer_apply_environment(context, found, child, layer);
    }
    context->depth--;
}
