#include "cli/progress.h"

#include "cli/pipeline.h"

#include <unistd.h>

typedef struct Row {
    Text id;
    Text name;
    Text revision;
    Text rollout;
    Text event;
    int64_t desired, running, pending, failed, others;
} Row;

struct Progress {
    Arena *arena;
    bool is_json;
    bool is_terminal;
    bool use_color;
    int64_t started_ms;
    ARRAY(Row *) rows;
    size_t drawn; /* lines of the table on the screen */
};

/* --- words --- */

static const char *verb(Text action)
{
    static const struct {
        const char *action;
        const char *done;
    } verbs[] = {{"create", "created"}, {"change", "changed"}, {"widen", "widened"}, {"narrow", "narrowed"}, {"delete", "deleted"}};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (text_equal_c(action, verbs[i].action))
            return verbs[i].done;
    return "done";
}

static const char *kind_name(ApplyEventKind kind)
{
    switch (kind) {
    case APPLY_EVENT_LEASE: return "lease";
    case APPLY_EVENT_CHECKED: return "checked";
    case APPLY_EVENT_BEGIN: return "begin";
    case APPLY_EVENT_WAIT: return "wait";
    case APPLY_EVENT_RETRY: return "retry";
    case APPLY_EVENT_DONE: return "done";
    case APPLY_EVENT_FAILED: return "failed";
    case APPLY_EVENT_SERVICE: return "service";
    case APPLY_EVENT_NOTE: break;
    }
    return "note";
}

static void add_subject(Buffer *out, const SavedStep *step)
{
    buffer_add_format(out, "%s %.*s", resource_facts(step->item->kind)->label, TEXT_ARG(step->item->name.len ? step->item->name : step->item->id));
}

static void add_service(Buffer *out, const ApplyService *service)
{
    buffer_add_format(out, "%.*s: %.*s %.*s, %lld of %lld running", TEXT_ARG(service->name), TEXT_ARG(service->revision), TEXT_ARG(service->rollout),
                      (long long)service->running, (long long)service->desired);
    if (service->pending)
        buffer_add_format(out, ", %lld pending", (long long)service->pending);
    if (service->failed)
        buffer_add_format(out, ", %lld failed", (long long)service->failed);
    if (service->others > 0)
        buffer_add_format(out, ", %lld of other revisions", (long long)service->others);
    if (service->event.len)
        buffer_add_format(out, "; %.*s", TEXT_ARG(service->event));
}

/* --- lines --- */

/* False: the event is none for people. */
static bool add_line(Buffer *out, const ApplyEvent *event)
{
    switch (event->kind) {
    case APPLY_EVENT_BEGIN: return false;
    case APPLY_EVENT_DONE:
        buffer_add_format(out, "%4zu/%zu  %s ", event->done, event->all, event->text.len ? "done before:" : verb(event->step->action));
        add_subject(out, event->step);
        buffer_add_format(out, " (%.*s)", TEXT_ARG(event->step->operation));
        break;
    case APPLY_EVENT_WAIT:
    case APPLY_EVENT_RETRY:
    case APPLY_EVENT_FAILED:
        buffer_add_c(out, event->kind == APPLY_EVENT_FAILED ? "         failed: " : "         waiting: ");
        add_subject(out, event->step);
        buffer_add_format(out, " (%.*s): %.*s", TEXT_ARG(event->step->operation), TEXT_ARG(event->text));
        break;
    case APPLY_EVENT_SERVICE:
        buffer_add_c(out, "         ");
        add_service(out, event->service);
        break;
    case APPLY_EVENT_LEASE:
    case APPLY_EVENT_CHECKED:
    case APPLY_EVENT_NOTE: buffer_add_format(out, "         %.*s", TEXT_ARG(event->text)); break;
    }
    buffer_add_byte(out, '\n');
    return true;
}

/* --- JSON --- */

static void add_member(Buffer *out, const char *key, Text value)
{
    buffer_add_format(out, ",\"%s\":", key);
    buffer_add_json_string(out, value);
}

static void add_object(Buffer *out, const ApplyEvent *event)
{
    buffer_add_format(out, "{\"event\":\"%s\",\"at\":%lld,\"done\":%zu,\"all\":%zu", kind_name(event->kind), (long long)event->at_ms, event->done, event->all);
    if (event->step) {
        add_member(out, "step", event->step->id);
        add_member(out, "resource", event->step->item->id);
        add_member(out, "action", event->step->action);
        add_member(out, "operation", event->step->operation);
    }
    if (event->text.len)
        add_member(out, "text", event->text);
    const ApplyService *service = event->service;
    if (service) {
        add_member(out, "name", service->name);
        add_member(out, "revision", service->revision);
        add_member(out, "rollout_state", service->rollout);
        buffer_add_format(out, ",\"desired\":%lld,\"running\":%lld,\"pending\":%lld,\"failed\":%lld,\"others\":%lld", (long long)service->desired,
                          (long long)service->running, (long long)service->pending, (long long)service->failed, (long long)service->others);
        if (service->event.len)
            add_member(out, "service_event", service->event);
    }
    buffer_add_c(out, "}\n");
}

/* --- the table --- */

static Row *find_row(Progress *progress, Text id)
{
    for (size_t i = 0; i < progress->rows.count; i++)
        if (text_equal(progress->rows.items[i]->id, id))
            return progress->rows.items[i];
    Row *row = ARENA_NEW(progress->arena, Row);
    row->id = arena_copy_text(progress->arena, id);
    ARRAY_PUSH(progress->arena, &progress->rows, row);
    return row;
}

static void keep_text(Arena *arena, Text *kept, Text now)
{
    if (now.len && !text_equal(*kept, now))
        *kept = arena_copy_text(arena, now);
}

static void update_row(Progress *progress, const ApplyService *service)
{
    Row *row = find_row(progress, service->id);
    keep_text(progress->arena, &row->name, service->name);
    keep_text(progress->arena, &row->revision, service->revision);
    keep_text(progress->arena, &row->rollout, service->rollout);
    keep_text(progress->arena, &row->event, service->event);
    row->desired = service->desired;
    row->running = service->running;
    row->pending = service->pending;
    row->failed = service->failed;
    row->others = service->others;
}

static void add_cell(Buffer *out, Text text, size_t width)
{
    Text shown = text.len > width ? text_slice(text, 0, width) : text;
    buffer_add(out, shown);
    buffer_add_repeated(out, ' ', width - shown.len + 2);
}

/* One write of all of it, each line cleared to its end behind its text: nothing flickers. */
static void draw_table(const Progress *progress, Buffer *out, size_t *lines)
{
    enum { NAME_WIDTH = 28, REVISION_WIDTH = 32, ROLLOUT_WIDTH = 12, EVENT_WIDTH = 76 };
    *lines = 0;
    if (!progress->rows.count)
        return;
    add_cell(out, TEXT("service"), NAME_WIDTH);
    add_cell(out, TEXT("revision"), REVISION_WIDTH);
    add_cell(out, TEXT("rollout"), ROLLOUT_WIDTH);
    buffer_add_c(out, "desired  running  pending  failed  others\033[K\n");
    (*lines)++;
    for (size_t i = 0; i < progress->rows.count; i++) {
        const Row *row = progress->rows.items[i];
        add_cell(out, row->name, NAME_WIDTH);
        add_cell(out, row->revision, REVISION_WIDTH);
        add_cell(out, row->rollout, ROLLOUT_WIDTH);
        buffer_add_format(out, "%7lld  %7lld  %7lld  %6lld  %6lld\033[K\n", (long long)row->desired, (long long)row->running, (long long)row->pending,
                          (long long)row->failed, (long long)row->others);
        (*lines)++;
        if (row->event.len) {
            buffer_add_c(out, "  ");
            buffer_add(out, text_slice(row->event, 0, row->event.len < EVENT_WIDTH ? row->event.len : EVENT_WIDTH));
            buffer_add_c(out, "\033[K\n");
            (*lines)++;
        }
    }
}

static void go_to_table(const Progress *progress, Buffer *out)
{
    if (progress->drawn)
        buffer_add_format(out, "\033[%zuA\r", progress->drawn);
}

/* --- events --- */

static void tell(void *context, const ApplyEvent *event)
{
    Progress *progress = context;
    Buffer out = {0};
    bool is_row = progress->is_terminal && event->service;
    if (!progress->started_ms)
        progress->started_ms = event->at_ms;
    if (progress->is_json) {
        add_object(&out, event);
    } else {
        Buffer line = {0};
        bool has_line = !is_row && add_line(&line, event);
        if (is_row)
            update_row(progress, event->service);
        if (progress->is_terminal && (has_line || is_row)) {
            go_to_table(progress, &out);
            if (has_line) {
                buffer_add(&out, text_slice(buffer_text(&line), 0, line.length - 1));
                buffer_add_c(&out, "\033[K\n");
            }
            draw_table(progress, &out, &progress->drawn);
            buffer_add_c(&out, "\033[J");
        } else {
            buffer_add(&out, buffer_text(&line));
        }
        buffer_free(&line);
    }
    if (out.length)
        (void)!session_write(STDOUT_FILENO, buffer_text(&out));
    buffer_free(&out);
}

Progress *progress_create(Arena *arena, bool is_json, bool is_terminal, bool use_color)
{
    Progress *progress = ARENA_NEW(arena, Progress);
    *progress = (Progress){.arena = arena, .is_json = is_json, .is_terminal = is_terminal && !is_json, .use_color = use_color};
    return progress;
}

ApplyListener progress_listener(Progress *progress)
{
    return (ApplyListener){tell, progress};
}

void progress_end(Progress *progress)
{
    progress->drawn = 0;
}
