/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "identity/rules.h"

#define CN64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static struct awh_values api_names, scanner_names, sans, denied;
static struct awh_rules rules[] = {
    {.bundle = "apiserver", .allow = &api_names, .cn_length = 64},
    {.bundle = "scanner", .allow = &scanner_names, .cn_length = 64},
    {.bundle = "anyone", .any_name = true, .cn_length = 64},
    {.bundle = "nobody", .cn_length = 64},
    {.bundle = "short", .allow = &api_names, .cn_length = 5},
    {.bundle = "sans", .allow = &api_names, .allow_file = &sans, .cn_length = 64},
    {.bundle = "denying", .any_name = true, .deny = &denied, .cn_length = 64},
};

enum { API, SCANNER, ANYONE, NOBODY, SHORT, SANS, DENYING, N_RULES };

static int set_up(void **state)
{
	static const char san_lines[] = "dns:api.example\nuri:spiffe://cluster/sa\nou:admission\n";
	static const char denied_lines[] = "serial:0AFF\n";

	(void)state;
	if (awh_rules_add(&api_names, ADMWH_RULE_CN, "kube-apiserver", 64, NULL) ||
	    awh_rules_add(&api_names, ADMWH_RULE_CN, CN64, 64, NULL) ||
	    awh_rules_add(&scanner_names, ADMWH_RULE_CN, "audit-scanner", 64, NULL) ||
	    awh_rules_read(&sans, san_lines, strlen(san_lines), 64, NULL) ||
	    awh_denials_read(&denied, denied_lines, strlen(denied_lines), NULL))
		return -1;
	awh_values_seal(&api_names);
	awh_values_seal(&scanner_names);
	awh_values_seal(&sans);
	awh_values_seal(&denied);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	awh_values_deinit(&api_names);
	awh_values_deinit(&scanner_names);
	awh_values_deinit(&sans);
	awh_values_deinit(&denied);
	return 0;
}

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

static void refuses_a_peer_that_is_not_verified(void **state)
{
	static const struct {
		enum awh_proof proof;
		int code;
	} cases[] = {
	    {AWH_PROOF_NONE, ADMWH_E_NO_CERTIFICATE}, {AWH_PROOF_UNTRUSTED, ADMWH_E_UNTRUSTED},
	    {AWH_PROOF_EXPIRED, ADMWH_E_UNTRUSTED},   {AWH_PROOF_USAGE, ADMWH_E_UNTRUSTED},
	    {AWH_PROOF_UNFIT, ADMWH_E_UNTRUSTED},     {AWH_PROOF_UNPROVED, ADMWH_E_UNTRUSTED},
	    {(enum awh_proof)99, ADMWH_E_UNTRUSTED},
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

static void allows_a_listed_cn_and_names_the_rule(void **state)
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

static void refuses_a_denied_peer_whatever_the_rules(void **state)
{
	struct awh_peer *peer = verified("kube-apiserver", DENYING);
	struct awh_error error = {0};

	(void)state;
	peer->facts.serial = "aff";
	assert_int_equal(awh_identify(peer, rules, N_RULES, &error), ADMWH_E_REVOKED);
	assert_string_equal(error.text, "bundle denying: the deny list has serial:aff");
	assert_null(peer->facts.bundle);
	peer->facts.serial = "bff";
	assert_int_equal(awh_identify(peer, rules, N_RULES, &error), 0);
	awh_peer_unref(peer);
}

static void names_what_matched_no_rule(void **state)
{
	static const char *const dns[] = {"other.example", "b.example"};
	struct awh_peer *peer = verified("kube-scheduler", SANS);
	struct awh_error error = {0};

	(void)state;
	peer->facts.dns_names = dns;
	peer->facts.n_dns_names = 2;
	assert_int_equal(awh_identify(peer, rules, N_RULES, &error), ADMWH_E_REFUSED);
	assert_string_equal(error.text, "bundle sans: no rule allows it (subject CN=x, dns "
					"other.example, dns b.example)");
	awh_peer_unref(peer);
}

static void gives_no_more_names_than_there_is_room_for(void **state)
{
	char name[1000];
	const char *const dns[] = {name, "short.example"};
	struct awh_peer *peer = verified("kube-scheduler", SANS);
	struct awh_error error = {0};

	(void)state;
	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	peer->facts.dns_names = dns;
	peer->facts.n_dns_names = 2;
	peer->facts.subject = name;
	assert_int_equal(awh_identify(peer, rules, N_RULES, &error), ADMWH_E_REFUSED);
	assert_true(strlen(error.text) < 300);
	awh_peer_unref(peer);
}

static void names_the_rule_of_any_kind_that_was_met(void **state)
{
	static const char *const uris[] = {"spiffe://other", "spiffe://cluster/sa"};
	struct awh_peer *peer = verified(NULL, SANS);
	struct awh_error error = {0};

	(void)state;
	peer->facts.uris = uris;
	peer->facts.n_uris = 2;
	assert_int_equal(awh_identify(peer, rules, N_RULES, &error), 0);
	assert_string_equal(peer->facts.rule, "uri:spiffe://cluster/sa");
	assert_string_equal(peer->facts.bundle, "sans");
	awh_peer_unref(peer);
}

static void authorizes_again_without_touching_the_peer(void **state)
{
	struct awh_peer *peer = verified("kube-apiserver", SANS);
	struct awh_error error = {0};
	const char *rule = NULL;
	const char *recorded;

	(void)state;
	assert_int_equal(awh_authorize(peer, rules, N_RULES, &rule, &error), 0);
	assert_string_equal(rule, "cn:kube-apiserver");
	assert_null(peer->facts.rule);
	assert_int_equal(awh_identify(peer, rules, N_RULES, &error), 0);
	recorded = peer->facts.rule;
	/* The first verdict stays: others may be reading it. */
	peer->bundle = ANYONE;
	assert_int_equal(awh_identify(peer, rules, N_RULES, &error), 0);
	assert_ptr_equal(peer->facts.rule, recorded);
	assert_int_equal(awh_identify_again(peer, rules, N_RULES, &error), 0);
	peer->bundle = NOBODY;
	assert_int_equal(awh_identify_again(peer, rules, N_RULES, &error), ADMWH_E_REFUSED);
	assert_string_equal(peer->facts.bundle, "sans");
	awh_peer_unref(peer);
}

static void admits_without_a_rule_where_only_the_ca_counts(void **state)
{
	struct awh_peer *peer = verified("kube-scheduler", API);

	(void)state;
	assert_int_equal(awh_peer_admit(peer, "apiserver", NULL), 0);
	assert_string_equal(peer->facts.bundle, "apiserver");
	assert_null(peer->facts.rule);
	/* Once and for all. */
	assert_int_equal(awh_peer_admit(peer, "other", "any-name"), 0);
	assert_string_equal(peer->facts.bundle, "apiserver");
	assert_null(peer->facts.rule);
	awh_peer_unref(peer);
}

static void says_what_is_wrong_with_a_cn(void **state)
{
	static const struct {
		enum awh_cn_form form;
		const char *cn, *subject, *text;
	} cases[] = {
	    {AWH_CN_ABSENT, NULL, "O=x",
	     "bundle apiserver: the certificate has no CN (subject O=x)"},
	    {AWH_CN_ABSENT, NULL, NULL, "bundle apiserver: the certificate has no CN (subject )"},
	    {AWH_CN_SEVERAL, NULL, "CN=a,CN=b",
	     "bundle apiserver: the certificate has several CNs (subject CN=a,CN=b)"},
	    {AWH_CN_UNFIT, NULL, "CN=",
	     "bundle apiserver: the certificate's CN is empty, has control characters or is not a "
	     "UTF8String or PrintableString (subject CN=)"},
	    {AWH_CN_ONE, "kube-proxy", "CN=x",
	     "bundle apiserver: CN \"kube-proxy\" is not allowed"},
	    {AWH_CN_ONE, NULL, "CN=x", "bundle apiserver: CN \"\" is not allowed"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_peer *peer = verified(cases[i].cn, API);
		struct awh_error error = {0};

		peer->cn_form = cases[i].form;
		peer->facts.subject = cases[i].subject;
		assert_int_equal(awh_identify(peer, rules, N_RULES, &error), ADMWH_E_REFUSED);
		assert_string_equal(error.text, cases[i].text);
		awh_peer_unref(peer);
	}
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
	for (int proof = AWH_PROOF_NONE; proof <= AWH_PROOF_UNPROVED; proof++) {
		assert_null(strchr(awh_proof_name((enum awh_proof)proof), ' '));
		assert_string_not_equal(awh_proof_name((enum awh_proof)proof), "unknown");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_a_peer_that_is_not_verified),
	    cmocka_unit_test(refuses_a_bundle_that_has_no_rules),
	    cmocka_unit_test(refuses_names_that_are_not_listed_byte_for_byte),
	    cmocka_unit_test(refuses_every_form_but_one_cn),
	    cmocka_unit_test(allows_a_listed_cn_and_names_the_rule),
	    cmocka_unit_test(says_what_was_presented),
	    cmocka_unit_test(passes_on_why_a_chain_was_not_trusted),
	    cmocka_unit_test(refuses_a_denied_peer_whatever_the_rules),
	    cmocka_unit_test(names_what_matched_no_rule),
	    cmocka_unit_test(gives_no_more_names_than_there_is_room_for),
	    cmocka_unit_test(names_the_rule_of_any_kind_that_was_met),
	    cmocka_unit_test(authorizes_again_without_touching_the_peer),
	    cmocka_unit_test(admits_without_a_rule_where_only_the_ca_counts),
	    cmocka_unit_test(says_what_is_wrong_with_a_cn),
	    cmocka_unit_test(lives_as_long_as_its_last_reference),
	    cmocka_unit_test(has_one_word_for_each_proof),
	};

	return cmocka_run_group_tests_name("identity", tests, set_up, tear_down);
}
