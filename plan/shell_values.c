/* Names for what only the run of a script knows, and documents with these names in them. */
#include "plan/shell.h"

static const char reference_key[] = "svc:ref";

/* --- names --- */

/* Letters, digits and lines below; what services share has no prefix. */
static Text variable_name(const Shell *shell, Text resource, Text attribute)
{
    Text shared = TEXT("shared/");
    Text id = text_starts_with(resource, shared) ? text_slice(resource, shared.len, resource.len) : resource;
    Buffer name = {0};
    for (size_t part = 0; part < 2; part++) {
        Text text = part ? attribute : id;
        if (part || !text.len || byte_is_digit(text.ptr[0]))
            buffer_add_byte(&name, '_');
        for (size_t i = 0; i < text.len; i++) {
            char byte = text.ptr[i];
            if (byte >= 'A' && byte <= 'Z')
                byte = (char)(byte - 'A' + 'a');
            buffer_add_byte(&name, (byte >= 'a' && byte <= 'z') || byte_is_digit(byte) ? byte : '_');
        }
    }
    Text result = arena_copy_text(shell->arena, buffer_text(&name));
    buffer_free(&name);
    return result;
}

static bool is_taken(const Shell *shell, Text name)
{
    for (size_t i = 0; i < shell->variables.count; i++)
        if (text_equal(shell->variables.items[i]->name, name))
            return true;
    return false;
}

ShellVariable *shell_find_variable(const Shell *shell, Text resource, Text attribute)
{
    for (size_t i = 0; i < shell->variables.count; i++)
        if (text_equal(shell->variables.items[i]->resource, resource) && text_equal(shell->variables.items[i]->attribute, attribute))
            return shell->variables.items[i];
    return NULL;
}

ShellVariable *shell_variable(Shell *shell, Text resource, Text attribute)
{
    ShellVariable *found = shell_find_variable(shell, resource, attribute);
    if (found)
        return found;
    Text plain = variable_name(shell, resource, attribute);
    Text name = plain;
    for (size_t number = 2; is_taken(shell, name); number++)
        name = arena_format(shell->arena, "%.*s_%zu", TEXT_ARG(plain), number);
    ShellVariable *variable = ARENA_NEW(shell->arena, ShellVariable);
    *variable = (ShellVariable){resource, attribute, name, text_ends_with(attribute, TEXT("-subnets")), false};
    ARRAY_PUSH(shell->arena, &shell->variables, variable);
    return variable;
}

/* --- references --- */

/* The variable that the value stands for; NULL when it is a value. */
static const ShellVariable *referred(Shell *shell, const Json *json)
{
    if (json->kind == JSON_REFERENCE)
        return json->reference->known.len ? NULL : shell_variable(shell, json->reference->resource, json->reference->attribute);
    const Json *reference = json_length(json) == 1 ? json_get_c(json, reference_key) : NULL;
    if (!reference || reference->kind != JSON_TEXT)
        return NULL;
    size_t mark = reference->text.len;
    while (mark > 0 && reference->text.ptr[mark - 1] != '#')
        mark--;
    return mark ? shell_variable(shell, text_slice(reference->text, 0, mark - 1), text_slice(reference->text, mark, reference->text.len)) : NULL;
}

/* The text's part before the account or region that no file says; what follows it is in *rest, and the variable in *name. */
static Text before_unknown(Text text, Text *name, Text *rest)
{
    size_t account = text_find(text, TEXT(MODEL_UNKNOWN_ACCOUNT));
    size_t region = text_find(text, TEXT(MODEL_UNKNOWN_REGION));
    size_t first = account < region ? account : region;
    size_t length = account < region ? sizeof MODEL_UNKNOWN_ACCOUNT - 1 : sizeof MODEL_UNKNOWN_REGION - 1;
    *name = first == text.len ? TEXT_NONE : account < region ? TEXT("account") : TEXT("region");
    *rest = first == text.len ? TEXT_NONE : text_slice(text, first + length, text.len);
    return text_slice(text, 0, first);
}

/* --- documents --- */

static Json *name_in_document(const Shell *shell, Text name, const char *how)
{
    return json_text(shell->arena, arena_format(shell->arena, "%.*s%s%.*s}}", TEXT_ARG(shell->open), how, TEXT_ARG(name)));
}

static Json *text_document(const Shell *shell, Json *json, Text text, bool is_inner)
{
    Text name;
    Text rest;
    Text before = before_unknown(text, &name, &rest);
    if (!name.len)
        return json->kind == JSON_TEXT ? json : json_text(shell->arena, text);
    Json *joined = json_joined(shell->arena);
    while (true) {
        json_add(shell->arena, joined, json_text(shell->arena, before));
        if (!name.len)
            return joined;
        json_add(shell->arena, joined, name_in_document(shell, name, is_inner ? "inner " : ""));
        before = before_unknown(rest, &name, &rest);
    }
}

static Json *document(Shell *shell, Json *json, bool is_inner)
{
    const ShellVariable *variable = referred(shell, json);
    if (variable)
        return name_in_document(shell, variable->name, variable->is_list ? "each " : is_inner ? "inner " : "");
    Json *copy = json;
    switch (json->kind) {
    case JSON_ARRAY:
    case JSON_JOINED:
        copy = json->kind == JSON_ARRAY ? json_array(shell->arena) : json_joined(shell->arena);
        for (size_t i = 0; i < json->items.count; i++)
            json_add(shell->arena, copy, document(shell, json->items.items[i], is_inner));
        return copy;
    case JSON_OBJECT:
        copy = json_object(shell->arena);
        for (size_t i = 0; i < json->members.count; i++)
            json_set(shell->arena, copy, json->members.items[i].key, document(shell, json->members.items[i].value, is_inner));
        return copy;
    case JSON_EMBEDDED: return json_embedded(shell->arena, document(shell, json->embedded, true));
    case JSON_REFERENCE: return text_document(shell, json, json->reference->known, is_inner);
    case JSON_TEXT: return text_document(shell, json, json->text, is_inner);
    case JSON_NULL:
    case JSON_BOOL:
    case JSON_NUMBER:
    case JSON_UNKNOWN: break;
    }
    return copy;
}

Json *shell_document(Shell *shell, Json *json)
{
    return document(shell, json, false);
}

void shell_begin(Shell *shell)
{
    const Plan *plan = shell->plan;
    Buffer all = {0};
    for (size_t i = 0; i < plan->steps.count; i++)
        json_write(&all, plan->steps.items[i]->input, 0);
    shell->open = TEXT("{{");
    for (size_t number = 1; text_find(buffer_text(&all), shell->open) < all.length; number++)
        shell->open = arena_format(shell->arena, "{{%zu:", number);
    buffer_free(&all);
    for (size_t i = 0; i < plan->steps.count; i++)
        (void)shell_document(shell, plan->steps.items[i]->input);
}

/* --- words of commands --- */

void shell_add_quoted(Buffer *out, Text text)
{
    buffer_add_byte(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'')
            buffer_add_c(out, "'\\''");
        else
            buffer_add_byte(out, text.ptr[i]);
    }
    buffer_add_byte(out, '\'');
}

static void add_text_word(const Shell *shell, Text text)
{
    Text name;
    Text before = before_unknown(text, &name, &text);
    if (before.len)
        shell_add_quoted(shell->out, before);
    if (!name.len)
        return;
    buffer_add_format(shell->out, "\"$%.*s\"", TEXT_ARG(name));
    add_text_word(shell, text);
}

void shell_add_word(Shell *shell, Json *json)
{
    const ShellVariable *variable = referred(shell, json);
    if (variable)
        buffer_add_format(shell->out, "\"$%.*s\"", TEXT_ARG(variable->name));
    else if (json->kind == JSON_REFERENCE)
        add_text_word(shell, json->reference->known);
    else if (json->kind == JSON_TEXT)
        add_text_word(shell, json->text);
    else
        for (size_t i = 0; json->kind == JSON_JOINED && i < json->items.count; i++)
            shell_add_word(shell, json->items.items[i]);
}

void shell_add_operation(Buffer *out, Text operation)
{
    for (size_t i = 0; i < operation.len; i++) {
        char byte = operation.ptr[i];
        bool is_upper = byte >= 'A' && byte <= 'Z';
        if (is_upper && i)
            buffer_add_byte(out, '-');
        buffer_add_byte(out, is_upper ? (char)(byte - 'A' + 'a') : byte);
    }
}
