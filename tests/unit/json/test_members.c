/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include <admwh/error.h>

#include "json/members.h"

#include "../failing_alloc.h"

/* Names in a text, each with a quote behind it. */
struct names {
	char text[4096];
	size_t len;
};

static int add(struct awh_members *members, struct names *names, const char *name, size_t first)
{
	size_t at = names->len;
	size_t len = strlen(name);

	assert_true(at + len + 1 < sizeof(names->text));
	memcpy(names->text + at, name, len);
	names->text[at + len] = '"';
	names->len += len + 1;
	return awh_members_add(members, names->text, at, len, first);
}

static void refuses_a_name_that_is_there(void **state)
{
	static const char *const same[][2] = {{"a", "a"},
					      {"", ""},
					      {"\\u0061b", "ab"},
					      {"a/b", "a\\/b"},
					      {"\\ud83d\\ude00", "\xf0\x9f\x98\x80"}};

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct awh_members members = AWH_MEMBERS_NULL;
		struct names names = {.len = 0};

		assert_int_equal(add(&members, &names, same[i][0], 0), 0);
		assert_int_equal(add(&members, &names, "other", 0), 0);
		assert_int_equal(add(&members, &names, same[i][1], 0), ADMWH_E_EXISTS);
		assert_int_equal(members.count, 2);
		awh_members_deinit(&members);
	}
}

static void takes_the_name_of_another_object(void **state)
{
	struct awh_members members = AWH_MEMBERS_NULL;
	struct names names = {.len = 0};

	(void)state;
	assert_int_equal(add(&members, &names, "a", 0), 0);
	assert_int_equal(add(&members, &names, "a", 1), 0);
	assert_int_equal(add(&members, &names, "a", 2), 0);
	assert_int_equal(add(&members, &names, "b", 2), 0);
	assert_int_equal(add(&members, &names, "a", 2), ADMWH_E_EXISTS);
	awh_members_drop(&members, 2);
	assert_int_equal(add(&members, &names, "b", 1), 0);
	assert_int_equal(add(&members, &names, "a", 1), ADMWH_E_EXISTS);
	awh_members_drop(&members, 1);
	assert_int_equal(add(&members, &names, "a", 0), ADMWH_E_EXISTS);
	assert_int_equal(add(&members, &names, "b", 0), 0);
	awh_members_drop(&members, 0);
	assert_int_equal(add(&members, &names, "a", 0), 0);
	awh_members_deinit(&members);
}

/* Through several sizes of the table, with an outer object that stays. */
static void finds_every_name_while_it_grows(void **state)
{
	struct awh_members members = AWH_MEMBERS_NULL;
	struct names names = {.len = 0};
	char name[16];

	(void)state;
	assert_int_equal(add(&members, &names, "0", 0), 0);
	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "%d", i);
		assert_int_equal(add(&members, &names, name, 1), 0);
	}
	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "%d", i);
		assert_int_equal(add(&members, &names, name, 1), ADMWH_E_EXISTS);
	}
	awh_members_drop(&members, 1);
	assert_int_equal(add(&members, &names, "1", 0), 0);
	assert_int_equal(add(&members, &names, "0", 0), ADMWH_E_EXISTS);
	awh_members_deinit(&members);
}

static void run_once(bool may_fail)
{
	struct awh_members members = AWH_MEMBERS_NULL;
	struct names names = {.len = 0};
	int err = 0;
	char name[16];

	for (int i = 0; i < 200 && err == 0; i++) {
		snprintf(name, sizeof(name), "\\n%d", i);
		err = add(&members, &names, name, 0);
	}
	if (err == 0)
		err = add(&members, &names, "\\u000a7", 0);
	assert_true(err == ADMWH_E_EXISTS || (may_fail && err == ADMWH_E_NOMEM));
	awh_members_deinit(&members);
}

static void survives_every_allocation_that_fails(void **state)
{
	(void)state;
	with_failing_allocations(run_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_a_name_that_is_there),
	    cmocka_unit_test(survives_every_allocation_that_fails),
	    cmocka_unit_test(takes_the_name_of_another_object),
	    cmocka_unit_test(finds_every_name_while_it_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
