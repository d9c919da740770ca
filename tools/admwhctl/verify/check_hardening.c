/* SPDX-License-Identifier: MIT */
/* hardening: what an attacker inside of the cluster must not find. */
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "verify/checks.h"
#include "verify/selector.h"

static char *where(const struct facts *facts, const char *pointer)
{
	return place(facts->deployment, "/spec/template/spec/%s", pointer);
}

static json_t *pod_spec(const struct facts *facts)
{
	return facts->deployment ? at(facts->deployment->value, "spec/template/spec") : NULL;
}

/* In the container's securityContext, else in the Pod's. */
static json_t *context_at(const struct facts *facts, const char *member)
{
	json_t *value = json_object_get(at(facts->container, "securityContext"), member);

	return value ? value : json_object_get(at(pod_spec(facts), "securityContext"), member);
}

/* What PodSecurity's level restricted demands. */
static void check_restricted(const struct facts *facts, struct verdict *verdict)
{
	const char *seccomp;

	if (!facts->container)
		return;
	examine(verdict);
	seccomp = text_at(context_at(facts, "seccompProfile"), "type");
	if (!json_is_true(context_at(facts, "runAsNonRoot")))
		fault(verdict, where(facts, "securityContext"),
		      text_new("runAsNonRoot is not true"), "write runAsNonRoot: true");
	if (!json_is_false(context_at(facts, "allowPrivilegeEscalation")))
		fault(verdict, where(facts, "containers"),
		      text_new("allowPrivilegeEscalation is not false"),
		      "write allowPrivilegeEscalation: false");
	if (!has_text(at(context_at(facts, "capabilities"), "drop"), "ALL"))
		fault(verdict, where(facts, "containers"), text_new("capabilities are not dropped"),
		      "write capabilities: {drop: [ALL]}");
	if (!seccomp || strcmp(seccomp, "Unconfined") == 0)
		fault(verdict, where(facts, "securityContext"),
		      text_new("there is no seccompProfile"),
		      "write seccompProfile: {type: RuntimeDefault}");
}

static void check_root(const struct facts *facts, struct verdict *verdict)
{
	if (!facts->container)
		return;
	examine(verdict);
	if (!json_is_true(context_at(facts, "readOnlyRootFilesystem")))
		warn(verdict, where(facts, "containers"),
		     text_new("readOnlyRootFilesystem is not true"),
		     "write readOnlyRootFilesystem: true: the server writes no file");
}

static void check_account(const struct facts *facts, struct verdict *verdict)
{
	if (!facts->deployment)
		return;
	examine(verdict);
	if (!json_is_false(at(pod_spec(facts), "automountServiceAccountToken")))
		warn(verdict, where(facts, "automountServiceAccountToken"),
		     text_new("the Pod has a service account token"),
		     "write automountServiceAccountToken: false, unless the program asks "
		     "Kubernetes");
}

static void check_replicas(const struct facts *facts, struct verdict *verdict)
{
	json_t *replicas = facts->deployment ? at(facts->deployment->value, "spec/replicas") : NULL;
	bool is_scaled = folder_find(&facts->folder, "HorizontalPodAutoscaler", NULL);

	if (!facts->deployment || (is_scaled && !replicas))
		return;
	examine(verdict);
	if (json_integer_value(replicas) < 2)
		warn(verdict, place(facts->deployment, "/spec/replicas"),
		     text_new("there is one replica: while it restarts, nothing is admitted"),
		     "write replicas: 2");
}

/* One that lets no Pod go keeps nodes from being drained. */
static void check_budget(const struct facts *facts, struct verdict *verdict)
{
	const struct document *budget = folder_find(&facts->folder, "PodDisruptionBudget", NULL);
	json_t *labels;

	if (!facts->deployment || !budget)
		return;
	examine(verdict);
	labels = at(facts->deployment->value, "spec/template/metadata/labels");
	if (!at(budget->value, "spec/selector") ||
	    !selector_matches(at(budget->value, "spec/selector"), labels))
		fault(verdict, place(budget, "/spec/selector"),
		      text_new("it does not select the Pods of the Deployment"),
		      "write the labels of the Deployment's template");
}

static void check_namespace(const struct facts *facts, struct verdict *verdict)
{
	const char *own =
	    facts->deployment ? text_at(facts->deployment->value, "metadata/namespace") : NULL;
	const struct document *namespace =
	    own ? folder_find(&facts->folder, "Namespace", own) : NULL;
	json_t *labels = namespace ? at(namespace->value, "metadata/labels") : NULL;
	const char *level =
	    json_string_value(json_object_get(labels, "pod-security.kubernetes.io/enforce"));

	if (!namespace)
		return;
	examine(verdict);
	if (!level || strcmp(level, "restricted") != 0)
		warn(verdict, place(namespace, "/metadata/labels"),
		     text_new("the namespace does not enforce PodSecurity restricted"),
		     "label it pod-security.kubernetes.io/enforce: restricted");
}

const struct check hardening_checks[] = {
    {"hardening.restricted", "the Pod is one that PodSecurity restricted admits", check_restricted},
    {"hardening.readOnly", "its root filesystem is read-only", check_root},
    {"hardening.account", "it has no service account token", check_account},
    {"hardening.replicas", "one replica may go without harm", check_replicas},
    {"hardening.budget", "the disruption budget is that of its Pods", check_budget},
    {"hardening.namespace", "its namespace enforces PodSecurity restricted", check_namespace},
    {0},
};
