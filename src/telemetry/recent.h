/* SPDX-License-Identifier: MIT */
/*
 * Which certificate expires first, of those that callers have shown recently: in
 * this hour or the one before. One that has been replaced, or is not shown any
 * more, is forgotten with that. A word an hour, in memory that processes share;
 * no lock.
 */
#ifndef AWH_TELEMETRY_RECENT_H
#define AWH_TELEMETRY_RECENT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "tls/tls.h"

/* Zeroed before its first use. */
struct awh_recent {
	atomic_ullong hours[2];
};

/* A caller had a review. Any thread. */
void awh_recent_note(struct awh_recent *recent, struct awh_tls_dates dates, int64_t now_s);

/* False: there was none. begin is true to the hour, end to the minute. */
bool awh_recent_first(const struct awh_recent *recent, int64_t now_s, struct awh_tls_dates *dates);

#endif
