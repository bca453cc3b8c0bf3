/* svc: the command line. The way of the data is in cli/pipeline.c. */
#include "cli/commands.h"

#include "base/memory.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* Ctrl-C: how often, and how often beyond the first, which lets what is under way end. */
static volatile sig_atomic_t interrupts[2];

static void count_interrupt(int number)
{
    (void)number;
    if (interrupts[0] > 0)
        interrupts[1] = 1;
    interrupts[0] = 1;
}

static void catch_interrupts(void)
{
    struct sigaction action = {.sa_handler = count_interrupt};
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL); /* as CI ends what it cancels */
    (void)sigaction(SIGTERM, &action, NULL);
}

int command_version(Session *session)
{
    return session_print(session, TEXT("svc " SVC_VERSION "\n")) ? EXIT_CLEAN : EXIT_CANNOT_RUN;
}

static int run_command(Session *session)
{
    switch (session->options.command) {
    case COMMAND_LINT: return command_lint(session);
    case COMMAND_BUILD: return command_build(session);
    case COMMAND_PLAN: return command_plan(session);
    case COMMAND_APPLY: return command_apply(session);
    case COMMAND_DESTROY: return command_destroy(session);
    case COMMAND_STATUS: return command_status(session);
    case COMMAND_ROLLOUT: return command_rollout(session);
    case COMMAND_ROLLBACK: return command_rollback(session);
    case COMMAND_DRIFT: return command_drift(session);
    case COMMAND_ADOPT: return command_adopt(session);
    case COMMAND_REHEARSE: return command_rehearse(session);
    case COMMAND_SNAPSHOT: return command_snapshot(session);
    case COMMAND_TEST: return command_test(session);
    case COMMAND_FMT: return command_fmt(session);
    case COMMAND_IMPORT: return command_import(session);
    case COMMAND_EXPLAIN: return command_explain(session);
    case COMMAND_EXPLAIN_VALUE: return command_explain_value(session);
    case COMMAND_HELP: return command_help_word(session);
    case COMMAND_VERSION: return command_version(session);
    case COMMAND_COMPLETION: return command_completion(session);
    case COMMAND_COUNT: break;
    }
    return EXIT_USAGE;
}

static int show_help(Session *session, bool is_for_command)
{
    Buffer out = {0};
    if (is_for_command)
        help_write_command(&out, session->options.command);
    else
        help_write_overview(&out);
    bool written = session_print(session, buffer_text(&out));
    buffer_free(&out);
    return written ? EXIT_CLEAN : EXIT_CANNOT_RUN;
}

static void report_lost_output(Session *session)
{
    if (session->has_lost_output)
        (void)!session_write(STDERR_FILENO, arena_format(&session->arena, "svc: cannot write to standard output: %.*s\n", TEXT_ARG(session->lost_reason)));
}

/* A standard stream that is closed would be the next file that is opened, and what is printed would go into that. */
static void keep_standard_streams(void)
{
    int opened;
    do
        opened = open("/dev/null", O_RDONLY);
    while (opened >= 0 && opened <= STDERR_FILENO);
    if (opened > STDERR_FILENO)
        (void)close(opened);
}

int main(int argc, char **argv)
{
    keep_standard_streams();
    /* A closed pipe is an error of write, told by the exit code, not a death. */
    (void)signal(SIGPIPE, SIG_IGN);
    memory_adopt_jansson();
    Session session = {.interrupts = interrupts, .catch_interrupts = catch_interrupts};
    session.sink.arena = &session.arena;
    session.sink.sources = &session.sources;
    Text problem = TEXT_NONE;
    int code = EXIT_USAGE;
    switch (options_parse(&session.arena, argc, argv, &session.options, &problem)) {
    case OPTIONS_OK: code = run_command(&session); break;
    case OPTIONS_HELP: code = show_help(&session, argc > 1 && argv[1][0] != '-'); break;
    case OPTIONS_BAD: {
        Text message = arena_format(&session.arena, "svc: %.*s\n", TEXT_ARG(problem));
        (void)!session_write(STDERR_FILENO, message);
        break;
    }
    }
    report_lost_output(&session);
    session_end(&session);
    return code;
}
