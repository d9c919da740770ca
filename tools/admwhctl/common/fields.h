/* SPDX-License-Identifier: MIT */
/*
 * Members of YAML documents that people write for admwhctl, checked as they are read: each fault is
 * a line "FILE:LINE: spec.routes[0].path: REASON", without a place where the name is "".
 */
#ifndef ADMWHCTL_FIELDS_H
#define ADMWHCTL_FIELDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct yaml_file;

struct fields {
	const struct yaml_file *file;
	const char *name;
	size_t document, faults;
	void **kept; /* what field_kept() has given */
	size_t n_kept;
};

enum { FIELD_PATH_BYTES = 512 };

/* One value and where it stands. */
struct field {
	struct fields *fields;
	const json_t *value;            /* NULL: there is none */
	char pointer[FIELD_PATH_BYTES]; /* JSON Pointer */
};

/* The whole document. */
struct field field_root(struct fields *fields);

struct field field_member(const struct field *parent, const char *name);
struct field field_element(const struct field *parent, size_t i);

void field_fault(const struct field *field, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Memory that fields_free_kept() frees, zeroed; ends the program when memory runs out. */
void *field_kept(struct fields *fields, size_t size);
/* Likewise, a text, which is stolen. */
const char *field_kept_text(struct fields *fields, char *text);
void fields_free_kept(struct fields *fields);

/* A fault for each member that is not among these, NULL-terminated. */
void field_only(const struct field *object, const char *const *names);

/* A member; null counts as absent. With a preset of NULL a text may be absent, and is NULL then. */
const char *field_text(const struct field *object, const char *name, const char *preset);
const char *field_required(const struct field *object, const char *name);
bool field_flag(const struct field *object, const char *name, bool preset);
unsigned int field_number(const struct field *object, const char *name, unsigned int preset,
			  unsigned int min, unsigned int max);

/* The place of a member's text among names, NULL-terminated. */
size_t field_choice(const struct field *object, const char *name, const char *const *names,
		    size_t preset);

/* A member that is a list of texts: NULL-terminated, kept; empty where there is none. */
const char *const *field_texts(const struct field *object, const char *name);

/* How many elements a member has that is a list; a fault where it is something else. */
size_t field_count(const struct field *list);

#endif
