/* svc-lint.yml: which findings a project wants to hear of, and how loudly (SPEC.md, "Lint settings"). */
#ifndef SVC_CLI_LINT_SETTINGS_H
#define SVC_CLI_LINT_SETTINGS_H

#include "diagnostics/diagnostic.h"

enum { LINT_SETTINGS_BYTES_MAX = 1024 * 1024, LINT_SETTINGS_RULES_MAX = 10000, LINT_SETTINGS_PATTERN_MAX = 1000 };

/* What is said of a code, everywhere or for the files of a pattern. */
typedef struct LintRule {
    Text pattern;      /* empty: all files */
    bool leaves_out;   /* the files are not linted; code and severity mean nothing */
    DiagnosticCode code;
    bool is_off;
    Severity severity;
} LintRule;

typedef struct LintSettings {
    bool is_good;             /* read without a mistake */
    Text folder;              /* that patterns begin in, without links */
    ARRAY(LintRule) rules;    /* in the order of the file, but those of all files first */
    bool has_fail_level;
    Severity fail_level;
} LintSettings;

typedef struct LintSettingsFile {
    Text path;
    const LintSettings *settings;
} LintSettingsFile;

/* The settings of a folder as they were found. */
typedef struct LintFolder {
    Text path;
    Text absolute;
    const LintSettings *settings;
} LintFolder;

/* Zero-initialise, and set arena, sink and given. Each file of settings is read once. */
typedef struct LintSettingsCache {
    Arena *arena;
    Diagnostics *sink;
    Text given; /* the file that --config names; empty: svc-lint.yml, from the folder of what is linted upwards */
    ARRAY(LintFolder) folders;
    ARRAY(LintSettingsFile) files;
} LintSettingsCache;

/* Settings for a file, and the file's path as patterns see it; NULL when there are none. A mistake in them is reported, and they are not good. */
const LintSettings *lint_settings_find(LintSettingsCache *cache, Text path, Text *relative);
/* Whether a pattern leaves the file out. */
bool lint_settings_leave_out(const LintSettings *settings, Text relative);
/* What the settings make of a finding's severity; false when it is off. */
bool lint_settings_apply(const LintSettings *settings, Text relative, DiagnosticCode code, Severity *severity);

/* Reads settings from text registered as `file` in the sink's sources. */
void lint_settings_read_text(Arena *arena, Diagnostics *sink, uint32_t file, LintSettings *out);

#endif
