/* SPDX-License-Identifier: MIT */
/* How much of a CPU a test has used: what must stay linear is held to seconds of it. */
#ifndef ADMWH_TEST_CPU_TIME_H
#define ADMWH_TEST_CPU_TIME_H

#include <stdlib.h>
#include <time.h>

/* CPU seconds of this process. ADMWH_EMULATED says how many times slower an emulator is than a CPU.
 */
static inline double cpu_seconds(void)
{
	const char *emulated = getenv("ADMWH_EMULATED");

	return (double)clock() / CLOCKS_PER_SEC / (emulated ? atof(emulated) : 1);
}

#endif
