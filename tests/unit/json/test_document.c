/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <admwh/json.h>

#include "../failing_alloc.h"

static const char numbers[] = "{\"z\":[18446744073709551616,1.0,1e3,-0,1E+2],\"\":null}";

static void refuses_wrong_arguments(void **state)
{
	struct admwh_json *json = admwh_json_new();
	json_t *value = json_object();
	(void)state;

	assert_string_equal(admwh_json_error(NULL), "");
	assert_string_equal(admwh_json_error(json), "");
	assert_null(admwh_json_parse(NULL, "1", 1));
	assert_null(admwh_json_parse(json, NULL, 0));
	assert_string_equal(admwh_json_error(json), "invalid argument");
	for (int i = 0; i < 2; i++) {
		/* An error of another kind comes before each. */
		assert_null(admwh_json_parse(json, "", 0));
		assert_string_not_equal(admwh_json_error(json), "invalid argument");
		if (i == 0)
			assert_null(admwh_json_write(json, NULL, NULL));
		else
			assert_null(admwh_json_copy(json, NULL));
		assert_string_equal(admwh_json_error(json), "invalid argument");
	}
	assert_false(admwh_json_equal(json, value, NULL));
	admwh_json_free(NULL);
	admwh_json_free(json);
	json_decref(value);
}

static void says_where_a_text_is_wrong(void **state)
{
	struct admwh_json *json = admwh_json_new();
	(void)state;

	assert_null(admwh_json_parse(json, "{\"a\":}", 6));
	assert_int_equal(strncmp(admwh_json_error(json), "byte 5: ", 8), 0);
	admwh_json_free(json);
}

static void takes_nul_where_asked(void **state)
{
	static const char text[] = "{\"a\\u0000\":[\"\\u0000b\"]}";
	struct admwh_json *json = admwh_json_new();
	json_t *value;
	char *written;
	(void)state;

	assert_null(admwh_json_parse(json, text, strlen(text)));
	assert_string_equal(admwh_json_error(json), "byte 3: U+0000 is not taken");
	assert_int_equal(admwh_json_set_nul_in_trees(NULL, true), ADMWH_E_INVAL);
	assert_int_equal(admwh_json_set_nul_in_trees(json, true), 0);
	value = admwh_json_parse(json, text, strlen(text));
	written = admwh_json_write(json, value, NULL);
	assert_string_equal(written, text);
	free(written);
	json_decref(value);
	admwh_json_free(json);
}

static void writes_what_it_read(void **state)
{
	struct admwh_json *json = admwh_json_new();
	json_t *value = admwh_json_parse(json, numbers, strlen(numbers));
	json_t *copy = admwh_json_copy(json, value);
	size_t len = 0;
	char *written;
	(void)state;

	json_decref(value);
	written = admwh_json_write(json, copy, &len);
	assert_string_equal(written, numbers);
	assert_int_equal(len, strlen(numbers));
	free(written);
	json_decref(copy);
	admwh_json_free(json);
}

/* Both are the same double; without the object that read them nothing else is known. */
static void compares_numbers_as_they_were_read(void **state)
{
	struct admwh_json *json = admwh_json_new();
	json_t *a = admwh_json_parse(json, "18446744073709551616", 20);
	json_t *b = admwh_json_parse(json, "18446744073709551617", 20);
	json_t *c = admwh_json_parse(json, "18446744073709551616.0", 22);
	(void)state;

	assert_false(admwh_json_equal(json, a, b));
	assert_true(admwh_json_equal(json, a, c));
	assert_true(admwh_json_equal(NULL, a, b));
	json_decref(a);
	json_decref(b);
	json_decref(c);
	admwh_json_free(json);
}

static void run_once(bool failed)
{
	struct admwh_json *json = admwh_json_new();
	json_t *value = json ? admwh_json_parse(json, numbers, strlen(numbers)) : NULL;
	json_t *copy = value ? admwh_json_copy(json, value) : NULL;
	char *text = copy ? admwh_json_write(json, copy, NULL) : NULL;

	if (text)
		assert_string_equal(text, numbers);
	else
		assert_true(failed);
	if (json && !text)
		assert_string_equal(admwh_json_error(json), "out of memory");
	free(text);
	json_decref(copy);
	json_decref(value);
	admwh_json_free(json);
}

static void survives_every_allocation_that_fails(void **state)
{
	(void)state;
	with_failing_allocations(run_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_wrong_arguments),
	    cmocka_unit_test(says_where_a_text_is_wrong),
	    cmocka_unit_test(takes_nul_where_asked),
	    cmocka_unit_test(writes_what_it_read),
	    cmocka_unit_test(compares_numbers_as_they_were_read),
	    cmocka_unit_test(survives_every_allocation_that_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
