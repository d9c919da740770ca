/* SPDX-License-Identifier: MIT */
/*
 * The server's routes: /validate/ID, /audit/ID and /validate_raw/ID for each
 * policy. The library's workers evaluate; its queue is the bound of what waits.
 */
#ifndef KW_SERVE_H
#define KW_SERVE_H

#include <stdint.h>

#include <admwh/server.h>

#include "log.h"
#include "policies_file.h"
#include "watch.h"

/* What all routes share. Outlives the server. */
struct kw_service {
	const struct kw_policies *policies;
	const struct admwh_server *server; /* by kw_serve() */
	struct kw_watch *watch;
	int64_t timeout_s;           /* 0: none */
	const char *always_accepted; /* a namespace; NULL: none */
	struct kw_endpoint *endpoints;
};

/* Add the routes. 0; -1: admwh_server_error() says why, or "" when memory ran out. */
int kw_serve(struct kw_service *service, struct admwh_server *server);
void kw_service_deinit(struct kw_service *service);

#endif
