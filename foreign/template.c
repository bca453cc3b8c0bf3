#include "foreign/convert.h"

void foreign_read_template(Converter *converter, Json *root)
{
    (void)converter;
    (void)root;
}
