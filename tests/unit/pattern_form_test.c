/* Pattern forms against PCRE2: a form may only accept what PCRE2 matches. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/pattern_form.h"
#include "schema/schema_tables.h"

#include <pcre2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { TEXT_MAX = 48, TRIES = 400 };

static pcre2_code *compile(Text pattern)
{
    int error = 0;
    PCRE2_SIZE where = 0;
    const uint32_t options = PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
    return pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len, options, &error, &where, NULL);
}

static bool matches(const pcre2_code *code, Text text)
{
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    int outcome = pcre2_match(code, (PCRE2_SPTR)text.ptr, text.len, 0, 0, data, NULL);
    pcre2_match_data_free(data);
    return outcome >= 0;
}

/* The same numbers each time: a failure can be looked at. */
static uint32_t next_number(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* A text that the form is likely to accept: bytes of each atom, as many as it asks for or more, and now and then another. */
static Text make_text(const PatternForm *form, uint32_t *state, char *bytes)
{
    size_t count = 0;
    for (size_t i = 0; i < form->count; i++) {
        const PatternAtom *atom = &form->atoms[i];
        uint32_t more = next_number(state) % 6;
        for (uint32_t wanted = atom->max - atom->min < more ? atom->max : atom->min + more; wanted && count < TEXT_MAX;) {
            unsigned char byte = (unsigned char)(next_number(state) % 128);
            if (!(atom->bytes.bits[byte / 64] >> byte % 64 & 1))
                continue;
            bool is_stray = next_number(state) % 64 == 0;
            bytes[count++] = (char)(is_stray ? next_number(state) % 128 : byte);
            wanted--;
        }
    }
    return (Text){bytes, count};
}

/* How many of the texts that are tried the form accepts; PCRE2 must match each of them. */
static size_t compare(Text pattern)
{
    PatternForm form = pattern_form_read(pattern);
    pcre2_code *code = compile(pattern);
    uint32_t state = (uint32_t)pattern.len;
    size_t accepted = 0;
    if (form.count && !code)
        fail_msg("PCRE2 refuses %.*s, which has a form", TEXT_ARG(pattern));
    for (size_t i = 0; form.count && i < TRIES; i++) {
        char bytes[TEXT_MAX];
        Text text = make_text(&form, &state, bytes);
        if (!pattern_form_accepts(&form, text))
            continue;
        accepted++;
        if (!matches(code, text))
            fail_msg("the form of %.*s accepts \"%.*s\"", TEXT_ARG(pattern), TEXT_ARG(text));
    }
    pcre2_code_free(code);
    return accepted;
}

static bool accepts(const char *pattern, const char *text)
{
    PatternForm form = pattern_form_read(text_from_c(pattern));
    return pattern_form_accepts(&form, text_from_c(text));
}

static void test_forms(void **state)
{
    (void)state;
    assert_true(accepts("[a-z][a-z0-9-]{0,3}", "ab-1"));
    assert_false(accepts("[a-z][a-z0-9-]{0,3}", "ab-12"));
    assert_false(accepts("[a-z][a-z0-9-]{0,3}", "1"));
    assert_false(accepts("[a-z]+", ""));
    assert_true(accepts("[a-z]*", ""));
    assert_true(accepts("^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$", "Team: a-b"));
    assert_false(accepts("^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$", "a#"));
    assert_true(accepts("sha256:[0-9a-f]{4}", "sha256:00ff"));
    assert_false(accepts("sha256:[0-9a-f]{4}", "sha256:00fg"));
    assert_true(accepts("[^:].*", "a:b"));
    assert_false(accepts("[^:].*", "a\nb"));
    assert_true(accepts("[\\x{20}-\\x{D7FF}\\x{E000}-\\x{FFFD}\\r\\n\\t]*", "a\tb"));
    assert_false(accepts("[\\x{20}-\\x{D7FF}\\x{E000}-\\x{FFFD}\\r\\n\\t]*", "a\x01"));
    assert_true(accepts("[a-z][a-z0-9-]{0,63}(?<!-)", "a-b"));
    assert_false(accepts("[a-z][a-z0-9-]{0,63}(?<!-)", "a-"));
    assert_true(accepts("(?!sg-)[a-z-]+", "web"));
    assert_false(accepts("(?!sg-)[a-z-]+", "sg-web"));
    assert_false(accepts("[a-z]+", "caf\xC3\xA9"));
}

/* What is more than classes in a row, what PCRE2 refuses, and what could be read in two ways. */
static void test_no_forms(void **state)
{
    (void)state;
    static const char *const others[] = {
        "",       "a|b",     "(a)(b)",  "(ab",     "ab)",      "(?:ab)",    "(a)*",     "[a-z",     "[]a]",    "[z-a]",    "[a-c-e]",  "[\\w-z]",
        "[[:alpha:]]", "a**",  "a+?",     "a{2}{3}", "a{3,2}",   "a{,3}",     "a{99999}", "*",        "\\bword", "\\Qa\\E",  "\\x{110000}", "\\x{}",
        "a\\",    "\\p{Lu}", "\\1",     "$a",      "a^",       "(?=.{1,3}$)[a-z]+", "(?!(?i:aws))[a-z]+", "caf\xC3\xA9", "(*UCP)\\w", "a{1,2"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (pattern_form_read(text_from_c(others[i])).count)
            fail_msg("%s has a form", others[i]);
}

static const char *const samples[] = {
    "[a-z]{2,20}", "[A-Za-z0-9_-]{1,255}", "[a-z0-9_][a-z0-9_-]{0,63}", "(?!-)[A-Za-z0-9-]{1,32}(?<!-)", "[\\p{L}\\p{N}\\p{Zs}_.:/=+@-]{0,256}", "[^@\\s]{1,64}@[A-Za-z0-9-]{1,63}",
    "[a-z]?[0-9]*[A-Z]{2,}x", "\\.{2}.+", "[\\d.,-]{3}", "[^\\x00-\\x1F\\x7F]+", "\\w+\\s\\d{2}", "^[a-zA-Z0-9._]+$", "[!-~]{1,36}", "[\\[\\]{}()*+?|^$-]+", "[a^b]+[^^]", "a-b=@"};

static void test_samples(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        if (compare(text_from_c(samples[i])) < TRIES / 10)
            fail_msg("hardly a text is accepted for %s", samples[i]);
}

static void test_schema(void **state)
{
    (void)state;
    static const SchemaService *const services[] = {
#define SCHEMA_SERVICE(name) &schema_service_##name,
#include "schema/schema_services.def"
#undef SCHEMA_SERVICE
    };
    size_t told = 0;
    for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
        const SchemaService *service = services[i];
        for (size_t j = 0; j < service->shape_count; j++) {
            SchemaTextRow row = service->texts[service->limits[service->shapes[j].limits].pattern];
            Text pattern = {service->pool[row.offset / SCHEMA_CHUNK_BYTES] + row.offset % SCHEMA_CHUNK_BYTES, row.length};
            told += pattern.len && compare(pattern) > 0;
        }
    }
    assert_true(told > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_no_forms),
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
