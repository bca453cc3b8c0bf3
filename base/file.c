#include "base/file.h"

#include "base/buffer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct Reason {
    int error;
    const char *words;
} Reason;

static const Reason reasons[] = {
    {ENOENT, "there is no such file"},
    {EACCES, "permission denied"},
    {EPERM, "permission denied"},
    {EISDIR, "it is a directory"},
    {ENOTDIR, "a part of the path is not a directory"},
    {ELOOP, "its links lead in a circle"},
    {ENAMETOOLONG, "the name is too long"},
    {ENOSPC, "the disk is full"},
    {EDQUOT, "the disk is full"},
    {EFBIG, "it grows larger than is allowed"},
    {EROFS, "the disk is read-only"},
    {EIO, "the disk or the device has failed"},
    {EBUSY, "it is in use"},
    {ETXTBSY, "it is in use"},
    {EEXIST, "it exists already"},
    {EMFILE, "too many files are open"},
    {ENFILE, "too many files are open"},
    {EPIPE, "its reader is gone"},
    {EBADF, "it is closed"},
    {ENXIO, "no file can be read or written there"},
    {ENODEV, "no file can be read or written there"},
    {EINVAL, "no file can be read or written there"},
};

Text file_reason(Arena *arena, int error)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].error == error)
            return text_from_c(reasons[i].words);
    return arena_format(arena, "the system says \"%s\"", strerror(error));
}

/* A regular file of `size` bytes by one read, into the arena. False when it has another size by now: then it is read as a stream. */
static bool read_at_once(Arena *arena, int descriptor, size_t size, Text *out)
{
    char *bytes = arena_allocate(arena, size + 1);
    *out = (Text){bytes, size};
    return pread(descriptor, bytes, size + 1, 0) == (ssize_t)size;
}

static bool read_all(int descriptor, size_t limit, Buffer *out, int *error)
{
    char chunk[65536];
    while (true) {
        ssize_t length = read(descriptor, chunk, sizeof chunk);
        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0) {
            *error = errno;
            return false;
        }
        if (length == 0)
            return true;
        if (out->length + (size_t)length > limit) {
            *error = EFBIG;
            return false;
        }
        buffer_add(out, (Text){chunk, (size_t)length});
    }
}

bool file_read(Arena *arena, Text path, size_t limit, Text *out, Text *reason)
{
    bool is_stdin = text_equal_c(path, "-");
    Text name = arena_copy_text(arena, path);
    int descriptor = is_stdin ? STDIN_FILENO : open(name.ptr, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        *reason = file_reason(arena, errno);
        return false;
    }
    struct stat status;
    int error = fstat(descriptor, &status) != 0 ? errno : S_ISDIR(status.st_mode) ? EISDIR : 0;
    if (!error && S_ISREG(status.st_mode) && (uintmax_t)status.st_size > limit)
        error = EFBIG;
    Buffer bytes = {0};
    bool is_read = !error && !is_stdin && S_ISREG(status.st_mode) && read_at_once(arena, descriptor, (size_t)status.st_size, out);
    bool is_streamed = !error && !is_read && read_all(descriptor, limit, &bytes, &error);
    if (!is_stdin)
        (void)close(descriptor);
    if (is_streamed)
        *out = arena_copy_text(arena, buffer_text(&bytes));
    else if (!is_read)
        *reason = error == EFBIG ? arena_format(arena, "it is larger than %zu MiB", limit / (1024 * 1024)) : file_reason(arena, error);
    buffer_free(&bytes);
    return is_read || is_streamed;
}

/* False when nothing stands there. */
static bool read_status(Text path, struct stat *status)
{
    Arena scratch = {0};
    bool exists = stat(arena_copy_text(&scratch, path).ptr, status) == 0;
    arena_free(&scratch);
    return exists;
}

bool file_is_larger(Text path, size_t limit)
{
    struct stat status;
    return read_status(path, &status) && S_ISREG(status.st_mode) && (uintmax_t)status.st_size > limit;
}

bool file_exists(Text path)
{
    struct stat status;
    return read_status(path, &status);
}

bool file_is_same(Text a, Text b)
{
    struct stat one;
    struct stat other;
    return read_status(a, &one) && read_status(b, &other) && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

bool file_is_regular(Text path)
{
    struct stat status;
    return read_status(path, &status) && S_ISREG(status.st_mode);
}

bool file_is_directory(Text path)
{
    struct stat status;
    return read_status(path, &status) && S_ISDIR(status.st_mode);
}

static int order_texts(const void *a, const void *b)
{
    const Text *left = a;
    const Text *right = b;
    return text_compare(*left, *right);
}

typedef struct Listing {
    Arena *arena;
    Text suffix;
    TextArray *files;
    FileTroubleArray *troubles;
} Listing;

/* Pipes and devices in a directory are left alone: reading them may never end. A link that leads nowhere is kept, for a reader to tell. */
static bool is_listed(const struct dirent *entry, const char *path)
{
    struct stat status;
    return entry->d_type == DT_REG || stat(path, &status) != 0 || S_ISREG(status.st_mode);
}

static bool is_folder(const struct dirent *entry, const char *path)
{
    struct stat status;
    return entry->d_type == DT_UNKNOWN ? lstat(path, &status) == 0 && S_ISDIR(status.st_mode) : entry->d_type == DT_DIR;
}

static void list_below(const Listing *listing, Text directory)
{
    DIR *folder = opendir(arena_copy_text(listing->arena, directory).ptr);
    if (!folder) {
        FileTrouble trouble = {directory, file_reason(listing->arena, errno)};
        ARRAY_PUSH(listing->arena, listing->troubles, trouble);
        return;
    }
    bool has_slash = directory.len && directory.ptr[directory.len - 1] == '/';
    const struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] == '.' || strcmp(entry->d_name, "node_modules") == 0)
            continue;
        Text path = arena_format(listing->arena, "%.*s%s%s", TEXT_ARG(directory), has_slash ? "" : "/", entry->d_name);
        if (is_folder(entry, path.ptr))
            list_below(listing, path);
        else if (text_ends_with(path, listing->suffix) && is_listed(entry, path.ptr))
            ARRAY_PUSH(listing->arena, listing->files, path);
    }
    (void)closedir(folder);
}

static int order_troubles(const void *a, const void *b)
{
    const FileTrouble *left = a;
    const FileTrouble *right = b;
    return text_compare(left->path, right->path);
}

void file_list(Arena *arena, Text directory, Text suffix, TextArray *out, FileTroubleArray *troubles)
{
    Listing listing = {arena, suffix, out, troubles};
    list_below(&listing, directory);
    if (out->count > 1)
        qsort(out->items, out->count, sizeof *out->items, order_texts);
    if (troubles->count > 1)
        qsort(troubles->items, troubles->count, sizeof *troubles->items, order_troubles);
}

static bool write_all(int descriptor, Text content)
{
    while (content.len) {
        ssize_t written = write(descriptor, content.ptr, content.len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        content = text_slice(content, (size_t)written, content.len);
    }
    return true;
}

/* A rename is durable only once its folder is synced. */
static bool sync_folder(Arena *arena, Text path)
{
    size_t end = path.len;
    while (end > 0 && path.ptr[end - 1] != '/')
        end--;
    Text folder = end ? text_slice(path, 0, end) : TEXT(".");
    int descriptor = open(arena_copy_text(arena, folder).ptr, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    bool synced = fsync(descriptor) == 0;
    return close(descriptor) == 0 && synced;
}

/* Devices and pipes are written to: replacing one by a file would take it away from everybody. */
static bool write_in_place(const char *name, Text content, Arena *arena, Text *reason)
{
    int descriptor = open(name, O_WRONLY | O_CLOEXEC);
    bool good = descriptor >= 0 && write_all(descriptor, content);
    int error = errno;
    if (descriptor >= 0 && close(descriptor) != 0 && good) {
        error = errno;
        good = false;
    }
    if (!good)
        *reason = file_reason(arena, error);
    return good;
}

/* The file that a link leads to: the link itself stays one. */
static Text follow_link(Arena *arena, Text path)
{
    Text name = arena_copy_text(arena, path);
    struct stat status;
    char resolved[PATH_MAX];
    if (lstat(name.ptr, &status) == 0 && S_ISLNK(status.st_mode) && realpath(name.ptr, resolved))
        name = arena_copy_text(arena, text_from_c(resolved));
    return name;
}

static bool write_replacing(Text path, Text content, bool is_private, Arena *arena, Text *reason)
{
    Text target = follow_link(arena, path);
    path = target;
    struct stat existing;
    if (stat(target.ptr, &existing) == 0 && !S_ISREG(existing.st_mode) && !S_ISDIR(existing.st_mode))
        return write_in_place(target.ptr, content, arena, reason);
    Text temporary = arena_format(arena, "%.*s.svc-XXXXXX", TEXT_ARG(path));
    struct stat status;
    mode_t mode = is_private ? 0600 : stat(target.ptr, &status) == 0 ? status.st_mode & 07777 : 0644;
    char *name = arena_allocate(arena, temporary.len + 1);
    memcpy(name, temporary.ptr, temporary.len);
    int descriptor = mkostemp(name, O_CLOEXEC);
    if (descriptor < 0) {
        *reason = file_reason(arena, errno);
        return false;
    }
    bool good = write_all(descriptor, content) && fchmod(descriptor, mode) == 0 && fsync(descriptor) == 0;
    int error = errno;
    if (close(descriptor) != 0 && good) {
        error = errno;
        good = false;
    }
    if (good && (rename(name, target.ptr) != 0 || !sync_folder(arena, target))) {
        error = errno;
        good = false;
    }
    if (!good) {
        (void)unlink(name);
        *reason = file_reason(arena, error);
    }
    return good;
}

bool file_write_atomic(Text path, Text content, Arena *arena, Text *reason)
{
    return write_replacing(path, content, false, arena, reason);
}

bool file_write_private(Text path, Text content, Arena *arena, Text *reason)
{
    return write_replacing(path, content, true, arena, reason);
}

Text file_relative_path(Arena *arena, Text path, Text from)
{
    bool is_absolute = path.len > 0 && path.ptr[0] == '/';
    if (is_absolute != (from.len > 0 && from.ptr[0] == '/'))
        return path;
    size_t shared = 0;
    for (size_t i = 0; i < path.len && i < from.len && path.ptr[i] == from.ptr[i]; i++)
        if (path.ptr[i] == '/')
            shared = i + 1;
    Text rest = text_slice(path, shared, path.len);
    for (size_t i = shared; i < from.len; i++)
        if (from.ptr[i] == '/')
            rest = arena_join(arena, TEXT("../"), rest);
    return rest;
}
