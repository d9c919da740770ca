/* SPDX-License-Identifier: MIT */
/*
 * Policies to be measured: by the envelope alone; "no container is privileged" by
 * values, and by a jansson tree.
 */
#ifndef TESTS_COST_POLICIES_H
#define TESTS_COST_POLICIES_H

#include <string.h>

#include <admwh/admwh.h>

static int by_envelope(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	(void)userdata;
	if (req->ns && strcmp(req->ns, "frozen") == 0)
		return admwh_response_deny(resp, 403, "namespace %s is frozen", req->ns);
	return admwh_response_allow(resp);
}

static int by_values(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	static const char *const lists[] = {"initContainers", "containers"};
	struct admwh_value spec = admwh_value_get(admwh_request_object(req), "spec");

	(void)userdata;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		admwh_value_foreach_element(container, admwh_value_get(spec, lists[i]))
			if (admwh_value_is_true(
				ADMWH_GET(container, "securityContext", "privileged")))
				return admwh_response_deny(resp, 403, "a container is privileged");
	return admwh_response_allow(resp);
}

static int by_tree(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	static const char *const lists[] = {"initContainers", "containers"};
	json_t *spec = json_object_get(admwh_request_object_json(req), "spec");
	json_t *container;
	size_t n;

	(void)userdata;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		json_array_foreach(json_object_get(spec, lists[i]), n, container)
			if (json_is_true(json_object_get(
				json_object_get(container, "securityContext"), "privileged")))
				return admwh_response_deny(resp, 403, "a container is privileged");
	return admwh_response_allow(resp);
}

static const struct {
	admwh_validate_fn *validate;
	const char *name;
} policies[] = {
    {by_envelope, "envelope"},
    {by_values, "values"},
    {by_tree, "tree"},
};

enum { N_POLICIES = sizeof(policies) / sizeof(policies[0]) };

#endif
