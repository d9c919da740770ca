/* SPDX-License-Identifier: MIT */
/*
 * What serves in one process: the endpoint of reviews, its shards and workers,
 * the control thread, and how they start and stop together.
 */
#ifndef AWH_SERVER_SERVICE_H
#define AWH_SERVER_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "conn/endpoint.h"
#include "conn/shard.h"
#include "conn/shared.h"
#include "health/page.h"
#include "process/supervisor.h"
#include "server/control.h"
#include "server/stop.h"

/* Its parts refer to each other: it is never moved. */
struct awh_service {
	struct awh_shared shared;
	struct awh_endpoint endpoint; /* of reviews; on the first shard's thread */
	struct awh_shards shards;
	struct awh_conversions conversions;
	struct awh_control control;
	struct awh_stop stop;
	struct awh_role role; /* which process this is */
};

/*
 * A zeroed service's first parts, with the snapshot of what the config has read. All are *borrowed*
 * and outlive it. 0 or a code, with error set; awh_service_deinit() follows in both cases.
 */
int awh_service_init(struct awh_service *service, const struct admwh_config *config,
		     struct awh_events *events, const struct awh_routes *routes,
		     const struct awh_routes *conversions, struct awh_pages *pages,
		     struct awh_error *error);
void awh_service_deinit(struct awh_service *service);

/* Bind what is to be bound, before anything is started; the view's ports are set. */
int awh_service_bind(struct awh_service *service, struct awh_view *view, struct awh_error *error);

/* In a new process: forget what two processes must not share, then make it anew. */
int awh_service_renew(struct awh_service *service, struct awh_error *error);

/* Serve on threads of this process: reviews, or for the watcher the health endpoint alone. */
int awh_service_start(struct awh_service *service, struct awh_error *error);

/* Do handlers still run, though nothing waits for them any more? */
bool awh_service_has_abandoned(const struct awh_service *service);

/* Wait for its end. False: requests that had begun were not answered. */
bool awh_service_wait(struct awh_service *service);

/* Nothing is left of a start, or of what was bound. */
void awh_service_undo(struct awh_service *service);

/* Ask for a stop, or for a reload. Any thread, and in a signal handler. */
void awh_service_stop(struct awh_service *service);
void awh_service_reload(struct awh_service *service);

#endif
