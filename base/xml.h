/* Writing XML. */
#ifndef SVC_BASE_XML_H
#define SVC_BASE_XML_H

#include "base/buffer.h"

/* Text of an attribute, in which line ends must be written as numbers, or of an element. What XML cannot hold is left out. */
void xml_add_text(Buffer *out, Text text, bool is_attribute);
/* ` name="value"` */
void xml_add_attribute(Buffer *out, const char *name, Text value);

#endif
