/* SPDX-License-Identifier: MIT */
#include "json/escape.h"

#include "base/text.h"

#include <stdint.h>
#include <string.h>

/* The 4 digits of a \u escape; negative when they are not. */
static int32_t read_hex(const char *text)
{
	int a = awh_hex_digit((unsigned char)text[0]);
	int b = awh_hex_digit((unsigned char)text[1]);
	int c = awh_hex_digit((unsigned char)text[2]);
	int d = awh_hex_digit((unsigned char)text[3]);

	return (a | b | c | d) < 0 ? -1 : a << 12 | b << 8 | c << 4 | d;
}

static bool is_high_surrogate(int32_t unit)
{
	return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_low_surrogate(int32_t unit)
{
	return unit >= 0xdc00 && unit <= 0xdfff;
}

static size_t check_unicode(const char *text, size_t len, const char **why)
{
	int32_t unit = len >= 6 ? read_hex(text + 2) : -1;

	if (unit < 0)
		*why = "expected 4 hexadecimal digits behind \\u";
	else if (is_low_surrogate(unit))
		*why = "lone surrogate";
	else if (!is_high_surrogate(unit))
		return 6;
	else if (len >= 12 && text[6] == '\\' && text[7] == 'u' &&
		 is_low_surrogate(read_hex(text + 8)))
		return 12;
	else
		*why = "lone surrogate";
	return 0;
}

size_t awh_escape_check(const char *text, size_t len, const char **why)
{
	if (len < 2) {
		*why = "the text ends within a string";
		return 0;
	}
	switch (text[1]) {
	case '"':
	case '\\':
	case '/':
	case 'b':
	case 'f':
	case 'n':
	case 'r':
	case 't':
		return 2;
	case 'u':
		return check_unicode(text, len, why);
	default:
		*why = "unknown escape";
		return 0;
	}
}

static size_t put_utf8(char *out, uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

size_t awh_escape_resolve(char out[AWH_ESCAPE_RESOLVED_MAX], size_t *n_out, const char *text)
{
	static const char names[] = "bfnrt";
	static const char values[] = "\b\f\n\r\t";
	int32_t unit;
	uint32_t c;

	if (text[1] != 'u') {
		const char *name = strchr(names, text[1]);

		out[0] = name ? values[name - names] : text[1];
		*n_out = 1;
		return 2;
	}
	unit = read_hex(text + 2);
	if (!is_high_surrogate(unit)) {
		*n_out = put_utf8(out, (uint32_t)unit);
		return 6;
	}
	c = (uint32_t)(unit - 0xd800) << 10 | (uint32_t)(read_hex(text + 8) - 0xdc00);
	*n_out = put_utf8(out, c + 0x10000);
	return 12;
}

size_t awh_unescape(char *out, const char *text, size_t len)
{
	size_t n = 0;
	size_t i = 0;

	while (i < len) {
		const char *backslash;
		size_t run;

		/* Escapes come in groups: only a plain run is worth a search. */
		if (text[i] == '\\') {
			size_t n_out;

			i += awh_escape_resolve(out + n, &n_out, text + i);
			n += n_out;
			continue;
		}
		backslash = memchr(text + i, '\\', len - i);
		run = backslash ? (size_t)(backslash - (text + i)) : len - i;
		memcpy(out + n, text + i, run);
		n += run;
		i += run;
	}
	return n;
}

size_t awh_escaped_len(const char *text)
{
	size_t len = 0;

	while (text[len] != '"')
		len += text[len] == '\\' ? 2 : 1;
	return len;
}

/* A checked string, read byte by byte with its escapes resolved. */
struct resolver {
	const char *at;
	const char *end;
	char piece[AWH_ESCAPE_RESOLVED_MAX]; /* of the last escape */
	size_t n_piece;
	size_t n_taken;
};

/* The next byte; -1 at the end. */
static int next_byte(struct resolver *resolver)
{
	if (resolver->n_taken < resolver->n_piece)
		return (unsigned char)resolver->piece[resolver->n_taken++];
	if (resolver->at == resolver->end)
		return -1;
	if (*resolver->at != '\\')
		return (unsigned char)*resolver->at++;
	resolver->at += awh_escape_resolve(resolver->piece, &resolver->n_piece, resolver->at);
	resolver->n_taken = 1;
	return (unsigned char)resolver->piece[0];
}

bool awh_escaped_is(const char *escaped, size_t len, const char *text, size_t text_len)
{
	struct resolver resolver = {.at = escaped, .end = escaped + len};

	for (size_t i = 0; i < text_len; i++)
		if (next_byte(&resolver) != (unsigned char)text[i])
			return false;
	return next_byte(&resolver) < 0;
}

bool awh_escaped_same(const char *a, size_t a_len, const char *b, size_t b_len)
{
	struct resolver of_a = {.at = a, .end = a + a_len};
	struct resolver of_b = {.at = b, .end = b + b_len};
	int byte;

	do {
		byte = next_byte(&of_a);
		if (byte != next_byte(&of_b))
			return false;
	} while (byte >= 0);
	return true;
}
