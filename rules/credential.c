/* Literals that look like credentials: in a document they are in clear text for everybody who may read a task definition, for ever, since
   revisions stay. What each looks like is in one table; what is found is never shown whole. */
#include "rules/credential.h"

#include "base/pattern.h"
#include "rules/rule.h"

/* --- what they look like --- */

/* A pattern is tried only where its anchor stands, so that a document without any costs no more than looking for these. */
typedef struct Looks {
    const char *what;
    const char *anchor;
    const char *pattern; /* its first group, where it has one, is what must not be a placeholder */
} Looks;

static const Looks looks[] = {
    {"an AWS access key", "AKIA", "(?<![A-Za-z0-9])AKIA[A-Z2-7]{16}(?![A-Za-z0-9])"},
    {"an AWS access key", "ASIA", "(?<![A-Za-z0-9])ASIA[A-Z2-7]{16}(?![A-Za-z0-9])"},
    {"a private key", "PRIVATE KEY-----", "-----BEGIN [A-Z ]*PRIVATE KEY-----"},
    {"a GitHub token", "ghp_", "ghp_[A-Za-z0-9]{36}"},
    {"a GitHub token", "gho_", "gho_[A-Za-z0-9]{36}"},
    {"a GitHub token", "ghu_", "ghu_[A-Za-z0-9]{36}"},
    {"a GitHub token", "ghs_", "ghs_[A-Za-z0-9]{36}"},
    {"a GitHub token", "ghr_", "ghr_[A-Za-z0-9]{36}"},
    {"a GitHub token", "github_pat_", "github_pat_[A-Za-z0-9_]{22,}"},
    {"a GitLab token", "glpat-", "glpat-[A-Za-z0-9_-]{20,}"},
    {"a Slack token", "xox", "xox[abeoprs]-[A-Za-z0-9-]{10,}"},
    {"a Slack webhook", "hooks.slack.com/services/", "hooks\\.slack\\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{16,}"},
    {"a Stripe key", "k_live_", "[sr]k_live_[A-Za-z0-9]{16,}"},
    {"a Stripe key", "k_test_", "[sr]k_test_[A-Za-z0-9]{16,}"},
    {"an Anthropic key", "sk-ant-", "sk-ant-[A-Za-z0-9_-]{16,}"},
    {"an OpenAI key", "sk-", "(?<![A-Za-z0-9])sk-(?:proj-|svcacct-)?(?=[A-Za-z0-9_-]*[0-9])[A-Za-z0-9_-]{32,}"},
    {"a Google key", "AIza", "AIza[0-9A-Za-z_-]{35}"},
    {"a SendGrid key", "SG.", "SG\\.[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]{16,}"},
    {"an npm token", "npm_", "npm_[A-Za-z0-9]{36}"},
    {"a Docker Hub token", "dckr_pat_", "dckr_pat_[A-Za-z0-9_-]{20,}"},
    {"a DigitalOcean token", "dop_v1_", "dop_v1_[a-f0-9]{64}"},
    {"a signed token", "eyJ", "(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{8,}\\.eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}"},
    {"a connection string with a password", "://", "[A-Za-z][A-Za-z0-9+.-]*://[^\\s:/@?#]*:([^\\s/@]+)@"},
    {"a connection string with a password", "assword=", "(?i)(?:^|[;?&\\s])password=\\s*([^;&\\s]+)"},
    {"a connection string with a password", "Pwd=", "(?:^|[;\\s])Pwd=\\s*([^;\\s]+)"},
    {"a storage key", "AccountKey=", "AccountKey=([A-Za-z0-9+/=]{40,})"},
    {"a password", "-password ", "(?:^|\\s)--?[a-z-]*password\\s+([^\\s-]\\S*)"},
    {"a token", "-token=", "(?:^|\\s)--?[a-z-]*token=(\\S+)"},
    {"a token", "Bearer ", "Bearer\\s+([A-Za-z0-9._~+/-]{16,})"},
};

/* Whether somebody else fills it in: ${VAR}, $(cmd), $VAR, <name>, {{name}}, %NAME%, #{name}, __NAME__, your_key, or nothing but stars and dots. */
static bool is_placeholder(Text text)
{
    static const char *const starts[] = {"$", "<", "{", "%", "#{", "__", "["};
    static const char *const parts[] = {"your_", "your-", "YOUR_", "YOUR-"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (text_starts_with(text, text_from_c(starts[i])))
            return true;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (text_find(text, text_from_c(parts[i])) < text.len)
            return true;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] != '*' && text.ptr[i] != '.' && text.ptr[i] != 'x' && text.ptr[i] != 'X')
            return false;
    return true;
}

/* The bytes that a text holds: no anchor with another one stands in it, and nearly every text is done with that. */
typedef struct ByteSet {
    uint64_t bits[4];
} ByteSet;

static ByteSet bytes_of(Text text)
{
    ByteSet set = {{0}};
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];
        set.bits[byte / 64] |= UINT64_C(1) << (byte % 64);
    }
    return set;
}

static bool may_hold(const ByteSet *set, const char *anchor)
{
    for (const char *at = anchor; *at; at++) {
        unsigned char byte = (unsigned char)*at;
        if (!(set->bits[byte / 64] >> (byte % 64) & 1))
            return false;
    }
    return true;
}

static const Looks *find_look(Arena *scratch, Text text)
{
    enum { SHORTEST = 10 };
    if (text.len < SHORTEST)
        return NULL;
    ByteSet bytes = bytes_of(text);
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
        Text found;
        if (may_hold(&bytes, looks[i].anchor) && text_find(text, text_from_c(looks[i].anchor)) < text.len && pattern_find(scratch, looks[i].pattern, text, &found) && !is_placeholder(found))
            return &looks[i];
    }
    return NULL;
}

/* --- names that promise one --- */

typedef enum NamePromise { PROMISE_NONE, PROMISE_KEY, PROMISE_PASSWORD } NamePromise;

/* How the name of a variable ends. PWD alone is the working directory. */
static const struct {
    const char *end;
    NamePromise promise;
} name_ends[] = {
    {"PASSWORD", PROMISE_PASSWORD}, {"PASSWD", PROMISE_PASSWORD}, {"PASSPHRASE", PROMISE_PASSWORD}, {"_PWD", PROMISE_PASSWORD}, {"_PASS", PROMISE_PASSWORD},
    {"SECRET", PROMISE_KEY},        {"TOKEN", PROMISE_KEY},       {"API_KEY", PROMISE_KEY},         {"APIKEY", PROMISE_KEY},    {"SECRET_KEY", PROMISE_KEY},
    {"PRIVATE_KEY", PROMISE_KEY},   {"ACCESS_KEY", PROMISE_KEY},  {"ENCRYPTION_KEY", PROMISE_KEY},  {"SIGNING_KEY", PROMISE_KEY}, {"MASTER_KEY", PROMISE_KEY},
};

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c == '-' || c == '.' ? '_' : c;
}

static bool ends_with_upper(Text text, const char *end)
{
    Text wanted = text_from_c(end);
    if (text.len < wanted.len)
        return false;
    for (size_t i = 0; i < wanted.len; i++)
        if (upper(text.ptr[text.len - wanted.len + i]) != wanted.ptr[i])
            return false;
    return true;
}

static NamePromise promise_of(Text name)
{
    for (size_t i = 0; i < sizeof name_ends / sizeof *name_ends; i++)
        if (ends_with_upper(name, name_ends[i].end))
            return name_ends[i].promise;
    return PROMISE_NONE;
}

typedef struct Letters {
    size_t digits, lower, upper, others;
} Letters;

static Letters count_letters(Text text)
{
    Letters count = {0};
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        count.digits += byte_is_digit(c);
        count.lower += c >= 'a' && c <= 'z';
        count.upper += c >= 'A' && c <= 'Z';
    }
    count.others = text.len - count.digits - count.lower - count.upper;
    return count;
}

/* Where a secret is rather than a secret: an ARN, an address without a password, a path, a name such as shop/api. */
static bool is_pointer(Text text, NamePromise promise)
{
    bool has_slash = text_find_byte(text, '/') < text.len;
    return text_starts_with(text, TEXT("arn:")) || text_starts_with(text, TEXT("/")) || text_starts_with(text, TEXT("ssm:")) ||
           text_find(text, TEXT("://")) < text.len || text_starts_with(text, TEXT("file:")) || (promise == PROMISE_KEY && has_slash && !count_letters(text).digits);
}

static bool is_setting(Text text, NamePromise promise)
{
    static const char *const settings[] = {"TRUE", "FALSE", "YES", "NO", "NONE", "NULL", "ON", "OFF", "ENABLED", "DISABLED", "REQUIRED", "OPTIONAL"};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (text.len == text_from_c(settings[i]).len && ends_with_upper(text, settings[i]))
            return true;
    return !text.len || (promise == PROMISE_KEY && count_letters(text).digits == text.len);
}

/* As nobody writes a setting or the name of something: letters and digits mixed, and long. */
static bool is_strong(Text text)
{
    enum { MIXED_MIN = 8, PLAIN_MIN = 16 };
    Letters count = count_letters(text);
    bool is_mixed = (count.lower && count.upper) || count.others;
    return count.digits && count.lower + count.upper && text.len >= (is_mixed ? MIXED_MIN : PLAIN_MIN);
}

/* What the name promises and the value does not belie; PROMISE_NONE for settings, and for what only says where a secret is. */
static NamePromise promise_kept(Text name, Text value)
{
    NamePromise promise = promise_of(name);
    return is_pointer(value, promise) || is_setting(value, promise) ? PROMISE_NONE : promise;
}

bool credential_is_likely(Arena *scratch, Text name, Text value)
{
    return find_look(scratch, value) || promise_kept(name, value) != PROMISE_NONE;
}

/* --- reports --- */

static void report(const RuleContext *context, const Resource *resource, DiagnosticCode code, const Json *value, const char *what, Text name)
{
    Diagnostic *diagnostic = name.len ? rule_report(context, resource, code, value, "%.*s holds %s, in clear text", TEXT_ARG(name), what)
                                      : rule_report(context, resource, code, value, "%s, in clear text", what);
    diagnostic_set_label(context->sink, diagnostic, "everybody who may read task definitions reads it, in old revisions too");
    if (context->is_svc && name.len)
        diagnostic_set_advice(context->sink, diagnostic, "keep it in Secrets Manager or SSM and say: secret %.*s from secrets-manager \"…\"", TEXT_ARG(name));
    else if (name.len)
        diagnostic_set_advice(context->sink, diagnostic, "keep it in Secrets Manager or SSM and name it under `secrets` with valueFrom");
    else
        diagnostic_set_advice(context->sink, diagnostic, "keep it in Secrets Manager or SSM, and let the program read it from a variable that is a secret");
    diagnostic_mark_secret(diagnostic);
}

static bool check_text(const RuleContext *context, const Resource *resource, const Json *value, Text name)
{
    Text text = rule_text(value);
    const Looks *look = text.len ? find_look(context->arena, text) : NULL;
    if (look)
        report(context, resource, CODE_CREDENTIAL, value, look->what, name);
    return look != NULL;
}

/* SMTP_PASSWORD_VALUE of SMTP_PASSWORD, or ABC_TOKEN: words in capitals that a script puts the value in the place of. */
static bool is_to_replace(Text text, Text name)
{
    bool is_words = rule_has_only(text, "A-Z_") && text_find_byte(text, '_') < text.len;
    return is_words || (name.len && rule_has_only(text, "A-Z0-9_") && text_find(text, name) < text.len);
}

static void check_variable(const RuleContext *context, const Resource *resource, const Json *variable)
{
    const Json *value = json_get_c(variable, "value");
    Text name = rule_text(json_get_c(variable, "name"));
    Text text = rule_text(value);
    NamePromise promise = promise_kept(name, text);
    if (check_text(context, resource, value, name) || promise == PROMISE_NONE || is_placeholder(text) || is_to_replace(text, name))
        return;
    report(context, resource, is_strong(text) ? CODE_CREDENTIAL : CODE_CREDENTIAL_LIKELY, value,
           promise == PROMISE_PASSWORD ? "a password" : "what looks like a key or token", name);
}

static void check_texts(const RuleContext *context, const Resource *resource, const Json *list)
{
    for (size_t i = 0; i < rule_item_count(list); i++)
        (void)check_text(context, resource, list->items.items[i], TEXT_NONE);
}

static void check_values(const RuleContext *context, const Resource *resource, const Json *map)
{
    for (size_t i = 0; map->kind == JSON_OBJECT && i < map->members.count; i++)
        (void)check_text(context, resource, map->members.items[i].value, TEXT_NONE);
}

static void check_image(const RuleContext *context, const Resource *resource, const Json *image)
{
    (void)check_text(context, resource, image, TEXT_NONE);
}

const Rule credential_rules[] = {
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].environment[]", check_variable},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].image", check_image},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].command", check_texts},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].entryPoint", check_texts},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].healthCheck.command", check_texts},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].dockerLabels", check_values},
    {RESOURCE_TASK_DEFINITION, "containerDefinitions[].logConfiguration.options", check_values},
    {.check = NULL},
};
