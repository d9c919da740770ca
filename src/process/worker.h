/* SPDX-License-Identifier: MIT */
/*
 * A worker process as its supervisor sees it: started, told, found ended, and
 * started again after a pause that grows while it ends soon.
 */
#ifndef AWH_PROCESS_WORKER_H
#define AWH_PROCESS_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "process/fleet.h"
#include "process/orders.h"
#include "telemetry/events.h"

struct awh_worker {
	struct awh_place *place;
	size_t number;
	bool is_watcher;
	pid_t pid;     /* 0: none */
	int pidfd;     /* readable once it has ended; -1: there is none */
	int orders_fd; /* where it is told; -1 without a process */
	int64_t started_ms;
	int64_t start_at_ms;    /* without a pid: when to try again */
	int64_t pause_ms;       /* until then, when it ended */
	unsigned int fast_ends; /* in a row */
};

/* Slots of gauges in the metrics before that of the first worker: the supervisor's own. */
enum { AWH_WORKER_FIRST_SLOT = 1 };

/* The slot of its gauges in the metrics. */
size_t awh_worker_slot(const struct awh_worker *worker);

/* Its process is there. orders_fd: *stolen* */
void awh_worker_began(struct awh_worker *worker, pid_t pid, int orders_fd);

/* Its process has ended. */
void awh_worker_ended(struct awh_worker *worker);

/*
 * When to start the next process: after the first one that ends soon, and after one that has served
 * for a while, at once.
 */
void awh_worker_set_pause(struct awh_worker *worker);

void awh_worker_tell(const struct awh_worker *worker, enum awh_order order);
/* Take its orders. A process that has closed its end without ending is told nothing more. */
void awh_worker_hear(struct awh_worker *worker, awh_order_fn *obey, void *userdata);

/* SIGKILL, to its own process alone: a pid may be another's once someone else has waited for it. */
void awh_worker_kill(const struct awh_worker *worker);

/*
 * Log what has become of it.
 *
 * state: "started", "ended", "crashed"
 * status: of waitpid()
 * restarts: of all workers so far
 */
void awh_worker_log(const struct awh_worker *worker, struct awh_events *events,
		    enum admwh_log_level level, const char *state, int status, int64_t restarts);
void awh_worker_log_not_started(const struct awh_worker *worker, struct awh_events *events,
				const char *reason);

/* In another process: close the descriptors of it that were inherited. */
void awh_worker_close(const struct awh_worker *worker);

#endif
