/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "generate.h"
#include "review/diff.h"
#include "review/tree_target.h"

#include "../cpu_time.h"
#include "../failing_alloc.h"

enum { DEPTH = 1000, ROUNDS = 150 };

static json_t *parse(const char *text, struct awh_numbers *numbers)
{
	struct awh_error error = {0};
	json_t *value = awh_json_parse(text, strlen(text), DEPTH, numbers, &error);

	if (!value)
		fail_msg("%s: %s", text, error.text);
	return value;
}

static char *write_text(const json_t *value, const struct awh_numbers *numbers)
{
	struct awh_buf text;

	awh_buf_init(&text, SIZE_MAX);
	awh_json_write(&text, value, numbers);
	assert_int_equal(awh_buf_terminate(&text), 0);
	return text.data;
}

static json_t *diff(const json_t *from, const json_t *to, unsigned options,
		    struct awh_numbers *numbers)
{
	struct awh_error error = {0};
	struct awh_diff made;
	json_t *patch;

	if (awh_diff_make(&made, from, to, options, numbers, &error) < 0)
		fail_msg("%s", error.text);
	assert_int_equal(error.code, 0);
	assert_string_equal(error.text, "");
	patch = awh_diff_json(&made, numbers);
	awh_diff_deinit(&made);
	assert_non_null(patch);
	return patch;
}

static void expect_diff(const char *from_text, const char *to_text, unsigned options,
			const char *wanted)
{
	struct awh_numbers *numbers = awh_numbers_new();
	json_t *from = parse(from_text, numbers);
	json_t *to = parse(to_text, numbers);
	json_t *patch = diff(from, to, options, numbers);
	char *got = write_text(patch, numbers);

	if (strcmp(got, wanted) != 0)
		fail_msg("%s\n  %s\n  gave %s\n  want %s", from_text, to_text, got, wanted);
	free(got);
	json_decref(from);
	json_decref(to);
	json_decref(patch);
	awh_numbers_free(numbers);
}

struct texts {
	const char *from, *to, *patch;
};

static void expect_all(const struct texts *cases, size_t n, unsigned options)
{
	for (size_t i = 0; i < n; i++)
		expect_diff(cases[i].from, cases[i].to, options, cases[i].patch);
}

#define EXPECT(cases, options) expect_all(cases, sizeof(cases) / sizeof(*(cases)), options)

static void makes_nothing_of_equal_values(void **state)
{
	static const struct texts cases[] = {
	    {"{}", "{}", "[]"},
	    {"1", "1.0", "[]"},
	    {"{\"a\":[1,{\"b\":null}]}", "{\"a\":[1.0,{\"b\":null}]}", "[]"},
	    {"{\"a\":1,\"b\":2,\"c\":3}", "{\"c\":3,\"a\":1,\"b\":2}", "[]"},
	    {"18446744073709551616", "18446744073709551616", "[]"},
	};
	(void)state;

	EXPECT(cases, 0);
}

static void orders_members_and_puts_removals_last(void **state)
{
	static const struct texts cases[] = {
	    {"{\"resource\":\"privateResource\"}", "{\"resource\":\"publicResource\"}",
	     "[{\"op\":\"replace\",\"path\":\"/resource\",\"value\":\"publicResource\"}]"},
	    {"{\"d\":1,\"b\":2,\"x\":0,\"u\":0}", "{\"c\":5,\"b\":3,\"a\":4,\"u\":0}",
	     "[{\"op\":\"add\",\"path\":\"/a\",\"value\":4},"
	     "{\"op\":\"replace\",\"path\":\"/b\",\"value\":3},"
	     "{\"op\":\"add\",\"path\":\"/c\",\"value\":5},"
	     "{\"op\":\"remove\",\"path\":\"/d\"},{\"op\":\"remove\",\"path\":\"/x\"}]"},
	    {"{\"a\":{\"x\":1,\"y\":1},\"b\":1}", "{\"a\":{\"x\":2},\"b\":2}",
	     "[{\"op\":\"replace\",\"path\":\"/a/x\",\"value\":2},"
	     "{\"op\":\"remove\",\"path\":\"/a/y\"},"
	     "{\"op\":\"replace\",\"path\":\"/b\",\"value\":2}]"},
	    {"{\"a/b\":1,\"~\":{\"\":1}}", "{\"a/b\":2,\"~\":{\"\":2}}",
	     "[{\"op\":\"replace\",\"path\":\"/a~1b\",\"value\":2},"
	     "{\"op\":\"replace\",\"path\":\"/~0/\",\"value\":2}]"},
	    {"{\"a\":null}", "{}", "[{\"op\":\"remove\",\"path\":\"/a\"}]"},
	    {"{}", "{\"a\":null}", "[{\"op\":\"add\",\"path\":\"/a\",\"value\":null}]"},
	    {"{\"a\":{}}", "{\"a\":[]}", "[{\"op\":\"replace\",\"path\":\"/a\",\"value\":[]}]"},
	    {"{\"a\":false}", "{\"a\":true}",
	     "[{\"op\":\"replace\",\"path\":\"/a\",\"value\":true}]"},
	    {"1", "\"x\"", "[{\"op\":\"replace\",\"path\":\"\",\"value\":\"x\"}]"},
	    {"{\"a\":9007199254740993}", "{\"a\":9007199254740992.0}",
	     "[{\"op\":\"replace\",\"path\":\"/a\",\"value\":9007199254740992.0}]"},
	};
	(void)state;

	EXPECT(cases, 0);
}

static void distinguishes_numbers_by_text_where_asked(void **state)
{
	static const struct texts cases[] = {
	    {"{\"a\":1,\"b\":2.50,\"c\":1e3}", "{\"a\":1.0,\"b\":2.50,\"c\":1000}",
	     "[{\"op\":\"replace\",\"path\":\"/a\",\"value\":1.0},"
	     "{\"op\":\"replace\",\"path\":\"/c\",\"value\":1000}]"},
	    {"{\"a\":[0,1]}", "{\"a\":[-0,1]}",
	     "[{\"op\":\"replace\",\"path\":\"/a/0\",\"value\":-0}]"},
	};
	(void)state;

	EXPECT(cases, AWH_DIFF_NUMBER_TEXT);
}

static void takes_one_operation_for_one_element(void **state)
{
	static const struct texts cases[] = {
	    {"[1,2,3]", "[0,1,2,3]", "[{\"op\":\"add\",\"path\":\"/0\",\"value\":0}]"},
	    {"[1,2,3]", "[1,2,3,4]", "[{\"op\":\"add\",\"path\":\"/3\",\"value\":4}]"},
	    {"[1,2,3]", "[1,3]", "[{\"op\":\"remove\",\"path\":\"/1\"}]"},
	    {"[1,2,3]", "[1,9,3]", "[{\"op\":\"replace\",\"path\":\"/1\",\"value\":9}]"},
	    {"[{\"name\":\"a\",\"image\":\"x\"},{\"name\":\"b\",\"image\":\"y\"}]",
	     "[{\"name\":\"s\",\"image\":\"z\"},{\"name\":\"a\",\"image\":\"x\"},"
	     "{\"name\":\"b\",\"image\":\"y\"}]",
	     "[{\"op\":\"add\",\"path\":\"/0\",\"value\":{\"name\":\"s\",\"image\":\"z\"}}]"},
	    {"[{\"name\":\"a\",\"image\":\"x\",\"tty\":true,\"stdin\":true}]",
	     "[{\"name\":\"s\",\"image\":\"z\",\"args\":[1]},"
	     "{\"name\":\"a\",\"image\":\"x\",\"tty\":false,\"stdin\":true}]",
	     "[{\"op\":\"add\",\"path\":\"/0\",\"value\":"
	     "{\"name\":\"s\",\"image\":\"z\",\"args\":[1]}},"
	     "{\"op\":\"replace\",\"path\":\"/1/tty\",\"value\":false}]"},
	    {"[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\","
	     "1,2,\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\",3]",
	     "[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\","
	     "\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\",4,3]",
	     "[{\"op\":\"add\",\"path\":\"/4\",\"value\":4},"
	     "{\"op\":\"remove\",\"path\":\"/2\"},{\"op\":\"remove\",\"path\":\"/1\"}]"},
	};
	(void)state;

	EXPECT(cases, 0);
}

/* Where several elements could have stayed, those at the front did, then those at the end. */
static void pairs_equal_elements_from_both_ends(void **state)
{
	static const struct texts cases[] = {
	    {"[1,1]", "[1]", "[{\"op\":\"remove\",\"path\":\"/1\"}]"},
	    {"[1]", "[1,1]", "[{\"op\":\"add\",\"path\":\"/1\",\"value\":1}]"},
	    {"[2,1,1]", "[1]",
	     "[{\"op\":\"remove\",\"path\":\"/1\"},{\"op\":\"remove\",\"path\":\"/0\"}]"},
	    {"[1]", "[2,1,1]",
	     "[{\"op\":\"add\",\"path\":\"/0\",\"value\":2},"
	     "{\"op\":\"add\",\"path\":\"/1\",\"value\":1}]"},
	};
	(void)state;

	EXPECT(cases, AWH_DIFF_KEEP_ROOT);
}

/* The object that changed least is taken for the one that stayed. */
/* The i-th element, long enough; of `to`, written in another way where that is the same value. */
static json_t *element(int kind, int i, bool is_to)
{
	switch (kind) {
	case 0:
		return json_sprintf("the element of number %d", i);
	case 1:
		return is_to ? json_real(1234567890 + i) : json_integer(1234567890 + i);
	case 2:
		return json_pack("{s:s, s:i}", "name", "of all elements", "number", i);
	case 3:
		return is_to ? json_pack("{s:i, s:{}}", "b", i, "long name")
			     : json_pack("{s:{}, s:i}", "long name", "b", i);
	case 4:
		return json_pack("[s, [i], n]", "first of all", i);
	default:
		return json_real(is_to && i == 0 ? -0.0 : i / 8.0);
	}
}

/* Long arrays are searched for equal elements by their hashes. */
static void takes_one_operation_for_each_element_of_a_long_array(void **state)
{
	enum { KINDS = 6, ELEMENTS = 24, ADDED = 14, REMOVED = 4 };
	(void)state;

	for (int kind = 0; kind < KINDS; kind++) {
		json_t *from = json_array(), *to = json_array();
		json_t *patch, *wanted;

		for (int i = 0; i < ELEMENTS; i++) {
			if (i != ADDED)
				json_array_append_new(from, element(kind, i, false));
			if (i != REMOVED)
				json_array_append_new(to, element(kind, i, true));
		}
		patch = diff(from, to, 0, NULL);
		wanted =
		    json_pack("[{s:s, s:s, s:o}, {s:s, s:s}]", "op", "add", "path", "/14", "value",
			      element(kind, ADDED, true), "op", "remove", "path", "/4");
		assert_true(json_equal(patch, wanted));
		json_decref(from);
		json_decref(to);
		json_decref(patch);
		json_decref(wanted);
	}
}

static void pairs_objects_by_how_much_of_them_changed(void **state)
{
	static const struct texts cases[] = {
	    {"[{\"a\":1,\"b\":2,\"c\":3}]", "[{\"a\":9,\"b\":9,\"c\":9},{\"a\":1,\"b\":2,\"c\":4}]",
	     "[{\"op\":\"add\",\"path\":\"/0\",\"value\":{\"a\":9,\"b\":9,\"c\":9}},"
	     "{\"op\":\"replace\",\"path\":\"/1/c\",\"value\":4}]"},
	};
	(void)state;

	EXPECT(cases, AWH_DIFF_KEEP_ROOT);
}

/* Of two runs that each are like the new array, the one of fewer changes stays. */
static void keeps_the_run_that_is_most_alike(void **state)
{
#define LIKE(n, last) "{\"a\":" #n ",\"b\":" #n ",\"c\":" #n ",\"d\":" #n ",\"e\":" #last "}"
	static const struct texts cases[] = {
	    {"[" LIKE(1, 9) "," LIKE(2, 9) "," LIKE(3, 3) "," LIKE(4, 4) "," LIKE(5, 5) "," LIKE(
		 1, 1) "," LIKE(2, 2) "," LIKE(3, 3) "," LIKE(4, 9) "]",
	     "[" LIKE(1, 1) "," LIKE(2, 2) "," LIKE(3, 3) "," LIKE(4, 4) "]",
	     "[{\"op\":\"replace\",\"path\":\"/8/e\",\"value\":4},"
	     "{\"op\":\"remove\",\"path\":\"/4\"},{\"op\":\"remove\",\"path\":\"/3\"},"
	     "{\"op\":\"remove\",\"path\":\"/2\"},{\"op\":\"remove\",\"path\":\"/1\"},"
	     "{\"op\":\"remove\",\"path\":\"/0\"}]"},
	};
#undef LIKE
	(void)state;

	EXPECT(cases, AWH_DIFF_KEEP_ROOT);
}

static void compares_index_by_index_where_asked(void **state)
{
	static const struct texts cases[] = {
	    {"[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",1,2]",
	     "[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",2]",
	     "[{\"op\":\"replace\",\"path\":\"/1\",\"value\":2},"
	     "{\"op\":\"remove\",\"path\":\"/2\"}]"},
	    {"[{\"a\":1}]", "[{\"a\":2},{\"a\":1}]",
	     "[{\"op\":\"replace\",\"path\":\"/0/a\",\"value\":2},"
	     "{\"op\":\"add\",\"path\":\"/1\",\"value\":{\"a\":1}}]"},
	};
	(void)state;

	EXPECT(cases, AWH_DIFF_INDEX_BY_INDEX);
}

static void replaces_what_single_operations_would_outgrow(void **state)
{
	static const struct texts all[] = {
	    {"{\"x\":[1,2,3,4]}", "{\"x\":[5,6,7,8]}",
	     "[{\"op\":\"replace\",\"path\":\"/x\",\"value\":[5,6,7,8]}]"},
	};
	static const struct texts smallest[] = {
	    {"{\"x\":{\"a\":1,\"b\":2,\"c\":3},\"y\":0}",
	     "{\"x\":{\"a\":4,\"b\":5,\"c\":6},\"y\":0}",
	     "[{\"op\":\"replace\",\"path\":\"/x\",\"value\":{\"a\":4,\"b\":5,\"c\":6}}]"},
	};
	(void)state;

	EXPECT(all, 0);
	EXPECT(smallest, AWH_DIFF_SMALLEST);
}

/* Also where it is replaced before its last member is looked at. */
static void replaces_an_object_that_loses_its_members(void **state)
{
	(void)state;
	for (int n = 100; n < 200; n++) {
		json_t *from = json_pack("{s:{}}", "o"), *to = json_pack("{s:{}}", "o");
		json_t *wanted =
		    json_pack("[{s:s, s:s, s:{}}]", "op", "replace", "path", "/o", "value");
		json_t *patch;

		for (int i = 0; i < n; i++) {
			char key[16];

			snprintf(key, sizeof(key), "%03d", i);
			json_object_set_new(json_object_get(from, "o"), key, json_null());
		}
		patch = diff(from, to, 0, NULL);
		assert_true(json_equal(patch, wanted));
		json_decref(from);
		json_decref(to);
		json_decref(patch);
		json_decref(wanted);
	}
}

/* Names that a C string would take for one another. */
static void tells_names_apart_by_their_length(void **state)
{
	static const struct texts cases[] = {
	    {"{\"a\":1}", "{\"a\":1,\"a\\u0000b\":true}",
	     "[{\"op\":\"add\",\"path\":\"/a\\u0000b\",\"value\":true}]"},
	    {"{\"a\\u0000b\":1,\"a\\u0000c\":2}", "{\"a\\u0000c\":3}",
	     "[{\"op\":\"replace\",\"path\":\"/a\\u0000c\",\"value\":3},"
	     "{\"op\":\"remove\",\"path\":\"/a\\u0000b\"}]"},
	    {"{\"a\\u0000/\":{\"x\":[1]}}", "{\"a\\u0000/\":{\"x\":[1,\"\\u0000\"]}}",
	     "[{\"op\":\"add\",\"path\":\"/a\\u0000~1/x/1\",\"value\":\"\\u0000\"}]"},
	    {"[{\"a\\u0000\":1,\"a\":2},0]", "[{\"a\\u0000\":1,\"a\":3},0]",
	     "[{\"op\":\"replace\",\"path\":\"/0/a\",\"value\":3}]"},
	    {"\"a\\u0000b\"", "\"a\\u0000c\"",
	     "[{\"op\":\"replace\",\"path\":\"\",\"value\":\"a\\u0000c\"}]"},
	};
	(void)state;

	EXPECT(cases, 0);
}

/* Beyond 256 bytes of operations the shorter replacement would be made. */
static void keeps_the_root_where_asked(void **state)
{
	char from[2048] = "{", to[2048] = "{", text[64];
	struct awh_numbers *numbers = awh_numbers_new();
	struct awh_diff made;
	json_t *a, *b;
	(void)state;

	for (int i = 0; i < 20; i++) {
		snprintf(text, sizeof(text), "%s\"m%d\":%d", i ? "," : "", i, i);
		strcat(from, text);
		snprintf(text, sizeof(text), "%s\"m%d\":%d", i ? "," : "", i, i + 1);
		strcat(to, text);
	}
	a = parse(strcat(from, "}"), numbers);
	b = parse(strcat(to, "}"), numbers);
	assert_int_equal(awh_diff_make(&made, a, b, 0, numbers, NULL), 0);
	assert_int_equal(made.n_operations, 1);
	assert_string_equal(made.operations[0].path, "");
	awh_diff_deinit(&made);
	for (unsigned options = 0; options < 8; options++) {
		assert_int_equal(
		    awh_diff_make(&made, a, b, options | AWH_DIFF_KEEP_ROOT, numbers, NULL), 0);
		assert_int_equal(made.n_operations, 20);
		assert_string_equal(made.operations[0].path, "/m0");
		awh_diff_deinit(&made);
	}
	json_decref(a);
	json_decref(b);
	awh_numbers_free(numbers);
}

static json_t *nest(size_t levels)
{
	json_t *value = json_integer((json_int_t)levels);

	while (levels-- > 0)
		value = levels % 2 ? json_pack("[o]", value) : json_pack("{s:o}", "a", value);
	return value;
}

static void refuses_what_is_nested_too_deep(void **state)
{
	static const size_t levels[][2] = {{1001, 1002}, {1002, 1001}, {5000, 5001}, {2, 3000}};
	json_t *from = nest(999);
	json_t *to = nest(1000);
	struct awh_diff made;
	(void)state;

	assert_int_equal(awh_diff_make(&made, from, to, 0, NULL, NULL), 0);
	awh_diff_deinit(&made);
	json_decref(from);
	json_decref(to);
	for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++) {
		struct awh_error error = {0};

		from = nest(levels[i][0]);
		to = nest(levels[i][1]);
		assert_int_equal(awh_diff_make(&made, from, to, 0, NULL, &error), ADMWH_E_PATCH);
		assert_string_equal(error.text, "nested too deep");
		awh_diff_deinit(&made);
		json_decref(from);
		json_decref(to);
	}
}

static void check_law(const json_t *from, const json_t *to, unsigned options, uint64_t seed)
{
	struct awh_numbers *numbers = awh_numbers_new();
	const bool containers = (json_is_object(to) || json_is_array(to)) &&
				(json_is_object(from) || json_is_array(from));
	json_t *before = json_deep_copy(from);
	json_t *patch = diff(from, to, options, numbers);
	json_t *again = diff(from, to, options, numbers);
	json_t *document = awh_json_copy(from, numbers);
	struct awh_error error = {0};
	char *text = write_text(patch, numbers);
	char *whole = write_text(to, numbers);

	if (awh_patch_apply(&document, patch, containers ? AWH_PATCH_BOTH : AWH_PATCH_RFC, numbers,
			    &error) < 0)
		fail_msg("seed %llu: %s", (unsigned long long)seed, error.text);
	if (!awh_json_equal(document, to, numbers))
		fail_msg("seed %llu: not what the patch was made for", (unsigned long long)seed);
	assert_true(json_equal(from, before));
	assert_true(json_equal(patch, again));
	if (options & AWH_DIFF_SMALLEST &&
	    strlen(text) > strlen(whole) + strlen("[{'op':'replace','path':'','value':}]"))
		fail_msg("seed %llu: longer than replacing all", (unsigned long long)seed);
	free(text);
	free(whole);
	json_decref(before);
	json_decref(patch);
	json_decref(again);
	json_decref(document);
	awh_numbers_free(numbers);
}

static void leads_from_any_document_to_any_other(void **state)
{
	(void)state;

	for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
		uint64_t random = seed * UINT64_C(0x9e3779b97f4a7c15);
		json_t *from = any_document(&random, 6);
		json_t *near = edited(from, &random, 4);
		json_t *far = any_document(&random, 6);

		for (unsigned options = 0; options < 4; options++) {
			check_law(from, near, options, seed);
			check_law(near, from, options, seed);
			check_law(from, far, options, seed);
			check_law(from, from, options, seed);
		}
		json_decref(from);
		json_decref(near);
		json_decref(far);
	}
}

/* What may come: one large array or object, made to cost the most. */
static json_t *hostile(int kind, bool second)
{
	json_t *value = json_array();
	uint64_t random = second ? 7 : 77;

	for (int i = 0; i < 250000 && kind == 0; i++) /* nothing in common */
		json_array_append_new(value, json_integer(second ? -i : i));
	for (int i = 0; i < 250000 && kind == 1; i++) /* everything alike, in another order */
		json_array_append_new(value, json_integer(chance(&random, 2)));
	for (int i = 0; i < 100000 && kind == 2; i++) /* objects */
		json_array_append_new(value, json_pack("{s:i}", "a", (int)chance(&random, 9)));
	if (kind == 3) { /* a large array below many others, changed at its end */
		for (int i = 0; i < 200000; i++)
			json_array_append_new(value, json_integer(i < 199999 ? 1 : second));
		for (int i = 0; i < 900; i++)
			value = json_pack("[o]", value);
	}
	for (int i = 0; i < 30000 && kind == 4; i++) { /* small arrays, each to be aligned */
		json_t *small = json_array();

		for (int k = 0; k < 16; k++)
			json_array_append_new(small, json_integer(chance(&random, 3)));
		json_array_append_new(value, small);
	}
	for (int i = 0; i < 60 && kind == 5; i++) { /* pairs of large objects to be weighed */
		json_t *object = json_object();
		char key[16];

		for (int k = 0; k < 1000; k++) {
			snprintf(key, sizeof(key), "%d", k);
			json_object_set_new(object, key, json_integer(chance(&random, 1000)));
		}
		json_array_append_new(value, object);
	}
	return value;
}

static void bounds_what_a_hostile_array_costs(void **state)
{
	(void)state;

	for (int kind = 0; kind < 6; kind++) {
		json_t *from = hostile(kind, false);
		json_t *to = hostile(kind, true);
		double start = cpu_seconds();
		double took;
		struct awh_diff made;

		assert_int_equal(awh_diff_make(&made, from, to, 0, NULL, NULL), 0);
		took = cpu_seconds() - start;
		print_message("hostile array %d: %.3f s, %zu operations\n", kind, took,
			      made.n_operations);
		awh_diff_deinit(&made);
		/* Ten times the bound, for sanitizers and busy machines. */
		assert_true(took < 1);
		json_decref(from);
		json_decref(to);
	}
}

/* An object of so many members, each changed, and an array that is searched for equal elements. */
static json_t *crowd(bool is_changed)
{
	json_t *object = json_object(), *list = json_array();

	for (int i = 0; i < 40; i++) {
		char key[16];

		snprintf(key, sizeof(key), "%02d", i);
		json_object_set_new(object, key, json_integer(i + 100 * is_changed));
		json_array_append_new(list, json_integer(i + is_changed));
	}
	json_object_set_new(object, "list", list);
	return object;
}

static json_t *crowd_from, *crowd_to;

/* A diff without memory fails, and is never a part of one. */
static void run_once(bool may_fail)
{
	struct awh_error error = {0};
	struct awh_diff made;
	int err = awh_diff_make(&made, crowd_from, crowd_to, AWH_DIFF_KEEP_ROOT, NULL, &error);

	assert_int_equal(err, error.code);
	if (err == 0)
		assert_int_equal(made.n_operations, 40 + 2);
	else
		assert_true(may_fail && err == ADMWH_E_NOMEM);
	awh_diff_deinit(&made);
}

static void survives_every_allocation_that_fails(void **state)
{
	(void)state;
	crowd_from = crowd(false);
	crowd_to = crowd(true);
	with_failing_allocations(run_once);
	json_decref(crowd_from);
	json_decref(crowd_to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tells_names_apart_by_their_length),
	    cmocka_unit_test(keeps_the_root_where_asked),
	    cmocka_unit_test(refuses_what_is_nested_too_deep),
	    cmocka_unit_test(bounds_what_a_hostile_array_costs),
	    cmocka_unit_test(survives_every_allocation_that_fails),
	    cmocka_unit_test(makes_nothing_of_equal_values),
	    cmocka_unit_test(orders_members_and_puts_removals_last),
	    cmocka_unit_test(distinguishes_numbers_by_text_where_asked),
	    cmocka_unit_test(takes_one_operation_for_one_element),
	    cmocka_unit_test(pairs_equal_elements_from_both_ends),
	    cmocka_unit_test(takes_one_operation_for_each_element_of_a_long_array),
	    cmocka_unit_test(pairs_objects_by_how_much_of_them_changed),
	    cmocka_unit_test(keeps_the_run_that_is_most_alike),
	    cmocka_unit_test(compares_index_by_index_where_asked),
	    cmocka_unit_test(replaces_what_single_operations_would_outgrow),
	    cmocka_unit_test(replaces_an_object_that_loses_its_members),
	    cmocka_unit_test(leads_from_any_document_to_any_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
