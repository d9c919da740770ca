/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tls/ids.h"

static void writes_serial_numbers_without_the_octet_of_the_sign(void **state)
{
	static const struct {
		const char *serial;
		size_t len;
		const char *text;
	} cases[] = {
	    {"\x01", 1, "01"},
	    {"\x00", 1, "00"},
	    {"\x00\x80", 2, "80"},
	    {"\x7f\x00", 2, "7f00"},
	    {"\x00\xff\x00\x01", 4, "ff0001"},
	    {"\xff\x01", 2, "ff01"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint8_t *serial = malloc(cases[i].len);
		struct awh_x509 cert = {.serial = {serial, cases[i].len}};
		struct awh_arena arena = {0};
		struct awh_cert_ids ids;

		assert_non_null(serial);
		memcpy(serial, cases[i].serial, cases[i].len);
		assert_int_equal(awh_cert_ids_read(&ids, &arena, &cert), 0);
		assert_string_equal(ids.serial, cases[i].text);
		awh_arena_deinit(&arena);
		free(serial);
	}
}

static void digests_certificate_and_key(void **state)
{
	/* SHA-256 of "a" and of nothing */
	static const char a[] = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";
	static const char none[] =
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
	const struct awh_x509 cert = {.serial = {(const uint8_t *)"\x01", 1},
				      .der = {(const uint8_t *)"a", 1},
				      .key_info = {(const uint8_t *)"", 0}};
	struct awh_arena arena = {0};
	struct awh_cert_ids ids;

	(void)state;
	assert_int_equal(awh_cert_ids_read(&ids, &arena, &cert), 0);
	assert_string_equal(ids.fingerprint, a);
	assert_string_equal(ids.key, none);
	awh_arena_deinit(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_serial_numbers_without_the_octet_of_the_sign),
	    cmocka_unit_test(digests_certificate_and_key),
	};

	return cmocka_run_group_tests_name("ids", tests, NULL, NULL);
}
