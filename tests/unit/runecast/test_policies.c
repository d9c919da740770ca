/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../wrapped_alloc.h"
#include "config_text.h"
#include "policies.h"

static int allocations_left = -1; /* negative: as many as are asked for */

static bool alloc_fails(void)
{
	return allocations_left >= 0 && allocations_left-- == 0;
}

static void *reader(struct place *place, json_t *root)
{
	return policies_read(place, root);
}

#define POLICY(body) "{\"policies\":{\"2\":" body "}}"
#define RULE(rule) POLICY("{\"name\":\"n\",\"rule\":" rule "}")

static void names_what_is_wrong_and_where(void **state)
{
	static const struct config_case cases[] = {
	    {"{\"policies\":{\"2\":}}", "f.json: byte 17: policies.2: "},
	    {"{}", "f.json: /policies: required"},
	    {"{\"policies\":{}}", "f.json: /policies: expected an object that is not empty"},
	    {"{\"policies\":{},\"x\":1}", "f.json: /x: there is no such setting"},
	    {"{\"policies\":{\"a/b\":{}}}", "f.json: /policies/a~1b: a policy's id is 1 to 63 "},
	    {"{\"policies\":{\"\":{}}}", "f.json: /policies/: a policy's id is 1 to 63 "},
	    {"{\"policies\":{\"a\\nb\\u007f\":{}}}",
	     "f.json: /policies/a?b?: a policy's id is 1 to 63 "},
	    {"{\"policies\":{\"..\":{}}}", "f.json: /policies/..: a policy's id is 1 to 63 "},
	    {POLICY("[]"), "f.json: /policies/2: expected an object"},
	    {POLICY("{}"), "f.json: /policies/2/name: required"},
	    {POLICY("{\"name\":\"a\\nb\"}"), "f.json: /policies/2/name: expected a text"},
	    {POLICY("{\"name\":\"n\"}"), "f.json: /policies/2/rule: expected an object"},
	    {POLICY("{\"name\":\"n\",\"rule\":{},\"rules\":{}}"),
	     "f.json: /policies/2/rules: there is no such setting"},
	    {RULE("{}"), "f.json: /policies/2/rule: refuses nothing"},
	    {RULE("{\"maxSeverity\":{}}"), "f.json: /policies/2/rule: refuses nothing"},
	    {RULE("{\"maxSeverity\":{\"high\":{}}}"), "f.json: /policies/2/rule: refuses nothing"},
	    {RULE("{\"maxSeverities\":{}}"),
	     "f.json: /policies/2/rule/maxSeverities: there is no such setting"},
	    {RULE("{\"maxSeverity\":[]}"),
	     "f.json: /policies/2/rule/maxSeverity: expected an object"},
	    {RULE("{\"maxSeverity\":{\"hihg\":{\"total\":0}}}"),
	     "f.json: /policies/2/rule/maxSeverity/hihg: there is no such setting"},
	    {RULE("{\"maxSeverity\":{\"high\":0}}"),
	     "f.json: /policies/2/rule/maxSeverity/high: expected an object"},
	    {RULE("{\"maxSeverity\":{\"high\":{\"totalwithfix\":0}}}"),
	     "f.json: /policies/2/rule/maxSeverity/high/totalwithfix: there is no such setting"},
	    {RULE("{\"maxSeverity\":{\"high\":{\"total\":-1}}}"),
	     "f.json: /policies/2/rule/maxSeverity/high/total: expected a whole number, 0 or more"},
	    {RULE("{\"maxSeverity\":{\"high\":{\"total\":\"0\"}}}"),
	     "f.json: /policies/2/rule/maxSeverity/high/total: expected a whole number, 0 or more"},
	    {RULE("{\"maxSeverity\":{\"high\":{\"total\":99999999999999999999}}}"),
	     "f.json: /policies/2/rule/maxSeverity/high/total: expected a whole number, 0 or more"},
	    {RULE("{\"denyAlways\":\"X\"}"),
	     "f.json: /policies/2/rule/denyAlways: expected a list"},
	    {RULE("{\"denyAlways\":[\"X\",1]}"),
	     "f.json: /policies/2/rule/denyAlways/1: expected a text"},
	    {RULE("{\"denyAlways\":[\"X\"],\"allowAlways\":[\"Y\",\"X\"]}"),
	     "f.json: /policies/2/rule: X is both in allowAlways and denyAlways"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct problem problem = {""};

		assert_null(read_text(reader, cases[i].text, &problem));
		if (strncmp(problem.text, cases[i].problem, strlen(cases[i].problem)) != 0)
			fail_msg("%s: %s", cases[i].text, problem.text);
	}
}

static void counts_what_a_rule_counts(void **state)
{
	char a[] = "A", b[] = "B", c[] = "C", d[] = "D", e[] = "E", image[] = "image";
	struct vulnerability found[] = {
	    {a, CRITICAL, true}, {b, CRITICAL, false}, {c, HIGH, true},
	    {d, HIGH, true},     {e, UNKNOWN, false},
	};
	const struct scan scan = {image, found, 5};
	static const struct {
		const char *rule;
		bool permits;
	} cases[] = {
	    {"{\"maxSeverity\":{\"critical\":{\"total\":1}}}", false},
	    {"{\"maxSeverity\":{\"critical\":{\"total\":2}}}", true},
	    {"{\"maxSeverity\":{\"critical\":{\"totalWithFix\":0}}}", false},
	    {"{\"maxSeverity\":{\"critical\":{\"totalWithFix\":1}}}", true},
	    {"{\"maxSeverity\":{\"critical\":{\"totalWithoutFixes\":0}}}", false},
	    {"{\"maxSeverity\":{\"high\":{\"totalWithoutFixes\":0}}}", true},
	    {"{\"maxSeverity\":{\"high\":{\"total\":2,\"totalWithFix\":1}}}", false},
	    {"{\"maxSeverity\":{\"medium\":{\"total\":0},\"low\":{\"total\":0}}}", true},
	    {"{\"maxSeverity\":{\"unknown\":{\"total\":0}}}", false},
	    {"{\"maxSeverity\":{\"high\":{\"total\":1}},\"allowAlways\":[\"C\"]}", true},
	    {"{\"maxSeverity\":{\"high\":{\"total\":0}},\"allowAlways\":[\"C\"]}", false},
	    {"{\"maxSeverity\":{\"high\":{\"total\":9}},\"denyAlways\":[\"E\"]}", false},
	    {"{\"denyAlways\":[\"F\"]}", true},
	    {"{\"denyAlways\":[\"A\"],\"allowAlways\":[\"B\"]}", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct problem problem = {""};
		struct policies *policies;
		char text[400];

		snprintf(text, sizeof(text), RULE("%s"), cases[i].rule);
		policies = read_text(reader, text, &problem);
		assert_string_equal(problem.text, "");
		if (policy_permits(&policies->items[0], &scan) != cases[i].permits)
			fail_msg("%s", cases[i].rule);
		policies_free(policies, NULL);
	}
}

static void finds_a_policy_by_its_id(void **state)
{
	struct problem problem = {""};
	struct policies *policies =
	    read_text(reader,
		      "{\"policies\":{\"1\":{\"name\":\"one\",\"rule\":{\"denyAlways\":[\"X\"]}},"
		      "\"my-policy.2\":{\"name\":\"two\",\"rule\":{\"denyAlways\":[\"X\"]}}}}",
		      &problem);

	(void)state;
	assert_non_null(policies);
	assert_string_equal(policies_find(policies, "my-policy.2")->name, "two");
	assert_null(policies_find(policies, "2"));
	assert_null(policies_find(policies, ""));
	policies_free(policies, NULL);
}

static void survives_every_allocation_that_fails(void **state)
{
	void *content = NULL;

	(void)state;
	for (int i = 0; i < 50 && !content; i++) {
		struct problem problem = {""};

		allocations_left = i;
		content =
		    read_text(reader, RULE("{\"maxSeverity\":{\"high\":{\"total\":0}}}"), &problem);
		allocations_left = -1;
		if (!content)
			assert_string_not_equal(problem.text, "");
	}
	assert_non_null(content);
	policies_free(content, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_what_is_wrong_and_where),
	    cmocka_unit_test(counts_what_a_rule_counts),
	    cmocka_unit_test(finds_a_policy_by_its_id),
	    cmocka_unit_test(survives_every_allocation_that_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
