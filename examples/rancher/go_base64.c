/* SPDX-License-Identifier: MIT */
/*
 * base64.StdEncoding of Go: RFC 4648 with padding, CR and LF between any characters, bits behind
 * the last byte ignored. An error tells the offset that Go tells.
 */
#include <string.h>

#include "go_text.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static bool corrupt(struct text *error, size_t offset)
{
	text_add(error, "illegal base64 data at input byte %zu", offset);
	return false;
}

/* The padding behind n characters of a group of four; at: the first "=". */
static bool check_padding(const char *text, const char *at, size_t n, struct text *error)
{
	const char *first = at++;

	if (n < 2)
		return corrupt(error, (size_t)(first - text));
	if (n == 2) {
		at += strspn(at, "\r\n");
		if (*at != '=')
			return corrupt(error, (size_t)(*at ? at - 1 - text : at - text));
		at++;
	}
	at += strspn(at, "\r\n");
	return !*at || corrupt(error, (size_t)(at - text));
}

bool go_base64_check(const char *text, struct text *error)
{
	const char *at;
	size_t n = 0; /* characters of the group */

	for (at = text; *at && *at != '='; at++) {
		if (*at == '\r' || *at == '\n')
			continue;
		if (!strchr(alphabet, *at))
			return corrupt(error, (size_t)(at - text));
		n = (n + 1) % 4;
	}
	if (*at)
		return check_padding(text, at, n, error);
	return n == 0 || corrupt(error, (size_t)(at - text) - n);
}
