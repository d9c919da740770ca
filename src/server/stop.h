/* SPDX-License-Identifier: MIT */
/*
 * How a server that serves ends: asked by an eventfd, a signal or its
 * supervisor, it is unready for the lame-duck time, then accepts no more, drains
 * its shards, and ends. On the first shard's thread; the watcher's orders on its
 * control thread.
 */
#ifndef AWH_SERVER_STOP_H
#define AWH_SERVER_STOP_H

#include <stdatomic.h>

#include "conn/shard.h"
#include "server/control.h"

struct awh_stop {
	/* set before its parts are made */
	struct awh_shared *shared;
	struct awh_endpoint *endpoint;
	struct awh_shards *shards;
	struct awh_conversions *conversions;
	struct awh_control *control;
	const struct awh_role *role;
	int ask_fd; /* an eventfd: what a signal handler may write to */

	struct awh_watch *asked;     /* on ask_fd */
	struct awh_watch *lame_duck; /* timer between the stop and the end of accepting */
	struct awh_watch *orders;    /* from the supervisor */
	struct awh_signal *signals[2];
	struct awh_task finish;
	unsigned int times;      /* how often a stop was asked for */
	atomic_size_t n_drained; /* shards */
};

/* Of a process that serves reviews. Before the first shard's loop runs. 0 or a code, error set. */
int awh_stop_make(struct awh_stop *stop, struct awh_error *error);
/* Of the watcher, which ends by order alone. */
int awh_stop_make_watching(struct awh_stop *stop, struct awh_error *error);
/* On the first shard's thread, or while it does not run. */
void awh_stop_free(struct awh_stop *stop);

/* For a shard: its last connection has ended. userdata: the stop */
void awh_stop_on_drained(struct awh_shard *shard, void *userdata);

#endif
