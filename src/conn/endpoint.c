/* SPDX-License-Identifier: MIT */
#include "conn/endpoint.h"

#include <errno.h>
#include <unistd.h>

#include "base/container.h"
#include "conn/conn.h"
#include "telemetry/events.h"
#include "conn/share.h"

enum { PRESSURE_MS = 50 }; /* how often room is made while there is none */

static struct awh_gauges *gauges_of(const struct awh_endpoint *endpoint)
{
	return endpoint->server->events.metrics.gauges;
}

/* The limit there is no room by; 0 when there is room. */
static unsigned int full_limit(const struct awh_endpoint *endpoint)
{
	const struct awh_gauges *gauges = gauges_of(endpoint);
	const struct admwh_server *server = endpoint->server;

	if (atomic_load(&gauges->connections[endpoint->id]) >=
	    (long long)awh_server_limit(server, endpoint->most))
		return endpoint->most;
	if (!endpoint->is_plain && atomic_load(&gauges->handshakes) >=
				       (long long)awh_server_limit(server, ADMWH_LIMIT_HANDSHAKES))
		return ADMWH_LIMIT_HANDSHAKES;
	return 0;
}

static void on_accept_failed(void *userdata, int error)
{
	struct awh_endpoint *endpoint = userdata;

	awh_tell_accept_failed(&endpoint->server->events, error);
}

static bool on_accepted(void *userdata, int fd, const struct sockaddr_storage *address)
{
	struct awh_endpoint *endpoint = userdata;
	unsigned int full;

	if (awh_endpoint_is_main(endpoint) && !endpoint->server->snapshot) {
		close(fd); /* nothing can be said before there is a certificate to say it with */
		return true;
	}
	if (!awh_conn_open(endpoint, &endpoint->shards[endpoint->next_shard], fd, address))
		on_accept_failed(endpoint, ENOMEM);
	endpoint->next_shard = (endpoint->next_shard + 1) % endpoint->n_shards;
	full = full_limit(endpoint);
	if (!full)
		return true;
	atomic_store(&endpoint->accept_paused, true);
	/* The last one may have ended between the two lines above. */
	if (!full_limit(endpoint) && atomic_exchange(&endpoint->accept_paused, false))
		return true;
	awh_tell_limit(&endpoint->server->events, (enum admwh_limit)full);
	awh_watch_timer(endpoint->pressure, PRESSURE_MS);
	return false;
}

/*
 * While callers wait to be accepted, strangers that take their time lose their place, and
 * so does one connection of whoever has most of them.
 */
static void on_pressure(void *userdata, unsigned int happened)
{
	struct awh_endpoint *endpoint = userdata;

	(void)happened;
	if (!atomic_load(&endpoint->accept_paused))
		return;
	if (awh_endpoint_is_main(endpoint))
		awh_share_press(endpoint->server);
	for (size_t i = 0; i < endpoint->n_shards; i++)
		awh_loop_post(endpoint->shards[i].loop, &endpoint->shards[i].evict);
	awh_watch_timer(endpoint->pressure, PRESSURE_MS);
}

static void resume(struct awh_task *task)
{
	struct awh_endpoint *endpoint = AWH_CONTAINER(task, struct awh_endpoint, resume);

	if (endpoint->listener)
		awh_listener_resume(endpoint->listener);
}

static void made_room(struct awh_endpoint *endpoint)
{
	if (atomic_load(&endpoint->accept_paused) && !full_limit(endpoint) &&
	    atomic_exchange(&endpoint->accept_paused, false))
		awh_loop_post(endpoint->loop, &endpoint->resume);
}

void awh_endpoint_enter(struct awh_endpoint *endpoint)
{
	atomic_fetch_add(&gauges_of(endpoint)->connections[endpoint->id], 1);
	if (!endpoint->is_plain)
		atomic_fetch_add(&gauges_of(endpoint)->handshakes, 1);
}

void awh_endpoint_handshake_over(struct awh_endpoint *endpoint)
{
	if (endpoint->is_plain)
		return;
	atomic_fetch_sub(&gauges_of(endpoint)->handshakes, 1);
	made_room(endpoint);
}

void awh_endpoint_leave(struct awh_endpoint *endpoint)
{
	atomic_fetch_sub(&gauges_of(endpoint)->connections[endpoint->id], 1);
	made_room(endpoint);
}

int awh_endpoint_bind(struct awh_endpoint *endpoint, const struct sockaddr_storage *address,
		      struct awh_error *error)
{
	endpoint->listener = awh_listener_new(address, error);
	return endpoint->listener ? 0 : error->code;
}

int awh_endpoint_start(struct awh_endpoint *endpoint, struct awh_loop *loop,
		       struct awh_shard *shards, size_t n_shards)
{
	endpoint->loop = loop;
	endpoint->shards = shards;
	endpoint->n_shards = n_shards;
	endpoint->resume.run = resume;
	endpoint->pressure = awh_watch_new(loop, -1, on_pressure, endpoint);
	if (!endpoint->pressure)
		return ADMWH_E_NOMEM;
	return awh_listener_start(endpoint->listener, loop, on_accepted, on_accept_failed,
				  endpoint);
}

void awh_endpoint_finish(struct awh_endpoint *endpoint)
{
	if (!atomic_load(&endpoint->accept_paused))
		awh_listener_finish(endpoint->listener);
	awh_endpoint_close(endpoint);
}

void awh_endpoint_close(struct awh_endpoint *endpoint)
{
	awh_listener_free(endpoint->listener);
	awh_watch_free(endpoint->pressure);
	endpoint->listener = NULL;
	endpoint->pressure = NULL;
}
