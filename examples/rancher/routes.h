/* SPDX-License-Identifier: MIT */
/*
 * Which rule answers at which path, and for whom none has to.
 */
#ifndef RANCHER_ROUTES_H
#define RANCHER_ROUTES_H

#include <admwh/admwh.h>

#include "permissions.h"

/* All routes, and the health paths. Negative: admwh_server_error() says why. */
int routes_add(struct admwh_server *server, struct permissions *permissions);

/*
 * One of them by its path, as a route of its own, for tests without a server; NULL when there is
 * none. Free with admwh_route_free().
 */
struct admwh_route *routes_new(const char *path, struct permissions *permissions);

#endif
