/* SPDX-License-Identifier: MIT */
/* Pointers made by chance, into a document of generate.h, for tests of operations. */
#ifndef ANY_POINTER_H
#define ANY_POINTER_H

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "generate.h"
#include "json/pointer.h"

enum { PATH = 256 };

/* Append the token of a child of the value, now and then of one that is not there. */
static inline json_t *any_step(char *path, json_t *value, uint64_t *state)
{
	const size_t size = json_array_size(value);
	static const char *const odd[] = {"-", "01", "-1", "x", "0", "", "~0", "~1"};
	struct awh_buf token;
	const char *key = NULL;
	json_t *child = NULL;
	char number[24];

	if (json_is_object(value) && json_object_size(value) > 0 && chance(state, 5) > 0) {
		size_t n = chance(state, (uint32_t)json_object_size(value));

		json_object_foreach(value, key, child)
			if (n-- == 0)
				break;
	} else if (json_is_array(value) && chance(state, 5) > 0) {
		size_t n = chance(state, (uint32_t)size + 2);

		snprintf(number, sizeof(number), "%zu", n);
		key = number;
		child = json_array_get(value, n);
	}
	awh_buf_init(&token, SIZE_MAX);
	if (key)
		awh_pointer_put(&token, key, strlen(key));
	else
		awh_buf_printf(&token, "/%s", odd[chance(state, 8)]);
	if (awh_buf_terminate(&token) < 0)
		abort();
	strncat(path, token.data, PATH - strlen(path) - 1);
	awh_buf_deinit(&token);
	return child;
}

/* A pointer to something, or nearly. Returns what is there, if it is. */
static inline json_t *any_pointer(char path[PATH], json_t *document, uint64_t *state)
{
	json_t *value = document;

	path[0] = '\0';
	for (unsigned n = chance(state, 5); n > 0 && value; n--)
		value = any_step(path, value, state);
	if (chance(state, 60) == 0)
		strcpy(path, "no pointer");
	return value;
}

#endif
