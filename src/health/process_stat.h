/* SPDX-License-Identifier: MIT */
/*
 * What the kernel says of this process.
 */
#ifndef AWH_HEALTH_PROCESS_STAT_H
#define AWH_HEALTH_PROCESS_STAT_H

#include <stdint.h>

struct awh_process_stat {
	uint64_t cpu_us; /* user and system */
	uint64_t resident_bytes;
	uint64_t virtual_bytes;
	uint64_t open_fds;
	uint64_t max_fds;
};

/* What cannot be found out stays 0. */
struct awh_process_stat awh_process_look(void);

#endif
