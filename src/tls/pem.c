/* SPDX-License-Identifier: MIT */
#include "tls/pem.h"

#include <stdint.h>
#include <string.h>

#include <admwh/error.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_space(struct awh_pem *pem)
{
	while (pem->at < pem->end && is_space(*pem->at))
		pem->at++;
}

static bool take(struct awh_pem *pem, const char *text)
{
	size_t len = strlen(text);

	if ((size_t)(pem->end - pem->at) < len || memcmp(pem->at, text, len) != 0)
		return false;
	pem->at += len;
	return true;
}

static int digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Up to the first byte that is neither base64 nor white space. False: not whole, or not canonical.
 */
static bool take_base64(struct awh_pem *pem, struct awh_buf *der)
{
	uint32_t word = 0;
	unsigned int n = 0; /* digits in word */
	unsigned int pads = 0;

	for (; pem->at < pem->end; pem->at++) {
		int value = digit(*pem->at);

		if (is_space(*pem->at))
			continue;
		if (value < 0 && *pem->at != '=')
			break;
		if (value < 0)
			pads++;
		else if (pads > 0)
			return false;
		word = word << 6 | (uint32_t)(value < 0 ? 0 : value);
		if (++n == 4) {
			uint8_t out[3] = {(uint8_t)(word >> 16), (uint8_t)(word >> 8),
					  (uint8_t)word};

			/* Bits that padding leaves over are zero. */
			if (pads > 2 || (pads > 0 && out[3 - pads] != 0))
				return false;
			awh_buf_put(der, out, 3 - pads);
			word = 0;
			n = 0;
		}
		if (pads > 2)
			return false;
	}
	return n == 0;
}

int awh_pem_next_certificate(struct awh_pem *pem, struct awh_buf *der, const char **problem)
{
	awh_buf_reset(der);
	skip_space(pem);
	if (pem->at == pem->end)
		return 0;
	if (!take(pem, "-----BEGIN CERTIFICATE-----")) {
		*problem = "something that is not a PEM certificate";
		return ADMWH_E_INVAL;
	}
	if (!take_base64(pem, der) || !take(pem, "-----END CERTIFICATE-----")) {
		*problem = "a PEM block that is malformed or cut off";
		return ADMWH_E_INVAL;
	}
	if (der->err)
		return der->err;
	return 1;
}
