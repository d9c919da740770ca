/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "regex.h"

#include "../cpu_time.h"

static void refuses_what_would_not_be_linear(void **state)
{
	static const char *const patterns[] = {
	    "(a)\\1",
	    "(?=a)",
	    "(?!a)",
	    "(?<=a)",
	    "(?<!a)",
	    "(?>a)",
	    "(?R)",
	    "(?1)",
	    "(?(1)a|b)",
	    "a++",
	    "a*+",
	    "a?+",
	    "a{2}+",
	    "(*COMMIT)",
	    "\\Qa\\E",
	    "a**",
	    "a{2}{3}",
	    "\\k<a>",
	    "(?P<n>a)(?P=n)",
	    "\\G",
	    "(?|a)",
	    "a\\Kb",
	    "\\R",
	    "\\X",
	    "\\x{ 41 }",
	    "[\\x{41 }]",
	    "\\p{ Lu}",
	    "[^\\]\\P{Lu\t}]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		struct text error = {0};

		assert_null(kw_regex_new(patterns[i], &error));
		assert_non_null(strstr(text_get(&error), "error parsing regexp: invalid or "
							 "unsupported syntax: `"));
		text_deinit(&error);
	}
}

static void says_what_is_wrong_with_a_pattern(void **state)
{
	static const char *const cases[][2] = {
	    {"^cc-[12$", "error parsing regexp: missing closing ]: `[12$`"},
	    {"(a", "error parsing regexp: missing closing ): `(a`"},
	    {"a)", "error parsing regexp: unexpected ): `a)`"},
	    {"a)|(b", "error parsing regexp: unexpected ): `a)|(b`"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text error = {0};

		assert_null(kw_regex_new(cases[i][0], &error));
		assert_string_equal(text_get(&error), cases[i][1]);
		text_deinit(&error);
	}
}

static void finds_as_re2_does(void **state)
{
	static const struct {
		const char *pattern, *subject;
		bool found;
	} cases[] = {
	    {"^team-", "team-a", true},
	    {"^team-", "my team-a", false},
	    {"eam", "team-a", true},
	    {"^cc-\\d+$", "cc-42", true},
	    {"^cc-\\d+$", "cc-42\n", false},
	    {"^cc-\\d+$", "cc-\xd9\xa1", false},
	    {"a|^b$", "xxa", true},
	    {"a|^b$", "xb", false},
	    {"(?i)ABC", "xabc", true},
	    {"(?i:A)B", "ab", false},
	    {"^.$", "\xc3\xa9", true},
	    {"", "", true},
	    {"[^]a]", "]", false},
	    {"[[:digit:]*+]{2}", "+1", true},
	    {"(?P<name>a+)b*?c", "aac", true},
	    {"\\++", "a+", true},
	    {"\\bb\\b", "a b c", true},
	    {"(a|b)?c", "c", true},
	    {"x\\z", "x", true},
	    {"^(?:\\x41|\\x{42}|\\p{Lu}|\\pN)+$",
	     "AB\xc3\x89"
	     "9",
	     true},
	    {"^\xc3\xa9+$", "\xc3\xa9\xc3\xa9", true},
	    {"^[^\\]]{2,}$", "ab", true},
	    {"^a{2}$", "aa", true},
	    {"^a{,2}$", "a{,2}", true},
	    {"^a{,2}$", "aa", false},
	    {"^a{,2}+$", "a{,2}}", true},
	    {"^a{ 2 }$", "a{ 2 }", true},
	    {"^a{2, 3}$", "aa", false},
	    {"^[{,2}]$", ",", true},
	    {"^\\x{41}{,2}$", "A{,2}", true},
	    {"^[\\x{41} ]{2}$", " A", true},
	    {"^a+?b$", "aab", true},
	    {"^\\**$", "**", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text error = {0};
		struct kw_regex *regex = kw_regex_new(cases[i].pattern, &error);

		if (!regex)
			fail_msg("%s", text_get(&error));
		if (kw_regex_found(regex, cases[i].subject) != cases[i].found)
			fail_msg("%s in %s", cases[i].pattern, cases[i].subject);
		kw_regex_free(regex);
	}
}

/* Patterns that take exponential time in an engine that backtracks, and quadratic in others. */
static void no_pattern_hangs(void **state)
{
	static const char *const patterns[] = {
	    "(a+)+$", "(a|aa)+$",       "(a*)*b", "(.*)(.*)(.*)(.*)x", "a*a*a*a*a*a*a*a*b",
	    "[a]+b",  "(a?){30}a{30}b", "a{1,}b", "(a{1,50}){1,20}b"};
	char *subject = malloc(200001);
	double start = cpu_seconds();

	(void)state;
	memset(subject, 'a', 200000);
	subject[200000] = '\0';
	subject[199999] = 'c';
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		struct text error = {0};
		struct kw_regex *regex = kw_regex_new(patterns[i], &error);

		assert_non_null(regex);
		assert_false(kw_regex_found(regex, subject));
		kw_regex_free(regex);
	}
	free(subject);
	/* Milliseconds each; exponential time would be years, quadratic minutes. */
	assert_true(cpu_seconds() - start < 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_what_would_not_be_linear),
	    cmocka_unit_test(says_what_is_wrong_with_a_pattern),
	    cmocka_unit_test(finds_as_re2_does),
	    cmocka_unit_test(no_pattern_hangs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
