/* SPDX-License-Identifier: MIT */
/* Label selectors. Texts are tested against Go's parser in test_cases.c, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <admwh/selector.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NAME_63 "a23456789012345678901234567890123456789012345678901234567890123"

static void rejects_what_is_no_selector(void **state)
{
	static const char *const cases[][2] = {
	    {",", "byte 0: expected the key of a label"},
	    {"=", "byte 0: expected the key of a label"},
	    {"=b", "byte 0: expected the key of a label"},
	    {"!", "byte 1: expected the key of a label"},
	    {"!!a", "byte 1: expected the key of a label"},
	    {"a,", "byte 2: expected the key of a label"},
	    {"a,,b", "byte 2: expected the key of a label"},
	    {"-a", "byte 0: expected the key of a label"},
	    {"a/b/c", "byte 0: expected the key of a label"},
	    {"/a", "byte 0: expected the key of a label"},
	    {"A.com/a", "byte 0: expected the key of a label"},
	    {"a.-b/a", "byte 0: expected the key of a label"},
	    {"a..b/a", "byte 0: expected the key of a label"},
	    {"a-.b/a", "byte 0: expected the key of a label"},
	    {"a./a", "byte 0: expected the key of a label"},
	    {"a\xc3\xa4", "byte 0: expected the key of a label"},
	    {NAME_63 "4", "byte 0: expected the key of a label"},
	    {"x," NAME_63 "4=b", "byte 2: expected the key of a label"},
	    {"a=" NAME_63 "4", "byte 2: expected the value of a label"},
	    {"a=b_", "byte 2: expected the value of a label"},
	    {"a=b/c", "byte 2: expected the value of a label"},
	    {"a in (b,-)", "byte 8: expected the value of a label"},
	    {"a b", "byte 2: expected an operator"},
	    {"a(b)", "byte 1: expected an operator"},
	    {"a!", "byte 1: expected an operator"},
	    {"a=b c", "byte 4: expected \",\" or the end"},
	    {"!a=b", "byte 2: expected \",\" or the end"},
	    {"a===b", "byte 3: expected a value"},
	    {"a=(b)", "byte 2: expected a value"},
	    {"a in", "byte 4: expected \"(\""},
	    {"a in b", "byte 5: expected \"(\""},
	    {"a in (", "byte 6: expected a value, \",\" or \")\""},
	    {"a in (b", "byte 7: expected \",\" or \")\""},
	    {"a in (b c)", "byte 8: expected \",\" or \")\""},
	    {"a in (b,!)", "byte 8: expected a value, \",\" or \")\""},
	    {"a in (b))", "byte 8: expected \",\" or the end"},
	    {"a>b", "byte 0: expected an integer"},
	    {"a>", "byte 0: expected an integer"},
	    {"a<9223372036854775808", "byte 0: expected an integer"},
	    {"a>1.5", "byte 0: expected an integer"},
	};
	const struct admwh_value none = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct admwh_selector *selector = admwh_selector_parse(cases[i][0]);

		assert_string_equal(admwh_selector_error(selector), cases[i][1]);
		assert_false(admwh_selector_matches(selector, none));
		admwh_selector_free(selector);
	}
}

struct match {
	const char *selector, *labels;
	bool matches;
};

static void assert_match(const struct match *match, bool is_text)
{
	struct admwh_document *of = admwh_document_parse(match->selector, strlen(match->selector));
	struct admwh_document *on = admwh_document_parse(match->labels, strlen(match->labels));
	struct admwh_value labels = admwh_document_value(on);
	struct admwh_selector *selector = is_text ? admwh_selector_parse(match->selector)
						  : admwh_selector_new(admwh_document_value(of));

	assert_string_equal(admwh_selector_error(selector), "");
	if (admwh_selector_matches(selector, labels) != match->matches)
		fail_msg("%s on %s", match->selector, match->labels);
	if (!is_text)
		assert_int_equal(admwh_selector_value_matches(admwh_document_value(of), labels),
				 match->matches);
	assert_string_equal(admwh_document_error(on), "");
	admwh_selector_free(selector);
	admwh_document_free(of);
	admwh_document_free(on);
}

static void matches_by_text(void **state)
{
	static const struct match cases[] = {
	    {"", "{}", true},
	    {" \t\r\n", "{\"a\":\"b\"}", true},
	    {"a=b", "{\"a\":\"b\"}", true},
	    {"a==b", "{\"a\":\"b\"}", true},
	    {"a=b", "{\"a\":\"bc\"}", false},
	    {"a=b", "{\"a\":\"b\\u0000\"}", false},
	    {"a=b", "{}", false},
	    {"a=b", "null", false},
	    {"a=", "{\"a\":\"\"}", true},
	    {"a=", "{\"a\":null}", true},
	    {"a=,b", "{\"a\":\"\",\"b\":\"x\"}", true},
	    {"a!=b", "{\"a\":\"c\"}", true},
	    {"a!=b", "{}", true},
	    {"a!=b", "null", true},
	    {"a!=b", "{\"a\":\"b\"}", false},
	    {"a", "{\"a\":\"\"}", true},
	    {"a", "{\"b\":\"\"}", false},
	    {"!a", "{\"b\":\"\"}", true},
	    {"!a", "{\"a\":\"\"}", false},
	    {"!a", "null", true},
	    {"a in (b,c)", "{\"a\":\"c\"}", true},
	    {"a in(b,c)", "{\"a\":\"d\"}", false},
	    {"a in ()", "{\"a\":\"\"}", true},
	    {"a in (,)", "{\"a\":\"\"}", true},
	    {"a in (,b)", "{\"a\":\"\"}", true},
	    {"a in (b,,c)", "{\"a\":\"\"}", true},
	    {"a in (b,c)", "{\"a\":\"\"}", false},
	    {"a notin (b,c)", "{\"a\":\"d\"}", true},
	    {"a notin (b,c)", "{}", true},
	    {"a notin (b,c)", "{\"a\":\"b\"}", false},
	    {"in in (in,notin)", "{\"in\":\"notin\"}", true},
	    {"notin=in", "{\"notin\":\"in\"}", true},
	    {"a>5", "{\"a\":\"6\"}", true},
	    {"a>5", "{\"a\":\"5\"}", false},
	    {"a<5", "{\"a\":\"-9223372036854775808\"}", true},
	    {"a<5", "{\"a\":\"+4\"}", true},
	    {"a<5", "{\"a\":\"-9223372036854775809\"}", false},
	    {"a<5", "{\"a\":\"x\"}", false},
	    {"a<5", "{\"a\":\"\"}", false},
	    {"a<5", "{}", false},
	    {"a<5,a>3", "{\"a\":\"4\"}", true},
	    {"a=b,c=d", "{\"a\":\"b\",\"c\":\"d\"}", true},
	    {"a=b,c=d", "{\"a\":\"b\"}", false},
	    {"x.example.com/a=b", "{\"x.example.com/a\":\"b\"}", true},
	    {NAME_63 "=" NAME_63, "{\"" NAME_63 "\":\"" NAME_63 "\"}", true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_match(&cases[i], true);
}

static void matches_by_value(void **state)
{
#define EXPRESSION(key, op, values)                                                                \
	"{\"matchExpressions\":[{\"key\":\"" key "\",\"operator\":\"" op "\",\"values\":" values   \
	"}]}"
	static const struct match cases[] = {
	    {"null", "{\"a\":\"b\"}", false},
	    {"{}", "{\"a\":\"b\"}", true},
	    {"{}", "null", true},
	    {"{\"matchLabels\":null,\"matchExpressions\":null}", "{}", true},
	    {"{\"matchLabels\":{},\"matchExpressions\":[]}", "{}", true},
	    {"{\"matchLabels\":{\"a\":\"b\"}}", "{\"a\":\"b\",\"c\":\"d\"}", true},
	    {"{\"matchLabels\":{\"a\":\"b\",\"c\":\"d\"}}", "{\"a\":\"b\"}", false},
	    {"{\"matchLabels\":{\"a\":null}}", "{\"a\":\"\"}", true},
	    {EXPRESSION("a", "In", "[\"b\",\"c\"]"), "{\"a\":\"c\"}", true},
	    {EXPRESSION("a", "In", "[\"b\",\"c\"]"), "{}", false},
	    {EXPRESSION("a", "NotIn", "[\"b\"]"), "{}", true},
	    {EXPRESSION("a", "NotIn", "[\"b\"]"), "{\"a\":\"b\"}", false},
	    {EXPRESSION("a", "Exists", "[]"), "{\"a\":\"b\"}", true},
	    {EXPRESSION("a", "Exists", "null"), "{}", false},
	    {EXPRESSION("a", "DoesNotExist", "null"), "{}", true},
	    {EXPRESSION("a", "DoesNotExist", "null"), "{\"a\":\"\"}", false},
	    {"{\"matchLabels\":{\"a\":\"b\"},\"matchExpressions\":[{\"key\":\"a\",\"operator\":"
	     "\"NotIn\",\"values\":[\"b\"]}]}",
	     "{\"a\":\"b\"}", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_match(&cases[i], false);
}

static void remembers_what_is_malformed(void **state)
{
	static const char *const cases[][2] = {
	    {"[]", "expected an object"},
	    {"\"a=b\"", "expected an object"},
	    {"{\"matchLabels\":[]}", "matchLabels: expected an object"},
	    {"{\"matchLabels\":{\"a\":1}}", "matchLabels.a: expected a string"},
	    {"{\"matchLabels\":{\"-a\":\"b\"}}", "matchLabels.-a: expected the key of a label"},
	    {"{\"matchLabels\":{\"a\\u0000\":\"b\"}}",
	     "matchLabels[\"a\\u0000\"]: expected the key of a label"},
	    {"{\"matchLabels\":{\"a\":\"b\\u0000\"}}",
	     "matchLabels.a: expected the value of a label"},
	    {"{\"matchExpressions\":{}}", "matchExpressions: expected an array"},
	    {"{\"matchExpressions\":[1]}", "matchExpressions[0]: expected an object"},
	    {"{\"matchExpressions\":[null]}", "matchExpressions[0]: expected an object"},
	    {"{\"matchExpressions\":[{}]}",
	     "matchExpressions[0]: expected In, NotIn, Exists or DoesNotExist"},
	    {"{\"matchExpressions\":[{\"operator\":\"Exists\"}]}",
	     "matchExpressions[0]: expected the key of a label"},
	    {EXPRESSION("a", "in", "[\"b\"]"),
	     "matchExpressions[0]: expected In, NotIn, Exists or DoesNotExist"},
	    {EXPRESSION("a", "Gt", "[\"1\"]"),
	     "matchExpressions[0]: expected In, NotIn, Exists or DoesNotExist"},
	    {EXPRESSION("a", "In", "[]"), "matchExpressions[0]: expected values"},
	    {EXPRESSION("a", "NotIn", "null"), "matchExpressions[0]: expected values"},
	    {EXPRESSION("a", "In", "\"b\""), "matchExpressions[0].values: expected an array"},
	    {EXPRESSION("a", "In", "[1]"), "matchExpressions[0].values[0]: expected a string"},
	    {EXPRESSION("a", "In", "[\"b\",\"-\"]"),
	     "matchExpressions[0].values[1]: expected the value of a label"},
	    {EXPRESSION("a", "Exists", "[\"b\"]"), "matchExpressions[0]: expected no values"},
	    {EXPRESSION("a", "DoesNotExist", "[\"b\"]"), "matchExpressions[0]: expected no values"},
	};
	const struct admwh_value none = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct admwh_document *document =
		    admwh_document_parse(cases[i][0], strlen(cases[i][0]));
		struct admwh_selector *selector =
		    admwh_selector_new(admwh_document_value(document));

		assert_string_equal(admwh_document_error(document), cases[i][1]);
		assert_string_not_equal(admwh_selector_error(selector), "");
		assert_false(admwh_selector_matches(selector, none));
		assert_false(admwh_selector_value_matches(admwh_document_value(document), none));
		admwh_selector_free(selector);
		admwh_document_free(document);
	}
}

static void remembers_labels_that_are_malformed(void **state)
{
	static const struct {
		const char *labels;
		bool matches;
		const char *error;
	} cases[] = {
	    {"[]", true, "expected an object, got an array"},
	    {"{\"a\":1}", true, "a: expected a string, got a number"},
	    {"{\"a\":{\"b\":\"c\"}}", true, "a: expected a string, got an object"},
	    {"{\"b\":1}", true, ""},
	};
	struct admwh_selector *selector = admwh_selector_parse("a!=b");

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct admwh_document *document =
		    admwh_document_parse(cases[i].labels, strlen(cases[i].labels));

		assert_int_equal(admwh_selector_matches(selector, admwh_document_value(document)),
				 cases[i].matches);
		assert_string_equal(admwh_document_error(document), cases[i].error);
		admwh_document_free(document);
	}
	admwh_selector_free(selector);
}

static void takes_no_null(void **state)
{
	const struct admwh_value none = {0};
	struct admwh_selector *selector = admwh_selector_parse(NULL);

	(void)state;
	assert_string_equal(admwh_selector_error(selector), "there is no text");
	admwh_selector_free(selector);
	assert_string_equal(admwh_selector_error(NULL), "out of memory");
	assert_false(admwh_selector_matches(NULL, none));
	assert_false(admwh_selector_value_matches(none, none));
	admwh_selector_free(NULL);
	selector = admwh_selector_new(none);
	assert_string_equal(admwh_selector_error(selector), "");
	assert_false(admwh_selector_matches(selector, none));
	admwh_selector_free(selector);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rejects_what_is_no_selector),
	    cmocka_unit_test(matches_by_text),
	    cmocka_unit_test(matches_by_value),
	    cmocka_unit_test(remembers_what_is_malformed),
	    cmocka_unit_test(remembers_labels_that_are_malformed),
	    cmocka_unit_test(takes_no_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
