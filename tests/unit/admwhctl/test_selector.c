/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/selector.h"

#define LABELS "{\"app\":\"policy\",\"tier\":\"web\"}"

static const struct {
	const char *selector, *labels;
	bool matches;
} cases[] = {
    {"{}", "{}", true},
    {"{}", LABELS, true},
    {"{\"matchLabels\":{\"app\":\"policy\"}}", LABELS, true},
    {"{\"matchLabels\":{\"app\":\"policy\",\"tier\":\"db\"}}", LABELS, false},
    {"{\"matchLabels\":{\"zone\":\"a\"}}", LABELS, false},
    {"null", LABELS, true},
    {"\"app\"", LABELS, false},
    {"{\"matchLabels\":{\"app\":7}}", LABELS, false},
    {"{\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"In\",\"values\":[\"a\",\"policy\"]}]}",
     LABELS, true},
    {"{\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"In\",\"values\":[\"a\"]}]}", LABELS,
     false},
    {"{\"matchExpressions\":[{\"key\":\"zone\",\"operator\":\"In\",\"values\":[\"a\"]}]}", LABELS,
     false},
    {"{\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"NotIn\",\"values\":[\"policy\"]}]}",
     LABELS, false},
    {"{\"matchExpressions\":[{\"key\":\"zone\",\"operator\":\"NotIn\",\"values\":[\"a\"]}]}",
     LABELS, true},
    {"{\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"Exists\"}]}", LABELS, true},
    {"{\"matchExpressions\":[{\"key\":\"zone\",\"operator\":\"Exists\"}]}", LABELS, false},
    {"{\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"DoesNotExist\"}]}", LABELS, false},
    {"{\"matchExpressions\":[{\"key\":\"zone\",\"operator\":\"DoesNotExist\"}]}", LABELS, true},
    {"{\"matchExpressions\":[{\"key\":\"app\"}]}", LABELS, false},
    {"{\"matchLabels\":{\"app\":\"policy\"},"
     "\"matchExpressions\":[{\"key\":\"tier\",\"operator\":\"NotIn\",\"values\":[\"web\"]}]}",
     LABELS, false},
};

static void selects_as_kubernetes_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		json_t *selector = json_loads(cases[i].selector, JSON_DECODE_ANY, NULL);
		json_t *labels = json_loads(cases[i].labels, 0, NULL);

		assert_non_null(selector);
		if (selector_matches(selector, labels) != cases[i].matches)
			fail_msg("%s on %s", cases[i].selector, cases[i].labels);
		json_decref(selector);
		json_decref(labels);
	}
}

static void no_selector_selects_all_and_no_labels_are_none(void **state)
{
	json_t *wanted = json_pack("{s:s}", "app", "policy");

	(void)state;
	assert_true(selector_matches(NULL, NULL));
	assert_true(labels_match(NULL, NULL));
	assert_false(labels_match(wanted, NULL));
	json_decref(wanted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(selects_as_kubernetes_does),
	    cmocka_unit_test(no_selector_selects_all_and_no_labels_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
