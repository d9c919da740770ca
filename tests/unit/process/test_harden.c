/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "process/harden.h"

enum { NO_NEW_PRIVS = 1, DUMPABLE = 2, FAILED = 4, UNEXPLAINED = 8 };

static int failing; /* this option fails; 0: none does */

int __real_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
int __wrap_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);

int __wrap_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	if (option != failing)
		return __real_prctl(option, a, b, c, d);
	errno = EINVAL;
	return -1;
}

/* What a process has after that, as bits. */
static int look(void)
{
	return (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? NO_NEW_PRIVS : 0) |
	       (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1 ? DUMPABLE : 0);
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

	switch (awh_process_harden(&error)) {
	case 0:
		return look();
	case ADMWH_E_STATE:
		return strstr(error.text, "Invalid argument") ? FAILED : UNEXPLAINED;
	default:
		return UNEXPLAINED;
	}
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

/* A sandbox may refuse either: a server does not start half hardened. */
static void says_what_the_kernel_refuses(void **state)
{
	static const int options[] = {PR_SET_NO_NEW_PRIVS, PR_SET_DUMPABLE};

	(void)state;
	/* A C library of 32 bits calls prctl() by another name. */
	if (SIZE_MAX == UINT32_MAX)
		skip();
	for (size_t i = 0; i < 2; i++) {
		failing = options[i];
		assert_int_equal(in_child(harden), FAILED);
	}
	failing = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gives_up_privileges_and_dumps),
	    cmocka_unit_test(says_what_the_kernel_refuses),
	};

	return cmocka_run_group_tests_name("harden", tests, NULL, NULL);
}
