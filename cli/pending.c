/* The commands that are being written: weak, so that the real ones win as they land. Goes away with the last of them. */
#include "cli/commands.h"

#define PENDING __attribute__((weak))

PENDING int command_plan(Session *session) { (void)session; return EXIT_CANNOT_RUN; }
