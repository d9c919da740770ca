/* SPDX-License-Identifier: MIT */
#include "replay/plain.h"

#include <stdbool.h>

#include "common/files.h"

/* C0 and DEL; C1 is U+0080 to U+009F, in UTF-8 0xc2 and this byte. */
static bool is_control(const unsigned char *at, unsigned char before)
{
	return (*at < 0x20 && *at != '\n') || *at == 0x7f ||
	       (before == 0xc2 && *at >= 0x80 && *at <= 0x9f);
}

char *plain_text(const char *text)
{
	char *plain = text_new("%s", text);
	unsigned char before = 0;

	for (unsigned char *at = (unsigned char *)plain; *at; at++) {
		const unsigned char read = *at;

		if (is_control(at, before)) {
			if (before == 0xc2)
				at[-1] = '?';
			*at = '?';
		}
		before = read;
	}
	return plain;
}

char *plain_line(const char *text)
{
	char *plain = plain_text(text);

	for (char *at = plain; *at; at++)
		if (*at == '\n')
			*at = '?';
	return plain;
}
