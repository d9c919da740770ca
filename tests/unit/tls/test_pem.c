/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <admwh/error.h>

#include "tls/pem.h"
#include "tls/tls.h"

#define BEGIN "-----BEGIN CERTIFICATE-----\n"
#define END "-----END CERTIFICATE-----\n"
#define BLOCK BEGIN "AAECAwQ=\n" END
#define BOX(label, body) "-----BEGIN " label "-----\n" body "\n-----END " label "-----\n"

/* Blocks read until the end or the first failure. */
static int read_all(const char *text, size_t len, size_t *n, struct awh_buf *der)
{
	const char *problem = NULL;
	struct awh_pem pem;
	int err;

	*n = 0;
	awh_pem_begin(&pem, text, len);
	while ((err = awh_pem_next_certificate(&pem, der, &problem)) > 0)
		++*n;
	assert_int_equal(err == ADMWH_E_INVAL, problem != NULL);
	return err;
}

static void refuses_what_is_not_whole(void **state)
{
	static const char *const cases[] = {
	    BEGIN,
	    BEGIN "AAAA\n",
	    BEGIN "AAAA\n-----END CERTIFICATE----",
	    BEGIN "AAAA\n-----END CERTIFICATES-----",
	    BEGIN "AAAA\n-----END X509 CRL-----\n",
	    BEGIN "AAAA\n" BLOCK,
	    BEGIN "AAA\n" END,
	    BEGIN "AAAAA\n" END,
	    BEGIN "A===\n" END,
	    BEGIN "====\n" END,
	    BEGIN "AA==AAAA\n" END,
	    BEGIN "AB==\n" END,
	    BEGIN "AAB=\n" END,
	    BEGIN "AA=A\n" END,
	    BEGIN "AA!A\n" END,
	    "AAAA\n" END,
	    "AAAA\n" END BLOCK,
	    BLOCK "AAAA\n" END,
	    "x" BLOCK, /* not at the beginning of its line */
	    "-----BEGIN CERTIFICATE\n" BLOCK,
	    "-----BEGIN -----\n" BLOCK,
	    BEGIN "AAAA\n-----END CERTIFICATE-----x\n",
	    /* A label is of one line. */
	    BOX("A\nB", "AAAA"),
	    BOX("A\rB", "AAAA"),
	    BLOCK "-----BEG",
	    BLOCK "-",
	    BOX("EC PRIVATE KEY", "AAAA") "-----BEGIN EC PRIVATE KEY-----\nAAAA\n",
	};
	struct awh_buf der;
	size_t n;

	(void)state;
	awh_buf_init(&der, 1000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (read_all(cases[i], strlen(cases[i]), &n, &der) != ADMWH_E_INVAL)
			fail_msg("taken: %s", cases[i]);
	awh_buf_deinit(&der);
}

/* What holds certificates, or revokes them, in a form that is not read is never passed over. */
static void refuses_what_it_must_not_pass_over(void **state)
{
	static const char *const cases[] = {
	    BOX("TRUSTED CERTIFICATE", "AAAA"),
	    BOX("X509 CRL", "AAAA"),
	    BOX("PKCS7", "AAAA"),
	    BOX("CMS", "AAAA"),
	};
	struct awh_buf der;
	char text[512];
	size_t n;

	(void)state;
	awh_buf_init(&der, 1000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		snprintf(text, sizeof(text), BLOCK "%s", cases[i]);
		assert_int_equal(read_all(text, strlen(text), &n, &der), ADMWH_E_INVAL);
		assert_int_equal(n, 1);
	}
	awh_buf_deinit(&der);
}

static void passes_over_text_and_other_blocks(void **state)
{
	static const struct {
		const char *text;
		size_t n;
	} cases[] = {
	    {"", 0},
	    {"\n\r\t ", 0},
	    {"x", 0},
	    {"# -----BEGIN CERTIFICATE-----\n# AAAA\n# -----END CERTIFICATE-----\n", 0},
	    {"My Root\n=======\n" BLOCK, 1},
	    {"-----\n" BLOCK "-----\n-- \n", 1},
	    {BLOCK "x", 1},
	    {BLOCK "# comment\n" BLOCK, 2},
	    {"Bag Attributes\n    localKeyID: 01 02\nsubject=CN = a\n" BLOCK, 1},
	    {"Certificate:\r\n    Data:\r\n" BLOCK, 1},
	    {"\xef\xbb\xbf" BLOCK, 1},
	    {"\n  " BLOCK, 1},
	    {BEGIN "AAAA\n-----END CERTIFICATE----- \t\n" BLOCK, 2},
	    {BEGIN "AAAA\n-----END CERTIFICATE-----" BLOCK, 2},
	    {BOX("X509 CERTIFICATE", "AAAA") BOX("X.509 CERTIFICATE", "AAAA"), 2},
	    {BOX("EC PARAMETERS", "AAAA") BOX("EC PRIVATE KEY", "AAAA") BLOCK, 1},
	    {BOX("CERTIFICATE REQUEST", "AAAA") BOX("PUBLIC KEY", "AAAA") BLOCK, 1},
	    {"title\r-----BEGIN CERTIFICATE-----\rAAAA\r-----END CERTIFICATE-----\r" BLOCK, 2},
	};
	struct awh_buf der;
	size_t n;

	(void)state;
	awh_buf_init(&der, 1000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (read_all(cases[i].text, strlen(cases[i].text), &n, &der) != 0 ||
		    n != cases[i].n)
			fail_msg("%zu of %zu in: %s", n, cases[i].n, cases[i].text);
	awh_buf_deinit(&der);
}

static void refuses_every_cut_but_the_one_between_blocks(void **state)
{
	static const char text[] = BLOCK BEGIN "BQYH\n" END;
	size_t first = strlen(BLOCK);
	struct awh_buf der;
	size_t n;

	(void)state;
	awh_buf_init(&der, 1000);
	for (size_t cut = 1; cut < sizeof(text) - 1; cut++) {
		/* Only the last line feed of a block may be missing. */
		bool whole = cut == first || cut == first - 1 || cut == sizeof(text) - 2;

		assert_int_equal(read_all(text, cut, &n, &der), whole ? 0 : ADMWH_E_INVAL);
	}
	/* And from the front, up to the first END: it tells. */
	for (size_t cut = 1; cut <= first - strlen(END); cut++)
		assert_int_equal(read_all(text + cut, sizeof(text) - 1 - cut, &n, &der),
				 ADMWH_E_INVAL);
	assert_int_equal(read_all(text, sizeof(text) - 1, &n, &der), 0);
	assert_int_equal(n, 2);
	awh_buf_deinit(&der);
}

static void reads_the_bytes_with_any_line_ends(void **state)
{
	static const char *const texts[] = {
	    "\r\n-----BEGIN CERTIFICATE-----\r\nAAEC\r\nAwQ=\r\n-----END CERTIFICATE-----\r\n\n \t",
	    "-----BEGIN CERTIFICATE-----\rAAECAwQ=\r-----END CERTIFICATE-----",
	    "-----BEGIN CERTIFICATE-----\n A A E\tC\n\nAwQ=-----END CERTIFICATE-----",
	    BLOCK,
	};
	struct awh_buf der;

	(void)state;
	awh_buf_init(&der, 1000);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		const char *problem = NULL;
		struct awh_pem pem;

		awh_pem_begin(&pem, texts[i], strlen(texts[i]));
		assert_int_equal(awh_pem_next_certificate(&pem, &der, &problem), 1);
		assert_int_equal(der.len, 5);
		assert_memory_equal(der.data, "\0\1\2\3\4", 5);
		assert_int_equal(awh_pem_next_certificate(&pem, &der, &problem), 0);
	}
	awh_buf_deinit(&der);
}

static void knows_what_a_block_is(void **state)
{
	static const struct {
		const char *text;
		enum awh_pem_kind kind;
	} cases[] = {
	    {BLOCK, AWH_PEM_CERTIFICATE},
	    {BOX("PRIVATE KEY", "AAAA"), AWH_PEM_KEY},
	    {BOX("RSA PRIVATE KEY", "AAAA"), AWH_PEM_KEY},
	    {BOX("EC PRIVATE KEY", "AAAA"), AWH_PEM_KEY},
	    {BOX("OPENSSH PRIVATE KEY", "AAAA"), AWH_PEM_KEY},
	    {BOX("ENCRYPTED PRIVATE KEY", "AAAA"), AWH_PEM_ENCRYPTED_KEY},
	    {BOX("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA"),
	     AWH_PEM_ENCRYPTED_KEY},
	    {BOX("CERTIFICATE REQUEST", "AAAA"), AWH_PEM_REQUEST},
	    {BOX("TRUSTED CERTIFICATE", "AAAA"), AWH_PEM_TRUSTED},
	    {BOX("X509 CRL", "AAAA"), AWH_PEM_CRL},
	    {BOX("PKCS7", "AAAA"), AWH_PEM_PKCS7},
	    {BOX("DH PARAMETERS", "AAAA"), AWH_PEM_OTHER},
	    {BOX("PUBLIC KEY", "AAAA"), AWH_PEM_OTHER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_pem_block block;
		const char *problem = NULL;
		struct awh_pem pem;

		awh_pem_begin(&pem, cases[i].text, strlen(cases[i].text));
		assert_int_equal(awh_pem_next(&pem, &block, &problem), 1);
		assert_int_equal(block.kind, cases[i].kind);
		assert_ptr_equal(block.text, cases[i].text);
		assert_int_equal(block.len, strlen(cases[i].text) - 1);
		assert_true(pem.has[block.kind]);
		assert_int_equal(awh_pem_next(&pem, &block, &problem), 0);
	}
}

static void says_what_a_file_without_blocks_is(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *expected;
	} cases[] = {
	    {"", 0, "is empty"},
	    {"\n \r\n", 4, "is empty"},
	    {"hello\n", 6, "has no PEM block"},
	    {"\x30\x82\x01\x84\x30\x82\x01", 7, "is DER, not PEM (convert it with openssl x509 "},
	    {"\x30\x77\x02\x01\x01\x04", 6, "is a private key in DER"},
	    {"\x30\x81\x87\x02\x01\x00\x30", 7, "is a private key in DER"},
	    {"\x30\x82\x09\x00\x02\x01\x03\x30", 8, "is PKCS #12"},
	    {"\xff\xfe-\0-\0", 6, "is UTF-16 text"},
	    {"0\n", 2, "has no PEM block"},
	    {"0", 1, "has no PEM block"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		/* A copy of its own size, so that a read past the end is seen. */
		char *bytes = malloc(cases[i].len + !cases[i].len);
		const char *text;

		assert_non_null(bytes);
		memcpy(bytes, cases[i].bytes, cases[i].len);
		text = awh_pem_foreign(bytes, cases[i].len);
		if (strncmp(text, cases[i].expected, strlen(cases[i].expected)) != 0)
			fail_msg("case %zu: %s", i, text);
		free(bytes);
	}
}

static void finds_keys_that_must_not_stay_in_memory(void **state)
{
	static const char key[] = BLOCK BOX("EC PRIVATE KEY", "AAAA"),
			  der[] = "\x30\x77\x02\x01\x01";

	(void)state;
	assert_true(awh_tls_may_hold_key(key, sizeof(key) - 1));
	assert_true(awh_tls_may_hold_key(der, sizeof(der) - 1));
	assert_false(awh_tls_may_hold_key(BLOCK, strlen(BLOCK)));
	assert_false(awh_tls_may_hold_key(NULL, 0));
}

static void writes_what_it_reads(void **state)
{
	char bytes[200];
	struct awh_buf text, der;
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 37);
	awh_buf_init(&text, 2000);
	awh_buf_init(&der, 1000);
	for (size_t len = 0; len < sizeof(bytes); len += 7) {
		awh_buf_reset(&text);
		awh_pem_put_certificate(&text, bytes, len);
		assert_int_equal(read_all(text.data, text.len, &n, &der), 0);
		assert_int_equal(n, 1);
	}
	awh_buf_deinit(&text);
	awh_buf_deinit(&der);
}

/* RFC 7468 section 2: lines of 64 characters, the last one shorter or not. */
static void writes_full_lines(void **state)
{
#define A16 "AAAAAAAAAAAAAAAA"
	static const struct {
		size_t len;
		const char *text;
	} cases[] = {
	    {0, BEGIN END},
	    {1, BEGIN "AA==\n" END},
	    {47, BEGIN A16 A16 A16 "AAAAAAAAAAAAAAA=\n" END},
	    {48, BEGIN A16 A16 A16 A16 "\n" END},
	    {49, BEGIN A16 A16 A16 A16 "\nAA==\n" END},
	    {96, BEGIN A16 A16 A16 A16 "\n" A16 A16 A16 A16 "\n" END},
	};
	static const uint8_t bytes[96];
	struct awh_buf text;

	(void)state;
	awh_buf_init(&text, 1000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		awh_buf_reset(&text);
		awh_pem_put_certificate(&text, bytes, cases[i].len);
		assert_int_equal(awh_buf_terminate(&text), 0);
		assert_string_equal(text.data, cases[i].text);
	}
	awh_buf_deinit(&text);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_what_is_not_whole),
	    cmocka_unit_test(refuses_what_it_must_not_pass_over),
	    cmocka_unit_test(passes_over_text_and_other_blocks),
	    cmocka_unit_test(refuses_every_cut_but_the_one_between_blocks),
	    cmocka_unit_test(reads_the_bytes_with_any_line_ends),
	    cmocka_unit_test(knows_what_a_block_is),
	    cmocka_unit_test(says_what_a_file_without_blocks_is),
	    cmocka_unit_test(finds_keys_that_must_not_stay_in_memory),
	    cmocka_unit_test(writes_what_it_reads),
	    cmocka_unit_test(writes_full_lines),
	    cmocka_unit_test(reports_a_block_that_is_too_large),
	};

	return cmocka_run_group_tests_name("pem", tests, NULL, NULL);
}
