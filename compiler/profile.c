/* Profiles: named bundles of statements with typed parameters (SPEC.md, "Profiles"). */
#include "compiler/context.h"

static bool is_inclusion(const Statement *statement)
{
    return statement->row && !statement->has_error && (statement->row->id == W_IS || statement->row->id == W_INCLUDE) && statement->arguments[0];
}

static const Statement *find_profile(Context *context, const Expression *call)
{
    Text name = expression_word(context->arena, call);
    const Declaration *declared = context_find(context, W_PROFILE, name);
    if (declared)
        return declared->statement;
    Span span = call->kind == EXPRESSION_CALL ? call->call.callee_span : call->span;
    Diagnostic *d = diagnostic_report(context->sink, CODE_UNKNOWN_PROFILE, span, "there is no profile `%.*s`", TEXT_ARG(name));
    const char *library = compile_library_module_of(context->compilation, W_PROFILE, name);
    Text best = context_suggest(context, W_PROFILE, name);
    if (library) {
        diagnostic_set_label(context->sink, d, "it is in std.%s", library);
        diagnostic_set_advice(context->sink, d, "add `use std.%s` to the file", library);
    } else if (best.len) {
        diagnostic_set_label(context->sink, d, "did you mean `%.*s`?", TEXT_ARG(best));
        diagnostic_set_fix(context->sink, d, false, span, best, "%.*s", TEXT_ARG(best));
    }
    return NULL;
}

static bool enter(Context *context, const Statement *profile, const Expression *call)
{
    for (size_t i = 0; i < context->active.count; i++) {
        if (context->active.items[i] != profile)
            continue;
        Diagnostic *d = diagnostic_report(context->sink, CODE_PROFILE_CYCLE, call->span, "profile %.*s includes itself",
                                          TEXT_ARG(expression_word(context->arena, call)));
        diagnostic_add_label(context->sink, d, profile->head_span, "declared here");
        return false;
    }
    ARRAY_PUSH(context->arena, &context->active, profile);
    return true;
}

void profile_apply(Context *context, Node *node, const Expression *call, LayerInfo layer, bool environment_pass)
{
    if (++context->inclusion_count > COMPILER_INCLUSIONS_MAX)
        context_report_limit(context, call->span, "this description includes profiles more than %d times", COMPILER_INCLUSIONS_MAX);
    const Statement *profile = context->limit_reported ? NULL : find_profile(context, call);
    if (!profile || profile->has_error || !enter(context, profile, call))
        return;
    Text name = expression_word(context->arena, call);
    const Binding *caller = context->bindings;
    const Value *service = context_lookup(context, BUILT_IN_SERVICE);
    context->bindings = context->globals;
    if (service)
        context_bind(context, BUILT_IN_SERVICE, service);
    if (call_bind(context, profile, call, call->span, name, caller)) {
        if (environment_pass) {
            profile_apply_environment(context, node, profile);
            layer_apply_environment(context, node, profile, layer);
        } else {
            profile_apply_all(context, node, profile);
            layer.name = name;
            layer_apply(context, node, profile, layer);
        }
    }
    context->bindings = caller;
    context->active.count--;
}

void profile_apply_all(Context *context, Node *node, const Statement *body)
{
    for (size_t i = 0; i < body->children.count; i++) {
        const Statement *child = body->children.items[i];
        if (is_inclusion(child))
            profile_apply(context, node, child->arguments[0], layer_begin(context, LAYER_PROFILE, TEXT_NONE), false);
    }
}

void profile_apply_environment(Context *context, Node *node, const Statement *body)
{
    for (size_t i = 0; i < body->children.count; i++) {
        const Statement *child = body->children.items[i];
        if (is_inclusion(child))
            profile_apply(context, node, child->arguments[0], layer_begin(context, LAYER_PROFILE, TEXT_NONE), true);
    }
}

/* A profile that nothing includes is tried with unknown arguments, so that its mistakes are found in its own file. */
void profile_check_declaration(Context *context, const Statement *statement)
{
    if (statement->has_error)
        return;
    const Binding *outer = context->bindings;
    for (size_t i = 0; i < statement->children.count; i++) {
        const Statement *param = statement->children.items[i];
        if (!param->row || param->row->id != W_PARAM || param->has_error)
            continue;
        TypeRef type;
        if (!type_resolve(context, param->arguments[1], &type))
            continue;
        Value *unknown = value_new(context, VALUE_UNKNOWN, type.kind, param->head_span);
        unknown->text = expression_word(context->arena, param->arguments[0]);
        context_bind(context, unknown->text, unknown);
    }
    Value *service = value_new(context, VALUE_UNKNOWN, TYPE_STRING, statement->head_span);
    service->text = BUILT_IN_SERVICE;
    context_bind(context, service->text, service);
    Node *node = node_new(context, vocabulary_row(W_SERVICE), NULL, statement->head_span);
    context->is_tentative = true;
    ARRAY_PUSH(context->arena, &context->active, statement);
    profile_apply_all(context, node, statement);
    context->active.count--;
    layer_apply(context, node, statement, layer_begin(context, LAYER_PROFILE, TEXT_NONE));
    context->is_tentative = false;
    context->bindings = outer;
}
