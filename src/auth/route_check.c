/* SPDX-License-Identifier: MIT */
#include "auth/route_check.h"

#include <stdlib.h>

#include "config/check.h"

/* What a route requires is configured; a route without certificates needs refusal per request. */
static int check_auth(const struct admwh_config *config, const struct admwh_route *route,
		      struct awh_error *error)
{
	bool has_cas = config->n_bundles > 0;
	bool has_tokens = awh_config_has_tokens(config);
	bool needs_ca = false, needs_tokens = route->access.n_groups > 0;
	bool by_request = config->auth == ADMWH_CLIENT_AUTH_REQUEST;

	switch (route->access.auth) {
	case ADMWH_ROUTE_AUTH_ALL:
		break;
	case ADMWH_ROUTE_AUTH_CERTIFICATE:
		needs_ca = true;
		break;
	case ADMWH_ROUTE_AUTH_TOKEN:
		needs_tokens = true;
		break;
	case ADMWH_ROUTE_AUTH_EITHER:
		needs_ca = needs_tokens = true;
		break;
	}
	if (needs_ca && !has_cas)
		return awh_fail(error, ADMWH_E_INVAL,
				"route %s asks for certificates, but no client CA is set",
				route->path);
	if (needs_tokens && !has_tokens)
		return awh_fail(error, ADMWH_E_INVAL, "route %s asks for tokens, but none are set",
				route->path);
	if (route->access.auth >= ADMWH_ROUTE_AUTH_TOKEN && has_cas && !by_request)
		return awh_fail(error, ADMWH_E_INVAL,
				"route %s takes callers without a certificate: that needs client "
				"authentication per request",
				route->path);
	return 0;
}

static int check_rules(const struct admwh_route *route, struct awh_error *error)
{
	if (route->access.n_groups > 0 && route->access.auth == ADMWH_ROUTE_AUTH_CERTIFICATE)
		return awh_fail(error, ADMWH_E_INVAL,
				"route %s requires a group, but asks for certificates alone",
				route->path);
	if (route->access.n_bundles > 0 && route->access.auth == ADMWH_ROUTE_AUTH_TOKEN)
		return awh_fail(error, ADMWH_E_INVAL,
				"route %s has rules for certificates, but asks for tokens alone",
				route->path);
	return 0;
}

static int check_route(const struct admwh_config *config, struct admwh_route *route,
		       const char *const *names, struct awh_error *error)
{
	struct awh_error reason = {0};
	int err = check_auth(config, route, error);

	if (err == 0)
		err = check_rules(route, error);
	if (err == 0 && awh_access_resolve(&route->access, names, config->n_bundles, &reason))
		err = awh_fail(error, ADMWH_E_INVAL, "route %s: %s", route->path, reason.text);
	return err;
}

int awh_routes_check(struct awh_routes *routes, const struct admwh_config *config,
		     struct awh_error *error)
{
	const char **names = calloc(config->n_bundles + 1, sizeof(*names));
	int err = 0;

	if (!names)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	for (size_t i = 0; i < config->n_bundles; i++)
		names[i] = config->bundles[i]->name;
	for (size_t i = 0; i < routes->n_items && err == 0; i++)
		err = check_route(config, routes->items[i], names, error);
	free(names);
	return err;
}
