/* SPDX-License-Identifier: MIT */
/* raw-validation: who may do what with what, asked by any JSON: {"user", "action", "resource"}. */
#include <stdlib.h>

#include "../settings.h"
#include "../policy.h"

struct settings {
	json_t *users, *actions, *resources; /* sets */
};

static void unload(void *userdata)
{
	struct settings *settings = userdata;

	json_decref(settings->users);
	json_decref(settings->actions);
	json_decref(settings->resources);
	free(settings);
}

static void *load(const json_t *json, struct text *error)
{
	struct settings *settings = calloc(1, sizeof(*settings));

	if (!settings)
		return NULL;
	if (kw_settings_set(json, "validUsers", &settings->users, error) == 0 &&
	    kw_settings_set(json, "validActions", &settings->actions, error) == 0 &&
	    kw_settings_set(json, "validResources", &settings->resources, error) == 0) {
		const char *empty = json_object_size(settings->users) == 0       ? "valid_users"
				    : json_object_size(settings->actions) == 0   ? "valid_actions"
				    : json_object_size(settings->resources) == 0 ? "valid_resources"
										 : NULL;
		if (!empty)
			return settings;
		text_add(error, "%s cannot be empty", empty);
	}
	unload(settings);
	return NULL;
}

static int evaluate(const void *userdata, const struct kw_review *review,
		    struct kw_verdict *verdict)
{
	const struct settings *settings = userdata;
	const char *user = kw_text(json_object_get(review->raw_json, "user"));
	const char *action = kw_text(json_object_get(review->raw_json, "action"));
	const char *resource = kw_text(json_object_get(review->raw_json, "resource"));

	if (!user || !action || !resource)
		return kw_deny(verdict, 0, "cannot unmarshal request");
	if (kw_set_has(settings->users, user) && kw_set_has(settings->actions, action) &&
	    kw_set_has(settings->resources, resource))
		return kw_allow(verdict);
	return kw_deny(verdict, 0, "this request is not accepted");
}

const struct kw_policy_type kw_raw_validation = {"raw-validation", load, unload,
						 evaluate,         true, false};
