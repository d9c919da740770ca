/* SPDX-License-Identifier: MIT */
/* The callbacks of a session that wolfSSL calls: to read, to write, and to verify a certificate. */
#include "tls/session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "tls/ids.h"
#include "tls/verify.h"

/* Received after the handshake without a byte of data: two full records. */
enum { OVERHEAD_BYTES = 32 * 1024 };

static void set_proof(struct awh_peer *peer, enum awh_proof proof, const char *reason)
{
	peer->proof = proof;
	snprintf(peer->reason, sizeof(peer->reason), "%s", reason);
}

void awh_session_set_proof(struct awh_tls_session *session, enum awh_proof proof,
			   const char *reason)
{
	set_proof(session->peer, proof, reason);
}

static void reach_limit(struct awh_peer *peer, enum awh_chain_limit limit, const char *reason)
{
	peer->limit = limit;
	set_proof(peer, AWH_PROOF_UNFIT, reason);
}

/* Certificates to look at, or why not. */
static bool parse_chain(struct awh_peer *peer, const WOLFSSL_BUFFER_INFO *certs, int n,
			struct awh_x509 *chain)
{
	size_t bytes = 0;

	if (n > AWH_CHAIN_MAX) {
		reach_limit(peer, AWH_CHAIN_LIMIT_CERTIFICATES,
			    "too many certificates in the client's chain");
		return false;
	}
	for (int i = 0; i < n; i++)
		bytes += certs[i].length;
	if (bytes > AWH_CHAIN_BYTES) {
		reach_limit(peer, AWH_CHAIN_LIMIT_BYTES, "the client's chain is too large");
		return false;
	}
	for (int i = 0; i < n; i++) {
		const char *problem =
		    awh_x509_parse(&chain[i], (struct awh_der){certs[i].buffer, certs[i].length});

		if (!problem)
			continue;
		set_proof(peer, AWH_PROOF_UNFIT, problem);
		return false;
	}
	return true;
}

/* What deny lists are compared with: read once a certificate, however many paths it is on. */
struct deny_ids {
	const struct awh_tls_context *context;
	const struct awh_x509 *chain;
	struct awh_cert_ids ids[AWH_CHAIN_MAX];
	bool has_ids[AWH_CHAIN_MAX];
	struct awh_arena arena;
};

static int deny(const struct awh_x509 *cert, size_t bundle, const struct awh_value **value,
		void *userdata)
{
	struct deny_ids *deny = userdata;
	size_t i = (size_t)(cert - deny->chain);

	if (!deny->has_ids[i]) {
		int err = awh_cert_ids_read(&deny->ids[i], &deny->arena, cert);

		if (err < 0)
			return err;
		deny->has_ids[i] = true;
	}
	*value = deny->context->deny(&deny->ids[i], bundle, deny->context->userdata);
	return 0;
}

static int take_finding(struct awh_tls_session *session, const struct awh_x509 *leaf,
			const struct awh_finding *finding)
{
	struct awh_peer *peer = session->peer;

	session->checks = finding->checks;
	peer->limit = finding->limit;
	set_proof(peer, finding->proof, finding->reason);
	if (finding->proof != AWH_PROOF_VERIFIED)
		return 0;
	peer->bundle = finding->bundle;
	peer->valid_until = finding->valid_until;
	memcpy(session->path, finding->path, sizeof(session->path));
	if (awh_peer_fill(peer, leaf) < 0 || awh_peer_fill_issuers(peer, finding) < 0)
		return ADMWH_E_NOMEM;
	return awh_peer_fill_anchor(peer, finding->anchor);
}

static int verify_chain(struct awh_tls_session *session, const struct awh_x509 *chain, size_t n,
			struct awh_finding *finding)
{
	struct awh_tls_context *context = session->context;
	struct deny_ids ids = {.context = context, .chain = chain};
	const struct awh_verify_params params = {
	    .now = awh_clock_wall_s(),
	    .deny = context->deny ? deny : NULL,
	    .userdata = &ids,
	    .cache = session->cache,
	    .context = context->number,
	};
	int err = awh_verify(&context->trust, chain, n, &params, finding);

	awh_arena_deinit(&ids.arena);
	return err;
}

/* Verify the presented chain with verify.h and fill the peer. 0 or ADMWH_E_NOMEM. */
static int look_at_chain(struct awh_tls_session *session, const WOLFSSL_BUFFER_INFO *certs, int n)
{
	struct awh_x509 chain[AWH_CHAIN_MAX];
	struct awh_finding finding;

	if (n < 1) /* an empty Certificate message */
		return 0;
	session->presented = true;
	if (!parse_chain(session->peer, certs, n, chain))
		return 0;
	if (awh_peer_begin(session->peer, &chain[0]) < 0 ||
	    verify_chain(session, chain, (size_t)n, &finding) < 0)
		return ADMWH_E_NOMEM;
	return take_finding(session, &chain[0], &finding);
}

/* wolfSSL must trust the chain as well. */
static void add_distrust(struct awh_tls_session *session)
{
	if (session->distrust && session->peer->proof == AWH_PROOF_VERIFIED)
		awh_session_set_proof(session, AWH_PROOF_UNTRUSTED,
				      "the TLS library does not trust the client's chain");
}

/* Does a client begin with a request line of HTTP? A TLS record begins with a number below 32. */
static bool is_http(const char *bytes, size_t len)
{
	static const char *const words[] = {"GET ", "POST ", "HEAD ", "PUT ",
					    "PATC", "DELE",  "OPTI",  "PRI * HTTP"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t most = strlen(words[i]);

		if (len >= 4 && memcmp(bytes, words[i], len < most ? len : most) == 0)
			return true;
	}
	return false;
}

/* It is noted here, since wolfSSL's code for it differs between versions. */
static int end_of_peer(struct awh_tls_session *session, ssize_t got)
{
	session->gone = got == 0 || errno == ECONNRESET;
	if (got == 0)
		return WOLFSSL_CBIO_ERR_CONN_CLOSE;
	return session->gone ? WOLFSSL_CBIO_ERR_CONN_RST : WOLFSSL_CBIO_ERR_GENERAL;
}

int awh_session_receive(WOLFSSL *ssl, char *buf, int size, void *arg)
{
	struct awh_tls_session *session = arg;
	size_t want = size > 0 ? (size_t)size : 0;
	ssize_t got;

	(void)ssl;
	if (session->done ? session->overhead > OVERHEAD_BYTES : session->handshake_budget == 0)
		return WOLFSSL_CBIO_ERR_GENERAL;
	if (want > session->call_budget)
		want = session->call_budget;
	if (!session->done && want > session->handshake_budget)
		want = session->handshake_budget;
	if (want == 0)
		return WOLFSSL_CBIO_ERR_WANT_READ;
	got = awh_ahead_take(&session->ahead, session->fd, buf, want,
			     session->done ? AWH_AHEAD_MOST : session->handshake_budget);
	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return WOLFSSL_CBIO_ERR_WANT_READ;
	if (got <= 0)
		return end_of_peer(session, got);
	if (!session->done && session->handshake_budget == AWH_HANDSHAKE_BYTES)
		session->plain_http = is_http(buf, (size_t)got);
	session->call_budget -= (size_t)got;
	if (session->done)
		session->overhead += (size_t)got;
	else
		session->handshake_budget -= (size_t)got;
	if (!session->done)
		awh_wire_take(&session->wire, buf, (size_t)got);
	return (int)got;
}

/*
 * Where a ClientHello has no usable cipher suite, and the number of a suite that is none
 * (RFC 5746), wolfSSL 5.5.4 goes on with TLS_NULL_WITH_NULL_NULL.
 */
static int refuse_null_hello(struct awh_tls_session *session)
{
	static const char alert[] = {21, 3, 3, 0, 2, 2, 40}; /* fatal, handshake_failure */

	if (send(session->fd, alert, sizeof(alert), MSG_NOSIGNAL) < 0)
		errno = 0; /* it is gone; nothing follows in any case */
	session->verdict = awh_fail(&session->error, ADMWH_E_TLS, "no cipher suite in common");
	return WOLFSSL_CBIO_ERR_GENERAL;
}

int awh_session_send(WOLFSSL *ssl, char *buf, int size, void *arg)
{
	struct awh_tls_session *session = arg;
	ssize_t put;

	(void)ssl;
	if (!session->done && size > 0 && awh_wire_is_null_hello(buf, (size_t)size))
		return refuse_null_hello(session);
	do
		put = send(session->fd, buf, size > 0 ? (size_t)size : 0, MSG_NOSIGNAL);
	while (put < 0 && errno == EINTR);
	if (put >= 0)
		return (int)put;
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return WOLFSSL_CBIO_ERR_WANT_WRITE;
	if (errno == ECONNRESET || errno == EPIPE)
		return WOLFSSL_CBIO_ERR_CONN_RST;
	return WOLFSSL_CBIO_ERR_GENERAL;
}

/* The first callback has the whole chain: what is refused anyway costs wolfSSL no more of it. */
static void look_once(struct awh_tls_session *session, const WOLFSSL_X509_STORE_CTX *store)
{
	if (session->looked)
		return;
	session->looked = true;
	session->verdict = look_at_chain(session, store->certs, store->totalCerts);
	if (session->verdict < 0)
		awh_fail(&session->error, session->verdict, "out of memory");
	else if (session->context->auth == AWH_TLS_AUTH_REQUIRE && session->presented &&
		 session->peer->proof != AWH_PROOF_VERIFIED)
		session->verdict =
		    awh_fail(&session->error, ADMWH_E_UNTRUSTED, "%s", session->peer->reason);
}

/*
 * wolfSSL calls this for each certificate of the chain, the leaf last. Its errors are kept rather
 * than returned, so that the log can name the client. Where certificates are required, the
 * handshake only goes on when wolfSSL found no error, verify.h trusts the chain, and the client is
 * authorized.
 */
int awh_session_verify(int good, WOLFSSL_X509_STORE_CTX *store)
{
	struct awh_tls_session *session = store->userCtx;
	const struct awh_tls_context *context = session->context;

	if (session->done)
		return 0; /* nothing about the peer changes after its handshake */
	if (!good)
		session->distrust = true;
	look_once(session, store);
	if (session->verdict < 0)
		return 0;
	if (store->error_depth > 0)
		return 1;
	add_distrust(session);
	if (context->auth != AWH_TLS_AUTH_REQUIRE)
		return 1;
	session->verdict = context->authorize(session->peer, &session->error, context->userdata);
	if (session->verdict == 0 && session->peer->proof != AWH_PROOF_VERIFIED)
		session->verdict =
		    awh_fail(&session->error, ADMWH_E_UNTRUSTED, "%s", session->peer->reason);
	return session->verdict == 0 && !session->distrust;
}
