/* SPDX-License-Identifier: MIT */
/*
 * Which certificates were seen, so that the first connection with one is told
 * louder than the next. Bounded: of many, the oldest are forgotten. In memory that
 * processes share; no lock, so that two at the same moment may both be the first.
 */
#ifndef AWH_TELEMETRY_SEEN_H
#define AWH_TELEMETRY_SEEN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AWH_SEEN = 256 };

/* Zeroed before its first use. */
struct awh_seen {
	atomic_ullong digests[AWH_SEEN];
	atomic_uint next;
};

/* Is it the first time? digest: of the certificate, not 0. Any thread. */
bool awh_seen_first(struct awh_seen *seen, uint64_t digest);

#endif
