/* SPDX-License-Identifier: MIT */
/*
 * accept: an endpoint is a listener, what is spoken there (TLS, or HTTP alone), which
 * paths lead on from it, and how many may be inside. Reviews come by the main
 * endpoint, kubelet and Prometheus by the health endpoint.
 */
#ifndef AWH_CONN_ENDPOINT_H
#define AWH_CONN_ENDPOINT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <admwh/limits.h>

#include "dispatch/route.h"
#include "net/listener.h"
#include "net/loop.h"
#include "telemetry/metrics.h"

struct awh_shard;

struct awh_endpoint {
	struct admwh_server *server;
	enum awh_endpoint_id id;
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

/* Bind; connections wait until awh_endpoint_start(). 0 or a code, with error set. */
int awh_endpoint_bind(struct awh_endpoint *endpoint, const struct sockaddr_storage *address,
		      struct awh_error *error);

/* Accept on this loop, for these shards. Before the loop runs. 0 or ADMWH_E_NOMEM. */
int awh_endpoint_start(struct awh_endpoint *endpoint, struct awh_loop *loop,
		       struct awh_shard *shards, size_t n_shards);

/* Accept whoever waits, and no one from then on. On the loop's thread. */
void awh_endpoint_finish(struct awh_endpoint *endpoint);

/* On the loop's thread, or while it does not run. A zeroed one is allowed. */
void awh_endpoint_close(struct awh_endpoint *endpoint);

/* A connection has come, is gone, or is over with its handshake. Any thread. */
void awh_endpoint_enter(struct awh_endpoint *endpoint);
void awh_endpoint_leave(struct awh_endpoint *endpoint);
void awh_endpoint_handshake_over(struct awh_endpoint *endpoint);

static inline bool awh_endpoint_is_main(const struct awh_endpoint *endpoint)
{
	return endpoint->id == AWH_ENDPOINT_MAIN;
}

#endif
