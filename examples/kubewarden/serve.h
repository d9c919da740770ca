/* SPDX-License-Identifier: MIT */
/*
 * The server's routes: /validate/ID, /audit/ID and /validate_raw/ID of the
 * policies that a review begins with. The library's workers evaluate; its queue
 * is the bound of what waits.
 */
#ifndef KW_SERVE_H
#define KW_SERVE_H

#include <stdbool.h>

#include <admwh/server.h>

#include "evaluate.h"
#include "store.h"
#include "watch.h"

enum { KW_ENDPOINTS = 3 };

/* What a route is registered with, by kw_serve(). */
struct kw_endpoint {
	const struct kw_service *service;
	enum kw_origin origin;
	bool raw;
};

/* What all routes share. Outlives the server. */
struct kw_service {
	struct kw_store store;
	struct kw_watch *watch;
	const char *always_accepted; /* a namespace; NULL: none */
	struct kw_endpoint endpoints[KW_ENDPOINTS];
};

/* Add the routes. 0; -1: admwh_server_error() says why. */
int kw_serve(struct kw_service *service, struct admwh_server *server);

#endif
