/* Who may connect to whom: the rules of security groups, and the other sides that statements name. */
#ifndef SVC_EMIT_PORT_RULE_H
#define SVC_EMIT_PORT_RULE_H

#include "emit/emit.h"

typedef enum PeerKind { PEER_CIDR4, PEER_CIDR6, PEER_GROUP, PEER_PREFIX_LIST, PEER_SERVICE } PeerKind;

/* One other side of a rule. */
typedef struct Peer {
    PeerKind kind;
    Text key;      /* what it is, for sorting and for messages: "0.0.0.0/0", "sg-…", the resource's id */
    Json *json;    /* the member of the rule: CidrIp, GroupId … */
    Text service;  /* of PEER_SERVICE: its name in the file */
    bool is_world; /* every address there is */
    Span span;
} Peer;

typedef ARRAY(Peer) PeerArray;

/* Ports of a protocol. `protocol` is EC2's: tcp, udp, or -1 for all, which has no ports. */
typedef struct Ports {
    Text protocol;
    int64_t low;
    int64_t high;
} Ports;

typedef struct PortRule {
    Ports ports;
    Peer peer;
    Text description;
} PortRule;

typedef ARRAY(PortRule) PortRules;

/* Appends the other sides that a `from` or `to` statement names; `network` is the one whose range `vpc` means. Mistakes are reported; what lint does
   not know is left out. */
void peers_read(Emission *emission, const Node *statement, Text network, PeerArray *out);
/* All addresses of IPv4 and IPv6. */
void peers_add_world(Emission *emission, Span span, PeerArray *out);
/* A security group: `group` is its id or a reference to it, `key` tells it apart from others. */
Peer peer_of_group(Text key, Json *group, Span span);
/* The tasks' own group of a service of this file. */
Peer peer_of_service(Emission *emission, Text service, Span span);

/* The ports that an `ingress` or `egress` statement is about; false after a report, or when lint does not know them. */
bool ports_read(Emission *emission, const Node *statement, Ports *out) __attribute__((warn_unused_result));
Ports ports_tcp(int64_t port);
/* "tcp 443", "udp 8000-8010", "all ports" */
Text ports_text(Arena *arena, Ports ports);

void port_rules_add(Emission *emission, PortRules *rules, Ports ports, const Peer *peer, Text description);
/* Rules as EC2 takes them: IpPermissions, one for each protocol and ports, its peers in a fixed order and none twice. NULL for no rules. */
Json *port_rules_permissions(Emission *emission, PortRules *rules);

/* As `security-group` of the declaration says, or "<owner>-<environment>-<suffix>". */
Text security_group_name(Emission *emission, const Node *declaration, Text owner, Text suffix);
/* What CreateSecurityGroup takes. `service` is empty and `node` NULL for a group that services share. */
Json *security_group_input(Emission *emission, Text id, Text name, Text description, Json *vpc, Text service, const Node *node);
/* The operations after CreateSecurityGroup: EC2's own rule out (everything to everywhere) is revoked first, then rules in and out are authorised.
   Either may be empty: a group without a rule out gets one to 127.0.0.1 only, because CloudFormation keeps EC2's own until another one is given. */
Json *security_group_more(Emission *emission, Text id, PortRules *ingress, PortRules *egress);
/* A rule of its own, beside those of the group: for groups that somebody else made, or that would otherwise refer to each other. */
/* `service` is empty and `node` NULL when services share it. A second one with the same stem is left out: it would be the same rule. */
void emit_group_rule(Emission *emission, Text service, const Node *node, bool is_egress, Text stem, Json *group, const PortRule *rule);

#endif
