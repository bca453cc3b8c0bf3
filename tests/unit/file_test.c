/* Writing in place of a file: what is there stays what it is. */
#include "base/file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static Text in_folder(Arena *arena, const char *folder, const char *name)
{
    return arena_format(arena, "%s/%s", folder, name);
}

static void test_link_stays_a_link(void **state)
{
    (void)state;
    Arena arena = {0};
    char folder[] = "/tmp/svc-file-XXXXXX";
    assert_non_null(mkdtemp(folder));
    Text file = in_folder(&arena, folder, "file");
    Text link = in_folder(&arena, folder, "link");
    Text reason;
    Text text;
    struct stat status;
    assert_true(file_write_atomic(file, TEXT("one"), &arena, &reason));
    assert_int_equal(symlink("file", link.ptr), 0);
    assert_true(file_write_atomic(link, TEXT("two"), &arena, &reason));
    assert_int_equal(lstat(link.ptr, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_true(file_read(&arena, file, 100, &text, &reason));
    assert_true(text_equal_c(text, "two"));
    assert_int_equal(unlink(link.ptr), 0);
    assert_int_equal(unlink(file.ptr), 0);
    assert_int_equal(rmdir(folder), 0); /* and nothing else was left */
    arena_free(&arena);
}

static void test_pipe_is_written_into(void **state)
{
    (void)state;
    Arena arena = {0};
    char folder[] = "/tmp/svc-file-XXXXXX";
    assert_non_null(mkdtemp(folder));
    Text pipe = in_folder(&arena, folder, "pipe");
    Text reason;
    struct stat status;
    char read_back[8] = {0};
    assert_int_equal(mkfifo(pipe.ptr, 0600), 0);
    int reader = open(pipe.ptr, O_RDONLY | O_NONBLOCK);
    assert_true(reader >= 0);
    assert_true(file_write_atomic(pipe, TEXT("text"), &arena, &reason));
    assert_int_equal(stat(pipe.ptr, &status), 0);
    assert_true(S_ISFIFO(status.st_mode));
    assert_int_equal(read(reader, read_back, sizeof read_back), 4);
    assert_string_equal(read_back, "text");
    assert_int_equal(close(reader), 0);
    assert_int_equal(unlink(pipe.ptr), 0);
    assert_int_equal(rmdir(folder), 0);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_link_stays_a_link), cmocka_unit_test(test_pipe_is_written_into)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
