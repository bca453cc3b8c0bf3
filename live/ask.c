#include "live/ask.h"

#include <stdlib.h>

typedef struct Subject {
    Text name;
    void *value;
    AskTake take;
    bool is_taken;
} Subject;

typedef ARRAY(Subject) SubjectArray;

/* Subjects of one question and group that wait to be asked. */
typedef struct Queue {
    const Question *question;
    Text group;
    SubjectArray subjects;
    struct Queue *next;
} Queue;

/* A call under way. */
typedef struct Ask {
    AwsCall call;
    const Question *question;
    Text group;
    Subject *subjects; /* none when nothing is named */
    size_t count;
    void *subject;
    AskTake take;
    bool may_be_denied;
} Ask;

struct Asker {
    Arena *arena;
    const AwsCaller *caller;
    void *context;
    Queue *queues;
    size_t under_way;
    AskFailureArray failures;
};

Asker *asker_create(Arena *arena, const AwsCaller *caller, void *context)
{
    Asker *asker = ARENA_NEW(arena, Asker);
    asker->arena = arena;
    asker->caller = caller;
    asker->context = context;
    return asker;
}

const AskFailureArray *asker_failures(const Asker *asker)
{
    return &asker->failures;
}

/* --- inputs --- */

static Json *more_value(Arena *arena, Text text)
{
    if (!text_starts_with(text, TEXT("[")))
        return text_count_digits(text) == text.len ? json_integer(arena, strtol(text.ptr, NULL, 10)) : json_text(arena, text);
    Json *list = json_array(arena);
    Text rest = text_slice(text, 1, text.len - 1);
    while (rest.len) {
        size_t end = text_find_byte(rest, ' ');
        json_add(arena, list, json_text(arena, text_slice(rest, 0, end)));
        rest = end < rest.len ? text_slice(rest, end + 1, rest.len) : TEXT_NONE;
    }
    return list;
}

static void add_more(Arena *arena, const Question *question, Json *input)
{
    for (size_t i = 0; i < sizeof question->more / sizeof *question->more && question->more[i]; i += 2)
        json_set_default(arena, input, question->more[i], more_value(arena, text_from_c(question->more[i + 1])));
}

static void add_filter(Arena *arena, const char *name, Json *values, Json *input)
{
    Json *filter = json_object(arena);
    Json *filters = json_array(arena);
    json_set_c(arena, filter, "Name", json_text_c(arena, name));
    json_set_c(arena, filter, "Values", values);
    json_add(arena, filters, filter);
    json_set_c(arena, input, "Filters", filters);
}

static Json *input_for(Arena *arena, const Ask *ask)
{
    const Question *question = ask->question;
    Json *input = json_object(arena);
    Json *names = json_array(arena);
    for (size_t i = 0; i < ask->count; i++)
        json_add(arena, names, json_text(arena, ask->subjects[i].name));
    if (question->group && ask->group.len)
        json_set_c(arena, input, question->group, json_text(arena, ask->group));
    if (question->filter)
        add_filter(arena, question->filter, names, input);
    else if (question->names)
        json_set_c(arena, input, question->names, question->batch ? names : names->items.items[0]);
    return input;
}

/* --- asking --- */

static void start(Asker *asker, Ask *ask, Json *input)
{
    add_more(asker->arena, ask->question, input);
    ask->call = (AwsCall){.service = ask->question->service, .operation = text_from_c(ask->question->operation), .input = input, .context = ask};
    asker->under_way++;
    asker->caller->start(asker->caller->self, asker->arena, &ask->call);
}

static void start_named(Asker *asker, const Question *question, Text group, Subject *subjects, size_t count)
{
    Ask *ask = ARENA_NEW(asker->arena, Ask);
    *ask = (Ask){.question = question, .group = group, .subjects = subjects, .count = count};
    start(asker, ask, input_for(asker->arena, ask));
}

static Queue *find_queue(Asker *asker, const Question *question, Text group)
{
    for (Queue *queue = asker->queues; queue; queue = queue->next)
        if (queue->question == question && text_equal(queue->group, group))
            return queue;
    Queue *queue = ARENA_NEW(asker->arena, Queue);
    *queue = (Queue){.question = question, .group = group, .next = asker->queues};
    asker->queues = queue;
    return queue;
}

void asker_ask(Asker *asker, const Question *question, Text group, Text name, void *subject, AskTake take)
{
    Queue *queue = find_queue(asker, question, group);
    Subject added = {.name = name, .value = subject, .take = take};
    ARRAY_PUSH(asker->arena, &queue->subjects, added);
}

static void list(Asker *asker, const Question *question, Json *input, void *subject, AskTake take, bool may_be_denied)
{
    Ask *ask = ARENA_NEW(asker->arena, Ask);
    *ask = (Ask){.question = question, .subject = subject, .take = take, .may_be_denied = may_be_denied};
    start(asker, ask, input ? input : json_object(asker->arena));
}

void asker_list(Asker *asker, const Question *question, Json *input, void *subject, AskTake take)
{
    list(asker, question, input, subject, take, false);
}

void asker_try_list(Asker *asker, const Question *question, Json *input, void *subject, AskTake take)
{
    list(asker, question, input, subject, take, true);
}

static void start_queues(Asker *asker)
{
    for (Queue *queue = asker->queues; queue; queue = queue->next) {
        SubjectArray waiting = queue->subjects;
        size_t batch = queue->question->batch ? queue->question->batch : 1;
        queue->subjects = (SubjectArray){0};
        for (size_t i = 0; i < waiting.count; i += batch)
            start_named(asker, queue->question, queue->group, waiting.items + i, waiting.count - i < batch ? waiting.count - i : batch);
    }
}

/* --- failures --- */

static bool is_one_of(Text code, const char *const *codes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal_c(code, codes[i]))
            return true;
    return false;
}

/* What was asked for is not there. */
static bool is_absence(const Ask *ask)
{
    static const char *const codes[] = {"ClusterNotFoundException", "DashboardNotFoundError", "ImageNotFoundException", "InvalidGroup.NotFound",
                                        "InvalidSubnetID.NotFound", "InvalidVpcID.NotFound", "ListenerNotFound", "LoadBalancerNotFound",
                                        "LoadBalancerNotFoundException", "ListenerNotFoundException", "NoSuchEntity", "NoSuchEntityException", "NotFound", "NotFoundException", "ObjectNotFoundException",
                                        "ParameterNotFound", "RepositoryNotFoundException", "ResourceNotFound", "ResourceNotFoundException", "RuleNotFound",
                                        "ServiceNotFoundException", "TargetGroupNotFound", "TargetGroupNotFoundException", "InvalidResourceId"};
    /* ECS has no code of its own for a family without a revision. */
    if (text_equal_c(ask->call.operation, "DescribeTaskDefinition") && text_equal_c(ask->call.answer.code, "ClientException"))
        return true;
    return is_one_of(ask->call.answer.code, codes, sizeof codes / sizeof *codes);
}

static bool is_denial(Text code)
{
    static const char *const codes[] = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException", "Client.UnauthorizedOperation",
                                        "NotAuthorized", "UnauthorizedOperation"};
    return is_one_of(code, codes, sizeof codes / sizeof *codes);
}

/* The word behind `before` in AWS's sentence: "… is not authorized to perform: ecs:DescribeServices on resource: arn:… because …". */
static Text word_behind(Text message, Text before)
{
    size_t at = text_find(message, before);
    if (at == message.len)
        return TEXT_NONE;
    Text rest = text_slice(message, at + before.len, message.len);
    size_t end = text_find_byte(rest, ' ');
    Text word = text_slice(rest, 0, end);
    return word.len && word.ptr[word.len - 1] == '.' ? text_slice(word, 0, word.len - 1) : word;
}

static const char *action_prefix(const char *service)
{
    static const char *const prefixes[][2] = {{"elbv2", "elasticloadbalancing"}, {"resourcegroupstaggingapi", "tag"}};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (text_equal_c(text_from_c(service), prefixes[i][0]))
            return prefixes[i][1];
    return service;
}

static Text list_names(Arena *arena, const Ask *ask)
{
    Text all = ask->count ? ask->subjects[0].name : TEXT_NONE;
    for (size_t i = 1; i < ask->count && i < 3; i++)
        all = arena_format(arena, "%.*s, %.*s", TEXT_ARG(all), TEXT_ARG(ask->subjects[i].name));
    return ask->count > 3 ? arena_format(arena, "%.*s and %zu more", TEXT_ARG(all), ask->count - 3) : all;
}

static void add_failure(Asker *asker, const Ask *ask)
{
    const AwsAnswer *answer = &ask->call.answer;
    AskFailure failure = {.service = ask->call.service, .operation = ask->call.operation, .code = answer->code, .message = answer->message,
                          .is_denied = is_denial(answer->code)};
    if (failure.is_denied) {
        failure.action = word_behind(answer->message, TEXT("to perform: "));
        failure.resource = word_behind(answer->message, TEXT("on resource: "));
    }
    if (!failure.action.len)
        failure.action = arena_format(asker->arena, "%s:%.*s", action_prefix(failure.service), TEXT_ARG(failure.operation));
    if (!failure.resource.len)
        failure.resource = list_names(asker->arena, ask);
    for (size_t i = 0; i < asker->failures.count; i++) {
        const AskFailure *other = &asker->failures.items[i];
        if (text_equal(other->action, failure.action) && text_equal(other->resource, failure.resource) && text_equal(other->code, failure.code))
            return;
    }
    ARRAY_PUSH(asker->arena, &asker->failures, failure);
}

/* --- answers --- */

static Subject *find_subject(const Ask *ask, const Json *result)
{
    if (!ask->question->key)
        return ask->count == 1 ? &ask->subjects[0] : NULL;
    const Json *key = json_get_c(result, ask->question->key);
    for (size_t i = 0; key && key->kind == JSON_TEXT && i < ask->count; i++)
        if (text_equal(ask->subjects[i].name, key->text))
            return &ask->subjects[i];
    return NULL;
}

static void give(Asker *asker, const Ask *ask, Json *result)
{
    if (ask->take) {
        ask->take(asker->context, ask->subject, result);
        return;
    }
    Subject *subject = find_subject(ask, result);
    if (!subject)
        return; /* of a prefix, or of another cluster */
    subject->is_taken = true;
    subject->take(asker->context, subject->value, result);
}

static void give_nothing(Asker *asker, const Ask *ask)
{
    if (ask->take)
        ask->take(asker->context, ask->subject, NULL);
    bool is_list = ask->question->results && !ask->question->key;
    for (size_t i = 0; i < ask->count; i++)
        if (!ask->subjects[i].is_taken || is_list)
            ask->subjects[i].take(asker->context, ask->subjects[i].value, NULL);
}

static void take_answer(Asker *asker, Ask *ask)
{
    const AwsAnswer *answer = &ask->call.answer;
    if (answer->output) {
        Json *results = ask->question->results ? json_get_c(answer->output, ask->question->results) : NULL;
        if (!ask->question->results)
            give(asker, ask, answer->output);
        for (size_t i = 0; i < json_item_count(results); i++)
            give(asker, ask, results->items.items[i]);
        give_nothing(asker, ask);
    } else if (is_absence(ask) && ask->count > 1 && !text_equal_c(answer->code, "ClusterNotFoundException")) {
        /* One that is missing fails them all; without the cluster none of them can be there. */
        size_t half = ask->count / 2;
        start_named(asker, ask->question, ask->group, ask->subjects, half);
        start_named(asker, ask->question, ask->group, ask->subjects + half, ask->count - half);
    } else if (is_absence(ask) || (ask->may_be_denied && is_denial(answer->code))) {
        give_nothing(asker, ask);
    } else {
        add_failure(asker, ask);
    }
}

void asker_run(Asker *asker)
{
    for (;;) {
        start_queues(asker);
        if (!asker->under_way)
            return;
        AwsCall *call = asker->caller->wait(asker->caller->self, 0);
        if (!call) {
            bool is_interrupted = asker->caller->is_interrupted && asker->caller->is_interrupted(asker->caller->self);
            AskFailure failure = {.code = is_interrupted ? TEXT("interrupted") : TEXT("stopped"), .message = TEXT("reading was interrupted")};
            ARRAY_PUSH(asker->arena, &asker->failures, failure);
            return;
        }
        asker->under_way--;
        take_answer(asker, call->context);
    }
}
