/* SPDX-License-Identifier: MIT */
/* pod-privileged: no container runs privileged. */
#include <stdlib.h>

#include "../pod.h"
#include "../settings.h"

struct settings {
	bool skip_init_containers, skip_ephemeral_containers;
};

static void *load(const json_t *json, struct text *error)
{
	struct settings *settings = calloc(1, sizeof(*settings));

	if (settings &&
	    kw_settings_bool(json, "skip_init_containers", &settings->skip_init_containers,
			     error) == 0 &&
	    kw_settings_bool(json, "skip_ephemeral_containers",
			     &settings->skip_ephemeral_containers, error) == 0)
		return settings;
	free(settings);
	return NULL;
}

/* Is one of them privileged? false in *understood: that cannot be told. */
static bool any_privileged(const json_t *containers, bool *understood)
{
	bool any = false, privileged = false;
	json_t *container, *context;
	size_t i;

	json_array_foreach(containers, i, container)
	{
		if (!kw_member_object(container, "securityContext", &context) ||
		    !kw_member_bool(context, "privileged", &privileged))
			*understood = false;
		any = any || privileged;
	}
	return any;
}

static int evaluate(const void *userdata, const struct kw_review *review,
		    struct kw_verdict *verdict)
{
	const struct settings *settings = userdata;
	struct kw_containers pod = {0};
	json_t *spec;
	bool understood = true, containers, init, ephemeral;
	enum kw_pod found = kw_pod_find(review, review->object, &spec);

	if (found == KW_POD_NONE)
		return kw_allow(verdict);
	if (found != KW_POD_FOUND || !kw_pod_containers(spec, &pod))
		return kw_deny(verdict, 0, "Cannot parse validation request");
	containers = any_privileged(pod.containers, &understood);
	init = any_privileged(pod.init, &understood);
	ephemeral = any_privileged(pod.ephemeral, &understood);
	if (!understood)
		return kw_deny(verdict, 0, "Cannot parse validation request");
	if (containers)
		return kw_deny(verdict, 0, "Privileged container is not allowed");
	if (init && !settings->skip_init_containers)
		return kw_deny(verdict, 0, "Privileged init container is not allowed");
	if (ephemeral && !settings->skip_ephemeral_containers)
		return kw_deny(verdict, 0, "Privileged ephemeral container is not allowed");
	return kw_allow(verdict);
}

const struct kw_policy_type kw_pod_privileged = {"pod-privileged", load, free, evaluate, false};
