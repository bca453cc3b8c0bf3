#include "diagnostics/source.h"

#include "base/utf8.h"

#include <string.h>

const Span SPAN_NONE = {UINT32_MAX, 0, 0};

static const Text byte_order_mark = {"\xef\xbb\xbf", 3};

uint32_t sources_add(Arena *arena, Sources *sources, Text path, Text text, bool is_library)
{
    if (!sources->arena)
        sources->arena = arena;
    SourceFile *file = ARENA_NEW(sources->arena, SourceFile);
    *file = (SourceFile){.path = path, .text = text, .is_library = is_library};
    ARRAY_PUSH(sources->arena, &sources->files, file);
    return (uint32_t)(sources->files.count - 1);
}

static SourceFile *get_file(const Sources *sources, uint32_t file)
{
    return file < sources->files.count ? sources->files.items[file] : NULL;
}

static void index_lines(const Sources *sources, SourceFile *file)
{
    if (file->lines)
        return;
    size_t count = 1;
    for (const char *at = file->text.ptr, *end = at + file->text.len; at && at < end && (at = memchr(at, '\n', (size_t)(end - at))); at++)
        count++;
    file->lines = ARENA_NEW_ARRAY(sources->arena, uint32_t, count);
    file->line_count = 1;
    for (size_t i = 0; i < file->text.len; i++)
        if (file->text.ptr[i] == '\n')
            file->lines[file->line_count++] = (uint32_t)(i + 1);
}

/* The last line that starts at or before the offset, from 0. */
static size_t find_line(const SourceFile *file, uint32_t offset)
{
    size_t low = 0;
    size_t high = file->line_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (file->lines[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Where the text of a line (from 0) begins: a byte order mark is no part of the first one. */
static size_t line_start(const SourceFile *file, size_t line)
{
    bool has_mark = line == 0 && text_starts_with(file->text, byte_order_mark);
    return file->lines[line] + (has_mark ? byte_order_mark.len : 0);
}

enum { MARK_STEP = 512 };

/* Mark i is at the first character that begins at or behind byte i * MARK_STEP. */
static void index_characters(const Sources *sources, SourceFile *file)
{
    size_t count = file->text.len / MARK_STEP + 1;
    size_t offset = 0;
    size_t characters = 0;
    if (file->marks)
        return;
    file->marks = ARENA_NEW_ARRAY(sources->arena, SourceMark, count);
    for (size_t i = 0; i < count; i++) {
        for (; offset < i * MARK_STEP; characters++) {
            uint32_t point;
            bool is_ascii = (unsigned char)file->text.ptr[offset] < 0x80;
            size_t length = is_ascii ? 1 : utf8_decode(text_slice(file->text, offset, file->text.len), &point);
            offset += length ? length : 1;
        }
        file->marks[i] = (SourceMark){(uint32_t)offset, (uint32_t)characters};
    }
}

/* The characters of the file before the offset. */
static size_t count_before(const SourceFile *file, size_t offset)
{
    size_t at = offset / MARK_STEP;
    if (file->marks[at].offset > offset)
        at--;
    return file->marks[at].characters + utf8_count(text_slice(file->text, file->marks[at].offset, offset));
}

Position sources_locate(const Sources *sources, uint32_t file, uint32_t offset)
{
    SourceFile *source = get_file(sources, file);
    if (!source)
        return (Position){1, 1};
    index_lines(sources, source);
    index_characters(sources, source);
    if (offset > source->text.len)
        offset = (uint32_t)source->text.len;
    size_t line = find_line(source, offset);
    size_t start = line_start(source, line);
    size_t column = offset > start ? count_before(source, offset) - count_before(source, start) : 0;
    return (Position){(uint32_t)(line + 1), (uint32_t)(column + 1)};
}

Text sources_line(const Sources *sources, uint32_t file, uint32_t line)
{
    SourceFile *source = get_file(sources, file);
    if (!source || line == 0)
        return TEXT_NONE;
    index_lines(sources, source);
    if (line > source->line_count)
        return TEXT_NONE;
    size_t end = line < source->line_count ? source->lines[line] - 1 : source->text.len;
    Text text = text_slice(source->text, line_start(source, line - 1), end);
    if (text.len > 0 && text.ptr[text.len - 1] == '\r')
        text.len--;
    return text;
}

Text sources_text(const Sources *sources, Span span)
{
    const SourceFile *source = get_file(sources, span.file);
    return source ? text_slice(source->text, span.start, span.end) : TEXT_NONE;
}

Text sources_path(const Sources *sources, uint32_t file)
{
    const SourceFile *source = get_file(sources, file);
    return source ? source->path : TEXT_NONE;
}

Span span_join(Span a, Span b)
{
    if (span_is_none(a))
        return b;
    if (span_is_none(b))
        return a;
    return (Span){a.file, a.start < b.start ? a.start : b.start, a.end > b.end ? a.end : b.end};
}

bool span_is_none(Span span)
{
    return span.file == UINT32_MAX;
}
