#include "cli/gates.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* An answer comes while the driver stands still: it must not take as long as the lease holds. */
enum { BETWEEN_MS = 10 * 1000, LONGEST_MS = 90 * 1000, LOOK_MS = 100 };

static bool is_interrupted(const Account *account)
{
    return account->session->interrupts && account->session->interrupts[0] > 0;
}

static void rest(void)
{
    struct timespec time = {.tv_nsec = (long)LOOK_MS * 1000000};
    (void)nanosleep(&time, NULL);
}

static Text text_of(const Json *said, const char *key)
{
    const Json *value = json_get_c(said, key);
    return value && value->kind == JSON_TEXT ? value->text : TEXT_NONE;
}

static int64_t number_of(const Json *said, const char *key)
{
    const Json *value = json_get_c(said, key);
    return value && value->kind == JSON_NUMBER ? value->number.num / value->number.den : 0;
}

/* --- an HTTP request --- */

static bool try_once(Account *account, Arena *arena, const Json *said, Text *reason)
{
    AwsHttpResponse response;
    Text url = text_of(said, "url");
    AwsHttpRequest request = {.method = TEXT("GET"), .url = url, .timeout_ms = (int)number_of(said, "within_milliseconds")};
    aws_http_perform(account->http, arena, &request, &response);
    if (response.failure == AWS_HTTP_TIMEOUT)
        *reason = arena_format(arena, "%.*s did not answer within %d ms", TEXT_ARG(url), request.timeout_ms);
    else if (response.failure)
        *reason = response.reason;
    else if (response.status < number_of(said, "status_low") || response.status > number_of(said, "status_high"))
        *reason = arena_format(arena, "%.*s answered with status %d", TEXT_ARG(url), response.status);
    else
        return true;
    return false;
}

static bool ask_smoke(Account *account, Arena *arena, const Json *said, Text *reason)
{
    int64_t until = clock_monotonic_ms() + LONGEST_MS;
    int64_t tries = number_of(said, "tries");
    for (int64_t i = 0; i < tries; i++) {
        int64_t next = clock_monotonic_ms() + BETWEEN_MS;
        if (try_once(account, arena, said, reason))
            return true;
        while (i + 1 < tries && clock_monotonic_ms() < next && !is_interrupted(account))
            rest();
        if (clock_monotonic_ms() > until || is_interrupted(account))
            break;
    }
    return false;
}

/* --- a program --- */

static bool spawn(Arena *arena, const Json *words, pid_t *child)
{
    size_t count = json_item_count(words);
    char **list = ARENA_NEW_ARRAY(arena, char *, count + 1);
    posix_spawn_file_actions_t actions;
    for (size_t i = 0; i < count; i++) {
        Text word = words->items.items[i]->kind == JSON_TEXT ? words->items.items[i]->text : TEXT_NONE;
        list[i] = ARENA_NEW_ARRAY(arena, char, word.len + 1);
        if (word.len)
            memcpy(list[i], word.ptr, word.len);
    }
    if (!count || posix_spawn_file_actions_init(&actions) != 0)
        return false;
    /* What svc prints is its own; what the program prints goes to standard error. */
    bool is_started = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO) == 0 &&
                      posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) == 0 &&
                      posix_spawnp(child, list[0], &actions, NULL, list, environ) == 0;
    (void)posix_spawn_file_actions_destroy(&actions);
    return is_started;
}

static bool ask_program(const Account *account, Arena *arena, const Json *said, Text *reason)
{
    pid_t child = 0;
    int status = 0;
    int64_t timeout = number_of(said, "timeout_seconds") * 1000;
    int64_t until = clock_monotonic_ms() + (timeout && timeout < LONGEST_MS ? timeout : LONGEST_MS);
    if (!spawn(arena, json_get_c(said, "words"), &child)) {
        *reason = TEXT("the program cannot be run");
        return false;
    }
    pid_t ended = 0;
    while ((ended = waitpid(child, &status, WNOHANG)) == 0 && clock_monotonic_ms() < until && !is_interrupted(account))
        rest();
    if (ended == 0) {
        (void)kill(child, SIGKILL);
        (void)waitpid(child, &status, 0);
        *reason = arena_format(arena, "the program had not ended in time (%d seconds at most)", LONGEST_MS / 1000);
        return false;
    }
    if (ended == child && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    *reason = arena_format(arena, "the program ended with exit code %d", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return false;
}

/* --- all --- */

static bool ask(void *context, Arena *arena, const Json *said, Text *reason)
{
    Account *account = context;
    if (text_of(said, "url").len)
        return ask_smoke(account, arena, said, reason);
    if (json_item_count(json_get_c(said, "words")))
        return ask_program(account, arena, said, reason);
    *reason = arena_format(arena, "whether environment %.*s has passed cannot be asked from here", TEXT_ARG(text_of(said, "environment")));
    return false;
}

ApplyGates gates_of(Account *account)
{
    return (ApplyGates){.ask = ask, .context = account};
}
