#include "cli/options.h"

#include <getopt.h>

enum { JOBS_MAX = 64 };

typedef struct CommandRow {
    const char *name;
    const char *arguments;
    const char *help;
} CommandRow;

static const CommandRow commands[] = {
#define X(id, name, arguments, help) [COMMAND_##id] = {name, arguments, help},
    CLI_COMMANDS(X)
#undef X
};

typedef struct OptionRow {
    const char *name;
    const char *value;
    unsigned commands;
    const char *help;
} OptionRow;

static const OptionRow options[] = {
#define X(id, name, value, commands, help) [OPTION_##id] = {name, value, (unsigned)(commands), help},
    CLI_OPTIONS(X)
#undef X
};

const char *command_name(CommandId command) { return commands[command].name; }
const char *command_arguments(CommandId command) { return commands[command].arguments; }
const char *command_help(CommandId command) { return commands[command].help; }
const char *option_name(OptionId option) { return options[option].name; }
const char *option_value(OptionId option) { return options[option].value; }
const char *option_help(OptionId option) { return options[option].help; }
bool option_is_for(OptionId option, CommandId command) { return (options[option].commands & (1u << command)) != 0; }

static bool find_command(Text name, CommandId *out, Text *nearest)
{
    size_t best = 3;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        Text candidate = text_from_c(commands[i].name);
        if (text_equal(candidate, name)) {
            *out = (CommandId)i;
            return true;
        }
        size_t distance = text_edit_distance(candidate, name, best);
        if (distance < best) {
            best = distance;
            *nearest = candidate;
        }
    }
    return false;
}

static bool is_one_of(Text value, const char *choices)
{
    Text rest = text_from_c(choices);
    while (rest.len) {
        size_t bar = text_find_byte(rest, '|');
        if (text_equal(text_slice(rest, 0, bar), value))
            return true;
        rest = text_slice(rest, bar + 1, rest.len);
    }
    return false;
}

/* Options of different commands may share a name; getopt finds the first of them. */
static OptionId find_option(OptionId first, CommandId command)
{
    for (size_t i = 0; i < OPTION_COUNT && !option_is_for(first, command); i++)
        if (text_equal_c(text_from_c(options[i].name), options[first].name) && option_is_for((OptionId)i, command))
            return (OptionId)i;
    return first;
}

static ReportFormat report_format(const Options *out)
{
    static const char *const names[REPORT_COUNT] = {"text", "json", "sarif", "github", "junit"};
    Text said = out->command == COMMAND_TEST ? out->values[OPTION_TEST_REPORT] : out->values[OPTION_REPORT];
    for (int format = 0; format < REPORT_COUNT; format++)
        if (text_equal_c(said, names[format]))
            return (ReportFormat)format;
    return out->given[OPTION_JSON] ? REPORT_JSON : REPORT_TEXT;
}

static PlanFormat plan_format(const Options *out)
{
    static const char *const names[PLAN_FORMAT_COUNT] = {"text", "json", "sh", "html"};
    for (int format = 0; format < PLAN_FORMAT_COUNT; format++)
        if (text_equal_c(out->values[OPTION_PLAN_FORMAT], names[format]))
            return (PlanFormat)format;
    return out->given[OPTION_JSON] ? PLAN_JSON : PLAN_TEXT;
}

static bool take_jobs(Arena *arena, Options *out, Text value, Text *problem)
{
    size_t jobs = 0;
    for (size_t i = 0; i < value.len && jobs <= JOBS_MAX; i++)
        jobs = byte_is_digit(value.ptr[i]) ? jobs * 10 + (size_t)(value.ptr[i] - '0') : JOBS_MAX + 1;
    out->jobs = jobs;
    if (jobs >= 1 && jobs <= JOBS_MAX)
        return true;
    *problem = arena_format(arena, "--jobs takes a number from 1 to %d, not %.*s", JOBS_MAX, TEXT_ARG(value));
    return false;
}

static bool take_seed(Arena *arena, Options *out, Text value, Text *problem)
{
    enum { DIGITS_MAX = 15 };
    out->seed = 0;
    for (size_t i = 0; i < value.len && i < DIGITS_MAX; i++)
        out->seed = out->seed * 10 + (value.ptr[i] - '0');
    if (value.len && value.len <= DIGITS_MAX && text_count_digits(value) == value.len)
        return true;
    *problem = arena_format(arena, "--seed takes a whole number of at most %d digits, not %.*s", DIGITS_MAX, TEXT_ARG(value));
    return false;
}

/* "90s", "30m", "2h". */
static bool take_deadline(Arena *arena, Options *out, Text value, Text *problem)
{
    enum { DIGITS_MAX = 6 };
    size_t digits = text_count_digits(value);
    int64_t number = 0;
    for (size_t i = 0; i < digits && digits <= DIGITS_MAX; i++)
        number = number * 10 + (value.ptr[i] - '0');
    Text unit = text_slice(value, digits, value.len);
    int64_t seconds = text_equal_c(unit, "s") ? 1 : text_equal_c(unit, "m") ? 60 : text_equal_c(unit, "h") ? 3600 : 0;
    out->deadline_ms = number * seconds * 1000;
    if (out->deadline_ms > 0)
        return true;
    *problem = arena_format(arena, "--deadline takes a duration such as 90s, 30m or 2h, not %.*s", TEXT_ARG(value));
    return false;
}

static bool take_option(Arena *arena, Options *out, OptionId id, Text value, Text *problem)
{
    if (!option_is_for(id, out->command)) {
        *problem = arena_format(arena, "--%s does not go with svc %s", options[id].name, commands[out->command].name);
        return false;
    }
    out->given[id] = true;
    bool has_choices = options[id].value && text_find_byte(text_from_c(options[id].value), '|') < text_from_c(options[id].value).len;
    if (has_choices && !is_one_of(value, options[id].value)) {
        *problem = arena_format(arena, "--%s takes %s, not %.*s", options[id].name, options[id].value, TEXT_ARG(value));
        return false;
    }
    if (id == OPTION_JOBS && !take_jobs(arena, out, value, problem))
        return false;
    if (id == OPTION_SEED && !take_seed(arena, out, value, problem))
        return false;
    if (id == OPTION_DEADLINE && !take_deadline(arena, out, value, problem))
        return false;
    if (id == OPTION_SET) {
        size_t equals = text_find_byte(value, '=');
        if (equals == value.len || equals == 0) {
            *problem = arena_format(arena, "--set takes NAME=VALUE, not %.*s", TEXT_ARG(value));
            return false;
        }
        GivenParameter parameter = {text_slice(value, 0, equals), text_slice(value, equals + 1, value.len), TEXT("--set")};
        ARRAY_PUSH(arena, &out->parameters, parameter);
    }
    if ((id == OPTION_PARAMS || id == OPTION_RULES) && out->values[id].len) {
        /* Several files: kept as lines, read in order. */
        out->values[id] = arena_format(arena, "%.*s\n%.*s", TEXT_ARG(out->values[id]), TEXT_ARG(value));
        return true;
    }
    out->values[id] = value;
    return true;
}

/* What getopt refused: an option without its value, or none of ours. */
static void report_option(Arena *arena, Text bad, CommandId command, bool lacks_value, Text *problem)
{
    Text name = text_slice(bad, 2, text_find_byte(bad, '='));
    Text best = TEXT_NONE;
    size_t best_distance = 3;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        Text candidate = text_from_c(options[i].name);
        size_t distance = option_is_for((OptionId)i, command) ? text_edit_distance(candidate, name, best_distance) : best_distance;
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    if (lacks_value)
        *problem = arena_format(arena, "%.*s needs a value", TEXT_ARG(bad));
    else if (best.len)
        *problem = arena_format(arena, "svc %s has no option %.*s; did you mean --%.*s?", commands[command].name, TEXT_ARG(bad), TEXT_ARG(best));
    else
        *problem = arena_format(arena, "svc %s has no option %.*s; svc %s --help lists them", commands[command].name, TEXT_ARG(bad), commands[command].name);
}

OptionsOutcome options_parse(Arena *arena, int argc, char **argv, Options *out, Text *problem)
{
    *out = (Options){.command = COMMAND_HELP, .seed = 1};
    if (argc < 2 || text_equal_c(text_from_c(argv[1]), "--help") || text_equal_c(text_from_c(argv[1]), "-h"))
        return OPTIONS_HELP;
    Text name = text_from_c(argv[1]);
    Text nearest = TEXT_NONE;
    if (text_equal_c(name, "--version"))
        name = TEXT("version");
    if (!find_command(name, &out->command, &nearest)) {
        *problem = nearest.len ? arena_format(arena, "there is no command %.*s; did you mean %.*s?", TEXT_ARG(name), TEXT_ARG(nearest))
                               : arena_format(arena, "there is no command %.*s; svc help lists them", TEXT_ARG(name));
        return OPTIONS_BAD;
    }
    struct option table[OPTION_COUNT + 1] = {0};
    for (size_t i = 0; i < OPTION_COUNT; i++)
        table[i] = (struct option){options[i].name, options[i].value ? required_argument : no_argument, NULL, (int)i + 1000};
    opterr = 0;
    optind = 2;
    int code;
    while ((code = getopt_long(argc, argv, ":h", table, NULL)) != -1) {
        if (code == 'h' || code == OPTION_HELP + 1000)
            return OPTIONS_HELP;
        if (code == '?' || code == ':') {
            report_option(arena, text_from_c(argv[optind - 1]), out->command, code == ':', problem);
            return OPTIONS_BAD;
        }
        if (!take_option(arena, out, find_option((OptionId)(code - 1000), out->command), text_from_c(optarg), problem))
            return OPTIONS_BAD;
    }
    for (int i = optind; i < argc; i++)
        ARRAY_PUSH(arena, &out->operands, text_from_c(argv[i]));
    if (out->operands.count && !commands[out->command].arguments[0]) {
        *problem = arena_format(arena, "svc %s takes no arguments, not %.*s", commands[out->command].name, TEXT_ARG(out->operands.items[0]));
        return OPTIONS_BAD;
    }
    out->is_json = out->given[OPTION_JSON] || text_equal_c(out->values[OPTION_FORMAT], "json");
    out->report = report_format(out);
    out->plan_format = plan_format(out);
    out->is_json = out->is_json || out->report == REPORT_JSON || out->plan_format == PLAN_JSON;
    return OPTIONS_OK;
}
