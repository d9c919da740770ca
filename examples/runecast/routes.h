/* SPDX-License-Identifier: MIT */
/*
 * Which path is which policy. A policy has a path for each base, from the start
 * on: what comes into the file later needs a restart.
 */
#ifndef RUNECAST_ROUTES_H
#define RUNECAST_ROUTES_H

#include <stdbool.h>
#include <stddef.h>

#include <admwh/admwh.h>

#include "policies.h"
#include "review.h"

struct routes {
	struct review *reviews; /* one a policy */
	size_t n_reviews;
};

/*
 * A route for each policy and base, for callers of this role. What a review needs beside its
 * policy's id is taken from common. 0; -1: admwh_server_error() says why.
 */
int routes_add(struct routes *routes, struct admwh_server *server, const struct policies *policies,
	       const struct review *common, const char *role);
void routes_free(struct routes *routes);

bool routes_serve(const struct routes *routes, const char *policy);

/* Says which policy is not known, where the library would say that there is no handler. */
admwh_refusal_fn routes_refuse;

#endif
