/* Rules of roles and their documents (AWS: IAM user guide, policy elements; IAM API reference, CreateRole, PutRolePolicy; IAM quotas). */
#include "rules/statement.h"

/* Which document a statement stands in. */
typedef enum DocumentKind { DOCUMENT_TRUST, DOCUMENT_PERMISSION } DocumentKind;

/* --- names of members --- */

static void check_members(const RuleContext *context, const Resource *role, const Json *object, const char *allowed, const char *label)
{
    for (size_t i = 0; object->kind == JSON_OBJECT && i < object->members.count; i++) {
        const JsonMember *member = &object->members.items[i];
        if (rule_is_one_of(member->key, allowed))
            continue;
        Span key = json_key_origin(context->sink->sources, member);
        const Json place = {.kind = JSON_NULL, .origin = span_is_none(key) ? member->value->origin : key};
        Diagnostic *d = rule_report(context, role, CODE_POLICY_DOCUMENT, &place, "%s has no member %.*s", label, TEXT_ARG(member->key));
        Text words = rule_words_text(context->arena, allowed);
        diagnostic_set_advice(context->sink, d, "it has %.*s", TEXT_ARG(words));
    }
}

/* --- actions --- */

/* "service:Name", in which the name may have wildcards; "*" alone is every action. */
static bool is_action(Text text)
{
    size_t colon = text_find_byte(text, ':');
    Text service = text_slice(text, 0, colon);
    Text name = colon < text.len ? text_slice(text, colon + 1, text.len) : TEXT_NONE;
    return text_equal_c(text, "*") || (service.len && name.len && rule_has_only(service, "a-zA-Z0-9-") && rule_has_only(name, "a-zA-Z0-9*?"));
}

static void check_action(const RuleContext *context, const Resource *role, const Json *action, DocumentKind kind)
{
    Text text = action->kind == JSON_TEXT ? action->text : TEXT_NONE;
    if (rule_is_open(action) || action->kind == JSON_REFERENCE || action->kind == JSON_JOINED)
        return;
    if (!is_action(text)) {
        Diagnostic *d = rule_report(context, role, CODE_POLICY_ACTION, action, "this is no action: one is a service and a name, such as s3:GetObject");
        rule_tell(context, d, NULL, text_find_byte(text, ':') == text.len ? "put the service before it, as in s3:GetObject" : "write it as service:Name");
    } else if (kind == DOCUMENT_TRUST && !text_starts_with(text, TEXT("sts:"))) {
        rule_report_with(context, role, CODE_POLICY_ACTION, action, "a trust policy allows actions of sts only", "use sts:AssumeRole; what the role may do stands in its policies");
    }
}

/* --- resources --- */

/* "arn:partition:service:region:account:resource"; variables may hide colons, so that only the beginning is certain then. */
static bool is_arn(Text text)
{
    enum { COLONS = 5 };
    return text_starts_with(text, TEXT("arn:")) && (rule_count_byte(text, ':') >= COLONS || text_find(text, TEXT("${")) != text.len || text_find_byte(text, '*') != text.len);
}

/* Whether it is one of AWS's partitions, or may be one: a wildcard or a variable. */
static bool may_be_partition(Text text)
{
    return text_equal_c(text, "aws") || text_starts_with(text, TEXT("aws-")) || !rule_has_only(text, "a-zA-Z0-9-");
}

/* Names of IAM and of buckets are the same in every region, and their ARNs have none; other resources of S3 have theirs. */
static bool has_no_region(Text service, Text resource)
{
    Text first = text_slice(resource, 0, text_find_byte(resource, '/'));
    bool is_bucket = rule_has_only(first, "a-zA-Z0-9._-") && !rule_is_one_of(first, "accesspoint job storage-lens storage-lens-group async-request access-grants");
    return text_equal_c(service, "iam") || (text_equal_c(service, "s3") && is_bucket);
}

static void check_arn(const RuleContext *context, const Resource *role, const Json *resource)
{
    Text partition = arn_part(resource->text, ARN_PARTITION);
    Text service = arn_part(resource->text, ARN_SERVICE);
    Text region = arn_part(resource->text, ARN_REGION);
    if (!may_be_partition(partition)) {
        Diagnostic *d = rule_report(context, role, CODE_POLICY_RESOURCE, resource, "AWS has no partition \"%.*s\"", TEXT_ARG(partition));
        rule_tell(context, d, "AWS refuses the policy", "begin with arn:aws:, in China arn:aws-cn:, in GovCloud arn:aws-us-gov:");
    } else if (region.len && rule_has_only(region, "a-z0-9-") && has_no_region(service, arn_part(resource->text, ARN_RESOURCE))) {
        bool is_iam = text_equal_c(service, "iam");
        Diagnostic *d = rule_report(context, role, CODE_POLICY_RESOURCE, resource, "the ARN of %s has no region", is_iam ? "a resource of IAM" : "a bucket");
        rule_tell(context, d, "AWS refuses the policy", is_iam ? "write arn:aws:iam::ACCOUNT:…" : "write arn:aws:s3:::BUCKET");
    }
}

static void check_resource(const RuleContext *context, const Resource *role, const Json *resource)
{
    Text text = resource->kind == JSON_TEXT ? resource->text : TEXT_NONE;
    if (!text.len || text_equal_c(text, "*"))
        return;
    if (is_arn(text)) {
        check_arn(context, role, resource);
        return;
    }
    Diagnostic *d = rule_report(context, role, CODE_POLICY_RESOURCE, resource, "%.*s is no ARN", TEXT_ARG(text));
    rule_tell(context, d, "AWS refuses the policy", "write arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE, or \"*\" for actions that know no resources");
}

/* --- conditions --- */

static bool is_operator(Text text)
{
    static const char operators[] =
        "StringEquals StringNotEquals StringEqualsIgnoreCase StringNotEqualsIgnoreCase StringLike StringNotLike NumericEquals NumericNotEquals NumericLessThan "
        "NumericLessThanEquals NumericGreaterThan NumericGreaterThanEquals DateEquals DateNotEquals DateLessThan DateLessThanEquals DateGreaterThan "
        "DateGreaterThanEquals Bool BinaryEquals IpAddress NotIpAddress ArnEquals ArnLike ArnNotEquals ArnNotLike Null";
    if (text_starts_with(text, TEXT("ForAllValues:")) || text_starts_with(text, TEXT("ForAnyValue:")))
        text = text_slice(text, text_find_byte(text, ':') + 1, text.len);
    if (text_ends_with(text, TEXT("IfExists")))
        text = text_slice(text, 0, text.len - 8);
    return rule_is_one_of(text, operators);
}

static void check_condition(const RuleContext *context, const Resource *role, const Json *condition)
{
    if (condition->kind == JSON_ARRAY || condition->kind == JSON_TEXT)
        rule_report_with(context, role, CODE_POLICY_DOCUMENT, condition, "a Condition is an object: operators, each with what it compares", "write {\"StringEquals\": {\"aws:SourceAccount\": \"123456789012\"}}");
    for (size_t i = 0; condition->kind == JSON_OBJECT && i < condition->members.count; i++) {
        const JsonMember *member = &condition->members.items[i];
        if (is_operator(member->key))
            continue;
        Diagnostic *d = rule_report(context, role, CODE_POLICY_CONDITION, member->value, "there is no condition operator %.*s", TEXT_ARG(member->key));
        rule_tell(context, d, NULL, "use one such as StringEquals, StringLike, ArnLike, Bool or IpAddress");
    }
}

/* --- principals --- */

static void check_principal(const RuleContext *context, const Resource *role, const Json *principal)
{
    if (principal->kind == JSON_TEXT && !text_equal_c(principal->text, "*")) {
        rule_report_with(context, role, CODE_POLICY_PRINCIPAL, principal, "a principal says of which kind it is", "write {\"Service\": \"ecs-tasks.amazonaws.com\"} or {\"AWS\": \"arn:…\"}");
        return;
    }
    check_members(context, role, principal, "Service AWS Federated CanonicalUser", "Principal");
    const Json *services = json_get_c(principal, "Service");
    for (size_t i = 0; i < statement_value_count(services); i++) {
        const Json *item = statement_value_at(services, i);
        if (item->kind != JSON_TEXT || text_find(item->text, TEXT(".amazonaws.")) != item->text.len || text_ends_with(item->text, TEXT(".aws.internal")))
            continue;
        Diagnostic *d = rule_report(context, role, CODE_POLICY_PRINCIPAL, item, "%.*s is no service of AWS", TEXT_ARG(item->text));
        rule_tell(context, d, NULL, "services are named as ecs-tasks.amazonaws.com");
    }
    const Json *everybody = rule_text_is(principal, "*") ? principal : json_get_c(principal, "AWS");
    if (rule_text_is(everybody, "*"))
        rule_report_with(context, role, CODE_TRUST_EVERYBODY, everybody, "everybody with an AWS account may assume this role", "name the service or the accounts");
}

/* --- statements --- */

static bool has_values(const Json *value)
{
    return rule_is_open(value) || statement_value_count(value) > 0;
}

static void check_pair(const RuleContext *context, const Resource *role, const Json *statement, const char *word, const char *not_word)
{
    const Json *positive = json_get_c(statement, word);
    const Json *negative = json_get_c(statement, not_word);
    if (rule_is_set(positive) && rule_is_set(negative)) {
        Diagnostic *d = rule_report(context, role, CODE_POLICY_DOCUMENT, negative, "a statement has %s or %s, not both", word, not_word);
        diagnostic_set_advice(context->sink, d, "keep %s", word);
    } else if (!has_values(positive) && !has_values(negative)) {
        Diagnostic *d = rule_report(context, role, CODE_POLICY_DOCUMENT, rule_is_set(positive) ? positive : statement, "the statement has no %s", word);
        diagnostic_set_advice(context->sink, d, "add %s", word);
    }
}

/* --- what is too wide --- */

static bool is_wide_action(Text text)
{
    return text_equal_c(text, "*") || text_ends_with(text, TEXT(":*"));
}

static void check_width(const RuleContext *context, const Resource *role, const Json *statement)
{
    const Json *actions = json_get_c(statement, "Action");
    const Json *resources = json_get_c(statement, "Resource");
    bool is_everywhere = false;
    for (size_t i = 0; i < statement_value_count(resources); i++)
        is_everywhere = is_everywhere || rule_text_is(statement_value_at(resources, i), "*");
    if (context->is_svc || !rule_text_is(json_get_c(statement, "Effect"), "Allow") || !is_everywhere)
        return;
    for (size_t i = 0; i < statement_value_count(actions); i++) {
        const Json *action = statement_value_at(actions, i);
        if (!is_wide_action(rule_text(action)) && !text_equal_c(rule_text(action), "iam:PassRole"))
            continue;
        Diagnostic *d = rule_report(context, role, CODE_WIDE_GRANT, action, "%.*s on every resource", TEXT_ARG(rule_text(action)));
        rule_tell(context, d, "more than the tasks need", "name the actions and the resources");
    }
    if (rule_is_set(json_get_c(statement, "NotAction")))
        rule_report_with(context, role, CODE_WIDE_GRANT, json_get_c(statement, "NotAction"), "every action but these, on every resource", "name the actions and the resources");
}

static void check_statement(const RuleContext *context, const Resource *role, const Json *statement, DocumentKind kind)
{
    static const char members[] = "Sid Effect Principal NotPrincipal Action NotAction Resource NotResource Condition";
    const Json *effect = json_get_c(statement, "Effect");
    const Json *sid = json_get_c(statement, "Sid");
    if (statement->kind != JSON_OBJECT)
        return;
    check_members(context, role, statement, members, "a statement");
    if (!rule_is_open(effect) && !rule_text_is(effect, "Allow") && !rule_text_is(effect, "Deny"))
        rule_report_with(context, role, CODE_POLICY_DOCUMENT, rule_is_set(effect) ? effect : statement, "the Effect of a statement is Allow or Deny", "write \"Effect\": \"Allow\"");
    if (rule_text(sid).len && sid->kind == JSON_TEXT && !rule_has_only(sid->text, "a-zA-Z0-9"))
        rule_report_with(context, role, CODE_POLICY_DOCUMENT, sid, "a Sid in a role's policy has letters and digits only", "leave out the other characters");
    check_pair(context, role, statement, "Action", "NotAction");
    const Json *principal = json_get_c(statement, "Principal");
    if (kind == DOCUMENT_TRUST) {
        if (!rule_is_set(principal) && !rule_is_set(json_get_c(statement, "NotPrincipal")))
            rule_report_with(context, role, CODE_POLICY_PRINCIPAL, statement, "a trust policy says who may assume the role", "add \"Principal\": {\"Service\": \"ecs-tasks.amazonaws.com\"}");
        else if (rule_is_known(principal))
            check_principal(context, role, principal);
        if (rule_is_set(json_get_c(statement, "Resource")))
            rule_report_with(context, role, CODE_POLICY_PRINCIPAL, json_get_c(statement, "Resource"), "a trust policy has no Resource: it is about this role", "leave Resource out");
    } else {
        check_pair(context, role, statement, "Resource", "NotResource");
        if (rule_is_set(principal))
            rule_report_with(context, role, CODE_POLICY_PRINCIPAL, principal, "a role's policy has no Principal: it is about this role", "leave Principal out");
        check_width(context, role, statement);
    }
    static const char *const actions[] = {"Action", "NotAction"};
    static const char *const resources[] = {"Resource", "NotResource"};
    for (size_t i = 0; i < 2; i++) {
        const Json *list = json_get_c(statement, actions[i]);
        for (size_t j = 0; j < statement_value_count(list); j++)
            check_action(context, role, statement_value_at(list, j), kind);
        list = json_get_c(statement, resources[i]);
        for (size_t j = 0; kind == DOCUMENT_PERMISSION && j < statement_value_count(list); j++)
            check_resource(context, role, statement_value_at(list, j));
    }
    if (rule_is_known(json_get_c(statement, "Condition")))
        check_condition(context, role, json_get_c(statement, "Condition"));
}

static bool uses_variables(const Json *document)
{
    for (size_t i = 0; i < statement_count(document); i++) {
        const Json *resources = json_get_c(statement_at(document, i), "Resource");
        for (size_t j = 0; j < statement_value_count(resources); j++)
            if (text_find(rule_text(statement_value_at(resources, j)), TEXT("${aws:")) != rule_text(statement_value_at(resources, j)).len)
                return true;
    }
    return false;
}

static void check_sids(const RuleContext *context, const Resource *role, const Json *document)
{
    for (size_t i = 0; i < statement_count(document); i++) {
        const Json *sid = json_get_c(statement_at(document, i), "Sid");
        for (size_t j = 0; j < i && rule_text(sid).len; j++)
            if (text_equal(rule_text(json_get_c(statement_at(document, j), "Sid")), rule_text(sid)))
                rule_report_with(context, role, CODE_POLICY_DOCUMENT, sid, "another statement of the document has this Sid", "give each statement its own, or none");
    }
}

static void check_document(const RuleContext *context, const Resource *role, const Json *document, DocumentKind kind)
{
    const Json *version = json_get_c(document, "Version");
    const Json *statements = json_get_c(document, "Statement");
    if (!rule_is_known(document) || document->kind != JSON_OBJECT)
        return;
    check_members(context, role, document, "Version Id Statement", "a policy document");
    if (rule_is_known(version) && !rule_text_is(version, "2012-10-17") && !rule_text_is(version, "2008-10-17"))
        rule_report_with(context, role, CODE_POLICY_DOCUMENT, version, "the Version of a policy document is the language's, not the policy's", "write \"2012-10-17\"");
    else if (!rule_is_open(version) && !rule_text_is(version, "2012-10-17") && uses_variables(document))
        rule_report_with(context, role, CODE_POLICY_VERSION, rule_is_set(version) ? version : document, "variables such as ${aws:username} are plain text in this version of the language", "add \"Version\": \"2012-10-17\"");
    if (!rule_is_open(statements) && !statement_count(document))
        rule_report_with(context, role, CODE_POLICY_DOCUMENT, rule_is_set(statements) ? statements : document, "the policy document has no statement", "add Statement");
    for (size_t i = 0; i < statement_count(document); i++)
        check_statement(context, role, statement_at(document, i), kind);
    check_sids(context, role, document);
}

static void check_trust(const RuleContext *context, const Resource *role, const Json *input)
{
    (void)input;
    if (statement_trust(role))
        check_document(context, role, statement_trust(role), DOCUMENT_TRUST);
}

static void check_policies(const RuleContext *context, const Resource *role, const Json *input)
{
    (void)input;
    const Json *document;
    for (size_t i = 0; (document = statement_policy(role, i)); i++)
        check_document(context, role, document, DOCUMENT_PERMISSION);
}

/* --- sizes --- */

/* Characters without blanks, as IAM counts them. */
static size_t policy_size(const Json *document)
{
    Buffer out = {0};
    json_write(&out, document, 0);
    Text text = buffer_text(&out);
    size_t size = text.len - rule_count_byte(text, ' ');
    buffer_free(&out);
    return size;
}

static void check_size(const RuleContext *context, const Resource *role, const Json *input)
{
    enum { INLINE_MAX = 10240, TRUST_USUAL = 2048, MANAGED_USUAL = 10 };
    const Json *document;
    const Json *trust = statement_trust(role);
    size_t total = 0;
    (void)input;
    if (context->is_svc)
        return;
    for (size_t i = 0; (document = statement_policy(role, i)); i++)
        total += policy_size(document);
    if (total > INLINE_MAX) {
        Diagnostic *d = rule_report(context, role, CODE_POLICY_TOO_LONG, statement_policy(role, 0), "the role's policies have %zu characters, and a role has at most %d", total, INLINE_MAX);
        rule_tell(context, d, NULL, "unite statements, or use a managed policy");
    }
    if (trust && trust->kind == JSON_OBJECT && policy_size(trust) > TRUST_USUAL)
        rule_report_with(context, role, CODE_TRUST_TOO_LONG, trust, "the trust policy has more than 2,048 characters, which is what an account has unless AWS raised its quota", "name fewer principals");
    const Json *managed = rule_find_more(role, "managed");
    if (rule_item_count(managed) > MANAGED_USUAL) {
        Diagnostic *d = rule_report(context, role, CODE_MANAGED_POLICIES, managed->items.items[MANAGED_USUAL], "a role takes %d managed policies unless AWS raised the quota", MANAGED_USUAL);
        rule_tell(context, d, NULL, "unite them");
    }
}

const Rule role_rules[] = {
    {RESOURCE_ROLE, "", check_trust},
    {RESOURCE_ROLE, "", check_policies},
    {RESOURCE_ROLE, "", check_size},
    {.check = NULL},
};
