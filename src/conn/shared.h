/* SPDX-License-Identifier: MIT */
/*
 * What connections share: all those of a server, and those of one event loop.
 */
#ifndef AWH_CONN_SHARED_H
#define AWH_CONN_SHARED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "auth/snapshot.h"
#include "config/config.h"
#include "conn/quiet.h"
#include "conn/trim.h"
#include "dispatch/caller.h"
#include "dispatch/pool.h"
#include "net/loop.h"
#include "telemetry/events.h"
#include "telemetry/recorder.h"

struct awh_conn;
struct awh_pending;

enum { AWH_SCRATCH = 65536 };

/*
 * Of all connections of a server's main and health listeners; or, so that clients without a
 * certificate take nothing from those with one, of its conversion listener.
 */
struct awh_shared {
	const struct admwh_config *config;
	bool converts; /* it is the conversion listener's */
	struct awh_events *events;
	struct awh_recorder *recorder; /* NULL: no review is recorded */
	struct awh_callers *callers;
	atomic_size_t abandoned; /* reviews that go on, though their connection has ended */
	atomic_size_t announced; /* bytes that bodies have memory for and that have not come */
	struct awh_pool *pool;
	struct awh_trim trim;
	atomic_bool stopping;
	atomic_bool cut_off; /* a request that had begun was not answered */
};

/* Of those of one loop. It is for the loop's own thread; others post its tasks. */
struct awh_shard {
	struct awh_shared *shared;
	struct awh_loop *loop;
	struct awh_snapshot *snapshot; /* what callers are authorized by */
	struct awh_snapshot
	    *_Atomic fresh; /* what they will be, once swap has run; NULL: the same */
	struct awh_conn *conns;
	size_t n_conns;
	struct awh_pending *pendings; /* reviews in progress, with or without a connection */
	struct awh_watch *drain;      /* timer that ends the drain */
	struct awh_quiet quiet;
	struct awh_task swap, stop, cut, evict;
	bool stopping;
	bool ended;                               /* no connection begins any more */
	void (*emptied)(struct awh_shard *shard); /* its last connection has ended */
	void (*drained)(struct awh_shard *shard, void *userdata); /* and it was to stop */
	void *userdata;
	struct awh_spares *spares;         /* of reviews */
	struct awh_arena heads;            /* a block for the strings of a head */
	struct awh_pending *spare_pending; /* NULL, or one that is over */
	char *scratch;                     /* AWH_SCRATCH bytes to read into */
	struct awh_tls_buffer received;    /* before it is decrypted */
	struct awh_path_cache *paths;
};

/* The limit that holds here in place of one of the main listener's. */
static inline enum admwh_limit awh_shared_own(const struct awh_shared *shared,
					      enum admwh_limit limit)
{
	return shared->converts ? awh_conversion_limit(limit) : limit;
}

/* At most what memory can have, where a pointer has 32 bits. */
static inline size_t awh_shared_limit(const struct awh_shared *shared, enum admwh_limit limit)
{
	const uint64_t value = shared->config->limits[awh_shared_own(shared, limit)];

	return value < SIZE_MAX ? (size_t)value : SIZE_MAX;
}

static inline struct awh_gauges *awh_shared_gauges(const struct awh_shared *shared)
{
	const struct awh_metrics *metrics = &shared->events->metrics;

	return shared->converts ? metrics->conversions : metrics->gauges;
}

/* A limit has delayed or ended something without an answer. */
static inline void awh_shared_tell_limit(const struct awh_shared *shared, enum admwh_limit limit)
{
	awh_tell_limit(shared->events, awh_shared_own(shared, limit));
}

/* What one caller may have of a limit. */
static inline size_t awh_shared_caller_limit(const struct awh_shared *shared,
					     enum admwh_limit limit)
{
	return awh_percent_of(awh_shared_limit(shared, limit),
			      awh_shared_limit(shared, ADMWH_LIMIT_CALLER_SHARE));
}

#endif
