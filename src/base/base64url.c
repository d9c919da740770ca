/* SPDX-License-Identifier: MIT */
#include "base/base64url.h"

enum { DIGIT_BITS = 6, BYTE_BITS = 8 };

/* The value of a digit; -1 for any other character. */
static int digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '-')
		return 62;
	return c == '_' ? 63 : -1;
}

bool awh_base64url_decode(const char *text, size_t len, uint8_t *out, size_t *out_len)
{
	uint32_t bits = 0;
	unsigned int n_bits = 0;
	size_t n = 0;

	if (len % 4 == 1)
		return false;
	for (size_t i = 0; i < len; i++) {
		int value = digit(text[i]);

		if (value < 0)
			return false;
		bits = bits << DIGIT_BITS | (uint32_t)value;
		n_bits += DIGIT_BITS;
		if (n_bits < BYTE_BITS)
			continue;
		n_bits -= BYTE_BITS;
		out[n++] = (uint8_t)(bits >> n_bits);
		bits &= (1U << n_bits) - 1;
	}
	*out_len = n;
	return bits == 0;
}
