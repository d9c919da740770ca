/* SPDX-License-Identifier: MIT */
/*
 * A server of several processes: the calling one binds the sockets, keeps a
 * worker in each place, and does nothing else. It has no threads and no event
 * loop, so that it may fork at any time, and reads no byte from the network, so
 * that nothing a caller sends can end it. A worker is a server as any other, on
 * the inherited socket. One more process, the watcher, has the health endpoint, so
 * that it is told when no worker serves.
 */
#ifndef AWH_PROCESS_SUPERVISOR_H
#define AWH_PROCESS_SUPERVISOR_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <admwh/server.h>

struct awh_gauges;

/* What processes know of each other: in memory that all of them share. */
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

/* admwh_server_run() of a server with processes. */
int awh_supervise(struct admwh_server *server);

/*
 * Whether a connection is this place's to take: nobody else who serves has clearly fewer. Few
 * connections are spread evenly, many roughly.
 */
bool awh_fleet_turn(const struct awh_fleet *fleet, const struct awh_place *place,
		    size_t connections);

/* How many places are being served from. */
size_t awh_fleet_serving(const struct awh_fleet *fleet);

#endif
