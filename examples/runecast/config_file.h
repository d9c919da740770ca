/* SPDX-License-Identifier: MIT */
/*
 * JSON files of an operator's: read whole, checked member by member, and what is
 * wrong with one said in one line, "FILE: /policies/2/name: expected a text".
 */
#ifndef RUNECAST_CONFIG_FILE_H
#define RUNECAST_CONFIG_FILE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

/* What is wrong with a file; "" when nothing is. */
struct problem {
	char text[1024];
};

/* Where in which file: a JSON Pointer that grows and shrinks as the check walks. */
struct place {
	const char *file; /* NULL: the message begins with the pointer */
	bool secret;      /* a token may stand where a name should: names are not repeated */
	char pointer[256];
	struct problem *problem;
};

/* An object; *new*. NULL: place->problem says why. */
json_t *config_parse(struct place *place, const char *text, size_t len);

/* Go one member, or element, down; returns what config_leave() takes to come back. */
size_t config_enter(struct place *place, const char *name);
size_t config_enter_index(struct place *place, size_t i);
void config_leave(struct place *place, size_t before);

/* Say what is wrong at the place. Returns -1. */
int config_complain(struct place *place, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Complains unless the value is an object with these members alone ("note" is always allowed). */
int config_check_members(struct place *place, json_t *value, const char *const *names,
			 size_t n_names);

/* A text without control characters, not empty. NULL: it is something else, and that was said. */
const char *config_text(struct place *place, json_t *object, const char *name);

#endif
