/* SPDX-License-Identifier: MIT */
/*
 * allow-privilege-escalation-psp: no container may gain privileges its parent
 * process has not. With default_allow_privilege_escalation false, those that do
 * not say so are made to.
 */
#include <stdlib.h>

#include "../pod.h"
#include "../settings.h"

struct settings {
	bool default_allow;
};

static void *load(const json_t *json, struct text *error)
{
	struct settings *settings = calloc(1, sizeof(*settings));

	if (!settings)
		return NULL;
	settings->default_allow = true;
	if (kw_settings_bool(json, "default_allow_privilege_escalation", &settings->default_allow,
			     error) == 0)
		return settings;
	free(settings);
	return NULL;
}

/* All but those that are in old. 1: one changed; 0; -1: memory ran out. */
static int forbid(json_t *containers, struct admwh_value old)
{
	json_t *container, *context;
	int changed = 0;
	size_t i;

	json_array_foreach(containers, i, container) {
		if (kw_pod_has_container(old, container))
			continue;
		context = json_object_get(container, "securityContext");
		if (!json_is_object(context)) {
			if (json_object_set_new(container, "securityContext", json_object()))
				return -1;
			context = json_object_get(container, "securityContext");
		}
		if (json_is_false(json_object_get(context, "allowPrivilegeEscalation")))
			continue;
		if (json_object_set_new(context, "allowPrivilegeEscalation", json_false()))
			return -1;
		changed = 1;
	}
	return changed;
}

static int mutate(const struct kw_review *review, struct kw_verdict *verdict)
{
	json_t *copy = kw_copy(review->object_json), *spec = kw_pod_spec_json(review, copy);
	const struct admwh_value none = {0};
	int containers = -1, init = -1, ephemeral = -1;

	if (spec) {
		containers = forbid(json_object_get(spec, "containers"), none);
		init = forbid(json_object_get(spec, "initContainers"), none);
		ephemeral = forbid(json_object_get(spec, "ephemeralContainers"),
				   kw_pod_old_ephemeral(review));
	}
	if (containers < 0 || init < 0 || ephemeral < 0) {
		json_decref(copy);
		return -1;
	}
	if (containers || init || ephemeral)
		return kw_mutate(verdict, copy);
	json_decref(copy);
	return kw_allow(verdict);
}

static int deny(struct kw_verdict *verdict, bool init, bool containers, bool ephemeral)
{
	return kw_deny(
	    verdict, 0, "%s%s%s%s%s",
	    init ? "one of the init containers has privilege escalation enabled" : "",
	    init && containers ? ", " : "",
	    containers ? "one of the containers has privilege escalation enabled" : "",
	    (init || containers) && ephemeral ? ", " : "",
	    ephemeral ? "one of the ephemeral containers has privilege escalation enabled" : "");
}

static int evaluate(const void *userdata, const struct kw_review *review,
		    struct kw_verdict *verdict)
{
	const struct settings *settings = userdata;
	struct kw_containers pod;
	struct admwh_value spec;
	bool understood = true, containers, init, ephemeral;
	int status;

	if (!kw_pod_open(review, false, verdict, &spec, &pod, &status))
		return status;
	init = kw_pod_any(pod.init, "allowPrivilegeEscalation", &understood);
	containers = kw_pod_any(pod.containers, "allowPrivilegeEscalation", &understood);
	ephemeral = kw_pod_any(pod.ephemeral, "allowPrivilegeEscalation", &understood);
	if (!understood)
		return kw_pod_deny_malformed(verdict);
	if (init || containers || ephemeral)
		return deny(verdict, init, containers, ephemeral);
	if (settings->default_allow)
		return kw_allow(verdict);
	return mutate(review, verdict);
}

const struct kw_policy_type kw_allow_privilege_escalation_psp = {
    "allow-privilege-escalation-psp", load, free, evaluate, false, false};
