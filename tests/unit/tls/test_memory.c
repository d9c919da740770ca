/* SPDX-License-Identifier: MIT */
/*
 * Every allocation of a context, a session and its handshake fails in turn, the
 * library's own and wolfSSL's. Nothing may crash, and no failure may let anyone
 * in who is not let in otherwise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../wrapped_alloc.h"
#include "base/clock.h"
#include "pair.h"
#include "tls/ids.h"
#include "tls/manager.h"
#include "tls/protocol.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_LEAK_SANITIZER
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(HAS_LEAK_SANITIZER)
#include <sanitizer/lsan_interface.h>
#else
#define __lsan_ignore_object(object) ((void)(object))
#endif

static bool armed;            /* inside of the library, not of the test's client */
static bool count_wolfssl;    /* which allocations are counted */
static unsigned long counted; /* since the run began */
static unsigned long failing; /* the one that fails; 0: none */

static bool fails(bool wolfssl)
{
	return armed && wolfssl == count_wolfssl && ++counted == failing;
}

static bool alloc_fails(void)
{
	return fails(false);
}

/* wolfSSL itself forgets some bytes of a ClientHello's extensions when memory runs out. */
static void *excuse(void *piece)
{
	if (piece && armed && count_wolfssl)
		__lsan_ignore_object(piece);
	return piece;
}

static void *wolf_malloc(size_t size)
{
	return fails(true) ? NULL : excuse(__real_malloc(size));
}

static void *wolf_realloc(void *old, size_t size)
{
	return fails(true) ? NULL : excuse(__real_realloc(old, size));
}

static void wolf_free(void *old)
{
	free(old);
}

static struct pair_rules allowed;

static void step_client(struct pair *pair, bool *done)
{
	if (!*done)
		*done = client_step(pair, wolfSSL_connect(pair->client));
}

/* A handshake in which only the server's allocations count. Its status. */
static int run_handshake(struct awh_tls_context *context, const json_t *client, int version)
{
	struct pair pair = {.alert = -1};
	bool done = false;
	int status = 1;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair.fds), 0);
	pair.ctx = wolfSSL_CTX_new(version == 13 ? wolfTLSv1_3_client_method()
						 : wolfTLSv1_2_client_method());
	assert_non_null(pair.ctx);
	wolfSSL_CTX_set_verify(pair.ctx, WOLFSSL_VERIFY_NONE, NULL);
	assert_true(
	    pair_use_certificate(&pair, pki_text(client, "chain"), pki_text(client, "key")));
	pair_make_client(&pair);
	armed = true;
	pair.server = awh_tls_session_new(context, NULL, pair.fds[0]);
	armed = false;
	if (!pair.server)
		status = ADMWH_E_NOMEM;
	for (int turn = 0; turn < 100 && status > 0; turn++) {
		step_client(&pair, &done);
		armed = true;
		status = awh_tls_handshake(pair.server, &pair.error);
		armed = false;
		if (done && pair.code != 0 && status > 0)
			shutdown(pair.fds[1], SHUT_WR);
	}
	if (status == 0)
		assert_int_equal(awh_tls_peer(pair.server)->proof, AWH_PROOF_VERIFIED);
	pair_close(&pair);
	return status;
}

/* Fail the first allocation, then the second, until a run does with less than that. */
static void sweep(const char *client_name, int version, bool wolfssl, int expected)
{
	json_t *index = pki_index();
	json_t *client = pki_case(index, "clients", client_name);
	struct awh_error error = {0};
	struct awh_tls_context *context = make_context(AWH_TLS_AUTH_REQUIRE, "ecdsa", "ca/good.crt",
						       "ca/scanner.crt", &allowed, &error);
	int status = 1;

	assert_non_null(context);
	count_wolfssl = wolfssl;
	for (failing = 1; failing < 100000; failing++) {
		counted = 0;
		status = run_handshake(context, client, version);
		if (counted < failing)
			break;
		assert_true(status <= 0);
		if (expected < 0)
			assert_true(status < 0);
	}
	assert_int_equal(status, expected);
	failing = 0;
	awh_tls_context_unref(context);
	json_decref(index);
}

static void survives_its_own_failures_in_a_handshake(void **state)
{
	(void)state;
	pair_allow_names(&allowed, NULL);
	sweep("good", 13, false, 0);
	sweep("alternative-names", 12, false, 0);
	sweep("two-intermediates", 13, false, 0);
	sweep("cn-unlisted", 13, false, ADMWH_E_REFUSED);
	sweep("rogue", 13, false, ADMWH_E_UNTRUSTED);
	pair_rules_deinit(&allowed);
}

static void survives_the_failures_of_wolfssl_in_a_handshake(void **state)
{
	(void)state;
	pair_allow_names(&allowed, NULL);
	sweep("good", 13, true, 0);
	sweep("rogue", 13, true, ADMWH_E_UNTRUSTED);
	sweep("ca-clone-as-leaf", 12, true, ADMWH_E_UNTRUSTED);
	pair_rules_deinit(&allowed);
}

static void sweep_context(bool wolfssl)
{
	struct awh_tls_context *context = NULL;
	struct context_files files;

	files_load(&files, AWH_TLS_AUTH_REQUIRE, "ecdsa", "ca/good.crt", "ca/scanner.crt",
		   &allowed);
	count_wolfssl = wolfssl;
	for (failing = 1; failing < 100000 && !context; failing++) {
		struct awh_error error = {0};

		counted = 0;
		armed = true;
		context = awh_tls_context_new(&files.params, &error);
		armed = false;
		assert_int_equal(context == NULL, error.code != 0);
		/* A failure that wolfSSL hides must not have cost a CA. */
		if (context)
			assert_int_equal(context->trust.n, 2);
		if (context && counted >= failing) {
			awh_tls_context_unref(context);
			context = NULL;
		}
	}
	assert_non_null(context);
	failing = 0;
	awh_tls_context_unref(context);
	files_free(&files);
}

static void survives_failures_while_a_context_is_made(void **state)
{
	(void)state;
	sweep_context(false);
	sweep_context(true);
}

/* Denies the first certificate of a chain. */
static void deny_leaf(const char *chain)
{
	struct awh_arena arena = AWH_ARENA_NULL;
	struct pki_chain certs;
	struct awh_cert_ids ids;
	struct awh_x509 leaf;
	char line[128];

	pki_chain_load(&certs, chain);
	assert_null(awh_x509_parse(&leaf, certs.spans[0]));
	assert_int_equal(awh_cert_ids_read(&ids, &arena, &leaf), 0);
	snprintf(line, sizeof(line), "sha256:%s\n", ids.fingerprint);
	assert_int_equal(awh_denials_read(&allowed.denials, line, strlen(line), NULL), 0);
	awh_values_seal(&allowed.denials);
	allowed.rules[0].deny = &allowed.denials;
	awh_arena_deinit(&arena);
	pki_chain_deinit(&certs);
}

static void denies_a_leaf_though_memory_runs_out(void **state)
{
	(void)state;
	pair_allow_any(&allowed);
	deny_leaf("client/good.chain.crt");
	sweep("good", 13, false, ADMWH_E_REVOKED);
	pair_rules_deinit(&allowed);
}

/* A list that could not be compared is no list without that line. */
static void denies_though_memory_runs_out(void **state)
{
	json_t *index = pki_index();
	char line[128];

	(void)state;
	snprintf(
	    line, sizeof(line), "spki-sha256:%s\n",
	    pki_text(json_object_get(json_object_get(index, "denials"), "between"), "spki-sha256"));
	pair_allow_any(&allowed);
	assert_int_equal(awh_denials_read(&allowed.denials, line, strlen(line), NULL), 0);
	awh_values_seal(&allowed.denials);
	allowed.rules[0].deny = &allowed.denials;
	sweep("intermediate", 13, false, ADMWH_E_REVOKED);
	sweep("intermediate", 13, true, ADMWH_E_REVOKED);
	sweep("two-intermediates", 12, false, ADMWH_E_REVOKED);
	sweep_context(false);
	pair_rules_deinit(&allowed);
	json_decref(index);
}

static int set_up(void **state)
{
	(void)state;
	if (awh_wolfssl_start(NULL) < 0)
		return -1;
	return wolfSSL_SetAllocators(wolf_malloc, wolf_free, wolf_realloc);
}

static bool is_forgeable_without(unsigned long nth_allocation)
{
	bool is_forgeable;

	count_wolfssl = true;
	counted = 0;
	failing = nth_allocation;
	wolfSSL_ERR_clear_error();
	armed = true;
	is_forgeable = awh_wolfssl_is_forgeable();
	armed = false;
	failing = 0;
	assert_int_equal(wolfSSL_ERR_peek_last_error(), 0);
	return is_forgeable;
}

static void takes_a_wolfssl_that_cannot_be_checked_for_a_forgeable_one(void **state)
{
	(void)state;
	assert_false(is_forgeable_without(0));
	assert_true(is_forgeable_without(1));
}

static int add_without(unsigned long nth_allocation, const struct awh_x509 *ca)
{
	WOLFSSL_CERT_MANAGER *manager = wolfSSL_CertManagerNew();
	int err;

	assert_non_null(manager);
	count_wolfssl = true;
	counted = 0;
	failing = nth_allocation;
	wolfSSL_ERR_clear_error();
	armed = true;
	err = awh_manager_add(manager, ca);
	armed = false;
	failing = 0;
	wolfSSL_CertManagerFree(manager);
	assert_int_equal(wolfSSL_ERR_peek_last_error(), 0);
	return err;
}

static int make_without(unsigned long nth_allocation, const struct awh_x509 *ca)
{
	WOLFSSL_CERT_MANAGER *manager;
	int err;

	count_wolfssl = true;
	counted = 0;
	failing = nth_allocation;
	armed = true;
	err = awh_manager_new(ca, &manager);
	armed = false;
	failing = 0;
	assert_int_equal(manager == NULL, err < 0);
	wolfSSL_CertManagerFree(manager);
	return err;
}

static int trust_without(unsigned long nth_allocation)
{
	struct awh_trust trust = {0};
	size_t len;
	char *pem = pki_load("ca/good.crt", &len);
	int err;

	count_wolfssl = true;
	counted = 0;
	failing = nth_allocation;
	armed = true;
	err = awh_trust_add(&trust, &(struct awh_tls_bundle){0, "test", pem, len, false},
			    awh_clock_wall_s(), NULL);
	armed = false;
	failing = 0;
	assert_int_equal(trust.n, err == 0);
	awh_trust_deinit(&trust);
	free(pem);
	return err;
}

/* wolfSSL tells lack of memory of some of its allocations, and nothing of others. */
static void takes_no_ca_that_memory_runs_out_for(void **state)
{
	unsigned int told = 0, told_bundle = 0, made = 0;
	struct pki_chain chain;
	struct awh_x509 cert;

	(void)state;
	pki_chain_load(&chain, "ca/good.crt");
	assert_null(awh_x509_parse(&cert, chain.spans[0]));
	assert_int_equal(add_without(0, &cert), 0);
	assert_int_equal(trust_without(0), 0);
	for (unsigned long nth = 1; nth <= 8; nth++) {
		told += add_without(nth, &cert) == ADMWH_E_NOMEM;
		made += make_without(nth, &cert) == 0;
		told_bundle += trust_without(nth) == ADMWH_E_NOMEM;
	}
	assert_true(told > 0);
	assert_true(made < 8);
	assert_true(told_bundle > 0);
	pki_chain_deinit(&chain);
}

static void tells_lack_of_memory_from_a_setting_that_is_refused(void **state)
{
	static const int cases[][2] = {{MEMORY_E, ADMWH_E_NOMEM},
				       {MEMORY_ERROR, ADMWH_E_NOMEM},
				       {WOLFSSL_FAILURE, ADMWH_E_TLS},
				       {BAD_FUNC_ARG, ADMWH_E_TLS}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(awh_tls_setup_fail(NULL, "x", cases[i][0]), cases[i][1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(survives_its_own_failures_in_a_handshake),
	    cmocka_unit_test(survives_the_failures_of_wolfssl_in_a_handshake),
	    cmocka_unit_test(survives_failures_while_a_context_is_made),
	    cmocka_unit_test(denies_though_memory_runs_out),
	    cmocka_unit_test(denies_a_leaf_though_memory_runs_out),
	    cmocka_unit_test(takes_no_ca_that_memory_runs_out_for),
	    cmocka_unit_test(tells_lack_of_memory_from_a_setting_that_is_refused),
	    cmocka_unit_test(takes_a_wolfssl_that_cannot_be_checked_for_a_forgeable_one),
	};

	return cmocka_run_group_tests_name("memory", tests, set_up, NULL);
}
