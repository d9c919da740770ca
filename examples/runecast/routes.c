/* SPDX-License-Identifier: MIT */
#include "routes.h"

int routes_add(struct admwh_server *server, struct review *review, const char *role)
{
	/* Of today, and of the scripts of 2023. */
	static const char *const paths[] = {
	    "/rc2/api/v2/k8s-admission-policy-review/policy/{id}",
	    "/rca/api/v2/k8s-admission-policy-review/policy/{id}",
	};

	/* Denials are Runecast's words alone: kubectl prints no reason in parentheses. */
	for (int i = 0; i < 2; i++) {
		struct admwh_route *route =
		    admwh_server_add_validator(server, paths[i], review_images, review);

		if (!route || admwh_route_require_token_group(route, role) ||
		    admwh_route_set_dialect(route, ADMWH_DIALECT_PLAIN))
			return -1;
	}
	return 0;
}
