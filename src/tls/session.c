/* SPDX-License-Identifier: MIT */
/*
 * One connection: its WOLFSSL, its socket, and its peer.
 */
#include "base/clock.h"
#include "tls/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tls/manager.h"
#include "tls/offload.h"

enum {
	CALL_BYTES = 64 * 1024,  /* received by one call */
	WRITE_BYTES = 64 * 1024, /* encrypted by one call */
};

/*
 * Each connection has a certificate manager of its own: wolfSSL adds the intermediates that a
 * client presents to the one it verifies with and never removes them, also those that
 * awh_session_verify() only let pass to read the leaf.
 */
static int use_own_store(struct awh_tls_session *session)
{
	const struct awh_trust *trust = &session->context->trust;
	WOLFSSL_X509_STORE *store = wolfSSL_X509_STORE_new();
	int64_t now = awh_clock_wall_s();

	if (!store)
		return ADMWH_E_NOMEM;
	for (size_t i = 0; i < trust->n; i++)
		if (!trust->anchors[i].unusable && trust->anchors[i].cert.not_after >= now &&
		    awh_manager_add(store->cm, &trust->anchors[i].cert) < 0)
			goto out;
	if (wolfSSL_set0_verify_cert_store(session->ssl, store) == WOLFSSL_SUCCESS)
		return 0;
out:
	wolfSSL_X509_STORE_free(store);
	return ADMWH_E_NOMEM;
}

/* wolfSSL ends the handshake on a certificate that it cannot read, without a callback. */
static bool is_about_certificate(int code)
{
	switch (code) {
	case ASN_NAME_INVALID_E:
	case ASN_NO_SIGNER_E:
	case ASN_SELF_SIGNED_E:
	case ASN_PATHLEN_SIZE_E:
	case ASN_PATHLEN_INV_E:
	case ECC_KEY_SIZE_E:
	case RSA_KEY_SIZE_E:
	case MAX_CHAIN_ERROR:
	case NOT_CA_ERROR:
	case PEER_KEY_ERROR:
	case SIG_VERIFY_E:
	case VERIFY_CERT_ERROR:
	case VERIFY_SIGN_ERROR:
		return true;
	default:
		return code <= ASN_PARSE_E && code >= ASN_NO_PEM_HEADER;
	}
}

static bool is_about_random(int code)
{
	switch (code) {
	case OPEN_RAN_E:
	case READ_RAN_E:
	case RAN_BLOCK_E:
	case RNG_FAILURE_E:
		return true;
	default:
		return false;
	}
}

/* Newer versions report SOCKET_PEER_CLOSED_E as WOLFSSL_ERROR_SYSCALL, with other codes. */
static bool is_closed(const struct awh_tls_session *session, int code)
{
	return session->gone || code == SOCKET_PEER_CLOSED_E || code == WOLFSSL_ERROR_ZERO_RETURN;
}

/* The client went away, or said why it does: no sign that it has not the key. */
static bool is_peer_end(int code)
{
	return code == SOCKET_ERROR_E || code == FATAL_ERROR || code == WOLFSSL_ERROR_SYSCALL;
}

/*
 * A certificate that a CA of a bundle issued was presented, and what should have proved the key did
 * not: a wrong, missing or misplaced CertificateVerify, a wrong Finished.
 */
static int fail_unproved(struct awh_tls_session *session, int code, struct awh_error *error)
{
	char text[WOLFSSL_MAX_ERROR_SZ];

	awh_session_set_proof(session, AWH_PROOF_UNPROVED,
			      "the client did not prove that it has the certificate's key");
	return awh_fail(error, ADMWH_E_UNTRUSTED, "%s: %s", session->peer->reason,
			awh_wolfssl_text(code, text));
}

/* Find out why a handshake failed: the client, memory, or noise. */
static int explain_failure(struct awh_tls_session *session, int code, struct awh_error *error)
{
	char text[WOLFSSL_MAX_ERROR_SZ];

	session->broken = true;
	if (session->verdict < 0) {
		if (error)
			*error = session->error;
		return session->verdict;
	}
	if (code == MAX_CHAIN_ERROR)
		session->peer->limit = AWH_CHAIN_LIMIT_CERTIFICATES;
	if (is_about_random(code))
		return awh_fail(error, ADMWH_E_IO, "no random bytes: %s",
				awh_wolfssl_text(code, text));
	if (session->plain_http)
		return awh_fail(error, ADMWH_E_TLS, "the client speaks HTTP without TLS");
	if (is_closed(session, code))
		return awh_fail(error, ADMWH_E_TLS, "closed by the peer during the handshake");
	switch (code) {
	case NO_PEER_CERT:
		return awh_fail(error, ADMWH_E_NO_CERTIFICATE, "no client certificate");
	case MEMORY_E:
	case MEMORY_ERROR:
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	default:
		if (session->peer->proof == AWH_PROOF_VERIFIED && !is_peer_end(code))
			return fail_unproved(session, code, error);
		if (is_about_certificate(code) || session->distrust)
			return awh_fail(error, ADMWH_E_UNTRUSTED, "client certificate: %s",
					awh_wolfssl_text(code, text));
		return awh_fail(error, ADMWH_E_TLS, "%s", awh_wolfssl_text(code, text));
	}
}

/*
 * In TLS 1.2 the CertificateVerify is plain. One that was not seen, for a record that is out of
 * place ended the reading, counts as weak.
 */
static bool is_signed_weakly(const struct awh_tls_session *session)
{
	if (!session->presented || wolfSSL_version(session->ssl) != TLS1_2_VERSION)
		return false;
	return session->wire.is_signed_weakly || !session->wire.saw_verify;
}

/* The last check, whatever the callback has found. */
static int check_finished(struct awh_tls_session *session, struct awh_error *error)
{
	if (wolfSSL_session_reused(session->ssl))
		return awh_fail(error, ADMWH_E_TLS, "a session was resumed");
	if (session->verdict < 0) {
		if (error)
			*error = session->error;
		return session->verdict;
	}
	if (is_signed_weakly(session))
		awh_session_set_proof(session, AWH_PROOF_UNFIT,
				      "the client's handshake is signed with SHA-1 or weaker");
	if (session->context->auth != AWH_TLS_AUTH_REQUIRE)
		return 0;
	if (!session->presented)
		return awh_fail(error, ADMWH_E_NO_CERTIFICATE, "no client certificate");
	if (session->peer->proof != AWH_PROOF_VERIFIED)
		return awh_fail(error, ADMWH_E_UNTRUSTED, "%s", session->peer->reason);
	return 0;
}

/* wolfSSL_get_cipher() has other names in other builds; these are those that a list is made of. */
static const char *suite_name(WOLFSSL *ssl)
{
	int suite = wolfSSL_get_current_cipher_suite(ssl);

	return wolfSSL_get_cipher_name_from_suite((unsigned char)(suite >> 8),
						  (unsigned char)suite);
}

static int fill_connection(struct awh_tls_session *session)
{
	struct awh_peer *peer = session->peer;
	const char *version = wolfSSL_get_version(session->ssl);
	const char *cipher = suite_name(session->ssl);

	if (!version || !cipher)
		return ADMWH_E_NOMEM;
	peer->facts.tls_version = awh_arena_strndup(&peer->arena, version, strlen(version));
	peer->facts.cipher = awh_arena_strndup(&peer->arena, cipher, strlen(cipher));
	return peer->facts.tls_version && peer->facts.cipher ? 0 : ADMWH_E_NOMEM;
}

/*
 * wolfSSL does not say why it makes no WOLFSSL: memory, or its random source, which it opens for
 * each (a descriptor, /dev/urandom). The latter is the handshake's failure, so that it is told as
 * what it is.
 */
static bool make_ssl(struct awh_tls_session *session)
{
	int cause;

	errno = 0;
	session->ssl = wolfSSL_new(session->context->ctx);
	cause = errno;
	if (session->ssl)
		return true;
	wolfSSL_ERR_clear_error();
	if (cause == 0 || cause == ENOMEM)
		return false;
	session->verdict =
	    awh_fail(&session->error, ADMWH_E_IO, "no random bytes: %s", strerror(cause));
	session->broken = true;
	return true;
}

static bool set_up(struct awh_tls_session *session)
{
	session->peer = awh_peer_new();
	if (!session->peer || !make_ssl(session))
		return false;
	if (!session->ssl)
		return true;
	if (session->context->auth != AWH_TLS_AUTH_NONE && use_own_store(session) < 0)
		return false;
	wolfSSL_SetIOReadCtx(session->ssl, session);
	wolfSSL_SetIOWriteCtx(session->ssl, session);
	wolfSSL_SetCertCbCtx(session->ssl, session);
	return true;
}

struct awh_tls_session *awh_tls_session_new(struct awh_tls_context *context,
					    struct awh_path_cache *cache, int fd)
{
	struct awh_tls_session *session = calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	session->context = awh_tls_context_ref(context);
	session->cache = cache;
	session->fd = fd;
	session->handshake_budget = AWH_HANDSHAKE_BYTES;
	if (!set_up(session)) {
		awh_tls_session_free(session);
		return NULL;
	}
	return session;
}

void awh_tls_share_buffer(struct awh_tls_session *session, struct awh_tls_buffer *buffer)
{
	session->ahead.buffer = buffer;
}

void awh_tls_session_free(struct awh_tls_session *session)
{
	if (!session)
		return;
	wolfSSL_free(session->ssl);
	awh_ahead_drop(&session->ahead);
	awh_aead_free(session->aead);
	awh_peer_unref(session->peer);
	awh_tls_context_unref(session->context);
	free(session);
}

int awh_tls_handshake(struct awh_tls_session *session, struct awh_error *error)
{
	bool is_over;
	int code;
	int err;

	if (!session->ssl)
		return explain_failure(session, 0, error);
	session->call_budget = CALL_BYTES;
	is_over = wolfSSL_accept(session->ssl) == WOLFSSL_SUCCESS;
	awh_wolfssl_wipe_stack();
	code = is_over ? 0 : wolfSSL_get_error(session->ssl, 0);
	wolfSSL_ERR_clear_error(); /* also of a certificate that was only looked at */
	if (!is_over) {
		if (code == WOLFSSL_ERROR_WANT_READ)
			return AWH_TLS_WANT_READ;
		if (code == WOLFSSL_ERROR_WANT_WRITE)
			return AWH_TLS_WANT_WRITE;
		return explain_failure(session, code, error);
	}
	err = check_finished(session, error);
	if (err == 0 && (fill_connection(session) < 0 || awh_offload_begin(session) < 0))
		err = awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	session->done = err == 0;
	session->broken = err < 0;
	return err;
}

void awh_tls_remember_path(struct awh_tls_session *session)
{
	if (session->done && session->peer->proof == AWH_PROOF_VERIFIED)
		awh_path_cache_add(session->cache, session->context->number, session->path);
}

int awh_tls_read(struct awh_tls_session *session, void *buf, size_t size, size_t *got)
{
	int n;

	*got = 0;
	if (session->broken)
		return ADMWH_E_TLS;
	session->call_budget = CALL_BYTES;
	n = wolfSSL_read(session->ssl, buf, size > CALL_BYTES ? CALL_BYTES : (int)size);
	if (n > 0) {
		*got = (size_t)n;
		session->overhead = 0;
		return 0;
	}
	n = wolfSSL_get_error(session->ssl, n);
	wolfSSL_ERR_clear_error();
	if (is_closed(session, n))
		return 0;
	switch (n) {
	case WOLFSSL_ERROR_WANT_READ:
		return AWH_TLS_WANT_READ;
	case WOLFSSL_ERROR_WANT_WRITE:
		return AWH_TLS_WANT_WRITE;
	case SOCKET_ERROR_E:
	case WOLFSSL_ERROR_SYSCALL:
		return 0;
	default:
		session->broken = true;
		return ADMWH_E_TLS;
	}
}

int awh_tls_write(struct awh_tls_session *session, const void *data, size_t len, size_t *put)
{
	int n;

	*put = 0;
	if (session->broken || session->closed)
		return ADMWH_E_WRITE;
	session->call_budget = CALL_BYTES;
	n = wolfSSL_write(session->ssl, data, len > WRITE_BYTES ? WRITE_BYTES : (int)len);
	if (n > 0) {
		*put = (size_t)n;
		return 0;
	}
	n = wolfSSL_get_error(session->ssl, n);
	wolfSSL_ERR_clear_error();
	if (n == WOLFSSL_ERROR_WANT_WRITE)
		return AWH_TLS_WANT_WRITE;
	if (n == WOLFSSL_ERROR_WANT_READ)
		return AWH_TLS_WANT_READ;
	session->broken = true;
	return ADMWH_E_WRITE;
}

size_t awh_tls_pending(struct awh_tls_session *session)
{
	int n;

	if (!session->ssl || session->broken || session->closed)
		return 0;
	n = wolfSSL_pending(session->ssl);
	return awh_ahead_len(&session->ahead) + (n > 0 ? (size_t)n : 0);
}

size_t awh_tls_held(const struct awh_tls_session *session)
{
	return session->ahead.data ? AWH_AHEAD_MOST : 0;
}

bool awh_tls_is_emptied(struct awh_tls_session *session)
{
	return session->ahead.emptied && awh_tls_pending(session) == 0;
}

void awh_tls_close(struct awh_tls_session *session)
{
	awh_ahead_drop(&session->ahead);
	if (session->broken || session->closed)
		return;
	session->closed = true;
	session->call_budget = 0;
	wolfSSL_shutdown(session->ssl);
	wolfSSL_ERR_clear_error();
}

bool awh_tls_is_silent(const struct awh_tls_session *session)
{
	return !session->done && session->handshake_budget == AWH_HANDSHAKE_BYTES;
}

bool awh_tls_is_plain_http(const struct awh_tls_session *session)
{
	return session->plain_http;
}

void awh_tls_thread_trim(void)
{
	awh_wolfssl_free_tables();
	wolfSSL_ERR_clear_error();
}

struct awh_peer *awh_tls_peer(struct awh_tls_session *session)
{
	return session->peer;
}
