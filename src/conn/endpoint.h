/* SPDX-License-Identifier: MIT */
/*
 * accept: an endpoint is a listener, what is spoken there (TLS, or HTTP alone),
 * its routes, and how many connections it may have. Reviews come by the main
 * endpoint, ConversionReviews by the conversion endpoint, kubelet's and
 * Prometheus's requests by that of health.
 */
#ifndef AWH_CONN_ENDPOINT_H
#define AWH_CONN_ENDPOINT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conn/shared.h"
#include "dispatch/route.h"
#include "net/listener.h"
#include "net/loop.h"
#include "telemetry/metrics.h"

struct awh_endpoint;

/* The side that has the connections. On the endpoint's thread. */
struct awh_endpoint_owner {
	/* One has come: *steals* fd. False when memory ran out. */
	bool (*open)(struct awh_endpoint *endpoint, int fd, const struct sockaddr_storage *address,
		     void *userdata);
	/* Others wait to be accepted: make room. Called again and again while they do. */
	void (*press)(struct awh_endpoint *endpoint, void *userdata);
	void *userdata;
};

struct awh_endpoint {
	struct awh_shared *shared;
	enum awh_endpoint_id id;
	const struct awh_routes *routes;
	bool is_plain; /* no TLS */
	/*
	 * Every caller is served, but has an unauthenticated client's time, and loses its place as
	 * one: at the conversion endpoint until it has sent a request that is served there.
	 */
	bool is_open;
	enum admwh_limit most; /* connections */
	uint64_t body;         /* limit, bytes */
	struct awh_endpoint_owner owner;
	/* Is the next connection this process's to take? NULL: always. Set before the start. */
	bool (*is_my_turn)(void *userdata);
	void *turn_userdata;
	atomic_bool accept_paused;
	atomic_bool listening;

	/* on the loop's thread, or while it does not run */
	/* What connections are accepted under, owned; NULL: none is, but at the health endpoint. */
	struct awh_snapshot *snapshot;
	struct awh_loop *loop;
	struct awh_listener *listener;
	struct awh_watch *pressure; /* timer while nothing is accepted */
	struct awh_task resume;
};

/* Bind; connections wait until awh_endpoint_start(). 0 or a code, with error set. */
int awh_endpoint_bind(struct awh_endpoint *endpoint, const struct sockaddr_storage *address,
		      struct awh_error *error);

/* Accept on this loop, for this owner. Before the loop runs. 0 or ADMWH_E_NOMEM. */
int awh_endpoint_start(struct awh_endpoint *endpoint, struct awh_loop *loop,
		       const struct awh_endpoint_owner *owner);

/* Accept the connections that wait, and none from then on. On the loop's thread. */
void awh_endpoint_finish(struct awh_endpoint *endpoint);

/* On the loop's thread, or while it does not run. A zeroed one is allowed. */
void awh_endpoint_close(struct awh_endpoint *endpoint);

/* A connection has begun, has ended, or has ended its handshake. Any thread. */
void awh_endpoint_enter(struct awh_endpoint *endpoint);
void awh_endpoint_leave(struct awh_endpoint *endpoint);
void awh_endpoint_handshake_over(struct awh_endpoint *endpoint);

static inline bool awh_endpoint_is_main(const struct awh_endpoint *endpoint)
{
	return endpoint->id == AWH_ENDPOINT_MAIN;
}

/* Is it one of kube-apiserver's: main, or conversions? */
static inline bool awh_endpoint_has_reviews(const struct awh_endpoint *endpoint)
{
	return endpoint->id != AWH_ENDPOINT_HEALTH;
}

/* What a snapshot has for its connections. */
static inline struct awh_tls_context *awh_endpoint_tls(const struct awh_endpoint *endpoint,
						       const struct awh_snapshot *snapshot)
{
	return endpoint->id == AWH_ENDPOINT_CONVERSION ? snapshot->anonymous : snapshot->tls;
}

#endif
