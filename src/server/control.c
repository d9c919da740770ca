/* SPDX-License-Identifier: MIT */
#include "server/control.h"

#include "base/container.h"
#include "conn/conn.h"
#include "server/rotate.h"

enum { HEALTH_BODY = 4096 }; /* bytes: nothing is asked by a body there */

/* On the control thread. */
static void on_end(struct awh_task *task)
{
	struct admwh_server *server = AWH_CONTAINER(task, struct admwh_server, control_end);
	struct awh_shard *shard = &server->control_shard;

	awh_endpoint_close(&server->health_endpoint);
	awh_conns_cut(shard);
	awh_rotate_end(server);
	awh_trim_end(server);
	awh_watch_free(shard->drain);
	shard->drain = NULL;
	shard->ended = true;
	awh_loop_end(server->control);
}

static int make_endpoint(struct admwh_server *server)
{
	struct awh_endpoint *endpoint = &server->health_endpoint;

	if (!endpoint->listener)
		return 0;
	endpoint->server = server;
	endpoint->id = AWH_ENDPOINT_HEALTH;
	endpoint->routes = &server->pages;
	endpoint->is_plain = endpoint->is_open = true;
	endpoint->most = ADMWH_LIMIT_HEALTH_CONNECTIONS;
	endpoint->body = HEALTH_BODY;
	if (awh_endpoint_start(endpoint, server->control, &server->control_shard, 1))
		return awh_fail(&server->error, ADMWH_E_NOMEM, "out of memory");
	return 0;
}

int awh_control_make(struct admwh_server *server)
{
	int failed;

	server->control_end.run = on_end;
	server->control = awh_loop_new(&server->error);
	if (!server->control)
		return server->error.code;
	server->control_shard.loop = server->control;
	failed = awh_shard_init(&server->control_shard, server, &server->error);
	if (failed == 0)
		failed = make_endpoint(server);
	if (failed == 0)
		failed = awh_trim_make(server);
	return failed ? failed : awh_rotate_make(server);
}

int awh_control_start(struct admwh_server *server)
{
	return awh_loop_start(server->control, awh_tls_thread_end, &server->error);
}

const struct awh_snapshot *awh_control_snapshot(const struct admwh_server *server)
{
	return awh_reloader_snapshot(server->reloader);
}

void awh_control_end(struct admwh_server *server)
{
	awh_loop_post(server->control, &server->control_end);
}

void awh_control_free(struct admwh_server *server)
{
	if (server->control)
		awh_loop_join(server->control);
	awh_endpoint_close(&server->health_endpoint);
	awh_rotate_end(server);
	awh_trim_end(server);
	awh_shard_deinit(&server->control_shard);
	server->control = NULL;
}
