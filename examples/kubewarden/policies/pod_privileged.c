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
	containers = kw_pod_any(pod.containers, "privileged", &understood);
	init = kw_pod_any(pod.init, "privileged", &understood);
	ephemeral = kw_pod_any(pod.ephemeral, "privileged", &understood);
	if (!understood)
		return kw_pod_deny_malformed(verdict);
	if (containers)
		return kw_deny(verdict, 0, "Privileged container is not allowed");
	if (init && !settings->skip_init_containers)
		return kw_deny(verdict, 0, "Privileged init container is not allowed");
	if (ephemeral && !settings->skip_ephemeral_containers)
		return kw_deny(verdict, 0, "Privileged ephemeral container is not allowed");
	return kw_allow(verdict);
}

const struct kw_policy_type kw_pod_privileged = {"pod-privileged", load,  free,
						 evaluate,         false, true};
