/* The hosts follow one rule, with the exceptions that the tables list (AWS: General Reference, Service endpoints). */
#include "aws/endpoints.h"

#include "aws/url.h"
#include "schema/partition.h"
#include "schema/schema.h"

/* A service, and how its hosts differ from the rule: `prefix.region.suffix`, `prefix-fips.region.suffix`. */
typedef struct ServiceRow {
    const char *name;     /* botocore's */
    const char *variable; /* its part of AWS_ENDPOINT_URL_…; in small letters its key in a `services` section */
    const char *prefix;   /* where the schema has none, or where IPv6 has another */
    const char *signing_name;
    bool is_plain_in_gov;           /* there every host is FIPS's, and called as all others are */
    bool is_plain_in_gov_dualstack; /* with IPv6 as well */
    bool is_dualstack_by_nature;    /* its usual host has IPv6 */
} ServiceRow;

static const ServiceRow services[] = {
    {.name = "acm", .variable = "ACM", .is_plain_in_gov = true},
    {.name = "application-autoscaling", .variable = "APPLICATION_AUTO_SCALING", .is_plain_in_gov = true},
    {.name = "budgets", .variable = "BUDGETS"},
    {.name = "cloudwatch", .variable = "CLOUDWATCH", .is_plain_in_gov = true, .is_plain_in_gov_dualstack = true},
    {.name = "ec2", .variable = "EC2", .is_plain_in_gov = true},
    {.name = "ecr", .variable = "ECR", .prefix = "ecr"},
    {.name = "ecs", .variable = "ECS"},
    {.name = "elbv2", .variable = "ELASTIC_LOAD_BALANCING_V2", .is_plain_in_gov = true},
    {.name = "events", .variable = "EVENTBRIDGE", .is_plain_in_gov = true, .is_plain_in_gov_dualstack = true},
    {.name = "iam", .variable = "IAM"},
    {.name = "logs", .variable = "CLOUDWATCH_LOGS", .is_plain_in_gov = true},
    {.name = "resourcegroupstaggingapi", .variable = "RESOURCE_GROUPS_TAGGING_API"},
    {.name = "scheduler", .variable = "SCHEDULER"},
    {.name = "secretsmanager", .variable = "SECRETS_MANAGER", .is_dualstack_by_nature = true},
    {.name = "sns", .variable = "SNS", .is_plain_in_gov = true},
    {.name = "sqs", .variable = "SQS", .is_plain_in_gov = true},
    {.name = "ssm", .variable = "SSM", .is_plain_in_gov = true},
    {.name = "sso", .variable = "SSO", .prefix = "portal.sso", .signing_name = "awsssoportal", .is_plain_in_gov = true},
    {.name = "sso-oidc", .variable = "SSO_OIDC", .prefix = "oidc", .signing_name = "sso-oauth", .is_plain_in_gov = true},
    {.name = "sts", .variable = "STS", .is_plain_in_gov = true},
    {.name = "wafv2", .variable = "WAFV2"},
};

/* A service that has one host for all regions of a partition. NULL: there is none of this kind. */
typedef struct GlobalRow {
    const char *service;
    const char *partition;
    const char *signing_region;
    const char *hosts[2][2]; /* [FIPS][IPv6] */
} GlobalRow;

static const GlobalRow globals[] = {
    {"iam", "aws", "us-east-1", {{"iam.amazonaws.com", "iam.global.api.aws"}, {"iam-fips.amazonaws.com", "iam-fips.global.api.aws"}}},
    {"iam", "aws-cn", "cn-north-1", {{"iam.cn-north-1.amazonaws.com.cn", "iam.global.api.amazonwebservices.com.cn"}, {NULL, NULL}}},
    {"iam", "aws-us-gov", "us-gov-west-1", {{"iam.us-gov.amazonaws.com", "iam.us-gov.api.aws"}, {"iam.us-gov.amazonaws.com", "iam.us-gov.api.aws"}}},
    {"iam", "aws-eusc", "eusc-de-east-1", {{"iam.eusc-de-east-1.amazonaws.eu", NULL}, {NULL, NULL}}},
    {"iam", "aws-iso", "us-iso-east-1", {{"iam.us-iso-east-1.c2s.ic.gov", NULL}, {"iam-fips.us-iso-east-1.c2s.ic.gov", NULL}}},
    {"iam", "aws-iso-b", "us-isob-east-1", {{"iam.us-isob-east-1.sc2s.sgov.gov", NULL}, {"iam-fips.us-isob-east-1.sc2s.sgov.gov", NULL}}},
    {"iam", "aws-iso-e", "eu-isoe-west-1", {{"iam.eu-isoe-west-1.cloud.adc-e.uk", NULL}, {NULL, NULL}}},
    {"iam", "aws-iso-f", "us-isof-south-1", {{"iam.us-isof-south-1.csp.hci.ic.gov", NULL}, {NULL, NULL}}},
    {"budgets", "aws", "us-east-1", {{"budgets.amazonaws.com", "budgets.us-east-1.api.aws"}, {"budgets-fips.amazonaws.com", "budgets-fips.api.aws"}}},
    {"budgets", "aws-cn", "cn-northwest-1", {{"budgets.amazonaws.com.cn", NULL}, {NULL, NULL}}},
    {"budgets", "aws-us-gov", "us-gov-west-1", {{"budgets.amazonaws.com", NULL}, {NULL, NULL}}},
    {"budgets", "aws-eusc", "eusc-de-east-1", {{"budgets.eusc-de-east-1.api.amazonwebservices.eu", NULL}, {NULL, NULL}}},
    {"budgets", "aws-iso", "us-iso-east-1", {{"budgets.c2s.ic.gov", NULL}, {NULL, NULL}}},
    {"budgets", "aws-iso-b", "us-isob-east-1", {{"budgets.global.sc2s.sgov.gov", NULL}, {NULL, NULL}}},
    {"budgets", "aws-iso-e", "eu-isoe-west-1", {{"budgets.global.cloud.adc-e.uk", NULL}, {NULL, NULL}}},
    {"budgets", "aws-iso-f", "us-isof-south-1", {{"budgets.global.csp.hci.ic.gov", NULL}, {NULL, NULL}}},
};

/* What one endpoint is looked for with. */
typedef struct Search {
    Arena *arena;
    const AwsSettings *settings;
    const ServiceRow *row;
    const Partition *partition;
    Text region;
    Text *reason;
} Search;

static const ServiceRow *find_row(Text service)
{
    for (size_t i = 0; i < sizeof services / sizeof services[0]; i++)
        if (text_equal_c(service, services[i].name))
            return &services[i];
    return NULL;
}

static const GlobalRow *find_global(const Search *search)
{
    for (size_t i = 0; i < sizeof globals / sizeof globals[0]; i++)
        if (strcmp(globals[i].service, search->row->name) == 0 && text_equal_c(search->partition->name, globals[i].partition))
            return &globals[i];
    return NULL;
}

/* A part of a host's name and of the signature: nothing else may come in by way of a setting. */
static bool is_region(Text region)
{
    enum { LONGEST = 63 };
    bool is_good = region.len > 0 && region.len <= LONGEST && byte_is_alphanumeric(region.ptr[0]);
    for (size_t i = 0; i < region.len; i++)
        is_good = is_good && (byte_is_alphanumeric(region.ptr[i]) || region.ptr[i] == '-');
    return is_good;
}

/* The URL of a `services` section. False when the profile names one that does not exist. */
static bool find_in_services(const Search *search, Text *url)
{
    Text name = aws_settings_find(search->settings, "services");
    if (name.len == 0)
        return true;
    const AwsProfileSection *section = aws_profiles_find(&search->settings->config, AWS_SECTION_SERVICES, name);
    if (!section) {
        *search->reason = arena_format(search->arena, "profile `%.*s` names the section [services %.*s], which %.*s does not have",
                                       TEXT_ARG(search->settings->profile), TEXT_ARG(name), TEXT_ARG(search->settings->config_path));
        return false;
    }
    Text key = aws_url_lower(search->arena, text_from_c(search->row->variable));
    const AwsProfileSetting *setting = aws_section_find(section, arena_copy_text(search->arena, key).ptr);
    for (size_t i = 0; setting && i < setting->nested_count; i++)
        if (text_equal_c(setting->nested[i].key, "endpoint_url"))
            *url = setting->nested[i].value;
    return true;
}

/* A URL that somebody set: for the service before for all, in the environment before in the files. Empty: none. */
static bool find_override(const Search *search, Text *url)
{
    *url = TEXT_NONE;
    if (search->settings->ignore_endpoint_urls)
        return true;
    const AwsEnvironment *environment = &search->settings->environment;
    *url = aws_environment_find(environment, arena_format(search->arena, "AWS_ENDPOINT_URL_%s", search->row->variable).ptr);
    if (url->len == 0)
        *url = aws_environment_find(environment, "AWS_ENDPOINT_URL");
    if (url->len == 0 && !find_in_services(search, url))
        return false;
    if (url->len == 0)
        *url = aws_settings_find(search->settings, "endpoint_url");
    while (text_ends_with(*url, TEXT("/")))
        url->len--;
    return true;
}

static bool check_override(const Search *search, Text url)
{
    AwsUrl parts;
    aws_url_split(search->arena, url, &parts);
    bool is_url = (text_equal_any_case(parts.scheme, TEXT("http")) || text_equal_any_case(parts.scheme, TEXT("https"))) && parts.host.len > 0;
    for (size_t i = 0; i < url.len; i++)
        is_url = is_url && (unsigned char)url.ptr[i] > ' ' && url.ptr[i] != 127;
    if (!is_url || parts.query.len > 0)
        *search->reason = arena_format(search->arena, "the endpoint URL that is set for %s is no http:// or https:// URL of a host", search->row->name);
    else if (search->settings->use_fips)
        *search->reason = arena_format(search->arena, "both FIPS endpoints and an endpoint URL for %s are set; there can be only one of them", search->row->name);
    else if (search->settings->use_dualstack)
        *search->reason =
            arena_format(search->arena, "both dual-stack endpoints and an endpoint URL for %s are set; there can be only one of them", search->row->name);
    else
        return true;
    return false;
}

/* The host by the rule. */
static Text make_host(const Search *search, Text prefix)
{
    const ServiceRow *row = search->row;
    bool is_dual = search->settings->use_dualstack;
    bool is_gov = text_equal_c(search->partition->name, "aws-us-gov");
    bool is_plain = is_gov && (is_dual ? row->is_plain_in_gov_dualstack : row->is_plain_in_gov);
    const char *fips = search->settings->use_fips && !is_plain ? "-fips" : "";
    bool is_named_so = row->is_dualstack_by_nature && (is_gov || text_equal_c(search->partition->name, "aws") || text_equal_c(search->partition->name, "aws-cn"));
    Text suffix = is_dual && !is_named_so ? search->partition->dualstack_suffix : search->partition->suffix;
    if (row->prefix && (is_dual || prefix.len == 0))
        prefix = text_from_c(row->prefix);
    return arena_format(search->arena, "%.*s%s.%.*s.%.*s", TEXT_ARG(prefix), fips, TEXT_ARG(search->region), TEXT_ARG(suffix));
}

static bool find_global_host(const Search *search, const GlobalRow *global, AwsEndpoint *out)
{
    const char *host = global->hosts[search->settings->use_fips][search->settings->use_dualstack];
    if (!host) {
        *search->reason = arena_format(search->arena, "%s has no %s endpoint in %.*s that svc knows", search->row->name,
                                       search->settings->use_fips ? "FIPS" : "dual-stack", TEXT_ARG(search->partition->name));
        return false;
    }
    out->url = arena_format(search->arena, "https://%s", host);
    return true;
}

bool aws_endpoint_find(Arena *arena, const AwsSettings *settings, Text service, Text region, AwsEndpoint *out, Text *reason)
{
    Search search = {arena, settings, find_row(service), partition_of_region(region), region, reason};
    if (!search.row) {
        *reason = arena_format(arena, "svc does not know where %.*s answers", TEXT_ARG(service));
        return false;
    }
    if (!is_region(region)) {
        *reason = arena_format(arena, "`%.*s` cannot be the name of a region", TEXT_ARG(region));
        return false;
    }
    const SchemaService *schema = schema_find_service(service);
    SchemaServiceFacts facts = schema ? schema_service_facts(schema) : (SchemaServiceFacts){0};
    const GlobalRow *global = find_global(&search);
    *out = (AwsEndpoint){.signing_name = search.row->signing_name ? text_from_c(search.row->signing_name) : facts.signing_name,
                         .signing_region = global ? text_from_c(global->signing_region) : region};
    Text url;
    if (!find_override(&search, &url) || (url.len > 0 && !check_override(&search, url)))
        return false;
    out->is_overridden = url.len > 0;
    out->url = url;
    if (out->is_overridden)
        return true;
    if (global)
        return find_global_host(&search, global, out);
    out->url = arena_format(arena, "https://%.*s", TEXT_ARG(make_host(&search, facts.endpoint_prefix)));
    return true;
}
