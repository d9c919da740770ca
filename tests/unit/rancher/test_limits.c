/* SPDX-License-Identifier: MIT */
/* The expectations are what k8s.io/apimachinery 0.36 says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "limits.h"

/* What the annotation is refused for; "" when it is not. *New*. */
static struct text check(const char *request, const char *limit)
{
	struct text why = {0};
	char annotation[512];
	bool valid;

	snprintf(annotation, sizeof(annotation), "{\"requestsCpu\":\"%s\",\"limitsCpu\":\"%s\"}",
		 request, limit);
	valid = limits_check(annotation, &why);
	assert_int_equal(valid, !text_any(&why));
	return why;
}

static void writes_quantities_as_go_does(void **state)
{
	static const struct {
		const char *text, *written;
	} cases[] = {
	    /* canonical */
	    {"0", "0"},
	    {"1.5", "1500m"},
	    {"1000m", "1"},
	    {"1.5Gi", "1536Mi"},
	    {"1E", "1E"},
	    {".500", "500m"},
	    {"0.500", "500m"},
	    {"0e3", "0"},
	    /* the text, where Go's parser takes it for canonical */
	    {"1.500", "1.500"},
	    {"-1.500", "-1.500"},
	    {"+1", "+1"},
	    {"007", "007"},
	    {"1.", "1."},
	    {"1.234567k", "1.234567k"},
	    {"1.5e1", "1.5e1"},
	    {"1E3", "1E3"},
	    {"1e+03", "1e+03"},
	    {"+1e999999999", "+1e999999999"},
	    /* three zeros at the end */
	    {"+1000", "1k"},
	    {"+1000.", "1k"},
	    {"+100", "+100"},
	    {"1.000", "1"},
	    {"10.00e2", "1e3"},
	    {"10.01e2", "10.01e2"},
	    /* an exponent that is no multiple of 3 */
	    {"1.25", "1250m"},
	    {"+1e2", "100"},
	    {"1.5e-3", "1500e-6"},
	    /* finer than a nano, or more than 18 digits */
	    {"1.000000001", "1.000000001"},
	    {"1.000000000001", "1000000001n"},
	    {"1.000000000001k", "1.000000000001k"},
	    {"+1n", "+1n"},
	    {"1.001n", "2n"},
	    {"123456789012.345678", "123456789012.345678"},
	    {"1234567890123.345678", "1234567890123345678u"},
	    /* binary: a multiple of 8, or a number that may be too large for an int64 */
	    {"+1Ki", "+1Ki"},
	    {"+8Ki", "8Ki"},
	    {"001028Ki", "001028Ki"},
	    {"1.0Ki", "1Ki"},
	    {"1.Ki", "1.Ki"},
	    {"+12345678901Ki", "+12345678901Ki"},
	    {"+123456789013Ki", "123456789013Ki"},
	    {"+13Ti", "+13Ti"},
	    {"+123Ti", "123Ti"},
	    {"01Pi", "1Pi"},
	    {"01Ei", "1Ei"},
	    /* Kubernetes 1.37 leaves the power out: "1" */
	    {"1000E", "1e21"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text why = check(cases[i].text, "-1e3");
		char expected[256];

		snprintf(expected, sizeof(expected),
			 "requestsCpu (%s) cannot be greater than limitsCpu (-1e3)",
			 cases[i].written);
		if (strcmp(text_get(&why), expected) != 0)
			fail_msg("%s: %s", cases[i].text, text_get(&why));
		text_deinit(&why);
	}
}

static void refuses_what_is_no_quantity(void **state)
{
	static const char *const cases[][3] = {
	    {"1K", "1", "invalid requestsCpu value: unable to parse quantity's suffix"},
	    {"1", "Ei", "invalid limitsCpu value: unable to parse numeric part of quantity"},
	    {"", "1e99999999999999999999",
	     "invalid limitsCpu value: unable to parse quantity's suffix"},
	    {" 1", "1",
	     "invalid requestsCpu value: quantities must match the regular expression "
	     "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text why = check(cases[i][0], cases[i][1]);

		assert_string_equal(text_get(&why), cases[i][2]);
		text_deinit(&why);
	}
}

static void allows_what_is_no_more_than_the_limit(void **state)
{
	static const char *const cases[][2] = {
	    {"1", "1000m"}, {"1.500", "1.5"}, {"", "1"}, {"1", ""}, {"1", "1e1000000000"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text why = check(cases[i][0], cases[i][1]);

		assert_string_equal(text_get(&why), "");
		text_deinit(&why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_quantities_as_go_does),
	    cmocka_unit_test(refuses_what_is_no_quantity),
	    cmocka_unit_test(allows_what_is_no_more_than_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
