/* The AWS account of a command: settings, credentials, client. Opened when a command first needs it. */
#ifndef SVC_CLI_ACCOUNT_H
#define SVC_CLI_ACCOUNT_H

#include "aws/client.h"
#include "cli/pipeline.h"

typedef struct Account {
    Session *session;
    AwsSettings settings;
    AwsHttp *http;
    AwsClient *client;
    AwsCaller caller;
    Text region;
    int64_t started_ms;
} Account;

/* `region` is the environment's; empty: the one that is set for AWS. False after a report. With true it must be closed. */
bool account_open(Session *session, Text region, Account *out) __attribute__((warn_unused_result));
/* Prints what --stats asks for. */
void account_close(Account *account);
/* The recording of what the compiled pipeline names, and with facts of what it relies on, as its bytes in the pipeline's arena. False after a report. */
bool account_read(Account *account, Pipeline *pipeline, bool with_facts, Text *out) __attribute__((warn_unused_result));

#endif
