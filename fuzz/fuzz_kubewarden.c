/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as what the policies of examples/kubewarden are asked about: the
 * first byte chooses the kind, the rest is the object. Each policy must come to
 * a verdict, leave the object as it was, and change it by a patch that leads to
 * what the policy wants; the texts within go through the parsers of image
 * references and group expressions by themselves.
 */
#include <string.h>

#include <admwh/json.h>

#include "check.h"
#include "group.h"
#include "image.h"
#include "policy.h"

static const struct {
	const char *group, *kind;
} kinds[] = {{"", "Pod"},     {"apps", "Deployment"}, {"batch", "CronJob"},
	     {"", "Service"}, {"", "Namespace"},      {"", "raw"}};

/* Each with settings that look at everything there is. */
static const struct {
	const char *policy, *settings;
} asked[] = {
    {"allow-privilege-escalation-psp", "{\"default_allow_privilege_escalation\": false}"},
    {"capabilities-psp", "{\"allowed_capabilities\": [\"*\"], \"required_drop_capabilities\": "
			 "[\"A\"], \"default_add_capabilities\": [\"B\"]}"},
    {"disallow-service-loadbalancer", "{}"},
    {"disallow-service-nodeport", "{}"},
    {"host-namespaces-psp", "{\"allow_host_ports\": [{\"min\": 1, \"max\": 9}]}"},
    {"pod-privileged", "{}"},
    {"psa-label-enforcer", "{\"modes\": {\"warn\": \"baseline\"}}"},
    {"raw-mutation", "{\"forbiddenResources\": [\"a\"], \"defaultResource\": \"b\"}"},
    {"raw-validation", "{\"validUsers\": [\"a\"], \"validActions\": [\"a\"], "
		       "\"validResources\": [\"a\"]}"},
    {"safe-labels", "{\"denied_labels\": [\"a\"], \"mandatory_labels\": [\"b\"], "
		    "\"constrained_labels\": {\"c\": \"^(x+)+$\"}}"},
    {"trusted-repos", "{\"registries\": {\"allow\": [\"*.io\"]}, \"tags\": {\"reject\": "
		      "[\"latest\"]}, \"images\": {\"reject\": [\"nginx\", \"a/*\"]}}"},
};

/* The patch that an answer would have must lead from the one to the other. */
static void check_patch(const json_t *from, const json_t *to)
{
	struct admwh_json *json = admwh_json_new();
	json_t *patch = admwh_json_patch_make(json, from, to, ADMWH_PATCH_MAKE_INDEX_BY_INDEX);
	json_t *document = admwh_json_copy(json, from);

	if (patch && document) {
		check(admwh_json_patch_apply(json, &document, patch, ADMWH_PATCH_MODE_STRICT) == 0,
		      "the patch does not apply");
		check(admwh_json_equal(json, document, to), "the patch leads elsewhere");
	}
	json_decref(patch);
	json_decref(document);
	admwh_json_free(json);
}

static void ask(size_t i, const struct kw_review *review)
{
	const struct kw_policy_type *type = kw_policy_find(asked[i].policy);
	json_t *settings = json_loads(asked[i].settings, 0, NULL);
	json_t *object = review->raw_json ? review->raw_json : review->object_json;
	json_t *before = kw_copy(object);
	struct kw_verdict verdict = {0};
	struct text error = {0};
	void *loaded = type->load(settings, &error);

	check(loaded, "the settings are not taken");
	check(type->evaluate(loaded, review, &verdict) == 0, "there is no verdict");
	check(json_equal(object, before), "the object has changed");
	if (verdict.mutated && (!review->raw_json || type->of_raw))
		check_patch(object, verdict.mutated);
	kw_verdict_deinit(&verdict);
	type->unload(loaded);
	json_decref(before);
	json_decref(settings);
}

static void parse_texts(const char *text)
{
	static const char *const members[] = {"a", "b"};
	struct admwh_image image;
	struct text error = {0};
	const char *reason;

	if (kw_image_parse(&image, text, &reason) == 0)
		check(image.registry[0] && image.repository[0] && (image.tag[0] || image.digest[0]),
		      "a reference is not complete");
	kw_expression_free(kw_expression_new(text, members, 2, &error));
	text_deinit(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct kw_review review = {.version = "v1"};
	struct admwh_json *json = admwh_json_new();
	struct admwh_document *document;
	json_t *object;
	char *text;

	if (len == 0 || !json) {
		admwh_json_free(json);
		return 0;
	}
	text = strndup((const char *)bytes + 1, len - 1);
	if (text)
		parse_texts(text);
	free(text);
	object = admwh_json_parse(json, (const char *)bytes + 1, len - 1);
	review.group = kinds[bytes[0] % 6].group;
	review.kind = kinds[bytes[0] % 6].kind;
	document = admwh_document_parse((const char *)bytes + 1, len - 1);
	review.object = admwh_document_value(document);
	review.object_json = object;
	if (bytes[0] % 6 == 5) {
		review.raw = review.object;
		review.raw_json = object;
		review.object = admwh_value_kind(review.raw) == ADMWH_OBJECT
				    ? admwh_value_get(review.raw, "object")
				    : (struct admwh_value){0};
		review.object_json = json_object_get(object, "object");
	}
	for (size_t i = 0; object && i < sizeof(asked) / sizeof(asked[0]); i++)
		ask(i, &review);
	check(!object || *admwh_document_error(document) == '\0',
	      "a value is read as another kind");
	json_decref(object);
	admwh_document_free(document);
	admwh_json_free(json);
	return 0;
}
