/* SPDX-License-Identifier: MIT */
/*
 * The life of a server: one acceptor, some shards (an event loop and its
 * connections each), a pool of workers, and how they start and stop together.
 */
#ifndef AWH_SERVER_SERVER_H
#define AWH_SERVER_SERVER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <admwh/server.h>

#include "dispatch/pool.h"
#include "dispatch/route.h"
#include "net/listener.h"
#include "net/loop.h"
#include "server/config.h"
#include "server/events.h"
#include "server/guard.h"

struct awh_conn;

enum { AWH_SCRATCH = 65536 };

/* One loop's share of the connections. It is for the loop's own thread; others post its tasks. */
struct awh_shard {
	struct admwh_server *server;
	struct awh_loop *loop;
	struct awh_guard *guard; /* what callers are judged by */
	struct awh_conn *conns;
	size_t n_conns;
	struct awh_watch *drain; /* timer that ends the drain; NULL before the stop */
	struct awh_task stop;
	struct awh_task cut;
	struct awh_task evict;
	bool stopping;
	bool ended;
	char *scratch; /* AWH_SCRATCH bytes to read into */
};

struct admwh_server {
	struct admwh_config *config;
	struct awh_error error;
	struct awh_events events;
	struct awh_routes routes;
	struct awh_pool *pool;
	struct awh_shard *shards;
	size_t n_shards;
	bool started;
	bool ended;
	uint16_t port;

	/* on the first shard's thread */
	struct awh_guard *guard; /* what connections are accepted under */
	struct awh_listener *listener;
	struct awh_watch *stop_watch;
	struct awh_watch *lame_duck; /* timer between the stop and the end of accepting */
	struct awh_watch *pressure;  /* timer while nothing is accepted */
	struct awh_signal *signals[2];
	struct awh_task resume;
	struct awh_task finish;
	size_t next_shard;
	unsigned int stops; /* how often a stop was asked for */

	int stop_fd; /* an eventfd: what a signal handler may write to */
	atomic_bool stopping;
	atomic_bool cut_off; /* a request that had begun was not answered */
	atomic_bool accept_paused;
	atomic_size_t n_conns;
	atomic_size_t n_handshakes;
	atomic_size_t n_ended; /* shards */
	atomic_size_t bodies;  /* bytes of bodies in flight */
};

static inline uint64_t awh_server_limit(const struct admwh_server *server, enum admwh_limit limit)
{
	return server->config->limits[limit];
}

/* A connection, or a handshake, is over: accept again if that was held back. Any thread. */
void awh_server_made_room(struct admwh_server *server);

/* The shard's last connection is gone, perhaps. */
void awh_shard_check_end(struct awh_shard *shard);

#endif
