/* SPDX-License-Identifier: MIT */
/*
 * accept: a door is a listener, what is spoken there (TLS, or HTTP alone), which
 * paths lead on from it, and how many may be inside. Reviews come by the main
 * door, kubelet and Prometheus by the health door.
 */
#ifndef AWH_SERVER_DOOR_H
#define AWH_SERVER_DOOR_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <admwh/config.h>

#include "dispatch/route.h"
#include "net/listener.h"
#include "net/loop.h"
#include "server/metrics.h"

struct awh_shard;

struct awh_door {
	struct admwh_server *server;
	enum awh_door_id id;
	const struct awh_routes *routes;
	bool is_plain; /* no TLS */
	/* Whoever comes is served, but has a stranger's time, and loses its place as one. */
	bool is_open;
	enum admwh_limit most; /* connections */
	uint64_t body;         /* limit, bytes */
	struct awh_shard *shards;
	size_t n_shards;
	atomic_bool accept_paused;

	/* on the loop's thread */
	struct awh_loop *loop;
	struct awh_listener *listener;
	struct awh_watch *pressure; /* timer while nothing is accepted */
	struct awh_task resume;
	size_t next_shard;
};

/* Bind; connections wait until awh_door_start(). 0 or a code, with error set. */
int awh_door_bind(struct awh_door *door, const struct sockaddr_storage *address,
		  struct awh_error *error);

/* Accept on this loop, for these shards. Before the loop runs. 0 or ADMWH_E_NOMEM. */
int awh_door_start(struct awh_door *door, struct awh_loop *loop, struct awh_shard *shards,
		   size_t n_shards);

/* Accept whoever waits, and no one from then on. On the loop's thread. */
void awh_door_finish(struct awh_door *door);

/* On the loop's thread, or while it does not run. A zeroed one is allowed. */
void awh_door_close(struct awh_door *door);

/* A connection has come, is gone, or is over with its handshake. Any thread. */
void awh_door_enter(struct awh_door *door);
void awh_door_leave(struct awh_door *door);
void awh_door_handshake_over(struct awh_door *door);

static inline bool awh_door_is_main(const struct awh_door *door)
{
	return door->id == AWH_DOOR_MAIN;
}

#endif
