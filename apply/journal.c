#include "apply/journal.h"

#include "base/file.h"
#include "plan/plan_read.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { JOURNAL_BYTES_MAX = 64 * 1024 * 1024 };

/* Entries of this plan; false when the file is of another one. */
static bool read_lines(Arena *arena, Text text, Journal *out)
{
    bool is_same = true;
    while (text.len) {
        size_t end = text_find_byte(text, '\n');
        ReadJsonError error;
        const ReadJson *json = end < text.len ? json_read(arena, text_slice(text, 0, end), &error) : NULL;
        text = end < text.len ? text_slice(text, end + 1, text.len) : TEXT_NONE;
        const ReadJson *known = json_read_member(json, "known");
        const ReadJson *at = json_read_member(json, "at");
        Text step = json_read_text(json_read_member(json, "step"));
        if (!step.len)
            continue;
        is_same = text_equal(json_read_text(json_read_member(json, "plan")), out->plan);
        if (!is_same)
            break;
        JournalEntry entry = {.step = step,
                              .is_done = text_equal_c(json_read_text(json_read_member(json, "event")), "done"),
                              .at_ms = at && at->kind == READ_NUMBER ? at->number.num : 0,
                              .known = known ? saved_plain(arena, known) : NULL};
        ARRAY_PUSH(arena, &out->entries, entry);
    }
    if (!is_same)
        out->entries.count = 0;
    return is_same;
}

bool journal_open(Arena *arena, Text path, Text plan, Journal *out, Text *reason)
{
    *out = (Journal){.descriptor = -1, .plan = plan};
    if (!path.len)
        return true;
    Text text = TEXT_NONE;
    bool exists = file_exists(path);
    if (exists && !file_read(arena, path, JOURNAL_BYTES_MAX, &text, reason))
        return false;
    bool is_same = read_lines(arena, text, out);
    Text name = arena_copy_text(arena, path);
    out->descriptor = open(name.ptr, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (is_same ? 0 : O_TRUNC), 0600);
    if (out->descriptor < 0) {
        *reason = file_reason(arena, errno);
        return false;
    }
    /* A line that a crash cut off must not run into the next one. */
    bool is_torn = is_same && text.len && text.ptr[text.len - 1] != '\n';
    return !is_torn || write(out->descriptor, "\n", 1) == 1;
}

bool journal_add(Journal *journal, Text step, bool is_done, int64_t at_ms, const Json *known)
{
    if (journal->descriptor < 0)
        return true;
    Buffer line = {0};
    buffer_add_format(&line, "{\"at\":%lld,\"event\":\"%s\"", (long long)at_ms, is_done ? "done" : "begin");
    if (known && json_length(known)) {
        buffer_add_c(&line, ",\"known\":");
        json_write(&line, known, 0);
    }
    buffer_add_c(&line, ",\"plan\":");
    buffer_add_json_string(&line, journal->plan);
    buffer_add_c(&line, ",\"step\":");
    buffer_add_json_string(&line, step);
    buffer_add_c(&line, "}\n");
    size_t written = 0;
    while (written < line.length) {
        ssize_t count = write(journal->descriptor, line.bytes + written, line.length - written);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            break;
        written += (size_t)count;
    }
    bool whole = written == line.length;
    buffer_free(&line);
    return whole && fsync(journal->descriptor) == 0;
}

const JournalEntry *journal_find(const Journal *journal, Text step)
{
    for (size_t i = journal->entries.count; i > 0; i--)
        if (text_equal(journal->entries.items[i - 1].step, step))
            return &journal->entries.items[i - 1];
    return NULL;
}

void journal_close(Journal *journal)
{
    if (journal->descriptor >= 0)
        (void)close(journal->descriptor);
    journal->descriptor = -1;
}
