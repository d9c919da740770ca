/* SPDX-License-Identifier: MIT */
#include "conn/endpoint.h"

#include <errno.h>
#include <unistd.h>

#include "base/container.h"
#include "telemetry/events.h"

enum { PRESSURE_MS = 50 }; /* how often room is made while there is none */

static struct awh_gauges *gauges_of(const struct awh_endpoint *endpoint)
{
	return awh_shared_gauges(endpoint->shared);
}

static bool is_reached(const struct awh_endpoint *endpoint, enum admwh_limit limit,
		       const atomic_llong *gauge)
{
	return atomic_load(gauge) >= (long long)awh_shared_limit(endpoint->shared, limit);
}

/* The limit that leaves no room; 0 when there is room. */
static unsigned int full_limit(const struct awh_endpoint *endpoint)
{
	const struct awh_gauges *gauges = gauges_of(endpoint);

	if (is_reached(endpoint, endpoint->most, &gauges->connections[endpoint->id]))
		return endpoint->most;
	if (!endpoint->is_plain &&
	    is_reached(endpoint, ADMWH_LIMIT_HANDSHAKES, &gauges->handshakes))
		return ADMWH_LIMIT_HANDSHAKES;
	return 0;
}

static void on_accept_failed(void *userdata, int error)
{
	struct awh_endpoint *endpoint = userdata;

	awh_tell_accept_failed(endpoint->shared->events, error);
}

/* Pause unless there is room. The last connection may have ended between the two looks. */
static bool has_room(struct awh_endpoint *endpoint)
{
	unsigned int full = full_limit(endpoint);

	if (!full)
		return true;
	atomic_store(&endpoint->accept_paused, true);
	if (!full_limit(endpoint) && atomic_exchange(&endpoint->accept_paused, false))
		return true;
	awh_shared_tell_limit(endpoint->shared, (enum admwh_limit)full);
	awh_watch_timer(endpoint->pressure, PRESSURE_MS);
	return false;
}

static bool needs_snapshot(const struct awh_endpoint *endpoint)
{
	return !endpoint->is_open || endpoint->id == AWH_ENDPOINT_CONVERSION;
}

static bool on_accepted(void *userdata, int fd, const struct sockaddr_storage *address)
{
	struct awh_endpoint *endpoint = userdata;

	if (needs_snapshot(endpoint) && !endpoint->snapshot) {
		close(fd); /* nothing can be said before there is a certificate to say it with */
		return true;
	}
	if (!endpoint->owner.open(endpoint, fd, address, endpoint->owner.userdata))
		on_accept_failed(endpoint, ENOMEM);
	return has_room(endpoint);
}

static void on_pressure(void *userdata, unsigned int happened)
{
	struct awh_endpoint *endpoint = userdata;

	(void)happened;
	if (!atomic_load(&endpoint->accept_paused))
		return;
	endpoint->owner.press(endpoint, endpoint->owner.userdata);
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

static bool on_turn(void *userdata)
{
	const struct awh_endpoint *endpoint = userdata;

	return endpoint->is_my_turn(endpoint->turn_userdata);
}

int awh_endpoint_start(struct awh_endpoint *endpoint, struct awh_loop *loop,
		       const struct awh_endpoint_owner *owner)
{
	endpoint->loop = loop;
	endpoint->owner = *owner;
	endpoint->resume.run = resume;
	endpoint->pressure = awh_watch_new(loop, -1, on_pressure, endpoint);
	if (!endpoint->pressure)
		return ADMWH_E_NOMEM;
	if (endpoint->is_my_turn)
		awh_listener_set_turn(endpoint->listener, on_turn);
	atomic_store(&endpoint->listening, true);
	return awh_listener_start(endpoint->listener, loop, on_accepted, on_accept_failed,
				  endpoint);
}

void awh_endpoint_finish(struct awh_endpoint *endpoint)
{
	atomic_store(&endpoint->listening, false);
	if (!atomic_load(&endpoint->accept_paused))
		awh_listener_finish(endpoint->listener);
	awh_endpoint_close(endpoint);
}

void awh_endpoint_close(struct awh_endpoint *endpoint)
{
	atomic_store(&endpoint->listening, false);
	awh_listener_free(endpoint->listener);
	awh_watch_free(endpoint->pressure);
	endpoint->listener = NULL;
	endpoint->pressure = NULL;
}
