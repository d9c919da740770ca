/* SPDX-License-Identifier: MIT */
/*
 * How a running server comes by a new auth snapshot: what asks for a look at its
 * files, and how the result reaches the endpoint, every shard, and the
 * connections there are.
 */
#ifndef AWH_SERVER_ROTATE_H
#define AWH_SERVER_ROTATE_H

#include <stdatomic.h>

#include "conn/endpoint.h"
#include "conn/shard.h"
#include "net/loop.h"
#include "process/supervisor.h"
#include "reload/reload.h"
#include "server/conversions.h"

struct awh_rotation {
	/* set before its parts are made */
	const struct admwh_config *config;
	struct awh_events *events;
	const struct awh_role *role;
	struct awh_endpoint *endpoint; /* whose snapshot it renews, on the first shard's thread */
	struct awh_conversions *conversions; /* likewise */
	struct awh_shards *shards;
	int ask_fd; /* an eventfd: what a signal handler may write to */

	struct awh_sources loaded; /* what the snapshot was made of at the start, without bytes */
	struct awh_snapshot *_Atomic fresh; /* what it will be, once swap has run */
	struct awh_task swap;
	atomic_bool has_snapshot;

	/* on the control thread */
	struct awh_loop *loop;
	struct awh_reloader *reloader;
	struct awh_watch *asked; /* on ask_fd */
	struct awh_signal *hangup;
	struct awh_task ask;
};

/*
 * The first snapshot, of what the config has read. Without one a server that may start unready has
 * nothing to compare its files with.
 *
 * again: it was good once
 * Returns 0 or a code, with error set.
 */
int awh_rotation_first(struct awh_rotation *rotation, bool again, struct awh_error *error);

/*
 * Take what is on the disk now, if it is good and new; before the server's shards are made. So what
 * has changed since the config was set up, or since this process's sibling began, is never undone.
 *
 * keeps: what is not good changes nothing, otherwise there is nothing then
 * Returns 0, or a code when it is not good.
 */
int awh_rotation_catch_up(struct awh_rotation *rotation, bool keeps, struct awh_error *error);

/* The control thread's part: before its loop runs. 0 or a code, with error set. */
int awh_rotation_make(struct awh_rotation *rotation, struct awh_loop *loop,
		      struct awh_error *error);
/* On the control thread, or while it does not run. */
void awh_rotation_end(struct awh_rotation *rotation);

/* Look at the files of this process soon: any thread. */
void awh_rotation_ask(struct awh_rotation *rotation);

void awh_rotation_deinit(struct awh_rotation *rotation);

#endif
