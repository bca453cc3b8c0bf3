/* What is said where libcurl or expat is missing, or too old. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/http.h"
#include "aws/library.h"

static char something;

/* In place of the loader's, by the linker's --wrap: libcurl is not there, expat has no functions. */
void *__wrap_dlopen(const char *file, int mode);
void *__wrap_dlsym(void *handle, const char *name);
int __wrap_dlclose(void *handle);

void *__wrap_dlopen(const char *file, int mode)
{
    (void)mode;
    return text_starts_with(text_from_c(file), TEXT("libexpat")) ? &something : NULL;
}

void *__wrap_dlsym(void *handle, const char *name)
{
    (void)handle;
    (void)name;
    return NULL;
}

int __wrap_dlclose(void *handle)
{
    (void)handle;
    return 0;
}

static void test_missing(void **state)
{
    (void)state;
    Arena arena = {0};
    AwsHttp *http = aws_http_create(&arena);
    AwsHttpRequest request = {.method = TEXT("GET"), .url = TEXT("http://127.0.0.1:1/")};
    AwsHttpResponse response;
    aws_http_perform(http, &arena, &request, &response);
    assert_int_equal(response.failure, AWS_HTTP_NO_LIBRARY);
    assert_string_equal(response.reason.ptr, "talking to AWS needs libcurl.so.4, which cannot be loaded: install the package libcurl4 (Debian, Ubuntu) "
                                             "or libcurl (Fedora, Amazon Linux, Alpine)");
    void *tag = NULL;
    aws_http_start(http, &arena, &request, &something);
    assert_true(aws_http_wait(http, 1000, &tag, &response));
    assert_ptr_equal(tag, &something);
    assert_int_equal(response.failure, AWS_HTTP_NO_LIBRARY);
    assert_false(aws_http_wait(http, 0, &tag, &response));
    aws_http_close(http);
    arena_free(&arena);
}

static void test_too_old(void **state)
{
    (void)state;
    Arena arena = {0};
    AwsExpat expat = {0};
    Text reason = TEXT_NONE;
    assert_false(aws_library_load_expat(&arena, &expat, &reason));
    assert_string_equal(reason.ptr, "reading AWS's XML needs a newer libexpat.so.1: it has no XML_ParserCreate");
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_too_old),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
