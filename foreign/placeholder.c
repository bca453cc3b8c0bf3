#include "foreign/placeholder.h"

#include <string.h>

static bool is_letter(char c)
{
    return byte_is_letter(c) || c == '_';
}

static bool has_at(Text text, size_t at, const char *what)
{
    size_t length = strlen(what);
    return at + length <= text.len && memcmp(text.ptr + at, what, length) == 0;
}

/* No placeholder is longer: what is open for so many bytes is something else, and looking for its end must not take for ever. */
enum { LENGTH_MAX = 2048 };

/* Behind `close`, from `at`; 0 when there is none. Pairs of the same brackets inside are passed over. */
static size_t find_close(Text text, size_t at, char open, char close)
{
    size_t depth = 0;
    for (size_t i = at; i < text.len && i - at < LENGTH_MAX; i++) {
        char c = text.ptr[i];
        if (c == close && depth == 0)
            return i + 1;
        if (c == close)
            depth--;
        else if (c == open)
            depth++;
    }
    return 0;
}

/* Behind the two bytes `close`, from `at`; 0 when they do not come. */
static size_t find_pair(Text text, size_t at, const char *close)
{
    Text rest = text_slice(text, at, at + LENGTH_MAX);
    size_t found = text_find(rest, text_from_c(close));
    return found < rest.len ? at + found + 2 : 0;
}

/* Behind a run of letters, digits, '_' and the bytes of `also` that ends in `close` and is at least `least` long; 0 when there is no such thing. */
static size_t find_word(Text text, size_t at, char close, size_t least, const char *also)
{
    if (at >= text.len || !is_letter(text.ptr[at]))
        return 0;
    for (size_t i = at; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == close && !(close == '_' && !has_at(text, i, "__")))
            return i - at >= least ? i + (close == '_' ? 2 : 1) : 0;
        if (!is_letter(c) && !byte_is_digit(c) && (c == '\0' || !strchr(also, c)))
            return 0;
    }
    return 0;
}

static size_t shell_end(Text text, size_t at)
{
    if (has_at(text, at, "${"))
        return find_close(text, at + 2, '{', '}');
    if (has_at(text, at, "$(") || has_at(text, at, "$["))
        return find_close(text, at + 2, text.ptr[at + 1], text.ptr[at + 1] == '(' ? ')' : ']');
    size_t end = at + 1;
    while (end < text.len && (is_letter(text.ptr[end]) || (end > at + 1 && byte_is_digit(text.ptr[end]))))
        end++;
    return end > at + 1 ? end : 0;
}

/* <IMAGE1_NAME>, <your account>, <%= tag %>. */
static size_t angle_end(Text text, size_t at)
{
    enum { WORDS_MAX = 80 };
    if (has_at(text, at, "<%"))
        return find_pair(text, at + 2, "%>");
    if (has_at(text, at, "<<"))
        return find_pair(text, at + 2, ">>");
    size_t end = find_word(text, at + 1, '>', 1, "-. :/',()");
    return end && end - at <= WORDS_MAX ? end : 0;
}

static size_t other_end(Text text, size_t at)
{
    size_t end = 0;
    switch (text.ptr[at]) {
    case '{':
        if (has_at(text, at, "{{{"))
            end = find_pair(text, at + 3, "}}}");
        else if (has_at(text, at, "{{"))
            return find_pair(text, at + 2, "}}");
        else if (has_at(text, at, "{%"))
            return find_pair(text, at + 2, "%}");
        else if (has_at(text, at, "{#"))
            return find_pair(text, at + 2, "#}");
        return end ? end + 1 : 0;
    case '<': return angle_end(text, at);
    case '%': return has_at(text, at, "%{") ? find_close(text, at + 2, '{', '}') : find_word(text, at + 1, '%', 2, "");
    case '#':
        end = has_at(text, at, "#{") ? find_close(text, at + 2, '{', '}') : 0;
        return end && end < text.len && text.ptr[end] == '#' ? end + 1 : end;
    case '_': return has_at(text, at, "__") ? find_word(text, at + 2, '_', 1, "-.") : 0;
    case '@': return find_word(text, at + 1, '@', 2, "-.");
    case '(': return has_at(text, at, "((") ? find_pair(text, at + 2, "))") : 0;
    case 's': return has_at(text, at, "svc:unknown:") ? text.len : 0;
    default: return 0;
    }
}

PlaceholderForm placeholder_at(Text text, size_t at, size_t *end)
{
    if (at >= text.len)
        return PLACEHOLDER_NONE;
    bool is_shell = text.ptr[at] == '$';
    *end = is_shell ? shell_end(text, at) : other_end(text, at);
    if (!*end)
        return PLACEHOLDER_NONE;
    return is_shell ? PLACEHOLDER_SHELL : PLACEHOLDER_OTHER;
}

/* Bytes that one could begin with: most texts hold none. */
static const bool beginnings[256] = {['$'] = true, ['{'] = true, ['<'] = true, ['%'] = true, ['#'] = true, ['_'] = true, ['@'] = true, ['('] = true, ['s'] = true};

bool placeholder_is_in(Text text)
{
    size_t end;
    for (size_t i = 0; i < text.len; i++)
        if (beginnings[(unsigned char)text.ptr[i]] && placeholder_at(text, i, &end) != PLACEHOLDER_NONE)
            return true;
    return false;
}

PlaceholderForm placeholder_whole(Text text)
{
    size_t end;
    Text inside = text_trim(text);
    PlaceholderForm form = placeholder_at(inside, 0, &end);
    return form != PLACEHOLDER_NONE && end == inside.len ? form : PLACEHOLDER_NONE;
}

/* The words that open, part and close a block in the template languages that write all of it in double braces. */
static bool is_block_word(Text inside)
{
    static const char *const words[] = {"if", "else", "end", "range", "with", "block", "define", "template", "for", "unless", "each", "endif", "endfor"};
    size_t length = 0;
    while (length < inside.len && (is_letter(inside.ptr[length]) || byte_is_digit(inside.ptr[length])))
        length++;
    /* `{{ end.of }}` and `{{ if_set }}` are values. */
    if (length < inside.len && inside.ptr[length] != ' ' && inside.ptr[length] != '\t')
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_equal_c(text_slice(inside, 0, length), words[i]))
            return true;
    return false;
}

bool placeholder_is_block(Text text, size_t at, size_t *end)
{
    if (placeholder_at(text, at, end) != PLACEHOLDER_OTHER)
        return false;
    if (has_at(text, at, "{%") || has_at(text, at, "{#") || has_at(text, at, "%{"))
        return true;
    if (has_at(text, at, "<%"))
        return !has_at(text, at, "<%=") && !has_at(text, at, "<%-") && !has_at(text, at, "<%~");
    if (!has_at(text, at, "{{") || has_at(text, at, "{{{"))
        return false;
    Text inside = text_trim(text_slice(text, at + 2, *end - 2));
    while (inside.len && (inside.ptr[0] == '-' || inside.ptr[0] == '~'))
        inside = text_trim(text_slice(inside, 1, inside.len));
    while (inside.len && (inside.ptr[inside.len - 1] == '-' || inside.ptr[inside.len - 1] == '~'))
        inside = text_trim(text_slice(inside, 0, inside.len - 1));
    bool is_assignment = text_find(inside, TEXT(":=")) < inside.len;
    return !inside.len || strchr("#/^!", inside.ptr[0]) || is_assignment || is_block_word(inside);
}
