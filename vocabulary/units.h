/* Units and their conversions (SPEC.md, "Units"). A quantity is an exact rational in its base unit. */
#ifndef SVC_VOCABULARY_UNITS_H
#define SVC_VOCABULARY_UNITS_H

#include "base/rational.h"
#include "vocabulary/vocabulary.h"

/* Base units: duration in milliseconds, size in bytes, vcpu in 1/1024 vCPU, percent as a share (1% is 1/100), rate per second,
   money in cents of a US dollar. Plain numbers are TYPE_INTEGER when whole, otherwise TYPE_NUMBER. */
typedef struct Quantity {
    Rational value;
    TypeKind type;
} Quantity;

typedef enum UnitOutcome { UNIT_OK, UNIT_UNKNOWN, UNIT_OVERFLOW, UNIT_MALFORMED } UnitOutcome;

/* Reads a literal as svc writes it: "30s", "1h30m", "0.5 vcpu", "512MiB", "5%", "100/min", "12 usd", "42", "-1", "0.25".
   On UNIT_UNKNOWN *bad_unit is the part that is no unit. */
UnitOutcome unit_parse_quantity(Quantity *out, Text literal, Text *bad_unit) __attribute__((warn_unused_result));
/* Writes a quantity in its most natural unit: 90000 ms as "1m30s", 1073741824 bytes as "1 GiB". Inverse of unit_parse_quantity. */
Text unit_format_quantity(Arena *arena, Quantity quantity);
/* How many base units one unit of AWS's member has: seconds, minutes or days; MiB or GiB; 1 for all else but percent, whose points are hundredths. */
int64_t unit_aws_factor(TypeKind type, AwsForm form);
/* Whether a blank stands between number and unit: "vcpu", "KiB", "MiB", "GiB", "usd". */
bool unit_takes_blank(Text unit);
/* Whether the text is a unit that may follow a number after a blank. */
bool unit_is_known(Text unit);
/* Nearest unit to a misspelt one, such as GiB for GB, or an empty text. */
Text unit_suggest(Text unit);
/* "a duration", "a size" …, for messages. */
const char *type_label(TypeKind type);
/* An example literal of the type for messages: "30s", "512 MiB". */
const char *type_example(TypeKind type);

#endif
