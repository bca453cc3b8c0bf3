/* A Copilot manifest: one service, worker or scheduled job, with its sidecars and what differs between environments. */
#include "foreign/import.h"

#include "foreign/import_text.h"
#include "foreign/unrender.h"

#include <string.h>

typedef struct Copilot {
    Arena *arena;
    Diagnostics *sink;
    const Json *manifest;
    Import *import;
    ImportService service;
    Buffer statements;
    Json *task;
    Json *container;
    Text name;
} Copilot;

static Text text_at(const Copilot *c, const Json *json, const char *member)
{
    return import_scalar_text(c->arena, json_get_c(json, member));
}

static void choose(Copilot *c, Text line)
{
    ARRAY_PUSH(c->arena, &c->service.chosen, line);
}

static const char *word(WordId id)
{
    return vocabulary_row(id)->word;
}

/* Tells in comments what an object of the manifest says besides these members. */
static void tell_rest(Copilot *c, Text where, const Json *object, const char *const *said, size_t count)
{
    for (size_t i = 0; object && object->kind == JSON_OBJECT && i < object->members.count; i++) {
        Text member = object->members.items[i].key;
        bool is_said = false;
        for (size_t j = 0; j < count; j++)
            is_said = is_said || text_equal_c(member, said[j]);
        if (!is_said)
            choose(c, arena_format(c->arena, "left out: %.*s.%.*s", TEXT_ARG(where), TEXT_ARG(member)));
    }
}

/* --- what may stand in an environment too --- */

/* What a layer has to take back before it says a fixed count. */
static void write_fixed(const Copilot *c, Buffer *out, const Json *from, int64_t count)
{
    if (from != c->manifest && json_get_c(json_get_c(c->manifest, "count"), "range"))
        buffer_add_format(out, "%s %s\n", word(W_WITHOUT), word(W_SCALE));
    buffer_add_format(out, "%s %lld\n", word(W_COUNT), (long long)count);
}

/* `cpu` in CPU units and `memory` in MiB are a size. */
static void write_size(const Copilot *c, Buffer *out, const Json *from)
{
    int64_t cpu;
    int64_t memory;
    if (!import_integer(text_at(c, from, "cpu"), &cpu) || !import_integer(text_at(c, from, "memory"), &memory))
        return;
    enum { UNITS = 1024 };
    Rational share;
    if (!rational_make(&share, cpu, UNITS))
        return;
    buffer_add_format(out, "%s %.*s vcpu %lld MiB\n", word(W_COMPUTE), TEXT_ARG(rational_to_text(c->arena, share)), (long long)memory);
}

static void write_track(const Copilot *c, Buffer *out, const Json *count, const char *member, const char *metric, const char *unit)
{
    const Json *said = json_get_c(count, member);
    Text value = import_scalar_text(c->arena, said && said->kind == JSON_OBJECT ? json_get_c(said, "value") : said);
    if (value.len)
        buffer_add_format(out, "%s %s at %.*s%s\n", word(W_TRACK), metric, TEXT_ARG(value), unit);
}

static void write_count(const Copilot *c, Buffer *out, const Json *from)
{
    const Json *count = json_get_c(from, "count");
    const Json *range = json_get_c(count, "range");
    int64_t low;
    int64_t high;
    if (!count)
        return;
    if (count->kind != JSON_OBJECT) {
        if (import_integer(import_scalar_text(c->arena, count), &low))
            write_fixed(c, out, from, low);
        return;
    }
    Text text = import_scalar_text(c->arena, range);
    size_t dash = text_find_byte(text, '-');
    bool is_range = import_integer(text_slice(text, 0, dash), &low) && import_integer(text_slice(text, dash + 1, text.len), &high);
    if (range && range->kind == JSON_OBJECT)
        is_range = import_integer(text_at(c, range, "min"), &low) && import_integer(text_at(c, range, "max"), &high);
    if (!is_range) {
        if (!json_get_c(count, "spot") || !import_integer(text_at(c, count, "spot"), &low))
            return;
        write_fixed(c, out, from, low);
        buffer_add_format(out, "%s 100%%\n", word(W_SPOT));
        return;
    }
    Buffer tracks = {0};
    write_track(c, &tracks, count, "cpu_percentage", "cpu", "%");
    write_track(c, &tracks, count, "memory_percentage", "memory", "%");
    write_track(c, &tracks, count, "requests", "requests-per-target", "");
    buffer_add_format(out, "%s %lld..%lld {\n%.*s}\n", word(W_SCALE), (long long)low, (long long)high, TEXT_ARG(buffer_text(&tracks)));
    buffer_free(&tracks);
}

static void write_variables(const Copilot *c, Buffer *out, const Json *from)
{
    const Json *variables = json_get_c(from, "variables");
    Buffer body = {0};
    for (size_t i = 0; variables && variables->kind == JSON_OBJECT && i < variables->members.count; i++) {
        Text value = import_scalar_text(c->arena, variables->members.items[i].value);
        if (!value.len && variables->members.items[i].value->kind == JSON_OBJECT)
            continue;
        unrender_name(&body, variables->members.items[i].key);
        buffer_add_byte(&body, ' ');
        unrender_text(&body, value);
        buffer_add_byte(&body, '\n');
    }
    if (body.length)
        buffer_add_format(out, "%s {\n%.*s}\n", word(W_ENV), TEXT_ARG(buffer_text(&body)));
    buffer_free(&body);
}

static void write_secret(const Copilot *c, Buffer *out, Text name, const Json *from)
{
    bool is_manager = from->kind == JSON_OBJECT && json_get_c(from, "secretsmanager");
    Text where = is_manager ? text_at(c, from, "secretsmanager") : import_scalar_text(c->arena, from);
    if (!where.len)
        return;
    buffer_add_format(out, "%s ", word(W_SECRET));
    unrender_name(out, name);
    buffer_add_format(out, " %s %s ", word(W_SECRET_FROM), is_manager ? "secrets-manager" : "parameter-store");
    size_t colon = is_manager && !text_starts_with(where, TEXT("arn:")) ? text_find_byte(where, ':') : where.len;
    unrender_text(out, text_slice(where, 0, colon));
    Text key = text_slice(where, colon + 1, where.len);
    key = text_slice(key, 0, text_find_byte(key, ':'));
    if (key.len) {
        buffer_add_format(out, " %s ", word(W_SECRET_KEY));
        unrender_text(out, key);
    }
    buffer_add_byte(out, '\n');
}

static void write_secrets(const Copilot *c, Buffer *out, const Json *from)
{
    const Json *secrets = json_get_c(from, "secrets");
    for (size_t i = 0; secrets && secrets->kind == JSON_OBJECT && i < secrets->members.count; i++)
        write_secret(c, out, secrets->members.items[i].key, secrets->members.items[i].value);
}

/* --- environments --- */

static void write_environment(Copilot *c, Text name, const Json *said)
{
    static const char *const members[] = {"cpu", "memory", "count", "variables", "secrets", "exec"};
    Buffer body = {0};
    Buffer container = {0};
    tell_rest(c, arena_format(c->arena, "environments.%.*s", TEXT_ARG(name)), said, members, sizeof members / sizeof *members);
    write_size(c, &body, said);
    write_count(c, &body, said);
    write_variables(c, &container, said);
    write_secrets(c, &container, said);
    if (container.length) {
        buffer_add_format(&body, "%s ", word(W_CONTAINER));
        unrender_name(&body, c->name);
        buffer_add_format(&body, " {\n%.*s}\n", TEXT_ARG(buffer_text(&container)));
    }
    if (import_flag(json_get_c(said, "exec")))
        buffer_add_format(&body, "%s yes\n", word(W_EXEC));
    ARRAY_PUSH(c->arena, &c->import->environments, name);
    if (body.length) {
        buffer_add_format(&c->statements, "%s ", word(W_IN_LAYER));
        unrender_name(&c->statements, name);
        buffer_add_format(&c->statements, " {\n%.*s}\n", TEXT_ARG(buffer_text(&body)));
    }
    buffer_free(&body);
    buffer_free(&container);
}

/* --- traffic --- */

/* ` every 15s …`, behind the path. */
static void write_check(const Copilot *c, Buffer *out, const Json *check)
{
    static const struct {
        const char *member;
        WordId word;
        bool is_time;
    } rows[] = {{"interval", W_ROUTE_HEALTH_EVERY, true},
                {"timeout", W_ROUTE_HEALTH_TIMEOUT, true},
                {"healthy_threshold", W_ROUTE_HEALTH_UP, false},
                {"unhealthy_threshold", W_ROUTE_HEALTH_DOWN, false},
                {"port", W_ROUTE_HEALTH_PORT, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t number;
        Text text = text_at(c, check, rows[i].member);
        if (rows[i].is_time ? import_seconds(text, &number) : import_integer(text, &number))
            buffer_add_format(out, " %s %lld%s", word(rows[i].word), (long long)number, rows[i].is_time ? "s" : "");
    }
    Text codes = text_at(c, check, "success_codes");
    if (!codes.len)
        return;
    buffer_add_format(out, " %s ", word(W_ROUTE_HEALTH_CODES));
    unrender_text(out, codes);
}

static void write_texts(const Copilot *c, Buffer *out, WordId id, const Json *list)
{
    const Json *texts = import_texts(c->arena, list);
    buffer_add_c(out, word(id));
    for (size_t i = 0; i < texts->items.count; i++) {
        buffer_add_byte(out, ' ');
        unrender_text(out, import_scalar_text(c->arena, texts->items.items[i]));
    }
    buffer_add_byte(out, '\n');
}

static bool is_texts(const Json *json)
{
    for (size_t i = 0; json && json->kind == JSON_ARRAY && i < json->items.count; i++)
        if (json->items.items[i]->kind != JSON_TEXT)
            return false;
    return json && (json->kind == JSON_TEXT || (json->kind == JSON_ARRAY && json->items.count));
}

/* A sidecar may take the requests in place of the main container. */
static void find_target(const Copilot *c, const Json *http, Text *container, Text *port)
{
    Text older = text_at(c, http, "targetContainer");
    Text target = text_at(c, http, "target_container");
    target = target.len ? target : older;
    *container = target.len ? target : c->name;
    bool is_main = text_equal(*container, c->name);
    Text said = text_at(c, http, "target_port");
    const Json *from = is_main ? json_get_c(c->manifest, "image") : json_get(json_get_c(c->manifest, "sidecars"), *container);
    *port = said.len ? said : text_at(c, from, "port");
    *port = text_slice(*port, 0, text_find_byte(*port, '/'));
}

static void write_traffic(Copilot *c, const Json *http)
{
    static const char *const said[] = {"path", "healthcheck", "alias", "target_container", "targetContainer", "target_port", "deregistration_delay", "stickiness", "allowed_source_ips"};
    const Json *alias = json_get_c(http, "alias");
    const Json *sources = json_get_c(http, "allowed_source_ips");
    int64_t drain;
    if (is_texts(alias))
        write_texts(c, &c->statements, W_ROUTE_HOST, alias);
    if (is_texts(sources))
        write_texts(c, &c->statements, W_ROUTE_SOURCE, sources);
    if (import_seconds(text_at(c, http, "deregistration_delay"), &drain))
        buffer_add_format(&c->statements, "%s %llds\n", word(W_DRAIN), (long long)drain);
    if (import_flag(json_get_c(http, "stickiness")))
        buffer_add_format(&c->statements, "%s 1d\n", word(W_STICKY));
    if (alias && !is_texts(alias))
        choose(c, TEXT("left out: http.alias; say `host` in the route"));
    tell_rest(c, TEXT("http"), http, said, sizeof said / sizeof *said);
}

static void write_route(Copilot *c)
{
    const Json *http = json_get_c(c->manifest, "http");
    Text path = text_at(c, http, "path");
    const Json *check = json_get_c(http, "healthcheck");
    Text health = check && check->kind == JSON_OBJECT ? text_at(c, check, "path") : import_scalar_text(c->arena, check);
    Text container;
    Text port;
    int64_t grace;
    if (!http || http->kind != JSON_OBJECT)
        return;
    find_target(c, http, &container, &port);
    if (!port.len)
        return;
    Text pattern = !path.len || text_equal_c(path, "/") ? TEXT("/*") : arena_format(c->arena, "/%.*s*", TEXT_ARG(path));
    if (path.len > 1 && path.ptr[0] == '/')
        pattern = arena_format(c->arena, "%.*s*", TEXT_ARG(path));
    if (check && check->kind == JSON_OBJECT && import_seconds(text_at(c, check, "grace_period"), &grace))
        buffer_add_format(&c->statements, "%s %llds\n", word(W_GRACE), (long long)grace);
    buffer_add_format(&c->statements, "%s edge ", word(W_ROUTE));
    unrender_text(&c->statements, pattern);
    buffer_add_format(&c->statements, " %s ", word(W_ROUTE_TO));
    unrender_name(&c->statements, container);
    buffer_add_format(&c->statements, " %.*s {\n", TEXT_ARG(port));
    write_traffic(c, http);
    buffer_add_format(&c->statements, "%s ", word(W_ROUTE_HEALTH));
    unrender_text(&c->statements, health.len ? health : TEXT("/"));
    if (check && check->kind == JSON_OBJECT)
        write_check(c, &c->statements, check);
    buffer_add_c(&c->statements, "\n}\n");
    c->import->statements = arena_format(c->arena, "# to choose: the load balancer's certificate\n%s certificate arn(acm)\n\n%s edge {\n%s https 443 %s internet {\n%s certificate\n}\n}\n\n",
                                         word(W_PARAM), word(W_LOAD_BALANCER), word(W_LISTEN), word(W_RULE_PEER), word(W_CERTIFICATE));
}

/* The next field of a schedule, taken from it. */
static Text take_field(Text *rest)
{
    *rest = text_trim(*rest);
    size_t end = 0;
    while (end < rest->len && rest->ptr[end] != ' ' && rest->ptr[end] != '\t')
        end++;
    Text field = text_slice(*rest, 0, end);
    *rest = text_slice(*rest, end, rest->len);
    return field;
}

/* EventBridge counts the days of a week from 1, cron from 0; and it counts steps from a number. */
static void write_field(Buffer *out, Text field, bool is_weekday)
{
    bool is_step = false;
    for (size_t i = 0; i < field.len; i++) {
        char c = field.ptr[i];
        static const char days[] = "12345671";
        bool counts = is_weekday && c >= '0' && c <= '7' && !is_step;
        is_step = c == '/' || (is_step && byte_is_digit(c));
        if (i == 0 && c == '*' && field.len > 1)
            buffer_add_c(out, is_weekday ? "1" : "0");
        else
            buffer_add_byte(out, counts ? days[c - '0'] : c);
    }
}

/* Copilot takes the five fields of cron, EventBridge six, of which only one may name days. Empty when that cannot say it. */
static Text cron_of(Arena *arena, Text schedule)
{
    enum { FIELDS = 5, DAY = 2, MONTH = 3, WEEKDAY = 4 };
    Text fields[FIELDS];
    Text rest = schedule;
    for (size_t i = 0; i < FIELDS; i++)
        fields[i] = take_field(&rest);
    bool is_daily = text_equal_c(fields[DAY], "*");
    bool is_weekly = !text_equal_c(fields[WEEKDAY], "*");
    bool has_steps_of_dates = text_starts_with(fields[DAY], TEXT("*/")) || text_starts_with(fields[MONTH], TEXT("*/"));
    if (!fields[WEEKDAY].len || text_trim(rest).len || (is_weekly && !is_daily) || has_steps_of_dates)
        return TEXT_NONE;
    Buffer out = {0};
    buffer_add_c(&out, "cron(");
    for (size_t i = 0; i < FIELDS; i++) {
        if ((i == DAY && is_weekly) || (i == WEEKDAY && !is_weekly))
            buffer_add_byte(&out, '?');
        else
            write_field(&out, fields[i], i == WEEKDAY);
        buffer_add_byte(&out, ' ');
    }
    buffer_add_c(&out, "*)");
    Text made = arena_copy_text(arena, buffer_text(&out));
    buffer_free(&out);
    return made;
}

/* "1h30m" is rate(90 minutes). */
static Text rate_of(Arena *arena, Text duration)
{
    enum { MINUTE = 60, HOUR = 3600 };
    int64_t seconds;
    if (!import_seconds(duration, &seconds) || seconds < MINUTE || seconds % MINUTE)
        return TEXT_NONE;
    bool is_hours = seconds % HOUR == 0;
    int64_t count = seconds / (is_hours ? HOUR : MINUTE);
    return arena_format(arena, "rate(%lld %s%s)", (long long)count, is_hours ? "hour" : "minute", count == 1 ? "" : "s");
}

static Text schedule_of(Arena *arena, Text schedule)
{
    static const struct {
        const char *word;
        const char *written;
    } words[] = {{"@hourly", "rate(1 hour)"},           {"@daily", "rate(1 day)"},           {"@midnight", "cron(0 0 * * ? *)"},  {"@weekly", "cron(0 0 ? * 1 *)"},
                 {"@monthly", "cron(0 0 1 * ? *)"}, {"@yearly", "cron(0 0 1 1 ? *)"}, {"@annually", "cron(0 0 1 1 ? *)"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_equal_c(schedule, words[i].word))
            return text_from_c(words[i].written);
    if (text_starts_with(schedule, TEXT("cron(")) || text_starts_with(schedule, TEXT("rate(")))
        return schedule;
    Text every = TEXT("@every ");
    return text_starts_with(schedule, every) ? rate_of(arena, text_trim(text_slice(schedule, every.len, schedule.len))) : cron_of(arena, schedule);
}

static void write_schedule(Copilot *c)
{
    Text schedule = text_at(c, json_get_c(c->manifest, "on"), "schedule");
    if (!schedule.len)
        return;
    Text written = schedule_of(c->arena, schedule);
    if (!written.len) {
        written = TEXT("cron(0 3 * * ? *)");
        choose(c, arena_format(c->arena, "to choose: when it runs; the manifest says %.*s, which EventBridge has no schedule for", TEXT_ARG(schedule)));
    }
    buffer_add_format(&c->statements, "%s %s ", word(W_RUN), word(W_RUN_AT));
    unrender_text(&c->statements, written);
    buffer_add_byte(&c->statements, '\n');
}

/* --- the task --- */

static void read_image(Copilot *c, Json *container, const Json *image, Text name)
{
    const Json *location = json_get_c(image, "location");
    if (location || (image && image->kind != JSON_OBJECT)) {
        json_set_c(c->arena, container, "image", import_value(c->arena, location ? location : image));
        return;
    }
    json_set_c(c->arena, container, "image",
               json_unknown(c->arena, arena_format(c->arena, "ACCOUNT.dkr.ecr.REGION.amazonaws.com/%.*s:${IMAGE_TAG}", TEXT_ARG(name))));
    choose(c, arena_format(c->arena, "chosen: the image is built and pushed to ECR as %.*s", TEXT_ARG(name)));
}

/* Adds a port, once. */
static void read_port(const Copilot *c, Json *container, Text port)
{
    int64_t number;
    if (!import_integer(text_slice(port, 0, text_find_byte(port, '/')), &number))
        return;
    Json *list = json_get_c(container, "portMappings");
    if (!list) {
        list = json_array(c->arena);
        json_set_c(c->arena, container, "portMappings", list);
    }
    Json *mapping = json_object(c->arena);
    json_set_c(c->arena, mapping, "containerPort", json_integer(c->arena, number));
    for (size_t i = 0; i < list->items.count; i++)
        if (json_equal(list->items.items[i], mapping))
            return;
    json_add(c->arena, list, mapping);
}

/* The route's own port, where the container listens on another one too. */
static void read_target_port(const Copilot *c, Json *container)
{
    Text target;
    Text port;
    const Json *http = json_get_c(c->manifest, "http");
    if (!http || http->kind != JSON_OBJECT)
        return;
    find_target(c, http, &target, &port);
    if (text_equal(target, import_scalar_text(c->arena, json_get_c(container, "name"))))
        read_port(c, container, port);
}

static void read_words(const Copilot *c, Json *container, const Json *from, const char *member, const char *aws)
{
    const Json *json = json_get_c(from, member);
    Json *list = json && json->kind == JSON_ARRAY ? import_texts(c->arena, json) : json_array(c->arena);
    if (json && json->kind != JSON_ARRAY)
        import_split_words(c->arena, import_scalar_text(c->arena, json), list);
    json_set_c(c->arena, container, aws, json_length(list) ? list : NULL);
}

static void read_health(const Copilot *c, Json *container, const Json *check)
{
    static const struct {
        const char *member;
        const char *aws;
    } times[] = {{"interval", "interval"}, {"timeout", "timeout"}, {"start_period", "startPeriod"}};
    const Json *command = json_get_c(check, "command");
    Json *health = command ? json_make_path(c->arena, container, TEXT("healthCheck")) : NULL;
    if (!health)
        return;
    Json *words = command->kind == JSON_ARRAY ? import_texts(c->arena, command) : json_array(c->arena);
    if (command->kind != JSON_ARRAY) {
        json_add(c->arena, words, json_text_c(c->arena, "CMD-SHELL"));
        json_add(c->arena, words, import_value(c->arena, command));
    }
    json_set_c(c->arena, health, "command", words);
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        int64_t seconds;
        if (import_seconds(text_at(c, check, times[i].member), &seconds))
            json_set_c(c->arena, health, times[i].aws, json_integer(c->arena, seconds));
    }
    int64_t retries;
    if (import_integer(text_at(c, check, "retries"), &retries))
        json_set_c(c->arena, health, "retries", json_integer(c->arena, retries));
}

static void read_variables(Copilot *c, Json *container, const Json *from)
{
    const Json *variables = json_get_c(from, "variables");
    Json *list = json_array(c->arena);
    for (size_t i = 0; variables && variables->kind == JSON_OBJECT && i < variables->members.count; i++) {
        const JsonMember *member = &variables->members.items[i];
        if (member->value->kind == JSON_OBJECT) {
            choose(c, arena_format(c->arena, "left out: the variable %.*s, whose value another stack gives; say it under `env`", TEXT_ARG(member->key)));
            continue;
        }
        Json *item = json_object(c->arena);
        json_set_c(c->arena, item, "name", json_text(c->arena, member->key));
        json_set_c(c->arena, item, "value", json_text(c->arena, import_scalar_text(c->arena, member->value)));
        json_add(c->arena, list, item);
    }
    json_set_c(c->arena, container, "environment", json_length(list) ? list : NULL);
}

/* Names become ARNs whose account and region somebody fills in; writing turns them into names again. */
static void read_secrets(Copilot *c, Json *container, const Json *from)
{
    const Json *secrets = json_get_c(from, "secrets");
    Json *list = json_array(c->arena);
    for (size_t i = 0; secrets && secrets->kind == JSON_OBJECT && i < secrets->members.count; i++) {
        const Json *said = secrets->members.items[i].value;
        Text manager = said->kind == JSON_OBJECT ? text_at(c, said, "secretsmanager") : TEXT_NONE;
        Text where = manager.len ? manager : import_scalar_text(c->arena, said);
        if (!where.len) {
            choose(c, arena_format(c->arena, "left out: the secret %.*s, which another stack names; say it as `secret`", TEXT_ARG(secrets->members.items[i].key)));
            continue;
        }
        if (manager.len && !text_starts_with(manager, TEXT("arn:")))
            where = arena_format(c->arena, "arn:aws:secretsmanager:REGION:ACCOUNT:secret:%.*s", TEXT_ARG(manager));
        Json *item = json_object(c->arena);
        json_set_c(c->arena, item, "name", json_text(c->arena, secrets->members.items[i].key));
        json_set_c(c->arena, item, "valueFrom", json_text(c->arena, where));
        json_add(c->arena, list, item);
    }
    json_set_c(c->arena, container, "secrets", json_length(list) ? list : NULL);
}

static void read_sidecars(Copilot *c, Json *containers)
{
    static const char *const members[] = {"image", "port", "command", "healthcheck", "variables", "secrets", "essential"};
    const Json *sidecars = json_get_c(c->manifest, "sidecars");
    for (size_t i = 0; sidecars && sidecars->kind == JSON_OBJECT && i < sidecars->members.count; i++) {
        const Json *said = sidecars->members.items[i].value;
        Json *container = json_object(c->arena);
        json_set_c(c->arena, container, "name", json_text(c->arena, sidecars->members.items[i].key));
        read_image(c, container, json_get_c(said, "image"), sidecars->members.items[i].key);
        read_port(c, container, text_at(c, said, "port"));
        read_target_port(c, container);
        read_words(c, container, said, "command", "command");
        read_health(c, container, json_get_c(said, "healthcheck"));
        read_variables(c, container, said);
        read_secrets(c, container, said);
        tell_rest(c, arena_format(c->arena, "sidecars.%.*s", TEXT_ARG(sidecars->members.items[i].key)), said, members, sizeof members / sizeof *members);
        if (json_get_c(said, "essential"))
            json_set_c(c->arena, container, "essential", json_bool(c->arena, import_flag(json_get_c(said, "essential"))));
        json_add(c->arena, containers, container);
    }
}

/* The main container is what the manifest says at its top. */
static void read_task(Copilot *c)
{
    static const char *const members[] = {"build", "location", "port", "healthcheck"};
    const Json *image = json_get_c(c->manifest, "image");
    int64_t cpu;
    int64_t memory;
    bool has_size = import_integer(text_at(c, c->manifest, "cpu"), &cpu) && import_integer(text_at(c, c->manifest, "memory"), &memory);
    ImportSize size = has_size ? (ImportSize){.cpu = cpu, .memory = memory} : import_size(TEXT_NONE, TEXT_NONE);
    json_set_c(c->arena, c->container, "name", json_text(c->arena, c->name));
    tell_rest(c, TEXT("image"), image, members, sizeof members / sizeof *members);
    read_image(c, c->container, image, c->name);
    read_port(c, c->container, text_at(c, image, "port"));
    read_target_port(c, c->container);
    read_words(c, c->container, c->manifest, "command", "command");
    read_words(c, c->container, c->manifest, "entrypoint", "entryPoint");
    read_health(c, c->container, json_get_c(image, "healthcheck"));
    read_variables(c, c->container, c->manifest);
    read_secrets(c, c->container, c->manifest);
    Json *containers = json_array(c->arena);
    json_add(c->arena, containers, c->container);
    read_sidecars(c, containers);
    json_set_c(c->arena, c->task, "containerDefinitions", containers);
    json_set_c(c->arena, c->task, "requiresCompatibilities", import_one_text(c->arena, "FARGATE"));
    json_set_c(c->arena, c->task, "cpu", json_text(c->arena, arena_format(c->arena, "%lld", (long long)size.cpu)));
    json_set_c(c->arena, c->task, "memory", json_text(c->arena, arena_format(c->arena, "%lld", (long long)size.memory)));
    if (text_find(text_at(c, c->manifest, "platform"), TEXT("arm64")) < text_at(c, c->manifest, "platform").len)
        json_set_c(c->arena, json_make_path(c->arena, c->task, TEXT("runtimePlatform")), "cpuArchitecture", json_text_c(c->arena, "ARM64"));
}

/* --- what is not carried --- */

static const char *const known[] = {
    "name", "type", "image", "http", "cpu", "memory", "platform", "count", "exec", "variables", "secrets", "environments", "command", "entrypoint", "sidecars", "on",
};

static const struct {
    const char *member;
    const char *instead;
} told[] = {
    {"network", "say `subnets public` and `public-ip yes` for tasks in public subnets"},
    {"storage", "say `volume NAME { efs … }` and `mount`"},
    {"publish", "say `allow publish topic`"},
    {"subscribe", "say `allow receive queue`; svc makes no queues"},
    {"deployment", "say `rollout`"},
    {"observability", "say a sidecar for tracing"},
    {"logging", "say `logs` or `log-driver`"},
    {"env_file", "its variables are not read; give them under `env`"},
    {"retries", "say `run … retries N`"},
    {"timeout", "the program has to end by itself"},
};

static void check_members(Copilot *c)
{
    for (size_t i = 0; i < c->manifest->members.count; i++) {
        Text member = c->manifest->members.items[i].key;
        bool is_known = false;
        const char *instead = NULL;
        for (size_t j = 0; j < sizeof known / sizeof *known; j++)
            is_known = is_known || text_equal_c(member, known[j]);
        for (size_t j = 0; j < sizeof told / sizeof *told; j++)
            instead = text_equal_c(member, told[j].member) ? told[j].instead : instead;
        if (instead)
            choose(c, arena_format(c->arena, "left out: %.*s; %s", TEXT_ARG(member), instead));
        if (instead || is_known)
            continue;
        Diagnostic *diagnostic =
            diagnostic_report(c->sink, CODE_IMPORT_LOST, c->manifest->members.items[i].value->origin, "%.*s is not carried", TEXT_ARG(member));
        diagnostic_set_label(c->sink, diagnostic, "svc has nothing for this");
    }
}

/* What Copilot itself puts into the text of a manifest. */
static const struct {
    const char *escaped;
    const char *written;
} filled[] = {{"$${COPILOT_APPLICATION_NAME}", "${copilot_application}"}, {"$${COPILOT_ENVIRONMENT_NAME}", "${env}"}};

/* Puts svc's own names in the place of Copilot's variables. */
static Text fill(Arena *arena, Text text)
{
    Buffer out = {0};
    for (size_t at = 0; at < text.len;) {
        size_t length = 0;
        for (size_t i = 0; i < sizeof filled / sizeof *filled && !length; i++) {
            if (!text_starts_with(text_slice(text, at, text.len), text_from_c(filled[i].escaped)))
                continue;
            buffer_add_c(&out, filled[i].written);
            length = strlen(filled[i].escaped);
        }
        if (!length)
            buffer_add_byte(&out, text.ptr[at]);
        at += length ? length : 1;
    }
    Text made = arena_copy_text(arena, buffer_text(&out));
    buffer_free(&out);
    return made;
}

Text copilot_fill(Arena *arena, Text services, Text *statements)
{
    Text variable = text_from_c(filled[0].escaped);
    if (text_find(services, variable) < services.len)
        *statements = arena_format(arena, "%s copilot_application string  # the application's name in Copilot\n\n%.*s", word(W_PARAM), TEXT_ARG(*statements));
    return fill(arena, services);
}

static const char *const count_members[] = {"range", "cpu_percentage", "memory_percentage", "requests", "spot"};

bool copilot_is(const Json *tree)
{
    static const char *const types[] = {"Load Balanced Web Service", "Backend Service", "Worker Service", "Scheduled Job", "Request-Driven Web Service"};
    const Json *type = json_get_c(tree, "type");
    for (size_t i = 0; type && type->kind == JSON_TEXT && i < sizeof types / sizeof *types; i++)
        if (text_equal_c(type->text, types[i]))
            return json_get_c(tree, "name") != NULL;
    return false;
}

void copilot_add(Arena *arena, Diagnostics *sink, const Json *tree, Import *out)
{
    Copilot c = {.arena = arena, .sink = sink, .manifest = tree, .import = out, .task = json_object(arena), .container = json_object(arena)};
    out->is_copilot = true;
    c.name = import_scalar_text(arena, json_get_c(tree, "name"));
    c.service.name = c.name;
    check_members(&c);
    read_task(&c);
    write_count(&c, &c.statements, tree);
    tell_rest(&c, TEXT("count"), json_get_c(tree, "count"), count_members, sizeof count_members / sizeof *count_members);
    write_schedule(&c);
    write_route(&c);
    if (import_flag(json_get_c(tree, "exec")))
        buffer_add_format(&c.statements, "%s yes\n", word(W_EXEC));
    const Json *environments = json_get_c(tree, "environments");
    for (size_t i = 0; environments && environments->kind == JSON_OBJECT && i < environments->members.count; i++)
        write_environment(&c, environments->members.items[i].key, environments->members.items[i].value);
    c.service.task = c.task;
    c.service.statements = arena_copy_text(arena, buffer_text(&c.statements));
    buffer_free(&c.statements);
    ARRAY_PUSH(arena, &out->services, c.service);
}
