/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "group.h"

static const char *const members[] = {"yes", "no", "broken", "true_one"};

struct calls {
	char names[64]; /* the first letter of each member called */
};

static int call(size_t member, void *userdata)
{
	struct calls *calls = userdata;

	calls->names[strlen(calls->names)] = members[member][0];
	return member == 2 ? -7 : member != 1;
}

static void refuses_what_is_no_expression(void **state)
{
	static const char *const cases[][2] = {
	    {"", "unexpected end (position 1)"},
	    {"yes", "expected '(' (position 4)"},
	    {"yes(", "expected ')': members take no arguments (position 5)"},
	    {"yes(1)", "expected ')': members take no arguments (position 5)"},
	    {"maybe()", "Function not found: maybe () (position 1)"},
	    {"yes() && nope()", "Function not found: nope () (position 10)"},
	    {"yes() &&", "unexpected end (position 9)"},
	    {"yes() no()", "unexpected character (position 7)"},
	    {"(yes()", "expected ')' (position 7)"},
	    {"yes())", "unexpected character (position 6)"},
	    {"yes() & no()", "unexpected character (position 7)"},
	    {"1", "Function not found: 1 () (position 1)"},
	    {"yes(); loop {}", "unexpected character (position 6)"},
	    {"!", "unexpected end (position 2)"},
	    {"\"a\"", "unexpected character (position 1)"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text error = {0};

		assert_null(kw_expression_new(cases[i][0], members, 4, &error));
		assert_string_equal(text_get(&error), cases[i][1]);
		text_deinit(&error);
	}
}

static void evaluates_and_calls_no_more_than_needed(void **state)
{
	static const struct {
		const char *text;
		int value;
		const char *called;
	} cases[] = {
	    {"true", 1, ""},
	    {" false ", 0, ""},
	    {"true_one()", 1, "t"},
	    {"yes() && true", 1, "y"},
	    {"no() && yes()", 0, "n"},
	    {"yes() || no()", 1, "y"},
	    {"no() || yes()", 1, "ny"},
	    {"!no()", 1, "n"},
	    {"!!no()", 0, "n"},
	    {"no() || yes() && no()", 0, "nyn"},
	    {"yes() || yes() && no()", 1, "y"},
	    {"(yes() || yes()) && no()", 0, "yn"},
	    {"!(yes() && no()) && ( yes ( ) )", 1, "yny"},
	    {"broken()", -7, "b"},
	    {"!broken()", -7, "b"},
	    {"yes() && broken()", -7, "yb"},
	    {"no() && broken()", 0, "n"},
	    {"broken() || yes()", -7, "b"},
	    {"\n yes()\t&&\r\nyes()", 1, "yy"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text error = {0};
		struct calls calls = {0};
		struct kw_expression *expression =
		    kw_expression_new(cases[i].text, members, 4, &error);

		if (!expression)
			fail_msg("%s: %s", cases[i].text, text_get(&error));
		assert_int_equal(kw_expression_evaluate(expression, call, &calls), cases[i].value);
		assert_string_equal(calls.names, cases[i].called);
		kw_expression_free(expression);
	}
}

static void nesting_and_length_have_an_end(void **state)
{
	static const struct {
		const char *piece, *end;
		size_t n;
		const char *error;
	} cases[] = {
	    {"(", "true", 100000, "the expression is nested too deep"},
	    {"!", "true", 100000, "the expression is nested too deep"},
	    {"true||", "true", 100000, "the expression is too long"},
	    {"true&&", "true", 511, NULL},
	    {"!", "true", 99, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text text = {0}, error = {0};
		struct kw_expression *expression;

		for (size_t j = 0; j < cases[i].n; j++)
			text_add(&text, "%s", cases[i].piece);
		text_add(&text, "%s", cases[i].end);
		expression = kw_expression_new(text_get(&text), members, 4, &error);
		if (cases[i].error)
			assert_non_null(strstr(text_get(&error), cases[i].error));
		else
			assert_non_null(expression);
		kw_expression_free(expression);
		text_deinit(&text);
		text_deinit(&error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_what_is_no_expression),
	    cmocka_unit_test(evaluates_and_calls_no_more_than_needed),
	    cmocka_unit_test(nesting_and_length_have_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
