/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <malloc.h>

#include <cmocka.h>

#include "../in_range.h"
#include "pki.h"
#include "tls/tls.h"

/* In the place of free(): does the block still hold the secret? */
void __real_free(void *block);
void __wrap_free(void *block);

static byte secret[32];
static word32 secret_len; /* 0: no block is looked at */
static unsigned int blocks_with_secret;

void __wrap_free(void *block)
{
	if (secret_len > 0 && block)
		blocks_with_secret +=
		    memmem(block, malloc_usable_size(block), secret, secret_len) != NULL;
	__real_free(block);
}

static int check(const char *certificate, const char *key, struct awh_error *error)
{
	int err;

	*error = (struct awh_error){0};
	err = awh_tls_check_keypair(certificate, strlen(certificate), key, strlen(key), error);
	/* Nothing is left to be taken for another call's error. */
	assert_int_equal(wolfSSL_ERR_peek_last_error(), 0);
	return err;
}

static void takes_only_usable_pairs(void **state)
{
	json_t *index = pki_index();
	json_t *entry;
	size_t i;

	(void)state;
	json_array_foreach(json_object_get(index, "servers"), i, entry) {
		bool usable = json_is_true(json_object_get(entry, "usable"));
		struct awh_error error;
		size_t len;
		char *certificate = pki_load(pki_text(entry, "cert"), &len);
		char *key = pki_load(pki_text(entry, "key"), &len);

		if (check(certificate, key, &error) != (usable ? 0 : ADMWH_E_KEYPAIR))
			fail_msg("%s: %s", pki_text(entry, "case"), error.text);
		assert_int_equal(error.text[0] == '\0', usable);
		free(certificate);
		free(key);
	}
	json_decref(index);
}

static void says_what_is_wrong_with_a_pair(void **state)
{
	static const char *const cases[][3] = {
	    {"server/ecdsa.crt", "keys/client.key",
	     "the private key does not belong to the certificate"},
	    {"server/rsa1024.crt", "keys/weak.key",
	     "certificate 1 of the chain: its RSA key is below 2048 bits"},
	    {"server/expired.crt", "keys/server.key", "certificate 1 of the chain: it has expired"},
	    {"server/ecdsa.crt", "server/ecdsa.crt",
	     "the key file has a certificate in it, and no private key"},
	    {"keys/server.key", "keys/server.key",
	     "the certificate file has a private key in it, and no certificate"},
	    {"keys/server.key", "server/ecdsa.crt",
	     "swapped: the private key is in the certificate file, and the certificate in the key "
	     "file"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_error error;
		size_t len;
		char *certificate = pki_load(cases[i][0], &len);
		char *key = pki_load(cases[i][1], &len);

		assert_int_equal(check(certificate, key, &error), ADMWH_E_KEYPAIR);
		assert_string_equal(error.text, cases[i][2]);
		free(certificate);
		free(key);
	}
}

static size_t bytes_in_use(void)
{
#ifdef __GLIBC__
	const struct mallinfo2 info = mallinfo2(); /* zeroes under a sanitizer */

	return info.uordblks + info.hblkhd;
#else
	return 0;
#endif
}

/* Some builds of wolfSSL make a table of 0.8 MB of a point that is multiplied a second time. */
static void keeps_nothing_of_the_pairs_it_checks(void **state)
{
	size_t certificate_len, key_len, before;
	char *certificate = pki_load("server/ecdsa.crt", &certificate_len);
	char *key = pki_load("keys/server.key", &key_len);
	struct awh_error error;

	(void)state;
	assert_int_equal(check(certificate, key, &error), 0);
	awh_tls_thread_trim();
	before = bytes_in_use();
	for (int i = 0; i < 4; i++)
		assert_int_equal(check(certificate, key, &error), 0);
	assert_uint_in_range(bytes_in_use(), 0, before + 100000);
	free(certificate);
	free(key);
}

static void leaves_no_private_key_in_memory_that_is_freed(void **state)
{
	size_t certificate_len, key_len;
	char *certificate = pki_load("server/ecdsa.crt", &certificate_len);
	char *pem = pki_load("keys/server.key", &key_len);
	struct awh_error error;
	byte *copy = malloc(sizeof(secret));
	byte der[512];
	word32 at = 0;
	ecc_key key;
	int len = wc_KeyPemToDer((byte *)pem, (int)key_len, der, sizeof(der), NULL);

	(void)state;
	assert_true(len > 0);
	assert_int_equal(wc_ecc_init(&key), 0);
	assert_int_equal(wc_EccPrivateKeyDecode(der, &at, &key, (word32)len), 0);
	secret_len = sizeof(secret);
	assert_int_equal(wc_ecc_export_private_only(&key, secret, &secret_len), 0);
	wc_ecc_free(&key);
	assert_int_equal(check(certificate, pem, &error), 0);
	assert_int_equal(blocks_with_secret, 0);
	/* It would be found. */
	assert_non_null(copy);
	memcpy(copy, secret, sizeof(secret));
	__wrap_free(copy);
	assert_int_equal(blocks_with_secret, 1);
	secret_len = 0;
	free(certificate);
	free(pem);
}

/* c2tnb191v3, which wolfSSL does not have: its own comparison would write past a buffer. */
static void rejects_a_key_on_an_unknown_curve(void **state)
{
	static const char key[] =
	    "-----BEGIN EC PRIVATE KEY-----\n"
	    "MHcCAQEEIOcQkAMoXSAsiQoJBlB99h7nmWAqtOuUAgCbSS4VO16aoAoGCCqGSM49\n"
	    "AwAHoUQDQgAE5g3Ok0qdQEfhcNbMfQoL3Za8b56Ue2f+0nDb5Q65c3x8vcaA3GW/\n"
	    "SUYOb6/y8kqrweYh6zzqTtLa8qOxu0ZHEQ==\n"
	    "-----END EC PRIVATE KEY-----\n";
	static const char *const files[] = {"server/ecdsa.crt", "server/p384.crt",
					    "server/rsa.crt"};
	json_t *index = pki_index();
	const char *expected =
	    pki_differs(index, "differences", "reads no key on an unknown curve")
		? "the private key cannot be read: expected PKCS #8, or a traditional RSA or EC "
		  "key, in PEM"
		: "the private key does not belong to the certificate";

	(void)state;
	json_decref(index);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		struct awh_error error;
		size_t len;
		char *certificate = pki_load(files[i], &len);

		assert_int_equal(check(certificate, key, &error), ADMWH_E_KEYPAIR);
		assert_string_equal(error.text, expected);
		free(certificate);
	}
}

static void says_what_a_file_is_instead(void **state)
{
	static const char encrypted[] =
	    "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
	static const char request[] =
	    "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n";
	static const char openssh[] =
	    "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n";
	size_t len;
	char *certificate = pki_load("server/ecdsa.crt", &len);
	char *key = pki_load("keys/server.key", &len);
	const struct {
		const char *certificate, *key, *expected;
	} cases[] = {
	    {certificate, encrypted, "the private key is encrypted"},
	    {certificate, openssh, "the private key cannot be read: expected PKCS #8"},
	    {certificate, "\x30\x77\x02\x01\x01",
	     "no private key: the key file is a private key in "
	     "DER"},
	    {certificate, "", "no private key: the key file is empty"},
	    {certificate, "x", "no private key: the key file has no PEM block"},
	    {"\x30\x82\x01\x84\x30\x82\x01", key,
	     "no certificate in the chain: the certificate file is "
	     "DER"},
	    {"", key, "no certificate in the chain: the certificate file is empty"},
	    {request, key, "the certificate file has a certificate request in it"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_error error;

		assert_int_equal(check(cases[i].certificate, cases[i].key, &error),
				 ADMWH_E_KEYPAIR);
		if (strncmp(error.text, cases[i].expected, strlen(cases[i].expected)) != 0)
			fail_msg("%s", error.text);
	}
	free(certificate);
	free(key);
}

/* Past AWH_X509_BYTES_MAX in the first place, and in the second. */
static void refuses_a_certificate_that_is_too_large(void **state)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----\n";
	static const char end[] = "\n-----END CERTIFICATE-----\n";
	const size_t letters = (size_t)AWH_X509_BYTES_MAX * 4 / 3 + 8;
	size_t len, key_len;
	char *good = pki_load("server/ecdsa.crt", &len);
	char *key = pki_load("keys/server.key", &key_len);
	struct awh_error error = {0};
	struct awh_buf chain;

	(void)state;
	awh_buf_init(&chain, SIZE_MAX / 2);
	for (int i = 1; i <= 2; i++) {
		char expected[64];

		awh_buf_puts(&chain, begin);
		for (size_t n = 0; n < letters; n += 4)
			awh_buf_puts(&chain, "AAAA");
		awh_buf_puts(&chain, end);
		assert_int_equal(chain.err, 0);
		snprintf(expected, sizeof(expected), "certificate %d of the chain is too large", i);
		assert_int_equal(awh_tls_check_keypair(chain.data, chain.len, key, key_len, &error),
				 ADMWH_E_KEYPAIR);
		assert_string_equal(error.text, expected);
		awh_buf_reset(&chain);
		awh_buf_puts(&chain, good);
	}
	awh_buf_deinit(&chain);
	free(good);
	free(key);
}

/* As `openssl x509 -text`, `openssl pkcs12` and `cat` write them. */
static void takes_a_pair_whatever_is_around(void **state)
{
	static const char parameters[] =
	    "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
	size_t len;
	char *certificate = pki_load("server/chain.crt", &len);
	char *key = pki_load("keys/server.key", &len);
	const char *const parts[][4] = {
	    {"Certificate:\n    Data:\n", certificate, "text\n", key},
	    {"Bag Attributes\n    localKeyID: 01\n", key, "Bag Attributes\n", certificate},
	    {certificate, key, "", ""},
	    {parameters, key, certificate, ""},
	    {"", certificate, parameters, key},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		struct awh_error error;
		char both[8192];

		snprintf(both, sizeof(both), "%s%s%s%s", parts[i][0], parts[i][1], parts[i][2],
			 parts[i][3]);
		if (check(both, both, &error) || check(certificate, both, &error) ||
		    check(both, key, &error))
			fail_msg("case %zu: %s", i, error.text);
	}
	free(certificate);
	free(key);
}

static void refuses_half_written_files(void **state)
{
	struct awh_error error;
	size_t certificate_len, key_len;
	char *certificate = pki_load("server/chain.crt", &certificate_len);
	char *key = pki_load("keys/server.key", &key_len);
	const char *second = strstr(certificate + 1, "-----BEGIN");

	(void)state;
	for (size_t cut = 0; cut < certificate_len - 1; cut += 7)
		if (certificate + cut != second && certificate + cut != second - 1)
			assert_int_equal(
			    awh_tls_check_keypair(certificate, cut, key, key_len, &error),
			    ADMWH_E_KEYPAIR);
	for (size_t cut = 0; cut < key_len - 30; cut += 7)
		assert_int_equal(
		    awh_tls_check_keypair(certificate, certificate_len, key, cut, &error),
		    ADMWH_E_KEYPAIR);
	free(certificate);
	free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_only_usable_pairs),
	    cmocka_unit_test(says_what_is_wrong_with_a_pair),
	    cmocka_unit_test(keeps_nothing_of_the_pairs_it_checks),
	    cmocka_unit_test(leaves_no_private_key_in_memory_that_is_freed),
	    cmocka_unit_test(rejects_a_key_on_an_unknown_curve),
	    cmocka_unit_test(says_what_a_file_is_instead),
	    cmocka_unit_test(refuses_a_certificate_that_is_too_large),
	    cmocka_unit_test(takes_a_pair_whatever_is_around),
	    cmocka_unit_test(refuses_half_written_files),
	};

	return cmocka_run_group_tests_name("keypair", tests, NULL, NULL);
}
