#include "base/xml.h"

#include "base/utf8.h"

/* XML 1.0 has no way to write control characters, nor what is no character at all. */
static bool is_xml(uint32_t point)
{
    return point == '\t' || point == '\n' || point == '\r' || (point >= 0x20 && point < 0x7f) || (point >= 0xa0 && point < 0xfffe) || point > 0xffff;
}

static void add_character(Buffer *out, uint32_t point, Text shown)
{
    switch (point) {
    case '&': buffer_add_c(out, "&amp;"); return;
    case '<': buffer_add_c(out, "&lt;"); return;
    case '>': buffer_add_c(out, "&gt;"); return;
    case '"': buffer_add_c(out, "&quot;"); return;
    case '\t': buffer_add_c(out, "&#9;"); return;
    case '\n': buffer_add_c(out, "&#10;"); return;
    case '\r': buffer_add_c(out, "&#13;"); return;
    }
    buffer_add(out, shown);
}

void xml_add_text(Buffer *out, Text text, bool is_attribute)
{
    for (size_t at = 0; at < text.len;) {
        uint32_t point = 0;
        size_t length = utf8_decode(text_slice(text, at, text.len), &point);
        Text shown = length ? text_slice(text, at, at + length) : TEXT("\xef\xbf\xbd");
        at += length ? length : 1;
        bool is_blank = length && (point == '\t' || point == '\n') && !is_attribute;
        if (is_blank || (length && !is_xml(point)))
            buffer_add(out, is_blank ? shown : TEXT(""));
        else
            add_character(out, length ? point : 0xfffd, shown);
    }
}

void xml_add_attribute(Buffer *out, const char *name, Text value)
{
    buffer_add_format(out, " %s=\"", name);
    xml_add_text(out, value, true);
    buffer_add_byte(out, '"');
}
