/* SPDX-License-Identifier: MIT */
/*
 * globalroles.management.cattle.io: those that come with Rancher are made, changed
 * and removed by it alone, and the rules of others are complete. (The original also
 * looks up inherited roles, and compares the rules with what their user may do.)
 */
#include "go_decode.h"
#include "policy_rules.h"
#include "rancher.h"

static const char what[] = "failed to get GlobalRole from request";

static bool is_builtin(const json_t *role)
{
	return json_is_true(json_object_get(role, "builtin"));
}

static void check_update(const struct objects *objects, struct text *why)
{
	struct text detail = {0};

	if (is_builtin(objects->old)) {
		if (!go_decode_equal("fixed.GlobalRole", objects->old, objects->object))
			field_forbidden(why, "globalrole",
					"updates to builtIn GlobalRoles for fields other than "
					"'newUserDefault' are forbidden");
	} else if (is_builtin(objects->object)) {
		text_add(&detail, "cannot update non-builtIn GlobalRole %s to be builtIn",
			 name_of(objects->old));
		field_forbidden(why, "globalrole", text_get(&detail));
	}
	why->failed = why->failed || detail.failed;
	text_deinit(&detail);
}

static void check_namespaced_rules(const json_t *role, struct text *why)
{
	json_t *namespaces = json_object_get(role, "namespacedRules"), *rules;
	const char *ns;

	json_object_foreach(namespaces, ns, rules) {
		struct text path = {0};

		text_add(&path, "globalrole.namespacedRules.%s", ns);
		policy_rules_check(rules, true, text_get(&path), why);
		why->failed = why->failed || path.failed;
		text_deinit(&path);
	}
}

static void check_rules(const json_t *role, struct text *why)
{
	const json_t *fleet = json_object_get(role, "inheritedFleetWorkspacePermissions");
	const json_t *verbs = json_object_get(fleet, "workspaceVerbs");

	policy_rules_check(json_object_get(role, "rules"), false, "globalrole.rules", why);
	check_namespaced_rules(role, why);
	policy_rules_check(json_object_get(fleet, "resourceRules"), true,
			   "globalrole.inheritedFleetWorkspacePermissions.resourceRules", why);
	if (json_is_array(verbs) && json_array_size(verbs) == 0) {
		text_separate(why, "\n");
		text_add(why, "InheritedFleetWorkspacePermissions.WorkspaceVerbs can't be empty");
	}
}

static void check_fields(enum admwh_operation operation, const struct objects *objects,
			 struct text *why)
{
	if (operation == ADMWH_UPDATE)
		check_update(objects, why);
	else if (operation == ADMWH_DELETE && is_builtin(objects->old))
		field_forbidden(why, "globalrole", "cannot delete builtin GlobalRoles");
	else if (operation == ADMWH_CREATE && is_builtin(objects->object))
		field_forbidden(why, "globalrole", "cannot create builtin GlobalRoles");
}

int validate_global_role(const struct admwh_request *req, struct admwh_response *resp,
			 void *userdata)
{
	struct text why = {0};
	struct objects objects;
	const json_t *metadata;

	(void)userdata;
	if (objects_get(req, resp, what, "v3.GlobalRole", &objects))
		return ADMWH_E_HANDLER;
	/* A role that is being deleted loses its finalizers, whatever else is wrong with it. */
	metadata = json_object_get(objects.object, "metadata");
	if (req->operation == ADMWH_UPDATE && string_in(metadata, "deletionTimestamp"))
		return admwh_response_allow(resp);
	check_fields(req->operation, &objects, &why);
	if (!text_any(&why))
		check_rules(objects.object, &why);
	return text_any(&why) ? deny_bad_request(resp, &why) : admwh_response_allow(resp);
}
