/* Findings of one file never depend on those of another, so files are shared out. Processes, not threads: nothing is shared that could be raced for. */
#include "cli/lint_parallel.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Below so many files a process more costs more than it saves. */
enum { FILES_A_PROCESS = 16, PROCESSES_MAX = 8, COPY_BYTES = 65536 };

typedef struct Worker {
    pid_t pid;    /* 0: there is none, and its files are left to this process */
    int output;   /* what it printed */
    size_t start; /* its files */
    size_t end;
} Worker;

static size_t count_processes(const Session *session, const TextArray *files)
{
    size_t wanted = session->options.jobs;
    if (!wanted) {
        cpu_set_t allowed;
        CPU_ZERO(&allowed);
        wanted = sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? (size_t)CPU_COUNT(&allowed) : 1;
        if (wanted > files->count / FILES_A_PROCESS)
            wanted = files->count / FILES_A_PROCESS;
    }
    if (wanted > PROCESSES_MAX)
        wanted = PROCESSES_MAX;
    return wanted > files->count ? files->count : wanted;
}

/* Linux may start a process on the processor of the one that begot it, and part them only at a later tick: by then a hundred files are linted. One that
   starts elsewhere stays there, and this one may be moved again as any other. */
static void part_from(pid_t pid)
{
    cpu_set_t allowed;
    int own = sched_getcpu();
    if (own < 0 || sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) < 2)
        return;
    cpu_set_t others = allowed;
    CPU_CLR((size_t)own, &others);
    if (sched_setaffinity(pid, sizeof others, &others) == 0)
        (void)sched_setaffinity(pid, sizeof allowed, &allowed);
}

static void add_tally(LintTally *to, const LintTally *from)
{
    for (size_t i = 0; i <= SEVERITY_ERROR; i++)
        to->counts[i] += from->counts[i];
    to->file_count += from->file_count;
    to->left_out += from->left_out;
    to->could_not_run = to->could_not_run || from->could_not_run;
    to->fails = to->fails || from->fails;
    to->has_svc = to->has_svc || from->has_svc;
}

/* A mistake in settings is told with the first file that they are for. Whether that is one of these, only a process that knows all before them can tell. */
static bool has_bad_settings(const Session *session)
{
    for (size_t i = 0; i < session->lint_settings.files.count; i++)
        if (!session->lint_settings.files.items[i].settings->is_good)
            return true;
    return false;
}

static void run_worker(Session *session, const TextArray *files, LintFiles *lint, const Worker *worker, LintTally *tally, pid_t parent)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        return; /* nobody waits for it any more */
    session->text_output = worker->output;
    session->file_count = 0;
    diagnostics_keep_first(&session->sink, 0); /* what was found before the first file is said with it */
    lint(session, files, worker->start, worker->end, tally);
    tally->file_count = session->file_count;
    tally->is_whole = !session->has_lost_output && !has_bad_settings(session);
    session->has_lost_output = false; /* the other process looks at the files again */
}

/* True in the worker's process, at its end. */
static bool start_worker(Session *session, const TextArray *files, LintFiles *lint, Worker *worker, LintTally *tally)
{
    worker->output = memfd_create("svc-lint", MFD_CLOEXEC);
    if (worker->output < 0)
        return false;
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        run_worker(session, files, lint, worker, tally, parent);
        return true;
    }
    if (pid < 0)
        (void)close(worker->output);
    else
        worker->pid = pid;
    if (pid > 0)
        part_from(pid);
    return false;
}

static bool is_ended_well(pid_t pid)
{
    int status = 0;
    pid_t ended;
    do
        ended = waitpid(pid, &status, 0);
    while (ended < 0 && errno == EINTR);
    return ended == pid && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_CLEAN;
}

/* Where findings are for people, a closed standard error is told by the exit code alone, as in one process. */
static void copy_output(int output)
{
    char bytes[COPY_BYTES];
    off_t at = 0;
    ssize_t length;
    while ((length = pread(output, bytes, sizeof bytes, at)) > 0) {
        if (!session_write(STDERR_FILENO, (Text){bytes, (size_t)length}))
            return;
        at += length;
    }
}

static void collect_worker(Session *session, const TextArray *files, LintFiles *lint, const Worker *worker, const LintTally *theirs, LintTally *tally)
{
    if (worker->pid && is_ended_well(worker->pid) && theirs->is_whole) {
        copy_output(worker->output);
        add_tally(tally, theirs);
    } else {
        lint(session, files, worker->start, worker->end, tally);
    }
    if (worker->pid)
        (void)close(worker->output);
}

bool lint_in_parallel(Session *session, const TextArray *files, LintFiles *lint, LintTally *tally)
{
    size_t count = count_processes(session, files);
    size_t bytes = (count ? count : 1) * sizeof(LintTally);
    LintTally *tallies = count > 1 ? mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) : MAP_FAILED;
    if (tallies == MAP_FAILED) {
        lint(session, files, 0, files->count, tally);
        return false;
    }
    Worker workers[PROCESSES_MAX] = {0};
    for (size_t i = 0; i < count; i++) {
        workers[i].start = files->count * i / count;
        workers[i].end = files->count * (i + 1) / count;
        if (i > 0 && start_worker(session, files, lint, &workers[i], &tallies[i]))
            return true;
    }
    for (size_t i = 0; i < count; i++)
        collect_worker(session, files, lint, &workers[i], &tallies[i], tally);
    (void)munmap(tallies, bytes);
    return false;
}
