/* Calls: the arguments of a profile, metric or permission meet its parameters (SPEC.md, "Calls"). */
#include "compiler/context.h"

static size_t find_parameter(Context *context, const Statement *const *params, size_t count, Text name)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(expression_word(context->arena, params[i]->arguments[0]), name))
            return i;
    return count;
}

static bool report_extra(Context *context, const Statement *const *params, size_t count, const NamedExpression *argument, Text what)
{
    Span span = argument->name.len ? argument->name_span : argument->value->span;
    Diagnostic *d;
    if (argument->name.len)
        d = diagnostic_report(context->sink, CODE_WRONG_CALL, span, "%.*s has no parameter `%.*s`", TEXT_ARG(what), TEXT_ARG(argument->name));
    else
        d = diagnostic_report(context->sink, CODE_WRONG_CALL, span, "%.*s takes %zu argument%s", TEXT_ARG(what), count, count == 1 ? "" : "s");
    Text names = TEXT_NONE;
    for (size_t i = 0; i < count; i++) {
        Text name = expression_word(context->arena, params[i]->arguments[0]);
        names = names.len ? arena_format(context->arena, "%.*s, %.*s", TEXT_ARG(names), TEXT_ARG(name)) : name;
    }
    if (count)
        diagnostic_set_label(context->sink, d, "it takes %.*s", TEXT_ARG(names));
    else
        diagnostic_set_label(context->sink, d, "it takes none");
    return false;
}

static bool report_missing(Context *context, const Statement *param, Span span, Text what)
{
    Text name = expression_word(context->arena, param->arguments[0]);
    Diagnostic *d = diagnostic_report(context->sink, CODE_WRONG_CALL, span, "%.*s needs its parameter `%.*s`", TEXT_ARG(what), TEXT_ARG(name));
    diagnostic_set_label(context->sink, d, "write %.*s(%.*s: …)", TEXT_ARG(what), TEXT_ARG(name));
    diagnostic_add_label(context->sink, d, param->head_span, "declared here");
    return false;
}

/* Which argument goes to which parameter; false after a report. */
static bool match_arguments(Context *context, const Statement *const *params, size_t count, const Expression **given, const Expression *call, Text what)
{
    size_t next = 0;
    for (size_t i = 0; call && i < call->call.arguments.count; i++) {
        const NamedExpression *argument = &call->call.arguments.items[i];
        size_t index = argument->name.len ? find_parameter(context, params, count, argument->name) : next++;
        if (index >= count)
            return report_extra(context, params, count, argument, what);
        if (given[index]) {
            (void)diagnostic_report(context->sink, CODE_WRONG_CALL, argument->value->span, "the parameter `%.*s` is given twice",
                                    TEXT_ARG(expression_word(context->arena, params[index]->arguments[0])));
            return false;
        }
        given[index] = argument->value;
    }
    return true;
}

static const Value *parameter_value(Context *context, const Statement *param, const Expression *given, const Binding *caller)
{
    TypeRef type;
    bool typed = type_resolve(context, param->arguments[1], &type);
    const Binding *callee = context->bindings;
    context->bindings = caller;
    /* A bare word that is nothing else is taken as the name of something, so that `web-alarms(oncall)` can pass a topic. */
    bool is_name = given->kind == EXPRESSION_PATH && typed && type.kind == TYPE_STRING && !context_lookup(context, given->path);
    const Value *value = is_name ? value_text(context, given->path, given->span) : evaluate(context, given);
    context->bindings = callee;
    return typed ? type_check(context, value, type) : value_error(context, given->span);
}

bool call_bind(Context *context, const Statement *declaration, const Expression *call, Span span, Text what, const Binding *caller)
{
    size_t count = 0;
    for (size_t i = 0; i < declaration->children.count; i++)
        count += declaration->children.items[i]->row && declaration->children.items[i]->row->id == W_PARAM;
    const Statement **params = ARENA_NEW_ARRAY(context->arena, const Statement *, count);
    const Expression **given = ARENA_NEW_ARRAY(context->arena, const Expression *, count);
    size_t index = 0;
    for (size_t i = 0; i < declaration->children.count; i++)
        if (declaration->children.items[i]->row && declaration->children.items[i]->row->id == W_PARAM)
            params[index++] = declaration->children.items[i];
    if (call && call->kind != EXPRESSION_CALL)
        call = NULL;
    if (!match_arguments(context, params, count, given, call, what))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (params[i]->has_error)
            return false;
        const Statement *fallback = statement_child(params[i], W_PARAM_DEFAULT);
        const Value *value = NULL;
        if (given[i])
            value = parameter_value(context, params[i], given[i], caller);
        else if (fallback && fallback->arguments[0])
            value = parameter_value(context, params[i], fallback->arguments[0], context->bindings);
        else
            return report_missing(context, params[i], span, what);
        context_bind(context, expression_word(context->arena, params[i]->arguments[0]), value);
    }
    return true;
}
