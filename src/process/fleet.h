/* SPDX-License-Identifier: MIT */
/*
 * What the processes of a server know of each other: a place for each worker, in
 * memory that all of them share. A worker that is taken over can write anything
 * there, so it holds no pointer, no size and no index: those are in each process's
 * own memory, as they were when it was forked.
 */
#ifndef AWH_PROCESS_FLEET_H
#define AWH_PROCESS_FLEET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "telemetry/metrics.h"

/* Shared. */
struct awh_place {
	/* Not 0: yes. */
	atomic_uchar serves;
	atomic_uchar done;    /* has ended as it should */
	atomic_uchar cut_off; /* a request that had begun was not answered */
};

struct awh_fleet {
	size_t n_places;          /* of workers */
	struct awh_place *places; /* shared; one more is the watcher's */
	const struct awh_gauges *gauges;
};

/*
 * NULL: there is no memory.
 *
 * gauges: of the processes in these places, in the same order; *borrowed*
 */
struct awh_fleet *awh_fleet_new(size_t n_places, const struct awh_gauges *gauges);
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
