/* A recorded account: what AWS's describe operations answered, by svc:id (SPEC.md, "Recordings"). */
#ifndef SVC_PLAN_RECORDED_H
#define SVC_PLAN_RECORDED_H

#include "base/json_read.h"
#include "diagnostics/diagnostic.h"
#include "document/resource.h"

typedef struct RecordedResource {
    Text id;
    ResourceKind kind;
    Text parent; /* the svc:id of the resource whose part it is: it has no tags of its own; empty otherwise */
    const ReadJson *describe;
} RecordedResource;

typedef struct Recording {
    Text path;
    Text account;
    Text region;
    ARRAY(RecordedResource) items; /* in byte order of their ids */
    const ReadJson *lookups;       /* {"network/main#vpc-id": "vpc-…"}; may be NULL */
    const ReadJson *facts;         /* of what the file relies on, such as "image/…"; may be NULL */
} Recording;

/* Everything lives in the arena. False after a reported error. */
bool recording_read(Arena *arena, Diagnostics *sink, Text path, Recording *out) __attribute__((warn_unused_result));
/* The same of a recording that is in memory; `path` is what it is called in messages. */
bool recording_read_text(Arena *arena, Diagnostics *sink, Text path, Text text, Recording *out) __attribute__((warn_unused_result));
/* NULL when it is not there. */
const RecordedResource *recording_find(const Recording *recording, Text id);
/* A tag of a recorded resource; empty when it has none of this name. */
Text recorded_tag(const RecordedResource *resource, const char *key);
/* Whether the recording says its tags, be it that there are none. */
bool recorded_has_tags(const RecordedResource *resource);
/* An attribute that others refer to (arn, id, name, full-name, dns-name); empty when the recording does not say it. */
Text recorded_attribute(Arena *arena, const RecordedResource *resource, Text attribute);
/* The part of a target group's or load balancer's ARN that CloudWatch's dimensions take; empty for other ARNs. */
Text recorded_full_name(Text arn);
/* Whether it was recorded as this kind: kinds that people call alike share a label. */
bool recorded_is_kind(const RecordedResource *resource, ResourceKind kind);
/* Of a rule of a security group: the operation that makes it, as its direction tells. */
const char *recorded_rule_operation(const RecordedResource *rule);
Text recorded_rule_group(const RecordedResource *rule);
/* The ids of all that it is made of. */
Json *recorded_rule_ids(Arena *arena, const RecordedResource *rule);
/* What AWS answered, in the form that plan_document gives a resource of the kind. */
Json *recorded_document(Arena *arena, const RecordedResource *resource, ResourceKind kind);

#endif
