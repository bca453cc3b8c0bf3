/* Types: built-in ones, refined ones, and the check of a value against a type (SPEC.md, "Types", "Refined types"). */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "compiler/context.h"

#include "base/memory.h"
#include "base/pattern_form.h"
#include "document/arn.h"

#include <pcre2.h>

enum { MATCH_LIMIT = 100000, MATCH_DEPTH_LIMIT = 1000, MATCH_HEAP_KIB = 1024, PATTERN_MATCHED_MAX = 128 };

/* PCRE2 compiles what the form does not tell, when it is first asked. */
struct TextPattern {
    Text written;
    PatternForm form;
    pcre2_code *code;
    char matched[PATTERN_MATCHED_MAX]; /* the text that PCRE2 matched last: files of a project name the same region and certificate */
    size_t matched_length;
};

struct RefinedType {
    Text name;
    const Statement *statement;
    TypeKind base;
    TextPattern *pattern; /* NULL for none */
    Text says;
    const Value *min;
    const Value *max;
    const Value *choices;
    bool is_error;
    bool is_loading; /* for finding cycles */
};

static void *pattern_allocate(size_t size, void *arena)
{
    return arena_take(arena, size);
}

/* Patterns live in the compilation's arena and go with it. */
static void pattern_release(void *memory, void *arena)
{
    (void)memory;
    (void)arena;
}

static void prepare_patterns(Compilation *compilation)
{
    if (compilation->pattern_context)
        return;
    pcre2_general_context *general = pcre2_general_context_create(pattern_allocate, pattern_release, compilation->arena);
    pcre2_match_context *limits = pcre2_match_context_create(general);
    pcre2_match_data *match = pcre2_match_data_create(1, general);
    if (!general || !limits || !match)
        memory_exhausted();
    pcre2_set_match_limit(limits, MATCH_LIMIT);
    pcre2_set_depth_limit(limits, MATCH_DEPTH_LIMIT);
    pcre2_set_heap_limit(limits, MATCH_HEAP_KIB);
    compilation->pattern_context = general;
    compilation->pattern_limits = limits;
    compilation->pattern_match = match;
}

/* NULL with PCRE2's words for it, and where in the pattern, when it refuses the pattern. */
static pcre2_code *compile_code(Compilation *compilation, Text pattern, int *error, PCRE2_SIZE *offset)
{
    prepare_patterns(compilation);
    pcre2_compile_context *settings = pcre2_compile_context_create(compilation->pattern_context);
    if (!settings)
        memory_exhausted();
    uint32_t options = PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
    return pcre2_compile((PCRE2_SPTR)(pattern.ptr ? pattern.ptr : ""), pattern.len, options, error, offset, settings);
}

static TextPattern *read_pattern(Context *context, Text written, Span span)
{
    if (written.len > COMPILER_PATTERN_MAX) {
        Diagnostic *d = diagnostic_report(context->sink, CODE_BAD_PATTERN, span, "this pattern has %zu bytes; at most %d are allowed", written.len,
                                          COMPILER_PATTERN_MAX);
        diagnostic_set_advice(context->sink, d, "shorten the pattern");
        return NULL;
    }
    TextPattern *pattern = ARENA_NEW(context->arena, TextPattern);
    *pattern = (TextPattern){.written = written, .form = pattern_form_read(written)};
    if (pattern->form.count)
        return pattern;
    int error = 0;
    PCRE2_SIZE offset = 0;
    pattern->code = compile_code(context->compilation, written, &error, &offset);
    if (pattern->code)
        return pattern;
    PCRE2_UCHAR message[160];
    if (pcre2_get_error_message(error, message, sizeof message) < 0)
        message[0] = '\0';
    Diagnostic *d = diagnostic_report(context->sink, CODE_BAD_PATTERN, span, "this pattern cannot be read: %s", (const char *)message);
    diagnostic_set_label(context->sink, d, "at character %zu of the pattern", (size_t)offset + 1);
    return NULL;
}

static RefinedType *find_compiled(const RefinedTypeArray *types, const Statement *statement)
{
    for (size_t i = 0; i < types->count; i++)
        if (types->items[i]->statement == statement)
            return types->items[i];
    return NULL;
}

static const Value *child_value(Context *context, const Statement *statement, WordId word)
{
    const Statement *child = statement_child(statement, word);
    return child && child->arguments[0] ? evaluate(context, child->arguments[0]) : NULL;
}

/* A bound is a value of the base: 5 is no duration. */
static const Value *bound_value(Context *context, const RefinedType *type, WordId word)
{
    const Value *value = child_value(context, type->statement, word);
    return value && !type->is_error ? type_check(context, value, type_of_kind(type->base)) : value;
}

static void report_base(Context *context, RefinedType *type)
{
    Diagnostic *d = diagnostic_report(context->sink, CODE_UNKNOWN_TYPE, type->statement->arguments[1]->span, "the base of a type is a built-in type");
    diagnostic_set_label(context->sink, d, "this is declared by a `%s` itself", type->statement->row->word);
    diagnostic_set_advice(context->sink, d, "begin `%.*s` with a type such as string, and say here all that it asks for", TEXT_ARG(type->name));
    type->is_error = true;
}

/* What the declaration says beyond its name; all of it lives in context->arena. */
static void read_declaration(Context *context, RefinedType *type)
{
    const Statement *statement = type->statement;
    TypeRef base = {.kind = TYPE_STRING};
    if (!type_resolve(context, statement->arguments[1], &base))
        type->is_error = true;
    else if (base.refined)
        report_base(context, type);
    type->base = base.kind;
    const Value *pattern = child_value(context, statement, W_TYPE_PATTERN);
    if (pattern && pattern->kind == VALUE_STRING) {
        type->pattern = read_pattern(context, pattern->text, pattern->span);
        type->is_error = type->is_error || !type->pattern;
    }
    const Value *says = child_value(context, statement, W_TYPE_SAYS);
    type->says = says && says->kind == VALUE_STRING ? says->text : TEXT_NONE;
    type->min = bound_value(context, type, W_TYPE_MIN);
    type->max = bound_value(context, type, W_TYPE_MAX);
    type->choices = child_value(context, statement, W_TYPE_CHOICES);
}

/* The library's types are compiled once for all files. A file's own live as long as its model: the next file's statements may come to stand where
   these stood, and in another environment their bounds may be others. */
static const RefinedType *compile_type(Context *context, const Statement *statement)
{
    bool is_library = context->sink->sources->files.items[statement->span.file]->is_library;
    RefinedTypeArray *types = is_library ? &context->compilation->types : &context->types;
    RefinedType *type = find_compiled(types, statement);
    if (type && type->is_loading)
        report_base(context, type);
    if (type)
        return type;
    Arena *outer = context->arena;
    context->arena = is_library ? context->compilation->arena : outer;
    type = ARENA_NEW(context->arena, RefinedType);
    type->statement = statement;
    type->name = expression_word(context->arena, statement->arguments[0]);
    type->is_loading = true;
    ARRAY_PUSH(context->arena, types, type);
    read_declaration(context, type);
    type->is_loading = false;
    context->arena = outer;
    return type;
}

void type_check_declaration(Context *context, const Statement *statement)
{
    (void)compile_type(context, statement);
}

static const struct {
    const char *name;
    TypeKind kind;
} built_in_types[] = {
    {"string", TYPE_STRING},   {"bool", TYPE_BOOL}, {"integer", TYPE_INTEGER}, {"number", TYPE_NUMBER}, {"duration", TYPE_DURATION},
    {"size", TYPE_SIZE},       {"vcpu", TYPE_VCPU}, {"percent", TYPE_PERCENT}, {"rate", TYPE_RATE},     {"money", TYPE_MONEY},
    {"list", TYPE_LIST},       {"map", TYPE_MAP},   {"metric", TYPE_METRIC},
};

TypeRef type_of_kind(TypeKind kind)
{
    return (TypeRef){.kind = kind};
}

static bool find_built_in(Text name, TypeKind *out)
{
    for (size_t i = 0; i < sizeof built_in_types / sizeof *built_in_types; i++) {
        if (text_equal_c(name, built_in_types[i].name)) {
            *out = built_in_types[i].kind;
            return true;
        }
    }
    return false;
}

static void report_unknown_type(Context *context, Text name, Span span)
{
    Diagnostic *d = diagnostic_report(context->sink, CODE_UNKNOWN_TYPE, span, "there is no type `%.*s`", TEXT_ARG(name));
    Text best = context_suggest(context, W_TYPE, name);
    size_t limit = name.len / 2 + 1;
    size_t distance = best.len ? text_edit_distance(name, best, limit) : limit + 1;
    for (size_t i = 0; i < sizeof built_in_types / sizeof *built_in_types; i++) {
        Text candidate = text_from_c(built_in_types[i].name);
        size_t candidate_distance = text_edit_distance(name, candidate, limit);
        bool is_beginning = name.len >= 3 && text_starts_with(candidate, name);
        if (is_beginning || candidate_distance < distance) {
            distance = is_beginning ? 0 : candidate_distance;
            best = candidate;
        }
    }
    if (best.len && distance <= limit) {
        diagnostic_set_label(context->sink, d, "did you mean `%.*s`?", TEXT_ARG(best));
        diagnostic_set_fix(context->sink, d, false, span, best, "%.*s", TEXT_ARG(best));
    }
}

static bool resolve_call(Context *context, const Expression *expression, TypeRef *out)
{
    Text callee = expression->call.callee;
    const NamedExpressionArray *arguments = &expression->call.arguments;
    if (arguments->count != 1) {
        (void)diagnostic_report(context->sink, CODE_WRONG_CALL, expression->span, "a type takes one argument, such as list(string) or arn(sns)");
        return false;
    }
    TypeKind kind = TYPE_ANY;
    if (find_built_in(callee, &kind) && kind == TYPE_LIST) {
        TypeRef *element = ARENA_NEW(context->arena, TypeRef);
        if (!type_resolve(context, arguments->items[0].value, element))
            return false;
        *out = (TypeRef){.kind = TYPE_LIST, .element = element};
        return true;
    }
    const Declaration *declared = context_find(context, W_TYPE, callee);
    if (!declared) {
        report_unknown_type(context, callee, expression->call.callee_span);
        return false;
    }
    const RefinedType *refined = compile_type(context, declared->statement);
    *out = (TypeRef){.kind = refined->base, .refined = refined, .argument = expression_word(context->arena, arguments->items[0].value)};
    return !refined->is_error;
}

bool type_resolve(Context *context, const Expression *expression, TypeRef *out)
{
    *out = (TypeRef){.kind = TYPE_ANY, .is_error = true};
    if (!expression || expression->kind == EXPRESSION_ERROR)
        return false;
    if (expression->kind == EXPRESSION_CALL)
        return resolve_call(context, expression, out);
    Text name = expression_word(context->arena, expression);
    TypeKind kind = TYPE_ANY;
    const Declaration *declared = context_find(context, W_TYPE, name);
    if (declared && declared->statement->arguments[1]) {
        const RefinedType *refined = compile_type(context, declared->statement);
        *out = (TypeRef){.kind = refined->base, .refined = refined, .is_error = refined->is_error};
        return !refined->is_error;
    }
    if (find_built_in(name, &kind)) {
        *out = (TypeRef){.kind = kind};
        return true;
    }
    report_unknown_type(context, name, expression->span);
    return false;
}

TypeRef type_refined(Context *context, Text name, TypeKind fallback)
{
    const Declaration *declared = prelude_find(context->compilation, W_TYPE, name);
    if (!declared)
        return type_of_kind(fallback);
    const RefinedType *refined = compile_type(context, declared->statement);
    return (TypeRef){.kind = refined->base, .refined = refined, .is_error = refined->is_error};
}

static bool read_limits(Text limits, Quantity *low, Quantity *high)
{
    size_t dots = text_find(limits, TEXT(".."));
    Text bad_unit;
    return unit_parse_quantity(low, text_slice(limits, 0, dots), &bad_unit) == UNIT_OK &&
           unit_parse_quantity(high, text_slice(limits, dots + 2, limits.len), &bad_unit) == UNIT_OK;
}

/* The number with the unit that was most likely meant: the first one with which it is allowed here. */
static Text with_unit(Context *context, Text number, TypeKind wanted, Text limits)
{
    static const char *const units[TYPE_COUNT][3] = {
        [TYPE_DURATION] = {"s", "m", "ms"}, [TYPE_SIZE] = {" MiB", " GiB", " KiB"}, [TYPE_VCPU] = {" vcpu"}, [TYPE_PERCENT] = {"%"}};
    for (size_t i = 0; i < 3 && units[wanted][i]; i++) {
        Text text = arena_format(context->arena, "%.*s%s", TEXT_ARG(number), units[wanted][i]);
        Quantity low;
        Quantity high;
        Quantity quantity;
        Text bad_unit;
        bool is_limited = limits.len && read_limits(limits, &low, &high);
        bool is_read = unit_parse_quantity(&quantity, text, &bad_unit) == UNIT_OK;
        if (!is_limited || (is_read && rational_compare(quantity.value, low.value) >= 0 && rational_compare(quantity.value, high.value) <= 0))
            return text;
    }
    return TEXT_NONE;
}

static const Value *report_wrong_type(Context *context, const Value *value, TypeKind wanted, Text limits)
{
    bool is_number = value->kind == VALUE_QUANTITY && (value->type == TYPE_INTEGER || value->type == TYPE_NUMBER);
    bool wants_unit = wanted == TYPE_DURATION || wanted == TYPE_SIZE || wanted == TYPE_VCPU || wanted == TYPE_PERCENT;
    Text shown = value_to_text(context->arena, value);
    if (is_number && wants_unit) {
        Text fixed = with_unit(context, shown, wanted, limits);
        Diagnostic *d = diagnostic_report(context->sink, CODE_MISSING_UNIT, value->span, "%.*s has no unit", TEXT_ARG(shown));
        diagnostic_set_label(context->sink, d, "%s is expected, such as %s", type_label(wanted), type_example(wanted));
        if (fixed.len)
            diagnostic_set_fix(context->sink, d, false, value->span, fixed, "%.*s", TEXT_ARG(fixed));
        return value_error(context, value->span);
    }
    Diagnostic *d = diagnostic_report(context->sink, CODE_WRONG_TYPE, value->span, "%s is expected here, and this is %s", type_label(wanted),
                                      value_kind_label(value));
    if (wanted == TYPE_STRING && (value->kind == VALUE_QUANTITY || value->kind == VALUE_BOOL)) {
        Text source = sources_text(context->sink->sources, value->span);
        Text quoted = arena_format(context->arena, "\"%.*s\"", TEXT_ARG(source));
        diagnostic_set_label(context->sink, d, "text stands in quotes");
        diagnostic_set_fix(context->sink, d, true, value->span, quoted, "%.*s", TEXT_ARG(quoted));
    } else {
        if (wanted == TYPE_BOOL)
            diagnostic_set_label(context->sink, d, "write yes or no");
        else
            diagnostic_set_label(context->sink, d, "write %s, such as %s", type_label(wanted), type_example(wanted));
    }
    return value_error(context, value->span);
}

static const Value *report_pattern(Context *context, const Value *value, const RefinedType *type)
{
    Diagnostic *d = diagnostic_report(context->sink, CODE_PATTERN_MISMATCH, value->span, "%.*s is no %.*s", TEXT_ARG(value_to_text(context->arena, value)),
                                      TEXT_ARG(type->name));
    if (type->says.len)
        diagnostic_set_label(context->sink, d, "%.*s", TEXT_ARG(type->says));
    return value_error(context, value->span);
}

/* What PCRE2 says, or would say. Text from outside may be no UTF-8: that matches no pattern. */
static int match_pattern(Context *context, TextPattern *pattern, Text text)
{
    Compilation *compilation = context->compilation;
    int error = 0;
    PCRE2_SIZE offset = 0;
    if (pattern_form_accepts(&pattern->form, text))
        return 1;
    if (text.len && text_equal(text, (Text){pattern->matched, pattern->matched_length}))
        return 1;
    if (!pattern->code)
        pattern->code = compile_code(compilation, pattern->written, &error, &offset);
    int outcome = pcre2_match(pattern->code, (PCRE2_SPTR)(text.ptr ? text.ptr : ""), text.len, 0, 0, compilation->pattern_match, compilation->pattern_limits);
    bool is_no_text = outcome <= PCRE2_ERROR_UTF8_ERR1 && outcome >= PCRE2_ERROR_UTF8_ERR21;
    if (outcome >= 0 && text.len && text.len <= sizeof pattern->matched) {
        memcpy(pattern->matched, text.ptr, text.len);
        pattern->matched_length = text.len;
    }
    return is_no_text ? PCRE2_ERROR_NOMATCH : outcome;
}

TextPattern *type_pattern(Context *context, const Expression *expression)
{
    if (expression->kind == EXPRESSION_STRING) {
        const Value *pattern = evaluate(context, expression);
        return pattern->kind == VALUE_STRING ? read_pattern(context, pattern->text, expression->span) : NULL;
    }
    TypeRef type;
    if (!type_resolve(context, expression, &type))
        return NULL;
    if (type.refined && type.refined->pattern)
        return type.refined->pattern;
    Diagnostic *d = diagnostic_report(context->sink, CODE_WRONG_TYPE, expression->span, "this type has no pattern");
    diagnostic_set_label(context->sink, d, "a pattern in quotes, or a type that has one, belongs here");
    return NULL;
}

bool type_matches(Context *context, TextPattern *pattern, Text text, Span span)
{
    int outcome = match_pattern(context, pattern, text);
    if (outcome < 0 && outcome != PCRE2_ERROR_NOMATCH) {
        Diagnostic *d = diagnostic_report(context->sink, CODE_PATTERN_TOO_COSTLY, span, "looking for this pattern takes too long");
        diagnostic_set_advice(context->sink, d, "avoid repetition inside repetition, such as (a+)+");
    }
    return outcome >= 0;
}

/* The text with an account or region that is not known replaced by one, so that the rest of it can be judged. */
static Text with_samples(Context *context, Text text)
{
    static const struct {
        Text unknown;
        Text sample;
    } samples[] = {{{MODEL_UNKNOWN_ACCOUNT, sizeof MODEL_UNKNOWN_ACCOUNT - 1}, {"123456789012", 12}},
                   {{MODEL_UNKNOWN_REGION, sizeof MODEL_UNKNOWN_REGION - 1}, {"us-east-1", 9}}};
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        size_t at = text_find(text, samples[i].unknown);
        if (at < text.len)
            text = arena_format(context->arena, "%.*s%.*s%.*s", TEXT_ARG(text_slice(text, 0, at)), TEXT_ARG(samples[i].sample),
                                TEXT_ARG(text_slice(text, at + samples[i].unknown.len, text.len)));
    }
    return text;
}

static const Value *check_text(Context *context, const Value *value, TypeRef type)
{
    const RefinedType *refined = type.refined;
    Text text = with_samples(context, value->text);
    if (refined->pattern) {
        int outcome = match_pattern(context, refined->pattern, text);
        if (outcome == PCRE2_ERROR_NOMATCH)
            return report_pattern(context, value, refined);
        if (outcome < 0) {
            Diagnostic *d = diagnostic_report(context->sink, CODE_PATTERN_TOO_COSTLY, value->span,
                                              "checking this against the pattern of `%.*s` takes too long", TEXT_ARG(refined->name));
            diagnostic_add_label(context->sink, d, refined->statement->head_span, "the pattern is declared here");
            diagnostic_set_advice(context->sink, d, "avoid repetition inside repetition, such as (a+)+");
            return value_error(context, value->span);
        }
    }
    /* arn(sns): the service of the ARN must be this one. */
    if (type.argument.len && !text_equal(arn_part(value->text, ARN_SERVICE), type.argument)) {
        Diagnostic *d = diagnostic_report(context->sink, CODE_PATTERN_MISMATCH, value->span, "this is no ARN of %.*s", TEXT_ARG(type.argument));
        diagnostic_set_label(context->sink, d, "an ARN that begins with arn:aws:%.*s: is expected", TEXT_ARG(type.argument));
        return value_error(context, value->span);
    }
    return value;
}

static const Value *check_choices(Context *context, const Value *value, const RefinedType *refined)
{
    const Value *choices = refined->choices;
    if (!choices || choices->kind != VALUE_LIST)
        return value;
    for (size_t i = 0; i < choices->count; i++)
        if (value_equal(choices->items[i], value))
            return value;
    Diagnostic *d = diagnostic_report(context->sink, CODE_PATTERN_MISMATCH, value->span, "%.*s is no %.*s", TEXT_ARG(value_to_text(context->arena, value)),
                                      TEXT_ARG(refined->name));
    if (refined->says.len)
        diagnostic_set_label(context->sink, d, "%.*s", TEXT_ARG(refined->says));
    diagnostic_add_note(context->sink, d, "the choices are %.*s", TEXT_ARG(value_to_text(context->arena, choices)));
    return value_error(context, value->span);
}

static const Value *check_bounds(Context *context, const Value *value, const RefinedType *refined)
{
    const Value *bounds[] = {refined->min, refined->max};
    for (size_t i = 0; i < 2; i++) {
        if (!bounds[i] || bounds[i]->kind != VALUE_QUANTITY || value->kind != VALUE_QUANTITY)
            continue;
        int order = rational_compare(value->number, bounds[i]->number);
        if (i == 0 ? order >= 0 : order <= 0)
            continue;
        Diagnostic *d = diagnostic_report(context->sink, CODE_OUT_OF_LIMITS, value->span, "%.*s is %s than %.*s allows",
                                          TEXT_ARG(value_to_text(context->arena, value)), i == 0 ? "less" : "more", TEXT_ARG(refined->name));
        diagnostic_set_label(context->sink, d, "the %s is %.*s", i == 0 ? "least" : "most", TEXT_ARG(value_to_text(context->arena, bounds[i])));
        return value_error(context, value->span);
    }
    return value;
}

static bool kind_fits(const Value *value, TypeKind wanted)
{
    switch (wanted) {
    case TYPE_ANY: return true;
    case TYPE_STRING: return value->kind == VALUE_STRING || value->kind == VALUE_WORD;
    case TYPE_BOOL: return value->kind == VALUE_BOOL;
    case TYPE_NUMBER: return value->kind == VALUE_QUANTITY && (value->type == TYPE_NUMBER || value->type == TYPE_INTEGER);
    case TYPE_INTEGER:
    case TYPE_DURATION:
    case TYPE_SIZE:
    case TYPE_VCPU:
    case TYPE_PERCENT:
    case TYPE_RATE:
    case TYPE_MONEY: return value->kind == VALUE_QUANTITY && value->type == wanted;
    case TYPE_LIST: return value->kind == VALUE_LIST;
    case TYPE_MAP: return value->kind == VALUE_MAP;
    case TYPE_METRIC: return value->kind == VALUE_METRIC && value->type != TYPE_CONDITION;
    case TYPE_CONDITION: return value->kind == VALUE_METRIC && value->type == TYPE_CONDITION;
    case TYPE_COUNT: return false;
    }
    return false;
}

/* Whether an unknown of one type may stand for another. */
static bool unknown_fits(TypeKind known, TypeKind wanted)
{
    return known == TYPE_ANY || wanted == TYPE_ANY || known == wanted || (wanted == TYPE_NUMBER && known == TYPE_INTEGER);
}

static const Value *check_elements(Context *context, const Value *list, TypeRef type)
{
    if (!type.element)
        return list;
    bool failed = false;
    for (size_t i = 0; i < list->count; i++)
        failed = type_check(context, list->items[i], *type.element)->kind == VALUE_ERROR || failed;
    return failed ? value_error(context, list->span) : list;
}

const Value *type_check(Context *context, const Value *value, TypeRef type)
{
    return type_check_within(context, value, type, TEXT_NONE);
}

const Value *type_check_within(Context *context, const Value *value, TypeRef type, Text limits)
{
    if (value->kind == VALUE_ERROR || type.is_error)
        return value;
    if (value->kind == VALUE_UNKNOWN)
        return unknown_fits(value->type, type.kind) ? value : report_wrong_type(context, value, type.kind, limits);
    if (type.kind == TYPE_CONDITION && !kind_fits(value, type.kind)) {
        Diagnostic *d = diagnostic_report(context->sink, CODE_NOT_A_CONDITION, value->span, "this is no condition over metrics");
        diagnostic_set_label(context->sink, d, "compare a metric with a bound, such as `> 1%%`");
        return value_error(context, value->span);
    }
    if (!kind_fits(value, type.kind))
        return report_wrong_type(context, value, type.kind, limits);
    if (type.kind == TYPE_LIST)
        return check_elements(context, value, type);
    if (!type.refined)
        return value;
    if (value->kind == VALUE_STRING || value->kind == VALUE_WORD)
        value = check_text(context, value, type);
    if (value->kind != VALUE_ERROR)
        value = check_choices(context, value, type.refined);
    return value->kind == VALUE_ERROR ? value : check_bounds(context, value, type.refined);
}

/* Those of the vocabulary are read once. NULL when they are none. */
static const ReadLimits *find_limits(Compilation *compilation, const char *written)
{
    for (size_t i = 0; i < compilation->limits.count; i++)
        if (compilation->limits.items[i].written == written)
            return &compilation->limits.items[i];
    ReadLimits limits = {.written = written};
    if (!read_limits(text_from_c(written), &limits.low, &limits.high))
        return NULL;
    ARRAY_PUSH(compilation->arena, &compilation->limits, limits);
    return &compilation->limits.items[compilation->limits.count - 1];
}

const Value *type_check_limits(Context *context, const Value *value, const char *written)
{
    bool is_measured = written && (value->kind == VALUE_QUANTITY || value->kind == VALUE_RANGE);
    const ReadLimits *limits = is_measured ? find_limits(context->compilation, written) : NULL;
    if (!limits)
        return value;
    Quantity low = limits->low;
    Quantity high = limits->high;
    Rational least = value->kind == VALUE_RANGE ? value->low : value->number;
    Rational greatest = value->kind == VALUE_RANGE ? value->high : value->number;
    bool is_less = rational_compare(least, low.value) < 0;
    bool is_more = rational_compare(greatest, high.value) > 0;
    if (!is_less && !is_more)
        return value;
    Diagnostic *d = diagnostic_report(context->sink, CODE_OUT_OF_LIMITS, value->span, "%.*s is %s than what is allowed",
                                      TEXT_ARG(value_to_text(context->arena, value)), is_less ? "less" : "more");
    Text low_text = unit_format_quantity(context->arena, low);
    Text high_text = unit_format_quantity(context->arena, high);
    diagnostic_set_label(context->sink, d, "%.*s to %.*s is allowed", TEXT_ARG(low_text), TEXT_ARG(high_text));
    if (value->kind == VALUE_QUANTITY)
        diagnostic_set_fix(context->sink, d, false, value->span, is_less ? low_text : high_text, "%.*s", TEXT_ARG(is_less ? low_text : high_text));
    return value_error(context, value->span);
}

static const Value *read_list(Context *context, Text text, TypeRef type, Text *problem)
{
    Value *list = value_new(context, VALUE_LIST, TYPE_LIST, SPAN_NONE);
    size_t most = 1;
    for (size_t i = 0; i < text.len; i++)
        most += text.ptr[i] == ',';
    list->items = ARENA_NEW_ARRAY(context->arena, const Value *, most);
    TypeRef element = type.element ? *type.element : type_of_kind(TYPE_STRING);
    while (text.len) {
        size_t comma = text_find_byte(text, ',');
        const Value *item = type_read_text(context, text_trim(text_slice(text, 0, comma)), element, problem);
        if (!item)
            return NULL;
        list->items[list->count++] = item;
        text = text_slice(text, comma + 1, text.len);
    }
    return list;
}

const Value *type_read_text(Context *context, Text text, TypeRef type, Text *problem)
{
    if (type.kind == TYPE_STRING || type.kind == TYPE_ANY)
        return value_text(context, arena_copy_text(context->arena, text), SPAN_NONE);
    if (type.kind == TYPE_LIST)
        return read_list(context, text, type, problem);
    if (type.kind == TYPE_BOOL) {
        bool is_yes = text_equal_c(text, "yes") || text_equal_c(text, "true");
        if (!is_yes && !text_equal_c(text, "no") && !text_equal_c(text, "false")) {
            *problem = TEXT("yes or no is expected");
            return NULL;
        }
        Value *value = value_new(context, VALUE_BOOL, TYPE_BOOL, SPAN_NONE);
        value->boolean = is_yes;
        return value;
    }
    Quantity quantity;
    Text bad_unit;
    bool is_quantity = unit_parse_quantity(&quantity, text, &bad_unit) == UNIT_OK;
    bool fits = is_quantity && (quantity.type == type.kind || (type.kind == TYPE_NUMBER && quantity.type == TYPE_INTEGER));
    if (!fits) {
        *problem = arena_format(context->arena, "%s is expected, such as %s", type_label(type.kind), type_example(type.kind));
        return NULL;
    }
    return value_quantity(context, quantity, SPAN_NONE);
}
