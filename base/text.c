#include "base/text.h"

bool text_equal_any_case(Text a, Text b)
{
    for (size_t i = 0; a.len == b.len && i < a.len; i++)
        if (byte_lower(a.ptr[i]) != byte_lower(b.ptr[i]))
            return false;
    return a.len == b.len;
}

size_t text_count_digits(Text text)
{
    size_t count = 0;
    while (count < text.len && byte_is_digit(text.ptr[count]))
        count++;
    return count;
}

bool text_starts_with(Text text, Text prefix)
{
    return text.len >= prefix.len && text_equal(text_slice(text, 0, prefix.len), prefix);
}

bool text_ends_with(Text text, Text suffix)
{
    return text.len >= suffix.len && text_equal(text_slice(text, text.len - suffix.len, text.len), suffix);
}

size_t text_find_byte(Text text, char byte)
{
    const char *found = text.len ? memchr(text.ptr, byte, text.len) : NULL;
    return found ? (size_t)(found - text.ptr) : text.len;
}

/* memmem prepares itself for a long search: most texts are shorter than that takes. */
static const char *find_in_short(Text text, Text needle)
{
    const char *at = text.ptr;
    const char *last = text.ptr + text.len - needle.len;
    while (at <= last && (at = memchr(at, needle.ptr[0], (size_t)(last - at) + 1)) != NULL) {
        if (memcmp(at, needle.ptr, needle.len) == 0)
            return at;
        at++;
    }
    return NULL;
}

size_t text_find(Text text, Text needle)
{
    enum { SHORT = 128 };
    if (!needle.len)
        return 0;
    if (text.len < needle.len)
        return text.len;
    const char *found = text.len <= SHORT ? find_in_short(text, needle) : memmem(text.ptr, text.len, needle.ptr, needle.len);
    return found ? (size_t)(found - text.ptr) : text.len;
}

Text text_slice(Text text, size_t start, size_t end)
{
    if (end > text.len)
        end = text.len;
    if (start > end)
        start = end;
    return (Text){text.ptr ? text.ptr + start : NULL, end - start};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

Text text_trim(Text text)
{
    size_t start = 0;
    size_t end = text.len;
    while (start < end && is_blank(text.ptr[start]))
        start++;
    while (end > start && is_blank(text.ptr[end - 1]))
        end--;
    return text_slice(text, start, end);
}

/* The high half of the product depends on all bytes of the word. */
static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 32;
}

static uint64_t word_at(const char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

/* Eight bytes at a time; the last eight may have been taken in part before. */
uint32_t text_hash(Text text)
{
    enum { WORD = sizeof(uint64_t) };
    uint64_t hash = text.len;
    uint64_t rest = 0;
    for (size_t at = 0; at + WORD < text.len; at += WORD)
        hash = mix(hash, word_at(text.ptr + at));
    for (size_t at = 0; text.len < WORD && at < text.len; at++)
        rest = rest << 8 | (unsigned char)text.ptr[at];
    return (uint32_t)mix(hash, text.len < WORD ? rest : word_at(text.ptr + text.len - WORD));
}

enum { LONGEST_COMPARED = 63 };

size_t text_edit_distance(Text a, Text b, size_t limit)
{
    size_t least = a.len > b.len ? a.len - b.len : b.len - a.len;
    if (a.len > LONGEST_COMPARED || b.len > LONGEST_COMPARED || least > limit)
        return limit + 1;
    size_t rows[3][LONGEST_COMPARED + 1];
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t *now = rows[i % 3];
        const size_t *before = rows[(i + 2) % 3];
        const size_t *two_before = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t best = before[j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]);
            if (before[j] + 1 < best)
                best = before[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            bool swapped = i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1];
            if (swapped && two_before[j - 2] + 1 < best)
                best = two_before[j - 2] + 1;
            now[j] = best;
        }
    }
    size_t distance = rows[a.len % 3][b.len];
    return distance > limit ? limit + 1 : distance;
}
