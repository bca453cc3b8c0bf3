/* What the file relies on and does not make: images, secrets, certificates, ways out of subnets (SPEC.md, "Recordings", facts). */
#include "base/json_read.h"
#include "document/arn.h"
#include "live/reader.h"

static const Question image_question = {.service = "ecr", .operation = "BatchGetImage", .results = "images",
                                        .more = {"acceptedMediaTypes",
                                                 "[application/vnd.docker.distribution.manifest.list.v2+json application/vnd.docker.distribution.manifest.v2+json "
                                                 "application/vnd.oci.image.index.v1+json application/vnd.oci.image.manifest.v1+json]"}};
static const Question findings_question = {.service = "ecr", .operation = "DescribeImages", .results = "imageDetails"};
static const Question secret_question = {.service = "secretsmanager", .operation = "DescribeSecret", .names = "SecretId"};
static const Question secrets_question = {.service = "secretsmanager", .operation = "ListSecrets", .results = "SecretList", .more = {"MaxResults", "100"}};
static const Question parameters_question = {.service = "ssm", .operation = "DescribeParameters", .results = "Parameters", .more = {"MaxResults", "50"}};
static const Question certificate_question = {.service = "acm", .operation = "DescribeCertificate", .names = "CertificateArn"};
static const Question subnets_question = {.service = "ec2", .operation = "DescribeSubnets", .results = "Subnets"};
static const Question tables_question = {.service = "ec2", .operation = "DescribeRouteTables", .results = "RouteTables"};
static const Question endpoints_question = {.service = "ec2", .operation = "DescribeVpcEndpoints", .results = "VpcEndpoints"};

static const Question cluster_question = {.service = "ecs", .operation = "DescribeClusters", .names = "clusters", .batch = 100, .results = "clusters",
                                          .key = "clusterName"};

static const Question leases_question = {.service = "ssm", .operation = "GetParametersByPath", .results = "Parameters"};

/* The fact of this key, which is null until something is found; NULL: it was asked for already. */
static Text new_fact(Reader *reader, Text key)
{
    if (json_get(reader->facts, key))
        return TEXT_NONE;
    json_set(reader->arena, reader->facts, key, json_null(reader->arena));
    return key;
}

static Text *keep_text(Reader *reader, Text text)
{
    Text *kept = ARENA_NEW(reader->arena, Text);
    *kept = text;
    return kept;
}

static Json *fact_object(Reader *reader, Text key)
{
    Json *fact = json_get(reader->facts, key);
    if (fact && fact->kind == JSON_OBJECT)
        return fact;
    fact = json_object(reader->arena);
    json_set(reader->arena, reader->facts, key, fact);
    return fact;
}

/* --- images --- */

typedef struct ImageSearch {
    Text key;
    Text registry;
    Text repository;
    Text architecture; /* as images say it */
} ImageSearch;

static Json *image_input(Reader *reader, const ImageSearch *search, const char *member, Text value)
{
    Json *input = reader_object(reader, "registryId", search->registry);
    Json *ids = json_array(reader->arena);
    json_add(reader->arena, ids, reader_object(reader, member, value));
    json_set_c(reader->arena, input, "imageIds", ids);
    json_set_c(reader->arena, input, "repositoryName", json_text(reader->arena, search->repository));
    return input;
}

static void take_findings(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    const ImageSearch *search = subject;
    const Json *counts = json_get_c(json_get_c(result, "imageScanFindingsSummary"), "findingSeverityCounts");
    Json *critical = json_get_c(counts, "CRITICAL");
    if (critical)
        json_set_c(reader->arena, fact_object(reader, search->key), "critical", critical);
}

/* The architectures that an index lists, and the digest of ours; the digest of the image itself when it is none. */
static Text read_manifest(Reader *reader, const ImageSearch *search, Text manifest, Json *fact, Text digest)
{
    ReadJsonError error;
    const ReadJson *read = json_read(reader->arena, manifest, &error);
    const ReadJson *parts = read ? json_read_member(read, "manifests") : NULL;
    Json *architectures = json_array(reader->arena);
    for (size_t i = 0; parts && parts->kind == READ_ARRAY && i < parts->items.count; i++) {
        const ReadJson *platform = json_read_member(parts->items.items[i], "platform");
        Text architecture = json_read_text(json_read_member(platform, "architecture"));
        if (!architecture.len || text_equal_c(architecture, "unknown")) /* an attestation */
            continue;
        json_add(reader->arena, architectures, json_text(reader->arena, architecture));
        if (text_equal(architecture, search->architecture))
            digest = json_read_text(json_read_member(parts->items.items[i], "digest"));
    }
    if (json_length(architectures))
        json_set_c(reader->arena, fact, "architectures", architectures);
    return digest;
}

static void take_image(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    ImageSearch *search = subject;
    if (!result)
        return;
    Text digest = reader_text(json_get_c(result, "imageId"), "imageDigest");
    Json *fact = fact_object(reader, search->key);
    json_set_c(reader->arena, fact, "digest", json_text(reader->arena, digest));
    Text own = read_manifest(reader, search, reader_text(result, "imageManifest"), fact, digest);
    asker_try_list(reader->asker, &findings_question, image_input(reader, search, "imageDigest", own), search, take_findings);
}

/* "123456789012.dkr.ecr.us-east-1.amazonaws.com/web/api:1.0.0": only ECR's of this region can be asked. */
static void ask_image(Reader *reader, Text image, Text architecture)
{
    Text marker = TEXT(".dkr.ecr.");
    size_t at = text_find(image, marker);
    size_t slash = text_find_byte(image, '/');
    if (at != 12 || slash == image.len)
        return;
    Text host = text_slice(image, at + marker.len, slash);
    Text name = text_slice(image, slash + 1, image.len);
    if (!text_equal(text_slice(host, 0, text_find_byte(host, '.')), reader->input->region))
        return;
    size_t digest = text_find_byte(name, '@');
    size_t tag = text_find_byte(name, ':');
    Text key = new_fact(reader, arena_format(reader->arena, "image/%.*s", TEXT_ARG(image)));
    if (!key.len)
        return;
    ImageSearch *search = ARENA_NEW(reader->arena, ImageSearch);
    *search = (ImageSearch){key, text_slice(image, 0, at), text_slice(name, 0, digest < tag ? digest : tag),
                            text_equal_c(architecture, "ARM64") ? TEXT("arm64") : TEXT("amd64")};
    Text said = digest < name.len ? text_slice(name, digest + 1, name.len) : tag < name.len ? text_slice(name, tag + 1, name.len) : TEXT("latest");
    asker_list(reader->asker, &image_question, image_input(reader, search, digest < name.len ? "imageDigest" : "imageTag", said), search, take_image);
}

/* --- secrets and parameters: whether they are there; never what they hold --- */

/* One by one each is a call; of more, names are listed ten a call. */
enum { SECRETS_BY_THEMSELVES = 10, SECRET_NAMES = 10, PARAMETER_NAMES = 50, SECRET_SUFFIX = 7 };

typedef struct NameSet {
    TextArray names;
    TextArray keys; /* of their facts */
} NameSet;

static void keep_secret(Reader *reader, Text key, Json *secret)
{
    Json *fact = fact_object(reader, key);
    json_set_c(reader->arena, fact, "arn", json_get_c(secret, "ARN"));
    json_set_c(reader->arena, fact, "changed", json_get_c(secret, "LastChangedDate"));
    if (json_get_c(secret, "DeletedDate"))
        json_set_c(reader->arena, fact, "deleted", json_bool(reader->arena, true));
}

static void take_secret(void *context, void *subject, Json *result)
{
    if (result)
        keep_secret(context, *(const Text *)subject, result);
}

/* Names are filtered by their beginning: more may come than were asked for. */
static void take_listed_secret(void *context, void *subject, Json *result)
{
    const NameSet *set = subject;
    for (size_t i = 0; result && i < set->names.count; i++)
        if (text_equal(set->names.items[i], reader_text(result, "Name")))
            keep_secret(context, set->keys.items[i], result);
}

static void take_parameter(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    const NameSet *set = subject;
    for (size_t i = 0; result && i < set->names.count; i++)
        if (text_equal(set->names.items[i], reader_text(result, "Name"))) {
            Json *fact = fact_object(reader, set->keys.items[i]);
            json_set_c(reader->arena, fact, "type", json_get_c(result, "Type"));
            json_set_c(reader->arena, fact, "changed", json_get_c(result, "LastModifiedDate"));
        }
}

static Json *names_input(Reader *reader, const char *filters_member, Text key, const NameSet *set)
{
    Json *input = json_object(reader->arena);
    Json *filters = json_array(reader->arena);
    Json *filter = reader_object(reader, "Key", key);
    Json *values = json_array(reader->arena);
    for (size_t i = 0; i < set->names.count; i++)
        json_add(reader->arena, values, json_text(reader->arena, set->names.items[i]));
    json_set_c(reader->arena, filter, "Values", values);
    json_add(reader->arena, filters, filter);
    json_set_c(reader->arena, input, filters_member, filters);
    return input;
}

/* A part of the set, to be asked for at once. */
static NameSet *slice_names(Reader *reader, const NameSet *set, size_t start, size_t batch)
{
    NameSet *part = ARENA_NEW(reader->arena, NameSet);
    for (size_t i = start; i < set->names.count && i < start + batch; i++) {
        ARRAY_PUSH(reader->arena, &part->names, set->names.items[i]);
        ARRAY_PUSH(reader->arena, &part->keys, set->keys.items[i]);
    }
    return part;
}

static void ask_secrets(Reader *reader, const NameSet *set)
{
    if (set->names.count <= SECRETS_BY_THEMSELVES) {
        for (size_t i = 0; i < set->names.count; i++)
            asker_ask(reader->asker, &secret_question, TEXT_NONE, set->names.items[i], keep_text(reader, set->keys.items[i]), take_secret);
        return;
    }
    for (size_t i = 0; i < set->names.count; i += SECRET_NAMES) {
        NameSet *part = slice_names(reader, set, i, SECRET_NAMES);
        Json *input = names_input(reader, "Filters", TEXT("name"), part);
        Json *filter = json_get_c(input, "Filters")->items.items[0];
        json_set_c(reader->arena, filter, "Key", json_text_c(reader->arena, "name"));
        asker_list(reader->asker, &secrets_question, input, part, take_listed_secret);
    }
}

static void ask_parameters(Reader *reader, const NameSet *set)
{
    for (size_t i = 0; i < set->names.count; i += PARAMETER_NAMES) {
        NameSet *part = slice_names(reader, set, i, PARAMETER_NAMES);
        asker_list(reader->asker, &parameters_question, names_input(reader, "ParameterFilters", TEXT("Name"), part), part, take_parameter);
    }
}

/* The name in a secret's ARN, without the characters that Secrets Manager adds. */
static Text secret_name(Text arn)
{
    Text resource = arn_part(arn, ARN_RESOURCE);
    Text name = text_starts_with(resource, TEXT("secret:")) ? text_slice(resource, sizeof "secret:" - 1, resource.len) : resource;
    name = text_slice(name, 0, text_find_byte(name, ':'));
    bool has_suffix = name.len > SECRET_SUFFIX && name.ptr[name.len - SECRET_SUFFIX] == '-';
    for (size_t i = name.len - (has_suffix ? SECRET_SUFFIX - 1 : 0); has_suffix && i < name.len; i++)
        has_suffix = byte_is_alphanumeric(name.ptr[i]);
    bool has_capital = false;
    for (size_t i = name.len - (has_suffix ? SECRET_SUFFIX - 1 : 0); has_suffix && i < name.len; i++)
        has_capital = has_capital || byte_is_digit(name.ptr[i]) || byte_lower(name.ptr[i]) != name.ptr[i];
    return has_suffix && has_capital ? text_slice(name, 0, name.len - SECRET_SUFFIX) : name;
}

static void add_name(Reader *reader, NameSet *set, const char *kind, Text name)
{
    Text key = new_fact(reader, arena_format(reader->arena, "%s/%.*s", kind, TEXT_ARG(name)));
    if (!key.len)
        return;
    ARRAY_PUSH(reader->arena, &set->names, name);
    ARRAY_PUSH(reader->arena, &set->keys, key);
}

static void add_value_from(Reader *reader, NameSet *secrets, NameSet *parameters, Text from)
{
    Text service = arn_part(from, ARN_SERVICE);
    bool is_arn = text_starts_with(from, TEXT("arn:"));
    /* What is another account's is its business. */
    if (is_arn && (!text_equal(arn_part(from, ARN_ACCOUNT), reader->account) || !text_equal(arn_part(from, ARN_REGION), reader->input->region)))
        return;
    if (text_equal_c(service, "secretsmanager")) {
        add_name(reader, secrets, "secret", secret_name(from));
    } else if (text_equal_c(service, "ssm")) {
        Text resource = arn_part(from, ARN_RESOURCE); /* "parameter/a/b" is "/a/b", and "parameter/a" is "a" */
        Text name = text_slice(resource, sizeof "parameter" - 1, resource.len);
        Text rest = text_slice(name, name.len > 0, name.len);
        add_name(reader, parameters, "parameter", text_find_byte(rest, '/') < rest.len ? name : rest);
    } else if (!is_arn && from.len) {
        add_name(reader, parameters, "parameter", from);
    }
}

static void ask_task(Reader *reader, const Resource *task, NameSet *secrets, NameSet *parameters)
{
    const Json *containers = json_get_c(task->input, "containerDefinitions");
    Text architecture = reader_text(json_get_c(task->input, "runtimePlatform"), "cpuArchitecture");
    for (size_t i = 0; i < json_item_count(containers); i++) {
        const Json *container = containers->items.items[i];
        const Json *lists[] = {json_get_c(container, "secrets"), json_get_c(json_get_c(container, "logConfiguration"), "secretOptions")};
        ask_image(reader, reader_text(container, "image"), architecture);
        for (size_t j = 0; j < sizeof lists / sizeof *lists; j++)
            for (size_t k = 0; k < json_item_count(lists[j]); k++)
                add_value_from(reader, secrets, parameters, reader_text(lists[j]->items.items[k], "valueFrom"));
    }
}

/* --- certificates --- */

static void take_certificate(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    Json *status = json_get_c(json_get_c(result, "Certificate"), "Status");
    if (status)
        json_set_c(reader->arena, fact_object(reader, *(const Text *)subject), "status", status);
}

static void ask_certificates(Reader *reader, const Resource *listener)
{
    const Json *certificates = json_get_c(listener->input, "Certificates");
    for (size_t i = 0; i < json_item_count(certificates); i++) {
        Text arn = reader_text(certificates->items.items[i], "CertificateArn");
        bool is_here = text_equal(arn_part(arn, ARN_ACCOUNT), reader->account) && text_equal(arn_part(arn, ARN_REGION), reader->input->region);
        Text key = is_here && text_equal_c(arn_part(arn, ARN_SERVICE), "acm")
                       ? new_fact(reader, arena_format(reader->arena, "certificate/%.*s", TEXT_ARG(arn)))
                       : TEXT_NONE;
        if (key.len)
            asker_ask(reader->asker, &certificate_question, TEXT_NONE, arn, keep_text(reader, key), take_certificate);
    }
}

/* --- clusters that exist by the file's word --- */

static void take_cluster(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    Text status = reader_text(result, "status");
    if (text_equal_c(status, "ACTIVE"))
        json_set_c(reader->arena, fact_object(reader, *(const Text *)subject), "status", json_get_c(result, "status"));
}

static void ask_cluster(Reader *reader, const Resource *service)
{
    Text name = reader_value(reader, json_get_c(service->input, "cluster"));
    bool is_declared = resources_find_name(reader->input->resources, RESOURCE_CLUSTER, name) != NULL;
    Text key = name.len && !is_declared ? new_fact(reader, arena_format(reader->arena, "cluster/%.*s", TEXT_ARG(name))) : TEXT_NONE;
    if (key.len)
        asker_ask(reader->asker, &cluster_question, TEXT_NONE, name, keep_text(reader, key), take_cluster);
}

/* --- ways out --- */

/* What is known of the networks that services are in. */
typedef struct Ways {
    TextArray subnets;
    TextArray vpcs;
    ARRAY(Json *) tables;
    ARRAY(Json *) endpoints;
    ARRAY(Json *) places; /* DescribeSubnets' */
} Ways;

static void add_text(Reader *reader, TextArray *texts, Text text)
{
    for (size_t i = 0; i < texts->count; i++)
        if (text_equal(texts->items[i], text))
            return;
    if (text.len)
        ARRAY_PUSH(reader->arena, texts, text);
}

static void add_subnets(Reader *reader, const Json *subnets, Ways *ways)
{
    for (size_t i = 0; i < json_item_count(subnets); i++) {
        const Json *subnet = subnets->items.items[i];
        if (subnet->kind != JSON_REFERENCE) {
            add_text(reader, &ways->subnets, reader_value(reader, subnet));
            continue;
        }
        Text key = arena_format(reader->arena, "%.*s#%.*s", TEXT_ARG(subnet->reference->resource), TEXT_ARG(subnet->reference->attribute));
        const Json *found = json_get(reader->lookups, key);
        for (size_t j = 0; j < json_item_count(found); j++)
            add_text(reader, &ways->subnets, reader_value(reader, found->items.items[j]));
    }
}

/* The table of the subnet, or the main one of its VPC. */
static const Json *table_of(const Ways *ways, Text subnet, Text vpc)
{
    const Json *main_table = NULL;
    for (size_t i = 0; i < ways->tables.count; i++) {
        const Json *associations = json_get_c(ways->tables.items[i], "Associations");
        for (size_t j = 0; j < json_item_count(associations); j++) {
            const Json *is_main = json_get_c(associations->items.items[j], "Main");
            if (text_equal(reader_text(associations->items.items[j], "SubnetId"), subnet))
                return ways->tables.items[i];
            if (is_main && is_main->kind == JSON_BOOL && is_main->boolean && text_equal(reader_text(ways->tables.items[i], "VpcId"), vpc))
                main_table = ways->tables.items[i];
        }
    }
    return main_table;
}

/* What the default route leads to: "nat-…", "igw-…", a transit gateway. Empty: there is none. */
static Text default_route(const Json *table)
{
    static const char *const targets[] = {"NatGatewayId", "GatewayId", "TransitGatewayId", "InstanceId", "NetworkInterfaceId", "VpcPeeringConnectionId",
                                          "LocalGatewayId", "CoreNetworkArn"};
    const Json *routes = json_get_c(table, "Routes");
    for (size_t i = 0; i < json_item_count(routes); i++) {
        const Json *route = routes->items.items[i];
        if (!text_equal_c(reader_text(route, "DestinationCidrBlock"), "0.0.0.0/0") || text_equal_c(reader_text(route, "State"), "blackhole"))
            continue;
        for (size_t j = 0; j < sizeof targets / sizeof *targets; j++)
            if (reader_text(route, targets[j]).len)
                return reader_text(route, targets[j]);
    }
    return TEXT_NONE;
}

/* Of a gateway's, the subnet's table must name it; the others serve the whole VPC, by the names that they take over there. */
static bool serves(const Json *endpoint, const Json *table)
{
    const Json *tables = json_get_c(endpoint, "RouteTableIds");
    const Json *takes_names = json_get_c(endpoint, "PrivateDnsEnabled");
    Text state = reader_text(endpoint, "State");
    if (state.len && !text_equal_any_case(state, TEXT("available")))
        return false;
    if (!text_equal_c(reader_text(endpoint, "VpcEndpointType"), "Gateway"))
        return !takes_names || takes_names->kind != JSON_BOOL || takes_names->boolean;
    for (size_t i = 0; i < json_item_count(tables); i++)
        if (tables->items.items[i]->kind == JSON_TEXT && text_equal(tables->items.items[i]->text, reader_text(table, "RouteTableId")))
            return true;
    return false;
}

static void conclude_ways(Reader *reader, const Ways *ways)
{
    for (size_t i = 0; i < ways->places.count; i++) {
        Text subnet = reader_text(ways->places.items[i], "SubnetId");
        Text vpc = reader_text(ways->places.items[i], "VpcId");
        const Json *table = table_of(ways, subnet, vpc);
        Json *fact = fact_object(reader, arena_format(reader->arena, "subnet/%.*s", TEXT_ARG(subnet)));
        Json *services = json_array(reader->arena);
        json_set_c(reader->arena, fact, "route", json_text(reader->arena, default_route(table)));
        for (size_t j = 0; j < ways->endpoints.count; j++) {
            const Json *endpoint = ways->endpoints.items[j];
            Text name = reader_text(endpoint, "ServiceName"); /* "com.amazonaws.eu-west-1.ecr.api" */
            size_t at = text_find(name, reader->input->region);
            if (text_equal(reader_text(endpoint, "VpcId"), vpc) && at < name.len && serves(endpoint, table))
                json_add(reader->arena, services, json_text(reader->arena, text_slice(name, at + reader->input->region.len + 1, name.len)));
        }
        json_set_c(reader->arena, fact, "endpoints", services);
    }
}

static void take_table(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    Ways *ways = subject;
    if (result)
        ARRAY_PUSH(reader->arena, &ways->tables, result);
}

static void take_endpoint(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    Ways *ways = subject;
    if (result)
        ARRAY_PUSH(reader->arena, &ways->endpoints, result);
}

static Json *vpcs_input(Reader *reader, const Ways *ways)
{
    Json *input = json_object(reader->arena);
    reader_add_filter(reader, input, TEXT("vpc-id"), ways->vpcs.items[0]);
    Json *values = json_get_c(json_get_c(input, "Filters")->items.items[0], "Values");
    for (size_t i = 1; i < ways->vpcs.count; i++)
        json_add(reader->arena, values, json_text(reader->arena, ways->vpcs.items[i]));
    return input;
}

static void take_place(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    Ways *ways = subject;
    if (result) {
        ARRAY_PUSH(reader->arena, &ways->places, result);
        add_text(reader, &ways->vpcs, reader_text(result, "VpcId"));
    } else if (ways->vpcs.count) {
        asker_list(reader->asker, &tables_question, vpcs_input(reader, ways), ways, take_table);
        asker_list(reader->asker, &endpoints_question, vpcs_input(reader, ways), ways, take_endpoint);
    }
}

static void ask_ways(Reader *reader, Ways *ways)
{
    Json *input = json_object(reader->arena);
    if (!ways->subnets.count)
        return;
    reader_add_filter(reader, input, TEXT("subnet-id"), ways->subnets.items[0]);
    Json *values = json_get_c(json_get_c(input, "Filters")->items.items[0], "Values");
    for (size_t i = 1; i < ways->subnets.count; i++)
        json_add(reader->arena, values, json_text(reader->arena, ways->subnets.items[i]));
    asker_list(reader->asker, &subnets_question, input, ways, take_place);
}

/* --- rollouts that are under way --- */

/* "/svc/shop/prod/api/lease/7" */
static void take_lease(void *context, void *subject, Json *parameter)
{
    enum { SERVICE_PART = 5, LEASE_PART = 6 }; /* the first is empty */
    Reader *reader = context;
    ReadJsonError error;
    (void)subject;
    if (!parameter)
        return;
    Text rest = reader_text(parameter, "Name");
    Text service = TEXT_NONE;
    bool is_lease = false;
    for (size_t part = 1; rest.len; part++) {
        size_t slash = text_find_byte(rest, '/');
        Text name = text_slice(rest, 0, slash);
        service = part == SERVICE_PART ? name : service;
        is_lease = is_lease || (part == LEASE_PART && text_equal_c(name, "lease"));
        rest = slash < rest.len ? text_slice(rest, slash + 1, rest.len) : TEXT_NONE;
    }
    const ReadJson *value = is_lease ? json_read(reader->arena, reader_text(parameter, "Value"), &error) : NULL;
    Text state = json_read_text(json_read_member(json_read_member(value, "rollout"), "state"));
    if (state.len && !text_equal_c(state, "done"))
        json_set_c(reader->arena, fact_object(reader, arena_format(reader->arena, "rollout/%.*s", TEXT_ARG(service))), "state", json_text(reader->arena, state));
}

static void ask_rollouts(Reader *reader)
{
    const Model *model = reader->input->model;
    bool has_rollout = false;
    for (size_t i = 0; i < reader->input->resources->items.count; i++)
        has_rollout = has_rollout || reader->input->resources->items.items[i]->kind == RESOURCE_ROLLOUT;
    if (!has_rollout)
        return;
    Text environment = model->environment.name;
    Text path = arena_format(reader->arena, "/svc/%.*s/%.*s", TEXT_ARG(model->project), TEXT_ARG(environment.len ? environment : TEXT("-")));
    Json *input = reader_object(reader, "Path", path);
    json_set_c(reader->arena, input, "Recursive", json_bool(reader->arena, true));
    asker_try_list(reader->asker, &leases_question, input, NULL, take_lease);
}

void find_facts(Reader *reader)
{
    NameSet secrets = {0};
    NameSet parameters = {0};
    Ways ways = {0};
    for (size_t i = 0; i < reader->input->resources->items.count; i++) {
        const Resource *resource = reader->input->resources->items.items[i];
        if (resource->kind == RESOURCE_TASK_DEFINITION)
            ask_task(reader, resource, &secrets, &parameters);
        else if (resource->kind == RESOURCE_LISTENER)
            ask_certificates(reader, resource);
        if (resource->kind == RESOURCE_SERVICE)
            ask_cluster(reader, resource);
        if (resource->kind == RESOURCE_SERVICE)
            add_subnets(reader, json_get_c(json_get_c(json_get_c(resource->input, "networkConfiguration"), "awsvpcConfiguration"), "subnets"), &ways);
    }
    ask_rollouts(reader);
    ask_secrets(reader, &secrets);
    ask_parameters(reader, &parameters);
    ask_ways(reader, &ways);
    asker_run(reader->asker);
    conclude_ways(reader, &ways);
}
