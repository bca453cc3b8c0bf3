/* Permissions: `allow VERB NOUN TARGET…` becomes the grants that the declaration lists (SPEC.md, "Permissions"). */
#include "compiler/context.h"

static size_t count_params(const Statement *declaration)
{
    size_t count = 0;
    for (size_t i = 0; i < declaration->children.count; i++)
        count += declaration->children.items[i]->row && declaration->children.items[i]->row->id == W_PARAM;
    return count;
}

static void report_unknown(Context *context, const Node *allow, Text key)
{
    Span span = span_join(node_argument_span(allow, 0), node_argument_span(allow, 1));
    Diagnostic *d = diagnostic_report(context->sink, CODE_UNKNOWN_PERMISSION, span, "there is no permission `%.*s`", TEXT_ARG(key));
    Text best = context_suggest(context, W_PERMISSION, key);
    if (best.len) {
        diagnostic_set_label(context->sink, d, "did you mean `%.*s`?", TEXT_ARG(best));
        diagnostic_set_fix(context->sink, d, false, span, best, "%.*s", TEXT_ARG(best));
    } else {
        diagnostic_set_advice(context->sink, d, "declare it: permission %.*s { grant \"service:Action\" on \"arn:…\" }", TEXT_ARG(key));
    }
}

/* Binds the params to the targets from `first` on. */
static void bind_targets(Context *context, const Statement *declaration, const Value *const *targets, size_t first)
{
    for (size_t i = 0; i < declaration->children.count; i++) {
        const Statement *param = declaration->children.items[i];
        if (!param->row || param->row->id != W_PARAM || param->has_error)
            continue;
        TypeRef type;
        const Value *value = targets[first++];
        if (type_resolve(context, param->arguments[1], &type))
            value = type_check(context, value, type);
        context_bind(context, expression_word(context->arena, param->arguments[0]), value);
    }
}

static void expand_once(Context *context, Node *allow, const Statement *declaration, const Value *const *targets, size_t first)
{
    const Binding *outer = context->bindings;
    context->bindings = context->globals;
    bind_targets(context, declaration, targets, first);
    Node *expansion = node_new(context, declaration->row, NULL, declaration->head_span);
    LayerInfo layer = layer_begin(context, LAYER_LIBRARY, TEXT_NONE);
    layer_apply(context, expansion, declaration, layer);
    layer_apply_environment(context, expansion, declaration, layer);
    for (size_t i = 0; i < expansion->children.count; i++) {
        Node *grant = expansion->children.items[i];
        if (grant->row->id != W_PERMISSION_GRANT)
            continue;
        grant->parent = allow;
        ARRAY_PUSH(context->arena, &allow->children, grant);
    }
    context->bindings = outer;
}

static void expand(Context *context, Node *allow)
{
    allow->children.count = 0; /* a service that a later layer says again is expanded again */
    Text verb = node_text(allow, 0);
    Text noun = node_text(allow, 1);
    if (verb.len == 0 || noun.len == 0)
        return;
    Text key = arena_format(context->arena, "%.*s %.*s", TEXT_ARG(verb), TEXT_ARG(noun));
    const Declaration *declared = context_find(context, W_PERMISSION, key);
    if (!declared) {
        report_unknown(context, allow, key);
        return;
    }
    const Value *targets = node_argument(allow, 2);
    if (targets && targets->kind != VALUE_LIST)
        return; /* unknown or in error */
    size_t count = targets ? targets->count : 0;
    size_t params = count_params(declared->statement);
    bool fits = params == 0 ? count == 0 : count > 0 && count % params == 0;
    if (!fits) {
        Diagnostic *d = diagnostic_report(context->sink, CODE_WRONG_CALL, allow->span, "`allow %.*s` takes %s", TEXT_ARG(key),
                                          params == 0 ? "nothing after it" : params == 1 ? "what it is allowed on" : "more values");
        if (params)
            diagnostic_set_advice(context->sink, d, "name it: allow %.*s \"NAME\"", TEXT_ARG(key));
        diagnostic_add_label(context->sink, d, declared->statement->head_span, "declared here");
        return;
    }
    expand_once(context, allow, declared->statement, targets ? targets->items : NULL, 0);
    for (size_t first = params; params && first < count; first += params)
        expand_once(context, allow, declared->statement, targets->items, first);
}

void permission_expand_all(Context *context, Node *service)
{
    for (size_t i = 0; i < service->children.count; i++)
        if (service->children.items[i]->row->id == W_ALLOW)
            expand(context, service->children.items[i]);
}

void permission_check_declaration(Context *context, const Statement *statement)
{
    if (statement->has_error)
        return;
    size_t params = count_params(statement);
    const Value **targets = ARENA_NEW_ARRAY(context->arena, const Value *, params);
    for (size_t i = 0; i < params; i++) {
        Value *unknown = value_new(context, VALUE_UNKNOWN, TYPE_ANY, statement->head_span);
        unknown->text = TEXT("target");
        targets[i] = unknown;
    }
    Node *allow = node_new(context, vocabulary_row(W_ALLOW), NULL, statement->head_span);
    expand_once(context, allow, statement, targets, 0);
}
