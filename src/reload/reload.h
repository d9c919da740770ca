/* SPDX-License-Identifier: MIT */
/*
 * reload: looks after the files a server was made from: reads them again when their
 * folders change, periodically, and when asked, and makes a new auth snapshot of
 * contents that are new and valid. Only contents count, never times or inodes.
 * Its home is a loop that serves no request.
 */
#ifndef AWH_RELOAD_RELOAD_H
#define AWH_RELOAD_RELOAD_H

#include <stdbool.h>

#include "auth/snapshot.h"
#include "config/config.h"
#include "net/loop.h"
#include "telemetry/events.h"

struct awh_reloader;

/* A new snapshot: *steals* it. On the loop's thread. */
typedef void awh_reloaded_fn(void *userdata, struct awh_snapshot *snapshot);

/* All *borrowed*, longer than the reloader is there. */
struct awh_reload_params {
	struct awh_loop *loop;
	const struct admwh_config *config;
	struct awh_events *events;
	struct awh_snapshot *snapshot;  /* the one there is; NULL: none could be made yet */
	const struct awh_sources *good; /* what it was made of; copied */
	awh_reloaded_fn *reloaded;
	void *userdata;
};

/* Before its loop runs. NULL: error says why. */
struct awh_reloader *awh_reloader_new(const struct awh_reload_params *params,
				      struct awh_error *error);

/* Look soon. On the loop's thread. */
void awh_reloader_ask(struct awh_reloader *reloader);

/* The newest snapshot there is: *borrowed* until the loop goes on; NULL: none yet. Likewise. */
const struct awh_snapshot *awh_reloader_snapshot(const struct awh_reloader *reloader);

/* On the loop's thread, or while it does not run. NULL is allowed. */
void awh_reloader_free(struct awh_reloader *reloader);

#endif
