/* Tree to typed model: modules, layers, types, units, expressions. The compiler's public face. */
#ifndef SVC_COMPILER_COMPILE_H
#define SVC_COMPILER_COMPILE_H

#include "compiler/model.h"

/* A parameter given from outside. */
typedef struct GivenParameter {
    Text name;
    Text value;
    Text origin; /* "--set" or the parameter file's path, for messages */
} GivenParameter;

typedef struct CompileOptions {
    const GivenParameter *parameters;
    size_t parameter_count;
    bool allow_missing; /* lint: a parameter without value is a typed unknown */
    const Text *rule_files; /* their rules hold for every file of the run */
    size_t rule_file_count;
} CompileOptions;

typedef struct Compilation Compilation; /* the standard library and settings, for any number of files */
typedef struct Unit Unit;               /* one file with the modules it uses */

/* Parses the standard library. `arena` must outlive it; sink->sources gets the library's files. */
Compilation *compilation_create(Arena *arena, Diagnostics *sink, const CompileOptions *options);

/* After all files: reports the given parameters that none of them declares. False when there is one. */
bool compilation_check_parameters(Compilation *compilation) __attribute__((warn_unused_result));

/* Loads a file already registered in the sink's sources, and the modules that it uses. What is made lives in `arena`. Mistakes go to the sink; always
   gives a unit. */
Unit *compile_load(Compilation *compilation, Arena *arena, uint32_t file);
/* The environments the file declares, in order. */
const TextArray *unit_environments(const Unit *unit);
const Tree *unit_tree(const Unit *unit);

/* Compiles for one environment; an empty name for a file that declares none. NULL when the environment is unknown (reported) or the file did not parse. With
   mistakes it still gives a model, good enough to find more of them. */
const Model *compile_model(Unit *unit, Text environment);
/* Checks what compiling for environments does not reach: declarations that nothing uses. */
void compile_check_declarations(Unit *unit);

#endif
