/* SPDX-License-Identifier: MIT */
/*
 * The library's own verification of a client's chain, beside wolfSSL's. wolfSSL
 * only does the arithmetic of one signature at a time, in a certificate manager
 * that holds one issuer and no trusted peers; issuers, dates, usages and constraints
 * are checked here, on facts that x509.h read.
 *
 * Accepted: a chain of at most AWH_CHAIN_MAX certificates from the leaf over the
 * presented intermediates, in any order, to a CA of a bundle. Refused, beside
 * the obvious: a name constraint anywhere (they are not evaluated), an unknown
 * critical extension, MD5 and SHA-1, RSA below 2048 bits, a leaf that is a CA or
 * is named like one of the trusted CAs.
 */
#ifndef AWH_TLS_VERIFY_H
#define AWH_TLS_VERIFY_H

#include <stddef.h>
#include <stdint.h>

#include "identity/identity.h"
#include "tls/trust.h"
#include "tls/x509.h"

enum {
	AWH_CHAIN_MAX = 8,     /* presented certificates, leaf included */
	AWH_CHAIN_CHECKS = 16, /* signatures that one verification computes at most */
};

/* What a verification found. */
struct awh_finding {
	enum awh_proof proof;
	size_t bundle; /* with AWH_PROOF_VERIFIED */
	int64_t
	    valid_until; /* likewise: when the first certificate of the chain, CA included, ends */
	const struct awh_anchor *anchor; /* likewise: the CA; *borrowed* from the trust */
	char reason[192];                /* otherwise */
	/* intermediates between the leaf and that CA, the CA's first; likewise */
	const struct awh_x509 *path[AWH_CHAIN_MAX];
	size_t n_path;
};

/*
 * Verify the chain that a client presented, leaf first.
 *
 * chain: well-formed certificates, 1 to AWH_CHAIN_MAX
 * now: seconds since 1970; the CAs' own dates are checked as well
 * Returns 0 with the finding set; ADMWH_E_NOMEM.
 */
int awh_verify(const struct awh_trust *trust, const struct awh_x509 *chain, size_t n, int64_t now,
	       struct awh_finding *finding);

#endif
