/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "review/operation.h"

static json_t *parse(const char *text)
{
	json_t *value = awh_json_parse(text, strlen(text), 8, NULL, NULL);

	assert_non_null(value);
	return value;
}

static void assert_text(const json_t *value, const char *wanted)
{
	struct awh_buf text;

	awh_buf_init(&text, SIZE_MAX);
	awh_json_write(&text, value, NULL);
	assert_int_equal(awh_buf_terminate(&text), 0);
	assert_string_equal(text.data, wanted);
	awh_buf_deinit(&text);
}

static void says_what_is_wrong_with_an_item(void **state)
{
	static const struct {
		const char *item, *message;
	} cases[] = {
	    {"1", "operation 7: not an object"},
	    {"{}", "operation 7: member \"op\" is missing or no string"},
	    {"{\"op\":1}", "operation 7: member \"op\" is missing or no string"},
	    {"{\"op\":\"drop\"}", "operation 7: unknown op \"drop\""},
	    {"{\"op\":\"remove\"}", "operation 7: member \"path\" is missing or no string"},
	    {"{\"op\":\"move\",\"path\":\"\"}",
	     "operation 7: member \"from\" is missing or no string"},
	    {"{\"op\":\"copy\",\"path\":\"\",\"from\":1}",
	     "operation 7: member \"from\" is missing or no string"},
	    {"{\"op\":\"add\",\"path\":\"\"}", "operation 7: member \"value\" is missing"},
	    {"{\"op\":\"add\\u0000\",\"path\":\"\",\"value\":1}",
	     "operation 7: unknown op \"add?\""},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_error error = {0};
		struct awh_operation operation;
		json_t *item = parse(cases[i].item);

		assert_int_equal(awh_operation_read(&operation, item, true, 7, &error),
				 ADMWH_E_PATCH);
		assert_string_equal(error.text, cases[i].message);
		json_decref(item);
	}
}

static void takes_a_missing_value_for_null_where_asked(void **state)
{
	struct awh_operation operation;
	json_t *item = parse("{\"op\":\"test\",\"path\":\"/a\"}");
	(void)state;

	assert_int_equal(awh_operation_read(&operation, item, false, 0, NULL), 0);
	assert_true(json_is_null(operation.value));
	json_decref(item);
}

static void gives_back_what_it_read(void **state)
{
	static const char *const items[] = {
	    "{\"op\":\"add\",\"path\":\"/a\",\"value\":[1]}",
	    "{\"op\":\"remove\",\"path\":\"\"}",
	    "{\"op\":\"replace\",\"path\":\"/a/-\",\"value\":null}",
	    "{\"op\":\"move\",\"from\":\"/a\\u0000\",\"path\":\"/b\\u0000c\"}",
	    "{\"op\":\"copy\",\"from\":\"\",\"path\":\"/b\"}",
	    "{\"op\":\"test\",\"path\":\"/~0~1\",\"value\":\"x\"}",
	};
	(void)state;

	for (size_t i = 0; i < sizeof(items) / sizeof(*items); i++) {
		struct awh_operation operation;
		json_t *item = parse(items[i]);
		json_t *again;

		assert_int_equal(awh_operation_read(&operation, item, true, i, NULL), 0);
		assert_int_equal(operation.op, i);
		again = awh_operation_json(&operation);
		assert_text(again, items[i]);
		json_decref(again);
		json_decref(item);
	}
}

static void writes_text_without_a_tree(void **state)
{
	const struct awh_operation remove = {.op = AWH_REMOVE, .path = "/a\"\0", .path_len = 4};
	const struct awh_operation add = {.op = AWH_ADD, .path = "", .value = json_true()};
	struct awh_buf text;
	(void)state;

	awh_buf_init(&text, SIZE_MAX);
	awh_operation_write(&text, &remove, NULL);
	awh_operation_write(&text, &add, NULL);
	assert_int_equal(awh_buf_terminate(&text), 0);
	assert_string_equal(text.data, "{\"op\":\"remove\",\"path\":\"/a\\\"\\u0000\"},"
				       "{\"op\":\"add\",\"path\":\"\",\"value\":true},");
	awh_buf_deinit(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_what_is_wrong_with_an_item),
	    cmocka_unit_test(takes_a_missing_value_for_null_where_asked),
	    cmocka_unit_test(gives_back_what_it_read),
	    cmocka_unit_test(writes_text_without_a_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
