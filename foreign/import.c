#include "foreign/import.h"

#include "document/arn.h"
#include "foreign/import_service.h"

/* What the documents tell of where they belong. Texts are empty where they tell nothing. */
typedef struct ImportPlace {
    Text project;
    Text environment;
    Text account;
    Text region;
} ImportPlace;

/* --- where it belongs --- */

/* Endings of names that say which environment something is of. */
static const char *const environments[] = {"prod", "production", "staging", "stage", "dev", "development", "test", "qa", "sandbox"};

/* "claude-proxy-prod" is claude-proxy in prod. */
static void split_name(Text name, Text *base, Text *environment)
{
    *base = name;
    for (size_t i = 0; i < sizeof environments / sizeof *environments; i++) {
        Text ending = text_from_c(environments[i]);
        if (name.len <= ending.len + 1 || !text_ends_with(name, ending))
            continue;
        char mark = name.ptr[name.len - ending.len - 1];
        if (mark != '-' && mark != '_')
            continue;
        *environment = ending;
        *base = text_slice(name, 0, name.len - ending.len - 1);
        return;
    }
}

/* A name that svc takes for a service or project: small letters, digits, single hyphens. */
static Text plain_name(Arena *arena, Text name)
{
    Buffer out = {0};
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool is_upper = c >= 'A' && c <= 'Z';
        bool was_lower = i > 0 && name.ptr[i - 1] >= 'a' && name.ptr[i - 1] <= 'z';
        if (is_upper && was_lower)
            buffer_add_byte(&out, '-');
        if ((c >= 'a' && c <= 'z') || is_upper || (out.length && byte_is_digit(c)))
            buffer_add_byte(&out, is_upper ? (char)(c - 'A' + 'a') : c);
        else if (out.length && out.bytes[out.length - 1] != '-')
            buffer_add_byte(&out, '-');
    }
    while (out.length && out.bytes[out.length - 1] == '-')
        out.length--;
    Text text = out.length ? arena_copy_text(arena, buffer_text(&out)) : TEXT("service");
    buffer_free(&out);
    return text;
}

/* Account and region of the first ARN or image of ECR that says them. */
static void read_place(Text text, ImportPlace *place)
{
    Text ecr = TEXT(".dkr.ecr.");
    size_t host = text_find(text, ecr);
    Text after = text_slice(text, host + ecr.len, text.len);
    bool is_arn = text_starts_with(text, TEXT("arn:"));
    Text account = host < text.len ? text_slice(text, 0, host) : is_arn ? arn_part(text, ARN_ACCOUNT) : TEXT_NONE;
    Text region = host < text.len ? text_slice(after, 0, text_find_byte(after, '.')) : is_arn ? arn_part(text, ARN_REGION) : TEXT_NONE;
    if (!place->account.len && arn_is_account(account))
        place->account = account;
    if (!place->region.len && arn_is_region(region))
        place->region = region;
}

static void find_place(const Json *json, ImportPlace *place)
{
    if (json->kind == JSON_TEXT || json->kind == JSON_UNKNOWN)
        read_place(json->text, place);
    for (size_t i = 0; json->kind == JSON_ARRAY && i < json->items.count; i++)
        find_place(json->items.items[i], place);
    for (size_t i = 0; json->kind == JSON_OBJECT && i < json->members.count; i++) {
        const JsonMember *member = &json->members.items[i];
        if (text_equal_c(member->key, "awslogs-region") && member->value->kind == JSON_TEXT && !place->region.len && arn_is_region(member->value->text))
            place->region = member->value->text;
        find_place(member->value, place);
    }
}

/* --- the task --- */

static bool has_text(const Json *list, const char *text)
{
    for (size_t i = 0; list && list->kind == JSON_ARRAY && i < list->items.count; i++)
        if (list->items.items[i]->kind == JSON_TEXT && text_equal_c(list->items.items[i]->text, text))
            return true;
    return false;
}

static void comment(Buffer *out, const char *text)
{
    buffer_add_format(out, "# %s\n", text);
}

/* What every service of svc is, and what had to be chosen for that. */
static void drop_constants(Arena *arena, Json *task, Buffer *out)
{
    const Json *compatibilities = json_get_c(task, "requiresCompatibilities");
    const Json *mode = json_get_c(task, "networkMode");
    if (!has_text(compatibilities, "FARGATE"))
        comment(out, "chosen: Fargate. The task definition does not ask for it.");
    else if (json_length(compatibilities) > 1)
        comment(out, "chosen: Fargate alone. The task definition also fits other launch types.");
    if (mode && mode->kind == JSON_TEXT && !text_equal_c(mode->text, "awsvpc"))
        unrender_comment(out, arena_format(arena, "chosen: an address of its own for each task; the task definition says %.*s", TEXT_ARG(mode->text)));
    json_remove_c(task, "networkMode");
    json_remove_c(task, "requiresCompatibilities");
}

static Text family_of(const Json *task)
{
    const Json *family = json_get_c(task, "family");
    return family && family->kind == JSON_TEXT ? family->text : TEXT_NONE;
}

/* What a task has that does not say its size. */
#define SMALLEST_SIZE "0.25 vcpu 512 MiB"

static bool has_volume(const Json *volumes, const Json *name)
{
    for (size_t i = 0; i < json_length(volumes); i++)
        if (json_equal(json_get_c(volumes->items.items[i], "name"), name))
            return true;
    return false;
}

/* A part of a task definition, such as its containers alone, does not say the volumes that it mounts. */
static void add_volumes(Arena *arena, Json *task)
{
    const Json *containers = json_get_c(task, "containerDefinitions");
    Json *volumes = json_get_c(task, "volumes");
    if (!volumes)
        volumes = json_array(arena);
    for (size_t i = 0; containers && containers->kind == JSON_ARRAY && i < containers->items.count; i++) {
        const Json *mounts = json_get_c(containers->items.items[i], "mountPoints");
        for (size_t j = 0; mounts && mounts->kind == JSON_ARRAY && j < mounts->items.count; j++) {
            Json *name = json_get_c(mounts->items.items[j], "sourceVolume");
            if (volumes->kind != JSON_ARRAY || !name || name->kind != JSON_TEXT || has_volume(volumes, name))
                continue;
            Json *volume = json_object(arena);
            json_set_c(arena, volume, "name", name);
            json_add(arena, volumes, volume);
        }
    }
    json_set_c(arena, task, "volumes", json_length(volumes) ? volumes : NULL);
}

static void write_task(Unrender *unrender, Buffer *out, const ImportPlace *place, Text service)
{
    Json *task = unrender->root;
    Text expected = arena_format(unrender->arena, "%.*s-%.*s", TEXT_ARG(service), TEXT_ARG(place->environment));
    if (text_equal(family_of(task), expected))
        json_remove_c(task, "family");
    drop_constants(unrender->arena, task, out);
    add_volumes(unrender->arena, task);
    if (!json_get_c(task, "cpu"))
        buffer_add_format(out, "# chosen: the size of a task\n%s " SMALLEST_SIZE "\n", vocabulary_row(W_COMPUTE)->word);
    unrender_body(unrender, out, SCOPE_SERVICE, task);
    unrender_rest(unrender, out, "task", task);
}

/* --- the file --- */

static void write_parameters(Buffer *out, const Unrender *unrender)
{
    for (size_t i = 0; i < unrender->parameters.count; i++) {
        const ImportParameter *parameter = &unrender->parameters.items[i];
        buffer_add_format(out, "%s %.*s %s  ", vocabulary_row(W_PARAM)->word, TEXT_ARG(parameter->name), parameter->type);
        if (parameter->written.len && text_find_byte(parameter->written, '\n') == parameter->written.len)
            unrender_comment(out, arena_format(unrender->arena, "%.*s in the document", TEXT_ARG(parameter->written)));
        else
            buffer_add_byte(out, '\n');
    }
    if (unrender->parameters.count)
        buffer_add_byte(out, '\n');
}

static void write_environment(Buffer *out, const ImportPlace *place, Text name)
{
    buffer_add_format(out, "%s ", vocabulary_row(W_ENVIRONMENT)->word);
    unrender_name(out, name);
    buffer_add_c(out, " {\n");
    if (place->account.len)
        buffer_add_format(out, "%s \"%.*s\"\n", vocabulary_row(W_ACCOUNT)->word, TEXT_ARG(place->account));
    else
        comment(out, "say here: account \"123456789012\"");
    if (place->region.len)
        buffer_add_format(out, "%s %.*s\n", vocabulary_row(W_REGION)->word, TEXT_ARG(place->region));
    else
        comment(out, "say here: region us-east-1");
    buffer_add_c(out, "}\n");
}

static void write_head(Buffer *out, const ImportPlace *place, const Import *import, const Unrender *unrender)
{
    buffer_add_format(out, "%s ", vocabulary_row(W_PROJECT)->word);
    unrender_name(out, place->project);
    buffer_add_c(out, "\n\n");
    write_parameters(out, unrender);
    for (size_t i = 0; i < import->environments.count; i++)
        write_environment(out, place, import->environments.items[i]);
    if (!import->environments.count)
        write_environment(out, place, place->environment);
    buffer_add_byte(out, '\n');
}

/* The ECS service that runs the family, when it is among the resources. */
static const Resource *find_service(const Resources *resources, Text family, size_t task_count)
{
    const Resource *only = NULL;
    size_t count = 0;
    for (size_t i = 0; i < resources->items.count; i++) {
        const Resource *resource = resources->items.items[i];
        if (resource->kind != RESOURCE_SERVICE)
            continue;
        const Json *task = json_get_c(resource->input, "taskDefinition");
        Text name = task && task->kind == JSON_TEXT ? task->text : TEXT_NONE;
        size_t slash = text_find_byte(name, '/');
        name = slash < name.len ? text_slice(name, slash + 1, name.len) : name;
        name = text_slice(name, 0, text_find_byte(name, ':'));
        if (name.len && text_equal(name, family))
            return resource;
        only = resource;
        count++;
    }
    return count == 1 && task_count == 1 ? only : NULL;
}

static size_t count_tasks(const Resources *resources)
{
    size_t count = 0;
    for (size_t i = 0; i < resources->items.count; i++)
        count += resources->items.items[i]->kind == RESOURCE_TASK_DEFINITION;
    return count;
}

void import_add_resources(Arena *arena, const Resources *resources, Import *out)
{
    size_t count = count_tasks(resources);
    for (size_t i = 0; i < resources->items.count; i++) {
        const Resource *task = resources->items.items[i];
        out->has_service = out->has_service || task->kind == RESOURCE_SERVICE;
        if (task->kind != RESOURCE_TASK_DEFINITION)
            continue;
        const Resource *service = find_service(resources, family_of(task->input), count);
        ImportService added = {.task = task->input, .service = service ? service->input : NULL, .is_exact = true};
        ARRAY_PUSH(arena, &out->services, added);
    }
}

/* --- writing --- */

static bool report_nothing(Diagnostics *sink, const Import *import)
{
    if (import->chosen.count) {
        Diagnostic *left_out = diagnostic_report(sink, CODE_IMPORT_NOTHING, SPAN_NONE, "nothing of this is a service of svc's");
        for (size_t i = 0; i < import->chosen.count; i++)
            diagnostic_add_note(sink, left_out, "%.*s", TEXT_ARG(import->chosen.items[i]));
        return false;
    }
    Diagnostic *diagnostic = diagnostic_report(sink, CODE_IMPORT_NOTHING, SPAN_NONE, "there is no task definition to import");
    if (import->has_service)
        diagnostic_set_advice(sink, diagnostic, "give the service's task definition too: svc import task-definition.json service.json");
    else
        diagnostic_set_advice(sink, diagnostic, "give the input of register-task-definition, the output of describe-task-definition, a docker-compose.yml, or a Copilot manifest");
    return false;
}

static void write_comments(Buffer *out, const TextArray *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        unrender_comment(out, lines->items[i]);
}

static Text service_name(Arena *arena, const ImportService *service)
{
    Text base = service->name;
    Text environment = TEXT_NONE;
    if (!base.len)
        split_name(family_of(service->task), &base, &environment);
    enum { SERVICE_MAX = 128 };
    return plain_name(arena, text_slice(base, 0, SERVICE_MAX));
}

static void write_service(Unrender *unrender, Buffer *out, const ImportService *service, const ImportPlace *place)
{
    Text name = service_name(unrender->arena, service);
    Buffer body = {0};
    write_comments(out, &service->chosen);
    buffer_add(&body, service->statements);
    const Json *system = json_get_c(json_get_c(service->task, "runtimePlatform"), "operatingSystemFamily");
    unrender->is_exact = service->is_exact;
    unrender->has_service = service->service != NULL;
    unrender->is_windows = system && system->kind == JSON_TEXT && text_starts_with(system->text, TEXT("WINDOWS"));
    if (service->service)
        import_write_service(unrender, &body, service->service,
                             arena_format(unrender->arena, "%.*s-%.*s", TEXT_ARG(name), TEXT_ARG(place->environment)));
    unrender->shape = "task";
    unrender->root = unrender_copy(unrender->arena, service->task);
    write_task(unrender, &body, place, name);
    buffer_add_format(out, "%s ", vocabulary_row(W_SERVICE)->word);
    unrender_name(out, name);
    buffer_add_format(out, " {\n%.*s}\n\n", TEXT_ARG(buffer_text(&body)));
    buffer_free(&body);
}

static ImportPlace place_of(Arena *arena, const Import *import)
{
    ImportPlace place = {.project = import->project};
    for (size_t i = 0; i < import->services.count; i++) {
        find_place(import->services.items[i].task, &place);
        if (import->services.items[i].service)
            find_place(import->services.items[i].service, &place);
    }
    Text base = import->services.items[0].name;
    if (!base.len)
        split_name(family_of(import->services.items[0].task), &base, &place.environment);
    enum { PROJECT_MAX = 64 };
    place.project = plain_name(arena, text_slice(place.project.len ? place.project : base, 0, PROJECT_MAX));
    place.environment = place.environment.len ? place.environment : TEXT("prod");
    return place;
}

bool import_write(Arena *arena, Diagnostics *sink, const Import *import, Buffer *out)
{
    if (!import->services.count)
        return report_nothing(sink, import);
    ImportPlace place = place_of(arena, import);
    Unrender unrender = {.arena = arena, .account = place.account, .region = place.region};
    Buffer services = {0};
    for (size_t i = 0; i < import->services.count; i++)
        write_service(&unrender, &services, &import->services.items[i], &place);
    Text statements = import->statements;
    Text written = import->is_copilot ? copilot_fill(arena, buffer_text(&services), &statements) : buffer_text(&services);
    write_head(out, &place, import, &unrender);
    import_write_network(&unrender, out, import);
    buffer_add(out, statements);
    write_comments(out, &import->chosen);
    if (import->chosen.count)
        buffer_add_byte(out, '\n');
    buffer_add(out, written);
    buffer_free(&services);
    return true;
}
