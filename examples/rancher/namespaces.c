/* SPDX-License-Identifier: MIT */
/*
 * namespaces: four rules, one after another; the first that refuses is the answer.
 * Pod security labels need the right updatepsa, the way into a project the right
 * manage-namespaces, default resource limits have to make sense, and what is asked
 * to be deleted is refused: only local and fleet-local are sent here.
 */
#include <string.h>

#include "limits.h"
#include "rancher.h"

#define PROJECT "field.cattle.io/projectId"
#define LIMITS "field.cattle.io/containerDefaultResourceLimit"

static const char what[] = "failed to decode namespace from request";

/* A namespace under review: all that the rules look at. */
struct review {
	const struct admwh_request *req;
	const struct permissions *permissions;
	const json_t *before; /* NULL on CREATE */
	const json_t *after;
	const char *project; /* NULL when absent */
	const char *limits;  /* NULL when absent */
};

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

/* Does it set, change or remove one of the labels of pod security? */
static bool touches_pod_security(const struct review *review)
{
	static const char *const labels[] = {
	    "pod-security.kubernetes.io/enforce", "pod-security.kubernetes.io/enforce-version",
	    "pod-security.kubernetes.io/audit",   "pod-security.kubernetes.io/audit-version",
	    "pod-security.kubernetes.io/warn",    "pod-security.kubernetes.io/warn-version"};
	bool touches = false;

	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		const char *before = label_of(review->before, labels[i]);
		const char *after = label_of(review->after, labels[i]);

		if (review->before)
			touches = touches || strcmp(or_empty(before), or_empty(after)) != 0;
		else
			touches = touches || after != NULL;
	}
	return touches;
}

static void no_permission(const struct review *review, const char *verb, const char *project,
			  struct text *why)
{
	text_add(why, "User ");
	go_quote(why, or_empty(review->req->user->username));
	text_add(why, " does not have permission \"%s\" on project ", verb);
	go_quote(why, project);
}

static void check_pod_security(const struct review *review, struct text *why)
{
	const char *colon = strchr(or_empty(review->project), ':');
	const char *project = colon ? colon + 1 : "";

	if (!permissions_allow(review->permissions, review->req->user, "updatepsa", project))
		no_permission(review, "updatepsa", project, why);
}

/* The part between the first colon and the second. */
static void project_name(const char *annotation, struct text *name)
{
	const char *begin = strchr(annotation, ':');

	if (begin)
		text_add_bytes(name, begin + 1, strcspn(begin + 1, ":"));
}

static void check_project(const struct review *review, struct text *why)
{
	struct text name = {0};

	project_name(review->project, &name);
	if (name.failed || !permissions_allow(review->permissions, review->req->user,
					      "manage-namespaces", text_get(&name)))
		no_permission(review, "manage-namespaces", text_get(&name), why);
	why->failed = why->failed || name.failed;
	text_deinit(&name);
}

static bool enters_project(const struct review *review)
{
	const char *before = annotation_of(review->before, PROJECT);

	return review->project && (!before || strcmp(before, review->project) != 0);
}

static int validate_deletion(const json_t *old, struct admwh_response *resp)
{
	struct text why = {0};

	go_quote(&why, name_of(old));
	text_add(&why, " namespace my not be deleted\n");
	return deny_bad_request(resp, &why);
}

static int validate_change(const struct review *review, struct admwh_response *resp)
{
	struct text why = {0};
	bool project = enters_project(review);

	if (touches_pod_security(review))
		check_pod_security(review, &why);
	if (text_any(&why))
		return deny(resp, 403, "Unauthorized", &why);
	if (project && !strchr(review->project, ':'))
		return admwh_response_fail(
		    resp, "unable to retrieve project id from annotation, too few values");
	if (project)
		check_project(review, &why);
	if (text_any(&why))
		return deny(resp, 403, "Unauthorized", &why);
	if (review->limits && !limits_check(review->limits, &why))
		return deny_bad_request(resp, &why);
	return admwh_response_allow(resp);
}

int validate_namespace(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	struct objects objects;
	struct review review = {.req = req, .permissions = userdata};

	if (objects_get(req, resp, what, "v1.Namespace", &objects))
		return ADMWH_E_HANDLER;
	if (req->operation == ADMWH_DELETE)
		return validate_deletion(objects.old, resp);
	review.before = objects.old;
	review.after = objects.object;
	review.project = annotation_of(objects.object, PROJECT);
	review.limits = annotation_of(objects.object, LIMITS);
	return validate_change(&review, resp);
}
