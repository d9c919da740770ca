/* SPDX-License-Identifier: MIT */
#include "identity/lines.h"

#include <string.h>

void awh_lines_begin(struct awh_lines *lines, const char *text, size_t len)
{
	*lines = (struct awh_lines){.rest = text, .end = text ? text + len : NULL};
}

bool awh_lines_next(struct awh_lines *lines)
{
	size_t left = (size_t)(lines->end - lines->rest);
	const char *feed = left > 0 ? memchr(lines->rest, '\n', left) : NULL;

	if (left == 0)
		return false;
	lines->line = lines->rest;
	lines->len = feed ? (size_t)(feed - lines->rest) : left;
	lines->rest += lines->len + (feed != NULL);
	if (lines->len > 0 && lines->line[lines->len - 1] == '\r')
		lines->len--;
	lines->number++;
	return true;
}

int awh_lines_fail(const struct awh_lines *lines, const struct awh_error *reason,
		   struct awh_error *error)
{
	if (reason->code == ADMWH_E_NOMEM)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	return awh_fail(error, reason->code, "line %zu: %s", lines->number, reason->text);
}
