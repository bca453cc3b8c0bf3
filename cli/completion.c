/* svc completion: scripts for the shells, from the tables of commands, options and words. */
#include "cli/commands.h"

#include <unistd.h>

/* What stands behind a command: files, one of a list, or nothing that a shell could know. */
typedef enum OperandKind { OPERAND_NONE, OPERAND_FILES, OPERAND_WORDS, OPERAND_CODES, OPERAND_SHELLS } OperandKind;

/* As the table of commands writes them. */
static OperandKind operand_kind(CommandId command)
{
    static const struct {
        const char *part;
        OperandKind kind;
    } rows[] = {{"FILE", OPERAND_FILES}, {"DIR", OPERAND_FILES}, {"WORD", OPERAND_WORDS}, {"CODE", OPERAND_CODES}, {"bash|zsh|fish", OPERAND_SHELLS}};
    Text arguments = text_from_c(command_arguments(command));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (text_find(arguments, text_from_c(rows[i].part)) < arguments.len)
            return rows[i].kind;
    return OPERAND_NONE;
}

/* What an option's value is: a file, one of a list ("text|json"), or nothing that a shell could know. */
static bool takes_file(OptionId option)
{
    Text value = option_value(option) ? text_from_c(option_value(option)) : TEXT_NONE;
    return text_equal_c(value, "FILE") || text_equal_c(value, "PATH");
}

static bool has_choices(OptionId option)
{
    Text value = option_value(option) ? text_from_c(option_value(option)) : TEXT_NONE;
    return text_find_byte(value, '|') < value.len;
}

static void add_choices(Buffer *out, OptionId option)
{
    for (const char *at = option_value(option); *at; at++)
        buffer_add_byte(out, *at == '|' ? ' ' : *at);
}

/* Text inside of single quotes; `escaped` stands for a quote there. */
static void add_quoted(Buffer *out, const char *text, const char *escaped)
{
    for (const char *at = text; *at; at++) {
        if (*at == '\'')
            buffer_add_c(out, escaped);
        else
            buffer_add_byte(out, *at);
    }
}

static void add_commands(Buffer *out)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        buffer_add_format(out, "%s%s", i ? " " : "", command_name((CommandId)i));
}

static void add_options(Buffer *out, CommandId command)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (option_is_for((OptionId)i, command))
            buffer_add_format(out, " --%s", option_name((OptionId)i));
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

/* The operands that are a list, each with a blank before it. */
static void add_operands(Buffer *out, CommandId command)
{
    switch (operand_kind(command)) {
    case OPERAND_WORDS: add_words(out); break;
    case OPERAND_CODES:
        for (size_t i = 0; i < CODE_COUNT; i++)
            buffer_add_format(out, " %s", diagnostic_page((DiagnosticCode)i)->code);
        break;
    case OPERAND_SHELLS: buffer_add_c(out, " bash zsh fish"); break;
    case OPERAND_FILES:
    case OPERAND_NONE: break;
    }
}

/* --- bash --- */

static void write_bash_values(Buffer *out)
{
    buffer_add_c(out, "    case \"$before\" in\n");
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (!option_value((OptionId)i))
            continue;
        buffer_add_format(out, "      --%s) choices=\"", option_name((OptionId)i));
        if (has_choices((OptionId)i))
            add_choices(out, (OptionId)i);
        buffer_add_format(out, "\" files=%s ;;\n", takes_file((OptionId)i) ? "yes" : "");
    }
    buffer_add_c(out, "    esac\n");
}

static void write_bash(Buffer *out)
{
    buffer_add_c(out, "# svc completion for bash: source <(svc completion bash)\n_svc() {\n"
                      "  local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\" choices=\"\" files=\"\" found IFS=$' \\t\\n'\n"
                      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    choices=\"");
    add_commands(out);
    buffer_add_c(out, "\"\n  else\n    case \"${COMP_WORDS[1]}\" in\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        bool has_files = operand_kind((CommandId)i) == OPERAND_FILES;
        buffer_add_format(out, "      %s) choices=\"", command_name((CommandId)i));
        add_options(out, (CommandId)i);
        add_operands(out, (CommandId)i);
        buffer_add_format(out, "\" files=%s ;;\n", has_files ? "yes" : "");
    }
    buffer_add_c(out, "    esac\n");
    write_bash_values(out);
    buffer_add_c(out, "  fi\n  COMPREPLY=( $(compgen -W \"$choices\" -- \"$word\") )\n  [ -n \"$files\" ] || return 0\n"
                      "  while IFS= read -r found; do COMPREPLY+=(\"$found\"); done < <(compgen -f -- \"$word\")\n}\n"
                      "complete -o filenames -F _svc svc\n");
}

/* --- zsh --- */

static void write_zsh_option(Buffer *out, OptionId option)
{
    Text help = text_from_c(option_help(option));
    bool may_repeat = text_find(help, TEXT("may be repeated")) < help.len;
    const char *value = option_value(option);
    buffer_add_format(out, " \\\n        '%s--%s%s[", may_repeat ? "*" : "", option_name(option), value ? "=" : "");
    add_quoted(out, option_help(option), "'\\''");
    buffer_add_byte(out, ']');
    if (value)
        buffer_add_format(out, ":%s:", has_choices(option) ? "one of" : value);
    if (has_choices(option)) {
        buffer_add_byte(out, '(');
        add_choices(out, option);
        buffer_add_byte(out, ')');
    } else if (takes_file(option)) {
        buffer_add_c(out, "_files");
    }
    buffer_add_byte(out, '\'');
}

static void write_zsh_command(Buffer *out, CommandId command)
{
    OperandKind kind = operand_kind(command);
    buffer_add_format(out, "    %s)\n      _arguments", command_name(command));
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (option_is_for((OptionId)i, command))
            write_zsh_option(out, (OptionId)i);
    if (kind == OPERAND_FILES)
        buffer_add_c(out, " \\\n        '*:file:_files'");
    if (kind != OPERAND_FILES && kind != OPERAND_NONE) {
        buffer_add_c(out, " \\\n        '*:one of:(");
        add_operands(out, command);
        buffer_add_c(out, " )'");
    }
    buffer_add_c(out, " ;;\n");
}

static void write_zsh(Buffer *out)
{
    buffer_add_c(out, "#compdef svc\n# svc completion for zsh: svc completion zsh > \"${fpath[1]}/_svc\", or after compinit: source <(svc completion zsh)\n"
                      "_svc() {\n  if (( CURRENT == 2 )); then\n    local -a names=(\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        buffer_add_format(out, "      '%s:", command_name((CommandId)i));
        add_quoted(out, command_help((CommandId)i), "'\\''");
        buffer_add_c(out, "'\n");
    }
    buffer_add_c(out, "    )\n    _describe command names\n    return\n  fi\n  local command=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $command in\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        write_zsh_command(out, (CommandId)i);
    /* On fpath the file is the function's own body; sourced, it only says what it is for. */
    buffer_add_c(out, "  esac\n}\nif [[ $funcstack[1] == _svc ]]; then\n  _svc \"$@\"\nelse\n  compdef _svc svc\nfi\n");
}

/* --- fish --- */

static void write_fish_option(Buffer *out, OptionId option)
{
    buffer_add_c(out, "complete -c svc -n '__fish_seen_subcommand_from");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (option_is_for(option, (CommandId)i))
            buffer_add_format(out, " %s", command_name((CommandId)i));
    buffer_add_format(out, "' -l %s", option_name(option));
    if (has_choices(option)) {
        buffer_add_c(out, " -x -a '");
        add_choices(out, option);
        buffer_add_byte(out, '\'');
    } else if (option_value(option)) {
        buffer_add_c(out, takes_file(option) ? " -r -F" : " -x");
    }
    buffer_add_c(out, " -d '");
    add_quoted(out, option_help(option), "\\'");
    buffer_add_c(out, "'\n");
}

static void write_fish(Buffer *out)
{
    buffer_add_c(out, "# svc completion for fish: svc completion fish > ~/.config/fish/completions/svc.fish\ncomplete -c svc -f\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        buffer_add_format(out, "complete -c svc -n __fish_use_subcommand -a %s -d '", command_name((CommandId)i));
        add_quoted(out, command_help((CommandId)i), "\\'");
        buffer_add_c(out, "'\n");
    }
    for (size_t i = 0; i < OPTION_COUNT; i++)
        write_fish_option(out, (OptionId)i);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        OperandKind kind = operand_kind((CommandId)i);
        if (kind == OPERAND_NONE)
            continue;
        buffer_add_format(out, "complete -c svc -n '__fish_seen_subcommand_from %s' ", command_name((CommandId)i));
        if (kind == OPERAND_FILES) {
            buffer_add_c(out, "-F\n");
            continue;
        }
        buffer_add_c(out, "-a '");
        add_operands(out, (CommandId)i);
        buffer_add_c(out, " '\n");
    }
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
    bool written = session_print(session, buffer_text(&out));
    buffer_free(&out);
    return !known ? EXIT_USAGE : written ? EXIT_CLEAN : EXIT_CANNOT_RUN;
}
