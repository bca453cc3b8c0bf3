#include "base/tree_writer.h"

#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct TreeWriter {
    Arena *arena;
    Text target;    /* without a '/' at its end, links followed */
    Text parent;
    Text temporary;
    int root;       /* the temporary directory */
    Text folder;    /* relative path of the folder that `descriptor` is open on; empty for the root */
    int descriptor; /* -1 when the folder is the root */
};

static bool fail(Arena *arena, TreeFailure *failure, Text path, int error)
{
    *failure = (TreeFailure){arena_copy_text(arena, path), file_reason(arena, error)};
    return false;
}

/* --- removing --- */

/* Removes an open directory's content; the descriptor is closed. */
static void remove_content(int descriptor)
{
    DIR *folder = fdopendir(descriptor);
    if (!folder) {
        (void)close(descriptor);
        return;
    }
    const struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (unlinkat(dirfd(folder), entry->d_name, 0) == 0)
            continue;
        int below = openat(dirfd(folder), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (below >= 0)
            remove_content(below);
        (void)unlinkat(dirfd(folder), entry->d_name, AT_REMOVEDIR);
    }
    (void)closedir(folder);
}

/* Nothing is reported: what remains is beside the output and in nobody's way. */
static void remove_tree(Text path)
{
    int descriptor = open(path.ptr, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor >= 0)
        remove_content(descriptor);
    (void)rmdir(path.ptr);
}

/* --- beginning --- */

static Text without_slashes(Text path)
{
    while (path.len > 1 && path.ptr[path.len - 1] == '/')
        path.len--;
    return path;
}

static Text parent_of(Text path)
{
    size_t slash = path.len;
    while (slash > 0 && path.ptr[slash - 1] != '/')
        slash--;
    return slash == 0 ? TEXT(".") : slash == 1 ? TEXT("/") : text_slice(path, 0, slash - 1);
}

/* The folder and those above it. */
static bool make_folders(Arena *arena, Text path, TreeFailure *failure)
{
    Text name = arena_copy_text(arena, path);
    if (mkdir(name.ptr, 0777) == 0 || errno == EEXIST)
        return true;
    Text above = parent_of(path);
    if (errno != ENOENT || above.len >= path.len)
        return fail(arena, failure, path, errno);
    return make_folders(arena, above, failure) && (mkdir(name.ptr, 0777) == 0 || errno == EEXIST || fail(arena, failure, path, errno));
}

/* A new directory beside the target, named so that runs at the same time do not meet. */
static bool make_temporary(TreeWriter *writer, TreeFailure *failure)
{
    enum { ATTEMPTS_MAX = 1000 };
    size_t start = writer->target.len;
    while (start > 0 && writer->target.ptr[start - 1] != '/')
        start--;
    Text name = text_slice(writer->target, start, writer->target.len);
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        writer->temporary = arena_format(writer->arena, "%.*s/.%.*s.svc-%ld-%d", TEXT_ARG(writer->parent), TEXT_ARG(name), (long)getpid(), attempt);
        if (mkdir(writer->temporary.ptr, 0777) == 0)
            return true;
        if (errno != EEXIST)
            break;
    }
    return fail(writer->arena, failure, writer->parent, errno);
}

TreeWriter *tree_begin(Arena *arena, Text path, TreeFailure *failure)
{
    TreeWriter *writer = ARENA_NEW(arena, TreeWriter);
    *writer = (TreeWriter){.arena = arena, .target = arena_copy_text(arena, without_slashes(path)), .root = -1, .descriptor = -1};
    struct stat status;
    if (stat(writer->target.ptr, &status) == 0) {
        if (!S_ISDIR(status.st_mode)) {
            *failure = (TreeFailure){writer->target, TEXT("it is not a directory")};
            return NULL;
        }
        /* Links and "." have no name of their own that a rename could replace. */
        char resolved[PATH_MAX];
        if (!realpath(writer->target.ptr, resolved)) {
            (void)fail(arena, failure, writer->target, errno);
            return NULL;
        }
        writer->target = arena_copy_text(arena, text_from_c(resolved));
    }
    writer->parent = arena_copy_text(arena, parent_of(writer->target));
    if (!make_folders(arena, writer->parent, failure) || !make_temporary(writer, failure))
        return NULL;
    writer->root = open(writer->temporary.ptr, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (writer->root < 0) {
        (void)fail(arena, failure, writer->temporary, errno);
        tree_abandon(writer);
        return NULL;
    }
    return writer;
}

/* --- files --- */

static int current_folder(const TreeWriter *writer)
{
    return writer->descriptor >= 0 ? writer->descriptor : writer->root;
}

static void leave_folder(TreeWriter *writer)
{
    if (writer->descriptor >= 0)
        (void)close(writer->descriptor);
    writer->descriptor = -1;
    writer->folder = TEXT_NONE;
}

/* A folder of the new tree; most often the one above is there already. */
static bool make_inner(TreeWriter *writer, Text folder, TreeFailure *failure)
{
    Text name = arena_copy_text(writer->arena, folder);
    if (mkdirat(writer->root, name.ptr, 0777) == 0 || errno == EEXIST)
        return true;
    Text above = parent_of(folder);
    if (errno != ENOENT || above.len >= folder.len || text_equal_c(above, "."))
        return fail(writer->arena, failure, folder, errno);
    return make_inner(writer, above, failure) &&
           (mkdirat(writer->root, name.ptr, 0777) == 0 || fail(writer->arena, failure, folder, errno));
}

static bool enter_folder(TreeWriter *writer, Text folder, TreeFailure *failure)
{
    if (text_equal(writer->folder, folder))
        return true;
    leave_folder(writer);
    if (folder.len && !make_inner(writer, folder, failure))
        return false;
    writer->folder = arena_copy_text(writer->arena, folder);
    if (folder.len == 0)
        return true;
    writer->descriptor = openat(writer->root, writer->folder.ptr, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return writer->descriptor >= 0 || fail(writer->arena, failure, folder, errno);
}

/* 0, or what failed; closing tells of errors too (a full disk on a network file system). */
static int write_and_close(int descriptor, Text bytes)
{
    int error = 0;
    while (bytes.len && !error) {
        ssize_t written = write(descriptor, bytes.ptr, bytes.len);
        if (written >= 0)
            bytes = text_slice(bytes, (size_t)written, bytes.len);
        else if (errno != EINTR)
            error = errno;
    }
    if (close(descriptor) != 0 && !error)
        error = errno;
    return error;
}

bool tree_add(TreeWriter *writer, Text path, Text bytes, TreeFailure *failure)
{
    size_t slash = path.len;
    while (slash > 0 && path.ptr[slash - 1] != '/')
        slash--;
    if (!enter_folder(writer, text_slice(path, 0, slash ? slash - 1 : 0), failure))
        return false;
    char name[NAME_MAX + 1];
    if (path.len - slash >= sizeof name)
        return fail(writer->arena, failure, path, ENAMETOOLONG);
    memcpy(name, path.ptr + slash, path.len - slash);
    name[path.len - slash] = '\0';
    int descriptor = openat(current_folder(writer), name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    int error = descriptor < 0 ? errno : write_and_close(descriptor, bytes);
    return error == 0 || fail(writer->arena, failure, path, error);
}

/* --- ending --- */

/* Where two names cannot be exchanged, the old one is moved aside for the moment. */
static bool swap_by_moving(const TreeWriter *writer, int *error)
{
    Text aside = arena_format(writer->arena, "%.*s-old", TEXT_ARG(writer->temporary));
    if (rename(writer->target.ptr, aside.ptr) != 0) {
        *error = errno;
        return false;
    }
    if (rename(writer->temporary.ptr, writer->target.ptr) == 0) {
        remove_tree(aside);
        return true;
    }
    *error = errno;
    (void)rename(aside.ptr, writer->target.ptr);
    return false;
}

/* An absent or empty target is replaced by a plain rename; a full one is exchanged. */
static bool swap_in(const TreeWriter *writer, TreeFailure *failure)
{
    if (rename(writer->temporary.ptr, writer->target.ptr) == 0)
        return true;
    int error = errno;
    if (error == ENOTEMPTY || error == EEXIST) {
        if (renameat2(AT_FDCWD, writer->temporary.ptr, AT_FDCWD, writer->target.ptr, RENAME_EXCHANGE) == 0)
            return true;
        error = errno;
        if ((error == EINVAL || error == ENOSYS) && swap_by_moving(writer, &error))
            return true;
    }
    return fail(writer->arena, failure, writer->target, error);
}

bool tree_commit(TreeWriter *writer, TreeFailure *failure)
{
    leave_folder(writer);
    if (!swap_in(writer, failure)) {
        tree_abandon(writer);
        return false;
    }
    (void)close(writer->root);
    writer->root = -1;
    remove_tree(writer->temporary);
    return true;
}

void tree_abandon(TreeWriter *writer)
{
    leave_folder(writer);
    if (writer->root >= 0)
        (void)close(writer->root);
    writer->root = -1;
    remove_tree(writer->temporary);
}

/* --- listing --- */

static int order_texts(const void *a, const void *b)
{
    const Text *left = a;
    const Text *right = b;
    return text_compare(*left, *right);
}

static bool list_below(Arena *arena, Text root, Text below, TextArray *out, TreeFailure *failure)
{
    Text path = arena_format(arena, "%.*s%s%.*s", TEXT_ARG(root), below.len ? "/" : "", TEXT_ARG(below));
    DIR *folder = opendir(path.ptr);
    if (!folder)
        return (errno == ENOENT && below.len == 0) || fail(arena, failure, path, errno);
    bool good = true;
    const struct dirent *entry;
    while (good && (entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        Text name = arena_format(arena, "%.*s%s%s", TEXT_ARG(below), below.len ? "/" : "", entry->d_name);
        struct stat status;
        bool is_folder = entry->d_type == DT_DIR;
        if (entry->d_type == DT_UNKNOWN)
            is_folder = fstatat(dirfd(folder), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
        if (is_folder)
            good = list_below(arena, root, name, out, failure);
        else
            ARRAY_PUSH(arena, out, name);
    }
    (void)closedir(folder);
    return good;
}

bool tree_list(Arena *arena, Text path, TextArray *out, TreeFailure *failure)
{
    if (!list_below(arena, without_slashes(path), TEXT_NONE, out, failure))
        return false;
    if (out->count > 1)
        qsort(out->items, out->count, sizeof *out->items, order_texts);
    return true;
}
