/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "identity/webhook_token.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void times_count_with_a_minute_of_skew(void **state)
{
	static const struct {
		int64_t not_before, not_after, now;
		enum awh_token_result result;
	} cases[] = {
	    {1000, 1600, 940, AWH_TOKEN_OK},
	    {1000, 1600, 939, AWH_TOKEN_EARLY},
	    {1000, 1600, 1659, AWH_TOKEN_OK},
	    {1000, 1600, 1660, AWH_TOKEN_EXPIRED},
	    {0, 0, 59, AWH_TOKEN_OK},
	    {0, 0, 60, AWH_TOKEN_EXPIRED},
	    {2000, 1000, 1500, AWH_TOKEN_EXPIRED},
	    {0, INT64_C(1) << 53, 1000, AWH_TOKEN_OK},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct awh_webhook_token token = {
		    .facts.not_after = cases[i].not_after,
		    .not_before = cases[i].not_before,
		};

		assert_int_equal(awh_webhook_token_check_time(&token, cases[i].now),
				 cases[i].result);
	}
}

static void an_audience_is_an_origin_and_the_path(void **state)
{
	static const char *const origins[] = {"https://a.b.svc:443", "https://c"};
	static const struct {
		const char *audience, *path;
		bool fits;
	} cases[] = {
	    {"https://a.b.svc:443/p", "/p", true},
	    {"https://a.b.svc:443/", "/", true},
	    {"https://a.b.svc:443", "/", true},
	    {"https://c/p/q", "/p/q", true},
	    {"https://a.b.svc:443", "/p", false},
	    {"https://a.b.svc:443/p", "/p/", false},
	    {"https://a.b.svc:443/p/", "/p", false},
	    {"https://a.b.svc:443/p", "/", false},
	    {"https://a.b.svc:443/P", "/p", false},
	    {"https://a.b.svc:4433/p", "/p", false},
	    {"https://a.b.svc/p", "/p", false},
	    {"https://cc/p", "/p", false},
	    {"/p", "/p", false},
	    {"", "/", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_true(awh_token_is_for(cases[i].audience, origins, COUNT(origins),
					     cases[i].path) == cases[i].fits);
	assert_false(awh_token_is_for("https://c/p", origins, 0, "/p"));
}

static void a_token_covers_its_own_api_group_or_all(void **state)
{
	static const struct {
		const char *of, *asked;
		bool covers;
	} cases[] = {
	    {"apps", "apps", true}, {"*", "apps", true},     {"*", "", true},
	    {"apps", "", false},    {"apps", "*", false},    {"apps", "app", false},
	    {"app", "apps", false}, {"Apps", "apps", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct admwh_webhook_token facts = {.api_group = cases[i].of};

		assert_true(awh_webhook_token_covers(&facts, cases[i].asked) == cases[i].covers);
	}
}

static void each_result_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < AWH_TOKEN_RESULTS; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(awh_token_result_name((enum awh_token_result)i),
						awh_token_result_name((enum awh_token_result)j));
	assert_string_equal(awh_token_result_reason(AWH_TOKEN_EXPIRED), "it has expired");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(times_count_with_a_minute_of_skew),
	    cmocka_unit_test(an_audience_is_an_origin_and_the_path),
	    cmocka_unit_test(a_token_covers_its_own_api_group_or_all),
	    cmocka_unit_test(each_result_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
