/* SPDX-License-Identifier: MIT */
/*
 * features.management.cattle.io: a feature whose value is locked stays as it is,
 * or becomes what it is locked to. The lock it had counts as well as the one it
 * gets: a change does not unlock itself.
 */
#include "rancher.h"

/* Pointers to bool, in Go: null is as absent, which is a value of its own. */
static bool same(struct admwh_value a, struct admwh_value b)
{
	return admwh_value_is_set(a) == admwh_value_is_set(b) &&
	       admwh_value_is_true(a) == admwh_value_is_true(b);
}

static bool forbids(struct admwh_value lock, struct admwh_value value)
{
	return admwh_value_is_set(lock) && !same(lock, value);
}

int validate_feature(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	struct text why = {0};
	struct admwh_value old_lock, new_lock, before, after;
	struct values values;

	(void)userdata;
	if (values_get(req, resp, NULL, "v3.Feature", &values))
		return ADMWH_E_HANDLER;
	old_lock = ADMWH_GET(values.old, "status", "lockedValue");
	new_lock = ADMWH_GET(values.object, "status", "lockedValue");
	before = ADMWH_GET(values.old, "spec", "value");
	after = ADMWH_GET(values.object, "spec", "value");
	if (same(before, after) || (!forbids(old_lock, after) && !forbids(new_lock, after)))
		return admwh_response_allow(resp);
	text_add(&why, "feature flag cannot be changed from current value: %s",
		 admwh_value_is_true(forbids(old_lock, after) ? old_lock : new_lock) ? "true"
										     : "false");
	return deny(resp, 400, "Invalid", &why);
}
