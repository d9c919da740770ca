/* SPDX-License-Identifier: MIT */
/* Documents and the places of their values, for the files that make up yaml.h. */
#ifndef ADMWHCTL_YAML_FILE_H
#define ADMWHCTL_YAML_FILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { YAML_LEVELS_MAX = 1000 };

/* Where a value stands. Beside the values, since jansson shares one true, false and null. */
struct place {
	size_t line;
	char *key;                  /* of a member */
	struct place *first, *last; /* child; of an alias, children of the anchor */
	struct place *next;         /* sibling */
	struct place *made_before;  /* to free them all */
};

struct document {
	json_t *value;
	struct place *place; /* NULL: not known */
};

struct yaml_file {
	char *name;
	struct document *documents;
	size_t count;
	struct place *made;
};

struct yaml_file *yaml_file_new(const char *name);

/* Steals value; null is left out. */
void yaml_file_add(struct yaml_file *file, json_t *value, struct place *place);

/* A member of an object; NULL: there is none. */
const struct place *place_find(const struct place *parent, const char *key);

/* The documents of a YAML text (yaml_read.c). NULL: it has complained, unless it is quiet. */
struct yaml_file *yaml_read_events(const char *name, const char *text, size_t len, bool is_quiet);

#endif
