/* SPDX-License-Identifier: MIT */
/* The expectations are what Go 1.26 and the types of rancher/webhook say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "go_decode.h"
#include "go_types.h"

#define WRONG "json: cannot unmarshal "
#define QUANTITY                                                                                   \
	"quantities must match the regular expression "                                            \
	"'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

static void decodes_as_go_does(void **state)
{
	static const struct {
		const char *type, *text, *error; /* NULL: it can be decoded */
	} cases[] = {
	    {"v3.Setting", "[]", WRONG "array into Go value of type v3.Setting"},
	    {"v3.Setting", "\"x\"", WRONG "string into Go value of type v3.Setting"},
	    {"v3.Setting", "1.50", WRONG "number into Go value of type v3.Setting"},
	    {"v3.Setting", "true", WRONG "bool into Go value of type v3.Setting"},
	    {"v3.Setting", "{\"kind\":5}",
	     WRONG "number into Go struct field Setting.TypeMeta.kind of type string"},
	    {"v3.Setting", "{\"apiVersion\":[]}",
	     WRONG "array into Go struct field Setting.TypeMeta.apiVersion of type string"},
	    {"v3.Setting", "{\"metadata\":\"x\"}",
	     WRONG "string into Go struct field Setting.metadata of type v1.ObjectMeta"},
	    {"v3.Setting", "{\"default\":{}}",
	     WRONG "object into Go struct field Setting.default of type string"},
	    {"v3.Setting", "{\"customized\":\"true\"}",
	     WRONG "string into Go struct field Setting.customized of type bool"},
	    {"v3.Setting", "{\"value\":5,\"default\":{}}",
	     WRONG "number into Go struct field Setting.value of type string"},
	    {"v3.Setting", "{\"default\":{},\"value\":5}",
	     WRONG "object into Go struct field Setting.default of type string"},
	    {"v3.Setting", "{\"value\":null,\"metadata\":null,\"customized\":null}", NULL},
	    {"v3.Setting", "{\"unknown\":{\"value\":5}}", NULL},
	    {"v3.Setting", "{\"metadata\":{\"generation\":1.0}}",
	     WRONG "number 1.0 into Go struct field ObjectMeta.metadata.generation of type int64"},
	    {"v3.Setting", "{\"metadata\":{\"generation\":1e3}}",
	     WRONG "number 1e3 into Go struct field ObjectMeta.metadata.generation of type int64"},
	    {"v3.Setting", "{\"metadata\":{\"generation\":99999999999999999999}}",
	     WRONG "number 99999999999999999999 into Go struct field "
		   "ObjectMeta.metadata.generation of type int64"},
	    {"v3.Setting", "{\"metadata\":{\"generation\":9223372036854775807}}", NULL},
	    {"v3.Setting", "{\"metadata\":{\"generation\":\"1\"}}",
	     WRONG "string into Go struct field ObjectMeta.metadata.generation of type int64"},
	    {"v3.Setting", "{\"metadata\":{\"labels\":{\"a\":\"b\",\"c\":1}}}",
	     WRONG "number into Go struct field ObjectMeta.metadata.labels of type string"},
	    {"v3.Setting", "{\"metadata\":{\"labels\":{\"a\":null}}}", NULL},
	    {"v3.Setting", "{\"metadata\":{\"labels\":[]}}",
	     WRONG
	     "array into Go struct field ObjectMeta.metadata.labels of type map[string]string"},
	    {"v3.Setting", "{\"metadata\":{\"uid\":7}}",
	     WRONG "number into Go struct field ObjectMeta.metadata.uid of type types.UID"},
	    {"v3.Setting", "{\"metadata\":{\"finalizers\":[\"a\",2]}}",
	     WRONG "number into Go struct field ObjectMeta.metadata.finalizers of type string"},
	    {"v3.Setting",
	     "{\"metadata\":{\"ownerReferences\":[{\"kind\":\"a\"},{\"controller\":\"x\"}]}}",
	     WRONG "string into Go struct field OwnerReference.metadata.ownerReferences.controller "
		   "of type bool"},
	    {"v3.Setting", "{\"metadata\":{\"ownerReferences\":[5]}}",
	     WRONG "number into Go struct field ObjectMeta.metadata.ownerReferences of type "
		   "v1.OwnerReference"},
	    {"v3.Setting", "{\"metadata\":{\"ownerReferences\":[null]}}", NULL},
	    {"v3.Setting", "{\"metadata\":{\"creationTimestamp\":null}}", NULL},
	    {"v3.Setting", "{\"metadata\":{\"creationTimestamp\":5}}",
	     WRONG
	     "number into Go struct field ObjectMeta.metadata.creationTimestamp of type string"},
	    {"v3.Setting", "{\"metadata\":{\"creationTimestamp\":\"x\"}}",
	     "parsing time \"x\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"x\" as \"2006\""},
	    {"v3.Setting", "{\"metadata\":{\"creationTimestamp\":\"2024-13-02T03:04:05Z\"}}",
	     "parsing time \"2024-13-02T03:04:05Z\": month out of range"},
	    {"v3.Setting", "{\"value\":5,\"metadata\":{\"creationTimestamp\":\"x\"}}",
	     "parsing time \"x\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"x\" as \"2006\""},
	    {"v3.Setting", "{\"value\":5,\"metadata\":{\"deletionTimestamp\":{}}}",
	     WRONG
	     "object into Go struct field ObjectMeta.metadata.deletionTimestamp of type string"},
	    {"v3.Setting",
	     "{\"metadata\":{\"managedFields\":[{\"time\":\"2024-01-02T03:04:05Z\",\"fieldsV1\":5}]"
	     "}}",
	     NULL},
	    {"v1.AuditPolicy", "{\"spec\":{\"verbosity\":{\"level\":1.5}}}",
	     WRONG
	     "number 1.5 into Go struct field LogVerbosity.spec.verbosity.level of type v1.Level"},
	    {"v1.AuditPolicy", "{\"spec\":{\"verbosity\":{\"level\":\"1\"}}}",
	     WRONG
	     "string into Go struct field LogVerbosity.spec.verbosity.level of type v1.Level"},
	    {"v1.AuditPolicy", "{\"spec\":{\"filters\":[{\"action\":5}]}}",
	     WRONG
	     "number into Go struct field Filter.spec.filters.action of type v1.FilterAction"},
	    {"v1.AuditPolicy", "{\"spec\":{\"filters\":{}}}",
	     WRONG "object into Go struct field AuditPolicySpec.spec.filters of type []v1.Filter"},
	    {"v1.AuditPolicy", "{\"spec\":{\"additionalRedactions\":[{\"headers\":[1]}]}}",
	     WRONG "number into Go struct field Redaction.spec.additionalRedactions.headers of "
		   "type string"},
	    {"v1.AuditPolicy", "{\"spec\":{\"additionalRedactions\":[{\"headers\":\"x\"}]}}",
	     WRONG "string into Go struct field Redaction.spec.additionalRedactions.headers of "
		   "type []string"},
	    {"v1.AuditPolicy", "{\"status\":{\"conditions\":[{\"status\":5}]}}",
	     WRONG "number into Go struct field Condition.status.conditions.status of type "
		   "v1.ConditionStatus"},
	    {"v1.Secret", "{\"type\":5}",
	     WRONG "number into Go struct field Secret.type of type v1.SecretType"},
	    {"v1.Secret", "{\"data\":{\"a\":\"YQ==\"}}", NULL},
	    {"v1.Secret", "{\"data\":{\"a\":\"!\"},\"type\":5}",
	     "illegal base64 data at input byte 0"},
	    {"v1.Secret", "{\"type\":5,\"data\":{\"a\":\"!\"}}",
	     WRONG "number into Go struct field Secret.type of type v1.SecretType"},
	    {"v1.Secret", "{\"data\":{\"a\":5}}",
	     WRONG "number into Go struct field Secret.data of type []uint8"},
	    {"v1.Secret", "{\"data\":{\"a\":[1,255,256]}}",
	     WRONG "number 256 into Go struct field Secret.data of type uint8"},
	    {"v1.Secret", "{\"data\":{\"a\":[\"x\"]}}",
	     WRONG "string into Go struct field Secret.data of type uint8"},
	    {"v1.Secret", "{\"data\":{\"a\":null}}", NULL},
	    {"v1.Secret", "{\"stringData\":{\"a\":5}}",
	     WRONG "number into Go struct field Secret.stringData of type string"},
	    {"v1.ClusterRepo", "{\"spec\":{\"caBundle\":\"Y\"}}",
	     "illegal base64 data at input byte 0"},
	    {"v1.ClusterRepo", "{\"spec\":{\"forceUpdate\":\"now\"}}",
	     "parsing time \"now\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"now\" as "
	     "\"2006\""},
	    {"v1.ClusterRepo", "{\"spec\":{\"OCIOptions\":{\"tagFilter\":5}}}",
	     WRONG
	     "number into Go struct field OCIOptions.spec.OCIOptions.tagFilter of type string"},
	    {"v1.ClusterRepo", "{\"spec\":{\"exponentialBackOffValues\":{\"minWait\":1.5}}}",
	     WRONG "number 1.5 into Go struct field "
		   "ExponentialBackOffValues.spec.exponentialBackOffValues.minWait of type int"},
	    {"v1.Namespace", "{\"spec\":{\"finalizers\":[5]}}",
	     WRONG
	     "number into Go struct field NamespaceSpec.spec.finalizers of type v1.FinalizerName"},
	    {"v1.Namespace", "{\"spec\":\"x\"}",
	     WRONG "string into Go struct field Namespace.spec of type v1.NamespaceSpec"},
	    {"v1.Namespace", "{\"status\":{\"phase\":{}}}",
	     WRONG
	     "object into Go struct field NamespaceStatus.status.phase of type v1.NamespacePhase"},
	    {"v1.Namespace", "{\"status\":{\"conditions\":[{\"lastTransitionTime\":\"x\"}]}}",
	     "parsing time \"x\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"x\" as \"2006\""},
	    {"v3.Feature", "{\"spec\":{\"value\":\"x\"}}",
	     WRONG "string into Go struct field FeatureSpec.spec.value of type bool"},
	    {"v3.Feature", "{\"status\":{\"lockedValue\":0}}",
	     WRONG "number into Go struct field FeatureStatus.status.lockedValue of type bool"},
	    {"v3.GlobalRole", "{\"namespacedRules\":{\"a\":[{\"verbs\":\"get\"}]}}",
	     WRONG "string into Go struct field PolicyRule.namespacedRules.verbs of type []string"},
	    {"v3.GlobalRole", "{\"namespacedRules\":{\"a\":{}}}",
	     WRONG
	     "object into Go struct field GlobalRole.namespacedRules of type []v1.PolicyRule"},
	    {"v3.GlobalRole", "{\"namespacedRules\":[]}",
	     WRONG "array into Go struct field GlobalRole.namespacedRules of type "
		   "map[string][]v1.PolicyRule"},
	    {"v3.GlobalRole", "{\"inheritedFleetWorkspacePermissions\":{\"workspaceVerbs\":{}}}",
	     WRONG "object into Go struct field "
		   "FleetWorkspacePermission.inheritedFleetWorkspacePermissions.workspaceVerbs of "
		   "type []string"},
	    {"v3.ClusterRoleTemplateBinding", "{\"status\":{\"observedGenerationLocal\":0.5}}",
	     WRONG "number 0.5 into Go struct field "
		   "ClusterRoleTemplateBindingStatus.status.observedGenerationLocal of type int64"},
	    {"v3.ProjectRoleTemplateBinding", "{\"serviceAccount\":false}",
	     WRONG
	     "bool into Go struct field ProjectRoleTemplateBinding.serviceAccount of type string"},
	    {"v1.Role", "{\"rules\":[{\"resourceNames\":[{}]}]}",
	     WRONG "object into Go struct field PolicyRule.rules.resourceNames of type string"},
	    {"v1.RoleBinding", "{\"subjects\":[{\"kind\":5}]}",
	     WRONG "number into Go struct field Subject.subjects.kind of type string"},
	    {"v1.ClusterRole",
	     "{\"aggregationRule\":{\"clusterRoleSelectors\":[{\"matchExpressions\":[{\"operator\":"
	     "5}]}]}}",
	     WRONG "number into Go struct field "
		   "LabelSelectorRequirement.aggregationRule.clusterRoleSelectors.matchExpressions."
		   "operator of type v1.LabelSelectorOperator"},
	    {"v1.ClusterRoleBinding", "{\"roleRef\":[]}",
	     WRONG "array into Go struct field ClusterRoleBinding.roleRef of type v1.RoleRef"},
	    {"v1.Cluster", "{\"spec\":{\"rkeConfig\":{\"chartValues\":5}}}",
	     WRONG "number into Go struct field "
		   "RKEConfig.spec.rkeConfig.ClusterConfiguration.chartValues of type "
		   "map[string]interface {}"},
	    {"v1.Cluster", "{\"spec\":{\"rkeConfig\":{\"chartValues\":{\"a\":[1,{}]}}}}", NULL},
	    {"v1.Cluster",
	     "{\"spec\":{\"rkeConfig\":{\"upgradeStrategy\":{\"workerDrainOptions\":{\"timeout\":"
	     "\"1\"}}}}}",
	     WRONG "string into Go struct field "
		   "DrainOptions.spec.rkeConfig.ClusterConfiguration.upgradeStrategy."
		   "workerDrainOptions.timeout of type int"},
	    {"v1.Cluster",
	     "{\"spec\":{\"rkeConfig\":{\"machinePools\":[{\"quantity\":99999999999}]}}}",
	     WRONG "number 99999999999 into Go struct field "
		   "RKEMachinePool.spec.rkeConfig.machinePools.quantity of type int32"},
	    {"v1.Cluster", "{\"spec\":{\"rkeConfig\":{\"machinePools\":[{\"labels\":{\"a\":5}}]}}}",
	     WRONG "number into Go struct field "
		   "RKEMachinePool.spec.rkeConfig.machinePools.RKECommonNodeConfig.labels of type "
		   "string"},
	    {"v1.Cluster",
	     "{\"spec\":{\"rkeConfig\":{\"machinePools\":[{\"drainBeforeDeleteTimeout\":\"1x\"}]}}"
	     "}",
	     "time: unknown unit \"x\" in duration \"1x\""},
	    {"v1.Cluster",
	     "{\"spec\":{\"rkeConfig\":{\"machinePools\":[{\"drainBeforeDeleteTimeout\":5}]}}}",
	     WRONG
	     "number into Go struct field "
	     "RKEMachinePool.spec.rkeConfig.machinePools.drainBeforeDeleteTimeout of type string"},
	    {"v1.Cluster",
	     "{\"spec\":{\"rkeConfig\":{\"machinePools\":[{\"rollingUpdate\":{\"maxSurge\":1.5}}]}}"
	     "}",
	     WRONG "number 1.5 into Go struct field "
		   "RKEMachinePoolRollingUpdate.spec.rkeConfig.machinePools.rollingUpdate.maxSurge "
		   "of type int32"},
	    {"v1.Cluster",
	     "{\"spec\":{\"rkeConfig\":{\"machinePools\":[{\"rollingUpdate\":{\"maxSurge\":\"10%\"}"
	     "}]}}}",
	     NULL},
	    {"v1.Cluster",
	     "{\"spec\":{\"rkeConfig\":{\"registries\":{\"mirrors\":{\"a\":{\"endpoint\":5}}}}}}",
	     WRONG "number into Go struct field "
		   "Mirror.spec.rkeConfig.ClusterConfiguration.registries.mirrors.endpoint of type "
		   "[]string"},
	    {"v1.Cluster",
	     "{\"spec\":{\"clusterAgentDeploymentCustomization\":{\"overrideResourceRequirements\":"
	     "{\"limits\":{\"cpu\":\"x\"}}}}}",
	     QUANTITY},
	    {"v1.Cluster",
	     "{\"spec\":{\"clusterAgentDeploymentCustomization\":{\"overrideResourceRequirements\":"
	     "{\"limits\":{\"cpu\":0.5}}}}}",
	     NULL},
	    {"v1.Cluster",
	     "{\"spec\":{\"clusterAgentDeploymentCustomization\":{\"overrideResourceRequirements\":"
	     "{\"limits\":[]}}}}",
	     WRONG "array into Go struct field "
		   "ResourceRequirements.spec.clusterAgentDeploymentCustomization."
		   "overrideResourceRequirements.limits of type v1.ResourceList"},
	    {"v1.ResourceList", "{\"cpu\":\"  1 \",\"memory\":1e3,\"pods\":null}", NULL},
	    {"v1.ResourceList", "{\"cpu\":\"  \"}", QUANTITY},
	    {"v1.ResourceList", "{\"cpu\":\"1\\u0000\"}", QUANTITY},
	    {"v1.ResourceList", "{\"cpu\":\"\\u0031\"}", QUANTITY},
	    {"v1.ResourceList", "{\"cpu\":\"1\\n\"}", QUANTITY},
	    {"v1.ResourceList", "{\"cpu\":[1]}", QUANTITY},
	    {"v1.ResourceList", "{\"cpu\":true}", QUANTITY},
	    {"v1.ResourceList", "{\"cpu\":\"1K\"}", "unable to parse quantity's suffix"},
	    {"v1.Cluster",
	     "{\"spec\":{\"fleetAgentDeploymentCustomization\":{\"overrideAffinity\":{"
	     "\"podAffinity\":{\"preferredDuringSchedulingIgnoredDuringExecution\":[{\"weight\":"
	     "99999999999}]}}}}}",
	     WRONG
	     "number 99999999999 into Go struct field "
	     "WeightedPodAffinityTerm.spec.fleetAgentDeploymentCustomization.overrideAffinity."
	     "podAffinity.preferredDuringSchedulingIgnoredDuringExecution.weight of type int32"},
	    {"v1.Cluster",
	     "{\"spec\":{\"fleetAgentDeploymentCustomization\":{\"overrideAffinity\":{"
	     "\"nodeAffinity\":{\"preferredDuringSchedulingIgnoredDuringExecution\":5}}}}}",
	     WRONG "number into Go struct field "
		   "NodeAffinity.spec.fleetAgentDeploymentCustomization.overrideAffinity."
		   "nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution of type "
		   "[]v1.PreferredSchedulingTerm"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct admwh_document *document =
		    admwh_document_parse(cases[i].text, strlen(cases[i].text));
		const char *expected = cases[i].error ? cases[i].error : "";
		struct text error = {0};
		bool valid;

		assert_string_equal(admwh_document_error(document), "");
		valid = go_decode_check(admwh_document_value(document), cases[i].type, &error);
		if (strcmp(text_get(&error), expected) != 0)
			fail_msg("%s %s: %s", cases[i].type, cases[i].text, text_get(&error));
		assert_int_equal(valid, cases[i].error == NULL);
		text_deinit(&error);
		admwh_document_free(document);
	}
}

static void a_missing_value_ends_too_early(void **state)
{
	const struct admwh_value absent = {0};
	struct text error = {0};

	(void)state;
	assert_false(go_decode_check(absent, "v3.Setting", &error));
	assert_string_equal(text_get(&error), "unexpected end of JSON input");
	text_deinit(&error);
}

/* The document has the error then; of a review it fails the review. */
static void takes_no_part_of_a_text_for_the_whole(void **state)
{
	static const struct {
		const char *type, *text;
	} cases[] = {
	    {"v3.Setting",
	     "{\"metadata\":{\"creationTimestamp\":\"2024-01-02T03:04:05Z\\u0000\"}}"},
	    {"v1.Duration", "\"1h\\u0000\""},
	    {"v1.Secret", "{\"data\":{\"a\":\"YQ==\\u0000\"}}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct admwh_document *document =
		    admwh_document_parse(cases[i].text, strlen(cases[i].text));
		struct text error = {0};

		assert_false(
		    go_decode_check(admwh_document_value(document), cases[i].type, &error));
		assert_non_null(strstr(admwh_document_error(document), "U+0000"));
		text_deinit(&error);
		admwh_document_free(document);
	}
}

/* As reflect.DeepEqual() of the decoded objects. */
static void compares_as_go_does(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} cases[] = {
	    {"{}", "{}", true},
	    {"{}", "{\"displayName\":\"\"}", true},
	    {"{}", "{\"displayName\":null}", true},
	    {"{}", "{\"displayName\":\"a\"}", false},
	    {"{\"builtin\":false}", "{}", true},
	    {"{\"builtin\":true}", "{}", false},
	    {"{\"status\":{\"observedGeneration\":0}}", "{}", true},
	    {"{\"status\":{\"observedGeneration\":1}}", "{\"status\":null}", false},
	    {"{\"unknown\":1}", "{\"unknown\":2}", true},
	    {"{\"rules\":[]}", "{}", false},
	    {"{\"rules\":null}", "{}", true},
	    {"{\"rules\":[null]}", "{\"rules\":[{}]}", true},
	    {"{\"rules\":[{}]}", "{\"rules\":[{},{}]}", false},
	    {"{\"rules\":[{\"verbs\":[\"a\",\"b\"]}]}", "{\"rules\":[{\"verbs\":[\"b\",\"a\"]}]}",
	     false},
	    {"{\"namespacedRules\":{}}", "{}", false},
	    {"{\"namespacedRules\":{\"a\":null}}", "{\"namespacedRules\":{}}", false},
	    {"{\"namespacedRules\":{\"a\":null}}", "{\"namespacedRules\":{\"b\":null}}", false},
	    {"{\"namespacedRules\":{\"a\":[],\"b\":[{}]}}",
	     "{\"namespacedRules\":{\"b\":[{}],\"a\":[]}}", true},
	    {"{\"inheritedFleetWorkspacePermissions\":{}}", "{}", false},
	    {"{\"inheritedFleetWorkspacePermissions\":{}}",
	     "{\"inheritedFleetWorkspacePermissions\":{\"workspaceVerbs\":null}}", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *a = json_loads(cases[i].a, 0, NULL), *b = json_loads(cases[i].b, 0, NULL);

		if (go_decode_equal("v3.GlobalRole", a, b) != cases[i].equal ||
		    go_decode_equal("v3.GlobalRole", b, a) != cases[i].equal)
			fail_msg("%s %s", cases[i].a, cases[i].b);
		json_decref(a);
		json_decref(b);
	}
}

/* Every type that the table mentions, from those that rules decode into. */
static void knows_every_type_that_it_mentions(void **state)
{
	static const char *const basic[] = {"string", "bool", "int", "int32", "int64", "uint8"};
	static const char *const custom[] = {"v1.Time",     "v1.Duration",   "resource.Quantity",
					     "v1.FieldsV1", "v1.GenericMap", "intstr.IntOrString"};
	static const char *const roots[] = {"v1.AuditPolicy",
					    "v1.ClusterRepo",
					    "v1.Cluster",
					    "v1.Namespace",
					    "v1.Secret",
					    "v1.Role",
					    "v1.RoleBinding",
					    "v1.ClusterRole",
					    "v1.ClusterRoleBinding",
					    "v3.Setting",
					    "v3.Feature",
					    "v3.GlobalRole",
					    "fixed.GlobalRole",
					    "v3.ClusterRoleTemplateBinding",
					    "v3.ProjectRoleTemplateBinding",
					    "token.PartialToken",
					    "clusterauthtoken.PartialClusterAuthToken",
					    "userattribute.PartialUserAttribute",
					    "unstructured.Unstructured",
					    "v1.PriorityClassSpec",
					    "v1.PodDisruptionBudgetSpec"};
	struct go_span todo[1024]; /* types do not contain themselves */
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
		todo[n++] = go_span(roots[i]);
	while (n > 0) {
		struct go_span type = todo[--n];
		struct go_member member;
		const char *members;
		bool known = false;

		do {
			type = go_underlying(type);
		} while (go_span_skip(&type, "*") || go_span_skip(&type, "[]") ||
			 go_span_skip(&type, "map[string]"));
		for (size_t i = 0; i < 6; i++)
			known = known || go_span_is(type, basic[i]) || go_span_is(type, custom[i]);
		members = go_struct_members(type);
		if (!known && !members)
			fail_msg("%.*s is not known", (int)type.len, type.at);
		while (members && go_member_next(&members, &member)) {
			assert_true(n < 1024 && member.key.len > 0 && member.key.len < 64);
			todo[n++] = member.type;
		}
		assert_true(!members || !*members);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(decodes_as_go_does),
	    cmocka_unit_test(a_missing_value_ends_too_early),
	    cmocka_unit_test(takes_no_part_of_a_text_for_the_whole),
	    cmocka_unit_test(compares_as_go_does),
	    cmocka_unit_test(knows_every_type_that_it_mentions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
