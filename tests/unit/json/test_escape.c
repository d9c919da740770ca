/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "json/escape.h"

static void refuses_what_is_no_escape(void **state)
{
	static const struct {
		const char *text;
		const char *why;
	} cases[] = {
	    {"\\", "the text ends within a string"},
	    {"\\x", "unknown escape"},
	    {"\\U0041", "unknown escape"},
	    {"\\u", "expected 4 hexadecimal digits behind \\u"},
	    {"\\u004", "expected 4 hexadecimal digits behind \\u"},
	    {"\\u004g", "expected 4 hexadecimal digits behind \\u"},
	    {"\\u-041", "expected 4 hexadecimal digits behind \\u"},
	    {"\\udc00", "lone surrogate"},
	    {"\\ud800", "lone surrogate"},
	    {"\\ud800\\n", "lone surrogate"},
	    {"\\ud800\\u004", "lone surrogate"},
	    {"\\ud800\\u0041", "lone surrogate"},
	    {"\\ud800\\ud800", "lone surrogate"},
	    {"\\ud800xudc00", "lone surrogate"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *why = NULL;

		assert_int_equal(awh_escape_check(cases[i].text, strlen(cases[i].text), &why), 0);
		assert_string_equal(why, cases[i].why);
	}
}

static void knows_the_length_of_an_escape(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} cases[] = {{"\\n...", 2},         {"\\\"", 2},    {"\\u0001\\u", 6},
		     {"\\u0000", 6},        {"\\uFFFF", 6}, {"\\ud83d\\ude00\\ud83d", 12},
		     {"\\ud83d\\ude00", 12}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *why = NULL;

		assert_int_equal(awh_escape_check(cases[i].text, strlen(cases[i].text), &why),
				 cases[i].len);
		assert_null(why);
	}
}

static void resolves_every_escape(void **state)
{
	static const char text[] = "\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00E9\\u20ac\\ud83d\\ude00"
				   "\\uDBFF\\uDFFF\\ud800\\udc00x\\u0000\\u0001";
	static const char expected[] = "\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"
				       "\xf4\x8f\xbf\xbf\xf0\x90\x80\x80x\0\x01";
	char out[sizeof(text)];

	(void)state;
	assert_int_equal(awh_unescape(out, text, strlen(text)), sizeof(expected) - 1);
	assert_memory_equal(out, expected, sizeof(expected) - 1);
}

static void leaves_other_text_as_it_is(void **state)
{
	static const char text[] = "caf\xc3\xa9 /";
	char out[sizeof(text)];

	(void)state;
	assert_int_equal(awh_unescape(out, text, strlen(text)), strlen(text));
	assert_memory_equal(out, text, strlen(text));
	assert_int_equal(awh_unescape(out, text, 0), 0);
}

static void finds_the_closing_quote(void **state)
{
	(void)state;
	assert_int_equal(awh_escaped_len("\""), 0);
	assert_int_equal(awh_escaped_len("ab\""), 2);
	assert_int_equal(awh_escaped_len("a\\\"\\\\\"x\""), 5);
}

static void compares_after_resolving(void **state)
{
	static const struct {
		const char *escaped, *text;
		bool same;
	} cases[] = {
	    {"", "", true},
	    {"a", "", false},
	    {"", "a", false},
	    {"\\u0061b", "ab", true},
	    {"\\u0061b", "abc", false},
	    {"\\u0061bc", "ab", false},
	    {"\\ud83d\\ude00", "\xf0\x9f\x98\x80", true},
	    {"\\ud83d\\ude00", "\xf0\x9f", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(awh_escaped_is(cases[i].escaped, strlen(cases[i].escaped),
						cases[i].text, strlen(cases[i].text)),
				 cases[i].same);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_what_is_no_escape),
	    cmocka_unit_test(knows_the_length_of_an_escape),
	    cmocka_unit_test(resolves_every_escape),
	    cmocka_unit_test(leaves_other_text_as_it_is),
	    cmocka_unit_test(finds_the_closing_quote),
	    cmocka_unit_test(compares_after_resolving),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
