/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "process/harden.h"

enum { NO_NEW_PRIVS = 1, DUMPABLE = 2, FAILED = 4 };

/* What a process has after that, as bits. */
static int look(void)
{
	return (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? NO_NEW_PRIVS : 0) |
	       (prctl(PR_GET_DUMPABLE) == 1 ? DUMPABLE : 0);
}

/* In a process of its own, for it is for good. */
static int in_child(int (*run)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(run());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int harden(void)
{
	struct awh_error error = {0};

	return awh_process_harden(&error) ? FAILED : look();
}

static int harden_twice(void)
{
	return harden() == NO_NEW_PRIVS ? harden() : FAILED;
}

static int harden_a_child(void)
{
	return harden() == NO_NEW_PRIVS ? in_child(look) : FAILED;
}

static void gives_up_privileges_and_dumps(void **state)
{
	(void)state;
	assert_int_equal(in_child(look) & DUMPABLE, DUMPABLE);
	assert_int_equal(in_child(harden), NO_NEW_PRIVS);
	assert_int_equal(in_child(harden_twice), NO_NEW_PRIVS);
	assert_int_equal(in_child(harden_a_child), NO_NEW_PRIVS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gives_up_privileges_and_dumps),
	};

	return cmocka_run_group_tests_name("harden", tests, NULL, NULL);
}
