/* The command that is being written: weak, so that the real one wins as it lands. */
#include "cli/commands.h"

__attribute__((weak)) int command_plan(Session *session) { (void)session; return EXIT_CANNOT_RUN; }
