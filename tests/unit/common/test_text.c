/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../wrapped_alloc.h"
#include "common/text.h"

static int allocations_left = -1; /* negative: as many as are asked for */

static bool alloc_fails(void)
{
	return allocations_left >= 0 && allocations_left-- == 0;
}

static void stays_as_it_was_without_memory(void **state)
{
	struct text text = {0};

	(void)state;
	text_add(&text, "before");
	allocations_left = 0;
	text_add(&text, "%100s", "");
	assert_true(text.failed);
	text_add(&text, "after");
	text_add_bytes(&text, "after", 5);
	assert_string_equal(text_get(&text), "before");
	assert_null(text_take(&text));
	assert_false(text_any(&text));
}

static void tells_of_no_memory_while_empty(void **state)
{
	struct text text = {0};

	(void)state;
	allocations_left = 0;
	text_add(&text, "a");
	assert_true(text_any(&text));
	assert_string_equal(text_get(&text), "");
	text_deinit(&text);
	assert_false(text_any(&text));
}

static void grows_as_needed(void **state)
{
	struct text text = {0};

	(void)state;
	assert_string_equal(text_get(&text), "");
	for (int i = 0; i < 10000; i++)
		text_add(&text, "%c", 'a' + i % 26);
	assert_int_equal(text.len, 10000);
	assert_int_equal(strlen(text_get(&text)), 10000);
	text_deinit(&text);
	assert_string_equal(text_get(&text), "");
}

static void keeps_every_byte(void **state)
{
	static const char bytes[] = "a\0%s";
	struct text text = {0};

	(void)state;
	text_add_bytes(&text, bytes, sizeof(bytes) - 1);
	assert_int_equal(text.len, sizeof(bytes) - 1);
	assert_memory_equal(text_get(&text), bytes, sizeof(bytes));
	text_deinit(&text);
}

static void separates_what_is_not_first(void **state)
{
	struct text text = {0};
	char *taken;

	(void)state;
	for (int i = 0; i < 3; i++) {
		text_separate(&text, ", ");
		text_add(&text, "%d", i);
	}
	taken = text_take(&text);
	assert_string_equal(taken, "0, 1, 2");
	free(taken);
	taken = text_take(&text);
	assert_string_equal(taken, "");
	free(taken);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(stays_as_it_was_without_memory),
	    cmocka_unit_test(tells_of_no_memory_while_empty),
	    cmocka_unit_test(grows_as_needed),
	    cmocka_unit_test(keeps_every_byte),
	    cmocka_unit_test(separates_what_is_not_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
