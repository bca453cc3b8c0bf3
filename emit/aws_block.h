/* `aws { … }`: members set past the vocabulary. They are judged where the documents are (rules/schema_check.h). */
#ifndef SVC_EMIT_AWS_BLOCK_H
#define SVC_EMIT_AWS_BLOCK_H

#include "emit/emit.h"

/* The shape that an `aws` block is for: the one it names, otherwise the word of the statement it stands in. */
Text aws_block_shape(const Node *block);
/* Reports blocks of the node and of all below it that name a shape which is not there. */
void aws_block_check_all(Emission *emission, const Node *node);

#endif
