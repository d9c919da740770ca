/* SPDX-License-Identifier: MIT */
/* hardening: what an attacker inside of the cluster must not find. */
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/selector.h"
#include "common/values.h"
#include "verify/checks.h"

/* What stands in the Pod itself. */
static void inspect_pod(const struct facts *facts, struct verdict *verdict)
{
	static const char *const shared[] = {"hostNetwork", "hostPID", "hostIPC"};
	static const char *const allowed[] = {
	    "configMap", "csi",  "downwardAPI",           "emptyDir", "image", "ephemeral",
	    "projected", "name", "persistentVolumeClaim", "secret",   NULL};
	const char *name;
	json_t *volume, *value;
	size_t i;

	for (i = 0; i < sizeof(shared) / sizeof(*shared); i++)
		if (json_is_true(json_object_get(pod_spec(facts), shared[i])))
			fault(verdict, pod_place(facts, shared[i]),
			      text_new("%s is true", shared[i]),
			      "take it out: the Pod would be one with its host");
	json_array_foreach(at(pod_spec(facts), "volumes"), i, volume) {
		json_object_foreach(volume, name, value) {
			if (!is_among(name, allowed))
				fault(verdict, pod_place(facts, "volumes"),
				      text_new("a volume is of kind %s", name),
				      "mount Secrets and ConfigMaps alone");
		}
	}
}

/* The user that a container runs as, and which system calls it has. */
static void inspect_user(const struct facts *facts, struct verdict *verdict, json_t *container)
{
	const char *seccomp = text_at(security_context(facts, container, "seccompProfile"), "type");
	json_t *user = security_context(facts, container, "runAsUser");

	if (!json_is_true(security_context(facts, container, "runAsNonRoot")))
		fault(verdict, pod_place(facts, "securityContext"),
		      text_new("runAsNonRoot is not true"), "write runAsNonRoot: true");
	if (user && json_integer_value(user) == 0)
		fault(verdict, pod_place(facts, "securityContext"), text_new("runAsUser is 0"),
		      "write another user, such as 65532");
	if (!seccomp || strcmp(seccomp, "Unconfined") == 0)
		fault(verdict, pod_place(facts, "securityContext"),
		      text_new("there is no seccompProfile"),
		      "write seccompProfile: {type: RuntimeDefault}");
}

static bool adds_capabilities(json_t *context)
{
	json_t *capability;
	size_t i;

	json_array_foreach(at(context, "capabilities/add"), i, capability) {
		if (!json_is_string(capability) ||
		    strcmp(json_string_value(capability), "NET_BIND_SERVICE") != 0)
			return true;
	}
	return false;
}

static bool has_host_port(json_t *container)
{
	json_t *port;
	size_t i;

	json_array_foreach(at(container, "ports"), i, port) {
		if (json_integer_value(at(port, "hostPort")) != 0)
			return true;
	}
	return false;
}

/* Members that only a container's own securityContext has. */
static void inspect_container(const struct facts *facts, struct verdict *verdict, json_t *container)
{
	json_t *context = at(container, "securityContext");
	const char *name = text_at(container, "name"), *proc = text_at(context, "procMount");

	name = name ? name : "a container";
	inspect_user(facts, verdict, container);
	if (!json_is_false(at(context, "allowPrivilegeEscalation")))
		fault(verdict, pod_place(facts, "containers"),
		      text_new("allowPrivilegeEscalation of %s is not false", name),
		      "write allowPrivilegeEscalation: false");
	if (json_is_true(at(context, "privileged")) || (proc && strcmp(proc, "Default") != 0))
		fault(verdict, pod_place(facts, "containers"), text_new("%s is privileged", name),
		      "take privileged and procMount out");
	if (!has_text(at(context, "capabilities/drop"), "ALL"))
		fault(verdict, pod_place(facts, "containers"),
		      text_new("capabilities of %s are not dropped", name),
		      "write capabilities: {drop: [ALL]}");
	if (adds_capabilities(context))
		fault(verdict, pod_place(facts, "containers"),
		      text_new("%s adds capabilities", name),
		      "take them out: the server needs none");
	if (has_host_port(container))
		fault(verdict, pod_place(facts, "containers"),
		      text_new("%s has a port of its host", name), "take hostPort out");
}

/* What PodSecurity's level restricted demands, of the Pod and of each of its containers. */
static void check_restricted(const struct facts *facts, struct verdict *verdict)
{
	static const char *const lists[] = {"containers", "initContainers"};
	json_t *container;
	size_t i;

	if (!facts->container)
		return;
	examine(verdict);
	inspect_pod(facts, verdict);
	for (size_t k = 0; k < 2; k++)
		json_array_foreach(at(pod_spec(facts), lists[k]), i, container)
			inspect_container(facts, verdict, container);
}

static void check_root(const struct facts *facts, struct verdict *verdict)
{
	if (!facts->container)
		return;
	examine(verdict);
	if (!json_is_true(at(facts->container, "securityContext/readOnlyRootFilesystem")))
		warn(verdict, pod_place(facts, "containers"),
		     text_new("readOnlyRootFilesystem is not true"),
		     "write readOnlyRootFilesystem: true: the server writes no file");
}

static void check_account(const struct facts *facts, struct verdict *verdict)
{
	if (!facts->deployment)
		return;
	examine(verdict);
	if (!json_is_false(at(pod_spec(facts), "automountServiceAccountToken")))
		warn(verdict, pod_place(facts, "automountServiceAccountToken"),
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
	if (replicas && json_integer_value(replicas) < 1)
		fault(verdict, place(facts->deployment, "/spec/replicas"),
		      text_new("there is no replica: nothing that is reviewed is admitted"),
		      "write replicas: 2");
	else if (json_integer_value(replicas) < 2)
		warn(verdict, place(facts->deployment, "/spec/replicas"),
		     text_new("there is one replica: while it restarts, nothing is admitted"),
		     "write replicas: 2");
}

/* "0", "0%" or 0; minAvailable of all replicas. As far as the two numbers are told. */
static bool lets_none_go(const struct facts *facts, json_t *budget)
{
	json_t *most = at(budget, "spec/maxUnavailable"), *least = at(budget, "spec/minAvailable");
	json_t *replicas = at(facts->deployment->value, "spec/replicas");
	const char *most_text = json_string_value(most), *least_text = json_string_value(least);

	if (least_text)
		return strcmp(least_text, "100%") == 0;
	if (least)
		return replicas && json_integer_value(least) >= json_integer_value(replicas);
	return most && (most_text ? strcmp(most_text, "0%") == 0 : json_integer_value(most) == 0);
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
	if (lets_none_go(facts, budget->value))
		fault(verdict, place(budget, "/spec"), text_new("it lets no Pod go"),
		      "write maxUnavailable: 1: nodes could not be drained");
}

static void check_namespace(const struct facts *facts, struct verdict *verdict)
{
	const char *own =
	    facts->deployment ? text_at(facts->deployment->value, "metadata/namespace") : NULL;
	const struct document *namespace =
	    own ? folder_find(&facts->folder, "Namespace", own) : NULL;
	json_t *labels = namespace ? at(namespace->value, "metadata/labels") : NULL;
	const char *level = member_text(labels, "pod-security.kubernetes.io/enforce");

	if (!namespace)
		return;
	examine(verdict);
	if (strcmp(level, "restricted") != 0)
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
