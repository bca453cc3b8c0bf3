/* What the families of rules share. Private to rules/. */
#ifndef SVC_RULES_RULE_H
#define SVC_RULES_RULE_H

#include "document/arn.h"
#include "rules/rules.h"

/* Judges one node, which is never unknown; reports what is wrong. `resource` is the resource it stands in. */
typedef void RuleCheck(const RuleContext *context, const Resource *resource, const Json *node);

/* A row of a family's table: the nodes at `path` in the inputs of resources of `kind` are judged by `check`. A path is members joined by dots,
   "[]" for each element of a list: "containerDefinitions[].healthCheck"; the empty path is the whole input. Where a node on the way is absent or
   unknown there is nothing to judge. */
typedef struct Rule {
    ResourceKind kind;
    const char *path;
    RuleCheck *check;
} Rule;

/* Each ends with a row without a check. */
extern const Rule task_definition_rules[];
extern const Rule task_size_rules[];
extern const Rule container_rules[];
extern const Rule image_rules[];
extern const Rule port_rules[];
extern const Rule volume_rules[];
extern const Rule environment_rules[];
extern const Rule logging_rules[];
extern const Rule fargate_rules[];
extern const Rule service_rules[];
extern const Rule identity_rules[];
extern const Rule deployment_rules[];
extern const Rule target_group_rules[];
extern const Rule load_balancer_rules[];
extern const Rule listener_rules[];
extern const Rule role_rules[];
extern const Rule security_group_rules[];
extern const Rule alarm_rules[];
extern const Rule scaling_rules[];
extern const Rule log_group_rules[];
extern const Rule across_rules[];
extern const Rule across_role_rules[];
extern const Rule credential_rules[];

/* --- values: an absent, null or unknown node has none --- */

/* Whether the node is there with a value that is known (and not null). */
bool rule_is_known(const Json *node);
/* Set, to a value that is not (wholly) known. */
bool rule_is_open(const Json *node);
/* Whether it is set at all, known or not; null counts as absent. */
bool rule_is_set(const Json *node);
/* A text that is whole and known, also of a reference whose value is known; empty otherwise. */
Text rule_text(const Json *node);
bool rule_text_is(const Json *node, const char *text);
/* A whole number, also one that is written as a text ("256"). False when it is no such thing. */
bool rule_integer(const Json *node, int64_t *out);
bool rule_flag(const Json *node, bool fallback);
/* For `for`: the items of a list; 0 for anything else. */
size_t rule_item_count(const Json *list);
/* The member at a path of objects, "networkConfiguration.awsvpcConfiguration"; NULL when something on the way is absent, null or no object. */
const Json *rule_find(const Json *node, const char *path);
/* The same below the input of a resource. */
const Json *rule_member(const Resource *resource, const char *path);
/* The same below what further operations are given (Resource.more). */
const Json *rule_find_more(const Resource *resource, const char *path);
/* Whether `text` is one of `words`, texts divided by blanks. */
bool rule_is_one_of(Text text, const char *words);
/* `words` as people read them: "a, b, c". */
Text rule_words_text(Arena *arena, const char *words);
/* How often the byte stands in the text. */
size_t rule_count_byte(Text text, char byte);
/* Whether the text has only bytes of `allowed`, in which "a-z" stands for a range. */
bool rule_has_only(Text text, const char *allowed);
/* Whether the pattern matches the whole text: `*` is any text and `?` any byte. */
bool rule_matches(Text pattern, Text text);
/* Whether an item of the list (strings) is the text; *has_unknown (may be NULL) tells whether one of them is not known. */
bool rule_list_has(const Json *list, const char *text, bool *has_unknown);

/* --- reports --- */

/* Where the node came from; that of the resource when it was derived. */
Span rule_span(const Resource *resource, const Json *node);
/* Whether an error stands at the very place already, as what the compiler tells of a name in .svc. */
bool rule_is_told(const RuleContext *context, Span span);
/* Where rule_report puts a finding about the node. */
Span rule_report_span(const RuleContext *context, const Resource *resource, const Json *node);
/* Reports at the node. `node` NULL is the resource as a whole. */
Diagnostic *rule_report(const RuleContext *context, const Resource *resource, DiagnosticCode code, const Json *node, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* Whether the object has a member that is a slip of this one: its being missing is then told by the slip. */
bool rule_is_misspelt(const Json *object, Text member);
/* The place of a member's name, which stands right before its value in whatever form people write: `name: value`, `"name": value`, `word value`. The
   case of letters does not count. SPAN_NONE where something else stands there, as before a value that came by a name. */
Span rule_key_span(const RuleContext *context, const Json *value, Text key);
/* The name and the value together when they stand on one line, otherwise the name; the value's own place where no name stands before it. */
Span rule_member_span(const RuleContext *context, const Resource *resource, const Json *value, const char *key);
/* Adds words beside the caret, and what to do; either may be NULL. */
void rule_tell(const RuleContext *context, Diagnostic *diagnostic, const char *label, const char *advice);
/* Reports at the node, and says what to do. */
void rule_report_with(const RuleContext *context, const Resource *resource, DiagnosticCode code, const Json *node, const char *message, const char *advice);
/* How people know a member: the word of the vocabulary in .svc, AWS's name elsewhere. */
const char *rule_name(const RuleContext *context, const char *word, const char *member);

#endif
