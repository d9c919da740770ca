/* SPDX-License-Identifier: MIT */
/*
 * A text, line by line, for the files of rules, deny lists and tokens.
 */
#ifndef AWH_IDENTITY_LINES_H
#define AWH_IDENTITY_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct awh_lines {
	const char *rest, *end;
	const char *line; /* without its LF or CRLF; not NUL-terminated, and may hold NUL bytes */
	size_t len;
	size_t number; /* of the line, the first is 1 */
};

void awh_lines_begin(struct awh_lines *lines, const char *text, size_t len);

/* On to the next line; false at the end. */
bool awh_lines_next(struct awh_lines *lines);

/* Pass on why a line failed, with its number; returns the reason's code. */
int awh_lines_fail(const struct awh_lines *lines, const struct awh_error *reason,
		   struct awh_error *error);

#endif
