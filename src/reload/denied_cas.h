/* SPDX-License-Identifier: MIT */
/*
 * Says which trusted CAs the deny lists of a snapshot name: the lists take effect,
 * but more often than not the bundle should lose the CA instead.
 */
#ifndef AWH_RELOAD_DENIED_CAS_H
#define AWH_RELOAD_DENIED_CAS_H

#include "auth/snapshot.h"
#include "telemetry/events.h"

/* Tell of each such CA, and of each bundle that is left without any. */
void awh_denied_cas_tell(const struct awh_snapshot *snapshot, struct awh_events *events);

#endif
