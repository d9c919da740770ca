/* SPDX-License-Identifier: MIT */
/* A YAML file as a tree of nodes that know their lines, and parts of it as JSON. */
#ifndef KW_YAML_FILE_H
#define KW_YAML_FILE_H

#include <stddef.h>

#include <jansson.h>
#include <yaml.h>

#include "common/text.h"

struct kw_yaml {
	yaml_document_t document;
	yaml_node_t *root; /* NULL: the file is empty */
	size_t values;     /* converted so far: aliases cannot blow it up */
};

/* 0; -1: error says why, and nothing is to be freed. */
int kw_yaml_read(struct kw_yaml *yaml, const char *bytes, size_t len, struct text *error);
void kw_yaml_deinit(struct kw_yaml *yaml);

/* Tell an error with the place of a node: "line 12: what". Returns -1. */
int kw_yaml_fail(const yaml_node_t *node, struct text *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The text of a scalar; NULL when it is none or holds a NUL byte. Borrowed from the document. */
const char *kw_yaml_text(const yaml_node_t *node);

/* Is it null: nothing, ~ or null? */
int kw_yaml_is_null(const yaml_node_t *node);

/* A node as JSON, its plain scalars as YAML 1.2's core schema has them. New; NULL: error. */
json_t *kw_yaml_json(struct kw_yaml *yaml, const yaml_node_t *node, struct text *error);

/* The nodes of a pair of a mapping. */
const yaml_node_t *kw_yaml_key(struct kw_yaml *yaml, const yaml_node_pair_t *pair);
const yaml_node_t *kw_yaml_value(struct kw_yaml *yaml, const yaml_node_pair_t *pair);

/* Has a mapping this key twice? Told as an error then. */
int kw_yaml_check_keys(struct kw_yaml *yaml, const yaml_node_t *mapping, struct text *error);

#endif
