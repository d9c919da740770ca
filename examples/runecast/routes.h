/* SPDX-License-Identifier: MIT */
/* The paths: one for each base, with the policy's id at its end. */
#ifndef RUNECAST_ROUTES_H
#define RUNECAST_ROUTES_H

#include <admwh/admwh.h>

#include "review.h"

/*
 * Add the routes, for callers of this role. review outlives the server. 0; -1: admwh_server_error()
 * says why.
 */
int routes_add(struct admwh_server *server, struct review *review, const char *role);

#endif
