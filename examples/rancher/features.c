/* SPDX-License-Identifier: MIT */
/*
 * features.management.cattle.io: a feature whose value is locked stays as it is,
 * or becomes what it is locked to. The lock it had counts as well as the one it
 * gets: a change does not unlock itself.
 */
#include "rancher.h"

/* A pointer to a bool, in Go: NULL when it is absent or null. */
static const json_t *bool_in(const json_t *feature, const char *part, const char *key)
{
	const json_t *value = json_object_get(json_object_get(feature, part), key);

	return json_is_boolean(value) ? value : NULL;
}

/* NULL is a value of its own: not set. */
static bool same(const json_t *a, const json_t *b)
{
	if (!a || !b)
		return a == b;
	return json_is_true(a) == json_is_true(b);
}

static bool forbids(const json_t *lock, const json_t *value)
{
	return lock && !(value && same(value, lock));
}

int validate_feature(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	struct text why = {0};
	const json_t *old_lock, *new_lock, *before, *after;
	struct objects objects;

	(void)userdata;
	if (objects_get(req, resp, NULL, "v3.Feature", &objects))
		return ADMWH_E_HANDLER;
	old_lock = bool_in(objects.old, "status", "lockedValue");
	new_lock = bool_in(objects.object, "status", "lockedValue");
	before = bool_in(objects.old, "spec", "value");
	after = bool_in(objects.object, "spec", "value");
	if (same(before, after) || (!forbids(old_lock, after) && !forbids(new_lock, after)))
		return admwh_response_allow(resp);
	text_add(&why, "feature flag cannot be changed from current value: %s",
		 json_is_true(forbids(old_lock, after) ? old_lock : new_lock) ? "true" : "false");
	return deny(resp, 400, "Invalid", &why);
}
