/* SPDX-License-Identifier: MIT */
/*
 * DER written as text, for certificates that no tool makes: "30(02(01)0500)" is
 * a SEQUENCE of INTEGER 1 and two bytes as they are. The lengths are computed,
 * spaces do not count.
 */
#ifndef MADE_DER_H
#define MADE_DER_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct made_der {
	uint8_t bytes[8192];
	size_t len;
};

static inline void made_der_put(struct made_der *der, uint8_t byte)
{
	assert_true(der->len < sizeof(der->bytes));
	der->bytes[der->len++] = byte;
}

static inline uint8_t made_der_byte(const char **text)
{
	const char digits[3] = {(*text)[0], (*text)[1], '\0'};
	char *end;
	long byte = strtol(digits, &end, 16);

	assert_ptr_equal(end, digits + 2);
	*text += 2;
	return (uint8_t)byte;
}

/* The content from start on becomes an element, its length in the shortest form. */
static inline void made_der_close(struct made_der *der, size_t start)
{
	size_t len = der->len - start;
	uint8_t octets[4];
	size_t n = 0;

	if (len >= 0x80)
		octets[n++] = len > 0xff ? 0x82 : 0x81;
	if (len > 0xff)
		octets[n++] = (uint8_t)(len >> 8);
	octets[n++] = (uint8_t)len;
	assert_true(der->len + n <= sizeof(der->bytes));
	memmove(der->bytes + start + n, der->bytes + start, len);
	memcpy(der->bytes + start, octets, n);
	der->len += n;
}

/* Append what text says, to its end or its closing parenthesis. */
static inline void made_der_add(struct made_der *der, const char **text)
{
	while (**text && **text != ')') {
		if (**text == ' ') {
			++*text;
			continue;
		}
		made_der_put(der, made_der_byte(text));
		if (**text == '(') {
			size_t start = der->len;

			++*text;
			made_der_add(der, text);
			assert_int_equal(**text, ')');
			++*text;
			made_der_close(der, start);
		}
	}
}

static inline void made_der(struct made_der *der, const char *text)
{
	der->len = 0;
	made_der_add(der, &text);
	assert_int_equal(*text, '\0');
}

#endif
