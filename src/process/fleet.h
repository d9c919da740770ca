/* SPDX-License-Identifier: MIT */
/*
 * What the processes of a server know of each other: a place for each worker, in
 * memory that all of them share.
 */
#ifndef AWH_PROCESS_FLEET_H
#define AWH_PROCESS_FLEET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "telemetry/metrics.h"

struct awh_place {
	const struct awh_gauges *gauges;
	atomic_bool serves;
	atomic_bool done;    /* has ended as it should */
	atomic_bool cut_off; /* a request that had begun was not answered */
};

struct awh_fleet {
	size_t n_places; /* of workers; one more is the watcher's */
	struct awh_place places[];
};

/* In shared memory; NULL: there is none. */
struct awh_fleet *awh_fleet_new(size_t n_places);
/* This process's view of it. NULL is allowed. */
void awh_fleet_free(struct awh_fleet *fleet);

/*
 * Is a connection this place's to take? It is unless another place that serves has clearly fewer:
 * few connections are spread evenly, many roughly.
 *
 * connections: how many a place may have
 */
bool awh_fleet_turn(const struct awh_fleet *fleet, const struct awh_place *place,
		    size_t connections);

/* How many places serve. */
size_t awh_fleet_serving(const struct awh_fleet *fleet);

#endif
