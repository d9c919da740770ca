/* SPDX-License-Identifier: MIT */
/* A suite: cases in YAML, which are requests and what is expected of their answers. */
#ifndef ADMWHCTL_SUITE_H
#define ADMWHCTL_SUITE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/fields.h"
#include "review/manifest_list.h"
#include "review/request.h"

struct test_case {
	const char *name;
	size_t line;
	struct circumstances circumstances;
	struct manifests files; /* of manifest, or none */
	const json_t *object;   /* else this */
	struct manifests old_files;
	const json_t *old;
	const json_t *expect; /* NULL: none yet */
};

struct suite {
	struct yaml_file *file;
	struct fields fields;
	char *folder; /* of the suite; what it names is relative to it */
	struct test_case *cases;
	size_t count;
	struct manifests given; /* Namespaces and CustomResourceDefinitions */
	struct resources *resources;
	json_t *namespaces;
	json_t *kept; /* values of circumstances */
};

/* Returns 0, or -1: it has complained of each fault, with its line. */
int suite_read(struct suite *suite, const char *name);

void suite_deinit(struct suite *suite);

#endif
