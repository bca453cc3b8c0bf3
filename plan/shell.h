/* What a plan's script is made of (SPEC.md, "Script"). Private to plan/. */
#ifndef SVC_PLAN_SHELL_H
#define SVC_PLAN_SHELL_H

#include "plan/plan.h"

/* What an earlier call answered or a lookup found, by the name that the script gives it. */
typedef struct ShellVariable {
    Text resource;
    Text attribute;
    Text name;
    bool is_list;  /* words, where others are one text */
    bool is_given; /* a line of the script so far sets it */
} ShellVariable;

typedef struct Shell {
    Buffer *out;
    const Plan *plan;
    Arena *arena;
    ARRAY(ShellVariable *) variables;
    Text open; /* what stands before a variable's name in a document, and nowhere else in the plan */
} Shell;

/* Chooses what stands before names, and names all that the steps refer to. */
void shell_begin(Shell *shell);
ShellVariable *shell_variable(Shell *shell, Text resource, Text attribute);
/* NULL when nothing refers to it. */
ShellVariable *shell_find_variable(const Shell *shell, Text resource, Text attribute);
/* A copy of the input in which names stand for what only the run knows. */
Json *shell_document(Shell *shell, Json *json);
/* 'text', safe for any shell. */
void shell_add_quoted(Buffer *out, Text text);
/* The text as one word of a command, with variables where it refers to something. */
void shell_add_word(Shell *shell, Json *json);
/* "CreateRule" as the AWS CLI calls it: create-rule. */
void shell_add_operation(Buffer *out, Text operation);
/* plan/shell_lookups.c: the commands that find what exists. */
void shell_add_lookups(Shell *shell);

#endif
