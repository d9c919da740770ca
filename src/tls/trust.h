/* SPDX-License-Identifier: MIT */
/*
 * The trust store: the CAs of all bundles, each in a wolfSSL certificate manager
 * of its own that holds no trusted peers.
 */
#ifndef AWH_TLS_TRUST_H
#define AWH_TLS_TRUST_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "identity/identity.h"
#include "tls/tls.h"
#include "tls/wolfssl.h"
#include "tls/x509.h"

/* A trusted CA. */
struct awh_anchor {
	struct awh_x509 cert; /* its bytes are owned */
	size_t bundle;
	/* SHA-256 of what its signatures depend on: its name, key and path length */
	uint8_t id[AWH_ANCHOR_ID];
	uint8_t sha256[32]; /* of the certificate */
	size_t number;      /* in its file, from 1 */
	/* Holds this CA alone; NULL: nothing it issued is accepted. */
	WOLFSSL_CERT_MANAGER *manager;
	/* Why, as the end of a sentence: it has an unknown critical extension, or was out of its
	 * dates when it was loaded. Static; NULL with a manager. */
	const char *unusable;
};

struct awh_trust {
	struct awh_anchor *anchors;
	size_t n;
};

/*
 * Load a certificate into a manager as a CA, and not as a trusted peer. 0; ADMWH_E_CLIENT_CA;
 * ADMWH_E_NOMEM.
 */
int awh_manager_add(WOLFSSL_CERT_MANAGER *manager, const struct awh_x509 *ca);

/* A manager that trusts this one certificate as a CA and nothing else: *new*. As above. */
int awh_manager_new(const struct awh_x509 *ca, WOLFSSL_CERT_MANAGER **manager);

/*
 * Trust the CAs of a PEM file as a bundle's. One that is out of its dates, or has an unknown
 * critical extension (RFC 5280 section 4.2), is taken beside others, but nothing it issued is
 * accepted. On failure the trust is only fit for awh_trust_deinit().
 *
 * bundle: its name may be NULL
 * now: seconds since 1970
 * Returns 0; ADMWH_E_CLIENT_CA; ADMWH_E_NOMEM.
 */
int awh_trust_add(struct awh_trust *trust, const struct awh_tls_bundle *bundle, int64_t now,
		  struct awh_error *error);

/*
 * Once all files were added: each bundle has a CA whose certificates are accepted, or had one when
 * its files, none of which has changed since, were good. 0; ADMWH_E_CLIENT_CA.
 */
int awh_trust_check(const struct awh_trust *trust, const struct awh_tls_bundle *files, size_t n,
		    struct awh_error *error);
void awh_trust_deinit(struct awh_trust *trust);

#endif
