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

static bool make_directory(Session *session, Text path)
{
    if (mkdir(arena_copy_text(&session->arena, path).ptr, 0700) == 0 || errno == EEXIST)
        return true;
    return report(session, path, file_reason(&session->arena, errno));
}

bool state_prepare(Session *session, Text environment)
{
    Text ignore = TEXT(STATE "/.gitignore");
    Text reason = TEXT_NONE;
    if (!make_directory(session, TEXT(STATE)) || !make_directory(session, directory_of(&session->arena, environment)))
        return false;
    return file_exists(ignore) || file_write_private(ignore, TEXT("*\n"), &session->arena, &reason) || report(session, ignore, reason);
}

bool state_save_plan(Session *session, const Plan *plan, Text *path)
{
    Text environment = plan->model->environment.name;
    *path = state_path(&session->arena, environment, PLAN_NAME);
    return state_prepare(session, environment) && plan_save(plan, &session->sink, *path);
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
        *path = state_path(&session->arena, environment, PLAN_NAME);
        return file_exists(*path);
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
