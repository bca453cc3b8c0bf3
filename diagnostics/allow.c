#include "diagnostics/allow.h"

#include "diagnostics/firm.h"

#define NAMESPACE "svc"
#define DIRECTIVE "allow"

/* How statements nest in a language. */
typedef enum Nesting { NESTING_SVC, NESTING_JSON, NESTING_YAML } Nesting;

/* A comment on its way: the text that belongs to it from `at` on. */
typedef struct Reader {
    Diagnostics *sink;
    Text text;
    uint32_t file;
    size_t marker; /* where the comment begins */
    size_t at;
    size_t end;
} Reader;

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

static size_t skip_blanks(Text text, size_t at, size_t end)
{
    while (at < end && is_blank(text.ptr[at]))
        at++;
    return at;
}

/* A byte order mark is no part of the first line. */
static size_t text_start_of(Text text)
{
    Text mark = TEXT("\xef\xbb\xbf");
    return text_starts_with(text, mark) ? mark.len : 0;
}

static size_t line_start_of(Text text, size_t at)
{
    size_t first = text_start_of(text);
    while (at > first && text.ptr[at - 1] != '\n')
        at--;
    return at;
}

static size_t line_end_of(Text text, size_t at)
{
    return at + text_find_byte(text_slice(text, at, text.len), '\n');
}

/* --- what a comment on a line of its own is about --- */

static bool begins_comment(Text text, size_t at)
{
    return at < text.len && (text.ptr[at] == '#' || (text.ptr[at] == '/' && at + 1 < text.len && text.ptr[at + 1] == '/'));
}

/* The first character of the next line that has more than a comment, from the line that begins at `at`. */
static size_t find_statement(Text text, size_t at)
{
    while (at < text.len) {
        size_t first = skip_blanks(text, at, text.len);
        bool has_more = first < text.len && text.ptr[first] != '\n' && text.ptr[first] != '\r' && !begins_comment(text, first);
        if (has_more)
            return first;
        at = line_end_of(text, first) + 1;
    }
    return text.len;
}

static Nesting find_nesting(Text path, Text text)
{
    size_t first = find_statement(text, text_start_of(text));
    if (first < text.len && (text.ptr[first] == '{' || text.ptr[first] == '['))
        return NESTING_JSON;
    bool is_svc = text_ends_with(path, TEXT(".svc")) || text_starts_with(path, TEXT("<"));
    return is_svc ? NESTING_SVC : NESTING_YAML;
}

/* The end of the string that begins at `at`; strings end with their line. */
static size_t skip_string(Text text, size_t at)
{
    for (at++; at < text.len && text.ptr[at] != '"' && text.ptr[at] != '\n'; at++)
        at += text.ptr[at] == '\\';
    return at < text.len ? at : text.len;
}

/* The end of a statement with what stands in its brackets. */
static size_t end_of_brackets(Text text, size_t at, bool ends_at_comma)
{
    size_t depth = 0;
    for (bool after_blank = false; at < text.len; after_blank = at < text.len && is_blank(text.ptr[at]), at++) {
        char byte = text.ptr[at];
        if (byte == '"')
            at = skip_string(text, at);
        else if (after_blank && begins_comment(text, at))
            at = line_end_of(text, at) - 1;
        else if (byte == '{' || byte == '[' || byte == '(')
            depth++;
        else if (byte == '}' || byte == ']' || byte == ')')
            depth--;
        bool is_over = (byte == '\n' || byte == ';' || (byte == ',' && ends_at_comma)) && depth == 0;
        if (is_over || depth == SIZE_MAX)
            return at;
    }
    return text.len;
}

/* The end of a line of YAML with the lines that are further in, or the items of its list. */
static size_t end_of_indent(Text text, size_t at)
{
    size_t indent = at - line_start_of(text, at);
    bool is_item = text.ptr[at] == '-';
    size_t end = line_end_of(text, at);
    while (end < text.len) {
        size_t next = find_statement(text, end + 1);
        size_t column = next - line_start_of(text, next);
        bool is_own_item = !is_item && column == indent && next < text.len && text.ptr[next] == '-';
        if (next == text.len || (column <= indent && !is_own_item))
            return end;
        end = line_end_of(text, next);
    }
    return end;
}

static Span find_scope(const Reader *reader)
{
    Text text = reader->text;
    size_t start = line_start_of(text, reader->marker);
    size_t end = line_end_of(text, reader->marker);
    bool is_alone = skip_blanks(text, start, reader->marker) == reader->marker;
    if (is_alone) {
        Nesting nesting = find_nesting(sources_path(reader->sink->sources, reader->file), text);
        start = find_statement(text, end < text.len ? end + 1 : end);
        end = start == text.len ? start : nesting == NESTING_YAML ? end_of_indent(text, start) : end_of_brackets(text, start, nesting == NESTING_JSON);
    }
    return (Span){reader->file, (uint32_t)start, (uint32_t)end};
}

/* --- the words of a comment --- */

static Span span_of(const Reader *reader, Text word)
{
    size_t start = (size_t)(word.ptr - reader->text.ptr);
    return (Span){reader->file, (uint32_t)start, (uint32_t)(start + word.len)};
}

/* The next word, without commas; empty at the end. */
static Text next_word(Reader *reader)
{
    while (reader->at < reader->end && (is_blank(reader->text.ptr[reader->at]) || reader->text.ptr[reader->at] == ','))
        reader->at++;
    size_t start = reader->at;
    while (reader->at < reader->end && !is_blank(reader->text.ptr[reader->at]) && reader->text.ptr[reader->at] != ',')
        reader->at++;
    return text_slice(reader->text, start, reader->at);
}

static bool looks_like_code(Text word)
{
    Text prefix = TEXT("SVC");
    size_t same = 0;
    while (same < prefix.len && same < word.len && (word.ptr[same] & ~0x20) == prefix.ptr[same])
        same++;
    return same == prefix.len && word.len > prefix.len;
}

/* Among those that may be silenced. */
static Text nearest_code(Text word)
{
    Text best = TEXT_NONE;
    size_t best_distance = 2;
    for (int code = 0; code < CODE_COUNT; code++) {
        Text candidate = text_from_c(diagnostic_page((DiagnosticCode)code)->code);
        size_t distance = text_edit_distance(word, candidate, best_distance);
        if (distance < best_distance && !firm_reason((DiagnosticCode)code)) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

void diagnostic_set_nearest_code(Diagnostics *sink, Diagnostic *diagnostic, Span span, Text word)
{
    Text nearest = nearest_code(word);
    if (nearest.len)
        diagnostic_set_fix(sink, diagnostic, false, span, nearest, "did you mean %.*s?", TEXT_ARG(nearest));
    else
        diagnostic_set_advice(sink, diagnostic, "svc explain lists the codes");
}

static void take_code(Reader *reader, Allow *allow, Text word)
{
    Diagnostics *sink = reader->sink;
    AllowedCode allowed = {.span = span_of(reader, word)};
    if (!diagnostic_find_code(&allowed.code, word)) {
        Diagnostic *d = diagnostic_report(sink, CODE_ALLOW_UNKNOWN_CODE, allowed.span, "there is no code %.*s", TEXT_ARG(word));
        diagnostic_set_label(sink, d, "no finding has this code");
        diagnostic_set_nearest_code(sink, d, allowed.span, word);
        return;
    }
    const char *reason = firm_reason(allowed.code);
    if (reason) {
        Diagnostic *d = diagnostic_report(sink, CODE_ALLOW_REFUSED, allowed.span, "%s cannot be allowed: %s", diagnostic_page(allowed.code)->code, reason);
        diagnostic_set_label(sink, d, "%s", diagnostic_page(allowed.code)->title);
        diagnostic_set_advice(sink, d, "mend what it finds, and take the comment out");
        allowed.is_settled = true;
    }
    ARRAY_PUSH(sink->arena, &allow->codes, allowed);
}

/* What follows the codes: `because` and a reason, or a mistake. */
static bool take_reason(Reader *reader, const Allow *allow, Text word, Text directive)
{
    Diagnostics *sink = reader->sink;
    bool has_because = text_equal_c(word, "because") || text_equal_c(word, "because:");
    if (has_because && skip_blanks(reader->text, reader->at, reader->end) < reader->end)
        return true;
    Diagnostic *d = diagnostic_report(sink, CODE_ALLOW_WITHOUT_REASON, span_of(reader, directive), "this allow does not say why");
    diagnostic_set_label(sink, d, "`because` and a reason are missing");
    if (word.len && !has_because) {
        Span before = {reader->file, span_of(reader, word).start, span_of(reader, word).start};
        diagnostic_set_fix(sink, d, false, before, TEXT("because "), "because %.*s", TEXT_ARG(text_slice(reader->text, before.start, reader->end)));
    } else {
        Text code = sources_text(sink->sources, allow->codes.items[0].span);
        diagnostic_set_advice(sink, d, NAMESPACE ": " DIRECTIVE " %.*s because REASON", TEXT_ARG(code));
    }
    return false;
}

static void report_misspelt(const Reader *reader, Text word, Text replacement, const char *label)
{
    Diagnostic *d = diagnostic_report(reader->sink, CODE_ALLOW_MISSPELT, span_of(reader, word), "this comment silences nothing");
    diagnostic_set_label(reader->sink, d, "%s", label);
    if (replacement.len)
        diagnostic_set_fix(reader->sink, d, false, span_of(reader, word), replacement, NAMESPACE ": " DIRECTIVE);
    else
        diagnostic_set_advice(reader->sink, d, NAMESPACE ": " DIRECTIVE " CODE because REASON");
}

static void take_allow(Reader *reader, Text directive, AllowArray *out)
{
    Allow allow = {.scope = find_scope(reader)};
    size_t errors = reader->sink->items.count;
    Text word = next_word(reader);
    for (; looks_like_code(word) || (allow.codes.count && text_equal_c(word, "and")); word = next_word(reader))
        if (looks_like_code(word))
            take_code(reader, &allow, word);
    if (allow.codes.count == 0) {
        if (reader->sink->items.count == errors)
            report_misspelt(reader, directive, TEXT_NONE, "it names no code");
        return;
    }
    if (take_reason(reader, &allow, word, directive))
        ARRAY_PUSH(reader->sink->arena, out, allow);
}

/* Words that other programs have for the same. */
static bool is_meant_as_allow(Text word)
{
    static const char *const others[] = {"ignore", "disable", "suppress", "skip", "noqa", "nolint", "silence", "off"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (text_equal_c(word, others[i]))
            return true;
    return text_edit_distance(word, TEXT(DIRECTIVE), 2) <= 2;
}

static bool names_code(Reader reader)
{
    for (Text word = next_word(&reader); word.len; word = next_word(&reader))
        if (looks_like_code(word))
            return true;
    return false;
}

/* The comment's words behind its marker; it is none of ours when they do not begin with the name. */
static void read_comment(Reader *reader, AllowArray *out)
{
    size_t name = reader->at;
    reader->at += sizeof NAMESPACE - 1;
    size_t after = skip_blanks(reader->text, reader->at, reader->end);
    bool has_colon = after < reader->end && reader->text.ptr[after] == ':';
    reader->at = has_colon ? after + 1 : after;
    Text word = next_word(reader);
    if (has_colon && text_equal_c(word, DIRECTIVE))
        take_allow(reader, word, out);
    else if (!has_colon && text_equal_c(word, DIRECTIVE) && names_code(*reader))
        report_misspelt(reader, text_slice(reader->text, name, reader->at), TEXT(NAMESPACE ": " DIRECTIVE), "the colon is missing");
    else if (has_colon && is_meant_as_allow(word) && names_code(*reader))
        report_misspelt(reader, word, TEXT(DIRECTIVE), "the word is `" DIRECTIVE "`");
}

/* --- finding comments --- */

/* Whether the place is in a string: after an odd number of quotes on its line. */
static bool is_in_string(Text text, size_t start, size_t at)
{
    bool inside = false;
    for (size_t i = start; i < at; i++) {
        if (inside && text.ptr[i] == '\\')
            i++;
        else if (text.ptr[i] == '"')
            inside = !inside;
    }
    return inside;
}

/* The marker of the comment in which the name at `name` comes first; false when there is none. */
static bool find_marker(Text text, size_t name, size_t *marker)
{
    size_t start = line_start_of(text, name);
    size_t at = name;
    while (at > start && is_blank(text.ptr[at - 1]))
        at--;
    size_t length = at > start && text.ptr[at - 1] == '#' ? 1 : at > start + 1 && text.ptr[at - 1] == '/' && text.ptr[at - 2] == '/' ? 2 : 0;
    *marker = at - length;
    if (length == 0)
        return false;
    bool stands_apart = *marker == start || is_blank(text.ptr[*marker - 1]) || text_find_byte(TEXT(",;{}[]()\""), text.ptr[*marker - 1]) < 9;
    return stands_apart && !is_in_string(text, start, *marker);
}

/* A comment ends with its line, or where another begins in it: `# svc: allow … because … # and more`. */
static size_t find_end(Text text, size_t at)
{
    size_t end = line_end_of(text, at);
    size_t another = at + text_find(text_slice(text, at, end), TEXT(" # "));
    end = another < end ? another : end;
    while (end > at && (is_blank(text.ptr[end - 1]) || text.ptr[end - 1] == '\r'))
        end--;
    return end;
}

void allows_read(Diagnostics *sink, uint32_t file, AllowArray *out)
{
    Text text = sink->sources->files.items[file]->text;
    size_t at = 0;
    while (at < text.len) {
        at += text_find(text_slice(text, at, text.len), TEXT(NAMESPACE));
        size_t marker = 0;
        if (at < text.len && find_marker(text, at, &marker)) {
            Reader reader = {sink, text, file, marker, at, find_end(text, at)};
            read_comment(&reader, out);
        }
        at += sizeof NAMESPACE - 1;
    }
}

/* --- using them --- */

bool allows_silence(Diagnostics *sink, AllowArray *allows, const Diagnostic *finding)
{
    Span span = finding->primary.span;
    for (size_t i = 0; i < allows->count; i++) {
        Allow *allow = &allows->items[i];
        if (span_is_none(span) || span.file != allow->scope.file || span.start < allow->scope.start || span.start >= allow->scope.end)
            continue;
        for (size_t j = 0; j < allow->codes.count; j++) {
            AllowedCode *allowed = &allow->codes.items[j];
            const char *reason = firm_reason_of(finding);
            if (allowed->code != finding->code)
                continue;
            if (!reason) {
                allowed->is_settled = true;
                return true;
            }
            if (!allowed->is_settled) {
                Diagnostic *d = diagnostic_report(sink, CODE_ALLOW_REFUSED, allowed->span, "this finding cannot be allowed: %s", reason);
                diagnostic_add_label(sink, d, span, "the finding");
                allowed->is_settled = true;
            }
        }
    }
    return false;
}

/* Only a look into the account finds these. */
static bool is_found_live(DiagnosticCode code)
{
    return code == CODE_IMAGE_MISSING || code == CODE_IMAGE_ARCHITECTURE || code == CODE_IMAGE_FINDINGS || code == CODE_SECRET_MISSING ||
           code == CODE_CERTIFICATE_UNUSABLE || code == CODE_NO_WAY_OUT;
}

void allows_report_unused(Diagnostics *sink, const AllowArray *allows)
{
    for (size_t i = 0; i < allows->count; i++) {
        for (size_t j = 0; j < allows->items[i].codes.count; j++) {
            const AllowedCode *allowed = &allows->items[i].codes.items[j];
            if (allowed->is_settled || is_found_live(allowed->code))
                continue;
            Diagnostic *d = diagnostic_report(sink, CODE_ALLOW_UNUSED, allowed->span, "this allow silences nothing");
            diagnostic_set_label(sink, d, "there is no %s where it counts", diagnostic_page(allowed->code)->code);
            diagnostic_add_note(sink, d, "an allow counts for its line, or on a line of its own for the statement below it");
            diagnostic_set_advice(sink, d, "take %s out, or move the comment to the finding", diagnostic_page(allowed->code)->code);
        }
    }
}
