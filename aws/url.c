#include "aws/url.h"

Text aws_url_lower(Arena *arena, Text text)
{
    char *bytes = arena_allocate(arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++)
        bytes[i] = byte_lower(text.ptr[i]);
    return (Text){bytes, text.len};
}

void aws_url_add_encoded(Buffer *out, Text text, const char *kept)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.ptr[i];
        if (byte_is_alphanumeric(byte) || (byte != '\0' && (strchr("-_.~", byte) || strchr(kept, byte)))) {
            buffer_add_byte(out, byte);
        } else {
            char code[] = {'%', digits[(unsigned char)byte >> 4], digits[(unsigned char)byte & 15]};
            buffer_add(out, (Text){code, sizeof code});
        }
    }
}

static Text until(Text text, const char *ends)
{
    size_t length = 0;
    while (length < text.len && (text.ptr[length] == '\0' || !strchr(ends, text.ptr[length])))
        length++;
    return text_slice(text, 0, length);
}

/* Up to 65535; 0 when it is none. */
static int read_port(Text text)
{
    int port = 0;
    if (text.len == 0 || text.len > 5 || text_count_digits(text) != text.len)
        return 0;
    for (size_t i = 0; i < text.len; i++)
        port = port * 10 + (text.ptr[i] - '0');
    return port <= UINT16_MAX ? port : 0;
}

/* `user:password@host:port`; an address of IPv6 has brackets around it. */
static void split_authority(Arena *arena, Text authority, AwsUrl *out)
{
    enum { PORT_OF_HTTP = 80, PORT_OF_HTTPS = 443 };
    for (size_t at = text_find_byte(authority, '@'); at < authority.len; at = text_find_byte(authority, '@'))
        authority = text_slice(authority, at + 1, authority.len);
    bool is_bracketed = text_starts_with(authority, TEXT("["));
    Text host = is_bracketed ? text_slice(authority, 0, text_find_byte(authority, ']') + 1) : text_slice(authority, 0, text_find_byte(authority, ':'));
    Text rest = text_slice(authority, host.len, authority.len);
    if (text_starts_with(rest, TEXT(":")))
        out->port = read_port(text_slice(rest, 1, rest.len));
    Text lower = aws_url_lower(arena, host);
    out->host = is_bracketed && lower.len >= 2 ? text_slice(lower, 1, lower.len - 1) : lower;
    bool is_own_port = (out->port == PORT_OF_HTTP && text_equal_any_case(out->scheme, TEXT("http"))) ||
                       (out->port == PORT_OF_HTTPS && text_equal_any_case(out->scheme, TEXT("https")));
    out->host_header = out->port == 0 || is_own_port ? lower : arena_format(arena, "%.*s:%d", TEXT_ARG(lower), out->port);
    out->is_host_as_written = text_equal(lower, host);
}

void aws_url_split(Arena *arena, Text url, AwsUrl *out)
{
    *out = (AwsUrl){0};
    size_t scheme_end = text_find(url, TEXT("://"));
    if (scheme_end == url.len)
        return;
    out->scheme = text_slice(url, 0, scheme_end);
    Text rest = text_slice(url, scheme_end + 3, url.len);
    Text authority = until(rest, "/?#");
    split_authority(arena, authority, out);
    rest = text_slice(rest, authority.len, rest.len);
    out->path = until(rest, "?#");
    rest = text_slice(rest, out->path.len, rest.len);
    if (text_starts_with(rest, TEXT("?")))
        out->query = until(text_slice(rest, 1, rest.len), "#");
}
