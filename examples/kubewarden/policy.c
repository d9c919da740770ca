/* SPDX-License-Identifier: MIT */
/* The table of policies, and what they are made with. See policy.h. */
#include "policy.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <admwh/json.h>

static const struct kw_policy_type *const policies[] = {
    &kw_allow_privilege_escalation_psp,
    &kw_capabilities_psp,
    &kw_disallow_service_loadbalancer,
    &kw_disallow_service_nodeport,
    &kw_host_namespaces_psp,
    &kw_pod_privileged,
    &kw_psa_label_enforcer,
    &kw_raw_mutation,
    &kw_raw_validation,
    &kw_safe_annotations,
    &kw_safe_labels,
    &kw_sleeping,
    &kw_trusted_repos,
};

/* Without ".wasm" and "-policy", which not everyone writes. */
static size_t without_suffixes(const char *name, size_t len)
{
	static const char *const suffixes[] = {".wasm", "-policy"};

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		size_t suffix_len = strlen(suffixes[i]);

		if (len > suffix_len &&
		    memcmp(name + len - suffix_len, suffixes[i], suffix_len) == 0)
			len -= suffix_len;
	}
	return len;
}

const struct kw_policy_type *kw_policy_find(const char *module)
{
	const char *slash = strrchr(module, '/');
	const char *name = slash ? slash + 1 : module;
	size_t len = without_suffixes(name, strcspn(name, ":@"));

	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++)
		if (strlen(policies[i]->name) == len && memcmp(policies[i]->name, name, len) == 0)
			return policies[i];
	return NULL;
}

const char *kw_policy_name(size_t i)
{
	return i < sizeof(policies) / sizeof(policies[0]) ? policies[i]->name : NULL;
}

int kw_allow(struct kw_verdict *verdict)
{
	verdict->allowed = true;
	return 0;
}

int kw_deny(struct kw_verdict *verdict, int code, const char *format, ...)
{
	struct text message = {0};
	va_list arguments;

	va_start(arguments, format);
	text_add_list(&message, format, arguments);
	va_end(arguments);
	verdict->allowed = false;
	verdict->code = code;
	free(verdict->message);
	verdict->message = text_take(&message);
	return verdict->message ? 0 : -1;
}

int kw_mutate(struct kw_verdict *verdict, json_t *mutated)
{
	if (!mutated)
		return -1;
	verdict->mutated = mutated;
	return kw_allow(verdict);
}

json_t *kw_copy(const json_t *value)
{
	struct admwh_json *json = admwh_json_new();
	json_t *copy = json && value ? admwh_json_copy(json, value) : NULL;

	admwh_json_free(json);
	return copy;
}

const char *kw_text(const json_t *value)
{
	const char *text = json_string_value(value);

	return text && strlen(text) == json_string_length(value) ? text : NULL;
}

const char *kw_value_text(struct admwh_value value)
{
	size_t len;
	const char *text = admwh_value_text(value, &len);

	return text && !memchr(text, '\0', len) ? admwh_value_string(value) : NULL;
}

void kw_verdict_deinit(struct kw_verdict *verdict)
{
	free(verdict->message);
	json_decref(verdict->mutated);
	*verdict = (struct kw_verdict){0};
}

int64_t kw_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool kw_review_expired(const struct kw_review *review)
{
	return (review->stop && atomic_load(review->stop)) ||
	       (review->until_ms > 0 && kw_now_ms() >= review->until_ms);
}
