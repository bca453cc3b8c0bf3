#include "aws/library.h"

#include <dlfcn.h>

/* What is loaded, and what to say where it is missing. */
typedef struct Library {
    const char *file;
    const char *purpose;
    const char *packages;
} Library;

static const Library curl_library = {"libcurl.so.4", "talking to AWS", "libcurl4 (Debian, Ubuntu) or libcurl (Fedora, Amazon Linux, Alpine)"};
static const Library expat_library = {"libexpat.so.1", "reading AWS's XML", "libexpat1 (Debian, Ubuntu) or expat (Fedora, Amazon Linux, Alpine)"};

/* Where a function's address goes, and its name. */
typedef struct Slot {
    void *pointer; /* to a pointer to a function */
    const char *name;
} Slot;

static bool load(Arena *arena, const Library *library, const Slot *slots, size_t count, void **out, Text *reason)
{
    void *handle = dlopen(library->file, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        *reason = arena_format(arena, "%s needs %s, which cannot be loaded: install the package %s", library->purpose, library->file, library->packages);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        void *found = dlsym(handle, slots[i].name);
        if (!found) {
            *reason = arena_format(arena, "%s needs a newer %s: it has no %s", library->purpose, library->file, slots[i].name);
            (void)dlclose(handle);
            return false;
        }
        memcpy(slots[i].pointer, &found, sizeof found); /* ISO C has no conversion from data to functions; POSIX wants them alike */
    }
    *out = handle;
    return true;
}

#define SLOT(name) {&loaded->name##_, #name},

bool aws_library_load_curl(Arena *arena, AwsCurl *loaded, Text *reason)
{
    const Slot slots[] = {AWS_CURL_FUNCTIONS(SLOT)};
    return loaded->handle || load(arena, &curl_library, slots, sizeof slots / sizeof slots[0], &loaded->handle, reason);
}

bool aws_library_load_expat(Arena *arena, AwsExpat *loaded, Text *reason)
{
    const Slot slots[] = {AWS_EXPAT_FUNCTIONS(SLOT)};
    return loaded->handle || load(arena, &expat_library, slots, sizeof slots / sizeof slots[0], &loaded->handle, reason);
}
