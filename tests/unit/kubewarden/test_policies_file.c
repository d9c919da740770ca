/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policies_file.h"

static void names_line_and_key_of_a_mistake(void **state)
{
	static const char *const cases[][2] = {
	    {"- a", "line 1: expected a mapping of policies"},
	    {"a: 1", "line 1: a: expected a mapping"},
	    {"a:\n  policyMode: protect", "line 2: a: module: is missing"},
	    {"\n\na:\n  module: x\n  policyMode: observe",
	     "line 5: a: policyMode: expected protect or monitor"},
	    {"a:\n  module: 1\nb:\n  module: [x]", "line 4: b: module: expected a string"},
	    {"a:\n  module: x\n  allowedToMutate: 'yes'",
	     "line 3: a: allowedToMutate: expected true or false"},
	    {"a:\n  module: x\n  settings: []", "line 3: a: settings: expected a mapping"},
	    {"a:\n  module: x\n  settings:\n    b: 1\n    b: 2", "line 5: b: twice"},
	    {"a:\n  module: x\n  settings:\n    [a]: 1", "line 4: expected a key that is text"},
	    {"a:\n  module: x\n  timeoutEvalSeconds: 0",
	     "line 3: a: timeoutEvalSeconds: expected a number of seconds, 1 to 3600"},
	    {"a:\n  module: x\n  timeoutEvalSeconds: 1.5",
	     "line 3: a: timeoutEvalSeconds: expected a number of seconds, 1 to 3600"},
	    {"a:\n  module: x\n  message: {}", "line 3: a: message: expected a string"},
	    {"a:\n  module: x\n  hostCapabilities: x",
	     "line 3: a: hostCapabilities: expected a list"},
	    {"a:\n  module: x\na:\n  module: x", "line 3: a: twice"},
	    {"a/b:\n  module: x", "line 1: policy name 'a/b' contains a '/' character"},
	    {"a b: {module: x}", "line 1: Not a valid Policy ID: 'a b' cannot stand in a path"},
	    {"'': {module: x}", "line 1: Not a valid Policy ID: '' cannot stand in a path"},
	    {"a:\n\tmodule: x", "line 2: found character that cannot start any token"},
	    {"a: {}\n---\nb: {}", "expected one document"},
	    {"a:\n  policies: {}\n  message: m", "line 2: a: expression: is missing"},
	    {"a:\n  policies: {}\n  expression: 'true'", "line 2: a: message: is missing"},
	    {"a:\n  policies: []\n  expression: 'true'\n  message: m",
	     "line 2: a: policies: expected a mapping"},
	    {"a:\n  policies:\n    b: {}\n  expression: 'true'\n  message: m",
	     "line 3: a: b: module is missing"},
	    {"a:\n  policies:\n    b:\n      module: x\n      allowedToMutate: true\n  message: m",
	     "line 5: a: allowedToMutate: unknown key of a group's policy"},
	    {"a:\n  policies:\n    b/c:\n      module: x\n  message: m",
	     "line 3: policy group 'a' contains policies with invalid names: [\"b/c\"]"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kw_policies policies;
		struct text error = {0};

		if (kw_policies_read(&policies, cases[i][0], strlen(cases[i][0]), &error) == 0)
			fail_msg("taken: %s", cases[i][0]);
		assert_string_equal(text_get(&error), cases[i][1]);
		text_deinit(&error);
	}
}

static void reads_policies_and_groups(void **state)
{
	static const char text[] =
	    "# comment\n"
	    "one:\n"
	    "  module: registry://ghcr.io/kubewarden/policies/safe-labels:v1\n"
	    "  policyMode: monitor\n"
	    "  allowedToMutate: true\n"
	    "  message: no\n"
	    "  timeoutEvalSeconds: 7\n"
	    "  contextAwareResources:\n"
	    "  - {apiVersion: v1, kind: Namespace}\n"
	    "  novelty: 1\n"
	    "  settings: {a: 1, b: 1.5, c: true, d: null, e: 'true', f: [x, ~], g: 010, h: 1e2,\n"
	    "    i: .inf, j: -3, k: 99999999999999999999, l: 2024-01-01}\n"
	    "two:\n"
	    "  module: x\n"
	    "  settings:\n"
	    "three:\n"
	    "  policies:\n"
	    "    a: {module: sleeping, settings: {sleepMilliseconds: 1}, timeoutEvalSeconds: 3}\n"
	    "    b: {module: raw-validation}\n"
	    "  expression: a() || b()\n"
	    "  message: group\n";
	struct kw_policies policies;
	struct text error = {0};
	char *settings;

	(void)state;
	if (kw_policies_read(&policies, text, strlen(text), &error))
		fail_msg("%s", text_get(&error));
	assert_int_equal(policies.n, 3);
	assert_string_equal(policies.policies[0].id, "one");
	assert_int_equal(policies.policies[0].line, 2);
	assert_int_equal(policies.policies[0].mode, KW_MONITOR);
	assert_true(policies.policies[0].allowed_to_mutate);
	assert_string_equal(policies.policies[0].message, "no");
	assert_int_equal(policies.policies[0].members[0].timeout_s, 7);
	assert_true(policies.policies[0].members[0].wants_host);
	settings = json_dumps(policies.policies[0].members[0].settings_json, JSON_COMPACT);
	assert_string_equal(settings,
			    "{\"a\":1,\"b\":1.5,\"c\":true,\"d\":null,\"e\":\"true\",\"f\":[\"x\","
			    "null],\"g\":\"010\",\"h\":100.0,\"i\":\".inf\",\"j\":-3,\"k\":"
			    "1e20,\"l\":\"2024-01-01\"}");
	free(settings);
	assert_string_equal(text_get(&policies.notes),
			    "one: contextAwareResources: no policy of this server asks for it\n"
			    "one: unknown key novelty\n");
	assert_int_equal(policies.policies[1].mode, KW_PROTECT);
	assert_false(policies.policies[1].allowed_to_mutate);
	assert_null(policies.policies[1].message);
	assert_int_equal(policies.policies[1].members[0].timeout_s, -1);
	assert_int_equal(policies.policies[2].n_members, 2);
	assert_string_equal(policies.policies[2].members[1].name, "b");
	assert_string_equal(policies.policies[2].expression, "a() || b()");
	kw_policies_deinit(&policies);
}

static void an_empty_file_has_no_policies(void **state)
{
	static const char *const texts[] = {"", "# nothing\n", "{}", "~"};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct kw_policies policies;
		struct text error = {0};

		assert_int_equal(kw_policies_read(&policies, texts[i], strlen(texts[i]), &error),
				 0);
		assert_int_equal(policies.n, 0);
		kw_policies_deinit(&policies);
	}
}

static void aliases_cannot_blow_a_file_up(void **state)
{
	struct kw_policies policies;
	struct text text = {0}, error = {0};

	(void)state;
	text_add(&text, "a:\n  module: x\n  settings:\n    a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
	for (int i = 1; i < 9; i++)
		text_add(&text, "    a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i,
			 i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
	assert_int_equal(kw_policies_read(&policies, text.data, text.len, &error), -1);
	assert_non_null(strstr(text_get(&error), "too many values, or nested too deep"));
	text_deinit(&text);
	text_deinit(&error);
}

static void an_alias_of_itself_ends(void **state)
{
	static const char text[] = "a:\n  module: x\n  settings: &s\n    x: *s\n";
	struct kw_policies policies;
	struct text error = {0};

	(void)state;
	assert_int_equal(kw_policies_read(&policies, text, strlen(text), &error), -1);
	text_deinit(&error);
}

static void a_file_has_4_mib_at_most(void **state)
{
	enum { MOST = 4 * 1024 * 1024 };
	char *text = malloc(MOST + 1);
	struct kw_policies policies;
	struct text error = {0};

	(void)state;
	assert_non_null(text);
	memset(text, '\n', MOST + 1);
	assert_int_equal(kw_policies_read(&policies, text, MOST, &error), 0);
	kw_policies_deinit(&policies);
	assert_int_equal(kw_policies_read(&policies, text, MOST + 1, &error), -1);
	assert_string_equal(text_get(&error), "larger than 4 MiB");
	text_deinit(&error);
	free(text);
}

static void finds_a_policy_by_its_whole_id(void **state)
{
	static const char text[] = "a: {module: x}\nab: {module: y}\n";
	static const struct {
		const char *id;
		int place; /* -1: none */
	} cases[] = {{"a", 0}, {"ab", 1}, {"", -1}, {"abc", -1}, {"A", -1}};
	struct kw_policies policies;
	struct text error = {0};

	(void)state;
	assert_int_equal(kw_policies_read(&policies, text, strlen(text), &error), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_ptr_equal(kw_policies_find(&policies, cases[i].id),
				 cases[i].place < 0 ? NULL : &policies.policies[cases[i].place]);
	kw_policies_deinit(&policies);
}

static void tells_which_policies_do_not_work(void **state)
{
	static const char text[] = "good: {module: pod-privileged}\n"
				   "unknown: {module: 'registry://x/y:1'}\n"
				   "settings: {module: sleeping}\n"
				   "expression:\n"
				   "  policies: {a: {module: pod-privileged}}\n"
				   "  expression: b()\n"
				   "  message: m\n"
				   "members:\n"
				   "  policies: {a: {module: sleeping}, b: {module: nope}}\n"
				   "  expression: a(\n"
				   "  message: m\n";
	static const char *const failures[] = {
	    NULL,
	    "bootstrap failure: unknown: no such policy: registry://x/y:1",
	    "Policy settings are invalid: sleep_milliseconds must be set and be major than 0",
	    "expression: Function not found: b () (position 1)",
	    "members/a: Policy settings are invalid: sleep_milliseconds must be set and be major "
	    "than 0, members/b: bootstrap failure: b: no such policy: nope, members: expected "
	    "')': members take no arguments (position 3)",
	};
	struct kw_policies policies;
	struct text error = {0};

	(void)state;
	assert_int_equal(kw_policies_read(&policies, text, strlen(text), &error), 0);
	assert_int_equal(kw_policies_start(&policies), 4);
	for (size_t i = 0; i < policies.n; i++) {
		assert_int_equal(policies.policies[i].failed, failures[i] != NULL);
		if (failures[i])
			assert_string_equal(policies.policies[i].failure, failures[i]);
	}
	kw_policies_deinit(&policies);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_line_and_key_of_a_mistake),
	    cmocka_unit_test(reads_policies_and_groups),
	    cmocka_unit_test(an_empty_file_has_no_policies),
	    cmocka_unit_test(aliases_cannot_blow_a_file_up),
	    cmocka_unit_test(an_alias_of_itself_ends),
	    cmocka_unit_test(a_file_has_4_mib_at_most),
	    cmocka_unit_test(finds_a_policy_by_its_whole_id),
	    cmocka_unit_test(tells_which_policies_do_not_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
