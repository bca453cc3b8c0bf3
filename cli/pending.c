/* Families that are being written: weak, so that the real ones win as they land. Goes away with the last of them. */
#include "cli/commands.h"
#include "diagnostics/render.h"
#include "parser/format.h"

#define PENDING __attribute__((weak))
#define FAMILY(name)                                                   \
    PENDING void name(Emission *emission, const ServiceFacts *facts) \
    {                                                                  \
        (void)emission;                                                \
        (void)facts;                                                   \
    }

FAMILY(emit_scaling) FAMILY(emit_metric_filters)
FAMILY(emit_dashboard) FAMILY(emit_rollout) 
PENDING int command_build(Session *session) { (void)session; return EXIT_CANNOT_RUN; }
PENDING int command_plan(Session *session) { (void)session; return EXIT_CANNOT_RUN; }
PENDING void format_tree(Buffer *out, Arena *arena, const Sources *sources, const Tree *tree)
{
    (void)arena;
    buffer_add(out, sources_text(sources, tree->root->span));
}
