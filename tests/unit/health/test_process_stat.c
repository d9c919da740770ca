/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "health/process_stat.h"

static void counts_open_descriptors(void **state)
{
	uint64_t before = awh_process_look().open_fds;
	int fds[2];

	(void)state;
	assert_true(before > 0);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(awh_process_look().open_fds, before + 2);
	close(fds[0]);
	close(fds[1]);
	assert_int_equal(awh_process_look().open_fds, before);
}

static void sees_memory_grow(void **state)
{
	enum { BYTES = 64 << 20 };
	struct awh_process_stat before = awh_process_look(), after;
	char *room = malloc(BYTES);

	(void)state;
	assert_non_null(room);
	memset(room, 1, BYTES);
	after = awh_process_look();
	/* An emulator of 32 bits has reserved all addresses at its start. */
	if (!getenv("ADMWH_EMULATED"))
		assert_true(after.virtual_bytes >= before.virtual_bytes + BYTES / 2);
	assert_true(after.resident_bytes >= before.resident_bytes + BYTES / 2);
	assert_true(after.cpu_us >= before.cpu_us);
	free(room);
}

/* Where no descriptor is left for a look, the rest is there, and nothing is made up. */
static void shows_what_it_can_without_a_descriptor(void **state)
{
	struct awh_process_stat process;
	struct rlimit before, none;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){.rlim_cur = 0, .rlim_max = before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	process = awh_process_look();
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(process.open_fds, 0);
	assert_int_equal(process.virtual_bytes, 0);
	assert_int_equal(process.resident_bytes, 0);
	assert_int_equal(process.max_fds, 0);
	assert_int_equal(awh_process_look().max_fds, before.rlim_cur);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(counts_open_descriptors),
	    cmocka_unit_test(sees_memory_grow),
	    cmocka_unit_test(shows_what_it_can_without_a_descriptor),
	};

	return cmocka_run_group_tests_name("process stat", tests, NULL, NULL);
}
