/* SPDX-License-Identifier: MIT */
/*
 * YAML as kubectl reads it (sigs.k8s.io/yaml: YAML 1.1 scalars, several documents; JSON is YAML),
 * as jansson values that know their lines, and jansson values as YAML.
 */
#ifndef ADMWHCTL_YAML_H
#define ADMWHCTL_YAML_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

struct yaml_file; /* its documents, and where each value stands */

/*
 * Read a text; name is for errors. Duplicate keys, unknown aliases and documents that grow by
 * aliases beyond 64 times their text are errors. Empty documents are left out. New, free with
 * yaml_free(); NULL: it has complained, with the line.
 */
struct yaml_file *yaml_read(const char *name, const char *text, size_t len);

/* Likewise, of a file; "-" is standard input. */
struct yaml_file *yaml_read_file(const char *name);

void yaml_free(struct yaml_file *file);

const char *yaml_name(const struct yaml_file *file);
size_t yaml_count(const struct yaml_file *file);

/* Borrowed. */
json_t *yaml_document(const struct yaml_file *file, size_t i);

/* The line, from 1, of the value at a JSON pointer of a document, or of its nearest parent. */
size_t yaml_line(const struct yaml_file *file, size_t i, const char *pointer);

/*
 * Write a value as block YAML, indented by two, that yaml_read() and kubectl read as the same
 * value; long texts of several lines as "|". Keys in their order.
 */
void yaml_write(FILE *to, const json_t *value);

#endif
