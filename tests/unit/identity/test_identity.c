/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "identity/identity.h"

#define CN64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const char *const api_cns[] = {"kube-apiserver", CN64};
static const char *const scanner_cns[] = {"audit-scanner"};
static const struct awh_rules rules[] = {
    {.bundle = "apiserver", .cns = api_cns, .n_cns = 2, .cn_length = 64},
    {.bundle = "scanner", .cns = scanner_cns, .n_cns = 1, .cn_length = 64},
    {.bundle = "anyone", .any_name = true, .cn_length = 64},
    {.bundle = "nobody", .cn_length = 64},
    {.bundle = "short", .cns = api_cns, .n_cns = 2, .cn_length = 5},
};

enum { API, SCANNER, ANYONE, NOBODY, SHORT, N_RULES };

static struct awh_peer *verified(const char *cn, size_t bundle)
{
	struct awh_peer *peer = awh_peer_new();

	assert_non_null(peer);
	peer->proof = AWH_PROOF_VERIFIED;
	peer->bundle = bundle;
	peer->cn_form = cn ? AWH_CN_ONE : AWH_CN_ABSENT;
	if (cn)
		peer->facts.common_name = awh_arena_strndup(&peer->arena, cn, strlen(cn));
	peer->facts.subject = "CN=x";
	return peer;
}

static void refuses_who_is_not_verified(void **state)
{
	static const struct {
		enum awh_proof proof;
		int code;
	} cases[] = {
	    {AWH_PROOF_NONE, ADMWH_E_NO_CERTIFICATE}, {AWH_PROOF_UNTRUSTED, ADMWH_E_UNTRUSTED},
	    {AWH_PROOF_EXPIRED, ADMWH_E_UNTRUSTED},   {AWH_PROOF_USAGE, ADMWH_E_UNTRUSTED},
	    {AWH_PROOF_UNFIT, ADMWH_E_UNTRUSTED},     {(enum awh_proof)99, ADMWH_E_UNTRUSTED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		/* With a listed CN, and in the bundle that takes any. */
		for (size_t bundle = API; bundle <= ANYONE; bundle++) {
			struct awh_peer *peer = verified("kube-apiserver", bundle);
			struct awh_error error = {0};

			peer->proof = cases[i].proof;
			assert_int_equal(awh_identify(peer, rules, N_RULES, &error), cases[i].code);
			assert_int_equal(error.code, cases[i].code);
			assert_true(error.text[0] != '\0');
			assert_null(peer->facts.bundle);
			assert_null(peer->facts.rule);
			awh_peer_unref(peer);
		}
	}
}

static void refuses_a_bundle_that_has_no_rules(void **state)
{
	struct awh_peer *peer = verified("kube-apiserver", N_RULES);
	struct awh_error error = {0};

	(void)state;
	assert_int_equal(awh_identify(peer, rules, N_RULES, &error), ADMWH_E_UNTRUSTED);
	assert_int_equal(awh_identify(peer, NULL, 0, &error), ADMWH_E_UNTRUSTED);
	awh_peer_unref(peer);
}

static void refuses_names_that_are_not_listed_byte_for_byte(void **state)
{
	static const struct {
		const char *cn;
		size_t bundle;
	} cases[] = {
	    {"kube-apiserve", API},
	    {"kube-apiserverx", API},
	    {"Kube-apiserver", API},
	    {"kube-apiserver ", API},
	    {"", API},
	    {CN64 "a", API},
	    {"audit-scanner", API},
	    {"kube-apiserver", SCANNER},
	    {"kube-apiserver", NOBODY},
	    {"kube-apiserver", SHORT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_peer *peer = verified(cases[i].cn, cases[i].bundle);
		struct awh_error error = {0};

		assert_int_equal(awh_identify(peer, rules, N_RULES, &error), ADMWH_E_REFUSED);
		assert_non_null(strstr(error.text, rules[cases[i].bundle].bundle));
		assert_null(peer->facts.rule);
		awh_peer_unref(peer);
	}
}

static void refuses_every_form_but_one_cn(void **state)
{
	static const enum awh_cn_form forms[] = {AWH_CN_ABSENT, AWH_CN_SEVERAL, AWH_CN_UNFIT};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct awh_peer *peer = verified("kube-apiserver", API);
		struct awh_error error = {0};

		peer->cn_form = forms[i]; /* even if someone had filled in a name */
		assert_int_equal(awh_identify(peer, rules, N_RULES, &error), ADMWH_E_REFUSED);
		assert_non_null(strstr(error.text, "CN"));
		peer->bundle = ANYONE;
		assert_int_equal(awh_identify(peer, rules, N_RULES, &error), 0);
		assert_string_equal(peer->facts.rule, "any-name");
		awh_peer_unref(peer);
	}
}

static void lets_in_a_listed_cn_and_names_the_rule(void **state)
{
	struct awh_peer *peer = verified("kube-apiserver", API);
	struct awh_error error = {0};

	(void)state;
	assert_int_equal(awh_identify(peer, rules, N_RULES, &error), 0);
	assert_string_equal(peer->facts.bundle, "apiserver");
	assert_string_equal(peer->facts.rule, "cn:kube-apiserver");
	awh_peer_unref(peer);
	peer = verified(CN64, API);
	assert_int_equal(awh_identify(peer, rules, N_RULES, &error), 0);
	awh_peer_unref(peer);
}

static void says_what_was_presented(void **state)
{
	struct awh_peer *peer = verified("kube-scheduler", API);
	struct awh_error error = {0};

	(void)state;
	awh_identify(peer, rules, N_RULES, &error);
	assert_string_equal(error.text, "bundle apiserver: CN \"kube-scheduler\" is not allowed");
	awh_peer_unref(peer);
}

static void passes_on_why_a_chain_was_not_trusted(void **state)
{
	struct awh_peer *peer = verified("kube-apiserver", API);
	struct awh_error error = {0};

	(void)state;
	peer->proof = AWH_PROOF_EXPIRED;
	snprintf(peer->reason, sizeof(peer->reason), "client certificate has expired");
	awh_identify(peer, rules, N_RULES, &error);
	assert_string_equal(error.text, "client certificate has expired");
	awh_peer_unref(peer);
}

static void refuses_rules_no_certificate_could_meet(void **state)
{
	static const char *const cns[] = {NULL,    "",         CN64 "a", "a\nb",        "a\x7f",
					  "a\xff", "\xc2\x85", "a\tb",   "\xed\xa0\x80"};
	struct awh_error error;

	(void)state;
	for (size_t i = 0; i < sizeof(cns) / sizeof(*cns); i++) {
		error = (struct awh_error){0};
		assert_int_equal(awh_rule_check_cn(cns[i], 64, &error), ADMWH_E_INVAL);
		assert_true(error.text[0] != '\0');
	}
	assert_int_equal(awh_rule_check_cn(CN64, 64, &error), 0);
	assert_int_equal(awh_rule_check_cn("k\xc3\xbc"
					   "be",
					   64, &error),
			 0);
	assert_int_equal(awh_rule_check_cn("ab", 1, &error), ADMWH_E_INVAL);
}

static void lives_as_long_as_its_last_reference(void **state)
{
	struct awh_peer *peer = awh_peer_new();

	(void)state;
	assert_int_equal(peer->proof, AWH_PROOF_NONE);
	assert_ptr_equal(awh_peer_ref(peer), peer);
	awh_peer_unref(peer);
	assert_int_equal(peer->references, 1);
	awh_peer_unref(peer);
	awh_peer_unref(NULL);
}

static void has_one_word_for_each_proof(void **state)
{
	(void)state;
	for (int proof = AWH_PROOF_NONE; proof <= AWH_PROOF_UNFIT; proof++) {
		assert_null(strchr(awh_proof_name((enum awh_proof)proof), ' '));
		assert_string_not_equal(awh_proof_name((enum awh_proof)proof), "unknown");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_who_is_not_verified),
	    cmocka_unit_test(refuses_a_bundle_that_has_no_rules),
	    cmocka_unit_test(refuses_names_that_are_not_listed_byte_for_byte),
	    cmocka_unit_test(refuses_every_form_but_one_cn),
	    cmocka_unit_test(lets_in_a_listed_cn_and_names_the_rule),
	    cmocka_unit_test(says_what_was_presented),
	    cmocka_unit_test(passes_on_why_a_chain_was_not_trusted),
	    cmocka_unit_test(refuses_rules_no_certificate_could_meet),
	    cmocka_unit_test(lives_as_long_as_its_last_reference),
	    cmocka_unit_test(has_one_word_for_each_proof),
	};

	return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
