#include "cli/lint_parallel.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* A process costs what a handful of files do. */
enum { CORES_MAX = 8, FILES_PER_JOB = 8 };

/* What a worker hands back, in memory that it shares. */
typedef struct Result {
    LintTally tally;
    size_t file_count;
    bool is_whole; /* set last: all of it is here, and its output in the worker's file */
} Result;

typedef struct Worker {
    pid_t process; /* -1 when there is none */
    int output;
    size_t first; /* files */
    size_t end;
    Result *result;
} Worker;

static size_t count_cores(void)
{
    cpu_set_t cores;
    int count = sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
    return count > CORES_MAX ? CORES_MAX : (size_t)count;
}

/* A report for machines is one document of all files; --env-example and --rules tell across files; the others write as they go. */
static bool is_one_by_one(const Options *options)
{
    return options->report != REPORT_TEXT || options->given[OPTION_FIX] || options->given[OPTION_ENV_EXAMPLE] || options->given[OPTION_RULES] ||
           options->given[OPTION_DUMP];
}

size_t lint_job_count(const Session *session, const TextArray *files)
{
    const Options *options = &session->options;
    if (is_one_by_one(options))
        return 1;
    for (size_t i = 0; i < options->operands.count; i++)
        if (text_equal_c(options->operands.items[i], "-"))
            return 1;
    size_t most = options->given[OPTION_JOBS] ? files->count : files->count / FILES_PER_JOB;
    size_t wanted = options->given[OPTION_JOBS] ? options->jobs : most > 1 ? count_cores() : 1;
    size_t jobs = wanted < most ? wanted : most;
    return jobs ? jobs : 1;
}

/* A mistake in settings is reported with the first file that it holds for: whether that is one of these, only who lints all files in turn can tell. */
static bool has_bad_settings(const Session *session)
{
    for (size_t i = 0; i < session->lint_settings.files.count; i++)
        if (!session->lint_settings.files.items[i].settings->is_good)
            return true;
    return false;
}

_Noreturn static void work(Worker *worker, pid_t parent, Session *session, const TextArray *files, LintLoop *loop, LintState *state)
{
    /* Who ends the one ends all of them. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(EXIT_CANNOT_RUN);
    diagnostics_keep_first(&session->sink, 0); /* what was found before the files is the parent's to tell */
    session->sink.silenced_secrets.count = 0;
    session->report_to = worker->output;
    session->file_count = 0;
    state->tally = (LintTally){0};
    loop(session, files, worker->first, worker->end, state);
    worker->result->tally = state->tally;
    worker->result->file_count = session->file_count;
    worker->result->is_whole = !session->has_lost_output && !has_bad_settings(session);
    _exit(EXIT_CLEAN);
}

static void start(Worker *worker, Session *session, const TextArray *files, LintLoop *loop, LintState *state)
{
    pid_t parent = getpid();
    worker->output = memfd_create("svc-lint", MFD_CLOEXEC);
    worker->process = worker->output < 0 ? -1 : fork();
    if (worker->process == 0)
        work(worker, parent, session, files, loop, state);
}

/* Whether the worker did all of its work. */
static bool await(const Worker *worker)
{
    int status = 0;
    pid_t ended = -1;
    do
        ended = worker->process < 0 ? -1 : waitpid(worker->process, &status, 0);
    while (ended < 0 && worker->process >= 0 && errno == EINTR);
    return ended >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_CLEAN && worker->result->is_whole;
}

static void print_output(const Session *session, int output)
{
    char block[16384];
    ssize_t count = lseek(output, 0, SEEK_SET) == 0 ? 1 : 0;
    while (count > 0 && (count = read(output, block, sizeof block)) > 0)
        (void)!session_write(session->report_to, (Text){block, (size_t)count});
}

static void add_result(Session *session, LintTally *tally, const Result *result)
{
    for (size_t i = 0; i <= SEVERITY_ERROR; i++)
        tally->counts[i] += result->tally.counts[i];
    tally->left_out += result->tally.left_out;
    tally->could_not_run = tally->could_not_run || result->tally.could_not_run;
    tally->fails = tally->fails || result->tally.fails;
    tally->has_svc = tally->has_svc || result->tally.has_svc;
    session->file_count += result->file_count;
}

/* What the worker found; where it could not tell all of it, its files are linted here after all. */
static void finish(Worker *worker, Session *session, const TextArray *files, LintLoop *loop, LintState *state)
{
    if (await(worker)) {
        print_output(session, worker->output);
        add_result(session, &state->tally, worker->result);
    } else {
        loop(session, files, worker->first, worker->end, state);
    }
    if (worker->output >= 0)
        (void)close(worker->output);
}

void lint_in_parallel(Session *session, const TextArray *files, size_t jobs, LintLoop *loop, LintState *state)
{
    size_t size = sizeof(Result) * jobs;
    Result *results = jobs > 1 ? mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) : MAP_FAILED;
    if (results == MAP_FAILED) {
        loop(session, files, 0, files->count, state);
        return;
    }
    Worker *workers = ARENA_NEW_ARRAY(&session->arena, Worker, jobs);
    for (size_t i = 1; i < jobs; i++) {
        workers[i] = (Worker){.first = files->count * i / jobs, .end = files->count * (i + 1) / jobs, .result = &results[i]};
        start(&workers[i], session, files, loop, state);
    }
    loop(session, files, 0, files->count / jobs, state); /* the first run is this process's own */
    for (size_t i = 1; i < jobs; i++)
        finish(&workers[i], session, files, loop, state);
    (void)munmap(results, size);
}
