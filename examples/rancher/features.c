/* SPDX-License-Identifier: MIT */
/*
 * features.management.cattle.io: a feature whose value is locked stays as it is,
 * or becomes what it is locked to.
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

int validate_feature(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	struct text wrong = {0}, why = {0};
	const json_t *status, *locked, *before, *after;
	struct objects objects;

	(void)userdata;
	if (objects_get(req, resp, NULL, "v3.Feature", &objects))
		return ADMWH_E_HANDLER;
	status = object_in(objects.object, "status", "Feature.status", "v3.FeatureStatus", &wrong);
	locked = bool_in(status, "lockedValue", "FeatureStatus.status.lockedValue", &wrong);
	before = spec_value(objects.old, &wrong);
	after = spec_value(objects.object, &wrong);
	if (text_any(&wrong))
		return give_up(resp, NULL, &wrong);
	if (!locked || same(before, after) || (after && same(after, locked)))
		return admwh_response_allow(resp);
	text_add(&why, "feature flag cannot be changed from current value: %s",
		 json_is_true(locked) ? "true" : "false");
	return deny(resp, 400, "Invalid", &why);
}
