/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/index.h"

#include "../cpu_time.h"

enum { DEPTH = 16 };

/* Read a text of which each byte past the end would be seen by the address sanitizer. */
static int read_text(const char *text, size_t len, const struct awh_index_options *options,
		     struct awh_error *error)
{
	struct awh_index index = AWH_INDEX_NULL;
	char *copy = malloc(len ? len : 1);
	int err;

	assert_non_null(copy);
	memcpy(copy, text, len);
	err = awh_index_read(&index, len ? copy : copy + 1, len, options, error);
	awh_index_deinit(&index);
	free(copy);
	return err;
}

static int walk(const char *text, size_t len, size_t depth, struct awh_error *error)
{
	const struct awh_index_options options = {.depth = depth, .refuses_nul = true};

	return read_text(text, len, &options, error);
}

struct complaint {
	const char *text;
	const char *error;
};

static void check_complaints(const struct complaint *cases, size_t n_cases)
{
	for (size_t i = 0; i < n_cases; i++) {
		struct awh_error error = {0};

		assert_int_equal(walk(cases[i].text, strlen(cases[i].text), DEPTH, &error),
				 ADMWH_E_SYNTAX);
		assert_string_equal(error.text, cases[i].error);
	}
}

#define CHECK(cases) check_complaints(cases, sizeof(cases) / sizeof((cases)[0]))

static void refuses_what_the_grammar_does_not_allow(void **state)
{
	static const struct complaint cases[] = {
	    {"", "byte 0: empty text"},
	    {"  ", "byte 2: the text ends too early"},
	    {"nul", "byte 0: expected a value"},
	    {"nullx", "byte 4: more text behind the value"},
	    {"True", "byte 0: expected a value"},
	    {"'a'", "byte 0: expected a value"},
	    {"[1,]", "byte 3: [1]: expected a value"},
	    {"[,1]", "byte 1: [0]: expected a value"},
	    {"[1 2]", "byte 3: [0]: expected \",\" or \"]\""},
	    {"[1", "byte 2: [0]: the text ends too early"},
	    {"[1}", "byte 2: [0]: expected \",\" or \"]\""},
	    {"{", "byte 1: the text ends too early"},
	    {"{1:2}", "byte 1: expected a member's name"},
	    {"{\"a\"}", "byte 4: a: expected \":\""},
	    {"{\"a\":}", "byte 5: a: expected a value"},
	    {"{\"a\":1,}", "byte 7: expected a member's name"},
	    {"{\"a\":1]", "byte 6: a: expected \",\" or \"}\""},
	    {"{\"a\":1 \"b\":2}", "byte 7: a: expected \",\" or \"}\""},
	    {"{\"a\":1}}", "byte 7: more text behind the value"},
	    {"{\"a\":1} x", "byte 8: more text behind the value"},
	    {"[1]/*c*/", "byte 3: more text behind the value"},
	    {"\xef\xbb\xbf{}", "byte 0: byte order mark"},
	};

	(void)state;
	CHECK(cases);
}

static void refuses_malformed_numbers(void **state)
{
	static const struct complaint cases[] = {
	    {"-", "byte 1: expected a digit"},
	    {"+1", "byte 0: expected a value"},
	    {"01", "byte 1: more text behind the value"},
	    {"-01", "byte 2: more text behind the value"},
	    {"1.", "byte 2: expected a digit"},
	    {".5", "byte 0: expected a value"},
	    {"1.e2", "byte 2: expected a digit"},
	    {"1e", "byte 2: expected a digit"},
	    {"1e+", "byte 3: expected a digit"},
	    {"1e+-2", "byte 3: expected a digit"},
	    {"0x10", "byte 1: more text behind the value"},
	    {"NaN", "byte 0: expected a value"},
	    {"Infinity", "byte 0: expected a value"},
	    {"[1e400]", "byte 1: [0]: number out of range"},
	};

	(void)state;
	CHECK(cases);
}

static void refuses_malformed_strings(void **state)
{
	static const struct complaint cases[] = {
	    {"\"", "byte 1: the text ends within a string"},
	    {"\"abc", "byte 4: the text ends within a string"},
	    {"\"abc\\", "byte 4: the text ends within a string"},
	    {"\"\\x\"", "byte 1: unknown escape"},
	    {"\"\\'\"", "byte 1: unknown escape"},
	    {"\"\\u12\"", "byte 1: expected 4 hexadecimal digits behind \\u"},
	    {"\"\\u12g4\"", "byte 1: expected 4 hexadecimal digits behind \\u"},
	    {"\"\\u", "byte 1: expected 4 hexadecimal digits behind \\u"},
	    {"\"\\ud800", "byte 1: lone surrogate"},
	    {"\"\\ud800\"", "byte 1: lone surrogate"},
	    {"\"\\ud800x\"", "byte 1: lone surrogate"},
	    {"\"\\ud800\\u0041\"", "byte 1: lone surrogate"},
	    {"\"\\ud800\\ud800\"", "byte 1: lone surrogate"},
	    {"\"\\ud800\\u\"", "byte 1: lone surrogate"},
	    {"\"\\ud800\\u12", "byte 1: lone surrogate"},
	    {"\"\\udc00\"", "byte 1: lone surrogate"},
	    {"\"a\nb\"", "byte 2: control character in a string"},
	    {"\"a\x1f\"", "byte 2: control character in a string"},
	    {"\"12345678901234\tb\"", "byte 15: control character in a string"},
	    {"\"\xff\"", "byte 1: malformed UTF-8"},
	    {"\"\xc0\xaf\"", "byte 1: malformed UTF-8"},
	    {"\"\xed\xa0\x80\"", "byte 1: malformed UTF-8"},
	    {"\"\xf4\x90\x80\x80\"", "byte 1: malformed UTF-8"},
	    {"\"\xe2\x82\"", "byte 1: malformed UTF-8"},
	    {"\"\xe2\x82", "byte 1: malformed UTF-8"},
	    {"\"\\u0000\"", "byte 1: U+0000 is not taken"},
	    {"{\"\\u0000\":1}", "byte 2: U+0000 is not taken"},
	    {"{\"a\":1,\"b\x01\":1}", "byte 9: control character in a string"},
	};

	(void)state;
	CHECK(cases);
}

static void refuses_a_nul_byte_anywhere(void **state)
{
	static const char string[] = "\"a\0b\"";
	static const char behind[] = "1\0";
	static const char number[] = "12\0"
				     "34";
	struct awh_error error;

	(void)state;
	assert_int_equal(walk(string, 5, DEPTH, &error), ADMWH_E_SYNTAX);
	assert_string_equal(error.text, "byte 2: control character in a string");
	assert_int_equal(walk(behind, 2, DEPTH, &error), ADMWH_E_SYNTAX);
	assert_string_equal(error.text, "byte 1: more text behind the value");
	assert_int_equal(walk(number, 5, DEPTH, &error), ADMWH_E_SYNTAX);
}

static void refuses_duplicate_members_in_any_spelling(void **state)
{
	static const struct complaint cases[] = {
	    {"{\"a\":1,\"a\":2}", "byte 7: duplicate member \"a\""},
	    {"{\"a\":1,\"b\":2,\"\\u0061\":3}", "byte 13: duplicate member \"\\u0061\""},
	    {"{\"\\u0061\":1,\"a\":2}", "byte 12: duplicate member \"a\""},
	    {"{\"\":1,\"\":2}", "byte 6: duplicate member \"\""},
	    {"{\"\\/\":1,\"/\":2}", "byte 8: duplicate member \"/\""},
	    {"{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}",
	     "byte 18: duplicate member \"\xf0\x9f\x98\x80\""},
	    {"[{\"x\":{\"a\":1,\"b\":{\"a\":1},\"a\":2}}]",
	     "byte 25: [0].x: duplicate member \"a\""},
	    {"{\"a\":{},\"b\":{\"a\":{}},\"a\":{}}", "byte 21: duplicate member \"a\""},
	};

	(void)state;
	CHECK(cases);
}

static void takes_equal_names_in_different_objects(void **state)
{
	static const char text[] = "{\"a\":{\"a\":{\"a\":1,\"b\":2},\"b\":{\"a\":1}},\"b\":[{\"a\":"
				   "1},{\"a\":1}],\"c\":{\"a\":1}}";

	(void)state;
	assert_int_equal(walk(text, strlen(text), DEPTH, NULL), 0);
}

static void says_where_in_the_text(void **state)
{
	static const struct complaint cases[] = {
	    {"{\"spec\":{\"containers\":[{},{\"name\":x}]}}",
	     "byte 34: spec.containers[1].name: expected a value"},
	    {"{\"labels\":{\"app.kubernetes.io/name\":x}}",
	     "byte 36: labels[\"app.kubernetes.io/name\"]: expected a value"},
	    {"{\"a b\":{\"c\":x}}", "byte 12: [\"a b\"].c: expected a value"},
	    {"{\"\":x}", "byte 4: [\"\"]: expected a value"},
	    {"[[],[1,[x]]]", "byte 8: [1][1][0]: expected a value"},
	    {"{\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\":x}",
	     "byte 76: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...: "
	     "expected a value"},
	};

	(void)state;
	CHECK(cases);
}

static void cuts_a_path_that_is_too_long(void **state)
{
	char text[4096] = "";
	struct awh_error error;
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 100; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "{\"member%d\":", i);
	assert_int_equal(walk(text, n, 200, &error), ADMWH_E_SYNTAX);
	assert_non_null(strstr(error.text, "member0.member1.member2"));
	assert_non_null(strstr(error.text, "...: the text ends too early"));
}

static void refuses_depth_beyond_the_limit(void **state)
{
	struct awh_error error;

	(void)state;
	assert_int_equal(walk("[[[]]]", 6, 3, &error), 0);
	assert_int_equal(walk("[[[]]]", 6, 2, &error), ADMWH_E_SYNTAX);
	assert_string_equal(error.text, "byte 2: [0][0]: nested too deeply");
	assert_int_equal(walk("{\"a\":{\"b\":{}}}", 14, 2, &error), ADMWH_E_SYNTAX);
	assert_string_equal(error.text, "byte 10: a.b: nested too deeply");
	assert_int_equal(walk("1", 1, 0, &error), 0);
	assert_int_equal(walk("[]", 2, 0, &error), ADMWH_E_SYNTAX);
}

static void stops_at_depth_bombs(void **state)
{
	enum { LEVELS = 100000 };
	char *arrays = malloc(LEVELS);
	char *objects = malloc(LEVELS * 5 + 1);

	(void)state;
	assert_non_null(arrays);
	assert_non_null(objects);
	memset(arrays, '[', LEVELS);
	for (size_t i = 0; i < LEVELS; i++)
		memcpy(objects + i * 5, "{\"a\":", 6);
	assert_int_equal(walk(arrays, LEVELS, 200, NULL), ADMWH_E_SYNTAX);
	assert_int_equal(walk(objects, LEVELS * 5, 200, NULL), ADMWH_E_SYNTAX);
	/* No recursion: without a limit the end of the text is what stops it. */
	assert_int_equal(walk(arrays, LEVELS, LEVELS, NULL), ADMWH_E_SYNTAX);
	assert_int_equal(walk(objects, LEVELS * 5, LEVELS, NULL), ADMWH_E_SYNTAX);
	free(arrays);
	free(objects);
}

static void takes_a_million_members_in_linear_time(void **state)
{
	enum { MEMBERS = 1000000 };
	char *text = malloc(MEMBERS * 20 + 2);
	struct awh_error error;
	size_t n = 0;
	double start;

	(void)state;
	assert_non_null(text);
	for (int i = 0; i < MEMBERS; i++)
		n += (size_t)snprintf(text + n, 20, "%c\"k%d\":0", i ? ',' : '{', i);
	text[n++] = '}';
	start = cpu_seconds();
	assert_int_equal(walk(text, n, 1, NULL), 0);
	print_message("10^6 members: %.3f s\n", cpu_seconds() - start);
	assert_true(cpu_seconds() - start < 10);
	/* The very last one is a duplicate of the first. */
	memcpy(text + n - 13, ",\"k0\":      0", 13);
	text[n - 1] = '}';
	assert_int_equal(walk(text, n, 1, &error), ADMWH_E_SYNTAX);
	assert_non_null(strstr(error.text, "duplicate member \"k0\""));
	free(text);
}

/* CPU time that reading takes, the least of some. */
static double time_of(const char *text, size_t len)
{
	double least = 0;

	for (int i = 0; i < 4; i++) {
		double started = cpu_seconds();

		assert_int_equal(walk(text, len, 1, NULL), 0);
		if (i == 0 || cpu_seconds() - started < least)
			least = cpu_seconds() - started;
	}
	return least;
}

/*
 * 32 names that differ in their last letter, each letter an escape: an object of these takes little
 * longer than an array.
 */
static void compares_no_long_names_with_each_other(void **state)
{
	enum { NAMES = 32, LETTERS = 50000, NAME_BYTES = 6 * LETTERS + 16 };
	char *object = malloc(NAMES * NAME_BYTES), *array = malloc(NAMES * NAME_BYTES);
	size_t object_len = 0, array_len = 0;
	(void)state;

	for (int i = 0; i < NAMES; i++) {
		object[object_len++] = i ? ',' : '{';
		array[array_len++] = i ? ',' : '[';
		object[object_len++] = array[array_len++] = '"';
		for (int j = 0; j < LETTERS; j++) {
			memcpy(object + object_len, "\\u0061", 6);
			memcpy(array + array_len, "\\u0061", 6);
			object_len += 6;
			array_len += 6;
		}
		object_len += (size_t)sprintf(object + object_len, "%d\":0", i);
		array[array_len++] = '"';
	}
	object[object_len++] = '}';
	array[array_len++] = ']';
	assert_true(time_of(object, object_len) < 8 * time_of(array, array_len) + 0.001);
	/* ...31":0} becomes ...30":0}. */
	object[object_len - 5] = '0';
	assert_int_equal(walk(object, object_len, 1, NULL), ADMWH_E_SYNTAX);
	free(object);
	free(array);
}

static void refuses_values_beyond_the_limit(void **state)
{
	static const char text[] = "{\"a\":[1,{}],\"b\":null}"; /* 5: names do not count */
	struct awh_index_options options = {.depth = DEPTH, .values = 5};
	struct awh_index index = AWH_INDEX_NULL;
	struct awh_error error;

	(void)state;
	assert_int_equal(awh_index_read(&index, text, strlen(text), &options, &error), 0);
	assert_int_equal(index.n_values, 5);
	assert_int_equal(index.limit, 0);
	options.values = 4;
	assert_int_equal(awh_index_read(&index, text, strlen(text), &options, &error),
			 ADMWH_E_SYNTAX);
	assert_string_equal(error.text, "byte 16: b: too many values");
	assert_int_equal(index.limit, ADMWH_LIMIT_JSON_VALUES);
	options = (struct awh_index_options){.depth = 1};
	assert_int_equal(awh_index_read(&index, text, strlen(text), &options, &error),
			 ADMWH_E_SYNTAX);
	assert_int_equal(index.limit, ADMWH_LIMIT_JSON_DEPTH);
	awh_index_deinit(&index);
}

/* U+0000 is a character like others unless it is to be refused. */
static void marks_what_holds_nul(void **state)
{
	static const char text[] = "{\"a\":[\"\\u0000\",\"\\u0001\"],\"b\\u0000\":{},\"c\":[]}";
	static const bool holds[] = {true, false, true, true, false, true, false, false, false};
	const struct awh_index_options options = {.depth = DEPTH};
	struct awh_index index = AWH_INDEX_NULL;

	(void)state;
	assert_int_equal(awh_index_read(&index, text, strlen(text), &options, NULL), 0);
	assert_int_equal(index.n_entries, sizeof(holds) / sizeof(holds[0]));
	for (uint32_t i = 0; i < index.n_entries; i++)
		assert_int_equal((index.entries[i].bits & AWH_ENTRY_NUL) != 0, holds[i]);
	awh_index_deinit(&index);
}

static void compares_names_after_their_escapes(void **state)
{
	static const struct {
		const char *text;
		const char *name;
		bool same;
	} cases[] = {
	    {"\"uid\"", "uid", true},
	    {"\"\\u0075id\"", "uid", true},
	    {"\"ui\\u0064\"", "uid", true},
	    {"\"\\u0075i\"", "uid", false},
	    {"\"\\u0075idx\"", "uid", false},
	    {"\"uidx\"", "uid", false},
	    {"\"\\u00e9\"", "\xc3\xa9", true},
	    {"\"\\u00e9\"", "\xc3", false},
	    {"\"\"", "", true},
	    {"\"\\n\"", "", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct awh_index_options options = {.depth = DEPTH};
		struct awh_index index = AWH_INDEX_NULL;

		assert_int_equal(
		    awh_index_read(&index, cases[i].text, strlen(cases[i].text), &options, NULL),
		    0);
		assert_int_equal(awh_index_is(&index, 0, cases[i].name, strlen(cases[i].name)),
				 cases[i].same);
		awh_index_deinit(&index);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_what_the_grammar_does_not_allow),
	    cmocka_unit_test(refuses_malformed_numbers),
	    cmocka_unit_test(refuses_malformed_strings),
	    cmocka_unit_test(refuses_a_nul_byte_anywhere),
	    cmocka_unit_test(refuses_duplicate_members_in_any_spelling),
	    cmocka_unit_test(refuses_depth_beyond_the_limit),
	    cmocka_unit_test(stops_at_depth_bombs),
	    cmocka_unit_test(takes_equal_names_in_different_objects),
	    cmocka_unit_test(says_where_in_the_text),
	    cmocka_unit_test(cuts_a_path_that_is_too_long),
	    cmocka_unit_test(takes_a_million_members_in_linear_time),
	    cmocka_unit_test(compares_no_long_names_with_each_other),
	    cmocka_unit_test(refuses_values_beyond_the_limit),
	    cmocka_unit_test(marks_what_holds_nul),
	    cmocka_unit_test(compares_names_after_their_escapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
