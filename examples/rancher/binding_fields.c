/* SPDX-License-Identifier: MIT */
/*
 * clusterroletemplatebindings and projectroletemplatebindings of
 * management.cattle.io: one kind of subject, a role and a place when they are
 * created; afterwards these stay. (The original also looks up the role, the cluster and
 * the project, refuses duplicates, and compares the role with what its user may do.)
 */
#include <string.h>

#include "rancher.h"

#define CRTB "clusterroletemplatebinding"
#define PRTB "projectroletemplatebinding"
#define OWNER "authz.management.cattle.io/grb-owner"

#define USER_OR_GROUP                                                                              \
	"either a user [userName]/[userPrincipalName] OR a group [groupName]/[groupPrincipalName]"

/* A rule about a binding: the first that adds to why is the answer. */
typedef void rule_fn(const json_t *old, const json_t *binding, struct text *why);

/* A member of the old object and of the new one. */
struct change {
	const char *before;
	const char *after;
};

static struct change change_of(const json_t *old, const json_t *binding, const char *key)
{
	return (struct change){text_in(old, key), text_in(binding, key)};
}

static void immutable(const char *binding, const char *key, const char *value, struct text *why)
{
	struct text path = {0};

	text_add(&path, "%s.%s", binding, key);
	field_invalid(why, text_get(&path), value, "field is immutable");
	why->failed = why->failed || path.failed;
	text_deinit(&path);
}

/* Role and place stay; a subject can be filled in, but not changed. */
static void check_immutables(const char *name, const char *scope, const json_t *old,
			     const json_t *binding, struct text *why)
{
	const char *const keys[] = {"roleTemplateName",  scope,       "userName",
				    "userPrincipalName", "groupName", "groupPrincipalName"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && !text_any(why); i++) {
		struct change change = change_of(old, binding, keys[i]);
		bool may_be_filled = i >= 2 && !*change.before;

		if (strcmp(change.before, change.after) != 0 && !may_be_filled)
			immutable(name, keys[i], change.after, why);
	}
}

/* Does it target a user and a group? As the original asks, half of each object. */
static bool targets_both(const json_t *old, const json_t *binding)
{
	bool group = *text_in(binding, "groupName") || *text_in(old, "groupPrincipalName");
	bool user = *text_in(binding, "userName") || *text_in(old, "userPrincipalName");

	return group && user;
}

static bool targets_user(const json_t *binding)
{
	return *text_in(binding, "userName") || *text_in(binding, "userPrincipalName");
}

static bool targets_group(const json_t *binding)
{
	return *text_in(binding, "groupName") || *text_in(binding, "groupPrincipalName");
}

static void update_crtb(const json_t *old, const json_t *binding, struct text *why)
{
	const char *before = label_of(old, OWNER), *after = label_of(binding, OWNER);

	check_immutables(CRTB, "clusterName", old, binding, why);
	if (text_any(why))
		return;
	if (targets_both(old, binding))
		field_forbidden(why, CRTB, "binding target must target " USER_OR_GROUP);
	else if (strcmp(before ? before : "", after ? after : "") != 0)
		field_forbidden(why, CRTB ".labels", "label " OWNER " is immutable after creation");
}

static void create_crtb(const json_t *old, const json_t *binding, struct text *why)
{
	const char *cluster = text_in(binding, "clusterName");
	const char *ns = text_in(json_object_get(binding, "metadata"), "namespace");

	(void)old;
	if (targets_user(binding) == targets_group(binding))
		field_forbidden(why, CRTB, "binding must target " USER_OR_GROUP);
	else if (!*cluster)
		field_required(why, CRTB ".clusterName", "field is required");
	else if (strcmp(cluster, ns) != 0)
		field_forbidden(why, CRTB, "clusterName and namespace must be the same value");
	else if (!*text_in(binding, "roleTemplateName"))
		field_required(why, CRTB ".roleTemplateName", "field is required");
}

static void update_prtb(const json_t *old, const json_t *binding, struct text *why)
{
	struct change account = change_of(old, binding, "serviceAccount");

	check_immutables(PRTB, "projectName", old, binding, why);
	if (text_any(why))
		return;
	if (targets_both(old, binding))
		field_forbidden(why, PRTB, "binding must target " USER_OR_GROUP);
	else if (strcmp(account.before, account.after) != 0)
		field_forbidden(why, PRTB ".serviceAccount", "update is not allowed");
}

/* "CLUSTER:PROJECT", neither of them empty; what stands behind a second colon does not count. */
static bool names_project(const char *project)
{
	size_t cluster = strcspn(project, ":");

	return cluster > 0 && project[cluster] && project[cluster + 1] &&
	       project[cluster + 1] != ':';
}

static void create_prtb(const json_t *old, const json_t *binding, struct text *why)
{
	const char *project = text_in(binding, "projectName");
	int targets = targets_user(binding) + targets_group(binding) +
		      (*text_in(binding, "serviceAccount") != '\0');

	(void)old;
	if (targets != 1)
		field_forbidden(why, PRTB,
				"binding must target only a user [userName]/[userPrincipalName] OR "
				"a group [groupName]/[groupPrincipalName] OR a [serviceAccount]");
	else if (!*project)
		field_required(why, PRTB ".projectName", "");
	else if (!*text_in(binding, "roleTemplateName"))
		field_required(why, PRTB ".roleTemplateName", "");
	else if (!names_project(project))
		field_invalid(why, PRTB ".projectName", project,
			      "projectName must be of the form "
			      "cluster.metadata.name:project.metadata.name, and both must refer to "
			      "an existing object");
}

static int apply(rule_fn *rule, const struct objects *objects, struct admwh_response *resp)
{
	struct text why = {0};

	rule(objects->old, objects->object, &why);
	return text_any(&why) ? deny_bad_request(resp, &why) : admwh_response_allow(resp);
}

int validate_cluster_role_template_binding(const struct admwh_request *req,
					   struct admwh_response *resp, void *userdata)
{
	bool created = req->operation == ADMWH_CREATE;
	struct objects objects;

	(void)userdata;
	if (objects_get(req, resp,
			created ? "failed to decode CRTB from request"
				: "failed to decode old and new CRTB from request",
			"v3.ClusterRoleTemplateBinding", &objects))
		return ADMWH_E_HANDLER;
	return apply(created ? create_crtb : update_crtb, &objects, resp);
}

int validate_project_role_template_binding(const struct admwh_request *req,
					   struct admwh_response *resp, void *userdata)
{
	bool created = req->operation == ADMWH_CREATE;
	struct objects objects;

	(void)userdata;
	if (objects_get(req, resp,
			created ? "failed to decode PRTB object from request"
				: "failed to decode old and new PRTB objects from request",
			"v3.ProjectRoleTemplateBinding", &objects))
		return ADMWH_E_HANDLER;
	return apply(created ? create_prtb : update_prtb, &objects, resp);
}
