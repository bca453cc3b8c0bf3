#include "aws/shell_words.h"

#include "base/buffer.h"

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* One word, from its first byte on; *at is set behind it. */
static bool read_word(Text text, size_t *at, Buffer *word)
{
    char quote = '\0';
    for (; *at < text.len && (quote || !is_blank(text.ptr[*at])); (*at)++) {
        char byte = text.ptr[*at];
        if (byte == '\\' && quote != '\'') {
            if (++*at == text.len)
                return false;
            /* Within double quotes a backslash is one, unless a quote or another follows. */
            if (quote && text.ptr[*at] != '"' && text.ptr[*at] != '\\')
                buffer_add_byte(word, '\\');
            buffer_add_byte(word, text.ptr[*at]);
        } else if (quote ? byte == quote : byte == '"' || byte == '\'') {
            quote = quote ? '\0' : byte;
        } else {
            buffer_add_byte(word, byte);
        }
    }
    return quote == '\0';
}

bool aws_shell_split(Arena *arena, Text text, TextArray *out)
{
    Buffer word = {0};
    bool is_whole = true;
    for (size_t at = 0; is_whole;) {
        while (at < text.len && is_blank(text.ptr[at]))
            at++;
        if (at == text.len)
            break;
        buffer_clear(&word);
        is_whole = read_word(text, &at, &word);
        ARRAY_PUSH(arena, out, arena_copy_text(arena, buffer_text(&word)));
    }
    buffer_free(&word);
    return is_whole;
}
