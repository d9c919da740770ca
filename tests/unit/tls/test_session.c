/* SPDX-License-Identifier: MIT */
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/clock.h"
#include "pair.h"
#include "tls/manager.h"
#include "tls/session.h"

static struct pair_rules allowed;

static struct awh_tls_context *context_for(enum awh_tls_auth auth)
{
	struct awh_error error = {0};
	struct awh_tls_context *context =
	    auth == AWH_TLS_AUTH_NONE
		? make_context(auth, "ecdsa", NULL, NULL, &allowed, &error)
		: make_context(auth, "ecdsa", "ca/good.crt", "ca/scanner.crt", &allowed, &error);

	if (!context)
		fail_msg("%s", error.text);
	return context;
}

static WOLFSSL_METHOD *method_of(int version)
{
	return version == 13 ? wolfTLSv1_3_client_method() : wolfTLSv1_2_client_method();
}

/* A handshake with the certificate of a case. False: our client itself cannot present it. */
static bool present(struct pair *pair, struct awh_tls_context *context, const json_t *entry,
		    int version)
{
	pair_open(pair, context, method_of(version));
	wolfSSL_CTX_SetMinRsaKey_Sz(pair->ctx, 1024);
	if (pair_use_certificate(pair, pki_text(entry, "chain"), pki_text(entry, "key"))) {
		pair_handshake(pair);
		/* In TLS 1.2 it presents only a key of the kind that the server's has. */
		if (pair->status != ADMWH_E_NO_CERTIFICATE)
			return true;
		assert_int_equal(version, 12);
	}
	pair_close(pair);
	return false;
}

/* is_unreadable: wolfSSL ends the handshake, without an alert */
static void check_required(const char *name, struct pair *pair, bool is_allowed, bool is_unreadable)
{
	if ((pair->status == 0) != is_allowed)
		fail_msg("%s: %d %s", name, pair->status, pair->error.text);
	if (is_allowed) {
		assert_int_equal(pair->code, 0);
		assert_int_equal(awh_tls_peer(pair->server)->proof, AWH_PROOF_VERIFIED);
		return;
	}
	if (pair->status != ADMWH_E_UNTRUSTED && pair->status != ADMWH_E_REFUSED)
		fail_msg("%s: %d %s", name, pair->status, pair->error.text);
	if ((pair->alert < 0 && !is_unreadable) || pair->code == 0)
		fail_msg("%s: no alert", name);
	assert_true(pair->error.text[0] != '\0');
	assert_true(pair->server->broken);
	assert_false(pair->server->done);
}

static void check_matrix(int version, const char *rules)
{
	struct awh_tls_context *context = context_for(AWH_TLS_AUTH_REQUIRE);
	json_t *index = pki_index();
	size_t tried = 0;
	json_t *entry;
	size_t i;

	json_array_foreach(json_object_get(index, "clients"), i, entry) {
		const char *name = pki_text(entry, "case");
		bool is_unreadable = pki_is_unreadable(index, name);
		struct pair pair;

		if (!present(&pair, context, entry, version))
			continue;
		check_required(name, &pair,
			       strcmp(pki_text(entry, rules), "allow") == 0 && !is_unreadable,
			       is_unreadable);
		pair_close(&pair);
		tried++;
	}
	assert_true(tried > 80);
	json_decref(index);
	awh_tls_context_unref(context);
}

static void refuses_by_an_alert_a_client_that_the_rules_refuse(void **state)
{
	(void)state;
	pair_allow_names(&allowed, NULL);
	check_matrix(12, "names");
	check_matrix(13, "names");
	pair_rules_deinit(&allowed);
}

static void takes_only_what_is_verified_when_any_name_will_do(void **state)
{
	(void)state;
	pair_allow_any(&allowed);
	check_matrix(12, "any");
	check_matrix(13, "any");
}

static void takes_no_clone_of_a_ca_whose_name_is_listed(void **state)
{
	(void)state;
	pair_allow_names(&allowed, "goodca");
	check_matrix(12, "ca_name");
	check_matrix(13, "ca_name");
	pair_rules_deinit(&allowed);
}

static void lets_everyone_connect_where_certificates_are_requested(void **state)
{
	struct awh_tls_context *context = context_for(AWH_TLS_AUTH_REQUEST);
	json_t *index = pki_index();
	json_t *entry;
	size_t i;

	(void)state;
	pair_allow_any(&allowed);
	json_array_foreach(json_object_get(index, "clients"), i, entry) {
		const char *name = pki_text(entry, "case");
		struct awh_peer *peer;
		struct pair pair;
		bool ended;

		if (!present(&pair, context, entry, 13))
			continue;
		peer = awh_tls_peer(pair.server);
		/* Where wolfSSL sends an alert and goes on, the proof has to be right too. */
		ended = pki_is_unreadable(index, name) && pair.status == ADMWH_E_UNTRUSTED;
		if (!ended && (pair.status != 0 ||
			       strcmp(awh_proof_name(peer->proof), pki_text(entry, "proof")) != 0))
			fail_msg("%s: %d %s, %s (%s)", name, pair.status, pair.error.text,
				 awh_proof_name(peer->proof), peer->reason);
		pair_close(&pair);
	}
	assert_int_equal(allowed.calls, 0);
	json_decref(index);
	awh_tls_context_unref(context);
}

static void distinguishes_a_client_without_a_certificate(void **state)
{
	static const struct {
		enum awh_tls_auth auth;
		int status;
	} cases[] = {
	    {AWH_TLS_AUTH_NONE, 0},
	    {AWH_TLS_AUTH_REQUEST, 0},
	    {AWH_TLS_AUTH_REQUIRE, ADMWH_E_NO_CERTIFICATE},
	};

	(void)state;
	pair_allow_any(&allowed);
	for (size_t i = 0; i < 3; i++) {
		struct awh_tls_context *context = context_for(cases[i].auth);

		for (int version = 12; version <= 13; version++) {
			struct pair pair;

			pair_open(&pair, context, method_of(version));
			pair_handshake(&pair);
			assert_int_equal(pair.status, cases[i].status);
			assert_int_equal(awh_tls_peer(pair.server)->proof, AWH_PROOF_NONE);
			assert_int_equal(pair.alert >= 0, cases[i].status < 0);
			pair_close(&pair);
		}
		awh_tls_context_unref(context);
	}
}

static void asks_for_no_certificate_where_none_is_wanted(void **state)
{
	struct awh_tls_context *context = context_for(AWH_TLS_AUTH_NONE);
	struct pair pair;

	(void)state;
	pair_open(&pair, context, wolfTLSv1_3_client_method());
	assert_true(pair_use_certificate(&pair, "client/good.chain.crt", "keys/client.key"));
	pair_handshake(&pair);
	assert_int_equal(pair.status, 0);
	assert_int_equal(awh_tls_peer(pair.server)->proof, AWH_PROOF_NONE);
	pair_close(&pair);
	awh_tls_context_unref(context);
}

static int handshake_as(struct awh_tls_context *context, const char *name)
{
	json_t *index = pki_index();
	struct pair pair;
	int status;

	assert_true(present(&pair, context, pki_case(index, "clients", name), 13));
	status = awh_tls_peer(pair.server)->proof == AWH_PROOF_VERIFIED ? pair.status : -1;
	pair_close(&pair);
	json_decref(index);
	return status;
}

/* wolfSSL remembers intermediates in the manager it verifies with. */
static void forgets_what_an_earlier_client_presented(void **state)
{
	static const enum awh_tls_auth auths[] = {AWH_TLS_AUTH_REQUIRE, AWH_TLS_AUTH_REQUEST};

	(void)state;
	pair_allow_any(&allowed);
	for (size_t i = 0; i < 2; i++) {
		struct awh_tls_context *context = context_for(auths[i]);

		assert_int_equal(handshake_as(context, "intermediate"), 0);
		assert_int_not_equal(handshake_as(context, "intermediate-missing"), 0);
		assert_int_not_equal(handshake_as(context, "intermediate-forged"), 0);
		assert_int_equal(handshake_as(context, "intermediate"), 0);
		awh_tls_context_unref(context);
	}
}

/*
 * Of two CAs of one name wolfSSL only tries one where the leaf does not say by its
 * authorityKeyIdentifier which it was: it refuses one of these leaves, which our own
 * verification would both take.
 */
static void needs_the_yes_of_wolfssl_too(void **state)
{
	static const char *const clients[] = {"no-authority-key-id", "rollover-no-key-id"};
	static const enum awh_tls_auth auths[] = {AWH_TLS_AUTH_REQUIRE, AWH_TLS_AUTH_REQUEST};

	(void)state;
	pair_allow_any(&allowed);
	for (size_t i = 0; i < 2; i++) {
		struct awh_error error = {0};
		struct awh_tls_context *context =
		    make_context(auths[i], "ecdsa", "ca/rollover.crt", NULL, &allowed, &error);
		int good = 0;

		assert_non_null(context);
		for (size_t c = 0; c < 2; c++)
			good += handshake_as(context, clients[c]) == 0;
		assert_int_equal(good, 1);
		awh_tls_context_unref(context);
	}
}

static int say_yes(struct awh_peer *peer, struct awh_error *error, void *userdata)
{
	(void)peer, (void)error, (void)userdata;
	return 0;
}

/* The yes of what authorizes makes up for no proof. */
static void needs_a_proof_beside_the_yes_of_the_rules(void **state)
{
	static const char *const clients[] = {"no-authority-key-id", "rollover-no-key-id", "rogue"};
	static const char *const reasons[] = {"the TLS library does not trust the client's chain",
					      "no trusted CA issued the certificate"};
	json_t *index = pki_index();
	struct awh_tls_context *context;
	struct awh_error error = {0};
	struct context_files files;
	int good = 0;

	(void)state;
	files_load(&files, AWH_TLS_AUTH_REQUIRE, "ecdsa", "ca/rollover.crt", NULL, &allowed);
	files.params.authorize = say_yes;
	context = awh_tls_context_new(&files.params, &error);
	files_free(&files);
	assert_non_null(context);
	for (size_t i = 0; i < sizeof(clients) / sizeof(*clients); i++) {
		struct pair pair;

		assert_true(present(&pair, context, pki_case(index, "clients", clients[i]), 13));
		assert_true(pair.status == 0 || pair.status == ADMWH_E_UNTRUSTED);
		assert_string_equal(pair.error.text, pair.status == 0 ? "" : reasons[i / 2]);
		good += pair.status == 0;
		pair_close(&pair);
	}
	assert_int_equal(good, 1);
	awh_tls_context_unref(context);
	json_decref(index);
}

static void follows_a_ca_that_rolls_over(void **state)
{
	struct awh_error error = {0};
	struct awh_tls_context *context =
	    make_context(AWH_TLS_AUTH_REQUIRE, "ecdsa", "ca/rollover.crt", NULL, &allowed, &error);

	(void)state;
	pair_allow_any(&allowed);
	assert_non_null(context);
	assert_int_equal(handshake_as(context, "good"), 0);
	assert_int_equal(handshake_as(context, "rollover-new-key"), 0);
	awh_tls_context_unref(context);
}

/* wolfSSL's own answer to a client, with our callback and our checks out of the way. */
static bool wolfssl_alone_trusts(struct awh_tls_context *context, WOLFSSL_X509_STORE *store,
				 const char *chain, const char *key)
{
	const int both = WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	struct pair pair;
	WOLFSSL *server;
	bool done = false;
	bool accepted = false;

	pair_open(&pair, context, wolfTLSv1_3_client_method());
	assert_true(pair_use_certificate(&pair, chain, key));
	pair_make_client(&pair);
	server = wolfSSL_new(context->ctx);
	assert_non_null(server);
	wolfSSL_set_verify(server, both, NULL);
	wolfSSL_SSLSetIORecv(server, EmbedReceive);
	wolfSSL_SSLSetIOSend(server, EmbedSend);
	wolfSSL_set_fd(server, pair.fds[0]);
	if (store)
		assert_int_equal(wolfSSL_set0_verify_cert_store(server, store), WOLFSSL_SUCCESS);
	for (int turn = 0; turn < 20 && !accepted; turn++) {
		done = done || client_step(&pair, wolfSSL_connect(pair.client));
		accepted = wolfSSL_accept(server) == WOLFSSL_SUCCESS;
	}
	wolfSSL_free(server);
	pair_close(&pair);
	return accepted;
}

/* CVE-2026-93302: Debian's wolfSSL takes a CA's name for proof once the CA is loaded. */
static void leaves_no_ca_behind_as_a_trusted_peer(void **state)
{
	struct awh_tls_context *context = context_for(AWH_TLS_AUTH_REQUIRE);
	const struct awh_x509 *ca = &context->trust.anchors[0].cert;

	(void)state;
	for (int own_store = 0; own_store < 2; own_store++) {
		static const char *const cases[][2] = {
		    {"client/ca-clone.chain.crt", "keys/clone.key"},
		    {"client/ca-clone-as-leaf.chain.crt", "keys/clone.key"},
		    {"client/good.chain.crt", "keys/client.key"},
		};

		for (size_t i = 0; i < 3; i++) {
			WOLFSSL_X509_STORE *store = NULL;

			if (own_store) {
				store = wolfSSL_X509_STORE_new();
				assert_non_null(store);
				assert_int_equal(awh_manager_add(store->cm, ca), 0);
			}
			assert_int_equal(
			    wolfssl_alone_trusts(context, store, cases[i][0], cases[i][1]), i == 2);
		}
	}
	awh_tls_context_unref(context);
}

static void refuses_chains_past_a_limit_and_says_which(void **state)
{
	static const struct {
		const char *chain;
		enum awh_chain_limit limit;
	} cases[] = {
	    {"client/large.chain.crt", AWH_CHAIN_LIMIT_BYTES},
	    {"client/long.chain.crt", AWH_CHAIN_LIMIT_CERTIFICATES},
	    {"client/seven-like-ca.chain.crt", AWH_CHAIN_LIMIT_CHECKS},
	    {"client/seven-alike.chain.crt", AWH_CHAIN_LIMIT_NONE},
	};

	(void)state;
	pair_allow_any(&allowed);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_tls_context *context = context_for(AWH_TLS_AUTH_REQUIRE);
		struct awh_peer *peer;
		struct pair pair;

		pair_open(&pair, context, wolfTLSv1_3_client_method());
		assert_true(pair_use_certificate(&pair, cases[i].chain, "keys/hostile.key"));
		pair_handshake(&pair);
		peer = awh_tls_peer(pair.server);
		if (pair.status != ADMWH_E_UNTRUSTED || peer->limit != cases[i].limit)
			fail_msg("%s: %d %s, limit \"%s\"", cases[i].chain, pair.status,
				 pair.error.text, awh_chain_limit_name(peer->limit));
		pair_close(&pair);
		awh_tls_context_unref(context);
	}
}

/* And never a client whose chain is not trusted. */
static void authorizes_once_a_handshake(void **state)
{
	struct awh_tls_context *context = context_for(AWH_TLS_AUTH_REQUIRE);

	(void)state;
	pair_allow_any(&allowed);
	handshake_as(context, "two-intermediates");
	assert_int_equal(allowed.calls, 1);
	handshake_as(context, "rogue-intermediate");
	assert_int_equal(allowed.calls, 1);
	awh_tls_context_unref(context);
}

static void open_good(struct pair *pair, struct awh_tls_context *context, int version)
{
	pair_allow_any(&allowed);
	pair_open(pair, context, method_of(version));
	assert_true(pair_use_certificate(pair, "client/good.chain.crt", "keys/client.key"));
	pair_handshake(pair);
	if (pair->status != 0)
		fail_msg("%s", pair->error.text);
}

static void reads_and_writes(void **state)
{
	struct awh_tls_context *context = context_for(AWH_TLS_AUTH_REQUIRE);

	(void)state;
	for (int version = 12; version <= 13; version++) {
		char buf[32] = {0};
		struct pair pair;
		size_t n;

		open_good(&pair, context, version);
		assert_int_equal(awh_tls_read(pair.server, buf, sizeof(buf), &n),
				 AWH_TLS_WANT_READ);
		assert_int_equal(wolfSSL_write(pair.client, "hello, world", 12), 12);
		assert_int_equal(awh_tls_read(pair.server, buf, 5, &n), 0);
		assert_int_equal(n, 5);
		assert_int_equal(awh_tls_pending(pair.server), 7);
		assert_int_equal(awh_tls_read(pair.server, buf + 5, sizeof(buf) - 5, &n), 0);
		assert_string_equal(buf, "hello, world");
		assert_int_equal(awh_tls_pending(pair.server), 0);
		assert_int_equal(awh_tls_write(pair.server, "bye", 3, &n), 0);
		assert_int_equal(n, 3);
		assert_int_equal(wolfSSL_read(pair.client, buf, sizeof(buf)), 3);
		pair_close(&pair);
	}
	awh_tls_context_unref(context);
}

/* One read of the socket has several records; no poll tells of those that are left. */
static void tells_of_records_that_it_has_received(void **state)
{
	struct awh_tls_context *context = context_for(AWH_TLS_AUTH_REQUIRE);
	struct awh_tls_buffer buffer = {0};

	(void)state;
	for (int version = 12; version <= 13; version++) {
		char buf[32] = {0};
		struct pair pair;
		size_t n;

		open_good(&pair, context, version);
		awh_tls_share_buffer(pair.server, &buffer);
		assert_int_equal(awh_tls_read(pair.server, buf, sizeof(buf), &n),
				 AWH_TLS_WANT_READ);
		for (size_t i = 0; i < 3; i++)
			assert_int_equal(wolfSSL_write(pair.client, "again", 5), 5);
		wolfSSL_shutdown(pair.client);
		shutdown(pair.fds[1], SHUT_WR);
		for (size_t i = 0; i < 3; i++) {
			assert_int_equal(awh_tls_read(pair.server, buf, sizeof(buf), &n), 0);
			assert_int_equal(n, 5);
			assert_int_equal(recv(pair.fds[0], buf, sizeof(buf), 0), 0);
			assert_true(awh_tls_pending(pair.server) > 0);
			assert_false(awh_tls_is_emptied(pair.server));
		}
		assert_int_equal(awh_tls_read(pair.server, buf, sizeof(buf), &n), 0);
		assert_int_equal(n, 0);
		assert_int_equal(awh_tls_pending(pair.server), 0);
		assert_non_null(buffer.spare);
		pair_close(&pair);
	}
	awh_tls_buffer_deinit(&buffer);
	awh_tls_context_unref(context);
}

/* What the client sends with the end of its handshake stays for the first read. */
static void keeps_what_comes_behind_the_handshake(void **state)
{
	struct awh_tls_context *context = context_for(AWH_TLS_AUTH_REQUIRE);
	char buf[32] = {0};
	struct pair pair;
	int done = 0;
	int err;
	size_t n;

	(void)state;
	pair_open(&pair, context, wolfTLSv1_3_client_method());
	assert_true(pair_use_certificate(&pair, "client/good.chain.crt", "keys/client.key"));
	pair_make_client(&pair);
	for (int turn = 0; turn < 1000 && !done; turn++) {
		done = client_step(&pair, wolfSSL_connect(pair.client));
		if (!done)
			assert_true(awh_tls_handshake(pair.server, &pair.error) > 0);
	}
	assert_int_equal(wolfSSL_write(pair.client, "early bird", 10), 10);
	do
		err = awh_tls_handshake(pair.server, &pair.error);
	while (err > 0);
	assert_int_equal(err, 0);
	assert_true(awh_tls_pending(pair.server) > 0);
	assert_int_equal(awh_tls_read(pair.server, buf, sizeof(buf), &n), 0);
	assert_string_equal(buf, "early bird");
	assert_true(awh_tls_is_emptied(pair.server));
	assert_int_equal(wolfSSL_write(pair.client, "x", 1), 1);
	assert_int_equal(wolfSSL_write(pair.client, "y", 1), 1);
	assert_int_equal(awh_tls_read(pair.server, buf, sizeof(buf), &n), 0);
	assert_true(awh_tls_pending(pair.server) > 0);
	awh_tls_close(pair.server);
	assert_int_equal(awh_tls_pending(pair.server), 0);
	pair_close(&pair);
	awh_tls_context_unref(context);
}

static void answers_a_client_that_has_closed_its_side(void **state)
{
	struct awh_tls_context *context = context_for(AWH_TLS_AUTH_REQUIRE);

	(void)state;
	for (int version = 12; version <= 13; version++) {
		char buf[32];
		struct pair pair;
		size_t n;

		open_good(&pair, context, version);
		assert_int_equal(wolfSSL_write(pair.client, "ask", 3), 3);
		wolfSSL_shutdown(pair.client);
		shutdown(pair.fds[1], SHUT_WR);
		assert_int_equal(awh_tls_read(pair.server, buf, sizeof(buf), &n), 0);
		assert_int_equal(n, 3);
		assert_int_equal(awh_tls_read(pair.server, buf, sizeof(buf), &n), 0);
		assert_int_equal(n, 0);
		assert_int_equal(awh_tls_write(pair.server, "answer", 6, &n), 0);
		assert_int_equal(n, 6);
		assert_true(recv(pair.fds[1], buf, sizeof(buf), 0) > 6);
		awh_tls_close(pair.server);
		pair_close(&pair);
	}
	awh_tls_context_unref(context);
}

static void sends_nothing_after_its_end(void **state)
{
	struct awh_tls_context *context = context_for(AWH_TLS_AUTH_REQUIRE);

	(void)state;
	for (int version = 12; version <= 13; version++) {
		char buf[64];
		struct pair pair;
		size_t n = 1;

		open_good(&pair, context, version);
		awh_tls_close(pair.server);
		assert_true(recv(pair.fds[1], buf, sizeof(buf), 0) > 0);
		assert_int_equal(awh_tls_write(pair.server, "x", 1, &n), ADMWH_E_WRITE);
		assert_int_equal(n, 0);
		awh_tls_close(pair.server);
		assert_int_equal(recv(pair.fds[1], buf, sizeof(buf), 0), -1);
		assert_int_equal(errno, EAGAIN);
		assert_false(pair.server->broken);
		pair_close(&pair);
	}
	awh_tls_context_unref(context);
}

/* The client's end of the pair goes away: closed, or reset. */
static void go_away(struct pair *pair, bool reset)
{
	int other = open("/dev/null", O_RDWR | O_CLOEXEC);

	assert_true(other >= 0);
	if (reset) /* what it has not read */
		assert_int_equal(send(pair->fds[0], "x", 1, 0), 1);
	assert_true(dup2(other, pair->fds[1]) >= 0);
	close(other);
}

static void reports_an_abrupt_end_as_the_end(void **state)
{
	struct awh_tls_context *context = context_for(AWH_TLS_AUTH_REQUIRE);

	(void)state;
	for (int i = 0; i < 4; i++) {
		char buf[8];
		struct pair pair;
		size_t n = 1;

		open_good(&pair, context, i < 2 ? 12 : 13);
		go_away(&pair, i % 2 == 1);
		assert_int_equal(awh_tls_read(pair.server, buf, sizeof(buf), &n), 0);
		assert_int_equal(n, 0);
		assert_int_equal(awh_tls_write(pair.server, "x", 1, &n), ADMWH_E_WRITE);
		awh_tls_close(pair.server);
		awh_tls_close(pair.server);
		pair_close(&pair);
	}
	awh_tls_context_unref(context);
}

static void refuses_a_record_that_was_tampered_with(void **state)
{
	static const char record[] = "\x17\x03\x03\x00\x20"
				     "0123456789abcdef0123456789abcdef";
	struct awh_tls_context *context = context_for(AWH_TLS_AUTH_REQUIRE);
	char buf[8];
	struct pair pair;
	size_t n;

	(void)state;
	open_good(&pair, context, 13);
	assert_int_equal(send(pair.fds[1], record, sizeof(record) - 1, 0), sizeof(record) - 1);
	assert_int_equal(awh_tls_read(pair.server, buf, sizeof(buf), &n), ADMWH_E_TLS);
	assert_int_equal(awh_tls_write(pair.server, "x", 1, &n), ADMWH_E_WRITE);
	pair_close(&pair);
	awh_tls_context_unref(context);
}

/* A response larger than the socket takes at once. */
static void goes_on_with_a_write_that_was_stopped(void **state)
{
	struct awh_tls_context *context = context_for(AWH_TLS_AUTH_REQUIRE);
	size_t size = 1 << 20;
	char *data = malloc(size);
	char *back = malloc(size);
	size_t sent = 0;
	size_t received = 0;
	bool stopped = false;
	struct pair pair;

	(void)state;
	assert_non_null(data);
	assert_non_null(back);
	for (size_t i = 0; i < size; i++)
		data[i] = (char)(i * 7 >> 3);
	open_good(&pair, context, 13);
	while (received < size) {
		size_t n = 0;
		int status = 0;
		int got;

		while (sent < size && status == 0) {
			status = awh_tls_write(pair.server, data + sent, size - sent, &n);
			sent += n;
		}
		assert_true(status == 0 || status == AWH_TLS_WANT_WRITE);
		stopped = stopped || status == AWH_TLS_WANT_WRITE;
		while ((got = wolfSSL_read(pair.client, back + received, (int)(size - received))) >
		       0)
			received += (size_t)got;
	}
	assert_true(stopped);
	assert_memory_equal(data, back, size);
	pair_close(&pair);
	awh_tls_context_unref(context);
	free(data);
	free(back);
}

/* Empty records and key updates cost work and yield nothing: there is an end to them. */
static void takes_a_bounded_number_of_bytes_without_data(void **state)
{
	static const char data[16384];
	struct awh_tls_context *context = context_for(AWH_TLS_AUTH_REQUIRE);
	char buf[1000];
	struct pair pair;
	size_t total = 0;
	size_t n;
	int got;

	(void)state;
	open_good(&pair, context, 13);
	assert_int_equal(awh_tls_read(pair.server, buf, sizeof(buf), &n), AWH_TLS_WANT_READ);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(send(pair.fds[1], data, sizeof(data), 0), sizeof(data));
	while ((got = awh_session_receive(NULL, buf, sizeof(buf), pair.server)) > 0)
		total += (size_t)got;
	assert_int_equal(got, WOLFSSL_CBIO_ERR_GENERAL);
	assert_true(total >= 32768 && total <= 32768 + sizeof(buf));
	pair_close(&pair);
	awh_tls_context_unref(context);
}

static void ends_a_handshake_that_feeds_it_too_much(void **state)
{
	/* A handshake record with a fragment of a ClientHello that claims 16 KiB and never ends:
	 * empty fragments are not allowed, so one byte each. */
	struct awh_tls_context *context = context_for(AWH_TLS_AUTH_REQUIRE);
	struct awh_error error = {0};
	size_t sent = 0;
	int status = 1;
	int fds[2];
	struct awh_tls_session *session;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	session = awh_tls_session_new(context, NULL, fds[0]);
	while (status > 0 && sent < 2000000) {
		static const char zeros[4096];
		ssize_t put = send(fds[1], zeros, sizeof(zeros), MSG_NOSIGNAL);

		sent += put > 0 ? (size_t)put : 0;
		status = awh_tls_handshake(session, &error);
	}
	assert_int_equal(status, ADMWH_E_TLS);
	assert_true(sent < 300000);
	awh_tls_session_free(session);
	close(fds[0]);
	close(fds[1]);
	awh_tls_context_unref(context);
}

static void calls_what_is_not_tls_noise(void **state)
{
	static const char *const cases[] = {"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
					    "SSH-2.0-OpenSSH_9.2\r\n", "\x16\x03\x01", "",
					    "\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10"};
	struct awh_tls_context *context = context_for(AWH_TLS_AUTH_REQUIRE);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_error error = {0};
		struct awh_tls_session *session;
		int status = 1;
		int fds[2];

		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
		session = awh_tls_session_new(context, NULL, fds[0]);
		assert_int_equal(send(fds[1], cases[i], strlen(cases[i]), 0), strlen(cases[i]));
		shutdown(fds[1], SHUT_WR);
		for (int turn = 0; turn < 10 && status > 0; turn++)
			status = awh_tls_handshake(session, &error);
		assert_int_equal(status, ADMWH_E_TLS);
		assert_true(error.text[0] != '\0');
		assert_int_equal(awh_tls_is_plain_http(session), i == 0);
		if (i == 0)
			assert_string_equal(error.text, "the client speaks HTTP without TLS");
		assert_int_equal(awh_tls_peer(session)->proof, AWH_PROOF_NONE);
		awh_tls_close(session);
		awh_tls_session_free(session);
		close(fds[0]);
		close(fds[1]);
	}
	awh_tls_context_unref(context);
}

/* The certificate is public: whoever shows it without its key is told apart from any other. */
static void tells_a_certificate_whose_key_is_not_proved(void **state)
{
	static const struct {
		const char *chain, *key;
		int version;
		enum awh_proof proof;
		int status;
	} cases[] = {
	    {"client/good.chain.crt", "keys/clone.key", 12, AWH_PROOF_UNPROVED, ADMWH_E_UNTRUSTED},
	    {"client/good.chain.crt", "keys/clone.key", 13, AWH_PROOF_UNPROVED, ADMWH_E_UNTRUSTED},
	    {"client/self-signed.chain.crt", "keys/clone.key", 13, AWH_PROOF_UNTRUSTED,
	     ADMWH_E_UNTRUSTED},
	    {"client/good.chain.crt", "keys/client.key", 13, AWH_PROOF_VERIFIED, 0},
	};
	static const enum awh_tls_auth auths[] = {AWH_TLS_AUTH_REQUIRE, AWH_TLS_AUTH_REQUEST};

	(void)state;
	pair_allow_any(&allowed);
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(*cases); i++) {
		struct awh_tls_context *context = context_for(auths[i % 2]);
		struct pair pair;

		pair_open(&pair, context, method_of(cases[i / 2].version));
		assert_true(pair_use_certificate(&pair, cases[i / 2].chain, cases[i / 2].key));
		pair_handshake(&pair);
		if (pair.status != cases[i / 2].status ||
		    awh_tls_peer(pair.server)->proof != cases[i / 2].proof)
			fail_msg("%zu: %d %s", i, pair.status, pair.error.text);
		pair_close(&pair);
		awh_tls_context_unref(context);
	}
}

/* A client that falls silent after so many bytes. */
struct cut {
	int fd;
	size_t left;
};

static int send_until_cut(WOLFSSL *ssl, char *buf, int size, void *arg)
{
	struct cut *cut = arg;
	size_t n = (size_t)size < cut->left ? (size_t)size : cut->left;

	(void)ssl;
	if (n > 0)
		assert_int_equal(send(cut->fd, buf, n, 0), n);
	cut->left -= n;
	return size;
}

/* A client that sends so many bytes of its handshake, and then goes away. */
static void handshake_until(struct pair *pair, size_t bytes, bool reset)
{
	struct cut cut = {pair->fds[1], bytes};
	bool gone = false;

	pair_make_client(pair);
	wolfSSL_SSLSetIOSend(pair->client, send_until_cut);
	wolfSSL_SetIOWriteCtx(pair->client, &cut);
	pair->status = 1;
	for (int turn = 0; turn < 1000 && pair->status > 0; turn++) {
		if (!gone)
			client_step(pair, wolfSSL_connect(pair->client));
		pair->status = awh_tls_handshake(pair->server, &pair->error);
		if (gone || cut.left > 0 || pair->status <= 0)
			continue;
		go_away(pair, reset);
		gone = true;
	}
}

/* It may have the key and a bad network: an alarm would be false. */
static void does_not_suspect_a_client_that_goes_away(void **state)
{
	enum { STEP = 48, ENOUGH = 16384 };
	struct awh_tls_context *context = context_for(AWH_TLS_AUTH_REQUIRE);

	(void)state;
	pair_allow_any(&allowed);
	for (int i = 0; i < 4; i++) {
		size_t verified = 0;
		int status = -1;

		for (size_t n = 1; n < ENOUGH && status < 0; n += STEP) {
			struct pair pair;
			enum awh_proof proof;

			pair_open(&pair, context, method_of(i < 2 ? 12 : 13));
			assert_true(pair_use_certificate(&pair, "client/good.chain.crt",
							 "keys/client.key"));
			handshake_until(&pair, n, i % 2 == 1);
			status = pair.status;
			proof = awh_tls_peer(pair.server)->proof;
			if (status < 0 &&
			    (status != ADMWH_E_TLS || proof == AWH_PROOF_UNPROVED ||
			     strcmp(pair.error.text, "closed by the peer during the handshake")))
				fail_msg("%zu: %d %s", n, status, pair.error.text);
			verified += status < 0 && proof == AWH_PROOF_VERIFIED;
			pair_close(&pair);
		}
		assert_int_equal(status, 0);
		assert_true(verified > 0);
	}
	awh_tls_context_unref(context);
}

/* OpenSSL's client, told by which algorithm to sign, connected to a socket of ours. */
static int accept_openssl(const char *version, const char *algorithm)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char command[1024];
	int fd;

	assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
	snprintf(command, sizeof(command),
		 "cd %s && openssl s_client -connect 127.0.0.1:%u -%s -client_sigalgs %s"
		 " -cert client/good.crt -key keys/client.key -cipher 'DEFAULT:@SECLEVEL=0'"
		 " </dev/null >/dev/null 2>&1 &",
		 getenv("ADMWH_PKI"), ntohs(address.sin_port), version, algorithm);
	assert_int_equal(system(command), 0);
	fd = accept(listener, NULL, NULL);
	assert_true(fd >= 0);
	close(listener);
	return fd;
}

static int handshake_with_openssl(struct awh_tls_session *session, struct awh_error *error, int fd)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	int err;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	while ((err = awh_tls_handshake(session, error)) > 0)
		assert_int_equal(poll(&ready, 1, 10000), 1);
	return err;
}

/* A client need not keep to the signature algorithms it is asked for: CVE-2025-12889. */
static void refuses_a_handshake_that_is_signed_with_sha1(void **state)
{
	static const struct {
		const char *version, *algorithm;
		enum awh_tls_auth auth;
		int err;
		enum awh_proof proof;
	} cases[] = {
	    {"tls1_2", "ECDSA+SHA1", AWH_TLS_AUTH_REQUIRE, ADMWH_E_UNTRUSTED, AWH_PROOF_UNFIT},
	    {"tls1_2", "ECDSA+SHA1", AWH_TLS_AUTH_REQUEST, 0, AWH_PROOF_UNFIT},
	    {"tls1_2", "ECDSA+SHA256", AWH_TLS_AUTH_REQUIRE, 0, AWH_PROOF_VERIFIED},
	    {"tls1_2", "ECDSA+SHA384", AWH_TLS_AUTH_REQUEST, 0, AWH_PROOF_VERIFIED},
	    {"tls1_3", "ECDSA+SHA256", AWH_TLS_AUTH_REQUIRE, 0, AWH_PROOF_VERIFIED},
	};
	/* An honest client signs by what it is asked for: ask for what others do anyway. */
	static const char asked[] = "ECDSA+SHA1:ECDSA+SHA256:ECDSA+SHA384";
	json_t *index = pki_index();
	size_t first = pki_differs(index, "differences", "asks for no SHA-1") ? 2 : 0;

	(void)state;
	json_decref(index);
	pair_allow_any(&allowed);
	for (size_t i = first; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_tls_context *context = context_for(cases[i].auth);
		struct awh_error error = {0};
		struct awh_tls_session *session;
		int fd, err;

		if (first == 0)
			assert_int_equal(wolfSSL_CTX_set1_sigalgs_list(context->ctx, asked),
					 WOLFSSL_SUCCESS);
		fd = accept_openssl(cases[i].version, cases[i].algorithm);
		session = awh_tls_session_new(context, NULL, fd);
		assert_non_null(session);
		err = handshake_with_openssl(session, &error, fd);
		if (err != cases[i].err || awh_tls_peer(session)->proof != cases[i].proof)
			fail_msg("%zu: %d %s", i, err, error.text);
		awh_tls_session_free(session);
		close(fd);
		awh_tls_context_unref(context);
	}
}

/* It asks for nothing that it refuses, so that no honest client signs by it. */
static void asks_for_no_signature_with_sha1(void **state)
{
	struct awh_tls_context *context = context_for(AWH_TLS_AUTH_REQUIRE);
	struct awh_error error = {0};
	struct awh_tls_session *session;
	int fd;

	(void)state;
	pair_allow_any(&allowed);
	fd = accept_openssl("tls1_2", "ECDSA+SHA1");
	session = awh_tls_session_new(context, NULL, fd);
	assert_non_null(session);
	assert_int_equal(handshake_with_openssl(session, &error, fd), ADMWH_E_NO_CERTIFICATE);
	assert_false(session->wire.is_signed_weakly);
	awh_tls_session_free(session);
	close(fd);
	awh_tls_context_unref(context);
}

/* What a client sends as it is; returns what the server sends back. */
static size_t answer_to(struct awh_tls_context *context, const void *sent, size_t len, char *answer,
			size_t size, int *status)
{
	struct awh_error error = {0};
	struct awh_tls_session *session;
	ssize_t got;
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	session = awh_tls_session_new(context, NULL, fds[0]);
	assert_non_null(session);
	assert_int_equal(send(fds[1], sent, len, 0), len);
	shutdown(fds[1], SHUT_WR);
	*status = 1;
	for (int turn = 0; turn < 10 && *status > 0; turn++)
		*status = awh_tls_handshake(session, &error);
	got = recv(fds[1], answer, size, 0);
	awh_tls_session_free(session);
	close(fds[0]);
	close(fds[1]);
	return got > 0 ? (size_t)got : 0;
}

/* TLS_EMPTY_RENEGOTIATION_INFO_SCSV is no cipher suite, and the other one is not offered here. */
static void ends_a_handshake_without_a_cipher_suite(void **state)
{
	static const unsigned char hello[] = "\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x03"
					     "0123456789abcdef0123456789abcdef"
					     "\x00\x00\x04\x00\x05\x00\xff\x01\x00";
	static const enum awh_tls_auth auths[] = {AWH_TLS_AUTH_NONE, AWH_TLS_AUTH_REQUEST,
						  AWH_TLS_AUTH_REQUIRE};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct awh_tls_context *context = context_for(auths[i]);
		char answer[4096];
		int status;
		size_t len =
		    answer_to(context, hello, sizeof(hello) - 1, answer, sizeof(answer), &status);

		assert_int_equal(status, ADMWH_E_TLS);
		assert_int_equal(len, 7);
		assert_memory_equal(answer, "\x15\x03\x03\x00\x02\x02\x28", 7);
		awh_tls_context_unref(context);
	}
}

static void tells_that_the_random_source_fails(void **state)
{
	struct awh_tls_context *context = context_for(AWH_TLS_AUTH_NONE);
	struct rlimit before, none;
	struct awh_tls_session *session;
	struct awh_error error = {0};
	char byte;
	size_t n;
	int status;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){.rlim_cur = 0, .rlim_max = before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	session = awh_tls_session_new(context, NULL, -1);
	status = session ? awh_tls_handshake(session, &error) : ADMWH_E_NOMEM;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	if (session && session->ssl) { /* this wolfSSL needs no descriptor for it */
		awh_tls_session_free(session);
		awh_tls_context_unref(context);
		skip();
	}
	assert_int_equal(status, ADMWH_E_IO);
	assert_string_equal(error.text, "no random bytes: Too many open files");
	assert_int_equal(awh_tls_read(session, &byte, 1, &n), ADMWH_E_TLS);
	assert_int_equal(awh_tls_write(session, "x", 1, &n), ADMWH_E_WRITE);
	assert_int_equal(awh_tls_pending(session), 0);
	awh_tls_close(session);
	awh_tls_session_free(session);
	awh_tls_context_unref(context);
}

static void keeps_the_peer_beyond_the_connection(void **state)
{
	struct awh_tls_context *context = context_for(AWH_TLS_AUTH_REQUIRE);
	struct awh_peer *peer;
	struct pair pair;

	(void)state;
	open_good(&pair, context, 13);
	peer = awh_peer_ref(awh_tls_peer(pair.server));
	awh_tls_context_unref(context); /* the session keeps it */
	pair_close(&pair);
	assert_string_equal(peer->facts.common_name, "kube-apiserver");
	assert_string_equal(peer->facts.bundle, "default");
	assert_string_equal(peer->facts.rule, "any-name");
	assert_string_equal(peer->facts.tls_version, "TLSv1.3");
	assert_memory_equal(peer->facts.cipher, "TLS13-", 6);
	awh_peer_unref(peer);
}

static void knows_whether_another_context_trusts_the_ca(void **state)
{
	static const struct {
		const char *first, *second; /* CA files of bundle 0 and 1 */
		bool trusts;
	} cases[] = {
	    {"ca/good.crt", NULL, true},
	    {"ca/rollover.crt", NULL, true},
	    {"ca/two.crt", NULL, true},
	    {"ca/scanner.crt", NULL, false},
	    {"ca/rogue.crt", NULL, false},
	    {"ca/good.crt", "ca/scanner.crt", true},
	    {"ca/scanner.crt", "ca/good.crt", false},
	};
	struct awh_tls_context *context = context_for(AWH_TLS_AUTH_REQUIRE);
	struct awh_peer *nobody = awh_peer_new();
	struct pair pair;

	(void)state;
	open_good(&pair, context, 13);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_tls_context *other = make_context(
		    AWH_TLS_AUTH_REQUIRE, "rsa", cases[i].first, cases[i].second, &allowed, NULL);

		assert_non_null(other);
		assert_int_equal(awh_tls_context_trusts(other, awh_tls_peer(pair.server)),
				 cases[i].trusts ? 0 : ADMWH_E_UNTRUSTED);
		assert_int_equal(awh_tls_context_trusts(other, nobody), ADMWH_E_UNTRUSTED);
		awh_tls_context_unref(other);
	}
	awh_peer_unref(nobody);
	pair_close(&pair);
	awh_tls_context_unref(context);
}

static void leaves_no_error_behind_at_the_end_of_a_thread(void **state)
{
	WOLFSSL_CERT_MANAGER *manager = wolfSSL_CertManagerNew();
	size_t len;
	char *pem = pki_load("client/rogue.crt", &len);

	(void)state;
	assert_non_null(manager);
	assert_int_not_equal(wolfSSL_CertManagerVerifyBuffer(manager, (const byte *)pem, (long)len,
							     WOLFSSL_FILETYPE_PEM),
			     WOLFSSL_SUCCESS);
	wolfSSL_CertManagerFree(manager);
	free(pem);
	awh_tls_thread_trim();
	assert_int_equal(wolfSSL_ERR_peek_last_error(), 0);
}

static int stop_thread(void **state)
{
	(void)state;
	awh_tls_thread_trim();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(leaves_no_error_behind_at_the_end_of_a_thread),
	    cmocka_unit_test(refuses_by_an_alert_a_client_that_the_rules_refuse),
	    cmocka_unit_test(takes_only_what_is_verified_when_any_name_will_do),
	    cmocka_unit_test(takes_no_clone_of_a_ca_whose_name_is_listed),
	    cmocka_unit_test(lets_everyone_connect_where_certificates_are_requested),
	    cmocka_unit_test(distinguishes_a_client_without_a_certificate),
	    cmocka_unit_test(asks_for_no_certificate_where_none_is_wanted),
	    cmocka_unit_test(forgets_what_an_earlier_client_presented),
	    cmocka_unit_test(needs_the_yes_of_wolfssl_too),
	    cmocka_unit_test(needs_a_proof_beside_the_yes_of_the_rules),
	    cmocka_unit_test(follows_a_ca_that_rolls_over),
	    cmocka_unit_test(leaves_no_ca_behind_as_a_trusted_peer),
	    cmocka_unit_test(refuses_chains_past_a_limit_and_says_which),
	    cmocka_unit_test(authorizes_once_a_handshake),
	    cmocka_unit_test(reads_and_writes),
	    cmocka_unit_test(tells_of_records_that_it_has_received),
	    cmocka_unit_test(keeps_what_comes_behind_the_handshake),
	    cmocka_unit_test(answers_a_client_that_has_closed_its_side),
	    cmocka_unit_test(sends_nothing_after_its_end),
	    cmocka_unit_test(reports_an_abrupt_end_as_the_end),
	    cmocka_unit_test(refuses_a_record_that_was_tampered_with),
	    cmocka_unit_test(goes_on_with_a_write_that_was_stopped),
	    cmocka_unit_test(takes_a_bounded_number_of_bytes_without_data),
	    cmocka_unit_test(ends_a_handshake_that_feeds_it_too_much),
	    cmocka_unit_test(calls_what_is_not_tls_noise),
	    cmocka_unit_test(tells_a_certificate_whose_key_is_not_proved),
	    cmocka_unit_test(does_not_suspect_a_client_that_goes_away),
	    cmocka_unit_test(refuses_a_handshake_that_is_signed_with_sha1),
	    cmocka_unit_test(asks_for_no_signature_with_sha1),
	    cmocka_unit_test(ends_a_handshake_without_a_cipher_suite),
	    cmocka_unit_test(tells_that_the_random_source_fails),
	    cmocka_unit_test(keeps_the_peer_beyond_the_connection),
	    cmocka_unit_test(knows_whether_another_context_trusts_the_ca),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, stop_thread);
}
