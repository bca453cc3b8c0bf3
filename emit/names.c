/* Names in AWS (SPEC.md, "Names"): the same file gives the same names, within the limits of AWS. */
#include "base/sha256.h"
#include "emit/emit.h"

#include <string.h>

enum { NAME_DIGITS = 8 };

/* The first digits of the whole name's digest. */
static Text name_digest(Emission *emission, Text whole)
{
    char hex[SHA256_HEX_LENGTH + 1];
    sha256_hex(hex, whole);
    return arena_copy_text(emission->arena, (Text){hex, NAME_DIGITS});
}

static bool is_name_byte(char c, bool allow_underscore)
{
    return byte_is_alphanumeric(c) || c == '-' || (c == '_' && allow_underscore);
}

Text name_fit(Emission *emission, Text whole, size_t limit, bool allow_underscore)
{
    char *bytes = arena_allocate(emission->arena, whole.len + NAME_DIGITS + 2);
    for (size_t i = 0; i < whole.len; i++)
        bytes[i] = is_name_byte(whole.ptr[i], allow_underscore) ? whole.ptr[i] : '-';
    size_t start = 0;
    size_t end = whole.len;
    while (start < end && bytes[start] == '-')
        start++;
    while (end > start && bytes[end - 1] == '-')
        end--;
    if (end - start <= limit)
        return (Text){bytes + start, end - start};
    end = start + limit - NAME_DIGITS - 1;
    while (end > start && bytes[end - 1] == '-')
        end--;
    Text digest = name_digest(emission, whole);
    bytes[end] = '-';
    memcpy(bytes + end + 1, digest.ptr, NAME_DIGITS);
    return (Text){bytes + start, end - start + 1 + NAME_DIGITS};
}

Text name_exact(Emission *emission, Text whole, size_t limit)
{
    Text name = name_fit(emission, whole, limit, true);
    if (text_equal(name, whole))
        return name;
    size_t room = limit - NAME_DIGITS - 1;
    return arena_format(emission->arena, "%.*s-%.*s", TEXT_ARG(text_slice(name, 0, name.len < room ? name.len : room)),
                        TEXT_ARG(name_digest(emission, whole)));
}

Text name_default(Emission *emission, Text service, Text suffix)
{
    Text environment = emission->model->environment.name;
    return arena_format(emission->arena, "%.*s%s%.*s%s%.*s", TEXT_ARG(service), environment.len ? "-" : "", TEXT_ARG(environment),
                        suffix.len ? "-" : "", TEXT_ARG(suffix));
}

Text name_global(Emission *emission, Text service, Text suffix)
{
    Text name = name_default(emission, service, suffix);
    if (!emission->is_region_known)
        return name;
    return arena_format(emission->arena, "%.*s-%.*s", TEXT_ARG(name), TEXT_ARG(emission->region));
}
