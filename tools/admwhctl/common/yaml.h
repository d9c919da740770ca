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

#include "common/values.h"

struct yaml_file; /* its documents, and where each value stands */

/*
 * Read a text; name is for errors. Duplicate keys, unknown aliases, documents that grow by aliases
 * beyond 64 times their text or have more than 1000 levels, NaN and infinite numbers are errors;
 * !!binary is not read. Numbers are those that kube-apiserver gets from kubectl: 1.0 is 1, and what
 * does not fit 64 bits with a sign is a real. Empty documents are left out. New, free with
 * yaml_file_free(); NULL: it has complained, with the line.
 */
struct yaml_file *yaml_read(const char *name, const char *text, size_t len);

/* Likewise, of a file; "-" is standard input. */
struct yaml_file *yaml_read_file(const char *name);

void yaml_file_free(struct yaml_file *file);

const char *yaml_name(const struct yaml_file *file);
size_t yaml_count(const struct yaml_file *file);

/* Borrowed; the caller may change it. */
json_t *yaml_document(const struct yaml_file *file, size_t i);

/* The line, from 1, of the value at a JSON pointer of a document, or of its nearest parent. */
size_t yaml_line(const struct yaml_file *file, size_t i, const char *pointer);

/*
 * Write a value as block YAML, indented by two, that yaml_read() and kubectl read as the same
 * value; texts of several lines as "|". Lists stand below the column of their key, as kubectl
 * writes them. Keys in their order.
 */
void yaml_write(FILE *to, const json_t *value);

/* Likewise, to a text. New, free with free(). */
char *yaml_text(const json_t *value);

#endif
