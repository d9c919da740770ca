/* SPDX-License-Identifier: MIT */
/*
 * A WOLFSSL_CTX that is safe on the wolfSSL it runs on. The order of the calls
 * matters, see the comments; every one of them can fail and each failure ends the
 * start, for a default that stays on is a vulnerability.
 */
#include "tls/context.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "identity/rules.h"
#include "tls/offload.h"
#include "tls/protocol.h"

static int set_sessions(WOLFSSL_CTX *ctx, struct awh_error *error)
{
	int code;

	/*
	 * Nothing is ever resumed: wolfSSL's session cache is one per process, so a client whose CA
	 * was since removed could resume a session without its certificate being verified.
	 */
	wolfSSL_CTX_set_session_cache_mode(ctx, WOLFSSL_SESS_CACHE_OFF);
	AWH_TLS_CHECK(wolfSSL_CTX_NoTicketTLSv12(ctx));
	code = wolfSSL_CTX_no_ticket_TLSv13(ctx); /* 0 is its success */
	if (code != 0)
		return awh_tls_setup_fail(error, "wolfSSL_CTX_no_ticket_TLSv13", code);
	wolfSSL_CTX_SetIORecv(ctx, awh_session_receive);
	wolfSSL_CTX_SetIOSend(ctx, awh_session_send);
	return 0;
}

/* Before the CAs are loaded: with the mode set later, wolfSSL takes an expired CA. */
static void set_verify(WOLFSSL_CTX *ctx, enum awh_tls_auth auth)
{
	switch (auth) {
	case AWH_TLS_AUTH_NONE:
		wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_NONE, NULL);
		break;
	case AWH_TLS_AUTH_REQUEST:
		wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_PEER, awh_session_verify);
		break;
	case AWH_TLS_AUTH_REQUIRE:
		wolfSSL_CTX_set_verify(ctx,
				       WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT,
				       awh_session_verify);
		break;
	}
}

static int load_cas(WOLFSSL_CTX *ctx, const struct awh_trust *trust, struct awh_error *error)
{
	for (size_t i = 0; i < trust->n; i++) {
		const struct awh_der *der = &trust->anchors[i].cert.der;
		int code;

		if (trust->anchors[i].unusable)
			continue;
		code = wolfSSL_CTX_load_verify_buffer(ctx, der->data, (long)der->len,
						      WOLFSSL_FILETYPE_ASN1);
		if (code != WOLFSSL_SUCCESS) {
			wolfSSL_ERR_clear_error();
			return awh_fail(error, ADMWH_E_CLIENT_CA,
					"a CA is not accepted by the TLS library (%d)", code);
		}
#ifdef WOLFSSL_TRUST_PEER_CERT
		/* Or the CA's name alone would be proof, see awh_manager_add(). */
		AWH_TLS_CHECK(wolfSSL_CTX_Unload_trust_peers(ctx));
#endif
	}
	return 0;
}

static int add_bundles(struct awh_tls_context *context, const struct awh_tls_params *params,
		       struct awh_error *error)
{
	int64_t now = awh_clock_wall_s();

	for (size_t i = 0; i < params->n_bundles; i++) {
		const struct awh_tls_bundle *bundle = &params->bundles[i];
		int err = awh_trust_add(&context->trust, bundle, now, error);

		if (err < 0)
			return err;
	}
	return awh_trust_check(&context->trust, params->bundles, params->n_bundles, error);
}

static int setup(struct awh_tls_context *context, const struct awh_tls_params *params,
		 struct awh_error *error)
{
	const char *ciphers =
	    params->ciphers ? params->ciphers : awh_tls_ciphers(params->profile, context->aes);
	int err = awh_protocol_use(context->ctx, params->profile, ciphers, error);

	if (err == 0)
		err = set_sessions(context->ctx, error);
	if (err < 0)
		return err;
	awh_offload_use(context->ctx);
	set_verify(context->ctx, params->auth);
	err = awh_keypair_use(context->ctx, params, &context->own, error);
	if (err < 0 || params->auth == AWH_TLS_AUTH_NONE)
		return err;
	err = add_bundles(context, params, error);
	if (err == 0 && params->deny &&
	    awh_trust_deny(&context->trust, params->deny, params->userdata) < 0)
		err = awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	return err < 0 ? err : load_cas(context->ctx, &context->trust, error);
}

static uint64_t contexts; /* made so far, atomic */

struct awh_tls_context *awh_tls_context_new(const struct awh_tls_params *params,
					    struct awh_error *error)
{
	struct awh_tls_context *context;

	if (awh_wolfssl_start(error) < 0)
		return NULL;
	context = calloc(1, sizeof(*context));
	if (context)
		context->ctx = wolfSSL_CTX_new(wolfSSLv23_server_method());
	if (!context || !context->ctx) {
		free(context);
		awh_fail(error, ADMWH_E_NOMEM, "out of memory");
		return NULL;
	}
	context->references = 1;
	context->auth = params->auth;
	context->aes = awh_tls_aes(!params->no_aes_offload);
	context->authorize = params->authorize;
	context->deny = params->deny;
	context->number = __atomic_add_fetch(&contexts, 1, __ATOMIC_RELAXED);
	context->userdata = params->userdata;
	if (setup(context, params, error) < 0) {
		awh_tls_context_unref(context);
		return NULL;
	}
	return context;
}

struct awh_tls_context *awh_tls_context_ref(struct awh_tls_context *context)
{
	__atomic_add_fetch(&context->references, 1, __ATOMIC_RELAXED);
	return context;
}

void awh_tls_context_unref(struct awh_tls_context *context)
{
	if (!context || __atomic_sub_fetch(&context->references, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	wolfSSL_CTX_free(context->ctx);
	awh_trust_deinit(&context->trust);
	awh_peer_unref(context->own.peer);
	free(context);
}

static bool is_usable(const struct awh_anchor *anchor, const struct awh_peer *peer, int64_t now)
{
	return anchor->bundle == peer->bundle && !anchor->unusable &&
	       memcmp(anchor->id, peer->anchor, sizeof(anchor->id)) == 0 &&
	       now <= anchor->cert.not_after;
}

int awh_tls_context_trusts(const struct awh_tls_context *context, const struct awh_peer *peer)
{
	int64_t now = awh_clock_wall_s();
	int err = ADMWH_E_UNTRUSTED;

	for (size_t i = 0; peer->proof == AWH_PROOF_VERIFIED && i < context->trust.n; i++) {
		const struct awh_anchor *anchor = &context->trust.anchors[i];

		if (!is_usable(anchor, peer, now))
			continue;
		if (anchor->denial && awh_denial_is_key(anchor->denial))
			return ADMWH_E_REVOKED;
		if (!anchor->denial)
			err = 0;
		else if (err)
			err = ADMWH_E_REVOKED;
	}
	return err;
}

const struct admwh_peer *awh_tls_context_own(const struct awh_tls_context *context)
{
	return &context->own.peer->facts;
}

const char *awh_tls_context_problem(const struct awh_tls_context *context)
{
	return context->own.problem;
}

struct awh_tls_dates awh_tls_context_dates(const struct awh_tls_context *context)
{
	return context->own.dates;
}

int awh_tls_check_keypair(const char *certificate_pem, size_t certificate_len, const char *key_pem,
			  size_t key_len, struct awh_error *error)
{
	const struct awh_tls_params params = {
	    .certificate_pem = certificate_pem,
	    .certificate_len = certificate_len,
	    .key_pem = key_pem,
	    .key_len = key_len,
	};
	struct awh_tls_own own = {0};
	WOLFSSL_CTX *ctx;
	int err = awh_wolfssl_start(error);

	if (err < 0)
		return err;
	ctx = wolfSSL_CTX_new(wolfSSLv23_server_method());
	if (!ctx)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	err = awh_keypair_use(ctx, &params, &own, error);
	awh_peer_unref(own.peer);
	wolfSSL_CTX_free(ctx);
	return err;
}

int awh_tls_check_client_ca(const char *pem, size_t len, struct awh_error *error)
{
	const struct awh_tls_bundle bundle = {.pem = pem, .pem_len = len};
	struct awh_trust trust = {0};
	int err = awh_wolfssl_start(error);

	if (err < 0)
		return err;
	err = awh_trust_add(&trust, &bundle, awh_clock_wall_s(), error);
	awh_trust_deinit(&trust);
	return err;
}
