/* SPDX-License-Identifier: MIT */
/*
 * Public keys that sign JSON Web Signatures (RFC 7515, RFC 7518). A key has one
 * algorithm, and what a token names is only compared with it: "none", or HS256 with a
 * public key for its secret, cannot be asked for.
 */
#ifndef AWH_TLS_SIGNING_KEY_H
#define AWH_TLS_SIGNING_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Name; 0 for RSA, else the curve's bits; bits of the SHA-2. */
#define AWH_JWS_MAP(XX)                                                                            \
	XX(RS256, "RS256", 0, 256)                                                                 \
	XX(RS384, "RS384", 0, 384)                                                                 \
	XX(RS512, "RS512", 0, 512)                                                                 \
	XX(ES256, "ES256", 256, 256)                                                               \
	XX(ES384, "ES384", 384, 384)                                                               \
	XX(ES512, "ES512", 521, 512)

enum awh_jws {
#define AWH_JWS_ENUM(id, name, curve, hash) AWH_JWS_##id,
	AWH_JWS_MAP(AWH_JWS_ENUM)
#undef AWH_JWS_ENUM
	    AWH_JWS_COUNT
};

/* "ES256" */
const char *awh_jws_name(enum awh_jws jws);
/* AWH_JWS_COUNT: none of these. */
enum awh_jws awh_jws_find(const char *name);
/* Bits of its curve; 0 for RSA. */
unsigned int awh_jws_curve(enum awh_jws jws);

enum {
	AWH_RSA_BITS_LEAST = 2048,
	AWH_RSA_BYTES_MAX = 512, /* of a modulus, and so of a signature: 4096 bits */
	AWH_COORDINATE_MAX = 66, /* bytes, of P-521 */
};

/* Big-endian numbers: modulus and exponent, or the point. Filled by its owner, then checked. */
struct awh_signing_key {
	enum awh_jws jws;
	uint8_t first[AWH_RSA_BYTES_MAX]; /* n or x */
	size_t first_len;
	uint8_t second[AWH_COORDINATE_MAX]; /* e or y */
	size_t second_len;
};

/*
 * Can the key be used: an RSA modulus of 2048 to 4096 bits with an odd exponent from 65537 to
 * 2^32 - 1, or a point of the curve?
 *
 * Returns 0; ADMWH_E_INVAL; ADMWH_E_TLS when wolfSSL does not start; ADMWH_E_NOMEM.
 */
int awh_signing_key_check(const struct awh_signing_key *key, struct awh_error *error);

/*
 * Is this the signature of len bytes of data? On any thread.
 *
 * key: a checked one
 * Returns 1; 0: it is not; ADMWH_E_NOMEM.
 */
int awh_signing_key_verify(const struct awh_signing_key *key, const void *data, size_t len,
			   const uint8_t *signature, size_t signature_len);

#endif
