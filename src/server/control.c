/* SPDX-License-Identifier: MIT */
#include "server/control.h"

#include "base/container.h"
#include "conn/trim.h"
#include "tls/tls.h"

enum { HEALTH_BODY = 4096 }; /* bytes: no page asks for a body */

/* On the control thread. */
static void on_end(struct awh_task *task)
{
	struct awh_control *control = AWH_CONTAINER(task, struct awh_control, end);

	awh_endpoint_close(&control->endpoint);
	awh_shard_end(&control->shard);
	control->pages->view.reloader = NULL;
	awh_rotation_end(&control->rotation);
	awh_trim_end(&control->shared->trim);
	awh_loop_end(control->shard.loop);
}

static int make_endpoint(struct awh_control *control, struct awh_error *error)
{
	const struct awh_endpoint_owner owner = awh_shards_owner(&control->shards);
	struct awh_endpoint *endpoint = &control->endpoint;

	if (!endpoint->listener)
		return 0;
	endpoint->shared = control->shared;
	endpoint->id = AWH_ENDPOINT_HEALTH;
	endpoint->routes = &control->pages->routes;
	endpoint->is_plain = endpoint->is_open = true;
	endpoint->most = ADMWH_LIMIT_HEALTH_CONNECTIONS;
	endpoint->body = HEALTH_BODY;
	if (awh_endpoint_start(endpoint, control->shard.loop, &owner))
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	return 0;
}

int awh_control_make(struct awh_control *control, struct awh_error *error)
{
	struct awh_shard *shard = &control->shard;
	int err;

	control->end.run = on_end;
	control->shards = (struct awh_shards){.items = shard, .n_items = 1};
	shard->loop = awh_loop_new(error);
	if (!shard->loop)
		return error->code;
	if (awh_shard_init(shard, control->shared, NULL, NULL, NULL) ||
	    awh_trim_make(&control->shared->trim, shard->loop))
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	err = make_endpoint(control, error);
	if (err == 0)
		err = awh_rotation_make(&control->rotation, shard->loop, error);
	control->pages->view.reloader = control->rotation.reloader;
	return err;
}

int awh_control_start(struct awh_control *control, struct awh_error *error)
{
	return awh_loop_start(control->shard.loop, awh_tls_thread_trim, error);
}

void awh_control_end(struct awh_control *control)
{
	awh_loop_post(control->shard.loop, &control->end);
}

void awh_control_join(struct awh_control *control)
{
	awh_loop_join(control->shard.loop);
}

void awh_control_free(struct awh_control *control)
{
	if (control->shard.loop)
		awh_loop_join(control->shard.loop);
	awh_endpoint_close(&control->endpoint);
	awh_rotation_end(&control->rotation);
	if (control->shared)
		awh_trim_forget(&control->shared->trim);
	if (control->pages)
		control->pages->view.reloader = NULL;
	awh_shard_deinit(&control->shard);
}
