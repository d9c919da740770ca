/* SPDX-License-Identifier: MIT */
/*
 * What large reviews have taken goes back to the system: the C library keeps
 * freed memory for each thread that asked for it, and so a peak would stay.
 */
#ifndef AWH_SERVER_TRIM_H
#define AWH_SERVER_TRIM_H

#include <stdbool.h>

#include "net/loop.h"

struct admwh_server;

/* The keeper's thread's: nobody waits for it. */
struct awh_trim {
	struct awh_task ask;
	struct awh_watch *timer;
	bool is_due;
};

/* 0 or ADMWH_E_NOMEM. */
int awh_trim_make(struct admwh_server *server);
void awh_trim_end(struct admwh_server *server);

/* A large review is being freed: give back what it leaves, in a second. Any thread. */
void awh_trim_ask(struct admwh_server *server);

#endif
