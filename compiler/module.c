/* Modules: the standard library, and the files that a file uses (SPEC.md, "Modules"). */
#include "compiler/context.h"

#include "base/file.h"
#include "base/sha256.h"
#include "compiler/stdlib_data.h"

#define DEFAULTS_NAME "defaults"
static const char *const prelude_names[] = {"types", "metrics", "permissions", DEFAULTS_NAME};

static bool is_prelude(Text name)
{
    for (size_t i = 0; i < sizeof prelude_names / sizeof *prelude_names; i++)
        if (text_equal_c(name, prelude_names[i]))
            return true;
    return false;
}

static bool declares(WordId word)
{
    return word == W_TYPE || word == W_METRIC || word == W_PERMISSION || word == W_PROFILE || word == W_ENVIRONMENT || word == W_NETWORK ||
           word == W_TOPIC || word == W_LOAD_BALANCER || word == W_CLUSTER || word == W_PARAM || word == W_LET || word == W_GUARD;
}

/* Of a file that is given for its rules, only these and what they need hold elsewhere. */
static bool serves_rules(WordId word)
{
    return word == W_GUARD || word == W_TYPE || word == W_PARAM || word == W_LET;
}

void module_declare(Arena *arena, Diagnostics *sink, const Module *module, DeclarationTable *table, DeclarationArray *defaults)
{
    const StatementArray *statements = &module->tree.root->children;
    for (size_t i = 0; i < statements->count; i++) {
        const Statement *statement = statements->items[i];
        if (!statement->row || statement->has_error || (module->is_for_rules && !serves_rules(statement->row->id)))
            continue;
        Declaration declaration = {.word = statement->row->id, .key = statement_key(arena, statement), .statement = statement};
        if (statement->row->id == W_DEFAULT) {
            Declaration *copy = ARENA_NEW(arena, Declaration);
            *copy = declaration;
            ARRAY_PUSH(arena, defaults, copy);
        } else if (declares(statement->row->id)) {
            declaration_add(arena, sink, table, declaration);
        }
    }
}

static uint32_t add_library_source(Compilation *compilation, const StdlibFile *file)
{
    Text path = arena_format(compilation->arena, "std/%s.svc", file->name);
    return sources_add(compilation->arena, compilation->sink->sources, path, (Text){file->text, file->length}, true);
}

Module *module_load_library(Compilation *compilation, Text name)
{
    for (size_t i = 0; i < compilation->library.count; i++)
        if (text_equal(compilation->library.items[i]->name, name))
            return compilation->library.items[i];
    for (size_t i = 0; i < stdlib_file_count; i++) {
        if (!text_equal_c(name, stdlib_files[i].name))
            continue;
        Module *module = ARENA_NEW(compilation->arena, Module);
        module->name = text_from_c(stdlib_files[i].name); /* the name given lives only as long as the file that uses it */
        module->is_library = true;
        module->file = add_library_source(compilation, &stdlib_files[i]);
        module->tree = parser_parse_file(compilation->arena, compilation->sink, module->file);
        ARRAY_PUSH(compilation->arena, &compilation->library, module);
        return module;
    }
    return NULL;
}

/* Only `default` statements hold for every file: the rest of the prelude is read when something asks for it. */
void module_load_prelude(Compilation *compilation)
{
    for (size_t i = 0; i < stdlib_file_count; i++) {
        Text name = text_from_c(stdlib_files[i].name);
        if (!is_prelude(name))
            continue;
        if (text_equal_c(name, DEFAULTS_NAME)) {
            const Module *module = module_load_library(compilation, name);
            module_declare(compilation->arena, compilation->sink, module, &compilation->prelude, &compilation->defaults);
        } else {
            declaration_index_library(compilation, add_library_source(compilation, &stdlib_files[i]));
        }
    }
}

const char *compile_library_module_of(Compilation *compilation, WordId word, Text key)
{
    for (size_t i = 0; i < stdlib_file_count; i++) {
        Text name = text_from_c(stdlib_files[i].name);
        const Module *module = is_prelude(name) ? NULL : module_load_library(compilation, name);
        for (size_t j = 0; module && j < module->tree.root->children.count; j++) {
            const Statement *statement = module->tree.root->children.items[j];
            if (statement->row && statement->row->id == word && text_equal(statement_key(compilation->arena, statement), key))
                return stdlib_files[i].name;
        }
    }
    return NULL;
}

/* --- files --- */

static Text folder_of(Text path)
{
    size_t end = path.len;
    while (end > 0 && path.ptr[end - 1] != '/')
        end--;
    return text_slice(path, 0, end);
}

/* "a/b/../c.svc" as "a/c.svc", so that one file has one name. */
static Text plain_path(Arena *arena, Text folder, Text path)
{
    Text whole = path.len && path.ptr[0] == '/' ? path : arena_join(arena, folder, path);
    char *out = arena_allocate(arena, whole.len + 1);
    size_t length = 0;
    for (size_t i = 0; i < whole.len;) {
        Text rest = text_slice(whole, i, whole.len);
        size_t end = text_find_byte(rest, '/');
        Text part = text_slice(rest, 0, end);
        i += end + 1;
        bool last = end == rest.len;
        if (text_equal_c(part, "."))
            continue;
        size_t before = length;
        while (before > 1 && out[before - 2] != '/')
            before--;
        bool can_climb = length > 1 && !text_equal_c((Text){out + before - 1, length - before}, "..");
        if (text_equal_c(part, "..") && can_climb) {
            length = before - 1;
            continue;
        }
        for (size_t j = 0; j < part.len; j++)
            out[length++] = part.ptr[j];
        if (!last)
            out[length++] = '/';
    }
    return (Text){out, length};
}

static Module *find_module(Unit *unit, Text path)
{
    if (text_equal(unit->module->name, path))
        return unit->module;
    for (size_t i = 0; i < unit->modules.count; i++)
        if (text_equal(unit->modules.items[i]->name, path))
            return unit->modules.items[i];
    return NULL;
}

static void report_cycle(Diagnostics *sink, const Statement *use, Text path)
{
    Diagnostic *d = diagnostic_report(sink, CODE_MODULE_CYCLE, use->head_span, "%.*s uses itself, by way of this", TEXT_ARG(path));
    diagnostic_set_label(sink, d, "this closes the circle");
    diagnostic_set_advice(sink, d, "put what both need into a third file that uses neither");
}

static bool check_pin(Diagnostics *sink, const Statement *use, Text text)
{
    const Statement *pin = statement_child(use, W_USE_SHA256);
    Text wanted = pin ? expression_word(sink->arena, pin->arguments[0]) : TEXT_NONE;
    if (!pin || wanted.len == 0)
        return true;
    char digest[SHA256_HEX_LENGTH + 1];
    sha256_hex(digest, text);
    if (text_equal_c(wanted, digest))
        return true;
    Diagnostic *d = diagnostic_report(sink, CODE_MODULE_CHANGED, pin->arguments[0]->span, "the module is not what was pinned");
    diagnostic_set_label(sink, d, "its bytes have the digest %s", digest);
    diagnostic_set_advice(sink, d, "look at what changed in it, then pin the new digest");
    return false;
}

static void report_missing_file(Diagnostics *sink, const Statement *use, Text path, Text reason)
{
    Diagnostic *d = diagnostic_report(sink, CODE_MODULE_NOT_FOUND, use->arguments[0]->span, "cannot read the module %.*s: %.*s", TEXT_ARG(path),
                                      TEXT_ARG(reason));
    diagnostic_set_label(sink, d, "paths are relative to the file that says `use`");
}

static void report_missing_library(Diagnostics *sink, const Statement *use, Text name)
{
    Diagnostic *d = diagnostic_report(sink, CODE_MODULE_NOT_FOUND, use->arguments[0]->span, "the standard library has no module %.*s", TEXT_ARG(name));
    Text all = TEXT_NONE;
    for (size_t i = 0; i < stdlib_file_count; i++) {
        Text one = text_from_c(stdlib_files[i].name);
        if (text_edit_distance(name, one, 2) <= 2) {
            Text fixed = arena_format(sink->arena, "std.%.*s", TEXT_ARG(one));
            diagnostic_set_fix(sink, d, false, use->arguments[0]->span, fixed, "%.*s", TEXT_ARG(fixed));
        }
        if (!is_prelude(one))
            all = all.len ? arena_format(sink->arena, "%.*s, std.%.*s", TEXT_ARG(all), TEXT_ARG(one)) : arena_format(sink->arena, "std.%.*s", TEXT_ARG(one));
    }
    diagnostic_set_label(sink, d, "it has %.*s", TEXT_ARG(all));
    diagnostic_add_note(sink, d, "a file of your own stands in quotes: use \"common.svc\"");
}

/* Only declarations stand in a module: what is deployed stands in the file that svc is given. */
static void check_module_statements(Diagnostics *sink, const Module *module)
{
    for (size_t i = 0; i < module->tree.root->children.count; i++) {
        const Statement *statement = module->tree.root->children.items[i];
        if (!statement->row || statement->has_error)
            continue;
        WordId word = statement->row->id;
        bool owned = (word == W_LOAD_BALANCER || word == W_CLUSTER) && !statement_child(statement, W_EXISTING);
        if (word != W_SERVICE && !owned)
            continue;
        Diagnostic *d = diagnostic_report(sink, CODE_MODULE_STATEMENT, statement->head_span, "`%s` does not belong into a module", statement->row->word);
        diagnostic_set_label(sink, d, owned ? "every file that uses the module would create it" : "it would be deployed by every file that uses the module");
        diagnostic_set_advice(sink, d, owned ? "declare it in one file, and `existing` in the module" : "move it into a file of its own");
    }
}

static Module *add_file_module(Unit *unit, Text path, Text text)
{
    Module *module = ARENA_NEW(unit->arena, Module);
    module->name = path;
    module->file = sources_add(unit->arena, unit->compilation->sink->sources, path, text, false);
    module_load_uses(unit, module);
    check_module_statements(unit->compilation->sink, module);
    return module;
}

static Module *load_file_module(Unit *unit, const Statement *use, Text path, Text folder)
{
    Diagnostics *sink = unit->compilation->sink;
    if (text_find(path, TEXT("://")) < path.len) {
        Diagnostic *d = diagnostic_report(sink, CODE_MODULE_REMOTE, use->arguments[0]->span, "modules are not fetched from elsewhere");
        diagnostic_set_label(sink, d, "only files on this machine can be used");
        diagnostic_set_advice(sink, d, "copy the file beside yours and pin it with sha256");
        return NULL;
    }
    Text whole = plain_path(unit->arena, folder, path);
    Module *known = find_module(unit, whole);
    if (known) {
        if (known->is_loading)
            report_cycle(sink, use, path);
        return known;
    }
    Text text;
    Text reason;
    if (!file_read(unit->arena, whole, PARSER_BYTES_MAX, &text, &reason)) {
        report_missing_file(sink, use, whole, reason);
        return NULL;
    }
    if (!check_pin(sink, use, text))
        return NULL;
    return add_file_module(unit, whole, text);
}

/* Parses a module, and before it those that it uses; each is listed once, after what it uses. */
void module_load_uses(Unit *unit, Module *module)
{
    Diagnostics *sink = unit->compilation->sink;
    module->is_loading = true;
    module->tree = parser_parse_file(unit->arena, sink, module->file);
    if (module != unit->module)
        ARRAY_PUSH(unit->arena, &unit->modules, module); /* found by name while it loads; moved behind its own below */
    size_t place = unit->modules.count;
    for (size_t i = 0; i < module->tree.root->children.count; i++) {
        const Statement *use = module->tree.root->children.items[i];
        if (!use->row || use->row->id != W_USE || use->has_error || !use->arguments[0])
            continue;
        Text name = expression_word(unit->arena, use->arguments[0]);
        bool from_library = use->arguments[0]->kind == EXPRESSION_PATH && text_starts_with(name, TEXT("std."));
        if (!from_library && use->arguments[0]->kind == EXPRESSION_PATH) {
            report_missing_library(sink, use, name);
            continue;
        }
        if (from_library) {
            Text short_name = text_slice(name, 4, name.len);
            Module *library = module_load_library(unit->compilation, short_name);
            if (!library)
                report_missing_library(sink, use, short_name);
            else if (!is_prelude(short_name) && !find_module(unit, library->name))
                ARRAY_PUSH(unit->arena, &unit->modules, library);
            continue;
        }
        (void)load_file_module(unit, use, name, folder_of(module->name));
    }
    if (module != unit->module && place < unit->modules.count) {
        /* What it uses came after it: move it to the end, so that declarations are read before their users. */
        for (size_t i = place - 1; i + 1 < unit->modules.count; i++)
            unit->modules.items[i] = unit->modules.items[i + 1];
        unit->modules.items[unit->modules.count - 1] = module;
    }
    module->is_loading = false;
}

/* --- files of rules --- */

void module_load_rules(Compilation *compilation)
{
    Arena *arena = compilation->arena;
    Unit *unit = ARENA_NEW(arena, Unit);
    *unit = (Unit){.compilation = compilation, .arena = arena, .module = ARENA_NEW(arena, Module)};
    for (size_t i = 0; i < compilation->options.rule_file_count; i++) {
        Text path = plain_path(arena, TEXT_NONE, compilation->options.rule_files[i]);
        Text text;
        Text reason;
        if (find_module(unit, path))
            continue;
        if (file_read(arena, path, PARSER_BYTES_MAX, &text, &reason))
            (void)add_file_module(unit, path, text);
        else
            (void)diagnostic_report(compilation->sink, CODE_CANNOT_READ, SPAN_NONE, "cannot read the rules %.*s: %.*s", TEXT_ARG(path), TEXT_ARG(reason));
    }
    for (size_t i = 0; i < unit->modules.count; i++)
        unit->modules.items[i]->is_for_rules = !unit->modules.items[i]->is_library;
    compilation->rules = unit;
}

/* One file may be reached by two paths: what it says is the same. */
static bool has_same_text(const Unit *unit, const Module *rules)
{
    const Sources *sources = unit->compilation->sink->sources;
    Text text = sources->files.items[rules->file]->text;
    for (size_t i = 0; i <= unit->modules.count; i++) {
        const Module *module = i < unit->modules.count ? unit->modules.items[i] : unit->module;
        if (module == rules || text_equal(sources->files.items[module->file]->text, text))
            return true;
    }
    return false;
}

void module_add_rules(Unit *unit)
{
    const Unit *rules = unit->compilation->rules;
    for (size_t i = 0; rules && i < rules->modules.count; i++)
        if (rules->modules.items[i]->is_for_rules && !has_same_text(unit, rules->modules.items[i]))
            ARRAY_PUSH(unit->arena, &unit->modules, rules->modules.items[i]);
}
