/* References to what a service itself declares: containers and volumes (SPEC.md, "References"). */
#include "compiler/context.h"

typedef struct ServiceReference {
    ScopeSet refers;
    WordId word;
} ServiceReference;

static const ServiceReference service_references[] = {{IN(CONTAINER), W_CONTAINER}, {IN(VOLUME), W_VOLUME}};

static void suggest(Context *context, Diagnostic *d, const Node *service, WordId word, const Value *value)
{
    Text best = TEXT_NONE;
    size_t best_distance = value->text.len / 2 + 2;
    NODE_EACH(candidate, service, word)
    {
        size_t distance = text_edit_distance(value->text, candidate->key, best_distance);
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate->key;
        }
    }
    if (best.len) {
        diagnostic_set_label(context->sink, d, "did you mean `%.*s`?", TEXT_ARG(best));
        diagnostic_set_fix(context->sink, d, false, value->span, best, "%.*s", TEXT_ARG(best));
    } else {
        const char *label = vocabulary_row(word)->word;
        diagnostic_set_label(context->sink, d, "no `%s` statement declares it", label);
        diagnostic_set_advice(context->sink, d, "declare it in the service: %s", vocabulary_row(word)->example);
    }
}

static void check_value(Context *context, const Node *service, const Argument *argument, const Value *value)
{
    if (value->kind == VALUE_LIST) {
        for (size_t i = 0; i < value->count; i++)
            check_value(context, service, argument, value->items[i]);
        return;
    }
    if (value->kind != VALUE_WORD && value->kind != VALUE_STRING)
        return;
    for (size_t i = 0; i < sizeof service_references / sizeof *service_references; i++) {
        if (argument->refers != service_references[i].refers)
            continue;
        WordId word = service_references[i].word;
        if (node_keyed_child(service, word, value->text))
            return;
        Diagnostic *d = diagnostic_report(context->sink, CODE_UNKNOWN_REFERENCE, value->span, "this service has no %s `%.*s`",
                                          vocabulary_row(word)->word, TEXT_ARG(value->text));
        suggest(context, d, service, word, value);
    }
}

static void check_node(Context *context, const Node *service, const Node *node)
{
    for (size_t i = 0; i < ARGUMENTS_MAX && node->row->arguments[i].name; i++)
        if (node->row->arguments[i].kind == ARGUMENT_REFERENCE && node->arguments[i])
            check_value(context, service, &node->row->arguments[i], node->arguments[i]);
    for (size_t i = 0; i < node->children.count; i++)
        check_node(context, service, node->children.items[i]);
}

void reference_check_service(Context *context, const Node *service)
{
    check_node(context, service, service);
}
