/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "values.h"

static int64_t number(struct admwh_value value)
{
	int64_t number;

	return admwh_value_integer(value, &number) ? number : -1;
}

static void finds_members_by_their_whole_name(void **state)
{
	static const struct {
		const char *name;
		size_t len;
		int64_t wanted; /* -1: absent */
	} cases[] = {
	    {"a", 1, 1},        {"ab", 2, 2},  {"ab", 1, 1},    {"", 0, 3},     {"a\0b", 3, 4},
	    {"\xc3\xa9", 2, 5}, {"a/b", 3, 6}, {"b", 1, -1},    {"abc", 3, -1}, {"\\u00e9", 6, -1},
	    {"a\0", 2, -1},     {"A", 1, -1},  {"\xc3", 1, -1},
	};
	struct admwh_document *document =
	    parse("{\"a\":1,\"ab\":2,\"\":3,\"a\\u0000b\":4,\"\\u00e9\":5,\"a\\/b\":6}");
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(number(admwh_value_getn(admwh_document_value(document),
							 cases[i].name, cases[i].len)),
				 cases[i].wanted);
	finish(document, "");
}

static void takes_several_steps(void **state)
{
	struct admwh_document *document =
	    parse("{\"a\":{\"b\":{\"c\":1,\"n\":null}},\"list\":[{\"c\":2}]}");
	struct admwh_value root = admwh_document_value(document);
	const char *name = "b";
	(void)state;

	assert_int_equal(number(ADMWH_GET(root, "a", name, "c")), 1);
	assert_int_equal(number(ADMWH_GET(ADMWH_GET(root, "a"), name, "c")), 1);
	assert_int_equal(admwh_value_kind(ADMWH_GET(root, "a", "b", "n")), ADMWH_NULL);
	assert_true(admwh_value_is_absent(ADMWH_GET(root, "a", "b", "n", "x")));
	assert_true(admwh_value_is_absent(ADMWH_GET(root, "a", "x", "c")));
	assert_true(admwh_value_is_absent(ADMWH_GET(root, "a", NULL, "c")));
	assert_int_equal(admwh_value_kind(admwh_value_get_names(root, NULL, 0)), ADMWH_OBJECT);
	assert_string_equal(admwh_document_error(document), "");
	/* 0 is a null pointer: what looks like an index is remembered. */
	assert_true(admwh_value_is_absent(ADMWH_GET(root, "list", 0, "c")));
	finish(document, "list: expected an object, got an array");
}

static void finds_elements_in_any_order(void **state)
{
	struct admwh_document *document = parse("[[0,1,[2]],{\"x\":[3]},[4,5],6,[],[7,[8],9]]");
	struct admwh_value root = admwh_document_value(document);
	struct admwh_value first = admwh_value_at(root, 0);
	struct admwh_value last = admwh_value_at(root, 5);
	(void)state;

	for (int round = 0; round < 2; round++) {
		assert_int_equal(number(admwh_value_at(root, 3)), 6);
		assert_int_equal(number(admwh_value_at(first, 1)), 1);
		assert_int_equal(number(admwh_value_at(last, 2)), 9);
		assert_int_equal(number(admwh_value_at(admwh_value_at(root, 2), 1)), 5);
		assert_int_equal(number(admwh_value_at(admwh_value_at(last, 1), 0)), 8);
		assert_int_equal(number(admwh_value_at(admwh_value_at(first, 2), 0)), 2);
		assert_int_equal(number(admwh_value_at(first, 0)), 0);
		assert_true(admwh_value_is_absent(admwh_value_at(root, 6)));
		assert_true(admwh_value_is_absent(admwh_value_at(root, SIZE_MAX)));
		assert_true(admwh_value_is_absent(admwh_value_at(admwh_value_at(root, 4), 0)));
	}
	finish(document, "");
}

static void finds_by_pointer(void **state)
{
	static const struct {
		const char *pointer;
		int64_t wanted; /* -1: absent */
		const char *error;
	} cases[] = {
	    {"/a/0", 1, ""},
	    {"/a/1/b", 2, ""},
	    {"/m~1n", 3, ""},
	    {"/~0~01", 4, ""},
	    {"/", 5, ""},
	    {"//", -1, "[\"\"]: expected an object or array, got a number"},
	    {"/0", 6, ""},
	    {"/\xc3\xa9", 7, ""},
	    {"/null/x/0", -1, ""},
	    {"/missing/x", -1, ""},
	    {"/a/2", -1, ""},
	    {"/a/-", -1, ""},
	    {"/a/-/b", -1, ""},
	    {"/a/01", -1, "a: expected an object, got an array"},
	    {"/a/b", -1, "a: expected an object, got an array"},
	    {"/a/0/b", -1, "a[0]: expected an object or array, got a number"},
	    {"a", -1, "\"a\": pointer does not begin with \"/\""},
	    {"/missing/~", -1,
	     "\"/missing/~\": pointer has a \"~\" that is not followed by 0 or 1"},
	    {"/~2", -1, "\"/~2\": pointer has a \"~\" that is not followed by 0 or 1"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct admwh_document *document =
		    parse("{\"a\":[1,{\"b\":2}],\"m/n\":3,\"~~1\":4,\"\":5,\"0\":6,"
			  "\"\\u00e9\":7,\"null\":null}");
		struct admwh_value value =
		    admwh_value_find(admwh_document_value(document), cases[i].pointer);

		assert_int_equal(admwh_value_is_absent(value), cases[i].wanted < 0);
		assert_int_equal(number(value), cases[i].wanted);
		finish(document, cases[i].error);
	}
}

static void finds_from_where_it_stands(void **state)
{
	struct admwh_document *document = parse("{\"a\":{\"b\":[1]}}");
	struct admwh_value a = ADMWH_GET(admwh_document_value(document), "a");
	(void)state;

	assert_int_equal(number(admwh_value_find(a, "/b/0")), 1);
	assert_true(admwh_value_equal(admwh_value_find(a, ""), a));
	admwh_value_find(a, "b");
	finish(document, "a: \"b\": pointer does not begin with \"/\"");
}

/* A token with an escape, longer than any space that is set aside. */
static void finds_by_a_long_token(void **state)
{
	char pointer[2048] = "/~0", text[2048] = "{\"~";
	struct admwh_document *document;
	(void)state;

	memset(pointer + strlen(pointer), 'x', 1500);
	memset(text + strlen(text), 'x', 1500);
	strcat(text, "\":1}");
	document = parse(text);
	assert_int_equal(number(admwh_value_find(admwh_document_value(document), pointer)), 1);
	finish(document, "");
}

/* The names and numbers of a walk: "a=1 b=2 ". */
static const char *walk(char *walked, struct admwh_value value)
{
	char *end = walked;

	*end = '\0';
	admwh_value_foreach(child, value) {
		size_t len;
		const char *key = admwh_value_key(child, &len);

		end += sprintf(end, "%.*s=%d ", (int)len, key ? key : "",
			       admwh_value_kind(child) == ADMWH_NUMBER ? (int)number(child) : -1);
	}
	return walked;
}

static void walks_arrays_and_objects_alike(void **state)
{
	static const struct {
		const char *json, *walked;
	} cases[] = {
	    {"[]", ""},
	    {"{}", ""},
	    {"null", ""},
	    {"[1,[2,3],{\"a\":4},5]", "=1 =-1 =-1 =5 "},
	    {"{\"a\":1,\"\\u0062\":[2],\"c\":{\"d\":3},\"\":4}", "a=1 b=-1 c=-1 =4 "},
	    {"[null,0]", "=-1 =0 "},
	};
	char walked[64];
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct admwh_document *document = parse(cases[i].json);

		assert_string_equal(walk(walked, admwh_document_value(document)), cases[i].walked);
		finish(document, "");
	}
}

static void goes_on_behind_any_child(void **state)
{
	struct admwh_document *document = parse("{\"a\":[1,2],\"b\":{\"c\":3},\"d\":4}");
	struct admwh_value root = admwh_document_value(document);
	(void)state;

	assert_int_equal(number(admwh_value_next(admwh_value_get(root, "b"))), 4);
	assert_int_equal(number(admwh_value_next(admwh_value_at(ADMWH_GET(root, "a"), 0))), 2);
	assert_true(admwh_value_is_absent(admwh_value_next(ADMWH_GET(root, "b", "c"))));
	assert_true(admwh_value_is_absent(admwh_value_next(admwh_value_get(root, "d"))));
	assert_true(admwh_value_is_absent(admwh_value_next(root)));
	finish(document, "");
}

static void goes_as_deep_as_a_document(void **state)
{
	enum { DEPTH = 1000 };
	char text[DEPTH * 6 + 2] = "", pointer[DEPTH * 2] = "";
	struct admwh_document *document;
	struct admwh_value value;
	const char *path;
	(void)state;

	for (int i = 1; i < DEPTH; i++) {
		strcat(text, i % 2 ? "{\"a\":" : "[");
		strcat(pointer, i % 2 ? "/a" : "/0");
	}
	strcat(text, "{}");
	for (int i = DEPTH - 1; i > 0; i--)
		strcat(text, i % 2 ? "}" : "]");
	document = parse(text);
	value = admwh_value_find(admwh_document_value(document), pointer);
	assert_int_equal(admwh_value_kind(value), ADMWH_OBJECT);
	path = admwh_value_path(value);
	assert_true(strlen(path) <= 1024);
	assert_string_equal(path + strlen(path) - 3, "...");
	assert_true(admwh_value_equal(admwh_document_value(document), value) == false);
	finish(document, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_members_by_their_whole_name),
	    cmocka_unit_test(takes_several_steps),
	    cmocka_unit_test(finds_elements_in_any_order),
	    cmocka_unit_test(finds_by_pointer),
	    cmocka_unit_test(finds_from_where_it_stands),
	    cmocka_unit_test(finds_by_a_long_token),
	    cmocka_unit_test(walks_arrays_and_objects_alike),
	    cmocka_unit_test(goes_on_behind_any_child),
	    cmocka_unit_test(goes_as_deep_as_a_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
