/* SPDX-License-Identifier: MIT */
/*
 * Signatures of JSON Web Signatures: what wolfSSL signs here is verified, and
 * nothing that differs from it in any way. Codes of wolfSSL that cannot be
 * brought about are returned by stand-ins of its functions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../failing_alloc.h"
#include "pki.h"
#include "tls/signing_key.h"

#include <wolfssl/wolfcrypt/asn.h>
#include <wolfssl/wolfcrypt/rsa.h>
#include <wolfssl/wolfcrypt/signature.h>

static const char message[] = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UifQ";
static int forced; /* the code of a stand-in; 0: the real function is called */

int __real_wc_Hash(enum wc_HashType type, const byte *data, word32 len, byte *hash, word32 size);
int __wrap_wc_Hash(enum wc_HashType type, const byte *data, word32 len, byte *hash, word32 size);
int __real_wc_ecc_check_key(ecc_key *key);
int __wrap_wc_ecc_check_key(ecc_key *key);
int __real_wc_ecc_verify_hash(const byte *sig, word32 len, const byte *hash, word32 hash_len,
			      int *holds, ecc_key *key);
int __wrap_wc_ecc_verify_hash(const byte *sig, word32 len, const byte *hash, word32 hash_len,
			      int *holds, ecc_key *key);
int __real_wc_RsaSSL_Verify(const byte *in, word32 len, byte *out, word32 size, RsaKey *key);
int __wrap_wc_RsaSSL_Verify(const byte *in, word32 len, byte *out, word32 size, RsaKey *key);

static bool forces_hash;

int __wrap_wc_Hash(enum wc_HashType type, const byte *data, word32 len, byte *hash, word32 size)
{
	return forced && forces_hash ? forced : __real_wc_Hash(type, data, len, hash, size);
}

int __wrap_wc_ecc_check_key(ecc_key *key)
{
	return forced ? forced : __real_wc_ecc_check_key(key);
}

int __wrap_wc_ecc_verify_hash(const byte *sig, word32 len, const byte *hash, word32 hash_len,
			      int *holds, ecc_key *key)
{
	int code = __real_wc_ecc_verify_hash(sig, len, hash, hash_len, holds, key);

	return forced ? forced : code;
}

int __wrap_wc_RsaSSL_Verify(const byte *in, word32 len, byte *out, word32 size, RsaKey *key)
{
	return forced ? forced : __real_wc_RsaSSL_Verify(in, len, out, size, key);
}

/* A key and its signature of the message. */
struct signer {
	struct awh_signing_key key;
	uint8_t signature[AWH_RSA_BYTES_MAX];
	size_t len;
};

static WC_RNG rng;
static RsaKey rsa;
static struct signer signers[AWH_JWS_COUNT];

static enum wc_HashType hash_of(enum awh_jws jws)
{
	static const enum wc_HashType hashes[] = {
	    [AWH_JWS_RS256] = WC_HASH_TYPE_SHA256, [AWH_JWS_RS384] = WC_HASH_TYPE_SHA384,
	    [AWH_JWS_RS512] = WC_HASH_TYPE_SHA512, [AWH_JWS_ES256] = WC_HASH_TYPE_SHA256,
	    [AWH_JWS_ES384] = WC_HASH_TYPE_SHA384, [AWH_JWS_ES512] = WC_HASH_TYPE_SHA512,
	};

	return hashes[jws];
}

static word32 digest_of(enum wc_HashType type, const void *data, size_t len, byte digest[64])
{
	word32 size = (word32)wc_HashGetDigestSize(type);

	assert_int_equal(wc_Hash(type, data, (word32)len, digest, size), 0);
	return size;
}

/* Sign bytes as they are, behind the padding of PKCS #1. */
static void sign_raw(const byte *bytes, size_t len, uint8_t *signature)
{
	assert_int_equal(
	    wc_RsaSSL_Sign(bytes, (word32)len, signature, AWH_RSA_BYTES_MAX, &rsa, &rng), 256);
}

static void sign_rsa(enum awh_jws jws, const void *data, size_t len, uint8_t *signature)
{
	byte digest[64], info[128];
	word32 digest_len = digest_of(hash_of(jws), data, len, digest);
	word32 info_len = wc_EncodeSignature(info, digest, digest_len, wc_HashGetOID(hash_of(jws)));

	sign_raw(info, info_len, signature);
}

static void make_rsa(struct signer *signer)
{
	word32 n_len = sizeof(signer->key.first), e_len = sizeof(signer->key.second);

	assert_int_equal(
	    wc_RsaFlattenPublicKey(&rsa, signer->key.second, &e_len, signer->key.first, &n_len), 0);
	signer->key.first_len = n_len;
	signer->key.second_len = e_len;
	signer->len = n_len;
	sign_rsa(signer->key.jws, message, strlen(message), signer->signature);
}

/* r and s, each with zeros in front up to its length. */
static void sign_ecc(ecc_key *ecc, enum wc_HashType type, uint8_t *signature, size_t half)
{
	byte digest[64], der[256], r[AWH_COORDINATE_MAX], s[AWH_COORDINATE_MAX];
	word32 digest_len = digest_of(type, message, strlen(message), digest);
	word32 der_len = sizeof(der), r_len = sizeof(r), s_len = sizeof(s);

	assert_int_equal(wc_ecc_sign_hash(digest, digest_len, der, &der_len, &rng, ecc), 0);
	assert_int_equal(wc_ecc_sig_to_rs(der, der_len, r, &r_len, s, &s_len), 0);
	memset(signature, 0, 2 * half);
	memcpy(signature + half - r_len, r, r_len);
	memcpy(signature + 2 * half - s_len, s, s_len);
}

static void make_ecc(struct signer *signer, ecc_key *ecc)
{
	const size_t half = (awh_jws_curve(signer->key.jws) + 7) / 8;
	word32 x_len = sizeof(signer->key.first), y_len = sizeof(signer->key.second);

	assert_int_equal(wc_ecc_init(ecc), 0);
	assert_int_equal(wc_ecc_make_key(&rng, (int)half, ecc), 0);
	assert_int_equal(
	    wc_ecc_export_public_raw(ecc, signer->key.first, &x_len, signer->key.second, &y_len),
	    0);
	signer->key.first_len = x_len;
	signer->key.second_len = y_len;
	signer->len = 2 * half;
	sign_ecc(ecc, hash_of(signer->key.jws), signer->signature, half);
}

static void load_rsa(void)
{
	size_t len;
	char *pem = pki_load("keys/client-rsa.key", &len);
	byte der[4096];
	word32 at = 0;
	int der_len = wc_KeyPemToDer((byte *)pem, (int)len, der, sizeof(der), NULL);

	assert_true(der_len > 0);
	assert_int_equal(wc_InitRsaKey(&rsa, NULL), 0);
	assert_int_equal(wc_RsaPrivateKeyDecode(der, &at, &rsa, (word32)der_len), 0);
	assert_int_equal(wc_RsaSetRNG(&rsa, &rng), 0);
	free(pem);
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(wolfSSL_Init(), WOLFSSL_SUCCESS);
	assert_int_equal(wc_InitRng(&rng), 0);
	load_rsa();
	for (int i = 0; i < AWH_JWS_COUNT; i++) {
		ecc_key ecc;

		signers[i].key.jws = (enum awh_jws)i;
		if (!awh_jws_curve(signers[i].key.jws)) {
			make_rsa(&signers[i]);
			continue;
		}
		make_ecc(&signers[i], &ecc);
		wc_ecc_free(&ecc);
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	wc_FreeRsaKey(&rsa);
	wc_FreeRng(&rng);
	return 0;
}

static int verify(const struct awh_signing_key *key, const uint8_t *signature, size_t len)
{
	int result = awh_signing_key_verify(key, message, strlen(message), signature, len);

	assert_int_equal(wolfSSL_ERR_peek_last_error(), 0);
	return result;
}

static void names_its_algorithms(void **state)
{
	static const struct {
		const char *name;
		unsigned int curve;
	} cases[] = {
	    [AWH_JWS_RS256] = {"RS256", 0},   [AWH_JWS_RS384] = {"RS384", 0},
	    [AWH_JWS_RS512] = {"RS512", 0},   [AWH_JWS_ES256] = {"ES256", 256},
	    [AWH_JWS_ES384] = {"ES384", 384}, [AWH_JWS_ES512] = {"ES512", 521},
	};
	static const char *const others[] = {"", "none", "HS256", "es256", "ES256K", "PS256"};

	(void)state;
	for (int i = 0; i < AWH_JWS_COUNT; i++) {
		assert_string_equal(awh_jws_name((enum awh_jws)i), cases[i].name);
		assert_int_equal(awh_jws_find(cases[i].name), i);
		assert_int_equal(awh_jws_curve((enum awh_jws)i), cases[i].curve);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_int_equal(awh_jws_find(others[i]), AWH_JWS_COUNT);
}

static void verifies_what_its_own_key_has_signed(void **state)
{
	(void)state;
	for (int i = 0; i < AWH_JWS_COUNT; i++) {
		assert_int_equal(awh_signing_key_check(&signers[i].key, NULL), 0);
		for (int j = 0; j < AWH_JWS_COUNT; j++)
			assert_int_equal(
			    verify(&signers[i].key, signers[j].signature, signers[j].len), i == j);
	}
}

static void verifies_nothing_that_was_changed(void **state)
{
	(void)state;
	for (int i = 0; i < AWH_JWS_COUNT; i++) {
		const struct signer *signer = &signers[i];
		const size_t places[] = {0, signer->len / 2 - 1, signer->len / 2, signer->len - 1};
		uint8_t changed[AWH_RSA_BYTES_MAX + 1] = {0};

		memcpy(changed, signer->signature, signer->len);
		for (size_t k = 0; k < sizeof(places) / sizeof(*places); k++) {
			changed[places[k]] ^= 1;
			assert_int_equal(verify(&signer->key, changed, signer->len), 0);
			changed[places[k]] ^= 1;
		}
		assert_int_equal(verify(&signer->key, changed, signer->len), 1);
		assert_int_equal(verify(&signer->key, changed, signer->len - 1), 0);
		assert_int_equal(verify(&signer->key, changed, signer->len + 1), 0);
		assert_int_equal(verify(&signer->key, changed, 0), 0);
		assert_int_equal(awh_signing_key_verify(&signer->key, message, strlen(message) - 1,
							changed, signer->len),
				 0);
		memset(changed, 0, sizeof(changed));
		assert_int_equal(verify(&signer->key, changed, signer->len), 0);
		memset(changed, 0xff, sizeof(changed));
		assert_int_equal(verify(&signer->key, changed, signer->len), 0);
	}
}

/* RFC 7518 section 3.4: each curve has one hash. */
static void takes_no_other_hash_for_a_curve(void **state)
{
	struct signer signer = {.key.jws = AWH_JWS_ES256};
	ecc_key ecc;

	(void)state;
	make_ecc(&signer, &ecc);
	assert_int_equal(verify(&signer.key, signer.signature, signer.len), 1);
	sign_ecc(&ecc, WC_HASH_TYPE_SHA384, signer.signature, signer.len / 2);
	assert_int_equal(verify(&signer.key, signer.signature, signer.len), 0);
	wc_ecc_free(&ecc);
}

/* RFC 8017 section 8.2.2: the DigestInfo, and nothing before, behind or in place of it. */
static void takes_nothing_but_the_digest_info(void **state)
{
	const struct awh_signing_key *key = &signers[AWH_JWS_RS256].key;
	byte digest[64], info[128] = {0}, changed[128];
	word32 digest_len = digest_of(WC_HASH_TYPE_SHA256, message, strlen(message), digest);
	word32 len =
	    wc_EncodeSignature(info, digest, digest_len, wc_HashGetOID(WC_HASH_TYPE_SHA256));
	uint8_t signature[AWH_RSA_BYTES_MAX];

	(void)state;
	sign_raw(info, len, signature);
	assert_int_equal(verify(key, signature, 256), 1);
	sign_raw(digest, digest_len, signature);
	assert_int_equal(verify(key, signature, 256), 0);
	sign_raw(info, len + 1, signature);
	assert_int_equal(verify(key, signature, 256), 0);
	sign_raw(info, len - 1, signature);
	assert_int_equal(verify(key, signature, 256), 0);
	for (word32 i = 0; i < len; i += 3) {
		memcpy(changed, info, len);
		changed[i] ^= 1;
		sign_raw(changed, len, signature);
		assert_int_equal(verify(key, signature, 256), 0);
	}
}

/* sum = a + b, big-endian; false when it does not fit. */
static bool add(uint8_t sum[256], const uint8_t a[256], const uint8_t b[256])
{
	unsigned int carry = 0;

	for (size_t i = 256; i-- > 0;) {
		carry += a[i] + b[i];
		sum[i] = (uint8_t)carry;
		carry >>= 8;
	}
	return carry == 0;
}

/* The same number once more, so that a token would have two texts. */
static void takes_no_signature_above_the_modulus(void **state)
{
	const struct awh_signing_key *key = &signers[AWH_JWS_RS256].key;
	uint8_t signature[AWH_RSA_BYTES_MAX], second[256];
	char text[32];

	(void)state;
	for (int i = 0; i < 200; i++) {
		snprintf(text, sizeof(text), "message %d", i);
		sign_rsa(AWH_JWS_RS256, text, strlen(text), signature);
		if (!add(second, signature, key->first))
			continue;
		assert_int_equal(awh_signing_key_verify(key, text, strlen(text), signature, 256),
				 1);
		assert_int_equal(awh_signing_key_verify(key, text, strlen(text), second, 256), 0);
		return;
	}
}

static void checks_the_bounds_of_an_rsa_key(void **state)
{
	static const struct {
		size_t n_len;
		uint8_t n_first, n_last;
		uint8_t e[5];
		size_t e_len;
		const char *text; /* how the error begins; NULL: it is taken */
	} cases[] = {
	    {256, 0x80, 0x01, {1, 0, 1}, 3, NULL},
	    {512, 0xff, 0xff, {1, 0, 1}, 3, NULL},
	    {256, 0x80, 0x01, {1, 0, 3}, 3, NULL},
	    {256, 0x80, 0x01, {0xff, 0xff, 0xff, 0xff}, 4, NULL},
	    {255, 0xff, 0x01, {1, 0, 1}, 3, "n: "},
	    {513, 0x80, 0x01, {1, 0, 1}, 3, "n: "},
	    {256, 0x7f, 0x01, {1, 0, 1}, 3, "n: "},
	    {256, 0x80, 0x02, {1, 0, 1}, 3, "n: "},
	    {256, 0x80, 0x01, {0}, 0, "e: "},
	    {256, 0x80, 0x01, {3}, 1, "e: "},
	    {256, 0x80, 0x01, {0xff, 0xff}, 2, "e: "},
	    {256, 0x80, 0x01, {1, 0, 0}, 3, "e: "},
	    {256, 0x80, 0x01, {1, 0, 2}, 3, "e: "},
	    {256, 0x80, 0x01, {0, 1, 0, 1}, 4, "e: "},
	    {256, 0x80, 0x01, {1, 0, 0, 0, 1}, 5, "e: "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_signing_key key = {.jws = AWH_JWS_RS256,
					      .first_len = cases[i].n_len,
					      .second_len = cases[i].e_len};
		struct awh_error error = {0};
		int err;

		memset(key.first, 0x5a, sizeof(key.first));
		key.first[0] = cases[i].n_first;
		if (cases[i].n_len <= sizeof(key.first))
			key.first[cases[i].n_len - 1] = cases[i].n_last;
		memcpy(key.second, cases[i].e, sizeof(cases[i].e));
		err = awh_signing_key_check(&key, &error);
		if (err != (cases[i].text ? ADMWH_E_INVAL : 0) ||
		    (cases[i].text && strncmp(error.text, cases[i].text, 3) != 0))
			fail_msg("case %zu: %d %s", i, err, error.text);
	}
}

static void checks_that_a_point_is_of_its_curve(void **state)
{
	(void)state;
	for (int i = AWH_JWS_ES256; i < AWH_JWS_COUNT; i++) {
		struct awh_signing_key key = signers[i].key;
		struct awh_error error = {0};

		key.second[key.second_len - 1] ^= 1;
		assert_int_equal(awh_signing_key_check(&key, &error), ADMWH_E_INVAL);
		assert_string_equal(error.text, "x, y: not a point of the curve");
		key = signers[i].key;
		key.first_len--;
		assert_int_equal(awh_signing_key_check(&key, &error), ADMWH_E_INVAL);
		assert_int_equal(strncmp(error.text, "x, y: expected ", 15), 0);
		key.first_len++;
		key.second_len--;
		assert_int_equal(awh_signing_key_check(&key, &error), ADMWH_E_INVAL);
		memset(key.first, 0, sizeof(key.first));
		memset(key.second, 0, sizeof(key.second));
		key.second_len++;
		assert_int_equal(awh_signing_key_check(&key, &error), ADMWH_E_INVAL);
	}
}

static void tells_lack_of_memory_from_a_signature_that_is_wrong(void **state)
{
	static const struct {
		int code;
		bool nomem;
	} cases[] = {{MEMORY_E, true}, {MP_MEM, true}, {BAD_FUNC_ARG, false}, {RSA_PAD_E, false}};

	(void)state;
	for (size_t k = 0; k < sizeof(cases) / sizeof(*cases); k++) {
		for (int i = 0; i < AWH_JWS_COUNT; i++) {
			const struct signer *signer = &signers[i];
			const int wanted = cases[k].nomem ? ADMWH_E_NOMEM : 0;
			int verified, hashed, checked;

			forced = cases[k].code;
			verified = verify(&signer->key, signer->signature, signer->len);
			checked = awh_signing_key_check(&signer->key, NULL);
			forces_hash = true;
			hashed = verify(&signer->key, signer->signature, signer->len);
			forces_hash = false;
			forced = 0;
			assert_int_equal(verified, wanted);
			assert_int_equal(hashed, wanted);
			if (i >= AWH_JWS_ES256)
				assert_int_equal(checked, wanted ? wanted : ADMWH_E_INVAL);
			else
				assert_int_equal(checked, 0);
		}
	}
}

static void tells_that_its_own_memory_ran_out(void **state)
{
	(void)state;
	for (int i = 0; i < AWH_JWS_COUNT; i++) {
		const struct signer *signer = &signers[i];
		struct awh_error error = {0};
		int verified, checked;

		alloc_left = 0;
		verified = verify(&signer->key, signer->signature, signer->len);
		alloc_left = 0;
		checked = awh_signing_key_check(&signer->key, &error);
		alloc_left = -1;
		assert_int_equal(verified, ADMWH_E_NOMEM);
		assert_int_equal(checked, ADMWH_E_NOMEM);
		assert_string_equal(error.text, "out of memory");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_its_algorithms),
	    cmocka_unit_test(verifies_what_its_own_key_has_signed),
	    cmocka_unit_test(verifies_nothing_that_was_changed),
	    cmocka_unit_test(takes_no_other_hash_for_a_curve),
	    cmocka_unit_test(takes_nothing_but_the_digest_info),
	    cmocka_unit_test(takes_no_signature_above_the_modulus),
	    cmocka_unit_test(checks_the_bounds_of_an_rsa_key),
	    cmocka_unit_test(checks_that_a_point_is_of_its_curve),
	    cmocka_unit_test(tells_lack_of_memory_from_a_signature_that_is_wrong),
	    cmocka_unit_test(tells_that_its_own_memory_ran_out),
	};

	return cmocka_run_group_tests_name("signing key", tests, set_up, tear_down);
}
