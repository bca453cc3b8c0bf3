#include "emit/network.h"

#include "document/arn.h"

Text network_name_of(Emission *emission, const Node *node)
{
    const Node *said = node_child(node, W_SERVICE_NETWORK);
    if (said)
        return node_text(said, 0);
    size_t cursor = 0;
    const Node *only = node_next_child(emission->model->file, W_NETWORK, &cursor);
    const Node *other = node_next_child(emission->model->file, W_NETWORK, &cursor);
    if (only && !other)
        return only->key;
    const char *word = vocabulary_row(W_NETWORK)->word;
    Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_NETWORK_UNCLEAR, node->span, "%s %.*s does not say its %s", node->row->word,
                                               TEXT_ARG(node->key), word);
    diagnostic_set_label(emission->sink, diagnostic, only ? "the file declares several" : "the file declares none");
    if (only)
        diagnostic_set_advice(emission->sink, diagnostic, "say `%s %.*s` or another one in its body", word, TEXT_ARG(only->key));
    else
        diagnostic_set_advice(emission->sink, diagnostic, "declare one: %s", vocabulary_row(W_NETWORK)->example);
    return TEXT_NONE;
}

Text network_id(Emission *emission, Text network)
{
    return arena_format(emission->arena, "network/%.*s", TEXT_ARG(network));
}

/* What is looked up is described for those who look it up; no rule reads it. */
static bool is_described(const Emission *emission)
{
    return emission->purpose == EMIT_TO_WRITE;
}

/* {"Tier": "private"} of a selector's body. */
static Json *selector_tags(Emission *emission, const Node *selector)
{
    Json *tags = json_object(emission->arena);
    NODE_EACH(tag, selector, W_SELECTOR_TAG)
        json_set(emission->arena, tags, node_text(tag, 0), shape_value(emission, &tag->row->arguments[1], node_argument(tag, 1)));
    return tags;
}

/* "Name=main, Tier=private" */
static Text tags_text(Emission *emission, const Json *tags)
{
    Text shown = TEXT_NONE;
    for (size_t i = 0; is_described(emission) && i < tags->members.count; i++) {
        const JsonMember *tag = &tags->members.items[i];
        Text value = tag->value->kind == JSON_TEXT ? tag->value->text : TEXT_NONE;
        shown = arena_format(emission->arena, "%.*s%s%.*s=%.*s", TEXT_ARG(shown), i ? ", " : "", TEXT_ARG(tag->key), TEXT_ARG(value));
    }
    return shown;
}

/* Whether the argument that gives ids is there, be it unknown or wrong: then nothing is to be looked up. */
static bool has_ids(const Node *selector)
{
    return node_argument(selector, 1) != NULL;
}

/* The statement of a network that finds `word`; NULL after a report when it is missing or says nothing. */
static const Node *find_selector(Emission *emission, Text network, WordId word, Span where)
{
    const Node *declaration = emit_find_declared(emission, W_NETWORK, network);
    if (!declaration)
        return NULL;
    const Node *selector = node_child(declaration, word);
    if (selector && (has_ids(selector) || node_child(selector, W_SELECTOR_TAG)))
        return selector;
    Diagnostic *diagnostic =
        diagnostic_report(emission->sink, CODE_NETWORK_SELECTOR, selector ? selector->span : declaration->span,
                          "%s %.*s does not say how its `%s` is found", declaration->row->word, TEXT_ARG(network), vocabulary_row(word)->word);
    if (!span_is_none(where))
        diagnostic_add_label(emission->sink, diagnostic, where, "needed here");
    diagnostic_set_advice(emission->sink, diagnostic, "say it by tags or by id: %s", vocabulary_row(word)->example);
    return NULL;
}

/* How the VPC is found, for a resolver: {"id": "vpc-…"} or {"tags": {…}}. */
static Json *vpc_selector(Emission *emission, const Node *vpc)
{
    Json *selector = json_object(emission->arena);
    if (has_ids(vpc))
        json_set_c(emission->arena, selector, "id", shape_value(emission, &vpc->row->arguments[1], node_argument(vpc, 1)));
    else
        json_set_c(emission->arena, selector, "tags", selector_tags(emission, vpc));
    return selector;
}

static Text vpc_text(Emission *emission, const Node *vpc)
{
    if (has_ids(vpc) || !is_described(emission))
        return node_text(vpc, 1);
    Text tags = tags_text(emission, selector_tags(emission, vpc));
    return arena_format(emission->arena, "the VPC tagged %.*s", TEXT_ARG(tags));
}

/* What is looked up once need not be described again. NULL when it is not known yet. */
static Json *known_lookup(Emission *emission, Text network, Text attribute, Span origin)
{
    const Lookup *known = resources_find_lookup(emission->resources, network_id(emission, network), attribute);
    return known ? json_at(json_reference(emission->arena, known->id, known->attribute, TEXT_NONE), origin) : NULL;
}

Json *network_vpc(Emission *emission, Text network, Span where)
{
    const Node *vpc = find_selector(emission, network, W_NETWORK_VPC, where);
    if (!vpc)
        return NULL;
    if (has_ids(vpc))
        return shape_value(emission, &vpc->row->arguments[1], node_argument(vpc, 1));
    Json *known = known_lookup(emission, network, TEXT("vpc-id"), vpc->span);
    if (known)
        return known;
    return emit_lookup(emission, network_id(emission, network), TEXT("vpc-id"), "AWS::EC2::VPC::Id", vpc_text(emission, vpc),
                       vpc_selector(emission, vpc), vpc->span);
}

Json *network_cidr(Emission *emission, Text network, Span where)
{
    const Node *vpc = find_selector(emission, network, W_NETWORK_VPC, where);
    if (!vpc)
        return NULL;
    Text shown = vpc_text(emission, vpc);
    Text description = arena_format(emission->arena, "the IPv4 range of %.*s", TEXT_ARG(shown));
    return emit_lookup(emission, network_id(emission, network), TEXT("vpc-cidr"), "String", description, vpc_selector(emission, vpc), vpc->span);
}

Json *network_subnets(Emission *emission, Text network, bool is_public, Span where)
{
    const Node *subnets = find_selector(emission, network, is_public ? W_NETWORK_PUBLIC : W_NETWORK_PRIVATE, where);
    if (!subnets)
        return NULL;
    if (has_ids(subnets))
        return shape_value(emission, &subnets->row->arguments[1], node_argument(subnets, 1));
    Text attribute = is_public ? TEXT("public-subnets") : TEXT("private-subnets");
    Json *list = json_at(json_array(emission->arena), subnets->span);
    Json *known = known_lookup(emission, network, attribute, subnets->span);
    json_add(emission->arena, list, known);
    if (known)
        return list;
    Json *tags = selector_tags(emission, subnets);
    Json *selector = json_object(emission->arena);
    json_set_c(emission->arena, selector, "tags", tags);
    Text shown = tags_text(emission, tags);
    Text description = is_described(emission) ? arena_format(emission->arena, "the subnets tagged %.*s", TEXT_ARG(shown)) : TEXT_NONE;
    const Node *vpc = find_selector(emission, network, W_NETWORK_VPC, where);
    if (vpc && is_described(emission)) {
        json_set_c(emission->arena, selector, "vpc", vpc_selector(emission, vpc));
        shown = vpc_text(emission, vpc);
        description = arena_format(emission->arena, "%.*s of %.*s", TEXT_ARG(description), TEXT_ARG(shown));
    }
    json_add(emission->arena, list,
             emit_lookup(emission, network_id(emission, network), attribute, "List<AWS::EC2::Subnet::Id>", description, selector, subnets->span));
    return list;
}

Json *topic_arn(Emission *emission, Text topic, Span where)
{
    const Node *declaration = emit_find_declared(emission, W_TOPIC, topic);
    if (!declaration)
        return NULL;
    const Node *arn = node_child(declaration, W_ARN);
    const char *word = declaration->row->word;
    if (!arn) {
        Diagnostic *diagnostic =
            diagnostic_report(emission->sink, CODE_TOPIC_ARN, declaration->span, "%s %.*s has no ARN here", word, TEXT_ARG(topic));
        if (!span_is_none(where))
            diagnostic_add_label(emission->sink, diagnostic, where, "needed here");
        diagnostic_set_advice(emission->sink, diagnostic, "say it in its body: %s", vocabulary_row(W_ARN)->example);
        return NULL;
    }
    Text text = node_text(arn, 0);
    if (text.len && !text_equal_c(arn_part(text, ARN_SERVICE), "sns")) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_PATTERN_MISMATCH, node_argument_span(arn, 0), "this is no ARN of sns");
        diagnostic_set_label(emission->sink, diagnostic, "a %s is an SNS topic: its ARN begins with arn:aws:sns:", word);
        return NULL;
    }
    Text region = arn_part(text, ARN_REGION);
    if (text.len && emission->is_region_known && !text_equal(region, emission->region)) {
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_TOPIC_REGION, node_argument_span(arn, 0),
                                                   "%s %.*s is in %.*s, the environment is in %.*s", word, TEXT_ARG(topic), TEXT_ARG(region),
                                                   TEXT_ARG(emission->region));
        diagnostic_set_label(emission->sink, diagnostic, "an alarm notifies only topics of its own region");
        if (emission->model->environment.name.len)
            diagnostic_set_advice(emission->sink, diagnostic, "give the topic of this region in `in %.*s { … }`",
                                  TEXT_ARG(emission->model->environment.name));
    }
    return shape_value(emission, &arn->row->arguments[0], node_argument(arn, 0));
}

/* svc looks networks and topics up; it has no words to create them. */
static void check_existing(Emission *emission, WordId word)
{
    NODE_EACH(declaration, emission->model->file, word)
    {
        if (emit_is_existing(declaration))
            continue;
        Diagnostic *diagnostic = diagnostic_report(emission->sink, CODE_NOT_EXISTING, declaration->span, "svc does not create a %s",
                                                   declaration->row->word);
        const Statement *statement = declaration->statement;
        diagnostic_set_label(emission->sink, diagnostic, "this one is to be found in the account");
        if (statement && statement->arguments[0] && !node_child(declaration, W_EXISTING)) {
            Span after = statement->arguments[0]->span;
            after.start = after.end;
            const char *existing = vocabulary_row(W_EXISTING)->word;
            diagnostic_set_fix(emission->sink, diagnostic, true, after, arena_format(emission->arena, " %s", existing), "%s %.*s %s",
                               declaration->row->word, TEXT_ARG(declaration->key), existing);
        }
    }
}

void emit_networks(Emission *emission)
{
    check_existing(emission, W_NETWORK);
    check_existing(emission, W_TOPIC);
}
