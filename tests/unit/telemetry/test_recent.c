/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "telemetry/recent.h"

enum { NOW = 1800000000, HOUR = 3600, DAY = 86400 };

static void note(struct awh_recent *recent, int64_t days_left, int64_t now)
{
	awh_recent_note(recent, (struct awh_tls_dates){NOW - DAY, NOW + days_left * DAY}, now);
}

static void knows_of_none_before_the_first(void **state)
{
	struct awh_recent recent = {0};
	struct awh_tls_dates dates;

	(void)state;
	assert_false(awh_recent_first(&recent, NOW, &dates));
}

static void tells_the_one_that_ends_first(void **state)
{
	struct awh_recent recent = {0};
	struct awh_tls_dates dates;

	(void)state;
	note(&recent, 30, NOW);
	note(&recent, 10, NOW);
	note(&recent, 20, NOW);
	assert_true(awh_recent_first(&recent, NOW, &dates));
	assert_int_equal(dates.end, NOW + 10 * DAY);
	assert_int_equal(dates.begin, NOW - DAY);
}

static void forgets_in_the_second_hour_after(void **state)
{
	struct awh_recent recent = {0};
	struct awh_tls_dates dates;

	(void)state;
	note(&recent, 10, NOW);
	note(&recent, 20, NOW + HOUR);
	assert_true(awh_recent_first(&recent, NOW + HOUR, &dates));
	assert_int_equal(dates.end, NOW + 10 * DAY);
	assert_true(awh_recent_first(&recent, NOW + 2 * HOUR, &dates));
	assert_int_equal(dates.end, NOW + 20 * DAY);
	assert_false(awh_recent_first(&recent, NOW + 3 * HOUR, &dates));
}

static void bounds_what_does_not_fit(void **state)
{
	struct awh_recent recent = {0};
	struct awh_tls_dates dates;

	(void)state;
	awh_recent_note(&recent, (struct awh_tls_dates){-62135596800, 253402300799}, NOW);
	assert_true(awh_recent_first(&recent, NOW, &dates));
	assert_true(dates.end >= 253402300740 && dates.end <= 253402300799);
	assert_true(dates.begin > NOW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(knows_of_none_before_the_first),
	    cmocka_unit_test(tells_the_one_that_ends_first),
	    cmocka_unit_test(forgets_in_the_second_hour_after),
	    cmocka_unit_test(bounds_what_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
