/* SPDX-License-Identifier: MIT */
/*
 * What is shown to those who watch: all that checks and pages read of a server,
 * without changing anything. Borrowed, as long as the pages are there.
 */
#ifndef AWH_HEALTH_VIEW_H
#define AWH_HEALTH_VIEW_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "dispatch/route.h"
#include "process/fleet.h"
#include "reload/reload.h"
#include "telemetry/metrics.h"

struct awh_view {
	const struct admwh_config *config;
	const struct awh_metrics *metrics;
	const struct awh_routes *routes;      /* of the main endpoint */
	const struct awh_routes *conversions; /* of that of conversions; NULL: none */
	const atomic_bool *listening;         /* the main endpoint does, in this process */
	const atomic_bool *stopping;
	const struct awh_fleet *fleet; /* NULL: one process serves */
	/* of the control thread; NULL before the start */
	const struct awh_reloader *reloader;
	uint16_t port, health_port, conversion_port; /* 0: none */
};

/* The auth snapshot in force; NULL: nothing can be served yet. On the control thread. */
static inline const struct awh_snapshot *awh_view_snapshot(const struct awh_view *view)
{
	return view->reloader ? awh_reloader_snapshot(view->reloader) : NULL;
}

/* How many processes serve. */
static inline size_t awh_view_serving(const struct awh_view *view)
{
	return view->fleet ? awh_fleet_serving(view->fleet) : atomic_load(view->listening);
}

/* How many of them have reviews that no worker has begun in time. */
static inline size_t awh_view_stalled(const struct awh_view *view)
{
	return awh_metrics_stalled(view->metrics,
				   (int64_t)view->config->limits[ADMWH_LIMIT_DEADLINE]);
}

#endif
