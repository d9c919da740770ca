/* SPDX-License-Identifier: MIT */
/*
 * The library's own verification of a client's chain, beside wolfSSL's. wolfSSL
 * only does the arithmetic of one signature at a time (signature.h); issuers, dates,
 * usages and constraints are checked here, on facts that x509.h read.
 *
 * Accepted: a chain of at most AWH_CHAIN_MAX certificates from the leaf over the
 * presented intermediates, in any order, to a CA of a bundle. Refused, beside
 * the obvious: a name constraint anywhere (they are not evaluated), an unknown
 * critical extension, MD5 and SHA-1, RSA below 2048 bits, a leaf that is a CA or
 * is named like one of the trusted CAs.
 *
 * Paths are found by names (path.h). Signatures of a path are computed from its
 * trusted CA down, so that no key is used before a trusted CA has signed for it:
 * a client cannot choose the keys that the server computes with.
 */
#ifndef AWH_TLS_VERIFY_H
#define AWH_TLS_VERIFY_H

#include <stddef.h>
#include <stdint.h>

#include "identity/identity.h"
#include "identity/values.h"
#include "tls/path.h"
#include "tls/path_cache.h"
#include "tls/trust.h"
#include "tls/x509.h"

enum {
	AWH_CHAIN_CHECKS = 16, /* signatures that one verification computes at most */
	/* presented certificates that none of the issuers they name has signed: a chain with more
	 * is not looked at to its end */
	AWH_CHAIN_FORGED = 2,
};

/* What a verification goes by, beside the trust store and the chain. Zeroed: nothing. */
struct awh_verify_params {
	int64_t now; /* seconds since 1970; the CAs' own dates are checked as well */
	/*
	 * Find the line of a bundle's deny list that names an intermediate; *value is NULL for
	 * none. The trusted CAs' lines are in the trust store. NULL: there are no deny lists.
	 * Returns 0 or ADMWH_E_NOMEM.
	 */
	int (*deny)(const struct awh_x509 *cert, size_t bundle, const struct awh_value **value,
		    void *userdata);
	void *userdata;
	struct awh_path_cache *cache; /* of paths that need no signature check; NULL: none */
	uint64_t context;             /* the number that the cache knows the context by */
};

/* What a verification found. */
struct awh_finding {
	enum awh_proof proof;
	size_t bundle; /* with AWH_PROOF_VERIFIED */
	int64_t
	    valid_until; /* likewise: when the first certificate of the chain, CA included, ends */
	const struct awh_anchor *anchor; /* likewise; *borrowed* from the trust */
	/* likewise: what issued the leaf: that CA's certificate, and intermediates down from it */
	const struct awh_x509 *issuers[AWH_CHAIN_MAX];
	size_t n_issuers;
	uint8_t path[AWH_PATH_ID];  /* likewise: what a cache knows this path by */
	char reason[192];           /* otherwise */
	enum awh_chain_limit limit; /* that was reached, or AWH_CHAIN_LIMIT_NONE */
	unsigned int checks;        /* signatures computed */
};

/*
 * Verify the chain that a client presented, leaf first.
 *
 * Of several paths that hold, one without a denied certificate is taken, but none if a certificate
 * of any of them has a denied key. Where all that is left is denied, the finding has the denied
 * path: the caller of this function meets the line again there.
 *
 * chain: well-formed certificates, 1 to AWH_CHAIN_MAX
 * Returns 0 with the finding set; ADMWH_E_NOMEM; ADMWH_E_TLS when SHA-256 fails.
 */
int awh_verify(const struct awh_trust *trust, const struct awh_x509 *chain, size_t n,
	       const struct awh_verify_params *params, struct awh_finding *finding);

#endif
