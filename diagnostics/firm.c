#include "diagnostics/firm.h"

#include <stdlib.h>

typedef enum FirmKind { FIRM_RUN, FIRM_LANGUAGE, FIRM_GUESS, FIRM_SECRET, FIRM_RULE } FirmKind;

static const char *const reasons[] = {
    [FIRM_RUN] = "without it svc cannot do what it was asked to do",
    [FIRM_LANGUAGE] = "the file does not say what is meant",
    [FIRM_GUESS] = "svc would have to guess what to write",
    [FIRM_SECRET] = "a secret stands in clear text",
    [FIRM_RULE] = "a rule that is an error has its exceptions in the rule, where whoever wrote it sees them",
};

/* The errors among the codes from `first` to `last`. Not in here: what AWS refuses and what will not work, where the document is still
   what the file says: AWS may have moved on. So the rules of documents (0440 to 0499, 0527 and on, 0607 and on, 0733 and on, 0810 and on) are not, however
   plainly AWS writes today that it refuses: who knows better says why, and without that they stop `build` and `plan`. */
static const struct {
    unsigned long first;
    unsigned long last;
    FirmKind kind;
} ranges[] = {
    {1, 79, FIRM_RUN},
    {101, 230, FIRM_LANGUAGE},
    {232, 399, FIRM_LANGUAGE},
    {401, 407, FIRM_GUESS}, /* names, networks, topics */
    {409, 413, FIRM_GUESS}, /* routes, logs, secrets */
    {415, 415, FIRM_GUESS}, /* no size */
    {419, 419, FIRM_GUESS}, /* no container */
    {422, 423, FIRM_GUESS}, /* no image; two values for a variable */
    {427, 428, FIRM_GUESS}, /* ports, shares */
    {431, 434, FIRM_GUESS},
    {437, 438, FIRM_GUESS},
    {502, 504, FIRM_GUESS}, /* rules of security groups, certificates */
    {508, 511, FIRM_GUESS},
    {519, 522, FIRM_GUESS},
    {604, 605, FIRM_GUESS},
    {630, 639, FIRM_SECRET},
    {650, 650, FIRM_GUESS}, /* which role */
    {660, 669, FIRM_RUN},   /* what `import` would lose */
    {701, 704, FIRM_GUESS}, /* metrics that are not there */
    {706, 709, FIRM_GUESS},
    {714, 714, FIRM_GUESS},
    {717, 719, FIRM_GUESS},
    {721, 725, FIRM_GUESS},
    {728, 730, FIRM_GUESS},
    {803, 803, FIRM_GUESS},
    {805, 805, FIRM_GUESS},
    {951, 957, FIRM_RUN}, /* accounts */
};

static bool find_kind(DiagnosticCode code, FirmKind *kind)
{
    const DiagnosticPage *page = diagnostic_page(code);
    unsigned long number = strtoul(page->code + sizeof "SVC" - 1, NULL, 10);
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0] && page->severity == SEVERITY_ERROR; i++) {
        *kind = ranges[i].kind;
        if (number >= ranges[i].first && number <= ranges[i].last)
            return true;
    }
    return false;
}

const char *firm_reason(DiagnosticCode code)
{
    FirmKind kind;
    return find_kind(code, &kind) ? reasons[kind] : NULL;
}

const char *firm_reason_of(const Diagnostic *diagnostic)
{
    bool exposes = diagnostic->is_secret && diagnostic_page(diagnostic->code)->severity == SEVERITY_ERROR;
    bool is_rule = diagnostic->code == CODE_GUARD_BROKEN && diagnostic->severity == SEVERITY_ERROR;
    return exposes ? reasons[FIRM_SECRET] : is_rule ? reasons[FIRM_RULE] : firm_reason(diagnostic->code);
}

bool firm_hides_more(DiagnosticCode code)
{
    FirmKind kind;
    return find_kind(code, &kind) && kind == FIRM_LANGUAGE;
}
