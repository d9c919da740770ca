/* SPDX-License-Identifier: MIT */
#include "routes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of today, and of the scripts of 2023. */
static const char *const bases[] = {
    "/rc2/api/v2/k8s-admission-policy-review/policy/",
    "/rca/api/v2/k8s-admission-policy-review/policy/",
};

enum { BASES = sizeof(bases) / sizeof(bases[0]) };

/* Denials are Runecast's words alone: kubectl prints no reason in parentheses. */
static int add(struct admwh_server *server, const char *base, struct review *review,
	       const char *role)
{
	struct admwh_route *route;
	char path[160];

	snprintf(path, sizeof(path), "%s%s", base, review->policy);
	route = admwh_server_add_validator(server, path, review_images, review);
	if (!route || admwh_route_require_token_group(route, role) ||
	    admwh_route_set_dialect(route, ADMWH_DIALECT_PLAIN))
		return -1;
	return 0;
}

int routes_add(struct routes *routes, struct admwh_server *server, const struct policies *policies,
	       const struct review *common, const char *role)
{
	routes->reviews = calloc(policies->n_items, sizeof(*routes->reviews));
	if (!routes->reviews)
		return -1;
	for (size_t i = 0; i < policies->n_items; i++) {
		struct review *review = &routes->reviews[routes->n_reviews++];

		*review = *common;
		review->policy = strdup(policies->items[i].id);
		for (int j = 0; j < BASES; j++)
			if (!review->policy || add(server, bases[j], review, role))
				return -1;
	}
	return 0;
}

void routes_free(struct routes *routes)
{
	for (size_t i = 0; i < routes->n_reviews; i++)
		free(routes->reviews[i].policy);
	free(routes->reviews);
}

bool routes_serve(const struct routes *routes, const char *policy)
{
	for (size_t i = 0; i < routes->n_reviews; i++)
		if (strcmp(routes->reviews[i].policy, policy) == 0)
			return true;
	return false;
}

/* The last segment of one of our paths; NULL for another path. */
static const char *policy_of(const char *path)
{
	for (int i = 0; path && i < BASES; i++)
		if (strncmp(path, bases[i], strlen(bases[i])) == 0)
			return path + strlen(bases[i]);
	return NULL;
}

void routes_refuse(const struct admwh_refusal *refusal, struct admwh_reply *reply, void *userdata)
{
	const char *policy = refusal->status == 404 ? policy_of(refusal->path) : NULL;
	json_t *status;
	char *body;

	(void)userdata;
	if (!policy)
		return;
	status = json_pack("{s:s, s:s, s:{}, s:s, s:o, s:s, s:i}", "kind", "Status", "apiVersion",
			   "v1", "metadata", "status", "Failure", "message",
			   json_sprintf("unknown policy: %.100s", policy), "reason", "NotFound",
			   "code", 404);
	body = status ? json_dumps(status, JSON_COMPACT) : NULL;
	if (body) /* without memory the library's words go out */
		admwh_reply_set(reply, 404, "application/json", body);
	free(body);
	json_decref(status);
}
