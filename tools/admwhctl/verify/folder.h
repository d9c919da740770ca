/* SPDX-License-Identifier: MIT */
/* The files of an installation's folder, and the Kubernetes objects and configurations in them. */
#ifndef ADMWHCTL_VERIFY_FOLDER_H
#define ADMWHCTL_VERIFY_FOLDER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct yaml_file;

struct folder_file {
	char *name; /* relative to the folder */
	char *bytes;
	size_t len;
	mode_t mode; /* permission bits */
	bool is_folder;
};

/* A YAML or JSON document. */
struct document {
	const struct folder_file *file;
	const struct yaml_file *yaml;
	size_t i;
	json_t *value;
	const char *kind;
};

struct folder {
	const char *path;
	struct folder_file *files; /* by name */
	size_t n_files;
	struct yaml_file **yamls;
	size_t n_yamls;
	struct document *documents; /* those that have a kind */
	size_t n_documents;
	struct document *values; /* all, kind NULL where there is none */
	size_t n_values;
	json_t *unreadable; /* names of files that are no YAML: it has complained of them */
};

/* Read it all, four levels deep. Returns 0, or -1: it has complained. */
int folder_read(struct folder *folder, const char *path);

void folder_deinit(struct folder *folder);

/* NULL: there is none. */
const struct folder_file *folder_file(const struct folder *folder, const char *name);

/* The next document of a kind, *i being where to look from, 0 at first; NULL: no more. */
const struct document *folder_next(const struct folder *folder, const char *kind, size_t *i);

/* The document of this kind and metadata.name (NULL: any). */
const struct document *folder_find(const struct folder *folder, const char *kind, const char *name);

/* "FILE:LINE" of the value at a JSON pointer. New. */
char *place(const struct document *document, const char *pointer, ...)
    __attribute__((format(printf, 2, 3)));

/* A member of members, "spec/template/spec" or "webhooks/0"; NULL: there is none. */
json_t *at(json_t *value, const char *path);

/* Likewise, a text; NULL: there is none, or it is no text. */
const char *text_at(json_t *value, const char *path);

/* Has an element of an array the name, a member, of one before it? */
bool is_named_before(json_t *array, size_t i);

#endif
