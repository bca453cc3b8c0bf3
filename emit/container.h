/* What a container definition has beside the members that one word each maps to. */
#ifndef SVC_EMIT_CONTAINER_H
#define SVC_EMIT_CONTAINER_H

#include "emit/emit.h"

/* Adds to the container definition that shape_fill began: image, port mappings, secrets, health command, log configuration. */
void container_fill(Emission *emission, const ServiceFacts *facts, const Node *container, Json *definition);

/* The image as ECS takes it: "123456789012.dkr.ecr.us-east-1.amazonaws.com/claude-proxy:3f2c1aa". Empty when a part of it is not known. */
Text container_image(Emission *emission, const Node *container);
/* The ARN of the repository in ECR, for the execution role's policy; empty for other registries. */
Text container_repository_arn(Emission *emission, const Node *container);

/* The ARN of what a `secret` statement (of a container or a log driver) takes its value from, without key, stage and version; empty when it is not
   known. A Secrets Manager ARN made from a name lacks the six random characters at its end; *is_partial tells. */
Text secret_arn(Emission *emission, const Node *secret, bool *is_partial);
/* The ARN of a secret of Secrets Manager given by name or ARN. */
Text secrets_manager_arn(Emission *emission, Text name, bool *is_partial);

#endif
