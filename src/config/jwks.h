/* SPDX-License-Identifier: MIT */
/*
 * The public keys of a token issuer: a JSON Web Key Set (RFC 7517), as kube-apiserver
 * serves it at /openid/v1/jwks.
 */
#ifndef AWH_CONFIG_JWKS_H
#define AWH_CONFIG_JWKS_H

#include <stddef.h>

#include "base/error.h"
#include "tls/signing_key.h"

enum {
	AWH_JWKS_MAX = 32,    /* keys */
	AWH_KEY_ID_MAX = 256, /* bytes of a kid */
};

struct awh_jwk {
	char *id; /* NULL without a kid */
	struct awh_signing_key key;
};

struct awh_jwks {
	struct awh_jwk *keys;
	size_t n_keys;
};

/*
 * Read a key set. Keys of another type, curve, algorithm or use are left out. *jwks is for
 * awh_jwks_deinit() in any case.
 *
 * text: len bytes, and a NUL behind them
 * Returns 0; ADMWH_E_INVAL: no JSON Web Key Set, a private or secret key in it, a key that cannot
 * be used, two keys that no kid tells apart, or none to use; ADMWH_E_LIMIT; ADMWH_E_NOMEM.
 */
int awh_jwks_read(struct awh_jwks *jwks, const char *text, size_t len, struct awh_error *error);
void awh_jwks_deinit(struct awh_jwks *jwks);

/*
 * The key that a token names.
 *
 * id: its kid; NULL for none, which only a single key is found by
 * Returns *borrowed*; NULL: there is none
 */
const struct awh_signing_key *awh_jwks_find(const struct awh_jwks *jwks, const char *id);

#endif
