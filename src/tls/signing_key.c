/* SPDX-License-Identifier: MIT */
#include "tls/signing_key.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tls/wolfssl.h"

#include <wolfssl/wolfcrypt/asn.h>
#include <wolfssl/wolfcrypt/rsa.h>

enum {
	EXPONENT_MAX = 4, /* bytes */
	EXPONENT_LEAST = 65537,
	DIGEST_MAX = 64,
	DIGEST_INFO_MAX = DIGEST_MAX + 32,
};

struct facts {
	const char *name;
	unsigned int curve, hash; /* bits */
};

static const struct facts all_facts[] = {
#define FACTS(id, name, curve, hash) {name, curve, hash},
    AWH_JWS_MAP(FACTS)
#undef FACTS
};

const char *awh_jws_name(enum awh_jws jws)
{
	return all_facts[jws].name;
}

enum awh_jws awh_jws_find(const char *name)
{
	enum awh_jws jws = 0;

	while (jws < AWH_JWS_COUNT && strcmp(all_facts[jws].name, name) != 0)
		jws++;
	return jws;
}

unsigned int awh_jws_curve(enum awh_jws jws)
{
	return all_facts[jws].curve;
}

static bool is_nomem(int code)
{
	return code == MEMORY_E || code == MP_MEM;
}

static enum wc_HashType hash_type(enum awh_jws jws)
{
	switch (all_facts[jws].hash) {
	case 384:
		return WC_HASH_TYPE_SHA384;
	case 512:
		return WC_HASH_TYPE_SHA512;
	default:
		return WC_HASH_TYPE_SHA256;
	}
}

/* The digest that is signed; its length, or a negative code of wolfSSL's. */
static int make_digest(enum awh_jws jws, const void *data, size_t len, uint8_t digest[DIGEST_MAX])
{
	int size = wc_HashGetDigestSize(hash_type(jws));
	int code = wc_Hash(hash_type(jws), data, (word32)len, digest, (word32)size);

	return code ? code : size;
}

static size_t coordinate_len(enum awh_jws jws)
{
	return (awh_jws_curve(jws) + 7) / 8;
}

static int curve_id(enum awh_jws jws)
{
	switch (awh_jws_curve(jws)) {
	case 384:
		return ECC_SECP384R1;
	case 521:
		return ECC_SECP521R1;
	default:
		return ECC_SECP256R1;
	}
}

/* 0 or a code of wolfSSL's. wc_ecc_free() follows either way. */
static int load_ecc(ecc_key *out, const struct awh_signing_key *key)
{
	int code = wc_ecc_init(out);

	return code
		   ? code
		   : wc_ecc_import_unsigned(out, key->first, key->second, NULL, curve_id(key->jws));
}

/* r and s, one behind the other (RFC 7518 section 3.4), to the DER that wolfSSL takes. */
static int verify_ecc(ecc_key *ecc, const struct awh_signing_key *key, const uint8_t *digest,
		      int digest_len, const uint8_t *signature, size_t len)
{
	const word32 half = (word32)coordinate_len(key->jws);
	byte der[ECC_MAX_SIG_SIZE];
	word32 der_len = sizeof(der);
	int holds = 0;
	int code;

	if (len != 2 * (size_t)half)
		return 0;
	code = wc_ecc_rs_raw_to_sig(signature, half, signature + half, half, der, &der_len);
	if (code == 0)
		code = wc_ecc_verify_hash(der, der_len, digest, (word32)digest_len, &holds, ecc);
	if (is_nomem(code))
		return ADMWH_E_NOMEM;
	return code == 0 && holds == 1;
}

static int load_rsa(RsaKey *out, const struct awh_signing_key *key)
{
	int code = wc_InitRsaKey(out, NULL);

	return code ? code
		    : wc_RsaPublicKeyDecodeRaw(key->first, (word32)key->first_len, key->second,
					       (word32)key->second_len, out);
}

/*
 * RFC 8017 section 8.2.2: what is signed must be, byte for byte, the DigestInfo that the signer
 * encodes, so that nothing of it is parsed. wolfSSL checks the padding before it.
 */
static int verify_rsa(RsaKey *rsa, const struct awh_signing_key *key, const uint8_t *digest,
		      int digest_len, const uint8_t *signature, size_t len)
{
	byte expected[DIGEST_INFO_MAX], found[AWH_RSA_BYTES_MAX];
	const int oid = wc_HashGetOID(hash_type(key->jws));
	word32 expected_len;
	int found_len;

	if (len != key->first_len || memcmp(signature, key->first, len) >= 0)
		return 0; /* not a number below the modulus */
	expected_len = wc_EncodeSignature(expected, digest, (word32)digest_len, oid);
	found_len = wc_RsaSSL_Verify(signature, (word32)len, found, sizeof(found), rsa);
	if (is_nomem(found_len))
		return ADMWH_E_NOMEM;
	return found_len > 0 && (word32)found_len == expected_len &&
	       memcmp(found, expected, expected_len) == 0;
}

/* wolfSSL's form of a key keeps state while it computes, so it is made for each use. */
union form {
	ecc_key ecc;
	RsaKey rsa;
};

static union form *form_new(const struct awh_signing_key *key, int *code)
{
	union form *form = calloc(1, sizeof(*form));

	*code = MEMORY_E;
	if (form)
		*code =
		    awh_jws_curve(key->jws) ? load_ecc(&form->ecc, key) : load_rsa(&form->rsa, key);
	return form;
}

static void form_free(union form *form, const struct awh_signing_key *key)
{
	if (!form)
		return;
	if (awh_jws_curve(key->jws))
		wc_ecc_free(&form->ecc);
	else
		wc_FreeRsaKey(&form->rsa);
	free(form);
}

static int check_rsa(const struct awh_signing_key *key, struct awh_error *error)
{
	uint64_t exponent = 0;

	if (key->first_len < AWH_RSA_BITS_LEAST / 8 || key->first_len > AWH_RSA_BYTES_MAX ||
	    key->first[0] < 0x80 || key->first[key->first_len - 1] % 2 == 0)
		return awh_fail(error, ADMWH_E_INVAL,
				"n: expected an odd number of 2048 to 4096 bits, a multiple of 8, "
				"without leading zeros");
	for (size_t i = 0; i < key->second_len && i < EXPONENT_MAX; i++)
		exponent = exponent << 8 | key->second[i];
	if (key->second_len > EXPONENT_MAX || exponent < EXPONENT_LEAST || exponent % 2 == 0 ||
	    key->second[0] == 0)
		return awh_fail(error, ADMWH_E_INVAL,
				"e: expected an odd number from 65537 to 4294967295");
	return 0;
}

static int check_ecc(const struct awh_signing_key *key, struct awh_error *error)
{
	const size_t len = coordinate_len(key->jws);

	if (key->first_len != len || key->second_len != len)
		return awh_fail(error, ADMWH_E_INVAL, "x, y: expected %zu bytes each", len);
	return 0;
}

int awh_signing_key_check(const struct awh_signing_key *key, struct awh_error *error)
{
	const bool is_ecc = awh_jws_curve(key->jws) != 0;
	int err = awh_wolfssl_start(error);
	union form *form;
	int code;

	if (err == 0)
		err = is_ecc ? check_ecc(key, error) : check_rsa(key, error);
	if (err)
		return err;
	form = form_new(key, &code);
	if (code == 0 && is_ecc)
		code = wc_ecc_check_key(&form->ecc);
	form_free(form, key);
	wolfSSL_ERR_clear_error();
	if (is_nomem(code))
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	if (code)
		return awh_fail(error, ADMWH_E_INVAL,
				is_ecc ? "x, y: not a point of the curve"
				       : "n, e: no RSA key that wolfSSL takes");
	return 0;
}

int awh_signing_key_verify(const struct awh_signing_key *key, const void *data, size_t len,
			   const uint8_t *signature, size_t signature_len)
{
	uint8_t digest[DIGEST_MAX];
	int digest_len = make_digest(key->jws, data, len, digest);
	int code, result = 0;
	union form *form = form_new(key, &code);

	if (code == 0 && digest_len > 0)
		result =
		    awh_jws_curve(key->jws)
			? verify_ecc(&form->ecc, key, digest, digest_len, signature, signature_len)
			: verify_rsa(&form->rsa, key, digest, digest_len, signature, signature_len);
	form_free(form, key);
	wolfSSL_ERR_clear_error();
	return is_nomem(code) || is_nomem(digest_len) ? ADMWH_E_NOMEM : result;
}
