/* Attributes of target groups and load balancers: a key with a text. Private to rules/. */
#ifndef SVC_RULES_ATTRIBUTE_H
#define SVC_RULES_ATTRIBUTE_H

#include "rules/rule.h"

typedef enum AttributeForm {
    ATTRIBUTE_FLAG,   /* true or false */
    ATTRIBUTE_RANGE,  /* a whole number, min to max; `words` are allowed beside it */
    ATTRIBUTE_WORDS,  /* one of `words` */
    ATTRIBUTE_TEXT,
} AttributeForm;

/* What an attribute is for; more than one bit where it is for several. */
enum {
    FOR_APPLICATION = 1,
    FOR_NETWORK = 2,
    FOR_GATEWAY = 4,
    FOR_FUNCTION = 8, /* a target group of a Lambda function */
    FOR_ALL_BALANCERS = FOR_APPLICATION | FOR_NETWORK | FOR_GATEWAY,
};

typedef struct AttributeRow {
    const char *key; /* ends in "*" for every key that begins so */
    unsigned uses;
    AttributeForm form;
    int64_t min;
    int64_t max;
    const char *words;
} AttributeRow;

/* Judges an object with Key and Value by the table, which ends with a row without a key. `use` is what the resource is, 0 when that is not known. */
void attribute_check(const RuleContext *context, const Resource *resource, const Json *attribute, const AttributeRow *table, unsigned use, const char *use_name);

#endif
