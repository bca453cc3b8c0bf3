#include "base/utf8.h"

#include <string.h>

typedef struct CodeRange {
    uint32_t first;
    uint32_t last;
} CodeRange;

/* Unicode's East_Asian_Width W and F, by block: exact enough for carets. */
static const CodeRange wide_ranges[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},   {0x23e9, 0x23ec},   {0x25fd, 0x25fe},
    {0x2614, 0x2615},   {0x2648, 0x2653},   {0x26aa, 0x26ab},   {0x26bd, 0x26be},   {0x26c4, 0x26c5},
    {0x26d4, 0x26d4},   {0x26ea, 0x26ea},   {0x26f2, 0x26f5},   {0x26fa, 0x26fd},   {0x2705, 0x2705},
    {0x270a, 0x270b},   {0x2728, 0x2728},   {0x274c, 0x274e},   {0x2753, 0x2757},   {0x2795, 0x2797},
    {0x27b0, 0x27bf},   {0x2b1b, 0x2b1c},   {0x2b50, 0x2b55},   {0x2e80, 0x303e},   {0x3041, 0x33ff},
    {0x3400, 0x4dbf},   {0x4e00, 0x9fff},   {0xa000, 0xa4cf},   {0xa960, 0xa97f},   {0xac00, 0xd7a3},
    {0xf900, 0xfaff},   {0xfe10, 0xfe19},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
    {0x16fe0, 0x18aff}, {0x1b000, 0x1b2ff}, {0x1f004, 0x1f004}, {0x1f0cf, 0x1f0cf}, {0x1f18e, 0x1f19a},
    {0x1f200, 0x1f265}, {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1faff}, {0x20000, 0x3fffd},
};

static const CodeRange zero_ranges[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x0610, 0x061a}, {0x064b, 0x065f},
    {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
};

static bool in_ranges(const CodeRange *ranges, size_t count, uint32_t point)
{
    for (size_t i = 0; i < count; i++)
        if (point >= ranges[i].first && point <= ranges[i].last)
            return true;
    return false;
}

size_t utf8_decode(Text text, uint32_t *out)
{
    if (text.len == 0)
        return 0;
    const unsigned char *s = (const unsigned char *)text.ptr;
    if (s[0] < 0x80) {
        *out = s[0];
        return 1;
    }
    size_t length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || text.len < length)
        return 0;
    uint32_t point = s[0] & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        point = (point << 6) | (s[i] & 0x3fu);
    }
    bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
    if (overlong || (point >= 0xd800 && point <= 0xdfff) || point > 0x10ffff)
        return 0;
    *out = point;
    return length;
}

/* Whether eight ASCII bytes stand here: nearly all text is that. */
static bool is_ascii_at(Text text, size_t at)
{
    uint64_t eight;
    if (text.len - at < sizeof eight)
        return false;
    memcpy(&eight, text.ptr + at, sizeof eight);
    return (eight & UINT64_C(0x8080808080808080)) == 0;
}

/* Eight bytes are told at once by the highest bit of each, which none of ASCII has: an addition sets it where the byte is at least so large. */
size_t utf8_count_plain(Text text)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t highest = ones * 0x80;
    const uint64_t lower = ones * 0x7f;
    size_t at = 0;
    for (; at + sizeof(uint64_t) <= text.len; at += sizeof(uint64_t)) {
        uint64_t eight;
        memcpy(&eight, text.ptr + at, sizeof eight);
        uint64_t feeds = eight ^ ones * '\n';
        bool is_other = (eight | (eight + ones)) & highest; /* beyond ASCII, or 0x7f */
        uint64_t is_control = ~(eight + ones * (0x80 - ' ')) & highest;
        uint64_t is_feed = ~(((feeds & lower) + lower) | feeds | lower);
        if (is_other || (is_control & ~is_feed))
            break;
    }
    return at;
}

size_t utf8_find_invalid(Text text)
{
    size_t i = 0;
    while (i < text.len) {
        if (is_ascii_at(text, i)) {
            i += sizeof(uint64_t);
            continue;
        }
        uint32_t point = 0;
        size_t length = utf8_decode(text_slice(text, i, text.len), &point);
        if (length == 0)
            return i;
        i += length;
    }
    return text.len;
}

size_t utf8_count(Text text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len;) {
        if (is_ascii_at(text, i)) {
            i += sizeof(uint64_t);
            count += sizeof(uint64_t);
            continue;
        }
        uint32_t point = 0;
        bool is_ascii = (unsigned char)text.ptr[i] < 0x80;
        size_t length = is_ascii ? 1 : utf8_decode(text_slice(text, i, text.len), &point);
        i += length ? length : 1;
        count++;
    }
    return count;
}

size_t utf8_width(Text text)
{
    size_t width = 0;
    for (size_t i = 0; i < text.len;) {
        uint32_t point = 0;
        size_t length = utf8_decode(text_slice(text, i, text.len), &point);
        i += length ? length : 1;
        if (length > 1 && in_ranges(zero_ranges, sizeof zero_ranges / sizeof *zero_ranges, point))
            continue;
        bool wide = length > 2 && in_ranges(wide_ranges, sizeof wide_ranges / sizeof *wide_ranges, point);
        width += wide ? 2 : 1;
    }
    return width;
}
