/* credential_process: a program that prints credentials. Run without a shell, what it says on standard error is not shown: nobody knows what is in it. */
#include "aws/credential_sources.h"

#include "aws/shell_words.h"
#include "base/buffer.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { TIME_LIMIT_MS = 60 * 1000, OUTPUT_LARGEST = 1024 * 1024, STATUS_NOT_FOUND = 127 };

/* It may ask a person when there is one; a pipe into svc is not for it. */
static int start(char **words, int output, pid_t *child)
{
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return ENOMEM;
    int error = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (!error)
        error = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (!error && !isatty(STDIN_FILENO))
        error = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!error)
        error = posix_spawnp(child, words[0], &actions, NULL, words, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* Until it closes its output. False when time or room have run out. */
static bool read_output(int descriptor, Buffer *out)
{
    char chunk[4096];
    int64_t deadline = clock_monotonic_ms() + TIME_LIMIT_MS;
    while (!out->overflowed) {
        int64_t left = deadline - clock_monotonic_ms();
        struct pollfd wanted = {.fd = descriptor, .events = POLLIN};
        int ready = left > 0 ? poll(&wanted, 1, (int)left) : 0;
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return false;
        ssize_t length = read(descriptor, chunk, sizeof chunk);
        if (length < 0 && errno == EINTR)
            continue;
        if (length <= 0)
            return length == 0;
        buffer_add(out, (Text){chunk, (size_t)length});
    }
    return false;
}

/* Waits for the end of a program that has closed its output. */
static bool wait_for(pid_t child, bool is_stopped, int *status)
{
    int64_t deadline = clock_monotonic_ms() + TIME_LIMIT_MS;
    if (is_stopped)
        (void)kill(child, SIGKILL);
    while (true) {
        pid_t ended = waitpid(child, status, is_stopped ? 0 : WNOHANG);
        if (ended == child)
            return true;
        if (ended < 0 && errno != EINTR)
            return false;
        if (ended == 0 && clock_monotonic_ms() > deadline) {
            (void)kill(child, SIGKILL);
            is_stopped = true;
        } else if (ended == 0) {
            (void)nanosleep(&(struct timespec){.tv_nsec = 5 * 1000 * 1000}, NULL);
        }
    }
}

/* The first word only: the others may be secret. */
static CredentialOutcome run(CredentialSearch *search, Text name, const TextArray *words, Buffer *output)
{
    char **arguments = ARENA_NEW_ARRAY(search->arena, char *, words->count + 1);
    for (size_t i = 0; i < words->count; i++)
        arguments[i] = arena_allocate(search->arena, words->items[i].len + 1);
    for (size_t i = 0; i < words->count; i++)
        memcpy(arguments[i], words->items[i].ptr, words->items[i].len);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return credential_broken(search, "%.*s cannot be run: %s", TEXT_ARG(name), strerror(errno));
    pid_t child;
    int error = start(arguments, ends[1], &child);
    (void)close(ends[1]);
    bool is_whole = !error && read_output(ends[0], output);
    (void)close(ends[0]);
    if (error)
        return credential_broken(search, "%.*s cannot be run: %s", TEXT_ARG(name), error == ENOENT ? "there is no such program" : strerror(error));
    int status = 0;
    bool has_ended = wait_for(child, !is_whole, &status);
    if (output->overflowed)
        return credential_broken(search, "%.*s prints more than 1 MiB", TEXT_ARG(name));
    if (!is_whole || !has_ended)
        return credential_broken(search, "%.*s did not end within %d seconds", TEXT_ARG(name), TIME_LIMIT_MS / 1000);
    if (WIFSIGNALED(status))
        return credential_broken(search, "%.*s was ended by signal %d", TEXT_ARG(name), WTERMSIG(status));
    if (WEXITSTATUS(status) == STATUS_NOT_FOUND)
        return credential_broken(search, "%.*s ended with status %d, as what does not find a program", TEXT_ARG(name), STATUS_NOT_FOUND);
    if (WEXITSTATUS(status) != 0)
        return credential_broken(search, "%.*s ended with status %d", TEXT_ARG(name), WEXITSTATUS(status));
    return CREDENTIAL_FOUND;
}

static CredentialOutcome read_answer(CredentialSearch *search, Text name, Text output, AwsCredentials *out)
{
    static const CredentialMembers members = {"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", .is_temporary = false};
    ReadJsonError error;
    const ReadJson *json = json_read(search->arena, output, &error);
    if (!json || json->kind != READ_OBJECT)
        return credential_broken(search, "what %.*s prints is no JSON object", TEXT_ARG(name));
    const ReadJson *version = json_read_member(json, "Version");
    if (!version || version->kind != READ_NUMBER || version->number.num != 1 || version->number.den != 1)
        return credential_broken(search, "what %.*s prints has another Version than 1", TEXT_ARG(name));
    return credential_read_json(search, arena_copy_text(search->arena, name).ptr, json, &members, out);
}

CredentialOutcome credential_from_process(CredentialSearch *search, Text profile, AwsCredentials *out)
{
    *out = (AwsCredentials){.source = TEXT("custom-process")};
    Text command = credential_setting(search, profile, "credential_process");
    if (command.len == 0)
        return credential_absent(search, "profile `%.*s` has no credential_process", TEXT_ARG(profile));
    TextArray words = {0};
    if (!aws_shell_split(search->arena, command, &words) || words.count == 0)
        return credential_broken(search, "the credential_process of profile `%.*s` is not closed where a quote is open", TEXT_ARG(profile));
    Buffer output = {.cap = OUTPUT_LARGEST};
    Text name = arena_format(search->arena, "credential_process `%.*s`", TEXT_ARG(words.items[0]));
    CredentialOutcome outcome = run(search, name, &words, &output);
    if (outcome == CREDENTIAL_FOUND)
        outcome = read_answer(search, name, arena_copy_text(search->arena, buffer_text(&output)), out);
    buffer_free(&output);
    return outcome;
}
