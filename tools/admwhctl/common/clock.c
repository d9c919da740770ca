/* SPDX-License-Identifier: MIT */
#include "common/clock.h"

#include <time.h>

static struct timespec now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now;
}

int64_t clock_ms(void)
{
	struct timespec time = now();

	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

double clock_s(void)
{
	struct timespec time = now();

	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}
