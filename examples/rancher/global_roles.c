/* SPDX-License-Identifier: MIT */
/*
 * globalroles.management.cattle.io: those that come with Rancher are made and
 * removed by it alone. (The original checks rules and escalation as well, for
 * which it looks up roles.)
 */
#include "rancher.h"

static const char what[] = "failed to get GlobalRole from request";

int validate_global_role(const struct admwh_request *req, struct admwh_response *resp,
			 void *userdata)
{
	struct text wrong = {0}, why = {0};
	bool created = req->operation == ADMWH_CREATE;
	struct objects objects;
	const json_t *builtin;

	(void)userdata;
	if (objects_get(req, resp, what, "v3.GlobalRole", &objects))
		return ADMWH_E_HANDLER;
	builtin = bool_in(created ? objects.object : objects.old, "builtin", "GlobalRole.builtin",
			  &wrong);
	if (text_any(&wrong))
		return give_up(resp, what, &wrong);
	if (!json_is_true(builtin))
		return admwh_response_allow(resp);
	field_forbidden(&why, "globalrole",
			created ? "cannot create builtin GlobalRoles"
				: "cannot delete builtin GlobalRoles");
	return deny_bad_request(resp, &why);
}
