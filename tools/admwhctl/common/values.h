/* SPDX-License-Identifier: MIT */
/* Small helpers around jansson's values. */
#ifndef ADMWHCTL_VALUES_H
#define ADMWHCTL_VALUES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The value, or the end of the program where it is NULL because memory ran out. */
json_t *json_made(json_t *value);

/* A new reference to a value that is not changed by it. */
json_t *json_kept(const json_t *value);

/* The text of an object's member, borrowed; "" where it is missing or no text. */
const char *member_text(const json_t *object, const char *name);

/* Likewise; NULL where it is missing or no text. */
const char *member_text_or_null(const json_t *object, const char *name);

/* Set a member. Steals value; ends the program where it is NULL because memory ran out. */
void member_set(json_t *object, const char *name, json_t *value);

/* Likewise, a text; NULL and "" set nothing. */
void member_set_text(json_t *object, const char *name, const char *text);

/* Is a text among these? NULL-terminated. */
bool is_among(const char *text, const char *const *texts);

/* Has an array this text? */
bool has_text(const json_t *array, const char *text);

/* Likewise, or "*", which stands for all in a rule of a webhook? */
bool has_text_or_star(const json_t *array, const char *text);

/* The texts of an array, with ", " between them. New. */
char *texts_joined(const json_t *array);

/* How deep arrays and objects stand in each other; 0 for a scalar. */
size_t json_levels(const json_t *value);

/* Print a value, by print_json(), in lines with an indentation. */
void json_print(FILE *to, const json_t *value);

/* The number that kube-apiserver gets from kubectl: an integer where others write it as one. */
json_t *json_number(double real);

#endif
