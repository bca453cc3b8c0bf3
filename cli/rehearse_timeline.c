#include "cli/rehearse_timeline.h"

enum { COLUMNS_MOST = 72, MINUTE_MS = 60 * 1000, LEVELS = 8 };

/* --- listening --- */

static void add(Timeline *timeline, TimelineRow row)
{
    row.subject = arena_copy_text(timeline->arena, row.subject);
    row.text = arena_copy_text(timeline->arena, row.text);
    ARRAY_PUSH(timeline->arena, &timeline->rows, row);
}

static bool says(Text text, const char *part)
{
    return text_find(text, text_from_c(part)) < text.len;
}

static void hear_account(void *context, const SimulationEvent *event)
{
    TimelineRow row = {.at_ms = event->at_ms, .subject = event->subject, .text = event->text};
    switch (event->kind) {
    case SIMULATION_WEIGHTS:
        row.kind = "weights";
        row.subject = TEXT_NONE;
        row.has_weights = true;
        memcpy(row.weights, event->weights, sizeof row.weights);
        break;
    case SIMULATION_SERVICE:
        if (says(event->text, "has reached a steady state") || says(event->text, "deployment completed"))
            return; /* what follows says it */
        row.kind = "service";
        break;
    case SIMULATION_DEATH: row.kind = "killed"; break;
    case SIMULATION_OPERATOR:
        row.kind = "operator";
        row.subject = TEXT_NONE;
        break;
    }
    add(context, row);
}

static void hear_apply(void *context, const ApplyEvent *event)
{
    Timeline *timeline = context;
    TimelineRow row = {.at_ms = event->at_ms, .kind = "apply", .text = event->text};
    bool is_old = event->kind == APPLY_EVENT_DONE && event->text.len;
    if (is_old || simulation_is_dead(timeline->rehearsal->simulation))
        return;
    switch (event->kind) {
    case APPLY_EVENT_DONE:
        row.text = arena_format(timeline->arena, "%.*s is done", TEXT_ARG(event->step->operation));
        row.subject = event->step->item->name;
        break;
    case APPLY_EVENT_FAILED:
        row.text = arena_format(timeline->arena, "%.*s fails: %.*s", TEXT_ARG(event->step->operation), TEXT_ARG(event->text));
        row.subject = event->step->item->name;
        break;
    case APPLY_EVENT_WAIT:
        row.text = arena_format(timeline->arena, "waits %.*s", TEXT_ARG(event->text));
        row.subject = event->step ? event->step->item->name : TEXT_NONE;
        break;
    case APPLY_EVENT_NOTE:
    case APPLY_EVENT_LEASE: break;
    case APPLY_EVENT_CHECKED:
    case APPLY_EVENT_BEGIN:
    case APPLY_EVENT_RETRY:
    case APPLY_EVENT_SERVICE: return; /* the account tells it itself */
    }
    add(timeline, row);
}

void timeline_begin(Timeline *timeline, Arena *arena, const Rehearsal *rehearsal)
{
    *timeline = (Timeline){.arena = arena, .rehearsal = rehearsal, .started_ms = simulation_now(rehearsal->simulation)};
    simulation_listen(rehearsal->simulation, hear_account, timeline);
}

ApplyListener timeline_listener(Timeline *timeline)
{
    return (ApplyListener){hear_apply, timeline};
}

void timeline_end(Timeline *timeline)
{
    timeline->ended_ms = simulation_now(timeline->rehearsal->simulation);
    simulation_listen(timeline->rehearsal->simulation, NULL, NULL);
}

/* --- lines --- */

static void add_time(Buffer *out, const Timeline *timeline, int64_t at_ms)
{
    long long seconds = (long long)((at_ms - timeline->started_ms) / 1000);
    buffer_add_format(out, "%3lld:%02lld:%02lld", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

static void add_row(Buffer *out, const Timeline *timeline, const TimelineRow *row)
{
    add_time(out, timeline, row->at_ms);
    if (row->has_weights)
        buffer_add_format(out, "  weights %lld : %lld", (long long)row->weights[0], (long long)row->weights[1]);
    else
        buffer_add_format(out, "  %.*s%s%.*s", TEXT_ARG(row->subject), row->subject.len ? " " : "", TEXT_ARG(row->text));
    buffer_add_byte(out, '\n');
}

/* --- bars --- */

typedef double (*Measuring)(const SimulationSample *sample, bool *has_value);

static double new_share(const SimulationSample *sample, bool *has_value)
{
    *has_value = sample->requests > 0 || sample->tasks > 0;
    return sample->requests > 0 ? sample->new_requests / sample->requests : sample->tasks > 0 ? sample->new_tasks / sample->tasks : 0;
}

static double new_errors(const SimulationSample *sample, bool *has_value)
{
    *has_value = sample->new_requests > 0;
    return *has_value ? sample->new_errors / sample->new_requests : 0;
}

static double new_latency(const SimulationSample *sample, bool *has_value)
{
    double answered = sample->new_requests - sample->new_errors;
    *has_value = sample->new_p95_ms > 0;
    return *has_value ? sample->new_p95_ms / (answered > 0 ? answered : sample->new_requests) : 0;
}

static double queued(const SimulationSample *sample, bool *has_value)
{
    *has_value = true;
    return sample->queued;
}

typedef struct BarRow {
    const char *name;
    Measuring measure;
    double least_most; /* the scale reaches at least so far */
    const char *unit;
    double factor;
} BarRow;

static const BarRow bar_rows[] = {
    {"new revision", new_share, 1, "%", 100},
    {"its errors", new_errors, 0.05, "%", 100},
    {"its p95", new_latency, 500, "ms", 1},
    {"queue growth", queued, 10, "", 1},
};

/* A minute has several columns where there is room, or several minutes have one. */
static size_t columns_for(size_t count)
{
    return count < COLUMNS_MOST ? COLUMNS_MOST / count * count : COLUMNS_MOST;
}

static void add_bars(Buffer *out, const BarRow *row, const SimulationSample *samples, size_t count)
{
    static const char *const levels[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    size_t columns = columns_for(count);
    double values[COLUMNS_MOST] = {0};
    bool has[COLUMNS_MOST] = {0};
    double most = 0;
    size_t steps = count > columns ? count : columns;
    for (size_t step = 0; step < steps; step++) {
        size_t i = step * count / steps;
        size_t column = step * columns / steps;
        bool has_value = false;
        double value = row->measure(&samples[i], &has_value);
        if (!has_value)
            continue;
        values[column] = !has[column] || value > values[column] ? value : values[column];
        has[column] = true;
        most = value > most ? value : most;
    }
    double scale = most > row->least_most ? most : row->least_most;
    buffer_add_format(out, "  %-13s ", row->name);
    for (size_t i = 0; i < columns; i++) {
        int level = (int)(values[i] / scale * LEVELS + 0.5);
        buffer_add_c(out, !has[i] || level == 0 ? (has[i] && values[i] > 0 ? levels[0] : "·") : levels[level > LEVELS ? LEVELS - 1 : level - 1]);
    }
    buffer_add_format(out, "  at most %.*f%s\n", most * row->factor < 10 && most > 0 ? 1 : 0, most * row->factor, row->unit);
}

static void add_scale(Buffer *out, size_t count)
{
    size_t columns = columns_for(count);
    buffer_add_format(out, "  %-13s 0m", "");
    long long minutes = (long long)count;
    Arena scratch = {0};
    Text end = minutes >= 120 ? arena_format(&scratch, "%lldh%02lldm", minutes / 60, minutes % 60) : arena_format(&scratch, "%lldm", minutes);
    if (columns > end.len + 2)
        buffer_add_repeated(out, ' ', columns - end.len - 2);
    buffer_add_format(out, "%.*s\n", TEXT_ARG(end));
    arena_free(&scratch);
}

void timeline_render_text(Buffer *out, const Timeline *timeline)
{
    const SimulationSample *samples;
    size_t count = simulation_samples(timeline->rehearsal->simulation, &samples);
    for (size_t i = 0; i < timeline->rows.count; i++)
        add_row(out, timeline, &timeline->rows.items[i]);
    if (!count)
        return;
    buffer_add_byte(out, '\n');
    add_scale(out, count);
    for (size_t i = 0; i < sizeof bar_rows / sizeof *bar_rows; i++)
        add_bars(out, &bar_rows[i], samples, count);
}

/* --- for machines --- */

void timeline_render_json(Buffer *out, const Timeline *timeline)
{
    for (size_t i = 0; i < timeline->rows.count; i++) {
        const TimelineRow *row = &timeline->rows.items[i];
        buffer_add_format(out, "{\"event\":\"%s\",\"seconds\":%lld", row->kind, (long long)((row->at_ms - timeline->started_ms) / 1000));
        if (row->has_weights)
            buffer_add_format(out, ",\"weights\":[%lld,%lld]", (long long)row->weights[0], (long long)row->weights[1]);
        if (row->subject.len) {
            buffer_add_c(out, ",\"subject\":");
            buffer_add_json_string(out, row->subject);
        }
        if (row->text.len) {
            buffer_add_c(out, ",\"text\":");
            buffer_add_json_string(out, row->text);
        }
        buffer_add_c(out, "}\n");
    }
}
