/* SPDX-License-Identifier: MIT */
/* How checks read: byte for byte as Kubernetes' own components answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "health/check.h"

static const char *run(void *userdata)
{
	return userdata;
}

static char broken[] = "webhook configuration not yet applied";
static struct awh_error error;

static void add(struct awh_checks *checks, const char *name, void *userdata, bool is_own)
{
	struct awh_check check = {.run = run, .userdata = userdata, .is_own = is_own};

	snprintf(check.name, sizeof(check.name), "%s", name);
	assert_int_equal(awh_checks_add(checks, &check, &error), 0);
}

static void refuses_a_name_that_is_none(void **state)
{
	static const char *const names[] = {"", "a b", "a/b", "a%20", "\xc3\xa9", "a\n"};
	struct awh_checks checks = {0};
	struct awh_check check = {.run = run};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(check.name, sizeof(check.name), "%s", names[i]);
		assert_int_equal(awh_checks_add(&checks, &check, &error), ADMWH_E_INVAL);
	}
	memset(check.name, 'a', sizeof(check.name));
	assert_int_equal(awh_checks_add(&checks, &check, &error), ADMWH_E_INVAL);
	snprintf(check.name, sizeof(check.name), "a");
	check.run = NULL;
	assert_int_equal(awh_checks_add(&checks, &check, &error), ADMWH_E_INVAL);
	assert_int_equal(checks.n_items, 0);
	awh_checks_deinit(&checks);
}

static void refuses_a_name_twice(void **state)
{
	struct awh_checks checks = {0};
	struct awh_check check = {.name = "a", .run = run};

	(void)state;
	add(&checks, "a", NULL, false);
	assert_int_equal(awh_checks_add(&checks, &check, &error), ADMWH_E_EXISTS);
	awh_checks_deinit(&checks);
}

static void answers_as_kubernetes_does(void **state)
{
	static const struct {
		const char *query;
		bool first_fails, own_fails;
		int status;
		const char *body;
	} cases[] = {
	    {NULL, true, false, 500,
	     "[-]first failed: reason withheld\n[+]own ok\nreadyz check failed\n"},
	    {"verbose", false, true, 503,
	     "[+]first ok\n[-]own failed: reason withheld\n[-]quiet failed: reason withheld\n"
	     "readyz check failed\n"},
	    {NULL, true, true, 503,
	     "[-]first failed: reason withheld\n[-]own failed: reason withheld\n"
	     "[-]quiet failed: reason withheld\nreadyz check failed\n"},
	    {"exclude=firs&exclude=", true, false, 500,
	     "[-]first failed: reason withheld\n[+]own ok\nwarn: some health checks cannot be "
	     "excluded: no matches for \"firs\",\"\"\nreadyz check failed\n"},
	    {"exclude=own&exclude=quiet", false, true, 200, "ok"},
	    {"exclude=own&verbose&exclude=quiet", false, true, 200,
	     "[+]first ok\n[+]own excluded: ok\nreadyz check passed\n"},
	    {"verbose=1&exclude=%22%0a", false, false, 200,
	     "[+]first ok\n[+]own ok\nwarn: some health checks cannot be excluded: no matches for "
	     "\"%22%0a\"\nreadyz check passed\n"},
	    {"&&verbose&", false, false, 200, "[+]first ok\n[+]own ok\nreadyz check passed\n"},
	    {NULL, false, false, 200, "ok"},
	    {"", false, false, 200, "ok"},
	    {"verbosely&exclude", false, false, 200, "ok"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct awh_checks checks = {0};
		struct awh_buf body;

		add(&checks, "first", cases[i].first_fails ? broken : NULL, false);
		add(&checks, "own", cases[i].own_fails ? broken : NULL, true);
		add(&checks, "quiet", cases[i].own_fails ? broken : NULL, true);
		checks.items[2].is_quiet = true;
		awh_buf_init(&body, 4096);
		assert_int_equal(awh_checks_run(&checks, "readyz", cases[i].query, &body),
				 cases[i].status);
		assert_int_equal(awh_buf_terminate(&body), 0);
		assert_string_equal(body.data, cases[i].body);
		awh_buf_deinit(&body);
		awh_checks_deinit(&checks);
	}
}

static void one_alone_says_why(void **state)
{
	const struct awh_check well = {.name = "a", .run = run};
	const struct awh_check failing = {.name = "a", .run = run, .userdata = broken};
	const struct awh_check own = {.name = "a", .run = run, .userdata = broken, .is_own = true};
	struct awh_buf body;

	(void)state;
	awh_buf_init(&body, 4096);
	assert_int_equal(awh_check_run(&failing, &body), 500);
	assert_int_equal(awh_buf_terminate(&body), 0);
	assert_string_equal(body.data,
			    "internal server error: webhook configuration not yet applied\n");
	awh_buf_reset(&body);
	assert_int_equal(awh_check_run(&own, &body), 503);
	awh_buf_reset(&body);
	assert_int_equal(awh_check_run(&well, &body), 200);
	assert_int_equal(body.len, 2);
	assert_memory_equal(body.data, "ok", 2);
	awh_buf_deinit(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_a_name_that_is_none),
	    cmocka_unit_test(refuses_a_name_twice),
	    cmocka_unit_test(answers_as_kubernetes_does),
	    cmocka_unit_test(one_alone_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
