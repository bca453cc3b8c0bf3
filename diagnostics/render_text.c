#include "diagnostics/render.h"

#include "base/utf8.h"
#include "diagnostics/secret.h"

#include <stdlib.h>

/* Terminal colours of the parts. */
typedef enum Paint { PAINT_NONE, PAINT_SEVERITY, PAINT_FRAME, PAINT_BOLD } Paint;

/* One label on a line: columns from 0 as shown, `end` exclusive. */
typedef struct Mark {
    size_t start;
    size_t end;
    Text text;
    bool is_primary;
} Mark;

enum {
    TAB_WIDTH = 4,
    LINE_COLUMNS = 160, /* of a longer line a window around the label is shown */
    WINDOW_BEFORE = 60, /* columns of it before the label */
};

typedef struct Renderer {
    Buffer *out;
    const Diagnostics *sink;
    const Diagnostic *item;
    const Secrets *secrets;
    bool use_color;
    size_t gutter; /* columns of the line numbers */
} Renderer;

static void paint(const Renderer *renderer, Paint part)
{
    if (!renderer->use_color)
        return;
    switch (part) {
    case PAINT_NONE: buffer_add_c(renderer->out, "\x1b[0m"); return;
    case PAINT_FRAME: buffer_add_c(renderer->out, "\x1b[1;34m"); return;
    case PAINT_BOLD: buffer_add_c(renderer->out, "\x1b[1m"); return;
    case PAINT_SEVERITY: break;
    }
    switch (renderer->item->severity) {
    case SEVERITY_ERROR: buffer_add_c(renderer->out, "\x1b[1;31m"); return;
    case SEVERITY_WARNING: buffer_add_c(renderer->out, "\x1b[1;33m"); return;
    case SEVERITY_NOTE: buffer_add_c(renderer->out, "\x1b[1;36m"); return;
    }
}

/* Whether a terminal would act on the character instead of showing it. */
static bool is_hidden(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

/* Columns that a character takes, with what is shown for it. */
static size_t show_character(Text rest, size_t *length, Text *shown)
{
    uint32_t point = 0;
    *length = utf8_decode(rest, &point);
    bool is_valid = *length > 0;
    *length = is_valid ? *length : 1;
    *shown = text_slice(rest, 0, *length);
    if (is_valid && point == '\t') {
        *shown = TEXT("    ");
        return TAB_WIDTH;
    }
    if (!is_valid || is_hidden(point)) {
        *shown = TEXT("\xef\xbf\xbd");
        return 1;
    }
    return utf8_width(*shown);
}

static void add_shown(Buffer *out, Text text)
{
    for (size_t at = 0; at < text.len;) {
        size_t length = 0;
        Text shown;
        (void)show_character(text_slice(text, at, text.len), &length, &shown);
        buffer_add(out, shown);
        at += length;
    }
}

/* Words of a label, a note or a message: on one line. */
static void add_words(Buffer *out, Text text)
{
    for (size_t start = 0; start <= text.len;) {
        size_t end = start + text_find_byte(text_slice(text, start, text.len), '\n');
        add_shown(out, text_slice(text, start, end));
        if (end < text.len)
            buffer_add_byte(out, ' ');
        start = end + 1;
    }
}

static size_t shown_width(Text text)
{
    size_t width = 0;
    for (size_t at = 0; at < text.len;) {
        size_t length = 0;
        Text shown;
        width += show_character(text_slice(text, at, text.len), &length, &shown);
        at += length;
    }
    return width;
}

/* --- one line with its marks --- */

static void begin_line(const Renderer *renderer, uint32_t number)
{
    paint(renderer, PAINT_FRAME);
    if (number > 0)
        buffer_add_format(renderer->out, "%*u |", (int)renderer->gutter, number);
    else
        buffer_add_format(renderer->out, "%*s |", (int)renderer->gutter, "");
    paint(renderer, PAINT_NONE);
}

static void end_line(const Renderer *renderer)
{
    Buffer *out = renderer->out;
    while (out->length > 0 && out->bytes[out->length - 1] == ' ')
        out->length--;
    buffer_add_byte(out, '\n');
}

/* The row of carets and dashes: the primary label is drawn over the others. */
static size_t add_underlines(const Renderer *renderer, const Mark *marks, size_t count)
{
    size_t width = 0;
    for (size_t i = 0; i < count; i++)
        width = marks[i].end > width ? marks[i].end : width;
    Paint before = PAINT_NONE;
    for (size_t column = 0; column < width; column++) {
        char shown = ' ';
        for (size_t i = 0; i < count; i++)
            if (column >= marks[i].start && column < marks[i].end && shown != '^')
                shown = marks[i].is_primary ? '^' : '-';
        Paint now = shown == '^' ? PAINT_SEVERITY : shown == '-' ? PAINT_FRAME : PAINT_NONE;
        if (now != before)
            paint(renderer, now);
        before = now;
        buffer_add_byte(renderer->out, shown);
    }
    if (before != PAINT_NONE && width > 0)
        paint(renderer, PAINT_NONE);
    return width;
}

static void add_mark_text(const Renderer *renderer, const Mark *mark)
{
    paint(renderer, mark->is_primary ? PAINT_SEVERITY : PAINT_FRAME);
    add_words(renderer->out, secrets_hide_words(renderer->secrets, mark->text));
    paint(renderer, PAINT_NONE);
}

/* Bars below the marks [0, count) that still wait for their words, then the words of `last`, if given. */
static void add_hanging(const Renderer *renderer, const Mark *marks, size_t count, const Mark *last)
{
    begin_line(renderer, 0);
    buffer_add_byte(renderer->out, ' ');
    size_t column = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_covered = marks[i].text.len == 0 || marks[i].start < column || (last && marks[i].start >= last->start);
        if (is_covered)
            continue;
        buffer_add_repeated(renderer->out, ' ', marks[i].start - column);
        paint(renderer, marks[i].is_primary ? PAINT_SEVERITY : PAINT_FRAME);
        buffer_add_byte(renderer->out, '|');
        paint(renderer, PAINT_NONE);
        column = marks[i].start + 1;
    }
    if (last) {
        buffer_add_repeated(renderer->out, ' ', last->start - column);
        add_mark_text(renderer, last);
    }
    end_line(renderer);
}

static int compare_marks(const void *left, const void *right)
{
    const Mark *a = left;
    const Mark *b = right;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    if (a->end != b->end)
        return a->end < b->end ? -1 : 1;
    if (a->is_primary != b->is_primary)
        return a->is_primary ? 1 : -1;
    return text_compare(a->text, b->text);
}

/* The words of the last mark stand beside it when nothing reaches further right; those of the others hang below. */
static void add_marks(const Renderer *renderer, Mark *marks, size_t count)
{
    qsort(marks, count, sizeof *marks, compare_marks);
    begin_line(renderer, 0);
    buffer_add_byte(renderer->out, ' ');
    size_t width = add_underlines(renderer, marks, count);
    bool is_beside = marks[count - 1].end == width;
    size_t hanging = is_beside ? count - 1 : count;
    if (is_beside && marks[count - 1].text.len > 0) {
        buffer_add_byte(renderer->out, ' ');
        add_mark_text(renderer, &marks[count - 1]);
    }
    end_line(renderer);
    bool has_bars = false;
    for (size_t i = 0; i < hanging; i++)
        has_bars = has_bars || marks[i].text.len > 0;
    if (has_bars)
        add_hanging(renderer, marks, hanging, NULL);
    for (size_t i = hanging; i > 0; i--)
        if (marks[i - 1].text.len > 0)
            add_hanging(renderer, marks, i - 1, &marks[i - 1]);
}

/* --- the lines of a diagnostic --- */

/* A label with its line. */
typedef struct Place {
    const Label *label;
    Position position;
    bool is_primary;
} Place;

typedef ARRAY(Place) PlaceArray;

static size_t find_line_start(const Renderer *renderer, const Place *place)
{
    Text line = sources_line(renderer->sink->sources, place->label->span.file, place->position.line);
    const SourceFile *file = renderer->sink->sources->files.items[place->label->span.file];
    return line.ptr ? (size_t)(line.ptr - file->text.ptr) : 0;
}

/* Offsets in the line of what a label covers on it. */
static void find_extent(const Place *place, size_t line_start, size_t line_length, size_t *start, size_t *end)
{
    Span span = place->label->span;
    *start = span.start > line_start ? span.start - line_start : 0;
    *end = span.end > line_start ? span.end - line_start : 0;
    *start = *start > line_length ? line_length : *start;
    *end = *end > line_length ? line_length : *end;
    *end = *end < *start ? *start : *end;
}

/* The part of a long line that is shown: from some columns before its first mark. */
static Text choose_window(Text line, size_t first, size_t *start)
{
    *start = 0;
    if (line.len <= LINE_COLUMNS)
        return line;
    size_t from = first > WINDOW_BEFORE ? first - WINDOW_BEFORE : 0;
    while (from > 0 && ((unsigned char)line.ptr[from] & 0xc0) == 0x80)
        from--;
    size_t to = from + LINE_COLUMNS < line.len ? from + LINE_COLUMNS : line.len;
    while (to < line.len && ((unsigned char)line.ptr[to] & 0xc0) == 0x80)
        to++;
    *start = from;
    return text_slice(line, from, to);
}

/* One line of source with the places [first, last) that lie on it. */
static void add_source_line(const Renderer *renderer, const PlaceArray *places, size_t first, size_t last)
{
    Arena *arena = renderer->sink->arena;
    const Place *head = &places->items[first];
    Text line = secrets_hide_line(renderer->secrets, head->label->span.file, head->position.line);
    size_t line_start = find_line_start(renderer, head);
    size_t start = 0;
    size_t end = 0;
    find_extent(head, line_start, line.len, &start, &end);
    size_t window_start = 0;
    Text window = choose_window(line, start, &window_start);
    Text before = window_start > 0 ? TEXT("… ") : TEXT("");
    begin_line(renderer, head->position.line);
    buffer_add_byte(renderer->out, ' ');
    buffer_add(renderer->out, before);
    add_shown(renderer->out, window);
    if (window_start + window.len < line.len)
        buffer_add_c(renderer->out, " …");
    end_line(renderer);
    Mark *marks = ARENA_NEW_ARRAY(arena, Mark, last - first);
    size_t shift = utf8_width(before);
    for (size_t i = first; i < last; i++) {
        find_extent(&places->items[i], line_start, line.len, &start, &end);
        start = start < window_start ? 0 : start - window_start;
        end = end < window_start ? 0 : end - window_start;
        start = start > window.len ? window.len : start;
        end = end > window.len ? window.len : end;
        Mark *mark = &marks[i - first];
        mark->start = shift + shown_width(text_slice(window, 0, start));
        mark->end = mark->start + shown_width(text_slice(window, start, end));
        mark->end += mark->end == mark->start;
        mark->text = places->items[i].label->text;
        mark->is_primary = places->items[i].is_primary;
    }
    add_marks(renderer, marks, last - first);
}

/* The primary place's file comes first, then the others in their order. */
static int compare_places(const void *left, const void *right)
{
    const Place *a = left;
    const Place *b = right;
    if (a->label->span.file != b->label->span.file)
        return a->label->span.file < b->label->span.file ? -1 : 1;
    if (a->label->span.start != b->label->span.start)
        return a->label->span.start < b->label->span.start ? -1 : 1;
    return (a->is_primary < b->is_primary) - (a->is_primary > b->is_primary);
}

static void add_place_line(const Renderer *renderer, const char *arrow, const Place *place)
{
    paint(renderer, PAINT_FRAME);
    buffer_add_format(renderer->out, "%*s%s ", (int)renderer->gutter, "", arrow);
    paint(renderer, PAINT_NONE);
    add_words(renderer->out, sources_path(renderer->sink->sources, place->label->span.file));
    buffer_add_format(renderer->out, ":%u:%u\n", place->position.line, place->position.column);
}

/* All lines of one file, in order; "..." stands for lines left out between them. */
static void add_file_lines(const Renderer *renderer, const PlaceArray *places, size_t first, size_t last)
{
    begin_line(renderer, 0);
    end_line(renderer);
    for (size_t i = first; i < last;) {
        size_t next = i + 1;
        while (next < last && places->items[next].position.line == places->items[i].position.line)
            next++;
        if (i > first) {
            uint32_t gap = places->items[i].position.line - places->items[i - 1].position.line;
            if (gap > 1)
                buffer_add_c(renderer->out, "...\n");
        }
        add_source_line(renderer, places, i, next);
        i = next;
    }
}

static void add_place(Arena *arena, const Sources *sources, PlaceArray *places, const Label *label, bool is_primary)
{
    if (span_is_none(label->span))
        return;
    Place place = {label, sources_locate(sources, label->span.file, label->span.start), is_primary};
    ARRAY_PUSH(arena, places, place);
}

static size_t count_digits(size_t number)
{
    size_t count = 1;
    for (; number >= 10; number /= 10)
        count++;
    return count;
}

static void add_snippets(Renderer *renderer)
{
    const Diagnostic *item = renderer->item;
    PlaceArray places = {0};
    add_place(renderer->sink->arena, renderer->sink->sources, &places, &item->primary, true);
    for (size_t i = 0; i < item->labels.count; i++)
        add_place(renderer->sink->arena, renderer->sink->sources, &places, &item->labels.items[i], false);
    if (places.count == 0 || !places.items[0].is_primary)
        return;
    uint32_t greatest = 0;
    for (size_t i = 0; i < places.count; i++)
        greatest = places.items[i].position.line > greatest ? places.items[i].position.line : greatest;
    renderer->gutter = count_digits(greatest);
    add_place_line(renderer, "-->", &places.items[0]);
    qsort(places.items, places.count, sizeof *places.items, compare_places);
    uint32_t own_file = item->primary.span.file;
    for (int is_other = 0; is_other < 2; is_other++) {
        for (size_t first = 0; first < places.count;) {
            size_t last = first + 1;
            uint32_t file = places.items[first].label->span.file;
            while (last < places.count && places.items[last].label->span.file == file)
                last++;
            if ((file != own_file) == is_other) {
                if (is_other)
                    add_place_line(renderer, ":::", &places.items[first]);
                add_file_lines(renderer, &places, first, last);
            }
            first = last;
        }
    }
}

static void add_footer(const Renderer *renderer, const char *name, Text words)
{
    paint(renderer, PAINT_FRAME);
    buffer_add_format(renderer->out, "%*s = ", (int)renderer->gutter, "");
    paint(renderer, PAINT_BOLD);
    buffer_add_format(renderer->out, "%s: ", name);
    paint(renderer, PAINT_NONE);
    add_words(renderer->out, secrets_hide_words(renderer->secrets, words));
    buffer_add_byte(renderer->out, '\n');
}

static void render_one(Renderer *renderer)
{
    const Diagnostic *item = renderer->item;
    const char *code = diagnostic_page(item->code)->code;
    renderer->gutter = 1;
    paint(renderer, PAINT_SEVERITY);
    buffer_add_format(renderer->out, "%s[%s]", severity_name(item->severity), code);
    paint(renderer, PAINT_BOLD);
    buffer_add_c(renderer->out, ": ");
    add_words(renderer->out, secrets_hide_words(renderer->secrets, item->message));
    paint(renderer, PAINT_NONE);
    buffer_add_byte(renderer->out, '\n');
    add_snippets(renderer);
    Arena *arena = renderer->sink->arena;
    if (item->environment.len > 0)
        add_footer(renderer, "note", arena_format(arena, "in environment %.*s", TEXT_ARG(item->environment)));
    for (size_t i = 0; i < item->notes.count; i++)
        add_footer(renderer, "note", item->notes.items[i]);
    if (item->fix)
        add_footer(renderer, "fix", item->fix->description);
    add_footer(renderer, "see", arena_format(arena, "svc explain %s", code));
}

void render_text(Buffer *out, const Diagnostics *diagnostics, bool use_color)
{
    Secrets secrets = secrets_find(diagnostics);
    for (size_t i = 0; i < diagnostics->items.count; i++) {
        if (i > 0)
            buffer_add_byte(out, '\n');
        Renderer renderer = {.out = out, .sink = diagnostics, .item = diagnostics->items.items[i], .secrets = &secrets, .use_color = use_color};
        render_one(&renderer);
    }
}

void render_text_of(Buffer *out, const Diagnostics *diagnostics, const Diagnostic *item, const Secrets *secrets)
{
    Renderer renderer = {.out = out, .sink = diagnostics, .item = item, .secrets = secrets};
    render_one(&renderer);
}
