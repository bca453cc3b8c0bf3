#include "cli/state.h"

#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATE ".svc"
#define PLAN_NAME "plan.json"

/* A file that declares no environment has a directory, too. */
static Text directory_of(Arena *arena, Text environment)
{
    return arena_format(arena, STATE "/%.*s", TEXT_ARG(environment.len ? environment : TEXT("-")));
}

Text state_path(Arena *arena, Text environment, const char *name)
{
    return arena_format(arena, "%.*s/%s", TEXT_ARG(directory_of(arena, environment)), name);
}

static bool report(Session *session, Text path, Text reason)
{
    Diagnostic *diagnostic = diagnostic_report(&session->sink, CODE_CANNOT_WRITE, SPAN_NONE, "cannot write %.*s: %.*s", TEXT_ARG(path), TEXT_ARG(reason));
    diagnostic_set_advice(&session->sink, diagnostic, "run svc where it may write, or name a file with --out");
    return false;
}

/* What could not be made is `*path`, and why `*reason`. */
static bool make_directories(Session *session, Text environment, Text *path, Text *reason)
{
    Text ignore = TEXT(STATE "/.gitignore");
    const Text directories[] = {TEXT(STATE), directory_of(&session->arena, environment)};
    for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
        *path = directories[i];
        if (mkdir(arena_copy_text(&session->arena, *path).ptr, 0700) == 0 || errno == EEXIST)
            continue;
        *reason = file_reason(&session->arena, errno);
        return false;
    }
    *path = ignore;
    return file_exists(ignore) || file_write_private(ignore, TEXT("*\n"), &session->arena, reason);
}

Text state_journal(Session *session, Text environment)
{
    Text path = TEXT_NONE;
    Text reason = TEXT_NONE;
    (void)make_directories(session, environment, &path, &reason);
    return state_path(&session->arena, environment, "journal");
}

static bool prepare(Session *session, Text environment)
{
    Text path = TEXT_NONE;
    Text reason = TEXT_NONE;
    return make_directories(session, environment, &path, &reason) || report(session, path, reason);
}

bool state_save_plan(Session *session, const Plan *plan, Text *path)
{
    Text environment = plan->model->environment.name;
    *path = state_path(&session->arena, environment, PLAN_NAME);
    return prepare(session, environment) && plan_save(plan, &session->sink, *path);
}

static bool is_newer(const struct stat *a, const struct stat *b)
{
    return a->st_mtim.tv_sec != b->st_mtim.tv_sec ? a->st_mtim.tv_sec > b->st_mtim.tv_sec : a->st_mtim.tv_nsec > b->st_mtim.tv_nsec;
}

bool state_find_plan(Session *session, Text environment, Text *path)
{
    struct stat found = {0};
    *path = TEXT_NONE;
    if (environment.len) {
        Text candidate = state_path(&session->arena, environment, PLAN_NAME);
        *path = file_exists(candidate) ? candidate : TEXT_NONE;
        return path->len > 0;
    }
    DIR *directory = opendir(STATE);
    for (const struct dirent *entry = directory ? readdir(directory) : NULL; entry; entry = readdir(directory)) {
        struct stat status;
        Text candidate = arena_format(&session->arena, STATE "/%s/" PLAN_NAME, entry->d_name);
        if (entry->d_name[0] == '.' || stat(candidate.ptr, &status) != 0 || (path->len && !is_newer(&status, &found)))
            continue;
        *path = candidate;
        found = status;
    }
    if (directory)
        (void)closedir(directory);
    return path->len > 0;
}

void state_forget_plan(Session *session, Text environment, Text path)
{
    if (text_equal(path, state_path(&session->arena, environment, PLAN_NAME)))
        (void)unlink(arena_copy_text(&session->arena, path).ptr);
    (void)unlink(state_path(&session->arena, environment, "journal").ptr);
}
