/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <admwh/error.h>

#include "tls/pem.h"

#define BEGIN "-----BEGIN CERTIFICATE-----\n"
#define END "-----END CERTIFICATE-----\n"

/* Blocks read until the end or the first failure. */
static int read_all(const char *text, size_t len, size_t *n, struct awh_buf *der)
{
	struct awh_pem pem = {text, text + len};
	const char *problem = NULL;
	int status;

	*n = 0;
	while ((status = awh_pem_next_certificate(&pem, der, &problem)) > 0)
		++*n;
	assert_int_equal(status == ADMWH_E_INVAL, problem != NULL);
	return status;
}

static void refuses_what_is_not_whole_or_not_pem(void **state)
{
	static const char *const cases[] = {
	    "x",
	    "x\n" BEGIN "AAAA\n" END,
	    BEGIN "AAAA\n" END "x",
	    BEGIN "AAAA\n" END "# comment\n" BEGIN "AAAA\n" END,
	    BEGIN,
	    BEGIN "AAAA\n",
	    BEGIN "AAAA\n-----END CERTIFICATE----",
	    BEGIN "AAA\n" END,
	    BEGIN "AAAAA\n" END,
	    BEGIN "A===\n" END,
	    BEGIN "====\n" END,
	    BEGIN "AA==AAAA\n" END,
	    BEGIN "AB==\n" END,
	    BEGIN "AAB=\n" END,
	    BEGIN "AA=A\n" END,
	    BEGIN "AA!A\n" END,
	    BEGIN "AAAA\n-----END X509 CRL-----\n",
	    "-----BEGIN TRUSTED CERTIFICATE-----\nAAAA\n-----END TRUSTED CERTIFICATE-----\n",
	    "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n",
	};
	struct awh_buf der;
	size_t n;

	(void)state;
	awh_buf_init(&der, 1000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(read_all(cases[i], strlen(cases[i]), &n, &der), ADMWH_E_INVAL);
	awh_buf_deinit(&der);
}

static void refuses_every_cut_but_the_one_between_blocks(void **state)
{
	static const char text[] = BEGIN "AAECAwQ=\n" END BEGIN "BQYH\n" END;
	size_t first = strlen(BEGIN "AAECAwQ=\n" END);
	struct awh_buf der;
	size_t n;

	(void)state;
	awh_buf_init(&der, 1000);
	for (size_t cut = 1; cut < sizeof(text) - 1; cut++) {
		/* Only the last line feed of a block may be missing. */
		bool whole = cut == first || cut == first - 1 || cut == sizeof(text) - 2;

		assert_int_equal(read_all(text, cut, &n, &der), whole ? 0 : ADMWH_E_INVAL);
	}
	assert_int_equal(read_all(text, sizeof(text) - 1, &n, &der), 0);
	assert_int_equal(n, 2);
	awh_buf_deinit(&der);
}

static void reads_blocks_with_any_line_ends(void **state)
{
	static const char text[] = "\r\n-----BEGIN CERTIFICATE-----\r\nAAEC\r\nAwQ=\r\n"
				   "-----END CERTIFICATE-----\r\n\n \t";
	struct awh_pem pem = {text, text + sizeof(text) - 1};
	const char *problem = NULL;
	struct awh_buf der;

	(void)state;
	awh_buf_init(&der, 1000);
	assert_int_equal(awh_pem_next_certificate(&pem, &der, &problem), 1);
	assert_int_equal(der.len, 5);
	assert_memory_equal(der.data, "\0\1\2\3\4", 5);
	assert_int_equal(awh_pem_next_certificate(&pem, &der, &problem), 0);
	awh_buf_deinit(&der);
}

static void reports_a_block_that_is_too_large(void **state)
{
	static const char text[] = BEGIN "AAECAwQF\n" END;
	struct awh_buf der;
	size_t n;

	(void)state;
	awh_buf_init(&der, 5);
	assert_int_equal(read_all(text, sizeof(text) - 1, &n, &der), ADMWH_E_LIMIT);
	awh_buf_deinit(&der);
}

static void finds_nothing_in_white_space(void **state)
{
	struct awh_buf der;
	size_t n;

	(void)state;
	awh_buf_init(&der, 5);
	assert_int_equal(read_all("", 0, &n, &der), 0);
	assert_int_equal(read_all("\n\r\t ", 4, &n, &der), 0);
	assert_int_equal(n, 0);
	awh_buf_deinit(&der);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_what_is_not_whole_or_not_pem),
	    cmocka_unit_test(refuses_every_cut_but_the_one_between_blocks),
	    cmocka_unit_test(reads_blocks_with_any_line_ends),
	    cmocka_unit_test(reports_a_block_that_is_too_large),
	    cmocka_unit_test(finds_nothing_in_white_space),
	};

	return cmocka_run_group_tests_name("pem", tests, NULL, NULL);
}
