/* Strings with a length. A Text never owns its bytes: an arena, a source file or the program does. */
#ifndef SVC_BASE_TEXT_H
#define SVC_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct Text {
    const char *ptr;
    size_t len;
} Text;

#define TEXT(literal) ((Text){(literal), sizeof(literal) - 1})
#define TEXT_NONE ((Text){NULL, 0})
/* For printf's "%.*s". Evaluates its argument twice: what takes a while gets a name first. */
#define TEXT_ARG(text) ((int)(text).len), text_bytes(text)

/* What follows is inline because it runs for every word and every member, mostly with a literal whose length the compiler knows. */

/* Never NULL. */
static inline const char *text_bytes(Text text)
{
    return text.ptr ? text.ptr : "";
}

/* The text of a C string; NULL gives the empty text. */
static inline Text text_from_c(const char *c_string)
{
    return c_string ? (Text){c_string, strlen(c_string)} : TEXT_NONE;
}

/* As memcmp, for as many bytes as words mostly have without a call: the first eight and the last eight, or four and four, may overlap. */
static inline bool bytes_equal(const char *a, const char *b, size_t count)
{
    enum { WORD = sizeof(uint64_t), HALF = sizeof(uint32_t) };
    uint64_t first[2] = {0};
    uint64_t last[2] = {0};
    if (count > 2 * WORD || count < HALF)
        return memcmp(a, b, count) == 0;
    size_t size = count < WORD ? HALF : WORD;
    if (size == WORD) {
        memcpy(&first[0], a, WORD);
        memcpy(&first[1], b, WORD);
        memcpy(&last[0], a + count - WORD, WORD);
        memcpy(&last[1], b + count - WORD, WORD);
    } else {
        memcpy(&first[0], a, HALF);
        memcpy(&first[1], b, HALF);
        memcpy(&last[0], a + count - HALF, HALF);
        memcpy(&last[1], b + count - HALF, HALF);
    }
    return first[0] == first[1] && last[0] == last[1];
}

static inline bool text_equal(Text a, Text b)
{
    return a.len == b.len && (a.len == 0 || (a.ptr[0] == b.ptr[0] && bytes_equal(a.ptr, b.ptr, a.len)));
}

/* Most words that are compared differ in their first byte: then b need not be measured. */
static inline bool text_equal_c(Text a, const char *b)
{
    if (!b || a.len == 0)
        return a.len == 0 && (!b || b[0] == '\0');
    return a.ptr[0] == b[0] && text_equal(a, text_from_c(b));
}

/* Byte order, as memcmp; a prefix comes first. */
static inline int text_compare(Text a, Text b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    if (shorter > 0 && a.ptr[0] != b.ptr[0])
        return (unsigned char)a.ptr[0] < (unsigned char)b.ptr[0] ? -1 : 1;
    int order = shorter == 0 ? 0 : memcmp(a.ptr, b.ptr, shorter);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* Bytes of ASCII, whatever the locale says. */
static inline bool byte_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool byte_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool byte_is_alphanumeric(char c)
{
    return byte_is_letter(c) || byte_is_digit(c);
}

static inline char byte_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Whether the letters of ASCII are the same, large or small, and all other bytes equal. */
bool text_equal_any_case(Text a, Text b);
/* How many digits of ASCII it begins with. */
size_t text_count_digits(Text text);
bool text_starts_with(Text text, Text prefix);
bool text_ends_with(Text text, Text suffix);
/* Index of the first byte `byte`, or text.len when there is none. */
size_t text_find_byte(Text text, char byte);
/* Index of the first occurrence of needle, or text.len when there is none. */
size_t text_find(Text text, Text needle);
Text text_slice(Text text, size_t start, size_t end);
/* Drops blanks, tabs and line ends at both ends. */
Text text_trim(Text text);
/* For hash tables only: never shown, never stored. */
uint32_t text_hash(Text text);
/* Levenshtein distance counting a swap of neighbours as one; more than `limit` gives limit + 1. Texts over 63 bytes never match. */
size_t text_edit_distance(Text a, Text b, size_t limit);

#endif
