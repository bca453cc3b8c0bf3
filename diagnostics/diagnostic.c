#include "diagnostics/diagnostic.h"

#include "base/file.h"

#include <stdlib.h>
#include <string.h>

static const DiagnosticPage pages[CODE_COUNT] = {
#define DIAGNOSTIC(number, name, severity_, title_, why_, wrong_, right_, source_) \
    [CODE_##name] = {.code = "SVC" #number, .severity = SEVERITY_##severity_, .title = title_, .why = why_, .wrong = wrong_, .right = right_, .source = source_},
#include "diagnostics/codes.def"
#undef DIAGNOSTIC
};

/* A number that two codes have does not compile: a member twice. */
union CodesAreUnique {
#define DIAGNOSTIC(number, name, severity, title, why, wrong, right, source) char code_##number;
#include "diagnostics/codes.def"
#undef DIAGNOSTIC
};

const DiagnosticPage *diagnostic_page(DiagnosticCode code)
{
    return &pages[code];
}

bool diagnostic_find_code(DiagnosticCode *out, Text text)
{
    Text prefix = TEXT("SVC");
    size_t start = 0;
    while (start < prefix.len && start < text.len && (text.ptr[start] & ~0x20) == prefix.ptr[start])
        start++;
    if (start != 0 && start != prefix.len)
        return false;
    unsigned long number = 0;
    for (size_t i = start; i < text.len; i++) {
        if (!byte_is_digit(text.ptr[i]) || number > 9999)
            return false;
        number = number * 10 + (unsigned long)(text.ptr[i] - '0');
    }
    for (int code = 0; start < text.len && code < CODE_COUNT; code++) {
        if (strtoul(pages[code].code + prefix.len, NULL, 10) == number) {
            *out = (DiagnosticCode)code;
            return true;
        }
    }
    return false;
}

#ifdef SVC_TEST_HOOKS
/* The tests take one rule out, to see that its cases fail without it. */
static bool is_muted(DiagnosticCode code)
{
    const char *muted = getenv("SVC_TEST_MUTE");
    return muted && strcmp(muted, pages[code].code) == 0;
}
#else
#define is_muted(code) ((void)(code), false)
#endif

static uint32_t hash_place(const Diagnostic *diagnostic)
{
    uint32_t parts[] = {(uint32_t)diagnostic->code, diagnostic->primary.span.file, diagnostic->primary.span.start, diagnostic->primary.span.end,
                        diagnostic->user.file, diagnostic->user.start};
    uint32_t hash = text_hash((Text){(const char *)parts, sizeof parts});
    return hash ^ text_hash(diagnostic->environment) ^ (diagnostic->rule.len ? text_hash(diagnostic->rule) * 31u : 0);
}

static bool is_same_user(const Diagnostic *a, const Diagnostic *b)
{
    return a->user.file == b->user.file && a->user.start == b->user.start;
}

static bool is_same_place(const Diagnostic *a, const Diagnostic *b)
{
    return a->code == b->code && a->primary.span.file == b->primary.span.file && a->primary.span.start == b->primary.span.start &&
           a->primary.span.end == b->primary.span.end && text_equal(a->environment, b->environment) && text_equal(a->rule, b->rule) && is_same_user(a, b) &&
           ((!span_is_none(a->primary.span) && a->rule.len == 0) || text_equal(a->message, b->message));
}

/* The slot of the table in which the diagnostic stands or belongs. */
static Diagnostic **find_slot(Diagnostic **slots, size_t capacity, const Diagnostic *diagnostic)
{
    size_t at = hash_place(diagnostic) & (capacity - 1);
    while (slots[at] && !is_same_place(slots[at], diagnostic))
        at = (at + 1) & (capacity - 1);
    return &slots[at];
}

static Diagnostic **find_place(const Diagnostics *sink, Span span)
{
    uint32_t parts[] = {span.file, span.start, span.end};
    return &sink->places[text_hash((Text){(const char *)parts, sizeof parts}) & (sink->slot_capacity - 1)];
}

static void add_place(Diagnostics *sink, Diagnostic *diagnostic)
{
    Diagnostic **first = find_place(sink, diagnostic->primary.span);
    diagnostic->before = *first;
    *first = diagnostic;
}

bool diagnostics_has_error_at(const Diagnostics *sink, Span span)
{
    for (const Diagnostic *item = sink->slot_capacity ? *find_place(sink, span) : NULL; item; item = item->before) {
        Span other = item->primary.span;
        if (item->severity == SEVERITY_ERROR && other.file == span.file && other.start == span.start && other.end == span.end)
            return true;
    }
    return false;
}

static void fill_slots(Diagnostics *sink)
{
    for (size_t i = 0; i < sink->items.count; i++) {
        *find_slot(sink->slots, sink->slot_capacity, sink->items.items[i]) = sink->items.items[i];
        add_place(sink, sink->items.items[i]);
    }
    sink->slot_count = sink->items.count;
}

static void grow_slots(Diagnostics *sink)
{
    sink->slot_capacity = sink->slot_capacity ? sink->slot_capacity * 2 : 64;
    sink->slots = ARENA_NEW_ARRAY(sink->arena, Diagnostic *, sink->slot_capacity);
    sink->places = ARENA_NEW_ARRAY(sink->arena, Diagnostic *, sink->slot_capacity);
    fill_slots(sink);
}

void diagnostic_mark_secret(Diagnostic *diagnostic)
{
    diagnostic->is_secret = true;
}

void diagnostics_keep_first(Diagnostics *sink, size_t count)
{
    sink->items.count = count;
    for (size_t i = 0; i < sink->slot_capacity; i++) {
        sink->slots[i] = NULL;
        sink->places[i] = NULL;
    }
    fill_slots(sink);
}

__attribute__((format(printf, 5, 0)))
static Diagnostic *report_list(Diagnostics *sink, DiagnosticCode code, Severity severity, Span span, const char *format, va_list list)
    __attribute__((format(printf, 5, 0)));
static Diagnostic *report_list(Diagnostics *sink, DiagnosticCode code, Severity severity, Span span, const char *format, va_list list)
{
    Diagnostic *made = ARENA_NEW(sink->arena, Diagnostic);
    *made = (Diagnostic){.code = code, .severity = severity, .primary = {.span = span}, .environment = sink->environment, .rule = sink->rule};
    bool is_elsewhere = sink->user && !span_is_none(span) && span.file != sink->user->file;
    made->user = is_elsewhere ? *sink->user : SPAN_NONE;
    if (is_elsewhere)
        diagnostic_add_label(sink, made, made->user, "in use here");
    made->message = arena_format_list(sink->arena, format, list);
    if (is_muted(code))
        return made;
    if ((sink->slot_count + 1) * 2 > sink->slot_capacity)
        grow_slots(sink);
    Diagnostic **slot = find_slot(sink->slots, sink->slot_capacity, made);
    /* What is recorded already stays as it is: the labels and fixes of the repeat go nowhere. */
    if (*slot)
        return made;
    *slot = made;
    sink->slot_count++;
    add_place(sink, made);
    ARRAY_PUSH(sink->arena, &sink->items, made);
    sink->error_count += made->severity == SEVERITY_ERROR;
    return made;
}

Diagnostic *diagnostic_report(Diagnostics *sink, DiagnosticCode code, Span span, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    Diagnostic *made = report_list(sink, code, pages[code].severity, span, format, list);
    va_end(list);
    return made;
}

Diagnostic *diagnostic_report_as(Diagnostics *sink, DiagnosticCode code, Severity severity, Span span, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    Diagnostic *made = report_list(sink, code, severity, span, format, list);
    va_end(list);
    return made;
}

void diagnostic_set_label(Diagnostics *sink, Diagnostic *diagnostic, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    diagnostic->primary.text = arena_format_list(sink->arena, format, list);
    va_end(list);
}

void diagnostic_add_label(Diagnostics *sink, Diagnostic *diagnostic, Span span, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    Label label = {span, arena_format_list(sink->arena, format, list)};
    va_end(list);
    if (!span_is_none(span))
        ARRAY_PUSH(sink->arena, &diagnostic->labels, label);
}

void diagnostic_add_note(Diagnostics *sink, Diagnostic *diagnostic, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    Text note = arena_format_list(sink->arena, format, list);
    va_end(list);
    ARRAY_PUSH(sink->arena, &diagnostic->notes, note);
}

void diagnostic_set_fix(Diagnostics *sink, Diagnostic *diagnostic, bool is_safe, Span span, Text replacement, const char *format, ...)
{
    Fix *fix = ARENA_NEW(sink->arena, Fix);
    va_list list;
    va_start(list, format);
    Text description = arena_format_list(sink->arena, format, list);
    va_end(list);
    Text copy = arena_copy_text(sink->arena, replacement);
    *fix = (Fix){.span = span, .replacement = copy, .description = description.len ? description : copy, .is_safe = is_safe};
    diagnostic->fix = fix;
}

void diagnostic_set_advice(Diagnostics *sink, Diagnostic *diagnostic, const char *format, ...)
{
    Fix *fix = ARENA_NEW(sink->arena, Fix);
    va_list list;
    va_start(list, format);
    *fix = (Fix){.span = SPAN_NONE, .description = arena_format_list(sink->arena, format, list)};
    va_end(list);
    diagnostic->fix = fix;
}

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* Everything that is shown takes part, so that the order never depends on the order of discovery. */
static int compare_diagnostics(const void *left, const void *right)
{
    const Diagnostic *a = *(Diagnostic *const *)left;
    const Diagnostic *b = *(Diagnostic *const *)right;
    int order = compare_numbers(a->primary.span.file, b->primary.span.file);
    if (!order)
        order = compare_numbers(a->primary.span.start, b->primary.span.start);
    if (!order)
        order = strcmp(pages[a->code].code, pages[b->code].code);
    if (!order)
        order = compare_numbers(a->primary.span.end, b->primary.span.end);
    if (!order)
        order = text_compare(a->message, b->message);
    if (!order)
        order = compare_numbers(a->user.file, b->user.file);
    if (!order)
        order = compare_numbers(a->user.start, b->user.start);
    return order ? order : text_compare(a->environment, b->environment);
}

void diagnostics_sort(Diagnostics *sink)
{
    if (sink->items.count == 0)
        return;
    qsort(sink->items.items, sink->items.count, sizeof *sink->items.items, compare_diagnostics);
    size_t kept = 1;
    for (size_t i = 1; i < sink->items.count; i++) {
        Diagnostic *before = sink->items.items[kept - 1];
        Diagnostic *item = sink->items.items[i];
        bool is_repeat = before->code == item->code && before->primary.span.file == item->primary.span.file &&
                         before->primary.span.start == item->primary.span.start && before->primary.span.end == item->primary.span.end &&
                         text_equal(before->message, item->message) && is_same_user(before, item);
        if (!is_repeat) {
            sink->items.items[kept++] = item;
            continue;
        }
        sink->error_count -= item->severity == SEVERITY_ERROR;
        before->environment = TEXT_NONE; /* found in more than one: no longer special to it */
    }
    sink->items.count = kept;
}

size_t diagnostics_count(const Diagnostics *sink, Severity severity)
{
    size_t count = 0;
    for (size_t i = 0; i < sink->items.count; i++)
        count += sink->items.items[i]->severity == severity;
    return count;
}

bool diagnostic_read_file(Arena *arena, Diagnostics *sink, Text path, size_t limit, Text *out)
{
    Text reason;
    if (file_read(arena, path, limit, out, &reason))
        return true;
    Diagnostic *diagnostic = diagnostic_report(sink, CODE_CANNOT_READ, SPAN_NONE, "cannot read %.*s: %.*s", TEXT_ARG(path), TEXT_ARG(reason));
    diagnostic_set_advice(sink, diagnostic, "check the path and its permissions");
    return false;
}
