/* SPDX-License-Identifier: MIT */
#include "json/go.h"

#include <string.h>

/*
 * The escape at text: how many bytes it takes, and the character, if it is one that Go writes as
 * it is where we escape it (the control characters from U+007F on).
 */
static size_t read_escape(const char *text, char plain[3])
{
	unsigned code = 0;

	plain[0] = '\0';
	if (text[1] != 'u')
		return 2;
	for (int i = 2; i < 6; i++)
		code = code * 16 +
		       (unsigned)(text[i] <= '9' ? text[i] - '0' : (text[i] | 32) - 'a' + 10);
	if (code == 0x7f) {
		memcpy(plain, "\x7f", 2);
	} else if (code >= 0x80 && code < 0xa0) {
		plain[0] = '\xc2';
		plain[1] = (char)code;
		plain[2] = '\0';
	}
	return 6;
}

const char *awh_go_escape(const char *text, size_t len, size_t *taken)
{
	*taken = 1;
	switch (*text) {
	case '<':
		return "\\u003c";
	case '>':
		return "\\u003e";
	case '&':
		return "\\u0026";
	}
	if (len < 3 || memcmp(text, "\xe2\x80", 2) != 0)
		return NULL;
	*taken = 3;
	return text[2] == '\xa8' ? "\\u2028" : text[2] == '\xa9' ? "\\u2029" : NULL;
}

void awh_go_put(struct awh_buf *buf, const char *text, size_t len)
{
	size_t start = 0; /* of the run that stays as it is */

	if (len == 0)
		return; /* text is NULL for a buffer that failed */
	for (size_t i = 0, taken; i < len; i += taken) {
		char plain[3];
		const char *other = awh_go_escape(text + i, len - i, &taken);

		if (text[i] == '\\') {
			taken = read_escape(text + i, plain);
			other = plain[0] ? plain : NULL;
		}
		if (!other)
			continue;
		awh_buf_put(buf, text + start, i - start);
		awh_buf_puts(buf, other);
		start = i + taken;
	}
	awh_buf_put(buf, text + start, len - start);
}

size_t awh_go_len(const char *text, size_t len)
{
	size_t total = 0;

	for (size_t i = 0, taken; i < len; i += taken) {
		const char *escape = awh_go_escape(text + i, len - i, &taken);

		total += escape ? strlen(escape) : taken;
	}
	return total;
}
