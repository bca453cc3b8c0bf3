#include "vocabulary/units.h"

#include <string.h>

/* A unit and its size in the base unit: num/den of it. Within a type the greatest comes first. */
typedef struct Unit {
    const char *text;
    TypeKind type;
    int64_t num;
    int64_t den;
    bool takes_blank;
} Unit;

static const Unit units[] = {
    {"d", TYPE_DURATION, 86400000, 1, false},
    {"h", TYPE_DURATION, 3600000, 1, false},
    {"m", TYPE_DURATION, 60000, 1, false},
    {"s", TYPE_DURATION, 1000, 1, false},
    {"ms", TYPE_DURATION, 1, 1, false},
    {"GiB", TYPE_SIZE, 1073741824, 1, true},
    {"MiB", TYPE_SIZE, 1048576, 1, true},
    {"KiB", TYPE_SIZE, 1024, 1, true},
    {"vcpu", TYPE_VCPU, 1024, 1, true},
    {"%", TYPE_PERCENT, 1, 100, false},
    {"/s", TYPE_RATE, 1, 1, false},
    {"/min", TYPE_RATE, 1, 60, false},
    {"/h", TYPE_RATE, 1, 3600, false},
    {"/d", TYPE_RATE, 1, 86400, false},
    {"usd", TYPE_MONEY, 100, 1, true},
};
enum { UNIT_COUNT = sizeof units / sizeof *units };

/* What people write instead, from other languages and tools. */
static const struct Synonym {
    const char *text;
    const char *unit;
} synonyms[] = {
    {"B", "KiB"}, {"k", "KiB"}, {"K", "KiB"}, {"kb", "KiB"}, {"kB", "KiB"}, {"KB", "KiB"}, {"Ki", "KiB"}, {"kib", "KiB"}, {"kiB", "KiB"}, {"KIB", "KiB"},
    {"M", "MiB"}, {"mb", "MiB"}, {"Mb", "MiB"}, {"mB", "MiB"}, {"MB", "MiB"}, {"Mi", "MiB"}, {"mib", "MiB"}, {"Mib", "MiB"}, {"MIB", "MiB"},
    {"g", "GiB"}, {"G", "GiB"}, {"gb", "GiB"}, {"Gb", "GiB"}, {"GB", "GiB"}, {"Gi", "GiB"}, {"gib", "GiB"}, {"Gib", "GiB"}, {"GIB", "GiB"},
    {"T", "GiB"}, {"TB", "GiB"}, {"Ti", "GiB"}, {"TiB", "GiB"},
    {"msec", "ms"}, {"msecs", "ms"}, {"millis", "ms"}, {"millisecond", "ms"}, {"milliseconds", "ms"}, {"us", "ms"},
    {"S", "s"}, {"sec", "s"}, {"secs", "s"}, {"second", "s"}, {"seconds", "s"},
    {"min", "m"}, {"mins", "m"}, {"minute", "m"}, {"minutes", "m"},
    {"H", "h"}, {"hr", "h"}, {"hrs", "h"}, {"hour", "h"}, {"hours", "h"},
    {"D", "d"}, {"day", "d"}, {"days", "d"}, {"w", "d"}, {"week", "d"}, {"weeks", "d"},
    {"vCPU", "vcpu"}, {"VCPU", "vcpu"}, {"vCpu", "vcpu"}, {"cpu", "vcpu"}, {"CPU", "vcpu"}, {"cpus", "vcpu"}, {"vcpus", "vcpu"}, {"core", "vcpu"}, {"cores", "vcpu"},
    {"percent", "%"}, {"pct", "%"}, {"USD", "usd"}, {"dollar", "usd"}, {"dollars", "usd"},
    {"/sec", "/s"}, {"/second", "/s"}, {"/m", "/min"}, {"/minute", "/min"}, {"/hr", "/h"}, {"/hour", "/h"}, {"/day", "/d"},
};

static const Unit *find_unit(Text text)
{
    for (size_t i = 0; text.len > 0 && i < UNIT_COUNT; i++)
        if (text_equal_c(text, units[i].text))
            return &units[i];
    return NULL;
}

bool unit_takes_blank(Text unit)
{
    const Unit *found = find_unit(unit);
    return found && found->takes_blank;
}

bool unit_is_known(Text unit)
{
    return find_unit(unit) != NULL;
}

Text unit_suggest(Text unit)
{
    for (size_t i = 0; i < sizeof synonyms / sizeof *synonyms; i++)
        if (text_equal_c(unit, synonyms[i].text))
            return text_from_c(synonyms[i].unit);
    for (size_t i = 0; i < UNIT_COUNT && unit.len >= 3; i++)
        if (strlen(units[i].text) >= 3 && text_edit_distance(unit, text_from_c(units[i].text), 1) <= 1)
            return text_from_c(units[i].text);
    return TEXT_NONE;
}

/* A number and its unit at *at; moves *at behind them. */
static UnitOutcome parse_part(Text text, size_t *at, Rational *number, Text *unit)
{
    size_t start = *at;
    size_t end = start;
    while (end < text.len && (byte_is_digit(text.ptr[end]) || text.ptr[end] == '.'))
        end++;
    Text digits = text_slice(text, start, end);
    if (digits.len == 0 || !byte_is_digit(digits.ptr[0]) || !byte_is_digit(digits.ptr[digits.len - 1]))
        return UNIT_MALFORMED;
    size_t point = text_find_byte(digits, '.');
    if (point < digits.len && text_find_byte(text_slice(digits, point + 1, digits.len), '.') < digits.len - point - 1)
        return UNIT_MALFORMED;
    if (!rational_parse(number, digits))
        return UNIT_OVERFLOW;
    while (end < text.len && (text.ptr[end] == ' ' || text.ptr[end] == '\t'))
        end++;
    start = end;
    while (end < text.len && !byte_is_digit(text.ptr[end]))
        end++;
    *unit = text_slice(text, start, end);
    *at = end;
    return UNIT_OK;
}

UnitOutcome unit_parse_quantity(Quantity *out, Text literal, Text *bad_unit)
{
    bool is_signed = literal.len > 0 && (literal.ptr[0] == '-' || literal.ptr[0] == '+');
    bool is_negative = is_signed && literal.ptr[0] == '-';
    size_t at = is_signed ? 1 : 0;
    Rational sum = {0, 1};
    TypeKind type = TYPE_INTEGER;
    Rational last_size = {0, 1};
    Rational last_number = {0, 1};
    *bad_unit = TEXT_NONE;
    for (size_t part = 0; part == 0 || at < literal.len; part++) {
        Rational number;
        Text unit_text;
        UnitOutcome outcome = parse_part(literal, &at, &number, &unit_text);
        if (outcome != UNIT_OK)
            return outcome;
        if (unit_text.len == 0 && (part > 0 || at < literal.len))
            return UNIT_MALFORMED;
        const Unit *unit = find_unit(unit_text);
        if (unit_text.len > 0 && !unit) {
            *bad_unit = unit_text;
            return UNIT_UNKNOWN;
        }
        Rational size = unit ? (Rational){unit->num, unit->den} : (Rational){1, 1};
        /* Several parts only as in 1h30m: durations, each smaller than the one before, whole up to the last. */
        bool follows = type == TYPE_DURATION && unit && unit->type == TYPE_DURATION && rational_compare(size, last_size) < 0;
        if (part > 0 && (!follows || !rational_is_whole(last_number)))
            return UNIT_MALFORMED;
        last_size = size;
        last_number = number;
        if (!rational_multiply(&number, number, size) || !rational_add(&sum, sum, number))
            return UNIT_OVERFLOW;
        type = unit ? unit->type : rational_is_whole(number) ? TYPE_INTEGER : TYPE_NUMBER;
    }
    if (is_negative)
        sum.num = -sum.num;
    *out = (Quantity){sum, type};
    return UNIT_OK;
}

static Text format_with(Arena *arena, Rational value, const Unit *unit)
{
    Rational shown;
    if (!rational_divide(&shown, value, (Rational){unit->num, unit->den}))
        shown = value;
    Text number = rational_to_text(arena, shown);
    return arena_format(arena, "%.*s%s%s", TEXT_ARG(number), unit->takes_blank ? " " : "", unit->text);
}

/* 90000 as 1m30s: each unit takes what is whole of it. */
static Text format_duration(Arena *arena, int64_t milliseconds)
{
    Text text = milliseconds < 0 ? TEXT("-") : TEXT("");
    for (size_t i = 0; i < UNIT_COUNT && units[i].type == TYPE_DURATION; i++) {
        int64_t count = milliseconds / units[i].num;
        milliseconds %= units[i].num;
        if (count != 0)
            text = arena_format(arena, "%.*s%lld%s", TEXT_ARG(text), (long long)(count < 0 ? -count : count), units[i].text);
    }
    return text;
}

Text unit_format_quantity(Arena *arena, Quantity quantity)
{
    const Unit *smallest = NULL;
    for (size_t i = 0; i < UNIT_COUNT; i++) {
        if (units[i].type != quantity.type)
            continue;
        if (quantity.type == TYPE_DURATION && quantity.value.num != 0 && rational_is_whole(quantity.value))
            return format_duration(arena, quantity.value.num);
        Rational shown;
        bool is_whole = rational_divide(&shown, quantity.value, (Rational){units[i].num, units[i].den}) && rational_is_whole(shown);
        bool is_last_of_rates = quantity.type == TYPE_RATE;
        smallest = &units[i];
        if (is_whole && (quantity.value.num != 0 || is_last_of_rates))
            break;
        if (quantity.value.num == 0 && quantity.type == TYPE_DURATION && units[i].num == 1000)
            break;
    }
    if (!smallest)
        return rational_to_text(arena, quantity.value);
    return format_with(arena, quantity.value, smallest);
}

int64_t unit_aws_factor(TypeKind type, AwsForm form)
{
    if (type == TYPE_DURATION)
        return form == AWS_MINUTES ? 60 * 1000 : form == AWS_DAYS ? 24 * 3600 * 1000 : 1000;
    if (type == TYPE_SIZE)
        return form == AWS_GIB ? 1024 * 1024 * 1024 : 1024 * 1024;
    return 1;
}

const char *type_label(TypeKind type)
{
    static const char *const labels[TYPE_COUNT] = {
        [TYPE_ANY] = "a value", [TYPE_STRING] = "a string", [TYPE_BOOL] = "yes or no", [TYPE_INTEGER] = "a whole number",
        [TYPE_NUMBER] = "a number", [TYPE_DURATION] = "a duration", [TYPE_SIZE] = "a size", [TYPE_VCPU] = "a number of vCPUs",
        [TYPE_PERCENT] = "a percentage", [TYPE_RATE] = "a rate", [TYPE_MONEY] = "an amount of money", [TYPE_LIST] = "a list",
        [TYPE_MAP] = "a map", [TYPE_METRIC] = "a metric", [TYPE_CONDITION] = "a condition over metrics",
    };
    return type < TYPE_COUNT ? labels[type] : "";
}

const char *type_example(TypeKind type)
{
    static const char *const examples[TYPE_COUNT] = {
        [TYPE_ANY] = "\"text\"", [TYPE_STRING] = "\"text\"", [TYPE_BOOL] = "yes", [TYPE_INTEGER] = "2", [TYPE_NUMBER] = "0.5",
        [TYPE_DURATION] = "30s", [TYPE_SIZE] = "512 MiB", [TYPE_VCPU] = "0.5 vcpu", [TYPE_PERCENT] = "70%", [TYPE_RATE] = "100/min",
        [TYPE_MONEY] = "12 usd", [TYPE_LIST] = "[\"a\", \"b\"]", [TYPE_MAP] = "{ key: \"value\" }", [TYPE_METRIC] = "http.5xx",
        [TYPE_CONDITION] = "http.5xx / http.requests > 1%",
    };
    return type < TYPE_COUNT ? examples[type] : "";
}
