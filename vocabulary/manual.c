#include "vocabulary/manual.h"

#include "vocabulary/units.h"

enum { PARENTS_DEPTH_MAX = 8 };

/* --- AWS members --- */

static bool has_shape(const char *path)
{
    Text text = text_from_c(path);
    return text_find_byte(text, ':') < text.len;
}

static Text join_path(Arena *arena, Text base, const char *path)
{
    if (!path || path[0] == '\0')
        return base;
    if (has_shape(path))
        return text_from_c(path);
    bool at_root = text_ends_with(base, TEXT(":"));
    return arena_format(arena, "%.*s%s%s", TEXT_ARG(base), at_root ? "" : ".", path);
}

/* Where the row's own members begin: one path for each way its enclosing rows come to a shape. */
static void list_bases(Arena *arena, const VocabularyRow *row, size_t depth, TextArray *out)
{
    if (row->aws && has_shape(row->aws)) {
        ARRAY_PUSH(arena, out, text_from_c(row->aws));
        return;
    }
    for (size_t i = 0; depth < PARENTS_DEPTH_MAX && i < WORD_COUNT; i++) {
        const VocabularyRow *parent = vocabulary_row((WordId)i);
        bool encloses = parent != row && parent->body < SCOPE_COUNT && row->scopes != IN_ANY && vocabulary_allows(row, parent->body);
        if (!encloses)
            continue;
        TextArray above = {0};
        list_bases(arena, parent, depth + 1, &above);
        for (size_t j = 0; j < above.count; j++)
            ARRAY_PUSH(arena, out, join_path(arena, above.items[j], row->aws));
    }
}

static void add_once(Arena *arena, TextArray *out, Text path)
{
    for (size_t i = 0; i < out->count; i++)
        if (text_equal(out->items[i], path))
            return;
    ARRAY_PUSH(arena, out, path);
}

void manual_list_members(Arena *arena, const VocabularyRow *row, TextArray *out)
{
    TextArray bases = {0};
    list_bases(arena, row, 0, &bases);
    bool is_entry = row->word[0] == '\0';
    for (size_t i = 0; i < ARGUMENTS_MAX && row->arguments[i].name; i++) {
        const char *aws = row->arguments[i].aws;
        if (!aws)
            continue;
        if (has_shape(aws))
            add_once(arena, out, text_from_c(aws));
        for (size_t j = 0; !has_shape(aws) && j < bases.count; j++) {
            bool in_map = is_entry && text_ends_with(bases.items[j], TEXT("{}"));
            add_once(arena, out, in_map ? bases.items[j] : join_path(arena, bases.items[j], aws));
        }
    }
}

/* --- text --- */

static Text argument_form(Arena *arena, const Argument *argument)
{
    char upper[64];
    size_t length = 0;
    for (const char *c = argument->name; *c && length < sizeof upper - 1; c++)
        upper[length++] = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
    const char *more = argument->is_many ? "…" : "";
    return arena_format(arena, argument->is_optional ? "[%.*s%s]" : "%.*s%s", (int)length, upper, more);
}

Text manual_row_form(Arena *arena, const VocabularyRow *row)
{
    Text form = text_from_c(row->word);
    for (size_t i = 0; i < ARGUMENTS_MAX && row->arguments[i].name; i++)
        form = arena_format(arena, "%.*s%s%.*s", TEXT_ARG(form), form.len ? " " : "", TEXT_ARG(argument_form(arena, &row->arguments[i])));
    return form;
}

static Text argument_meaning(Arena *arena, const Argument *argument)
{
    switch (argument->kind) {
    case ARGUMENT_NAME: return TEXT("a name");
    case ARGUMENT_REFERENCE: return TEXT("the name of something declared");
    case ARGUMENT_ENUM: {
        Text all = TEXT_NONE;
        size_t cursor = 0;
        Text word;
        Text aws;
        while (vocabulary_next_value(argument, &cursor, &word, &aws))
            all = all.len ? arena_format(arena, "%.*s, %.*s", TEXT_ARG(all), TEXT_ARG(word)) : arena_format(arena, "one of %.*s", TEXT_ARG(word));
        return all;
    }
    case ARGUMENT_VALUE: return arena_format(arena, argument->is_range ? "a range of %s" : "%s", type_label(argument->type));
    case ARGUMENT_EXPRESSION: return arena_format(arena, "an expression that gives %s", type_label(argument->type));
    case ARGUMENT_TYPE: return TEXT("a type");
    case ARGUMENT_WORD: return TEXT("a word of this body");
    case ARGUMENT_MODULE: return TEXT("std.NAME or a file");
    case ARGUMENT_PATH: return TEXT("a dotted name");
    case ARGUMENT_MAP: return TEXT("a map of AWS members: { name: value, … }");
    case ARGUMENT_PROFILE: return TEXT("a profile, with arguments in parentheses");
    }
    return TEXT_NONE;
}

static void write_argument(Buffer *out, Arena *arena, const Argument *argument, const char *indent)
{
    buffer_add_format(out, "%s%.*s  %.*s", indent, TEXT_ARG(argument_form(arena, argument)), TEXT_ARG(argument_meaning(arena, argument)));
    if (argument->limits) {
        Text limits = text_from_c(argument->limits);
        size_t dots = text_find(limits, TEXT(".."));
        buffer_add_format(out, " from %.*s to %.*s", TEXT_ARG(text_slice(limits, 0, dots)), TEXT_ARG(text_slice(limits, dots + 2, limits.len)));
    }
    if (argument->refined)
        buffer_add_format(out, " (%s)", argument->refined);
    if (argument->is_optional && argument->absent)
        buffer_add_format(out, "; %s when left out", argument->absent);
    buffer_add_byte(out, '\n');
}

static void write_scopes(Buffer *out, const VocabularyRow *row)
{
    bool first = true;
    if (row->scopes == IN_ANY)
        buffer_add_c(out, "any body");
    for (int scope = 0; scope < SCOPE_COUNT && row->scopes != IN_ANY; scope++) {
        if (!vocabulary_allows(row, (Scope)scope))
            continue;
        buffer_add_format(out, "%s%s", first ? "" : ", ", vocabulary_scope_label((Scope)scope));
        first = false;
    }
}

/* The words of a body, after `before` and with `between`. */
static void write_body_words(Buffer *out, Scope scope, const char *quote)
{
    bool first = true;
    for (size_t i = 0; i < WORD_COUNT; i++) {
        const VocabularyRow *child = vocabulary_row((WordId)i);
        if (child->word[0] == '\0' || child->scopes == IN_ANY || !vocabulary_allows(child, scope))
            continue;
        buffer_add_format(out, "%s%s%s%s", first ? "" : ", ", quote, child->word, quote);
        first = false;
    }
    if (first)
        buffer_add_c(out, "a name and a value on each line");
}

static const char *cardinality_text(Cardinality cardinality)
{
    switch (cardinality) {
    case CARDINALITY_ONE: return "once; a later layer overrides";
    case CARDINALITY_KEYED: return "any number, told apart by the first argument; the same one merges";
    case CARDINALITY_EACH: return "any number; every layer adds its own";
    case CARDINALITY_LIST: return "any number; a layer that says any replaces all of the layers before";
    }
    return "";
}

void manual_write_row(Buffer *out, Arena *arena, const VocabularyRow *row)
{
    TextArray members = {0};
    manual_list_members(arena, row, &members);
    buffer_add_format(out, "%.*s\n  %s\n", TEXT_ARG(manual_row_form(arena, row)), row->help);
    for (size_t i = 0; i < ARGUMENTS_MAX && row->arguments[i].name; i++)
        write_argument(out, arena, &row->arguments[i], "    ");
    buffer_add_c(out, "  stands in: ");
    write_scopes(out, row);
    buffer_add_format(out, "\n  how often: %s\n", cardinality_text(row->cardinality));
    if (row->body < SCOPE_COUNT) {
        buffer_add_c(out, "  its body: ");
        write_body_words(out, row->body, "");
        buffer_add_byte(out, '\n');
    }
    for (size_t i = 0; i < members.count; i++)
        buffer_add_format(out, "  %s %.*s\n", i ? "         " : "sets in AWS:", TEXT_ARG(members.items[i]));
    buffer_add_format(out, "  example: %s\n", row->example);
}

/* --- Markdown --- */

static void write_row_markdown(Buffer *out, Arena *arena, const VocabularyRow *row)
{
    TextArray members = {0};
    manual_list_members(arena, row, &members);
    buffer_add_format(out, "### `%.*s`\n\n%s.\n\n", TEXT_ARG(manual_row_form(arena, row)), row->help);
    for (size_t i = 0; i < ARGUMENTS_MAX && row->arguments[i].name; i++)
        write_argument(out, arena, &row->arguments[i], "- ");
    buffer_add_c(out, "- stands in: ");
    write_scopes(out, row);
    buffer_add_format(out, "\n- how often: %s\n", cardinality_text(row->cardinality));
    if (row->body < SCOPE_COUNT) {
        buffer_add_c(out, "- its body: ");
        write_body_words(out, row->body, "`");
        buffer_add_byte(out, '\n');
    }
    for (size_t i = 0; i < members.count; i++)
        buffer_add_format(out, "%s`%.*s`%s", i ? ", " : "- sets in AWS: ", TEXT_ARG(members.items[i]), i + 1 == members.count ? "\n" : "");
    buffer_add_format(out, "\n```\n%s\n```\n\n", row->example);
}

/* A row is shown under the first body in which it may stand. */
static int first_scope(const VocabularyRow *row)
{
    for (int scope = 0; scope < SCOPE_COUNT; scope++)
        if (row->scopes != IN_ANY && vocabulary_allows(row, (Scope)scope))
            return scope;
    return -1;
}

void manual_write_markdown(Buffer *out, Arena *arena)
{
    buffer_add_c(out, "# Reference\n\nEvery word of the language, from the vocabulary table. Made by `svc help --markdown`; SPEC.md explains the notions.\n\n"
                      "## Anywhere\n\n");
    for (int scope = -1; scope < SCOPE_COUNT; scope++) {
        bool titled = scope < 0;
        for (size_t i = 0; i < WORD_COUNT; i++) {
            const VocabularyRow *row = vocabulary_row((WordId)i);
            if (first_scope(row) != scope)
                continue;
            if (!titled)
                buffer_add_format(out, "## In %s\n\n", vocabulary_scope_label((Scope)scope));
            titled = true;
            write_row_markdown(out, arena, row);
        }
    }
    out->length -= out->length > 0; /* one newline at the end, not two */
}

/* --- JSON --- */

static void write_texts(Buffer *out, const TextArray *texts)
{
    buffer_add_byte(out, '[');
    for (size_t i = 0; i < texts->count; i++) {
        buffer_add_c(out, i ? ", " : "");
        buffer_add_json_string(out, texts->items[i]);
    }
    buffer_add_byte(out, ']');
}

static void write_member(Buffer *out, const char *key, Text value)
{
    buffer_add_format(out, ", \"%s\": ", key);
    buffer_add_json_string(out, value);
}

static void write_row_json(Buffer *out, Arena *arena, const VocabularyRow *row)
{
    TextArray scopes = {0};
    TextArray members = {0};
    for (int scope = 0; scope < SCOPE_COUNT && row->scopes != IN_ANY; scope++)
        if (vocabulary_allows(row, (Scope)scope))
            ARRAY_PUSH(arena, &scopes, text_from_c(vocabulary_scope_label((Scope)scope)));
    manual_list_members(arena, row, &members);
    buffer_add_c(out, "  {\"word\": ");
    buffer_add_json_string(out, text_from_c(row->word));
    write_member(out, "form", manual_row_form(arena, row));
    write_member(out, "help", text_from_c(row->help));
    write_member(out, "example", text_from_c(row->example));
    buffer_add_c(out, ", \"scopes\": ");
    write_texts(out, &scopes);
    buffer_add_c(out, ", \"arguments\": [");
    for (size_t i = 0; i < ARGUMENTS_MAX && row->arguments[i].name; i++) {
        const Argument *argument = &row->arguments[i];
        buffer_add_c(out, i ? ", {\"name\": " : "{\"name\": ");
        buffer_add_json_string(out, text_from_c(argument->name));
        write_member(out, "meaning", argument_meaning(arena, argument));
        if (argument->limits)
            write_member(out, "limits", text_from_c(argument->limits));
        buffer_add_format(out, ", \"optional\": %s, \"many\": %s}", argument->is_optional ? "true" : "false", argument->is_many ? "true" : "false");
    }
    buffer_add_c(out, "], \"aws\": ");
    write_texts(out, &members);
    buffer_add_byte(out, '}');
}

void manual_write_json(Buffer *out, Arena *arena)
{
    buffer_add_c(out, "{\"format_version\": 1, \"words\": [\n");
    for (size_t i = 0; i < WORD_COUNT; i++) {
        buffer_add_c(out, i ? ",\n" : "");
        write_row_json(out, arena, vocabulary_row((WordId)i));
    }
    buffer_add_c(out, "\n]}\n");
}
