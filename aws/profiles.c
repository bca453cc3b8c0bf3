/* The rules are those of Python's configparser as botocore uses it: a line that is indented deeper than the setting before it goes on with it, `#` and `;`
   begin comments only at the start of a line, `:` is as good as `=`, and nothing may be said twice. */
#include "aws/profiles.h"

#include "aws/shell_words.h"
#include "aws/url.h"
#include "base/utf8.h"

/* A setting while its lines are read: configparser joins them with line ends. */
typedef struct RawSetting {
    Text key;
    uint32_t line;
    TextArray lines;
} RawSetting;

typedef struct RawSection {
    Text name;
    uint32_t line;
    ARRAY(RawSetting) settings;
} RawSection;

typedef ARRAY(RawSection) RawSectionArray;

typedef struct Reading {
    Arena *arena;
    RawSectionArray sections;
    RawSection *section; /* the one that is being read */
    RawSection defaults; /* [DEFAULT]: what every section has unless it says otherwise */
    bool goes_on;        /* a deeper line belongs to the last setting */
    size_t indent;
    uint32_t line;
    Text *reason;
} Reading;

static bool fail(Reading *reading, const char *what)
{
    *reading->reason = arena_format(reading->arena, "line %u %s", reading->line, what);
    return false;
}

static bool begin_section(Reading *reading, Text name)
{
    reading->goes_on = false;
    if (text_equal_c(name, "DEFAULT")) {
        reading->section = &reading->defaults;
        return true;
    }
    for (size_t i = 0; i < reading->sections.count; i++) {
        if (text_equal(reading->sections.items[i].name, name)) {
            *reading->reason = arena_format(reading->arena, "line %u begins a section that line %u has begun already", reading->line,
                                            reading->sections.items[i].line);
            return false;
        }
    }
    ARRAY_PUSH(reading->arena, &reading->sections, (RawSection){.name = name, .line = reading->line});
    reading->section = &reading->sections.items[reading->sections.count - 1];
    return true;
}

static bool begin_setting(Reading *reading, Text line)
{
    size_t equals = text_find_byte(line, '=');
    size_t colon = text_find_byte(line, ':');
    size_t delimiter = equals < colon ? equals : colon;
    if (delimiter == line.len)
        return fail(reading, "is neither a [section] nor `key = value`");
    if (delimiter == 0)
        return fail(reading, "has no key before its value");
    Text key = aws_url_lower(reading->arena, text_trim(text_slice(line, 0, delimiter)));
    RawSection *section = reading->section;
    for (size_t i = 0; i < section->settings.count; i++) {
        if (text_equal(section->settings.items[i].key, key)) {
            *reading->reason = arena_format(reading->arena, "line %u sets what line %u has set already", reading->line, section->settings.items[i].line);
            return false;
        }
    }
    RawSetting setting = {.key = key, .line = reading->line};
    ARRAY_PUSH(reading->arena, &setting.lines, text_trim(text_slice(line, delimiter + 1, line.len)));
    ARRAY_PUSH(reading->arena, &section->settings, setting);
    reading->goes_on = true;
    return true;
}

static TextArray *lines_going_on(Reading *reading)
{
    if (!reading->goes_on)
        return NULL;
    return &reading->section->settings.items[reading->section->settings.count - 1].lines;
}

static bool read_line(Reading *reading, Text line)
{
    Text text = text_trim(line);
    TextArray *lines = lines_going_on(reading);
    if (text.len == 0) {
        if (lines)
            ARRAY_PUSH(reading->arena, lines, TEXT_NONE);
        return true;
    }
    if (text.ptr[0] == '#' || text.ptr[0] == ';')
        return true;
    size_t indent = (size_t)(text.ptr - line.ptr);
    if (lines && indent > reading->indent) {
        ARRAY_PUSH(reading->arena, lines, text);
        return true;
    }
    reading->indent = indent;
    size_t close = text.len;
    while (close > 0 && text.ptr[close - 1] != ']')
        close--;
    if (text.ptr[0] == '[' && close > 2)
        return begin_section(reading, text_slice(text, 1, close - 1));
    if (!reading->section)
        return fail(reading, "stands before the first [section]");
    return begin_setting(reading, text);
}

static bool read_lines(Reading *reading, Text text)
{
    for (size_t at = 0; at < text.len;) {
        size_t end = at;
        while (end < text.len && text.ptr[end] != '\n' && text.ptr[end] != '\r')
            end++;
        reading->line++;
        if (!read_line(reading, text_slice(text, at, end)))
            return false;
        at = end + 1 + (end + 1 < text.len && text.ptr[end] == '\r' && text.ptr[end + 1] == '\n');
    }
    return true;
}

/* `name = value` lines below `key =`. */
static bool convert_nested(Reading *reading, const RawSetting *raw, size_t count, AwsProfileSetting *out)
{
    ARRAY(AwsProfileSetting) nested = {0};
    for (size_t i = 1; i < count; i++) {
        Text line = raw->lines.items[i];
        size_t equals = text_find_byte(line, '=');
        if (line.len == 0)
            continue;
        if (equals == line.len) {
            *reading->reason = arena_format(reading->arena, "line %u is followed by an indented line that is no `key = value`", raw->line);
            return false;
        }
        AwsProfileSetting setting = {.key = text_trim(text_slice(line, 0, equals)), .value = text_trim(text_slice(line, equals + 1, line.len)), .line = raw->line};
        size_t at = 0;
        while (at < nested.count && !text_equal(nested.items[at].key, setting.key))
            at++;
        if (at < nested.count)
            nested.items[at] = setting;
        else
            ARRAY_PUSH(reading->arena, &nested, setting);
    }
    out->nested = nested.items;
    out->nested_count = nested.count;
    return true;
}

static bool convert_setting(Reading *reading, const RawSetting *raw, AwsProfileSetting *out)
{
    *out = (AwsProfileSetting){.key = raw->key, .line = raw->line};
    size_t count = raw->lines.count;
    while (count > 1 && raw->lines.items[count - 1].len == 0)
        count--;
    if (count > 1 && raw->lines.items[0].len == 0)
        return convert_nested(reading, raw, count, out);
    out->value = raw->lines.items[0];
    if (count == 1)
        return true;
    Buffer joined = {0};
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_add_byte(&joined, '\n');
        buffer_add(&joined, raw->lines.items[i]);
    }
    out->value = arena_copy_text(reading->arena, buffer_text(&joined));
    buffer_free(&joined);
    return true;
}

static bool convert_section(Reading *reading, const RawSection *raw, AwsProfileSection *out)
{
    for (size_t i = 0; i < raw->settings.count + reading->defaults.settings.count; i++) {
        bool is_own = i < raw->settings.count;
        const RawSetting *setting = is_own ? &raw->settings.items[i] : &reading->defaults.settings.items[i - raw->settings.count];
        AwsProfileSetting converted;
        if (!convert_setting(reading, setting, &converted))
            return false;
        bool is_said = false;
        for (size_t j = 0; j < out->settings.count && !is_own; j++)
            is_said = is_said || text_equal(out->settings.items[j].key, setting->key);
        if (!is_said)
            ARRAY_PUSH(reading->arena, &out->settings, converted);
    }
    return true;
}

/* What a section of the config file is: `profile NAME` in two words. False: it counts for nothing. */
static bool name_section(Arena *arena, AwsProfileSection *section)
{
    static const struct {
        Text prefix;
        AwsSectionKind kind;
    } kinds[] = {
        {{"profile", sizeof "profile" - 1}, AWS_SECTION_PROFILE},
        {{"sso-session", sizeof "sso-session" - 1}, AWS_SECTION_SSO_SESSION},
        {{"services", sizeof "services" - 1}, AWS_SECTION_SERVICES},
    };
    section->kind = text_equal_c(section->name, "default") ? AWS_SECTION_PROFILE : AWS_SECTION_OTHER;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (!text_starts_with(section->name, kinds[i].prefix))
            continue;
        TextArray words = {0};
        if (!aws_shell_split(arena, section->name, &words) || words.count != 2)
            return false;
        section->kind = kinds[i].kind;
        section->name = words.items[1];
        return true;
    }
    return true;
}

/* Of two that come to the same name, such as [default] and [profile default], the later counts, in the place of the earlier. */
static void add_section(Arena *arena, AwsProfiles *profiles, AwsProfileSection section)
{
    for (size_t i = 0; i < profiles->sections.count; i++) {
        AwsProfileSection *other = &profiles->sections.items[i];
        if (other->kind == section.kind && text_equal(other->name, section.name)) {
            *other = section;
            return;
        }
    }
    ARRAY_PUSH(arena, &profiles->sections, section);
}

bool aws_profiles_read(Arena *arena, Text text, bool is_config, AwsProfiles *out, Text *reason)
{
    Reading reading = {.arena = arena, .reason = reason};
    if (text_starts_with(text, TEXT("\xEF\xBB\xBF")))
        text = text_slice(text, 3, text.len);
    size_t invalid = utf8_find_invalid(text);
    if (invalid < text.len) {
        reading.line = 1;
        for (size_t i = 0; i < invalid; i++)
            reading.line += text.ptr[i] == '\n';
        return fail(&reading, "is not UTF-8");
    }
    if (!read_lines(&reading, text))
        return false;
    for (size_t i = 0; i < reading.sections.count; i++) {
        const RawSection *raw = &reading.sections.items[i];
        AwsProfileSection section = {.kind = AWS_SECTION_PROFILE, .name = raw->name, .line = raw->line};
        if (!convert_section(&reading, raw, &section))
            return false;
        if (!is_config || name_section(arena, &section))
            add_section(arena, out, section);
    }
    return true;
}

static void set_in_section(Arena *arena, AwsProfileSection *section, const AwsProfileSetting *setting)
{
    for (size_t i = 0; i < section->settings.count; i++) {
        if (text_equal(section->settings.items[i].key, setting->key)) {
            section->settings.items[i] = *setting;
            return;
        }
    }
    ARRAY_PUSH(arena, &section->settings, *setting);
}

void aws_profiles_merge(Arena *arena, AwsProfiles *profiles, const AwsProfiles *more)
{
    for (size_t i = 0; i < more->sections.count; i++) {
        const AwsProfileSection *from = &more->sections.items[i];
        size_t at = 0;
        while (at < profiles->sections.count && !(profiles->sections.items[at].kind == from->kind && text_equal(profiles->sections.items[at].name, from->name)))
            at++;
        if (at == profiles->sections.count)
            ARRAY_PUSH(arena, &profiles->sections, (AwsProfileSection){.kind = from->kind, .name = from->name, .line = from->line});
        for (size_t j = 0; j < from->settings.count; j++)
            set_in_section(arena, &profiles->sections.items[at], &from->settings.items[j]);
    }
}

const AwsProfileSection *aws_profiles_find(const AwsProfiles *profiles, AwsSectionKind kind, Text name)
{
    for (size_t i = 0; i < profiles->sections.count; i++)
        if (profiles->sections.items[i].kind == kind && text_equal(profiles->sections.items[i].name, name))
            return &profiles->sections.items[i];
    return NULL;
}

const AwsProfileSetting *aws_section_find(const AwsProfileSection *section, const char *key)
{
    for (size_t i = 0; section && i < section->settings.count; i++)
        if (text_equal_c(section->settings.items[i].key, key))
            return &section->settings.items[i];
    return NULL;
}

Text aws_section_value(const AwsProfileSection *section, const char *key)
{
    const AwsProfileSetting *setting = aws_section_find(section, key);
    return setting ? setting->value : TEXT_NONE;
}
