/* SPDX-License-Identifier: MIT */
/*
 * Remembered paths: what they save, what they do not decide, and who can push them
 * out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pair.h"
#include "tls/path_cache.h"
#include "tls/session.h"
#include "tls/verify.h"

enum { CONTEXT = 7 };

static const int64_t now = 1767225600; /* 2026-01-01 */
static struct pair_rules allowed;

static void number_id(uint8_t id[AWH_PATH_ID], unsigned int number)
{
	memset(id, 0, AWH_PATH_ID);
	memcpy(id + AWH_PATH_ID - sizeof(number), &number, sizeof(number));
}

static bool has(struct awh_path_cache *cache, uint64_t context, unsigned int number)
{
	uint8_t id[AWH_PATH_ID];

	number_id(id, number);
	return awh_path_cache_has(cache, context, id);
}

static void add(struct awh_path_cache *cache, uint64_t context, unsigned int number)
{
	uint8_t id[AWH_PATH_ID];

	number_id(id, number);
	awh_path_cache_add(cache, context, id);
}

static void forgets_what_was_used_least_recently(void **state)
{
	struct awh_path_cache *cache = awh_path_cache_new();

	(void)state;
	assert_non_null(cache);
	for (unsigned int i = 0; i < AWH_PATH_CACHE_MAX; i++)
		add(cache, CONTEXT, i);
	for (unsigned int i = 0; i < AWH_PATH_CACHE_MAX; i++)
		assert_true(has(cache, CONTEXT, i));
	add(cache, CONTEXT, 0); /* used again: 1 is the oldest now */
	add(cache, CONTEXT, AWH_PATH_CACHE_MAX);
	assert_true(has(cache, CONTEXT, 0));
	assert_false(has(cache, CONTEXT, 1));
	assert_true(has(cache, CONTEXT, 2));
	/* To be asked for is no use: anyone can send a chain that is public. */
	for (int i = 0; i < 1000; i++)
		assert_true(has(cache, CONTEXT, 2));
	add(cache, CONTEXT, AWH_PATH_CACHE_MAX + 1);
	assert_false(has(cache, CONTEXT, 2));
	awh_path_cache_free(cache);
}

static void serves_one_context(void **state)
{
	struct awh_path_cache *cache = awh_path_cache_new();

	(void)state;
	assert_non_null(cache);
	assert_false(has(cache, 0, 0)); /* nothing is in an empty one */
	add(cache, CONTEXT, 1);
	assert_true(has(cache, CONTEXT, 1));
	assert_false(has(cache, CONTEXT - 1, 1));
	assert_false(has(cache, CONTEXT + 1, 1));
	add(cache, CONTEXT - 1, 2); /* of a handshake that began before a reload */
	assert_true(has(cache, CONTEXT, 1));
	assert_false(has(cache, CONTEXT, 2));
	add(cache, CONTEXT + 1, 3);
	assert_false(has(cache, CONTEXT + 1, 1));
	assert_false(has(cache, CONTEXT, 1));
	assert_true(has(cache, CONTEXT + 1, 3));
	awh_path_cache_free(cache);
	awh_path_cache_add(NULL, CONTEXT, (const uint8_t[AWH_PATH_ID]){0});
	assert_false(has(NULL, CONTEXT, 0));
}

/* verify.h */

struct chain {
	struct pki_chain pki;
	struct awh_x509 certs[AWH_CHAIN_MAX];
};

static void chain_load(struct chain *chain, const char *client)
{
	char file[128];

	snprintf(file, sizeof(file), "client/%s.chain.crt", client);
	pki_chain_load(&chain->pki, file);
	for (size_t i = 0; i < chain->pki.n; i++)
		assert_null(awh_x509_parse(&chain->certs[i], chain->pki.spans[i]));
}

static void trust_file(struct awh_trust *trust, const char *file, int64_t when)
{
	size_t len;
	char *pem = pki_load(file, &len);

	*trust = (struct awh_trust){0};
	assert_int_equal(
	    awh_trust_add(trust, &(struct awh_tls_bundle){0, "test", pem, len, false}, when, NULL),
	    0);
	free(pem);
}

static void verify(const struct awh_trust *trust, const struct chain *chain, int64_t when,
		   struct awh_path_cache *cache, struct awh_finding *finding)
{
	const struct awh_verify_params params = {.now = when, .cache = cache, .context = CONTEXT};

	assert_int_equal(awh_verify(trust, chain->certs, chain->pki.n, &params, finding), 0);
}

static void knows_a_path_by_its_certificates_and_not_by_the_list_that_is_sent(void **state)
{
	static const struct {
		const char *client;
		unsigned int checks;
	} cases[] = {
	    {"intermediate", 0},
	    {"two-intermediates", 3}, /* another leaf: nothing of its path is known */
	    {"good", 1},
	};
	struct awh_path_cache *cache = awh_path_cache_new();
	struct awh_finding first, finding;
	struct awh_trust trust;
	struct chain chain;

	(void)state;
	assert_non_null(cache);
	trust_file(&trust, "ca/good.crt", now);
	chain_load(&chain, "intermediate");
	verify(&trust, &chain, now, cache, &first);
	assert_int_equal(first.checks, 2);
	verify(&trust, &chain, now, cache, &finding);
	assert_int_equal(finding.checks, 2); /* verified, and not yet entered */
	assert_memory_equal(finding.path, first.path, AWH_PATH_ID);
	awh_path_cache_add(cache, CONTEXT, first.path);
	/* The same path in a longer list. */
	chain.certs[2] = chain.certs[1];
	chain.pki.n = 3;
	verify(&trust, &chain, now, cache, &finding);
	assert_int_equal(finding.proof, AWH_PROOF_VERIFIED);
	assert_int_equal(finding.checks, 0);
	assert_int_equal(finding.n_issuers, 2);
	chain.pki.n = 2;
	pki_chain_deinit(&chain.pki);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		chain_load(&chain, cases[i].client);
		verify(&trust, &chain, now, cache, &finding);
		assert_int_equal(finding.proof, AWH_PROOF_VERIFIED);
		assert_int_equal(finding.checks, cases[i].checks);
		pki_chain_deinit(&chain.pki);
	}
	awh_trust_deinit(&trust);
	awh_path_cache_free(cache);
}

/* Any byte of any certificate of it makes another path. */
static void takes_no_path_for_another(void **state)
{
	struct awh_path_cache *cache = awh_path_cache_new();
	struct awh_finding finding;
	struct awh_trust trust;
	struct chain chain;

	(void)state;
	assert_non_null(cache);
	trust_file(&trust, "ca/good.crt", now);
	chain_load(&chain, "intermediate");
	verify(&trust, &chain, now, cache, &finding);
	awh_path_cache_add(cache, CONTEXT, finding.path);
	for (size_t i = 0; i < 2; i++) {
		char *last = chain.pki.der[i].data + chain.pki.der[i].len - 1;

		*last ^= 1; /* of the signature */
		verify(&trust, &chain, now, cache, &finding);
		assert_int_equal(finding.proof, AWH_PROOF_UNTRUSTED);
		assert_int_not_equal(finding.checks, 0);
		*last ^= 1;
	}
	verify(&trust, &chain, now, cache, &finding);
	assert_int_equal(finding.checks, 0);
	awh_trust_deinit(&trust);
	/* Nor the same chain under another certificate of the same CA. */
	trust_file(&trust, "ca/renewed.crt", now);
	verify(&trust, &chain, now, cache, &finding);
	assert_int_equal(finding.proof, AWH_PROOF_VERIFIED);
	assert_int_equal(finding.checks, 0);
	trust.anchors[0].sha256[0] ^= 1;
	verify(&trust, &chain, now, cache, &finding);
	assert_int_equal(finding.checks, 2);
	pki_chain_deinit(&chain.pki);
	awh_trust_deinit(&trust);
	awh_path_cache_free(cache);
}

/* The clock is set back and forth: dates are looked at each time, the trusted CA's too. */
static void remembers_no_dates(void **state)
{
	static const struct {
		int64_t when;
		enum awh_proof proof;
		unsigned int checks;
	} cases[] = {
	    {2200000000, AWH_PROOF_VERIFIED, 1}, {2200000000, AWH_PROOF_VERIFIED, 0},
	    {2208988800, AWH_PROOF_VERIFIED, 0}, {2208988801, AWH_PROOF_EXPIRED, 0}, /* the CA */
	    {2200000000, AWH_PROOF_VERIFIED, 0}, {1577836799, AWH_PROOF_EXPIRED, 0},
	    {2524608000, AWH_PROOF_EXPIRED, 0}, /* the leaf */
	    {2200000000, AWH_PROOF_VERIFIED, 0},
	};
	struct awh_path_cache *cache = awh_path_cache_new();
	struct awh_trust trust;
	struct chain chain;

	(void)state;
	assert_non_null(cache);
	trust_file(&trust, "ca/until-2040.crt", now);
	chain_load(&chain, "good");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_finding finding;

		verify(&trust, &chain, cases[i].when, cache, &finding);
		assert_int_equal(finding.proof, cases[i].proof);
		assert_int_equal(finding.checks, cases[i].checks);
		if (finding.proof == AWH_PROOF_VERIFIED) {
			assert_int_equal(finding.valid_until, 2208988800);
			awh_path_cache_add(cache, CONTEXT, finding.path);
		}
	}
	pki_chain_deinit(&chain.pki);
	awh_trust_deinit(&trust);
	awh_path_cache_free(cache);
}

/* Whichever of the path that is. */
static void is_valid_until_the_first_of_the_path_expires(void **state)
{
	struct awh_finding finding;
	struct awh_trust trust;
	struct chain chain;

	(void)state;
	trust_file(&trust, "ca/good.crt", now);
	chain_load(&chain, "intermediate");
	assert_int_equal(chain.pki.n, 2);
	for (size_t i = 0; i < 2; i++) {
		const int64_t not_after = chain.certs[i].not_after;

		chain.certs[i].not_after = now + 7;
		verify(&trust, &chain, now, NULL, &finding);
		assert_int_equal(finding.proof, AWH_PROOF_VERIFIED);
		assert_int_equal(finding.valid_until, now + 7);
		chain.certs[i].not_after = not_after;
	}
	pki_chain_deinit(&chain.pki);
	awh_trust_deinit(&trust);
}

/* sessions */

static void begin(struct pair *pair, struct awh_tls_context *context, struct awh_path_cache *cache,
		  const json_t *client, int version)
{
	pair_open_with(pair, context, cache,
		       version == 13 ? wolfTLSv1_3_client_method() : wolfTLSv1_2_client_method());
	assert_true(pair_use_certificate(pair, pki_text(client, "chain"), pki_text(client, "key")));
	pair_handshake(pair);
}

/* A handshake of a client that is then remembered where that is possible; signatures computed. */
static unsigned int connect_as(struct awh_tls_context *context, struct awh_path_cache *cache,
			       const json_t *index, const char *name, int expected)
{
	struct pair pair;
	unsigned int checks;

	begin(&pair, context, cache, pki_case(index, "clients", name), 13);
	assert_int_equal(pair.status, expected);
	awh_tls_remember_path(pair.server);
	checks = pair.server->checks;
	pair_close(&pair);
	return checks;
}

static struct awh_tls_context *context_for(const char *ca)
{
	struct awh_tls_context *context =
	    make_context(AWH_TLS_AUTH_REQUIRE, "ecdsa", ca, NULL, &allowed, NULL);

	assert_non_null(context);
	return context;
}

static void saves_the_second_verification_of_a_client_that_connects_again(void **state)
{
	static const char *const clients[] = {"good", "intermediate", "two-intermediates"};
	struct awh_path_cache *cache = awh_path_cache_new();
	struct awh_tls_context *context;
	json_t *index = pki_index();

	(void)state;
	assert_non_null(cache);
	pair_allow_any(&allowed);
	context = context_for("ca/good.crt");
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(connect_as(context, cache, index, clients[i], 0), i + 1);
		for (int again = 0; again < 3; again++)
			assert_int_equal(connect_as(context, cache, index, clients[i], 0), 0);
	}
	awh_tls_context_unref(context);
	json_decref(index);
	awh_path_cache_free(cache);
}

static void enters_nothing_before_the_handshake_is_done(void **state)
{
	struct awh_path_cache *cache = awh_path_cache_new();
	struct awh_tls_context *context;
	json_t *index = pki_index();
	struct pair pair;

	(void)state;
	assert_non_null(cache);
	pair_allow_any(&allowed);
	context = context_for("ca/good.crt");
	/* The chain of an allowed client is public: it verifies, and another key proves nothing. */
	for (int version = 12; version <= 13; version++) {
		pair_open_with(&pair, context, cache,
			       version == 13 ? wolfTLSv1_3_client_method()
					     : wolfTLSv1_2_client_method());
		assert_true(
		    pair_use_certificate(&pair, "client/good.chain.crt", "keys/between.key"));
		pair_handshake(&pair);
		assert_true(pair.status < 0);
		assert_int_equal(pair.server->checks, 1);
		assert_int_equal(awh_tls_peer(pair.server)->proof, AWH_PROOF_UNPROVED);
		awh_tls_remember_path(pair.server);
		pair_close(&pair);
	}
	assert_int_equal(connect_as(context, cache, index, "good", 0), 1);
	awh_tls_context_unref(context);
	json_decref(index);
	awh_path_cache_free(cache);
}

static void loses_nothing_to_clients_that_are_not_allowed(void **state)
{
	struct awh_path_cache *cache = awh_path_cache_new();
	struct awh_tls_context *context;
	json_t *index = pki_index();
	size_t i, refused = 0;
	json_t *client;

	(void)state;
	assert_non_null(cache);
	pair_allow_names(&allowed, NULL);
	context = context_for("ca/good.crt");
	assert_int_equal(connect_as(context, cache, index, "good", 0), 1);
	json_array_foreach(json_object_get(index, "clients"), i, client) {
		struct pair pair;

		if (strcmp(pki_text(client, "names"), "allow") == 0 ||
		    strstr(pki_text(client, "case"), "rsa") ||
		    strstr(pki_text(client, "case"), "ca-clone"))
			continue;
		pair_open_with(&pair, context, cache, wolfTLSv1_3_client_method());
		if (pair_use_certificate(&pair, pki_text(client, "chain"),
					 pki_text(client, "key"))) {
			pair_handshake(&pair);
			assert_true(pair.status < 0);
			awh_tls_remember_path(pair.server);
			refused++;
		}
		pair_close(&pair);
	}
	assert_true(refused > 64);
	assert_int_equal(connect_as(context, cache, index, "good", 0), 0);
	awh_tls_context_unref(context);
	pair_rules_deinit(&allowed);
	json_decref(index);
	awh_path_cache_free(cache);
}

/* Rules, deny lists and CAs may be others by now. */
static void verifies_again_under_a_new_snapshot(void **state)
{
	struct awh_path_cache *cache = awh_path_cache_new();
	struct awh_tls_context *first, *second, *denying;
	json_t *index = pki_index();
	char line[128];

	(void)state;
	assert_non_null(cache);
	pair_allow_any(&allowed);
	first = context_for("ca/good.crt");
	second = context_for("ca/good.crt");
	assert_int_equal(connect_as(first, cache, index, "intermediate", 0), 2);
	assert_int_equal(connect_as(first, cache, index, "intermediate", 0), 0);
	assert_int_equal(connect_as(second, cache, index, "intermediate", 0), 2);
	assert_int_equal(connect_as(second, cache, index, "intermediate", 0), 0);
	/* What began under the older one neither finds nor disturbs the newer one's. */
	assert_int_equal(connect_as(first, cache, index, "intermediate", 0), 2);
	assert_int_equal(connect_as(second, cache, index, "intermediate", 0), 0);
	snprintf(line, sizeof(line), "serial:%s\n",
		 pki_text(json_object_get(json_object_get(index, "denials"), "between"), "serial"));
	assert_int_equal(awh_denials_read(&allowed.denials, line, strlen(line), NULL), 0);
	awh_values_seal(&allowed.denials);
	/* Even where a list would change under a context, a path is no verdict. */
	allowed.rules[0].deny = &allowed.denials;
	connect_as(second, cache, index, "intermediate", ADMWH_E_REVOKED);
	denying = context_for("ca/good.crt");
	connect_as(denying, cache, index, "intermediate", ADMWH_E_REVOKED);
	allowed.rules[0].deny = NULL;
	assert_int_equal(connect_as(second, cache, index, "intermediate", 0), 0);
	awh_tls_context_unref(first);
	awh_tls_context_unref(second);
	awh_tls_context_unref(denying);
	pair_rules_deinit(&allowed);
	json_decref(index);
	awh_path_cache_free(cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(forgets_what_was_used_least_recently),
	    cmocka_unit_test(serves_one_context),
	    cmocka_unit_test(knows_a_path_by_its_certificates_and_not_by_the_list_that_is_sent),
	    cmocka_unit_test(takes_no_path_for_another),
	    cmocka_unit_test(remembers_no_dates),
	    cmocka_unit_test(is_valid_until_the_first_of_the_path_expires),
	    cmocka_unit_test(saves_the_second_verification_of_a_client_that_connects_again),
	    cmocka_unit_test(enters_nothing_before_the_handshake_is_done),
	    cmocka_unit_test(loses_nothing_to_clients_that_are_not_allowed),
	    cmocka_unit_test(verifies_again_under_a_new_snapshot),
	};

	return cmocka_run_group_tests_name("path_cache", tests, start_wolfssl, NULL);
}
