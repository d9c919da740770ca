/* SPDX-License-Identifier: MIT */
/* Configuration as text in a test, and what is wrong with it. */
#ifndef TEST_RUNECAST_CONFIG_TEXT_H
#define TEST_RUNECAST_CONFIG_TEXT_H

#include <string.h>

#include "config_file.h"

/* One text, and the problem that reading it must name; NULL: none. */
struct config_case {
	const char *text, *problem;
};

typedef void *config_reader(struct place *place, json_t *root);

/* What a reader makes of a text; NULL with the problem. */
static inline void *read_text(config_reader *reader, const char *text, struct problem *problem)
{
	struct place place = {.file = "f.json", .problem = problem};
	json_t *root = config_parse(&place, text, strlen(text));
	void *content = root ? reader(&place, root) : NULL;

	json_decref(root);
	return content;
}

#endif
