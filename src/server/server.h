/* SPDX-License-Identifier: MIT */
/*
 * The public server: a root that owns the parts and starts and stops them. Only
 * server.c and setup.c know this struct; each part has its own header.
 */
#ifndef AWH_SERVER_SERVER_H
#define AWH_SERVER_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include <admwh/health.h>
#include <admwh/hooks.h>
#include <admwh/server.h>

#include "conn/endpoint.h"
#include "conn/shard.h"
#include "conn/shared.h"
#include "dispatch/hooks.h"
#include "dispatch/route.h"
#include "health/page.h"
#include "process/supervisor.h"
#include "server/control.h"
#include "server/stop.h"
#include "telemetry/events.h"

struct admwh_server {
	struct admwh_config *config;
	struct awh_error error;
	struct awh_events events;
	struct awh_routes routes;
	struct awh_hooks hooks; /* around all handlers */
	struct awh_shared shared;
	struct awh_endpoint endpoint; /* of reviews; on the first shard's thread */
	struct awh_shards shards;
	struct awh_control control;
	struct awh_pages pages;
	struct awh_stop stop;
	struct awh_role role;                  /* which process this is */
	admwh_process_start_fn *process_start; /* of the program; NULL for none */
	void *process_userdata;
	uint16_t port, health_port;
	bool started;
	bool ended;
};

/* Each call that sets a server up begins with this. Clears the error. 0; _INVAL; _STATE. */
int awh_server_begin_set(struct admwh_server *server);

#endif
