/* The typed model: what the layers come to, for one environment. A Node is an instance of a vocabulary word with evaluated
   arguments; every argument knows the chain of places that set it. */
#ifndef SVC_COMPILER_MODEL_H
#define SVC_COMPILER_MODEL_H

#include "compiler/value.h"

typedef enum Layer { LAYER_LIBRARY, LAYER_PROFILE, LAYER_SERVICE, LAYER_ENVIRONMENT } Layer;

/* One setting of a value; the newest is first, what it overrode follows. */
typedef struct Origin Origin;
struct Origin {
    const Value *value;
    Span span;
    Layer layer;
    Text layer_name; /* profile's or environment's name, or empty */
    const Origin *overrode;
};

typedef struct Node Node;
typedef ARRAY(Node *) NodeArray;

struct Node {
    const VocabularyRow *row;
    Text key;                 /* of a keyed word: its arguments as text, joined by a blank; otherwise empty */
    const Value *arguments[ARGUMENTS_MAX]; /* by index in row->arguments; NULL when absent. An is_many one is a list. A bare flag is its `absent` value. */
    const Origin *origins[ARGUMENTS_MAX];
    const Origin *presence;   /* where the statement itself was said */
    NodeArray children;       /* in order of first appearance */
    Node *parent;
    Span span;                /* of the newest statement's head */
    const Statement *statement; /* the statement that made it */
    uint32_t layer_stamp;     /* which application of a layer made it: for CARDINALITY_LIST and repeated statements */
};

/* An environment as declared; account and region may be empty. */
typedef struct Environment {
    Text name;
    Text account;
    Text region;
    bool is_protected;
    const Node *node; /* NULL for the unnamed environment of a file that declares none */
} Environment;

/* In place of an account or region that the environment does not say. They stand inside of texts too (ARNs), where the template's writer puts
   AWS::AccountId and AWS::Region. */
#define MODEL_UNKNOWN_ACCOUNT "svc:unknown:account#id"
#define MODEL_UNKNOWN_REGION "svc:unknown:region#name"

/* Everything of one file for one environment. */
typedef struct Model {
    Text project;
    Environment environment;
    Text partition;       /* aws, aws-cn, aws-us-gov …: the one of the region */
    const Node *file;     /* children: every file-level node, services included */
    Text path;            /* of the file, as shown */
    bool is_cut_short;    /* past a limit (reported): what is missing in it is no mistake, and it is not rendered */
} Model;

/* First child with the word, or NULL. */
const Node *node_child(const Node *node, WordId id);
/* The child with the word and this key, or NULL. */
const Node *node_keyed_child(const Node *node, WordId id, Text key);
/* The next child with the word after *cursor (0 first), or NULL. */
const Node *node_next_child(const Node *node, WordId id, size_t *cursor);
#define NODE_EACH(child, node, id) \
    for (size_t cursor_##child = 0, once_##child = 1; once_##child; once_##child = 0) \
        for (const Node *child = node_next_child((node), (id), &cursor_##child); child; child = node_next_child((node), (id), &cursor_##child))
size_t node_count_children(const Node *node, WordId id);

/* Values of an argument; the fallback serves when the node is NULL or the argument absent, unknown or in error. */
const Value *node_argument(const Node *node, size_t index); /* NULL when absent */
Text node_text(const Node *node, size_t index);              /* string or word; empty otherwise */
Text node_aws(const Node *node, size_t index);               /* AWS's spelling of an enum member, or the text */
bool node_flag(const Node *node, bool fallback);             /* argument 0 */
int64_t node_integer(const Node *node, size_t index, int64_t fallback);        /* whole numbers */
int64_t node_seconds(const Node *node, size_t index, int64_t fallback);        /* durations */
int64_t node_mebibytes(const Node *node, size_t index, int64_t fallback);      /* sizes */
bool node_range(const Node *node, size_t index, int64_t *low, int64_t *high);  /* in the type's AWS unit: percent points, counts */
/* Where an argument was set, for origins in documents; the node's own place when it was not. */
Span node_argument_span(const Node *node, size_t index);
/* The memory in MiB that a task of so many CPU units gets when the file does not say. */
int64_t model_task_memory(int64_t cpu);
/* The text of argument 0 of the child with this word; empty when there is none. */
Text node_child_text(const Node *node, WordId id);

/* The model as text, for --dump=model and tests: indented, deterministic. */
Text model_dump(Arena *arena, const Model *model);

#endif
