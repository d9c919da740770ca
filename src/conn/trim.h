/* SPDX-License-Identifier: MIT */
/*
 * What large reviews have taken goes back to the system: the C library keeps
 * freed memory for each thread that asked for it, and so a peak would stay.
 */
#ifndef AWH_CONN_TRIM_H
#define AWH_CONN_TRIM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "net/loop.h"

struct admwh_server;

struct awh_trim {
	atomic_size_t freed; /* since the last one; what was charged for it */
	/* on the control thread: nobody waits for it */
	struct awh_task ask;
	struct awh_watch *timer;
	bool is_due;
};

/* 0 or ADMWH_E_NOMEM. */
int awh_trim_make(struct admwh_server *server);
void awh_trim_end(struct admwh_server *server);

/*
 * A worker has freed so much, at most: when it comes to a lot, give it back here and now, before
 * others are let into its room.
 */
void awh_trim_now(struct admwh_server *server, size_t freed);

/* A large review is being freed: give back what it leaves, in a second. Any thread. */
void awh_trim_ask(struct admwh_server *server);

#endif
