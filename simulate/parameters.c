/* Parameters, and what a file relies on: secrets, certificates and images are there as they are asked for. */
#include "simulate/state.h"

#include "base/sha256.h"

ANSWERER(answer_put_parameter)
{
    Text name = request_text(r, "Name");
    Thing *parameter = thing_find(s, THING_PARAMETER, name);
    if (parameter && !bool_at(r->in, "Overwrite")) {
        request_fail(r, "ParameterAlreadyExists", "The parameter already exists.");
        return;
    }
    int64_t version = parameter ? number_at(parameter->describe, "Version", 0) + 1 : 1;
    if (parameter)
        thing_touch(s, parameter);
    else
        parameter = thing_add(s, THING_PARAMETER, name, json_object(r->arena));
    for (size_t i = 0; i < r->in->members.count; i++)
        json_set(s->arena, parameter->describe, arena_copy_text(s->arena, r->in->members.items[i].key), json_keep(s->arena, r->in->members.items[i].value));
    if (json_get_c(r->in, "Tags"))
        parameter->tags = tags_set(s->arena, parameter->tags, json_get_c(r->in, "Tags"));
    json_remove_c(parameter->describe, "Tags");
    json_remove_c(parameter->describe, "Overwrite");
    bool is_path = text_starts_with(name, TEXT("/"));
    parameter->arn = simulation_arn(s, "ssm", "parameter%s%.*s", is_path ? "" : "/", TEXT_ARG(name));
    json_set_c(s->arena, parameter->describe, "ARN", json_text(s->arena, parameter->arn));
    json_set_c(s->arena, parameter->describe, "Version", json_integer(s->arena, version));
    request_set(r, "Version", json_integer(r->arena, version));
}

void simulation_put_parameter(Simulation *s, Text name, Text value)
{
    Arena scratch = {0};
    AwsAnswer answer = {0};
    Json *in = json_object(&scratch);
    json_set_c(&scratch, in, "Name", json_text(&scratch, name));
    json_set_c(&scratch, in, "Value", json_text(&scratch, value));
    json_set_c(&scratch, in, "Type", json_text_c(&scratch, "String"));
    Request r = {.arena = &scratch, .in = in, .out = json_object(&scratch), .answer = &answer, .operation = "PutParameter"};
    answer_put_parameter(s, &r);
    arena_free(&scratch);
}

/* What is asked about and not kept is what a file relies on. */
static bool is_asked(const Json *names, Text name)
{
    for (size_t i = 0; i < json_item_count(names); i++)
        if (text_equal(names->items.items[i]->text, name))
            return true;
    return false;
}

ANSWERER(answer_parameters)
{
    const Json *names = json_get_c(r->in, r->key);
    Json *list = json_array(r->arena);
    for (size_t i = 0; i < s->things[THING_PARAMETER].count; i++)
        if (is_asked(names, s->things[THING_PARAMETER].items[i]->key))
            json_add(r->arena, list, json_share(r->arena, s->things[THING_PARAMETER].items[i]->describe));
    request_set(r, r->list, list);
}

ANSWERER(answer_parameters_by_path)
{
    Text path = request_text(r, "Path");
    bool is_recursive = bool_at(r->in, "Recursive");
    Json *list = json_array(r->arena);
    for (size_t i = 0; i < s->things[THING_PARAMETER].count; i++) {
        const Thing *parameter = s->things[THING_PARAMETER].items[i];
        Text rest = text_starts_with(parameter->key, path) ? text_slice(parameter->key, path.len, parameter->key.len) : TEXT_NONE;
        if (rest.len < 2 || rest.ptr[0] != '/')
            continue;
        Text below = text_slice(rest, 1, rest.len);
        if (is_recursive || text_find_byte(below, '/') == below.len)
            json_add(r->arena, list, json_share(r->arena, parameter->describe));
    }
    request_set(r, r->list, list);
}

ANSWERER(answer_delete_parameters)
{
    const Json *names = json_get_c(r->in, r->key);
    Json *deleted = json_array(r->arena);
    Json *invalid = json_array(r->arena);
    for (size_t i = 0; i < json_item_count(names); i++) {
        Thing *parameter = thing_find(s, THING_PARAMETER, names->items.items[i]->text);
        json_add(r->arena, parameter ? deleted : invalid, json_text(r->arena, arena_copy_text(r->arena, names->items.items[i]->text)));
        if (parameter)
            thing_remove(s, parameter);
    }
    request_set(r, "DeletedParameters", deleted);
    request_set(r, "InvalidParameters", invalid);
}

ANSWERER(answer_describe_parameters)
{
    const Json *filters = json_get_c(r->in, "ParameterFilters");
    const Json *names = json_item_count(filters) ? json_get_c(filters->items.items[0], "Values") : NULL;
    Json *list = json_array(r->arena);
    for (size_t i = 0; i < json_item_count(names); i++) {
        Text name = arena_copy_text(r->arena, names->items.items[i]->text);
        const Thing *parameter = thing_find(s, THING_PARAMETER, name);
        Json *one = parameter ? json_share(r->arena, parameter->describe) : json_object(r->arena);
        json_set_c(r->arena, one, "Name", json_text(r->arena, name));
        json_set_default(r->arena, one, "Type", json_text_c(r->arena, "SecureString"));
        json_add(r->arena, list, one);
    }
    request_set(r, r->list, list);
}

/* --- what is there without being made --- */

static Json *secret_of(Simulation *s, Request *r, Text name)
{
    Json *secret = json_object(r->arena);
    Text own = text_starts_with(name, TEXT("arn:")) ? last_part(name) : name;
    json_set_c(r->arena, secret, "Name", json_text(r->arena, arena_copy_text(r->arena, own)));
    json_set_c(r->arena, secret, "ARN", json_text(r->arena, simulation_arn(s, "secretsmanager", "secret:%.*s-AbCdEf", TEXT_ARG(own))));
    return secret;
}

ANSWERER(answer_secret)
{
    r->out = secret_of(s, r, request_text(r, "SecretId"));
}

ANSWERER(answer_secret_value)
{
    r->out = secret_of(s, r, request_text(r, "SecretId"));
    request_set_text(r, "SecretString", TEXT("https://hooks.example.com/rehearsal"));
}

ANSWERER(answer_secrets)
{
    const Json *filters = json_get_c(r->in, "Filters");
    const Json *names = json_item_count(filters) ? json_get_c(filters->items.items[0], "Values") : NULL;
    Json *list = json_array(r->arena);
    for (size_t i = 0; i < json_item_count(names); i++)
        json_add(r->arena, list, secret_of(s, r, names->items.items[i]->text));
    request_set(r, "SecretList", list);
}

ANSWERER(answer_certificate)
{
    (void)s;
    Json *certificate = json_object(r->arena);
    json_set_c(r->arena, certificate, "CertificateArn", json_text(r->arena, arena_copy_text(r->arena, request_text(r, "CertificateArn"))));
    json_set_c(r->arena, certificate, "Status", json_text_c(r->arena, "ISSUED"));
    request_set(r, "Certificate", certificate);
}

/* Every image is there; a tag's digest is made of its name. */
ANSWERER(answer_image)
{
    (void)s;
    const Json *ids = json_get_c(r->in, "imageIds");
    Json *list = json_array(r->arena);
    for (size_t i = 0; i < json_item_count(ids); i++) {
        char hex[SHA256_HEX_LENGTH + 1];
        Text tag = text_at(ids->items.items[i], "imageTag");
        Text digest = arena_copy_text(r->arena, text_at(ids->items.items[i], "imageDigest"));
        sha256_hex(hex, arena_format(r->arena, "%.*s:%.*s", TEXT_ARG(request_text(r, "repositoryName")), TEXT_ARG(tag)));
        Json *id = json_object(r->arena);
        Json *image = json_object(r->arena);
        json_set_c(r->arena, id, "imageDigest", json_text(r->arena, digest.len ? digest : arena_format(r->arena, "sha256:%.*s", SHA256_HEX_LENGTH, hex)));
        json_set_c(r->arena, image, "imageId", id);
        json_set_c(r->arena, image, "imageManifest", json_text_c(r->arena, "{}"));
        json_add(r->arena, list, image);
    }
    request_set(r, r->list, list);
}

ANSWERER(answer_publish)
{
    request_set_text(r, "MessageId", random_hex(s, 32));
}

/* Topics that a file points to are there. */
ANSWERER(answer_topic)
{
    (void)s;
    Json *attributes = json_object(r->arena);
    json_set_c(r->arena, attributes, "TopicArn", json_text(r->arena, request_text(r, "TopicArn")));
    request_set(r, "Attributes", attributes);
}
