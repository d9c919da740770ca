/* SPDX-License-Identifier: MIT */
/*
 * Two clocks: the monotonic one for time limits, the wall clock for the dates
 * of certificates. A jump of the wall clock never moves a time limit.
 */
#ifndef AWH_BASE_CLOCK_H
#define AWH_BASE_CLOCK_H

#include <stdatomic.h>
#include <stdint.h>

/* A monotonic clock that a test moves. */
struct awh_clock {
	_Atomic int64_t us;
};

/* Monotonic, microseconds since some start. */
int64_t awh_clock_us(void);

/* The time of a test's clock; NULL: awh_clock_us(). */
static inline int64_t awh_clock_read(const struct awh_clock *clock)
{
	return clock ? atomic_load(&clock->us) : awh_clock_us();
}

/* Monotonic, milliseconds since some start. */
int64_t awh_clock_ms(void);

/* Wall clock, seconds since 1970-01-01 UTC. */
int64_t awh_clock_wall_s(void);

#endif
