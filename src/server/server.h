/* SPDX-License-Identifier: MIT */
/*
 * server: the public server, a root that owns the parts, starts and stops them. Nothing
 * else. Only server.c and setup.c know this struct.
 */
#ifndef AWH_SERVER_SERVER_H
#define AWH_SERVER_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include <admwh/health.h>
#include <admwh/hooks.h>
#include <admwh/server.h>

#include "dispatch/hooks.h"
#include "dispatch/route.h"
#include "health/page.h"
#include "server/service.h"
#include "telemetry/events.h"

struct admwh_server {
	struct admwh_config *config;
	struct awh_error error;
	struct awh_events events;
	struct awh_routes routes;
	struct awh_routes conversions;
	struct awh_hooks hooks; /* around all handlers */
	struct awh_pages pages;
	struct awh_service service;
	admwh_process_start_fn *process_start; /* of the program; NULL for none */
	void *process_userdata;
	admwh_process_stop_fn *process_stop; /* likewise */
	void *process_stop_userdata;
	bool process_started; /* the program's part of this process runs */
	bool started;
	bool ended;
};

/* Each call that sets a server up begins with this. Clears the error. 0; _INVAL; _STATE. */
int awh_server_begin_set(struct admwh_server *server);

#endif
