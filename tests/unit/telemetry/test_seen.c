/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "telemetry/seen.h"

static void a_certificate_is_new_once(void **state)
{
	struct awh_seen seen = {0};

	(void)state;
	assert_true(awh_seen_first(&seen, 1));
	assert_false(awh_seen_first(&seen, 1));
	assert_true(awh_seen_first(&seen, UINT64_MAX));
	assert_false(awh_seen_first(&seen, 1));
	assert_false(awh_seen_first(&seen, UINT64_MAX));
}

static void of_many_the_oldest_are_forgotten(void **state)
{
	struct awh_seen seen = {0};

	(void)state;
	for (uint64_t i = 1; i <= AWH_SEEN; i++)
		assert_true(awh_seen_first(&seen, i));
	for (uint64_t i = 1; i <= AWH_SEEN; i++)
		assert_false(awh_seen_first(&seen, i));
	assert_true(awh_seen_first(&seen, AWH_SEEN + 1));
	assert_false(awh_seen_first(&seen, 2));
	assert_true(awh_seen_first(&seen, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_certificate_is_new_once),
	    cmocka_unit_test(of_many_the_oldest_are_forgotten),
	};

	return cmocka_run_group_tests_name("seen", tests, NULL, NULL);
}
