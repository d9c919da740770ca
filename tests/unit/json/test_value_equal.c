/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "values.h"

static void compares_values(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} cases[] = {
	    {"null", "null", true},
	    {"null", "false", false},
	    {"true", "true", true},
	    {"true", "false", false},
	    {"0", "-0", true},
	    {"1", "1.0", true},
	    {"100", "1e2", true},
	    {"9007199254740993", "9007199254740992.0", false},
	    {"18446744073709551616", "18446744073709551617", false},
	    {"1", "\"1\"", false},
	    {"\"a\"", "\"a\"", true},
	    {"\"a\"", "\"b\"", false},
	    {"\"a\"", "\"ab\"", false},
	    {"\"a\"", "\"\\u0061\"", true},
	    {"\"\\u00e9\"", "\"\xc3\xa9\"", true},
	    {"\"\\u00E9\"", "\"\\u00e9\"", true},
	    {"\"\\n\"", "\"\\u000a\"", true},
	    {"\"\\n\"", "\"n\"", false},
	    {"\"a\\u0000\"", "\"a\"", false},
	    {"\"a\\u0000b\"", "\"a\\u0000c\"", false},
	    {"[]", "[ ]", true},
	    {"[]", "{}", false},
	    {"[true,null,false]", "[true, null,false]", true},
	    {"[true,null,false]", "[true, null,true]", false},
	    {"[1,2]", "[2,1]", false},
	    {"[1]", "[1,2]", false},
	    {"[[1],[2]]", "[ [1] , [2] ]", true},
	    {"[[1],2]", "[[1,2]]", false},
	    {"{}", "{\"a\":null}", false},
	    {"{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", true},
	    {"{\"a\":1,\"b\":2}", "{\"a\":1,\"c\":2}", false},
	    {"{\"a\":1,\"b\":2}", "{\"a\":2,\"b\":1}", false},
	    {"{\"a\":1}", "{\"\\u0061\":1}", true},
	    {"{\"a\":1,\"b\":1}", "{\"b\":1,\"\\u0061\":1}", true},
	    {"{\"\\u0061\":1,\"b\":1}", "{\"b\":1,\"a\":1}", true},
	    {"{\"a\\u0000\":1}", "{\"a\":1}", false},
	    {"{\"a\":[{\"b\":1,\"c\":[]}],\"d\":{}}", "{\"d\":{},\"a\":[{\"c\":[],\"b\":1.0}]}",
	     true},
	    {"{\"a\":[{\"b\":1,\"c\":[]}],\"d\":{}}", "{\"d\":{},\"a\":[{\"c\":{},\"b\":1.0}]}",
	     false},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct admwh_document *a = parse(cases[i].a), *b = parse(cases[i].b);
		struct admwh_value left = admwh_document_value(a);
		struct admwh_value right = admwh_document_value(b);

		assert_int_equal(admwh_value_equal(left, right), cases[i].equal);
		assert_int_equal(admwh_value_equal(right, left), cases[i].equal);
		assert_true(admwh_value_equal(left, left));
		assert_false(admwh_value_equal(left, (struct admwh_value){0}));
		assert_false(admwh_value_equal((struct admwh_value){0}, left));
		finish(a, "");
		finish(b, "");
	}
}

static void compares_parts_of_one_text(void **state)
{
	struct admwh_document *document =
	    parse("{\"object\":{\"spec\":{\"a\":[1, 2]}},\"oldObject\":{\"spec\":{\"a\":[1,2]}},"
		  "\"b\":{\"spec\":{\"a\":[1,2,3]}}}");
	struct admwh_value root = admwh_document_value(document);
	struct admwh_value spec = ADMWH_GET(root, "object", "spec");
	(void)state;

	assert_true(admwh_value_equal(spec, ADMWH_GET(root, "oldObject", "spec")));
	assert_false(admwh_value_equal(spec, ADMWH_GET(root, "b", "spec")));
	finish(document, "");
}

/* Both as deep as a document may be, and written differently at the bottom. */
static void compares_deep_values(void **state)
{
	enum { DEPTH = 1000 };
	char a[DEPTH * 2 + 16] = "", b[DEPTH * 2 + 16];
	struct admwh_document *left, *right;
	(void)state;

	memset(a, '[', DEPTH);
	memcpy(a + DEPTH, "10", 3);
	memset(a + DEPTH + 2, ']', DEPTH);
	memcpy(b, a, sizeof(a));
	memcpy(b + DEPTH, "1e1]", 4);
	memset(b + DEPTH + 3, ']', DEPTH);
	b[DEPTH * 2 + 3] = '\0';
	left = parse(a);
	right = parse(b);
	assert_true(admwh_value_equal(admwh_document_value(left), admwh_document_value(right)));
	finish(left, "");
	finish(right, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(compares_values),
	    cmocka_unit_test(compares_parts_of_one_text),
	    cmocka_unit_test(compares_deep_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
