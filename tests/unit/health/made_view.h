/* SPDX-License-Identifier: MIT */
/*
 * What the pages see of a server, made by hand: config, metrics, routes and flags of the test's
 * own. An auth snapshot is held by a reloader on a loop that never runs.
 */
#ifndef TESTS_UNIT_HEALTH_MADE_VIEW_H
#define TESTS_UNIT_HEALTH_MADE_VIEW_H

#include <string.h>

#include "../good_server.h"
#include "config/check.h"
#include "health/view.h"
#include "net/loop.h"

struct made_view {
	struct admwh_config *config;
	struct awh_events events;
	struct awh_routes routes;
	atomic_bool listening, stopping;
	struct awh_loop *loop;
	struct awh_reloader *reloader;
	struct awh_error error;
};

/* It listens, and knows no certificate yet. config: *steals*; n_slots: processes of the metrics */
static inline struct awh_view make_view(struct made_view *made, struct admwh_config *config,
					size_t n_slots)
{
	*made = (struct made_view){.config = config};
	atomic_store(&made->listening, true);
	if (awh_config_check(config))
		fail_msg("config: %s", admwh_config_error(config));
	assert_int_equal(awh_metrics_init(&made->events.metrics, n_slots, &made->error), 0);
	return (struct awh_view){
	    .config = config,
	    .metrics = &made->events.metrics,
	    .routes = &made->routes,
	    .listening = &made->listening,
	    .stopping = &made->stopping,
	    .port = 8443,
	    .health_port = 8080,
	};
}

/* What server_start() does with the routes. */
static inline void freeze_routes(struct made_view *made)
{
	struct awh_metrics *metrics = &made->events.metrics;

	awh_routes_freeze(&made->routes, 0);
	assert_int_equal(awh_metrics_add_routes(metrics, made->routes.n_items, &made->error), 0);
	assert_int_equal(awh_metrics_add_bundles(metrics, made->config->n_bundles, &made->error),
			 0);
}

static inline void ignore_snapshot(void *userdata, struct awh_snapshot *snapshot)
{
	(void)userdata;
	awh_snapshot_unref(snapshot);
}

static inline void unmake_reloader(struct made_view *made)
{
	awh_reloader_free(made->reloader);
	awh_loop_free(made->loop);
	made->reloader = NULL;
	made->loop = NULL;
}

/* snapshot: *steals*; NULL: the reloader has none */
static inline void put_snapshot(struct made_view *made, struct awh_view *view,
				struct awh_snapshot *snapshot)
{
	struct awh_reload_params params = {
	    .config = made->config,
	    .events = &made->events,
	    .snapshot = snapshot,
	    .good = &made->config->sources,
	    .reloaded = ignore_snapshot,
	};

	unmake_reloader(made);
	params.loop = made->loop = awh_loop_new(&made->error);
	assert_non_null(made->loop);
	made->reloader = awh_reloader_new(&params, &made->error);
	assert_non_null(made->reloader);
	view->reloader = made->reloader;
	awh_snapshot_unref(snapshot);
}

/* Of what the config has read. was_good: an expired certificate is taken */
static inline struct awh_snapshot *make_snapshot(const struct admwh_config *config,
						 const struct awh_sources *sources, bool was_good)
{
	struct awh_fault fault;
	struct awh_snapshot *snapshot =
	    awh_snapshot_new(config, sources, was_good ? sources : NULL, &fault);

	if (!snapshot)
		fail_msg("no snapshot: %s", fault.error.text);
	return snapshot;
}

static inline void unmake_view(struct made_view *made)
{
	unmake_reloader(made);
	awh_routes_deinit(&made->routes);
	awh_metrics_deinit(&made->events.metrics);
	admwh_config_free(made->config);
}

#endif
