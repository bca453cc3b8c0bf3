/* What a reading has found so far. Private to live/. */
#ifndef SVC_LIVE_READER_H
#define SVC_LIVE_READER_H

#include "live/ask.h"
#include "live/live.h"

/* A resource that is wanted: declared, or found by its tags. */
typedef struct Thing {
    ResourceKind kind;
    Text group;               /* what it is named in: its cluster, its scalable target, its log group; often empty */
    Text name;                /* in AWS; of what has none its ARN or id */
    const Resource *resource; /* that has this name in the file; NULL: none */
    Text id;                  /* the svc:id, by its tags or its parent; empty: not known */
    Text parent;              /* the svc:id of the resource whose part it is: it has no tags of its own */
    Text arn;
    Json *describe;           /* NULL: it is not there */
    bool needs_tags;          /* they are to be asked for */
    struct Thing *next;       /* of the same place in the index */
    struct Thing *next_declared;
} Thing;

/* An ARN that carries the tags of the project and environment. */
typedef struct Tagged {
    Text arn;
    Json *tags; /* [{Key, Value}] */
    struct Tagged *next;
} Tagged;

/* A rule of a listener that rules of the file hang on, whoever made it. */
typedef struct ListenerRule {
    Text listener;
    const Json *rule;
} ListenerRule;

enum { READER_PLACES = 4096 }; /* a power of two */

typedef struct Reader {
    Arena *arena;
    Diagnostics *sink;
    const LiveInput *input;
    Asker *asker;
    Text account;
    Json *lookups;
    Json *facts;
    ARRAY(Thing *) things;
    Thing **index;
    Thing **declared_index; /* by svc:id */
    Tagged **tagged_index;
    ARRAY(Tagged *) tagged;
    ARRAY(Json *) balancers; /* of the region: those of the file, and those that are looked up */
    ARRAY(ListenerRule) rules;
    ARRAY(Json *) roles;     /* below the path of the environment */
} Reader;

/* The thing of this kind, group and name, which is made when it is new. */
Thing *reader_want(Reader *reader, ResourceKind kind, Text group, Text name);
/* NULL when nobody wants it. */
Thing *reader_find(const Reader *reader, ResourceKind kind, Text group, Text name);
/* Says that the thing is the declared resource. */
void reader_declare(Reader *reader, Thing *thing, const Resource *resource);
/* The thing that is the declared resource; NULL: none was made yet. */
Thing *reader_find_declared(const Reader *reader, Text id);
/* A member's text; empty when it is no text. */
Text reader_text(const Json *object, const char *key);
/* The value of a tag in a list of keys and values or in an object. */
Text reader_tag(const Json *tags, const char *key);
/* Whether the tags are those of the project and environment that is read. */
bool reader_owns(const Reader *reader, const Json *tags);
const Tagged *reader_find_tagged(const Reader *reader, Text arn);
/* Text of a declared value: itself, or what a reference is known to be, by what was found or looked up. Empty when it is not known. */
Text reader_value(const Reader *reader, const Json *json);
/* What a declared resource is asked for by, and what that is within; empty when it has none. */
Text reader_name(const Reader *reader, const Resource *resource);
Text reader_group(const Reader *reader, const Resource *resource);

/* {member: value, member: value} of texts; NULL ends it. */
Json *reader_object(Reader *reader, const char *member, Text value);
/* An EC2 filter added to the input's. */
void reader_add_filter(Reader *reader, Json *input, Text name, Text value);

/* live/find.c: what has names. */
void find_tagged(Reader *reader);
void find_named(Reader *reader);
void find_tags(Reader *reader);
void find_undeclared_schedule(Reader *reader, Text service);
/* live/balancer.c: load balancers, and what hangs on them. */
void find_balancers(Reader *reader);
/* live/group.c: security groups and their rules. */
void find_groups(Reader *reader);
/* Declared rules that no tags told of, by what they open: once the groups are found. */
void find_foreign_rules(Reader *reader);
/* live/role.c */
void find_roles(Reader *reader);
/* The load balancer that a lookup's selector finds; NULL: none of the region's. */
const Json *find_balancer(const Reader *reader, const Json *selector);
/* live/lookup.c */
void find_networks(Reader *reader);
/* The selector of the load balancer that it is about; NULL: it is about something else. */
const Json *find_balancer_selector(const Lookup *lookup);
/* What is found, into reader->lookups; what is not is reported. */
void conclude_lookups(Reader *reader);
/* live/facts.c: what the file relies on; asks and waits, once the networks are found. */
void find_facts(Reader *reader);
/* live/existing.c: topics and roles that are only pointed to; and, at the end, whose places among a listener's rules are taken. */
void find_existing(Reader *reader);
void conclude_places(Reader *reader);
/* live/record.c */
Json *record_all(Reader *reader);

#endif
