/* The vocabulary: one row for every word of the language. Parser, compiler, formatter, manual, completion and the
   documents that svc renders all come from this table (SPEC.md, "Vocabulary"). */
#ifndef SVC_VOCABULARY_VOCABULARY_H
#define SVC_VOCABULARY_VOCABULARY_H

#include "base/text.h"

/* Where a statement may stand: the kinds of body. X(NAME, "how people call it") */
#define VOCABULARY_SCOPES(X)                                                                                         \
    X(FILE, "a file") X(USE, "use") X(PARAM, "param") X(TYPE, "type") X(ENVIRONMENT, "environment")                  \
    X(NETWORK, "network") X(SELECTOR, "a network selector") X(TOPIC, "topic") X(CLUSTER, "cluster")                  \
    X(LOAD_BALANCER, "load-balancer") X(LISTENER, "listen") X(REDIRECT, "redirect") X(METRIC, "metric") X(METRIC_LOG, "log")            \
    X(DIMENSIONS, "dimensions") X(PERMISSION, "permission") X(GRANT, "grant") X(PROFILE, "profile") X(TAGS, "tags")  \
    X(SERVICE, "service") X(PORT_RULE, "ingress or egress") X(CONTAINER, "container") X(IMAGE, "image")              \
    X(PORT, "port") X(OPEN, "named values") X(SECRET, "secret") X(HEALTH, "health") X(LOGS, "logs")                  \
    X(LOG_DRIVER, "log-driver") X(RESTART, "restart") X(MOUNT, "mount") X(TMPFS, "tmpfs") X(VOLUME, "volume")        \
    X(EFS, "efs") X(EBS, "ebs") X(ROUTE, "route") X(ROUTE_HEALTH, "a route's health") X(ROUTE_REDIRECT, "a route's redirect") \
    X(SCALE, "scale") X(TRACK, "track") X(STEP, "step") X(SCHEDULE, "at") X(SPOT, "spot") X(ALARM, "alarm")          \
    X(WINDOW, "for") X(ROLLOUT, "rollout") X(RAMP, "ramp") X(CONDITION, "rollback") X(DISCOVERY, "discovery")        \
    X(ROLE, "role") X(EXPORT, "export") X(RUN, "run") X(DASHBOARD, "dashboard") X(CONNECT, "connect")                \
    X(DEFAULT, "default") X(HOOK, "hook") X(SIGN_IN, "sign-in") X(SIGN_IN_COGNITO, "sign-in-cognito")                \
    X(CHECK_TOKEN, "check-token") X(PREDICT, "predict") X(LATTICE, "lattice") X(STICKY, "sticky")                    \
    X(FIRELENS, "log-router") X(PROXY, "proxy") X(SYSCTL, "sysctl") X(VOLUMES_FROM, "volumes-from")               \
    X(S3_FILES, "s3-files") X(REGISTRY, "registry") X(OFFER, "offer") X(OFFER_TLS, "tls") X(RULE, "rule") X(EXPECT, "expect") \
    X(RAMP_STEP, "a rollout's step") X(SMOKE, "smoke") X(BEFORE, "before") X(GATE_COMMAND, "a rollout's command") X(GATE_REQUIRE, "a rollout's require") \
    X(APPROVE, "approve") X(ANNOUNCE, "announce") X(VERIFY, "verify") X(SECURITY_GROUP, "security-group") X(TARGET_GROUP, "target-group")

typedef enum Scope {
#define X(name, label) SCOPE_##name,
    VOCABULARY_SCOPES(X)
#undef X
    SCOPE_COUNT,
    SCOPE_NONE, /* no body */
    SCOPE_SAME, /* the body of the statement it stands in, such as `in staging { … }` */
} Scope;

/* A set of scopes, a bit each. */
__extension__ typedef unsigned __int128 ScopeSet;
_Static_assert(SCOPE_COUNT <= 128, "a set of scopes has 128 bits");

#define IN(scope) ((ScopeSet)1 << SCOPE_##scope)
#define IN_ANY (~(ScopeSet)0)

typedef enum Cardinality {
    CARDINALITY_ONE,   /* members merge, later wins */
    CARDINALITY_KEYED, /* by its first argument; the same key merges */
    CARDINALITY_LIST,  /* a layer that says any replaces all */
    CARDINALITY_EACH,  /* every layer adds its own */
} Cardinality;

/* How an argument is read; decides what a bare word means (SPEC.md, "Arguments"). */
typedef enum ArgumentKind {
    ARGUMENT_NAME,       /* a new name: word, name or string */
    ARGUMENT_REFERENCE,  /* the name of something declared by the words in .refers */
    ARGUMENT_ENUM,       /* one of .values */
    ARGUMENT_VALUE,      /* one primary of .type; a bare word is a variable */
    ARGUMENT_EXPRESSION, /* an expression without parentheses, of .type */
    ARGUMENT_TYPE,       /* the name of a type */
    ARGUMENT_WORD,       /* a word of the enclosing body */
    ARGUMENT_MODULE,     /* a string or a dotted path, taken as it stands */
    ARGUMENT_PATH,       /* a dotted path being declared */
    ARGUMENT_MAP,        /* { key: value, … } */
    ARGUMENT_PROFILE,    /* a profile's name or a call of it */
} ArgumentKind;

typedef enum TypeKind {
    TYPE_ANY,
    TYPE_STRING,
    TYPE_BOOL,
    TYPE_INTEGER,
    TYPE_NUMBER, /* integer or decimal */
    TYPE_DURATION,
    TYPE_SIZE,
    TYPE_VCPU,
    TYPE_PERCENT,
    TYPE_RATE,
    TYPE_MONEY,
    TYPE_LIST,
    TYPE_MAP,
    TYPE_METRIC,    /* a metric or arithmetic over metrics */
    TYPE_CONDITION, /* a comparison of a metric, or a test over one */
    TYPE_COUNT,
} TypeKind;

/* How a value is written into an AWS member. */
typedef enum AwsForm {
    AWS_PLAIN,   /* seconds, MiB, cpu units, percent, text, boolean */
    AWS_TEXT,    /* the same as a string: "256" */
    AWS_MINUTES,
    AWS_DAYS,
    AWS_GIB,
    AWS_LIST,    /* a list, also of one */
    AWS_NOT,     /* the opposite boolean */
} AwsForm;

typedef struct Argument {
    const char *name;   /* as in `svc explain-value`: service.compute.memory */
    ArgumentKind kind;
    TypeKind type;      /* of ARGUMENT_VALUE and ARGUMENT_EXPRESSION */
    const char *refined;/* a refined type declared in the library, such as "cidr"; the type is then string */
    const char *values; /* of ARGUMENT_ENUM: "tcp udp", or with AWS's spelling "arm64=ARM64 x86=X86_64" */
    const char *limits; /* "2s..120s", "1..65535", inclusive; as svc writes it */
    const char *absent; /* value when the statement stands without this argument, as svc writes it: "yes" */
    const char *aws;    /* member path, relative to the row's */
    AwsForm form;
    bool is_optional;
    bool is_range;      /* a range of .type: 2..10; one value stands for both ends */
    bool is_key;        /* part of the key beside the first argument, for CARDINALITY_KEYED */
    bool is_many;       /* takes all that follow, at least one; only the last argument */
    ScopeSet refers;    /* of ARGUMENT_REFERENCE: bodies of the words that declare it, such as IN(NETWORK) */
} Argument;

enum { ARGUMENTS_MAX = 4 };

typedef enum WordId {
#define WORD(id, ...) W_##id,
#include "vocabulary/words.def"
#undef WORD
    WORD_COUNT,
    W_NONE = WORD_COUNT,
} WordId;

typedef struct VocabularyRow {
    WordId id;
    const char *word;  /* "" for the row of an open body's entries, whose first argument is the entry's key */
    ScopeSet scopes;   /* the bodies in which it may stand */
    Scope body;
    Cardinality cardinality;
    const char *aws;   /* "task:ephemeralStorage": shape and member path that arguments and children are relative to; without
                          a shape relative to the enclosing row's; "[]" at the end appends an element, "{}" is an open map */
    const char *help;  /* one line */
    const char *example;
    Argument arguments[ARGUMENTS_MAX]; /* ends at the first without a name */
} VocabularyRow;

/* The row of a word. */
const VocabularyRow *vocabulary_row(WordId id);
/* The row of `word` in a body of `scope`, or NULL. In an open body an unlisted word gives the entry row. */
const VocabularyRow *vocabulary_find(Scope scope, Text word);
/* The entry row of an open body, or NULL. */
const VocabularyRow *vocabulary_entry(Scope scope);
/* The listed word of `scope` nearest to `word` by edit distance (at most 2, or a third of its length), or NULL. */
const VocabularyRow *vocabulary_suggest(Scope scope, Text word);
size_t vocabulary_argument_count(const VocabularyRow *row);
/* Whether the row may stand in a body of `scope`. */
bool vocabulary_allows(const VocabularyRow *row, Scope scope);
const char *vocabulary_scope_label(Scope scope);
/* Looks `word` up among an enum argument's values; *out is AWS's spelling. */
bool vocabulary_find_value(const Argument *argument, Text word, Text *out);
/* The next value of an enum argument: pass *cursor = 0 first; false at the end. */
bool vocabulary_next_value(const Argument *argument, size_t *cursor, Text *word, Text *aws);

#endif
