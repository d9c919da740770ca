/* SPDX-License-Identifier: MIT */
/*
 * Roles and bindings of rbac.authorization.k8s.io that Rancher made for a
 * GlobalRole or GlobalRoleBinding: the label that says so can be added, but neither
 * changed nor removed.
 */
#include <string.h>

#include "rancher.h"

static int validate(const struct admwh_request *req, struct admwh_response *resp,
		    const char *go_type, const char *label)
{
	struct text why = {0};
	const char *before, *after;
	struct objects objects;

	if (objects_get(req, resp, NULL, go_type, &objects))
		return ADMWH_E_HANDLER;
	before = label_of(objects.old, label);
	after = label_of(objects.object, label);
	if (!before || (after && strcmp(before, after) == 0))
		return admwh_response_allow(resp);
	text_add(&why, "cannot modify or remove label %s", label);
	return deny_bad_request(resp, &why);
}

#define ROLE_OWNER "authz.management.cattle.io/gr-owner"
#define BINDING_OWNER "authz.management.cattle.io/grb-owner"

int validate_cluster_role(const struct admwh_request *req, struct admwh_response *resp,
			  void *userdata)
{
	(void)userdata;
	return validate(req, resp, "v1.ClusterRole", ROLE_OWNER);
}

int validate_cluster_role_binding(const struct admwh_request *req, struct admwh_response *resp,
				  void *userdata)
{
	(void)userdata;
	return validate(req, resp, "v1.ClusterRoleBinding", BINDING_OWNER);
}

int validate_role(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	(void)userdata;
	return validate(req, resp, "v1.Role", ROLE_OWNER);
}

int validate_role_binding(const struct admwh_request *req, struct admwh_response *resp,
			  void *userdata)
{
	(void)userdata;
	return validate(req, resp, "v1.RoleBinding", BINDING_OWNER);
}
