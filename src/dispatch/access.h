/* SPDX-License-Identifier: MIT */
/*
 * Whom a route is for: what it asks of its callers, and which of those who can
 * show that are its own.
 */
#ifndef AWH_DISPATCH_ACCESS_H
#define AWH_DISPATCH_ACCESS_H

#include <stdbool.h>
#include <stddef.h>

#include <admwh/route.h>

#include "base/error.h"
#include "identity/identity.h"
#include "identity/values.h"

/* The rules of a route for the callers of one bundle. */
struct awh_access_bundle {
	char *name;
	size_t index; /* among the server's bundles, once resolved */
	bool anyone;  /* whom the bundle lets in */
	struct awh_values rules;
};

struct awh_access {
	enum admwh_route_auth auth;
	struct awh_access_bundle *bundles; /* none: callers of any bundle */
	size_t n_bundles;
	char **groups; /* none: holders of any token */
	size_t n_groups;
};

/*
 * Make the route one for the callers of a bundle that a rule finds; rule 0: for all whom the bundle
 * lets in. A bundle whose first rule is refused is not kept: without rules it would be for anyone
 * or no one.
 *
 * name: of the bundle, not empty
 * Returns 0; ADMWH_E_INVAL; ADMWH_E_NOMEM.
 */
int awh_access_allow(struct awh_access *access, const char *name, enum admwh_rule rule,
		     const char *value, struct awh_error *error);

/* And for the holders of tokens of a group, not empty. 0 or ADMWH_E_NOMEM. */
int awh_access_require_group(struct awh_access *access, const char *group, struct awh_error *error);

/*
 * Find each bundle among those of the server, by its name.
 *
 * Returns 0; ADMWH_E_NOT_FOUND with the name.
 */
int awh_access_resolve(struct awh_access *access, const char *const *names, size_t n_names,
		       struct awh_error *error);

/*
 * Is a caller that its bundle lets in one of the route's?
 *
 * cn_length: the most bytes a CN may have
 */
bool awh_access_admits(const struct awh_access *access, const struct awh_peer *peer,
		       size_t cn_length);

/* Is the holder of a token one of the route's? */
bool awh_access_admits_bearer(const struct awh_access *access, const struct admwh_bearer *bearer);

void awh_access_deinit(struct awh_access *access);

#endif
