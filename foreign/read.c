#include "foreign/read.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "foreign/lenient.h"

#include <string.h>
#include <yaml.h>

enum { DEPTH_MAX = 100, COPIES_MAX = 100000, ANCHORS_MAX = 1000 };

typedef struct Anchor {
    Text name;
    const Json *node;
} Anchor;

/* A member on its way into its object. */
typedef struct Entry {
    JsonMember member;
    Span key;
    bool is_merge; /* `<<` */
} Entry;

/* What is wrong with the document, should it stay wrong. */
typedef struct Fault {
    DiagnosticCode code;
    Span span;
    Text message;
    Text label;
    Span context; /* what the fault stands in; none when there is no such thing */
} Fault;

typedef struct Reader {
    Arena *arena;
    Diagnostics *sink;
    uint32_t file;
    Text source;
    Lenient lenient;
    size_t next_value;       /* of lenient.values */
    yaml_parser_t parser;
    size_t base;             /* bytes before what libyaml sees: a byte order mark */
    size_t mark_index;       /* the place converted last, in characters … */
    size_t mark_offset;      /* … and in bytes */
    bool is_ascii;           /* then characters are bytes */
    ARRAY(Entry) entries;    /* of all objects that are being read, the innermost last */
    ARRAY(Json *) items;     /* of all arrays likewise */
    ARRAY(Anchor) anchors;
    size_t copies;
    Fault fault;
    ForeignTrees *out;
} Reader;

static Json *read_node(Reader *reader, yaml_event_t *event, size_t depth);

/* --- places: libyaml counts characters, spans are bytes --- */

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

static uint32_t offset_of(Reader *reader, const yaml_mark_t *mark)
{
    Text text = text_slice(reader->lenient.text, reader->base, reader->lenient.text.len);
    if (reader->is_ascii)
        return (uint32_t)(reader->base + (mark->index < text.len ? mark->index : text.len));
    size_t at = reader->mark_offset;
    size_t index = reader->mark_index;
    for (; index < mark->index && at < text.len; index++)
        for (at++; at < text.len && is_continuation(text.ptr[at]);)
            at++;
    for (; index > mark->index && at > 0; index--)
        for (at--; at > 0 && is_continuation(text.ptr[at]);)
            at--;
    reader->mark_offset = at;
    reader->mark_index = index;
    return (uint32_t)(reader->base + at);
}

static Span span_of(Reader *reader, const yaml_event_t *event)
{
    Span span = {reader->file, offset_of(reader, &event->start_mark), 0};
    span.end = offset_of(reader, &event->end_mark);
    span.end = span.end < span.start ? span.start : span.end;
    return span;
}

/* --- faults --- */

static Json *fail(Reader *reader, DiagnosticCode code, Span span, Text message, Text label)
{
    reader->fault = (Fault){.code = code, .span = span, .message = message, .label = label, .context = SPAN_NONE};
    return NULL;
}

static Text not_readable(const Reader *reader)
{
    return reader->lenient.is_json ? TEXT("this is not JSON") : TEXT("this is not YAML");
}

/* What libyaml says, in the words of people who write JSON. */
static Text explain_problem(const char *problem)
{
    static const struct {
        const char *problem;
        const char *words;
    } rows[] = {
        {"did not find expected ',' or '}'", "a comma or } is expected here"},
        {"did not find expected ',' or ']'", "a comma or ] is expected here"},
        {"did not find expected node content", "a value is expected here"},
        {"did not find expected key", "a key is expected here; is the indentation right?"},
        {"did not find expected '-' indicator", "an item that begins with - is expected here; is the indentation right?"},
        {"did not find expected <document start>", "the document ends before this"},
        {"could not find expected ':'", "a colon is missing behind the key"},
        {"mapping values are not allowed in this context", "a colon and a blank cannot stand in a text without quotes"},
        {"block sequence entries are not allowed in this context", "an item cannot begin here; is the indentation right?"},
        {"found unexpected end of stream", "the quote that opens before this is never closed"},
        {"found character that cannot start any token", "no value begins like this; write it in quotes"},
        {"control characters are not allowed", "no text has this control character"},
        {"found unknown escape character", "there is no such escape; a backslash itself is written \\\\"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (problem && strcmp(problem, rows[i].problem) == 0)
            return text_from_c(rows[i].words);
    return problem ? text_from_c(problem) : TEXT("it cannot be read further");
}

static bool next_event(Reader *reader, yaml_event_t *event)
{
    if (yaml_parser_parse(&reader->parser, event))
        return true;
    const yaml_parser_t *parser = &reader->parser;
    if (parser->error == YAML_MEMORY_ERROR)
        memory_exhausted();
    bool is_byte = parser->error == YAML_READER_ERROR;
    uint32_t at = is_byte ? (uint32_t)(reader->base + parser->problem_offset) : offset_of(reader, &parser->problem_mark);
    uint32_t end = at;
    while (end < reader->source.len && end == at && reader->source.ptr[end] != '\n' && reader->source.ptr[end] != '\r')
        end++;
    while (end > at && end < reader->source.len && is_continuation(reader->source.ptr[end]))
        end++;
    Text label = arena_copy_text(reader->arena, explain_problem(parser->problem));
    (void)fail(reader, CODE_FOREIGN_SYNTAX, (Span){reader->file, at, end}, not_readable(reader), label);
    if (!is_byte && parser->context && parser->context_mark.index < parser->problem_mark.index) {
        uint32_t start = offset_of(reader, &parser->context_mark);
        reader->fault.context = (Span){reader->file, start, start + 1};
    }
    return false;
}

static bool is_deep(Reader *reader, Span span, size_t depth)
{
    if (depth < DEPTH_MAX)
        return false;
    (void)fail(reader, CODE_FOREIGN_LIMIT, span, TEXT("this document is nested too deep"), arena_format(reader->arena, "at most %d levels are read", DEPTH_MAX));
    return true;
}

/* --- scalars --- */

/* The source's own bytes where they say the same, so that nothing is copied and a key's place can be found again. */
static Text scalar_text(Reader *reader, const yaml_event_t *event, Span span)
{
    Text value = {(const char *)event->data.scalar.value, event->data.scalar.length};
    size_t quotes = event->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE || event->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE;
    Text written = text_slice(reader->source, span.start + quotes, span.end - quotes);
    return span.end - span.start >= 2 * quotes && text_equal(written, value) ? written : arena_copy_text(reader->arena, value);
}

static bool is_placeholder(Reader *reader, Span span)
{
    const Range *values = reader->lenient.values.items;
    size_t count = reader->lenient.values.count;
    while (reader->next_value < count && values[reader->next_value].end <= span.start)
        reader->next_value++;
    return reader->next_value < count && values[reader->next_value].start < span.end;
}

/* The digits that 64 bits hold, and the power of ten that they are to be multiplied by. */
typedef struct Decimal {
    int64_t digits;
    int64_t power;
} Decimal;

/* The length of the digits with their point; 0 when the text begins with none. */
static size_t read_mantissa(Text text, Decimal *out)
{
    bool is_full = false;
    bool has_point = false;
    size_t at = 0;
    *out = (Decimal){0, 0};
    if (!text.len || !byte_is_digit(text.ptr[0]))
        return 0;
    for (; at < text.len && (byte_is_digit(text.ptr[at]) || (text.ptr[at] == '.' && !has_point)); at++) {
        if (text.ptr[at] == '.') {
            has_point = true;
            continue;
        }
        int digit = text.ptr[at] - '0';
        is_full = is_full || out->digits > (INT64_MAX - digit) / 10;
        out->digits = is_full ? out->digits : out->digits * 10 + digit;
        out->power += (is_full ? 1 : 0) - (has_point ? 1 : 0);
    }
    return at;
}

/* "e-3". False when it is none. */
static bool read_exponent(Text text, int64_t *power)
{
    enum { EXPONENT_MAX = 1000000 };
    int64_t exponent = 0;
    bool is_negative = text.len > 1 && text.ptr[1] == '-';
    size_t start = text.len > 1 && (is_negative || text.ptr[1] == '+') ? 2 : 1;
    if (text.len <= start || (text.ptr[0] != 'e' && text.ptr[0] != 'E'))
        return false;
    for (size_t at = start; at < text.len; at++) {
        if (!byte_is_digit(text.ptr[at]))
            return false;
        exponent = exponent > EXPONENT_MAX ? exponent : exponent * 10 + (text.ptr[at] - '0');
    }
    *power += is_negative ? -exponent : exponent;
    return true;
}

/* Exact where 64 bits hold it. What is larger is the largest number there is, which no limit of AWS's allows; what is nearer to zero is as near as can be. */
static Rational rational_of(Decimal decimal)
{
    enum { PLACES_MAX = 18 };
    int64_t divisor = 1;
    bool is_zero = decimal.digits == 0;
    for (; decimal.power > 0 && !is_zero; decimal.power--) {
        if (decimal.digits > INT64_MAX / 10)
            return rational_from_integer(INT64_MAX);
        decimal.digits *= 10;
    }
    for (; decimal.power < -PLACES_MAX && decimal.digits; decimal.power++)
        decimal.digits /= 10;
    for (; decimal.power < 0 && !is_zero && divisor < INT64_C(1000000000000000000); decimal.power++)
        divisor *= 10;
    Rational number;
    bool is_made = rational_make(&number, decimal.digits || is_zero ? decimal.digits : 1, divisor);
    return is_made ? number : rational_from_integer(INT64_MAX);
}

/* Digits, a point, an exponent. */
static bool parse_number(Text text, Rational *out)
{
    Decimal decimal;
    bool is_negative = text.len && text.ptr[0] == '-';
    size_t start = text.len && (text.ptr[0] == '-' || text.ptr[0] == '+');
    size_t length = read_mantissa(text_slice(text, start, text.len), &decimal);
    Text exponent = text_slice(text, start + length, text.len);
    if (!length || (exponent.len && !read_exponent(exponent, &decimal.power)))
        return false;
    *out = rational_of(decimal);
    if (is_negative)
        out->num = -out->num;
    return true;
}

/* What a scalar without quotes and tag stands for (YAML 1.2's core schema): YAML 1.1's further words for true and false are texts. */
static Json *resolve_plain(Reader *reader, Text text)
{
    Arena *arena = reader->arena;
    Rational number;
    switch (text.len ? text.ptr[0] : '\0') {
    case '\0': return json_null(arena);
    case '~':
    case 'n':
    case 'N':
        if (text_equal_c(text, "~") || text_equal_c(text, "null") || text_equal_c(text, "Null") || text_equal_c(text, "NULL"))
            return json_null(arena);
        break;
    case 't':
    case 'T':
        if (text_equal_c(text, "true") || text_equal_c(text, "True") || text_equal_c(text, "TRUE"))
            return json_bool(arena, true);
        break;
    case 'f':
    case 'F':
        if (text_equal_c(text, "false") || text_equal_c(text, "False") || text_equal_c(text, "FALSE"))
            return json_bool(arena, false);
        break;
    default:
        if (parse_number(text, &number))
            return json_number(arena, number);
        break;
    }
    return json_text(arena, text);
}

/* --- tags --- */

static bool is_standard_tag(const char *tag, const char *name)
{
    static const char prefix[] = "tag:yaml.org,2002:";
    return tag && strncmp(tag, prefix, sizeof prefix - 1) == 0 && strcmp(tag + sizeof prefix - 1, name) == 0;
}

/* The long form of CloudFormation's short tags; NULL for any other tag. */
static const char *function_of_tag(const char *tag)
{
    static const char *const functions[] = {"Fn::And",  "Fn::Base64", "Fn::Cidr", "Fn::Equals", "Fn::FindInMap", "Fn::GetAtt", "Fn::GetAZs",
                                            "Fn::If",   "Fn::ImportValue", "Fn::Join", "Fn::Length", "Fn::Not", "Fn::Or", "Fn::Select",
                                            "Fn::Split", "Fn::Sub", "Fn::ToJsonString", "Fn::Transform"};
    if (!tag || tag[0] != '!')
        return NULL;
    if (strcmp(tag, "!Ref") == 0 || strcmp(tag, "!Condition") == 0)
        return tag[1] == 'R' ? "Ref" : "Condition";
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (strcmp(functions[i] + sizeof "Fn::" - 1, tag + 1) == 0)
            return functions[i];
    return NULL;
}

/* `!GetAtt Role.Arn`: the resource ends at the first point. */
static Json *split_attribute(Reader *reader, Json *value)
{
    size_t point = value->kind == JSON_TEXT ? text_find_byte(value->text, '.') : 0;
    if (value->kind != JSON_TEXT || point == value->text.len)
        return value;
    Json *list = json_at(json_array(reader->arena), value->origin);
    json_add(reader->arena, list, json_at(json_text(reader->arena, text_slice(value->text, 0, point)), value->origin));
    json_add(reader->arena, list, json_at(json_text(reader->arena, text_slice(value->text, point + 1, value->text.len)), value->origin));
    return list;
}

/* What a tag of somebody else's makes of its value is not known. */
static Json *apply_tag(Reader *reader, const char *tag, Json *value)
{
    if (!value || !tag || tag[0] != '!' || tag[1] == '\0')
        return value;
    const char *function = function_of_tag(tag);
    Span origin = value->origin;
    if (!function)
        return json_at(json_unknown(reader->arena, text_slice(reader->source, origin.start, origin.end)), origin);
    if (strcmp(function, "Fn::GetAtt") == 0)
        value = split_attribute(reader, value);
    Json *object = json_at(json_object(reader->arena), origin);
    json_set_c(reader->arena, object, function, value);
    return object;
}

static Json *read_scalar(Reader *reader, const yaml_event_t *event)
{
    Span span = span_of(reader, event);
    const char *tag = (const char *)event->data.scalar.tag;
    bool is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (is_plain && is_placeholder(reader, span))
        return json_at(json_unknown(reader->arena, text_slice(reader->source, span.start, span.end)), span);
    Text text = scalar_text(reader, event, span);
    /* A tag stands before its value, and belongs to its place. */
    bool keeps_text = !is_plain || (tag && (strcmp(tag, "!") == 0 || is_standard_tag(tag, "str") || tag[0] == '!'));
    Json *value = json_at(keeps_text ? json_text(reader->arena, text) : resolve_plain(reader, text), span);
    return apply_tag(reader, tag, value);
}

/* --- collections --- */

static Json *read_sequence(Reader *reader, const char *tag, Span span, size_t depth)
{
    size_t base = reader->items.count;
    while (true) {
        yaml_event_t event;
        if (!next_event(reader, &event))
            return NULL;
        if (event.type == YAML_SEQUENCE_END_EVENT) {
            span.end = span_of(reader, &event).end;
            yaml_event_delete(&event);
            break;
        }
        Json *item = read_node(reader, &event, depth + 1);
        if (!item)
            return NULL;
        ARRAY_PUSH(reader->arena, &reader->items, item);
    }
    Json *array = json_at(json_array(reader->arena), span);
    size_t count = reader->items.count - base;
    if (count) {
        array->items.items = ARENA_NEW_ARRAY(reader->arena, Json *, count);
        memcpy(array->items.items, reader->items.items + base, count * sizeof *array->items.items);
        array->items.count = array->items.capacity = count;
    }
    reader->items.count = base;
    return apply_tag(reader, tag, array);
}

static void report_duplicate(Reader *reader, const Entry *first, Entry *second)
{
    if (second->is_merge)
        return;
    if (reader->lenient.has_blocks) {
        /* Branches of a template language: which one it will be is not known. */
        const Json *value = second->member.value;
        if (!json_equal(first->member.value, value))
            second->member.value = json_at(json_unknown(reader->arena, sources_text(reader->sink->sources, value->origin)), value->origin);
        return;
    }
    Text key = second->member.key;
    Diagnostic *d = diagnostic_report(reader->sink, CODE_FOREIGN_DUPLICATE, second->key, "the key %.*s stands twice in one object", TEXT_ARG(key));
    bool is_same = json_equal(first->member.value, second->member.value);
    if (is_same)
        d->severity = SEVERITY_WARNING;
    diagnostic_set_label(reader->sink, d, is_same ? "with the same value" : "only this one is used");
    diagnostic_add_label(reader->sink, d, first->key, "first here");
    diagnostic_set_advice(reader->sink, d, "leave out one of the two");
}

/* Reports keys that stand twice: by comparing all where there are few, else by a hash table. */
static void check_duplicates(Reader *reader, Entry *entries, size_t count)
{
    enum { FEW = 12 };
    if (count <= FEW) {
        for (size_t i = 1; i < count; i++)
            for (size_t j = 0; j < i; j++)
                if (text_equal(entries[i].member.key, entries[j].member.key)) {
                    report_duplicate(reader, &entries[j], &entries[i]);
                    break;
                }
        return;
    }
    size_t capacity = 32;
    while (capacity < count * 2)
        capacity *= 2;
    uint32_t *slots = ARENA_NEW_ARRAY(reader->arena, uint32_t, capacity);
    for (size_t i = 0; i < count; i++) {
        size_t place = text_hash(entries[i].member.key) & (capacity - 1);
        while (slots[place] && !text_equal(entries[slots[place] - 1].member.key, entries[i].member.key))
            place = (place + 1) & (capacity - 1);
        if (slots[place])
            report_duplicate(reader, &entries[slots[place] - 1], &entries[i]);
        else
            slots[place] = (uint32_t)(i + 1);
    }
}

typedef ARRAY(JsonMember) MemberArray;

static void add_merged(Reader *reader, const Json *value, MemberArray *out)
{
    for (size_t i = 0; value->kind == JSON_OBJECT && i < value->members.count; i++)
        ARRAY_PUSH(reader->arena, out, value->members.items[i]);
    for (size_t i = value->kind == JSON_ARRAY ? value->items.count : 0; i > 0; i--)
        if (value->items.items[i - 1]->kind == JSON_OBJECT)
            add_merged(reader, value->items.items[i - 1], out);
}

/* The object of the entries: what is merged comes first, because of equal keys the last one stays. */
static Json *make_object(Reader *reader, Entry *entries, size_t count)
{
    MemberArray members = {0};
    check_duplicates(reader, entries, count);
    if (count) {
        members.items = ARENA_NEW_ARRAY(reader->arena, JsonMember, count);
        members.capacity = count;
    }
    for (size_t i = count; i > 0; i--)
        if (entries[i - 1].is_merge)
            add_merged(reader, entries[i - 1].member.value, &members);
    for (size_t i = 0; i < count; i++)
        if (!entries[i].is_merge)
            ARRAY_PUSH(reader->arena, &members, entries[i].member);
    return json_object_from(reader->arena, members.items, members.count);
}

/* Reads a key; false after a fault. A placeholder in the place of a whole member is none, and is left out with its value. */
static bool read_key(Reader *reader, yaml_event_t *event, Entry *out, bool *is_left_out)
{
    Span span = span_of(reader, event);
    if (event->type != YAML_SCALAR_EVENT) {
        (void)fail(reader, CODE_FOREIGN_SYNTAX, span, not_readable(reader), TEXT("a key is a text"));
        return false;
    }
    bool is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    *out = (Entry){.member = {scalar_text(reader, event, span), NULL}, .key = span};
    *is_left_out = is_plain && is_placeholder(reader, span);
    out->is_merge = is_plain && text_equal_c(out->member.key, "<<");
    return true;
}

static Json *read_mapping(Reader *reader, const char *tag, Span span, size_t depth)
{
    size_t base = reader->entries.count;
    while (true) {
        yaml_event_t event;
        Entry entry;
        bool is_left_out = false;
        if (!next_event(reader, &event))
            return NULL;
        if (event.type == YAML_MAPPING_END_EVENT) {
            span.end = span_of(reader, &event).end;
            yaml_event_delete(&event);
            break;
        }
        bool good = read_key(reader, &event, &entry, &is_left_out);
        yaml_event_delete(&event);
        if (!good || !next_event(reader, &event))
            return NULL;
        entry.member.value = read_node(reader, &event, depth + 1);
        if (!entry.member.value)
            return NULL;
        if (!is_left_out)
            ARRAY_PUSH(reader->arena, &reader->entries, entry);
    }
    Json *object = json_at(make_object(reader, reader->entries.items + base, reader->entries.count - base), span);
    reader->entries.count = base;
    return apply_tag(reader, tag, object);
}

/* --- anchors and aliases --- */

static bool set_anchor(Reader *reader, const unsigned char *name, const Json *node)
{
    Text text = text_from_c((const char *)name);
    if (reader->anchors.count >= ANCHORS_MAX) {
        (void)fail(reader, CODE_FOREIGN_LIMIT, node->origin, TEXT("this document has too many anchors"),
                   arena_format(reader->arena, "at most %d are read", ANCHORS_MAX));
        return false;
    }
    Anchor anchor = {arena_copy_text(reader->arena, text), node};
    ARRAY_PUSH(reader->arena, &reader->anchors, anchor);
    return true;
}

/* A copy of its own, so that whoever changes one place does not change the other. */
static Json *copy_node(Reader *reader, const Json *node, Span alias, size_t depth)
{
    if (is_deep(reader, alias, depth))
        return NULL;
    if (++reader->copies > COPIES_MAX)
        return fail(reader, CODE_FOREIGN_LIMIT, alias, TEXT("the aliases of this document copy too much"),
                    arena_format(reader->arena, "at most %d values are copied", COPIES_MAX));
    Json *copy = ARENA_NEW(reader->arena, Json);
    *copy = *node;
    if (node->kind == JSON_ARRAY && node->items.count) {
        copy->items.items = ARENA_NEW_ARRAY(reader->arena, Json *, node->items.count);
        for (size_t i = 0; i < node->items.count; i++)
            if (!(copy->items.items[i] = copy_node(reader, node->items.items[i], alias, depth + 1)))
                return NULL;
        copy->items.capacity = node->items.count;
    } else if (node->kind == JSON_OBJECT && node->members.count) {
        copy->members.items = ARENA_NEW_ARRAY(reader->arena, JsonMember, node->members.count);
        for (size_t i = 0; i < node->members.count; i++) {
            copy->members.items[i].key = node->members.items[i].key;
            if (!(copy->members.items[i].value = copy_node(reader, node->members.items[i].value, alias, depth + 1)))
                return NULL;
        }
        copy->members.capacity = node->members.count;
    }
    return copy;
}

static Json *read_alias(Reader *reader, const yaml_event_t *event, size_t depth)
{
    Span span = span_of(reader, event);
    Text name = text_from_c((const char *)event->data.alias.anchor);
    for (size_t i = reader->anchors.count; i > 0; i--)
        if (text_equal(reader->anchors.items[i - 1].name, name))
            return copy_node(reader, reader->anchors.items[i - 1].node, span, depth);
    return fail(reader, CODE_FOREIGN_SYNTAX, span, arena_format(reader->arena, "the alias *%.*s names nothing", TEXT_ARG(name)),
                TEXT("no anchor of this name stands before it"));
}

/* --- nodes and documents --- */

/* Reads the node that the event begins, and frees the event. NULL after a fault. */
static Json *read_node(Reader *reader, yaml_event_t *event, size_t depth)
{
    Json *node = NULL;
    const unsigned char *anchor = NULL;
    Span span = span_of(reader, event);
    if (is_deep(reader, span, depth)) {
        yaml_event_delete(event);
        return NULL;
    }
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        node = read_scalar(reader, event);
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        node = read_sequence(reader, (const char *)event->data.sequence_start.tag, span, depth);
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        node = read_mapping(reader, (const char *)event->data.mapping_start.tag, span, depth);
    } else if (event->type == YAML_ALIAS_EVENT) {
        node = read_alias(reader, event, depth);
    } else {
        node = fail(reader, CODE_FOREIGN_SYNTAX, span, not_readable(reader), TEXT("a value is expected here"));
    }
    if (node && anchor && !set_anchor(reader, anchor, node))
        node = NULL;
    yaml_event_delete(event);
    return node;
}

static bool read_documents(Reader *reader)
{
    while (true) {
        yaml_event_t event;
        if (!next_event(reader, &event))
            return false;
        yaml_event_type_t type = event.type;
        if (type == YAML_STREAM_START_EVENT || type == YAML_DOCUMENT_START_EVENT || type == YAML_DOCUMENT_END_EVENT) {
            if (type == YAML_DOCUMENT_START_EVENT)
                reader->anchors.count = 0;
            yaml_event_delete(&event);
            continue;
        }
        if (type == YAML_STREAM_END_EVENT) {
            yaml_event_delete(&event);
            return true;
        }
        Json *root = read_node(reader, &event, 0);
        if (!root)
            return false;
        if (root->kind != JSON_NULL)
            ARRAY_PUSH(reader->arena, &reader->out->items, root);
    }
}

/* One attempt; false with reader->fault set. */
static bool attempt(Reader *reader, bool is_named_json, bool is_retry)
{
    *reader->out = (ForeignTrees){0};
    lenient_prepare(reader->arena, reader->source, is_named_json, is_retry, &reader->lenient);
    const Lenient *lenient = &reader->lenient;
    reader->base = text_starts_with(reader->source, TEXT("\xef\xbb\xbf")) ? 3 : 0;
        if (lenient->fault.end) {
        (void)fail(reader, CODE_FOREIGN_SYNTAX, (Span){reader->file, lenient->fault.start, lenient->fault.end}, TEXT("this is not JSON"),
                   text_from_c(lenient->fault_label));
        return false;
    }
    if (!yaml_parser_initialize(&reader->parser))
        memory_exhausted();
    yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader->parser, (const unsigned char *)lenient->text.ptr + reader->base, lenient->text.len - reader->base);
    bool good = read_documents(reader);
    yaml_parser_delete(&reader->parser);
    reader->out->is_json = lenient->is_json;
    reader->out->has_blocks = lenient->has_blocks;
    return good;
}

/* --- all --- */

static void report_fault(Reader *reader)
{
    const Fault *fault = &reader->fault;
    Diagnostic *d = diagnostic_report(reader->sink, fault->code, fault->span, "%.*s", TEXT_ARG(fault->message));
    diagnostic_set_label(reader->sink, d, "%.*s", TEXT_ARG(fault->label));
    if (!span_is_none(fault->context))
        diagnostic_add_label(reader->sink, d, fault->context, "in what begins here");
    if (text_ends_with(sources_path(reader->sink->sources, reader->file), TEXT(".jsonnet")))
        diagnostic_set_advice(reader->sink, d, "what Jsonnet computes is not known here: give what it comes to, as in jsonnet FILE | svc lint -");
}

/* Eight bytes at a time. */
static bool is_ascii(Text text)
{
    uint64_t all = 0;
    size_t at = 0;
    for (; at + sizeof all <= text.len; at += sizeof all) {
        uint64_t word;
        memcpy(&word, text.ptr + at, sizeof word);
        all |= word;
    }
    for (; at < text.len; at++)
        all |= (unsigned char)text.ptr[at];
    return (all & UINT64_C(0x8080808080808080)) == 0;
}

/* Bytes that no text has: false after a report. Other control characters libyaml finds. */
static bool check_bytes(Reader *reader)
{
    Text text = reader->source;
    reader->base = text_starts_with(text, TEXT("\xef\xbb\xbf")) ? 3 : 0;
    reader->is_ascii = is_ascii(text_slice(text, reader->base, text.len));
    size_t invalid = reader->is_ascii ? text.len : utf8_find_invalid(text);
    size_t at = text_find_byte(text_slice(text, 0, invalid), '\0');
    if (at == text.len)
        return true;
    bool is_wide = text_starts_with(text, TEXT("\xff\xfe")) || text_starts_with(text, TEXT("\xfe\xff"));
    const char *label = is_wide ? "this is UTF-16; save the file as UTF-8" : at < invalid ? "no text has a NUL" : "this byte is no part of UTF-8";
    (void)fail(reader, CODE_FOREIGN_SYNTAX, (Span){reader->file, (uint32_t)at, (uint32_t)at + 1}, TEXT("this is no text that can be read"), text_from_c(label));
    report_fault(reader);
    return false;
}

/* What a template language leaves out may be what the comma is for. */
static void report_commas(Reader *reader)
{
    const Lenient *lenient = &reader->lenient;
    for (size_t i = 0; i < lenient->commas.count && !lenient->has_blocks; i++) {
        Span span = {reader->file, lenient->commas.items[i].start, lenient->commas.items[i].end};
        Diagnostic *d = diagnostic_report(reader->sink, CODE_FOREIGN_COMMA, span, "JSON has no comma before a closing bracket");
        diagnostic_set_fix(reader->sink, d, true, span, TEXT_NONE, "remove it");
    }
}

static void report_odd(Reader *reader)
{
    const Lenient *lenient = &reader->lenient;
    if (!lenient->is_json)
        return;
    report_commas(reader);
    if (!lenient->odd.end)
        return;
    Diagnostic *d = diagnostic_report(reader->sink, CODE_FOREIGN_LOOSE, (Span){reader->file, lenient->odd.start, lenient->odd.end},
                                      "the AWS CLI does not read this file as it stands");
    diagnostic_set_label(reader->sink, d, "JSON has no place for %s", lenient->odd_name);
}

bool foreign_read_trees(Arena *arena, Diagnostics *sink, uint32_t file, ForeignTrees *out)
{
    Reader reader = {.arena = arena, .sink = sink, .file = file, .out = out};
    Text path = sources_path(sink->sources, file);
    bool is_named_json = text_ends_with(path, TEXT(".json"));
    reader.source = sink->sources->files.items[file]->text;
    if (!check_bytes(&reader))
        return false;
    bool good = attempt(&reader, is_named_json, false);
    if (!good) {
        /* What the second reading finds wrong may be its own doing: the first fault is the one to tell. */
        Fault first = reader.fault;
        reader = (Reader){.arena = arena, .sink = sink, .file = file, .out = out, .source = reader.source, .base = reader.base, .is_ascii = reader.is_ascii};
        good = attempt(&reader, is_named_json, true);
        reader.fault = first;
    }
    if (!good) {
        report_fault(&reader);
        return false;
    }
    report_odd(&reader);
    if (out->items.count)
        return true;
    Diagnostic *d = diagnostic_report(sink, CODE_EMPTY_FILE, (Span){file, 0, 0}, "%.*s is empty", TEXT_ARG(path));
    diagnostic_set_advice(sink, d, "begin it with what ECS or CloudFormation takes, such as {\"family\": …, \"containerDefinitions\": […]}");
    return false;
}
