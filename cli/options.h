/* Commands and options: one table gives parsing, --help and shell completion. */
#ifndef SVC_CLI_OPTIONS_H
#define SVC_CLI_OPTIONS_H

#include "base/array.h"
#include "compiler/compile.h"
#include "simulate/world.h"

enum { EXIT_CLEAN = 0, EXIT_FINDINGS = 1, EXIT_CANNOT_RUN = 2, EXIT_USAGE = 64 };

/* X(ID, name, arguments, one line) */
#define CLI_COMMANDS(X)                                                                                     \
    X(LINT, "lint", "[FILE|DIR|-]...", "check files and say what AWS would refuse")                         \
    X(BUILD, "build", "FILE...", "render the AWS documents of a file into a directory")                     \
    X(PLAN, "plan", "FILE", "show what would change in the account")                                        \
    X(APPLY, "apply", "[PLAN|FILE]", "do what was planned; a file is planned, shown and asked about first")  \
    X(DESTROY, "destroy", "FILE", "delete everything of the file's project in the environment, after asking") \
    X(STATUS, "status", "FILE", "show revisions, tasks, targets, alarms and the last events of the services") \
    X(ROLLOUT, "rollout", "WORD FILE", "show how a rollout is, or say how it goes on: status, pause, resume, skip, promote, abort") \
    X(ROLLBACK, "rollback", "FILE", "go back to an earlier revision of a service, after asking") \
    X(DRIFT, "drift", "FILE", "show what was changed outside svc since it was applied")                     \
    X(ADOPT, "adopt", "FILE", "take over resources of the same names that somebody else made")              \
    X(REHEARSE, "rehearse", "FILE", "try out a change in a simulated account, without AWS, in a second")    \
    X(SNAPSHOT, "snapshot", "FILE", "record the account, for plan --live")                                  \
    X(TEST, "test", "[FILE|DIR]...", "try the rules of files by their `expect` statements")                 \
    X(FMT, "fmt", "[FILE|DIR|-]...", "lay files out, in place; - reads standard input and writes standard output") \
    X(IMPORT, "import", "FILE...", "write .svc from a task definition, a service, docker-compose.yml or a Copilot manifest") \
    X(EXPLAIN, "explain", "CODE", "the page of a diagnostic code: what, why, wrong, right")                 \
    X(EXPLAIN_VALUE, "explain-value", "FILE PATH", "where a value was set and what it overrode")            \
    X(HELP, "help", "[WORD]", "the manual of a word, or this overview")                                     \
    X(VERSION, "version", "", "the version")                                                                \
    X(COMPLETION, "completion", "bash|zsh|fish", "a completion script for the shell")

typedef enum CommandId {
#define X(id, name, arguments, help) COMMAND_##id,
    CLI_COMMANDS(X)
#undef X
    COMMAND_COUNT
} CommandId;

#define FOR(command) (1u << COMMAND_##command)
enum { FOR_ALL = ~0 };
#define FOR_CHANGE (FOR(APPLY) | FOR(DESTROY) | FOR(ROLLBACK))
#define FOR_ACCOUNT (FOR(DRIFT) | FOR(ADOPT) | FOR(SNAPSHOT) | FOR(STATUS) | FOR(ROLLOUT) | FOR_CHANGE)

/* X(ID, name, value or NULL, commands, help) */
#define CLI_OPTIONS(X)                                                                                                     \
    X(ENV, "env", "NAME", FOR(REHEARSE) | FOR(LINT) | FOR(BUILD) | FOR(PLAN) | FOR(EXPLAIN_VALUE) | FOR_ACCOUNT, "the environment")                      \
    X(SET, "set", "NAME=VALUE", FOR(REHEARSE) | FOR(LINT) | FOR(BUILD) | FOR(PLAN) | FOR(EXPLAIN_VALUE) | FOR_ACCOUNT, "gives a parameter its value; may be repeated") \
    X(PARAMS, "params", "FILE", FOR(REHEARSE) | FOR(LINT) | FOR(BUILD) | FOR(PLAN) | FOR(EXPLAIN_VALUE) | FOR_ACCOUNT, "a YAML file of parameter values; may be repeated") \
    X(RULES, "rules", "PATH", FOR(LINT), "a file of rules, or a directory of them, for every file; may be repeated")         \
    X(OUT, "out", "PATH", FOR(BUILD) | FOR(PLAN), "build: the directory to write; plan: the file to save the plan to") \
    X(FILE_OUT, "out", "FILE", FOR(IMPORT) | FOR(SNAPSHOT), "the file to write; standard output without it") \
    X(FORMAT, "format", "text|json", FOR(DRIFT) | FOR(HELP) | FOR(EXPLAIN_VALUE), "how to print")               \
    X(PLAN_FORMAT, "format", "text|json|sh|html", FOR(PLAN), "how to print: for people, for programs, as a script of aws commands, as a page") \
    X(REPORT, "format", "text|json|sarif|github|junit", FOR(LINT), "how to print what was found")                            \
    X(TEST_REPORT, "format", "text|json|junit", FOR(TEST), "how to print the results")                                       \
    X(JSON, "json", NULL, FOR(REHEARSE) | FOR(LINT) | FOR(PLAN) | FOR_CHANGE | FOR(STATUS) | FOR(ROLLOUT) | FOR(DRIFT) | FOR(TEST) | FOR(HELP) | FOR(EXPLAIN_VALUE), "the same as --format json")             \
    X(FIX, "fix", NULL, FOR(LINT), "applies the fixes that are safe")                                                      \
    X(FAIL_LEVEL, "fail-level", "error|warning|note", FOR(LINT), "the least severity that fails; error unless said here or in the settings")       \
    X(CONFIG, "config", "FILE", FOR(REHEARSE) | FOR(LINT) | FOR(BUILD) | FOR(PLAN) | FOR_ACCOUNT, "the settings to use instead of the nearest svc-lint.yml")       \
    X(ENV_EXAMPLE, "env-example", "FILE", FOR(LINT), "names the variables of this file that no container gets, and those that it lacks") \
    X(SCENARIO, "scenario", SCENARIO_CHOICES, FOR(REHEARSE), "what the new revision is like; healthy unless said") \
    X(TRACE, "trace", "FILE", FOR(REHEARSE), "metrics over time, as they once were, CSV or JSON")                            \
    X(SEED, "seed", "N", FOR(REHEARSE), "another course of the same events; 1 unless said")                                  \
    X(EXPECT, "expect", "promoted|rolled-back|refused|failed|paused", FOR(REHEARSE), "exits 0 if it ends so, and 1 if not")  \
    X(OFFLINE, "offline", NULL, FOR(PLAN), "plans against an empty account, without AWS")                                  \
    X(LIVE, "live", "FILE", FOR(PLAN) | FOR(DRIFT), "compares with a recorded account")                                    \
    X(PROFILE, "profile", "NAME", FOR(PLAN) | FOR_ACCOUNT, "the AWS profile to use, in place of AWS_PROFILE")                     \
    X(STATS, "stats", NULL, FOR(PLAN) | FOR_ACCOUNT, "counts the calls of AWS by operation, with their time and those that were repeated") \
    X(DEBUG, "debug", NULL, FOR(PLAN) | FOR_ACCOUNT, "prints a line for each call of AWS, without secrets")                 \
    X(YES, "yes", NULL, FOR(ADOPT) | FOR_CHANGE, "does not ask")                                                                        \
    X(TO, "to", "REVISION", FOR(ROLLBACK), "the number of the revision; the one before the one that runs unless said") \
    X(SERVICE, "service", "NAME", FOR(ROLLBACK) | FOR(ROLLOUT), "the service that is meant; the only one of the file unless said") \
    X(SIGN, "sign", "KEY", FOR(PLAN), "signs the saved plan with the Ed25519 key of this PEM file") \
    X(REQUIRE_SIGNATURE, "require-signature", "KEY", FOR(APPLY), "applies only what is signed by this public key, a PEM file") \
    X(WAIT_UNTIL, "wait-until", "deployed|stable", FOR_CHANGE, "what a service is waited for: that AWS took the change, or that its tasks run, which is the default") \
    X(DEADLINE, "deadline", "DURATION", FOR_CHANGE, "when to stop, such as 30m")                                           \
    X(WITHOUT_ROLLOUT, "without-rollout", NULL, FOR(APPLY) | FOR(PLAN), "a rolling update where a service says that its traffic moves in steps; of plan, with --format sh") \
    X(FULL, "full", NULL, FOR(PLAN) | FOR_CHANGE, "prints every member")                                                                \
    X(DETAILED, "detailed-exitcode", NULL, FOR(PLAN), "exits 2 when there are changes")                                    \
    X(CHECK, "check", NULL, FOR(FMT), "changes nothing, and exits 1 when something would change")                          \
    X(JOBS, "jobs", "N", FOR(LINT), "how many processes share the files; as many as there are processors unless said")                       \
    X(DUMP, "dump", "tree|model|resources", FOR(LINT), "prints a stage of the compiler")                                             \
    X(MARKDOWN, "markdown", NULL, FOR(HELP), "the manual of every word, as docs/reference.md has it")                      \
    X(HELP, "help", NULL, (unsigned)FOR_ALL, "this help")

typedef enum OptionId {
#define X(id, name, value, commands, help) OPTION_##id,
    CLI_OPTIONS(X)
#undef X
    OPTION_COUNT
} OptionId;

/* How findings are printed; the names are those of --format. */
typedef enum ReportFormat { REPORT_TEXT, REPORT_JSON, REPORT_SARIF, REPORT_GITHUB, REPORT_JUNIT, REPORT_COUNT } ReportFormat;

/* How a plan is printed; likewise. */
typedef enum PlanFormat { PLAN_TEXT, PLAN_JSON, PLAN_SHELL, PLAN_HTML, PLAN_FORMAT_COUNT } PlanFormat;

typedef struct Options {
    CommandId command;
    ARRAY(Text) operands;
    Text values[OPTION_COUNT]; /* of options with one value; empty when not given */
    bool given[OPTION_COUNT];
    ARRAY(GivenParameter) parameters; /* from --set and --params, in order */
    bool is_json;
    PlanFormat plan_format;
    ReportFormat report;
    size_t jobs; /* of --jobs; 0 when it is not given */
    int64_t seed; /* of --seed; 1 when it is not given */
    Text word; /* of svc rollout: what stands before the file */
    int64_t deadline_ms; /* of --deadline; 0 when it is not given */
} Options;

typedef enum OptionsOutcome { OPTIONS_OK, OPTIONS_HELP, OPTIONS_BAD } OptionsOutcome;

/* Reads the command line. With OPTIONS_BAD *problem says what is wrong, in one line. */
OptionsOutcome options_parse(Arena *arena, int argc, char **argv, Options *out, Text *problem);
const char *command_name(CommandId command);
const char *command_arguments(CommandId command);
const char *command_help(CommandId command);
const char *option_name(OptionId option);
const char *option_value(OptionId option);
const char *option_help(OptionId option);
bool option_is_for(OptionId option, CommandId command);

#endif
