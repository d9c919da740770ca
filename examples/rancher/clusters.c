/* SPDX-License-Identifier: MIT */
/*
 * clusters.provisioning.cattle.io: a name that can be a label's value, is not
 * "local" (but in fleet-local) and does not look like one that Rancher made.
 */
#include <string.h>

#include "rancher.h"

#define LOWER_OR_DIGIT "abcdefghijklmnopqrstuvwxyz0123456789"

/* "c-xxxxx": the original lets it pass when a management cluster has that name already. */
static bool is_rancher_made(const char *name)
{
	return strncmp(name, "c-", 2) == 0 && strlen(name) == 7 &&
	       strspn(name + 2, LOWER_OR_DIGIT) == 5;
}

static bool is_valid(const char *name, const char *ns)
{
	uint32_t first;
	size_t begin, rest;

	if (strcmp(name, "local") == 0)
		return strcmp(ns, "fleet-local") == 0;
	if (!*name || *name == '-' || is_rancher_made(name) || strlen(name) > 63)
		return false;
	begin = rune_at(name, &first); /* any character but a hyphen */
	rest = strspn(name + begin, "-" LOWER_OR_DIGIT);
	return rest > 0 && !name[begin + rest];
}

int validate_cluster_name(const struct admwh_request *req, struct admwh_response *resp,
			  void *userdata)
{
	struct text why = {0};
	struct objects objects;
	const char *ns;

	(void)userdata;
	if (objects_get(req, resp, NULL, "v1.Cluster", &objects))
		return ADMWH_E_HANDLER;
	ns = text_in(json_object_get(objects.object, "metadata"), "namespace");
	if (is_valid(name_of(objects.object), ns))
		return admwh_response_allow(resp);
	text_add(&why, "cluster name must be between 2 and 63 characters, must not begin with a "
		       "hyphen, cannot be \"local\" nor of the form \"c-xxxxx\", and can only "
		       "contain lowercase alphanumeric characters or ' - '");
	return deny(resp, 422, "Invalid", &why);
}
