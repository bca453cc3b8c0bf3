/* What the file says exists: networks, by tags or ids; load balancers and their listeners. */
#include "live/reader.h"

#include <stdlib.h>

static const Question vpcs_question = {.service = "ec2", .operation = "DescribeVpcs", .results = "Vpcs"};
static const Question subnets_question = {.service = "ec2", .operation = "DescribeSubnets", .results = "Subnets"};

/* A VPC or subnets that a selector finds; several lookups may have the same selector. */
typedef struct Search {
    const Lookup *lookup;
    const Json *selector; /* of the VPC */
    Text key;             /* the selector, written: those that are equal are one search */
    ARRAY(Json *) vpcs;
    ARRAY(Text) subnets;
    ARRAY(const Lookup *) waiting; /* lookups of the VPC's attributes, and of its subnets */
} Search;

typedef ARRAY(Search *) SearchArray;

static void set_lookup(Reader *reader, const Lookup *lookup, Json *value)
{
    json_set(reader->arena, reader->lookups, arena_format(reader->arena, "%.*s#%.*s", TEXT_ARG(lookup->id), TEXT_ARG(lookup->attribute)), value);
}

static bool is_for_subnets(const Lookup *lookup)
{
    return text_ends_with(lookup->attribute, TEXT("-subnets"));
}

static void report_not_found(Reader *reader, const Lookup *lookup, size_t count, const char *what)
{
    Diagnostic *diagnostic = NULL;
    if (count == 0)
        diagnostic = diagnostic_report(reader->sink, CODE_LOOKUP_FAILED, lookup->origin, "%s is not there in account %.*s, %.*s", what, TEXT_ARG(reader->account),
                                       TEXT_ARG(reader->input->region));
    else
        diagnostic = diagnostic_report(reader->sink, CODE_LOOKUP_FAILED, lookup->origin, "%zu are found where one is meant: %s", count, what);
    diagnostic_set_label(reader->sink, diagnostic, "looked for: %.*s", TEXT_ARG(lookup->description));
    diagnostic_set_advice(reader->sink, diagnostic, count ? "say more tags, or the id" : "check the tags, the account and the region");
}

static void add_tag_filters(Reader *reader, Json *input, const Json *tags)
{
    for (size_t i = 0; tags && tags->kind == JSON_OBJECT && i < tags->members.count; i++)
        reader_add_filter(reader, input, arena_format(reader->arena, "tag:%.*s", TEXT_ARG(tags->members.items[i].key)), reader_value(reader, tags->members.items[i].value));
}

/* --- subnets --- */

typedef struct SubnetSearch {
    const Lookup *lookup;
    TextArray ids;
} SubnetSearch;

static int compare_texts(const void *a, const void *b)
{
    const Text *left = a;
    const Text *right = b;
    return text_compare(*left, *right);
}

static void take_subnet(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    SubnetSearch *search = subject;
    if (result) {
        ARRAY_PUSH(reader->arena, &search->ids, reader_text(result, "SubnetId"));
        return;
    }
    Json *list = json_array(reader->arena);
    if (search->ids.count > 1)
        qsort(search->ids.items, search->ids.count, sizeof *search->ids.items, compare_texts);
    for (size_t i = 0; i < search->ids.count; i++)
        json_add(reader->arena, list, json_text(reader->arena, search->ids.items[i]));
    if (search->ids.count)
        set_lookup(reader, search->lookup, list);
    else
        report_not_found(reader, search->lookup, 0, "a subnet with these tags");
}

static void ask_subnets(Reader *reader, const Lookup *lookup, Text vpc)
{
    SubnetSearch *search = ARENA_NEW(reader->arena, SubnetSearch);
    Json *input = json_object(reader->arena);
    search->lookup = lookup;
    add_tag_filters(reader, input, json_get_c(lookup->selector, "tags"));
    if (vpc.len)
        reader_add_filter(reader, input, TEXT("vpc-id"), vpc);
    asker_list(reader->asker, &subnets_question, input, search, take_subnet);
}

/* --- VPCs --- */

static void take_vpc(void *context, void *subject, Json *result)
{
    Reader *reader = context;
    Search *search = subject;
    if (result) {
        ARRAY_PUSH(reader->arena, &search->vpcs, result);
        return;
    }
    if (search->vpcs.count != 1) {
        report_not_found(reader, search->waiting.items[0], search->vpcs.count, "the VPC");
        return;
    }
    for (size_t i = 0; i < search->waiting.count; i++) {
        const Lookup *lookup = search->waiting.items[i];
        const Json *vpc = search->vpcs.items[0];
        if (is_for_subnets(lookup))
            ask_subnets(reader, lookup, reader_text(vpc, "VpcId"));
        else
            set_lookup(reader, lookup, json_get_c(vpc, text_equal_c(lookup->attribute, "vpc-id") ? "VpcId" : "CidrBlock"));
    }
}

static Json *vpc_input(Reader *reader, const Json *selector)
{
    Json *input = json_object(reader->arena);
    Text id = reader_value(reader, json_get_c(selector, "id"));
    if (id.len)
        reader_add_filter(reader, input, TEXT("vpc-id"), id);
    else
        add_tag_filters(reader, input, json_get_c(selector, "tags"));
    return input;
}

static Text write_selector(Reader *reader, const Json *selector)
{
    Buffer out = {0};
    json_write(&out, selector, 0);
    Text text = arena_copy_text(reader->arena, buffer_text(&out));
    buffer_free(&out);
    return text;
}

static void add_search(Reader *reader, SearchArray *searches, const Lookup *lookup, const Json *selector)
{
    Text key = write_selector(reader, selector);
    Search *search = NULL;
    for (size_t i = 0; i < searches->count && !search; i++)
        search = text_equal(searches->items[i]->key, key) ? searches->items[i] : NULL;
    if (!search) {
        search = ARENA_NEW(reader->arena, Search);
        search->selector = selector;
        search->key = key;
        ARRAY_PUSH(reader->arena, searches, search);
    }
    ARRAY_PUSH(reader->arena, &search->waiting, lookup);
}

void find_networks(Reader *reader)
{
    SearchArray searches = {0};
    for (size_t i = 0; i < reader->input->resources->lookups.count; i++) {
        const Lookup *lookup = reader->input->resources->lookups.items[i];
        const Json *vpc = json_get_c(lookup->selector, "vpc");
        if (is_for_subnets(lookup) && vpc)
            add_search(reader, &searches, lookup, vpc);
        else if (is_for_subnets(lookup))
            ask_subnets(reader, lookup, TEXT_NONE);
        else if (text_starts_with(lookup->attribute, TEXT("vpc-")))
            add_search(reader, &searches, lookup, lookup->selector);
    }
    for (size_t i = 0; i < searches.count; i++)
        asker_list(reader->asker, &vpcs_question, vpc_input(reader, searches.items[i]->selector), searches.items[i], take_vpc);
}

/* --- load balancers and listeners --- */

const Json *find_balancer_selector(const Lookup *lookup)
{
    const Json *outer = json_get_c(lookup->selector, "load-balancer");
    if (outer)
        return outer;
    return json_get_c(lookup->selector, "arn") || json_get_c(lookup->selector, "name") ? lookup->selector : NULL;
}

static Json *balancer_attribute(Reader *reader, const Json *balancer, Text attribute)
{
    Text arn = reader_text(balancer, "LoadBalancerArn");
    Text marker = TEXT(":loadbalancer/");
    size_t at = text_find(arn, marker);
    if (text_equal_c(attribute, ATTRIBUTE_ARN))
        return json_text(reader->arena, arn);
    if (text_equal_c(attribute, "full-name") && at < arn.len)
        return json_text(reader->arena, text_slice(arn, at + marker.len, arn.len));
    if (text_equal_c(attribute, "dns-name"))
        return json_get_c(balancer, "DNSName");
    if (text_equal_c(attribute, "zone-id"))
        return json_get_c(balancer, "CanonicalHostedZoneId");
    const Json *groups = json_get_c(balancer, "SecurityGroups");
    return json_item_count(groups) ? groups->items.items[0] : NULL;
}

void conclude_lookups(Reader *reader)
{
    for (size_t i = 0; i < reader->input->resources->lookups.count; i++) {
        const Lookup *lookup = reader->input->resources->lookups.items[i];
        const Json *selector = find_balancer_selector(lookup);
        const Json *balancer = selector ? find_balancer(reader, selector) : NULL;
        Text key = arena_format(reader->arena, "%.*s#%.*s", TEXT_ARG(lookup->id), TEXT_ARG(lookup->attribute));
        if (!selector || json_get(reader->lookups, key))
            continue;
        Json *value = balancer && selector == lookup->selector ? balancer_attribute(reader, balancer, lookup->attribute) : NULL;
        if (value)
            set_lookup(reader, lookup, value);
        else
            report_not_found(reader, lookup, 0, balancer ? "a listener on this port" : "the load balancer");
    }
}
