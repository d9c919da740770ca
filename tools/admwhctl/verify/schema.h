/* SPDX-License-Identifier: MIT */
/* The members that objects of the Kubernetes API may have. */
#ifndef ADMWHCTL_VERIFY_SCHEMA_H
#define ADMWHCTL_VERIFY_SCHEMA_H

#include "verify/facts.h"
#include "verify/report.h"

/* What is at a path, where * is any element of an array: webhooks, any element, clientConfig. */
struct level {
	const char *path;    /* NULL ends a table */
	const char *members; /* with a space between; case counts */
};

extern const struct level admission_levels[], kubeconfig_levels[], webhooks_levels[];

/* A fault for each member that no level has. */
void inspect_members(struct verdict *verdict, const struct document *document,
		     const struct level *levels, const char *todo);

/* Of each document of a kind that the API server reads, AdmissionConfiguration, Config or a webhook
 * configuration: is it of a version that is read, and does it have no member that is not? */
void inspect_versions(const struct facts *facts, struct verdict *verdict, const char *kind);
void inspect_fields(const struct facts *facts, struct verdict *verdict, const char *kind);

#endif
