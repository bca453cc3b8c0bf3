/* Placeholders: what a pipeline puts a value for, before AWS sees the document. */
#ifndef SVC_FOREIGN_PLACEHOLDER_H
#define SVC_FOREIGN_PLACEHOLDER_H

#include "base/text.h"

typedef enum PlaceholderForm {
    PLACEHOLDER_NONE,
    PLACEHOLDER_SHELL, /* $VAR, ${VAR}, $(VAR): in a command it is ordinary text */
    PLACEHOLDER_OTHER, /* {{tag}}, {% … %}, <ACCOUNT>, %TAG%, __TAG__, #{TAG}#, @tag@, svc:unknown:… */
} PlaceholderForm;

/* The placeholder that begins at `at`: its form, with its end (exclusive). Brackets inside of it pair; it never goes over a line end unless it is in
   braces. */
PlaceholderForm placeholder_at(Text text, size_t at, size_t *end);
/* Whether the text contains one. */
bool placeholder_is_in(Text text);
/* The form of the whole text, when it is nothing but one placeholder. */
PlaceholderForm placeholder_whole(Text text);
/* Whether a tag of a template language that begins at `at` stands for no value: {% … %}, {# … #}, {{#if x}}, {{/if}}, {{else}}, {{- range … }},
   %{ if … }, <% … %>. With its end. */
bool placeholder_is_block(Text text, size_t at, size_t *end);

#endif
