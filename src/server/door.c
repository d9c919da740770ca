/* SPDX-License-Identifier: MIT */
#include "server/door.h"

#include <errno.h>
#include <unistd.h>

#include "base/container.h"
#include "server/conn.h"
#include "server/events.h"
#include "server/share.h"

enum { PRESSURE_MS = 50 }; /* how often room is made while there is none */

static struct awh_gauges *gauges_of(const struct awh_door *door)
{
	return door->server->events.metrics.gauges;
}

/* The limit there is no room by; 0 when there is room. */
static unsigned int full_limit(const struct awh_door *door)
{
	const struct awh_gauges *gauges = gauges_of(door);
	const struct admwh_server *server = door->server;

	if (atomic_load(&gauges->connections[door->id]) >=
	    (long long)awh_server_limit(server, door->most))
		return door->most;
	if (!door->is_plain && atomic_load(&gauges->handshakes) >=
				   (long long)awh_server_limit(server, ADMWH_LIMIT_HANDSHAKES))
		return ADMWH_LIMIT_HANDSHAKES;
	return 0;
}

static void on_accept_failed(void *userdata, int error)
{
	struct awh_door *door = userdata;

	awh_tell_accept_failed(&door->server->events, error);
}

static bool on_accepted(void *userdata, int fd, const struct sockaddr_storage *address)
{
	struct awh_door *door = userdata;
	unsigned int full;

	if (awh_door_is_main(door) && !door->server->guard) {
		close(fd); /* nothing can be said before there is a certificate to say it with */
		return true;
	}
	if (!awh_conn_open(door, &door->shards[door->next_shard], fd, address))
		on_accept_failed(door, ENOMEM);
	door->next_shard = (door->next_shard + 1) % door->n_shards;
	full = full_limit(door);
	if (!full)
		return true;
	atomic_store(&door->accept_paused, true);
	/* The last one may have ended between the two lines above. */
	if (!full_limit(door) && atomic_exchange(&door->accept_paused, false))
		return true;
	awh_tell_limit(&door->server->events, (enum admwh_limit)full);
	awh_watch_timer(door->pressure, PRESSURE_MS);
	return false;
}

/*
 * While callers wait to be accepted, strangers that take their time lose their place, and
 * so does one connection of whoever has most of them.
 */
static void on_pressure(void *userdata, unsigned int happened)
{
	struct awh_door *door = userdata;

	(void)happened;
	if (!atomic_load(&door->accept_paused))
		return;
	if (awh_door_is_main(door))
		awh_share_press(door->server);
	for (size_t i = 0; i < door->n_shards; i++)
		awh_loop_post(door->shards[i].loop, &door->shards[i].evict);
	awh_watch_timer(door->pressure, PRESSURE_MS);
}

static void resume(struct awh_task *task)
{
	struct awh_door *door = AWH_CONTAINER(task, struct awh_door, resume);

	if (door->listener)
		awh_listener_resume(door->listener);
}

static void made_room(struct awh_door *door)
{
	if (atomic_load(&door->accept_paused) && !full_limit(door) &&
	    atomic_exchange(&door->accept_paused, false))
		awh_loop_post(door->loop, &door->resume);
}

void awh_door_enter(struct awh_door *door)
{
	atomic_fetch_add(&gauges_of(door)->connections[door->id], 1);
	if (!door->is_plain)
		atomic_fetch_add(&gauges_of(door)->handshakes, 1);
}

void awh_door_handshake_over(struct awh_door *door)
{
	if (door->is_plain)
		return;
	atomic_fetch_sub(&gauges_of(door)->handshakes, 1);
	made_room(door);
}

void awh_door_leave(struct awh_door *door)
{
	atomic_fetch_sub(&gauges_of(door)->connections[door->id], 1);
	made_room(door);
}

int awh_door_bind(struct awh_door *door, const struct sockaddr_storage *address,
		  struct awh_error *error)
{
	door->listener = awh_listener_new(address, error);
	return door->listener ? 0 : error->code;
}

int awh_door_start(struct awh_door *door, struct awh_loop *loop, struct awh_shard *shards,
		   size_t n_shards)
{
	door->loop = loop;
	door->shards = shards;
	door->n_shards = n_shards;
	door->resume.run = resume;
	door->pressure = awh_watch_new(loop, -1, on_pressure, door);
	if (!door->pressure)
		return ADMWH_E_NOMEM;
	return awh_listener_start(door->listener, loop, on_accepted, on_accept_failed, door);
}

void awh_door_finish(struct awh_door *door)
{
	if (!atomic_load(&door->accept_paused))
		awh_listener_finish(door->listener);
	awh_door_close(door);
}

void awh_door_close(struct awh_door *door)
{
	awh_listener_free(door->listener);
	awh_watch_free(door->pressure);
	door->listener = NULL;
	door->pressure = NULL;
}
