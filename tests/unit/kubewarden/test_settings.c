/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ask.h"

#define NOT_VALID "Provided settings are not valid: "

static void refuses_settings_in_the_originals_words(void **state)
{
	static const struct {
		const char *policy, *settings, *error;
	} cases[] = {
	    {"pod-privileged", "{'skip_init_containers': 'yes'}",
	     "skip_init_containers: expected a boolean"},
	    {"pod-privileged", "{'skip_ephemeral_containers': 1}",
	     "skip_ephemeral_containers: expected a boolean"},
	    {"trusted-repos", "{'registries': {'allow': ['a'], 'reject': ['b']}}",
	     "only one of registries allow or reject can be provided"},
	    {"trusted-repos",
	     "{'registries': {'allow': ['a'], 'reject': ['b']}, "
	     "'images': {'allow': ['a'], 'reject': ['b']}, 'tags': {'reject': ['a/b', '', 'ok']}}",
	     "only one of registries allow or reject can be provided, only one of images allow or "
	     "reject can be provided, tags [\"a/b\", \"\"] are invalid, they must be valid OCI "
	     "tags or wildcard patterns"},
	    {"trusted-repos", "{'images': {'allow': ['not-a-valid-image-tag:1.0.0+rc1']}}",
	     "images.allow[0]: invalid reference format"},
	    {"trusted-repos", "{'images': {'reject': ['a', 'r.com/image@sha256']}}",
	     "images.reject[1]: invalid reference format"},
	    {"trusted-repos", "{'images': {'reject': [1]}}", "images.reject[0]: expected a string"},
	    {"trusted-repos", "{'images': {'reject': 'a'}}",
	     "images.reject: expected a list of strings"},
	    {"trusted-repos", "{'tags': []}", "tags: expected a mapping"},
	    {"safe-labels", "{'denied_labels': ['foo', 'cc'], 'constrained_labels': {'cc': '^c'}}",
	     NOT_VALID "These labels cannot be constrained and denied at the same time: cc"},
	    {"safe-labels", "{'denied_labels': ['foo', 'cc'], 'mandatory_labels': ['cc']}",
	     NOT_VALID "These labels cannot be mandatory and denied at the same time: cc"},
	    {"safe-labels",
	     "{'denied_labels': ['a', 'b'], 'mandatory_labels': ['b', 'a'], "
	     "'constrained_labels': {'a': ''}}",
	     NOT_VALID "These labels cannot be constrained and denied at the same time: a; These "
		       "labels cannot be mandatory and denied at the same time: b,a"},
	    {"safe-labels", "{'constrained_labels': {'cc': '^cc-[12$'}}",
	     NOT_VALID "error parsing regexp: missing closing ]: `[12$`"},
	    {"safe-labels", "{'constrained_labels': {'cc': 1}}",
	     NOT_VALID "constrained_labels.cc: expected a string"},
	    {"safe-labels", "{'constrained_labels': []}",
	     NOT_VALID "constrained_labels: expected a mapping"},
	    {"safe-annotations",
	     "{'denied_annotations': ['cc'], 'constrained_annotations': {'cc': '^c'}}",
	     NOT_VALID "These annotations cannot be constrained and denied at the same time: cc"},
	    {"safe-annotations", "{'mandatory_annotations': 'x'}",
	     NOT_VALID "mandatory_annotations: expected a list of strings"},
	    {"capabilities-psp",
	     "{'allowed_capabilities': ['A', 'B'], 'required_drop_capabilities': ['B', 'A']}",
	     "These capabilities cannot be allowed because they are also required to be dropped: "
	     "{\"A\", \"B\"}"},
	    {"capabilities-psp",
	     "{'default_add_capabilities': ['A'], 'required_drop_capabilities': ['A']}",
	     "These capabilities cannot be added by default because they are also required to be "
	     "dropped: {\"A\"}"},
	    {"capabilities-psp", "{'default_add_capabilities': ['A']}",
	     "These capabilities cannot be added by default because they are not allowed: "
	     "{\"A\"}"},
	    {"capabilities-psp", "{'allowed_capabilities': [1]}",
	     "allowed_capabilities[0]: expected a string"},
	    {"allow-privilege-escalation-psp", "{'default_allow_privilege_escalation': 'no'}",
	     "default_allow_privilege_escalation: expected a boolean"},
	    {"host-namespaces-psp", "{'allow_host_ports': [{'min': 2, 'max': 1}]}",
	     "port min 2 cannot be greater than max 1"},
	    {"host-namespaces-psp", "{'allow_host_ports': [{'min': 2}]}",
	     "allow_host_ports[0]: expected the integers min and max"},
	    {"host-namespaces-psp", "{'allow_host_ports': {}}",
	     "allow_host_ports: expected a list of ranges"},
	    {"psa-label-enforcer", "{}",
	     "At least one of the 'enforce', 'audit' or 'warn' configuration must be defined"},
	    {"psa-label-enforcer", "{'modes': {'enforce': 'high'}}",
	     "modes.enforce: unknown variant `high`, expected one of `privileged`, `baseline`, "
	     "`restricted`"},
	    {"psa-label-enforcer",
	     "{'modes': {'enforce': 'baseline', 'enforce-version': 'v1.025'}}",
	     "Version v1.025 is invalid. It must follow the v<major>.<minor> pattern or be "
	     "'latest' value"},
	    {"psa-label-enforcer", "{'modes': {'enforce': 'baseline', 'audit-version': 'v1.25'}}",
	     "cannot define audit version with no audit mode."},
	    {"psa-label-enforcer", "{'modes': {'enforce': 'baseline', 'warn-version': 'latest'}}",
	     "cannot define warn version with no warn mode."},
	    {"psa-label-enforcer", "{'modes': {'enforced': 'baseline'}}",
	     "modes: unknown field `enforced`"},
	    {"psa-label-enforcer", "{'modes': {'warn': 1}}", "warn: expected a string"},
	    {"psa-label-enforcer", "{'modes': 1}", "modes: expected a mapping"},
	    {"raw-validation", "{}", "valid_users cannot be empty"},
	    {"raw-validation", "{'validUsers': ['a']}", "valid_actions cannot be empty"},
	    {"raw-validation", "{'validUsers': ['a'], 'validActions': ['a']}",
	     "valid_resources cannot be empty"},
	    {"raw-mutation", "{}", NOT_VALID "defaultResource cannot be empty"},
	    {"raw-mutation", "{'forbiddenResources': ['a'], 'defaultResource': 'a'}",
	     NOT_VALID "defaultResource cannot be forbidden"},
	    {"raw-mutation", "{'forbiddenResources': 1}",
	     NOT_VALID "forbiddenResources: expected a list of strings"},
	    {"sleeping", "{}", "sleep_milliseconds must be set and be major than 0"},
	    {"sleeping", "{'sleepMilliseconds': -1}",
	     "sleepMilliseconds: expected a number that is not negative"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *settings = read_json(cases[i].settings);
		struct text error = {0};

		assert_null(kw_policy_find(cases[i].policy)->load(settings, &error));
		assert_string_equal(text_get(&error), cases[i].error);
		text_deinit(&error);
		json_decref(settings);
	}
}

static void takes_versions_of_kubernetes(void **state)
{
	static const char *const versions[] = {"latest", "v1.0", "v1.25", "v10.9"};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		json_t *settings = json_pack("{s:{s:s,s:s}}", "modes", "audit", "baseline",
					     "audit-version", versions[i]);
		struct text error = {0};
		void *loaded = kw_psa_label_enforcer.load(settings, &error);

		assert_non_null(loaded);
		kw_psa_label_enforcer.unload(loaded);
		json_decref(settings);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_settings_in_the_originals_words),
	    cmocka_unit_test(takes_versions_of_kubernetes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
