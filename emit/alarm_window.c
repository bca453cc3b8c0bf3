/* `for`, `over` and `every`: the points that an alarm judges (SPEC.md, "Conditions"). CloudWatch's rules are those of PutMetricAlarm: a period is 10,
   20 or 30 s or a multiple of 60 s; all points together reach back one day, or seven when a period is an hour or longer. */
#include "emit/alarm.h"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400, WEEK = 604800 };

static Text seconds_text(Emission *emission, int64_t seconds)
{
    return unit_format_quantity(emission->arena, (Quantity){rational_from_integer(seconds * 1000), TYPE_DURATION});
}

static int64_t round_up(int64_t value, int64_t step)
{
    return (value + step - 1) / step * step;
}

/* The argument as milliseconds; false when it is no duration that is known. */
static bool read_duration(const Node *node, int64_t *milliseconds)
{
    const Value *value = node_argument(node, 0);
    if (!value || value->kind != VALUE_QUANTITY || value->type != TYPE_DURATION || !rational_is_whole(value->number))
        return false;
    *milliseconds = value->number.num;
    return true;
}

static bool report_period(Emission *emission, const Node *said, int64_t milliseconds)
{
    Text shown = unit_format_quantity(emission->arena, (Quantity){rational_from_integer(milliseconds), TYPE_DURATION});
    Text better = seconds_text(emission, round_up(milliseconds / 1000, MINUTE));
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_PERIOD_INVALID, node_argument_span(said, 0), "CloudWatch has no points of %.*s", TEXT_ARG(shown));
    diagnostic_set_label(emission->sink, diagnostic, "10s, 20s, 30s, or whole minutes");
    diagnostic_set_fix(emission->sink, diagnostic, false, node_argument_span(said, 0), better, "%s %.*s", said->row->word, TEXT_ARG(better));
    return false;
}

static bool is_period(int64_t milliseconds)
{
    return milliseconds == 10000 || milliseconds == 20000 || milliseconds == 30000 || (milliseconds > 0 && milliseconds % (MINUTE * 1000) == 0);
}

static bool check_period(Emission *emission, const Node *said, int64_t milliseconds, int64_t resolution)
{
    if (!is_period(milliseconds))
        return report_period(emission, said, milliseconds);
    if (milliseconds >= resolution)
        return true;
    Text better = seconds_text(emission, round_up(resolution / 1000, MINUTE));
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_PERIOD_TOO_SHORT, node_argument_span(said, 0), "the metric has a point only every %.*s",
                                               TEXT_ARG(unit_format_quantity(emission->arena, (Quantity){rational_from_integer(resolution), TYPE_DURATION})));
    diagnostic_set_label(emission->sink, diagnostic, "most of these points would be missing");
    diagnostic_set_fix(emission->sink, diagnostic, false, node_argument_span(said, 0), better, "%s %.*s", said->row->word, TEXT_ARG(better));
    return false;
}

static bool read_period(Emission *emission, const Node *node, int64_t resolution, int64_t *period)
{
    const Node *every = node_child(node, W_EVERY);
    const Node *over = node_child(node, W_OVER);
    const Node *said = over ? over : every;
    int64_t milliseconds = 0;
    if (over && every) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_ALARM_CONFLICT, every->span, "`%s` and `%s` both say how long a point is",
                                                   over->row->word, every->row->word);
        diagnostic_add_label(emission->sink, diagnostic, over->span, "the other one");
        diagnostic_set_advice(emission->sink, diagnostic, "leave one of them out");
        return false;
    }
    *period = round_up(resolution > MINUTE * 1000 ? resolution / 1000 : MINUTE, MINUTE);
    if (!said)
        return true;
    if (!read_duration(said, &milliseconds) || !check_period(emission, said, milliseconds, resolution))
        return false;
    *period = milliseconds / 1000;
    return true;
}

static bool report_uneven(Emission *emission, const Node *said, int64_t milliseconds, int64_t period)
{
    Text better = seconds_text(emission, round_up((milliseconds + 999) / 1000, period));
    Text shown = unit_format_quantity(emission->arena, (Quantity){rational_from_integer(milliseconds), TYPE_DURATION});
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_WINDOW_UNEVEN, node_argument_span(said, 0), "%.*s is not a whole number of points", TEXT_ARG(shown));
    diagnostic_set_label(emission->sink, diagnostic, "a point is %.*s long", TEXT_ARG(seconds_text(emission, period)));
    diagnostic_set_fix(emission->sink, diagnostic, false, node_argument_span(said, 0), better, "%s %.*s", said->row->word, TEXT_ARG(better));
    return false;
}

static bool report_count(Emission *emission, const Node *window, int64_t asked, int64_t there)
{
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_WINDOW_COUNT, node_argument_span(window, 0), "%lld points of %lld cannot be asked for",
                                               (long long)asked, (long long)there);
    diagnostic_set_label(emission->sink, diagnostic, "the window has %lld", (long long)there);
    diagnostic_set_advice(emission->sink, diagnostic, "ask for 1 to %lld, or make the window longer", (long long)there);
    return false;
}

/* `for 3 of 5m` */
static bool read_some_of(Emission *emission, const Node *window, AlarmWindow *out)
{
    const Node *of = node_child(window, W_FOR_OF);
    int64_t milliseconds = 0;
    int64_t asked = node_integer(window, 0, 0);
    if (!of) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_WINDOW_COUNT, node_argument_span(window, 0), "%lld points of how long a window?", (long long)asked);
        diagnostic_set_advice(emission->sink, diagnostic, "say it: %s", vocabulary_row(W_FOR_OF)->example);
        return false;
    }
    if (!read_duration(of, &milliseconds))
        return false;
    if (milliseconds % (out->period * 1000) != 0)
        return report_uneven(emission, of, milliseconds, out->period);
    out->periods = milliseconds / (out->period * 1000);
    out->datapoints = asked;
    return (asked >= 1 && asked <= out->periods) || report_count(emission, window, asked, out->periods);
}

static bool read_for(Emission *emission, const Node *window, AlarmWindow *out)
{
    const Value *value = node_argument(window, 0);
    int64_t milliseconds = 0;
    if (!value || value->kind != VALUE_QUANTITY)
        return false;
    if (value->type == TYPE_INTEGER)
        return read_some_of(emission, window, out);
    if (!read_duration(window, &milliseconds)) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_WRONG_TYPE, value->span, "%s is no window", type_label(value->type));
        diagnostic_set_advice(emission->sink, diagnostic, "write a duration, such as %s, or a number of points: %s", type_example(TYPE_DURATION), vocabulary_row(W_FOR_OF)->example);
        return false;
    }
    if (milliseconds <= 0 || milliseconds % (out->period * 1000) != 0)
        return report_uneven(emission, window, milliseconds > 0 ? milliseconds : 1, out->period);
    out->periods = milliseconds / (out->period * 1000);
    return true;
}

static bool check_length(Emission *emission, const Node *window, const AlarmWindow *out)
{
    int64_t limit = out->period < HOUR ? DAY : WEEK;
    if (out->periods <= limit / out->period)
        return true;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_WINDOW_TOO_LONG, node_argument_span(window, 0), "an alarm cannot look back that far with points of %.*s",
                                               TEXT_ARG(seconds_text(emission, out->period)));
    diagnostic_set_label(emission->sink, diagnostic, "at most %s", limit == DAY ? "1d" : "7d");
    if (limit == DAY)
        diagnostic_set_advice(emission->sink, diagnostic, "use longer points: `%s 1h` or more", vocabulary_row(W_EVERY)->word);
    else
        diagnostic_set_advice(emission->sink, diagnostic, "make the window shorter");
    return false;
}

bool alarm_read_window(Emission *emission, const Node *node, int64_t resolution, AlarmWindow *out)
{
    const Node *window = node_child(node, W_FOR);
    *out = (AlarmWindow){.periods = 1};
    if (!read_period(emission, node, resolution, &out->period))
        return false;
    if (!window)
        return true;
    return read_for(emission, window, out) && check_length(emission, window, out);
}

/* Adds " for 5m" and the like. */
static Text with_said(Emission *emission, Text text, const Node *said)
{
    const Value *value = node_argument(said, 0);
    if (!value)
        return text;
    Text shown = value_to_text(emission->arena, value);
    return arena_format(emission->arena, "%.*s %s %.*s", TEXT_ARG(text), said->row->word, TEXT_ARG(shown));
}

Text alarm_window_text(Emission *emission, const Node *node)
{
    const Node *window = node_child(node, W_FOR);
    Text text = with_said(emission, TEXT(""), window);
    text = with_said(emission, text, node_child(window, W_FOR_OF));
    text = with_said(emission, text, node_child(node, W_OVER));
    return with_said(emission, text, node_child(node, W_EVERY));
}
