#include "base/pattern_form.h"

enum { ASCII_COUNT = 128, REPEAT_MAX = 65535 };

typedef struct Reader {
    Text pattern;
    size_t at;
    bool is_refused; /* something stands there that is not known here */
} Reader;

/* A byte of a class, or several by one escape. */
typedef struct Element {
    ByteSet bytes;
    uint32_t code; /* the character where it is one; it need not be of ASCII */
    bool is_character;
} Element;

static const ByteSet everything = {{UINT64_MAX, UINT64_MAX, 0, 0}};

static bool set_has(const ByteSet *set, char byte)
{
    unsigned char code = (unsigned char)byte;
    return set->bits[code / 64] >> code % 64 & 1;
}

/* Whether all of them are in it: without a branch for each. */
static bool set_has_four(const ByteSet *set, const char *bytes)
{
    uint64_t has = UINT64_MAX;
    for (size_t i = 0; i < 4; i++) {
        unsigned char code = (unsigned char)bytes[i];
        has &= set->bits[code / 64] >> code % 64;
    }
    return has & 1;
}

/* The bits from this one on. */
static uint64_t bits_from(uint32_t bit)
{
    return UINT64_MAX << bit;
}

static void set_add_range(ByteSet *set, uint32_t first, uint32_t last)
{
    if (first >= ASCII_COUNT)
        return;
    last = last < ASCII_COUNT ? last : ASCII_COUNT - 1;
    for (uint32_t word = first / 64; word <= last / 64; word++) {
        uint64_t low = word == first / 64 ? bits_from(first % 64) : UINT64_MAX;
        uint64_t high = word == last / 64 ? bits_from(last % 64) << 1 : 0;
        set->bits[word] |= low & ~high;
    }
}

static void set_add(ByteSet *set, const ByteSet *more)
{
    set->bits[0] |= more->bits[0];
    set->bits[1] |= more->bits[1];
}

static void set_remove(ByteSet *set, const ByteSet *less)
{
    set->bits[0] &= ~less->bits[0];
    set->bits[1] &= ~less->bits[1];
}

/* The byte `ahead` of the next one; NUL, which refuses itself wherever it stands, at the end. */
static char peek(const Reader *reader, size_t ahead)
{
    return reader->at + ahead < reader->pattern.len ? reader->pattern.ptr[reader->at + ahead] : '\0';
}

static bool take(Reader *reader, Text literal)
{
    bool is_there = text_starts_with(text_slice(reader->pattern, reader->at, reader->pattern.len), literal);
    reader->at += is_there ? literal.len : 0;
    return is_there;
}

static Element character(uint32_t code)
{
    Element element = {.code = code, .is_character = true};
    set_add_range(&element.bytes, code, code);
    return element;
}

/* --- escapes --- */

/* Without PCRE2_UCP, \w and its like mean ASCII; of a property, here are the characters that are of ASCII. */
static const struct {
    Text escape;
    const char *ranges; /* first and last, one pair after the other */
} escapes[] = {
    {{"w", 1}, "azAZ09__"}, {{"d", 1}, "09"},           {{"s", 1}, "  \t\r"},         {{"n", 1}, "\n\n"},
    {{"r", 1}, "\r\r"},     {{"t", 1}, "\t\t"},         {{"p{L}", 4}, "azAZ"},        {{"p{N}", 4}, "09"},
    {{"p{Z}", 4}, "  "},    {{"p{Zs}", 5}, "  "},
};

static int hex_digit(char c)
{
    return byte_is_digit(c) ? c - '0' : byte_lower(c) >= 'a' && byte_lower(c) <= 'f' ? byte_lower(c) - 'a' + 10 : -1;
}

/* Behind the x: two digits, or up to six in braces. */
static Element read_code(Reader *reader)
{
    enum { DIGITS_MAX = 6 };
    bool has_braces = take(reader, TEXT("{"));
    size_t digits = 0;
    uint32_t code = 0;
    for (; digits < (has_braces ? DIGITS_MAX : 2) && hex_digit(peek(reader, 0)) >= 0; digits++, reader->at++)
        code = code * 16 + (uint32_t)hex_digit(peek(reader, 0));
    if (!digits || (has_braces ? !take(reader, TEXT("}")) : digits != 2) || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
        reader->is_refused = true;
    return character(code);
}

/* Behind the backslash. */
static Element read_escape(Reader *reader)
{
    Element element = {0};
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
        const char *ranges = escapes[i].ranges;
        if (!take(reader, escapes[i].escape))
            continue;
        for (; *ranges; ranges += 2)
            set_add_range(&element.bytes, (unsigned char)ranges[0], (unsigned char)ranges[1]);
        return element;
    }
    if (take(reader, TEXT("x")))
        return read_code(reader);
    char c = peek(reader, 0);
    reader->is_refused = reader->is_refused || c <= ' ' || c > '~' || byte_is_alphanumeric(c);
    reader->at++;
    return character((unsigned char)c);
}

/* --- classes --- */

static Element read_element(Reader *reader)
{
    if (take(reader, TEXT("\\")))
        return read_escape(reader);
    char c = peek(reader, 0);
    bool is_posix = c == '[' && (peek(reader, 1) == ':' || peek(reader, 1) == '.' || peek(reader, 1) == '=');
    reader->is_refused = reader->is_refused || c < ' ' || c > '~' || is_posix; /* a char may be signed: what is no ASCII is below too */
    reader->at++;
    return character((unsigned char)c);
}

/* Behind the bracket. */
static ByteSet read_class(Reader *reader)
{
    bool is_negated = take(reader, TEXT("^"));
    ByteSet set = {0};
    reader->is_refused = reader->is_refused || peek(reader, 0) == ']';
    while (!reader->is_refused && peek(reader, 0) != ']') {
        Element first = read_element(reader);
        set_add(&set, &first.bytes);
        if (peek(reader, 0) != '-' || peek(reader, 1) == ']')
            continue;
        reader->at++;
        Element last = read_element(reader);
        bool is_range = first.is_character && last.is_character && first.code <= last.code;
        bool goes_on = peek(reader, 0) == '-' && peek(reader, 1) != ']';
        reader->is_refused = reader->is_refused || !is_range || goes_on;
        set_add_range(&set, first.code, last.code);
    }
    reader->is_refused = reader->is_refused || !take(reader, TEXT("]"));
    ByteSet others = everything;
    set_remove(&others, &set);
    return is_negated ? others : set;
}

/* --- a class and how often --- */

static bool is_literal(char c)
{
    return c >= ' ' && c <= '~' && !memchr("\\^$.[|()?*+{}", c, sizeof "\\^$.[|()?*+{}" - 1);
}

static ByteSet read_bytes(Reader *reader)
{
    if (take(reader, TEXT("[")))
        return read_class(reader);
    if (take(reader, TEXT("\\")))
        return read_escape(reader).bytes;
    if (take(reader, TEXT("."))) {
        ByteSet line_ends = {0};
        ByteSet others = everything;
        set_add_range(&line_ends, '\n', '\r'); /* whichever of them end a line for this PCRE2 */
        set_remove(&others, &line_ends);
        return others;
    }
    char c = peek(reader, 0);
    reader->is_refused = reader->is_refused || !is_literal(c);
    reader->at++;
    return character((unsigned char)c).bytes;
}

static uint32_t read_count(Reader *reader)
{
    size_t digits = text_count_digits(text_slice(reader->pattern, reader->at, reader->pattern.len));
    uint32_t count = 0;
    reader->is_refused = reader->is_refused || digits == 0 || digits > 5;
    for (size_t i = 0; i < digits && !reader->is_refused; i++)
        count = count * 10 + (uint32_t)(peek(reader, i) - '0');
    reader->at += digits;
    reader->is_refused = reader->is_refused || count > REPEAT_MAX;
    return count;
}

static PatternAtom read_atom(Reader *reader)
{
    PatternAtom atom = {.bytes = read_bytes(reader), .min = 1, .max = 1};
    if (take(reader, TEXT("*"))) {
        atom.min = 0;
        atom.max = UINT32_MAX;
    } else if (take(reader, TEXT("+"))) {
        atom.max = UINT32_MAX;
    } else if (take(reader, TEXT("?"))) {
        atom.min = 0;
    } else if (take(reader, TEXT("{"))) {
        atom.min = atom.max = read_count(reader);
        if (take(reader, TEXT(",")))
            atom.max = peek(reader, 0) == '}' ? UINT32_MAX : read_count(reader);
        reader->is_refused = reader->is_refused || !take(reader, TEXT("}")) || atom.min > atom.max;
    }
    return atom;
}

/* --- the whole --- */

/* (?!internal-): it is enough that the text does not begin with the first byte of that. */
static void read_not_before(Reader *reader, ByteSet *first)
{
    while (take(reader, TEXT("(?!"))) {
        ByteSet start = character((unsigned char)peek(reader, 0)).bytes;
        reader->is_refused = reader->is_refused || !is_literal(peek(reader, 0));
        set_remove(first, &start);
        for (; is_literal(peek(reader, 0)); reader->at++)
            continue;
        reader->is_refused = reader->is_refused || !take(reader, TEXT(")"));
    }
}

static void read_not_behind(Reader *reader, ByteSet *last)
{
    if (take(reader, TEXT("(?<!"))) {
        ByteSet end = read_bytes(reader);
        set_remove(last, &end);
        reader->is_refused = reader->is_refused || !take(reader, TEXT(")"));
    }
}

PatternForm pattern_form_read(Text pattern)
{
    Reader reader = {.pattern = pattern};
    PatternForm form = {.first = everything, .last = everything};
    read_not_before(&reader, &form.first);
    (void)take(&reader, TEXT("^"));
    bool has_group = peek(&reader, 0) == '(' && peek(&reader, 1) != '?' && peek(&reader, 1) != '*' && take(&reader, TEXT("("));
    while (!reader.is_refused && reader.at < pattern.len && peek(&reader, 0) != '(' && peek(&reader, 0) != ')' && peek(&reader, 0) != '$') {
        PatternAtom atom = read_atom(&reader);
        reader.is_refused = reader.is_refused || form.count == PATTERN_FORM_ATOMS_MAX;
        if (!reader.is_refused)
            form.atoms[form.count++] = atom;
    }
    reader.is_refused = reader.is_refused || (has_group && !take(&reader, TEXT(")")));
    read_not_behind(&reader, &form.last);
    (void)take(&reader, TEXT("$"));
    if (reader.is_refused || reader.at != pattern.len)
        form.count = 0;
    return form;
}

/* Each atom takes all that it can and gives nothing back: what that finds, PCRE2 finds too. */
bool pattern_form_accepts(const PatternForm *form, Text text)
{
    size_t at = 0;
    if (!form->count || (text.len && (!set_has(&form->first, text.ptr[0]) || !set_has(&form->last, text.ptr[text.len - 1]))))
        return false;
    for (size_t i = 0; i < form->count; i++) {
        const PatternAtom *atom = &form->atoms[i];
        size_t start = at;
        size_t end = text.len - at < atom->max ? text.len : at + atom->max;
        while (at + 4 <= end && set_has_four(&atom->bytes, text.ptr + at))
            at += 4;
        while (at < end && set_has(&atom->bytes, text.ptr[at]))
            at++;
        if (at - start < atom->min)
            return false;
    }
    return at == text.len;
}
