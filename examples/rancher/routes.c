/* SPDX-License-Identifier: MIT */
/*
 * ONE table of routes: path, operations, rule. A path is made of the resource and
 * its API group, as Rancher's is.
 */
#include <string.h>

#include "rancher.h"
#include "routes.h"

#define C ADMWH_OPERATION_BIT(ADMWH_CREATE)
#define U ADMWH_OPERATION_BIT(ADMWH_UPDATE)
#define D ADMWH_OPERATION_BIT(ADMWH_DELETE)

#define VALIDATION "/v1/webhook/validation/"
#define MUTATION "/v1/webhook/mutation/"

struct row {
	const char *path;
	unsigned int operations;
	admwh_validate_fn *validate;
	admwh_mutate_fn *mutate;
};

#define VALIDATE(sub, operations, rule)                                                            \
	{                                                                                          \
		VALIDATION sub, operations, rule, NULL                                             \
	}
#define MUTATE(sub, operations, rule)                                                              \
	{                                                                                          \
		MUTATION sub, operations, NULL, rule                                               \
	}

static const struct row rows[] = {
    VALIDATE("auditpolicies.auditlog.cattle.io", C | U, validate_audit_policy),
    VALIDATE("clusterauthtokens.cluster.cattle.io", C | U, validate_cluster_auth_token),
    VALIDATE("clusterrepos.catalog.cattle.io", C | U, validate_cluster_repo),
    VALIDATE("clusterrolebindings.rbac.authorization.k8s.io", U, validate_cluster_role_binding),
    VALIDATE("clusterroles.rbac.authorization.k8s.io", U, validate_cluster_role),
    VALIDATE("clusterroletemplatebindings.management.cattle.io", C | U,
	     validate_cluster_role_template_binding),
    VALIDATE("clusters.provisioning.cattle.io", C, validate_cluster_name),
    VALIDATE("features.management.cattle.io", U, validate_feature),
    VALIDATE("globalroles.management.cattle.io", C | U | D, validate_global_role),
    VALIDATE("namespaces", C | U | D, validate_namespace),
    VALIDATE("projectroletemplatebindings.management.cattle.io", C | U,
	     validate_project_role_template_binding),
    VALIDATE("rke-machine-config.cattle.io", U, validate_machine_config),
    VALIDATE("rolebindings.rbac.authorization.k8s.io", U, validate_role_binding),
    VALIDATE("roles.rbac.authorization.k8s.io", U, validate_role),
    VALIDATE("settings.management.cattle.io", C | U, validate_setting),
    VALIDATE("tokens.management.cattle.io", C | U, validate_token),
    VALIDATE("userattributes.management.cattle.io", C | U, validate_user_attribute),
    MUTATE("clusterroletemplatebindings.management.cattle.io", C,
	   mutate_cluster_role_template_binding),
    MUTATE("projectroletemplatebindings.management.cattle.io", C,
	   mutate_project_role_template_binding),
    MUTATE("rke-machine-config.cattle.io", C, mutate_machine_config),
    MUTATE("secrets", C | U, mutate_secret),
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

#define SUDO "system:serviceaccount:cattle-system:rancher-webhook-sudo"
#define MASTERS "system:masters"

/* The row of a request target, whose query does not count. */
static const struct row *find(const char *target)
{
	size_t len = strcspn(target, "?");

	for (size_t i = 0; i < N_ROWS; i++)
		if (strlen(rows[i].path) == len && memcmp(rows[i].path, target, len) == 0)
			return &rows[i];
	return NULL;
}

/* Rancher itself, repairing what rules would refuse. The name alone is not enough. */
static bool is_sudo(const struct admwh_user *user)
{
	if (!user->username || strcmp(user->username, SUDO) != 0)
		return false;
	for (size_t i = 0; i < user->n_groups; i++)
		if (strcmp(user->groups[i], MASTERS) == 0)
			return true;
	return false;
}

/*
 * Runs before every handler. A route's filter could hold off operations as well, in words of the
 * library's; here Rancher's are wanted.
 */
static int gate(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	const struct row *row = req->http ? find(req->http->target) : NULL;

	(void)userdata;
	if (req->http && !row)
		return admwh_response_fail(resp, "no rule at %s", req->http->target);
	if (row && !(row->operations & ADMWH_OPERATION_BIT(req->operation)))
		return admwh_response_fail(resp,
					   "can not handle '%s' for '%s': unsupported operation",
					   req->operation_name, strrchr(row->path, '/') + 1);
	if (!is_sudo(req->user))
		return 0;
	admwh_response_allow(resp);
	return 1;
}

/* As Rancher answers: the review is echoed, and a failure is the failurePolicy's business. */
static int speak_rancher(struct admwh_route *route)
{
	int err = admwh_route_set_dialect(route, ADMWH_DIALECT_RANCHER);

	if (!err)
		err = admwh_route_set_on_failure(route, ADMWH_ON_FAILURE_POLICY);
	return err; /* not inline: users choose how large the objects are that rules read */
}

/*
 * The original is healthy once it has applied its webhook configurations. Here an operator applies
 * them, and what answers is ready: the check is kept for those who ask for it by name.
 */
static const char *config_applied(void *userdata)
{
	(void)userdata;
	return NULL;
}

int routes_add(struct admwh_server *server, struct permissions *permissions)
{
	int err = admwh_server_add_hooks(server, gate, NULL, NULL);

	for (size_t i = 0; i < N_ROWS && !err; i++) {
		const struct row *row = &rows[i];
		struct admwh_route *route =
		    row->validate
			? admwh_server_add_validator(server, row->path, row->validate, permissions)
			: admwh_server_add_mutator(server, row->path, row->mutate, permissions);

		err = route ? speak_rancher(route) : ADMWH_E_INVAL;
	}
	if (!err)
		err = admwh_server_add_health_check(server, "config-applied", config_applied, NULL);
	return err ? err : admwh_server_add_health_path(server, "/healthz");
}

struct admwh_route *routes_new(const char *path, struct permissions *permissions)
{
	const struct row *row = find(path);
	struct admwh_route *route;

	if (!row)
		return NULL;
	route = row->validate ? admwh_route_new_validator(row->validate, permissions)
			      : admwh_route_new_mutator(row->mutate, permissions);
	if (route && speak_rancher(route)) {
		admwh_route_free(route);
		return NULL;
	}
	return route;
}
