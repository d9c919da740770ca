/* SPDX-License-Identifier: MIT */
/* How much of the machine a container may keep busy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../temp_folder.h"
#include "config/cpus.h"

static void a_file_without_a_quota_limits_nothing(void **state)
{
	static const char *const texts[] = {"",      "\n",          "max 100000\n", "100000\n",
					    "x y\n", "0 100000\n",  "-1 100000\n",  "100000 0\n",
					    "1 -1",  "100000 max\n"};

	(void)state;
	assert_int_equal(awh_cpus_of_quota(in_folder("nowhere")), 0);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		put_text("cpu.max", texts[i]);
		assert_int_equal(awh_cpus_of_quota(folder), 0);
	}
	put_text("cpu.max", "999999999999999999 1\n");
	assert_int_equal(awh_cpus_of_quota(folder), 0);
	unlink(in_folder("cpu.max"));
}

static void a_part_of_a_cpu_counts_as_one(void **state)
{
	static const struct {
		const char *text;
		unsigned int cpus;
	} cases[] = {
	    {"1 100000\n", 1},      {"50000 100000\n", 1},    {"100000 100000\n", 1},
	    {"100001 100000\n", 2}, {"150000 100000\n", 2},   {"200000 100000", 2},
	    {"25000 10000\n", 3},   {"6400000 100000\n", 64},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put_text("cpu.max", cases[i].text);
		assert_int_equal(awh_cpus_of_quota(folder), cases[i].cpus);
	}
	unlink(in_folder("cpu.max"));
}

static void the_older_files_are_read_too(void **state)
{
	(void)state;
	assert_int_equal(mkdir(in_folder("cpu"), 0700), 0);
	put_text("cpu/cpu.cfs_quota_us", "250000\n");
	assert_int_equal(awh_cpus_of_quota(folder), 0);
	put_text("cpu/cpu.cfs_period_us", "100000\n");
	assert_int_equal(awh_cpus_of_quota(folder), 3);
	put_text("cpu/cpu.cfs_quota_us", "-1\n");
	assert_int_equal(awh_cpus_of_quota(folder), 0);
}

static void there_is_always_one(void **state)
{
	(void)state;
	assert_true(awh_cpus() >= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_file_without_a_quota_limits_nothing),
	    cmocka_unit_test(a_part_of_a_cpu_counts_as_one),
	    cmocka_unit_test(the_older_files_are_read_too),
	    cmocka_unit_test(there_is_always_one),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
