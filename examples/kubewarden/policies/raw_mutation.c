/* SPDX-License-Identifier: MIT */
/* raw-mutation: forbidden resources are replaced: {"user", "action", "resource"}. */
#include <stdlib.h>
#include <string.h>

#include "../policy.h"
#include "../settings.h"

struct settings {
	json_t *forbidden; /* set */
	char *replacement;
};

static void unload(void *userdata)
{
	struct settings *settings = userdata;

	json_decref(settings->forbidden);
	free(settings->replacement);
	free(settings);
}

static int load_members(struct settings *settings, const json_t *json, struct text *error)
{
	const char *replacement = "";

	if (kw_settings_set(json, "forbiddenResources", &settings->forbidden, error) ||
	    kw_settings_text(json, "defaultResource", &replacement, error))
		return -1;
	if (!*replacement)
		return text_add(error, "defaultResource cannot be empty"), -1;
	if (kw_set_has(settings->forbidden, replacement))
		return text_add(error, "defaultResource cannot be forbidden"), -1;
	settings->replacement = strdup(replacement);
	return settings->replacement ? 0 : -1;
}

static void *load(const json_t *json, struct text *error)
{
	struct settings *settings = calloc(1, sizeof(*settings));
	struct text reason = {0};

	if (settings && load_members(settings, json, &reason) == 0)
		return settings;
	text_add(error, "Provided settings are not valid: %s",
		 reason.len > 0 ? text_get(&reason) : "out of memory");
	text_deinit(&reason);
	if (settings)
		unload(settings);
	return NULL;
}

/* What the original's decoder says of a request it does not take. */
static int deny_malformed(const struct kw_review *review, struct kw_verdict *verdict)
{
	static const char *const known[] = {"user", "action", "resource"};
	const char *name;
	json_t *member;
	size_t len;

	if (!review->raw_json || !json_is_object(review->raw_json))
		return kw_deny(verdict, 400, "json: cannot unmarshal the request");
	json_object_keylen_foreach(review->raw_json, name, len, member)
	{
		bool is_known = false;

		for (size_t i = 0; i < 3; i++)
			is_known = is_known || (strlen(name) == len && strcmp(name, known[i]) == 0);
		if (!is_known)
			return kw_deny(verdict, 400, "json: unknown field \"%s\"", name);
		if (!kw_text(member))
			return kw_deny(verdict, 400,
				       "json: cannot unmarshal request.%s into a string", name);
	}
	return 0;
}

static int evaluate(const void *userdata, const struct kw_review *review,
		    struct kw_verdict *verdict)
{
	const struct settings *settings = userdata;
	const char *resource = kw_text(json_object_get(review->raw_json, "resource"));
	json_t *copy;

	if (deny_malformed(review, verdict))
		return -1;
	if (verdict->message)
		return 0;
	if (!resource || !kw_set_has(settings->forbidden, resource))
		return kw_allow(verdict);
	copy = kw_copy(review->raw_json);
	if (json_object_set_new(copy, "resource", json_string(settings->replacement))) {
		json_decref(copy);
		copy = NULL;
	}
	return kw_mutate(verdict, copy);
}

const struct kw_policy_type kw_raw_mutation = {"raw-mutation", load, unload, evaluate, true, false};
