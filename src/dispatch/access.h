/* SPDX-License-Identifier: MIT */
/*
 * Which callers may use a route: the proof it asks for, and the bundles, rules and
 * groups it is restricted to.
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
	bool anyone;  /* that the bundle's own rules allow */
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
 * Allow the callers of a bundle that match a rule; ADMWH_RULE_ANY: all that the bundle's own rules
 * allow. A bundle whose first rule is refused is not kept: without rules it would be for all or
 * none.
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
 * May a caller that its bundle allows use the route?
 *
 * cn_length: the most bytes a CN may have
 */
bool awh_access_admits(const struct awh_access *access, const struct awh_peer *peer,
		       size_t cn_length);

/* May the holder of a token use the route? */
bool awh_access_admits_bearer(const struct awh_access *access, const struct admwh_bearer *bearer);

void awh_access_deinit(struct awh_access *access);

#endif
