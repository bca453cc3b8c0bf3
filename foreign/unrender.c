#include "foreign/unrender.h"

#include "vocabulary/units.h"

/* A body of short statements is written behind its head, as people write `health "…" every 30s timeout 5s`. */
enum { INLINE_MAX = 72 };

/* --- texts --- */

void unrender_text(Buffer *out, Text text)
{
    buffer_add_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '"' || c == '\\') {
            buffer_add_byte(out, '\\');
            buffer_add_byte(out, c);
        } else if (c == '\n' || c == '\t' || c == '\r') {
            buffer_add_byte(out, '\\');
            buffer_add_byte(out, c == '\n' ? 'n' : c == '\t' ? 't' : 'r');
        } else if (c == '\0') {
            continue; /* no string of svc has one: the comparison tells */
        } else if ((unsigned char)c < ' ' || c == 0x7f) {
            buffer_add_format(out, "\\u{%x}", (unsigned)(unsigned char)c);
        } else if (c == '$' && i + 1 < text.len && text.ptr[i + 1] == '{') {
            buffer_add_c(out, "$$");
        } else {
            buffer_add_byte(out, c);
        }
    }
    buffer_add_byte(out, '"');
}

void unrender_comment(Buffer *out, Text text)
{
    buffer_add_c(out, "# ");
    for (size_t i = 0; i < text.len; i++) {
        bool is_control = (unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7f;
        buffer_add_byte(out, is_control ? ' ' : text.ptr[i]);
    }
    buffer_add_byte(out, '\n');
}

/* A word or a name (SPEC.md, "Lexical grammar"). */
static bool is_bare(Text text)
{
    bool has_upper = false;
    bool has_hyphen = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool is_lower = c >= 'a' && c <= 'z';
        bool is_later = i > 0 && (byte_is_digit(c) || (c == '-' && text.ptr[i - 1] != '-' && i + 1 < text.len));
        bool is_upper = (c >= 'A' && c <= 'Z') || c == '_';
        has_upper = has_upper || is_upper;
        has_hyphen = has_hyphen || c == '-';
        if (!is_lower && !is_upper && !is_later)
            return false;
    }
    return text.len && !(has_upper && has_hyphen);
}

void unrender_name(Buffer *out, Text text)
{
    if (is_bare(text))
        buffer_add(out, text);
    else
        unrender_text(out, text);
}

/* --- parameters --- */

/* Adds what is left of letters and digits, in small letters. */
static void add_to_name(Buffer *name, Text text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (byte_is_letter(c) || (byte_is_digit(c) && name->length))
            buffer_add_byte(name, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
        else if (name->length && name->bytes[name->length - 1] != '_')
            buffer_add_byte(name, '_');
    }
}

/* What a call of a template function is about: TAG of {{ must_env `TAG` }}. All of it where nothing stands in backquotes. */
static Text template_subject(Text call)
{
    size_t start = text_find_byte(call, '`') + 1;
    if (start >= call.len)
        return call;
    Text rest = text_slice(call, start, call.len);
    return text_slice(rest, 0, text_find_byte(rest, '`'));
}

/* `${IMAGE_TAG}` gives image_tag. */
static Text parameter_name(Arena *arena, Text written)
{
    Buffer name = {0};
    for (size_t at = 0; at < written.len;) {
        Text rest = text_slice(written, at, written.len);
        size_t open = text_find(rest, TEXT("{{"));
        size_t close = open + text_find(text_slice(rest, open, rest.len), TEXT("}}"));
        add_to_name(&name, text_slice(rest, 0, open));
        add_to_name(&name, template_subject(text_slice(rest, open, close)));
        at += close < rest.len ? close : rest.len;
        if (close < rest.len) {
            add_to_name(&name, TEXT("}}"));
            at += 2;
        }
    }
    while (name.length && name.bytes[name.length - 1] == '_')
        name.length--;
    Text text = name.length ? arena_copy_text(arena, buffer_text(&name)) : TEXT("value");
    buffer_free(&name);
    return text;
}

/* The parameter for what is written; the same text of the same type shares one. */
static Text use_parameter(Unrender *unrender, Text written, const char *type)
{
    Text wanted = parameter_name(unrender->arena, written);
    Text name = wanted;
    for (unsigned number = 2, i = 0; i < unrender->parameters.count; i++) {
        const ImportParameter *known = &unrender->parameters.items[i];
        if (!text_equal(known->name, name))
            continue;
        if (text_equal(known->written, written) && text_equal_c(text_from_c(type), known->type))
            return name;
        name = arena_format(unrender->arena, "%.*s_%u", TEXT_ARG(wanted), number++);
        i = UINT32_MAX; /* look through all again, for the new name */
    }
    ImportParameter parameter = {name, type, written};
    ARRAY_PUSH(unrender->arena, &unrender->parameters, parameter);
    return name;
}

/* Whether somebody fills in a part of it. */
static bool has_placeholder(Text text)
{
    static const char *const marks[] = {"$", "<", "{{", "%", "#{", "__", "@"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (text_find(text, text_from_c(marks[i])) < text.len)
            return true;
    return false;
}

void unrender_part(Unrender *unrender, Buffer *out, Text text, const char *type)
{
    if (has_placeholder(text))
        buffer_add(out, use_parameter(unrender, text, type));
    else
        unrender_text(out, text);
}

bool unrender_string(Unrender *unrender, Buffer *out, const Json *json, const char *type)
{
    if (json && json->kind == JSON_UNKNOWN)
        buffer_add(out, use_parameter(unrender, json->text, type));
    else if (json && json->kind == JSON_TEXT)
        unrender_text(out, json->text);
    return json && (json->kind == JSON_UNKNOWN || json->kind == JSON_TEXT);
}

/* --- values --- */

static const char *type_name(const Argument *argument)
{
    static const char *const names[TYPE_COUNT] = {
        [TYPE_BOOL] = "bool", [TYPE_INTEGER] = "integer", [TYPE_NUMBER] = "number", [TYPE_DURATION] = "duration", [TYPE_SIZE] = "size",
        [TYPE_VCPU] = "vcpu", [TYPE_PERCENT] = "percent",
    };
    if (argument->refined)
        return argument->refined;
    return names[argument->type] ? names[argument->type] : "string";
}

/* A number, or a text that is one. */
static bool read_number(const Json *json, Rational *out)
{
    if (json->kind == JSON_NUMBER)
        *out = json->number;
    return json->kind == JSON_NUMBER || (json->kind == JSON_TEXT && rational_parse(out, json->text));
}

static bool write_quantity(Unrender *unrender, Buffer *out, const Argument *argument, const Json *json)
{
    Rational number;
    Rational factor = rational_from_integer(unit_aws_factor(argument->type, argument->form));
    if (!read_number(json, &number))
        return false;
    bool fits = argument->type == TYPE_PERCENT ? rational_divide(&number, number, rational_from_integer(100)) : rational_multiply(&number, number, factor);
    if (fits)
        buffer_add(out, unit_format_quantity(unrender->arena, (Quantity){number, argument->type}));
    return fits;
}

static bool write_choice(Buffer *out, const Argument *argument, const Json *json)
{
    size_t cursor = 0;
    Text word;
    Text aws;
    while (json->kind == JSON_TEXT && vocabulary_next_value(argument, &cursor, &word, &aws)) {
        if (!text_equal(aws, json->text))
            continue;
        buffer_add(out, word);
        return true;
    }
    return false;
}

static bool write_flag(Buffer *out, const Argument *argument, const Json *json)
{
    bool is_text = json->kind == JSON_TEXT && (text_equal_c(json->text, "true") || text_equal_c(json->text, "false"));
    if (json->kind != JSON_BOOL && !is_text)
        return false;
    bool state = json->kind == JSON_BOOL ? json->boolean : text_equal_c(json->text, "true");
    buffer_add_c(out, state != (argument->form == AWS_NOT) ? "yes" : "no");
    return true;
}

static bool write_scalar(Unrender *unrender, Buffer *out, const Argument *argument, const Json *json)
{
    if (json->kind == JSON_UNKNOWN && argument->kind == ARGUMENT_VALUE) {
        buffer_add(out, use_parameter(unrender, json->text, type_name(argument)));
        return true;
    }
    switch (argument->kind) {
    case ARGUMENT_ENUM: return write_choice(out, argument, json);
    case ARGUMENT_NAME:
    case ARGUMENT_REFERENCE:
        if (json->kind == JSON_TEXT)
            unrender_name(out, json->text);
        return json->kind == JSON_TEXT && json->text.len > 0;
    case ARGUMENT_VALUE:
        if (argument->type == TYPE_BOOL)
            return write_flag(out, argument, json);
        if (argument->type == TYPE_STRING && json->kind == JSON_TEXT)
            unrender_text(out, json->text);
        return argument->type == TYPE_STRING ? json->kind == JSON_TEXT : write_quantity(unrender, out, argument, json);
    case ARGUMENT_EXPRESSION:
    case ARGUMENT_TYPE:
    case ARGUMENT_WORD:
    case ARGUMENT_MODULE:
    case ARGUMENT_PATH:
    case ARGUMENT_MAP:
    case ARGUMENT_PROFILE: break;
    }
    return false;
}

static bool write_value(Unrender *unrender, Buffer *out, const Argument *argument, const Json *json)
{
    if (!argument->is_many)
        return write_scalar(unrender, out, argument, json);
    for (size_t i = 0; json->kind == JSON_ARRAY && i < json->items.count; i++) {
        if (i)
            buffer_add_byte(out, ' ');
        if (!write_scalar(unrender, out, argument, json->items.items[i]))
            return false;
    }
    return json->kind == JSON_ARRAY && json->items.count > 0;
}

/* --- places --- */

/* The object that holds the last member of a path below `here`, and that member's key; NULL when something on the way is not there. */
static Json *find_holder(Json *here, Text path, Text *key)
{
    size_t dot;
    while ((dot = text_find_byte(path, '.')) < path.len) {
        here = json_get(here, text_slice(path, 0, dot));
        path = text_slice(path, dot + 1, path.len);
    }
    *key = path;
    return here && here->kind == JSON_OBJECT ? here : NULL;
}

/* Takes a member away, and the objects on the way that become empty by it. */
static void take(Json *here, Text path)
{
    size_t dot = text_find_byte(path, '.');
    Text key = text_slice(path, 0, dot);
    Json *member = json_get(here, key);
    if (dot < path.len && member)
        take(member, text_slice(path, dot + 1, path.len));
    if (dot == path.len || (member && member->kind == JSON_OBJECT && member->members.count == 0))
        json_remove(here, key);
}

/* Where a path of the table leads: below the root when it names our shape, below `here` without one; NULL for another shape's. */
static Json *place_of(Unrender *unrender, Json *here, const char *aws, Text *path)
{
    Text whole = text_from_c(aws);
    size_t colon = text_find_byte(whole, ':');
    *path = colon == whole.len ? whole : text_slice(whole, colon + 1, whole.len);
    if (colon == whole.len)
        return here;
    return text_equal_c(text_slice(whole, 0, colon), unrender->shape) ? unrender->root : NULL;
}

/* --- statements --- */

/* A member that an argument says: where it stands, so that it can be taken. */
typedef struct Taken {
    Json *place;
    Text path;
} Taken;

typedef struct TakenList {
    Taken items[2 * ARGUMENTS_MAX];
    size_t count;
} TakenList;

static const Json *find_member(Json *place, Text path)
{
    Text key;
    Json *holder = find_holder(place, path, &key);
    return holder ? json_get(holder, key) : NULL;
}

/* "a.low..high" is two members beside each other. */
static bool write_range(Unrender *unrender, Buffer *out, const Argument *argument, Json *place, Text path, TakenList *taken)
{
    size_t gap = text_find(path, TEXT(".."));
    size_t start = gap;
    while (start > 0 && path.ptr[start - 1] != '.')
        start--;
    Text low_path = text_slice(path, 0, gap);
    Text high_path = arena_join(unrender->arena, text_slice(path, 0, start), text_slice(path, gap + 2, path.len));
    const Json *low = find_member(place, low_path);
    const Json *high = find_member(place, high_path);
    if (!low || !high || !write_quantity(unrender, out, argument, low))
        return false;
    buffer_add_c(out, "..");
    taken->items[taken->count++] = (Taken){place, low_path};
    taken->items[taken->count++] = (Taken){place, high_path};
    return write_quantity(unrender, out, argument, high);
}

/* "8000-8010" is one member, and 8000..8010 here. */
static bool write_range_text(Buffer *out, const Json *member)
{
    Text text = member->kind == JSON_TEXT ? member->text : TEXT_NONE;
    size_t hyphen = text_find_byte(text, '-');
    Rational low;
    Rational high;
    if (!rational_parse(&low, text_slice(text, 0, hyphen)) || !rational_parse(&high, text_slice(text, hyphen + 1, text.len)))
        return false;
    buffer_add_format(out, "%lld..%lld", (long long)low.num, (long long)high.num);
    return true;
}

static bool write_argument(Unrender *unrender, Buffer *out, const Argument *argument, Json *here, TakenList *taken)
{
    Text path;
    Json *place = place_of(unrender, here, argument->aws, &path);
    if (!place)
        return false;
    if (argument->is_range && text_find(path, TEXT("..")) < path.len)
        return write_range(unrender, out, argument, place, path, taken);
    const Json *member = find_member(place, path);
    if (member && argument->is_range) {
        if (!write_range_text(out, member))
            return false;
    } else if (!member || !write_value(unrender, out, argument, member))
        return false;
    taken->items[taken->count++] = (Taken){place, path};
    return true;
}

/* The arguments of a statement. False when one that it needs is not there, or cannot be said: then nothing is taken. */
static bool write_arguments(Unrender *unrender, Buffer *out, const VocabularyRow *row, Json *here, bool *has_taken)
{
    TakenList taken = {.count = 0};
    size_t count = vocabulary_argument_count(row);
    bool has_gap = false;
    for (size_t i = 0; i < count; i++) {
        const Argument *argument = &row->arguments[i];
        size_t before = out->length;
        buffer_add_byte(out, ' ');
        bool written = !has_gap && argument->aws && write_argument(unrender, out, argument, here, &taken);
        if (!written)
            out->length = before;
        has_gap = has_gap || !written;
        /* Where a default would be taken for what the document does not say, the word says too much. */
        if (!written && (!argument->is_optional || (argument->aws && argument->absent && i == 0)))
            return false;
    }
    for (size_t i = 0; i < taken.count; i++)
        take(taken.items[i].place, taken.items[i].path);
    *has_taken = taken.count > 0;
    return true;
}

static bool is_simple(Text body)
{
    bool has_bodies = text_find(body, TEXT("{\n")) < body.len || text_find(body, TEXT("}\n")) < body.len;
    return body.len <= INLINE_MAX && !has_bodies && text_find_byte(body, '#') == body.len;
}

void unrender_add_body(Buffer *out, const VocabularyRow *row, const Buffer *body)
{
    Text text = buffer_text(body);
    bool has_entries = vocabulary_entry(row->body) != NULL;
    bool is_inline = is_simple(text) && !vocabulary_allows(vocabulary_row(W_AWS), row->body);
    if (!text.len)
        return;
    buffer_add_c(out, !is_inline ? " {\n" : has_entries ? " { " : " ");
    for (Text rest = text_trim(text); is_inline && rest.len;) {
        size_t end = text_find_byte(rest, '\n');
        buffer_add(out, text_slice(rest, 0, end));
        rest = text_slice(rest, end + 1, rest.len);
        if (rest.len)
            buffer_add_c(out, has_entries ? "; " : " ");
    }
    if (!is_inline)
        buffer_add(out, text);
    if (!is_inline || has_entries)
        buffer_add_c(out, is_inline ? " }" : "}");
}

static bool is_empty(const Json *json)
{
    return json->kind == JSON_OBJECT && json->members.count == 0;
}

/* One statement for what stands at `here`; true when it was written. With takes_rest what no word says goes into an `aws` block of its own body. */
static bool write_statement(Unrender *unrender, Buffer *out, const VocabularyRow *row, Json *here, bool takes_rest)
{
    Buffer head = {0};
    Buffer body = {0};
    bool has_taken = false;
    Text outer_name = unrender->name;
    const Json *name = json_get_c(here, "name");
    unrender->name = name && name->kind == JSON_TEXT ? name->text : TEXT_NONE;
    bool written = write_arguments(unrender, &head, row, here, &has_taken);
    if (written && row->body != SCOPE_NONE)
        unrender_body(unrender, &body, row->body, here);
    unrender->name = outer_name;
    if (written && takes_rest) {
        unrender_rest(unrender, &body, NULL, here);
        here->members.count = 0;
    }
    written = written && (has_taken || body.length);
    if (written) {
        buffer_add_c(out, row->word);
        buffer_add(out, buffer_text(&head));
        unrender_add_body(out, row, &body);
        buffer_add_byte(out, '\n');
    }
    buffer_free(&head);
    buffer_free(&body);
    return written;
}

/* Whether another word adds elements to the same list, such as `port` and `ports`. */
static bool has_sibling(const VocabularyRow *row)
{
    for (size_t i = 0; i < WORD_COUNT; i++) {
        const VocabularyRow *other = vocabulary_row((WordId)i);
        if (other != row && other->aws && other->scopes == row->scopes && text_equal_c(text_from_c(other->aws), row->aws))
            return true;
    }
    return false;
}

/* A statement for each element, or none at all: an `aws` block for those that do not fit would replace the whole list. With a second word for the list
   those that do not fit are left to it. */
static void write_elements(Unrender *unrender, Buffer *out, const VocabularyRow *row, Json *holder, Text key)
{
    Json *list = json_get(holder, key);
    Json *rest = json_array(unrender->arena);
    bool takes_rest = vocabulary_allows(vocabulary_row(W_AWS), row->body);
    Buffer statements = {0};
    for (size_t i = 0; list && list->kind == JSON_ARRAY && i < list->items.count; i++) {
        Json *element = unrender_copy(unrender->arena, list->items.items[i]);
        size_t before = statements.length;
        bool fits = element && element->kind == JSON_OBJECT && write_statement(unrender, &statements, row, element, takes_rest) && is_empty(element);
        if (fits)
            continue;
        statements.length = before;
        json_add(unrender->arena, rest, list->items.items[i]);
    }
    if (statements.length && (!rest->items.count || has_sibling(row))) {
        buffer_add(out, buffer_text(&statements));
        json_set(unrender->arena, holder, key, rest);
        if (!rest->items.count)
            json_remove(holder, key);
    }
    buffer_free(&statements);
}

/* An entry of an open body: "NAME value". */
static bool write_entry(Unrender *unrender, Buffer *out, const VocabularyRow *entry, Text name, const Json *value)
{
    Buffer text = {0};
    bool written = write_scalar(unrender, &text, &entry->arguments[1], value);
    if (written) {
        unrender_name(out, name);
        buffer_add_byte(out, ' ');
        buffer_add(out, buffer_text(&text));
        buffer_add_byte(out, '\n');
    }
    buffer_free(&text);
    return written;
}

/* A list of {name, value}, as a body of entries. */
static void write_entry_list(Unrender *unrender, Buffer *body, const VocabularyRow *entry, Json *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->items.count; i++) {
        const Json *item = list->items.items[i];
        const Json *name = json_get_c(item, entry->arguments[0].aws);
        const Json *value = json_get_c(item, entry->arguments[1].aws);
        bool fits = json_length(item) == 2 && name && value && name->kind == JSON_TEXT && name->text.len;
        if (!fits || !write_entry(unrender, body, entry, name->text, value))
            list->items.items[kept++] = list->items.items[i];
    }
    list->items.count = kept;
}

static void write_entry_map(Unrender *unrender, Buffer *body, const VocabularyRow *entry, Json *map)
{
    size_t kept = 0;
    for (size_t i = 0; i < map->members.count; i++)
        if (!write_entry(unrender, body, entry, map->members.items[i].key, map->members.items[i].value))
            map->members.items[kept++] = map->members.items[i];
    map->members.count = kept;
}

/* `env { … }`, `labels { … }`. */
static void write_open_body(Unrender *unrender, Buffer *out, const VocabularyRow *row, Json *holder, Text key)
{
    Json *json = json_get(holder, key);
    const VocabularyRow *entry = vocabulary_entry(row->body);
    Buffer body = {0};
    if (json && json->kind == JSON_ARRAY)
        write_entry_list(unrender, &body, entry, json);
    else if (json && json->kind == JSON_OBJECT)
        write_entry_map(unrender, &body, entry, json);
    if (body.length) {
        buffer_add_c(out, row->word);
        unrender_add_body(out, row, &body);
        buffer_add_byte(out, '\n');
    }
    if (json && json_length(json) == 0)
        json_remove(holder, key);
    buffer_free(&body);
}

static const UnrenderRow *find_special(WordId word)
{
    for (const UnrenderRow *row = unrender_words; row->write; row++)
        if (row->word == word)
            return row;
    return NULL;
}

void unrender_row(Unrender *unrender, Buffer *out, const VocabularyRow *row, Json *here)
{
    Text path = TEXT_NONE;
    Json *place = row->aws ? place_of(unrender, here, row->aws, &path) : here;
    if (!place)
        return;
    bool is_list = text_ends_with(path, TEXT("[]"));
    bool is_map = text_ends_with(path, TEXT("{}"));
    if (is_list || is_map) {
        Text key;
        Json *holder = find_holder(place, text_slice(path, 0, path.len - 2), &key);
        if (holder && vocabulary_entry(row->body))
            write_open_body(unrender, out, row, holder, key);
        else if (holder && is_list)
            write_elements(unrender, out, row, holder, key);
        return;
    }
    Text key = TEXT_NONE;
    Json *holder = path.len ? find_holder(place, path, &key) : NULL;
    Json *inner = path.len ? (holder ? json_get(holder, key) : NULL) : place;
    if (!inner || inner->kind != JSON_OBJECT)
        return;
    (void)write_statement(unrender, out, row, inner, false);
    if (path.len && is_empty(inner))
        take(place, path);
}

void unrender_body(Unrender *unrender, Buffer *out, Scope scope, Json *here)
{
    for (size_t i = 0; i < WORD_COUNT; i++) {
        const VocabularyRow *row = vocabulary_row((WordId)i);
        const UnrenderRow *special = find_special(row->id);
        if (!vocabulary_allows(row, scope) || row->id == W_AWS || row->word[0] == '\0')
            continue;
        if (special)
            special->write(unrender, out, row, here);
        else if (row->scopes != IN_ANY)
            unrender_row(unrender, out, row, here);
    }
}

/* --- what no word says --- */

static void write_map(Unrender *unrender, Buffer *out, const Json *map);

static void write_rest_value(Unrender *unrender, Buffer *out, const Json *json)
{
    Rational number;
    switch (json->kind) {
    case JSON_BOOL: buffer_add_c(out, json->boolean ? "yes" : "no"); break;
    case JSON_NUMBER:
        number = json->number;
        buffer_add(out, rational_to_text(unrender->arena, number));
        break;
    case JSON_ARRAY:
        buffer_add_byte(out, '[');
        for (size_t i = 0; i < json->items.count; i++) {
            if (i)
                buffer_add_c(out, ", ");
            write_rest_value(unrender, out, json->items.items[i]);
        }
        buffer_add_byte(out, ']');
        break;
    case JSON_OBJECT: write_map(unrender, out, json); break;
    case JSON_TEXT:
    case JSON_UNKNOWN: (void)unrender_string(unrender, out, json, "string"); break;
    case JSON_NULL:
    case JSON_REFERENCE:
    case JSON_JOINED:
    case JSON_EMBEDDED: buffer_add_c(out, "\"\""); break;
    }
}

static void write_map(Unrender *unrender, Buffer *out, const Json *map)
{
    buffer_add_c(out, "{ ");
    for (size_t i = 0; i < map->members.count; i++) {
        if (i)
            buffer_add_c(out, ", ");
        unrender_name(out, map->members.items[i].key);
        buffer_add_c(out, ": ");
        write_rest_value(unrender, out, map->members.items[i].value);
    }
    buffer_add_c(out, " }");
}

void unrender_rest(Unrender *unrender, Buffer *out, const char *shape, const Json *left)
{
    const Json *rest = unrender_copy(unrender->arena, left);
    if (!json_length(rest))
        return;
    buffer_add_c(out, vocabulary_row(W_AWS)->word);
    buffer_add_byte(out, ' ');
    if (shape) {
        buffer_add_c(out, shape);
        buffer_add_byte(out, ' ');
    }
    write_map(unrender, out, rest);
    buffer_add_byte(out, '\n');
}

/* A tag that svc or AWS puts there by itself. */
static bool is_reserved_tag(const Json *json)
{
    const Json *key = json_get_c(json, "key");
    bool is_text = key && key->kind == JSON_TEXT && json_get_c(json, "value");
    return is_text && (text_starts_with(key->text, TEXT("svc:")) || text_starts_with(key->text, TEXT("aws:")));
}

/* What nobody wrote: a part of a document says nothing of the members around it. An image that is empty is filled in by somebody. */
static bool is_unwritten(const Json *json, Text key)
{
    return json->kind == JSON_UNKNOWN && !json->text.len && !text_equal_c(key, "image");
}

Json *unrender_copy(Arena *arena, const Json *json)
{
    Json *copy = NULL;
    if (!json || json->kind == JSON_NULL)
        return NULL;
    if (json->kind == JSON_ARRAY) {
        copy = json_at(json_array(arena), json->origin);
        for (size_t i = 0; i < json->items.count; i++)
            if (!is_reserved_tag(json->items.items[i]))
                json_add(arena, copy, unrender_copy(arena, json->items.items[i]));
        return copy->items.count ? copy : NULL;
    }
    if (json->kind == JSON_OBJECT) {
        copy = json_at(json_object(arena), json->origin);
        for (size_t i = 0; i < json->members.count; i++) {
            const JsonMember *member = &json->members.items[i];
            if (!is_unwritten(member->value, member->key))
                json_set(arena, copy, member->key, unrender_copy(arena, member->value));
        }
        return copy->members.count ? copy : NULL;
    }
    copy = ARENA_NEW(arena, Json);
    *copy = *json;
    return copy;
}
