/* SPDX-License-Identifier: MIT */
/*
 * Writes gcov's counters of a process that ends by _exit(), as worker processes
 * do: gcov writes them at exit() alone. scripts/coverage links this into every
 * program, with --wrap=_exit.
 */
#include <gcov.h>

_Noreturn void __real__exit(int status);
_Noreturn void __wrap__exit(int status);

_Noreturn void __wrap__exit(int status)
{
	__gcov_dump();
	__real__exit(status);
}
