/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "identity/verdict.h"

static void calls_nothing_ok_but_success(void **state)
{
	(void)state;
#define CHECK(name, number, text)                                                                  \
	assert_int_not_equal(awh_verdict_of(number, NULL), AWH_VERDICT_OK);
	ADMWH_ERROR_MAP(CHECK)
#undef CHECK
	assert_int_not_equal(awh_verdict_of(1, NULL), AWH_VERDICT_OK);
	assert_int_equal(awh_verdict_of(0, NULL), AWH_VERDICT_OK);
}

static void distinguishes_why_a_certificate_is_not_trusted(void **state)
{
	static const struct {
		enum awh_proof proof;
		enum awh_verdict verdict;
	} cases[] = {
	    {AWH_PROOF_UNTRUSTED, AWH_VERDICT_UNKNOWN_CA},
	    {AWH_PROOF_EXPIRED, AWH_VERDICT_EXPIRED},
	    {AWH_PROOF_USAGE, AWH_VERDICT_USAGE},
	    {AWH_PROOF_UNFIT, AWH_VERDICT_UNFIT},
	    {AWH_PROOF_UNPROVED, AWH_VERDICT_KEY_UNPROVED},
	    {AWH_PROOF_NONE, AWH_VERDICT_UNKNOWN_CA},
	    {AWH_PROOF_VERIFIED, AWH_VERDICT_UNKNOWN_CA},
	};
	struct awh_peer *peer = awh_peer_new();

	(void)state;
	assert_non_null(peer);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		peer->proof = cases[i].proof;
		assert_int_equal(awh_verdict_of(ADMWH_E_UNTRUSTED, peer), cases[i].verdict);
	}
	awh_peer_unref(peer);
}

static void has_a_word_for_each_refusal(void **state)
{
	static const struct {
		int code;
		const char *name;
	} cases[] = {
	    {ADMWH_E_NO_CERTIFICATE, "no_certificate"},
	    {ADMWH_E_UNTRUSTED, "unknown_ca"},
	    {ADMWH_E_REVOKED, "revoked"},
	    {ADMWH_E_REFUSED, "name_refused"},
	    {ADMWH_E_TOKEN, "token_refused"},
	    {ADMWH_E_TLS, "noise"},
	    {ADMWH_E_TIMEOUT, "timeout"},
	    {ADMWH_E_NOMEM, "error"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(awh_verdict_name(awh_verdict_of(cases[i].code, NULL)),
				    cases[i].name);
}

static void names_are_distinct_words(void **state)
{
	(void)state;
	for (int i = 0; i < AWH_VERDICTS; i++) {
		const char *name = awh_verdict_name((enum awh_verdict)i);

		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_"), strlen(name));
		for (int j = 0; j < i; j++)
			assert_string_not_equal(name, awh_verdict_name((enum awh_verdict)j));
	}
	assert_string_equal(awh_verdict_name((enum awh_verdict)AWH_VERDICTS), "unknown");
	assert_string_equal(awh_verdict_name((enum awh_verdict) - 1), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(calls_nothing_ok_but_success),
	    cmocka_unit_test(distinguishes_why_a_certificate_is_not_trusted),
	    cmocka_unit_test(has_a_word_for_each_refusal),
	    cmocka_unit_test(names_are_distinct_words),
	};

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
