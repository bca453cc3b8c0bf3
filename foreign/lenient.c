#include "foreign/lenient.h"

#include "foreign/placeholder.h"

#include <string.h>

typedef struct Scan {
    Arena *arena;
    Lenient *out;
    Text source;
    char *copy;       /* NULL until something has to change */
    bool is_retry;
    size_t at;
    char before;      /* the last byte that counts before `at`: no blank, comment or tag; '"' for a quoted text, 'x' for any other value */
    size_t before_at; /* behind it */
} Scan;

/* --- changing bytes --- */

static char *writable(Scan *scan)
{
    if (!scan->copy) {
        scan->copy = arena_allocate(scan->arena, scan->source.len + 1);
        memcpy(scan->copy, scan->source.ptr, scan->source.len);
    }
    return scan->copy;
}

/* Blanks, but line ends stay; characters of several bytes become as many blanks. */
static void blank_out(Scan *scan, size_t start, size_t end)
{
    char *copy = writable(scan);
    for (size_t i = start; i < end; i++)
        if (copy[i] != '\n' && copy[i] != '\r')
            copy[i] = ' ';
}

static void mark_value(Scan *scan, size_t start, size_t end)
{
    Range range = {(uint32_t)start, (uint32_t)end};
    memset(writable(scan) + start, '_', end - start);
    ARRAY_PUSH(scan->arena, &scan->out->values, range);
}

static void note_odd(Scan *scan, size_t start, size_t end, const char *name)
{
    if (scan->out->odd.end)
        return;
    scan->out->odd = (Range){(uint32_t)start, (uint32_t)end};
    scan->out->odd_name = name;
}

static void note_fault(Scan *scan, size_t start, size_t end, const char *label)
{
    if (scan->out->fault.end)
        return;
    scan->out->fault = (Range){(uint32_t)start, (uint32_t)end};
    scan->out->fault_label = label;
}

/* --- bytes --- */

static char byte_at(const Scan *scan, size_t at)
{
    return at < scan->source.len ? scan->source.ptr[at] : '\0';
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_word_byte(char c)
{
    return c == '_' || byte_is_alphanumeric(c);
}

static size_t skip_space(const Scan *scan, size_t at)
{
    while (at < scan->source.len && is_space(scan->source.ptr[at]))
        at++;
    return at;
}

static size_t line_end(const Scan *scan, size_t at)
{
    return at + text_find_byte(text_slice(scan->source, at, scan->source.len), '\n');
}

/* --- quoted texts of JSON --- */

static bool hex_value(Text text, size_t at, unsigned *out)
{
    *out = 0;
    for (size_t i = at; i < at + 4; i++) {
        char c = i < text.len ? text.ptr[i] : '\0';
        unsigned digit = byte_is_digit(c) ? (unsigned)(c - '0') : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (unsigned)((c | 0x20) - 'a' + 10) : 16;
        if (digit > 15)
            return false;
        *out = *out * 16 + digit;
    }
    return true;
}

/* JSON writes a character beyond U+FFFF as two escapes, which YAML does not know: "\ud83d\ude00" becomes an escaped line end and
   "\U0001f600", as many bytes and the same text. Half a pair stands for nothing. Returns the end of the escape. */
static size_t rewrite_surrogates(Scan *scan, size_t at, unsigned first)
{
    static const char digits[] = "0123456789abcdef";
    unsigned second = 0;
    bool is_pair = first < 0xdc00 && byte_at(scan, at + 6) == '\\' && byte_at(scan, at + 7) == 'u' && hex_value(scan->source, at + 8, &second) &&
                   second >= 0xdc00 && second < 0xe000;
    char *copy = writable(scan) + at;
    if (!is_pair) {
        memcpy(copy, "\\ufffd", 6);
        return at + 6;
    }
    unsigned character = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
    memcpy(copy, "\\\n\\U", 4);
    for (unsigned i = 0; i < 8; i++)
        copy[4 + i] = digits[(character >> (28 - 4 * i)) & 15];
    return at + 12;
}

static size_t skip_escape(Scan *scan, size_t at)
{
    unsigned value;
    char c = byte_at(scan, at + 1);
    if (at + 1 >= scan->source.len)
        return scan->source.len;
    if (c == 'u' && hex_value(scan->source, at + 2, &value))
        return value >= 0xd800 && value < 0xe000 ? rewrite_surrogates(scan, at, value) : at + 6;
    if (scan->out->is_json && (c == '\0' || c == 'u' || !strchr("\"\\/bfnrt", c)))
        note_fault(scan, at, at + 2, "JSON has no such escape; a backslash itself is written \\\\");
    return at + 2;
}

/* A placeholder with quotes inside, in a quoted text: they and their backslashes become apostrophes, so that the text goes on. Returns its end, or
   `at`. */
static size_t skip_loose(Scan *scan, size_t at)
{
    size_t end;
    char c = byte_at(scan, at);
    if (!scan->is_retry || (c != '$' && c != '{') || placeholder_at(scan->source, at, &end) == PLACEHOLDER_NONE)
        return at;
    for (size_t i = at; i < end; i++)
        if (scan->source.ptr[i] == '"' || scan->source.ptr[i] == '\\')
            writable(scan)[i] = '\'';
    return end;
}

/* Bytes of a quoted text that are more than themselves. */
static const bool specials[256] = {['"'] = true, ['\\'] = true, ['$'] = true, ['{'] = true, ['\n'] = true};

static void scan_quoted(Scan *scan)
{
    size_t start = scan->at;
    size_t at = start + 1;
    Text source = scan->source;
    while (true) {
        while (at < source.len && !specials[(unsigned char)source.ptr[at]])
            at++;
        if (at >= source.len || source.ptr[at] == '"')
            break;
        char c = source.ptr[at];
        size_t loose = c == '$' || c == '{' ? skip_loose(scan, at) : at;
        if (loose > at)
            at = loose;
        else
            at = c == '\\' ? skip_escape(scan, at) : at + 1;
        if (c == '\n' && scan->out->is_json)
            note_fault(scan, start, at - 1, "this text has no closing quote on its line");
    }
    scan->at = at < source.len ? at + 1 : source.len;
    scan->before = '"';
    scan->before_at = scan->at;
}

/* --- what stands between the texts of JSON --- */

static void scan_comment(Scan *scan, size_t end)
{
    note_odd(scan, scan->at, end > scan->at && byte_at(scan, end - 1) == '\r' ? end - 1 : end, "a comment");
    blank_out(scan, scan->at, end);
    scan->at = end;
}

static bool scan_comments(Scan *scan)
{
    char c = byte_at(scan, scan->at);
    char next = byte_at(scan, scan->at + 1);
    if ((c == '/' && next == '/') || (c == '#' && next != '{')) {
        scan_comment(scan, line_end(scan, scan->at));
        return true;
    }
    if (c != '/' || next != '*')
        return false;
    Text rest = text_slice(scan->source, scan->at + 2, scan->source.len);
    size_t length = text_find(rest, TEXT("*/"));
    scan_comment(scan, length < rest.len ? scan->at + length + 4 : scan->source.len);
    return true;
}

/* Behind the value without quotes that begins at `at`: placeholders and what touches them. */
static size_t bare_end(const Scan *scan, size_t at)
{
    while (at < scan->source.len) {
        size_t end;
        char c = scan->source.ptr[at];
        if (placeholder_at(scan->source, at, &end) != PLACEHOLDER_NONE)
            at = end;
        else if (is_space(c) || strchr(",{}[]:\"", c))
            break;
        else
            at++;
    }
    return at;
}

/* A value made by blocks, `{{#if prod}}"1024"{{else}}"512"{{/if}}`: all up to what ends a value. */
static size_t block_value_end(const Scan *scan, size_t at)
{
    while (at < scan->source.len && !strchr(",}]\n\r", scan->source.ptr[at])) {
        size_t end;
        if (placeholder_at(scan->source, at, &end) != PLACEHOLDER_NONE) {
            at = end;
        } else if (scan->source.ptr[at] == '"') {
            size_t length = text_find_byte(text_slice(scan->source, at + 1, scan->source.len), '"');
            at = at + length + 2;
        } else {
            at++;
        }
    }
    at = at < scan->source.len ? at : scan->source.len;
    while (is_space(scan->source.ptr[at - 1]))
        at--;
    return at;
}

/* A tag that stands for no value becomes blanks. Where it parts two members of which one needs a comma, as in `"a": 1 {% else %} "a": 2`, one is put. */
static bool scan_block(Scan *scan)
{
    size_t start = scan->at;
    size_t end;
    if (!placeholder_is_block(scan->source, start, &end))
        return false;
    scan->out->has_blocks = true;
    if (scan->before == ':') {
        end = block_value_end(scan, start);
        mark_value(scan, start, end);
        scan->before = 'x';
        scan->at = scan->before_at = end;
        return true;
    }
    blank_out(scan, start, end);
    scan->at = end;
    size_t next = skip_space(scan, end);
    size_t ignored;
    bool is_tag = placeholder_is_block(scan->source, next, &ignored);
    bool needs_comma = scan->before && !strchr(",{[:", scan->before) && next < scan->source.len && !strchr(",}]:", scan->source.ptr[next]);
    if (needs_comma && !is_tag) {
        scan->copy[start] = ',';
        scan->before = ',';
    }
    return true;
}

static bool is_json_word(Text text)
{
    if (text_equal_c(text, "true") || text_equal_c(text, "false") || text_equal_c(text, "null"))
        return true;
    bool has_digit = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        has_digit = has_digit || byte_is_digit(c);
        if (!byte_is_digit(c) && !strchr("+-.eE", c))
            return false;
    }
    return has_digit && (text.ptr[0] == '-' || byte_is_digit(text.ptr[0]));
}

/* PORT, CONTAINER_PORT, %P%, ~port~: nothing that JSON could have, and nobody writes a text so. */
static bool is_to_fill(Text text)
{
    for (size_t i = 0; i < text.len; i++)
        if (strchr("$%<>@#~{", text.ptr[i]))
            return true;
    for (size_t i = 0; i < text.len; i++)
        if (!is_word_byte(text.ptr[i]) || (text.ptr[i] >= 'a' && text.ptr[i] <= 'z'))
            return false;
    return text.len > 1;
}

/* Whether a value or key can stand between what is before and what comes at `end`. Where it cannot, a placeholder brings whole members with it. */
static bool is_value_place(const Scan *scan, size_t end)
{
    size_t next = skip_space(scan, end);
    bool follows_value = scan->before && !strchr(",{[:", scan->before);
    return !follows_value && (next >= scan->source.len || strchr(",}]:", scan->source.ptr[next]));
}

static void scan_bare(Scan *scan)
{
    size_t start = scan->at;
    size_t end = bare_end(scan, start);
    end = end > start ? end : start + 1;
    Text word = text_slice(scan->source, start, end);
    if (!is_json_word(word)) {
        if (placeholder_is_in(word) && !is_value_place(scan, end)) {
            scan->out->has_blocks = true;
            blank_out(scan, start, end);
            scan->at = end;
            return;
        }
        if (placeholder_is_in(word) || (scan->out->is_json && is_to_fill(word)))
            mark_value(scan, start, end);
        else if (scan->out->is_json)
            note_fault(scan, start, end, "a text stands in double quotes");
    }
    scan->at = end;
    scan->before = 'x';
    scan->before_at = end;
}

static void scan_mark(Scan *scan)
{
    char c = scan->source.ptr[scan->at];
    bool is_leading = c == ',' && scan->out->has_blocks && scan->before && strchr("[{,", scan->before);
    if (is_leading) {
        /* `{{if $i}},{{end}}`: what the comma parts is not there. */
        blank_out(scan, scan->at, scan->at + 1);
        scan->at++;
        return;
    }
    if ((c == '}' || c == ']') && scan->before == ',') {
        Range comma = {(uint32_t)scan->before_at - 1, (uint32_t)scan->before_at};
        ARRAY_PUSH(scan->arena, &scan->out->commas, comma);
    }
    if (c == ':' && (scan->before == '"' || scan->before == 'x')) {
        /* libyaml wants it on the line of its key. */
        for (size_t i = scan->before_at; i < scan->at; i++)
            if (scan->source.ptr[i] == '\n' || scan->source.ptr[i] == '\r')
                writable(scan)[i] = ' ';
    }
    scan->before = c;
    scan->at++;
    scan->before_at = scan->at;
}

/* Whether an opening brace begins a placeholder or a tag rather than an object. */
static bool is_tag_brace(const Scan *scan)
{
    size_t end;
    return byte_at(scan, scan->at) == '{' && strchr("{%#", byte_at(scan, scan->at + 1)) && byte_at(scan, scan->at + 1) != '\0' &&
           placeholder_at(scan->source, scan->at, &end) != PLACEHOLDER_NONE;
}

/* A text in single quotes, which only YAML has. */
static void scan_apostrophes(Scan *scan)
{
    Text rest = text_slice(scan->source, scan->at + 1, scan->source.len);
    scan->at = scan->at + 1 + text_find_byte(rest, '\'');
    scan->at = scan->at < scan->source.len ? scan->at + 1 : scan->source.len;
    scan->before = '"';
    scan->before_at = scan->at;
}

static void scan_json(Scan *scan)
{
    while (scan->at < scan->source.len) {
        char c = scan->source.ptr[scan->at];
        if (is_space(c))
            scan->at++;
        else if (c == '"')
            scan_quoted(scan);
        else if (c == '\'' && !scan->out->is_json)
            scan_apostrophes(scan);
        else if (strchr("{}[]:,", c) && !is_tag_brace(scan))
            scan_mark(scan);
        else if (!scan_comments(scan) && !scan_block(scan))
            scan_bare(scan);
    }
}

/* --- YAML: by lines --- */

static bool is_line_end(const Scan *scan, size_t at)
{
    char c = byte_at(scan, at);
    return at >= scan->source.len || c == '\n' || c == '\r';
}

static size_t skip_blanks(const Scan *scan, size_t at)
{
    while (byte_at(scan, at) == ' ' || byte_at(scan, at) == '\t')
        at++;
    return at;
}

/* Whether the line holds nothing but tags from `at` on; `end` is behind the last of them, which may be on a later line. */
static bool is_tag_line(const Scan *scan, size_t at, size_t *end)
{
    bool has_tag = false;
    while (!is_line_end(scan, at)) {
        size_t behind;
        bool is_tag = is_tag_brace(&(Scan){.source = scan->source, .at = at}) || placeholder_is_block(scan->source, at, &behind);
        if (!is_tag || placeholder_at(scan->source, at, &behind) == PLACEHOLDER_NONE)
            return false;
        has_tag = true;
        at = skip_blanks(scan, behind);
    }
    *end = at;
    return has_tag;
}

/* Where the value of the line begins: behind "- " and "key: ". */
static size_t value_start(const Scan *scan, size_t at, size_t end)
{
    while (at + 1 < end && byte_at(scan, at) == '-' && byte_at(scan, at + 1) == ' ')
        at = skip_blanks(scan, at + 1);
    char quote = byte_at(scan, at);
    size_t from = at;
    if (quote == '"' || quote == '\'')
        from = at + 1 + text_find_byte(text_slice(scan->source, at + 1, end), quote);
    Text rest = text_slice(scan->source, from, end);
    size_t colon = text_find(rest, TEXT(": "));
    bool is_placeholder = strchr("{%#@`", quote) && quote != '\0';
    return colon < rest.len && !is_placeholder ? skip_blanks(scan, from + colon + 1) : at;
}

/* A value that no plain text of YAML begins like. */
static bool is_odd_value(const Scan *scan, size_t at)
{
    char c = byte_at(scan, at);
    char next = byte_at(scan, at + 1);
    if (c == '{')
        return is_tag_brace(&(Scan){.source = scan->source, .at = at});
    return (c == '#' && next == '{') || c == '@' || (c == '%' && is_word_byte(next)) || (c == '%' && next == '{');
}

/* Quotes inside of the placeholders of a quoted value. */
static void scan_loose_value(Scan *scan, size_t at, size_t end)
{
    while (at < end) {
        size_t behind = skip_loose(scan, at);
        at = behind > at ? behind : at + 1;
    }
}

/* The end of the plain text that begins at `at` in brackets, blanks at its end left out; `has_placeholder` tells whether one is in it. */
static size_t end_of_flow_text(const Scan *scan, size_t at, size_t end, bool *has_placeholder)
{
    size_t start = at;
    *has_placeholder = false;
    while (at < end && !strchr(",]}", byte_at(scan, at)) && !(byte_at(scan, at) == ':' && byte_at(scan, at + 1) == ' ')) {
        size_t behind;
        bool is_placeholder = placeholder_at(scan->source, at, &behind) != PLACEHOLDER_NONE && behind <= end;
        *has_placeholder = *has_placeholder || is_placeholder;
        at = is_placeholder ? behind : at + 1;
    }
    while (at > start && is_space(byte_at(scan, at - 1)))
        at--;
    return at;
}

/* Placeholders between the brackets of a value, [${a}, ${b}], whose own brackets YAML would read. */
static void scan_flow_value(Scan *scan, size_t at, size_t end)
{
    while (at < end) {
        char c = byte_at(scan, at);
        bool has_placeholder = false;
        if (c == '#' && is_space(byte_at(scan, at - 1)))
            return; /* a comment */
        if (c == '"' || c == '\'') {
            at = at + 2 + text_find_byte(text_slice(scan->source, at + 1, end), c);
        } else if (is_space(c) || (strchr(",:[]{}", c) && !is_tag_brace(&(Scan){.source = scan->source, .at = at}))) {
            at++;
        } else {
            size_t behind = end_of_flow_text(scan, at, end, &has_placeholder);
            if (has_placeholder)
                mark_value(scan, at, behind);
            at = behind > at ? behind : at + 1;
        }
    }
}

static void scan_yaml_line(Scan *scan, size_t at, size_t end)
{
    size_t content = skip_blanks(scan, at);
    size_t value = value_start(scan, content, end);
    if (byte_at(scan, content) == '#' && byte_at(scan, content + 1) != '{')
        return;
    if (is_odd_value(scan, value) && (value > content || byte_at(scan, content) == '{')) {
        Text written = text_slice(scan->source, value, end);
        size_t comment = text_find(written, TEXT(" # "));
        written = text_trim(text_slice(written, 0, comment));
        mark_value(scan, value, value + written.len);
    } else if (scan->is_retry && byte_at(scan, value) == '"') {
        scan_loose_value(scan, value + 1, end);
    } else if (scan->is_retry && byte_at(scan, value) == '[') {
        scan_flow_value(scan, value + 1, end);
    }
}

static void scan_yaml(Scan *scan)
{
    for (size_t at = 0; at < scan->source.len;) {
        size_t end = line_end(scan, at);
        size_t content = skip_blanks(scan, at);
        char first = byte_at(scan, content);
        if ((first == '{' || first == '%' || first == '<') && is_tag_line(scan, content, &end)) {
            blank_out(scan, content, end);
            scan->out->has_blocks = true;
            end = line_end(scan, end);
        } else {
            scan_yaml_line(scan, at, end);
        }
        at = end + 1;
    }
}

/* --- all --- */

/* The first byte that belongs to the document: comments and tags before it tell nothing. */
static char first_byte(Scan *scan, size_t *at)
{
    *at = text_starts_with(scan->source, TEXT("\xef\xbb\xbf")) ? 3 : 0;
    while (true) {
        size_t end;
        *at = skip_space(scan, *at);
        char c = byte_at(scan, *at);
        char next = byte_at(scan, *at + 1);
        if ((c == '/' && next == '/') || (c == '#' && next != '{'))
            *at = line_end(scan, *at);
        else if (c == '/' && next == '*')
            *at = *at + 4 + text_find(text_slice(scan->source, *at + 2, scan->source.len), TEXT("*/"));
        else if (*at < scan->source.len && placeholder_is_block(scan->source, *at, &end))
            *at = end;
        else
            return c;
    }
}

void lenient_prepare(Arena *arena, Text source, bool is_named_json, bool is_retry, Lenient *out)
{
    *out = (Lenient){.text = source};
    Scan scan = {.arena = arena, .out = out, .source = source, .is_retry = is_retry};
    size_t at;
    char first = first_byte(&scan, &at);
    bool is_flow = first == '{' || first == '[';
    size_t inner = skip_space(&scan, at + 1);
    while (is_flow && (byte_at(&scan, inner) == '{' || byte_at(&scan, inner) == '['))
        inner = skip_space(&scan, inner + 1);
    out->is_json = is_named_json || (is_flow && byte_at(&scan, inner) == '"');
    if (is_flow || is_named_json) {
        scan.at = text_starts_with(source, TEXT("\xef\xbb\xbf")) ? 3 : 0;
        scan_json(&scan);
    } else {
        scan_yaml(&scan);
    }
    if (scan.copy)
        out->text = (Text){scan.copy, source.len};
}
