/* The ECS service's share of an import. Private to foreign/import*.c. */
#ifndef SVC_FOREIGN_IMPORT_SERVICE_H
#define SVC_FOREIGN_IMPORT_SERVICE_H

#include "foreign/import.h"
#include "foreign/unrender.h"

/* Writes the statements that an ECS service comes to, in the body of a service; `name` is what svc would call it by itself. */
void import_write_service(Unrender *unrender, Buffer *out, const Json *service, Text name);
/* Writes the network that the ECS services run in. */
void import_write_network(Unrender *unrender, Buffer *out, const Import *import);

#endif
