/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "dispatch/caller.h"

static void distinguishes_callers_by_all_of_their_name(void **state)
{
	struct awh_callers *callers = awh_callers_new();
	struct awh_caller *all[] = {
	    awh_callers_get(callers, "cert", "default", "00ff"),
	    awh_callers_get(callers, "cert", "scanner", "00ff"),
	    awh_callers_get(callers, "token", NULL, "00ff"),
	    awh_callers_get(callers, "ip", NULL, "00ff"),
	};
	struct awh_caller *again = awh_callers_get(callers, "cert", "default", "00ff");

	(void)state;
	assert_ptr_equal(again, all[0]);
	assert_int_equal(awh_callers_count(callers), 4);
	for (size_t i = 0; i < 4; i++)
		awh_callers_unref(callers, all[i]);
	assert_int_equal(awh_callers_count(callers), 1);
	awh_callers_unref(callers, again);
	assert_int_equal(awh_callers_count(callers), 0);
	awh_callers_unref(callers, NULL);
	awh_callers_free(callers);
	awh_callers_free(NULL);
}

static void keeps_none_that_has_nothing_here(void **state)
{
	struct awh_callers *callers = awh_callers_new();
	static struct awh_caller *many[5000];
	char name[16];

	(void)state;
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "%d", i);
		many[i] = awh_callers_get(callers, "ip", NULL, name);
	}
	assert_int_equal(awh_callers_count(callers), 5000);
	for (int i = 0; i < 5000; i++) {
		int other = (int)((long)i * 1237 % 5000);

		awh_callers_unref(callers, many[other]);
	}
	assert_int_equal(awh_callers_count(callers), 0);
	awh_callers_free(callers);
}

static void presses_the_one_with_the_most_connections(void **state)
{
	struct awh_callers *callers = awh_callers_new();
	struct awh_caller *few = awh_callers_get(callers, "ip", NULL, "few");
	struct awh_caller *most = awh_callers_get(callers, "ip", NULL, "most");

	(void)state;
	atomic_store(&few->conns, 5);
	atomic_store(&most->conns, 6);
	awh_callers_press(callers, 6);
	assert_false(few->gives_place || most->gives_place);
	awh_callers_press(callers, 5);
	assert_false(few->gives_place);
	assert_true(most->gives_place);
	atomic_store(&few->conns, 7);
	awh_callers_press(callers, 5);
	assert_true(few->gives_place);
	assert_false(most->gives_place);
	awh_callers_unref(callers, few);
	awh_callers_unref(callers, most);
	awh_callers_free(callers);
}

static void shares_are_one_at_least(void **state)
{
	(void)state;
	assert_int_equal(awh_percent_of(1024, 50), 512);
	assert_int_equal(awh_percent_of(1, 50), 1);
	assert_int_equal(awh_percent_of(3, 50), 1);
	assert_int_equal(awh_percent_of(199, 100), 199);
	assert_int_equal(awh_percent_of(SIZE_MAX, 100), SIZE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(distinguishes_callers_by_all_of_their_name),
	    cmocka_unit_test(keeps_none_that_has_nothing_here),
	    cmocka_unit_test(presses_the_one_with_the_most_connections),
	    cmocka_unit_test(shares_are_one_at_least),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
