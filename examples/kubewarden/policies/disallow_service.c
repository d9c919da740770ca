/* SPDX-License-Identifier: MIT */
/*
 * disallow-service-loadbalancer and disallow-service-nodeport. Both are written
 * in Rego at the original, which takes any settings; they differ in the type.
 */
#include <stdlib.h>
#include <string.h>

#include "../pod.h"

static void *load(const json_t *json, struct text *error)
{
	void *settings = malloc(1);

	(void)json;
	if (!settings)
		text_add(error, "out of memory");
	return settings;
}

static int deny_type(const struct kw_review *review, const char *type, struct kw_verdict *verdict)
{
	struct admwh_value object = review->object, spec, member;

	if (admwh_value_kind(object) != ADMWH_OBJECT)
		return kw_allow(verdict);
	if (!kw_get_object(object, "spec", &spec))
		return kw_deny(verdict, 400, "spec is not a mapping");
	member = admwh_value_get(spec, "type");
	if (admwh_value_is_set(member) && admwh_value_kind(member) != ADMWH_STRING)
		return kw_deny(verdict, 400, "spec.type is not a string");
	if (admwh_value_is(member, type))
		return kw_deny(verdict, 0, "Service of type %s are not allowed", type);
	return kw_allow(verdict);
}

static int evaluate_loadbalancer(const void *settings, const struct kw_review *review,
				 struct kw_verdict *verdict)
{
	(void)settings;
	if (!admwh_value_is_absent(review->raw))
		return kw_deny(
		    verdict, 500,
		    "internal server error: Gatekeeper does not support raw validation requests");
	return deny_type(review, "LoadBalancer", verdict);
}

static int evaluate_nodeport(const void *settings, const struct kw_review *review,
			     struct kw_verdict *verdict)
{
	(void)settings;
	return deny_type(review, "NodePort", verdict);
}

const struct kw_policy_type kw_disallow_service_loadbalancer = {
    "disallow-service-loadbalancer", load, free, evaluate_loadbalancer, false, true};
const struct kw_policy_type kw_disallow_service_nodeport = {
    "disallow-service-nodeport", load, free, evaluate_nodeport, false, true};
