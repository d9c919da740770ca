/* SPDX-License-Identifier: MIT */
/* From the kind of a manifest to the resource that its requests are for. */
#ifndef ADMWHCTL_RESOURCES_H
#define ADMWHCTL_RESOURCES_H

#include <jansson.h>
#include <stdbool.h>

struct resource {
	const char *kind_group, *kind_version, *kind;
	const char *group, *version, *resource;
	const char *subresource; /* "" : none */
	bool is_namespaced;
};

/* Ends with a row without a kind. */
extern const struct resource builtin_resources[];

struct resources;

struct resources *resources_new(void);
void resources_free(struct resources *resources);

/* Take the CustomResourceDefinitions of a file. Returns 0, or -1: it has complained. */
int resources_add_file(struct resources *resources, const char *name);

/* Take one, unless the document is of another kind. */
void resources_add(struct resources *resources, const json_t *document);

/*
 * Why a rule of a webhook with these apiGroups never matches what is meant by one of its resources:
 * a kind in place of a resource, another group. NULL: it may match; resources of groups that
 * Kubernetes does not serve are not known. New.
 */
char *resources_misnamed(const json_t *groups, const char *resource);

/* Borrowed; NULL: none of that kind is known. */
const struct resource *resources_find(const struct resources *resources, const char *api_version,
				      const char *kind);

#endif
