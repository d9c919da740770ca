/* SPDX-License-Identifier: MIT */
/* Rules and selectors, as predicates/rules of k8s.io/apiserver match them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/yaml.h"
#include "review/match.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct circumstances create = {.operation = "CREATE"};

static json_t *parse(const char *text)
{
	struct yaml_file *file = yaml_read("test", text, strlen(text));
	json_t *value;

	assert_non_null(file);
	value = json_incref(yaml_document(file, 0));
	yaml_file_free(file);
	return value;
}

static bool is_sent(const char *webhook, const struct request *request, const char *namespaces)
{
	json_t *value = parse(webhook), *labels = parse(namespaces);
	bool sent = !why_not_sent(value, request, labels);

	json_decref(value);
	json_decref(labels);
	return sent;
}

static void rules_name_groups_versions_resources_and_scopes(void **state)
{
	static const struct {
		const char *rule;
		const char *group, *resource, *subresource;
		bool is_namespaced, is_sent;
	} cases[] = {
	    {"resources: [pods]", "", "pods", "", true, true},
	    {"resources: [pods]", "", "services", "", true, false},
	    {"resources: [pods]", "", "pods", "status", true, false},
	    {"resources: [pods/status]", "", "pods", "status", true, true},
	    {"resources: [pods/status]", "", "pods", "", true, false},
	    {"resources: ['pods/*']", "", "pods", "status", true, true},
	    {"resources: ['pods/*']", "", "pods", "", true, true},
	    {"resources: ['pods/*']", "", "podtemplates", "", true, false},
	    {"resources: ['*']", "", "pods", "", true, true},
	    {"resources: ['*']", "", "pods", "status", true, false},
	    {"resources: ['*/*']", "", "pods", "status", true, true},
	    {"resources: ['*/scale']", "", "pods", "scale", true, true},
	    {"resources: ['*/scale']", "", "pods", "", true, false},
	    {"resources: [pods]", "apps", "pods", "", true, false},
	    {"resources: [pods], apiGroups: ['*']", "apps", "pods", "", true, true},
	    {"resources: [pods], apiVersions: [v2]", "", "pods", "", true, false},
	    {"resources: [pods], operations: [UPDATE]", "", "pods", "", true, false},
	    {"resources: [pods], operations: ['*']", "", "pods", "", true, true},
	    {"resources: [pods], scope: Namespaced", "", "pods", "", true, true},
	    {"resources: [pods], scope: Cluster", "", "pods", "", true, false},
	    {"resources: [nodes], scope: Cluster", "", "nodes", "", false, true},
	    {"resources: [nodes], scope: Namespaced", "", "nodes", "", false, false},
	    {"resources: [nodes], scope: '*'", "", "nodes", "", false, true},
	    {"resources: ['*'], apiGroups: ['*']", "admissionregistration.k8s.io",
	     "validatingwebhookconfigurations", "", false, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct request request = {.circumstances = &create,
					  .resource = {.kind = "Any",
						       .group = cases[i].group,
						       .version = "v1",
						       .resource = cases[i].resource,
						       .subresource = cases[i].subresource,
						       .is_namespaced = cases[i].is_namespaced},
					  .namespace = cases[i].is_namespaced ? "shop" : NULL};
		char webhook[512];

		/* What the rule does not say. */
		snprintf(webhook, sizeof(webhook), "rules: [{%s%s%s%s}]", cases[i].rule,
			 strstr(cases[i].rule, "apiGroups") ? "" : ", apiGroups: ['']",
			 strstr(cases[i].rule, "apiVersions") ? "" : ", apiVersions: [v1]",
			 strstr(cases[i].rule, "operations") ? "" : ", operations: [CREATE]");
		if (is_sent(webhook, &request, "{}") != cases[i].is_sent)
			fail_msg("%s: %s/%s", webhook, cases[i].resource, cases[i].subresource);
	}
}

static void selectors_see_labels_of_namespaces_and_objects(void **state)
{
	static const struct {
		const char *selectors;
		bool is_sent;
	} cases[] = {
	    {"{}", true},
	    {"namespaceSelector: {matchLabels: {tier: gold}}", true},
	    {"namespaceSelector: {matchLabels: {tier: free}}", false},
	    {"namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}", true},
	    {"namespaceSelector: {matchExpressions: [{key: tier, operator: DoesNotExist}]}", false},
	    {"objectSelector: {matchLabels: {app: web}}", true},
	    {"objectSelector: {matchLabels: {app: db}}", true}, /* of the old object */
	    {"objectSelector: {matchLabels: {app: mail}}", false},
	    {"objectSelector: {matchExpressions: [{key: app, operator: Exists}]}", true},
	};
	json_t *object = parse("metadata: {labels: {app: web}}");
	json_t *old = parse("metadata: {labels: {app: db}}");
	struct request request = {
	    .circumstances = &create,
	    .resource = {.kind = "Pod",
			 .group = "",
			 .version = "v1",
			 .resource = "pods",
			 .subresource = "",
			 .is_namespaced = true},
	    .namespace = "shop",
	    .object = object,
	    .old = old,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char webhook[512];

		snprintf(webhook, sizeof(webhook),
			 "rules: [{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], "
			 "resources: ['*']}]\n%s\n",
			 strcmp(cases[i].selectors, "{}") == 0 ? "" : cases[i].selectors);
		if (is_sent(webhook, &request, "shop: {tier: gold}") != cases[i].is_sent)
			fail_msg("%s", cases[i].selectors);
	}
	json_decref(object);
	json_decref(old);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rules_name_groups_versions_resources_and_scopes),
	    cmocka_unit_test(selectors_see_labels_of_namespaces_and_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
