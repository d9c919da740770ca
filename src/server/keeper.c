/* SPDX-License-Identifier: MIT */
#include "server/keeper.h"

#include "base/container.h"
#include "server/conn.h"
#include "server/rotate.h"

enum { HEALTH_BODY = 4096 }; /* bytes: nothing is asked by a body there */

/* On the keeper's thread. */
static void on_end(struct awh_task *task)
{
	struct admwh_server *server = AWH_CONTAINER(task, struct admwh_server, keeper_end);
	struct awh_shard *shard = &server->keeper_shard;

	awh_door_close(&server->health_door);
	awh_conns_cut(shard);
	awh_rotate_end(server);
	awh_trim_end(server);
	awh_watch_free(shard->drain);
	shard->drain = NULL;
	shard->ended = true;
	awh_loop_end(server->keeper);
}

static int make_door(struct admwh_server *server)
{
	struct awh_door *door = &server->health_door;

	if (!door->listener)
		return 0;
	door->server = server;
	door->id = AWH_DOOR_HEALTH;
	door->routes = &server->pages;
	door->is_plain = door->is_open = true;
	door->most = ADMWH_LIMIT_HEALTH_CONNECTIONS;
	door->body = HEALTH_BODY;
	if (awh_door_start(door, server->keeper, &server->keeper_shard, 1))
		return awh_fail(&server->error, ADMWH_E_NOMEM, "out of memory");
	return 0;
}

int awh_keeper_make(struct admwh_server *server)
{
	int failed;

	server->keeper_end.run = on_end;
	server->keeper = awh_loop_new(&server->error);
	if (!server->keeper)
		return server->error.code;
	server->keeper_shard.loop = server->keeper;
	failed = awh_shard_init(&server->keeper_shard, server, &server->error);
	if (failed == 0)
		failed = make_door(server);
	if (failed == 0)
		failed = awh_trim_make(server);
	return failed ? failed : awh_rotate_make(server);
}

int awh_keeper_start(struct admwh_server *server)
{
	return awh_loop_start(server->keeper, awh_tls_thread_end, &server->error);
}

const struct awh_guard *awh_keeper_guard(const struct admwh_server *server)
{
	return awh_reloader_guard(server->reloader);
}

void awh_keeper_end(struct admwh_server *server)
{
	awh_loop_post(server->keeper, &server->keeper_end);
}

void awh_keeper_free(struct admwh_server *server)
{
	if (server->keeper)
		awh_loop_join(server->keeper);
	awh_door_close(&server->health_door);
	awh_rotate_end(server);
	awh_trim_end(server);
	awh_shard_deinit(&server->keeper_shard);
	server->keeper = NULL;
}
