/* Asking an account: a table says what is asked and how, calls run side by side, and what fails is gathered. Private to live/. */
#ifndef SVC_LIVE_ASK_H
#define SVC_LIVE_ASK_H

#include "aws/caller.h"
#include "base/array.h"

/* One kind of question. */
typedef struct Question {
    const char *service;
    const char *operation;
    const char *names;    /* the input's member for what is asked for; NULL: nothing is named */
    size_t batch;         /* how many names a call takes; 0: one, and not in a list */
    const char *group;    /* the input's member that all names of a call share: their cluster */
    const char *filter;   /* names are values of this EC2 filter */
    const char *results;  /* the answer's list; NULL: the answer itself is the one result */
    const char *key;      /* the member of a result that is the name it was asked by; NULL: it was asked for alone */
    const char *more[4];  /* further members of the input and their values, in pairs: "7" is a number, "[A B]" a list of texts */
} Question;

typedef struct Asker Asker;

/* A result; NULL when there is nothing of the name, and behind the last result of a list. `subject` is what was asked about. */
typedef void (*AskTake)(void *context, void *subject, Json *result);

/* What could not be read. */
typedef struct AskFailure {
    const char *service;
    Text operation;
    Text action;   /* to allow, such as "ecs:DescribeServices" */
    Text resource; /* as AWS names it; or what was asked for */
    Text code;
    Text message;
    bool is_denied;
} AskFailure;

typedef struct AskFailureArray {
    AskFailure *items;
    size_t count;
    size_t capacity;
} AskFailureArray;

Asker *asker_create(Arena *arena, const AwsCaller *caller, void *context);
/* Asks about one subject. Those that can share a call are asked together when asker_run begins or goes on. Subjects of one question and group must differ in name. */
void asker_ask(Asker *asker, const Question *question, Text group, Text name, void *subject, AskTake take);
/* Asks without a name, or with an input of one's own (else NULL). Each result goes to take, with the same subject. */
void asker_list(Asker *asker, const Question *question, Json *input, void *subject, AskTake take);
/* The same, but a denial is no failure: the list is empty then. */
void asker_try_list(Asker *asker, const Question *question, Json *input, void *subject, AskTake take);
/* Until everything is answered, what the answers made ask for too. */
void asker_run(Asker *asker);
const AskFailureArray *asker_failures(const Asker *asker);

#endif
