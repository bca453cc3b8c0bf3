#include "foreign/foreign.h"

#include "foreign/convert.h"
#include "foreign/import.h"
#include "foreign/recognise.h"

/* --- which files --- */

static const char *const endings[] = {".json", ".yaml", ".yml", ".template"};

bool foreign_is_candidate(Text path)
{
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (text_ends_with(path, text_from_c(endings[i])))
            return true;
    return false;
}

static bool is_key_byte(char c)
{
    return byte_is_alphanumeric(c) || c == '_' || c == '-' || c == '"' || c == '\'';
}

/* A line as YAML has them and .svc does not: `key:`, `- item`, `---`. */
static bool is_yaml_line(Text line)
{
    size_t end = 0;
    if (text_starts_with(line, TEXT("- ")) || text_starts_with(line, TEXT("---")) || text_starts_with(line, TEXT("%YAML")))
        return true;
    while (end < line.len && is_key_byte(line.ptr[end]))
        end++;
    return end > 0 && end < line.len && line.ptr[end] == ':' && (end + 1 == line.len || line.ptr[end + 1] == ' ' || line.ptr[end + 1] == '\t');
}

static bool begins_foreign(Text content)
{
    size_t at = text_starts_with(content, TEXT("\xef\xbb\xbf")) ? 3 : 0;
    while (at < content.len) {
        size_t end = at + text_find_byte(text_slice(content, at, content.len), '\n');
        Text line = text_trim(text_slice(content, at, end));
        at = end + 1;
        if (!line.len || line.ptr[0] == '#' || text_starts_with(line, TEXT("//")))
            continue;
        return line.ptr[0] == '{' || line.ptr[0] == '[' || text_starts_with(line, TEXT("/*")) || is_yaml_line(line);
    }
    return false;
}

bool foreign_is_foreign(Text path, Text content)
{
    if (text_ends_with(path, TEXT(".svc")))
        return false;
    return foreign_is_candidate(path) || text_ends_with(path, TEXT(".jsonnet")) || begins_foreign(content);
}

/* Words without which a file holds nothing for svc. */
static bool has_telltale(Text content, bool is_certain)
{
    static const char *const certain[] = {"containerDefinitions", "AWS::ECS::"};
    static const char *const likely[] = {"containerDefinitions", "AWS::", "taskDefinition", "portMappings", "requiresCompatibilities", "\"essential\"", "essential:"};
    const char *const *words = is_certain ? certain : likely;
    size_t count = is_certain ? sizeof certain / sizeof *certain : sizeof likely / sizeof *likely;
    for (size_t i = 0; i < count; i++)
        if (text_find(content, text_from_c(words[i])) < content.len)
            return true;
    return false;
}

/* --- reading --- */

/* Adds what the documents of a file come to; false when none of them is anything that svc knows. */
static bool convert(Converter *converter, const ForeignTrees *trees)
{
    bool is_known = false;
    converter->has_blocks = trees->has_blocks;
    for (size_t i = 0; i < trees->items.count; i++) {
        Json *root = trees->items.items[i];
        if (foreign_recognise(root, converter->is_strict) != FORM_TEMPLATE) {
            is_known = foreign_read_ecs(converter, root) || is_known;
            continue;
        }
        foreign_read_template(converter, root);
        is_known = is_known || !converter->is_strict || converter->out->items.count > 0;
    }
    return is_known;
}

static void report_unknown(Diagnostics *sink, const Json *root)
{
    Span span = root->origin;
    span.end = span.end > span.start ? span.start + 1 : span.end;
    bool is_compose = compose_is(root);
    if (is_compose || copilot_is(root)) {
        Diagnostic *d = diagnostic_report(sink, CODE_FOREIGN_KIND, span, "this is a %s, which svc imports but does not lint",
                                          is_compose ? "docker-compose.yml" : "manifest of Copilot");
        diagnostic_set_advice(sink, d, "write a .svc file from it: svc import");
        return;
    }
    Diagnostic *d = diagnostic_report(sink, CODE_FOREIGN_KIND, span, "this document is nothing that svc knows");
    diagnostic_add_note(sink, d, "svc lints .svc files, and in JSON or YAML: ECS task definitions and services (what register, create, update, run-task take and describe "
                                 "returns), container definitions, and CloudFormation templates");
    diagnostic_set_advice(sink, d, "name another file; a task definition has the members family and containerDefinitions, a template has Resources");
}

bool foreign_read(Arena *arena, Diagnostics *sink, uint32_t file, Resources *out)
{
    ForeignTrees trees = {0};
    Converter converter = {.arena = arena, .sink = sink, .file = file, .out = out};
    if (!foreign_read_trees(arena, sink, file, &trees))
        return false;
    if (convert(&converter, &trees))
        return true;
    report_unknown(sink, trees.items.items[0]);
    return false;
}

ForeignResult foreign_read_found(Arena *arena, Diagnostics *sink, uint32_t file, Resources *out)
{
    Text content = sink->sources->files.items[file]->text;
    ForeignTrees trees = {0};
    if (!has_telltale(content, false))
        return FOREIGN_OTHER;
    /* Nobody said that this is for svc, so nothing is said before that is certain. */
    Diagnostics quiet = {.arena = arena, .sources = sink->sources};
    bool is_read = foreign_read_trees(arena, &quiet, file, &trees);
    if (!is_read && !has_telltale(content, true))
        return FOREIGN_OTHER;
    if (!is_read || quiet.items.count) {
        bool is_known = !is_read;
        for (size_t i = 0; i < trees.items.count && !is_known; i++)
            is_known = foreign_recognise(trees.items.items[i], true) != FORM_NONE;
        if (!is_known)
            return FOREIGN_OTHER;
        if (!foreign_read_trees(arena, sink, file, &trees))
            return FOREIGN_REFUSED;
    }
    Converter converter = {.arena = arena, .sink = sink, .file = file, .out = out, .is_strict = true};
    return convert(&converter, &trees) ? FOREIGN_READ : FOREIGN_OTHER;
}
