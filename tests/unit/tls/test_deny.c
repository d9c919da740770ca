/* SPDX-License-Identifier: MIT */
/*
 * Deny lists against every certificate of a path: whatever a client sends of it,
 * and whether its issuer is an intermediate or a trusted CA of the bundle.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pair.h"

static struct pair_rules allowed;

/* A list of "kind label" lines: the certificates are those of the index. */
static void deny(const json_t *index, const char *const *lines)
{
	char text[1024] = "";

	for (size_t i = 0; i < 2 && lines[i]; i++) {
		const char *space = strchr(lines[i], ' ');
		char kind[16] = "";
		size_t used = strlen(text);

		memcpy(kind, lines[i], (size_t)(space - lines[i]));
		snprintf(
		    text + used, sizeof(text) - used, "%s:%s\n", kind,
		    pki_text(json_object_get(json_object_get(index, "denials"), space + 1), kind));
	}
	assert_int_equal(awh_denials_read(&allowed.denials, text, strlen(text), NULL), 0);
	awh_values_seal(&allowed.denials);
	allowed.rules[0].deny = &allowed.denials;
}

/* The status of a client's handshake. */
static int present(struct awh_tls_context *context, const json_t *index, const char *name)
{
	json_t *client = pki_case(index, "clients", name);
	struct pair pair;
	int status;

	pair_open(&pair, context, wolfTLSv1_3_client_method());
	assert_true(
	    pair_use_certificate(&pair, pki_text(client, "chain"), pki_text(client, "key")));
	pair_handshake(&pair);
	status = pair.status;
	if (status == 0)
		assert_int_equal(awh_tls_peer(pair.server)->proof, AWH_PROOF_VERIFIED);
	pair_close(&pair);
	return status;
}

static const struct {
	const char *ca, *lines[2], *client;
	int status;
} cases[] = {
    /* A certificate: the paths through it end. */
    {"good", {"serial between"}, "intermediate", ADMWH_E_REVOKED},
    {"good", {"sha256 between"}, "intermediate", ADMWH_E_REVOKED},
    {"good", {"serial good"}, "good", ADMWH_E_REVOKED},
    {"good", {"sha256 good"}, "good", ADMWH_E_REVOKED},
    {"good", {"serial good"}, "intermediate", ADMWH_E_REVOKED},
    {"good", {"serial good"}, "intermediate-and-root", ADMWH_E_REVOKED},
    {"and-between", {"serial between"}, "intermediate", ADMWH_E_REVOKED},
    {"and-between", {"sha256 between"}, "intermediate", ADMWH_E_REVOKED},
    {"and-between", {"serial between"}, "intermediate-missing", ADMWH_E_REVOKED},
    {"and-between", {"sha256 between"}, "intermediate-missing", ADMWH_E_REVOKED},
    {"and-between", {"serial between"}, "two-intermediates", ADMWH_E_REVOKED},
    {"and-between", {"serial between"}, "good", 0},
    {"and-between", {"serial good"}, "intermediate-missing", 0},
    {"between", {"serial between"}, "intermediate-missing", ADMWH_E_REVOKED},
    {"good", {"serial between"}, "intermediate-reissued", 0},
    {"good", {"serial between"}, "intermediate-twice", 0},
    {"good", {"serial again"}, "intermediate-twice", 0},
    {"good", {"serial between", "serial again"}, "intermediate-twice", ADMWH_E_REVOKED},
    {"crossed", {"serial good"}, "intermediate-crossed", 0},
    {"crossed", {"serial other"}, "intermediate-crossed", 0},
    {"crossed", {"sha256 crossed"}, "intermediate-crossed", 0},
    {"crossed", {"serial good", "sha256 crossed"}, "intermediate-crossed", ADMWH_E_REVOKED},
    {"crossed", {"serial good", "serial other"}, "intermediate-crossed", ADMWH_E_REVOKED},
    {"renewed", {"serial good"}, "good", 0},
    {"renewed", {"serial good", "serial renewed"}, "good", ADMWH_E_REVOKED},
    /* A key: all paths end. */
    {"good", {"spki-sha256 between"}, "intermediate", ADMWH_E_REVOKED},
    {"good", {"spki-sha256 between"}, "intermediate-reissued", ADMWH_E_REVOKED},
    {"good", {"spki-sha256 between"}, "intermediate-twice", ADMWH_E_REVOKED},
    {"good", {"spki-sha256 between"}, "two-intermediates", ADMWH_E_REVOKED},
    {"good", {"spki-sha256 between"}, "good", 0},
    {"good", {"spki-sha256 good"}, "good", ADMWH_E_REVOKED},
    {"good", {"spki-sha256 good"}, "intermediate", ADMWH_E_REVOKED},
    {"and-between", {"spki-sha256 between"}, "intermediate-missing", ADMWH_E_REVOKED},
    {"and-between", {"spki-sha256 good"}, "intermediate", ADMWH_E_REVOKED},
    {"and-between", {"spki-sha256 good"}, "intermediate-missing", ADMWH_E_REVOKED},
    {"between", {"spki-sha256 good"}, "intermediate-missing", 0},
    {"crossed", {"spki-sha256 good"}, "intermediate-crossed", ADMWH_E_REVOKED},
    {"crossed", {"spki-sha256 other"}, "intermediate-crossed", ADMWH_E_REVOKED},
    {"crossed", {"spki-sha256 other"}, "intermediate", 0},
    {"renewed", {"spki-sha256 good"}, "good", ADMWH_E_REVOKED},
    /* Of two CAs of one name it is the one that signed. */
    {"rollover", {"spki-sha256 good"}, "good", ADMWH_E_REVOKED},
    {"rollover", {"spki-sha256 good"}, "rollover-new-key", 0},
    /* What no path has. */
    {"good", {"serial other", "sha256 crossed"}, "intermediate", 0},
    {"good", {"spki-sha256 other"}, "good-with-another", 0},
    {"good", {"serial good"}, "rogue", ADMWH_E_UNTRUSTED},
};

static void denies_what_a_list_names_however_it_is_presented(void **state)
{
	json_t *index = pki_index();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_error error = {0};
		struct awh_tls_context *context;
		char ca[64];
		int status;

		pair_allow_any(&allowed);
		deny(index, cases[i].lines);
		snprintf(ca, sizeof(ca), "ca/%s.crt", cases[i].ca);
		context = make_context(AWH_TLS_AUTH_REQUIRE, "ecdsa", ca, NULL, &allowed, &error);
		assert_non_null(context);
		status = present(context, index, cases[i].client);
		if (status != cases[i].status)
			fail_msg("CA %s, %s, client %s: %d", cases[i].ca, cases[i].lines[0],
				 cases[i].client, status);
		awh_tls_context_unref(context);
		pair_rules_deinit(&allowed);
	}
	json_decref(index);
}

/* A connection of an earlier context: what a new list denies is no longer trusted. */
static void tells_whether_the_ca_of_an_open_connection_is_denied(void **state)
{
	static const struct {
		const char *ca, *lines[2];
		int err;
	} now[] = {
	    {"good", {"serial between"}, 0}, /* which the rules are asked about */
	    {"good", {"serial good"}, ADMWH_E_REVOKED},
	    {"good", {"spki-sha256 good"}, ADMWH_E_REVOKED},
	    {"renewed", {"serial good"}, 0},
	    {"scanner", {"serial good"}, ADMWH_E_UNTRUSTED},
	};
	json_t *index = pki_index();
	json_t *client = pki_case(index, "clients", "good");
	struct awh_tls_context *context;
	struct pair pair;

	(void)state;
	pair_allow_any(&allowed);
	context = make_context(AWH_TLS_AUTH_REQUIRE, "ecdsa", "ca/good.crt", NULL, &allowed, NULL);
	pair_open(&pair, context, wolfTLSv1_3_client_method());
	assert_true(
	    pair_use_certificate(&pair, pki_text(client, "chain"), pki_text(client, "key")));
	pair_handshake(&pair);
	assert_int_equal(pair.status, 0);
	for (size_t i = 0; i < sizeof(now) / sizeof(*now); i++) {
		struct awh_tls_context *fresh;
		char ca[64];

		pair_allow_any(&allowed);
		deny(index, now[i].lines);
		snprintf(ca, sizeof(ca), "ca/%s.crt", now[i].ca);
		fresh = make_context(AWH_TLS_AUTH_REQUIRE, "ecdsa", ca, NULL, &allowed, NULL);
		assert_non_null(fresh);
		assert_int_equal(awh_tls_context_trusts(fresh, awh_tls_peer(pair.server)),
				 now[i].err);
		awh_tls_context_unref(fresh);
		pair_rules_deinit(&allowed);
	}
	pair_close(&pair);
	awh_tls_context_unref(context);
	json_decref(index);
}

/* For the log and for /configz. */
static void shows_the_line_that_denies_a_ca(void **state)
{
	static const char *const lines[2] = {"spki-sha256 good"};
	json_t *index = pki_index();
	struct awh_tls_context *context;
	struct awh_tls_ca ca;

	(void)state;
	pair_allow_any(&allowed);
	deny(index, lines);
	context = make_context(AWH_TLS_AUTH_REQUIRE, "ecdsa", "ca/and-between.crt",
			       "ca/scanner.crt", &allowed, NULL);
	assert_non_null(context);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(awh_tls_context_ca(context, i, &ca), 0);
		if (i < 2)
			assert_ptr_equal(ca.denial, allowed.denials.items);
		else
			assert_null(ca.denial);
		awh_buf_deinit(&ca.subject);
	}
	assert_int_equal(awh_tls_context_ca(context, 3, &ca), ADMWH_E_NOT_FOUND);
	awh_tls_context_unref(context);
	pair_rules_deinit(&allowed);
	json_decref(index);
}

/* A list of one bundle says nothing of a CA that another one trusts for itself. */
static void denies_nothing_of_another_bundle(void **state)
{
	static const char *const lines[] = {"spki-sha256 good", NULL};
	json_t *index = pki_index();
	struct awh_error error = {0};
	struct awh_tls_context *context;

	(void)state;
	pair_allow_any(&allowed);
	deny(index, lines);
	context = make_context(AWH_TLS_AUTH_REQUIRE, "ecdsa", "ca/good.crt", "ca/between.crt",
			       &allowed, &error);
	assert_non_null(context);
	assert_int_equal(present(context, index, "intermediate-missing"), 0);
	assert_int_equal(present(context, index, "good"), ADMWH_E_REVOKED);
	for (size_t i = 0; i < 2; i++) {
		struct awh_tls_ca ca;

		assert_int_equal(awh_tls_context_ca(context, i, &ca), 0);
		assert_int_equal(ca.bundle, i);
		assert_int_equal(ca.denial != NULL, i == 0);
		awh_buf_deinit(&ca.subject);
	}
	awh_tls_context_unref(context);
	pair_rules_deinit(&allowed);
	json_decref(index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(denies_what_a_list_names_however_it_is_presented),
	    cmocka_unit_test(denies_nothing_of_another_bundle),
	    cmocka_unit_test(tells_whether_the_ca_of_an_open_connection_is_denied),
	    cmocka_unit_test(shows_the_line_that_denies_a_ca),
	};

	return cmocka_run_group_tests_name("deny", tests, NULL, NULL);
}
