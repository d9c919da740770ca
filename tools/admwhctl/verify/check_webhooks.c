/* SPDX-License-Identifier: MIT */
/* webhooks: what the API server refuses in a webhook configuration, or takes for something else. */
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/values.h"
#include "common/resources.h"
#include "verify/checks.h"
#include "verify/schema.h"

static char *where(const struct hook *hook, const char *member)
{
	return place(hook->document, "/webhooks/%zu%s%s", hook->i, *member ? "/" : "", member);
}

/* In the order in which kube-apiserver calls them. */
static const char *const kinds[] = {"MutatingWebhookConfiguration",
				    "ValidatingWebhookConfiguration"};

static void check_version(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < 2; i++)
		inspect_versions(facts, verdict, kinds[i]);
}

static void check_fields(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < 2; i++)
		inspect_fields(facts, verdict, kinds[i]);
}

static size_t count_labels(const char *name)
{
	size_t n = 1;

	for (; *name; name++)
		n += *name == '.';
	return n;
}

static void check_names(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->n_hooks; i++) {
		const struct hook *hook = &facts->hooks[i];

		examine(verdict);
		if (count_labels(hook->name) < 3)
			fault(verdict, where(hook, "name"),
			      text_new("%s is no name of three labels", hook->name),
			      "write such as images.example.org");
		if (is_named_before(at(hook->document->value, "webhooks"), hook->i))
			fault(verdict, where(hook, "name"),
			      text_new("%s is there twice", hook->name),
			      "give each webhook of a configuration a name of its own");
	}
}

static void check_versions(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->n_hooks; i++) {
		const struct hook *hook = &facts->hooks[i];
		json_t *versions = at(hook->value, "admissionReviewVersions");

		examine(verdict);
		if (!has_text(versions, "v1") && !has_text(versions, "v1beta1"))
			fault(verdict, where(hook, "admissionReviewVersions"),
			      text_new("there is neither v1 nor v1beta1"),
			      "write admissionReviewVersions: [v1]");
	}
}

/* A member whose text is one of a few. */
static void inspect_choice(struct verdict *verdict, const struct hook *hook, const char *member,
			   bool is_required, const char *const *words, const char *todo)
{
	json_t *value = at(hook->value, member);

	if (!value && !is_required)
		return;
	examine(verdict);
	if (!json_is_string(value) || !is_among(json_string_value(value), words))
		fault(verdict, where(hook, member),
		      value ? text_new("%s of %s is %s", member, hook->name,
				       json_is_string(value) ? json_string_value(value) : "no text")
			    : text_new("%s has no %s", hook->name, member),
		      todo);
}

static void check_side_effects(const struct facts *facts, struct verdict *verdict)
{
	static const char *const words[] = {"None", "NoneOnDryRun", NULL};

	for (size_t i = 0; i < facts->n_hooks; i++)
		inspect_choice(verdict, &facts->hooks[i], "sideEffects", true, words,
			       "write None, or NoneOnDryRun");
}

static void check_policies(const struct facts *facts, struct verdict *verdict)
{
	static const char *const failure[] = {"Fail", "Ignore", NULL};
	static const char *const match[] = {"Exact", "Equivalent", NULL};
	static const char *const reinvocation[] = {"Never", "IfNeeded", NULL};

	for (size_t i = 0; i < facts->n_hooks; i++) {
		const struct hook *hook = &facts->hooks[i];

		inspect_choice(verdict, hook, "failurePolicy", false, failure,
			       "write Fail, or Ignore");
		inspect_choice(verdict, hook, "matchPolicy", false, match,
			       "write Equivalent, or Exact");
		inspect_choice(verdict, hook, "reinvocationPolicy", false, reinvocation,
			       "write Never, or IfNeeded");
		if (!hook->is_mutating && at(hook->value, "reinvocationPolicy"))
			fault(verdict, where(hook, "reinvocationPolicy"),
			      text_new("%s validates, and is never called again", hook->name),
			      "take it out: the API server drops it");
	}
}

static void check_enforced(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->n_hooks; i++) {
		const struct hook *hook = &facts->hooks[i];
		const char *policy = text_at(hook->value, "failurePolicy");

		if (hook->is_mutating)
			continue;
		examine(verdict);
		if (policy && strcmp(policy, "Ignore") == 0)
			warn(verdict, where(hook, "failurePolicy"),
			     text_new("what %s cannot review is admitted", hook->name),
			     "write Fail where the policy must hold");
		policy = text_at(hook->value, "matchPolicy");
		if (policy && strcmp(policy, "Exact") == 0)
			warn(
			    verdict, where(hook, "matchPolicy"),
			    text_new("%s does not see the same object by other groups and versions",
				     hook->name),
			    "write Equivalent where the policy must hold");
		if (json_object_size(at(hook->value, "objectSelector")) > 0)
			warn(verdict, where(hook, "objectSelector"),
			     text_new("%s does not see objects of other labels, and users write "
				      "the labels",
				      hook->name),
			     "take the objectSelector out where the policy must hold");
	}
}

static void check_timeout(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->n_hooks; i++) {
		const struct hook *hook = &facts->hooks[i];
		json_t *seconds = at(hook->value, "timeoutSeconds");

		if (!seconds)
			continue;
		examine(verdict);
		if (!json_is_integer(seconds) || json_integer_value(seconds) < 1 ||
		    json_integer_value(seconds) > 30)
			fault(verdict, where(hook, "timeoutSeconds"),
			      text_new("timeoutSeconds of %s is not from 1 to 30", hook->name),
			      "write 5: users wait so long when the server does not answer");
	}
}

static void inspect_rule(struct verdict *verdict, const struct hook *hook, size_t i, json_t *rule)
{
	static const char *const lists[] = {"apiGroups", "apiVersions", "operations", "resources"};
	static const char *const operations[] = {"CREATE",  "UPDATE", "DELETE",
						 "CONNECT", "*",      NULL};
	static const char *const scopes[] = {"Namespaced", "Cluster", "*", NULL};
	const char *scope = text_at(rule, "scope");
	json_t *operation;
	size_t k;

	for (k = 0; k < 4; k++)
		if (json_array_size(at(rule, lists[k])) == 0)
			fault(verdict, place(hook->document, "/webhooks/%zu/rules/%zu", hook->i, i),
			      text_new("a rule of %s has no %s", hook->name, lists[k]),
			      "list them; \"\" is the core group");
	json_array_foreach(at(rule, "operations"), k, operation)
		if (!json_is_string(operation) ||
		    !is_among(json_string_value(operation), operations))
			fault(verdict,
			      place(hook->document, "/webhooks/%zu/rules/%zu/operations/%zu",
				    hook->i, i, k),
			      text_new("%s is no operation", json_is_string(operation)
								 ? json_string_value(operation)
								 : "it"),
			      "write CREATE, UPDATE, DELETE, CONNECT or *");
	if (scope && !is_among(scope, scopes))
		fault(verdict, place(hook->document, "/webhooks/%zu/rules/%zu/scope", hook->i, i),
		      text_new("%s is no scope", scope), "write Namespaced, Cluster or *");
}

static void inspect_resources(struct verdict *verdict, const struct hook *hook, size_t i,
			      json_t *rule)
{
	json_t *resource;
	size_t k;

	json_array_foreach(at(rule, "resources"), k, resource) {
		const char *text = json_string_value(resource);
		char *reason = text ? resources_misnamed(at(rule, "apiGroups"), text) : NULL;

		if (reason)
			fault(verdict,
			      place(hook->document, "/webhooks/%zu/rules/%zu/resources/%zu",
				    hook->i, i, k),
			      text_new("%s is not called for it: %s", hook->name, reason),
			      "write resources in the plural, with their group in apiGroups: "
			      "kubectl api-resources lists them");
		free(reason);
	}
}

static void check_rules(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->n_hooks; i++) {
		json_t *rules = at(facts->hooks[i].value, "rules");
		json_t *rule;
		size_t k;

		examine(verdict);
		if (json_array_size(rules) == 0)
			fault(verdict, where(&facts->hooks[i], "rules"),
			      text_new("%s has no rules: it is never called", facts->hooks[i].name),
			      "say for which operations and resources it is called");
		json_array_foreach(rules, k, rule) {
			inspect_rule(verdict, &facts->hooks[i], k, rule);
			inspect_resources(verdict, &facts->hooks[i], k, rule);
		}
	}
}

static void inspect_expression(struct verdict *verdict, const struct hook *hook,
			       const char *selector, size_t i, json_t *expression)
{
	const char *relation = text_at(expression, "operator");
	size_t n = json_array_size(at(expression, "values"));
	bool needs = relation && (strcmp(relation, "In") == 0 || strcmp(relation, "NotIn") == 0);
	bool needs_none =
	    relation && (strcmp(relation, "Exists") == 0 || strcmp(relation, "DoesNotExist") == 0);

	if ((!needs && !needs_none) || !text_at(expression, "key"))
		fault(verdict,
		      place(hook->document, "/webhooks/%zu/%s/matchExpressions/%zu", hook->i,
			    selector, i),
		      text_new("an expression of %s has %s", selector,
			       text_at(expression, "key") ? "an operator that is not known"
							  : "no key"),
		      "write key, and operator In, NotIn, Exists or DoesNotExist");
	else if (needs != (n > 0))
		fault(verdict,
		      place(hook->document, "/webhooks/%zu/%s/matchExpressions/%zu", hook->i,
			    selector, i),
		      text_new("operator %s has %zu values", relation, n),
		      "In and NotIn have values, Exists and DoesNotExist none");
}

static void check_selectors(const struct facts *facts, struct verdict *verdict)
{
	static const char *const selectors[] = {"namespaceSelector", "objectSelector"};
	json_t *expression;
	size_t k;

	for (size_t i = 0; i < facts->n_hooks; i++)
		for (size_t s = 0; s < 2; s++) {
			json_t *selector = at(facts->hooks[i].value, selectors[s]);

			if (!selector)
				continue;
			examine(verdict);
			json_array_foreach(at(selector, "matchExpressions"), k, expression)
				inspect_expression(verdict, &facts->hooks[i], selectors[s], k,
						   expression);
		}
}

/* A condition that is false whatever the request is. */
static bool never_holds(json_t *condition)
{
	const char *text = member_text(condition, "expression");
	size_t from = strspn(text, " \t\r\n");

	return strncmp(text + from, "false", 5) == 0 &&
	       text[from + 5 + strspn(text + from + 5, " \t\r\n")] == '\0';
}

static void inspect_condition(struct verdict *verdict, const struct hook *hook, size_t i)
{
	json_t *conditions = at(hook->value, "matchConditions");
	json_t *condition = json_array_get(conditions, i);

	if (!text_at(condition, "name") || !text_at(condition, "expression"))
		fault(verdict, where(hook, "matchConditions"),
		      text_new("a condition of %s has no name or no expression", hook->name),
		      "give it both");
	if (never_holds(condition))
		fault(verdict, where(hook, "matchConditions"),
		      text_new("a condition of %s is false: it is never called", hook->name),
		      "take the condition out, or write when it holds");
	if (is_named_before(conditions, i))
		fault(verdict, where(hook, "matchConditions"),
		      text_new("condition %s of %s is there twice", text_at(condition, "name"),
			       hook->name),
		      "give each a name of its own");
}

static void check_conditions(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->n_hooks; i++) {
		const struct hook *hook = &facts->hooks[i];
		json_t *conditions = at(hook->value, "matchConditions");

		if (!conditions)
			continue;
		examine(verdict);
		if (json_array_size(conditions) > 64)
			fault(verdict, where(hook, "matchConditions"),
			      text_new("there are more than 64"), "join them by &&");
		for (size_t k = 0; k < json_array_size(conditions); k++)
			inspect_condition(verdict, hook, k);
	}
}

const struct check webhook_checks[] = {
    {"webhooks.version", "webhook configurations are of a version that is known", check_version},
    {"webhooks.fields", "they have no unknown field", check_fields},
    {"webhooks.names", "webhooks have names of three labels, each once", check_names},
    {"webhooks.reviewVersions", "they take an AdmissionReview that is sent", check_versions},
    {"webhooks.sideEffects", "they declare that they have no side effects", check_side_effects},
    {"webhooks.policies", "their policies are known words", check_policies},
    {"webhooks.enforced", "requests that validators cannot review are denied", check_enforced},
    {"webhooks.timeout", "their timeouts are from 1 to 30 seconds", check_timeout},
    {"webhooks.rules", "their rules are whole", check_rules},
    {"webhooks.selectors", "their selectors are whole", check_selectors},
    {"webhooks.conditions", "their match conditions are whole, and may hold", check_conditions},
    {0},
};
