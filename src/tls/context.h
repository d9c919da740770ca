/* SPDX-License-Identifier: MIT */
/* The inside of a context, for sessions: what they share and never change. */
#ifndef AWH_TLS_CONTEXT_H
#define AWH_TLS_CONTEXT_H

#include "tls/tls.h"
#include "tls/trust.h"
#include "tls/verify.h"
#include "tls/wolfssl.h"

/* The server's own certificate. */
struct awh_tls_own {
	struct awh_tls_dates dates;
	struct awh_peer *peer; /* its facts, as of a caller's */
	const char *problem;   /* what awh_tls_context_problem() says */
};

struct awh_tls_context {
	WOLFSSL_CTX *ctx;
	struct awh_trust trust;
	struct awh_tls_own own;
	enum awh_tls_auth auth;
	enum awh_tls_aes aes;
	awh_tls_authorize_fn *authorize;
	awh_tls_denial_fn *deny; /* NULL: there are no deny lists */
	void *userdata;
	uint64_t number; /* of contexts made before it in this process, and this one */
	int references;  /* atomic */
};

/* callbacks.c: how a WOLFSSL reads, writes, and verifies a certificate. */
int awh_session_receive(WOLFSSL *ssl, char *buf, int size, void *arg);
int awh_session_send(WOLFSSL *ssl, char *buf, int size, void *arg);
int awh_session_verify(int good, WOLFSSL_X509_STORE_CTX *store);

/*
 * keypair.c: give a context its certificate chain and key. 0, with what the leaf says;
 * ADMWH_E_KEYPAIR; ADMWH_E_NOMEM.
 */
int awh_keypair_use(WOLFSSL_CTX *ctx, const struct awh_tls_params *params, struct awh_tls_own *own,
		    struct awh_error *error);

/*
 * peer.c: begin a peer with what a log line tells of a parsed leaf, verified or not: subject,
 * issuer, dates, serial number and digests. 0 or ADMWH_E_NOMEM.
 */
int awh_peer_begin(struct awh_peer *peer, const struct awh_x509 *leaf);

/*
 * peer.c: add the names that rules are about, of which a leaf can have very many; the caller sets
 * proof and bundle. 0 or ADMWH_E_NOMEM.
 */
int awh_peer_fill(struct awh_peer *peer, const struct awh_x509 *leaf);

/* peer.c: the certificates above, which deny lists can name. 0 or ADMWH_E_NOMEM. */
int awh_peer_fill_issuers(struct awh_peer *peer, const struct awh_finding *finding);

/* peer.c: and the CA above all. 0 or ADMWH_E_NOMEM. */
int awh_peer_fill_anchor(struct awh_peer *peer, const struct awh_anchor *anchor);

#endif
