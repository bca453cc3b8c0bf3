/* Replacing a directory: what fails must leave the old one as it was, and nothing beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/tree_writer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct Place {
    Arena arena;
    char root[64];
    Text out;
} Place;

static int set_up(void **state)
{
    Place *place = test_calloc(1, sizeof *place);
    memcpy(place->root, "/tmp/svc-tree-XXXXXX", sizeof "/tmp/svc-tree-XXXXXX");
    if (!mkdtemp(place->root))
        return -1;
    place->out = arena_format(&place->arena, "%s/out", place->root);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    Place *place = *state;
    TreeFailure failure;
    /* What was put in place is moved away by an empty tree, which rmdir then takes. */
    TreeWriter *empty = tree_begin(&place->arena, place->out, &failure);
    if (empty && tree_commit(empty, &failure))
        (void)rmdir(place->out.ptr);
    int left = rmdir(place->root);
    arena_free(&place->arena);
    test_free(place);
    return left; /* anything forgotten beside the output fails the test */
}

static void put(Place *place, const char *path, Text bytes)
{
    TreeFailure failure = {0};
    TreeWriter *writer = tree_begin(&place->arena, place->out, &failure);
    assert_non_null(writer);
    assert_true(tree_add(writer, text_from_c(path), bytes, &failure));
    assert_true(tree_commit(writer, &failure));
}

static void assert_files(Place *place, const char *expected)
{
    TextArray files = {0};
    TreeFailure failure = {0};
    Text all = TEXT_NONE;
    assert_true(tree_list(&place->arena, place->out, &files, &failure));
    for (size_t i = 0; i < files.count; i++)
        all = arena_format(&place->arena, "%.*s%s%.*s", TEXT_ARG(all), i ? " " : "", TEXT_ARG(files.items[i]));
    assert_string_equal(all.ptr ? all.ptr : "", expected);
}

static void replaces_as_a_whole(void **state)
{
    Place *place = *state;
    Text bytes;
    Text reason;
    put(place, "old/a.json", TEXT("old"));
    put(place, "new/deep/er/b.json", TEXT("new"));
    assert_files(place, "new/deep/er/b.json");
    assert_true(file_read(&place->arena, arena_format(&place->arena, "%.*s/new/deep/er/b.json", TEXT_ARG(place->out)), 100, &bytes, &reason));
    assert_true(text_equal_c(bytes, "new"));
}

static void abandons_without_a_trace(void **state)
{
    Place *place = *state;
    TreeFailure failure = {0};
    put(place, "a.json", TEXT("old"));
    TreeWriter *writer = tree_begin(&place->arena, place->out, &failure);
    assert_true(tree_add(writer, TEXT("b/c.json"), TEXT("new"), &failure));
    tree_abandon(writer);
    assert_files(place, "a.json");
}

static void refuses_a_path_twice(void **state)
{
    Place *place = *state;
    TreeFailure failure = {0};
    TreeWriter *writer = tree_begin(&place->arena, place->out, &failure);
    assert_true(tree_add(writer, TEXT("a.json"), TEXT("1"), &failure));
    assert_false(tree_add(writer, TEXT("a.json"), TEXT("2"), &failure));
    assert_true(text_equal_c(failure.path, "a.json"));
    tree_abandon(writer);
}

static void refuses_a_file(void **state)
{
    Place *place = *state;
    TreeFailure failure = {0};
    Text reason;
    assert_true(file_write_atomic(place->out, TEXT("mine"), &place->arena, &reason));
    assert_null(tree_begin(&place->arena, place->out, &failure));
    assert_true(text_equal_c(failure.reason, "it is not a directory"));
    assert_int_equal(unlink(place->out.ptr), 0);
}

static void follows_a_link(void **state)
{
    Place *place = *state;
    Text real = arena_format(&place->arena, "%s/real", place->root);
    struct stat status;
    assert_int_equal(mkdir(real.ptr, 0755), 0);
    assert_int_equal(symlink("real", place->out.ptr), 0);
    put(place, "a.json", TEXT("new"));
    assert_int_equal(lstat(place->out.ptr, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_files(place, "a.json");
    Text file = arena_format(&place->arena, "%.*s/a.json", TEXT_ARG(real));
    assert_int_equal(unlink(file.ptr), 0);
    assert_int_equal(unlink(place->out.ptr), 0);
    assert_int_equal(rmdir(real.ptr), 0);
}

/* A file system of 64 KiB; only root may mount one, and not in every container. */
static void keeps_the_old_one_on_a_full_disk(void **state)
{
    enum { TOO_MUCH = 256 * 1024 };
    Place *place = *state;
    TreeFailure failure = {0};
    Text small = arena_format(&place->arena, "%s/small", place->root);
    assert_int_equal(mkdir(small.ptr, 0755), 0);
    if (mount("tmpfs", small.ptr, "tmpfs", 0, "size=64k") != 0) {
        assert_int_equal(rmdir(small.ptr), 0);
        skip();
    }
    Text before = place->out;
    place->out = arena_format(&place->arena, "%.*s/out", TEXT_ARG(small));
    put(place, "a.json", TEXT("old"));
    TreeWriter *writer = tree_begin(&place->arena, place->out, &failure);
    char *bytes = arena_allocate(&place->arena, TOO_MUCH);
    bool added = tree_add(writer, TEXT("big.json"), (Text){bytes, TOO_MUCH}, &failure);
    tree_abandon(writer);
    TextArray files = {0};
    TreeFailure ignored = {0};
    bool listed = tree_list(&place->arena, small, &files, &ignored);
    (void)umount(small.ptr);
    (void)rmdir(small.ptr);
    place->out = before;
    assert_false(added);
    assert_true(text_equal_c(failure.reason, "the disk is full"));
    assert_true(listed);
    assert_int_equal(files.count, 1);
    assert_true(text_equal_c(files.items[0], "out/a.json"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(replaces_as_a_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(abandons_without_a_trace, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_a_path_twice, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_a_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(follows_a_link, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_the_old_one_on_a_full_disk, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
