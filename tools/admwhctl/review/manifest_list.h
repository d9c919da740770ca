/* SPDX-License-Identifier: MIT */
/* The objects of files and folders, as kubectl -f takes them. */
#ifndef ADMWHCTL_MANIFEST_LIST_H
#define ADMWHCTL_MANIFEST_LIST_H

#include <jansson.h>
#include <stddef.h>

#include "common/resources.h"

struct manifest {
	char *where; /* "FILE:LINE" */
	const json_t *object;
};

struct yaml_file;

struct manifests {
	struct manifest *list;
	size_t count;
	struct yaml_file **files;
	size_t n_files;
};

/*
 * Add those of a file, "-", or of the .yaml, .yml and .json files of a folder and what is in it.
 * Lists become their items. Returns 0, or -1: it has complained.
 */
int manifest_list_add(struct manifests *manifests, const char *name);

void manifest_list_deinit(struct manifests *manifests);

/* The object of the same kind, namespace and name, or the only one; NULL: there is none. */
const json_t *manifest_list_find(const struct manifests *manifests, const json_t *object);

/* Take CustomResourceDefinitions. */
void manifest_list_add_resources(const struct manifests *manifests, struct resources *resources);

/* New: the labels of the Namespaces among them, by name. */
json_t *manifest_list_namespaces(const struct manifests *manifests);

#endif
