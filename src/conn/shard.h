/* SPDX-License-Identifier: MIT */
/*
 * What is done to all connections of an event loop: begin, retire, evict,
 * re-evaluate, cut.
 */
#ifndef AWH_CONN_SHARD_H
#define AWH_CONN_SHARD_H

#include "conn/endpoint.h"
#include "conn/shared.h"

/* Those that an endpoint's connections are dealt to, in turn. */
struct awh_shards {
	struct awh_shard *items;
	size_t n_items;
	size_t next; /* on the endpoint's thread */
};

/*
 * A zeroed shard's parts; shard->loop is set and *stolen*. Before the loop runs. What there is goes
 * with awh_shard_deinit(), also after a failure.
 *
 * drained: on the shard's thread, once after awh_shard_stop(); NULL for a shard that is never
 * stopped that way
 * Returns 0 or ADMWH_E_NOMEM.
 */
int awh_shard_init(struct awh_shard *shard, struct awh_shared *shared,
		   struct awh_snapshot *snapshot,
		   void (*drained)(struct awh_shard *shard, void *userdata), void *userdata);
/* Its loop has not started, or was joined. */
void awh_shard_deinit(struct awh_shard *shard);

/* The owner of an endpoint's connections. shards: *borrowed*, longer than the endpoint is open */
struct awh_endpoint_owner awh_shards_owner(struct awh_shards *shards);

/* Hand over a new snapshot: a reference is taken. Any thread. */
void awh_shard_hand_over(struct awh_shard *shard, struct awh_snapshot *snapshot);

/* Accept no more: idle connections end, others after their answer or the drain time. Any thread. */
void awh_shard_stop(struct awh_shard *shard);

/* End every connection at once. Any thread. */
void awh_shard_cut(struct awh_shard *shard);

/* The same on the shard's thread, and no connection begins any more. */
void awh_shard_end(struct awh_shard *shard);

#endif
