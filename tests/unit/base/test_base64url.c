/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64url.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void refuses_what_is_not_canonical(void **state)
{
	static const char *const texts[] = {
	    "A",    "AAAAA",               /* no number of bytes */
	    "AB",   "AAB",   "Zh",         /* unused bits */
	    "AA==", "AAA=",  "=",          /* padding */
	    "A+AA", "A/AA",                /* the standard alphabet */
	    "A AA", "AA\n",  "AA\xc3\xa9", /* others */
	};
	uint8_t out[AWH_BASE64URL_BYTES(16)];
	size_t len;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_false(awh_base64url_decode(texts[i], strlen(texts[i]), out, &len));
	assert_false(awh_base64url_decode("AA\0A", 4, out, &len));
}

/* RFC 4648 section 10, without padding, and all 64 digits. */
static void decodes_the_vectors(void **state)
{
	static const struct {
		const char *text, *bytes;
		size_t len;
	} cases[] = {
	    {"", "", 0},
	    {"Zg", "f", 1},
	    {"Zm8", "fo", 2},
	    {"Zm9v", "foo", 3},
	    {"Zm9vYg", "foob", 4},
	    {"Zm9vYmE", "fooba", 5},
	    {"Zm9vYmFy", "foobar", 6},
	    {"-_-_", "\xfb\xff\xbf", 3},
	    {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
	     "\x00\x10\x83\x10\x51\x87\x20\x92\x8b\x30\xd3\x8f\x41\x14\x93\x51\x55\x97\x61\x96\x9b"
	     "\x71\xd7\x9f\x82\x18\xa3\x92\x59\xa7\xa2\x9a\xab\xb2\xdb\xaf\xc3\x1c\xb3\xd3\x5d\xb7"
	     "\xe3\x9e\xbb\xf3\xdf\xbf",
	     48},
	};
	uint8_t out[AWH_BASE64URL_BYTES(64)];
	size_t len;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_true(awh_base64url_decode(cases[i].text, strlen(cases[i].text), out, &len));
		assert_int_equal(len, cases[i].len);
		assert_memory_equal(out, cases[i].bytes, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_what_is_not_canonical),
	    cmocka_unit_test(decodes_the_vectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
