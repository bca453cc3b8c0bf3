/* The libraries that only talking to AWS needs. They are loaded when they are first wanted: libcurl brings some thirty others with it, and loading
   those takes longer than linting a file. Nothing else in svc knows that they exist. */
#ifndef SVC_AWS_LIBRARY_H
#define SVC_AWS_LIBRARY_H

#include "base/arena.h"

#include <curl/curl.h>
#include <expat.h>

#define AWS_CURL_FUNCTIONS(FUNCTION)                                                                                     \
    FUNCTION(curl_global_init)                                                                                           \
    FUNCTION(curl_global_cleanup)                                                                                        \
    FUNCTION(curl_easy_init)                                                                                             \
    FUNCTION(curl_easy_cleanup)                                                                                          \
    FUNCTION(curl_easy_reset)                                                                                            \
    FUNCTION(curl_easy_setopt)                                                                                           \
    FUNCTION(curl_easy_getinfo)                                                                                          \
    FUNCTION(curl_easy_perform)                                                                                          \
    FUNCTION(curl_easy_strerror)                                                                                         \
    FUNCTION(curl_slist_append)                                                                                          \
    FUNCTION(curl_slist_free_all)                                                                                        \
    FUNCTION(curl_multi_init)                                                                                            \
    FUNCTION(curl_multi_cleanup)                                                                                         \
    FUNCTION(curl_multi_setopt)                                                                                          \
    FUNCTION(curl_multi_add_handle)                                                                                      \
    FUNCTION(curl_multi_remove_handle)                                                                                   \
    FUNCTION(curl_multi_perform)                                                                                         \
    FUNCTION(curl_multi_poll)                                                                                            \
    FUNCTION(curl_multi_info_read)

#define AWS_EXPAT_FUNCTIONS(FUNCTION)                                                                                    \
    FUNCTION(XML_ParserCreate)                                                                                           \
    FUNCTION(XML_ParserFree)                                                                                             \
    FUNCTION(XML_SetUserData)                                                                                            \
    FUNCTION(XML_SetElementHandler)                                                                                      \
    FUNCTION(XML_SetCharacterDataHandler)                                                                                \
    FUNCTION(XML_SetStartDoctypeDeclHandler)                                                                             \
    FUNCTION(XML_StopParser)                                                                                             \
    FUNCTION(XML_Parse)                                                                                                  \
    FUNCTION(XML_GetErrorCode)                                                                                           \
    FUNCTION(XML_ErrorString)

#define AWS_LIBRARY_POINTER(name) __typeof__(&name) name##_;

/* Zero-initialise both. Once loaded they stay loaded for as long as the process lives: some of what libcurl brings leaves handlers for its end. The functions are there once loading them has succeeded. Each has an underscore at its end: libcurl has macros of the plain names. */
typedef struct AwsCurl {
    void *handle;
    AWS_CURL_FUNCTIONS(AWS_LIBRARY_POINTER)
} AwsCurl;

typedef struct AwsExpat {
    void *handle;
    AWS_EXPAT_FUNCTIONS(AWS_LIBRARY_POINTER)
} AwsExpat;

/* Loads it, if it is not loaded yet. False with *reason, one sentence that names the package. */
bool aws_library_load_curl(Arena *arena, AwsCurl *curl, Text *reason) __attribute__((warn_unused_result));
bool aws_library_load_expat(Arena *arena, AwsExpat *expat, Text *reason) __attribute__((warn_unused_result));
#endif
