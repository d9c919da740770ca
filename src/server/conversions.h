/* SPDX-License-Identifier: MIT */
/*
 * The conversion listener: its endpoint, which the first event loop accepts for, and
 * an event loop, workers and limits of its own, so that clients without a
 * certificate take nothing from the main listener's.
 */
#ifndef AWH_SERVER_CONVERSIONS_H
#define AWH_SERVER_CONVERSIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "conn/endpoint.h"
#include "conn/shard.h"
#include "conn/shared.h"

/* Zeroed: there is none. Its parts refer to each other: it is never moved. */
struct awh_conversions {
	struct awh_shared shared;
	struct awh_endpoint endpoint;
	struct awh_shard shard;
	struct awh_shards shards; /* this one */
	bool exists;              /* it was bound; set before threads are started */
};

/* All are *borrowed* and outlive it. 0 or ADMWH_E_NOMEM. */
int awh_conversions_init(struct awh_conversions *conversions, const struct admwh_config *config,
			 struct awh_events *events, const struct awh_routes *routes);
void awh_conversions_deinit(struct awh_conversions *conversions);

/* Bind, unless nothing is to be converted; *port is set. 0 or a code, with error set. */
int awh_conversions_bind(struct awh_conversions *conversions, uint16_t *port,
			 struct awh_error *error);

/*
 * Its parts, before any loop runs, and nothing where there is no such listener.
 *
 * loop: that accepts
 * snapshot: to begin with; a reference is taken; NULL: there is none yet
 * drained: as for awh_shard_init()
 * 0 or a code, with error set.
 */
int awh_conversions_make(struct awh_conversions *conversions, struct awh_loop *loop,
			 struct awh_snapshot *snapshot,
			 void (*drained)(struct awh_shard *shard, void *userdata), void *userdata,
			 struct awh_error *error);
int awh_conversions_start(struct awh_conversions *conversions, struct awh_error *error);

/* Accept with this one from now on; a reference is taken. On the accepting loop's thread. */
void awh_conversions_swap(struct awh_conversions *conversions, struct awh_snapshot *snapshot);

/* Accept no more, and drain. On the accepting loop's thread. */
void awh_conversions_finish(struct awh_conversions *conversions);
/* End every connection at once. Any thread. */
void awh_conversions_cut(struct awh_conversions *conversions);

/* Wait for its loop's end, if it was started. */
void awh_conversions_join(struct awh_conversions *conversions);

/* Nothing is left of a start, or of what was bound. Its loop has ended, or never ran. */
void awh_conversions_undo(struct awh_conversions *conversions);

#endif
