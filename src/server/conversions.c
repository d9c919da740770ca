/* SPDX-License-Identifier: MIT */
#include "server/conversions.h"

#include "conn/pending.h"
#include "tls/tls.h"

int awh_conversions_init(struct awh_conversions *conversions, const struct admwh_config *config,
			 struct awh_events *events, const struct awh_routes *routes)
{
	struct awh_shared *shared = &conversions->shared;
	struct awh_endpoint *endpoint = &conversions->endpoint;

	shared->config = config;
	shared->events = events;
	shared->converts = true;
	endpoint->shared = shared;
	endpoint->id = AWH_ENDPOINT_CONVERSION;
	endpoint->routes = routes;
	endpoint->is_plain = config->plain;
	endpoint->is_open = true;
	endpoint->most = ADMWH_LIMIT_CONNECTIONS;
	endpoint->body = awh_shared_limit(shared, ADMWH_LIMIT_BODY);
	conversions->shards = (struct awh_shards){.items = &conversions->shard, .n_items = 1};
	shared->callers = awh_callers_new();
	return shared->callers ? 0 : ADMWH_E_NOMEM;
}

void awh_conversions_deinit(struct awh_conversions *conversions)
{
	awh_conversions_undo(conversions);
	awh_callers_free(conversions->shared.callers);
}

int awh_conversions_bind(struct awh_conversions *conversions, uint16_t *port,
			 struct awh_error *error)
{
	struct awh_endpoint *endpoint = &conversions->endpoint;
	int err;

	*port = 0;
	if (endpoint->routes->n_items == 0)
		return 0;
	err = awh_endpoint_bind(endpoint, &conversions->shared.config->conversion_address, error);
	if (err)
		return err;
	conversions->exists = true;
	*port = awh_listener_port(endpoint->listener);
	return 0;
}

/* Handlers compute, and wait for nothing: a worker for each CPU's event loop. */
static int make_pool(struct awh_shared *shared, struct awh_error *error)
{
	shared->pool = awh_pool_new(awh_config_threads(shared->config),
				    awh_shared_limit(shared, ADMWH_LIMIT_QUEUE),
				    awh_shared_caller_limit(shared, ADMWH_LIMIT_QUEUE), error);
	return shared->pool ? 0 : error->code;
}

int awh_conversions_make(struct awh_conversions *conversions, struct awh_loop *loop,
			 struct awh_snapshot *snapshot,
			 void (*drained)(struct awh_shard *shard, void *userdata), void *userdata,
			 struct awh_error *error)
{
	const struct awh_endpoint_owner owner = awh_shards_owner(&conversions->shards);
	struct awh_shared *shared = &conversions->shared;
	struct awh_shard *shard = &conversions->shard;

	if (!conversions->exists)
		return 0;
	awh_conversions_swap(conversions, snapshot);
	if (make_pool(shared, error))
		return error->code;
	shard->loop = awh_loop_new(error);
	if (!shard->loop)
		return error->code;
	if (awh_shard_init(shard, shared, NULL, drained, userdata) ||
	    awh_trim_make(&shared->trim, shard->loop) ||
	    awh_endpoint_start(&conversions->endpoint, loop, &owner))
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	return 0;
}

int awh_conversions_start(struct awh_conversions *conversions, struct awh_error *error)
{
	return conversions->exists
		   ? awh_loop_start(conversions->shard.loop, awh_tls_thread_trim, error)
		   : 0;
}

void awh_conversions_swap(struct awh_conversions *conversions, struct awh_snapshot *snapshot)
{
	if (!conversions->exists)
		return;
	awh_snapshot_unref(conversions->endpoint.snapshot);
	conversions->endpoint.snapshot = awh_snapshot_ref(snapshot);
}

void awh_conversions_finish(struct awh_conversions *conversions)
{
	if (!conversions->exists)
		return;
	awh_endpoint_finish(&conversions->endpoint);
	awh_shard_stop(&conversions->shard);
}

void awh_conversions_cut(struct awh_conversions *conversions)
{
	if (conversions->exists)
		awh_shard_cut(&conversions->shard);
}

void awh_conversions_join(struct awh_conversions *conversions)
{
	if (conversions->shard.loop)
		awh_loop_join(conversions->shard.loop);
}

void awh_conversions_undo(struct awh_conversions *conversions)
{
	awh_pool_free(conversions->shared.pool);
	conversions->shared.pool = NULL;
	awh_pending_detach(&conversions->shard);
	awh_endpoint_close(&conversions->endpoint);
	awh_snapshot_unref(conversions->endpoint.snapshot);
	conversions->endpoint.snapshot = NULL;
	awh_trim_forget(&conversions->shared.trim);
	awh_shard_deinit(&conversions->shard);
	conversions->exists = false;
}
