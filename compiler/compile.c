/* The compiler's driver: one file, one environment, one model. */
#include "compiler/compile.h"

#include "base/utf8.h"
#include "compiler/context.h"
#include "schema/partition.h"

Compilation *compilation_create(Arena *arena, Diagnostics *sink, const CompileOptions *options)
{
    Compilation *compilation = ARENA_NEW(arena, Compilation);
    compilation->arena = arena;
    compilation->sink = sink;
    compilation->options = *options;
    compilation->is_declared = ARENA_NEW_ARRAY(arena, bool, options->parameter_count);
    module_load_prelude(compilation);
    if (options->rule_file_count)
        module_load_rules(compilation);
    return compilation;
}

void unit_declare(Unit *unit)
{
    Diagnostics *sink = unit->compilation->sink;
    for (size_t i = 0; i < unit->modules.count; i++)
        module_declare(unit->arena, sink, unit->modules.items[i], &unit->table, &unit->defaults);
    module_declare(unit->arena, sink, unit->module, &unit->table, &unit->defaults);
    const Diagnostic *past_limit = NULL;
    for (size_t m = 0; m <= unit->modules.count; m++) {
        const Module *module = m < unit->modules.count ? unit->modules.items[m] : unit->module;
        for (size_t i = 0; i < module->tree.root->children.count && !module->is_for_rules; i++) {
            const Statement *statement = module->tree.root->children.items[i];
            if (!statement->row || statement->row->id != W_ENVIRONMENT || statement->has_error)
                continue;
            if (unit->environments.count < COMPILER_ENVIRONMENTS_MAX)
                ARRAY_PUSH(unit->arena, &unit->environments, statement_key(unit->arena, statement));
            else if (!past_limit)
                past_limit = diagnostic_report(sink, CODE_EXPANSION_LIMIT, statement->head_span, "a file has at most %d environments", COMPILER_ENVIRONMENTS_MAX);
        }
    }
}

Unit *compile_load(Compilation *compilation, Arena *arena, uint32_t file)
{
    Unit *unit = ARENA_NEW(arena, Unit);
    unit->compilation = compilation;
    unit->arena = arena;
    unit->module = ARENA_NEW(arena, Module);
    unit->module->file = file;
    unit->module->name = sources_path(compilation->sink->sources, file);
    module_load_uses(unit, unit->module);
    module_add_rules(unit);
    unit_declare(unit);
    return unit;
}

const TextArray *unit_environments(const Unit *unit)
{
    return &unit->environments;
}

const Tree *unit_tree(const Unit *unit)
{
    return &unit->module->tree;
}

/* Otherwise the file is a module. */
static bool has_services(const Unit *unit)
{
    for (size_t i = 0; i < unit->module->tree.root->children.count; i++) {
        const Statement *statement = unit->module->tree.root->children.items[i];
        if (statement->row && statement->row->id == W_SERVICE)
            return true;
    }
    return false;
}

/* --- built-in names, parameters, file-level values --- */

static void bind_text(Context *context, Text name, Text value)
{
    context_bind(context, name, value_text(context, value, SPAN_NONE));
}

/* Account and region are needed before anything else is evaluated; the environment's node is made again with the others. */
static bool read_environment(Context *context, Text name)
{
    Environment *environment = &context->model->environment;
    environment->name = name;
    const Declaration *declared = name.len ? declaration_find(&context->unit->table, W_ENVIRONMENT, name) : NULL;
    bool must_exist = name.len > 0;
    if (must_exist && !declared && !context->unit->is_test)
        return false;
    bind_text(context, TEXT("env"), name);
    if (declared) {
        const Statement *account = statement_child(declared->statement, W_ACCOUNT);
        const Statement *region = statement_child(declared->statement, W_REGION);
        environment->account = account ? expression_word(context->arena, account->arguments[0]) : TEXT_NONE;
        environment->region = region ? expression_word(context->arena, region->arguments[0]) : TEXT_NONE;
    }
    context->model->partition = partition_of_region(environment->region)->name;
    bind_text(context, TEXT("account"), environment->account.len ? environment->account : TEXT(MODEL_UNKNOWN_ACCOUNT));
    bind_text(context, TEXT("region"), environment->region.len ? environment->region : TEXT(MODEL_UNKNOWN_REGION));
    bind_text(context, TEXT("partition"), context->model->partition);
    return true;
}

static const GivenParameter *find_given(const CompileOptions *options, Text name)
{
    for (size_t i = options->parameter_count; i > 0; i--)
        if (text_equal(options->parameters[i - 1].name, name))
            return &options->parameters[i - 1];
    return NULL;
}

/* Text of any length may be given: only what fits on a line is repeated. */
static void report_unfit(Context *context, const Statement *param, const GivenParameter *given, Text problem)
{
    enum { SHOWN_MAX = 100 };
    bool is_shown = given->value.len <= SHOWN_MAX;
    Text shown = is_shown ? arena_format(context->arena, "`%.*s`, which %.*s", TEXT_ARG(given->value), TEXT_ARG(given->origin))
                          : arena_format(context->arena, "what %.*s", TEXT_ARG(given->origin));
    Diagnostic *d = diagnostic_report(context->sink, CODE_PARAMETER_INVALID, param->head_span, "%.*s gives to `%.*s`%s does not fit", TEXT_ARG(shown),
                                      TEXT_ARG(given->name), is_shown ? "," : "");
    diagnostic_set_label(context->sink, d, "%.*s", TEXT_ARG(problem));
}

static const Value *given_value(Context *context, const Statement *param, const GivenParameter *given, TypeRef type)
{
    Text problem = TEXT_NONE;
    const Value *value = NULL;
    if (utf8_find_invalid(given->value) < given->value.len)
        problem = TEXT("text in UTF-8 is expected");
    else if (given->value.len > COMPILER_STRING_MAX)
        problem = TEXT("at most 64 KiB are expected");
    else
        value = type_read_text(context, given->value, type, &problem);
    if (!value) {
        report_unfit(context, param, given, problem);
        return value_error(context, param->head_span);
    }
    Value *placed = ARENA_NEW(context->arena, Value);
    *placed = *value;
    placed->span = param->head_span;
    return type_check(context, placed, type);
}

static void bind_parameter(Context *context, const Statement *param)
{
    Text name = expression_word(context->arena, param->arguments[0]);
    TypeRef type;
    const Statement *fallback = statement_child(param, W_PARAM_DEFAULT);
    const GivenParameter *given = find_given(&context->compilation->options, name);
    if (!type_resolve(context, param->arguments[1], &type)) {
        context_bind(context, name, value_error(context, param->head_span));
    } else if (given) {
        context_bind(context, name, given_value(context, param, given, type));
    } else if (fallback && fallback->arguments[0]) {
        context_bind(context, name, type_check(context, evaluate(context, fallback->arguments[0]), type));
    } else if (context->compilation->options.allow_missing) {
        Value *unknown = value_new(context, VALUE_UNKNOWN, type.kind, param->head_span);
        unknown->text = name;
        context_bind(context, name, unknown);
    } else {
        Diagnostic *d = diagnostic_report(context->sink, CODE_PARAMETER_MISSING, param->head_span, "the parameter `%.*s` has no value", TEXT_ARG(name));
        diagnostic_set_label(context->sink, d, "it has no default");
        diagnostic_set_advice(context->sink, d, "add --set %.*s=VALUE", TEXT_ARG(name));
        context_bind(context, name, value_error(context, param->head_span));
    }
}

static void bind_module_values(Context *context, const Module *module)
{
    const StatementArray *statements = &module->tree.root->children;
    if (layer_is_past_limit(context, module->tree.root))
        return;
    for (size_t i = 0; i < statements->count; i++) {
        const Statement *statement = statements->items[i];
        bool is_value = statement->row && (statement->row->id == W_PARAM || statement->row->id == W_LET);
        if (is_value && statement->has_error && statement->arguments[0]) /* told already, so that its uses need not be */
            context_bind(context, expression_word(context->arena, statement->arguments[0]), value_error(context, statement->head_span));
        if (!statement->row || statement->has_error)
            continue;
        if (statement->row->id == W_PARAM)
            bind_parameter(context, statement);
        else if (statement->row->id == W_LET)
            context_bind(context, expression_word(context->arena, statement->arguments[0]), argument_evaluate(context, statement, 1));
    }
}

/* Which of the given parameters this file declares: one value may be for other files of the same run. */
static void note_declared(Context *context)
{
    Compilation *compilation = context->compilation;
    for (size_t i = 0; i < compilation->options.parameter_count; i++)
        if (declaration_find(&context->unit->table, W_PARAM, compilation->options.parameters[i].name))
            compilation->is_declared[i] = true;
    const DeclarationTable *table = &context->unit->table;
    for (size_t i = 0; i < table->capacity && compilation->options.parameter_count; i++)
        if (table->slots[i] && table->slots[i]->word == W_PARAM)
            ARRAY_PUSH(compilation->arena, &compilation->declared, arena_copy_text(compilation->arena, table->slots[i]->key));
}

bool compilation_check_parameters(Compilation *compilation)
{
    const CompileOptions *options = &compilation->options;
    bool good = true;
    for (size_t i = 0; i < options->parameter_count; i++) {
        const GivenParameter *given = &options->parameters[i];
        if (compilation->is_declared[i])
            continue;
        good = false;
        Diagnostic *d = diagnostic_report(compilation->sink, CODE_PARAMETER_UNKNOWN, SPAN_NONE, "no parameter is called `%.*s`, which %.*s gives",
                                          TEXT_ARG(given->name), TEXT_ARG(given->origin));
        Text best = TEXT_NONE;
        size_t best_distance = given->name.len / 3 + 2;
        for (size_t j = 0; j < compilation->declared.count; j++) {
            size_t distance = text_edit_distance(given->name, compilation->declared.items[j], best_distance);
            if (distance < best_distance) {
                best_distance = distance;
                best = compilation->declared.items[j];
            }
        }
        if (best.len)
            diagnostic_set_advice(compilation->sink, d, "did you mean `%.*s`?", TEXT_ARG(best));
    }
    return good;
}

/* --- the model --- */

static void prepare_context(Context *context, Unit *unit, Model *model)
{
    *context = (Context){.compilation = unit->compilation, .unit = unit, .arena = unit->arena, .sink = unit->compilation->sink, .model = model};
    model->path = unit->module->name;
}

static void bind_globals(Context *context)
{
    const Statement *project = statement_child(context->unit->module->tree.root, W_PROJECT);
    for (size_t i = 0; i < context->unit->modules.count && !project; i++)
        project = statement_child(context->unit->modules.items[i]->tree.root, W_PROJECT);
    context->model->project = project && !project->has_error ? expression_word(context->arena, project->arguments[0]) : TEXT_NONE;
    bind_text(context, TEXT("project"), context->model->project);
    if (!project && has_services(context->unit) && !context->unit->is_test) {
        Span first = context->unit->module->tree.root->children.items[0]->word_span;
        Diagnostic *d = diagnostic_report(context->sink, CODE_NO_PROJECT, first, "this file names no project");
        diagnostic_set_label(context->sink, d, "`project NAME` is missing before this");
        diagnostic_set_advice(context->sink, d, "begin the file with `project NAME`: it owns what the file creates");
    }
    for (size_t i = 0; i <= context->unit->modules.count; i++) {
        const Module *module = i < context->unit->modules.count ? context->unit->modules.items[i] : context->unit->module;
        bind_module_values(context, module);
        ARRAY_PUSH(context->arena, &context->module_bindings, context->bindings);
    }
    context->globals = context->bindings;
}

const Model *compile_model(Unit *unit, Text environment)
{
    Model *model = ARENA_NEW(unit->arena, Model);
    Context context;
    prepare_context(&context, unit, model);
    if (!read_environment(&context, environment))
        return NULL;
    note_declared(&context);
    bind_globals(&context);
    Node *root = ARENA_NEW(unit->arena, Node);
    root->span = unit->module->tree.root->span;
    model->file = root;
    for (size_t i = 0; i < unit->modules.count; i++) {
        const Module *module = unit->modules.items[i];
        if (module->is_for_rules)
            continue;
        layer_apply(&context, root, module->tree.root, layer_begin(&context, module->is_library ? LAYER_LIBRARY : LAYER_PROFILE, module->name));
    }
    LayerInfo own = layer_begin(&context, LAYER_SERVICE, TEXT_NONE);
    layer_apply(&context, root, unit->module->tree.root, own);
    for (size_t i = 0; i < unit->modules.count; i++)
        if (!unit->modules.items[i]->is_for_rules)
            layer_apply_environment(&context, root, unit->modules.items[i]->tree.root, own);
    layer_apply_environment(&context, root, unit->module->tree.root, own);
    model->is_cut_short = context.limit_reported;
    model->environment.node = environment.len ? node_keyed_child(root, W_ENVIRONMENT, environment) : NULL;
    model->environment.is_protected = node_flag(node_child(model->environment.node, W_PROTECT), false);
    Context *compiled = ARENA_NEW(unit->arena, Context);
    *compiled = context;
    unit->compiled = compiled;
    return model;
}

void compile_check_declarations(Unit *unit)
{
    Model *model = ARENA_NEW(unit->arena, Model);
    Context context;
    prepare_context(&context, unit, model);
    if (!read_environment(&context, unit->environments.count ? unit->environments.items[0] : TEXT_NONE))
        return;
    bind_globals(&context);
    for (size_t i = 0; i < unit->module->tree.root->children.count; i++) {
        const Statement *statement = unit->module->tree.root->children.items[i];
        if (!statement->row || statement->has_error)
            continue;
        if (statement->row->id == W_TYPE)
            type_check_declaration(&context, statement);
        else if (statement->row->id == W_METRIC)
            metric_check_declaration(&context, statement);
        else if (statement->row->id == W_PERMISSION)
            permission_check_declaration(&context, statement);
        else if (statement->row->id == W_PROFILE)
            profile_check_declaration(&context, statement);
    }
}
