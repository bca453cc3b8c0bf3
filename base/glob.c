#include "base/glob.h"

#include "base/utf8.h"

/* Where to go on when what was tried last fails: one more character is then taken by the star. */
typedef struct Retry {
    size_t pattern;
    size_t path;
    bool is_set;
    bool is_double; /* takes slashes too */
    bool is_whole;  /* takes whole folders only */
} Retry;

static bool at_stars(Text pattern, size_t at)
{
    return at + 1 < pattern.len && pattern.ptr[at] == '*' && pattern.ptr[at + 1] == '*';
}

static size_t character_length(Text text, size_t at)
{
    uint32_t point = 0;
    size_t length = utf8_decode(text_slice(text, at, text.len), &point);
    return length ? length : 1;
}

/* Takes one more character, or folder, into a star. */
static bool retry(Retry *star, Text path, size_t *pattern_at, size_t *path_at)
{
    size_t rest = star->is_set && star->path < path.len ? path.len - star->path : 0;
    size_t step = rest ? character_length(path, star->path) : 0;
    if (rest && star->is_whole)
        step = text_find_byte(text_slice(path, star->path, path.len), '/') + 1;
    star->is_set = rest > 0 && step <= rest && (star->is_double || path.ptr[star->path] != '/');
    if (!star->is_set)
        return false;
    star->path += step;
    *pattern_at = star->pattern;
    *path_at = star->path;
    return true;
}

/* The pattern from the path's place `start` on. True when it ends where the path or a folder of it ends. A later double star makes the
   earlier stars final, and a later single one those of its folder: what they took, the later one can make up for. */
static bool matches_from(Text pattern, Text path, size_t start)
{
    size_t i = 0;
    size_t j = start;
    Retry one = {0};
    Retry many = {0};
    while (true) {
        if (at_stars(pattern, i)) {
            i += 2;
            bool has_slash = i < pattern.len && pattern.ptr[i] == '/';
            i += has_slash;
            many = (Retry){i, j, true, true, has_slash};
            one = (Retry){0};
            continue;
        }
        if (i < pattern.len && pattern.ptr[i] == '*') {
            i++;
            one = (Retry){i, j, true, false, false};
            continue;
        }
        bool is_over = i == pattern.len && (j == path.len || path.ptr[j] == '/');
        if (is_over)
            return true;
        bool takes_any = i < pattern.len && j < path.len && pattern.ptr[i] == '?' && path.ptr[j] != '/';
        bool is_equal = i < pattern.len && j < path.len && pattern.ptr[i] == path.ptr[j];
        if (takes_any || is_equal) {
            j += takes_any ? character_length(path, j) : 1;
            i++;
            continue;
        }
        if (!retry(&one, path, &i, &j) && !retry(&many, path, &i, &j))
            return false;
    }
}

bool glob_matches(Text pattern, Text path)
{
    while (text_starts_with(pattern, TEXT("./")))
        pattern = text_slice(pattern, 2, pattern.len);
    while (text_ends_with(pattern, TEXT("/")))
        pattern = text_slice(pattern, 0, pattern.len - 1);
    if (pattern.len == 0)
        return false;
    if (text_find_byte(pattern, '/') < pattern.len)
        return matches_from(pattern, path, 0);
    for (size_t start = 0; start < path.len; start += text_find_byte(text_slice(path, start, path.len), '/') + 1)
        if (matches_from(pattern, path, start))
            return true;
    return false;
}
