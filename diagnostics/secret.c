#include "diagnostics/secret.h"

enum {
    SHOWN_MAX = 4,        /* leading characters that stay */
    SHOWN_OF = 4,         /* but at most one in so many */
    SECRET_BYTES_MIN = 4, /* a shorter text would be found by chance in words that say something else */
};

static bool is_quote(char byte)
{
    return byte == '"' || byte == '\'';
}

/* A secret's text without the quotes that it stands in. */
static Span without_quotes(const Sources *sources, Span span)
{
    Text text = sources_text(sources, span);
    if (text.len >= 2 && is_quote(text.ptr[0]) && text.ptr[text.len - 1] == text.ptr[0]) {
        span.start++;
        span.end--;
    }
    return span;
}

static void add_place(Secrets *secrets, Span span)
{
    if (span_is_none(span))
        return;
    span = without_quotes(secrets->sources, span);
    Text text = sources_text(secrets->sources, span);
    ARRAY_PUSH(secrets->arena, &secrets->places, span);
    if (text.len >= SECRET_BYTES_MIN)
        ARRAY_PUSH(secrets->arena, &secrets->texts, text);
}

Secrets secrets_find(const Diagnostics *sink)
{
    Secrets secrets = {.arena = sink->arena, .sources = sink->sources};
    for (size_t i = 0; i < sink->items.count; i++)
        if (sink->items.items[i]->is_secret)
            add_place(&secrets, sink->items.items[i]->primary.span);
    for (size_t i = 0; i < sink->silenced_secrets.count; i++)
        add_place(&secrets, sink->silenced_secrets.items[i]);
    return secrets;
}

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

/* Bytes of the secret's beginning that stay. */
static size_t shown_length(Text secret)
{
    size_t length = secret.len / SHOWN_OF;
    length = length < SHOWN_MAX ? length : SHOWN_MAX;
    while (length > 0 && length < secret.len && is_continuation(secret.ptr[length]))
        length--;
    return length;
}

static char *copy_bytes(Arena *arena, Text text)
{
    char *copy = ARENA_NEW_ARRAY(arena, char, text.len);
    for (size_t i = 0; i < text.len; i++)
        copy[i] = text.ptr[i];
    return copy;
}

/* Masks the bytes [start, end) of a copy; line ends, blanks and tabs stay, so that its lines look as they did. */
static void mask(char *bytes, size_t start, size_t end)
{
    for (size_t i = start; i < end; i++)
        bytes[i] = bytes[i] == '\n' || bytes[i] == '\r' || bytes[i] == '\t' ? bytes[i] : '*';
}

bool secrets_are_in(const Secrets *secrets, Text text)
{
    for (size_t i = 0; i < secrets->texts.count; i++)
        if (text_find(text, secrets->texts.items[i]) < text.len)
            return true;
    return false;
}

Text secrets_hide_words(const Secrets *secrets, Text words)
{
    if (!secrets_are_in(secrets, words))
        return words;
    char *bytes = copy_bytes(secrets->arena, words);
    for (size_t i = 0; i < secrets->texts.count; i++) {
        Text secret = secrets->texts.items[i];
        for (size_t at = 0; at < words.len;) {
            size_t found = at + text_find(text_slice(words, at, words.len), secret);
            if (found < words.len)
                mask(bytes, found + shown_length(secret), found + secret.len);
            at = found + 1;
        }
    }
    return (Text){bytes, words.len};
}

Text secrets_hide_line(const Secrets *secrets, uint32_t file, uint32_t line)
{
    Text text = sources_line(secrets->sources, file, line);
    const SourceFile *source = file < secrets->sources->files.count ? secrets->sources->files.items[file] : NULL;
    size_t line_start = source && text.ptr ? (size_t)(text.ptr - source->text.ptr) : 0;
    char *copy = NULL;
    for (size_t i = 0; i < secrets->places.count; i++) {
        Span span = secrets->places.items[i];
        size_t start = span.start + shown_length(sources_text(secrets->sources, span));
        if (span.file != file || start >= line_start + text.len || span.end <= line_start)
            continue;
        if (!copy)
            copy = copy_bytes(secrets->arena, text);
        mask(copy, start > line_start ? start - line_start : 0, span.end - line_start < text.len ? span.end - line_start : text.len);
        text.ptr = copy;
    }
    return secrets_hide_words(secrets, text); /* it may stand there twice, as in a comment */
}
