/* SPDX-License-Identifier: MIT */
/*
 * A client and a server in one thread, joined by a socket pair: a wolfSSL client
 * against the library's own sessions.
 */
#ifndef PAIR_H
#define PAIR_H

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "identity/rules.h"
#include "pki.h"
#include "tls/context.h"

/* Rules the tests authorize by; the same for every bundle where there is but one. */
struct pair_rules {
	struct awh_rules rules[2];
	struct awh_values cns[2];
	struct awh_values denials; /* of tests that set rules[0].deny */
	unsigned int calls;
	struct awh_error last; /* the last refusal */
};

static inline int pair_authorize(struct awh_peer *peer, struct awh_error *error, void *userdata)
{
	struct pair_rules *allowed = userdata;
	int status;

	allowed->calls++;
	status = awh_identify(peer, allowed->rules, 2, error);
	if (error)
		allowed->last = *error;
	return status;
}

static inline const struct awh_value *pair_deny(const struct awh_cert_ids *ids, size_t bundle,
						void *userdata)
{
	const struct pair_rules *allowed = userdata;

	return awh_denials_match(allowed->rules[bundle].deny, ids);
}

/* Any name from either bundle. */
static inline void pair_allow_any(struct pair_rules *allowed)
{
	*allowed = (struct pair_rules){
	    .rules = {{.bundle = "default", .any_name = true, .cn_length = 64},
		      {.bundle = "scanner", .any_name = true, .cn_length = 64}}};
}

static inline void allow_cn(struct pair_rules *allowed, size_t bundle, const char *cn)
{
	assert_int_equal(awh_rules_add(&allowed->cns[bundle], ADMWH_RULE_CN, cn, 64, NULL), 0);
}

/* The listed names of the index, and one more for the bundle "default"; then pair_rules_deinit().
 */
static inline void pair_allow_names(struct pair_rules *allowed, const char *more)
{
	*allowed = (struct pair_rules){0};
	allow_cn(allowed, 0, "kube-apiserver");
	allow_cn(allowed, 0, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	if (more)
		allow_cn(allowed, 0, more);
	allow_cn(allowed, 1, "audit-scanner");
	for (size_t i = 0; i < 2; i++) {
		awh_values_seal(&allowed->cns[i]);
		allowed->rules[i] = (struct awh_rules){.bundle = i ? "scanner" : "default",
						       .allow = &allowed->cns[i],
						       .cn_length = 64};
	}
}

static inline void pair_rules_deinit(struct pair_rules *allowed)
{
	awh_values_deinit(&allowed->cns[0]);
	awh_values_deinit(&allowed->cns[1]);
	awh_values_deinit(&allowed->denials);
}

/* What a context is made of, read from files. */
struct context_files {
	struct awh_tls_params params;
	struct awh_tls_bundle bundles[2];
	char *data[4];
};

/* The CA files given (NULL: none) are the bundles "default" and "scanner". */
static inline void files_load(struct context_files *files, enum awh_tls_auth auth,
			      const char *server, const char *ca, const char *scanner_ca,
			      struct pair_rules *allowed)
{
	json_t *index = pki_index();
	json_t *entry = pki_case(index, "servers", server);

	*files = (struct context_files){
	    .bundles = {{.name = "default"}, {.index = 1, .name = "scanner"}}};
	files->params = (struct awh_tls_params){.auth = auth,
						.bundles = files->bundles,
						.n_bundles = !ca           ? 0
							     : !scanner_ca ? 1
									   : 2,
						.authorize = pair_authorize,
						.deny = pair_deny,
						.userdata = allowed};
	files->data[0] = pki_load(pki_text(entry, "cert"), &files->params.certificate_len);
	files->data[1] = pki_load(pki_text(entry, "key"), &files->params.key_len);
	files->data[2] = ca ? pki_load(ca, &files->bundles[0].pem_len) : NULL;
	files->data[3] = scanner_ca ? pki_load(scanner_ca, &files->bundles[1].pem_len) : NULL;
	files->params.certificate_pem = files->data[0];
	files->params.key_pem = files->data[1];
	files->bundles[0].pem = files->data[2];
	files->bundles[1].pem = files->data[3];
	json_decref(index);
}

static inline void files_free(struct context_files *files)
{
	for (size_t i = 0; i < 4; i++)
		free(files->data[i]);
}

static inline struct awh_tls_context *make_context(enum awh_tls_auth auth, const char *server,
						   const char *ca, const char *scanner_ca,
						   struct pair_rules *allowed,
						   struct awh_error *error)
{
	struct awh_tls_context *context;
	struct context_files files;

	files_load(&files, auth, server, ca, scanner_ca, allowed);
	context = awh_tls_context_new(&files.params, error);
	files_free(&files);
	return context;
}

struct pair {
	struct awh_tls_session *server;
	WOLFSSL_CTX *ctx;
	WOLFSSL *client;
	int fds[2]; /* server's, client's */
	int status; /* of the server's handshake */
	struct awh_error error;
	int code;  /* of the client: 0, or wolfSSL's error */
	int alert; /* the client received; -1: none */
};

/* The client's side before its handshake; tests may set up ctx and client further. */
static inline void pair_open_with(struct pair *pair, struct awh_tls_context *context,
				  struct awh_path_cache *cache, WOLFSSL_METHOD *method)
{
	*pair = (struct pair){.alert = -1};
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair->fds), 0);
	pair->server = awh_tls_session_new(context, cache, pair->fds[0]);
	assert_non_null(pair->server);
	pair->ctx = wolfSSL_CTX_new(method);
	assert_non_null(pair->ctx);
	wolfSSL_CTX_set_verify(pair->ctx, WOLFSSL_VERIFY_NONE, NULL);
}

static inline void pair_open(struct pair *pair, struct awh_tls_context *context,
			     WOLFSSL_METHOD *method)
{
	pair_open_with(pair, context, NULL, method);
}

static inline bool pair_use_certificate(struct pair *pair, const char *chain_file,
					const char *key_file)
{
	size_t chain_len, key_len;
	char *chain = pki_load(chain_file, &chain_len);
	char *key = pki_load(key_file, &key_len);
	bool used =
	    wolfSSL_CTX_use_certificate_chain_buffer(pair->ctx, (unsigned char *)chain,
						     (long)chain_len) == WOLFSSL_SUCCESS &&
	    wolfSSL_CTX_use_PrivateKey_buffer(pair->ctx, (unsigned char *)key, (long)key_len,
					      WOLFSSL_FILETYPE_PEM) == WOLFSSL_SUCCESS;

	free(chain);
	free(key);
	return used;
}

static inline void pair_make_client(struct pair *pair)
{
	pair->client = wolfSSL_new(pair->ctx);
	assert_non_null(pair->client);
	assert_int_equal(wolfSSL_set_fd(pair->client, pair->fds[1]), WOLFSSL_SUCCESS);
	wolfSSL_set_using_nonblock(pair->client, 1);
}

/* One step of the client; true when it is through, well or badly. */
static inline bool client_step(struct pair *pair, int result)
{
	int code;

	if (result > 0)
		return true;
	code = wolfSSL_get_error(pair->client, result);
	if (code == WOLFSSL_ERROR_WANT_READ || code == WOLFSSL_ERROR_WANT_WRITE)
		return false;
	pair->code = code ? code : -1;
	return true;
}

/* One step of the server, which leaves no error behind for another session of its thread. */
static inline void server_step(struct pair *pair)
{
	wolfSSL_ERR_clear_error();
	pair->status = awh_tls_handshake(pair->server, &pair->error);
	assert_int_equal(wolfSSL_ERR_peek_last_error(), 0);
}

static inline void note_alert(struct pair *pair)
{
	WOLFSSL_ALERT_HISTORY history;

	if (wolfSSL_get_alert_history(pair->client, &history) == WOLFSSL_SUCCESS)
		pair->alert = history.last_rx.code;
}

/* Run the handshake to its end on both sides. */
static inline void pair_handshake(struct pair *pair)
{
	bool done = false;
	char byte;

	if (!pair->client)
		pair_make_client(pair);
	pair->status = 1;
	for (int turn = 0; turn < 1000 && (!done || pair->status > 0); turn++) {
		if (!done)
			done = client_step(pair, wolfSSL_connect(pair->client));
		if (pair->status > 0)
			server_step(pair);
		if (pair->status < 0 && !done)
			shutdown(pair->fds[0], SHUT_WR);
		if (done && pair->code != 0 && pair->status > 0)
			shutdown(pair->fds[1], SHUT_WR);
	}
	assert_true(pair->status <= 0);
	/* In TLS 1.3 a client learns of a refusal by its first read. */
	if (pair->status < 0 && pair->code == 0) {
		shutdown(pair->fds[0], SHUT_WR);
		client_step(pair, wolfSSL_read(pair->client, &byte, 1));
	}
	note_alert(pair);
}

static inline void pair_close(struct pair *pair)
{
	awh_tls_session_free(pair->server);
	wolfSSL_free(pair->client);
	wolfSSL_CTX_free(pair->ctx);
	close(pair->fds[0]);
	close(pair->fds[1]);
	wolfSSL_ERR_clear_error();
}

#endif
