#include "aws/moment.h"

#include <time.h>

/* What is still to be read of a moment. */
typedef struct Reader {
    Text rest;
    bool is_bad;
} Reader;

static int64_t read_number(Reader *reader, size_t digits)
{
    int64_t value = 0;
    if (text_count_digits(reader->rest) < digits) {
        reader->is_bad = true;
        return 0;
    }
    for (size_t i = 0; i < digits; i++)
        value = value * 10 + (reader->rest.ptr[i] - '0');
    reader->rest = text_slice(reader->rest, digits, reader->rest.len);
    return value;
}

static bool skip(Reader *reader, Text expected)
{
    if (!text_starts_with(reader->rest, expected))
        return false;
    reader->rest = text_slice(reader->rest, expected.len, reader->rest.len);
    return true;
}

static void expect(Reader *reader, Text expected)
{
    if (!skip(reader, expected))
        reader->is_bad = true;
}

/* Seconds of a day: "12:00:00" */
static int64_t read_clock(Reader *reader)
{
    int64_t hour = read_number(reader, 2);
    expect(reader, TEXT(":"));
    int64_t minute = read_number(reader, 2);
    expect(reader, TEXT(":"));
    int64_t second = read_number(reader, 2);
    if (hour > 23 || minute > 59 || second > 60)
        reader->is_bad = true;
    return hour * 3600 + minute * 60 + second;
}

/* Unix seconds of the day's beginning, by the Gregorian calendar: years are counted from March, so that the leap day is the last of its year. */
static int64_t day_start(Reader *reader, int64_t year, int64_t month, int64_t day)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (month < 1 || month > 12 || day < 1 || day > days[month - 1] + (month == 2 && is_leap)) {
        reader->is_bad = true;
        return 0;
    }
    enum { DAYS_BEFORE_1970 = 719468, SECONDS_OF_DAY = 86400 };
    int64_t from_march = (month + 9) % 12;
    int64_t years = month <= 2 ? year - 1 : year;
    return (years * 365 + years / 4 - years / 100 + years / 400 + (153 * from_march + 2) / 5 + day - 1 - DAYS_BEFORE_1970) * SECONDS_OF_DAY;
}

/* Seconds east of Greenwich: "Z", "UTC", nothing, "+02:00", "-0330" or "+02" */
static int64_t read_offset(Reader *reader)
{
    if (reader->rest.len == 0 || skip(reader, TEXT("Z")) || skip(reader, TEXT("UTC")))
        return 0;
    bool is_west = skip(reader, TEXT("-"));
    if (!is_west)
        expect(reader, TEXT("+"));
    int64_t seconds = read_number(reader, 2) * 3600;
    if (skip(reader, TEXT(":")) || reader->rest.len > 0)
        seconds += read_number(reader, 2) * 60;
    return is_west ? -seconds : seconds;
}

static int64_t read_iso(Reader *reader)
{
    int64_t year = read_number(reader, 4);
    expect(reader, TEXT("-"));
    int64_t month = read_number(reader, 2);
    expect(reader, TEXT("-"));
    int64_t start = day_start(reader, year, month, read_number(reader, 2));
    if (!skip(reader, TEXT("T")))
        expect(reader, TEXT(" "));
    int64_t clock = read_clock(reader);
    if (skip(reader, TEXT("."))) {
        size_t digits = text_count_digits(reader->rest);
        reader->rest = text_slice(reader->rest, digits, reader->rest.len);
    }
    return start + clock - read_offset(reader);
}

/* "Wed, 01 Jul 2026 12:00:00 GMT" */
static int64_t read_http(Reader *reader)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    expect(reader, TEXT(", "));
    int64_t day = read_number(reader, 2);
    expect(reader, TEXT(" "));
    int64_t month = 0;
    for (int64_t i = 0; i < 12 && month == 0; i++)
        if (skip(reader, (Text){months + 3 * i, 3}))
            month = i + 1;
    expect(reader, TEXT(" "));
    int64_t year = read_number(reader, 4);
    expect(reader, TEXT(" "));
    int64_t clock = read_clock(reader);
    expect(reader, TEXT(" GMT"));
    return day_start(reader, year, month, day) + clock;
}

bool aws_moment_parse(Text text, int64_t *out)
{
    Reader reader = {.rest = text_trim(text)};
    bool is_iso = text_count_digits(reader.rest) > 0;
    if (!is_iso)
        reader.rest = text_slice(reader.rest, reader.rest.len < 3 ? reader.rest.len : 3, reader.rest.len);
    int64_t moment = is_iso ? read_iso(&reader) : read_http(&reader);
    if (reader.is_bad || reader.rest.len > 0)
        return false;
    *out = moment;
    return true;
}

static Text write_moment(Arena *arena, int64_t moment, const char *dash, const char *colon)
{
    struct tm at = {0};
    time_t seconds = (time_t)moment;
    if (!gmtime_r(&seconds, &at))
        return TEXT_NONE;
    return arena_format(arena, "%04d%s%02d%s%02dT%02d%s%02d%s%02dZ", at.tm_year + 1900, dash, at.tm_mon + 1, dash, at.tm_mday, at.tm_hour, colon, at.tm_min,
                        colon, at.tm_sec);
}

Text aws_moment_compact(Arena *arena, int64_t moment)
{
    return write_moment(arena, moment, "", "");
}

Text aws_moment_format(Arena *arena, int64_t moment)
{
    return write_moment(arena, moment, "-", ":");
}
