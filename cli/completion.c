/* svc completion: scripts for the shells, from the tables of commands, options and words. */
#include "cli/commands.h"

#include <unistd.h>

static void add_commands(Buffer *out)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        buffer_add_format(out, "%s%s", i ? " " : "", command_name((CommandId)i));
}

static void add_options(Buffer *out, CommandId command)
{
    bool first = true;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (!option_is_for((OptionId)i, command))
            continue;
        buffer_add_format(out, "%s--%s", first ? "" : " ", option_name((OptionId)i));
        first = false;
    }
}

static void add_words(Buffer *out)
{
    for (size_t i = 0; i < WORD_COUNT; i++) {
        const char *word = vocabulary_row((WordId)i)->word;
        bool seen = word[0] == '\0';
        for (size_t j = 0; j < i && !seen; j++)
            seen = text_equal_c(text_from_c(word), vocabulary_row((WordId)j)->word);
        if (!seen)
            buffer_add_format(out, " %s", word);
    }
}

static void write_bash(Buffer *out)
{
    buffer_add_c(out, "# svc completion for bash: source <(svc completion bash)\n_svc() {\n  local word=\"${COMP_WORDS[COMP_CWORD]}\" choices=\"\"\n"
                      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    choices=\"");
    add_commands(out);
    buffer_add_c(out, "\"\n  else\n    case \"${COMP_WORDS[1]}\" in\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        buffer_add_format(out, "      %s) choices=\"", command_name((CommandId)i));
        add_options(out, (CommandId)i);
        if (i == COMMAND_HELP)
            add_words(out);
        if (i == COMMAND_COMPLETION)
            buffer_add_c(out, " bash zsh fish");
        buffer_add_c(out, "\" ;;\n");
    }
    buffer_add_c(out, "    esac\n  fi\n  COMPREPLY=( $(compgen -W \"$choices\" -- \"$word\") $(compgen -f -- \"$word\") )\n}\n"
                      "complete -o filenames -F _svc svc\n");
}

static void write_zsh(Buffer *out)
{
    buffer_add_c(out, "#compdef svc\n# svc completion for zsh: svc completion zsh > \"${fpath[1]}/_svc\"\n_svc() {\n  if (( CURRENT == 2 )); then\n"
                      "    local -a commands=(\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        buffer_add_format(out, "      '%s:%s'\n", command_name((CommandId)i), command_help((CommandId)i));
    buffer_add_c(out, "    )\n    _describe command commands\n    return\n  fi\n  case $words[2] in\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        buffer_add_format(out, "    %s) compadd -- ", command_name((CommandId)i));
        add_options(out, (CommandId)i);
        if (i == COMMAND_HELP)
            add_words(out);
        if (i == COMMAND_COMPLETION)
            buffer_add_c(out, " bash zsh fish");
        buffer_add_c(out, " ;;\n");
    }
    buffer_add_c(out, "  esac\n  _files\n}\n_svc \"$@\"\n");
}

static void write_fish(Buffer *out)
{
    buffer_add_c(out, "# svc completion for fish: svc completion fish > ~/.config/fish/completions/svc.fish\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        buffer_add_format(out, "complete -c svc -n __fish_use_subcommand -a %s -d '%s'\n", command_name((CommandId)i), command_help((CommandId)i));
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        buffer_add_c(out, "complete -c svc -n '__fish_seen_subcommand_from");
        for (size_t j = 0; j < COMMAND_COUNT; j++)
            if (option_is_for((OptionId)i, (CommandId)j))
                buffer_add_format(out, " %s", command_name((CommandId)j));
        buffer_add_format(out, "' -l %s%s -d '%s'\n", option_name((OptionId)i), option_value((OptionId)i) ? " -r" : "", option_help((OptionId)i));
    }
    buffer_add_format(out, "complete -c svc -n '__fish_seen_subcommand_from %s' -a '", command_name(COMMAND_HELP));
    add_words(out);
    buffer_add_format(out, "'\ncomplete -c svc -n '__fish_seen_subcommand_from %s' -a 'bash zsh fish'\n", command_name(COMMAND_COMPLETION));
}

int command_completion(Session *session)
{
    Buffer out = {0};
    Text shell = session->options.operands.count == 1 ? session->options.operands.items[0] : TEXT_NONE;
    if (text_equal_c(shell, "bash"))
        write_bash(&out);
    else if (text_equal_c(shell, "zsh"))
        write_zsh(&out);
    else if (text_equal_c(shell, "fish"))
        write_fish(&out);
    bool known = out.length > 0;
    if (!known)
        (void)!session_write(STDERR_FILENO, TEXT("svc: completion takes one of bash, zsh, fish\n"));
    bool written = session_write(STDOUT_FILENO, buffer_text(&out));
    buffer_free(&out);
    return !known ? EXIT_USAGE : written ? EXIT_CLEAN : EXIT_FINDINGS;
}
