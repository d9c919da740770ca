/* SPDX-License-Identifier: MIT */
#include "policy_rules.h"

#include "go_quote.h"
#include "rancher.h"

/* What is wrong with one rule: an aggregate, which Go writes in brackets when it has several. */
struct errors {
	const char *path; /* "globalrole.rules[0]" */
	struct text text; /* separated by ", " */
	size_t n;
};

static bool is_empty(const json_t *rule, const char *key)
{
	return json_array_size(json_object_get(rule, key)) == 0;
}

static void begin(struct errors *errors, const char *key)
{
	text_separate(&errors->text, ", ");
	text_add(&errors->text, "%s.%s: ", errors->path, key);
	errors->n++;
}

static void require(struct errors *errors, const json_t *rule, const char *key, const char *detail)
{
	if (!is_empty(rule, key))
		return;
	begin(errors, key);
	text_add(&errors->text, "Required value: %s", detail);
}

static void refuse_urls(struct errors *errors, const json_t *urls, const char *detail)
{
	size_t i;
	const json_t *url;

	begin(errors, "nonResourceURLs");
	text_add(&errors->text, "Invalid value: [");
	json_array_foreach(urls, i, url) {
		text_add(&errors->text, "%s", i > 0 ? "," : "");
		go_quote_json(&errors->text, json_is_string(url) ? json_string_value(url) : "");
	}
	text_add(&errors->text, "]: %s", detail);
}

static void check_rule(struct errors *errors, const json_t *rule, bool is_namespaced)
{
	const json_t *urls = json_object_get(rule, "nonResourceURLs");

	require(errors, rule, "verbs", "verbs must contain at least one value");
	if (json_array_size(urls) == 0) {
		require(errors, rule, "apiGroups",
			"resource rules must supply at least one api group");
		require(errors, rule, "resources",
			"resource rules must supply at least one resource");
		return;
	}
	if (is_namespaced)
		refuse_urls(errors, urls, "namespaced rules cannot apply to non-resource URLs");
	if (!is_empty(rule, "apiGroups") || !is_empty(rule, "resources") ||
	    !is_empty(rule, "resourceNames"))
		refuse_urls(errors, urls,
			    "rules cannot apply to both regular resources and non-resource URLs");
}

static void add_line(const struct errors *errors, struct text *why)
{
	bool several = errors->n > 1;

	text_separate(why, "\n");
	text_add(why, "%s%s%s", several ? "[" : "", text_get(&errors->text), several ? "]" : "");
}

void policy_rules_check(const json_t *rules, bool is_namespaced, const char *path, struct text *why)
{
	size_t i;
	const json_t *rule;

	json_array_foreach(rules, i, rule) {
		struct text place = {0};
		struct errors errors = {0};

		text_add(&place, "%s[%zu]", path, i);
		errors.path = text_get(&place);
		check_rule(&errors, rule, is_namespaced);
		if (errors.n > 0)
			add_line(&errors, why);
		why->failed = why->failed || errors.text.failed || place.failed;
		text_deinit(&errors.text);
		text_deinit(&place);
	}
}
