/* SPDX-License-Identifier: MIT */
/*
 * process: worker processes and the supervisor that keeps them. No server is known
 * here: what a worker does is the plan's.
 *
 * The calling process keeps a worker in each place, and does nothing else. It has
 * no threads and no event loop, so that it may fork at any time, and reads no byte
 * from the network, so that no client can end it. A worker is a server as any
 * other, on the inherited socket. One more process, the watcher, has the health
 * endpoint, so that it answers also when no worker serves.
 */
#ifndef AWH_PROCESS_SUPERVISOR_H
#define AWH_PROCESS_SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "process/fleet.h"
#include "process/signals.h"
#include "telemetry/events.h"

/* What a process of a fleet is. A zeroed one serves alone. */
struct awh_role {
	struct awh_fleet *fleet; /* NULL: alone */
	struct awh_place *place;
	int orders_fd;
	bool is_watcher;   /* serves the health endpoint alone */
	bool was_reloaded; /* files have been read again since the supervisor began */
};

/* All *borrowed*, until the supervisor is freed. */
struct awh_plan {
	unsigned int processes; /* workers */
	bool has_watcher;
	int64_t lame_duck_ms, drain_ms;
	struct awh_signals
	    signals; /* eventfds that ask for a stop and for a reload, by others too */
	struct awh_events *events;
	/*
	 * In a new process: serve until told otherwise, with role->place->serves set while it does.
	 * 0 when it has ended as it should.
	 */
	int (*run)(const struct awh_role *role, void *userdata);
	/* In the supervisor: the first workers have been started, signals are caught. */
	void (*began)(void *userdata);
	/* Likewise: no connection is to be accepted any more. */
	void (*draining)(void *userdata);
	void *userdata;
};

struct awh_supervisor;

/* NULL: error says why; ADMWH_E_STATE where the process has other threads. */
struct awh_supervisor *awh_supervisor_new(const struct awh_plan *plan, struct awh_error *error);

/* Until the last process has ended. False: requests that had begun were not answered. */
bool awh_supervisor_run(struct awh_supervisor *supervisor);

/* NULL is allowed. */
void awh_supervisor_free(struct awh_supervisor *supervisor);

#endif
