/* SPDX-License-Identifier: MIT */
/*
 * Can callers do what the routes ask of them? A rule that is never applied would
 * only look like protection, so it is refused before the server starts.
 */
#ifndef AWH_AUTH_ROUTE_CHECK_H
#define AWH_AUTH_ROUTE_CHECK_H

#include "base/error.h"
#include "config/config.h"
#include "dispatch/route.h"

/* The bundles that the routes name are resolved. 0; ADMWH_E_INVAL, the route is named;
 * ADMWH_E_NOMEM. */
int awh_routes_check(struct awh_routes *routes, const struct admwh_config *config,
		     struct awh_error *error);

#endif
