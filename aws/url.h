/* URLs in parts, and the encoding that AWS signs. */
#ifndef SVC_AWS_URL_H
#define SVC_AWS_URL_H

#include "base/arena.h"
#include "base/buffer.h"

/* Slices of the URL, but for the host. */
typedef struct AwsUrl {
    Text scheme; /* as written */
    Text host;   /* in lower case, without brackets */
    int port;    /* 0: none is written, or it is no number */
    Text path;   /* "" or "/…" */
    Text query;  /* without its "?" */
    Text host_header;        /* what the Host header says: the port only if it is not the scheme's own */
    bool is_host_as_written; /* a client that takes the header from the URL sends the same */
} AwsUrl;

/* Any text gives some parts; one that is no URL has no scheme or no host. */
void aws_url_split(Arena *arena, Text url, AwsUrl *out);

Text aws_url_lower(Arena *arena, Text text);
/* Letters, digits, `-_.~` and the bytes of `kept` stay; all others become %XX. */
void aws_url_add_encoded(Buffer *out, Text text, const char *kept);

#endif
