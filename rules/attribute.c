#include "rules/attribute.h"

#include <string.h>

static const AttributeRow *find_row(const AttributeRow *table, Text key)
{
    for (const AttributeRow *row = table; row->key; row++)
        if (rule_matches(text_from_c(row->key), key))
            return row;
    return NULL;
}

/* Whether the key is the beginning of the known one, as far as words go: "idle.timeout" of "idle_timeout.timeout_seconds". */
static bool is_cut_off(Text key, Text known)
{
    if (!key.len || key.len >= known.len || (known.ptr[key.len] != '.' && known.ptr[key.len] != '_'))
        return false;
    for (size_t i = 0; i < key.len; i++)
        if (key.ptr[i] != known.ptr[i] && !(memchr("._-", key.ptr[i], 3) && memchr("._-", known.ptr[i], 3)))
            return false;
    return true;
}

/* The key that was probably meant, or NULL. */
static const AttributeRow *find_close(const AttributeRow *table, Text key)
{
    enum { FAR = 4 };
    const AttributeRow *best = NULL;
    size_t least = FAR;
    for (const AttributeRow *row = table; row->key; row++) {
        size_t distance = text_edit_distance(text_from_c(row->key), key, FAR);
        if (distance < least) {
            least = distance;
            best = row;
        }
    }
    for (const AttributeRow *row = table; !best && row->key; row++)
        if (is_cut_off(key, text_from_c(row->key)))
            best = row;
    return best;
}

static bool fits(const AttributeRow *row, const Json *value, Text text)
{
    int64_t number = 0;
    switch (row->form) {
    case ATTRIBUTE_FLAG: return rule_is_one_of(text, "true false") || value->kind == JSON_BOOL;
    case ATTRIBUTE_RANGE: return (rule_integer(value, &number) && number >= row->min && number <= row->max) || (row->words && rule_is_one_of(text, row->words));
    case ATTRIBUTE_WORDS: return rule_is_one_of(text, row->words);
    case ATTRIBUTE_TEXT: break;
    }
    return true;
}

static void report_value(const RuleContext *context, const Resource *resource, const AttributeRow *row, const Json *value)
{
    Diagnostic *d = rule_report(context, resource, CODE_ATTRIBUTE, value, "%s cannot be %.*s", row->key, TEXT_ARG(rule_text(value)));
    Text words = row->words ? rule_words_text(context->arena, row->words) : TEXT_NONE;
    if (row->form == ATTRIBUTE_FLAG)
        diagnostic_set_advice(context->sink, d, "use true or false");
    else if (row->form == ATTRIBUTE_RANGE && row->words)
        diagnostic_set_advice(context->sink, d, "use %lld to %lld, or: %s", (long long)row->min, (long long)row->max, row->words);
    else if (row->form == ATTRIBUTE_RANGE)
        diagnostic_set_advice(context->sink, d, "use a whole number, %lld to %lld", (long long)row->min, (long long)row->max);
    else
        diagnostic_set_advice(context->sink, d, "use one of %.*s", TEXT_ARG(words));
}

void attribute_check(const RuleContext *context, const Resource *resource, const Json *attribute, const AttributeRow *table, unsigned use, const char *use_name)
{
    const Json *key = json_get_c(attribute, "Key");
    const Json *value = json_get_c(attribute, "Value");
    if (!rule_text(key).len)
        return;
    const AttributeRow *row = find_row(table, rule_text(key));
    /* AWS adds attributes now and then: only what is nearly a known one is a mistake for certain. */
    const AttributeRow *close = row ? NULL : find_close(table, rule_text(key));
    if (close) {
        Diagnostic *d = rule_report(context, resource, CODE_ATTRIBUTE, key, "there is no attribute %.*s", TEXT_ARG(rule_text(key)));
        diagnostic_set_advice(context->sink, d, "did you mean %s?", close->key);
    } else if (!row) {
        return;
    } else if (use && !(row->uses & use)) {
        Diagnostic *d = rule_report(context, resource, CODE_ATTRIBUTE, key, "%.*s is not for %s", TEXT_ARG(rule_text(key)), use_name);
        rule_tell(context, d, NULL, "leave it out");
    } else if (rule_is_known(value) && (value->kind == JSON_TEXT || value->kind == JSON_NUMBER || value->kind == JSON_BOOL) && !fits(row, value, rule_text(value))) {
        report_value(context, resource, row, value);
    }
}
