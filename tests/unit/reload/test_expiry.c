/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reload/expiry.h"

static void tells_how_near_the_end_is(void **state)
{
	static const struct {
		int64_t begin, end, now;
		enum awh_expiry_state is;
	} cases[] = {
	    {0, 1000, 1001, AWH_EXPIRY_PAST},
	    {0, 1000, 1000, AWH_EXPIRY_NEAR},
	    {0, 1000, 701, AWH_EXPIRY_NEAR},
	    {0, 1000, 700, AWH_EXPIRY_FAR},
	    {0, 1000, 0, AWH_EXPIRY_FAR},
	    {500, 1000, 0, AWH_EXPIRY_FAR},
	    {1000, 1000, 1000, AWH_EXPIRY_FAR},
	    /* 1950 to 9999: nothing overflows */
	    {-631152000, 253402300799, 1800000000, AWH_EXPIRY_FAR},
	    {-631152000, 253402300799, 253402300799, AWH_EXPIRY_NEAR},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
		    awh_expiry_state((struct awh_tls_dates){cases[i].begin, cases[i].end},
				     cases[i].now),
		    cases[i].is);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(tells_how_near_the_end_is)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
