/* SPDX-License-Identifier: MIT */
/*
 * Paths by names: from a client's certificate over the presented intermediates to
 * a trusted CA, each certificate's issuer named like the next one's subject.
 * Nothing is computed and nothing is proved here: verify.h decides which of the
 * paths holds.
 */
#ifndef AWH_TLS_PATH_H
#define AWH_TLS_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tls/trust.h"
#include "tls/x509.h"

enum {
	AWH_CHAIN_MAX = 8, /* presented certificates, leaf included */
	/* of all of them: a little below what wolfSSL 5.5.4 takes for one message (18 KiB) */
	AWH_CHAIN_BYTES = 17 * 1024,
	AWH_CHAIN_PATHS = 64,  /* paths by names that are looked at */
	AWH_CHAIN_STEPS = 512, /* that the search for them takes at most */
};

struct awh_path {
	uint8_t certs[AWH_CHAIN_MAX]; /* of the chain, by index: 0, the leaf, comes first */
	size_t n;
	const struct awh_anchor *anchor; /* *borrowed* */
};

struct awh_paths {
	struct awh_path items[AWH_CHAIN_PATHS]; /* shorter ones first */
	size_t n;
	bool is_cut; /* there may be more */
};

/*
 * Find the paths of a chain, leaf first. No certificate is on one twice.
 *
 * n: 1 to AWH_CHAIN_MAX
 */
void awh_paths_find(struct awh_paths *paths, const struct awh_trust *trust,
		    const struct awh_x509 *chain, size_t n);

#endif
