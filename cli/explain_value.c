/* svc explain-value FILE service.word.key.argument: where a value was set and what it overrode. */
#include "cli/commands.h"

#include "compiler/path.h"

#include <unistd.h>

static const char *const layer_names[] = {
    [LAYER_LIBRARY] = "standard library", [LAYER_PROFILE] = "profile", [LAYER_SERVICE] = "file", [LAYER_ENVIRONMENT] = "environment"};

static void write_place(Buffer *out, Session *session, Span span)
{
    if (span_is_none(span)) {
        buffer_add_c(out, "given by svc");
        return;
    }
    Position at = sources_locate(&session->sources, span.file, span.start);
    buffer_add_format(out, "%.*s:%u:%u", TEXT_ARG(sources_path(&session->sources, span.file)), at.line, at.column);
}

static void write_chain(Buffer *out, Session *session, const char *name, const Origin *origin)
{
    for (bool first = true; origin; origin = origin->overrode, first = false) {
        buffer_add_format(out, first ? "%s = " : "  overrode %s = ", name);
        if (origin->value)
            buffer_add(out, value_to_text(&session->arena, origin->value));
        buffer_add_c(out, "  from ");
        write_place(out, session, origin->span);
        buffer_add_format(out, "  (%s%s%.*s)\n", layer_names[origin->layer], origin->layer_name.len ? " " : "", TEXT_ARG(origin->layer_name));
    }
}

static void write_json_chain(Buffer *out, Session *session, const char *name, const Origin *origin)
{
    buffer_add_format(out, "{\"name\": \"%s\", \"chain\": [", name);
    for (bool first = true; origin; origin = origin->overrode, first = false) {
        buffer_add_c(out, first ? "{\"value\": " : ", {\"value\": ");
        buffer_add_json_string(out, origin->value ? value_to_text(&session->arena, origin->value) : TEXT_NONE);
        buffer_add_format(out, ", \"layer\": \"%s\", \"layer_name\": ", layer_names[origin->layer]);
        buffer_add_json_string(out, origin->layer_name);
        if (!span_is_none(origin->span)) {
            Position at = sources_locate(&session->sources, origin->span.file, origin->span.start);
            buffer_add_c(out, ", \"file\": ");
            buffer_add_json_string(out, sources_path(&session->sources, origin->span.file));
            buffer_add_format(out, ", \"line\": %u, \"column\": %u", at.line, at.column);
        }
        buffer_add_byte(out, '}');
    }
    buffer_add_c(out, "]}");
}

/* All arguments of the node, or the one that the rest of the path names. False when it names none. */
static bool write_node(Buffer *out, Session *session, const Node *node, Text argument)
{
    bool found = false;
    bool as_json = session->options.is_json;
    buffer_add_c(out, as_json ? "{\"format_version\": 1, \"values\": [" : "");
    size_t wanted = 0;
    PathEnd end;
    bool is_named = argument.len && path_read_argument(node->row, argument, &wanted, &end);
    for (size_t i = 0; i < vocabulary_argument_count(node->row); i++) {
        const char *name = node->row->arguments[i].name;
        if (!node->origins[i] || (argument.len && !(is_named && i == wanted)))
            continue;
        buffer_add_c(out, as_json && found ? ", " : "");
        if (as_json)
            write_json_chain(out, session, name, node->origins[i]);
        else
            write_chain(out, session, name, node->origins[i]);
        found = true;
    }
    if (!found && argument.len == 0 && !as_json) {
        buffer_add_format(out, "%s  said at ", node->row->word);
        write_place(out, session, node->presence ? node->presence->span : node->span);
        buffer_add_byte(out, '\n');
        found = true;
    }
    buffer_add_c(out, as_json ? "]}\n" : "");
    return found || (as_json && argument.len == 0);
}

static void report_no_value(Session *session, const Node *node, Text path, Text rest)
{
    Diagnostic *d = diagnostic_report(&session->sink, CODE_NO_SUCH_VALUE, SPAN_NONE, "nothing is set at %.*s", TEXT_ARG(path));
    Text all = TEXT_NONE;
    for (size_t i = 0; i < node->children.count; i++) {
        const Node *child = node->children.items[i];
        bool by_key = child->row->word[0] == '\0' || (!node->row && child->row->id == W_SERVICE);
        Text name = by_key ? child->key : text_from_c(child->row->word);
        if (!by_key && child->row->cardinality == CARDINALITY_KEYED)
            name = arena_format(&session->arena, "%s.%.*s", child->row->word, TEXT_ARG(child->key));
        all = all.len ? arena_format(&session->arena, "%.*s, %.*s", TEXT_ARG(all), TEXT_ARG(name)) : name;
    }
    for (size_t i = 0; node->row && i < vocabulary_argument_count(node->row); i++) {
        const char *name = node->row->arguments[i].name;
        if (node->origins[i])
            all = all.len ? arena_format(&session->arena, "%.*s, %s", TEXT_ARG(all), name) : text_from_c(name);
    }
    if (all.len)
        diagnostic_add_note(&session->sink, d, "in place of `%.*s` there is %.*s", TEXT_ARG(rest), TEXT_ARG(all));
}

static bool explain(Session *session, Pipeline *pipeline, Text path)
{
    Text environment;
    if (!pipeline_choose_environment(pipeline, &environment) || !pipeline_compile(pipeline, environment))
        return false;
    if (session->sink.error_count)
        return false;
    const Node *node = pipeline->model->file;
    Text rest = path;
    while (rest.len) {
        PathStep step;
        Text after;
        bool is_step = path_read_step(node->row ? node->row->body : SCOPE_FILE, node, rest, &step, &after);
        /* Of several, the rest of the path is about the one that it names. */
        const Node *next = is_step && !(step.row->cardinality == CARDINALITY_KEYED && !step.has_key && after.len) ? path_child(node, &step) : NULL;
        if (!next)
            break;
        node = next;
        rest = after;
    }
    Buffer out = {0};
    bool found = node->row && write_node(&out, session, node, rest);
    if (found)
        found = session_print(session, buffer_text(&out));
    else
        report_no_value(session, node, path, rest);
    buffer_free(&out);
    return found;
}

int command_explain_value(Session *session)
{
    if (session->options.operands.count != 2) {
        (void)!session_write(STDERR_FILENO, TEXT("svc: explain-value takes a file and a path, such as service.svc api.compute.memory\n"));
        return EXIT_USAGE;
    }
    Pipeline pipeline;
    bool ready = session_start(session, true);
    bool opened = pipeline_open(&pipeline, session, session->options.operands.items[0]);
    bool found = ready && opened && explain(session, &pipeline, session->options.operands.items[1]);
    session_print_diagnostics(session, REPORT_TEXT);
    pipeline_close(&pipeline);
    return found ? EXIT_CLEAN : opened && !session->has_lost_output ? EXIT_FINDINGS : EXIT_CANNOT_RUN;
}
