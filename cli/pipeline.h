/* The way of the data, from text to resources, as every command takes it. */
#ifndef SVC_CLI_PIPELINE_H
#define SVC_CLI_PIPELINE_H

#include "cli/lint_settings.h"
#include "cli/options.h"
#include "emit/emit.h"
#include "rules/rules.h"
#include "foreign/env_example.h"

/* What lives as long as a run of the program. */
typedef struct Session {
    Arena arena;          /* the run's: library, options, diagnostics */
    Sources sources;
    Diagnostics sink;
    Options options;
    Compilation *compilation;
    RuleRun *rules; /* as far as the files so far needed them */
    LintSettingsCache lint_settings;
    TextArray looked_at;  /* the files, as they are shown */
    size_t file_count;    /* files looked at */
    bool has_lost_output; /* what was asked for on standard output could not be written */
    Text lost_reason;     /* and why */
    int text_output;      /* where findings for people go instead of to standard error; 0: there */
    EnvExample *env_example; /* what --env-example names; NULL without it */
    Arena spare;          /* memory of the last file, for the next one */
} Session;

/* One file on its way. Its memory is its own, and is freed by pipeline_close. */
typedef struct Pipeline {
    Session *session;
    Arena arena;
    Unit *unit;           /* NULL for a file that is no .svc */
    Text path;            /* as given */
    bool has_file;        /* it could be read, and is file `file` of the sources */
    uint32_t file;
    bool is_foreign;      /* JSON or YAML of other tools: its resources are there and judged already */
    const Model *model;   /* of the last pipeline_compile */
    Resources resources;
    ArenaMark read;       /* where in the arena the last pipeline_compile began */
    size_t found;         /* and how much had been found before it */
} Pipeline;

/* Reads parameter files and makes the compilation ready. False after a report. */
bool session_start(Session *session, bool allow_missing) __attribute__((warn_unused_result));
void session_end(Session *session);
/* The files that the operands name: files as they are, directories by their *.svc, for lint also by the JSON and YAML that could be for svc, "-" for
   standard input. False after a report. */
bool session_list_files(Session *session, TextArray *out) __attribute__((warn_unused_result));
/* Reports that a directory holds nothing for the command. */
void session_report_no_files(Session *session, Text directory);

/* True for a text that is .svc. JSON or YAML is reported, with the commands that take it. */
bool session_takes_svc(Session *session, Text path, Text text) __attribute__((warn_unused_result));

/* text -> tree and modules; with lint, JSON and YAML -> resources, and all that is to be said of them. False when the file cannot be read or is empty
   (reported). A file of a directory that is not for svc after all is passed over: true, without findings. */
bool pipeline_open(Pipeline *pipeline, Session *session, Text path) __attribute__((warn_unused_result));
/* The same for a text that is there already. */
bool pipeline_open_text(Pipeline *pipeline, Session *session, Text shown, Text text) __attribute__((warn_unused_result));
/* tree -> model -> resources, for one environment. False when there is no model (reported). */
bool pipeline_compile(Pipeline *pipeline, Text environment) __attribute__((warn_unused_result));
/* Frees what the last pipeline_compile made, for the next one, unless it found something that tells of it. */
void pipeline_forget(Pipeline *pipeline);
void pipeline_close(Pipeline *pipeline);
/* The environment that --env names, or the only one of the file, or none where the file declares none. False after a report. */
bool pipeline_choose_environment(Pipeline *pipeline, Text *out) __attribute__((warn_unused_result));

/* Prints what was found, as text to stderr or in another form to stdout, and forgets it. Colour goes by stderr wherever the text goes. */
void session_print_diagnostics(Session *session, ReportFormat format);
/* Whether colour is wanted on this stream: a terminal, and NO_COLOR unset. */
bool session_wants_color(int descriptor);
/* Writes what was asked for to standard output. False when that fails, which the end of the run tells. */
bool session_print(Session *session, Text text);
/* Writes all of it to a descriptor; false when that fails (disk full, closed pipe). */
bool session_write(int descriptor, Text text) __attribute__((warn_unused_result));

#endif
