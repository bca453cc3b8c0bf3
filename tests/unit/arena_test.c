/* Arenas, arrays in them, and formatting, which must agree with the C library's. */
#include "base/array.h"
#include "base/format.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void check_zeroed(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        assert_int_equal(bytes[i], 0);
}

/* Blocks are reused after a reset, and what they hand out is zeroed and aligned all the same. */
static void test_zeroed_and_aligned(void **state)
{
    (void)state;
    Arena arena = {0};
    for (int round = 0; round < 3; round++) {
        for (size_t size = 0; size < 5000; size = size * 2 + 1) {
            unsigned char *memory = arena_allocate(&arena, size);
            assert_non_null(memory);
            assert_int_equal((uintptr_t)memory % ARENA_ALIGNMENT, 0);
            check_zeroed(memory, size);
            memset(memory, 0xaa, size);
        }
        arena_reset(&arena);
        assert_null(arena.newest);
    }
    arena_free(&arena);
    assert_null(arena.newest);
}

/* What was allocated before the mark stays, what comes after it may stand where the freed allocations stood. */
static void test_rewinding(void **state)
{
    (void)state;
    Arena arena = {0};
    unsigned char *kept = arena_allocate(&arena, 100);
    memset(kept, 7, 100);
    ArenaMark mark = arena_mark(&arena);
    for (int round = 0; round < 3; round++) {
        for (size_t size = 1; size < 100000; size *= 3) {
            unsigned char *memory = arena_allocate(&arena, size);
            check_zeroed(memory, size);
            memset(memory, 0xaa, size);
        }
        arena_rewind(&arena, mark);
        assert_ptr_equal(arena.newest, mark.newest);
        for (size_t i = 0; i < 100; i++)
            assert_int_equal(kept[i], 7);
    }
    arena_free(&arena);
    assert_null(arena.newest);
}

static void test_large_blocks(void **state)
{
    (void)state;
    Arena arena = {0};
    size_t large = 3 * 1024 * 1024;
    unsigned char *small = arena_allocate(&arena, 1);
    unsigned char *memory = arena_allocate(&arena, large);
    unsigned char *after = arena_allocate(&arena, 1);
    memset(memory, 1, large);
    *small = 2;
    *after = 3;
    assert_int_equal(memory[large - 1], 1);
    assert_int_equal(*small + *after, 5);
    arena_free(&arena);
}

static void test_texts(void **state)
{
    (void)state;
    Arena arena = {0};
    Text copy = arena_copy_text(&arena, TEXT("abc"));
    assert_int_equal(copy.ptr[3], '\0');
    assert_true(text_equal_c(arena_join(&arena, TEXT("ab"), TEXT("cd")), "abcd"));
    assert_int_equal(arena_join(&arena, TEXT_NONE, TEXT_NONE).len, 0);
    assert_int_equal(arena_copy_text(&arena, TEXT_NONE).len, 0);
    char many[3000];
    memset(many, 'x', sizeof many);
    assert_int_equal(arena_format(&arena, "%.*s!", (int)sizeof many, many).len, sizeof many + 1);
    arena_free(&arena);
}

static void test_array(void **state)
{
    (void)state;
    Arena arena = {0};
    ARRAY(int) numbers = {0};
    for (int i = 0; i < 1000; i++)
        ARRAY_PUSH(&arena, &numbers, i);
    assert_int_equal(numbers.count, 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(numbers.items[i], i);
    arena_free(&arena);
}

static void check_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void check_format(const char *format, ...)
{
    char ours[512];
    char theirs[512];
    va_list list;
    va_list again;
    va_start(list, format);
    va_copy(again, list);
    size_t length = format_into(ours, sizeof ours, format, list);
    int expected = vsnprintf(theirs, sizeof theirs, format, again);
    va_end(again);
    va_end(list);
    assert_int_equal(length, expected);
    assert_memory_equal(ours, theirs, length);
}

static void test_format_as_the_library(void **state)
{
    (void)state;
    check_format("%s", "");
    check_format("plain %% text");
    check_format("%s and %s", "one", "two");
    check_format("%.*s|%.*s", 3, "abcdef", 0, "abc");
    check_format("%d %d %d", 0, -1, INT_MIN);
    check_format("%d %u", INT_MAX, UINT_MAX);
    check_format("%zu %zu", (size_t)0, SIZE_MAX);
    check_format("%lld %lld", LLONG_MIN, LLONG_MAX);
    check_format("%c%c", 'a', 'z');
    check_format("%04x %5d %-5d| %*d", 10u, 42, 42, 6, 7);
    check_format("%s %04x %s", "before", 255u, "after");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zeroed_and_aligned), cmocka_unit_test(test_rewinding),
        cmocka_unit_test(test_large_blocks), cmocka_unit_test(test_texts),
        cmocka_unit_test(test_array),              cmocka_unit_test(test_format_as_the_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
