/* svc help: the overview, a command's options, the manual of a word. */
#include "cli/commands.h"

#include "vocabulary/manual.h"

#include <unistd.h>

void help_write_overview(Buffer *out)
{
    buffer_add_c(out, "svc turns a short, typed description of a service into everything AWS needs to run it.\n\nusage: svc COMMAND [options] [operands]\n\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        buffer_add_format(out, "  %-14s %-20s %s\n", command_name((CommandId)i), command_arguments((CommandId)i), command_help((CommandId)i));
    buffer_add_c(out, "\nsvc COMMAND --help shows a command's options, svc help WORD the manual of a word of the language.\n"
                      "Exit codes: 0 good, 1 findings, 2 could not run, 64 wrong usage; with plan --detailed-exitcode 2 means changes.\n");
}

enum { HELP_COLUMN = 37 }; /* where an option's help begins; a longer option has it on the next line */

void help_write_command(Buffer *out, CommandId command)
{
    const char *arguments = command_arguments(command);
    buffer_add_format(out, "svc %s: %s\n\nusage: svc %s [options]%s%s\n\n", command_name(command), command_help(command), command_name(command),
                      arguments[0] ? " " : "", arguments);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (!option_is_for((OptionId)i, command))
            continue;
        const char *value = option_value((OptionId)i);
        int width = HELP_COLUMN - 4 - (int)(text_from_c(option_name((OptionId)i)).len + (value ? text_from_c(value).len + 1 : 0));
        buffer_add_format(out, "  --%s%s%s%s%*s%s\n", option_name((OptionId)i), value ? " " : "", value ? value : "", width > 0 ? "" : "\n",
                          width > 0 ? width : HELP_COLUMN, "", option_help((OptionId)i));
    }
}

static bool write_word(Buffer *out, Arena *arena, Text word)
{
    bool found = false;
    for (size_t i = 0; i < WORD_COUNT; i++) {
        const VocabularyRow *row = vocabulary_row((WordId)i);
        if (word.len == 0 || !text_equal_c(word, row->word))
            continue;
        buffer_add_c(out, found ? "\n" : "");
        manual_write_row(out, arena, row);
        found = true;
    }
    for (size_t i = 0; !found && i < COMMAND_COUNT; i++) {
        if (!text_equal_c(word, command_name((CommandId)i)))
            continue;
        help_write_command(out, (CommandId)i);
        found = true;
    }
    return found;
}

static void report_unknown(Session *session, Text word)
{
    Text best = TEXT_NONE;
    size_t best_distance = word.len / 3 + 2;
    for (size_t i = 0; i < WORD_COUNT; i++) {
        Text candidate = text_from_c(vocabulary_row((WordId)i)->word);
        size_t distance = candidate.len ? text_edit_distance(word, candidate, best_distance) : best_distance;
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    Text message = best.len ? arena_format(&session->arena, "svc: there is no word %.*s; did you mean %.*s?\n", TEXT_ARG(word), TEXT_ARG(best))
                            : arena_format(&session->arena, "svc: there is no word %.*s; docs/reference.md lists them\n", TEXT_ARG(word));
    (void)!session_write(STDERR_FILENO, message);
}

int command_help_word(Session *session)
{
    Buffer out = {0};
    bool good = true;
    if (session->options.given[OPTION_MARKDOWN])
        manual_write_markdown(&out, &session->arena);
    else if (session->options.is_json)
        manual_write_json(&out, &session->arena);
    else if (session->options.operands.count == 0)
        help_write_overview(&out);
    for (size_t i = 0; i < session->options.operands.count; i++) {
        if (write_word(&out, &session->arena, session->options.operands.items[i]))
            continue;
        report_unknown(session, session->options.operands.items[i]);
        good = false;
    }
    bool written = session_print(session, buffer_text(&out));
    buffer_free(&out);
    return !written ? EXIT_CANNOT_RUN : good ? EXIT_CLEAN : EXIT_FINDINGS;
}
