#include "foreign/env_example.h"

/* --- reading --- */

static bool is_name_byte(char c, bool is_first)
{
    return c == '_' || byte_is_letter(c) || (!is_first && (byte_is_digit(c) || c == '.' || c == '-'));
}

static size_t skip_blanks(Text text, size_t at)
{
    while (at < text.len && (text.ptr[at] == ' ' || text.ptr[at] == '\t'))
        at++;
    return at;
}

static size_t line_end(Text text, size_t at)
{
    return at + text_find_byte(text_slice(text, at, text.len), '\n');
}

/* Behind the value that begins at `at`: a quoted one goes on over line ends to its closing quote. */
static size_t skip_value(Text text, size_t at)
{
    at = skip_blanks(text, at);
    char quote = at < text.len ? text.ptr[at] : '\0';
    if (quote == '"' || quote == '\'') {
        size_t end = at + 1;
        while (end < text.len && text.ptr[end] != quote)
            end += quote == '"' && text.ptr[end] == '\\' ? 2 : 1;
        if (end < text.len)
            return line_end(text, end);
    }
    return line_end(text, at);
}

static void add_name(EnvExample *out, Text name, Span span, bool is_optional)
{
    for (size_t i = 0; i < out->names.count; i++) {
        EnvExampleName *known = &out->names.items[i];
        if (text_equal(known->name, name)) {
            known->is_optional = known->is_optional && is_optional;
            return;
        }
    }
    EnvExampleName added = {.name = name, .span = span, .is_optional = is_optional};
    ARRAY_PUSH(out->arena, &out->names, added);
}

/* Reads `NAME=` at `at`; *end is behind it. False when there is no such thing. */
static bool read_name(Text text, size_t at, Text *name, size_t *end)
{
    if (text_starts_with(text_slice(text, at, text.len), TEXT("export ")))
        at = skip_blanks(text, at + sizeof "export");
    size_t stop = at;
    while (stop < text.len && is_name_byte(text.ptr[stop], stop == at))
        stop++;
    *name = text_slice(text, at, stop);
    *end = skip_blanks(text, stop);
    if (stop == at || *end >= text.len || text.ptr[*end] != '=')
        return false;
    ++*end;
    return true;
}

static void report_line(Diagnostics *sink, Span span)
{
    Diagnostic *diagnostic = diagnostic_report(sink, CODE_ENV_EXAMPLE_LINE, span, "this line names no variable");
    diagnostic_set_advice(sink, diagnostic, "write NAME=value, or begin the line with # when it is a comment");
}

void env_example_read(Arena *arena, Diagnostics *sink, uint32_t file, EnvExample *out)
{
    Text text = sink->sources->files.items[file]->text;
    out->arena = arena;
    for (size_t at = text_starts_with(text, TEXT("\xef\xbb\xbf")) ? 3 : 0; at < text.len;) {
        size_t start = skip_blanks(text, at);
        size_t end = line_end(text, start);
        bool is_comment = start < end && text.ptr[start] == '#';
        size_t from = is_comment ? skip_blanks(text, start + 1) : start;
        Text line = text_trim(text_slice(text, start, end));
        Text name;
        size_t value;
        if (line.len && read_name(text, from, &name, &value) && value <= end) {
            Span span = {file, (uint32_t)(name.ptr - text.ptr), (uint32_t)((size_t)(name.ptr - text.ptr) + name.len)};
            add_name(out, name, span, is_comment);
            end = is_comment ? end : skip_value(text, value);
        } else if (line.len && !is_comment) {
            report_line(sink, (Span){file, (uint32_t)start, (uint32_t)(start + line.len)});
        }
        at = end + 1;
    }
}

/* --- comparing --- */

static EnvExampleName *find_name(EnvExample *example, Text name)
{
    for (size_t i = 0; i < example->names.count; i++)
        if (text_equal(example->names.items[i].name, name))
            return &example->names.items[i];
    return NULL;
}

/* The variable of the file that may be meant. */
static Text nearest_name(const EnvExample *example, Text name)
{
    enum { DISTANCE_MAX = 2 };
    Text nearest = TEXT_NONE;
    size_t least = DISTANCE_MAX + 1;
    for (size_t i = 0; i < example->names.count; i++) {
        size_t distance = text_edit_distance(example->names.items[i].name, name, DISTANCE_MAX);
        nearest = distance < least ? example->names.items[i].name : nearest;
        least = distance < least ? distance : least;
    }
    return nearest;
}

static void note_variables(EnvExample *example, Diagnostics *sink, const Resource *resource, const Json *list)
{
    for (size_t i = 0; list && list->kind == JSON_ARRAY && i < list->items.count; i++) {
        const Json *name = json_get_c(list->items.items[i], "name");
        if (!name || name->kind != JSON_TEXT || !name->text.len)
            continue;
        EnvExampleName *known = find_name(example, name->text);
        if (known) {
            known->is_set = true;
            continue;
        }
        Span span = span_is_none(name->origin) ? resource->origin : name->origin;
        Diagnostic *diagnostic = diagnostic_report(sink, CODE_ENV_EXTRA, span, "the example file does not name %.*s", TEXT_ARG(name->text));
        Text nearest = nearest_name(example, name->text);
        if (nearest.len)
            diagnostic_set_advice(sink, diagnostic, "did you mean %.*s?", TEXT_ARG(nearest));
        else
            diagnostic_set_advice(sink, diagnostic, "add a line %.*s= to it, or take the variable away here", TEXT_ARG(name->text));
    }
}

void env_example_compare(EnvExample *example, Diagnostics *sink, const Resources *resources)
{
    for (size_t i = 0; i < resources->items.count; i++) {
        const Resource *resource = resources->items.items[i];
        const Json *containers = resource->kind == RESOURCE_TASK_DEFINITION ? json_get_c(resource->input, "containerDefinitions") : NULL;
        for (size_t j = 0; containers && containers->kind == JSON_ARRAY && j < containers->items.count; j++) {
            const Json *container = containers->items.items[j];
            example->has_containers = true;
            example->has_env_files = example->has_env_files || json_length(json_get_c(container, "environmentFiles")) > 0;
            note_variables(example, sink, resource, json_get_c(container, "environment"));
            note_variables(example, sink, resource, json_get_c(container, "secrets"));
        }
    }
}

void env_example_finish(const EnvExample *example, Diagnostics *sink)
{
    for (size_t i = 0; example->has_containers && !example->has_env_files && i < example->names.count; i++) {
        const EnvExampleName *name = &example->names.items[i];
        if (name->is_set || name->is_optional)
            continue;
        Diagnostic *diagnostic = diagnostic_report(sink, CODE_ENV_MISSING, name->span, "no container gets %.*s", TEXT_ARG(name->name));
        diagnostic_set_label(sink, diagnostic, "the program says that it needs this");
        diagnostic_set_advice(sink, diagnostic, "give it to a container, as a plain value or as a secret; or begin the line with # when it may be left out");
    }
}
