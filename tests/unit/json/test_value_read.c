/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "values.h"

/* A value of each kind, by the name of its member. */
static const char each[] = "{\"null\":null,\"false\":false,\"true\":true,\"number\":7,"
			   "\"string\":\"s\",\"array\":[8],\"object\":{\"a\":9}}";

static const struct {
	const char *name;
	const char *shown; /* NULL: neither it nor its absence is malformed */
	enum admwh_kind kind;
	size_t size;
} kinds[] = {
    {"missing", NULL, ADMWH_ABSENT, 0},       {"null", NULL, ADMWH_NULL, 0},
    {"false", "a boolean", ADMWH_BOOLEAN, 0}, {"true", "a boolean", ADMWH_BOOLEAN, 0},
    {"number", "a number", ADMWH_NUMBER, 0},  {"string", "a string", ADMWH_STRING, 0},
    {"array", "an array", ADMWH_ARRAY, 1},    {"object", "an object", ADMWH_OBJECT, 1},
};

enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

/* The typed calls: do they give something? */

static bool is_true(struct admwh_value value)
{
	return admwh_value_is_true(value);
}

static bool string(struct admwh_value value)
{
	return admwh_value_string(value) != NULL;
}

static bool integer(struct admwh_value value)
{
	int64_t number = -1;
	bool is = admwh_value_integer(value, &number);

	assert_int_equal(number, is ? 7 : 0);
	assert_int_equal(admwh_value_integer(value, NULL), is);
	return is;
}

static bool real(struct admwh_value value)
{
	double number = -1;
	bool is = admwh_value_real(value, &number);

	assert_true(is ? number > 6.9 : number > -0.1 && number < 0.1);
	assert_int_equal(admwh_value_real(value, NULL), is);
	return is;
}

static bool get(struct admwh_value value)
{
	return !admwh_value_is_absent(admwh_value_get(value, "a"));
}

static bool get_nothing(struct admwh_value value)
{
	return !admwh_value_is_absent(admwh_value_get(value, NULL));
}

static bool getn(struct admwh_value value)
{
	return !admwh_value_is_absent(admwh_value_getn(value, "ab", 1));
}

static bool get_names(struct admwh_value value)
{
	return !admwh_value_is_absent(ADMWH_GET(value, "a"));
}

static bool at(struct admwh_value value)
{
	return !admwh_value_is_absent(admwh_value_at(value, 0));
}

static bool find_member(struct admwh_value value)
{
	return !admwh_value_is_absent(admwh_value_find(value, "/a"));
}

static bool find_child(struct admwh_value value)
{
	return !admwh_value_is_absent(admwh_value_find(value, "/0"));
}

static bool walk(struct admwh_value value)
{
	size_t count = 0;

	admwh_value_foreach(child, value)
		count += admwh_value_kind(child) == ADMWH_NUMBER;
	assert_int_equal(count, admwh_value_size(value));
	return count > 0;
}

static bool walk_elements(struct admwh_value value)
{
	size_t count = 0;

	admwh_value_foreach_element(element, value)
		count += admwh_value_kind(element) == ADMWH_NUMBER;
	return count > 0;
}

static bool walk_members(struct admwh_value value)
{
	size_t count = 0;

	admwh_value_foreach_member(member, value)
		count += admwh_value_key_is(member, "a");
	return count > 0;
}

static const struct {
	bool (*read)(struct admwh_value value);
	const char *expected;
	const char *gives;    /* the kind that it gives something of */
	const char *takes[2]; /* others that are not malformed */
} readers[] = {
    {is_true, "a boolean", "true", {"false"}},
    {string, "a string", "string", {0}},
    {integer, "a number", "number", {0}},
    {real, "a number", "number", {0}},
    {get, "an object", "object", {0}},
    {get_nothing, "an object", "none", {"object"}},
    {getn, "an object", "object", {0}},
    {get_names, "an object", "object", {0}},
    {at, "an array", "array", {0}},
    {find_member, "an object", "object", {0}},
    {find_child, "an array or object", "array", {"object"}},
    {walk, "an array or object", "array", {"object"}},
    {walk_elements, "an array", "array", {0}},
    {walk_members, "an object", "object", {0}},
};

static bool takes(size_t reader, const char *kind)
{
	if (strcmp(readers[reader].gives, kind) == 0)
		return true;
	for (size_t i = 0; i < 2; i++)
		if (readers[reader].takes[i] && strcmp(readers[reader].takes[i], kind) == 0)
			return true;
	return false;
}

/* One typed call of one kind. */
static void try(size_t reader, size_t kind)
{
	struct admwh_document *document = parse(each);
	struct admwh_value value =
	    admwh_value_get(admwh_document_value(document), kinds[kind].name);
	const char *expected = readers[reader].expected;
	char error[128] = "";
	bool gave = readers[reader].read(value);

	if (!(readers[reader].read == walk && kinds[kind].kind == ADMWH_OBJECT))
		assert_int_equal(gave, strcmp(readers[reader].gives, kinds[kind].name) == 0);
	/* A scalar has no child, whatever the token looks like. */
	if (readers[reader].read == find_member && kinds[kind].kind != ADMWH_ARRAY)
		expected = "an array or object";
	if (kinds[kind].shown && !takes(reader, kinds[kind].name))
		snprintf(error, sizeof(error), "%s: expected %s, got %s", kinds[kind].name,
			 expected, kinds[kind].shown);
	finish(document, error);
}

static void remembers_a_value_of_another_kind(void **state)
{
	(void)state;

	for (size_t reader = 0; reader < sizeof(readers) / sizeof(*readers); reader++)
		for (size_t kind = 0; kind < KINDS; kind++)
			try(reader, kind);
}

static void judges_no_kind_where_all_are_taken(void **state)
{
	struct admwh_document *document = parse(each);
	(void)state;

	for (size_t i = 0; i < KINDS; i++) {
		struct admwh_value root = admwh_document_value(document);
		struct admwh_value value = admwh_value_get(root, kinds[i].name);
		bool is_set = kinds[i].shown != NULL;
		size_t len = 99;

		assert_int_equal(admwh_value_kind(value), kinds[i].kind);
		assert_int_equal(admwh_value_is_absent(value), i == 0);
		assert_int_equal(admwh_value_is_set(value), is_set);
		assert_int_equal(admwh_value_is(value, "s"), kinds[i].kind == ADMWH_STRING);
		assert_false(admwh_value_is(value, "7"));
		assert_false(admwh_value_is(value, NULL));
		assert_int_equal(admwh_value_size(value), kinds[i].size);
		assert_int_equal(admwh_value_text(value, &len) != NULL,
				 kinds[i].kind == ADMWH_STRING);
		assert_int_equal(len, kinds[i].kind == ADMWH_STRING);
		assert_int_equal(admwh_value_equal(value, value), i != 0);
		assert_string_equal(admwh_value_path(value), kinds[i].name);
		assert_int_equal(admwh_value_key(value, NULL) != NULL, i != 0);
		assert_int_equal(admwh_value_key_is(value, kinds[i].name), i != 0);
		admwh_value_text(value, NULL);
	}
	finish(document, "");
}

static void takes_an_absent_value_everywhere(void **state)
{
	const struct admwh_value absent = {0};
	int64_t integer = 7;
	double real = 7;
	size_t len = 7;
	(void)state;

	assert_int_equal(admwh_value_kind(absent), ADMWH_ABSENT);
	assert_true(admwh_value_is_absent(absent));
	assert_false(admwh_value_is_set(absent) || admwh_value_is_true(absent));
	assert_true(admwh_value_is_absent(admwh_value_get(absent, "a")));
	assert_true(admwh_value_is_absent(admwh_value_getn(absent, NULL, 0)));
	assert_true(admwh_value_is_absent(ADMWH_GET(absent, "a", "b")));
	assert_true(admwh_value_is_absent(admwh_value_at(absent, 0)));
	assert_true(admwh_value_is_absent(admwh_value_find(absent, "no pointer")));
	assert_true(admwh_value_is_absent(admwh_value_find(absent, NULL)));
	assert_true(admwh_value_is_absent(admwh_value_first(absent)));
	assert_true(admwh_value_is_absent(admwh_value_first_element(absent)));
	assert_true(admwh_value_is_absent(admwh_value_first_member(absent)));
	assert_true(admwh_value_is_absent(admwh_value_next(absent)));
	assert_false(admwh_value_is(absent, ""));
	assert_null(admwh_value_text(absent, &len));
	assert_int_equal(len, 0);
	assert_null(admwh_value_string(absent));
	assert_false(admwh_value_integer(absent, &integer) || admwh_value_real(absent, &real));
	assert_int_equal(integer, 0);
	assert_true(real < 1);
	len = 7;
	assert_null(admwh_value_raw(absent, &len));
	assert_int_equal(len, 0);
	len = 7;
	assert_null(admwh_value_key(absent, &len));
	assert_int_equal(len, 0);
	assert_false(admwh_value_key_is(absent, "") || admwh_value_key_is(absent, NULL));
	assert_int_equal(admwh_value_size(absent), 0);
	assert_false(admwh_value_equal(absent, absent));
	assert_string_equal(admwh_value_path(absent), "");
	assert_null(admwh_value_json(absent));
}

static void keeps_the_first_that_is_malformed(void **state)
{
	struct admwh_document *document = parse("{\"a\":{\"b\":[0,{\"c.d\":1}]},\"e\":2}");
	struct admwh_value root = admwh_document_value(document);
	(void)state;

	assert_null(admwh_value_string(admwh_value_find(root, "/a/b/1/c.d")));
	assert_null(admwh_value_string(admwh_value_get(root, "e")));
	finish(document, "a.b[1][\"c.d\"]: expected a string, got a number");
	document = parse("[]");
	assert_false(admwh_value_is_true(admwh_document_value(document)));
	finish(document, "expected a boolean, got an array");
}

static void reads_integers_by_value(void **state)
{
	static const struct {
		const char *text;
		bool is;
		int64_t number;
	} cases[] = {
	    {"0", true, 0},
	    {"-0", true, 0},
	    {"0.000", true, 0},
	    {"0e999999999999999999999", true, 0},
	    {"1.0", true, 1},
	    {"-10e-1", true, -1},
	    {"0.1E+1", true, 1},
	    {"1e3", true, 1000},
	    {"12.50e1", true, 125},
	    {"1.5", false, 0},
	    {"12.55e1", false, 0},
	    {"1e-1", false, 0},
	    {"9223372036854775807", true, INT64_MAX},
	    {"9223372036854775807.0", true, INT64_MAX},
	    {"9223372036854775808", false, 0},
	    {"-9223372036854775808", true, INT64_MIN},
	    {"-9.223372036854775808e18", true, INT64_MIN},
	    {"-9223372036854775809", false, 0},
	    {"9e18", true, INT64_C(9000000000000000000)},
	    {"1e19", false, 0},
	    {"1e308", false, 0},
	    {"100000000000000000000", false, 0},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct admwh_document *document = parse(cases[i].text);
		char error[128] = "";
		int64_t number = 99;

		if (!cases[i].is)
			snprintf(error, sizeof(error), "expected an integer of 64 bits, got %s",
				 cases[i].text);
		assert_int_equal(admwh_value_integer(admwh_document_value(document), &number),
				 cases[i].is);
		assert_int_equal(number, cases[i].number);
		finish(document, error);
	}
}

static void reads_text_of_any_kind(void **state)
{
	static const struct {
		const char *json, *text;
	} cases[] = {
	    {"\"\"", ""},
	    {"\"plain\"", "plain"},
	    {"\"\\u0061\\n\\\"\"", "a\n\""},
	    {"\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80"},
	    {"\"\xc3\xa9\\/\"", "\xc3\xa9/"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct admwh_document *document = parse(cases[i].json);
		struct admwh_value value = admwh_document_value(document);
		size_t len;
		const char *text = admwh_value_text(value, &len);
		const char *string = admwh_value_string(value);

		assert_text(text, len, cases[i].text);
		assert_string_equal(string, cases[i].text);
		assert_ptr_equal(admwh_value_string(value), string);
		assert_true(admwh_value_is(value, cases[i].text));
		assert_false(admwh_value_is(value, "other"));
		assert_false(admwh_value_is(value, "plain and more"));
		text = admwh_value_raw(value, &len);
		assert_text(text, len, cases[i].json);
		finish(document, "");
	}
}

static void gives_no_c_string_of_text_with_a_nul(void **state)
{
	struct admwh_document *document = parse("{\"a\":\"safe\\u0000evil\"}");
	struct admwh_value value = admwh_value_get(admwh_document_value(document), "a");
	const char *text;
	size_t len;
	(void)state;

	assert_false(admwh_value_is(value, "safe"));
	text = admwh_value_text(value, &len);
	assert_int_equal(len, 9);
	assert_memory_equal(text, "safe\0evil", 9);
	assert_string_equal(admwh_document_error(document), "");
	assert_null(admwh_value_string(value));
	finish(document, "a: U+0000 is not taken by the handler");
}

/* Each string has a place of its own, also when there are many. */
static void keeps_all_strings(void **state)
{
	enum { COUNT = 1000 };
	static const char *strings[COUNT];
	struct admwh_document *document;
	char text[16 * COUNT] = "[";
	size_t i = 0, len = 1;
	(void)state;

	for (i = 0; i < COUNT; i++)
		len += (size_t)sprintf(text + len, "%s\"%zu\"", i ? "," : "", i);
	text[len] = ']';
	document = parse(text);
	i = 0;
	admwh_value_foreach_element(value, admwh_document_value(document))
		strings[i++] = admwh_value_string(value);
	assert_int_equal(i, COUNT);
	i = 0;
	admwh_value_foreach_element(value, admwh_document_value(document)) {
		assert_int_equal(strtoul(strings[i], NULL, 10), i);
		assert_ptr_equal(admwh_value_string(value), strings[i++]);
	}
	finish(document, "");
}

static void builds_a_tree_of_one_value(void **state)
{
	struct admwh_document *document =
	    parse("{\"a\":{\"b\":[1,\"x\",null]},\"c\":[{\"d\":\"\\u0000\"}]}");
	struct admwh_value root = admwh_document_value(document);
	json_t *tree = admwh_value_json(admwh_value_get(root, "a"));
	(void)state;

	assert_int_equal(json_array_size(json_object_get(tree, "b")), 3);
	json_decref(tree);
	assert_null(admwh_value_json(admwh_value_get(root, "c")));
	finish(document, "c[0].d: U+0000 is not taken by the handler");
}

static void says_where_a_value_stands(void **state)
{
	static const struct {
		const char *pointer, *path, *key;
	} cases[] = {
	    {"", "", NULL},
	    {"/spec", "spec", "spec"},
	    {"/spec/containers/0", "spec.containers[0]", NULL},
	    {"/spec/containers/1/image", "spec.containers[1].image", "image"},
	    {"/metadata/labels/a~1b.c", "metadata.labels[\"a/b.c\"]", "a/b.c"},
	    {"/metadata/labels/\xc3\xa9", "metadata.labels[\"\\u00e9\"]", "\xc3\xa9"},
	    {"/spec/containers/0/image", "spec.containers[0].image", "image"},
	    {"/metadata", "metadata", "metadata"},
	};
	struct admwh_document *document =
	    parse("{\"metadata\":{\"labels\":{\"a/b.c\":\"\",\"\\u00e9\":\"\"}},"
		  "\"spec\":{\"containers\":[{\"image\":1},{\"image\":2}]}}");
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct admwh_value value =
		    admwh_value_find(admwh_document_value(document), cases[i].pointer);
		size_t len;
		const char *key = admwh_value_key(value, &len);

		assert_string_equal(admwh_value_path(value), cases[i].path);
		if (cases[i].key)
			assert_text(key, len, cases[i].key);
		else
			assert_null(key);
	}
	finish(document, "");
}

static void compares_names_whole(void **state)
{
	static const struct {
		const char *pointer, *name;
		bool is;
	} cases[] = {
	    {"/ab", "ab", true},
	    {"/ab", "a", false},
	    {"/ab", "abc", false},
	    {"/ab", "AB", false},
	    {"/ab", "", false},
	    {"/ab", NULL, false},
	    {"/", "", true},
	    {"/", "ab", false},
	    {"/\xc3\xa9", "\xc3\xa9", true},
	    {"/\xc3\xa9", "e", false},
	    {"/ab/0", "ab", false},
	    {"/ab/0", "", false},
	    {"/ab/0", "0", false},
	    {"", "", false},
	    {"/none", "none", false},
	    {"/ab/1/nul", "nul", true},
	};
	struct admwh_document *document =
	    parse("{\"ab\":[1,{\"nul\\u0000\":2,\"nul\":3}],\"\":4,\"\\u00e9\":5}");
	struct admwh_value root = admwh_document_value(document);
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(
		    admwh_value_key_is(admwh_value_find(root, cases[i].pointer), cases[i].name),
		    cases[i].is);
	assert_false(
	    admwh_value_key_is(admwh_value_first_member(admwh_value_find(root, "/ab/1")), "nul"));
	finish(document, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(remembers_a_value_of_another_kind),
	    cmocka_unit_test(judges_no_kind_where_all_are_taken),
	    cmocka_unit_test(takes_an_absent_value_everywhere),
	    cmocka_unit_test(keeps_the_first_that_is_malformed),
	    cmocka_unit_test(reads_integers_by_value),
	    cmocka_unit_test(reads_text_of_any_kind),
	    cmocka_unit_test(gives_no_c_string_of_text_with_a_nul),
	    cmocka_unit_test(keeps_all_strings),
	    cmocka_unit_test(builds_a_tree_of_one_value),
	    cmocka_unit_test(says_where_a_value_stands),
	    cmocka_unit_test(compares_names_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
