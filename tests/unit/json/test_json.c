/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "json/json.h"

#include "../cpu_time.h"
#include "../failing_alloc.h"
#include "../vectors.h"

enum { DEPTH = 200, OUTPUT_MAX = 64 * 1024 * 1024 };

static json_t *parse(const char *text, struct awh_numbers *numbers)
{
	struct awh_error error = {0};
	json_t *value = awh_json_parse(text, strlen(text), DEPTH, numbers, &error);

	if (!value)
		print_error("%s\n", error.text);
	assert_non_null(value);
	return value;
}

static void assert_written(const json_t *value, const struct awh_numbers *numbers,
			   const char *expected)
{
	struct awh_buf buf;

	awh_buf_init(&buf, OUTPUT_MAX);
	awh_json_write(&buf, value, numbers);
	assert_int_equal(awh_buf_terminate(&buf), 0);
	assert_string_equal(buf.data, expected);
	awh_buf_deinit(&buf);
}

/* tests/vectors/json: NAME.json, and in NAME.expected the compact text or the error. */
static void check_vector(const char *name, const char *input, size_t len, const char *expected)
{
	struct awh_numbers *numbers = awh_numbers_new();
	struct awh_error error = {0};
	struct awh_buf buf;
	json_t *value;

	assert_non_null(numbers);
	awh_buf_init(&buf, OUTPUT_MAX);
	value = awh_json_parse(input, len, DEPTH, numbers, &error);
	if (value)
		awh_json_write(&buf, value, numbers);
	else
		awh_buf_printf(&buf, "%s: %s", admwh_error_name(error.code), error.text);
	assert_int_equal(awh_json_check(input, len, DEPTH, NULL), error.code);
	assert_int_equal(awh_buf_terminate(&buf), 0);
	if (strcmp(buf.data, expected) != 0)
		fail_msg("%s: %s", name, buf.data);
	awh_buf_deinit(&buf);
	json_decref(value);
	awh_numbers_free(numbers);
}

static void answers_every_vector_as_expected(void **state)
{
	(void)state;
	assert_true(for_each_vector("json", check_vector) > 20);
}

static void refuses_what_it_would_lose(void **state)
{
	static const char *const texts[] = {"{\"a\":1,\"a\":1}",
					    "{\"\\u0000\":1,\"\\u0000\":1}",
					    "1e400",
					    "\"\\ud800\"",
					    "[1] [2]",
					    ""};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct awh_error error = {0};

		assert_null(awh_json_parse(texts[i], strlen(texts[i]), DEPTH, NULL, &error));
		assert_int_equal(error.code, ADMWH_E_SYNTAX);
		assert_int_equal(awh_json_check(texts[i], strlen(texts[i]), DEPTH, NULL),
				 ADMWH_E_SYNTAX);
	}
}

/* Two names that a C string would take for one, and texts behind U+0000. */
static void keeps_texts_by_their_length(void **state)
{
	static const char text[] =
	    "{\"a\\u0000b\":\"x\\u0000y\",\"a\\u0000c\":[\"\\u0000\"],\"a\":\"\"}";
	json_t *value = parse(text, NULL);
	json_t *copy = awh_json_copy(value, NULL);
	json_t *level = awh_json_copy_level(value);
	const json_t *member = json_object_getn(value, "a\0b", 3);
	struct awh_error error = {0};

	(void)state;
	assert_int_equal(json_object_size(value), 3);
	assert_int_equal(json_string_length(member), 3);
	assert_memory_equal(json_string_value(member), "x\0y", 3);
	assert_written(value, NULL, text);
	assert_written(copy, NULL, text);
	assert_written(level, NULL, text);
	assert_true(awh_json_equal(value, copy, NULL));
	json_object_setn_new(copy, "a\0b", 3, json_stringn("x\0z", 3));
	assert_false(awh_json_equal(value, copy, NULL));
	json_decref(value);
	json_decref(copy);
	json_decref(level);
	assert_null(awh_json_parse_without_nul(text, strlen(text), DEPTH, NULL, &error));
	assert_string_equal(error.text, "byte 3: U+0000 is not taken");
}

static void keeps_the_text_of_every_number(void **state)
{
	static const char text[] =
	    "[0,-0,0.0,-0.0,1,1.0,1.00,1e3,1E+3,0.1,9007199254740993,9223372036854775807,"
	    "-9223372036854775808,9223372036854775808,-9223372036854775809,"
	    "123456789012345678901234567890,1e-999999999999999999999,0.10000000000000000000001]";
	struct awh_numbers *numbers = awh_numbers_new();
	json_t *value = parse(text, numbers);

	(void)state;
	assert_written(value, numbers, text);
	assert_true(json_is_integer(json_array_get(value, 1)));
	assert_true(json_is_real(json_array_get(value, 5)));
	assert_true(json_is_integer(json_array_get(value, 12)));
	assert_true(json_is_real(json_array_get(value, 13)));
	assert_true(json_real_value(json_array_get(value, 13)) == 9223372036854775808.0);
	json_decref(value);
	awh_numbers_free(numbers);
}

static void writes_doubles_without_the_table(void **state)
{
	json_t *value = parse("[1.00,1e3,-0,18446744073709551616]", NULL);

	(void)state;
	assert_written(value, NULL, "[1.0,1000.0,0,1.8446744073709552e19]");
	json_decref(value);
}

static void forgets_the_text_of_a_number_that_was_set(void **state)
{
	struct awh_numbers *numbers = awh_numbers_new();
	json_t *value = parse("[1.00,1.00,-0,-0]", numbers);

	(void)state;
	assert_int_equal(json_real_set(json_array_get(value, 0), 2.5), 0);
	assert_int_equal(json_integer_set(json_array_get(value, 2), 7), 0);
	assert_written(value, numbers, "[2.5,1.00,7,-0]");
	assert_int_equal(json_real_set(json_array_get(value, 0), 1.0), 0);
	assert_written(value, numbers, "[1.00,1.00,7,-0]");
	json_decref(value);
	awh_numbers_free(numbers);
}

/* Were its reference not held, the address would soon belong to another number. */
static void never_gives_one_numbers_text_to_another(void **state)
{
	struct awh_numbers *numbers = awh_numbers_new();

	(void)state;
	for (int i = 0; i < 1000; i++) {
		json_t *first = parse("1.000", numbers);
		json_t *second;

		json_decref(first);
		second = json_real(1.0);
		assert_written(second, numbers, "1.0");
		json_decref(second);
	}
	awh_numbers_free(numbers);
}

static void copies_number_texts_deeply(void **state)
{
	static const char text[] =
	    "{\"b\":[1.00,{\"c\":1e2,\"a\":\"x\"}],\"a\":[true,false,null,5]}";
	struct awh_numbers *numbers = awh_numbers_new();
	json_t *value = parse(text, numbers);
	json_t *copy = awh_json_copy(value, numbers);

	(void)state;
	assert_non_null(copy);
	assert_written(copy, numbers, text);
	assert_int_equal(json_array_append_new(json_object_get(copy, "a"), json_true()), 0);
	assert_written(value, numbers, text);
	json_decref(value);
	json_decref(copy);
	copy = awh_json_copy(value = parse("[1.00]", numbers), NULL);
	assert_written(copy, numbers, "[1.0]");
	json_decref(value);
	json_decref(copy);
	awh_numbers_free(numbers);
}

static void compares_as_values_not_as_texts(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} cases[] = {
	    {"1", "1.0", true},
	    {"1", "1e0", true},
	    {"{\"a\":1,\"b\":[2]}", "{\"b\":[2.0],\"a\":1}", true},
	    {"\"\\u0041\"", "\"A\"", true},
	    {"[null,true,false]", "[null,true,false]", true},
	    {"18446744073709551616", "18446744073709551616.0", true},
	    {"0.1", "0.10", true},
	    {"9223372036854775808", "9223372036854775809", false},
	    {"9223372036854775807", "9223372036854775807.5", false},
	    {"1", "\"1\"", false},
	    {"true", "false", false},
	    {"null", "false", false},
	    {"[1,2]", "[2,1]", false},
	    {"[1]", "[1,1]", false},
	    {"{\"a\":1}", "{\"b\":1}", false},
	    {"{\"a\":1}", "{\"a\":1,\"b\":1}", false},
	    {"{\"a\":null}", "{\"b\":null}", false},
	    {"{}", "[]", false},
	    {"\"a\"", "\"ab\"", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct awh_numbers *numbers = awh_numbers_new();
		json_t *a = parse(cases[i].a, numbers);
		json_t *b = parse(cases[i].b, numbers);

		assert_int_equal(awh_json_equal(a, b, numbers), cases[i].equal);
		assert_int_equal(awh_json_equal(b, a, numbers), cases[i].equal);
		assert_true(awh_json_equal(a, a, numbers));
		json_decref(a);
		json_decref(b);
		awh_numbers_free(numbers);
	}
}

/* A number that a program makes is worth what would be written for it. */
static void compares_numbers_that_a_program_made(void **state)
{
	struct awh_numbers *numbers = awh_numbers_new();
	json_t *read = parse("0.1", numbers);
	json_t *made = json_real(0.1);
	json_t *other = json_real(nextafter(0.1, 1));

	(void)state;
	assert_true(awh_json_equal(read, made, numbers));
	assert_false(awh_json_equal(read, other, numbers));
	assert_false(awh_json_equal(made, other, NULL));
	json_decref(read);
	json_decref(made);
	json_decref(other);
	awh_numbers_free(numbers);
}

static void keeps_the_order_of_keys(void **state)
{
	static const char text[] = "{\"z\":1,\"a\":2,\"\":3,\"m\":{\"y\":1,\"b\":2},\"k\":4}";
	json_t *value = parse(text, NULL);

	(void)state;
	assert_written(value, NULL, text);
	json_decref(value);
}

static void keeps_every_character(void **state)
{
	static const char text[] = "{\"\\u00e9\\n\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\u007f"
				   "\\ud83d\\ude00\xe2\x82\xac\"}";
	static const char expected[] = "{\"\xc3\xa9\\n\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u007f"
				       "\xf0\x9f\x98\x80\xe2\x82\xac\"}";
	json_t *value = parse(text, NULL);

	(void)state;
	assert_written(value, NULL, expected);
	json_decref(value);
}

static void builds_one_value_of_a_text(void **state)
{
	static const char text[] = "{\"object\":{\"a\":[1.50,\"x\"]},\"b\":2}";
	struct awh_numbers *numbers = awh_numbers_new();
	const struct awh_index_options options = {.depth = DEPTH};
	struct awh_index index = AWH_INDEX_NULL;
	json_t *value;

	(void)state;
	assert_int_equal(awh_index_read(&index, text, strlen(text), &options, NULL), 0);
	/* Behind the outer object and the name. */
	value = awh_json_build(&index, 2, numbers);
	assert_non_null(value);
	assert_written(value, numbers, "{\"a\":[1.50,\"x\"]}");
	json_decref(value);
	awh_index_deinit(&index);
	awh_numbers_free(numbers);
}

static json_t *nest(size_t levels)
{
	json_t *value = json_array();

	for (size_t i = 1; i < levels; i++) {
		json_t *outer = i % 2 ? json_object() : json_array();

		if (json_is_array(outer))
			json_array_append_new(outer, value);
		else
			json_object_set_new(outer, "a", value);
		value = outer;
	}
	return value;
}

static void gives_up_on_trees_too_deep_for_the_stack(void **state)
{
	json_t *deepest = nest(AWH_JSON_DEPTH_MAX);
	json_t *deeper = nest(AWH_JSON_DEPTH_MAX + 1);
	struct awh_buf buf;
	json_t *copy;

	(void)state;
	awh_buf_init(&buf, OUTPUT_MAX);
	awh_json_write(&buf, deepest, NULL);
	assert_int_equal(buf.err, 0);
	awh_json_write(&buf, deeper, NULL);
	assert_int_equal(buf.err, ADMWH_E_LIMIT);
	awh_buf_deinit(&buf);
	copy = awh_json_copy(deepest, NULL);
	assert_non_null(copy);
	assert_null(awh_json_copy(deeper, NULL));
	assert_true(awh_json_equal(deepest, copy, NULL));
	assert_false(awh_json_equal(deeper, deeper, NULL));
	json_decref(copy);
	json_decref(deepest);
	json_decref(deeper);
}

static void marks_a_buffer_that_is_too_small(void **state)
{
	json_t *value = parse("{\"a\":[1,2,3,\"four\"]}", NULL);

	(void)state;
	for (size_t max = 0; max < 20; max++) {
		struct awh_buf buf;

		awh_buf_init(&buf, max);
		awh_json_write(&buf, value, NULL);
		assert_int_equal(buf.err, ADMWH_E_LIMIT);
		awh_buf_deinit(&buf);
	}
	json_decref(value);
}

static void builds_a_million_members_in_linear_time(void **state)
{
	enum { MEMBERS = 1000000 };
	char *text = malloc(MEMBERS * 20 + 2);
	double start;
	json_t *value;
	size_t n = 0;

	(void)state;
	assert_non_null(text);
	for (int i = 0; i < MEMBERS; i++)
		n += (size_t)snprintf(text + n, 20, "%c\"k%d\":0", i ? ',' : '{', i);
	text[n++] = '}';
	start = cpu_seconds();
	value = awh_json_parse(text, n, 1, NULL, NULL);
	print_message("10^6 members: %.3f s\n", cpu_seconds() - start);
	assert_true(cpu_seconds() - start < 20);
	assert_int_equal(json_object_size(value), MEMBERS);
	json_decref(value);
	free(text);
}

static void looks_a_number_up_in_constant_time(void **state)
{
	enum { NUMBERS = 300000 };
	struct awh_numbers *numbers = awh_numbers_new();
	char *text = malloc(NUMBERS * 8 + 2);
	struct awh_buf buf;
	double start;
	json_t *value;
	size_t n = 0;

	(void)state;
	assert_non_null(text);
	for (int i = 0; i < NUMBERS; i++)
		n += (size_t)snprintf(text + n, 8, "%c%d.50", i ? ',' : '[', i % 100);
	text[n++] = ']';
	start = cpu_seconds();
	value = awh_json_parse(text, n, 1, numbers, NULL);
	assert_non_null(value);
	awh_buf_init(&buf, OUTPUT_MAX);
	awh_json_write(&buf, value, numbers);
	print_message("3*10^5 number texts: %.3f s\n", cpu_seconds() - start);
	assert_true(cpu_seconds() - start < 10);
	assert_int_equal(buf.len, n);
	assert_memory_equal(buf.data, text, n);
	awh_buf_deinit(&buf);
	json_decref(value);
	awh_numbers_free(numbers);
	free(text);
}

static void run_once(bool may_fail)
{
	static const char text[] = "{\"a\\n\":[1.50,{\"b\":\"x\\u0041\",\"\\u0062b\":[[],{}]}],"
				   "\"c\":[[[[[[[[[[[[[[[[[[-0]]]]]]]]]]]]]]]]]]}";
	static const char expected[] = "{\"a\\n\":[1.50,{\"b\":\"xA\",\"bb\":[[],{}]}],"
				       "\"c\":[[[[[[[[[[[[[[[[[[-0]]]]]]]]]]]]]]]]]]}";
	struct awh_numbers *numbers = awh_numbers_new();
	struct awh_error error = {0};
	json_t *value = NULL;
	json_t *copy = NULL;
	struct awh_buf buf;

	awh_buf_init(&buf, OUTPUT_MAX);
	if (numbers) {
		value = awh_json_parse(text, strlen(text), DEPTH, numbers, &error);
		assert_true(value || error.code == ADMWH_E_NOMEM);
	}
	if (value)
		copy = awh_json_copy(value, numbers);
	if (copy) {
		awh_json_write(&buf, copy, numbers);
		if (awh_buf_terminate(&buf) == 0)
			assert_string_equal(buf.data, expected);
		else
			assert_int_equal(buf.err, ADMWH_E_NOMEM);
	}
	assert_true(may_fail || (copy && !buf.err));
	awh_buf_deinit(&buf);
	json_decref(value);
	json_decref(copy);
	awh_numbers_free(numbers);
}

static void survives_every_allocation_that_fails(void **state)
{
	(void)state;
	with_failing_allocations(run_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_what_it_would_lose),
	    cmocka_unit_test(answers_every_vector_as_expected),
	    cmocka_unit_test(gives_up_on_trees_too_deep_for_the_stack),
	    cmocka_unit_test(marks_a_buffer_that_is_too_small),
	    cmocka_unit_test(survives_every_allocation_that_fails),
	    cmocka_unit_test(keeps_texts_by_their_length),
	    cmocka_unit_test(keeps_the_text_of_every_number),
	    cmocka_unit_test(writes_doubles_without_the_table),
	    cmocka_unit_test(forgets_the_text_of_a_number_that_was_set),
	    cmocka_unit_test(never_gives_one_numbers_text_to_another),
	    cmocka_unit_test(copies_number_texts_deeply),
	    cmocka_unit_test(compares_as_values_not_as_texts),
	    cmocka_unit_test(compares_numbers_that_a_program_made),
	    cmocka_unit_test(keeps_the_order_of_keys),
	    cmocka_unit_test(keeps_every_character),
	    cmocka_unit_test(builds_one_value_of_a_text),
	    cmocka_unit_test(builds_a_million_members_in_linear_time),
	    cmocka_unit_test(looks_a_number_up_in_constant_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
