/* SPDX-License-Identifier: MIT */
/*
 * Warns before the server's certificate expires: most outages of webhooks begin
 * with a certificate that was not renewed. Warns of client CAs of which nothing is
 * accepted.
 */
#ifndef AWH_RELOAD_EXPIRY_H
#define AWH_RELOAD_EXPIRY_H

#include <stdint.h>

#include "auth/snapshot.h"
#include "telemetry/events.h"

enum awh_expiry_state {
	AWH_EXPIRY_FAR,
	AWH_EXPIRY_NEAR, /* less of its life is left than a renewal leaves */
	AWH_EXPIRY_PAST, /* served on: the client decides */
};

/* What was told last. Zeroed before its first use. */
struct awh_expiry {
	enum awh_expiry_state state;
	uint64_t generation; /* of the snapshot it was about */
	uint64_t looked_at;  /* snapshots whose certificate was looked at for what else is wrong */
	int64_t next_ms;     /* when it is told again */
	size_t unusable_cas; /* of that snapshot, that were told */
};

enum awh_expiry_state awh_expiry_state(struct awh_tls_dates dates, int64_t now_s);

/* Tell, once when it begins and then every hour; of CAs once a snapshot. */
void awh_expiry_check(struct awh_expiry *expiry, const struct awh_snapshot *snapshot,
		      struct awh_events *events);

#endif
