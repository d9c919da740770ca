/* SPDX-License-Identifier: MIT */
/*
 * features.management.cattle.io: a feature whose value is locked stays as it is,
 * or becomes what it is locked to. The lock it had counts as well as the one it
 * gets: a change does not unlock itself.
 */
#include "rancher.h"

static const json_t *spec_value(const json_t *feature, struct text *wrong)
{
	const json_t *spec = object_in(feature, "spec", "Feature.spec", "v3.FeatureSpec", wrong);

	return bool_in(spec, "value", "FeatureSpec.spec.value", wrong);
}

/* NULL is a value of its own: not set. */
static bool same(const json_t *a, const json_t *b)
{
	if (!a || !b)
		return a == b;
	return json_is_true(a) == json_is_true(b);
}

static const json_t *lock_of(const json_t *feature, struct text *wrong)
{
	const json_t *status =
	    object_in(feature, "status", "Feature.status", "v3.FeatureStatus", wrong);

	return bool_in(status, "lockedValue", "FeatureStatus.status.lockedValue", wrong);
}

static bool forbids(const json_t *lock, const json_t *value)
{
	return lock && !(value && same(value, lock));
}

int validate_feature(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	struct text wrong = {0}, why = {0};
	const json_t *old_lock, *new_lock, *before, *after;
	struct objects objects;

	(void)userdata;
	if (objects_get(req, resp, NULL, "v3.Feature", &objects))
		return ADMWH_E_HANDLER;
	old_lock = lock_of(objects.old, &wrong);
	new_lock = lock_of(objects.object, &wrong);
	before = spec_value(objects.old, &wrong);
	after = spec_value(objects.object, &wrong);
	if (text_any(&wrong))
		return give_up(resp, NULL, &wrong);
	if (same(before, after) || (!forbids(old_lock, after) && !forbids(new_lock, after)))
		return admwh_response_allow(resp);
	text_add(&why, "feature flag cannot be changed from current value: %s",
		 json_is_true(forbids(old_lock, after) ? old_lock : new_lock) ? "true" : "false");
	return deny(resp, 400, "Invalid", &why);
}
