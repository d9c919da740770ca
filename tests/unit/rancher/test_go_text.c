/* SPDX-License-Identifier: MIT */
/* The expectations are what Go 1.26 and the parser of Rancher's audit log say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "go_text.h"

struct sample {
	const char *text;
	const char *error; /* NULL: it is taken */
};

static void check(bool (*function)(const char *, struct text *), const struct sample *samples,
		  size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct text error = {0};
		bool taken = function(samples[i].text, &error);

		if (taken != (samples[i].error == NULL))
			print_message("%s: %s\n", samples[i].text, text_get(&error));
		assert_int_equal(taken, samples[i].error == NULL);
		assert_string_equal(text_get(&error), samples[i].error ? samples[i].error : "");
		text_deinit(&error);
	}
}

#define CHECK(function, samples) check(function, samples, sizeof(samples) / sizeof(samples[0]))

static void checks_base64_as_go_does(void **state)
{
	static const struct sample samples[] = {
	    {"", NULL},
	    {"YQ==", NULL},
	    {"YWI=", NULL},
	    {"YWJj", NULL},
	    {"YQ\n==\n", NULL},
	    {"Y\nQ\n=\n=", NULL},
	    {"YR==", NULL},
	    {"Y", "illegal base64 data at input byte 0"},
	    {"YQ", "illegal base64 data at input byte 0"},
	    {"YWI", "illegal base64 data at input byte 0"},
	    {"YQ=", "illegal base64 data at input byte 3"},
	    {"YQ=a", "illegal base64 data at input byte 2"},
	    {"YQ==a", "illegal base64 data at input byte 4"},
	    {"YWI=a", "illegal base64 data at input byte 4"},
	    {"YWI==", "illegal base64 data at input byte 4"},
	    {"=", "illegal base64 data at input byte 0"},
	    {"Y=", "illegal base64 data at input byte 1"},
	    {"YWJj=", "illegal base64 data at input byte 4"},
	    {"YW_j", "illegal base64 data at input byte 2"},
	    {"Y Q=", "illegal base64 data at input byte 1"},
	    {"YWJjYQ\n", "illegal base64 data at input byte 5"},
	};

	(void)state;
	CHECK(go_base64_check, samples);
}

static void checks_json_as_go_does(void **state)
{
	static const struct sample samples[] = {
	    {"", "unexpected end of JSON input"},
	    {" ", "unexpected end of JSON input"},
	    {"{\"a", "unexpected end of JSON input"},
	    {"[1,", "unexpected end of JSON input"},
	    {"-", "invalid character ' ' in numeric literal"},
	    {"1.", "invalid character ' ' after decimal point in numeric literal"},
	    {"1e", "invalid character ' ' in exponent of numeric literal"},
	    {"tru", "invalid character ' ' in literal true (expecting 'e')"},
	    {"{\"a\":tru}", "invalid character '}' in literal true (expecting 'e')"},
	    {"nil", "invalid character 'i' in literal null (expecting 'u')"},
	    {"'a'", "invalid character '\\'' looking for beginning of value"},
	    {"\377", "invalid character '\303\277' looking for beginning of value"},
	    {"{1:2}", "invalid character '1' looking for beginning of object key string"},
	    {"{\"a\":1,}", "invalid character '}' looking for beginning of object key string"},
	    {"{\"a\" 1}", "invalid character '1' after object key"},
	    {"{\"a\":1 \"b\"}", "invalid character '\"' after object key:value pair"},
	    {"[1 2]", "invalid character '2' after array element"},
	    {"[1}", "invalid character '}' after array element"},
	    {"{\"a\":01}", "invalid character '1' after object key:value pair"},
	    {"\"\001\"", "invalid character '\\x01' in string literal"},
	    {"\"\\q\"", "invalid character 'q' in string escape code"},
	    {"\"\\u12G4\"", "invalid character 'G' in \\u hexadecimal character escape"},
	    {"{}x", "invalid character 'x' after top-level value"},
	    {"1 2", "invalid character '2' after top-level value"},
	    {"]", "invalid character ']' looking for beginning of value"},
	    {"[]", NULL},
	    {" {\"a\": [1, -0.5e+3, \"\\u00e9\\n\", true, false, null, {}]} ", NULL},
	    {"\"x\"", NULL},
	};

	(void)state;
	CHECK(go_json_check, samples);
}

static void refuses_json_that_is_nested_too_deeply(void **state)
{
	char *text = malloc(20003);
	struct text error = {0};

	(void)state;
	memset(text, '[', 10001);
	text[10001] = '\0';
	assert_false(go_json_check(text, &error));
	assert_non_null(strstr(text_get(&error), "exceeded max depth"));
	text_deinit(&error);
	memset(text + 10000, ']', 10000);
	text[20000] = '\0';
	assert_true(go_json_check(text, &error));
	free(text);
}

#define BAD "error parsing regexp: "

static void checks_expressions_as_go_does(void **state)
{
	static const struct sample samples[] = {
	    {"(", BAD "missing closing ): `(`"},
	    {"a(b|c", BAD "missing closing ): `a(b|c`"},
	    {"a)b", BAD "unexpected ): `a)b`"},
	    {"[", BAD "missing closing ]: `[`"},
	    {"x[]a", BAD "missing closing ]: `[]a`"},
	    {"*", BAD "missing argument to repetition operator: `*`"},
	    {"a|*", BAD "missing argument to repetition operator: `*`"},
	    {"(+)", BAD "missing argument to repetition operator: `+`"},
	    {"(?i)*", BAD "missing argument to repetition operator: `*`"},
	    {"a**", BAD "invalid nested repetition operator: `**`"},
	    {"a*?+", BAD "invalid nested repetition operator: `*?+`"},
	    {"a{2}{3}", BAD "invalid nested repetition operator: `{2}{3}`"},
	    {"a{1001}", BAD "invalid repeat count: `{1001}`"},
	    {"a{2,1}", BAD "invalid repeat count: `{2,1}`"},
	    {"(a{50}){50}", BAD "invalid repeat count: `{50}`"},
	    {"[z-a]", BAD "invalid character class range: `z-a`"},
	    {"[[:foo:]]", BAD "invalid character class range: `[:foo:]`"},
	    {"\\p{Foo}", BAD "invalid character class range: `\\p{Foo}`"},
	    {"\\p{Greek", BAD "invalid character class range: `\\p{Greek`"},
	    {"\\", BAD "trailing backslash at end of expression: ``"},
	    {"\\8", BAD "invalid escape sequence: `\\8`"},
	    {"\\1", BAD "invalid escape sequence: `\\1`"},
	    {"\\C", BAD "invalid escape sequence: `\\C`"},
	    {"\\x{110000}", BAD "invalid escape sequence: `\\x{110000`"},
	    {"(?=a)", BAD "invalid or unsupported Perl syntax: `(?=`"},
	    {"(?<!a)", BAD "invalid named capture: `(?<!a)`"},
	    {"(?i-)", BAD "invalid or unsupported Perl syntax: `(?i-)`"},
	    {"(?P<a b>c)", BAD "invalid named capture: `(?P<a b>`"},
	    {"", NULL},
	    {"^/v[13](/.*)?$", NULL},
	    {"(?i:a|b)*?(?P<n_1>c)(?<m>d)", NULL},
	    {"a{,2}{x}", NULL},
	    {"(a{20}){50}", NULL},
	    {"[]a-][^]b][[:^alpha:]\\d\\pL-x]", NULL},
	    {"\\pL\\p{^Greek}\\P{Lu}\\p{any}", NULL},
	    {"\\Q*(\\E+\\x41\\x{1F600}\\07\\.\\_\\A\\b\\B\\z", NULL},
	    {"\303\251+", NULL},
	};

	(void)state;
	CHECK(go_regexp_check, samples);
}

static void refuses_expressions_that_are_nested_too_deeply(void **state)
{
	char text[2048];
	struct text error = {0};

	(void)state;
	memset(text, '(', 1001);
	text[1001] = '\0';
	assert_false(go_regexp_check(text, &error));
	assert_non_null(strstr(text_get(&error), "expression nests too deeply"));
	text_deinit(&error);
}

static void a_large_expression_takes_no_more_than_its_length(void **state)
{
	const size_t n = 1500000;
	char *text = malloc(2 * n + 2);
	struct text error = {0};

	(void)state;
	text[0] = '[';
	for (size_t i = 0; i < n; i++)
		memcpy(text + 1 + 2 * i, "[:", 2);
	text[2 * n + 1] = '\0';
	assert_false(go_regexp_check(text, &error));
	assert_non_null(strstr(text_get(&error), "missing closing ]"));
	text_deinit(&error);
	free(text);
}

#define CHILD "failed to parse child selector: "
#define SUBSCRIPT CHILD "failed to parse subscript: "
#define RANGE SUBSCRIPT "failed to parse index range: "

static void checks_json_paths_as_the_audit_log_does(void **state)
{
	static const struct sample samples[] = {
	    {"", "paths must begin with the root object identifier: '$'"},
	    {"a", "paths must begin with the root object identifier: '$'"},
	    {"$a", "unexpected character 'a'"},
	    {"$\351", "unexpected character '\303\251'"},
	    {"$[a]", "unexpected character '['"},
	    {"$.", "unexpected end of path"},
	    {"$..", CHILD "unexpected end of path"},
	    {"$['a\\", CHILD "unexpected end of path"},
	    {"$['a\\b']", CHILD "invalid escape sequence '\\b'"},
	    {"$.a[1:", RANGE "expected ']' but none"},
	    {"$.a[1:2", RANGE "expected ']' but none"},
	    {"$.a[1:2:", RANGE "expected ']' but none"},
	    {"$.a[:b]", RANGE "failed to parse range end: failed to parse integer: strconv.Atoi: "
			      "parsing \"b\": invalid syntax"},
	    {"$.a[::-1]", RANGE "range step must be greater than zero"},
	    {"$.a[*x", SUBSCRIPT "expected \"]\" but found x"},
	    {"$.a[1,", SUBSCRIPT "failed to parse index union: expected ']' but none"},
	    {"$.a[99999999999999999999]", SUBSCRIPT
	     "failed to parse range start: failed to parse integer: strconv.Atoi: parsing "
	     "\"99999999999999999999\": value out of range"},
	    {"$..[a", CHILD CHILD "expected ']' but none was found"},
	    {"$", NULL},
	    {"$.a.b-c_d", NULL},
	    {"$..a[0].b", NULL},
	    {"$.*", NULL},
	    {"$['a \\'b\\\\ [c]'][1:5:2]['d']", NULL},
	    {"$.[a,b][-1]", NULL},
	    {"$..[a,b]", NULL},
	    {"$.a[]", NULL},
	    {"$.a[::]", NULL},
	    {"$.a[1,2,3]", NULL},
	};

	(void)state;
	CHECK(json_path_check, samples);
}

static void checks_cron_as_rancher_does(void **state)
{
	static const struct sample samples[] = {
	    {"", "Empty spec string"},
	    {" ", "Expected exactly 5 fields, found 0:  "},
	    {"* * * *", "Expected exactly 5 fields, found 4: * * * *"},
	    {"* * * * * *", "Expected exactly 5 fields, found 6: * * * * * *"},
	    {"60 * * * *", "End of range (60) above maximum (59): 60"},
	    {"* 24 * * *", "End of range (24) above maximum (23): 24"},
	    {"* * 0 * *", "Beginning of range (0) below minimum (1): 0"},
	    {"* * * 5-2 *", "Beginning of range (5) beyond end of range (2): 5-2"},
	    {"* * * * 7", "End of range (7) above maximum (6): 7"},
	    {"1-2-3 * * * *", "Too many hyphens: 1-2-3"},
	    {"1/2/3 * * * *", "Too many slashes: 1/2/3"},
	    {"*/0 * * * *", "Step of range should be a positive number: */0"},
	    {"x * * * *",
	     "Failed to parse int from x: strconv.Atoi: parsing \"x\": invalid syntax"},
	    {"*/-1 * * * *", "Negative number (-1) not allowed: -1"},
	    {"sun * * * *",
	     "Failed to parse int from sun: strconv.Atoi: parsing \"sun\": invalid syntax"},
	    {"@dayly", "Unrecognized descriptor: @dayly"},
	    {"@every 1d",
	     "Failed to parse duration @every 1d: time: unknown unit \"d\" in duration "
	     "\"1d\""},
	    {"* * * * *", NULL},
	    {" 0,30  */2\t1-15/3 jan-MAR ? ", NULL},
	    {", * * * Sun,mon", NULL},
	    {"@midnight", NULL},
	    {"@every 1h30m", NULL},
	};

	(void)state;
	CHECK(cron_check, samples);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(checks_base64_as_go_does),
	    cmocka_unit_test(checks_json_as_go_does),
	    cmocka_unit_test(refuses_json_that_is_nested_too_deeply),
	    cmocka_unit_test(checks_expressions_as_go_does),
	    cmocka_unit_test(refuses_expressions_that_are_nested_too_deeply),
	    cmocka_unit_test(a_large_expression_takes_no_more_than_its_length),
	    cmocka_unit_test(checks_cron_as_rancher_does),
	    cmocka_unit_test(checks_json_paths_as_the_audit_log_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
