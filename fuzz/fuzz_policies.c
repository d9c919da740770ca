/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as the policies.yml of examples/kubewarden. What must hold: a file is
 * refused for a reason, or each of its policies has an id that can stand
 * in a path, and either works or says why not; one that works comes to a verdict about
 * a Pod, and leaves it as it was.
 */
#include <string.h>

#include "check.h"
#include "policies_file.h"

static const char pod[] =
    "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"a\", \"labels\": "
    "{\"a\": \"b\"}}, \"spec\": {\"containers\": [{\"name\": \"a\", \"image\": \"nginx\", "
    "\"securityContext\": {\"privileged\": true, \"capabilities\": {\"add\": [\"A\"]}}}]}}";

static void check_message(struct text *error, bool failed)
{
	check(failed == (error->len > 0), "refused without a reason, or taken with one");
	text_deinit(error);
}

static void evaluate(const struct kw_member *member, json_t *object)
{
	struct admwh_document *document = admwh_document_parse(pod, strlen(pod));
	struct kw_review review = {.group = "", .version = "v1", .kind = "Pod"};
	json_t *before = kw_copy(object);
	struct kw_verdict verdict = {0};

	review.object = admwh_document_value(document);
	if (!member->type->reads_values)
		review.object_json = object;
	if (member->type->of_raw) {
		review.raw = review.object;
		review.raw_json = object;
	}
	review.until_ms = kw_now_ms() + 1;
	check(member->type->evaluate(member->settings, &review, &verdict) == 0,
	      "there is no verdict");
	check(json_equal(object, before), "the object has changed");
	check(*admwh_document_error(document) == '\0', "a value is read as another kind");
	kw_verdict_deinit(&verdict);
	json_decref(before);
	admwh_document_free(document);
}

static void check_member(const struct kw_member *member, bool failed, json_t *object)
{
	check(member->name && member->module && json_is_object(member->settings_json),
	      "a policy is not whole");
	check(member->timeout_s == -1 || (member->timeout_s > 0 && member->timeout_s <= 3600),
	      "a time that was not checked");
	check(failed || (member->type && member->settings), "a policy that does not work");
	if (member->settings && member->type != &kw_sleeping)
		evaluate(member, object);
}

static void check_policy(const struct kw_policy *policy, json_t *object)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	check(policy->id[0] && policy->id[strspn(policy->id, letters)] == '\0',
	      "an id that cannot stand in a path");
	check(policy->failed == (policy->failure != NULL), "it fails without a reason");
	check(policy->failed || !policy->expression || policy->compiled,
	      "a group without an expression");
	check(policy->expression || policy->n_members == 1, "a policy of several members");
	for (size_t i = 0; i < policy->n_members; i++)
		check_member(&policy->members[i], policy->failed, object);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct kw_policies policies;
	struct text error = {0};
	json_t *object;
	size_t failed = 0;

	if (kw_policies_read(&policies, (const char *)bytes, len, &error)) {
		check_message(&error, true);
		return 0;
	}
	check_message(&error, false);
	object = json_loads(pod, 0, NULL);
	failed = kw_policies_start(&policies);
	for (size_t i = 0; i < policies.n; i++) {
		check_policy(&policies.policies[i], object);
		failed -= policies.policies[i].failed;
	}
	check(failed == 0, "failures are counted otherwise");
	json_decref(object);
	kw_policies_deinit(&policies);
	return 0;
}
